//! A query that ends when its time is up.
//!
//! The engine asks nobody whether to go on. Here every match, or every block of them where nothing is scored, is a place to
//! look at the clock; a query that is late has no further documents. What it found until then stays.

use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Score, SegmentReader, TERMINATED};

use crate::control::Deadline;

/// Matches between two looks at the clock.
const PATIENCE: u32 = 512;

#[derive(Debug)]
pub(super) struct Limited {
    query: Box<dyn Query>,
    deadline: Deadline,
}

impl Limited {
    pub(super) fn new(query: Box<dyn Query>, deadline: &Deadline) -> Self {
        Self { query, deadline: deadline.clone() }
    }
}

impl Clone for Limited {
    fn clone(&self) -> Self {
        Self { query: self.query.box_clone(), deadline: self.deadline.clone() }
    }
}

impl Query for Limited {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let weight = self.query.weight(scoring)?;
        Ok(Box::new(LimitedWeight { weight, deadline: self.deadline.clone() }))
    }
}

struct LimitedWeight {
    weight: Box<dyn Weight>,
    deadline: Deadline,
}

impl Weight for LimitedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        if self.deadline.is_over() {
            return Ok(Box::new(EmptyScorer));
        }
        let scorer = self.weight.scorer(reader, boost)?;
        Ok(Box::new(LimitedScorer { scorer, deadline: self.deadline.clone(), looked_at: 0, is_over: false }))
    }

    fn for_each(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        if self.deadline.is_over() {
            return Ok(());
        }
        let mut scorer = self.weight.scorer(reader, 1.0)?;
        let mut doc = scorer.doc();
        let mut looked_at: u32 = 0;
        while doc != TERMINATED {
            callback(doc, scorer.score());
            looked_at += 1;
            if looked_at.is_multiple_of(PATIENCE) && self.deadline.is_over() {
                break;
            }
            doc = scorer.advance();
        }
        Ok(())
    }

    fn for_each_pruning(
        &self,
        threshold: Score,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        if self.deadline.is_over() {
            return Ok(());
        }
        let mut looked_at: u32 = 0;
        self.weight.for_each_pruning(threshold, reader, &mut |doc, score| {
            looked_at += 1;
            // A bar that nothing can take ends the walk.
            if looked_at.is_multiple_of(PATIENCE) && self.deadline.is_over() {
                return Score::MAX;
            }
            callback(doc, score)
        })
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        let mut scorer = self.scorer(reader, 1.0)?;
        let mut buffer = [0; COLLECT_BLOCK_BUFFER_LEN];
        let mut count = 0;
        loop {
            let filled = scorer.fill_buffer(&mut buffer);
            count += match reader.alive_bitset() {
                None => filled,
                Some(alive) => buffer[..filled].iter().filter(|doc| alive.is_alive(**doc)).count(),
            };
            if filled < buffer.len() {
                return Ok(u32::try_from(count).unwrap_or(u32::MAX));
            }
        }
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.weight.explain(reader, doc)
    }
}

struct LimitedScorer {
    scorer: Box<dyn Scorer>,
    deadline: Deadline,
    looked_at: u32,
    is_over: bool,
}

impl LimitedScorer {
    fn is_late(&mut self) -> bool {
        self.looked_at += 1;
        self.is_over |= self.looked_at.is_multiple_of(PATIENCE) && self.deadline.is_over();
        self.is_over
    }
}

impl DocSet for LimitedScorer {
    fn advance(&mut self) -> DocId {
        if self.is_late() { TERMINATED } else { self.scorer.advance() }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.is_late() { TERMINATED } else { self.scorer.seek(target) }
    }

    fn fill_buffer(&mut self, buffer: &mut [DocId; COLLECT_BLOCK_BUFFER_LEN]) -> usize {
        self.is_over |= self.deadline.is_over();
        if self.is_over { 0 } else { self.scorer.fill_buffer(buffer) }
    }

    fn doc(&self) -> DocId {
        if self.is_over { TERMINATED } else { self.scorer.doc() }
    }

    fn size_hint(&self) -> u32 {
        self.scorer.size_hint()
    }
}

impl Scorer for LimitedScorer {
    fn score(&mut self) -> Score {
        self.scorer.score()
    }
}
