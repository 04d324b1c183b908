//! Folding: the form in which words are compared. Lower case, without diacritics, with compatibility characters
//! written out, so that `Café`, `CAFE` and `cafe` are the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Appends the folded form of one character.
pub fn fold_char(letter: char, out: &mut String) {
    if letter.is_ascii() {
        out.push(letter.to_ascii_lowercase());
        return;
    }
    match letter {
        // Letters with a stroke or a ligature have no decomposition.
        'ß' | 'ẞ' => out.push_str("ss"),
        'æ' | 'Æ' => out.push_str("ae"),
        'œ' | 'Œ' => out.push_str("oe"),
        'ø' | 'Ø' => out.push('o'),
        'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
        'ł' | 'Ł' => out.push('l'),
        'þ' | 'Þ' => out.push_str("th"),
        'ı' => out.push('i'),
        // A Hangul syllable and voiced kana would fall apart.
        '\u{3041}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}' => out.push(letter),
        letter => {
            for part in std::iter::once(letter).nfkd() {
                if is_diacritic(part) {
                    continue;
                }
                out.extend(part.to_lowercase().filter(|lower| !is_diacritic(*lower)));
            }
        }
    }
}

/// A combining mark of the Latin, Greek and Cyrillic scripts. In other scripts marks are vowels and belong to the word.
pub fn is_diacritic(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36F}') && is_combining_mark(letter)
}

/// The folded form of a text.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        fold_char(letter, &mut out);
    }
    out
}

/// The folded form of a whole name, as `source:` and `author:` compare it: folded, with single spaces and without
/// space at the ends. A name of nothing that folding leaves stays as it is.
pub fn fold_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        let end = out.len();
        if end > 0 {
            out.push(' ');
        }
        let start = out.len();
        for letter in word.chars() {
            fold_char(if letter == '’' { '\'' } else { letter }, &mut out);
        }
        if out.len() == start {
            out.truncate(end);
        }
    }
    if out.is_empty() { name.trim().to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::{fold, fold_name};

    #[test]
    fn folded_forms() {
        for (text, folded) in [
            ("Café", "cafe"),
            ("Cafe\u{301}", "cafe"),
            ("NESTLÉ", "nestle"),
            ("Ørsted", "orsted"),
            ("Łódź", "lodz"),
            ("Straße", "strasse"),
            ("İstanbul", "istanbul"),
            ("Ａｍａｚｏｎ", "amazon"),
            ("ﬁnance", "finance"),
            ("삼성", "삼성"),
            ("Москва", "москва"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
            assert_eq!(fold(folded), folded, "folding twice changes nothing");
        }
    }

    #[test]
    fn names_have_single_spaces() {
        assert_eq!(fold_name("  Süddeutsche\u{a0}  Zeitung "), "suddeutsche zeitung");
        assert_eq!(fold_name("Barron’s"), "barron's");
        assert_eq!(fold_name("a \u{31f} b"), "a b");
        assert_eq!(fold_name(" \u{31f} "), "\u{31f}", "a name all the same");
    }
}
