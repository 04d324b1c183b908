//! Which files are read, in which order.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use walkdir::WalkDir;

use super::{Archive, Format, STREAM, Skipped, feed_list, maildir};
use crate::error::{Error, ErrorKind, Result};

/// How many lists of feeds may lead from one to another.
const MAX_LISTS: usize = 4;

/// A file to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// The name under which it is known: as it was reached from the path given, `/` between folders, without `./`.
    pub path: Arc<str>,
    /// Where it is.
    pub real: PathBuf,
    /// Size on disk.
    pub bytes: u64,
    /// Time of the last change, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Its format, where the user has said it; else it is found by looking.
    pub format: Option<Format>,
}

/// What was found under the given paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// The paths given, as they begin the names of the files under them.
    pub roots: Vec<String>,
    /// Files to be read, in the order of their names, each once.
    pub files: Vec<FileEntry>,
    /// Folders and files that could not be looked at.
    pub skipped: Vec<Skipped>,
    /// Files passed over: hidden ones, `README`s, other endings, links, and what is no file at all.
    pub ignored: u64,
}

impl Walk {
    /// Whether the other one found the same files, and the same that could not be looked at.
    #[cfg(feature = "watch")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.files == other.files && self.skipped == other.skipped
    }

    /// Whether it found the file as it is.
    pub(crate) fn has(&self, file: &FileEntry) -> bool {
        let place = self.files.binary_search_by(|known| known.path.cmp(&file.path));
        place.is_ok_and(|at| self.files[at] == *file)
    }
}

/// Finds the files under paths. Of a folder only the endings that are known count; links are not followed, and an index
/// that lies in it is passed over. A file that is named itself is read whatever its name. A list of feeds stands for the copies of them that lie in its folder.
pub fn walk(paths: &[PathBuf]) -> Result<Walk> {
    let mut walk = Walk::default();
    let mut seen = BTreeSet::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Error::new(ErrorKind::NotFound, format!("{} does not exist", path.display()))
                    .with_hint("name a file or folder that is there")
                    .caused_by(error)
            }
            _ => Error::io(path, error),
        })?;
        let root = name_of(path);
        if metadata.is_file() {
            if feed_list::is_list(path) {
                list(&mut walk, &mut seen, path, MAX_LISTS);
            } else {
                add(&mut walk, &mut seen, root.clone(), path, &metadata);
            }
        } else if metadata.is_dir() {
            folder(&mut walk, &mut seen, path);
        } else {
            walk.skipped.push(Skipped::new(&root, "not-a-file", "it is neither a file nor a folder"));
        }
        walk.roots.push(root);
    }
    walk.files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(walk)
}

/// A file under the name by which an earlier run knew it; `None` where there is none any more.
pub(crate) fn known(path: &str) -> Option<FileEntry> {
    let metadata = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
    Some(FileEntry {
        path: path.into(),
        real: path.into(),
        bytes: metadata.len(),
        modified_ns: modified_ns(&metadata),
        format: None,
    })
}

fn folder(walk: &mut Walk, seen: &mut BTreeSet<String>, root: &Path) {
    let is_shown = |entry: &walkdir::DirEntry| {
        let is_folder = entry.file_type().is_dir();
        let is_hidden = entry.depth() > 0
            && entry.file_name().to_string_lossy().starts_with('.')
            && !(is_folder && maildir::is_maildir(entry.path()));
        // Asks the disk, so not of every file.
        let is_passed_over = || is_index(entry.path()) || maildir::is_unfinished(entry.path());
        !(is_hidden || is_folder && is_passed_over())
    };
    // A root that is a link to a folder was named by the user and is followed; links below it are not.
    let found =
        WalkDir::new(root).follow_root_links(true).sort_by_file_name().into_iter().filter_entry(is_shown);
    for entry in found {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let at = error.path().map_or_else(|| name_of(root), name_of);
                let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                walk.skipped.push(Skipped::new(at, "unreadable", reason));
                continue;
            }
        };
        if entry.file_type().is_dir() {
            continue;
        }
        let file_name = entry.file_name().to_string_lossy();
        // Pipes, sockets and devices are never opened: that alone could block.
        if !entry.file_type().is_file() || !is_wanted_at(entry.path(), &file_name) {
            walk.ignored += 1;
            continue;
        }
        let name = name_of(entry.path());
        if is_named_like_a_list(&file_name) && feed_list::is_list(entry.path()) {
            list(walk, seen, entry.path(), MAX_LISTS);
            continue;
        }
        match entry.metadata() {
            Ok(metadata) => add(walk, seen, name, entry.path(), &metadata),
            Err(error) => walk.skipped.push(Skipped::new(name, "unreadable", error.to_string())),
        }
    }
}

