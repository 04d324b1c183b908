//! `dateline compare`: queries side by side.

use std::path::PathBuf;

use clap::Args;

use super::args::{At, By, Filters, Paging, Timeout, When, Words, parse_time};
use super::chart::percent;
use super::progress::grouped;
use super::report::{self, status};
use super::terminal::{clean, columns, paint, shorten, style};
use super::trends::{self, Length, TableFormat, check_ending, write_chart};
use super::{csv, print, print_json, print_pages, search, terminal};
use crate::error::Result;
use crate::query::parse;
use crate::search::{CompareRequest, Compared, Comparison, FacetRequest, Relation};
use anstyle::Style;

#[derive(Args, Debug)]
pub(super) struct CompareArgs {
    /// Two to eight queries, each as one argument; search:NAME is one that was saved
    #[arg(value_name = "QUERY", required = true, num_args = 2.., allow_hyphen_values = false)]
    queries: Vec<String>,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    words: Words,
    /// What to count of each
    #[arg(
        long,
        value_enum,
        value_name = "FIELD,…",
        value_delimiter = ',',
        default_value = "company,topic,source"
    )]
    by: Vec<By>,
    /// Values of each to print
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = 5)]
    limit: usize,
    /// Distinctive words of each to print
    #[arg(long, value_name = "N", default_value_t = 10)]
    terms: usize,
    /// Count each over time as well
    #[arg(long, value_enum, value_name = "PERIOD")]
    every: Option<Length>,
    /// How to print
    #[arg(long, value_enum, default_value_t = TableFormat::Human, value_name = "HOW")]
    format: TableFormat,
    /// Write a chart of the counts over time instead
    #[arg(short, long, value_name = "FILE.svg", conflicts_with = "format", requires = "every")]
    output: Option<PathBuf>,
    /// Time after which the numbers are printed as far as they have come, up to 10s; none for no limit
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_time)]
    timeout: Timeout,
}

pub(super) fn run(args: &CompareArgs, when: When, paging: Paging) -> Result<u8> {
    if let Some(path) = &args.output {
        check_ending(path)?;
    }
    let searcher = search::open(&args.at, &args.words, when)?;
    let mut parsed = Vec::new();
    let mut queries = Vec::new();
    let mut filters = Vec::new();
    for text in &args.queries {
        let one = parse(text)?;
        let (query, named) = search::narrow(one.query.clone(), &args.filters)?;
        parsed.push(one);
        queries.push(query);
        filters = named;
    }
    let facets = args.by.iter().map(|by| FacetRequest { field: search::field(*by), limit: args.limit });
    let request = CompareRequest {
        filters,
        facets: facets.collect(),
        terms: args.terms,
        every: args.every.map(Length::every),
        timeout_ms: args.timeout.0,
        ..CompareRequest::new(queries)
    };
    let comparison = searcher.compare_parsed(&parsed, &request)?;
    if let (Some(path), Some(trends)) = (&args.output, &comparison.trends) {
        write_chart(trends, path, when)?;
    } else {
        match args.format {
            TableFormat::Human => print_pages(when, paging, &human(&comparison, terminal::width()))?,
            TableFormat::Json => print_json(when, &comparison)?,
            TableFormat::Csv => {
                print(when, &csv::lines_to_csv(&rows(&comparison))?)?;
                for note in &comparison.notes {
                    report::note(when, note);
                }
            }
        }
    }
    let is_any = comparison.queries.iter().any(|query| query.total.value > 0);
    Ok(if is_any { status::DONE } else { status::NOTHING_FOUND })
}

/// Columns of the names of lines, of a query at least, and between two queries.
const HEAD: usize = 10;
const CELL: usize = 20;
const GAP: usize = 2;

/// Most columns of a query.
const WIDEST: usize = 32;

/// A line of the table: its name, and a text with a number for each query.
struct Line {
    name: String,
    is_title: bool,
    cells: Vec<(String, String)>,
}

fn human(comparison: &Comparison, width: usize) -> String {
    let mut out = String::new();
    // Queries that do not fit beside each other stand below.
    let fit = (width.saturating_sub(HEAD) / (CELL + GAP)).max(1);
    let most = comparison.queries.len().div_ceil(comparison.queries.len().div_ceil(fit));
    for some in comparison.queries.chunks(most) {
        let room = (width.saturating_sub(HEAD) / some.len()).saturating_sub(GAP).min(WIDEST);
        write_table(&mut out, &table(some), room);
        out.push('\n');
    }
    if let Some(trends) = &comparison.trends {
        out.push_str(&trends::human(trends, width));
        out.push('\n');
    }
    paint(&mut out, "found by both", style::TITLE);
    out.push('\n');
    for overlap in &comparison.overlaps {
        let room = (width.saturating_sub(34) / 2).max(10);
        let name = |at: usize| shorten(&clean(&comparison.queries[at].label), room);
        out.push_str(&format!(
            "  {:>9}  {} · {}  ",
            grouped(overlap.both),
            name(overlap.left),
            name(overlap.right)
        ));
        paint(&mut out, &format!("{} of any", percent(overlap.share)), style::FAINT);
        out.push('\n');
    }
    out.push('\n');
    for note in words_read(comparison).iter().chain(&comparison.notes) {
        terminal::wrap(&mut out, &[(clean(note), style::FAINT)], 0, width);
    }
    out
}

