//! Feeds: the fixtures of two public feed parsers, where they are at hand, and files that mean harm.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dateline::Index;
use dateline::decode::{Decoded, FieldMap, decode};
use dateline::source::{Form, Found, Limits, Origin, Record, Skipped, read_bytes};
use serde_json::Value;

use crate::support::{ids, index_paths, shared};

/// 2027-01-15; the fixtures have dates of 2026.
const NOW: i64 = 1_800_000_000;

fn records(name: &str, bytes: &[u8]) -> (Vec<Record>, Vec<Skipped>) {
    let (mut records, mut skipped) = (Vec::new(), Vec::new());
    read_bytes(name, bytes, &Limits::default(), &mut |found| {
        match found {
            Found::Record(record) => records.push(record),
            Found::Skipped(one) | Found::Warned(one) => skipped.push(one),
        }
        Ok(())
    })
    .unwrap();
    (records, skipped)
}

fn read(record: &Record) -> Result<Decoded, Skipped> {
    decode(record, &FieldMap::default(), NOW)
}

/// The title of an expected item as dateline would show it.
fn shown_title(item: &Value) -> String {
    let title = item["title"].as_str().or_else(|| item["title"]["content"].as_str()).unwrap_or_default();
    let bytes = serde_json::json!({"title": title, "body": "x"}).to_string().into_bytes();
    let origin = Origin { path: "expected".into(), ordinal: 0, line: None };
    let decoded = read(&Record::new(origin, Form::Json, bytes)).unwrap();
    if title.trim().is_empty() { String::new() } else { decoded.article.title }
}

/// The date of an expected item in Unix seconds: when it was published, else changed.
fn expected_date(item: &Value) -> Option<i64> {
    let keys = [
        "publishedParsed",
        "pubDateParsed",
        "published",
        "date_published",
        "updatedParsed",
        "updated",
        "date_modified",
    ];
    let text = keys.iter().find_map(|key| item[*key].as_str().filter(|text| !text.is_empty()))?;
    let timestamp = text.parse::<jiff::Timestamp>();
    timestamp.ok().map(jiff::Timestamp::as_second)
}

