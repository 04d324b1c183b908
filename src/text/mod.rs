//! Pure functions over text.

pub mod edit;

pub use edit::edit_distance;
