//! Words that tell the articles of a query from all others.
//!
//! The statistic is the log-likelihood ratio G² (Dunning, "Accurate Methods for the Statistics of Surprise and
//! Coincidence", Computational Linguistics 19, 1993) of the table of articles with and without the word, in the set and in
//! the rest of the index. Only words that are more frequent in the set count.
//!
//! Reading every article of a large set would take too long, so words are looked for in a sample of it: the
//! [`SAMPLE`] articles whose content hashes are smallest, which is the same sample however the index is cut into segments.
//! The words that look best there are then counted exactly, in the whole set and the whole index, along their postings.

use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::{EnableScoring, Query as IndexQuery};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TERMINATED};

use super::searcher::Prepared;
use super::written::Vocabulary;
use super::{SearchRequest, Searcher};
use crate::control::Deadline;
use crate::error::Result;
use crate::query::lower::weighted_terms;

/// Articles that words are taken from.
const SAMPLE: usize = 500;

/// Words that are counted exactly, for each one that is asked for.
const COUNTED: usize = 4;

/// G² at and over which chance is unlikely: the value for one degree of freedom and a probability of 0.001.
const LEAST: f64 = 10.83;

/// Words that tell a set of articles from the rest of the index.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DistinctiveTerms {
    /// What `score` is.
    pub statistic: String,
    /// Articles in the set.
    pub set: u64,
    /// Other articles of the index.
    pub rest: u64,
    /// Articles of the set that words were taken from: all of them up to 500, else a sample. Counts are of all articles.
    pub read: u64,
    /// Best first.
    pub terms: Vec<DistinctiveTerm>,
}

/// One such word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DistinctiveTerm {
    /// As it is written most often; other forms of the word are counted with it.
    pub word: String,
    /// G².
    pub score: f64,
    /// Articles of the set that have it in headline or body.
    pub in_set: u64,
    /// Other articles of the index that have it.
    pub in_rest: u64,
}

impl Searcher {
    /// The words that tell the articles of a request, whatever its page, from the rest of the index; at most so many.
    pub fn distinctive_terms(&self, request: &SearchRequest, limit: usize) -> Result<DistinctiveTerms> {
        let request = SearchRequest { limit: 0, facets: Vec::new(), terms: limit, ..request.clone() };
        Ok(self.search(&request)?.terms.unwrap_or_default())
    }

    /// The same for a request whose names were looked up.
    pub(super) fn distinctive(&self, prepared: &Prepared, limit: usize) -> Result<DistinctiveTerms> {
        let found = self.run(prepared, &prepared.query(None), &SetPass)?;
        prepared.deadline.check()?;
        let set: u64 = found.docs.iter().map(|docs| docs.len() as u64).sum();
        let searcher = &prepared.snapshot;
        let docs = searcher.num_docs();
        let mut answer = DistinctiveTerms {
            statistic: "log-likelihood ratio G² (Dunning 1993) on numbers of articles".to_owned(),
            set,
            rest: docs.saturating_sub(set),
            read: 0,
            terms: Vec::new(),
        };
        if answer.rest == 0 {
            return Ok(answer);
        }
        let mut vocabulary = Vocabulary::default();
        for (_, address) in &found.sample {
            if prepared.deadline.is_over() {
                break;
            }
            vocabulary.read(&self.read(searcher, *address)?.article);
            answer.read += 1;
        }
        let scale = set as f64 / answer.read.max(1) as f64;
        let least = set.min(2) as u32;
        let mut candidates = Vec::new();
        for (term, word) in &vocabulary.0 {
            if word.articles < least {
                continue;
            }
            let inside = (f64::from(word.articles) * scale).round() as u64;
            let anywhere =
                self.doc_freq(searcher, term).map_err(|error| self.fail(error))?.clamp(inside, docs);
            let outside = (anywhere - inside).min(answer.rest);
            if let Some(score) = over_represented(inside, set, outside, answer.rest) {
                candidates.push((score, term, word));
            }
        }
        candidates.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
        candidates.truncate(limit.saturating_mul(COUNTED));
        for (_, term, word) in candidates {
            if prepared.deadline.is_over() {
                break;
            }
            let (in_set, in_rest) =
                self.count_term(searcher, term, &found.docs).map_err(|error| self.fail(error))?;
            let score = over_represented(in_set, set, in_rest, answer.rest).filter(|score| *score >= LEAST);
            if let Some(score) = score {
                answer.terms.push(DistinctiveTerm { word: word.form().to_owned(), score, in_set, in_rest });
            }
        }
        answer.terms.sort_by(|left, right| {
            right.score.total_cmp(&left.score).then_with(|| left.word.cmp(&right.word))
        });
        answer.terms.truncate(limit);
        Ok(answer)
    }