/// What the numbers beside words are, and of which queries not every article was read for them.
fn words_read(comparison: &Comparison) -> Vec<String> {
    let mut notes = Vec::new();
    for query in &comparison.queries {
        let Some(terms) = &query.terms else { continue };
        if notes.is_empty() {
            notes.push(format!("words: {}, against the rest of the index", terms.statistic));
        }
        if terms.read < terms.set && terms.rest > 0 {
            let (read, set) = (grouped(terms.read), grouped(terms.set));
            notes.push(format!("words of {}: taken from a sample of {read} of {set}", query.label));
        }
    }
    notes
}

/// The lines of some queries.
fn table(queries: &[Compared]) -> Vec<Line> {
    let line = |name: &str, cell: &dyn Fn(&Compared) -> String| Line {
        name: name.to_owned(),
        is_title: false,
        cells: queries.iter().map(|query| (String::new(), cell(query))).collect(),
    };
    let date = |date: &Option<String>| date.clone().unwrap_or_else(|| "–".to_owned());
    let mut lines = vec![
        Line {
            name: String::new(),
            is_title: true,
            cells: queries.iter().map(|query| (query.label.clone(), String::new())).collect(),
        },
        line("articles", &|query| {
            let least = if query.total.relation == Relation::AtLeast { "at least " } else { "" };
            format!("{least}{}", grouped(query.total.value))
        }),
        line("first", &|query| date(&query.earliest)),
        line("last", &|query| date(&query.latest)),
    ];
    if queries.iter().any(|query| query.undated > 0) {
        lines.push(line("undated", &|query| grouped(query.undated)));
    }
    let fields: Vec<&String> = queries.first().map(|query| query.facets.keys().collect()).unwrap_or_default();
    for field in fields {
        let of = |query: &Compared| -> Vec<(String, String)> {
            let values = query.facets.get(field).into_iter().flatten();
            values.map(|value| (value.label.clone(), grouped(value.count))).collect()
        };
        add_lists(&mut lines, field, &queries.iter().map(of).collect::<Vec<_>>());
    }
    let words = |query: &Compared| -> Vec<(String, String)> {
        let terms = query.terms.iter().flat_map(|terms| &terms.terms);
        terms.map(|term| (term.word.clone(), format!("{:.0}", term.score))).collect()
    };
    if queries.iter().any(|query| query.terms.is_some()) {
        add_lists(&mut lines, "words, G²", &queries.iter().map(words).collect::<Vec<_>>());
    }
    lines
}

/// Lists beside each other; the name stands at the first line.
fn add_lists(lines: &mut Vec<Line>, name: &str, lists: &[Vec<(String, String)>]) {
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..longest.max(1) {
        let cells = lists.iter().map(|list| list.get(at).cloned().unwrap_or_default()).collect();
        let name = if at == 0 { name.to_owned() } else { String::new() };
        lines.push(Line { name, is_title: false, cells });
    }
}

fn write_table(out: &mut String, lines: &[Line], room: usize) {
    for Line { name, is_title, cells } in lines {
        let mut line = String::new();
        paint(&mut line, name, style::FAINT);
        line.extend(std::iter::repeat_n(' ', HEAD.saturating_sub(columns(name))));
        for (text, number) in cells {
            let number = clean(number);
            let text = shorten(&clean(text), room.saturating_sub(columns(&number) + 1));
            let gap = room.saturating_sub(columns(&text) + columns(&number));
            line.extend(std::iter::repeat_n(' ', GAP));
            paint(&mut line, &text, if *is_title { style::TITLE } else { Style::new() });
            line.extend(std::iter::repeat_n(' ', gap));
            line.push_str(&number);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// A row for each number.
fn rows(comparison: &Comparison) -> Vec<Vec<String>> {
    let head = ["query", "what", "path", "label", "count", "others"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut add = |query: &str, what: &str, path: &str, label: &str, count: String, others: String| {
        rows.push(vec![query.into(), what.into(), path.into(), label.into(), count, others]);
    };
    let none = String::new;
    for query in &comparison.queries {
        let name = &query.label;
        add(name, "articles", "", "", query.total.value.to_string(), none());
        add(name, "undated", "", "", query.undated.to_string(), none());
        for (what, date) in [("first", &query.earliest), ("last", &query.latest)] {
            add(name, what, "", date.as_deref().unwrap_or_default(), none(), none());
        }
        for (field, values) in &query.facets {
            for value in values.iter().flat_map(|value| std::iter::once(value).chain(&value.children)) {
                let path = value.path.as_deref().unwrap_or_default();
                add(name, field, path, &value.label, value.count.to_string(), none());
            }
        }
        for term in query.terms.iter().flat_map(|terms| &terms.terms) {
            add(name, "word", "", &term.word, term.in_set.to_string(), term.in_rest.to_string());
        }
    }
    for overlap in &comparison.overlaps {
        let name = |at: usize| &*comparison.queries[at].label;
        add(name(overlap.left), "both", "", name(overlap.right), overlap.both.to_string(), none());
    }
    if let Some(trends) = &comparison.trends {
        for series in &trends.series {
            for (period, count) in trends.periods.iter().zip(&series.counts) {
                let every = trends.every.as_str();
                add(&series.label, every, &period.start, &period.label, count.to_string(), none());
            }
        }
    }
    rows
}
