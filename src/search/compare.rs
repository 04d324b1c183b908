//! Queries side by side: what each finds, and what they have in common.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tantivy::collector::Count;
use tantivy::query::{BooleanQuery, Occur};

use super::distinct::DistinctiveTerms;
use super::page::{guarded, milliseconds};
use super::searcher::Prepared;
use super::trend::{Every, Trends, date};
use super::{FacetField, FacetRequest, FacetValue, Filter, Relation, SearchRequest, Searcher, Total};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Parsed, Query};

/// Most queries of a comparison.
const MAX_QUERIES: usize = 8;

/// What to compare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompareRequest {
    /// Two to eight queries.
    pub queries: Vec<Query>,
    /// Facet filters, as in a [`SearchRequest`]. They narrow every query, and every facet.
    pub filters: Vec<Filter>,
    /// Facets to count of each.
    pub facets: Vec<FacetRequest>,
    /// Distinctive words of each against the rest of the index; 0 for none.
    pub terms: usize,
    /// Counts over time, a series each.
    pub every: Option<Every>,
    /// Whether plain words also find their synonyms.
    pub synonyms: bool,
    /// Milliseconds that the comparison may take as a whole, at most 10,000.
    pub timeout_ms: Option<u64>,
    /// The present as Unix seconds, for relative dates; `None` takes the clock.
    pub now: Option<i64>,
}

impl CompareRequest {
    /// Queries with five companies, topics and outlets and ten distinctive words each.
    pub fn new(queries: Vec<Query>) -> Self {
        let SearchRequest { filters, synonyms, timeout_ms, now, .. } =
            SearchRequest::new(Query { root: crate::query::Node::All });
        let facets = [FacetField::Company, FacetField::Topic, FacetField::Source]
            .map(|field| FacetRequest { field, limit: 5 });
        Self { queries, filters, facets: facets.to_vec(), terms: 10, every: None, synonyms, timeout_ms, now }
    }

    fn search(&self, query: &Query) -> SearchRequest {
        SearchRequest {
            filters: self.filters.clone(),
            limit: 0,
            facets: self.facets.clone(),
            terms: self.terms,
            synonyms: self.synonyms,
            timeout_ms: self.timeout_ms,
            now: self.now,
            ..SearchRequest::new(query.clone())
        }
    }
}

/// Queries side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// In the order of the request.
    pub queries: Vec<Compared>,
    /// Each pair of queries.
    pub overlaps: Vec<Overlap>,
    /// Counts over time, where they were asked for: a series for each query over the same periods. Their total counts an
    /// article once for each query that finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trends: Option<Trends>,
    /// Time spent, in milliseconds.
    pub took_ms: f64,
    /// The committed state of the index that answered.
    pub generation: u64,
    /// Whether the time was up before all was looked at: numbers are lower bounds then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub timed_out: bool,
    /// What a reader should know of this answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What one query finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The text that was typed, or else the canonical one.
    pub label: String,
    /// Canonical text of the query.
    pub query: String,
    /// How many articles match.
    pub total: Total,
    /// Day of the first one.
    pub earliest: Option<String>,
    /// Day of the last one.
    pub latest: Option<String>,
    /// Those without a date.
    pub undated: u64,
    /// Facets by field name.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
    /// Words that tell its articles from the rest of the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<DistinctiveTerms>,
}

/// What two queries have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    /// Place of the one among the queries, from 0.
    pub left: usize,
    /// Place of the other.
    pub right: usize,
    /// Articles that both find.
    pub both: u64,
    /// The same as a part of those that any of the two finds, 0 to 1.
    pub share: f64,
}

impl Searcher {
    /// Compares queries.
    pub fn compare(&self, request: &CompareRequest) -> Result<Comparison> {
        guarded(|| self.compare_unguarded(request, &[]))
    }

    /// The same of queries that were read from texts, in the same order, so that an error can point at the place in one.
    pub fn compare_parsed(&self, parsed: &[Parsed], request: &CompareRequest) -> Result<Comparison> {
        guarded(|| self.compare_unguarded(request, parsed))
    }

