//! What can be asked for of a hit or an article by name (`--fields`), and how it stands in JSON and in a cell.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::article::{Mention, TextField};
use crate::error::{Error, ErrorKind, Result};
use crate::search::{Hit, StoredArticle};
use crate::text::edit_distance;

/// A field by its name.
#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    about: &'static str,
    of: Of,
}

#[derive(Debug)]
enum Of {
    /// What a search adds.
    Hit(fn(&Hit) -> Value),
    Article(fn(&StoredArticle) -> Value),
}

const fn of_hit(name: &'static str, about: &'static str, value: fn(&Hit) -> Value) -> Field {
    Field { name, about, of: Of::Hit(value) }
}

const fn of_article(name: &'static str, about: &'static str, value: fn(&StoredArticle) -> Value) -> Field {
    Field { name, about, of: Of::Article(value) }
}

/// All of them, in the order in which they are listed.
static FIELDS: [Field; 33] = [
    of_hit("rank", "place in the order, from 1", |hit| json!(hit.rank)),
    of_article("id", "id of the article", |stored| json!(stored.article.id)),
    of_hit("score", "relevance; 0 in other orders", |hit| as_written(&hit.score)),
    of_article("title", "headline", |stored| json!(stored.article.title)),
    of_article("title_source", "where it was taken from", |stored| json!(stored.article.title_source)),
    of_hit("title_highlights", "what matches in it, in bytes", |hit| json!(hit.title_highlights)),
    of_article("date", "day, month or year of publication", |stored| {
        json!(published(stored).map(|date| date.get(..10).map(str::to_owned).unwrap_or(date)))
    }),
    of_article("published", "the same with the time, where it is known", |stored| json!(published(stored))),
    of_article("published_precision", "how exact it is", |stored| {
        json!(stored.article.published.map(|published| published.precision))
    }),
    of_article("published_source", "where it was found", |stored| {
        json!(stored.article.published.map(|published| published.source))
    }),
    of_article("source", "outlet", |stored| json!(stored.article.source)),
    of_article("author", "writers, joined with a comma", |stored| {
        let authors = &stored.article.authors;
        json!((!authors.is_empty()).then(|| authors.join(", ")))
    }),
    of_article("authors", "writers, as a list", |stored| json!(stored.article.authors)),
    of_article("subjects", "subjects, sections and keywords that the source states", |stored| {
        json!(stored.article.subjects)
    }),
    of_article("lang", "language code", |stored| json!(stored.article.lang)),
    of_article("companies", "companies with role and salience", companies),
    of_article("divisions", "divisions with salience", divisions),
    of_article("topics", "topics", |stored| {
        json!(stored.tags.topics.iter().map(|tag| tag.topic.as_str()).collect::<Vec<_>>())
    }),
    of_article("mentions", "the places that prove the tags", mentions),
    of_hit("snippets", "passages that answer, with what matches in them", |hit| json!(hit.snippets)),
    of_hit("matches", "what matches in the body, in bytes", |hit| json!(hit.matches)),
    of_hit("matches_chars", "the same in characters", |hit| json!(hit.matches_chars)),
    of_hit("explanation", "parts of the score, with --explain", |hit| as_written(&hit.explanation)),
    of_article("url", "address", |stored| json!(stored.article.url)),
    of_article("path", "file", |stored| json!(stored.article.path)),
    of_article("ordinal", "place in the file, from 0", |stored| json!(stored.article.ordinal)),
    of_article("added", "when it came into the index", |stored| json!(time(stored.added))),
    of_article("place", "place of the dateline", |stored| json!(stored.article.place)),
    of_article("description", "summary given by the source", |stored| json!(stored.article.description)),
    of_article("body", "text", |stored| json!(stored.article.body)),
    of_article("headings", "headings in the body, in bytes", |stored| {
        json!(stored.article.headings.iter().map(|range| [range.start, range.end]).collect::<Vec<_>>())
    }),
    of_article("cites", "outlets that a fact is credited to", |stored| {
        json!(stored.article.cites.iter().map(|cited| cited.name.as_str()).collect::<Vec<_>>())
    }),
    of_article("publisher", "publisher as the text names it", |stored| {
        json!(stored.article.publisher.as_ref().map(|publisher| publisher.name.as_str()))
    }),
];

