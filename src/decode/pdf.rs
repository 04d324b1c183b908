//! A PDF to its article: text in the order in which it is drawn, and the title that the document states or prints largest.
//!
//! The dates in a PDF are those of the file, so only a date in the text counts. All that is unpacked is bounded, and so is what is
//! looked at.

mod layout;
mod page;

use lopdf::{Dictionary, Document, LoadOptions, Object, decode_text_string};

use self::page::Reader;
use super::{Draft, MAX_TEXT, Refusal, markup, plain};
use crate::article::TitleSource;

/// Pages that are read.
const MAX_PAGES: usize = 1000;

/// Bytes that one stream may unpack to.
const MAX_STREAM: usize = 16 << 20;

/// Shortest and longest title, in characters.
const TITLE: std::ops::RangeInclusive<usize> = 4..=250;

pub(super) fn decode(bytes: &[u8]) -> Result<Draft, Refusal> {
    let options = LoadOptions { max_decompressed_size: Some(MAX_STREAM), ..LoadOptions::default() };
    let refuse = |class, reason: String| Refusal { class, reason };
    let document = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => locked(),
        error => refuse("not-pdf", format!("the PDF can't be read: {error}")),
    })?;
    if document.is_encrypted() {
        return Err(locked());
    }
    let mut reader = Reader::new(&document);
    let pages = document.get_pages();
    for id in pages.values().take(MAX_PAGES) {
        if !reader.page(*id) {
            break;
        }
    }
    let is_cut = reader.is_cut || pages.len() > MAX_PAGES;
    let lines = layout::lines(reader.runs);
    if lines.is_empty() {
        let reason = "no text is in it: its pages may be pictures, which need text recognition first";
        return Err(refuse("no-text", reason.to_owned()));
    }
    let (printed, paragraphs) = layout::paragraphs(lines);
    let stated = title(&document);
    let mut draft = Draft::default();
    let title = stated.or(printed.filter(|title| TITLE.contains(&title.chars().count())));
    match title {
        Some(title) => {
            draft.article.title = title;
            draft.article.title_source = TitleSource::Markup;
            let is_title = |text: &&String| folded(text) == folded(&draft.article.title);
            let mut paragraphs: Vec<String> =
                paragraphs.iter().filter(|text| !is_title(text)).cloned().collect();
            let lines =
                plain::opening_lines(&mut draft, paragraphs.iter().map(|text| (text.as_str(), false)));
            paragraphs.drain(..lines);
            (draft.article.body, draft.article.headings) = plain::assemble(&paragraphs);
        }
        None => draft = plain::decode(&paragraphs.join("\n\n")),
    }
    let language = document.catalog().ok().and_then(|catalog| text_of(&document, catalog, b"Lang"));
    draft.article.lang = language;
    draft.replaced = draft.article.body.matches('\u{FFFD}').count();
    if is_cut {
        let reason =
            format!("of the document the first {MAX_PAGES} pages or {MAX_TEXT} bytes of text were taken");
        draft.warning = Some(("truncated", reason));
    }
    Ok(draft)
}

fn locked() -> Refusal {
    Refusal {
        class: "encrypted",
        reason: "the PDF is encrypted, and opens only with its password".to_owned(),
    }
}

fn folded(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn text_of(document: &Document, dictionary: &Dictionary, key: &[u8]) -> Option<String> {
    let value: &Object = document.dereference(dictionary.get(key).ok()?).ok()?.1;
    let text = markup::tidy(&decode_text_string(value).ok()?);
    Some(text).filter(|text| !text.is_empty())
}

/// The title that the document states. Programs write the name of the file there, or nothing of use.
fn title(document: &Document) -> Option<String> {
    let info = document.dereference(document.trailer.get(b"Info").ok()?).ok()?.1;
    let title = text_of(document, info.as_dict().ok()?, b"Title")?;
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = title.to_lowercase();
    let is_made_up =
        ["untitled", "microsoft word", "microsoft powerpoint", "document", "slide 1", "print", "about:blank"]
            .iter()
            .any(|begin| lower.starts_with(begin));
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_file =
        ["doc", "docx", "pdf", "indd", "qxd", "xls", "xlsx", "ppt", "pptx", "tex", "html", "txt", "odt"]
            .contains(&ending);
    (TITLE.contains(&title.chars().count()) && title.contains(' ') && !is_made_up && !is_file)
        .then_some(title)
}

#[cfg(test)]
mod tests;
