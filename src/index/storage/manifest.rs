//! What `meta.json` says, with the list of all files of the generation, and the names that files of an index have.
//!
//! tantivy's own JSON is kept as it is and gets two more keys at its end, which it passes over: `dateline` with the
//! version of the format and each file's length and checksum, and `check`, the checksum of all before it. One rename
//! commits both, so that no list can belong to another generation than the one that it is read with.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tantivy::schema::Schema;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, ErrorKind, Result};
use crate::index::ledger::{COMPANIES, Checkpoint, LEDGER};
use crate::index::{FORMAT_VERSION, REPAIR_HINT, schema};

/// The file that makes a folder an index.
pub(crate) const META: &str = "meta.json";

/// Ends of the names of segment files.
pub(crate) const EXTENSIONS: [&str; 8] =
    ["idx", "pos", "term", "store", "fast", "fieldnorm", "del", "store.temp"];

/// Shortest segment file: tantivy takes a footer from the end of each without looking whether there is one.
pub(crate) const SHORTEST: u64 = 80;

/// Length of a file in bytes and xxh3 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, Hex)", into = "(u64, Hex)")]
pub(crate) struct Sum {
    pub(crate) bytes: u64,
    pub(crate) hash: u64,
}

impl Sum {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, hash: xxh3_64(bytes) }
    }
}

/// A hash as 16 hexadecimal digits: numbers of JSON are not safe beyond 53 bits.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Hex(u64);

impl From<(u64, Hex)> for Sum {
    fn from((bytes, hash): (u64, Hex)) -> Self {
        Self { bytes, hash: hash.0 }
    }
}

impl From<Sum> for (u64, Hex) {
    fn from(sum: Sum) -> Self {
        (sum.bytes, Hex(sum.hash))
    }
}

impl TryFrom<String> for Hex {
    type Error = std::num::ParseIntError;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&digits, 16).map(Self)
    }
}

impl From<Hex> for String {
    fn from(hash: Hex) -> Self {
        format!("{:016x}", hash.0)
    }
}

/// What dateline adds.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    files: BTreeMap<String, Sum>,
}

/// The part of tantivy's JSON that tells which files there are.
#[derive(Debug, Deserialize)]
struct Head {
    #[serde(default)]
    index_settings: Option<serde_json::Value>,
    segments: Vec<SegmentHead>,
    payload: Option<String>,
}

#[derive(Debug, Deserialize)]
struct SegmentHead {
    segment_id: String,
    max_doc: u32,
    deletes: Option<Deletes>,
}

#[derive(Debug, Deserialize)]
struct Deletes {
    num_deleted_docs: u32,
    opstamp: u64,
}

/// A part of an index that is written at once.
#[derive(Clone, Debug)]
pub(crate) struct SegmentFiles {
    /// What the names of its files begin with.
    pub(crate) name: String,
    /// Articles in it, deleted ones included.
    pub(crate) docs: u32,
    pub(crate) deleted: u32,
    /// What stands in the name of the file that tells which.
    pub(crate) deletes: Option<u64>,
}

impl SegmentFiles {
    /// Name of a file of it.
    pub(crate) fn file(&self, extension: &str) -> String {
        format!("{}.{extension}", self.name)
    }

    /// Name of the file that tells which articles are deleted.
    pub(crate) fn deletes(&self) -> Option<String> {
        self.deletes.map(|opstamp| self.file(&format!("{opstamp}.del")))
    }
}

/// One generation.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) segments: Vec<SegmentFiles>,
    /// Every file but `meta.json`, by name.
    pub(crate) files: BTreeMap<String, Sum>,
    pub(crate) checkpoint: Checkpoint,
}

impl Generation {
    /// Articles that can be found.
    pub(crate) fn articles(&self) -> u64 {
        let live = |segment: &SegmentFiles| u64::from(segment.docs.saturating_sub(segment.deleted));
        self.segments.iter().map(live).sum()
    }

    /// Bytes in its files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.values().map(|sum| sum.bytes).sum()
    }
}

