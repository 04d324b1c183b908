//! What makes printed text safe, for the fuzz targets; in no ordinary build.

use anstyle::Style;

use super::{csv, terminal};
use crate::error::Result;

/// Text for one line.
pub fn clean(text: &str) -> String {
    terminal::clean(text)
}

/// Running text.
pub fn clean_lines(text: &str) -> String {
    terminal::clean_lines(text)
}

/// The beginning of a text in so many columns.
pub fn shorten(text: &str, room: usize) -> String {
    terminal::shorten(text, room)
}

/// Lines of text with byte ranges marked, in colours.
pub fn wrapped(text: &str, ranges: &[[usize; 2]], room: usize) -> String {
    let mut out = String::new();
    let pieces = terminal::marked(text, ranges, Style::new(), terminal::style::MATCH);
    terminal::wrap(&mut out, &pieces, 2, room);
    out
}

/// A table of one column without headings.
pub fn table(cells: &[String]) -> Result<String> {
    let rows: Vec<Vec<String>> = cells.iter().map(|cell| vec![cell.clone()]).collect();
    csv::to_csv(&["cell"], &rows)
}
