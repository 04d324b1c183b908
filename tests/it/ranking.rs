//! How well articles are ranked, as a table that a change of the ranking changes, and `dateline eval ranking`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use dateline::Index;
use dateline::eval::{Ranked, RankingReport, Topic, grade_ranking, read_judgments, read_topics};
use dateline::query::{Parsed, Query};
use dateline::search::{SearchRequest, Searcher};

use crate::support::{corpus_index, index_paths, shared};

/// Public sets, each with the better figures of Lucene's two BM25 settings: nDCG@10 and MAP, graded by `trec_eval`'s code.
const SETS: [(&str, f64, f64); 3] =
    [("time", 0.687, 0.625), ("cranfield", 0.368, 0.305), ("cisi", 0.385, 0.218)];

fn graded(searcher: &Searcher, folder: &Path, expand: bool) -> RankingReport {
    let topics = read_topics(&fs::read_to_string(folder.join("queries.tsv")).unwrap(), "topics").unwrap();
    let judgments = read_judgments(&fs::read_to_string(folder.join("qrels.txt")).unwrap(), "qrels").unwrap();
    let ranked: Vec<Ranked> = topics
        .into_iter()
        .map(|Topic { id, text }| {
            let query = Query::any_of_words(&text);
            let request = SearchRequest {
                limit: 1000,
                bag_of_words: true,
                expand,
                timeout_ms: None,
                ..SearchRequest::new(query.clone())
            };
            let parsed = Parsed { text, query, names: Vec::new() };
            Ranked { topic: id, articles: searcher.ranked_ids(&parsed, &request).unwrap() }
        })
        .collect();
    grade_ranking(&ranked, &judgments)
}

/// One setting for all sets. The last column is the mean of nDCG@10 and MAP as parts of Lucene's.
#[test]
fn public_sets() {
    let Some(folder) = shared("ranking") else { return };
    let mut table = "set        search    topics  nDCG@10    MAP    MRR  recall@100  to Lucene\n".to_owned();
    let mut means: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (set, lucene_ndcg, lucene_map) in SETS {
        let index = Index::in_memory();
        index_paths(&index, &[folder.join(set).join("docs.jsonl")]);
        let searcher = index.searcher().unwrap();
        for (search, expand) in [("default", false), ("--expand", true)] {
            let report = graded(&searcher, &folder.join(set), expand);
            let mean = report.mean;
            let to_lucene = f64::midpoint(mean.ndcg_10 / lucene_ndcg, mean.average_precision / lucene_map);
            means.entry(search).or_default().push(to_lucene);
            writeln!(
                table,
                "{set:<10} {search:<9} {:>6}  {:>7.3}  {:>5.3}  {:>5.3}  {:>10.3}  {to_lucene:>9.3}",
                report.topics.len(),
                mean.ndcg_10,
                mean.average_precision,
                mean.reciprocal_rank,
                mean.recall_100,
            )
            .unwrap();
        }
    }
    for (search, parts) in means {
        let mean = parts.iter().sum::<f64>() / parts.len() as f64;
        writeln!(table, "{:<10} {search:<9} {mean:>52.3}", "mean").unwrap();
    }
    insta::assert_snapshot!("public", table);
}

fn dateline(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dateline"))
        .current_dir(folder)
        .args(arguments)
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with an index of four articles, topics and judgments.
fn small_set() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let articles = [
        ("a", "Bank run in Zurich", "Depositors queue at the bank."),
        ("b", "Harvest is late", "Rain keeps farmers off the fields near the river."),
        ("c", "Bank merger", "The bank buys a smaller lender, and depositors of the lender are calm."),
        ("d", "Football", "The cup stays in the north."),
    ];
    let lines: Vec<String> = articles
        .iter()
        .map(|(id, title, body)| serde_json::json!({"id": id, "title": title, "body": body}).to_string())
        .collect();
    fs::write(folder.path().join("docs.jsonl"), lines.join("\n")).unwrap();
    fs::write(
        folder.path().join("topics.tsv"),
        "1\tWhat happened at the bank in Zurich?\n2\tharvest\n3\topera\n",
    )
    .unwrap();
    fs::write(folder.path().join("qrels.txt"), "1 0 a 2\n1 0 c 1\n2 0 d 1\n3 0 d 1\n9 0 a 1\n").unwrap();
    assert_eq!(dateline(folder.path(), &["index", "docs.jsonl"]).status.code(), Some(0));
    folder
}

