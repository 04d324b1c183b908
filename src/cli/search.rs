//! `dateline search` and `dateline facets`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::args::{
    At, By, FacetsArgs, Filters, ListFormat, Match, Paging, SearchArgs, SearchFormat, SortBy, When, Words,
};
use super::destination::Destination;
use super::fields::{self, Field, Item, Selected, Selection};
use super::records::{self, Form};
use super::report::{self, status};
use super::{
    csv, index, interrupt, json, print, print_json, print_pages, read_text, results, terminal, terms,
};
use crate::error::{Error, ErrorKind, Result};
use crate::eval::{Topic, read_topics};
use crate::query::{Bound, DateValue, NameField, Node, Parsed, Query, Synonyms, ValueField, parse};
use crate::search::{
    DistinctiveTerms, FacetField, FacetRequest, FacetValue, Filter, Hit, SearchRequest, SearchResults,
    Searcher, Sort,
};

/// Hits on a page for a reader.
const PAGE: usize = 10;

/// Hits of a query in a batch.
pub(super) const BATCH: usize = 1000;

/// Values of a facet beside hits.
const FACET_VALUES: usize = 10;

/// Time of a search, in milliseconds.
const TIMEOUT_MS: Option<u64> = Some(2000);

/// Characters of a snippet.
const SNIPPET: usize = 240;

/// Hits that are found at once; more are streamed.
const MOST_AT_ONCE: usize = 1000;

pub(super) fn run(args: &SearchArgs, when: When, paging: Paging) -> Result<u8> {
    let format = if args.json { SearchFormat::Json } else { args.format };
    let fields = fields_of(args, format)?;
    let searcher = open(&args.at, &args.words, when)?;
    if let Some(path) = &args.queries {
        let queries = read_topics(&read_text(path)?, &path.to_string_lossy())?;
        return batch(&searcher, args, &queries, format, when);
    }
    let parsed = read_query(&args.query.join(" "), args.matching)?;
    let mut request = request(args, parsed.query.clone(), PAGE)?;
    request.articles = fields.is_some();
    if args.explain_query {
        let text = searcher.explain_query(&parsed, &request)?;
        report::note(when, &format!("query: {}", parsed.query));
        for line in text.lines() {
            report::note(when, line);
        }
    }
    match format {
        SearchFormat::Jsonl => {
            let form = Form::Lines { fields, version: None };
            return listed(&searcher, &parsed, &request, form, when);
        }
        SearchFormat::Csv => {
            let fields = fields.map_or_else(|| fields::standard(fields::HIT_COLUMNS, true), Ok)?;
            let form = Form::Table { fields, has_mark: args.bom };
            return listed(&searcher, &parsed, &request, form, when);
        }
        SearchFormat::Trec => {
            let ranked = searcher.ranked_ids(&parsed, &request)?;
            print(when, &results::trec("1", &ranked))?;
            return Ok(found(ranked.len() as u64));
        }
        SearchFormat::Human | SearchFormat::Json => {}
    }
    let mut answer = searcher.search_parsed(&parsed, &request)?;
    let count = answer.total.value;
    if let Some(fields) = &fields {
        let hits = std::mem::take(&mut answer.hits);
        print_json(when, &Projected { answer, hits: &hits, fields })?;
    } else if format == SearchFormat::Json {
        print_json(when, &answer)?;
    } else {
        print_pages(when, paging, &results::human(&answer, terminal::width(), terminal::is_read()))?;
        if searcher.is_stale() {
            report::note(
                when,
                "the company list has changed since the index was tagged; `dateline retag` applies it",
            );
        }
    }
    Ok(found(count))
}

