//! Following folders: bursts, renames, files that are being written, other runs beside it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use dateline::ingest::{IndexEvent, Indexer};
use dateline::{Cancel, Index, Result};
use tempfile::TempDir;

use crate::support::{command, ids, index_paths, options, write};

/// So long at most it takes until a change can be found, on a machine that has other work.
const SOON: Duration = Duration::from_mins(1);

/// A folder `news` that is followed, with the index inside of it, where its own files must not count as changes.
struct Following {
    folder: TempDir,
    cancel: Cancel,
    events: Receiver<IndexEvent>,
    seen: Vec<IndexEvent>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Following {
    fn new(files: &[(&str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            write(folder.path(), &format!("news/{name}"), text);
        }
        let index = Index::open_or_create(folder.path().join("news/index")).unwrap();
        let cancel = Cancel::new();
        let (sender, events) = channel();
        let (paths, flag) = ([folder.path().join("news")], cancel.clone());
        let thread = std::thread::spawn(move || {
            Indexer::new(&index, options())?.follow(&paths, &flag, &mut |event| drop(sender.send(event)))
        });
        let mut following = Self { folder, cancel, events, seen: Vec::new(), thread: Some(thread) };
        following.until("it follows", |event| matches!(event, IndexEvent::Following { .. }));
        following
    }

    fn news(&self) -> PathBuf {
        self.folder.path().join("news")
    }

    fn index(&self) -> Index {
        Index::open(self.news().join("index")).unwrap()
    }

    /// Waits for an event.
    fn until(&mut self, what: &str, is_it: impl Fn(&IndexEvent) -> bool) {
        let end = Instant::now() + SOON;
        while let Ok(event) = self.events.recv_timeout(end.saturating_duration_since(Instant::now())) {
            let is_found = is_it(&event);
            self.seen.push(event);
            if is_found {
                return;
            }
        }
        panic!("{what}: not within {SOON:?}, but {:?}", self.seen);
    }

    /// Waits until a search finds just these articles, by the names of their files.
    fn until_found(&mut self, query: &str, names: &[&str]) {
        let news = format!("{}/", self.news().to_string_lossy());
        let end = Instant::now() + SOON;
        loop {
            let found = ids(&self.index(), query);
            let found: Vec<&str> = found.iter().map(|id| id.trim_start_matches(&news)).collect();
            if found == names {
                return;
            }
            assert!(Instant::now() < end, "{query} finds {found:?} and not {names:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn batches(&mut self) -> usize {
        self.seen.extend(self.events.try_iter());
        self.seen.iter().filter(|event| matches!(event, IndexEvent::Start { .. })).count()
    }

    fn skipped(&mut self) -> Vec<String> {
        self.seen.extend(self.events.try_iter());
        let skipped = self.seen.iter().filter_map(|event| match event {
            IndexEvent::Skipped(skipped) => Some(skipped.class.clone()),
            _ => None,
        });
        skipped.collect()
    }

    /// Ends it and compares with an index of the same files that was made at once.
    fn end(mut self) {
        self.cancel.cancel();
        let outcome = self.thread.take().unwrap().join().unwrap();
        assert!(outcome.is_ok(), "{outcome:?}");
        let fresh = Index::in_memory();
        index_paths(&fresh, &[self.news()]);
        assert_eq!(ids(&self.index(), "*"), ids(&fresh, "*"));
    }
}

fn article(about: &str) -> String {
    format!(
        "{about} opens a plant\n\n{about} said on Monday that its new plant in Ohio will employ 900 people."
    )
}

fn settled() {
    // Three times the time between two batches.
    std::thread::sleep(Duration::from_secs(6));
}

#[test]
fn what_changes_is_taken_in_and_nothing_else_is_done() {
    let mut news = Following::new(&[("a.txt", article("Boeing")), ("old/b.txt", article("Intel"))]);
    news.until_found("plant", &["a.txt", "old/b.txt"]);

    write(&news.news(), "new/c.txt", article("Nestle"));
    news.until_found("nestle", &["new/c.txt"]);
    write(&news.news(), "a.txt", article("Airbus"));
    news.until_found("airbus", &["a.txt"]);
    news.until_found("boeing", &[]);
    fs::rename(news.news().join("old"), news.news().join("older")).unwrap();
    news.until_found("intel", &["older/b.txt"]);
    fs::remove_file(news.news().join("new/c.txt")).unwrap();
    news.until_found("plant", &["a.txt", "older/b.txt"]);

    // Its own commits, hidden files and reading are no changes.
    settled();
    let batches = news.batches();
    fs::read(news.news().join("a.txt")).unwrap();
    write(&news.news(), ".hidden/d.txt", article("Renault"));
    write(&news.news(), "notes.bin", "no article");
    settled();
    assert_eq!(news.batches(), batches, "nothing was to be done");
    news.end();
}

#[test]
fn bursts_are_batched() {
    let mut news = Following::new(&[("a.txt", article("Boeing"))]);
    let started = Instant::now();
    for number in 0..300 {
        write(&news.news(), &format!("burst/{number:03}.txt"), article("Nestle"));
        if number % 3 == 0 {
            let name = news.news().join(format!("burst/{number:03}.txt"));
            fs::rename(&name, news.news().join(format!("burst/moved-{number:03}.txt"))).unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    for number in (0..300).filter(|number| number % 3 == 1) {
        fs::remove_file(news.news().join(format!("burst/{number:03}.txt"))).unwrap();
    }
    let names: Vec<String> = (0..300)
        .filter(|number| number % 3 == 2)
        .map(|number| format!("burst/{number:03}.txt"))
        .chain((0..300).filter(|number| number % 3 == 0).map(|number| format!("burst/moved-{number:03}.txt")))
        .collect();
    news.until_found("nestle", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let (batches, seconds) = (news.batches() as u64, started.elapsed().as_secs());
    assert!(batches <= 2 + seconds / 2, "{batches} batches in {seconds} s");
    news.end();
}

#[test]
fn a_file_that_is_being_written_is_read_again_and_a_broken_one_is_named_once() {
    let packed = |text: &str| zstd::bulk::compress(text.as_bytes(), 3).unwrap();
    let lines: String = (0..500)
        .map(|number| {
            format!("{{\"id\":\"n{number:03}\",\"title\":\"Plant {number}\",\"body\":\"x{number}\"}}\n")
        })
        .collect();
    let whole = packed(&lines);
    let mut news = Following::new(&[("a.txt", article("Boeing"))]);
    write(&news.news(), "wire.jsonl.zst", &whole[..whole.len() / 2]);
    news.until(
        "the half is told",
        |event| matches!(event, IndexEvent::Skipped(skipped) if skipped.class == "broken-off"),
    );
    write(&news.news(), "b.txt", article("Intel"));
    news.until_found("intel", &["b.txt"]);
    settled();
    assert_eq!(news.skipped(), ["broken-off"], "it is not tried again as it is");
    write(&news.news(), "wire.jsonl.zst", &whole);
    news.until_found("\"Plant 499\"", &["n499"]);
    news.end();
}

#[test]
fn a_folder_that_is_replaced_is_followed_again() {
    let mut news = Following::new(&[("a.txt", article("Boeing"))]);
    let (here, away) = (news.news(), news.folder.path().join("away"));
    fs::rename(&here, &away).unwrap();
    settled();
    // What can't be reached is not gone.
    assert_eq!(ids(&Index::open(away.join("index")).unwrap(), "boeing").len(), 1);
    fs::rename(&away, &here).unwrap();
    write(&here, "b.txt", article("Intel"));
    news.until_found("intel", &["b.txt"]);
    write(&here, "c.txt", article("Nestle"));
    news.until_found("plant", &["a.txt", "b.txt", "c.txt"]);
    news.end();
}

#[test]
fn other_runs_take_place_beside_it() {
    let list = r#"{"id":"zorblatt","name":"Zorblatt","aliases":["Zorblatt"]}"#;
    let mut news = Following::new(&[("a.txt", article("Zorblatt"))]);
    // Another run brings a company list; the batches after it go on with that one.
    let with_list = news.index().with_companies(list, "own.jsonl").unwrap();
    let retag = || Indexer::new(&with_list, options()).unwrap().retag(&Cancel::new(), &mut |_| ());
    let end = Instant::now() + SOON;
    while let Err(error) = retag() {
        assert!(Instant::now() < end, "{error:?}");
    }
    news.until_found("company:zorblatt", &["a.txt"]);
    write(&news.news(), "b.txt", article("Zorblatt"));
    news.until_found("company:zorblatt", &["a.txt", "b.txt"]);
    news.end();
}

#[test]
fn the_program_follows_until_it_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "news/a.txt", article("Boeing"));
    let mut child = command(folder.path(), &["index", "news", "--watch"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(|line| line.unwrap());
    assert!(lines.next().unwrap().contains("1 article in the index: 1 added"));
    assert_eq!(lines.next().unwrap(), "dateline: following news; Ctrl-C ends it");
    write(folder.path(), "news/b.txt", article("Intel"));
    let line = lines.next().unwrap();
    assert!(line.contains("2 articles in the index: 1 added"), "{line}");
    // The lock is free between two batches.
    let other = crate::support::dateline(folder.path(), &["index", "news"]);
    assert_eq!(other.status.code(), Some(0), "{}", crate::support::text(&other.stderr));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(lines.next(), None);
}
