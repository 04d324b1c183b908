//! Bare text: headline, byline, date line, paragraphs and section headings are told apart by their shape.
//!
//! The dateline stays in the body, where it is part of the first sentence; headline, byline and date line don't.

use std::ops::Range;

use super::byline::names;
use super::{Draft, is_date, opening};
use crate::article::{DateSource, TitleSource};

/// Longest headline, in characters.
const HEADLINE: usize = 150;

/// Longest section heading, in characters.
const HEADING: usize = 90;

/// Lines longer than this are paragraphs of their own and not parts of one.
const WRAPPED: usize = 160;

pub(super) fn decode(text: &str) -> Draft {
    let mut draft = Draft::default();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut at = skip_blank(&lines, 0);

    if let Some(end) = headline_end(&lines, at) {
        draft.article.title = join(&lines[at..end]);
        draft.article.title_source = TitleSource::Headline;
        at = skip_blank(&lines, end);
        // Byline, date and section stand between headline and text, in any order.
        while let Some(line) = lines.get(at).map(|line| line.trim()) {
            let Some(credit) = CreditLine::read(line) else { break };
            credit.apply(&mut draft);
            at = skip_blank(&lines, at + 1);
        }
    }
    let paragraphs = paragraphs(&lines[at.min(lines.len())..]);
    (draft.article.body, draft.article.headings) = assemble(&paragraphs);
    draft
}

/// Paragraphs joined by blank lines, with the ranges of those that are headings.
pub(super) fn assemble(paragraphs: &[String]) -> (String, Vec<Range<usize>>) {
    let mut body = String::new();
    let mut headings = Vec::new();
    for (number, paragraph) in paragraphs.iter().enumerate() {
        if number > 0 {
            body.push_str("\n\n");
        }
        let start = body.len();
        body.push_str(paragraph);
        if is_heading(paragraph)
            && paragraphs.get(number + 1).is_some_and(|next| next.len() > paragraph.len())
        {
            headings.push(start..body.len());
        }
    }
    (body, headings)
}

/// Reads byline and date where they are the first paragraphs; gives how many those are. What the record said of itself
/// stays.
pub(super) fn opening_lines<'b>(
    draft: &mut Draft,
    paragraphs: impl Iterator<Item = (&'b str, bool)>,
) -> usize {
    let mut lines = 0;
    for (text, is_heading) in paragraphs {
        let text = text.trim();
        if is_heading {
            break;
        }
        let Some(credit) = CreditLine::read(text) else { break };
        credit.apply(draft);
        lines += 1;
    }
    lines
}

/// A line between headline and text that says who wrote it and when.
#[derive(Debug, Default, PartialEq)]
struct CreditLine<'a> {
    names: Option<&'a str>,
    date: Option<&'a str>,
}

impl<'a> CreditLine<'a> {
    /// Longest such line, in bytes.
    const LONGEST: usize = 120;

    /// `By Jane Doe`, `Published: 12 May 2023`, `By Jane Doe, 12 May 2023`, `12 May 2023 · Jane Doe`; `None` where the
    /// line is text.
    fn read(line: &'a str) -> Option<Self> {
        if line.len() > Self::LONGEST {
            return None;
        }
        if let Some(byline) = byline(line)
            && !line.contains(Self::SEPARATORS)
        {
            return Some(match byline.split_once(", ").filter(|(_, rest)| is_date(rest)) {
                Some((name, date)) => Self { names: Some(name), date: Some(date) },
                None => Self { names: Some(byline), date: None },
            });
        }
        let mut credit = Self::default();
        let mut unmarked = None;
        for part in line.split(Self::SEPARATORS).map(str::trim).filter(|part| !part.is_empty()) {
            if let Some(date) = date_line(part) {
                credit.date = credit.date.or(Some(date));
            } else if let Some(byline) = byline(part) {
                credit.names = credit.names.or(Some(byline));
            } else if is_name(part) {
                unmarked = unmarked.or(Some(part));
            }
        }
        (credit != Self::default()).then_some(())?;
        Some(Self { names: credit.names.or(unmarked), ..credit })
    }

    const SEPARATORS: [char; 3] = ['·', '|', '•'];

    /// What the record said of itself stays.
    fn apply(self, draft: &mut Draft) {
        if let Some(date) = self.date.filter(|_| draft.date.is_none()) {
            draft.date = Some(date.to_owned());
            draft.date_source = Some(DateSource::Body);
        }
        if let Some(byline) = self.names.filter(|_| draft.article.authors.is_empty()) {
            draft.article.authors = names(byline);
        }
    }
}

/// Whether it has the shape of a person's name: two to four capitalised words.
fn is_name(text: &str) -> bool {
    (2..=4).contains(&text.split_whitespace().count())
        && text.split_whitespace().all(|word| {
            word.starts_with(char::is_uppercase)
                && word.chars().all(|letter| letter.is_alphabetic() || ".-’'".contains(letter))
        })
}

fn skip_blank(lines: &[&str], from: usize) -> usize {
    (from..lines.len()).find(|at| !lines[*at].trim().is_empty()).unwrap_or(lines.len())
}

