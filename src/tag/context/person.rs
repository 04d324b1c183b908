//! Whether a name is a person's.

use super::Context;
use crate::tag::lexicon::{CAPITAL, FIRST_NAME, PERSON_TITLE, PRONOUN, SPEECH};
use crate::tag::matcher::Found;
use crate::tag::view::{CAPITALS, DIGIT, Gap, INITIAL, LOWER};

impl Context<'_, '_> {
    /// Whether a person's name stands here: "President Ford", "Nikola Tesla", "Gerald R. Ford", "Alexa Smith".
    pub(in crate::tag) fn person(&self, found: Found, is_name_of_its_own: impl Fn(usize) -> bool) -> bool {
        let Some(first) = self.first(found) else { return false };
        let single = found.last - found.first == 1;
        if let Some(before) = self.before(found, 1)
            && first.gap == Gap::Plain
            && before.shape & LOWER != 0
            && self.classes(before) & PERSON_TITLE != 0
            && !matches!(
                self.view.folded_word(before),
                b"judge"
                    | b"coach"
                    | b"general"
                    | b"king"
                    | b"queen"
                    | b"secretary"
                    | b"minister"
                    | b"prince"
                    | b"major"
            )
        {
            return true;
        }
        if let Some(before) = self.before(found, 1)
            && first.gap == Gap::Plain
            && before.shape & LOWER == 0
            && !is_name_of_its_own(found.first as usize - 1)
        {
            let classes = self.classes(before);
            if classes & PERSON_TITLE != 0 || classes & FIRST_NAME != 0 && classes & CAPITAL == 0 {
                return true;
            }
            let stop = self.view.text.as_bytes().get(before.end as usize) == Some(&b'.');
            let initial = before.fold_end - before.fold == 2 && before.shape & DIGIT == 0;
            if initial && before.shape & INITIAL == 0 && (stop || self.view.folded_word(before) != b"a") {
                return true;
            }
        }
        let given = single && self.classes(first) & FIRST_NAME != 0;
        if given
            && let Some(next) = self.word(found.last as usize)
            && next.sentence == first.sentence
        {
            let surname = next.gap == Gap::Plain
                && next.shape & (LOWER | CAPITALS | DIGIT) == 0
                && self.is_unknown(next)
                && !self.sentence(found).title_case
                && !is_name_of_its_own(found.last as usize);
            let age = next.gap == Gap::Comma && next.shape & DIGIT != 0 && next.end - next.start == 2;
            return surname || age;
        }
        false
    }

    /// Whether the name is a first name with a surname or an age after it that nothing is known of: "Siri Lindqvist".
    pub(in crate::tag) fn is_given_name(&self, found: Found) -> bool {
        self.first(found).is_some_and(|first| self.classes(first) & FIRST_NAME != 0)
            && self.person(found, |_| false)
    }

    /// Whether "he" or "her" follows a name without another name between; "he said" after a comma is the speaker.
    pub(in crate::tag) fn is_told_as_person(&self, found: Found) -> bool {
        for n in 1..=7 {
            let Some(word) = self.after(found, n) else { return false };
            if self.classes(word) & PRONOUN != 0 {
                let speaker = word.gap == Gap::Comma
                    && self.after(found, n + 1).is_some_and(|verb| self.classes(verb) & SPEECH != 0);
                return !speaker;
            }
            if word.shape & LOWER == 0 {
                return false;
            }
        }
        false
    }

    /// Whether the name stands after a first name, as a surname: "Kelly Bayer".
    pub(in crate::tag) fn after_first_name(&self, found: Found) -> bool {
        let Some(first) = self.first(found) else { return false };
        let sentence = self.sentence(found);
        // "Ron McDonald's brother" is one word with its genitive.
        let single = match found.last - found.first {
            1 => true,
            2 => self.word(found.first as usize + 1).is_some_and(|word| word.gap == Gap::Apostrophe),
            _ => false,
        };
        first.gap == Gap::Plain
            && single
            && !sentence.title_case
            && !sentence.all_capitals
            && self.before(found, 1).is_some_and(|before| {
                before.shape & (LOWER | CAPITALS) == 0
                    && self.classes(before) & FIRST_NAME != 0
                    && self.classes(before) & CAPITAL == 0
                    && !matches!(self.view.folded_word(before), b"alexa" | b"siri" | b"luna")
            })
            // "A San Antonio Walmart".
            && self.before(found, 2).is_none_or(|second| {
                !matches!(self.view.folded_word(second), b"san" | b"santa" | b"st" | b"fort" | b"port")
            })
    }

    /// Whether a word for what a person is stands before the name: "financier J.P. Morgan", "his backer J.P. Morgan".
    pub(in crate::tag) fn after_person_title(&self, found: Found) -> bool {
        let (Some(first), Some(before)) = (self.first(found), self.before(found, 1)) else { return false };
        if first.gap != Gap::Plain || self.sentence(found).title_case {
            return false;
        }
        let word = self.view.folded_word(before);
        let title = self.classes(before) & PERSON_TITLE != 0 && (before.shape & LOWER != 0 || word.len() > 3);
        let of_somebody = self
            .before(found, 2)
            .is_some_and(|owner| matches!(self.view.folded_word(owner), b"his" | b"her"))
            && matches!(
                word,
                b"backer"
                    | b"patron"
                    | b"friend"
                    | b"lawyer"
                    | b"attorney"
                    | b"colleague"
                    | b"mentor"
                    | b"boss"
            );
        title || of_somebody
    }

    /// Whether another capitalised word that nothing is known of stands right before a weak name: "Billie Target".
    pub(in crate::tag) fn after_unknown_name(
        &self,
        found: Found,
        is_name_of_its_own: impl Fn(usize) -> bool,
    ) -> bool {
        let Some(first) = self.first(found) else { return false };
        let sentence = self.sentence(found);
        if sentence.title_case || sentence.all_capitals {
            return false;
        }
        if let Some(before) = self.before(found, 1)
            && first.gap == Gap::Plain
            && before.shape & (LOWER | CAPITALS | DIGIT) == 0
            && self.is_unknown(before)
            // "Heidi Hess, director": at the beginning of a sentence only with a comma, for "Meanwhile Apple said".
            && (before.shape & INITIAL == 0 || self.after(found, 1).is_some_and(|next| next.gap == Gap::Comma))
        {
            return !is_name_of_its_own(found.first as usize - 1);
        }
        false
    }
}
