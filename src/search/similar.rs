//! More like this: articles that share the distinctive words, companies and topics of one.
//!
//! The words are those of the article with the largest tf·idf (saturated frequency in the article, rarity in the index), as
//! a query of weighted words that is scored by BM25F like any other. An article has to have some of them. Shared
//! companies, divisions and topics add to the score, by their salience in the article and their rarity in the index, so that
//! a company that every article names says little; they find nothing alone.
//!
//! Copies of the article, that is the same text sent again with small edits, are left out: candidates are read from the
//! top, and those that resemble it by [`COPY_RESEMBLANCE`] are passed over.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EnableScoring, Occur, Query as IndexQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet as _, Term};

use super::collect::Best;
use super::page::{guarded, hit, milliseconds};
use super::searcher::Prepared;
use super::snippet::Highlighter;
use super::written::Vocabulary;
use super::{Explanation, Filter, Relation, SearchRequest, SearchResults, Searcher, StoredArticle, Total};
use crate::article::{Article, Tags};
use crate::error::{Error, ErrorKind, Result};
use crate::index::document::TitleInBody;
use crate::query::{Node, Query, Scope, TextAtom};
use crate::tag::ABOUT_THRESHOLD;
use crate::text::shingle::Shingles;

/// Words of the article that are looked for.
const WORDS: usize = 30;

/// Part of the words that a similar article has to have.
const SHARED_WORDS: f64 = 0.1;

/// How much more a word of the headline counts.
const HEADLINE: f64 = 3.0;

/// How soon further occurrences in the article stop to count.
const SATURATION: f64 = 2.0;

/// What a company, division or topic of full salience counts, beside the rarity of its name; what it counts more where the
/// other article is about it too.
const NAMED: f64 = 1.0;
const ABOUT: f64 = 1.0;
const TOPIC: f64 = 1.0;

/// Companies and divisions that are looked for, most salient first.
const NAMES: usize = 12;

/// Resemblance of word shingles at and over which an article is a copy: the part of what any of the two has that both
/// have. Broder takes one half to tell copies; different reports on one event are far below.
pub const COPY_RESEMBLANCE: f64 = 0.5;

/// Articles that are compared with the article at least.
const COMPARED: usize = 100;

/// Copies that are passed over at most.
const MOST_COPIES: usize = 1000;

/// The article that others are to be like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Like {
    /// One of the index, by its id.
    Id(String),
    /// One that need not be in it.
    Article {
        /// The article.
        article: Box<Article>,
        /// Its tags.
        tags: Box<Tags>,
    },
}

/// What is to be similar to what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarRequest {
    /// The article.
    pub like: Like,
    /// Facet filters, as in a [`SearchRequest`].
    pub filters: Vec<Filter>,
    /// A query that similar articles have to match as well, e.g. a range of dates; it does not rank.
    pub within: Option<Query>,
    /// Hits on the page, 0 to 1,000.
    pub limit: usize,
    /// Hits before the page; `offset + limit` is at most 10,000.
    pub offset: usize,
    /// Whether each hit carries what it shares with the article.
    pub explain: bool,
    /// Characters of a snippet, at most; 0 for none.
    pub snippet_chars: usize,
    /// Whether each hit carries its stored article.
    pub articles: bool,
    /// Milliseconds that it may take, at most 10,000.
    pub timeout_ms: Option<u64>,
    /// The present as Unix seconds, for relative dates; `None` takes the clock.
    pub now: Option<i64>,
}

impl SimilarRequest {
    /// The ten most similar articles.
    pub fn new(like: Like) -> Self {
        let SearchRequest {
            filters, limit, offset, explain, snippet_chars, articles, timeout_ms, now, ..
        } = SearchRequest::new(Query { root: Node::All });
        Self { like, filters, within: None, limit, offset, explain, snippet_chars, articles, timeout_ms, now }
    }

    /// The search that the words are put into.
    fn search(&self, query: Query) -> SearchRequest {
        SearchRequest {
            filters: self.filters.clone(),
            limit: self.limit,
            offset: self.offset,
            explain: self.explain,
            snippet_chars: self.snippet_chars,
            articles: self.articles,
            synonyms: false,
            timeout_ms: self.timeout_ms,
            now: self.now,
            ..SearchRequest::new(query)
        }
    }
}

