//! Words of a text, with their places.
//!
//! One tokenizer serves the index, the query and the highlights, so that what is found is what is marked. It keeps
//! names and numbers whole: `AT&T`, `R&D`, `C++`, `U.S.`, `3M`, `9,000`, `$1.5B`.
//!
//! Chinese, Japanese and Korean are read character by character, because words are not told apart by spaces, or have
//! particles attached. Every character carries the pair with the one behind it (the overlapping bigrams of Lucene's
//! `CJKAnalyzer`), so that a word of a query is a sequence of pairs and the text needs no dictionary.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

use super::fold::{fold_char, is_diacritic};

/// Longest word in bytes; of a longer one the beginning counts.
pub const MAX_WORD_BYTES: usize = 200;

/// Stands before a pair of characters: patterns and misspelt words are looked for among forms without it.
pub const PAIR_MARK: char = '\u{2}';

/// A word of a text. The strings are borrowed from the [`Words`] that gave it.
#[derive(Debug, PartialEq, Eq)]
pub struct Word<'w> {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Folded form without signs; empty where the signs are the name (`C++`).
    pub plain: &'w str,
    /// Folded form with the sign that belongs to it: `disney+`, `$1.5b`, `c++`; of a Chinese, Japanese or Korean character
    /// the pair with the next one behind [`PAIR_MARK`]. Empty where there is none. It stands at the same position as the plain form.
    pub signed: &'w str,
    /// As it stands in the text.
    pub written: &'w str,
    /// Whether the word has a letter outside ASCII.
    pub is_foreign: bool,
    /// Whether it is a Chinese, Japanese or Korean character.
    pub is_cjk: bool,
    /// Bytes of what says something alone: the word, or the pair that a character begins. Empty for the last
    /// character of a run, which the pair before has.
    pub unit: Range<usize>,
}

impl Word<'_> {
    /// The most specific form: what a query asks for that was typed so.
    pub fn specific(&self) -> &str {
        if self.signed.is_empty() { self.plain } else { self.signed }
    }
}

/// Reads the words of a text one after the other; buffers are reused.
pub struct Words<'t> {
    text: &'t str,
    at: usize,
    /// Where the last pair of characters ends.
    paired: usize,
    plain: String,
    signed: String,
}

