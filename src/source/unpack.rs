//! Packed streams, unpacked as they are read and bounded in what they may become.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use xxhash_rust::xxh3::Xxh3;

use super::{Limits, Packing};

/// A packed file may become this large whatever its ratio.
const FREE: u64 = 10 << 20;

/// How many bytes text gives for each packed one at the very most: what is larger than [`Limits::max_unpacked`] has to stay
/// below it.
const RATIO_OF_TEXT: u64 = 50;

/// Largest window of zstd that is accepted, as a power of two: 8 MiB, what the command line tool reads by default and
/// more than it writes up to level 19.
const WINDOW_LOG: u32 = 23;

/// Memory that xz may ask for, in KiB: the dictionary of `xz -9` is 64 MiB.
const XZ_MEMORY: u32 = 66 << 10;

/// Bytes of a stream that are held at a time.
pub(super) const BUFFER: usize = 128 << 10;

/// What one file gave so far, over all packings in it, and what it may give.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    counts: Arc<Counts>,
    max_ratio: u64,
    max_unpacked: u64,
}

#[derive(Debug, Default)]
struct Counts {
    /// Bytes that came from the file.
    raw: AtomicU64,
    /// Bytes that came out of packings.
    unpacked: AtomicU64,
    is_over: AtomicBool,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { counts: Arc::default(), max_ratio: limits.max_ratio, max_unpacked: limits.max_unpacked }
    }

    /// Bytes that came from the file.
    pub(super) fn bytes_read(&self) -> u64 {
        self.counts.raw.load(Ordering::Relaxed)
    }

    /// Whether more came out than is allowed.
    pub(super) fn is_over(&self) -> bool {
        self.counts.is_over.load(Ordering::Relaxed)
    }

    /// Counts bytes that came out of a packing, and refuses those of a bomb.
    fn unpacked(&self, count: u64) -> io::Result<()> {
        let unpacked = self.counts.unpacked.fetch_add(count, Ordering::Relaxed) + count;
        let times = |ratio: u64| self.bytes_read().saturating_mul(ratio);
        let refuse = |reason: String| {
            self.counts.is_over.store(true, Ordering::Relaxed);
            Err(io::Error::new(io::ErrorKind::FileTooLarge, reason))
        };
        if unpacked > FREE.saturating_add(times(self.max_ratio)) {
            return refuse(format!("it unpacks to more than {} times its size", self.max_ratio));
        }
        if unpacked > self.max_unpacked.max(times(RATIO_OF_TEXT)) {
            let allowed = self.max_unpacked;
            return refuse(format!(
                "it unpacks to more than {allowed} bytes and {RATIO_OF_TEXT} times its size"
            ));
        }
        Ok(())
    }
}

/// Counts and hashes what comes from the file.
pub(super) struct Raw<R> {
    inner: R,
    meter: Meter,
    hash: Xxh3,
}

impl<R: Read> Raw<R> {
    pub(super) fn new(inner: R, meter: &Meter) -> Self {
        Self { inner, meter: meter.clone(), hash: Xxh3::new() }
    }

    /// Hash of all bytes that came.
    pub(super) fn hash(&self) -> u64 {
        self.hash.digest()
    }
}

impl<R: Read> Read for Raw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.counts.raw.fetch_add(count as u64, Ordering::Relaxed);
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

/// The stream that is packed in another.
pub(super) fn unpack<'r>(
    packing: Packing,
    reader: impl BufRead + 'r,
    meter: &Meter,
) -> io::Result<Box<dyn BufRead + 'r>> {
    let inner: Box<dyn Read + 'r> = match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(reader)),
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(reader)?;
            decoder.window_log_max(WINDOW_LOG)?;
            Box::new(decoder)
        }
        Packing::Bzip2 => Box::new(MultiBzDecoder::new(reader)),
        Packing::Xz => Box::new(XzReader::new_mem_limit(reader, true, XZ_MEMORY)),
    };
    Ok(metered(inner, meter))
}

/// A stream that is unpacked elsewhere, with what it gives counted.
pub(super) fn metered<'r>(inner: impl Read + 'r, meter: &Meter) -> Box<dyn BufRead + 'r> {
    Box::new(BufReader::with_capacity(BUFFER, Unpacked { inner: Box::new(inner), meter: meter.clone() }))
}

