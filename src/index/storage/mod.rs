//! Where an index stands on disk, and what makes it last: tantivy's `Directory` over a [`Medium`].
//!
//! - A commit is reported after its files, the rename of `meta.json` and the folder are durable.
//! - With each commit goes a list of all files with their lengths and checksums ([`manifest`]). It is compared with
//!   what is there whenever a state of the index is opened; lengths only, since checksums take reading everything.
//! - One writer: no file is deleted and no `meta.json` written but under its lock, nor after anything has failed to be
//!   written under it. tantivy's writer may report success for lost articles after an error; here it can't.
//! - A file that has no name yet is written under the writer's lock, or under that of readers ([`Storage::edit`]). What has
//!   none while somebody holds both was broken off.
//! - Only names that dateline gives are ever deleted. tantivy's own list of files, `.managed.json`, is not kept: it is
//!   made of the names in the folder, so that it can neither be lost nor name anything outside.

pub(crate) mod manifest;
pub(crate) mod medium;
#[cfg(any(test, fuzzing))]
pub(crate) mod model;
pub(crate) mod space;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::footer::Footer;
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, INDEX_WRITER_LOCK, Lock, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::error::{Error, ErrorKind, Result};
use manifest::{Generation, META, SHORTEST, Sum, damage, is_own, segment_of};
use medium::{Folder, Held, Medium, Sink};
use space::Shortage;

/// tantivy's list of files.
const MANAGED: &str = ".managed.json";

/// Beginning of the names of files that get another name when they are whole.
const UNFINISHED: &str = ".tmp";

/// The files of one index. Clones share it.
#[derive(Clone)]
pub(crate) struct Storage {
    shared: Arc<Shared>,
}

struct Shared {
    medium: Box<dyn Medium>,
    /// What errors name.
    folder: PathBuf,
    /// What is known of files: of those that were written here, and of those of the last state that was opened.
    sums: Mutex<BTreeMap<String, Sum>>,
    /// Hash of the `meta.json` whose files were found to be there.
    checked: Mutex<Option<u64>>,
    /// The lock, while this is the one writer.
    writer: Mutex<Option<Box<dyn Held>>>,
    /// Why nothing more is committed. It is still told when the lock is gone, which ends together with the last merges.
    failure: Mutex<Option<Failure>>,
    /// Bytes that were written since the last commit.
    written: AtomicU64,
    unfinished: AtomicU64,
}

/// The first write that failed.
struct Failure {
    error: Error,
    shortage: Option<Shortage>,
}

