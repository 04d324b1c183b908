//! Where a word or a sequence stands in one field, article by article.

use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::fields::{Weighted, keep_before};
use super::scorer::{Asked, Kind};
use super::{PAIR_WINDOW, saturated};
use crate::control::Deadline;
use crate::query::lower::stems::Occurrences;

/// Articles in which a sequence of words is looked for between two looks at the clock.
const PATIENCE: u32 = 512;

/// The places of what is asked for in one field.
#[derive(Clone)]
pub(super) enum Cursor {
    Term(Occurrences),
    Terms(Box<Terms>),
}

/// Articles that have all terms; with `kind` [`Kind::Sequence`] one after the other.
#[derive(Clone)]
pub(super) struct Terms {
    pub(super) kind: Kind,
    pub(super) postings: Vec<Occurrences>,
    /// Numbers of the postings, the rarest first.
    pub(super) order: Vec<usize>,
    /// Where to stop for now: `doc` at or behind it is no match yet, but none lies before.
    pub(super) until: DocId,
    pub(super) is_open: bool,
    /// How often the sequence has to stand in an article at least to count, by the code of the article's length.
    pub(super) gate: Option<Gate>,
    pub(super) doc: DocId,
    pub(super) count: u32,
    pub(super) places: [Vec<u32>; 2],
    /// Where the part of the field ends that is meant.
    pub(super) end: Option<Column<u64>>,
    pub(super) deadline: Deadline,
    pub(super) looked_at: u32,
    /// Articles of the rarest term that were gone over.
    pub(super) gone_over: u64,
}

/// Keeps articles out in which a sequence can't score enough, before any position is read.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) codes: FieldNormReader,
    pub(super) norms: Arc<[Score; 256]>,
    /// What an occurrence counts.
    pub(super) part: Score,
    pub(super) weight: Score,
    pub(super) bar: Score,
}

impl Gate {
    fn lets_in(&self, doc: DocId, most: u32) -> bool {
        let norm = self.norms[usize::from(self.codes.fieldnorm_id(doc))];
        self.weight * saturated(self.part * most as Score * norm) > self.bar
    }
}

impl Cursor {
    /// `None` where the field has no article with all of the terms.
    pub(super) fn open(
        reader: &SegmentReader,
        part: &Weighted,
        asked: &Asked,
        is_scored: bool,
        deadline: &Deadline,
    ) -> tantivy::Result<Option<Self>> {
        let end = part.end(reader)?;
        let option = match (asked.terms.len(), is_scored) {
            (1, false) if end.is_none() => IndexRecordOption::Basic,
            (1, true) if end.is_none() => IndexRecordOption::WithFreqs,
            _ => IndexRecordOption::WithFreqsAndPositions,
        };
        let mut postings = Vec::with_capacity(asked.terms.len());
        for term in &asked.terms {
            let Some(one) = Occurrences::open(reader, part.field, term, option)? else {
                return Ok(None);
            };
            postings.push(one);
        }
        if postings.len() == 1 && end.is_none() {
            return Ok(postings.pop().map(Self::Term));
        }
        let mut order: Vec<usize> = (0..postings.len()).collect();
        order.sort_by_key(|number| postings[*number].doc_freq());
        let mut terms = Terms {
            kind: asked.kind,
            postings,
            order,
            until: TERMINATED,
            is_open: false,
            gate: None,
            doc: 0,
            count: 0,
            places: [Vec::new(), Vec::new()],
            end,
            deadline: deadline.clone(),
            looked_at: 0,
            gone_over: 0,
        };
        terms.settle(0);
        Ok(Some(Self::Terms(Box::new(terms))))
    }

    pub(super) fn doc(&self) -> DocId {
        match self {
            Self::Term(postings) => postings.doc(),
            Self::Terms(terms) => terms.doc,
        }
    }

    pub(super) fn advance(&mut self) -> DocId {
        match self {
            Self::Term(postings) => postings.advance(),
            Self::Terms(terms) if terms.doc == TERMINATED => TERMINATED,
            Self::Terms(terms) if terms.is_open => terms.settle(terms.doc),
            Self::Terms(terms) => terms.settle(terms.doc + 1),
        }
    }

