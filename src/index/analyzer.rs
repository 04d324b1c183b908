//! What stands in the term dictionary of a text field.
//!
//! One field holds both views of a text. A word gives two terms at one position: its *exact* form as it is (folded),
//! and its *stem* behind [`STEM_MARK`]. A word that is no other's stem has one term for both views. Prefixes, wildcards and misspelt words are looked up among the exact forms,
//! which the mark keeps apart; plain words ask for the stem; quoted ones for the exact form.
//!
//! Stems of other languages than English have the code of their language between the mark and a colon, so that each
//! article has the stems of one language alone: what a plain word asks for in several languages are terms of different
//! articles, and their numbers add up. Characters of Chinese, Japanese and Korean have no inflections: one term serves both
//! views.

use std::borrow::Cow;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;

use crate::text::fold_name;
use crate::text::stem::Stemmer;
use crate::text::token::{PAIR_MARK, Word, Words};

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
        _ => term.push_str(form),
    }
}

/// Stands for every language that has no stemmer.
const UNKNOWN: &str = "-";

/// A text for the analyzer with the language that its words are stemmed in.
pub(crate) fn in_language<'t>(lang: Option<&str>, text: &'t str) -> Cow<'t, str> {
    let code = match Stemmer::of(lang) {
        Stemmer::English(_) => "",
        Stemmer::Of(code, _) => code,
        Stemmer::None => UNKNOWN,
    };
    // Nothing has to be said of English; a text that begins like a mark is no mark.
    if code.is_empty() && !text.starts_with(STEM_MARK) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{STEM_MARK}{code}{STEM_MARK}{text}"))
}

/// The stemmer that a text names at its beginning, and the rest of it.
fn language_of(text: &str) -> (Stemmer, &str) {
    let named = text.strip_prefix(STEM_MARK).and_then(|text| text.split_once(STEM_MARK));
    match named {
        Some((code, text)) => (Stemmer::of((!code.is_empty()).then_some(code)), text),
        None => (Stemmer::english(), text),
    }
}

/// Gives the terms of running text.
#[derive(Clone, Default)]
pub(crate) struct TextTokenizer {
    token: Token,
}

impl Tokenizer for TextTokenizer {
    type TokenStream<'a> = TextTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TextTokenStream<'a> {
        self.token.reset();
        let (stemmer, text) = language_of(text);
        TextTokenStream {
            words: Words::new(text),
            stemmer,
            token: &mut self.token,
            waiting: Default::default(),
            waiting_count: 0,
        }
    }
}

/// Most terms of one word, but for the first: a stem, a second stem and the same of the form with signs.
const MOST_WAITING: usize = 5;

/// The terms of one text.
pub(crate) struct TextTokenStream<'a> {
    words: Words<'a>,
    stemmer: Stemmer,
    token: &'a mut Token,
    /// Further terms of the current word, last one first; the buffers are reused.
    waiting: [String; MOST_WAITING],
    waiting_count: usize,
}

impl TextTokenStream<'_> {
    fn wait(waiting: &mut [String; MOST_WAITING], count: &mut usize, write: impl FnOnce(&mut String)) {
        let term = &mut waiting[*count];
        term.clear();
        write(term);
        *count += 1;
    }
}

impl TokenStream for TextTokenStream<'_> {
    fn advance(&mut self) -> bool {
        if self.waiting_count > 0 {
            self.waiting_count -= 1;
            std::mem::swap(&mut self.token.text, &mut self.waiting[self.waiting_count]);
            return true;
        }
        let Some(word) = self.words.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = word.span.start;
        self.token.offset_to = word.span.end;
        self.token.text.clear();
        let (waiting, count) = (&mut self.waiting, &mut self.waiting_count);
        for form in [word.plain, word.signed].into_iter().filter(|form| !form.is_empty()) {
            let stemmer = &self.stemmer;
            if is_single(form) {
                // One term for both views.
            } else if !word.is_foreign {
                Self::wait(waiting, count, |term| push_stem(stemmer, form, term));
            } else if !word.is_cjk {
                let accented = stem_term(stemmer, form, &word);
                if let Some(bare) = bare_stem_term(stemmer, form, &accented, &word) {
                    Self::wait(waiting, count, |term| *term = bare);
                }
                Self::wait(waiting, count, |term| *term = accented);
            }
            if self.token.text.is_empty() {
                self.token.text.push_str(form);
            } else {
                Self::wait(waiting, count, |term| term.push_str(form));
            }
        }
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
    use super::{NameTokenizer, TextTokenizer, in_language, shown};
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    /// Terms with their positions, sorted; the marks as signs.
    fn listed(tokenizer: &mut TextTokenizer, text: &str) -> String {
        let mut stream = tokenizer.token_stream(text);
        let mut terms = Vec::new();
        while stream.advance() {
            let token = stream.token();
            let term = token.text.replace('\u{1}', "~").replace('\u{2}', "&");
            terms.push(format!("{}:{term}", token.position));
        }
        terms.sort();
        terms.join(" ")
    }

    fn terms(lang: &str, text: &str) -> String {
        listed(&mut TextTokenizer::default(), &in_language((!lang.is_empty()).then_some(lang), text))
    }

    #[test]
    fn each_language_has_stems_of_its_own() {
        for (lang, text, expected) in [
            ("en", "die layoffs of 2026", "0:die 0:~die 1:layoffs 1:~layoff 2:of 3:2026"),
            ("", "layoffs", "0:layoffs 0:~layoff"),
            ("de", "Die Entlassungen", "0:die 0:~de:die 1:entlassungen 1:~de:entlass"),
            ("fr", "annoncée", "0:annoncee 0:~fr:annonc 0:~fr:annonce"),
            ("pl", "zwolnienia", "0:zwolnienia 0:~:zwolnienia"),
            ("ja", "日本でAWS", "0:&日本 0:日 1:&本で 1:本 2:で 3:aws 3:~:aws"),
            ("fr", "l’usine à 9,000", "0:l 0:~fr:l 1:usine 1:~fr:usin 2:a 3:9000"),
            ("en", "\u{1}de\u{1}layoffs", "0:de 0:~de 1:layoffs 1:~layoff"),
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
        let mut tokenizer = TextTokenizer::default();
        for _ in 0..2 {
            assert_eq!(
                listed(&mut tokenizer, "Layoffs at Disney+, résumés in C++"),
                "0:layoffs 0:~layoff 1:at 2:disney 2:disney+ 2:~disney 3:resumes 3:~resumes 4:in 5:c++"
            );
        }
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
