//! Numbers of a text with what they count: money, percentages, and people who work.
//!
//! Reads how news writes them: `$1.5 billion`, `€3bn`, `USD 20m`, `5 per cent`, `18,000 jobs`, `layoffs of over 10,000`.
//! Numbers that are spelled out in words are not read.

use std::ops::Range;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AmountKind {
    /// An amount of money, of any currency.
    Money,
    /// A percentage.
    Percent,
    /// Jobs or people who have one.
    Headcount,
}

/// A number with its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Bytes of the text, from the currency sign or first digit to the end of the number and its magnitude.
    pub span: Range<usize>,
    /// What it counts.
    pub kind: AmountKind,
    /// How many: people; of money and percentages hundredths of a unit.
    pub value: u64,
}

/// Hundredths in a unit of money or a percentage point.
pub const HUNDREDTHS: u64 = 100;

/// A number as written: its value is `digits × 10^-decimals × 10^magnitude`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// All digits, the point left out.
    pub digits: u64,
    /// How many of them stand behind the point.
    pub decimals: u32,
    /// 0, or 3, 6, 9, 12 for thousand, million, billion, trillion.
    pub magnitude: u32,
    /// The sign of a currency before it.
    pub currency: Option<char>,
}

impl Figure {
    /// The value in units of `10^-places`, rounded down; `None` where it is too large.
    pub fn scaled(&self, places: u32) -> Option<u64> {
        let up = self.magnitude + places;
        if up >= self.decimals {
            self.digits.checked_mul(10_u64.checked_pow(up - self.decimals)?)
        } else {
            Some(self.digits / 10_u64.checked_pow(self.decimals - up)?)
        }
    }
}

/// Suffixes and words of magnitudes, with their power of ten.
pub const MAGNITUDES: [(&str, u32); 15] = [
    ("k", 3),
    ("thousand", 3),
    ("m", 6),
    ("mn", 6),
    ("mln", 6),
    ("million", 6),
    ("b", 9),
    ("bn", 9),
    ("bln", 9),
    ("billion", 9),
    ("t", 12),
    ("tn", 12),
    ("trn", 12),
    ("tln", 12),
    ("trillion", 12),
];

/// Signs of currencies.
const SIGNS: [char; 6] = ['$', '€', '£', '¥', '₹', '₩'];

/// Words behind a number that make it money.
const CURRENCIES: [&str; 19] = [
    "dollar", "dollars", "euro", "euros", "pound", "pounds", "yen", "won", "yuan", "rupees", "francs", "usd",
    "eur", "gbp", "jpy", "chf", "cny", "inr", "krw",
];

