//! A text as the tagger reads it: words with their places, folded for comparison, cut into sentences and paragraphs.
//!
//! The folded form is what the matcher runs over. Each word stands between a mark of its first letter (capital or
//! not) and a mark of its end, and between two words stand the characters that separate them unless they are spaces.
//! So a match can only begin and end with a word, a sentence's full stop keeps two names apart, a name over a line
//! break or with a no-break space is found like any other, and a name that needs a capital is not found without.

use crate::tag::lexicon::{
    ABBREVIATION, COMPOUND, HASH_START, HEAD, Lexicon, WordId, hash, hash_end, hash_part, head,
};
use crate::text::fold::fold_char;

/// Before a word that begins with anything but a lower-case letter.
pub(super) const CAPITAL_MARK: u8 = 1;
/// After every word.
pub(super) const END_MARK: u8 = 2;
/// Before a word that begins with a lower-case letter.
pub(super) const LOWER_MARK: u8 = 3;
/// Between two paragraphs.
const PARAGRAPH_MARK: u8 = 4;

/// The word begins with a lower-case letter.
pub(super) const LOWER: u8 = 1;
/// All its letters are capitals, and it is no single letter.
pub(super) const CAPITALS: u8 = 2;
/// It has a digit.
pub(super) const DIGIT: u8 = 4;
/// It is the first word of its sentence.
pub(super) const INITIAL: u8 = 8;
/// It has letters.
pub(super) const LETTERS: u8 = 16;

/// Longest text that is looked at. Names beyond it are not found; places are held in 32 bits.
const MAX_TEXT: usize = 256 << 20;

/// What stands between a word and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Space, or nothing that separates.
    Plain,
    /// A hyphen without space.
    Hyphen,
    /// An apostrophe inside a word.
    Apostrophe,
    /// A full stop or another mark inside a word: `amazon.com`.
    Dot,
    /// A comma.
    Comma,
    /// A slash.
    Slash,
    /// A bracket opens.
    Open,
    /// A bracket closes.
    Close,
    /// Anything else that keeps two words of a sentence apart: semicolon, colon, dash.
    Other,
    /// A sentence or paragraph ends.
    Sentence,
}

/// One word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// First byte in the text.
    pub start: u32,
    /// One past its last byte in the text.
    pub end: u32,
    /// Place of its mark in the folded form.
    pub fold: u32,
    /// Place of its end mark in the folded form.
    pub fold_end: u32,
    /// Number of its sentence.
    pub sentence: u32,
    /// Hash of its folded form.
    pub hash: u32,
    /// Its entry in the lexicon.
    pub id: WordId,
    /// Flags.
    pub shape: u8,
    /// What stands before it.
    pub gap: Gap,
}

/// A sentence, as the number of its first word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentence {
    /// First word.
    pub first: u32,
    /// Number of its paragraph.
    pub paragraph: u32,
    /// Whether most of its words have a capital, so that a capital says nothing.
    pub title_case: bool,
    /// Whether it is written in capitals.
    pub all_capitals: bool,
}

/// A text, read.
#[derive(Debug, Default)]
pub(super) struct View<'t> {
    /// The text.
    pub text: &'t str,
    /// Folded form.
    pub folded: Vec<u8>,
    /// Words in order.
    pub words: Vec<Word>,
    /// Sentences in order.
    pub sentences: Vec<Sentence>,
    /// Number of paragraphs.
    pub paragraphs: u32,
}

impl<'t> View<'t> {
    /// Reads an article's text.
    pub(super) fn read(text: &'t str, lexicon: &Lexicon) -> Self {
        let mut end = text.len().min(MAX_TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut reader = Reader::new(&text[..end], Some(lexicon));
        reader.run();
        reader.finish()
    }

    /// Reads a name of the gazetteer: full stops in it end no sentence.
    pub(super) fn read_name(name: &'t str) -> Self {
        let mut reader = Reader::new(name, None);
        reader.run();
        reader.finish()
    }

    /// The folded form of a word, without marks.
    pub(super) fn folded_word(&self, word: &Word) -> &[u8] {
        self.folded.get(word.fold as usize + 1..word.fold_end as usize).unwrap_or_default()
    }

    /// A word as it stands.
    pub(super) fn word_text(&self, word: &Word) -> &'t str {
        self.text.get(word.start as usize..word.end as usize).unwrap_or_default()
    }

