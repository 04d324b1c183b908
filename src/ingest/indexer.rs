//! What a run does: which files are read, what leaves the index, when it is made durable, what is said about it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use xxhash_rust::xxh3::xxh3_64;

use super::budget::{Budget, Permit};
use super::pipeline::{self, Context, Fresh, Step, ThreadPool};
use super::writer::{Upsert, Writer};
use super::{Counts, IndexEvent, IndexReport, Skipped, TagChange, TagEdit, TagState};
use crate::article::{Article, Role, Tagger, Tags};
use crate::control::Cancel;
use crate::decode::FieldMap;
use crate::error::{Error, ErrorKind, Result};
use crate::index::document::Prepared;
use crate::index::ledger::{Checkpoint, FileState, Ledger, file_of};
use crate::index::{Index, StoredArticle};
use crate::source::{FileEntry, FileRead, Format, Limits, STREAM, Walk, walk};
use crate::tag::CompanyTagger;

/// How a run works. [`Default`] suits a desktop.
#[derive(Clone, Debug)]
pub struct IndexOptions {
    /// Threads that decode and tag; 0 for one a core.
    pub threads: usize,
    /// Bytes for indexing, half of them for postings before they are written out as a segment. A run takes at most about twice as
    /// much in all, with the company list, articles under way, what is known of each article (some 60 bytes) and the files that
    /// merges map.
    pub memory_bytes: usize,
    /// Keys of JSON records and columns of tables beside the ones that are known anyway.
    pub map: FieldMap,
    /// The format of all that is read; `None` finds it by looking.
    pub format: Option<Format>,
    /// Limits on files, lines and texts.
    pub limits: Limits,
    /// The present as Unix seconds; `None` takes the clock. Dates far beyond it are refused.
    pub now: Option<i64>,
    /// Longest time between two commits. What was read since the last one is read again after a crash.
    pub commit_every: Duration,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            memory_bytes: 256 << 20,
            map: FieldMap::default(),
            format: None,
            limits: Limits::default(),
            now: None,
            commit_every: Duration::from_secs(30),
        }
    }
}

/// Stands for the number of a file where an article comes from none.
const NO_FILE: u32 = u32::MAX;

/// Bytes between reader and index.
const UNDER_WAY: usize = 8 << 20;

/// Shortest time between two progress events.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Brings articles into an index.
///
/// Files are read again only when size or time of change differ from the last run. Articles are known by their id:
/// one that is the same is left alone, one that has changed is replaced, one whose file no longer holds it is deleted.
/// Where several files hold one id the last in the order of the paths counts.
pub struct Indexer {
    pub(super) index: Index,
    options: IndexOptions,
    pub(super) tagger: Arc<dyn Tagger>,
}

impl Indexer {
    /// An indexer with dateline's own tagger over the company list of the index.
    pub fn new(index: &Index, options: IndexOptions) -> Result<Self> {
        let tagger = Arc::new(CompanyTagger::new(index.gazetteer()?));
        Ok(Self { index: index.clone(), options, tagger })
    }

    /// An indexer with another tagger.
    pub fn with_tagger(index: &Index, options: IndexOptions, tagger: Arc<dyn Tagger>) -> Self {
        Self { index: index.clone(), options, tagger }
    }

