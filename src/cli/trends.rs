//! `dateline trends`: counts over time as sparklines, CSV, JSON or a chart.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::args::{At, Filters, Timeout, When, Words, parse_time};
use super::chart::{Chart, Line, percent};
use super::destination::Destination;
use super::progress::grouped;
use super::report::{self, status};
use super::sparkline::{self, Drawn, Row};
use super::terminal::{clean, paint, style};
use super::{csv, print, print_json, search, terminal};
use crate::error::{Error, ErrorKind, Result};
use crate::query::parse;
use crate::search::{Every, FacetField, Relation, Series, TrendRequest, Trends};

#[derive(Args, Debug)]
pub(super) struct TrendsArgs {
    /// Of the articles that match; without it, of all
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    words: Words,
    /// A line for each of the most frequent values
    #[arg(long, value_enum, value_name = "FIELD")]
    by: Option<SeriesBy>,
    /// How long a period is; weeks are those of ISO 8601
    #[arg(long, value_enum, value_name = "PERIOD", default_value_t = Length::Month)]
    every: Length,
    /// Most lines of values, up to 100
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = 5)]
    limit: usize,
    /// Show counts as parts of all articles that the index has in the period
    #[arg(long)]
    share: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = TableFormat::Human, value_name = "HOW")]
    format: TableFormat,
    /// Write a chart instead
    #[arg(short, long, value_name = "FILE.svg", conflicts_with = "format")]
    output: Option<PathBuf>,
    /// Time after which the counts are printed as far as they have come, up to 10s; none for no limit
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_time)]
    timeout: Timeout,
}