impl Storage {
    /// The files in a folder that is there.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Ok(Self::over(Folder::open(folder)?, folder))
    }

    /// The files on a medium.
    pub(crate) fn over(medium: impl Medium, folder: &Path) -> Self {
        let shared = Shared {
            medium: Box::new(medium),
            folder: folder.to_owned(),
            sums: Mutex::default(),
            checked: Mutex::default(),
            writer: Mutex::default(),
            failure: Mutex::default(),
            written: AtomicU64::new(0),
            unfinished: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The last committed state, all of whose files are there and as long as they were written.
    pub(crate) fn generation(&self) -> Result<Generation> {
        manifest::decode(&self.read_meta()?, &self.shared.folder)
    }

    /// Fails where the last committed state is of another format, or not all of its files are there as they were written.
    pub(crate) fn look(&self) -> Result<()> {
        self.read_meta().map(drop)
    }

    /// Whether there is an index.
    pub(crate) fn has_index(&self) -> bool {
        self.shared.medium.length(META).is_ok()
    }

    /// Becomes the one writer, as tantivy's writer does, until what it gives is dropped. What runs that were broken off
    /// have left is removed.
    pub(crate) fn lock(&self) -> Result<WriterLock> {
        let lock = self.shared.medium.lock_writer()?;
        *self.failed() = None;
        self.shared.written.store(0, Ordering::Relaxed);
        *self.writer() = Some(lock);
        let held = WriterLock { shared: Arc::clone(&self.shared) };
        self.sweep()?;
        Ok(held)
    }

    /// Writes a file that is not the engine's, whole and durable before it has its name, and remembers its checksum for
    /// the next commit. Its name is durable with that commit.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let sum = Sum::of(bytes);
        if self.sums().get(name) == Some(&sum)
            && self.shared.medium.length(name).is_ok_and(|it| it == sum.bytes)
        {
            return Ok(());
        }
        self.note(self.replace(name, bytes)).map_err(|error| self.error(&error))?;
        self.sums().insert(name.to_owned(), sum);
        Ok(())
    }

    /// Reads a file that is not the engine's, and compares it with its checksum.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>> {
        let bytes = self.shared.medium.read(name).map_err(|error| self.missing_or(name, &error))?;
        match self.sums().get(name) {
            Some(sum) if *sum != Sum::of(&bytes) => {
                Err(damage(&self.shared.folder, name, "its content is not what its checksum says"))
            }
            _ => Ok(bytes),
        }
    }

    /// Puts what `edit` gives in the place of a file that no commit touches, whole and durable; with `None` the file stays.
    /// Until then nobody else edits one, so that `edit` may read what stands there.
    pub(crate) fn edit<T>(
        &self,
        name: &str,
        edit: impl FnOnce() -> Result<(Option<Vec<u8>>, T)>,
    ) -> Result<T> {
        let fail = |error: io::Error| self.error(&error);
        let _alone = self.shared.medium.lock_readers(false).map_err(fail)?;
        let (bytes, done) = edit()?;
        if let Some(bytes) = bytes {
            self.replace(name, &bytes).and_then(|()| self.shared.medium.sync_folder()).map_err(fail)?;
        }
        Ok(done)
    }

    /// Removes files of dateline's own that the last commit does not need. Only the writer does.
    fn sweep(&self) -> Result<()> {
        // Who is opening files needs those that were the last ones a moment ago. They can go another time.
        let Ok(_alone) = self.shared.medium.lock_readers(false) else { return Ok(()) };
        let kept = if self.has_index() {
            let generation = self.generation()?;
            // All footers, before anything is changed.
            for name in generation.files.keys().filter(|name| segment_of(name).is_some()) {
                self.handle(name).map_err(|error| self.error(&error))?;
            }
            Some(generation.files)
        } else {
            None
        };
        let fail = |error: io::Error| self.error(&error);
        let mut is_changed = false;
        for name in self.shared.medium.names().map_err(fail)? {
            // Without a state nobody can say what is needed.
            let is_orphan = is_own(&name) && kept.as_ref().is_some_and(|kept| !kept.contains_key(&name));
            if is_orphan || name.starts_with(UNFINISHED) {
                self.shared.medium.remove(&name).map_err(fail)?;
                is_changed = true;
            }
        }
        if is_changed { self.shared.medium.sync_folder().map_err(fail) } else { Ok(()) }
    }

    /// Removes files that the last commit no longer needs. Only the writer does.
    pub(crate) fn remove<'n>(&self, names: impl Iterator<Item = &'n String>) -> Result<()> {
        for name in names {
            self.delete(Path::new(name)).or_else(|error| match error {
                DeleteError::FileDoesNotExist(_) => Ok(()),
                DeleteError::IoError { io_error, .. } => {
                    Err(ours(&io_error).unwrap_or_else(|| Error::new(ErrorKind::Io, io_error.to_string())))
                }
            })?;
        }
        Ok(())
    }

    /// Bytes of the files of segments, by the beginnings of their names.
    pub(crate) fn bytes_of(&self, segments: &[String]) -> u64 {
        let sums = self.sums();
        let is_of = |name: &str| segments.iter().any(|segment| name.starts_with(segment.as_str()));
        sums.iter().filter(|(name, _)| is_of(name)).map(|(_, sum)| sum.bytes).sum()
    }

    /// Bytes that can still be written; `None` where nobody knows.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        self.shared.medium.free_bytes()
    }

    /// What errors name.
    pub(crate) fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// `meta.json` as it stands, once its files were found to be there. While a writer is at work a state may be followed by
    /// the next between reading its list and looking for its files: then that one counts.
    fn read_meta(&self) -> Result<Vec<u8>> {
        let mut missing = None;
        loop {
            let bytes = self.shared.medium.read(META).map_err(|error| self.missing_or(META, &error))?;
            let hash = xxh3_64(&bytes);
            // The engine asks several times while an index is opened.
            if *self.checked() == Some(hash) {
                return Ok(bytes);
            }
            let generation = manifest::decode(&bytes, &self.shared.folder)?;
            match self.look_for(&generation) {
                Ok(()) => {
                    let mut sums = self.sums();
                    if self.writer().is_none() {
                        sums.clear();
                    }
                    sums.extend(generation.files);
                    *self.checked() = Some(hash);
                    return Ok(bytes);
                }
                Err(error) if missing == Some(hash) => return Err(error),
                Err(_) => missing = Some(hash),
            }
        }
    }

    /// Whether all files are there with their lengths.
    fn look_for(&self, generation: &Generation) -> Result<()> {
        for (name, sum) in &generation.files {
            let found = self.shared.medium.length(name).map_err(|error| self.missing_or(name, &error))?;
            self.compare_length(name, found, sum.bytes)?;
        }
        Ok(())
    }

    fn compare_length(&self, name: &str, found: u64, listed: u64) -> Result<()> {
        if found != listed {
            let why = format!("it has {found} bytes, {listed} were written");
            return Err(damage(&self.shared.folder, name, &why));
        }
        if segment_of(name).is_some() && found < SHORTEST {
            return Err(damage(&self.shared.folder, name, "it is shorter than any such file"));
        }
        Ok(())
    }

    /// A file for the engine, once its length and its footer are right: it takes both for granted.
    fn handle(&self, name: &str) -> io::Result<Arc<dyn FileHandle>> {
        let handle = self.shared.medium.map(name).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => other(damage(&self.shared.folder, name, "it is not there")),
            _ => error,
        })?;
        let found = handle.len() as u64;
        let listed = self.sums().get(name).map_or(found, |sum| sum.bytes);
        self.compare_length(name, found, listed).map_err(other)?;
        let version = footer_version(&*handle)?
            .ok_or_else(|| other(damage(&self.shared.folder, name, "it has no footer")))?;
        let known = tantivy::INDEX_FORMAT_OLDEST_SUPPORTED_VERSION..=tantivy::INDEX_FORMAT_VERSION;
        if !known.contains(&version) {
            let message = format!(
                "{} has version {version} of the engine's format, this version reads {} to {}",
                self.shared.folder.join(name).display(),
                known.start(),
                known.end()
            );
            let hint = "use the version of dateline that wrote it, or build it anew with dateline repair";
            return Err(other(Error::new(ErrorKind::Format, message).with_hint(hint)));
        }
        Ok(handle)
    }

    /// Commits: the one place where `meta.json` is written.
    fn write_meta(&self, json: &[u8]) -> io::Result<()> {
        match (&*self.writer(), &*self.failed()) {
            (None, _) => {
                return Err(other(Error::new(ErrorKind::Internal, "a commit without the writer's lock")));
            }
            (Some(_), Some(failure)) => return Err(other(stopped(&failure.error))),
            (Some(lock), None) => lock.check()?,
        }
        let mut files = BTreeMap::new();
        for name in manifest::needed(json).map_err(other)? {
            let known = self.sums().get(&name).copied();
            if let Some(sum) = known {
                files.insert(name, sum);
            } else if self.shared.medium.length(&name).is_ok() {
                let sum = Sum::of(&self.shared.medium.read(&name)?);
                self.sums().insert(name.clone(), sum);
                files.insert(name, sum);
            }
        }
        let bytes = manifest::encode(json, &files).map_err(other)?;
        // The names of the files that it lists come first.
        self.shared.medium.sync_folder()?;
        self.replace(META, &bytes)?;
        self.shared.medium.sync_folder()?;
        *self.checked() = Some(xxh3_64(&bytes));
        self.shared.written.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Puts a file in the place of the one that has its name, if there is one.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (beside, mut sink) = loop {
            let number = self.shared.unfinished.fetch_add(1, Ordering::Relaxed);
            let beside = format!("{UNFINISHED}-{}-{number}", std::process::id());
            match self.shared.medium.create(&beside) {
                // Of a process of this number that was broken off.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                sink => break (beside, sink?),
            }
        };
        let mut write = || {
            sink.write_all(bytes)?;
            self.count(bytes.len());
            sink.sync()?;
            self.shared.medium.rename(&beside, name)
        };
        write().inspect_err(|_| {
            // A full disk must not be filled further.
            drop(self.shared.medium.remove(&beside));
        })
    }

    /// Remembers that something could not be written, so that nothing more is committed.
    fn note<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| {
            if self.writer().is_some() {
                let failure = || Failure { error: self.error(error), shortage: self.shortage(error) };
                self.failed().get_or_insert_with(failure);
            }
        })
    }

    /// What could not be written while this is the writer, or was it last. The engine tells it from another thread as a
    /// text, or only writes it to its log. Where the disk was full it says what is missing of so many bytes.
    pub(crate) fn failure(&self, bytes: Option<u64>) -> Option<Error> {
        self.failed().as_ref().map(|Failure { error, shortage }| match shortage {
            Some(shortage) => shortage.named(error, bytes),
            None => error.copied(),
        })
    }

    /// Bytes that were written since the last commit.
    fn written(&self) -> u64 {
        self.shared.written.load(Ordering::Relaxed)
    }

    fn count(&self, bytes: usize) {
        self.shared.written.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// An error of the medium as one of ours.
    fn error(&self, error: &io::Error) -> Error {
        ours(error).unwrap_or_else(|| {
            Error::new(ErrorKind::Io, format!("{}: {error}", self.shared.folder.display()))
        })
    }

    fn missing_or(&self, name: &str, error: &io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::NotFound => damage(&self.shared.folder, name, "it is not there"),
            _ => self.error(error),
        }
    }

    fn sums(&self) -> MutexGuard<'_, BTreeMap<String, Sum>> {
        self.shared.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn checked(&self) -> MutexGuard<'_, Option<u64>> {
        self.shared.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self) -> MutexGuard<'_, Option<Failure>> {
        self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Option<Box<dyn Held>>> {
        self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Storage({:?})", self.shared.medium)
    }
}

