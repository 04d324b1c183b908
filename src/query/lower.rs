//! A [`Query`] to a query of the index, with what has to be known beside it: what to highlight, which companies' salience
//! counts, what a reader should be told.
//!
//! Set-theoretically exact: a node matches the articles that its documentation says, at any nesting. Scores come from
//! words and phrases alone; names, dates and numbers only choose.

mod bm25f;
mod expand;
mod names;
mod span;

use std::ops::Bound as Limit;
use std::sync::Arc;

use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, ExistsQuery, Occur, Query as IndexQuery,
    RangeQuery, TermSetQuery,
};
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::error::{Error, ErrorKind, Result};
use crate::index::analyzer::stem_term;
use crate::index::schema::Fields;
use crate::query::{
    Bound, NameField, NamePattern, NameReference, Node, Proximity, Query, Scope, TextAtom, ValueField,
};
use crate::tag::Gazetteer;
use crate::text::is_function_word;
use crate::text::stem::EnglishStemmer;
use crate::text::token::Words;

use bm25f::{PairsQuery, WordQuery};
use span::SpanQuery;
pub(crate) use span::span_from;

/// How much more a pattern that matches in the headline counts than one in the body.
const TITLE_WEIGHT: f32 = 2.5;

/// Most terms that patterns of one query may stand for.
const MAX_EXPANSIONS: usize = 1024;

/// Most clauses of a query.
const MAX_CLAUSES: usize = 1024;

/// Most words of a phrase.
const MAX_PHRASE: usize = 64;

/// Most words that a phrase may leave out.
const MAX_SLOP: u32 = 50;

/// Longest regular expression, in bytes.
const MAX_REGEX: usize = 200;

/// What the index is asked.
pub(crate) struct Lowered {
    /// The query of the index.
    pub(crate) query: Box<dyn IndexQuery>,
    /// What a match is made of; nothing of what is excluded.
    pub(crate) marks: Vec<Mark>,
    /// Companies and divisions asked for, by path: their salience ranks.
    pub(crate) asked: Vec<String>,
    /// Whether words or phrases give the articles a score of their own.
    pub(crate) is_scored: bool,
    /// How many words were asked for, each as often as its boost says: what further words are weighed against.
    pub(crate) words: f32,
    /// Whether the query says when, so that freshness must not rank.
    pub(crate) is_dated: bool,
    /// What a reader should know.
    pub(crate) notes: Vec<String>,
    /// How the query was read, a node a line.
    pub(crate) outline: String,
}

/// A part of a query that can be seen in an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Terms one after the other; each place takes any of its terms. `slop` more words may stand between.
    Text { scope: Scope, slots: Vec<Vec<String>>, slop: u32 },
    /// Mentions of a company or division.
    Tag(String),
    /// Mentions that prove a topic.
    Topic(String),
}

/// What lowering looks things up in.
pub(crate) struct Lookup<'a> {
    pub(crate) fields: Fields,
    pub(crate) searcher: &'a Searcher,
    /// Read when a name has to be resolved.
    pub(crate) gazetteer: &'a dyn Fn() -> Result<Arc<Gazetteer>>,
    /// The present, for relative dates.
    pub(crate) now: i64,
    /// Whether words that are joined by OR belong together, as those of a question do.
    pub(crate) is_bag: bool,
    /// The text that was typed and the names in it, to point at an unknown one.
    pub(crate) typed: Option<(&'a str, &'a [NameReference])>,
}

/// Lowers a query.
pub(crate) fn lower(query: &Query, lookup: &Lookup<'_>) -> Result<Lowered> {
    let mut lowering = Lowering {
        lookup,
        stemmer: EnglishStemmer::new(),
        marks: Vec::new(),
        asked: Vec::new(),
        is_scored: false,
        words: 0.0,
        boost: 1.0,
        is_dated: false,
        notes: Vec::new(),
        outline: String::new(),
        depth: 0,
        expansions: 0,
        clauses: 0,
        is_negated: false,
    };
    let query = lowering.node(&query.root)?;
    let Lowering { marks, asked, is_scored, words, is_dated, notes, outline, .. } = lowering;
    Ok(Lowered { query, marks, asked, is_scored, words, is_dated, notes, outline })
}

/// Any of the terms in headline or body, each with its weight.
pub(crate) fn weighted_terms(fields: &Fields, terms: &[(String, f32)]) -> Box<dyn IndexQuery> {
    let words = terms.iter().map(|(term, weight)| -> Box<dyn IndexQuery> {
        let word = WordQuery::new(fields, Scope::Anywhere, vec![term.clone()]);
        Box::new(BoostQuery::new(Box::new(word), *weight))
    });
    Box::new(BooleanQuery::union(words.collect()))
}

