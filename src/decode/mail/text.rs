//! The plain text of a message as blocks, and what belongs to mail and not to the news.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::super::address::is_address;
use super::super::{markup, plain};
use super::blocks::Block;

/// Longest headline, in characters.
pub(super) const HEADLINE: usize = 200;

/// Words that stand in the footers of newsletters, in small letters.
const FOOTERS: [&str; 36] = [
    "unsubscribe",
    "manage your preferences",
    "manage preferences",
    "email preferences",
    "update your preferences",
    "manage your subscription",
    "manage subscription",
    "in your browser",
    "in a browser",
    "in browser",
    "view online",
    "view this email",
    "web version",
    "you are receiving this",
    "you're receiving this",
    "you’re receiving this",
    "you received this",
    "this email was sent to",
    "this message was sent to",
    "was forwarded this",
    "forward to a friend",
    "forwarded this email",
    "all rights reserved",
    "add us to your address book",
    "privacy policy",
    "no longer wish to receive",
    "opt out",
    "abbestellen",
    "abmelden",
    "im browser",
    "désabonner",
    "desabonner",
    "darse de baja",
    "darte de baja",
    "cancellati",
    "uitschrijven",
];

/// Words with which a footer gives a way out; all behind it is footer.
const WAYS_OUT: [&str; 8] = [
    "unsubscribe",
    "opt out",
    "abbestellen",
    "abmelden",
    "désabonner",
    "darse de baja",
    "cancellati",
    "uitschrijven",
];

/// A longer paragraph with such words is text.
const LONGEST_FOOTER: usize = 400;

/// One line, without markup signs taken for markup.
pub(super) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The paragraphs of a plain text, with headlines by their shape: numbered, in a line over a drawn one, or between asterisks.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let lines = own_lines(text);
    let mut blocks = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        let trimmed = line.trim();
        if is_drawn(trimmed) || trimmed.is_empty() {
            // A single line right over it is a headline.
            let is_underlined = !trimmed.is_empty() && open.len() == 1;
            flush(&mut open, &mut blocks, is_underlined);
        } else if let Some(link) = bare_link(trimmed) {
            flush(&mut open, &mut blocks, false);
            blocks.push(Block { link: Some(link), ..Block::default() });
        } else if let Some((number, rest)) = numbered(trimmed).filter(|_| open.is_empty()) {
            let (rest, link) = without_links(rest);
            blocks.push(Block { text: rest, number: Some(number), link, ..Block::default() });
        } else {
            open.push(line);
        }
        at += 1;
    }
    flush(&mut open, &mut blocks, false);
    blocks
}

fn flush(open: &mut Vec<&str>, blocks: &mut Vec<Block>, is_underlined: bool) {
    let lines = std::mem::take(open);
    for paragraph in plain::paragraphs(&lines) {
        let (text, link) = without_links(&paragraph);
        let starred = text
            .strip_prefix('*')
            .and_then(|text| text.strip_suffix('*'))
            .map(|text| text.trim_matches('*').to_owned());
        let is_strong = starred.is_some();
        blocks.push(Block {
            text: starred.unwrap_or(text),
            is_strong,
            is_underlined,
            link,
            ..Block::default()
        });
    }
}

/// The lines that the sender wrote: without the signature and what is answered to.
fn own_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if line == "-- "
            || line.starts_with("-----Original Message-----")
                && lines.iter().any(|line| !line.trim().is_empty())
        {
            break;
        }
        if line.starts_with('>') {
            // What says whose words these are goes with them.
            while lines.last().is_some_and(|line| line.trim().is_empty() || is_attribution(line)) {
                lines.pop();
            }
            continue;
        }
        lines.push(line);
    }
    if lines.iter().all(|line| line.trim().is_empty()) { text.lines().collect() } else { lines }
}

/// "On Tuesday, Jane Doe wrote:"
fn is_attribution(line: &str) -> bool {
    let line = line.trim();
    line.len() <= 200
        && line.ends_with(':')
        && ["wrote", "schrieb", "écrit", "escribió", "ha scritto", "escreveu", "schreef"]
            .iter()
            .any(|word| line.contains(word))
}

/// Whether a line is drawn.
fn is_drawn(line: &str) -> bool {
    let sign = line.chars().next().unwrap_or(' ');
    "=-_~*#—─".contains(sign)
        && line.chars().count() >= 3
        && line.chars().all(|letter| letter == sign || letter == ' ')
}

/// `3. Headline`, `3) Headline`
pub(super) fn numbered(line: &str) -> Option<(u32, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line[digits..].strip_prefix(['.', ')'])?.strip_prefix(' ')?.trim();
    let number = line[..digits].parse().ok().filter(|number| (1..=99).contains(number))?;
    let is_headline =
        rest.starts_with(|letter: char| !letter.is_lowercase()) && rest.chars().count() <= HEADLINE;
    (is_headline && !rest.is_empty()).then_some((number, rest))
}

/// A line that is an address, with or without a word before it: `Read more: https://…`.
fn bare_link(line: &str) -> Option<String> {
    let inner = line.trim_matches(['<', '>', '(', ')', '[', ']']);
    let (before, address) = inner.split_at(inner.find("http")?);
    let address = address.trim_matches(['<', '>', '(', ')', '[', ']']);
    let is_alone = is_address(address)
        && !address.contains(char::is_whitespace)
        && before.split_whitespace().count() <= 4;
    is_alone.then(|| address.to_owned())
}

/// A text without the addresses in brackets that stand behind linked words, and the first of them.
fn without_links(text: &str) -> (String, Option<String>) {
    let mut out = String::with_capacity(text.len());
    let mut first = None;
    let mut rest = text;
    while let Some(at) = rest.find(['<', '(', '[']) {
        let (before, bracket) = rest.split_at(at);
        let inner = bracket[1..].trim_start();
        let end = bracket.find(['>', ')', ']']).filter(|_| is_address(inner));
        match end {
            Some(end) => {
                out.push_str(before.trim_end());
                first.get_or_insert_with(|| bracket[1..end].trim().to_owned());
                rest = &bracket[end + 1..];
            }
            None => {
                out.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    (markup::tidy(&out), first)
}

/// Blocks without those that say how to get or to stop the letter.
pub(super) fn without_footers(mut blocks: Vec<Block>) -> Vec<Block> {
    static ALL: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(FOOTERS).ok());
    let is_footer = |block: &Block| {
        block.text.len() <= LONGEST_FOOTER
            && ALL.as_ref().is_some_and(|words| words.is_match(&block.text.to_lowercase()))
    };
    let is_way_out = |block: &Block| {
        let text = block.text.to_lowercase();
        block.text.len() <= LONGEST_FOOTER && WAYS_OUT.iter().any(|word| text.contains(word))
    };
    // A way out may stand at the top as well.
    let half = blocks.len() / 2;
    if let Some(end) = blocks.iter().skip(half).position(is_way_out) {
        blocks.truncate(half + end);
    }
    blocks.retain(|block| !is_footer(block));
    blocks
}