const CHECK: &str = ",\n  \"check\": \"";
const END: &str = "\"\n}\n";

/// Names of the files that tantivy's JSON needs. Not each segment has all of them.
pub(crate) fn needed(json: &[u8]) -> Result<Vec<String>> {
    let head: Head = serde_json::from_slice(json).map_err(|error| {
        Error::new(ErrorKind::Internal, "the list of segments can't be read").caused_by(error)
    })?;
    let mut names = Vec::new();
    for segment in segments(&head) {
        let own = EXTENSIONS.into_iter().filter(|extension| !matches!(*extension, "del" | "store.temp"));
        names.extend(own.map(|extension| segment.file(extension)));
        names.extend(segment.deletes());
    }
    let checkpoint = checkpoint(&head)?;
    names.extend(checkpoint.ledger);
    names.extend(checkpoint.companies);
    Ok(names)
}

/// tantivy's JSON with the list of files.
pub(crate) fn encode(json: &[u8], files: &BTreeMap<String, Sum>) -> Result<Vec<u8>> {
    let internal = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(ErrorKind::Internal, "the list of files can't be written").caused_by(error)
    };
    let manifest = Manifest { format: FORMAT_VERSION, files: files.clone() };
    let manifest = serde_json::to_string(&manifest).map_err(|error| internal(error.into()))?;
    let text = std::str::from_utf8(json).map_err(|error| internal(error.into()))?;
    let body = text.trim_end().strip_suffix('}').ok_or_else(|| internal("no object".into()))?.trim_end();
    let mut out = format!("{body},\n  \"dateline\": {manifest}");
    let check = String::from(Hex(xxh3_64(out.as_bytes())));
    out.push_str(CHECK);
    out.push_str(&check);
    out.push_str(END);
    Ok(out.into_bytes())
}

/// Reads `meta.json`. The version of the format is looked at before anything else; `at` is what errors name.
pub(crate) fn decode(bytes: &[u8], at: &Path) -> Result<Generation> {
    let damaged = |why: &str| damage(at, META, why);
    let format = format_of(bytes, at)?;
    if format != FORMAT_VERSION {
        return Err(other_format(format));
    }
    if is_as_written(bytes) != Some(true) {
        return Err(damaged("its content is not what its checksum says"));
    }
    let wrong = |error: serde_json::Error| damaged("it can't be read").caused_by(error);
    let Listed { dateline: Manifest { files, .. } } = serde_json::from_slice(bytes).map_err(wrong)?;
    let head: Head = serde_json::from_slice(bytes).map_err(wrong)?;
    // The engine panics at what it does not expect there.
    let settings = serde_json::to_value(schema::settings()).map_err(wrong)?;
    if head.index_settings.as_ref().is_some_and(|stated| *stated != settings) {
        return Err(damaged("its settings are not those of the format"));
    }
    if let Some(name) = files.keys().find(|name| !is_own(name)) {
        return Err(damaged(&format!("it lists {name}, which is no name of a file of an index")));
    }
    let segments: Vec<SegmentFiles> = segments(&head).collect();
    for segment in &segments {
        // The engine takes the number of articles as it stands, and a length of each has a byte at least.
        let lengths = files.get(&segment.file("fieldnorm")).map_or(0, |sum| sum.bytes);
        if lengths < u64::from(segment.docs) {
            let why = format!("it lists {} articles in {}, which has fewer", segment.docs, segment.name);
            return Err(damaged(&why));
        }
    }
    Ok(Generation { segments, files, checkpoint: checkpoint(&head)? })
}

/// The version of the format; 0 where dateline has not written it.
pub(crate) fn format_of(bytes: &[u8], at: &Path) -> Result<u32> {
    let Version { dateline, payload } = serde_json::from_slice(bytes)
        .map_err(|error| damage(at, META, "it can't be read").caused_by(error))?;
    Ok(match dateline {
        Some(FormatOnly { format }) => format,
        // Before format 6 there was no list.
        None => payload
            .and_then(|payload| serde_json::from_str(&payload).ok())
            .map_or(0, |it: FormatOnly| it.format),
    })
}

