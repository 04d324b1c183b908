//! Positional operators, and everything else that is asked of places in a text: quotations with gaps, words by their
//! capitals, amounts by their value.

use tantivy::query::EmptyQuery;

use super::span::{Part, Slot, SpanQuery, Tree};
use super::{Lower, Lowering, MAX_PHRASE, Mark, bm25f, ends_in_cjk, is_sequence, too_long_a_phrase};
use crate::error::{Error, ErrorKind, Result};
use crate::index::layout::{Shape, Side};
use crate::query::{NameField, NamePattern, Node, Proximity, Scope, TextAtom};
use crate::text::amount::{Figure, MAGNITUDES, read_figure};
use crate::text::token::Words;

/// Furthest distance of `NEAR` and `PRE`.
const MAX_DISTANCE: u32 = 1000;

impl Lowering<'_> {
    /// `NEAR`, `PRE`, `SAME`, `SENT` and `ATLEAST`.
    pub(super) fn positional(&mut self, node: &Node) -> Lower {
        if let Some(reason) = node.positional_fault() {
            return Err(Error::new(ErrorKind::Query, reason)
                .with_hint("join words, patterns, quotations and OR groups with it, and the rest with AND"));
        }
        self.is_scored |= !self.is_negated;
        // How often something occurs is counted over headline and body together.
        let (tree, minimum) = match node {
            Node::AtLeast { count, clause } => {
                self.say(|| format!("at least {count} times"));
                self.depth += 1;
                let tree = self.operand(clause, 1.0)?;
                self.depth -= 1;
                (tree, *count)
            }
            node => (self.operand(node, 1.0)?, 1),
        };
        match tree {
            Some(tree) => self.spans(&tree, minimum),
            None => Ok(Box::new(EmptyQuery)),
        }
    }

    /// An operand; `None` where no article can have it.
    fn operand(&mut self, node: &Node, boost: f32) -> Result<Option<Tree>> {
        self.count_clause()?;
        Ok(match node {
            Node::Text { scope, atom } => {
                self.count_word(boost);
                self.leaf(*scope, atom, boost)?
            }
            Node::Boost { clause, factor } => self.operand(clause, boost * factor)?,
            Node::Or { clauses } => {
                self.say(|| "any of");
                self.depth += 1;
                let mut trees = Vec::new();
                for clause in clauses {
                    trees.extend(self.operand(clause, boost)?);
                }
                self.depth -= 1;
                (!trees.is_empty()).then_some(Tree::Any(trees))
            }
            Node::Near { proximity, left, right } => {
                if let Proximity::Near { distance } | Proximity::Before { distance } = proximity
                    && *distance > MAX_DISTANCE
                {
                    let message = format!("a distance is at most {MAX_DISTANCE} words, not {distance}");
                    return Err(Error::new(ErrorKind::Query, message)
                        .with_hint("write SAME for the same paragraph, or AND for the same article"));
                }
                self.say(|| match proximity {
                    Proximity::Near { distance } => format!("within {distance} words, in either order"),
                    Proximity::Before { distance } => format!("within {distance} words, in this order"),
                    Proximity::Paragraph => "in one paragraph".to_owned(),
                    Proximity::Sentence => "in one sentence".to_owned(),
                });
                self.depth += 1;
                let (left, right) = (self.operand(left, boost)?, self.operand(right, boost)?);
                self.depth -= 1;
                match (left, right) {
                    (Some(left), Some(right)) => Some(Tree::Near {
                        proximity: *proximity,
                        left: Box::new(left),
                        right: Box::new(right),
                    }),
                    _ => None,
                }
            }
            Node::AtLeast { count, clause } => {
                self.say(|| format!("a stretch with at least {count} of"));
                self.depth += 1;
                let of = self.operand(clause, boost)?;
                self.depth -= 1;
                of.map(|of| Tree::Times { count: *count, of: Box::new(of) })
            }
            Node::Name { field: NameField::Search, pattern: NamePattern::Exact(name) } => {
                let root = self.enter(name)?;
                if let Some(reason) = root.positional_fault() {
                    return Err(Error::new(ErrorKind::Query, format!("search:{name}: {reason}"))
                        .with_hint("join it with AND"));
                }
                let tree = self.operand(&root, boost)?;
                self.leave();
                tree
            }
            // Anything else was refused.
            _ => None,
        })
    }

    /// The articles in which a tree is found so often, with what is marked in them.
    pub(super) fn spans(&mut self, tree: &Tree, minimum: u32) -> Lower {
        let fields = self.lookup.fields;
        let (mut scopes, mut parts) = (Vec::new(), Vec::new());
        tree.leaves(&mut |_, scope| scopes.push(scope));
        let has_lead = scopes.contains(&Scope::Lead);
        if has_lead && minimum > 1 && scopes.iter().any(|scope| *scope != Scope::Lead) {
            // The lead is a part of the body: what stands in it would count twice.
            return Err(Error::new(
                ErrorKind::Query,
                "ATLEAST can't count in the lead and elsewhere together",
            )
            .with_hint("name one part of the article, or none"));
        }
        // A headline weighs more where the body is asked as well.
        let title = if scopes.contains(&Scope::Anywhere) { Scope::Anywhere } else { Scope::Title };
        for (part, weighted, side) in [
            (Scope::Title, bm25f::first_field(&fields, title), Side::Title),
            (Scope::Lead, bm25f::first_field(&fields, Scope::Lead), Side::Body),
            (Scope::Body, bm25f::first_field(&fields, Scope::Body), Side::Body),
        ] {
            if part == Scope::Lead && !has_lead {
                continue;
            }
            if let Some(tree) = tree.in_part(part) {
                self.mark(Mark::Spans { part, tree: tree.clone() });
                parts.push(Part { weighted, side, tree });
            }
        }
        if parts.is_empty() {
            return Err(Error::new(
                ErrorKind::Query,
                "the operands look into different parts of the article",
            )
            .with_hint("words of the title and words of the body are joined with AND"));
        }
        Ok(Box::new(SpanQuery::new(parts, minimum, fields, self.lookup.deadline.clone())))
    }

    /// Words of one tree in a scope, where it is asked for alone.
    pub(super) fn found(&mut self, tree: Option<Tree>) -> Lower {
        match tree {
            Some(tree) => self.spans(&tree, 1),
            None => Ok(Box::new(EmptyQuery)),
        }
    }
}

