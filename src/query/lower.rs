//! Meets an index: a [`Query`](crate::query::Query) becomes a tantivy query.
