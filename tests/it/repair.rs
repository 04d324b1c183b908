//! A damaged index is built anew, and one of an older format brought over: what the sources and the stored articles give is
//! there afterwards, what is lost is counted, and the old folder is kept as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dateline::index::FORMAT_VERSION;
use dateline::index::check::{Depth, check};
use dateline::ingest::repair::{RepairFrom, RepairOptions, RepairOutcome, RepairReport, repair, upgrade};
use dateline::ingest::{IndexOptions, Indexer};
use dateline::search::ExportRequest;
use dateline::{Cancel, ErrorKind, Index};
use tempfile::TempDir;

use crate::locking::holding;
use crate::support::{command, copy, dateline, ids, index_paths, json, options, package, text, write};

const LIST: &str = "{\"id\":\"zorblatt\",\"name\":\"Zorblatt Industries\",\"kind\":\"private\"}\n";

/// Words that don't pack well, so that a store has many blocks.
fn words(seed: u64) -> String {
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut out = String::new();
    for _ in 0..800 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        out.push_str(&format!("w{:x} ", random & 0xFFF_FFFF));
    }
    out
}

/// An index of three segments with replaced and deleted articles.
struct Built {
    folder: TempDir,
    has_list: bool,
}

impl Built {
    fn new() -> Self {
        Self::with(false)
    }

    /// One that has a company list or not. With one each new index takes a while.
    fn with(has_list: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::open_or_create(folder.path().join("index")).unwrap();
        if has_list {
            index = index.with_companies(LIST, "list").unwrap();
        }
        for round in 0..3 {
            for number in 0..6 {
                let id = if number == 0 { 0 } else { round * 10 + number };
                let record = format!(
                    "{{\"id\":\"{id}\",\"title\":\"Steel {round} and Lithium {number}\",\"date\":\"2025-0{}-1{number}\",\
                     \"body\":\"Amazon and Zorblatt Industries cut {number}00 jobs. Round {round} is over.\\n\\n{}\"}}\n",
                    round + 1,
                    words(id)
                );
                write(folder.path(), &format!("news/{round}-{number}.jsonl"), record);
            }
            // Something is deleted as well.
            if round > 0 {
                fs::remove_file(folder.path().join(format!("news/{}-5.jsonl", round - 1))).unwrap();
            }
            index_paths(&index, &[folder.path().join("news")]);
        }
        assert!(index.searcher().unwrap().stats().unwrap().segments > 1);
        write(folder.path(), "index/searches.txt", "cuts: jobs\n");
        Self { folder, has_list }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn index(&self) -> PathBuf {
        self.path().join("index")
    }

    /// Brings in an article that no file holds.
    fn with_stream(self) -> Self {
        let index = Index::open(self.index()).unwrap();
        let line = "{\"id\":\"stream\",\"title\":\"From a stream\",\"body\":\"Walmart opens a store.\"}\n";
        Indexer::new(&index, options())
            .unwrap()
            .run_with_stream(&[], Some(line.as_bytes()), &Cancel::new(), &mut |_| ())
            .unwrap();
        self
    }

    /// What an index of the same sources would be that nothing has happened to.
    fn fresh(&self) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::open_or_create(folder.path()).unwrap();
        if self.has_list {
            index = index.with_companies(LIST, "list").unwrap();
        }
        index_paths(&index, &[self.path().join("news")]);
        exported(folder.path())
    }

    fn repair(&self, options: &RepairOptions) -> dateline::Result<RepairReport> {
        repair(self.index(), options, &Cancel::new(), &mut |_| ())
    }

    /// Takes a folder in place of the index, and everything away that repairs have left.
    fn reset(&self, whole: &Path) {
        for entry in fs::read_dir(self.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().contains("index") {
                fs::remove_dir_all(entry.path()).unwrap();
            }
        }
        copy(whole, &self.index());
    }
}

/// Options with a fixed present.
fn how(from: Option<RepairFrom>) -> RepairOptions {
    RepairOptions { from, index: options(), ..RepairOptions::default() }
}

/// All articles of an index with tags and times, one a line.
fn exported(folder: &Path) -> Vec<String> {
    let searcher = Index::open(folder).unwrap().searcher().unwrap();
    let articles = searcher.export(&ExportRequest::new("*".parse().unwrap())).unwrap();
    articles.map(|stored| serde_json::to_string(&stored.unwrap()).unwrap()).collect()
}

