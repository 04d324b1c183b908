//! Answers: ranked hits, exact facets and true highlights for a [`Query`].
//!
//! Nothing in here prints or knows how results are shown; snippets are text plus ranges.

mod collect;
mod columns;
mod compare;
mod cursor;
mod distinct;
mod expand;
mod explain;
mod facet;
mod feedback;
mod limited;
mod page;
mod passage;
mod rank;
mod request;
mod saved;
mod searcher;
pub(crate) mod segments;
mod similar;
mod snippet;
mod stats;
mod stream;
mod suggest;
mod tally;
mod trend;
mod turns;
mod written;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::article::{CompanyTag, DateSource, DivisionTag, Precision, TitleSource};
pub use crate::index::StoredArticle;
use crate::query::{NameField, Query};
pub use compare::{CompareRequest, Compared, Comparison, Overlap};
pub use cursor::Cursor;
pub use distinct::{DistinctiveTerm, DistinctiveTerms};
pub use searcher::Searcher;
pub use similar::{COPY_RESEMBLANCE, Like, SimilarRequest};
pub use stats::Stats;
pub use stream::{Articles, ExportRequest, Hits};
pub use trend::{Every, Period, Series, TrendRequest, Trends};

/// What to search for and what to return.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchRequest {
    /// The query.
    pub query: Query,
    /// Facet filters: all of them hold; within one, any of its values. A facet's own filter does not narrow that
    /// facet's counts, so that a reader sees what another choice would bring.
    pub filters: Vec<Filter>,
    /// Hits on the page, 0 to 1,000; 0 returns the total and facets alone.
    pub limit: usize,
    /// Hits before the page; `offset + limit` is at most 10,000.
    pub offset: usize,
    /// The page begins behind this place, however far down it is: [`SearchResults::next`] of the page before. Not together
    /// with an offset.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// Order of the hits.
    pub sort: Sort,
    /// Facets to count.
    pub facets: Vec<FacetRequest>,
    /// Words to return that tell the matching articles from all others, at most 1,000; 0 for none.
    #[serde(default)]
    pub terms: usize,
    /// Whether each hit carries the parts of its score.
    pub explain: bool,
    /// Characters of a snippet, at most; 0 for none.
    pub snippet_chars: usize,
    /// Snippets of a hit, at most: 1 to 10.
    #[serde(default = "one")]
    pub passages: usize,
    /// Whether each hit carries the article as it is stored, with its text and the evidence of its tags.
    #[serde(default)]
    pub articles: bool,
    /// The query is a text taken as a bag of words, as in a batch that is graded: freshness does not rank.
    #[serde(default)]
    pub bag_of_words: bool,
    /// Whether further words are taken from the articles that the query finds first, and rank as well. They find articles
    /// of their own where the query is a bag of words, and none otherwise.
    #[serde(default)]
    pub expand: bool,
    /// Whether plain words also find their synonyms; the searcher has the list.
    #[serde(default = "yes")]
    pub synonyms: bool,
    /// Milliseconds that the search may take, at most 10,000; then it answers with what it has found, and says so. `None`
    /// lets it take its time.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// The present as Unix seconds, for relative dates; `None` takes the clock. Behind a cursor it is that of the first page.
    pub now: Option<i64>,
}

fn yes() -> bool {
    true
}

fn one() -> usize {
    1
}

/// One facet filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Company, division, about, topic, source, author, subject, lang …
    pub field: NameField,
    /// Names, aliases, tickers or ids; any of them.
    pub values: Vec<String>,
}

/// Order of the hits. Hits of one score are ordered by date, newest first, and hits of one date by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Best score first.
    #[default]
    Relevance,
    /// Latest publication first, undated last.
    Newest,
    /// Earliest publication first, undated last.
    Oldest,
    /// By id, as bytes: the order that no new article and no other query changes.
    Id,
}

impl Sort {
    /// The name used in requests and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Id => "id",
        }
    }
}

/// A facet to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetRequest {
    /// Which.
    pub field: FacetField,
    /// Values returned, 1 to 1,000, largest first; children are not limited.
    pub limit: usize,
}

/// What can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FacetField {
    /// Companies, with their divisions as children.
    Company,
    /// Divisions, flat.
    Division,
    /// Companies that articles are about.
    About,
    /// Topics.
    Topic,
    /// Outlets.
    Source,
    /// Writers.
    Author,
    /// Subjects as the sources state them.
    Subject,
    /// Languages.
    Lang,
    /// Years of publication, earliest first.
    Year,
    /// Months of publication; an article of which only the year is known has none.
    Month,
    /// Days of publication; an article of which only the month is known has none.
    Day,
}

