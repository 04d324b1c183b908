//! One pass over the matching articles: their number, the best of them, and facet counts.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{self, AtomicU32};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{StrColumn, TermOrdHit};
use tantivy::query::Weight;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::columns::{Columns, Lift, Opened, UNDATED};
use super::expand::Smoothed;
use super::rank::{Ranking, SegmentRanking, freshness};
use super::tally::{FacetCounts, Tally};
use super::{FacetField, Sort};

/// What a pass is to find out.
pub(super) struct Pass {
    /// Best articles to keep; 0 for none.
    pub(super) limit: usize,
    /// Only those behind this place are kept. All are counted.
    pub(super) after: Option<Place>,
    pub(super) sort: Sort,
    pub(super) facets: Vec<FacetField>,
    pub(super) ranking: Arc<Ranking>,
    /// Whether it matters how many there are; those that can't be among the best may be passed over otherwise.
    pub(super) is_counted: bool,
    pub(super) columns: Arc<Columns>,
    /// Of one run of the pass.
    pub(super) floor: Arc<Floor>,
}

impl Pass {
    /// Counts all and keeps none.
    pub(super) fn counting(facets: Vec<FacetField>, columns: &Arc<Columns>) -> Self {
        let ranking = Arc::new(Ranking::new(&[], false, None));
        let columns = Arc::clone(columns);
        Self {
            limit: 0,
            after: None,
            sort: Sort::Relevance,
            facets,
            ranking,
            is_counted: true,
            columns,
            floor: Arc::default(),
        }
    }
}

/// What it found out.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) count: u64,
    /// In order.
    pub(super) best: Vec<Best>,
    /// Whether there are more behind them.
    pub(super) has_more: bool,
    pub(super) facets: BTreeMap<FacetField, FacetCounts>,
    /// What became of the scores of the best, where similar articles were compared.
    pub(super) smoothed: HashMap<DocAddress, Smoothed>,
}

/// An article among the best.
#[derive(Clone, Debug)]
pub(super) struct Best {
    pub(super) address: DocAddress,
    pub(super) place: Place,
}

/// What decides where an article stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) score: Score,
    /// [`UNDATED`] for an article without one.
    pub(super) date: i64,
    pub(super) id: String,
}

impl Place {
    /// `Less` comes first. No two articles are equal, because no two ids are.
    pub(super) fn order(&self, sort: Sort, other: &Self) -> Ordering {
        order(sort, (self.score, self.date), (other.score, other.date)).then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.order(Sort::Relevance, other) == Ordering::Equal
    }
}

/// The order of hits: `Less` comes first. Ids decide last, so that no two hits are equal.
fn order(sort: Sort, left: (Score, i64), right: (Score, i64)) -> Ordering {
    let newest = right.1.cmp(&left.1);
    match sort {
        Sort::Relevance => right.0.total_cmp(&left.0).then(newest),
        Sort::Newest => newest,
        Sort::Oldest => match (left.1 == UNDATED, right.1 == UNDATED) {
            (false, false) => left.1.cmp(&right.1),
            (undated_left, undated_right) => undated_left.cmp(&undated_right),
        },
        Sort::Id => Ordering::Equal,
    }
}

/// A candidate of one segment. Ordinals of ids are in the order of the ids there.
struct Candidate {
    sort: Sort,
    score: Score,
    date: i64,
    id_ord: u64,
    doc: DocId,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        order(self.sort, (self.score, self.date), (other.score, other.date))
            .then(self.id_ord.cmp(&other.id_ord))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// The place behind which articles are kept, in one segment: ids from this ordinal on come after it.
struct Bar {
    score: Score,
    date: i64,
    next_id: u64,
}

impl Bar {
    fn new(place: &Place, ids: Option<&StrColumn>) -> tantivy::Result<Self> {
        let next_id = match ids {
            None => u64::MAX,
            Some(ids) => match ids.dictionary().term_ord_or_next(&place.id)? {
                TermOrdHit::Exact(ord) => ord + 1,
                TermOrdHit::Next(ord) => ord,
            },
        };
        Ok(Self { score: place.score, date: place.date, next_id })
    }

