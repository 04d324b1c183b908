//! `similar`, `trends`, `compare` and `search --terms` as a user runs them, on the sample.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use dateline::Index;
use dateline::search::{COPY_RESEMBLANCE, Comparison, SearchResults, Trends};
use dateline::text::shingle::Shingles;
use serde_json::Value;

use crate::support::corpus;
use crate::support::{command, dateline, indexed, json, on_sample, text};

/// Of this one there is a syndicated copy in the sample.
const COPIED: &str = "corpus/wire/2023-01-18-amazon-18000.txt";

/// The id of an article of the sample, which was indexed under its whole path.
fn id_of(name: &str) -> String {
    corpus().join(name.trim_start_matches("corpus/")).to_string_lossy().into_owned()
}

fn answer<T: serde::de::DeserializeOwned>(arguments: &[&str]) -> T {
    let output = on_sample(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stdout)))
}

#[test]
fn similar_leaves_out_the_article_and_its_copies() {
    let id = id_of(COPIED);
    let found: SearchResults = answer(&["similar", &id, "--json", "--explain", "-n", "5"]);
    assert_eq!(found.notes, ["1 copy of the article left out"]);
    assert!(found.hits.iter().all(|hit| hit.id != id));
    assert!(found.hits[..3].iter().all(|hit| hit.title.contains("18,000")));
    // The copy is in the index, and among the similar ones it is not.
    let searcher = Index::open(indexed().join("index")).unwrap().searcher().unwrap();
    let resemblance = |other: &str| {
        let shingles = |id: &str| {
            let article = searcher.get(id).unwrap().unwrap().article;
            Shingles::of(&[&article.title, &article.body])
        };
        shingles(&id).resemblance(&shingles(other))
    };
    let all = searcher.ids(&"*".parse().unwrap()).unwrap();
    let copies: Vec<&String> =
        all.iter().filter(|other| **other != id && resemblance(other) >= COPY_RESEMBLANCE).collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    let page: SearchResults = answer(&["similar", &id, "--json", "-n", "100"]);
    assert!(page.hits.iter().all(|hit| hit.id != *copies[0]));
    for hit in &found.hits {
        let explanation = hit.explanation.as_ref().unwrap();
        assert!((explanation.value / hit.score - 1.0).abs() < 1e-3, "{explanation:?}");
        let shared = &explanation.parts[0];
        let sum: f32 = shared.parts.iter().map(|part| part.value).sum();
        assert!((sum / shared.value - 1.0).abs() < 1e-3);
        let named: Vec<&str> = shared.parts.iter().map(|part| part.description.as_str()).collect();
        assert!(named.iter().any(|part| part.starts_with("word ")), "{named:?}");
        assert!(named.iter().any(|part| part.starts_with("company Amazon, salience ")), "{named:?}");
    }
    // Pages follow each other.
    let pages: Vec<String> = ["0", "2"]
        .into_iter()
        .flat_map(|offset| {
            let page: SearchResults = answer(&["similar", &id, "--json", "-n", "2", "--offset", offset]);
            page.hits.into_iter().map(|hit| hit.id)
        })
        .collect();
    let whole: Vec<&str> = found.hits.iter().take(4).map(|hit| hit.id.as_str()).collect();
    assert_eq!(pages, whole);
}

