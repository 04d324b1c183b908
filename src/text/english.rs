//! Whether a text is plainly English, by the words that hold its sentences together. The statistics of letters that tell
//! languages apart compare a text with some fifty of them, which takes longer than reading an article otherwise does.

/// Bytes from the beginning of a text that are looked at, at most.
const LOOKED_AT: usize = 1600;

/// After so many words it is seen whether they are enough.
const STEP: usize = 40;

/// Words that say nothing in a shorter text.
const FEWEST: usize = 12;

/// Words that English has in nearly every sentence.
const WORDS: [&str; 24] = [
    "the", "and", "that", "with", "from", "this", "which", "their", "would", "has", "been", "they", "its",
    "of", "to", "have", "by", "for", "not", "but", "are", "is", "at", "as",
];

/// So many of them, the first ones, are words of no other language at all; Dutch has an *of*, Danish an *at* and a *have*.
const OWN: u32 = 13;

/// Whether the text is English beyond doubt; `false` says nothing.
pub(super) fn is_english(text: &str) -> bool {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let mut seen = Seen::default();
    for word in text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '’') {
        if word.is_empty() {
            continue;
        }
        seen.add(word);
        if seen.words % STEP == 0 && seen.is_enough() {
            return true;
        }
    }
    seen.is_enough()
}

/// What was counted.
#[derive(Default)]
struct Seen {
    words: usize,
    /// Words of the list.
    known: usize,
    /// Words with letters that English doesn't have.
    foreign: usize,
    /// A bit for each word of the list.
    distinct: u32,
}

impl Seen {
    fn add(&mut self, word: &str) {
        self.words += 1;
        if !word.is_ascii() {
            self.foreign += usize::from(!word.contains('’'));
        } else if let Some(place) = WORDS.iter().position(|known| word.eq_ignore_ascii_case(known)) {
            self.known += 1;
            self.distinct |= 1 << place;
        }
    }

    /// The article among them, three different ones that no other language has, and every seventh word.
    fn is_enough(&self) -> bool {
        self.words >= FEWEST
            && self.distinct & 1 == 1
            && (self.distinct & ((1 << OWN) - 1)).count_ones() >= 3
            && self.known * 7 >= self.words
            && self.foreign * 12 <= self.words
    }
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn other_languages_are_not_taken_for_english() {
        for (text, expected) in [
            (
                "The company said on Monday that it would close its plant in Ohio and move the work to Texas, where it has a larger one.",
                true,
            ),
            (
                "L’Élysée, the company said in the café, would move to Texas with the works of its plant and the rest.",
                true,
            ),
            ("The company said so.", false),
            (
                "Das Unternehmen teilte am Montag mit, dass es das Werk in Ohio schließt und die Arbeit nach Texas verlegt, wo es ein größeres hat.",
                false,
            ),
            (
                "De onderneming zei maandag dat of de fabriek of het kantoor in Ohio sluit, en is nu bezig te kijken wat er met The Company by night moet.",
                false,
            ),
            (
                "The Who and The Cure : deux groupes du rock anglais reviennent sur scène à Paris pour une série de concerts cet été, avec un album.",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(is_english(text), expected, "{text}");
        }
    }
}
