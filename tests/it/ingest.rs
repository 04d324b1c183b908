//! Runs over files that come, change, move, break and go.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dateline::article::{Article, Tagger, Tags, TopicTag};
use dateline::ingest::{IndexEvent, IndexOptions, Indexer};
use dateline::search::{FacetField, FacetRequest, SearchRequest};
use dateline::tag::CompanyTagger;
use dateline::{Cancel, ErrorKind, Index};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use crate::support::{corpus, ids, index_paths, options, search, write};

fn record(id: &str, title: &str, body: &str) -> String {
    format!("{{\"id\":\"{id}\",\"title\":\"{title}\",\"body\":\"{body}\"}}\n")
}

/// Sets the time of change apart from that of an earlier version written in the same moment.
fn touch(path: &Path, seconds: u64) {
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)).unwrap();
}

struct Desk {
    folder: TempDir,
    index: Index,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(folder.path().join("index")).unwrap();
        Self { folder, index }
    }

    fn news(&self) -> PathBuf {
        self.folder.path().join("news")
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        write(&self.news(), name, text);
    }

    fn run(&self) -> dateline::ingest::Counts {
        index_paths(&self.index, &[self.news()]).0.counts
    }
}

#[test]
fn a_second_run_reads_nothing() {
    let desk = Desk::new();
    desk.write("a.txt", "Lyft cuts jobs\n\nLyft said on Monday that it will dismiss a quarter of its staff.");
    desk.write("b.jsonl", record("1", "One", "first body") + &record("2", "Two", "second body"));
    let counts = desk.run();
    assert_eq!((counts.added, counts.files, counts.skipped), (3, 2, 0));
    let generation = search(&desk.index, "*").generation;

    let (report, events) = index_paths(&desk.index, &[desk.news()]);
    assert_eq!(report.counts.bytes_read, 0, "unchanged files cost a stat");
    assert_eq!((report.counts.added, report.counts.updated, report.docs_total), (0, 0, 3));
    assert!(!events.iter().any(|event| matches!(event, IndexEvent::Commit { .. })), "nothing to commit");
    assert_eq!(search(&desk.index, "*").generation, generation);
}

#[test]
fn edited_articles_are_replaced_and_lost_ones_go() {
    let desk = Desk::new();
    desk.write(
        "wire.jsonl",
        record("1", "One", "first") + &record("2", "Two", "second") + &record("3", "Three", "third"),
    );
    desk.write(
        "gone.txt",
        "A file that goes\n\nIt will not stay for long, said nobody in particular about it.",
    );
    desk.run();
    assert_eq!(ids(&desk.index, "*").len(), 4);

    desk.write(
        "wire.jsonl",
        record("1", "One", "first") + &record("3", "Three", "edited") + &record("4", "Four", "new"),
    );
    fs::remove_file(desk.news().join("gone.txt")).unwrap();
    let counts = desk.run();
    assert_eq!((counts.added, counts.updated, counts.unchanged, counts.deleted), (1, 1, 1, 2));
    assert_eq!(ids(&desk.index, "*"), ["1", "3", "4"]);
    assert_eq!(ids(&desk.index, "third"), [] as [&str; 0]);
    assert_eq!(ids(&desk.index, "edited"), ["3"]);
}

#[test]
fn an_edit_of_equal_size_is_noticed_by_its_time() {
    let desk = Desk::new();
    desk.write("wire.jsonl", record("1", "One", "aaaa"));
    touch(&desk.news().join("wire.jsonl"), 1);
    desk.run();
    desk.write("wire.jsonl", record("1", "One", "bbbb"));
    touch(&desk.news().join("wire.jsonl"), 2);
    assert_eq!(desk.run().updated, 1);
    assert_eq!(ids(&desk.index, "bbbb"), ["1"]);
}

#[test]
fn a_moved_file_does_not_double() {
    let desk = Desk::new();
    desk.write("old/wire.jsonl", record("1", "One", "first"));
    desk.write(
        "old/plain.txt",
        "Plain title here\n\nA body of a bare text that is known by its path alone, said one.",
    );
    desk.run();
    fs::rename(desk.news().join("old"), desk.news().join("new")).unwrap();
    desk.run();
    let results = search(&desk.index, "*");
    assert_eq!(results.total.value, 2);
    assert!(results.hits.iter().all(|hit| hit.path.contains("/new/")), "{:?}", results.hits);
}

