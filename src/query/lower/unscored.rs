//! Articles that have any or all of some terms, where nothing is scored.
//!
//! The engine's union asks each list for one article after the other. Here whole blocks of a list are set as bits of a
//! window, and the bits are counted or read out. Beside another part that is rarer the lists are sought in instead. Of frequent
//! words that were gone over before, the bits of all articles are there already ([`Bounds`]).

mod all;
mod bits;

use std::sync::Arc;

use tantivy::postings::BlockSegmentPostings;
use tantivy::query::{EmptyScorer, Explanation, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Score, SeekDangerResult, SegmentReader, TERMINATED};

pub(super) use self::all::{AllWeight, Needed};
pub(super) use self::bits::Bits;
use super::does_not_match;
use super::prune::Bounds;
use super::stems::{self, Occurrences};
use crate::index::analyzer::english_stem;

/// Articles of a window, in words of 64 bits.
const WORDS: usize = 64;
const WINDOW: DocId = 64 * WORDS as DocId;

/// Articles of a full block of a list.
const BLOCK: usize = 128;

/// A term in the fields of a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    pub(super) scope: &'static str,
    pub(super) term: String,
    pub(super) fields: Vec<Field>,
}

/// Finds the articles of any of the terms.
pub(super) struct AnyWeight {
    pub(super) terms: Vec<Wanted>,
    /// Where articles of frequent words may be kept.
    pub(super) bounds: Option<Arc<Bounds>>,
}

impl AnyWeight {
    /// `None` where the segment has none of them.
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Option<AnyScorer>> {
        let mut lists = Vec::with_capacity(self.terms.len());
        for Wanted { scope, term, fields } in &self.terms {
            if let Some(bits) = self
                .bounds
                .as_ref()
                .and_then(|bounds| bounds.articles(reader, scope, [std::slice::from_ref(term)]))
            {
                lists.push(List::Bits { doc: bits.next(0), bits });
                continue;
            }
            for field in fields {
                // Where forms stand in articles of other languages as well, these have to be passed over.
                if english_stem(term).is_some() && stems::is_mixed(reader)? {
                    let english = Occurrences::open(reader, *field, term, IndexRecordOption::Basic)?;
                    lists.extend(english.map(List::English));
                    continue;
                }
                let index = reader.inverted_index(*field)?;
                for info in stems::infos(reader, *field, term)?.iter() {
                    let blocks = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
                    lists.push(List::Blocks { blocks: Box::new(blocks), at: 0 });
                }
            }
        }
        Ok((!lists.is_empty()).then(|| AnyScorer::new(lists, reader.max_doc())))
    }
}

impl Weight for AnyWeight {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.open(reader)? {
            Some(scorer) => Box::new(scorer),
            None => Box::new(EmptyScorer),
        })
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        if let ([Wanted { term, fields, .. }], None) = (&self.terms[..], reader.alive_bitset())
            && let [field] = &fields[..]
            && english_stem(term).is_none()
        {
            // The dictionary knows it.
            return Ok(stems::doc_freq_in(reader, *field, term)? as u32);
        }
        let Some(mut scorer) = self.open(reader)? else { return Ok(0) };
        Ok(match reader.alive_bitset() {
            None => scorer.count_including_deleted(),
            Some(alive) => scorer.count(alive),
        })
    }

    fn for_each_no_score(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(&[DocId]),
    ) -> tantivy::Result<()> {
        if let Some(mut scorer) = self.open(reader)? {
            scorer.each(callback);
        }
        Ok(())
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if self.scorer(reader, 1.0)?.seek(doc) == doc {
            return Ok(Explanation::new("has any of the words", 1.0));
        }
        Err(does_not_match(doc))
    }
}

/// The articles of a term.
enum List {
    Blocks {
        blocks: Box<BlockSegmentPostings>,
        /// Place in the block.
        at: usize,
    },
    Bits {
        bits: Arc<Bits>,
        doc: DocId,
    },
    /// Of the forms of a stem in English articles.
    English(Occurrences),
}

impl List {
    fn doc(&self) -> DocId {
        match self {
            Self::Blocks { blocks, at } => blocks.doc(*at),
            Self::Bits { doc, .. } => *doc,
            Self::English(places) => places.doc(),
        }
    }

