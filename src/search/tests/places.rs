//! Positional operators by their definition: every set of spans is written out, and every pair is tried.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::Entry;
use super::naive::{Test, atom, cased, tests, tokens};
use crate::index::document::lead;
use crate::query::{Node, Proximity, Scope, TextAtom};
use crate::text::sentence;
use crate::text::token::Words;

/// First and last word.
type Stretch = (usize, usize);

/// A stretch with the operands that it begins and ends with.
type Ended = (Stretch, Stretch, Stretch);

/// A part of an article, word by word.
struct Reading {
    part: Scope,
    lang: Option<String>,
    forms: Vec<Vec<String>>,
    written: Vec<String>,
    bytes: Vec<(usize, usize)>,
    sentence: Vec<usize>,
    paragraph: Vec<usize>,
}

fn read(part: Scope, entry: &Entry, text: &str) -> Reading {
    let lang = entry.article.lang.clone();
    let mut words = Words::new(text);
    let (mut written, mut bytes) = (Vec::new(), Vec::new());
    while let Some(word) = words.next() {
        written.push(text[word.span.clone()].to_owned());
        bytes.push((word.span.start, word.span.end));
    }
    let number = |ranges: Vec<std::ops::Range<usize>>, start: usize| {
        if part == Scope::Title { 0 } else { ranges.iter().filter(|range| range.end <= start).count() }
    };
    Reading {
        part,
        forms: tokens(text, lang.as_deref()),
        lang,
        written,
        sentence: bytes
            .iter()
            .map(|(start, _)| number(sentence::sentences(text).collect(), *start))
            .collect(),
        paragraph: bytes
            .iter()
            .map(|(start, _)| number(sentence::paragraphs(text).collect(), *start))
            .collect(),
        bytes,
    }
}

fn readings(entry: &Entry) -> [Reading; 3] {
    let body = &entry.article.body;
    [
        read(Scope::Title, entry, &entry.article.title),
        read(Scope::Body, entry, body),
        read(Scope::Lead, entry, lead(body)),
    ]
}

/// The last word of the shortest way to pass all tests in order, the first one at `at`.
fn shortest(tests: &[Test], slop: usize, reading: &Reading, at: usize) -> Option<usize> {
    let (first, rest) = tests.split_first()?;
    if !reading.forms.get(at)?.iter().any(|form| first(form)) {
        return None;
    }
    if rest.is_empty() {
        return Some(at);
    }
    (0..=slop).filter_map(|gap| shortest(rest, slop - gap, reading, at + 1 + gap)).min()
}

/// Stretches with the words that made them.
type Made = BTreeSet<(Ended, Vec<Stretch>)>;

fn spans(node: &Node, reading: &Reading) -> Made {
    match node {
        Node::Text { scope, atom } => {
            let part = reading.part;
            let is_here =
                *scope == Scope::Anywhere || *scope == part || (*scope == Scope::Body && part == Scope::Lead);
            if !is_here {
                return Made::new();
            }
            let (tests, slop) = tests(atom, reading.lang.as_deref());
            (0..reading.forms.len())
                .filter_map(|at| Some((at, shortest(&tests, slop as usize, reading, at)?)))
                .filter(|(start, end)| match atom {
                    TextAtom::Cased { text } => cased(text, &reading.written[*start..=*end]),
                    _ => true,
                })
                .map(|span| ((span, span, span), vec![span]))
                .collect()
        }
        Node::Boost { clause, .. } => spans(clause, reading),
        Node::Or { clauses } => clauses.iter().flat_map(|clause| spans(clause, reading)).collect(),
        Node::Near { proximity, left, right } => {
            let (left, right) = (spans(left, reading), spans(right, reading));
            let mut found = Made::new();
            for (one, made_one) in &left {
                for (other, made_other) in &right {
                    // Both need their ends for themselves.
                    let words = |(_, first, last): &Ended| -> BTreeSet<usize> {
                        (first.0..=first.1).chain(last.0..=last.1).collect()
                    };
                    if !words(one).is_disjoint(&words(other)) {
                        continue;
                    }
                    let (first, last) = (one.0.0.min(other.0.0), one.0.1.max(other.0.1));
                    let between = if one.0.1 < other.0.0 {
                        other.0.0 - one.0.1 - 1
                    } else if other.0.1 < one.0.0 {
                        one.0.0 - other.0.1 - 1
                    } else {
                        0
                    };
                    let same = |numbers: &[usize]| numbers[first] == numbers[last];
                    let fits = match proximity {
                        Proximity::Near { distance } => between < *distance as usize,
                        Proximity::Before { distance } => one.0.1 < other.0.0 && between < *distance as usize,
                        Proximity::Paragraph => same(&reading.paragraph),
                        Proximity::Sentence => same(&reading.sentence),
                    };
                    if fits {
                        let mut made = [made_one.clone(), made_other.clone()].concat();
                        made.sort_unstable();
                        made.dedup();
                        let begins = if one.0.0 < other.0.0 { one.1 } else { other.1 };
                        let ends = if one.0.1 > other.0.1 { one.2 } else { other.2 };
                        found.insert((((first, last), begins, ends), made));
                    }
                }
            }
            found
        }
        Node::AtLeast { count, clause } => {
            let all: BTreeSet<Stretch> =
                spans(clause, reading).into_iter().map(|((span, ..), _)| span).collect();
            all.iter()
                .filter_map(|first| Some((first.0, earliest(&all, first.1, *count - 1)?)))
                .map(|span| ((span, (span.0, span.0), (span.1, span.1)), Vec::new()))
                .collect()
        }
        other => unreachable!("{other:?} is no operand"),
    }
}

