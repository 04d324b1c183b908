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

use super::terms::Terms;
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

/// Writes the terms of texts in one language.
pub(crate) struct TermWriter {
    stemmer: Stemmer,
}

impl TermWriter {
    /// For texts in a language, by its code; that of English where it is not known.
    pub(crate) fn new(lang: Option<&str>) -> Self {
        Self { stemmer: Stemmer::of(lang) }
    }

    /// Appends the terms of a word, which is the next of its text.
    pub(crate) fn write(&self, word: &Word<'_>, out: &mut Terms) {
        let mut is_first = true;
        let mut push = |term: &str| {
            if std::mem::take(&mut is_first) { out.push_next(term) } else { out.push_beside(term) }
        };
        for form in [word.plain, word.signed].into_iter().filter(|form| !form.is_empty()) {
            push(form);
            // One term serves both views then. The forms of an English stem are looked up when it is asked for.
            if matches!(self.stemmer, Stemmer::English(_)) || word.is_cjk || is_single(form) {
                continue;
            }
            let stem = stem_term(&self.stemmer, form, word);
            let bare = bare_stem_term(&self.stemmer, form, &stem, word);
            for term in [Some(stem), bare].into_iter().flatten() {
                push(&term);
            }
        }
        // A word that folding leaves nothing of keeps its place.
        if is_first {
            out.push_next("");
        }
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
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    use super::{NameTokenizer, TermWriter, shown};
    use crate::index::terms::{Terms, tests::listed};
    use crate::text::token::Words;

    /// Terms with their positions, sorted; the marks as signs.
    fn terms(lang: &str, text: &str) -> String {
        let writer = TermWriter::new((!lang.is_empty()).then_some(lang));
        let (mut words, mut written) = (Words::new(text), Terms::default());
        while let Some(word) = words.next() {
            writer.write(&word, &mut written);
        }
        let shown = |(term, position): (String, u32)| {
            format!("{position}:{}", term.replace('\u{1}', "~").replace('\u{2}', "&"))
        };
        let mut terms: Vec<String> = listed(written.as_bytes()).into_iter().map(shown).collect();
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
