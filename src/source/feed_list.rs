//! A list of feeds (OPML) to the files beside it that are copies of them. Nothing is fetched.
//!
//! A list comes from elsewhere and must not make dateline read what its user did not mean: a copy lies in the folder of
//! the list or below it, also after links are followed, and only a plain file is one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use quick_xml::events::Event;

use super::lines::Lines;
use super::{Format, feed, read};
use crate::text::xml;

/// Largest list, in bytes.
const MAX_BYTES: u64 = 8 << 20;

/// Most feeds of one list.
const MAX_FEEDS: usize = 10_000;

/// What a list names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FeedList {
    /// Copies that are there, in the order of the list.
    pub(super) copies: Vec<PathBuf>,
    /// Lines and addresses of the feeds without one.
    pub(super) missing: Vec<(u64, String)>,
    /// Whether it named more than were looked at.
    pub(super) is_cut: bool,
}

/// Whether a file is a list of feeds, by its first bytes.
pub(super) fn is_list(path: &Path) -> bool {
    /// As many bytes as a comment before the list may have.
    const HEAD: u64 = 32 << 10;
    let mut head = Vec::new();
    read::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head)).is_ok()
        && feed::look(&head) == Some(Format::Opml)
}

/// Reads a list and looks for the copies of its feeds.
pub(super) fn read(path: &Path) -> io::Result<FeedList> {
    let (feeds, is_cut) = named_by(path)?;
    let mut list = FeedList { is_cut, ..FeedList::default() };
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let real_folder = folder.canonicalize()?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, address) in &feeds {
        *counts.entry(file_name(address)).or_default() += 1;
    }
    for (line, address) in &feeds {
        let is_only = counts.get(file_name(address)) == Some(&1);
        let found = candidates(address, is_only, &real_folder)
            .into_iter()
            .find(|relative| is_inside(&real_folder, relative))
            .map(|relative| folder.join(relative));
        match found {
            Some(copy) => list.copies.push(copy),
            None => list.missing.push((*line, address.clone())),
        }
    }
    Ok(list)
}

/// Lines and addresses of the feeds that a file names, and whether it names more.
fn named_by(path: &Path) -> io::Result<(Vec<(u64, String)>, bool)> {
    let file: File = read::open(path)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        let reason = format!("a list of feeds may have {MAX_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    let decoded = xml::decode(&bytes, None);
    let mut feeds = named_in(&decoded.text);
    let is_cut = feeds.len() > MAX_FEEDS;
    feeds.truncate(MAX_FEEDS);
    Ok((feeds, is_cut))
}

/// The addresses of the feeds that a list names, and whether it names more than are read.
#[cfg(feature = "fetch")]
pub(crate) fn feeds_of_list(path: &Path) -> io::Result<(Vec<String>, bool)> {
    let (feeds, is_cut) = named_by(path)?;
    Ok((feeds.into_iter().map(|(_, address)| address).collect(), is_cut))
}

/// Lines and addresses of the feeds that a list names.
fn named_in(text: &str) -> Vec<(u64, String)> {
    let mut reader = xml::reader(text);
    let mut lines = Lines::new(text);
    let mut feeds = Vec::new();
    loop {
        let start = reader.buffer_position() as usize;
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag))
                if xml::local(tag.name().into_inner()).eq_ignore_ascii_case("outline") =>
            {
                let tag: &str = &tag;
                let address = xml::attributes(tag)
                    .find(|(key, _)| key.eq_ignore_ascii_case("xmlUrl"))
                    .or_else(|| {
                        is_inclusion(tag).then(|| xml::attributes(tag).find(|(key, _)| *key == "url"))?
                    })
                    .map(|(_, value)| value.trim().to_owned())
                    .filter(|address| !address.is_empty());
                if let Some(address) = address {
                    feeds.push((lines.of(start), address));
                }
                if feeds.len() > MAX_FEEDS {
                    return feeds;
                }
            }
            Ok(Event::Eof) | Err(_) => return feeds,
            Ok(_) => {}
        }
    }
}

/// Whether an outline stands for another list.
fn is_inclusion(tag: &str) -> bool {
    xml::attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("include"))
}

/// The last part of an address without its query.
fn file_name(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// Where a copy of a feed may lie, from the folder of the list.
fn candidates(address: &str, is_only_of_its_name: bool, folder: &Path) -> Vec<PathBuf> {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let unescaped = path.replace("%20", " ");
    let Some((scheme, rest)) = unescaped.split_once("://") else {
        return vec![PathBuf::from(path), PathBuf::from(&unescaped)];
    };
    match scheme.to_ascii_lowercase().as_str() {
        "file" => {
            let path = rest.strip_prefix("localhost").unwrap_or(rest);
            Path::new(path).strip_prefix(folder).map(Path::to_owned).into_iter().collect()
        }
        "http" | "https" | "feed" => {
            // As a mirror keeps it: a folder of the host's name, and under that the path.
            let mut found = vec![PathBuf::from(rest.trim_end_matches('/'))];
            let name = file_name(&unescaped);
            if is_only_of_its_name && Format::from_file_name(name).is_some() {
                found.push(PathBuf::from(name));
            }
            found
        }
        _ => Vec::new(),
    }
}

fn is_inside(folder: &Path, relative: &Path) -> bool {
    let is_plain = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    is_plain
        && folder
            .join(relative)
            .canonicalize()
            .is_ok_and(|real| real.starts_with(folder) && real.metadata().is_ok_and(|found| found.is_file()))
}

#[cfg(test)]
mod tests {
    use super::read;
    use std::fs;

    #[test]
    fn copies_lie_beside_the_list_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in [
            "lists/a.xml",
            "lists/sub/b.rss",
            "lists/host.example/news/feed.xml",
            "lists/wire.atom",
            "out.xml",
            "lists/my feed.xml",
        ] {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(root.join("out.xml"), root.join("lists/link.xml")).unwrap();
        let list = format!(
            r#"<opml version="2.0"><body>
<outline text="News">
<outline text="A" type="rss" xmlUrl="a.xml"/>
<outline text="B" xmlUrl="sub/b.rss"/>
<outline text="mirrored" xmlUrl="https://host.example/news/feed.xml?x=1"/>
<outline text="by name" xmlurl="https://wire.example/all/wire.atom"/>
<outline text="file" xmlUrl="file://{root}/lists/a.xml"/>
<outline text="space" xmlUrl="my%20feed.xml"/>
<outline text="above" xmlUrl="../out.xml"/>
<outline text="root" xmlUrl="/etc/passwd"/>
<outline text="file outside" xmlUrl="file:///etc/passwd"/>
<outline text="link" xmlUrl="link.xml"/>
<outline text="folder" xmlUrl="sub"/>
<outline text="not here" xmlUrl="https://other.example/b.rss?a=1&amp;b=2"/>
<outline text="no feed" htmlUrl="https://other.example/"/>
</outline></body></opml>"#,
            root = root.display()
        );
        fs::write(root.join("lists/list.opml"), list).unwrap();
        let found = read(&root.join("lists/list.opml")).unwrap();
        let copies: Vec<String> = found
            .copies
            .iter()
            .map(|copy| copy.strip_prefix(root.join("lists")).unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(
            copies,
            ["a.xml", "sub/b.rss", "host.example/news/feed.xml", "wire.atom", "a.xml", "my feed.xml"]
        );
        let missing: Vec<u64> = found.missing.iter().map(|(line, _)| *line).collect();
        assert_eq!(missing, [9, 10, 11, 12, 13, 14]);
        assert_eq!(found.missing[5].1, "https://other.example/b.rss?a=1&b=2");
    }
}
