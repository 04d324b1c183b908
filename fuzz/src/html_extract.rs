//! Pages: at most a second for 256 kB, one article or a reason, and its text is that of the page.

use dateline::decode::{FieldMap, decode};
use dateline::source::{Form, Format, Hints, Origin, Record};

use crate::reading::read;
use crate::{NOW, within};

pub fn check(bytes: &[u8]) {
    let reading = read("page.html", Some(Format::Html), bytes);
    assert!(reading.articles.len() <= 1);
    assert_eq!(reading, read("page.html", Some(Format::Html), bytes), "reading gives the same again");
    // What a server says of the page beside it.
    let origin = Origin { path: "page.html".into(), ordinal: 0, line: None };
    let mut record = Record::new(origin, Form::Html, bytes.to_vec());
    record.hints = Hints {
        url: Some("https://news.example/2025/12/30/a-page".to_owned()),
        charset: Some("windows-1252".to_owned()),
        collected: Some(NOW - 86_400),
    };
    let seconds = 1.0 + bytes.len() as f64 / f64::from(256 << 10);
    if let Ok(decoded) = within(seconds, "decoding", || decode(&record, &FieldMap::default(), NOW)) {
        let published = decoded.article.published;
        assert!(published.is_none_or(|it| it.seconds <= NOW + 86_400), "published after it was fetched");
    }
}
