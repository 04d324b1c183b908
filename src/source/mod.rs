//! From paths to records, in a stable order: walk, sniff, unpack, split. Sequential; no record is parsed here.
//!
//! Everything that can't be read becomes a [`Skipped`] with its place and reason; only a path that the caller named and
//! that does not exist is an error.

#[cfg(feature = "watch")]
mod changes;
mod feed;
mod feed_list;
mod fields;
mod format;
mod lines;
mod maildir;
mod mbox;
mod newsml;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
mod split;
mod stories;
mod table;
mod unpack;
mod walk;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

#[cfg(feature = "watch")]
pub(crate) use changes::Changes;
pub use fields::FieldMap;
pub(crate) use fields::known as known_key;
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
    /// Characters that could not be read while it was taken out, and stand in it as U+FFFD.
    pub replaced: usize,
}

/// Where a record came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file as it was reached from the path given; names that are not UTF-8 are escaped.
    pub path: Arc<str>,
    /// Position of the record in the file, from 0.
    pub ordinal: u64,
    /// Line number from 1, for formats that have lines; of a Parquet file that of the row.
    pub line: Option<u64>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        Ok(())
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
    /// One message of mail, as it was sent.
    Mail,
    /// A PDF.
    Pdf,
}

/// A record or file and the reason why it was not indexed, or not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// `path` or `path:line`.
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
    /// Which columns of a table hold which field, beside the names that are known anyway.
    pub columns: FieldMap,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_line: 16 << 20, max_whole: 128 << 20, max_ratio: 200, columns: FieldMap::default() }
    }
}