    /// The sentence of a word.
    pub(super) fn sentence_of(&self, word: &Word) -> Sentence {
        self.sentences.get(word.sentence as usize).copied().unwrap_or(Sentence {
            first: 0,
            paragraph: 0,
            title_case: false,
            all_capitals: false,
        })
    }

    /// One past the last word of a sentence.
    pub(super) fn sentence_end(&self, sentence: u32) -> usize {
        self.sentences.get(sentence as usize + 1).map_or(self.words.len(), |next| next.first as usize)
    }
}

/// What was seen of the letters of a word.
struct Letters {
    head: u64,
    hash: u32,
    shape: u8,
    /// Where reading goes on.
    place: usize,
    /// One past the last letter.
    end: usize,
}

/// The ASCII letters and digits at the beginning of eight bytes. Each mask has the highest bit of the bytes that are meant.
#[derive(Clone, Copy, Default)]
struct Part {
    /// Small letters in place of capitals, and zeros after the last.
    folded: u64,
    /// How many they are.
    length: usize,
    lower: u64,
    upper: u64,
    digits: u64,
}

/// The highest bit of each of eight bytes.
const HIGH: u64 = u64::from_le_bytes([0x80; HEAD]);

impl Part {
    /// Looks at all eight bytes at once: no sum of two bytes below 128 carries over into the next byte.
    #[inline]
    fn read(bytes: u64) -> Self {
        const fn each(byte: u8) -> u64 {
            u64::from_le_bytes([byte; HEAD])
        }
        const fn within(bytes: u64, first: u8, last: u8) -> u64 {
            bytes.wrapping_add(each(0x80 - first)) & !bytes.wrapping_add(each(0x7F - last))
        }
        let ascii = !bytes & HIGH;
        let low = bytes & !HIGH;
        let letters = within(low | each(0x20), b'a', b'z') & ascii;
        let digits = within(low, b'0', b'9') & ascii;
        let after = !(letters | digits) & HIGH;
        // All bits below the first byte that is none; all bits where there is no such byte.
        let taken = (after & after.wrapping_neg()).wrapping_shr(7).wrapping_sub(1);
        let upper = letters & !(bytes << 2) & taken;
        Self {
            folded: (bytes | upper >> 2) & taken,
            length: after.trailing_zeros() as usize / 8,
            lower: letters & taken & !upper,
            upper,
            digits: digits & taken,
        }
    }

    /// The shape of a word of so many letters that consists of such ones, whether its first letter is small apart.
    #[inline]
    fn shape(&self, length: usize) -> u8 {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        flag(self.lower | self.upper != 0, LETTERS)
            | flag(self.digits != 0, DIGIT)
            | flag(self.lower == 0 && self.upper != 0 && length > 1, CAPITALS)
    }
}

struct Reader<'t, 'l> {
    lexicon: Option<&'l Lexicon>,
    place: usize,
    view: View<'t>,
    gap: Gap,
    paragraph: u32,
    in_sentence: bool,
}

impl<'t, 'l> Reader<'t, 'l> {
    fn new(text: &'t str, lexicon: Option<&'l Lexicon>) -> Self {
        let mut view = View { text, ..View::default() };
        view.folded.reserve(text.len() + text.len() / 2 + 16);
        view.words.reserve(text.len() / 6 + 4);
        Self { lexicon, place: 0, view, gap: Gap::Sentence, paragraph: 0, in_sentence: false }
    }

    fn run(&mut self) {
        let bytes = self.view.text.as_bytes();
        while let Some(&byte) = bytes.get(self.place) {
            if byte.is_ascii_alphanumeric() {
                self.word();
            } else if byte.is_ascii() {
                self.separator(byte);
            } else {
                let letter = self.letter_at(self.place);
                if letter.is_alphanumeric() {
                    self.word();
                } else {
                    self.wide_separator(letter);
                }
            }
        }
    }

    fn letter_at(&self, place: usize) -> char {
        self.view.text.get(place..).and_then(|rest| rest.chars().next()).unwrap_or('\0')
    }

    /// The character before a place, a space at the beginning.
    fn letter_before(&self, place: usize) -> char {
        self.view.text.get(..place).and_then(|rest| rest.chars().next_back()).unwrap_or(' ')
    }

