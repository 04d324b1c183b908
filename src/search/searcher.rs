//! Answering requests from one committed state of an index.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tantivy::query::{BooleanQuery, EnableScoring, Occur, Query as IndexQuery};
use tantivy::schema::document::TantivyDocument;
use tantivy::{DocAddress, IndexReader, ReloadPolicy};

use super::collect::{Best, Collected, FacetCounts, Pass, arrange};
use super::expand::{self, Smoothed};
use super::limited::Limited;
use super::rank::{Ranking, rounded};
use super::snippet::Highlighter;
use super::{
    Explanation, FacetField, FacetRequest, FacetValue, Filter, Hit, Relation, SearchRequest, SearchResults,
    Total,
};
use crate::article::{Precision, Publication, Tagger};
use crate::control::{Cancel, Deadline};
use crate::error::{Error, ErrorKind, Result};
use crate::index::document::{self, StoredArticle};
use crate::index::ledger::Checkpoint;
use crate::index::{Index, from_tantivy};
use crate::query::lower::{Lookup, Lowered, lower, lower_filter, weighted_terms};
use crate::query::{NameField, Parsed, Query, SavedQueries, Synonyms};
use crate::tag::{Gazetteer, unknown_label};

/// Most hits of a page.
const MAX_LIMIT: usize = 1000;

/// How far pages reach.
const MAX_REACH: usize = 10_000;

/// Milliseconds that a search takes unless asked otherwise, and at most.
const TIMEOUT_MS: u64 = 2_000;
const MAX_TIMEOUT_MS: u64 = 10_000;

/// Most facets of a request, and most values of one.
const MAX_FACETS: usize = 20;
const MAX_FACET_VALUES: usize = 1000;

/// Most distinctive words of an answer.
const MAX_TERMS: usize = 1000;

/// Answers from one committed state of an index. Clones are cheap, share that state, and may be used from several threads at once.
#[derive(Clone)]
pub struct Searcher {
    index: Index,
    shared: Arc<Shared>,
    synonyms: Arc<Synonyms>,
    /// In place of those that are kept with the index.
    saved: Option<Arc<SavedQueries>>,
    cancel: Option<Cancel>,
}

struct Shared {
    reader: IndexReader,
    checkpoint: RwLock<Checkpoint>,
    saved: RwLock<Arc<SavedQueries>>,
}

/// What an index holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Articles.
    pub articles: u64,
    /// Articles without a date.
    pub undated: u64,
    /// Day of the first one.
    pub earliest: Option<String>,
    /// Day of the last one.
    pub latest: Option<String>,
    /// Companies with an article.
    pub companies: u64,
    /// Divisions with an article.
    pub divisions: u64,
    /// Outlets with an article.
    pub sources: u64,
    /// Parts that the index consists of.
    pub segments: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Number of the commit.
    pub generation: u64,
    /// Fingerprint of the tagger that the articles were tagged with: of the company list and the rules, unless it is
    /// another one than dateline's own.
    pub tagger: String,
    /// Whether the list or the rules of dateline's own tagger have changed since.
    pub is_stale: bool,
}

impl Index {
    /// A searcher over the last committed state.
    pub fn searcher(&self) -> Result<Searcher> {
        let reader = self
            .inner
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(|error| from_tantivy(error, self.place()))?;
        let checkpoint = RwLock::new(Checkpoint::read(&self.inner)?);
        let saved = RwLock::new(Arc::new(self.saved_queries()?));
        Ok(Searcher {
            index: self.clone(),
            shared: Arc::new(Shared { reader, checkpoint, saved }),
            synonyms: Synonyms::builtin(),
            saved: None,
            cancel: None,
        })
    }
}

impl SearchRequest {
    /// The first ten hits of a query by relevance, with snippets and without facets.
    pub fn new(query: Query) -> Self {
        Self {
            query,
            filters: Vec::new(),
            limit: 10,
            offset: 0,
            sort: super::Sort::default(),
            facets: Vec::new(),
            terms: 0,
            explain: false,
            snippet_chars: 240,
            bag_of_words: false,
            expand: false,
            synonyms: true,
            timeout_ms: Some(TIMEOUT_MS),
            now: None,
        }
    }

    /// With a facet filter: any of the values.
    pub fn filter<V: Into<String>>(mut self, field: NameField, values: impl IntoIterator<Item = V>) -> Self {
        self.filters.push(Filter { field, values: values.into_iter().map(Into::into).collect() });
        self
    }

