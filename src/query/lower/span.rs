//! Words in order with gaps, or with a beginning of a word at the end.
//!
//! The engine's own slop also accepts words in reverse order, and its phrase with a prefix takes 50 endings in silence; here
//! positions are compared: a match is a first position for every slot, each behind the one before, with at most `slop`
//! other words between the first and the last in all.

use std::fmt;

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError, Term};

/// The score of a match for each of its words: such a query is rare, and how often it matches says little.
const SCORE_OF_WORD: Score = 1.0;

/// The query.
#[derive(Clone)]
pub(super) struct SpanQuery {
    field: Field,
    slots: Vec<Vec<String>>,
    slop: u32,
}

impl SpanQuery {
    pub(super) fn new(field: Field, slots: Vec<Vec<String>>, slop: u32) -> Self {
        Self { field, slots, slop }
    }
}

impl fmt::Debug for SpanQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanQuery({} slots, slop {})", self.slots.len(), self.slop)
    }
}

impl Query for SpanQuery {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(SpanWeight(self.clone())))
    }
}

struct SpanWeight(SpanQuery);

impl SpanWeight {
    fn score(&self, boost: Score) -> Score {
        SCORE_OF_WORD * self.0.slots.len() as Score * boost
    }

    /// All documents of a segment that match.
    fn matches(&self, reader: &SegmentReader) -> tantivy::Result<Vec<DocId>> {
        let index = reader.inverted_index(self.0.field)?;
        let mut slots: Vec<Vec<SegmentPostings>> = Vec::new();
        for slot in &self.0.slots {
            let mut postings = Vec::new();
            for term in slot {
                let term = Term::from_field_text(self.0.field, term);
                postings.extend(index.read_postings(&term, IndexRecordOption::WithFreqsAndPositions)?);
            }
            if postings.is_empty() {
                return Ok(Vec::new());
            }
            slots.push(postings);
        }
        let mut found = Vec::new();
        let mut positions: Vec<Vec<u32>> = vec![Vec::new(); slots.len()];
        let mut target = 0;
        'documents: loop {
            for (slot, places) in slots.iter_mut().zip(&mut positions) {
                let doc = seek(slot, target);
                if doc == TERMINATED {
                    return Ok(found);
                }
                if doc > target {
                    target = doc;
                    continue 'documents;
                }
                read_positions(slot, target, places);
            }
            if is_span(&positions, self.0.slop) {
                found.push(target);
            }
            target += 1;
        }
    }
}

/// The first document at or behind `target` in any of the postings.
fn seek(postings: &mut [SegmentPostings], target: DocId) -> DocId {
    let mut first = TERMINATED;
    for one in postings {
        let doc = if one.doc() < target { one.seek(target) } else { one.doc() };
        first = first.min(doc);
    }
    first
}

fn read_positions(postings: &mut [SegmentPostings], doc: DocId, places: &mut Vec<u32>) {
    places.clear();
    for one in postings.iter_mut().filter(|one| one.doc() == doc) {
        one.append_positions_with_offset(0, places);
    }
    places.sort_unstable();
    places.dedup();
}

/// Whether one position of each slot can be chosen, in rising order, with at most `slop` words more than slots between
/// the first and the last. From a given start the nearest following position of each slot is the best choice.
pub(crate) fn is_span(positions: &[Vec<u32>], slop: u32) -> bool {
    positions
        .first()
        .is_some_and(|starts| starts.iter().any(|start| span_from(positions, *start, slop).is_some()))
}

/// The positions of the shortest match that begins at `start`.
pub(crate) fn span_from(positions: &[Vec<u32>], start: u32, slop: u32) -> Option<Vec<u32>> {
    let longest = start.checked_add(positions.len() as u32 - 1)?.saturating_add(slop);
    let mut chosen = vec![start];
    let mut last = start;
    for places in &positions[1..] {
        let next = places.partition_point(|place| *place <= last);
        last = *places.get(next)?;
        if last > longest {
            return None;
        }
        chosen.push(last);
    }
    Some(chosen)
}

impl Weight for SpanWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let found = self.matches(reader)?;
        if found.is_empty() {
            return Ok(Box::new(EmptyScorer));
        }
        Ok(Box::new(ConstScorer::new(Matches { found, at: 0 }, self.score(boost))))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if self.matches(reader)?.binary_search(&doc).is_err() {
            return Err(TantivyError::InvalidArgument(format!("Document #({doc}) does not match")));
        }
        Ok(Explanation::new("words in order", self.score(1.0)))
    }
}

/// Documents that were found, in order.
struct Matches {
    found: Vec<DocId>,
    at: usize,
}

impl DocSet for Matches {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.at += self.found[self.at.min(self.found.len())..].partition_point(|doc| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.found.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        self.found.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::{is_span, span_from};

    #[test]
    fn spans() {
        for (positions, slop, expected) in [
            (vec![vec![0], vec![1]], 0, true),
            (vec![vec![1], vec![0]], 0, false),
            (vec![vec![1], vec![0]], 5, false),
            (vec![vec![0], vec![2]], 0, false),
            (vec![vec![0], vec![2]], 1, true),
            (vec![vec![0, 7], vec![3, 8]], 0, true),
            (vec![vec![0], vec![2], vec![4]], 1, false),
            (vec![vec![0], vec![2], vec![4]], 2, true),
            (vec![vec![5], vec![]], 9, false),
            (vec![], 0, false),
        ] {
            assert_eq!(is_span(&positions, slop), expected, "{positions:?} {slop}");
        }
        assert_eq!(span_from(&[vec![0], vec![2, 9], vec![3]], 0, 1), Some(vec![0, 2, 3]));
    }
}
