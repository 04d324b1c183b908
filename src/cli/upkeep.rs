//! `dateline compact` and `dateline snapshot`.

use super::args::{Format, SnapshotArgs, StatsArgs, When};
use super::progress::grouped;
use super::report::{self, status};
use super::{index, interrupt, print_json};
use crate::error::Result;
use crate::index::snapshot::snapshot;
use crate::ingest::{IndexOptions, Indexer};

pub(super) fn compact(args: &StatsArgs, when: When) -> Result<u8> {
    let index = index::open(&args.at.index, when)?;
    let before = index.searcher()?.stats()?;
    Indexer::new(&index, IndexOptions::default())?.compact()?;
    let after = index.searcher()?.stats()?;
    match args.print.format() {
        Format::Human => {
            let part = |segments: u64, bytes: u64| {
                let word = if segments == 1 { "segment" } else { "segments" };
                format!("{} {word} of {} bytes", grouped(segments), grouped(bytes))
            };
            let text = format!(
                "{} in place of {}",
                part(after.segments, after.bytes),
                part(before.segments, before.bytes)
            );
            report::note(when, &text);
        }
        Format::Json => {
            let of = |stats: &crate::search::Stats| serde_json::json!({"segments": stats.segments, "bytes": stats.bytes});
            print_json(when, &serde_json::json!({"before": of(&before), "after": of(&after)}))?;
        }
    }
    Ok(status::DONE)
}

pub(super) fn copy(args: &SnapshotArgs, when: When) -> Result<u8> {
    let copied = snapshot(&args.at.index, &args.folder, &interrupt::flag())?;
    match args.print.format() {
        Format::Human => {
            let articles = if copied.articles == 1 { "article" } else { "articles" };
            let text = format!("{} {articles} in {}", grouped(copied.articles), args.folder.display());
            report::note(when, &text);
        }
        Format::Json => print_json(when, &copied)?,
    }
    Ok(status::DONE)
}