/// Codes before a number that make it money.
const CODES: [&str; 8] = ["USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "KRW"];

/// Words behind a number, at most [`NOUN_REACH`] further, that make it a number of people who work.
const WORKERS: [&str; 22] = [
    "jobs",
    "job",
    "employees",
    "employee",
    "workers",
    "worker",
    "staff",
    "staffers",
    "positions",
    "posts",
    "roles",
    "redundancies",
    "layoffs",
    "layoff",
    "engineers",
    "managers",
    "contractors",
    "associates",
    "headcount",
    "workforce",
    "personnel",
    "cuts",
];

/// How many words may stand between a number and what it counts.
const NOUN_REACH: usize = 3;

/// What stands before a number of people who work, in the order of the text.
const BEFORE_WORKERS: [&[&str]; 22] = [
    &["layoffs", "of"],
    &["layoff", "of"],
    &["redundancies", "of"],
    &["cuts", "of"],
    &["workforce", "of"],
    &["headcount", "of"],
    &["headcount", "to"],
    &["headcount", "by"],
    &["staff", "of"],
    &["staff", "by"],
    &["workforce", "by"],
    &["workforce", "to"],
    &["lay", "off"],
    &["lays", "off"],
    &["laid", "off"],
    &["laying", "off"],
    &["let", "go"],
    &["employs"],
    &["employing"],
    &["employed"],
    &["hire"],
    &["hiring"],
];

/// Words that may stand between those and the number.
const HEDGES: [&str; 24] = [
    "over",
    "about",
    "around",
    "nearly",
    "almost",
    "some",
    "roughly",
    "more",
    "than",
    "up",
    "to",
    "at",
    "least",
    "an",
    "estimated",
    "approximately",
    "as",
    "many",
    "another",
    "further",
    "additional",
    "fewer",
    "only",
    "the",
];

/// Most letters that are looked at before a number.
const LOOK_BACK: usize = 80;

/// Most bytes that are looked at behind a number.
const LOOK_AHEAD: usize = 200;

/// The amounts of a text, in order.
pub fn amounts(text: &str) -> Vec<Amount> {
    let mut found: Vec<Amount> = Vec::new();
    let mut at = 0;
    // A number that shares its noun with the next: "9,000 to 10,000 jobs".
    let mut waiting: Option<(Range<usize>, Figure)> = None;
    while let Some(start) = next_number(text, at) {
        let (figure, end) = figure_at(text, start);
        at = end.max(start + 1);
        let from = currency_start(text, start);
        let span = from..end;
        let before = &text[text.floor_char_boundary(from.saturating_sub(LOOK_BACK))..from];
        let kind = if from < start {
            Some(AmountKind::Money)
        } else {
            kind_of(&figure, before, &text[end..], is_year(&text[start..end], &figure))
        };
        let shared = waiting.take();
        let Some(kind) = kind else {
            if joins_next(&text[end..]) {
                waiting = Some((span, figure));
            }
            continue;
        };
        let mut push = |span: Range<usize>, figure: Figure| {
            let places = if kind == AmountKind::Headcount { 0 } else { 2 };
            found.extend(figure.scaled(places).map(|value| Amount { span, kind, value }));
        };
        if let Some((span, figure)) = shared {
            push(span, figure);
        }
        push(span, figure);
    }
    found
}

/// The number that a whole text is, with its sign and magnitude: `$1.5 billion`, `1.5B`, `10,000`.
pub fn read_figure(text: &str) -> Option<Figure> {
    let text = text.trim();
    let currency = text.chars().next().filter(|sign| SIGNS.contains(sign));
    let start = currency.map_or(0, char::len_utf8);
    if !text[start..].starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let (mut figure, end) = figure_at(text, start);
    figure.currency = currency;
    (end == text.len()).then_some(figure)
}

/// Where the next number begins that is no part of a word.
fn next_number(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            // Whole blocks without one, which the compiler compares in wide registers.
            let (blocks, _) = bytes[at..].as_chunks::<32>();
            let has_none =
                |block: &&[u8; 32]| !block.iter().fold(false, |any, byte| any | byte.is_ascii_digit());
            let passed = 32 * blocks.iter().take_while(has_none).count();
            at += passed.max(1);
            continue;
        }
        let before = text[..at].chars().next_back();
        let is_inner = before.is_some_and(char::is_alphanumeric)
            || (before.is_some_and(|letter| matches!(letter, '.' | ','))
                && at >= 2
                && bytes[at - 2].is_ascii_digit())
            // F-150 and the like are names.
            || (before == Some('-') && at >= 2 && bytes[at - 2].is_ascii_alphabetic());
        if !is_inner {
            return Some(at);
        }
        while at < bytes.len() && bytes[at].is_ascii_digit() {
            at += 1;
        }
    }
    None
}

