//! What stands in the term dictionary of a text field.
//!
//! One field holds both views of a text. A word gives its *exact* form as it is (folded) and, in other languages than English,
//! at the same position its *stem* behind [`STEM_MARK`]. The forms of an English stem are looked up when it is asked for, and a word
//! without inflections is asked for as it is. Prefixes, wildcards and misspelt words are looked up among the exact forms, which
//! the mark keeps apart; plain words ask for the stem; quoted ones for the exact form.
//!
//! Stems of other languages than English have the code of their language between the mark and a colon, so that each
//! article has the stems of one language alone: what a plain word asks for in several languages are terms of different
//! articles, and their numbers add up. Characters of Chinese, Japanese and Korean have no inflections: one term serves both
//! views.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;

use crate::text::fold_name;
use crate::text::stem::Stemmer;
use crate::text::token::{PAIR_MARK, Word};

/// Stands before every stem. No exact form begins with it.
pub(crate) const STEM_MARK: char = '\u{1}';

/// Stands behind the code of a language in a stem. No word has it.
const CODE_END: char = ':';

/// Name of the analyzer of text fields.
pub(crate) const TEXT: &str = "dateline_text_3";

/// Name of the analyzer of whole names.
pub(crate) const NAME: &str = "dateline_name_1";

/// Whether a form has no inflections, in no language, so that what it is found by is the form itself: whatever holds a digit
/// or a sign, which no stemmer touches, and the words that a third of English texts is made of. Of these the others of their
/// stem ("toed", "asness") are a few in a million words; so listed is what no other word of news has for its stem.
fn is_single(form: &str) -> bool {
    if form.is_ascii() && !form.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return true;
    }
    matches!(
        form,
        "a" | "about"
            | "after"
            | "an"
            | "and"
            | "any"
            | "are"
            | "as"
            | "at"
            | "been"
            | "both"
            | "but"
            | "by"
            | "could"
            | "did"
            | "for"
            | "from"
            | "had"
            | "has"
            | "he"
            | "him"
            | "his"
            | "if"
            | "in"
            | "into"
            | "is"
            | "it"
            | "its"
            | "my"
            | "no"
            | "not"
            | "of"
            | "on"
            | "or"
            | "said"
            | "she"
            | "should"
            | "so"
            | "some"
            | "such"
            | "than"
            | "the"
            | "them"
            | "then"
            | "they"
            | "this"
            | "those"
            | "to"
            | "told"
            | "too"
            | "was"
            | "we"
            | "were"
            | "when"
            | "which"
            | "while"
            | "who"
            | "why"
            | "with"
            | "would"
            | "you"
    )
}

/// The term of a plain word in one of its forms: its stem in a language.
pub(crate) fn stem_term(stemmer: &Stemmer, form: &str, word: &Word<'_>) -> String {
    let mut term = String::with_capacity(form.len() + 4);
    if word.is_cjk || is_single(form) {
        term.push_str(form);
    } else if word.is_foreign {
        push_mark(stemmer, &mut term);
        push_accented(stemmer, form, word.written, &mut term);
    } else {
        push_stem(stemmer, form, &mut term);
    }
    term
}

/// A second stem of a word with accents: that of the word without them, which is how it may be typed. `None` where it is
/// no other.
pub(crate) fn bare_stem_term(
    stemmer: &Stemmer,
    form: &str,
    accented: &str,
    word: &Word<'_>,
) -> Option<String> {
    // In English such words keep their form: "résumés" folded looks English and is not.
    if !word.is_foreign || word.is_cjk || is_single(form) || !matches!(stemmer, Stemmer::Of(..)) {
        return None;
    }
    let mut term = String::with_capacity(form.len() + 4);
    push_stem(stemmer, form, &mut term);
    (term != accented).then_some(term)
}

