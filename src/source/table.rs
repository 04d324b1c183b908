//! A table with separators (CSV, TSV) to its rows: each becomes the JSON object that a record of its columns would be.
//!
//! The first row names the columns. A file is read row by row; what can't be a row is named with its line.

mod rows;

use std::io::{self, BufRead};

use self::rows::{Row, Rows};
use super::fields::{Columns, known};
use super::sink::Sink;
use super::{FieldMap, Format, Limits, Transcoded};
use crate::control::Cancel;
use crate::error::Result;
use crate::text::charset::{self, UTF_8};

/// Rows from the beginning by which the separator is found.
const LOOKED_AT: usize = 20;

/// Separators, the usual ones first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Gives every row as a record with the line that it begins at.
pub(super) fn read(
    reader: &mut impl BufRead,
    format: Format,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    let mut rows = Rows::new(reader, limits.max_line);
    let outcome = rows.fill();
    if outcome.is_err() || rows.is_blank() {
        if outcome.is_ok() {
            sink.skip(None, "empty", "the file is empty")?;
        }
        return Ok(outcome);
    }
    rows.separator(separator(&rows, format, &limits.columns));
    let mut table: Option<Table> = None;
    let mut blank: Option<(u64, u64)> = None;
    let mut is_any = false;
    let mut count = 0_u64;
    loop {
        count += 1;
        if count.is_multiple_of(1024) {
            cancel.check()?;
        }
        match rows.next() {
            Err(error) => return Ok(Err(error)),
            Ok(Row::End) => break,
            Ok(Row::Lost { line, class, reason }) => {
                is_any = true;
                sink.skip(Some(line), class, reason)?;
            }
            Ok(Row::Cells { line }) if rows.cells().all(is_blank) => {
                blank = Some(blank.map_or((1, line), |(count, first)| (count + 1, first)));
            }
            Ok(Row::Cells { line }) => match &table {
                Some(table) => {
                    is_any = true;
                    table.row(&mut rows, line, sink)?;
                }
                None => {
                    let names: Vec<String> = rows.texts().collect();
                    let names = || names.iter().map(String::as_str);
                    let Some(columns) = Columns::find(names(), &limits.columns) else {
                        return sink.skip(None, "no-article", Columns::missing(names())).map(Ok);
                    };
                    let width = names().count();
                    let first = Table { columns, width };
                    // Columns that are given by their numbers alone stand in a table without names.
                    if !names().any(|name| is_name(name, &limits.columns)) {
                        first.row(&mut rows, line, sink)?;
                    }
                    rows.expect(width);
                    table = Some(first);
                }
            },
        }
    }
    if let Some((count, line)) = blank {
        let reason = if count == 1 {
            "the row is empty".to_owned()
        } else {
            format!("{count} rows are empty, of which this is the first")
        };
        sink.skip(Some(line), "empty", reason)?;
    }
    if !is_any && sink.records == 0 && blank.is_none() {
        sink.skip(None, "empty", "the table has no rows")?;
    }
    Ok(Ok(()))
}

fn is_blank(cell: &[u8]) -> bool {
    cell.trim_ascii().is_empty()
}

/// Whether a cell of the first row names a field.
fn is_name(name: &str, map: &FieldMap) -> bool {
    known(name).is_some()
        || FieldMap::FIELDS
            .iter()
            .any(|field| map.get(field).is_some_and(|key| key.eq_ignore_ascii_case(name.trim())))
}

/// What the first row says of all others.
struct Table {
    columns: Columns,
    width: usize,
}

impl Table {
    fn row<R: BufRead>(&self, rows: &mut Rows<'_, R>, line: u64, sink: &mut Sink<'_>) -> Result<()> {
        let cells = rows.cells().count();
        if cells < self.width || rows.cells().skip(self.width).any(|cell| !is_blank(cell)) {
            let reason =
                format!("the row has {}, and the first one has {}", cells_in_words(cells), self.width);
            return sink.skip(Some(line), "ragged", reason);
        }
        rows.find_charset();
        let mut transcoded = Transcoded { charset: UTF_8, replaced: 0 };
        let mut bytes = vec![b'{'];
        let cell = |column| rows.cell(column).filter(|cell| !is_blank(cell));
        for (key, cell) in self.columns.of_row(cell) {
            let cell = charset::decode(cell, rows.charset());
            transcoded.replaced += cell.replaced;
            if cell.charset != UTF_8 {
                transcoded.charset = cell.charset;
            }
            push_member(&mut bytes, key, &cell.text);
        }
        bytes.push(b'}');
        sink.row(bytes, line, transcoded)
    }
}

/// Adds a member to a JSON object.
pub(super) fn push_member<V: serde::Serialize + ?Sized>(object: &mut Vec<u8>, key: &str, value: &V) {
    if object.len() > 1 {
        object.push(b',');
    }
    // Writing a text into memory can't fail.
    let _ = serde_json::to_writer(&mut *object, key);
    object.push(b':');
    let _ = serde_json::to_writer(object, value);
}

fn cells_in_words(count: usize) -> String {
    if count == 1 { "one cell".to_owned() } else { format!("{count} cells") }
}

/// The separator under which the first rows look most like a table: the first names most fields, all have as many cells, and
/// those are many.
fn separator<R: BufRead>(rows: &Rows<'_, R>, format: Format, map: &FieldMap) -> u8 {
    if let Some(stated) = rows.stated_separator() {
        return stated;
    }
    let usual = if format == Format::Tsv { b'\t' } else { b',' };
    let score = |separator: u8| {
        let head = rows.head(separator, LOOKED_AT);
        let first = head.first().map(Vec::as_slice).unwrap_or_default();
        let names = first.iter().filter(|name| is_name(name, map)).count();
        let even = head.iter().filter(|row| row.len() == first.len()).count();
        let is_table = first.len() > 1 && even * 10 >= head.len() * 8;
        (names, is_table, if is_table { first.len() } else { 0 }, separator == usual)
    };
    SEPARATORS.into_iter().rev().max_by_key(|separator| score(*separator)).unwrap_or(usual)
}

#[cfg(test)]
mod tests;
