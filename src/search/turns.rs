//! Searches take turns: no more run at the same time than the cores can carry, and the others wait in the order in which they
//! came.
//!
//! Left to the system, each of many threads gets slices of time, and a search that is interrupted waits for all others: with 16
//! threads on two cores one in a hundred took fifty times the median. The order costs the median and bounds the rest.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Sender, bounded};

/// Turns of each core. A slow search alone does not hold up quick ones.
pub(super) const OF_A_CORE: usize = 2;

/// The turns of a searcher and its clones.
pub(super) struct Turns {
    all: usize,
    state: Mutex<State>,
}

struct State {
    free: usize,
    waiting: VecDeque<Sender<()>>,
}

/// A turn; dropping it passes it on.
pub(super) struct Turn<'t>(&'t Turns);

impl Turns {
    /// As many as the machine can carry.
    pub(super) fn of_machine() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new(OF_A_CORE * cores)
    }

    pub(super) fn new(all: usize) -> Self {
        Self { all, state: Mutex::new(State { free: all, waiting: VecDeque::new() }) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    pub(super) fn take(&self) -> Turn<'_> {
        let mut state = self.lock();
        if state.free > 0 {
            state.free -= 1;
            return Turn(self);
        }
        let (sender, receiver) = bounded(1);
        state.waiting.push_back(sender);
        drop(state);
        // Who passes it on has sent before the sender goes.
        let _ = receiver.recv();
        Turn(self)
    }

    /// A further turn for a search that has one, as long as not every core has something to do.
    pub(super) fn spare(&self) -> Option<Turn<'_>> {
        let mut state = self.lock();
        let is_idle = self.all - state.free < self.all / OF_A_CORE;
        is_idle.then(|| {
            state.free -= 1;
            Turn(self)
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        match state.waiting.pop_front() {
            // The one that waits keeps its end until it has the turn.
            Some(next) => {
                let _ = next.send(());
            }
            None => state.free += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{OF_A_CORE, Turns};

    #[test]
    fn no_more_run_than_there_are_turns() {
        let turns = Turns::new(2);
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _turn = turns.take();
                        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        running.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!((most.into_inner(), turns.lock().free), (2, 2));
    }

    #[test]
    fn a_search_takes_further_turns_of_idle_cores_alone() {
        let turns = Turns::new(2 * OF_A_CORE);
        let own = turns.take();
        let further = turns.spare();
        assert!(further.is_some() && turns.spare().is_none());
        drop(further);
        let other = turns.take();
        assert!(turns.spare().is_none(), "both cores have something to do");
        drop((own, other));
        assert_eq!(turns.lock().free, 2 * OF_A_CORE);
    }

    #[test]
    fn turns_come_in_order() {
        let turns = Turns::new(1);
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let first = turns.take();
            for number in 0..5 {
                let (turns, order) = (&turns, &order);
                scope.spawn(move || {
                    let _turn = turns.take();
                    order.lock().unwrap().push(number);
                });
                while turns.lock().waiting.len() <= number {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            drop(first);
        });
        assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 4]);
    }
}