/// The stem that a term is of English; its forms are in the index, and not the term.
pub(crate) fn english_stem(term: &str) -> Option<&str> {
    term.strip_prefix(STEM_MARK).filter(|stem| !stem.contains(CODE_END))
}

/// What a reader is shown of a term.
pub(crate) fn shown(term: &str) -> &str {
    match term.strip_prefix(STEM_MARK) {
        Some(stem) => stem.split_once(CODE_END).map_or(stem, |(_, stem)| stem),
        None => term.trim_start_matches(PAIR_MARK),
    }
}

fn push_mark(stemmer: &Stemmer, term: &mut String) {
    term.push(STEM_MARK);
    if let Some(code) = stemmer.code() {
        term.push_str(code);
        term.push(CODE_END);
    }
}

fn push_stem(stemmer: &Stemmer, form: &str, term: &mut String) {
    push_mark(stemmer, term);
    term.push_str(&stemmer.stem(form));
}

/// The stem of a word with its accents. A form with signs keeps them and has none.
fn push_accented(stemmer: &Stemmer, form: &str, written: &str, term: &mut String) {
    match stemmer {
        Stemmer::Of(..) if form.chars().all(char::is_alphabetic) => {
            let letters = written.chars().filter(|letter| letter.is_alphanumeric() || !letter.is_ascii());
            let small: String = letters.nfc().flat_map(char::to_lowercase).collect();
            term.push_str(&stemmer.stem_accented(&small));
        }
        Stemmer::English(_) => term.push_str(&stemmer.stem(form)),
        _ => term.push_str(form),
    }
}

/// Writes the terms of texts in one language as a text for the analyzer: the words of a text are read once, where much else is
/// made of them, and not by the engine a second time. A word ends with [`WORD_END`], each of its terms but the last with
/// [`TERM_END`].
pub(crate) struct TermWriter {
    stemmer: Stemmer,
}

/// Stands between the terms of a word; no term has it.
const TERM_END: u8 = b'\t';

/// Stands behind the terms of a word; no term has it.
const WORD_END: u8 = b'\n';

impl TermWriter {
    /// For texts in a language, by its code; that of English where it is not known.
    pub(crate) fn new(lang: Option<&str>) -> Self {
        Self { stemmer: Stemmer::of(lang) }
    }

    /// Appends the terms of a word.
    pub(crate) fn write(&self, word: &Word<'_>, out: &mut String) {
        let start = out.len();
        for form in [word.plain, word.signed].into_iter().filter(|form| !form.is_empty()) {
            if out.len() > start {
                out.push(char::from(TERM_END));
            }
            out.push_str(form);
            // One term serves both views then. The forms of an English stem are looked up when it is asked for.
            if is_single(form) || word.is_cjk || matches!(self.stemmer, Stemmer::English(_)) {
                continue;
            }
            let stem = stem_term(&self.stemmer, form, word);
            let bare = bare_stem_term(&self.stemmer, form, &stem, word);
            for term in [Some(stem), bare].into_iter().flatten() {
                out.push(char::from(TERM_END));
                out.push_str(&term);
            }
        }
        out.push(char::from(WORD_END));
    }
}

/// Gives the terms that a [`TermWriter`] wrote.
#[derive(Clone, Default)]
pub(crate) struct TextTokenizer {
    token: Token,
}

impl Tokenizer for TextTokenizer {
    type TokenStream<'a> = TextTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TextTokenStream<'a> {
        self.token.reset();
        TextTokenStream { terms: text, token: &mut self.token, is_new_word: true }
    }
}

/// The terms of one text.
pub(crate) struct TextTokenStream<'a> {
    /// What is left.
    terms: &'a str,
    token: &'a mut Token,
    /// Whether the next term is the first of a word.
    is_new_word: bool,
}

