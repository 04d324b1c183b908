//! The best articles of a group of words, without looking at all that match.
//!
//! The articles of a segment are cut into windows of [`WINDOW`]. For each word it is known how high its frequency, normed
//! and weighted, rises in each window; the sum of what the words can score there bounds every article in it, and a window
//! that can't reach the worst of the articles kept so far is passed over (interval-based pruning: Chakrabarti, Chaudhuri
//! and Ganti, ICDE 2011; with windows by number of the article, as in Dimopoulos, Nepomnyachiy and Suel, WSDM 2013). The few
//! windows that promise most come first, so that the bar is high from the beginning.
//!
//! What is stored with the lists bounds BM25 with other parameters over one field, so the bounds are measured once, by going
//! over the word's articles, and kept as long as the state of the index that they were measured in.
//!
//! Scores are added in the order that the engine adds them, so that an article has the same score, to the last bit, whichever
//! way it was found.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::index::SegmentId;
use tantivy::query::Scorer;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::bm25f::{FieldsWeight, SumScorer, saturated};

/// Articles of a window.
pub(crate) const WINDOW: u32 = 128;

/// Their bits.
const WORDS: usize = WINDOW as usize / 64;

/// Windows that come first, about.
const FIRST: usize = 16;

/// Of so many windows one is looked at to find which come first.
const SAMPLE: usize = 8;

/// Most numbers that are kept for all words together: 32 MB.
const MOST_KEPT: usize = 8 << 20;

/// Covers what rounding may take away from a bound.
const SLACK: Score = 1.0 + 1.0 / 65_536.0;

/// Of each segment, by window: how much what else ranks may lift the score of an article, as a part of the most that it does.
pub(crate) type Lifts = HashMap<SegmentId, Arc<[Score]>>;

/// How high the frequency of a word rises in each window, saturated.
#[derive(Debug)]
enum Ceilings {
    All(Vec<Score>),
    /// Of those windows alone that have it.
    Few(Vec<(u32, Score)>),
}

impl Ceilings {
    fn numbers(&self) -> usize {
        match self {
            Self::All(all) => all.len(),
            Self::Few(few) => 2 * few.len(),
        }
    }

    /// Gives each window what it can have; 0 for those without the word.
    fn spread(&self, windows: usize) -> Vec<Score> {
        match self {
            Self::All(all) => all.clone(),
            Self::Few(few) => {
                let mut all = vec![0.0; windows];
                for (window, ceiling) in few {
                    all[*window as usize] = *ceiling;
                }
                all
            }
        }
    }
}

/// A word in the fields of a scope.
type Place = (SegmentId, &'static str);

#[derive(Default)]
struct Kept {
    places: HashMap<Place, HashMap<String, Arc<Ceilings>>>,
    numbers: usize,
    /// Average lengths of the state that they were measured in, as their bits.
    averages: HashMap<&'static str, Vec<u32>>,
}

/// Ceilings that were measured.
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

    /// The ceilings of a word; `None` where the segment has not got it.
    fn of(
        &self,
        weight: &FieldsWeight,
        reader: &SegmentReader,
        term: &str,
    ) -> tantivy::Result<Option<Arc<Ceilings>>> {
        let scope = weight.scope_name();
        let place = (reader.segment_id(), scope);
        let averages = weight.averages().iter().map(|average| average.to_bits());
        {
            let mut kept = self.lock();
            let is_same =
                kept.averages.get(scope).is_some_and(|known| known.iter().copied().eq(averages.clone()));
            if !is_same {
                // A search that began before the index changed may come in between; each measures for itself.
                kept.places.retain(|(_, known), _| *known != scope);
                kept.averages.insert(scope, averages.clone().collect());
            } else if let Some(found) = kept.places.get(&place).and_then(|terms| terms.get(term)) {
                return Ok(Some(Arc::clone(found)));
            }
        }
        let Some(found) = measure(weight, reader, term)? else { return Ok(None) };
        let found = Arc::new(found);
        let mut kept = self.lock();
        if kept.averages.get(scope).is_some_and(|known| known.iter().copied().eq(averages)) {
            if kept.numbers + found.numbers() > MOST_KEPT {
                kept.places.clear();
                kept.numbers = 0;
            }
            kept.numbers += found.numbers();
            kept.places.entry(place).or_default().insert(term.to_owned(), Arc::clone(&found));
        }
        Ok(Some(found))
    }
}

