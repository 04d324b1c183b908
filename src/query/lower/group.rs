//! Words that all have to be there, or any of them: what most queries are.
//!
//! It finds and scores what a boolean query of the engine would. What it adds are two short ways: the best articles without
//! looking at all of them ([`prune`](super::prune)), and all of them without a score ([`unscored`](super::unscored)).

use std::fmt;
use std::sync::Arc;

use tantivy::query::{BooleanWeight, EnableScoring, Explanation, Occur, Query, Scorer, SumCombiner, Weight};
use tantivy::{DocId, Score, Searcher, SegmentReader};

use super::bm25f::{FieldsWeight, PairsQuery, WordQuery};
use super::prune::{Bounds, Lifts, Needs, Pruned, rare};
use super::unscored::{AllWeight, AnyWeight, Bits, Needed};

/// Parts of a boolean query.
pub(super) type Parts = Vec<(Occur, Box<dyn Query>)>;

/// Words under one operator, at least one.
#[derive(Clone)]
pub(crate) struct GroupQuery {
    words: Arc<[WordQuery]>,
    needs: Needs,
    /// What stands beside the words, adds to their score and finds nothing.
    pairs: Option<PairsQuery>,
    /// What an article has to match besides, without a score.
    filter: Option<Arc<dyn Query>>,
    bounds: Arc<Bounds>,
    lifts: Arc<Lifts>,
}

impl GroupQuery {
    /// The same, where something beside the words lifts the scores of articles.
    pub(crate) fn lifted(self, lifts: Lifts) -> Self {
        Self { lifts: Arc::new(lifts), ..self }
    }

    /// The same for those articles alone that a query matches that doesn't score.
    pub(crate) fn filtered(self, filter: Box<dyn Query>) -> Self {
        Self { filter: Some(filter.into()), ..self }
    }

    /// The same with pairs that add to the score.
    pub(super) fn with_pairs(&self, pairs: PairsQuery) -> Self {
        Self { pairs: Some(pairs), ..self.clone() }
    }

    /// The parts of a boolean query as a group, where all are words under one operator; gives them back otherwise.
    pub(super) fn of(parts: Parts, bounds: &Arc<Bounds>) -> Result<Self, Parts> {
        let Some((operator, _)) = parts.first() else { return Err(parts) };
        let needs = match operator {
            Occur::Must => Needs::All,
            Occur::Should => Needs::Any,
            Occur::MustNot => return Err(parts),
        };
        let is_word = |(occur, part): &(Occur, Box<dyn Query>)| {
            occur == operator && part.downcast_ref::<WordQuery>().is_some_and(|word| !word.is_lead())
        };
        if !parts.iter().all(is_word) {
            return Err(parts);
        }
        let words: Vec<WordQuery> =
            parts.iter().filter_map(|(_, part)| part.downcast_ref::<WordQuery>().cloned()).collect();
        let bounds = Arc::clone(bounds);
        Ok(Self { words: words.into(), needs, pairs: None, filter: None, bounds, lifts: Arc::default() })
    }

    /// Whether the best articles are found much faster than all of them.
    pub(crate) fn is_pruned_well(&self, searcher: &Searcher) -> tantivy::Result<bool> {
        let words: Vec<_> = self.words.iter().map(WordQuery::any).collect();
        let has_sequences = words.iter().flatten().any(|terms| terms.len() > 1);
        if has_sequences && self.needs == Needs::Any && words.len() > 1 {
            // Their number takes as long as both.
            return Ok(false);
        }
        let (mut is_measured, mut is_rare) = (true, true);
        for reader in searcher.segment_readers() {
            let costs = self.words.iter().map(|word| word.cost(reader));
            let articles = costs.collect::<tantivy::Result<Vec<_>>>()?;
            let cost = match self.needs {
                Needs::All => articles.iter().copied().min().unwrap_or(0),
                Needs::Any => articles.iter().sum(),
            };
            // All of a rare word is gone over anyway.
            if cost < rare(reader) {
                continue;
            }
            is_rare = false;
            for ((word, any), articles) in self.words.iter().zip(&words).zip(articles) {
                for terms in any {
                    // What was gone over for a sequence is noted by those who do it.
                    let more = if terms.len() > 1 { 0 } else { cost };
                    is_measured &= self.bounds.is_worth_it(reader, word.scope_name(), terms, articles, more);
                }
            }
        }
        Ok(is_measured && !is_rare)
    }

    fn unscored(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let bounds = Arc::clone(&self.bounds);
        let terms = self.words.iter().map(WordQuery::terms).collect::<Option<Vec<_>>>();
        if (self.needs == Needs::Any || self.words.len() == 1)
            && let Some(terms) = terms
        {
            let mut terms = terms.concat();
            terms.sort_unstable();
            terms.dedup();
            return Ok(Box::new(AnyWeight { terms, bounds: Some(bounds) }));
        }
        let mut words = Vec::with_capacity(self.words.len());
        for word in &*self.words {
            let weight = Arc::from(word.unscored(scoring)?);
            words.push(Needed { scope: word.scope_name(), any: word.any(), weight });
        }
        let shared = |word: &Needed| -> Box<dyn Weight> { Box::new(Shared(Arc::clone(&word.weight))) };
        let plain = boolean(words.iter().map(shared).collect(), self.needs, false);
        Ok(match self.needs {
            Needs::Any if words.len() > 1 => Box::new(plain),
            _ => Box::new(AllWeight { words, bounds, plain }),
        })
    }
}

