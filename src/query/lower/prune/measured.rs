//! What is known of a word in a segment once it was gone over: how high it scores in each window, and which articles have it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use tantivy::index::SegmentId;
use tantivy::{DocSet, Score, SegmentReader, TERMINATED};

use super::super::bm25f::{FieldsWeight, saturated};
use super::super::unscored::Bits;
use super::{WINDOW, windows_of};

/// Most numbers of four bytes that are kept for all words together: 64 MB.
const MOST_KEPT: usize = 16 << 20;

/// A word that one window of so many has is kept for all windows: a list of them would be no shorter.
const MANY: usize = 4;

/// How high the frequency of a word rises in each window, saturated.
#[derive(Debug)]
pub(super) enum Ceilings {
    All(Vec<Score>),
    /// Of those windows alone that have it, with a bit for each article of a window.
    Few(Vec<(u32, Score, u64)>),
}

impl Ceilings {
    fn numbers(&self) -> usize {
        match self {
            Self::All(all) => all.len(),
            Self::Few(few) => 4 * few.len(),
        }
    }

    /// Gives each window what it can have; 0 for those without the word.
    pub(super) fn spread(&self, windows: usize) -> Vec<Score> {
        let mut all = vec![0.0; windows];
        self.add(1.0, &mut all);
        all
    }

    /// Adds so many times what each window can have.
    pub(super) fn add(&self, weight: Score, totals: &mut [Score]) {
        match self {
            Self::All(all) => {
                totals.iter_mut().zip(all).for_each(|(total, ceiling)| *total += weight * ceiling);
            }
            Self::Few(few) => {
                for (window, ceiling, _) in few {
                    totals[*window as usize] += weight * ceiling;
                }
            }
        }
    }
}

/// A word that was gone over.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) ceilings: Ceilings,
    /// Where it is in many windows.
    articles: Option<Arc<Bits>>,
}

impl Measured {
    fn add_to(&self, bits: &mut Bits) {
        match (&self.articles, &self.ceilings) {
            (Some(articles), _) => bits.add(articles),
            (None, Ceilings::Few(few)) => {
                for (window, _, word) in few {
                    bits.add_word(*window, *word);
                }
            }
            (None, Ceilings::All(_)) => {}
        }
    }

    fn numbers(&self) -> usize {
        self.ceilings.numbers() + self.articles.as_ref().map_or(0, |bits| 2 * bits.words().len())
    }
}

