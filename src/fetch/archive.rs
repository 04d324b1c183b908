//! The WARC file of a run: a record a gzip member, under a hidden name until all of it is on disk.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::client::Answer;
use crate::error::{Error, Result};
use crate::source::{Form, Record};

/// How files begin and end that are not whole yet; indexing passes over such names.
pub(super) const PREFIX: &str = ".dateline-fetch-";
pub(super) const SUFFIX: &str = ".part";

pub(super) struct Archive {
    folder: PathBuf,
    agent: String,
    /// There from the first record on.
    file: Option<BufWriter<NamedTempFile>>,
}

impl Archive {
    pub(super) fn new(folder: &Path, agent: &str) -> Self {
        Self { folder: folder.to_owned(), agent: agent.to_owned(), file: None }
    }

    /// Adds what a server sent.
    pub(super) fn answer(&mut self, answer: &Answer) -> Result<()> {
        self.add(&record_of(answer))
    }

    /// Adds an item of a feed, as a feed of one.
    pub(super) fn item(&mut self, item: &Record) -> Result<()> {
        let media_type = match item.form {
            Form::Json => "application/feed+json",
            _ => "application/rss+xml; charset=utf-8",
        };
        let url = item.hints.url.as_deref().unwrap_or_default();
        let fields = format!("WARC-Target-URI: {url}\r\nContent-Type: {media_type}\r\n");
        self.add(&record("resource", now(), &fields, &item.bytes))
    }

    fn add(&mut self, record: &[u8]) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self
                .file
                .insert(begin(&self.folder, &self.agent).map_err(|error| Error::io(&self.folder, error))?),
        };
        member(file, record).map_err(|error| Error::io(&self.folder, error))
    }

    /// Puts the file in its place after all of it is on disk, and gives its path.
    pub(super) fn finish(self) -> Result<Option<PathBuf>> {
        let Some(file) = self.file else { return Ok(None) };
        let fail = |error| Error::io(&self.folder, error);
        let mut file = file.into_inner().map_err(|error| fail(error.into_error()))?;
        file.as_file().sync_all().map_err(fail)?;
        // No date at its beginning, which a file name would lend to articles.
        let stem = format!("fetch-{}", now().strftime("%Y%m%dT%H%M%SZ"));
        for number in 1.. {
            let more = if number > 1 { format!("-{number}") } else { String::new() };
            let path = self.folder.join(format!("{stem}{more}.warc.gz"));
            match file.persist_noclobber(&path) {
                Ok(_) => {
                    #[cfg(unix)]
                    File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(fail)?;
                    return Ok(Some(path));
                }
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => file = error.file,
                Err(error) => return Err(fail(error.error)),
            }
        }
        Ok(None)
    }
}

/// A file of the user's under a hidden name, which is removed where it is not given another.
pub(super) fn hidden_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)
}

fn begin(folder: &Path, agent: &str) -> io::Result<BufWriter<NamedTempFile>> {
    let mut file = BufWriter::new(hidden_file(folder)?);
    let about = format!("software: {agent}\r\nformat: WARC File Format 1.1\r\nrobots: classic\r\n");
    member(
        &mut file,
        &record("warcinfo", now(), "Content-Type: application/warc-fields\r\n", about.as_bytes()),
    )?;
    Ok(file)
}

fn member(file: &mut impl Write, record: &[u8]) -> io::Result<()> {
    let mut encoder = GzEncoder::new(file, Compression::default());
    encoder.write_all(record)?;
    encoder.finish().map(drop)
}

/// The record of an answer.
pub(super) fn record_of(answer: &Answer) -> Vec<u8> {
    let digest: String = Sha256::digest(&answer.body).iter().map(|byte| format!("{byte:02x}")).collect();
    let fields = format!(
        "WARC-Target-URI: {}\r\nWARC-Payload-Digest: sha256:{digest}\r\nContent-Type: application/http; msgtype=response\r\n",
        answer.url
    );
    let block = [answer.head.as_bytes(), &answer.body].concat();
    record("response", answer.at, &fields, &block)
}

fn now() -> Timestamp {
    Timestamp::now()
}

fn record(kind: &str, at: Timestamp, fields: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{}>\r\nWARC-Date: {}\r\n{fields}Content-Length: {}\r\n\r\n",
        uuid(block),
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// An identifier that no other record has: of the own kind of RFC 9562, made of the content, the time, the process and a count.
fn uuid(block: &[u8]) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let seed = format!(
        "{} {} {}",
        Timestamp::now().as_nanosecond(),
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let seed = xxhash_rust::xxh3::xxh3_64(seed.as_bytes());
    let hash = xxhash_rust::xxh3::xxh3_128_with_seed(block, seed);
    let marked = hash & !(0xf << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62;
    let digits = format!("{marked:032x}");
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}
