//! Whom a text credits: the outlets it cites and the publisher that its boilerplate names.
//!
//! A name is taken for an outlet by the words in it; the tagger, which has a list of outlets, finds the others.
//! Precision counts here: "according to Jassy" credits nobody.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, Match, MatchKind};
use memchr::memmem;
use regex::Regex;

use crate::article::Citation;

/// Words that make a name one of an outlet.
const OUTLET_WORDS: [&str; 62] = [
    "news",
    "times",
    "journal",
    "post",
    "insider",
    "wire",
    "daily",
    "herald",
    "tribune",
    "gazette",
    "guardian",
    "chronicle",
    "magazine",
    "review",
    "agency",
    "weekly",
    "observer",
    "telegraph",
    "register",
    "globe",
    "bulletin",
    "television",
    "radio",
    "tv",
    "today",
    "press",
    "ledger",
    "dispatch",
    "courier",
    "reuters",
    "bloomberg",
    "cnbc",
    "cnn",
    "bbc",
    "afp",
    "npr",
    "forbes",
    "fortune",
    "axios",
    "politico",
    "nikkei",
    "techcrunch",
    "variety",
    "deadline",
    "wired",
    "engadget",
    "gizmodo",
    "cnet",
    "verge",
    "handelsblatt",
    "spiegel",
    "kotaku",
    "geekwire",
    "semafor",
    "economist",
    "barron's",
    "marketwatch",
    "recode",
    "zeitung",
    "monde",
    "figaro",
    "information",
];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Credits {
    pub(super) cites: Vec<Citation>,
    pub(super) publisher: Option<Citation>,
}

/// A name: capitalised words, with small ones between.
const NAME: &str = r"(?:[Tt]he )?WORD(?: (?:of |and |& |de |der )?WORD){0,4}";

/// A word of one, with points only behind initials.
const WORD: &str = r"(?:(?:\p{Lu}\.)+|\p{Lu}[\p{L}\p{N}&’'-]*)";

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(&text.replace("NAME", NAME).replace("WORD", WORD)).ok()
}

static BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?:[Aa]ccording to(?: a report (?:by|in|from))?|[Rr]eported by|[Cc]ited by|\btold|[Ii]nterview with|[Rr]eport (?:by|in|from)) (NAME)",
    )
});

static AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(NAME)(?:, (?:which|citing)[^,.]{0,60},)? (?:first |has |had |earlier |also |previously )?report(?:ed|s)\b",
    )
});

static PUBLICATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^(NAME) is (?:an?|part of|published by) .{2,60}?(?i:publication|publishing|media group|media company)\.?$",
    )
});

static RIGHTS: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?:©|\(c\)|[Cc]opyright)(?: ©)?(?: \d{4})?(?:[-–]\d{4})? (NAME)"));

static IN_BRACKETS: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"^\((NAME)\)$"));

/// What stands at every credit. The patterns are tried only around these, because a name costs them a slow search.
static SIGNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let signs = [
        "ccording to ",
        "eported by ",
        "ited by ",
        "told ",
        "nterview with ",
        "eport by ",
        "eport in ",
        "eport from ",
        " reported",
        " reports",
    ];
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(signs).ok()
});

/// Bytes before and after a sign in which its credit lies.
const AROUND: usize = 160;

pub(super) fn find(body: &str) -> Credits {
    let publisher = publisher(body);
    let mut seen = BTreeSet::new();
    let mut cites = Vec::new();
    for sign in SIGNS.as_ref().into_iter().flat_map(|signs| signs_in(signs, body)) {
        let is_after = body[sign.range()].starts_with(' ');
        if !may_be_named(body, &sign, is_after) {
            continue;
        }
        let (from, to) = if is_after {
            // A name begins behind a space.
            let from = body.floor_char_boundary(sign.start().saturating_sub(AROUND));
            let space = if from == 0 { 0 } else { body[from..sign.start()].find(' ').unwrap_or(0) };
            (from + space, body.floor_char_boundary(sign.end() + 2))
        } else {
            let before = body.floor_char_boundary(sign.start().saturating_sub(2));
            (before, body.floor_char_boundary(sign.end() + AROUND))
        };
        let pattern = if is_after { &AFTER } else { &BEFORE };
        let Some(pattern) = pattern.as_ref() else { continue };
        for found in pattern.captures_iter(&body[from..to]).filter_map(|found| found.get(1)) {
            let name = trim_name(found.as_str());
            let start = from + found.start();
            if is_outlet(name) && seen.insert(start) {
                cites.push(Citation { name: name.to_owned(), span: start..start + name.len() });
            }
        }
    }
    cites.sort_by_key(|citation| citation.span.start);
    Credits { cites, publisher }
}

