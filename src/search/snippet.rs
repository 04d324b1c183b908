//! Which words of an article made it a hit; [`passage`](super::passage) cuts the passages that show it.
//!
//! Title and body are read with the tokenizer of the index and compared with what the query asked for, so that nothing
//! is marked that did not match: a quotation only where its words stand next to each other, a pattern's words whole.

use std::collections::HashMap;
use std::ops::Range;

use super::Snippet;
use super::passage::{best_windows, cut, in_chars};
use crate::article::{Mention, Tags, TextField};
use crate::index::analyzer::{bare_stem_term, english_stem, stem_term};
use crate::index::document::{StoredArticle, lead};
use crate::index::layout::{Breaks, Shape, breaks};
use crate::query::Scope;
use crate::query::lower::{Mark, Slot, Span, Tree};
use crate::text::stem::{Stemmer, shared_start};
use crate::text::token::Words;

/// Bytes of a body that are looked through. What matches behind them is found but not shown.
const LOOKED_THROUGH: usize = 1 << 20;

/// A match and which part of the query it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) range: Range<usize>,
    pub(super) mark: usize,
}

/// What matches in a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Words and names that take part.
    pub(super) parts: Vec<Match>,
    /// From the first word to the last one of what a part of the query asks for, e.g. of a pair that is near.
    pub(super) whole: Vec<Match>,
}

