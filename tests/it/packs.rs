//! Packed files and archives: every one of every kind, what of it is read, under which names, and what an index keeps of it.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use dateline::ingest::IndexEvent;
use dateline::source::{FileRead, Found, Limits, Skipped, read_file, walk};
use dateline::{Cancel, Index};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::support::{ids, index_paths, write};

pub(crate) type Members<'a> = &'a [(&'a str, &'a [u8])];

/// A zip archive as a program writes it that can jump in its file; each member by the next method.
pub(crate) fn zip(members: Members<'_>) -> Vec<u8> {
    zip_by(members, &[CompressionMethod::Deflated])
}

pub(crate) fn zip_by(members: Members<'_>, methods: &[CompressionMethod]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for ((name, bytes), method) in members.iter().zip(methods.iter().cycle()) {
        let options = SimpleFileOptions::default().compression_method(*method);
        out.start_file(*name, options).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// The same as it is sent while it is made: sizes follow the data.
fn zip_stream(members: Members<'_>, method: CompressionMethod) -> Vec<u8> {
    let mut out = zip::ZipWriter::new_stream(Vec::new());
    for (name, bytes) in members {
        out.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

pub(crate) fn tar(members: Members<'_>) -> Vec<u8> {
    let mut out = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        entry(&mut out, name, bytes, tar::EntryType::Regular);
    }
    out.into_inner().unwrap()
}

/// Adds an entry whatever its name, as no honest program would.
fn entry(out: &mut tar::Builder<Vec<u8>>, name: &str, bytes: &[u8], kind: tar::EntryType) {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(bytes.len() as u64);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_cksum();
    out.append(&header, bytes).unwrap();
}

/// Packs by the last ending of a name.
pub(crate) fn pack(name: &str, bytes: &[u8]) -> Vec<u8> {
    match name.rsplit('.').next().unwrap() {
        "gz" | "tgz" => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        "bz2" | "tbz2" => {
            let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        "xz" | "txz" => {
            let options = lzma_rust2::XzOptions::with_preset(3);
            let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        "zst" => zstd::bulk::compress(bytes, 3).unwrap(),
        _ => bytes.to_vec(),
    }
}

/// All that a file gives: `path bytes` of records, what is skipped, and the totals.
pub(crate) fn read(name: &str, bytes: &[u8]) -> (Vec<String>, Vec<Skipped>, FileRead) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), name, bytes);
    let walked = walk(&[folder.path().join(name)]).unwrap();
    let prefix = format!("{}/", folder.path().to_string_lossy());
    let (mut records, mut skipped) = (Vec::new(), Vec::new());
    let read = read_file(&walked.files[0], &Limits::default(), &Cancel::new(), &mut |found| {
        match found {
            Found::Record(record) => {
                let text: String = String::from_utf8_lossy(&record.bytes).chars().take(40).collect();
                records.push(format!("{} {text}", record.origin.path.replace(&prefix, "")));
            }
            Found::Skipped(one) | Found::Warned(one) => {
                skipped.push(Skipped { at: one.at.replace(&prefix, ""), ..one });
            }
        }
        Ok(())
    })
    .unwrap();
    (records, skipped, read)
}

fn article(title: &str) -> Vec<u8> {
    format!("{title}\n\nA few sentences follow here, so that it is a text. They say what happened.\n")
        .into_bytes()
}

#[test]
fn every_packing_of_every_archive_is_read() {
    let (first, second) = (article("The first headline"), article("The second headline"));
    let members: Members<'_> = &[("wire/2023-01-18-a.txt", &first), ("b.txt", &second)];
    let folder = tempfile::tempdir().unwrap();
    let archives = [
        "news.zip",
        "news.tar",
        "news.tar.gz",
        "news.tgz",
        "news.tar.zst",
        "news.tar.xz",
        "news.txz",
        "news.tar.bz2",
        "news.tbz2",
    ];
    for name in archives {
        let archive = if name.ends_with("zip") { zip(members) } else { tar(members) };
        write(folder.path(), name, pack(name, &archive));
    }
    let single = br#"{"title":"Alone in a file","body":"It stands in a file of its own."}"#;
    for name in ["a.json.bz2", "a.jsonl.xz", "a.jsonl.zst", "a.json.gz"] {
        write(folder.path(), name, pack(name, single));
    }
    let index = Index::in_memory();
    let (report, _) = index_paths(&index, &[folder.path().to_owned()]);
    assert_eq!((report.counts.added, report.counts.skipped), (archives.len() as u64 * 2 + 4, 0));
    let root = folder.path().to_string_lossy();
    for name in archives {
        let expected = [format!("{root}/{name}/b.txt"), format!("{root}/{name}/wire/2023-01-18-a.txt")];
        let found: Vec<String> =
            ids(&index, "*").into_iter().filter(|id| id.contains(&format!("/{name}/"))).collect();
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(ids(&index, "date:2023-01-18").len(), archives.len(), "the name of a member has a date");
    // A second run has nothing to read.
    let (report, _) = index_paths(&index, &[folder.path().to_owned()]);
    assert_eq!((report.counts.records, report.counts.files), (0, archives.len() as u64 + 4));
}

#[test]
fn members_are_chosen_as_files_of_a_folder() {
    use tar::EntryType::{Block, Char, Directory, Fifo, Link, Regular, Symlink};
    let text = article("Chosen");
    let others = ["README.txt", ".hidden.txt", ".git/a.txt", "__MACOSX/._a.txt", "photo.png", "noending"];
    let mut out = tar::Builder::new(Vec::new());
    for name in others {
        entry(&mut out, name, &text, Regular);
    }
    for (name, kind) in
        [("l.txt", Symlink), ("h.txt", Link), ("p.txt", Fifo), ("c.txt", Char), ("d.txt", Block)]
    {
        entry(&mut out, name, b"", kind);
    }
    entry(&mut out, "folder.txt/", b"", Directory);
    entry(&mut out, "yes.txt", &text, Regular);
    let (records, skipped, read_tar) = read("a.tar", &out.into_inner().unwrap());
    assert_eq!(
        (records, skipped),
        (vec!["a.tar/yes.txt Chosen\n\nA few sentences follow here, so ".to_owned()], vec![])
    );
    assert_eq!((read_tar.ignored, read_tar.is_complete), (others.len() as u64 + 5, true));

    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    out.add_directory("folder", options).unwrap();
    out.add_symlink("link.txt", "../../outside.txt", options).unwrap();
    for name in others.into_iter().chain(["yes.txt"]) {
        out.start_file(name, options).unwrap();
        out.write_all(&text).unwrap();
    }
    let (records, skipped, read_zip) = read("a.zip", &out.finish().unwrap().into_inner());
    assert_eq!((records.len(), skipped), (1, vec![]));
    assert_eq!(read_zip.ignored, others.len() as u64 + 1);

    let (_, skipped, _) = read("a.zip", &zip(&[("a.png", b"x"), ("b.exe", b"x")]));
    assert_eq!(skipped[0].reason, "none of its 2 members has the ending of a file that is read");
    assert_eq!(read("a.zip", &zip(&[])).1[0].reason, "the archive is empty");
}

#[test]
fn every_way_in_which_zip_packs_is_read() {
    use CompressionMethod::{Bzip2, Deflated, Stored, Zstd};
    let texts: Vec<Vec<u8>> = ["One", "Two", "Three", "Four"].map(article).into();
    let members: Vec<(&str, &[u8])> =
        ["1.txt", "2.txt", "3.txt", "4.txt"].into_iter().zip(texts.iter().map(Vec::as_slice)).collect();
    for archive in [
        zip_by(&members, &[Stored, Deflated, Bzip2, Zstd]),
        zip_stream(&members, Deflated),
        zip_stream(&members, Stored),
        zip_stream(&members, Bzip2),
        zip_stream(&members, Zstd),
    ] {
        let (records, skipped, read) = read("a.zip", &archive);
        assert_eq!((records.len(), skipped, read.is_complete), (4, vec![], true));
        assert!(records[3].starts_with("a.zip/4.txt Four"));
    }
    // What holds the marks of an archive itself does not end before its size.
    let inner = zip_stream(&[("x.txt", &texts[0])], Stored);
    let outer = zip_stream(&[("in.zip", &inner), ("b.txt", &texts[1])], Stored);
    let (records, skipped, _) = read("a.zip", &outer);
    assert_eq!((records.len(), skipped), (2, vec![]));
    assert!(records[0].starts_with("a.zip/in.zip/x.txt One"), "{records:?}");

    // Encrypted, by its flag, and by a method that is not read.
    let mut broken = zip(&members);
    broken[6] |= 1;
    let second = broken.windows(4).enumerate().filter(|(_, four)| four == b"PK\x03\x04").nth(1).unwrap().0;
    broken[second + 8] = 14;
    let (records, skipped, read) = read("a.zip", &broken);
    assert_eq!((records.len(), read.is_complete), (2, true));
    let said: Vec<_> = skipped.iter().map(|one| format!("{} {}", one.at, one.class)).collect();
    assert_eq!(said, ["a.zip/1.txt encrypted", "a.zip/2.txt unknown-packing"]);
}

#[test]
fn what_is_packed_in_an_archive_is_unpacked_two_archives_deep() {
    let lines = b"{\"title\":\"A\",\"body\":\"a\"}\n{\"title\":\"B\",\"body\":\"b\"}\n";
    let page = b"<!DOCTYPE html><title>P</title>";
    let third = zip(&[("deep.txt", b"Too deep")]);
    let second = tar(&[("a.jsonl.xz", &pack("xz", lines)), ("third.zip", &third), ("p.html", page)]);
    let first =
        zip(&[("second.tar.bz2", &pack("bz2", &second)), ("twice.txt.gz", &pack("gz", &pack("gz", b"x")))]);
    let (records, skipped, read) = read("first.zip", &first);
    let names: Vec<&str> = records.iter().map(|record| record.split(' ').next().unwrap()).collect();
    let inner = "first.zip/second.tar.bz2";
    assert_eq!(
        names,
        [format!("{inner}/a.jsonl.xz"), format!("{inner}/a.jsonl.xz"), format!("{inner}/p.html")]
    );
    let said: Vec<_> = skipped.iter().map(|one| format!("{} {}", one.at, one.class)).collect();
    assert_eq!(
        said,
        [format!("{inner}/third.zip too-deep"), "first.zip/twice.txt.gz packed-twice".to_owned()]
    );
    assert!(read.is_complete);
}

#[test]
fn an_index_follows_its_archives() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_string_lossy().into_owned();
    let lines = |ids: &[&str]| -> Vec<u8> {
        let line = |id: &&str| format!("{{\"id\":\"{id}\",\"title\":\"T {id}\",\"body\":\"b\"}}\n");
        ids.iter().map(line).collect::<String>().into_bytes()
    };
    let (one, two) = (article("One"), article("Two"));
    write(
        folder.path(),
        "news.zip",
        zip(&[("a.txt", &one), ("b.txt", &two), ("c.jsonl", &lines(&["x", "y"]))]),
    );
    write(folder.path(), "news.zip2.txt", article("A neighbour by name"));
    let index = Index::in_memory();
    let run = || index_paths(&index, &[folder.path().to_owned()]);
    assert_eq!(run().0.counts.added, 5);
    // A member goes, one changes, one stays; an id moves into a file that has not been there.
    write(folder.path(), "news.zip", zip(&[("b.txt", &article("Two, edited")), ("c.jsonl", &lines(&["x"]))]));
    write(folder.path(), "later.jsonl", lines(&["y"]));
    let counts = run().0.counts;
    assert_eq!((counts.added, counts.updated, counts.unchanged, counts.deleted), (0, 2, 1, 1), "{counts:?}");
    assert_eq!(ids(&index, "*").len(), 4);
    // The file that an id moved to goes again: the id stands nowhere.
    fs::remove_file(folder.path().join("later.jsonl")).unwrap();
    assert_eq!(run().0.counts.deleted, 1);
    fs::remove_file(folder.path().join("news.zip")).unwrap();
    assert_eq!(run().0.counts.deleted, 2);
    assert_eq!(ids(&index, "*"), [format!("{root}/news.zip2.txt")]);
}

#[test]
fn an_archive_and_a_file_that_share_an_id_end_in_the_same_state_in_any_order() {
    let line = |text: &str| format!("{{\"id\":\"x\",\"title\":\"{text}\",\"body\":\"b\"}}\n").into_bytes();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "z.zip", zip(&[("c.jsonl", &line("from the archive"))]));
    let index = Index::in_memory();
    let run = || index_paths(&index, &[folder.path().to_owned()]);
    run();
    // The later path counts, also when only the earlier file is new.
    write(folder.path(), "a.jsonl", line("from the file"));
    run();
    assert_eq!(ids(&index, "title:archive"), ["x"]);
    fs::remove_file(folder.path().join("z.zip")).unwrap();
    run();
    assert_eq!(ids(&index, "title:file"), ["x"]);
}

