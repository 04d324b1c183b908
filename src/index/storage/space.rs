//! Whether there is room for what is about to be written.
//!
//! A disk that runs full in the middle costs the run; asked before, it costs nothing.

use std::fmt;

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

    fn has_room(&self, bytes: u64) -> bool {
        self.free_bytes().is_none_or(|free| free >= needed(bytes))
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
