//! Feeds, and the pages that they name, from the web into a WARC file that is read like any other archive.
//!
//! Polite and careful: what has not changed is not sent again, a site's `robots.txt` and its pace are respected, one request
//! at a time is under way, and only public addresses are connected to.

mod address;
mod archive;
mod client;
mod queue;
mod robots;
mod state;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::control::Cancel;
use crate::decode::{FieldMap, decode};
use crate::error::{Error, ErrorKind, Result};
use crate::source::{Form, Found, Limits, Record, read_bytes};
use archive::Archive;
use client::{Answer, Client, Outcome};
use queue::{Job, Queue};
use state::State;

/// Largest answer that is taken, in bytes.
pub const MAX_BYTES: u64 = 10 << 20;

/// How long one request may take with all of its answer.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// How many redirects are followed.
pub const MAX_REDIRECTS: usize = 3;

/// What is fetched, and how.
#[derive(Clone, Debug)]
pub struct FetchOptions {
    /// Folder of the archives and of what is known of earlier runs.
    pub into: PathBuf,
    /// Whether the pages that feeds name are fetched instead of the feeds' own texts.
    pub full: bool,
    /// Most pages of one run; the rest is left to the next one.
    pub max_pages: usize,
    /// Pause between two requests to one host. A site may ask for a longer one.
    pub pause: Duration,
    /// An address or mailbox by which sites can reach who is fetching.
    pub contact: Option<String>,
    /// `host:port` of servers in one's own network that may be connected to.
    pub allowed_hosts: Vec<String>,
}

impl FetchOptions {
    /// Feeds alone, at the usual pace.
    pub fn new(into: impl Into<PathBuf>) -> Self {
        Self {
            into: into.into(),
            full: false,
            max_pages: 1000,
            pause: Duration::from_secs(2),
            contact: None,
            allowed_hosts: Vec::new(),
        }
    }
}