impl<'t> Words<'t> {
    /// The words of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, paired: 0, plain: String::new(), signed: String::new() }
    }

    /// The next word. Not an iterator, because the word borrows the buffers.
    #[expect(clippy::should_implement_trait, reason = "the word borrows from the reader")]
    pub fn next(&mut self) -> Option<Word<'_>> {
        if let Some(span) = self.simple() {
            let written = &self.text[span.clone()];
            self.signed.clear();
            return Some(Word {
                unit: span.clone(),
                span,
                plain: &self.plain,
                signed: &self.signed,
                written,
                is_foreign: false,
                is_cjk: false,
            });
        }
        let mut currency = None;
        let (start, first) = loop {
            let letter = self.peek(self.at)?;
            if is_word_char(letter) {
                break (self.at, letter);
            }
            currency = is_currency(letter).then_some((self.at, letter));
            self.at += letter.len_utf8();
            if currency.is_some() && self.peek(self.at).is_some_and(|next| next.is_ascii_digit()) {
                break (self.at, self.peek(self.at)?);
            }
        };
        self.plain.clear();
        self.signed.clear();
        if is_cjk(first) {
            return Some(self.character(start, first));
        }
        let (end, next) = if let Some(end) = self.acronym(start) { (end, end) } else { self.run(start) };
        self.at = next;
        let mut span = start..end;
        let symbols = self.trailing_symbols();
        if let Some((at, sign)) = currency.filter(|_| first.is_ascii_digit()) {
            fold_char(sign, &mut self.signed);
            self.signed.push_str(&self.plain);
            span.start = at;
        } else if symbols > 0 {
            self.signed.push_str(&self.plain);
            self.signed.push_str(&self.text[self.at..self.at + symbols]);
            self.at += symbols;
            span.end = self.at;
            if first.is_ascii() && self.plain.len() == 1 {
                self.plain.clear();
            }
        }
        truncate(&mut self.plain);
        truncate(&mut self.signed);
        let written = &self.text[span.clone()];
        let unit = span.clone();
        Some(Word {
            span,
            plain: &self.plain,
            signed: &self.signed,
            written,
            is_foreign: !written.is_ascii(),
            is_cjk: false,
            unit,
        })
    }

    /// Most words: letters and digits of ASCII behind a space, with nothing before and behind them that could belong to
    /// the word. Fills `plain`; `None` leaves everything as it is.
    fn simple(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let spaces = bytes[self.at..].iter().take_while(|byte| **byte == b' ').count();
        let start = self.at + spaces;
        let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length == 0 || length > MAX_WORD_BYTES {
            return None;
        }
        let end = start + length;
        let is_over = match bytes.get(end) {
            None | Some(b' ' | b'\n' | b'-' | b'/' | b'(' | b')' | b':' | b';' | b'"' | b'!' | b'?') => true,
            // The point of an acronym, and what is inside a number.
            Some(b'.' | b',') => length > 1 && !bytes[end - 1].is_ascii_digit(),
            Some(_) => false,
        };
        if !is_over {
            return None;
        }
        self.plain.clear();
        self.plain.push_str(&self.text[start..end]);
        self.plain.make_ascii_lowercase();
        self.at = end;
        Some(start..end)
    }

    /// A character of a run, with the pair that it begins.
    fn character(&mut self, start: usize, first: char) -> Word<'_> {
        let (letter, end) = self.composed(start, first);
        self.plain.push(letter);
        self.at = end;
        let is_last = self.paired == end;
        let mut unit = if is_last { end..end } else { start..end };
        if let Some(next) = self.peek(end).filter(|next| is_cjk(*next)) {
            let (next, behind) = self.composed(end, next);
            self.signed.extend([PAIR_MARK, letter, next]);
            self.paired = behind;
            unit = start..behind;
        }
        Word {
            span: start..end,
            plain: &self.plain,
            signed: &self.signed,
            written: &self.text[start..end],
            is_foreign: true,
            is_cjk: true,
            unit,
        }
    }

    /// A character in its usual width, together with the sound marks and the parts of a syllable that follow it; and
    /// where it ends.
    fn composed(&self, start: usize, first: char) -> (char, usize) {
        let mut letter = in_usual_width(first);
        let mut end = start + first.len_utf8();
        while let Some(next) = self.peek(end)
            && let Some(whole) = compose(letter, in_usual_width(next))
        {
            letter = whole;
            end += next.len_utf8();
        }
        (letter, end)
    }

    fn peek(&self, at: usize) -> Option<char> {
        // Most text is ASCII, where a byte is a character.
        match self.text.as_bytes().get(at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.text[at..].chars().next(),
            None => None,
        }
    }

    /// `U.S.`, `J.P.`: single letters with points between. Gives the end and fills `plain`.
    fn acronym(&mut self, start: usize) -> Option<usize> {
        let mut at = start;
        let mut letters = 0;
        loop {
            let letter = self.peek(at).filter(|letter| letter.is_alphabetic() && !is_cjk(*letter))?;
            let after = at + letter.len_utf8();
            let point = self.peek(after) == Some('.');
            if !point {
                // "U.S" without the last point, unless a longer word follows.
                let ends = self.peek(after).is_none_or(|next| !is_word_char(next));
                if letters == 0 || !ends {
                    return (letters > 1).then_some(at);
                }
                self.push_letter(letters, letter);
                return Some(after);
            }
            self.push_letter(letters, letter);
            letters += 1;
            at = after + 1;
            let goes_on = self.peek(at).is_some_and(char::is_alphabetic);
            if !goes_on {
                if letters > 1 {
                    return Some(at);
                }
                self.plain.clear();
                return None;
            }
            // "U.S. Steel" written "U.S.Steel": the next word is longer than a letter.
            let next = at + self.peek(at)?.len_utf8();
            if self.peek(next).is_some_and(|letter| letter != '.' && is_word_char(letter)) {
                if letters > 1 {
                    return Some(at);
                }
                self.plain.clear();
                return None;
            }
        }
    }

    fn push_letter(&mut self, before: usize, letter: char) {
        if before > 0 {
            self.plain.push('.');
        }
        fold_char(letter, &mut self.plain);
    }

    /// Letters and digits, with what may stand inside a name or number. Fills `plain`; gives the end of the word and
    /// where to read on, which is behind a possessive.
    fn run(&mut self, start: usize) -> (usize, usize) {
        let mut at = start;
        let mut letters = 0;
        loop {
            // Most words are these bytes and no others.
            let plain =
                self.text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            if plain > 0 {
                let from = self.plain.len();
                self.plain.push_str(&self.text[at..at + plain]);
                self.plain[from..].make_ascii_lowercase();
                letters += plain;
                at += plain;
            }
            let Some(letter) = self.peek(at) else { break };
            let after = at + letter.len_utf8();
            if is_word_char(letter) && !is_cjk(letter) {
                letters += 1;
                fold_char(letter, &mut self.plain);
                at = after;
                continue;
            }
            if is_diacritic(letter) || is_invisible(letter) {
                at = after;
                continue;
            }
            let Some(next) = self.peek(after) else { break };
            let last = self.text[..at].chars().next_back().unwrap_or(' ');
            match letter {
                // 9,000: a group of three digits follows, and no fourth.
                ',' if last.is_ascii_digit() && self.is_thousands(after) => at = after,
                '.' if last.is_ascii_digit() && next.is_ascii_digit() => {
                    self.plain.push('.');
                    at = after;
                }
                // AT&T, R&D, M&S: short parts without a space.
                '&' if letters <= 3 && self.is_short_word(after) => {
                    self.plain.push('&');
                    letters = 0;
                    at = after;
                }
                '\'' | '’' | '‘' | 'ʼ' if last.is_alphabetic() && next.is_alphabetic() => {
                    let end = after + next.len_utf8();
                    let possessive = matches!(next, 's' | 'S')
                        && self.peek(end).is_none_or(|beyond| !is_word_char(beyond));
                    if possessive {
                        return (at, end);
                    }
                    // L’Oréal, d'affaires, O'Brien, dell'azienda: two words; don't and the like: one.
                    if letters == 1 || ELIDED.contains(&self.plain.as_str()) {
                        break;
                    }
                    at = after;
                }
                _ => break,
            }
        }
        (at, at)
    }

    fn is_thousands(&self, at: usize) -> bool {
        let bytes = self.text.as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        digit(at) && digit(at + 1) && digit(at + 2) && !digit(at + 3)
    }

    fn is_short_word(&self, at: usize) -> bool {
        let letters = self.text[at..].chars().take(4).take_while(|letter| is_word_char(*letter)).count();
        (1..=3).contains(&letters)
    }

    /// Bytes of `++`, `#` or `+` right after a word that belong to its name.
    fn trailing_symbols(&self) -> usize {
        let rest = &self.text[self.at..];
        let symbols = if rest.starts_with("++") {
            2
        } else if rest.starts_with('#') || rest.starts_with('+') {
            1
        } else {
            return 0;
        };
        let ends = rest[symbols..].chars().next().is_none_or(|next| !is_word_char(next) && next != '+');
        if ends { symbols } else { 0 }
    }
}