    /// To the first article at or behind `target`.
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        match self {
            Self::Term(postings) if postings.doc() < target => postings.seek(target),
            Self::Terms(terms) if terms.doc < target || (terms.is_open && terms.doc < terms.until) => {
                terms.settle(target.max(terms.doc))
            }
            _ => self.doc(),
        }
    }

    /// Occurrences in the current article.
    pub(super) fn count(&mut self) -> u32 {
        match self {
            Self::Term(postings) => postings.term_freq(),
            Self::Terms(terms) => {
                if terms.kind == Kind::Near {
                    terms.count = terms.count_near();
                }
                terms.count
            }
        }
    }

    pub(super) fn size_hint(&self) -> u32 {
        match self {
            Self::Term(postings) => postings.size_hint(),
            Self::Terms(terms) => {
                let rarest = terms.postings.iter().map(DocSet::size_hint).min().unwrap_or(0);
                // As the engine guesses for phrases.
                rarest / 10 + 1
            }
        }
    }

    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Term(postings) => postings.cost(),
            Self::Terms(terms) => {
                10 * terms.postings.len() as u64 * terms.postings.iter().map(DocSet::cost).min().unwrap_or(0)
            }
        }
    }
}

impl Terms {
    fn settle(&mut self, mut target: DocId) -> DocId {
        self.is_open = false;
        'articles: loop {
            if target >= self.until && target != TERMINATED {
                self.is_open = true;
                self.doc = target;
                return target;
            }
            for (done, number) in self.order.iter().enumerate() {
                let one = &mut self.postings[*number];
                let doc = if one.doc() < target { one.seek(target) } else { one.doc() };
                if doc == TERMINATED {
                    self.doc = TERMINATED;
                    return TERMINATED;
                }
                if doc > target {
                    target = doc;
                    continue 'articles;
                }
                self.gone_over += u64::from(done == 0);
                // What the rarest word alone forbids needs no look at the others.
                if done == 0
                    && let Some(gate) = &self.gate
                    && !gate.lets_in(target, one.term_freq())
                {
                    target += 1;
                    continue 'articles;
                }
            }
            if let Some(gate) = &self.gate {
                let most = self.postings.iter().map(Occurrences::term_freq).min().unwrap_or(0);
                if !gate.lets_in(target, most) {
                    target += 1;
                    continue;
                }
            }
            if self.kind == Kind::Sequence {
                self.looked_at += 1;
                if self.looked_at.is_multiple_of(PATIENCE) && self.deadline.is_over() {
                    self.doc = TERMINATED;
                    return TERMINATED;
                }
                self.count = self.count_sequences(target);
                if self.count == 0 {
                    target += 1;
                    continue;
                }
            }
            self.doc = target;
            return target;
        }
    }

    /// How often the terms follow each other in an article.
    fn count_sequences(&mut self, doc: DocId) -> u32 {
        let [starts, next] = &mut self.places;
        // Every position is moved to where the last term would stand.
        let last = self.postings.len() as u32 - 1;
        for (done, number) in self.order.iter().enumerate() {
            let one = &mut self.postings[*number];
            let offset = last - *number as u32;
            if done == 0 {
                one.positions_with_offset(offset, starts);
                continue;
            }
            one.positions_with_offset(offset, next);
            let mut at = 0;
            starts.retain(|start| {
                at += next[at..].iter().take_while(|place| *place < start).count();
                next.get(at) == Some(start)
            });
            if starts.is_empty() {
                return 0;
            }
        }
        keep_before(self.end.as_ref(), doc, starts);
        starts.len() as u32
    }

    /// How often the second term follows soon behind the first.
    fn count_near(&mut self) -> u32 {
        let [firsts, seconds] = &mut self.places;
        let [first, second] = &mut self.postings[..] else { return 0 };
        first.positions_with_offset(0, firsts);
        second.positions_with_offset(0, seconds);
        let (mut at, mut count) = (0, 0);
        for first in firsts.iter() {
            at += seconds[at..].iter().take_while(|place| *place <= first).count();
            count += u32::from(seconds.get(at).is_some_and(|place| place - first <= PAIR_WINDOW));
        }
        count
    }
}