    #[inline]
    fn word(&mut self) {
        let start = self.place;
        let fold = self.view.folded.len();
        let letters = self.plain_letters(start).unwrap_or_else(|| self.letters(start));
        let Letters { head, hash, mut shape, place, end } = letters;
        let fold_end = self.view.folded.len();
        self.view.folded.push(END_MARK);
        // A space after a word, as nearly always, separates it and says nothing.
        self.place = place + usize::from(self.view.text.as_bytes().get(place) == Some(&b' '));
        let id = self.lexicon.map_or(0, |lexicon| {
            lexicon.find(self.view.folded.get(fold + 1..fold_end).unwrap_or_default(), head, hash)
        });
        if !self.in_sentence {
            self.in_sentence = true;
            shape |= INITIAL;
            self.view.sentences.push(Sentence {
                first: self.view.words.len() as u32,
                paragraph: self.paragraph,
                title_case: false,
                all_capitals: false,
            });
        }
        self.view.words.push(Word {
            start: start as u32,
            end: end as u32,
            fold: fold as u32,
            fold_end: fold_end as u32,
            sentence: (self.view.sentences.len() - 1) as u32,
            hash,
            id,
            shape,
            gap: self.gap,
        });
        self.gap = Gap::Plain;
    }

    /// Folds the letters of a word that is ASCII and ends before something that ends every word, as nearly all do.
    fn plain_letters(&mut self, start: usize) -> Option<Letters> {
        let bytes = self.view.text.as_bytes();
        let fold = self.view.folded.len();
        let is_lower = bytes.get(start)?.is_ascii_lowercase();
        self.view.folded.push(if is_lower { LOWER_MARK } else { CAPITAL_MARK });
        let (mut first, mut mixed, mut place) = (0, HASH_START, start);
        let mut all = Part::default();
        loop {
            let rest = bytes.get(place..)?;
            let part = Part::read(match rest.first_chunk() {
                Some(eight) => u64::from_le_bytes(*eight),
                None => head(rest),
            });
            if part.length == 0 {
                break;
            }
            if place == start {
                first = part.folded;
                all = part;
            }
            mixed = hash_part(mixed, part.folded);
            self.view.folded.extend_from_slice(&part.folded.to_le_bytes());
            all.lower |= part.lower;
            all.upper |= part.upper;
            all.digits |= part.digits;
            place += part.length;
            if part.length < HEAD {
                break;
            }
        }
        let length = place - start;
        let ends = match bytes.get(place..)? {
            [b' ', ..] | [] => true,
            [b'.', ..] => length > 1,
            [b'-', next, ..] => !next.is_ascii_whitespace(),
            [next, ..] => next.is_ascii(),
        };
        if !ends {
            self.view.folded.truncate(fold);
            return None;
        }
        self.view.folded.truncate(fold + 1 + length);
        let shape = all.shape(length) | if is_lower { LOWER } else { 0 };
        Some(Letters { head: first, hash: hash_end(mixed), shape, place, end: place })
    }