/// Whether words are made of it.
fn is_word_char(letter: char) -> bool {
    letter.is_alphanumeric()
}

/// Articles, prepositions and pronouns that lose their vowel before another word, folded: those of French and Italian
/// with more than a letter.
const ELIDED: [&str; 26] = [
    "all", "anch", "bell", "cent", "coll", "com", "cos", "dall", "dell", "dev", "dov", "entr", "gl", "jusqu",
    "lorsqu", "nell", "nessun", "neppur", "presqu", "puisqu", "qu", "quell", "quest", "quoiqu", "sull", "un",
];

/// Letters of Chinese, Japanese and Korean: Han, Kana and Hangul, in any width.
pub fn is_cjk(letter: char) -> bool {
    letter as u32 >= 0x1100
        && is_word_char(letter)
        && matches!(letter,
        '\u{1100}'..='\u{11FF}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}'
        | '\u{20000}'..='\u{323AF}')
}

/// The character that stands for another one in Unicode's compatibility decomposition: `ア` for `ｱ`. A syllable stays
/// whole.
fn in_usual_width(letter: char) -> char {
    match letter {
        '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{2F800}'..='\u{2FA1F}' => {
            std::iter::once(letter).nfkc().next().unwrap_or(letter)
        }
        letter => letter,
    }
}

fn is_currency(letter: char) -> bool {
    matches!(letter, '$' | '€' | '£' | '¥' | '₹' | '₩')
}

/// Characters that take no space: soft hyphen, zero-width joiners, byte-order mark.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