/// Goes over the articles of a word.
fn measure(weight: &FieldsWeight, reader: &SegmentReader, term: &str) -> tantivy::Result<Option<Ceilings>> {
    let Some(mut scorer) = weight.open_term(reader, term)? else { return Ok(None) };
    let mut few: Vec<(u32, Score)> = Vec::new();
    let mut doc = scorer.doc();
    while doc != TERMINATED {
        // Not 0, which would say that the window has not got it.
        let (window, tf) = (doc / WINDOW, saturated(scorer.frequency()).max(Score::MIN_POSITIVE));
        match few.last_mut() {
            Some((last, ceiling)) if *last == window => *ceiling = ceiling.max(tf),
            _ => few.push((window, tf)),
        }
        doc = scorer.advance();
    }
    let windows = windows_of(reader);
    if 2 * few.len() < windows {
        few.shrink_to_fit();
        return Ok(Some(Ceilings::Few(few)));
    }
    Ok(Some(Ceilings::All(Ceilings::Few(few).spread(windows))))
}

fn windows_of(reader: &SegmentReader) -> usize {
    reader.max_doc().div_ceil(WINDOW) as usize
}

/// Whether all words of a group have to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    All,
    Any,
}

/// Words whose scores add up, in the order of the query.
pub(super) struct Pruned<'a> {
    pub(super) words: &'a [Arc<FieldsWeight>],
    pub(super) needs: Needs,
    pub(super) bounds: &'a Bounds,
    pub(super) lifts: Option<&'a [Score]>,
}

impl Pruned<'_> {
    /// Calls back with the articles of a segment that score more than a bar, which each call sets anew.
    pub(super) fn run(
        &self,
        reader: &SegmentReader,
        bar: Score,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        let windows = windows_of(reader);
        let mut words = Vec::with_capacity(self.words.len());
        for weight in self.words {
            match weight.opened(reader)? {
                Some(scorer) => words.push((weight, scorer)),
                None if self.needs == Needs::All => return Ok(()),
                None => {}
            }
        }
        let costs = words.iter().map(|(_, scorer)| scorer.articles());
        // Below that going over the articles is quicker than going over the windows.
        let is_rare = match self.needs {
            Needs::All => costs.min().unwrap_or(0) < windows as u64,
            Needs::Any => costs.sum::<u64>() < windows as u64,
        };
        let mut totals = Vec::new();
        let mut parts = Vec::new();
        if !is_rare {
            for (weight, _) in &words {
                let found = self.add(weight, reader, windows, &mut totals)?;
                parts.push(found);
            }
            if let Some(lifts) = self.lifts {
                totals.iter_mut().zip(lifts).for_each(|(total, lift)| *total *= lift);
            }
        }
        let mut scorers: Vec<SumScorer> = words.into_iter().map(|(_, scorer)| scorer).collect();
        if self.needs == Needs::All {
            // As the engine arranges the parts of a conjunction, the rarest first.
            let mut order: Vec<usize> = (0..scorers.len()).collect();
            order.sort_by_key(|number| scorers[*number].cost());
            scorers.sort_by_key(DocSet::cost);
            parts =
                order.into_iter().filter_map(|number| parts.get_mut(number).map(std::mem::take)).collect();
        }
        let has_sequences = scorers.iter().any(SumScorer::has_sequences);
        let mut frequent: Vec<usize> = (0..scorers.len()).collect();
        frequent.sort_by_key(|number| std::cmp::Reverse(scorers[*number].articles()));
        let scores = vec![[0.0; WINDOW as usize]; scorers.len()];
        let (needs, lifts) = (self.needs, self.lifts);
        let mut walk = Walk { scorers, needs, has_sequences, bar, callback, parts, lifts, frequent, scores };
        if is_rare {
            walk.articles();
            return Ok(());
        }
        let first = first_bar(&totals);
        let again = walk.scorers.clone();
        walk.windows(&totals, |total| total >= first);
        walk.scorers = again;
        walk.windows(&totals, |total| total < first);
        Ok(())
    }

    /// Adds what a word can score in each window, and gives it.
    fn add(
        &self,
        weight: &FieldsWeight,
        reader: &SegmentReader,
        windows: usize,
        totals: &mut Vec<Score>,
    ) -> tantivy::Result<Vec<Score>> {
        let mut found = vec![0.0; windows];
        for (terms, factor) in weight.sequences() {
            let mut lowest: Option<Vec<Score>> = None;
            for term in terms {
                let Some(ceilings) = self.bounds.of(weight, reader, term)? else {
                    lowest = None;
                    break;
                };
                match &mut lowest {
                    None if terms.len() == 1 => {
                        add_word(&ceilings, factor * SLACK, &mut found);
                        break;
                    }
                    None => lowest = Some(ceilings.spread(windows)),
                    // A sequence is no more frequent than any of its words.
                    Some(lowest) => match &*ceilings {
                        Ceilings::All(all) => {
                            lowest.iter_mut().zip(all).for_each(|(low, other)| *low = low.min(*other));
                        }
                        Ceilings::Few(_) => {
                            let other = ceilings.spread(windows);
                            lowest.iter_mut().zip(other).for_each(|(low, other)| *low = low.min(other));
                        }
                    },
                }
            }
            if let Some(lowest) = lowest {
                add_word(&Ceilings::All(lowest), factor * SLACK, &mut found);
            }
        }
        if totals.is_empty() {
            totals.clone_from(&found);
            if self.needs == Needs::All {
                totals
                    .iter_mut()
                    .filter(|total| **total <= 0.0)
                    .for_each(|total| *total = Score::NEG_INFINITY);
            }
            return Ok(found);
        }
        match self.needs {
            Needs::Any => totals.iter_mut().zip(&found).for_each(|(total, found)| *total += found),
            Needs::All => totals.iter_mut().zip(&found).for_each(|(total, found)| {
                *total = if *found > 0.0 { *total + found } else { Score::NEG_INFINITY };
            }),
        }
        Ok(found)
    }
}

