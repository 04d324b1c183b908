//! `dateline index`, and opening an index for the other commands.

use std::io::Stdin;
use std::path::{Path, PathBuf};

use super::args::{IndexArgs, Progress, RetagArgs, When};
use super::progress::Reporter;
use super::report::{self, status};
use super::terminal::clean;
use super::{field_map, guard, input, interrupt, print, read_text};
use crate::error::{Error, ErrorKind, Result};
use crate::index::Index;
use crate::ingest::{IndexEvent, IndexOptions, IndexReport, Indexer};

/// The sample that comes with dateline, in the folder where it was unpacked.
const SAMPLE: &str = "corpus";

pub(super) fn run(args: &IndexArgs, when: When) -> Result<u8> {
    let paths = if args.paths.is_empty() { sample()? } else { args.paths.clone() };
    let (paths, stream) = input::with_stream(&paths)?;
    let map = field_map(&args.map)?;
    let mut index = Index::open_or_create(&args.at.index)?;
    if let Some(path) = &args.companies {
        index = index.with_companies(&read_text(path)?, &path.to_string_lossy())?;
    }
    let options = IndexOptions {
        threads: args.threads.map_or(0, usize::from),
        memory_bytes: args.memory,
        map,
        format: args.said.format,
        ..IndexOptions::default()
    };
    let mut reporter = Reporter::new(args.progress, when, args.verbose);
    #[cfg(feature = "watch")]
    if args.watch {
        if stream.is_some() {
            return Err(Error::new(ErrorKind::Argument, "standard input can't be followed")
                .with_hint("name files and folders with --watch, or pipe without it"));
        }
        return follow(&index, options, &paths, &mut reporter);
    }
    let report = build(&index, options, Some((&paths, stream)), &mut reporter)?;
    Ok(if report.counts.skipped > 0 && !args.allow_skipped { status::SKIPPED } else { status::DONE })
}

/// Indexes and goes on with what changes. An interruption is how it ends; one while something is under way is told as
/// always.
#[cfg(feature = "watch")]
fn follow(index: &Index, options: IndexOptions, paths: &[PathBuf], reporter: &mut Reporter) -> Result<u8> {
    let mut indexer = Indexer::new(index, options)?;
    let outcome = indexer.follow(paths, &interrupt::flag(), &mut |event| reporter.event(&event));
    reporter.clear();
    outcome.map(|()| status::DONE)
}

/// Tags that are shown of those that tagging again changed most.
const CHANGES_SHOWN: usize = 20;

pub(super) fn retag(args: &RetagArgs, when: When) -> Result<u8> {
    let mut index = open(&args.at.index, when)?;
    if index.searcher()?.has_other_tagger() {
        return Err(Error::new(
            ErrorKind::Argument,
            "the tags of this index were given by another tagger than dateline's",
        )
        .with_hint("tag it again with the program that made it; `Indexer::with_tagger` and `retag` do so"));
    }
    if let Some(path) = &args.companies {
        index = index.with_companies(&read_text(path)?, &path.to_string_lossy())?;
    }
    let options = IndexOptions { threads: args.threads.map_or(0, usize::from), ..IndexOptions::default() };
    let mut reporter = Reporter::new(args.progress, when, args.verbose);
    let report = build(&index, options, None, &mut reporter)?;
    if args.progress != Progress::Json {
        print(when, &changes(&report))?;
    }
    Ok(status::DONE)
}

/// In how many articles each tag came, went and changed; those with most of it first.
fn changes(report: &IndexReport) -> String {
    let mut changes: Vec<_> = report.tag_changes.iter().collect();
    if changes.is_empty() {
        return String::new();
    }
    changes.sort_by_key(|(tag, change)| {
        (std::cmp::Reverse((change.gained + change.lost, change.changed)), tag.as_str())
    });
    let mut out = format!("{:>7} {:>7} {:>7}  tag\n", "gained", "lost", "changed");
    for (tag, change) in changes.iter().take(CHANGES_SHOWN) {
        out.push_str(&format!(
            "{:>7} {:>7} {:>7}  {}\n",
            format!("+{}", change.gained),
            format!("−{}", change.lost),
            change.changed,
            clean(tag)
        ));
    }
    if changes.len() > CHANGES_SHOWN {
        out.push_str(&format!("and {} more tags\n", changes.len() - CHANGES_SHOWN));
    }
    out
}

/// Runs the indexer over paths and standard input, or over the articles of the index, until it is done or the user interrupts it.
fn build(
    index: &Index,
    options: IndexOptions,
    sources: Option<(&[PathBuf], Option<Stdin>)>,
    reporter: &mut Reporter,
) -> Result<IndexReport> {
    let cancel = interrupt::flag();
    let mut told = |event: IndexEvent| reporter.event(&event);
    let outcome = Indexer::new(index, options).and_then(|indexer| match sources {
        Some((paths, stream)) => indexer.run_with_stream(paths, stream, &cancel, &mut told),
        None => indexer.retag(&cancel, &mut told),
    });
    reporter.clear();
    outcome
}

fn sample() -> Result<Vec<PathBuf>> {
    if Path::new(SAMPLE).is_dir() {
        return Ok(vec![PathBuf::from(SAMPLE)]);
    }
    Err(Error::new(ErrorKind::Argument, "no folder to index was named")
        .with_hint("name files or folders: dateline index news/"))
}

/// Opens an index for reading. Where there is none but the sample is at hand, it is indexed first, so that the first
/// search answers.
pub(super) fn open(folder: &Path, when: When) -> Result<Index> {
    guard::opened(folder);
    match Index::open(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound && Path::new(SAMPLE).is_dir() => {
            let text = format!("there is no index in {} yet: indexing {SAMPLE} first", folder.display());
            report::note(when, &text);
            let index = Index::open_or_create(folder)?;
            let mut reporter = Reporter::new(Progress::Auto, when, false);
            let sample = [PathBuf::from(SAMPLE)];
            build(&index, IndexOptions::default(), Some((&sample, None)), &mut reporter)?;
            Ok(index)
        }
        outcome => outcome,
    }
}