/// The same without the times, for runs of the program, whose clock goes on.
fn timeless(folder: &Path) -> Vec<String> {
    let line = |line: String| line.rsplit_once(",\"added\":").unwrap().0.to_owned();
    exported(folder).into_iter().map(line).collect()
}

/// The files of an index by name, but for the locks.
fn files(index: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(index).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| !name.starts_with(".tantivy"))
        .collect()
}

fn kind(name: &str) -> &str {
    let kind = name.split_once('.').map_or(name, |(_, kind)| kind);
    kind.rsplit_once('.').filter(|(_, last)| *last == "del").map_or(kind, |(_, last)| last)
}

/// One file of each kind, with its name.
fn one_of_each(all: &BTreeMap<String, Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    let mut kinds = BTreeSet::new();
    let found = all.iter().filter(|(name, _)| *name != "searches.txt" && kinds.insert(kind(name).to_owned()));
    found.map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
}

fn is_long() -> bool {
    std::env::var_os("DATELINE_LONG").is_some()
}

/// States of an index that are damaged in one way each: a name, and what becomes of files.
type Damages = Vec<(String, Vec<(String, Option<Vec<u8>>)>)>;

fn damages(all: &BTreeMap<String, Vec<u8>>) -> Damages {
    let mut damages = Damages::new();
    let each = one_of_each(all);
    assert!(each.len() >= 9, "{:?}", each.iter().map(|(name, _)| name).collect::<Vec<_>>());
    for (name, bytes) in &each {
        let mut add = |how: &str, bytes: Option<Vec<u8>>| {
            damages.push((format!("{name} {how}"), vec![(name.clone(), bytes)]));
        };
        let places = if is_long() { 24 } else { 1 };
        for at in 0..places {
            let mut flipped = bytes.clone();
            let at = (bytes.len() - 1) * (2 * at + 1) / (2 * places);
            flipped[at] ^= 4;
            add(&format!("flipped at {at}"), Some(flipped));
        }
        let ends = if is_long() {
            vec![0, 1, 5, 8, 20, 79, bytes.len() / 2, bytes.len() - 1]
        } else {
            vec![bytes.len() / 2]
        };
        for end in ends.into_iter().filter(|end| *end < bytes.len()) {
            add(&format!("cut at {end}"), Some(bytes[..end].to_vec()));
        }
        add("deleted", None);
        // One of another segment in its place, where they are not the same.
        let mut others = all.iter().filter(|(other, _)| *other != name && kind(other) == kind(name));
        if let Some((_, other)) = others.find(|(_, other)| *other != bytes) {
            add("swapped", Some(other.clone()));
        }
    }
    damages.push(("no list".to_owned(), vec![("meta.json".to_owned(), Some(b"{".to_vec()))]));
    let managed = Some(b"[\"../news/0-0.jsonl\"]".to_vec());
    damages.push(("a list of what may go".to_owned(), vec![(".managed.json".to_owned(), managed)]));
    let ledger = all.keys().find(|name| name.starts_with("ledger-")).unwrap();
    damages.push((
        "neither list nor ledger".to_owned(),
        vec![("meta.json".to_owned(), None), (ledger.clone(), None)],
    ));
    damages
}

fn spoil(index: &Path, changes: &[(String, Option<Vec<u8>>)]) {
    for (name, bytes) in changes {
        match bytes {
            Some(bytes) => fs::write(index.join(name), bytes).unwrap(),
            None => fs::remove_file(index.join(name)).unwrap(),
        }
    }
}

/// C8: from any damaged state the sources give what a fresh index of them has.
#[test]
fn from_sources_it_is_as_a_fresh_one() {
    let (mut cases, mut lists) = (0, 0);
    for has_list in [false, true] {
        let built = Built::with(has_list);
        let fresh = built.fresh();
        assert_eq!(fresh.len(), 14);
        let whole = tempfile::tempdir().unwrap();
        copy(&built.index(), whole.path());
        for (case, changes) in damages(&files(whole.path())) {
            let is_list = case.contains("companies");
            if has_list && !is_list {
                continue;
            }
            spoil(&built.index(), &changes);
            // Another run takes as long as the repair.
            is_repaired(&built, &case, &fresh, is_long() || cases % 5 == 0);
            built.reset(whole.path());
            cases += 1;
            lists += u32::from(is_list);
        }
    }
    println!("{cases} damaged states");
    assert!(cases >= 36 && lists >= 3, "{cases} cases, {lists} lists");
}

