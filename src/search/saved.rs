//! Where the saved queries of an index are kept: a text file beside it, which no commit touches.

use std::io::ErrorKind as IoKind;

use crate::error::{Error, ErrorKind, Result};
use crate::index::Index;
use crate::index::snapshot::SEARCHES;
use crate::query::SavedQueries;

impl Index {
    /// The queries that are saved with the index; none where there is no such file.
    pub fn saved_queries(&self) -> Result<SavedQueries> {
        let Some(path) = self.folder().map(|folder| folder.join(SEARCHES)) else {
            return Ok(SavedQueries::default());
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => SavedQueries::read(&text, &path.to_string_lossy()),
            Err(error) if error.kind() == IoKind::NotFound => Ok(SavedQueries::default()),
            Err(error) => Err(Error::io(&path, error)),
        }
    }

    /// Changes the queries that are saved with the index. Nobody else can between reading and writing them, readers see the
    /// one list or the other whole, and it is durable when this returns. After an error of `edit` they are as they were.
    pub fn edit_queries<T>(&self, edit: impl FnOnce(&mut SavedQueries) -> Result<T>) -> Result<T> {
        let Some(storage) = &self.storage else {
            return Err(Error::new(ErrorKind::Argument, "an index in memory keeps no saved queries")
                .with_hint("give them to its searcher"));
        };
        storage.edit(SEARCHES, || {
            let before = self.saved_queries()?;
            let mut saved = before.clone();
            let done = edit(&mut saved)?;
            let bytes = (saved != before).then(|| saved.to_text().into_bytes());
            Ok((bytes, done))
        })
    }
}
