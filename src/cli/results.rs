//! A page of hits: for reading, and as a TREC run.

use super::progress::grouped;
use super::terminal::{Piece, clean, clean_lines, columns, marked, paint, shorten, style, wrap};
use crate::article::Role;
use crate::search::{
    Explanation, FacetValue, Hit, PartialMatches, Relation, SearchResults, StoredArticle, Suggestion,
};
use crate::tag::ABOUT_THRESHOLD;
use anstyle::Style;

/// Companies and divisions that are named under a title.
const CHIPS: usize = 8;

/// Columns of the longest line of text that is read with ease.
const READABLE: usize = 120;

/// The page for a reader, `width` columns wide. Somebody who sits at a terminal is told how to go on.
pub(super) fn human(results: &SearchResults, width: usize, is_terminal: bool) -> String {
    let mut out = String::new();
    let width = width.min(READABLE);
    for hit in &results.hits {
        write_hit(&mut out, hit, width);
        out.push('\n');
    }
    for (field, values) in results.facets.iter().filter(|(_, values)| !values.is_empty()) {
        write_facet(&mut out, field, values, width);
        out.push('\n');
    }
    if let Some(terms) = &results.terms {
        super::terms::write(&mut out, terms);
        out.push('\n');
    }
    let shown = results.hits.len();
    let least = if results.total.relation == Relation::AtLeast { "at least " } else { "" };
    let articles = if results.total.value == 1 { "article" } else { "articles" };
    let mut line = format!("{least}{} {articles}", grouped(results.total.value));
    if let Some(first) = results.hits.first()
        && (shown as u64) < results.total.value
    {
        line.push_str(&format!(", {} to {} shown", first.rank, first.rank + shown - 1));
    }
    line.push_str(&format!(" ({:.1} ms)", results.took_ms));
    paint(&mut out, &line, style::FAINT);
    out.push('\n');
    if let Some(next) = results.next.as_ref().filter(|_| is_terminal) {
        // In one piece, so that it can be copied.
        paint(&mut out, &format!("next page: --after {next}"), style::FAINT);
        out.push('\n');
    }
    for note in hints(results).iter().chain(&results.notes) {
        paint(&mut out, &clean(note), style::FAINT);
        out.push('\n');
    }
    out
}

/// What a reader may try next.
fn hints(results: &SearchResults) -> Vec<String> {
    let mut hints = Vec::new();
    for Suggestion { word, instead, articles } in &results.suggestions {
        let articles =
            if *articles == 1 { "1 article".to_owned() } else { format!("{} articles", grouped(*articles)) };
        hints.push(format!("no article has \"{word}\"; did you mean {instead} ({articles})?"));
    }
    if let Some(PartialMatches { parts, have, articles, query }) = &results.partial {
        let articles =
            if *articles == 1 { "1 has".to_owned() } else { format!("{} have", grouped(*articles)) };
        hints.push(format!(
            "no article has all {parts}; {articles} {have} of them: --match {have}, --match any, or {query}"
        ));
    }
    hints
}

fn write_hit(out: &mut String, hit: &Hit, width: usize) {
    let rank = format!("{:>2}", hit.rank);
    let indent = columns(&rank) + 2;
    let mut title = marked(&hit.title, &hit.title_highlights, style::TITLE, style::MATCH);
    title.insert(0, (String::new(), Style::new()));
    let mut lines = String::new();
    wrap(&mut lines, &title, indent, width);
    paint(out, &rank, style::RANK);
    out.push_str(lines.get(columns(&rank)..).unwrap_or(&lines));

    let mut about: Vec<Piece> = Vec::new();
    let date = hit
        .published
        .as_deref()
        .map_or_else(|| "undated".to_owned(), |date| clean(date.get(..10).unwrap_or(date)));
    about.push((date, style::FAINT));
    for text in [&hit.source, &hit.author].into_iter().flatten() {
        about.push((format!(" · {}", shorten(&clean(text), 60)), style::FAINT));
    }
    wrap(out, &about, indent, width);

    let chips = chips(hit);
    if !chips.is_empty() {
        wrap(out, &chips, indent, width);
    }
    let mut end_of_last = None;
    for snippet in hit.snippets.iter().filter(|snippet| !snippet.text.trim().is_empty()) {
        // White space alone stands between passages that go on from one another.
        if end_of_last.is_some_and(|end| snippet.start_byte > end + 2) {
            wrap(out, &[("…".to_owned(), style::FAINT)], indent, width);
        }
        end_of_last = Some(snippet.start_byte + snippet.text.len());
        let mut passage = marked(&snippet.text, &snippet.highlights, Style::new(), style::MATCH);
        // Where a sentence was cut, the reader sees it.
        if snippet.text.starts_with(char::is_lowercase) {
            passage.insert(0, ("… ".to_owned(), style::FAINT));
        }
        if snippet.text.ends_with(|letter: char| letter.is_alphanumeric() || ",;:–—".contains(letter)) {
            passage.push((" …".to_owned(), style::FAINT));
        }
        wrap(out, &passage, indent, width);
    }
    let mut place = vec![(clean(&hit.id), style::FAINT)];
    if hit.id != hit.path && !hit.path.is_empty() {
        place.push((format!(" in {}", clean(&hit.path)), style::FAINT));
    }
    wrap(out, &place, indent, width);
    if let Some(explanation) = &hit.explanation {
        write_explanation(out, explanation, indent);
    }
}