/// Something that two articles can share.
struct Feature {
    /// `word layoffs, in 13 of 235 articles`, `company Amazon …`
    description: String,
    query: Box<dyn IndexQuery>,
}

/// A word of the article.
struct Wanted {
    form: String,
    weight: f64,
    articles: u64,
}

impl Searcher {
    /// Articles that are similar to one, best first; without itself and without copies of it. The query of the answer is
    /// the words that were looked for. Of an id that no article has it is an error of kind [`ErrorKind::NotFound`].
    pub fn similar(&self, request: &SimilarRequest) -> Result<SearchResults> {
        guarded(|| self.similar_unguarded(request))
    }

    fn similar_unguarded(&self, request: &SimilarRequest) -> Result<SearchResults> {
        let started = Instant::now();
        let (article, tags) = match &request.like {
            Like::Article { article, tags } => ((**article).clone(), (**tags).clone()),
            Like::Id(id) => {
                let stored = self.get(id)?.ok_or_else(|| {
                    Error::new(ErrorKind::NotFound, format!("there is no article with the id {id}"))
                })?;
                (stored.article, stored.tags)
            }
        };
        let wanted = self.wanted(&article)?;
        let query = query_of(&wanted);
        let search = request.search(query.clone());
        search.check()?;
        let mut prepared = self.prepare(&search, None)?;
        // A report from that time is as near as one of today.
        prepared.lowered.is_dated = true;
        let named = self.named(&tags)?;
        let words = prepared.lowered.query.box_clone();
        prepared.lowered.query = self.whole(&article, words, &named, request)?;
        let pool = SearchRequest {
            offset: 0,
            limit: (request.offset + request.limit).max(COMPARED) + MOST_COPIES,
            ..search.clone()
        };
        let collected = self.collect(&pool, &prepared, &[])?;
        let (kept, copies) = self.without_copies(&article, collected.best, request, &prepared)?;
        prepared.deadline.check()?;
        let features = if request.explain { self.features(&wanted, named, &search)? } else { Vec::new() };
        let highlighter = Highlighter::new(&prepared.lowered.marks);
        let mut hits = Vec::new();
        let page = kept.into_iter().skip(request.offset).take(request.limit);
        for (number, (best, stored)) in page.enumerate() {
            let stored = match stored {
                Some(stored) => stored,
                None => self.read(&prepared.snapshot, best.address)?,
            };
            let explanation =
                if request.explain { Some(self.shared(&features, &best, &prepared)?) } else { None };
            hits.push(hit(&search, &highlighter, request.offset + number + 1, &best, stored, explanation));
        }
        let timed_out = prepared.deadline.was_over();
        let mut notes = std::mem::take(&mut prepared.lowered.notes);
        if copies > 0 {
            let articles = if copies == 1 { "1 copy" } else { &format!("{copies} copies") };
            notes.push(format!("{articles} of the article left out"));
        }
        if timed_out {
            let time = request.timeout_ms.unwrap_or_default();
            notes.push(format!("stopped after {time} ms: there may be more articles than were found"));
        }
        Ok(SearchResults {
            query: query.to_string(),
            total: Total {
                value: collected.count.saturating_sub(copies),
                relation: if timed_out { Relation::AtLeast } else { Relation::Exact },
            },
            took_ms: milliseconds(started),
            generation: prepared.generation,
            hits,
            next: None,
            facets: std::collections::BTreeMap::new(),
            terms: None,
            timed_out,
            suggestions: Vec::new(),
            partial: None,
            notes,
        })
    }

