//! Which words of an article made it a hit, and the passage that shows it.
//!
//! Title and body are read with the tokenizer of the index and compared with what the query asked for, so that nothing
//! is marked that did not match: a quotation only where its words stand next to each other, a pattern's words whole.

use std::collections::HashMap;
use std::ops::Range;

use super::Snippet;
use crate::article::{Mention, Tags, TextField};
use crate::index::analyzer::stem_term;
use crate::index::document::{StoredArticle, lead};
use crate::index::layout::{Breaks, Shape, breaks};
use crate::query::Scope;
use crate::query::lower::{Mark, Slot, Tree};
use crate::text::sentence;
use crate::text::stem::EnglishStemmer;
use crate::text::token::Words;

/// Bytes of a body that are looked through. What matches behind them is found but not shown.
const LOOKED_THROUGH: usize = 1 << 20;

/// Matches that a passage may begin at.
const CANDIDATES: usize = 200;

/// A match and which part of the query it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Match {
    range: Range<usize>,
    mark: usize,
}

/// What a mark looks for in a text.
struct Sought {
    mark: usize,
    scope: Scope,
    tree: Tree,
    slots: usize,
}

/// A place that a term can fill.
struct Filled<'m> {
    sought: usize,
    slot: usize,
    shape: Option<&'m Shape>,
}

/// Finds what a query marks.
pub(super) struct Highlighter<'m> {
    marks: &'m [Mark],
    sought: Vec<Sought>,
    /// Terms to the places that they fill.
    terms: HashMap<&'m str, Vec<Filled<'m>>>,
    /// Whether sentences or paragraphs matter.
    has_breaks: bool,
    stemmer: EnglishStemmer,
}

impl<'m> Highlighter<'m> {
    pub(super) fn new(marks: &'m [Mark]) -> Self {
        let mut terms: HashMap<&str, Vec<Filled<'_>>> = HashMap::new();
        let mut sought = Vec::new();
        for (mark, kind) in marks.iter().enumerate() {
            let mut slots = 0;
            let mut fill = |choices: &'m [String], shape: Option<&'m Shape>| {
                for term in choices {
                    let filled = Filled { sought: sought.len(), slot: slots, shape };
                    terms.entry(term.as_str()).or_default().push(filled);
                }
                slots += 1;
            };
            let (scope, tree) = match kind {
                Mark::Text { scope, slots } => {
                    for choices in slots {
                        fill(choices, None);
                    }
                    let slots = slots.iter().map(|terms| Slot {
                        terms: terms.clone(),
                        shape: None,
                        is_pattern: false,
                    });
                    let tree = Tree::Words { scope: *scope, slots: slots.collect(), slop: 0, boost: 1.0 };
                    (*scope, tree)
                }
                Mark::Spans { part, tree } => {
                    tree.leaves(&mut |slots, _| {
                        for slot in slots {
                            fill(&slot.terms, slot.shape.as_ref());
                        }
                    });
                    (*part, tree.clone())
                }
                Mark::Tag(_) | Mark::Topic(_) => continue,
            };
            sought.push(Sought { mark, scope, tree, slots });
        }
        let has_breaks = sought.iter().any(|sought| sought.tree.has_breaks());
        Self { marks, sought, terms, has_breaks, stemmer: EnglishStemmer::new() }
    }

    /// What is marked in the headline.
    pub(super) fn title(&self, stored: &StoredArticle) -> Vec<[usize; 2]> {
        let title = &stored.article.title;
        let mut matches =
            self.words(title, |scope| matches!(scope, Scope::Anywhere | Scope::Title), 0..title.len());
        matches.extend(self.mentions(&stored.tags, TextField::Title, title));
        apart(matches).into_iter().map(|found| [found.range.start, found.range.end]).collect()
    }

