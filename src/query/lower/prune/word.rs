//! A word of a group in a segment: where it is, and what it scores there.

use std::sync::Arc;

use tantivy::query::Scorer;
use tantivy::{DocId, DocSet, Score, TERMINATED};

use super::measured::{List, Measured};
use crate::query::lower::bm25f::{FieldsWeight, SumScorer};

/// A word and what finds it.
pub(super) struct Opened<'a> {
    pub(super) weight: &'a FieldsWeight,
    /// Where it is one word or sequence that was gone over before.
    pub(super) measured: Option<Arc<Measured>>,
    pub(super) found: Found,
}

/// What finds a word.
#[derive(Clone)]
pub(super) enum Found {
    Postings(SumScorer),
    /// What was gone over before and is not in too many articles: no list is unpacked and no position read again.
    Listed {
        list: Arc<List>,
        /// What the saturated frequency is multiplied with.
        weight: Score,
        at: usize,
    },
}

impl Found {
    /// Articles to go over, about.
    pub(super) fn articles(&self) -> u64 {
        match self {
            Self::Postings(scorer) => scorer.articles(),
            Self::Listed { list, .. } => list.articles.len() as u64,
        }
    }

    /// What the engine would arrange it by.
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Postings(scorer) => scorer.cost(),
            Self::Listed { list, .. } => list.cost,
        }
    }

    /// Whether it has to look for a sequence.
    pub(super) fn seeks_sequences(&self) -> bool {
        match self {
            Self::Postings(scorer) => scorer.has_sequences(),
            Self::Listed { .. } => false,
        }
    }

    /// Looks no further than an article for now, and for no sequence that scores no more than a bar.
    pub(super) fn bound(&mut self, until: DocId, bar: Score) {
        if let Self::Postings(scorer) = self {
            scorer.bound(until, bar);
        }
    }

    #[inline]
    pub(super) fn doc(&self) -> DocId {
        match self {
            Self::Postings(scorer) => scorer.doc(),
            Self::Listed { list, at, .. } => list.articles.get(*at).map_or(TERMINATED, |(doc, _)| *doc),
        }
    }

    #[inline]
    pub(super) fn advance(&mut self) -> DocId {
        match self {
            Self::Postings(scorer) => scorer.advance(),
            Self::Listed { at, .. } => {
                *at += 1;
                self.doc()
            }
        }
    }

    /// To the first article at or behind `target`.
    #[inline]
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        match self {
            Self::Postings(scorer) => scorer.seek(target),
            Self::Listed { list, at, .. } => {
                *at = list.seek(*at, target);
                self.doc()
            }
        }
    }

    #[inline]
    pub(super) fn score(&mut self) -> Score {
        match self {
            Self::Postings(scorer) => scorer.score(),
            Self::Listed { list, weight, at } => *weight * list.articles[*at].1,
        }
    }
}
