//! What several test modules need.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use dateline::ingest::{IndexEvent, IndexOptions, IndexReport, Indexer};
use dateline::search::{SearchRequest, SearchResults};
use dateline::{Cancel, Index};
use serde_json::Value;
use tempfile::TempDir;

/// The folder of the package.
pub(crate) fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The sample.
pub(crate) fn corpus() -> PathBuf {
    package().join("corpus")
}

/// A folder of measured data beside the repository, which a clone does not have. The test that asks for it says that it
/// did not run.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("DATELINE_SHARED").map_or_else(|| package().join("../shared"), PathBuf::from);
    let found = folder.join("data").join(path);
    if !found.exists() {
        println!("skipped: {path} is not at hand");
        return None;
    }
    Some(found)
}

/// Options with a fixed present, so that nothing depends on the day of the test.
pub(crate) fn options() -> IndexOptions {
    // 2026-01-01
    IndexOptions { threads: 2, now: Some(1_767_225_600), memory_bytes: 64 << 20, ..IndexOptions::default() }
}

/// Indexes and gives the report and all events.
pub(crate) fn index_paths(index: &Index, paths: &[PathBuf]) -> (IndexReport, Vec<IndexEvent>) {
    let mut events = Vec::new();
    let report = Indexer::new(index, options())
        .and_then(|indexer| indexer.run(paths, &Cancel::new(), &mut |event| events.push(event)))
        .unwrap_or_else(|error| panic!("{error:?}"));
    (report, events)
}

/// The whole sample in memory.
pub(crate) fn corpus_index() -> Index {
    let index = Index::in_memory();
    index_paths(&index, &[corpus()]);
    index
}

/// Searches with up to 1,000 hits.
pub(crate) fn search(index: &Index, query: &str) -> SearchResults {
    let parsed = query.parse().unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let mut request = SearchRequest::new(parsed);
    request.limit = 1000;
    request.now = options().now;
    index
        .searcher()
        .and_then(|searcher| searcher.search(&request))
        .unwrap_or_else(|error| panic!("{query}: {error:?}"))
}

/// Sorted ids of all hits.
pub(crate) fn ids(index: &Index, query: &str) -> Vec<String> {
    let mut ids: Vec<String> = search(index, query).hits.into_iter().map(|hit| hit.id).collect();
    ids.sort();
    ids
}

/// Writes a file and the folders above it.
pub(crate) fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Copies a folder with all in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            drop(fs::copy(entry.path(), target));
        }
    }
}

/// A folder with the sample's index, built once for all tests.
pub(crate) fn indexed() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let output = dateline(folder.path(), &["index", corpus().to_str().unwrap()]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            folder
        })
        .path()
}

/// The program with arguments, in a folder.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("NO_COLOR")
        .env("COLUMNS", "100")
        .stdin(Stdio::null());
    command
}

/// Runs it.
pub(crate) fn dateline(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// Runs against the sample's index.
pub(crate) fn on_sample(arguments: &[&str]) -> Output {
    dateline(indexed(), arguments)
}

/// What it printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The same as JSON.
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stdout)))
}
