//! Readers that open an index again and again while it is written to and merged.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dateline::ingest::Indexer;
use dateline::search::SearchRequest;
use dateline::{Cancel, Index};

use crate::support::{options, write};

/// No error, no count that goes back, and a searcher that was there from the beginning still answers as it did.
#[test]
fn readers_of_an_index_that_is_written_to() {
    let commits = if std::env::var_os("DATELINE_LONG").is_some() { 150 } else { 30 };
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("index");
    let index = Index::open_or_create(&place).unwrap();
    let bring = |round: u64| {
        // One more each time, and one that is replaced, so that there is something to delete and to merge.
        for number in [0, round + 1] {
            let text = format!("Number {number}\n\nSteel in round {round}.");
            write(folder.path(), &format!("news/{number}.txt"), text);
        }
        Indexer::new(&index, options())
            .unwrap()
            .run(&[folder.path().join("news")], &Cancel::new(), &mut |_| ())
            .unwrap();
    };
    bring(0);
    let request = SearchRequest::new("steel".parse().unwrap());
    let first = Index::open(&place).unwrap().searcher().unwrap();
    let (done, reloads) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let own = Index::open(&place).unwrap();
                let mut before = 0;
                while !done.load(Ordering::Relaxed) {
                    let searcher = own.searcher().unwrap();
                    let now = searcher.stats().unwrap().articles;
                    assert!(now >= before, "{now} articles after {before}");
                    before = now;
                    if reloads.fetch_add(1, Ordering::Relaxed).is_multiple_of(50) {
                        assert_eq!(searcher.search(&request).unwrap().total.value, now);
                    }
                }
            });
        }
        for round in 1..=commits {
            bring(round);
            assert_eq!(first.search(&request).unwrap().total.value, 2, "what was opened first is as it was");
        }
        done.store(true, Ordering::Relaxed);
    });
    let reloads = reloads.into_inner();
    println!("{reloads} reloads during {commits} commits");
    assert!(reloads > 20 * commits, "{reloads} reloads");
    assert_eq!(Index::open(&place).unwrap().searcher().unwrap().stats().unwrap().articles, commits + 2);
}
