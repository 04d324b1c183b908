//! Text to tags: which companies and divisions an article is about, and why.

use std::sync::Arc;

use crate::article::{Article, Tagger, Tags};

/// The list of companies, their aliases, tickers and divisions.
pub struct Gazetteer {}

/// dateline's own tagger over a [`Gazetteer`].
pub struct CompanyTagger {}

impl CompanyTagger {
    /// A tagger over a gazetteer; builds the matcher (some tens of milliseconds).
    pub fn new(_gazetteer: Arc<Gazetteer>) -> Self {
        Self {}
    }
}

impl Tagger for CompanyTagger {
    fn tag(&self, _article: &Article) -> Tags {
        Tags::default()
    }

    fn fingerprint(&self) -> String {
        String::new()
    }
}
