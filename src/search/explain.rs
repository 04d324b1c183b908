//! The parts of a score.

use serde::Deserialize;
use tantivy::query::EnableScoring;

use super::collect::Best;
use super::expand::Smoothed;
use super::searcher::Prepared;
use super::{Explanation, SearchRequest, Searcher};
use crate::error::Result;

impl Searcher {
    pub(super) fn explain(
        &self,
        request: &SearchRequest,
        prepared: &Prepared,
        best: &Best,
        smoothed: Option<Smoothed>,
    ) -> Result<Explanation> {
        let searcher = &prepared.snapshot;
        let ranking = prepared.ranking(request);
        let reader = searcher.segment_reader(best.address.segment_ord);
        let doc = best.address.doc_id;
        let explain = || -> tantivy::Result<Explanation> {
            let weight = prepared.lowered.query.weight(EnableScoring::enabled_from_searcher(searcher))?;
            let words = weight.explain(reader, doc)?;
            let words = serde_json::from_str(&words.to_pretty_json()).map(EngineExplanation::into_ours)?;
            let date = reader.fast_fields().i64("published")?.first(doc).unwrap_or(i64::MIN);
            Ok(ranking.for_segment(reader)?.explain(doc, words, date))
        };
        let own = explain().map_err(|error| self.fail(error))?;
        let Some(smoothed) = smoothed else { return Ok(own) };
        let (description, parts) = smoothed.parts();
        let mut parts: Vec<Explanation> = parts
            .into_iter()
            .map(|(description, value)| Explanation {
                value,
                description: description.to_owned(),
                parts: Vec::new(),
            })
            .collect();
        if let Some(first) = parts.first_mut() {
            first.parts.push(own);
        }
        Ok(Explanation { value: smoothed.score(), description: description.to_owned(), parts })
    }
}

/// An explanation as the engine gives it.
#[derive(Deserialize)]
struct EngineExplanation {
    value: f32,
    description: String,
    #[serde(default)]
    details: Option<Vec<EngineExplanation>>,
    #[serde(default)]
    context: Option<Vec<String>>,
}

impl EngineExplanation {
    fn into_ours(self) -> Explanation {
        let context = self.context.filter(|context| !context.is_empty());
        let description = match context {
            Some(context) => {
                format!("{} ({})", self.description, context.join(", ").replace('\u{1}', "stem "))
            }
            None => self.description,
        };
        let parts = self.details.unwrap_or_default().into_iter().map(Self::into_ours).collect();
        Explanation { value: self.value, description, parts }
    }
}