fn truncate(word: &mut String) {
    if word.len() > MAX_WORD_BYTES {
        word.truncate(word.floor_char_boundary(MAX_WORD_BYTES));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_WORD_BYTES, PAIR_MARK, Words};

    fn words(text: &str) -> Vec<String> {
        let mut reader = Words::new(text);
        let mut found = Vec::new();
        while let Some(word) = reader.next() {
            found.push(match (word.plain, word.signed) {
                (plain, "") => plain.to_owned(),
                (plain, signed) => format!("{plain}|{}", signed.trim_start_matches(PAIR_MARK)),
            });
        }
        found
    }

    #[test]
    fn names_and_numbers_stay_whole() {
        for (text, expected) in [
            ("Amazon cuts 18,000 jobs.", "amazon cuts 18000 jobs"),
            ("AT&T, R&D and M&A", "at&t r&d and m&a"),
            ("Marks & Spencer (M&S)", "marks spencer m&s"),
            ("Procter&Gamble", "procter gamble"),
            ("C++, C# and F#", "|c++ |c# and |f#"),
            ("Disney+ and Paramount+.", "disney|disney+ and paramount|paramount+"),
            ("1+1 a+b", "1 1 a b"),
            ("the U.S. and the U.S.", "the u.s and the u.s"),
            ("the U.S, J.P. Morgan", "the u.s j.p morgan"),
            ("a. b. The end.", "a b the end"),
            ("Amazon.com Inc.", "amazon com inc"),
            ("Yahoo! 3M's café", "yahoo 3m cafe"),
            ("$1.5B or €3bn, $9,000", "1.5b|$1.5b or 3bn|€3bn 9000|$9000"),
            ("1,234,567 and 1,23 and 12,3456", "1234567 and 1 23 and 12 3456"),
            ("v1.2.3.", "v1.2.3"),
            ("don't L’Oréal’s O'Brien employees'", "dont l oreal o brien employees"),
            ("Amazon’s (AMZN’s)", "amazon amzn"),
            ("F-150 T-Mobile", "f 150 t mobile"),
            ("日本語。ｱﾏｿﾞﾝAWS", "日|日本 本|本語 語 ア|アマ マ|マゾ ゾ|ゾン ン aws"),
            ("삼성전자는 AI", "삼|삼성 성|성전 전|전자 자|자는 는 ai"),
            ("\u{1112}\u{1161}\u{11AB}국", "한|한국 국"),
            ("佐々木、中 ＡＷＳ", "佐|佐々 々|々木 木 中 aws"),
            ("dell'azienda, qu’une, aujourd'hui, all’estero", "dell azienda qu une aujourdhui all estero"),
            ("Entlas\u{AD}sungen", "entlassungen"),
            ("Cafe\u{301}s", "cafes"),
            ("$ $x # + ++", "x"),
            ("", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn spans_leave_the_possessive_out() {
        let text = "the Amazon’s $1.5B C++";
        let mut reader = Words::new(text);
        let mut spans = Vec::new();
        while let Some(word) = reader.next() {
            spans.push(&text[word.span]);
        }
        assert_eq!(spans, ["the", "Amazon", "$1.5B", "C++"]);
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(words(&"é".repeat(1000)), ["e".repeat(MAX_WORD_BYTES)]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "([a-zA-Z0-9 .,'’&$+#é日本ゾﾞ삼\u{1112}\u{1161}\u{301}\u{AD}-]|\\PC){0,40}") {
            let mut reader = Words::new(&text);
            let mut end = 0;
            while let Some(word) = reader.next() {
                prop_assert!(word.span.start >= end && word.span.end > word.span.start);
                prop_assert!(text.get(word.span.clone()).is_some());
                prop_assert!(!word.specific().is_empty() || word.plain.is_empty());
                end = word.span.end;
            }
        }

        /// What a reader copies out of a text is found again: a word read alone gives the same forms.
        #[test]
        fn a_word_alone_reads_the_same(text in "[a-zA-Z0-9 .,'’&$+#é-]{0,30}") {
            let mut reader = Words::new(&text);
            while let Some(word) = reader.next() {
                let alone = &text[word.span.clone()];
                let mut again = Words::new(alone);
                let first = again.next().map(|first| first.specific().to_owned());
                prop_assert_eq!(first.as_deref(), Some(word.specific()), "{} in {}", alone, text);
            }
        }
    }
}
