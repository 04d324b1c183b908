//! Places in a text: where the operands of positional operators stand, and which of them stand together.
//!
//! Every operand is a set of *spans*, first to last position. Operators take sets and give sets, so that they nest in any
//! way:
//!
//! - a quotation is where its words stand in order, from each first word on the shortest stretch,
//! - `OR` is the union,
//! - `NEAR`, `PRE`, `SAME` and `SENT` give the stretch over every pair that fits and shares no word; one operand may
//!   stand inside the stretch of another, where nothing is between them,
//! - `ATLEAST/n` gives, from every span on, the shortest stretch of `n` that don't overlap.
//!
//! The engine's own slop is none of these: it also takes words in reverse order, at another distance. [`scorer`] runs the
//! algebra over postings, [`Tree::matches`] over a text to be highlighted; both share the functions of this file.

mod scorer;

use crate::index::layout::{Breaks, Shape};
use crate::query::{Proximity, Scope};

pub(super) use scorer::{Part, SpanQuery};

/// Most spans that are followed of one operand in one article. No article that was written for readers has so many;
/// where one has, the answer says so.
const MAX_SPANS: usize = 1 << 16;

/// Positions of words, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The last word of the operand that the span begins with, and the first of the one that it ends with. What lies
    /// between is free for others.
    head: u32,
    tail: u32,
}

impl Span {
    /// Words next to each other.
    fn solid(start: u32, end: u32) -> Self {
        Self { start, end, head: end, tail: start }
    }

    /// Whether both need the same word.
    fn shares(self, other: Self) -> bool {
        let blocks = |span: Self| [(span.start, span.head), (span.tail, span.end)];
        blocks(self).into_iter().any(|(start, end)| {
            blocks(other).into_iter().any(|(other_start, other_end)| start <= other_end && other_start <= end)
        })
    }

    /// The stretch over this one and one that begins behind its beginning.
    fn over(self, other: Self) -> Self {
        let last = if other.end > self.end { other } else { self };
        Self { start: self.start, head: self.head, tail: last.tail, end: last.end }
    }
}

/// What stands at one position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Any of these terms: what a pattern caught, or the stems of one word in several languages.
    pub(crate) terms: Vec<String>,
    /// Written like this; `None` in any way.
    pub(crate) shape: Option<Shape>,
    /// Whether the terms are what a pattern caught, whose rarity says nothing.
    pub(crate) is_pattern: bool,
}

/// An operand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// Words in order with at most `slop` others between.
    Words { scope: Scope, slots: Vec<Slot>, slop: u32, boost: f32 },
    /// Any of them.
    Any(Vec<Tree>),
    /// Two that stand together.
    Near { proximity: Proximity, left: Box<Tree>, right: Box<Tree> },
    /// So many of them.
    Times { count: u32, of: Box<Tree> },
}

impl Tree {
    /// What of the tree can be found in one part of an article; `None` when nothing can.
    pub(crate) fn in_part(&self, part: Scope) -> Option<Self> {
        match self {
            Self::Words { scope, .. } => {
                let is_inside = match scope {
                    Scope::Anywhere => true,
                    Scope::Title => part == Scope::Title,
                    Scope::Lead => part == Scope::Lead,
                    Scope::Body => matches!(part, Scope::Body | Scope::Lead),
                };
                is_inside.then(|| self.clone())
            }
            Self::Any(trees) => {
                let trees: Vec<Self> = trees.iter().filter_map(|tree| tree.in_part(part)).collect();
                (!trees.is_empty()).then_some(Self::Any(trees))
            }
            Self::Near { proximity, left, right } => Some(Self::Near {
                proximity: *proximity,
                left: Box::new(left.in_part(part)?),
                right: Box::new(right.in_part(part)?),
            }),
            Self::Times { count, of } => Some(Self::Times { count: *count, of: Box::new(of.in_part(part)?) }),
        }
    }

