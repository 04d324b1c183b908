//! A second look at what was found first: further words for the query, and scores that agree between articles that say the
//! same. The arithmetic is in [`expand`](super::expand).

use std::collections::HashMap;
use std::time::Duration;

use tantivy::DocAddress;
use tantivy::query::{BooleanQuery, EmptyQuery, Occur};

use super::collect::{Best, arrange};
use super::expand::{self, Smoothed};
use super::rank::rounded;
use super::searcher::Prepared;
use super::{SearchRequest, Searcher, Sort};
use crate::control::Deadline;
use crate::error::Result;
use crate::query::lower::weighted_terms;

impl Searcher {
    /// Adds words of the articles that are found first. Half of the time is for finding them: where it is not enough, the
    /// rest is for the query as it is.
    pub(super) fn expand(
        &self,
        searcher: &tantivy::Searcher,
        request: &SearchRequest,
        prepared: &mut Prepared,
    ) -> Result<()> {
        let first = SearchRequest {
            limit: expand::FEEDBACK_ARTICLES,
            offset: 0,
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
        let mut articles = Vec::new();
        for best in found.best {
            let stored = self.read(searcher, best.address)?;
            articles.push((expand::content_terms(&stored.article), best.score));
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
        let shown: Vec<&str> = terms.iter().map(|(term, _)| &term[1..]).collect();
        lowered.notes.push(format!("the query was expanded with {}", shown.join(" ")));
        lowered.outline.push_str(&format!("further words {}\n", shown.join(" ")));
        let asked = std::mem::replace(&mut lowered.query, Box::new(EmptyQuery));
        let role = if request.bag_of_words { Occur::Should } else { Occur::Must };
        let further = weighted_terms(&self.index.fields, &terms, &prepared.deadline);
        lowered.query = Box::new(BooleanQuery::new(vec![(role, asked), (Occur::Should, further)]));
        Ok(())
    }

    /// Articles whose body has a term.
    fn doc_freq(&self, searcher: &tantivy::Searcher, term: &str) -> tantivy::Result<u64> {
        searcher.doc_freq(&tantivy::Term::from_field_text(self.index.fields.body, term))
    }

    /// Lets the scores of similar articles agree, if there is time; gives what became of each.
    pub(super) fn smooth(
        &self,
        best: &mut [Best],
        deadline: &Deadline,
    ) -> Result<HashMap<DocAddress, Smoothed>> {
        if best.len() < expand::FEWEST_SMOOTHED {
            return Ok(HashMap::new());
        }
        let searcher = self.shared.reader.searcher();
        let mut articles = Vec::new();
        for one in best.iter().take(expand::SMOOTHED_ARTICLES) {
            if deadline.is_over() {
                return Ok(HashMap::new());
            }
            articles.push(expand::content_terms(&self.read(&searcher, one.address)?.article));
        }
        let docs = searcher.num_docs();
        let idf = |term: &str| -> tantivy::Result<f32> {
            let found = self.doc_freq(&searcher, term)?.min(docs);
            let rest = (docs - found) as f32;
            Ok(if found * 2 > docs { 0.0 } else { (1.0 + (rest + 0.5) / (found as f32 + 0.5)).ln() })
        };
        let scores: Vec<f32> = best.iter().map(|one| one.score).collect();
        let smoothed = expand::smooth(&scores, &articles, idf).map_err(|error| self.fail(error))?;
        let mut by_article = HashMap::new();
        for (one, smoothed) in best.iter_mut().zip(smoothed) {
            one.score = rounded(smoothed.score());
            by_article.insert(one.address, smoothed);
        }
        arrange(best, Sort::Relevance);
        Ok(by_article)
    }
}