    /// The best passage of the body, at most `chars` characters long.
    pub(super) fn passage(&self, stored: &StoredArticle, chars: usize) -> Snippet {
        let body = &stored.article.body;
        let read = &body[..body.floor_char_boundary(LOOKED_THROUGH)];
        let opening = lead(read);
        let start = opening.as_ptr() as usize - read.as_ptr() as usize;
        let opening = if opening.is_empty() { 0..0 } else { start..start + opening.len() };
        let mut matches =
            self.words(read, |scope| matches!(scope, Scope::Anywhere | Scope::Body | Scope::Lead), opening);
        matches.extend(self.mentions(&stored.tags, TextField::Body, read));
        let matches = apart(matches);
        let window = best_window(read, &matches, chars);
        cut(body, &window, &matches)
    }

    /// Matches of words; those of the lead have to lie in it.
    fn words(&self, text: &str, is_here: impl Fn(Scope) -> bool, lead: Range<usize>) -> Vec<Match> {
        if self.terms.is_empty() {
            return Vec::new();
        }
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut positions: Vec<Vec<Vec<u32>>> =
            self.sought.iter().map(|sought| vec![Vec::new(); sought.slots]).collect();
        let mut words = Words::new(text);
        while let Some(word) = words.next() {
            let place = ranges.len() as u32;
            for form in [word.plain, word.signed].into_iter().filter(|form| !form.is_empty()) {
                let stem = stem_term(&self.stemmer, form, word.is_foreign);
                for term in [form, stem.as_str()] {
                    for Filled { sought, slot, shape } in self.terms.get(term).into_iter().flatten() {
                        let is_outside = self.sought[*sought].scope == Scope::Lead
                            && (word.span.start < lead.start || word.span.end > lead.end);
                        if is_outside
                            || shape.is_some_and(|shape| Shape::of(&text[word.span.clone()]) != *shape)
                        {
                            continue;
                        }
                        let places = &mut positions[*sought][*slot];
                        if places.last() != Some(&place) {
                            places.push(place);
                        }
                    }
                }
            }
            ranges.push(word.span);
        }
        // A headline is one sentence.
        let breaks = if self.has_breaks && is_here(Scope::Body) { breaks(text) } else { Breaks::default() };
        let mut found = Vec::new();
        for (sought, places) in self.sought.iter().zip(&positions).filter(|(sought, _)| is_here(sought.scope))
        {
            found.extend(sought.tree.matches(places, &breaks).into_iter().map(|span| Match {
                range: ranges[span.start as usize].start..ranges[span.end as usize].end,
                mark: sought.mark,
            }));
        }
        found
    }

    /// Matches of companies, divisions and topics asked for: where the tags have their evidence.
    fn mentions(&self, tags: &Tags, field: TextField, text: &str) -> Vec<Match> {
        let mut found = Vec::new();
        for (number, mark) in self.marks.iter().enumerate() {
            let mut take = |mentions: &[Mention]| {
                for mention in mentions.iter().filter(|mention| mention.field == field) {
                    let range = mention.start..mention.end;
                    if text.get(range.clone()).is_some_and(|text| !text.is_empty()) {
                        found.push(Match { range, mark: number });
                    }
                }
            };
            match mark {
                Mark::Tag(path) => {
                    for company in tags.companies.iter().filter(|company| company.id == *path) {
                        take(&company.mentions);
                    }
                    let is_under = |division: &str| {
                        division
                            .strip_prefix(path.as_str())
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    };
                    for division in tags.divisions.iter().filter(|division| is_under(&division.path)) {
                        take(&division.mentions);
                    }
                }
                Mark::Topic(topic) => {
                    for tag in tags.topics.iter().filter(|tag| tag.topic == *topic) {
                        take(&tag.mentions);
                    }
                }
                Mark::Text { .. } | Mark::Spans { .. } => {}
            }
        }
        found
    }
}

/// Matches in order, of overlapping ones the first and longest.
fn apart(mut matches: Vec<Match>) -> Vec<Match> {
    matches.sort_by(|left, right| {
        left.range
            .start
            .cmp(&right.range.start)
            .then(right.range.end.cmp(&left.range.end))
            .then(left.mark.cmp(&right.mark))
    });
    let mut end = 0;
    matches.retain(|found| {
        let is_free = found.range.start >= end;
        if is_free {
            end = found.range.end;
        }
        is_free
    });
    matches
}