    /// Calls with every sequence of words, from left to right.
    pub(crate) fn leaves<'t>(&'t self, visit: &mut impl FnMut(&'t [Slot], Scope)) {
        match self {
            Self::Words { slots, scope, .. } => visit(slots, *scope),
            Self::Any(trees) => trees.iter().for_each(|tree| tree.leaves(visit)),
            Self::Near { left, right, .. } => {
                left.leaves(visit);
                right.leaves(visit);
            }
            Self::Times { of, .. } => of.leaves(visit),
        }
    }

    /// Whether sentences or paragraphs matter.
    pub(crate) fn has_breaks(&self) -> bool {
        match self {
            Self::Words { .. } => false,
            Self::Any(trees) => trees.iter().any(Self::has_breaks),
            Self::Near { proximity, left, right } => {
                matches!(proximity, Proximity::Paragraph | Proximity::Sentence)
                    || left.has_breaks()
                    || right.has_breaks()
            }
            Self::Times { of, .. } => of.has_breaks(),
        }
    }

    /// The matches, and the sequences of words that take part in them. `places` holds the positions of every slot of every
    /// leaf, in the order of [`leaves`](Self::leaves).
    pub(crate) fn matches(&self, places: &[Vec<u32>], breaks: &Breaks) -> Matches {
        let mut next = 0;
        let found = Found::of(self, places, &mut next, breaks);
        // At the top a number of occurrences is asked of the article; all of them are shown.
        let chosen = found.spans.clone();
        let mut marked = Vec::new();
        found.pick(self, &chosen, breaks, &mut marked);
        marked.sort_unstable();
        marked.dedup();
        Matches { whole: chosen, words: marked }
    }
}

/// Where a tree stands in a text.
pub(crate) struct Matches {
    /// From the first word of each match to its last one.
    pub(crate) whole: Vec<Span>,
    /// The sequences of words that take part in any of them.
    pub(crate) words: Vec<Span>,
}

/// The spans of a tree and of all that is in it.
struct Found {
    spans: Vec<Span>,
    parts: Vec<Found>,
}

impl Found {
    fn of(tree: &Tree, places: &[Vec<u32>], next: &mut usize, breaks: &Breaks) -> Self {
        let mut spans = Vec::new();
        let mut parts = Vec::new();
        match tree {
            Tree::Words { slots, slop, .. } => {
                sequences(&places[*next..*next + slots.len()], *slop, &mut spans);
                *next += slots.len();
            }
            Tree::Any(trees) => {
                parts = trees.iter().map(|tree| Self::of(tree, places, next, breaks)).collect();
                spans.extend(parts.iter().flat_map(|part| part.spans.iter().copied()));
                in_order(&mut spans);
            }
            Tree::Near { proximity, left, right } => {
                parts = vec![Self::of(left, places, next, breaks), Self::of(right, places, next, breaks)];
                let breaks = breaks_of(*proximity, breaks);
                pairs(&parts[0].spans, &parts[1].spans, *proximity, breaks, Reach::All, &mut spans);
            }
            Tree::Times { count, of } => {
                parts = vec![Self::of(of, places, next, breaks)];
                runs(&parts[0].spans, *count, &mut spans);
            }
        }
        Self { spans, parts }
    }

