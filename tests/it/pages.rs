//! Saved web pages, read whole and compared with what people found in them. They lie beside the repository; a clone does not
//! have them.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use dateline::article::Article;
use dateline::decode::{FieldMap, decode};
use dateline::source::{Form, Origin, Record};
use regex::Regex;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use crate::support::{options, package, shared};

/// The articles of a folder of packed pages, by the names of their files.
fn articles(folder: &Path) -> HashMap<String, Article> {
    let mut articles = HashMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = Vec::new();
        flate2::read::MultiGzDecoder::new(File::open(&path).unwrap()).read_to_end(&mut bytes).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
        let origin = Origin { path: "page.html".into(), ordinal: 0, line: None };
        let record = Record::new(origin, Form::Html, bytes);
        let article = decode(&record, &FieldMap::default(), options().now.unwrap())
            .map(|decoded| decoded.article)
            .unwrap_or_default();
        articles.insert(name, article);
    }
    articles
}

fn bench() -> Option<&'static (HashMap<String, Article>, Value)> {
    static BENCH: OnceLock<Option<(HashMap<String, Article>, Value)>> = OnceLock::new();
    let bench = BENCH.get_or_init(|| {
        let folder = shared("formats/html-article-bench")?;
        let truth = fs::read_to_string(folder.join("ground-truth.json")).unwrap();
        Some((articles(&folder.join("html")), serde_json::from_str(&truth).unwrap()))
    });
    bench.as_ref()
}

/// The words of a text as Python's `\w+` finds them.
fn tokens(text: &str) -> Vec<&str> {
    static WORD: OnceLock<Regex> = OnceLock::new();
    let word = WORD.get_or_init(|| Regex::new(r"[\p{L}\p{N}_]+").unwrap());
    word.find_iter(text).map(|found| found.as_str()).collect()
}

/// Runs of four words, how often each; of a shorter text the text itself.
fn shingles<'t>(tokens: &'t [&'t str]) -> HashMap<&'t [&'t str], f64> {
    let mut counts: HashMap<&[&str], f64> = HashMap::new();
    let whole = [tokens].into_iter().filter(|tokens| !tokens.is_empty() && tokens.len() < 4);
    for shingle in tokens.windows(4).chain(whole) {
        *counts.entry(shingle).or_default() += 1.0;
    }
    counts
}

/// F1, precision, recall and accuracy as `evaluate.py` of the benchmark defines them: per page the shares of right, extra and
/// missing shingles, precision and recall as means over the pages that have any, F1 of these means.
fn scores(pages: &[(&str, &str)]) -> [f64; 4] {
    let (mut precisions, mut recalls, mut same) = (Vec::new(), Vec::new(), 0.0);
    for (truth, found) in pages {
        let (truth, found) = (tokens(truth), tokens(found));
        same += f64::from(u8::from(truth == found));
        let (expected, got) = (shingles(&truth), shingles(&found));
        let count =
            |counts: &HashMap<&[&str], f64>, key: &[&str]| counts.get(key).copied().unwrap_or_default();
        let right: f64 = expected.iter().map(|(key, times)| times.min(count(&got, key))).sum();
        let extra: f64 = got.iter().map(|(key, times)| (times - count(&expected, key)).max(0.0)).sum();
        let missing: f64 = expected.iter().map(|(key, times)| (times - count(&got, key)).max(0.0)).sum();
        if right + extra > 0.0 {
            precisions.push(right / (right + extra));
        }
        if right + missing > 0.0 {
            recalls.push(right / (right + missing));
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (precision, recall) = (mean(&precisions), mean(&recalls));
    [2.0 * precision * recall / (precision + recall), precision, recall, same / pages.len() as f64]
}

/// What the benchmark's own page says of others.
const PUBLISHED: [(&str, [f64; 4]); 8] = [
    ("rs_trafilatura 9261e08", [0.970, 0.951, 0.990, 0.287]),
    ("AutoExtract Nov 2019", [0.970, 0.984, 0.956, 0.470]),
    ("go_trafilatura ae7ea06", [0.960, 0.940, 0.980, 0.287]),
    ("trafilatura 2.0.0", [0.958, 0.938, 0.978, 0.293]),
    ("newspaper4k 0.9.3.1", [0.949, 0.964, 0.934, 0.326]),
    ("news_please 1.6.16", [0.948, 0.964, 0.933, 0.326]),
    ("readability_js 0.6.0", [0.947, 0.914, 0.982, 0.166]),
    ("readability-lxml 0.8.4.1", [0.922, 0.913, 0.931, 0.315]),
];

#[test]
fn bodies_of_pages() {
    let Some((articles, truth)) = bench() else { return };
    let truth = truth.as_object().unwrap();
    assert_eq!((truth.len(), articles.len()), (181, 181));
    // For a comparison with the script itself: what it reads.
    if let Some(file) = std::env::var_os("DATELINE_KEEP_PAGES") {
        let output: serde_json::Map<String, Value> = articles
            .iter()
            .map(|(name, article)| (name.clone(), serde_json::json!({"articleBody": article.body})))
            .collect();
        fs::write(file, Value::Object(output).to_string()).unwrap();
    }
    let pages: Vec<(&str, &str)> = truth
        .iter()
        .map(|(name, page)| (page["articleBody"].as_str().unwrap_or(""), articles[name].body.as_str()))
        .collect();
    let own = scores(&pages);
    let mut table = "extractor                    F1 precision recall accuracy\n".to_owned();
    let mut row = |name: &str, [f1, precision, recall, accuracy]: [f64; 4], whence| {
        writeln!(table, "{name:<25} {f1:>5.3} {precision:>9.3} {recall:>6.3} {accuracy:>8.3}  {whence}")
            .unwrap();
    };
    row("dateline", own, "measured");
    for (name, scores) in PUBLISHED {
        row(name, scores, "published");
    }
    insta::assert_snapshot!("bodies", table);
    assert!(own[0] >= 0.965, "{own:?}");
}

#[test]
fn scores_are_those_of_the_benchmark() {
    let near = |found: [f64; 4], expected: [f64; 4]| {
        assert!(
            found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9),
            "{found:?}"
        );
    };
    near(scores(&[("one two three four five", "one, two three four five")]), [1.0; 4]);
    // Two shingles are right, one is extra.
    near(scores(&[("a b c d e", "a b c d e f")]), [0.8, 2.0 / 3.0, 1.0, 0.0]);
    // A page of which nothing was found has a recall and no precision.
    near(scores(&[("a b c d", ""), ("a b", "a b")]), [2.0 / 3.0, 1.0, 0.5, 0.5]);
}

/// What a page states, as somebody wrote it down who read its markup: see the head of the file.
struct Facts<'t> {
    page: &'t str,
    title: Option<&'t str>,
    authors: Option<&'t str>,
    date: Option<&'t str>,
}

fn facts(text: &str) -> Vec<Facts<'_>> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let mut columns = line.split('\t');
            let page = columns.next().unwrap();
            let mut next = || columns.next().filter(|value| *value != "-");
            Facts { page, title: next(), authors: next(), date: next() }
        })
        .collect()
}

