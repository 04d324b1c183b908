//! A second look at what was found first: further words for the query, and scores that agree between articles that say the
//! same. The arithmetic is in [`expand`](super::expand).

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use tantivy::query::{BooleanQuery, EmptyQuery, Occur};

use super::collect::{Collected, Pass, arrange};
use super::expand::{self, Smoothed};
use super::rank::rounded;
use super::searcher::Prepared;
use super::{Cursor, SearchRequest, Searcher, Sort};
use crate::control::Deadline;
use crate::error::Result;
use crate::index::analyzer;
use crate::query::lower::{doc_freq, weighted_terms};

impl Searcher {
    /// Adds words of the articles that are found first. Half of the time is for finding them: where it is not enough, the
    /// rest is for the query as it is.
    pub(super) fn expand(&self, request: &SearchRequest, prepared: &mut Prepared) -> Result<()> {
        let first = SearchRequest {
            limit: expand::FEEDBACK_ARTICLES,
            offset: 0,
            after: None,
            sort: Sort::Relevance,
            expand: false,
            ..request.clone()
        };
        let half = Deadline::new(
            request.timeout_ms.map(|time| Duration::from_millis(time) / 2),
            self.cancel.clone(),
        );
        let whole = std::mem::replace(&mut prepared.deadline, half);
        let found = self.collect(&first, prepared, &[]);
        let half = std::mem::replace(&mut prepared.deadline, whole);
        let found = found?;
        if half.was_over() || prepared.deadline.was_over() {
            prepared.lowered.notes.push("there was no time to expand the query".to_owned());
            return Ok(());
        }
        let searcher = &prepared.snapshot;
        let mut articles = Vec::new();
        for best in found.best {
            let stored = self.read(searcher, best.address)?;
            articles.push((expand::content_terms(&stored.article), best.place.score));
        }
        articles.retain(|(terms, score)| !terms.is_empty() && *score > 0.0);
        let half = searcher.num_docs() / 2;
        let is_too_frequent = |term: &str| Ok(self.doc_freq(searcher, term)? > half);
        let terms = expand::feedback(&articles, prepared.lowered.words, is_too_frequent)
            .map_err(|error| self.fail(error))?;
        if terms.is_empty() {
            return Ok(());
        }
        let lowered = &mut prepared.lowered;
        let shown: Vec<&str> = terms.iter().map(|(term, _)| analyzer::shown(term)).collect();
        lowered.notes.push(format!("the query was expanded with {}", shown.join(" ")));
        lowered.outline.push_str(&format!("further words {}\n", shown.join(" ")));
        let asked = std::mem::replace(&mut lowered.query, Box::new(EmptyQuery));
        let role = if request.bag_of_words { Occur::Should } else { Occur::Must };
        let further = weighted_terms(&self.index.fields, &terms, &prepared.deadline);
        lowered.query = Box::new(BooleanQuery::new(vec![(role, asked), (Occur::Should, further)]));
        Ok(())
    }

    /// Articles whose body has a term.
    pub(super) fn doc_freq(&self, searcher: &tantivy::Searcher, term: &str) -> tantivy::Result<u64> {
        doc_freq(searcher, self.index.fields.body, term)
    }

    /// A pass where scores are made to agree: first the articles that lead the whole list, in their new order, then the
    /// rest in its own, with scores that stay below. Wherever a page begins, the same articles are compared.
    pub(super) fn collect_smoothed(
        &self,
        prepared: &Prepared,
        mut pass: Pass,
        after: Option<&Cursor>,
    ) -> Result<Collected> {
        let kept = pass.limit;
        pass.limit = kept + expand::SMOOTHED_ARTICLES;
        let mut collected = self.pass(prepared, &pass)?;
        let factor = self.smooth(&mut collected, prepared)?;
        let Some(cursor) = after else { return Ok(collected) };
        if let Some(factor) = factor.filter(|_| cursor.is_behind) {
            let behind = Pass {
                limit: kept,
                after: Some(cursor.place.clone()),
                facets: Vec::new(),
                floor: Arc::default(),
                ..pass
            };
            collected.best = self.pass(prepared, &behind)?.best;
            collected.stay_behind(0, factor);
        } else {
            let mut number = 0;
            collected.best.retain(|best| {
                number += 1;
                let is_behind = factor.is_some() && number > expand::SMOOTHED_ARTICLES;
                is_behind || cursor.place.order(Sort::Relevance, &best.place) == Ordering::Less
            });
        }
        Ok(collected)
    }

    /// Lets the scores of the first articles agree with those of similar ones. Gives the factor that keeps the others
    /// behind; none where there are too few, or no time, and nothing was changed.
    fn smooth(&self, collected: &mut Collected, prepared: &Prepared) -> Result<Option<f32>> {
        let first = collected.best.len().min(expand::SMOOTHED_ARTICLES);
        if first < expand::FEWEST_SMOOTHED {
            return Ok(None);
        }
        let snapshot = &prepared.snapshot;
        let mut articles = Vec::new();
        for one in &collected.best[..first] {
            if prepared.deadline.is_over() {
                return Ok(None);
            }
            articles.push(expand::content_terms(&self.read(snapshot, one.address)?.article));
        }
        let docs = snapshot.num_docs();
        let idf = |term: &str| -> tantivy::Result<f32> {
            let found = self.doc_freq(snapshot, term)?.min(docs);
            let rest = (docs - found) as f32;
            Ok(if found * 2 > docs { 0.0 } else { (1.0 + (rest + 0.5) / (found as f32 + 0.5)).ln() })
        };
        let scores: Vec<f32> = collected.best[..first].iter().map(|one| one.place.score).collect();
        let (smoothed, factor) = expand::smooth(&scores, &articles, idf).map_err(|error| self.fail(error))?;
        for (one, smoothed) in collected.best.iter_mut().zip(smoothed) {
            one.place.score = rounded(smoothed.score());
            collected.smoothed.insert(one.address, smoothed);
        }
        arrange(&mut collected.best[..first], Sort::Relevance);
        collected.stay_behind(first, factor);
        Ok(Some(factor))
    }
}

impl Collected {
    /// Scales the scores of the articles from a place on.
    fn stay_behind(&mut self, from: usize, factor: f32) {
        for one in &mut self.best[from..] {
            let smoothed = Smoothed::Behind { own: one.place.score, factor };
            one.place.score = smoothed.score();
            self.smoothed.insert(one.address, smoothed);
        }
    }
}
