//! A file of an index with other bytes in it: the checked open refuses it and names it, or answers as before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dateline::query::{Node, Query};
use dateline::search::ExportRequest;
use dateline::{Cancel, ErrorKind, Index, Result};

use crate::sample;

/// An index, its files, and what it answers.
pub(crate) struct Template {
    pub folder: tempfile::TempDir,
    pub files: Vec<(String, Vec<u8>)>,
    pub answers: Answers,
}

pub(crate) type Answers = (BTreeMap<String, String>, Vec<String>);

pub(crate) static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let folder = memory();
    let index = Index::open_or_create(folder.path()).unwrap();
    sample::fill(&index, false);
    drop(index);
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .filter(|(name, _)| !name.starts_with('.') && name != "writer.lock")
        .collect();
    // Names differ from run to run; kinds and lengths don't.
    files.sort_by_key(|(name, bytes)| (name.rsplit('.').next().map(str::to_owned), bytes.len(), name.len()));
    let answers = answers(&Index::open(folder.path()).unwrap()).unwrap();
    Template { folder, files, answers }
});

/// A folder in memory where there is one.
pub(crate) fn memory() -> tempfile::TempDir {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// All texts by id, and what a search finds.
pub(crate) fn answers(index: &Index) -> Result<Answers> {
    let searcher = index.searcher()?;
    let articles = searcher.export(&ExportRequest::new(Query { root: Node::All }))?;
    let texts = articles.map(|it| it.map(|it| (it.article.id, it.article.body))).collect::<Result<_>>()?;
    let query: Query = "layoffs OR \"steel and lithium\" OR restruct*".parse()?;
    Ok((texts, searcher.ids(&query)?))
}

pub fn check(bytes: &[u8]) {
    let Some((first, edits)) = bytes.split_first() else { return };
    let template = &*TEMPLATE;
    let (name, whole) = &template.files[usize::from(*first) % template.files.len()];
    let changed = edited(whole, edits);
    let path = template.folder.path().join(name);
    fs::write(&path, &changed).unwrap();
    let checked = Index::open_checked(template.folder.path(), &Cancel::new());
    let plain = Index::open(template.folder.path());
    let outcome = checked.as_ref().map(answers);
    // Put back before anything is asserted.
    fs::write(&path, whole).unwrap();
    match outcome {
        Ok(found) => {
            assert_eq!(found.unwrap(), template.answers, "{name} was changed");
            assert!(changed == *whole || name.ends_with(".txt"), "{name}: a change was not seen");
        }
        Err(error) => {
            assert!(changed != *whole, "{name} is as it was: {error:?}");
            assert!(matches!(error.kind(), ErrorKind::Damaged | ErrorKind::Format), "{name}: {error:?}");
            assert!(error.message().contains(name.as_str()) || error.kind() == ErrorKind::Format, "{error}");
        }
    }
    if changed.len() != whole.len() {
        assert!(plain.is_err(), "{name}: another length is seen at once");
    }
}

/// Changes bytes where the edits say, or cuts or lengthens the file.
fn edited(whole: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut changed = whole.to_vec();
    for edit in edits.chunks_exact(4).take(8) {
        let length = changed.len().max(1);
        let at = usize::from(u16::from_le_bytes([edit[1], edit[2]]));
        match edit[0] % 8 {
            0 => changed.truncate(at % length),
            1 => changed.extend(std::iter::repeat_n(edit[3], at % 300)),
            // Footers stand at the end.
            2 if !changed.is_empty() => {
                let from_end = length - 1 - at % length;
                changed[from_end] = edit[3];
            }
            _ if !changed.is_empty() => changed[at % length] ^= edit[3],
            _ => {}
        }
    }
    changed
}

/// The files of the template in another folder.
pub(crate) fn copy(into: &Path) {
    for (name, bytes) in &TEMPLATE.files {
        fs::write(into.join(name), bytes).unwrap();
    }
}
