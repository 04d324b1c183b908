//! Pure functions over text.
