//! What stands for something else: synonyms of plain words, and saved queries.

use tantivy::query::{BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, Query as IndexQuery};

use super::bm25f::WordQuery;
use super::near::sequence_of;
use super::span::Tree;
use super::synonyms::Alternative;
use super::{Lower, Lowering, Mark};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{NameField, Node, Scope, TextAtom};

/// What a synonym counts beside the word that was asked for.
const SYNONYM_WEIGHT: f32 = 0.7;

/// The weight of a synonym. The rarities of its words add up in the score of a phrase; it must not count more than a
/// word for having several.
fn weight(words: usize) -> f32 {
    SYNONYM_WEIGHT / words.max(1) as f32
}

/// Most words of what can have synonyms.
const MAX_RUN: usize = 4;

impl Lowering<'_> {
    /// What a list has besides words, whose first terms are the English stems that it is kept by.
    fn besides(&self, slots: &[Vec<String>]) -> Vec<Alternative> {
        let terms: Vec<String> = slots.iter().filter_map(|slot| slot.first().cloned()).collect();
        self.lookup.synonyms.map_or_else(Vec::new, |synonyms| synonyms.besides(&terms).to_vec())
    }

    fn say_alternatives(&mut self, alternatives: &[Alternative]) {
        let shown: Vec<&str> = alternatives.iter().map(|other| other.text.as_str()).collect();
        self.say(|| format!("  or its synonyms: {}", shown.join(", ")));
    }

    /// What was asked for, or its synonyms. The best of them counts, so that an article is no better for having several
    /// ways to say the same.
    fn or_synonyms(
        &mut self,
        scope: Scope,
        asked: Box<dyn IndexQuery>,
        alternatives: Vec<Alternative>,
    ) -> Box<dyn IndexQuery> {
        let mut any = vec![asked];
        for Alternative { text, .. } in alternatives {
            let slots = self.stems(&text);
            let found = WordQuery::new(&self.lookup.fields, scope, slots.clone(), self.lookup.deadline);
            any.push(Box::new(BoostQuery::new(Box::new(found), weight(slots.len()))));
            self.mark(Mark::Text { scope, slots });
        }
        Box::new(DisjunctionMaxQuery::new(any))
    }

    /// A plain word with its synonyms.
    pub(super) fn with_synonyms(
        &mut self,
        scope: Scope,
        slots: &[Vec<String>],
        asked: Box<dyn IndexQuery>,
    ) -> Box<dyn IndexQuery> {
        let alternatives = self.besides(slots);
        if alternatives.is_empty() {
            return asked;
        }
        self.say_alternatives(&alternatives);
        self.or_synonyms(scope, asked, alternatives)
    }

    /// The same as an operand.
    pub(super) fn tree_with_synonyms(&mut self, scope: Scope, slots: Vec<Vec<String>>, boost: f32) -> Tree {
        let alternatives = self.besides(&slots);
        let asked = sequence_of(scope, slots, boost);
        if alternatives.is_empty() {
            return asked;
        }
        self.say_alternatives(&alternatives);
        let others = alternatives.into_iter().map(|other| {
            let slots = self.stems(&other.text);
            let boost = boost * weight(slots.len());
            sequence_of(scope, slots, boost)
        });
        Tree::Any(std::iter::once(asked).chain(others).collect())
    }

    /// Several plain words beside each other in a conjunction that together have synonyms: `job cuts`. Gives how many
    /// there are, their scope and the synonyms.
    pub(super) fn run_with_synonyms(&self, clauses: &[Node]) -> Option<(usize, Scope, Vec<Alternative>)> {
        self.lookup.synonyms?;
        let mut slots = Vec::new();
        let mut found = None;
        let mut common = None;
        for (at, clause) in clauses.iter().take(MAX_RUN).enumerate() {
            let Node::Text { scope, atom: TextAtom::Word { text } } = clause else { break };
            if *common.get_or_insert(*scope) != *scope {
                break;
            }
            slots.extend(self.stems(text));
            if at > 0 {
                let alternatives = self.besides(&slots);
                if !alternatives.is_empty() {
                    found = Some((at + 1, *scope, alternatives));
                }
            }
        }
        found
    }

    /// All of these words, or a synonym of them together.
    pub(super) fn all_or_synonyms(
        &mut self,
        clauses: &[Node],
        scope: Scope,
        alternatives: Vec<Alternative>,
    ) -> Lower {
        self.say(|| "all of");
        self.depth += 1;
        let mut parts = Vec::new();
        for clause in clauses {
            parts.push((Occur::Must, self.node(clause)?));
        }
        self.depth -= 1;
        self.say_alternatives(&alternatives);
        Ok(self.or_synonyms(scope, Box::new(BooleanQuery::new(parts)), alternatives))
    }

    /// Enters a saved query: its tree. [`leave`](Self::leave) has to follow.
    pub(super) fn enter(&mut self, name: &str) -> Result<Node> {
        let typed = name;
        let name = name.trim().to_lowercase();
        let saved = self.lookup.saved;
        let Some(parsed) = saved.get(&name) else {
            let names: Vec<&str> = saved.iter().take(20).map(|(name, _)| name).collect();
            let hint = if names.is_empty() {
                "none is saved yet; dateline saved add NAME QUERY saves one".to_owned()
            } else {
                format!("saved are {}", names.join(" "))
            };
            let error = Error::new(ErrorKind::Query, format!("no query is saved as {name}")).with_hint(hint);
            return Err(self.at_name(NameField::Search, typed, error));
        };
        if self.within.contains(&name) {
            let error = Error::new(ErrorKind::Query, format!("search:{name} is a part of itself"))
                .with_hint("take the circle out of the saved queries");
            return Err(self.at_name(NameField::Search, typed, error));
        }
        self.say(|| format!("the saved query {name}"));
        self.within.push(name);
        self.depth += 1;
        Ok(parsed.query.root.clone())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
        self.within.pop();
    }

    /// A saved query as a part of this one.
    pub(super) fn saved(&mut self, name: &str) -> Lower {
        let root = self.enter(name)?;
        let query = self.node(&root);
        self.leave();
        query
    }
}