/// Lowers a facet filter: any of its values. What it asks for is added to what the query does.
pub(crate) fn lower_filter(
    field: NameField,
    values: &[String],
    lookup: &Lookup<'_>,
    lowered: &mut Lowered,
) -> Result<Box<dyn IndexQuery>> {
    let clauses = values.iter().map(|value| Node::Name { field, pattern: NamePattern::Exact(value.clone()) });
    let root = Node::any(clauses.collect()).unwrap_or(Node::All);
    let filter = lower(&Query { root }, lookup)?;
    for path in filter.asked {
        if !lowered.asked.contains(&path) {
            lowered.asked.push(path);
        }
    }
    for mark in filter.marks {
        if !lowered.marks.contains(&mark) {
            lowered.marks.push(mark);
        }
    }
    lowered.notes.extend(filter.notes);
    lowered.outline.push_str("only\n");
    for line in filter.outline.lines() {
        lowered.outline.push_str(&format!("  {line}\n"));
    }
    Ok(filter.query)
}

struct Lowering<'a> {
    lookup: &'a Lookup<'a>,
    stemmer: EnglishStemmer,
    marks: Vec<Mark>,
    asked: Vec<String>,
    is_scored: bool,
    words: f32,
    /// Product of the boosts around a node.
    boost: f32,
    is_dated: bool,
    notes: Vec<String>,
    outline: String,
    depth: usize,
    expansions: usize,
    clauses: usize,
    /// Inside of an odd number of negations: nothing there is highlighted or ranks.
    is_negated: bool,
}

type Lower = Result<Box<dyn IndexQuery>>;

/// Chooses without scoring.
fn filter(query: impl IndexQuery) -> Box<dyn IndexQuery> {
    Box::new(ConstScoreQuery::new(Box::new(query), 0.0))
}

