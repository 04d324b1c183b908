//! Following folders: a run, and another whenever something has changed.
//!
//! Each batch is an ordinary run over all paths, which reads what differs from the last one. Between two batches the
//! writer's lock is free, so that other runs and `retag` can take place.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{IndexEvent, Indexer};
use crate::control::Cancel;
use crate::error::{ErrorKind, Result};
use crate::source::{Changes, Walk, walk};
use crate::tag::CompanyTagger;

/// Shortest time from one batch to the next.
const BETWEEN: Duration = Duration::from_secs(2);

/// Where no notice comes, as from file systems of other machines, the paths are looked at so often.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

impl Indexer {
    /// Does what [`run`](Self::run) does, and goes on with everything that changes under the paths until `cancel` is
    /// set, which ends it without an error while nothing is under way. Every batch has its own
    /// [`Start`](IndexEvent::Start) and [`Finish`](IndexEvent::Finish); changes are taken in at most every two seconds.
    ///
    /// A file that can't be read is named once, and again when it has changed. While another run is writing, and while
    /// a path is not there, it waits; what can't be reached stays in the index. Any other error ends it.
    pub fn follow(
        &mut self,
        paths: &[PathBuf],
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<()> {
        // Before the first look, so that nothing falls between the two.
        let mut changes = Changes::of(paths)?;
        let mut last: Option<Walk> = None;
        loop {
            let started = Instant::now();
            let is_done = match walk(paths) {
                Ok(walked) if last.as_ref().is_some_and(|last| last.is_same(&walked)) => true,
                Ok(walked) => match self.batch(paths, &walked, last.as_ref(), cancel, events) {
                    Ok(()) => {
                        let is_first = last.replace(walked).is_none();
                        if is_first {
                            events(IndexEvent::Following { paths: paths.to_vec() });
                        }
                        true
                    }
                    Err(error) if error.kind() == ErrorKind::Locked && last.is_some() => false,
                    Err(error) => return Err(error),
                },
                Err(error) if last.is_none() => return Err(error),
                // A path is not there, maybe for a moment.
                Err(_) => false,
            };
            if !pause_for(BETWEEN.saturating_sub(started.elapsed()), cancel) {
                return Ok(());
            }
            if changes.is_stale()
                && let Ok(anew) = Changes::of(paths)
            {
                // What happened before they were followed again gave no notice: no waiting.
                changes = anew;
            } else if !changes.wait(if is_done { LOOK_AGAIN } else { BETWEEN }, cancel) {
                return Ok(());
            }
        }
    }

    fn batch(
        &mut self,
        paths: &[PathBuf],
        walked: &Walk,
        last: Option<&Walk>,
        cancel: &Cancel,
        events: &mut dyn FnMut(IndexEvent),
    ) -> Result<()> {
        // Another run may have brought a new company list; its tags must not be taken back.
        let is_own = self.tagger.fingerprint() == self.index.gazetteer()?.fingerprint();
        if is_own && self.index.renew()? {
            self.tagger = Arc::new(CompanyTagger::new(self.index.gazetteer()?));
        }
        self.run_over(paths, walked, last, cancel, events).map(drop)
    }
}

/// Sleeps unless `cancel` is set; gives `false` when it was.
fn pause_for(time: Duration, cancel: &Cancel) -> bool {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if cancel.is_cancelled() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50).min(end.saturating_duration_since(Instant::now())));
    }
    !cancel.is_cancelled()
}
