//! Whether there is room for what is about to be written.
//!
//! A disk that runs full in the middle costs the run; asked before, it costs nothing.

use std::{fmt, io};

use tantivy::SegmentMeta;
use tantivy::merge_policy::{MergeCandidate, MergePolicy};

use super::Storage;
use crate::error::{Error, ErrorKind, Result};

/// What is needed beside an estimate, which is a fifth more than was estimated: lists of files, the ledger's last lines.
const MARGIN: u64 = 1 << 20;

impl Storage {
    /// Fails where there is not room for about so many bytes.
    pub(crate) fn ask_for(&self, bytes: u64) -> Result<()> {
        let needed = needed(bytes);
        match self.free_bytes() {
            Some(free) if free < needed => {
                let message = format!(
                    "{} has no room: {needed} bytes are needed, {free} are free",
                    self.folder().display()
                );
                Err(Error::new(ErrorKind::Io, message)
                    .with_hint("make room and run it again; what was committed before is safe"))
            }
            _ => Ok(()),
        }
    }

    /// What is known of the disk at the moment when something could not be written because it is full.
    pub(super) fn shortage(&self, error: &io::Error) -> Option<Shortage> {
        let free = self.free_bytes().filter(|_| error.kind() == io::ErrorKind::StorageFull)?;
        Some(Shortage { free, written: self.written() })
    }

    fn has_room(&self, bytes: u64) -> bool {
        self.free_bytes().is_none_or(|free| free >= needed(bytes))
    }
}

/// A disk that was full in the middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shortage {
    /// Bytes that it had left, too few for what was to be written.
    free: u64,
    /// Bytes that were written since the last commit, and go with the next run.
    written: u64,
}

impl Shortage {
    /// The error that came of it with what is free, and what is still needed where all was to be about so many bytes. Where
    /// more than that has been written nobody knows.
    pub(super) fn named(self, error: &Error, bytes: Option<u64>) -> Error {
        let Self { free, written } = self;
        let more = bytes.map(|bytes| needed(bytes).saturating_sub(written)).filter(|more| *more > free);
        let message = match more {
            Some(more) => format!("{error}: {more} more bytes are needed, {free} are free"),
            None => format!("{error}: {free} bytes are free"),
        };
        Error::new(error.kind(), message)
            .with_hint("make room and run it again; what was committed before is safe")
    }
}

fn needed(bytes: u64) -> u64 {
    bytes.saturating_add(bytes / 5).saturating_add(MARGIN)
}

/// Name of the files of a segment.
pub(crate) fn segment_name(segment: &SegmentMeta) -> String {
    segment.id().uuid_string()
}

/// A merge policy that puts off what there is no room for. Old and new files are there together for a while.
pub(crate) struct WithinSpace<P> {
    pub(crate) storage: Storage,
    pub(crate) policy: P,
}

impl<P: fmt::Debug> fmt::Debug for WithinSpace<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WithinSpace({:?})", self.policy)
    }
}

impl<P: MergePolicy> MergePolicy for WithinSpace<P> {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let mut candidates = self.policy.compute_merge_candidates(segments);
        // They are merged at the same time.
        let mut bytes = 0;
        candidates.retain(|MergeCandidate(ids)| {
            let names: Vec<_> = ids.iter().map(tantivy::index::SegmentId::uuid_string).collect();
            let further = self.storage.bytes_of(&names);
            let has_room = self.storage.has_room(bytes + further);
            bytes += if has_room { further } else { 0 };
            has_room
        });
        candidates
    }
}