/// The stretch of the text that answers most parts of the query, then most often, then first.
fn best_window(text: &str, matches: &[Match], chars: usize) -> Range<usize> {
    if chars == 0 {
        return 0..0;
    }
    let mut best = (0, 0);
    let mut window = window_at(text, 0, chars);
    for (number, first) in matches.iter().enumerate().take(CANDIDATES) {
        let candidate = window_at(text, opening_of(text, first.range.start, chars), chars);
        let inside: Vec<&Match> =
            matches[number..].iter().take_while(|found| found.range.end <= candidate.end).collect();
        let mut marks: Vec<usize> = inside.iter().map(|found| found.mark).collect();
        marks.sort_unstable();
        marks.dedup();
        let worth = (marks.len(), inside.len().min(4));
        if worth > best {
            best = worth;
            window = candidate;
        }
    }
    window
}

/// Where a passage begins that is to show a match: with its sentence, or some words before it where that is long.
fn opening_of(text: &str, at: usize, chars: usize) -> usize {
    let sentence = sentence::around(text, at).start;
    if text[sentence..at].chars().count() * 3 <= chars * 2 {
        return sentence;
    }
    let before = text[..at].char_indices().rev().nth(chars / 4).map_or(0, |(from, _)| from);
    text[before..at].find(char::is_whitespace).map_or(at, |space| before + space + 1)
}

/// At most `chars` characters from a place on, ending with a word.
fn window_at(text: &str, from: usize, chars: usize) -> Range<usize> {
    let rest = &text[from..];
    let from = from + (rest.len() - rest.trim_start().len());
    let rest = &text[from..];
    let end = match rest.char_indices().nth(chars) {
        None => rest.len(),
        Some((cut, _)) => rest[..cut].rfind(char::is_whitespace).filter(|space| *space > 0).unwrap_or(cut),
    };
    from..from + rest[..end].trim_end().len()
}

/// The passage with its matches, counted in bytes and in characters.
fn cut(body: &str, window: &Range<usize>, matches: &[Match]) -> Snippet {
    let passage = &body[window.clone()];
    // Other white space has more bytes than a space, and offsets have to stay.
    let text = passage.replace(['\n', '\r', '\t'], " ");
    let highlights: Vec<[usize; 2]> = matches
        .iter()
        .filter(|found| found.range.start >= window.start && found.range.end <= window.end)
        .map(|found| [found.range.start - window.start, found.range.end - window.start])
        .collect();
    let ranges: Vec<Range<usize>> = matches.iter().map(|found| found.range.clone()).collect();
    Snippet {
        highlights_chars: in_chars(&text, highlights.iter().map(|[from, to]| *from..*to))
            .into_iter()
            .map(|range| [range.start, range.end])
            .collect(),
        highlights,
        text,
        start_byte: window.start,
        start_char: body[..window.start].chars().count(),
        matches_chars: in_chars(body, ranges.iter().cloned()),
        matches: ranges,
    }
}

