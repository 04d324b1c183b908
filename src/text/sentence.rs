//! Where paragraphs and sentences begin and end.

use std::ops::Range;

/// Words that end with a point and don't end a sentence, in lower case without the point, in order.
const ABBREVIATIONS: [&str; 59] = [
    "approx", "apr", "aug", "bros", "ca", "capt", "co", "col", "corp", "cos", "dec", "dept", "dr", "e.g",
    "est", "feb", "fig", "fri", "ft", "gen", "gov", "i.e", "inc", "jan", "jr", "jul", "jun", "lt", "ltd",
    "mar", "mon", "mr", "mrs", "ms", "mt", "no", "nos", "nov", "oct", "plc", "prof", "rep", "sat", "sen",
    "sep", "sept", "sgt", "sr", "st", "sun", "thu", "tue", "u.k", "u.n", "u.s", "v", "vol", "vs", "wed",
];

/// Bytes of the longest of them.
const LONGEST_ABBREVIATION: usize = 6;

/// Longest stretch that is looked through for the ends of a sentence, in bytes.
const REACH: usize = 2000;

/// The paragraphs of a text: what stands between blank lines.
pub fn paragraphs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let end = text[at..].find("\n\n").map_or(text.len(), |found| at + found);
            let range = at..end;
            at = (end + 2).min(text.len());
            if end == text.len() {
                at = text.len();
            }
            if !text[range.clone()].trim().is_empty() {
                return Some(range);
            }
        }
        None
    })
}

/// The sentences of a text, without the space around them. A sentence never crosses a blank line.
pub fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += text[at..].len() - text[at..].trim_start().len();
            if at >= text.len() {
                return None;
            }
            let end = end_of_sentence(text, at);
            let range = at..at + text[at..end].trim_end().len();
            at = end;
            if !range.is_empty() {
                return Some(range);
            }
        }
    })
}

/// The sentence that a byte of the text lies in.
pub fn around(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at.min(text.len().saturating_sub(1)));
    let from = text.floor_char_boundary(at.saturating_sub(REACH));
    let paragraph = text[from..at].rfind("\n\n").map_or(from, |found| from + found + 2);
    let mut start = paragraph;
    loop {
        start += text[start..].len() - text[start..].trim_start().len();
        if start >= at {
            start = start.min(at);
            break;
        }
        let end = end_of_sentence(text, start);
        if end > at {
            break;
        }
        start = end;
    }
    let end = end_of_sentence(text, start);
    start..start + text[start..end].trim_end().len()
}

/// The end of the sentence that begins at `start`: behind its last mark and the quotes that close with it.
fn end_of_sentence(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        // Bytes that a mark may begin with; what begins with the two foreign ones is mostly a letter.
        let is_candidate = |byte: &u8| matches!(byte, b'\n' | b'.' | b'!' | b'?' | 0xE3 | 0xEF);
        // Looked for in blocks without a branch, for which the compiler has wide registers.
        let (blocks, _) = bytes[at..].as_chunks::<32>();
        let has_none = |block: &&[u8; 32]| !block.iter().fold(false, |any, byte| any | is_candidate(byte));
        at += 32 * blocks.iter().take_while(has_none).count();
        let Some(offset) = bytes[at..].iter().position(is_candidate) else { return text.len() };
        at += offset;
        let Some(letter) = text[at..].chars().next() else { return text.len() };
        let behind = at + letter.len_utf8();
        match letter {
            '\n' if text[behind..].starts_with('\n') => return at,
            '。' | '！' | '？' | '｡' => {
                let closing = text[behind..]
                    .chars()
                    .take_while(|next| matches!(next, '」' | '』' | '”' | '’' | '）' | '！' | '？'));
                return behind + closing.map(char::len_utf8).sum::<usize>();
            }
            '.' | '!' | '?' => {
                let closing = text[behind..]
                    .chars()
                    .take_while(|next| matches!(next, '.' | '!' | '?' | '"' | '”' | '’' | '\'' | ')'));
                let end = behind + closing.map(char::len_utf8).sum::<usize>();
                let rest = &text[end..];
                if rest.is_empty() {
                    return end;
                }
                let is_end = rest.starts_with(char::is_whitespace)
                    // After a point a small letter goes on with the sentence.
                    && !(letter == '.'
                        && (rest.trim_start().starts_with(char::is_lowercase)
                            || is_abbreviation(&text[start..at])));
                if is_end {
                    return end;
                }
                at = end;
            }
            _ => at = behind,
        }
    }
}

/// Whether the text ends with a word that takes a point: an abbreviation or an initial.
fn is_abbreviation(before: &str) -> bool {
    let word = before
        .rsplit(|letter: char| letter.is_whitespace() || matches!(letter, '(' | '"' | '“'))
        .next()
        .unwrap_or("");
    let mut letters = word.chars();
    if let (Some(first), None) = (letters.next(), letters.next()) {
        // "J. P. Morgan", but not "Plan B. The".
        return first.is_uppercase() && first != 'I';
    }
    word.len() <= LONGEST_ABBREVIATION && ABBREVIATIONS.binary_search(&&*word.to_lowercase()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{ABBREVIATIONS, LONGEST_ABBREVIATION, around, paragraphs, sentences};

    fn split(text: &str) -> Vec<&str> {
        sentences(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn abbreviations_can_be_looked_up() {
        assert!(ABBREVIATIONS.is_sorted());
        assert_eq!(ABBREVIATIONS.iter().map(|word| word.len()).max(), Some(LONGEST_ABBREVIATION));
    }

    #[test]
    fn sentences_end_where_a_reader_stops() {
        for (text, expected) in [
            ("Amazon.com Inc. said so. It cut jobs.", vec!["Amazon.com Inc. said so.", "It cut jobs."]),
            (
                "The U.S. Senate met on Jan. 14. Nobody came!",
                vec!["The U.S. Senate met on Jan. 14.", "Nobody came!"],
            ),
            ("“We are done.” He left.", vec!["“We are done.”", "He left."]),
            ("It grew 3.5 percent. Why? Demand.", vec!["It grew 3.5 percent.", "Why?", "Demand."]),
            ("A heading\n\nA text without end", vec!["A heading", "A text without end"]),
            ("J. P. Morgan fell.", vec!["J. P. Morgan fell."]),
            ("今日は晴れ。明日も。", vec!["今日は晴れ。", "明日も。"]),
            ("社長は「減らす。」と話した。終わり", vec!["社長は「減らす。」", "と話した。", "終わり"]),
            ("真的吗？！是的。", vec!["真的吗？！", "是的。"]),
            ("", vec![]),
            ("\n\n  \n\n", vec![]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn the_sentence_around_a_place() {
        let text = "First one. The second is here. Third.\n\nNext paragraph.";
        for (word, sentence) in [
            ("First", "First one."),
            ("second", "The second is here."),
            ("Third", "Third."),
            ("Next", "Next paragraph."),
        ] {
            assert_eq!(&text[around(text, text.find(word).unwrap())], sentence);
        }
        assert_eq!(around("", 0), 0..0);
        assert_eq!(&text[around(text, 10_000)], "Next paragraph.");
    }

    #[test]
    fn paragraphs_stand_between_blank_lines() {
        let text = "one\ntwo\n\n\n\nthree\n\n";
        let found: Vec<&str> = paragraphs(text).map(|range| text[range].trim()).collect();
        assert_eq!(found, ["one\ntwo", "three"]);
    }
}
