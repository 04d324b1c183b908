//! `dateline inspect`: what would be read from files and why, without an index.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;
use serde::Serialize;

use super::args::{InspectArgs, Limit, When};
use super::input::Input;
use super::progress::by_class;
use super::report::{self, status};
use super::terminal::{self, clean, clean_lines, paint, style, width, wrap};
use super::{field_map, json, now};
use crate::article::{DateSource, Precision, TitleSource};
use crate::decode::{Decoded, decode_each};
use crate::error::{Error, ErrorKind, Result};
use crate::source::{Found, FoundBy, Opened, Record, Skipped};

/// Articles that are shown to a reader who asks for no number.
const SHOWN: usize = 10;

/// Characters of a text that are shown of how it begins.
const BEGINNING: usize = 300;

/// Columns before the values.
const INDENT: usize = 13;

pub(super) fn run(args: &InspectArgs, when: When) -> Result<u8> {
    let default = if args.json { None } else { Some(SHOWN) };
    let limit = args.limit.map_or(default, |Limit(limit)| limit);
    let mut articles = 0;
    let mut skipped_by_class: BTreeMap<String, u64> = BTreeMap::new();
    let (mut is_first, mut is_enough, mut is_gone) = (true, false, false);
    let mut out = terminal::stdout(when);
    let input = Input { paths: &args.files, format: args.said.format, map: field_map(&args.map)? };
    let outcome = input.read(&mut |found| {
        let (record, outcomes) = match found {
            Found::Record(record) => {
                let outcomes = decode_each(&record, &input.map, now());
                (Some(record), outcomes)
            }
            Found::Skipped(skipped) => (None, vec![Err(skipped)]),
            Found::Warned(warned) => {
                report::warning(when, &format!("{}: {}", warned.at, warned.reason));
                return Ok(());
            }
        };
        let opened = record.as_ref().map(|record| &*record.opened);
        for outcome in &outcomes {
            let text = match (&record, outcome) {
                (Some(record), Ok(_)) if limit.is_some_and(|limit| articles >= limit) => {
                    is_enough = true;
                    let reason = format!("{} is not looked at any more", record.origin);
                    return Err(Error::new(ErrorKind::Cancelled, reason));
                }
                (Some(record), Ok(decoded)) => {
                    articles += 1;
                    if args.json {
                        line(&Inspected::new(record, decoded, args.full))?
                    } else {
                        human(record, decoded, args.full)
                    }
                }
                (_, Err(skipped)) => {
                    *skipped_by_class.entry(skipped.class.clone()).or_default() += 1;
                    if args.json { line(skipped)? } else { human_skipped(skipped, opened) }
                }
                (None, Ok(_)) => String::new(),
            };
            let gap = if args.json || std::mem::replace(&mut is_first, false) { "" } else { "\n" };
            out.write_all(gap.as_bytes())
                .and_then(|()| out.write_all(text.as_bytes()))
                .and_then(|()| out.flush())
                .map_err(|error| {
                    is_gone = error.kind() == io::ErrorKind::BrokenPipe;
                    Error::io("standard output", error)
                })?;
        }
        Ok(())
    });
    let ignored = match outcome {
        Err(_) if is_gone => return Ok(status::DONE),
        Err(_) if is_enough => 0,
        outcome => outcome?,
    };
    let skipped: u64 = skipped_by_class.values().sum();
    if !args.json {
        report::note(when, &summary(articles, &skipped_by_class, ignored, is_enough));
    }
    Ok(match (articles, skipped) {
        (_, 1..) => status::SKIPPED,
        (0, 0) => status::NOTHING_FOUND,
        _ => status::DONE,
    })
}

fn summary(articles: usize, skipped: &BTreeMap<String, u64>, ignored: u64, is_enough: bool) -> String {
    let mut said = vec![format!("{articles} {}", if articles == 1 { "article" } else { "articles" })];
    let count: u64 = skipped.values().sum();
    if count > 0 {
        said.push(format!("{count} skipped ({})", by_class(skipped)));
    }
    if ignored > 0 {
        said.push(format!("{ignored} passed over by name"));
    }
    if is_enough {
        said.push("there are more, which -n all shows".to_owned());
    }
    said.join(", ")
}

fn line(value: &impl Serialize) -> Result<String> {
    let line = json::to_string(value).map_err(|error| {
        Error::new(ErrorKind::Internal, "a record can't be written as JSON").caused_by(error)
    })?;
    Ok(format!("{line}\n"))
}

/// The line of JSON of one article. What is skipped is a line with `at`, `class` and `reason`.
#[derive(Serialize)]
struct Inspected<'a> {
    at: String,
    ordinal: u64,
    format: &'static str,
    found_by: &'static str,
    /// Packings and archives, from the outside in.
    wrapped_in: &'a [&'static str],
    charset: &'static str,
    /// Characters that could not be read.
    replaced: usize,
    id: &'a str,
    title: &'a str,
    title_source: TitleSource,
    date: Option<String>,
    date_precision: Option<Precision>,
    date_source: Option<DateSource>,
    source: Option<&'a str>,
    authors: &'a [String],
    place: Option<&'a str>,
    lang: Option<&'a str>,
    url: Option<&'a str>,
    words: usize,
    /// The text, or how it begins.
    body: &'a str,
    body_is_cut: bool,
    warnings: &'a [Skipped],
}

