//! The parallel part: one thread reads files into batches of records, a pool of threads turns them into documents, and
//! the caller gets them back in the order in which they were read.
//!
//! What is under way is bounded by [`Budget`], so memory does not grow with the corpus. A panic while a record is
//! decoded or tagged is a skipped record.

use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, unbounded};
pub(super) use rayon::ThreadPool;
use rayon::ThreadPoolBuilder;

use super::budget::{Budget, Permit};
use super::{IndexOptions, TagEdit, TagState};
use crate::article::{Article, Tagger, Tags};
use crate::control::Cancel;
use crate::decode::{FieldMap, decode_each};
use crate::error::{Error, ErrorKind, Result};
use crate::index::document::{Prepared, StoredArticle, prepare};
use crate::index::schema::Fields;
use crate::source::{FileEntry, FileRead, Found, Limits, Record, STREAM, Skipped, read_file, read_stream};

/// A batch is handed on when it holds so many bytes …
const BATCH_BYTES: usize = 512 << 10;

/// … or so many records.
const BATCH_RECORDS: usize = 256;

/// What a record costs beside its bytes, so that many small ones are bounded too.
const RECORD_OVERHEAD: usize = 1 << 10;

/// How long the caller waits before it is told that nothing came.
const STALL: Duration = Duration::from_secs(5);

/// What all threads of the pool share.
pub(super) struct Context {
    pub(super) fields: Fields,
    pub(super) tagger: Arc<dyn Tagger>,
    pub(super) map: FieldMap,
    /// The present, as Unix seconds.
    pub(super) now: i64,
    /// The tagger's own mark of its list and rules.
    pub(super) fingerprint: String,
    /// The mark that dateline's own tagger has with the list of the index.
    pub(super) own_fingerprint: String,
    /// Hash of what decides how a record is read and tagged.
    pub(super) seed: u64,
}

/// Something that came out of the pipeline, in the order of the sources.
pub(super) enum Step {
    /// A record or file that gave no article.
    Skipped(Skipped),
    /// Something about a file that should be known.
    Warned(Skipped),
    /// An article for the index.
    Article {
        prepared: Box<Prepared>,
        /// Where it came from, for messages.
        at: String,
        warnings: Vec<Skipped>,
        /// What an article of the index gained, lost and changed by being tagged again.
        changes: Vec<TagEdit>,
        permit: Arc<Permit>,
    },
    /// The next file of the list was read to its end.
    FileEnd(FileRead),
    /// Nothing came for a while: the caller may look whether the index still takes documents.
    Stalled,
}

enum Item {
    Record(Record),
    Article(Box<Fresh>),
    Skipped(Skipped),
    Warned(Skipped),
    FileEnd(FileRead),
}

struct Batch {
    items: Vec<Item>,
    bytes: usize,
}

impl Batch {
    fn new() -> Self {
        Self { items: Vec::new(), bytes: 0 }
    }
}

/// A pool of its own, so that an embedder's global one is left alone.
pub(super) fn pool(threads: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|number| format!("dateline-decode-{number}"))
        // Parsers of nested formats recurse; their depth is limited, the size of a frame is not known.
        .stack_size(8 << 20)
        .build()
        .map_err(|error| Error::new(ErrorKind::Io, "the decoding threads can't be started").caused_by(error))
}

/// Reads files and gives what comes out to `consume`, in order, on the calling thread.
pub(super) fn run_files(
    context: &Arc<Context>,
    pool: &ThreadPool,
    budget: &Budget,
    files: &[&FileEntry],
    limits: &Limits,
    cancel: &Cancel,
    consume: impl FnMut(Step) -> Result<()>,
) -> Result<()> {
    let feed = |feeder: &mut Feeder<'_>| -> Result<()> {
        for file in files {
            cancel.check()?;
            feeder.read(&file.path, |sink| read_file(file, limits, cancel, sink))?;
        }
        Ok(())
    };
    run(context, pool, budget, feed, consume)
}

