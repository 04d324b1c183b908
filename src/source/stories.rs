//! A file of Reuters-21578 to its stories. It is SGML without a declaration, so nothing but the lines at which a story
//! begins and ends is looked at; the file is never held as a whole.

use std::io::{self, BufRead};

use super::lines;
use super::sink::Sink;
use super::{Form, Limits};
use crate::control::Cancel;
use crate::error::Result;

const BEGIN: &[u8] = b"<REUTERS";
const END: &[u8] = b"</REUTERS>";

/// Whether a text begins as such a file does.
pub(super) fn is_stories(text: &[u8]) -> bool {
    const DOCTYPE: &[u8] = b"<!DOCTYPE lewis";
    text.starts_with(BEGIN)
        || text.get(..DOCTYPE.len()).is_some_and(|head| head.eq_ignore_ascii_case(DOCTYPE))
}

/// A story of which the end was not read yet.
struct Open {
    line: u64,
    bytes: Vec<u8>,
}

/// Gives every `<REUTERS …>` element as a record with the line that it begins at.
pub(super) fn read(
    reader: &mut impl BufRead,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    let mut open: Option<Open> = None;
    let (mut is_any, mut is_empty) = (false, true);
    let outcome = lines::each(reader, limits.max_line, cancel, |number, line| {
        is_empty = false;
        let Some(mut rest) = line else {
            open = None;
            return sink.skip(Some(number), "too-large", too_large(limits));
        };
        loop {
            // Without a story that is open, only the beginning of one counts.
            if open.is_none() {
                let Some(at) = memchr::memmem::find(rest, BEGIN) else { return Ok(()) };
                rest = &rest[at..];
                open = Some(Open { line: number, bytes: Vec::new() });
                is_any = true;
            } else if rest.starts_with(BEGIN)
                && let Some(lost) = open.replace(Open { line: number, bytes: Vec::new() })
            {
                sink.skip(Some(lost.line), "broken-off", "the story has no end")?;
            }
            let Some(story) = &mut open else { return Ok(()) };
            let end = memchr::memmem::find(rest, END).map(|at| at + END.len());
            let piece = &rest[..end.unwrap_or(rest.len())];
            if story.bytes.len() + piece.len() > limits.max_line {
                let line = story.line;
                open = None;
                return sink.skip(Some(line), "too-large", too_large(limits));
            }
            story.bytes.extend_from_slice(piece);
            let Some(end) = end else {
                story.bytes.push(b'\n');
                return Ok(());
            };
            if let Some(story) = open.take() {
                sink.record(Form::Reuters, story.bytes, Some(story.line))?;
            }
            rest = &rest[end..];
        }
    })?;
    if let Some(lost) = open {
        sink.skip(Some(lost.line), "broken-off", "the story has no end")?;
    } else if !is_any && outcome.is_ok() && !is_empty {
        sink.skip(None, "no-article", "it is SGML without a story of Reuters-21578")?;
    }
    Ok(outcome)
}

fn too_large(limits: &Limits) -> String {
    format!("the story is longer than {} bytes", limits.max_line)
}
