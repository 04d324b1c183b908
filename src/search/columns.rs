//! Columns of names as plain arrays, kept from one search to the next.
//!
//! On disk the values of an article are packed bits behind an index of their own, and names lie in compressed blocks. A
//! facet counts thousands of articles and shows ten names, so both are laid out once: the ordinals of all articles one
//! after the other, and the names as one text.
//!
//! A program that asks once must not pay for that. The column of a segment is laid out when passes over it have read as
//! many articles as it has, which is about what laying it out costs: a search then never costs more than twice what it
//! would have cost with either way alone (the ski rental of Karlin, Manasse, Rudolph and Sleator, 1988).

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tantivy::columnar::{Cardinality, Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::{DocId, Score, SegmentReader};

use crate::query::lower::WINDOW;

/// Names in order, each known by its place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    text: String,
    /// Where each name ends in the text.
    ends: Vec<usize>,
    /// Which of them are divisions: those with a slash.
    divisions: Vec<bool>,
}

impl Names {
    /// All names of a column.
    fn all(column: &StrColumn) -> tantivy::Result<Self> {
        let mut names = Self::default();
        let mut stream = column.dictionary().stream()?;
        while stream.advance() {
            names.push(stream.key());
        }
        Ok(names)
    }

    /// The names of some ordinals, which are in order.
    pub(super) fn some(column: &StrColumn, ords: &[u64]) -> tantivy::Result<Self> {
        let mut names = Self::default();
        column.dictionary().sorted_ords_to_term_cb(ords, |name| names.push(name))?;
        Ok(names)
    }

    fn push(&mut self, name: &[u8]) {
        self.divisions.push(name.contains(&b'/'));
        self.text.push_str(&String::from_utf8_lossy(name));
        self.ends.push(self.text.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[place]]
    }

    pub(super) fn is_division(&self, place: usize) -> bool {
        self.divisions[place]
    }
}

/// The values of all articles of a segment in one column.
pub(super) struct Laid {
    /// Where the ordinals of each article begin, and of the last one end.
    starts: Vec<u32>,
    ords: Vec<u32>,
    pub(super) names: Arc<Names>,
    /// How many articles have each value.
    totals: Vec<u32>,
    /// Articles without a value, and those without a division.
    unknown: Bits,
    undivided: Bits,
}

impl Laid {
    fn of(column: &StrColumn, docs: DocId) -> tantivy::Result<Self> {
        let names = Names::all(column)?;
        let mut starts = Vec::with_capacity(docs as usize + 1);
        let mut ords = Vec::with_capacity(docs as usize);
        let mut totals = vec![0; names.len()];
        let (mut unknown, mut undivided) = (Bits::new(docs), Bits::new(docs));
        starts.push(0);
        for doc in 0..docs {
            let (before, mut is_divided) = (ords.len(), false);
            for ord in column.term_ords(doc) {
                ords.push(ord as u32);
                totals[ord as usize] += 1;
                is_divided |= names.is_division(ord as usize);
            }
            if ords.len() == before {
                unknown.set(doc);
            }
            if !is_divided {
                undivided.set(doc);
            }
            starts.push(ords.len() as u32);
        }
        Ok(Self { starts, ords, names: Arc::new(names), totals, unknown, undivided })
    }

    /// The ordinals of articles that follow each other.
    fn ords(&self, from: DocId, to: DocId) -> &[u32] {
        &self.ords[self.starts[from as usize] as usize..self.starts[to as usize] as usize]
    }

    /// How many of some articles have each value.
    pub(super) fn counts(&self, docs: &Docs) -> Vec<u32> {
        let docs = match docs {
            Docs::Many(docs) => docs,
            Docs::Few(docs, _) => {
                let mut counts = vec![0; self.names.len()];
                for doc in docs {
                    for ord in self.ords(*doc, doc + 1) {
                        counts[*ord as usize] += 1;
                    }
                }
                return counts;
            }
        };
        let all = self.starts.len() as u64 - 1;
        let has_most = 2 * docs.count() > all;
        let mut counts = if has_most { self.totals.clone() } else { vec![0; self.names.len()] };
        // Of most articles it is less work to take away what the others have.
        docs.runs(all as DocId, !has_most, |from, to| {
            let ords = self.ords(from, to);
            if has_most {
                for ord in ords {
                    counts[*ord as usize] -= 1;
                }
            } else {
                for ord in ords {
                    counts[*ord as usize] += 1;
                }
            }
        });
        counts
    }