/// The same for a stream that is no file.
pub(super) fn run_stream(
    context: &Arc<Context>,
    pool: &ThreadPool,
    budget: &Budget,
    stream: impl Read + Send,
    options: &IndexOptions,
    cancel: &Cancel,
    consume: impl FnMut(Step) -> Result<()>,
) -> Result<()> {
    let limits = Limits { columns: options.map.clone(), ..options.limits.clone() };
    let feed = |feeder: &mut Feeder<'_>| -> Result<()> {
        feeder.read(STREAM, |sink| read_stream(STREAM, options.format, stream, &limits, cancel, sink))
    };
    run(context, pool, budget, feed, consume)
}

/// The same for articles that the caller already has.
pub(super) fn run_articles(
    context: &Arc<Context>,
    pool: &ThreadPool,
    budget: &Budget,
    articles: impl Iterator<Item = Result<Fresh>> + Send,
    cancel: &Cancel,
    consume: impl FnMut(Step) -> Result<()>,
) -> Result<()> {
    let feed = |feeder: &mut Feeder<'_>| -> Result<()> {
        for article in articles {
            cancel.check()?;
            let fresh = article?;
            let bytes = fresh.article.body.len() + fresh.article.title.len();
            feeder.push(Item::Article(Box::new(fresh)), bytes)?;
        }
        Ok(())
    };
    run(context, pool, budget, feed, consume)
}

/// Cuts the stream of items into batches and gives them to the pool.
struct Feeder<'a> {
    context: &'a Arc<Context>,
    pool: &'a ThreadPool,
    budget: &'a Budget,
    sender: Sender<(u64, Vec<Step>)>,
    batch: Batch,
    number: u64,
}

impl Feeder<'_> {
    /// Takes all that `work` finds in one file. A panic in what unpacks it costs that file alone.
    fn read(
        &mut self,
        path: &str,
        work: impl FnOnce(&mut dyn FnMut(Found) -> Result<()>) -> Result<FileRead>,
    ) -> Result<()> {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            work(&mut |found| match found {
                Found::Record(record) => {
                    let bytes = record.bytes.len();
                    self.push(Item::Record(record), bytes)
                }
                Found::Skipped(skipped) => self.push(Item::Skipped(skipped), 0),
                Found::Warned(warned) => self.push(Item::Warned(warned), 0),
            })
        }));
        let read = match outcome {
            Ok(read) => read?,
            Err(_) => {
                self.push(Item::Skipped(panicked(path.to_owned(), "file")), 0)?;
                FileRead::default()
            }
        };
        self.push(Item::FileEnd(read), 0)
    }

    fn push(&mut self, item: Item, bytes: usize) -> Result<()> {
        self.batch.bytes += bytes + RECORD_OVERHEAD;
        self.batch.items.push(item);
        if self.batch.bytes >= BATCH_BYTES || self.batch.items.len() >= BATCH_RECORDS {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let batch = std::mem::replace(&mut self.batch, Batch::new());
        if batch.items.is_empty() {
            return Ok(());
        }
        let Some(permit) = self.budget.acquire(batch.bytes) else {
            return Err(Error::new(ErrorKind::Cancelled, "the index takes no more articles"));
        };
        let number = self.number;
        self.number += 1;
        let (context, sender) = (Arc::clone(self.context), self.sender.clone());
        self.pool.spawn_fifo(move || {
            let permit = Arc::new(permit);
            let steps = batch.items.into_iter().flat_map(|item| process(&context, item, &permit)).collect();
            // Nobody listens any more when the run has failed.
            let _ = sender.send((number, steps));
        });
        Ok(())
    }
}

