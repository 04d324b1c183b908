//! The algebra of spans over the postings of a segment.
//!
//! Documents come first: every operand is a lazy set of documents that can be sought in, an operator their conjunction
//! or union, and positions are read of the documents alone that all operands have.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, Term};

use super::{Reach, Slot, Span, Tree, count_apart, in_order, pairs, runs, sequences};
use crate::control::Deadline;
use crate::index::layout::{self, Shape, Side};
use crate::index::schema::Fields;
use crate::query::lower::bm25f::{Lengths, Statistics, Weighted, keep_before, saturated};
use crate::query::lower::does_not_match;
use crate::query::lower::stems::Occurrences;
use crate::query::{Proximity, Scope};

/// The weight of a word that a pattern caught, whatever it is.
const PATTERN_WEIGHT: Score = 1.0;

/// Documents between two looks at the clock. One document with many ways to combine its words can take milliseconds.
const PATIENCE: u32 = 16;

/// A tree in one field.
#[derive(Clone)]
pub(in crate::query::lower) struct Part {
    pub(in crate::query::lower) weighted: Weighted,
    pub(in crate::query::lower) side: Side,
    pub(in crate::query::lower) tree: Tree,
}

/// Documents in whose parts spans of the trees occur, at least so often in all.
#[derive(Clone)]
pub(in crate::query::lower) struct SpanQuery {
    parts: Vec<Part>,
    minimum: u32,
    fields: Fields,
    deadline: Deadline,
}

impl SpanQuery {
    pub(in crate::query::lower) fn new(
        parts: Vec<Part>,
        minimum: u32,
        fields: Fields,
        deadline: Deadline,
    ) -> Self {
        Self { parts, minimum, fields, deadline }
    }
}

impl fmt::Debug for SpanQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanQuery({} parts, at least {})", self.parts.len(), self.minimum)
    }
}

impl Query for SpanQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let EnableScoring::Enabled { searcher, .. } = scoring else {
            return Ok(Box::new(SpanWeight { query: self.clone(), weight: 0.0, shares: Vec::new() }));
        };
        let fields: Vec<Weighted> = self.parts.iter().map(|part| part.weighted).collect();
        let statistics = Statistics::read(searcher, &fields, &self.deadline)?;
        let mut rarities =
            Rarities { searcher, fields: self.fields, statistics: &statistics, known: Vec::new() };
        let mut weights = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            weights.push(rarities.weight_of(&part.tree)?);
        }
        let weight = weights.iter().copied().fold(0.0, Score::max);
        let share = |own: Score| if weight > 0.0 { own / weight } else { 0.0 };
        let shares = weights.iter().zip(&statistics.averages).map(|(own, average)| (share(*own), *average));
        Ok(Box::new(SpanWeight { query: self.clone(), weight, shares: shares.collect() }))
    }
}

/// How rare words are by their terms; `None` of those that no article has.
type Known = HashMap<Vec<String>, Option<Score>>;

/// How rare words are, each looked up once.
struct Rarities<'a> {
    searcher: &'a Searcher,
    fields: Fields,
    statistics: &'a Statistics,
    known: Vec<(Scope, Known)>,
}

impl Rarities<'_> {
    fn of(&mut self, scope: Scope, terms: &[String]) -> tantivy::Result<Option<Score>> {
        let at = match self.known.iter().position(|(known, _)| *known == scope) {
            Some(at) => at,
            None => {
                self.known.push((scope, HashMap::new()));
                self.known.len() - 1
            }
        };
        if let Some(rarity) = self.known[at].1.get(terms) {
            return Ok(*rarity);
        }
        let rarity = self.statistics.rarity(self.searcher, &self.fields, scope, terms)?;
        self.known[at].1.insert(terms.to_owned(), rarity);
        Ok(rarity)
    }

    /// The sum of what the words of a match are worth, their inverse document frequencies; 0 of words that no article
    /// has. Of alternatives the one worth most counts.
    fn weight_of(&mut self, tree: &Tree) -> tantivy::Result<Score> {
        Ok(match tree {
            Tree::Words { scope, slots, boost, .. } => {
                let mut sum = 0.0;
                for slot in slots {
                    if slot.is_pattern {
                        sum += PATTERN_WEIGHT;
                        continue;
                    }
                    let Some(rarity) = self.of(*scope, &slot.terms)? else { return Ok(0.0) };
                    sum += rarity;
                }
                sum * boost
            }
            Tree::Any(trees) => {
                let mut most: Score = 0.0;
                for tree in trees {
                    most = most.max(self.weight_of(tree)?);
                }
                most
            }
            Tree::Near { left, right, .. } => self.weight_of(left)? + self.weight_of(right)?,
            Tree::Times { of, .. } => self.weight_of(of)?,
        })
    }
}

