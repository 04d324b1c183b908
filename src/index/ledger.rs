//! What was read from where: the checkpoint in every commit and the list of files that it names.
//!
//! tantivy commits a short text with the documents. dateline's holds the name of the ledger file, which was written and
//! synced before, so that documents and ledger change together or not at all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::storage::manifest::damage;
use super::storage::{Storage, ours_in};
use super::{FORMAT_VERSION, REPAIR_HINT};
use crate::error::{Error, ErrorKind, Result};
use crate::source::Format;

/// The text committed with the documents, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// Version of the format.
    pub(crate) format: u32,
    /// Number of the commit, from 1; 0 before the first.
    pub(crate) seq: u64,
    /// Name of the ledger file; none before the first commit and in memory.
    #[serde(default)]
    pub(crate) ledger: Option<String>,
    /// Name of the company list that was given beside the built-in one.
    #[serde(default)]
    pub(crate) companies: Option<String>,
    /// The tagger's fingerprint, so that stale tags are noticed.
    #[serde(default)]
    pub(crate) tagger: String,
    /// Whether that is dateline's own tagger with the list of the index. Only of that one it can be told without the
    /// tagger whether it would answer otherwise now.
    #[serde(default = "yes")]
    pub(crate) is_own_tagger: bool,
}

fn yes() -> bool {
    true
}

impl Default for Checkpoint {
    fn default() -> Self {
        Self {
            format: FORMAT_VERSION,
            seq: 0,
            ledger: None,
            companies: None,
            tagger: String::new(),
            is_own_tagger: true,
        }
    }
}

impl Checkpoint {
    /// The checkpoint of the last commit.
    pub(crate) fn read(index: &tantivy::Index) -> Result<Self> {
        let meta = index.load_metas().map_err(|error| {
            if let Some(error) = ours_in(&error) {
                return error;
            }
            Error::new(ErrorKind::Damaged, format!("meta.json of the index can't be read: {error}"))
                .with_hint(REPAIR_HINT)
                .caused_by(error)
        })?;
        match meta.payload {
            None if meta.segments.is_empty() => Ok(Self::default()),
            None => Err(Error::new(ErrorKind::Format, "the index was not written by dateline")
                .with_hint("choose another folder with --index")),
            Some(payload) => serde_json::from_str(&payload).map_err(|error| {
                Error::new(ErrorKind::Damaged, "the checkpoint of the index can't be read").caused_by(error)
            }),
        }
    }

    pub(crate) fn to_payload(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| {
            Error::new(ErrorKind::Internal, "the checkpoint can't be written").caused_by(error)
        })
    }
}

/// What is known of a file that was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileState {
    /// Size on disk.
    pub(crate) bytes: u64,
    /// Time of the last change, in nanoseconds since 1970.
    pub(crate) modified_ns: i64,
    /// xxh3 of its bytes.
    pub(crate) hash: u64,
    /// Records found in it.
    pub(crate) records: u64,
    /// Whether it was read to its end; a file that broke off is read again.
    pub(crate) is_complete: bool,
    /// Whether an article of it has the id of one in another file. The last file counts, so when one of them changes
    /// all are read again.
    #[serde(default)]
    pub(crate) shares_ids: bool,
    /// The format that its user said it has; said otherwise, it is read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<Format>,
}

impl FileState {
    /// Of a file of which nothing is known but that articles came from it.
    pub(crate) fn unread() -> Self {
        Self {
            bytes: 0,
            modified_ns: 0,
            hash: 0,
            records: 0,
            is_complete: false,
            shares_ids: false,
            format: None,
        }
    }
}

/// The files that the index was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// Hash of what decides how records are read: the field map, the tagger. Other than in the last run: all is read
    /// again.
    pub(crate) seed: u64,
    /// By path.
    pub(crate) files: BTreeMap<String, FileState>,
}

impl Ledger {
    /// The ledger that a checkpoint names; empty before the first commit.
    pub(crate) fn read(storage: &Storage, checkpoint: &Checkpoint) -> Result<Self> {
        let Some(name) = &checkpoint.ledger else { return Ok(Self::default()) };
        let packed = storage.read(name)?;
        let damaged = |error: Box<dyn std::error::Error + Send + Sync>| {
            damage(storage.folder(), name, "it can't be read").caused_by(error)
        };
        Self::unpack(&packed).map_err(damaged)
    }

    /// Reads the content of a ledger file.
    pub(crate) fn unpack(packed: &[u8]) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let reader = zstd::stream::read::Decoder::new(packed)?;
        Ok(serde_json::from_reader(std::io::BufReader::new(reader))?)
    }

    /// Whether an article of that path came from a file that is known.
    pub(crate) fn accounts_for(&self, path: &str) -> bool {
        file_of(path).any(|path| self.files.contains_key(path))
    }

    /// Writes the ledger of commit `seq`; gives its name.
    pub(crate) fn write(&self, storage: &Storage, seq: u64) -> Result<String> {
        let internal = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Internal, "the ledger can't be written").caused_by(error)
        };
        let name = format!("{LEDGER}{seq:08}.json.zst");
        let bytes = serde_json::to_vec(self).map_err(|error| internal(error.into()))?;
        let packed = zstd::bulk::compress(&bytes, 3).map_err(|error| internal(error.into()))?;
        storage.write(&name, &packed)?;
        Ok(name)
    }
}

/// The paths under which an article's file may be known: its own, and those of the archives that it may lie in.
pub(crate) fn file_of(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(folder, _)| folder))
}

/// Beginning of the name of a ledger.
pub(crate) const LEDGER: &str = "ledger-";

/// Beginning of the name of a company list kept with the index.
pub(crate) const COMPANIES: &str = "companies-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(folder.path()).unwrap();
        let mut ledger = Ledger { seed: 5, ..Ledger::default() };
        let state = FileState {
            bytes: 10,
            modified_ns: 1,
            hash: 2,
            records: 3,
            is_complete: true,
            shares_ids: false,
            format: Some(Format::Html),
        };
        ledger.files.insert("corpus/a.txt".to_owned(), state);
        let name = ledger.write(&storage, 2).unwrap();
        let checkpoint = Checkpoint { seq: 2, ledger: Some(name.clone()), ..Checkpoint::default() };
        assert_eq!(Ledger::read(&storage, &checkpoint).unwrap(), ledger);
        std::fs::write(folder.path().join(name), b"rubbish").unwrap();
        // Whether its checksum is known or not.
        for storage in [storage, Storage::open(folder.path()).unwrap()] {
            let error = Ledger::read(&storage, &checkpoint).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Damaged);
        }
    }
}