/// The fields that were asked for, and whether the format has a place for what was asked for.
fn fields_of(args: &SearchArgs, format: SearchFormat) -> Result<Option<Selection>> {
    let refuse = |reason: &str, hint: &str| Err(Error::new(ErrorKind::Argument, reason).with_hint(hint));
    if args.bom && format != SearchFormat::Csv {
        return refuse("only CSV has a byte order mark", "leave --bom out, or choose --format csv");
    }
    let is_listed = matches!(format, SearchFormat::Jsonl | SearchFormat::Csv);
    let most = args.limit.map_or(0, |limit| limit.0.unwrap_or(usize::MAX));
    if is_listed && most > MOST_AT_ONCE && args.timeout.is_some_and(|timeout| timeout.0.is_some()) {
        return refuse(
            "more than 1,000 hits come one after the other and have no time limit",
            "leave --timeout out; an interruption ends the output with a whole line",
        );
    }
    if !is_listed && most == usize::MAX {
        return refuse("all hits come as lines or rows alone", "choose --format jsonl or csv");
    }
    let Some(names) = &args.fields else { return Ok(None) };
    match format {
        SearchFormat::Human => {
            refuse("fields can't be chosen for a reader", "choose --format json, jsonl or csv")
        }
        SearchFormat::Trec => {
            refuse("a TREC run has fields of its own", "choose --format json, jsonl or csv")
        }
        SearchFormat::Json | SearchFormat::Jsonl | SearchFormat::Csv => {
            fields::select(names.iter().map(String::as_str), true).map(Some)
        }
    }
}

/// An answer whose hits have the fields that were asked for.
struct Projected<'a> {
    answer: SearchResults,
    hits: &'a [Hit],
    fields: &'a [&'static Field],
}

impl Serialize for Projected<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let hits =
            self.hits.iter().map(|hit| Selected { fields: self.fields, item: Item::hit(hit), version: None });
        let mut answer = serde_json::to_value(&self.answer).map_err(S::Error::custom)?;
        answer["hits"] =
            hits.map(serde_json::to_value).collect::<Result<_, _>>().map_err(S::Error::custom)?;
        answer.serialize(serializer)
    }
}

/// Hits as lines or rows. Up to a page of them is found at once, in the time that a search has; more are streamed.
fn listed(
    searcher: &Searcher,
    parsed: &Parsed,
    request: &SearchRequest,
    form: Form,
    when: When,
) -> Result<u8> {
    let request = &SearchRequest {
        articles: request.articles || matches!(form, Form::Table { .. }),
        ..request.clone()
    };
    let mut out = Destination::open(None)?;
    // Lines and rows have no place for what has to be known of the whole.
    let tell = |terms: Option<&DistinctiveTerms>, notes: &[String]| {
        for note in terms.map(terms::line).iter().chain(notes) {
            report::note(when, note);
        }
    };
    if request.limit <= MOST_AT_ONCE {
        let answer = searcher.search_parsed(parsed, request)?;
        records::write_all(&mut out, form, |records| {
            answer.hits.iter().try_for_each(|hit| records.write(Item::hit(hit)))
        })?;
        tell(answer.terms.as_ref(), &answer.notes);
        return Ok(found(answer.total.value));
    }
    let hits = searcher.clone().with_cancel(&interrupt::flag()).stream_parsed(parsed, request)?;
    let terms = match request.terms {
        0 => None,
        limit => Some(searcher.distinctive_terms(request, limit)?),
    };
    tell(terms.as_ref(), hits.notes());
    let total = hits.total();
    records::write_all(&mut out, form, |records| {
        for hit in hits {
            records.write(Item::hit(&hit?))?;
        }
        Ok(())
    })?;
    Ok(found(total))
}

pub(super) fn open(at: &At, words: &Words, when: When) -> Result<Searcher> {
    let searcher = index::open(&at.index, when)?.searcher()?;
    if words.no_synonyms {
        return Ok(searcher.with_synonyms(Arc::default()));
    }
    let Some(path) = &words.synonyms else { return Ok(searcher) };
    let own = Synonyms::read(&read_text(path)?, &path.to_string_lossy())?;
    Ok(searcher.with_synonyms(Arc::new(Synonyms::builtin().overlaid(&own))))
}

pub(super) fn found(count: u64) -> u8 {
    if count == 0 { status::NOTHING_FOUND } else { status::DONE }
}

