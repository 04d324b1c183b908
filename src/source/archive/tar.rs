//! tar, read by the crate of that name. It holds long names and extended headers whole, so what may be read between two
//! members is bounded here.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use tar::EntryType;

use super::{Kind, Members, Within};
use crate::error::Result;

/// Most bytes that stand between two members: headers, long names, padding.
const MAX_HEADERS: u64 = 1 << 20;

/// Bytes of a member that are held at a time.
const BUFFER: usize = 16 << 10;

/// What is known of the stream below the reader.
#[derive(Default)]
struct State {
    /// Bytes that may be read until more are allowed.
    allowed: Cell<u64>,
    /// Whether the last block that was asked for was one of zeros, as at the end of an archive.
    is_at_end: Cell<bool>,
}

struct Guarded<'r> {
    inner: Box<dyn BufRead + 'r>,
    state: Rc<State>,
}

impl Read for Guarded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.state.allowed.get() == 0 {
            let reason = format!("the headers of a member have more than {MAX_HEADERS} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let most = usize::try_from(self.state.allowed.get()).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.inner.read(&mut buffer[..most])?;
        self.state.allowed.set(self.state.allowed.get() - count as u64);
        if count > 0 {
            self.state.is_at_end.set(buffer[..count].iter().all(|byte| *byte == 0));
        }
        Ok(count)
    }
}

/// Visits all members.
pub(super) fn each(reader: Box<dyn BufRead + '_>, members: &mut Members<'_, '_>) -> Result<io::Result<()>> {
    let state = Rc::new(State::default());
    let mut archive = tar::Archive::new(Guarded { inner: reader, state: Rc::clone(&state) });
    let mut entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return Ok(Err(error)),
    };
    loop {
        state.allowed.set(MAX_HEADERS);
        state.is_at_end.set(false);
        let entry = match entries.next() {
            None if state.is_at_end.get() => break,
            None => {
                return Ok(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends between two members")));
            }
            Some(Err(error)) => return Ok(Err(error)),
            Some(Ok(entry)) => entry,
        };
        state.allowed.set(u64::MAX);
        let kind = match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous => Kind::File,
            EntryType::Directory | EntryType::XGlobalHeader => Kind::Folder,
            // One with holes in it could be of any size without a byte on disk.
            _ => Kind::Other,
        };
        let path = entry.path_bytes().into_owned();
        let size = if entry.header().entry_type() == EntryType::GNUSparse { 0 } else { entry.size() };
        let is_broken = Cell::new(false);
        let mut within = Within::new(BufReader::with_capacity(BUFFER, entry), size, &is_broken);
        if let Some(name) = members.wanted(&path, kind)?
            && let Err(error) = members.member(&name, Box::new(&mut within), &is_broken)?
        {
            return Ok(Err(error));
        }
        if let Err(error) = io::copy(&mut within, &mut io::sink()) {
            return Ok(Err(super::in_member(&super::shown(&path), &error)));
        }
    }
    let mut rest = archive.into_inner().inner;
    Ok(io::copy(&mut rest, &mut io::sink()).map(drop))
}
