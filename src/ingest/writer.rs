//! The one owner of tantivy's writer: upserts, deletions, durable commits, the ledger.
//!
//! After any error the writer is dropped and the run ends: tantivy's writer may report success for lost documents once
//! one of its threads has failed.

mod merge;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use tantivy::error::DataCorruption;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::{Field, IndexRecordOption, TantivyDocument};
use tantivy::{DocSet, IndexReader, IndexWriter, ReloadPolicy, Searcher, TERMINATED, Term};
use xxhash_rust::xxh3::xxh3_64;

use super::budget::Permit;
use crate::error::{Error, ErrorKind, Result};
use crate::index::document::{self, IndexedArticle, Prepared, StoredArticle};
use crate::index::ledger::{Checkpoint, FileState, Ledger};
use crate::index::schema::Fields;
use crate::index::storage::space::{WithinSpace, segment_name};
use crate::index::{Index, from_tantivy};
use merge::ParallelMerges;

/// An article that is in the index, by the hash of its id.
#[derive(Clone, Copy)]
struct Known {
    content_hash: u64,
    /// The file of this pass that it was found in; `None` before it was.
    seen_in: Option<u32>,
    /// Whether it was tagged in this run.
    is_tagged: bool,
}

/// What became of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upsert {
    Added,
    Updated,
    Unchanged,
    /// It replaced one of the same id that was seen before in this run, in the file of this number.
    Replaced(u32),
}

/// Writes one run.
pub(super) struct Writer<'i> {
    index: &'i Index,
    inner: IndexWriter<IndexedArticle>,
    /// The state before the run, for what has to be looked up.
    before: Searcher,
    known: HashMap<u64, Known>,
    pub(super) ledger: Ledger,
    checkpoint: Checkpoint,
    /// Ids that stood in files which were read again or are gone, to be deleted unless they turn up elsewhere.
    candidates: Vec<String>,
    docs: u64,
    dirty: bool,
    /// Whether a commit has failed: tantivy's writer would go on and report success for what it has lost.
    is_poisoned: bool,
    /// Bytes of text since the last commit.
    pub(super) uncommitted: usize,
}