#[test]
fn files_elsewhere_stay() {
    let desk = Desk::new();
    desk.write("a/1.jsonl", record("1", "One", "first"));
    desk.write("b/2.jsonl", record("2", "Two", "second"));
    desk.write("b2/3.jsonl", record("3", "Three", "third"));
    desk.run();
    fs::remove_file(desk.news().join("a/1.jsonl")).unwrap();
    fs::remove_file(desk.news().join("b2/3.jsonl")).unwrap();
    index_paths(&desk.index, &[desk.news().join("b")]);
    assert_eq!(ids(&desk.index, "*"), ["1", "2", "3"], "only b was looked at");
    index_paths(&desk.index, &[desk.news()]);
    assert_eq!(ids(&desk.index, "*"), ["2"]);
}

#[test]
fn of_equal_ids_the_last_counts_whatever_is_read_when() {
    let desk = Desk::new();
    desk.write("a.jsonl", record("x", "From a", "alpha") + &record("x", "From a again", "again"));
    let counts = desk.run();
    assert_eq!((counts.added, counts.warned), (1, 1));
    assert_eq!(ids(&desk.index, "again"), ["x"]);

    // A later file takes the article, an earlier one does not, in one run or in several.
    desk.write("b.jsonl", record("x", "From b", "bravo"));
    desk.run();
    assert_eq!(ids(&desk.index, "bravo"), ["x"]);
    desk.write("0.jsonl", record("x", "From 0", "zero"));
    desk.run();
    assert_eq!(ids(&desk.index, "bravo"), ["x"]);
    desk.write("a.jsonl", record("x", "From a", "edited alpha"));
    desk.run();
    assert_eq!(ids(&desk.index, "bravo"), ["x"]);

    // When the one that counts goes, the one before it is there again.
    fs::remove_file(desk.news().join("b.jsonl")).unwrap();
    desk.run();
    assert_eq!(ids(&desk.index, "alpha"), ["x"]);
    assert_eq!(search(&desk.index, "*").total.value, 1);
}

#[test]
fn what_can_not_be_read_is_named() {
    let desk = Desk::new();
    desk.write(
        "wire.jsonl",
        record("1", "One", "first")
            + "{\"title\": \n"
            + "{\"title\":\"\",\"body\":\"  \"}\n"
            + &record("2", "Two", "second"),
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed
        .write_all((record("3", "Three", "third") + &record("4", "Four", "fourth").repeat(500)).as_bytes())
        .unwrap();
    let packed = packed.finish().unwrap();
    desk.write("broken.jsonl.gz", &packed[..packed.len() / 2]);
    let (report, events) = index_paths(&desk.index, &[desk.news()]);
    let skipped: Vec<(String, String)> = events
        .into_iter()
        .filter_map(|event| match event {
            IndexEvent::Skipped(skipped) => Some((skipped.at, skipped.class)),
            _ => None,
        })
        .collect();
    assert!(skipped.iter().any(|(at, _)| at.ends_with("wire.jsonl:2")), "{skipped:?}");
    assert!(
        skipped.iter().any(|(at, class)| at.ends_with("wire.jsonl:3") && class == "empty"),
        "{skipped:?}"
    );
    assert!(skipped.iter().any(|(at, _)| at.contains("broken.jsonl.gz")), "{skipped:?}");
    assert_eq!(report.counts.skipped, skipped.len() as u64);
    let found = ids(&desk.index, "*");
    assert!(found.starts_with(&["1".to_owned(), "2".to_owned(), "3".to_owned()]), "{found:?}");
}

#[test]
fn a_missing_path_is_an_error_and_deletes_nothing() {
    let desk = Desk::new();
    desk.write("a.jsonl", record("1", "One", "first"));
    desk.run();
    fs::rename(desk.news(), desk.folder.path().join("away")).unwrap();
    let error = Indexer::new(&desk.index, options())
        .unwrap()
        .run(&[desk.news()], &Cancel::new(), &mut |_| {})
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(ids(&desk.index, "*"), ["1"]);
}

#[test]
fn an_interrupted_run_goes_on_and_ends_in_the_same_state() {
    let whole = Index::in_memory();
    index_paths(&whole, &[corpus()]);
    let expected = export(&whole);

    for stop_at in [1, 20, 90, 180] {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(folder.path().join("index")).unwrap();
        let indexer = Indexer::new(&index, options()).unwrap();
        let cancel = Cancel::new();
        // Progress is rare in so short a run; what is skipped or warned comes at a fixed place.
        let mut seen = 0;
        let stopper = cancel.clone();
        let outcome = indexer.run(&[corpus()], &cancel, &mut |event| {
            seen += 1;
            if seen >= stop_at || matches!(event, IndexEvent::Listed { .. }) && stop_at == 1 {
                stopper.cancel();
            }
        });
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::Cancelled);
        }
        let reopened = Index::open_or_create(folder.path().join("index")).unwrap();
        index_paths(&reopened, &[corpus()]);
        assert_eq!(export(&reopened), expected);
    }
}