    /// How many, about.
    fn articles(&self) -> u32 {
        match self {
            Self::Blocks { blocks, .. } => blocks.doc_freq(),
            Self::Bits { bits, .. } => bits.count(),
            Self::English(places) => places.doc_freq(),
        }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc() >= target {
            return self.doc();
        }
        match self {
            Self::Blocks { blocks, at } => {
                *at = blocks.seek(target);
                blocks.doc(*at)
            }
            Self::Bits { bits, doc, .. } => {
                *doc = bits.next(target);
                *doc
            }
            Self::English(places) => places.seek(target),
        }
    }

    /// Sets the bits of a window, which begins at a multiple of 64, and stands behind it.
    fn fill(&mut self, start: DocId, window: &mut [u64; WORDS]) {
        self.seek(start);
        let end = start.saturating_add(WINDOW).min(TERMINATED);
        let mut set = |doc: DocId| window[((doc - start) / 64) as usize] |= 1 << ((doc - start) % 64);
        match self {
            Self::Blocks { blocks, at } => loop {
                let docs = blocks.docs();
                let rest = docs.get(*at..).unwrap_or_default();
                let is_whole = rest.last().is_some_and(|last| *last < end);
                let inside = if is_whole { rest.len() } else { rest.partition_point(|doc| *doc < end) };
                rest[..inside].iter().copied().for_each(&mut set);
                *at += inside;
                // Behind the last article of a block that is not full stands the end.
                if !is_whole || docs.len() < BLOCK {
                    return;
                }
                blocks.advance();
                *at = 0;
            },
            Self::Bits { bits, doc, .. } => {
                let words = bits.words().iter().skip((start / 64) as usize);
                window.iter_mut().zip(words).for_each(|(word, bits)| *word |= bits);
                *doc = bits.next(end);
            }
            Self::English(places) => {
                let mut doc = places.doc();
                while doc < end {
                    set(doc);
                    doc = places.advance();
                }
            }
        }
    }
}

struct AnyScorer {
    lists: Vec<List>,
    doc: DocId,
    /// Whether articles behind this one are in the window still. The lists stand behind it then.
    is_windowed: bool,
    start: DocId,
    bits: Box<[u64; WORDS]>,
    /// The first word that may have a bit.
    word: usize,
    /// Articles to read for a window, about.
    usual: u64,
    /// The window that was sought in last, and how often lists were; half of that counts for the next one.
    sought: (DocId, u64),
}

/// Articles of a list that are read in the time that it takes to seek one.
const SEEK: u64 = 8;

impl AnyScorer {
    fn new(lists: Vec<List>, articles: DocId) -> Self {
        let doc = lists.iter().map(List::doc).min().unwrap_or(TERMINATED);
        // Bits cost nothing to read.
        let read = lists.iter().filter(|list| !matches!(list, List::Bits { .. }));
        let all: u64 = read.map(|list| u64::from(list.articles())).sum();
        let usual = all * u64::from(WINDOW) / u64::from(articles.max(1));
        let bits = Box::new([0; WORDS]);
        Self { lists, doc, is_windowed: false, start: 0, bits, word: 0, usual, sought: (0, 0) }
    }

    /// Whether so much is sought in the window of an article that it would have been less to read all of it. A single list is
    /// sought in within its blocks, which is as quick.
    fn is_dense(&mut self, doc: DocId) -> bool {
        if self.lists.len() == 1 {
            return false;
        }
        let window = doc / WINDOW;
        let (last, times) = self.sought;
        let before = if last == window { times } else { times / 2 };
        self.sought = (window, before + self.lists.len() as u64);
        self.sought.1 * SEEK > self.usual
    }

    /// To the first article at or behind one, which is behind the current one and not behind the window.
    fn seek_in_window(&mut self, target: DocId) -> DocId {
        self.word = ((target - self.start) / 64) as usize;
        self.bits[self.word] &= !0 << (target % 64);
        self.doc = self.pop().unwrap_or_else(|| self.first_of_lists());
        self.doc
    }

    /// Sets the window from an article on, behind which all lists stand or at it.
    fn fill(&mut self, doc: DocId) {
        let start = doc - doc % 64;
        self.bits.fill(0);
        for list in &mut self.lists {
            list.fill(start, &mut self.bits);
        }
        self.bits[0] &= !0 << (doc % 64);
        (self.start, self.word, self.is_windowed) = (start, 0, true);
    }

