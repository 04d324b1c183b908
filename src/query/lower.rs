//! A [`Query`] to a query of the index, with what has to be known beside it: what to highlight, which companies' salience
//! counts, what a reader should be told.
//!
//! Set-theoretically exact: a node matches the articles that its documentation says, at any nesting. Scores come from
//! words and phrases alone; names, dates and numbers only choose.

mod bm25f;
mod expand;
mod group;
mod names;
mod near;
mod prune;
mod range;
mod related;
mod span;
mod stems;
mod synonyms;
mod unscored;

use std::sync::Arc;

use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, ExistsQuery, Occur, Query as IndexQuery,
    TermSetQuery,
};
use tantivy::schema::Field;
use tantivy::{DocId, Searcher, TantivyError, Term};

use crate::control::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::index::analyzer::{self, stem_term};
use crate::index::schema::Fields;
use crate::query::{
    Bound, NameField, NamePattern, NameReference, Node, Query, SavedQueries, Scope, TextAtom, ValueField,
};
use crate::tag::Gazetteer;
use crate::text::function_words::is_function_word;
use crate::text::stem::Stemmer;
use crate::text::token::{Words, is_cjk};

use bm25f::{PairsQuery, WordQuery};
pub(crate) use group::GroupQuery;
use near::place;
pub(crate) use prune::{Bounds, Lifts, WINDOW};
use range::RangeQuery;
pub(crate) use span::{Slot, Span, Tree};
pub(crate) use stems::doc_freq;
pub use synonyms::Synonyms;

/// How much more a pattern that matches in the headline counts than one in the body.
const TITLE_WEIGHT: f32 = 2.5;

/// Most terms that patterns of one query may stand for.
const MAX_EXPANSIONS: usize = 1024;

/// Most clauses of a query, beside the one that holds them all.
const MAX_CLAUSES: usize = 1024;

/// Most words of a phrase.
const MAX_PHRASE: usize = 64;

/// Most words that a phrase may leave out.
const MAX_SLOP: u32 = 50;

/// Deepest tree. A level of parentheses can hold an `AND` with an `OR` in it.
const MAX_TREE_DEPTH: usize = 100;

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
    /// How the query was read, a node a line; empty where nobody wants to know.
    pub(crate) outline: String,
    /// Plain words that no article has where they are looked for, as typed.
    pub(crate) missing: Vec<(Scope, String)>,
}

/// A part of a query that can be seen in an article.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// Terms one after the other; each place takes any of its terms.
    Text { scope: Scope, slots: Vec<Vec<String>> },
    /// What a tree finds in the title, lead or body.
    Spans { part: Scope, tree: Tree },
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
    /// When to stop.
    pub(crate) deadline: &'a Deadline,
    /// The languages that words may be in, English first.
    pub(crate) stemmers: &'a [Stemmer],
    /// What plain words stand for besides; `None` switches it off.
    pub(crate) synonyms: Option<&'a Synonyms>,
    /// What `search:` names.
    pub(crate) saved: &'a SavedQueries,
    /// How high words score, as far as it was measured.
    pub(crate) bounds: &'a Arc<Bounds>,
    /// Whether somebody wants to know how the query was read.
    pub(crate) is_outlined: bool,
}

/// Lowers a query.
pub(crate) fn lower(query: &Query, lookup: &Lookup<'_>) -> Result<Lowered> {
    let mut lowering = Lowering {
        lookup,
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
        within: Vec::new(),
        missing: Vec::new(),
    };
    let query = lowering.node(&query.root)?;
    let query: Box<dyn IndexQuery> =
        if query.is::<WordQuery>() { grouped(vec![(Occur::Must, query)], lookup.bounds) } else { query };
    let Lowering { marks, asked, is_scored, words, is_dated, notes, outline, missing, .. } = lowering;
    Ok(Lowered { query, marks, asked, is_scored, words, is_dated, notes, outline, missing })
}

/// The words of fields at most so many slips away from one.
pub(crate) fn words_near(
    searcher: &Searcher,
    fields: &[Field],
    word: &str,
    distance: usize,
    deadline: &Deadline,
) -> Result<Vec<String>> {
    Ok(expand::terms(searcher, fields, &expand::fuzzy(word, distance), MAX_EXPANSIONS, deadline)?.0)
}

