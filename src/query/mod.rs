//! The query language: text in, plain data out.
//!
//! [`Query`] is what every surface passes on (search, count, facets, HTTP, the library), so that they can't disagree.
//! It knows nothing of an index; [`lower`] turns it into one.

pub mod ast;
mod date;
mod display;
pub(crate) mod lower;
mod parse;
mod saved;

pub use ast::{
    Bound, DateUnit, DateValue, NameField, NamePattern, Node, Proximity, Query, Scope, TextAtom, ValueField,
};
pub use lower::Synonyms;
pub use parse::{NameReference, Parsed, parse};
pub use saved::SavedQueries;
