//! Text that is longer than the screen goes through a pager, as `git` and `man` do.
//!
//! The one that `DATELINE_PAGER` names, else `PAGER`, else `less`. Only where standard output is a terminal.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::{Command, Stdio};

use anstream::ColorChoice;

use super::args::{Paging, When};
use super::interrupt;
use super::terminal::{self, columns};

/// What `less` is told where the user has not set it up: end at once where all fits on the screen, show colours, leave
/// the text on the screen.
const LESS: &str = "FRX";

/// Prints text for a reader, page by page where it is longer than the screen. A reader that has gone away is no error.
pub(super) fn print(when: When, paging: Paging, text: &str) -> io::Result<()> {
    match pager(paging, text) {
        Some(words) if page(when, &words, text)? => Ok(()),
        _ => terminal::print(when, text),
    }
}

/// The words of the command, where one is wanted.
fn pager(paging: Paging, text: &str) -> Option<Vec<String>> {
    if paging == Paging::Never || !io::stdout().is_terminal() {
        return None;
    }
    let screen = terminal::screen()?;
    let set = |name: &str| std::env::var(name).ok();
    let words = chosen(set("DATELINE_PAGER").or_else(|| set("PAGER")).as_deref())?;
    (height(text, screen.columns) >= screen.rows).then_some(words)
}

/// The words of a command as a shell reads them; none where it is empty, can't be read, or only copies.
fn chosen(command: Option<&str>) -> Option<Vec<String>> {
    let words = shlex::split(command.unwrap_or("less"))?;
    words.first().is_some_and(|program| !program.is_empty() && program != "cat").then_some(words)
}

/// Lines that a text takes on a screen.
fn height(text: &str, width: usize) -> usize {
    let plain = anstream::adapter::strip_str(text).to_string();
    plain.lines().map(|line| columns(line).div_ceil(width.max(1)).max(1)).sum()
}

/// Whether the pager took the text: it is `false` where there is no such program.
fn page(when: When, words: &[String], text: &str) -> io::Result<bool> {
    let Some((program, arguments)) = words.split_first() else { return Ok(false) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", LESS);
    }
    // An interruption is for the pager, which has the terminal, and would leave it in disorder if it lost its parent.
    interrupt::leave_to_child(true);
    let Ok(mut child) = command.spawn() else {
        interrupt::leave_to_child(false);
        return Ok(false);
    };
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| {
        if terminal::colour_choice(when, &io::stdout()) == ColorChoice::Never {
            write!(stdin, "{}", anstream::adapter::strip_str(text))
        } else {
            stdin.write_all(text.as_bytes())
        }
    });
    let ended = child.wait();
    interrupt::leave_to_child(false);
    ended?;
    match written {
        // The reader has left before the end.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(true),
        outcome => outcome.map(|()| true),
    }
}

#[cfg(test)]
mod tests {
    use super::{chosen, height};

    #[test]
    fn the_command_is_read_as_a_shell_reads_it() {
        for (command, words) in [
            (None, Some(vec!["less"])),
            (Some("most"), Some(vec!["most"])),
            (Some("less -P 'a page'"), Some(vec!["less", "-P", "a page"])),
            (Some(""), None),
            (Some("  "), None),
            (Some("cat"), None),
            (Some("less 'unclosed"), None),
        ] {
            let words = words.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(chosen(command), words, "{command:?}");
        }
    }

    #[test]
    fn lines_that_are_wider_than_the_screen_count_as_several() {
        for (text, lines) in [
            ("", 0),
            ("a\n", 1),
            ("a\n\nb\n", 3),
            ("0123456789\n", 1),
            ("01234567890\n", 2),
            ("日本日本日本\n", 2),
        ] {
            assert_eq!(height(text, 10), lines, "{text}");
        }
        assert_eq!(height("\u{1b}[1m0123456789\u{1b}[0m\n", 10), 1, "styles take no room");
    }
}
