//! Passages of a body: which stretches of it answer a query best, and how they are cut.

use std::ops::Range;

use super::Snippet;
use super::snippet::Found;
use crate::text::sentence;

/// Matches that a passage may begin at.
const CANDIDATES: usize = 200;

/// A passage that may be shown.
struct Choice {
    /// Parts of the query that no other passage answers, parts that it answers, matches.
    worth: (usize, usize, usize),
    window: Range<usize>,
    marks: Vec<usize>,
}

/// The stretches of the text that answer best, in order and without overlap. The first that is chosen answers most parts
/// of the query, then most often, then first; a further one those that were not answered before.
pub(super) fn best_windows(text: &str, found: &Found, most: usize, chars: usize) -> Vec<Range<usize>> {
    let matches = &found.parts;
    let candidates: Vec<Range<usize>> = matches
        .iter()
        .take(CANDIDATES)
        .map(|first| window_at(text, opening_of(text, first.range.start, chars), chars))
        .collect();
    let mut chosen: Vec<Range<usize>> = Vec::new();
    let mut answered: Vec<usize> = Vec::new();
    while chosen.len() < most {
        let mut best: Option<Choice> = None;
        for (number, candidate) in candidates.iter().enumerate() {
            let Some(window) = beside(text, candidate, &matches[number].range, chars, &chosen) else {
                continue;
            };
            let inside = matches[number..].iter().take_while(|part| part.range.end <= window.end).count();
            let mut marks: Vec<usize> = found
                .whole
                .iter()
                .filter(|whole| whole.range.start >= window.start && whole.range.end <= window.end)
                .map(|whole| whole.mark)
                .collect();
            marks.sort_unstable();
            marks.dedup();
            // One half of a pair is better than nothing, and no reason for a second passage.
            if marks.is_empty() && !chosen.is_empty() {
                continue;
            }
            let new = marks.iter().filter(|mark| !answered.contains(mark)).count();
            let worth = (new, marks.len(), inside.min(4));
            if best.as_ref().is_none_or(|best| worth > best.worth) {
                best = Some(Choice { worth, window, marks });
            }
        }
        let Some(Choice { window, marks, .. }) = best else { break };
        answered.extend(marks);
        chosen.push(window);
    }
    if chosen.is_empty() {
        chosen.push(window_at(text, 0, chars));
    }
    chosen.sort_by_key(|window| window.start);
    chosen
}

/// What is left of a window beside those that were chosen; none where its match does not fit.
fn beside(
    text: &str,
    window: &Range<usize>,
    first: &Range<usize>,
    chars: usize,
    chosen: &[Range<usize>],
) -> Option<Range<usize>> {
    let mut free = window.start..text.len();
    for other in chosen {
        if other.end <= first.start {
            free.start = free.start.max(other.end);
        } else if other.start >= first.end {
            free.end = free.end.min(other.start);
        } else {
            return None;
        }
    }
    let window = window_at(&text[..free.end], free.start, chars);
    (window.start <= first.start && first.end <= window.end).then_some(window)
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
pub(super) fn cut(body: &str, window: &Range<usize>, matches: &[[usize; 2]]) -> Snippet {
    // Other white space has more bytes than a space, and offsets have to stay.
    let text = body[window.clone()].replace(['\n', '\r', '\t'], " ");
    let highlights: Vec<[usize; 2]> = matches
        .iter()
        .filter(|[start, end]| *start >= window.start && *end <= window.end)
        .map(|[start, end]| [start - window.start, end - window.start])
        .collect();
    Snippet {
        highlights_chars: in_chars(&text, &highlights),
        highlights,
        text,
        start_byte: window.start,
        start_char: body[..window.start].chars().count(),
    }
}

/// Ranges in rising order, counted in characters instead of bytes.
pub(super) fn in_chars(text: &str, ranges: &[[usize; 2]]) -> Vec<[usize; 2]> {
    let (mut byte, mut chars) = (0, 0);
    let mut count = |to: usize| {
        chars += text[byte..to].chars().count();
        byte = to;
        chars
    };
    ranges.iter().map(|[start, end]| [count(*start), count(*end)]).collect()
}