    /// Folds the letters of any word, character by character.
    fn letters(&mut self, start: usize) -> Letters {
        let bytes = self.view.text.as_bytes();
        let fold = self.view.folded.len();
        self.view.folded.push(CAPITAL_MARK);
        let (mut any_lower, mut lower_first, mut uppers, mut shape) = (false, false, 0_u32, 0);
        let mut place = start;
        let mut end = start;
        while let Some(&byte) = bytes.get(place) {
            if byte.is_ascii_lowercase() {
                any_lower = true;
                lower_first |= place == start;
                shape |= LETTERS;
                self.view.folded.push(byte);
                place += 1;
            } else if byte.is_ascii_uppercase() {
                uppers += 1;
                shape |= LETTERS;
                self.view.folded.push(byte.to_ascii_lowercase());
                place += 1;
            } else if byte.is_ascii_digit() {
                shape |= DIGIT;
                self.view.folded.push(byte);
                place += 1;
            } else if byte.is_ascii() {
                // `U.S.` and `J.P.` are one word; so is `U.S.-based` up to its hyphen.
                if byte == b'.' && self.is_initials(start, place) {
                    place += 1;
                    end = place;
                    continue;
                }
                // "Micro-" at the end of a line, "soft" at the beginning of the next.
                if byte == b'-'
                    && any_lower
                    && let Some(next) = self.divided_at(place)
                {
                    place = next;
                    continue;
                }
                break;
            } else {
                let letter = self.letter_at(place);
                let mark = matches!(letter, '\u{300}'..='\u{36F}');
                // A soft hyphen and a zero-width joiner are no part of the spelling.
                if matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200D}') {
                    place += letter.len_utf8();
                    continue;
                }
                if !letter.is_alphanumeric() && !mark {
                    break;
                }
                if letter.is_lowercase() {
                    any_lower = true;
                    lower_first |= place == start;
                } else if letter.is_uppercase() {
                    uppers += 1;
                }
                shape |= LETTERS;
                let mut folded = String::new();
                if !mark {
                    fold_char(letter, &mut folded);
                }
                self.view.folded.extend_from_slice(folded.as_bytes());
                place += letter.len_utf8();
            }
            end = place;
        }
        if lower_first {
            shape |= LOWER;
            if let Some(mark) = self.view.folded.get_mut(fold) {
                *mark = LOWER_MARK;
            }
        }
        if !any_lower && (uppers >= 2 || uppers == 1 && shape & DIGIT != 0) {
            shape |= CAPITALS;
        }
        let folded = self.view.folded.get(fold + 1..).unwrap_or_default();
        Letters { head: head(folded), hash: hash(folded), shape, place, end }
    }

    /// Where the word goes on that the hyphen at `place` divides at the end of a line. "Amazon-owned" is none, however it is set.
    fn divided_at(&self, place: usize) -> Option<usize> {
        let bytes = self.view.text.as_bytes();
        let rest = bytes.get(place + 1..)?;
        let line = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        if rest.get(line) != Some(&b'\n') {
            return None;
        }
        let rest = rest.get(line + 1..)?;
        let indent = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let part = rest.get(indent..)?;
        let length = part.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let part = part.get(..length).filter(|part| part.len() > 1)?;
        let lexicon = self.lexicon?;
        let is_compound = lexicon.classes(lexicon.find_folded(part)) & COMPOUND != 0;
        (!is_compound).then_some(place + 1 + line + 1 + indent)
    }

    /// Whether the full stop at `place` stands in `J.P.` or `U.S.`: single letters and stops since `start`, and
    /// another single letter after it, or the end of such a row.
    fn is_initials(&self, start: usize, place: usize) -> bool {
        let bytes = self.view.text.as_bytes();
        let single_before = place >= 1
            && bytes.get(place - 1).is_some_and(u8::is_ascii_alphabetic)
            && (place - 1 == start || bytes.get(place.wrapping_sub(2)) == Some(&b'.'));
        if !single_before {
            return false;
        }
        let next = bytes.get(place + 1).copied().unwrap_or(b' ');
        let after = bytes.get(place + 2).copied().unwrap_or(b' ');
        let another = next.is_ascii_alphabetic() && !after.is_ascii_alphanumeric() && after.is_ascii();
        // The stop after the last letter belongs to the row only if the row had one before.
        another || (place - 1 != start && !next.is_ascii_alphanumeric())
    }

    fn emit(&mut self, byte: u8, gap: Gap) {
        self.view.folded.push(byte);
        if self.gap != Gap::Sentence {
            self.gap = gap;
        }
    }

    fn separator(&mut self, byte: u8) {
        let place = self.place;
        self.place += 1;
        match byte {
            b' ' | b'\t' | b'\r' | b'"' => {}
            b'\n' => {
                // A blank line ends a paragraph.
                let rest = self.view.text.as_bytes().get(place + 1..).unwrap_or_default();
                let skip = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
                if rest.get(skip) == Some(&b'\n') {
                    self.place = place + 1 + skip + 1;
                    self.end_paragraph();
                }
            }
            b'.' => self.full_stop(place),
            b'!' | b'?' => {
                self.view.folded.push(byte);
                if self.is_end(place) {
                    self.end_sentence();
                }
            }
            b'\'' => self.apostrophe(place, 1),
            b'-' => self.hyphen(place, 1),
            b',' => self.emit(byte, Gap::Comma),
            b'/' => self.emit(byte, Gap::Slash),
            b'(' | b'[' | b'<' => self.emit(byte, Gap::Open),
            b')' | b']' | b'>' => self.emit(byte, Gap::Close),
            _ => self.emit(byte, Gap::Other),
        }
    }

    fn wide_separator(&mut self, letter: char) {
        let place = self.place;
        self.place += letter.len_utf8();
        match letter {
            '’' | '‘' | 'ʼ' | '＇' => self.apostrophe(place, letter.len_utf8()),
            '‐' | '‑' | '–' => self.hyphen(place, letter.len_utf8()),
            '—' | '―' => self.emit(b';', Gap::Other),
            '…' | '。' | '！' | '？' => {
                self.view.folded.push(b'.');
                self.end_sentence();
            }
            '\u{2029}' => self.end_paragraph(),
            letter if letter.is_whitespace() || is_silent(letter) => {}
            _ => self.emit(b';', Gap::Other),
        }
    }

    fn apostrophe(&mut self, place: usize, length: usize) {
        let before = self.letter_before(place).is_alphanumeric();
        let after = self.letter_at(place + length).is_alphanumeric();
        if before && after {
            self.emit(b'\'', Gap::Apostrophe);
        }
    }

    fn hyphen(&mut self, place: usize, length: usize) {
        // A hyphen at the end of a line joins the words as one inside a line does.
        if self.letter_before(place).is_alphanumeric()
            && !matches!(self.letter_at(place + length), ' ' | '\t' | '-')
        {
            self.emit(b'-', Gap::Hyphen);
        } else {
            self.emit(b';', Gap::Other);
        }
    }

    fn full_stop(&mut self, place: usize) {
        let next = self.letter_at(place + 1);
        if next.is_alphanumeric() && self.letter_before(place).is_alphanumeric() {
            self.emit(b'.', Gap::Dot);
        } else if self.is_after_abbreviation() {
            // `Inc.`, `J. P.`: the name may go on.
        } else {
            self.view.folded.push(b'.');
            if self.is_end(place) {
                self.end_sentence();
            }
        }
    }

    /// Whether the last word is often shortened, or an initial. In a name of the gazetteer every one may be.
    fn is_after_abbreviation(&self) -> bool {
        self.view.words.last().is_some_and(|word| match self.lexicon {
            Some(lexicon) => word.fold_end - word.fold <= 2 || lexicon.classes(word.id) & ABBREVIATION != 0,
            None => true,
        })
    }

    /// Whether a mark at `place` ends a sentence: space, a closing quote or the end follows, and no small letter goes
    /// on after it.
    fn is_end(&self, place: usize) -> bool {
        let bytes = self.view.text.as_bytes();
        let mut next = place + 1;
        if bytes.get(next).is_some_and(|byte| !byte.is_ascii_whitespace() && byte.is_ascii_alphanumeric()) {
            return false;
        }
        while bytes.get(next).is_some_and(|byte| !byte.is_ascii_alphanumeric()) && next < place + 8 {
            next += 1;
        }
        !bytes.get(next).is_some_and(u8::is_ascii_lowercase)
    }

    fn end_sentence(&mut self) {
        if self.in_sentence {
            self.in_sentence = false;
            self.close_sentence();
        }
        self.gap = Gap::Sentence;
    }

    fn end_paragraph(&mut self) {
        self.view.folded.push(PARAGRAPH_MARK);
        if self.in_sentence || self.view.sentences.last().is_some_and(|last| last.paragraph == self.paragraph)
        {
            self.paragraph += 1;
        }
        self.end_sentence();
    }

    /// Notes how the sentence that just ended is written.
    fn close_sentence(&mut self) {
        let Some(sentence) = self.view.sentences.last_mut() else { return };
        let words = self.view.words.get(sentence.first as usize..).unwrap_or_default();
        let (mut long, mut capital, mut capitals) = (0_usize, 0_usize, 0_usize);
        for word in words {
            if word.shape & LETTERS != 0 && word.fold_end - word.fold > 4 {
                long += 1;
                capital += usize::from(word.shape & LOWER == 0);
                capitals += usize::from(word.shape & CAPITALS != 0);
            }
        }
        sentence.title_case = long >= 3 && capital * 10 >= long * 8 && words.len() <= 30;
        sentence.all_capitals = long >= 2 && capitals * 10 >= long * 8;
    }

    fn finish(mut self) -> View<'t> {
        self.end_paragraph();
        self.view.paragraphs = self.paragraph;
        self.view
    }
}

