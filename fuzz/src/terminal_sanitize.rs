//! Printed text: nothing in it that acts on a terminal or turns the writing round, what was harmless is unchanged, and
//! making it safe twice changes nothing more. Cells of a table start no formula.

use dateline::cli::fuzzing::{clean, clean_lines, shorten, table, wrapped};

use crate::text;

/// C0 and C1, and what changes the direction of writing.
fn acts(letter: char) -> bool {
    matches!(
        letter,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

pub fn check(bytes: &[u8]) {
    let (numbers, rest) = bytes.split_at(bytes.len().min(4));
    let text = text(rest);
    let line = clean(&text);
    assert!(!line.contains(acts), "{line:?}");
    assert_eq!(clean(&line), line, "twice");
    if !text.contains(acts) {
        assert_eq!(line, text, "nothing had to be changed");
    }
    let lines = clean_lines(&text);
    assert!(!lines.contains(|letter| acts(letter) && letter != '\n'), "{lines:?}");
    assert_eq!(lines.matches('\n').count(), text.matches('\n').count());
    let short = shorten(&line, 20);
    assert!(!short.contains(acts) && (short == line || short.ends_with('…')));

    // Marked and wrapped, all words are there in their order.
    let places: Vec<usize> = numbers.iter().map(|number| usize::from(*number)).collect();
    let ranges: Vec<[usize; 2]> =
        places.chunks_exact(2).map(|pair| [pair[0], pair[0] + pair[1] % 16]).collect();
    let page = wrapped(&text, &ranges, 40);
    let plain = without_colours(&page);
    assert!(!plain.contains(|letter| acts(letter) && letter != '\n'), "{plain:?}");
    let squeeze =
        |text: &str| text.chars().filter(|letter| !matches!(letter, ' ' | '\n')).collect::<String>();
    assert_eq!(squeeze(&plain), squeeze(&line), "no word is lost");

    let written = table(&[text.clone()]).unwrap();
    assert!(!written.contains(|letter| acts(letter) && letter != '\n'), "{written:?}");
    let cell = written.strip_prefix("cell\n").unwrap();
    let cell = cell.strip_prefix('"').unwrap_or(cell).trim_start();
    let is_number = cell.trim_end().trim_end_matches('"').parse::<f64>().is_ok();
    assert!(is_number || !cell.starts_with(['=', '+', '-', '@']), "{cell:?} is a formula");
}

/// What is left of dateline's own colours: `ESC [ … m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('m').expect("a colour ends");
        assert!(code.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{code:?}");
        plain.push_str(rest);
    }
    plain
}