    /// With so many hits on a page.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// With so many hits passed over.
    pub fn offset(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// In another order.
    pub fn sort(mut self, sort: super::Sort) -> Self {
        self.sort = sort;
        self
    }

    /// With the most frequent values of a facet.
    pub fn facet(mut self, field: FacetField, limit: usize) -> Self {
        self.facets.push(FacetRequest { field, limit });
        self
    }

    /// With the parts of each score, or without.
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// With further words of the articles that are found first, or without.
    pub fn expand(mut self, expand: bool) -> Self {
        self.expand = expand;
        self
    }

    /// With synonyms of plain words, or without.
    pub fn synonyms(mut self, synonyms: bool) -> Self {
        self.synonyms = synonyms;
        self
    }

    /// With so many milliseconds of time, or as many as it takes.
    pub fn timeout_ms(mut self, timeout_ms: Option<u64>) -> Self {
        self.timeout_ms = timeout_ms;
        self
    }

    /// With this as the present, in Unix seconds.
    pub fn now(mut self, now: i64) -> Self {
        self.now = Some(now);
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let refuse =
            |message: String, hint: &str| Err(Error::new(ErrorKind::Argument, message).with_hint(hint));
        if self.limit > MAX_LIMIT {
            return refuse(
                format!("a page has at most 1,000 hits, not {}", self.limit),
                "ask for several pages",
            );
        }
        if self.offset.saturating_add(self.limit) > MAX_REACH {
            return refuse(
                format!(
                    "hits beyond the first 10,000 can't be paged to (asked for {} from {})",
                    self.limit, self.offset
                ),
                "narrow the query, e.g. by date",
            );
        }
        if let Some(timeout) = self.timeout_ms.filter(|timeout| *timeout > MAX_TIMEOUT_MS) {
            return refuse(
                format!("a search takes at most {MAX_TIMEOUT_MS} ms, not {timeout}"),
                "narrow the query, e.g. by date",
            );
        }
        if self.terms > MAX_TERMS {
            return refuse(
                format!("at most {MAX_TERMS} distinctive words are returned, not {}", self.terms),
                "ask for fewer",
            );
        }
        if self.facets.len() > MAX_FACETS {
            return refuse(
                format!("at most {MAX_FACETS} facets are counted at once"),
                "ask for some of them",
            );
        }
        if let Some(facet) = self.facets.iter().find(|facet| !(1..=MAX_FACET_VALUES).contains(&facet.limit)) {
            return refuse(
                format!("a facet has 1 to 1,000 values, not {}", facet.limit),
                "ask for fewer values, or narrow the query",
            );
        }
        Ok(())
    }
}

/// A request after its names were looked up.
pub(super) struct Prepared {
    pub(super) lowered: Lowered,
    filters: Vec<(NameField, Box<dyn IndexQuery>)>,
    now: i64,
    pub(super) deadline: Deadline,
}

impl Prepared {
    /// The query with all filters but those of one field.
    pub(super) fn query(&self, without: Option<NameField>) -> Box<dyn IndexQuery> {
        let mut parts = vec![(Occur::Must, self.lowered.query.box_clone())];
        let kept = self.filters.iter().filter(|(field, _)| Some(*field) != without);
        parts.extend(kept.map(|(_, filter)| (Occur::Must, filter.box_clone())));
        self.limited(if parts.len() == 1 { parts.remove(0).1 } else { Box::new(BooleanQuery::new(parts)) })
    }

    /// How what it finds is ranked.
    pub(super) fn ranking(&self, request: &SearchRequest) -> Ranking {
        let freshness = Some(self.now).filter(|_| !self.lowered.is_dated && !request.bag_of_words);
        Ranking::new(&self.lowered.asked, self.lowered.is_scored, freshness)
    }

    /// A query that ends with the time of this one.
    pub(super) fn limited(&self, query: Box<dyn IndexQuery>) -> Box<dyn IndexQuery> {
        if self.deadline.is_bounded() { Box::new(Limited::new(query, &self.deadline)) } else { query }
    }
}

impl Searcher {
    /// The same searcher with another list of synonyms.
    pub fn with_synonyms(mut self, synonyms: Arc<Synonyms>) -> Self {
        self.synonyms = synonyms;
        self
    }

    /// The same searcher with these saved queries in place of those that are kept with the index.
    pub fn with_saved_queries(mut self, saved: Arc<SavedQueries>) -> Self {
        self.saved = Some(saved);
        self
    }

    /// The same searcher whose searches end with an error of kind [`ErrorKind::Cancelled`] once the flag is set.
    pub fn with_cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = Some(cancel.clone());
        self
    }

