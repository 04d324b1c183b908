//! From a record to an article. Pure and parallel: no I/O, no shared state.
//!
//! What the record says about itself is taken over; what it leaves open (headline, date, place, byline, publisher, cited
//! outlets, language) is looked for in the text, and how it was found is kept.

mod address;
mod byline;
mod credits;
mod feed;
mod front_matter;
#[cfg(feature = "html")]
mod html;
mod json;
mod mail;
mod markdown;
mod markup;
mod newsml;
mod ninjs;
mod opening;
mod own;
#[cfg(feature = "pdf")]
mod pdf;
mod plain;
mod reuters;
mod subjects;
mod tree;

use std::sync::LazyLock;

use regex::Regex;

pub use crate::source::FieldMap;
#[cfg(feature = "fetch")]
pub(crate) use address::resolve;
pub use own::{OWN_FORM, OWN_VERSION};

use crate::article::{Article, DateSource, Publication, TitleSource};
use crate::source::{Form, Record, Skipped};
use crate::text::date::{self, Refused};
use crate::text::{charset, language, sentence};

/// Longest text that is kept, in bytes.
const MAX_TEXT: usize = 10 << 20;

/// Longest headline that is taken from the first sentence, in characters.
const MAX_LEAD_TITLE: usize = 120;

/// Longest id, in bytes.
const MAX_ID: usize = 512;

/// An article and what should be known about how it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The article.
    pub article: Article,
    /// Name of the character set that it was read in, e.g. `UTF-8`, `windows-1252`.
    pub charset: &'static str,
    /// Characters that could not be read in it and stand as U+FFFD.
    pub replaced: usize,
    /// Things that are not as they should be: `title-only`, `bad-date`, `replaced-characters`, `broken-xml`,
    /// `broken-front-matter`, `invalid-ninjs`, `truncated`.
    pub warnings: Vec<Skipped>,
}

