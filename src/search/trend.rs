//! Counts of matching articles over time: one series of all, or one for each of the most frequent values of a field.
//!
//! Every matching article is counted once: in a period, or apart as undated or too vaguely dated for periods so short. Two
//! passes over the matches keep memory bounded: the first finds the periods and the values, the second fills a table that
//! the limit on its size has been checked for.

mod count;
mod period;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::collect::Pass;
use super::page::{guarded, milliseconds};
use super::searcher::Prepared;
use super::{FacetField, FacetRequest, FacetValue, Filter, Relation, SearchRequest, Searcher, Total};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Parsed, Query};
use count::{PeriodPass, Periods, SeriesPass, Table};
pub use period::Every;
pub(super) use period::date;

/// Most counts of an answer: periods times series.
const MAX_COUNTS: usize = 10_000;

/// Most series.
const MAX_SERIES: usize = 100;

/// What to count over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrendRequest {
    /// The query.
    pub query: Query,
    /// Facet filters, as in a [`SearchRequest`]. All of them narrow every series.
    pub filters: Vec<Filter>,
    /// How long the periods are.
    pub every: Every,
    /// The field whose most frequent values have a series each; `None` for one series of all. Not a date.
    pub by: Option<FacetField>,
    /// Series of values, 1 to 100, largest first.
    pub series: usize,
    /// Whether each count is also given as a part of all articles of the index.
    pub share: bool,
    /// Whether plain words also find their synonyms.
    pub synonyms: bool,
    /// Milliseconds that counting may take, at most 10,000; then the counts are lower bounds, and the answer says so.
    pub timeout_ms: Option<u64>,
    /// The present as Unix seconds, for relative dates; `None` takes the clock.
    pub now: Option<i64>,
}

impl TrendRequest {
    /// One series of a query.
    pub fn new(query: Query, every: Every) -> Self {
        let SearchRequest { query, filters, synonyms, timeout_ms, now, .. } = SearchRequest::new(query);
        Self { query, filters, every, by: None, series: 5, share: false, synonyms, timeout_ms, now }
    }

    fn search(&self) -> SearchRequest {
        SearchRequest {
            filters: self.filters.clone(),
            limit: 0,
            synonyms: self.synonyms,
            timeout_ms: self.timeout_ms,
            now: self.now,
            ..SearchRequest::new(self.query.clone())
        }
    }

    fn check(&self) -> Result<()> {
        if !(1..=MAX_SERIES).contains(&self.series) {
            let message = format!("a trend has 1 to {MAX_SERIES} series, not {}", self.series);
            return Err(Error::new(ErrorKind::Argument, message).with_hint("narrow the query instead"));
        }
        if let Some(by @ (FacetField::Year | FacetField::Month | FacetField::Day)) = self.by {
            let message = format!("a trend has no series by {}", by.as_str());
            return Err(Error::new(ErrorKind::Argument, message)
                .with_hint("its periods are dates already; choose company, topic or source"));
        }
        Ok(())
    }
}

/// Counts over time. The counts of all periods, [`undated`](Self::undated), [`only_year`](Self::only_year) and
/// [`only_month`](Self::only_month) add up to the total.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trends {
    /// Canonical text of the query.
    pub query: String,
    /// How long the periods are.
    pub every: Every,
    /// The field that the series are values of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<FacetField>,
    /// How many articles match.
    pub total: Total,
    /// From the first one with a matching article to the last one, none left out.
    pub periods: Vec<Period>,
    /// Largest first; without a field one of all matching articles.
    pub series: Vec<Series>,
    /// Where there is a field: the articles that are in none of the series, because they have other values or none at all.
    /// An article with two of the shown values is in two series, so that the series may add up to more than there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Series>,
    /// Matching articles without a date. They are in no period.
    pub undated: u64,
    /// Matching articles of which only the year is known, where the periods are shorter.
    pub only_year: u64,
    /// Matching articles of which only the month is known, where the periods are shorter.
    pub only_month: u64,
    /// Time spent, in milliseconds.
    pub took_ms: f64,
    /// The committed state of the index that answered.
    pub generation: u64,
    /// Whether the time was up before all was counted: counts are lower bounds then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed_out: bool,
    /// What a reader should know of this answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A period with what it has of all series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its first day, `2024-02-12`.
    pub start: String,
    /// `2024-02-12`, `2024-W07`, `2024-02`, `2024-Q1` or `2024`.
    pub label: String,
    /// Matching articles.
    pub count: u64,
    /// All articles of the index that lie in it, whatever the query and its filters; where shares were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<u64>,
}

