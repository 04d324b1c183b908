//! What is known of a word or a sequence of words in a segment once it was gone over: how high it scores in each window, and which
//! articles have it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use tantivy::index::SegmentId;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::super::bm25f::{FieldsWeight, saturated};
use super::super::unscored::Bits;
use super::{WINDOW, windows_of};

/// Most numbers of four bytes that are kept for all words together: 64 MB.
const MOST_KEPT: usize = 16 << 20;

/// Articles of a word or of a sequence that are kept as a list at most: of a word it is 128 KB. Sequences take more to look for.
const LISTED: [usize; 2] = [1 << 14, 1 << 18];

/// Articles with the highest frequencies that are known.
const BEST: usize = 1 << 10;

/// A word that one window of so many has is kept for all windows: a list of them would be no shorter.
const MANY: usize = 4;

/// How high the frequency of a word or a sequence rises in each window, saturated.
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

/// A word or a sequence that was gone over.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) ceilings: Ceilings,
    /// Where it is in many windows.
    pub(super) articles: Option<Arc<Bits>>,
    /// Where it is not in too many articles.
    pub(super) list: Option<Arc<List>>,
    /// The highest of all frequencies, saturated.
    pub(super) highest: Score,
    /// The articles with the highest ones, in their order (champion lists: Manning, Raghavan and Schütze, "Introduction to
    /// Information Retrieval", 2008, §7.1.3).
    pub(super) best: Vec<(DocId, Score)>,
    /// The highest of all others, where there are any.
    pub(super) rest: Option<Score>,
}

/// Articles with a word or a sequence.
#[derive(Debug)]
pub(super) struct List {
    /// What the engine would arrange it by.
    pub(super) cost: u64,
    /// Each, and how frequent it is there, saturated.
    pub(super) articles: Vec<(DocId, Score)>,
}

impl List {
    /// The place of the first article at or behind `target`, which is at or behind a place (exponential search: Bentley and Yao,
    /// 1976).
    pub(super) fn seek(&self, at: usize, target: DocId) -> usize {
        let rest = self.articles.get(at..).unwrap_or_default();
        let mut end = 1;
        while rest.get(end - 1).is_some_and(|(doc, _)| *doc < target) {
            end *= 2;
        }
        let begin = end / 2;
        let part = &rest[begin..end.min(rest.len())];
        at + begin + part.partition_point(|(doc, _)| *doc < target)
    }
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
        let bits = self.articles.as_ref().map_or(0, |bits| 2 * bits.words().len());
        let listed = self.list.as_ref().map_or(0, |list| 2 * list.articles.len());
        self.ceilings.numbers() + bits + listed + 2 * self.best.len()
    }
}

