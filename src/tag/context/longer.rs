//! Whether a name is a part of a longer one that the gazetteer does not hold.

use super::Context;
use crate::tag::lexicon::{AUXILIARY, BEFORE, CAPITAL, COMPOUND, FUNCTION, GENERIC, LEGAL, OF, VERB};
use crate::tag::matcher::Found;
use crate::tag::view::{CAPITALS, DIGIT, Gap, INITIAL, LOWER, Word};

/// Words after a capitalised name that make it the name of a place or institution: "Ford Foundation".
#[rustfmt::skip]
const INSTITUTIONS: &[&str] = &[
    "university", "foundation", "college", "institute", "school", "hospital", "church", "stadium",
    "field", "arena", "theater", "theatre", "bridge", "street", "road", "airport", "park", "hall",
    "court", "city", "town", "award", "awards", "prize", "festival", "cup", "bowl", "state",
    "administration", "library", "cemetery", "warriors", "girls", "boys", "high", "act",
];

impl Context<'_, '_> {
    /// Why a weak name is not a name of its own here: a compound with a hyphen ("meta-analysis").
    pub(in crate::tag) fn compound(&self, found: Found) -> Option<&'static str> {
        if let Some(next) = self.after(found, 1)
            && next.gap == Gap::Hyphen
            && self.classes(next) & COMPOUND == 0
            && (next.shape & LOWER != 0 || next.shape & DIGIT != 0)
        {
            return Some("part of a compound");
        }
        let first = self.first(found)?;
        if first.gap == Gap::Hyphen
            && let Some(before) = self.before(found, 1)
            && before.shape & LOWER == 0
            && self.is_unknown(before)
        {
            return Some("part of a compound");
        }
        None
    }

    /// Whether a weak name ends a longer one: "Panhandle Eastern", "American Telephone and Telegraph".
    pub(in crate::tag) fn continues_name(&self, found: Found) -> bool {
        let Some(first) = self.first(found) else { return false };
        let Some(before) = self.before(found, 1) else { return false };
        if first.gap != Gap::Plain {
            return false;
        }
        let classes = self.classes(before);
        let joint = matches!(self.view.folded_word(before), b"and" | b"of");
        if self.sentence(found).all_capitals {
            return joint || classes & (FUNCTION | VERB | AUXILIARY | OF) == 0;
        }
        let capital = |word: &Word| word.shape & LOWER == 0 && self.classes(word) & (FUNCTION | CAPITAL) == 0;
        if joint {
            return before.gap == Gap::Plain
                && self.before(found, 2).is_some_and(|word| capital(word) && word.shape & INITIAL == 0);
        }
        capital(before)
            && (before.shape & INITIAL == 0 || self.is_unknown(before))
            && !self.sentence(found).title_case
    }

    /// Whether a hyphen joins the name to another capitalised word: "Triumph-Adler".
    pub(in crate::tag) fn joined_to_unknown(&self, found: Found) -> bool {
        self.after(found, 1).is_some_and(|next| {
            next.gap == Gap::Hyphen
                && next.shape & (LOWER | DIGIT) == 0
                && self.is_unknown(next)
                && self.view.folded_word(next).len() > 2
        })
    }

    /// Whether a weak name begins the name of a place or institution: "Ford Foundation".
    pub(in crate::tag) fn institution(&self, found: Found) -> bool {
        let sentence = self.sentence(found);
        if self.joined_by_ampersand(found) || self.follows_ampersand(found) {
            return true;
        }
        for n in 1..=2 {
            let Some(next) = self.after(found, n) else { break };
            if next.gap != Gap::Plain || next.shape & LOWER != 0 {
                break;
            }
            let word = self.view.folded_word(next);
            if !sentence.title_case && is_institution(word) {
                return true;
            }
        }
        false
    }

    /// "Goldman & Zillinger", "Fox & Friends".
    fn joined_by_ampersand(&self, found: Found) -> bool {
        let Some(last) = self.word((found.last as usize).saturating_sub(1)) else { return false };
        let after = self.view.text.get(last.end as usize..).unwrap_or_default().trim_start_matches(' ');
        after.starts_with('&')
            && self
                .after(found, 1)
                .is_some_and(|next| next.shape & LOWER == 0 && self.classes(next) & LEGAL == 0)
    }

    /// "Nature Ecology & Evolution".
    fn follows_ampersand(&self, found: Found) -> bool {
        let (Some(first), Some(before)) = (self.first(found), self.before(found, 1)) else { return false };
        let between = self.view.text.get(before.end as usize..first.start as usize).unwrap_or_default();
        between.trim() == "&" && before.shape & LOWER == 0 && self.is_unknown(before)
    }

    /// Whether a strong name that ends with an everyday word is the beginning of a longer one: "Canadian National Science
    /// Library", "US West Coast".
    pub(in crate::tag) fn begins_longer_name(&self, found: Found) -> bool {
        let sentence = self.sentence(found);
        let last = self.word((found.last as usize).saturating_sub(1));
        found.last - found.first > 1
            && !sentence.title_case
            && !sentence.all_capitals
            && last.is_some_and(|last| self.classes(last) & GENERIC != 0)
            && self.after(found, 1).is_some_and(|next| {
                next.gap == Gap::Plain
                    && next.shape & (LOWER | CAPITALS | DIGIT) == 0
                    && (self.is_unknown(next) || is_institution(self.view.folded_word(next)))
            })
    }

    /// Whether a strong name that begins with an everyday word is the end of a longer one: "Federal Reserve Bank of
    /// New York", "Times Square".
    pub(in crate::tag) fn ends_longer_name(&self, found: Found) -> bool {
        let Some(first) = self.first(found) else { return false };
        let sentence = self.sentence(found);
        self.classes(first) & (GENERIC | BEFORE | FUNCTION) != 0
            && first.gap == Gap::Plain
            && !sentence.title_case
            && !sentence.all_capitals
            && self.before(found, 1).is_some_and(|before| {
                let word = self.view.folded_word(before);
                before.shape & (LOWER | CAPITALS | DIGIT) == 0
                    && (self.is_unknown(before) && before.shape & INITIAL == 0
                        || matches!(word, b"federal" | b"reserve" | b"times" | b"red"))
            })
    }
}

fn is_institution(word: &[u8]) -> bool {
    INSTITUTIONS.iter().any(|institution| institution.as_bytes() == word)
}