/// A headline that is the same however its quotes, dashes and spaces are written, as a hash.
fn hash(title: &str) -> String {
    let plain: String = title
        .chars()
        .map(|letter| match letter {
            '‘' | '’' | '`' => '\'',
            '“' | '”' => '"',
            '–' | '—' => '-',
            letter => letter,
        })
        .collect();
    let line = plain.replace('…', "...").split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{:016x}", xxh3_64(line.as_bytes()))
}

#[test]
fn titles_authors_and_dates_of_pages() {
    let Some((articles, _)) = bench() else { return };
    let text = fs::read_to_string(package().join("tests/gold/page-facts.tsv")).unwrap();
    let facts = facts(&text);
    let mut wrong = String::new();
    let mut table = "field    stated  exact  share\n".to_owned();
    let mut count = |field: &str, right: &dyn Fn(&Facts<'_>, &Article) -> Option<bool>| {
        let (mut stated, mut exact) = (0, 0);
        for facts in &facts {
            let article = articles.iter().find(|(name, _)| name.starts_with(facts.page)).unwrap().1;
            if let Some(is_right) = right(facts, article) {
                stated += 1;
                exact += usize::from(is_right);
                if !is_right {
                    let date = article.published.map(|date| date.to_string());
                    writeln!(
                        wrong,
                        "{field} {} {:?} {:?} {date:?}",
                        facts.page, article.title, article.authors
                    )
                    .unwrap();
                }
            }
        }
        writeln!(table, "{field:<8} {stated:>6} {exact:>6} {:>6.3}", exact as f64 / f64::from(stated))
            .unwrap();
        exact as f64 / f64::from(stated)
    };
    let shares = [
        count("title", &|facts, article| facts.title.map(|title| title.contains(&hash(&article.title)))),
        count("authors", &|facts, article| {
            facts.authors.map(|authors| authors == article.authors.join("; "))
        }),
        count("date", &|facts, article| {
            let date = article.published.map(|date| date.to_string()).unwrap_or_default();
            facts.date.map(|stated| stated == date)
        }),
    ];
    println!("{wrong}");
    insta::assert_snapshot!("facts", table);
    assert!(shares.iter().all(|share| *share >= 0.97), "{shares:?}\n{wrong}");
}