fn run(
    context: &Arc<Context>,
    pool: &ThreadPool,
    budget: &Budget,
    feed: impl FnOnce(&mut Feeder<'_>) -> Result<()> + Send,
    mut consume: impl FnMut(Step) -> Result<()>,
) -> Result<()> {
    let (sender, receiver) = unbounded();
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new()
            .name("dateline-read".to_owned())
            .spawn_scoped(scope, || {
                let mut feeder = Feeder { context, pool, budget, sender, batch: Batch::new(), number: 0 };
                let fed = feed(&mut feeder);
                // What was read before the end, or before the run was stopped, is still worth having.
                let flushed = feeder.flush();
                fed.and(flushed)
            })
            .map_err(|error| {
                Error::new(ErrorKind::Io, "the reading thread can't be started").caused_by(error)
            })?;
        let mut waiting: BTreeMap<u64, Vec<Step>> = BTreeMap::new();
        let mut next = 0;
        let mut consumed = Ok(());
        'receive: loop {
            match receiver.recv_timeout(STALL) {
                Ok((number, steps)) => {
                    waiting.insert(number, steps);
                }
                Err(RecvTimeoutError::Timeout) => {
                    consumed = consume(Step::Stalled);
                    if consumed.is_err() {
                        break 'receive;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break 'receive,
            }
            while let Some(steps) = waiting.remove(&next) {
                next += 1;
                for step in steps {
                    consumed = consume(step);
                    if consumed.is_err() {
                        break 'receive;
                    }
                }
            }
        }
        budget.close();
        drop(receiver);
        drop(waiting);
        let read = reader
            .join()
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the reading thread panicked")));
        consumed.and(read)
    })
}

fn process(context: &Context, item: Item, permit: &Arc<Permit>) -> Vec<Step> {
    match item {
        Item::Skipped(skipped) => vec![Step::Skipped(skipped)],
        Item::Warned(warned) => vec![Step::Warned(warned)],
        Item::FileEnd(read) => vec![Step::FileEnd(read)],
        Item::Record(record) => {
            let at = record.origin.to_string();
            let decoded = catch_unwind(AssertUnwindSafe(|| decode_each(&record, &context.map, context.now)));
            let decoded = decoded.unwrap_or_else(|_| vec![Err(panicked(at.clone(), "record"))]);
            let steps = decoded.into_iter().map(|decoded| {
                guarded(at.clone(), |at| {
                    let decoded = decoded?;
                    finish(
                        context,
                        Fresh::new(decoded.article, None, context.now),
                        at,
                        decoded.warnings,
                        permit,
                    )
                })
            });
            steps.collect()
        }
        Item::Article(fresh) => {
            let at = fresh.article.id.clone();
            vec![guarded(at, |at| finish(context, *fresh, at, Vec::new(), permit))]
        }
    }
}

/// Turns a refusal and a panic into a skipped record.
fn guarded(at: String, work: impl FnOnce(String) -> Result<Step, Skipped>) -> Step {
    let place = at.clone();
    match catch_unwind(AssertUnwindSafe(|| work(at))) {
        Ok(Ok(step)) => step,
        Ok(Err(skipped)) => Step::Skipped(skipped),
        Err(_) => Step::Skipped(panicked(place, "record")),
    }
}

fn panicked(at: String, what: &str) -> Skipped {
    let reason = format!("dateline has a defect that this {what} brings out; please report it");
    Skipped { at, class: "panic".to_owned(), reason }
}

/// An article that is to be tagged.
pub(super) struct Fresh {
    article: Article,
    /// When it came into the index.
    added: i64,
    /// Its tags in the index, where it is there and only its tags may change.
    before: Option<Tags>,
    /// Tags that it came with, in place of what the tagger would say.
    given: Option<Tags>,
}

impl Fresh {
    /// One that comes in now, with the tags that it has already.
    pub(super) fn new(article: Article, given: Option<Tags>, now: i64) -> Self {
        Self { article, added: now, before: None, given }
    }

    /// One that was stored, as it was.
    pub(super) fn restored(stored: StoredArticle) -> Self {
        Self { article: stored.article, added: stored.added, before: None, given: Some(stored.tags) }
    }
}

impl From<StoredArticle> for Fresh {
    fn from(stored: StoredArticle) -> Self {
        Self { article: stored.article, added: stored.added, before: Some(stored.tags), given: None }
    }
}

