//! Text to tags: which companies and divisions an article is about, what they do in it, and why.
//!
//! Responsible for the [`Gazetteer`] and for [`CompanyTagger`], which reads an article once:
//!
//! 1. `view` folds headline and body and cuts them into words and sentences;
//! 2. `matcher` finds every name of the gazetteer in them;
//! 3. `resolve` accepts or turns down each name, with the rule or the reason, from the words around it (`context`, `cue`) and
//!    from what else the article proves;
//! 4. `role` and `salience` make tags of what was accepted; `topic` finds what is reported; `explain` keeps the reasons
//!    when somebody asks for them.
//!
//! Nothing here knows files, formats or the index, and nothing is learned from one article for the next.

mod check;
mod context;
mod cue;
mod explain;
mod gazetteer;
mod lexicon;
mod matcher;
mod resolve;
mod role;
mod salience;
#[cfg(test)]
mod tests;
mod topic;
mod trade;
mod unknown;
mod view;

use std::sync::Arc;

use crate::article::{Article, Tagger, Tags, TitleSource};

pub use check::{ListCheck, check_overlay};
pub use explain::{RejectedTopic, SaliencePart, TagReason, TagReasons};
pub use gazetteer::{
    Company, CompanyKind, Division, DivisionKind, Entity, FormerName, Gazetteer, ListFinding, MAX_CANDIDATES,
    Resolution, Severity,
};
pub use salience::ABOUT_THRESHOLD;
pub(crate) use unknown::{label as unknown_label, typed_id as unknown_id};

use lexicon::Lexicon;
use matcher::Matcher;
use resolve::Resolver;
use topic::Topics;
use trade::Trades;
use view::View;

/// dateline's own tagger over a [`Gazetteer`].
pub struct CompanyTagger {
    gazetteer: Arc<Gazetteer>,
    matcher: Matcher,
    lexicon: Lexicon,
    topics: Topics,
    trades: Trades,
}

impl CompanyTagger {
    /// A tagger over a gazetteer; builds the matcher (some tens of milliseconds).
    pub fn new(gazetteer: Arc<Gazetteer>) -> Self {
        let matcher = Matcher::new(&gazetteer);
        let lexicon =
            Lexicon::new(topic::vocabulary().chain(context::vocabulary()).chain(trade::vocabulary()));
        let topics = Topics::new(&lexicon);
        let trades = Trades::new(&gazetteer, &lexicon);
        Self { gazetteer, matcher, lexicon, topics, trades }
    }

    /// The list it works with.
    pub fn gazetteer(&self) -> &Arc<Gazetteer> {
        &self.gazetteer
    }

    /// The same tags as [`tag`](Tagger::tag) gives, and why they are as they are. The parts of every salience add up to
    /// it.
    ///
    /// ```
    /// use dateline::article::Article;
    /// use dateline::tag::{CompanyTagger, Gazetteer};
    ///
    /// let body = "Netflix said that it will raise the price of its standard plan.".to_owned();
    /// let (tags, reasons) =
    ///     CompanyTagger::new(Gazetteer::builtin()).explain(&Article { body, ..Article::default() });
    /// let parts = &reasons.companies["netflix"].salience;
    /// let sum: f32 = parts.iter().map(|part| part.points).sum();
    /// assert_eq!(sum.round(), f32::from(tags.companies[0].salience));
    /// ```
    pub fn explain(&self, article: &Article) -> (Tags, TagReasons) {
        let mut reasons = TagReasons::kept();
        let tags = self.read(article, &mut reasons);
        (tags, reasons)
    }

    fn read(&self, article: &Article, reasons: &mut TagReasons) -> Tags {
        // A headline that was taken from the body would count everything in it twice.
        let title = if article.title_source == TitleSource::Lead { "" } else { article.title.as_str() };
        let views = [View::read(title, &self.lexicon), View::read(&article.body, &self.lexicon)];
        let mut resolver =
            Resolver::new(&self.gazetteer, &self.matcher, &self.lexicon, &self.trades, &views, article);
        resolver.run();
        let mut tags = salience::tags(&mut resolver, article, reasons);
        tags.topics = self.topics.find(&views, reasons);
        tags
    }
}

impl Tagger for CompanyTagger {
    fn tag(&self, article: &Article) -> Tags {
        self.read(article, &mut TagReasons::default())
    }

    fn tag_in_full(&self, article: &Article) -> Tags {
        self.explain(article).0
    }

    fn fingerprint(&self) -> String {
        self.gazetteer.fingerprint().to_owned()
    }
}

impl std::fmt::Debug for CompanyTagger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompanyTagger")
            .field("gazetteer", &self.gazetteer.fingerprint())
            .finish_non_exhaustive()
    }
}