    /// The distinctive words of an article, best first.
    fn wanted(&self, article: &Article) -> Result<Vec<Wanted>> {
        let mut vocabulary = Vocabulary::default();
        vocabulary.read(article);
        let mut in_headline = Vocabulary::default();
        in_headline.read(&Article { title: article.title.clone(), ..Article::default() });
        let searcher = self.snapshot();
        let docs = searcher.num_docs();
        let itself = Term::from_field_text(self.fields().id, &article.id);
        let itself = searcher.doc_freq(&itself).map_err(|error| self.fail(error))?;
        let mut wanted = Vec::new();
        for (term, word) in &vocabulary.0 {
            let articles = self.doc_freq(&searcher, term).map_err(|error| self.fail(error))?;
            // A word of this article alone finds no other one.
            if articles <= itself || articles * 2 > docs.max(4) {
                continue;
            }
            let places = f64::from(word.places);
            let headline = if in_headline.0.contains_key(term) { HEADLINE } else { 1.0 };
            let frequency = headline * places * (SATURATION + 1.0) / (places + SATURATION);
            wanted.push((frequency * rarity(articles, docs), term, frequency, word.form(), articles));
        }
        wanted.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
        wanted.truncate(WORDS);
        let of = |(_, _, weight, form, articles): (f64, &String, f64, &str, u64)| Wanted {
            form: form.to_owned(),
            weight,
            articles,
        };
        Ok(wanted.into_iter().map(of).collect())
    }

    /// Companies, divisions and topics of an article with what sharing them counts.
    fn named(&self, tags: &Tags) -> Result<Vec<Feature>> {
        let searcher = self.snapshot();
        let docs = searcher.num_docs();
        let fields = self.fields();
        let mut names: Vec<(&str, &str, &str, u8)> = Vec::new();
        for company in tags.companies.iter().filter(|company| company.role.counts_as_company()) {
            names.push(("company", &company.id, &company.name, company.salience));
        }
        for division in &tags.divisions {
            names.push(("division", &division.path, &division.name, division.salience));
        }
        names.sort_by(|left, right| right.3.cmp(&left.3).then_with(|| left.1.cmp(right.1)));
        names.truncate(NAMES);
        let topics = tags.topics.iter().map(|topic| ("topic", &*topic.topic, &*topic.topic, topic.salience));
        let mut features = Vec::new();
        for (kind, path, name, salience) in names.into_iter().chain(topics) {
            let fields: &[(Field, f64, &str)] = if kind == "topic" {
                &[(fields.topic, TOPIC, "")]
            } else if salience < ABOUT_THRESHOLD {
                &[(fields.company, NAMED, "")]
            } else {
                &[(fields.company, NAMED, ""), (fields.about, ABOUT, "both are about the ")]
            };
            for (field, weight, what) in fields {
                let term = Term::from_field_text(*field, path);
                let articles = searcher.doc_freq(&term).map_err(|error| self.fail(error))?;
                let weight = weight * f64::from(salience) / 100.0 * rarity(articles, docs);
                if articles == 0 || weight <= 0.0 {
                    continue;
                }
                let query = ConstScoreQuery::new(
                    Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
                    weight as f32,
                );
                let description =
                    format!("{what}{kind} {name}, salience {salience}, in {articles} of {docs} articles");
                features.push(Feature { description, query: Box::new(query) });
            }
        }
        Ok(features)
    }

    /// The words, better with what is named as well; without the article itself, and within a query.
    fn whole(
        &self,
        article: &Article,
        words: Box<dyn IndexQuery>,
        named: &[Feature],
        request: &SimilarRequest,
    ) -> Result<Box<dyn IndexQuery>> {
        let itself = Term::from_field_text(self.fields().id, &article.id);
        let mut parts: Vec<(Occur, Box<dyn IndexQuery>)> = vec![
            (Occur::Must, words),
            (Occur::MustNot, Box::new(TermQuery::new(itself, IndexRecordOption::Basic))),
        ];
        parts.extend(named.iter().map(|feature| (Occur::Should, feature.query.box_clone())));
        if let Some(within) = &request.within {
            let lowered = self.prepare(&request.search(within.clone()), None)?.lowered;
            parts.push((Occur::Must, Box::new(BoostQuery::new(lowered.query, 0.0))));
        }
        Ok(Box::new(BooleanQuery::new(parts)))
    }