/// Fields whose values can have a line each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SeriesBy {
    Company,
    Division,
    About,
    Topic,
    Source,
    Author,
    Subject,
    Lang,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Length {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Length {
    pub(super) fn every(self) -> Every {
        match self {
            Self::Day => Every::Day,
            Self::Week => Every::Week,
            Self::Month => Every::Month,
            Self::Quarter => Every::Quarter,
            Self::Year => Every::Year,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// For reading
    Human,
    /// One object
    Json,
    /// One number a row, for spreadsheets
    Csv,
}

pub(super) fn run(args: &TrendsArgs, when: When) -> Result<u8> {
    if let Some(path) = &args.output {
        check_ending(path)?;
    }
    let searcher = search::open(&args.at, &args.words, when)?;
    let text = if args.query.is_empty() { "*".to_owned() } else { args.query.join(" ") };
    let parsed = parse(&text)?;
    let (query, filters) = search::narrow(parsed.query.clone(), &args.filters)?;
    let request = TrendRequest {
        filters,
        by: args.by.map(field),
        series: args.limit,
        share: args.share,
        timeout_ms: args.timeout.0,
        ..TrendRequest::new(query, args.every.every())
    };
    let trends = searcher.trends_parsed(&parsed, &request)?;
    if let Some(path) = &args.output {
        write_chart(&trends, path, when)?;
    } else {
        match args.format {
            TableFormat::Human => print(when, &human(&trends, terminal::width()))?,
            TableFormat::Json => print_json(when, &trends)?,
            TableFormat::Csv => {
                print(when, &csv::lines_to_csv(&rows(&trends))?)?;
                say_what_is_apart(&trends, when);
            }
        }
    }
    Ok(if trends.total.value == 0 { status::NOTHING_FOUND } else { status::DONE })
}

fn field(by: SeriesBy) -> FacetField {
    match by {
        SeriesBy::Company => FacetField::Company,
        SeriesBy::Division => FacetField::Division,
        SeriesBy::About => FacetField::About,
        SeriesBy::Topic => FacetField::Topic,
        SeriesBy::Source => FacetField::Source,
        SeriesBy::Author => FacetField::Author,
        SeriesBy::Subject => FacetField::Subject,
        SeriesBy::Lang => FacetField::Lang,
    }
}

/// A chart has one form.
pub(super) fn check_ending(path: &Path) -> Result<()> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg")) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Argument, format!("a chart is written as SVG, not to {}", path.display()))
        .with_hint("name a file that ends in .svg; --format csv > FILE writes the numbers"))
}

/// Writes the chart, in place of a file of the same name.
pub(super) fn write_chart(trends: &Trends, path: &Path, when: When) -> Result<()> {
    let mut out = Destination::open(Some(path))?;
    out.write_all(chart(trends).svg().as_bytes()).map_err(|error| Error::io(path, error))?;
    out.finish()?;
    let name = path.display();
    report::note(when, &format!("{name}: {} articles, {}", grouped(trends.total.value), described(trends)));
    say_what_is_apart(trends, when);
    Ok(())
}

fn lines_of(trends: &Trends) -> impl Iterator<Item = (&Series, bool)> {
    let series = trends.series.iter().map(|series| (series, false));
    series.chain(trends.others.iter().map(|others| (others, true)))
}

fn has_shares(trends: &Trends) -> bool {
    trends.periods.iter().any(|period| period.all.is_some())
}

/// `by month, 2023-01 to 2025-06`
fn described(trends: &Trends) -> String {
    let every = trends.every.as_str();
    match &trends.periods[..] {
        [] if trends.total.value == 0 => format!("by {every}"),
        [] => format!("none of them in a {every}"),
        [one] => format!("by {every}, {}", one.label),
        [first, .., last] => format!("by {every}, {} to {}", first.label, last.label),
    }
}

fn chart(trends: &Trends) -> Chart {
    let is_share = has_shares(trends);
    let lines = lines_of(trends).map(|(series, is_rest)| Line {
        label: series.label.clone(),
        values: if is_share {
            series.shares.clone()
        } else {
            series.counts.iter().map(|count| Some(*count as f64)).collect()
        },
        is_rest,
    });
    let what = if is_share { "part of all articles" } else { "articles" };
    Chart {
        title: if trends.query == "*" { "all articles".to_owned() } else { trends.query.clone() },
        subtitle: format!("{what} {}", described(trends)),
        periods: trends.periods.iter().map(|period| period.label.clone()).collect(),
        lines: lines.collect(),
        is_share,
    }
}

/// Series as sparklines, `width` columns wide.
pub(super) fn human(trends: &Trends, width: usize) -> String {
    let mut out = String::new();
    let all: Vec<u64> = trends.periods.iter().filter_map(|period| period.all).collect();
    let is_share = has_shares(trends);
    let mut drawn = None;
    if let (Some(first), Some(last)) = (trends.periods.first(), trends.periods.last()) {
        let rows: Vec<Row> = lines_of(trends)
            .map(|(series, is_faint)| Row {
                name: series.label.clone(),
                counts: series.counts.clone(),
                of: all.clone(),
                figures: figures(series, &all),
                is_faint,
            })
            .collect();
        let table = sparkline::draw(&rows, &first.label, &last.label, width);
        out.push_str(&table.text);
        out.push('\n');
        drawn = Some(table);
    }
    let least = if trends.total.relation == Relation::AtLeast { "at least " } else { "" };
    let articles = if trends.total.value == 1 { "article" } else { "articles" };
    let mut notes = vec![format!(
        "{least}{} {articles}, {} ({:.1} ms)",
        grouped(trends.total.value),
        described(trends),
        trends.took_ms
    )];
    notes.extend(drawn.map(|drawn| scale(&drawn, trends, is_share)));
    notes.extend(apart(trends));
    notes.extend(trends.notes.iter().cloned());
    for note in notes {
        paint(&mut out, &clean(&note), style::FAINT);
        out.push('\n');
    }
    out
}

/// The total, with its part of all articles of the periods.
fn figures(series: &Series, all: &[u64]) -> String {
    let total = grouped(series.total);
    let of: u64 = all.iter().sum();
    if of == 0 {
        return total;
    }
    let counted: u64 = series.counts.iter().sum();
    format!("{total}  {:>6}", percent(counted as f64 / of as f64))
}

/// `█ is 12 articles; a column is 3 months`
fn scale(drawn: &Drawn, trends: &Trends, is_share: bool) -> String {
    let every = trends.every.as_str();
    let of = if drawn.merged == 1 { format!("a {every}") } else { format!("{} {every}s", drawn.merged) };
    let highest = if is_share {
        format!("{} of all articles of {of}", percent(drawn.largest))
    } else {
        let articles = if drawn.largest as u64 == 1 { "article" } else { "articles" };
        format!("{} {articles} in {of}", grouped(drawn.largest as u64))
    };
    let merged = if drawn.merged == 1 { String::new() } else { format!("; a column is {of}") };
    format!("█ is {highest}{merged}")
}

/// What lies in no period.
fn apart(trends: &Trends) -> Option<String> {
    let every = trends.every.as_str();
    let parts = [
        (trends.undated, "without a date".to_owned()),
        (trends.only_year, "dated by the year alone".to_owned()),
        (trends.only_month, "dated by the month alone".to_owned()),
    ];
    let named: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    (!named.is_empty()).then(|| format!("in no {every}: {}", named.join(", ")))
}

fn say_what_is_apart(trends: &Trends, when: When) {
    for note in apart(trends).iter().chain(&trends.notes) {
        report::note(when, note);
    }
}

/// A row for each count.
pub(super) fn rows(trends: &Trends) -> Vec<Vec<String>> {
    let is_share = has_shares(trends);
    let mut head = vec!["start", "period", "series", "path", "count"];
    if is_share {
        head.extend(["all", "share"]);
    }
    let mut rows = vec![head.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    for (series, _) in lines_of(trends) {
        for (at, period) in trends.periods.iter().enumerate() {
            let mut row = vec![
                period.start.clone(),
                period.label.clone(),
                series.label.clone(),
                series.path.clone().unwrap_or_default(),
                series.counts.get(at).copied().unwrap_or(0).to_string(),
            ];
            if is_share {
                row.push(period.all.map_or_else(String::new, |all| all.to_string()));
                let share = series.shares.get(at).copied().flatten();
                row.push(share.map_or_else(String::new, |share| format!("{share:.6}")));
            }
            rows.push(row);
        }
    }
    rows
}