    /// Takes up what was committed since, and the saved queries as they are now.
    pub fn reload(&self) -> Result<()> {
        let saved = Arc::new(self.index.saved_queries()?);
        *self.shared.saved.write().unwrap_or_else(PoisonError::into_inner) = saved;
        let checkpoint = Checkpoint::read(&self.index.inner)?;
        self.shared.reader.reload().map_err(|error| self.fail(error))?;
        *self.shared.checkpoint.write().unwrap_or_else(PoisonError::into_inner) = checkpoint;
        Ok(())
    }

    /// The list of companies that names are looked up in.
    pub fn gazetteer(&self) -> Result<Arc<Gazetteer>> {
        self.index.gazetteer()
    }

    /// The number of the commit that answers.
    pub fn generation(&self) -> u64 {
        self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner).seq
    }

    /// Answers a request.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResults> {
        self.answer(request, None)
    }

    /// The engine's view of the committed state.
    pub(super) fn snapshot(&self) -> tantivy::Searcher {
        self.shared.reader.searcher()
    }

    pub(super) fn fields(&self) -> &crate::index::schema::Fields {
        &self.index.fields
    }

    /// Answers a request whose query was read from a text, so that an error can point at the place in it.
    pub fn search_parsed(&self, parsed: &Parsed, request: &SearchRequest) -> Result<SearchResults> {
        self.answer(request, Some(parsed))
    }

    /// How many articles match.
    pub fn count(&self, query: &Query) -> Result<u64> {
        let request = SearchRequest { limit: 0, timeout_ms: None, ..SearchRequest::new(query.clone()) };
        let prepared = self.prepare(&request, None)?;
        Ok(self.collect(&request, &prepared, &[])?.count)
    }

    /// Ids and scores of the best articles, up to 1,000, without reading any of them.
    pub fn ranked_ids(&self, parsed: &Parsed, request: &SearchRequest) -> Result<Vec<(String, f32)>> {
        request.check()?;
        // A part of a ranking would be taken for the whole.
        let request = &request.clone().timeout_ms(None);
        let prepared = self.prepare(request, Some(parsed))?;
        let collected = self.collect(request, &prepared, &[])?;
        Ok(collected.best.into_iter().skip(request.offset).map(|best| (best.id, best.score)).collect())
    }

    /// Ids of all matching articles, in their own order.
    pub fn ids(&self, query: &Query) -> Result<Vec<String>> {
        let prepared = self.prepare(&SearchRequest::new(query.clone()).timeout_ms(None), None)?;
        let searcher = self.shared.reader.searcher();
        let found = searcher
            .search(&prepared.query(None), &tantivy::collector::DocSetCollector)
            .map_err(|error| self.fail(error))?;
        prepared.deadline.check()?;
        let read = || -> tantivy::Result<Vec<String>> {
            let columns = searcher
                .segment_readers()
                .iter()
                .map(|segment| segment.fast_fields().str("id"))
                .collect::<tantivy::Result<Vec<_>>>()?;
            let mut ids = Vec::with_capacity(found.len());
            for address in &found {
                let mut id = String::new();
                if let Some(column) = &columns[address.segment_ord as usize]
                    && let Some(ord) = column.ords().first(address.doc_id)
                    && column.ord_to_str(ord, &mut id)?
                {
                    ids.push(id);
                }
            }
            ids.sort_unstable();
            Ok(ids)
        };
        read().map_err(|error| self.fail(error))
    }

    /// How a query is read, a part a line.
    pub fn explain_query(&self, parsed: &Parsed, request: &SearchRequest) -> Result<String> {
        Ok(self.prepare(request, Some(parsed))?.lowered.outline)
    }

    /// The article of an id.
    pub fn get(&self, id: &str) -> Result<Option<StoredArticle>> {
        let searcher = self.shared.reader.searcher();
        let term = tantivy::Term::from_field_text(self.index.fields.id, id);
        let query = tantivy::query::TermQuery::new(term, tantivy::schema::IndexRecordOption::Basic);
        let found = searcher
            .search(&query, &tantivy::collector::DocSetCollector)
            .map_err(|error| self.fail(error))?;
        found.into_iter().next().map(|address| self.read(&searcher, address)).transpose()
    }

    /// What the index holds.
    pub fn stats(&self) -> Result<Stats> {
        let request = SearchRequest {
            limit: 0,
            timeout_ms: None,
            facets: [FacetField::Company, FacetField::Source, FacetField::Year]
                .map(|field| FacetRequest { field, limit: 1 })
                .to_vec(),
            ..SearchRequest::new(Query { root: crate::query::Node::All })
        };
        let prepared = self.prepare(&request, None)?;
        let collected =
            self.collect(&request, &prepared, &[FacetField::Company, FacetField::Source, FacetField::Year])?;
        let counts = |field: FacetField| collected.facets.get(&field).cloned().unwrap_or_default();
        let companies = counts(FacetField::Company);
        let days = counts(FacetField::Year);
        let checkpoint = self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner).clone();
        let searcher = self.shared.reader.searcher();
        let space = searcher.space_usage().map_err(|error| self.fail(error.into()))?;
        let divisions = companies.values.keys().filter(|path| path.contains('/')).count() as u64;
        Ok(Stats {
            articles: collected.count,
            undated: days.unknown,
            earliest: days.days.keys().next().map(|day| day_name(*day, FacetField::Day)),
            latest: days.days.keys().next_back().map(|day| day_name(*day, FacetField::Day)),
            companies: companies.values.len() as u64 - divisions,
            divisions,
            sources: counts(FacetField::Source).values.len() as u64,
            segments: searcher.segment_readers().len() as u64,
            bytes: space.total().get_bytes(),
            generation: checkpoint.seq,
            is_stale: self.is_stale()?,
            tagger: checkpoint.tagger,
        })
    }

    /// Whether the articles were tagged by dateline's own tagger with another company list, or other rules, than are at
    /// hand now. Of an index that another tagger has tagged this is always false, for its list is not at hand: ask
    /// [`is_stale_for`](Self::is_stale_for).
    pub fn is_stale(&self) -> Result<bool> {
        let checkpoint = self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner);
        Ok(checkpoint.is_own_tagger
            && !checkpoint.tagger.is_empty()
            && checkpoint.tagger != self.index.gazetteer()?.fingerprint())
    }

    /// Whether this tagger would answer otherwise than the one that the articles were last tagged with: the one that
    /// was given to [`Indexer::with_tagger`], in a version of its own. An empty index is never stale.
    ///
    /// [`Indexer::with_tagger`]: crate::ingest::Indexer::with_tagger
    pub fn is_stale_for(&self, tagger: &dyn Tagger) -> bool {
        let checkpoint = self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner);
        !checkpoint.tagger.is_empty() && checkpoint.tagger != tagger.fingerprint()
    }

    /// Whether another tagger than dateline's own has given the tags.
    pub fn has_other_tagger(&self) -> bool {
        let checkpoint = self.shared.checkpoint.read().unwrap_or_else(PoisonError::into_inner);
        !checkpoint.is_own_tagger
    }

    pub(super) fn fail(&self, error: tantivy::TantivyError) -> Error {
        from_tantivy(error, self.index.place())
    }

    pub(super) fn read(&self, searcher: &tantivy::Searcher, address: DocAddress) -> Result<StoredArticle> {
        let stored: TantivyDocument = searcher.doc(address).map_err(|error| self.fail(error))?;
        document::read(&self.index.fields, &stored)
    }

    pub(super) fn prepare(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<Prepared> {
        let now = request.now.unwrap_or_else(|| {
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
        });
        let searcher = self.shared.reader.searcher();
        let deadline = Deadline::new(request.timeout_ms.map(Duration::from_millis), self.cancel.clone());
        let saved = match &self.saved {
            Some(saved) => Arc::clone(saved),
            None => Arc::clone(&self.shared.saved.read().unwrap_or_else(PoisonError::into_inner)),
        };
        let lookup = Lookup {
            fields: self.index.fields,
            searcher: &searcher,
            gazetteer: &|| self.index.gazetteer(),
            now,
            is_bag: request.bag_of_words,
            typed: parsed.map(|parsed| (parsed.text.as_str(), parsed.names.as_slice())),
            deadline: &deadline,
            synonyms: request.synonyms.then_some(&*self.synonyms),
            saved: &saved,
        };
        let mut lowered = lower(&request.query, &lookup)?;
        let mut filters = Vec::new();
        for Filter { field, values } in &request.filters {
            let filter = lower_filter(*field, values, &lookup, &mut lowered)?;
            filters.push((*field, filter));
        }
        deadline.check()?;
        let mut prepared = Prepared { lowered, filters, now, deadline };
        if request.expand && prepared.lowered.words > 0.0 {
            self.expand(&searcher, request, &mut prepared)?;
        }
        Ok(prepared)
    }

    /// Adds words of the articles that are found first. Half of the time is for finding them: where it is not enough, the
    /// rest is for the query as it is.
    fn expand(
        &self,
        searcher: &tantivy::Searcher,
        request: &SearchRequest,
        prepared: &mut Prepared,
    ) -> Result<()> {
        let first = SearchRequest {
            limit: expand::FEEDBACK_ARTICLES,
            offset: 0,
            sort: super::Sort::Relevance,
            expand: false,
            ..request.clone()
        };
        let half = Deadline::new(
            request.timeout_ms.map(|time| Duration::from_millis(time) / 2),
            self.cancel.clone(),
        );
        let whole = std::mem::replace(&mut prepared.deadline, half);
        let found = self.collect(&first, prepared, &[]);
        let half = std::mem::replace(&mut prepared.deadline, whole);
        let found = found?;
        if half.was_over() || prepared.deadline.was_over() {
            prepared.lowered.notes.push("there was no time to expand the query".to_owned());
            return Ok(());
        }
        let mut articles = Vec::new();
        for best in found.best {
            let stored = self.read(searcher, best.address)?;
            articles.push((expand::content_terms(&stored.article), best.score));
        }
        articles.retain(|(terms, score)| !terms.is_empty() && *score > 0.0);
        let half = searcher.num_docs() / 2;
        let is_too_frequent = |term: &str| Ok(self.doc_freq(searcher, term)? > half);
        let terms = expand::feedback(&articles, prepared.lowered.words, is_too_frequent)
            .map_err(|error| self.fail(error))?;
        if terms.is_empty() {
            return Ok(());
        }
        let lowered = &mut prepared.lowered;
        let shown: Vec<&str> = terms.iter().map(|(term, _)| &term[1..]).collect();
        lowered.notes.push(format!("the query was expanded with {}", shown.join(" ")));
        lowered.outline.push_str(&format!("further words {}\n", shown.join(" ")));
        let asked = std::mem::replace(&mut lowered.query, Box::new(tantivy::query::EmptyQuery));
        let role = if request.bag_of_words { Occur::Should } else { Occur::Must };
        let further = weighted_terms(&self.index.fields, &terms, &prepared.deadline);
        lowered.query = Box::new(BooleanQuery::new(vec![(role, asked), (Occur::Should, further)]));
        Ok(())
    }

    /// Articles whose body has a term.
    pub(super) fn doc_freq(&self, searcher: &tantivy::Searcher, term: &str) -> tantivy::Result<u64> {
        searcher.doc_freq(&tantivy::Term::from_field_text(self.index.fields.body, term))
    }

    /// Lets the scores of similar articles agree, if there is time; gives what became of each.
    fn smooth(&self, best: &mut [Best], deadline: &Deadline) -> Result<HashMap<DocAddress, Smoothed>> {
        if best.len() < expand::FEWEST_SMOOTHED {
            return Ok(HashMap::new());
        }
        let searcher = self.shared.reader.searcher();
        let mut articles = Vec::new();
        for one in best.iter().take(expand::SMOOTHED_ARTICLES) {
            if deadline.is_over() {
                return Ok(HashMap::new());
            }
            articles.push(expand::content_terms(&self.read(&searcher, one.address)?.article));
        }
        let docs = searcher.num_docs();
        let idf = |term: &str| -> tantivy::Result<f32> {
            let found = self.doc_freq(&searcher, term)?.min(docs);
            let rest = (docs - found) as f32;
            Ok(if found * 2 > docs { 0.0 } else { (1.0 + (rest + 0.5) / (found as f32 + 0.5)).ln() })
        };
        let scores: Vec<f32> = best.iter().map(|one| one.score).collect();
        let smoothed = expand::smooth(&scores, &articles, idf).map_err(|error| self.fail(error))?;
        let mut by_article = HashMap::new();
        for (one, smoothed) in best.iter_mut().zip(smoothed) {
            one.score = rounded(smoothed.score());
            by_article.insert(one.address, smoothed);
        }
        arrange(best, super::Sort::Relevance);
        Ok(by_article)
    }

    pub(super) fn collect(
        &self,
        request: &SearchRequest,
        prepared: &Prepared,
        facets: &[FacetField],
    ) -> Result<Collected> {
        let ranking = prepared.ranking(request);
        let is_smoothed = request.expand && request.limit > 0 && request.sort == super::Sort::Relevance;
        let limit = if request.limit == 0 { 0 } else { request.offset + request.limit };
        let pass = Pass {
            limit: if is_smoothed { limit.max(expand::SMOOTHED_ARTICLES) } else { limit },
            sort: request.sort,
            facets: facets.to_vec(),
            ranking: Arc::new(ranking),
        };
        let searcher = self.shared.reader.searcher();
        let mut collected =
            searcher.search(&prepared.query(None), &pass).map_err(|error| self.fail(error))?;
        prepared.deadline.check()?;
        if is_smoothed && prepared.lowered.words > 0.0 {
            collected.smoothed = self.smooth(&mut collected.best, &prepared.deadline)?;
            collected.best.truncate(limit);
        }
        Ok(collected)
    }

    fn answer(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<SearchResults> {
        Self::guarded(|| self.answer_unguarded(request, parsed))
    }

    /// Passes over the articles of a query.
    pub(super) fn run<C: tantivy::collector::Collector>(
        &self,
        query: &dyn IndexQuery,
        pass: &C,
    ) -> Result<C::Fruit> {
        self.shared.reader.searcher().search(query, pass).map_err(|error| self.fail(error))
    }

    /// A defect of the engine that a query brings out ends that query and nothing else.
    pub(super) fn guarded<T>(answer: impl FnOnce() -> Result<T>) -> Result<T> {
        catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Internal, "the search stopped at a defect of dateline")
                .with_hint("please report it with the query"))
        })
    }

    fn answer_unguarded(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<SearchResults> {
        let started = Instant::now();
        request.check()?;
        let prepared = self.prepare(request, parsed)?;
        // A facet whose field is filtered is counted apart, without that filter.
        let is_filtered = |facet: &FacetRequest| {
            prepared.filters.iter().any(|(field, _)| Some(*field) == name_field(facet.field))
        };
        let (apart, along): (Vec<&FacetRequest>, Vec<&FacetRequest>) =
            request.facets.iter().partition(|facet| is_filtered(facet));
        let along: Vec<FacetField> = along.iter().map(|facet| facet.field).collect();
        let mut collected = self.collect(request, &prepared, &along)?;
        let mut counts = std::mem::take(&mut collected.facets);
        let searcher = self.shared.reader.searcher();
        for facet in apart {
            let pass = Pass {
                limit: 0,
                sort: request.sort,
                facets: vec![facet.field],
                ranking: Arc::new(Ranking::new(&[], false, None)),
            };
            let query = prepared.query(name_field(facet.field));
            let found = searcher.search(&query, &pass).map_err(|error| self.fail(error))?;
            counts.extend(found.facets);
            prepared.deadline.check()?;
        }
        let page: Vec<&Best> = collected.best.iter().skip(request.offset).collect();
        let mut hits = Vec::with_capacity(page.len());
        let highlighter = Highlighter::new(&prepared.lowered.marks);
        for (number, best) in page.into_iter().enumerate() {
            let stored = self.read(&searcher, best.address)?;
            let explanation = if request.explain {
                {
                    let smoothed = collected.smoothed.get(&best.address).copied();
                    Some(self.explain(&searcher, request, &prepared, best, smoothed)?)
                }
            } else {
                None
            };
            hits.push(hit(request, &highlighter, request.offset + number + 1, best, stored, explanation));
        }
        let mut facets = BTreeMap::new();
        for facet in &request.facets {
            let counts = counts.remove(&facet.field).unwrap_or_default();
            facets.insert(facet.field.as_str().to_owned(), self.facet(facet, counts)?);
        }
        let terms = match request.terms {
            0 => None,
            limit => Some(self.distinctive(&prepared, limit)?),
        };
        let mut notes = prepared.lowered.notes;
        let timed_out = prepared.deadline.was_over();
        if timed_out {
            let time = request.timeout_ms.unwrap_or_default();
            notes.push(format!("stopped after {time} ms: there may be more articles than were found"));
        }
        if prepared.deadline.has_shortcut() {
            notes.push("in very long articles not every way to combine the words was tried".to_owned());
        }
        let suggestions = if timed_out {
            Vec::new()
        } else {
            self.suggest(&prepared.lowered.missing, &searcher, &prepared.deadline)?
        };
        let partial = if collected.count == 0 && !timed_out {
            Self::nearly(&request.query, |query| {
                let spent = started.elapsed().as_millis() as u64;
                let timeout_ms = request.timeout_ms.map(|time| time.saturating_sub(spent));
                let request = SearchRequest {
                    query: query.clone(),
                    limit: 0,
                    terms: 0,
                    expand: false,
                    timeout_ms,
                    ..request.clone()
                };
                let prepared = self.prepare(&request, parsed)?;
                let count = self.collect(&request, &prepared, &[])?.count;
                Ok(Some(count).filter(|_| !prepared.deadline.was_over()))
            })?
        } else {
            None
        };
        Ok(SearchResults {
            query: request.query.to_string(),
            total: Total {
                value: collected.count,
                relation: if timed_out { Relation::AtLeast } else { Relation::Exact },
            },
            timed_out,
            suggestions,
            partial,
            took_ms: (started.elapsed().as_secs_f64() * 1e5).round() / 100.0,
            generation: self.generation(),
            hits,
            facets,
            terms,
            notes,
        })
    }

    fn explain(
        &self,
        searcher: &tantivy::Searcher,
        request: &SearchRequest,
        prepared: &Prepared,
        best: &Best,
        smoothed: Option<Smoothed>,
    ) -> Result<Explanation> {
        let ranking = prepared.ranking(request);
        let reader = searcher.segment_reader(best.address.segment_ord);
        let doc = best.address.doc_id;
        let explain = || -> tantivy::Result<Explanation> {
            let weight = prepared.lowered.query.weight(EnableScoring::enabled_from_searcher(searcher))?;
            let words = weight.explain(reader, doc)?;
            let words = serde_json::from_str(&words.to_pretty_json()).map(EngineExplanation::into_ours)?;
            let date = reader.fast_fields().i64("published")?.first(doc).unwrap_or(i64::MIN);
            Ok(ranking.for_segment(reader)?.explain(doc, words, date))
        };
        let own = explain().map_err(|error| self.fail(error))?;
        let Some(smoothed) = smoothed else { return Ok(own) };
        let (description, parts) = smoothed.parts();
        let mut parts: Vec<Explanation> = parts
            .into_iter()
            .map(|(description, value)| Explanation {
                value,
                description: description.to_owned(),
                parts: Vec::new(),
            })
            .collect();
        if let Some(first) = parts.first_mut() {
            first.parts.push(own);
        }
        Ok(Explanation { value: smoothed.score(), description: description.to_owned(), parts })
    }

    pub(super) fn facet(&self, request: &FacetRequest, counts: FacetCounts) -> Result<Vec<FacetValue>> {
        let unknown = FacetValue {
            path: None,
            label: "unknown".to_owned(),
            count: counts.unknown,
            children: Vec::new(),
        };
        let mut values = match request.field {
            FacetField::Year | FacetField::Month | FacetField::Day => dates(request, &counts),
            FacetField::Company => companies(request, counts.values, &*self.index.gazetteer()?),
            FacetField::Division => {
                let gazetteer = self.index.gazetteer()?;
                let divisions = counts.values.into_iter().filter(|(path, _)| path.contains('/'));
                largest(divisions, request.limit, |path| label(&gazetteer, path))
            }
            FacetField::About => {
                let gazetteer = self.index.gazetteer()?;
                largest(counts.values, request.limit, |path| label(&gazetteer, path))
            }
            FacetField::Source | FacetField::Author => spelled(counts.values, request.limit),
            FacetField::Topic | FacetField::Lang => largest(counts.values, request.limit, str::to_owned),
        };
        if unknown.count > 0 {
            values.push(unknown);
        }
        Ok(values)
    }
}