/// A word in the fields of a scope in a segment.
type Key = (SegmentId, &'static str, String);

enum Entry {
    Measured(Arc<Measured>),
    /// The segment has not got it.
    Absent,
    /// Articles that were gone over because it was not measured.
    Spent(u64),
}

impl Entry {
    fn numbers(&self) -> usize {
        /// What it takes beside them, in numbers.
        const OVERHEAD: usize = 32;
        match self {
            Self::Measured(measured) => OVERHEAD + measured.numbers(),
            Self::Absent | Self::Spent(_) => OVERHEAD,
        }
    }
}

struct Kept {
    /// The last one asked for is forgotten last.
    words: LruCache<Key, Entry>,
    numbers: usize,
    /// Average lengths of the state that ceilings were measured in, as their bits.
    averages: HashMap<&'static str, Vec<u32>>,
}

impl Default for Kept {
    fn default() -> Self {
        Self { words: LruCache::unbounded(), numbers: 0, averages: HashMap::new() }
    }
}

impl Kept {
    fn put(&mut self, key: Key, entry: Entry) {
        self.numbers += entry.numbers();
        if let Some(before) = self.words.put(key, entry) {
            self.numbers -= before.numbers();
        }
        while self.numbers > MOST_KEPT
            && let Some((_, oldest)) = self.words.pop_lru()
        {
            self.numbers -= oldest.numbers();
        }
    }

    fn forget(&mut self, scope: &'static str) {
        let words = std::mem::replace(&mut self.words, LruCache::unbounded());
        self.numbers = 0;
        for (key, entry) in words {
            if key.1 != scope {
                self.put(key, entry);
            }
        }
    }
}

/// What was measured of words.
#[derive(Default)]
pub(crate) struct Bounds {
    kept: Mutex<Kept>,
}

impl Bounds {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all: the index has changed.
    pub(crate) fn clear(&self) {
        *self.lock() = Kept::default();
    }

    /// Words that are measured.
    #[cfg(test)]
    pub(crate) fn measured(&self) -> usize {
        self.lock().words.iter().filter(|(_, entry)| matches!(entry, Entry::Measured(_))).count()
    }

    /// The articles that have any of some terms, where all are measured and one is in many windows.
    pub(in super::super) fn articles<'t>(
        &self,
        reader: &SegmentReader,
        scope: &'static str,
        terms: impl IntoIterator<Item = &'t str>,
    ) -> Option<Arc<Bits>> {
        let mut kept = self.lock();
        let (mut all, mut few) = (None, Vec::new());
        for term in terms {
            match kept.words.get(&(reader.segment_id(), scope, term.to_owned()))? {
                Entry::Spent(_) => return None,
                Entry::Absent => {}
                Entry::Measured(measured) => match (&measured.articles, &mut all) {
                    (Some(articles), None) => all = Some(Arc::clone(articles)),
                    _ => few.push(Arc::clone(measured)),
                },
            }
        }
        drop(kept);
        let mut all = all?;
        for measured in few {
            measured.add_to(Arc::make_mut(&mut all));
        }
        Some(all)
    }

    /// Whether a word is measured, or is to be now because as many articles as it has were gone over without. Notes that so many
    /// more will be otherwise.
    pub(in super::super) fn is_worth_it(
        &self,
        reader: &SegmentReader,
        scope: &'static str,
        term: &str,
        articles: u64,
        more: u64,
    ) -> bool {
        let key = (reader.segment_id(), scope, term.to_owned());
        let mut kept = self.lock();
        let spent = match kept.words.get(&key) {
            Some(Entry::Measured(_) | Entry::Absent) => return true,
            Some(Entry::Spent(spent)) => *spent,
            None => 0,
        };
        if spent >= articles {
            return true;
        }
        kept.put(key, Entry::Spent(spent + more));
        false
    }

    /// What there is to know of a word; `None` where the segment has not got it.
    pub(super) fn of(
        &self,
        weight: &FieldsWeight,
        reader: &SegmentReader,
        term: &str,
    ) -> tantivy::Result<Option<Arc<Measured>>> {
        let scope = weight.scope_name();
        let key = (reader.segment_id(), scope, term.to_owned());
        let averages = weight.averages().iter().map(|average| average.to_bits());
        {
            let mut kept = self.lock();
            let is_same =
                kept.averages.get(scope).is_some_and(|known| known.iter().copied().eq(averages.clone()));
            if !is_same {
                // A search that began before the index changed may come in between; each measures for itself.
                kept.forget(scope);
                kept.averages.insert(scope, averages.clone().collect());
            }
            match kept.words.get(&key) {
                Some(Entry::Measured(found)) => return Ok(Some(Arc::clone(found))),
                Some(Entry::Absent) => return Ok(None),
                Some(Entry::Spent(_)) | None => {}
            }
        }
        let found = measure(weight, reader, term)?.map(Arc::new);
        let entry = found.as_ref().map_or(Entry::Absent, |found| Entry::Measured(Arc::clone(found)));
        let mut kept = self.lock();
        if kept.averages.get(scope).is_some_and(|known| known.iter().copied().eq(averages)) {
            kept.put(key, entry);
        }
        Ok(found)
    }
}

/// Goes over the articles of a word.
fn measure(weight: &FieldsWeight, reader: &SegmentReader, term: &str) -> tantivy::Result<Option<Measured>> {
    let Some(mut scorer) = weight.open_term(reader, term)? else { return Ok(None) };
    let mut few: Vec<(u32, Score, u64)> = Vec::new();
    let mut doc = scorer.doc();
    while doc != TERMINATED {
        // Not 0, which would say that the window has not got it.
        let (window, tf) = (doc / WINDOW, saturated(scorer.frequency()).max(Score::MIN_POSITIVE));
        let bit = 1 << (doc % WINDOW);
        match few.last_mut() {
            Some((last, ceiling, bits)) if *last == window => {
                *ceiling = ceiling.max(tf);
                *bits |= bit;
            }
            _ => few.push((window, tf, bit)),
        }
        doc = scorer.advance();
    }
    let windows = windows_of(reader);
    if few.len() * MANY < windows {
        few.shrink_to_fit();
        return Ok(Some(Measured { ceilings: Ceilings::Few(few), articles: None }));
    }
    let mut measured = Measured { ceilings: Ceilings::Few(few), articles: None };
    let mut articles = Bits::none(reader.max_doc());
    measured.add_to(&mut articles);
    measured.ceilings = Ceilings::All(measured.ceilings.spread(windows));
    measured.articles = Some(Arc::new(articles));
    Ok(Some(measured))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_are_spread_over_windows() {
        let few = Ceilings::Few(vec![(1, 2.0, 1), (3, 0.5, 6)]);
        assert_eq!(few.spread(5), [0.0, 2.0, 0.0, 0.5, 0.0]);
        let (mut left, mut right) = (vec![1.0; 5], vec![1.0; 5]);
        few.add(3.0, &mut left);
        Ceilings::All(few.spread(5)).add(3.0, &mut right);
        assert_eq!(left, [1.0, 7.0, 1.0, 2.5, 1.0]);
        assert_eq!(left, right);
        let mut bits = Bits::none(300);
        Measured { ceilings: few, articles: None }.add_to(&mut bits);
        assert_eq!(bits.words(), [0, 1, 0, 6, 0]);
    }
}
