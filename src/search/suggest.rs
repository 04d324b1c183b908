//! What a reader may have meant who found nothing: words that are in the index, and articles that have most of the words.

use tantivy::Term;

use super::{PartialMatches, Searcher, Suggestion};
use crate::control::Deadline;
use crate::error::Result;
use crate::query::lower::words_near;
use crate::query::{Node, Query, Scope, TextAtom};
use crate::text::edit_distance;
use crate::text::function_words::{is_function_word, likely_language};

/// Most words that something is suggested for.
const MAX_WORDS: usize = 4;

/// Words with fewer letters are near everything.
const MIN_LETTERS: usize = 4;

/// Most words that are tried with fewer of them.
const MAX_PARTS: usize = 12;

/// The text of a plain word.
fn word(part: &Node) -> Option<&str> {
    match part {
        Node::Text { atom: TextAtom::Word { text }, .. } => Some(text),
        _ => None,
    }
}

impl Searcher {
    /// For each word that no article has the nearest one that articles have; of equally near ones the most frequent.
    pub(super) fn suggest(
        &self,
        missing: &[(Scope, String)],
        searcher: &tantivy::Searcher,
        deadline: &Deadline,
    ) -> Result<Vec<Suggestion>> {
        let fields = self.fields();
        let mut suggestions = Vec::new();
        for (scope, word) in missing.iter().take(MAX_WORDS) {
            let folded = crate::text::fold(word);
            let letters = folded.chars().count();
            if letters < MIN_LETTERS || !folded.chars().all(char::is_alphabetic) {
                continue;
            }
            let inside = match scope {
                Scope::Anywhere => vec![fields.title, fields.body],
                Scope::Title => vec![fields.title],
                Scope::Lead | Scope::Body => vec![fields.body],
            };
            let distance = if letters < 6 { 1 } else { 2 };
            let near = words_near(searcher, &inside, &folded, distance, deadline)?;
            let best = near
                .into_iter()
                .filter(|near| near.chars().all(char::is_alphabetic))
                .map(|near| {
                    // The field with most articles; the sum would count an article twice.
                    let counts = inside
                        .iter()
                        .map(|field| searcher.doc_freq(&Term::from_field_text(*field, &near)).unwrap_or(0));
                    (edit_distance(&near, &folded), counts.max().unwrap_or(0), near)
                })
                .min_by(|left, right| {
                    left.0.cmp(&right.0).then(right.1.cmp(&left.1)).then_with(|| left.2.cmp(&right.2))
                });
            suggestions.extend(best.map(|(_, articles, instead)| Suggestion {
                word: word.clone(),
                instead,
                articles,
            }));
        }
        Ok(suggestions)
    }

    /// Where no article has all words of a query, how many have most of them; `count` gives none where time is up.
    pub(super) fn nearly(
        query: &Query,
        count: impl Fn(&Query) -> Result<Option<u64>>,
    ) -> Result<Option<PartialMatches>> {
        let Node::And { clauses } = &query.root else { return Ok(None) };
        let (parts, others): (Vec<Node>, Vec<Node>) = clauses.iter().cloned().partition(|clause| {
            matches!(clause, Node::Text { .. } | Node::Near { .. } | Node::AtLeast { .. } | Node::Or { .. })
        });
        let asked = parts.len();
        if !(2..=MAX_PARTS).contains(&asked) {
            return Ok(None);
        }
        // `--match 3` leaves function words out; what is said of it has to be true.
        let words: Vec<&str> = parts.iter().filter_map(word).collect();
        let lang = likely_language(&words.join(" "));
        let is_function_word = |part: &Node| {
            word(part).is_some_and(|text| is_function_word(Some(lang), &crate::text::fold(text)))
        };
        let mut parts = parts;
        if parts.iter().any(|part| !is_function_word(part)) {
            parts.retain(|part| !is_function_word(part));
        }
        for minimum in (1..asked.min(parts.len() + 1)).rev() {
            let several = Node::Several { minimum: minimum as u32, clauses: parts.clone() };
            let Some(root) = Node::all(others.iter().cloned().chain([several]).collect()) else {
                return Ok(None);
            };
            let query = Query { root };
            let Some(articles) = count(&query)? else { return Ok(None) };
            if articles > 0 {
                let query = query.to_string();
                return Ok(Some(PartialMatches { parts: asked, have: minimum, articles, query }));
            }
        }
        Ok(None)
    }
}