impl FacetField {
    /// The name used in requests and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Division => "division",
            Self::About => "about",
            Self::Topic => "topic",
            Self::Source => "source",
            Self::Author => "author",
            Self::Subject => "subject",
            Self::Lang => "lang",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

/// What a search returns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchResults {
    /// Canonical text of the query.
    pub query: String,
    /// How many articles match.
    pub total: Total,
    /// Time spent, in milliseconds.
    pub took_ms: f64,
    /// The committed state of the index that answered.
    pub generation: u64,
    /// The page.
    pub hits: Vec<Hit>,
    /// Where the next page begins; `None` where this is the last one, or the time was up before all was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
    /// Facets by field name.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
    /// Words that tell the matching articles from all others, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<DistinctiveTerms>,
    /// Whether the time was up before all was looked at: the total is a lower bound then, and hits and facets are those
    /// that were found until then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed_out: bool,
    /// For words that no article has, what may have been meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
    /// Where no article matches, those that have a part of what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<PartialMatches>,
    /// What a reader should know of this answer, e.g. an expansion that was cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A word that no article has, and one near to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// As typed.
    pub word: String,
    /// What articles have.
    pub instead: String,
    /// How many of them, in the field that has it most.
    pub articles: u64,
}

/// Articles that have a part of what was asked for. They are counted and not returned: `IN/2 [a b c]` asks for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartialMatches {
    /// Words, quotations and groups that were asked for together.
    pub parts: usize,
    /// The most that any article has.
    pub have: usize,
    /// Articles that have so many.
    pub articles: u64,
    /// The query that finds them.
    pub query: String,
}

/// Number of matching articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// The number.
    pub value: u64,
    /// Whether it is exact.
    pub relation: Relation,
}

/// Whether a total is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// Exactly so many.
    #[serde(rename = "eq")]
    Exact,
    /// At least so many.
    #[serde(rename = "gte")]
    AtLeast,
}

/// One article of the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// From 1, counted over all pages.
    pub rank: usize,
    /// Article id.
    pub id: String,
    /// Relevance, with freshness and salience in it. 0 in other orders.
    pub score: f32,
    /// Headline.
    pub title: String,
    /// Where the headline was taken from.
    pub title_source: TitleSource,
    /// Places in `title` that match, in bytes.
    pub title_highlights: Vec<[usize; 2]>,
    /// Address.
    pub url: Option<String>,
    /// File.
    pub path: String,
    /// Outlet.
    pub source: Option<String>,
    /// Writers, joined with ", ".
    pub author: Option<String>,
    /// Language code.
    pub lang: Option<String>,
    /// `2026`, `2026-01`, `2026-01-14` or `2026-01-14T09:30:00Z`, after its precision; `None` when undated.
    pub published: Option<String>,
    /// How exact it is.
    pub published_precision: Option<Precision>,
    /// Where it was found.
    pub published_source: Option<DateSource>,
    /// Companies, without their mentions.
    pub companies: Vec<CompanyTag>,
    /// Divisions, without their mentions.
    pub divisions: Vec<DivisionTag>,
    /// Topics.
    pub topics: Vec<String>,
    /// The passages that answer best, in the order of the text, without overlap. Further ones than the first have
    /// something to show.
    pub snippets: Vec<Snippet>,
    /// Matches in the whole body, in bytes.
    pub matches: Vec<[usize; 2]>,
    /// The same in characters of the body.
    pub matches_chars: Vec<[usize; 2]>,
    /// The article as it is stored, when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<Box<StoredArticle>>,
    /// Parts of the score, when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

/// A passage of the body with what matches in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// The passage; line breaks are spaces.
    pub text: String,
    /// Byte ranges in `text`, in order, without overlap.
    pub highlights: Vec<[usize; 2]>,
    /// The same ranges counted in characters of `text`.
    pub highlights_chars: Vec<[usize; 2]>,
    /// Where `text` begins in the body, in bytes.
    pub start_byte: usize,
    /// The same in characters.
    pub start_char: usize,
}

/// A part of a score and what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Its number.
    pub value: f32,
    /// What it is.
    pub description: String,
    /// Its parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Explanation>,
}

/// One value of a facet with its exact count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// `amazon`, `amazon/aws`, `layoffs`, `2023-05`; `None` for the articles that have no value.
    pub path: Option<String>,
    /// Display name; `unknown` where `path` is `None`.
    pub label: String,
    /// Articles.
    pub count: u64,
    /// Divisions under a company.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<FacetValue>,
}

#[cfg(test)]
mod tests;
