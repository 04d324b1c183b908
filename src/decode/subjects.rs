//! Subjects, sections and keywords as a source itself states them.

use serde_json::Value;

use super::markup;
use crate::text::fold_name;

/// Most subjects of an article, and bytes of one. What is longer is a text.
const MOST: usize = 50;
const LONGEST: usize = 100;

/// Most that are looked at: a hostile record may have millions.
const LOOKED_AT: usize = 1000;

/// Single lines, none twice however it is written, bounded in number and length.
pub(super) fn tidy(stated: Vec<String>) -> Vec<String> {
    let mut subjects: Vec<String> = Vec::with_capacity(stated.len().min(MOST));
    let mut known: Vec<String> = Vec::with_capacity(stated.len().min(MOST));
    for text in stated.into_iter().take(LOOKED_AT) {
        if subjects.len() == MOST {
            break;
        }
        if text.len() > 2 * LONGEST {
            continue;
        }
        let subject = markup::line(&text);
        let name = fold_name(&subject);
        let is_name = name.contains(char::is_alphanumeric) && subject.len() <= LONGEST;
        if is_name && !known.contains(&name) {
            known.push(name);
            subjects.push(subject);
        }
    }
    subjects
}

/// The entries of a list that is written as one text.
pub(super) fn in_list(text: &str) -> impl Iterator<Item = String> {
    // In a list with semicolons the commas belong to its entries.
    let sign = if text.contains(';') { ';' } else { ',' };
    text.split([sign, '|', '\n']).map(|part| part.trim().to_owned()).take(LOOKED_AT)
}

/// What a value in JSON names: a list, written as one text or not, of names or of objects that have one.
pub(super) fn in_json(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => in_list(text).collect(),
        Value::Array(items) => items.iter().take(LOOKED_AT).filter_map(name).collect(),
        value => name(value).into_iter().collect(),
    }
}

fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) => {
            ["name", "label", "term", "title", "value", "literal", "qcode", "code", "uri"]
                .iter()
                .find_map(|key| fields.get(*key)?.as_str())
                .map(str::to_owned)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{in_json, in_list, tidy};
    use serde_json::json;

    #[test]
    fn subjects_are_bounded_lines() {
        let stated = ["Steel &amp; iron", " steel\n& Iron", "", "—", "Ohio"].map(str::to_owned);
        assert_eq!(tidy(stated.into()), ["Steel & iron", "Ohio"]);
        assert_eq!(tidy((0..2000).map(|number| number.to_string()).collect()).len(), 50);
        assert_eq!(tidy(vec!["x".repeat(101), "y".repeat(100)]).len(), 1);
    }

    #[test]
    fn lists_have_several_forms() {
        assert_eq!(in_list("a, b,c").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(in_list("Doe, Jane; Roe, John").collect::<Vec<_>>(), ["Doe, Jane", "Roe, John"]);
        for (value, expected) in [
            (json!("a, b"), vec!["a", "b"]),
            (json!(["a, b", {"name": "c"}, {"code": "d", "x": 1}, 5, null]), vec!["a, b", "c", "d"]),
            (json!({"label": "a"}), vec!["a"]),
            (json!(null), vec![]),
        ] {
            assert_eq!(in_json(&value), expected, "{value}");
        }
    }
}
