//! Going over the articles of a segment that may be among the best.

use std::ops::Range;
use std::sync::Arc;

use tantivy::query::Scorer;
use tantivy::{DocId, DocSet, Score, TERMINATED};

use super::measured::{Ceilings, Measured};
use super::word::Found;
use super::{Needs, SLACK, STRETCH, WINDOW};
use crate::query::lower::bm25f::{FieldsWeight, SumScorer};
use crate::query::lower::unscored::Bits;

/// What a word or pairs can score in each window.
pub(super) enum Part {
    /// So many times what was measured.
    Measured(Arc<Measured>, Score),
    Sum(Vec<Score>),
}

impl Part {
    /// By window, and a factor of all.
    pub(super) fn scores(&self) -> (&[Score], Score) {
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

pub(super) struct Word<'a> {
    pub(super) weight: &'a FieldsWeight,
    pub(super) found: Found,
    /// What it can score in each window, if that was measured.
    pub(super) part: Part,
    /// What it can score at all.
    pub(super) most: Score,
    /// The articles that have it, where they are kept and there are other words.
    pub(super) articles: Option<Arc<Bits>>,
    /// What it scores in the articles of a window; 0 outside of it.
    pub(super) scores: [Score; WINDOW as usize],
}

pub(super) struct Pairs {
    pub(super) scorer: SumScorer,
    /// What they can add in each window, if that was measured.
    pub(super) part: Part,
    /// What they can add at all.
    pub(super) most: Score,
}

pub(super) struct Walk<'a> {
    pub(super) words: Vec<Word<'a>>,
    pub(super) pairs: Option<Pairs>,
    pub(super) needs: Needs,
    /// The articles that may be found; `None` for all.
    pub(super) possible: Option<Bits>,
    pub(super) seeks_sequences: bool,
    pub(super) bar: Score,
    /// A single word is passed over where it scores more.
    pub(super) most: Score,
    pub(super) callback: &'a mut dyn FnMut(DocId, Score) -> Score,
    pub(super) lifts: Option<&'a [Score]>,
    /// Numbers of the words, the most frequent first.
    pub(super) frequent: Vec<usize>,
    /// What the words behind each one, and pairs, can add to it in a window.
    pub(super) rest: Vec<Score>,
    /// What each word scores in an article.
    pub(super) scored: Vec<Score>,
}

impl Walk<'_> {
    /// Over those windows that may have something and whose totals are in a range.
    pub(super) fn windows(&mut self, totals: &[Score], peaks: &[Score], range: Range<Score>) {
        for ((stretch, peak), totals) in peaks.iter().enumerate().zip(totals.chunks(STRETCH)) {
            if *peak <= self.bar || *peak < range.start {
                continue;
            }
            let mut may_have = 0_u32;
            for (place, total) in totals.iter().enumerate() {
                #[expect(
                    clippy::needless_bitwise_bool,
                    reason = "without a branch: which of them it is can't be foreseen"
                )]
                let is_meant = (*total > self.bar) & (*total >= range.start) & (*total < range.end);
                may_have |= u32::from(is_meant) << place;
            }
            while may_have != 0 {
                let place = may_have.trailing_zeros() as usize;
                may_have &= may_have - 1;
                // It may have risen.
                if totals[place] <= self.bar {
                    continue;
                }
                let window = stretch * STRETCH + place;
                match self.needs {
                    _ if self.words.len() == 1 => self.one(window as u32 * WINDOW, Some(window)),
                    Needs::Any => self.any(window as u32 * WINDOW, Some(window)),
                    Needs::All => self.all_in(window),
                }
            }
        }
    }

    /// Over all articles.
    pub(super) fn articles(&mut self) {
        match self.needs {
            _ if self.words.len() == 1 => self.one(0, None),
            Needs::All => self.all(0, TERMINATED, None),
            Needs::Any => {
                while let Some(doc) =
                    self.words.iter().map(|word| word.found.doc()).min().filter(|doc| *doc != TERMINATED)
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
    pub(super) fn pairs_in(&self, window: Option<usize>) -> Score {
        match (&self.pairs, window) {
            (None, _) => 0.0,
            (Some(pairs), Some(window)) => pairs.part.at(window),
            (Some(pairs), None) => pairs.most,
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
        let Some(word) = self.words.first_mut() else { return };
        word.found.bound(end, self.bar);
        let mut doc = word.found.seek(start);
        while doc < end {
            if possible.is_none_or(|possible| possible.has(doc)) {
                let score = word.found.score();
                if score > self.bar && score <= self.most {
                    self.bar = (self.callback)(doc, score);
                    word.found.bound(end, self.bar);
                }
            }
            doc = word.found.advance();
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
            let word = &mut self.words[*number];
            if self.seeks_sequences {
                word.found.bound(end, Score::MIN);
            }
            let mut doc = word.found.seek(start);
            while doc < end {
                let at = doc - start;
                word.scores[at as usize] = word.found.score();
                bits |= 1 << at;
                doc = word.found.advance();
            }
        }
        if self.seeks_sequences {
            for number in aside {
                self.words[*number].found.bound(end, Score::MIN);
            }
        }
        while bits != 0 {
            let at = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let doc = start + at as DocId;
            let known: Score = rest.iter().map(|number| self.words[*number].scores[at]).sum();
            if known + can_add > bar && self.is_possible(doc) {
                for number in aside {
                    let Word { found, articles, scores, .. } = &mut self.words[*number];
                    if articles.as_ref().is_none_or(|articles| articles.has(doc)) && found.seek(doc) == doc {
                        scores[at] = found.score();
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

    /// Notes what pairs and the words behind each word can add to it.
    pub(super) fn bound_rest(&mut self, pairs: Score, most: impl Fn(&Word<'_>) -> Score) {
        let mut can_add = pairs;
        for (number, word) in self.words.iter().enumerate().rev() {
            self.rest[number] = can_add;
            can_add += most(word);
        }
    }

    fn all_in(&mut self, window: usize) {
        self.bound_rest(self.pairs_in(Some(window)), |word| word.part.at(window));
        let start = window as u32 * WINDOW;
        self.all(start, start + WINDOW, Some(window));
    }

    /// Over those articles that have all words.
    fn all(&mut self, start: DocId, end: DocId, window: Option<usize>) {
        if self.seeks_sequences {
            self.words.iter_mut().for_each(|word| word.found.bound(end, Score::MIN));
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
                let doc = self.words[number].found.seek(target);
                if doc > target {
                    target = doc;
                    continue 'articles;
                }
                if number == 0 && window.is_none() && !self.may_have_all(target) {
                    target += 1;
                    continue 'articles;
                }
                let score = self.words[number].found.score();
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
