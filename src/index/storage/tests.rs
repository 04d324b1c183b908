//! The storage under tantivy's own writer.

use std::path::Path;

use tantivy::{Index as Engine, IndexWriter};

use crate::index::document::IndexedArticle;

use super::medium::{Medium, READERS_LOCK, WRITER_LOCK};
use super::model::{Fault, Model};
use super::*;
use crate::article::{Article, Tags};
use crate::index::ledger::Checkpoint;
use crate::index::{Index, document, from_tantivy};

fn index_on(medium: impl Medium) -> Index {
    Index::create_on(Storage::over(medium, Path::new("model"))).unwrap()
}

fn writer(index: &Index) -> IndexWriter<IndexedArticle> {
    index.inner.writer_with_num_threads(1, 15 << 20).unwrap()
}

fn add(index: &Index, writer: &IndexWriter<IndexedArticle>, id: &str) {
    let article =
        Article { id: id.to_owned(), title: id.to_owned(), body: "Text.".to_owned(), ..Article::default() };
    let prepared = document::prepare(&index.fields, article, &Tags::default(), 0).unwrap();
    writer.add_document(prepared.document).unwrap();
}

fn commit(writer: &mut IndexWriter<IndexedArticle>) -> tantivy::Result<u64> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&Checkpoint { seq: 1, ..Checkpoint::default() }.to_payload().unwrap());
    prepared.commit()
}

fn articles(engine: &Engine) -> u64 {
    engine.reader().unwrap().searcher().num_docs()
}

/// tantivy's writer reports success for lost articles when it is used again after an error. Over the storage it can't.
#[test]
fn nothing_is_committed_after_an_error() {
    for call in ["sync", "write", "create", "sync_folder", "rename"] {
        let model = Model::default();
        let index = index_on(model.clone());
        let mut first = writer(&index);
        add(&index, &first, "a");
        commit(&mut first).unwrap();
        add(&index, &first, "b");
        model.fail(Some(Fault { call, nth: 1, kind: io::ErrorKind::StorageFull, stays: false }));
        let error = from_tantivy(commit(&mut first).unwrap_err(), Path::new("model"));
        assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::Internal), "{call}: {error:?}");
        model.fail(None);
        for _ in 0..3 {
            assert!(commit(&mut first).is_err(), "{call}: it goes on as if nothing had been");
        }
        drop(first);
        let index = index_on(model.clone());
        assert_eq!(articles(&index.inner), 1, "{call}");
        let mut second = writer(&index);
        add(&index, &second, "b");
        commit(&mut second).unwrap();
        assert_eq!(articles(&index.inner), 2, "{call}");
    }
}

/// A disk that is full in the middle: what was written of it counts as had, and what is missing is told where the whole is known.
#[test]
fn a_full_disk_says_what_is_missing() {
    let model = Model::default();
    let storage = Storage::over(model.clone(), Path::new("model"));
    let lock = storage.lock().unwrap();
    storage.write("ledger-00000001.json.zst", &[1; 3000]).unwrap();
    model.set_room(Some(model.used() + 70), true);
    assert_eq!(storage.write("ledger-00000002.json.zst", &[2; 71]).unwrap_err().kind(), ErrorKind::Io);
    // Room that comes later was not there then.
    model.set_room(None, true);
    let told = |bytes| storage.failure(bytes).unwrap().message().to_owned();
    let needed = 10_000 + 2000 + (1 << 20) - 3000;
    assert!(
        told(Some(10_000)).ends_with(&format!("{needed} more bytes are needed, 70 are free")),
        "{}",
        told(Some(10_000))
    );
    assert!(told(None).ends_with(": 70 bytes are free"), "{}", told(None));
    drop(lock);

    // Where the disk does not tell, or fails in another way, there is nothing to tell.
    for tells in [true, false] {
        let model = Model::default();
        let storage = Storage::over(model.clone(), Path::new("model"));
        let _lock = storage.lock().unwrap();
        model.set_room(Some(1), tells);
        if tells {
            model.fail(Some(Fault { call: "write", nth: 1, kind: io::ErrorKind::Other, stays: false }));
        }
        storage.write("ledger-00000001.json.zst", &[1; 3000]).unwrap_err();
        assert!(!storage.failure(Some(10_000)).unwrap().message().contains("are free"), "tells: {tells}");
    }
}

