//! Where a term stands, also one that the index holds in other forms.
//!
//! English stems are not indexed: a third less is written, and what is asked for as it stands is found as fast as in an index
//! without stems. A stem is looked up when it is asked for. Its forms begin with nearly all of it, so that a walk over a small
//! part of the dictionary finds them, and the articles of a stem are those of its forms in English articles. Which forms a
//! segment has is remembered.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Searcher, SegmentReader, TERMINATED, Term};

use super::unscored::Bits;
use crate::index::analyzer::english_stem;
use crate::text::stem::{Stemmer, shared_start};

/// Forms and numbers that are remembered at most, of all words together: a few megabytes.
const MOST_KEPT: usize = 1 << 16;

/// Segments whose articles in other languages are remembered.
const MOST_SEGMENTS: usize = 256;

/// Segments never change, and no two have one name, so that this is never out of date.
#[derive(Default)]
struct Kept {
    forms: HashMap<(SegmentId, Field, String), Arc<[TermInfo]>>,
    doc_freqs: HashMap<(SegmentId, &'static str, String), u64>,
    count: usize,
    foreign: HashMap<SegmentId, Option<Arc<Bits>>>,
}

impl Kept {
    /// Makes room for so many more.
    fn count(&mut self, more: usize) {
        if self.count > MOST_KEPT {
            self.forms.clear();
            self.doc_freqs.clear();
            self.count = 0;
        }
        self.count += more;
    }
}

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a segment has of the forms of an English stem.
fn forms(reader: &SegmentReader, field: Field, stem: &str) -> tantivy::Result<Arc<[TermInfo]>> {
    let key = (reader.segment_id(), field, stem.to_owned());
    if let Some(known) = kept().forms.get(&key) {
        return Ok(Arc::clone(known));
    }
    let index = reader.inverted_index(field)?;
    let found: Arc<[TermInfo]> = if stem.bytes().all(|byte| byte.is_ascii_lowercase()) {
        walk(&index, stem)?.into()
    } else {
        // What has other signs has no inflections in English.
        index.get_term_info(&Term::from_field_text(field, stem))?.into_iter().collect()
    };
    let mut kept = kept();
    kept.count(1 + found.len());
    kept.forms.insert(key, Arc::clone(&found));
    Ok(found)
}

fn walk(index: &InvertedIndexReader, stem: &str) -> tantivy::Result<Vec<TermInfo>> {
    let stemmer = Stemmer::english();
    let start = shared_start(stem).as_bytes();
    let mut found = Vec::new();
    let mut terms = index.terms().range().ge(start).into_stream()?;
    while terms.advance() {
        let form = terms.key();
        if !form.starts_with(start) {
            break;
        }
        if form.iter().all(u8::is_ascii_lowercase)
            && std::str::from_utf8(form).is_ok_and(|form| stemmer.stem(form) == stem)
        {
            found.push(terms.value().clone());
        }
    }
    Ok(found)
}

/// What a segment has of a term: of the forms of an English stem, else of itself.
pub(super) fn infos(reader: &SegmentReader, field: Field, term: &str) -> tantivy::Result<Arc<[TermInfo]>> {
    match english_stem(term) {
        Some(stem) => forms(reader, field, stem),
        None => {
            let index = reader.inverted_index(field)?;
            Ok(index.get_term_info(&Term::from_field_text(field, term))?.into_iter().collect())
        }
    }
}

/// Articles that have a term in a field. One that has several forms of a stem counts for each, and so does one that is deleted and
/// not yet gone.
pub(crate) fn doc_freq(searcher: &Searcher, field: Field, term: &str) -> tantivy::Result<u64> {
    let mut sum = 0;
    for reader in searcher.segment_readers() {
        sum += doc_freq_in(reader, field, term)?;
    }
    Ok(sum)
}

/// The same in one segment.
pub(super) fn doc_freq_in(reader: &SegmentReader, field: Field, term: &str) -> tantivy::Result<u64> {
    Ok(infos(reader, field, term)?.iter().map(|info| u64::from(info.doc_freq)).sum())
}

/// How many articles of a segment have a term in a scope of several fields, which `count` finds out if it isn't remembered.
pub(super) fn doc_freq_of(
    reader: &SegmentReader,
    scope: &'static str,
    term: &str,
    count: impl FnOnce() -> tantivy::Result<u64>,
) -> tantivy::Result<u64> {
    let key = (reader.segment_id(), scope, term.to_owned());
    if let Some(known) = kept().doc_freqs.get(&key) {
        return Ok(*known);
    }
    let found = count()?;
    let mut kept = kept();
    kept.count(1);
    kept.doc_freqs.insert(key, found);
    Ok(found)
}

/// The articles of a segment in other languages, in which forms of English stems don't count. `None` where there are none.
fn foreign(reader: &SegmentReader) -> tantivy::Result<Option<Arc<Bits>>> {
    let segment = reader.segment_id();
    if let Some(known) = kept().foreign.get(&segment) {
        return Ok(known.clone());
    }
    let index = reader.inverted_index(reader.schema().get_field("lang")?)?;
    let mut found: Option<Bits> = None;
    let mut languages = index.terms().stream()?;
    while languages.advance() {
        if languages.key() == b"en" {
            continue;
        }
        let mut articles = index.read_postings_from_terminfo(languages.value(), IndexRecordOption::Basic)?;
        let found = found.get_or_insert_with(|| Bits::none(reader.max_doc()));
        while articles.doc() != TERMINATED {
            found.set(articles.doc());
            articles.advance();
        }
    }
    let found = found.map(Arc::new);
    let mut kept = kept();
    if kept.foreign.len() >= MOST_SEGMENTS {
        kept.foreign.clear();
    }
    kept.foreign.insert(segment, found.clone());
    Ok(found)
}

/// The places of a term in a field of a segment.
#[derive(Clone)]
pub(super) enum Occurrences {
    Term(Box<SegmentPostings>),
    Stem(Inflections),
}

/// The places of several terms that never stand at one place.
#[derive(Clone)]
pub(super) struct Inflections {
    forms: Vec<SegmentPostings>,
    foreign: Option<Arc<Bits>>,
    doc: DocId,
}

impl Occurrences {
    /// `None` where the segment has none.
    pub(super) fn open(
        reader: &SegmentReader,
        field: Field,
        term: &str,
        option: IndexRecordOption,
    ) -> tantivy::Result<Option<Self>> {
        let infos = infos(reader, field, term)?;
        let foreign = if english_stem(term).is_some() { foreign(reader)? } else { None };
        let index = reader.inverted_index(field)?;
        if let ([info], None) = (&*infos, &foreign) {
            let postings = index.read_postings_from_terminfo(info, option)?;
            return Ok(Some(Self::Term(Box::new(postings))));
        }
        let mut forms = Vec::with_capacity(infos.len());
        for info in infos.iter() {
            forms.push(index.read_postings_from_terminfo(info, option)?);
        }
        let mut stem = Inflections { forms, foreign, doc: 0 };
        stem.settle();
        Ok((stem.doc != TERMINATED).then_some(Self::Stem(stem)))
    }

