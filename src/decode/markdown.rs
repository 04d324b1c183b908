//! Markdown, with front matter in YAML (`---`) or TOML (`+++`).

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Draft, front_matter, markup, plain};
use crate::article::TitleSource;

pub(super) fn decode(text: &str) -> Draft {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut draft, body) = front_matter::read(text);
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