struct Unpacked<'r> {
    inner: Box<dyn Read + 'r>,
    meter: Meter,
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer).map_err(|error| match error.kind() {
            // Only xz says beforehand what it needs.
            io::ErrorKind::OutOfMemory => {
                let reason = "its dictionary is larger than 64 MiB; pack it again with xz -9 or less";
                io::Error::new(io::ErrorKind::OutOfMemory, reason)
            }
            _ => error,
        })?;
        self.meter.unpacked(count as u64)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::{Meter, Packing, Raw, unpack};
    use crate::source::Limits;
    use std::io::{self, BufReader, Read, Write};

    fn pack(packing: Packing, bytes: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Packing::Zstd => zstd::bulk::compress(bytes, 3).unwrap(),
            Packing::Bzip2 => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Packing::Xz => xz(bytes, 6, None),
        }
    }

    fn xz(bytes: &[u8], level: u32, dictionary: Option<u32>) -> Vec<u8> {
        let mut options = lzma_rust2::XzOptions::with_preset(level);
        if let Some(size) = dictionary {
            options.lzma_options.dict_size = size;
        }
        let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// What comes out, and why it ended.
    fn read(packed: &[u8], limits: &Limits) -> (u64, Vec<u8>, Option<io::Error>) {
        let meter = Meter::new(limits);
        let packing = Packing::look(packed).unwrap();
        let mut reader = unpack(packing, BufReader::new(Raw::new(packed, &meter)), &meter).unwrap();
        let (mut all, mut kept, mut buffer) = (0, Vec::new(), vec![0; 64 << 10]);
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return (all, kept, None),
                Ok(count) => {
                    all += count as u64;
                    kept.extend_from_slice(&buffer[..count.min(1000)]);
                }
                Err(error) => return (all, kept, Some(error)),
            }
        }
    }

    #[test]
    fn streams_one_behind_the_other_are_one() {
        for packing in Packing::ALL {
            let packed = [pack(packing, b"one "), pack(packing, b"two")].concat();
            let (_, text, error) = read(&packed, &Limits::default());
            assert_eq!((&*text, error.is_none()), (&b"one two"[..], true), "{packing}");
        }
    }

    #[test]
    fn bombs_are_stopped() {
        let zeros = vec![0; 64 << 20];
        for packing in Packing::ALL {
            let (count, _, error) = read(&pack(packing, &zeros), &Limits::default());
            assert_eq!(error.unwrap().kind(), io::ErrorKind::FileTooLarge, "{packing}");
            assert!(count < 32 << 20, "{packing}");
        }
    }

    #[test]
    fn what_is_large_has_to_be_packed_as_text_is() {
        let limits = Limits { max_unpacked: 11 << 20, ..Limits::default() };
        let repeated = b"A line that comes again and again, as no newspaper's does.\n".repeat(300_000);
        let (count, _, error) = read(&pack(Packing::Gzip, &repeated), &limits);
        assert_eq!(error.unwrap().kind(), io::ErrorKind::FileTooLarge);
        assert!(count <= 12 << 20);
        let distinct: String = (0..1_500_000_u64)
            .map(|number| format!("{:x}\n", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .collect();
        let (count, _, error) = read(&pack(Packing::Gzip, distinct.as_bytes()), &limits);
        assert!(error.is_none() && count > 20 << 20, "{error:?} {count}");
    }

    #[test]
    fn what_breaks_off_gives_what_it_holds() {
        let text: String = (0..400_000).map(|number| format!("line {number}\n")).collect();
        for packing in Packing::ALL {
            let packed = pack(packing, text.as_bytes());
            let (count, kept, error) = read(&packed[..packed.len() * 9 / 10], &Limits::default());
            assert!(error.is_some(), "{packing}");
            assert!(count > 500_000 && kept.starts_with(b"line 0\n"), "{packing}: {count}");
        }
    }

    #[test]
    fn a_dictionary_is_bounded() {
        let (_, text, error) = read(&xz(b"as xz -9 packs it", 9, None), &Limits::default());
        assert_eq!((&*text, error.is_none()), (&b"as xz -9 packs it"[..], true));
        let (count, _, error) = read(&xz(b"larger", 6, Some(128 << 20)), &Limits::default());
        assert_eq!(count, 0);
        assert!(error.unwrap().to_string().contains("dictionary"));
    }
}