/// Columns of a table of hits.
pub(super) const HIT_COLUMNS: &str =
    "rank,id,score,title,published,source,author,lang,companies,divisions,topics,url,path";

/// Columns of a table of articles.
pub(super) const ARTICLE_COLUMNS: &str =
    "id,title,published,source,author,lang,place,companies,divisions,topics,url,path,description,body";

/// What a line of an export holds: everything that makes the article what it is, and its tags.
pub(super) const ARTICLE_FIELDS: &str = "id,title,title_source,published,published_source,source,authors,subjects,lang,url,\
                                         place,description,headings,body,path,added,companies,divisions,topics";

/// Fields in the order that they were asked for.
pub(super) type Selection = Vec<&'static Field>;

/// The fields of a list of names. `of_search` says whether hits are at hand, or articles alone.
pub(super) fn select<'n>(names: impl IntoIterator<Item = &'n str>, of_search: bool) -> Result<Selection> {
    let mut selection: Selection = Vec::new();
    for name in names.into_iter().map(str::trim) {
        let Some(field) = FIELDS.iter().find(|field| field.name == name) else {
            return Err(unknown(name, of_search));
        };
        if !of_search && matches!(field.of, Of::Hit(_)) {
            return Err(Error::new(
                ErrorKind::Argument,
                format!("{name} is known of a hit of a search alone"),
            )
            .with_hint(format!("the fields are {}", known(false))));
        }
        if selection.iter().any(|chosen| chosen.name == name) {
            return Err(Error::new(ErrorKind::Argument, format!("the field {name} is named twice"))
                .with_hint("name each once"));
        }
        selection.push(field);
    }
    Ok(selection)
}

/// The same for one of the lists above.
pub(super) fn standard(names: &str, of_search: bool) -> Result<Selection> {
    select(names.split(','), of_search)
}

fn unknown(name: &str, of_search: bool) -> Error {
    let near = FIELDS.iter().map(|field| field.name).min_by_key(|known| edit_distance(known, name));
    let near = near.filter(|known| edit_distance(known, name) <= 2);
    let meant = near.map(|known| format!("did you mean {known}? ")).unwrap_or_default();
    Error::new(ErrorKind::Argument, format!("there is no field {name}"))
        .with_hint(format!("{meant}the fields are {}", known(of_search)))
}

fn known(of_search: bool) -> String {
    let names: Vec<&str> = FIELDS
        .iter()
        .filter(|field| of_search || matches!(field.of, Of::Article(_)))
        .map(|field| field.name)
        .collect();
    names.join(" ")
}

/// The list for the help, a field a line.
pub(super) fn listed(of_search: bool) -> String {
    let mut out = String::from("Fields:\n");
    for field in FIELDS.iter().filter(|field| of_search || matches!(field.of, Of::Article(_))) {
        out.push_str(&format!("  {:<20} {}\n", field.name, field.about));
    }
    out
}

/// A hit with its article, or an article alone.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) hit: Option<&'a Hit>,
    pub(super) stored: Option<&'a StoredArticle>,
}

impl<'a> Item<'a> {
    /// A hit that was asked for with its article.
    pub(super) fn hit(hit: &'a Hit) -> Self {
        Self { hit: Some(hit), stored: hit.article.as_deref() }
    }

    pub(super) fn article(stored: &'a StoredArticle) -> Self {
        Self { hit: None, stored: Some(stored) }
    }
}

impl Field {
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    fn value(&self, item: Item<'_>) -> Value {
        match self.of {
            Of::Hit(value) => item.hit.map_or(Value::Null, value),
            Of::Article(value) => item.stored.map_or(Value::Null, value),
        }
    }

    /// The value as a cell: names of what has one, the elements of a list behind semicolons.
    pub(super) fn cell(&self, item: Item<'_>) -> String {
        let value = self.value(item);
        match (self.name, &value) {
            ("score", _) => item.hit.map_or_else(String::new, |hit| format!("{:.4}", hit.score)),
            // Outlets that are only credited are no companies of the article.
            ("companies", Value::Array(tags)) => {
                let counting = item.stored.iter().flat_map(|stored| &stored.tags.companies).zip(tags);
                joined(
                    counting.filter(|(tag, _)| tag.role.counts_as_company()).map(|(_, tag)| &tag["name"]),
                    "; ",
                )
            }
            ("divisions", Value::Array(tags)) => joined(tags.iter().map(|tag| &tag["path"]), "; "),
            ("snippets", Value::Array(passages)) => joined(passages.iter().map(|one| &one["text"]), " … "),
            _ => match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                Value::Array(items) if items.iter().all(Value::is_string) => joined(items.iter(), "; "),
                other => other.to_string(),
            },
        }
    }
}

