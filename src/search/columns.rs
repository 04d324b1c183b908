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
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::{DocId, SegmentReader};

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
}

impl Laid {
    fn of(column: &StrColumn, docs: DocId) -> tantivy::Result<Self> {
        let mut starts = Vec::with_capacity(docs as usize + 1);
        let mut ords = Vec::with_capacity(docs as usize);
        starts.push(0);
        for doc in 0..docs {
            ords.extend(column.term_ords(doc).map(|ord| ord as u32));
            starts.push(ords.len() as u32);
        }
        Ok(Self { starts, ords, names: Arc::new(Names::all(column)?) })
    }

    /// The ordinals of an article.
    pub(super) fn ords(&self, doc: DocId) -> &[u32] {
        let doc = doc as usize;
        &self.ords[self.starts[doc] as usize..self.starts[doc + 1] as usize]
    }
}

enum Named {
    /// Articles that were read from it as it is stored.
    Read(u64),
    Laid(Arc<Laid>),
}

/// The columns that every pass looks at. Opening them costs more than a search for a rare word.
pub(super) struct Opened {
    pub(super) ids: Option<StrColumn>,
    pub(super) dates: Column<i64>,
    /// The latest date; `None` where an article may be as fresh as can be, for want of a date.
    pub(super) latest: Option<i64>,
}

impl Opened {
    fn of(reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let dates: Column<i64> = columns.i64("published")?;
        let is_dated =
            dates.get_cardinality() == tantivy::columnar::Cardinality::Full && reader.max_doc() > 0;
        let latest = is_dated.then(|| dates.max_value());
        Ok(Self { ids: columns.str("id")?, dates, latest })
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
