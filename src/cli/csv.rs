//! Tables as CSV (RFC 4180, lines end with LF) that a spreadsheet opens safely.
//!
//! A cell that a spreadsheet would run as a formula begins with an apostrophe (OWASP, "CSV Injection"), plain numbers
//! excepted; line breaks and tabs are spaces, other control characters are shown as `\u{1b}`.

use std::io::Write;

use super::terminal::clean;
use crate::error::{Error, ErrorKind, Result};

/// What Excel needs to take a file for UTF-8. Other programs read it as a part of the first heading.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Where the rows of a table go.
pub(super) struct Table<W: Write> {
    writer: ::csv::Writer<W>,
}

impl<W: Write> Table<W> {
    /// A table in a file or a pipe, with its headings.
    pub(super) fn new(mut out: W, has_mark: bool, headings: &[&str]) -> Result<Self> {
        if has_mark {
            out.write_all(BYTE_ORDER_MARK.as_bytes()).map_err(|error| Error::io("the table", error))?;
        }
        let mut table = Self { writer: ::csv::Writer::from_writer(out) };
        table.row(headings)?;
        Ok(table)
    }

    /// Adds a row.
    pub(super) fn row<S: AsRef<str>>(&mut self, cells: &[S]) -> Result<()> {
        self.writer.write_record(cells.iter().map(|cell| safe_cell(cell.as_ref()))).map_err(|error| {
            match error.into_kind() {
                ::csv::ErrorKind::Io(error) => Error::io("the table", error),
                other => Error::new(ErrorKind::Internal, format!("a row can't be written as CSV: {other:?}")),
            }
        })
    }

    /// Hands on what was written so far.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.writer.flush().map_err(|error| Error::io("the table", error))
    }
}

/// A whole table.
pub(super) fn to_csv(headings: &[&str], rows: &[Vec<String>]) -> Result<String> {
    let mut bytes = Vec::new();
    let mut table = Table::new(&mut bytes, false, headings)?;
    for row in rows {
        table.row(row)?;
    }
    table.flush()?;
    drop(table);
    String::from_utf8(bytes)
        .map_err(|error| Error::new(ErrorKind::Internal, "CSV is not UTF-8").caused_by(error))
}

/// The same of lines whose first one is the headings.
pub(super) fn lines_to_csv(lines: &[Vec<String>]) -> Result<String> {
    let (headings, rows) = lines.split_first().map_or((&[][..], &[][..]), |(first, rows)| (first, rows));
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    to_csv(&headings, rows)
}

/// A cell with nothing in it that could act.
fn safe_cell(cell: &str) -> String {
    /// Spreadsheets of some languages take the wide forms for the narrow ones.
    const OPENINGS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let begins = cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(OPENINGS);
    let shown = clean(cell);
    if begins && !is_number(&shown) { format!("'{shown}") } else { shown }
}

/// `-1.5`, `+3`, `2e-7`: what no spreadsheet has to compute.
fn is_number(cell: &str) -> bool {
    cell.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) && cell.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Table, safe_cell, to_csv};

    #[test]
    fn formulas_are_defused() {
        for (cell, safe) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+1", "+1"),
            ("-2.5", "-2.5"),
            ("-2.5e-7", "-2.5e-7"),
            ("-inf", "'-inf"),
            ("+44 20 7946", "'+44 20 7946"),
            ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
            ("-cmd", "'-cmd"),
            ("@SUM(1)", "'@SUM(1)"),
            ("＝1+1", "'＝1+1"),
            ("\t=1", "' =1"),
            ("\rx", "' x"),
            ("\nx", "' x"),
            ("  =1", "'  =1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("a\nb", "a b"),
            ("a\u{1b}b", "a\\u{1b}b"),
            ("Amazon", "Amazon"),
            ("", ""),
        ] {
            assert_eq!(safe_cell(cell), safe, "{cell}");
        }
    }

    #[test]
    fn cells_come_back_and_the_mark_stands_first() {
        let row = ["a,b", "say \"no\"", "", "日本"].map(str::to_owned).to_vec();
        let written = to_csv(&["one", "two", "three", "four"], std::slice::from_ref(&row)).unwrap();
        assert_eq!(written, "one,two,three,four\n\"a,b\",\"say \"\"no\"\"\",,日本\n");
        let mut reader = ::csv::Reader::from_reader(written.as_bytes());
        assert_eq!(reader.records().next().unwrap().unwrap(), ::csv::StringRecord::from(row));
        let mut bytes = Vec::new();
        Table::new(&mut bytes, true, &["one"]).unwrap().flush().unwrap();
        assert_eq!(bytes, "\u{feff}one\n".as_bytes());
    }
}
