//! Folders of a Maildir: `cur` and `new` hold a message a file, under names without endings; what lies in `tmp` was not
//! delivered yet. Folders below it have names with a point (Maildir++).

use std::path::Path;

/// The folders that make one.
const FOLDERS: [&str; 3] = ["cur", "new", "tmp"];

/// Whether a folder is one.
pub(super) fn is_maildir(folder: &Path) -> bool {
    FOLDERS.iter().all(|name| folder.join(name).is_dir())
}

/// Whether a file is a message of one.
pub(super) fn is_message(file: &Path) -> bool {
    file.parent().is_some_and(|folder| is_in(folder, &["cur", "new"]))
}

/// Whether a folder holds messages that are still being written.
pub(super) fn is_unfinished(folder: &Path) -> bool {
    is_in(folder, &["tmp"])
}

fn is_in(folder: &Path, names: &[&str]) -> bool {
    let is_named = folder.file_name().is_some_and(|name| names.iter().any(|known| name == *known));
    is_named && folder.parent().is_some_and(is_maildir)
}
