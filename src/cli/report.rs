//! Errors and warnings: one reason, the place, what to do; and the exit status.

use std::io::Write;

use super::args::When;
use super::terminal::{clean, columns, stderr, style};
use crate::error::{Error, ErrorKind};

/// Exit statuses; the table stands in the help, the man page and `docs/cli.md`.
pub(super) mod status {
    pub(in crate::cli) const DONE: u8 = 0;
    pub(in crate::cli) const NOTHING_FOUND: u8 = 1;
    pub(in crate::cli) const USAGE: u8 = 2;
    pub(in crate::cli) const SKIPPED: u8 = 3;
    pub(in crate::cli) const LOCKED: u8 = 4;
    pub(in crate::cli) const IO: u8 = 5;
    pub(in crate::cli) const DAMAGED: u8 = 6;
    pub(in crate::cli) const DEFECT: u8 = 70;
    pub(in crate::cli) const INTERRUPTED: u8 = 130;
}

/// The exit status of an error.
pub(super) fn status_of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Query | ErrorKind::Argument | ErrorKind::NotFound | ErrorKind::Gazetteer => status::USAGE,
        ErrorKind::Locked => status::LOCKED,
        ErrorKind::Io => status::IO,
        ErrorKind::Damaged | ErrorKind::Format => status::DAMAGED,
        ErrorKind::Cancelled => status::INTERRUPTED,
        ErrorKind::Internal => status::DEFECT,
    }
}

/// Prints an error with a caret under its place.
pub(super) fn error(when: When, error: &Error) {
    let mut text = format!("{}dateline:{:#} {}\n", style::ERROR, style::ERROR, clean(error.message()));
    if let Some((whole, span)) = error.place() {
        text.push_str(&caret(whole, &span));
    }
    if let Some(hint) = error.hint() {
        text.push_str(&format!("{}hint:{:#} {}\n", style::HINT, style::HINT, clean(hint)));
    }
    say(when, &text);
}

/// The text that is wrong with a mark under the part that the error is about; of a long one the part around it.
fn caret(whole: &str, span: &std::ops::Range<usize>) -> String {
    const AROUND: usize = 60;
    let (Some(before), Some(wrong), Some(after)) =
        (whole.get(..span.start), whole.get(span.clone()), whole.get(span.end..))
    else {
        return String::new();
    };
    let skipped = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(at, _)| at);
    let before = format!("{}{}", if skipped > 0 { "…" } else { "" }, clean(&before[skipped..]));
    let kept = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
    let after = format!("{}{}", clean(&after[..kept]), if kept < after.len() { "…" } else { "" });
    let wrong = clean(wrong);
    let marks = "^".repeat(columns(&wrong).max(1));
    let (error, indent) = (style::ERROR, " ".repeat(columns(&before)));
    format!("  {before}{wrong}{after}\n  {indent}{error}{marks}{error:#}\n")
}

/// Prints a warning.
pub(super) fn warning(when: When, text: &str) {
    say(when, &format!("{}warning:{:#} {}\n", style::WARNING, style::WARNING, clean(text)));
}

/// Prints a line of talk.
pub(super) fn note(when: When, text: &str) {
    say(when, &format!("{}dateline:{:#} {}\n", style::FAINT, style::FAINT, clean(text)));
}

fn say(when: When, text: &str) {
    // There is nobody to tell when standard error is closed.
    let _ = stderr(when).write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::caret;

    #[test]
    fn the_mark_stands_under_the_place() {
        let plain = |whole: &str, span| anstream::adapter::strip_str(&caret(whole, &span)).to_string();
        assert_eq!(
            plain("layoffs company:amazn", 16..21),
            "  layoffs company:amazn\n                  ^^^^^\n"
        );
        assert_eq!(plain("日本 (a", 7..8), "  日本 (a\n       ^\n");
        assert_eq!(plain("a", 1..1), "  a\n   ^\n");
        let long = "x ".repeat(100);
        let shown = plain(&long, 100..101);
        assert!(shown.starts_with("  …x") && shown.lines().all(|line| line.chars().count() < 130), "{shown}");
    }
}
