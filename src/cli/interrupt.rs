//! What an interruption from the keyboard does while something runs that has to end in order.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::report::status;
use crate::control::Cancel;

/// Set by the first interruption.
static CANCEL: OnceLock<Cancel> = OnceLock::new();

/// Whether another program has the terminal, to which interruptions are left.
static IS_LEFT: AtomicBool = AtomicBool::new(false);

/// A flag that the first interruption sets. The second one ends the process at once.
///
/// Where another handler is set already an interruption ends the process, which loses nothing that was committed.
pub(super) fn flag() -> Cancel {
    let cancel = CANCEL.get_or_init(|| {
        let _ = ctrlc::set_handler(on_signal);
        Cancel::new()
    });
    cancel.clone()
}

/// Leaves interruptions to a program that was started, or takes them back.
pub(super) fn leave_to_child(is_left: bool) {
    IS_LEFT.store(is_left, Ordering::SeqCst);
    // From the first call on somebody has to be there to ignore them.
    flag();
}

fn on_signal() {
    if IS_LEFT.load(Ordering::SeqCst) {
        return;
    }
    let Some(cancel) = CANCEL.get() else { return };
    if cancel.is_cancelled() {
        #[expect(clippy::exit, reason = "nothing else ends a thread that is committing")]
        std::process::exit(i32::from(status::INTERRUPTED));
    }
    cancel.cancel();
}
