//! What the articles of an index have in common: average lengths, and how rare words are.

use std::sync::Arc;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Score, Searcher, SegmentReader, TERMINATED};

use super::fields::{Part, Weighted, fields_of, scope_name};
use crate::control::Deadline;
use crate::index::schema::Fields;
use crate::query::Scope;
use crate::query::lower::stems::{self, Occurrences};

/// Words of a lead, about: the average is not kept, and only decides how much a long one counts.
const TYPICAL_LEAD: Score = 40.0;

pub(super) fn idf(doc_freq: u64, docs: u64) -> Score {
    let rest = docs.saturating_sub(doc_freq) as Score + 0.5;
    (1.0 + rest / (doc_freq as Score + 0.5)).ln()
}

/// What the fields of an index have in common: their average lengths, and how rare words are.
pub(crate) struct Statistics {
    pub(super) docs: u64,
    pub(crate) averages: Vec<Score>,
    /// Inverse norms by the code of a length, of each field.
    pub(super) norms: Vec<Arc<[Score; 256]>>,
    deadline: Deadline,
}

impl Statistics {
    pub(crate) fn read(
        searcher: &Searcher,
        fields: &[Weighted],
        deadline: &Deadline,
    ) -> tantivy::Result<Self> {
        let docs: u64 = searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum();
        let mut averages = Vec::with_capacity(fields.len());
        for part in fields {
            if part.role == Part::Lead {
                averages.push(TYPICAL_LEAD);
                continue;
            }
            let mut tokens = 0;
            for reader in searcher.segment_readers() {
                tokens += reader.inverted_index(part.field)?.total_num_tokens();
            }
            averages.push((tokens as Score / docs.max(1) as Score).max(1.0));
        }
        let norms = fields.iter().zip(&averages).map(|(part, average)| part.norms(*average)).collect();
        Ok(Self { docs, averages, norms, deadline: deadline.clone() })
    }

    /// Of a word whose terms are those of several languages.
    pub(super) fn idf(
        &self,
        searcher: &Searcher,
        fields: &[Weighted],
        terms: &[String],
    ) -> tantivy::Result<Score> {
        let mut found = 0;
        for term in terms {
            found += doc_freq(searcher, fields, term, &self.deadline)?;
        }
        Ok(idf(found, self.docs))
    }

    /// How rare a word is in the fields of a scope, whose terms are those of several languages; `None` where no article has
    /// it.
    pub(crate) fn rarity(
        &self,
        searcher: &Searcher,
        fields: &Fields,
        scope: Scope,
        terms: &[String],
    ) -> tantivy::Result<Option<Score>> {
        let mut found = 0;
        for term in terms {
            found += doc_freq(searcher, &fields_of(fields, scope), term, &self.deadline)?;
        }
        Ok((found > 0).then(|| idf(found, self.docs)))
    }
}

/// Articles that have a term in any of the fields; one whose body has several forms of a stem counts for each. When the time is up some are not counted: nothing is scored then.
fn doc_freq(
    searcher: &Searcher,
    fields: &[Weighted],
    term: &str,
    deadline: &Deadline,
) -> tantivy::Result<u64> {
    if let [part] = fields {
        return stems::doc_freq(searcher, part.field, term);
    }
    let mut found = 0;
    for reader in searcher.segment_readers() {
        if deadline.is_over() {
            break;
        }
        found += stems::doc_freq_of(reader, scope_name(fields), term, || doc_freq_in(reader, fields, term))?;
    }
    Ok(found)
}

/// Of the last field the numbers are known, which is the body where there are two; of the headline only what the body has not got
/// is looked for. So each article counts the same in whatever segment it is.
fn doc_freq_in(reader: &SegmentReader, fields: &[Weighted], term: &str) -> tantivy::Result<u64> {
    let Some((last, others)) = fields.split_last() else { return Ok(0) };
    let mut body = Occurrences::open(reader, last.field, term, IndexRecordOption::Basic)?;
    let mut found = stems::doc_freq_in(reader, last.field, term)?;
    for part in others {
        let Some(mut other) = Occurrences::open(reader, part.field, term, IndexRecordOption::Basic)? else {
            continue;
        };
        while other.doc() != TERMINATED {
            let doc = other.doc();
            found += u64::from(body.as_mut().is_none_or(|body| body.seek(doc) != doc));
            other.advance();
        }
    }
    Ok(found)
}