    /// Adds the words that made the chosen spans.
    fn pick(&self, tree: &Tree, chosen: &[Span], breaks: &Breaks, marked: &mut Vec<Span>) {
        if chosen.is_empty() {
            return;
        }
        match tree {
            Tree::Words { .. } => marked.extend_from_slice(chosen),
            Tree::Any(trees) => {
                for (tree, part) in trees.iter().zip(&self.parts) {
                    let own: Vec<Span> = chosen
                        .iter()
                        .copied()
                        .filter(|span| part.spans.binary_search(span).is_ok())
                        .collect();
                    part.pick(tree, &own, breaks, marked);
                }
            }
            Tree::Near { proximity, left, right } => {
                let lines = breaks_of(*proximity, breaks);
                let [first, second] = &self.parts[..] else { return };
                let take = |one: &[Span], other: &[Span], ones: &mut Vec<Span>, others: &mut Vec<Span>| {
                    let mut made = 0;
                    for span in one {
                        if made >= MAX_SPANS {
                            return;
                        }
                        followers(*span, other, *proximity, lines, |next| {
                            made += 1;
                            if chosen.binary_search(&span.over(next)).is_ok() {
                                ones.push(*span);
                                others.push(next);
                            }
                            made < MAX_SPANS
                        });
                    }
                };
                let (mut lefts, mut rights) = (Vec::new(), Vec::new());
                take(&first.spans, &second.spans, &mut lefts, &mut rights);
                if !matches!(proximity, Proximity::Before { .. }) {
                    take(&second.spans, &first.spans, &mut rights, &mut lefts);
                }
                in_order(&mut lefts);
                in_order(&mut rights);
                first.pick(left, &lefts, breaks, marked);
                second.pick(right, &rights, breaks, marked);
            }
            Tree::Times { of, .. } => {
                let [part] = &self.parts[..] else { return };
                let inside = |span: &Span| {
                    chosen.iter().any(|whole| whole.start <= span.start && span.end <= whole.end)
                };
                let own: Vec<Span> = part.spans.iter().copied().filter(inside).collect();
                part.pick(of, &own, breaks, marked);
            }
        }
    }
}

/// Which pairs an operator gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Every pair, for an operator around it.
    All,
    /// From each beginning the shortest. There is one where there is any, and as many lie apart of each other.
    Shortest,
    /// One, when it is only asked whether there is any.
    First,
}

fn in_order(spans: &mut Vec<Span>) {
    if !spans.is_sorted() {
        spans.sort_unstable();
    }
    spans.dedup();
}

/// The breaks that an operator must not cross.
fn breaks_of(proximity: Proximity, breaks: &Breaks) -> &[u32] {
    match proximity {
        Proximity::Near { .. } | Proximity::Before { .. } => &[],
        Proximity::Paragraph => &breaks.paragraphs,
        Proximity::Sentence => &breaks.sentences,
    }
}

/// Where the words of a quotation stand.
fn sequences(positions: &[Vec<u32>], slop: u32, spans: &mut Vec<Span>) {
    spans.clear();
    match positions {
        [] => {}
        [one] => spans.extend(one.iter().map(|place| Span::solid(*place, *place))),
        [first, ..] => {
            for start in first {
                spans.extend(end_of(positions, *start, slop).map(|end| Span::solid(*start, end)));
            }
        }
    }
}

/// The last position of the shortest match that begins at `start`: one position of each slot in rising order, with at
/// most `slop` words more than slots from the first to the last. From a given start the nearest following position of
/// each slot is the best choice.
fn end_of(positions: &[Vec<u32>], start: u32, slop: u32) -> Option<u32> {
    let longest = start.checked_add(positions.len() as u32 - 1)?.saturating_add(slop);
    let mut last = start;
    for places in &positions[1..] {
        let next = places.partition_point(|place| *place <= last);
        last = *places.get(next)?;
        if last > longest {
            return None;
        }
    }
    Some(last)
}

/// Calls with the spans that begin behind the beginning of one and stand together with it; stops when told so.
fn followers(
    span: Span,
    others: &[Span],
    proximity: Proximity,
    breaks: &[u32],
    mut visit: impl FnMut(Span) -> bool,
) {
    let (last_start, last_end) = match proximity {
        Proximity::Near { distance } | Proximity::Before { distance } => {
            (span.end.saturating_add(distance), u32::MAX)
        }
        Proximity::Paragraph | Proximity::Sentence => {
            let next = breaks.partition_point(|place| *place <= span.start);
            let end = breaks.get(next).map_or(u32::MAX, |place| place - 1);
            if span.end > end {
                return;
            }
            (end, end)
        }
    };
    let behind = if matches!(proximity, Proximity::Before { .. }) { span.end } else { span.start };
    let from = others.partition_point(|other| other.start <= behind);
    for other in others[from..].iter().take_while(|other| other.start <= last_start) {
        let is_apart = other.start > span.end || !span.shares(*other);
        if other.end <= last_end && is_apart && !visit(*other) {
            return;
        }
    }
}