/// The field whose filter a facet ignores.
fn name_field(facet: FacetField) -> Option<NameField> {
    Some(match facet {
        FacetField::Company => NameField::Company,
        FacetField::Division => NameField::Division,
        FacetField::About => NameField::About,
        FacetField::Topic => NameField::Topic,
        FacetField::Source => NameField::Source,
        FacetField::Author => NameField::Author,
        FacetField::Lang => NameField::Lang,
        FacetField::Year | FacetField::Month | FacetField::Day => return None,
    })
}

fn label(gazetteer: &Gazetteer, path: &str) -> String {
    gazetteer
        .label(path)
        .map(str::to_owned)
        .or_else(|| unknown_label(path))
        .unwrap_or_else(|| path.to_owned())
}

/// The most frequent values, equal ones by name.
fn largest(
    values: impl IntoIterator<Item = (String, u64)>,
    limit: usize,
    label: impl Fn(&str) -> String,
) -> Vec<FacetValue> {
    let mut values: Vec<(String, u64)> = values.into_iter().collect();
    values.sort_unstable_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    values.truncate(limit);
    values
        .into_iter()
        .map(|(path, count)| FacetValue {
            label: label(&path),
            path: Some(path),
            count,
            children: Vec::new(),
        })
        .collect()
}

/// Companies with their divisions under them.
fn companies(request: &FacetRequest, values: HashMap<String, u64>, gazetteer: &Gazetteer) -> Vec<FacetValue> {
    let (divisions, companies): (Vec<_>, Vec<_>) =
        values.into_iter().partition(|(path, _)| path.contains('/'));
    let mut shown = largest(companies, request.limit, |path| label(gazetteer, path));
    let mut under: HashMap<&str, Vec<(String, u64)>> = HashMap::new();
    for (path, count) in &divisions {
        let company = path.split('/').next().unwrap_or(path);
        under.entry(company).or_default().push((path.clone(), *count));
    }
    for company in &mut shown {
        if let Some(divisions) = company.path.as_deref().and_then(|path| under.remove(path)) {
            company.children = largest(divisions, usize::MAX, |path| label(gazetteer, path));
        }
    }
    shown
}