/// Any of the terms in headline or body, each with its weight.
pub(crate) fn weighted_terms(
    fields: &Fields,
    terms: &[(String, f32)],
    deadline: &Deadline,
) -> Box<dyn IndexQuery> {
    let words = terms.iter().map(|(term, weight)| -> Box<dyn IndexQuery> {
        let word = WordQuery::new(fields, Scope::Anywhere, vec![vec![term.clone()]], deadline);
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
    /// The saved queries that this part stands in.
    within: Vec<String>,
    missing: Vec<(Scope, String)>,
}

type Lower = Result<Box<dyn IndexQuery>>;

/// Parts of a boolean query; as a group where they are words alone.
fn grouped(parts: Vec<(Occur, Box<dyn IndexQuery>)>, bounds: &Arc<Bounds>) -> Box<dyn IndexQuery> {
    match GroupQuery::of(parts, bounds) {
        Ok(group) => Box::new(group),
        Err(parts) => Box::new(BooleanQuery::new(parts)),
    }
}

/// What the engine says where the score of an article is to be explained that is not found.
fn does_not_match(doc: DocId) -> TantivyError {
    TantivyError::InvalidArgument(format!("Document #({doc}) does not match"))
}

/// Chooses without scoring.
fn filter(query: impl IndexQuery) -> Box<dyn IndexQuery> {
    Box::new(ConstScoreQuery::new(Box::new(query), 0.0))
}

impl Lowering<'_> {
    /// A line of the outline, where there is to be one.
    fn say<L: AsRef<str>>(&mut self, line: impl FnOnce() -> L) {
        if self.lookup.is_outlined {
            self.outline.extend(std::iter::repeat_n("  ", self.depth));
            self.outline.push_str(line().as_ref());
            self.outline.push('\n');
        }
    }

    /// Another part of the query.
    fn count_clause(&mut self) -> Result<()> {
        self.clauses += 1;
        if self.clauses > MAX_CLAUSES + 1 {
            return Err(Error::new(ErrorKind::Query, format!("the query has more than {MAX_CLAUSES} parts"))
                .with_hint("run it in parts"));
        }
        // The parser refuses before; a query can also be built by hand.
        if self.depth > MAX_TREE_DEPTH {
            return Err(Error::new(ErrorKind::Query, "the query is nested too deep")
                .with_hint("take some groups away"));
        }
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Lower {
        self.count_clause()?;
        match node {
            Node::All => {
                self.say(|| "every article");
                Ok(filter(AllQuery))
            }
            Node::And { clauses } => {
                self.say(|| "all of");
                self.group(clauses, Occur::Must)
            }
            Node::Or { clauses } => {
                self.say(|| "any of");
                self.group(clauses, Occur::Should)
            }
            Node::Several { minimum, clauses } => {
                self.say(|| format!("at least {minimum} of"));
                self.depth += 1;
                let mut parts = Vec::new();
                for clause in clauses {
                    parts.push(self.node(clause)?);
                }
                self.depth -= 1;
                if *minimum as usize > parts.len() {
                    return Ok(Box::new(EmptyQuery));
                }
                let minimum = (*minimum).max(1) as usize;
                let group = BooleanQuery::union_with_minimum_required_clauses(parts, minimum);
                Ok(self.with_pairs(Box::new(group), clauses, self.lookup.is_bag))
            }
            Node::Not { .. } => self.group(std::slice::from_ref(node), Occur::Must),
            Node::Boost { clause, factor } => {
                self.say(|| format!("{factor} times the score of"));
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
                self.say(|| format!("has a {}", field.as_str()));
                if field.is_date() && *field == ValueField::Date {
                    self.is_dated |= !self.is_negated;
                }
                Ok(filter(ExistsQuery::new(column_of(*field).to_owned(), false)))
            }
            Node::Near { .. } | Node::AtLeast { .. } => self.positional(node),
        }
    }

    /// Clauses under one operator. What is negated becomes an exclusion in a conjunction and a complement elsewhere.
    fn group(&mut self, clauses: &[Node], occur: Occur) -> Lower {
        self.depth += 1;
        let mut parts: Vec<(Occur, Box<dyn IndexQuery>)> = Vec::new();
        let mut is_positive = false;
        let merged = if self.lookup.is_bag { merged(clauses) } else { Vec::new() };
        let mut rest = if merged.is_empty() { clauses } else { &merged };
        while let [clause, behind @ ..] = rest {
            if occur == Occur::Must
                && let Some((length, scope, alternatives)) = self.run_with_synonyms(rest)
            {
                is_positive = true;
                let (run, behind) = rest.split_at(length);
                parts.push((occur, self.all_or_synonyms(run, scope, alternatives)?));
                rest = behind;
                continue;
            }
            rest = behind;
            let Node::Not { clause: inner } = clause else {
                is_positive = true;
                parts.push((occur, self.node(clause)?));
                continue;
            };
            self.say(|| "not");
            self.depth += 1;
            self.is_negated = !self.is_negated;
            let excluded = self.node(inner)?;
            self.is_negated = !self.is_negated;
            self.depth -= 1;
            if occur == Occur::Must {
                parts.push((Occur::MustNot, excluded));
            } else {
                let others =
                    BooleanQuery::new(vec![(Occur::Must, filter(AllQuery)), (Occur::MustNot, excluded)]);
                parts.push((occur, Box::new(others)));
            }
        }
        if !is_positive && occur == Occur::Must {
            parts.push((Occur::Must, filter(AllQuery)));
        }
        self.depth -= 1;
        let belong_together = occur == Occur::Must || self.lookup.is_bag;
        Ok(self.with_pairs(grouped(parts, self.lookup.bounds), clauses, belong_together))
    }

    /// Another word that articles are scored by, weighted.
    fn count_word(&mut self, boost: f32) {
        if !self.is_negated {
            self.is_scored = true;
            self.words += self.boost * boost;
        }
    }

    /// A group, better where its words stand near to each other. Nearness stands beside the group and not in it: it adds to
    /// the score of what the group finds.
    fn with_pairs(
        &self,
        group: Box<dyn IndexQuery>,
        clauses: &[Node],
        belong_together: bool,
    ) -> Box<dyn IndexQuery> {
        let pairs = if belong_together && !self.is_negated { self.pairs(clauses) } else { Vec::new() };
        if pairs.is_empty() {
            return group;
        }
        let pairs = PairsQuery::new(&self.lookup.fields, pairs, self.lookup.deadline);
        match group.downcast_ref::<GroupQuery>() {
            Some(group) => Box::new(group.with_pairs(pairs)),
            None => Box::new(BooleanQuery::new(vec![(Occur::Must, group), (Occur::Should, Box::new(pairs))])),
        }
    }

    /// Neighbours among plain words in each language; function words between them are passed over.
    fn pairs(&self, clauses: &[Node]) -> Vec<[String; 2]> {
        let mut pairs = Vec::new();
        for stemmer in self.lookup.stemmers {
            Self::pairs_in(stemmer, clauses, &mut pairs);
        }
        pairs
    }

    fn pairs_in(stemmer: &Stemmer, clauses: &[Node], pairs: &mut Vec<[String; 2]>) {
        let mut before: Option<String> = None;
        for clause in clauses {
            let inner = match clause {
                Node::Boost { clause, .. } => clause,
                other => other,
            };
            let alone = match inner {
                Node::Text { scope: Scope::Anywhere, atom: TextAtom::Word { text } }
                    if forms(text).len() == 1 =>
                {
                    text
                }
                _ => {
                    before = None;
                    continue;
                }
            };
            let mut words = Words::new(alone);
            let Some(word) = words.next() else { continue };
            if is_function_word(Some(stemmer.lang()), word.specific()) {
                continue;
            }
            let term = stem_term(stemmer, word.specific(), &word);
            if let Some(first) = before.replace(term.clone()) {
                let pair = [first, term];
                if pair[0] != pair[1] && !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
        }
    }

    /// Text fields of a scope with their weights.
    fn text_fields(&self, scope: Scope) -> Vec<(Field, f32)> {
        let fields = &self.lookup.fields;
        match scope {
            Scope::Anywhere => vec![(fields.title, TITLE_WEIGHT), (fields.body, 1.0)],
            Scope::Title => vec![(fields.title, 1.0)],
            Scope::Lead | Scope::Body => vec![(fields.body, 1.0)],
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

    /// The stems of a plain word; says how it was read, and that it may be misspelt.
    fn plain_word(&mut self, scope: Scope, text: &str) -> Vec<Vec<String>> {
        let slots = self.stems(text);
        self.say(|| {
            let mut shown: Vec<String> = Vec::new();
            for terms in bm25f::in_languages(&slots) {
                let stems = terms.iter().map(|term| analyzer::shown(term)).collect::<Vec<_>>().join(" ");
                if !shown.contains(&stems) {
                    shown.push(stems);
                }
            }
            format!("word {} {}", shown.join(" | "), place(scope))
        });
        self.note_missing(scope, text, &slots);
        slots
    }

    fn text(&mut self, scope: Scope, atom: &TextAtom) -> Lower {
        self.count_word(1.0);
        if let Some(tree) = self.said_amount(scope, atom, 1.0) {
            return self.spans(&tree, 1);
        }
        match atom {
            TextAtom::Word { text } => {
                let slots = self.plain_word(scope, text);
                let asked = self.words(scope, slots.clone());
                Ok(self.with_synonyms(scope, &slots, asked))
            }
            TextAtom::Phrase { text, slop, prefix: false } if *slop == 0 || forms(text).len() < 2 => {
                self.say(|| format!("phrase \"{text}\" {}", place(scope)));
                let slots = self.quoted(text, *slop)?.into_iter().map(|term| vec![term]).collect();
                Ok(self.words(scope, slots))
            }
            // "t-mob*": the words before the last one stand whole.
            TextAtom::Prefix { text } if is_sequence(text) => {
                let tree = self.leaf(scope, atom, 1.0)?;
                self.found(tree)
            }
            TextAtom::Phrase { .. } | TextAtom::Cased { .. } => {
                let tree = self.leaf(scope, atom, 1.0)?;
                self.found(tree)
            }
            TextAtom::Prefix { .. }
            | TextAtom::Wildcard { .. }
            | TextAtom::Fuzzy { .. }
            | TextAtom::Regex { .. } => {
                let terms = self.caught(scope, atom)?;
                if scope == Scope::Lead {
                    // Whether a word stands in the lead is told by its place in the body.
                    let slot = Slot { terms, shape: None, is_pattern: true };
                    let tree = Tree::Words { scope, slots: vec![slot], slop: 0, boost: 1.0 };
                    return self.spans(&tree, 1);
                }
                Ok(self.expanded(scope, terms))
            }
        }
    }

    /// Notes a plain word that no article has; it may be misspelt.
    fn note_missing(&mut self, scope: Scope, text: &str, slots: &[Vec<String>]) {
        let is_there = |term: &String| {
            self.text_fields(scope)
                .into_iter()
                .any(|(field, _)| doc_freq(self.lookup.searcher, field, term).unwrap_or(1) > 0)
        };
        let missing = (scope, text.to_owned());
        if !self.is_negated
            && !slots.iter().all(|terms| terms.iter().any(is_there))
            && !self.missing.contains(&missing)
        {
            self.missing.push(missing);
        }
    }

    /// The stems of what a plain word is in the index, of each of its parts in each of the languages.
    fn stems(&self, text: &str) -> Vec<Vec<String>> {
        let mut words = Words::new(text);
        let mut slots = Vec::new();
        while let Some(word) = words.next() {
            let terms = self.lookup.stemmers.iter().map(|stemmer| stem_term(stemmer, word.specific(), &word));
            let mut terms: Vec<String> = terms.collect();
            terms.dedup();
            slots.push(terms);
        }
        slots
    }

    /// The words of a quotation.
    #[expect(clippy::unused_self, reason = "reads as the other lookups")]
    fn quoted(&self, text: &str, slop: u32) -> Result<Vec<String>> {
        let terms = forms(text);
        if terms.len() > MAX_PHRASE {
            return Err(too_long_a_phrase(terms.len()));
        }
        if slop > MAX_SLOP {
            let message = format!("a quotation may leave out at most {MAX_SLOP} words");
            return Err(Error::new(ErrorKind::Query, message).with_hint(format!("write ~{MAX_SLOP} or less")));
        }
        Ok(terms)
    }

    /// The words of the index that a pattern catches.
    fn caught(&mut self, scope: Scope, atom: &TextAtom) -> Result<Vec<String>> {
        let (shown, pattern) = match atom {
            TextAtom::Prefix { text } => {
                let start = crate::text::fold(text);
                if start.chars().count() < 2 {
                    return Err(Error::new(ErrorKind::Query, "a pattern begins with at least 2 letters")
                        .with_hint("write more letters before the *"));
                }
                (format!("{text}*"), expand::prefix(&start))
            }
            TextAtom::Wildcard { pattern } => {
                (pattern.clone(), expand::wildcard(&crate::text::fold(pattern))?)
            }
            TextAtom::Fuzzy { text, distance } => {
                let word = forms(text).concat();
                if word.chars().count() > 64 {
                    return Err(Error::new(ErrorKind::Query, "a misspelt word has at most 64 letters")
                        .with_hint("shorten it, or quote it"));
                }
                if !(1..=2).contains(distance) {
                    return Err(Error::new(ErrorKind::Query, "the distance of a fuzzy word is 1 or 2")
                        .with_hint("write it like amazn~1"));
                }
                (format!("{text}~{distance}"), expand::fuzzy(&word, usize::from(*distance)))
            }
            TextAtom::Regex { pattern } => {
                if pattern.len() > MAX_REGEX {
                    let message = format!(
                        "a regular expression has at most {MAX_REGEX} bytes, this one {}",
                        pattern.len()
                    );
                    return Err(Error::new(ErrorKind::Query, message).with_hint("shorten it"));
                }
                (format!("/{pattern}/"), expand::regex(pattern)?)
            }
            TextAtom::Word { .. } | TextAtom::Phrase { .. } | TextAtom::Cased { .. } => return Ok(Vec::new()),
        };
        let fields: Vec<Field> = self.text_fields(scope).into_iter().map(|(field, _)| field).collect();
        let terms = self.expand(&fields, &pattern, &shown)?;
        let mut listed = terms.iter().take(8).cloned().collect::<Vec<_>>().join(" ");
        if terms.len() > 8 {
            listed.push_str(" …");
        }
        self.say(|| format!("{shown} {}: {} words: {listed}", place(scope), terms.len()));
        Ok(terms)
    }

    /// Terms one after the other, as a word that the tokenizer splits has them.
    fn words(&mut self, scope: Scope, slots: Vec<Vec<String>>) -> Box<dyn IndexQuery> {
        if slots.is_empty() {
            return Box::new(EmptyQuery);
        }
        let query = Box::new(WordQuery::new(&self.lookup.fields, scope, slots.clone(), self.lookup.deadline));
        self.mark(Mark::Text { scope, slots });
        query
    }

    /// Any of the words that a pattern caught. Each match scores the same, because how rare the words are that a
    /// pattern happens to catch says nothing of what was meant.
    fn expanded(&mut self, scope: Scope, terms: Vec<String>) -> Box<dyn IndexQuery> {
        if terms.is_empty() {
            return Box::new(EmptyQuery);
        }
        let query = self.in_fields(scope, |field| {
            let set = TermSetQuery::new(terms.iter().map(|term| Term::from_field_text(field, term)));
            Box::new(ConstScoreQuery::new(Box::new(set), 1.0))
        });
        self.mark(Mark::Text { scope, slots: vec![terms] });
        query
    }

    /// Looks a pattern up, within what the query may still spend.
    fn expand(&mut self, fields: &[Field], pattern: &expand::Pattern, shown: &str) -> Result<Vec<String>> {
        let left = MAX_EXPANSIONS.saturating_sub(self.expansions);
        let (terms, is_cut) =
            expand::terms(self.lookup.searcher, fields, pattern, left, self.lookup.deadline)?;
        if is_cut {
            self.notes.push(if left == 0 {
                format!("{shown} was not looked for: the patterns before it stand for {MAX_EXPANSIONS} words")
            } else {
                format!("{shown} stands for more than {left} words; only the first {left} were looked for")
            });
        }
        self.expansions += terms.len();
        Ok(terms)
    }

    fn range(&mut self, field: ValueField, lower: &Bound, upper: &Bound) -> Box<dyn IndexQuery> {
        if field == ValueField::Date {
            self.is_dated |= !self.is_negated;
        }
        self.say(|| format!("{} in {:?} to {:?}", field.as_str(), lower, upper));
        let column = column_of(field);
        if matches!((lower, upper), (Bound::Open, Bound::Open)) {
            return filter(ExistsQuery::new(column.to_owned(), false));
        }
        let query: Option<Box<dyn IndexQuery>> = if field.is_date() {
            range::dates(lower, upper, self.lookup.now).map(|dates| filter(RangeQuery::new(column, dates)))
        } else {
            range::numbers(lower, upper).map(|numbers| filter(RangeQuery::new(column, numbers)))
        };
        query.unwrap_or_else(|| Box::new(EmptyQuery))
    }
}

/// The column of a value.
fn column_of(field: ValueField) -> &'static str {
    match field {
        ValueField::Date => "published",
        ValueField::Added => "added",
        ValueField::Wc => "wc",
        ValueField::Salience => "salience",
        ValueField::Money => "money",
        ValueField::Percent => "percent",
        ValueField::Headcount => "headcount",
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

/// The words of a text in the form that a query asks for.
fn forms(text: &str) -> Vec<String> {
    let mut words = Words::new(text);
    let mut forms = Vec::new();
    while let Some(word) = words.next() {
        forms.push(word.specific().to_owned());
    }
    forms
}

/// Whether a text that stands before a `*` ends with a Chinese, Japanese or Korean character, which begins whatever follows.
fn ends_in_cjk(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_cjk)
}

/// Whether what stands before a `*` is found as a sequence of words and not as one pattern.
fn is_sequence(text: &str) -> bool {
    ends_in_cjk(text) || forms(text).len() > 1
}

fn too_long_a_phrase(words: usize) -> Error {
    let message = format!("a quotation has at most {MAX_PHRASE} words, this one {words}");
    Error::new(ErrorKind::Query, message).with_hint("shorten it")
}
