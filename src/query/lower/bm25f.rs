//! Words scored over several fields of an article at once, and the nearness of words that were asked for together.
//!
//! BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004; Robertson and
//! Zaragoza, "The Probabilistic Relevance Framework", 2009, §3.5): frequencies are normalised by the length of their
//! field, weighted, added up, and saturate once, so that a word of the headline that the body repeats counts as further
//! occurrences of one word and not as a second word.
//!
//! ```text
//! tf    = Σ over fields  weight × occurrences / (1 − b + b × length / average length)
//! score = idf × (K1 + 1) × tf / (K1 + tf)
//! idf   = ln(1 + (N − n + ½) / (n + ½))
//! ```
//!
//! `n` counts the articles that have the word in any of the fields, and one whose body has several of its inflections for each
//! of them. A sequence of words that has to stand as it is has
//! the sum of their idfs.
//!
//! Nearness is a feature of word pairs as in Metzler and Croft's sequential dependence model (SIGIR 2005): neighbours
//! of the query that follow each other with at most one word between. Their occurrences go through the same formula with
//! the smaller of the two idfs and a small weight.
//!
//! Positional operators score by the same formula: see [`span`](super::span).

mod cursor;
mod fields;
mod scorer;
mod statistics;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use tantivy::query::{EnableScoring, Query, TermQuery, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Score, Searcher, SegmentReader, Term};

pub(super) use self::fields::{Lengths, Weighted, first_field, keep_before};
use self::fields::{Part, fields_of, scope_name};
use self::scorer::{Asked, Kind};
pub(super) use self::scorer::{FieldsWeight, SumScorer};
pub(super) use self::statistics::Statistics;
use super::stems;
use super::unscored::{AnyWeight, Wanted};
use crate::control::Deadline;
use crate::index::analyzer::{self, english_stem};
use crate::index::schema::Fields;
use crate::query::Scope;

/// How soon further occurrences of a word stop to count.
const K1: Score = 2.0;

/// Weight of near pairs beside words.
const PAIR_WEIGHT: Score = 0.2;

/// How far behind the first word of a pair the second may stand: 1 is next to it.
const PAIR_WINDOW: u32 = 2;

/// `(K1 + 1) × tf / (K1 + tf)`
pub(super) fn saturated(tf: Score) -> Score {
    (K1 + 1.0) * tf / (K1 + tf)
}

/// A word, or several that follow each other as one word that the tokenizer splits has them.
#[derive(Clone)]
pub(crate) struct WordQuery {
    fields: Arc<[Weighted]>,
    slots: Arc<[Vec<String>]>,
    deadline: Deadline,
}

impl WordQuery {
    /// `slots` has at least one place, and a place the term of each language, or one for all of them. No article has those
    /// of two languages.
    pub(crate) fn new(fields: &Fields, scope: Scope, slots: Vec<Vec<String>>, deadline: &Deadline) -> Self {
        Self { fields: fields_of(fields, scope).into(), slots: slots.into(), deadline: deadline.clone() }
    }

    /// Whether it is looked for in the beginning of the body alone.
    pub(super) fn is_lead(&self) -> bool {
        self.fields.iter().any(|part| part.role == Part::Lead)
    }

    /// The terms any of which an article has to have; `None` where it takes more to match.
    pub(super) fn terms(&self) -> Option<Vec<Wanted>> {
        let [slot] = &self.slots[..] else { return None };
        let fields: Vec<Field> = self.fields.iter().map(|part| part.field).collect();
        let scope = scope_name(&self.fields);
        let of = |term: &String| Wanted { scope, term: term.clone(), fields: fields.clone() };
        (!self.is_lead()).then(|| slot.iter().map(of).collect())
    }

