//! A bound on the bytes between the reader and the index.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// How many bytes may be under way; clones share it.
#[derive(Clone)]
pub(super) struct Budget(Arc<Shared>);

struct Shared {
    limit: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    used: usize,
    is_closed: bool,
}

/// A part of the budget, given back when it is dropped.
pub(super) struct Permit {
    budget: Budget,
    bytes: usize,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Self {
        Self(Arc::new(Shared { limit, state: Mutex::default(), changed: Condvar::new() }))
    }

    /// Waits until there is room. What is larger than the whole budget passes when nothing else is under way. `None`
    /// once the budget is closed.
    pub(super) fn acquire(&self, bytes: usize) -> Option<Permit> {
        let shared = &*self.0;
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.is_closed && state.used > 0 && state.used.saturating_add(bytes) > shared.limit {
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return None;
        }
        state.used = state.used.saturating_add(bytes);
        Some(Permit { budget: self.clone(), bytes })
    }

    /// Lets nobody wait any more: the run is over.
    pub(super) fn close(&self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let shared = &*self.budget.0;
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.used = state.used.saturating_sub(self.bytes);
        drop(state);
        shared.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use std::time::Duration;

    #[test]
    fn waits_until_there_is_room() {
        let budget = Budget::new(100);
        let first = budget.acquire(80).unwrap();
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let waiting = {
            let budget = budget.clone();
            std::thread::spawn(move || {
                let permit = budget.acquire(30);
                sender.send(permit.is_some()).unwrap();
            })
        };
        assert!(receiver.recv_timeout(Duration::from_millis(50)).is_err(), "80 + 30 is over 100");
        drop(first);
        assert!(receiver.recv_timeout(Duration::from_secs(5)).unwrap());
        waiting.join().unwrap();
        assert!(budget.acquire(1000).is_some(), "too large a piece passes alone");
        budget.close();
        assert!(budget.acquire(1).is_none());
    }
}