/// The stretch from each word to the next of the others, where they stand together: one walk along both lists, for the plain
/// case that nearly all queries are.
fn nearest_words(
    ones: &[Span],
    others: &[Span],
    proximity: Proximity,
    breaks: &[u32],
    spans: &mut Vec<Span>,
) {
    let (mut next, mut next_break) = (0, 0);
    for one in ones {
        while others.get(next).is_some_and(|other| other.start <= one.start) {
            next += 1;
        }
        let Some(other) = others.get(next) else { return };
        let last = match proximity {
            Proximity::Near { distance } | Proximity::Before { distance } => one.end.saturating_add(distance),
            Proximity::Paragraph | Proximity::Sentence => {
                while breaks.get(next_break).is_some_and(|place| *place <= one.start) {
                    next_break += 1;
                }
                breaks.get(next_break).map_or(u32::MAX, |place| place - 1)
            }
        };
        if other.start <= last {
            spans.push(one.over(*other));
        }
    }
}

/// The stretches over pairs that stand together, in order. Gives whether none was left out.
fn pairs(
    left: &[Span],
    right: &[Span],
    proximity: Proximity,
    breaks: &[u32],
    reach: Reach,
    spans: &mut Vec<Span>,
) -> bool {
    spans.clear();
    if reach != Reach::All && left.iter().chain(right).all(|span| span.start == span.end) {
        nearest_words(left, right, proximity, breaks, spans);
        if !matches!(proximity, Proximity::Before { .. }) {
            nearest_words(right, left, proximity, breaks, spans);
        }
        in_order(spans);
        return true;
    }
    let mut go = |ones: &[Span], others: &[Span]| {
        for one in ones {
            if spans.len() >= MAX_SPANS {
                return false;
            }
            let mut nearest: Option<Span> = None;
            followers(*one, others, proximity, breaks, |other| {
                let over = one.over(other);
                match reach {
                    Reach::All => {
                        spans.push(over);
                        spans.len() < MAX_SPANS
                    }
                    Reach::Shortest => {
                        // What begins behind the nearest end can't end before it.
                        let is_behind = nearest.is_some_and(|span| other.start > span.end);
                        if nearest.is_none_or(|span| over.end < span.end) {
                            nearest = Some(over);
                        }
                        !is_behind
                    }
                    Reach::First => {
                        nearest = Some(over);
                        false
                    }
                }
            });
            spans.extend(nearest);
            if reach == Reach::First && !spans.is_empty() {
                return true;
            }
        }
        true
    };
    let mut is_whole = go(left, right);
    if !matches!(proximity, Proximity::Before { .. }) {
        is_whole &= go(right, left);
    }
    in_order(spans);
    is_whole
}

/// From every span on the shortest stretch of so many that don't overlap.
fn runs(spans: &[Span], count: u32, stretches: &mut Vec<Span>) {
    stretches.clear();
    // The earliest end of the spans from a place of the list on, and that place.
    let mut earliest: Vec<u32> = vec![u32::MAX; spans.len() + 1];
    for at in (0..spans.len()).rev() {
        earliest[at] = earliest[at + 1].min(spans[at].end);
    }
    for span in spans {
        let mut end = span.end;
        let is_enough = (1..count).all(|_| {
            let next = spans.partition_point(|other| other.start <= end);
            end = earliest[next];
            end != u32::MAX
        });
        if is_enough {
            stretches.push(Span { start: span.start, head: span.start, tail: end, end });
        }
    }
    in_order(stretches);
}