    /// Indexes files and folders, and removes what is gone from them. Files under other paths stay as they are.
    ///
    /// `events` is called on this thread. When `cancel` is set the run commits what it has and fails with
    /// [`ErrorKind::Cancelled`]; the next one goes on from there.
    pub fn run(
        &self,
        paths: &[PathBuf],
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<IndexReport> {
        self.run_with_stream(paths, None::<std::io::Empty>, cancel, events)
    }

    /// The same with the articles of a stream before them, of any format and length, packed or not. Their path is `-`. What
    /// an earlier stream held stays, but for the articles with the same ids; one that has neither an id nor a URL of its
    /// own is known by its content.
    pub fn run_with_stream(
        &self,
        paths: &[PathBuf],
        stream: Option<impl Read + Send>,
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<IndexReport> {
        let walked = self.walk(paths)?;
        let shown = stream.iter().map(|_| PathBuf::from(STREAM)).chain(paths.iter().cloned());
        events(IndexEvent::Start { paths: shown.collect(), threads: self.threads() });
        Run::open(self, events)?.files(&walked, None, stream, cancel)
    }

    /// Finds the files under paths, of the format that the options say.
    pub(super) fn walk(&self, paths: &[PathBuf]) -> Result<Walk> {
        let mut walked = walk(paths)?;
        for file in &mut walked.files {
            file.format = self.options.format;
        }
        Ok(walked)
    }

    /// The same for files that were found before. What the walk before them in this process found too is not tried
    /// again where it could not be read.
    pub(super) fn run_over(
        &self,
        paths: &[PathBuf],
        walked: &Walk,
        last: Option<&Walk>,
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<IndexReport> {
        events(IndexEvent::Start { paths: paths.to_vec(), threads: self.threads() });
        Run::open(self, events)?.files(walked, last, None::<std::io::Empty>, cancel)
    }

    /// Indexes articles from a source of the caller's own, by their ids. Nothing is removed but what they replace.
    pub fn run_articles(
        &self,
        articles: impl IntoIterator<Item = Article, IntoIter: Send>,
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<IndexReport> {
        self.run_fresh(articles.into_iter().map(|article| (article, None)), cancel, events)
    }

    /// The same for articles that come with their tags, from another system or an earlier run. The tagger is not asked.
    pub fn run_tagged(
        &self,
        articles: impl IntoIterator<Item = (Article, Tags), IntoIter: Send>,
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<IndexReport> {
        self.run_fresh(articles.into_iter().map(|(article, tags)| (article, Some(tags))), cancel, events)
    }

    fn run_fresh(
        &self,
        articles: impl Iterator<Item = (Article, Option<Tags>)> + Send,
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<IndexReport> {
        events(IndexEvent::Start { paths: Vec::new(), threads: self.threads() });
        let run = Run::open(self, events)?;
        let now = run.context.now;
        let fresh = articles.map(|(article, tags)| Ok(Fresh::new(article, tags, now)));
        run.articles(fresh, cancel, false)
    }

    /// Brings in what another index had stored, as it is, with its ledger and what its checkpoint says of the tags.
    pub(super) fn restore(
        &self,
        stored: impl Iterator<Item = StoredArticle> + Send,
        ledger: Ledger,
        checkpoint: &Checkpoint,
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<IndexReport> {
        events(IndexEvent::Start { paths: Vec::new(), threads: self.threads() });
        let mut run = Run::open(self, events)?;
        run.writer.take_over(ledger, checkpoint);
        run.is_restoring = true;
        run.articles(stored.map(|stored| Ok(Fresh::restored(stored))), cancel, false)
    }

    /// Merges the segments of the index into one, as searches like it best; what was deleted is gone from the disk afterwards.
    pub fn compact(&self) -> Result<()> {
        Writer::open(&self.index, 1, self.options.memory_bytes)?.compact()
    }

    /// Tags every article of the index again, from what is stored of it. Only articles whose tags change are written;
    /// when they came into the index stays. Files that have not changed since need not be read again afterwards.
    pub fn retag(&self, cancel: &Cancel, events: &mut dyn FnMut(IndexEvent)) -> Result<IndexReport> {
        events(IndexEvent::Start { paths: Vec::new(), threads: self.threads() });
        Run::open(self, events)?.retag(cancel)
    }

    /// Deletes articles by id; gives how many there were.
    pub fn remove<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Result<u64> {
        let mut writer = Writer::open(&self.index, 1, self.options.memory_bytes)?;
        let mut removed = 0;
        for id in ids {
            removed += u64::from(writer.delete(id));
        }
        writer.commit()?;
        writer.close()?;
        Ok(removed)
    }

    fn threads(&self) -> usize {
        match self.options.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads.min(256),
        }
    }
}

/// One run.
struct Run<'r> {
    options: &'r IndexOptions,
    events: &'r mut dyn FnMut(IndexEvent),
    writer: Writer<'r>,
    context: Arc<Context>,
    pool: Arc<ThreadPool>,
    counts: Counts,
    skipped_by_class: BTreeMap<String, u64>,
    warned_by_class: BTreeMap<String, u64>,
    tag_changes: BTreeMap<String, TagChange>,
    /// Files under the given paths that are not read in this pass.
    unread: HashSet<&'r str>,
    /// Files that hold an id which another one holds too.
    sharing: BTreeSet<String>,
    /// Whether an article took the place of one in a file that was not read.
    has_taken: bool,
    /// In a second pass over files nothing is counted again.
    is_second_pass: bool,
    /// Whether articles come as they were stored: their tags are those of an earlier run, and a later one of the same id
    /// is the newer.
    is_restoring: bool,
    started: Instant,
    last_commit: Instant,
    last_progress: Instant,
}

impl<'r> Run<'r> {
    fn open(indexer: &'r Indexer, events: &'r mut dyn FnMut(IndexEvent)) -> Result<Self> {
        let started = Instant::now();
        let options = &indexer.options;
        let threads = indexer.threads();
        let fingerprint = indexer.tagger.fingerprint();
        let writer = Writer::open(&indexer.index, threads.min(4), options.memory_bytes)?;
        let now = options.now.unwrap_or_else(|| {
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
        });
        let seed = seed(&fingerprint, &options.map);
        let context = Arc::new(Context {
            fields: indexer.index.fields,
            tagger: Arc::clone(&indexer.tagger),
            map: options.map.clone(),
            now,
            fingerprint,
            own_fingerprint: indexer.index.gazetteer()?.fingerprint().to_owned(),
            seed,
        });
        Ok(Self {
            options,
            events,
            writer,
            context,
            pool: Arc::new(pipeline::pool(threads)?),
            counts: Counts::default(),
            skipped_by_class: BTreeMap::new(),
            warned_by_class: BTreeMap::new(),
            tag_changes: BTreeMap::new(),
            unread: HashSet::new(),
            sharing: BTreeSet::new(),
            has_taken: false,
            is_second_pass: false,
            is_restoring: false,
            started,
            last_commit: started,
            last_progress: started,
        })
    }

    fn files(
        mut self,
        walked: &'r Walk,
        last: Option<&Walk>,
        stream: Option<impl Read + Send>,
        cancel: &Cancel,
    ) -> Result<IndexReport> {
        for skipped in &walked.skipped {
            if !last.is_some_and(|last| last.skipped.contains(skipped)) {
                self.skip(skipped.clone());
            }
        }
        let ledger = &mut self.writer.ledger;
        let is_reread = std::mem::replace(&mut ledger.seed, self.context.seed) != self.context.seed;
        if is_reread {
            // Also those that this run doesn't come to: they have the old tags until they are read.
            for state in ledger.files.values_mut() {
                state.is_complete = false;
            }
        }
        let gone = gone(&ledger.files, walked);
        let shares = |path: &str| ledger.files.get(path).is_some_and(|state| state.shares_ids);
        let mut is_read: Vec<bool> = walked
            .files
            .iter()
            .map(|file| {
                let is_known = |state: &FileState| {
                    state.is_same(file) && (state.is_complete || last.is_some_and(|last| last.has(file)))
                };
                is_reread || !ledger.files.get(&*file.path).is_some_and(is_known)
            })
            .collect();
        let is_touched = gone.iter().any(|path| shares(path))
            || walked.files.iter().zip(&is_read).any(|(file, is_read)| *is_read && shares(&file.path));
        if is_touched {
            for (file, is_read) in walked.files.iter().zip(&mut is_read) {
                *is_read |= shares(&file.path);
            }
        }
        let mut bytes = 0;
        for (file, is_read) in walked.files.iter().zip(&is_read) {
            if *is_read {
                bytes += file.bytes;
            } else {
                self.unread.insert(&file.path);
            }
        }
        self.counts.files = self.unread.len() as u64;
        (self.events)(IndexEvent::Listed {
            files: walked.files.len() as u64 + u64::from(stream.is_some()),
            bytes,
            unchanged: self.counts.files,
        });
        let outcome = match stream {
            Some(stream) => self.stream(stream, cancel),
            None => Ok(()),
        };
        let outcome = outcome.and_then(|()| self.passes(walked, &gone, cancel));
        self.finish(outcome)
    }

    fn stream(&mut self, stream: impl Read + Send, cancel: &Cancel) -> Result<()> {
        let budget = Budget::new(UNDER_WAY);
        let (context, pool, options) = (Arc::clone(&self.context), Arc::clone(&self.pool), self.options);
        pipeline::run_stream(&context, &pool, &budget, stream, options, cancel, |step| {
            match step {
                Step::Article { prepared, at, warnings, permit, .. } => {
                    self.article(*prepared, &at, warnings, permit, None)?;
                }
                Step::FileEnd(read) => self.count(&read),
                step => self.other(step)?,
            }
            self.keep_up()
        })
    }

    fn passes(&mut self, walked: &'r Walk, gone: &[String], cancel: &Cancel) -> Result<()> {
        let files: Vec<&FileEntry> =
            walked.files.iter().filter(|file| !self.unread.contains(&*file.path)).collect();
        self.pass(&files, cancel)?;
        for path in gone {
            self.writer.expect_again(path)?;
            self.writer.file_gone(path);
        }
        // Decided now, because a second pass starts over with what was seen.
        self.counts.deleted += self.writer.delete_unseen();
        // An article may have come in place of one in a file that was not read. Which of them counts is decided by
        // the order of the paths, so all that share ids are read once more, in that order.
        if self.has_taken {
            let ledger = &self.writer.ledger.files;
            let sharing = |file: &&FileEntry| ledger.get(&*file.path).is_some_and(|state| state.shares_ids);
            let files: Vec<&FileEntry> = walked.files.iter().filter(sharing).collect();
            self.is_second_pass = true;
            self.unread.clear();
            self.writer.forget_seen();
            self.pass(&files, cancel)?;
        }
        Ok(())
    }

    fn pass(&mut self, files: &[&FileEntry], cancel: &Cancel) -> Result<()> {
        let budget = Budget::new(UNDER_WAY);
        let (context, pool, options) = (Arc::clone(&self.context), Arc::clone(&self.pool), self.options);
        let limits = Limits { columns: options.map.clone(), ..options.limits.clone() };
        // Articles come in the order of the files, so an article's file is the first that has not ended.
        let mut current = 0;
        pipeline::run_files(&context, &pool, &budget, files, &limits, cancel, |step| {
            match step {
                Step::Article { prepared, at, warnings, permit, .. } => {
                    self.article(*prepared, &at, warnings, permit, Some((files, current)))?;
                }
                Step::FileEnd(read) => {
                    self.file_end(files[current], &read)?;
                    current += 1;
                }
                step => self.other(step)?,
            }
            self.keep_up()
        })?;
        for path in std::mem::take(&mut self.sharing) {
            self.writer.shares_ids(&path);
        }
        Ok(())
    }

    fn retag(self, cancel: &Cancel) -> Result<IndexReport> {
        let stored = self.writer.stored().map(|stored| stored.map(Fresh::from));
        self.articles(stored, cancel, true)
    }

    /// Articles that are at hand; `is_whole` when they are all of the index.
    fn articles(
        mut self,
        articles: impl Iterator<Item = Result<Fresh>> + Send,
        cancel: &Cancel,
        is_whole: bool,
    ) -> Result<IndexReport> {
        let budget = Budget::new(UNDER_WAY);
        let (context, pool) = (Arc::clone(&self.context), Arc::clone(&self.pool));
        let outcome = pipeline::run_articles(&context, &pool, &budget, articles, cancel, |step| {
            match step {
                Step::Article { prepared, at, warnings, changes, permit } => {
                    self.note_changes(&prepared.id, changes);
                    self.article(*prepared, &at, warnings, permit, None)?;
                }
                step => self.other(step)?,
            }
            self.keep_up()
        });
        if is_whole && outcome.is_ok() {
            // Also files of which an earlier run noted that they have to be read again for their tags.
            self.writer.ledger.seed = self.context.seed;
        }
        self.finish(outcome)
    }

    /// Brings one article in; `file` is the list of files of the pass and the place of the article's own in it.
    fn article(
        &mut self,
        prepared: Prepared,
        at: &str,
        warnings: Vec<Skipped>,
        permit: Arc<Permit>,
        file: Option<(&[&FileEntry], usize)>,
    ) -> Result<()> {
        let id = prepared.id.clone();
        let number = file.map_or(NO_FILE, |(_, current)| current as u32);
        let outcome = self.writer.upsert(prepared, number, permit)?;
        match outcome {
            Upsert::Updated => self.note_taken(&id, file)?,
            Upsert::Replaced(earlier) => {
                if let Some((files, current)) = file
                    && earlier != number
                    && earlier != NO_FILE
                {
                    self.sharing.insert(files[earlier as usize].path.to_string());
                    self.sharing.insert(files[current].path.to_string());
                }
            }
            Upsert::Added | Upsert::Unchanged => {}
        }
        if self.is_second_pass {
            return Ok(());
        }
        self.counts.records += 1;
        for warning in warnings {
            self.warn(warning);
        }
        match outcome {
            Upsert::Added => self.counts.added += 1,
            Upsert::Updated => self.counts.updated += 1,
            Upsert::Unchanged => self.counts.unchanged += 1,
            Upsert::Replaced(_) if self.is_restoring => {}
            Upsert::Replaced(_) => self.warn(Skipped {
                at: at.to_owned(),
                class: "duplicate".to_owned(),
                reason: format!("another record of this run has the id {id}; the later one counts"),
            }),
        }
        Ok(())
    }

    fn note_changes(&mut self, id: &str, changes: Vec<TagEdit>) {
        if changes.is_empty() {
            return;
        }
        for edit in &changes {
            let change = self.tag_changes.entry(edit.tag.clone()).or_default();
            // A company that an article only credits is not one that it names.
            let counts = |state: &Option<TagState>| {
                state.is_some_and(|state| state.role.is_none_or(Role::counts_as_company))
            };
            let count = match (counts(&edit.before), counts(&edit.after)) {
                (false, true) => &mut change.gained,
                (true, false) => &mut change.lost,
                _ => &mut change.changed,
            };
            *count += 1;
        }
        (self.events)(IndexEvent::Retagged { id: id.to_owned(), changes });
    }

    /// An article that has changed may have been another file's, which is still there and was not read.
    fn note_taken(&mut self, id: &str, file: Option<(&[&FileEntry], usize)>) -> Result<()> {
        let Some((files, current)) = file.filter(|_| !self.unread.is_empty()) else { return Ok(()) };
        if let Some(before) = self.writer.path_before(id)?
            && let Some(before) = file_of(&before).find(|path| self.unread.contains(path))
        {
            self.has_taken = true;
            self.sharing.insert(before.to_owned());
            self.sharing.insert(files[current].path.to_string());
        }
        Ok(())
    }

    fn file_end(&mut self, file: &FileEntry, read: &FileRead) -> Result<()> {
        if !self.is_second_pass {
            self.count(read);
        }
        // What a file that broke off still holds can't be told, so its articles stay.
        if read.is_complete {
            self.writer.expect_again(&file.path)?;
        }
        let state = FileState {
            bytes: file.bytes,
            modified_ns: file.modified_ns,
            hash: read.hash,
            records: read.records,
            is_complete: read.is_complete,
            shares_ids: self.sharing.contains(&*file.path),
            format: file.format,
        };
        self.writer.file_done(&file.path, state);
        Ok(())
    }

    fn count(&mut self, read: &FileRead) {
        self.counts.files += 1;
        self.counts.bytes_read += read.bytes_read;
        self.counts.bytes_unpacked += read.bytes_unpacked;
    }

    fn other(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Skipped(skipped) if !self.is_second_pass => {
                self.counts.records += 1;
                self.skip(skipped);
                Ok(())
            }
            Step::Warned(warned) if !self.is_second_pass => {
                self.warn(warned);
                Ok(())
            }
            Step::Stalled => self.writer.check_alive(),
            Step::Skipped(_) | Step::Warned(_) | Step::Article { .. } | Step::FileEnd(..) => Ok(()),
        }
    }

    fn skip(&mut self, skipped: Skipped) {
        self.counts.skipped += 1;
        *self.skipped_by_class.entry(skipped.class.clone()).or_default() += 1;
        (self.events)(IndexEvent::Skipped(skipped));
    }

    fn warn(&mut self, warning: Skipped) {
        self.counts.warned += 1;
        *self.warned_by_class.entry(warning.class.clone()).or_default() += 1;
        (self.events)(IndexEvent::Warned(warning));
    }

    /// Says how far the run is, and commits when it is time.
    fn keep_up(&mut self) -> Result<()> {
        let now = Instant::now();
        if now.duration_since(self.last_progress) >= PROGRESS_EVERY {
            self.last_progress = now;
            (self.events)(IndexEvent::Progress { counts: self.counts });
        }
        if now.duration_since(self.last_commit) >= self.options.commit_every {
            self.commit()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        // A file that is noted as read has to have lost what it no longer holds.
        self.counts.deleted += self.writer.delete_unseen();
        if self.writer.commit()? {
            let (seq, docs_total) = (self.writer.seq(), self.writer.docs());
            (self.events)(IndexEvent::Commit { seq, docs_total });
        }
        self.last_commit = Instant::now();
        Ok(())
    }

    fn finish(mut self, outcome: Result<()>) -> Result<IndexReport> {
        // What was read before the run was stopped is kept; after any other error nothing more is written.
        if outcome.as_ref().is_err_and(|error| error.kind() != ErrorKind::Cancelled) {
            let error = outcome.err().unwrap_or_else(|| Error::new(ErrorKind::Internal, "no outcome"));
            return Err(self.writer.reason(error));
        }
        if outcome.is_ok() && !self.is_restoring {
            let Context { fingerprint, own_fingerprint, seed, .. } = &*self.context;
            self.writer.tagged_by(fingerprint, own_fingerprint, *seed)?;
        }
        self.commit()?;
        let docs_total = self.writer.docs();
        self.writer.close()?;
        outcome?;
        let report = IndexReport {
            counts: self.counts,
            skipped_by_class: self.skipped_by_class,
            warned_by_class: self.warned_by_class,
            tag_changes: self.tag_changes,
            docs_total,
            seconds: self.started.elapsed().as_secs_f64(),
        };
        (self.events)(IndexEvent::Finish { report: report.clone() });
        Ok(report)
    }
}

/// Hash of what decides how a record is read and tagged.
pub(super) fn seed(tagger: &str, map: &FieldMap) -> u64 {
    let map = serde_json::to_string(map).unwrap_or_default();
    xxh3_64(format!("{tagger}\n{map}").as_bytes())
}

impl FileState {
    fn is_same(&self, file: &FileEntry) -> bool {
        self.bytes == file.bytes && self.modified_ns == file.modified_ns && self.format == file.format
    }
}

/// Whether a path is a folder, or lies in it.
pub(super) fn is_under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
        || (folder == "." && !path.starts_with('/') && !path.starts_with("../"))
}

/// Files of the ledger under the given paths that are no longer there. What can't be reached now is not gone.
fn gone(files: &BTreeMap<String, FileState>, walked: &Walk) -> Vec<String> {
    let there: HashSet<&str> = walked.files.iter().map(|file| &*file.path).collect();
    files
        .keys()
        .filter(|path| !there.contains(path.as_str()))
        .filter(|path| walked.roots.iter().any(|root| is_under(path, root)))
        .filter(|path| !walked.skipped.iter().any(|skipped| is_under(path, &skipped.at)))
        .cloned()
        .collect()
}