/// All articles with their tags, without the time at which they came in.
fn export(index: &Index) -> Vec<String> {
    let searcher = index.searcher().unwrap();
    ids(index, "*")
        .iter()
        .map(|id| {
            let stored = searcher.get(id).unwrap().unwrap();
            serde_json::to_string(&(stored.article, stored.tags)).unwrap()
        })
        .collect()
}

/// What a reader gets for a query: ids in their order with scores, the total, and all facets.
fn answers(index: &Index) -> Vec<serde_json::Value> {
    [
        "*",
        "amazon layoffs",
        "amazon OR google layoffs",
        "\"prime video\"",
        "restructur*",
        "amazn~1",
        "about:microsoft",
        "NOT company:amazon",
        "date:2023..2024",
        "topic:layoffs salience:>80",
    ]
    .into_iter()
    .map(|query| {
        let mut request = SearchRequest::new(query.parse().unwrap());
        request.limit = 1000;
        request.now = options().now;
        request.facets = [
            FacetField::Company,
            FacetField::Division,
            FacetField::About,
            FacetField::Topic,
            FacetField::Source,
            FacetField::Author,
            FacetField::Lang,
            FacetField::Year,
            FacetField::Month,
            FacetField::Day,
        ]
        .into_iter()
        .map(|field| FacetRequest { field, limit: 1000 })
        .collect();
        let results = index.searcher().and_then(|searcher| searcher.search(&request)).unwrap();
        let hits: Vec<_> =
            results.hits.iter().map(|hit| (&hit.id, format!("{:.3}", hit.score), &hit.snippets)).collect();
        serde_json::json!([query, results.total, hits, results.facets])
    })
    .collect()
}

#[test]
fn threads_commits_and_merges_change_no_answer() {
    let reference = Index::in_memory();
    index_paths(&reference, &[corpus()]);
    let expected = answers(&reference);
    let parts = ["wire", "briefs", "pages", "archive", "exports"].map(|part| corpus().join(part));

    let config = ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() };
    let settings = (1usize..5, 0u64..40, Just(parts.to_vec()).prop_shuffle(), 0usize..5);
    let outcome = TestRunner::new(config).run(&settings, |(threads, commit_every, order, apart)| {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(folder.path().join("index")).unwrap();
        let options = IndexOptions {
            threads,
            commit_every: Duration::from_millis(commit_every),
            memory_bytes: 15 << 20,
            ..options()
        };
        let run = |paths: &[PathBuf]| {
            let indexer = Indexer::new(&index, options.clone()).unwrap();
            indexer.run(paths, &Cancel::new(), &mut |_| {}).unwrap();
        };
        // Some folders in runs of their own, each a commit and a segment; then all.
        for part in &order[..apart] {
            run(std::slice::from_ref(part));
        }
        run(&[corpus()]);
        for (found, expected) in answers(&index).into_iter().zip(&expected) {
            prop_assert_eq!(&found, expected);
        }
        Ok(())
    });
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
}

/// A company that only the overlay knows, and one that it takes away.
const OVERLAY: &str =
    "{\"id\":\"brightwater\",\"name\":\"Brightwater Pumps\"}\n{\"id\":\"netflix\",\"remove\":true}\n";

