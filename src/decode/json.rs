//! One JSON object to an article, by the names that its fields have in the wild.

use serde_json::{Map, Value};

use super::address::{host, is_address, resolve};
use super::byline::names;
use super::fields::{FieldMap, KEYS};
use super::markup;
use super::own::{self, OWN_FORM};
use super::{Draft, Refusal, ninjs, subjects};
use crate::article::TitleSource;
use crate::source::{Hints, json_reason};
use crate::text::charset;

type Object = Map<String, Value>;

fn not_json(reason: String) -> Refusal {
    Refusal { class: "not-json", reason }
}

pub(super) fn decode(bytes: &[u8], map: &FieldMap, hints: &Hints) -> Result<Draft, Refusal> {
    let decoded = charset::decode(bytes, None);
    let mut object: Object =
        serde_json::from_str(&decoded.text).map_err(|error| not_json(json_reason(&error)))?;
    if let Some(version) = object.get(OWN_FORM).and_then(Value::as_u64) {
        let draft = own::decode(Value::Object(object), version).map_err(not_json)?;
        return Ok(Draft { charset: Some(decoded.charset), replaced: decoded.replaced, ..draft });
    }
    if let Some(item) = ninjs::Item::new(&object) {
        if let Some(refusal) = item.is_held_back() {
            return Err(refusal);
        }
        if map.is_empty() {
            return Ok(Draft { charset: Some(decoded.charset), replaced: decoded.replaced, ..item.draft() });
        }
    }
    let mut feed = feed_of_one(&mut object);
    let mut draft = Draft { charset: Some(decoded.charset), replaced: decoded.replaced, ..Draft::default() };
    let article = &mut draft.article;

    draft.id = take(&mut object, map, "id").and_then(|value| text_of(value, &["id", "$oid", "value"]));
    if let Some(title) =
        take(&mut object, map, "title").and_then(|value| text_of(value, &["rendered", "text"]))
    {
        article.title = markup::line(&title);
    }
    if !article.title.is_empty() {
        article.title_source = TitleSource::Markup;
    }
    if let Some(body) =
        take(&mut object, map, "body").and_then(|value| text_of(value, &["rendered", "text", "html", "body"]))
    {
        article.body = markup::clean(&body);
    }
    if let Some(description) =
        take(&mut object, map, "description").and_then(|value| text_of(value, &["rendered", "text"]))
    {
        let description = markup::clean(&description);
        article.description = Some(description).filter(|text| !text.is_empty());
    }
    draft.date =
        take(&mut object, map, "date").and_then(|value| text_of(value, &["$date", "date", "iso", "value"]));
    article.url = take(&mut object, map, "url")
        .and_then(|value| text_of(value, &["href", "@id", "url"]))
        .and_then(|url| resolve(feed.base.as_deref().or(hints.url.as_deref()), &url));
    let source = take(&mut object, map, "source")
        .and_then(|value| text_of(value, &["name", "title", "domain", "uri", "url"]))
        .map(|source| markup::line(&source))
        .filter(|source| !source.is_empty());
    article.source = match source {
        // The address of a feed says less than that of the article.
        Some(source) if is_address(&source) => {
            article.url.as_deref().and_then(host).or_else(|| host(&source)).map(str::to_owned)
        }
        Some(source) => Some(source),
        None if feed.title.is_some() => feed.title.take(),
        None => article.url.as_deref().and_then(host).map(str::to_owned),
    };
    article.authors = take(&mut object, map, "author").or(feed.author).map(authors).unwrap_or_default();
    article.lang =
        take(&mut object, map, "lang").or(feed.lang).and_then(|value| text_of(value, &["code", "name"]));
    article.subjects = subjects_of(&mut object, map);
    Ok(draft)
}

/// What a JSON Feed says for all of its items.
#[derive(Default)]
struct Feed {
    title: Option<String>,
    base: Option<String>,
    lang: Option<Value>,
    author: Option<Value>,
}

/// Where an object is a JSON Feed of one item, makes it that item and gives what the feed says.
fn feed_of_one(object: &mut Object) -> Feed {
    let is_feed = ["version", "home_page_url", "feed_url"].iter().any(|key| object.contains_key(*key));
    let item = match object.get_mut("items") {
        Some(Value::Array(items)) if is_feed && items.len() == 1 => items.pop(),
        _ => None,
    };
    let Some(Value::Object(item)) = item else { return Feed::default() };
    let mut head = std::mem::replace(object, item);
    let mut field = |key: &str| head.get_mut(key).filter(|value| !is_nothing(value)).map(Value::take);
    let title = field("title").and_then(|title| text_of(title, &[])).map(|title| markup::line(&title));
    let home = field("home_page_url").and_then(|url| text_of(url, &[]));
    let own = field("feed_url").and_then(|url| text_of(url, &[]));
    Feed {
        title: title.filter(|title| !title.is_empty()),
        base: home.and_then(|url| resolve(own.as_deref(), &url)).or(own),
        lang: field("language"),
        author: field("authors").or_else(|| field("author")),
    }
}

/// The value of a field: of the key that was given for it, else of the first known one that holds anything.
fn take(object: &mut Object, map: &FieldMap, field: &str) -> Option<Value> {
    if let Some(path) = map.get(field) {
        return at_path(object, path);
    }
    let (_, keys) = KEYS.iter().find(|(name, _)| *name == field)?;
    keys.iter().find_map(|key| object.get_mut(*key).filter(|value| !is_nothing(value)).map(Value::take))
}

/// Subjects of the key that was given for them, else of all known ones: they say different things.
fn subjects_of(object: &mut Object, map: &FieldMap) -> Vec<String> {
    if map.get("subject").is_some() {
        return take(object, map, "subject").map(|value| subjects::in_json(&value)).unwrap_or_default();
    }
    let keys = KEYS.iter().filter(|(name, _)| *name == "subject").flat_map(|(_, keys)| *keys);
    keys.filter_map(|key| object.get(*key)).flat_map(subjects::in_json).collect()
}

/// A key, or a path of keys with dots. A key that has dots itself wins.
fn at_path(object: &mut Object, path: &str) -> Option<Value> {
    if let Some(value) = object.get_mut(path) {
        return Some(value.take());
    }
    let (first, rest) = path.split_once('.')?;
    let mut value = object.get_mut(first)?;
    for key in rest.split('.') {
        value = match value {
            Value::Object(inner) => inner.get_mut(key)?,
            Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value.take())
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(_) => false,
    }
}

/// A value as text; of an object the first of `keys`, of a list all of it.
fn text_of(value: Value, keys: &[&str]) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Array(items) => {
            let texts: Vec<String> = items.into_iter().filter_map(|item| text_of(item, keys)).collect();
            texts.join("\n\n")
        }
        Value::Object(mut fields) => {
            let key = keys.iter().find(|key| fields.get(**key).is_some_and(|value| !is_nothing(value)))?;
            return text_of(fields.get_mut(*key)?.take(), keys);
        }
        Value::Null | Value::Bool(_) => return None,
    };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    Some(if trimmed.len() == text.len() { text } else { trimmed.to_owned() })
}

fn authors(value: Value) -> Vec<String> {
    match value {
        Value::Array(items) => {
            let mut all: Vec<String> = items.into_iter().flat_map(authors).collect();
            all.dedup();
            all
        }
        value => text_of(value, &["name", "full_name", "display_name", "title"])
            .map_or_else(Vec::new, |text| names(&text)),
    }
}
