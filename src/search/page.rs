//! A page of hits: one pass over what matches, then the articles of the page with their passages.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::collect::{Best, Collected, Pass};
use super::expand;
use super::facet::name_field;
use super::rank::Ranking;
use super::searcher::Prepared;
use super::snippet::Highlighter;
use super::{
    Explanation, FacetField, FacetRequest, Hit, Relation, SearchRequest, SearchResults, Searcher, Sort,
    StoredArticle, Total,
};
use crate::article::Publication;
use crate::error::{Error, ErrorKind, Result};
use crate::query::Parsed;

impl Searcher {
    /// One pass over what matches.
    pub(super) fn collect(
        &self,
        request: &SearchRequest,
        prepared: &Prepared,
        facets: &[FacetField],
    ) -> Result<Collected> {
        let freshness = Some(prepared.now).filter(|_| !prepared.lowered.is_dated && !request.bag_of_words);
        let ranking = Ranking::new(&prepared.lowered.asked, prepared.lowered.is_scored, freshness);
        let is_smoothed = request.expand && request.limit > 0 && request.sort == Sort::Relevance;
        let limit = if request.limit == 0 { 0 } else { request.offset + request.limit };
        let pass = Pass {
            limit: if is_smoothed { limit.max(expand::SMOOTHED_ARTICLES) } else { limit },
            sort: request.sort,
            facets: facets.to_vec(),
            ranking: Arc::new(ranking),
        };
        let searcher = self.shared.reader.searcher();
        let mut collected =
            searcher.search(&prepared.query(None), &pass).map_err(|error| self.fail(error))?;
        prepared.deadline.check()?;
        if is_smoothed && prepared.lowered.words > 0.0 {
            collected.smoothed = self.smooth(&mut collected.best, &prepared.deadline)?;
            collected.best.truncate(limit);
        }
        Ok(collected)
    }

    /// A defect of the engine that a query brings out ends that query and nothing else.
    pub(super) fn answer(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<SearchResults> {
        catch_unwind(AssertUnwindSafe(|| self.answer_unguarded(request, parsed))).unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Internal, "the search stopped at a defect of dateline")
                .with_hint("please report it with the query"))
        })
    }

    fn answer_unguarded(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<SearchResults> {
        let started = Instant::now();
        request.check()?;
        let prepared = self.prepare(request, parsed)?;
        // A facet whose field is filtered is counted apart, without that filter.
        let is_filtered = |facet: &FacetRequest| {
            prepared.filters.iter().any(|(field, _)| Some(*field) == name_field(facet.field))
        };
        let (apart, along): (Vec<&FacetRequest>, Vec<&FacetRequest>) =
            request.facets.iter().partition(|facet| is_filtered(facet));
        let along: Vec<FacetField> = along.iter().map(|facet| facet.field).collect();
        let mut collected = self.collect(request, &prepared, &along)?;
        let mut counts = std::mem::take(&mut collected.facets);
        let searcher = self.shared.reader.searcher();
        for facet in apart {
            let pass = Pass {
                limit: 0,
                sort: request.sort,
                facets: vec![facet.field],
                ranking: Arc::new(Ranking::new(&[], false, None)),
            };
            let query = prepared.query(name_field(facet.field));
            let found = searcher.search(&query, &pass).map_err(|error| self.fail(error))?;
            counts.extend(found.facets);
            prepared.deadline.check()?;
        }
        let page: Vec<&Best> = collected.best.iter().skip(request.offset).collect();
        let mut hits = Vec::with_capacity(page.len());
        let highlighter = Highlighter::new(&prepared.lowered.marks);
        for (number, best) in page.into_iter().enumerate() {
            let stored = self.read(&searcher, best.address)?;
            let explanation = if request.explain {
                {
                    let smoothed = collected.smoothed.get(&best.address).copied();
                    Some(self.explain(&searcher, request, &prepared, best, smoothed)?)
                }
            } else {
                None
            };
            hits.push(hit(request, &highlighter, request.offset + number + 1, best, stored, explanation));
        }
        let mut facets = BTreeMap::new();
        for facet in &request.facets {
            let counts = counts.remove(&facet.field).unwrap_or_default();
            facets.insert(facet.field.as_str().to_owned(), self.facet(facet, counts)?);
        }
        let mut notes = prepared.lowered.notes;
        let timed_out = prepared.deadline.was_over();
        if timed_out {
            let time = request.timeout_ms.unwrap_or_default();
            notes.push(format!("stopped after {time} ms: there may be more articles than were found"));
        }
        if prepared.deadline.has_shortcut() {
            notes.push("in very long articles not every way to combine the words was tried".to_owned());
        }
        let suggestions = if timed_out {
            Vec::new()
        } else {
            self.suggest(&prepared.lowered.missing, &searcher, &prepared.deadline)?
        };
        let partial = if collected.count == 0 && !timed_out {
            Self::nearly(&request.query, |query| {
                let spent = started.elapsed().as_millis() as u64;
                let timeout_ms = request.timeout_ms.map(|time| time.saturating_sub(spent));
                let request = SearchRequest {
                    query: query.clone(),
                    limit: 0,
                    expand: false,
                    timeout_ms,
                    ..request.clone()
                };
                let prepared = self.prepare(&request, parsed)?;
                let count = self.collect(&request, &prepared, &[])?.count;
                Ok(Some(count).filter(|_| !prepared.deadline.was_over()))
            })?
        } else {
            None
        };
        Ok(SearchResults {
            query: request.query.to_string(),
            total: Total {
                value: collected.count,
                relation: if timed_out { Relation::AtLeast } else { Relation::Exact },
            },
            timed_out,
            suggestions,
            partial,
            took_ms: (started.elapsed().as_secs_f64() * 1e5).round() / 100.0,
            generation: self.generation(),
            hits,
            facets,
            notes,
        })
    }
}

fn hit(
    request: &SearchRequest,
    highlighter: &Highlighter<'_>,
    rank: usize,
    best: &Best,
    stored: StoredArticle,
    explanation: Option<Explanation>,
) -> Hit {
    let title_highlights = highlighter.title(&stored);
    let snippet = (request.snippet_chars > 0).then(|| highlighter.passage(&stored, request.snippet_chars));
    let StoredArticle { article, mut tags, .. } = stored;
    for company in &mut tags.companies {
        company.mentions = Vec::new();
    }
    for division in &mut tags.divisions {
        division.mentions = Vec::new();
    }
    Hit {
        rank,
        id: article.id,
        score: best.score,
        title: article.title,
        title_source: article.title_source,
        title_highlights,
        url: article.url,
        path: article.path,
        source: article.source,
        author: (!article.authors.is_empty()).then(|| article.authors.join(", ")),
        lang: article.lang,
        published: article.published.as_ref().map(Publication::to_string),
        published_precision: article.published.map(|published| published.precision),
        published_source: article.published.map(|published| published.source),
        companies: tags.companies,
        divisions: tags.divisions,
        topics: tags.topics.into_iter().map(|tag| tag.topic).collect(),
        snippet,
        explanation,
    }
}
