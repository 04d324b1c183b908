//! What the words around a name say about it. Every question looks at a few words on either side, never further than
//! the sentence, so that a text costs time in proportion to its length.

mod longer;
mod person;
mod veto;

use crate::tag::lexicon::{
    AUXILIARY, BEFORE, Classes, EXCHANGE, FIRST_NAME, FUNCTION, GENERIC, LEGAL, Lexicon, NOUN, OF, OF_NOUN,
    VERB, VETO,
};
use crate::tag::matcher::Found;
use crate::tag::view::{CAPITALS, DIGIT, Gap, INITIAL, LOWER, Sentence, View, Word};

pub(super) use veto::{article_vetoes, same_word, vocabulary};

/// A view with the lexicon that it was read with.
#[derive(Clone, Copy)]
pub(super) struct Context<'a, 't> {
    /// The text.
    pub view: &'a View<'t>,
    /// Word classes.
    pub lexicon: &'a Lexicon,
}

impl<'a, 't> Context<'a, 't> {
    /// Classes of a word.
    pub(super) fn classes(&self, word: &Word) -> Classes {
        self.lexicon.classes(word.id)
    }

    /// Whether nothing is known of a word but that it may be a first name, and so a surname as well.
    pub(super) fn is_unknown(&self, word: &Word) -> bool {
        self.classes(word) & !FIRST_NAME == 0
    }