/// What is shown of a body.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) snippets: Vec<Snippet>,
    /// Matches in the whole body, in bytes.
    pub(super) matches: Vec<[usize; 2]>,
    /// The same in characters.
    pub(super) matches_chars: Vec<[usize; 2]>,
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
    /// What the forms of the English stems among them begin with.
    starts: Vec<&'m str>,
    /// Whether sentences or paragraphs matter.
    has_breaks: bool,
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
        let mut starts: Vec<&str> =
            terms.keys().filter_map(|term| english_stem(term)).map(shared_start).collect();
        starts.sort_unstable();
        starts.dedup();
        Self { marks, sought, terms, starts, has_breaks }
    }

    /// What is marked in the headline.
    pub(super) fn title(&self, stored: &StoredArticle) -> Vec<[usize; 2]> {
        let title = &stored.article.title;
        let mut matches = self
            .words(stored, title, |scope| matches!(scope, Scope::Anywhere | Scope::Title), 0..title.len())
            .parts;
        matches.extend(self.mentions(&stored.tags, TextField::Title, title));
        apart(matches).into_iter().map(|found| [found.range.start, found.range.end]).collect()
    }

    /// The best passages of the body, at most `most` of at most `chars` characters; nothing for 0 of them.
    pub(super) fn body(&self, stored: &StoredArticle, most: usize, chars: usize) -> Shown {
        if chars == 0 {
            return Shown::default();
        }
        let body = &stored.article.body;
        let read = &body[..body.floor_char_boundary(LOOKED_THROUGH)];
        let opening = lead(read);
        let start = opening.as_ptr() as usize - read.as_ptr() as usize;
        let opening = if opening.is_empty() { 0..0 } else { start..start + opening.len() };
        let mut found = self.words(
            stored,
            read,
            |scope| matches!(scope, Scope::Anywhere | Scope::Body | Scope::Lead),
            opening,
        );
        let mentions = self.mentions(&stored.tags, TextField::Body, read);
        found.whole.extend_from_slice(&mentions);
        found.parts.extend(mentions);
        found.parts = apart(found.parts);
        let windows = best_windows(read, &found, most, chars);
        let matches: Vec<[usize; 2]> =
            found.parts.into_iter().map(|part| [part.range.start, part.range.end]).collect();
        Shown {
            snippets: windows.iter().map(|window| cut(body, window, &matches)).collect(),
            matches_chars: in_chars(body, &matches),
            matches,
        }
    }

    /// Matches of words in a text of an article; those of the lead have to lie in it.
    fn words(
        &self,
        stored: &StoredArticle,
        text: &str,
        is_here: impl Fn(Scope) -> bool,
        lead: Range<usize>,
    ) -> Found {
        let mut found = Found::default();
        if self.terms.is_empty() {
            return found;
        }
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut positions: Vec<Vec<Vec<u32>>> =
            self.sought.iter().map(|sought| vec![Vec::new(); sought.slots]).collect();
        let stemmer = Stemmer::of(stored.article.lang.as_deref());
        let mut words = Words::new(text);
        while let Some(word) = words.next() {
            let place = ranges.len() as u32;
            for form in [word.plain, word.signed].into_iter().filter(|form| !form.is_empty()) {
                // Stemming takes most of the time, and few words can have a stem that was asked for.
                let is_meant = !matches!(stemmer, Stemmer::English(_))
                    || self.starts.iter().any(|start| form.starts_with(start));
                let stem = is_meant.then(|| stem_term(&stemmer, form, &word));
                let bare = stem.as_deref().and_then(|stem| bare_stem_term(&stemmer, form, stem, &word));
                for term in [Some(form), stem.as_deref(), bare.as_deref()].into_iter().flatten() {
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
        for (sought, places) in self.sought.iter().zip(&positions).filter(|(sought, _)| is_here(sought.scope))
        {
            let matches = sought.tree.matches(places, &breaks);
            let at = |span: Span| Match {
                range: ranges[span.start as usize].start..ranges[span.end as usize].end,
                mark: sought.mark,
            };
            found.parts.extend(matches.words.into_iter().map(at));
            found.whole.extend(matches.whole.into_iter().map(at));
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
            assert_eq!(marked(&highlighter.body(&article, 1, 200).snippets[0]), body, "{marks:?}");
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
        let shown = Highlighter::new(&marks).body(&article, 1, 100);
        let snippet = &shown.snippets[0];
        assert!(snippet.text.starts_with("Ünder pressure Amazon announced layoffs"), "{}", snippet.text);
        assert!(snippet.text.chars().count() <= 100);
        assert_eq!(marked(snippet), ["Amazon", "layoffs"]);
        for ([from, to], chars) in snippet.highlights.iter().zip(&snippet.highlights_chars) {
            let by_char: String = snippet.text.chars().skip(chars[0]).take(chars[1] - chars[0]).collect();
            assert_eq!(by_char, snippet.text[*from..*to]);
        }
        for (bytes, chars) in shown.matches.iter().zip(&shown.matches_chars) {
            let by_char: String = body.chars().skip(chars[0]).take(chars[1] - chars[0]).collect();
            assert_eq!(by_char, body[bytes[0]..bytes[1]]);
        }
        assert_eq!(shown.matches.len(), 3);
        assert!(body[snippet.start_byte..].starts_with("Ünder"));
        let opening = |marks: &[Mark], article: &StoredArticle| {
            Highlighter::new(marks)
                .body(article, 3, 30)
                .snippets
                .into_iter()
                .map(|one| one.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(opening(&[], &article), ["Amazon is named once. Nothing"]);
        assert_eq!(opening(&marks, &stored("T", "")), [""]);
        assert!(Highlighter::new(&marks).body(&article, 3, 0).snippets.is_empty());
    }

    #[test]
    fn further_passages_show_what_the_others_do_not() {
        let filler = "Nothing of interest happens in this sentence at all. ".repeat(10);
        let body = format!(
            "Amazon opened a shop. {filler}The layoffs came later. {filler}Amazon has layoffs again. {filler}The end of Amazon."
        );
        let article = stored("T", &body);
        let marks = [
            text_mark(Scope::Anywhere, &[&["\u{1}amazon"]]),
            text_mark(Scope::Anywhere, &[&["\u{1}layoff"]]),
        ];
        let highlighter = Highlighter::new(&marks);
        let texts = |most: usize| -> Vec<String> {
            let shown = highlighter.body(&article, most, 30).snippets;
            for pair in shown.windows(2) {
                assert!(pair[0].start_byte + pair[0].text.len() <= pair[1].start_byte);
            }
            for snippet in &shown {
                assert!(!snippet.highlights.is_empty() && snippet.text.chars().count() <= 30);
                assert!(body[snippet.start_byte..].starts_with(&snippet.text));
            }
            shown.into_iter().map(|snippet| snippet.text).collect()
        };
        assert_eq!(texts(1), ["Amazon has layoffs again."]);
        assert_eq!(texts(2), ["Amazon opened a shop. Nothing", "Amazon has layoffs again."]);
        assert_eq!(texts(10).len(), 4, "as many as have something to show");
    }

    #[test]
    fn a_pair_that_is_near_is_shown_before_its_words_apart() {
        let filler = "Nothing of interest happens in this sentence at all. ".repeat(10);
        let body = format!(
            "Prime time and prime cuts of prime beef. {filler}A prime old video stood there. {filler}Video video video."
        );
        let article = stored("T", &body);
        let marks = [near("prime", "video", Proximity::Near { distance: 2 })];
        let shown = Highlighter::new(&marks).body(&article, 5, 40).snippets;
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].text, "A prime old video stood there. Nothing");
        assert_eq!(marked(&shown[0]), ["prime", "video"]);
        // Where the pair is too far apart for one passage, each half is shown where it stands, the first one first.
        let marks = [near("beef", "old", Proximity::Near { distance: 200 })];
        let shown = Highlighter::new(&marks).body(&article, 5, 40).snippets;
        assert_eq!(shown.iter().map(|one| marked(one).join(" ")).collect::<Vec<_>>(), ["beef"]);
    }
}
