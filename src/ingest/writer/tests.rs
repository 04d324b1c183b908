use tantivy::SegmentMeta;

use super::Writer;
use crate::index::Index;
use crate::ingest::tests::bring;

/// Postings' memory of one thread.
const MEMORY: usize = 15 << 20;

fn index_of(folder: &std::path::Path, batches: &[&[&str]]) -> Index {
    let index = Index::open_or_create(folder.join("index")).unwrap();
    for batch in batches {
        let articles: Vec<_> = batch.iter().map(|id| ((*id).to_owned(), format!("Text of {id}."))).collect();
        bring(&index, &articles, &mut |_| {}).unwrap();
    }
    index
}

fn merge(writer: &mut Writer) {
    let mut segments = writer.index.inner.searchable_segment_metas().unwrap();
    assert!(segments.len() > 1);
    // What is left to delete in the merged segment is what is left in the first of them.
    segments.sort_by_key(SegmentMeta::has_deletes);
    let ids: Vec<_> = segments.iter().map(SegmentMeta::id).collect();
    drop(segments);
    writer.inner.merge(&ids).wait().unwrap();
}

/// A merge takes the deletes of the last commit for done; none of this run may count as one of them.
#[test]
fn the_first_delete_of_a_run_outlasts_a_merge_before_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(folder.path(), &[&["a", "b", "c"], &["d", "e"]]);
    let mut writer = Writer::open(&index, 1, MEMORY).unwrap();
    // One of its segments has a list of deleted articles, of the last commit.
    assert!(writer.delete("d") && writer.commit().unwrap());
    writer.close().unwrap();

    let mut writer = Writer::open(&index, 1, MEMORY).unwrap();
    assert!(writer.delete("e"));
    merge(&mut writer);
    writer.commit().unwrap();
    writer.close().unwrap();
    assert_eq!(index.searcher().unwrap().stats().unwrap().articles, 3, "a, b and c");
}

#[test]
fn a_closed_writer_leaves_no_files_of_merged_segments() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(folder.path(), &[&["a", "b"], &["c"], &["d"]]);
    let names = || {
        let entries = std::fs::read_dir(folder.path().join("index")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let terms = || names().iter().filter(|path| path.extension().is_some_and(|it| it == "term")).count();
    let mut writer = Writer::open(&index, 1, MEMORY).unwrap();
    // The engine keeps files as long as anybody has their segments from it.
    let segments = index.inner.searchable_segment_metas().unwrap();
    assert_eq!(terms(), 3);
    merge(&mut writer);
    assert_eq!(terms(), 4);
    writer.close().unwrap();
    drop(segments);
    assert_eq!(terms(), 1, "{:?}", names());
}