struct SpanWeight {
    query: SpanQuery,
    weight: Score,
    /// Of every part what its matches weigh beside those of the others, and the average length of the field; empty where
    /// nothing is scored.
    shares: Vec<(Score, Score)>,
}

impl SpanWeight {
    fn open(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Option<SpanScorer>> {
        let is_scored = !self.shares.is_empty();
        let layout = reader.inverted_index(self.query.fields.layout)?;
        let mut parts = Vec::new();
        for (at, part) in self.query.parts.iter().enumerate() {
            let field = part.weighted.field;
            let opening = Opening {
                field,
                side: part.side,
                reader,
                layout: &layout,
                layout_field: self.query.fields.layout,
                end: part.weighted.end(reader)?,
            };
            let Some(node) = opening.node(&part.tree)? else { continue };
            let scoring = match self.shares.get(at) {
                Some((share, average)) => Some(Scoring {
                    weighted: part.weighted,
                    share: *share,
                    lengths: part.weighted.lengths(reader)?,
                    norms: part.weighted.norms(*average),
                }),
                None => None,
            };
            parts.push(OpenPart { node, scoring, doc: 0, count: 0 });
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let fields: Vec<Weighted> = self.query.parts.iter().map(|part| part.weighted).collect();
        let titles = if is_scored { Weighted::titles(&fields, reader)? } else { None };
        let mut scorer = SpanScorer {
            parts,
            weight: self.weight * boost,
            titles,
            minimum: self.query.minimum,
            doc: 0,
            deadline: self.query.deadline.clone(),
            looked_at: 0,
        };
        scorer.find(0);
        Ok(Some(scorer))
    }
}

impl Weight for SpanWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.open(reader, boost)? {
            Some(scorer) => Box::new(scorer),
            None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let missing = || does_not_match(doc);
        let mut scorer = self.open(reader, 1.0)?.ok_or_else(missing)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Err(missing());
        }
        Ok(scorer.explain())
    }
}

/// What the trees of a part are opened with.
struct Opening<'a> {
    field: Field,
    side: Side,
    reader: &'a SegmentReader,
    layout: &'a InvertedIndexReader,
    layout_field: Field,
    /// Where the part ends, in words; `None` where it is a whole field.
    end: Option<Column<u64>>,
}

