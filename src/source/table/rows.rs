//! Rows of a table, one after the other, in bounded memory.
//!
//! A quote that is opened and never closed would swallow all that follows. Its row is given up where it gets longer than a
//! record may be or where the file ends, and reading goes on in the line after the one that it began in. So it does where a row
//! over several lines has a quote that is closed in the middle of a cell, and its lines would be whole rows without the first.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::text::charset;

/// Most cells of a row.
const MAX_CELLS: usize = 4096;

/// How often a record's length may be read again behind quotes that are never closed; then each line is a row.
const MAX_RESTARTS: usize = 8;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// A row; its cells are in [`Rows::cells`].
    Cells { line: u64 },
    /// Something that can't be a row.
    Lost { line: u64, class: &'static str, reason: String },
    /// There are no more.
    End,
}

pub(super) struct Rows<'r, R> {
    reader: &'r mut R,
    /// What was read and not given yet, in a character set that has ASCII in it.
    window: Vec<u8>,
    /// Where the row begins that is read next.
    start: usize,
    /// The line of `start`, from 1.
    line: u64,
    /// The line in which the row at hand begins.
    row_line: u64,
    is_at_end: bool,
    is_begun: bool,
    utf_16: Option<Decoder>,
    charset: Option<&'static str>,
    separator: u8,
    parser: Reader,
    /// A second one, to look ahead with: building one takes as long as reading many rows, and a clone of one does not read.
    ahead: Reader,
    /// What ends a line: LF, or CR in a file that has no LF.
    line_break: u8,
    has_line_feed: bool,
    longest: usize,
    /// How many bytes were read again so far.
    spent: usize,
    /// How many cells a row should have.
    width: Option<usize>,
    cells: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl<'r, R: BufRead> Rows<'r, R> {
    pub(super) fn new(reader: &'r mut R, longest: usize) -> Self {
        Self {
            reader,
            window: Vec::new(),
            start: 0,
            line: 1,
            row_line: 1,
            is_at_end: false,
            is_begun: false,
            utf_16: None,
            charset: None,
            separator: b',',
            parser: parser(b','),
            ahead: parser(b','),
            line_break: b'\n',
            has_line_feed: false,
            longest,
            spent: 0,
            width: None,
            cells: vec![0; 4096],
            ends: vec![0; 64],
            count: 0,
        }
    }

    /// Reads on. Behind the end there is nothing more: half a letter there is text that comes when all was read, and is no end of a
    /// row yet.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        if self.is_at_end {
            return Ok(());
        }
        let chunk = loop {
            match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome?,
            }
        };
        if self.start > self.window.len() / 2 {
            self.window.drain(..self.start);
            self.start = 0;
        }
        let used = chunk.len();
        self.is_at_end = used == 0;
        let mut chunk = chunk;
        if !self.is_begun && used > 0 {
            self.is_begun = true;
            if let Some((charset, mark)) = Encoding::for_bom(chunk) {
                self.utf_16 = (charset != UTF_8).then(|| charset.new_decoder_without_bom_handling());
                chunk = &chunk[mark..];
            } else if let Some(charset) = utf_16_by_look(chunk) {
                self.utf_16 = Some(charset.new_decoder_without_bom_handling());
            }
        }
        let before = self.window.len();
        match &mut self.utf_16 {
            None => self.window.extend_from_slice(chunk),
            Some(decoder) => decode(decoder, chunk, self.is_at_end, &mut self.window),
        }
        self.reader.consume(used);
        let fresh = &self.window[before..];
        self.has_line_feed |= memchr::memchr(b'\n', fresh).is_some();
        if !self.has_line_feed && memchr::memchr(b'\r', fresh).is_some() {
            self.line_break = b'\r';
        }
        Ok(())
    }

    /// Whether nothing but blanks was read until now.
    pub(super) fn is_blank(&self) -> bool {
        self.window.trim_ascii().is_empty()
    }

    /// The separator that Excel's `sep=;` states in a line of its own.
    pub(super) fn stated_separator(&self) -> Option<u8> {
        match self.window.as_slice() {
            [s, e, p, b'=', separator, b'\r' | b'\n', ..]
                if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" =>
            {
                Some(*separator)
            }
            _ => None,
        }
    }

    /// Sets what stands between cells.
    pub(super) fn separator(&mut self, separator: u8) {
        self.separator = separator;
        self.parser = parser(separator);
        self.ahead = parser(separator);
        if self.stated_separator().is_some() {
            self.start = b"sep=;".len();
        }
    }

    /// Sets how many cells a row should have.
    pub(super) fn expect(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// The first rows of what was read, as they are with a separator.
    pub(super) fn head(&self, separator: u8, most: usize) -> Vec<Vec<String>> {
        let mut parser = parser(separator);
        let (mut cells, mut ends) = (vec![0; self.window.len().max(1)], vec![0; MAX_CELLS]);
        let mut at = 0;
        let mut rows = Vec::new();
        while rows.len() < most {
            let (result, read, _, count) = parser.read_record(&self.window[at..], &mut cells, &mut ends);
            at += read;
            // The last row may go on behind what was read.
            if result != ReadRecordResult::Record {
                if rows.is_empty() && result == ReadRecordResult::InputEmpty {
                    rows.push(texts(&cells, &ends[..count.saturating_add(1).min(MAX_CELLS)]).collect());
                }
                break;
            }
            rows.push(texts(&cells, &ends[..count]).collect());
        }
        rows
    }

    /// The cells of the row at hand.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        slices(&self.cells, &self.ends[..self.count])
    }

    /// The same as texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        texts(&self.cells, &self.ends[..self.count])
    }

    /// One of them.
    pub(super) fn cell(&self, column: usize) -> Option<&[u8]> {
        self.ends[..self.count].get(column)?;
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.cells.get(start..self.ends[column])
    }

    /// Finds the character set of the file where the row at hand is the first that is not UTF-8.
    pub(super) fn find_charset(&mut self) {
        /// Bytes that are looked at.
        const LOOKED_AT: usize = 128 << 10;
        let used = self.ends[..self.count].last().copied().unwrap_or(0);
        if self.charset.is_none() && std::str::from_utf8(&self.cells[..used]).is_err() {
            let begin = self.start.saturating_sub(LOOKED_AT.max(self.cells.len()));
            let sample = &self.window[begin..self.window.len().min(self.start + LOOKED_AT)];
            self.charset = Some(charset::decode(sample, None).charset);
        }
    }

    /// The character set of what is not UTF-8.
    pub(super) fn charset(&self) -> Option<&'static str> {
        self.charset
    }

    /// Reads the next row.
    pub(super) fn next(&mut self) -> io::Result<Row> {
        self.skip_line_breaks()?;
        self.row_line = self.line;
        let is_by_line = self.spent > self.longest.saturating_mul(MAX_RESTARTS);
        self.parser.reset();
        let (mut at, mut written) = (self.start, 0);
        self.count = 0;
        loop {
            let end = if is_by_line { self.line_end(at) } else { self.window.len() };
            let (result, read, wrote, ended) = self.parser.read_record(
                &self.window[at..end],
                &mut self.cells[written..],
                &mut self.ends[self.count..],
            );
            at += read;
            written += wrote;
            self.count += ended;
            if at - self.start > self.longest {
                return self.too_long();
            }
            match result {
                ReadRecordResult::End => return Ok(Row::End),
                ReadRecordResult::Record => return Ok(self.whole(at)),
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.count >= MAX_CELLS => {
                    let reason = format!("the row has more than {MAX_CELLS} cells");
                    return Ok(self.give_up("too-large", reason));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::InputEmpty
                    if is_by_line && at > self.start && self.window[at - 1] == self.line_break =>
                {
                    return Ok(self.give_up("open-quote", OPEN_QUOTE.to_owned()));
                }
                ReadRecordResult::InputEmpty => {
                    let row = at - self.start;
                    self.fill()?;
                    at = self.start + row;
                }
            }
        }
    }

    /// Judges a row that ends at `end`.
    fn whole(&mut self, end: usize) -> Row {
        let raw = &self.window[self.start..end];
        let first = self.line_end(self.start) - self.start;
        let is_last = self.is_at_end && end == self.window.len();
        if first < raw.len() || is_last {
            match quotes(raw, self.separator) {
                Quotes::Open => return self.give_up("open-quote", OPEN_QUOTE.to_owned()),
                Quotes::Stray
                    if self.width.is_some_and(|width| are_rows(&mut self.ahead, &raw[first..], width)) =>
                {
                    return self.give_up("open-quote", OPEN_QUOTE.to_owned());
                }
                Quotes::Stray | Quotes::Paired => {}
            }
        }
        self.advance(end);
        Row::Cells { line: self.row_line }
    }

    /// A row that has become longer than a record may be.
    fn too_long(&mut self) -> io::Result<Row> {
        let end = self.line_end(self.start);
        if end - self.start <= self.longest && end < self.window.len() {
            return Ok(self.give_up("open-quote", OPEN_QUOTE.to_owned()));
        }
        let reason = format!("the line is longer than {} bytes", self.longest);
        let lost = Row::Lost { line: self.row_line, class: "too-large", reason };
        // The rest of the line is passed over.
        loop {
            let end = self.line_end(self.start);
            let is_whole = end > self.start && self.window[end - 1] == self.line_break;
            self.advance(end);
            if is_whole || self.is_at_end {
                return Ok(lost);
            }
            self.fill()?;
        }
    }

    /// Goes on in the line after the one that the row begins in.
    fn give_up(&mut self, class: &'static str, reason: String) -> Row {
        let line = self.row_line;
        let end = self.line_end(self.start);
        self.spent = self.spent.saturating_add(self.window.len() - end);
        self.advance(end);
        self.count = 0;
        Row::Lost { line, class, reason }
    }

    fn skip_line_breaks(&mut self) -> io::Result<()> {
        loop {
            let rest = &self.window[self.start..];
            let breaks = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.advance(self.start + breaks);
            if self.start < self.window.len() || self.is_at_end {
                return Ok(());
            }
            self.fill()?;
        }
    }

    /// Where a line ends, behind its break.
    fn line_end(&self, at: usize) -> usize {
        memchr::memchr(self.line_break, &self.window[at..]).map_or(self.window.len(), |found| at + found + 1)
    }

    fn advance(&mut self, to: usize) {
        self.line += memchr::memchr_iter(self.line_break, &self.window[self.start..to]).count() as u64;
        self.start = to;
    }
}

