//! What a page says of itself in JSON-LD, in the vocabulary of schema.org.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::stated::Stated;
use crate::decode::{byline, markup, subjects};

/// How deep an article may lie in lists and graphs, and names in the values of it.
const MAX_DEPTH: usize = 6;

/// What the first object that describes an article says. One that only stands in a list of others is none.
pub(super) fn read(scripts: &[&str]) -> Stated {
    let values: Vec<Value> = scripts.iter().filter_map(|text| lenient(text)).collect();
    let mut articles = Vec::new();
    for value in &values {
        find_articles(value, MAX_DEPTH, &mut articles);
    }
    let is_telling = |article: &&&Map<String, Value>| {
        ["headline", "articleBody", "datePublished"].iter().any(|key| article.contains_key(*key))
    };
    let Some(article) = articles.iter().find(is_telling).or_else(|| articles.first()) else {
        return Stated::default();
    };
    Reader { values: &values }.article(article)
}

/// Resolves what objects say by a name of another.
struct Reader<'v> {
    values: &'v [Value],
}

impl<'v> Reader<'v> {
    fn article(&self, article: &'v Map<String, Value>) -> Stated {
        let text = |key: &str| {
            let text = match article.get(key)? {
                Value::String(text) => markup::line(text),
                Value::Array(items) => markup::line(items.first()?.as_str()?),
                _ => return None,
            };
            Some(text).filter(|text| !text.is_empty())
        };
        let address = |key: &str| match article.get(key)? {
            Value::String(url) => Some(url.trim().to_owned()),
            Value::Object(page) => {
                page.get("@id").or_else(|| page.get("url")).and_then(Value::as_str).map(str::to_owned)
            }
            _ => None,
        };
        let names =
            |key: &str| article.get(key).map(|value| self.names(value, MAX_DEPTH)).unwrap_or_default();
        let mut subjects = article.get("articleSection").map(subjects::in_json).unwrap_or_default();
        subjects.extend(article.get("keywords").map(subjects::in_json).unwrap_or_default());
        let authors = [names("author"), names("creator")].into_iter().find(|names| !names.is_empty());
        Stated {
            title: text("headline").or_else(|| text("name")),
            body: article
                .get("articleBody")
                .and_then(Value::as_str)
                .map(markup::clean)
                .filter(|body| !body.is_empty()),
            date: text("datePublished").or_else(|| text("dateCreated")),
            authors: byline::all(authors.iter().flatten().map(|name| &**name)),
            outlet: names("publisher").into_iter().next().map(|name| markup::line(&name)),
            url: address("url").or_else(|| address("mainEntityOfPage")),
            description: text("description"),
            lang: names("inLanguage").into_iter().next(),
            subjects,
        }
    }

    /// The names that a value gives: a text, an object with a name, one that another object with a name is meant by, or a
    /// list of these.
    fn names(&self, value: &'v Value, depth: usize) -> Vec<String> {
        match value {
            _ if depth == 0 => Vec::new(),
            Value::String(name) => vec![name.clone()],
            Value::Array(items) => items.iter().flat_map(|item| self.names(item, depth - 1)).collect(),
            Value::Object(fields) => match fields.get("name") {
                Some(name) => self.names(name, depth - 1),
                None => fields
                    .get("@id")
                    .and_then(Value::as_str)
                    .and_then(|id| self.values.iter().find_map(|value| named_object(value, id, MAX_DEPTH)))
                    .and_then(|object| object.get("name"))
                    .map(|name| self.names(name, depth - 1))
                    .unwrap_or_default(),
            },
            _ => Vec::new(),
        }
    }
}

/// Objects that hold the article of a page.
const HOLDERS: [&str; 4] = ["@graph", "mainEntity", "mainEntityOfPage", "hasPart"];

/// The objects that describe articles, wherever they lie: alone, in a list, in a graph, in the object of the page.
fn find_articles<'v>(value: &'v Value, depth: usize, found: &mut Vec<&'v Map<String, Value>>) {
    match value {
        _ if depth == 0 => {}
        Value::Array(items) => items.iter().for_each(|item| find_articles(item, depth - 1, found)),
        Value::Object(fields) => {
            let is_it = match fields.get("@type") {
                Some(Value::Array(kinds)) => kinds.iter().any(is_article),
                Some(kind) => is_article(kind),
                None => false,
            };
            if is_it {
                found.push(fields);
                return;
            }
            for holder in HOLDERS.iter().filter_map(|key| fields.get(*key)) {
                find_articles(holder, depth - 1, found);
            }
        }
        _ => {}
    }
}

fn is_article(kind: &Value) -> bool {
    kind.as_str().is_some_and(|kind| {
        let kind = kind.rsplit(['/', '#', ':']).next().unwrap_or(kind);
        kind.ends_with("Article") || (kind.ends_with("Posting") && kind != "JobPosting") || kind == "Report"
    })
}