impl<'i> Writer<'i> {
    /// Takes the writer's lock and reads what is in the index.
    pub(super) fn open(index: &'i Index, threads: usize, memory_bytes: usize) -> Result<Self> {
        let fail = |error| from_tantivy(error, index.place());
        // Half is for articles under way and merges. tantivy wants 15 MB a thread, of which its columns and tables take 12 before the
        // first article comes: two threads with 16 take twice as long as one with 32.
        let postings = memory_bytes / 2;
        let threads = threads.min(postings / (32 << 20)).max(1);
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread((postings / threads).clamp(15 << 20, 2 << 30))
            // A merge maps all that it reads, and the cores are busy while articles come in.
            .num_merge_threads(threads.div_ceil(2))
            .build();
        let inner: IndexWriter<IndexedArticle> = index.inner.writer_with_options(options).map_err(fail)?;
        // The engine gives its first operation the number of the last commit. A merge takes deletes of that number for done in
        // segments whose deletes were written by that commit, so that one that matters would be lost.
        inner.delete_term(Term::from_field_text(index.fields.id, ""));
        let policy = ParallelMerges::new(threads);
        match &index.storage {
            Some(storage) => {
                inner.set_merge_policy(Box::new(WithinSpace { storage: storage.clone(), policy }));
            }
            None => inner.set_merge_policy(Box::new(policy)),
        }
        // Only now nobody else can commit.
        let mut checkpoint = Checkpoint::read(&index.inner)?;
        let reader: IndexReader =
            index.inner.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(fail)?;
        let before = reader.searcher();
        let known = read_known(&before).map_err(fail)?;
        let ledger = match &index.storage {
            Some(storage) => Ledger::read(storage, &checkpoint)?,
            None => index.memory_ledger.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        let mut dirty = false;
        let companies = index.companies().map(|(name, _)| name.to_owned());
        if checkpoint.companies != companies {
            checkpoint.companies = companies;
            dirty = true;
        }
        let docs = before.num_docs();
        Ok(Self {
            index,
            inner,
            before,
            known,
            ledger,
            checkpoint,
            candidates: Vec::new(),
            docs,
            dirty,
            is_poisoned: false,
            uncommitted: 0,
        })
    }

    /// Articles in the index as it will be after the next commit.
    pub(super) fn docs(&self) -> u64 {
        self.docs
    }

    /// Notes that a run with this tagger has come to its end, unless it left articles alone that another tagger had
    /// read: then the index stays stale until they are tagged again too. `own` is what dateline's own tagger would be
    /// called, `seed` what the files were read with.
    pub(super) fn tagged_by(&mut self, fingerprint: &str, own: &str, seed: u64) -> Result<()> {
        if self.checkpoint.tagger != fingerprint && self.is_all_tagged(seed)? {
            fingerprint.clone_into(&mut self.checkpoint.tagger);
            self.checkpoint.is_own_tagger = fingerprint == own;
            self.dirty = true;
        }
        Ok(())
    }

    /// Goes on where another index was: with its ledger, the number of its last commit, and what gave its tags.
    pub(super) fn take_over(&mut self, ledger: Ledger, checkpoint: &Checkpoint) {
        self.ledger = ledger;
        self.checkpoint.seq = checkpoint.seq;
        self.checkpoint.tagger.clone_from(&checkpoint.tagger);
        self.checkpoint.is_own_tagger = checkpoint.is_own_tagger;
        self.dirty = true;
    }

    /// Whether every article was tagged in this run, or stands in a file that an earlier one read to its end likewise.
    fn is_all_tagged(&self, seed: u64) -> Result<bool> {
        let mut left: HashSet<u64> =
            self.known.iter().filter(|(_, known)| !known.is_tagged).map(|(key, _)| *key).collect();
        for (path, state) in &self.ledger.files {
            if left.is_empty() {
                break;
            }
            if state.is_complete && self.ledger.seed == seed {
                for id in self.ids_of_file(path)? {
                    left.remove(&key_of(&id));
                }
            }
        }
        Ok(left.is_empty())
    }

    /// All articles as they were before the run.
    pub(super) fn stored(&self) -> StoredArticles {
        StoredArticles {
            searcher: self.before.clone(),
            fields: self.index.fields,
            place: self.index.place().into(),
            segment: 0,
            doc: 0,
        }
    }

    /// Number of the last commit.
    pub(super) fn seq(&self) -> u64 {
        self.checkpoint.seq
    }

    /// Brings an article into the index, in place of the one with its id. `file` is the number of its file in this run.
    pub(super) fn upsert(&mut self, prepared: Prepared, file: u32, permit: Arc<Permit>) -> Result<Upsert> {
        let key = key_of(&prepared.id);
        let known = self.known.get(&key).copied();
        let fresh = Known { content_hash: prepared.content_hash, seen_in: Some(file), is_tagged: true };
        self.known.insert(key, fresh);
        let outcome = match known {
            None => Upsert::Added,
            Some(Known { seen_in: Some(earlier), .. }) => Upsert::Replaced(earlier),
            Some(Known { content_hash, .. }) if content_hash == prepared.content_hash => Upsert::Unchanged,
            Some(_) => Upsert::Updated,
        };
        let is_same = known.is_some_and(|known| known.content_hash == prepared.content_hash);
        if is_same {
            return Ok(outcome);
        }
        self.dirty = true;
        if known.is_some() {
            self.inner.delete_term(Term::from_field_text(self.index.fields.id, &prepared.id));
        } else {
            self.docs += 1;
        }
        self.uncommitted += prepared.bytes;
        self.inner
            .add_document(prepared.document.holding(permit))
            .map_err(|error| from_tantivy(error, self.index.place()))?;
        Ok(outcome)
    }

    /// The path that an article had before the run, where it was in the index then.
    pub(super) fn path_before(&self, id: &str) -> Result<Option<String>> {
        let fields = self.index.fields;
        let mut path = None;
        self.for_each_posting(fields.id, id, |address| {
            let document: TantivyDocument = self.before.doc(address)?;
            path = document::read(&fields, &document).ok().map(|stored| stored.article.path);
            Ok(())
        })?;
        Ok(path)
    }

    /// What a file held before the run is to go, unless it is seen again.
    pub(super) fn expect_again(&mut self, path: &str) -> Result<()> {
        let mut ids = self.ids_of_file(path)?;
        self.candidates.append(&mut ids);
        Ok(())
    }

    /// Ids of the articles that a file held before the run, in the members of an archive too.
    fn ids_of_file(&self, path: &str) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut paths = self.members_of(path)?;
        paths.insert(path.to_owned());
        for path in paths {
            self.ids_at(&path, &mut ids)?;
        }
        Ok(ids)
    }

