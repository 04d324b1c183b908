//! Full-text search over industry news that knows which companies and divisions an article is about.
#![warn(missing_docs)]

pub mod article;
#[cfg(feature = "cli")]
pub mod cli;
pub mod control;
pub mod decode;
pub mod error;
pub mod eval;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod index;
pub mod ingest;
pub mod query;
pub mod search;
pub mod source;
pub mod tag;
pub mod text;

pub use control::Cancel;
pub use error::{Error, ErrorKind, Fault, Result};
pub use index::Index;
