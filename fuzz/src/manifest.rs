//! `meta.json` and `.managed.json` of any content, the first also with a right checksum: no file outside the folder of the
//! index is touched, no file in it that is not dateline's, and nothing panics.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dateline::index::check::{Depth, check as check_index};
use dateline::{Cancel, Index};

use crate::sample::indexer;
use crate::segment_bytes::{TEMPLATE, answers, copy, memory};
use crate::text;

/// What stands before the checksum, and behind it.
const CHECK: &str = ",\n  \"check\": \"";

pub fn check(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let mut parts = rest.splitn(2, |byte| *byte == 0xFF);
    let meta = parts.next().unwrap_or_default();
    let managed = parts.next().unwrap_or_default();
    let whole = &TEMPLATE.files.iter().find(|(name, _)| name == "meta.json").expect("it is there").1;
    let meta = match first % 4 {
        0 => meta.to_vec(),
        1 => summed(&text(meta)),
        // One text in it in place of another: find, replace.
        2 => summed(&replaced(&text(whole), &text(meta))),
        _ => whole.clone(),
    };
    let outside = memory();
    let folder = outside.path().join("index");
    fs::create_dir(&folder).unwrap();
    for name in ["passwd", "0123456789abcdef0123456789abcdef.idx"] {
        fs::write(outside.path().join(name), name).unwrap();
    }
    copy(&folder);
    for name in ["README", "notes.idx", "0123456789abcdef0123456789abcdef.exe"] {
        fs::write(folder.join(name), name).unwrap();
    }
    fs::write(folder.join("searches.txt"), "cuts: jobs\n").unwrap();
    fs::write(folder.join(".managed.json"), managed).unwrap();
    fs::write(folder.join("meta.json"), &meta).unwrap();
    let before = foreign(outside.path());
    let _ = check_index(&folder, Depth::Content, &Cancel::new());
    let found = Index::open_checked(&folder, &Cancel::new()).map(|index| answers(&index));
    if meta == *whole {
        assert_eq!(
            found.expect("it is as it was").unwrap(),
            TEMPLATE.answers,
            ".managed.json does not count"
        );
    }
    if let Ok(index) = Index::open_or_create(&folder) {
        let _ = indexer(&index).remove(["s0-1"]);
    }
    assert_eq!(foreign(outside.path()), before, "files of others were touched");
}

/// With the checksum that belongs to it, so that what is behind the check is reached.
fn summed(text: &str) -> Vec<u8> {
    let body = text.rsplit_once(CHECK).map_or(text.trim_end_matches(['}', '\n', ' ']), |(body, _)| body);
    let sum = xxhash_rust::xxh3::xxh3_64(body.as_bytes());
    format!("{body}{CHECK}{sum:016x}\"\n}}\n").into_bytes()
}

fn replaced(whole: &str, edits: &str) -> String {
    let mut text = whole.to_owned();
    for edit in edits.split('\n').take(4) {
        let (from, to) = edit.split_once('\t').unwrap_or((edit, ""));
        if !from.is_empty() {
            text = text.replacen(from, to, 2);
        }
    }
    text
}

/// All files that are not those of the index, with their content.
fn foreign(outside: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for folder in [outside.to_owned(), outside.join("index")] {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
            let name = entry.file_name().into_string().unwrap();
            let is_own = folder != outside
                && (name.starts_with('.')
                    || name == "meta.json"
                    || name.starts_with("ledger-")
                    || name == "writer.lock"
                    || (name.len() > 32 && !name.ends_with(".exe")));
            if entry.path().is_file() && !is_own {
                found.insert(
                    entry.path().strip_prefix(outside).unwrap().display().to_string(),
                    fs::read(entry.path()).unwrap(),
                );
            }
        }
    }
    found
}