fn is_repaired(built: &Built, case: &str, fresh: &[String], is_run_again: bool) {
    let damaged = files(&built.index());
    // Where nobody knows any more what it was made of, it has to be said.
    let paths = if case.contains("neither") { vec![built.path().join("news")] } else { Vec::new() };
    let ask = RepairOptions { paths, ..how(None) };
    let is_list = case.contains("companies");
    if is_list {
        let error = built.repair(&ask).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{case}: {error:?}");
        assert!(error.hint().unwrap().contains("--companies"), "{case}");
    }
    let companies = is_list.then(|| (LIST.to_owned(), "list".to_owned()));
    let report = built.repair(&RepairOptions { companies, ..ask }).unwrap();
    if case.contains("what may go") {
        // It is not read, so it is no damage.
        assert_eq!(report.outcome, RepairOutcome::Unneeded);
    } else {
        assert_eq!(report.outcome, RepairOutcome::Replaced, "{case}: {report:?}");
        assert!(!report.damage.is_empty(), "{case}");
        assert_eq!((report.articles, report.lost), (14, 0), "{case}: {report:?}");
        assert!(files(report.old.as_ref().unwrap()) == damaged, "{case}: the old index has changed");
    }
    assert!(exported(&built.index()) == fresh, "{case}: {report:?}");
    assert!(check(built.index(), Depth::Content, &Cancel::new()).unwrap().damage.is_empty(), "{case}");
    assert_eq!(fs::read_to_string(built.index().join("searches.txt")).unwrap(), "cuts: jobs\n");
    if !is_run_again {
        return;
    }
    // The next run finds nothing to do, with the list of companies as it was. Without a ledger it reads all files, and
    // finds again that some share an id.
    let index = Index::open(built.index()).unwrap();
    let counts = index_paths(&index, &[built.path().join("news")]).0.counts;
    assert_eq!((counts.added, counts.deleted), (0, 0), "{case}: {counts:?}");
    assert!(counts.updated == 0 || case.contains("ledger"), "{case}: {counts:?}");
    assert!(exported(&built.index()) == fresh, "{case}: after the next run");
}

/// Without sources all is kept that can be read, exactly; what is lost is counted and named.
#[test]
fn from_what_is_stored() {
    let built = Built::new().with_stream();
    let before: BTreeSet<String> = exported(&built.index()).into_iter().collect();
    assert_eq!(before.len(), 15);
    let whole = tempfile::tempdir().unwrap();
    copy(&built.index(), whole.path());
    fs::rename(built.path().join("news"), built.path().join("elsewhere")).unwrap();
    let all = files(whole.path());
    let (mut with_losses, mut partly) = (0, 0);
    for (case, changes) in damages(&all) {
        if case.contains("what may go") {
            continue;
        }
        spoil(&built.index(), &changes);
        let report = built.repair(&how(None)).unwrap();
        assert_eq!(report.from, Some(RepairFrom::Stored), "{case}");
        let after: BTreeSet<String> = exported(&built.index()).into_iter().collect();
        assert_eq!(report.articles, after.len() as u64, "{case}: {report:?}");
        let lost: Vec<&String> = before.difference(&after).collect();
        let is_of_store = case.contains(".store");
        if is_of_store {
            assert!(after.is_subset(&before), "{case}");
            assert_eq!(report.lost, lost.len() as u64, "{case}: {report:?}");
            let lost: BTreeSet<String> = lost
                .iter()
                .map(|line| {
                    serde_json::from_str::<serde_json::Value>(line).unwrap()["article"]["id"]
                        .as_str()
                        .unwrap()
                        .to_owned()
                })
                .collect();
            assert_eq!(report.lost_ids.iter().cloned().collect::<BTreeSet<_>>(), lost, "{case}");
            with_losses += usize::from(!lost.is_empty());
            partly += usize::from((1..4).contains(&lost.len()));
        } else if case.contains(".del") || case.contains("meta") || case.contains("list") {
            // What was deleted or replaced can't always be told, and replaced articles have a newer version.
            assert!(lost.is_empty(), "{case}: {lost:?}");
            assert!(after.len() <= before.len() + 2, "{case}");
        } else {
            assert!(after == before, "{case}: {report:?}");
            assert_eq!(report.lost, 0, "{case}");
        }
        built.reset(whole.path());
    }
    assert!(with_losses >= 4, "{with_losses}");
    assert!(partly >= 1, "a bit that has changed costs its block, not the segment");
}

