//! Words scored over several fields of an article at once, and the nearness of words that were asked for together.
//!
//! BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004; Robertson and
//! Zaragoza, "The Probabilistic Relevance Framework", 2009, §3.5): frequencies are normalised by the length of their
//! field, weighted, added up, and saturate once, so that a word of the headline that the body repeats counts as further
//! occurrences of one word and not as a second word.
//!
//! ```text
//! tf    = Σ over fields  weight × occurrences / (1 − b + b × length / average length)
//! score = idf × (K1 + 1) × tf / (K1 + tf)
//! idf   = ln(1 + (N − n + ½) / (n + ½))
//! ```
//!
//! `n` counts the articles that have the word in any of the fields, and one whose body has several of its inflections for each
//! of them. A sequence of words that has to stand as it is has
//! the sum of their idfs.
//!
//! Nearness is a feature of word pairs as in Metzler and Croft's sequential dependence model (SIGIR 2005): neighbours
//! of the query that follow each other with at most one word between. Their occurrences go through the same formula with
//! the smaller of the two idfs and a small weight.
//!
//! Positional operators score by the same formula: see [`span`](super::span).

mod cursor;

use std::fmt;
use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, TermQuery, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, TantivyError, Term};

use self::cursor::{Cursor, Gate};
use super::prune::Bounds;
use super::stems::{self, Occurrences};
use super::unscored::{AnyWeight, Bits, Wanted};
use crate::control::Deadline;
use crate::index::analyzer::{self, english_stem};
use crate::index::document::TitleInBody;
use crate::index::schema::Fields;
use crate::query::Scope;

/// How soon further occurrences of a word stop to count.
const K1: Score = 2.0;

/// Weight of near pairs beside words.
const PAIR_WEIGHT: Score = 0.2;

/// How far behind the first word of a pair the second may stand: 1 is next to it.
const PAIR_WINDOW: u32 = 2;

/// Words of a lead, about: the average is not kept, and only decides how much a long one counts.
const TYPICAL_LEAD: Score = 40.0;

/// Articles in which a sequence of words is looked for between two looks at the clock.
const PATIENCE: u32 = 512;

/// One field and its part in the score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weighted {
    pub(super) field: Field,
    pub(super) name: &'static str,
    weight: Score,
    /// How much the length of the field matters, 0 to 1.
    b: Score,
    role: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Articles with the word here match.
    Finds,
    /// The headline where the body stands beside it: what the body repeats does not count twice.
    Title,
    /// The beginning of the body, as many words as the column of them says.
    Lead,
}

fn fields_of(fields: &Fields, scope: Scope) -> Vec<Weighted> {
    let part = |field, name, weight, b, role| Weighted { field, name, weight, b, role };
    match scope {
        Scope::Anywhere => vec![
            part(fields.title, "title", 2.5, 0.9, Part::Title),
            part(fields.body, "body", 1.0, 0.6, Part::Finds),
        ],
        Scope::Title => vec![part(fields.title, "title", 1.0, 0.75, Part::Finds)],
        Scope::Lead => vec![part(fields.body, "lead", 1.0, 0.6, Part::Lead)],
        Scope::Body => vec![part(fields.body, "body", 1.0, 0.6, Part::Finds)],
    }
}

/// Fields together, as a name.
fn scope_name(fields: &[Weighted]) -> &'static str {
    match fields {
        [part] => part.name,
        _ => "anywhere",
    }
}

/// The field of a scope; of headline and body the headline as it counts beside the body.
pub(super) fn first_field(fields: &Fields, scope: Scope) -> Weighted {
    fields_of(fields, scope)[0]
}

impl Weighted {
    /// What occurrences in an article count, before its length; `titles` tells where the body has the headline too.
    pub(super) fn weight_in(&self, titles: Option<&Column<u64>>, doc: DocId) -> Score {
        match (self.role, titles) {
            (Part::Title, Some(titles)) => title_weight(self.weight, titles.first(doc)),
            _ => self.weight,
        }
    }