fn joined<'v>(values: impl Iterator<Item = &'v Value>, gap: &str) -> String {
    values.filter_map(Value::as_str).collect::<Vec<_>>().join(gap)
}

/// The fields of an item as a JSON object, in their order.
pub(super) struct Selected<'a> {
    pub(super) fields: &'a [&'static Field],
    pub(super) item: Item<'a>,
    /// Version of the form, where it is one that is read again.
    pub(super) version: Option<u32>,
}

impl Serialize for Selected<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(version) = self.version {
            map.serialize_entry(crate::decode::OWN_FORM, &version)?;
        }
        for field in self.fields {
            map.serialize_entry(field.name, &field.value(self.item))?;
        }
        map.end()
    }
}

/// A value with numbers as short as they are written: those of 32 bits have false digits behind them as wider ones.
fn as_written(value: &impl Serialize) -> Value {
    serde_json::to_string(value).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn published(stored: &StoredArticle) -> Option<String> {
    stored.article.published.as_ref().map(ToString::to_string)
}

fn time(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

fn companies(stored: &StoredArticle) -> Value {
    let tag = |tag: &crate::article::CompanyTag| json!({ "id": tag.id, "name": tag.name, "role": tag.role, "salience": tag.salience, "known": tag.known });
    stored.tags.companies.iter().map(tag).collect()
}

fn divisions(stored: &StoredArticle) -> Value {
    let tag = |tag: &crate::article::DivisionTag| json!({ "path": tag.path, "name": tag.name, "salience": tag.salience });
    stored.tags.divisions.iter().map(tag).collect()
}

fn mentions(stored: &StoredArticle) -> Value {
    let tags = &stored.tags;
    let companies = tags.companies.iter().map(|tag| (tag.id.clone(), &tag.mentions));
    let divisions = tags.divisions.iter().map(|tag| (tag.path.clone(), &tag.mentions));
    let topics = tags.topics.iter().map(|tag| (format!("#{}", tag.topic), &tag.mentions));
    let mut all: Vec<(String, &Mention)> = companies
        .chain(divisions)
        .chain(topics)
        .flat_map(|(tag, mentions)| mentions.iter().map(move |mention| (tag.clone(), mention)))
        .collect();
    all.sort_by_key(|(_, mention)| (mention.field == TextField::Body, mention.start, mention.end));
    let shown = |(tag, mention): (String, &Mention)| {
        json!({
            "tag": tag, "field": mention.field, "start": mention.start, "end": mention.end,
            "text": mention.text, "rule": mention.rule,
        })
    };
    all.into_iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::{ARTICLE_COLUMNS, ARTICLE_FIELDS, FIELDS, HIT_COLUMNS, select, standard};

    #[test]
    fn names_are_checked() {
        let names =
            |selection: super::Selection| selection.iter().map(|field| field.name).collect::<Vec<_>>();
        assert_eq!(names(select(["title", " id", "rank"], true).unwrap()), ["title", "id", "rank"]);
        for (list, of_search, reason, hint) in [
            (["id", "titel"], true, "no field titel", "did you mean title?"),
            (["id", "colour"], true, "no field colour", "the fields are rank id score"),
            (["id", ""], true, "no field ", "the fields are"),
            (["id", "id"], true, "twice", "once"),
            (["id", "score"], false, "a hit", "the fields are id title"),
        ] {
            let error = select(list, of_search).unwrap_err();
            assert!(error.message().contains(reason), "{error:?}");
            assert!(error.hint().unwrap().contains(hint), "{error:?}");
        }
    }

    #[test]
    fn names_are_unique_and_the_lists_are_made_of_them() {
        let mut names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIELDS.len());
        assert!(standard(HIT_COLUMNS, true).is_ok());
        assert!(standard(ARTICLE_COLUMNS, false).is_ok());
        assert!(standard(ARTICLE_FIELDS, false).is_ok());
    }
}