    /// How many of some articles have no value, and how many no division.
    pub(super) fn without(&self, docs: &Docs) -> (u64, u64) {
        let among = |bits: &Bits| match docs {
            Docs::Many(docs) => bits.both(docs),
            Docs::Few(docs, _) => docs.iter().filter(|doc| bits.has(**doc)).count() as u64,
        };
        (among(&self.unknown), among(&self.undivided))
    }
}

/// Articles that were found, one by one as long as there are few.
pub(super) enum Docs {
    /// With the number of all.
    Few(Vec<DocId>, DocId),
    Many(Bits),
}

impl Docs {
    pub(super) fn add(&mut self, docs: &[DocId]) {
        /// Of so many articles one.
        const FEW: DocId = 64;
        match self {
            Self::Many(bits) => {
                for doc in docs {
                    bits.set(*doc);
                }
            }
            Self::Few(few, all) => {
                few.extend_from_slice(docs);
                if few.len() > (*all / FEW) as usize {
                    let mut bits = Bits::new(*all);
                    for doc in &*few {
                        bits.set(*doc);
                    }
                    *self = Self::Many(bits);
                }
            }
        }
    }
}

/// A set of articles, a bit each.
#[derive(Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn new(docs: DocId) -> Self {
        Self(vec![0; docs.div_ceil(64) as usize])
    }

    fn set(&mut self, doc: DocId) {
        self.0[(doc / 64) as usize] |= 1 << (doc % 64);
    }

    fn has(&self, doc: DocId) -> bool {
        self.0[(doc / 64) as usize] >> (doc % 64) & 1 == 1
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|bits| u64::from(bits.count_ones())).sum()
    }

    fn both(&self, other: &Self) -> u64 {
        self.0.iter().zip(&other.0).map(|(one, other)| u64::from((one & other).count_ones())).sum()
    }

    /// Calls back with runs of articles that are in the set, or that are not: the first one, and the one behind the last.
    fn runs(&self, docs: DocId, are_in: bool, mut run: impl FnMut(DocId, DocId)) {
        for (word, bits) in self.0.iter().enumerate() {
            let start = word as DocId * 64;
            let mut bits = if are_in { *bits } else { !*bits };
            if docs - start < 64 {
                bits &= (1 << (docs - start)) - 1;
            }
            while bits != 0 {
                let from = bits.trailing_zeros();
                let length = (bits >> from).trailing_ones();
                run(start + from, start + from + length);
                // All ones up to the end of the run, which may be the end of the word.
                bits &= !(u64::MAX >> (64 - from - length));
            }
        }
    }
}

enum Named {
    /// Articles that were read from it as it is stored.
    Read(u64),
    Laid(Arc<Laid>),
}

/// Stands for the date of an undated article.
pub(super) const UNDATED: i64 = i64::MIN;

/// The columns that every pass looks at. Opening them costs more than a search for a rare word.
pub(super) struct Opened {
    pub(super) ids: Option<StrColumn>,
    dates: Column<i64>,
    docs: DocId,
    laid_ids: OnceLock<Option<Ids>>,
    ids_read: AtomicU64,
    laid_dates: OnceLock<Vec<i64>>,
    dates_asked: AtomicU64,
    lift: Mutex<Option<(i64, Arc<Lift>)>>,
}

impl Opened {
    fn of(reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        Ok(Self {
            ids: columns.str("id")?,
            dates: columns.i64("published")?,
            docs: reader.max_doc(),
            laid_ids: OnceLock::new(),
            ids_read: AtomicU64::new(0),
            laid_dates: OnceLock::new(),
            dates_asked: AtomicU64::new(0),
            lift: Mutex::default(),
        })
    }