/// Whether a name can stand beside a sign, by the word next to it: most do not, and a pattern takes long to find that out.
fn may_be_named(body: &str, sign: &Match, is_after: bool) -> bool {
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    if is_after {
        let word = body[..sign.start()].rsplit([' ', '\n']).next().unwrap_or_default();
        let is_between = matches!(word, "first" | "has" | "had" | "earlier" | "also" | "previously");
        // A name may stand behind a bracket or a quote.
        is_between || word.ends_with(',') || word.contains(char::is_uppercase)
    } else {
        let after = &body[sign.end()..];
        is_capital(after) || after.starts_with("the ") || after.starts_with("a report ")
    }
}

/// All signs of a body. They may overlap, and no two begin at one place; a search for overlapping ones can't use what makes a
/// plain one fast.
fn signs_in(signs: &AhoCorasick, body: &str) -> impl Iterator<Item = Match> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let found = signs.find(Input::new(body).span(from..body.len()))?;
        from = found.start() + 1;
        Some(found)
    })
}

/// The name without what a sentence adds to its end.
fn trim_name(name: &str) -> &str {
    let name = name.trim_end_matches(['.', '-', '’', '\'']);
    name.strip_suffix("’s").or_else(|| name.strip_suffix("'s")).unwrap_or(name)
}

fn is_outlet(name: &str) -> bool {
    let words: Vec<String> = name.split(' ').map(|word| word.to_lowercase().replace('’', "'")).collect();
    // "information" and "verge" are outlets only with their article.
    let needs_article =
        ["information", "verge", "economist", "guardian", "times", "post", "register", "globe"];
    words.iter().any(|word| {
        OUTLET_WORDS.contains(&word.as_str())
            && (words.len() > 1 || !needs_article.contains(&word.as_str()))
            && (word != "information" || words.len() == 2 && words[0] == "the")
    }) || matches!(name, "AP" | "dpa" | "WSJ" | "NYT" | "FT")
}

/// Paragraphs at the end in which the publisher is looked for.
const PARAGRAPHS: usize = 3;

/// Looked for in the last paragraphs, where boilerplate stands.
fn publisher(body: &str) -> Option<Citation> {
    let mut end = body.len();
    for _ in 0..PARAGRAPHS {
        let start = memmem::rfind(&body.as_bytes()[..end], b"\n\n").map_or(0, |at| at + 2);
        let range = start..end;
        let text = body[range.clone()].trim_end();
        let is_short = text.len() <= 300;
        let is_first = start == 0;
        end = start.saturating_sub(2);
        // What a pattern needs costs less to look for than the pattern.
        let patterns = [
            (&PUBLICATION, is_short && text.contains(" is ")),
            (&RIGHTS, is_short && ["©", "opyright", "(c)"].iter().any(|sign| text.contains(sign))),
            (&IN_BRACKETS, is_short && text.starts_with('(')),
        ];
        for pattern in
            patterns.into_iter().filter(|(_, may)| *may).filter_map(|(pattern, _)| pattern.as_ref())
        {
            if let Some(found) = pattern.captures(text).and_then(|found| found.get(1)) {
                let name = trim_name(found.as_str());
                let start = range.start + found.start();
                return Some(Citation { name: name.to_owned(), span: start..start + name.len() });
            }
        }
        if is_first {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn outlets_are_credited_and_persons_are_not() {
        for (text, names) in [
            ("According to Business Insider, messages show it.", vec!["Business Insider"]),
            ("He told Reuters. She told Tim Cook.", vec!["Reuters"]),
            ("The New York Times reported on Monday.", vec!["The New York Times"]),
            ("The cuts were first reported by The Information.", vec!["The Information"]),
            ("According to Jassy, according to internal messages, according to The Company.", vec![]),
            ("Information reported by customers", vec![]),
            (
                "Bloomberg reported, citing a spokesperson; the Wall Street Journal had reported it.",
                vec!["Bloomberg", "the Wall Street Journal"],
            ),
            ("Amazon reported a loss.", vec![]),
            ("in an interview with Harbor Business Wire’s editor", vec!["Harbor Business Wire"]),
        ] {
            let credits = find(text);
            let found: Vec<&str> = credits.cites.iter().map(|citation| citation.name.as_str()).collect();
            assert_eq!(found, names, "{text}");
            for citation in credits.cites {
                assert_eq!(&text[citation.span], citation.name);
            }
        }
    }

    #[test]
    fn the_publisher_stands_at_the_end() {
        for (last, name) in [
            ("WebProNews is an iEntry Publication", Some("WebProNews")),
            ("Harbor Business Wire is a Quayside Media publication.", Some("Harbor Business Wire")),
            ("© 2023 Circuit Daily. All rights reserved.", Some("Circuit Daily")),
            ("(Harbor Business Wire)", Some("Harbor Business Wire")),
            ("Amazon is a large company.", None),
        ] {
            let body = format!("A first paragraph.\n\nA second one.\n\n{last}");
            let publisher = find(&body).publisher;
            assert_eq!(publisher.as_ref().map(|publisher| publisher.name.as_str()), name, "{last}");
            if let Some(publisher) = publisher {
                assert_eq!(&body[publisher.span], publisher.name);
            }
        }
    }
}