/// The object with an `@id` that has a name.
fn named_object<'v>(value: &'v Value, id: &str, depth: usize) -> Option<&'v Map<String, Value>> {
    match value {
        _ if depth == 0 => None,
        Value::Array(items) => items.iter().find_map(|item| named_object(item, id, depth - 1)),
        Value::Object(fields) => {
            let is_it = fields.get("@id").and_then(Value::as_str) == Some(id) && fields.contains_key("name");
            if is_it {
                return Some(fields);
            }
            fields.values().find_map(|value| named_object(value, id, depth - 1))
        }
        _ => None,
    }
}

/// A JSON value as it stands in a page, with what templates do to it.
fn lenient(text: &str) -> Option<Value> {
    let first = |text: &str| serde_json::Deserializer::from_str(text).into_iter().next()?.ok();
    let text = text.trim();
    first(text).or_else(|| {
        let text = text.split_once("CDATA[").map_or(text, |(_, rest)| rest);
        let start = text.find(['{', '['])?;
        let text = &text[start..];
        let text = if text.contains("&quot;") && !text.contains("\":") {
            html_escape::decode_html_entities(text)
        } else {
            Cow::Borrowed(text)
        };
        first(&repaired(&text))
    })
}

/// JSON without line breaks in its texts, comments of scripts around it, commas before an end, and escapes that it doesn't
/// have.
fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_text = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                is_text = !is_text;
                out.push('"');
            }
            '\\' if is_text => match letters.next() {
                Some(escaped @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => {
                    out.extend(['\\', escaped]);
                }
                Some(other) if !other.is_control() => out.push(other),
                _ => out.push(' '),
            },
            ']' | '}' if !is_text => {
                let length = out.trim_end().len();
                if out[..length].ends_with(',') {
                    out.truncate(length - 1);
                }
                out.push(letter);
            }
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn articles_are_found_wherever_they_lie() {
        let article = "{\"@type\":\"NewsArticle\",\"headline\":\"T\",\"author\":{\"name\":\"A B\"},\"datePublished\":\"2024-05-01\"}";
        for script in [
            article.to_owned(),
            format!("[{{\"@type\":\"WebSite\"}},{article}]"),
            format!("{{\"@graph\":[{{\"@type\":\"Person\",\"name\":\"C D\"}},[{article}]]}}"),
            format!("{{\"@type\":\"WebPage\",\"mainEntity\":{article}}}"),
            article.replace("\"NewsArticle\"", "[\"Thing\",\"http://schema.org/BlogPosting\"]"),
            article.replace("{\"name\":\"A B\"}", "[\"By A B\"]"),
            article.replace("\"T\"", "\"\nT\t\""),
            format!("<!-- \n{article}\n//-->"),
            format!("//<![CDATA[\n{article}\n//]]>"),
            format!("{article};"),
            article.replace('}', ",}"),
            article.replace("\"T\"", "\"\\T\""),
            article.replace('"', "&quot;"),
            format!(
                "{{\"@graph\":[{{\"@id\":\"#a\",\"@type\":\"Person\",\"name\":\"A B\"}},{}]}}",
                article.replace("{\"name\":\"A B\"}", "{\"@id\":\"#a\"}")
            ),
        ] {
            let found = read(&["no JSON", "{\"@type\":\"BreadcrumbList\"}", &script]);
            assert_eq!(
                (found.title.as_deref(), found.authors.join("|"), found.date.as_deref()),
                (Some("T"), "A B".to_owned(), Some("2024-05-01")),
                "{script}"
            );
        }
        let list = format!("{{\"@type\":\"ItemList\",\"itemListElement\":[{article}]}}");
        assert_eq!(read(&[&list]).title, None, "a list of other articles");
    }

    #[test]
    fn values_have_several_forms() {
        let found = read(&[
            "{\"@type\":\"Article\",\"name\":\"A &amp; B\",\"author\":[{\"@type\":\"Person\",\"name\":\"A B\"},{\"name\":[\"C D\"]}],\
             \"publisher\":{\"name\":\"Outlet\"},\"mainEntityOfPage\":{\"@id\":\"https://a.example/b\"},\"inLanguage\":{\"name\":\"de\"},\
             \"articleSection\":[\"Business\",\"Cars\"],\"keywords\":\"steel, Ohio\",\"articleBody\":\"<p>One.<p>Two.\"}",
        ]);
        assert_eq!(found.title.as_deref(), Some("A & B"));
        assert_eq!(found.authors, ["A B", "C D"]);
        assert_eq!((found.outlet.as_deref(), found.lang.as_deref()), (Some("Outlet"), Some("de")));
        assert_eq!(found.url.as_deref(), Some("https://a.example/b"));
        assert_eq!(found.subjects, ["Business", "Cars", "steel", "Ohio"]);
        assert_eq!(found.body.as_deref(), Some("One.\n\nTwo."));
    }

    #[test]
    fn hostile_values_are_bounded() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let circle = "{\"@graph\":[{\"@id\":\"#a\",\"@type\":\"Article\",\"headline\":\"T\",\"author\":{\"@id\":\"#a\"}}]}";
        for script in [deep.as_str(), "{\"@type\":", "\u{0}", "\\", "[\"", circle] {
            assert_eq!(read(&[script]).authors, Vec::<String>::new(), "{script}");
        }
    }
}