/// What is stored of an article is only taken when it is what was written: a store that is damaged anywhere gives the
/// articles of its other blocks, and never another text.
#[test]
fn no_changed_article_is_taken() {
    let built = Built::new();
    let before: BTreeSet<String> = exported(&built.index()).into_iter().collect();
    let whole = tempfile::tempdir().unwrap();
    copy(&built.index(), whole.path());
    let all = files(whole.path());
    let (name, bytes) =
        all.iter().filter(|(name, _)| kind(name) == "store").max_by_key(|(_, it)| it.len()).unwrap();
    let each = if is_long() { 400 } else { 12 };
    for flip in 0..each {
        let mut flipped = bytes.clone();
        let bit = (bytes.len() * 8 - 1) * flip / (each - 1);
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(built.index().join(name), flipped).unwrap();
        match built.repair(&how(Some(RepairFrom::Stored))) {
            Ok(report) => {
                let after: BTreeSet<String> = exported(&built.index()).into_iter().collect();
                assert!(after.is_subset(&before), "bit {bit}");
                assert_eq!(after.len() as u64 + report.lost, before.len() as u64, "bit {bit}: {report:?}");
            }
            Err(error) => panic!("bit {bit}: {error:?}"),
        }
        built.reset(whole.path());
    }
}

/// Articles from a stream, and of files that are gone, are kept beside those that are read again.
#[test]
fn what_no_source_has_is_kept() {
    let built = Built::new().with_stream();
    let before = exported(&built.index());
    fs::remove_file(built.path().join("news/2-1.jsonl")).unwrap();
    let damaged = |end: &str| {
        let all = files(&built.index());
        let (name, bytes) = all.iter().find(|(name, _)| name.ends_with(end)).unwrap();
        fs::write(built.index().join(name), &bytes[..bytes.len() - 9]).unwrap();
    };
    damaged(".idx");
    let report = built.repair(&how(None)).unwrap();
    assert_eq!((report.from, report.missing_files), (Some(RepairFrom::Sources), 1), "{report:?}");
    assert!(exported(&built.index()) == before);
    // As before the damage, the next run notices that the file is gone.
    let index = Index::open(built.index()).unwrap();
    let counts = index_paths(&index, &[built.path().join("news")]).0.counts;
    assert_eq!((counts.deleted, counts.added, counts.updated), (1, 0, 0), "{counts:?}");
    // A file that was changed in the meantime is read as it is now.
    write(built.path(), "news/2-2.jsonl", "{\"id\":\"22\",\"title\":\"Other\",\"body\":\"Another text.\"}\n");
    damaged(".term");
    let report = built.repair(&how(None)).unwrap();
    assert_eq!(report.lost, 0);
    assert!(exported(&built.index()).iter().any(|line| line.contains("Another text.")));
}