    /// The id of an ordinal.
    pub(super) fn id(&self, ord: u64) -> tantivy::Result<String> {
        /// How many ids are laid out in the time that one is looked up.
        const WORTH: u64 = 100;
        let mut id = String::new();
        let Some(ids) = &self.ids else { return Ok(id) };
        let read = self.ids_read.fetch_add(1, Ordering::Relaxed);
        if read.saturating_mul(WORTH) >= u64::from(self.docs) && self.laid_ids.get().is_none() {
            let laid = Ids::of(ids)?;
            self.laid_ids.get_or_init(|| laid);
        }
        match self.laid_ids.get() {
            Some(Some(laid)) => Ok(laid.get(ord)),
            _ => {
                ids.ord_to_str(ord, &mut id)?;
                Ok(id)
            }
        }
    }

    /// When an article was published, or [`UNDATED`].
    pub(super) fn date(&self, doc: DocId) -> i64 {
        match self.laid_dates.get() {
            Some(dates) => dates[doc as usize],
            None => self.dates.first(doc).unwrap_or(UNDATED),
        }
    }

    /// Says that a search will ask for dates. It doesn't pay to look at every one for the first few.
    pub(super) fn ask_for_dates(&self) {
        const WORTH: u64 = 8;
        if self.laid_dates.get().is_none() && self.dates_asked.fetch_add(1, Ordering::Relaxed) >= WORTH {
            self.laid_dates.get_or_init(|| (0..self.docs).map(|doc| self.date(doc)).collect());
        }
    }

    /// The highest factors that dates may give, by a function of a date or none that falls with the days.
    pub(super) fn lift(&self, now: i64, factor: impl Fn(Option<i64>) -> Score) -> Arc<Lift> {
        let Some(dates) = self.laid_dates.get() else {
            return Arc::new(Lift::roughly(&self.dates, factor));
        };
        // What held at the beginning of the day is never less than what holds later on.
        let mut kept = self.lift.lock().unwrap_or_else(PoisonError::into_inner);
        let day = now.div_euclid(86_400);
        match &*kept {
            Some((known, lift)) if *known == day => Arc::clone(lift),
            _ => {
                let lift = Arc::new(Lift::of(dates, factor));
                *kept = Some((day, Arc::clone(&lift)));
                lift
            }
        }
    }
}

/// How much the dates of articles may lift their scores.
pub(super) struct Lift {
    /// The most in the segment.
    pub(super) most: Score,
    /// In each window of articles, as a part of that; none where it was not looked at.
    pub(super) windows: Option<Arc<[Score]>>,
}

impl Lift {
    /// The most that the date of an article may give.
    pub(super) fn at(&self, doc: DocId) -> Score {
        self.most * self.windows.as_ref().map_or(1.0, |windows| windows[(doc / WINDOW) as usize])
    }

    fn roughly(dates: &Column<i64>, factor: impl Fn(Option<i64>) -> Score) -> Self {
        let is_dated = dates.get_cardinality() == Cardinality::Full;
        let latest = factor(Some(dates.max_value()));
        Self { most: if is_dated { latest } else { latest.max(factor(None)) }, windows: None }
    }

    fn of(dates: &[i64], factor: impl Fn(Option<i64>) -> Score) -> Self {
        let undated = factor(None);
        let window = |dates: &[i64]| {
            let latest = dates.iter().copied().max().filter(|latest| *latest != UNDATED);
            let most = if dates.contains(&UNDATED) { undated } else { 0.0 };
            latest.map_or(most, |latest| most.max(factor(Some(latest))))
        };
        let windows: Vec<Score> = dates.chunks(WINDOW as usize).map(window).collect();
        let most = windows.iter().copied().fold(0.0, Score::max);
        Self { most, windows: Some(windows.into_iter().map(|lift| lift / most).collect()) }
    }
}

/// Ids in order. Each but the first of [`Ids::RUN`] leaves out what it has in common with the one before.
struct Ids {
    bytes: Vec<u8>,
    /// Where each run begins.
    runs: Vec<usize>,
}

