//! Copies of an index that is written to, and merging it.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dateline::index::check::{Depth, check};
use dateline::index::snapshot::snapshot;
use dateline::ingest::{IndexEvent, Indexer};
use dateline::{Cancel, ErrorKind, Index};

use crate::support::{dateline, ids, options, search, text, write};

/// Copies are taken while a run commits and merges: each is whole, and has at least what was reported before it began.
#[test]
fn copies_of_an_index_that_is_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("index");
    let index = Index::open_or_create(&place).unwrap();
    let (done, reported) = (AtomicBool::new(false), AtomicU64::new(0));
    let taken = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut round = 0;
            while !done.load(Ordering::Relaxed) {
                // Some are replaced in each round, so that there is something to merge and to delete.
                for number in [round, round / 2, 0] {
                    write(
                        folder.path(),
                        &format!("news/{number}.txt"),
                        format!("Number {number}\n\nRound {round}."),
                    );
                }
                Indexer::new(&index, options())
                    .unwrap()
                    .run(&[folder.path().join("news")], &Cancel::new(), &mut |event| {
                        if let IndexEvent::Commit { docs_total, .. } = event {
                            reported.store(docs_total, Ordering::Relaxed);
                        }
                    })
                    .unwrap();
                round += 1;
            }
        });
        let (mut taken, mut commits) = (0, std::collections::BTreeSet::new());
        while taken < 20 || commits.len() < 4 {
            assert!(taken < 1000, "nothing is committed: {commits:?}");
            let before = reported.load(Ordering::Relaxed);
            let into = folder.path().join(format!("copies/{taken}"));
            fs::create_dir_all(folder.path().join("copies")).unwrap();
            let copied = snapshot(&place, &into, &Cancel::new()).unwrap();
            assert!(copied.articles >= before, "{copied:?}, {before} were reported");
            let found = check(&into, Depth::Content, &Cancel::new()).unwrap();
            assert!(found.damage.is_empty(), "{found:?}");
            assert_eq!((found.commit, found.articles), (copied.commit, copied.articles));
            assert_eq!(
                search(&Index::open(&into).unwrap(), "round").hits.len() as u64,
                copied.articles.min(1000)
            );
            taken += 1;
            commits.insert(copied.commit);
            std::thread::sleep(std::time::Duration::from_millis(30));
        }
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        taken
    });
    // A copy is an index like another.
    let copy = Index::open(folder.path().join(format!("copies/{}", taken - 1))).unwrap();
    Indexer::new(&copy, options()).unwrap().remove(["nothing"]).unwrap();
}

#[test]
fn a_copy_takes_no_place_and_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "news/a.txt", "Steel\n\nA text.");
    assert_eq!(dateline(folder.path(), &["index", "news"]).status.code(), Some(0));
    let output = dateline(folder.path(), &["snapshot", "copy"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("1 article in copy"));
    assert_eq!(ids(&Index::open(folder.path().join("copy")).unwrap(), "steel").len(), 1);
    let again = dateline(folder.path(), &["snapshot", "copy"]);
    assert_eq!(again.status.code(), Some(2), "{}", text(&again.stderr));
    assert_eq!(dateline(folder.path(), &["snapshot", "other", "--index", "nowhere"]).status.code(), Some(2));

    let store = fs::read_dir(folder.path().join("index"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "store"))
        .unwrap();
    let mut bytes = fs::read(&store).unwrap();
    bytes[3] ^= 4;
    fs::write(&store, bytes).unwrap();
    let error = snapshot(folder.path().join("index"), folder.path().join("bad"), &Cancel::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("bad")), "{left:?}");
}

/// A copy that was killed leaves its folder under the other name. The next takes it away, unless it is held or somebody else's.
#[test]
fn a_copy_that_was_killed_leaves_nothing_for_good() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "news/a.txt", "Steel\n\nA text.");
    assert_eq!(dateline(folder.path(), &["index", "news"]).status.code(), Some(0));
    let left = folder.path().join(".copy.unfinished");
    write(folder.path(), ".copy.unfinished/meta.json", "{");
    let held = fs::File::open(&left).unwrap();
    if cfg!(unix) {
        held.try_lock().unwrap();
        let output = dateline(folder.path(), &["snapshot", "copy"]);
        assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
        assert!(left.join("meta.json").exists());
    }
    drop(held);
    write(folder.path(), ".copy.unfinished/letter.txt", "Mine.");
    let output = dateline(folder.path(), &["snapshot", "copy"]);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("letter.txt"), "{}", text(&output.stderr));

    fs::remove_file(left.join("letter.txt")).unwrap();
    let output = dateline(folder.path(), &["snapshot", "copy"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!left.exists());
    assert_eq!(ids(&Index::open(folder.path().join("copy")).unwrap(), "steel").len(), 1);
}

#[test]
fn merging_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..3 {
        write(folder.path(), &format!("news/{round}.txt"), format!("Steel {round}\n\nA text."));
        assert_eq!(dateline(folder.path(), &["index", "news"]).status.code(), Some(0));
    }
    let output = dateline(folder.path(), &["compact", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = crate::support::json(&output);
    assert_eq!((told["before"]["segments"].as_u64(), told["after"]["segments"].as_u64()), (Some(3), Some(1)));
    let again = dateline(folder.path(), &["compact"]);
    assert!(text(&again.stderr).contains("1 segment of"), "{}", text(&again.stderr));
    assert_eq!(dateline(folder.path(), &["check", "--deep"]).status.code(), Some(0));
    assert_eq!(ids(&Index::open(folder.path().join("index")).unwrap(), "steel").len(), 3);
}
