//! Measures quality against judgments: how well the tagger does on passages that somebody read.
//!
//! Responsible for the format of a gold file, for the scores and for the list of what went wrong. It runs the same
//! decoder and tagger as an index run and knows nothing of files or of how a report is shown.

mod gold;
mod tags;

pub use gold::{Passage, Span, read_passages};
pub use tags::{Failure, Measure, Score, TagReport, grade};
