//! Which keys of a JSON record hold which field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::text::edit_distance;

/// Fields and the keys under which they are known in the wild, the most telling first.
pub(super) const KEYS: [(&str, &[&str]); 10] = [
    ("id", &["id", "ID", "_id", "guid", "uuid"]),
    ("title", &["title", "headline", "name"]),
    (
        "body",
        &["body", "text", "content", "article", "articleBody", "maintext", "content_html", "content_text"],
    ),
    (
        "date",
        &[
            "date",
            "published",
            "date_published",
            "pubDate",
            "date_publish",
            "publishedAt",
            "datePublished",
            "published_at",
            "publish_date",
            "publication_date",
            "pub_date",
            "created_at",
            "dateCreated",
            "date_modified",
        ],
    ),
    ("source", &["source", "publisher", "source_domain", "site", "source_name", "siteName", "outlet"]),
    ("author", &["author", "authors", "byline", "creator"]),
    ("url", &["url", "link", "canonical_url", "permalink", "external_url"]),
    ("description", &["description", "summary", "excerpt", "abstract"]),
    ("lang", &["lang", "language", "inLanguage"]),
    (
        "subject",
        &[
            "section",
            "articleSection",
            "category",
            "categories",
            "topic",
            "topics",
            "subject",
            "subjects",
            "keywords",
            "tags",
        ],
    ),
];

/// Which keys of a JSON record hold which field, beside the names that are known anyway (`--map body=story_text`).
/// A key may be a path with dots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldMap {
    keys: BTreeMap<String, String>,
}

impl FieldMap {
    /// Adds `FIELD=KEY`.
    pub fn add(&mut self, entry: &str) -> Result<()> {
        let names = || KEYS.map(|(name, _)| name).join(" ");
        let Some((field, key)) =
            entry.split_once('=').filter(|(field, key)| !field.is_empty() && !key.is_empty())
        else {
            return Err(Error::new(ErrorKind::Argument, format!("{entry} is no FIELD=KEY"))
                .with_hint(format!("write it like body=story.text; the fields are {}", names())));
        };
        if !KEYS.iter().any(|(name, _)| *name == field) {
            let near = KEYS.iter().map(|(name, _)| *name).min_by_key(|name| edit_distance(name, field));
            let hint = match near.filter(|name| edit_distance(name, field) <= 2) {
                Some(name) => format!("did you mean {name}={key}?"),
                None => format!("the fields are {}", names()),
            };
            return Err(
                Error::new(ErrorKind::Argument, format!("{field} is no field of an article")).with_hint(hint)
            );
        }
        self.keys.insert(field.to_owned(), key.to_owned());
        Ok(())
    }

    /// Whether no key was given.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key that was given for a field.
    pub(super) fn get(&self, field: &str) -> Option<&str> {
        self.keys.get(field).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::FieldMap;

    #[test]
    fn entries_are_checked() {
        let mut map = FieldMap::default();
        map.add("body=story.text").unwrap();
        assert_eq!(map.get("body"), Some("story.text"));
        for (entry, reason, hint) in [
            ("body", "FIELD=KEY", "story.text"),
            ("=x", "FIELD=KEY", "fields are id title body"),
            ("boddy=x", "no field", "body=x"),
            ("colour=x", "no field", "fields are"),
        ] {
            let error = map.add(entry).unwrap_err();
            assert!(error.message().contains(reason) && error.hint().unwrap().contains(hint), "{error:?}");
        }
    }
}
