//! Which keys of a JSON record and which columns of a table hold which field.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::text::edit_distance;

/// Fields and the keys under which they are known in the wild, the most telling first: of news APIs (`NewsAPI`, `GNews`, Webz,
/// Event Registry, NYT, Guardian, GDELT, Media Cloud), of databases (Factiva, Nexis Uni, `ProQuest`), of monitoring tools and
/// of public collections. Case, blanks, hyphens, points and underscores don't count.
const KEYS: [(&str, &[&str]); 10] = [
    (
        "id",
        &[
            "id",
            "guid",
            "uuid",
            "article_id",
            "story_id",
            "stories_id",
            "document_id",
            "doc_id",
            "news_id",
            "StoreId",
            "accession_number",
            "accession_no",
            "AN",
        ],
    ),
    (
        "title",
        &[
            "title",
            "headline",
            "headlines",
            "article_title",
            "webTitle",
            "news_headline",
            "news_title",
            "story_title",
            "heading",
            "HD",
            "titel",
            "überschrift",
            "schlagzeile",
            "titre",
            "título",
            "titulo",
            "titular",
            "titolo",
            "name",
        ],
    ),
    (
        "body",
        &[
            "body",
            "text",
            "content",
            "article",
            "articleBody",
            "maintext",
            "content_html",
            "content_text",
            "full_text",
            "body_text",
            "body_html",
            "article_text",
            "article_content",
            "story_text",
            "story",
            "news_text",
            "raw_content",
            "plain_text",
            "transcript",
            "TD",
            "inhalt",
            "texte",
            "contenu",
            "texto",
            "testo",
            "contenido",
            "lead_paragraph",
        ],
    ),
    (
        "date",
        &[
            "dateTimePub",
            "date",
            "published",
            "date_published",
            "pubDate",
            "date_publish",
            "publishedAt",
            "publish_date",
            "published_date",
            "publication_date",
            "webPublicationDate",
            "article_date",
            "news_date",
            "date_time",
            "PD",
            "datum",
            "fecha",
            "created_at",
            "dateCreated",
            "created",
            "date_modified",
            "timestamp",
            "seendate",
            "load_date",
            "time",
        ],
    ),
    (
        "source",
        &[
            "source",
            "publisher",
            "source_domain",
            "site",
            "source_name",
            "siteName",
            "outlet",
            "outlet_name",
            "publication",
            "publication_name",
            "publication_title",
            "pubtitle",
            "newspaper",
            "media_name",
            "media_outlet",
            "SN",
            "provider",
            "quelle",
            "fuente",
            "fonte",
            "domain",
        ],
    ),
    (
        "author",
        &[
            "author",
            "authors",
            "byline",
            "creator",
            "author_name",
            "article_author",
            "by",
            "writer",
            "writers",
            "reporter",
            "journalist",
            "autor",
            "auteur",
            "autore",
        ],
    ),
    (
        "url",
        &[
            "url",
            "link",
            "canonical_url",
            "permalink",
            "external_url",
            "web_url",
            "article_url",
            "article_link",
            "story_url",
            "document_url",
        ],
    ),
    (
        "description",
        &[
            "description",
            "summary",
            "excerpt",
            "abstract",
            "short_description",
            "snippet",
            "trailText",
            "standfirst",
            "teaser",
            "highlights",
            "opening_text",
            "hit_sentence",
            "hlead",
            "LP",
            "beschreibung",
        ],
    ),
    ("lang", &["lang", "language", "inLanguage", "language_code", "LA", "sprache", "langue", "idioma"]),
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

/// The place of a field in [`FieldMap::FIELDS`].
pub(crate) type Field = usize;

/// The longest of the known keys, in bytes; longer ones need not be looked at.
const LONGEST: usize = 32;

/// A key in small letters without what keys are joined with.
fn folded(key: &str) -> String {
    let parts = key
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | '-' | '.' | '\u{feff}'));
    parts.flat_map(char::to_lowercase).collect()
}

/// Which field a key holds, and how far down it stands among the keys of that field.
pub(crate) fn known(key: &str) -> Option<(Field, usize)> {
    static KNOWN: LazyLock<HashMap<String, (Field, usize)>> = LazyLock::new(|| {
        let keys = KEYS.iter().enumerate();
        keys.flat_map(|(field, (_, keys))| {
            keys.iter().enumerate().map(move |(rank, key)| (folded(key), (field, rank)))
        })
        .collect()
    });
    if key.len() > LONGEST {
        return None;
    }
    KNOWN.get(&folded(key)).copied()
}

/// Which keys of a JSON record and which columns of a table hold which field, beside the names that are known anyway
/// (`--map body=story_text`). A key may be a path with dots; a column may be its number, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldMap {
    keys: BTreeMap<String, String>,
}

