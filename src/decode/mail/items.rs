//! The items of a newsletter that is a list: three or more headlines of one kind, each with a text and a link of its own.
//!
//! An article with section headings looks much the same, so the links decide; without them only numbers in their order, and
//! underlined headlines that begin at once and have short texts, make a list.

use std::collections::BTreeSet;

use super::super::markup;
use super::blocks::Block;
use super::text::HEADLINE;

/// Fewer headlines make no list.
const FEWEST: usize = 3;

/// A message of more blocks is no newsletter.
const MOST: usize = 5000;

/// Shorter texts are none, in bytes.
const SHORTEST: usize = 40;

/// What stands outside of the items and is shorter than this is no article, in bytes.
const SHORTEST_REST: usize = 200;

/// Without links: longest text before the first headline, and of an item, in bytes.
const LONGEST: (usize, usize) = (400, 2000);

/// Beginnings of links that lead on from a text, in small letters.
const READ_MORE: [&str; 22] = [
    "read",
    "continue",
    "full story",
    "full article",
    "more",
    "learn more",
    "see more",
    "view",
    "open",
    "get the",
    "weiter",
    "mehr",
    "zum artikel",
    "lire",
    "en savoir",
    "leer",
    "sigue",
    "ver más",
    "leggi",
    "continua",
    "lees",
    "»",
];

/// One of a list.
#[derive(Debug, PartialEq)]
pub(super) struct Item {
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) paragraphs: Vec<String>,
}

/// A list, and the paragraphs that are not in it.
#[derive(Debug, PartialEq)]
pub(super) struct List {
    pub(super) items: Vec<Item>,
    pub(super) rest: Vec<String>,
}

/// A kind of headline.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Level(u8),
    StrongLink,
    Link,
    Strong,
    Numbered,
    Underlined,
}

/// All of them, the plainest first.
const KINDS: [Kind; 11] = [
    Kind::Level(1),
    Kind::Level(2),
    Kind::Level(3),
    Kind::Level(4),
    Kind::Level(5),
    Kind::Level(6),
    Kind::StrongLink,
    Kind::Link,
    Kind::Strong,
    Kind::Numbered,
    Kind::Underlined,
];

impl Kind {
    fn is(self, block: &Block) -> bool {
        if !is_headline(block) {
            return false;
        }
        match self {
            Self::Level(level) => block.level == Some(level),
            Self::StrongLink => block.is_link && block.is_strong,
            Self::Link => block.is_link,
            Self::Strong => block.is_strong,
            Self::Numbered => block.number.is_some(),
            Self::Underlined => block.is_underlined,
        }
    }
}

/// Finds the list in a message; of several kinds of headlines the one with most items.
pub(super) fn find(blocks: &[Block]) -> Option<List> {
    if blocks.len() > MOST {
        return None;
    }
    let lists = KINDS.into_iter().rev().filter_map(|kind| list(blocks, kind));
    lists.max_by_key(|list| list.items.len())
}

fn list(blocks: &[Block], kind: Kind) -> Option<List> {
    let heads: Vec<usize> = (0..blocks.len()).filter(|at| kind.is(&blocks[*at])).collect();
    let mut items = Vec::new();
    let mut numbers = Vec::new();
    let mut rest: Vec<String> = texts(&blocks[..*heads.first()?]);
    let before: usize = rest.iter().map(String::len).sum();
    for (number, head) in heads.iter().enumerate() {
        let end = heads.get(number + 1).copied().unwrap_or(blocks.len());
        let part = &blocks[head + 1..end];
        // A heading of a higher rank begins another part of the letter.
        let own = part.iter().take_while(|block| !is_above(block, kind)).count();
        let (own, after) = part.split_at(own);
        let paragraphs = texts(own);
        if paragraphs.iter().map(String::len).sum::<usize>() >= SHORTEST {
            let link = blocks[*head].link.clone().or_else(|| leading_on(own));
            numbers.extend(blocks[*head].number);
            items.push(Item { title: blocks[*head].text.clone(), link, paragraphs });
        } else {
            rest.push(blocks[*head].text.clone());
            rest.extend(paragraphs);
        }
        rest.extend(texts(after));
    }
    let links: BTreeSet<&str> = items.iter().filter_map(|item| item.link.as_deref()).collect();
    let is_linked = links.len() >= FEWEST && links.len() * 10 >= items.len() * 6;
    let is_counted =
        kind == Kind::Numbered && (1..).zip(&numbers).all(|(expected, number)| expected == *number);
    let is_short = kind == Kind::Underlined
        && before <= LONGEST.0
        && items.iter().all(|item| item.paragraphs.iter().map(String::len).sum::<usize>() <= LONGEST.1);
    let is_list =
        items.len() >= FEWEST && items.len() * 10 >= heads.len() * 6 && (is_linked || is_counted || is_short);
    if rest.iter().map(String::len).sum::<usize>() < SHORTEST_REST {
        rest.clear();
    }
    is_list.then_some(List { items, rest })
}

fn is_headline(block: &Block) -> bool {
    let length = block.text.chars().count();
    (8..=HEADLINE).contains(&length)
        && block.text.contains(' ')
        && !block.text.contains('\n')
        && !block.text.ends_with([':', ','])
        && !is_read_more(block)
}

/// Whether a block is a heading over those of a kind.
fn is_above(block: &Block, kind: Kind) -> bool {
    match (block.level, kind) {
        (Some(level), Kind::Level(own)) => level < own,
        (Some(_), _) => true,
        (None, Kind::Link) => block.is_strong && !block.is_link && block.text.len() <= HEADLINE,
        (None, _) => false,
    }
}

/// A link that leads on to the article that a text is about.
fn is_read_more(block: &Block) -> bool {
    let text = block.text.to_lowercase();
    let text = text.trim_start_matches(|letter: char| !letter.is_alphanumeric() && letter != '»');
    block.link.is_some()
        && block.text.chars().count() <= 40
        && READ_MORE.iter().any(|words| text.starts_with(words))
}

/// Where a text leads on to: its link of its own, or the address in a line of its own.
fn leading_on(blocks: &[Block]) -> Option<String> {
    let leads = |block: &&Block| block.text.is_empty() || block.is_link && is_read_more(block);
    blocks.iter().rev().find(leads).and_then(|block| block.link.clone())
}

fn texts(blocks: &[Block]) -> Vec<String> {
    let is_text = |block: &&Block| !(block.text.is_empty() || block.is_link && is_read_more(block));
    blocks.iter().filter(is_text).map(|block| markup::tidy(&block.text)).collect()
}