fn add_word(ceilings: &Ceilings, weight: Score, found: &mut [Score]) {
    match ceilings {
        Ceilings::All(all) => {
            for (found, ceiling) in found.iter_mut().zip(all) {
                *found += weight * ceiling;
            }
        }
        Ceilings::Few(few) => {
            for (window, ceiling) in few {
                found[*window as usize] += weight * ceiling;
            }
        }
    }
}

/// The total that about [`FIRST`] windows reach, judged by a sample of them.
fn first_bar(totals: &[Score]) -> Score {
    let mut sample: Vec<Score> = totals.iter().copied().step_by(SAMPLE).collect();
    let wanted = FIRST / SAMPLE;
    if sample.len() <= wanted {
        return 0.0;
    }
    let (_, bar, _) = sample.select_nth_unstable_by(wanted, |left, right| right.total_cmp(left));
    bar.max(0.0)
}

struct Walk<'a> {
    scorers: Vec<SumScorer>,
    needs: Needs,
    has_sequences: bool,
    bar: Score,
    callback: &'a mut dyn FnMut(DocId, Score) -> Score,
    /// What each word can score in each window, if that was measured.
    parts: Vec<Vec<Score>>,
    lifts: Option<&'a [Score]>,
    /// Numbers of the words, the most frequent first.
    frequent: Vec<usize>,
    /// What each word scores in the articles of a window; 0 outside of it.
    scores: Vec<[Score; WINDOW as usize]>,
}