/// Keeps others from writing until it is dropped.
pub(crate) struct WriterLock {
    shared: Arc<Shared>,
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        *self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The version of the engine's format in the footer of a file; `None` where there is no footer.
fn footer_version(handle: &dyn FileHandle) -> io::Result<Option<u32>> {
    const MAGIC: u32 = 1337;
    const LONGEST: usize = 50_000;
    #[derive(serde::Deserialize)]
    struct VersionOnly {
        index_format_version: u32,
    }
    #[derive(serde::Deserialize)]
    struct Version {
        version: VersionOnly,
    }
    let Some(end) = handle.len().checked_sub(8) else { return Ok(None) };
    let tail = handle.read_bytes(end..end + 8)?;
    let number = |at: usize| tail[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
    let length = number(0) as usize;
    if number(4) != MAGIC || length > LONGEST || length > end {
        return Ok(None);
    }
    let json = handle.read_bytes(end - length..end)?;
    let version: Option<Version> = serde_json::from_slice(&json).ok();
    let version = version.map(|footer| footer.version.index_format_version);
    // One of another version may look otherwise; of this one the engine has to be able to read it.
    let is_whole = serde_json::from_slice::<Footer>(&json).is_ok();
    Ok(version.filter(|version| is_whole || *version != tantivy::INDEX_FORMAT_VERSION))
}

fn stopped(failure: &Error) -> Error {
    Error::new(ErrorKind::Io, format!("nothing more is written after an error: {failure}"))
        .with_hint("what was committed before is safe; run it again")
}

/// One of our errors as one of the system, for the engine to hand through.
fn other(error: Error) -> io::Error {
    io::Error::other(error)
}

/// The error of ours in one of the system.
pub(crate) fn ours(error: &io::Error) -> Option<Error> {
    error.get_ref()?.downcast_ref::<Error>().map(Error::copied)
}

/// The error of ours that the engine hands through.
pub(crate) fn ours_in(error: &tantivy::TantivyError) -> Option<Error> {
    use tantivy::TantivyError as T;
    match error {
        T::IoError(error)
        | T::OpenReadError(OpenReadError::IoError { io_error: error, .. })
        | T::OpenWriteError(OpenWriteError::IoError { io_error: error, .. })
        | T::LockFailure(LockError::IoError(error), _) => ours(error),
        _ => None,
    }
}

fn name_of(path: &Path) -> io::Result<&str> {
    path.to_str().filter(|name| !name.contains(['/', '\\'])).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("{} is no name of a file", path.display()))
    })
}