impl Lowering<'_> {
    fn say(&mut self, line: impl AsRef<str>) {
        self.outline.extend(std::iter::repeat_n("  ", self.depth));
        self.outline.push_str(line.as_ref());
        self.outline.push('\n');
    }

    fn node(&mut self, node: &Node) -> Lower {
        self.clauses += 1;
        if self.clauses > MAX_CLAUSES {
            return Err(Error::new(ErrorKind::Query, format!("the query has more than {MAX_CLAUSES} parts"))
                .with_hint("run it in parts"));
        }
        match node {
            Node::All => {
                self.say("every article");
                Ok(filter(AllQuery))
            }
            Node::And { clauses } => {
                self.say("all of");
                self.group(clauses, Occur::Must)
            }
            Node::Or { clauses } => {
                self.say("any of");
                self.group(clauses, Occur::Should)
            }
            Node::Not { .. } => self.group(std::slice::from_ref(node), Occur::Must),
            Node::Boost { clause, factor } => {
                self.say(format!("{factor} times the score of"));
                self.depth += 1;
                let outer = self.boost;
                self.boost *= factor;
                let inner = self.node(clause)?;
                self.boost = outer;
                self.depth -= 1;
                Ok(Box::new(BoostQuery::new(inner, *factor)))
            }
            Node::Text { scope, atom } => self.text(*scope, atom),
            Node::Name { field, pattern } => self.name(*field, pattern),
            Node::HasName { field } => self.has_name(*field),
            Node::Range { field, lower, upper } => Ok(self.range(*field, lower, upper)),
            Node::HasValue { field } => {
                self.say(format!("has a {}", field.as_str()));
                if field.is_date() && *field == ValueField::Date {
                    self.is_dated |= !self.is_negated;
                }
                Ok(filter(ExistsQuery::new(column_of(*field).to_owned(), false)))
            }
            Node::Near { proximity, .. } => Err(not_yet(match proximity {
                Proximity::Near { .. } => "NEAR",
                Proximity::Before { .. } => "PRE",
                Proximity::Paragraph => "SAME",
                Proximity::Sentence => "SENT",
            })),
            Node::AtLeast { .. } => Err(not_yet("ATLEAST")),
        }
    }

    /// Clauses under one operator. What is negated becomes an exclusion in a conjunction and a complement elsewhere.
    fn group(&mut self, clauses: &[Node], occur: Occur) -> Lower {
        self.depth += 1;
        let mut parts: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::new();
        let mut is_positive = false;
        let merged = if self.lookup.is_bag { merged(clauses) } else { Vec::new() };
        for clause in if merged.is_empty() { clauses } else { &merged } {
            let Node::Not { clause: inner } = clause else {
                is_positive = true;
                parts.push((occur, self.node(clause)?));
                continue;
            };
            self.say("not");
            self.depth += 1;
            self.is_negated = !self.is_negated;
            let excluded = self.node(inner)?;
            self.is_negated = !self.is_negated;
            self.depth -= 1;
            if occur == Occur::Must {
                parts.push((Occur::MustNot, excluded));
            } else {
                let rest =
                    BooleanQuery::new(vec![(Occur::Must, filter(AllQuery)), (Occur::MustNot, excluded)]);
                parts.push((occur, Box::new(rest)));
            }
        }
        if !is_positive && occur == Occur::Must {
            parts.push((Occur::Must, filter(AllQuery)));
        }
        self.depth -= 1;
        let group: Box<dyn IndexQuery> = Box::new(BooleanQuery::new(parts));
        let pairs = if occur == Occur::Must || self.lookup.is_bag { self.pairs(clauses) } else { Vec::new() };
        if pairs.is_empty() || self.is_negated {
            return Ok(group);
        }
        // Beside the group and not in it: nearness adds to the score of what the group finds.
        let pairs: Box<dyn IndexQuery> = Box::new(PairsQuery::new(&self.lookup.fields, pairs));
        Ok(Box::new(BooleanQuery::new(vec![(Occur::Must, group), (Occur::Should, pairs)])))
    }

    /// Neighbours among plain words; function words between them are passed over.
    fn pairs(&self, clauses: &[Node]) -> Vec<[String; 2]> {
        let mut pairs: Vec<[String; 2]> = Vec::new();
        let mut before: Option<String> = None;
        for clause in clauses {
            let inner = match clause {
                Node::Boost { clause, .. } => clause,
                other => other,
            };
            let word = match inner {
                Node::Text { scope: Scope::Anywhere, atom: TextAtom::Word { text } } => forms(text),
                _ => Vec::new(),
            };
            let [(form, is_foreign)] = &word[..] else {
                before = None;
                continue;
            };
            if is_function_word(form) {
                continue;
            }
            let term = stem_term(&self.stemmer, form, *is_foreign);
            if let Some(first) = before.replace(term.clone()) {
                let pair = [first, term];
                if pair[0] != pair[1] && !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
        }
        pairs
    }

    /// Text fields of a scope with their weights.
    fn text_fields(&self, scope: Scope) -> Vec<(Field, f32)> {
        let fields = &self.lookup.fields;
        match scope {
            Scope::Anywhere => vec![(fields.title, TITLE_WEIGHT), (fields.body, 1.0)],
            Scope::Title => vec![(fields.title, 1.0)],
            Scope::Lead => vec![(fields.lead, 1.0)],
            Scope::Body => vec![(fields.body, 1.0)],
        }
    }

    /// The same question to every field of a scope; the scores add up.
    fn in_fields(&self, scope: Scope, ask: impl Fn(Field) -> Box<dyn IndexQuery>) -> Box<dyn IndexQuery> {
        let mut parts: Vec<Box<dyn IndexQuery>> = self
            .text_fields(scope)
            .into_iter()
            .map(|(field, weight)| -> Box<dyn IndexQuery> {
                if (weight - 1.0).abs() < f32::EPSILON {
                    ask(field)
                } else {
                    Box::new(BoostQuery::new(ask(field), weight))
                }
            })
            .collect();
        match parts.len() {
            1 => parts.remove(0),
            _ => Box::new(BooleanQuery::union(parts)),
        }
    }

    fn mark(&mut self, mark: Mark) {
        if !self.is_negated && !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
    }

    fn text(&mut self, scope: Scope, atom: &TextAtom) -> Lower {
        if !self.is_negated {
            self.is_scored = true;
            self.words += self.boost;
        }
        let place = match scope {
            Scope::Anywhere => "in title or body",
            Scope::Title => "in title",
            Scope::Lead => "in lead",
            Scope::Body => "in body",
        };
        match atom {
            TextAtom::Word { text } => {
                let terms: Vec<String> = forms(text)
                    .into_iter()
                    .map(|(form, is_foreign)| stem_term(&self.stemmer, &form, is_foreign))
                    .collect();
                let shown: Vec<&str> = terms.iter().map(|term| &term[1..]).collect();
                self.say(format!("word {} {place}", shown.join(" ")));
                Ok(self.words(scope, terms))
            }
            TextAtom::Phrase { text, slop, prefix } => {
                self.say(format!(
                    "phrase \"{text}\"{}{} {place}",
                    if *prefix { "*" } else { "" },
                    shown_slop(*slop)
                ));
                self.phrase(scope, text, *slop, *prefix)
            }
            // "t-mob*": the words before the last one stand whole.
            TextAtom::Prefix { text } if forms(text).len() > 1 => {
                self.say(format!("phrase \"{text}\"* {place}"));
                self.phrase(scope, text, 0, true)
            }
            TextAtom::Prefix { text } => {
                let pattern = expand::prefix(&crate::text::fold(text));
                self.expanded(scope, &format!("{text}*"), place, &pattern)
            }
            TextAtom::Wildcard { pattern: text } => {
                let pattern = expand::wildcard(&crate::text::fold(text))?;
                self.expanded(scope, text, place, &pattern)
            }
            TextAtom::Fuzzy { text, distance } => {
                let word = forms(text).into_iter().map(|(form, _)| form).collect::<Vec<_>>().concat();
                if word.chars().count() > 64 {
                    return Err(Error::new(ErrorKind::Query, "a misspelt word has at most 64 letters")
                        .with_hint("shorten it, or quote it"));
                }
                let pattern = expand::fuzzy(&word, usize::from(*distance));
                self.expanded(scope, &format!("{text}~{distance}"), place, &pattern)
            }
            TextAtom::Regex { pattern: text } => {
                if text.len() > MAX_REGEX {
                    let message = format!(
                        "a regular expression has at most {MAX_REGEX} bytes, this one {}",
                        text.len()
                    );
                    return Err(Error::new(ErrorKind::Query, message).with_hint("shorten it"));
                }
                let pattern = expand::regex(text)?;
                self.expanded(scope, &format!("/{text}/"), place, &pattern)
            }
        }
    }

    /// Terms one after the other, as a word that the tokenizer splits has them.
    fn words(&mut self, scope: Scope, terms: Vec<String>) -> Box<dyn IndexQuery> {
        if terms.is_empty() {
            return Box::new(EmptyQuery);
        }
        let query = Box::new(WordQuery::new(&self.lookup.fields, scope, terms.clone()));
        let slots = terms.into_iter().map(|term| vec![term]).collect();
        self.mark(Mark::Text { scope, slots, slop: 0 });
        query
    }

    fn phrase(&mut self, scope: Scope, text: &str, slop: u32, prefix: bool) -> Lower {
        let terms: Vec<String> = forms(text).into_iter().map(|(form, _)| form).collect();
        if terms.len() > MAX_PHRASE {
            let message = format!("a quotation has at most {MAX_PHRASE} words, this one {}", terms.len());
            return Err(Error::new(ErrorKind::Query, message).with_hint("shorten it"));
        }
        if slop > MAX_SLOP {
            let message = format!("a quotation may leave out at most {MAX_SLOP} words");
            return Err(Error::new(ErrorKind::Query, message).with_hint(format!("write ~{MAX_SLOP} or less")));
        }
        if !prefix && (slop == 0 || terms.len() < 2) {
            return Ok(self.words(scope, terms));
        }
        let mut slots: Vec<Vec<String>> = terms.iter().map(|term| vec![term.clone()]).collect();
        if prefix && let Some(last) = terms.last() {
            let fields: Vec<Field> = self.text_fields(scope).into_iter().map(|(field, _)| field).collect();
            let expansions = self.expand(&fields, &expand::prefix(last), &format!("\"{text}\"*"))?;
            if let Some(slot) = slots.last_mut() {
                *slot = expansions;
            }
        }
        if slots.iter().any(Vec::is_empty) {
            return Ok(Box::new(EmptyQuery));
        }
        let query = self.in_fields(scope, |field| Box::new(SpanQuery::new(field, slots.clone(), slop)));
        self.mark(Mark::Text { scope, slots, slop });
        Ok(query)
    }

    /// All words of the index that fit a pattern. Each match scores the same, because how rare the words are that a
    /// pattern happens to catch says nothing of what was meant.
    fn expanded(&mut self, scope: Scope, shown: &str, place: &str, pattern: &expand::Pattern) -> Lower {
        let fields: Vec<Field> = self.text_fields(scope).into_iter().map(|(field, _)| field).collect();
        let terms = self.expand(&fields, pattern, shown)?;
        let mut listed = terms.iter().take(8).cloned().collect::<Vec<_>>().join(" ");
        if terms.len() > 8 {
            listed.push_str(" …");
        }
        self.say(format!("{shown} {place}: {} words: {listed}", terms.len()));
        if terms.is_empty() {
            return Ok(Box::new(EmptyQuery));
        }
        let query = self.in_fields(scope, |field| {
            let set = TermSetQuery::new(terms.iter().map(|term| Term::from_field_text(field, term)));
            Box::new(ConstScoreQuery::new(Box::new(set), 1.0))
        });
        self.mark(Mark::Text { scope, slots: vec![terms], slop: 0 });
        Ok(query)
    }

    /// Looks a pattern up, within what the query may still spend.
    fn expand(&mut self, fields: &[Field], pattern: &expand::Pattern, shown: &str) -> Result<Vec<String>> {
        let left = MAX_EXPANSIONS.saturating_sub(self.expansions);
        let (terms, is_cut) = expand::terms(self.lookup.searcher, fields, pattern, left)?;
        if is_cut {
            self.notes.push(format!(
                "{shown} stands for more than {left} words; only the first {left} were looked for"
            ));
        }
        self.expansions += terms.len();
        Ok(terms)
    }

    fn range(&mut self, field: ValueField, lower: &Bound, upper: &Bound) -> Box<dyn IndexQuery> {
        let fields = &self.lookup.fields;
        let handle = match field {
            ValueField::Date => fields.published,
            ValueField::Added => fields.added,
            ValueField::Wc => fields.wc,
            ValueField::Salience => fields.salience,
        };
        if field == ValueField::Date {
            self.is_dated |= !self.is_negated;
        }
        self.say(format!("{} in {:?} to {:?}", field.as_str(), lower, upper));
        let now = self.lookup.now;
        // A date stands for a period: a lower end begins with it or behind it, an upper one ends with it or before it.
        let from = match lower {
            Bound::Open => Limit::Unbounded,
            Bound::Date(date) => Limit::Included(Term::from_field_i64(handle, date.period(now).start)),
            Bound::DateExclusive(date) => Limit::Included(Term::from_field_i64(handle, date.period(now).end)),
            Bound::Number(number) => Limit::Included(Term::from_field_u64(handle, *number)),
            Bound::NumberExclusive(number) => Limit::Excluded(Term::from_field_u64(handle, *number)),
        };
        let to = match upper {
            Bound::Open => Limit::Unbounded,
            Bound::Date(date) => Limit::Excluded(Term::from_field_i64(handle, date.period(now).end)),
            Bound::DateExclusive(date) => {
                Limit::Excluded(Term::from_field_i64(handle, date.period(now).start))
            }
            Bound::Number(number) => Limit::Included(Term::from_field_u64(handle, *number)),
            Bound::NumberExclusive(number) => Limit::Excluded(Term::from_field_u64(handle, *number)),
        };
        if matches!((&from, &to), (Limit::Unbounded, Limit::Unbounded)) {
            return filter(ExistsQuery::new(column_of(field).to_owned(), false));
        }
        filter(RangeQuery::new(from, to))
    }
}