    /// Articles that have a term in headline or body: those of the set and the others.
    fn count_term(
        &self,
        searcher: &tantivy::Searcher,
        term: &str,
        set: &[Vec<DocId>],
    ) -> tantivy::Result<(u64, u64)> {
        let query = weighted_terms(self.fields(), &[(term.to_owned(), 1.0)], &Deadline::default());
        let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
        let (mut in_set, mut in_rest) = (0, 0);
        for (reader, set) in searcher.segment_readers().iter().zip(set) {
            let mut scorer = weight.scorer(reader, 1.0)?;
            let mut rest = &set[..];
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                rest = &rest[rest.partition_point(|member| *member < doc).min(rest.len())..];
                if rest.first() == Some(&doc) {
                    in_set += 1;
                } else if !reader.is_deleted(doc) {
                    in_rest += 1;
                }
                doc = scorer.advance();
            }
        }
        Ok((in_set, in_rest))
    }
}

/// G² of a word that `inside` of `set` articles and `outside` of `rest` others have; `None` where it is not more frequent in
/// the set.
fn over_represented(inside: u64, set: u64, outside: u64, rest: u64) -> Option<f64> {
    let (a, b, c, d) = (inside as f64, outside as f64, set as f64, rest as f64);
    if a * d <= b * c {
        return None;
    }
    let all = c + d;
    let part = |observed: f64, row: f64, column: f64| {
        if observed > 0.0 { observed * (observed * all / (row * column)).ln() } else { 0.0 }
    };
    let (with, without) = (a + b, all - a - b);
    Some(2.0 * (part(a, with, c) + part(b, with, d) + part(c - a, without, c) + part(d - b, without, d)))
}

/// Collects the articles of a set, and a sample of them.
struct SetPass;

/// The set.
struct Set {
    /// By segment, in order.
    docs: Vec<Vec<DocId>>,
    /// With their content hashes, smallest first.
    sample: Vec<(u64, DocAddress)>,
}

struct SegmentSet {
    segment: SegmentOrdinal,
    hashes: Column<u64>,
    docs: Vec<DocId>,
    /// The largest hash on top.
    sample: BinaryHeap<(u64, DocId)>,
}

type SegmentMembers = (SegmentOrdinal, Vec<DocId>, Vec<(u64, DocId)>);

impl Collector for SetPass {
    type Fruit = Set;
    type Child = SegmentSet;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentSet> {
        let hashes = reader.fast_fields().u64("content_hash")?;
        Ok(SegmentSet { segment, hashes, docs: Vec::new(), sample: BinaryHeap::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, mut segments: Vec<SegmentMembers>) -> tantivy::Result<Set> {
        segments.sort_unstable_by_key(|(segment, ..)| *segment);
        let mut merged = Set { docs: Vec::new(), sample: Vec::new() };
        for (segment, docs, sample) in segments {
            merged.docs.push(docs);
            merged.sample.extend(sample.into_iter().map(|(hash, doc)| (hash, DocAddress::new(segment, doc))));
        }
        merged.sample.sort_unstable();
        merged.sample.truncate(SAMPLE);
        Ok(merged)
    }
}

impl SegmentCollector for SegmentSet {
    type Fruit = SegmentMembers;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.docs.push(doc);
        let hash = self.hashes.first(doc).unwrap_or(u64::MAX);
        if self.sample.len() < SAMPLE {
            self.sample.push((hash, doc));
        } else if let Some(mut largest) = self.sample.peek_mut()
            && hash < largest.0
        {
            *largest = (hash, doc);
        }
    }

    fn harvest(self) -> SegmentMembers {
        (self.segment, self.docs, self.sample.into_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::over_represented;

    #[test]
    fn the_ratio_is_that_of_the_literature() {
        // Rayson and Garside (2000) work on word counts; on the whole table, checked by hand with natural logarithms.
        let score = over_represented(10, 20, 10, 80).unwrap();
        let expected: f64 = 2.0
            * (10.0 * (10.0 * 100.0 / (20.0 * 20.0_f64)).ln()
                + 10.0 * (10.0 * 100.0 / (20.0 * 80.0_f64)).ln()
                + 10.0 * (10.0 * 100.0 / (80.0 * 20.0_f64)).ln()
                + 70.0 * (70.0 * 100.0 / (80.0 * 80.0_f64)).ln());
        assert!((score - expected).abs() < 1e-9 && (score - 12.07).abs() < 0.01, "{score}");
        assert_eq!(over_represented(5, 10, 50, 100), None, "as frequent in the rest");
        assert_eq!(over_represented(1, 10, 90, 100), None, "rarer in the set");
        assert!(over_represented(10, 10, 0, 100).unwrap().is_finite());
    }
}
