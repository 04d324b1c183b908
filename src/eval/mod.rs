//! Measures quality against judgments: how well the tagger does on passages that somebody read, and how well a search ranks
//! articles whose relevance somebody judged.
//!
//! Responsible for the formats of judgments, for the scores and for the list of what went wrong. It runs the same
//! decoder and tagger as an index run, is handed what a search gave, and knows nothing of files or of how a report is shown.

mod gold;
mod ranking;
mod tags;

pub use gold::{Passage, Span, read_passages};
pub use ranking::{
    Judgments, Ranked, RankingReport, RankingScore, Topic, TopicScore, grade_ranking, read_judgments,
    read_topics,
};
pub use tags::{Failure, Measure, Score, TagReport, grade};
