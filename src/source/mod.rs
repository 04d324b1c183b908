//! From paths to records, in a stable order: walk, sniff, unpack, split. Sequential; no record is parsed here.
//!
//! Everything that can't be read becomes a [`Skipped`] with its place and reason; only a path that the caller named and
//! that does not exist is an error.

mod archive;
#[cfg(feature = "watch")]
mod changes;
mod feed;
mod feed_list;
mod fields;
mod format;
mod lines;
mod look;
mod maildir;
mod mbox;
mod newsml;
mod packing;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
mod sink;
mod split;
mod stories;
mod table;
mod unpack;
mod walk;
mod warc;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

#[cfg(feature = "watch")]
pub(crate) use changes::Changes;
#[cfg(feature = "fetch")]
pub(crate) use feed_list::feeds_of_list;
pub use fields::FieldMap;
pub(crate) use fields::known as known_key;
pub use format::Format;
pub use packing::{Archive, Packing};
pub use read::{FileRead, Found, read_bytes, read_file, read_stream};
pub(crate) use split::reason as json_reason;
pub(crate) use walk::known;
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
    /// What its file was found to be.
    pub opened: Arc<Opened>,
    /// How its bytes were made, where they are not those of the file.
    pub transcoded: Option<Transcoded>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Record {
    /// A record of which its container says nothing.
    pub fn new(origin: Origin, form: Form, bytes: Vec<u8>) -> Self {
        Self { origin, form, hints: Hints::default(), opened: Arc::default(), transcoded: None, bytes }
    }
}

/// What a file, or a member of an archive, was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// What it holds.
    pub format: Format,
    /// How that was found.
    pub by: FoundBy,
    /// Names of the packings and archives that it came out of, from the outside in.
    pub wrappings: Vec<&'static str>,
}

/// How the format of a file was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FoundBy {
    /// The user has said it.
    User,
    /// By its first bytes.
    Look,
    /// By the ending of its name; the first bytes don't contradict.
    Ending,
    /// It looks like nothing that is known.
    #[default]
    Default,
}

/// A text that was read in one character set and cut in UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcoded {
    /// Name of the character set of the file.
    pub charset: &'static str,
    /// Characters of the record that could not be read.
    pub replaced: usize,
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
    /// The file as it was reached from the path given; names that are not UTF-8 are escaped. Behind that of an archive the
    /// member's follows: `news.zip/wire/a.txt`.
    pub path: Arc<str>,
    /// Position of the record in the file, from 0.
    pub ordinal: u64,
    /// Line number from 1, for formats that have lines; of a Parquet file that of the row.
    pub line: Option<u64>,
}

/// The name of a stream that is no file; standard input of the program.
pub const STREAM: &str = "-";

impl Origin {
    /// Whether it came from a stream, or from an archive in one, and not from a file.
    pub fn is_of_stream(&self) -> bool {
        self.path.strip_prefix(STREAM).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
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
    /// One message of mail, as it was sent.
    Mail,
    /// A PDF.
    Pdf,
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
    /// How much a packed file may give at that ratio. What gives more has to be packed no better than text can be, to a
    /// fiftieth, because an honest export may have any size.
    pub max_unpacked: u64,
    /// Which columns of a table hold which field, beside the names that are known anyway.
    pub columns: FieldMap,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_line: 16 << 20,
            max_whole: 128 << 20,
            max_ratio: 200,
            max_unpacked: 1 << 30,
            columns: FieldMap::default(),
        }
    }
}
