//! Which members of a zip archive are links: only the list at its end says so.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Most links that are remembered.
const MAX: usize = 1 << 20;

/// Length of the record at the very end, of its comment at most, and of the pointer before it in large archives.
const END: usize = 22;
const MAX_COMMENT: usize = u16::MAX as usize;
const POINTER: usize = 20;

/// Where the headers of members that are links begin. Empty where the list is missing or broken.
pub(in crate::source) fn links(file: &File) -> HashSet<u64> {
    let mut found = HashSet::new();
    // As far as it can be read.
    let _ = read(file, &mut found);
    found
}

fn read(mut file: &File, found: &mut HashSet<u64>) -> io::Result<()> {
    let Some((start, size)) = list(file)? else { return Ok(()) };
    file.seek(SeekFrom::Start(start))?;
    let mut records = BufReader::new(file.take(size));
    let mut record = [0; 46];
    while found.len() < MAX {
        records.read_exact(&mut record)?;
        if !record.starts_with(b"PK\x01\x02") {
            break;
        }
        // The upper half is the mode that Unix gives a file.
        let is_link = u16_at(&record, 40) & 0o170_000 == 0o120_000;
        if is_link {
            found.insert(u64::from(u32_at(&record, 42)));
        }
        let rest: u64 = [28, 30, 32].iter().map(|at| u64::from(u16_at(&record, *at))).sum();
        io::copy(&mut records.by_ref().take(rest), &mut io::sink())?;
    }
    Ok(())
}

/// Place and size of the list in the file.
fn list(mut file: &File) -> io::Result<Option<(u64, u64)>> {
    let length = file.seek(SeekFrom::End(0))?;
    let looked_at = length.min((END + MAX_COMMENT + POINTER) as u64);
    file.seek(SeekFrom::Start(length - looked_at))?;
    let mut tail = Vec::new();
    file.take(looked_at).read_to_end(&mut tail)?;
    let Some(at) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else { return Ok(None) };
    let Some(end) = tail.get(at..at + END) else { return Ok(None) };
    let mut position = length - looked_at + at as u64;
    let mut size = u64::from(u32_at(end, 12));
    if u32_at(end, 12) == u32::MAX || u32_at(end, 16) == u32::MAX {
        let pointer = at.checked_sub(POINTER).map(|start| &tail[start..at]);
        let Some(pointer) = pointer.filter(|pointer| pointer.starts_with(b"PK\x06\x07")) else {
            return Ok(None);
        };
        position = u64_at(pointer, 8);
        file.seek(SeekFrom::Start(position))?;
        let mut record = [0; 56];
        file.read_exact(&mut record)?;
        size = u64_at(&record, 40);
    }
    Ok(position.checked_sub(size).map(|start| (start, size)))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