#[test]
fn the_program_grades_a_ranking() {
    let folder = small_set();
    let arguments = ["eval", "ranking", "--topics", "topics.tsv", "--qrels", "qrels.txt", "--match", "any"];
    let output = dateline(folder.path(), &[&arguments[..], &["--each", "--run", "out.run"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    insta::assert_snapshot!("small", text(&output.stdout));
    assert!(text(&output.stderr).contains("1 judged and not asked"), "{}", text(&output.stderr));
    let run = fs::read_to_string(folder.path().join("out.run")).unwrap();
    let first: Vec<&str> = run.lines().next().unwrap().split(' ').collect();
    assert_eq!((first[0], first[1], first[2], first[3], first.len()), ("1", "Q0", "a", "1", 6));

    let output = dateline(folder.path(), &[&arguments[..], &["--format", "json", "--expand"]].concat());
    let report: RankingReport = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report.topics.len(), 3);
    assert!((report.topics[0].score.ndcg_10 - 1.0).abs() < 1e-9);
    assert!(report.topics[2].score.ndcg_10.abs() < 1e-9, "a topic that finds nothing counts as 0");
}

#[test]
fn what_can_not_be_graded_is_one_error_with_a_hint() {
    let folder = small_set();
    fs::write(folder.path().join("spaces.tsv"), "1 no tab here").unwrap();
    fs::write(folder.path().join("short.txt"), "1 0 a").unwrap();
    fs::write(folder.path().join("other.txt"), "77 0 a 1").unwrap();
    for (topics, qrels, reason) in [
        ("spaces.tsv", "qrels.txt", "spaces.tsv:1: there is no tab"),
        ("topics.tsv", "short.txt", "short.txt:1: there are 3 columns and not 4"),
        ("topics.tsv", "other.txt", "other.txt judges no topic of topics.tsv"),
        ("topics.tsv", "qrels.txt", "query 1: "),
    ] {
        // The question as query syntax: its last word can't be read.
        if reason == "query 1: " {
            fs::write(folder.path().join("topics.tsv"), "1\tbank AND (\n").unwrap();
        }
        let output = dateline(folder.path(), &["eval", "ranking", "--topics", topics, "--qrels", qrels]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(reason), "{said} has no {reason}");
        assert!(said.contains("hint"), "{said}");
        assert!(output.stdout.is_empty());
    }
    let output =
        dateline(folder.path(), &["eval", "ranking", "--topics", "gone.tsv", "--qrels", "qrels.txt"]);
    assert_ne!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("gone.tsv"));
}

/// The parts of a score add up or multiply to it, with and without further words.
#[test]
fn explanations_agree_with_scores() {
    let searcher = corpus_index().searcher().unwrap();
    for expand in [false, true] {
        let mut request =
            SearchRequest::new(Query::any_of_words("amazon layoffs in Seattle")).limit(30).explain(true);
        (request.bag_of_words, request.expand) = (true, expand);
        let answer = searcher.search(&request).unwrap();
        assert_eq!(answer.notes.len(), usize::from(expand), "{:?}", answer.notes);
        assert_eq!(answer.hits.len(), 30);
        assert!(answer.hits.is_sorted_by(|left, right| left.score >= right.score));
        for hit in &answer.hits {
            let explanation = hit.explanation.as_ref().unwrap();
            let explained = serde_json::to_value(explanation).unwrap();
            assert!((explanation.value / hit.score - 1.0).abs() < 1e-3, "{explained}");
            let shown = explained.to_string();
            assert!(shown.contains("BM25F of ") && shown.contains("weight of the field"), "{shown}");
            assert_eq!(shown.contains("most similar"), expand, "{shown}");
            check(&explained);
        }
        let near = serde_json::to_string(&answer.hits[0]).unwrap().contains("near to each other");
        assert!(near, "the first hit has two of the words together");
    }
}

/// Sums and products that say so hold.
fn check(part: &serde_json::Value) {
    let (Some(value), Some(parts)) = (part["value"].as_f64(), part["parts"].as_array()) else { return };
    let description = part["description"].as_str().unwrap();
    let values = || parts.iter().map(|part| part["value"].as_f64().unwrap());
    let total = if description.to_lowercase().contains("sum of") {
        values().sum()
    } else if description.contains("product of") {
        values().product()
    } else {
        value
    };
    assert!((total - value).abs() <= 1e-3 * value.abs().max(1.0), "{total} is not {value}: {part}");
    parts.iter().for_each(check);
}
