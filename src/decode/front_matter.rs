//! What stands before a Markdown text: YAML between `---`, TOML between `+++`, as Jekyll, Hugo, Zola, Obsidian and Pandoc write
//! it. Its keys are those of JSON records.
//!
//! Hand-written YAML is often none (`title: Amazon: what comes next`). Such front matter is read line by line, and that is said.

use serde_json::Value;

use super::address::is_address;
use super::json::{self, Feed, Object};
use super::{Draft, FieldMap};

/// Longer front matter is text, in bytes.
const LONGEST: usize = 32 << 10;

/// What the front matter says, and the text after it.
pub(super) fn read(text: &str) -> (Draft, &str) {
    let Some((fence, matter, rest)) = parted(text) else { return (Draft::default(), text) };
    let (mut object, broken) = match parse(fence, matter) {
        Ok(Some(object)) => (object, None),
        // Rules above and below a text.
        Ok(None) => return (Draft::default(), text),
        Err(reason) => match by_lines(matter) {
            object if object.is_empty() => return (Draft::default(), text),
            object => (object, Some(reason)),
        },
    };
    without_wiki_links(&mut object);
    let address =
        object.get("source").and_then(Value::as_str).filter(|source| is_address(source)).map(str::to_owned);
    let mut draft = json::of_fields(&mut object, &FieldMap::default(), Feed::default());
    // Clippers of web pages write the address there.
    draft.article.url = draft.article.url.or(address);
    draft.article.body = String::new();
    draft.warning = broken.map(|reason| {
        ("broken-front-matter", format!("what stands before the text was read line by line: {reason}"))
    });
    (draft, rest)
}

/// The fence, what stands between it and its end, and what follows.
fn parted(text: &str) -> Option<(&str, &str, &str)> {
    let (first, after) = text.split_once('\n')?;
    let fence = ["---", "+++"].into_iter().find(|fence| first.trim_end() == *fence)?;
    let mut at = 0;
    for line in after.split_inclusive('\n') {
        let end = line.trim_end();
        if end == fence || fence == "---" && end == "..." {
            return Some((fence, &after[..at], &after[at + line.len()..]));
        }
        at += line.len();
        if at > LONGEST {
            return None;
        }
    }
    None
}

/// The keys and values; `None` where there are none.
fn parse(fence: &str, matter: &str) -> Result<Option<Object>, String> {
    let first_line = |error: String| error.lines().next().unwrap_or_default().to_owned();
    let value = if fence == "+++" {
        let table: toml::Table =
            matter.parse().map_err(|error: toml::de::Error| first_line(error.message().to_owned()))?;
        json_of(toml::Value::Table(table))
    } else {
        serde_saphyr::from_str(matter).map_err(|error| first_line(error.to_string()))?
    };
    match value {
        Value::Object(object) if !object.is_empty() => Ok(Some(object)),
        _ => Ok(None),
    }
}

fn json_of(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(is_so) => is_so.into(),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => items.into_iter().map(json_of).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json_of(value))).collect(),
    }
}

/// `key: value` and `key = value` in lines of their own.
fn by_lines(matter: &str) -> Object {
    let entry = |line: &str| {
        let at = line.find([':', '='])?;
        let (key, value) = (line[..at].trim(), line[at + 1..].trim());
        let is_key =
            !key.is_empty() && key.chars().all(|letter| letter.is_alphanumeric() || "_- ".contains(letter));
        let value = value.trim_matches(['"', '\'']);
        (is_key && !line.starts_with(char::is_whitespace))
            .then(|| (key.to_owned(), Value::String(value.to_owned())))
    };
    matter.lines().filter_map(entry).collect()
}

