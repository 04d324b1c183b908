//! The text of a query is read back as the same query, whether it came from text or was put together.

use dateline::query::{NameField, NamePattern, Node, Proximity, Query, Scope, TextAtom, ValueField, parse};

use crate::text;

/// Longest text that is read.
const LONGEST: usize = 4096;

pub fn check(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    if first % 2 == 0 {
        if let Ok(parsed) = parse(&text(rest)) {
            comes_back(&parsed.query);
        }
    } else {
        let mut left = rest;
        let root = node(&mut left, 6);
        comes_back(&Query { root });
    }
}

fn comes_back(query: &Query) {
    let printed = query.to_string();
    let json = serde_json::to_string(query).unwrap();
    assert_eq!(&serde_json::from_str::<Query>(&json).unwrap(), query, "as JSON");
    if printed.len() > LONGEST {
        return;
    }
    match printed.parse::<Query>() {
        Ok(again) => {
            assert_eq!(&again, query, "{printed}");
            assert_eq!(again.to_string(), printed);
        }
        Err(error) => panic!("{printed:?} of {query:?}: {error}"),
    }
}

fn byte(left: &mut &[u8]) -> u8 {
    let (first, rest) = left.split_first().map_or((0, &[][..]), |(first, rest)| (*first, rest));
    *left = rest;
    first
}

/// Some characters that can stand in a query, at least one of them a letter.
fn words(left: &mut &[u8]) -> String {
    let length = usize::from(byte(left) % 12).min(left.len());
    let (own, rest) = left.split_at(length);
    *left = rest;
    let text: String = text(own).chars().filter(|letter| !letter.is_control()).collect();
    format!("{text}x")
}

/// The same without white space.
fn word(left: &mut &[u8]) -> String {
    words(left).chars().filter(|letter| !letter.is_whitespace()).collect()
}

fn scope(left: &mut &[u8]) -> Scope {
    [Scope::Anywhere, Scope::Title, Scope::Lead, Scope::Body][usize::from(byte(left) % 4)]
}

/// A word or quotation, which has a place in the text.
fn atom(left: &mut &[u8]) -> Node {
    let scope = scope(left);
    let atom = match byte(left) % 4 {
        0 => TextAtom::Word { text: word(left) },
        1 => TextAtom::Phrase { text: words(left), slop: u32::from(byte(left) % 4), prefix: false },
        2 => TextAtom::Phrase { text: words(left), slop: 0, prefix: true },
        _ => TextAtom::Cased { text: words(left).trim().to_owned() },
    };
    Node::Text { scope, atom }
}

fn node(left: &mut &[u8], depth: usize) -> Node {
    if depth == 0 {
        return atom(left);
    }
    let several = |left: &mut &[u8]| (0..2 + byte(left) % 2).map(|_| node(left, depth - 1)).collect();
    match byte(left) % 12 {
        0 => Node::And { clauses: several(left) },
        1 => Node::Or { clauses: several(left) },
        2 => Node::Not { clause: Box::new(node(left, depth - 1)) },
        3 => Node::Boost {
            clause: Box::new(node(left, depth - 1)),
            factor: f32::from(byte(left).max(1)) / 8.0,
        },
        4 => {
            let distance = u32::from(byte(left) % 20) + 1;
            let proximity = match byte(left) % 4 {
                0 => Proximity::Near { distance },
                1 => Proximity::Before { distance },
                2 => Proximity::Paragraph,
                _ => Proximity::Sentence,
            };
            Node::Near { proximity, left: Box::new(atom(left)), right: Box::new(atom(left)) }
        }
        5 => Node::AtLeast { count: u32::from(byte(left) % 9) + 2, clause: Box::new(atom(left)) },
        6 => {
            let field = NameField::ALL[usize::from(byte(left)) % NameField::ALL.len()];
            Node::Name { field, pattern: NamePattern::Exact(words(left).trim().to_owned()) }
        }
        7 => Node::HasValue { field: ValueField::ALL[usize::from(byte(left)) % ValueField::ALL.len()] },
        8 => Node::All,
        _ => atom(left),
    }
}
