//! A web page: what it states of itself in JSON-LD, OpenGraph, `meta`, microdata and `time`, in that order of trust, and
//! the body as a reader would see it, without navigation, share buttons and related links.

mod leftovers;

use dom_query::Document;
use dom_smoothie::{Config, Readability};
use serde_json::Value;

use super::address::{host, is_address, is_front_page, resolve};
use super::json::{lenient, names};
use super::{Draft, markup, plain};
use crate::article::TitleSource;
use crate::source::Hints;
use crate::text::charset;

/// Deeper pages and tags with more attributes take the parser quadratic time; of such a page only the bare text is read.
const MAX_DEPTH: usize = 512;
const MAX_ATTRIBUTES: usize = 256;

/// Where the character set may be declared.
const HEAD: usize = 2048;

/// Elements that have no end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    "param",
];

pub(super) fn decode(bytes: &[u8], hints: &Hints) -> Result<Draft, String> {
    let declared = hints.charset.clone().or_else(|| charset::named_in(&bytes[..bytes.len().min(HEAD)]));
    let decoded = charset::decode(bytes, declared.as_deref());
    let charset = Some(decoded.charset);
    let mut draft = Draft { charset, replaced: decoded.replaced, ..Draft::default() };
    if is_too_deep(&decoded.text) {
        let text = markup::clean(&decoded.text);
        let mut plain = plain::decode(&text);
        (plain.charset, plain.replaced) = (charset, decoded.replaced);
        plain.article.url = address(None, hints.url.as_deref());
        return Ok(plain);
    }
    let document = Document::from(&*decoded.text);
    let stated = Stated::read(&document);
    let mut reader =
        Readability::with_document(document, None, Some(Config { keep_classes: true, ..Config::default() }))
            .map_err(|error| format!("the page can't be read: {error}"))?;
    let extracted = reader.parse().ok();

    let article = &mut draft.article;
    let extracted_title = extracted.as_ref().map(|found| markup::line(&found.title));
    article.title = stated
        .title
        .or(stated.heading)
        .or(extracted_title)
        .map(|title| without_outlet(&title, stated.outlet.as_deref()))
        .unwrap_or_default();
    article.title_source = TitleSource::Markup;
    article.description = stated.description;
    article.url = address(stated.url.as_deref(), hints.url.as_deref());
    article.source = stated.outlet.or_else(|| article.url.as_deref().and_then(host).map(str::to_owned));
    article.authors = stated.authors;
    article.lang = stated.lang;
    draft.date = stated.date;

    let mut paragraphs = extracted.map(|found| leftovers::paragraphs(&found.content)).unwrap_or_default();
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

/// The address that a page gives for itself, else the one that it was fetched from. A page that is not the front page and
/// says that it was has that from its template.
fn address(stated: Option<&str>, fetched: Option<&str>) -> Option<String> {
    let fetched = fetched.filter(|url| is_address(url));
    let stated = stated.and_then(|url| resolve(fetched, url));
    stated
        .filter(|stated| fetched.is_none_or(|fetched| is_front_page(fetched) || !is_front_page(stated)))
        .or_else(|| fetched.map(str::to_owned))
}

/// What a page says of itself.
#[derive(Default)]
struct Stated {
    title: Option<String>,
    heading: Option<String>,
    body: Option<String>,
    date: Option<String>,
    authors: Vec<String>,
    outlet: Option<String>,
    url: Option<String>,
    description: Option<String>,
    lang: Option<String>,
}

impl Stated {
    fn read(document: &Document) -> Self {
        let mut stated = Self::default();
        for script in &document.select("script[type='application/ld+json']") {
            if let Some(article) = lenient(&script.text()).as_ref().and_then(|value| article_in(value, 4)) {
                stated.take_json_ld(article);
                break;
            }
        }
        let meta = |names: &[&str]| {
            names.iter().find_map(|name| {
                let selector =
                    format!("meta[property='{name}'], meta[name='{name}'], meta[itemprop='{name}']");
                let found = document.select(&selector);
                found
                    .iter()
                    .find_map(|tag| tag.attr("content"))
                    .map(|text| markup::line(&text))
                    .filter(|text| !text.is_empty())
            })
        };
        let attribute = |selector: &str, name: &str| {
            document
                .select(selector)
                .iter()
                .find_map(|tag| tag.attr(name))
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let text = |selector: &str| {
            document
                .select(selector)
                .iter()
                .map(|tag| markup::line(&tag.text()))
                .find(|text| !text.is_empty())
        };
        stated.title = stated.title.or_else(|| meta(&["og:title", "twitter:title", "dc.title"]));
        stated.heading = text("h1[itemprop='headline'], [itemprop='headline']")
            .or_else(|| text("article h1"))
            .or_else(|| text("h1"));
        stated.date = stated
            .date
            .or_else(|| {
                meta(&[
                    "article:published_time",
                    "og:published_time",
                    "og:article:published_time",
                    "date",
                    "pubdate",
                    "publishdate",
                    "publish-date",
                    "dc.date",
                    "dc.date.issued",
                    "dcterms.created",
                    "parsely-pub-date",
                    "sailthru.date",
                    "datePublished",
                    "article.published",
                ])
            })
            .or_else(|| attribute("[itemprop='datePublished']", "datetime"))
            .or_else(|| attribute("[itemprop='datePublished']", "content"))
            .or_else(|| attribute("article time[datetime], time[datetime]", "datetime"));
        if stated.authors.is_empty() {
            stated.authors =
                meta(&["article:author", "author", "dc.creator", "parsely-author", "sailthru.author"])
                    .filter(|author| !author.starts_with("http"))
                    .or_else(|| text("[itemprop='author'] [itemprop='name']"))
                    .or_else(|| text("[itemprop='author']"))
                    .or_else(|| text("[rel='author']"))
                    .map(|author| names(&author))
                    .unwrap_or_default();
        }
        stated.outlet = stated
            .outlet
            .or_else(|| meta(&["og:site_name", "application-name", "dc.publisher"]))
            .or_else(|| text("[itemprop='publisher'] [itemprop='name']"));
        stated.url = attribute("link[rel='canonical']", "href").or(stated.url).or_else(|| meta(&["og:url"]));
        stated.description =
            stated.description.or_else(|| meta(&["og:description", "description", "twitter:description"]));
        stated.lang = attribute("html", "lang").or(stated.lang).or_else(|| meta(&["og:locale", "language"]));
        stated
    }

    fn take_json_ld(&mut self, article: &Value) {
        let text = |key: &str| {
            article
                .get(key)
                .and_then(|value| match value {
                    Value::String(text) => Some(markup::line(text)),
                    Value::Object(fields) => fields
                        .get("@id")
                        .or_else(|| fields.get("url"))
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                    _ => None,
                })
                .filter(|text| !text.is_empty())
        };
        self.title = text("headline").or_else(|| text("name"));
        self.date = text("datePublished").or_else(|| text("dateCreated"));
        self.url = text("url").or_else(|| text("mainEntityOfPage"));
        self.description = text("description");
        self.lang = text("inLanguage");
        self.body = article
            .get("articleBody")
            .and_then(Value::as_str)
            .map(markup::clean)
            .filter(|body| !body.is_empty());
        self.outlet = article.get("publisher").and_then(name_in).into_iter().next();
        self.authors = article
            .get("author")
            .map(|author| all_names_in(author).iter().flat_map(|name| names(name)).collect())
            .unwrap_or_default();
    }
}

/// The object that describes the article, wherever it lies: alone, in a list, in `@graph`.
fn article_in(value: &Value, depth: usize) -> Option<&Value> {
    match value {
        Value::Array(items) if depth > 0 => items.iter().find_map(|item| article_in(item, depth - 1)),
        Value::Object(fields) => {
            let is_article = |kind: &Value| {
                kind.as_str().is_some_and(|kind| {
                    kind.ends_with("Article") || kind.ends_with("Posting") || kind == "Report"
                })
            };
            let is_it = match fields.get("@type") {
                Some(Value::Array(kinds)) => kinds.iter().any(is_article),
                Some(kind) => is_article(kind),
                None => false,
            };
            if is_it {
                return Some(value);
            }
            let inner = fields.get("@graph").or_else(|| fields.get("mainEntity"));
            inner.filter(|_| depth > 0).and_then(|inner| article_in(inner, depth - 1))
        }
        _ => None,
    }
}

fn name_in(value: &Value) -> Option<String> {
    all_names_in(value).into_iter().next()
}

fn all_names_in(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![markup::line(name)],
        Value::Array(items) => items.iter().flat_map(all_names_in).collect(),
        Value::Object(fields) => fields.get("name").map(all_names_in).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// `Headline | Outlet` without the outlet.
fn without_outlet(title: &str, outlet: Option<&str>) -> String {
    if let Some(outlet) = outlet {
        for separator in [" | ", " - ", " – ", " — ", " · "] {
            if let Some(head) = title.strip_suffix(outlet).and_then(|head| head.strip_suffix(separator)) {
                return head.trim().to_owned();
            }
        }
    }
    title.trim().to_owned()
}

/// Elements in which nothing but their own end is a tag.
const RAW: [&str; 5] = ["script", "style", "textarea", "title", "iframe"];

/// Elements that close themselves when the next one begins.
const SELF_CLOSING: [&str; 7] = ["p", "li", "td", "tr", "option", "dt", "dd"];

/// Counts open elements and attributes without parsing, roughly: enough to know a page that was made to take long.
fn is_too_deep(html: &str) -> bool {
    let bytes = html.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
        at += found + 1;
        let rest = &bytes[at..];
        match rest {
            [b'/', ..] => depth = depth.saturating_sub(1),
            [b'!', b'-', b'-', ..] => at += memchr::memmem::find(rest, b"-->").unwrap_or(0),
            [byte, ..] if byte.is_ascii_alphabetic() => {
                let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
                let name = rest[..length.min(12)].to_ascii_lowercase();
                let is_any = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
                let (attributes, end) = attributes(rest);
                if attributes > MAX_ATTRIBUTES {
                    return true;
                }
                let is_closed = rest[..end].ends_with(b"/");
                at += end;
                if is_any(&RAW) {
                    let close = [b"</".as_slice(), &name].concat();
                    at += find_ignoring_case(&bytes[at..], &close).unwrap_or(bytes.len() - at);
                } else if !is_closed && !is_any(&VOID) && !is_any(&SELF_CLOSING) {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return true;
                    }
                }
            }
            _ => {}
        }
    }
    false
}

/// How many attributes a tag has, and where it ends.
fn attributes(tag: &[u8]) -> (usize, usize) {
    let (mut count, mut quote, mut is_value) = (0, None, false);
    for (at, byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if is_value => quote = Some(*byte),
            (None, b'>') => return (count, at),
            (None, _) => count += usize::from(*byte == b'='),
        }
        is_value = *byte == b'=';
    }
    (count, tag.len())
}

fn find_ignoring_case(text: &[u8], lower: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'<', text)
        .find(|at| text.get(*at..at + lower.len()).is_some_and(|found| found.eq_ignore_ascii_case(lower)))
}

#[cfg(test)]
mod tests {
    use super::is_too_deep;

    #[test]
    fn only_tags_make_a_page_deep() {
        for (html, expected) in [
            (format!("<SCRIPT>{}</script>", "x += '<div>';".repeat(2000)), false),
            (format!("<!-- {} -->", "<div>".repeat(2000)), false),
            (format!("<div data-story=\"{}\">", "a=b>".repeat(2000)), false),
            (format!("{}{}", "<div>".repeat(500), "<p><li><br>".repeat(2000)), false),
            ("<div>".repeat(600), true),
            (format!("<script></script>{}", "<b>".repeat(600)), true),
            (format!("<div {}>", "a=1 ".repeat(300)), true),
        ] {
            assert_eq!(is_too_deep(&html), expected, "{}", &html[..20]);
        }
    }
}
