//! One pass over the matching articles: their number, the best of them, and facet counts.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn, TermOrdHit};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::expand::Smoothed;
use super::rank::{Ranking, SegmentRanking};
use super::{FacetField, Sort};
use crate::article::Precision;
use crate::index::document::precision_column;

/// What a pass is to find out.
pub(super) struct Pass {
    /// Best articles to keep; 0 for none.
    pub(super) limit: usize,
    /// Only those behind this place are kept. All are counted.
    pub(super) after: Option<Place>,
    pub(super) sort: Sort,
    pub(super) facets: Vec<FacetField>,
    pub(super) ranking: Arc<Ranking>,
}

impl Pass {
    /// Counts all and keeps none.
    pub(super) fn counting(facets: Vec<FacetField>) -> Self {
        let ranking = Arc::new(Ranking::new(&[], false, None));
        Self { limit: 0, after: None, sort: Sort::Relevance, facets, ranking }
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

/// Articles by value, and those without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FacetCounts {
    pub(super) values: HashMap<String, u64>,
    /// Of dates: days since 1970.
    pub(super) days: BTreeMap<i64, u64>,
    pub(super) unknown: u64,
}

/// Stands for the date of an undated article.
const UNDATED: i64 = i64::MIN;

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

/// The pass in one segment.
pub(super) struct SegmentPass {
    segment: SegmentOrdinal,
    limit: usize,
    sort: Sort,
    after: Option<Bar>,
    ranking: SegmentRanking,
    dates: Column<i64>,
    ids: Option<StrColumn>,
    count: u64,
    /// The worst one on top.
    best: BinaryHeap<Candidate>,
    facets: Vec<(FacetField, SegmentFacet)>,
}

enum SegmentFacet {
    /// Counts by ordinal. Companies and divisions share a column; where only divisions count, it is known which they
    /// are.
    Names { column: StrColumn, counts: Vec<u32>, divisions: Option<Vec<bool>>, unknown: u64 },
    /// No article of the segment has a value.
    Nothing { unknown: u64 },
    /// Too vague a date for the facet is none.
    Dates { days: HashMap<i64, u64>, unknown: u64, precision: Column<u64>, needs: u64 },
}

impl Collector for Pass {
    type Fruit = Collected;
    type Child = SegmentPass;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentPass> {
        let columns = reader.fast_fields();
        let mut facets = Vec::new();
        for field in &self.facets {
            let facet = match column_of(*field) {
                None => SegmentFacet::Dates {
                    days: HashMap::new(),
                    unknown: 0,
                    precision: columns.u64("precision")?,
                    needs: precision_column(precision_of(*field)),
                },
                Some(name) => match columns.str(name)? {
                    Some(column) => {
                        let counts = vec![0; column.num_terms()];
                        let divisions = match field {
                            FacetField::Division => Some(divisions_of(&column)?),
                            _ => None,
                        };
                        SegmentFacet::Names { column, counts, divisions, unknown: 0 }
                    }
                    None => SegmentFacet::Nothing { unknown: 0 },
                },
            };
            facets.push((*field, facet));
        }
        let ids = columns.str("id")?;
        Ok(SegmentPass {
            segment,
            limit: self.limit,
            sort: self.sort,
            after: self.after.as_ref().map(|place| Bar::new(place, ids.as_ref())).transpose()?,
            ranking: self.ranking.for_segment(reader)?,
            dates: columns.i64("published")?,
            ids,
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
                let total = merged.facets.entry(field).or_default();
                total.unknown += counts.unknown;
                for (value, count) in counts.values {
                    *total.values.entry(value).or_default() += count;
                }
                for (day, count) in counts.days {
                    *total.days.entry(day).or_default() += count;
                }
            }
        }
        Ok(merged)
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
        let mut id = String::new();
        if let Some(ids) = &segment.ids {
            ids.ord_to_str(candidate.id_ord, &mut id)?;
        }
        best.push(Best {
            address: DocAddress::new(segment.segment, candidate.doc),
            place: Place { score: candidate.score, date: candidate.date, id },
        });
    }
    arrange(&mut best, sort);
    best.truncate(limit);
    Ok(best)
}

/// Puts hits in order.
pub(super) fn arrange(best: &mut [Best], sort: Sort) {
    best.sort_by(|left, right| left.place.order(sort, &right.place));
}

/// Which names of the company column are divisions.
fn divisions_of(column: &StrColumn) -> tantivy::Result<Vec<bool>> {
    let mut divisions = Vec::with_capacity(column.num_terms());
    let mut names = column.dictionary().stream()?;
    while names.advance() {
        divisions.push(names.key().contains(&b'/'));
    }
    Ok(divisions)
}

/// The column of a facet's names; none for dates.
pub(super) fn column_of(field: FacetField) -> Option<&'static str> {
    Some(match field {
        FacetField::Company | FacetField::Division => "company",
        FacetField::About => "about",
        FacetField::Topic => "topic",
        FacetField::Source => "source",
        FacetField::Author => "author",
        FacetField::Subject => "subject",
        FacetField::Lang => "lang",
        FacetField::Year | FacetField::Month | FacetField::Day => return None,
    })
}

