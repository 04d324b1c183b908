//! Web archives: the samples of two public tools, where they are at hand, from the file to the article; and what several
//! captures of one page become in an index.

use std::fmt::Write;
use std::path::Path;

use dateline::decode::{FieldMap, decode};
use dateline::source::{Found, Limits, Origin, Record, read_file, walk};
use dateline::{Cancel, Index};

use crate::support::{ids, index_paths, search, shared};

/// What comes out of a file, a line each: `form url title`, `- class` for a loss, `~ class` for a note.
fn read(path: &Path) -> String {
    let walked = walk(&[path.to_owned()]).unwrap();
    let mut out = String::new();
    let read = read_file(&walked.files[0], &Limits::default(), &Cancel::new(), &mut |found| {
        match found {
            Found::Record(record) => match decode(&record, &FieldMap::default(), 1_800_000_000) {
                Ok(decoded) => {
                    let article = decoded.article;
                    assert_eq!(Some(&article.id), article.url.as_ref());
                    assert!(!article.body.is_empty() && decoded.warnings.is_empty());
                    writeln!(out, "{:?} {} {}", record.form, article.id, article.title).unwrap();
                }
                Err(refused) => writeln!(out, "refused {refused:?}").unwrap(),
            },
            Found::Skipped(one) => writeln!(out, "- {}", one.class).unwrap(),
            Found::Warned(one) => writeln!(out, "~ {}", one.class).unwrap(),
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(
        read.bytes_read,
        std::fs::metadata(path).unwrap().len(),
        "{} is read to its end",
        path.display()
    );
    assert!(read.is_complete);
    out
}

/// The pages were counted with the reader that the samples were made for. It takes the two files that are packed in one
/// piece for broken, and reads no page in the one of which a record is spread over two members.
const ENTRY: &str = "Html https://an.wikipedia.org/wiki/Escopete Escopete\n";

#[test]
fn samples_are_read_to_the_last_record() {
    const PAGE: &str = "Html http://example.com/ Example Domain\n";
    let Some(folder) = shared("formats/warc/test/data") else { return };
    for (name, expected) in [
        ("bad.arc", "~ wrong-length\n~ wrong-length\n~ wrong-length\n~ no-article\n"),
        ("example-bad-non-chunked.warc.gz", &format!("{PAGE}~ revisit\n")),
        (
            "example-bad.warc.gz.bad",
            "Html http://example.com?example=1 Example Domain\n~ other-status\n~ revisit\n",
        ),
        ("example-digest.warc", "~ no-article\n"),
        ("example-iana.org-chunked.warc", "Html http://iana.org/ Internet Assigned Numbers Authority\n"),
        ("example-resource.warc.gz", PAGE),
        ("example-space-in-target-uri.warc.gz", "~ no-article\n"),
        (
            "example-space-in-url.arc",
            "- broken-off\nHtml http://example.com/index.cfm?FuseAction=Email&EmailTitle=Examples%20From%20The%20Live%20Web&IsPopUp=False Example Domain\n",
        ),
        ("example-trunc.warc", &format!("~ wrong-length\n{PAGE}")),
        ("example-wget-bad-target-uri.warc.gz", PAGE),
        ("example-wrong-chunks.warc.gz", PAGE),
        ("example.arc", PAGE),
        ("example.arc.gz", PAGE),
        ("example.warc", &format!("{PAGE}~ revisit\n")),
        ("example.warc.gz", &format!("{PAGE}~ revisit\n")),
        ("post-test.warc.gz", "~ no-article\n"),
    ] {
        assert_eq!(read(&folder.join(name)), expected, "{name}");
    }
    let Some(folder) = shared("formats/warc-commoncrawl") else { return };
    for (name, expected) in [
        ("whirlwind.warc", ENTRY),
        ("whirlwind.warc.gz", ENTRY),
        ("whirlwind.warc.wat", "~ no-article\n"),
        (
            "whirlwind.warc.wet",
            "Plain https://an.wikipedia.org/wiki/Escopete Escopete - Biquipedia, a enciclopedia libre\n",
        ),
    ] {
        assert_eq!(read(&folder.join(name)), expected, "{name}");
    }
}

/// A `response` record of a page.
fn capture(url: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let answer = [format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), body].concat();
    let fields = format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-03-01T12:00:00Z\r\n\
         Content-Type: application/http\r\nContent-Length: {}\r\n\r\n",
        answer.len()
    );
    [fields.as_bytes(), &answer, b"\r\n\r\n"].concat()
}

#[test]
fn an_archive_becomes_articles() {
    let html = "Content-Type: text/html; charset=windows-1252\r\n";
    let page = |head: &str, text: &str| {
        let text = format!(
            "<html><head><title>Kestrel Foundry closes its plant</title>{head}</head><body><article><h1>Kestrel Foundry \
             closes its plant</h1><p>{text} The foundry has made rails for forty years, and the town has no other \
             employer of its size.</p></article></body></html>"
        );
        text.chars().map(|letter| u8::try_from(letter).unwrap()).collect::<Vec<u8>>()
    };
    let long = format!("http://a.example/{}", "x".repeat(600));
    let rss = "<rss><channel><title>Feed</title><item><title>Item of a feed</title><link>story/7</link>\
               <description>Something happened at the mill.</description></item></channel></rss>";
    let archive = [
        capture("http://a.example/1", html, &page("", "An early version.")),
        capture(
            "http://a.example/2",
            html,
            &page("<link rel=canonical href='/two'>", "A caf\u{e9} stays open."),
        ),
        // The template says that every page was the front page.
        capture(
            "http://a.example/3",
            html,
            &page("<link rel=canonical href='http://a.example/'>", "The third."),
        ),
        // It can't have been published after it was collected.
        capture(
            "http://a.example/4",
            html,
            &page("<meta property='article:published_time' content='2024-06-01'>", "From the future."),
        ),
        capture(&long, html, &page("", "One address too long.")),
        capture(&format!("{long}y"), html, &page("", "Another one.")),
        capture("http://a.example/feed/", "Content-Type: application/rss+xml\r\n", rss.as_bytes()),
        capture("http://a.example/1", html, &page("", "The later version counts.")),
    ]
    .concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("2024-02-02-crawl.warc.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &archive).unwrap();
    std::fs::write(&path, encoder.finish().unwrap()).unwrap();

    let index = Index::in_memory();
    let (report, _) = index_paths(&index, &[path]);
    assert_eq!((report.counts.added, report.counts.skipped, report.docs_total), (7, 0, 7));
    let warned: Vec<(&str, u64)> =
        report.warned_by_class.iter().map(|(class, count)| (class.as_str(), *count)).collect();
    assert_eq!(warned, [("bad-date", 1), ("duplicate", 1)]);
    assert_eq!(ids(&index, "\"later version\""), ["http://a.example/1"]);
    assert!(ids(&index, "\"early version\"").is_empty());
    assert_eq!(ids(&index, "café"), ["http://a.example/two"]);
    assert_eq!(ids(&index, "third"), ["http://a.example/3"]);
    assert_eq!(ids(&index, "mill"), ["http://a.example/feed/story/7"]);
    assert_eq!(ids(&index, "address OR another").len(), 2);
    let hits = search(&index, "kestrel").hits;
    assert!(
        hits.iter().all(|hit| hit.published.is_none()),
        "the date in the name of an archive is not an article's"
    );
    assert!(hits.iter().all(|hit| hit.source.as_deref() == Some("a.example")));
}

#[test]
fn records_of_one_file_without_addresses_have_ids_of_their_own() {
    let decoded = |ordinal| {
        let origin = Origin { path: "a.warc".into(), ordinal, line: None };
        let record = Record::new(origin, dateline::source::Form::Plain, b"A text.".to_vec());
        decode(&record, &FieldMap::default(), 0).unwrap().article.id
    };
    assert_eq!((decoded(0), decoded(1)), ("a.warc".to_owned(), "a.warc#1".to_owned()));
}
