//! Finding damage: which files of an index are not what was written, and what that costs.
//!
//! The engine never looks at checksums, and may answer wrongly from a file in which a single bit has changed. So what is
//! damaged is told here from the list of files that was committed with them, without the engine; only files that are as
//! they were written are handed to it, to read every article back.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;
use tantivy::schema::document::TantivyDocument;
use tantivy::{DocAddress, IndexReader, ReloadPolicy};
use xxhash_rust::xxh3::Xxh3;

use super::document::StoredForm;
use super::schema::Fields;
use super::segment::Segment;
use super::storage::Storage;
use super::storage::manifest::{self, Generation, META, Sum, segment_of};
use super::{Index, document, from_tantivy, missing, swap};
use crate::control::Cancel;
use crate::error::{Error, ErrorKind, Result};

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// At names and lengths: what opening an index does. It takes milliseconds.
    Lengths,
    /// At every byte, and at every article. It takes as long as reading the whole index.
    Content,
}

/// What a check has found.
#[derive(Clone, Debug, Serialize)]
pub struct Checkup {
    /// Number of the commit that was looked at; 0 before the first.
    pub commit: u64,
    /// Articles in it.
    pub articles: u64,
    /// Files of it.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Whether every byte was looked at.
    pub is_deep: bool,
    /// What is damaged, by file; empty where nothing is.
    pub damage: Vec<Damage>,
}

/// A file that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Its name in the folder of the index.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
    /// What can't be relied on.
    pub cost: String,
    /// Number of articles that this is about.
    pub articles: u64,
    /// Their ids, as far as they can still be told, at most [`MOST_IDS`].
    pub ids: Vec<String>,
}

/// Most ids that are given of a damaged file.
pub const MOST_IDS: usize = 10_000;

/// Looks for damage in the index in a folder. Damage is no error; that there is no index is one, and another format.
///
/// Nothing is written and no lock taken. A writer may be at work: the state is looked at that was the last when the check
/// began, and a later one where that is gone before it was read to its end.
pub fn check(folder: impl AsRef<Path>, depth: Depth, cancel: &Cancel) -> Result<Checkup> {
    let folder = folder.as_ref();
    if let Some(error) = swap::broken_off(folder) {
        return Err(error);
    }
    if !folder.join(META).is_file() {
        return match missing(folder) {
            error if error.kind() == ErrorKind::Damaged => Ok(without_list("it is not there", depth)),
            error => Err(error),
        };
    }
    let path = folder.join(META);
    let mut states = 0;
    loop {
        let bytes = std::fs::read(&path).map_err(|error| Error::io(&path, error))?;
        let generation = match manifest::decode(&bytes, folder) {
            Ok(generation) => generation,
            Err(error) if error.kind() == ErrorKind::Damaged => {
                return Ok(without_list("its content is not what was written", depth));
            }
            Err(error) => return Err(error),
        };
        let found = look_at(folder, &generation, depth, cancel)?;
        states += 1;
        // The files of a state go when the next one is there.
        if found.damage.is_empty()
            || states == MOST_STATES
            || std::fs::read(&path).is_ok_and(|now| now == bytes)
        {
            return Ok(found);
        }
    }
}

/// States that are looked at, one after the other, while a writer takes them away.
const MOST_STATES: usize = 20;

impl Index {
    /// Opens the index in a folder after every byte of it was compared with what was written, and every article read. It
    /// takes as long as reading the whole index, and answers from no damaged file.
    pub fn open_checked(folder: impl AsRef<Path>, cancel: &Cancel) -> Result<Self> {
        let folder = folder.as_ref();
        let found = check(folder, Depth::Content, cancel)?;
        match found.damage.first() {
            Some(Damage { file, reason, .. }) => Err(manifest::damage(folder, file, reason)),
            None => Self::open(folder),
        }
    }
}

/// The damage of an index whose list of files is lost.
pub(crate) fn lost_list(reason: &str) -> Damage {
    Damage {
        file: META.to_owned(),
        reason: reason.to_owned(),
        cost: "nothing can be searched: it lists what belongs to the index".to_owned(),
        articles: 0,
        ids: Vec::new(),
    }
}

