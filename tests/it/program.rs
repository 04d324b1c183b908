//! The program as a user runs it: output, exit status, manners.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{command, copy, corpus, dateline, indexed, json, on_sample, text, write};

#[test]
fn help_names_every_option() {
    for command in [
        "",
        "index",
        "search",
        "export",
        "facets",
        "similar",
        "trends",
        "compare",
        "show",
        "tag",
        "explain",
        "retag",
        "stats",
        "check",
        "repair",
        "upgrade",
        "compact",
        "snapshot",
        "companies",
        "companies check",
        "saved",
        "eval tags",
        "eval ranking",
        "completions",
        "man",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let output = on_sample(&arguments);
        assert_eq!(output.status.code(), Some(0), "{command}");
        let name = if command.is_empty() {
            "help".to_owned()
        } else {
            format!("help-{}", command.replace(' ', "-"))
        };
        insta::assert_snapshot!(name, text(&output.stdout));
    }
}

#[test]
fn the_manual_page_is_made_of_the_same_table() {
    let output = on_sample(&["man"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("man", text(&output.stdout));
    assert_eq!(on_sample(&["man", "search"]).status.code(), Some(0));
    assert_eq!(on_sample(&["man", "serach"]).status.code(), Some(2));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = on_sample(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(text(&output.stdout).contains("search"), "{shell}");
    }
}

#[test]
fn json_of_a_search_keeps_its_names() {
    let output =
        on_sample(&["search", "about:amazon layoffs", "--format", "json", "-n", "1", "--facets=company"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let mut answer = json(&output);
    answer["took_ms"] = 0.into();
    // What the ranking and the tagger say is tested elsewhere; here it is the shape.
    insta::assert_json_snapshot!("search-shape", shape(&answer));
    assert_eq!(answer["total"]["relation"], "eq");
    assert_eq!(answer["hits"][0]["rank"], 1);
    let same = on_sample(&["search", "about:amazon layoffs", "--json", "-n", "1", "--facets=company"]);
    let mut same = json(&same);
    same["took_ms"] = 0.into();
    assert_eq!(same, answer);
}

/// Names and kinds of values; of a list the first element that is no null.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect())
        }
        Value::Array(items) => Value::Array(items.first().map(shape).into_iter().collect()),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        Value::Bool(_) => "bool".into(),
        Value::Null => "null".into(),
    }
}

#[test]
fn exit_status_tells_what_happened() {
    let empty = tempfile::tempdir().unwrap();
    let damaged = tempfile::tempdir().unwrap();
    write(damaged.path(), "index/meta.json", "{");
    let partly = tempfile::tempdir().unwrap();
    write(partly.path(), "news/a.jsonl", "{\"title\":\"A\",\"body\":\"b\"}\nnot json\n");
    for (folder, arguments, status, said) in [
        (indexed(), &["search", "amazon"][..], 0, ""),
        (indexed(), &["search", "zzyzx"], 1, ""),
        (indexed(), &["search", "-n", "0", "amazon"], 0, ""),
        (indexed(), &["search", "\"unclosed"], 2, "not closed"),
        (indexed(), &["search", "amazon", "--since", "soon"], 2, "not a date"),
        (indexed(), &["search", "--frobnicate"], 2, "frobnicate"),
        (indexed(), &["search", "amazon", "-n", "1001"], 2, "1,000"),
        (indexed(), &["show", "nothing-of-that-name"], 1, "no article"),
        (empty.path(), &["search", "amazon"], 2, "no index"),
        (empty.path(), &["index"], 2, "name files or folders"),
        (empty.path(), &["index", "nowhere"], 2, "nowhere"),
        (damaged.path(), &["search", "amazon"], 6, "meta.json"),
        (partly.path(), &["index", "news"], 3, "news/a.jsonl:2"),
        (partly.path(), &["index", "news", "--index", "other", "--allow-skipped"], 0, "news/a.jsonl:2"),
    ] {
        let output = dateline(folder, arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn errors_point_at_the_place() {
    for (query, place, reason, hint) in [
        ("\"unclosed", "\"unclosed", "not closed", "missing \""),
        ("layoffs date:yesterdya", "yesterdya", "not a date", "yesterday"),
        ("foo:bar", "foo", "no field", "\"foo:bar\""),
        ("layoffs company:amazn", "amazn", "amazn", "Amazon"),
        ("about:amazn", "amazn", "amazn", "Amazon"),
        ("company:amazon NEAR/3 b", "NEAR/3", "no place in the text", "AND"),
        ("layoffs search:nothing", "nothing", "no query is saved", "saved add"),
    ] {
        let output = on_sample(&["search", query]);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{query}: {stderr}");
        assert!(output.stdout.is_empty());
        assert!(stderr.contains(reason) && stderr.contains(hint), "{query}: {stderr}");
        let lines: Vec<&str> = stderr.lines().collect();
        let marked = lines.iter().position(|line| line.trim_start().starts_with('^')).expect(&stderr);
        let mark = lines[marked];
        let from = mark.find('^').unwrap();
        assert_eq!(&lines[marked - 1][from..mark.len()], place, "{stderr}");
    }
}

#[test]
fn searches_that_find_nothing_say_what_else_to_try() {
    let output = on_sample(&["search", "alexa snapchat chromebook starliner"]);
    let stdout = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout.contains("no article has all 4;"), "{stdout}");
    assert!(stdout.contains("--match "), "{stdout}");
    // A facet without a value has no heading either.
    let faceted = on_sample(&["search", "--facets", "alexa snapchat chromebook starliner"]);
    assert!(text(&faceted.stdout).starts_with("0 articles"), "{}", text(&faceted.stdout));
    let some = on_sample(&["search", "--match", "2", "alexa snapchat chromebook starliner"]);
    assert_eq!(some.status.code(), Some(0), "{}", text(&some.stdout));
    let misspelt = on_sample(&["search", "amazn OR layofs"]);
    let stdout = text(&misspelt.stdout);
    assert!(stdout.contains("no article has \"amazn\"; did you mean amazon ("), "{stdout}");
    for wrong in ["0", "some", "-1"] {
        assert_eq!(
            on_sample(&["search", "a", &format!("--match={wrong}")]).status.code(),
            Some(2),
            "{wrong}"
        );
    }
}

#[test]
fn synonyms_are_shown_and_can_be_switched_off() {
    let count = |options: &[&str]| -> u64 {
        let output = on_sample(&[&["search", "redundancies", "--json", "-n", "0"], options].concat());
        let answer: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        answer["total"]["value"].as_u64().unwrap()
    };
    assert!(count(&[]) > count(&["--no-synonyms"]));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.txt");
    fs::write(&file, "redundancies\n").unwrap();
    assert_eq!(count(&["--synonyms", file.to_str().unwrap()]), count(&["--no-synonyms"]));
    let explained = on_sample(&["search", "redundancies", "--explain-query", "-n", "0"]);
    assert!(text(&explained.stderr).contains("synonyms: layoffs"), "{}", text(&explained.stderr));
    fs::write(&file, "a, ,b\n").unwrap();
    let output = on_sample(&["search", "a", "--synonyms", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("own.txt:1:"), "{}", text(&output.stderr));
}

#[test]
fn queries_are_saved_with_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("news.txt");
    fs::write(&file, "Amazon cuts jobs\n\nAmazon said it would lay off 18,000 workers.\n").unwrap();
    let run = |arguments: &[&str]| dateline(folder.path(), arguments);
    assert_eq!(run(&["index", "news.txt"]).status.code(), Some(0));
    assert_eq!(run(&["saved"]).status.code(), Some(1));
    assert_eq!(run(&["saved", "add", "big", "headcount:>=10,000"]).status.code(), Some(0));
    assert_eq!(run(&["saved", "add", "big cuts", "x"]).status.code(), Some(2));
    assert_eq!(run(&["saved", "add", "wrong", "(x"]).status.code(), Some(2));
    assert_eq!(text(&run(&["saved"]).stdout), "big: headcount:>=10000\n");
    assert_eq!(run(&["search", "amazon search:big"]).status.code(), Some(0));
    assert_eq!(run(&["index", "news.txt"]).status.code(), Some(0));
    assert_eq!(run(&["search", "amazon -search:big"]).status.code(), Some(1));
    assert_eq!(run(&["saved", "remove", "big"]).status.code(), Some(0));
    assert_eq!(run(&["saved", "remove", "big"]).status.code(), Some(1));
}

#[test]
fn a_search_has_a_time() {
    for (time, status) in [("500ms", 0), ("2s", 0), ("none", 0), ("0s", 2), ("11s", 2), ("soon", 2)] {
        let output = on_sample(&["search", "amazon", "--timeout", time]);
        assert_eq!(output.status.code(), Some(status), "{time}");
    }
}

#[test]
fn the_first_search_builds_the_index_of_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    copy(&corpus(), &folder.path().join("corpus"));
    let output = dateline(folder.path(), &["search", "amazon", "layoffs"]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("indexing corpus first"), "{stderr}");
    assert!(stdout.contains("Amazon") && stdout.contains("articles"), "{stdout}");
    let again = dateline(folder.path(), &["search", "amazon", "layoffs"]);
    assert!(again.stderr.is_empty(), "{}", text(&again.stderr));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = command(indexed(), &["search", "*", "-n", "1000", "--format", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[test]
fn progress_as_events() {
    let folder = tempfile::tempdir().unwrap();
    let output = dateline(folder.path(), &["index", corpus().to_str().unwrap(), "--progress", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let events: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names.first(), Some(&"start"));
    assert_eq!(names.last(), Some(&"finish"));
    let commit = events.iter().rfind(|event| event["event"] == "commit").unwrap();
    let finish = events.last().unwrap();
    assert_eq!(commit["docs_total"], finish["docs_total"]);
    assert!(commit["docs_total"].as_u64().unwrap() > 200);
    let silent = dateline(folder.path(), &["index", corpus().to_str().unwrap(), "--progress", "none"]);
    assert!(silent.stdout.is_empty());
}

#[test]
fn hostile_text_is_only_text() {
    let folder = tempfile::tempdir().unwrap();
    let payload = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\r\u{8}evil";
    let record = serde_json::json!({
        "id": format!("id{payload}"), "title": format!("Title {payload}"), "body": format!("body word {payload} more"),
        "source": format!("src{payload}"), "author": format!("by{payload}"), "url": format!("http://x/{payload}"),
    });
    write(folder.path(), "news/a.jsonl", format!("{record}\n{{\"bad{payload}\n"));
    let list = serde_json::json!({"id": "a", "name": payload, "drop": [payload], "kind": "listed"});
    write(folder.path(), "mine.jsonl", format!("{list}\n{{\"{}\":1}}\n", "\u{202e}\u{9b}31m"));
    let is_safe = |bytes: &[u8]| {
        text(bytes).chars().all(|letter| {
            (!letter.is_control() || letter == '\n')
                && !matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        })
    };
    let indexed = dateline(folder.path(), &["index", "news", "--verbose"]);
    assert!(is_safe(&indexed.stderr), "{:?}", text(&indexed.stderr));
    for arguments in [
        &["search", "word"][..],
        &["search", "word", "--facets=source,author", "--explain"],
        &["search", "word", "--format", "json"],
        &["search", "word", "--format", "jsonl"],
        &["search", "word", "--format", "csv"],
        &["search", "word", "--format", "trec"],
        &["facets", "--by", "source,author"],
        &["search", "\u{1b}[2J"],
        &["search", "company:\u{202e}amazn"],
        &["show", &format!("id{payload}")],
        &["show", &format!("other{payload}")],
        &["tag", "news/a.jsonl"],
        &["explain", &format!("id{payload}"), "--all"],
        &["explain", &format!("id{payload}"), "--json"],
        &["companies", "check", "mine.jsonl"],
        &["companies", "check", "mine.jsonl", "--json"],
        &["retag", "--verbose"],
    ] {
        let output = dateline(folder.path(), arguments);
        assert!(is_safe(&output.stdout), "{arguments:?}: {:?}", text(&output.stdout));
        assert!(is_safe(&output.stderr), "{arguments:?}: {:?}", text(&output.stderr));
    }
    let shown = json(&dateline(folder.path(), &["search", "word", "--json"]));
    let title = record["title"].as_str().unwrap().replace('\r', " ");
    assert_eq!(shown["hits"][0]["title"], title, "JSON comes back as it was, but for the line break");
}

#[test]
fn colours_only_where_they_are_seen_or_asked_for() {
    let plain = on_sample(&["search", "amazon", "-n", "1"]);
    assert!(!text(&plain.stdout).contains('\u{1b}'));
    let coloured = on_sample(&["search", "amazon", "-n", "1", "--color", "always"]);
    assert!(text(&coloured.stdout).contains('\u{1b}'));
    let refused = command(indexed(), &["search", "amazon", "-n", "1", "--color", "never"]).output().unwrap();
    assert!(!text(&refused.stdout).contains('\u{1b}'));
}

/// Wrong use and help are printed before there are arguments that were read.
#[test]
fn colours_of_wrong_use_and_help_are_those_that_were_asked_for() {
    let shown = |arguments: &[&str], variable: &str| {
        let output = command(&PathBuf::from("/"), arguments).env(variable, "1").output().unwrap();
        let is_help = arguments.contains(&"--help");
        assert_eq!(output.status.code(), Some(if is_help { 0 } else { 2 }), "{arguments:?}");
        let (said, silent) =
            if is_help { (&output.stdout, &output.stderr) } else { (&output.stderr, &output.stdout) };
        assert!(!said.is_empty() && silent.is_empty(), "{arguments:?}");
        text(said).contains('\u{1b}')
    };
    for wrong in [&["search", "--colour", "x"][..], &["serch"], &["search", "--help"], &["show"]] {
        let with = |more: &[&'static str]| [more, wrong].concat();
        // Without a terminal this variable is what asks for colours, and the other one what forbids them.
        assert!(shown(wrong, "CLICOLOR_FORCE"), "{wrong:?}");
        assert!(shown(&with(&["--color", "auto"]), "CLICOLOR_FORCE"), "{wrong:?}");
        assert!(!shown(&with(&["--color", "auto"]), "NO_COLOR"), "{wrong:?}");
        for (never, always) in [
            (with(&["--color", "never"]), with(&["--color", "always"])),
            (with(&["--color=never"]), with(&["--color=always"])),
            ([wrong, &["--color=never"]].concat(), [wrong, &["--color=always"]].concat()),
        ] {
            assert!(!shown(&never, "CLICOLOR_FORCE"), "{never:?}");
            assert!(shown(&always, "NO_COLOR"), "{always:?}");
        }
    }
    assert!(shown(&["--color", "sometimes", "stats"], "CLICOLOR_FORCE"), "a value that is none");
    let words = ["search", "--nothing", "--", "--color=always"];
    assert!(!shown(&words, "NO_COLOR"), "words of a query are no options");
}

#[test]
fn a_file_of_queries_gives_a_run() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "queries.tsv", "1\tamazon layoffs\n2\twhat (is) known: of \"outages\"?\n3\tzzyzx\n");
    let queries = folder.path().join("queries.tsv");
    let output =
        on_sample(&["search", "--queries", queries.to_str().unwrap(), "--match", "any", "--format", "trec"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let run = text(&output.stdout);
    for line in run.lines() {
        let columns: Vec<&str> = line.split(' ').collect();
        assert_eq!(columns.len(), 6, "{line}");
        assert!(columns[1] == "Q0" && columns[4].parse::<f32>().is_ok(), "{line}");
    }
    let of = |id: &str| run.lines().filter(|line| line.starts_with(&format!("{id} "))).count();
    assert!(of("1") > 10 && of("2") > 0 && of("3") == 0);
    let strict = on_sample(&["search", "--queries", queries.to_str().unwrap(), "--format", "trec"]);
    assert_eq!(strict.status.code(), Some(2), "the second line is no query");
    assert!(text(&strict.stderr).contains("query 2"), "{}", text(&strict.stderr));
}

#[test]
fn tag_reads_standard_input() {
    let mut child = command(&PathBuf::from("/"), &["tag", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let article = "Netflix to raise prices\n\nNetflix said on Thursday that it will raise the price of its standard plan.";
    child.stdin.take().unwrap().write_all(article.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let tags = json(&output);
    assert_eq!(tags["companies"][0]["id"], "netflix");
    let mention = &tags["companies"][0]["mentions"][0];
    assert!(
        mention["start"].is_number() && mention["end"].is_number() && mention["rule"].is_string(),
        "{mention}"
    );
}

#[test]
fn csv_opens_in_a_spreadsheet() {
    let output = on_sample(&["search", "amazon", "--format", "csv", "-n", "5"]);
    let mut reader = csv::Reader::from_reader(&output.stdout[..]);
    assert_eq!(reader.headers().unwrap().get(1), Some("id"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0].get(0), Some("1"));
}

#[test]
fn companies_are_looked_up() {
    let output = on_sample(&["companies", "amazon"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    assert!(shown.contains("NASDAQ:AMZN") && shown.contains("prime-video"), "{shown}");
    assert_eq!(on_sample(&["companies", "zzyzx corp"]).status.code(), Some(1));
    let all = text(&on_sample(&["companies", "--format", "jsonl"]).stdout);
    assert!(all.lines().count() >= 1500, "{} companies", all.lines().count());
    let divisions: usize = all
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["divisions"].as_array().map_or(0, Vec::len))
        .sum();
    assert!(divisions >= 3000, "{divisions} divisions");
}

#[test]
fn a_gold_file_is_graded() {
    let folder = tempfile::tempdir().unwrap();
    let gold = [
        r#"{"id":"one","class":"list","text":"Netflix and Spotify raise prices.","companies":["netflix"]}"#,
        r#"{"id":"two","class":"none","text":"Prices rise, said the minister.","companies":[]}"#,
    ];
    write(folder.path(), "gold.jsonl", gold.join("\n"));
    let output = dateline(folder.path(), &["eval", "tags", "gold.jsonl"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(shown.contains("0.500"), "{shown}");
    assert!(shown.contains("+ companies spotify"), "{shown}");
    let graded = json(&dateline(folder.path(), &["eval", "tags", "gold.jsonl", "--format", "json"]));
    assert_eq!(graded["overall"]["companies"], serde_json::json!({"right": 1, "extra": 1, "missing": 0}));
    assert_eq!(graded["failures"][0]["what"], "spotify");
    write(folder.path(), "bad.jsonl", "{\"id\":\"one\"}\n");
    let refused = dateline(folder.path(), &["eval", "tags", "bad.jsonl"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("bad.jsonl:1"), "{}", text(&refused.stderr));
}

#[test]
fn a_list_is_checked_and_applied_to_the_index() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "news/a.jsonl",
        "{\"id\":\"1\",\"title\":\"One\",\"body\":\"Brightwater Pumps closes a foundry.\"}\n",
    );
    assert_eq!(dateline(folder.path(), &["index", "news"]).status.code(), Some(0));
    write(
        folder.path(),
        "mine.jsonl",
        "{\"id\":\"brightwater\",\"name\":\"Brightwater Pumps\"}\n{\"id\":\"netflix\",\"remove\":true}\n",
    );
    let checked = dateline(folder.path(), &["companies", "check", "mine.jsonl"]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
    assert!(text(&checked.stdout).contains("added    brightwater"), "{}", text(&checked.stdout));
    assert!(text(&checked.stderr).contains("1 added, 0 changed, 1 removed"), "{}", text(&checked.stderr));
    write(folder.path(), "bad.jsonl", "{\"id\":\"a\",\"name\":\"A\"}\n{\"id\":\"b\",\"nmae\":\"B\"}\n");
    let refused = dateline(folder.path(), &["companies", "check", "bad.jsonl"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        text(&refused.stdout),
        "bad.jsonl:2: error: unknown field `nmae` (column 16); did you mean `name`?\n"
    );
    assert!(text(&refused.stderr).contains("refused: 1 error, 0 warnings"), "{}", text(&refused.stderr));
    let refused = dateline(folder.path(), &["retag", "--companies", "bad.jsonl"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("bad.jsonl:2: unknown field"), "{}", text(&refused.stderr));

    let fresh = dateline(folder.path(), &["search", "foundry"]);
    assert!(fresh.stderr.is_empty(), "{}", text(&fresh.stderr));

    let retagged = dateline(folder.path(), &["retag", "--companies", "mine.jsonl"]);
    assert_eq!(retagged.status.code(), Some(0), "{}", text(&retagged.stderr));
    assert!(text(&retagged.stdout).contains("+1      −0       0  brightwater"), "{}", text(&retagged.stdout));
    let explained = dateline(folder.path(), &["explain", "1"]);
    let shown = text(&explained.stdout);
    assert!(shown.contains("Brightwater Pumps · subject") && shown.contains("[strong]"), "{shown}");
    assert_eq!(dateline(folder.path(), &["explain", "2"]).status.code(), Some(1));
    let found = dateline(folder.path(), &["search", "company:brightwater"]);
    assert_eq!(found.status.code(), Some(0));
}

#[test]
fn tag_and_explain_take_every_number_apart() {
    let article = corpus().join("briefs/audible-five-percent.md");
    let other = corpus().join("wire/alexa-curler.txt");
    let files = [article.to_str().unwrap(), other.to_str().unwrap()];
    let tagged = on_sample(&["tag", files[0], files[1]]);
    assert_eq!(tagged.status.code(), Some(0), "{}", text(&tagged.stderr));
    insta::assert_snapshot!("tag", text(&tagged.stdout));
    for columns in ["40", "80"] {
        let narrow = command(indexed(), &["tag", files[0]]).env("COLUMNS", columns).output().unwrap();
        let most = text(&narrow.stdout).lines().map(|line| line.chars().count()).max();
        assert!(most <= columns.parse().ok(), "{}", text(&narrow.stdout));
    }
    let both = json(&on_sample(&["tag", files[0], files[1], "--json"]));
    assert_eq!(both.as_array().map(Vec::len), Some(2));

    let found = json(&on_sample(&["search", "audible", "--json", "-n", "1"]));
    let id = found["hits"][0]["id"].as_str().unwrap();
    let output = on_sample(&["explain", id, "--json"]);
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    let explained = json(&output);
    let mut tags = 0;
    for kind in ["companies", "divisions", "topics"] {
        for tag in explained[kind].as_array().unwrap() {
            let parts = tag["salience_parts"].as_array().unwrap();
            let sum: f64 = parts.iter().map(|part| part["points"].as_f64().unwrap()).sum();
            assert!((sum - tag["salience"].as_f64().unwrap()).abs() < 0.01, "{tag}");
            assert_eq!(tag["role_reason"].is_string(), kind == "companies", "{tag}");
            let sentences = tag["sentences"].as_array().unwrap();
            assert_eq!(sentences.is_empty(), tag["mentions"].as_array().unwrap().is_empty(), "{tag}");
            tags += 1;
        }
    }
    assert!(tags > 4, "{explained}");
    assert!(!explained["rejected_topics"].as_array().unwrap().is_empty());
}

#[test]
fn a_list_renames_and_merges_in_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let at = |arguments: &[&str]| dateline(folder.path(), arguments);
    assert_eq!(at(&["index", corpus().to_str().unwrap()]).status.code(), Some(0));
    let count = |query: &str| {
        let found = json(&at(&["search", query, "--json", "-n", "0"]));
        found["total"]["value"].as_u64().unwrap()
    };
    let (either, only) =
        (count("company:twitch OR company:amazon OR company:spotify"), count("company:spotify"));
    assert!(only > 0);
    let list = [
        r#"{"id":"spotify","merge":"amazon"}"#,
        r#"{"id":"amazon","rename":"amazon-com","name":"Amazon.com"}"#,
        r#"{"id":"netflix","extend":true,"divisions":[{"id":"games","name":"Netflix Games","since":"2021","until":"2030"}]}"#,
        r#"{"id":"gone","remove":true}"#,
    ];
    write(folder.path(), "mine.jsonl", list.join("\n"));
    let checked = at(&["companies", "check", "mine.jsonl", "--json"]);
    let report = json(&checked);
    assert_eq!((checked.status.code(), report["is_valid"].as_bool()), (Some(0), Some(true)), "{report}");
    assert_eq!(report["findings"][0]["line"], 4);
    assert_eq!(report["findings"][0]["severity"], "warning");
    assert_eq!(report["removed"], serde_json::json!(["amazon", "spotify"]));

    // Not for what is indexed already: the hint says so.
    write(folder.path(), "more/a.txt", "A village\n\nNothing happened in the village.");
    assert_eq!(at(&["index", "more", "--companies", "mine.jsonl"]).status.code(), Some(0));
    let stale = at(&["search", "layoffs", "-n", "1"]);
    assert!(text(&stale.stderr).contains("dateline retag"), "{}", text(&stale.stderr));

    let retagged = at(&["retag", "--verbose"]);
    let shown = text(&retagged.stdout);
    assert_eq!(retagged.status.code(), Some(0), "{}", text(&retagged.stderr));
    assert!(shown.contains("  − spotify  ") && shown.contains("  + amazon-com  "), "{shown}");
    assert!(shown.contains("gained    lost changed  tag"), "{shown}");
    assert!(at(&["search", "layoffs", "-n", "1"]).stderr.is_empty());
    for name in
        ["company:amazon", "company:amazon-com", "company:spotify", "company:\"Amazon.com\"", "company:$AMZN"]
    {
        assert_eq!(count(name), either, "{name}");
    }
    assert_eq!(count("division:amazon/twitch"), count("division:twitch"));
    let again = at(&["retag"]);
    assert!(again.stdout.is_empty(), "{}", text(&again.stdout));
}
