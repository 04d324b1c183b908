//! Where the saved queries of an index are kept: a text file beside it, which no commit touches.

use std::io::{ErrorKind as IoKind, Write};
use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};
use crate::index::Index;
use crate::index::snapshot::SEARCHES;
use crate::index::storage::medium::sync_folder;
use crate::query::SavedQueries;

impl Index {
    fn searches(&self) -> Option<PathBuf> {
        self.folder().map(|folder| folder.join(SEARCHES))
    }

    /// The queries that are saved with the index; none where there is no such file.
    pub fn saved_queries(&self) -> Result<SavedQueries> {
        let Some(path) = self.searches() else { return Ok(SavedQueries::default()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => SavedQueries::read(&text, &path.to_string_lossy()),
            Err(error) if error.kind() == IoKind::NotFound => Ok(SavedQueries::default()),
            Err(error) => Err(Error::io(&path, error)),
        }
    }

    /// Keeps saved queries with the index, in place of those that were kept. Readers see the one list or the other whole, and
    /// it is durable when this returns.
    pub fn save_queries(&self, saved: &SavedQueries) -> Result<()> {
        let Some(path) = self.searches() else {
            return Err(Error::new(ErrorKind::Argument, "an index in memory keeps no saved queries")
                .with_hint("give them to its searcher"));
        };
        // Of this process alone: two that save at once must not write into one file.
        let beside = path.with_file_name(format!(".{SEARCHES}.{}.new", std::process::id()));
        let write = || -> std::io::Result<()> {
            let mut file = std::fs::File::create_new(&beside)?;
            file.write_all(saved.to_text().as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            sync_folder(path.parent().unwrap_or(&path))
        };
        write().map_err(|error| {
            drop(std::fs::remove_file(&beside));
            Error::io(&path, error)
        })
    }
}
