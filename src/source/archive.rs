//! Archives: their files one by one, in the order in which they stand, each read as a file of its own. Nothing is written,
//! no size that an archive states is believed, and memory does not grow with it.
//!
//! Names of members are only shown. Which of them are looked at is decided as in a folder.

mod tar;
mod window;
mod zip;

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufRead, Read};

use super::read::{self, Rules};
use super::sink::Sink;
use super::{Archive, walk};
use crate::error::Result;

pub(super) use zip::links;

/// How many archives may lie one in the other.
pub(super) const MAX_DEPTH: usize = 2;

/// Longest name of a member, in bytes.
const MAX_NAME: usize = 4 << 10;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    /// A link, a device, and what else has no content of its own.
    Other,
}

/// The members of one archive as they come.
struct Members<'a, 's> {
    rules: &'a Rules<'a>,
    /// How many archives lie around this one.
    depth: usize,
    sink: &'a mut Sink<'s>,
    /// Members that were read.
    read: u64,
    /// Members passed over.
    ignored: u64,
}

/// Reads an archive; `depth` others lie around it. The inner error is that of the archive itself.
pub(super) fn read<'s>(
    archive: Archive,
    reader: Box<dyn BufRead + '_>,
    depth: usize,
    rules: &Rules<'_>,
    sink: &mut Sink<'s>,
) -> Result<io::Result<()>> {
    sink.unwrapped(archive.name());
    let mut members = Members { rules, depth, sink, read: 0, ignored: 0 };
    let outcome = match archive {
        Archive::Zip => zip::each(reader, &mut members)?,
        Archive::Tar => tar::each(reader, &mut members)?,
    };
    let Members { read, ignored, .. } = members;
    sink.read.ignored += ignored;
    if read == 0 && outcome.is_ok() {
        let reason = match ignored {
            0 => "the archive is empty".to_owned(),
            count => format!("none of its {count} members has the ending of a file that is read"),
        };
        sink.skip(None, "no-article", reason)?;
    }
    Ok(outcome)
}

impl Members<'_, '_> {
    /// The name of a member that is to be read; `None` where it is passed over.
    fn wanted(&mut self, name: &[u8], kind: Kind) -> Result<Option<String>> {
        self.rules.cancel.check()?;
        if kind == Kind::Folder {
            return Ok(None);
        }
        let name = shown(name);
        let parts = || name.split('/');
        let is_hidden = parts().any(|part| part.starts_with('.'));
        let is_wanted = kind == Kind::File && !is_hidden && parts().next_back().is_some_and(walk::is_wanted);
        if !is_wanted {
            self.ignored += 1;
            return Ok(None);
        }
        self.read += 1;
        if name.len() > MAX_NAME {
            let start = &name[..name.floor_char_boundary(80)];
            let reason = format!("the name of a member has more than {MAX_NAME} bytes: {start}…");
            self.sink.skip(None, "long-name", reason)?;
            return Ok(None);
        }
        Ok(Some(name))
    }

    /// Reads one member; the inner answer is whether to its end. What is wrong with its own packing or format costs it
    /// alone. An inner error ends the archive: it has ended or failed itself, as `is_broken` says, or it is a bomb.
    fn member(
        &mut self,
        name: &str,
        reader: Box<dyn BufRead + '_>,
        is_broken: &Cell<bool>,
    ) -> Result<io::Result<bool>> {
        let mut sink = self.sink.member(name);
        match read::content(reader, name, self.depth + 1, self.rules, &mut sink)? {
            Err(error) if is_broken.get() || self.rules.meter.is_over() => Ok(Err(in_member(name, &error))),
            Err(error) => read::broken_off(&error, &mut sink).map(|()| Ok(false)),
            Ok(()) => Ok(Ok(true)),
        }
    }

    /// Names a member that can't be read.
    fn skip(&mut self, name: &str, class: &str, reason: impl Into<String>) -> Result<()> {
        self.sink.member(name).skip(None, class, reason)
    }
}

/// An error of the archive that was met in one of its members.
fn in_member(name: &str, error: &io::Error) -> io::Error {
    let name = &name[..name.floor_char_boundary(200)];
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), format!("it breaks off in {name}")),
        kind => io::Error::new(kind, format!("{error}, in {name}")),
    }
}

/// The bytes of one member as they stand in the archive.
struct Within<'c, R> {
    inner: R,
    /// Bytes that are left.
    left: u64,
    /// Whether the archive ended or failed in it.
    is_broken: &'c Cell<bool>,
}

impl<'c, R: BufRead> Within<'c, R> {
    fn new(inner: R, size: u64, is_broken: &'c Cell<bool>) -> Self {
        Self { inner, left: size, is_broken }
    }
}

impl<R: BufRead> Read for Within<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Within<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        match self.inner.fill_buf() {
            Ok([]) => {
                self.is_broken.set(true);
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(available) => {
                let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(available.len());
                Ok(&available[..count])
            }
            Err(error) => {
                self.is_broken.set(true);
                Err(error)
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count as u64);
        self.inner.consume(count);
    }
}

/// A member's name as it is shown: `/` between folders, bytes that are not UTF-8 as `\xNN`, and no step that leads out of the
/// archive.
fn shown(name: &[u8]) -> String {
    let name = match std::str::from_utf8(name) {
        Ok(name) => Cow::Borrowed(name),
        Err(_) => Cow::Owned(walk::escaped(name)),
    };
    // A path of Windows; where bytes were escaped the backslash is ours.
    let is_windows = name.contains('\\') && !name.contains('/') && !name.contains("\\x");
    let parts = name.split(|letter| letter == '/' || (is_windows && letter == '\\'));
    let parts: Vec<&str> = parts
        .filter(|part| !part.is_empty() && *part != ".")
        .map(|part| if part == ".." { "\\x2e\\x2e" } else { part })
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn names_lead_nowhere() {
        for (name, expected) in [
            (&b"a/b.txt"[..], "a/b.txt"),
            (b"./a//b.txt", "a/b.txt"),
            (b"/etc/passwd.txt", "etc/passwd.txt"),
            (b"../../etc/x.txt", "\\x2e\\x2e/\\x2e\\x2e/etc/x.txt"),
            (b"folder\\a.txt", "folder/a.txt"),
            (b"caf\xE9.txt", "caf\\xe9.txt"),
            (b"/", ""),
        ] {
            assert_eq!(shown(name), expected);
        }
    }
}