fn finish(
    context: &Context,
    fresh: Fresh,
    at: String,
    warnings: Vec<Skipped>,
    permit: &Arc<Permit>,
) -> Result<Step, Skipped> {
    let Fresh { article, added, before, given } = fresh;
    if article.id.is_empty() || article.id.len() > 512 {
        let reason = format!("the id has {} bytes, it may have 1 to 512", article.id.len());
        return Err(Skipped { at, class: "bad-id".to_owned(), reason });
    }
    let tags = given.unwrap_or_else(|| context.tagger.tag(&article));
    let changes = before.map(|before| changes(&before, &tags)).unwrap_or_default();
    match prepare(&context.fields, article, &tags, added) {
        Ok(prepared) => {
            let permit = Arc::clone(permit);
            Ok(Step::Article { prepared: Box::new(prepared), at, warnings, changes, permit })
        }
        Err(error) => Err(Skipped { at, class: "internal".to_owned(), reason: error.to_string() }),
    }
}

/// How the tags of an article differ that queries see. Outlets that are only credited or publish are tags too, told apart
/// by role.
fn changes(before: &Tags, after: &Tags) -> Vec<TagEdit> {
    let (mut before, mut after) = (states(before), states(after));
    let mut edits = Vec::new();
    while !before.is_empty() || !after.is_empty() {
        let first = |states: &BTreeMap<(u8, String), TagState>| states.keys().next().cloned();
        let next = match (first(&before), first(&after)) {
            (Some(left), Some(right)) => left.min(right),
            (left, right) => left.or(right).unwrap_or_default(),
        };
        let (before, after) = (before.remove(&next), after.remove(&next));
        if before != after {
            edits.push(TagEdit { tag: next.1, before, after });
        }
    }
    edits
}

/// Tags by kind and name: companies, divisions, topics.
fn states(tags: &Tags) -> BTreeMap<(u8, String), TagState> {
    let companies = tags
        .companies
        .iter()
        .map(|tag| ((0, tag.id.clone()), TagState { role: Some(tag.role), salience: tag.salience }));
    let divisions = tags
        .divisions
        .iter()
        .map(|tag| ((1, tag.path.clone()), TagState { role: None, salience: tag.salience }));
    let topics = tags
        .topics
        .iter()
        .map(|tag| ((2, format!("#{}", tag.topic)), TagState { role: None, salience: tag.salience }));
    companies.chain(divisions).chain(topics).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::{CompanyTag, Role, TopicTag};

    fn tags(companies: &[(&str, Role, u8)], topics: &[(&str, u8)]) -> Tags {
        let company = |&(id, role, salience): &(&str, Role, u8)| CompanyTag {
            id: id.to_owned(),
            name: id.to_owned(),
            role,
            salience,
            known: true,
            mentions: Vec::new(),
        };
        let topic = |&(topic, salience): &(&str, u8)| TopicTag {
            topic: topic.to_owned(),
            salience,
            mentions: Vec::new(),
        };
        Tags {
            companies: companies.iter().map(company).collect(),
            topics: topics.iter().map(topic).collect(),
            ..Tags::default()
        }
    }

    #[test]
    fn what_differs_between_two_taggings() {
        let before = tags(&[("b", Role::Peer, 9), ("c", Role::Subject, 80), ("same", Role::Peer, 5)], &[]);
        let after = tags(
            &[("a", Role::Subject, 80), ("b", Role::Partner, 9), ("same", Role::Peer, 5)],
            &[("launch", 30)],
        );
        let edits = changes(&before, &after);
        let shown: Vec<(&str, Option<u8>, Option<u8>)> = edits
            .iter()
            .map(|edit| {
                let salience = |state: Option<TagState>| state.map(|state| state.salience);
                (edit.tag.as_str(), salience(edit.before), salience(edit.after))
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("a", None, Some(80)),
                ("b", Some(9), Some(9)),
                ("c", Some(80), None),
                ("#launch", None, Some(30))
            ]
        );
        assert!(changes(&after, &after).is_empty());
    }
}
