//! What an index needs of a place to stand in: files that are written once, renames, locks, and word that they are
//! durable.
//!
//! [`Folder`] is a folder of a file system. Tests put others in its place that forget what was not synced, or fail.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tantivy::directory::error::OpenReadError;
use tantivy::directory::{Directory, FileHandle, MmapDirectory};

use crate::error::{Error, ErrorKind, Result};

/// A place for the files of one index. Names are plain names of files.
pub(crate) trait Medium: fmt::Debug + Send + Sync + 'static {
    /// A file, to be read in place.
    fn map(&self, name: &str) -> io::Result<Arc<dyn FileHandle>>;

    /// All of a small file.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Length of a file in bytes.
    fn length(&self, name: &str) -> io::Result<u64>;

    /// A new file; it fails where there is one of that name.
    fn create(&self, name: &str) -> io::Result<Box<dyn Sink>>;

    /// Gives a file another name, in place of the file that has it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    fn remove(&self, name: &str) -> io::Result<()>;

    /// Names of all files.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Makes names durable: new ones, other ones, and that some are gone.
    fn sync_folder(&self) -> io::Result<()>;

    /// Becomes the one writer, until what it gives is dropped.
    fn lock_writer(&self) -> Result<Box<dyn Held>>;

    /// Keeps the writer from taking files away while they are opened, or, not shared, readers from opening them.
    fn lock_readers(&self, is_shared: bool) -> io::Result<Box<dyn Send + Sync>>;

    /// Bytes that can still be written; `None` where nobody knows.
    fn free_bytes(&self) -> Option<u64>;
}

/// A file that is being written.
pub(crate) trait Sink: Write + Send + Sync {
    /// Makes what was written durable. The name is so only after [`Medium::sync_folder`].
    fn sync(&mut self) -> io::Result<()>;
}

/// A lock that is held.
pub(crate) trait Held: Send + Sync {
    /// Fails when somebody else may have become the writer since.
    fn check(&self) -> io::Result<()>;
}

/// Name of the file that the writer locks, and writes its process and machine into.
pub(crate) const WRITER_LOCK: &str = ".tantivy-writer.lock";

/// Name of the file that is locked while files are opened.
pub(crate) const READERS_LOCK: &str = ".tantivy-meta.lock";

/// How long to wait for those who open files, or take them away. Both take milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to try to become the writer. A lock that was let go stays for a moment where the process has just started
/// another one, which has it until its own program begins.
const GRACE: Duration = Duration::from_millis(200);

/// Length of what stands in the lock file. It is the same for all, so that the file need not be cut.
const HOLDER: usize = 128;

/// A folder of a file system.
pub(crate) struct Folder {
    path: PathBuf,
    mapped: MmapDirectory,
}

impl Folder {
    /// A folder that is there.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mapped = MmapDirectory::open(path).map_err(|error| {
            Error::new(ErrorKind::Io, format!("{}: {error}", path.display())).caused_by(error)
        })?;
        Ok(Self { path: path.to_owned(), mapped })
    }

    fn at<T>(&self, name: &str, done: io::Result<T>) -> io::Result<T> {
        done.map_err(|error| named(&self.path.join(name), error))
    }

    fn lock_file(&self) -> io::Result<(File, PathBuf)> {
        let path = self.path.join(WRITER_LOCK);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        self.at(WRITER_LOCK, file).map(|file| (file, path))
    }

    /// Becomes the writer, if nobody else is.
    fn try_lock_writer(&self) -> Result<Box<dyn Held>> {
        let fail = |error: io::Error| Error::new(ErrorKind::Io, error.to_string()).caused_by(error);
        // The folder itself is locked too, where there is such a thing: unlike the file it can't be deleted under the
        // writer.
        let folder = match folder_lock(&self.path) {
            Ok(folder) => folder,
            Err(TryLockError::WouldBlock) => return Err(self.locked()),
            Err(TryLockError::Error(error)) => return Err(Error::io(&self.path, error)),
        };
        let (file, path) = loop {
            let (file, path) = self.lock_file().map_err(fail)?;
            match file.try_lock() {
                // Unless it was taken away between opening and locking.
                Ok(()) if same_file(&path, &file).unwrap_or(false) => break (file, path),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(self.locked()),
                Err(TryLockError::Error(error)) => return Err(Error::io(&path, error)),
            }
        };
        let lock = WriterLock { folder, file, path, folder_path: self.path.clone() };
        lock.check().map_err(fail)?;
        let holder = format!("process {} on {}", std::process::id(), host());
        let line = format!("{holder:<width$}\n", width = HOLDER - 1);
        let mut writing = &lock.file;
        let written = writing.rewind().and_then(|()| writing.write_all(line.as_bytes()));
        written.map_err(|error| Error::io(&lock.path, error))?;
        Ok(Box::new(lock))
    }

    /// The error where somebody else is the writer, with what that one has written into the file of the lock.
    fn locked(&self) -> Error {
        let mut holder = [0; HOLDER];
        let read =
            File::open(self.path.join(WRITER_LOCK)).and_then(|mut file| file.read(&mut holder)).unwrap_or(0);
        let holder = String::from_utf8_lossy(&holder[..read]);
        let holder = holder.trim();
        let who = if holder.is_empty() { String::new() } else { format!(" ({holder})") };
        Error::new(ErrorKind::Locked, format!("another run{who} is writing to {}", self.path.display()))
            .with_hint("wait until the other indexing run is done, or use another folder with --index")
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

/// An error of the system with the path it happened at.
fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), Error::io(path, error))
}