    /// Inverse norms by the code of the field's length.
    pub(super) fn norms(&self, average: Score) -> Arc<[Score; 256]> {
        norm_table(self.b, average)
    }

    /// The column that tells where the part ends; `None` where it is a whole field.
    pub(super) fn end(&self, reader: &SegmentReader) -> tantivy::Result<Option<Column<u64>>> {
        (self.role == Part::Lead).then(|| reader.fast_fields().u64("lead_words")).transpose()
    }

    /// The lengths that norm what it scores.
    pub(super) fn lengths(&self, reader: &SegmentReader) -> tantivy::Result<Lengths> {
        Ok(match self.end(reader)? {
            Some(words) => Lengths::Words(words),
            None => Lengths::Codes(reader.get_fieldnorms_reader(self.field)?),
        })
    }

    /// The column that [`weight_in`](Self::weight_in) needs.
    pub(super) fn titles(parts: &[Self], reader: &SegmentReader) -> tantivy::Result<Option<Column<u64>>> {
        let is_asked = parts.iter().any(|part| part.role == Part::Title);
        is_asked.then(|| reader.fast_fields().u64("title_in_body")).transpose()
    }
}

/// Lengths of a part of the articles.
#[derive(Clone)]
pub(super) enum Lengths {
    /// Of a field.
    Codes(FieldNormReader),
    /// Of the lead, in words.
    Words(Column<u64>),
}

impl Lengths {
    /// The code of a length, as the tables of norms have it.
    pub(super) fn code(&self, doc: DocId) -> usize {
        usize::from(match self {
            Self::Codes(codes) => codes.fieldnorm_id(doc),
            Self::Words(words) => {
                let words = words.first(doc).unwrap_or(0);
                FieldNormReader::fieldnorm_to_id(u32::try_from(words).unwrap_or(u32::MAX))
            }
        })
    }
}

/// Leaves those places that lie before the end of a part.
pub(super) fn keep_before(end: Option<&Column<u64>>, doc: DocId, places: &mut Vec<u32>) {
    if let Some(end) = end {
        let end = end.first(doc).unwrap_or(0);
        places.truncate(places.partition_point(|place| u64::from(*place) < end));
    }
}

/// The weight of the headline, by what the body has of it: with the body's own count a word of the headline weighs the
/// same in all, and nothing extra where there was no headline.
fn title_weight(weight: Score, repeated: Option<u64>) -> Score {
    match repeated.map(TitleInBody::from_column) {
        None => weight,
        Some(TitleInBody::Repeated) => weight - 1.0,
        Some(TitleInBody::Taken) => 0.0,
    }
}

/// `(K1 + 1) × tf / (K1 + tf)`
pub(super) fn saturated(tf: Score) -> Score {
    (K1 + 1.0) * tf / (K1 + tf)
}

/// `1 / (1 − b + b × length / average)`
fn inverse_norm(b: Score, length: u32, average: Score) -> Score {
    1.0 / (1.0 - b + b * length as Score / average)
}

fn idf(doc_freq: u64, docs: u64) -> Score {
    let rest = docs.saturating_sub(doc_freq) as Score + 0.5;
    (1.0 + rest / (doc_freq as Score + 0.5)).ln()
}

/// What the fields of an index have in common: their average lengths, and how rare words are.
pub(super) struct Statistics {
    docs: u64,
    pub(super) averages: Vec<Score>,
    /// Inverse norms by the code of a length, of each field.
    norms: Vec<Arc<[Score; 256]>>,
    deadline: Deadline,
}

