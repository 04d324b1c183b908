//! What stands in the term dictionary of a text field.
//!
//! One field holds both views of a text. A word gives two terms at one position: its *exact* form as it is (folded),
//! and its *stem* behind [`STEM_MARK`]. Prefixes, wildcards and misspelt words are looked up among the exact forms,
//! which the mark keeps apart; plain words ask for the stem; quoted ones for the exact form.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::text::fold_name;
use crate::text::stem::EnglishStemmer;
use crate::text::token::{Word, Words};

/// Stands before every stem. No exact form begins with it.
pub(crate) const STEM_MARK: char = '\u{1}';

/// Name of the analyzer of text fields.
pub(crate) const TEXT: &str = "dateline_text_1";

/// Name of the analyzer of whole names.
pub(crate) const NAME: &str = "dateline_name_1";

/// The term of a plain word: its stem.
pub(crate) fn stem_term(stemmer: &EnglishStemmer, form: &str, is_foreign: bool) -> String {
    let mut term = String::with_capacity(form.len() + 1);
    push_stem(stemmer, form, is_foreign, &mut term);
    term
}

fn push_stem(stemmer: &EnglishStemmer, form: &str, is_foreign: bool, term: &mut String) {
    term.push(STEM_MARK);
    // "résumés" folded looks English and is not: words with foreign letters keep their form.
    if is_foreign {
        term.push_str(form);
    } else {
        term.push_str(&stemmer.stem(form));
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
        TextTokenStream {
            words: Words::new(text),
            stemmer: EnglishStemmer::new(),
            token: &mut self.token,
            waiting: [String::new(), String::new(), String::new()],
            waiting_count: 0,
        }
    }
}

/// The terms of one text.
pub(crate) struct TextTokenStream<'a> {
    words: Words<'a>,
    stemmer: EnglishStemmer,
    token: &'a mut Token,
    /// Further terms of the current word, last one first; the buffers are reused.
    waiting: [String; 3],
    waiting_count: usize,
}

impl TextTokenStream<'_> {
    fn wait(waiting: &mut [String; 3], count: &mut usize, write: impl FnOnce(&mut String)) {
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
        let Some(Word { span, plain, signed, is_foreign }) = self.words.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = span.start;
        self.token.offset_to = span.end;
        self.token.text.clear();
        let (waiting, count) = (&mut self.waiting, &mut self.waiting_count);
        for form in [plain, signed].into_iter().filter(|form| !form.is_empty()) {
            let stemmer = &self.stemmer;
            Self::wait(waiting, count, |term| push_stem(stemmer, form, is_foreign, term));
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
    use super::{NameTokenizer, TextTokenizer};
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    #[test]
    fn both_views_stand_at_one_position() {
        let mut tokenizer = TextTokenizer::default();
        for _ in 0..2 {
            let mut stream = tokenizer.token_stream("Layoffs at Disney+, résumés in C++");
            let mut terms = Vec::new();
            while stream.advance() {
                let token = stream.token();
                terms.push(format!("{}:{}", token.position, token.text.replace('\u{1}', "~")));
            }
            terms.sort();
            assert_eq!(
                terms.join(" "),
                "0:layoffs 0:~layoff 1:at 1:~at 2:disney 2:disney+ 2:~disney 2:~disney+ 3:resumes 3:~resumes 4:in \
                 4:~in 5:c++ 5:~c++"
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