/// Sources that would be read in another way are left alone, unless that is asked for.
#[test]
fn a_field_map_that_was_not_given_again() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "news/a.jsonl",
        "{\"id\":\"a\",\"title\":\"Steel\",\"kern\":\"A text of steel.\",\"body\":\"Not it.\"}\n",
    );
    assert_eq!(dateline(folder.path(), &["index", "news", "--map", "body=kern"]).status.code(), Some(0));
    let before = text(&dateline(folder.path(), &["export"]).stdout);
    let output = dateline(folder.path(), &["repair", "--dry-run", "--from", "stored"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let index = folder.path().join("index");
    let spoil = || {
        let name = files(&index).into_keys().find(|name| kind(name) == "pos").unwrap();
        fs::write(index.join(name), "").unwrap();
    };
    spoil();
    let output = dateline(folder.path(), &["repair"]);
    assert!(text(&output.stderr).contains("--map"), "{}", text(&output.stderr));
    assert_eq!(text(&dateline(folder.path(), &["export"]).stdout), before);
    spoil();
    let output = dateline(folder.path(), &["repair", "--map", "body=kern", "--json"]);
    assert_eq!(json(&output)["from"], "sources", "{}", text(&output.stderr));
    assert_eq!(text(&dateline(folder.path(), &["export"]).stdout), before);
}

#[test]
fn a_whole_index_is_left_alone_unless_asked() {
    let built = Built::new();
    let before = files(&built.index());
    assert_eq!(built.repair(&how(None)).unwrap().outcome, RepairOutcome::Unneeded);
    assert!(files(&built.index()) == before);
    let exports = exported(&built.index());
    let report = built.repair(&how(Some(RepairFrom::Stored))).unwrap();
    assert_eq!((report.outcome, report.lost), (RepairOutcome::Replaced, 0));
    assert!(exported(&built.index()) == exports);
    // Its ledger is there, so that nothing has to be read again.
    let index = Index::open(built.index()).unwrap();
    let counts = index_paths(&index, &[built.path().join("news")]).0.counts;
    assert_eq!((counts.records, counts.unchanged), (0, 0), "{counts:?}");
    assert_eq!(report.old.unwrap(), built.path().join("index.old-1"));
    let again = built.repair(&how(Some(RepairFrom::Sources))).unwrap();
    assert_eq!(again.old.unwrap(), built.path().join("index.old-2"), "none is overwritten");
    // Kept beside the sources, none of them is taken for articles.
    let index = Index::open(built.index()).unwrap();
    assert_eq!(index_paths(&index, &[built.path().to_owned()]).0.docs_total, 14);
}

/// Everything below a folder by path, with content.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.insert(path.clone(), Vec::new());
            found.append(&mut tree(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn the_program_says_what_it_does() {
    let built = Built::new().with_stream();
    let all = files(&built.index());
    let (name, bytes) =
        all.iter().filter(|(name, _)| kind(name) == "store").max_by_key(|(_, it)| it.len()).unwrap();
    let mut flipped = bytes.clone();
    flipped[30] ^= 8;
    fs::write(built.index().join(name), flipped).unwrap();
    // The articles that damage is about are named.
    let output = dateline(built.path(), &["check", "--deep", "--json"]);
    let found = json(&output);
    let named = found["damage"][0]["ids"].as_array().unwrap();
    assert!(!named.is_empty() && named.len() as u64 == found["damage"][0]["articles"], "{found}");
    let id = named[0].as_str().unwrap();
    let output = dateline(built.path(), &["check", "--deep"]);
    assert!(
        text(&output.stdout).lines().any(|line| line.starts_with(&format!("  {id}"))),
        "{}",
        text(&output.stdout)
    );
    assert!(text(&output.stderr).contains("dateline repair"));

    for name in [".tantivy-writer.lock", ".tantivy-meta.lock"] {
        drop(fs::remove_file(built.index().join(name)));
    }
    let before = tree(built.path());
    // Some can't be read, but it may be that the sources have them.
    for (arguments, status) in
        [(&["repair", "--dry-run"][..], 0), (&["repair", "--dry-run", "--from", "stored", "--json"], 3)]
    {
        let output = dateline(built.path(), arguments);
        assert_eq!(output.status.code(), Some(status), "{}", text(&output.stderr));
        assert!(tree(built.path()) == before, "{arguments:?} has written something");
    }
    let output = dateline(built.path(), &["repair", "--dry-run", "--json"]);
    let planned = json(&output);
    assert_eq!((&planned["outcome"], &planned["files"]), (&"planned".into(), &16.into()), "{planned}");
    let output = dateline(built.path(), &["repair"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.contains("15 articles in index") && told.contains("index.old-1") && !told.contains("panicked"),
        "{told}"
    );
    let output = dateline(built.path(), &["repair", "--from", "stored", "news"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(dateline(built.path(), &["repair", "--index", "nowhere"]).status.code(), Some(2));
}

#[test]
fn nothing_that_can_be_read() {
    let built = Built::new();
    for (name, _) in files(&built.index()) {
        if kind(&name) == "store" || name == "meta.json" || name.starts_with("ledger") {
            fs::write(built.index().join(name), "").unwrap();
        }
    }
    let before = files(&built.index());
    let error = built.repair(&how(None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
    assert!(error.hint().unwrap().contains("repair PATH"), "{error:?}");
    assert!(files(&built.index()) == before && !built.path().join("index.old-1").exists());
    let paths = vec![built.path().join("news")];
    let report = built.repair(&RepairOptions { paths, ..how(None) }).unwrap();
    assert_eq!(report.articles, 14);
    assert!(exported(&built.index()) == built.fresh());
}

/// A link stays a link, and who may look into the folder stays as well.
#[cfg(unix)]
#[test]
fn the_folder_behind_a_link_is_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let built = Built::new();
    let place = built.path().join("disk");
    fs::create_dir(&place).unwrap();
    fs::rename(built.index(), place.join("articles")).unwrap();
    std::os::unix::fs::symlink(place.join("articles"), built.index()).unwrap();
    fs::set_permissions(place.join("articles"), fs::Permissions::from_mode(0o710)).unwrap();
    let report = built.repair(&how(Some(RepairFrom::Stored))).unwrap();
    let found = fs::canonicalize(&place).unwrap();
    assert_eq!(report.old.unwrap(), found.join("articles.old-1"));
    assert!(fs::symlink_metadata(built.index()).unwrap().is_symlink());
    assert_eq!(fs::metadata(built.index()).unwrap().permissions().mode() & 0o777, 0o710);
    assert_eq!(exported(&built.index()).len(), 14);
}

#[test]
fn somebody_who_writes_is_not_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = holding(folder.path());
    let started = Instant::now();
    // Between making the index and writing to it the lock is free.
    while dateline(folder.path(), &["repair"]).status.code() != Some(4) {
        assert!(started.elapsed() < Duration::from_secs(20), "it is never locked");
    }
    for arguments in [&["repair"][..], &["repair", "--from", "stored"]] {
        let output = dateline(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains(&format!("process {} on ", first.id())));
    }
    drop(first.stdin.take());
    assert_eq!(first.wait().unwrap().code(), Some(0));
    assert_eq!(ids(&Index::open(folder.path().join("index")).unwrap(), "*").len(), 1);
}

/// Between the two renames there is no index, but everybody says why, and the next call ends it.
#[test]
fn a_repair_that_was_broken_off() {
    let built = Built::new();
    let before = exported(&built.index());
    built.repair(&how(Some(RepairFrom::Stored))).unwrap();
    fs::rename(built.index(), built.path().join(".index.repaired")).unwrap();
    for arguments in [
        &["search", "steel"][..],
        &["index", "news"],
        &["check"],
        &["stats"],
        &["compact"],
        &["snapshot", "copy"],
    ] {
        let output = dateline(built.path(), arguments);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(6), "{arguments:?}: {told}");
        assert!(told.contains("broken off") && told.contains("dateline repair"), "{arguments:?}: {told}");
        assert!(!built.index().exists(), "{arguments:?}");
    }
    assert_eq!(dateline(built.path(), &["repair", "--dry-run"]).status.code(), Some(0));
    let output = dateline(built.path(), &["repair", "--json"]);
    assert_eq!(json(&output)["outcome"], "resumed", "{}", text(&output.stderr));
    assert!(exported(&built.index()) == before);
    // One that was broken off before is begun anew; a folder of somebody else is not taken away for that.
    fs::create_dir(built.path().join(".index.unfinished")).unwrap();
    write(built.path(), ".index.unfinished/meta.json", "{");
    built.repair(&how(Some(RepairFrom::Stored))).unwrap();
    assert!(!built.path().join(".index.unfinished").exists());
    write(built.path(), ".index.unfinished/letter.txt", "Dear reader");
    let error = built.repair(&how(Some(RepairFrom::Stored))).unwrap_err();
    assert!(error.message().contains("letter.txt"), "{error:?}");
    assert!(exported(&built.index()) == before);
}

/// Killed at any moment there is the old index, the new one, or the word of how to go on.
#[test]
fn repairs_that_are_killed() {
    let built = Built::new();
    let before = timeless(&built.index());
    let whole = tempfile::tempdir().unwrap();
    copy(&built.index(), whole.path());
    let kills = if is_long() { 200 } else { 10 };
    let (mut old, mut new, mut gaps) = (0, 0, 0);
    for round in 0..kills {
        built.reset(whole.path());
        let name = files(&built.index()).into_keys().find(|name| kind(name) == "idx").unwrap();
        fs::write(built.index().join(name), "").unwrap();
        let mut child =
            command(built.path(), &["repair"]).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20 + 600 * round / kills));
        drop(child.kill());
        child.wait().unwrap();
        match Index::open(built.index()) {
            Ok(_) => {
                assert!(timeless(&built.index()) == before);
                new += 1;
            }
            Err(error) if error.message().contains("broken off") => gaps += 1,
            Err(error) => {
                assert!(error.message().contains(".idx"), "{error:?}");
                old += 1;
            }
        }
        let report = built.repair(&how(None)).unwrap();
        assert_eq!(report.lost, 0);
        assert!(timeless(&built.index()) == before, "round {round}");
        let left: Vec<_> =
            fs::read_dir(built.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().starts_with('.')), "{left:?}");
    }
    println!("of {kills}: {old} old, {new} new, {gaps} in between");
    assert!(old >= 1, "none was killed before it was done");
}

/// The index of format 5 that is kept for this, in a folder.
fn of_format_5(has_sources: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let kept = package().join("tests/format5");
    copy(&kept.join("index"), &folder.path().join("index"));
    if has_sources {
        copy(&kept.join("news"), &folder.path().join("news"));
    }
    folder
}

#[test]
fn an_older_format_is_brought_over() {
    let exported = fs::read_to_string(package().join("tests/format5/export.jsonl")).unwrap();
    for has_sources in [true, false] {
        let folder = of_format_5(has_sources);
        let run = |arguments: &[&str]| dateline(folder.path(), arguments);
        for arguments in [&["search", "steel"][..], &["index", "news"], &["check"], &["repair"]] {
            let output = run(arguments);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(6), "{arguments:?}: {told}");
            assert!(told.contains("format 5") && told.contains("dateline upgrade"), "{arguments:?}: {told}");
        }
        let before = tree(&folder.path().join("index"));
        let output = run(&["upgrade", "--dry-run"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(tree(&folder.path().join("index")) == before);
        let output = run(&["upgrade"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&run(&["export"]).stdout), exported, "with sources: {has_sources}");
        assert!(text(&run(&["saved"]).stdout).contains("mills"));
        assert_eq!(run(&["check", "--deep"]).status.code(), Some(0));
        assert_eq!(files(&folder.path().join("index.old-1")), files(&package().join("tests/format5/index")));
        let again = run(&["upgrade"]);
        assert_eq!(again.status.code(), Some(0));
        assert!(text(&again.stderr).contains(&format!("format {FORMAT_VERSION}")), "{}", text(&again.stderr));
        assert!(!folder.path().join("index.old-2").exists());
    }
}

#[test]
fn an_older_format_with_damage() {
    let folder = of_format_5(false);
    let index = folder.path().join("index");
    let name = files(&index).into_keys().rfind(|name| kind(name) == "store").unwrap();
    let mut bytes = fs::read(index.join(&name)).unwrap();
    bytes[40] ^= 1;
    fs::write(index.join(&name), bytes).unwrap();
    let ask = RepairOptions { index: IndexOptions { threads: 1, ..options() }, ..RepairOptions::default() };
    let report = upgrade(&index, &ask, &Cancel::new(), &mut |_| ()).unwrap();
    assert_eq!((report.format, report.from), (5, Some(RepairFrom::Stored)));
    assert_eq!((report.articles + report.lost, report.lost_ids.len() as u64), (4, report.lost), "{report:?}");
    assert!(report.lost > 0 && report.articles > 0, "{report:?}");
}

#[test]
fn a_newer_format_is_refused() {
    let built = Built::new();
    let meta = built.index().join("meta.json");
    let next = FORMAT_VERSION + 1;
    let own = format!("\"format\":{FORMAT_VERSION},\"files\"");
    let changed = fs::read_to_string(&meta).unwrap().replace(&own, &format!("\"format\":{next},\"files\""));
    fs::write(&meta, &changed).unwrap();
    let refuses = |arguments: &[&str]| {
        let before = files(&built.index());
        let output = dateline(built.path(), arguments);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(6), "{arguments:?}: {told}");
        assert!(
            told.contains(&format!("format {next}")) && told.contains(&format!("reads {FORMAT_VERSION}")),
            "{told}"
        );
        assert!(files(&built.index()) == before);
    };
    refuses(&["upgrade"]);
    // With the wrong checksum it may as well be damage, which is mended; in one that is as it was written it is none.
    let cut = changed.rfind(",\n  \"check\"").unwrap();
    fs::write(&meta, format!("{}\n}}\n", &changed[..cut])).unwrap();
    refuses(&["upgrade"]);
    refuses(&["repair"]);
    fs::write(&meta, &changed).unwrap();
    let report = built.repair(&how(None)).unwrap();
    assert_eq!((report.articles, report.lost), (14, 0), "{report:?}");
}
