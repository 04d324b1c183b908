//! What is known of earlier runs: versions of feeds, and pages that were fetched. It lies beside the archives under a hidden
//! name, which indexing passes over.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

const FILE: &str = ".dateline-fetch.json";
const LOCK: &str = ".dateline-fetch.lock";

/// A page that no feed has named for so long is forgotten, in seconds.
const FORGOTTEN_AFTER: i64 = 180 * 86_400;

/// Longest value of a server that is kept and sent back, in bytes.
const MAX_VALUE: usize = 1 << 10;

/// What a server said of the version that it sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Validators {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_modified: Option<String>,
}

impl Validators {
    pub(super) fn new(etag: Option<&str>, last_modified: Option<&str>) -> Self {
        let kept = |value: Option<&str>| value.filter(|value| value.len() <= MAX_VALUE).map(str::to_owned);
        Self { etag: kept(etag), last_modified: kept(last_modified) }
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Known {
    /// By address.
    feeds: BTreeMap<String, Validators>,
    /// When a feed last named the page, in Unix seconds, by address.
    pages: BTreeMap<String, i64>,
}

pub(super) struct State {
    folder: PathBuf,
    known: Known,
    now: i64,
    /// Held until the run is over.
    _lock: File,
}

impl State {
    /// Opens what is known, and keeps other runs away.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(LOCK);
        let lock =
            File::options().create(true).append(true).open(&path).map_err(|error| Error::io(&path, error))?;
        lock.try_lock().map_err(|error| {
            Error::new(ErrorKind::Locked, format!("another run is fetching into {}", folder.display()))
                .caused_by(error.to_string())
        })?;
        remove_leftovers(folder);
        let path = folder.join(FILE);
        let known = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                Error::new(ErrorKind::Damaged, format!("{} can't be read: {error}", path.display()))
                    .with_hint("without the file everything is fetched again")
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Known::default(),
            Err(error) => return Err(Error::io(&path, error)),
        };
        let now = jiff::Timestamp::now().as_second();
        Ok(Self { folder: folder.to_owned(), known, now, _lock: lock })
    }

    pub(super) fn validators(&self, feed: &str) -> Option<&Validators> {
        self.known.feeds.get(feed)
    }

    pub(super) fn keep_feed(&mut self, feed: &str, validators: Validators) {
        self.known.feeds.insert(feed.to_owned(), validators);
    }

    /// Whether a page that a feed names was fetched before.
    pub(super) fn has_page(&mut self, url: &str) -> bool {
        self.known.pages.get_mut(url).map(|seen| *seen = self.now).is_some()
    }

    pub(super) fn keep_page(&mut self, url: &str) {
        self.known.pages.insert(url.to_owned(), self.now);
    }

    /// Writes all of it anew.
    pub(super) fn save(mut self) -> Result<()> {
        let oldest = self.now - FORGOTTEN_AFTER;
        self.known.pages.retain(|_, seen| *seen >= oldest);
        let path = self.folder.join(FILE);
        let fail = |error| Error::io(&path, error);
        let text = serde_json::to_vec_pretty(&self.known).map_err(|error| fail(error.into()))?;
        let mut file = super::archive::hidden_file(&self.folder).map_err(fail)?;
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
        file.persist(&path).map_err(|error| fail(error.error))?;
        Ok(())
    }
}

/// Removes what a run that was killed left under a name of its own.
fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(super::archive::PREFIX) && name.ends_with(super::archive::SUFFIX) {
            // Where it can't be removed it does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}