/// The damage of a file of a segment that is in no list.
pub(crate) fn wrong_content(folder: &Path, name: &str) -> Damage {
    let is_there = folder.join(name).exists();
    let reason = if is_there { "its content is not what its checksum says" } else { "it is not there" };
    Damage {
        file: name.to_owned(),
        reason: reason.to_owned(),
        cost: "what it holds of the articles of its segment".to_owned(),
        articles: 0,
        ids: Vec::new(),
    }
}

fn without_list(reason: &str, depth: Depth) -> Checkup {
    Checkup {
        commit: 0,
        articles: 0,
        files: 0,
        bytes: 0,
        is_deep: depth == Depth::Content,
        damage: vec![lost_list(reason)],
    }
}

fn look_at(folder: &Path, generation: &Generation, depth: Depth, cancel: &Cancel) -> Result<Checkup> {
    let mut found = Checkup {
        commit: generation.checkpoint.seq,
        articles: generation.articles(),
        files: generation.files.len() as u64 + 1,
        bytes: generation.bytes(),
        is_deep: depth == Depth::Content,
        damage: Vec::new(),
    };
    found.damage = damaged(folder, generation, depth, cancel)?;
    name_articles(folder, generation, &mut found.damage, cancel)?;
    if depth == Depth::Content && found.damage.is_empty() {
        read_back(folder, &mut found, cancel)?;
    }
    Ok(found)
}

/// The files of a state that are not what was written. Their articles are yet to be [named](name_articles).
pub(crate) fn damaged(
    folder: &Path,
    generation: &Generation,
    depth: Depth,
    cancel: &Cancel,
) -> Result<Vec<Damage>> {
    let mut found = Vec::new();
    for (name, sum) in &generation.files {
        if let Some(reason) = compare(&folder.join(name), *sum, depth, cancel)? {
            let (cost, articles) = cost(name, generation);
            found.push(Damage { file: name.clone(), reason, cost, articles, ids: Vec::new() });
        }
    }
    Ok(found)
}

/// Names the articles that damage is about, from files that are as they were written. Of a store those that can't be
/// read, where the columns tell which.
pub(crate) fn name_articles(
    folder: &Path,
    generation: &Generation,
    damage: &mut [Damage],
    cancel: &Cancel,
) -> Result<()> {
    let files: BTreeSet<String> = damage.iter().map(|damage| damage.file.clone()).collect();
    let (_, fields) = Fields::schema();
    for segment in &generation.segments {
        if !files.iter().any(|name| name.starts_with(&segment.name)) {
            continue;
        }
        let mut is_right = |name: &str| {
            let Some(sum) = generation.files.get(name).filter(|_| !files.contains(name)) else {
                return Ok(false);
            };
            Ok(compare(&folder.join(name), *sum, Depth::Content, cancel)?.is_none())
        };
        let mut read = Segment::open(folder, segment, StoredForm::of(&fields), &mut is_right)?;
        if !read.is_store_right() {
            read.probe(cancel)?;
        }
        for damage in damage.iter_mut().filter(|damage| damage.file.starts_with(&segment.name)) {
            let is_of_store = damage.file == segment.file("store");
            let about = || read.live().filter(|doc| !(is_of_store && read.is_readable(*doc)));
            if is_of_store {
                damage.articles = about().count() as u64;
            }
            damage.ids = about().filter_map(|doc| read.id(doc)).take(MOST_IDS).collect();
        }
    }
    Ok(())
}

/// What is wrong with a file.
pub(crate) fn compare(path: &Path, listed: Sum, depth: Depth, cancel: &Cancel) -> Result<Option<String>> {
    let found = match std::fs::metadata(path) {
        Ok(found) if found.is_file() => found.len(),
        Ok(_) => return Ok(Some("it is no file".to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some("it is not there".to_owned()));
        }
        Err(error) => return Ok(Some(error.to_string())),
    };
    if found != listed.bytes {
        return Ok(Some(format!("it has {found} bytes, {} were written", listed.bytes)));
    }
    if depth == Depth::Lengths {
        return Ok(None);
    }
    match hash(path, cancel)? {
        Ok(hash) if hash == listed.hash => Ok(None),
        Ok(_) => Ok(Some("its content is not what its checksum says".to_owned())),
        // Of a disk that fails, too, the rest is looked at.
        Err(error) => Ok(Some(format!("it can't be read: {error}"))),
    }
}