impl FieldMap {
    /// The names of the fields.
    pub(crate) const FIELDS: [&'static str; KEYS.len()] =
        ["id", "title", "body", "date", "source", "author", "url", "description", "lang", "subject"];

    /// Adds `FIELD=KEY`.
    pub fn add(&mut self, entry: &str) -> Result<()> {
        let names = || Self::FIELDS.join(" ");
        let Some((field, key)) =
            entry.split_once('=').filter(|(field, key)| !field.is_empty() && !key.is_empty())
        else {
            return Err(Error::new(ErrorKind::Argument, format!("{entry} is no FIELD=KEY"))
                .with_hint(format!("write it like body=story.text; the fields are {}", names())));
        };
        if !Self::FIELDS.contains(&field) {
            let near = Self::FIELDS.into_iter().min_by_key(|name| edit_distance(name, field));
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
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key that was given for a field.
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        self.keys.get(field).map(String::as_str)
    }
}

/// Which columns of a table hold which field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// The key that a decoder looks for, and the columns that may hold its value, the most telling first.
    keys: Vec<(String, Vec<usize>)>,
}

impl Columns {
    /// Finds the columns of fields by their names; `None` where none is a title or a text. What a table calls `name` is
    /// seldom a headline.
    pub(super) fn find<'n>(names: impl Iterator<Item = &'n str>, map: &FieldMap) -> Option<Self> {
        let mut found: [Vec<(usize, usize)>; KEYS.len()] = Default::default();
        for (column, name) in names.enumerate() {
            let mapped = FieldMap::FIELDS.iter().position(|field| {
                map.get(field)
                    .is_some_and(|key| folded(key) == folded(name) || key == (column + 1).to_string())
            });
            let known = known(name).filter(|_| folded(name) != "name");
            if let Some((field, rank)) =
                mapped.map(|field| (field, 0)).or(known.map(|(field, rank)| (field, rank + 1)))
            {
                found[field].push((rank, column));
            }
        }
        let keys: Vec<(String, Vec<usize>)> = FieldMap::FIELDS
            .into_iter()
            .zip(found)
            .filter(|(_, columns)| !columns.is_empty())
            .map(|(field, mut columns)| {
                columns.sort_unstable();
                let key = map.get(field).unwrap_or(field).to_owned();
                (key, columns.into_iter().map(|(_, column)| column).collect())
            })
            .collect();
        let is_text =
            |key: &String| ["title", "body"].into_iter().any(|field| map.get(field).unwrap_or(field) == key);
        keys.iter().any(|(key, _)| is_text(key)).then_some(Self { keys })
    }

    /// All columns that hold a field.
    #[cfg(feature = "parquet")]
    pub(super) fn used(&self) -> impl Iterator<Item = usize> {
        self.keys.iter().flat_map(|(_, columns)| columns.iter().copied())
    }

    /// The keys with what a row holds for them: of several columns the first that `cell` gives anything of.
    pub(super) fn of_row<V>(&self, cell: impl Fn(usize) -> Option<V>) -> impl Iterator<Item = (&str, V)> {
        self.keys.iter().filter_map(move |(key, columns)| {
            Some((key.as_str(), columns.iter().find_map(|column| cell(*column))?))
        })
    }

    /// Why a table gives no articles.
    pub(super) fn missing<'n>(names: impl Iterator<Item = &'n str>) -> String {
        /// How many names are shown, and how many characters of each.
        const SHOWN: (usize, usize) = (12, 30);
        let mut names = names.map(|name| name.trim().chars().take(SHOWN.1).collect::<String>());
        let mut shown = names.by_ref().take(SHOWN.0).collect::<Vec<_>>().join(" | ");
        let more = names.count();
        if more > 0 {
            shown += &format!(" and {more} more");
        }
        format!(
            "no column of the table is known as a title or a text; they are {shown}; say which is with --map title=NAME, or \
             by its number where they have no names"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, FieldMap, KEYS, LONGEST, known};

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

    #[test]
    fn keys_are_of_one_field_each() {
        let mut seen = std::collections::BTreeSet::new();
        for (field, (name, keys)) in KEYS.iter().enumerate() {
            assert_eq!(*name, FieldMap::FIELDS[field]);
            for (rank, key) in keys.iter().enumerate() {
                assert!(key.len() <= LONGEST);
                assert_eq!(known(key), Some((field, rank)), "{key}");
                assert!(seen.insert(super::folded(key)), "{key}");
            }
        }
    }

    #[test]
    fn columns_are_found_however_they_are_spelled() {
        let keys = |names: &[&str], map: &FieldMap| {
            Columns::find(names.iter().copied(), map).map(|columns| columns.keys)
        };
        let expected = |keys: &[(&str, &[usize])]| {
            Some(keys.iter().map(|(key, columns)| ((*key).to_owned(), columns.to_vec())).collect::<Vec<_>>())
        };
        let none = FieldMap::default();
        assert_eq!(
            keys(&["\u{feff}Headlines ", " Time", "x"], &none),
            expected(&[("title", &[0]), ("date", &[1])])
        );
        assert_eq!(
            keys(&["", "Full Text", "ARTICLE", "Published-Date"], &none),
            expected(&[("body", &[2, 1]), ("date", &[3])])
        );
        for names in [
            &["cik", "ticker", "exchange", "name"][..],
            &["gold_label", "gold_token", "doc_idx"],
            &["url", "date"],
            &[],
        ] {
            assert_eq!(keys(names, &none), None, "{names:?}");
        }
        let mut map = FieldMap::default();
        map.add("title=2").unwrap();
        map.add("body=Story_Text").unwrap();
        assert_eq!(
            keys(&["a", "b", "story text", "text"], &map),
            expected(&[("2", &[1]), ("Story_Text", &[2, 3])])
        );
    }
}
