//! Compressed files as streams: gzip and zstd, found by their first bytes, bounded in what they may become.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use xxhash_rust::xxh3::Xxh3;

/// A packed file may become this large whatever its ratio.
const FREE: u64 = 10 << 20;

/// Largest window of zstd that is accepted, as a power of two: 8 MiB, what the command line tool reads by default and
/// more than it writes up to level 19.
const WINDOW_LOG: u32 = 23;

/// Counts and hashes what comes from the disk.
pub(super) struct Raw<R> {
    inner: R,
    count: Arc<AtomicU64>,
    hash: Xxh3,
}

impl<R: Read> Raw<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, count: Arc::default(), hash: Xxh3::new() }
    }
}

impl<R: Read> Read for Raw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

type Buffered<R> = BufReader<Raw<R>>;

enum Packing<R: Read> {
    None(Box<Buffered<R>>),
    Gzip(Box<MultiGzDecoder<Buffered<R>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Buffered<R>>>),
}

/// The content of a file, unpacked as it is read.
pub(super) struct Unpacked<R: Read = File> {
    inner: Packing<R>,
    raw_count: Arc<AtomicU64>,
    count: u64,
    max_ratio: u64,
}

impl<R: Read> Unpacked<R> {
    pub(super) fn new(file: R, max_ratio: u64) -> io::Result<Self> {
        let raw = Raw::new(file);
        let raw_count = Arc::clone(&raw.count);
        let mut reader = BufReader::with_capacity(128 << 10, raw);
        let head = reader.fill_buf()?;
        let inner = if head.starts_with(&[0x1f, 0x8b]) {
            Packing::Gzip(Box::new(MultiGzDecoder::new(reader)))
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(reader)?;
            decoder.window_log_max(WINDOW_LOG)?;
            Packing::Zstd(Box::new(decoder))
        } else {
            Packing::None(Box::new(reader))
        };
        Ok(Self { inner, raw_count, count: 0, max_ratio })
    }

    /// Bytes that came from the disk.
    pub(super) fn bytes_read(&self) -> u64 {
        self.raw_count.load(Ordering::Relaxed)
    }

    /// Bytes that came out.
    pub(super) fn bytes_unpacked(&self) -> u64 {
        self.count
    }

    /// Hash of the bytes that came from the disk.
    pub(super) fn hash(&self) -> u64 {
        let raw = match &self.inner {
            Packing::None(reader) => reader.get_ref(),
            Packing::Gzip(reader) => reader.get_ref().get_ref(),
            Packing::Zstd(reader) => reader.get_ref().get_ref(),
        };
        raw.hash.digest()
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.inner {
            Packing::None(reader) => return reader.read(buffer).inspect(|count| self.count += *count as u64),
            Packing::Gzip(reader) => reader.read(buffer)?,
            Packing::Zstd(reader) => reader.read(buffer)?,
        };
        self.count += count as u64;
        let allowed = FREE.saturating_add(self.bytes_read().saturating_mul(self.max_ratio));
        if self.count > allowed {
            let message = format!("it unpacks to more than {} times its size", self.max_ratio);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::Unpacked;
    use std::io::{Read, Write};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Unpacked::new(bytes, 200)?.read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn packings_are_found_by_their_bytes() {
        let two_members = [gzip(b"one "), gzip(b"two")].concat();
        for packed in
            [b"one two".to_vec(), gzip(b"one two"), two_members, zstd::bulk::compress(b"one two", 3).unwrap()]
        {
            assert_eq!(read(&packed).unwrap(), b"one two");
        }
        assert_eq!(read(b"").unwrap(), b"");
    }

    #[test]
    fn bombs_are_stopped() {
        let zeros = vec![0; 64 << 20];
        for packed in [gzip(&zeros), zstd::bulk::compress(&zeros, 3).unwrap()] {
            let mut reader = Unpacked::new(&packed[..], 200).unwrap();
            let error = std::io::copy(&mut reader, &mut std::io::sink()).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge);
            assert!(reader.bytes_unpacked() < 32 << 20);
        }
    }
}
