//! From paths to records, in a stable order: walk, sniff, unpack, split. Sequential; no record is parsed here.
//!
//! Everything that can't be read becomes a [`Skipped`] with its place and reason; only a path that the caller named and
//! that does not exist is an error.

mod feed;
mod feed_list;
mod format;
mod lines;
mod newsml;
mod read;
mod split;
mod stories;
mod unpack;
mod walk;
mod warc;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

#[cfg(feature = "fetch")]
pub(crate) use feed_list::feeds_of_list;
pub use format::Format;
pub use read::{FileRead, Found, read_bytes, read_file};
pub(crate) use split::reason as json_reason;
pub use walk::{FileEntry, Walk, walk};

/// The bytes of one article as they stand in a container, after decompression.
#[derive(Clone, Debug)]
pub struct Record {
    /// Where it came from.
    pub origin: Origin,
    /// How to decode it.
    pub form: Form,
    /// What its container says of it beside it.
    pub hints: Hints,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Record {
    /// A record of which its container says nothing.
    pub fn new(origin: Origin, form: Form, bytes: Vec<u8>) -> Self {
        Self { origin, form, hints: Hints::default(), bytes }
    }
}

/// What a container says of a record that its own bytes may not: the headers with which a page was delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The address that it was fetched from.
    pub url: Option<String>,
    /// The character set that was declared.
    pub charset: Option<String>,
    /// When it was fetched, as Unix seconds: it can't have been published later.
    pub collected: Option<i64>,
}

/// Where a record came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file as it was reached from the path given; names that are not UTF-8 are escaped.
    pub path: Arc<str>,
    /// Position of the record in the file, from 0.
    pub ordinal: u64,
    /// Line number from 1, for formats that have lines.
    pub line: Option<u64>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None if self.ordinal > 0 => write!(f, "#{}", self.ordinal),
            None => Ok(()),
        }
    }
}

/// What a record is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Bare text.
    Plain,
    /// Markdown.
    Markdown,
    /// A web page.
    Html,
    /// One JSON object. (An array or `{"articles": […]}` file is split before.)
    Json,
    /// An RSS, RDF or Atom feed of one item, in UTF-8. (A feed of several is split before.)
    Feed,
    /// One `<REUTERS>` element of Reuters-21578, in SGML.
    Reuters,
    /// One item in XML: NewsML-G2, NewsML 1 or NITF. (A message of several is split before.)
    Newsml,
}

/// A record or file and the reason why it was not indexed, or not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// `path`, `path:line`, or `path#ordinal` where there are several and no lines.
    pub at: String,
    /// A short name of the class, for counting: `unreadable`, `empty`, `not-json`, `too-large`, `duplicate`,
    /// `title-only` …
    pub class: String,
    /// The reason in words.
    pub reason: String,
}

impl Skipped {
    pub(crate) fn new(at: impl fmt::Display, class: &str, reason: impl Into<String>) -> Self {
        Self { at: at.to_string(), class: class.to_owned(), reason: reason.into() }
    }
}

/// What a run accepts. Sizes are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest line of a JSON Lines file; a longer one is skipped.
    pub max_line: usize,
    /// Largest file that has to be held in memory as a whole: everything but JSON Lines, unpacked.
    pub max_whole: usize,
    /// How many bytes a packed file may give for each of its own, beyond the first 10 MiB.
    pub max_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_line: 16 << 20, max_whole: 128 << 20, max_ratio: 200 }
    }
}
