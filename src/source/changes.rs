//! Notices of the system that something under the given paths has changed.
//!
//! A notice only says that it is worth looking again; what has changed is told by walking. So a notice that is lost,
//! doubled or late costs nothing but time, and a burst of them is one.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::walk;
use crate::control::Cancel;
use crate::error::{Error, ErrorKind, Result};

/// Changes are taken to be over when nothing came for so long …
const QUIET: Duration = Duration::from_millis(300);

/// … but a stream of them that doesn't end is cut after this time.
const LONGEST_BURST: Duration = Duration::from_secs(3);

/// How often the flag that ends the waiting is looked at.
const STEP: Duration = Duration::from_millis(100);

/// Follows files and folders.
pub(crate) struct Changes {
    /// Notices end when it is dropped.
    _watcher: RecommendedWatcher,
    notices: Receiver<()>,
    /// Whether a path itself came, went or was renamed, so that it has to be followed anew.
    is_stale: Arc<AtomicBool>,
}

impl Changes {
    /// Follows paths that are there.
    pub(crate) fn of(paths: &[PathBuf]) -> Result<Self> {
        let roots: Vec<PathBuf> = paths
            .iter()
            .map(|path| path.canonicalize().map_err(|error| Error::io(path, error)))
            .collect::<Result<_>>()?;
        let (sender, notices) = bounded(1);
        let is_stale = Arc::new(AtomicBool::new(false));
        let (seen_roots, seen_stale) = (roots.clone(), Arc::clone(&is_stale));
        let notice = move |outcome: notify::Result<Event>| {
            // An error may stand for any number of notices that were lost.
            let is_worth_it = outcome.map_or(true, |event| {
                let is_other = matches!(
                    event.kind,
                    EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
                );
                if is_other && event.paths.iter().any(|path| seen_roots.contains(path)) {
                    seen_stale.store(true, Ordering::Relaxed);
                }
                event.need_rescan() || is_of_interest(&event, &seen_roots)
            });
            if is_worth_it {
                // A full channel says the same.
                let _ = sender.try_send(());
            }
        };
        let mut watcher = notify::recommended_watcher(notice).map_err(not_followed)?;
        for root in &roots {
            if root.is_dir() {
                watcher.watch(root, RecursiveMode::Recursive).map_err(not_followed)?;
            }
            // Programs save a file by renaming another to its name, and folders are replaced as a whole.
            if let Some(parent) = root.parent() {
                watcher.watch(parent, RecursiveMode::NonRecursive).map_err(not_followed)?;
            }
        }
        Ok(Self { _watcher: watcher, notices, is_stale })
    }

    /// Waits until something has changed and a moment has passed without more of it, or `longest` is over. Gives
    /// `false` when `cancel` was set.
    pub(crate) fn wait(&self, longest: Duration, cancel: &Cancel) -> bool {
        let end = Instant::now() + longest;
        let mut burst: Option<Instant> = None;
        let mut quiet_since = Instant::now();
        loop {
            if cancel.is_cancelled() {
                return false;
            }
            match self.notices.recv_timeout(STEP) {
                Ok(()) => {
                    burst.get_or_insert_with(Instant::now);
                    quiet_since = Instant::now();
                }
                Err(RecvTimeoutError::Timeout) => {}
                // The thread that gives notices is gone; looking now and then is left.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(STEP),
            }
            let is_over = match burst {
                Some(since) => quiet_since.elapsed() >= QUIET || since.elapsed() >= LONGEST_BURST,
                None => Instant::now() >= end,
            };
            if is_over {
                return true;
            }
        }
    }

    /// Whether the paths have to be followed anew.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_stale.load(Ordering::Relaxed)
    }
}

/// Whether an event may be of a file that is read: not one of reading, of hidden files, or of an index that lies there.
fn is_of_interest(event: &Event, roots: &[PathBuf]) -> bool {
    if matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)) {
        return false;
    }
    event.paths.iter().any(|path| {
        let Some((root, below)) = roots.iter().find_map(|root| Some((root, path.strip_prefix(root).ok()?)))
        else {
            return false;
        };
        let mut folder = root.clone();
        below.components().all(|part| {
            let is_of_index = folder.is_dir() && walk::is_index(&folder);
            folder.push(part);
            !is_of_index && !part.as_os_str().as_encoded_bytes().starts_with(b".")
        })
    })
}

fn not_followed(error: notify::Error) -> Error {
    let hint = match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "there are more folders than the system lets one user follow (fs.inotify.max_user_watches)"
        }
        _ => "index without --watch, as often as needed",
    };
    Error::new(ErrorKind::Io, format!("changes can't be followed: {error}")).with_hint(hint).caused_by(error)
}