impl<'a> Inspected<'a> {
    fn new(record: &'a Record, decoded: &'a Decoded, is_full: bool) -> Self {
        let article = &decoded.article;
        let published = article.published.as_ref();
        let body = if is_full { &*article.body } else { beginning(&article.body) };
        Self {
            at: record.origin.to_string(),
            ordinal: record.origin.ordinal,
            format: record.opened.format.name(),
            found_by: match record.opened.by {
                FoundBy::User => "user",
                FoundBy::Look => "look",
                FoundBy::Ending => "ending",
                FoundBy::Default => "default",
            },
            wrapped_in: &record.opened.wrappings,
            charset: decoded.charset,
            replaced: decoded.replaced,
            id: &article.id,
            title: &article.title,
            title_source: article.title_source,
            date: published.map(ToString::to_string),
            date_precision: published.map(|published| published.precision),
            date_source: published.map(|published| published.source),
            source: article.source.as_deref(),
            authors: &article.authors,
            place: article.place.as_deref(),
            lang: article.lang.as_deref(),
            url: article.url.as_deref(),
            words: words(&article.body),
            body,
            body_is_cut: body.len() < article.body.len(),
            warnings: &decoded.warnings,
        }
    }
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(BEGINNING).map_or(text, |(at, _)| &text[..at])
}

fn human(record: &Record, decoded: &Decoded, is_full: bool) -> String {
    let article = &decoded.article;
    let mut out = place(&record.origin.to_string());
    fact(&mut out, "format", &format_of(&record.opened));
    let replaced = match decoded.replaced {
        0 => String::new(),
        1 => ", 1 character could not be read".to_owned(),
        count => format!(", {count} characters could not be read"),
    };
    fact(&mut out, "charset", &format!("{}{replaced}", decoded.charset));
    let title_source = match article.title_source {
        TitleSource::Markup => "a field or element",
        TitleSource::Headline => "the first line",
        TitleSource::Lead => "the first sentence",
    };
    fact(&mut out, "title", &format!("{} (from {title_source})", article.title));
    let date = article.published.as_ref().map_or_else(
        || "none".to_owned(),
        |published| {
            let precision = match published.precision {
                Precision::Year => "to the year",
                Precision::Month => "to the month",
                Precision::Day => "to the day",
                Precision::Second => "to the second",
            };
            let source = match published.source {
                DateSource::Metadata => "a field or element",
                DateSource::Dateline => "the dateline",
                DateSource::Body => "a line of the text",
                DateSource::Filename => "the name of the file",
            };
            format!("{published} ({precision}, from {source})")
        },
    );
    fact(&mut out, "date", &date);
    let authors = article.authors.join(", ");
    let facts = [
        ("source", article.source.as_deref()),
        ("author", Some(&*authors).filter(|authors| !authors.is_empty())),
        ("place", article.place.as_deref()),
        ("lang", article.lang.as_deref()),
        ("url", article.url.as_deref()),
        ("id", Some(&*article.id)),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            fact(&mut out, name, value);
        }
    }
    for warning in &decoded.warnings {
        fact(&mut out, "warning", &format!("{}: {}", warning.class, warning.reason));
    }
    let count = words(&article.body);
    fact(&mut out, "text", &format!("{count} {}", if count == 1 { "word" } else { "words" }));
    let text = if is_full { &*article.body } else { beginning(&article.body) };
    let is_cut = text.len() < article.body.len();
    let paragraphs: Vec<&str> = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()).collect();
    for (at, paragraph) in paragraphs.iter().enumerate() {
        let mut shown = clean_lines(paragraph).replace('\n', " ");
        if is_cut && at + 1 == paragraphs.len() {
            shown.push('…');
        }
        wrap(&mut out, &[(shown, Style::new())], INDENT, width());
    }
    out
}

fn human_skipped(skipped: &Skipped, opened: Option<&Opened>) -> String {
    let mut out = place(&skipped.at);
    if let Some(opened) = opened {
        fact(&mut out, "format", &format_of(opened));
    }
    fact(&mut out, "skipped", &format!("{}: {}", skipped.class, skipped.reason));
    out
}

/// `jsonl, by its ending, in gzip in tar`
fn format_of(opened: &Opened) -> String {
    let by = match opened.by {
        FoundBy::User => "as you say",
        FoundBy::Look => "by its first bytes",
        FoundBy::Ending => "by its ending",
        FoundBy::Default => "because it looks like nothing else",
    };
    let wrappings: String = opened.wrappings.iter().rev().map(|name| format!(" in {name}")).collect();
    format!("{}{wrappings}, {by}", opened.format)
}

fn place(at: &str) -> String {
    let mut out = String::new();
    paint(&mut out, &clean(at), style::TITLE);
    out.push('\n');
    out
}

fn fact(out: &mut String, name: &str, value: &str) {
    out.push_str("  ");
    paint(out, &format!("{name:<width$}", width = INDENT - 2), style::FAINT);
    let mut lines = String::new();
    wrap(&mut lines, &[(clean(value), Style::new())], INDENT, width());
    out.push_str(lines.trim_start_matches(' '));
}