/// The counts of one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Display name.
    pub label: String,
    /// `amazon`, `layoffs` …; `None` where it is no value.
    pub path: Option<String>,
    /// Matching articles, those that lie in no period included.
    pub total: u64,
    /// One for each period.
    pub counts: Vec<u64>,
    /// Each count divided by all articles of the index in its period, 0 to 1; `None` where there are none. Empty where
    /// shares were not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Option<f64>>,
}

impl Series {
    pub(super) fn of(label: impl Into<String>, path: Option<String>, counted: Counted) -> Self {
        Self { label: label.into(), path, total: counted.total, counts: counted.counts, shares: Vec::new() }
    }
}

/// The articles of a series.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub(super) total: u64,
    pub(super) counts: Vec<u64>,
}

impl Searcher {
    /// Counts articles over time.
    pub fn trends(&self, request: &TrendRequest) -> Result<Trends> {
        guarded(|| self.trends_unguarded(request, None))
    }

    /// The same of a query that was read from a text, so that an error can point at the place in it.
    pub fn trends_parsed(&self, parsed: &Parsed, request: &TrendRequest) -> Result<Trends> {
        guarded(|| self.trends_unguarded(request, Some(parsed)))
    }

    fn trends_unguarded(&self, request: &TrendRequest, parsed: Option<&Parsed>) -> Result<Trends> {
        let started = Instant::now();
        request.check()?;
        let search = request.search();
        search.check()?;
        let prepared = self.prepare(&search, parsed)?;
        let (found, values) = self.periods(request, &prepared)?;
        let rows = request.by.map_or(1, |_| values.len() + 1);
        let span = Span::of([&found], request.every, rows)?;
        let mut series = Vec::new();
        let mut others = None;
        if let Some(by) = request.by {
            let mut table = self.table(&span, by, &values, &prepared)?;
            let rest = table.rows.pop().unwrap_or_default();
            others = (rest.total > 0).then(|| Series::of("none of these", None, rest));
            series = values
                .into_iter()
                .zip(table.rows)
                .map(|(value, counted)| Series::of(value.label, value.path, counted))
                .collect();
        } else {
            series.push(Series::of("all", None, span.counted(&found)));
        }
        let mut notes = prepared.lowered.notes.clone();
        let mut trends = Trends {
            query: request.query.to_string(),
            every: request.every,
            by: request.by,
            total: Total { value: found.total, relation: Relation::Exact },
            periods: span.periods(&found),
            series,
            others,
            undated: found.undated,
            only_year: found.only_year,
            only_month: found.only_month,
            took_ms: 0.0,
            generation: prepared.generation,
            timed_out: false,
            notes: Vec::new(),
        };
        if request.share {
            self.add_shares(&mut trends, &span, &prepared)?;
        }
        if prepared.deadline.was_over() {
            trends.timed_out = true;
            trends.total.relation = Relation::AtLeast;
            notes.push(format!(
                "stopped after {} ms: the counts are lower bounds",
                request.timeout_ms.unwrap_or_default()
            ));
        }
        trends.notes = notes;
        trends.took_ms = milliseconds(started);
        Ok(trends)
    }

    /// The first pass: how many articles lie in each period, and which values are most frequent.
    fn periods(&self, request: &TrendRequest, prepared: &Prepared) -> Result<(Periods, Vec<FacetValue>)> {
        let pass = Pass::counting(request.by.into_iter().collect(), &self.shared.columns);
        let both = (PeriodPass { every: request.every }, pass);
        let (found, mut collected) = self.run(prepared, &prepared.query(None), &both)?;
        prepared.deadline.check()?;
        let mut values = Vec::new();
        if let Some(field) = request.by {
            let counts = collected.facets.remove(&field).unwrap_or_default();
            values = self.facet(&FacetRequest { field, limit: request.series }, &counts)?;
            values.retain(|value| value.path.is_some());
        }
        Ok((found, values))
    }