    /// Takes the first article of the window.
    fn pop(&mut self) -> Option<DocId> {
        while self.word < WORDS {
            let bits = &mut self.bits[self.word];
            if *bits != 0 {
                let at = self.word as DocId * 64 + bits.trailing_zeros();
                *bits &= *bits - 1;
                return Some(self.start + at);
            }
            self.word += 1;
        }
        self.is_windowed = false;
        None
    }

    /// All articles, a window at once.
    fn each(&mut self, callback: &mut dyn FnMut(&[DocId])) {
        while self.doc != TERMINATED {
            self.fill(self.doc);
            for (word, bits) in self.bits.iter().enumerate() {
                let start = self.start + word as DocId * 64;
                let (mut buffer, mut filled, mut bits) = ([0; COLLECT_BLOCK_BUFFER_LEN], 0, *bits);
                while bits != 0 {
                    buffer[filled] = start + bits.trailing_zeros();
                    filled += 1;
                    bits &= bits - 1;
                }
                if filled > 0 {
                    callback(&buffer[..filled]);
                }
            }
            self.is_windowed = false;
            self.doc = self.first_of_lists();
        }
    }

    fn first_of_lists(&self) -> DocId {
        self.lists.iter().map(List::doc).min().unwrap_or(TERMINATED)
    }
}

impl DocSet for AnyScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        self.doc = match self.is_windowed.then(|| self.pop()).flatten() {
            Some(doc) => doc,
            None => {
                let next = self.doc + 1;
                self.lists.iter_mut().map(|list| list.seek(next)).min().unwrap_or(TERMINATED)
            }
        };
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        if self.is_windowed && target < self.start + WINDOW {
            return self.seek_in_window(target);
        }
        self.is_windowed = false;
        if target < TERMINATED && self.is_dense(target) {
            self.fill(target);
            return self.seek_in_window(target);
        }
        self.doc = self.lists.iter_mut().map(|list| list.seek(target)).min().unwrap_or(TERMINATED);
        self.doc
    }

    fn seek_danger(&mut self, target: DocId) -> SeekDangerResult {
        if target >= TERMINATED {
            return SeekDangerResult::SeekLowerBound(TERMINATED);
        }
        if self.is_windowed || self.doc >= target || self.is_dense(target) {
            let doc = self.seek(target);
            let is_found = doc == target;
            return if is_found { SeekDangerResult::Found } else { SeekDangerResult::SeekLowerBound(doc) };
        }
        // The first list that has it is enough. The others are sought in when they are needed.
        if self.lists.iter_mut().any(|list| list.seek(target) == target) {
            self.doc = target;
            return SeekDangerResult::Found;
        }
        self.doc = self.first_of_lists();
        SeekDangerResult::SeekLowerBound(self.doc)
    }

    fn fill_buffer(&mut self, buffer: &mut [DocId; COLLECT_BLOCK_BUFFER_LEN]) -> usize {
        let mut count = 0;
        while count < buffer.len() && self.doc != TERMINATED {
            if !self.is_windowed {
                self.fill(self.doc);
                self.pop();
            }
            buffer[count] = self.doc;
            count += 1;
            self.doc = self.pop().unwrap_or_else(|| self.first_of_lists());
        }
        count
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let sum = self.lists.iter().map(|list| u64::from(list.articles())).sum::<u64>();
        u32::try_from(sum).unwrap_or(u32::MAX).min(TERMINATED)
    }

    fn cost(&self) -> u64 {
        self.lists.iter().map(|list| u64::from(list.articles())).sum()
    }

    fn count_including_deleted(&mut self) -> u32 {
        let mut count = 0;
        while self.doc != TERMINATED {
            if self.is_windowed {
                count += 1;
            } else {
                self.fill(self.doc);
            }
            count += self.bits.iter().map(|bits| bits.count_ones()).sum::<u32>();
            self.is_windowed = false;
            self.doc = self.first_of_lists();
        }
        count
    }
}

impl Scorer for AnyScorer {
    fn score(&mut self) -> Score {
        1.0
    }
}

#[cfg(test)]
#[path = "unscored/tests.rs"]
mod tests;