impl Directory for Storage {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        name_of(path)
            .and_then(|name| self.handle(name))
            .map_err(|error| OpenReadError::wrap_io_error(error, path.to_owned()))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        let remove = || {
            let name = name_of(path)?;
            if !is_own(name) {
                return Err(io::Error::other("it is not dateline's to delete"));
            }
            self.shared.medium.remove(name)?;
            self.sums().remove(name);
            Ok(())
        };
        remove().map_err(|error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => DeleteError::FileDoesNotExist(path.to_owned()),
            _ => DeleteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() },
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        match name_of(path).and_then(|name| self.shared.medium.length(name)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(OpenReadError::wrap_io_error(error, path.to_owned())),
        }
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let create = || {
            let name = name_of(path)?;
            let sink = self.shared.medium.create(name)?;
            Ok((name.to_owned(), sink))
        };
        let (name, sink) =
            self.note(create()).map_err(|error| OpenWriteError::wrap_io_error(error, path.to_owned()))?;
        let written = Written { storage: self.clone(), name, sink, hash: Xxh3::new(), bytes: 0 };
        Ok(WritePtr::new(Box::new(written)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let read = || match name_of(path)? {
            META => self.read_meta().map_err(other),
            MANAGED => {
                let names = self.shared.medium.names()?;
                let own: Vec<_> = names.into_iter().filter(|name| segment_of(name).is_some()).collect();
                Ok(serde_json::to_vec(&own)?)
            }
            name => self.shared.medium.read(name),
        };
        read().map_err(|error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => OpenReadError::wrap_io_error(error, path.to_owned()),
        })
    }

