//! One file to its records: through its packing and archive down to what its format holds.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use encoding_rs_io::DecodeReaderBytesBuilder;

use super::look::{Head, is_utf_16, look};
use super::sink::Sink;
use super::unpack::{BUFFER, Meter, Raw, unpack};
use super::{
    Archive, FileEntry, Form, Format, Limits, Packing, Record, Skipped, archive, feed, lines, mbox, newsml,
    split, stories, table, walk, warc,
};
#[cfg(feature = "parquet")]
use super::{FoundBy, parquet};
use crate::control::Cancel;
use crate::error::Result;

/// Something that came out of a file.
#[derive(Clone, Debug)]
pub enum Found {
    /// A record to decode.
    Record(Record),
    /// A part of the file, or all of it, that gives none.
    Skipped(Skipped),
    /// Something about the file that should be known, and by which no article is lost.
    Warned(Skipped),
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
    /// Members of archives that were passed over, as such files of a folder are.
    pub ignored: u64,
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
    let file = match open(&entry.real) {
        Ok(file) => file,
        Err(error) => {
            sink(Found::Skipped(Skipped::new(&entry.path, "unreadable", error.to_string())))?;
            return Ok(FileRead::default());
        }
    };
    let is_same = || {
        let now = file.metadata();
        now.is_ok_and(|now| now.len() == entry.bytes && walk::modified_ns(&now) == entry.modified_ns)
    };
    #[cfg(feature = "parquet")]
    if entry.format.is_none_or(|said| said == Format::Parquet) && parquet::is_one(&file) {
        let mut read = by_columns(entry, &file, limits, cancel, sink)?;
        read.is_complete &= is_same();
        return Ok(read);
    }
    let name = entry.real.to_string_lossy();
    let links = links(&file).unwrap_or_default();
    let bytes = file.metadata().ok().map(|found| found.len());
    let source = Source { path: &entry.path, name: &name, said: entry.format, links, bytes };
    let mut read = read_from(source, &file, limits, cancel, sink)?;
    read.is_complete &= is_same();
    Ok(read)
}

