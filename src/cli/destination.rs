//! Where a stream of records goes: standard output, or a file that appears when it is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Bytes that are written at once.
const BUFFER: usize = 64 << 10;

/// Where records go.
pub(super) enum Destination {
    Stdout(BufWriter<Stdout>),
    /// A file under another name until all of it is on disk. Left out, it is removed.
    Whole {
        file: BufWriter<NamedTempFile>,
        path: PathBuf,
    },
    /// A pipe or a device, which can't be replaced.
    Special(BufWriter<File>),
}

impl Destination {
    /// Standard output where there is no path or it is `-`.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            return Ok(Self::Stdout(BufWriter::with_capacity(BUFFER, io::stdout())));
        };
        let fail = |error| Error::io(path, error);
        // A link stays one, and what it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            let file = fs::OpenOptions::new().write(true).open(&path).map_err(fail)?;
            return Ok(Self::Special(BufWriter::with_capacity(BUFFER, file)));
        }
        // Said of what the user named: the other error would name the file beside it.
        fs::metadata(folder(&path)).map_err(fail)?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        let builder = {
            use std::os::unix::fs::PermissionsExt;
            // As any file of the user's; the mask of the process takes from it.
            builder.permissions(fs::Permissions::from_mode(0o666))
        };
        let file = builder.prefix(".dateline-").tempfile_in(folder(&path)).map_err(fail)?;
        Ok(Self::Whole { file: BufWriter::with_capacity(BUFFER, file), path })
    }

    /// Puts the file in its place, after all of it is on disk.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush().map_err(|error| Error::io("standard output", error)),
            Self::Special(mut out) => out.flush().map_err(|error| Error::io("the output", error)),
            Self::Whole { file, path } => {
                let fail = |error| Error::io(&path, error);
                let file = file.into_inner().map_err(|error| fail(error.into_error()))?;
                file.as_file().sync_all().map_err(fail)?;
                file.persist(&path).map_err(|error| fail(error.error))?;
                // The name is on disk when the folder is.
                #[cfg(unix)]
                File::open(folder(&path)).and_then(|folder| folder.sync_all()).map_err(fail)?;
                Ok(())
            }
        }
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::Whole { file, .. } => file.write(bytes),
            Self::Special(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::Whole { file, .. } => file.flush(),
            Self::Special(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::Destination;

    #[test]
    fn a_file_appears_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        fs::write(&path, "before").unwrap();
        let names = || fs::read_dir(folder.path()).unwrap().count();

        let mut dropped = Destination::open(Some(&path)).unwrap();
        dropped.write_all(b"half").unwrap();
        dropped.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(names(), 2);
        drop(dropped);
        assert_eq!((names(), fs::read_to_string(&path).unwrap().as_str()), (1, "before"));

        let mut whole = Destination::open(Some(&path)).unwrap();
        whole.write_all(b"whole").unwrap();
        whole.finish().unwrap();
        assert_eq!((names(), fs::read_to_string(&path).unwrap().as_str()), (1, "whole"));
        let missing = folder.path().join("nowhere/out");
        let error = Destination::open(Some(&missing)).err().unwrap().to_string();
        assert!(error.contains("nowhere/out: No such file") && !error.contains(".dateline-"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_a_link_stays() {
        let mut nothing = Destination::open(Some(std::path::Path::new("/dev/null"))).unwrap();
        nothing.write_all(b"x").unwrap();
        nothing.finish().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut out = Destination::open(Some(&link)).unwrap();
        out.write_all(b"x").unwrap();
        out.finish().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "x");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
