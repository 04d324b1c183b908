//! Answering requests from one committed state of an index.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tantivy::query::{BooleanQuery, Query as IndexQuery};
use tantivy::schema::document::TantivyDocument;
use tantivy::{DocAddress, IndexReader, ReloadPolicy};

use super::columns::Columns;
use super::limited::Limited;
use super::turns::Turns;
use super::{Filter, SearchRequest, SearchResults, segments};
use crate::control::{Cancel, Deadline};
use crate::error::{Error, Result};
use crate::index::document::{self, StoredArticle};
use crate::index::ledger::Checkpoint;
use crate::index::{Index, from_tantivy};
use crate::query::lower::{Bounds, GroupQuery, Lookup, Lowered, lower, lower_filter};
use crate::query::{NameField, Parsed, Query, SavedQueries, Synonyms};
use crate::tag::Gazetteer;
use crate::text::stem::Stemmer;

/// Answers from one committed state of an index. Clones are cheap, share that state, and may be used from several threads at once.
#[derive(Clone)]
pub struct Searcher {
    pub(super) index: Index,
    pub(super) shared: Arc<Shared>,
    synonyms: Arc<Synonyms>,
    /// In place of those that are kept with the index.
    saved: Option<Arc<SavedQueries>>,
    pub(super) cancel: Option<Cancel>,
}

pub(super) struct Shared {
    pub(super) reader: IndexReader,
    pub(super) checkpoint: RwLock<Checkpoint>,
    saved: RwLock<Arc<SavedQueries>>,
    /// What is kept from one search to the next of the state that answers.
    pub(super) columns: Arc<Columns>,
    pub(super) bounds: Arc<Bounds>,
    pub(super) turns: Turns,
    /// The languages of a state, by its number.
    stemmers: RwLock<Option<(u64, Arc<Vec<Stemmer>>)>>,
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
            shared: Arc::new(Shared {
                reader,
                checkpoint,
                saved,
                columns: Arc::default(),
                bounds: Arc::default(),
                turns: Turns::of_machine(),
                stemmers: RwLock::default(),
            }),
            synonyms: Synonyms::builtin(),
            saved: None,
            cancel: None,
        })
    }
}

/// A request after its names were looked up.
pub(super) struct Prepared {
    /// The committed state that answers, from the look-up of names to the last passage.
    pub(super) snapshot: tantivy::Searcher,
    pub(super) generation: u64,
    pub(super) lowered: Lowered,
    pub(super) filters: Vec<(NameField, Box<dyn IndexQuery>)>,
    pub(super) now: i64,
    pub(super) deadline: Deadline,
}

impl Prepared {
    /// The query with all filters but those of one field.
    pub(super) fn query(&self, without: Option<NameField>) -> Box<dyn IndexQuery> {
        let query = self.lowered.query.box_clone();
        self.limited(match self.filter(without) {
            None => query,
            Some(filter) => Box::new(BooleanQuery::intersection(vec![query, filter])),
        })
    }

    /// All filters but those of one field; `None` where there are none.
    pub(super) fn filter(&self, without: Option<NameField>) -> Option<Box<dyn IndexQuery>> {
        let kept = self.filters.iter().filter(|(field, _)| Some(*field) != without);
        let mut kept: Vec<_> = kept.map(|(_, filter)| filter.box_clone()).collect();
        match kept.len() {
            0 | 1 => kept.pop(),
            _ => Some(Box::new(BooleanQuery::intersection(kept))),
        }
    }

