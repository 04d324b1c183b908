//! The command line: the only code that prints, reads the environment or asks the terminal.
//!
//! Data goes to standard output, talk to standard error. Every command gives an exit status (see [`report`]).

mod args;
mod chart;
mod check;
mod companies;
mod compare;
mod csv;
mod destination;
mod eval;
mod export;
#[cfg(feature = "fetch")]
mod fetch;
mod fields;
mod formats;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod guard;
mod index;
mod input;
mod inspect;
mod interrupt;
mod json;
mod manual;
mod pager;
mod progress;
mod records;
mod repair;
mod report;
mod results;
mod saved;
mod search;
mod similar;
mod sparkline;
mod tags;
mod terminal;
mod terms;
mod trends;
mod upkeep;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, ValueEnum};

use crate::decode::FieldMap;
use crate::error::{Error, ErrorKind, Result};
use crate::search::{Searcher, StoredArticle};
use crate::tag::{CompanyTagger, Gazetteer};
use args::{ArticleArgs, Cli, Command, EvalCommand, ExplainArgs, Format, Paging, StatsArgs, TagArgs, When};
use input::{Decoded, Input};
use report::status;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer(error),
    };
    let when = cli.color;
    let paging = if cli.no_pager { Paging::Never } else { cli.pager };
    if cli.command.writes() {
        // Large pages are given whole where a part of one is used: a tenth of the memory of a run.
        #[cfg(target_os = "linux")]
        let _ = rustix::thread::disable_transparent_huge_pages(true);
    }
    let outcome = guard::run(|| match cli.command {
        Command::Index(args) => index::run(&args, when),
        Command::Inspect(args) => inspect::run(&args, when),
        Command::Formats(args) => formats::run(&args, when),
        #[cfg(feature = "fetch")]
        Command::Fetch(args) => fetch::run(&args, when),
        Command::Search(args) => search::run(&args, when, paging),
        Command::Export(args) => export::run(&args, when),
        Command::Facets(args) => search::facets(&args, when, paging),
        Command::Similar(args) => similar::run(&args, when, paging),
        Command::Trends(args) => trends::run(&args, when),
        Command::Compare(args) => compare::run(&args, when, paging),
        Command::Retag(args) => index::retag(&args, when),
        Command::Explain(args) => explain(&args, when, paging),
        Command::Show(args) => show(&args, when, paging),
        Command::Tag(args) => tag(&args, when, paging),
        Command::Stats(args) => stats(&args, when),
        Command::Check(args) => check::run(&args, when),
        Command::Repair(args) => repair::run(&args, false, when),
        Command::Upgrade(args) => repair::run(&args, true, when),
        Command::Compact(args) => upkeep::compact(&args, when),
        Command::Snapshot(args) => upkeep::copy(&args, when),
        Command::Companies(args) => companies::run(&args, when, paging),
        Command::Saved(args) => saved::run(&args, when),
        Command::Eval(EvalCommand::Tags(args)) => eval::tags(&args, when),
        Command::Eval(EvalCommand::Ranking(args)) => eval::ranking(&args, when),
        Command::Completions { shell } => manual::completions(shell, when),
        Command::Man { command } => manual::page(command.as_deref(), when),
    });
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            report::error(when, &error);
            ExitCode::from(report::status_of(error.kind()))
        }
    }
}

/// Prints what clap has to say in place of a command: help and version are answers, everything else is wrong use.
fn answer(error: clap::Error) -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let (when, is_wrong) = (typed_colour(&arguments), error.use_stderr());
    let text = printable(error, &arguments).render().ansi().to_string();
    // There is nobody to tell when the stream is closed.
    let _ = if is_wrong {
        terminal::stderr(when).write_all(text.as_bytes())
    } else {
        terminal::stdout(when).write_all(text.as_bytes())
    };
    ExitCode::from(if is_wrong { status::USAGE } else { status::DONE })
}

/// The value of `--color` among arguments that could not be read as a whole.
fn typed_colour(arguments: &[String]) -> When {
    let mut typed = None;
    let mut arguments = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix("--color") {
            Some("") => typed = arguments.next().map(String::as_str),
            Some(rest) => typed = rest.strip_prefix('=').or(typed),
            None => {}
        }
    }
    typed.and_then(|value| When::from_str(value, false).ok()).unwrap_or(When::Auto)
}

/// An error of the arguments that may be printed: clap repeats them as they came, whatever they do to a terminal.
fn printable(error: clap::Error, arguments: &[String]) -> clap::Error {
    if !arguments.iter().any(|argument| argument.contains(terminal::is_unsafe)) {
        return error;
    }
    match Cli::try_parse_from(arguments.iter().map(|argument| terminal::clean(argument))) {
        Err(cleaned) => cleaned,
        Ok(_) => Cli::command().error(error.kind(), "an argument has control characters in it"),
    }
}

/// Prints data; a closed pipe is success.
fn print(when: When, text: &str) -> Result<()> {
    terminal::print(when, text).map_err(|error| Error::io("standard output", error))
}

/// Prints text for a reader, through a pager where it is long.
fn print_pages(when: When, paging: Paging, text: &str) -> Result<()> {
    pager::print(when, paging, text).map_err(|error| Error::io("standard output", error))
}