    /// The fields that it is looked for in, as a name.
    pub(super) fn scope_name(&self) -> &'static str {
        scope_name(&self.fields)
    }

    /// What an article has to have any of: a term in each language, or terms that follow each other.
    pub(super) fn any(&self) -> Vec<Vec<String>> {
        in_languages(&self.slots)
    }

    /// Articles of a segment with it, about.
    pub(super) fn cost(&self, reader: &SegmentReader) -> tantivy::Result<u64> {
        let mut rarest = u64::MAX;
        for slot in &*self.slots {
            let mut sum = 0;
            for term in slot {
                for part in &*self.fields {
                    sum += stems::doc_freq_in(reader, part.field, term)?;
                }
            }
            rarest = rarest.min(sum);
        }
        Ok(rarest)
    }

    pub(super) fn unscored(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        if let Some(terms) = self.terms() {
            return match &terms[..] {
                [Wanted { term, fields, .. }] if fields.len() == 1 && english_stem(term).is_none() => {
                    TermQuery::new(Term::from_field_text(fields[0], term), IndexRecordOption::Basic)
                        .weight(scoring)
                }
                _ => Ok(Box::new(AnyWeight { terms, bounds: None })),
            };
        }
        Ok(Box::new(FieldsWeight {
            fields: Arc::clone(&self.fields),
            averages: vec![1.0; self.fields.len()],
            norms: Vec::new(),
            asked: self.asked(1.0),
            is_scored: false,
            deadline: self.deadline.clone(),
        }))
    }

    /// Words of one query over the same fields share what they have in common.
    pub(super) fn scored(
        &self,
        searcher: &Searcher,
        shared: &mut Option<(Vec<&'static str>, Statistics)>,
    ) -> tantivy::Result<FieldsWeight> {
        let fields = Arc::clone(&self.fields);
        let names: Vec<&str> = fields.iter().map(|part| part.name).collect();
        let statistics = match shared.take().filter(|(known, _)| *known == names) {
            Some((_, statistics)) => statistics,
            None => Statistics::read(searcher, &fields, &self.deadline)?,
        };
        let mut weight = 0.0;
        for terms in &*self.slots {
            weight += statistics.idf(searcher, &fields, terms)?;
        }
        let weight = FieldsWeight {
            averages: statistics.averages.clone(),
            norms: statistics.norms.clone(),
            asked: self.asked(weight),
            is_scored: true,
            deadline: self.deadline.clone(),
            fields,
        };
        *shared = Some((names, statistics));
        Ok(weight)
    }

    /// What is looked for in each language.
    fn asked(&self, weight: Score) -> Vec<Asked> {
        in_languages(&self.slots)
            .into_iter()
            .map(|terms| Asked { kind: Kind::Sequence, terms, weight })
            .collect()
    }
}

/// The terms of places, language by language.
pub(super) fn in_languages(slots: &[Vec<String>]) -> Vec<Vec<String>> {
    let languages = slots.iter().map(Vec::len).max().unwrap_or(0);
    let term = |slot: &Vec<String>, language: usize| slot.get(language).or(slot.last()).cloned();
    (0..languages).map(|language| slots.iter().filter_map(|slot| term(slot, language)).collect()).collect()
}

impl fmt::Debug for WordQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "WordQuery({})",
            in_languages(&self.slots)
                .iter()
                .map(|terms| shown(terms).join(" "))
                .collect::<Vec<_>>()
                .join(" | ")
        )
    }
}

impl Query for WordQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        match scoring {
            EnableScoring::Enabled { searcher, .. } => Ok(Box::new(self.scored(searcher, &mut None)?)),
            EnableScoring::Disabled { .. } => self.unscored(scoring),
        }
    }
}

/// Pairs of words, each better near to each other. It matches articles that have both words of any pair in one field, and is
/// meant to stand beside the words, as a part that adds to their score and finds nothing new.
#[derive(Clone)]
pub(crate) struct PairsQuery {
    fields: Vec<Weighted>,
    pairs: Vec<[String; 2]>,
    deadline: Deadline,
}

impl PairsQuery {
    pub(crate) fn new(fields: &Fields, pairs: Vec<[String; 2]>, deadline: &Deadline) -> Self {
        let fields = fields_of(fields, Scope::Anywhere);
        Self { fields, pairs, deadline: deadline.clone() }
    }
}

impl fmt::Debug for PairsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.pairs.iter().map(|pair| shown(pair).join(" ")).collect();
        write!(f, "PairsQuery({})", pairs.join(", "))
    }
}

impl PairsQuery {
    pub(super) fn scored(&self, searcher: &Searcher) -> tantivy::Result<FieldsWeight> {
        let statistics = Statistics::read(searcher, &self.fields, &self.deadline)?;
        let mut asked = Vec::with_capacity(self.pairs.len());
        for pair in &self.pairs {
            let [first, second] = pair;
            let first = statistics.idf(searcher, &self.fields, std::slice::from_ref(first))?;
            let second = statistics.idf(searcher, &self.fields, std::slice::from_ref(second))?;
            let weight = PAIR_WEIGHT * first.min(second);
            asked.push(Asked { kind: Kind::Near, terms: pair.to_vec(), weight });
        }
        Ok(FieldsWeight {
            fields: self.fields.clone().into(),
            averages: statistics.averages,
            norms: statistics.norms,
            asked,
            is_scored: true,
            deadline: self.deadline.clone(),
        })
    }
}

impl Query for PairsQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        match scoring {
            EnableScoring::Enabled { searcher, .. } => Ok(Box::new(self.scored(searcher)?)),
            // Where nothing is scored it adds nothing.
            EnableScoring::Disabled { .. } => Ok(Box::new(FieldsWeight {
                fields: Arc::from([]),
                averages: Vec::new(),
                norms: Vec::new(),
                asked: Vec::new(),
                is_scored: false,
                deadline: self.deadline.clone(),
            })),
        }
    }
}

/// Terms without the mark of stems.
fn shown(terms: &[String]) -> Vec<&str> {
    terms.iter().map(|term| analyzer::shown(term)).collect()
}