const OPEN_QUOTE: &str = "a quote is opened in it and never closed";

/// Whether a part of a table is whole rows as they should be; its quotes are closed.
fn are_rows(parser: &mut Reader, part: &[u8], width: usize) -> bool {
    parser.reset();
    let (mut cells, mut ends) = (vec![0; part.len().max(1)], vec![0; width + 1]);
    let mut at = 0;
    while at < part.len() {
        let (result, read, _, count) = parser.read_record(&part[at..], &mut cells, &mut ends);
        at += read;
        let is_unfinished =
            result == ReadRecordResult::InputEmpty && at == part.len() && !part.ends_with(b"\n");
        let is_row = result == ReadRecordResult::Record || is_unfinished;
        // The last cell of a row without a line break is not counted yet.
        if !is_row || count + usize::from(is_unfinished) != width {
            return false;
        }
    }
    !part.is_empty()
}

fn parser(separator: u8) -> Reader {
    ReaderBuilder::new().delimiter(separator).build()
}

fn slices<'c>(cells: &'c [u8], ends: &'c [usize]) -> impl Iterator<Item = &'c [u8]> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, end)| cells.get(start..*end).unwrap_or_default())
}

fn texts<'c>(cells: &'c [u8], ends: &'c [usize]) -> impl Iterator<Item = String> + 'c {
    slices(cells, ends).map(|cell| charset::decode(cell, None).text.into_owned())
}

