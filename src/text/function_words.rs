//! Words that hold a sentence together and say nothing of what it is about.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::token::{PAIR_MARK, Words};

/// Articles, pronouns, prepositions, conjunctions, auxiliaries and question words of English, folded. What is a name
/// as well stays out (`US`).
const FUNCTION_WORDS: &[&str] = &[
    "a",
    "about",
    "above",
    "across",
    "after",
    "again",
    "against",
    "all",
    "almost",
    "along",
    "already",
    "also",
    "although",
    "always",
    "am",
    "among",
    "an",
    "and",
    "another",
    "any",
    "anybody",
    "anyone",
    "anything",
    "anywhere",
    "are",
    "arent",
    "around",
    "as",
    "at",
    "be",
    "became",
    "because",
    "become",
    "been",
    "before",
    "being",
    "below",
    "between",
    "both",
    "but",
    "by",
    "can",
    "cannot",
    "cant",
    "could",
    "couldnt",
    "did",
    "didnt",
    "do",
    "does",
    "doesnt",
    "doing",
    "done",
    "dont",
    "down",
    "during",
    "each",
    "either",
    "else",
    "enough",
    "etc",
    "even",
    "ever",
    "every",
    "for",
    "from",
    "further",
    "get",
    "had",
    "has",
    "hasnt",
    "have",
    "havent",
    "having",
    "he",
    "her",
    "here",
    "hers",
    "herself",
    "him",
    "himself",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "into",
    "is",
    "isnt",
    "it",
    "its",
    "itself",
    "just",
    "least",
    "many",
    "may",
    "me",
    "might",
    "mine",
    "more",
    "most",
    "much",
    "must",
    "my",
    "myself",
    "neither",
    "no",
    "nobody",
    "nor",
    "not",
    "nothing",
    "now",
    "of",
    "off",
    "often",
    "on",
    "once",
    "only",
    "onto",
    "or",
    "other",
    "others",
    "our",
    "ours",
    "ourselves",
    "out",
    "over",
    "perhaps",
    "really",
    "same",
    "shall",
    "she",
    "should",
    "shouldnt",
    "since",
    "so",
    "some",
    "something",
    "such",
    "than",
    "that",
    "the",
    "their",
    "theirs",
    "them",
    "themselves",
    "then",
    "there",
    "therefore",
    "these",
    "they",
    "this",
    "those",
    "though",
    "through",
    "thus",
    "to",
    "together",
    "too",
    "toward",
    "towards",
    "under",
    "until",
    "up",
    "upon",
    "use",
    "used",
    "using",
    "very",
    "via",
    "was",
    "wasnt",
    "we",
    "well",
    "were",
    "werent",
    "what",
    "whatever",
    "when",
    "whenever",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "within",
    "without",
    "wont",
    "would",
    "wouldnt",
    "yet",
    "you",
    "your",
    "yours",
    "yourself",
];

/// The same of other languages, by their codes in ISO 639-1.
static OTHERS: LazyLock<[(&str, HashSet<&str>); 6]> = LazyLock::new(|| {
    [
        ("de", include_str!("function_words/de.txt")),
        ("es", include_str!("function_words/es.txt")),
        ("fr", include_str!("function_words/fr.txt")),
        ("it", include_str!("function_words/it.txt")),
        ("nl", include_str!("function_words/nl.txt")),
        ("pt", include_str!("function_words/pt.txt")),
    ]
    .map(|(lang, words)| (lang, words.split_whitespace().collect()))
});

/// Whether a folded word is one in a language, by its code in ISO 639-1; `None` is English. Words in Hiragana are endings and
/// particles in any.
pub fn is_function_word(lang: Option<&str>, word: &str) -> bool {
    match lang {
        None | Some("en") => FUNCTION_WORDS.binary_search(&word).is_ok() || is_hiragana(word),
        Some(lang) => {
            let words = OTHERS.iter().find(|(code, _)| *code == lang);
            words.is_some_and(|(_, words)| words.contains(word)) || is_hiragana(word)
        }
    }
}

fn is_hiragana(word: &str) -> bool {
    let word = word.trim_start_matches(PAIR_MARK);
    !word.is_empty() && word.chars().all(|letter| matches!(letter, '\u{3041}'..='\u{309F}'))
}

/// The language that most function words of a text belong to; `None` of fewer than two, or where two languages have as
/// many.
pub fn most_function_words(text: &str) -> Option<&'static str> {
    let mut counts = [0; 7];
    let mut words = Words::new(text);
    while let Some(word) = words.next() {
        counts[0] += usize::from(is_function_word(None, word.plain));
        for (count, (_, known)) in counts[1..].iter_mut().zip(&*OTHERS) {
            *count += usize::from(known.contains(word.plain));
        }
    }
    let most = *counts.iter().max().filter(|most| **most >= 2)?;
    let mut best = (0..counts.len()).filter(|at| counts[*at] == most);
    match (best.next()?, best.next()) {
        (0, None) => Some("en"),
        (at, None) => Some(OTHERS[at - 1].0),
        _ => None,
    }
}

/// The language that a question is in by its function words, English where they don't say.
pub fn likely_language(text: &str) -> &'static str {
    most_function_words(text).unwrap_or("en")
}

#[cfg(test)]
mod tests {
    use super::{FUNCTION_WORDS, OTHERS, is_function_word, likely_language};
    use crate::text::fold;

    #[test]
    fn the_list_is_in_order() {
        assert!(FUNCTION_WORDS.is_sorted(), "a binary search needs the order");
        assert!(is_function_word(None, "the") && is_function_word(Some("en"), "dont"));
        assert!(!is_function_word(None, "us") && !is_function_word(None, "amazon"));
    }

    #[test]
    fn each_language_has_its_own() {
        for (lang, word, is_one) in [
            ("de", "der", true),
            ("de", "the", false),
            ("fr", "dans", true),
            ("es", "para", true),
            ("it", "della", true),
            ("pt", "nao", true),
            ("nl", "het", true),
            ("pl", "the", false),
            ("ja", "から", true),
            ("ja", "東京", false),
        ] {
            assert_eq!(is_function_word(Some(lang), word), is_one, "{lang} {word}");
        }
        for (lang, words) in &*OTHERS {
            assert!(words.iter().all(|word| fold(word) == **word), "{lang}: words are folded");
        }
    }

    #[test]
    fn a_question_has_the_language_of_its_function_words() {
        for (text, lang) in [
            ("how many jobs does the company cut", "en"),
            ("wie viele Stellen streicht der Konzern", "de"),
            ("combien de postes sont supprimés dans le groupe", "fr"),
            ("die hard", "en"),
            ("layoffs", "en"),
        ] {
            assert_eq!(likely_language(text), lang, "{text}");
        }
    }
}
