//! One file to its records.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::lines;
use super::unpack::Unpacked;
use super::{
    FileEntry, Form, Format, Hints, Limits, Origin, Record, Skipped, feed, mbox, newsml, split, stories,
    table, walk,
};
use crate::control::Cancel;
use crate::error::Result;

/// Something that came out of a file.
#[derive(Clone, Debug)]
pub enum Found {
    /// A record to decode.
    Record(Record),
    /// A part of the file, or all of it, that gives none.
    Skipped(Skipped),
}

/// What is known of a file after reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileRead {
    /// Bytes read from disk.
    pub bytes_read: u64,
    /// Bytes after unpacking.
    pub bytes_unpacked: u64,
    /// Records found.
    pub records: u64,
    /// xxh3 of the bytes on disk.
    pub hash: u64,
    /// Whether it was read to its end and did not change meanwhile.
    pub is_complete: bool,
}

/// Reads a file and gives what it holds to `sink`, whose errors end the reading. What is wrong with the file itself is a
/// [`Found::Skipped`].
pub fn read_file(
    entry: &FileEntry,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<FileRead> {
    let refuse = |sink: &mut dyn FnMut(Found) -> Result<()>, reason: String| {
        sink(Found::Skipped(Skipped::new(&entry.path, "unreadable", reason)))?;
        Ok(FileRead::default())
    };
    let file = match open(&entry.real) {
        Ok(file) => file,
        Err(error) => return refuse(sink, error.to_string()),
    };
    #[cfg(feature = "parquet")]
    if super::parquet::is_one(&file) {
        return read_parquet(entry, &file, limits, cancel, sink);
    }
    let reader = match Unpacked::new(&file, limits.max_ratio) {
        Ok(reader) => reader,
        Err(error) => return refuse(sink, error.to_string()),
    };
    let format = Format::of_path(&entry.real);
    let mut read = read_from(&entry.path, format, reader, limits, cancel, sink)?;
    let is_same = file
        .metadata()
        .is_ok_and(|now| now.len() == entry.bytes && walk::modified_ns(&now) == entry.modified_ns);
    read.is_complete &= is_same;
    Ok(read)
}

/// Reads a file by its columns, which lie apart from each other, and then once from its beginning for its hash.
#[cfg(feature = "parquet")]
fn read_parquet(
    entry: &FileEntry,
    mut file: &File,
    limits: &Limits,
    cancel: &Cancel,
    out: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<FileRead> {
    use std::io::Seek;
    let mut sink = Sink { path: Arc::clone(&entry.path), records: 0, out };
    match file.try_clone() {
        Ok(source) => super::parquet::read(source, limits, cancel, &mut sink)?,
        Err(error) => sink.skip(None, "unreadable", error.to_string())?,
    }
    let records = sink.records;
    let hashed = file.rewind().and_then(|()| {
        let mut raw = Unpacked::new(file, limits.max_ratio)?;
        io::copy(&mut raw, &mut io::sink()).map(|_| raw)
    });
    let is_same = file
        .metadata()
        .is_ok_and(|now| now.len() == entry.bytes && walk::modified_ns(&now) == entry.modified_ns);
    let Ok(raw) = hashed else { return Ok(FileRead { records, ..FileRead::default() }) };
    let (bytes_read, bytes_unpacked) = (raw.bytes_read(), raw.bytes_unpacked());
    Ok(FileRead { bytes_read, bytes_unpacked, records, hash: raw.hash(), is_complete: is_same })
}

/// The same for bytes that came from elsewhere; `name` stands for the file.
pub fn read_bytes(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    sink: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<FileRead> {
    match Unpacked::new(bytes, limits.max_ratio) {
        Ok(reader) => read_from(&name.into(), None, reader, limits, &Cancel::new(), sink),
        Err(error) => {
            sink(Found::Skipped(Skipped::new(name, "unreadable", error.to_string())))?;
            Ok(FileRead::default())
        }
    }
}

/// Opens a file for reading.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    // The file may have become a pipe since it was listed; opening one must not block.
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt;
        const O_NONBLOCK: i32 = 0o4000;
        options.custom_flags(O_NONBLOCK);
    }
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no longer a file"));
    }
    Ok(file)
}

/// What all formats need while they are read.
pub(super) struct Sink<'s> {
    pub(super) path: Arc<str>,
    pub(super) records: u64,
    out: &'s mut dyn FnMut(Found) -> Result<()>,
}

