//! One writer at a time, whatever becomes of the file of its lock.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use dateline::index::check::{Depth, check};
use dateline::{Cancel, Index};

use crate::support::{command, dateline, ids, text, write};

/// A run that has the lock, and waits for more on its standard input.
pub(crate) fn holding(folder: &std::path::Path) -> Child {
    let mut child = command(folder, &["index", "-", "--progress=json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{{\"id\":\"held\",\"title\":\"Held\",\"body\":\"A text.\"}}")
        .unwrap();
    // The lock is taken twice: to make the index, and to write to it. This is said under the second.
    let said = BufReader::new(child.stdout.as_mut().unwrap());
    assert!(said.lines().any(|line| line.unwrap().contains("\"listed\"")), "it does not begin");
    child
}

#[test]
fn a_second_writer_is_refused_and_told_who_is_there() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "news/a.txt", "Second\n\nA text of its own.");
    let mut first = holding(folder.path());
    let refused = || {
        // The best of three: on a busy machine starting takes its time as well, but a run that waits does so each time.
        let mut took = Duration::MAX;
        let mut told = String::new();
        for _ in 0..3 {
            let started = Instant::now();
            let output = dateline(folder.path(), &["index", "news"]);
            told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(4), "{told}");
            assert!(told.contains("another run"), "{told}");
            took = took.min(started.elapsed());
        }
        assert!(took < Duration::from_secs(5), "{took:?}");
        told
    };
    assert!(refused().contains(&format!("process {} on ", first.id())));
    // While the first lives, also without the file.
    fs::remove_file(folder.path().join("index/.tantivy-writer.lock")).unwrap();
    refused();
    refused();
    drop(first.stdin.take());
    assert_eq!(first.wait().unwrap().code(), Some(0));
    assert_eq!(dateline(folder.path(), &["index", "news"]).status.code(), Some(0));
    let index = Index::open(folder.path().join("index")).unwrap();
    assert_eq!(ids(&index, "*").len(), 2);
    let found = check(folder.path().join("index"), Depth::Content, &Cancel::new()).unwrap();
    assert!(found.damage.is_empty(), "{found:?}");
}

/// Many that begin at once on a folder that is not there yet: those that are refused say so, and nothing is lost of those that
/// are not.
#[test]
fn many_begin_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<(usize, Child)> = (0..12)
        .map(|number| {
            write(folder.path(), &format!("{number}/a.txt"), format!("Number {number}\n\nText of {number}."));
            let child = command(folder.path(), &["index", &number.to_string()])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            (number, child)
        })
        .collect();
    let mut done = 0;
    for (number, child) in children {
        let output = child.wait_with_output().unwrap();
        let told = text(&output.stderr);
        match output.status.code() {
            Some(0) => done += 1,
            Some(4) => assert!(told.contains("another run"), "{number}: {told}"),
            status => panic!("{number}: {status:?}: {told}"),
        }
    }
    assert!(done >= 1);
    let index = Index::open(folder.path().join("index")).unwrap();
    assert_eq!(ids(&index, "*").len(), done);
}
