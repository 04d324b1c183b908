//! A corpus of hostile files beside ordinary ones: nothing crashes, hangs or takes much memory, nothing ordinary is lost,
//! and everything that is not indexed is named.

mod cases;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use dateline::decode::{FieldMap, decode};
use dateline::ingest::{IndexEvent, IndexReport};
use dateline::query::Query;
use dateline::search::ExportRequest;
use dateline::source::{Found, Limits, read_file, walk};
use dateline::{Cancel, Index};

use crate::support::{command, dateline, json, search, text, write};
use cases::Expected;

/// Most resident memory of a run over all of it: 470 to 502 MiB are measured, where the texts of ten megabytes meet.
const MEMORY: u64 = 576 << 20;

/// Longest time of the processor that one file may take to be read and decoded, with little optimisation.
const LONGEST: Duration = Duration::from_secs(10);

/// Twenty ordinary files with ten articles each.
fn write_control(folder: &Path) {
    for file in 0..20 {
        let title = |number: usize| format!("Plant {file}-{number} zxcontrol");
        let body = "The plant in Ohio will make chips.";
        let (name, content) = match file % 4 {
            0 => {
                let lines: String = (0..10)
                    .map(|n| {
                        format!("{{\"id\":\"c{file}-{n}\",\"title\":\"{}\",\"body\":\"{body}\"}}\n", title(n))
                    })
                    .collect();
                (format!("{file:02}.jsonl"), lines.into_bytes())
            }
            1 => {
                let items: Vec<_> = (0..10)
                    .map(|n| serde_json::json!({"id": format!("c{file}-{n}"), "title": title(n), "body": body}))
                    .collect();
                (format!("{file:02}.json"), serde_json::to_vec(&items).unwrap())
            }
            2 => {
                let items: String = (0..10)
                    .map(|n| {
                        format!("<item><guid>c{file}-{n}</guid><title>{}</title><description>{body}</description></item>", title(n))
                    })
                    .collect();
                let feed =
                    format!("<rss version=\"2.0\"><channel><title>Control</title>{items}</channel></rss>");
                (format!("{file:02}.rss"), feed.into_bytes())
            }
            _ => {
                let lines: String = (0..10)
                    .map(|n| {
                        format!("{{\"id\":\"c{file}-{n}\",\"title\":\"{}\",\"body\":\"{body}\"}}\n", title(n))
                    })
                    .collect();
                (format!("{file:02}.jsonl.zst"), zstd::bulk::compress(lines.as_bytes(), 3).unwrap())
            }
        };
        // Some come before the hostile files, some after them.
        let place = if file < 10 { "a-control" } else { "z-control" };
        write(folder, &format!("{place}/{name}"), content);
    }
}

/// A run of the program: its events, report, and most memory.
struct Ran {
    code: Option<i32>,
    events: Vec<IndexEvent>,
    report: IndexReport,
    memory: u64,
}

