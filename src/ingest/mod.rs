//! From sources into the index: a bounded, parallel pipeline with one writer.
//!
//! ```text
//! reader thread: files → records ═▶ pool: decode → tag → document ═▶ caller: upsert → commit
//! ```
//!
//! [`Indexer`] is the way in; [`IndexEvent`] is all that it says while it works.

mod budget;
#[cfg(feature = "watch")]
mod follow;
mod indexer;
mod pipeline;
pub mod repair;
#[cfg(test)]
mod tests;
mod writer;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::article::Role;
pub use crate::source::Skipped;
pub use indexer::{IndexOptions, Indexer};

/// What happens during a run, in the order in which it happens. The enum is the interface to every progress display.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum IndexEvent {
    /// The run begins.
    Start {
        /// Paths given.
        paths: Vec<PathBuf>,
        /// Threads that decode and tag.
        threads: usize,
    },
    /// The files were listed; totals for a progress bar.
    Listed {
        /// Files to read.
        files: u64,
        /// Their bytes on disk.
        bytes: u64,
        /// Files that have not changed since the last run.
        unchanged: u64,
    },
    /// Sent now and then.
    Progress {
        /// Running totals.
        #[serde(flatten)]
        counts: Counts,
    },
    /// A record or file that was not indexed.
    Skipped(Skipped),
    /// Indexed, but something about it should be known (title only, an id seen before in this run, replaced bytes), or a file
    /// that holds things beside its articles.
    Warned(Skipped),
    /// Tagging the index again gave an article other tags.
    Retagged {
        /// Id of the article.
        id: String,
        /// What differs, by company, division, then topic.
        changes: Vec<TagEdit>,
    },
    /// Durable: what is counted here survives a power cut.
    Commit {
        /// Number of the commit, rising over the life of the index.
        seq: u64,
        /// Articles in the index.
        docs_total: u64,
    },
    /// The first batch is done; from now on changes are waited for.
    Following {
        /// Paths given.
        paths: Vec<PathBuf>,
    },
    /// The run is over.
    Finish {
        /// Totals.
        #[serde(flatten)]
        report: IndexReport,
    },
}

/// Running totals of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Files read or found unchanged.
    pub files: u64,
    /// Bytes read from disk (compressed ones as they stand there).
    pub bytes_read: u64,
    /// Bytes after decompression.
    pub bytes_unpacked: u64,
    /// Records seen.
    pub records: u64,
    /// Articles that came new into the index.
    pub added: u64,
    /// Articles that replaced an older version.
    pub updated: u64,
    /// Articles that were already there in this form.
    pub unchanged: u64,
    /// Articles that left the index because their source did.
    pub deleted: u64,
    /// Records and files not indexed.
    pub skipped: u64,
    /// Warnings about records that were indexed, and about files.
    pub warned: u64,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IndexReport {
    /// Totals.
    pub counts: Counts,
    /// Skipped records by class.
    pub skipped_by_class: std::collections::BTreeMap<String, u64>,
    /// Warnings by class.
    pub warned_by_class: std::collections::BTreeMap<String, u64>,
    /// What tagging the index again changed, by company, `company/division` or `#topic`. A run that goes on after it was
    /// interrupted counts what was left to do.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub tag_changes: std::collections::BTreeMap<String, TagChange>,
    /// Articles in the index afterwards.
    pub docs_total: u64,
    /// Wall clock.
    pub seconds: f64,
}

/// In how many articles a company, division or topic appeared, disappeared and changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagChange {
    /// Articles that name it now and did not.
    pub gained: u64,
    /// Articles that named it and do not now.
    pub lost: u64,
    /// Articles that have it with another role or salience; for outlets also those that credit it now, or no longer do.
    #[serde(default)]
    pub changed: u64,
}

/// What tagging again changed about one tag of one article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagEdit {
    /// `company`, `company/division` or `#topic`.
    pub tag: String,
    /// What it was; `None` where the article did not have it.
    pub before: Option<TagState>,
    /// What it is; `None` where the article does not have it any more.
    pub after: Option<TagState>,
}

/// The part of a tag that queries see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagState {
    /// What a company does; divisions and topics have no role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// 0 to 100.
    pub salience: u8,
}
