//! Runs, deletions, faults, full disks, power cuts and reopenings in any order, against a map of what has to be there: what
//! was acknowledged is there, whole, and nothing else.

use std::collections::BTreeMap;

use dateline::article::Article;
use dateline::index::fuzzing::{CALLS, Disk};
use dateline::ingest::IndexEvent;
use dateline::query::{Node, Query};
use dateline::search::ExportRequest;
use dateline::{Cancel, Error, ErrorKind, Index, Result};

use crate::sample::indexer;
use crate::segment_bytes::memory;

/// Bodies by id.
type Expected = BTreeMap<String, String>;

/// Steps of a run: each writes to an index.
const MOST_STEPS: usize = 12;

pub fn check(bytes: &[u8]) {
    let disk = Disk::default();
    let mut expected = Expected::new();
    let mut held: Option<Index> = None;
    for (number, step) in bytes.chunks(4).take(MOST_STEPS).enumerate() {
        let at = |place: usize| step.get(place).copied().unwrap_or(0);
        match at(0) % 8 {
            // A run that may replace, on an index that was opened before or now.
            0..=2 => {
                let batch = batch(number, at(1), at(2));
                let after: Expected = expected.clone().into_iter().chain(batch.clone()).collect();
                let outcome = attempt(&disk, &mut held, |index| bring(&disk, index, &batch, &after, at(3)));
                settle(&disk, &mut held, &mut expected, after, outcome);
            }
            3 => {
                let ids = [format!("a{}", at(1) % 8), format!("a{}", at(2) % 8)];
                let mut after = expected.clone();
                let was_there = ids.iter().filter(|id| after.remove(*id).is_some()).count() as u64;
                let outcome = attempt(&disk, &mut held, |index| {
                    let removed = indexer(index).remove(ids.iter().map(String::as_str))?;
                    assert_eq!(removed, was_there, "what was deleted is counted");
                    Ok(true)
                });
                settle(&disk, &mut held, &mut expected, after, outcome);
            }
            4 => {
                let after = expected.clone();
                let outcome = attempt(&disk, &mut held, |index| indexer(index).compact().map(|()| true));
                settle(&disk, &mut held, &mut expected, after, outcome);
            }
            5 => held = None,
            6 => {
                disk.fail(CALLS[usize::from(at(1)) % CALLS.len()], u64::from(at(2) % 24) + 1, at(3) % 2 == 0)
            }
            _ => disk.fill(u64::from(at(1)) * 64, at(2) % 2 == 0),
        }
    }
    disk.mend();
    drop(held);
    assert_eq!(found(&disk), expected, "at the end");
    // Whatever happened, the next run works and leaves nothing unfinished.
    let batch = batch(99, 3, 5);
    let index = disk.open().unwrap();
    expected.extend(batch.clone());
    bring(&disk, &index, &batch, &expected, 1).unwrap();
    assert_eq!(found(&disk), expected);
    assert!(!disk.names().iter().any(|name| name.starts_with(".tmp")), "{:?}", disk.names());
}

fn batch(step: usize, first: u8, size: u8) -> Vec<(String, String)> {
    (0..size % 6)
        .map(|number| {
            let id = (first.wrapping_add(number)) % 8;
            (format!("a{id}"), format!("Step {step}, article {number} of {size}: steel and lithium."))
        })
        .collect()
}

/// Works on the index that is held, or opens it.
fn attempt(disk: &Disk, held: &mut Option<Index>, work: impl FnOnce(&Index) -> Result<bool>) -> Result<bool> {
    if held.is_none() {
        *held = Some(disk.open()?);
    }
    held.as_ref().map_or(Ok(false), work)
}

/// Brings articles in; gives whether a commit was reported. Right when it is, the power goes.
fn bring(disk: &Disk, index: &Index, batch: &[(String, String)], after: &Expected, seed: u8) -> Result<bool> {
    let articles: Vec<Article> = batch
        .iter()
        .map(|(id, body)| Article {
            id: id.clone(),
            title: format!("Title of {id}"),
            body: body.clone(),
            path: format!("{id}.txt"),
            ..Article::default()
        })
        .collect();
    let mut is_committed = false;
    let outcome = indexer(index).run_articles(articles, &Cancel::new(), &mut |event| {
        if matches!(event, IndexEvent::Commit { .. }) {
            is_committed = true;
            for seed in [0, u64::from(seed) * 7919 + 1] {
                let folder = memory();
                disk.cut(seed, folder.path());
                assert_eq!(&stored(folder.path()).unwrap(), after, "a power cut at {seed}");
            }
        }
    });
    match outcome {
        Ok(_) => Ok(true),
        // It was durable before the error.
        Err(_) if is_committed => Ok(true),
        Err(error) => Err(error),
    }
}

/// Compares the disk with what may be on it after an attempt.
fn settle(
    disk: &Disk,
    held: &mut Option<Index>,
    expected: &mut Expected,
    after: Expected,
    outcome: Result<bool>,
) {
    match outcome {
        Ok(_) => *expected = after,
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::NotFound), "{error:?}");
            // After an error the index is opened again by another process, or by the same one.
            if after.len() % 2 == 0 {
                *held = None;
            }
            disk.mend();
            // A commit that failed behind its rename is there as a whole.
            let now = found(disk);
            assert!(now == *expected || now == after, "{now:?} is neither before nor after");
            *expected = now;
        }
    }
    disk.mend();
}

/// What another process finds now.
fn found(disk: &Disk) -> Expected {
    let folder = memory();
    disk.copy(folder.path());
    if disk.names().iter().all(|name| name != "meta.json") {
        return Expected::new();
    }
    stored(folder.path()).unwrap()
}

fn stored(folder: &std::path::Path) -> Result<Expected> {
    let index = Index::open_checked(folder, &Cancel::new())?;
    let query = Query { root: Node::All };
    let articles = index.searcher()?.export(&ExportRequest::new(query))?;
    let found: Vec<(String, String)> =
        articles.map(|it| it.map(|it| (it.article.id, it.article.body))).collect::<Result<_>>()?;
    let count = found.len();
    let found: Expected = found.into_iter().collect();
    if found.len() != count {
        return Err(Error::new(ErrorKind::Internal, "an article is there twice"));
    }
    Ok(found)
}