#[test]
fn tagging_again_changes_only_what_the_list_changes() {
    let desk = Desk::new();
    desk.write(
        "wire.jsonl",
        record("1", "One", "Netflix raises prices, it said.")
            + &record("2", "Two", "Brightwater Pumps closes a foundry.")
            + &record("3", "Three", "Nothing happened in the village."),
    );
    desk.run();
    let searcher = desk.index.searcher().unwrap();
    let added: Vec<i64> = ["1", "2", "3"].map(|id| searcher.get(id).unwrap().unwrap().added).to_vec();
    assert_eq!(ids(&desk.index, "company:netflix"), ["1"]);

    let folder = desk.folder.path().join("index");
    let index = Index::open(&folder).unwrap().with_companies(OVERLAY, "mine.jsonl").unwrap();
    assert!(index.searcher().unwrap().is_stale());
    let later = IndexOptions { now: Some(1_800_000_000), ..options() };
    let report = Indexer::new(&index, later).unwrap().retag(&Cancel::new(), &mut |_| {}).unwrap();
    assert_eq!((report.counts.updated, report.counts.unchanged, report.counts.records), (2, 1, 3));
    let change = |path: &str| report.tag_changes.get(path).map(|change| (change.gained, change.lost));
    assert_eq!(change("brightwater"), Some((1, 0)));
    assert_eq!(change("netflix"), Some((0, 1)));

    let index = Index::open(&folder).unwrap();
    assert_eq!(ids(&index, "company:brightwater"), ["2"]);
    assert_eq!(ids(&index, "company:*"), ["2"]);
    let searcher = index.searcher().unwrap();
    assert!(!searcher.stats().unwrap().is_stale);
    let after: Vec<i64> = ["1", "2", "3"].map(|id| searcher.get(id).unwrap().unwrap().added).to_vec();
    assert_eq!(after, added, "when they came into the index stays");

    // The sources need not be read again, and tagging once more finds nothing to do.
    let (report, _) = index_paths(&index, &[desk.news()]);
    assert_eq!((report.counts.bytes_read, report.counts.updated), (0, 0));
    let again = Indexer::new(&index, options()).unwrap().retag(&Cancel::new(), &mut |_| {}).unwrap();
    assert_eq!((again.counts.updated, again.counts.unchanged), (0, 3));
    assert!(again.tag_changes.is_empty());
}

#[test]
fn a_run_with_a_new_list_that_breaks_off_goes_on() {
    let desk = Desk::new();
    for number in 0..40 {
        let text = record(&number.to_string(), "Foundry", "Brightwater Pumps closes a foundry.");
        desk.write(&format!("{number:02}.jsonl"), text);
    }
    desk.run();
    let folder = desk.folder.path().join("index");
    let index = Index::open(&folder).unwrap().with_companies(OVERLAY, "mine.jsonl").unwrap();
    let cancel = Cancel::new();
    let stopper = cancel.clone();
    let hasty = IndexOptions { commit_every: Duration::ZERO, threads: 1, ..options() };
    let outcome = Indexer::new(&index, hasty).unwrap().run(&[desk.news()], &cancel, &mut |event| {
        if matches!(event, IndexEvent::Commit { .. }) {
            stopper.cancel();
        }
    });
    // Whether it was stopped in time or not, the next run ends in the same state.
    drop(outcome);
    let index = Index::open(&folder).unwrap();
    index_paths(&index, &[desk.news()]);
    assert_eq!(ids(&index, "company:brightwater").len(), 40);
    assert!(!index.searcher().unwrap().stats().unwrap().is_stale);
}

/// Enough for several batches.
const ARTICLES: usize = 4000;

fn ids_of_all(index: &Index, query: &str) -> usize {
    index.searcher().unwrap().ids(&query.parse().unwrap()).unwrap().len()
}