    /// The word at a place.
    pub(super) fn word(&self, place: usize) -> Option<&'a Word> {
        self.view.words.get(place)
    }

    /// The first word of a name.
    pub(super) fn first(&self, found: Found) -> Option<&'a Word> {
        self.word(found.first as usize)
    }

    /// The n-th word before a name, from 1, within its sentence.
    pub(super) fn before(&self, found: Found, n: usize) -> Option<&'a Word> {
        let first = self.first(found)?;
        let word = self.word((found.first as usize).checked_sub(n)?)?;
        (word.sentence == first.sentence).then_some(word)
    }

    /// The n-th word after a name, from 1, within its sentence.
    pub(super) fn after(&self, found: Found, n: usize) -> Option<&'a Word> {
        let first = self.first(found)?;
        let word = self.word(found.last as usize + n - 1)?;
        (word.sentence == first.sentence).then_some(word)
    }

    /// The sentence of a name.
    pub(super) fn sentence(&self, found: Found) -> Sentence {
        self.first(found)
            .map_or(Sentence { first: 0, paragraph: 0, title_case: false, all_capitals: false }, |word| {
                self.view.sentence_of(word)
            })
    }

    /// Whether a capital says nothing at this place: the first word of a sentence, a headline, a heading.
    pub(super) fn capital_says_nothing(&self, found: Found) -> bool {
        let sentence = self.sentence(found);
        sentence.title_case
            || sentence.all_capitals
            || self.first(found).is_none_or(|word| word.shape & INITIAL != 0)
    }

    /// Whether a name at the beginning of a sentence may be an ordinary word that says something of the things after it:
    /// "Future users", "Chimeric plants", "Yellow cards"; not "Target shares" or "Block employees".
    pub(super) fn describes_things(&self, found: Found) -> bool {
        let sentence = self.sentence(found);
        let (Some(first), Some(next)) = (self.first(found), self.after(found, 1)) else { return false };
        found.last - found.first == 1
            && !sentence.title_case
            && !sentence.all_capitals
            && first.shape & INITIAL != 0
            && first.shape & CAPITALS == 0
            && next.shape & LOWER != 0
            && self.classes(next) & OF_NOUN == 0
    }

    /// How many words of legal form follow: 1 in "Apple Inc", 2 in "Toyota Motor Co Ltd".
    pub(super) fn legal_form(&self, found: Found) -> usize {
        let mut count = 0;
        let all_capitals = self.sentence(found).all_capitals;
        while count < 3 {
            let Some(word) = self.after(found, count + 1) else { break };
            let length = word.fold_end - word.fold - 1;
            // "As", "Se" and "Co" are words; as legal forms they stand in capitals.
            let written = word.shape & LOWER == 0
                && (length > 2
                    || word.shape & CAPITALS != 0 && !all_capitals
                    || self.view.folded_word(word) == b"co");
            let joined = word.gap == Gap::Plain || word.gap == Gap::Comma && count == 0 && length != 2;
            if !written || !joined || self.classes(word) & LEGAL == 0 {
                break;
            }
            count += 1;
        }
        count
    }

    /// The symbol in a mark right after a name, and the exchange if it is named: `(NASDAQ: AMZN)`, `<GM.N>`.
    pub(super) fn ticker_mark(&self, found: Found) -> Option<(&'t str, Option<&'t str>)> {
        let place = found.last as usize + self.legal_form(found);
        let open = self.word(place)?;
        if open.gap != Gap::Open {
            return None;
        }
        if self.classes(open) & EXCHANGE != 0 {
            return self.exchange_mark(place);
        }
        let after = self.word(place + 1);
        let closed = after.is_none_or(|after| matches!(after.gap, Gap::Close | Gap::Dot | Gap::Sentence));
        (closed && is_symbol(open)).then(|| (self.view.word_text(open), None))
    }

    /// The symbol after the name of an exchange at a place: `NYSE: IBM`.
    pub(super) fn exchange_mark(&self, place: usize) -> Option<(&'t str, Option<&'t str>)> {
        let exchange = self.word(place)?;
        let symbol = self.word(place + 1)?;
        (symbol.gap == Gap::Other && is_symbol(symbol))
            .then(|| (self.view.word_text(symbol), Some(self.view.word_text(exchange))))
    }

    /// Why the name belongs to something that is written otherwise: a web address, a handle, a compound.
    pub(super) fn broken(&self, found: Found) -> Option<&'static str> {
        let first = self.first(found)?;
        let bytes = self.view.text.as_bytes();
        let start = first.start as usize;
        if start > 0 && matches!(bytes.get(start - 1), Some(b'@' | b'#' | b'_')) {
            return Some("a handle or tag");
        }
        if first.gap == Gap::Dot && first.shape & INITIAL == 0 {
            return Some("part of a web address");
        }
        let next = self.word(found.last as usize);
        if let Some(next) = next
            && next.gap == Gap::Dot
            && next.shape & (LOWER | INITIAL) == LOWER
        {
            return Some("part of a web address");
        }
        None
    }

    /// Whether the name is a legal form after another name: "Ducommun Inc" is not the magazine.
    pub(super) fn is_legal_form(&self, found: Found) -> bool {
        let Some(first) = self.first(found) else { return false };
        found.last - found.first == 1
            && self.classes(first) & LEGAL != 0
            && matches!(first.gap, Gap::Plain | Gap::Comma)
            && self.before(found, 1).is_some_and(|before| before.shape & LOWER == 0)
    }

    /// Whether an acronym in brackets is short for the words before it: "Farm Credit Administration (FCA)", "gross margin (GM)".
    pub(super) fn defines_something_else(&self, found: Found) -> bool {
        let Some(first) = self.first(found) else { return false };
        let closed = self
            .word(found.last as usize)
            .is_none_or(|next| matches!(next.gap, Gap::Close | Gap::Sentence | Gap::Other));
        if first.gap != Gap::Open || !closed || found.last - found.first != 1 || first.shape & CAPITALS == 0 {
            return false;
        }
        let short = self.view.folded_word(first);
        let mut letters = short.iter().rev().peekable();
        for n in 1..=short.len() + 2 {
            let Some(word) = self.before(found, n) else { break };
            if letters.peek() == self.view.folded_word(word).first().as_ref() {
                letters.next();
            }
        }
        letters.next().is_none()
            || self.before(found, 1).is_some_and(|word| is_spelt_in(short, self.view.folded_word(word)))
    }

    /// Whether "the" stands before a name that is not used like an adjective: "in the Amazon".
    pub(super) fn after_article(&self, found: Found) -> bool {
        let Some(first) = self.first(found) else { return false };
        let article = self
            .before(found, 1)
            .is_some_and(|word| first.gap == Gap::Plain && self.view.folded_word(word) == b"the");
        if !article {
            return false;
        }
        match self.after(found, 1) {
            None => true,
            Some(next) => match next.gap {
                Gap::Plain => {
                    next.shape & LOWER != 0
                        && self.classes(next) & (NOUN | BEFORE | OF_NOUN | LEGAL) == 0
                        && (self.classes(next) & (FUNCTION | AUXILIARY | VERB | VETO | OF) != 0
                            || self.is_unknown(next))
                }
                Gap::Hyphen | Gap::Apostrophe => false,
                _ => true,
            },
        }
    }

    /// Whether a name that is also an everyday word is used as one: "American workers", "On Monday".
    pub(super) fn everyday(&self, found: Found) -> bool {
        let Some(first) = self.first(found) else { return false };
        if found.last - found.first != 1 {
            return false;
        }
        let classes = self.classes(first);
        if classes & FUNCTION != 0 {
            return self.capital_says_nothing(found);
        }
        let determined = classes & GENERIC != 0
            && first.gap == Gap::Plain
            && self.before(found, 1).is_some_and(|before| {
                matches!(
                    self.view.folded_word(before),
                    b"a" | b"an"
                        | b"every"
                        | b"another"
                        | b"each"
                        | b"any"
                        | b"no"
                        | b"young"
                        | b"most"
                        | b"many"
                )
            });
        determined
            || classes & GENERIC != 0
                && self.after(found, 1).is_some_and(|next| {
                    matches!(next.gap, Gap::Plain | Gap::Hyphen)
                        && (next.shape & LOWER == 0
                            || self.classes(next) & (VERB | AUXILIARY | FUNCTION | OF) == 0)
                })
    }

    /// Whether the name is an everyday word, so that words near it prove little.
    pub(super) fn is_everyday_word(&self, found: Found) -> bool {
        found.last - found.first == 1
            && self.first(found).is_some_and(|first| self.classes(first) & (FUNCTION | GENERIC) != 0)
    }

    /// Whether a name at the beginning of a sentence is its subject without an article, as only proper names are in English:
    /// "Ring will stop", "Excel now checks", "Luna, the games service".
    pub(super) fn is_bare_subject(&self, found: Found) -> bool {
        let sentence = self.sentence(found);
        let Some(first) = self.first(found) else { return false };
        if sentence.title_case || sentence.all_capitals || first.shape & INITIAL == 0 {
            return false;
        }
        let Some(next) = self.after(found, 1) else { return false };
        let classes = self.classes(next);
        match next.gap {
            Gap::Plain => {
                next.shape & LOWER != 0
                    && (classes & (AUXILIARY | VERB) != 0
                        || matches!(
                            self.view.folded_word(next),
                            b"went" | b"goes" | b"comes" | b"came" | b"stands"
                        ))
                    && !matches!(self.view.folded_word(next), b"to" | b"plan" | b"plans")
                    // "Teams have begun the search" is of several teams.
                    && !(self.is_plural(found)
                        && matches!(self.view.folded_word(next), b"are" | b"were" | b"have"))
            }
            Gap::Comma => matches!(
                self.view.folded_word(next),
                b"the" | b"a" | b"an" | b"its" | b"which" | b"one" | b"part"
            ),
            _ => false,
        }
    }

    /// Whether a name looks like the plural of a word: "Teams", "Threads".
    fn is_plural(&self, found: Found) -> bool {
        self.word((found.last as usize).saturating_sub(1))
            .is_some_and(|word| self.view.folded_word(word).ends_with(b"s"))
    }
}