pub(super) fn lines(values: &[impl Serialize]) -> Result<String> {
    let mut out = String::new();
    for value in values {
        let line = json::to_string(value).map_err(|error| {
            Error::new(ErrorKind::Internal, "a hit can't be written as JSON").caused_by(error)
        })?;
        out.push_str(&line);
        out.push('\n');
    }
    Ok(out)
}

/// The words as a query. As a bag of words nothing in them is syntax.
pub(super) fn read_query(text: &str, matching: Match) -> Result<Parsed> {
    match matching {
        Match::All => parse(text),
        Match::Any => {
            Ok(Parsed { text: text.to_owned(), query: Query::any_of_words(text), names: Vec::new() })
        }
        Match::AtLeast(minimum) => {
            let query = Query::several_of_words(text, minimum);
            Ok(Parsed { text: text.to_owned(), query, names: Vec::new() })
        }
    }
}

fn request(args: &SearchArgs, query: Query, page: usize) -> Result<SearchRequest> {
    let (query, filters) = narrow(query, &args.filters)?;
    let facets =
        args.facets.iter().flatten().map(|by| FacetRequest { field: field(*by), limit: FACET_VALUES });
    Ok(SearchRequest {
        filters,
        limit: args.limit.map_or(page, |limit| limit.0.unwrap_or(usize::MAX)),
        offset: args.offset,
        after: args.after.clone(),
        sort: match args.sort {
            SortBy::Relevance => Sort::Relevance,
            SortBy::Newest => Sort::Newest,
            SortBy::Oldest => Sort::Oldest,
            SortBy::Id => Sort::Id,
        },
        facets: facets.collect(),
        terms: args.terms.unwrap_or(0),
        explain: args.explain,
        snippet_chars: SNIPPET,
        passages: usize::from(args.passages),
        bag_of_words: args.matching != Match::All,
        expand: args.expand,
        timeout_ms: args.timeout.map_or(TIMEOUT_MS, |timeout| timeout.0),
        ..SearchRequest::new(query)
    })
}

/// The filters of the command line. Dates become a part of the query, because no facet has to ignore them.
pub(super) fn narrow(query: Query, filters: &Filters) -> Result<(Query, Vec<Filter>)> {
    let named = [
        (NameField::Company, &filters.company),
        (NameField::Division, &filters.division),
        (NameField::About, &filters.about),
        (NameField::Topic, &filters.topic),
        (NameField::Source, &filters.source),
        (NameField::Lang, &filters.lang),
    ];
    let filters_by_name = named
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(field, values)| Filter { field, values: values.clone() })
        .collect();
    let mut clauses = vec![query.root];
    let lower = filters.since.as_deref().map(|text| date("--since", text)).transpose()?;
    let upper = filters.until.as_deref().map(|text| date("--until", text)).transpose()?;
    if lower.is_some() || upper.is_some() {
        let bound = |date: Option<DateValue>| date.map_or(Bound::Open, Bound::Date);
        clauses.push(Node::Range { field: ValueField::Date, lower: bound(lower), upper: bound(upper) });
    }
    let root = match clauses.len() {
        1 => clauses.remove(0),
        _ => Node::And { clauses },
    };
    Ok((Query { root }, filters_by_name))
}

fn date(option: &str, text: &str) -> Result<DateValue> {
    DateValue::read(text).ok_or_else(|| {
        Error::new(ErrorKind::Argument, format!("{option} {text} is not a date"))
            .with_hint("write it like 2024, 2024-05, 2024-05-17, yesterday, 30d or 1y")
    })
}

pub(super) fn field(by: By) -> FacetField {
    match by {
        By::Company => FacetField::Company,
        By::Division => FacetField::Division,
        By::About => FacetField::About,
        By::Topic => FacetField::Topic,
        By::Source => FacetField::Source,
        By::Author => FacetField::Author,
        By::Subject => FacetField::Subject,
        By::Lang => FacetField::Lang,
        By::Year => FacetField::Year,
        By::Month => FacetField::Month,
        By::Day => FacetField::Day,
    }
}

/// One query of a batch with its answer.
#[derive(Serialize)]
struct Answered<'a> {
    id: &'a str,
    #[serde(flatten)]
    results: &'a SearchResults,
}