    fn is_passed_by(&self, candidate: &Candidate) -> bool {
        match order(candidate.sort, (candidate.score, candidate.date), (self.score, self.date)) {
            Ordering::Less => false,
            Ordering::Equal => candidate.id_ord >= self.next_id,
            Ordering::Greater => true,
        }
    }
}

/// A score below which no article is among the best, because one of the segments that were looked at has enough that score as
/// much. The bits of scores, which are not negative, are in the order of the scores.
#[derive(Default)]
pub(super) struct Floor(AtomicU32);

impl Floor {
    fn raise(&self, score: Score) {
        self.0.fetch_max(score.max(0.0).to_bits(), atomic::Ordering::Relaxed);
    }

    fn get(&self) -> Score {
        Score::from_bits(self.0.load(atomic::Ordering::Relaxed))
    }
}

/// The pass in one segment.
pub(super) struct SegmentPass {
    segment: SegmentOrdinal,
    limit: usize,
    sort: Sort,
    after: Option<Bar>,
    ranking: SegmentRanking,
    columns: Arc<Opened>,
    /// How much dates may lift scores, where freshness counts.
    lift: Option<Arc<Lift>>,
    floor: Arc<Floor>,
    count: u64,
    /// The worst one on top.
    best: BinaryHeap<Candidate>,
    facets: Option<Tally>,
}

impl Collector for Pass {
    type Fruit = Collected;
    type Child = SegmentPass;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentPass> {
        let columns = self.columns.opened(reader)?;
        if self.limit > 0 {
            columns.ask_for_dates();
        }
        let facets = match &self.facets[..] {
            [] => None,
            facets => Some(Tally::new(facets, &self.columns, reader)?),
        };
        let after = self.after.as_ref().map(|place| Bar::new(place, columns.ids.as_ref())).transpose()?;
        Ok(SegmentPass {
            segment,
            limit: self.limit,
            sort: self.sort,
            after,
            ranking: self.ranking.for_segment(reader)?,
            lift: self.ranking.now().filter(|_| self.limit > 0).map(|now| lift(&columns, now)),
            columns,
            floor: Arc::clone(&self.floor),
            count: 0,
            best: BinaryHeap::new(),
            facets,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.limit > 0 && self.sort == Sort::Relevance && self.ranking.needs_scores()
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<SegmentCollected>>) -> tantivy::Result<Collected> {
        let mut merged = Collected::default();
        let segments = segments.into_iter().collect::<tantivy::Result<Vec<_>>>()?;
        merged.best = best(&segments, self.sort, self.limit)?;
        for segment in segments {
            merged.count += segment.count;
            for (field, counts) in segment.facets {
                merged.facets.entry(field).or_default().add(counts);
            }
        }
        Ok(merged)
    }

    fn collect_segment(
        &self,
        weight: &dyn Weight,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<tantivy::Result<SegmentCollected>> {
        let mut pass = self.for_segment(segment, reader)?;
        let alive = reader.alive_bitset();
        let is_alive = |doc| alive.is_none_or(|alive| alive.is_alive(doc));
        let is_scored = self.requires_scoring();
        if self.limit == 0 && self.facets.is_empty() {
            pass.count = u64::from(weight.count(reader)?);
        } else if is_scored && !self.is_counted && self.facets.is_empty() {
            weight.for_each_pruning(pass.bar(), reader, &mut |doc, score| {
                if is_alive(doc) {
                    pass.collect(doc, score);
                }
                pass.bar()
            })?;
        } else if is_scored {
            weight.for_each(reader, &mut |doc, score| {
                if is_alive(doc) {
                    pass.collect(doc, score);
                }
            })?;
        } else {
            let mut rest = Vec::new();
            weight.for_each_no_score(reader, &mut |docs| match alive {
                None => pass.collect_block(docs),
                Some(_) => {
                    rest.clear();
                    rest.extend(docs.iter().copied().filter(|doc| is_alive(*doc)));
                    pass.collect_block(&rest);
                }
            })?;
        }
        Ok(pass.harvest())
    }
}

/// The best of all segments, in order. Ids are read where they may decide: reading one costs more than a thousand articles that
/// are passed over.
fn best(segments: &[SegmentCollected], sort: Sort, limit: usize) -> tantivy::Result<Vec<Best>> {
    let compare =
        |left: &Candidate, right: &Candidate| order(sort, (left.score, left.date), (right.score, right.date));
    let mut all: Vec<(&SegmentCollected, &Candidate)> = segments
        .iter()
        .flat_map(|segment| segment.best.iter().map(move |candidate| (segment, candidate)))
        .collect();
    all.sort_by(|left, right| compare(left.1, right.1));
    if let Some((_, last)) = limit.checked_sub(1).and_then(|last| all.get(last)).copied() {
        let behind = all.partition_point(|(_, candidate)| compare(candidate, last) != Ordering::Greater);
        all.truncate(behind);
    }
    let mut best = Vec::with_capacity(all.len());
    for (segment, candidate) in all {
        let id = segment.columns.id(candidate.id_ord)?;
        best.push(Best {
            address: DocAddress::new(segment.segment, candidate.doc),
            place: Place { score: candidate.score, date: candidate.date, id },
        });
    }
    arrange(&mut best, sort);
    best.truncate(limit);
    Ok(best)
}

/// How much dates may lift scores in a segment.
pub(super) fn lift(columns: &Opened, now: i64) -> Arc<Lift> {
    columns.lift(now, |date| freshness(now.div_euclid(86_400) * 86_400, date))
}

/// Puts hits in order.
pub(super) fn arrange(best: &mut [Best], sort: Sort) {
    best.sort_by(|left, right| left.place.order(sort, &right.place));
}

/// What one segment gave.
pub(super) struct SegmentCollected {
    segment: SegmentOrdinal,
    columns: Arc<Opened>,
    count: u64,
    best: Vec<Candidate>,
    facets: Vec<(FacetField, FacetCounts)>,
}

impl SegmentCollector for SegmentPass {
    type Fruit = tantivy::Result<SegmentCollected>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.count += 1;
        if let Some(facets) = &mut self.facets {
            facets.count(&[doc]);
        }
        if self.limit > 0 {
            self.keep(doc, score);
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.count += docs.len() as u64;
        if let Some(facets) = &mut self.facets {
            facets.count(docs);
        }
        if self.limit > 0 {
            for doc in docs {
                self.keep(*doc, 0.0);
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let facets = self.facets.map_or_else(|| Ok(Vec::new()), Tally::harvest)?;
        let best = self.best.into_vec();
        Ok(SegmentCollected { segment: self.segment, columns: self.columns, count: self.count, best, facets })
    }
}

impl SegmentPass {
    /// What the words of an article have to score more than to be kept.
    fn bar(&self) -> Score {
        if self.sort == Sort::Relevance {
            self.ranking.below(self.floor.get(), self.lift.as_ref().map_or(1.0, |lift| lift.most))
        } else {
            Score::MIN
        }
    }

    /// Keeps an article if it is among the best.
    fn keep(&mut self, doc: DocId, score: Score) {
        // Most articles end here, for no more than the score of their words.
        if self.sort == Sort::Relevance {
            let freshness = self.lift.as_ref().map_or(1.0, |lift| lift.at(doc));
            if self.ranking.highest(score, freshness) < self.floor.get() {
                return;
            }
        }
        let worst = self.best.peek().filter(|_| self.best.len() == self.limit);
        let date = self.columns.date(doc);
        let score = if self.sort == Sort::Relevance { self.ranking.score(doc, score, date) } else { 0.0 };
        if worst.is_some_and(|worst| {
            order(self.sort, (score, date), (worst.score, worst.date)) == Ordering::Greater
        }) {
            return;
        }
        let id_ord = self.columns.ids.as_ref().and_then(|ids| ids.ords().first(doc)).unwrap_or(u64::MAX);
        let candidate = Candidate { sort: self.sort, score, date, id_ord, doc };
        if self.after.as_ref().is_some_and(|bar| !bar.is_passed_by(&candidate)) {
            return;
        }
        if self.best.len() < self.limit {
            self.best.push(candidate);
        } else if let Some(mut worst) = self.best.peek_mut()
            && candidate < *worst
        {
            *worst = candidate;
        }
        if let Some(worst) = self.best.peek().filter(|_| self.best.len() == self.limit) {
            self.floor.raise(worst.score);
        }
    }
}