impl Opening<'_> {
    /// `None` where the segment can't have a match.
    fn node(&self, tree: &Tree) -> tantivy::Result<Option<Node>> {
        Ok(match tree {
            Tree::Words { slots, slop, .. } => {
                let mut sources = Vec::with_capacity(slots.len());
                for slot in slots {
                    match self.source(slot)? {
                        Some(source) => sources.push(source),
                        None => return Ok(None),
                    }
                }
                if sources.is_empty() {
                    return Ok(None);
                }
                let mut order: Vec<usize> = (0..sources.len()).collect();
                order.sort_by_key(|slot| sources[*slot].cost());
                let positions = vec![Vec::new(); sources.len()];
                Some(Node::Words { sources, order, positions, slop: *slop, spans: Vec::new() })
            }
            Tree::Any(trees) => {
                let mut nodes = Vec::new();
                for tree in trees {
                    nodes.extend(self.node(tree)?);
                }
                (!nodes.is_empty()).then_some(Node::Any { nodes, spans: Vec::new() })
            }
            Tree::Near { proximity, left, right } => {
                let (Some(left), Some(right)) = (self.node(left)?, self.node(right)?) else {
                    return Ok(None);
                };
                let term = match proximity {
                    Proximity::Near { .. } | Proximity::Before { .. } => None,
                    // A headline is one sentence.
                    _ if self.side == Side::Title => None,
                    Proximity::Paragraph => Some(layout::PARAGRAPH),
                    Proximity::Sentence => Some(layout::SENTENCE),
                };
                let breaks = match term {
                    Some(term) => self.places(term)?.map(Box::new),
                    None => None,
                };
                Some(Node::Near {
                    proximity: *proximity,
                    operands: Box::new([left, right]),
                    breaks,
                    spans: Vec::new(),
                })
            }
            Tree::Times { count, of } => {
                let node = self.node(of)?;
                node.map(|of| Node::Times { count: *count, of: Box::new(of), spans: Vec::new() })
            }
        })
    }

    fn source(&self, slot: &Slot) -> tantivy::Result<Option<Source>> {
        let mut postings = Vec::with_capacity(slot.terms.len());
        for term in &slot.terms {
            let option = IndexRecordOption::WithFreqsAndPositions;
            postings.extend(Occurrences::open(self.reader, self.field, term, option)?);
        }
        if postings.is_empty() {
            return Ok(None);
        }
        let case = match &slot.shape {
            None => None,
            Some(Shape::Lower) => {
                let mut capitals = Vec::new();
                for term in layout::capital_terms(self.side) {
                    capitals.extend(self.places(term)?);
                }
                Some(Case { is_wanted: false, places: capitals })
            }
            Some(shape) => {
                let term = layout::shape_term(self.side, shape);
                let places = match term {
                    Some(term) => self.places(&term)?,
                    None => None,
                };
                let Some(places) = places else { return Ok(None) };
                Some(Case { is_wanted: true, places: vec![places] })
            }
        };
        Ok(Some(Source::new(postings, case, self.end.clone())))
    }

    fn places(&self, term: &str) -> tantivy::Result<Option<Places>> {
        let term = Term::from_field_text(self.layout_field, term);
        let postings = self.layout.read_postings(&term, IndexRecordOption::WithFreqsAndPositions)?;
        Ok(postings.map(|postings| Places { postings, positions: Vec::new() }))
    }
}

/// Positions of the layout.
struct Places {
    postings: SegmentPostings,
    positions: Vec<u32>,
}

impl Places {
    fn of(&mut self, doc: DocId) -> &[u32] {
        let here = if self.postings.doc() < doc { self.postings.seek(doc) } else { self.postings.doc() };
        self.positions.clear();
        if here == doc {
            self.postings.append_positions_with_offset(0, &mut self.positions);
        }
        &self.positions
    }
}

/// How words have to be written.
struct Case {
    /// Whether the word has to stand at one of the places, or at none.
    is_wanted: bool,
    places: Vec<Places>,
}

/// The postings of a slot.
struct Source {
    postings: Vec<Occurrences>,
    /// Where there are several: those ahead of the current document, the nearest one on top, and those that are there.
    ahead: BinaryHeap<Reverse<(DocId, usize)>>,
    here: Vec<usize>,
    doc: DocId,
    case: Option<Case>,
    /// Where the part of the field ends that is meant.
    end: Option<Column<u64>>,
}

impl Source {
    fn new(postings: Vec<Occurrences>, case: Option<Case>, end: Option<Column<u64>>) -> Self {
        let mut source = Self { postings, ahead: BinaryHeap::new(), here: Vec::new(), doc: 0, case, end };
        if let [one] = &source.postings[..] {
            source.doc = one.doc();
        } else {
            source.ahead.extend(source.postings.iter().enumerate().map(|(at, one)| Reverse((one.doc(), at))));
            source.doc = source.ahead.peek().map_or(TERMINATED, |Reverse((doc, _))| *doc);
        }
        source
    }

    /// Documents, about.
    fn cost(&self) -> u64 {
        self.postings.iter().map(|one| u64::from(one.doc_freq())).sum()
    }

