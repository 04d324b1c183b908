//! Where readers of formats put what they find.

use std::sync::Arc;

use super::{FileRead, Form, Format, Found, FoundBy, Hints, Opened, Origin, Record, Skipped, Transcoded};
use crate::error::Result;
use crate::text::charset;

/// What all formats need while they are read: the place, and where records and what is skipped go.
pub(super) struct Sink<'s> {
    pub(super) path: Arc<str>,
    /// Records that came from this file or member of an archive.
    pub(super) records: u64,
    /// Totals of the file on disk.
    pub(super) read: &'s mut FileRead,
    /// What the container says of the part of it that is being split. Lines are then those of the part.
    pub(super) hints: Option<Hints>,
    opened: Arc<Opened>,
    charset: Option<&'static str>,
    has_replaced: bool,
    out: &'s mut dyn FnMut(Found) -> Result<()>,
}

impl<'s> Sink<'s> {
    pub(super) fn new(
        path: &str,
        read: &'s mut FileRead,
        out: &'s mut dyn FnMut(Found) -> Result<()>,
    ) -> Self {
        Self {
            path: path.into(),
            records: 0,
            read,
            hints: None,
            opened: Arc::default(),
            charset: None,
            has_replaced: false,
            out,
        }
    }

    /// The sink for a member of an archive, whose name follows that of the archive.
    pub(super) fn member<'m>(&'m mut self, name: &str) -> Sink<'m> {
        Sink {
            path: format!("{}/{name}", self.path).into(),
            records: 0,
            read: self.read,
            hints: None,
            opened: Arc::clone(&self.opened),
            charset: None,
            has_replaced: false,
            out: self.out,
        }
    }

    /// Notes that what follows was unwrapped from a packing or archive.
    pub(super) fn unwrapped(&mut self, wrapping: &'static str) {
        Arc::make_mut(&mut self.opened).wrappings.push(wrapping);
    }

    /// Notes the format of what follows.
    pub(super) fn opened(&mut self, format: Format, by: FoundBy) {
        let opened = Arc::make_mut(&mut self.opened);
        (opened.format, opened.by) = (format, by);
    }

    /// Notes that the records to come are cut from a text that was read from another form than they have.
    pub(super) fn transcoded(&mut self, decoded: &charset::Decoded<'_>) {
        self.transcoded_from(decoded.charset, decoded.replaced > 0);
    }

    /// The same where the text is not held as a whole; `has_replaced` when U+FFFD in it stands for what could not be read.
    pub(super) fn transcoded_from(&mut self, charset: &'static str, has_replaced: bool) {
        (self.charset, self.has_replaced) = (Some(charset), has_replaced);
    }

    /// The character set that was declared beside the part that is being split.
    pub(super) fn declared(&self) -> Option<&str> {
        self.hints.as_ref()?.charset.as_deref()
    }

    pub(super) fn record(&mut self, form: Form, bytes: Vec<u8>, line: Option<u64>) -> Result<()> {
        let line = line.filter(|_| self.hints.is_none());
        let origin = Origin { path: Arc::clone(&self.path), ordinal: self.records, line };
        self.records += 1;
        self.read.records += 1;
        let transcoded = self.charset.map(|charset| {
            let replaced =
                if self.has_replaced { memchr::memmem::find_iter(&bytes, "\u{FFFD}").count() } else { 0 };
            Transcoded { charset, replaced }
        });
        let (hints, opened) = (self.hints.clone().unwrap_or_default(), Arc::clone(&self.opened));
        (self.out)(Found::Record(Record { hints, opened, transcoded, ..Record::new(origin, form, bytes) }))
    }

    /// A row of a table as a JSON object.
    pub(super) fn row(&mut self, bytes: Vec<u8>, line: u64, transcoded: Transcoded) -> Result<()> {
        let origin = Origin { path: Arc::clone(&self.path), ordinal: self.records, line: Some(line) };
        self.records += 1;
        self.read.records += 1;
        let (transcoded, opened) = (Some(transcoded), Arc::clone(&self.opened));
        (self.out)(Found::Record(Record { opened, transcoded, ..Record::new(origin, Form::Json, bytes) }))
    }

    pub(super) fn skip(&mut self, line: Option<u64>, class: &str, reason: impl Into<String>) -> Result<()> {
        let skipped = self.said(line, class, reason.into());
        (self.out)(Found::Skipped(skipped))
    }

    /// Says something by which no article is lost.
    pub(super) fn warn(&mut self, class: &str, reason: impl Into<String>) -> Result<()> {
        let warned = self.said(None, class, reason.into());
        (self.out)(Found::Warned(warned))
    }

    fn said(&self, line: Option<u64>, class: &str, reason: String) -> Skipped {
        let Some(part) = &self.hints else {
            return match line {
                Some(line) => Skipped::new(format!("{}:{line}", self.path), class, reason),
                None => Skipped::new(&self.path, class, reason),
            };
        };
        let url = part.url.as_deref().unwrap_or("a part without an address");
        let line = line.map(|line| format!("line {line} of ")).unwrap_or_default();
        Skipped::new(&self.path, class, format!("{reason} ({line}{url})"))
    }
}
