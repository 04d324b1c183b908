//! `dateline export`: all articles, or those of a query, one after the other.

use super::args::{ExportArgs, ExportFormat, When};
use super::destination::Destination;
use super::fields::{self, Item, Selection};
use super::progress::grouped;
use super::records::{self, Form};
use super::report::{self, status};
use super::{interrupt, search};
use crate::decode::OWN_VERSION;
use crate::error::{Error, ErrorKind, Result};
use crate::query::parse;
use crate::search::ExportRequest;

pub(super) fn run(args: &ExportArgs, when: When) -> Result<u8> {
    let form = form(args)?;
    let searcher = search::open(&args.at, &args.words, when)?.with_cancel(&interrupt::flag());
    let text = if args.query.is_empty() { "*".to_owned() } else { args.query.join(" ") };
    let parsed = parse(&text)?;
    let (query, filters) = search::narrow(parsed.query.clone(), &args.filters)?;
    let request = ExportRequest { filters, ..ExportRequest::new(query) };
    let articles = searcher.export_parsed(&parsed, &request)?;
    for note in articles.notes() {
        report::note(when, note);
    }
    let total = articles.total();
    let mut out = Destination::open(args.output.as_deref())?;
    let is_read = records::write_all(&mut out, form, |records| {
        for stored in articles {
            records.write(Item::article(&stored?))?;
        }
        Ok(())
    })?;
    let is_file = matches!(out, Destination::Whole { .. });
    if is_read {
        out.finish()?;
    }
    if let (true, Some(path)) = (is_file, &args.output) {
        let articles = if total == 1 { "article" } else { "articles" };
        report::note(when, &format!("{} {articles} in {}", grouped(total), path.display()));
    }
    Ok(if total == 0 { status::NOTHING_FOUND } else { status::DONE })
}

fn form(args: &ExportArgs) -> Result<Form> {
    let asked = args.fields.as_ref().map(|names| fields::select(names.iter().map(String::as_str), false));
    let asked: Option<Selection> = asked.transpose()?;
    let standard = |names: &str| {
        let names = if args.mentions { format!("{names},mentions") } else { names.to_owned() };
        fields::standard(&names, false)
    };
    match args.format {
        ExportFormat::Jsonl if args.bom => {
            Err(Error::new(ErrorKind::Argument, "JSON lines have no byte order mark")
                .with_hint("leave --bom out, or choose --format csv"))
        }
        // Only a line with all that makes an article is marked as one that is taken as it is.
        ExportFormat::Jsonl => Ok(match asked {
            Some(fields) => Form::Lines { fields: Some(fields), version: None },
            None => {
                Form::Lines { fields: Some(standard(fields::ARTICLE_FIELDS)?), version: Some(OWN_VERSION) }
            }
        }),
        ExportFormat::Csv => Ok(Form::Table {
            fields: asked.map_or_else(|| standard(fields::ARTICLE_COLUMNS), Ok)?,
            has_mark: args.bom,
        }),
    }
}
