//! Where sentences and paragraphs begin, and which words are written with capitals: what the folded words of a text have
//! lost and positional and case-sensitive queries need.
//!
//! It stands in a field of its own beside the text fields and uses their positions. One term for each kind of place
//! lists all places of that kind in an article, so that it costs a position and no dictionary entry, the lengths
//! that rank are those of the text alone, and only a query that asks for it reads it.

use super::terms::Terms;
use crate::text::sentence;
use crate::text::token::{MAX_WORD_BYTES, Word, Words};

/// Name of the analyzer that the schema has for layouts.
pub(crate) const LAYOUT: &str = "dateline_layout_1";

/// The part of an article whose positions are meant. The lead has those of the body, which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Title,
    Body,
}

/// How a word is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No capitals, or letters that have none.
    Lower,
    /// `Amazon`.
    Capitalised,
    /// `AWS`, `3M`, `A`.
    Upper,
    /// `eBay`, with its letters.
    Mixed(String),
}

impl Shape {
    /// The shape of a word as it stands in a text.
    pub(crate) fn of(word: &str) -> Self {
        let mut cased = word.chars().filter(|letter| letter.is_uppercase() || letter.is_lowercase());
        let is_first_upper = cased.next().is_some_and(char::is_uppercase);
        let (mut upper, mut lower) = (0_usize, 0_usize);
        for letter in cased {
            if letter.is_uppercase() { upper += 1 } else { lower += 1 }
        }
        match (is_first_upper, upper, lower) {
            (false, 0, _) => Self::Lower,
            (true, _, 0) => Self::Upper,
            (true, 0, _) => Self::Capitalised,
            _ => {
                let mut letters: String = word.chars().filter(|letter| letter.is_alphanumeric()).collect();
                letters.truncate(letters.floor_char_boundary(MAX_WORD_BYTES));
                Self::Mixed(letters)
            }
        }
    }
}

/// The term of the words of a shape; lower-case words have none.
pub(crate) fn shape_term(side: Side, shape: &Shape) -> Option<String> {
    let [capitalised, upper, mixed] = capital_terms(side);
    let mut term = match shape {
        Shape::Lower => return None,
        Shape::Capitalised => capitalised,
        Shape::Upper => upper,
        Shape::Mixed(_) => mixed,
    }
    .to_owned();
    if let Shape::Mixed(letters) = shape {
        term.push_str(letters);
    }
    Some(term)
}

/// The terms of all words with capitals that are written in one of three ways; of [`Shape::Mixed`] it is a further term
/// that stands beside the one with the letters.
pub(crate) fn capital_terms(side: Side) -> [&'static str; 3] {
    match side {
        Side::Title => ["C", "U", "M"],
        Side::Body => ["c", "u", "m"],
    }
}

/// The term of the first words of sentences, but for the first of all.
pub(crate) const SENTENCE: &str = "s";

/// The term of the first words of paragraphs, but for the first of all.
pub(crate) const PARAGRAPH: &str = "p";

/// Positions of the words that sentences and paragraphs begin with, but for the first word of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Breaks {
    pub(crate) sentences: Vec<u32>,
    pub(crate) paragraphs: Vec<u32>,
}

/// Follows the words of a text through its sentences.
struct Follower<'t, I> {
    text: &'t str,
    sentences: I,
    /// Where the sentence of the last word ends.
    end: usize,
    last: Option<usize>,
}

fn follow(text: &str) -> Follower<'_, impl Iterator<Item = std::ops::Range<usize>>> {
    Follower { text, sentences: sentence::sentences(text), end: 0, last: None }
}

impl<I: Iterator<Item = std::ops::Range<usize>>> Follower<'_, I> {
    /// Whether the word that begins at a byte is the first of a sentence, and of a paragraph. The first word of all is
    /// neither.
    fn enter(&mut self, start: usize) -> (bool, bool) {
        let is_inside = start < self.end;
        while self.end <= start {
            match self.sentences.next() {
                Some(sentence) => self.end = sentence.end,
                None => self.end = usize::MAX,
            }
        }
        let Some(last) = self.last.replace(start) else { return (false, false) };
        if is_inside {
            (false, false)
        } else {
            (true, self.text.as_bytes()[last..start].windows(2).any(|pair| pair == b"\n\n"))
        }
    }
}

