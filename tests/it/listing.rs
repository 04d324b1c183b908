//! Pages, fields, and hits and articles by the line: what a program or a spreadsheet reads.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use dateline::Index;
use dateline::search::StoredArticle;
use serde_json::Value;

use crate::support::{
    command, corpus_index, dateline, index_paths, indexed, json, on_sample, package, text, write,
};

fn lines(bytes: &[u8]) -> Vec<Value> {
    text(bytes).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn pages_go_on_from_a_cursor() {
    for sort in ["relevance", "newest", "oldest", "id"] {
        let whole = json(&on_sample(&["search", "amazon", "--sort", sort, "--json", "-n", "1000"]));
        assert_eq!(whole["next"], Value::Null);
        let mut hits = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut arguments = vec!["search", "amazon", "--sort", sort, "--json", "-n", "7"];
            if let Some(cursor) = &cursor {
                arguments.extend(["--after", cursor]);
            }
            let mut page = json(&on_sample(&arguments));
            hits.append(page["hits"].as_array_mut().unwrap());
            match page["next"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        assert!(hits.len() > 30);
        let ids = |hits: &[Value]| hits.iter().map(|hit| hit["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&hits), ids(whole["hits"].as_array().unwrap()), "{sort}");
        assert!(hits.iter().zip(1..).all(|(hit, rank)| hit["rank"] == rank));
    }
}

#[test]
fn what_does_not_go_together_is_refused_with_a_reason() {
    let page = json(&on_sample(&["search", "amazon", "--json", "-n", "2"]));
    let next = page["next"].as_str().unwrap();
    for (arguments, reason, hint) in [
        (&["search", "google", "--after", next][..], "another query", "begin again"),
        (&["search", "amazon", "--after", next, "--company", "intel"], "other filters", "begin again"),
        (
            &["search", "amazon", "--after", next, "--sort", "oldest"],
            "sorted by relevance",
            "sort by relevance",
        ),
        (&["search", "amazon", "--after", "AQAA"], "no cursor", "--help"),
        (&["search", "amazon", "--after", next, "--offset", "3"], "--offset", ""),
        (&["search", "amazon", "--offset", "9999"], "first 10,000", "--after"),
        (&["search", "amazon", "-n", "all"], "lines or rows", "jsonl or csv"),
        (&["search", "amazon", "-n", "all", "--json"], "lines or rows", "jsonl or csv"),
        (&["search", "amazon", "-n", "all", "--format", "trec"], "lines or rows", "jsonl or csv"),
        (&["search", "amazon", "-n", "most"], "a number, or all", ""),
        (
            &["search", "amazon", "-n", "all", "--format", "jsonl", "--timeout", "1s"],
            "no time limit",
            "--timeout",
        ),
        (&["search", "amazon", "--fields", "id"], "for a reader", "csv"),
        (&["search", "amazon", "--fields", "id", "--format", "trec"], "TREC", "csv"),
        (&["search", "amazon", "--fields", "id,titel", "--json"], "no field titel", "did you mean title?"),
        (&["search", "amazon", "--fields", "id,x", "--json"], "no field x", "rank id score title"),
        (&["search", "amazon", "--bom"], "only CSV", "--format csv"),
        (&["search", "amazon", "--passages", "0"], "1..=10", ""),
        (&["search", "amazon", "--passages", "11"], "1..=10", ""),
        (&["export", "--fields", "id,rank"], "hit of a search", "the fields are id title"),
        (&["export", "--fields", "id", "--mentions"], "--mentions", ""),
        (&["export", "--bom"], "JSON lines", "--format csv"),
        (&["export", "\"unclosed"], "not closed", "missing"),
        (&["export", "-o", "nowhere/x.jsonl"], "nowhere/x.jsonl", ""),
    ] {
        let output = on_sample(arguments);
        let stderr = text(&output.stderr);
        let status = if arguments.contains(&"nowhere/x.jsonl") { 5 } else { 2 };
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(stderr.contains(reason) && stderr.contains(hint), "{arguments:?}: {stderr}");
    }
}

/// Names of the fields that the help of a command lists.
fn listed(command: &str) -> Vec<String> {
    let help = text(&on_sample(&[command, "--help"]).stdout);
    let fields = help.split_once("Fields:\n").unwrap().1;
    fields.lines().map_while(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_field_can_be_asked_for_and_stands_in_the_documents() {
    let documents = fs::read_to_string(package().join("docs/cli.md")).unwrap();
    let hit_fields = listed("search");
    assert!(hit_fields.len() > 25, "{hit_fields:?}");
    for field in &hit_fields {
        assert!(documents.contains(&format!("`{field}`")), "docs/cli.md says nothing of {field}");
    }
    let all = hit_fields.join(",");
    let query = ["search", "amazon layoffs", "--explain", "--passages", "2", "-n", "3", "--fields", &all];
    let lined = lines(&on_sample(&[&query[..], &["--format", "jsonl"]].concat()).stdout);
    let whole = json(&on_sample(&[&query[..], &["--format", "json"]].concat()));
    let plain =
        json(&on_sample(&["search", "amazon layoffs", "--explain", "--passages", "2", "-n", "3", "--json"]));
    assert_eq!(whole["hits"].as_array().unwrap(), &lined);
    assert_eq!(whole["total"], plain["total"]);
    for (hit, plain) in lined.iter().zip(plain["hits"].as_array().unwrap()) {
        assert_eq!(hit.as_object().unwrap().len(), hit_fields.len());
        for field in
            ["rank", "id", "title", "published", "author", "snippets", "matches", "topics", "explanation"]
        {
            assert_eq!(hit[field], plain[field], "{field}");
        }
        let stored = json(&on_sample(&["show", hit["id"].as_str().unwrap(), "--json"]));
        assert_eq!(hit["body"], stored["article"]["body"]);
        assert_eq!(hit["companies"][0]["salience"], stored["tags"]["companies"][0]["salience"]);
        let mention = &hit["mentions"][0];
        assert!(mention["tag"].is_string() && mention["rule"].is_string(), "{mention}");
    }
    let csv = on_sample(&[&query[..], &["--format", "csv"]].concat());
    let mut reader = csv::Reader::from_reader(&csv.stdout[..]);
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), hit_fields);
    assert_eq!(reader.records().map(Result::unwrap).count(), 3);

    let article_fields = listed("export");
    assert!(article_fields.iter().all(|field| hit_fields.contains(field)));
    let exported = on_sample(&["export", "amazon layoffs", "--fields", &article_fields.join(",")]);
    let exported = lines(&exported.stdout);
    for hit in lined {
        let same = exported.iter().find(|line| line["id"] == hit["id"]).unwrap();
        assert!(article_fields.iter().all(|field| same[field] == hit[field]));
    }
}

#[test]
fn fields_come_in_the_order_that_they_are_asked_for() {
    let output =
        on_sample(&["search", "amazon", "--format", "jsonl", "-n", "1", "--fields", "title,date,id"]);
    let line = text(&output.stdout);
    let places: Vec<usize> =
        ["\"title\"", "\"date\"", "\"id\""].iter().map(|name| line.find(name).unwrap()).collect();
    assert!(places.is_sorted() && line.starts_with("{\"title\""), "{line}");
    let output = on_sample(&["search", "amazon", "--format", "csv", "-n", "1", "--fields", "topics,id"]);
    assert!(text(&output.stdout).starts_with("topics,id\n"));
}

#[test]
fn cells_are_safe_whatever_an_article_holds() {
    let folder = tempfile::tempdir().unwrap();
    let record = serde_json::json!({
        "id": "a", "title": "=HYPERLINK(\"http://x\")", "body": "First.\n\n-cmd|' /C calc'!A0 \u{1b}[2J",
        "author": "@SUM(1)", "source": "-1.5", "description": "\t=1+1\r\n",
    });
    write(folder.path(), "news/a.jsonl", format!("{record}\n"));
    dateline(folder.path(), &["index", "news"]);
    let fields = "title,body,author,source,description,date,score";
    for arguments in [
        &["search", "first", "--format", "csv", "--fields", fields][..],
        &["search", "first", "--format", "csv", "-n", "all", "--fields", fields],
        &["export", "--format", "csv", "--fields", "title,body,author,source,description,date"],
    ] {
        let output = dateline(folder.path(), arguments);
        let mut reader = csv::Reader::from_reader(&output.stdout[..]);
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!(&row[0], "'=HYPERLINK(\"http://x\")");
        assert_eq!(&row[1], "First.  -cmd|' /C calc'!A0 \\u{1b}[2J");
        assert_eq!(&row[2], "'@SUM(1)");
        assert_eq!(&row[3], "-1.5", "a number is none");
        assert_eq!(&row[4], "'=1+1");
        assert_eq!(&row[5], "");
    }
    for arguments in
        [&["search", "first", "--format", "csv", "--bom"][..], &["export", "--format", "csv", "--bom"]]
    {
        let output = dateline(folder.path(), arguments);
        assert!(text(&output.stdout).starts_with('\u{feff}'), "{arguments:?}");
    }
}

#[test]
fn passages_are_as_many_as_asked_for() {
    let hit = |passages: &str| {
        json(&on_sample(&["search", "amazon layoffs", "--json", "-n", "1", "--passages", passages]))["hits"]
            [0]
        .clone()
    };
    let (one, three) = (hit("1"), hit("3"));
    assert_eq!(one["snippets"].as_array().unwrap().len(), 1);
    let three = three["snippets"].as_array().unwrap();
    assert_eq!(three.len(), 3);
    assert!(three.contains(&one["snippets"][0]), "the best one is among them");
    let ends =
        |one: &Value| one["start_byte"].as_u64().unwrap() as usize + one["text"].as_str().unwrap().len();
    assert!(three.windows(2).all(|pair| ends(&pair[0]) as u64 <= pair[1]["start_byte"].as_u64().unwrap()));
    let shown = text(&on_sample(&["search", "amazon layoffs", "-n", "1", "--passages", "3"]).stdout);
    assert_eq!(shown.lines().filter(|line| line.trim() == "…").count(), 2, "{shown}");
}

#[test]
fn all_hits_are_streamed() {
    for sort in ["relevance", "newest", "oldest", "id"] {
        let arguments = ["search", "amazon OR google", "--sort", sort, "--fields", "rank,id,score"];
        let ask = |more: &[&str]| {
            lines(&on_sample(&[&arguments[..], &["--format", "jsonl"], more].concat()).stdout)
        };
        let all = ask(&["-n", "all"]);
        assert!(all.len() > 40, "{}", all.len());
        let relevant =
            |lines: Vec<Value>| lines.into_iter().map(|line| line["id"].clone()).collect::<Vec<_>>();
        assert_eq!(relevant(ask(&["-n", "1000"])), relevant(all.clone()), "{sort}");
        assert_eq!(relevant(ask(&["-n", "1001"])), relevant(all.clone()));
        assert_eq!(ask(&["-n", "all", "--offset", "10"]).len(), all.len() - 10);
        let page = json(&on_sample(&["search", "amazon OR google", "--sort", sort, "--json", "-n", "10"]));
        let rest = ask(&["-n", "all", "--after", page["next"].as_str().unwrap()]);
        assert_eq!(relevant(rest), relevant(all[10..].to_vec()));
        let table = on_sample(&[&arguments[..], &["--format", "csv", "-n", "all"]].concat());
        assert_eq!(text(&table.stdout).lines().count(), all.len() + 1);
    }
    let nothing = on_sample(&["search", "zzyzx", "--format", "jsonl", "-n", "all"]);
    assert_eq!((nothing.status.code(), nothing.stdout.len()), (Some(1), 0));
    let full = lines(&on_sample(&["search", "amazon", "--format", "jsonl", "-n", "all"]).stdout);
    let page = json(&on_sample(&["search", "amazon", "--format", "json", "-n", "1000"]));
    assert_eq!(full[0].as_object().unwrap().len(), page["hits"][0].as_object().unwrap().len());
}

#[test]
fn a_stream_ends_well_whoever_ends_it() {
    for arguments in
        [&["search", "*", "-n", "all", "--format", "jsonl"][..], &["export"], &["export", "--format", "csv"]]
    {
        let start =
            || command(indexed(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The reader goes away.
        let mut child = start();
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stderr.is_empty());

        // The user interrupts it, while the pipe is full.
        let mut child = start();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        reader.read_line(&mut printed).unwrap();
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        // The signal has to have come before the pipe is read on.
        std::thread::sleep(std::time::Duration::from_millis(300));
        reader.read_to_string(&mut printed).unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{arguments:?}: {stderr}");
        assert!(stderr.contains("stopped before it was done"), "{stderr}");
        assert!(printed.ends_with('\n') && printed.lines().count() < 235, "{arguments:?}");
        if !arguments.contains(&"csv") {
            assert!(printed.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
        }
    }
}

/// Articles by id, without what an export does not keep.
fn kept(index: &Index) -> BTreeMap<String, StoredArticle> {
    let searcher = index.searcher().unwrap();
    let all = dateline::search::ExportRequest::new("*".parse().unwrap());
    let articles = searcher.export(&all).unwrap().map(|stored| {
        let mut stored = stored.unwrap();
        stored.article.path = String::new();
        stored.article.ordinal = 0;
        stored.added = 0;
        (stored.article.id.clone(), stored)
    });
    articles.collect()
}

#[test]
fn an_export_gives_the_same_articles_again() {
    let output = on_sample(&["export"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let exported = lines(&output.stdout);
    let ids: Vec<&str> = exported.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert!(ids.len() >= 235 && ids.is_sorted());
    // A name with a date, which says nothing of the articles in it.
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "2026-01-14-export.jsonl", &output.stdout);
    let again = Index::in_memory();
    let (report, _) = index_paths(&again, &[folder.path().join("2026-01-14-export.jsonl")]);
    assert_eq!(report.counts.skipped, 0);
    // Ids of files hold the path that they were named by.
    let named = Index::open(indexed().join("index")).unwrap();
    let (before, after) = (kept(&named), kept(&again));
    assert_eq!(before.len(), after.len());
    for (id, stored) in &before {
        assert_eq!(Some(stored), after.get(id), "{id}");
    }
    assert_eq!(before.len(), kept(&corpus_index()).len());
}

#[test]
fn lines_that_claim_to_be_an_export_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let line = lines(&on_sample(&["export", "title:audible"]).stdout).remove(0);
    let with = |key: &str, value: Value| {
        let mut line = line.clone();
        line[key] = value;
        line.to_string()
    };
    let news = [
        with("dateline_export", 2.into()),
        with("headings", serde_json::json!([[3, 1]])),
        with("headings", serde_json::json!([[0, 1_000_000]])),
        with("title", Value::Null),
        with("published", "soon".into()),
        with("url", "javascript:alert(1)".into()),
    ];
    write(folder.path(), "news/a.jsonl", news.join("\n"));
    let output = dateline(folder.path(), &["index", "news"]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    for said in [
        "a.jsonl:1: it is an export in form 2",
        "a.jsonl:2: a heading",
        "a.jsonl:3: a heading",
        "a.jsonl:4: it is no whole line",
        "a.jsonl:5: its date “soon”",
    ] {
        assert!(stderr.contains(said), "{said} is not in {stderr}");
    }
    let kept = lines(&dateline(folder.path(), &["export", "--fields", "url"]).stdout);
    assert_eq!(kept, [serde_json::json!({"url": null})]);
}

#[test]
fn an_export_is_of_a_query_and_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.jsonl");
    write(folder.path(), "out.jsonl", "before");
    let at = path.to_str().unwrap();
    let output = on_sample(&["export", "layoffs", "--company", "amazon", "--since", "2023", "-o", at]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    let written = lines(&fs::read(&path).unwrap());
    let found = json(&on_sample(&[
        "search",
        "layoffs",
        "--company",
        "amazon",
        "--since",
        "2023",
        "--json",
        "-n",
        "1000",
        "--sort",
        "id",
    ]));
    let ids = |lines: &[Value]| lines.iter().map(|line| line["id"].clone()).collect::<Vec<_>>();
    assert!(!written.is_empty());
    assert_eq!(ids(&written), ids(found["hits"].as_array().unwrap()));
    assert!(text(&output.stderr).contains(&format!("{} articles in {at}", written.len())));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    let nothing = on_sample(&["export", "zzyzx"]);
    assert_eq!((nothing.status.code(), nothing.stdout.len()), (Some(1), 0));
    let table = on_sample(&["export", "layoffs", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(&table.stdout[..]);
    assert!(reader.headers().unwrap().iter().any(|heading| heading == "body"));
    let plain = lines(&on_sample(&["export", "layoffs"]).stdout);
    assert_eq!(reader.records().map(Result::unwrap).count(), plain.len());
    assert_eq!(plain[0]["mentions"], Value::Null);
    let proven = lines(&on_sample(&["export", "layoffs", "--mentions"]).stdout);
    for line in proven {
        for mention in line["mentions"].as_array().unwrap() {
            let range =
                mention["start"].as_u64().unwrap() as usize..mention["end"].as_u64().unwrap() as usize;
            let text = line[mention["field"].as_str().unwrap()].as_str().unwrap();
            assert_eq!(&text[range], mention["text"].as_str().unwrap());
        }
    }
}