/// Quotation marks, signs beside a name and invisible marks, which separate nothing.
fn is_silent(letter: char) -> bool {
    matches!(
        letter,
        '“' | '”' | '„' | '«' | '»' | '®' | '™' | '©' | '\u{AD}' | '\u{FEFF}' | '\u{200B}'..='\u{200F}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let lexicon = Lexicon::new([]);
        let view = View::read(text, &lexicon);
        let readable: Vec<u8> = view
            .folded
            .iter()
            .map(|byte| match *byte {
                CAPITAL_MARK => b'^',
                LOWER_MARK => b'_',
                END_MARK => b'|',
                PARAGRAPH_MARK => b'#',
                byte => byte,
            })
            .collect();
        String::from_utf8(readable).unwrap()
    }

    #[test]
    fn folded_forms() {
        for (text, expected) in [
            ("Prime\u{a0}Video", "^prime|^video|#"),
            ("Prime\nVideo", "^prime|^video|#"),
            ("Prime. Video", "^prime|.^video|#"),
            ("Prime\n\nVideo", "^prime|#^video|#"),
            ("L’Oréal", "^l|'^oreal|#"),
            ("AT&T’s", "^at|&^t|'_s|#"),
            ("Toys \"R\" Us", "^toys|^r|^us|#"),
            ("Coca-\nCola", "^coca|-^cola|#"),
            ("Amazon-owned", "^amazon|-_owned|#"),
            ("Amazon – owned", "^amazon|;_owned|#"),
            ("U.S. Steel", "^us|^steel|#"),
            ("J.P. Morgan", "^jp|^morgan|#"),
            ("Amazon.com Inc. said", "^amazon|._com|^inc|_said|#"),
            ("Disney+ is", "^disney|+_is|#"),
            ("Yahoo! said", "^yahoo|!_said|#"),
            ("eBay, 3M", "_ebay|,^3m|#"),
            ("caf\u{e9} cafe\u{301}", "_cafe|_cafe|#"),
            ("Ama\u{ad}zon", "^amazon|#"),
            ("", "#"),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
    }

    #[test]
    fn words_point_into_the_text_and_sentences_are_told_apart() {
        let lexicon = Lexicon::new([]);
        let text =
            "Nestlé S.A. said so. “Amazon Inc. grew,” it added. U.S. sales fell.\n\nNEW PARAGRAPH HERE";
        let view = View::read(text, &lexicon);
        let words: Vec<_> = view.words.iter().map(|word| view.word_text(word)).collect();
        assert_eq!(
            words,
            [
                "Nestlé",
                "S.A.",
                "said",
                "so",
                "Amazon",
                "Inc",
                "grew",
                "it",
                "added",
                "U.S.",
                "sales",
                "fell",
                "NEW",
                "PARAGRAPH",
                "HERE"
            ]
        );
        let firsts: Vec<_> = view.sentences.iter().map(|sentence| sentence.first).collect();
        assert_eq!(firsts, [0, 4, 9, 12]);
        assert_eq!(view.paragraphs, 2);
        assert!(view.sentences[3].all_capitals && !view.sentences[0].title_case);
        assert!(view.words.is_sorted_by_key(|word| (word.start, word.fold)));
    }

    proptest::proptest! {
        #[test]
        fn words_read_eight_letters_at_once_are_as_read_letter_by_letter(text in "[A-Za-z0-9 .,'é\u{AD}-]{0,60}") {
            let lexicon = Lexicon::new(["alphabetically"]);
            let view = View::read(&text, &lexicon);
            for word in &view.words {
                let mut reader = Reader::new(&text, Some(&lexicon));
                let letters = reader.letters(word.start as usize);
                let folded = &reader.view.folded;
                proptest::prop_assert_eq!(&folded[1..], view.folded_word(word));
                proptest::prop_assert_eq!(folded[0], view.folded[word.fold as usize]);
                proptest::prop_assert_eq!(letters.hash, word.hash);
                proptest::prop_assert_eq!(letters.shape, word.shape & !INITIAL);
                proptest::prop_assert_eq!(letters.end, word.end as usize);
            }
        }
    }
}
