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
            Found::Warned(warned) => format!("~ {} {}", warned.at.replace(&prefix, ""), warned.class),
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
