//! How good the tags are, as tables that a change of the tagger changes.
//!
//! `tests/gold/passages-*.jsonl` are the project's own passages, by what they test. The other sets are public ones that a clone
//! does not have; their part is skipped with a message where they are not at hand.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use dateline::eval::{Measure, Passage, Score, TagReport, grade, read_passages};
use dateline::tag::{CompanyTagger, Gazetteer};

use crate::judged;
use crate::support::{package, shared};

fn tagger() -> &'static (Arc<Gazetteer>, CompanyTagger) {
    static TAGGER: OnceLock<(Arc<Gazetteer>, CompanyTagger)> = OnceLock::new();
    TAGGER.get_or_init(|| {
        let gazetteer = Gazetteer::builtin();
        (Arc::clone(&gazetteer), CompanyTagger::new(gazetteer))
    })
}

fn graded(set: &str, passages: &[Passage]) -> TagReport {
    let (gazetteer, tagger) = tagger();
    let report = grade(passages, tagger, gazetteer).unwrap();
    // For work on the tagger: the passages as a file that `dateline eval tags` reads.
    if let Some(folder) = std::env::var_os("DATELINE_KEEP_GOLD") {
        let lines: Vec<String> =
            passages.iter().map(|passage| serde_json::to_string(passage).unwrap()).collect();
        std::fs::create_dir_all(&folder).unwrap();
        let file = std::path::Path::new(&folder).join(format!("{set}.jsonl"));
        std::fs::write(file, lines.join("\n")).unwrap();
    }
    report
}

fn row(table: &mut String, set: &str, measure: &str, score: Score) {
    writeln!(
        table,
        "{set:<16} {measure:<11} {:>6} {:>6} {:>7}  {:>9.3} {:>6.3} {:>6.3}",
        score.right,
        score.extra,
        score.missing,
        score.precision(),
        score.recall(),
        score.f1()
    )
    .unwrap();
}

const HEAD: &str = "set              measure      right  extra missing  precision recall     F1\n";

#[test]
fn own_passages() {
    let mut passages = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(package().join("tests/gold"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        passages.extend(read_passages(&text, &file.to_string_lossy()).unwrap());
    }
    let report = graded("own", &passages);
    assert!(report.not_held.is_empty(), "{:?}", report.not_held);
    let mut table = HEAD.to_owned();
    for (class, scores) in &report.classes {
        for (measure, score) in scores {
            row(&mut table, class, measure.as_str(), *score);
        }
    }
    for (measure, score) in &report.overall {
        row(&mut table, "all", measure.as_str(), *score);
    }
    insta::assert_snapshot!("own", table);
}

#[test]
fn public_sets() {
    let mut table = HEAD.to_owned();
    let Some(reuters) = shared("reuters-21578") else { return };
    let Some(entities) = shared("entities") else { return };
    let Some(ranking) = shared("ranking") else { return };
    let (gazetteer, _) = tagger();

    let mut wire = judged::wire(&reuters);
    let marks = judged::marks(&reuters.join("company_marks.tsv"), gazetteer);
    for article in &mut wire {
        article.passage.companies = marks.get(&article.id).cloned();
        article.passage.is_partial = true;
    }
    let passages: Vec<Passage> =
        wire.iter().map(|article| &article.passage).filter(|it| it.companies.is_some()).cloned().collect();
    row(
        &mut table,
        "reuters-marks",
        "companies",
        graded("reuters-marks", &passages).overall[&Measure::Companies],
    );

    let names = [("acq", "acquisition"), ("earn", "earnings")];
    for article in &mut wire {
        article.passage.companies = None;
        let judged = names.iter().filter(|(theirs, _)| article.topics.iter().any(|topic| topic == theirs));
        article.passage.topics = Some(judged.map(|(_, ours)| (*ours).to_owned()).collect());
        article.passage.is_partial = false;
    }
    let passages: Vec<Passage> = wire.into_iter().map(|article| article.passage).collect();
    let report = graded("reuters-topics", &passages);
    for (_, ours) in names {
        let is_judged = |passage: &&Passage| passage.topics.iter().flatten().any(|topic| topic == ours);
        let count = |is_extra| {
            let wrong = report.failures.iter().filter(|failure| failure.what == ours);
            wrong.filter(|failure| failure.is_extra == is_extra).count()
        };
        let missing = count(false);
        let right = passages.iter().filter(is_judged).count() - missing;
        // The collection judges no other topic.
        row(&mut table, "reuters-topics", ours, Score { right, extra: count(true), missing });
    }

    for (set, passages) in [
        ("reuters-128", judged::linked(&entities.join("reuters-128.benchmark.jsonl"))),
        ("oke-2015", judged::linked(&entities.join("oke-2015-train.benchmark.jsonl"))),
        ("finer-ord", judged::labelled_tokens(&entities.join("finer-ord-train.csv"))),
        ("fire", judged::filings(&entities.join("fire-dev.json"))),
        ("finentity", judged::market_reports(&entities.join("finentity-dev.jsonl"))),
    ] {
        for (measure, score) in graded(set, &passages).overall {
            row(&mut table, set, measure.as_str(), score);
        }
    }
    for set in ["cranfield", "cisi"] {
        let passages = judged::abstracts(set, &ranking.join(set).join("docs.jsonl"));
        let score = graded(set, &passages).overall[&Measure::Companies];
        row(&mut table, set, "companies", score);
        // As if no abstract named a company.
        row(&mut table, set, "tags", Score { right: 0, extra: score.right + score.extra, missing: 0 });
    }
    insta::assert_snapshot!("public", table);
}