fn run(folder: &Path) -> Ran {
    let mut child = command(folder, &["index", "news", "--progress", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let watcher = std::thread::spawn(move || {
        let mut most = 0;
        while stopped.recv_timeout(Duration::from_millis(20)).is_err() {
            let kilobytes = fs::read_to_string(&status).ok().and_then(|status| {
                let line = status.lines().find(|line| line.starts_with("VmHWM:"))?.to_owned();
                line.split_whitespace().nth(1)?.parse::<u64>().ok()
            });
            most = most.max(kilobytes.unwrap_or(0) << 10);
        }
        most
    });
    let events: Vec<IndexEvent> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    let output = child.wait_with_output().unwrap();
    stop.send(()).unwrap();
    let memory = watcher.join().unwrap();
    let said = text(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    let report = events.iter().find_map(|event| match event {
        IndexEvent::Finish { report } => Some(report.clone()),
        _ => None,
    });
    Ran { code: output.status.code(), report: report.unwrap_or_else(|| panic!("{said}")), events, memory }
}

/// What was said of files, by name: classes of skips and warnings.
fn said(events: &[IndexEvent]) -> BTreeMap<String, Vec<String>> {
    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in events {
        if let IndexEvent::Skipped(message) | IndexEvent::Warned(message) = event {
            assert!(!message.reason.is_empty() && !message.reason.contains('\n'), "{message:?}");
            assert_ne!(message.class, "panic", "{message:?}");
            let at = message.at.strip_prefix("news/").unwrap();
            said.entry(at.to_owned()).or_default().push(message.class.clone());
        }
    }
    said
}

#[test]
fn hostile_files_harm_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let news = folder.path().join("news");
    write_control(&news);
    let cases = cases::write(&news);
    assert!(cases.len() >= 83);

    let started = Instant::now();
    let first = run(folder.path());
    let seconds = started.elapsed().as_secs();
    assert_eq!(first.code, Some(3));
    assert!(seconds < 120, "{seconds} s");
    assert!(first.memory < MEMORY, "{} MiB", first.memory >> 20);
    println!("{} cases in {seconds} s and {} MiB", cases.len(), first.memory >> 20);

    let index = Index::open(folder.path().join("index")).unwrap();
    assert_eq!(search(&index, "title:zxcontrol").total.value, 200, "the ordinary articles are all there");
    let mut wrong = Vec::new();
    let said = said(&first.events);
    let articles = articles(&index);
    for case in &cases {
        let count = articles.get(&case.name).copied().unwrap_or(0);
        let is_of = |at: &str| {
            at.strip_prefix(&case.name).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        };
        let told: BTreeSet<&str> = said
            .iter()
            .filter(|(at, _)| is_of(at))
            .flat_map(|(_, classes)| classes)
            .map(String::as_str)
            .collect();
        let is_right = match case.expected {
            Expected::Articles(expected) => count == expected && told.is_empty(),
            Expected::Told(expected, class) => count == expected && told.contains(class),
            Expected::Passed => count == 0 && told.is_empty(),
        };
        if !is_right {
            let name = case.name.escape_debug();
            wrong.push(format!("{name}: {count} articles, {told:?}, expected {:?}", case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Entities of a document's own are never expanded, nor is anything read that they name.
    assert_eq!(search(&index, "zxoutside").total.value, 1);
    assert_eq!(search(&index, "zxoutside root").total.value, 0);
    assert_eq!(
        search(&index, "title:zxdate date:1000..9999").total.value,
        0,
        "no date is made of an impossible one"
    );

    let second = run(folder.path());
    let counts = second.report.counts;
    assert_eq!((counts.added, counts.updated, counts.deleted), (0, 0, 0), "a second run changes nothing");
    assert_eq!(second.report.docs_total, first.report.docs_total);

    // The ids of hostile articles are ids like others.
    let shown = dateline(folder.path(), &["show", &"i".repeat(512), "--json"]);
    assert_eq!(json(&shown)["article"]["title"], "Plant", "{}", text(&shown.stderr));
}

/// How many articles each file gave.
fn articles(index: &Index) -> BTreeMap<String, usize> {
    let mut articles = BTreeMap::new();
    for stored in
        index.searcher().unwrap().export(&ExportRequest::new("*".parse::<Query>().unwrap())).unwrap()
    {
        let path = stored.unwrap().article.path;
        *articles.entry(path.trim_start_matches("news/").to_owned()).or_default() += 1;
    }
    articles
}

/// What this thread has had of the processor: other work of the machine does not count.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[test]
fn no_hostile_file_is_slow() {
    let folder = tempfile::tempdir().unwrap();
    cases::write(folder.path());
    let walked = walk(&[folder.path().to_owned()]).unwrap();
    let mut slow = Vec::new();
    for file in &walked.files {
        let started = processor_time();
        read_file(file, &Limits::default(), &Cancel::new(), &mut |found| {
            if let Found::Record(record) = found {
                drop(decode(&record, &FieldMap::default(), 1_767_225_600));
            }
            Ok(())
        })
        .unwrap();
        let taken = processor_time().saturating_sub(started);
        if taken > LONGEST {
            slow.push(format!("{}: {:.1} s", file.path, taken.as_secs_f64()));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}
