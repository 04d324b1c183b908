//! All hits of a search, and all articles of an index, one after the other.
//!
//! What is found is not held: a stream keeps the places of the next [`BLOCK`] articles, reads them one by one, and goes over
//! what matches again from the last place on. It answers from the committed state that it began with.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::collect::{Best, Collected};
use super::page::{cursor, guarded, hits_before};
use super::searcher::Prepared;
use super::{Filter, Hit, SearchRequest, Searcher, Sort, StoredArticle};
use crate::error::Result;
use crate::query::{Parsed, Query};

/// Places that are kept at once: of each segment of the index some two megabytes while they are chosen.
const BLOCK: usize = 20_000;

/// Hits that are read at once.
const READ_AT_ONCE: usize = 16;

/// Which articles to export. They come by id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// The query; [`Node::All`](crate::query::Node::All) for all articles.
    pub query: Query,
    /// Facet filters, as in a [`SearchRequest`].
    pub filters: Vec<Filter>,
    /// Whether plain words also find their synonyms.
    pub synonyms: bool,
    /// The present as Unix seconds, for relative dates; `None` takes the clock.
    pub now: Option<i64>,
}

impl ExportRequest {
    /// All articles of a query.
    pub fn new(query: Query) -> Self {
        Self { query, filters: Vec::new(), synonyms: true, now: None }
    }

    fn to_search(&self) -> SearchRequest {
        SearchRequest {
            filters: self.filters.clone(),
            synonyms: self.synonyms,
            now: self.now,
            limit: usize::MAX,
            sort: Sort::Id,
            ..SearchRequest::new(self.query.clone())
        }
    }
}

impl Searcher {
    /// The hits of a request one after the other, without a bound on their number: `limit` may be anything, `usize::MAX`
    /// for all. Facets and the time limit of the request don't apply; the flag of
    /// [`with_cancel`](Self::with_cancel) ends the stream with an error of kind `Cancelled`.
    ///
    /// Memory stays bounded however many there are. What matches is gone over once every 20,000 hits.
    pub fn stream(&self, request: &SearchRequest) -> Result<Hits> {
        self.stream_of(request, None)
    }

    /// The same of a query that was read from a text, so that an error can point at the place in it.
    pub fn stream_parsed(&self, parsed: &Parsed, request: &SearchRequest) -> Result<Hits> {
        self.stream_of(request, Some(parsed))
    }

    fn stream_of(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<Hits> {
        self.stream_in_blocks(request, parsed, BLOCK)
    }

    /// The same with another number of places that are kept.
    pub(super) fn stream_in_blocks(
        &self,
        request: &SearchRequest,
        parsed: Option<&Parsed>,
        block: usize,
    ) -> Result<Hits> {
        Ok(Hits { walk: self.walk(request.clone(), parsed, block)?, ready: VecDeque::new() })
    }

    /// The articles of a query one after the other, by id: in an order that no merge, thread or other article changes.
    /// Memory stays bounded however many there are.
    pub fn export(&self, request: &ExportRequest) -> Result<Articles> {
        Ok(Articles { walk: self.walk(request.to_search(), None, BLOCK)? })
    }

    /// The same of a query that was read from a text, so that an error can point at the place in it.
    pub fn export_parsed(&self, parsed: &Parsed, request: &ExportRequest) -> Result<Articles> {
        Ok(Articles { walk: self.walk(request.to_search(), Some(parsed), BLOCK)? })
    }

    fn walk(&self, request: SearchRequest, parsed: Option<&Parsed>, block: usize) -> Result<Walk> {
        let request = request.timeout_ms(None);
        request.check_stream()?;
        let mut prepared = guarded(|| self.prepare(&request, parsed))?;
        prepared.note_changes(&request);
        let mut walk = Walk {
            searcher: self.clone(),
            left: request.limit,
            rank: hits_before(&request),
            is_last: false,
            request,
            prepared,
            block,
            collected: Collected::default(),
            read: 0,
        };
        walk.refill()?;
        Ok(walk)
    }
}

/// Goes over places in order, block by block.
struct Walk {
    searcher: Searcher,
    request: SearchRequest,
    prepared: Prepared,
    block: usize,
    collected: Collected,
    /// Places of the block that were handed out.
    read: usize,
    /// Hits before the next one.
    rank: u64,
    /// Hits that are still wanted.
    left: usize,
    /// Whether no block follows.
    is_last: bool,
}

impl Walk {
    fn refill(&mut self) -> Result<()> {
        let request = SearchRequest { limit: self.block.min(self.left), ..self.request.clone() };
        self.collected = guarded(|| self.searcher.collect(&request, &self.prepared, &[]))?;
        self.read = request.offset.min(self.collected.best.len());
        self.is_last = !self.collected.has_more;
        let Some(last) = self.collected.best.last() else { return Ok(()) };
        let rank = self.rank + (self.collected.best.len() - self.read) as u64;
        let smoothed = self.collected.smoothed.get(&last.address);
        self.request.after = Some(cursor(&self.request, &self.prepared, rank, last, smoothed)?);
        self.request.offset = 0;
        Ok(())
    }

