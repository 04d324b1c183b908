//! Names that are ordinary words of the article they stand in.
//!
//! A name counts as such when it only stands where a capital says nothing and the article has the same words without one:
//! "Pattern" and later "the pattern", "Vocabulary and Control Techniques" over a text on techniques of control.

use std::collections::HashSet;

use super::{Resolver, State};
use crate::tag::view::{Gap, LOWER, Word};

/// Names for which an article is searched for the same words without capitals: each asks for a walk over it.
const MAX_ORDINARY_WORDS: usize = 16;
/// Longest name that is looked for.
const MAX_WORDS: usize = 4;
/// The reason for a name that stands without a capital in the same article.
pub(super) const ORDINARY: &str = "an ordinary word in the article";

impl Resolver<'_, '_> {
    /// Lets strong names that are ordinary words of the article wait for what else speaks for them.
    pub(super) fn take_back_ordinary_words(&mut self) {
        let mut clear: HashSet<u32> = HashSet::new();
        let mut doubtful: Vec<(u32, usize)> = Vec::new();
        for (place, candidate) in self.candidates.iter().enumerate() {
            if let State::Accepted(id, "strong") = candidate.state {
                if self.is_silent(place) {
                    doubtful.push((candidate.found.pattern, place));
                } else {
                    clear.insert(id.company);
                }
            }
        }
        let is_clear = |place: usize| match self.candidates[place].state {
            State::Accepted(id, _) => clear.contains(&id.company),
            _ => false,
        };
        doubtful.retain(|&(_, place)| !is_clear(place));
        doubtful.sort_unstable();
        for group in doubtful.chunk_by(|left, right| left.0 == right.0) {
            if !self.is_ordinary_word(group) {
                continue;
            }
            for &(_, place) in group {
                if let State::Accepted(id, _) = self.candidates[place].state {
                    self.forget(id);
                    self.candidates[place].state = State::Pending(id);
                }
            }
        }
    }

    /// Whether the name of a group, places of one pattern, is an ordinary word of the article.
    pub(super) fn is_ordinary_word(&mut self, group: &[(u32, usize)]) -> bool {
        let Some(&(_, first)) = group.first() else { return false };
        if self.ordinary_words >= MAX_ORDINARY_WORDS || !group.iter().all(|&(_, place)| self.is_silent(place))
        {
            return false;
        }
        self.ordinary_words += 1;
        self.occurs_in_lower_case(first)
    }

    /// Whether the capitals of a name at a place say nothing. Several words are only taken for a part of a headline's phrase
    /// where the phrase has them joined to others: "Vocabulary Building and Control Techniques", not "Best Buy Raises".
    fn is_silent(&self, place: usize) -> bool {
        let candidate = &self.candidates[place];
        let context = self.context(candidate.field);
        let found = candidate.found;
        let is_written = context.first(found).is_some_and(|word| word.shape & LOWER == 0);
        if found.last - found.first == 1 {
            return is_written && context.capital_says_nothing(found);
        }
        let sentence = context.sentence(found);
        let is_joined = || {
            context.before(found, 2).is_some()
                && context.before(found, 1).is_some_and(|word| {
                    matches!(self.views[candidate.field].folded_word(word), b"and" | b"or")
                })
                && !self.covers(candidate.field, place, found.first as usize - 2)
        };
        is_written && (sentence.title_case || sentence.all_capitals) && is_joined()
    }

    /// Whether every word of a name stands without a capital somewhere in the article.
    fn occurs_in_lower_case(&self, place: usize) -> bool {
        let candidate = &self.candidates[place];
        let view = &self.views[candidate.field];
        let Some(name) = view.words.get(candidate.found.first as usize..candidate.found.last as usize) else {
            return false;
        };
        let mut missing: Vec<(u32, &[u8])> =
            name.iter().map(|word| (word.hash, view.folded_word(word))).collect();
        if missing.len() > MAX_WORDS || missing.iter().any(|(_, word)| word.len() < 2) {
            return false;
        }
        self.views.iter().any(|view| {
            view.words.iter().enumerate().any(|(number, word)| {
                // Addresses have no capitals: "github.com/google/introducing-pixel".
                let is_address = |word: &Word| matches!(word.gap, Gap::Dot | Gap::Slash | Gap::Hyphen);
                let plain = word.shape & LOWER != 0
                    && missing.iter().any(|&(hash, _)| hash == word.hash)
                    && !is_address(word)
                    && !view.words.get(number + 1).is_some_and(is_address);
                if plain {
                    missing.retain(|&(hash, name)| hash != word.hash || view.folded_word(word) != name);
                }
                missing.is_empty()
            })
        })
    }
}