impl TokenStream for TextTokenStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(end) = self.terms.bytes().position(|byte| matches!(byte, TERM_END | WORD_END)) else {
            return false;
        };
        if self.is_new_word {
            self.token.position = self.token.position.wrapping_add(1);
        }
        self.is_new_word = self.terms.as_bytes()[end] == WORD_END;
        self.token.text.clear();
        self.token.text.push_str(&self.terms[..end]);
        self.terms = &self.terms[end + 1..];
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// Gives the whole text as one folded term.
#[derive(Clone, Default)]
pub(crate) struct NameTokenizer {
    token: Token,
}

impl Tokenizer for NameTokenizer {
    type TokenStream<'a> = NameTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> NameTokenStream<'a> {
        self.token.reset();
        self.token.text = fold_name(text);
        self.token.offset_to = text.len();
        let is_waiting = !self.token.text.is_empty();
        NameTokenStream { token: &mut self.token, is_waiting }
    }
}

/// The one term of a name.
pub(crate) struct NameTokenStream<'a> {
    token: &'a mut Token,
    is_waiting: bool,
}

impl TokenStream for NameTokenStream<'_> {
    fn advance(&mut self) -> bool {
        if self.is_waiting {
            self.token.position = 0;
        }
        std::mem::take(&mut self.is_waiting)
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
    use super::{NameTokenizer, TermWriter, TextTokenizer, shown};
    use crate::text::token::Words;
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    /// Terms with their positions, sorted; the marks as signs.
    fn terms(lang: &str, text: &str) -> String {
        let writer = TermWriter::new((!lang.is_empty()).then_some(lang));
        let (mut words, mut written) = (Words::new(text), String::new());
        while let Some(word) = words.next() {
            writer.write(&word, &mut written);
        }
        let mut tokenizer = TextTokenizer::default();
        let mut stream = tokenizer.token_stream(&written);
        let mut terms = Vec::new();
        while stream.advance() {
            let token = stream.token();
            let term = token.text.replace('\u{1}', "~").replace('\u{2}', "&");
            terms.push(format!("{}:{term}", token.position));
        }
        terms.sort();
        terms.join(" ")
    }

    #[test]
    fn each_language_has_stems_of_its_own() {
        for (lang, text, expected) in [
            ("en", "die layoffs of 2026", "0:die 1:layoffs 2:of 3:2026"),
            ("", "layoffs", "0:layoffs"),
            ("de", "Die Entlassungen", "0:die 0:~de:die 1:entlassungen 1:~de:entlass"),
            ("fr", "annoncée", "0:annoncee 0:~fr:annonc 0:~fr:annonce"),
            ("pl", "zwolnienia", "0:zwolnienia 0:~:zwolnienia"),
            ("ja", "日本でAWS", "0:&日本 0:日 1:&本で 1:本 2:で 3:aws 3:~:aws"),
            ("fr", "l’usine à 9,000", "0:l 0:~fr:l 1:usine 1:~fr:usin 2:a 3:9000"),
            ("en", "\u{1}de\u{1}layoffs", "0:de 1:layoffs"),
        ] {
            assert_eq!(terms(lang, text), expected, "{text}");
        }
    }

    #[test]
    fn terms_are_shown_without_their_marks() {
        for (term, text) in [("\u{1}layoff", "layoff"), ("\u{1}de:entlass", "entlass"), ("\u{2}日本", "日本")]
        {
            assert_eq!(shown(term), text);
        }
    }

    #[test]
    fn both_views_stand_at_one_position() {
        assert_eq!(
            terms("en", "Layoffs at Disney+, résumés in C++"),
            "0:layoffs 1:at 2:disney 2:disney+ 3:resumes 4:in 5:c++"
        );
    }

    #[test]
    fn a_name_is_one_term() {
        let mut tokenizer = NameTokenizer::default();
        let mut stream = tokenizer.token_stream(" The  Café Post ");
        assert!(stream.advance());
        assert_eq!(stream.token().text, "the cafe post");
        assert!(!stream.advance());
        assert!(!tokenizer.token_stream(" ").advance());
    }
}
