//! Pure functions over text.

pub mod amount;
pub mod charset;
pub mod date;
pub mod edit;
mod english;
pub mod fold;
pub mod function_words;
pub mod language;
pub mod sentence;
pub mod shingle;
pub mod stem;
pub mod token;
pub(crate) mod xml;

pub use edit::edit_distance;
pub use fold::{fold, fold_name};
