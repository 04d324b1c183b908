//! Articles with a value between two ends.
//!
//! The engine's own query stops the program where it is sought in behind its place, which exclusions do and explanations of
//! scores: it subtracts the last place from the new one. Here a place is looked up without regard to those before.

use std::ops::RangeInclusive;

use tantivy::columnar::{Cardinality, Column, DynamicColumn, HasAssociatedColumnType};
use tantivy::query::{
    AllScorer, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::{DocId, DocSet, Score, SeekDangerResult, SegmentReader, TERMINATED};

use super::does_not_match;
use crate::query::Bound;

/// Articles gone over at once, to begin with and at most.
const STEP: u32 = 128;
const MAX_STEP: u32 = 16 * 1024;

/// The dates of a range, in seconds, where `now` is the reader's; `None` where no date is in it.
///
/// A date stands for a period: a lower end begins with it or behind it, an upper one ends with it or before it.
pub(super) fn dates(lower: &Bound, upper: &Bound, now: i64) -> Option<RangeInclusive<i64>> {
    let from = match lower {
        Bound::Open => i64::MIN,
        Bound::Date(date) => date.period(now).start,
        Bound::DateExclusive(date) => date.period(now).end,
        Bound::Number(_) | Bound::NumberExclusive(_) => return None,
    };
    let to = match upper {
        Bound::Open => i64::MAX,
        Bound::Date(date) => date.period(now).end.checked_sub(1)?,
        Bound::DateExclusive(date) => date.period(now).start.checked_sub(1)?,
        Bound::Number(_) | Bound::NumberExclusive(_) => return None,
    };
    Some(from..=to)
}

/// The numbers of a range; `None` where no number is in it.
pub(super) fn numbers(lower: &Bound, upper: &Bound) -> Option<RangeInclusive<u64>> {
    let from = match lower {
        Bound::Open => u64::MIN,
        Bound::Number(number) => *number,
        Bound::NumberExclusive(number) => number.checked_add(1)?,
        Bound::Date(_) | Bound::DateExclusive(_) => return None,
    };
    let to = match upper {
        Bound::Open => u64::MAX,
        Bound::Number(number) => *number,
        Bound::NumberExclusive(number) => number.checked_sub(1)?,
        Bound::Date(_) | Bound::DateExclusive(_) => return None,
    };
    Some(from..=to)
}

/// Finds the articles of which any value in a column is in a range.
#[derive(Clone, Debug)]
pub(super) struct RangeQuery<T> {
    column: &'static str,
    values: RangeInclusive<T>,
}

impl<T> RangeQuery<T> {
    pub(super) fn new(column: &'static str, values: RangeInclusive<T>) -> Self {
        Self { column, values }
    }
}

impl<T: HasAssociatedColumnType> RangeQuery<T>
where
    DynamicColumn: Into<Option<Column<T>>>,
{
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Articles<T>> {
        let Some(column) = reader.fast_fields().column_opt::<T>(self.column)? else {
            return Ok(Articles::None);
        };
        let (lowest, highest) = (column.min_value(), column.max_value());
        if self.values.is_empty() || *self.values.start() > highest || *self.values.end() < lowest {
            return Ok(Articles::None);
        }
        let is_all = self.values.contains(&lowest) && self.values.contains(&highest);
        Ok(match column.get_cardinality() {
            Cardinality::Full if is_all => Articles::All,
            _ => Articles::Some(InRange::new(column, self.values.clone())),
        })
    }
}

/// Which of a segment's articles are in a range.
enum Articles<T> {
    None,
    All,
    Some(InRange<T>),
}

impl<T: HasAssociatedColumnType> Query for RangeQuery<T>
where
    DynamicColumn: Into<Option<Column<T>>>,
{
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(RangeWeight(self.clone())))
    }
}

struct RangeWeight<T>(RangeQuery<T>);

impl<T: HasAssociatedColumnType> Weight for RangeWeight<T>
where
    DynamicColumn: Into<Option<Column<T>>>,
{
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.0.open(reader)? {
            Articles::None => Box::new(EmptyScorer),
            Articles::All => Box::new(ConstScorer::new(AllScorer::new(reader.max_doc()), boost)),
            Articles::Some(articles) => Box::new(ConstScorer::new(articles, boost)),
        })
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        Ok(match (self.0.open(reader)?, reader.alive_bitset()) {
            (Articles::None, _) => 0,
            (Articles::All, _) => reader.num_docs(),
            (Articles::Some(mut articles), None) => articles.count_including_deleted(),
            (Articles::Some(mut articles), Some(alive)) => articles.count(alive),
        })
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if self.scorer(reader, 1.0)?.seek_danger(doc) == SeekDangerResult::Found {
            return Ok(Explanation::new("has a value in the range", 1.0));
        }
        Err(does_not_match(doc))
    }
}

/// Goes over a column, some articles at once.
struct InRange<T> {
    column: Column<T>,
    values: RangeInclusive<T>,
    /// Articles in the range among those gone over last, ascending, and the place in them.
    found: Vec<DocId>,
    at: usize,
    /// The first article that was not gone over.
    next: DocId,
    step: u32,
}

impl<T: HasAssociatedColumnType> InRange<T> {
    fn new(column: Column<T>, values: RangeInclusive<T>) -> Self {
        let mut all = Self { column, values, found: Vec::new(), at: 0, next: 0, step: STEP };
        all.read_on();
        all
    }

    /// Goes over articles up to the next one in the range.
    fn read_on(&mut self) -> DocId {
        self.found.clear();
        self.at = 0;
        let end = self.column.num_docs();
        while self.found.is_empty() && self.next < end {
            let to = self.next.saturating_add(self.step).min(end);
            self.column.get_docids_for_value_range(self.values.clone(), self.next..to, &mut self.found);
            self.next = to;
            self.step = (2 * self.step).min(MAX_STEP);
        }
        self.doc()
    }
}

impl<T: HasAssociatedColumnType> DocSet for InRange<T> {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        match self.found.get(self.at) {
            Some(doc) => *doc,
            None => self.read_on(),
        }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if target < self.next {
            self.at += self.found[self.at..].partition_point(|doc| *doc < target);
            return if self.at < self.found.len() { self.doc() } else { self.read_on() };
        }
        // Who seeks far ahead will do so again.
        if target - self.next >= STEP {
            self.step = STEP;
        }
        self.next = target;
        self.read_on()
    }

    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        if target >= self.column.num_docs() {
            return SeekDangerResult::SeekLowerBound(TERMINATED);
        }
        if !self.column.values_for_doc(target).any(|value| self.values.contains(&value)) {
            return SeekDangerResult::SeekLowerBound(target + 1);
        }
        self.found.clear();
        self.found.push(target);
        self.at = 0;
        self.next = target + 1;
        SeekDangerResult::Found
    }

    fn doc(&self) -> DocId {
        self.found.get(self.at).copied().unwrap_or(TERMINATED)
    }

    /// As the engine takes it of its own: a tenth.
    fn size_hint(&self) -> u32 {
        self.column.num_docs() / 10
    }

    /// A column is gone over in whole, so that most other parts of a query lead where they stand beside it.
    fn cost(&self) -> u64 {
        u64::from(self.column.num_docs()) * 4 / 5
    }

    fn count_including_deleted(&mut self) -> u32 {
        let mut count = 0;
        while self.doc() != TERMINATED {
            count += (self.found.len() - self.at) as u32;
            self.read_on();
        }
        count
    }
}

#[cfg(test)]
mod tests;
