//! The way from bytes to articles, and what holds for all of them.

use std::ops::Range;

use dateline::Cancel;
use dateline::decode::{Decoded, FieldMap, decode_each};
use dateline::source::{FileRead, Form, Format, Found, Limits, Record, Skipped, read_stream};

use crate::{NOW, within};

/// What came out of a file.
#[derive(Debug, Default, PartialEq)]
pub struct Reading {
    pub read: FileRead,
    pub records: u64,
    pub articles: Vec<Decoded>,
    pub skipped: Vec<Skipped>,
}

/// Limits that are reached with few bytes.
pub fn limits() -> Limits {
    Limits {
        max_line: 64 << 10,
        max_whole: 4 << 20,
        max_ratio: 20,
        max_unpacked: 8 << 20,
        ..Limits::default()
    }
}

/// Reads bytes as a file of a format, or of one that is found by looking, and decodes all that is in it.
pub fn read(name: &str, format: Option<Format>, bytes: &[u8]) -> Reading {
    let limits = limits();
    let mut reading = Reading::default();
    let mut records: Vec<Record> = Vec::new();
    let seconds = 1.0 + bytes.len() as f64 / f64::from(64 << 10);
    let read = within(seconds, "reading", || {
        read_stream(name, format, bytes, &limits, &Cancel::new(), &mut |found| {
            match found {
                Found::Record(record) => records.push(record),
                Found::Skipped(skipped) => reading.skipped.push(skipped),
                Found::Warned(_) => {}
            }
            Ok(())
        })
    });
    reading.read = read.expect("bytes in memory can be read");
    reading.records = records.len() as u64;
    assert_eq!(reading.records, reading.read.records, "records are counted");
    assert!(reading.read.bytes_read <= bytes.len() as u64);
    for record in records {
        let seconds = 1.0 + record.bytes.len() as f64 / f64::from(256 << 10);
        let all = within(seconds, "decoding", || decode_each(&record, &FieldMap::default(), NOW));
        assert!(record.form == Form::Mail || all.len() == 1, "a record is one article");
        for outcome in all {
            match outcome {
                Ok(decoded) => {
                    holds(&decoded, record.bytes.len());
                    reading.articles.push(decoded);
                }
                Err(skipped) => {
                    assert!(!skipped.class.is_empty() && !skipped.reason.is_empty(), "{skipped:?}");
                    reading.skipped.push(skipped);
                }
            }
        }
    }
    let ends = (reading.articles.len() + reading.skipped.len()) as u64;
    assert!(ends >= reading.records, "a record is an article or skipped with a reason");
    reading
}

/// What holds for every article, whatever it was read from.
fn holds(decoded: &Decoded, bytes: usize) {
    let article = &decoded.article;
    assert!((1..=512).contains(&article.id.len()), "id {:?}", article.id);
    assert!(!article.title.is_empty() || !article.body.is_empty(), "an article has a title or a text");
    assert!(article.body.len() <= 10 << 20);
    // An entity of HTML gives at most two characters for some five; bytes of other sets up to three in UTF-8.
    let most = 1024 + 6 * bytes;
    assert!(article.body.len() <= most && article.title.len() <= most, "{} from {bytes}", article.body.len());
    let is_in_body = |range: &Range<usize>| {
        range.start <= range.end
            && article.body.is_char_boundary(range.start)
            && article.body.is_char_boundary(range.end)
    };
    assert!(article.headings.iter().all(is_in_body), "headings {:?}", article.headings);
    for citation in article.cites.iter().chain(&article.publisher) {
        assert!(is_in_body(&citation.span), "{citation:?}");
    }
    assert!(article.subjects.len() <= 50 && article.subjects.iter().all(|subject| subject.len() <= 100));
    if let Some(published) = article.published {
        assert!(published.seconds <= NOW + 2 * 86_400, "{published:?}");
        assert!(published.seconds >= -11_676_096_000 - 86_400 * 2, "{published:?} is before 1600");
    }
    if let Some(url) = &article.url {
        assert!(url.starts_with("http://") || url.starts_with("https://"), "{url}");
    }
}
