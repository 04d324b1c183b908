//! Articles of a segment as bits.

use tantivy::{DocId, TERMINATED};

/// A bit for each article of a segment.
#[derive(Clone, Debug)]
pub(in super::super) struct Bits(Vec<u64>);

impl Bits {
    /// No article of so many.
    pub(in super::super) fn none(articles: DocId) -> Self {
        Self(vec![0; articles.div_ceil(64) as usize])
    }

    pub(in super::super) fn words(&self) -> &[u64] {
        &self.0
    }

    pub(in super::super) fn set(&mut self, doc: DocId) {
        self.0[(doc / 64) as usize] |= 1 << (doc % 64);
    }

    /// Sets those of 64 articles whose bits are set in a word.
    pub(in super::super) fn add_word(&mut self, at: u32, word: u64) {
        self.0[at as usize] |= word;
    }

    pub(in super::super) fn has(&self, doc: DocId) -> bool {
        self.0.get((doc / 64) as usize).is_some_and(|word| word & (1 << (doc % 64)) != 0)
    }

    /// The first article at or behind one.
    pub(super) fn next(&self, doc: DocId) -> DocId {
        let mut at = (doc / 64) as usize;
        let Some(word) = self.0.get(at) else { return TERMINATED };
        let mut word = word & (!0 << (doc % 64));
        while word == 0 {
            at += 1;
            match self.0.get(at) {
                Some(next) => word = *next,
                None => return TERMINATED,
            }
        }
        at as DocId * 64 + word.trailing_zeros()
    }

    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Leaves those that the other has too.
    pub(in super::super) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    /// Takes in those of the other.
    pub(in super::super) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_found_one_after_the_other() {
        let mut bits = Bits::none(300);
        let docs = [0, 63, 64, 190, 299];
        for doc in docs {
            bits.set(doc);
        }
        let mut found = vec![bits.next(0)];
        while bits.next(found[found.len() - 1] + 1) != TERMINATED {
            found.push(bits.next(found[found.len() - 1] + 1));
        }
        assert_eq!(found, docs);
        assert_eq!(bits.count(), 5);
        assert!(bits.has(190) && !bits.has(191) && !bits.has(100_000));
        assert_eq!(bits.next(100_000), TERMINATED);
        let mut other = Bits::none(300);
        other.set(64);
        other.set(65);
        let mut both = bits.clone();
        both.keep(&other);
        assert_eq!((both.count(), both.next(0)), (1, 64));
        bits.add(&other);
        assert_eq!(bits.count(), 6);
    }
}
