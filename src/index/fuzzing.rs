//! The disk of the tests for the fuzz targets; in no ordinary build.

use std::io;
use std::path::Path;

use super::Index;
use super::storage::Storage;
use super::storage::model::{Cut, Fault, Model};
use crate::error::Result;

/// A disk in memory that loses power and fails on demand.
#[derive(Clone, Debug, Default)]
pub struct Disk(Model);

/// Kinds of calls that can fail.
pub const CALLS: [&str; 8] = ["write", "sync", "create", "rename", "sync_folder", "remove", "read", "names"];

impl Disk {
    /// The index on it, opened as another process would, and created where there is none.
    pub fn open(&self) -> Result<Index> {
        Index::create_on(Storage::over(self.0.clone(), Path::new("model")))
    }

    /// Makes the call of a kind fail that is the `nth` from now on, and all later ones when it stays so.
    pub fn fail(&self, call: &'static str, nth: u64, stays: bool) {
        self.0.fail(Some(Fault { call, nth, kind: io::ErrorKind::Other, stays }));
    }

    /// Nothing fails any more.
    pub fn mend(&self) {
        self.0.fail(None);
        self.0.set_room(None, false);
    }

    /// So many bytes fit beside those that are there; whether it says so when it is asked.
    pub fn fill(&self, further: u64, tells: bool) {
        self.0.set_room(Some(self.0.used() + further), tells);
    }

    /// Names of the files on it.
    pub fn names(&self) -> Vec<String> {
        self.0.list()
    }

    /// Writes what a power cut leaves into a folder: at the worst for 0, else some of what was not synced.
    pub fn cut(&self, seed: u64, folder: &Path) {
        self.0.cut(if seed == 0 { Cut::Worst } else { Cut::Random(seed) }, folder);
    }

    /// Writes what another process finds now into a folder.
    pub fn copy(&self, folder: &Path) {
        self.0.cut(Cut::Prefix(usize::MAX), folder);
    }
}