    /// The first document at or behind `target`.
    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        if let [one] = &mut self.postings[..] {
            self.doc = one.seek(target);
            return self.doc;
        }
        for at in self.here.drain(..) {
            self.ahead.push(Reverse((self.postings[at].seek(target), at)));
        }
        while let Some(Reverse((doc, at))) = self.ahead.peek().copied() {
            if doc >= target {
                break;
            }
            self.ahead.pop();
            self.ahead.push(Reverse((self.postings[at].seek(target), at)));
        }
        self.doc = self.ahead.peek().map_or(TERMINATED, |Reverse((doc, _))| *doc);
        self.doc
    }

    /// Positions in the current document, in order.
    fn read(&mut self, positions: &mut Vec<u32>) {
        positions.clear();
        if let [one] = &mut self.postings[..] {
            one.append_positions_with_offset(0, positions);
        } else {
            while let Some(Reverse((doc, at))) = self.ahead.peek().copied() {
                if doc != self.doc {
                    break;
                }
                self.ahead.pop();
                self.here.push(at);
            }
            for at in &self.here {
                self.postings[*at].append_positions_with_offset(0, positions);
            }
            positions.sort_unstable();
            positions.dedup();
        }
        keep_before(self.end.as_ref(), self.doc, positions);
        if let Some(case) = &mut self.case {
            let is_wanted = case.is_wanted;
            for places in &mut case.places {
                let places = places.of(self.doc);
                positions.retain(|place| places.binary_search(place).is_ok() == is_wanted);
            }
        }
    }
}

/// A tree in a segment. What it needs for a document stays allocated for the next.
enum Node {
    Words {
        sources: Vec<Source>,
        /// The slots, rarest first.
        order: Vec<usize>,
        positions: Vec<Vec<u32>>,
        slop: u32,
        spans: Vec<Span>,
    },
    Any {
        nodes: Vec<Node>,
        spans: Vec<Span>,
    },
    Near {
        proximity: Proximity,
        operands: Box<[Node; 2]>,
        breaks: Option<Box<Places>>,
        spans: Vec<Span>,
    },
    Times {
        count: u32,
        of: Box<Node>,
        spans: Vec<Span>,
    },
}

impl Node {
    /// The first document at or behind `target` that may match.
    fn seek(&mut self, mut target: DocId) -> DocId {
        match self {
            Self::Words { sources, order, .. } => 'again: loop {
                for slot in &*order {
                    let doc = sources[*slot].seek(target);
                    if doc > target {
                        target = doc;
                        if target == TERMINATED {
                            return TERMINATED;
                        }
                        continue 'again;
                    }
                }
                return target;
            },
            Self::Any { nodes, .. } => {
                nodes.iter_mut().map(|node| node.seek(target)).min().unwrap_or(TERMINATED)
            }
            Self::Near { operands, .. } => {
                let [left, right] = &mut **operands;
                loop {
                    let doc = left.seek(target);
                    if doc == TERMINATED {
                        return TERMINATED;
                    }
                    target = right.seek(doc);
                    if target == doc || target == TERMINATED {
                        return target;
                    }
                }
            }
            Self::Times { of, .. } => of.seek(target),
        }
    }

    /// Spans in a document, in order. Whether all were followed is told to `is_whole`.
    fn read(&mut self, doc: DocId, reach: Reach, is_whole: &mut bool) -> &[Span] {
        match self {
            Self::Words { sources, positions, slop, spans, .. } => {
                spans.clear();
                for (source, positions) in sources.iter_mut().zip(&mut *positions) {
                    if source.seek(doc) != doc {
                        return spans;
                    }
                    source.read(positions);
                    if positions.is_empty() {
                        return spans;
                    }
                }
                sequences(positions, *slop, spans);
                spans
            }
            Self::Any { nodes, spans } => {
                spans.clear();
                for node in nodes {
                    if node.seek(doc) == doc {
                        spans.extend_from_slice(node.read(doc, reach, is_whole));
                    }
                }
                in_order(spans);
                spans
            }
            Self::Near { proximity, operands, breaks, spans } => {
                let [left, right] = &mut **operands;
                let left = left.read(doc, Reach::All, is_whole);
                let right = if left.is_empty() { &[] } else { right.read(doc, Reach::All, is_whole) };
                let breaks = match breaks {
                    Some(places) if !right.is_empty() => places.of(doc),
                    _ => &[],
                };
                *is_whole &= pairs(left, right, *proximity, breaks, reach, spans);
                spans
            }
            Self::Times { count, of, spans } => {
                runs(of.read(doc, Reach::Shortest, is_whole), *count, spans);
                spans
            }
        }
    }
}

struct Scoring {
    weighted: Weighted,
    share: Score,
    lengths: Lengths,
    norms: Arc<[Score; 256]>,
}