impl Sink<'_> {
    pub(super) fn record(&mut self, form: Form, bytes: Vec<u8>, line: Option<u64>) -> Result<()> {
        let origin = Origin { path: Arc::clone(&self.path), ordinal: self.records, line };
        self.records += 1;
        (self.out)(Found::Record(Record::new(origin, form, bytes)))
    }

    /// A row of a table as a JSON object, with the number of characters in it that could not be read.
    pub(super) fn row(&mut self, bytes: Vec<u8>, line: u64, replaced: usize) -> Result<()> {
        let origin = Origin { path: Arc::clone(&self.path), ordinal: self.records, line: Some(line) };
        self.records += 1;
        let hints = Hints { replaced, ..Hints::default() };
        (self.out)(Found::Record(Record { hints, ..Record::new(origin, Form::Json, bytes) }))
    }

    pub(super) fn skip(&mut self, line: Option<u64>, class: &str, reason: impl Into<String>) -> Result<()> {
        let origin = Origin { path: Arc::clone(&self.path), ordinal: self.records, line };
        (self.out)(Found::Skipped(Skipped::new(origin, class, reason)))
    }
}

fn read_from<R: Read>(
    path: &Arc<str>,
    format: Option<Format>,
    reader: Unpacked<R>,
    limits: &Limits,
    cancel: &Cancel,
    out: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<FileRead> {
    let mut reader = BufReader::with_capacity(128 << 10, reader);
    let mut sink = Sink { path: Arc::clone(path), records: 0, out };
    let outcome = match reader.fill_buf() {
        Err(error) => Err(error),
        Ok(head) => {
            let format = look(head, format);
            match format {
                Format::JsonLines => read_lines(&mut reader, limits, cancel, &mut sink)?,
                Format::Reuters => stories::read(&mut reader, limits, cancel, &mut sink)?,
                Format::Mbox => mbox::read(&mut reader, limits, cancel, &mut sink)?,
                Format::Csv | Format::Tsv => table::read(&mut reader, format, limits, cancel, &mut sink)?,
                format => read_whole(&mut reader, format, limits, cancel, &mut sink)?,
            }
        }
    };
    if let Err(error) = &outcome {
        let class = if error.kind() == io::ErrorKind::FileTooLarge { "too-large" } else { "broken-off" };
        sink.skip(None, class, format!("it could not be read to its end: {error}"))?;
    }
    // The packed bytes behind the last record belong to the hash too.
    let is_read = outcome.is_ok() && io::copy(&mut reader, &mut io::sink()).is_ok();
    let records = sink.records;
    let reader = reader.get_ref();
    Ok(FileRead {
        bytes_read: reader.bytes_read(),
        bytes_unpacked: reader.bytes_unpacked(),
        records,
        hash: reader.hash(),
        is_complete: is_read,
    })
}

/// What a file is, by its first bytes; the ending of its name decides where they leave it open.
fn look(head: &[u8], named: Option<Format>) -> Format {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if let Some(format) = newsml::look(head).or_else(|| feed::look(head)) {
        return format;
    }
    if head.starts_with(b"PAR1") {
        return Format::Parquet;
    }
    if text.starts_with(b"%PDF-") {
        return Format::Pdf;
    }
    match named {
        // A page under the name of a feed is what a server answered instead of it.
        Some(Format::Feed | Format::Opml) if is_html(text) => Format::Html,
        // A list, or an object that goes over several lines, is one value whatever the name says.
        Some(Format::JsonLines) if text.starts_with(b"[") || is_open_object(text) => Format::Json,
        // Programs keep whole mailboxes under names of all kinds.
        Some(Format::Mail) | None if mbox::is_mailbox(text) => Format::Mbox,
        Some(format) => format,
        None if mbox::is_message(text) => Format::Mail,
        None if text.starts_with(b"{") || text.starts_with(b"[") => Format::Json,
        None if stories::is_stories(text) => Format::Reuters,
        None if is_html(text) => Format::Html,
        None => Format::Plain,
    }
}

/// Whether the first line opens an object and does nothing else.
fn is_open_object(text: &[u8]) -> bool {
    text.strip_prefix(b"{").is_some_and(|rest| {
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
        line.trim_ascii().is_empty() && rest.len() > line.len()
    })
}

fn is_html(text: &[u8]) -> bool {
    let head = &text[..text.len().min(1024)].to_ascii_lowercase();
    text.starts_with(b"<")
        && [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<article"]
            .iter()
            .any(|mark| memchr::memmem::find(head, mark).is_some())
}

fn read_lines(
    reader: &mut impl BufRead,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    lines::each(reader, limits.max_line, cancel, |number, line| {
        let Some(line) = line else {
            let reason = format!("the line is longer than {} bytes", limits.max_line);
            return sink.skip(Some(number), "too-large", reason);
        };
        let line = line.strip_prefix(b"\xEF\xBB\xBF").filter(|_| number == 1).unwrap_or(line);
        if line.trim_ascii().is_empty() {
            Ok(())
        } else {
            sink.record(Form::Json, line.to_vec(), Some(number))
        }
    })
}

fn read_whole(
    reader: &mut impl Read,
    format: Format,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    let mut bytes = Vec::new();
    let outcome = reader.take(limits.max_whole as u64 + 1).read_to_end(&mut bytes).map(drop);
    if bytes.len() > limits.max_whole {
        let reason = format!(
            "it has more than {} bytes; as JSON Lines it can be read piece by piece",
            limits.max_whole
        );
        return Ok(Err(io::Error::new(io::ErrorKind::FileTooLarge, reason)));
    }
    if bytes.trim_ascii().is_empty() {
        if outcome.is_ok() {
            sink.skip(None, "empty", "the file is empty")?;
        }
        return Ok(outcome);
    }
    match format {
        Format::Plain => sink.record(Form::Plain, bytes, None)?,
        Format::Markdown => sink.record(Form::Markdown, bytes, None)?,
        Format::Html => sink.record(Form::Html, bytes, None)?,
        Format::Newsml => newsml::split(&bytes, sink)?,
        Format::Mail => sink.record(Form::Mail, bytes, None)?,
        Format::Pdf => sink.record(Form::Pdf, bytes, None)?,
        #[cfg(feature = "parquet")]
        Format::Parquet => super::parquet::read(bytes::Bytes::from(bytes), limits, cancel, sink)?,
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => {
            let _ = cancel;
            sink.skip(None, "parquet-not-built-in", "Parquet needs the feature parquet")?;
        }
        Format::Json | Format::JsonLines | Format::Reuters | Format::Csv | Format::Tsv | Format::Mbox => {
            split::json(&bytes, sink)?;
        }
        Format::Feed => feed::split(&bytes, sink)?,
        Format::Opml => {
            let reason = "a list of feeds is read as a file that is not packed";
            sink.skip(None, "feed-list", reason)?;
        }
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::{Found, read_bytes, read_file};
    use crate::control::Cancel;
    use crate::source::{Limits, walk};
    use std::io::Write;

    /// Everything found, as `form path:line bytes` or `! path:line class`.
    fn found(name: &str, bytes: &[u8]) -> (Vec<String>, bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let walked = walk(&[path]).unwrap();
        let limits = Limits { max_line: 100, max_whole: 1000, ..Limits::default() };
        let mut found = Vec::new();
        let prefix = format!("{}/", folder.path().to_string_lossy());
        let read = read_file(&walked.files[0], &limits, &Cancel::new(), &mut |item| {
            found.push(match item {
                Found::Record(record) => {
                    let at = record.origin.to_string().replace(&prefix, "");
                    format!("{:?} {at} {}", record.form, String::from_utf8_lossy(&record.bytes))
                }
                Found::Skipped(skipped) => format!("! {} {}", skipped.at.replace(&prefix, ""), skipped.class),
            });
            Ok(())
        })
        .unwrap();
        assert_eq!(read.bytes_read, bytes.len() as u64, "all of {name} is read");
        (found, read.is_complete)
    }

    #[test]
    fn forms_are_found_by_looking() {
        for (name, bytes, expected) in [
            ("a.txt", &b"Text"[..], vec!["Plain a.txt Text"]),
            ("a.md", b"# T", vec!["Markdown a.md # T"]),
            ("a.html", b"<p>x", vec!["Html a.html <p>x"]),
            ("a.json", b" {\"a\":1}", vec!["Json a.json:1 {\"a\":1}"]),
            (
                "a.json",
                b"[{\"a\":1},\n {\"a\":2}]",
                vec!["Json a.json:1 {\"a\":1}", "Json a.json:2 {\"a\":2}"],
            ),
            ("a.json", b"{\"status\":\"ok\",\"articles\":[\n{\"a\":1}]}", vec!["Json a.json:2 {\"a\":1}"]),
            ("a.json", b"{\"a\":1}\n{\"a\":2}\n", vec!["Json a.json:1 {\"a\":1}", "Json a.json:2 {\"a\":2}"]),
            ("a.json", b"{\"a\":1}\n{\"a\":", vec!["Json a.json:1 {\"a\":1}", "! a.json:2 not-json"]),
            ("a.json", b"[{\"a\":1}, 5]", vec!["Json a.json:1 {\"a\":1}", "! a.json:1 not-json"]),
            (
                "a.jsonl",
                b"{\"a\":1}\n\n{\"a\":2}",
                vec!["Json a.jsonl:1 {\"a\":1}", "Json a.jsonl:3 {\"a\":2}"],
            ),
            ("a.jsonl", b"[{\"a\":1}]", vec!["Json a.jsonl:1 {\"a\":1}"]),
            ("a.jsonl", b"{\n\"a\":1}", vec!["Json a.jsonl:1 {\n\"a\":1}"]),
            ("a.unknown", b"<!DOCTYPE html><p>x", vec!["Html a.unknown <!DOCTYPE html><p>x"]),
            ("a.unknown", b"text", vec!["Plain a.unknown text"]),
            (
                "a.sgm",
                b"<!DOCTYPE lewis>\n<REUTERS A=\"1\">\nx\n</REUTERS>\n<REUTERS>y</REUTERS><REUTERS>\nlost\n<REUTERS>z</REUTERS>\nnoise\n<REUTERS>",
                vec![
                    "Reuters a.sgm:2 <REUTERS A=\"1\">\nx\n</REUTERS>",
                    "Reuters a.sgm:5 <REUTERS>y</REUTERS>",
                    "! a.sgm:5 broken-off",
                    "Reuters a.sgm:7 <REUTERS>z</REUTERS>",
                    "! a.sgm:9 broken-off",
                ],
            ),
            ("a.unknown", b"<REUTERS>y</REUTERS>", vec!["Reuters a.unknown:1 <REUTERS>y</REUTERS>"]),
            ("a.sgm", b"<DOC>other</DOC>", vec!["! a.sgm no-article"]),
            ("a.sgm", b"", vec![]),
            ("a.xml", b"<?xml version=\"1.0\"?><newsItem/>", vec!["Newsml a.xml <?xml version=\"1.0\"?><newsItem/>"]),
            (
                "a.xml",
                b"<newsMessage>\n<packageItem><newsItem/></packageItem><n:newsItem>1</n:newsItem>\n<newsItem>2",
                vec!["Newsml a.xml:2 <n:newsItem>1</n:newsItem>", "! a.xml:3 not-xml"],
            ),
            ("a.xml", b"<NewsML><NewsItem>1</NewsItem></NewsML>", vec!["Newsml a.xml:1 <NewsItem>1</NewsItem>"]),
            ("a.unknown", b"<!-- x --><nitf>1</nitf>", vec!["Newsml a.unknown <!-- x --><nitf>1</nitf>"]),
            ("a.xml", b"<conceptItem><name/></conceptItem>", vec!["! a.xml no-article"]),
            ("a.xml", b"<!DOCTYPE nitf [<!ENTITY x \"y\">]><nitf/>", vec!["! a.xml:1 not-xml"]),
            ("a.txt", b"  \n", vec!["! a.txt empty"]),
            ("a.jsonl", b"", vec![]),
        ] {
            assert_eq!(
                found(name, bytes),
                (expected.into_iter().map(str::to_owned).collect(), true),
                "{name} {bytes:?}"
            );
        }
    }

    #[test]
    fn too_long_and_too_large() {
        let long = [b"{\"a\":1}\n".to_vec(), vec![b'x'; 200], b"\n{\"a\":2}\n".to_vec()].concat();
        let (lines, is_complete) = found("a.jsonl", &long);
        assert_eq!(lines, ["Json a.jsonl:1 {\"a\":1}", "! a.jsonl:2 too-large", "Json a.jsonl:3 {\"a\":2}"]);
        assert!(is_complete);
        assert_eq!(found("a.txt", &[b'x'; 2000]).0, ["! a.txt too-large"]);
        let story = format!("<REUTERS>\n{}</REUTERS>\n<REUTERS>x</REUTERS>", "many lines\n".repeat(50));
        let (stories, is_complete) = found("a.sgm", story.as_bytes());
        assert_eq!(stories, ["! a.sgm:1 too-large", "Reuters a.sgm:53 <REUTERS>x</REUTERS>"]);
        assert!(is_complete);
    }

    #[test]
    fn a_packed_file_that_broke_off_gives_what_it_holds() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        for number in 0..2000 {
            writeln!(encoder, "{{\"number\":{number}}}").unwrap();
        }
        let packed = encoder.finish().unwrap();
        let (items, is_complete) = found("a.jsonl.gz", &packed[..packed.len() / 2]);
        assert!(!is_complete);
        assert!(items.len() > 100 && items[0].ends_with("{\"number\":0}"));
        assert!(items.last().unwrap().starts_with("! a.jsonl.gz broken-off"), "{:?}", items.last());
        assert_eq!(found("a.jsonl.gz", &packed).0.len(), 2000);
    }

    #[test]
    fn bytes_are_looked_at_alone() {
        let mut forms = Vec::new();
        let mut keep = |item| {
            if let Found::Record(record) = item {
                forms.push(record.form);
            }
            Ok(())
        };
        for bytes in [&b"{\"title\":\"x\"}"[..], b"<html><body>x", b"plain text"] {
            read_bytes("standard input", bytes, &Limits::default(), &mut keep).unwrap();
        }
        assert_eq!(format!("{forms:?}"), "[Json, Html, Plain]");
    }
}
