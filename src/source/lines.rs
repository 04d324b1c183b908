//! Lines: of bounded length, and counted.

use std::io::{self, BufRead};

use crate::control::Cancel;
use crate::error::Result;

/// A line of a file.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// Its bytes are in the buffer, without the line break.
    Here,
    /// It was longer than allowed and was passed over.
    TooLong,
    /// There are no more.
    End,
}

/// Reads the next line into `buffer`. Of a line that is too long nothing is kept.
fn next(reader: &mut impl BufRead, buffer: &mut Vec<u8>, limit: usize) -> io::Result<Line> {
    buffer.clear();
    let mut is_too_long = false;
    let mut is_any = false;
    loop {
        let available = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            outcome => outcome?,
        };
        if available.is_empty() {
            return Ok(if is_too_long {
                Line::TooLong
            } else if is_any {
                Line::Here
            } else {
                Line::End
            });
        }
        is_any = true;
        let end = memchr::memchr(b'\n', available);
        let piece = &available[..end.unwrap_or(available.len())];
        if is_too_long || buffer.len() + piece.len() > limit {
            is_too_long = true;
            *buffer = Vec::new();
        } else {
            buffer.extend_from_slice(piece);
        }
        let used = piece.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            if buffer.last() == Some(&b'\r') {
                buffer.pop();
            }
            return Ok(if is_too_long { Line::TooLong } else { Line::Here });
        }
    }
}

/// Gives every line with its number from 1, `None` for one that is too long. The inner error is that of the reader.
pub(super) fn each(
    reader: &mut impl BufRead,
    longest: usize,
    cancel: &Cancel,
    mut visit: impl FnMut(u64, Option<&[u8]>) -> Result<()>,
) -> Result<io::Result<()>> {
    let mut buffer = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        if number % 1024 == 0 {
            cancel.check()?;
        }
        match next(reader, &mut buffer, longest) {
            Err(error) => return Ok(Err(error)),
            Ok(Line::End) => return Ok(Ok(())),
            Ok(Line::TooLong) => visit(number, None)?,
            Ok(Line::Here) => visit(number, Some(&buffer))?,
        }
    }
}

/// Counts lines as the places asked for go forward.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line of a place, from 1.
    pub(super) fn of(&mut self, at: usize) -> u64 {
        let at = at.min(self.text.len());
        if at > self.at {
            self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..at]).count() as u64;
            self.at = at;
        }
        self.line
    }

    /// The line of a part of the text itself.
    pub(super) fn of_part(&mut self, part: &'t str) -> u64 {
        let at = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.of(at)
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, next};
    use std::io::BufReader;

    #[test]
    fn lines_are_bounded() {
        let text = "one\r\n\ntoo long for it\ntwo\n".to_owned() + &"x".repeat(100) + "\nlast";
        for capacity in [1, 3, 1000] {
            let mut reader = BufReader::with_capacity(capacity, text.as_bytes());
            let mut buffer = Vec::new();
            let mut lines = Vec::new();
            loop {
                match next(&mut reader, &mut buffer, 10).unwrap() {
                    Line::Here => lines.push(String::from_utf8(buffer.clone()).unwrap()),
                    Line::TooLong => lines.push("…".to_owned()),
                    Line::End => break,
                }
            }
            assert_eq!(lines, ["one", "", "…", "two", "…", "last"]);
        }
    }
}