/// Words whose capitals count.
fn cased(scope: Scope, text: &str, boost: f32) -> Result<Option<Tree>> {
    let mut slots = Vec::new();
    let mut words = Words::new(text);
    while let Some(word) = words.next() {
        let shape = Shape::of(&text[word.span.clone()]);
        slots.push(Slot { terms: vec![word.specific().to_owned()], shape: Some(shape), is_pattern: false });
    }
    if slots.len() > MAX_PHRASE {
        return Err(too_long_a_phrase(slots.len()));
    }
    Ok((!slots.is_empty()).then_some(Tree::Words { scope, slots, slop: 0, boost }))
}

/// Terms one after the other, any of each place.
pub(super) fn sequence_of(scope: Scope, slots: Vec<Vec<String>>, boost: f32) -> Tree {
    let slots = slots.into_iter().map(|terms| Slot { terms, shape: None, is_pattern: false });
    Tree::Words { scope, slots: slots.collect(), slop: 0, boost }
}

/// All ways to write an amount that has a magnitude; none where the text is no such amount. A name such as `3M` is
/// none: without a currency sign the number has to have a point, or the magnitude more than a letter.
pub(super) fn amount(scope: Scope, text: &str, boost: f32) -> Option<Tree> {
    let figure = read_figure(text).filter(|figure| figure.magnitude > 0 && figure.magnitude <= 12)?;
    let letters = text.trim().chars().rev().take_while(char::is_ascii_alphabetic).count();
    if figure.currency.is_none() && figure.decimals == 0 && letters < 2 {
        return None;
    }
    let spellings = spellings(&figure)?;
    let slots = |terms: Vec<String>| terms.into_iter().map(|term| vec![term]).collect();
    Some(Tree::Any(spellings.into_iter().map(|terms| sequence_of(scope, slots(terms), boost)).collect()))
}

/// Decimal places that are written behind the point at most.
const PLACES: usize = 3;

fn spellings(figure: &Figure) -> Option<Vec<Vec<String>>> {
    let sign = figure.currency.map_or(String::new(), String::from);
    let whole = figure.scaled(0).filter(|_| figure.magnitude >= figure.decimals)?;
    let mut all = vec![vec![format!("{sign}{whole}")]];
    for (name, power) in MAGNITUDES {
        let unit = 10_u64.pow(power);
        let (units, rest) = (whole / unit, whole % unit);
        let decimals = format!("{rest:0width$}", width = power as usize);
        let decimals = decimals.trim_end_matches('0');
        if units > 9999 || decimals.len() > PLACES || (units == 0 && rest < unit / 10) {
            continue;
        }
        // "$2B" and "$2.0B", "$1.5B" and "$1.50B".
        let mut numbers = vec![if decimals.is_empty() {
            format!("{sign}{units}")
        } else {
            format!("{sign}{units}.{decimals}")
        }];
        if decimals.len() < 2 {
            numbers.push(format!("{sign}{units}.{decimals}0"));
        }
        for number in numbers {
            if name.len() <= 3 {
                all.push(vec![format!("{number}{name}")]);
            }
            all.push(vec![number, name.to_owned()]);
        }
    }
    Some(all)
}

