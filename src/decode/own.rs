//! Articles as `dateline export` writes them. They were read once before: nothing is cleaned, and nothing looked for that
//! was not found then.

use serde::Deserialize;
use serde_json::Value;

use super::Draft;
use super::address::is_address;
use crate::article::{Article, DateSource, TitleSource};

/// The key that marks a record of this form; its value is the version.
pub const OWN_FORM: &str = "dateline_export";

/// The version that is written and read.
pub const OWN_VERSION: u32 = 1;

#[derive(Deserialize)]
struct Own {
    id: String,
    title: String,
    title_source: TitleSource,
    published: Option<String>,
    published_source: Option<DateSource>,
    source: Option<String>,
    authors: Vec<String>,
    /// Exports of earlier versions have none.
    #[serde(default)]
    subjects: Vec<String>,
    lang: Option<String>,
    url: Option<String>,
    place: Option<String>,
    description: Option<String>,
    headings: Vec<[usize; 2]>,
    body: String,
}

/// Reads an object that has [`OWN_FORM`].
pub(super) fn decode(object: Value, version: u64) -> Result<Draft, String> {
    if version != u64::from(OWN_VERSION) {
        return Err(format!(
            "it is an export in form {version}, and this version of dateline reads {OWN_VERSION}"
        ));
    }
    let own: Own = serde_json::from_value(object)
        .map_err(|error| format!("it is no whole line of an export: {error}"))?;
    let is_in_body = |[start, end]: &[usize; 2]| {
        start < end && own.body.is_char_boundary(*start) && own.body.is_char_boundary(*end)
    };
    if !own.headings.iter().all(is_in_body) {
        return Err("a heading of it does not lie in its body".to_owned());
    }
    let article = Article {
        title: own.title,
        title_source: own.title_source,
        headings: own.headings.into_iter().map(|[start, end]| start..end).collect(),
        body: own.body,
        description: own.description,
        url: own.url.filter(|url| is_address(url)),
        source: own.source,
        authors: own.authors,
        subjects: own.subjects,
        lang: own.lang,
        place: own.place,
        ..Article::default()
    };
    let id = Some(own.id).filter(|id| !id.is_empty());
    Ok(Draft {
        article,
        date: own.published,
        id,
        date_source: own.published_source,
        charset: None,
        replaced: 0,
        is_whole: true,
        broken: None,
        warning: None,
    })
}
