//! Hits and articles one by one, as JSON lines or as rows of CSV.

use std::io::{self, Write};

use super::csv::Table;
use super::fields::{Item, Selected, Selection};
use super::json;
use crate::error::{Error, ErrorKind, Result};

/// How records are written.
pub(super) enum Form {
    /// The fields of a line; none for all that a hit has. The version is that of a form that is read again.
    Lines {
        fields: Option<Selection>,
        version: Option<u32>,
    },
    Table {
        fields: Selection,
        has_mark: bool,
    },
}

/// Where records go.
pub(super) enum Records<W: Write> {
    Lines { out: W, fields: Option<Selection>, version: Option<u32> },
    Table { table: Box<Table<W>>, fields: Selection },
}

impl<W: Write> Records<W> {
    pub(super) fn new(out: W, form: Form) -> Result<Self> {
        Ok(match form {
            Form::Lines { fields, version } => Self::Lines { out, fields, version },
            Form::Table { fields, has_mark } => {
                let headings: Vec<&str> = fields.iter().map(|field| field.name()).collect();
                Self::Table { table: Box::new(Table::new(out, has_mark, &headings)?), fields }
            }
        })
    }

    pub(super) fn write(&mut self, item: Item<'_>) -> Result<()> {
        match self {
            Self::Lines { out, fields, version } => {
                let line = match (fields, item.hit) {
                    (Some(fields), _) => json::to_string(&Selected { fields, item, version: *version }),
                    (None, hit) => json::to_string(&hit),
                };
                let line = line.map_err(|error| {
                    Error::new(ErrorKind::Internal, "a record can't be written as JSON").caused_by(error)
                })?;
                writeln!(out, "{line}").map_err(|error| Error::io("the output", error))
            }
            Self::Table { table, fields } => {
                let cells: Vec<String> = fields.iter().map(|field| field.cell(item)).collect();
                table.row(&cells)
            }
        }
    }

    /// Hands on what was written so far.
    pub(super) fn flush(&mut self) -> Result<()> {
        match self {
            Self::Lines { out, .. } => out.flush().map_err(|error| Error::io("the output", error)),
            Self::Table { table, .. } => table.flush(),
        }
    }
}

/// Writes all items, and says whether somebody has read them: a reader that has gone away ends it without an error. After
/// another error what was written before is handed on, whole lines of it.
pub(super) fn write_all<W: Write>(
    out: W,
    form: Form,
    work: impl FnOnce(&mut Records<W>) -> Result<()>,
) -> Result<bool> {
    let outcome = Records::new(out, form).and_then(|mut records| {
        let worked = work(&mut records);
        records.flush().and(worked)
    });
    match outcome {
        Err(error) if is_gone(&error) => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// Whether the reader of a pipe has gone away.
fn is_gone(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