impl Lowering<'_> {
    /// The tree of an atom; `None` where no word of the index fits.
    pub(super) fn leaf(&mut self, scope: Scope, atom: &TextAtom, boost: f32) -> Result<Option<Tree>> {
        if let Some(tree) = self.said_amount(scope, atom, boost) {
            return Ok(Some(tree));
        }
        match atom {
            TextAtom::Word { text } => {
                let slots = self.plain_word(scope, text);
                Ok((!slots.is_empty()).then(|| self.tree_with_synonyms(scope, slots, boost)))
            }
            TextAtom::Phrase { text, slop, prefix } => self.quotation(scope, text, *slop, *prefix, boost),
            TextAtom::Cased { text } => {
                self.say(|| format!("\"{text}\" with its capitals {}", place(scope)));
                cased(scope, text, boost)
            }
            TextAtom::Prefix { text } if is_sequence(text) => self.quotation(scope, text, 0, true, boost),
            TextAtom::Prefix { .. }
            | TextAtom::Wildcard { .. }
            | TextAtom::Fuzzy { .. }
            | TextAtom::Regex { .. } => {
                let terms = self.caught(scope, atom)?;
                Ok((!terms.is_empty()).then(|| Tree::Words {
                    scope,
                    slots: vec![Slot { terms, shape: None, is_pattern: true }],
                    slop: 0,
                    boost,
                }))
            }
        }
    }

    /// An amount, however it is written.
    pub(super) fn said_amount(&mut self, scope: Scope, atom: &TextAtom, boost: f32) -> Option<Tree> {
        let (TextAtom::Word { text } | TextAtom::Phrase { text, slop: 0, prefix: false }) = atom else {
            return None;
        };
        let tree = amount(scope, text, boost)?;
        self.say(|| format!("the amount {text}, however it is written, {}", place(scope)));
        Some(tree)
    }

    fn quotation(
        &mut self,
        scope: Scope,
        text: &str,
        slop: u32,
        prefix: bool,
        boost: f32,
    ) -> Result<Option<Tree>> {
        let shown = format!("\"{text}\"{}", if prefix { "*" } else { "" });
        let gap = if slop == 0 { String::new() } else { format!("~{slop}") };
        self.say(|| format!("phrase {shown}{gap} {}", place(scope)));
        let terms = self.quoted(text, slop)?;
        let mut slots: Vec<Slot> = terms
            .into_iter()
            .map(|term| Slot { terms: vec![term], shape: None, is_pattern: false })
            .collect();
        if prefix
            && !ends_in_cjk(text)
            && let Some(last) = slots.last_mut()
        {
            let fields = self.text_fields(scope).into_iter().map(|(field, _)| field).collect::<Vec<_>>();
            let pattern = super::expand::prefix(&last.terms.concat());
            last.terms = self.expand(&fields, &pattern, &shown)?;
            last.is_pattern = true;
        }
        let is_possible = !slots.is_empty() && slots.iter().all(|slot| !slot.terms.is_empty());
        Ok(is_possible.then_some(Tree::Words { scope, slots, slop, boost }))
    }
}

/// How a scope is said.
pub(super) fn place(scope: Scope) -> &'static str {
    match scope {
        Scope::Anywhere => "in title or body",
        Scope::Title => "in title",
        Scope::Lead => "in lead",
        Scope::Body => "in body",
    }
}

#[cfg(test)]
mod tests {
    use super::{amount, spellings};
    use crate::query::Scope;
    use crate::text::amount::read_figure;

    #[test]
    fn amounts_are_written_in_many_ways() {
        let all = |text: &str| -> Vec<String> {
            let spellings = spellings(&read_figure(text).unwrap()).unwrap();
            spellings.into_iter().map(|terms| terms.join(" ")).collect()
        };
        let dollars = all("$1.5 billion");
        for text in
            ["$1.5b", "$1.5bn", "$1.5 billion", "$1.50 billion", "$1500 million", "$1500m", "$1500000000"]
        {
            assert!(dollars.iter().any(|spelling| spelling == text), "{text}: {dollars:?}");
        }
        assert!(!dollars.iter().any(|spelling| spelling.contains('k')), "{dollars:?}");
        assert_eq!(all("$1.5B"), dollars);
        assert_eq!(all("$1,500 million"), dollars);
        assert!(all("0.25 million").contains(&"250k".to_owned()));
    }

    #[test]
    fn names_are_no_amounts() {
        for (text, is_amount) in [
            ("1.5B", true),
            ("$3M", true),
            ("3bn", true),
            ("3M", false),
            ("401k", false),
            ("9,000", false),
            ("2023", false),
            ("million", false),
        ] {
            assert_eq!(amount(Scope::Anywhere, text, 1.0).is_some(), is_amount, "{text}");
        }
    }
}