impl Statistics {
    pub(super) fn read(
        searcher: &Searcher,
        fields: &[Weighted],
        deadline: &Deadline,
    ) -> tantivy::Result<Self> {
        let docs: u64 = searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum();
        let mut averages = Vec::with_capacity(fields.len());
        for part in fields {
            if part.role == Part::Lead {
                averages.push(TYPICAL_LEAD);
                continue;
            }
            let mut tokens = 0;
            for reader in searcher.segment_readers() {
                tokens += reader.inverted_index(part.field)?.total_num_tokens();
            }
            averages.push((tokens as Score / docs.max(1) as Score).max(1.0));
        }
        let norms = fields.iter().zip(&averages).map(|(part, average)| part.norms(*average)).collect();
        Ok(Self { docs, averages, norms, deadline: deadline.clone() })
    }

    /// Of a word whose terms are those of several languages.
    fn idf(&self, searcher: &Searcher, fields: &[Weighted], terms: &[String]) -> tantivy::Result<Score> {
        let mut found = 0;
        for term in terms {
            found += doc_freq(searcher, fields, term, &self.deadline)?;
        }
        Ok(idf(found, self.docs))
    }

    /// How rare a word is in the fields of a scope, whose terms are those of several languages; `None` where no article has
    /// it.
    pub(super) fn rarity(
        &self,
        searcher: &Searcher,
        fields: &Fields,
        scope: Scope,
        terms: &[String],
    ) -> tantivy::Result<Option<Score>> {
        let mut found = 0;
        for term in terms {
            found += doc_freq(searcher, &fields_of(fields, scope), term, &self.deadline)?;
        }
        Ok((found > 0).then(|| idf(found, self.docs)))
    }
}

/// Articles that have a term in any of the fields; one whose body has several forms of a stem counts for each. When the time is up some are not counted: nothing is scored then.
fn doc_freq(
    searcher: &Searcher,
    fields: &[Weighted],
    term: &str,
    deadline: &Deadline,
) -> tantivy::Result<u64> {
    if let [part] = fields {
        return stems::doc_freq(searcher, part.field, term);
    }
    let mut found = 0;
    for reader in searcher.segment_readers() {
        if deadline.is_over() {
            break;
        }
        found += stems::doc_freq_of(reader, scope_name(fields), term, || doc_freq_in(reader, fields, term))?;
    }
    Ok(found)
}

/// Of the last field the numbers are known, which is the body where there are two; of the headline only what the body has not got
/// is looked for. So each article counts the same in whatever segment it is.
fn doc_freq_in(reader: &SegmentReader, fields: &[Weighted], term: &str) -> tantivy::Result<u64> {
    let Some((last, others)) = fields.split_last() else { return Ok(0) };
    let mut body = Occurrences::open(reader, last.field, term, IndexRecordOption::Basic)?;
    let mut found = stems::doc_freq_in(reader, last.field, term)?;
    for part in others {
        let Some(mut other) = Occurrences::open(reader, part.field, term, IndexRecordOption::Basic)? else {
            continue;
        };
        while other.doc() != TERMINATED {
            let doc = other.doc();
            found += u64::from(body.as_mut().is_none_or(|body| body.seek(doc) != doc));
            other.advance();
        }
    }
    Ok(found)
}

/// A word, or several that follow each other as one word that the tokenizer splits has them.
#[derive(Clone)]
pub(crate) struct WordQuery {
    fields: Arc<[Weighted]>,
    slots: Arc<[Vec<String>]>,
    deadline: Deadline,
}

impl WordQuery {
    /// `slots` has at least one place, and a place the term of each language, or one for all of them. No article has those
    /// of two languages.
    pub(crate) fn new(fields: &Fields, scope: Scope, slots: Vec<Vec<String>>, deadline: &Deadline) -> Self {
        Self { fields: fields_of(fields, scope).into(), slots: slots.into(), deadline: deadline.clone() }
    }

    /// Whether it is looked for in the beginning of the body alone.
    pub(super) fn is_lead(&self) -> bool {
        self.fields.iter().any(|part| part.role == Part::Lead)
    }