fn print_json(when: When, value: &impl serde::Serialize) -> Result<()> {
    let text = json::to_string_pretty(value).map_err(|error| {
        Error::new(ErrorKind::Internal, "the answer can't be written as JSON").caused_by(error)
    })?;
    print(when, &format!("{text}\n"))
}

fn field_map(entries: &[String]) -> Result<FieldMap> {
    let mut map = FieldMap::default();
    for entry in entries {
        map.add(entry)?;
    }
    Ok(map)
}

/// A text file that an option names.
fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::io(path, error))
}

/// The built-in company list, with the user's own on top.
fn gazetteer(list: Option<&Path>) -> Result<Arc<Gazetteer>> {
    let builtin = Gazetteer::builtin();
    match list {
        Some(path) => Ok(Arc::new(builtin.with_overlay(&read_text(path)?, &path.to_string_lossy())?)),
        None => Ok(builtin),
    }
}

fn show(args: &ArticleArgs, when: When, paging: Paging) -> Result<u8> {
    let searcher = index::open(&args.at.index, when)?.searcher()?;
    let Some(stored) = found(&searcher, &args.id, when)? else { return Ok(status::NOTHING_FOUND) };
    match args.print.format() {
        Format::Human => print_pages(when, paging, &results::article(&stored, terminal::width()))?,
        Format::Json => print_json(when, &stored)?,
    }
    Ok(status::DONE)
}

fn explain(args: &ExplainArgs, when: When, paging: Paging) -> Result<u8> {
    let searcher = index::open(&args.article.at.index, when)?.searcher()?;
    let Some(stored) = found(&searcher, &args.article.id, when)? else { return Ok(status::NOTHING_FOUND) };
    let now = CompanyTagger::new(searcher.gazetteer()?).explain(&stored.article);
    let explained = tags::Explained::stored(stored.article, stored.tags, now);
    match args.article.print.format() {
        Format::Human => {
            let detail = tags::Detail { width: terminal::width(), is_all: args.all };
            print_pages(when, paging, &tags::explained(&explained, detail))?;
        }
        Format::Json => print_json(when, &tags::TaggedArticle::new(&explained))?,
    }
    if !explained.is_whole {
        report::note(when, OTHER_TAGGER);
    }
    Ok(status::DONE)
}

/// Said where the tags of an article are not those that the list and the rules at hand give it.
const OTHER_TAGGER: &str = "these tags were given by another company list or another tagger: reasons are shown where \
                            the one at hand agrees";

/// The article of an id; where there is none, that is said.
fn found(searcher: &Searcher, id: &str, when: When) -> Result<Option<StoredArticle>> {
    let found = searcher.get(id)?;
    if found.is_none() {
        report::note(when, &format!("there is no article with the id {id}"));
    }
    Ok(found)
}

fn stats(args: &StatsArgs, when: When) -> Result<u8> {
    let stats = index::open(&args.at.index, when)?.searcher()?.stats()?;
    match args.print.format() {
        Format::Human => {
            let mut out = String::new();
            let rows = [
                ("articles", progress::grouped(stats.articles)),
                ("undated", progress::grouped(stats.undated)),
                ("first", stats.earliest.clone().unwrap_or_else(|| "–".to_owned())),
                ("last", stats.latest.clone().unwrap_or_else(|| "–".to_owned())),
                ("companies", progress::grouped(stats.companies)),
                ("divisions", progress::grouped(stats.divisions)),
                ("sources", progress::grouped(stats.sources)),
                ("segments", progress::grouped(stats.segments)),
                ("bytes", progress::grouped(stats.bytes)),
                ("commits", progress::grouped(stats.generation)),
            ];
            for (name, value) in rows {
                out.push_str(&format!("{name:<10} {value:>15}\n"));
            }
            if stats.is_stale {
                out.push_str("The company list has changed since; `dateline retag` applies it.\n");
            }
            print(when, &out)?;
        }
        Format::Json => print_json(when, &stats)?,
    }
    Ok(status::DONE)
}

fn tag(args: &TagArgs, when: When, paging: Paging) -> Result<u8> {
    let gazetteer = gazetteer(args.companies.as_deref())?;
    let tagger = CompanyTagger::new(gazetteer);
    let input = Input { paths: &args.files, format: args.said.format, map: field_map(&args.map)? };
    let Decoded { articles, skipped } = input.decoded(when)?;
    if articles.is_empty() {
        let named: Vec<String> = args.files.iter().map(|file| file.display().to_string()).collect();
        let message = format!("there is no article in {}", named.join(", "));
        return Err(
            Error::new(ErrorKind::Argument, message).with_hint("name files that dateline index can read")
        );
    }
    let explained = articles.into_iter().map(|article| {
        let reasons = tagger.explain(&article);
        tags::Explained::fresh(article, reasons)
    });
    match args.print.format() {
        Format::Human => {
            let detail = tags::Detail { width: terminal::width(), is_all: args.all };
            let texts: Vec<String> = explained.map(|one| tags::explained(&one, detail)).collect();
            print_pages(when, paging, &texts.join("\n"))?;
        }
        Format::Json => {
            let explained: Vec<_> = explained.collect();
            let shown: Vec<_> = explained.iter().map(tags::TaggedArticle::new).collect();
            match &shown[..] {
                [one] => print_json(when, one)?,
                many => print_json(when, &many)?,
            }
        }
    }
    Ok(if skipped.is_empty() { status::DONE } else { status::SKIPPED })
}

/// Seconds since 1970.
fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() as i64)
}