/// The earliest end of so many more stretches, one behind the other.
fn earliest(all: &BTreeSet<Stretch>, end: usize, more: u32) -> Option<usize> {
    if more == 0 {
        return Some(end);
    }
    all.iter().filter(|next| next.0 > end).filter_map(|next| earliest(all, next.1, more - 1)).min()
}

/// How many stretches lie apart of each other at most.
fn apart(all: &[Stretch]) -> u32 {
    let mut best = vec![0; all.len()];
    for (at, span) in all.iter().enumerate().rev() {
        let behind =
            all.iter().enumerate().filter(|(_, next)| next.0 > span.1).map(|(next, _)| best[next]).max();
        best[at] = 1 + behind.unwrap_or(0);
    }
    best.into_iter().max().unwrap_or(0)
}

fn has_lead(node: &Node) -> bool {
    match node {
        Node::Text { scope, .. } => *scope == Scope::Lead,
        Node::Boost { clause, .. } | Node::AtLeast { clause, .. } => has_lead(clause),
        Node::Or { clauses } => clauses.iter().any(has_lead),
        Node::Near { left, right, .. } => has_lead(left) || has_lead(right),
        _ => false,
    }
}

/// Whether a positional query holds of an article.
pub(super) fn holds(node: &Node, entry: &Entry) -> bool {
    let (inner, minimum) = match node {
        Node::AtLeast { count, clause } => (&**clause, *count),
        node => (node, 1),
    };
    let counts = readings(entry)
        .into_iter()
        .filter(|reading| reading.part != Scope::Lead || has_lead(node))
        .map(|reading| {
            let all: BTreeSet<Stretch> =
                spans(inner, &reading).into_iter().map(|((span, ..), _)| span).collect();
            apart(&all.into_iter().collect::<Vec<_>>())
        });
    counts.sum::<u32>() >= minimum
}

/// The bytes of the body that a query marks which is a positional operator as a whole; `None` where an operator in it
/// marks more than the words of one pair.
pub(super) fn marked(node: &Node, entry: &Entry) -> Option<Vec<(usize, usize)>> {
    fn counts(node: &Node) -> bool {
        match node {
            Node::AtLeast { .. } => true,
            Node::Boost { clause, .. } => counts(clause),
            Node::Or { clauses } => clauses.iter().any(counts),
            Node::Near { left, right, .. } => counts(left) || counts(right),
            _ => false,
        }
    }
    if !matches!(node, Node::Near { .. }) || counts(node) {
        return None;
    }
    let [_, body, lead] = readings(entry);
    // The lead begins with the first word of the body.
    let mut words: Vec<Stretch> = spans(node, &body).into_iter().flat_map(|(_, made)| made).collect();
    if has_lead(node) {
        words.extend(spans(node, &lead).into_iter().flat_map(|(_, made)| made));
    }
    let mut ranges: Vec<(usize, usize)> =
        words.into_iter().map(|(start, end)| (body.bytes[start].0, body.bytes[end].1)).collect();
    ranges.sort_by_key(|(start, end)| (*start, usize::MAX - end));
    let mut end = 0;
    ranges.retain(|range| {
        let is_free = range.0 >= end;
        end = if is_free { range.1 } else { end };
        is_free
    });
    Some(ranges)
}

/// A positional operator over random operands.
pub(super) fn operator() -> impl Strategy<Value = Node> {
    select(&[Scope::Anywhere, Scope::Anywhere, Scope::Body, Scope::Title, Scope::Lead][..]).prop_flat_map(|scope| {
        let leaf = (any::<bool>(), atom()).prop_map(move |(is_free, atom)| {
            let scope = if is_free && scope != Scope::Lead { Scope::Anywhere } else { scope };
            Node::Text { scope, atom }
        });
        let proximity = || {
            prop_oneof![
                3 => (1_u32..8).prop_map(|distance| Proximity::Near { distance }),
                3 => (1_u32..8).prop_map(|distance| Proximity::Before { distance }),
                1 => Just(Proximity::Paragraph),
                2 => Just(Proximity::Sentence),
            ]
        };
        let operand = leaf.prop_recursive(3, 8, 3, move |inner| {
            prop_oneof![
                3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|clauses| Node::Or { clauses }),
                4 => (proximity(), inner.clone(), inner.clone()).prop_map(|(proximity, left, right)| Node::Near {
                    proximity,
                    left: Box::new(left),
                    right: Box::new(right),
                }),
                1 => (1_u32..4, inner.clone())
                    .prop_map(|(count, clause)| Node::AtLeast { count, clause: Box::new(clause) }),
                1 => inner.prop_map(|clause| Node::Boost { clause: Box::new(clause), factor: 2.0 }),
            ]
        });
        prop_oneof![
            4 => (proximity(), operand.clone(), operand.clone()).prop_map(|(proximity, left, right)| Node::Near {
                proximity,
                left: Box::new(left),
                right: Box::new(right),
            }),
            1 => (1_u32..6, operand).prop_map(|(count, clause)| Node::AtLeast { count, clause: Box::new(clause) }),
        ]
    })
}