    /// The terms any of which an article has to have; `None` where it takes more to match.
    pub(super) fn terms(&self) -> Option<Vec<Wanted>> {
        let [slot] = &self.slots[..] else { return None };
        let fields: Vec<Field> = self.fields.iter().map(|part| part.field).collect();
        let scope = scope_name(&self.fields);
        let of = |term: &String| Wanted { scope, term: term.clone(), fields: fields.clone() };
        (!self.is_lead()).then(|| slot.iter().map(of).collect())
    }

    pub(super) fn unscored(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        if let Some(terms) = self.terms() {
            return match &terms[..] {
                [Wanted { term, fields, .. }] if fields.len() == 1 && english_stem(term).is_none() => {
                    TermQuery::new(Term::from_field_text(fields[0], term), IndexRecordOption::Basic)
                        .weight(scoring)
                }
                _ => Ok(Box::new(AnyWeight { terms, bounds: None })),
            };
        }
        Ok(Box::new(FieldsWeight {
            fields: Arc::clone(&self.fields),
            averages: vec![1.0; self.fields.len()],
            norms: Vec::new(),
            asked: self.asked(1.0),
            is_scored: false,
            deadline: self.deadline.clone(),
        }))
    }

    /// Words of one query over the same fields share what they have in common.
    pub(super) fn scored(
        &self,
        searcher: &Searcher,
        shared: &mut Option<(Vec<&'static str>, Statistics)>,
    ) -> tantivy::Result<FieldsWeight> {
        let fields = Arc::clone(&self.fields);
        let names: Vec<&str> = fields.iter().map(|part| part.name).collect();
        let statistics = match shared.take().filter(|(known, _)| *known == names) {
            Some((_, statistics)) => statistics,
            None => Statistics::read(searcher, &fields, &self.deadline)?,
        };
        let mut weight = 0.0;
        for terms in &*self.slots {
            weight += statistics.idf(searcher, &fields, terms)?;
        }
        let weight = FieldsWeight {
            averages: statistics.averages.clone(),
            norms: statistics.norms.clone(),
            asked: self.asked(weight),
            is_scored: true,
            deadline: self.deadline.clone(),
            fields,
        };
        *shared = Some((names, statistics));
        Ok(weight)
    }

    /// What is looked for in each language.
    fn asked(&self, weight: Score) -> Vec<Asked> {
        in_languages(&self.slots)
            .into_iter()
            .map(|terms| Asked { kind: Kind::Sequence, terms, weight })
            .collect()
    }
}

/// The terms of places, language by language.
pub(super) fn in_languages(slots: &[Vec<String>]) -> Vec<Vec<String>> {
    let languages = slots.iter().map(Vec::len).max().unwrap_or(0);
    let term = |slot: &Vec<String>, language: usize| slot.get(language).or(slot.last()).cloned();
    (0..languages).map(|language| slots.iter().filter_map(|slot| term(slot, language)).collect()).collect()
}

impl fmt::Debug for WordQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "WordQuery({})",
            in_languages(&self.slots)
                .iter()
                .map(|terms| shown(terms).join(" "))
                .collect::<Vec<_>>()
                .join(" | ")
        )
    }
}

impl Query for WordQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        match scoring {
            EnableScoring::Enabled { searcher, .. } => Ok(Box::new(self.scored(searcher, &mut None)?)),
            EnableScoring::Disabled { .. } => self.unscored(scoring),
        }
    }
}

/// Pairs of words, each better near to each other. It matches articles that have both words of any pair in one field, and is
/// meant to stand beside the words, as a part that adds to their score and finds nothing new.
#[derive(Clone)]
pub(crate) struct PairsQuery {
    fields: Vec<Weighted>,
    pairs: Vec<[String; 2]>,
    deadline: Deadline,
}

impl PairsQuery {
    pub(crate) fn new(fields: &Fields, pairs: Vec<[String; 2]>, deadline: &Deadline) -> Self {
        let fields = fields_of(fields, Scope::Anywhere);
        Self { fields, pairs, deadline: deadline.clone() }
    }
}

impl fmt::Debug for PairsQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.pairs.iter().map(|pair| shown(pair).join(" ")).collect();
        write!(f, "PairsQuery({})", pairs.join(", "))
    }
}