/// `[[Jane Doe]]`, as Obsidian links to a note, without its brackets.
fn without_wiki_links(object: &mut Object) {
    let strip = |value: &mut Value| {
        if let Value::String(text) = value
            && let Some(inner) = text.strip_prefix("[[").and_then(|text| text.strip_suffix("]]"))
        {
            *text = inner.to_owned();
        }
    };
    for value in object.values_mut() {
        match value {
            Value::Array(items) => items.iter_mut().for_each(strip),
            value => strip(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn front_matter_as_it_is_written() {
        for (matter, date, authors) in [
            // Jekyll
            (
                "---\nlayout: post\ntitle:  \"Apple: a year\"\ndate:   2024-01-16 07:00:00 -0500\ncategories: [a, b]\nauthor: jane doe # staff\n---\n",
                "2024-01-16 07:00:00 -0500",
                "jane doe",
            ),
            // Hugo in YAML
            (
                "---\ntitle: 'Apple: a year'\ndate: 2024-01-16T07:00:00-05:00\ndraft: false\ntags:\n- one\n- two\nauthors:\n  - name: Jane Doe\n    image: x.png\n  - name: John Roe\n---\n",
                "2024-01-16T07:00:00-05:00",
                "Jane Doe, John Roe",
            ),
            // Hugo in TOML
            (
                "+++\ntitle = \"Apple: a year\"\ndate = 2024-01-16T07:00:00Z\nauthors = ['Jane Doe', \"John Roe\"]\n[params]\nlang = 'en'\n+++\n",
                "2024-01-16T07:00:00Z",
                "Jane Doe, John Roe",
            ),
            // Zola
            (
                "+++\r\ntitle = \"\"\"\r\nApple: a year\"\"\"\r\ndate = 2024-01-16\r\n[taxonomies]\r\ntags = [\"x\"]\r\n[extra]\r\nauthor = \"Jane Doe\"\r\n+++\r\n",
                "2024-01-16",
                "Jane Doe",
            ),
            // Obsidian
            (
                "---\ntitle: \"Apple: a year\"\nsource: \"https://a.example/1\"\nauthor:\n  - \"[[Jane Doe]]\"\npublished: 2024-01-16\ncreated: 2025-02-02\ntags:\n  - \"clippings\"\n---\n",
                "2024-01-16",
                "Jane Doe",
            ),
            // Pandoc, with a folded value
            (
                "---\ntitle: >-\n  Apple:\n  a year\nauthor:\n- Jane Doe\n- John Roe\ndate: January 16, 2024\nabstract: |\n  Two\n\n  parts.\n...\n",
                "January 16, 2024",
                "Jane Doe, John Roe",
            ),
        ] {
            let text = format!("{matter}The text.\n");
            let (draft, rest) = read(&text);
            assert_eq!(rest, "The text.\n", "{matter}");
            assert_eq!(draft.article.title, "Apple: a year", "{matter}");
            assert_eq!(draft.date.as_deref(), Some(date), "{matter}");
            assert_eq!(draft.article.authors.join(", "), authors, "{matter}");
            assert_eq!(draft.warning, None, "{matter}");
            if matter.contains("source:") {
                assert_eq!(
                    (draft.article.url.as_deref(), draft.article.source.as_deref()),
                    (Some("https://a.example/1"), Some("a.example"))
                );
            }
            if matter.contains("abstract") {
                assert_eq!(draft.article.description.as_deref(), Some("Two\n\nparts."));
            }
        }
    }

    #[test]
    fn broken_front_matter_is_said_and_read_by_lines() {
        for matter in [
            "---\ntitle: Apple: a year\nauthor: Jane Doe\n---\n",
            "---\ntitle: \"Apple: a year\nauthor: Jane Doe\n---\n",
            "+++\ntitle = Apple: a year\nauthor = \"Jane Doe\"\n+++\n",
        ] {
            let text = format!("{matter}The text.\n");
            let (draft, rest) = read(&text);
            assert_eq!((draft.article.title.as_str(), rest), ("Apple: a year", "The text.\n"), "{matter}");
            assert_eq!(draft.article.authors, ["Jane Doe"], "{matter}");
            assert!(draft.warning.is_some(), "{matter}");
        }
    }

    #[test]
    fn no_text_is_taken_for_front_matter() {
        let bomb = format!(
            "---\na0: &a0 [x, x]\n{}---\ntext",
            (1..60).map(|n| format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect::<String>()
        );
        for text in [
            "---\nA text between two rules, which says nothing of itself.\n---\nMore.\n",
            "---\nnever closed\n",
            "---\n---\nText.\n",
            "--- title\n---\n",
            "+++\n",
            "",
            &bomb,
            &format!("---\n{}\n---\n", "[".repeat(30_000)),
        ] {
            let start = std::time::Instant::now();
            let (draft, rest) = read(text);
            assert!(draft.warning.is_some() || rest == text, "{text}");
            assert!(start.elapsed().as_secs() < 15);
        }
    }
}