/// What a decoder found, before what is common to all of them.
#[derive(Default)]
struct Draft {
    article: Article,
    /// A date as the record gives it.
    date: Option<String>,
    /// The source's own id.
    id: Option<String>,
    /// Where `date` stood.
    date_source: Option<DateSource>,
    /// The character set of its bytes; none for UTF-8.
    charset: Option<&'static str>,
    /// Characters that could not be read.
    replaced: usize,
    /// Whether what is missing was looked for before and not found.
    is_whole: bool,
    /// Why not all of the record could be read.
    broken: Option<String>,
    /// Something else that is not as it should be: its class and the reason.
    warning: Option<(&'static str, String)>,
}

/// Why a record gives no article.
#[derive(Debug)]
struct Refusal {
    class: &'static str,
    reason: String,
}

/// What the status of an item says against showing it: `withheld` and `canceled` in the terms of the IPTC.
fn held_back(status: &str) -> Option<Refusal> {
    let (class, reason) = match status.trim().to_ascii_lowercase().as_str() {
        "withheld" | "embargoed" => ("withheld", "its agency holds it back"),
        "canceled" | "cancelled" => ("canceled", "its agency has called it off"),
        _ => return None,
    };
    Some(Refusal { class, reason: reason.to_owned() })
}

/// Reads the articles of a record: one, but for a newsletter that is a list of items, each of which is one; `now` is the
/// present as Unix seconds, beyond which no article is published.
pub fn decode_each(record: &Record, map: &FieldMap, now: i64) -> Vec<Result<Decoded, Skipped>> {
    if record.form != Form::Mail {
        return vec![decode(record, map, now)];
    }
    match mail::decode_each(&record.bytes) {
        Ok(drafts) => drafts.into_iter().map(|draft| finish(record, draft, now)).collect(),
        Err(refusal) => vec![Err(Skipped::new(&record.origin, refusal.class, refusal.reason))],
    }
}

/// Reads one record as one article; `now` is the present as Unix seconds, beyond which no article is published. Of a record
/// that says when it was collected that is the time.
pub fn decode(record: &Record, map: &FieldMap, now: i64) -> Result<Decoded, Skipped> {
    let now = record.hints.collected.map_or(now, |collected| collected.min(now));
    let refuse = |class: &str, reason: String| Skipped::new(&record.origin, class, reason);
    let draft = match record.form {
        Form::Json => json::decode(&record.bytes, map, &record.hints)
            .map_err(|refusal| refuse(refusal.class, refusal.reason))?,
        Form::Feed => feed::decode(&record.bytes, &record.hints),
        Form::Plain | Form::Markdown if is_binary(&record.bytes) => {
            return Err(refuse("binary", "it is no text: there are NULs in it".to_owned()));
        }
        Form::Plain => text(record, plain::decode),
        Form::Newsml => {
            newsml::decode(&record.bytes).map_err(|refusal| refuse(refusal.class, refusal.reason))?
        }
        Form::Mail => mail::decode(&record.bytes).map_err(|refusal| refuse(refusal.class, refusal.reason))?,
        Form::Reuters => text(record, reuters::decode),
        Form::Markdown => text(record, markdown::decode),
        #[cfg(feature = "pdf")]
        Form::Pdf => pdf::decode(&record.bytes).map_err(|refusal| refuse(refusal.class, refusal.reason))?,
        #[cfg(not(feature = "pdf"))]
        Form::Pdf => return Err(refuse("pdf-not-built-in", "PDF needs the feature pdf".to_owned())),
        #[cfg(feature = "html")]
        Form::Html => {
            html::decode(&record.bytes, &record.hints).map_err(|reason| refuse("not-html", reason))?
        }
        #[cfg(not(feature = "html"))]
        Form::Html => return Err(refuse("html-not-built-in", "web pages need the feature html".to_owned())),
    };
    finish(record, draft, now)
}

/// Whether what claims to be a text is none, as other programs tell it: a NUL near the beginning, but for UTF-16.
fn is_binary(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 8 << 10;
    let is_wide = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    !is_wide && memchr::memchr(0, &bytes[..bytes.len().min(LOOKED_AT)]).is_some()
}

/// Reads the bytes of a record as text for a decoder.
fn text(record: &Record, decode: impl FnOnce(&str) -> Draft) -> Draft {
    let decoded = charset::decode(&record.bytes, record.hints.charset.as_deref());
    let mut draft = decode(&decoded.text);
    (draft.charset, draft.replaced) = (Some(decoded.charset), decoded.replaced);
    let fetched = record.hints.url.as_ref().filter(|url| address::is_address(url));
    draft.article.url = draft.article.url.take().or_else(|| fetched.cloned());
    draft
}

fn finish(record: &Record, draft: Draft, now: i64) -> Result<Decoded, Skipped> {
    let Draft { mut article, date, id, date_source, charset, replaced, is_whole, broken, warning } = draft;
    let before = record.transcoded;
    let charset = before.map(|before| before.charset).or(charset).unwrap_or("UTF-8");
    let replaced = replaced + before.map_or(0, |before| before.replaced);
    let mut warnings = Vec::new();
    let mut warn = |class: &str, reason: String| warnings.push(Skipped::new(&record.origin, class, reason));
    article.path = record.origin.path.to_string();
    article.ordinal = record.origin.ordinal;

    if article.body.len() > MAX_TEXT {
        article.body.truncate(article.body.floor_char_boundary(MAX_TEXT));
        warn("truncated", format!("of the text the first {MAX_TEXT} bytes were taken"));
    }
    if article.body.is_empty()
        && let Some(description) = article.description.take()
    {
        article.body = description;
    }
    if article.title.is_empty() && article.body.is_empty() {
        return Err(Skipped::new(&record.origin, "empty", "it has neither a title nor a text"));
    }
    if article.body.is_empty() {
        warn("title-only", "it has a title and no text".to_owned());
    }
    if replaced > 0 {
        warn("replaced-characters", format!("{replaced} characters could not be read"));
    }

    if let Some(reason) = broken {
        warn("broken-xml", format!("not all of it could be read: {reason}"));
    }
    if let Some((class, reason)) = warning {
        warn(class, reason);
    }

    // What the record says may be a whole tag, whose region tells whether the month comes first.
    let declared = article.lang.clone();
    if !is_whole {
        article.lang = declared
            .as_deref()
            .and_then(language::normalize)
            .or_else(|| language_of(&article).map(str::to_owned));
    }
    // Without a year the dateline of the text says only when in the year; the record's own date comes first.
    if let Some(text) = date {
        match date::parse_in(&text, declared.as_deref().or(article.lang.as_deref()), now) {
            Ok(moment) => {
                let source = date_source.unwrap_or(DateSource::Metadata);
                article.published =
                    Some(Publication { seconds: moment.seconds, precision: moment.precision, source });
            }
            Err(refused) => warn("bad-date", format!("its date “{}” {}", shown(&text), refused.reason())),
        }
    }
    article.subjects = subjects::tidy(article.subjects);
    let credits = credits::find(&article.body);
    article.publisher = credits.publisher;
    article.cites = credits.cites;
    if !is_whole {
        // The name of an archive says when it was made.
        let name = record.hints.collected.is_none().then_some(&*record.origin.path);
        complete(&mut article, name, now);
    }

    article.id = identity(record, id, &article)?;
    Ok(Decoded { article, charset, replaced, warnings })
}

/// Looks in the text for what the record doesn't say, and for its date in the name of its file.
fn complete(article: &mut Article, name: Option<&str>, now: i64) {
    let opening = opening::read(&article.body);
    article.place = article.place.take().or(opening.place);
    if article.published.is_none() {
        article.published = opening
            .date
            .and_then(|parts| date::moment(parts, now).ok())
            .map(|moment| publication(moment, DateSource::Dateline))
            .or_else(|| from_file_name(name?, now));
    }
    if article.source.is_none() {
        article.source = article
            .publisher
            .as_ref()
            .map(|publisher| publisher.name.clone())
            .or(opening.agency)
            .or_else(|| article.url.as_deref().and_then(address::host).map(str::to_owned));
    }
    if article.title.is_empty() {
        article.title = lead_title(&article.body, opening.length);
        article.title_source = TitleSource::Lead;
    }
}

/// The language of an article by its text, with the headline where the text is short.
fn language_of(article: &Article) -> Option<&'static str> {
    const SHORT: usize = 400;
    if article.body.len() >= SHORT || article.title.is_empty() {
        return language::detect(&article.body);
    }
    language::detect(&format!("{}\n{}", article.title, article.body))
}

