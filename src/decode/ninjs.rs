//! A news item in ninjs, the JSON of the IPTC, in versions 1 to 3.
//!
//! Version 1 has `headline`, `body_xhtml` and `body_text`; versions 2 and 3 have lists of texts with a type and a role, and
//! version 3 writes `versionCreated` for `versioncreated`. An item is known by its shape, since few say which version they follow.

mod check;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::address::{host, is_address};
use super::byline::names;
use super::{Draft, Refusal, markup, subjects};
use crate::article::TitleSource;

/// Keys of which one stands in every item beside its `uri`, in small letters.
const SIGNS: [&str; 12] = [
    "representationtype",
    "pubstatus",
    "versioncreated",
    "firstcreated",
    "headlines",
    "bodies",
    "descriptions",
    "body_text",
    "body_xhtml",
    "body_html",
    "headline",
    "eventdetails",
];

/// Keys that name what an item is about, in small letters: those of version 1, then those of 2 and 3.
const SUBJECTS: [&str; 6] = ["subject", "subjects", "genre", "genres", "keywords", "section"];

/// An item whose keys are in small letters, so that all versions are read by the same names.
pub(super) struct Item<'v> {
    object: &'v Map<String, Value>,
    fields: BTreeMap<String, &'v Value>,
}

impl<'v> Item<'v> {
    /// The object as an item; `None` where it is none.
    pub(super) fn new(object: &'v Map<String, Value>) -> Option<Self> {
        let is_named = |standard: &Value| {
            standard
                .get("name")
                .and_then(Value::as_str)
                .is_some_and(|name| name.eq_ignore_ascii_case("ninjs"))
        };
        let is_named = object.get("standard").or_else(|| object.get("$standard")).is_some_and(is_named);
        let is_item = is_named
            || object.get("uri").is_some_and(Value::is_string)
                && object.keys().any(|key| SIGNS.iter().any(|sign| key.eq_ignore_ascii_case(sign)));
        if !is_item {
            return None;
        }
        let fields = object.iter().map(|(key, value)| (key.to_ascii_lowercase(), value)).collect();
        Some(Self { object, fields })
    }

    /// Why the item must not be shown: its agency holds it back or has called it off.
    pub(super) fn is_held_back(&self) -> Option<Refusal> {
        super::held_back(self.text("pubstatus")?)
    }

    fn text(&self, key: &str) -> Option<&'v str> {
        self.fields.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    fn first(&self, keys: &[&str]) -> Option<&'v str> {
        keys.iter().find_map(|key| self.text(key))
    }

    /// The text of a list of texts: the one with the role `main`, else the longest, the first of equals.
    fn listed(&self, key: &str) -> Option<&'v str> {
        let items = self.fields.get(key).and_then(|value| value.as_array()).into_iter().flatten();
        let texts = items.filter_map(|item| {
            let is_main = item.get("role").and_then(Value::as_str) == Some("main");
            Some((is_main, text_in(item, "value")?))
        });
        texts.rev().max_by_key(|(is_main, text)| (*is_main, text.len())).map(|(_, text)| text)
    }

    /// The names of a text or a list of objects.
    fn named(&self, key: &str) -> impl Iterator<Item = &'v str> {
        let value = self.fields.get(key).copied();
        let items = value.and_then(Value::as_array).into_iter().flatten();
        let one = value.filter(|value| !value.is_array());
        one.into_iter().chain(items).filter_map(|item| {
            item.as_str()
                .or_else(|| ["name", "by", "byline", "value"].iter().find_map(|key| text_in(item, key)))
        })
    }

    /// The fullest body that can be read, as paragraphs.
    fn body(&self) -> Option<String> {
        let listed =
            self.fields.get("bodies").and_then(|value| value.as_array()).into_iter().flatten().filter_map(
                |body| {
                    let kind = text_in(body, "contenttype").or_else(|| text_in(body, "contentType"))?;
                    Some((kind, text_in(body, "value")?))
                },
            );
        let keyed = self.fields.iter().filter_map(|(key, value)| {
            Some((key.strip_prefix("body_")?, value.as_str().filter(|text| !text.trim().is_empty())?))
        });
        let (kind, text) =
            listed.chain(keyed).map(|(kind, text)| (Kind::of(kind), text)).min_by_key(|(kind, _)| *kind)?;
        let text = match kind {
            Kind::Plain => plain(text),
            Kind::Page | Kind::Other => markup::clean(text),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    pub(super) fn draft(&self) -> Draft {
        let mut draft = Draft {
            warning: check::violation(self.object).map(|reason| ("invalid-ninjs", reason)),
            ..Draft::default()
        };
        let article = &mut draft.article;
        article.url =
            self.text("uri").filter(|uri| host(uri).is_some() && is_address(uri)).map(str::to_owned);
        let title = self.text("headline").or_else(|| self.listed("headlines"));
        article.title = title
            .or_else(|| self.first(&["headline_main", "title", "name"]))
            .map(markup::line)
            .unwrap_or_default();
        if !article.title.is_empty() {
            article.title_source = TitleSource::Markup;
        }
        let description = self.first(&["description_text", "description_xhtml", "description_html"]);
        let description = description.or_else(|| self.listed("descriptions")).map(markup::clean);
        article.description = description.filter(|text| !text.is_empty());
        article.body = self.body().map(|body| without_title(body, &article.title)).unwrap_or_default();
        article.place = self.text("located").map(markup::line);
        article.lang = self.text("language").map(str::to_owned);
        let outlet = self.text("copyrightholder").or_else(|| self.named("provider").next());
        let outlet = outlet.or_else(|| self.named("infosources").chain(self.named("infosource")).next());
        article.source = outlet.or_else(|| article.url.as_deref().and_then(host)).map(markup::line);
        let bylines = self.named("byline").chain(self.named("by")).chain(self.named("bylines"));
        let without_by = |line: &'v str| {
            ["Von ", "Par ", "Por "].iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line)
        };
        article.authors = bylines.map(without_by).flat_map(names).collect();
        // "Von Christian Hollmann, dpa"
        article.authors.retain(|name| article.source.as_ref() != Some(name));
        article.authors.dedup();
        article.subjects = SUBJECTS
            .iter()
            .filter_map(|key| self.fields.get(*key))
            .flat_map(|value| subjects::in_json(value))
            .collect();
        draft.id = self.text("uri").map(str::to_owned);
        draft.date = self.first(&["versioncreated", "firstcreated", "contentcreated"]).map(str::to_owned);
        draft
    }
}