/// An error of one query of a file, with its name.
pub(super) fn of_topic(id: &str, error: &Error) -> Error {
    let hint = error.hint().unwrap_or("in a file of questions, --match any takes the words as they are");
    Error::new(error.kind(), format!("query {id}: {}", error.message())).with_hint(hint.to_owned())
}

fn batch(
    searcher: &Searcher,
    args: &SearchArgs,
    queries: &[Topic],
    format: SearchFormat,
    when: When,
) -> Result<u8> {
    let mut out = String::new();
    let mut any = 0;
    for Topic { id, text } in queries {
        let named = |error: Error| of_topic(id, &error);
        let parsed = read_query(text, args.matching).map_err(named)?;
        match format {
            SearchFormat::Trec => {
                let request = request(args, parsed.query.clone(), BATCH)?;
                let ranked = searcher.ranked_ids(&parsed, &request).map_err(named)?;
                any += ranked.len() as u64;
                out.push_str(&results::trec(id, &ranked));
            }
            SearchFormat::Jsonl => {
                let request = request(args, parsed.query.clone(), PAGE)?;
                let results = searcher.search_parsed(&parsed, &request).map_err(named)?;
                any += results.total.value;
                out.push_str(&lines(&[Answered { id, results: &results }])?);
            }
            _ => {
                return Err(Error::new(ErrorKind::Argument, "a file of queries has no such output")
                    .with_hint("choose --format trec or --format jsonl"));
            }
        }
    }
    print(when, &out)?;
    Ok(found(any))
}

pub(super) fn facets(args: &FacetsArgs, when: When, paging: Paging) -> Result<u8> {
    let searcher = open(&args.at, &args.words, when)?;
    let text = if args.query.is_empty() { "*".to_owned() } else { args.query.join(" ") };
    let parsed = parse(&text)?;
    let (query, filters) = narrow(parsed.query.clone(), &args.filters)?;
    let facets = args.by.iter().map(|by| FacetRequest { field: field(*by), limit: args.limit }).collect();
    let request = SearchRequest { filters, limit: 0, facets, timeout_ms: None, ..SearchRequest::new(query) };
    let answer = searcher.search_parsed(&parsed, &request)?;
    match args.format {
        ListFormat::Human => {
            let width = terminal::width();
            let mut out = String::new();
            for (field, values) in &answer.facets {
                results::write_facet(&mut out, field, values, width);
            }
            print_pages(when, paging, &out)?;
        }
        ListFormat::Json => {
            print_json(when, &FacetAnswer { total: answer.total.value, facets: &answer.facets })?;
        }
        ListFormat::Jsonl => {
            let rows: Vec<Row<'_>> = rows(&answer.facets).collect();
            print(when, &lines(&rows)?)?;
        }
        ListFormat::Csv => {
            let row = |row: Row<'_>| {
                let path = row.path.unwrap_or_default();
                vec![row.facet.to_owned(), path.to_owned(), row.label.to_owned(), row.count.to_string()]
            };
            let rows: Vec<Vec<String>> = rows(&answer.facets).map(row).collect();
            print(when, &csv::to_csv(&["facet", "path", "label", "count"], &rows)?)?;
        }
    }
    Ok(found(answer.total.value))
}

#[derive(Serialize)]
struct FacetAnswer<'a> {
    total: u64,
    facets: &'a BTreeMap<String, Vec<FacetValue>>,
}

/// A facet value as a line.
#[derive(Serialize)]
struct Row<'a> {
    facet: &'a str,
    path: Option<&'a str>,
    label: &'a str,
    count: u64,
}

fn rows(facets: &BTreeMap<String, Vec<FacetValue>>) -> impl Iterator<Item = Row<'_>> {
    facets.iter().flat_map(|(facet, values)| {
        values.iter().flat_map(move |value| {
            std::iter::once(value).chain(&value.children).map(move |value| Row {
                facet,
                path: value.path.as_deref(),
                label: &value.label,
                count: value.count,
            })
        })
    })
}