/// The hash of a file. It is read and not mapped, so that a disk that fails gives an error and no signal.
fn hash(path: &Path, cancel: &Cancel) -> Result<io::Result<u64>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return Ok(Err(error)),
    };
    let (mut hash, mut buffer) = (Xxh3::new(), vec![0; 1 << 20]);
    loop {
        cancel.check()?;
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Ok(hash.digest())),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Err(error)),
        }
    }
}

/// What it costs that a file is not what was written, and in how many articles.
fn cost(name: &str, generation: &Generation) -> (String, u64) {
    let Some((segment, extension)) = segment_of(name) else {
        let what = if generation.checkpoint.ledger.as_deref() == Some(name) {
            "which files were read is not known, so that nothing can be added"
        } else {
            "the company list that the index was tagged with"
        };
        return (what.to_owned(), 0);
    };
    let Some(segment) = generation.segments.iter().find(|it| it.name == segment) else {
        return ("nothing that is needed".to_owned(), 0);
    };
    let articles = u64::from(segment.docs - segment.deleted.min(segment.docs));
    let what = match extension {
        "idx" | "term" => "their words, names, tags and ids can't be found",
        "pos" => "phrases, distances and highlights in them are wrong",
        "store" => "their texts and tags can't be shown, exported or tagged again",
        "fast" => "their dates, counts, order and ids are wrong, and they can't be replaced",
        "fieldnorm" => "their ranks are wrong",
        "del" => {
            let (deleted, are) = (segment.deleted, if segment.deleted == 1 { "is" } else { "are" });
            return (format!("which of them {are} deleted or replaced ({deleted}) can't be told"), articles);
        }
        _ => "it is not known what they lose",
    };
    (what.to_owned(), articles)
}

/// Reads every article. Its files are what was written, so that what can't be read was written wrong.
fn read_back(folder: &Path, found: &mut Checkup, cancel: &Cancel) -> Result<()> {
    let index = Index::open_on(Storage::open(folder)?)?;
    let fail = |error| from_tantivy(error, folder);
    let reader: IndexReader =
        index.inner.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(fail)?;
    let searcher = reader.searcher();
    let mut unreadable = Vec::new();
    let mut read: u64 = 0;
    for (segment_ord, segment) in (0u32..).zip(searcher.segment_readers()) {
        let ids = segment.fast_fields().str("id").map_err(fail)?;
        // The list may be made to lie with a right checksum.
        let listed = ids.as_ref().map_or(0, |ids| ids.ords().num_docs());
        if listed != segment.max_doc() {
            found.damage.push(Damage {
                file: META.to_owned(),
                reason: format!("it lists {} articles in a segment of {listed}", segment.max_doc()),
                cost: "which articles there are can't be told".to_owned(),
                articles: u64::from(listed),
                ids: Vec::new(),
            });
            return Ok(());
        }
        for doc_id in segment.doc_ids_alive() {
            cancel.check()?;
            read += 1;
            let mut id = String::new();
            let is_listed = ids.as_ref().is_some_and(|ids| {
                ids.ords().first(doc_id).is_some_and(|ord| ids.ord_to_str(ord, &mut id).unwrap_or(false))
            });
            let stored = searcher
                .doc::<TantivyDocument>(DocAddress { segment_ord, doc_id })
                .map_err(fail)
                .and_then(|stored| document::read(&index.fields, &stored));
            let is_same = stored.is_ok_and(|stored| is_listed && stored.article.id == id);
            if !is_same {
                unreadable.push(id);
            }
        }
    }
    let number = unreadable.len() as u64;
    unreadable.truncate(MOST_IDS);
    if number > 0 || (read != found.articles && generation_of(&index)? == found.commit) {
        found.damage.push(Damage {
            file: META.to_owned(),
            reason: format!(
                "{read} of {} articles were found, {number} of them can't be read",
                found.articles
            ),
            cost: "their texts and tags can't be shown, exported or tagged again".to_owned(),
            articles: number.max(found.articles.abs_diff(read)),
            ids: unreadable,
        });
    }
    Ok(())
}

fn generation_of(index: &Index) -> Result<u64> {
    super::ledger::Checkpoint::read(&index.inner).map(|checkpoint| checkpoint.seq)
}