fn publication(moment: date::Moment, source: DateSource) -> Publication {
    Publication { seconds: moment.seconds, precision: moment.precision, source }
}

/// The source's own id, else the address, else the place in the file; of a stream, the content.
fn identity(record: &Record, id: Option<String>, article: &Article) -> Result<String, Skipped> {
    if let Some(id) = id {
        if id.len() > MAX_ID {
            let reason = format!("its id has {} bytes, at most {MAX_ID} are allowed", id.len());
            return Err(Skipped::new(&record.origin, "bad-id", reason));
        }
        return Ok(id);
    }
    let place = || match record.origin.line {
        // The next stream has other records at its places.
        _ if record.origin.is_of_stream() => {
            format!("{}#{:016x}", article.path, xxhash_rust::xxh3::xxh3_64(&record.bytes))
        }
        None if article.ordinal == 0 => article.path.clone(),
        _ => format!("{}#{}", article.path, article.ordinal),
    };
    let id = article.url.clone().filter(|url| url.len() <= MAX_ID).unwrap_or_else(place);
    if id.len() <= MAX_ID {
        return Ok(id);
    }
    // A path may be longer than an id; its hash stands for what is left out.
    let hash = xxhash_rust::xxh3::xxh3_64(id.as_bytes());
    let kept = id.floor_char_boundary(MAX_ID - 17);
    Ok(format!("{}~{hash:016x}", &id[..kept]))
}

/// The first sentence as a headline, cut at a word; what stands before it in the dateline is left out.
fn lead_title(body: &str, dateline: usize) -> String {
    let body = body.get(dateline..).unwrap_or(body);
    let range = sentence::sentences(body).next().unwrap_or(0..0);
    let text = body[range].split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= MAX_LEAD_TITLE {
        return text.trim_end_matches('.').to_owned();
    }
    let end = text.char_indices().nth(MAX_LEAD_TITLE).map_or(text.len(), |(at, _)| at);
    let end = text[..end].rfind(' ').unwrap_or(end);
    format!("{}…", text[..end].trim_end_matches([',', ';', ':', '—', '–', '-', ' ']))
}

/// A date that a file's name begins with: `2026-01-14-amazon.txt`, `20260114_amazon.html`.
fn from_file_name(path: &str, now: i64) -> Option<Publication> {
    static DATE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^([0-9]{4})[-_.]?([0-9]{2})[-_.]?([0-9]{2})(?:[^0-9]|$)").ok());
    let name = path.rsplit('/').next()?;
    if !name.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let found = DATE.as_ref()?.captures(name)?;
    let moment = date::parse(&format!("{}-{}-{}", &found[1], &found[2], &found[3]), now).ok()?;
    Some(publication(moment, DateSource::Filename))
}

/// The beginning of a text for a message.
fn shown(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A date in words that a decoder looks for itself: whether the text is one.
fn is_date(text: &str) -> bool {
    date::parts(text).is_ok_and(|parts| parts.year.is_some() && parts.month.is_some())
        || date::parse(text, i64::MAX).is_ok_and(|_| text.len() >= 6)
        || date::parse(text, 0) == Err(Refused::Future)
}

#[cfg(test)]
mod tests;
