//! The best articles of a group of words, without looking at all that match.
//!
//! The articles of a segment are cut into windows of [`WINDOW`]. For each word it is known how high its frequency, normed
//! and weighted, rises in each window; the sum of what the words can score there bounds every article in it, and a window
//! that can't reach the worst of the articles kept so far is passed over (interval-based pruning: Chakrabarti, Chaudhuri
//! and Ganti, ICDE 2011; with windows by number of the article, as in Dimopoulos, Nepomnyachiy and Suel, WSDM 2013). The few
//! windows that promise most come first, so that the bar is high from the beginning.
//!
//! What is stored with the lists bounds BM25 with other parameters over one field, so the bounds are measured, by going over the
//! word's articles, and kept as long as the state of the index that they were measured in ([`measured`]). That is done once as many
//! articles were gone over without. The articles are kept with them: as bits, which tell windows in which no article of a conjunction
//! is, and where they are not too many as a list with their frequencies, so that neither lists nor positions are read again. Of a
//! single word or sequence those with the highest frequencies are known, and most searches for one end with them.
//!
//! Scores are added in the order that the engine adds them, so that an article has the same score, to the last bit, whichever
//! way it was found.

mod measured;
mod walk;
mod word;

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::{DocId, Score, SegmentReader};

pub(crate) use self::measured::Bounds;
use self::measured::{Ceilings, Known, Measured};
use self::walk::{Pairs, Part, Walk, Word};
use self::word::{Found, Opened};
use super::bm25f::FieldsWeight;
use super::unscored::Bits;

/// Articles of a window: as many as a word of [`Bits`] has.
pub(crate) const WINDOW: u32 = u64::BITS;

/// Windows that come first, about.
const FIRST: usize = 16;

/// Windows that are passed over together where the highest of them can't reach the bar.
const STRETCH: usize = 16;

/// Going over one article for so many windows is quicker than going over the windows.
const RARE: u64 = 8;

/// Covers what rounding may take away from a bound.
const SLACK: Score = 1.0 + 1.0 / 65_536.0;

/// Of each segment, by window: how much what else ranks may lift the score of an article, as a part of the most that it does.
pub(crate) type Lifts = HashMap<SegmentId, Arc<[Score]>>;

fn windows_of(reader: &SegmentReader) -> usize {
    reader.max_doc().div_ceil(WINDOW) as usize
}