/// The column of a value.
fn column_of(field: ValueField) -> &'static str {
    match field {
        ValueField::Date => "published",
        ValueField::Added => "added",
        ValueField::Wc => "wc",
        ValueField::Salience => "salience",
    }
}

/// Clauses with each word once, as often as it occurs in its boost; nothing where no word occurs again.
fn merged(clauses: &[Node]) -> Vec<Node> {
    let mut merged: Vec<(&Node, f32)> = Vec::new();
    for clause in clauses {
        let is_word = matches!(clause, Node::Text { atom: TextAtom::Word { .. }, .. });
        match merged.iter_mut().find(|(known, _)| is_word && *known == clause) {
            Some((_, count)) => *count += 1.0,
            None => merged.push((clause, 1.0)),
        }
    }
    if merged.len() == clauses.len() {
        return Vec::new();
    }
    let boosted = |(clause, count): (&Node, f32)| {
        if count > 1.0 {
            Node::Boost { clause: Box::new(clause.clone()), factor: count }
        } else {
            clause.clone()
        }
    };
    merged.into_iter().map(boosted).collect()
}

/// The words of a text in the form that a query asks for, and whether they have foreign letters.
fn forms(text: &str) -> Vec<(String, bool)> {
    let mut words = Words::new(text);
    let mut forms = Vec::new();
    while let Some(word) = words.next() {
        forms.push((word.specific().to_owned(), word.is_foreign));
    }
    forms
}

fn shown_slop(slop: u32) -> String {
    if slop == 0 { String::new() } else { format!("~{slop}") }
}

fn not_yet(operator: &str) -> Error {
    Error::new(ErrorKind::Query, format!("{operator} can't be searched for yet"))
        .with_hint("put the words in quotes, or join them with AND")
}