/// Reads a file by its columns, which lie apart from each other, and then once from its beginning for its hash.
#[cfg(feature = "parquet")]
fn by_columns(
    entry: &FileEntry,
    mut file: &File,
    limits: &Limits,
    cancel: &Cancel,
    out: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<FileRead> {
    let mut read = FileRead::default();
    let mut sink = Sink::new(&entry.path, &mut read, out);
    sink.opened(Format::Parquet, FoundBy::Look);
    match file.try_clone() {
        Ok(source) => parquet::read(source, limits, cancel, &mut sink)?,
        Err(error) => sink.skip(None, "unreadable", error.to_string())?,
    }
    let meter = Meter::new(limits);
    let mut raw = Raw::new(file, &meter);
    read.is_complete = file.rewind().and_then(|()| io::copy(&mut raw, &mut io::sink())).is_ok();
    (read.bytes_read, read.bytes_unpacked) = (meter.bytes_read(), meter.bytes_read());
    read.hash = raw.hash();
    Ok(read)
}

/// The same for a stream that is no file; `name` stands for the path, and the format is found by looking unless it is said.
pub fn read_stream(
    name: &str,
    format: Option<Format>,
    reader: impl Read,
    limits: &Limits,
    cancel: &Cancel,
    sink: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<FileRead> {
    let source = Source { path: name, name: "", said: format, links: HashSet::new(), bytes: None };
    read_from(source, reader, limits, cancel, sink)
}

/// The same for bytes that are at hand.
pub fn read_bytes(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    sink: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<FileRead> {
    read_stream(name, None, bytes, limits, &Cancel::new(), sink)
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

/// Which members of an archive are links; the file is at its beginning before and after.
fn links(mut file: &File) -> io::Result<HashSet<u64>> {
    let mut head = [0; 4];
    let count = file.read(&mut head)?;
    let is_zip = Archive::look(&head[..count]) == Some(Archive::Zip);
    let links = if is_zip { archive::links(file) } else { HashSet::new() };
    file.rewind()?;
    Ok(links)
}

/// What is read, and what is known of it before.
struct Source<'n> {
    /// The name under which its records are known.
    path: &'n str,
    /// The name whose ending counts.
    name: &'n str,
    /// The format that the user says it has.
    said: Option<Format>,
    links: HashSet<u64>,
    /// Length of the file, where it is one.
    bytes: Option<u64>,
}

/// What holds for all that is read of one file.
pub(super) struct Rules<'a> {
    pub(super) limits: &'a Limits,
    pub(super) cancel: &'a Cancel,
    pub(super) meter: Meter,
    /// Where members of the archive begin that are links.
    pub(super) links: HashSet<u64>,
    said: Option<Format>,
    bytes: Option<u64>,
}

fn read_from(
    source: Source<'_>,
    reader: impl Read,
    limits: &Limits,
    cancel: &Cancel,
    out: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<FileRead> {
    let meter = Meter::new(limits);
    let rules = Rules {
        limits,
        cancel,
        meter: meter.clone(),
        links: source.links,
        said: source.said,
        bytes: source.bytes,
    };
    let mut raw = Raw::new(reader, &meter);
    let mut read = FileRead::default();
    let mut sink = Sink::new(source.path, &mut read, out);
    let outcome =
        content(Box::new(BufReader::with_capacity(BUFFER, &mut raw)), source.name, 0, &rules, &mut sink)?;
    if let Err(error) = &outcome {
        broken_off(error, &mut sink)?;
    }
    // The bytes behind the last record belong to the hash too.
    read.is_complete = outcome.is_ok() && io::copy(&mut raw, &mut io::sink()).is_ok();
    read.bytes_read = meter.bytes_read();
    read.hash = raw.hash();
    Ok(read)
}

pub(super) fn broken_off(error: &io::Error, sink: &mut Sink<'_>) -> Result<()> {
    let class = if error.kind() == io::ErrorKind::FileTooLarge { "too-large" } else { "broken-off" };
    sink.skip(None, class, format!("it could not be read to its end: {error}"))
}

/// Reads a file, or a member of `depth` archives, whatever it is packed in.
pub(super) fn content(
    reader: Box<dyn BufRead + '_>,
    name: &str,
    depth: usize,
    rules: &Rules<'_>,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    let mut head = Head::new(reader);
    // Packed it may be any length.
    let length = rules.bytes.filter(|_| depth == 0 && Packing::look(head.bytes()).is_none());
    if let Some(packing) = Packing::look(head.bytes()) {
        sink.unwrapped(packing.name());
        head = match unpack(packing, head.into_reader(), &rules.meter) {
            Ok(unpacked) => Head::new(unpacked),
            Err(error) => return Ok(Err(error)),
        };
        if let Some(packing) = Packing::look(head.bytes()) {
            let reason = format!("it is {packing} packed once more; unpack it once before");
            return sink.skip(None, "packed-twice", reason).map(Ok);
        }
    }
    if let Some(kind) = Archive::look(head.bytes()) {
        if depth < archive::MAX_DEPTH {
            return archive::read(kind, head.into_reader(), depth, rules, sink);
        }
        let reason = format!(
            "archives are read that lie {} deep one in the other; this is deeper",
            archive::MAX_DEPTH
        );
        return sink.skip(None, "too-deep", reason).map(Ok);
    }
    // Only on disk it can be told whether a folder is a Maildir.
    let named = if depth == 0 { Format::of_path(Path::new(name)) } else { Format::from_file_name(name) };
    let (format, by) = look(head.bytes(), named, rules.said);
    sink.opened(format, by);
    if !is_streamed(format) && length.is_some_and(|length| length > rules.limits.max_whole as u64) {
        return Ok(Err(too_large(rules.limits.max_whole)));
    }
    let mut reader = Counted { inner: head.into_reader(), count: 0 };
    let outcome = records(&mut reader, format, rules, sink)?;
    // What stands behind the last record may be broken too.
    let outcome = outcome.and_then(|()| io::copy(&mut reader, &mut io::sink()).map(drop));
    sink.read.bytes_unpacked += reader.count;
    Ok(outcome)
}

/// Cuts what is unpacked into records. A format is one arm: one that can be cut as it streams, or one that is held as a whole.
fn records(
    reader: &mut impl BufRead,
    format: Format,
    rules: &Rules<'_>,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    match format {
        Format::JsonLines => json_lines(reader, rules, sink),
        Format::Reuters => stories::read(reader, rules.limits, rules.cancel, sink),
        Format::Warc => warc::read(reader, rules.limits, rules.cancel, sink),
        Format::Mbox => mbox::read(reader, rules.limits, rules.cancel, sink),
        Format::Csv | Format::Tsv => table::read(reader, format, rules.limits, rules.cancel, sink),
        #[cfg(feature = "parquet")]
        Format::Parquet => whole(reader, rules, sink, |bytes, sink| {
            parquet::read(bytes::Bytes::from(bytes), rules.limits, rules.cancel, sink)
        }),
        format => whole(reader, rules, sink, |bytes, sink| cut(bytes, format, sink)),
    }
}

/// Cuts what is held as a whole into records.
pub(super) fn cut(bytes: Vec<u8>, format: Format, sink: &mut Sink<'_>) -> Result<()> {
    match format {
        Format::Plain => sink.record(Form::Plain, bytes, None),
        Format::Markdown => sink.record(Form::Markdown, bytes, None),
        Format::Html => sink.record(Form::Html, bytes, None),
        Format::Newsml => newsml::split(&bytes, sink),
        Format::Json => split::json(&bytes, sink),
        Format::Mail => sink.record(Form::Mail, bytes, None),
        Format::Pdf => sink.record(Form::Pdf, bytes, None),
        Format::Parquet if cfg!(not(feature = "parquet")) => {
            sink.skip(None, "parquet-not-built-in", "Parquet needs the feature parquet")
        }
        Format::Feed => feed::split(&bytes, sink),
        Format::Opml => {
            let reason = "a list of feeds is read as a file that is not packed";
            sink.skip(None, "feed-list", reason)
        }
        // These are read as they stream, and in no other way.
        Format::JsonLines
        | Format::Reuters
        | Format::Warc
        | Format::Mbox
        | Format::Csv
        | Format::Tsv
        | Format::Parquet => {
            sink.skip(None, "no-article", format!("{format} is not read within another file"))
        }
    }
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect(|count| self.count += *count as u64)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count += amount as u64;
        self.inner.consume(amount);
    }
}

fn json_lines(reader: &mut impl BufRead, rules: &Rules<'_>, sink: &mut Sink<'_>) -> Result<io::Result<()>> {
    let is_wide = match reader.fill_buf() {
        Ok(head) => is_utf_16(head).then(|| if head[0] == 0xFF { "UTF-16LE" } else { "UTF-16BE" }),
        Err(error) => return Ok(Err(error)),
    };
    match is_wide {
        Some(charset) => {
            sink.transcoded_from(charset, true);
            let decoder = DecodeReaderBytesBuilder::new().build(reader);
            lines_of_json(&mut BufReader::new(decoder), rules, sink)
        }
        None => lines_of_json(reader, rules, sink),
    }
}

fn lines_of_json(
    reader: &mut impl BufRead,
    rules: &Rules<'_>,
    sink: &mut Sink<'_>,
) -> Result<io::Result<()>> {
    let max_line = rules.limits.max_line;
    lines::each(reader, max_line, rules.cancel, |number, line| {
        let Some(line) = line else {
            let reason = format!("the line is longer than {max_line} bytes");
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

/// Whether records of a format are cut as it streams; others are held as a whole.
fn is_streamed(format: Format) -> bool {
    use Format::{Csv, JsonLines, Mbox, Reuters, Tsv, Warc};
    matches!(format, JsonLines | Reuters | Warc | Mbox | Csv | Tsv)
}

fn too_large(most: usize) -> io::Error {
    let reason = format!("it has more than {most} bytes; as JSON Lines it can be read piece by piece");
    io::Error::new(io::ErrorKind::FileTooLarge, reason)
}

/// Bytes that are asked for at once.
const PIECE: usize = 4 << 20;

/// What a reader gives, and how it ended; an error where that is more than `most` bytes. It is held in pieces until its length is
/// known: one buffer takes four times as much while it grows.
fn held(reader: &mut impl Read, most: usize) -> (Vec<u8>, io::Result<()>) {
    let (mut pieces, mut length) = (Vec::new(), 0);
    let outcome = loop {
        // Most files are smaller than one.
        let mut piece = Vec::with_capacity(if pieces.is_empty() { 0 } else { PIECE });
        let read = reader.by_ref().take(PIECE as u64).read_to_end(&mut piece);
        let is_last = piece.len() < PIECE;
        length += piece.len();
        pieces.push(piece);
        if length > most {
            return (Vec::new(), Err(too_large(most)));
        }
        match read {
            Err(error) => break Err(error),
            Ok(_) if is_last => break Ok(()),
            Ok(_) => {}
        }
    };
    if pieces.len() == 1 {
        return (pieces.pop().unwrap_or_default(), outcome);
    }
    let mut bytes = Vec::with_capacity(length);
    for piece in pieces {
        bytes.extend_from_slice(&piece);
    }
    (bytes, outcome)
}

/// Holds all that is unpacked and gives it to `cut`. Of what broke off, as far as it came.
fn whole(
    reader: &mut impl Read,
    rules: &Rules<'_>,
    sink: &mut Sink<'_>,
    cut: impl FnOnce(Vec<u8>, &mut Sink<'_>) -> Result<()>,
) -> Result<io::Result<()>> {
    let (bytes, outcome) = held(reader, rules.limits.max_whole);
    let is_bomb =
        outcome.as_ref().is_err_and(|error: &io::Error| error.kind() == io::ErrorKind::FileTooLarge);
    if is_bomb {
        return Ok(outcome);
    }
    if !bytes.trim_ascii().is_empty() {
        cut(bytes, sink)?;
    } else if outcome.is_ok() {
        sink.skip(None, "empty", "the file is empty")?;
    }
    Ok(outcome)
}
