//! What the words around a name say about it. Every question looks at a few words on either side, never further than
//! the sentence, so that a text costs time in proportion to its length.

use crate::tag::lexicon::{
    AUXILIARY, BEFORE, CAPITAL, COMPOUND, Classes, EXCHANGE, FIRST_NAME, FUNCTION, GENERIC, LEGAL, Lexicon,
    NOUN, OF, OF_NOUN, PERSON_TITLE, PRONOUN, SPEECH, VERB, VETO,
};
use crate::tag::matcher::Found;
use crate::tag::view::{CAPITALS, DIGIT, Gap, INITIAL, LOWER, Sentence, View, Word};

/// Words after a capitalised name that make it the name of a place or institution: "Ford Foundation".
#[rustfmt::skip]
const INSTITUTIONS: &[&str] = &[
    "university", "foundation", "college", "institute", "school", "hospital", "church", "stadium",
    "field", "arena", "theater", "theatre", "bridge", "street", "road", "airport", "park", "hall",
    "court", "city", "town", "award", "awards", "prize", "festival", "cup", "bowl", "state",
    "administration", "library", "cemetery", "warriors", "girls", "boys", "high", "act",
];

/// Words beside a name that are no company's, by name.
#[rustfmt::skip]
const NAME_VETOES: &[(&str, &str)] = &[
    ("amazon", "warriors women watershed fires parrot rain region fund peru brazilian"),
    ("apple", "tree trees sauce growers picking crop pies big varieties blossom farm farms"),
    ("target", "market price date audience practice range rate inflation prices zone group moving"),
    ("gap", "pay gender wage wealth age generation year funding output"),
    ("shell", "company companies corporation corporations game firm firms script shock structure"),
    ("visa", "application program programs programme holder restrictions requirement requirements work \
        student tourist interview interviews backlog free waiver waivers fee fees ban bans \
        category appointment appointments policy processing schengen b h entry sponsorship \
        services"),
    ("oracle", "delphi omaha"),
    ("delta", "strain wave infections cases plus outbreak surge mekong mississippi niger nile ganges \
        region farmers omicron smelt force"),
    ("orange", "county trees groves crop growers peel juices revolution agent order"),
    ("block", "city road building trade voting"),
    ("meta", "analysis data analyses"),
    ("prime", "minister rate suspect time number example contractor mover"),
    ("fox", "red arctic fur hunting news"),
    ("dow", "jones industrial industrials"),
    ("tesla", "nikola coil coils inventor laboratory"),
    ("corona", "virus"),
    ("luna", "moon lander probe spacecraft"),
    ("sprint", "finish race"),
    ("signal", "traffic"),
    ("dollar", "us canadian australian hong bills index strong weak billion million"),
    ("discovery", "legal process scientific"),
    ("chase", "high car police"),
    ("zoom", "call calls meeting meetings interview lens"),
    ("intel", "us defense committee community chair dump officials"),
    ("ford", "gerald harrison betty henry rob doug blasey pardon presidential"),
];

/// Words anywhere in an article that show what a name means in it when nothing proves the company.
#[rustfmt::skip]
const ARTICLE_VETOES: &[(&str, &str)] = &[
    ("amazon", "rainforest rainforests deforestation tributary tributaries indigenous basin jungle"),
    ("apple", "orchard orchards cider growers fruit"),
    ("delta", "variant coronavirus vaccinated vaccine vaccines omicron estuary salinity mekong"),
    ("ice", "immigration immigrants deportation deportations detention detainees"),
    ("ford", "nixon pardon pardoned congressman presidency vice"),
    ("luna", "lunar moon cosmonaut spacecraft"),
    ("orange", "juice citrus groves"),
    ("oracle", "delphi prophecy"),
    ("shell", "offshore artillery"),
    ("tesla", "inventor edison wardenclyffe"),
    ("visa", "embassy consulate consulates consular visas"),
];

/// The words of [`ARTICLE_VETOES`], for the lexicon.
pub(super) fn vocabulary() -> impl Iterator<Item = &'static str> {
    ARTICLE_VETOES.iter().flat_map(|(_, words)| words.split(' '))
}