/// Whether the checksum at its end is that of the rest; `None` where it has none.
pub(crate) fn is_as_written(bytes: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix(END)?;
    let (rest, digits) = text.split_at_checked(text.len().checked_sub(16)?)?;
    let body = rest.strip_suffix(CHECK)?;
    Some(digits == String::from(Hex(xxh3_64(body.as_bytes()))))
}

/// What `meta.json` says in a format before the sixth, which had no list of files.
pub(crate) struct Older {
    pub(crate) segments: Vec<SegmentFiles>,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) schema: Schema,
}

/// Reads it.
pub(crate) fn decode_older(bytes: &[u8], at: &Path) -> Result<Older> {
    #[derive(Deserialize)]
    struct Described {
        schema: Schema,
    }
    let wrong = |error: serde_json::Error| damage(at, META, "it can't be read").caused_by(error);
    let head: Head = serde_json::from_slice(bytes).map_err(wrong)?;
    let Described { schema } = serde_json::from_slice(bytes).map_err(wrong)?;
    Ok(Older { segments: segments(&head).collect(), checkpoint: checkpoint(&head)?, schema })
}

#[derive(Deserialize)]
struct Version {
    dateline: Option<FormatOnly>,
    payload: Option<String>,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

#[derive(Deserialize)]
struct Listed {
    dateline: Manifest,
}

fn segments(head: &Head) -> impl Iterator<Item = SegmentFiles> {
    head.segments.iter().map(|segment| SegmentFiles {
        name: segment.segment_id.replace('-', ""),
        docs: segment.max_doc,
        deleted: segment.deletes.as_ref().map_or(0, |deletes| deletes.num_deleted_docs),
        deletes: segment.deletes.as_ref().map(|deletes| deletes.opstamp),
    })
}

fn checkpoint(head: &Head) -> Result<Checkpoint> {
    match &head.payload {
        None => Ok(Checkpoint::default()),
        Some(payload) => serde_json::from_str(payload).map_err(|error| {
            Error::new(ErrorKind::Damaged, "the checkpoint of the index can't be read").caused_by(error)
        }),
    }
}

/// The error of an index of another format.
pub(crate) fn other_format(found: u32) -> Error {
    if found == 0 {
        return Error::new(ErrorKind::Format, "the index was not written by dateline")
            .with_hint("choose another folder with --index");
    }
    let message = format!("the index has format {found}, this version reads {FORMAT_VERSION}");
    let hint = if found > FORMAT_VERSION {
        "use the version of dateline that wrote it"
    } else {
        "dateline upgrade brings it over"
    };
    Error::new(ErrorKind::Format, message).with_hint(hint)
}

/// The error of a damaged file of an index.
pub(crate) fn damage(folder: &Path, name: &str, why: &str) -> Error {
    Error::new(ErrorKind::Damaged, format!("{} is damaged: {why}", folder.join(name).display()))
        .with_hint(REPAIR_HINT)
}

/// Whether a name is one that dateline gives to files of an index, which it may read, list and delete.
pub(crate) fn is_own(name: &str) -> bool {
    let is_side_file = |prefix: &str, end: &str| {
        name.strip_prefix(prefix)
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|middle| !middle.is_empty() && middle.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    segment_of(name).is_some() || is_side_file(LEDGER, ".json.zst") || is_side_file(COMPANIES, ".jsonl")
}

/// Segment and extension of the name of a segment file: 32 hexadecimal digits, perhaps a number, one of
/// [`EXTENSIONS`].
pub(crate) fn segment_of(name: &str) -> Option<(&str, &str)> {
    let (segment, rest) = name.split_at_checked(32)?;
    let is_hex = segment.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let rest = rest.strip_prefix('.').filter(|_| is_hex)?;
    let extension = match rest.split_once('.') {
        Some((number, extension))
            if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            extension
        }
        _ => rest,
    };
    EXTENSIONS.contains(&extension).then_some((segment, extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &[u8] = br#"{
  "segments": [{"segment_id": "01234567-89ab-cdef-0123-456789abcdef", "max_doc": 3,
    "deletes": {"num_deleted_docs": 1, "opstamp": 7}}],
  "schema": [],
  "opstamp": 9
}
"#;

    #[test]
    fn names() {
        for (name, is_own_name) in [
            ("0123456789abcdef0123456789abcdef.idx", true),
            ("0123456789abcdef0123456789abcdef.7.del", true),
            ("0123456789abcdef0123456789abcdef.store.temp", true),
            ("ledger-00000012.json.zst", true),
            ("companies-0123456789abcdef.jsonl", true),
            ("0123456789ABCDEF0123456789abcdef.idx", false),
            ("0123456789abcdef0123456789abcde.idx", false),
            ("0123456789abcdef0123456789abcdef.exe", false),
            ("0123456789abcdef0123456789abcdef..idx", false),
            ("0123456789abcdef0123456789abcdef.7.7.idx", false),
            ("0123456789abcdef0123456789abcdef", false),
            ("../0123456789abcdef0123456789abcdef.idx", false),
            ("ledger-../../x.json.zst", false),
            ("ledger-.json.zst", false),
            ("/etc/passwd", false),
            ("searches.txt", false),
            ("meta.json", false),
            ("äöü", false),
        ] {
            assert_eq!(is_own(name), is_own_name, "{name}");
        }
    }

    #[test]
    fn a_generation_comes_back_and_every_flip_is_seen() {
        let names = needed(JSON).unwrap();
        assert_eq!(names.len(), 7, "{names:?}");
        assert!(names.contains(&"0123456789abcdef0123456789abcdef.7.del".to_owned()));
        let files: BTreeMap<String, Sum> =
            names.into_iter().map(|name| (name.clone(), Sum::of(name.as_bytes()))).collect();
        let written = encode(JSON, &files).unwrap();
        let read = decode(&written, Path::new("index")).unwrap();
        assert_eq!(read.files, files);
        assert_eq!((read.segments[0].docs, read.segments[0].deleted), (3, 1));
        for bit in 0..written.len() * 8 {
            let mut flipped = written.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = decode(&flipped, Path::new("index")).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Format), "{bit}: {error}");
        }
        for end in 0..written.len() {
            assert!(decode(&written[..end], Path::new("index")).is_err(), "{end}");
        }
    }

