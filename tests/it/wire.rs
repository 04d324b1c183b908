//! Deliveries of news agencies, read whole and compared with what stands in them. They lie beside the repository; a clone does not have them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dateline::article::Article;
use dateline::decode::{FieldMap, decode};
use dateline::source::{Form, Found, Limits, Origin, Record, Skipped, read_file, walk};
use dateline::{Cancel, Index};
use regex::Regex;

use crate::support::{ids, index_paths, options, shared, write};

/// What files give: articles, what was skipped, and warnings.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) articles: Vec<Article>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) warnings: Vec<Skipped>,
}

pub(crate) fn read(path: &Path) -> Read {
    let mut read = Read::default();
    let walked = walk(&[path.to_owned()]).unwrap();
    for file in &walked.files {
        read_file(file, &Limits::default(), &Cancel::new(), &mut |found| {
            match found {
                Found::Skipped(skipped) | Found::Warned(skipped) => read.skipped.push(skipped),
                Found::Record(record) => {
                    match decode(&record, &FieldMap::default(), options().now.unwrap()) {
                        Ok(decoded) => {
                            read.articles.push(decoded.article);
                            read.warnings.extend(decoded.warnings);
                        }
                        Err(skipped) => read.skipped.push(skipped),
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    }
    read
}

pub(crate) fn classes(skipped: &[Skipped]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for one in skipped {
        *counts.entry(one.class.as_str()).or_default() += 1;
    }
    counts
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_story_of_reuters_is_as_its_sgml_says() {
    let Some(folder) = shared("reuters-21578") else { return };
    let story = Regex::new(r#"(?s)<REUTERS [^>]*NEWID="(\d+)">(.*?)</REUTERS>"#).unwrap();
    let field = |name: &str| Regex::new(&format!("(?s)<{name}[^>]*>(.*?)</{name}>")).unwrap();
    let (title, dateline, date, body) = (field("TITLE"), field("DATELINE"), field("DATE"), field("BODY"));
    let exact = Regex::new(r"^[0-9A-Z-]+ [0-9:.]+").unwrap();
    let sign = Regex::new(r"&#\d+;").unwrap();
    let clean = |text: &str| {
        one_line(&sign.replace_all(text, "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    };
    let read = read(&folder);
    let by_id: BTreeMap<&str, &Article> =
        read.articles.iter().map(|article| (article.id.as_str(), article)).collect();
    // A table of company names lies beside the stories.
    assert!(read.skipped.iter().all(|one| one.at.ends_with("company_marks.tsv")), "{:?}", read.skipped);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "sgm"));
    let usual =
        Regex::new(r"(?i)^,? ?((January|Jan|February|Feb|March|Mar|May|April|June|Oct)\.? ?\d+)[ ,-]*$")
            .unwrap();
    let group =
        Regex::new("<(?:TOPICS|PLACES|PEOPLE|ORGS|EXCHANGES|COMPANIES)>((?:<D>[^<]*</D>)*)</").unwrap();
    let entry = Regex::new("<D>([^<]*)</D>").unwrap();
    let mut subjects = 0;
    let mut unusual = Vec::new();
    let (mut stories, mut datelines, mut briefs) = (0, 0, 0);
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for record in story.captures_iter(&text) {
            stories += 1;
            let of = |field: &Regex| field.captures(&record[2]).map(|found| clean(&found[1]));
            let article = by_id[&record[1]];
            match of(&title) {
                Some(title) => assert_eq!(article.title, title, "{}", &record[1]),
                None => assert!(!article.title.is_empty()),
            }
            let seconds = jiff::fmt::strtime::parse(
                "%d-%b-%Y %H:%M:%S%.f",
                exact.find(&of(&date).unwrap()).unwrap().as_str(),
            )
            .and_then(|parts| parts.to_datetime())
            .and_then(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC))
            .map(|moment| moment.timestamp().as_second());
            assert_eq!(article.published.unwrap().seconds, seconds.unwrap(), "{}", &record[1]);
            let groups: String = group.captures_iter(&record[2]).map(|found| found[1].to_owned()).collect();
            let about: Vec<String> = entry.captures_iter(&groups).map(|found| clean(&found[1])).collect();
            subjects += about.len();
            let distinct = about.iter().enumerate().filter(|(at, name)| !about[..*at].contains(name));
            assert!(article.subjects.iter().eq(distinct.map(|(_, name)| name)), "{}: {about:?}", &record[1]);
            if let Some(dateline) = of(&dateline) {
                datelines += 1;
                assert!(article.body.starts_with(&dateline), "{}: {dateline}", &record[1]);
                let place = article.place.as_deref().unwrap();
                let rest = dateline.strip_prefix(place).unwrap_or_else(|| panic!("{dateline}: {place}"));
                if !usual.is_match(rest) {
                    unusual.push(format!("{}: {place}|{rest}", &record[1]));
                }
            }
            match of(&body) {
                Some(body) => {
                    let text = one_line(&article.body);
                    let start = text.find(&body[..body.floor_char_boundary(30)]).unwrap();
                    let rest =
                        body.strip_prefix(&text[start..]).unwrap_or_else(|| panic!("{}: {text}", &record[1]));
                    let is_sign_off = |word: &str| {
                        matches!(word.trim_matches('.').to_lowercase().as_str(), "" | "reuter" | "reuters")
                    };
                    assert!(rest.split(' ').all(is_sign_off), "{}: {rest}", &record[1]);
                }
                None => briefs += usize::from(article.body.is_empty()),
            }
        }
    }
    insta::assert_snapshot!("reuters-datelines", unusual.join("\n"));
    assert_eq!((stories, datelines, briefs, read.articles.len()), (11_000, 10_051, 893, 11_000));
    assert_eq!(subjects, 21_299);
    assert_eq!(classes(&read.warnings), BTreeMap::from([("title-only", 893)]));
}

/// A line an article: what of it can be told at a glance.
fn table(read: &Read, folder: &Path) -> String {
    let prefix = format!("{}/", folder.to_string_lossy());
    let mut lines: Vec<String> = read
        .articles
        .iter()
        .map(|article| {
            let date = article.published.map_or("undated".to_owned(), |published| {
                let moment = jiff::Timestamp::from_second(published.seconds).unwrap();
                format!("{moment} {:?} {:?}", published.precision, published.source)
            });
            format!(
                "{}#{} | {} | {} | {date} | {} | {} | {} | {} | {} bytes {:?} | {}",
                article.path.replace(&prefix, ""),
                article.ordinal,
                article.title,
                article.authors.join(", "),
                article.place.as_deref().unwrap_or("-"),
                article.source.as_deref().unwrap_or("-"),
                article.lang.as_deref().unwrap_or("-"),
                article.subjects.join(", "),
                article.body.len(),
                &article.body[..article.body.floor_char_boundary(40)],
                article.id.replace(&prefix, ""),
            )
        })
        .collect();
    lines.extend(read.skipped.iter().chain(&read.warnings).map(|skipped| {
        format!("! {} {}: {}", skipped.at.replace(&prefix, ""), skipped.class, skipped.reason)
    }));
    lines.join("\n")
}

#[test]
fn examples_of_ninjs() {
    let Some(folder) = shared("formats/ninjs/examples") else { return };
    let mut all = Read::default();
    for version in ["1.4", "2.1", "3.0"] {
        let mut read = read(&folder.join(version));
        read.articles.retain(|article| !article.path.ends_with("extension-schema.json"));
        all.articles.extend(read.articles);
        all.skipped.extend(read.skipped);
        all.warnings.extend(read.warnings);
    }
    insta::assert_snapshot!("ninjs", table(&all, &folder));
}

#[test]
fn the_validation_suite_of_ninjs_is_read() {
    let Some(folder) = shared("formats/ninjs/validation/test_suite") else { return };
    let read = read(&folder);
    let mut held_back = Vec::new();
    for skipped in &read.skipped {
        if matches!(skipped.class.as_str(), "withheld" | "canceled") {
            held_back.push(format!("{} {}", skipped.at.rsplit('/').next().unwrap(), skipped.class));
        }
    }
    held_back.sort();
    assert_eq!(
        held_back,
        [
            "007_pubstatus_cancelled.json:1 canceled",
            "022_pubstatus_withheld.json:1 withheld",
            "023_pubstatus_canceled.json:1 canceled"
        ]
    );
    // Items of which only the links and the rights are tried have neither a headline nor a text; five files are no JSON.
    let skipped = BTreeMap::from([("canceled", 2), ("empty", 126), ("not-json", 5), ("withheld", 1)]);
    assert_eq!(classes(&read.skipped), skipped);
}

#[test]
fn the_validation_suite_of_ninjs_is_told_apart() {
    let Some(folder) = shared("formats/ninjs/validation/test_suite") else { return };
    let (mut good, mut bad, mut broken) = (0, 0, 0);
    for version in ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.0", "2.1", "2.2", "3.0", "3.1"] {
        for (kind, is_valid) in [("should_pass", true), ("should_fail", false)] {
            for entry in fs::read_dir(folder.join(version).join(kind)).unwrap() {
                let path = entry.unwrap().path();
                let text = fs::read_to_string(&path).unwrap();
                let Ok(mut item) = serde_json::from_str::<serde_json::Value>(&text) else {
                    assert!(!is_valid, "{}", path.display());
                    broken += 1;
                    continue;
                };
                // The folder says which version an item is of. A headline, so that each one gives an article, and no status that
                // keeps it from being one.
                let object = item.as_object_mut().unwrap();
                object.remove("standard");
                if !object.get("$standard").is_some_and(serde_json::Value::is_string) {
                    let standard = serde_json::json!({"name": "ninjs", "version": version});
                    object.insert("$standard".to_owned(), standard);
                }
                let headline = if version.starts_with('1') { "headline" } else { "title" };
                object.entry(headline).or_insert_with(|| "Headline".into());
                for status in ["pubstatus", "pubStatus"] {
                    if object.get(status).is_some_and(|status| status == "withheld" || status == "canceled") {
                        object.insert(status.to_owned(), "usable".into());
                    }
                }
                let invalid = invalid(&item);
                assert_eq!(invalid.is_none(), is_valid, "{}: {invalid:?}", path.display());
                if is_valid { good += 1 } else { bad += 1 }
            }
        }
    }
    assert_eq!((good, bad, broken), (142, 53, 5));
}

/// What an item has against the rules of its version, or why it gives no article.
fn invalid(item: &serde_json::Value) -> Option<String> {
    let origin = Origin { path: "item.json".into(), ordinal: 0, line: None };
    let record = Record::new(origin, Form::Json, item.to_string().into_bytes());
    match decode(&record, &FieldMap::default(), options().now.unwrap()) {
        Ok(decoded) => {
            decoded.warnings.into_iter().find(|it| it.class == "invalid-ninjs").map(|it| it.reason)
        }
        Err(skipped) => Some(skipped.reason),
    }
}

#[test]
fn examples_of_newsml() {
    let Some(folder) = shared("formats") else { return };
    let mut all = read(&folder.join("newsml-g2/examples"));
    let version_1 = read(&folder.join("ninjs/examples/NewsML"));
    all.articles.extend(version_1.articles);
    all.skipped.extend(version_1.skipped);
    all.warnings.extend(version_1.warnings);
    insta::assert_snapshot!("newsml", table(&all, &folder));
}

#[test]
fn what_is_held_back_is_counted_and_never_found() {
    let folder = tempfile::tempdir().unwrap();
    let item = |id: &str, status: &str| {
        format!(
            "<newsItem guid='{id}'><itemMeta><pubStatus qcode='stat:{status}'/></itemMeta>\
             <contentMeta><headline>Merger of {id}</headline></contentMeta><contentSet><inlineData>Text.</inlineData></contentSet></newsItem>"
        )
    };
    let message = format!(
        "<newsMessage><itemSet>{}\n{}\n{}</itemSet></newsMessage>",
        item("one", "usable"),
        item("two", "withheld"),
        item("three", "canceled")
    );
    write(folder.path(), "message.xml", message);
    write(
        folder.path(),
        "items.jsonl",
        "{\"uri\":\"four\",\"pubstatus\":\"withheld\",\"headline\":\"Merger\",\"body_text\":\"Text.\"}\n\
         {\"uri\":\"five\",\"pubStatus\":\"usable\",\"headlines\":[{\"value\":\"Merger\"}],\"bodies\":[{\"contentType\":\"text/plain\",\"value\":\"Text.\"}]}\n",
    );
    write(
        folder.path(),
        "stories.sgm",
        "<REUTERS NEWID=\"6\">\n<DATE>26-FEB-1987 15:01:01.79</DATE><TEXT><TITLE>MERGER</TITLE><BODY>Text.</BODY></TEXT></REUTERS>\n",
    );
    let index = Index::in_memory();
    let (report, _) = index_paths(&index, &[folder.path().to_owned()]);
    assert_eq!(ids(&index, "merger"), ["6", "five", "one"]);
    let skipped = BTreeMap::from([("canceled".to_owned(), 1), ("withheld".to_owned(), 2)]);
    assert_eq!(report.skipped_by_class, skipped);
}

#[test]
fn hostile_deliveries_take_no_time() {
    let folder = tempfile::tempdir().unwrap();
    let attributes: String = (0..100_000).map(|number| format!(" a{number}='1'")).collect();
    let entities = "<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">";
    let files = [
        ("a-deep.xml", format!("<newsMessage>{}", "<x>".repeat(1_000_000)), "not-xml"),
        ("b-deep-item.xml", format!("<newsItem>{}", "<x>".repeat(1_000_000)), "not-xml"),
        ("c-entities.xml", format!("<!DOCTYPE nitf [{entities}]><nitf>&b;&c;</nitf>"), "not-xml"),
        ("d-attributes.xml", format!("<newsItem{attributes}/>"), "empty"),
        ("e-broken.xml", "<newsItem><contentMeta><headline>Half".to_owned(), "not-xml"),
        ("f-nul.xml", "<nitf>\0\0</nitf>".to_owned(), "empty"),
        ("g-deep.json", format!("{{\"uri\":\"u\",\"headline\":{}", "[".repeat(1_000_000)), "not-json"),
        ("h-broken.sgm", "<REUTERS>\n<REUTERS>\n".to_owned(), "broken-off"),
        ("i-nul.sgm", "<REUTERS>\0</REUTERS>".to_owned(), "empty"),
        ("j-marks.sgm", "<REUTERS".repeat(1_000_000), "broken-off"),
    ];
    for (name, text, class) in files {
        write(folder.path(), name, text);
        let start = std::time::Instant::now();
        let read = read(&folder.path().join(name));
        assert!(start.elapsed().as_secs() < 5, "{name}");
        assert_eq!(read.articles, [], "{name}");
        assert_eq!(classes(&read.skipped).into_keys().collect::<Vec<_>>(), [class], "{name}");
    }
}
