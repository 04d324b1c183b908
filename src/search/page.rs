//! A page of hits: one pass over what matches, then the articles of the page with their passages.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::collect::{Best, Collected, Pass, lift};
use super::cursor::{Cursor, fingerprint};
use super::expand::Smoothed;
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
use crate::query::lower::{GroupQuery, Lifts};

/// Said of a page that goes on in another state of the index than the one before was taken from.
const HAS_CHANGED: &str = "the index has changed since the page before";

impl Prepared {
    /// How the hits are ranked.
    pub(super) fn ranking(&self, request: &SearchRequest) -> Ranking {
        let freshness = Some(self.now).filter(|_| !self.lowered.is_dated && !request.bag_of_words);
        Ranking::new(&self.lowered.asked, self.lowered.is_scored, freshness)
    }

    /// What a reader should know of a page behind a cursor.
    pub(super) fn note_changes(&mut self, request: &SearchRequest) {
        let Some(cursor) = request.after.as_ref().filter(|cursor| cursor.generation != self.generation)
        else {
            return;
        };
        let note = match cursor.sort {
            Sort::Relevance => {
                format!("{HAS_CHANGED}, and scores with it: articles may be missing or come twice")
            }
            Sort::Newest | Sort::Oldest | Sort::Id => HAS_CHANGED.to_owned(),
        };
        self.lowered.notes.push(note);
    }
}

/// Where a page ends with a hit, so that the next one can go on there.
pub(super) fn cursor(
    request: &SearchRequest,
    prepared: &Prepared,
    rank: u64,
    best: &Best,
    smoothed: Option<&Smoothed>,
) -> Result<Cursor> {
    let mut place = best.place.clone();
    let own = match smoothed {
        Some(Smoothed::Behind { own, .. }) => Some(*own),
        _ => None,
    };
    place.score = own.unwrap_or(place.score);
    Ok(Cursor {
        sort: request.sort,
        place,
        is_behind: own.is_some(),
        rank,
        now: prepared.now,
        generation: prepared.generation,
        fingerprint: fingerprint(request)?,
    })
}

/// Hits before the page.
pub(super) fn hits_before(request: &SearchRequest) -> u64 {
    request.after.as_ref().map_or(request.offset as u64, |cursor| cursor.rank)
}

/// Since then, to two digits.
pub(super) fn milliseconds(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 1e5).round() / 100.0
}

/// A defect of the engine that a query brings out ends that query and nothing else.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Internal, "the search stopped at a defect of dateline")
            .with_hint("please report it with the query"))
    })
}

impl Searcher {
    /// One pass over what matches.
    pub(super) fn collect(
        &self,
        request: &SearchRequest,
        prepared: &Prepared,
        facets: &[FacetField],
    ) -> Result<Collected> {
        self.collect_best(request, prepared, facets, true)
    }

    /// The same; how many match is known only where it was asked for.
    pub(super) fn collect_best(
        &self,
        request: &SearchRequest,
        prepared: &Prepared,
        facets: &[FacetField],
        is_counted: bool,
    ) -> Result<Collected> {
        let wanted = if request.limit == 0 { 0 } else { request.offset + request.limit };
        let after = request.after.as_ref();
        let pass = Pass {
            // One more tells whether there is another page.
            limit: if wanted == 0 { 0 } else { wanted + 1 },
            after: after.map(|cursor| cursor.place.clone()),
            sort: request.sort,
            facets: facets.to_vec(),
            ranking: Arc::new(prepared.ranking(request)),
            is_counted,
            columns: Arc::clone(&self.shared.columns),
            floor: Arc::default(),
        };
        let is_smoothed =
            request.expand && wanted > 0 && request.sort == Sort::Relevance && prepared.lowered.words > 0.0;
        let mut collected = if is_smoothed {
            self.collect_smoothed(prepared, Pass { after: None, ..pass }, after)?
        } else if is_counted
            && wanted > 0
            && request.sort == Sort::Relevance
            && prepared.is_pruned_well().map_err(|error| self.fail(error))?
        {
            // Two passes: the best without looking at all, and all without a score.
            let all = self.pass(prepared, &Pass::counting(pass.facets, &pass.columns))?;
            let pass = Pass { facets: Vec::new(), is_counted: false, ..pass };
            Collected { count: all.count, facets: all.facets, ..self.pass(prepared, &pass)? }
        } else {
            self.pass(prepared, &pass)?
        };
        collected.has_more = collected.best.len() > wanted;
        collected.best.truncate(wanted);
        Ok(collected)
    }

    pub(super) fn pass(&self, prepared: &Prepared, pass: &Pass) -> Result<Collected> {
        let query = match prepared.lowered.query.downcast_ref::<GroupQuery>() {
            Some(group) if !pass.is_counted => {
                let mut group = group.clone();
                if let Some(now) = pass.ranking.now() {
                    let mut lifts = Lifts::new();
                    for reader in prepared.snapshot.segment_readers() {
                        let columns = self.shared.columns.opened(reader).map_err(|error| self.fail(error))?;
                        if let Some(windows) = &lift(&columns, now).windows {
                            lifts.insert(reader.segment_id(), Arc::clone(windows));
                        }
                    }
                    group = group.lifted(lifts);
                }
                if let Some(filter) = prepared.filter(None) {
                    group = group.filtered(filter);
                }
                prepared.limited(Box::new(group))
            }
            _ => prepared.query(None),
        };
        let collected = self.run(prepared, &*query, pass)?;
        prepared.deadline.check()?;
        Ok(collected)
    }