/// The least exact date that a facet of dates counts.
fn precision_of(field: FacetField) -> Precision {
    match field {
        FacetField::Day => Precision::Day,
        FacetField::Month => Precision::Month,
        _ => Precision::Year,
    }
}

/// What one segment gave.
pub(super) struct SegmentCollected {
    segment: SegmentOrdinal,
    ids: Option<StrColumn>,
    count: u64,
    best: Vec<Candidate>,
    facets: Vec<(FacetField, FacetCounts)>,
}

impl SegmentCollector for SegmentPass {
    type Fruit = tantivy::Result<SegmentCollected>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.count += 1;
        for (_, facet) in &mut self.facets {
            facet.collect(doc, &self.dates);
        }
        if self.limit == 0 {
            return;
        }
        let worst = self.best.peek().filter(|_| self.best.len() == self.limit);
        // Most articles end here, for no more than the score of their words.
        if self.sort == Sort::Relevance
            && worst.is_some_and(|worst| self.ranking.highest(score) < worst.score)
        {
            return;
        }
        let date = self.dates.first(doc).unwrap_or(UNDATED);
        let score = if self.sort == Sort::Relevance { self.ranking.score(doc, score, date) } else { 0.0 };
        if worst.is_some_and(|worst| {
            order(self.sort, (score, date), (worst.score, worst.date)) == Ordering::Greater
        }) {
            return;
        }
        let id_ord = self.ids.as_ref().and_then(|ids| ids.ords().first(doc)).unwrap_or(u64::MAX);
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
    }

    fn harvest(self) -> Self::Fruit {
        let mut facets = Vec::new();
        for (field, facet) in self.facets {
            facets.push((field, facet.harvest()?));
        }
        let best = self.best.into_vec();
        Ok(SegmentCollected { segment: self.segment, ids: self.ids, count: self.count, best, facets })
    }
}

impl SegmentFacet {
    fn collect(&mut self, doc: DocId, dates: &Column<i64>) {
        match self {
            Self::Names { column, counts, divisions, unknown } => {
                let mut is_any = false;
                for ord in column.term_ords(doc) {
                    if divisions.as_ref().is_some_and(|divisions| divisions.get(ord as usize) != Some(&true))
                    {
                        continue;
                    }
                    is_any = true;
                    if let Some(count) = counts.get_mut(ord as usize) {
                        *count += 1;
                    }
                }
                *unknown += u64::from(!is_any);
            }
            Self::Nothing { unknown } => *unknown += 1,
            Self::Dates { days, unknown, precision, needs } => match dates.first(doc) {
                Some(seconds) if precision.first(doc).is_some_and(|precision| precision >= *needs) => {
                    *days.entry(seconds.div_euclid(86_400)).or_default() += 1;
                }
                _ => *unknown += 1,
            },
        }
    }

    fn harvest(self) -> tantivy::Result<FacetCounts> {
        match self {
            Self::Names { column, counts, unknown, .. } => {
                let mut values = HashMap::new();
                let counted: Vec<(u64, u32)> = counts
                    .into_iter()
                    .enumerate()
                    .filter(|(_, count)| *count > 0)
                    .map(|(ord, count)| (ord as u64, count))
                    .collect();
                let ords: Vec<u64> = counted.iter().map(|(ord, _)| *ord).collect();
                let mut numbers = counted.iter().map(|(_, count)| u64::from(*count));
                column.dictionary().sorted_ords_to_term_cb(&ords, |name| {
                    let name = String::from_utf8_lossy(name).into_owned();
                    values.insert(name, numbers.next().unwrap_or(0));
                })?;
                Ok(FacetCounts { values, days: BTreeMap::new(), unknown })
            }
            Self::Nothing { unknown } => Ok(FacetCounts { unknown, ..FacetCounts::default() }),
            Self::Dates { days, unknown, .. } => {
                Ok(FacetCounts { values: HashMap::new(), days: days.into_iter().collect(), unknown })
            }
        }
    }
}
