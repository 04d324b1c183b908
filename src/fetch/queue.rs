//! What is still to be fetched, in an order that keeps no host waiting for another.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use super::state::Validators;
use crate::source::Record;

/// Something to fetch.
pub(super) enum Job {
    Feed { url: String },
    Page { url: String, feed: String, item: Box<Record> },
}

impl Job {
    fn url(&self) -> &str {
        match self {
            Self::Feed { url } | Self::Page { url, .. } => url,
        }
    }
}

/// A feed that was read, of which pages are still to be fetched.
struct Open {
    validators: Validators,
    pages: usize,
}

pub(super) struct Queue {
    jobs: VecDeque<Job>,
    feeds: BTreeMap<String, Open>,
    /// Pages that are or were in the queue: several feeds may name one.
    pages: BTreeSet<String>,
}

impl Queue {
    /// All feeds, each once.
    pub(super) fn new(feeds: &[String]) -> Self {
        let mut seen = BTreeSet::new();
        let jobs = feeds
            .iter()
            .filter(|url| seen.insert(url.as_str()))
            .map(|url| Job::Feed { url: url.clone() })
            .collect();
        Self { jobs, feeds: BTreeMap::new(), pages: BTreeSet::new() }
    }

    /// The job that can be done first: feeds before pages where both can.
    pub(super) fn next(
        &mut self,
        ready_at: impl Fn(&str) -> Option<Instant>,
        with_pages: bool,
    ) -> Option<Job> {
        let order = |job: &Job| (ready_at(job.url()), matches!(job, Job::Page { .. }));
        let may = |job: &Job| with_pages || matches!(job, Job::Feed { .. });
        let now = Instant::now();
        // What may be asked at once is as good as what could have been asked before.
        let next = (0..self.jobs.len()).filter(|at| may(&self.jobs[*at])).min_by_key(|at| {
            let (ready, is_page) = order(&self.jobs[*at]);
            (ready.filter(|ready| *ready > now), is_page)
        })?;
        self.jobs.remove(next)
    }

    /// Notes a feed that was read, and the pages that it names.
    pub(super) fn feed_read(&mut self, feed: &str, validators: Validators, pages: Vec<(String, Record)>) {
        let before = self.jobs.len();
        for (url, item) in pages {
            if self.pages.insert(url.clone()) {
                self.jobs.push_back(Job::Page { url, feed: feed.to_owned(), item: Box::new(item) });
            }
        }
        let pages = self.jobs.len() - before;
        self.feeds.insert(feed.to_owned(), Open { validators, pages });
    }

    /// Notes that a job was done; gives the feed of which nothing is left, with what it said of its version.
    pub(super) fn done(&mut self, job: &Job) -> Option<(String, Validators)> {
        let feed = match job {
            Job::Feed { url } => url,
            Job::Page { feed, .. } => {
                self.feeds.get_mut(feed)?.pages -= 1;
                feed
            }
        };
        if self.feeds.get(feed)?.pages > 0 {
            return None;
        }
        let open = self.feeds.remove(feed)?;
        Some((feed.clone(), open.validators))
    }

    /// Takes a job back that could not be done.
    pub(super) fn put_back(&mut self, job: Job) {
        self.jobs.push_front(job);
    }

    pub(super) fn pages_left(&self) -> u64 {
        self.jobs.iter().filter(|job| matches!(job, Job::Page { .. })).count() as u64
    }
}