    /// Paths of the articles that came out of an archive.
    fn members_of(&self, archive: &str) -> Result<BTreeSet<String>> {
        let field = self.index.fields.path;
        let term = |text: &str| Term::from_field_text(field, text).serialized_value_bytes().to_vec();
        // The character behind the one between the names.
        let (from, to) = (term(&format!("{archive}/")), term(&format!("{archive}0")));
        let visit = || -> tantivy::Result<BTreeSet<String>> {
            let mut paths = BTreeSet::new();
            for segment in self.before.segment_readers() {
                let inverted = segment.inverted_index(field)?;
                let mut terms = inverted.terms().range().ge(&from).lt(&to).into_stream()?;
                while terms.advance() {
                    paths.extend(std::str::from_utf8(terms.key()).ok().map(str::to_owned));
                }
            }
            Ok(paths)
        };
        visit().map_err(|error| from_tantivy(error, self.index.place()))
    }

    fn ids_at(&self, path: &str, ids: &mut Vec<String>) -> Result<()> {
        self.for_each_posting(self.index.fields.path, path, |address| {
            let segment = self.before.segment_reader(address.segment_ord);
            let mut id = String::new();
            if let Some(column) = segment.fast_fields().str("id")?
                && let Some(ord) = column.ords().first(address.doc_id)
                && column.ord_to_str(ord, &mut id)?
            {
                ids.push(id);
            }
            Ok(())
        })
    }

    /// Starts over with what counts as seen.
    pub(super) fn forget_seen(&mut self) {
        for known in self.known.values_mut() {
            known.seen_in = None;
        }
    }

    /// Deletes what was expected again and has not come. Gives the number.
    pub(super) fn delete_unseen(&mut self) -> u64 {
        let mut deleted = 0;
        for id in std::mem::take(&mut self.candidates) {
            let is_unseen = self.known.get(&key_of(&id)).is_some_and(|known| known.seen_in.is_none());
            deleted += u64::from(is_unseen && self.delete(&id));
        }
        deleted
    }

    /// Deletes one article; whether there was one.
    pub(super) fn delete(&mut self, id: &str) -> bool {
        let was_there = self.known.remove(&key_of(id)).is_some();
        if was_there {
            self.inner.delete_term(Term::from_field_text(self.index.fields.id, id));
            self.docs -= 1;
            self.dirty = true;
        }
        was_there
    }

    /// Notes that a file was read.
    pub(super) fn file_done(&mut self, path: &str, state: FileState) {
        if self.ledger.files.get(path) != Some(&state) {
            self.ledger.files.insert(path.to_owned(), state);
            self.dirty = true;
        }
    }

    /// Notes that a file holds an id which another one holds too.
    pub(super) fn shares_ids(&mut self, path: &str) {
        if let Some(state) = self.ledger.files.get_mut(path).filter(|state| !state.shares_ids) {
            state.shares_ids = true;
            self.dirty = true;
        }
    }