    /// Candidates from the top until the page is full, those that are copies counted; of what was read the articles.
    #[expect(clippy::type_complexity, reason = "a candidate with its article, if it was read")]
    fn without_copies(
        &self,
        article: &Article,
        candidates: Vec<Best>,
        request: &SimilarRequest,
        prepared: &Prepared,
    ) -> Result<(Vec<(Best, Option<StoredArticle>)>, u64)> {
        let shingles = shingles(article);
        let mut kept = Vec::new();
        let mut copies = 0;
        let end = request.offset + request.limit;
        for (number, best) in candidates.into_iter().enumerate() {
            let is_compared = number < COMPARED || kept.len() < end;
            if !is_compared {
                break;
            }
            // What there is no time to read can't be told from a copy, and is not shown.
            if prepared.deadline.is_over() {
                break;
            }
            let stored = self.read(&prepared.snapshot, best.address)?;
            if shingles.resemblance(&self::shingles(&stored.article)) >= COPY_RESEMBLANCE {
                copies += 1;
                continue;
            }
            let is_on_page = (request.offset..end).contains(&kept.len());
            kept.push((best, is_on_page.then_some(stored)));
        }
        Ok((kept, copies))
    }

    /// What is looked for, one by one.
    fn features(
        &self,
        wanted: &[Wanted],
        named: Vec<Feature>,
        search: &SearchRequest,
    ) -> Result<Vec<Feature>> {
        let docs = self.snapshot().num_docs();
        let mut features = named;
        for word in wanted {
            let query = Query { root: node_of(word) };
            let alone = SearchRequest { query, filters: Vec::new(), ..search.clone() };
            let description = format!("word {}, in {} of {docs} articles", word.form, word.articles);
            features.push(Feature { description, query: self.prepare(&alone, None)?.lowered.query });
        }
        Ok(features)
    }

    /// What an article shares, most of it first.
    fn shared(&self, features: &[Feature], best: &Best, prepared: &Prepared) -> Result<Explanation> {
        let searcher = &prepared.snapshot;
        let reader = searcher.segment_reader(best.address.segment_ord);
        let doc = best.address.doc_id;
        let explain = || -> tantivy::Result<Explanation> {
            let mut parts = Vec::new();
            for feature in features {
                let weight = feature.query.weight(EnableScoring::enabled_from_searcher(searcher))?;
                let mut scorer = weight.scorer(reader, 1.0)?;
                let at = if scorer.doc() < doc { scorer.seek(doc) } else { scorer.doc() };
                let value = if at == doc { scorer.score() } else { 0.0 };
                if value > 0.0 {
                    parts.push(Explanation {
                        value,
                        description: feature.description.clone(),
                        parts: Vec::new(),
                    });
                }
            }
            parts.sort_by(|left, right| right.value.total_cmp(&left.value));
            let value = parts.iter().map(|part| part.value).sum();
            let words = Explanation { value, description: "shared, sum of".to_owned(), parts };
            prepared
                .ranking(&SearchRequest::new(Query { root: Node::All }))
                .for_segment(reader)
                .map(|ranking| ranking.explain(doc, words, i64::MIN))
        };
        explain().map_err(|error| self.fail(error))
    }
}

/// The idf of BM25.
fn rarity(articles: u64, docs: u64) -> f64 {
    let rest = docs.saturating_sub(articles) as f64;
    (1.0 + (rest + 0.5) / (articles as f64 + 0.5)).ln()
}

fn node_of(word: &Wanted) -> Node {
    let atom = TextAtom::Word { text: word.form.clone() };
    // Two digits are enough, and can be read.
    let factor = (word.weight * 100.0).round() as f32 / 100.0;
    Node::Boost { clause: Box::new(Node::Text { scope: Scope::Anywhere, atom }), factor }
}

/// Some of the words.
fn query_of(wanted: &[Wanted]) -> Query {
    let clauses: Vec<Node> = wanted.iter().map(node_of).collect();
    if clauses.is_empty() {
        return Query { root: Node::Not { clause: Box::new(Node::All) } };
    }
    let minimum = ((clauses.len() as f64 * SHARED_WORDS).ceil() as u32).max(1);
    Query { root: Node::Several { minimum, clauses } }
}

/// Headline and body, the headline once.
fn shingles(article: &Article) -> Shingles {
    let title = if TitleInBody::of(article).is_some() { "" } else { &*article.title };
    Shingles::of(&[title, &article.body])
}