/// What a body is written in, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Page,
    Plain,
    Other,
}

impl Kind {
    /// By a content type (`text/html`) or the end of a key (`xhtml`).
    fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if name.contains("html") {
            Self::Page
        } else if name.ends_with("plain") || name == "text" {
            Self::Plain
        } else {
            Self::Other
        }
    }
}

fn text_in<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str().filter(|text| !text.trim().is_empty())
}

/// Plain text as paragraphs. Where no blank line parts them, each line is one.
fn plain(text: &str) -> String {
    let text = markup::tidy(text);
    if text.contains("\n\n") { text } else { text.replace('\n', "\n\n") }
}

/// A body without the headline that stands at its top once more.
fn without_title(body: String, title: &str) -> String {
    match body.strip_prefix(title).and_then(|rest| rest.strip_prefix("\n\n")) {
        Some(rest) if !title.is_empty() => rest.to_owned(),
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    use super::Item;
    use serde_json::{Value, json};

    #[test]
    fn items_are_known_by_their_shape() {
        for (value, expected) in [
            (json!({"uri": "urn:1", "pubstatus": "usable"}), true),
            (json!({"uri": "urn:1", "versionCreated": "2023"}), true),
            (json!({"uri": "urn:1", "standard": {"name": "ninjs"}}), true),
            (json!({"uri": "urn:1", "title": "T", "body": "B"}), false),
            (json!({"headline": "T", "body_text": "B"}), false),
            (json!({"uri": 5, "headline": "T"}), false),
        ] {
            let Value::Object(object) = &value else { panic!() };
            assert_eq!(Item::new(object).is_some(), expected, "{value}");
        }
    }

    #[test]
    fn versions_give_the_same() {
        for value in [
            json!({"uri": "urn:1", "headline": "T", "byline": "By A B and C D", "located": "Oslo", "copyrightholder": "N",
                "body_text": "x", "body_xhtml": "<h1>T</h1><p>One.</p><p>Two.</p>", "versioncreated": "2023-01-18", "language": "en"}),
            json!({"uri": "urn:1", "headlines": [{"role": "sub", "value": "S"}, {"role": "main", "value": "T"}], "title": "no",
                "by": "Von A B, C D, N", "located": "Oslo", "copyrightholder": "N", "versioncreated": "2023-01-18", "firstcreated": "2020",
                "bodies": [{"contenttype": "application/xml", "value": "<x>"}, {"contenttype": "text/plain", "value": "One.\nTwo."}], "language": "en"}),
            json!({"uri": "urn:1", "headlines": [{"value": "T"}], "bylines": [{"by": "A B"}, {"by": "C D"}], "located": "Oslo",
                "copyrightHolder": "N", "bodies": [{"contentType": "text/html", "value": "<p>One.</p><p>Two."}], "versionCreated": "2023-01-18", "language": "en"}),
        ] {
            let Value::Object(object) = &value else { panic!() };
            let draft = Item::new(object).unwrap().draft();
            let article = draft.article;
            assert_eq!((article.title.as_str(), article.body.as_str()), ("T", "One.\n\nTwo."), "{value}");
            assert_eq!(
                (article.authors.join("|"), article.source.as_deref()),
                ("A B|C D".to_owned(), Some("N")),
                "{value}"
            );
            assert_eq!(
                (article.place.as_deref(), article.lang.as_deref()),
                (Some("Oslo"), Some("en")),
                "{value}"
            );
            assert_eq!(
                (draft.date.as_deref(), draft.id.as_deref()),
                (Some("2023-01-18"), Some("urn:1")),
                "{value}"
            );
        }
    }

    #[test]
    fn a_name_that_is_an_address_is_where_the_article_stands() {
        for (uri, is_one) in [
            ("https://news.example/1", true),
            ("httpwos://news.example/1", false),
            ("http://localhost", false),
            ("urn:1", false),
        ] {
            let value = json!({"uri": uri, "headline": "T"});
            let Value::Object(object) = &value else { panic!() };
            let url = Item::new(object).unwrap().draft().article.url;
            assert_eq!(url.as_deref(), is_one.then_some(uri));
        }
    }

    #[test]
    fn what_is_held_back_is_told_apart() {
        for (key, status, class) in [
            ("pubstatus", "usable", None),
            ("pubstatus", "withheld", Some("withheld")),
            ("pubStatus", "canceled", Some("canceled")),
        ] {
            let value = json!({"uri": "urn:1", key: status, "headline": "T"});
            let Value::Object(object) = &value else { panic!() };
            let refusal = Item::new(object).unwrap().is_held_back();
            assert_eq!(refusal.map(|refusal| refusal.class), class, "{value}");
        }
    }
}