    fn compare_unguarded(&self, request: &CompareRequest, parsed: &[Parsed]) -> Result<Comparison> {
        let started = Instant::now();
        if !(2..=MAX_QUERIES).contains(&request.queries.len()) {
            let message = format!("2 to {MAX_QUERIES} queries are compared, not {}", request.queries.len());
            return Err(Error::new(ErrorKind::Argument, message).with_hint("give each query as one argument"));
        }
        // All get ready first, so that their times run together.
        let mut prepared = Vec::new();
        for (at, query) in request.queries.iter().enumerate() {
            let search = request.search(query);
            search.check()?;
            prepared.push(self.prepare(&search, parsed.get(at))?);
        }
        let labels: Vec<String> = request
            .queries
            .iter()
            .enumerate()
            .map(|(at, query)| parsed.get(at).map_or_else(|| query.to_string(), |parsed| parsed.text.clone()))
            .collect();
        let mut queries = Vec::new();
        for ((query, prepared), label) in request.queries.iter().zip(&prepared).zip(&labels) {
            queries.push(self.compared(request, query, prepared, label)?);
        }
        let overlaps = self.overlaps(&queries, &prepared)?;
        let trends = match request.every {
            Some(every) => {
                let labelled: Vec<(&str, &Prepared)> =
                    labels.iter().map(String::as_str).zip(&prepared).collect();
                Some(self.trends_of(every, &labelled)?)
            }
            None => None,
        };
        let timed_out = prepared.iter().any(|prepared| prepared.deadline.was_over());
        let mut notes: Vec<String> = Vec::new();
        for note in prepared.iter().flat_map(|prepared| &prepared.lowered.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        if timed_out {
            let time = request.timeout_ms.unwrap_or_default();
            notes.push(format!("stopped after {time} ms: the numbers are lower bounds"));
        }
        let took_ms = milliseconds(started);
        let trends = trends.map(|trends| Trends { took_ms, ..trends });
        let generation = prepared.first().map_or(0, |prepared| prepared.generation);
        Ok(Comparison { queries, overlaps, trends, took_ms, generation, timed_out, notes })
    }

    fn compared(
        &self,
        request: &CompareRequest,
        query: &Query,
        prepared: &Prepared,
        label: &str,
    ) -> Result<Compared> {
        let mut fields: Vec<FacetField> = request.facets.iter().map(|facet| facet.field).collect();
        if !fields.contains(&FacetField::Year) {
            fields.push(FacetField::Year);
        }
        let mut collected = self.collect(&request.search(query), prepared, &fields)?;
        let years = collected.facets.get(&FacetField::Year).cloned().unwrap_or_default();
        let day = |day: Option<&i64>| day.map(|day| date(*day).to_string());
        let mut facets = BTreeMap::new();
        for facet in &request.facets {
            let counts = collected.facets.remove(&facet.field).unwrap_or_default();
            facets.insert(facet.field.as_str().to_owned(), self.facet(facet, &counts)?);
        }
        let terms = match request.terms {
            0 => None,
            limit => Some(self.distinctive(prepared, limit)?),
        };
        let relation = if prepared.deadline.was_over() { Relation::AtLeast } else { Relation::Exact };
        Ok(Compared {
            label: label.to_owned(),
            query: query.to_string(),
            total: Total { value: collected.count, relation },
            earliest: day(years.days.keys().next()),
            latest: day(years.days.keys().next_back()),
            undated: years.unknown,
            facets,
            terms,
        })
    }

    fn overlaps(&self, queries: &[Compared], prepared: &[Prepared]) -> Result<Vec<Overlap>> {
        let mut overlaps = Vec::new();
        for (left, one) in prepared.iter().enumerate() {
            for (right, other) in prepared.iter().enumerate().skip(left + 1) {
                let both =
                    BooleanQuery::new(vec![(Occur::Must, one.query(None)), (Occur::Must, other.query(None))]);
                let both = self.run(one, &both, &Count)? as u64;
                one.deadline.check()?;
                let any = (queries[left].total.value + queries[right].total.value).saturating_sub(both);
                let share = if any == 0 { 0.0 } else { both as f64 / any as f64 };
                overlaps.push(Overlap { left, right, both, share });
            }
        }
        Ok(overlaps)
    }
}