impl Medium for Folder {
    fn map(&self, name: &str) -> io::Result<Arc<dyn FileHandle>> {
        self.mapped.get_file_handle(Path::new(name)).map_err(|error| match error {
            OpenReadError::FileDoesNotExist(path) => named(&path, io::ErrorKind::NotFound.into()),
            OpenReadError::IoError { io_error, filepath } => {
                named(&filepath, io::Error::new(io_error.kind(), io_error.to_string()))
            }
            error @ OpenReadError::IncompatibleIndex(_) => io::Error::other(error),
        })
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.at(name, fs::read(self.path.join(name)))
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        let found = fs::metadata(self.path.join(name)).and_then(|found| {
            if found.is_file() { Ok(found.len()) } else { Err(io::Error::other("it is no file")) }
        });
        self.at(name, found)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn Sink>> {
        let path = self.path.join(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        Ok(Box::new(FileSink { file: self.at(name, file)?, path }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.at(to, fs::rename(self.path.join(from), self.path.join(to)))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.at(name, fs::remove_file(self.path.join(name)))
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let list = || -> io::Result<Vec<String>> {
            fs::read_dir(&self.path)?
                .map(|entry| entry.map(|entry| entry.file_name().into_string().ok()))
                .filter_map(Result::transpose)
                .collect()
        };
        list().map_err(|error| named(&self.path, error))
    }

    fn sync_folder(&self) -> io::Result<()> {
        sync_folder(&self.path).map_err(|error| named(&self.path, error))
    }

    fn lock_writer(&self) -> Result<Box<dyn Held>> {
        let started = Instant::now();
        loop {
            match self.try_lock_writer() {
                Err(error) if error.kind() == ErrorKind::Locked && started.elapsed() < GRACE => {
                    std::thread::sleep(GRACE / 10);
                }
                outcome => return outcome,
            }
        }
    }

    fn lock_readers(&self, is_shared: bool) -> io::Result<Box<dyn Send + Sync>> {
        let path = self.path.join(READERS_LOCK);
        let writable = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = match writable {
            Ok(file) => file,
            // Of an index that may only be read: its writer, if there is one, has made the file.
            Err(_) if is_shared => match File::open(&path) {
                Ok(file) => file,
                Err(_) => return Ok(Box::new(())),
            },
            Err(error) => return Err(named(&path, error)),
        };
        let started = Instant::now();
        loop {
            match if is_shared { file.try_lock_shared() } else { file.try_lock() } {
                Ok(()) => return Ok(Box::new(file)),
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(named(&path, io::Error::new(io::ErrorKind::TimedOut, "it stays locked")));
                }
                // Some file systems have no locks. What is opened is checked all the same.
                Err(TryLockError::Error(_)) if is_shared => return Ok(Box::new(())),
                Err(TryLockError::Error(error)) => return Err(named(&path, error)),
            }
        }
    }

    fn free_bytes(&self) -> Option<u64> {
        free_bytes(&self.path)
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Windows has no such thing, and needs none: renames are written through.
    if cfg!(windows) {
        return Ok(());
    }
    File::open(path)?.sync_all()
}

struct FileSink {
    file: File,
    path: PathBuf,
}

impl Write for FileSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| named(&self.path, error))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for FileSink {
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data().map_err(|error| named(&self.path, error))
    }
}

/// The writer's locks on a folder.
struct WriterLock {
    /// None where folders can't be locked.
    folder: Option<File>,
    file: File,
    path: PathBuf,
    folder_path: PathBuf,
}

impl Held for WriterLock {
    fn check(&self) -> io::Result<()> {
        // While the folder is locked nobody else can become the writer, whatever becomes of the file.
        let is_same = match &self.folder {
            Some(folder) => same_file(&self.folder_path, folder)?,
            None => same_file(&self.path, &self.file).unwrap_or(false),
        };
        if is_same { Ok(()) } else { Err(moved()) }
    }
}

fn moved() -> io::Error {
    io::Error::other(
        "the folder or its lock was replaced while it was written to, so that another run may be writing",
    )
}

/// Locks a folder until what it gives is dropped; `None` where folders can't be locked.
#[cfg(unix)]
pub(crate) fn folder_lock(path: &Path) -> Result<Option<File>, TryLockError> {
    let folder = File::open(path).map_err(TryLockError::Error)?;
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        // Network file systems lock files alone.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

#[cfg(not(unix))]
pub(crate) fn folder_lock(_: &Path) -> Result<Option<File>, TryLockError> {
    Ok(None)
}

/// Whether a path still leads to an open file.
#[cfg(unix)]
fn same_file(path: &Path, open: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (there, held) = (fs::metadata(path)?, open.metadata()?);
    Ok((there.dev(), there.ino()) == (held.dev(), held.ino()))
}

/// Elsewhere a locked file can't be deleted.
#[cfg(not(unix))]
fn same_file(path: &Path, _: &File) -> io::Result<bool> {
    path.try_exists()
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    "this machine".to_owned()
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
