//! What a file is, by its first bytes.

use std::borrow::Cow;
use std::io::{self, BufRead, Cursor, Read};

use super::{Format, FoundBy, feed, mbox, newsml, stories, warc};
use crate::text::charset;

/// How many bytes of a file are looked at.
const LOOKED_AT: u64 = 32 << 10;

/// How many at most where all of them are the first line of a JSON text.
const LONGEST_LINE: usize = 2 << 20;

/// A stream of which the beginning is known.
pub(super) struct Head<'r> {
    bytes: Vec<u8>,
    rest: Box<dyn BufRead + 'r>,
    /// The stream broke off while it was looked at.
    error: Option<io::Error>,
}

impl<'r> Head<'r> {
    pub(super) fn new(mut reader: Box<dyn BufRead + 'r>) -> Self {
        let mut bytes = Vec::new();
        let mut error = reader.by_ref().take(LOOKED_AT).read_to_end(&mut bytes).err();
        // Whether an object is one of many shows where its line ends.
        while error.is_none() && is_first_line_of_json(&bytes) && bytes.len() < LONGEST_LINE {
            let before = bytes.len();
            error = reader.by_ref().take(LOOKED_AT).read_to_end(&mut bytes).err();
            if bytes.len() == before {
                break;
            }
        }
        Self { bytes, rest: reader, error }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The whole stream, from its beginning.
    pub(super) fn into_reader(self) -> Box<dyn BufRead + 'r> {
        let head = Cursor::new(self.bytes);
        match self.error {
            Some(error) => Box::new(head.chain(Broken(Some(error)))),
            None => Box::new(head.chain(self.rest)),
        }
    }
}

/// The end of a stream that broke off.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl BufRead for Broken {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.take().map_or(Ok(&[]), Err)
    }

    fn consume(&mut self, _: usize) {}
}

/// Whether a text is in UTF-16 and says so.
pub(super) fn is_utf_16(head: &[u8]) -> bool {
    head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF")
}

/// The format of a file: what its user says, else what its first bytes say; the ending of its name decides where they leave
/// it open.
pub(super) fn look(head: &[u8], named: Option<Format>, said: Option<Format>) -> (Format, FoundBy) {
    if let Some(format) = said {
        return (format, FoundBy::User);
    }
    let head = if is_utf_16(head) {
        Cow::Owned(charset::decode(head, None).text.into_owned().into_bytes())
    } else {
        Cow::Borrowed(head)
    };
    let seen = seen(&head, named);
    match (seen, named) {
        (Some(format), _) => (format, FoundBy::Look),
        (None, Some(format)) => (format, FoundBy::Ending),
        (None, None) => (Format::Plain, FoundBy::Default),
    }
}

fn seen(head: &[u8], named: Option<Format>) -> Option<Format> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if warc::look(head) {
        return Some(Format::Warc);
    }
    if let Some(format) = newsml::look(head).or_else(|| feed::look(head)) {
        return Some(format);
    }
    if head.starts_with(b"PAR1") {
        return Some(Format::Parquet);
    }
    if text.starts_with(b"%PDF-") {
        return Some(Format::Pdf);
    }
    match named {
        // A list, or an object that goes over several lines, is one value whatever the name says.
        Some(Format::JsonLines) if text.starts_with(b"[") || is_open_object(text) => Some(Format::Json),
        None if is_lines_of_json(text) => Some(Format::JsonLines),
        None if text.starts_with(b"{") || text.starts_with(b"[") => Some(Format::Json),
        None if stories::is_stories(text) => Some(Format::Reuters),
        // A page under the name of a feed is what a server answered instead of it.
        None | Some(Format::Feed | Format::Opml) if is_html(text) => Some(Format::Html),
        // Programs keep whole mailboxes under names of all kinds.
        Some(Format::Mail) | None if mbox::is_mailbox(text) => Some(Format::Mbox),
        None if mbox::is_message(text) => Some(Format::Mail),
        _ => None,
    }
}

/// Whether the first line opens an object and does nothing else.
fn is_open_object(text: &[u8]) -> bool {
    text.strip_prefix(b"{").is_some_and(|rest| {
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
        line.trim_ascii().is_empty() && rest.len() > line.len()
    })
}

/// Whether a text begins with an object, and ends before the second line shows what follows it.
fn is_first_line_of_json(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii();
    text.starts_with(b"{") && !text.contains(&b'\n')
}

/// Whether an object stands on the first line and another one begins on the next.
fn is_lines_of_json(text: &[u8]) -> bool {
    let mut lines = text.splitn(3, |byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default().trim_ascii();
    let second = lines.next().unwrap_or_default().trim_ascii();
    first.starts_with(b"{") && first.ends_with(b"}") && second.starts_with(b"{")
}

/// Whether a text without blanks before it is a web page.
pub(super) fn is_html(text: &[u8]) -> bool {
    let head = &text[..text.len().min(1024)].to_ascii_lowercase();
    text.starts_with(b"<")
        && [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<article"]
            .iter()
            .any(|mark| memchr::memmem::find(head, mark).is_some())
}