#[test]
fn tagging_again_goes_on_after_an_interruption_and_names_what_changed() {
    let desk = Desk::new();
    let records = (0..ARTICLES)
        .map(|number| record(&number.to_string(), "Foundry", "Brightwater Pumps closes a foundry."));
    desk.write("a.jsonl", records.collect::<String>());
    desk.run();
    let folder = desk.folder.path().join("index");
    let index = Index::open(&folder).unwrap().with_companies(OVERLAY, "mine.jsonl").unwrap();
    let cancel = Cancel::new();
    let stopper = cancel.clone();
    let mut first = Vec::new();
    let stopped = Indexer::new(&index, IndexOptions { threads: 1, ..options() }).unwrap().retag(
        &cancel,
        &mut |event| {
            if let IndexEvent::Retagged { id, changes } = event {
                stopper.cancel();
                first.push((id, changes));
            }
        },
    );
    // Nearly always it is stopped in time; if not, what follows has to hold all the same.
    if let Err(error) = &stopped {
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        let index = Index::open(&folder).unwrap();
        assert!(index.searcher().unwrap().is_stale());
        assert_eq!(ids_of_all(&index, "company:brightwater"), first.len(), "what was done is kept");
    }
    // The list is kept with what was tagged by it, so that it need not be named again.
    let index = Index::open(&folder).unwrap();
    let mut second = Vec::new();
    let report = Indexer::new(&index, options())
        .unwrap()
        .retag(&Cancel::new(), &mut |event| {
            if let IndexEvent::Retagged { id, changes } = event {
                second.push((id, changes));
            }
        })
        .unwrap();
    assert_eq!(report.counts.updated as usize, second.len());
    let all: Vec<&String> = first.iter().chain(&second).map(|(id, _)| id).collect();
    let once: std::collections::BTreeSet<&String> = all.iter().copied().collect();
    assert_eq!((once.len(), all.len()), (ARTICLES, ARTICLES), "every article is written once");
    let (_, changes) = first.iter().chain(&second).next().unwrap();
    assert_eq!((changes[0].tag.as_str(), changes[0].before), ("brightwater", None));
    assert!(changes[0].after.is_some());
    assert_eq!(ids_of_all(&index, "company:brightwater"), ARTICLES);
    assert!(!index.searcher().unwrap().is_stale());
}

#[test]
fn reading_a_part_of_the_sources_with_a_new_list_leaves_the_rest_stale() {
    let desk = Desk::new();
    desk.write("a/a.jsonl", record("1", "One", "Brightwater Pumps closes a foundry."));
    desk.write("b/b.jsonl", record("2", "Two", "Brightwater Pumps opens a foundry."));
    desk.run();
    let folder = desk.folder.path().join("index");
    let index = Index::open(&folder).unwrap().with_companies(OVERLAY, "mine.jsonl").unwrap();
    index_paths(&index, &[desk.news().join("a")]);
    assert_eq!(ids(&index, "company:brightwater"), ["1"]);
    assert!(index.searcher().unwrap().is_stale(), "the other article has the tags of the old list");
    index_paths(&index, &[desk.news().join("b")]);
    assert_eq!(ids(&index, "company:brightwater"), ["1", "2"]);
    assert!(!index.searcher().unwrap().is_stale(), "both were read with the new list, one after the other");
}

/// A tagger of somebody else's, in a version.
struct Versioned(u32);

impl Tagger for Versioned {
    fn tag(&self, article: &Article) -> Tags {
        let topic = format!("length-{}", article.body.len() as u32 % self.0);
        Tags { topics: vec![TopicTag { topic, salience: 50, mentions: Vec::new() }], ..Tags::default() }
    }

    fn fingerprint(&self) -> String {
        format!("versioned {}", self.0)
    }
}

#[test]
fn an_index_with_the_tags_of_another_tagger_is_stale_for_that_one_alone() {
    let desk = Desk::new();
    desk.write("a.jsonl", record("1", "One", "Netflix raises prices, it said."));
    let with = |version| Indexer::with_tagger(&desk.index, options(), Arc::new(Versioned(version)));
    with(7).run(&[desk.news()], &Cancel::new(), &mut |_| {}).unwrap();
    let searcher = desk.index.searcher().unwrap();
    assert!(!searcher.is_stale(), "dateline's own list is not what the tags are of");
    assert!(searcher.has_other_tagger() && !searcher.stats().unwrap().is_stale);
    assert!(!searcher.is_stale_for(&Versioned(7)) && searcher.is_stale_for(&Versioned(8)));

    with(8).retag(&Cancel::new(), &mut |_| {}).unwrap();
    searcher.reload().unwrap();
    assert!(!searcher.is_stale_for(&Versioned(8)) && searcher.is_stale_for(&Versioned(7)));

    // dateline's own tagger takes over, whichever way it is given.
    let own = Arc::new(CompanyTagger::new(desk.index.gazetteer().unwrap()));
    let indexer = Indexer::with_tagger(&desk.index, options(), own.clone());
    indexer.retag(&Cancel::new(), &mut |_| {}).unwrap();
    searcher.reload().unwrap();
    assert!(!searcher.has_other_tagger() && !searcher.is_stale() && !searcher.is_stale_for(&*own));
    assert_eq!(ids(&desk.index, "company:netflix"), ["1"]);
    let later = desk.index.clone().with_companies(OVERLAY, "mine.jsonl").unwrap();
    assert!(later.searcher().unwrap().is_stale());
}

