//! `dateline similar`: more like one article.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::args::{At, Filters, Paging, Said, Timeout, When, parse_time};
use super::destination::Destination;
use super::fields::{self, Item};
use super::input::{Decoded, Input};
use super::records::{self, Form};
use super::report::{self, status};
use super::{field_map, index, print_json, print_pages, results, search, terminal};
use crate::article::{Article, Tagger as _};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Node, Query};
use crate::search::{Like, Searcher, SimilarRequest};
use crate::tag::CompanyTagger;

#[derive(Args, Debug)]
pub(super) struct SimilarArgs {
    /// Id of an article of the index, as a search prints it, or a file with an article, or - for standard input
    #[arg(value_name = "ID|FILE")]
    article: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    said: Said,
    /// Where a field stands in JSON records of the file; may be repeated
    #[arg(long = "map", value_name = "FIELD=KEY")]
    map: Vec<String>,
    /// Hits to print
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Hits to pass over
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// How to print
    #[arg(long, value_enum, default_value_t = HitFormat::Human, value_name = "HOW")]
    format: HitFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Show what each hit shares with the article, and what it counts
    #[arg(long)]
    explain: bool,
    /// Time after which what was found is printed, up to 10s; none for no limit
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = parse_time)]
    timeout: Timeout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HitFormat {
    /// For reading
    Human,
    /// One object
    Json,
    /// One hit a line
    Jsonl,
    /// One hit a row, for spreadsheets
    Csv,
}

pub(super) fn run(args: &SimilarArgs, when: When, paging: Paging) -> Result<u8> {
    let searcher = index::open(&args.at.index, when)?.searcher()?;
    let Some(like) = like(args, &searcher, when)? else { return Ok(status::NOTHING_FOUND) };
    let (within, filters) = search::narrow(Query { root: Node::All }, &args.filters)?;
    let format = if args.json { HitFormat::Json } else { args.format };
    let request = SimilarRequest {
        articles: format == HitFormat::Csv,
        filters,
        within: (within.root != Node::All).then_some(within),
        limit: args.limit,
        offset: args.offset,
        explain: args.explain,
        timeout_ms: args.timeout.0,
        ..SimilarRequest::new(like)
    };
    let answer = searcher.similar(&request)?;
    let form = match format {
        HitFormat::Human => {
            print_pages(when, paging, &results::human(&answer, terminal::width(), terminal::is_read()))?;
            None
        }
        HitFormat::Json => {
            print_json(when, &answer)?;
            None
        }
        HitFormat::Jsonl => Some(Form::Lines { fields: None, version: None }),
        HitFormat::Csv => {
            let fields = fields::standard(fields::HIT_COLUMNS, true)?;
            Some(Form::Table { fields, has_mark: false })
        }
    };
    if let Some(form) = form {
        records::write_all(&mut Destination::open(None)?, form, |records| {
            answer.hits.iter().try_for_each(|hit| records.write(Item::hit(hit)))
        })?;
        for note in &answer.notes {
            report::note(when, note);
        }
    }
    Ok(search::found(answer.total.value))
}

/// The article that is meant. An id goes before a file of the same name: what is known of it is in the index.
fn like(args: &SimilarArgs, searcher: &Searcher, when: When) -> Result<Option<Like>> {
    if args.article != "-" && searcher.get(&args.article)?.is_some() {
        return Ok(Some(Like::Id(args.article.clone())));
    }
    if args.article != "-" && !Path::new(&args.article).exists() {
        report::note(when, &format!("there is no article with the id {0} and no file {0}", args.article));
        return Ok(None);
    }
    let input =
        Input { paths: &[args.article.clone().into()], format: args.said.format, map: field_map(&args.map)? };
    let Decoded { mut articles, .. } = input.decoded(when)?;
    if articles.is_empty() {
        return Err(Error::new(ErrorKind::Argument, format!("there is no article in {}", args.article))
            .with_hint("name a file that dateline index can read"));
    }
    let found = articles.len();
    let first: Article = articles.swap_remove(0);
    if found > 1 {
        report::note(when, &format!("{} has {found} articles; this is of the first one", args.article));
    }
    let tags = CompanyTagger::new(searcher.gazetteer()?).tag(&first);
    Ok(Some(Like::Article { article: Box::new(first), tags: Box::new(tags) }))
}
