//! A web archive to its pages: WARC of all versions and the older ARC, read as a stream, one record in memory at a time.
//!
//! A record says how long it is. Where that is wrong, it is taken up again at the line with which the next one begins, and
//! what lies between belongs to the record before. Places are counted in bytes of the unpacked archive.

mod head;
mod passed;
mod payload;
mod stream;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::{self, BufRead};

use self::head::{About, Head};
use self::passed::Passed;
use self::payload::{Payload, Refused};
use self::stream::Stream;
use super::look::{self, is_html};
use super::read;
use super::sink::Sink;
use super::{Format, Hints, Limits, feed, newsml, split};
use crate::control::Cancel;
use crate::error::Result;
use crate::text::charset;

/// Longest head of a record, in bytes.
const MAX_HEAD: usize = 1 << 20;

/// Longest block of a record that is looked at, in bytes.
const MAX_BLOCK: usize = 32 << 20;

/// Whether a file that begins with `head` is an archive.
pub(super) fn look(head: &[u8]) -> bool {
    Kind::Warc.begins(head) || head.starts_with(b"filedesc://")
}

/// Gives every page, feed and text of an archive as records; what else is in it is counted.
pub(super) fn read(
    reader: &mut impl BufRead,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    let mut archive = Archive {
        stream: Stream::new(reader),
        kind: Kind::Warc,
        max_block: limits.max_whole.min(MAX_BLOCK) as u64,
        line: Vec::new(),
        faults: Vec::new(),
        number: 0,
        is_over: false,
    };
    let mut passed = Passed::default();
    let outcome = loop {
        cancel.check()?;
        let record = archive.next();
        for fault in archive.faults.drain(..) {
            if fault.is_loss {
                sink.skip(None, fault.class, fault.reason)?;
            } else {
                sink.warn(fault.class, fault.reason)?;
            }
        }
        match record {
            Ok(Some(record)) => {
                take(&record, limits, &mut passed, sink)?;
                if let Some(error) = record.error {
                    break Err(error);
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    if archive.number == 0 && outcome.is_ok() {
        sink.skip(None, "empty", "there is no record in the archive")?;
    }
    passed.say(sink)?;
    Ok(outcome)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Warc,
    Arc,
}

impl Kind {
    /// Whether a record begins with a line.
    fn begins(self, line: &[u8]) -> bool {
        match self {
            Self::Warc => {
                line.strip_prefix(b"WARC/").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
            }
            Self::Arc => About::of_arc(line).is_some(),
        }
    }
}

/// Something that is wrong with an archive; a loss where a record could not be read.
struct Fault {
    is_loss: bool,
    class: &'static str,
    reason: String,
}

/// A record with its block, or what there is of it.
struct Entry {
    about: About,
    block: Vec<u8>,
    /// Its number from 1 and its place, for messages.
    at: String,
    /// Whether it was said that the archive ends in it.
    is_short: bool,
    /// What ended the reading in it or behind it.
    error: Option<io::Error>,
}

struct Archive<'r, R> {
    stream: Stream<'r, R>,
    kind: Kind,
    max_block: u64,
    /// The line with which the next record begins, where it was read already.
    line: Vec<u8>,
    faults: Vec<Fault>,
    number: u64,
    is_over: bool,
}

impl<R: BufRead> Archive<'_, R> {
    /// Reads a record up to where the next one begins.
    fn next(&mut self) -> io::Result<Option<Entry>> {
        loop {
            if self.line.is_empty() {
                self.stream.line_with_text(&mut self.line, &mut Vec::new())?;
            }
            if self.line.is_empty() || self.is_over {
                return Ok(None);
            }
            let start = self.stream.offset() - self.line.len() as u64;
            if start == 0 && self.line.starts_with(b"filedesc://") {
                self.kind = Kind::Arc;
            }
            if !self.kind.begins(&self.line) {
                let next = self.seek(None)?;
                self.loss("not-a-record", format!("no record begins at byte {start}, {next}"));
                continue;
            }
            self.number += 1;
            let at = format!("record {} (at byte {start})", self.number);
            let Some(about) = self.about().map_err(|error| broken(&at, &error))? else {
                let next = self.seek(None)?;
                self.loss("bad-head", format!("the head of {at} can't be read, {next}"));
                continue;
            };
            if let Some(entry) = self.block(about, at) {
                return Ok(Some(entry));
            }
        }
    }

    /// Reads the head of which the first line was read.
    fn about(&mut self) -> io::Result<Option<About>> {
        let first = std::mem::take(&mut self.line);
        if self.kind == Kind::Arc {
            return Ok(About::of_arc(&first));
        }
        let mut head = first;
        let mut line = Vec::new();
        loop {
            self.stream.line(&mut line)?;
            head.extend_from_slice(&line);
            if line.trim_ascii().is_empty() {
                return Ok(Head::read(&head).map(|head| About::of_warc(&head)));
            }
            if head.len() > MAX_HEAD {
                return Ok(None);
            }
        }
    }

    /// Reads the block of a record and the line behind it; `None` where it is too large.
    fn block(&mut self, about: About, at: String) -> Option<Entry> {
        let mut entry = Entry { about, block: Vec::new(), at, is_short: false, error: None };
        let outcome = self.read_block(&mut entry);
        match outcome {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => {
                entry.is_short = true;
                entry.error = Some(broken(&entry.at, &error));
            }
        }
        Some(entry)
    }

    fn read_block(&mut self, entry: &mut Entry) -> io::Result<bool> {
        let stated = entry.about.length;
        let length = stated.unwrap_or(0);
        self.stream.bytes(length.min(self.max_block + 1), &mut entry.block)?;
        let found = entry.block.len() as u64;
        if found > self.max_block {
            let block = std::mem::take(&mut entry.block);
            self.is_over = !self.stream.give_back(block);
            let next = self.seek(None)?;
            self.loss("too-large", format!("{} is longer than {} bytes, {next}", entry.at, self.max_block));
            return Ok(false);
        }
        let mut between = Vec::new();
        self.stream.line_with_text(&mut self.line, &mut between)?;
        let is_next = if self.line.is_empty() { found == length } else { self.kind.begins(&self.line) };
        if is_next && stated.is_some() {
            return Ok(true);
        }
        self.cut_anew(entry, stated, &between)?;
        Ok(true)
    }

    /// Finds the end of a record of which the length is wrong: where the next one begins.
    fn cut_anew(&mut self, entry: &mut Entry, stated: Option<u64>, between: &[u8]) -> io::Result<()> {
        let found = entry.block.len();
        let line_at = self.stream.offset() - self.line.len() as u64;
        let mut bytes = std::mem::take(&mut entry.block);
        bytes.extend_from_slice(between);
        bytes.append(&mut self.line);
        if !self.stream.give_back(bytes) {
            self.is_over = true;
            self.loss(
                "broken-off",
                format!("too many lengths are wrong, nothing behind {} is read", entry.at),
            );
        }
        self.seek(Some(&mut entry.block))?;
        let is_followed = !self.line.is_empty();
        if is_followed || stated.is_none() {
            // Two line breaks end the record and not the block.
            let is_break = |byte: &&u8| matches!(byte, b'\r' | b'\n');
            let breaks = entry.block.iter().rev().take(4).take_while(is_break).count();
            entry.block.truncate(entry.block.len() - breaks);
        }
        match stated {
            None => self.note("wrong-length", format!("{} does not say how long it is", entry.at)),
            Some(stated) if is_followed => {
                let reason =
                    format!("{} has {} bytes and says that it had {stated}", entry.at, entry.block.len());
                self.note("wrong-length", reason);
            }
            Some(stated) if (found as u64) < stated => {
                let reason = format!("the archive ends in {}: {found} of {stated} bytes are there", entry.at);
                self.loss("broken-off", reason);
                entry.is_short = true;
            }
            Some(_) => {
                entry.block.truncate(found);
                self.loss("not-a-record", format!("what follows from byte {line_at} on is no record"));
            }
        }
        Ok(())
    }

    /// Goes on to the line with which the next record begins, keeps what is passed over, and says where that is.
    fn seek(&mut self, mut passed: Option<&mut Vec<u8>>) -> io::Result<String> {
        loop {
            self.stream.line(&mut self.line)?;
            if self.line.is_empty() {
                return Ok("and no record follows".to_owned());
            }
            if self.kind.begins(&self.line) {
                let start = self.stream.offset() - self.line.len() as u64;
                return Ok(format!("the next one begins at byte {start}"));
            }
            if let Some(passed) = passed.as_deref_mut()
                && passed.len() + self.line.len() <= self.max_block as usize
            {
                passed.extend_from_slice(&self.line);
            }
        }
    }

    fn loss(&mut self, class: &'static str, reason: String) {
        self.faults.push(Fault { is_loss: true, class, reason });
    }

    fn note(&mut self, class: &'static str, reason: String) {
        self.faults.push(Fault { is_loss: false, class, reason });
    }
}

/// An error of the reader with the record that it ends.
fn broken(at: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{error}, in {at}"))
}

/// Gives what a record holds as articles, or counts it.
fn take(entry: &Entry, limits: &Limits, passed: &mut Passed, sink: &mut Sink<'_>) -> Result<()> {
    let about = &entry.about;
    if !about.is_of_web() {
        return Ok(());
    }
    let is_answer = entry.block.starts_with(b"HTTP/") || about.media_type.starts_with("application/http");
    let payload = match about.kind.as_str() {
        "response" if is_answer => match payload::of_answer(&entry.block, limits) {
            Ok(payload) => payload,
            Err(Refused::Status(status)) => {
                passed.statuses.count(&status.to_string());
                return Ok(());
            }
            Err(Refused::Broken(_)) if entry.is_short => return Ok(()),
            Err(Refused::Broken(reason)) => {
                return sink.skip(None, "bad-answer", format!("{}: {reason}", entry.at));
            }
        },
        "response" | "resource" | "conversion" => {
            Payload { bytes: Cow::Borrowed(&entry.block), media_type: about.media_type.clone(), damage: None }
        }
        "revisit" => {
            passed.revisit(about.url.as_deref());
            return Ok(());
        }
        "continuation" => {
            passed.segments += 1;
            return Ok(());
        }
        _ => return Ok(()),
    };
    let essence = payload.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_rules = about.url.as_deref().is_some_and(|url| url.ends_with("/robots.txt"));
    let format = if is_rules { None } else { format_of(&essence, &payload.bytes) };
    let Some(format) = format else {
        let is_empty = payload.bytes.trim_ascii().is_empty();
        passed.kinds.count(match &*essence {
            _ if is_rules => "robots.txt",
            _ if is_empty => "nothing",
            "" => "unknown",
            kind => kind,
        });
        return Ok(());
    };
    passed.pages += 1;
    passed.cut += u64::from(about.is_cut);
    if let Some(damage) = payload.damage {
        sink.warn("broken-off", format!("{}: {damage}", entry.at))?;
    }
    sink.hints = Some(Hints {
        url: about.url.clone(),
        charset: charset::named_in(payload.media_type.as_bytes()),
        collected: about.collected,
    });
    let outcome = read::cut(payload.bytes.into_owned(), format, sink);
    sink.hints = None;
    outcome
}

/// What a payload is, by its bytes and the media type that was declared; `None` where it holds no articles.
fn format_of(essence: &str, bytes: &[u8]) -> Option<Format> {
    if bytes.trim_ascii().is_empty() {
        return None;
    }
    let named = match essence {
        "text/html" | "application/xhtml+xml" => Some(Format::Html),
        "text/plain" => Some(Format::Plain),
        "text/markdown" => Some(Format::Markdown),
        "" => None,
        _ if essence.ends_with("json") => {
            return split::has_articles(bytes).then_some(Format::Json);
        }
        _ if essence.ends_with("xml") => {
            let page = is_html(bytes.trim_ascii_start()).then_some(Format::Html);
            return newsml::look(bytes).or_else(|| feed::look(bytes)).or(page);
        }
        _ => return None,
    };
    match look::look(bytes, named, None).0 {
        Format::Plain if named.is_none() => None,
        Format::Json => split::has_articles(bytes).then_some(Format::Json),
        format @ (Format::Html | Format::Plain | Format::Markdown | Format::Feed | Format::Newsml) => {
            Some(format)
        }
        _ => None,
    }
}
