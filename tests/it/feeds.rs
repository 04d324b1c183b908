//! Feeds: the fixtures of two public feed parsers, where they are at hand, and files that mean harm.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dateline::decode::{Decoded, FieldMap, decode};
use dateline::source::{Form, Found, Limits, Origin, Record, Skipped, read_bytes};
use serde_json::Value;

use crate::support::shared;

/// 2027-01-15; the fixtures have dates of 2026.
const NOW: i64 = 1_800_000_000;

fn records(name: &str, bytes: &[u8]) -> (Vec<Record>, Vec<Skipped>) {
    let (mut records, mut skipped) = (Vec::new(), Vec::new());
    read_bytes(name, bytes, &Limits::default(), &mut |found| {
        match found {
            Found::Record(record) => records.push(record),
            Found::Skipped(one) => skipped.push(one),
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
    let decoded = read(&Record { origin, form: Form::Json, bytes }).unwrap();
    if title.trim().is_empty() { String::new() } else { decoded.article.title }
}

/// The date of an expected item in Unix seconds: when it was published, else changed.
fn expected_date(item: &Value) -> Option<i64> {
    let keys = ["publishedParsed", "pubDateParsed", "published", "date_published", "updatedParsed", "updated", "date_modified"];
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
        wrong.iter().for_each(|line| table.push_str(&format!("  {line}\n")));
    }
    insta::assert_snapshot!(table);
}