impl Walk<'_> {
    /// Over those windows that may have something.
    fn windows(&mut self, totals: &[Score], is_meant: impl Fn(Score) -> bool) {
        for (window, total) in totals.iter().enumerate() {
            if *total > self.bar && is_meant(*total) {
                let start = window as u32 * WINDOW;
                match self.needs {
                    _ if self.scorers.len() == 1 => self.one(start, start + WINDOW),
                    Needs::Any => self.any(start, Some(window)),
                    Needs::All => self.all(start, start + WINDOW, Some(window)),
                }
            }
        }
    }

    /// Over all articles.
    fn articles(&mut self) {
        match self.needs {
            _ if self.scorers.len() == 1 => self.one(0, TERMINATED),
            Needs::All => self.all(0, TERMINATED, None),
            Needs::Any => {
                while let Some(doc) =
                    self.scorers.iter().map(DocSet::doc).min().filter(|doc| *doc != TERMINATED)
                {
                    self.any(doc, None);
                }
            }
        }
    }

    fn found(&mut self, doc: DocId, score: Score) {
        if score > self.bar {
            self.bar = (self.callback)(doc, score);
        }
    }

    fn one(&mut self, start: DocId, end: DocId) {
        let Some(scorer) = self.scorers.first_mut() else { return };
        scorer.bound(end, self.bar);
        let mut doc = scorer.seek(start);
        while doc < end {
            let score = scorer.score();
            if score > self.bar {
                self.bar = (self.callback)(doc, score);
                scorer.bound(end, self.bar);
            }
            doc = scorer.advance();
        }
    }

    /// What words have to score more than in a window.
    fn bar_in(&self, window: Option<usize>) -> Score {
        let lift = window.and_then(|window| self.lifts.map(|lifts| lifts[window]));
        self.bar / (lift.unwrap_or(1.0).max(Score::MIN_POSITIVE) * SLACK)
    }

    /// In a window the most frequent words are left aside as long as they can't reach the bar together: an article that is to
    /// be kept has one of the others, and of these articles few are left to look them up for (`MaxScore`: Turtle and
    /// Flood, 1995).
    fn any(&mut self, start: DocId, window: Option<usize>) {
        let end = start.saturating_add(WINDOW).min(TERMINATED);
        let (mut aside, mut can_add) = (0, 0.0);
        let bar = self.bar_in(window);
        if let Some(window) = window {
            for number in &self.frequent {
                let more = can_add + self.parts[*number][window];
                if more > bar {
                    break;
                }
                (aside, can_add) = (aside + 1, more);
            }
        }
        let mut bits = [0_u64; WORDS];
        let (aside, rest) = self.frequent.split_at(aside);
        for number in rest {
            let (scorer, scores) = (&mut self.scorers[*number], &mut self.scores[*number]);
            if self.has_sequences {
                scorer.bound(end, Score::MIN);
            }
            let mut doc = scorer.seek(start);
            while doc < end {
                let at = (doc - start) as usize;
                scores[at] = scorer.score();
                bits[at / 64] |= 1 << (at % 64);
                doc = scorer.advance();
            }
        }
        if self.has_sequences {
            for number in aside {
                self.scorers[*number].bound(end, Score::MIN);
            }
        }
        for (word, mut bits) in bits.into_iter().enumerate() {
            while bits != 0 {
                let at = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let doc = start + at as DocId;
                let known: Score = rest.iter().map(|number| self.scores[*number][at]).sum();
                if known + can_add > bar {
                    for number in aside {
                        let scorer = &mut self.scorers[*number];
                        if scorer.seek(doc) == doc {
                            self.scores[*number][at] = scorer.score();
                        }
                    }
                    // In the order of the query.
                    let mut score = 0.0;
                    self.scores.iter().for_each(|scores| score += scores[at]);
                    if score > self.bar {
                        self.bar = (self.callback)(doc, score);
                    }
                }
                self.scores.iter_mut().for_each(|scores| scores[at] = 0.0);
            }
        }
    }

    fn all(&mut self, start: DocId, end: DocId, window: Option<usize>) {
        // What the others can add to the rarest word.
        let others = window.map(|window| self.parts.iter().skip(1).map(|part| part[window]).sum::<Score>());
        if self.has_sequences {
            self.scorers.iter_mut().for_each(|scorer| scorer.bound(end, Score::MIN));
        }
        let mut bar = self.bar_in(window);
        let mut target = start;
        'articles: while target < end {
            for (number, scorer) in self.scorers.iter_mut().enumerate() {
                let doc = scorer.seek(target);
                if doc > target {
                    target = doc;
                    continue 'articles;
                }
                if number == 0 && others.is_some_and(|others| scorer.score() + others <= bar) {
                    target += 1;
                    continue 'articles;
                }
            }
            let score = match &mut self.scorers[..] {
                [left, right, others @ ..] => {
                    left.score() + right.score() + others.iter_mut().map(Scorer::score).sum::<Score>()
                }
                [one] => one.score(),
                [] => 0.0,
            };
            self.found(target, score);
            bar = self.bar_in(window);
            target += 1;
        }
    }
}

#[cfg(test)]
#[path = "prune/tests.rs"]
mod tests;
