//! The formats of files: names, endings, and which features they need. What a file is, is found by its first bytes
//! (`look`); the ending is a hint.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Packing, maildir};

/// How a file holds its articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Bare text.
    #[default]
    #[serde(rename = "text")]
    Plain,
    /// Markdown, with or without front matter.
    Markdown,
    /// A web page.
    Html,
    /// One JSON value: an article, a list of them, the answer of a news API, a JSON Feed, ninjs.
    Json,
    /// A JSON object a line.
    #[serde(rename = "jsonl")]
    JsonLines,
    /// A feed in XML: RSS, RDF or Atom.
    Feed,
    /// A list of feeds.
    Opml,
    /// A news item or a message of several in XML: NewsML-G2, NewsML 1, NITF.
    Newsml,
    /// Stories of Reuters-21578 one after the other, in SGML.
    Reuters,
    /// A web archive: WARC or ARC.
    Warc,
    /// A table with commas, semicolons or other signs between its cells.
    Csv,
    /// A table with tabs between its cells.
    Tsv,
    /// One message: as a file, or in a Maildir.
    #[serde(rename = "eml")]
    Mail,
    /// Messages one after the other.
    Mbox,
    /// A PDF.
    Pdf,
    /// A table in columns.
    Parquet,
}

impl Format {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 16] = [
        Self::Plain,
        Self::Markdown,
        Self::Html,
        Self::Json,
        Self::JsonLines,
        Self::Feed,
        Self::Opml,
        Self::Newsml,
        Self::Reuters,
        Self::Warc,
        Self::Csv,
        Self::Tsv,
        Self::Mail,
        Self::Mbox,
        Self::Pdf,
        Self::Parquet,
    ];

    /// The name by which a user asks for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Feed => "feed",
            Self::Opml => "opml",
            Self::Newsml => "newsml",
            Self::Reuters => "reuters",
            Self::Warc => "warc",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Mail => "eml",
            Self::Mbox => "mbox",
            Self::Pdf => "pdf",
            Self::Parquet => "parquet",
        }
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Endings of file names, in lower case, without the dot.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &["txt", "text"],
            Self::Markdown => &["md", "markdown"],
            Self::Html => &["html", "htm", "xhtml"],
            Self::Json => &["json"],
            Self::JsonLines => &["jsonl", "ndjson"],
            Self::Feed => &["rss", "atom", "rdf"],
            Self::Opml => &["opml"],
            Self::Newsml => &["xml", "nitf"],
            Self::Reuters => &["sgm", "sgml"],
            Self::Warc => &["warc", "wet", "arc"],
            Self::Csv => &["csv"],
            Self::Tsv => &["tsv", "tab"],
            Self::Mail => &["eml"],
            Self::Mbox => &["mbox"],
            Self::Pdf => &["pdf"],
            Self::Parquet => &["parquet"],
        }
    }

    /// What it is, in a few words.
    pub fn description(self) -> &'static str {
        match self {
            Self::Plain => "bare text",
            Self::Markdown => "Markdown, with YAML or TOML before it",
            Self::Html => "web pages",
            Self::Json => "an article, a list of them, the answer of a news API, JSON Feed, ninjs",
            Self::JsonLines => "a JSON object a line",
            Self::Feed => "RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0",
            Self::Opml => "a list of feeds whose copies lie beside it",
            Self::Newsml => "NewsML-G2, NewsML 1, NITF; any other XML is looked at",
            Self::Reuters => "stories of Reuters-21578",
            Self::Warc => "pages, feeds and texts of a web archive: WARC, WET, ARC",
            Self::Csv => "a row an article, columns named as the keys of JSON are",
            Self::Tsv => "the same with tabs",
            Self::Mail => "a message, or a newsletter of several items; also those of a Maildir",
            Self::Mbox => "a mailbox in one file",
            Self::Pdf => "text and title of a PDF",
            Self::Parquet => "a row an article, as in CSV",
        }
    }

    /// The feature that it needs and that this build lacks.
    pub fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::Html if !cfg!(feature = "html") => Some("html"),
            Self::Pdf if !cfg!(feature = "pdf") => Some("pdf"),
            Self::Parquet if !cfg!(feature = "parquet") => Some("parquet"),
            _ => None,
        }
    }

    /// The format that the place of a file says: that of its ending, or mail in a Maildir.
    pub(super) fn of_path(path: &Path) -> Option<Self> {
        if maildir::is_message(path) {
            return Some(Self::Mail);
        }
        Self::from_file_name(&path.file_name()?.to_string_lossy())
    }

    /// The format that a file name's ending says, packing endings left aside.
    pub(super) fn from_file_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (_, ending) = Packing::strip(&name).rsplit_once('.')?;
        Self::ALL.into_iter().find(|format| format.endings().contains(&ending))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn endings_are_of_one_format_each() {
        for (name, format) in [
            ("a.TXT", Some(Format::Plain)),
            ("a.jsonl.gz", Some(Format::JsonLines)),
            ("news.2026.html.zst", Some(Format::Html)),
            ("a.gz", None),
            ("gz", None),
            ("a.png", None),
        ] {
            assert_eq!(Format::from_file_name(name), format, "{name}");
        }
        for format in Format::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
            assert_eq!(Format::from_name(format.name()), Some(format));
        }
        let endings: Vec<&str> = Format::ALL.iter().flat_map(|format| format.endings()).copied().collect();
        let mut distinct = endings.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), endings.len());
    }
}