    /// Notes that a file is gone.
    pub(super) fn file_gone(&mut self, path: &str) {
        if self.ledger.files.remove(path).is_some() {
            self.dirty = true;
        }
    }

    /// Makes everything so far durable. Gives whether there was anything. After it has failed once it fails always.
    pub(super) fn commit(&mut self) -> Result<bool> {
        if self.is_poisoned {
            let message = "nothing more is written after an error";
            return Err(Error::new(ErrorKind::Io, message)
                .with_hint("what was committed before is safe; run it again"));
        }
        let outcome = self.try_commit();
        self.is_poisoned = outcome.is_err();
        outcome.map_err(|error| self.reason(error))
    }

    /// Why an error came about: what could not be written first, where that is known.
    pub(super) fn reason(&self, error: Error) -> Error {
        let storage = self.index.storage.as_ref();
        storage.and_then(|storage| storage.failure(Some(self.uncommitted as u64))).unwrap_or(error)
    }

    fn try_commit(&mut self) -> Result<bool> {
        if !self.dirty {
            return Ok(false);
        }
        let seq = self.checkpoint.seq + 1;
        let mut next = Checkpoint { seq, ..self.checkpoint.clone() };
        let storage = self.index.storage.as_ref();
        if let Some(storage) = storage {
            // Postings, columns and the stored text take about as much as the text does.
            storage.ask_for(self.uncommitted as u64)?;
            next.ledger = Some(self.ledger.write(storage, seq)?);
            if let Some((name, text)) = self.index.companies() {
                storage.write(name, text.as_bytes())?;
            }
        }
        let payload = next.to_payload()?;
        let fail = |error| from_tantivy(error, self.index.place());
        let mut prepared = self.inner.prepare_commit().map_err(fail)?;
        prepared.set_payload(&payload);
        prepared.commit().map_err(fail)?;
        if let Some(storage) = storage {
            let ledgers = [&self.checkpoint.ledger, &self.checkpoint.companies];
            let now = [&next.ledger, &next.companies];
            storage.remove(
                ledgers.into_iter().flatten().filter(|name| !now.into_iter().flatten().any(|it| it == *name)),
            )?;
        } else {
            let mut kept = self.index.memory_ledger.lock().unwrap_or_else(PoisonError::into_inner);
            kept.clone_from(&self.ledger);
        }
        self.checkpoint = next;
        self.dirty = false;
        self.uncommitted = 0;
        Ok(true)
    }

    /// Merges all segments into one, and lets the lock go.
    pub(super) fn compact(mut self) -> Result<()> {
        let index = self.index;
        let storage = index.storage.as_ref();
        let failed = |error, bytes| {
            let failure = storage.and_then(|storage| storage.failure(bytes));
            failure.unwrap_or_else(|| from_tantivy(error, index.place()))
        };
        let segments = index.inner.searchable_segment_metas().map_err(|error| failed(error, None))?;
        if segments.len() > 1 || segments.iter().any(tantivy::SegmentMeta::has_deletes) {
            let names: Vec<_> = segments.iter().map(segment_name).collect();
            let bytes = storage.map(|storage| storage.bytes_of(&names));
            if let (Some(storage), Some(bytes)) = (storage, bytes) {
                storage.ask_for(bytes)?;
            }
            let ids: Vec<_> = segments.iter().map(tantivy::SegmentMeta::id).collect();
            self.inner.merge(&ids).wait().map_err(|error| failed(error, bytes))?;
        }
        self.close()
    }

    /// Fails when the threads that take documents are no longer there; called when nothing has moved for a while.
    pub(super) fn check_alive(&mut self) -> Result<()> {
        // A thread that has failed leaves the queue full for ever; preparing a commit joins the threads and says why.
        self.commit().map(drop)
    }

