//! Whether a text is plainly English, by the words that hold its sentences together. The statistics of letters that tell
//! languages apart compare a text with some fifty of them, which takes longer than reading an article otherwise does.

/// Bytes from the beginning of a text that are looked at.
const LOOKED_AT: usize = 800;

/// Words that say nothing in a shorter text.
const FEWEST: usize = 12;

/// Words that English has in nearly every sentence and no other language has among its frequent ones.
const WORDS: [&str; 24] = [
    "the", "and", "of", "to", "that", "with", "from", "this", "which", "their", "would", "have", "has", "been",
    "they", "its", "by", "for", "not", "but", "are", "is", "at", "as",
];

/// Whether the text is English beyond doubt; `false` says nothing.
pub(super) fn is_english(text: &str) -> bool {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let (mut words, mut known, mut articles, mut foreign) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut distinct = 0_u32;
    for word in text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '’') {
        if word.is_empty() {
            continue;
        }
        words += 1;
        if !word.is_ascii() {
            foreign += usize::from(!word.contains('’'));
            continue;
        }
        let Some(place) = WORDS.iter().position(|known| word.eq_ignore_ascii_case(known)) else { continue };
        known += 1;
        articles += usize::from(place == 0);
        distinct |= 1 << place;
    }
    words >= FEWEST
        && articles > 0
        && distinct.count_ones() >= 3
        && known * 6 >= words
        && foreign * 12 <= words
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn other_languages_are_not_taken_for_english() {
        for (text, expected) in [
            ("The company said on Monday that it would close its plant in Ohio and move the work to Texas, where it has a larger one.", true),
            ("L’Élysée, the company said in the café, would move to the naïve Texas with the works of its plant and the rest.", true),
            ("The company said so.", false),
            ("Das Unternehmen teilte am Montag mit, dass es das Werk in Ohio schließt und die Arbeit nach Texas verlegt, wo es ein größeres hat.", false),
            ("De onderneming zei maandag dat of de fabriek of het kantoor in Ohio sluit, en is nu bezig te kijken wat er met The Company by night moet.", false),
            ("The Who and The Cure : deux groupes du rock anglais reviennent sur scène à Paris pour une série de concerts cet été, avec un album.", false),
            ("", false),
        ] {
            assert_eq!(is_english(text), expected, "{text}");
        }
    }
}
