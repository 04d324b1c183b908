//! What an archive holds beside pages: said once for each kind, because there may be thousands.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::source::sink::Sink;

/// Names of kinds that are told apart; further ones are counted together.
const MAX_NAMES: usize = 64;

/// How many of them a message names, and the longest name that it shows, in bytes.
const SHOWN: usize = 8;
const MAX_NAME: usize = 64;

/// Counts by name.
#[derive(Default)]
pub(super) struct Tally(BTreeMap<String, u64>);

impl Tally {
    pub(super) fn count(&mut self, name: &str) {
        let name = &name[..name.floor_char_boundary(MAX_NAME)];
        let is_known = self.0.len() < MAX_NAMES || self.0.contains_key(name);
        *self.0.entry(if is_known { name } else { "others" }.to_owned()).or_default() += 1;
    }

    fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// `301 (8), 404 (2)`, the most frequent first.
    fn named(&self) -> String {
        let mut counts: Vec<(&String, u64)> = self.0.iter().map(|(name, count)| (name, *count)).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = counts.len().saturating_sub(SHOWN);
        let mut named: Vec<String> =
            counts.iter().take(SHOWN).map(|(name, count)| format!("{name} ({count})")).collect();
        if more > 0 {
            named.push(format!("{more} more"));
        }
        named.join(", ")
    }
}

#[derive(Default)]
pub(super) struct Passed {
    /// Records that hold articles.
    pub(super) pages: u64,
    /// Answers that are no pages, by their status.
    pub(super) statuses: Tally,
    /// Files that are no text, by their media type.
    pub(super) kinds: Tally,
    /// Later parts of records that were cut into several.
    pub(super) segments: u64,
    /// Pages of which the archive holds only a beginning.
    pub(super) cut: u64,
    revisits: u64,
    /// The address of the first of them.
    first_revisit: Option<String>,
}

impl Passed {
    pub(super) fn revisit(&mut self, url: Option<&str>) {
        self.revisits += 1;
        if self.first_revisit.is_none() {
            self.first_revisit = url.map(str::to_owned);
        }
    }

    /// Says what was passed over. None of it is a fault of the archive.
    pub(super) fn say(&self, sink: &mut Sink<'_>) -> Result<()> {
        let count = |number: u64, one: &str, several: &str| match number {
            1 => format!("1 {one}"),
            _ => format!("{number} {several}"),
        };
        let statuses = self.statuses.total();
        if statuses > 0 {
            let answers =
                count(statuses, "answer is no page, by its status", "answers are no pages, by their status");
            sink.warn("other-status", format!("{answers}: {}", self.statuses.named()))?;
        }
        let kinds = self.kinds.total();
        if kinds > 0 {
            let answers = count(kinds, "answer holds no article", "answers hold no articles");
            sink.warn("no-article", format!("{answers}, by what was sent: {}", self.kinds.named()))?;
        }
        if self.revisits > 0 {
            let records = count(self.revisits, "page was", "pages were");
            let first = self.first_revisit.as_deref().unwrap_or("one without an address");
            let reason = format!("{records} the same as in an earlier archive, which has the text: {first}");
            sink.warn("revisit", if self.revisits > 1 { reason + " and others" } else { reason })?;
        }
        if self.segments > 0 {
            let parts = count(self.segments, "later part of a page is", "later parts of pages are");
            sink.warn("segmented", format!("{parts} in a record of their own and not read"))?;
        }
        if self.cut > 0 {
            let pages = count(self.cut, "page was", "pages were");
            sink.warn("cut-short", format!("{pages} cut short when the archive was made"))?;
        }
        let is_nothing = self.pages + statuses + kinds + self.revisits + self.segments == 0;
        if is_nothing { sink.warn("no-article", "no record of the archive is a page") } else { Ok(()) }
    }
}
