//! Articles that have all of several words.

use std::sync::Arc;

use tantivy::query::{BooleanWeight, EmptyScorer, Explanation, Scorer, SumCombiner, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::Bits;
use crate::query::lower::prune::Bounds;

/// A word or a sequence.
pub(in super::super) struct Needed {
    pub(in super::super) scope: &'static str,
    /// Its terms in each language.
    pub(in super::super) any: Vec<Vec<String>>,
    pub(in super::super) weight: Arc<dyn Weight>,
}

/// Finds them by the engine's intersection, or by bits where frequent words and sequences have some.
pub(in super::super) struct AllWeight {
    pub(in super::super) words: Vec<Needed>,
    pub(in super::super) bounds: Arc<Bounds>,
    /// The same as the engine has it.
    pub(in super::super) plain: BooleanWeight<SumCombiner>,
}

impl AllWeight {
    /// `None` where no word has bits.
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Option<Box<dyn Scorer>>> {
        let mut both: Option<Bits> = None;
        let mut rest = Vec::new();
        for Needed { scope, any, weight } in &self.words {
            match self.bounds.articles(reader, scope, any.iter().map(|terms| &terms[..])) {
                Some(articles) => match &mut both {
                    None => both = Some(articles.as_ref().clone()),
                    Some(both) => both.keep(&articles),
                },
                None => rest.push(weight),
            }
        }
        let Some(bits) = both else { return Ok(None) };
        let mut lists = Vec::with_capacity(rest.len());
        for weight in rest {
            let list = weight.scorer(reader, 1.0)?;
            if list.doc() == TERMINATED {
                return Ok(Some(Box::new(EmptyScorer)));
            }
            lists.push(list);
        }
        lists.sort_by_key(DocSet::cost);
        let mut all = AllScorer { lists, bits, doc: 0 };
        all.settle(0);
        Ok(Some(Box::new(all)))
    }
}

impl Weight for AllWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        match self.open(reader)? {
            Some(scorer) => Ok(scorer),
            None => self.plain.scorer(reader, boost),
        }
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        match (self.open(reader)?, reader.alive_bitset()) {
            (None, _) => self.plain.count(reader),
            (Some(mut scorer), None) => Ok(scorer.count_including_deleted()),
            (Some(mut scorer), Some(alive)) => Ok(scorer.count(alive)),
        }
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.plain.explain(reader, doc)
    }
}

/// Lists, and bits that all their articles have to have.
struct AllScorer {
    /// The shortest first.
    lists: Vec<Box<dyn Scorer>>,
    bits: Bits,
    doc: DocId,
}

impl AllScorer {
    /// To the first article at or behind one that all have.
    fn settle(&mut self, mut target: DocId) -> DocId {
        'articles: loop {
            if self.lists.is_empty() {
                target = self.bits.next(target);
            }
            if target >= TERMINATED {
                self.doc = TERMINATED;
                return TERMINATED;
            }
            for (number, list) in self.lists.iter_mut().enumerate() {
                let doc = list.seek(target);
                if doc > target {
                    target = doc;
                    continue 'articles;
                }
                if number == 0 && !self.bits.has(target) {
                    target += 1;
                    continue 'articles;
                }
            }
            self.doc = target;
            return target;
        }
    }
}

impl DocSet for AllScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED { TERMINATED } else { self.settle(self.doc + 1) }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target { self.settle(target) } else { self.doc }
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let shortest = self.lists.first().map_or(u32::MAX, DocSet::size_hint);
        shortest.min(self.bits.words().len() as u32 * 64)
    }

    fn cost(&self) -> u64 {
        u64::from(self.size_hint())
    }

    fn count_including_deleted(&mut self) -> u32 {
        if self.lists.is_empty() && self.doc == self.bits.next(0) {
            self.doc = TERMINATED;
            return self.bits.count();
        }
        let mut count = 0;
        while self.doc != TERMINATED {
            count += 1;
            self.advance();
        }
        count
    }
}

impl Scorer for AllScorer {
    fn score(&mut self) -> Score {
        1.0
    }
}
