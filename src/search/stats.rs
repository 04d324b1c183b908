//! What an index holds, and whether its tags are those that would be given today.

use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::facet::day_name;
use super::tally::Level;
use super::{FacetField, FacetRequest, SearchRequest, Searcher};
use crate::article::Tagger;
use crate::error::Result;
use crate::query::{Node, Query};

/// What an index holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Articles.
    pub articles: u64,
    /// Articles without a date.
    pub undated: u64,
    /// Day of the first one.
    pub earliest: Option<String>,
    /// Day of the last one.
    pub latest: Option<String>,
    /// Companies with an article.
    pub companies: u64,
    /// Divisions with an article.
    pub divisions: u64,
    /// Outlets with an article.
    pub sources: u64,
    /// Parts that the index consists of.
    pub segments: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Number of the commit.
    pub generation: u64,
    /// Fingerprint of the tagger that the articles were tagged with: of the company list and the rules, unless it is
    /// another one than dateline's own.
    pub tagger: String,
    /// Whether the list or the rules of dateline's own tagger have changed since.
    pub is_stale: bool,
}

impl Searcher {
    /// What the index holds.
    pub fn stats(&self) -> Result<Stats> {
        let request = SearchRequest {
            limit: 0,
            timeout_ms: None,
            facets: [FacetField::Company, FacetField::Source, FacetField::Year]
                .map(|field| FacetRequest { field, limit: 1 })
                .to_vec(),
            ..SearchRequest::new(Query { root: Node::All })
        };
        let prepared = self.prepare(&request, None)?;
        let collected =
            self.collect(&request, &prepared, &[FacetField::Company, FacetField::Source, FacetField::Year])?;
        let counts = |field: FacetField| collected.facets.get(&field).cloned().unwrap_or_default();
        let companies = counts(FacetField::Company);
        let days = counts(FacetField::Year);
        let checkpoint = self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner).clone();
        let searcher = self.shared.reader.searcher();
        let space = searcher.space_usage().map_err(|error| self.fail(error.into()))?;
        Ok(Stats {
            articles: collected.count,
            undated: days.unknown,
            earliest: days.days.keys().next().map(|day| day_name(*day, FacetField::Day)),
            latest: days.days.keys().next_back().map(|day| day_name(*day, FacetField::Day)),
            companies: companies.values(Level::Whole).len() as u64,
            divisions: companies.values(Level::Divisions).len() as u64,
            sources: counts(FacetField::Source).values(Level::All).len() as u64,
            segments: searcher.segment_readers().len() as u64,
            bytes: space.total().get_bytes(),
            generation: checkpoint.seq,
            is_stale: self.is_stale(),
            tagger: checkpoint.tagger,
        })
    }

    /// Whether the articles were tagged by dateline's own tagger with another company list, or other rules, than are at
    /// hand now. Of an index that another tagger has tagged this is always false, for its list is not at hand: ask
    /// [`is_stale_for`](Self::is_stale_for).
    pub fn is_stale(&self) -> bool {
        let checkpoint = self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner);
        checkpoint.is_own_tagger
            && !checkpoint.tagger.is_empty()
            && checkpoint.tagger != self.index.list_fingerprint()
    }

    /// Whether this tagger would answer otherwise than the one that the articles were last tagged with: the one that
    /// was given to [`Indexer::with_tagger`], in a version of its own. An empty index is never stale.
    ///
    /// [`Indexer::with_tagger`]: crate::ingest::Indexer::with_tagger
    pub fn is_stale_for(&self, tagger: &dyn Tagger) -> bool {
        let checkpoint = self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner);
        !checkpoint.tagger.is_empty() && checkpoint.tagger != tagger.fingerprint()
    }

    /// Whether another tagger than dateline's own has given the tags.
    pub fn has_other_tagger(&self) -> bool {
        let checkpoint = self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner);
        !checkpoint.is_own_tagger
    }
}
