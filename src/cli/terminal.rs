//! What reaches the screen: colours, widths, and text that can't do anything but be read.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::args::When;

/// Styles of all output. The colours are those that can be read on dark and on light.
pub(super) mod style {
    use super::{AnsiColor, Style};

    pub(in crate::cli) const RANK: Style = Style::new().dimmed();
    pub(in crate::cli) const TITLE: Style = Style::new().bold();
    pub(in crate::cli) const FAINT: Style = Style::new().dimmed();
    pub(in crate::cli) const COMPANY: Style = AnsiColor::Magenta.on_default();
    pub(in crate::cli) const DIVISION: Style = AnsiColor::BrightBlue.on_default();
    pub(in crate::cli) const TOPIC: Style = AnsiColor::Green.on_default();
    pub(in crate::cli) const MATCH: Style = AnsiColor::Red.on_default().bold();
    pub(in crate::cli) const BAR: Style = AnsiColor::Cyan.on_default();
    pub(in crate::cli) const ERROR: Style = AnsiColor::Red.on_default().bold();
    pub(in crate::cli) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
    pub(in crate::cli) const HINT: Style = AnsiColor::Green.on_default();
}

/// Where data goes. Colours are dropped where nobody sees them.
pub(super) fn stdout(when: When) -> AutoStream<io::StdoutLock<'static>> {
    AutoStream::new(io::stdout().lock(), colour_choice(when, &io::stdout()))
}

/// Where talk goes.
pub(super) fn stderr(when: When) -> AutoStream<io::StderrLock<'static>> {
    AutoStream::new(io::stderr().lock(), colour_choice(when, &io::stderr()))
}

/// Whether a stream shows colours.
pub(super) fn colour_choice(when: When, stream: &impl anstream::stream::RawStream) -> ColorChoice {
    match when {
        When::Auto => AutoStream::choice(stream),
        When::Always => ColorChoice::Always,
        When::Never => ColorChoice::Never,
    }
}

/// Columns of the terminal; 100 where there is none.
pub(super) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    columns
        .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(100)
        .clamp(40, 200)
}

/// A terminal behind standard output.
pub(super) struct Screen {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// What is known of the terminal behind standard output; none where there is none.
pub(super) fn screen() -> Option<Screen> {
    let (columns, rows) = terminal_size::terminal_size_of(io::stdout())?;
    Some(Screen { columns: usize::from(columns.0), rows: usize::from(rows.0) })
}

/// Whether somebody watches standard output.
pub(super) fn is_read() -> bool {
    io::stdout().is_terminal()
}

/// Whether somebody watches standard error.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether a character could move the cursor, change the direction of writing or hide text. Line breaks and tabs are
/// among them.
pub(super) fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Text of an article, a name or a file as it may be printed: spaces for line breaks and tabs, `\u{…}` for everything
/// that is not to be seen.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' => out.push(' '),
            letter if is_unsafe(letter) => out.extend(letter.escape_unicode()),
            letter => out.push(letter),
        }
    }
    out
}