impl PairsQuery {
    pub(super) fn scored(&self, searcher: &Searcher) -> tantivy::Result<FieldsWeight> {
        let statistics = Statistics::read(searcher, &self.fields, &self.deadline)?;
        let mut asked = Vec::with_capacity(self.pairs.len());
        for pair in &self.pairs {
            let [first, second] = pair;
            let first = statistics.idf(searcher, &self.fields, std::slice::from_ref(first))?;
            let second = statistics.idf(searcher, &self.fields, std::slice::from_ref(second))?;
            let weight = PAIR_WEIGHT * first.min(second);
            asked.push(Asked { kind: Kind::Near, terms: pair.to_vec(), weight });
        }
        Ok(FieldsWeight {
            fields: self.fields.clone().into(),
            averages: statistics.averages,
            norms: statistics.norms,
            asked,
            is_scored: true,
            deadline: self.deadline.clone(),
        })
    }
}

impl Query for PairsQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        match scoring {
            EnableScoring::Enabled { searcher, .. } => Ok(Box::new(self.scored(searcher)?)),
            // Where nothing is scored it adds nothing.
            EnableScoring::Disabled { .. } => Ok(Box::new(FieldsWeight {
                fields: Arc::from([]),
                averages: Vec::new(),
                norms: Vec::new(),
                asked: Vec::new(),
                is_scored: false,
                deadline: self.deadline.clone(),
            })),
        }
    }
}

/// Terms without the mark of stems.
fn shown(terms: &[String]) -> Vec<&str> {
    terms.iter().map(|term| analyzer::shown(term)).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One after the other; occurrences are counted when an article is looked for.
    Sequence,
    /// The second soon behind the first; counted when an article is scored.
    Near,
}

#[derive(Clone)]
pub(super) struct Asked {
    kind: Kind,
    pub(super) terms: Vec<String>,
    /// What the saturated frequency is multiplied with.
    pub(super) weight: Score,
}

impl Asked {
    /// How often it can occur for each occurrence of one of its terms.
    pub(super) fn most(&self, place: usize) -> Score {
        match self.kind {
            // A second term may stand soon behind several of the first.
            Kind::Near if place > 0 => PAIR_WINDOW as Score,
            _ => 1.0,
        }
    }
}

/// What is asked for over several fields of an index.
pub(super) struct FieldsWeight {
    fields: Arc<[Weighted]>,
    averages: Vec<Score>,
    /// Inverse norms of each field where it is scored.
    norms: Vec<Arc<[Score; 256]>>,
    asked: Vec<Asked>,
    is_scored: bool,
    deadline: Deadline,
}