/// Names that differ in case or accents are one; the most frequent spelling is shown.
fn spelled(values: HashMap<String, u64>, limit: usize) -> Vec<FacetValue> {
    let mut by_name: HashMap<String, (u64, String, u64)> = HashMap::new();
    for (spelling, count) in values {
        let entry = by_name.entry(crate::text::fold_name(&spelling)).or_default();
        entry.0 += count;
        if count > entry.2 || (count == entry.2 && spelling < entry.1) {
            (entry.1, entry.2) = (spelling, count);
        }
    }
    let mut labels: HashMap<String, String> = HashMap::new();
    let mut counts = Vec::new();
    for (name, (count, spelling, _)) in by_name {
        counts.push((name.clone(), count));
        labels.insert(name, spelling);
    }
    largest(counts, limit, |name| labels.get(name).cloned().unwrap_or_else(|| name.to_owned()))
}

/// Periods in order. Where there are more than asked for the latest are kept.
fn dates(request: &FacetRequest, counts: &FacetCounts) -> Vec<FacetValue> {
    let mut periods: Vec<(String, u64)> = Vec::new();
    for (day, count) in &counts.days {
        let name = day_name(*day, request.field);
        match periods.last_mut() {
            Some((last, total)) if *last == name => *total += count,
            _ => periods.push((name, *count)),
        }
    }
    let from = periods.len().saturating_sub(request.limit);
    periods
        .split_off(from)
        .into_iter()
        .map(|(name, count)| FacetValue {
            label: name.clone(),
            path: Some(name),
            count,
            children: Vec::new(),
        })
        .collect()
}

