//! A JSON file to the objects that are its articles.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::Form;
use super::lines::Lines;
use super::sink::Sink;
use crate::error::Result;
use crate::text::charset;

/// Keys under which an answer of a news API holds its list, the usual ones first.
const LISTS: [&str; 12] = [
    "articles",
    "items",
    "results",
    "data",
    "stories",
    "docs",
    "documents",
    "entries",
    "news",
    "posts",
    "hits",
    "response",
];

/// Keys that show that an object is an article itself.
const OF_ARTICLES: [&str; 8] =
    ["title", "headline", "body", "text", "content", "articleBody", "maintext", "article"];

/// A JSON object, its values unread.
type Object<'t> = BTreeMap<Cow<'t, str>, &'t RawValue>;

/// How deep a list may lie in objects.
const DEPTH: usize = 3;

/// Gives every article of a JSON text as a record with its line. One object is an article, or an answer with a list of
/// them; several values one after the other are one each.
pub(super) fn json(bytes: &[u8], sink: &mut Sink<'_>) -> Result<()> {
    let decoded = charset::decode(bytes, sink.declared());
    sink.transcoded(&decoded);
    let text: &str = &decoded.text;
    let mut lines = Lines::new(text);
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    loop {
        let at = stream.byte_offset();
        match stream.next() {
            None => return Ok(()),
            Some(Ok(value)) => value_in(value, DEPTH, &mut lines, sink)?,
            Some(Err(error)) => {
                let at = at + text[at..].len() - text[at..].trim_start().len();
                let line = lines.of(at);
                return sink.skip(Some(line), "not-json", reason(&error));
            }
        }
    }
}

/// Whether a JSON text has the shape of an article, of a list of them or of a feed, and is not data of some other kind.
pub(super) fn has_articles(bytes: &[u8]) -> bool {
    fn is_article(object: &Object<'_>) -> bool {
        OF_ARTICLES.iter().any(|key| object.get(*key).is_some_and(|value| value.get().starts_with('"')))
    }
    fn is_shaped(text: &str, depth: usize) -> bool {
        if text.starts_with('[') {
            let first =
                serde_json::from_str::<Vec<&RawValue>>(text).ok().and_then(|items| items.first().copied());
            return depth > 0 && first.is_some_and(|first| is_shaped(first.get(), 0));
        }
        let Ok(object) = serde_json::from_str::<Object<'_>>(text) else { return false };
        is_article(&object)
            || depth > 0
                && (JsonFeed::read(&object).is_some()
                    || list_in(&object).is_some_and(|list| is_shaped(list.get(), depth - 1)))
    }
    let decoded = charset::decode(bytes, None);
    is_shaped(decoded.text.trim(), DEPTH)
}

/// An error of the reader in words, without the place, which is told apart.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    format!("it is not JSON: {text}")
}

fn value_in<'t>(value: &'t RawValue, depth: usize, lines: &mut Lines<'t>, sink: &mut Sink<'_>) -> Result<()> {
    let text = value.get();
    let line = lines.of_part(text);
    match text.as_bytes().first() {
        Some(b'{') => {
            if depth > 0
                && let Ok(object) = serde_json::from_str::<Object<'_>>(text)
            {
                if let Some(feed) = JsonFeed::read(&object) {
                    return feed.items(lines, sink);
                }
                if let Some(list) = list_in(&object) {
                    return value_in(list, depth - 1, lines, sink);
                }
            }
            sink.record(Form::Json, text.as_bytes().to_vec(), Some(line))
        }
        Some(b'[') if depth > 0 => match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(values) => values.into_iter().try_for_each(|value| value_in(value, 0, lines, sink)),
            Err(error) => sink.skip(Some(line), "not-json", reason(&error)),
        },
        _ => sink.skip(Some(line), "not-json", "it is JSON, but no object that could be an article"),
    }
}

/// The list of articles in an answer; none where the object is an article itself.
fn list_in<'t>(object: &Object<'t>) -> Option<&'t RawValue> {
    if OF_ARTICLES.iter().any(|key| object.get(*key).is_some_and(|value| value.get().starts_with('"'))) {
        return None;
    }
    LISTS.iter().find_map(|key| object.get(*key).copied().filter(|value| value.get().starts_with(['[', '{'])))
}

/// A JSON Feed: its items know the feed's title, language, authors and address only from it, so that each goes on as a
/// feed of its own.
struct JsonFeed<'t> {
    /// The feed's own fields, as the beginning of an object.
    head: String,
    items: Vec<&'t RawValue>,
}

impl<'t> JsonFeed<'t> {
    /// Fields that say something of the items.
    const HEAD: [&'static str; 7] =
        ["version", "title", "home_page_url", "feed_url", "language", "authors", "author"];

    /// Longest value of one of them, in bytes.
    const MAX_VALUE: usize = 2 << 10;

    fn read(object: &Object<'t>) -> Option<Self> {
        let is_feed = object.contains_key("home_page_url")
            || object.contains_key("feed_url")
            || object.get("version").is_some_and(|version| version.get().contains("jsonfeed.org/"));
        let items = object.get("items").filter(|_| is_feed)?;
        let items = serde_json::from_str(items.get()).ok()?;
        let head = Self::HEAD
            .iter()
            .filter_map(|key| Some((key, object.get(*key)?.get())))
            .filter(|(_, value)| value.len() <= Self::MAX_VALUE)
            .map(|(key, value)| format!("\"{key}\":{value},"))
            .collect();
        Some(Self { head, items })
    }

    fn items(self, lines: &mut Lines<'t>, sink: &mut Sink<'_>) -> Result<()> {
        if self.items.is_empty() {
            return sink.skip(None, "empty", "the feed has no items");
        }
        for item in self.items {
            let line = lines.of_part(item.get());
            if item.get().starts_with('{') {
                let record = format!("{{{}\"items\":[{}]}}", self.head, item.get());
                sink.record(Form::Json, record.into_bytes(), Some(line))?;
            } else {
                sink.skip(Some(line), "not-json", "it is JSON, but no object that could be an article")?;
            }
        }
        Ok(())
    }
}