/// The breaks of a text.
pub(crate) fn breaks(text: &str) -> Breaks {
    let mut follower = follow(text);
    let mut breaks = Breaks::default();
    let mut words = Words::new(text);
    let mut place = 0;
    while let Some(word) = words.next() {
        let (sentence, paragraph) = follower.enter(word.span.start);
        if sentence {
            breaks.sentences.push(place);
        }
        if paragraph {
            breaks.paragraphs.push(place);
        }
        place += 1;
    }
    breaks
}

/// Lengths of an article.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lengths {
    /// Words of the body.
    pub(crate) words: u64,
    /// Words of its lead.
    pub(crate) lead_words: u64,
}

fn push_shape(side: Side, word: &str, place: u32, out: &mut Terms) {
    // Most words.
    if word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return;
    }
    let [capitalised, upper, mixed] = capital_terms(side);
    match Shape::of(word) {
        Shape::Lower => {}
        Shape::Capitalised => out.push(place, capitalised),
        Shape::Upper => out.push(place, upper),
        Shape::Mixed(letters) => {
            out.push(place, mixed);
            out.push(place, &(mixed.to_owned() + &letters));
        }
    }
}

/// Appends the layout of an article, whose lead ends at a byte of the body, to the layout of the headline and that of the body. A
/// headline is one sentence. Calls with every word on the way.
pub(crate) fn write(
    title: &str,
    body: &str,
    lead_end: usize,
    [title_out, body_out]: [&mut Terms; 2],
    mut each: impl FnMut(Side, &Word<'_>),
) -> Lengths {
    let mut words = Words::new(title);
    let mut place = 0;
    while let Some(word) = words.next() {
        each(Side::Title, &word);
        push_shape(Side::Title, word.written, place, title_out);
        place += 1;
    }
    let mut follower = follow(body);
    let mut words = Words::new(body);
    let (mut place, mut lead_words) = (0, 0);
    while let Some(word) = words.next() {
        each(Side::Body, &word);
        lead_words += u64::from(word.span.start < lead_end);
        let (sentence, paragraph) = follower.enter(word.span.start);
        if sentence {
            body_out.push(place, SENTENCE);
        }
        if paragraph {
            body_out.push(place, PARAGRAPH);
        }
        push_shape(Side::Body, word.written, place, body_out);
        place += 1;
    }
    Lengths { words: u64::from(place), lead_words }
}

#[cfg(test)]
mod tests {
    use super::{Lengths, Shape, Side, breaks, write};
    use crate::index::terms::{Terms, tests::listed};

    #[test]
    fn shapes() {
        for (word, shape) in [
            ("layoffs", Shape::Lower),
            ("9,000", Shape::Lower),
            ("日", Shape::Lower),
            ("Amazon", Shape::Capitalised),
            ("Über", Shape::Capitalised),
            ("AWS", Shape::Upper),
            ("AT&T", Shape::Upper),
            ("U.S", Shape::Upper),
            ("3M", Shape::Upper),
            ("A", Shape::Upper),
            ("eBay", Shape::Mixed("eBay".to_owned())),
            ("iPhone", Shape::Mixed("iPhone".to_owned())),
            ("McDonald", Shape::Mixed("McDonald".to_owned())),
        ] {
            assert_eq!(Shape::of(word), shape, "{word}");
        }
    }

    #[test]
    fn breaks_stand_at_first_words() {
        let found = breaks("One two. Three four.\n\n– \n\nFive U.S. six.\n\nSeven");
        assert_eq!(found.sentences, [2, 4, 7]);
        assert_eq!(found.paragraphs, [4, 7]);
        assert_eq!(breaks("One"), super::Breaks::default());
        assert_eq!(breaks(""), super::Breaks::default());
    }

    #[test]
    fn a_layout_lists_places_by_kind() {
        let body = "Jobs at eBay go. The end.\n\nTwo";
        let (mut seen, mut title_terms, mut body_terms) = (Vec::new(), Terms::default(), Terms::default());
        let out = [&mut title_terms, &mut body_terms];
        let lengths = write("Amazon cuts AWS", body, 25, out, |side, word| {
            seen.push((side, word.plain.to_owned()));
        });
        assert_eq!(
            (seen.len(), &seen[2], &seen[9]),
            (10, &(Side::Title, "aws".into()), &(Side::Body, "two".into()))
        );
        assert_eq!(lengths, Lengths { words: 7, lead_words: 6 });
        let shown = |terms: &Terms| {
            let terms = listed(terms.as_bytes()).into_iter().map(|(term, place)| format!("{term}{place}"));
            terms.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(&title_terms), "C0 U2");
        assert_eq!(shown(&body_terms), "c0 m2 meBay2 s4 c4 s6 p6 c6");
    }
}