impl FieldsWeight {
    /// The fields together, as a name.
    pub(super) fn scope_name(&self) -> &'static str {
        scope_name(&self.fields)
    }

    pub(super) fn averages(&self) -> &[Score] {
        &self.averages
    }

    /// The sequences or pairs any of which is looked for.
    pub(super) fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// The articles that have it, where they are kept for all of it.
    pub(super) fn kept(&self, reader: &SegmentReader, bounds: &Bounds) -> Option<Arc<Bits>> {
        let is_word = self.asked.iter().all(|asked| asked.terms.len() == 1);
        let terms = self.asked.iter().flat_map(|asked| &asked.terms).map(String::as_str);
        if is_word { bounds.articles(reader, self.scope_name(), terms) } else { None }
    }

    /// All that is asked for as one scorer; `None` where the segment has nothing of it.
    pub(super) fn opened(&self, reader: &SegmentReader) -> tantivy::Result<Option<SumScorer>> {
        Ok(SumScorer::of(self.open(reader)?))
    }

    /// A term in the same fields.
    pub(super) fn open_term(
        &self,
        reader: &SegmentReader,
        term: &str,
    ) -> tantivy::Result<Option<FieldsScorer>> {
        let asked = Asked { kind: Kind::Sequence, terms: vec![term.to_owned()], weight: 1.0 };
        Ok(self.open_asked(reader, &[asked])?.pop())
    }

    /// The scorers of all that is asked for and that the segment has.
    fn open(&self, reader: &SegmentReader) -> tantivy::Result<Vec<FieldsScorer>> {
        self.open_asked(reader, &self.asked)
    }

    fn open_asked(&self, reader: &SegmentReader, asked: &[Asked]) -> tantivy::Result<Vec<FieldsScorer>> {
        let titles = if self.is_scored { Weighted::titles(&self.fields, reader)? } else { None };
        let mut scorers = Vec::with_capacity(asked.len());
        for (number, asked) in asked.iter().enumerate() {
            let mut parts = Vec::with_capacity(self.fields.len());
            for (at, part) in self.fields.iter().enumerate() {
                let Some(cursor) = Cursor::open(reader, part, asked, self.is_scored, &self.deadline)? else {
                    continue;
                };
                let norms = match self.norms.get(at) {
                    Some(norms) => Some((part.lengths(reader)?, Arc::clone(norms))),
                    None => None,
                };
                parts.push(FieldPart { part: *part, cursor, norms });
            }
            let scorer =
                FieldsScorer { asked: number, weight: asked.weight, parts, titles: titles.clone(), doc: 0 };
            let scorer = scorer.started();
            if scorer.doc != TERMINATED {
                scorers.push(scorer);
            }
        }
        Ok(scorers)
    }
}

/// Inverse norms by the code of the field's length.
fn norm_table(b: Score, average: Score) -> Arc<[Score; 256]> {
    let mut table = [0.0; 256];
    for (code, norm) in table.iter_mut().enumerate() {
        *norm = inverse_norm(b, FieldNormReader::id_to_fieldnorm(code as u8), average);
    }
    Arc::new(table)
}

impl Weight for FieldsWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorers = self.open(reader)?;
        for scorer in &mut scorers {
            scorer.weight *= boost;
        }
        Ok(match scorers.len() {
            1 => Box::new(scorers.remove(0)),
            _ => match SumScorer::of(scorers) {
                Some(sum) => Box::new(sum),
                None => Box::new(EmptyScorer),
            },
        })
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut parts = Vec::new();
        for mut scorer in self.open(reader)? {
            if scorer.doc <= doc && scorer.seek(doc) == doc {
                parts.push(scorer.explain(&self.asked[scorer.asked]));
            }
        }
        match parts.len() {
            0 => Err(TantivyError::InvalidArgument(format!("Document #({doc}) does not match"))),
            1 => Ok(parts.remove(0)),
            _ => {
                let total = parts.iter().map(Explanation::value).sum();
                let mut sum = Explanation::new("near to each other, sum of", total);
                for part in parts {
                    sum.add_detail(part);
                }
                Ok(sum)
            }
        }
    }
}

#[derive(Clone)]
struct FieldPart {
    part: Weighted,
    cursor: Cursor,
    /// Where it is scored.
    norms: Option<(Lengths, Arc<[Score; 256]>)>,
}

/// Scores one word or pair over the fields of a segment.
#[derive(Clone)]
pub(super) struct FieldsScorer {
    /// Number of what is asked for.
    asked: usize,
    weight: Score,
    parts: Vec<FieldPart>,
    titles: Option<Column<u64>>,
    doc: DocId,
}

impl FieldsScorer {
    fn started(mut self) -> Self {
        self.doc = self.first();
        self
    }

    /// Looks no further than this article for now, and in the only field for no match that scores no more than a bar.
    fn bound(&mut self, until: DocId, bar: Score) {
        let is_alone = self.parts.len() == 1;
        for FieldPart { part, cursor, norms } in &mut self.parts {
            let Cursor::Terms(terms) = cursor else { continue };
            terms.until = until;
            if bar > 0.0
                && is_alone
                && part.role == Part::Finds
                && let Some((Lengths::Codes(codes), norms)) = norms
            {
                let gate = terms.gate.get_or_insert_with(|| Gate {
                    codes: codes.clone(),
                    norms: Arc::clone(norms),
                    part: part.weight,
                    weight: self.weight,
                    bar,
                });
                gate.bar = bar / (1.0 + 1.0 / 65_536.0);
            }
        }
    }

