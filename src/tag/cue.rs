//! What speaks for a company in the words around a weak name.

use crate::tag::context::{Context, same_word};
use crate::tag::lexicon::{AUXILIARY, BEFORE, COMPARE, FUNCTION, LIGHT, NOUN, OF, OF_NOUN, SPEECH, VERB};
use crate::tag::matcher::Found;
use crate::tag::view::{CAPITALS, DIGIT, Gap, INITIAL, LETTERS, LOWER, Word};

/// How strongly the words around a weak name speak for a company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cue {
    /// Two are enough.
    pub points: u8,
    /// What they are.
    pub rule: &'static str,
}

impl Context<'_, '_> {
    /// Whether a fact is credited to the name in so many words: "told Slate", "Wired reported".
    pub(super) fn credited(&self, found: Found) -> bool {
        let back = |n: usize| self.before(found, n).map_or(&b""[..], |word| self.view.folded_word(word));
        let skip = usize::from(back(1) == b"the");
        let (last, second) = (back(1 + skip), back(2 + skip));
        let before = match last {
            b"told" | b"tells" | b"telling" | b"citing" | b"per" => true,
            b"to" => matches!(second, b"according" | b"spoke" | b"speaking"),
            b"with" => matches!(second, b"interview" | b"interviews"),
            b"by" => matches!(second, b"reported" | b"published" | b"obtained" | b"reviewed"),
            _ => false,
        };
        before
            || self.after(found, 1).is_some_and(|next| {
                next.gap == Gap::Plain
                    && matches!(
                        self.view.folded_word(next),
                        b"reported" | b"reports" | b"wrote" | b"revealed" | b"noted"
                    )
            })
    }

    /// The strongest sign on either side of a weak name.
    pub(super) fn cue(&self, found: Found, own: &[String]) -> Cue {
        let Some(first) = self.first(found) else { return Cue::default() };
        let after = self.after(found, 1);
        let before = self.before(found, 1).filter(|_| matches!(first.gap, Gap::Plain));
        let own_word = |word: &Word| own.iter().any(|cue| same_word(cue, self.view.folded_word(word)));
        if after.is_some_and(|word| matches!(word.gap, Gap::Plain | Gap::Hyphen) && own_word(word))
            || before.is_some_and(own_word)
        {
            return Cue { points: 2, rule: "weak+cue" };
        }
        // "LG Chem": the name goes on with a word that nothing is known of.
        let goes_on = after.is_some_and(|next| {
            next.gap == Gap::Plain && next.shape & (LOWER | CAPITALS | DIGIT) == 0 && self.is_unknown(next)
        });
        if goes_on && !self.sentence(found).title_case {
            return Cue::default();
        }
        let cues = [self.cue_after(found), self.cue_before(found), self.cue_of_its(found)];
        // The first of the strongest: what follows a name says more than what stands before it.
        cues.into_iter().rev().max_by_key(|cue| cue.points).unwrap_or_default()
    }

    /// "Apple said", "Apple's revenue", "Apple-owned".
    fn cue_after(&self, found: Found) -> Cue {
        let (Some(first), Some(next)) = (self.first(found), self.after(found, 1)) else {
            return Cue::default();
        };
        let initial = first.shape & INITIAL != 0;
        let title_case = self.sentence(found).title_case;
        let article = self.is_after_the(found);
        // "The meeting in Providence reported": it is not what stands in a place that does it.
        let place = self.before(found, 1).is_some_and(|word| {
            matches!(
                self.view.folded_word(word),
                b"in" | b"near" | b"around" | b"across" | b"outside" | b"throughout"
            )
        });
        let classes = self.classes(next);
        match next.gap {
            Gap::Apostrophe if self.view.folded_word(next) == b"s" => {
                for n in 2..=6 {
                    let Some(owned) = self.after(found, n) else { break };
                    if !matches!(owned.gap, Gap::Plain | Gap::Hyphen | Gap::Comma) {
                        break;
                    }
                    if self.classes(owned) & NOUN != 0 {
                        return Cue { points: 2, rule: "weak+possessive" };
                    }
                }
                return Cue { points: u8::from(!initial && !article), rule: "weak+capital" };
            }
            Gap::Hyphen if matches!(self.view.folded_word(next), b"owned" | b"backed" | b"branded") => {
                return Cue { points: 2, rule: "weak+compound" };
            }
            Gap::Plain
                if classes & NOUN != 0
                    && (next.shape & LOWER != 0 || title_case || next.shape & CAPITALS != 0) =>
            {
                return Cue { points: 2, rule: "weak+noun" };
            }
            // People are "who"; "in Iceland, which" is a place.
            Gap::Comma if self.view.folded_word(next) == b"which" && !article && !place => {
                return Cue { points: 2, rule: "weak+which" };
            }
            Gap::Plain if self.is_quote(found) => return Cue { points: 2, rule: "weak+quote" },
            _ => {}
        }
        if article || place || next.gap != Gap::Plain {
            return Cue::default();
        }
        for n in 1..=3 {
            let Some(verb) = self.after(found, n) else { break };
            if verb.gap != Gap::Plain || verb.shape & LOWER == 0 && !title_case {
                break;
            }
            let classes = self.classes(verb);
            // People say things too, but not of themselves as "it".
            if classes & SPEECH != 0 {
                if (n + 1..=n + 5).filter_map(|n| self.after(found, n)).any(|word| {
                    matches!(self.view.folded_word(word), b"it" | b"its") && word.gap == Gap::Plain
                }) {
                    return Cue { points: 2, rule: "weak+speech" };
                }
                return Cue { points: 1, rule: "weak+speech" };
            }
            if classes & VERB != 0 {
                // One word with a small letter in it may be a surname: "Huber gave a review", not "Starboard takes a stake".
                let surname = found.last - found.first == 1 && first.shape & CAPITALS == 0;
                let business = || {
                    (n + 1..=n + 5)
                        .filter_map(|n| self.after(found, n))
                        .any(|word| self.classes(word) & NOUN != 0)
                };
                let points = if classes & LIGHT != 0 && surname && !business() { 1 } else { 2 };
                return Cue { points, rule: "weak+verb" };
            }
            if classes & AUXILIARY == 0 {
                break;
            }
        }
        Cue { points: u8::from(classes & AUXILIARY != 0 && next.shape & LOWER != 0), rule: "weak+verb" }
    }

