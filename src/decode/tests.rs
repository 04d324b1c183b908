//! Records as they come, decoded whole.

use super::{Decoded, FieldMap, decode};
use crate::article::{DateSource, Precision, TitleSource};
use crate::source::{Form, Origin, Record, Skipped};

/// 2026-01-01
const NOW: i64 = 1_767_225_600;

fn record(form: Form, path: &str, text: impl AsRef<[u8]>) -> Record {
    let line = (form == Form::Json).then_some(1);
    Record::new(Origin { path: path.into(), ordinal: 0, line }, form, text.as_ref().to_vec())
}

fn read(form: Form, path: &str, text: impl AsRef<[u8]>) -> Decoded {
    decode(&record(form, path, text), &FieldMap::default(), NOW)
        .unwrap_or_else(|skipped| panic!("{skipped:?}"))
}

fn refused(form: Form, text: &str) -> Skipped {
    decode(&record(form, "a", text), &FieldMap::default(), NOW).unwrap_err()
}

fn day(decoded: &Decoded) -> Option<(String, Precision, DateSource)> {
    decoded.article.published.map(|published| {
        let date = jiff::Timestamp::from_second(published.seconds).unwrap().to_string();
        (date[..10].to_owned(), published.precision, published.source)
    })
}

#[test]
fn a_wire_text_with_everything() {
    let text = "Amazon starts telling workers\r\n\r\nBy Jane Smith\r\nPublished: 18 January 2023\r\n\r\nSEATTLE, Jan. 18 (Dateline Wire) — \
                Amazon began notifying\r\nemployees on Wednesday, Business Insider reported.\r\n\r\nWhat comes next\r\n\r\nMore is to come, the company said, in the spring.\r\n";
    let decoded = read(Form::Plain, "wire/a.txt", text);
    let article = &decoded.article;
    assert_eq!(article.title, "Amazon starts telling workers");
    assert_eq!(article.title_source, TitleSource::Headline);
    assert_eq!(article.authors, ["Jane Smith"]);
    assert_eq!(article.place.as_deref(), Some("SEATTLE"));
    assert_eq!(article.source.as_deref(), Some("Dateline Wire"));
    assert_eq!(day(&decoded), Some(("2023-01-18".to_owned(), Precision::Day, DateSource::Body)));
    assert!(
        article.body.starts_with("SEATTLE, Jan. 18 (Dateline Wire) — Amazon began notifying employees"),
        "{}",
        article.body
    );
    let headings: Vec<&str> = article.headings.iter().map(|range| &article.body[range.clone()]).collect();
    assert_eq!(headings, ["What comes next"]);
    assert_eq!(article.cites[0].name, "Business Insider");
    assert_eq!(article.id, "wire/a.txt");
    assert_eq!(decoded.warnings, []);
}

#[test]
fn bare_texts() {
    for (path, text, title, source, date) in [
        (
            "a.txt",
            "ROUND ROCK, Texas, Feb. 6, 2023 — Dell Technologies is cutting jobs. More followed.",
            "Dell Technologies is cutting jobs",
            TitleSource::Lead,
            Some(("2023-02-06", Precision::Day, DateSource::Dateline)),
        ),
        (
            "2024-05-17-note.txt",
            "A note without much\n\nSEATTLE, May 16 — It was written down here and then kept for later.",
            "A note without much",
            TitleSource::Headline,
            Some(("2024-05-17", Precision::Day, DateSource::Filename)),
        ),
        (
            "a.txt",
            "SEATTLE, Jan. 14 — Nobody says of which year. Really.",
            "Nobody says of which year",
            TitleSource::Lead,
            None,
        ),
        ("a.txt", "Only one line of text here.", "Only one line of text here", TitleSource::Lead, None),
        (
            "a.txt",
            "Headline over long lines\nThe first paragraph goes on and on for more than a hundred and sixty characters, so that it can't be one \
             line of several that a program has wrapped at some column.\nThe second.",
            "Headline over long lines",
            TitleSource::Headline,
            None,
        ),
    ] {
        let decoded = read(Form::Plain, path, text);
        assert_eq!(decoded.article.title, title, "{text}");
        assert_eq!(decoded.article.title_source, source, "{text}");
        let expected = date.map(|(date, precision, source)| (date.to_owned(), precision, source));
        assert_eq!(day(&decoded), expected, "{text}");
    }
}

