//! Runs of text on pages to lines, and lines to a title and paragraphs.

use std::collections::HashMap;

use super::page::Run;

/// A line of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    page: usize,
    start: f64,
    end: f64,
    base: f64,
    size: f64,
    text: String,
}

/// Joins runs that go on in the same line, in the order in which they were drawn.
pub(super) fn lines(runs: Vec<Run>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for run in runs {
        let size = run.size.max(1.0);
        if let Some(line) = lines.last_mut()
            && line.page == run.page
            && (line.base - run.base).abs() < size * 0.4
            && run.start > line.end - size
            && run.start < line.end + size * 8.0
        {
            let gap = run.start - line.end;
            let is_apart = line.text.ends_with(' ') || run.text.starts_with(' ');
            if gap > size * 0.15 && !is_apart {
                line.text.push(' ');
            }
            line.text.push_str(&run.text);
            line.end = run.end;
            line.size = line.size.max(run.size);
        } else {
            let Run { page, start, end, base, size, text } = run;
            lines.push(Line { page, start, end, base, size, text });
        }
    }
    for line in &mut lines {
        line.text = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    lines.retain(|line| line.text.chars().any(char::is_alphanumeric));
    without_running_heads(lines)
}

/// Lines without those that stand on pages again and again, and without page numbers.
fn without_running_heads(mut lines: Vec<Line>) -> Vec<Line> {
    // On so many pages a line is a running head.
    let pages = lines.last().map_or(0, |line| line.page).clamp(2, 3);
    let key = |line: &Line| {
        let text: String = line.text.chars().filter(|letter| !letter.is_ascii_digit()).collect();
        (text, (line.base / 4.0).round() as i64)
    };
    let mut seen: HashMap<(String, i64), usize> = HashMap::new();
    for line in &lines {
        *seen.entry(key(line)).or_default() += 1;
    }
    let is_number = |text: &str| {
        text.chars().all(|letter| letter.is_ascii_digit() || " -–—/|".contains(letter)) && text.len() <= 9
    };
    lines.retain(|line| seen[&key(line)] < pages && !is_number(&line.text));
    lines
}

/// The lines of the first page that are largest, if they are larger than the text, and all other lines as paragraphs.
pub(super) fn paragraphs(mut lines: Vec<Line>) -> (Option<String>, Vec<String>) {
    let Some(usual) = usual_size(&lines) else { return (None, Vec::new()) };
    let first_page = lines.first().map_or(1, |line| line.page);
    let is_candidate = |line: &&Line| {
        line.page == first_page && line.text.chars().filter(|letter| letter.is_alphabetic()).count() >= 4
    };
    let largest = lines.iter().filter(is_candidate).map(|line| line.size).fold(0.0, f64::max);
    let mut title = None;
    if largest > usual * 1.15
        && let Some(start) = lines.iter().position(|line| line.page == first_page && same(line.size, largest))
    {
        let length = lines[start..]
            .iter()
            .take_while(|line| line.page == first_page && same(line.size, largest))
            .count();
        title = Some(joined(lines.drain(start..start + length).map(|line| line.text)));
    }
    let step = usual_step(&lines).unwrap_or(usual * 1.2);
    let mut paragraphs: Vec<Vec<Line>> = Vec::new();
    for line in lines {
        match paragraphs.last_mut() {
            Some(paragraph) if paragraph.last().is_some_and(|last| goes_on(last, &line, step)) => {
                paragraph.push(line);
            }
            _ => paragraphs.push(vec![line]),
        }
    }
    let texts = paragraphs.into_iter().map(|lines| joined(lines.into_iter().map(|line| line.text)));
    (title, texts.collect())
}

fn same(left: f64, right: f64) -> bool {
    (left - right).abs() <= right * 0.08
}

/// The size of most letters.
fn usual_size(lines: &[Line]) -> Option<f64> {
    let mut letters: HashMap<i64, usize> = HashMap::new();
    for line in lines {
        *letters.entry((line.size * 2.0).round() as i64).or_default() += line.text.len();
    }
    letters.into_iter().max_by_key(|(size, count)| (*count, *size)).map(|(size, _)| size as f64 / 2.0)
}

/// The distance of lines in a paragraph: the smallest of those that are frequent.
fn usual_step(lines: &[Line]) -> Option<f64> {
    let mut steps: HashMap<i64, usize> = HashMap::new();
    for pair in lines.windows(2) {
        let step = pair[0].base - pair[1].base;
        if pair[0].page == pair[1].page && step > pair[0].size * 0.9 && step < pair[0].size * 3.0 {
            *steps.entry((step * 2.0).round() as i64).or_default() += 1;
        }
    }
    let all: usize = steps.values().sum();
    steps
        .into_iter()
        .filter(|(_, count)| count * 6 >= all)
        .map(|(step, _)| step)
        .min()
        .map(|step| step as f64 / 2.0)
}

/// Whether a line belongs to the paragraph of the one before.
fn goes_on(last: &Line, next: &Line, step: f64) -> bool {
    if !same(last.size, next.size) {
        return false;
    }
    let ends = last.text.ends_with(['.', '!', '?', ':', '”', '"']);
    let down = last.base - next.base;
    if last.page != next.page || down < 0.0 {
        // The next page or column.
        return !ends
            && next.text.starts_with(|letter: char| letter.is_lowercase() || last.text.ends_with('-'));
    }
    let is_indented = next.start > last.start + last.size * 0.8 && next.start < last.start + last.size * 5.0;
    down <= step * 1.3 && !(is_indented && ends)
}

/// Lines as one; words that were parted at an end are whole again.
fn joined(lines: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    for line in lines {
        let is_parted = out
            .strip_suffix(['-', '\u{ad}', '\u{2010}'])
            .is_some_and(|head| head.ends_with(char::is_alphabetic))
            && line.starts_with(char::is_lowercase);
        if is_parted {
            out.pop();
        } else if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&line);
    }
    out
}
