//! The one error of the library.
//!
//! It is one word wide and opaque: callers match on [`ErrorKind`], ask whose [`Fault`] it is, and print it with its
//! hint. Its text is a lower-case fragment without a full stop.

use std::fmt;
use std::ops::Range;

/// What a fallible function of the library returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with a kind, a fault, an optional hint and, for a query, the place that is wrong.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    place: Option<(String, Range<usize>)>,
    source: Option<Box<dyn std::error::Error + Send + Sync + 'static>>,
}

/// What went wrong, in the few classes that a caller can treat differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The query text cannot be read, or names something unknown.
    Query,
    /// An argument or option is out of range or contradicts another.
    Argument,
    /// The index, article or file asked for does not exist.
    NotFound,
    /// A company list (gazetteer or overlay) is malformed.
    Gazetteer,
    /// Reading or writing failed.
    Io,
    /// Another writer holds the index.
    Locked,
    /// A file of the index is damaged or missing.
    Damaged,
    /// The index was written in a format that this version does not read.
    Format,
    /// The operation was stopped through [`Cancel`](crate::Cancel) or its deadline.
    Cancelled,
    /// A defect of dateline itself.
    Internal,
}

/// Who can do something about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The caller: a different query, argument or file helps.
    Caller,
    /// The machine: disk, permissions, another process.
    Environment,
    /// dateline: please report it.
    Bug,
}

impl ErrorKind {
    /// Whose fault an error of this kind is.
    pub fn fault(self) -> Fault {
        match self {
            Self::Query | Self::Argument | Self::NotFound | Self::Gazetteer | Self::Cancelled => {
                Fault::Caller
            }
            Self::Io | Self::Locked | Self::Damaged | Self::Format => Fault::Environment,
            Self::Internal => Fault::Bug,
        }
    }
}

impl Error {
    /// A new error; `message` is a lower-case fragment that names the thing.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), hint: None, place: None, source: None }))
    }

    /// The same error with a sentence on what to do.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error pointing at a byte range of the text it was found in.
    pub fn at(mut self, text: impl Into<String>, span: Range<usize>) -> Self {
        self.0.place = Some((text.into(), span));
        self
    }

    /// The same error with the error that caused it.
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// An I/O error with the path it happened at.
    pub fn io(path: impl AsRef<std::path::Path>, source: std::io::Error) -> Self {
        let message = format!("{}: {source}", path.as_ref().display());
        Self::new(ErrorKind::Io, message).caused_by(source)
    }

    /// The same error without what caused it, for one that is handed through as a part of another.
    pub(crate) fn copied(&self) -> Self {
        let Inner { kind, message, hint, place, .. } = &*self.0;
        let (message, hint, place) = (message.clone(), hint.clone(), place.clone());
        Self(Box::new(Inner { kind: *kind, message, hint, place, source: None }))
    }

    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        self.0.kind.fault()
    }

    /// The reason without position or hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, where the library knows.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The text and the byte range in it that the error points at.
    pub fn place(&self) -> Option<(&str, Range<usize>)> {
        self.0.place.as_ref().map(|(text, span)| (text.as_str(), span.clone()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("hint", &self.0.hint)
            .field("place", &self.0.place)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}