impl Ids {
    const RUN: u64 = 4;

    /// `None` where one is too long.
    fn of(column: &StrColumn) -> tantivy::Result<Option<Self>> {
        let mut ids = Self { bytes: Vec::new(), runs: Vec::new() };
        let mut before: Vec<u8> = Vec::new();
        let mut stream = column.dictionary().stream()?;
        let mut ord = 0;
        while stream.advance() {
            let id = stream.key();
            if ord % Self::RUN == 0 {
                ids.runs.push(ids.bytes.len());
                before.clear();
            }
            let shared = id.iter().zip(&before).take_while(|(one, other)| one == other).count();
            let (Ok(start), Ok(rest)) = (u16::try_from(shared), u16::try_from(id.len() - shared)) else {
                return Ok(None);
            };
            ids.bytes.extend(start.to_le_bytes());
            ids.bytes.extend(rest.to_le_bytes());
            ids.bytes.extend(&id[shared..]);
            before.clear();
            before.extend(id);
            ord += 1;
        }
        ids.bytes.shrink_to_fit();
        Ok(Some(ids))
    }

    fn get(&self, ord: u64) -> String {
        let mut id = Vec::new();
        let mut rest = &self.bytes[self.runs[(ord / Self::RUN) as usize]..];
        for _ in 0..=ord % Self::RUN {
            let length = |at: usize| usize::from(u16::from_le_bytes([rest[at], rest[at + 1]]));
            let (shared, own) = (length(0), length(2));
            id.truncate(shared);
            id.extend(&rest[4..4 + own]);
            rest = &rest[4 + own..];
        }
        String::from_utf8_lossy(&id).into_owned()
    }
}

/// What is kept of the segments of a searcher.
#[derive(Default)]
pub(super) struct Columns {
    names: Mutex<HashMap<(SegmentId, &'static str), Named>>,
    opened: Mutex<HashMap<SegmentId, Arc<Opened>>>,
}

impl Columns {
    pub(super) fn opened(&self, reader: &SegmentReader) -> tantivy::Result<Arc<Opened>> {
        let lock = || self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = lock().get(&reader.segment_id()) {
            return Ok(Arc::clone(opened));
        }
        let opened = Arc::new(Opened::of(reader)?);
        lock().insert(reader.segment_id(), Arc::clone(&opened));
        Ok(opened)
    }

    /// A column as an array, where that pays.
    pub(super) fn laid(
        &self,
        reader: &SegmentReader,
        name: &'static str,
    ) -> tantivy::Result<Option<Arc<Laid>>> {
        let place = (reader.segment_id(), name);
        match self.lock().get(&place) {
            Some(Named::Laid(laid)) => return Ok(Some(Arc::clone(laid))),
            Some(Named::Read(docs)) if *docs >= u64::from(reader.max_doc()) => {}
            _ => return Ok(None),
        }
        let Some(column) = reader.fast_fields().str(name)? else { return Ok(None) };
        // Others go on meanwhile. Two that lay out the same column get the same.
        let laid = Arc::new(Laid::of(&column, reader.max_doc())?);
        self.lock().insert(place, Named::Laid(Arc::clone(&laid)));
        Ok(Some(laid))
    }

    /// Notes that so many articles were read from a column as it is stored.
    pub(super) fn note(&self, segment: SegmentId, name: &'static str, docs: u64) {
        if let Named::Read(read) = self.lock().entry((segment, name)).or_insert(Named::Read(0)) {
            *read += docs;
        }
    }

    /// Forgets all segments but these.
    pub(super) fn retain(&self, segments: &[SegmentReader]) {
        let segments: HashSet<SegmentId> = segments.iter().map(SegmentReader::segment_id).collect();
        self.lock().retain(|(segment, _), _| segments.contains(segment));
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.retain(|segment, _| segments.contains(segment));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(SegmentId, &'static str), Named>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn laid_out(&self) -> usize {
        self.lock().values().filter(|column| matches!(column, Named::Laid(_))).count()
    }
}