    /// Waits for merges and lets the lock go. What failed behind the last commit costs no article, and the engine only writes
    /// it to its log; but a disk that fails is no success.
    pub(super) fn close(self) -> Result<()> {
        let Self { index, inner, before, .. } = self;
        drop(before);
        inner.wait_merging_threads().map_err(|error| from_tantivy(error, index.place()))?;
        let Some(storage) = &index.storage else { return Ok(()) };
        let outcome = match storage.failure(None) {
            Some(failure) => Err(failure),
            // The engine keeps the files of merged segments as long as it shows them itself. They go when the lock is taken,
            // unless somebody else has it already, who has swept.
            None => match storage.lock() {
                Err(error) if error.kind() == ErrorKind::Locked => Ok(()),
                outcome => outcome.map(drop),
            },
        };
        outcome.map_err(|error| error.with_hint("what was committed is safe; run it again"))
    }

    fn for_each_posting(
        &self,
        field: Field,
        text: &str,
        mut each: impl FnMut(tantivy::DocAddress) -> tantivy::Result<()>,
    ) -> Result<()> {
        let term = Term::from_field_text(field, text);
        let mut visit = || -> tantivy::Result<()> {
            for (segment_ord, segment) in (0u32..).zip(self.before.segment_readers()) {
                let Some(mut postings) =
                    segment.inverted_index(field)?.read_postings(&term, IndexRecordOption::Basic)?
                else {
                    continue;
                };
                while postings.doc() != TERMINATED {
                    let doc_id = postings.doc();
                    if segment.alive_bitset().is_none_or(|alive| alive.is_alive(doc_id)) {
                        each(tantivy::DocAddress { segment_ord, doc_id })?;
                    }
                    postings.advance();
                }
            }
            Ok(())
        };
        visit().map_err(|error| from_tantivy(error, self.index.place()))
    }
}

/// Walks the articles of an index, segment by segment.
pub(super) struct StoredArticles {
    searcher: Searcher,
    fields: Fields,
    place: PathBuf,
    segment: u32,
    doc: u32,
}

impl Iterator for StoredArticles {
    type Item = Result<StoredArticle>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let segment = self.searcher.segment_readers().get(self.segment as usize)?;
            let doc_id = self.doc;
            if doc_id >= segment.max_doc() {
                self.segment += 1;
                self.doc = 0;
                continue;
            }
            self.doc += 1;
            if segment.is_deleted(doc_id) {
                continue;
            }
            let stored = self
                .searcher
                .doc::<TantivyDocument>(tantivy::DocAddress { segment_ord: self.segment, doc_id });
            return Some(
                stored
                    .map_err(|error| from_tantivy(error, &self.place))
                    .and_then(|stored| document::read(&self.fields, &stored)),
            );
        }
    }
}

/// The articles of a searcher: hash of the id, hash of the content. Each dictionary of ids is read once from its beginning; to
/// look ids up one by one takes a hundred times as long.
fn read_known(searcher: &Searcher) -> tantivy::Result<HashMap<u64, Known>> {
    let mut known = HashMap::with_capacity(searcher.num_docs() as usize);
    for segment in searcher.segment_readers() {
        let Some(ids) = segment.fast_fields().str("id")? else { continue };
        // The engine takes the number of the list as it stands, and the list may be made to lie with a right checksum.
        let (listed, articles) = (segment.max_doc(), ids.ords().num_docs());
        if listed != articles {
            let comment = format!("{listed} articles are listed in a segment of {articles}");
            return Err(DataCorruption::comment_only(comment).into());
        }
        let mut keys = Vec::new();
        let mut terms = ids.dictionary().stream()?;
        while terms.advance() {
            keys.push(xxh3_64(terms.key()));
        }
        let hashes = segment.fast_fields().u64("content_hash")?;
        for doc in segment.doc_ids_alive() {
            let key = ids.ords().first(doc).and_then(|ord| keys.get(ord as usize));
            if let Some(key) = key {
                let content_hash = hashes.first(doc).unwrap_or(0);
                known.insert(*key, Known { content_hash, seen_in: None, is_tagged: false });
            }
        }
    }
    Ok(known)
}

fn key_of(id: &str) -> u64 {
    xxh3_64(str::as_bytes(id))
}
