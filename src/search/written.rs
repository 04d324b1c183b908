//! Words as readers write them: of the forms that share a stem, the one that stands most often in the articles read.

use std::collections::{BTreeMap, HashMap};

use super::expand::each_content_word;
use crate::article::Article;

/// What was read of a stem.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// Articles that have it.
    pub(super) articles: u32,
    /// Places where it stands.
    pub(super) places: u32,
    /// Its forms with the number of places.
    forms: BTreeMap<String, u32>,
}

impl Written {
    /// The most frequent form. Of equal ones the one in small letters, which is no beginning of a sentence.
    pub(super) fn form(&self) -> &str {
        let best = self.forms.iter().max_by(|(left, times), (right, others)| {
            let is_small = |form: &str| form.chars().all(|letter| !letter.is_uppercase());
            times.cmp(others).then_with(|| is_small(left).cmp(&is_small(right))).then_with(|| right.cmp(left))
        });
        best.map_or("", |(form, _)| form)
    }
}

/// Content words of articles by the term of their stem; numbers are none.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary(pub(super) HashMap<String, Written>);

impl Vocabulary {
    /// Adds the words of an article.
    pub(super) fn read(&mut self, article: &Article) {
        let mut here: HashMap<String, Written> = HashMap::new();
        each_content_word(article, |term, written| {
            if !written.chars().any(char::is_alphabetic) {
                return;
            }
            let word = here.entry(term).or_default();
            word.places += 1;
            *word.forms.entry(without_possessive(written).to_owned()).or_default() += 1;
        });
        for (term, word) in here {
            let all = self.0.entry(term).or_default();
            all.articles += 1;
            all.places += word.places;
            for (form, times) in word.forms {
                *all.forms.entry(form).or_default() += times;
            }
        }
    }
}

/// `Amazon` of `Amazon's`.
fn without_possessive(word: &str) -> &str {
    ["'s", "’s", "'S", "’S"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::Vocabulary;
    use crate::article::Article;

    #[test]
    fn the_form_that_is_written_most_is_shown() {
        let mut words = Vocabulary::default();
        for body in [
            "Layoffs hit. The layoffs of Amazon's, layoffs. A layoff.",
            "Amazon, AMAZON and Amazon 18,000 in 2024",
        ] {
            words.read(&Article { body: body.to_owned(), ..Article::default() });
        }
        let mut shown: Vec<(&str, u32, u32)> =
            words.0.values().map(|word| (word.form(), word.articles, word.places)).collect();
        shown.sort_unstable();
        assert_eq!(shown, [("Amazon", 2, 4), ("hit", 1, 1), ("layoffs", 1, 4)]);
    }
}