/// Companies and divisions by salience, which is shown of those that the article is about; what is only compared with
/// stands in brackets.
fn chips(hit: &Hit) -> Vec<Piece> {
    let counting = hit.companies.iter().filter(|company| company.role.counts_as_company());
    let companies = counting.map(|company| {
        let name = clean(&company.name);
        let text = if matches!(company.role, Role::Peer) { format!("({name})") } else { name };
        (company.salience, text, style::COMPANY)
    });
    let divisions =
        hit.divisions.iter().map(|division| (division.salience, clean(&division.name), style::DIVISION));
    let mut named: Vec<_> = companies.chain(divisions).collect();
    named.sort_by_key(|(salience, ..)| std::cmp::Reverse(*salience));
    let left_out = named.len().saturating_sub(CHIPS);
    let mut pieces: Vec<Piece> = Vec::new();
    for (salience, text, style) in named.into_iter().take(CHIPS) {
        let gap = if pieces.is_empty() { "" } else { " · " };
        pieces.push((gap.to_owned(), style::FAINT));
        pieces.push((text, style));
        if salience >= ABOUT_THRESHOLD {
            pieces.push((format!(" {salience}"), style::FAINT));
        }
    }
    if left_out > 0 {
        pieces.push((format!(" · {left_out} more"), style::FAINT));
    }
    for topic in &hit.topics {
        let gap = if pieces.is_empty() { "" } else { "  " };
        pieces.push((format!("{gap}#{}", clean(topic)), style::TOPIC));
    }
    pieces
}

fn write_explanation(out: &mut String, explanation: &Explanation, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
    paint(out, &format!("{:<9.4} {}", explanation.value, clean(&explanation.description)), style::FAINT);
    out.push('\n');
    for part in &explanation.parts {
        write_explanation(out, part, indent + 2);
    }
}

/// A facet as lines with counts and bars.
pub(super) fn write_facet(out: &mut String, field: &str, values: &[FacetValue], width: usize) {
    paint(out, &clean(field), style::TITLE);
    out.push('\n');
    let mut rows: Vec<(usize, &FacetValue)> = Vec::new();
    for value in values {
        rows.push((0, value));
        rows.extend(value.children.iter().map(|child| (2, child)));
    }
    let room = width.saturating_sub(36).clamp(12, 48);
    let label = |indent: usize, value: &FacetValue| shorten(&clean(&value.label), room - indent);
    let widest =
        rows.iter().map(|(indent, value)| indent + columns(&label(*indent, value))).max().unwrap_or(0);
    let largest = rows.iter().map(|(_, value)| value.count).max().unwrap_or(0).max(1);
    for (indent, value) in rows {
        let text = label(indent, value);
        let gap = widest - indent - columns(&text);
        let style = if indent == 0 { Style::new() } else { style::DIVISION };
        out.extend(std::iter::repeat_n(' ', 2 + indent));
        paint(out, &text, if value.path.is_none() { style::FAINT } else { style });
        out.extend(std::iter::repeat_n(' ', gap));
        out.push_str(&format!("  {:>9}  ", grouped(value.count)));
        let bar = (value.count * 20).div_ceil(largest) as usize;
        paint(out, &"▇".repeat(bar), style::BAR);
        out.push('\n');
    }
}

/// Lines of a TREC run: `query Q0 id rank score tag`. White space in an id, which the format can't hold, is a `_`.
pub(super) fn trec(query: &str, ranked: &[(String, f32)]) -> String {
    let mut out = String::new();
    for (rank, (id, score)) in ranked.iter().enumerate() {
        let id: String = id.chars().map(|letter| if letter.is_whitespace() { '_' } else { letter }).collect();
        out.push_str(&format!("{query} Q0 {} {} {score:.6} dateline\n", clean(&id), rank + 1));
    }
    out
}

/// One article with its tags.
pub(super) fn article(stored: &StoredArticle, width: usize) -> String {
    let article = &stored.article;
    let mut out = String::new();
    wrap(&mut out, &[(clean(&article.title), style::TITLE)], 0, width);
    let published = article.published.as_ref().map_or_else(
        || "undated".to_owned(),
        |published| {
            format!("{} ({:?} from {:?})", published, published.precision, published.source).to_lowercase()
        },
    );
    let facts = [
        ("id", Some(article.id.clone())),
        ("published", Some(published)),
        ("source", article.source.clone()),
        ("author", (!article.authors.is_empty()).then(|| article.authors.join(", "))),
        ("subjects", (!article.subjects.is_empty()).then(|| article.subjects.join(", "))),
        ("place", article.place.clone()),
        ("url", article.url.clone()),
        ("path", Some(article.path.clone())),
        ("lang", article.lang.clone()),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            paint(&mut out, &format!("{name:<10}"), style::FAINT);
            out.push_str(&clean(&value));
            out.push('\n');
        }
    }
    super::tags::summary(&mut out, &stored.tags);
    for paragraph in clean_lines(&article.body).split("\n\n") {
        out.push('\n');
        for line in paragraph.lines() {
            wrap(&mut out, &[(line.to_owned(), Style::new())], 0, width);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::trec;

    #[test]
    fn a_run_has_six_columns() {
        let run = trec("7", &[("a b".to_owned(), 2.5), ("c".to_owned(), 1.0)]);
        assert_eq!(run, "7 Q0 a_b 1 2.500000 dateline\n7 Q0 c 2 1.000000 dateline\n");
    }
}