    fn atomic_write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match name_of(path)? {
            MANAGED => Ok(()),
            META => self.note(self.write_meta(bytes)),
            name => self.note(self.replace(name, bytes)),
        }
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.note(self.shared.medium.sync_folder())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        if lock.filepath == INDEX_WRITER_LOCK.filepath {
            let held = self.lock().map_err(|error| LockError::wrap_io_error(other(error)))?;
            return Ok(DirectoryLock::from(Box::new(held)));
        }
        let is_reader = self.writer().is_none();
        let held = self.shared.medium.lock_readers(is_reader).map_err(LockError::wrap_io_error)?;
        Ok(DirectoryLock::from(Box::new(held)))
    }

    /// States are taken up when they are asked for.
    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

/// A file of the engine that is being written.
struct Written {
    storage: Storage,
    name: String,
    sink: Box<dyn Sink>,
    hash: Xxh3,
    bytes: u64,
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match self.sink.write(bytes) {
            // To be tried again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            done => self.storage.note(done)?,
        };
        self.storage.count(written);
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.storage.note(self.sink.flush())
    }
}

impl TerminatingWrite for Written {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.storage.note(self.sink.sync())?;
        let sum = Sum { bytes: self.bytes, hash: self.hash.digest() };
        self.storage.sums().insert(self.name.clone(), sum);
        Ok(())
    }
}
