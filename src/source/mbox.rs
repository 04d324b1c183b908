//! A mailbox in one file (mbox) to its messages.
//!
//! A message begins at a line with `From ` that has a date, or that headers follow. Lines of a text that begin so are quoted with
//! `>` (mboxrd, mboxo); the quote is taken away.

use std::io::{self, BufRead};

use super::lines;
use super::sink::Sink;
use super::{Form, Limits};
use crate::control::Cancel;
use crate::error::Result;

const MARK: &[u8] = b"From ";

/// Whether a text begins as a mailbox does.
pub(super) fn is_mailbox(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    first.starts_with(MARK) && (has_date(first) || lines.next().is_some_and(is_header))
}

/// Whether a file's first lines are those of a message.
pub(super) fn is_message(text: &[u8]) -> bool {
    const SENDERS: [&[u8]; 2] = [b"from:", b"sender:"];
    const OTHERS: [&[u8]; 6] =
        [b"date:", b"subject:", b"message-id:", b"received:", b"mime-version:", b"return-path:"];
    let (mut is_sent, mut others) = (false, 0);
    for line in text.split(|byte| *byte == b'\n').take(200) {
        if line.trim_ascii().is_empty() {
            break;
        }
        if !is_header(line) && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            return false;
        }
        let begins =
            |name: &&[u8]| line.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        is_sent |= SENDERS.iter().any(&begins);
        others += usize::from(OTHERS.iter().any(begins));
    }
    is_sent && others >= 2
}

/// A message of which the end was not read yet.
#[derive(Default)]
struct Open {
    line: u64,
    bytes: Vec<u8>,
    is_too_large: bool,
}

/// Gives every message as a record with the line that it begins at.
pub(super) fn read(
    reader: &mut impl BufRead,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    let mut open: Option<Open> = None;
    // A line that may begin a message, until the next one shows it.
    let mut held: Option<(u64, Vec<u8>)> = None;
    let mut is_behind_blank = true;
    let mut is_any = false;
    let outcome = lines::each(reader, limits.max_line, cancel, |number, line| {
        is_any = true;
        if let Some((at, mark)) = held.take() {
            if line.is_some_and(is_header) {
                close(&mut open, sink)?;
                open = Some(Open { line: at, ..Open::default() });
            } else {
                push(&mut open, &mark, limits);
            }
        }
        let Some(line) = line else {
            let begun = open.get_or_insert_with(|| Open { line: number, ..Open::default() });
            begun.is_too_large = true;
            return Ok(());
        };
        if line.starts_with(MARK) && has_date(line) {
            close(&mut open, sink)?;
            open = Some(Open { line: number, ..Open::default() });
        } else if line.starts_with(MARK) && is_behind_blank {
            held = Some((number, line.to_vec()));
        } else {
            if open.is_none() && !line.is_empty() {
                open = Some(Open { line: number, ..Open::default() });
            }
            push(&mut open, unquoted(line), limits);
        }
        is_behind_blank = line.is_empty();
        Ok(())
    })?;
    if let Some((_, mark)) = held {
        push(&mut open, &mark, limits);
    }
    close(&mut open, sink)?;
    if !is_any && outcome.is_ok() {
        sink.skip(None, "empty", "the file is empty")?;
    }
    Ok(outcome)
}

fn push(open: &mut Option<Open>, line: &[u8], limits: &Limits) {
    let Some(message) = open.as_mut().filter(|message| !message.is_too_large) else { return };
    if message.bytes.len() + line.len() + 1 > limits.max_whole {
        message.is_too_large = true;
        message.bytes = Vec::new();
        return;
    }
    message.bytes.extend_from_slice(line);
    message.bytes.push(b'\n');
}

fn close(open: &mut Option<Open>, sink: &mut Sink<'_>) -> Result<()> {
    match open.take() {
        Some(message) if message.is_too_large => {
            sink.skip(Some(message.line), "too-large", "the message, or a line of it, is too long")
        }
        Some(message) if message.bytes.trim_ascii().is_empty() => {
            sink.skip(Some(message.line), "empty", "the message is empty")
        }
        Some(message) => sink.record(Form::Mail, message.bytes, Some(message.line)),
        None => Ok(()),
    }
}

