//! A JSON file to the objects that are its articles.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::Form;
use super::read::Sink;
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

/// How deep a list may lie in objects.
const DEPTH: usize = 3;

/// Gives every article of a JSON text as a record with its line. One object is an article, or an answer with a list of
/// them; several values one after the other are one each.
pub(super) fn json(bytes: &[u8], sink: &mut Sink<'_>) -> Result<()> {
    let decoded = charset::decode(bytes, None);
    let text: &str = &decoded.text;
    let mut lines = Lines { text, at: 0, line: 1 };
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
            if let Some(list) = list_in(text).filter(|_| depth > 0) {
                return value_in(list, depth - 1, lines, sink);
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
fn list_in(text: &str) -> Option<&RawValue> {
    let object: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text).ok()?;
    if OF_ARTICLES.iter().any(|key| object.get(*key).is_some_and(|value| value.get().starts_with('"'))) {
        return None;
    }
    LISTS.iter().find_map(|key| object.get(*key).copied().filter(|value| value.get().starts_with(['[', '{'])))
}

/// Counts lines as the places asked for go forward.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn of(&mut self, at: usize) -> u64 {
        if at > self.at {
            self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..at]).count() as u64;
            self.at = at;
        }
        self.line
    }

    /// The line of a part of the text itself.
    fn of_part(&mut self, part: &'t str) -> u64 {
        let at = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.of(at.min(self.text.len()))
    }
}