struct OpenPart {
    node: Node,
    scoring: Option<Scoring>,
    /// The next document that may match.
    doc: DocId,
    /// Matches in the current document.
    count: u32,
}

/// The matching documents of a segment.
struct SpanScorer {
    parts: Vec<OpenPart>,
    /// What the saturated number of matches is multiplied with.
    weight: Score,
    titles: Option<Column<u64>>,
    minimum: u32,
    doc: DocId,
    deadline: Deadline,
    looked_at: u32,
}

impl SpanScorer {
    /// Goes to the first match at or behind `target`.
    fn find(&mut self, mut target: DocId) -> DocId {
        loop {
            let mut next = TERMINATED;
            for part in &mut self.parts {
                part.doc = part.node.seek(target);
                next = next.min(part.doc);
            }
            self.looked_at += 1;
            let is_late = self.looked_at.is_multiple_of(PATIENCE) && self.deadline.is_over();
            if next == TERMINATED || is_late {
                self.doc = TERMINATED;
                return TERMINATED;
            }
            let mut sum: u32 = 0;
            let mut is_whole = true;
            for part in &mut self.parts {
                part.count = 0;
                if part.doc != next {
                    continue;
                }
                let is_any_enough = part.scoring.is_none() && self.minimum <= 1;
                let reach = if is_any_enough { Reach::First } else { Reach::Shortest };
                part.count = count_apart(part.node.read(next, reach, &mut is_whole));
                sum = sum.saturating_add(part.count);
            }
            if !is_whole {
                self.deadline.note_shortcut();
            }
            if sum >= self.minimum.max(1) {
                self.doc = next;
                return next;
            }
            target = next + 1;
        }
    }
}

impl DocSet for SpanScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED { TERMINATED } else { self.find(self.doc + 1) }
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target { self.doc } else { self.find(target) }
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.parts.iter().map(|part| part.node.cost()).max().unwrap_or(0).min(u64::from(TERMINATED)) as u32
    }
}

impl Scorer for SpanScorer {
    fn score(&mut self) -> Score {
        let mut tf = 0.0;
        self.matches(|_, weight, count, norm| tf += weight * count as Score * norm);
        self.weight * saturated(tf)
    }
}

impl SpanScorer {
    /// Calls back with each field that has a match: the field, the weight that counts, matches, inverse norm.
    fn matches(&self, mut found: impl FnMut(&Weighted, Score, u32, Score)) {
        for part in &self.parts {
            if let (Some(scoring), 1..) = (&part.scoring, part.count) {
                let weight = scoring.weighted.weight_in(self.titles.as_ref(), self.doc) * scoring.share;
                let norm = scoring.norms[scoring.lengths.code(self.doc)];
                if weight > 0.0 {
                    found(&scoring.weighted, weight, part.count, norm);
                }
            }
        }
    }

    fn explain(&self) -> Explanation {
        let mut tf = 0.0;
        let mut parts = Vec::new();
        self.matches(|field, weight, count, norm| {
            let value = weight * count as Score * norm;
            tf += value;
            let mut detail = Explanation::new_with_string(
                format!("in {}, matches × weight / length norm", field.name),
                value,
            );
            detail.add_const("matches", count as Score);
            detail.add_const("weight of the field", weight);
            detail.add_const("1 − b + b × length / average length", 1.0 / norm);
            parts.push(detail);
        });
        let mut explanation =
            Explanation::new("words where the query wants them, product of", self.weight * saturated(tf));
        explanation.add_const("sum of the idfs of the words", self.weight);
        let mut frequency = Explanation::new("matches over all fields, saturated", saturated(tf));
        for part in parts {
            frequency.add_detail(part);
        }
        explanation.add_detail(frequency);
        explanation
    }
}

impl Node {
    /// Documents that may match, about.
    fn cost(&self) -> u64 {
        match self {
            Self::Words { sources, .. } => sources.iter().map(Source::cost).min().unwrap_or(0),
            Self::Any { nodes, .. } => nodes.iter().map(Self::cost).sum(),
            Self::Near { operands, .. } => operands.iter().map(Self::cost).min().unwrap_or(0),
            Self::Times { of, .. } => of.cost(),
        }
    }
}