#[test]
fn paragraphs_of_all_shapes() {
    for (text, expected) in [
        ("One line\nwrapped here.\n\nTwo.", vec!["One line wrapped here.", "Two."]),
        (
            "  Indented first\nline goes on.\n  Second one\nhere.",
            vec!["Indented first line goes on.", "Second one here."],
        ),
        (
            "First sentence.\nSecond sentence.\nThird sentence.",
            vec!["First sentence.", "Second sentence.", "Third sentence."],
        ),
    ] {
        let decoded = read(Form::Plain, "a.txt", text);
        assert_eq!(decoded.article.body.split("\n\n").collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn json_by_the_names_of_the_wild() {
    for (text, title, body, date, source, authors) in [
        (
            r#"{"title":"T","body":"B","date":"2023-01-18","source":"S","author":"By A B and C D"}"#,
            "T",
            "B",
            "2023-01-18",
            "S",
            "A B|C D",
        ),
        (
            r#"{"headline":"T &amp; U","articleBody":"<p>B</p><p>C</p>","datePublished":"2023-01-18T10:00:00Z","publisher":{"name":"S"},"author":[{"name":"A B"},{"name":"C D"}]}"#,
            "T & U",
            "B\n\nC",
            "2023-01-18",
            "S",
            "A B|C D",
        ),
        (
            r#"{"name":"T","maintext":"B","date_publish":"2019-01-03 17:15:00","source_domain":"example.com","authors":["A B","C D"]}"#,
            "T",
            "B",
            "2019-01-03",
            "example.com",
            "A B|C D",
        ),
        (
            r#"{"title":"T","link":"https://www.bbc.co.uk/news/1","date_published":"2022-01-01 20:01:44+00:00","source":"http://feeds.bbci.co.uk/news/rss.xml","description":"D"}"#,
            "T",
            "D",
            "2022-01-01",
            "bbc.co.uk",
            "",
        ),
        (
            r#"{"title":"T","title":"last wins","content":"B","publishedAt":1674036000,"site":"S","byline":"A B"}"#,
            "last wins",
            "B",
            "2023-01-18",
            "S",
            "A B",
        ),
    ] {
        let decoded = read(Form::Json, "a.jsonl", text);
        let article = &decoded.article;
        assert_eq!((article.title.as_str(), article.body.as_str()), (title, body), "{text}");
        assert_eq!(day(&decoded).map(|(date, ..)| date).as_deref(), Some(date), "{text}");
        assert_eq!(article.source.as_deref(), Some(source), "{text}");
        assert_eq!(article.authors.join("|"), authors, "{text}");
        assert_eq!(decoded.warnings, [], "{text}");
    }
}

#[test]
fn identity_is_the_sources_own() {
    for (text, id) in [
        (r#"{"id":"x1","url":"http://a.example/b","title":"T","body":"B"}"#, "x1"),
        (r#"{"id":9001,"title":"T","body":"B"}"#, "9001"),
        (r#"{"ID":"004G","title":"T","body":"B"}"#, "004G"),
        (r#"{"url":"http://a.example/b","title":"T","body":"B"}"#, "http://a.example/b"),
        (r#"{"title":"T","body":"B"}"#, "a.jsonl#0"),
    ] {
        assert_eq!(read(Form::Json, "a.jsonl", text).article.id, id, "{text}");
    }
    let long = format!(r#"{{"id":"{}","title":"T","body":"B"}}"#, "x".repeat(513));
    assert_eq!(refused(Form::Json, &long).class, "bad-id");
    let long_path = "p".repeat(2000);
    let first = read(Form::Plain, &long_path, "Some text.").article.id;
    let second = read(Form::Plain, &format!("{long_path}2"), "Some text.").article.id;
    assert!(first.len() <= 512 && first != second);
}

#[test]
fn subjects_are_those_of_all_keys() {
    let text = r#"{"title":"T","section":"Business","tags":["Steel","steel "],"keywords":"Ohio, Texas","topics":[{"name":"Cars"}],"topic":""}"#;
    assert_eq!(read(Form::Json, "a", text).article.subjects, ["Business", "Cars", "Ohio", "Texas", "Steel"]);
    let mut map = FieldMap::default();
    map.add("subject=tags").unwrap();
    let decoded = decode(&record(Form::Json, "a", text), &map, NOW).unwrap();
    assert_eq!(decoded.article.subjects, ["Steel"]);
}

#[test]
fn invalid_ninjs_is_read_and_named() {
    let item = r#"{"uri":"u","headline":"T","body_text":"B","pubstatus":"replaced"}"#;
    let decoded = read(Form::Json, "a", item);
    assert_eq!(decoded.article.title, "T");
    assert_eq!(decoded.warnings[0].class, "invalid-ninjs");
    assert_eq!(read(Form::Json, "a", item.replace("replaced", "usable")).warnings, []);
}

#[test]
fn keys_can_be_named() {
    let mut map = FieldMap::default();
    for entry in ["body=story.parts.0.text", "title=meta.head", "date=when"] {
        map.add(entry).unwrap();
    }
    let text = r#"{"title":"wrong","meta":{"head":"T"},"story":{"parts":[{"text":"B"}]},"when":"2020-05"}"#;
    let decoded = decode(&record(Form::Json, "a.jsonl", text), &map, NOW).unwrap();
    assert_eq!((decoded.article.title.as_str(), decoded.article.body.as_str()), ("T", "B"));
    assert_eq!(day(&decoded).unwrap().1, Precision::Month);
}

#[test]
fn what_is_wrong_is_said() {
    for (text, class) in [
        (r#"{"title":"  ","body":null}"#, "empty"),
        ("{}", "empty"),
        ("[1]", "not-json"),
        ("{\"a\":", "not-json"),
        ("{\"a\":1e999,\"title\":\"T\"}", "not-json"),
    ] {
        assert_eq!(refused(Form::Json, text).class, class, "{text}");
    }
    let deep = format!("{{\"body\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refused(Form::Json, &deep).class, "not-json");
    for (text, class) in [
        (r#"{"title":"T"}"#, "title-only"),
        (r#"{"title":"T","body":"B","date":"2023-02-30"}"#, "bad-date"),
        (r#"{"title":"T","body":"B","date":"9999-12-31"}"#, "bad-date"),
    ] {
        let decoded = read(Form::Json, "a.jsonl", text);
        assert_eq!(
            decoded.warnings.iter().map(|warning| warning.class.as_str()).collect::<Vec<_>>(),
            [class],
            "{text}"
        );
    }
    assert!(
        read(Form::Json, "a.jsonl", r#"{"title":"T","body":"B","date":"2023-02-30"}"#)
            .article
            .published
            .is_none()
    );
    let broken = decode(&record(Form::Plain, "a.txt", b"One caf\xC3\xA9 and two caf\xC3\xA9s, three caf\xC3\xA9s, a fourth caf\xC3\xA9 \xFF and na\xC3\xAFve."), &FieldMap::default(), NOW);
    assert_eq!(broken.unwrap().warnings[0].class, "replaced-characters");
}

#[test]
fn markdown_with_and_without_front_matter() {
    let text = "---\ntitle: \"Google to pay $32 billion\"\ndate: 2025-03-18\nauthor: Tomas Oduya\nsource: Circuit Daily\nurl: https://n.example/1\ntags: [a, b]\n---\n\n\
                # Google to pay $32 billion\n\n**MOUNTAIN VIEW** — Google has *agreed* to buy [Wiz](https://w.example).\n\n## What it is for\n\n1. Amazon Web Services\n2. Azure\n\nThe `C++` code & more.";
    let decoded = read(Form::Markdown, "a.md", text);
    let article = &decoded.article;
    assert_eq!(article.title, "Google to pay $32 billion");
    assert_eq!(
        article.body,
        "MOUNTAIN VIEW — Google has agreed to buy Wiz.\n\nWhat it is for\n\nAmazon Web Services\n\nAzure\n\nThe C++ code & more."
    );
    assert_eq!(
        article.headings.iter().map(|range| &article.body[range.clone()]).collect::<Vec<_>>(),
        ["What it is for"]
    );
    assert_eq!(
        (article.source.as_deref(), article.url.as_deref()),
        (Some("Circuit Daily"), Some("https://n.example/1"))
    );
    assert_eq!(article.place.as_deref(), Some("MOUNTAIN VIEW"));
    assert_eq!(day(&decoded), Some(("2025-03-18".to_owned(), Precision::Day, DateSource::Metadata)));

    let bare = read(Form::Markdown, "a.md", "# Title here\n\nBy Jane Doe, 12 May 2023\n\nText of it.");
    assert_eq!((bare.article.title.as_str(), bare.article.body.as_str()), ("Title here", "Text of it."));
    assert_eq!(bare.article.authors, ["Jane Doe"]);
    assert_eq!(day(&bare), Some(("2023-05-12".to_owned(), Precision::Day, DateSource::Body)));
    let toml = read(Form::Markdown, "a.md", "+++\ntitle = 'T'\nauthors = ['A B', \"C D\"]\n+++\nBody.");
    assert_eq!((toml.article.title.as_str(), toml.article.authors.join("|")), ("T", "A B|C D".to_owned()));
}

#[cfg(feature = "html")]
#[test]
fn pages_state_what_they_are() {
    let body = "<p>NEW YORK — Amazon has rebuilt its voice assistant from the ground up, the head of devices said on Wednesday.</p>\
                <p>On stage the assistant booked a table, read a long notice and put the dates in a calendar for everyone to see.</p>";
    let page = |head: &str, inner: &str| {
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head>{head}</head><body><nav><a href=\"/\">Home</a> <a href=\"/t\">Tech layoffs</a></nav>\
             <article><h1>Amazon shows Alexa</h1>{inner}{body}</article><div class=\"share\">Share on <a href=\"#\">Facebook</a></div>\
             <footer>Most read: Apple warns</footer></body></html>"
        )
    };
    let json_ld = "<script type=\"application/ld+json\">{\"@graph\":[{\"@type\":\"WebPage\"},{\"@type\":\"NewsArticle\",\"headline\":\"Amazon shows Alexa\",\
                   \"datePublished\":\"2025-02-26T12:00:00Z\",\"author\":[{\"name\":\"Ingrid Solheim\"}],\"publisher\":{\"name\":\"Circuit Daily\"}}]}</script>";
    let og = "<title>x</title><meta property=\"og:title\" content=\"Amazon shows Alexa\"><meta property=\"article:published_time\" content=\"2025-02-26\">\
              <meta name=\"author\" content=\"Ingrid Solheim\"><meta property=\"og:site_name\" content=\"Circuit Daily\"><link rel=\"canonical\" href=\"https://n.example/a\">";
    let micro = "<p itemprop=\"author\">Ingrid Solheim</p><time itemprop=\"datePublished\" datetime=\"2025-02-26\">February 26</time>";
    for (head, inner, outlet) in [
        (json_ld, "", Some("Circuit Daily")),
        (og, "", Some("Circuit Daily")),
        ("<title>Amazon shows Alexa</title>", micro, None),
    ] {
        let decoded = read(Form::Html, "a.html", page(head, inner));
        let article = &decoded.article;
        assert_eq!(article.title, "Amazon shows Alexa");
        assert_eq!(day(&decoded).map(|(date, ..)| date).as_deref(), Some("2025-02-26"));
        assert_eq!(article.authors, ["Ingrid Solheim"], "{head}");
        assert_eq!(article.source.as_deref(), outlet);
        assert_eq!(article.lang.as_deref(), Some("en"));
        assert!(article.body.starts_with("NEW YORK — Amazon has rebuilt"), "{}", article.body);
        for noise in ["Facebook", "Tech layoffs", "Apple warns", "Amazon shows Alexa"] {
            assert!(!article.body.contains(noise), "{noise} in {}", article.body);
        }
    }
}

#[cfg(feature = "html")]
#[test]
fn hostile_pages_take_no_time() {
    let attributes = " a=1".repeat(50_000);
    for page in [
        format!("<html>{}text", "<div>".repeat(200_000)),
        format!("<html><body><p{attributes}>text</p>"),
        format!("<html><body>{}", "<b><i>".repeat(100_000)),
    ] {
        let start = std::time::Instant::now();
        let _ = decode(&record(Form::Html, "a.html", page), &FieldMap::default(), NOW);
        assert!(start.elapsed().as_secs() < 10);
    }
    let legacy = b"<html><head><meta charset=\"windows-1252\"><title>Nestl\xE9 cuts</title></head><body><article><p>Nestl\xE9 said on Thursday that it will cut \x93many\x94 jobs at all of its sites.</p></article>";
    let decoded = read(Form::Html, "a.html", legacy);
    assert_eq!(decoded.article.title, "Nestlé cuts");
    assert!(decoded.article.body.contains("“many”"), "{}", decoded.article.body);
}

#[test]
fn only_a_number_marks_a_line_of_an_export() {
    let own = r#"{"dateline_export":1,"id":"a","title":"<b>T</b>","title_source":"headline","published":null,
        "published_source":null,"source":null,"authors":["A and B"],"lang":null,"url":null,"place":null,
        "description":null,"headings":[[0,2]],"body":"a &amp; b\n\n\nSEATTLE, Jan. 18, 2023 (Dateline Wire)"}"#;
    let article = read(Form::Json, "2026-01-14.jsonl", own).article;
    assert_eq!((article.title.as_str(), article.title_source), ("<b>T</b>", TitleSource::Headline));
    assert_eq!(article.body, "a &amp; b\n\n\nSEATTLE, Jan. 18, 2023 (Dateline Wire)");
    assert_eq!((article.published, article.place, article.source, article.lang), (None, None, None, None));
    assert_eq!(article.authors, ["A and B"]);
    assert_eq!(article.headings, std::slice::from_ref(&(0..2)));
    for key in [r#""dateline_export":"SEATTLE""#, r#""dateline":"SEATTLE""#, r#""dateline_export":null"#] {
        let decoded = read(Form::Json, "a.json", own.replace(r#""dateline_export":1"#, key));
        assert_eq!((decoded.article.title.as_str(), decoded.article.authors.len()), ("T", 2), "{key}");
    }
    let later = refused(Form::Json, &own.replace("export\":1", "export\":2"));
    assert!(later.reason.contains("form 2"), "{later:?}");
}