/// Where the headline that begins at a line ends; `None` where there is none.
fn headline_end(lines: &[&str], at: usize) -> Option<usize> {
    let first = lines.get(at)?.trim();
    if !is_headline(first) {
        return None;
    }
    let is_end = |line: &&str| line.trim().is_empty() || CreditLine::read(line.trim()).is_some();
    let block = lines[at..].iter().take_while(|line| !is_end(line)).count();
    let follows = skip_blank(lines, at + block) < lines.len();
    if block == 1 {
        return follows.then_some(at + 1);
    }
    let joined = join(&lines[at..at + block]);
    if block <= 3 && follows && is_headline(&joined) {
        return Some(at + block);
    }
    // No blank line between headline and text: the text then has long lines, is indented, or its lines are fuller.
    let next = lines[at + 1];
    let longest = lines[at + 1..].iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let is_apart = longest > WRAPPED
        || (next.starts_with([' ', '\t']) && !lines[at].starts_with([' ', '\t']))
        || opening::read(next).place.is_some()
        || (first.chars().count() * 4 < longest * 3 && next.trim().starts_with(char::is_uppercase));
    is_apart.then_some(at + 1)
}

fn is_headline(line: &str) -> bool {
    let length = line.chars().count();
    (3..=HEADLINE).contains(&length)
        && line.chars().any(char::is_alphabetic)
        && !line.ends_with(['.', ',', ';', ':'])
        && opening::read(line).place.is_none()
        && CreditLine::read(line).is_none()
}

fn is_heading(paragraph: &str) -> bool {
    paragraph.chars().count() <= HEADING
        && !paragraph.contains('\n')
        && paragraph.split_whitespace().count() <= 12
        && paragraph.starts_with(|letter: char| letter.is_uppercase() || letter.is_numeric())
        && paragraph.ends_with(|letter: char| {
            letter.is_alphanumeric() || matches!(letter, '?' | '!' | ')' | '’' | '%')
        })
}

/// The names of a byline.
fn byline(line: &str) -> Option<&str> {
    let rest = ["By ", "BY ", "Von ", "Par ", "Por "].iter().find_map(|word| line.strip_prefix(word))?;
    let is_name = rest.starts_with(char::is_uppercase)
        && rest.len() <= 100
        && rest.split_whitespace().count() <= 12
        && !rest.ends_with(['.', '!', '?'])
        && !rest.contains(" — ");
    is_name.then_some(rest)
}

/// The date of a line that holds nothing else.
fn date_line(line: &str) -> Option<&str> {
    const WORDS: [&str; 8] = [
        "Published:",
        "Published on",
        "Published",
        "Posted:",
        "Posted on",
        "Date:",
        "Updated:",
        "Veröffentlicht:",
    ];
    if line.len() > 60 {
        return None;
    }
    let date = WORDS.iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line).trim();
    is_date(date).then_some(date)
}

/// Lines to paragraphs. Wrapped lines are joined; long ones are paragraphs; an indent begins one.
pub(super) fn paragraphs(lines: &[&str]) -> Vec<String> {
    let is_long = lines.iter().any(|line| line.chars().count() > WRAPPED);
    let is_parted = lines.iter().any(|line| line.trim().is_empty());
    let is_indented =
        |line: &str| line.starts_with("  ") || line.starts_with('\t') || line.starts_with('\u{3000}');
    let indents = lines.iter().filter(|line| is_indented(line)).count();
    // Without any sign of where paragraphs begin, lines that mostly end like sentences are paragraphs.
    let full = lines.iter().filter(|line| line.ends_with(['.', '!', '?', '”', '"'])).count();
    let is_each = is_long || (!is_parted && indents == 0 && full * 5 >= lines.len() * 3);
    let mut paragraphs: Vec<Vec<&str>> = Vec::new();
    let mut is_open = false;
    for line in lines {
        if line.trim().is_empty() {
            is_open = false;
            continue;
        }
        let begins = !is_open || is_each || (is_indented(line) && indents < lines.len());
        if begins {
            paragraphs.push(Vec::new());
        }
        if let Some(paragraph) = paragraphs.last_mut() {
            paragraph.push(line);
        }
        is_open = true;
    }
    paragraphs.iter().map(|lines| join(lines)).filter(|paragraph| !paragraph.is_empty()).collect()
}

/// Wrapped lines as one; entries of a list stay on lines of their own.
fn join(lines: &[&str]) -> String {
    let mut out = String::new();
    for line in lines {
        let line = line.trim();
        let is_entry = line.starts_with(['•', '*', '·']) || line.starts_with("- ") || line.starts_with("– ");
        if is_entry && !out.is_empty() {
            out.push('\n');
        } else if !out.is_empty() {
            out.push(' ');
        }
        let mut words = line.split_whitespace();
        if let Some(first) = words.next() {
            out.push_str(first);
        }
        for word in words {
            out.push(' ');
            out.push_str(word);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::CreditLine;

    #[test]
    fn lines_that_say_who_and_when() {
        for (line, names, date) in [
            ("By Jane Doe", Some("Jane Doe"), None),
            ("By Jane Doe, 12 May 2023", Some("Jane Doe"), Some("12 May 2023")),
            ("Published: January 12, 2023", None, Some("January 12, 2023")),
            ("Published 2024-01-10 · Priya Nandakumar", Some("Priya Nandakumar"), Some("2024-01-10")),
            ("By Jane Doe | 12 May 2023 | 4 min read", Some("Jane Doe"), Some("12 May 2023")),
            ("12 May 2023 • 4 min read", None, Some("12 May 2023")),
        ] {
            assert_eq!(CreditLine::read(line), Some(CreditLine { names, date }), "{line}");
        }
        for line in [
            "Amazon | Google | Meta",
            "Amazon Web Services",
            "By the end of May 2023 it was over.",
            "In May 2023 | the company said | that it had cut jobs",
            "",
        ] {
            assert_eq!(CreditLine::read(line), None, "{line}");
        }
    }
}