/// How the quotes of a row stand.
#[derive(Debug, PartialEq, Eq)]
enum Quotes {
    /// Each is closed at the end of its cell.
    Paired,
    /// One is closed in the middle of a cell.
    Stray,
    /// One is not closed.
    Open,
}

fn quotes(row: &[u8], separator: u8) -> Quotes {
    let (mut is_quoted, mut is_stray) = (false, false);
    let mut before = separator;
    let mut bytes = row.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let is_cell_end = |byte: u8| byte == separator || matches!(byte, b'\r' | b'\n');
        if byte == b'"' {
            if !is_quoted {
                is_quoted = is_cell_end(before);
            } else if bytes.peek() == Some(&b'"') {
                bytes.next();
            } else {
                is_quoted = false;
                is_stray |= bytes.peek().is_some_and(|next| !is_cell_end(*next));
            }
        }
        before = byte;
    }
    match (is_quoted, is_stray) {
        (true, _) => Quotes::Open,
        (_, true) => Quotes::Stray,
        _ => Quotes::Paired,
    }
}

/// UTF-16 without a mark: every other byte of the first letters is zero.
fn utf_16_by_look(bytes: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| bytes.iter().take(16).skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    match (zeros(0), zeros(1)) {
        (0, 6..) => Some(UTF_16LE),
        (6.., 0) => Some(UTF_16BE),
        _ => None,
    }
}

fn decode(decoder: &mut Decoder, mut bytes: &[u8], is_last: bool, out: &mut Vec<u8>) {
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(4096));
    loop {
        let (result, read, _) = decoder.decode_to_string(bytes, &mut text, is_last);
        bytes = &bytes[read..];
        if result == CoderResult::InputEmpty {
            break;
        }
        text.reserve(4096);
    }
    out.extend_from_slice(text.as_bytes());
}
