//! Words that all have to be there, or any of them: what most queries are.
//!
//! It finds and scores what a boolean query of the engine would. What it adds are two short ways: the best articles without
//! looking at all of them ([`prune`](super::prune)), and all of them without a score ([`union`](super::union)).

use std::fmt;
use std::sync::Arc;

use tantivy::query::{BooleanWeight, EnableScoring, Explanation, Occur, Query, Scorer, SumCombiner, Weight};
use tantivy::{DocId, Score, SegmentReader};

use super::bm25f::{FieldsWeight, WordQuery};
use super::prune::{Bounds, Lifts, Needs, Pruned};
use super::stems;
use super::union::AnyWeight;

/// Parts of a boolean query.
pub(super) type Parts = Vec<(Occur, Box<dyn Query>)>;

/// Words under one operator, at least one.
#[derive(Clone)]
pub(crate) struct GroupQuery {
    words: Arc<[WordQuery]>,
    needs: Needs,
    bounds: Arc<Bounds>,
    lifts: Arc<Lifts>,
}

impl GroupQuery {
    /// The same, where something beside the words lifts the scores of articles.
    pub(crate) fn lifted(&self, lifts: Lifts) -> Self {
        Self { lifts: Arc::new(lifts), ..self.clone() }
    }

    /// The parts of a boolean query as a group, where all are words under one operator; gives them back otherwise.
    pub(super) fn of(parts: Parts, bounds: &Arc<Bounds>) -> Result<Self, Parts> {
        let needs = match parts.first() {
            Some((Occur::Must, _)) => Needs::All,
            Some((Occur::Should, _)) => Needs::Any,
            _ => return Err(parts),
        };
        let Some((operator, _)) = parts.first() else { return Err(parts) };
        let is_word = |(occur, part): &(Occur, Box<dyn Query>)| {
            occur == operator && part.downcast_ref::<WordQuery>().is_some_and(|word| !word.is_lead())
        };
        if !parts.iter().all(is_word) {
            return Err(parts);
        }
        let words: Vec<WordQuery> =
            parts.iter().filter_map(|(_, part)| part.downcast_ref::<WordQuery>().cloned()).collect();
        Ok(Self { words: words.into(), needs, bounds: Arc::clone(bounds), lifts: Arc::default() })
    }

    /// Whether the best articles are found much faster than all of them.
    pub(crate) fn is_pruned_well(&self, searcher: &tantivy::Searcher) -> bool {
        /// Articles of the rarest word of a conjunction from which on that is so.
        const MANY: u64 = 4_000;
        let is_word = self.words.iter().all(|word| word.terms().is_some());
        let rarest = || {
            let freq = |word: &WordQuery| {
                let terms = word.terms().unwrap_or_default();
                terms
                    .iter()
                    .map(|(field, term)| stems::doc_freq(searcher, *field, term).unwrap_or(0))
                    .sum::<u64>()
            };
            self.words.iter().map(freq).min().unwrap_or(0)
        };
        is_word && (self.needs == Needs::Any || rarest() >= MANY)
    }
}

impl fmt::Debug for GroupQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.needs, self.words)
    }
}

impl Query for GroupQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let EnableScoring::Enabled { searcher, .. } = scoring else {
            if (self.needs == Needs::Any || self.words.len() == 1)
                && let Some(terms) = self.words.iter().map(WordQuery::terms).collect::<Option<Vec<_>>>()
            {
                let mut terms = terms.concat();
                terms.sort_unstable();
                terms.dedup();
                return Ok(Box::new(AnyWeight { terms }));
            }
            let words: tantivy::Result<Vec<_>> =
                self.words.iter().map(|word| word.unscored(scoring)).collect();
            return Ok(Box::new(boolean(words?, self.needs, false)));
        };
        let mut statistics = None;
        let mut words = Vec::with_capacity(self.words.len());
        for word in &*self.words {
            words.push(Arc::new(word.scored(searcher, &mut statistics)?));
        }
        let (bounds, lifts) = (Arc::clone(&self.bounds), Arc::clone(&self.lifts));
        Ok(Box::new(GroupWeight { words, needs: self.needs, bounds, lifts }))
    }
}

fn boolean(words: Vec<Box<dyn Weight>>, needs: Needs, is_scored: bool) -> BooleanWeight<SumCombiner> {
    let (occur, minimum) = match needs {
        Needs::All => (Occur::Must, 0),
        Needs::Any => (Occur::Should, 1),
    };
    let words = words.into_iter().map(|word| (occur, word)).collect();
    BooleanWeight::with_minimum_number_should_match(words, minimum, is_scored, Box::new(SumCombiner::default))
}

struct GroupWeight {
    words: Vec<Arc<FieldsWeight>>,
    needs: Needs,
    bounds: Arc<Bounds>,
    lifts: Arc<Lifts>,
}

impl GroupWeight {
    /// The same as a query of the engine.
    fn plain(&self) -> BooleanWeight<SumCombiner> {
        let word = |word: &Arc<FieldsWeight>| -> Box<dyn Weight> { Box::new(Shared(Arc::clone(word))) };
        boolean(self.words.iter().map(word).collect(), self.needs, true)
    }
}

impl Weight for GroupWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        self.plain().scorer(reader, boost)
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        match &self.words[..] {
            [word] => word.explain(reader, doc),
            _ => self.plain().explain(reader, doc),
        }
    }

    fn for_each(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        self.plain().for_each(reader, callback)
    }

    fn for_each_pruning(
        &self,
        threshold: Score,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        let lifts = self.lifts.get(&reader.segment_id()).map(|lifts| &lifts[..]);
        let pruned = Pruned { words: &self.words, needs: self.needs, bounds: &self.bounds, lifts };
        pruned.run(reader, threshold, callback)
    }
}

/// A word's weight as a part of several queries.
struct Shared(Arc<FieldsWeight>);

impl Weight for Shared {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        self.0.scorer(reader, boost)
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.0.explain(reader, doc)
    }
}
