//! A new index in the place of an old one, by renames.
//!
//! It is built in a folder beside, gets another name when it is whole and durable, and then, with a sync of the folder
//! above behind each step: the old one is renamed aside, the new one takes its name. So at any moment there is the old one,
//! the new one, or a gap that [`broken_off`] tells and [`Place::finish`] closes. The old one is never deleted.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::has_own_files;
use super::snapshot::{SEARCHES, parent};
use super::storage::Storage;
use super::storage::manifest::{META, is_own};
use super::storage::medium::{Folder, Held, Medium, sync_folder};
use crate::error::{Error, ErrorKind, Result};

/// The folder of an index, and the names beside it.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    /// Where the new index is built.
    unfinished: PathBuf,
    /// The name that it has when it is whole.
    whole: PathBuf,
}

impl Place {
    /// A link to a folder is followed: the folder is what is replaced.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let is_link = fs::symlink_metadata(folder).is_ok_and(|found| found.is_symlink());
        let folder = if is_link || folder.file_name().is_none() {
            fs::canonicalize(folder).map_err(|error| Error::io(folder, error))?
        } else {
            folder.to_owned()
        };
        let (unfinished, whole) = (beside(&folder, ".", ".unfinished"), beside(&folder, ".", ".repaired"));
        match (unfinished, whole) {
            (Some(unfinished), Some(whole)) => Ok(Self { folder, unfinished, whole }),
            _ => Err(Error::new(ErrorKind::Argument, format!("{} is no name of a folder", folder.display()))),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the new index is built.
    pub(crate) fn unfinished(&self) -> &Path {
        &self.unfinished
    }

    /// Whether a new index was whole when its taking the place of the old one was broken off.
    pub(crate) fn is_broken_off(&self) -> bool {
        self.whole.join(META).is_file() && !self.folder.join(META).is_file() && !has_own_files(&self.folder)
    }

    /// Keeps others from writing to the old index until it is dropped.
    pub(crate) fn lock(&self) -> Result<Box<dyn Held>> {
        Folder::open(&self.folder)?.lock_writer()
    }

    /// Fails where there is not room for about so many bytes beside the index.
    pub(crate) fn ask_for(&self, bytes: u64) -> Result<()> {
        Storage::open(parent(&self.folder))?.ask_for(bytes)
    }

    /// An empty folder to build in. What others have left that were broken off is removed. Only under the lock.
    pub(crate) fn make(&self) -> Result<()> {
        for left in [&self.unfinished, &self.whole] {
            remove(left)?;
        }
        fs::create_dir(&self.unfinished).map_err(|error| Error::io(&self.unfinished, error))
    }

    /// Removes what was built, after an error.
    pub(crate) fn give_up(&self) {
        drop(remove(&self.unfinished));
    }

    /// Puts the new index in the place of the old one; gives where the old one is from now on. `stop` is called after each
    /// step, with its number, so that tests can end there.
    pub(crate) fn replace(
        &self,
        lock: &dyn Held,
        stop: &mut dyn FnMut(u32) -> Result<()>,
    ) -> Result<PathBuf> {
        // Saved queries are no part of a commit, and may have been changed until now.
        let searches = self.folder.join(SEARCHES);
        if let Ok(text) = fs::read(&searches) {
            let to = self.unfinished.join(SEARCHES);
            let write = || {
                let mut file = File::create(&to)?;
                file.write_all(&text)?;
                file.sync_all()
            };
            write().map_err(|error| Error::io(&to, error))?;
        }
        // Who may look into it stays as it was.
        fs::metadata(&self.folder)
            .and_then(|found| fs::set_permissions(&self.unfinished, found.permissions()))
            .map_err(|error| Error::io(&self.unfinished, error))?;
        sync_folder(&self.unfinished).map_err(|error| Error::io(&self.unfinished, error))?;
        rename(&self.unfinished, &self.whole)?;
        stop(1)?;
        lock.check().map_err(|error| Error::io(&self.folder, error))?;
        let aside = self.aside()?;
        rename(&self.folder, &aside).map_err(|error| {
            let hint = format!("the new index is whole: move {} into its place", self.whole.display());
            error.with_hint(hint)
        })?;
        stop(2)?;
        self.finish()?;
        Ok(aside)
    }

    /// The last step: the new index gets the name.
    pub(crate) fn finish(&self) -> Result<()> {
        rename(&self.whole, &self.folder)
    }

    /// A name that is free for the old index.
    fn aside(&self) -> Result<PathBuf> {
        let mut names = (1..10_000).filter_map(|number| beside(&self.folder, "", &format!(".old-{number}")));
        names.find(|path| fs::symlink_metadata(path).is_err()).ok_or_else(|| {
            let message = format!("too many old indexes lie beside {}", self.folder.display());
            Error::new(ErrorKind::Io, message).with_hint("delete those that are no longer needed")
        })
    }
}

/// The error of a folder whose index is whole beside it, because taking its place was broken off.
pub(super) fn broken_off(folder: &Path) -> Option<Error> {
    if folder.join(META).is_file() {
        return None;
    }
    let place = Place::of(folder).ok().filter(Place::is_broken_off)?;
    let message = format!(
        "the repair of {} was broken off: its new index is whole, and still called {}",
        folder.display(),
        place.whole.display()
    );
    Some(Error::new(ErrorKind::Damaged, message).with_hint("dateline repair gives it its name"))
}

/// A path beside a folder, named after it.
fn beside(folder: &Path, before: &str, behind: &str) -> Option<PathBuf> {
    let mut name = OsString::from(before);
    name.push(folder.file_name()?);
    name.push(behind);
    Some(folder.with_file_name(name))
}

/// Renames a folder, durably.
fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to)
        .and_then(|()| sync_folder(parent(to)))
        .map_err(|error| Error::io(format!("{} to {}", from.display(), to.display()), error))
}

/// Removes an index that was built beside its place, if there is one. A folder that holds anything else stays.
pub(super) fn remove(folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let name = entry.map_err(|error| Error::io(folder, error))?.file_name();
        let name = name.to_string_lossy();
        let is_left = name.starts_with(".tantivy-") || name.starts_with(".tmp");
        if !(is_own(&name) || name == META || name == SEARCHES || is_left) {
            let message = format!("{} is in the way: it holds {name}", folder.display());
            return Err(Error::new(ErrorKind::Io, message).with_hint("move that folder away"));
        }
    }
    fs::remove_dir_all(folder).map_err(|error| Error::io(folder, error))
}