#[test]
fn of_members_with_one_name_the_last_counts() {
    let (old, new) = (article("The old version"), article("The new version"));
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.tar", tar(&[("a.txt", &old), ("a.txt", &new)]));
    let index = Index::in_memory();
    let (report, events) = index_paths(&index, &[folder.path().to_owned()]);
    assert_eq!((report.docs_total, report.warned_by_class.get("duplicate")), (1, Some(&1)));
    assert!(events.iter().any(|event| matches!(event, IndexEvent::Warned(one) if one.class == "duplicate")));
    assert_eq!(ids(&index, "\"new version\"").len(), 1);
}

#[test]
fn names_of_members_are_no_paths() {
    let text = article("Escaped");
    let folder = tempfile::tempdir().unwrap();
    let names = ["../../up.txt", "/etc/root.txt", "a/../../b.txt", "C:\\win\\c.txt", "new\nline.txt"];
    let mut out = tar::Builder::new(Vec::new());
    for name in names {
        entry(&mut out, name, &text, tar::EntryType::Regular);
    }
    write(folder.path(), "deep/er/evil.tar", out.into_inner().unwrap());
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &*text)).collect();
    write(folder.path(), "deep/er/evil.zip", zip(&members));
    let before = listing(folder.path());
    let index = Index::in_memory();
    let (report, _) = index_paths(&index, &[folder.path().join("deep")]);
    assert_eq!((report.docs_total, report.counts.skipped), (10, 0));
    assert_eq!(listing(folder.path()), before);
    let found = ids(&index, "*");
    assert!(found.iter().all(|id| !id.contains("/../")), "{found:?}");
    let end = "/deep/er/evil.tar/\\x2e\\x2e/\\x2e\\x2e/up.txt";
    assert!(found.iter().any(|id| id.ends_with(end)), "{found:?}");
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(listing(&path));
        }
        names.push(path.to_string_lossy().into_owned());
    }
    names.sort();
    names
}

#[test]
fn documents_that_are_archives_inside_are_not_taken_for_one() {
    for name in ["mimetype", "[Content_Types].xml"] {
        let (records, skipped, read) =
            read("report.docx", &zip(&[(name, b"x"), ("word/document.xml", b"<w/>")]));
        assert_eq!((records.len(), skipped.len(), read.is_complete), (0, 1, true));
        assert_eq!(skipped[0].class, "unknown-format");
    }
}
