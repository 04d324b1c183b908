//! How much of two texts is the same: the resemblance of their word shingles (Broder, "On the resemblance and containment
//! of documents", 1997).
//!
//! A shingle is some words that follow each other. The resemblance of two texts is the number of shingles that both have,
//! divided by the number that any of them has: 1 for the same text, near 0 for texts that only treat the same thing.

use xxhash_rust::xxh3::Xxh3;

use super::token::Words;

/// Words of a shingle.
pub const SHINGLE_WORDS: usize = 4;

/// The shingles of a text, each once, as hashes in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shingles(Vec<u64>);

impl Shingles {
    /// The shingles of texts that follow each other. Case, accents and punctuation don't matter; texts of fewer words than
    /// a shingle has are one.
    pub fn of(texts: &[&str]) -> Self {
        let mut words = Vec::new();
        for text in texts {
            let mut reader = Words::new(text);
            while let Some(word) = reader.next() {
                words.push(xxhash_rust::xxh3::xxh3_64(word.specific().as_bytes()));
            }
        }
        if words.is_empty() {
            return Self::default();
        }
        let mut shingles: Vec<u64> = words.windows(SHINGLE_WORDS.min(words.len())).map(hash).collect();
        shingles.sort_unstable();
        shingles.dedup();
        Self(shingles)
    }

    /// 0 to 1; texts without words resemble nothing.
    pub fn resemblance(&self, other: &Self) -> f64 {
        let (mut left, mut right, mut both) = (0, 0, 0_usize);
        while let (Some(one), Some(two)) = (self.0.get(left), other.0.get(right)) {
            both += usize::from(one == two);
            left += usize::from(one <= two);
            right += usize::from(two <= one);
        }
        let any = self.0.len() + other.0.len() - both;
        if any == 0 { 0.0 } else { both as f64 / any as f64 }
    }
}

fn hash(words: &[u64]) -> u64 {
    let mut hasher = Xxh3::new();
    for word in words {
        hasher.update(&word.to_le_bytes());
    }
    hasher.digest()
}

#[cfg(test)]
mod tests {
    use super::Shingles;

    fn resemblance(left: &str, right: &str) -> f64 {
        Shingles::of(&[left]).resemblance(&Shingles::of(&[right]))
    }

    #[test]
    fn resemblance_counts_shingles_of_four_words() {
        for (left, right, expected) in [
            ("a b c d e", "A, b; c — d. É", 1.0),
            // abcd bcde against abcd bcdx.
            ("a b c d e", "a b c d x", 1.0 / 3.0),
            ("a b c d e", "e d c b a", 0.0),
            ("one two", "One two!", 1.0),
            ("one two", "one two three", 0.0),
            ("", "", 0.0),
            ("", "a", 0.0),
            // What is said twice counts once.
            ("a b c d a b c d", "a b c d a b c d a b c d", 1.0),
        ] {
            assert!((resemblance(left, right) - expected).abs() < 1e-9, "{left:?} and {right:?}");
            assert!((resemblance(right, left) - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn small_edits_leave_most_of_a_text() {
        let text: Vec<String> = (0..200).map(|number| format!("word{number}")).collect();
        let mut edited = text.clone();
        edited[20] = "changed".to_owned();
        edited.insert(100, "inserted".to_owned());
        edited.push("Reporting by A. Writer".to_owned());
        let found = resemblance(&text.join(" "), &edited.join(" "));
        assert!((0.9..1.0).contains(&found), "{found}");
    }
}