/// A word or a sequence in the fields of a scope in a segment.
type Key = (SegmentId, &'static str, String);

/// The terms of a sequence as one name: none has a space.
fn key(reader: &SegmentReader, scope: &'static str, terms: &[String]) -> Key {
    (reader.segment_id(), scope, terms.join(" "))
}

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

/// What is known for certain.
pub(super) enum Known {
    Measured(Arc<Measured>),
    /// The segment has not got it.
    Absent,
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

    /// Words and sequences that are measured.
    #[cfg(test)]
    pub(crate) fn measured(&self) -> (usize, usize) {
        let kept = self.lock();
        let measured = kept.words.iter().filter(|(_, entry)| matches!(entry, Entry::Measured(_)));
        let sequences = measured.clone().filter(|((_, _, name), _)| name.contains(' ')).count();
        (measured.count() - sequences, sequences)
    }

    /// The articles that have any of some words or sequences, where all are measured and one is in many windows, or is a
    /// sequence, whose articles are known in no other way.
    pub(in super::super) fn articles<'t>(
        &self,
        reader: &SegmentReader,
        scope: &'static str,
        any: impl IntoIterator<Item = &'t [String]>,
    ) -> Option<Arc<Bits>> {
        let mut kept = self.lock();
        let (mut all, mut few, mut has_sequences) = (None, Vec::new(), false);
        for terms in any {
            has_sequences |= terms.len() > 1;
            match kept.words.get(&key(reader, scope, terms))? {
                Entry::Spent(_) => return None,
                Entry::Absent => {}
                Entry::Measured(measured) => match (&measured.articles, &mut all) {
                    (Some(articles), None) => all = Some(Arc::clone(articles)),
                    _ => few.push(Arc::clone(measured)),
                },
            }
        }
        drop(kept);
        let mut all = all.or_else(|| has_sequences.then(|| Arc::new(Bits::none(reader.max_doc()))))?;
        for measured in few {
            measured.add_to(Arc::make_mut(&mut all));
        }
        Some(all)
    }

    /// Whether a word or a sequence is measured, or is to be now because as many articles as it has were gone over without. Notes
    /// that so many more will be otherwise.
    pub(in super::super) fn is_worth_it(
        &self,
        reader: &SegmentReader,
        scope: &'static str,
        terms: &[String],
        articles: u64,
        more: u64,
    ) -> bool {
        let key = key(reader, scope, terms);
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

    /// Notes that so many articles were gone over for a sequence because it was not measured.
    pub(super) fn spend(&self, reader: &SegmentReader, scope: &'static str, terms: &[String], more: u64) {
        if let Some(Entry::Spent(spent)) = self.lock().words.get_mut(&key(reader, scope, terms)) {
            *spent += more;
        }
    }

    /// What is known of a word or a sequence.
    pub(super) fn known(
        &self,
        weight: &FieldsWeight,
        reader: &SegmentReader,
        terms: &[String],
    ) -> Option<Known> {
        let scope = weight.scope_name();
        let averages = weight.averages().iter().map(|average| average.to_bits());
        let mut kept = self.lock();
        let is_same =
            kept.averages.get(scope).is_some_and(|known| known.iter().copied().eq(averages.clone()));
        if !is_same {
            // A search that began before the index changed may come in between; each measures for itself.
            kept.forget(scope);
            kept.averages.insert(scope, averages.collect());
        }
        match kept.words.get(&key(reader, scope, terms))? {
            Entry::Measured(found) => Some(Known::Measured(Arc::clone(found))),
            Entry::Absent => Some(Known::Absent),
            Entry::Spent(_) => None,
        }
    }

    /// What there is to know of a word or a sequence; `None` where the segment has not got it.
    pub(super) fn of(
        &self,
        weight: &FieldsWeight,
        reader: &SegmentReader,
        terms: &[String],
    ) -> tantivy::Result<Option<Arc<Measured>>> {
        match self.known(weight, reader, terms) {
            Some(Known::Measured(measured)) => return Ok(Some(measured)),
            Some(Known::Absent) => return Ok(None),
            None => {}
        }
        let found = measure(weight, reader, terms)?.map(Arc::new);
        if terms.len() > 1 && weight.is_over() {
            // Some of its articles may not have been gone over.
            return Ok(found);
        }
        let entry = found.as_ref().map_or(Entry::Absent, |found| Entry::Measured(Arc::clone(found)));
        let scope = weight.scope_name();
        let averages = weight.averages().iter().map(|average| average.to_bits());
        let mut kept = self.lock();
        if kept.averages.get(scope).is_some_and(|known| known.iter().copied().eq(averages)) {
            kept.put(key(reader, scope, terms), entry);
        }
        Ok(found)
    }
}

/// Goes over the articles of a word or a sequence.
fn measure(
    weight: &FieldsWeight,
    reader: &SegmentReader,
    terms: &[String],
) -> tantivy::Result<Option<Measured>> {
    let Some(mut scorer) = weight.open_sequence(reader, terms)? else { return Ok(None) };
    let cost = scorer.cost();
    let mut all: Vec<(DocId, Score)> = Vec::new();
    let mut few: Vec<(u32, Score, u64)> = Vec::new();
    let mut doc = scorer.doc();
    while doc != TERMINATED {
        let frequency = saturated(scorer.frequency());
        all.push((doc, frequency));
        // Not 0, which would say that the window has not got it.
        let (window, ceiling) = (doc / WINDOW, frequency.max(Score::MIN_POSITIVE));
        let bit = 1 << (doc % WINDOW);
        match few.last_mut() {
            Some((last, highest, bits)) if *last == window => {
                *highest = highest.max(ceiling);
                *bits |= bit;
            }
            _ => few.push((window, ceiling, bit)),
        }
        doc = scorer.advance();
    }
    let (best, rest) = best(&all);
    let is_listed = all.len() <= LISTED[usize::from(terms.len() > 1)];
    let list = is_listed.then(|| {
        all.shrink_to_fit();
        Arc::new(List { cost, articles: all })
    });
    let highest = best.first().map(|(_, frequency)| *frequency).or(rest).unwrap_or(0.0);
    let windows = windows_of(reader);
    let is_in_few = few.len() * MANY < windows;
    few.shrink_to_fit();
    let mut measured = Measured { ceilings: Ceilings::Few(few), articles: None, list, highest, best, rest };
    if !is_in_few {
        let mut articles = Bits::none(reader.max_doc());
        measured.add_to(&mut articles);
        measured.ceilings = Ceilings::All(measured.ceilings.spread(windows));
        measured.articles = Some(Arc::new(articles));
    }
    Ok(Some(measured))
}

/// The articles with the highest frequencies, and the highest of the others, where there are any. Equal ones are in it together or
/// not at all.
fn best(articles: &[(DocId, Score)]) -> (Vec<(DocId, Score)>, Option<Score>) {
    let rest = (articles.len() > BEST).then(|| {
        let mut frequencies: Vec<Score> = articles.iter().map(|(_, frequency)| *frequency).collect();
        *frequencies.select_nth_unstable_by(BEST, |left, right| right.total_cmp(left)).1
    });
    let is_best = |(_, frequency): &(DocId, Score)| rest.is_none_or(|rest| *frequency > rest);
    let mut best: Vec<_> = articles.iter().copied().filter(is_best).collect();
    best.sort_by(|left, right| right.1.total_cmp(&left.1));
    (best, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_all_or_those_above_the_others() {
        let few = [(0, 1.0), (1, 3.0), (2, 2.0), (3, 3.0)];
        assert_eq!(best(&few), (vec![(1, 3.0), (3, 3.0), (2, 2.0), (0, 1.0)], None));
        let many: Vec<(DocId, Score)> = (0..4 * BEST as DocId).map(|doc| (doc, (doc % 8) as Score)).collect();
        let (found, rest) = best(&many);
        // An eighth has 7, another one 6, which is all that there is room for: the place behind them decides.
        assert_eq!((found.len(), rest), (BEST, Some(5.0)));
        assert!(found.iter().all(|(doc, frequency)| [6.0, 7.0].contains(frequency) && doc % 8 >= 6));
        assert!(found.is_sorted_by(|left, right| left.1 >= right.1));
        let equal: Vec<(DocId, Score)> = many.iter().map(|(doc, _)| (*doc, 1.0)).collect();
        assert_eq!(best(&equal), (Vec::new(), Some(1.0)));
    }

    #[test]
    fn a_place_is_sought_from_another_one() {
        let list = List { cost: 0, articles: (0..100).map(|number| (3 * number, 1.0)).collect() };
        for at in [0, 1, 50, 99, 100] {
            for target in 0..310 {
                let expected = (target as usize).div_ceil(3).clamp(at, 100);
                assert_eq!(list.seek(at, target), expected, "{target} from {at}");
            }
        }
    }

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
        Measured { ceilings: few, articles: None, list: None, highest: 2.0, best: Vec::new(), rest: None }
            .add_to(&mut bits);
        assert_eq!(bits.words(), [0, 1, 0, 6, 0]);
    }
}