/// How many spans can be chosen at most so that none overlap.
fn count_apart(spans: &[Span]) -> u32 {
    let (mut count, mut end): (u32, Option<u32>) = (0, None);
    // In the order of their beginnings: a span that ends before the chosen one takes its place.
    for span in spans {
        match end {
            Some(last) if span.start <= last => end = Some(last.min(span.end)),
            _ => {
                count += 1;
                end = Some(span.end);
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(pairs: &[(u32, u32)]) -> Vec<Span> {
        pairs.iter().map(|(start, end)| Span::solid(*start, *end)).collect()
    }

    #[test]
    fn words_in_order() {
        for (positions, slop, expected) in [
            (vec![vec![0], vec![1]], 0, &[(0, 1)][..]),
            (vec![vec![1], vec![0]], 0, &[]),
            (vec![vec![1], vec![0]], 5, &[]),
            (vec![vec![0], vec![2]], 0, &[]),
            (vec![vec![0], vec![2]], 1, &[(0, 2)]),
            (vec![vec![0, 7], vec![3, 8]], 0, &[(7, 8)]),
            (vec![vec![0], vec![2], vec![4]], 1, &[]),
            (vec![vec![0], vec![2], vec![4]], 2, &[(0, 4)]),
            (vec![vec![0], vec![2, 9], vec![3]], 1, &[(0, 3)]),
            (vec![vec![5], vec![]], 9, &[]),
            (vec![], 0, &[]),
        ] {
            let mut found = Vec::new();
            sequences(&positions, slop, &mut found);
            assert_eq!(found, spans(expected), "{positions:?} {slop}");
        }
    }

    #[test]
    fn pairs_that_stand_together() {
        let words = |places: &[u32]| -> Vec<Span> {
            places.iter().map(|place| Span::solid(*place, *place)).collect()
        };
        let near = |distance| Proximity::Near { distance };
        let before = |distance| Proximity::Before { distance };
        for (left, right, proximity, breaks, expected) in [
            (&[0][..], &[1][..], near(1), &[][..], &[(0, 1)][..]),
            (&[1], &[0], near(1), &[], &[(0, 1)]),
            (&[1], &[0], before(1), &[], &[]),
            (&[0], &[5], near(5), &[], &[(0, 5)]),
            (&[0], &[5], near(4), &[], &[]),
            (&[3], &[3], near(4), &[], &[]),
            (&[3, 5], &[3, 5], near(4), &[], &[(3, 5)]),
            (&[0, 9], &[4], near(5), &[], &[(0, 4), (4, 9)]),
            (&[0, 9], &[4], Proximity::Sentence, &[4], &[(4, 9)]),
            (&[0, 9], &[4], Proximity::Sentence, &[3, 8], &[]),
            (&[0, 9], &[4], Proximity::Paragraph, &[], &[(0, 4), (4, 9)]),
        ] {
            let mut found = Vec::new();
            assert!(pairs(&words(left), &words(right), proximity, breaks, Reach::All, &mut found));
            let ends: Vec<_> = found.iter().map(|span| (span.start, span.end)).collect();
            assert_eq!(ends, expected, "{left:?} {proximity:?} {right:?}");
            let is_any = !found.is_empty();
            let apart = count_apart(&found);
            for reach in [Reach::Shortest, Reach::First] {
                pairs(&words(left), &words(right), proximity, breaks, reach, &mut found);
                assert_eq!(!found.is_empty(), is_any);
                assert!(
                    reach == Reach::First || count_apart(&found) == apart,
                    "{left:?} {proximity:?} {right:?}"
                );
            }
        }
    }

    #[test]
    fn occurrences_lie_apart() {
        assert_eq!(count_apart(&spans(&[(0, 3), (1, 1), (2, 2), (3, 5)])), 3);
        assert_eq!(count_apart(&[]), 0);
        let mut found = Vec::new();
        runs(&spans(&[(0, 3), (1, 1), (2, 2), (3, 5)]), 2, &mut found);
        let ends: Vec<_> = found.iter().map(|span| (span.start, span.end)).collect();
        assert_eq!(ends, [(1, 2), (2, 5)]);
    }
}
