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
//! articles were gone over without. The articles are kept with them as bits, which tell windows in which no article of a conjunction is.
//!
//! Scores are added in the order that the engine adds them, so that an article has the same score, to the last bit, whichever
//! way it was found.

mod measured;

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::Scorer;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

pub(crate) use self::measured::Bounds;
use self::measured::{Ceilings, Measured};
use super::bm25f::{FieldsWeight, SumScorer};
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

/// A word and what finds it in a segment.
type Opened<'a> = (&'a Arc<FieldsWeight>, SumScorer);

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
        let costs = words.iter().map(|(_, scorer)| scorer.articles());
        let articles = match self.needs {
            Needs::All => costs.min().unwrap_or(0),
            Needs::Any => costs.sum::<u64>(),
        };
        let has_sequences = words.iter().any(|(_, scorer)| scorer.has_sequences());
        // Of a sequence few articles are left when its words were looked for.
        let rare = if has_sequences { windows_of(reader) as u64 } else { rare(reader) };
        let is_rare = articles < rare || !self.is_worth_it(reader, &words, articles);
        self.over(reader, words, is_rare, bar, callback)
    }

    /// Calls back with all articles of a segment.
    pub(super) fn each(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        let Some(words) = self.opened(reader)? else { return Ok(()) };
        self.over(reader, words, true, Score::MIN, &mut |doc, score| {
            callback(doc, score);
            Score::MIN
        })
    }

    /// Goes over the windows that may have something, or over all articles of rare words.
    fn over(
        &self,
        reader: &SegmentReader,
        words: Vec<Opened<'_>>,
        is_rare: bool,
        bar: Score,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        let windows = windows_of(reader);
        let has_sequences = words.iter().any(|(_, scorer)| scorer.has_sequences());
        let mut totals = Vec::new();
        let mut opened = Vec::with_capacity(words.len());
        // What a single word can score is known to the last bit.
        let is_exact = self.words.len() == 1 && self.lifts.is_none();
        for (weight, scorer) in words {
            let part = if is_rare {
                Part::Sum(Vec::new())
            } else {
                let part = self.part(weight, reader, windows, if is_exact { 1.0 } else { SLACK })?;
                self.add(&part, &mut totals);
                part
            };
            let articles = weight.kept(reader, self.bounds);
            opened.push(Word { scorer, part, articles, scores: [0.0; WINDOW as usize] });
        }
        let mut pairs = None;
        if let Some(weight) = self.pairs
            && let Some(scorer) = weight.opened(reader)?
        {
            let part =
                if is_rare { Part::Sum(Vec::new()) } else { self.part(weight, reader, windows, SLACK)? };
            let (scores, factor) = part.scores();
            totals.iter_mut().zip(scores).for_each(|(total, more)| *total += factor * more);
            pairs = Some(Pairs { scorer, part });
        }
        let possible = if is_rare { self.only.cloned() } else { self.possible(&opened) };
        if let Some(possible) = &possible {
            totals
                .iter_mut()
                .zip(possible.words())
                .filter(|(_, bits)| **bits == 0)
                .for_each(|(total, _)| *total = Score::NEG_INFINITY);
        }
        if let Some(lifts) = self.lifts {
            totals.iter_mut().zip(lifts).for_each(|(total, lift)| *total *= lift);
        }
        if self.needs == Needs::All {
            // As the engine arranges the parts of a conjunction, the rarest first.
            opened.sort_by_key(|word| word.scorer.cost());
        }
        let mut frequent: Vec<usize> = (0..opened.len()).collect();
        frequent.sort_by_key(|number| std::cmp::Reverse(opened[*number].scorer.articles()));
        let mut walk = Walk {
            pairs,
            needs: self.needs,
            possible,
            has_sequences,
            bar,
            callback,
            lifts: self.lifts,
            frequent,
            rest: vec![Score::INFINITY; opened.len()],
            scored: vec![0.0; opened.len()],
            words: opened,
        };
        if is_rare {
            walk.articles();
            return Ok(());
        }
        let peaks = peaks(&totals);
        let first = first_bar(&peaks);
        let again: Vec<SumScorer> = walk.words.iter().map(|word| word.scorer.clone()).collect();
        let pairs_again = walk.pairs.as_ref().map(|pairs| pairs.scorer.clone());
        walk.windows(&totals, &peaks, |total| total >= first);
        walk.words.iter_mut().zip(again).for_each(|(word, scorer)| word.scorer = scorer);
        walk.pairs.iter_mut().zip(pairs_again).for_each(|(pairs, scorer)| pairs.scorer = scorer);
        walk.windows(&totals, &peaks, |total| total < first);
        Ok(())
    }

    /// The words that a segment has; `None` where it lacks one that has to be there.
    fn opened(&self, reader: &SegmentReader) -> tantivy::Result<Option<Vec<Opened<'_>>>> {
        let mut words = Vec::with_capacity(self.words.len());
        for weight in self.words {
            match weight.opened(reader)? {
                Some(scorer) => words.push((weight, scorer)),
                None if self.needs == Needs::All => return Ok(None),
                None => {}
            }
        }
        Ok(Some(words))
    }

    /// Whether all words are measured, or are to be now.
    fn is_worth_it(&self, reader: &SegmentReader, words: &[Opened<'_>], articles: u64) -> bool {
        let mut is_worth_it = true;
        for (weight, scorer) in words {
            for term in weight.asked().iter().flat_map(|asked| &asked.terms) {
                let (scope, cost) = (weight.scope_name(), scorer.postings());
                is_worth_it &= self.bounds.is_worth_it(reader, scope, term, cost, articles);
            }
        }
        is_worth_it
    }

    /// The articles that may be found, as far as that is known; `None` for all.
    fn possible(&self, words: &[Word]) -> Option<Bits> {
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

    /// What a word or pairs can score in each window.
    fn part(
        &self,
        weight: &FieldsWeight,
        reader: &SegmentReader,
        windows: usize,
        slack: Score,
    ) -> tantivy::Result<Part> {
        if let [asked] = weight.asked()
            && let [term] = &asked.terms[..]
            && let Some(measured) = self.bounds.of(weight, reader, term)?
            && matches!(measured.ceilings, Ceilings::All(_))
        {
            return Ok(Part::Measured(measured, asked.weight * slack));
        }
        let mut part = vec![0.0; windows];
        for asked in weight.asked() {
            let mut lowest: Option<Vec<Score>> = None;
            for (place, term) in asked.terms.iter().enumerate() {
                let Some(measured) = self.bounds.of(weight, reader, term)? else {
                    lowest = None;
                    break;
                };
                let most = asked.most(place);
                match &mut lowest {
                    None if asked.terms.len() == 1 => {
                        measured.ceilings.add(asked.weight * slack, &mut part);
                        break;
                    }
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
        let needs = self.needs;
        let sum = move |total: Score, more: Score| match needs {
            Needs::All if more <= 0.0 => Score::NEG_INFINITY,
            _ => total + more,
        };
        let (scores, factor) = part.scores();
        if totals.is_empty() {
            totals.extend(scores.iter().map(|more| sum(0.0, factor * more)));
        } else {
            totals.iter_mut().zip(scores).for_each(|(total, more)| *total = sum(*total, factor * more));
        }
    }
}

/// What a word or pairs can score in each window.
enum Part {
    /// So many times what was measured.
    Measured(Arc<Measured>, Score),
    Sum(Vec<Score>),
}

impl Part {
    /// By window, and a factor of all.
    fn scores(&self) -> (&[Score], Score) {
        match self {
            Self::Measured(measured, factor) => match &measured.ceilings {
                Ceilings::All(all) => (all, *factor),
                Ceilings::Few(_) => (&[], *factor),
            },
            Self::Sum(sum) => (sum, 1.0),
        }
    }

    fn at(&self, window: usize) -> Score {
        let (scores, factor) = self.scores();
        scores.get(window).map_or(0.0, |score| factor * score)
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

struct Word {
    scorer: SumScorer,
    /// What it can score in each window, if that was measured.
    part: Part,
    /// The articles that have it, where they are kept.
    articles: Option<Arc<Bits>>,
    /// What it scores in the articles of a window; 0 outside of it.
    scores: [Score; WINDOW as usize],
}

struct Pairs {
    scorer: SumScorer,
    /// What they can add in each window, if that was measured.
    part: Part,
}

struct Walk<'a> {
    words: Vec<Word>,
    pairs: Option<Pairs>,
    needs: Needs,
    /// The articles that may be found; `None` for all.
    possible: Option<Bits>,
    has_sequences: bool,
    bar: Score,
    callback: &'a mut dyn FnMut(DocId, Score) -> Score,
    lifts: Option<&'a [Score]>,
    /// Numbers of the words, the most frequent first.
    frequent: Vec<usize>,
    /// What the words behind each one, and pairs, can add to it in a window.
    rest: Vec<Score>,
    /// What each word scores in an article.
    scored: Vec<Score>,
}

impl Walk<'_> {
    /// Over those windows that may have something.
    fn windows(&mut self, totals: &[Score], peaks: &[Score], is_meant: impl Fn(Score) -> bool) {
        for (stretch, peak) in peaks.iter().enumerate() {
            if *peak <= self.bar {
                continue;
            }
            let windows = stretch * STRETCH..totals.len().min((stretch + 1) * STRETCH);
            for window in windows {
                let total = totals[window];
                if total > self.bar && is_meant(total) {
                    match self.needs {
                        _ if self.words.len() == 1 => self.one(window as u32 * WINDOW, Some(window)),
                        Needs::Any => self.any(window as u32 * WINDOW, Some(window)),
                        Needs::All => self.all_in(window),
                    }
                }
            }
        }
    }

    /// Over all articles.
    fn articles(&mut self) {
        match self.needs {
            _ if self.words.len() == 1 => self.one(0, None),
            Needs::All => self.all(0, TERMINATED, None),
            Needs::Any => {
                while let Some(doc) =
                    self.words.iter().map(|word| word.scorer.doc()).min().filter(|doc| *doc != TERMINATED)
                {
                    self.any(doc, None);
                }
            }
        }
    }

    /// The articles of a window that may be found.
    fn possible_in(&self, window: usize) -> u64 {
        self.possible.as_ref().map_or(!0, |possible| possible.words()[window])
    }

    fn is_possible(&self, doc: DocId) -> bool {
        self.possible.as_ref().is_none_or(|possible| possible.has(doc))
    }

    /// What words have to score more than in a window.
    fn bar_in(&self, window: Option<usize>) -> Score {
        let lift = window.and_then(|window| self.lifts.map(|lifts| lifts[window]));
        self.bar / (lift.unwrap_or(1.0).max(Score::MIN_POSITIVE) * SLACK)
    }

    /// What pairs can add in a window.
    fn pairs_in(&self, window: Option<usize>) -> Score {
        match (&self.pairs, window) {
            (None, _) => 0.0,
            (Some(pairs), Some(window)) => pairs.part.at(window),
            (Some(_), None) => Score::INFINITY,
        }
    }

    /// An article with what its words score.
    fn found(&mut self, doc: DocId, mut score: Score, window: Option<usize>) {
        if self.pairs.is_some() && score + self.pairs_in(window) <= self.bar_in(window) {
            return;
        }
        if let Some(Pairs { scorer, .. }) = &mut self.pairs {
            scorer.bound(doc + 1, Score::MIN);
            if scorer.seek(doc) == doc {
                score += scorer.score();
            }
        }
        if score > self.bar {
            self.bar = (self.callback)(doc, score);
        }
    }

    /// Over the articles of a word in a window, or all of them.
    fn one(&mut self, start: DocId, window: Option<usize>) {
        let end = window.map_or(TERMINATED, |_| start + WINDOW);
        let possible = self.possible.as_ref();
        let Some(Word { scorer, .. }) = self.words.first_mut() else { return };
        scorer.bound(end, self.bar);
        let mut doc = scorer.seek(start);
        while doc < end {
            if possible.is_none_or(|possible| possible.has(doc)) {
                let score = scorer.score();
                if score > self.bar {
                    self.bar = (self.callback)(doc, score);
                    scorer.bound(end, self.bar);
                }
            }
            doc = scorer.advance();
        }
    }

    /// In a window the most frequent words are left aside as long as they can't reach the bar together: an article that is to
    /// be kept has one of the others, and of these articles few are left to look them up for (`MaxScore`: Turtle and
    /// Flood, 1995).
    fn any(&mut self, start: DocId, window: Option<usize>) {
        let end = start.saturating_add(WINDOW).min(TERMINATED);
        let (mut aside, mut can_add) = (0, 0.0);
        let bar = self.bar_in(window) - self.pairs_in(window);
        if let Some(window) = window {
            for number in &self.frequent {
                let more = can_add + self.words[*number].part.at(window);
                if more > bar {
                    break;
                }
                (aside, can_add) = (aside + 1, more);
            }
        }
        let mut bits = 0_u64;
        let frequent = std::mem::take(&mut self.frequent);
        let (aside, rest) = frequent.split_at(aside);
        for number in rest {
            let Word { scorer, scores, .. } = &mut self.words[*number];
            if self.has_sequences {
                scorer.bound(end, Score::MIN);
            }
            let mut doc = scorer.seek(start);
            while doc < end {
                let at = doc - start;
                scores[at as usize] = scorer.score();
                bits |= 1 << at;
                doc = scorer.advance();
            }
        }
        if self.has_sequences {
            for number in aside {
                self.words[*number].scorer.bound(end, Score::MIN);
            }
        }
        while bits != 0 {
            let at = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let doc = start + at as DocId;
            let known: Score = rest.iter().map(|number| self.words[*number].scores[at]).sum();
            if known + can_add > bar && self.is_possible(doc) {
                for number in aside {
                    let Word { scorer, articles, scores, .. } = &mut self.words[*number];
                    if articles.as_ref().is_none_or(|articles| articles.has(doc)) && scorer.seek(doc) == doc {
                        scores[at] = scorer.score();
                    }
                }
                // In the order of the query.
                let mut score = 0.0;
                self.words.iter().for_each(|word| score += word.scores[at]);
                self.found(doc, score, window);
            }
            self.words.iter_mut().for_each(|word| word.scores[at] = 0.0);
        }
        self.frequent = frequent;
    }

    fn all_in(&mut self, window: usize) {
        let mut can_add = self.pairs_in(Some(window));
        for (number, word) in self.words.iter().enumerate().rev() {
            self.rest[number] = can_add;
            can_add += word.part.at(window);
        }
        let start = window as u32 * WINDOW;
        self.all(start, start + WINDOW, Some(window));
    }

    /// Over those articles that have all words.
    fn all(&mut self, start: DocId, end: DocId, window: Option<usize>) {
        if self.has_sequences {
            self.words.iter_mut().for_each(|word| word.scorer.bound(end, Score::MIN));
        }
        let possible = window.map_or(!0, |window| self.possible_in(window));
        let mut bar = self.bar_in(window);
        let mut target = start;
        'articles: while target < end {
            if window.is_some() {
                let rest = possible & (!0 << (target - start));
                if rest == 0 {
                    return;
                }
                target = start + rest.trailing_zeros();
            }
            let mut known = 0.0;
            for number in 0..self.words.len() {
                let doc = self.words[number].scorer.seek(target);
                if doc > target {
                    target = doc;
                    continue 'articles;
                }
                if number == 0 && window.is_none() && !self.may_have_all(target) {
                    target += 1;
                    continue 'articles;
                }
                let score = self.words[number].scorer.score();
                self.scored[number] = score;
                known += score;
                if known + self.rest[number] <= bar {
                    target += 1;
                    continue 'articles;
                }
            }
            // As the engine adds them.
            let score = match &self.scored[..] {
                [left, right, others @ ..] => left + right + others.iter().sum::<Score>(),
                others => others.iter().sum(),
            };
            self.found(target, score, window);
            bar = self.bar_in(window);
            target += 1;
        }
    }

    /// Whether an article may have all words, as far as their articles are kept.
    fn may_have_all(&self, doc: DocId) -> bool {
        let mut kept = self.words.iter().filter_map(|word| word.articles.as_ref());
        self.is_possible(doc) && kept.all(|articles| articles.has(doc))
    }
}

#[cfg(test)]
#[path = "prune/tests.rs"]
mod tests;
