//! Requests: how they are put together, and their limits.

use super::{Cursor, FacetField, FacetRequest, Filter, SearchRequest, Sort};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{NameField, Query};

/// Most hits of a page.
const MAX_LIMIT: usize = 1000;

/// How far pages reach.
const MAX_REACH: usize = 10_000;

/// Most snippets of a hit.
const MAX_PASSAGES: usize = 10;

/// Milliseconds that a search takes unless asked otherwise, and at most.
const TIMEOUT_MS: u64 = 2_000;
const MAX_TIMEOUT_MS: u64 = 10_000;

/// Most facets of a request, and most values of one.
const MAX_FACETS: usize = 20;
const MAX_FACET_VALUES: usize = 1000;

/// Most distinctive words of an answer.
const MAX_TERMS: usize = 1000;
impl SearchRequest {
    /// The first ten hits of a query by relevance, with snippets and without facets.
    pub fn new(query: Query) -> Self {
        Self {
            query,
            filters: Vec::new(),
            limit: 10,
            offset: 0,
            after: None,
            sort: Sort::default(),
            facets: Vec::new(),
            terms: 0,
            explain: false,
            snippet_chars: 240,
            passages: 1,
            articles: false,
            bag_of_words: false,
            expand: false,
            synonyms: true,
            timeout_ms: Some(TIMEOUT_MS),
            now: None,
        }
    }

    /// With a facet filter: any of the values.
    pub fn filter<V: Into<String>>(mut self, field: NameField, values: impl IntoIterator<Item = V>) -> Self {
        self.filters.push(Filter { field, values: values.into_iter().map(Into::into).collect() });
        self
    }

    /// With so many hits on a page.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// With so many hits passed over.
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// Behind the place where another page ended.
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// With so many snippets of a hit.
    pub fn passages(mut self, passages: usize) -> Self {
        self.passages = passages;
        self
    }

    /// With the stored article of each hit, or without.
    pub fn articles(mut self, articles: bool) -> Self {
        self.articles = articles;
        self
    }

    /// In another order.
    pub fn sort(mut self, sort: Sort) -> Self {
        self.sort = sort;
        self
    }

    /// With the most frequent values of a facet.
    pub fn facet(mut self, field: FacetField, limit: usize) -> Self {
        self.facets.push(FacetRequest { field, limit });
        self
    }

    /// With the parts of each score, or without.
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// With further words of the articles that are found first, or without.
    pub fn expand(mut self, expand: bool) -> Self {
        self.expand = expand;
        self
    }

    /// With synonyms of plain words, or without.
    pub fn synonyms(mut self, synonyms: bool) -> Self {
        self.synonyms = synonyms;
        self
    }

    /// With so many milliseconds of time, or as many as it takes.
    pub fn timeout_ms(mut self, timeout_ms: Option<u64>) -> Self {
        self.timeout_ms = timeout_ms;
        self
    }

    /// With this as the present, in Unix seconds.
    pub fn now(mut self, now: i64) -> Self {
        self.now = Some(now);
        self
    }

    /// Refuses what is out of bounds.
    pub(super) fn check(&self) -> Result<()> {
        if self.limit > MAX_LIMIT {
            return refuse(
                format!("a page has at most 1,000 hits, not {}", self.limit),
                "ask for several pages, or stream all hits (--limit all)",
            );
        }
        if self.offset.saturating_add(self.limit) > MAX_REACH {
            return refuse(
                format!(
                    "an offset reaches the first 10,000 hits alone (asked for {} from {})",
                    self.limit, self.offset
                ),
                "go on from the page before with its cursor (--after)",
            );
        }
        self.check_stream()
    }

    /// The same for a stream, which may have any number of hits.
    pub(super) fn check_stream(&self) -> Result<()> {
        if let Some(cursor) = &self.after {
            if self.offset > 0 {
                return refuse(
                    "a page begins behind a cursor or at an offset, not both".to_owned(),
                    "leave the offset out: the cursor counts from the first hit",
                );
            }
            cursor.check(self)?;
        }
        if self.offset > MAX_REACH {
            return refuse(
                format!("an offset reaches the first 10,000 hits alone, not {}", self.offset),
                "go on from the page before with its cursor (--after)",
            );
        }
        if !(1..=MAX_PASSAGES).contains(&self.passages) {
            return refuse(
                format!("a hit has 1 to {MAX_PASSAGES} passages, not {}", self.passages),
                "ask for fewer, and print the article for the whole text",
            );
        }
        if let Some(timeout) = self.timeout_ms.filter(|timeout| *timeout > MAX_TIMEOUT_MS) {
            return refuse(
                format!("a search takes at most {MAX_TIMEOUT_MS} ms, not {timeout}"),
                "narrow the query, e.g. by date",
            );
        }
        if self.terms > MAX_TERMS {
            return refuse(
                format!("at most {MAX_TERMS} distinctive words are returned, not {}", self.terms),
                "ask for fewer",
            );
        }
        if self.facets.len() > MAX_FACETS {
            return refuse(
                format!("at most {MAX_FACETS} facets are counted at once"),
                "ask for some of them",
            );
        }
        if let Some(facet) = self.facets.iter().find(|facet| !(1..=MAX_FACET_VALUES).contains(&facet.limit)) {
            return refuse(
                format!("a facet has 1 to 1,000 values, not {}", facet.limit),
                "ask for fewer values, or narrow the query",
            );
        }
        Ok(())
    }
}

fn refuse(message: String, hint: &str) -> Result<()> {
    Err(Error::new(ErrorKind::Argument, message).with_hint(hint))
}
