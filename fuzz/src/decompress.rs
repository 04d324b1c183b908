//! Packed bytes: never more comes out than the limits allow, and what was packed comes back as it was.

use std::io::Write;

use dateline::Cancel;
use dateline::source::{Format, Found, Limits, read_stream};

/// A file may give that much whatever it holds.
const FREE: u64 = 10 << 20;

/// Bytes that are unpacked at a time.
const BUFFER: u64 = 256 << 10;

pub fn check(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let limits = Limits { max_ratio: 20, max_unpacked: 1 << 20, max_whole: 64 << 20, ..Limits::default() };
    match first % 8 {
        0 => comes_back(rest, gzip(rest), &limits),
        1 => comes_back(rest, zstd::bulk::compress(rest, 1).unwrap(), &limits),
        // Two streams one behind the other are one.
        2 => {
            let (left, right) = rest.split_at(rest.len() / 2);
            comes_back(rest, [gzip(left), gzip(right)].concat(), &limits);
        }
        // A few bytes that stand for many, cut and changed by what is left.
        3 => bounded(&damaged(gzip(&vec![b'a'; 1 << 20]), rest), &limits),
        4 => bounded(&damaged(zstd::bulk::compress(&vec![b'a'; 24 << 20], 1).unwrap(), rest), &limits),
        _ => bounded(rest, &limits),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Puts bytes over others, at places that they say.
fn damaged(mut packed: Vec<u8>, edits: &[u8]) -> Vec<u8> {
    for edit in edits.chunks_exact(3).take(16) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % packed.len();
        packed[at] = edit[2];
    }
    packed
}

fn read(bytes: &[u8], limits: &Limits) -> (u64, Vec<Vec<u8>>, Vec<String>) {
    let (mut records, mut skipped) = (Vec::new(), Vec::new());
    let read = read_stream("file", Some(Format::Plain), bytes, limits, &Cancel::new(), &mut |found| {
        match found {
            Found::Record(record) => records.push(record.bytes),
            Found::Skipped(it) => skipped.push(it.class),
            Found::Warned(_) => {}
        }
        Ok(())
    });
    let read = read.expect("bytes in memory can be read");
    assert!(read.bytes_read <= bytes.len() as u64);
    (read.bytes_unpacked, records, skipped)
}

fn bounded(packed: &[u8], limits: &Limits) {
    let (unpacked, records, _) = read(packed, limits);
    let most = FREE + limits.max_ratio * packed.len() as u64 + BUFFER;
    assert!(unpacked <= most, "{unpacked} bytes out of {}", packed.len());
    let held: usize = records.iter().map(Vec::len).sum();
    assert!(held as u64 <= most, "{held} bytes held");
}

fn comes_back(bytes: &[u8], packed: Vec<u8>, limits: &Limits) {
    let (_, records, skipped) = read(&packed, limits);
    match (&records[..], &skipped[..]) {
        ([record], []) => assert!(record == bytes || is_container(bytes), "other bytes came out"),
        ([], [_, ..]) => {
            let is_empty = bytes.trim_ascii().is_empty();
            assert!(is_empty || is_container(bytes), "{skipped:?}");
        }
        _ => assert!(is_container(bytes), "{} records, {skipped:?}", records.len()),
    }
}

/// Whether what was packed is itself a packed file or an archive.
fn is_container(bytes: &[u8]) -> bool {
    const MAGIC: [&[u8]; 5] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"PK"];
    let is_skippable_frame = bytes.get(1..4) == Some(b"\x2a\x4d\x18");
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
        || is_skippable_frame
        || bytes.get(257..262) == Some(b"ustar")
}