/// What became of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchEvent {
    /// It is in the archive.
    Fetched {
        /// Where it was found in the end.
        url: String,
        /// Size of its body as it was sent.
        bytes: u64,
    },
    /// It is the same as in an earlier run.
    Unchanged {
        /// The address.
        url: String,
    },
    /// The site's `robots.txt` does not allow it.
    Disallowed {
        /// The address.
        url: String,
    },
    /// It would have led into a private network, or is no address on the web.
    Refused {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It could not be had.
    Failed {
        /// The address.
        url: String,
        /// What happened.
        reason: String,
    },
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchReport {
    /// Feeds and pages that are in the archive.
    pub fetched: u64,
    /// Feeds that have not changed.
    pub unchanged: u64,
    /// Addresses that a `robots.txt` does not allow.
    pub disallowed: u64,
    /// Addresses that were not connected to.
    pub refused: u64,
    /// Addresses that gave nothing.
    pub failed: u64,
    /// Pages that are left to the next run.
    pub left: u64,
    /// The archive; none where nothing new came.
    pub file: Option<PathBuf>,
    /// Whether the run was stopped before its end.
    pub is_interrupted: bool,
}

/// Fetches feeds. What was fetched when `cancel` is set is kept, and the next run goes on from there.
pub fn fetch(
    feeds: &[String],
    options: &FetchOptions,
    cancel: &Cancel,
    events: &mut dyn FnMut(FetchEvent),
) -> Result<FetchReport> {
    std::fs::create_dir_all(&options.into).map_err(|error| Error::io(&options.into, error))?;
    let client = Client::new(options)?;
    let state = State::open(&options.into)?;
    let archive = Archive::new(&options.into, client.agent());
    let mut run = Run {
        options,
        client,
        state,
        archive,
        queue: Queue::new(feeds),
        report: FetchReport::default(),
        events,
    };
    let outcome = run.all(cancel);
    run.report.left = run.queue.pages_left();
    match outcome {
        Err(error) if error.kind() == ErrorKind::Cancelled => run.report.is_interrupted = true,
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    // The state says that something need not be fetched again, so the archive that holds it comes first.
    run.report.file = run.archive.finish()?;
    run.state.save()?;
    Ok(run.report)
}

struct Run<'a> {
    options: &'a FetchOptions,
    client: Client,
    state: State,
    archive: Archive,
    queue: Queue,
    report: FetchReport,
    events: &'a mut dyn FnMut(FetchEvent),
}

impl Run<'_> {
    fn all(&mut self, cancel: &Cancel) -> Result<()> {
        let mut pages = 0;
        while let Some(job) = self.queue.next(|url| self.client.ready_at(url), pages < self.options.max_pages)
        {
            let fetched = match &job {
                Job::Feed { url } => self.feed(url, cancel),
                Job::Page { url, item, .. } => {
                    pages += 1;
                    self.page(url, item, cancel)
                }
            };
            match fetched {
                Ok(()) => {
                    if let Some((feed, validators)) = self.queue.done(&job) {
                        self.state.keep_feed(&feed, validators);
                    }
                }
                Err(error) => {
                    self.queue.put_back(job);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn feed(&mut self, url: &str, cancel: &Cancel) -> Result<()> {
        let answer = match self.client.get(url, self.state.validators(url), cancel)? {
            Outcome::Answer(answer) => *answer,
            other => {
                self.tell(url, other);
                return Ok(());
            }
        };
        let Some(records) = records_of(&answer) else {
            self.tell(url, Outcome::Failed("what came is no feed".to_owned()));
            return Ok(());
        };
        let validators = answer.validators.clone();
        let items: Vec<&Record> =
            records.iter().filter(|record| matches!(record.form, Form::Feed | Form::Json)).collect();
        if !self.options.full || (items.is_empty() && !records.is_empty()) {
            self.keep(&answer)?;
            self.queue.feed_read(url, validators, Vec::new());
            return Ok(());
        }
        let map = FieldMap::default();
        let mut pages = Vec::new();
        for record in items {
            // A broken item, and one without an address, has no page.
            let Some(page) = decode(record, &map, i64::MAX).ok().and_then(|decoded| decoded.article.url)
            else {
                continue;
            };
            if !self.state.has_page(&page) {
                pages.push((page, record.clone()));
            }
        }
        self.queue.feed_read(url, validators, pages);
        Ok(())
    }

    /// Fetches the page of an item. Where that can't be had, the item itself is kept.
    fn page(&mut self, url: &str, item: &Record, cancel: &Cancel) -> Result<()> {
        match self.client.get(url, None, cancel)? {
            Outcome::Answer(answer) => self.keep(&answer)?,
            other => {
                self.archive.item(item)?;
                self.tell(url, other);
            }
        }
        self.state.keep_page(url);
        Ok(())
    }

    fn keep(&mut self, answer: &Answer) -> Result<()> {
        self.archive.answer(answer)?;
        self.report.fetched += 1;
        (self.events)(FetchEvent::Fetched { url: answer.url.clone(), bytes: answer.body.len() as u64 });
        Ok(())
    }

    fn tell(&mut self, url: &str, outcome: Outcome) {
        let url = url.to_owned();
        let (count, event) = match outcome {
            Outcome::Answer(_) => return,
            Outcome::Unchanged => (&mut self.report.unchanged, FetchEvent::Unchanged { url }),
            Outcome::Disallowed => (&mut self.report.disallowed, FetchEvent::Disallowed { url }),
            Outcome::Refused(reason) => (&mut self.report.refused, FetchEvent::Refused { url, reason }),
            Outcome::Failed(reason) => (&mut self.report.failed, FetchEvent::Failed { url, reason }),
        };
        *count += 1;
        (self.events)(event);
    }
}

/// The records of an answer as its archive would give them; `None` where it is no feed.
fn records_of(answer: &Answer) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    let mut is_empty_feed = false;
    let bytes = archive::record_of(answer);
    read_bytes(&answer.url, &bytes, &Limits::default(), &mut |found| {
        match found {
            Found::Record(record) => records.push(record),
            Found::Skipped(skipped) => is_empty_feed |= skipped.class == "empty",
            Found::Warned(_) => {}
        }
        Ok(())
    })
    .ok()?;
    (!records.is_empty() || is_empty_feed).then_some(records)
}

/// The addresses of the feeds that an OPML file names, and whether it names more than are read.
pub fn feeds_of_list(path: &Path) -> Result<(Vec<String>, bool)> {
    crate::source::feeds_of_list(path).map_err(|error| Error::io(path, error))
}
