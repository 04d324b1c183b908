//! A web page: what it states of itself in JSON-LD, OpenGraph, `meta`, microdata and `time`, in that order of trust, and
//! the body as a reader would see it, without navigation, share buttons and related links.

mod lean;
mod leftovers;
mod linked_data;
mod page;
mod stated;
mod title;

use dom_query::Document;
use dom_smoothie::{Config, Readability};

use self::stated::Stated;
use super::address::{host, is_address};
use super::{Draft, markup, plain};
use crate::article::TitleSource;
use crate::source::Hints;
use crate::text::charset;

/// What the extractor puts the text of the article into.
const CONTENT: &str = "#readability-page-1";

/// Where the character set may be declared.
const HEAD: usize = 2048;

pub(super) fn decode(bytes: &[u8], hints: &Hints) -> Result<Draft, String> {
    let declared = hints.charset.clone().or_else(|| charset::named_in(&bytes[..bytes.len().min(HEAD)]));
    let decoded = charset::decode(bytes, declared.as_deref());
    let charset = Some(decoded.charset);
    let mut draft = Draft { charset, replaced: decoded.replaced, ..Draft::default() };
    // Of a page that was made to take the parser long only the bare text is read.
    let Some(lean) = lean::lean(&decoded.text) else {
        let text = markup::clean(&decoded.text);
        let mut plain = plain::decode(&text);
        (plain.charset, plain.replaced) = (charset, decoded.replaced);
        plain.article.url = hints.url.clone().filter(|url| is_address(url));
        return Ok(plain);
    };
    let document = Document::from(lean.html);
    let stated = Stated::read(&document, &lean.linked_data, hints.url.as_deref());
    let config = Config { keep_classes: true, disable_json_ld: true, ..Config::default() };
    let mut reader = Readability::with_document(document, None, Some(config))
        .map_err(|error| format!("the page can't be read: {error}"))?;
    let extracted = reader.parse().ok();

    let article = &mut draft.article;
    article.title = stated
        .title
        .or_else(|| extracted.as_ref().map(|found| markup::line(&found.title)))
        .unwrap_or_default();
    article.title_source = TitleSource::Markup;
    article.description = stated.description;
    article.source = stated.outlet.or_else(|| stated.url.as_deref().and_then(host).map(str::to_owned));
    article.url = stated.url;
    article.authors = stated.authors;
    article.subjects = stated.subjects;
    article.lang = stated.lang;
    draft.date = stated.date;

    let content = extracted.and_then(|_| reader.doc.select_single(CONTENT).nodes().first().copied());
    let mut paragraphs = content.map(leftovers::paragraphs).unwrap_or_default();
    let found: usize = paragraphs.iter().map(String::len).sum();
    // A teaser is stated as often as the whole article.
    if let Some(body) = stated.body.filter(|body| body.len() > found * 4 / 5) {
        paragraphs =
            body.split("\n\n").map(|paragraph| paragraph.replace('\n', " ").trim().to_owned()).collect();
    }
    let title = draft.article.title.clone();
    paragraphs.retain(|paragraph| !paragraph.is_empty() && *paragraph != title);
    // The byline and the date of the page, as far as they were taken for a part of the text.
    let is_byline = |text: &String| {
        draft.article.authors.iter().any(|author| author == text)
            || draft.article.authors.join(", ") == *text
            || crate::text::date::parts(text).is_ok_and(|parts| parts.month.is_some())
    };
    let bylines = paragraphs.iter().take_while(|text| is_byline(text)).count();
    paragraphs.drain(..bylines);
    let lines = plain::opening_lines(&mut draft, paragraphs.iter().map(|text| (text.as_str(), false)));
    paragraphs.drain(..lines);
    (draft.article.body, draft.article.headings) = plain::assemble(&paragraphs);
    Ok(draft)
}
