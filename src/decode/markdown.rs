//! Markdown, with front matter in YAML (`---`) or TOML (`+++`).

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::byline::names;
use super::markup;
use super::{Draft, plain};
use crate::article::TitleSource;

pub(super) fn decode(text: &str) -> Draft {
    let mut draft = Draft::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = match front_matter(text) {
        Some((matter, rest)) => {
            for (key, value) in entries(matter) {
                apply(&mut draft, &key, &value);
            }
            rest
        }
        None => text,
    };
    let (title, mut paragraphs) = blocks(body);
    if draft.article.title.is_empty()
        && let Some(title) = title
    {
        draft.article.title = title;
        draft.article.title_source = TitleSource::Markup;
    }
    let lines = plain::opening_lines(
        &mut draft,
        paragraphs.iter().map(|block| (block.text.as_str(), block.is_heading)),
    );
    paragraphs.drain(..lines);
    let texts: Vec<String> = paragraphs.iter().map(|block| block.text.clone()).collect();
    let (body, _) = plain::assemble(&texts);
    let mut at = 0;
    for block in &paragraphs {
        if block.is_heading {
            draft.article.headings.push(at..at + block.text.len());
        }
        at += block.text.len() + 2;
    }
    draft.article.body = body;
    draft
}

/// The text between the fences at the beginning, and what follows.
fn front_matter(text: &str) -> Option<(&str, &str)> {
    let fence = ["---", "+++"].into_iter().find(|fence| text.starts_with(fence))?;
    let after = text[3..].strip_prefix("\r\n").or_else(|| text[3..].strip_prefix('\n'))?;
    let mut at = 0;
    for line in after.split_inclusive('\n') {
        if line.trim_end() == fence {
            return Some((&after[..at], &after[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

/// Keys with their values; of nested ones only the first level. Enough of YAML and TOML for what front matter holds:
/// `key: value`, `key = value`, lists in brackets and as lines with a hyphen.
fn entries(matter: &str) -> Vec<(String, Vec<String>)> {
    let mut entries: Vec<(String, Vec<String>)> = Vec::new();
    for line in matter.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with('[') {
            continue;
        }
        if let Some(item) = trimmed.strip_prefix("- ") {
            if let Some((_, values)) = entries.last_mut() {
                values.push(unquoted(item));
            }
            continue;
        }
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some(at) = trimmed.find([':', '=']) else { continue };
        let (key, value) = (trimmed[..at].trim().to_ascii_lowercase(), trimmed[at + 1..].trim());
        let values = match value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            Some(list) => list.split(',').map(unquoted).filter(|item| !item.is_empty()).collect(),
            None if value.is_empty() || matches!(value, ">" | "|" | ">-" | "|-") => Vec::new(),
            None => vec![unquoted(value)],
        };
        entries.push((key, values));
    }
    entries
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner.0.to_owned();
        }
    }
    value.split(" #").next().unwrap_or(value).trim().to_owned()
}

fn apply(draft: &mut Draft, key: &str, values: &[String]) {
    let Some(first) = values.first().filter(|value| !value.is_empty()) else { return };
    let article = &mut draft.article;
    match key {
        "title" | "headline" => {
            article.title = markup::line(first);
            article.title_source = TitleSource::Markup;
        }
        "id" | "guid" => draft.id = Some(first.clone()),
        "date" | "published" | "pubdate" | "published_at" | "date_published" => {
            draft.date = Some(first.clone());
        }
        "author" | "authors" | "byline" => {
            article.authors = values.iter().flat_map(|value| names(value)).collect();
        }
        "source" | "publisher" | "site" | "outlet" => article.source = Some(first.clone()),
        "url" | "link" | "canonical" | "canonical_url" => {
            article.url = Some(first.clone()).filter(|url| url.starts_with("http"));
        }
        "lang" | "language" => article.lang = Some(first.clone()),
        "description" | "summary" | "excerpt" => article.description = Some(markup::clean(first)),
        _ => {}
    }
}

struct Block {
    text: String,
    is_heading: bool,
}

/// The first heading of the first level, and all other blocks as text.
fn blocks(text: &str) -> (Option<String>, Vec<Block>) {
    let mut title = None;
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = String::new();
    let mut level = None;
    let mut close = |open: &mut String, level: &mut Option<HeadingLevel>, title: &mut Option<String>| {
        let text = markup::tidy(&std::mem::take(open));
        let level = level.take();
        if text.is_empty() {
            return;
        }
        if level == Some(HeadingLevel::H1) && title.is_none() && blocks.is_empty() {
            *title = Some(markup::line(&text));
        } else {
            blocks.push(Block { text, is_heading: level.is_some() });
        }
    };
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Heading { level: starts, .. }) => {
                close(&mut open, &mut level, &mut title);
                level = Some(starts);
            }
            Event::Start(Tag::Paragraph | Tag::Item | Tag::CodeBlock(_) | Tag::Table(_) | Tag::TableRow)
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableRow
                | TagEnd::TableHead,
            )
            | Event::Rule => close(&mut open, &mut level, &mut title),
            Event::Text(text) | Event::Code(text) => open.push_str(&text),
            Event::InlineHtml(html) | Event::Html(html) => open.push_str(&markup::clean(&html)),
            Event::SoftBreak | Event::End(TagEnd::TableCell) => open.push(' '),
            Event::HardBreak => open.push('\n'),
            _ => {}
        }
    }
    close(&mut open, &mut level, &mut title);
    (title, blocks)
}
