//! A copy of an index while it is written to.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use super::missing;
use super::storage::Storage;
use super::storage::manifest::{self, Generation, META, Sum, damage};
use super::storage::medium::{folder_lock, sync_folder};
use super::swap::remove;
use crate::control::Cancel;
use crate::error::{Error, ErrorKind, Result};

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Number of the commit.
    pub commit: u64,
    /// Articles in it.
    pub articles: u64,
    /// Files of it.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
}

/// The saved queries, which no commit touches.
pub(crate) const SEARCHES: &str = "searches.txt";

/// Copies the last commit of the index in a folder into one that is not there yet or empty. Runs may go on writing.
///
/// Every file is compared with its checksum on the way, so that no damage is copied. The folder appears when all of it is
/// durable; until then it has the name `.NAME.unfinished`. What a copy has left there that was killed goes with the next.
pub fn snapshot(folder: impl AsRef<Path>, into: impl AsRef<Path>, cancel: &Cancel) -> Result<Snapshot> {
    let (folder, into) = (folder.as_ref(), into.as_ref());
    if !folder.join(META).is_file() {
        return Err(missing(folder));
    }
    let is_taken = match fs::read_dir(into) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    if is_taken {
        let message = format!("{} is there already and not an empty folder", into.display());
        return Err(Error::new(ErrorKind::Argument, message).with_hint("name a folder that is not there yet"));
    }
    let (meta, generation, files) = opened(folder)?;
    let (beside, _held) = begin(into)?;
    let room = Storage::open(parent(into)).and_then(|storage| storage.ask_for(generation.bytes()));
    let copied = room.and_then(|()| copy_all(folder, &beside, &meta, &generation, files, cancel));
    let copied = copied.and_then(|()| {
        fs::rename(&beside, into)
            .and_then(|()| sync_folder(parent(into)))
            .map_err(|error| Error::io(into, error))
    });
    if let Err(error) = copied {
        // It is nobody's, and of no use.
        drop(fs::remove_dir_all(&beside));
        return Err(error);
    }
    Ok(Snapshot {
        commit: generation.checkpoint.seq,
        articles: generation.articles(),
        files: generation.files.len() as u64 + 1,
        bytes: generation.bytes(),
    })
}

/// A file of the commit that is copied.
struct Opened {
    name: String,
    sum: Sum,
    file: File,
}

/// The last commit, and its files open: a writer may delete them from now on.
fn opened(folder: &Path) -> Result<(Vec<u8>, Generation, Vec<Opened>)> {
    let path = folder.join(META);
    let mut last = None;
    loop {
        let meta = fs::read(&path).map_err(|error| Error::io(&path, error))?;
        let generation = manifest::decode(&meta, folder)?;
        let files: Result<Vec<_>, _> = generation
            .files
            .iter()
            .map(|(name, sum)| match File::open(folder.join(name)) {
                Ok(file) => Ok(Opened { name: name.clone(), sum: *sum, file }),
                Err(error) => Err((name.clone(), error)),
            })
            .collect();
        match files {
            Ok(files) => return Ok((meta, generation, files)),
            Err((name, error)) if error.kind() == io::ErrorKind::NotFound => {
                // Unless the next commit has come in between.
                if last.as_ref() == Some(&meta) {
                    return Err(damage(folder, &name, "it is not there"));
                }
                last = Some(meta);
            }
            Err((name, error)) => return Err(Error::io(folder.join(name), error)),
        }
    }
}

fn copy_all(
    folder: &Path,
    into: &Path,
    meta: &[u8],
    generation: &Generation,
    files: Vec<Opened>,
    cancel: &Cancel,
) -> Result<()> {
    debug_assert_eq!(files.len(), generation.files.len(), "every file of the list is open");
    let mut buffer = vec![0; 1 << 20];
    for Opened { name, sum, mut file } in files {
        let to = into.join(&name);
        let mut target = File::create_new(&to).map_err(|error| Error::io(&to, error))?;
        let (mut hash, mut bytes) = (Xxh3::new(), 0);
        loop {
            cancel.check()?;
            let read = file.read(&mut buffer).map_err(|error| Error::io(folder.join(&name), error))?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
            bytes += read as u64;
            target.write_all(&buffer[..read]).map_err(|error| Error::io(&to, error))?;
        }
        if (Sum { bytes, hash: hash.digest() }) != sum {
            return Err(damage(folder, &name, "its content is not what its checksum says"));
        }
        target.sync_all().map_err(|error| Error::io(&to, error))?;
    }
    let rest = [(META, Some(meta.to_vec())), (SEARCHES, fs::read(folder.join(SEARCHES)).ok())];
    for (name, bytes) in rest {
        let Some(bytes) = bytes else { continue };
        let to = into.join(name);
        let write = || {
            let mut file = File::create_new(&to)?;
            file.write_all(&bytes)?;
            file.sync_all()
        };
        write().map_err(|error| Error::io(&to, error))?;
    }
    sync_folder(into).map_err(|error| Error::io(into, error))
}

/// An empty folder in which another is made before it has its name, and the lock that tells it from one that was left.
fn begin(folder: &Path) -> Result<(PathBuf, Option<File>)> {
    let name = folder.file_name().ok_or_else(|| {
        Error::new(ErrorKind::Argument, format!("{} is no name of a folder", folder.display()))
    })?;
    let beside = parent(folder).join(format!(".{}.unfinished", name.to_string_lossy()));
    let hold = || match folder_lock(&beside) {
        Ok(lock) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let message = format!("another copy is being made in {}", folder.display());
            Err(Error::new(ErrorKind::Locked, message).with_hint("name another folder"))
        }
        Err(TryLockError::Error(error)) => Err(Error::io(&beside, error)),
    };
    if fs::symlink_metadata(&beside).is_ok() {
        let _held = hold()?;
        remove(&beside)?;
    }
    fs::create_dir_all(&beside).map_err(|error| Error::io(&beside, error))?;
    let held = hold()?;
    Ok((beside, held))
}

/// The folder that a folder lies in.
pub(crate) fn parent(folder: &Path) -> &Path {
    folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
