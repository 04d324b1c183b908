//! A stream that can be looked at ahead.

use std::io::{self, BufRead, Read};

/// A stream with as many bytes at hand as are asked for.
pub(super) struct Window<'r> {
    inner: Box<dyn BufRead + 'r>,
    buffer: Vec<u8>,
    at: usize,
    /// Bytes consumed so far.
    pub(super) position: u64,
}

impl<'r> Window<'r> {
    pub(super) fn new(inner: Box<dyn BufRead + 'r>) -> Self {
        Self { inner, buffer: Vec::new(), at: 0, position: 0 }
    }

    /// What comes next: at least `count` bytes, fewer only at the end.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.at < count {
            let more = match self.inner.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                outcome => outcome?,
            };
            if more.is_empty() {
                break;
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            self.buffer.extend_from_slice(more);
            let used = more.len();
            self.inner.consume(used);
        }
        Ok(&self.buffer[self.at..])
    }

    /// The next bytes, of a number that the format fixes.
    pub(super) fn take_array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.peek(1)?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Window<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
        self.position += count as u64;
    }
}