    /// Articles to go over, about.
    pub(super) fn articles(&self) -> u64 {
        let of = |part: &FieldPart| match &part.cursor {
            Cursor::Term(postings) => u64::from(postings.doc_freq()),
            Cursor::Terms(terms) => {
                let rarest = terms.order.first().map(|number| terms.postings[*number].doc_freq());
                u64::from(rarest.unwrap_or(0))
            }
        };
        self.parts.iter().map(of).sum()
    }

    fn first(&self) -> DocId {
        self.parts.iter().map(|part| part.cursor.doc()).min().unwrap_or(TERMINATED)
    }

    /// Calls back with each field that has an occurrence: the field, the weight that counts, occurrences, inverse norm.
    fn occurrences(&mut self, mut found: impl FnMut(&Weighted, Score, u32, Score)) {
        let doc = self.doc;
        for FieldPart { part, cursor, norms } in &mut self.parts {
            if cursor.seek(doc) != doc {
                continue;
            }
            let weight = part.weight_in(self.titles.as_ref(), doc);
            let norm = norms.as_ref().map_or(1.0, |(lengths, table)| table[lengths.code(doc)]);
            if weight > 0.0 {
                found(part, weight, cursor.count(), norm);
            }
        }
    }

    fn explain(&mut self, asked: &Asked) -> Explanation {
        let mut tf = 0.0;
        let mut parts = Vec::new();
        self.occurrences(|part, weight, count, norm| {
            tf += weight * count as Score * norm;
            let mut detail = Explanation::new_with_string(
                format!("in {}, occurrences × weight / length norm", part.name),
                weight * count as Score * norm,
            );
            detail.add_const("occurrences", count as Score);
            detail.add_const("weight of the field", weight);
            detail.add_const("1 − b + b × length / average length", 1.0 / norm);
            parts.push(detail);
        });
        let name = shown(&asked.terms).join(" ");
        let what = match asked.kind {
            Kind::Sequence => format!("BM25F of {name}"),
            Kind::Near => format!("{name} near to each other"),
        };
        let mut explanation =
            Explanation::new_with_string(format!("{what}, product of"), self.weight * saturated(tf));
        explanation.add_const(
            match asked.kind {
                Kind::Sequence => "idf, ln(1 + (N − n + 0.5) / (n + 0.5))",
                Kind::Near => "smaller idf of the two × weight of near pairs",
            },
            self.weight,
        );
        let mut frequency = Explanation::new("frequency over all fields, saturated", saturated(tf));
        for part in parts {
            frequency.add_detail(part);
        }
        explanation.add_detail(frequency);
        explanation
    }
}

impl FieldsScorer {
    /// The frequency over all fields, normed and weighted.
    pub(super) fn frequency(&mut self) -> Score {
        // Most words are looked for in one field.
        if let [
            FieldPart { part, cursor: Cursor::Term(postings), norms: Some((Lengths::Codes(codes), norms)) },
        ] = &self.parts[..]
            && part.role == Part::Finds
        {
            let norm = norms[usize::from(codes.fieldnorm_id(self.doc))];
            return part.weight * postings.term_freq() as Score * norm;
        }
        let mut tf = 0.0;
        self.occurrences(|_, weight, count, norm| tf += weight * count as Score * norm);
        tf
    }
}

