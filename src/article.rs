//! The article and everything that is known about it: what the decoder finds in a record, what the tagger adds, and
//! what the index stores and gives back.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One news item, decoded but not yet tagged.
///
/// `body` holds paragraphs separated by one blank line (`"\n\n"`); all offsets anywhere are bytes into `body` or
/// `title` and lie on character boundaries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Article {
    /// Unique name: the source's own id, else the URL, else path and ordinal. 1 to 512 bytes.
    pub id: String,
    /// Headline.
    pub title: String,
    /// Where the headline was taken from.
    pub title_source: TitleSource,
    /// Text of the article without headline, byline and boilerplate fields.
    pub body: String,
    /// A summary given by the source beside the body.
    pub description: Option<String>,
    /// Address of the article.
    pub url: Option<String>,
    /// The file that the record came from, as it was reached from the path given.
    pub path: String,
    /// Position of the record in its file, from 0.
    pub ordinal: u64,
    /// The outlet that published it.
    pub source: Option<String>,
    /// Writers, as named in the byline.
    pub authors: Vec<String>,
    /// Subjects, sections and keywords as the source itself states them: at most 50 of at most 100 bytes each, none twice.
    pub subjects: Vec<String>,
    /// ISO 639-1 code.
    pub lang: Option<String>,
    /// Date of publication; `None` for an undated article.
    pub published: Option<Publication>,
    /// Place of the dateline ("SEATTLE").
    pub place: Option<String>,
    /// Section headings inside `body`.
    pub headings: Vec<Range<usize>>,
    /// Outlets that a fact is credited to ("according to Business Insider").
    pub cites: Vec<Citation>,
    /// The publisher as the boilerplate names it ("WebProNews is an iEntry Publication"), with its place in `body`.
    pub publisher: Option<Citation>,
}

/// A name in the body with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The name as it stands.
    pub name: String,
    /// Bytes into `body`.
    pub span: Range<usize>,
}

/// Where a headline was taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TitleSource {
    /// A field or element that says it is the title.
    Markup,
    /// The first line of a bare text.
    Headline,
    /// The first sentence, because there was no headline.
    #[default]
    Lead,
}

/// When an article was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Seconds since 1970-01-01T00:00:00Z of the start of the period that `precision` leaves open.
    pub seconds: i64,
    /// How exact the date is.
    pub precision: Precision,
    /// Where it stood.
    pub source: DateSource,
}

impl fmt::Display for Publication {
    /// `2026`, `2026-01`, `2026-01-14` or `2026-01-14T09:30:00Z`, after the precision.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(timestamp) = jiff::Timestamp::from_second(self.seconds) else { return f.write_str("?") };
        let text = timestamp.to_string();
        // Years beyond 9999 don't occur: dates ahead of the present are refused.
        let length = match self.precision {
            Precision::Year => 4,
            Precision::Month => 7,
            Precision::Day => 10,
            Precision::Second => text.len(),
        };
        f.write_str(text.get(..length).unwrap_or(&text))
    }
}

/// How exact a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Only the year.
    Year,
    /// Year and month.
    Month,
    /// A calendar day.
    Day,
    /// A point in time.
    Second,
}

/// Where a date was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateSource {
    /// A field of the record.
    Metadata,
    /// "SEATTLE, Jan. 14, 2026 —".
    Dateline,
    /// A line of the text.
    Body,
    /// The file's name ("2026-01-14-amazon.txt").
    Filename,
}

/// What a company does in an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The article is about it.
    Subject,
    /// It takes part in the event beside the subject.
    Partner,
    /// It is only compared with.
    Peer,
    /// An outlet that a fact is credited to.
    Cited,
    /// The outlet that published the article.
    Publisher,
}

impl Role {
    /// The name used in queries, JSON and facets.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Partner => "partner",
            Self::Peer => "peer",
            Self::Cited => "cited",
            Self::Publisher => "publisher",
        }
    }

    /// Whether a tag of this role counts as the article naming the company (`company:` in a query). Outlets that
    /// are only credited or that publish do not.
    pub fn counts_as_company(self) -> bool {
        !matches!(self, Self::Cited | Self::Publisher)
    }
}

/// Which text a span points into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextField {
    /// The headline.
    Title,
    /// The body.
    #[default]
    Body,
}

/// One place in the text where a name stands, and the rule that took it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// Title or body.
    #[serde(default)]
    pub field: TextField,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The name as it stands in the text.
    pub text: String,
    /// The rule that accepted it, e.g. `strong`, `weak+parent`, `defined`, `ticker`.
    pub rule: Cow<'static, str>,
}

/// A company in an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompanyTag {
    /// Id in the gazetteer.
    pub id: String,
    /// Display name.
    pub name: String,
    /// What it does in the article.
    pub role: Role,
    /// 0 to 100: how much the article is about it.
    pub salience: u8,
    /// Whether the gazetteer knows it.
    #[serde(default = "yes")]
    pub known: bool,
    /// Evidence, in order of appearance; mentions of its divisions are theirs.
    #[serde(default)]
    pub mentions: Vec<Mention>,
}

fn yes() -> bool {
    true
}

/// A division, subsidiary, brand or product in an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DivisionTag {
    /// `company/division`, without a leading slash.
    pub path: String,
    /// Display name.
    pub name: String,
    /// 0 to 100.
    pub salience: u8,
    /// Evidence.
    #[serde(default)]
    pub mentions: Vec<Mention>,
}

/// A topic of an article ("layoffs").
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicTag {
    /// Its name, as in `topic:layoffs`.
    pub topic: String,
    /// 0 to 100.
    pub salience: u8,
    /// Evidence.
    #[serde(default)]
    pub mentions: Vec<Mention>,
}

/// A name that was found and turned down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Title or body.
    #[serde(default)]
    pub field: TextField,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The name as it stands in the text.
    pub text: String,
    /// What it could have been: a company id or a division path.
    pub candidate: String,
    /// Why it is not.
    pub reason: String,
}

/// Everything that the tagger says of one article.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tags {
    /// Companies, by falling salience, then id; cited outlets and the publisher included, told apart by role.
    pub companies: Vec<CompanyTag>,
    /// Divisions, by falling salience, then path.
    pub divisions: Vec<DivisionTag>,
    /// Topics, by falling salience, then name.
    pub topics: Vec<TopicTag>,
    /// What was turned down, in order of appearance; only of [`Tagger::tag_in_full`].
    pub rejected: Vec<Rejected>,
}

/// Turns an article into tags. dateline's own is [`CompanyTagger`](crate::tag::CompanyTagger); implement this to bring
/// another. Called once for every new or changed article, from several threads at once.
pub trait Tagger: Send + Sync {
    /// The tags of one article. Must give the same answer for the same article.
    fn tag(&self, article: &Article) -> Tags;

    /// The same tags, with what was turned down and why, for somebody who looks into one article.
    fn tag_in_full(&self, article: &Article) -> Tags {
        self.tag(article)
    }

    /// A short text that changes whenever the answers may change; it is stored with the index so that stale tags are
    /// noticed.
    fn fingerprint(&self) -> String;
}