/// `>From ` and `>>From ` without their first sign.
fn unquoted(line: &[u8]) -> &[u8] {
    let signs = line.iter().take_while(|byte| **byte == b'>').count();
    if signs > 0 && line[signs..].starts_with(MARK) { &line[1..] } else { line }
}

/// Whether a line with the mark has a date as mailboxes write it: `From a@b.example Tue Jan 16 07:00:00 2024`.
fn has_date(line: &[u8]) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let rest = String::from_utf8_lossy(&line[MARK.len()..line.len().min(200)]);
    // The first word is the sender.
    let words = || rest.split_whitespace().skip(1);
    let is_time =
        |word: &str| word.contains(':') && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    line.len() <= 200
        && words().any(|word| MONTHS.contains(&word))
        && words().any(is_time)
        && words().any(is_year)
}

/// Whether a line is a header: a name, a colon.
fn is_header(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| byte.is_ascii_graphic() && **byte != b':').count();
    (1..=76).contains(&name) && line.get(name) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::{is_mailbox, is_message};
    use crate::source::{Found, Limits, read_bytes};

    fn read(text: &str, limits: &Limits) -> Vec<String> {
        let mut found = Vec::new();
        read_bytes("box", text.as_bytes(), limits, &mut |item| {
            found.push(match item {
                Found::Record(record) => {
                    format!("{} {}", record.origin.line.unwrap(), String::from_utf8(record.bytes).unwrap())
                }
                Found::Skipped(skipped) | Found::Warned(skipped) => {
                    format!("! {} {}", skipped.at, skipped.class)
                }
            });
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn messages_are_cut_and_unquoted() {
        let text = "From a@b.example Tue Jan 16 07:00:00 2024\nSubject: one\n\n>From here on\n>>From there\n\nFrom now on it is text.\nYes.\n\n\
                    From - Wed Jan 17 07:00:00 2024\r\nSubject: two\r\n\r\nText.\r\n\
                    From c@d.example Wed Jan 17 08:00:00 +0000 2024\nSubject: three\n\n.\n\nFrom nobody\nSubject: four\n\nFrom 7:30 on, 2024\n";
        assert_eq!(
            read(text, &Limits::default()),
            [
                "1 Subject: one\n\nFrom here on\n>From there\n\nFrom now on it is text.\nYes.\n\n",
                "10 Subject: two\n\nText.\n",
                "14 Subject: three\n\n.\n\n",
                "19 Subject: four\n\nFrom 7:30 on, 2024\n",
            ]
        );
    }

    #[test]
    fn messages_are_bounded() {
        let limits = Limits { max_line: 50, max_whole: 100, ..Limits::default() };
        let head = "From a@b.example Tue Jan 16 07:00:00 2024\n";
        let text = format!(
            "{head}A: 1\n\n{}{head}B: 2\n\n{}\n{head}C: 3\n\nx\n{head}\n",
            "y\n".repeat(80),
            "z".repeat(80)
        );
        assert_eq!(
            read(&text, &limits),
            ["! box:1 too-large", "! box:84 too-large", "88 C: 3\n\nx\n", "! box:92 empty"]
        );
    }

    #[test]
    fn mail_is_known_by_its_headers() {
        assert!(is_message(
            b"Return-Path: <a@b>\r\nReceived: from x\r\n\tby y\r\nFrom: A <a@b>\r\nSubject: s\r\n\r\ntext"
        ));
        for text in [&b"From: A\n\ntext"[..], b"Note: this\nis text", b"{\"From\": 1}", b""] {
            assert!(!is_message(text), "{}", String::from_utf8_lossy(text));
        }
        for text in [&b"From here on, all is well: 2024"[..], b"From A to Z\nis text", b"Fro", b""] {
            assert!(!is_mailbox(text), "{}", String::from_utf8_lossy(text));
        }
    }
}