/// The words of an article that would show that a name does not mean the company.
pub(super) fn article_vetoes(name: &[u8]) -> impl Iterator<Item = &'static str> {
    ARTICLE_VETOES
        .iter()
        .find(|(of, _)| of.as_bytes() == name)
        .into_iter()
        .flat_map(|(_, words)| words.split(' '))
}

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

    /// Why a weak name is not a name of its own here: a compound with a hyphen ("meta-analysis").
    pub(super) fn compound(&self, found: Found) -> Option<&'static str> {
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

    /// Whether the name is a legal form after another name: "Ducommun Inc" is not the magazine.
    pub(super) fn is_legal_form(&self, found: Found) -> bool {
        let Some(first) = self.first(found) else { return false };
        found.last - found.first == 1
            && self.classes(first) & LEGAL != 0
            && matches!(first.gap, Gap::Plain | Gap::Comma)
            && self.before(found, 1).is_some_and(|before| before.shape & LOWER == 0)
    }

    /// Whether a weak name ends a longer one: "Panhandle Eastern", "American Telephone and Telegraph".
    pub(super) fn continues_name(&self, found: Found) -> bool {
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

    /// Whether a hyphen joins the name to another capitalised word: "Triumph-Adler".
    pub(super) fn joined_to_unknown(&self, found: Found) -> bool {
        self.after(found, 1).is_some_and(|next| {
            next.gap == Gap::Hyphen
                && next.shape & (LOWER | DIGIT) == 0
                && self.is_unknown(next)
                && self.view.folded_word(next).len() > 2
        })
    }

    /// The word beside a weak name that shows something else is meant.
    pub(super) fn veto(&self, found: Found, own: &[String]) -> Option<&'t str> {
        let first = self.first(found)?;
        let name = self.view.folded_word(first);
        let by_name =
            NAME_VETOES.iter().find(|(of, _)| of.as_bytes() == name).map_or("", |(_, words)| *words);
        let hit = |word: &Word| {
            let folded = self.view.folded_word(word);
            self.classes(word) & VETO != 0
                || by_name.split(' ').any(|veto| veto.as_bytes() == folded)
                || own.iter().any(|veto| same_word(veto, folded))
        };
        if let Some(next) = self.after(found, 1)
            && matches!(next.gap, Gap::Plain | Gap::Hyphen | Gap::Slash)
            && hit(next)
        {
            return Some(self.view.word_text(next));
        }
        if let Some(before) = self.before(found, 1)
            && matches!(first.gap, Gap::Plain | Gap::Hyphen)
            && hit(before)
        {
            return Some(self.view.word_text(before));
        }
        // "Vice President", "Prime Minister".
        if let Some(next) = self.after(found, 1)
            && next.gap == Gap::Plain
            && next.shape & LOWER == 0
            && matches!(
                self.view.folded_word(next),
                b"president"
                    | b"presidents"
                    | b"minister"
                    | b"ministers"
                    | b"secretary"
                    | b"governor"
                    | b"judge"
                    | b"lady"
                    | b"lord"
                    | b"chancellor"
                    | b"admiral"
            )
        {
            return Some(self.view.word_text(next));
        }
        // "Oracle of Omaha", "Amazon and its tributaries".
        if let (Some(next), Some(second)) = (self.after(found, 1), self.after(found, 2))
            && next.gap == Gap::Plain
            && matches!(self.view.folded_word(next), b"of" | b"s" | b"rain")
            && hit(second)
        {
            return Some(self.view.word_text(second));
        }
        None
    }

    /// Whether a person's name stands here: "President Ford", "Nikola Tesla", "Gerald R. Ford", "Alexa Smith".
    pub(super) fn person(&self, found: Found, is_name_of_its_own: impl Fn(usize) -> bool) -> bool {
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
    pub(super) fn is_given_name(&self, found: Found) -> bool {
        self.first(found).is_some_and(|first| self.classes(first) & FIRST_NAME != 0)
            && self.person(found, |_| false)
    }

    /// Whether a weak name begins the name of a place or institution: "Ford Foundation".
    pub(super) fn institution(&self, found: Found) -> bool {
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

    /// Whether another capitalised word that nothing is known of stands right before a weak name: "Billie Target".
    pub(super) fn after_unknown_name(
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

    /// Whether "he" or "her" follows a name without another name between; "he said" after a comma is the speaker.
    pub(super) fn is_told_as_person(&self, found: Found) -> bool {
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

    /// Whether the name stands after a first name, as a surname: "Kelly Bayer".
    pub(super) fn after_first_name(&self, found: Found) -> bool {
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

    /// Whether a strong name that ends with an everyday word is the beginning of a longer one: "Canadian National Science
    /// Library", "US West Coast".
    pub(super) fn begins_longer_name(&self, found: Found) -> bool {
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
    pub(super) fn ends_longer_name(&self, found: Found) -> bool {
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

    /// Whether a word for what a person is stands before the name: "financier J.P. Morgan", "his backer J.P. Morgan".
    pub(super) fn after_person_title(&self, found: Found) -> bool {
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
}

fn is_institution(word: &[u8]) -> bool {
    INSTITUTIONS.iter().any(|institution| institution.as_bytes() == word)
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

/// Whether a word of a list, as somebody wrote it, is this folded word.
pub(super) fn same_word(listed: &str, folded: &[u8]) -> bool {
    listed.as_bytes().eq_ignore_ascii_case(folded)
        || !listed.is_ascii() && crate::text::fold::fold(listed).as_bytes() == folded
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
