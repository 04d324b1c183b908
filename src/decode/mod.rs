//! From a record to an article. Pure and parallel: no I/O, no shared state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Which keys of a JSON record hold which field, beside the names that are known anyway (`--map body=story_text`).
/// A key may be a path with dots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldMap {
    keys: BTreeMap<String, String>,
}
