//! Any bytes under any name, through the whole way of reading: articles that hold, or reasons, within time and limits.

use crate::reading::read;

/// Names whose endings say what the bytes are; the last one says nothing.
const NAMES: [&str; 20] = [
    "a.mbox", "a.eml", "a.warc", "a.zip", "a.tar", "a.csv", "a.tsv", "a.json", "a.xml", "a.sgm", "a.md",
    "a.txt", "a.pdf", "a.htm", "a.jsonl", "a.atom", "a.opml", "a.gz", "a.mht", "a",
];

pub fn check(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let format = dateline::source::Format::ALL
        .into_iter()
        .find(|format| format.endings().iter().any(|ending| name.strip_prefix("a.") == Some(ending)));
    // By its look alone, and as what its name says.
    let looked = read(name, None, rest);
    assert!(looked.records <= rest.len() as u64 * 20 + 1, "{} records", looked.records);
    if let Some(format) = format {
        let said = read(name, Some(format), rest);
        assert!(said.records <= rest.len() as u64 * 20 + 1, "{} records", said.records);
    }
}