/// `2023`, `2023-05` or `2023-05-17` of a day counted from 1970.
fn day_name(day: i64, field: FacetField) -> String {
    let date = super::trend::date(day);
    match field {
        FacetField::Year => format!("{:04}", date.year()),
        FacetField::Month => format!("{:04}-{:02}", date.year(), date.month()),
        _ => date.to_string(),
    }
}

/// An explanation as the engine gives it.
#[derive(Deserialize)]
struct EngineExplanation {
    value: f32,
    description: String,
    #[serde(default)]
    details: Option<Vec<EngineExplanation>>,
    #[serde(default)]
    context: Option<Vec<String>>,
}

impl EngineExplanation {
    fn into_ours(self) -> Explanation {
        let context = self.context.filter(|context| !context.is_empty());
        let description = match context {
            Some(context) => {
                format!("{} ({})", self.description, context.join(", ").replace('\u{1}', "stem "))
            }
            None => self.description,
        };
        let parts = self.details.unwrap_or_default().into_iter().map(Self::into_ours).collect();
        Explanation { value: self.value, description, parts }
    }
}

pub(super) fn hit(
    request: &SearchRequest,
    highlighter: &Highlighter<'_>,
    rank: usize,
    best: &Best,
    stored: StoredArticle,
    explanation: Option<Explanation>,
) -> Hit {
    let title_highlights = highlighter.title(&stored);
    let snippet = (request.snippet_chars > 0).then(|| highlighter.passage(&stored, request.snippet_chars));
    let StoredArticle { article, mut tags, .. } = stored;
    for company in &mut tags.companies {
        company.mentions = Vec::new();
    }
    for division in &mut tags.divisions {
        division.mentions = Vec::new();
    }
    Hit {
        rank,
        id: article.id,
        score: best.score,
        title: article.title,
        title_source: article.title_source,
        title_highlights,
        url: article.url,
        path: article.path,
        source: article.source,
        author: (!article.authors.is_empty()).then(|| article.authors.join(", ")),
        lang: article.lang,
        published: article.published.as_ref().map(Publication::to_string),
        published_precision: article.published.map(|published| published.precision),
        published_source: article.published.map(|published| published.source),
        companies: tags.companies,
        divisions: tags.divisions,
        topics: tags.topics.into_iter().map(|tag| tag.topic).collect(),
        snippet,
        explanation,
    }
}

impl std::fmt::Display for Publication {
    /// `2026`, `2026-01`, `2026-01-14` or `2026-01-14T09:30:00Z`, after the precision.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ok(timestamp) = jiff::Timestamp::from_second(self.seconds) else { return f.write_str("?") };
        let text = timestamp.to_string();
        // Years beyond 9999 don't occur: dates ahead of the present are refused.
        let length = match self.precision {
            Precision::Year => 4,
            Precision::Month => 7,
            Precision::Day => 10,
            Precision::Second => text.len(),
        };
        f.write_str(text.get(..length).unwrap_or(&text))
    }
}
