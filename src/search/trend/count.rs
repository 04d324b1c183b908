//! Passes over the matching articles that count them by period.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::Counted;
use super::period::Every;
use crate::article::Precision;
use crate::index::document::precision_column;
use crate::search::FacetField;
use crate::search::tally::column_of;
use crate::text::fold_name;

/// Where an article lies in time.
enum Place {
    Period(i64),
    Undated,
    OnlyYear,
    OnlyMonth,
}

/// The dates of one segment.
struct Dates {
    every: Every,
    published: Column<i64>,
    precision: Column<u64>,
}

impl Dates {
    fn of(every: Every, reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        Ok(Self { every, published: columns.i64("published")?, precision: columns.u64("precision")? })
    }

    fn place(&self, doc: DocId) -> Place {
        let (Some(seconds), Some(precision)) = (self.published.first(doc), self.precision.first(doc)) else {
            return Place::Undated;
        };
        if precision >= precision_column(self.every.needs()) {
            Place::Period(self.every.number(seconds.div_euclid(86_400)))
        } else if precision == precision_column(Precision::Year) {
            Place::OnlyYear
        } else {
            Place::OnlyMonth
        }
    }
}

/// Counts all matching articles.
pub(super) struct PeriodPass {
    pub(super) every: Every,
}

/// Articles by number of the period, and those that lie in none.
#[derive(Clone, Debug, Default)]
pub(super) struct Periods {
    pub(super) counts: BTreeMap<i64, u64>,
    pub(super) undated: u64,
    pub(super) only_year: u64,
    pub(super) only_month: u64,
    pub(super) total: u64,
}

impl Periods {
    pub(super) fn add(&mut self, other: Self) {
        for (number, count) in other.counts {
            *self.counts.entry(number).or_default() += count;
        }
        self.undated += other.undated;
        self.only_year += other.only_year;
        self.only_month += other.only_month;
        self.total += other.total;
    }
}

pub(super) struct SegmentPeriods {
    dates: Dates,
    found: Periods,
}

impl Collector for PeriodPass {
    type Fruit = Periods;
    type Child = SegmentPeriods;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentPeriods> {
        Ok(SegmentPeriods { dates: Dates::of(self.every, reader)?, found: Periods::default() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Periods>) -> tantivy::Result<Periods> {
        let mut merged = Periods::default();
        for segment in segments {
            merged.add(segment);
        }
        Ok(merged)
    }
}

impl SegmentCollector for SegmentPeriods {
    type Fruit = Periods;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.found.total += 1;
        match self.dates.place(doc) {
            Place::Period(number) => *self.found.counts.entry(number).or_default() += 1,
            Place::Undated => self.found.undated += 1,
            Place::OnlyYear => self.found.only_year += 1,
            Place::OnlyMonth => self.found.only_month += 1,
        }
    }

    fn harvest(self) -> Periods {
        self.found
    }
}

/// Counts the matching articles by value and period.
pub(super) struct SeriesPass {
    pub(super) every: Every,
    /// Number of the first period, and how many there are.
    pub(super) first: i64,
    pub(super) length: usize,
    pub(super) by: FacetField,
    /// The row of each value.
    pub(super) rows: Arc<HashMap<String, usize>>,
}

/// A row for each value, then one for the articles that have none of them.
pub(super) struct Table {
    pub(super) rows: Vec<Counted>,
}

pub(super) struct SegmentTable {
    dates: Dates,
    first: i64,
    /// Nothing where no article of the segment has a value.
    column: Option<StrColumn>,
    /// The row of each ordinal of the column.
    row_of: Vec<Option<usize>>,
    rows: Vec<Counted>,
    /// Rows of the current article; the buffer is reused.
    seen: Vec<usize>,
}

impl SeriesPass {
    fn empty(&self) -> Vec<Counted> {
        vec![Counted { total: 0, counts: vec![0; self.length] }; self.rows.len() + 1]
    }

    /// Spellings of outlets and writers that differ in case or accents are one value.
    fn row(&self, name: &str) -> Option<usize> {
        match self.by {
            FacetField::Source | FacetField::Author | FacetField::Subject => {
                self.rows.get(&fold_name(name)).copied()
            }
            _ => self.rows.get(name).copied(),
        }
    }
}

impl Collector for SeriesPass {
    type Fruit = Table;
    type Child = SegmentTable;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentTable> {
        let column = match column_of(self.by) {
            Some(name) => reader.fast_fields().str(name)?,
            None => None,
        };
        let mut row_of = Vec::new();
        if let Some(column) = &column {
            let mut names = column.dictionary().stream()?;
            while names.advance() {
                row_of.push(self.row(&String::from_utf8_lossy(names.key())));
            }
        }
        let dates = Dates::of(self.every, reader)?;
        Ok(SegmentTable { dates, first: self.first, column, row_of, rows: self.empty(), seen: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<Counted>>) -> tantivy::Result<Table> {
        let mut rows = self.empty();
        for segment in segments {
            for (row, counted) in rows.iter_mut().zip(segment) {
                row.total += counted.total;
                for (count, more) in row.counts.iter_mut().zip(counted.counts) {
                    *count += more;
                }
            }
        }
        Ok(Table { rows })
    }
}

impl SegmentCollector for SegmentTable {
    type Fruit = Vec<Counted>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.seen.clear();
        if let Some(column) = &self.column {
            for ord in column.term_ords(doc) {
                if let Some(row) = self.row_of.get(ord as usize).copied().flatten()
                    && !self.seen.contains(&row)
                {
                    self.seen.push(row);
                }
            }
        }
        if self.seen.is_empty() {
            self.seen.push(self.rows.len() - 1);
        }
        let place = match self.dates.place(doc) {
            Place::Period(number) => usize::try_from(number - self.first).ok(),
            _ => None,
        };
        for row in &self.seen {
            let Counted { total, counts } = &mut self.rows[*row];
            *total += 1;
            if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                *count += 1;
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.rows
    }
}