    /// Articles, about.
    pub(super) fn doc_freq(&self) -> u32 {
        match self {
            Self::Term(postings) => postings.doc_freq(),
            Self::Stem(stem) => stem.forms.iter().map(SegmentPostings::doc_freq).sum(),
        }
    }

    /// Occurrences in the current article.
    pub(super) fn term_freq(&self) -> u32 {
        match self {
            Self::Term(postings) => postings.term_freq(),
            Self::Stem(stem) => stem.here().map(SegmentPostings::term_freq).sum(),
        }
    }

    /// Adds the positions in the current article, in order, each so much further on.
    pub(super) fn append_positions_with_offset(&mut self, offset: u32, out: &mut Vec<u32>) {
        match self {
            Self::Term(postings) => postings.append_positions_with_offset(offset, out),
            Self::Stem(stem) => {
                let (before, doc, mut count) = (out.len(), stem.doc, 0);
                for form in stem.forms.iter_mut().filter(|form| form.doc() == doc) {
                    form.append_positions_with_offset(offset, out);
                    count += 1;
                }
                if count > 1 {
                    out[before..].sort_unstable();
                }
            }
        }
    }

    /// The positions in the current article in place of what is in the buffer.
    pub(super) fn positions_with_offset(&mut self, offset: u32, out: &mut Vec<u32>) {
        out.clear();
        self.append_positions_with_offset(offset, out);
    }
}

impl Inflections {
    fn here(&self) -> impl Iterator<Item = &SegmentPostings> {
        self.forms.iter().filter(|form| form.doc() == self.doc)
    }

    /// Takes up the first article that any form stands at.
    fn settle(&mut self) -> DocId {
        loop {
            let doc = self.forms.iter().map(DocSet::doc).min().unwrap_or(TERMINATED);
            self.doc = doc;
            if doc == TERMINATED || self.foreign.as_ref().is_none_or(|foreign| !foreign.has(doc)) {
                return doc;
            }
            self.leave();
        }
    }

    fn leave(&mut self) {
        let doc = self.doc;
        self.forms.iter_mut().filter(|form| form.doc() == doc).for_each(|form| {
            form.advance();
        });
    }
}

impl DocSet for Occurrences {
    fn advance(&mut self) -> DocId {
        match self {
            Self::Term(postings) => postings.advance(),
            Self::Stem(stem) if stem.doc == TERMINATED => TERMINATED,
            Self::Stem(stem) => {
                stem.leave();
                stem.settle()
            }
        }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        match self {
            Self::Term(postings) if postings.doc() < target => postings.seek(target),
            Self::Stem(stem) if stem.doc < target => {
                stem.forms.iter_mut().filter(|form| form.doc() < target).for_each(|form| {
                    form.seek(target);
                });
                stem.settle()
            }
            _ => self.doc(),
        }
    }

    fn doc(&self) -> DocId {
        match self {
            Self::Term(postings) => postings.doc(),
            Self::Stem(stem) => stem.doc,
        }
    }

    fn size_hint(&self) -> u32 {
        self.doc_freq()
    }

    fn cost(&self) -> u64 {
        u64::from(self.doc_freq())
    }
}

/// Whether the forms of English stems stand in articles of other languages as well, and have to be told apart.
pub(super) fn is_mixed(reader: &SegmentReader) -> tantivy::Result<bool> {
    Ok(foreign(reader)?.is_some())
}