impl DocSet for FieldsScorer {
    fn advance(&mut self) -> DocId {
        if let [part] = &mut self.parts[..] {
            self.doc = match &mut part.cursor {
                Cursor::Term(postings) => postings.advance(),
                terms @ Cursor::Terms(_) => terms.advance(),
            };
            return self.doc;
        }
        let doc = self.doc;
        let mut next = TERMINATED;
        for part in &mut self.parts {
            let at = if part.cursor.doc() == doc { part.cursor.advance() } else { part.cursor.doc() };
            next = next.min(at);
        }
        self.doc = next;
        next
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if let [FieldPart { cursor: Cursor::Term(postings), .. }] = &mut self.parts[..] {
            if self.doc < target {
                self.doc = postings.seek(target);
            }
            return self.doc;
        }
        let mut next = TERMINATED;
        for part in &mut self.parts {
            next = next.min(part.cursor.seek(target));
        }
        self.doc = next;
        next
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.parts.iter().map(|part| part.cursor.size_hint()).max().unwrap_or(0)
    }

    fn cost(&self) -> u64 {
        self.parts.iter().map(|part| part.cursor.cost()).sum()
    }
}

impl Scorer for FieldsScorer {
    fn score(&mut self) -> Score {
        self.weight * saturated(self.frequency())
    }
}

/// The sum of several.
#[derive(Clone)]
pub(super) struct SumScorer {
    scorers: Vec<FieldsScorer>,
    doc: DocId,
}

impl SumScorer {
    /// `None` where there is none.
    fn of(scorers: Vec<FieldsScorer>) -> Option<Self> {
        let doc = scorers.iter().map(|scorer| scorer.doc).min()?;
        Some(Self { scorers, doc })
    }

    /// Looks no further than this article for now, and for no match that scores no more than a bar. No article has a match
    /// of two of the scorers.
    pub(super) fn bound(&mut self, until: DocId, bar: Score) {
        self.scorers.iter_mut().for_each(|scorer| scorer.bound(until, bar));
    }

    pub(super) fn has_sequences(&self) -> bool {
        let mut parts = self.scorers.iter().flat_map(|scorer| &scorer.parts);
        parts.any(|part| matches!(part.cursor, Cursor::Terms(_)))
    }

    /// Articles to go over, about.
    pub(super) fn articles(&self) -> u64 {
        self.scorers.iter().map(FieldsScorer::articles).sum()
    }

    /// Articles of all its terms, one after the other.
    pub(super) fn postings(&self) -> u64 {
        let of = |part: &FieldPart| match &part.cursor {
            Cursor::Term(postings) => u64::from(postings.doc_freq()),
            Cursor::Terms(terms) => {
                terms.postings.iter().map(|postings| u64::from(postings.doc_freq())).sum()
            }
        };
        self.scorers.iter().flat_map(|scorer| &scorer.parts).map(of).sum()
    }
}

impl DocSet for SumScorer {
    #[inline]
    fn advance(&mut self) -> DocId {
        if let [scorer] = &mut self.scorers[..] {
            self.doc = scorer.advance();
            return self.doc;
        }
        let doc = self.doc;
        let mut next = TERMINATED;
        for scorer in &mut self.scorers {
            next = next.min(if scorer.doc == doc { scorer.advance() } else { scorer.doc });
        }
        self.doc = next;
        next
    }

    #[inline]
    fn seek(&mut self, target: DocId) -> DocId {
        if let [scorer] = &mut self.scorers[..] {
            self.doc = scorer.seek(target);
            return self.doc;
        }
        let mut next = TERMINATED;
        for scorer in &mut self.scorers {
            next = next.min(scorer.seek(target));
        }
        self.doc = next;
        next
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.scorers.iter().map(DocSet::size_hint).max().unwrap_or(0)
    }

    fn cost(&self) -> u64 {
        self.scorers.iter().map(DocSet::cost).sum()
    }
}

impl Scorer for SumScorer {
    fn score(&mut self) -> Score {
        if let [scorer] = &mut self.scorers[..] {
            return scorer.score();
        }
        let doc = self.doc;
        self.scorers.iter_mut().filter(|scorer| scorer.doc == doc).map(Scorer::score).sum()
    }
}

#[cfg(test)]
mod tests;
