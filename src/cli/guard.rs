//! What becomes of an answer that fails in the middle: whether the index is to blame.
//!
//! The engine takes the content of files for granted, and stops with a panic, or with an error that names no file, where it
//! has changed. Before that is called a defect the index is looked at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::check::line;
use super::interrupt;
use crate::error::{Error, ErrorKind, Result};
use crate::index::check::{Depth, check};
use crate::search::segments::HELPER;

/// The index that is read from.
static OPENED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// What a panic said, and where.
static SAID: Mutex<Option<String>> = Mutex::new(None);

/// Notes which index is read from.
pub(super) fn opened(folder: &Path) {
    *OPENED.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder.to_owned());
}

/// Runs a command. A panic becomes an error, and an error that damage may have caused is told as damage.
pub(super) fn run(command: impl FnOnce() -> Result<u8>) -> Result<u8> {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if matches!(std::thread::current().name(), Some("main" | HELPER)) {
            *SAID.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic.to_string());
        } else {
            others(panic);
        }
    }));
    let outcome = catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        let said = SAID.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        Err(Error::new(ErrorKind::Internal, said.replace('\n', ": "))
            .with_hint("this is a defect of dateline; please report it"))
    });
    outcome.map_err(|error| match error.kind() {
        ErrorKind::Internal | ErrorKind::Damaged => damage().unwrap_or(error),
        _ => error,
    })
}

/// The damage of the index that was read from.
fn damage() -> Option<Error> {
    let folder = OPENED.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
    let look = |depth| check(&folder, depth, &interrupt::flag()).ok();
    let found =
        look(Depth::Lengths).filter(|found| !found.damage.is_empty()).or_else(|| look(Depth::Content))?;
    let damage = found.damage.first()?;
    Some(
        Error::new(
            ErrorKind::Damaged,
            format!("the index in {} is damaged: {}", folder.display(), line(damage)),
        )
        .with_hint("dateline check --deep lists all that is; dateline repair builds the index anew"),
    )
}