    #[test]
    fn settings_are_those_of_the_format() {
        let files = needed(JSON).unwrap().into_iter().map(|name| (name, Sum::of(b"1234"))).collect();
        let read = |settings: &serde_json::Value| {
            let mut json: serde_json::Value = serde_json::from_slice(JSON).unwrap();
            json["index_settings"] = settings.clone();
            decode(&encode(json.to_string().as_bytes(), &files).unwrap(), Path::new("index"))
        };
        let mut settings = serde_json::to_value(schema::settings()).unwrap();
        read(&settings).unwrap();
        // The engine takes the last character of it off as a byte.
        settings["docstore_compression"] = "zstd(é".into();
        assert!(read(&settings).unwrap_err().message().contains("settings"));
    }

    #[test]
    fn other_formats_are_named() {
        let written = String::from_utf8(encode(JSON, &BTreeMap::new()).unwrap()).unwrap();
        let of = |text: &str| decode(text.as_bytes(), Path::new("index")).unwrap_err();
        let next = format!("\"format\":{}", FORMAT_VERSION + 1);
        let error = of(&written.replace(&format!("\"format\":{FORMAT_VERSION}"), &next));
        assert_eq!(error.kind(), ErrorKind::Format);
        assert!(error.message().contains(&format!("format {}", FORMAT_VERSION + 1)), "{error}");
        assert!(error.message().contains(&format!("reads {FORMAT_VERSION}")), "{error}");
        let old = r#"{"segments": [], "payload": "{\"format\":5,\"seq\":1}"}"#;
        assert!(of(old).message().contains("format 5"));
        assert!(of(r#"{"segments": []}"#).message().contains("not written by dateline"));
    }
}