    pub(super) fn answer(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<SearchResults> {
        let _turn = self.shared.turns.take();
        guarded(|| self.answer_unguarded(request, parsed))
    }

    fn answer_unguarded(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<SearchResults> {
        let started = Instant::now();
        request.check()?;
        let mut prepared = self.prepare(request, parsed)?;
        prepared.note_changes(request);
        // A facet whose field is filtered is counted apart, without that filter.
        let is_filtered = |facet: &FacetRequest| {
            prepared.filters.iter().any(|(field, _)| Some(*field) == name_field(facet.field))
        };
        let (apart, along): (Vec<&FacetRequest>, Vec<&FacetRequest>) =
            request.facets.iter().partition(|facet| is_filtered(facet));
        let along: Vec<FacetField> = along.iter().map(|facet| facet.field).collect();
        let mut collected = self.collect(request, &prepared, &along)?;
        let mut counts = std::mem::take(&mut collected.facets);
        for facet in apart {
            let pass = Pass::counting(vec![facet.field], &self.shared.columns);
            let query = prepared.query(name_field(facet.field));
            let found = self.run(&prepared, &*query, &pass)?;
            counts.extend(found.facets);
            prepared.deadline.check()?;
        }
        let before = hits_before(request);
        let page = collected.best.get(request.offset..).unwrap_or_default();
        let hits = self.hits(request, &prepared, &collected, page, before)?;
        let mut facets = BTreeMap::new();
        for facet in &request.facets {
            let counts = counts.remove(&facet.field).unwrap_or_default();
            facets.insert(facet.field.as_str().to_owned(), self.facet(facet, &counts)?);
        }
        let terms = match request.terms {
            0 => None,
            limit => Some(self.distinctive(&prepared, limit)?),
        };
        let timed_out = prepared.deadline.was_over();
        let next = page
            .last()
            .filter(|_| collected.has_more && !timed_out)
            .map(|last| {
                let rank = before + page.len() as u64;
                cursor(request, &prepared, rank, last, collected.smoothed.get(&last.address))
            })
            .transpose()?;
        let suggestions = if timed_out {
            Vec::new()
        } else {
            self.suggest(&prepared.lowered.missing, &prepared.snapshot, &prepared.deadline)?
        };
        let partial = if collected.count == 0 && !timed_out {
            Self::nearly(&request.query, |query| {
                let spent = started.elapsed().as_millis() as u64;
                let timeout_ms = request.timeout_ms.map(|time| time.saturating_sub(spent));
                let request = SearchRequest {
                    query: query.clone(),
                    limit: 0,
                    terms: 0,
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
        let mut notes = prepared.lowered.notes;
        if timed_out {
            let time = request.timeout_ms.unwrap_or_default();
            notes.push(format!("stopped after {time} ms: there may be more articles than were found"));
        }
        if prepared.deadline.has_shortcut() {
            notes.push("in very long articles not every way to combine the words was tried".to_owned());
        }
        Ok(SearchResults {
            query: request.query.to_string(),
            total: Total {
                value: collected.count,
                relation: if timed_out { Relation::AtLeast } else { Relation::Exact },
            },
            timed_out,
            suggestions,
            partial,
            took_ms: milliseconds(started),
            generation: prepared.generation,
            hits,
            next,
            facets,
            terms,
            notes,
        })
    }

    /// The articles of a page, with their passages. `before` is the number of hits before it.
    pub(super) fn hits(
        &self,
        request: &SearchRequest,
        prepared: &Prepared,
        collected: &Collected,
        page: &[Best],
        before: u64,
    ) -> Result<Vec<Hit>> {
        let highlighter = Highlighter::new(&prepared.lowered.marks);
        let mut hits = Vec::with_capacity(page.len());
        for (best, rank) in page.iter().zip(before + 1..) {
            let stored = self.read(&prepared.snapshot, best.address)?;
            let smoothed = collected.smoothed.get(&best.address).copied();
            let explanation =
                request.explain.then(|| self.explain(request, prepared, best, smoothed)).transpose()?;
            hits.push(hit(request, &highlighter, rank as usize, best, stored, explanation));
        }
        Ok(hits)
    }
}

pub(super) fn hit(
    request: &SearchRequest,
    highlighter: &Highlighter<'_>,
    rank: usize,
    best: &Best,
    stored: StoredArticle,
    explanation: Option<Explanation>,
) -> Hit {
    let title_highlights = highlighter.title(&stored);
    let found = highlighter.body(&stored, request.passages, request.snippet_chars);
    let whole = request.articles.then(|| Box::new(stored.clone()));
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
        score: best.place.score,
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
        snippets: found.snippets,
        matches: found.matches,
        matches_chars: found.matches_chars,
        article: whole,
        explanation,
    }
}
