//! Counts of facet values: in one segment by ordinal, over all of them by name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tantivy::columnar::{Column, StrColumn};
use tantivy::error::DataCorruption;
use tantivy::index::SegmentId;
use tantivy::{DocId, SegmentReader};

use super::FacetField;
use super::columns::{Columns, Docs, Laid, Names};
use crate::article::Precision;
use crate::index::document::precision_column;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Days that are counted in an array, two centuries of them. An index that spans more is counted in a table.
const MOST_DAYS: i64 = 73_000;

/// Articles by value, and those without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FacetCounts {
    /// Of names: those of each segment.
    names: Vec<Counted>,
    /// Of dates: days since 1970.
    pub(super) days: BTreeMap<i64, u64>,
    pub(super) unknown: u64,
}

/// Articles of a segment by name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counted {
    names: Arc<Names>,
    counts: Vec<u32>,
}

/// Which names of the column of companies and divisions are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    All,
    Whole,
    Divisions,
}

impl Level {
    fn has(self, is_division: bool) -> bool {
        match self {
            Self::All => true,
            Self::Whole => !is_division,
            Self::Divisions => is_division,
        }
    }
}

impl FacetCounts {
    /// Names that any article has, in order, with the number of articles.
    pub(super) fn values(&self, level: Level) -> Vec<(&str, u64)> {
        let of = |counted: &'_ Counted| -> Vec<(usize, u64)> {
            let places = counted.counts.iter().enumerate().filter(|(_, count)| **count > 0);
            places
                .filter(|(place, _)| level.has(counted.names.is_division(*place)))
                .map(|(place, count)| (place, u64::from(*count)))
                .collect()
        };
        if let [counted] = &self.names[..] {
            return of(counted).into_iter().map(|(place, count)| (counted.names.get(place), count)).collect();
        }
        let mut values: HashMap<&str, u64> = HashMap::new();
        for counted in &self.names {
            for (place, count) in of(counted) {
                *values.entry(counted.names.get(place)).or_default() += count;
            }
        }
        let mut values: Vec<(&str, u64)> = values.into_iter().collect();
        values.sort_unstable();
        values
    }

    pub(super) fn add(&mut self, other: Self) {
        self.names.extend(other.names);
        self.unknown += other.unknown;
        for (day, count) in other.days {
            *self.days.entry(day).or_default() += count;
        }
    }
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

/// The counts of one segment. Facets of one column are counted together.
pub(super) struct Tally {
    segment: SegmentId,
    columns: Arc<Columns>,
    docs: u64,
    /// Which they are, where a column is laid out.
    found: Option<Docs>,
    names: Vec<NameTally>,
    dates: Vec<DateTally>,
}

struct NameTally {
    name: &'static str,
    fields: Vec<FacetField>,
    values: Values,
    counts: Vec<u32>,
    /// Articles without a value.
    unknown: u64,
    /// Articles without a division, where divisions are asked for.
    undivided: u64,
}

enum Values {
    /// No article of the segment has one.
    None,
    Laid(Arc<Laid>),
    /// As it is stored. Where divisions are asked for it is known which names are such.
    Stored(StrColumn, Option<Vec<bool>>),
}

struct DateTally {
    field: FacetField,
    published: Column<i64>,
    precision: Column<u64>,
    /// Too vague a date for the facet is none.
    needs: u64,
    days: Days,
    unknown: u64,
}

enum Days {
    /// From the first day of the segment on.
    Array(i64, Vec<u32>),
    Table(HashMap<i64, u64>),
}

impl Tally {
    pub(super) fn new(
        fields: &[FacetField],
        columns: &Arc<Columns>,
        reader: &SegmentReader,
    ) -> tantivy::Result<Self> {
        let mut tally = Self {
            segment: reader.segment_id(),
            columns: Arc::clone(columns),
            docs: 0,
            found: None,
            names: Vec::new(),
            dates: Vec::new(),
        };
        for field in fields {
            match column_of(*field) {
                None => tally.dates.push(DateTally::new(*field, reader)?),
                Some(name) => match tally.names.iter_mut().find(|names| names.name == name) {
                    Some(names) => names.fields.push(*field),
                    None => tally.names.push(NameTally::new(name, *field)),
                },
            }
        }
        for names in &mut tally.names {
            names.open(columns, reader)?;
        }
        let is_laid = |names: &NameTally| matches!(names.values, Values::Laid(_));
        tally.found = tally.names.iter().any(is_laid).then(|| Docs::Few(Vec::new(), reader.max_doc()));
        Ok(tally)
    }

    pub(super) fn count(&mut self, docs: &[DocId]) {
        self.docs += docs.len() as u64;
        if let Some(found) = &mut self.found {
            found.add(docs);
        }
        for names in &mut self.names {
            names.count(docs);
        }
        for dates in &mut self.dates {
            dates.count(docs);
        }
    }

    pub(super) fn harvest(self) -> tantivy::Result<Vec<(FacetField, FacetCounts)>> {
        let mut counts = Vec::new();
        for names in self.names {
            if matches!(names.values, Values::Stored(..)) {
                self.columns.note(self.segment, names.name, self.docs);
            }
            names.harvest(self.found.as_ref(), &mut counts)?;
        }
        counts.extend(self.dates.into_iter().map(DateTally::harvest));
        Ok(counts)
    }
}