/// Articles that it takes to make windows pay.
pub(super) fn rare(reader: &SegmentReader) -> u64 {
    windows_of(reader) as u64 / RARE
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
    /// Pairs that stand beside them and only add.
    pub(super) pairs: Option<&'a FieldsWeight>,
    /// The articles that may be found; `None` for all.
    pub(super) only: Option<&'a Bits>,
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
        let Some(words) = self.opened(reader)? else { return Ok(()) };
        let (mut bar, mut most) = (bar, Score::INFINITY);
        if let ([word], None) = (&words[..], self.pairs) {
            match self.best(word, bar, callback) {
                Some(others) => (bar, most) = others,
                None => return Ok(()),
            }
        }
        let costs = words.iter().map(|word| word.found.articles());
        let articles = match self.needs {
            Needs::All => costs.min().unwrap_or(0),
            Needs::Any => costs.sum::<u64>(),
        };
        let seeks_sequences = words.iter().any(|word| word.found.seeks_sequences());
        // Of a sequence few articles are left when its words were looked for.
        let rare = if seeks_sequences { windows_of(reader) as u64 } else { rare(reader) };
        // What rare words take is noted too: a list of them is quicker.
        let is_worth_it = self.is_worth_it(reader, &words, articles);
        self.over(reader, words, articles < rare || !is_worth_it, (bar, most), callback)
    }

    /// The best articles of a single word first, as far as they are known. Gives back the bar, and what the others score at most;
    /// `None` where there are no others.
    fn best(
        &self,
        word: &Opened<'_>,
        mut bar: Score,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> Option<(Score, Score)> {
        let (Some(measured), [asked]) = (&word.measured, word.weight.asked()) else {
            return Some((bar, Score::INFINITY));
        };
        for (doc, frequency) in &measured.best {
            let score = asked.weight * frequency;
            if score <= bar {
                return None;
            }
            if self.only.is_none_or(|only| only.has(*doc)) {
                bar = callback(*doc, score);
            }
        }
        let most = asked.weight * measured.rest?;
        (most > bar).then_some((bar, most))
    }

    /// Calls back with all articles of a segment.
    pub(super) fn each(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        let Some(words) = self.opened(reader)? else { return Ok(()) };
        self.over(reader, words, true, (Score::MIN, Score::INFINITY), &mut |doc, score| {
            callback(doc, score);
            Score::MIN
        })
    }

    /// Goes over the windows that may have something, or over all articles of rare words, and leaves out what scores no more than
    /// a bar or more than `most`.
    fn over(
        &self,
        reader: &SegmentReader,
        words: Vec<Opened<'_>>,
        is_rare: bool,
        (bar, most): (Score, Score),
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        let windows = windows_of(reader);
        let seeks_sequences = words.iter().any(|word| word.found.seeks_sequences());
        let mut totals = Vec::new();
        let mut opened = Vec::with_capacity(words.len());
        let is_alone = words.len() == 1;
        // What a single word can score is known to the last bit.
        let is_exact = self.words.len() == 1 && self.lifts.is_none();
        for Opened { weight, measured, found } in words {
            let highest = weight.only().zip(measured.as_ref());
            let most = highest.map_or(weight.most(), |(asked, known)| asked.weight * known.highest) * SLACK;
            let articles = match &measured {
                _ if is_alone => None,
                Some(measured) => measured.articles.clone(),
                None => weight.kept(reader, self.bounds),
            };
            let part = if is_rare {
                Part::Sum(Vec::new())
            } else {
                let slack = if is_exact { 1.0 } else { SLACK };
                let part = self.part(weight, reader, windows, slack, measured)?;
                self.add(&part, &mut totals);
                part
            };
            opened.push(Word { weight, found, part, most, articles, scores: [0.0; WINDOW as usize] });
        }
        let mut pairs = None;
        if let Some(weight) = self.pairs
            && let Some(scorer) = weight.opened(reader)?
        {
            let part = if is_rare {
                Part::Sum(Vec::new())
            } else {
                self.part(weight, reader, windows, SLACK, None)?
            };
            let (scores, factor) = part.scores();
            totals.iter_mut().zip(scores).for_each(|(total, more)| *total += factor * more);
            pairs = Some(Pairs { scorer, part, most: weight.most() * SLACK });
        }
        let possible = if is_rare { self.only.cloned() } else { self.possible(&opened) };
        if let Some(possible) = &possible {
            // Without a branch: which windows have something is not to be foreseen.
            totals
                .iter_mut()
                .zip(possible.words())
                .for_each(|(total, bits)| *total = if *bits == 0 { Score::NEG_INFINITY } else { *total });
        }
        if let Some(lifts) = self.lifts {
            totals.iter_mut().zip(lifts).for_each(|(total, lift)| *total *= lift);
        }
        if self.needs == Needs::All {
            // As the engine arranges the parts of a conjunction, the rarest first.
            opened.sort_by_key(|word| word.found.cost());
        }
        let mut frequent: Vec<usize> = (0..opened.len()).collect();
        frequent.sort_by_key(|number| std::cmp::Reverse(opened[*number].found.articles()));
        let mut walk = Walk {
            pairs,
            needs: self.needs,
            possible,
            seeks_sequences,
            bar,
            most,
            callback,
            lifts: self.lifts,
            frequent,
            rest: vec![Score::INFINITY; opened.len()],
            scored: vec![0.0; opened.len()],
            words: opened,
        };
        if is_rare {
            walk.bound_rest(walk.pairs_in(None), |word| word.most);
            walk.articles();
            self.spend(reader, &walk, self.needs == Needs::Any || self.words.len() == 1);
            return Ok(());
        }
        let peaks = peaks(&totals);
        let first = first_bar(&peaks);
        let again: Vec<Found> = walk.words.iter().map(|word| word.found.clone()).collect();
        let pairs_again = walk.pairs.as_ref().map(|pairs| pairs.scorer.clone());
        walk.windows(&totals, &peaks, first..Score::INFINITY);
        walk.words.iter_mut().zip(again).for_each(|(word, found)| word.found = found);
        walk.pairs.iter_mut().zip(pairs_again).for_each(|(pairs, scorer)| pairs.scorer = scorer);
        walk.windows(&totals, &peaks, Score::NEG_INFINITY..first);
        self.spend(reader, &walk, false);
        Ok(())
    }

    /// Notes what it took to look for sequences.
    fn spend(&self, reader: &SegmentReader, walk: &Walk<'_>, is_whole: bool) {
        for Word { weight, found, .. } in &walk.words {
            if let (Found::Postings(scorer), Some(sequence)) = (found, weight.only())
                && found.seeks_sequences()
            {
                let more = if is_whole { scorer.articles() } else { scorer.gone_over() };
                self.bounds.spend(reader, weight.scope_name(), &sequence.terms, more);
            }
        }
    }

    /// The words that a segment has; `None` where it lacks one that has to be there.
    fn opened(&self, reader: &SegmentReader) -> tantivy::Result<Option<Vec<Opened<'_>>>> {
        let mut words = Vec::with_capacity(self.words.len());
        for weight in self.words {
            match self.open(weight, reader)? {
                Some(opened) => words.push(opened),
                None if self.needs == Needs::All => return Ok(None),
                None => {}
            }
        }
        Ok(Some(words))
    }

    /// What finds a word, in a segment that has it. It is gone over now if that has been paid for.
    fn open<'a>(
        &self,
        weight: &'a FieldsWeight,
        reader: &SegmentReader,
    ) -> tantivy::Result<Option<Opened<'a>>> {
        let postings = || -> tantivy::Result<_> { Ok(weight.opened(reader)?.map(Found::Postings)) };
        let Some(asked) = weight.only() else {
            return Ok(postings()?.map(|found| Opened { weight, measured: None, found }));
        };
        let mut opened = None;
        let measured = match self.bounds.known(weight, reader, &asked.terms) {
            Some(Known::Measured(measured)) => measured,
            Some(Known::Absent) => return Ok(None),
            None => {
                let Some(scorer) = weight.opened(reader)? else { return Ok(None) };
                let (scope, cost) = (weight.scope_name(), scorer.articles());
                opened = Some(Found::Postings(scorer));
                if !self.bounds.is_worth_it(reader, scope, &asked.terms, cost, 0) {
                    return Ok(opened.map(|found| Opened { weight, measured: None, found }));
                }
                match self.bounds.of(weight, reader, &asked.terms)? {
                    Some(measured) => measured,
                    None => return Ok(None),
                }
            }
        };
        let list = measured.list.clone().map(|list| Found::Listed { list, weight: asked.weight, at: 0 });
        let found = match list.or(opened) {
            Some(found) => Some(found),
            None => postings()?,
        };
        Ok(found.map(|found| Opened { weight, measured: Some(measured), found }))
    }

    /// Whether all words are measured, or are to be now.
    fn is_worth_it(&self, reader: &SegmentReader, words: &[Opened<'_>], articles: u64) -> bool {
        let mut is_worth_it = true;
        for Opened { weight, measured, found } in words {
            let (None, Found::Postings(scorer)) = (measured, found) else { continue };
            for term in weight.asked().iter().flat_map(|asked| asked.terms.chunks(1)) {
                let (scope, cost) = (weight.scope_name(), scorer.postings());
                is_worth_it &= self.bounds.is_worth_it(reader, scope, term, cost, articles);
            }
        }
        is_worth_it
    }

    /// The articles that may be found, as far as that is known; `None` for all.
    fn possible(&self, words: &[Word<'_>]) -> Option<Bits> {
        let mut possible = self.only.cloned();
        if self.needs == Needs::All {
            for articles in words.iter().filter_map(|word| word.articles.as_ref()) {
                match &mut possible {
                    None => possible = Some(articles.as_ref().clone()),
                    Some(possible) => possible.keep(articles),
                }
            }
        }
        possible
    }

    /// What a word or pairs can score in each window; of a sequence that is not measured as a whole as much as its
    /// words.
    fn part(
        &self,
        weight: &FieldsWeight,
        reader: &SegmentReader,
        windows: usize,
        slack: Score,
        measured: Option<Arc<Measured>>,
    ) -> tantivy::Result<Part> {
        let mut part = Vec::new();
        if let (Some(asked), Some(measured)) = (weight.only(), measured) {
            if matches!(measured.ceilings, Ceilings::All(_)) {
                return Ok(Part::Measured(measured, asked.weight * slack));
            }
            part.resize(windows, 0.0);
            measured.ceilings.add(asked.weight * slack, &mut part);
            return Ok(Part::Sum(part));
        }
        part.resize(windows, 0.0);
        for asked in weight.asked() {
            if asked.terms.len() == 1 {
                if let Some(measured) = self.bounds.of(weight, reader, &asked.terms)? {
                    measured.ceilings.add(asked.weight * slack, &mut part);
                }
                continue;
            }
            let mut lowest: Option<Vec<Score>> = None;
            for (place, term) in asked.terms.chunks(1).enumerate() {
                let Some(measured) = self.bounds.of(weight, reader, term)? else {
                    lowest = None;
                    break;
                };
                let most = asked.most(place);
                match &mut lowest {
                    None => lowest = Some(measured.ceilings.spread(windows)),
                    Some(lowest) => {
                        let other = measured.ceilings.spread(windows);
                        lowest.iter_mut().zip(other).for_each(|(low, other)| *low = low.min(most * other));
                    }
                }
            }
            if let Some(lowest) = lowest {
                Ceilings::All(lowest).add(asked.weight * slack, &mut part);
            }
        }
        Ok(Part::Sum(part))
    }

    /// Adds what a word can score to what those before it can.
    fn add(&self, part: &Part, totals: &mut Vec<Score>) {
        let is_needed = self.needs == Needs::All || self.words.len() == 1;
        let sum = move |total: Score, more: Score| {
            if is_needed && more <= 0.0 { Score::NEG_INFINITY } else { total + more }
        };
        let (scores, factor) = part.scores();
        if totals.is_empty() {
            totals.extend(scores.iter().map(|more| sum(0.0, factor * more)));
        } else {
            totals.iter_mut().zip(scores).for_each(|(total, more)| *total = sum(*total, factor * more));
        }
    }
}

/// The highest total of each stretch of windows.
fn peaks(totals: &[Score]) -> Vec<Score> {
    let highest = |peak: Score, total: &Score| if *total > peak { *total } else { peak };
    totals.chunks(STRETCH).map(|stretch| stretch.iter().fold(Score::NEG_INFINITY, highest)).collect()
}

/// The total that [`FIRST`] stretches of windows reach.
fn first_bar(peaks: &[Score]) -> Score {
    if peaks.len() <= FIRST {
        return 0.0;
    }
    let mut peaks = peaks.to_vec();
    let (_, bar, _) = peaks.select_nth_unstable_by(FIRST - 1, |left, right| right.total_cmp(left));
    bar.max(0.0)
}

#[cfg(test)]
#[path = "prune/tests.rs"]
mod tests;