/// A commit takes the writer's lock: there is no way around it.
#[test]
fn nothing_is_committed_without_the_lock() {
    let index = index_on(Model::default());
    let storage = index.storage.clone().unwrap();
    let json = storage.atomic_read(Path::new(META)).unwrap();
    let error = storage.atomic_write(Path::new(META), &json).unwrap_err();
    assert!(ours(&error).unwrap().message().contains("lock"), "{error}");
}

#[test]
fn only_own_files_are_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside.txt");
    let inside = folder.path().join("index");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(&outside, "kept").unwrap();
    std::fs::write(inside.join("searches.txt"), "kept").unwrap();
    let storage = Storage::open(&inside).unwrap();
    let index = Index::create_on(storage.clone()).unwrap();
    for name in ["../outside.txt", "searches.txt", "meta.json", outside.to_str().unwrap()] {
        assert!(matches!(storage.delete(Path::new(name)), Err(DeleteError::IoError { .. })), "{name}");
    }
    assert!(outside.exists() && inside.join("searches.txt").exists() && inside.join(META).exists());
    // What tantivy would delete is what is named in its list, which is made of the folder alone.
    let list = format!(r#"["../outside.txt", {outside:?}, "searches.txt", "meta.json"]"#);
    std::fs::write(inside.join(MANAGED), list).unwrap();
    let orphan = inside.join("0123456789abcdef0123456789abcdef.idx");
    std::fs::write(&orphan, "left by another run").unwrap();
    let mut writer = writer(&index);
    add(&index, &writer, "a");
    commit(&mut writer).unwrap();
    writer.garbage_collect_files().wait().unwrap();
    assert!(outside.exists() && inside.join("searches.txt").exists() && !orphan.exists());
}

/// Files can be read by whom the permissions of the process say, `meta.json` as the others.
#[cfg(unix)]
#[test]
fn files_have_the_same_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let index = index_on(Folder::open(folder.path()).unwrap());
    let mut writer = writer(&index);
    add(&index, &writer, "a");
    commit(&mut writer).unwrap();
    let modes: std::collections::BTreeSet<u32> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().permissions().mode() & 0o777)
        .collect();
    assert_eq!(modes.len(), 1, "{modes:?}");
}

/// A second writer is refused, although the file of the lock was deleted; the first goes on, and stops where the folder
/// itself was replaced.
#[cfg(unix)]
#[test]
fn the_lock_survives_its_file() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("index");
    std::fs::create_dir(&folder).unwrap();
    let open = || Storage::open(&folder).unwrap();
    let index = Index::create_on(open()).unwrap();
    let mut first = writer(&index);
    let refused = |storage: Storage| {
        let error = storage.lock().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Locked);
        error.message().to_owned()
    };
    let own = format!("process {} on ", std::process::id());
    assert!(refused(open()).contains(&own));
    std::fs::remove_file(folder.join(WRITER_LOCK)).unwrap();
    refused(open());
    drop(std::fs::remove_file(folder.join(READERS_LOCK)));
    add(&index, &first, "a");
    commit(&mut first).unwrap();
    assert_eq!(articles(&index.inner), 1);
    std::fs::rename(&folder, parent.path().join("aside")).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let second = Index::create_on(open()).unwrap();
    let lock = open().lock().unwrap();
    add(&index, &first, "b");
    let error = commit(&mut first).unwrap_err();
    assert!(ours_in(&error).is_some() || error.to_string().contains("replaced"), "{error:?}");
    drop((first, lock));
    assert_eq!(articles(&second.inner), 0);
}