    /// Whether the best articles are found much faster than all of them.
    pub(super) fn is_pruned_well(&self) -> tantivy::Result<bool> {
        let group = self.lowered.query.downcast_ref::<GroupQuery>();
        group
            .filter(|_| self.lowered.is_scored)
            .map_or(Ok(false), |group| group.is_pruned_well(&self.snapshot))
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

    /// The same searcher whose searches end with an error of kind [`Cancelled`](crate::ErrorKind::Cancelled) once the flag is
    /// set.
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
        self.shared.columns.retain(self.shared.reader.searcher().segment_readers());
        self.shared.bounds.clear();
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

    pub(super) fn fields(&self) -> &crate::index::schema::Fields {
        &self.index.fields
    }

    /// Answers a request whose query was read from a text, so that an error can point at the place in it.
    pub fn search_parsed(&self, parsed: &Parsed, request: &SearchRequest) -> Result<SearchResults> {
        self.answer(request, Some(parsed))
    }

    /// How many articles match.
    pub fn count(&self, query: &Query) -> Result<u64> {
        let _turn = self.shared.turns.take();
        let request = SearchRequest { limit: 0, timeout_ms: None, ..SearchRequest::new(query.clone()) };
        let prepared = self.prepare(&request, None)?;
        Ok(self.collect(&request, &prepared, &[])?.count)
    }

    /// Ids and scores of the best articles, up to 1,000, without reading any of them.
    pub fn ranked_ids(&self, parsed: &Parsed, request: &SearchRequest) -> Result<Vec<(String, f32)>> {
        Ok(self.ranked(parsed, request, false)?.0)
    }

    /// The same, and how many articles match in all.
    pub fn ranked_ids_and_total(
        &self,
        parsed: &Parsed,
        request: &SearchRequest,
    ) -> Result<(Vec<(String, f32)>, u64)> {
        self.ranked(parsed, request, true)
    }

    fn ranked(
        &self,
        parsed: &Parsed,
        request: &SearchRequest,
        is_counted: bool,
    ) -> Result<(Vec<(String, f32)>, u64)> {
        request.check()?;
        let _turn = self.shared.turns.take();
        // A part of a ranking would be taken for the whole.
        let unlimited;
        let request = if request.timeout_ms.is_none() {
            request
        } else {
            unlimited = request.clone().timeout_ms(None);
            &unlimited
        };
        let prepared = self.prepare(request, Some(parsed))?;
        let collected = self.collect_best(request, &prepared, &[], is_counted)?;
        let page = collected.best.into_iter().skip(request.offset);
        Ok((page.map(|best| (best.place.id, best.place.score)).collect(), collected.count))
    }

    /// Ids of all matching articles, in their own order.
    pub fn ids(&self, query: &Query) -> Result<Vec<String>> {
        let prepared = self.prepare(&SearchRequest::new(query.clone()).timeout_ms(None), None)?;
        let searcher = &prepared.snapshot;
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
        Ok(self.prepare_outlined(request, Some(parsed), true)?.lowered.outline)
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

    /// Passes over the articles of a query, in the committed state that answers.
    pub(super) fn run<C: tantivy::collector::Collector>(
        &self,
        prepared: &Prepared,
        query: &dyn IndexQuery,
        pass: &C,
    ) -> Result<C::Fruit> {
        segments::search(&prepared.snapshot, query, pass, &self.shared.turns)
            .map_err(|error| self.fail(error))
    }

    /// The engine's view of the committed state.
    pub(super) fn snapshot(&self) -> tantivy::Searcher {
        self.shared.reader.searcher()
    }

    pub(super) fn fail(&self, error: tantivy::TantivyError) -> Error {
        from_tantivy(error, self.index.place())
    }

    pub(super) fn read(&self, searcher: &tantivy::Searcher, address: DocAddress) -> Result<StoredArticle> {
        let stored: TantivyDocument = searcher.doc(address).map_err(|error| self.fail(error))?;
        document::read(&self.index.fields, &stored)
    }

    /// The languages of a state.
    fn stemmers(&self, snapshot: &tantivy::Searcher) -> Result<Arc<Vec<Stemmer>>> {
        let state = snapshot.generation().generation_id();
        let known = self.shared.stemmers.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, stemmers)) = known.filter(|(of, _)| *of == state) {
            return Ok(stemmers);
        }
        let stemmers = Arc::new(languages_of(snapshot).map_err(|error| self.fail(error))?);
        let kept = (state, Arc::clone(&stemmers));
        *self.shared.stemmers.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(stemmers)
    }

    /// Looks up the names of a request, and expands its query where that is asked for.
    pub(super) fn prepare(&self, request: &SearchRequest, parsed: Option<&Parsed>) -> Result<Prepared> {
        self.prepare_outlined(request, parsed, false)
    }

    /// The same with the outline of the query, or without.
    fn prepare_outlined(
        &self,
        request: &SearchRequest,
        parsed: Option<&Parsed>,
        is_outlined: bool,
    ) -> Result<Prepared> {
        // Scores and relative dates stay what they were on the first page.
        let now = request.after.as_ref().map(|cursor| cursor.now).or(request.now).unwrap_or_else(|| {
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
        });
        let generation = self.generation();
        let snapshot = self.shared.reader.searcher();
        let deadline = Deadline::new(request.timeout_ms.map(Duration::from_millis), self.cancel.clone());
        let saved = match &self.saved {
            Some(saved) => Arc::clone(saved),
            None => Arc::clone(&self.shared.saved.read().unwrap_or_else(PoisonError::into_inner)),
        };
        let stemmers = self.stemmers(&snapshot)?;
        let lookup = Lookup {
            stemmers: &stemmers,
            fields: self.index.fields,
            searcher: &snapshot,
            gazetteer: &|| self.index.gazetteer(),
            now,
            is_bag: request.bag_of_words,
            typed: parsed.map(|parsed| (parsed.text.as_str(), parsed.names.as_slice())),
            deadline: &deadline,
            synonyms: request.synonyms.then_some(&*self.synonyms),
            saved: &saved,
            bounds: &self.shared.bounds,
            is_outlined,
        };
        let mut lowered = lower(&request.query, &lookup)?;
        let mut filters = Vec::new();
        for Filter { field, values } in &request.filters {
            let filter = lower_filter(*field, values, &lookup, &mut lowered)?;
            filters.push((*field, filter));
        }
        deadline.check()?;
        let mut prepared = Prepared { snapshot, generation, lowered, filters, now, deadline };
        if request.expand && prepared.lowered.words > 0.0 {
            self.expand(request, &mut prepared)?;
        }
        Ok(prepared)
    }
}

/// The languages that the articles of an index are stemmed in, English first.
fn languages_of(searcher: &tantivy::Searcher) -> tantivy::Result<Vec<Stemmer>> {
    let mut found = std::collections::BTreeSet::new();
    for segment in searcher.segment_readers() {
        let Some(column) = segment.fast_fields().str("lang")? else { continue };
        let dictionary = column.dictionary();
        let mut known = u64::from(dictionary.term_ord("en")?.is_some()) as usize;
        for code in Stemmer::codes() {
            if dictionary.term_ord(code)?.is_some() {
                known += 1;
                found.insert(code);
            }
        }
        if dictionary.num_terms() > known {
            found.insert("");
        }
    }
    let mut stemmers = vec![Stemmer::english()];
    for stemmer in found.into_iter().map(|code| Stemmer::of(Some(code))) {
        if !stemmers.iter().any(|known| known.code() == stemmer.code()) {
            stemmers.push(stemmer);
        }
    }
    Ok(stemmers)
}