    /// The next places, at most so many, with the number of hits before them; none at the end.
    fn next(&mut self, most: usize) -> Result<(&[Best], u64)> {
        if self.left > 0 {
            self.prepared.deadline.check()?;
        }
        if self.read == self.collected.best.len() && !self.is_last && self.left > 0 {
            self.refill()?;
        }
        let count = most.min(self.left).min(self.collected.best.len() - self.read);
        let (from, before) = (self.read, self.rank);
        self.read += count;
        self.left -= count;
        self.rank += count as u64;
        Ok((&self.collected.best[from..self.read], before))
    }
}

/// The hits of a search, in order. After an error there are no more.
pub struct Hits {
    walk: Walk,
    ready: VecDeque<Hit>,
}

impl Hits {
    /// What a reader should know of the answer, e.g. an expansion that was cut.
    pub fn notes(&self) -> &[String] {
        &self.walk.prepared.lowered.notes
    }

    /// How many articles match; the stream may have fewer by its limit, or where it began.
    pub fn total(&self) -> u64 {
        self.walk.collected.count
    }

    fn refill(&mut self) -> Result<()> {
        let (page, before) = self.walk.next(READ_AT_ONCE)?;
        let page = page.to_vec();
        let Walk { searcher, request, prepared, collected, .. } = &self.walk;
        let hits = guarded(|| searcher.hits(request, prepared, collected, &page, before))?;
        self.ready.extend(hits);
        Ok(())
    }
}

impl Iterator for Hits {
    type Item = Result<Hit>;

    fn next(&mut self) -> Option<Result<Hit>> {
        if self.ready.is_empty()
            && let Err(error) = self.refill()
        {
            self.walk.left = 0;
            return Some(Err(error));
        }
        self.ready.pop_front().map(Ok)
    }
}

/// Articles by id. After an error there are no more.
pub struct Articles {
    walk: Walk,
}

impl Articles {
    /// What a reader should know of the answer, e.g. an expansion that was cut.
    pub fn notes(&self) -> &[String] {
        &self.walk.prepared.lowered.notes
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.walk.collected.count
    }

    fn read(&mut self) -> Result<Option<StoredArticle>> {
        let (page, _) = self.walk.next(1)?;
        let Some(address) = page.first().map(|best| best.address) else { return Ok(None) };
        let Walk { searcher, prepared, .. } = &self.walk;
        searcher.read(&prepared.snapshot, address).map(Some)
    }
}

impl Iterator for Articles {
    type Item = Result<StoredArticle>;

    fn next(&mut self) -> Option<Result<StoredArticle>> {
        let next = self.read().transpose();
        if matches!(next, Some(Err(_))) {
            self.walk.left = 0;
        }
        next
    }
}
