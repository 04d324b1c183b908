//! Passages with what a reader found in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::article::Role;
use crate::error::{Error, ErrorKind, Result};

/// A text and what it should be tagged with. What is `None` is not graded.
///
/// Companies and divisions are given by id (`amazon`, `amazon/aws`) or by any name that the gazetteer resolves to one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passage {
    /// Unique name.
    pub id: String,
    /// What the passage tests; figures are given for each class.
    pub class: String,
    /// Headline.
    pub title: Option<String>,
    /// Date of publication, as in a record.
    pub date: Option<String>,
    /// The text; paragraphs are parted by a blank line.
    pub text: String,
    /// Companies that it names, itself or through a division; cited outlets and the publisher are none.
    pub companies: Option<Vec<String>>,
    /// Companies that it is about.
    pub about: Option<Vec<String>>,
    /// Divisions that it names.
    pub divisions: Option<Vec<String>>,
    /// What companies do in it.
    pub roles: Option<BTreeMap<String, Role>>,
    /// Its topics.
    pub topics: Option<Vec<String>>,
    /// Companies that the gazetteer does not know, as they should be found.
    pub unknown: Option<Vec<String>>,
    /// Places of organisations.
    pub spans: Option<Vec<Span>>,
    /// `companies` are some of those that are named: what else is found is no error.
    pub is_partial: bool,
}

/// A place in the text where an organisation is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Span {
    /// First byte of the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The company that is meant, where the judgment says so.
    pub company: Option<String>,
    /// Whether it may be left out: a place that a company may be found at but need not, as an agency.
    pub is_optional: bool,
}

/// Reads a gold file: one passage a line, as JSON. `name` is the file's name for errors.
pub fn read_passages(text: &str, name: &str) -> Result<Vec<Passage>> {
    let mut passages: Vec<Passage> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{name}:{}", index + 1);
        let refuse = |reason: String| {
            Error::new(ErrorKind::Argument, format!("{place}: {reason}"))
                .with_hint("every line is one JSON object; docs/evaluation.md lists its fields")
        };
        let passage: Passage =
            serde_json::from_str(line).map_err(|error| refuse(error.to_string()).caused_by(error))?;
        if passage.id.is_empty() || passage.text.is_empty() {
            return Err(refuse("a passage needs an id and a text".to_owned()));
        }
        if passages.iter().any(|earlier| earlier.id == passage.id) {
            return Err(refuse(format!("the id {} stands twice", passage.id)));
        }
        for span in passage.spans.iter().flatten() {
            if passage.text.get(span.start..span.end).is_none_or(str::is_empty) {
                return Err(refuse(format!("{}..{} is no place in the text", span.start, span.end)));
            }
        }
        passages.push(passage);
    }
    Ok(passages)
}
