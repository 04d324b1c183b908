//! Where sentences and paragraphs begin, and which words are written with capitals: what the folded words of a text have
//! lost and positional and case-sensitive queries need.
//!
//! It stands in a field of its own beside the text fields and uses their positions. One term for each kind of place
//! lists all places of that kind in an article, so that it costs a position and no dictionary entry, the lengths
//! that rank are those of the text alone, and only a query that asks for it reads it.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::text::sentence;
use crate::text::token::{MAX_WORD_BYTES, Word, Words};

/// Name of the analyzer that reads [`encode`]d layouts.
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
        if is_inside { (false, false) } else { (true, self.text[last..start].contains("\n\n")) }
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

/// Writes places one after the other: the letter of what stands there, the distance to the place before (see
/// [`push_number`]), and the letters of a [`Shape::Mixed`].
struct Places<'o> {
    out: &'o mut String,
    last: u64,
}

/// Stands where the places of the body begin, which count from 0 again.
const BODY: char = 'b';

/// Stands before the letters of a [`Shape::Mixed`], by side.
const LETTERS: [char; 2] = ['X', 'x'];

impl Places<'_> {
    fn push(&mut self, place: u64, what: &str) {
        self.out.push_str(what);
        push_number(self.out, place - self.last);
        self.last = place;
    }

    fn push_shape(&mut self, side: Side, word: &str, place: u64) {
        // Most words.
        if word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
            return;
        }
        let [capitalised, upper, mixed] = capital_terms(side);
        match Shape::of(word) {
            Shape::Lower => {}
            Shape::Capitalised => self.push(place, capitalised),
            Shape::Upper => self.push(place, upper),
            Shape::Mixed(letters) => {
                self.push(place, mixed);
                self.out.push(LETTERS[usize::from(side == Side::Body)]);
                push_number(self.out, letters.len() as u64);
                self.out.push_str(&letters);
            }
        }
    }
}

/// Six bits a character, the lowest first; all but the last have a seventh.
fn push_number(out: &mut String, mut number: u64) {
    while number >= 64 {
        out.push(char::from(64 | (number & 63) as u8));
        number >>= 6;
    }
    out.push(char::from(number as u8));
}

/// What [`push_number`] wrote, and where it ends.
fn read_number(bytes: &[u8]) -> Option<(usize, usize)> {
    let (mut number, mut shift) = (0, 0);
    for (at, byte) in bytes.iter().enumerate() {
        number |= usize::from(byte & 63).checked_shl(shift)?;
        if byte & 64 == 0 {
            return Some((number, at + 1));
        }
        shift += 6;
    }
    None
}

/// Appends the layout of an article, whose lead ends at a byte of the body, as a text for the analyzer. A headline is one
/// sentence. Calls with every word on the way.
pub(crate) fn encode(
    title: &str,
    body: &str,
    lead_end: usize,
    out: &mut String,
    mut each: impl FnMut(Side, &Word<'_>),
) -> Lengths {
    let mut places = Places { out, last: 0 };
    let mut words = Words::new(title);
    let mut place = 0;
    while let Some(word) = words.next() {
        each(Side::Title, &word);
        places.push_shape(Side::Title, word.written, place);
        place += 1;
    }
    places.out.push(BODY);
    places.last = 0;
    let mut follower = follow(body);
    let mut words = Words::new(body);
    let (mut place, mut lead_words) = (0, 0);
    while let Some(word) = words.next() {
        each(Side::Body, &word);
        lead_words += u64::from(word.span.start < lead_end);
        let (sentence, paragraph) = follower.enter(word.span.start);
        if sentence {
            places.push(place, SENTENCE);
        }
        if paragraph {
            places.push(place, PARAGRAPH);
        }
        places.push_shape(Side::Body, word.written, place);
        place += 1;
    }
    Lengths { words: place, lead_words }
}

/// Gives the terms of an [`encode`]d layout.
#[derive(Clone, Default)]
pub(crate) struct LayoutTokenizer {
    token: Token,
}

impl Tokenizer for LayoutTokenizer {
    type TokenStream<'a> = LayoutTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> LayoutTokenStream<'a> {
        self.token.reset();
        self.token.position = 0;
        LayoutTokenStream { token: &mut self.token, rest: text }
    }
}

/// The terms of one layout.
pub(crate) struct LayoutTokenStream<'a> {
    token: &'a mut Token,
    /// What is left.
    rest: &'a str,
}

impl LayoutTokenStream<'_> {
    /// The number that comes next.
    fn number(&mut self) -> Option<usize> {
        let (number, length) = read_number(self.rest.as_bytes())?;
        self.rest = &self.rest[length..];
        Some(number)
    }

    /// Reads the next term; `None` at the end.
    fn read(&mut self) -> Option<()> {
        loop {
            let what = self.rest.chars().next()?;
            self.rest = &self.rest[what.len_utf8()..];
            if what == BODY {
                self.token.position = 0;
                continue;
            }
            self.token.text.clear();
            if let Some(side) = LETTERS.iter().position(|letters| *letters == what) {
                // They stand where the word does that came before.
                let length = self.number()?;
                let letters = self.rest.get(..length)?;
                self.rest = &self.rest[length..];
                self.token.text.push_str(capital_terms([Side::Title, Side::Body][side])[2]);
                self.token.text.push_str(letters);
            } else {
                self.token.position += self.number()?;
                self.token.text.push(what);
            }
            return Some(());
        }
    }
}

impl TokenStream for LayoutTokenStream<'_> {
    fn advance(&mut self) -> bool {
        self.read().is_some()
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    use super::{LayoutTokenizer, Lengths, Shape, Side, breaks, encode};

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
    fn a_layout_is_read_as_it_was_written() {
        let body = "Jobs at eBay go. The end.\n\nTwo";
        let (mut seen, mut text) = (Vec::new(), String::new());
        let lengths = encode("Amazon cuts AWS", body, 25, &mut text, |side, word| {
            seen.push((side, word.plain.to_owned()));
        });
        assert_eq!(
            (seen.len(), &seen[2], &seen[9]),
            (10, &(Side::Title, "aws".into()), &(Side::Body, "two".into()))
        );
        assert_eq!(lengths, Lengths { words: 7, lead_words: 6 });
        let mut tokenizer = LayoutTokenizer::default();
        let mut stream = tokenizer.token_stream(&text);
        let mut terms = Vec::new();
        while stream.advance() {
            terms.push(format!("{}{}", stream.token().text, stream.token().position));
        }
        assert_eq!(terms.join(" "), "C0 U2 c0 m2 meBay2 s4 c4 s6 p6 c6");
    }
}