    /// The second pass: a row for each value and one for the articles that have none of them.
    fn table(
        &self,
        span: &Span,
        by: FacetField,
        values: &[FacetValue],
        prepared: &Prepared,
    ) -> Result<Table> {
        let rows: HashMap<String, usize> = values
            .iter()
            .enumerate()
            .filter_map(|(row, value)| value.path.clone().map(|path| (path, row)))
            .collect();
        let pass = SeriesPass {
            every: span.every,
            first: span.first,
            length: span.length,
            by,
            rows: Arc::new(rows),
        };
        let table = self.run(prepared, &prepared.query(None), &pass)?;
        prepared.deadline.check()?;
        Ok(table)
    }

    /// What all articles of the index have in each period, and the series as parts of it.
    fn add_shares(&self, trends: &mut Trends, span: &Span, prepared: &Prepared) -> Result<()> {
        let all = self.run(
            prepared,
            &prepared.limited(Box::new(tantivy::query::AllQuery)),
            &PeriodPass { every: span.every },
        )?;
        prepared.deadline.check()?;
        let all = span.counted(&all).counts;
        for (period, all) in trends.periods.iter_mut().zip(&all) {
            period.all = Some(*all);
        }
        for series in trends.series.iter_mut().chain(&mut trends.others) {
            let share = |(count, all): (&u64, &u64)| (*all > 0).then(|| *count as f64 / *all as f64);
            series.shares = series.counts.iter().zip(&all).map(share).collect();
        }
        Ok(())
    }

    /// Several queries over the same periods, a series each.
    pub(super) fn trends_of(&self, every: Every, queries: &[(&str, &Prepared)]) -> Result<Trends> {
        let mut found = Vec::with_capacity(queries.len());
        for (_, prepared) in queries {
            found.push(self.run(prepared, &prepared.query(None), &PeriodPass { every })?);
            prepared.deadline.check()?;
        }
        let span = Span::of(&found, every, queries.len())?;
        let mut all = Periods::default();
        let mut series = Vec::new();
        for ((label, _), found) in queries.iter().zip(found) {
            series.push(Series::of(*label, None, span.counted(&found)));
            all.add(found);
        }
        let labels: Vec<&str> = queries.iter().map(|(label, _)| *label).collect();
        Ok(Trends {
            query: labels.join(" | "),
            every,
            by: None,
            total: Total { value: all.total, relation: Relation::Exact },
            periods: span.periods(&all),
            series,
            others: None,
            undated: all.undated,
            only_year: all.only_year,
            only_month: all.only_month,
            took_ms: 0.0,
            generation: queries.first().map_or(0, |(_, prepared)| prepared.generation),
            timed_out: queries.iter().any(|(_, prepared)| prepared.deadline.was_over()),
            notes: Vec::new(),
        })
    }
}

/// Periods that follow each other.
struct Span {
    every: Every,
    /// Number of the first one.
    first: i64,
    length: usize,
}

impl Span {
    /// From the first article to the last, if a table of so many rows is small enough.
    fn of<'p>(found: impl IntoIterator<Item = &'p Periods>, every: Every, rows: usize) -> Result<Self> {
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for one in found {
            if let (Some((low, _)), Some((high, _))) =
                (one.counts.first_key_value(), one.counts.last_key_value())
            {
                (first, last) = (first.min(*low), last.max(*high));
            }
        }
        if first > last {
            return Ok(Self { every, first: 0, length: 0 });
        }
        let length = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
        if length.saturating_mul(rows) > MAX_COUNTS {
            let of = if rows == 1 { String::new() } else { format!(" of {rows} series") };
            let message =
                format!("{length} {}s{of} are more than the {MAX_COUNTS} counts of a trend", every.as_str());
            let longer = every
                .longer()
                .map_or_else(String::new, |longer| format!("count every {}, ", longer.as_str()));
            let fewer = if rows == 1 { "" } else { " or ask for fewer series" };
            return Err(Error::new(ErrorKind::Argument, message)
                .with_hint(format!("{longer}narrow the time with date:{fewer}")));
        }
        Ok(Self { every, first, length })
    }

    fn counted(&self, found: &Periods) -> Counted {
        let mut counts = vec![0; self.length];
        for (number, count) in found.counts.range(self.first..self.first + self.length as i64) {
            counts[(number - self.first) as usize] = *count;
        }
        Counted { total: found.total, counts }
    }

    fn periods(&self, found: &Periods) -> Vec<Period> {
        let numbers = self.first..self.first + self.length as i64;
        let of = |number: i64| {
            let (start, label) = self.every.describe(number);
            Period { start, label, count: found.counts.get(&number).copied().unwrap_or(0), all: None }
        };
        numbers.map(of).collect()
    }
}
