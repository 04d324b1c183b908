//! Runs that are killed at any moment: what they reported is there, nothing is there by halves, and the next run goes on.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use dateline::index::check::{Depth, check};
use dateline::search::SearchRequest;
use dateline::{Cancel, ErrorKind, Index};
use serde_json::Value;

use crate::support::{command, dateline, text, write};

/// Texts of articles by id.
fn stored(folder: &std::path::Path) -> BTreeMap<String, String> {
    let index = Index::open(folder.join("index")).unwrap();
    let mut request = SearchRequest::new("*".parse().unwrap());
    request.limit = 1000;
    let searcher = index.searcher().unwrap();
    let ids = searcher.search(&request).unwrap().hits.into_iter().map(|hit| hit.id);
    ids.map(|id| (id.clone(), searcher.get(&id).unwrap().unwrap().article.body)).collect()
}

/// How long a run takes that nobody ends.
fn whole_run() -> Duration {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "news/1.jsonl", "{\"id\":\"1\",\"title\":\"Steel\",\"body\":\"Lithium.\"}\n");
    let started = Instant::now();
    assert!(command(folder.path(), &["index", "news"]).output().unwrap().status.success());
    started.elapsed()
}

#[test]
fn runs_that_are_killed() {
    let kills = if std::env::var_os("DATELINE_LONG").is_some() { 400 } else { 24 };
    let folder = tempfile::tempdir().unwrap();
    let mut random: u64 = 0x2545_F491_4F6C_DD1D;
    let mut span = Duration::ZERO;
    let (mut before, mut reported, mut killed) = (BTreeMap::new(), 0, 0);
    for round in 0..kills {
        if round % 12 == 0 {
            // Some end by themselves, on a machine of any speed.
            span = whole_run() * 3 / 2;
            // The first run on a folder, too.
            drop(fs::remove_dir_all(folder.path().join("index")));
            drop(fs::remove_dir_all(folder.path().join("news")));
            before = BTreeMap::new();
        }
        // Most are new, some replaced, one goes.
        for number in (0..8).chain([8 + round]) {
            let name = format!("{number}.jsonl");
            let body = format!("Round {round}: steel and lithium.");
            write(
                folder.path(),
                &format!("news/{name}"),
                format!("{{\"id\":\"{number}\",\"title\":\"Number {number}\",\"body\":\"{body}\"}}\n"),
            );
        }
        let gone = (round % 5).to_string();
        drop(fs::remove_file(folder.path().join(format!("news/{gone}.jsonl"))));
        let after: BTreeMap<String, String> = fs::read_dir(folder.path().join("news"))
            .unwrap()
            .map(|entry| {
                let record: Value =
                    serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
                let of = |key: &str| record[key].as_str().unwrap().to_owned();
                (of("id"), of("body"))
            })
            .collect();

        let mut child = command(folder.path(), &["index", "news", "--progress=json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let events = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let lines = BufReader::new(events).lines().map_while(Result::ok);
            lines.filter(|line| line.contains("\"event\":\"commit\"")).count()
        });
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(span * (random % 1000) as u32 / 1000);
        drop(child.kill());
        killed += u64::from(child.wait().unwrap().code().is_none());
        let was_reported = reader.join().unwrap() > 0;
        reported += u64::from(was_reported);

        match check(folder.path().join("index"), Depth::Content, &Cancel::new()) {
            Ok(found) => assert!(found.damage.is_empty(), "round {round}: {found:?}"),
            Err(error) => {
                assert!(
                    error.kind() == ErrorKind::NotFound && before.is_empty() && !was_reported,
                    "{error:?}"
                );
                continue;
            }
        }
        let now = stored(folder.path());
        assert!(
            now == after || (now == before && !was_reported),
            "round {round}, reported: {was_reported}: {now:?}\nbefore {before:?}\nafter {after:?}"
        );
        before = now;
    }
    // The next run needs nobody, and leaves nothing behind of the others.
    let output = dateline(folder.path(), &["index", "news"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let found = check(folder.path().join("index"), Depth::Content, &Cancel::new()).unwrap();
    let left: Vec<String> = fs::read_dir(folder.path().join("index"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with(".tantivy-"))
        .collect();
    assert_eq!(left.len() as u64, found.files, "{left:?}");
    println!("{killed} of {kills} runs were killed, {reported} had reported");
    assert!(killed >= 5 && reported >= 2, "{killed} killed, {reported} reported");
}
