//! Stopping work that runs elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// A flag that stops an indexing run or a search; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everything that holds a clone to stop as soon as it can.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error of kind [`ErrorKind::Cancelled`] once the flag is set.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() {
            Err(Error::new(ErrorKind::Cancelled, "stopped before it was done"))
        } else {
            Ok(())
        }
    }
}

/// When an operation has to end. Clones share it, and once it is over it stays so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deadline(Arc<Limits>);

#[derive(Debug, Default)]
struct Limits {
    at: Option<Instant>,
    cancel: Option<Cancel>,
    is_over: AtomicBool,
    has_shortcut: AtomicBool,
}

impl Deadline {
    /// So long from now on, and until the flag is set.
    pub(crate) fn new(time: Option<Duration>, cancel: Option<Cancel>) -> Self {
        let at = time.and_then(|time| Instant::now().checked_add(time));
        Self(Arc::new(Limits { at, cancel, ..Limits::default() }))
    }

    /// Whether it can be over at all.
    pub(crate) fn is_bounded(&self) -> bool {
        self.0.at.is_some() || self.0.cancel.is_some()
    }

    /// Whether the time is up or somebody wants it stopped. Costs a look at the clock.
    pub(crate) fn is_over(&self) -> bool {
        let limits = &*self.0;
        if limits.is_over.load(Ordering::Relaxed) {
            return true;
        }
        let is_over = limits.at.is_some_and(|at| Instant::now() >= at)
            || limits.cancel.as_ref().is_some_and(Cancel::is_cancelled);
        if is_over {
            limits.is_over.store(true, Ordering::Relaxed);
        }
        is_over
    }

    /// Whether something was cut short because it was over.
    pub(crate) fn was_over(&self) -> bool {
        self.0.is_over.load(Ordering::Relaxed)
    }

    /// An error of kind [`ErrorKind::Cancelled`] where somebody wants it stopped.
    pub(crate) fn check(&self) -> Result<()> {
        self.0.cancel.as_ref().map_or(Ok(()), Cancel::check)
    }

    /// Notes that not all was looked at, for another reason than time.
    pub(crate) fn note_shortcut(&self) {
        self.0.has_shortcut.store(true, Ordering::Relaxed);
    }

    /// Whether that was noted.
    pub(crate) fn has_shortcut(&self) -> bool {
        self.0.has_shortcut.load(Ordering::Relaxed)
    }
}
