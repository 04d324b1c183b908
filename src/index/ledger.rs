//! What was read from where: the checkpoint in every commit and the list of files that it names.
//!
//! tantivy commits a short text with the documents. dateline's holds the name of the ledger file, which was written and
//! synced before, so that documents and ledger change together or not at all.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::FORMAT_VERSION;
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
            Error::new(ErrorKind::Damaged, format!("meta.json of the index can't be read: {error}"))
                .with_hint("index the sources again into a new folder")
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
    pub(crate) fn read(folder: &Path, checkpoint: &Checkpoint) -> Result<Self> {
        let Some(name) = &checkpoint.ledger else { return Ok(Self::default()) };
        let path = folder.join(name);
        let file = File::open(&path).map_err(|error| Error::io(&path, error))?;
        let damaged = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Damaged, format!("{} can't be read", path.display()))
                .with_hint("index the sources again into a new folder")
                .caused_by(error)
        };
        let reader = zstd::stream::read::Decoder::new(file).map_err(|error| damaged(error.into()))?;
        serde_json::from_reader(std::io::BufReader::new(reader)).map_err(|error| damaged(error.into()))
    }

    /// Writes and syncs the ledger of commit `seq`; gives its name.
    pub(crate) fn write(&self, folder: &Path, seq: u64) -> Result<String> {
        let name = format!("{PREFIX}{seq:08}.json.zst");
        let bytes = serde_json::to_vec(self).map_err(|error| {
            Error::new(ErrorKind::Internal, "the ledger can't be written").caused_by(error)
        })?;
        let path = folder.join(&name);
        let packed = zstd::bulk::compress(&bytes, 3).map_err(|error| Error::io(&path, error))?;
        write_synced(&path, &packed)?;
        Ok(name)
    }
}

const PREFIX: &str = "ledger-";

/// Writes a file so that it survives a power cut, its name in the folder included.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error: std::io::Error| Error::io(path, error))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes renames and new names in a folder durable. tantivy renames `meta.json` without doing so.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(|error| Error::io(folder, error))
}

/// Removes the ledgers of older commits and of runs that ended before their commit. Only under the writer's lock.
pub(crate) fn sweep(folder: &Path, current: &Checkpoint) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|error| Error::io(folder, error))? {
        let entry = entry.map_err(|error| Error::io(folder, error))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_side_file =
            name.starts_with(PREFIX) || (name.starts_with(COMPANIES) && name.ends_with(".jsonl"));
        let is_current =
            [&current.ledger, &current.companies].into_iter().flatten().any(|known| **known == *name);
        if is_side_file && !is_current {
            fs::remove_file(entry.path()).map_err(|error| Error::io(entry.path(), error))?;
        }
    }
    Ok(())
}

/// Beginning of the name of a company list kept with the index.
pub(crate) const COMPANIES: &str = "companies-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_comes_back_and_older_ones_go() {
        let folder = tempfile::tempdir().unwrap();
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
        let old = ledger.write(folder.path(), 1).unwrap();
        let name = ledger.write(folder.path(), 2).unwrap();
        let checkpoint = Checkpoint { seq: 2, ledger: Some(name.clone()), ..Checkpoint::default() };
        sweep(folder.path(), &checkpoint).unwrap();
        assert!(!folder.path().join(old).exists());
        assert_eq!(Ledger::read(folder.path(), &checkpoint).unwrap(), ledger);
        fs::write(folder.path().join(name), b"rubbish").unwrap();
        let error = Ledger::read(folder.path(), &checkpoint).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged);
    }
}