/// The number at a place and its end, magnitude included.
fn figure_at(text: &str, start: usize) -> (Figure, usize) {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = start;
    let mut digits: u64 = 0;
    let mut decimals = 0;
    let mut is_too_long = false;
    let mut is_behind_point = false;
    loop {
        if digit(at) {
            match digits.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(bytes[at] - b'0'))) {
                Some(more) if decimals < 9 => {
                    digits = more;
                    decimals += u32::from(is_behind_point);
                }
                // Further decimals say nothing; a longer whole number is none that anybody counts with.
                _ => is_too_long |= !is_behind_point,
            }
            at += 1;
        } else if bytes.get(at) == Some(&b',')
            && !is_behind_point
            && digit(at + 1)
            && digit(at + 2)
            && digit(at + 3)
            && !digit(at + 4)
        {
            at += 1;
        } else if bytes.get(at) == Some(&b'.') && !is_behind_point && digit(at + 1) {
            is_behind_point = true;
            at += 1;
        } else {
            break;
        }
    }
    let mut figure = Figure { digits, decimals, magnitude: 0, currency: None };
    if is_too_long {
        figure.magnitude = 30;
        return (figure, at);
    }
    let rest = &text[at..];
    let gap = rest.len() - rest.trim_start_matches([' ', '\u{a0}', '-']).len();
    let word: &str = {
        let rest = &rest[gap..];
        &rest[..rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len())]
    };
    let ends_word = !rest[gap + word.len()..].chars().next().is_some_and(char::is_alphanumeric);
    if gap <= 2 && ends_word {
        let magnitude = MAGNITUDES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        // A single letter apart from the number is a word of its own: "5 m", "grade 3 B".
        if let Some((_, power)) = magnitude.filter(|_| gap == 0 || word.len() > 1) {
            figure.magnitude = *power;
            at += gap + word.len();
        }
    }
    (figure, at)
}

/// Where an amount begins with the sign before its number.
fn currency_start(text: &str, start: usize) -> usize {
    match text[..start].chars().next_back() {
        Some(sign) if SIGNS.contains(&sign) => start - sign.len_utf8(),
        _ => start,
    }
}

fn is_year(written: &str, figure: &Figure) -> bool {
    written.len() == 4
        && figure.magnitude == 0
        && figure.decimals == 0
        && (1900..2100).contains(&figure.digits)
}

/// The words that a text begins with, up to the end of a clause. Only so much is looked at that the time stays linear
/// where a text has no words at all.
fn words_ahead(text: &str) -> impl Iterator<Item = &str> {
    let text = &text[..text.floor_char_boundary(LOOK_AHEAD)];
    let clause = text.find(['.', ',', ';', ':', '(', '\n', '!', '?']).map_or(text, |end| &text[..end]);
    clause.split_whitespace()
}

fn kind_of(figure: &Figure, before: &str, behind: &str, is_year: bool) -> Option<AmountKind> {
    if behind.starts_with('%') {
        return Some(AmountKind::Percent);
    }
    let next = behind.trim_start_matches([' ', '\u{a0}', '-']);
    let starts = |word: &str| {
        next.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !next[word.len()..].chars().next().is_some_and(char::is_alphanumeric)
    };
    if ["percent", "per cent", "pct"].into_iter().any(starts) {
        return Some(AmountKind::Percent);
    }
    if next.starts_with('%') {
        return Some(AmountKind::Percent);
    }
    if CURRENCIES.into_iter().any(starts) || next.starts_with(['€', '£', '₹']) || before_is_code(before)
    {
        return Some(AmountKind::Money);
    }
    if figure.decimals > 0 && figure.magnitude == 0 {
        return None;
    }
    let is_worker = |word: &str| {
        let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        WORKERS.iter().any(|noun| word.eq_ignore_ascii_case(noun))
    };
    let is_number = |word: &str| word.starts_with(|letter: char| letter.is_ascii_digit());
    // Another number on the way counts for itself.
    let is_counted = !is_year
        && words_ahead(behind).take(NOUN_REACH + 1).take_while(|word| !is_number(word)).any(is_worker);
    if is_counted || (!is_year && follows_workers(before)) {
        return Some(AmountKind::Headcount);
    }
    None
}

/// Whether the code of a currency ends the text.
fn before_is_code(before: &str) -> bool {
    let trimmed = before.trim_end_matches([' ', '\u{a0}']);
    CODES.into_iter().any(|code| {
        trimmed
            .strip_suffix(code)
            .is_some_and(|rest| !rest.ends_with(|letter: char| letter.is_alphanumeric()))
    })
}

