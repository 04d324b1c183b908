//! An unpacked archive as it is read: places, lines, and bytes that are given back to be read once more.

use std::io::{self, BufRead, Read};

/// Longest line of a head, in bytes; of a longer one this much is a line.
const MAX_LINE: u64 = 64 << 10;

/// How many bytes may be read again, so that records of wrong lengths can't make the reading take quadratic time.
const MAX_AGAIN: u64 = 1 << 30;

pub(super) struct Stream<'r, R> {
    inner: &'r mut R,
    /// What was given back, and how much of it was read again.
    again: Vec<u8>,
    again_at: usize,
    again_total: u64,
    offset: u64,
}

impl<'r, R: BufRead> Stream<'r, R> {
    pub(super) fn new(inner: &'r mut R) -> Self {
        Self { inner, again: Vec::new(), again_at: 0, again_total: 0, offset: 0 }
    }

    /// Bytes read so far: the place of the next one in the unpacked archive.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads a line with its end into an empty buffer; none is left where it stays empty.
    pub(super) fn line(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        line.clear();
        self.take(MAX_LINE).read_until(b'\n', line).map(drop)
    }

    /// Adds up to `length` bytes to a buffer; fewer are left where there are not so many.
    pub(super) fn bytes(&mut self, length: u64, out: &mut Vec<u8>) -> io::Result<()> {
        self.take(length).read_to_end(out).map(drop)
    }

    /// Passes over empty lines and reads the next one; the bytes passed over are added to `passed`.
    pub(super) fn line_with_text(&mut self, line: &mut Vec<u8>, passed: &mut Vec<u8>) -> io::Result<()> {
        loop {
            self.line(line)?;
            if line.is_empty() || !line.trim_ascii().is_empty() {
                return Ok(());
            }
            // Any number of them is passed over; what is kept of them is bounded.
            if passed.len() < MAX_LINE as usize {
                passed.extend_from_slice(line);
            }
        }
    }

    /// Gives bytes back that were read last. False where so much was read again already that it has to end.
    pub(super) fn give_back(&mut self, mut bytes: Vec<u8>) -> bool {
        self.again_total += bytes.len() as u64;
        self.offset -= bytes.len() as u64;
        bytes.extend_from_slice(&self.again[self.again_at..]);
        self.again = bytes;
        self.again_at = 0;
        self.again_total <= MAX_AGAIN
    }
}

impl<R: BufRead> Read for Stream<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Stream<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.again_at < self.again.len() {
            return Ok(&self.again[self.again_at..]);
        }
        self.again = Vec::new();
        self.again_at = 0;
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.offset += count as u64;
        if self.again.is_empty() {
            self.inner.consume(count);
        } else {
            self.again_at += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    #[test]
    fn what_is_given_back_is_read_again() {
        let mut inner: &[u8] = b"one\n\r\n\ntwo\nthree";
        let mut stream = Stream::new(&mut inner);
        let (mut line, mut passed, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
        stream.line(&mut line).unwrap();
        assert_eq!((&*line, stream.offset()), (&b"one\n"[..], 4));
        stream.line_with_text(&mut line, &mut passed).unwrap();
        assert_eq!((&*line, &*passed, stream.offset()), (&b"two\n"[..], &b"\r\n\n"[..], 11));
        assert!(stream.give_back(line.clone()));
        stream.bytes(2, &mut bytes).unwrap();
        assert!(stream.give_back(b"!!".to_vec()));
        stream.bytes(100, &mut bytes).unwrap();
        assert_eq!((&*bytes, stream.offset()), (&b"tw!!o\nthree"[..], 16));
        stream.line(&mut line).unwrap();
        assert!(line.is_empty());
    }
}
