use std::io::Write;

use crate::source::{Found, Limits, Record, read_bytes};

/// What came out of an archive: records, losses and notes as `class reason`.
#[derive(Debug, Default)]
struct Read {
    records: Vec<Record>,
    skipped: Vec<String>,
    warned: Vec<String>,
    is_complete: bool,
}

fn read(bytes: &[u8]) -> Read {
    let mut out = Read::default();
    let read = read_bytes("a.warc", bytes, &Limits::default(), &mut |found| {
        match found {
            Found::Record(record) => out.records.push(record),
            Found::Skipped(one) => out.skipped.push(format!("{} {}", one.class, one.reason)),
            Found::Warned(one) => out.warned.push(format!("{} {}", one.class, one.reason)),
        }
        Ok(())
    });
    out.is_complete = read.unwrap().is_complete;
    out
}

fn texts(read: &Read) -> Vec<String> {
    read.records.iter().map(|record| String::from_utf8_lossy(&record.bytes).into_owned()).collect()
}

/// A record; `fields` are further fields of its head with their line ends.
fn record(kind: &str, url: &str, fields: &str, block: &[u8]) -> Vec<u8> {
    record_of_length(kind, url, fields, block, block.len())
}

fn record_of_length(kind: &str, url: &str, fields: &str, block: &[u8], length: usize) -> Vec<u8> {
    let head = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-03-01T12:00:00Z\r\n\
         {fields}Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn page(number: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=ISO-8859-1\r\n\r\n<html>page {number}")
        .into_bytes()
}

fn pages(numbers: std::ops::Range<usize>) -> Vec<u8> {
    numbers
        .flat_map(|number| record("response", &format!("http://a.example/{number}"), "", &page(number)))
        .collect()
}

#[test]
fn a_page_has_its_address_character_set_and_time() {
    let read = read(&[record("warcinfo", "", "", b"software: x"), pages(0..2)].concat());
    assert_eq!(texts(&read), ["<html>page 0", "<html>page 1"]);
    assert_eq!((&read.skipped[..], &read.warned[..], read.is_complete), (&[][..], &[][..], true));
    let second = &read.records[1];
    assert_eq!((second.origin.to_string(), second.origin.line), ("a.warc#1".to_owned(), None));
    assert_eq!(second.hints.url.as_deref(), Some("http://a.example/1"));
    assert_eq!(second.hints.charset.as_deref(), Some("iso-8859-1"));
    assert_eq!(second.hints.collected, Some(1_709_294_400));
}

#[test]
fn forms_are_found_by_looking() {
    let answer = |kind: &str, body: &str| {
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n{body}").into_bytes()
    };
    let rss = "<rss><channel><title>T</title>\n<item><title>a</title></item>\n<item><title>b</title></item></channel></rss>";
    for (kind, body, expected) in [
        ("text/html", "<p>x", "[Html]"),
        ("application/rss+xml", rss, "[Feed, Feed]"),
        ("text/html", rss, "[Feed, Feed]"),
        ("application/xml", "<sitemapindex/>", "[]"),
        ("application/xml", "<?xml version='1.0'?><html><body>x", "[Html]"),
        ("application/xml", "<newsItem/>", "[Newsml]"),
        (
            "application/feed+json",
            "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"id\":1},{\"id\":2}]}",
            "[Json, Json]",
        ),
        ("application/json", "[{\"headline\":\"x\"},{\"headline\":\"y\"}]", "[Json, Json]"),
        ("application/json", "{\"data\":\"x\",\"url\":\"y\"}", "[]"),
        ("text/plain; charset=utf-8", "text", "[Plain]"),
        ("", "<!DOCTYPE html><p>x", "[Html]"),
        ("", "text", "[]"),
        ("image/png", "<html>", "[]"),
        ("text/html", " \n", "[]"),
    ] {
        let read = read(&record("response", "http://a.example/x", "", &answer(kind, body)));
        let forms: Vec<_> = read.records.iter().map(|record| record.form).collect();
        assert_eq!(format!("{forms:?}"), expected, "{kind} {body}");
        assert!(read.records.iter().all(|record| record.origin.line.is_none()));
        assert_eq!(read.warned.len(), usize::from(forms.is_empty()), "{kind} {body}");
        assert_eq!(read.skipped.len(), 0, "{kind} {body}");
    }
}

#[test]
fn what_is_no_page_is_counted_by_kind() {
    let answer = |status: &str, kind: &str| {
        format!("HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\n\r\nx").into_bytes()
    };
    let url = "http://a.example/x";
    let archive = [
        record("response", url, "", &answer("404", "text/html")),
        record("response", url, "", &answer("301", "text/html")),
        record("response", url, "", &answer("404", "text/html")),
        record("response", url, "", &answer("200", "image/png")),
        record("response", "http://a.example/robots.txt", "", &answer("200", "text/plain")),
        record("response", "dns:a.example", "Content-Type: text/dns\r\n", b"20240301 a.example"),
        record("resource", "metadata://x/log", "Content-Type: text/plain\r\n", b"log"),
        record("request", url, "", b"GET / HTTP/1.1\r\n\r\n"),
        record("metadata", url, "", b"x: y"),
        record("revisit", url, "", b""),
        record("continuation", url, "", b"more"),
        record("unheard-of", url, "", b"more"),
        record("response", url, "WARC-Truncated: length\r\nContent-Type: application/http\r\n", &page(1)),
        record("conversion", url, "Content-Type: text/plain\r\n", b"text"),
        record("resource", url, "Content-Type: text/html\r\n", b"<p>resource"),
        record("response", url, "Content-Type: application/http\r\n", b"no head"),
    ]
    .concat();
    let read = read(&archive);
    assert_eq!(texts(&read), ["<html>page 1", "text", "<p>resource"]);
    let byte =
        archive.len() - record("response", url, "Content-Type: application/http\r\n", b"no head").len();
    assert_eq!(
        read.skipped,
        [format!("bad-answer record 16 (at byte {byte}): it has no readable HTTP head")]
    );
    assert_eq!(
        read.warned,
        [
            "other-status 3 answers are no pages, by their status: 404 (2), 301 (1)",
            "no-article 2 answers hold no articles, by what was sent: image/png (1), robots.txt (1)",
            "revisit 1 page was the same as in an earlier archive, which has the text: http://a.example/x",
            "segmented 1 later part of a page is in a record of their own and not read",
            "cut-short 1 page was cut short when the archive was made",
        ]
    );
}

#[test]
fn wrong_lengths_cost_no_other_record() {
    let url = "http://a.example/wrong";
    let body = page(9);
    // Line breaks behind a page may be taken for a part of it.
    for (length, said) in [(-7, true), (-80, true), (3, false), (6, true), (300, true), (0, false)] {
        let length = body.len().saturating_add_signed(length);
        let archive =
            [pages(0..1), record_of_length("response", url, "", &body, length), pages(1..3)].concat();
        let read = read(&archive);
        let texts: Vec<String> = texts(&read).iter().map(|text| text.trim_end().to_owned()).collect();
        assert_eq!(texts, ["<html>page 0", "<html>page 9", "<html>page 1", "<html>page 2"], "{length}");
        assert_eq!((read.skipped.len(), read.warned.len()), (0, usize::from(said)), "{length} {read:?}");
    }
    // As the last one, and with a length that is no number or beyond all bounds.
    let text = String::from_utf8([pages(0..3)].concat()).unwrap();
    for length in ["x", "-1", "99999999999", "18446744073709551615", "99999999999999999999999"] {
        let changed = text.replacen(
            &format!("Content-Length: {}", page(0).len()),
            &format!("Content-Length: {length}"),
            2,
        );
        assert_ne!(changed, text);
        let read = read(changed.as_bytes());
        assert_eq!(texts(&read).len(), 3, "{length} {read:?}");
    }
}

#[test]
fn a_clipped_archive_says_where_it_ends() {
    let archive = pages(0..3);
    let one = archive.len() / 3;
    for cut in [one * 2 + 40, one * 2 + 120, archive.len() - 20] {
        let read = read(&archive[..cut]);
        assert!(read.skipped[0].contains(&format!("record 3 (at byte {})", one * 2)), "{cut} {read:?}");
        assert_eq!(read.skipped.len(), 1, "{cut}");
        assert_eq!(texts(&read)[..2], ["<html>page 0", "<html>page 1"]);
    }
    // What a page had until then is kept.
    assert_eq!(texts(&read(&archive[..archive.len() - 10]))[2], "<html>");
    // A packed one breaks off in a member.
    let member = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let packed: Vec<u8> = (0..3).flat_map(|number| member(&pages(number..number + 1))).collect();
    assert_eq!(texts(&read(&packed)).len(), 3);
    let read = read(&packed[..packed.len() - 30]);
    assert!(!read.is_complete);
    assert!(read.skipped[0].contains("in record 3 (at byte"), "{read:?}");
    assert_eq!(texts(&read)[..2], ["<html>page 0", "<html>page 1"]);
}

#[test]
fn what_is_no_record_is_passed_over() {
    let archive = [pages(0..1), b"noise\r\nmore noise\r\n".to_vec(), pages(1..2), b"tail".to_vec()].concat();
    let found = read(&archive);
    assert!(texts(&found)[0].starts_with("<html>page 0"));
    assert_eq!(texts(&found)[1..], ["<html>page 1"]);
    assert_eq!((found.skipped.len(), found.warned.len()), (1, 1), "{found:?}");
    assert!(found.skipped[0].contains(&format!("from byte {} on", archive.len() - 4)), "{found:?}");

    let many = format!("WARC/1.0\r\n{}\r\n", "A: b\r\n".repeat(1000));
    let found = read(&[many.into_bytes(), pages(0..1)].concat());
    assert_eq!(texts(&found), ["<html>page 0"]);
    assert!(found.skipped[0].starts_with("bad-head the head of record 1"), "{found:?}");
    let found = read(b"WARC/1.0\r\n");
    assert!(found.records.is_empty() && found.skipped.len() == 1, "{found:?}");
}

#[test]
fn lengths_that_lie_do_not_take_quadratic_time() {
    let lying: Vec<u8> = (0..2000)
        .flat_map(|number| record_of_length("response", "http://a.example/", "", &page(number), 30 << 20))
        .chain(vec![b'\n'; 4 << 20])
        .collect();
    let started = std::time::Instant::now();
    let read = read(&lying);
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    assert!(read.skipped.last().unwrap().contains("too many lengths are wrong"));
    assert!(read.records.len() > 100);
}

#[test]
fn arc_is_read_too() {
    let body = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>old";
    let record = format!("http://a.example/b c 1.2.3.4 20140216050221 text/html {}\n{body}\n", body.len());
    let info = "1 0 X\nURL IP-address Archive-date Content-type Archive-length\n";
    let head = format!("filedesc://x.arc 0.0.0.0 20140216050221 text/plain {}\n{info}\n", info.len());
    let read = read(format!("{head}{record}{record}").as_bytes());
    assert_eq!(texts(&read), ["<html>old", "<html>old"]);
    assert_eq!((&read.skipped[..], &read.warned[..]), (&[][..], &[][..]));
    assert_eq!(read.records[0].hints.url.as_deref(), Some("http://a.example/b%20c"));
}
