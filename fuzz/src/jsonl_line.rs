//! Lines of JSON: each is one record, and becomes an article or is skipped with a reason; an id that is there stays.

use dateline::source::Format;

use crate::reading::{limits, read};
use crate::text;

pub fn check(bytes: &[u8]) {
    if let Some((1, rest)) = bytes.split_first().map(|(first, rest)| (first % 2, rest)) {
        written(rest);
        return;
    }
    let bytes = bytes.get(1..).unwrap_or_default();
    let first = read("lines.jsonl", Some(Format::JsonLines), bytes);
    assert_eq!(first, read("lines.jsonl", Some(Format::JsonLines), bytes), "reading gives the same again");
    let is_plain = !bytes.starts_with(b"\xFF\xFE") && !bytes.starts_with(b"\xFE\xFF") && !is_packed(&first);
    if is_plain && first.read.is_complete && !looks_wide(bytes) {
        let mark = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let lines = mark.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let lines = lines.filter(|line| line.len() <= limits().max_line).count();
        assert_eq!(first.records, lines as u64, "each line is a record");
    }
}

fn is_packed(reading: &crate::reading::Reading) -> bool {
    reading.read.bytes_unpacked != reading.read.bytes_read || !reading.read.is_complete
}

fn looks_wide(bytes: &[u8]) -> bool {
    bytes.iter().take(4).any(|byte| *byte == 0)
}

/// An object that was written by serde is read with its id, title and words.
fn written(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == 0xFF).map(text);
    let [id, title, body] = [(); 3].map(|()| parts.next().unwrap_or_default());
    let line = serde_json::json!({"id": id, "title": title, "body": body}).to_string();
    let reading = read("lines.jsonl", Some(Format::JsonLines), line.as_bytes());
    assert_eq!(reading.records, 1);
    assert_eq!(reading.articles.len() + reading.skipped.len(), 1, "{reading:?}");
    if let [decoded] = &reading.articles[..] {
        let trimmed = id.trim();
        assert!(
            trimmed.is_empty() || decoded.article.id == trimmed || decoded.article.id == id,
            "{decoded:?}"
        );
    } else if id.len() <= 512 {
        assert_eq!(reading.skipped[0].class, "empty", "{reading:?}");
    }
}