/// Whether a file of a folder or an archive is read, by its name.
pub(super) fn is_wanted(file_name: &str) -> bool {
    let is_readme = file_name.to_ascii_uppercase().starts_with("README");
    !is_readme && (Format::from_file_name(file_name).is_some() || Archive::is_named(file_name))
}

/// Whether a file of a folder is read, by its name, or because the folder is one of mail.
fn is_wanted_at(path: &Path, file_name: &str) -> bool {
    is_wanted(file_name) || maildir::is_message(path)
}

/// Whether a folder is an index, whose own files are no articles.
pub(super) fn is_index(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    // A copy of one, which nobody has written to, is known by its ledger alone; one whose list is lost by its lock.
    has(".tantivy-writer.lock") || has("meta.json") && (has(".managed.json") || has_ledger(folder))
}

fn has_ledger(folder: &Path) -> bool {
    let is_ledger = |name: &str| name.starts_with("ledger-") && name.ends_with(".json.zst");
    std::fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_str().is_some_and(is_ledger)))
    })
}

fn is_named_like_a_list(file_name: &str) -> bool {
    Path::new(file_name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("opml") || ending.eq_ignore_ascii_case("xml"))
}

/// Adds the copies of the feeds that a list names; `depth` more lists may follow.
fn list(walk: &mut Walk, seen: &mut BTreeSet<String>, path: &Path, depth: usize) {
    let name = name_of(path);
    if !seen.insert(name.clone()) {
        return;
    }
    let found = match feed_list::read(path) {
        Ok(found) => found,
        Err(error) => {
            walk.skipped.push(Skipped::new(name, "unreadable", error.to_string()));
            return;
        }
    };
    if found.is_cut {
        walk.skipped.push(Skipped::new(
            &name,
            "too-large",
            "only a part of the feeds of the list was looked for",
        ));
    } else if found.copies.is_empty() && found.missing.is_empty() {
        walk.skipped.push(Skipped::new(&name, "empty", "the list names no feeds"));
    }
    for (line, address) in found.missing {
        let reason = format!("no copy of {address} lies beside the list, and nothing is fetched");
        walk.skipped.push(Skipped::new(format!("{name}:{line}"), "no-local-copy", reason));
    }
    for copy in found.copies {
        let copy_name = name_of(&copy);
        if feed_list::is_list(&copy) {
            if depth > 0 {
                list(walk, seen, &copy, depth - 1);
            } else {
                walk.skipped.push(Skipped::new(copy_name, "too-deep", "too many lists lead to this one"));
            }
            continue;
        }
        match copy.metadata() {
            Ok(metadata) => add(walk, seen, copy_name, &copy, &metadata),
            Err(error) => walk.skipped.push(Skipped::new(copy_name, "unreadable", error.to_string())),
        }
    }
}

fn add(walk: &mut Walk, seen: &mut BTreeSet<String>, name: String, real: &Path, metadata: &Metadata) {
    if !seen.insert(name.clone()) {
        return;
    }
    walk.files.push(FileEntry {
        path: name.into(),
        real: real.to_owned(),
        bytes: metadata.len(),
        modified_ns: modified_ns(metadata),
        format: None,
    });
}

/// Time of change in nanoseconds; before 1970 negative, 0 where the file system keeps none.
pub(super) fn modified_ns(metadata: &Metadata) -> i64 {
    let nanoseconds = |duration: std::time::Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    match metadata.modified() {
        Ok(time) => match time.duration_since(UNIX_EPOCH) {
            Ok(after) => nanoseconds(after),
            Err(error) => -nanoseconds(error.duration()),
        },
        Err(_) => 0,
    }
}