impl fmt::Debug for GroupQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?}", self.needs, self.words)?;
        self.pairs.iter().try_for_each(|pairs| write!(f, " with {pairs:?}"))?;
        self.filter.iter().try_for_each(|filter| write!(f, " only {filter:?}"))
    }
}

impl Query for GroupQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let filter = match &self.filter {
            None => None,
            Some(filter) => {
                let statistics = match scoring {
                    EnableScoring::Enabled { searcher, .. } => {
                        EnableScoring::disabled_from_searcher(searcher)
                    }
                    disabled @ EnableScoring::Disabled { .. } => disabled,
                };
                Some(Arc::from(filter.weight(statistics)?))
            }
        };
        let EnableScoring::Enabled { searcher, .. } = scoring else {
            let words = self.unscored(scoring)?;
            return Ok(match filter {
                None => words,
                Some(filter) => Box::new(both(words, Box::new(Shared(filter)), Occur::Must, false)),
            });
        };
        let mut statistics = None;
        let mut words = Vec::with_capacity(self.words.len());
        for word in &*self.words {
            words.push(Arc::new(word.scored(searcher, &mut statistics)?));
        }
        let pairs = self.pairs.as_ref().map(|pairs| pairs.scored(searcher)).transpose()?.map(Arc::new);
        let (bounds, lifts) = (Arc::clone(&self.bounds), Arc::clone(&self.lifts));
        Ok(Box::new(GroupWeight { words, needs: self.needs, pairs, filter, bounds, lifts }))
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

/// A query that an article has to match, and another one that it has to match as well or that adds to the score.
fn both(
    query: Box<dyn Weight>,
    other: Box<dyn Weight>,
    occur: Occur,
    is_scored: bool,
) -> BooleanWeight<SumCombiner> {
    let parts = vec![(Occur::Must, query), (occur, other)];
    BooleanWeight::with_minimum_number_should_match(parts, 0, is_scored, Box::new(SumCombiner::default))
}

struct GroupWeight {
    words: Vec<Arc<FieldsWeight>>,
    needs: Needs,
    pairs: Option<Arc<FieldsWeight>>,
    filter: Option<Arc<dyn Weight>>,
    bounds: Arc<Bounds>,
    lifts: Arc<Lifts>,
}

impl GroupWeight {
    /// The short way to those articles of a segment that may be found.
    fn pruned<'a>(&'a self, reader: &SegmentReader, only: Option<&'a Bits>) -> Pruned<'a> {
        Pruned {
            words: &self.words,
            needs: self.needs,
            pairs: self.pairs.as_deref(),
            only,
            bounds: &self.bounds,
            lifts: self.lifts.get(&reader.segment_id()).map(|lifts| &lifts[..]),
        }
    }

    /// The same as a query of the engine.
    fn plain(&self) -> Box<dyn Weight> {
        let word = |word: &Arc<FieldsWeight>| -> Box<dyn Weight> { Box::new(Shared(Arc::clone(word))) };
        let mut plain: Box<dyn Weight> = match &self.words[..] {
            [one] => word(one),
            words => Box::new(boolean(words.iter().map(word).collect(), self.needs, true)),
        };
        if let Some(pairs) = &self.pairs {
            plain = Box::new(both(plain, word(pairs), Occur::Should, true));
        }
        if let Some(filter) = &self.filter {
            plain = Box::new(both(plain, Box::new(Shared(Arc::clone(filter))), Occur::Must, true));
        }
        plain
    }
}

impl Weight for GroupWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        self.plain().scorer(reader, boost)
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.plain().explain(reader, doc)
    }

    fn for_each(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        if self.needs == Needs::Any && self.words.len() > 1 || self.filter.is_some() {
            return self.plain().for_each(reader, callback);
        }
        self.pruned(reader, None).each(reader, callback)
    }

    fn for_each_pruning(
        &self,
        threshold: Score,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        let only = match &self.filter {
            None => None,
            Some(filter) => {
                let mut bits = Bits::none(reader.max_doc());
                filter.for_each_no_score(reader, &mut |docs| docs.iter().for_each(|doc| bits.set(*doc)))?;
                Some(bits)
            }
        };
        self.pruned(reader, only.as_ref()).run(reader, threshold, callback)
    }
}

/// A weight as a part of several queries.
struct Shared<W: ?Sized>(Arc<W>);

impl<W: Weight + ?Sized> Weight for Shared<W> {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        self.0.scorer(reader, boost)
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.0.explain(reader, doc)
    }
}