/// Most values that a column can have.
const MOST_TERMS: usize = 1 << 28;

/// How many values a column has. A number beyond all bounds comes from a damaged file, and would end the process.
fn terms_of(column: &StrColumn) -> tantivy::Result<usize> {
    match column.num_terms() {
        terms if terms > MOST_TERMS => {
            let comment = format!("a column has {terms} values");
            Err(DataCorruption::comment_only(comment).into())
        }
        terms => Ok(terms),
    }
}

impl NameTally {
    fn new(name: &'static str, field: FacetField) -> Self {
        Self { name, fields: vec![field], values: Values::None, counts: Vec::new(), unknown: 0, undivided: 0 }
    }

    fn wants_divisions(&self) -> bool {
        self.fields.contains(&FacetField::Division)
    }

    fn open(&mut self, columns: &Columns, reader: &SegmentReader) -> tantivy::Result<()> {
        if let Some(laid) = columns.laid(reader, self.name)? {
            self.values = Values::Laid(laid);
            return Ok(());
        }
        let Some(column) = reader.fast_fields().str(self.name)? else { return Ok(()) };
        self.counts = vec![0; terms_of(&column)?];
        let divisions = if self.wants_divisions() { Some(divisions_of(&column)?) } else { None };
        self.values = Values::Stored(column, divisions);
        Ok(())
    }

    fn count(&mut self, docs: &[DocId]) {
        let Self { values, counts, unknown, undivided, .. } = self;
        match values {
            Values::None => {
                *unknown += docs.len() as u64;
                *undivided += docs.len() as u64;
            }
            // In the end, by runs of articles.
            Values::Laid(_) => {}
            Values::Stored(column, divisions) => {
                for doc in docs {
                    let (mut is_any, mut is_divided) = (false, false);
                    for ord in column.term_ords(*doc) {
                        let ord = ord as usize;
                        is_any = true;
                        is_divided |= divisions.as_ref().is_some_and(|divisions| divisions[ord]);
                        counts[ord] += 1;
                    }
                    *unknown += u64::from(!is_any);
                    *undivided += u64::from(!is_divided);
                }
            }
        }
    }

    fn harvest(
        mut self,
        docs: Option<&Docs>,
        found: &mut Vec<(FacetField, FacetCounts)>,
    ) -> tantivy::Result<()> {
        if let (Values::Laid(laid), Some(docs)) = (&self.values, docs) {
            self.counts = laid.counts(docs);
            (self.unknown, self.undivided) = laid.without(docs);
        }
        let names = match self.values {
            Values::None => Vec::new(),
            Values::Laid(laid) => vec![Counted { names: Arc::clone(&laid.names), counts: self.counts }],
            Values::Stored(column, _) => {
                let counted = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
                let (ords, counts): (Vec<u64>, Vec<u32>) =
                    counted.map(|(ord, count)| (ord as u64, *count)).unzip();
                vec![Counted { names: Arc::new(Names::some(&column, &ords)?), counts }]
            }
        };
        for field in self.fields {
            let unknown = if field == FacetField::Division { self.undivided } else { self.unknown };
            found.push((field, FacetCounts { names: names.clone(), days: BTreeMap::new(), unknown }));
        }
        Ok(())
    }
}

/// Which names of the company column are divisions.
fn divisions_of(column: &StrColumn) -> tantivy::Result<Vec<bool>> {
    let mut divisions = Vec::with_capacity(terms_of(column)?);
    let mut names = column.dictionary().stream()?;
    while names.advance() {
        divisions.push(names.key().contains(&b'/'));
    }
    Ok(divisions)
}

impl DateTally {
    fn new(field: FacetField, reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let published: Column<i64> = columns.i64("published")?;
        let (first, last) = (published.min_value().div_euclid(DAY), published.max_value().div_euclid(DAY));
        let days = match last.checked_sub(first) {
            Some(length @ 0..MOST_DAYS) => Days::Array(first, vec![0; length as usize + 1]),
            _ => Days::Table(HashMap::new()),
        };
        let needs = precision_column(precision_of(field));
        Ok(Self { field, published, precision: columns.u64("precision")?, needs, days, unknown: 0 })
    }

    fn count(&mut self, docs: &[DocId]) {
        for doc in docs {
            let is_exact = || self.precision.first(*doc).is_some_and(|precision| precision >= self.needs);
            let Some(seconds) = self.published.first(*doc).filter(|_| is_exact()) else {
                self.unknown += 1;
                continue;
            };
            let day = seconds.div_euclid(DAY);
            match &mut self.days {
                Days::Array(first, counts) => counts[(day - *first) as usize] += 1,
                Days::Table(counts) => *counts.entry(day).or_default() += 1,
            }
        }
    }

    fn harvest(self) -> (FacetField, FacetCounts) {
        let days = match self.days {
            Days::Array(first, counts) => (first..)
                .zip(counts)
                .filter(|(_, count)| *count > 0)
                .map(|(day, count)| (day, u64::from(count)))
                .collect(),
            Days::Table(counts) => counts.into_iter().collect(),
        };
        (self.field, FacetCounts { names: Vec::new(), days, unknown: self.unknown })
    }
}
