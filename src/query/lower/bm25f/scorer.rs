//! Going over the articles with a word or a pair of words, and scoring them.

use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::query::{EmptyScorer, Explanation, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::cursor::{Cursor, Gate};
use super::fields::{Lengths, Part, Weighted, scope_name};
use super::{K1, PAIR_WINDOW, saturated, shown};
use crate::control::Deadline;
use crate::query::lower::does_not_match;
use crate::query::lower::prune::Bounds;
use crate::query::lower::unscored::Bits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One after the other; occurrences are counted when an article is looked for.
    Sequence,
    /// The second soon behind the first; counted when an article is scored.
    Near,
}

#[derive(Clone)]
pub(crate) struct Asked {
    pub(super) kind: Kind,
    pub(crate) terms: Vec<String>,
    /// What the saturated frequency is multiplied with.
    pub(crate) weight: Score,
}

impl Asked {
    /// How often it can occur for each occurrence of one of its terms.
    pub(crate) fn most(&self, place: usize) -> Score {
        match self.kind {
            // A second term may stand soon behind several of the first.
            Kind::Near if place > 0 => PAIR_WINDOW as Score,
            _ => 1.0,
        }
    }
}

/// What is asked for over several fields of an index.
pub(crate) struct FieldsWeight {
    pub(super) fields: Arc<[Weighted]>,
    pub(super) averages: Vec<Score>,
    /// Inverse norms of each field where it is scored.
    pub(super) norms: Vec<Arc<[Score; 256]>>,
    pub(super) asked: Vec<Asked>,
    pub(super) is_scored: bool,
    pub(super) deadline: Deadline,
}

impl FieldsWeight {
    /// The fields together, as a name.
    pub(crate) fn scope_name(&self) -> &'static str {
        scope_name(&self.fields)
    }

    pub(crate) fn averages(&self) -> &[Score] {
        &self.averages
    }

    /// The sequences or pairs any of which is looked for.
    pub(crate) fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// What it can score at most.
    pub(crate) fn most(&self) -> Score {
        (K1 + 1.0) * self.asked.iter().map(|asked| asked.weight).sum::<Score>()
    }

    /// The word or sequence that is all that is looked for.
    pub(crate) fn only(&self) -> Option<&Asked> {
        match &self.asked[..] {
            [asked] if asked.kind == Kind::Sequence => Some(asked),
            _ => None,
        }
    }

    /// The articles that have it, where they are kept for all of it.
    pub(crate) fn kept(&self, reader: &SegmentReader, bounds: &Bounds) -> Option<Arc<Bits>> {
        if self.asked.iter().any(|asked| asked.kind == Kind::Near) {
            return None;
        }
        bounds.articles(reader, self.scope_name(), self.asked.iter().map(|asked| &asked.terms[..]))
    }

    /// Whether the time is up.
    pub(crate) fn is_over(&self) -> bool {
        self.deadline.is_over()
    }

    /// All that is asked for as one scorer; `None` where the segment has nothing of it.
    pub(crate) fn opened(&self, reader: &SegmentReader) -> tantivy::Result<Option<SumScorer>> {
        Ok(SumScorer::of(self.open(reader)?))
    }

    /// A term or a sequence of terms in the same fields.
    pub(crate) fn open_sequence(
        &self,
        reader: &SegmentReader,
        terms: &[String],
    ) -> tantivy::Result<Option<FieldsScorer>> {
        let asked = Asked { kind: Kind::Sequence, terms: terms.to_vec(), weight: 1.0 };
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
            0 => Err(does_not_match(doc)),
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
pub(crate) struct FieldsScorer {
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
    pub(crate) fn articles(&self) -> u64 {
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
    pub(crate) fn frequency(&mut self) -> Score {
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
pub(crate) struct SumScorer {
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
    pub(crate) fn bound(&mut self, until: DocId, bar: Score) {
        self.scorers.iter_mut().for_each(|scorer| scorer.bound(until, bar));
    }

    pub(crate) fn has_sequences(&self) -> bool {
        let mut parts = self.scorers.iter().flat_map(|scorer| &scorer.parts);
        parts.any(|part| matches!(part.cursor, Cursor::Terms(_)))
    }

    /// Articles to go over, about.
    pub(crate) fn articles(&self) -> u64 {
        self.scorers.iter().map(FieldsScorer::articles).sum()
    }

    /// Of the articles of sequences those that were gone over.
    pub(crate) fn gone_over(&self) -> u64 {
        let of = |part: &FieldPart| match &part.cursor {
            Cursor::Term(_) => 0,
            Cursor::Terms(terms) => terms.gone_over,
        };
        self.scorers.iter().flat_map(|scorer| &scorer.parts).map(of).sum()
    }

    /// Articles of all its terms, one after the other.
    pub(crate) fn postings(&self) -> u64 {
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