/// What is expected of a fixture beside it.
fn expectation(fixture: &Path) -> Option<Value> {
    let stem = fixture.file_stem()?.to_str()?;
    let ending = fixture.extension()?.to_str()?;
    let names = match ending {
        "xml" => vec![format!("{stem}.serde.json"), format!("{stem}.json")],
        "json" => vec![format!("{stem}.serde.json"), format!("{stem}_expected.json")],
        _ => return None,
    };
    let path = names.iter().map(|name| fixture.with_file_name(name)).find(|path| path.exists())?;
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

#[derive(Default)]
struct Score {
    right: usize,
    all: usize,
}

impl Score {
    fn add(&mut self, is_right: bool) {
        self.all += 1;
        self.right += usize::from(is_right);
    }
}

#[test]
fn fixtures_give_the_expected_items_titles_and_dates() {
    let mut table = String::new();
    for set in ["feeds", "feeds-cases"] {
        let Some(folder) = shared(&format!("formats/{set}")) else { return };
        let (mut counts, mut titles, mut dates) = (Score::default(), Score::default(), Score::default());
        let mut wrong = Vec::new();
        for fixture in files_under(&folder) {
            let Some(expected) = expectation(&fixture) else { continue };
            let items = expected.get("entries").or_else(|| expected.get("items"));
            let items = items.and_then(Value::as_array).cloned().unwrap_or_default();
            let name = fixture.strip_prefix(&folder).unwrap().display().to_string();
            let (records, _) = records(&name, &fs::read(&fixture).unwrap());
            counts.add(records.len() == items.len());
            if records.len() != items.len() {
                wrong.push(format!("{name}: {} items for {}", records.len(), items.len()));
                continue;
            }
            for (record, item) in records.iter().zip(&items) {
                let decoded = read(record).ok();
                let title = decoded.as_ref().map_or("", |decoded| &decoded.article.title);
                let expected_title = shown_title(item);
                if !expected_title.is_empty() {
                    titles.add(title == expected_title);
                    if title != expected_title {
                        wrong.push(format!("{name}: title {title:?} for {expected_title:?}"));
                    }
                }
                if let Some(expected_date) = expected_date(item) {
                    // What has a date and nothing else is no article.
                    let Some(decoded) = &decoded else { continue };
                    let date = decoded.article.published.map(|published| published.seconds);
                    dates.add(date == Some(expected_date));
                    if date != Some(expected_date) {
                        wrong.push(format!("{name}: date {date:?} for {expected_date}"));
                    }
                }
            }
        }
        table.push_str(&format!(
            "{set}: files {}/{}, titles {}/{}, dates {}/{}\n",
            counts.right, counts.all, titles.right, titles.all, dates.right, dates.all
        ));
        for line in wrong {
            table.push_str(&format!("  {line}\n"));
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn invalid_fixtures_give_what_can_be_saved() {
    for set in ["feeds", "feeds-cases"] {
        let Some(folder) = shared(&format!("formats/{set}")) else { return };
        for fixture in files_under(&folder) {
            let bytes = fs::read(&fixture).unwrap();
            // Whole, broken off and with a byte that is in no character set.
            for cut in [bytes.len(), bytes.len() / 2, bytes.len() / 3] {
                let broken = [&bytes[..cut], b"\xFF"].concat();
                for (records, _) in [records("a.xml", &bytes[..cut]), records("a.xml", &broken)] {
                    for record in records {
                        let _ = read(&record);
                    }
                }
            }
        }
    }
}

/// Reads everything in a file; gives the titles and the classes of what was refused or warned of.
fn everything(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let (records, skipped) = records("a.xml", bytes);
    let mut titles = Vec::new();
    let mut classes: Vec<String> = skipped.into_iter().map(|one| one.class).collect();
    for record in records {
        match read(&record) {
            Ok(decoded) => {
                titles.push(decoded.article.title);
                classes.extend(decoded.warnings.into_iter().map(|warning| warning.class));
            }
            Err(refused) => classes.push(refused.class),
        }
    }
    classes.dedup();
    (titles, classes)
}

#[test]
fn hostile_feeds_take_bounded_time_and_expand_nothing() {
    let laughs: String = (1..10)
        .map(|level| {
            let below = format!("&lol{};", level - 1).repeat(10);
            format!("<!ENTITY lol{level} \"{below}\">")
        })
        .collect();
    let rss = |inner: &str| format!("<rss version=\"2.0\"><channel><title>F</title>{inner}</channel></rss>");
    let item = "<item><title>Good</title><description>D</description></item>";
    for (name, feed, titles, class) in [
        (
            "billion laughs",
            format!(
                "<!DOCTYPE rss [<!ENTITY lol0 \"lol\">{laughs}]>{}",
                rss("<item><title>x &lol9;</title><description>D</description></item>")
            ),
            vec!["x &lol9;"],
            "dtd",
        ),
        (
            "external entity",
            format!(
                "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}",
                rss("<item><title>&x;</title><description>D</description></item>")
            ),
            vec!["&x;"],
            "dtd",
        ),
        ("deep in the head", rss(&format!("{}{item}", "<a>".repeat(1_000_000))), vec!["Good"], ""),
        (
            "deep in an item",
            rss(&format!(
                "<item><title>Deep</title>{}{}</item>{item}",
                "<a><b>".repeat(500_000),
                "</b></a>".repeat(500_000)
            )),
            vec!["Deep", "Good"],
            "title-only",
        ),
        (
            "deep and not closed",
            rss(&format!("<item><title>Deep</title>{}</item>{item}", "<a><b>".repeat(500_000))),
            vec!["Deep", "Good"],
            "title-only",
        ),
        (
            "ends without beginnings",
            rss(&format!("{}{}{item}", "<a>".repeat(100), "</b>".repeat(1_000_000))),
            vec!["Good"],
            "",
        ),
        (
            "a huge attribute",
            rss(&format!("<item a=\"{}\"><title>Big</title></item>{item}", "x".repeat(20 << 20))),
            vec!["Big", "Good"],
            "title-only",
        ),
        (
            "many attributes",
            rss(&format!(
                "<item {}><title {}>Big</title></item>{item}",
                "a=\"1\" ".repeat(500_000),
                "a=\"1\" ".repeat(500_000)
            )),
            vec!["Big", "Good"],
            "title-only",
        ),
        (
            "a huge tag of the root",
            format!("<rss {}>{}</rss>", "a=\"1\" ".repeat(500_000), item.repeat(3)),
            vec!["Good"; 3],
            "",
        ),
        (
            "unclosed sections",
            rss(&"<item><title>T</title><description><![CDATA[x</description></item>".repeat(100_000)),
            vec![],
            "broken-xml",
        ),
        (
            "unclosed comments",
            rss(&"<item><title>T</title><!-- </item>".repeat(100_000)),
            vec![],
            "broken-xml",
        ),
        ("unclosed items", rss(&"<item><title>T</title>".repeat(50_000)), vec!["T"; 50_000], "broken-xml"),
        ("unclosed tags", rss(&"<item><title>T</title><x a='".repeat(100_000)), vec![], ""),
        ("signs alone", rss(&format!("{}{item}", "<".repeat(1_000_000))), vec!["Good"], ""),
        (
            "NULs",
            rss(&item
                .replace("Good", "Go\0\0od")
                .replace("<description>", &format!("{}<description>", "\0".repeat(1 << 20)))),
            vec!["Good"],
            "",
        ),
        (
            "a long head and many items",
            format!(
                "<rss xmlns:a='{}'><channel>{}</channel></rss>",
                "x".repeat(8000),
                "<item/>".repeat(500_000)
            ),
            vec![],
            "too-large",
        ),
        (
            "ampersands",
            rss(&format!("<item><title>{}</title><description>D</description></item>", "&".repeat(1000))),
            vec![],
            "",
        ),
    ] {
        let start = Instant::now();
        let (found, classes) = everything(feed.as_bytes());
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
        if !titles.is_empty() {
            assert!(found == titles, "{name}: {:?}", &found[..found.len().min(3)]);
        }
        if !class.is_empty() {
            assert!(classes.iter().any(|one| one == class), "{name}: {classes:?}");
        }
        println!("{name}: {took:?}");
    }
}

#[test]
fn a_list_of_feeds_stands_for_their_copies() {
    let folder = tempfile::tempdir().unwrap();
    let feed = |title: &str| {
        format!(
            "<rss version=\"2.0\"><channel><title>F</title><item><guid>{title}</guid><title>{title}</title><description>Text of {title}.</description></item></channel></rss>"
        )
    };
    let at = |name: &str| folder.path().join(name);
    fs::write(at("one.xml"), feed("one")).unwrap();
    fs::write(at("two.rss"), feed("two")).unwrap();
    fs::write(
        at("inner.opml"),
        "<opml><body><outline xmlUrl=\"two.rss\"/><outline xmlUrl=\"all.opml\"/></body></opml>",
    )
    .unwrap();
    fs::write(
        at("all.opml"),
        "<?xml version=\"1.0\"?>\n<opml version=\"2.0\"><body>\n<outline xmlUrl=\"one.xml\"/>\n<outline type=\"include\" url=\"inner.opml\"/>\n\
         <outline xmlUrl=\"https://harbor.example/rss\"/></body></opml>",
    )
    .unwrap();
    // Named or found in its folder, a list changes nothing of what is read, and nothing is read twice.
    for paths in [vec![at("all.opml")], vec![folder.path().to_owned()]] {
        let index = Index::in_memory();
        let (report, _) = index_paths(&index, &paths);
        assert_eq!((report.counts.added, report.counts.skipped), (2, 1), "{report:?}");
        assert_eq!(report.skipped_by_class.get("no-local-copy"), Some(&1));
        assert_eq!(ids(&index, "*"), ["one", "two"]);
    }
}
