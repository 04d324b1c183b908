//! From paths to records, in a stable order: walk, sniff, unpack, split. Sequential; nothing is parsed here.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

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
}