/// Ranges in rising order, counted in characters instead of bytes.
fn in_chars(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let (mut byte, mut chars) = (0, 0);
    let mut count = |to: usize| {
        chars += text[byte..to].chars().count();
        byte = to;
        chars
    };
    ranges.map(|range| count(range.start)..count(range.end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Article;
    use crate::query::Proximity;

    fn stored(title: &str, body: &str) -> StoredArticle {
        let article = Article { title: title.to_owned(), body: body.to_owned(), ..Article::default() };
        StoredArticle { article, tags: Tags::default(), added: 0 }
    }

    fn text_mark(scope: Scope, slots: &[&[&str]]) -> Mark {
        let slots = slots.iter().map(|terms| terms.iter().map(|term| (*term).to_owned()).collect()).collect();
        Mark::Text { scope, slots }
    }

    fn words(term: &str) -> Tree {
        let slot = Slot { terms: vec![term.to_owned()], shape: None, is_pattern: false };
        Tree::Words { scope: Scope::Anywhere, slots: vec![slot], slop: 0, boost: 1.0 }
    }

    fn near(left: &str, right: &str, proximity: Proximity) -> Mark {
        let (left, right) = (Box::new(words(left)), Box::new(words(right)));
        Mark::Spans { part: Scope::Body, tree: Tree::Near { proximity, left, right } }
    }

    fn marked(snippet: &Snippet) -> Vec<&str> {
        snippet.highlights.iter().map(|[from, to]| &snippet.text[*from..*to]).collect()
    }

    #[test]
    fn only_what_matched_is_marked() {
        let article = stored(
            "Prime Minister on Prime Video",
            "The prime minister watched Prime Video.\n\nLayoffs, a layoff, and Layover. Prime old Video.",
        );
        for (mark, title, body) in [
            (text_mark(Scope::Anywhere, &[&["prime"], &["video"]]), vec!["Prime Video"], vec!["Prime Video"]),
            (text_mark(Scope::Anywhere, &[&["\u{1}layoff"]]), vec![], vec!["Layoffs", "layoff"]),
            (text_mark(Scope::Anywhere, &[&["layoffs", "layover"]]), vec![], vec!["Layoffs", "Layover"]),
            (text_mark(Scope::Title, &[&["prime"]]), vec!["Prime", "Prime"], vec![]),
            (text_mark(Scope::Lead, &[&["prime"]]), vec![], vec!["prime", "Prime"]),
            (near("prime", "video", Proximity::Near { distance: 1 }), vec![], vec!["Prime", "Video"]),
            (
                near("prime", "video", Proximity::Before { distance: 2 }),
                vec![],
                vec!["Prime", "Video", "Prime", "Video"],
            ),
            (near("prime", "layover", Proximity::Sentence), vec![], vec![]),
            (near("layoff", "layover", Proximity::Sentence), vec![], vec!["layoff", "Layover"]),
            (near("layoffs", "old", Proximity::Paragraph), vec![], vec!["Layoffs", "old"]),
            (near("watched", "old", Proximity::Paragraph), vec![], vec![]),
        ] {
            let marks = [mark];
            let highlighter = Highlighter::new(&marks);
            let titles: Vec<&str> = highlighter
                .title(&article)
                .into_iter()
                .map(|[from, to]| &article.article.title[from..to])
                .collect();
            assert_eq!(titles, title, "{marks:?}");
            assert_eq!(marked(&highlighter.passage(&article, 200)), body, "{marks:?}");
        }
    }

    #[test]
    fn the_passage_answers_most_of_the_query() {
        let filler = "Nothing of interest happens in this sentence at all. ".repeat(40);
        let body = format!(
            "Amazon is named once. {filler}Ünder pressure Amazon announced layoffs on Monday. {filler}"
        );
        let marks = [
            text_mark(Scope::Anywhere, &[&["\u{1}amazon"]]),
            text_mark(Scope::Anywhere, &[&["\u{1}layoff"]]),
        ];
        let article = stored("T", &body);
        let snippet = Highlighter::new(&marks).passage(&article, 100);
        assert!(snippet.text.starts_with("Ünder pressure Amazon announced layoffs"), "{}", snippet.text);
        assert!(snippet.text.chars().count() <= 100);
        assert_eq!(marked(&snippet), ["Amazon", "layoffs"]);
        for ([from, to], chars) in snippet.highlights.iter().zip(&snippet.highlights_chars) {
            let by_char: String = snippet.text.chars().skip(chars[0]).take(chars[1] - chars[0]).collect();
            assert_eq!(by_char, snippet.text[*from..*to]);
        }
        for (bytes, chars) in snippet.matches.iter().zip(&snippet.matches_chars) {
            let by_char: String = body.chars().skip(chars.start).take(chars.len()).collect();
            assert_eq!(by_char, body[bytes.clone()]);
        }
        assert_eq!(snippet.matches.len(), 3);
        assert!(body[snippet.start_byte..].starts_with("Ünder"));
        assert_eq!(Highlighter::new(&[]).passage(&article, 30).text, "Amazon is named once. Nothing");
        assert_eq!(Highlighter::new(&marks).passage(&stored("T", ""), 30).text, "");
    }
}
