//! From paths to records, in a stable order: walk, sniff, unpack, split. Sequential; no record is parsed here.
//!
//! Everything that can't be read becomes a [`Skipped`] with its place and reason; only a path that the caller named and
//! that does not exist is an error.

mod feed;
mod feed_list;
mod lines;
mod newsml;
mod read;
mod split;
mod stories;
mod unpack;
mod walk;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

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
    /// The bytes.
    pub bytes: Vec<u8>,
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
}

impl Form {
    /// The form that a file name's ending says, packing endings left aside.
    fn from_name(name: &str) -> Option<Container> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        let (_, ending) = name.rsplit_once('.')?;
        Some(match ending {
            "txt" | "text" => Container::One(Self::Plain),
            "md" | "markdown" => Container::One(Self::Markdown),
            "html" | "htm" | "xhtml" => Container::One(Self::Html),
            "json" => Container::Json,
            "jsonl" | "ndjson" => Container::Lines,
            "rss" | "atom" | "rdf" => Container::Feed,
            "opml" => Container::FeedList,
            "xml" | "nitf" => Container::Newsml,
            "sgm" | "sgml" => Container::Stories,
            _ => return None,
        })
    }
}

/// How a file holds its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    /// The file is one.
    One(Form),
    /// One JSON value: an article, or a list of them.
    Json,
    /// A JSON object a line.
    Lines,
    /// A feed in XML.
    Feed,
    /// A list of feeds (OPML).
    FeedList,
    /// A news item or a message of several, in XML.
    Newsml,
    /// Stories of Reuters-21578 one after the other.
    Stories,
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
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_line: 16 << 20, max_whole: 128 << 20, max_ratio: 200 }
    }
}