#[test]
fn a_second_writer_is_refused() {
    let desk = Desk::new();
    desk.write("a.jsonl", record("1", "One", "first"));
    let other = desk.index.clone();
    let news = desk.news();
    let mut refused = None;
    Indexer::new(&desk.index, options())
        .unwrap()
        .run(std::slice::from_ref(&news), &Cancel::new(), &mut |event| {
            if matches!(event, IndexEvent::Listed { .. }) {
                let second = Indexer::new(&other, options()).unwrap();
                refused = second.run(std::slice::from_ref(&news), &Cancel::new(), &mut |_| {}).err();
            }
        })
        .unwrap();
    assert_eq!(refused.expect("the second run fails").kind(), ErrorKind::Locked);
    assert_eq!(ids(&desk.index, "*"), ["1"]);
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "precious.txt", "not an index");
    let error = Index::open_or_create(folder.path()).err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::Damaged);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["precious.txt"]);

    // An index that has lost its meta.json keeps its files.
    let desk = Desk::new();
    desk.write("a.jsonl", record("1", "One", "first"));
    desk.run();
    let index = desk.folder.path().join("index");
    fs::remove_file(index.join("meta.json")).unwrap();
    let before = fs::read_dir(&index).unwrap().count();
    assert!(Index::open_or_create(&index).is_err());
    assert!(Index::open(&index).is_err());
    assert_eq!(fs::read_dir(&index).unwrap().count(), before);
}

#[test]
fn an_index_of_another_format_is_refused() {
    let desk = Desk::new();
    desk.write("a.jsonl", record("1", "One", "first"));
    desk.run();
    let meta = desk.folder.path().join("index/meta.json");
    let text = fs::read_to_string(&meta).unwrap();
    let version = dateline::index::FORMAT_VERSION;
    let patched = text.replace(&format!("\"format\":{version},"), "\"format\":99,");
    assert_ne!(text, patched);
    fs::write(&meta, patched).unwrap();
    let error = Index::open(desk.folder.path().join("index")).err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::Format);
    assert!(error.message().contains("99") && error.message().contains(&version.to_string()), "{error}");
}

#[test]
fn merging_leaves_one_segment_and_nothing_of_what_was_deleted() {
    let desk = Desk::new();
    for round in 0..4 {
        desk.write(
            &format!("{round}.txt"),
            format!("Round {round}\n\nLyft dismisses {round} people on Monday."),
        );
        desk.run();
    }
    fs::remove_file(desk.news().join("1.txt")).unwrap();
    desk.run();
    let stores = || {
        let names =
            fs::read_dir(desk.index.folder().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".store")).count()
    };
    assert!(stores() > 1, "each run wrote a segment");
    let indexer = Indexer::new(&desk.index, IndexOptions::default()).unwrap();
    for _ in 0..2 {
        indexer.compact().unwrap();
        assert_eq!(stores(), 1);
        let searcher = Index::open(desk.index.folder().unwrap()).unwrap().searcher().unwrap();
        assert_eq!(searcher.stats().unwrap().segments, 1);
        assert_eq!(searcher.count(&"dismissing".parse().unwrap()).unwrap(), 3);
    }
    assert_eq!(desk.run().unchanged, 0, "the ledger still knows what was read");
}

#[test]
fn tags_that_articles_come_with_are_kept() {
    let index = Index::in_memory();
    let article = Article {
        id: "1".to_owned(),
        title: "Amazon cuts jobs".to_owned(),
        body: "Amazon said so on Monday.".to_owned(),
        ..Article::default()
    };
    let topic = TopicTag { topic: "launch".to_owned(), salience: 60, mentions: Vec::new() };
    let tags = Tags { topics: vec![topic], ..Tags::default() };
    let indexer = Indexer::new(&index, IndexOptions::default()).unwrap();
    indexer.run_tagged([(article, tags.clone())], &Cancel::new(), &mut |_| {}).unwrap();
    let searcher = index.searcher().unwrap();
    assert_eq!(searcher.get("1").unwrap().unwrap().tags, tags);
    assert_eq!(searcher.count(&"company:amazon".parse().unwrap()).unwrap(), 0, "the tagger was not asked");
    assert_eq!(searcher.count(&"topic:launch".parse().unwrap()).unwrap(), 1);
}
