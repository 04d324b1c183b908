//! The fields of the index.

use tantivy::schema::Field;

/// Handles of all fields, resolved once. Text fields come twice: folded and stemmed for plain words, exact (folded
/// only) for quoted ones.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// Article id; raw term, stored.
    pub id: Field,
}