/// Whether a word has the letters of a short form in their order, the first at its beginning: "horsepower (HP)".
fn is_spelt_in(short: &[u8], word: &[u8]) -> bool {
    let mut letters = word.iter();
    short.first() == word.first() && short.iter().all(|letter| letters.any(|other| other == letter))
}

/// Whether a word is written like the symbol of a share.
fn is_symbol(word: &Word) -> bool {
    let length = word.end - word.start;
    word.shape & LOWER == 0 && length <= 6 && (word.shape & (CAPITALS | DIGIT) != 0 || length == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::gazetteer::Gazetteer;
    use crate::tag::matcher::Matcher;

    fn with<T>(text: &str, check: impl Fn(Context<'_, '_>, Found) -> T) -> T {
        let list = r#"{"id":"apple","name":"Apple","weak":["Apple"]}
{"id":"ford","name":"Ford","weak":["Ford"]}
{"id":"alexa","name":"Alexa","weak":["Alexa"]}
{"id":"amazon","name":"Amazon","weak":["Amazon"],"veto":["eclipse"]}"#;
        let matcher = Matcher::new(&Gazetteer::from_jsonl(list, "list").unwrap());
        let lexicon = Lexicon::new([]);
        let view = View::read(text, &lexicon);
        let found = matcher.find(&view);
        check(Context { view: &view, lexicon: &lexicon }, found[0])
    }

    #[test]
    fn vetoes_and_people() {
        for (text, veto) in [
            ("the Amazon rainforest burns", Some("rainforest")),
            ("an Amazon eclipse", Some("eclipse")),
            ("Apple pie", Some("pie")),
            ("the Big Apple", Some("Big")),
            ("Apple said", None),
        ] {
            assert_eq!(
                with(text, |context, found| context.veto(found, &["eclipse".to_owned()]).map(str::to_owned))
                    .as_deref(),
                veto,
                "{text}"
            );
        }
        for (text, person) in [
            ("Then President Ford spoke", true),
            ("and Gerald R. Ford spoke", true),
            ("said Alexa Johansson, who", true),
            ("says Alexa, 23, of Bemidji", true),
            ("the Ford plant", false),
            ("asked Alexa to play", false),
        ] {
            assert_eq!(with(text, |context, found| context.person(found, |_| false)), person, "{text}");
        }
        assert!(with("grants of the Ford Foundation", |context, found| context.institution(found)));
        assert!(with("and Zaphod Ford spoke", |context, found| context.after_unknown_name(found, |_| false)));
        assert!(with("in the Amazon, they", |context, found| context.after_article(found)));
        assert!(!with("the Amazon spokesman", |context, found| context.after_article(found)));
    }
}
