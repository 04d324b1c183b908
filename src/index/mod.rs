//! All that is on disk.

use std::path::PathBuf;
use std::sync::Arc;

use crate::tag::Gazetteer;

pub mod schema;

/// An index of articles: a folder, or memory.
#[derive(Clone)]
#[expect(dead_code, reason = "the parts that read them follow")]
pub struct Index {
    pub(crate) inner: tantivy::Index,
    pub(crate) fields: schema::Fields,
    pub(crate) gazetteer: Arc<Gazetteer>,
    pub(crate) folder: Option<PathBuf>,
}