/// The same for running text, whose line breaks stay.
pub(super) fn clean_lines(text: &str) -> String {
    text.split('\n').map(clean).collect::<Vec<_>>().join("\n")
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The beginning of a text that takes at most `room` columns, with "…" where something is left out.
pub(super) fn shorten(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used > room {
            break;
        }
        out.push(letter);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// A piece of text in one style.
pub(super) type Piece = (String, Style);

/// Text with byte ranges to mark, cut into pieces and made safe.
pub(super) fn marked(text: &str, ranges: &[[usize; 2]], plain: Style, mark: Style) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut end = 0;
    for &[from, to] in ranges {
        if from < end || to > text.len() || !text.is_char_boundary(from) || !text.is_char_boundary(to) {
            continue;
        }
        pieces.push((clean(&text[end..from]), plain));
        pieces.push((clean(&text[from..to]), mark));
        end = to;
    }
    pieces.push((clean(&text[end..]), plain));
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

/// Writes pieces as lines of at most `room` columns behind an indent. Words are not broken: one that is longer than a line,
/// such as an address, is left to the terminal, which copies it whole.
pub(super) fn wrap(out: &mut String, pieces: &[Piece], indent: usize, room: usize) {
    let room = room.saturating_sub(indent).max(20);
    let mut used = 0;
    for word in words(pieces) {
        let length: usize = word.pieces.iter().map(|(text, _)| columns(text)).sum();
        let gap = usize::from(word.is_behind_space);
        if used == 0 || used + gap + length > room {
            if used > 0 {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n(' ', indent));
            used = length;
        } else {
            out.extend(std::iter::repeat_n(' ', gap));
            used += gap + length;
        }
        for (text, style) in &word.pieces {
            paint(out, text, *style);
        }
    }
    out.push('\n');
}

/// What stays together on a line. It may change its style in the middle.
struct Word {
    pieces: Vec<Piece>,
    is_behind_space: bool,
}

/// Pieces cut where a line may break: at spaces, and between wide characters, which stand without them.
fn words(pieces: &[Piece]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut before = None;
    for (text, style) in pieces {
        for letter in text.chars() {
            if letter == ' ' {
                before = None;
                continue;
            }
            let is_new = before.is_none_or(|before| may_break(before, letter));
            if is_new {
                let is_behind_space = before.is_none();
                words.push(Word { pieces: Vec::new(), is_behind_space });
            }
            before = Some(letter);
            let Some(word) = words.last_mut() else { continue };
            match word.pieces.last_mut() {
                Some((text, last)) if *last == *style => text.push(letter),
                _ => word.pieces.push((letter.to_string(), *style)),
            }
        }
    }
    words
}

/// Whether a line may break between two characters that no space parts.
fn may_break(before: char, after: char) -> bool {
    const NOT_LAST: &str = "「『（【〈《［｛“‘";
    const NOT_FIRST: &str = "、。，．！？；：）」』】〉》］｝”’ーァィゥェォッャュョぁぃぅぇぉっゃゅょ々・…";
    const JOINER: char = '\u{200D}';
    let is_wide = |letter: char| letter.width() == Some(2);
    (is_wide(before) || is_wide(after))
        && before != JOINER
        && after.width() != Some(0)
        && !NOT_LAST.contains(before)
        && !NOT_FIRST.contains(after)
}

/// Appends text in a style. The text has to be clean.
pub(super) fn paint(out: &mut String, text: &str, style: Style) {
    out.push_str(&format!("{style}{text}{style:#}"));
}

/// Prints everything at once. A reader that has gone away is no error.
pub(super) fn print(when: When, text: &str) -> io::Result<()> {
    let is_plain = colour_choice(when, &io::stdout()) == ColorChoice::Never;
    // Stripped piece by piece a page would be a hundred writes.
    let text = if is_plain { Cow::Owned(strip_str(text).to_string()) } else { Cow::Borrowed(text) };
    let mut out = stdout(when);
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, clean, columns, marked, shorten, wrap};

    #[test]
    fn nothing_unseen_is_printed() {
        for (text, printed) in [
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("a\rb\tc\nd", "a b c d"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\u{202e}b\u{2066}c\u{200f}", "a\\u{202e}b\\u{2066}c\\u{200f}"),
            ("\u{61c}", "\\u{61c}"),
            ("\u{7f}\0", "\\u{7f}\\u{0}"),
            ("Nestlé 日本 👩‍👩‍👧", "Nestlé 日本 👩‍👩‍👧"),
        ] {
            assert_eq!(clean(text), printed);
            assert_eq!(clean(printed), printed);
        }
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(columns("日本ab"), 6);
        assert_eq!(shorten("日本語の記事", 7), "日本語…");
        assert_eq!(shorten("layoffs at Amazon", 8), "layoffs…");
        assert_eq!(shorten("short", 5), "short");
    }

    #[test]
    fn lines_break_between_words() {
        let text = "Amazon cuts eighteen thousand jobs in stores";
        let pieces = marked(text, &[[12, 29]], Style::new(), Style::new().bold());
        let mut out = String::new();
        wrap(&mut out, &pieces, 2, 26);
        let plain = anstream::adapter::strip_str(&out).to_string();
        assert_eq!(plain, "  Amazon cuts eighteen\n  thousand jobs in stores\n");
        assert!(plain.lines().all(|line| columns(line) <= 26));
    }

    #[test]
    fn lines_break_between_wide_characters_as_they_are_printed() {
        let shown = |text: &str, ranges: &[[usize; 2]]| {
            let mut out = String::new();
            wrap(&mut out, &marked(text, ranges, Style::new(), Style::new().bold()), 2, 22);
            anstream::adapter::strip_str(&out).to_string()
        };
        let text = "アマゾンは水曜日、日本国内の物流拠点を「大幅」に拡大。";
        let plain = shown(text, &[[0, 12]]);
        assert_eq!(plain, "  アマゾンは水曜日、日\n  本国内の物流拠点を\n  「大幅」に拡大。\n");
        assert!(plain.lines().all(|line| columns(line) <= 22));
        assert_eq!(shown("東京 Amazon 拡大", &[]), "  東京 Amazon 拡大\n");
        assert_eq!(shown("https://news.example/a-long-address-of-an-article x", &[]).lines().count(), 2);
        let family = "👩\u{200D}👩\u{200D}👧";
        assert_eq!(columns(family), 2);
        assert_eq!(shown(&family.repeat(12), &[]).lines().count(), 2, "ten to a line, none cut");
    }
}
