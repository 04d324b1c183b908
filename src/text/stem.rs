//! Stemming: inflections of a word under one form (Snowball's English stemmer).

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};

/// Stems folded words.
pub struct EnglishStemmer(Stemmer);

impl Default for EnglishStemmer {
    fn default() -> Self {
        Self::new()
    }
}

impl EnglishStemmer {
    /// A stemmer; cheap to make.
    pub fn new() -> Self {
        Self(Stemmer::new(Algorithm::English))
    }

    /// The stem of a folded word. Words of three letters and fewer stand for themselves (`AWS` is no plural), and so
    /// does whatever holds a digit or a sign.
    pub fn stem<'w>(&self, word: &'w str) -> Cow<'w, str> {
        if word.len() <= 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Cow::Borrowed(word);
        }
        self.0.stem(word)
    }
}

#[cfg(test)]
mod tests {
    use super::EnglishStemmer;

    #[test]
    fn stems() {
        let stemmer = EnglishStemmer::new();
        for (word, stem) in [
            ("layoffs", "layoff"),
            ("restructuring", "restructur"),
            ("aws", "aws"),
            ("jobs", "job"),
            ("at&t", "at&t"),
            ("9000", "9000"),
            ("кризис", "кризис"),
        ] {
            assert_eq!(stemmer.stem(word), stem, "{word}");
        }
    }
}