#[test]
fn similar_reads_files_and_standard_input_as_tag_does() {
    let folder = tempfile::tempdir().unwrap();
    let body = fs::read_to_string(corpus().join("wire/2023-01-18-amazon-18000.txt")).unwrap();
    // The same article from elsewhere, with small edits: those of the index are its copies.
    let file = folder.path().join("sent-again.txt");
    fs::write(&file, format!("{body}\nEditing by A. Nother\n")).unwrap();
    let found: SearchResults = answer(&["similar", file.to_str().unwrap(), "--json", "-n", "3"]);
    assert_eq!(found.notes, ["2 copies of the article left out"]);
    assert_eq!(found.hits.len(), 3);

    let mut child = command(indexed(), &["similar", "-", "--format", "jsonl", "-n", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout).lines().count(), 2);
    assert!(text(&output.stderr).contains("copies of the article left out"));

    let many = corpus().join("archive/deals.jsonl");
    let output = on_sample(&["similar", many.to_str().unwrap(), "-n", "1"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("articles; this is of the first one"), "{}", text(&output.stderr));

    let output = on_sample(&["similar", "no-such-thing"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("there is no article with the id no-such-thing and no file"));
    let empty = folder.path().join("empty.txt");
    fs::write(&empty, "").unwrap();
    let output = on_sample(&["similar", empty.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no article in"), "{}", text(&output.stderr));
}

#[test]
fn similar_articles_can_be_narrowed() {
    let id = id_of(COPIED);
    let all: SearchResults = answer(&["similar", &id, "--json", "-n", "100"]);
    let late: SearchResults = answer(&["similar", &id, "--json", "-n", "100", "--since", "2023-01-19"]);
    assert!(late.total.value > 0 && late.total.value < all.total.value);
    assert!(late.hits.iter().all(|hit| hit.published.as_deref().unwrap() >= "2023-01-19"));
    let google: SearchResults = answer(&["similar", &id, "--json", "-n", "100", "--company", "google"]);
    assert!(google.hits.iter().all(|hit| hit.companies.iter().any(|company| company.id == "google")));
    let csv = on_sample(&["similar", &id, "--format", "csv", "-n", "1"]);
    assert!(text(&csv.stdout).starts_with("rank,id,score,title"));
    assert_eq!(text(&csv.stdout).lines().count(), 2);
    let wrong = on_sample(&["similar", &id, "-n", "5000"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn trends_are_aligned_and_fit_the_terminal() {
    for width in ["40", "80", "200"] {
        for arguments in [&["trends", "--by", "company", "--every", "week"][..], &["trends", "--share"]] {
            let output = command(indexed(), arguments).env("COLUMNS", width).output().unwrap();
            let shown = text(&output.stdout);
            let lines: Vec<&str> = shown.lines().take_while(|line| !line.is_empty()).collect();
            let room: usize = width.parse().unwrap();
            assert!(lines.iter().all(|line| line.chars().count() <= room), "{shown}");
            let (axis, series) = lines.split_last().unwrap();
            assert!(axis.trim_start().starts_with("2015-"), "{shown}");
            let ends: Vec<usize> = series.iter().map(|line| line.chars().count()).collect();
            assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{shown}");
            assert!(shown.contains("\n█ is ") && shown.contains(": 9 without a date"), "{shown}");
        }
    }
    let merged = on_sample(&["trends", "--every", "day"]);
    assert!(text(&merged.stdout).contains("; a column is "), "{}", text(&merged.stdout));
}

#[test]
fn trends_as_numbers_add_up() {
    let trends: Trends =
        answer(&["trends", "--by", "topic", "--every", "quarter", "-n", "3", "--share", "--format", "json"]);
    let counted: u64 = trends.periods.iter().map(|period| period.count).sum();
    assert_eq!(counted + trends.undated + trends.only_year + trends.only_month, trends.total.value);
    assert_eq!((trends.series.len(), trends.total.value), (3, 235));
    for (at, period) in trends.periods.iter().enumerate() {
        assert_eq!(period.all, Some(period.count), "without a query all articles match");
        let share = trends.series[0].shares[at];
        assert_eq!(share.is_some(), period.count > 0);
    }
    let csv =
        text(&on_sample(&["trends", "layoffs", "--every", "year", "--share", "--format", "csv"]).stdout);
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["start", "period", "series", "path", "count", "all", "share"]);
    let sum: u64 = rows[1..].iter().map(|row| row[4].parse::<u64>().unwrap()).sum();
    let total = json(&on_sample(&["search", "layoffs date:*", "--json"]))["total"]["value"].as_u64().unwrap();
    assert_eq!(sum, total);
    let narrowed: Trends =
        answer(&["trends", "--topic", "layoffs", "--since", "2023", "--every", "year", "--format", "json"]);
    assert!(narrowed.periods[0].label.as_str() >= "2023" && narrowed.total.value < 235);
}

#[test]
fn trends_refuse_what_can_not_be_drawn() {
    for (arguments, status, reason) in [
        (&["trends", "amazon", "-o", "chart.png"][..], 2, "a chart is written as SVG"),
        (&["trends", "--by", "month"], 2, "invalid value"),
        (&["trends", "-n", "0", "--by", "topic"], 2, "a trend has 1 to 100 series, not 0"),
        (&["trends", "--by", "company", "-n", "20", "--every", "day"], 2, "are more than the 10000 counts"),
        (&["trends", "company:amazn"], 2, "no company is called amazn"),
        (&["trends", "nosuchword"], 1, ""),
        (&["trends", "-o", "no/such/folder/a.svg"], 5, "no/such/folder/a.svg"),
        (&["compare", "layoffs"], 2, "2 values required"),
        (&["compare", "a", "company:amazn"], 2, "no company is called amazn"),
        (&["compare", "a", "b", "-o", "a.svg"], 2, "--every"),
        (&["search", "layoffs", "--terms=5000"], 2, "at most 1000 distinctive words"),
    ] {
        let output = on_sample(arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(reason), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn charts_are_files_without_script() {
    let folder = tempfile::tempdir().unwrap();
    let source = r#"{"id":"1","title":"<script>x</script>","body":"Hostile news & \"more\"","source":"<b>&Co</b>","date":"2024-01-05"}
{"id":"2","title":"Two","body":"Hostile news again","source":"Plain","date":"2024-03-05"}"#;
    fs::write(folder.path().join("news.jsonl"), source).unwrap();
    assert_eq!(dateline(folder.path(), &["index", "news.jsonl"]).status.code(), Some(0));
    let chart = folder.path().join("chart.svg");
    fs::write(&chart, "in the way").unwrap();
    for arguments in [
        &["trends", "hostile AND news", "-o", "chart.svg"][..],
        &["trends", "hostile", "--by", "source", "--share", "-o", "chart.svg"],
        &["compare", "hostile", "\"<script>\" OR news", "--every", "week", "-o", "chart.svg"],
    ] {
        let output = dateline(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
        assert!(text(&output.stderr).contains("chart.svg: "), "{}", text(&output.stderr));
        let svg = fs::read_to_string(&chart).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("prefers-color-scheme:dark") && svg.contains("2024"));
        assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "no file beside the chart, the source and the index: {left:?}");
}

#[test]
fn queries_stand_side_by_side() {
    let queries = ["layoffs", "\"job cuts\" OR dismissals", "outage"];
    let with = |more: &[&'static str]| -> Vec<&'static str> { [&["compare"], &queries[..], more].concat() };
    let comparison: Comparison = answer(&with(&["--format", "json", "--every", "year", "--by", "topic"]));
    assert_eq!((comparison.queries.len(), comparison.overlaps.len()), (3, 3));
    for query in &comparison.queries {
        let found = json(&on_sample(&["search", &query.label, "--json", "-n", "1"]));
        assert_eq!(Some(query.total.value), found["total"]["value"].as_u64(), "{}", query.label);
        assert_eq!(query.facets.keys().collect::<Vec<_>>(), ["topic"]);
        assert!(query.earliest <= query.latest);
    }
    let both = format!("({}) ({})", queries[0], queries[1]);
    let found = json(&on_sample(&["search", &both, "--json"]));
    assert_eq!(Some(comparison.overlaps[0].both), found["total"]["value"].as_u64());
    let trends = comparison.trends.unwrap();
    for (series, query) in trends.series.iter().zip(&comparison.queries) {
        assert_eq!(series.counts.iter().sum::<u64>() + query.undated, query.total.value);
        assert_eq!(series.counts.len(), trends.periods.len());
    }
    for width in ["40", "80", "200"] {
        let output = command(indexed(), &with(&["--every", "month"])).env("COLUMNS", width).output().unwrap();
        let shown = text(&output.stdout);
        let room: usize = width.parse().unwrap();
        assert!(shown.lines().all(|line| line.chars().count() <= room.max(60)), "{width}: {shown}");
        assert!(shown.contains("found by both") && shown.contains("words, G²"), "{shown}");
    }
    let csv = text(&on_sample(&with(&["--format", "csv", "--terms", "3", "-n", "2"])).stdout);
    assert!(csv.starts_with("query,what,path,label,count,others\nlayoffs,articles,,,"), "{csv}");
    assert_eq!(csv.lines().filter(|line| line.contains(",word,,")).count(), 9, "{csv}");
    assert_eq!(csv.lines().filter(|line| line.contains(",both,,")).count(), 3);
}

#[test]
fn saved_queries_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(dateline(folder.path(), &["index", corpus().to_str().unwrap()]).status.code(), Some(0));
    let saved = dateline(folder.path(), &["saved", "add", "cuts", "layoffs OR dismissals"]);
    assert_eq!(saved.status.code(), Some(0), "{}", text(&saved.stderr));
    let compared = dateline(folder.path(), &["compare", "search:cuts", "layoffs", "--format", "json"]);
    let comparison: Comparison = serde_json::from_slice(&compared.stdout).unwrap();
    assert_eq!(comparison.overlaps[0].both, comparison.queries[1].total.value, "it finds these and more");
}

#[test]
fn distinctive_words_are_counted_exactly() {
    let found: SearchResults = answer(&["search", "topic:outage", "--terms=5", "--json", "-n", "0"]);
    let terms = found.terms.unwrap();
    assert!(terms.statistic.contains("Dunning 1993"));
    assert_eq!((terms.set, terms.set + terms.rest, terms.read), (found.total.value, 235, found.total.value));
    assert_eq!(terms.terms.len(), 5);
    for term in &terms.terms {
        let count = |query: String| {
            json(&on_sample(&["search", &query, "--no-synonyms", "--json"]))["total"]["value"].clone()
        };
        assert_eq!(count(format!("topic:outage AND {}", term.word)), Value::from(term.in_set), "{term:?}");
        assert_eq!(
            count(format!("{} AND NOT topic:outage", term.word)),
            Value::from(term.in_rest),
            "{term:?}"
        );
    }
    let shown = text(&on_sample(&["search", "topic:outage", "--terms", "-n", "0"]).stdout);
    assert!(shown.contains("distinctive words") && shown.contains("log-likelihood ratio G²"), "{shown}");
    let all = text(&on_sample(&["search", "*", "--terms", "-n", "0"]).stdout);
    assert!(all.contains("there are no others to tell them from"), "{all}");
    let talk = text(&on_sample(&["search", "topic:outage", "--terms=3", "--format", "csv"]).stderr);
    assert!(talk.contains("distinctive words: "), "{talk}");
}