    /// "retailer Target", "shares of Apple", "airlines such as Delta".
    fn cue_before(&self, found: Found) -> Cue {
        let (Some(first), Some(before)) = (self.first(found), self.before(found, 1)) else {
            return Cue::default();
        };
        if matches!(first.gap, Gap::Comma | Gap::Open | Gap::Other) {
            // "[Meta]" and "on Monday, Apple": a capital inside a sentence, whatever stands before it.
            let inside = before.shape & LOWER != 0 && !self.capital_says_nothing(found);
            return Cue { points: u8::from(inside), rule: "weak+capital" };
        }
        if first.gap != Gap::Plain || self.is_after_the(found) {
            return Cue::default();
        }
        let classes = self.classes(before);
        if classes & BEFORE != 0 && before.shape & LOWER != 0 && !self.sentence(found).title_case {
            return Cue { points: 2, rule: "weak+noun" };
        }
        let word = self.view.folded_word(before);
        if let Some(second) = self.before(found, 2) {
            if classes & OF != 0 && word != b"and" && self.classes(second) & OF_NOUN != 0 {
                return Cue { points: 2, rule: "weak+noun" };
            }
            let lists = word == b"as" && self.view.folded_word(second) == b"such"
                || matches!(word, b"like" | b"including" | b"include" | b"includes");
            let of_companies = (2..=5)
                .filter_map(|n| self.before(found, n))
                .any(|word| self.classes(word) & (BEFORE | NOUN) != 0 && word.shape & LOWER != 0);
            if lists && of_companies {
                return Cue { points: 2, rule: "weak+noun" };
            }
        }
        // "Unlike Intel", "At Boots": behind the first word of a sentence when that is a small one.
        let small = before.shape & LOWER != 0
            || before.shape & INITIAL != 0 && classes & (FUNCTION | OF | COMPARE) != 0;
        let inside = small && !self.capital_says_nothing(found);
        Cue { points: u8::from(inside), rule: "weak+capital" }
    }

    /// "Apple ... its revenue": a thing that owns something, which a person would not be called.
    fn cue_of_its(&self, found: Found) -> Cue {
        for n in 1..=8 {
            let Some(word) = self.after(found, n) else { break };
            if matches!(word.gap, Gap::Comma | Gap::Other | Gap::Open | Gap::Close) {
                break;
            }
            if matches!(self.view.folded_word(word), b"its" | b"itself") {
                let owns = self.is_bare_subject(found)
                    || (n + 1..=n + 3)
                        .filter_map(|n| self.after(found, n))
                        .any(|owned| self.classes(owned) & NOUN != 0);
                return Cue { points: if owns { 2 } else { 1 }, rule: "weak+its" };
            }
            if word.shape & LOWER == 0 {
                break;
            }
        }
        Cue::default()
    }

    /// "Intel 31.20, down 0.45": the price of a share and its change.
    pub(super) fn is_quote(&self, found: Found) -> bool {
        let (Some(price), Some(change)) = (self.after(found, 1), self.after(found, 2)) else { return false };
        let is_price = price.shape & (DIGIT | LETTERS) == DIGIT && price.gap == Gap::Plain;
        let skip = usize::from(change.gap == Gap::Dot && change.shape & DIGIT != 0);
        is_price
            && self.after(found, 2 + skip).is_some_and(|word| {
                matches!(self.view.folded_word(word), b"down" | b"up" | b"off" | b"unchanged")
            })
    }

    fn is_after_the(&self, found: Found) -> bool {
        self.first(found).is_some_and(|first| first.gap == Gap::Plain)
            && self.before(found, 1).is_some_and(|word| self.view.folded_word(word) == b"the")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::gazetteer::Gazetteer;
    use crate::tag::lexicon::Lexicon;
    use crate::tag::matcher::Matcher;
    use crate::tag::view::View;

    fn points(text: &str) -> u8 {
        let list = r#"{"id":"apple","name":"Apple","weak":["Apple"]}"#;
        let matcher = Matcher::new(&Gazetteer::from_jsonl(list, "list").unwrap());
        let lexicon = Lexicon::new([]);
        let view = View::read(text, &lexicon);
        let found = matcher.find(&view)[0];
        Context { view: &view, lexicon: &lexicon }.cue(found, &["orchid".to_owned()]).points
    }

    #[test]
    fn cues() {
        for (text, points) in [
            ("On Monday Apple said so.", 1),
            ("Apple has also announced it.", 2),
            ("Apple's quarterly revenue rose.", 2),
            ("shares of Apple fell.", 2),
            ("rival Apple did not.", 2),
            ("work at Apple is nice", 1),
            ("Apple tastes good.", 0),
            ("I ate Apple yesterday", 1),
            ("Apple said its revenue rose", 2),
            ("the orchid Apple", 2),
            ("banks such as Apple", 2),
            ("Apple gave a good review of it", 1),
            ("Apple takes a stake in it", 2),
            ("moss burned in Apple, which is small", 1),
            ("moss burned at Apple, which is small", 2),
        ] {
            assert_eq!(self::points(text), points, "{text}");
        }
    }
}