/// The name of a path: `.` left out, bytes that are not UTF-8 written as `\xNN`, a backslash doubled, so that two paths never share a name.
fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::RootDir => name.push('/'),
            Component::Prefix(prefix) => name.push_str(&prefix.as_os_str().to_string_lossy()),
            Component::ParentDir => push(&mut name, ".."),
            Component::Normal(part) => match part.to_str() {
                Some(part) => push(&mut name, part),
                None => push(&mut name, &escaped(part.as_encoded_bytes())),
            },
        }
    }
    match &*name {
        "" => ".".to_owned(),
        // Alone it is the name of what is no file.
        STREAM => format!("./{STREAM}"),
        _ => name,
    }
}

fn push(name: &mut String, part: &str) {
    if !name.is_empty() && !name.ends_with('/') {
        name.push('/');
    }
    name.push_str(part);
}

pub(super) fn escaped(bytes: &[u8]) -> String {
    bytes
        .utf8_chunks()
        .map(|chunk| {
            let broken: String = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("{}{broken}", chunk.valid())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{escaped, name_of, walk};
    use std::fs;
    use std::path::Path;

    #[test]
    fn names_of_paths() {
        for (path, name) in [
            ("./corpus/", "corpus"),
            ("corpus/./wire//a.txt", "corpus/wire/a.txt"),
            ("/news/a.txt", "/news/a.txt"),
            ("../news", "../news"),
            (".", "."),
            ("/", "/"),
            ("./-", "./-"),
        ] {
            assert_eq!(name_of(Path::new(path)), name, "{path}");
        }
        assert_eq!(escaped(b"caf\xE9.txt"), "caf\\xe9.txt");
    }

    #[test]
    fn only_articles_are_found_each_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "b/2.txt",
            "a.html.gz",
            "a.JSONL.zst",
            "b/1.md",
            "x.png",
            "README.md",
            ".hidden.txt",
            ".git/c.txt",
            "c.json",
            "index/meta.json",
            "index/.tantivy-writer.lock",
            "index/x.json",
            "older/meta.json",
            "older/.managed.json",
            "older/ledger-00000001.json.zst",
            "copy/meta.json",
            "copy/ledger-00000001.json.zst",
        ] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc", root.join("link")).unwrap();
        let found = walk(&[root.to_owned(), root.join("b"), root.join("README.md")]).unwrap();
        let names: Vec<&str> = found
            .files
            .iter()
            .map(|file| file.path.strip_prefix(&*root.to_string_lossy()).unwrap())
            .collect();
        assert_eq!(names, ["/README.md", "/a.JSONL.zst", "/a.html.gz", "/b/1.md", "/b/2.txt", "/c.json"]);
        assert_eq!(found.skipped, []);
        assert!(walk(&[root.join("nowhere")]).is_err());
    }

    #[test]
    fn a_maildir_gives_what_was_delivered() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "Mail/cur/1700000000.M1P1.host:2,S",
            "Mail/new/1700000001.M2P1.host.md",
            "Mail/tmp/1700000002.M3P1.host",
            "Mail/.Newsletters/cur/1700000003.M4P1.host:2,",
            "Mail/dovecot-uidlist",
            "cur/1700000004.M5P1.host",
        ] {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "From: a").unwrap();
        }
        for name in ["Mail/.Newsletters/new", "Mail/.Newsletters/tmp"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let found = walk(&[root.to_owned()]).unwrap();
        let names: Vec<&str> = found
            .files
            .iter()
            .map(|file| file.path.strip_prefix(&*root.to_string_lossy()).unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "/Mail/.Newsletters/cur/1700000003.M4P1.host:2,",
                "/Mail/cur/1700000000.M1P1.host:2,S",
                "/Mail/new/1700000001.M2P1.host.md",
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn pipes_are_never_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.txt");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(walk(&[folder.path().to_owned()]).unwrap().files, []);
        let named = walk(&[pipe]).unwrap();
        assert_eq!((named.files.len(), named.skipped.len()), (0, 1));
    }
}