/// Whether the words before a number say that people who work are counted.
fn follows_workers(before: &str) -> bool {
    let clause = before.rfind(['.', ';', ':', '(', '\n', '!', '?']).map_or(before, |at| &before[at + 1..]);
    let mut words = clause
        .split_whitespace()
        .rev()
        .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()));
    loop {
        let is_phrase = |phrase: &&[&str]| {
            let mut words = words.clone();
            phrase.iter().rev().all(|part| words.next().is_some_and(|word| word.eq_ignore_ascii_case(part)))
        };
        if BEFORE_WORKERS.iter().any(is_phrase) {
            return true;
        }
        match words.next() {
            Some(word) if HEDGES.iter().any(|hedge| word.eq_ignore_ascii_case(hedge)) => {}
            _ => return false,
        }
    }
}

/// Whether the next number shares the noun of this one.
fn joins_next(behind: &str) -> bool {
    let rest = behind.trim_start();
    let rest = ["to ", "and ", "or ", "–", "—", "-"].into_iter().find_map(|word| rest.strip_prefix(word));
    rest.is_some_and(|rest| rest.trim_start().starts_with(|letter: char| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AmountKind, amounts, read_figure};

    fn found(text: &str) -> String {
        let found: Vec<String> = amounts(text)
            .into_iter()
            .map(|amount| {
                let kind = match amount.kind {
                    AmountKind::Money => "money",
                    AmountKind::Percent => "percent",
                    AmountKind::Headcount => "headcount",
                };
                format!("{kind} {} [{}]", amount.value, &text[amount.span])
            })
            .collect();
        found.join(", ")
    }

    #[test]
    fn amounts_of_the_news() {
        for (text, expected) in [
            ("Amazon cuts 18,000 jobs.", "headcount 18000 [18,000]"),
            ("It will lay off 12,000 of its people", "headcount 12000 [12,000]"),
            ("announced layoffs of over 10,000 this week", "headcount 10000 [10,000]"),
            ("layoffs hit 10,000 corporate and tech workers", "headcount 10000 [10,000]"),
            ("between 9,000 and 10,000 jobs", "headcount 9000 [9,000], headcount 10000 [10,000]"),
            ("It employs about 1.5 million people.", "headcount 1500000 [1.5 million]"),
            ("cut 10k roles", "headcount 10000 [10k]"),
            ("6% of its staff, or 150 jobs", "percent 600 [6], headcount 150 [150]"),
            ("grew 3.25 percent, then 5 per cent", "percent 325 [3.25], percent 500 [5]"),
            ("pays $1.5B and $1.5 billion", "money 150000000000 [$1.5B], money 150000000000 [$1.5 billion]"),
            (
                "for €3bn, £20m, ¥9,000",
                "money 300000000000 [€3bn], money 2000000000 [£20m], money 900000 [¥9,000]",
            ),
            (
                "US$5 and USD 7 million and 12 euros",
                "money 500 [$5], money 700000000 [7 million], money 1200 [12]",
            ),
            ("The 2023 layoffs", ""),
            ("2,023 jobs", "headcount 2023 [2,023]"),
            ("lost 9,000 square kilometres in 2021", ""),
            ("version 1.2.3 of T-4 and A380 jobs", ""),
            ("99999999999999999999999 jobs", ""),
            ("", ""),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn figures() {
        for (text, expected) in [
            ("$1.5 billion", Some((Some('$'), 150_000_000_000))),
            ("1.5B", Some((None, 150_000_000_000))),
            ("1.5bn", Some((None, 150_000_000_000))),
            ("10,000", Some((None, 1_000_000))),
            ("10k", Some((None, 1_000_000))),
            ("0.25", Some((None, 25))),
            ("1.5 dogs", None),
            ("B52", None),
            ("$", None),
            ("", None),
        ] {
            let figure = read_figure(text);
            assert_eq!(
                figure.and_then(|figure| Some((figure.currency, figure.scaled(2)?))),
                expected,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "([0-9]{1,4}[,.]?|[ %$€-]|jobs|billion|k|to |lay off |é|日){0,30}") {
            let mut end = 0;
            for amount in amounts(&text) {
                prop_assert!(text.get(amount.span.clone()).is_some_and(|text| !text.is_empty()));
                prop_assert!(amount.span.start >= end);
                end = amount.span.end;
            }
            let _ = read_figure(&text);
        }
    }
}
