//! One JSON object to an article, by the names that its fields have in the wild.

use serde_json::{Map, Value};

use super::address::{host, is_address, resolve};
use super::byline::names;
use super::markup;
use super::own::{self, OWN_FORM};
use super::{Draft, FieldMap, Refusal, ninjs, subjects};
use crate::article::TitleSource;
use crate::source::{Hints, json_reason, known_key};
use crate::text::charset;

pub(super) type Object = Map<String, Value>;

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
    feed.base = feed.base.or_else(|| hints.url.clone());
    let (charset, replaced) = (Some(decoded.charset), decoded.replaced);
    Ok(Draft { charset, replaced, ..of_fields(&mut object, map, feed) })
}

/// What an object says by the names of its keys.
pub(super) fn of_fields(object: &mut Object, map: &FieldMap, mut feed: Feed) -> Draft {
    let mut draft = Draft::default();
    let article = &mut draft.article;
    let mut fields = Fields::of(object, map);

    draft.id = fields.take("id").and_then(|value| text_of(value, &["id", "$oid", "value"]));
    if let Some(title) = fields.take("title").and_then(|value| text_of(value, &["rendered", "text", "main"]))
    {
        article.title = markup::line(&title);
    }
    if !article.title.is_empty() {
        article.title_source = TitleSource::Markup;
    }
    if let Some(body) =
        fields.take("body").and_then(|value| text_of(value, &["rendered", "text", "html", "body"]))
    {
        article.body = markup::clean(&body);
    }
    if let Some(description) =
        fields.take("description").and_then(|value| text_of(value, &["rendered", "text", "main"]))
    {
        let description = markup::clean(&description);
        article.description = Some(description).filter(|text| !text.is_empty());
    }
    draft.date = fields.take("date").and_then(|value| text_of(value, &["$date", "date", "iso", "value"]));
    article.url = fields
        .take("url")
        .and_then(|value| text_of(value, &["href", "@id", "url"]))
        .and_then(|url| resolve(feed.base.as_deref(), &url));
    let source = fields
        .take("source")
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
    article.authors = fields.take("author").or(feed.author).map(authors).unwrap_or_default();
    article.lang = fields.take("lang").or(feed.lang).and_then(|value| text_of(value, &["code", "name"]));
    article.subjects = fields.take_all("subject").iter().flat_map(subjects::in_json).collect();
    draft
}

/// What a JSON Feed says for all of its items.
#[derive(Default)]
pub(super) struct Feed {
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

/// Keys whose object holds the fields of an article: of the Guardian, Elasticsearch, JSON:API, Hugo and Zola.
const ENVELOPES: [&str; 5] = ["fields", "_source", "attributes", "params", "extra"];

/// The values of an object by field.
struct Fields<'o> {
    /// Of the keys that were given.
    given: [Option<Value>; FieldMap::FIELDS.len()],
    is_given: [bool; FieldMap::FIELDS.len()],
    /// Of known keys, the most telling first.
    known: Vec<(usize, usize, &'o mut Value)>,
}

impl<'o> Fields<'o> {
    fn of(object: &'o mut Object, map: &FieldMap) -> Self {
        let keys = FieldMap::FIELDS.map(|field| map.get(field));
        let given = keys.map(|key| key.and_then(|path| at_path(object, path)));
        let mut known = Vec::with_capacity(object.len());
        for (key, value) in object {
            match (known_key(key), value) {
                // `id` comes before `_id`.
                (Some((field, rank)), value) => {
                    known.push((field, 2 * rank + usize::from(key.starts_with('_')), value));
                }
                (None, Value::Object(inner)) if ENVELOPES.contains(&key.as_str()) => {
                    known.extend(inner.iter_mut().filter_map(|(key, value)| {
                        // What the object says itself comes first.
                        known_key(key).map(|(field, rank)| (field, rank + usize::from(u8::MAX), value))
                    }));
                }
                _ => {}
            }
        }
        known.sort_by_key(|(field, rank, _)| (*field, *rank));
        Self { given, is_given: keys.map(|key| key.is_some()), known }
    }

    /// The value of a field: of the key that was given for it, else of the first known one that holds anything.
    fn take(&mut self, field: &str) -> Option<Value> {
        let field = FieldMap::FIELDS.iter().position(|name| *name == field)?;
        if self.is_given[field] {
            return self.given[field].take();
        }
        let mut values = self.known.iter_mut().filter(|(of, ..)| *of == field);
        values.find(|(.., value)| !is_nothing(value)).map(|(.., value)| value.take())
    }

    /// The value of the key that was given for a field, else those of all known ones, where they say different things.
    fn take_all(&mut self, field: &str) -> Vec<Value> {
        let Some(field) = FieldMap::FIELDS.iter().position(|name| *name == field) else { return Vec::new() };
        if self.is_given[field] {
            return self.given[field].take().into_iter().collect();
        }
        self.known.iter_mut().filter(|(of, ..)| *of == field).map(|(.., value)| value.take()).collect()
    }
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
        value => text_of(value, &["name", "full_name", "display_name", "title", "original"])
            .map_or_else(Vec::new, |text| names(&text)),
    }
}
