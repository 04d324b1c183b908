//! A message of mail to its article, or to the articles of a newsletter that is a list of items.
//!
//! The subject is the title, the list or the sender the source. Of a message with two versions of its text the plain one is read,
//! unless it only points to the other. Items are looked for in the version with markup first, which says more plainly what a
//! headline is. What belongs to mail and not to the news goes: hidden text, footers, quoted answers.

mod blocks;
mod items;
mod text;

use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MimeHeaders, PartType};

use self::blocks::Block;
use self::items::Item;
use super::address::host;
use super::{Draft, Refusal, plain};
use crate::article::TitleSource;

/// How many messages may lie in each other.
const DEPTH: usize = 3;

/// A shorter text beside a version with markup may be a mere hint at it, in bytes.
const STUB: usize = 400;

/// The message as one article.
pub(super) fn decode(bytes: &[u8]) -> Result<Draft, Refusal> {
    let message = parse(bytes)?;
    let message = innermost(&message, DEPTH);
    let text = Text::of(message);
    let mut draft = head(message);
    let paragraphs = text.shown().iter().map(|block| block.text.clone()).collect();
    set_body(&mut draft, paragraphs);
    Ok(draft)
}

/// The articles of the message: of a list of items one each, and one of what is not in the list, if that is a text; else
/// the message as one.
pub(super) fn decode_each(bytes: &[u8]) -> Result<Vec<Draft>, Refusal> {
    let message = parse(bytes)?;
    let message = innermost(&message, DEPTH);
    let text = Text::of(message);
    let found = items::find(&text.marked).or_else(|| items::find(&text.plain));
    let Some(list) = found else { return decode(bytes).map(|draft| vec![draft]) };
    let mut links = std::collections::BTreeSet::new();
    let mut drafts: Vec<Draft> = Vec::with_capacity(list.items.len() + 1);
    for (number, item) in list.items.into_iter().enumerate() {
        let mut draft = head(message);
        let is_first = item.link.as_ref().is_some_and(|link| links.insert(link.clone()));
        draft.id = match draft.id.take() {
            _ if is_first => None,
            id => id.map(|id| format!("{id}#{}", number + 1)),
        };
        draft.article.url = item.link.clone().filter(|_| is_first);
        draft.article.title.clone_from(&item.title);
        let Item { paragraphs, .. } = item;
        set_body(&mut draft, paragraphs);
        drafts.push(draft);
    }
    if !list.rest.is_empty() {
        let mut draft = head(message);
        set_body(&mut draft, list.rest);
        drafts.push(draft);
    }
    Ok(drafts)
}

fn parse(bytes: &[u8]) -> Result<Message<'_>, Refusal> {
    let refusal = || Refusal { class: "not-mail", reason: "it is no message: it has no headers".to_owned() };
    MessageParser::default().parse(bytes).filter(|message| !message.headers().is_empty()).ok_or_else(refusal)
}

/// The message that one without a text of its own only carries.
fn innermost<'m>(message: &'m Message<'m>, depth: usize) -> &'m Message<'m> {
    let has_text = message.parts.iter().any(|part| match &part.body {
        PartType::Text(text) | PartType::Html(text) => !text.trim().is_empty(),
        _ => false,
    });
    let inner = message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inner) => Some(inner),
        _ => None,
    });
    match inner {
        Some(inner) if !has_text && depth > 0 => innermost(inner, depth - 1),
        _ => message,
    }
}

/// What the headers say.
fn head(message: &Message<'_>) -> Draft {
    let mut draft = Draft::default();
    let article = &mut draft.article;
    article.title = message.subject().map(|subject| text::line(&unfolded(subject))).unwrap_or_default();
    if !article.title.is_empty() {
        article.title_source = TitleSource::Markup;
    }
    let sender = message.from().or_else(|| message.sender());
    let sender_name = sender.and_then(name_of);
    article.source = list_name(message).or(sender_name).or_else(|| {
        let address = sender?.first()?.address()?;
        host(address).map(str::to_owned)
    });
    article.lang = raw(message, HeaderName::ContentLanguage);
    draft.date = raw(message, HeaderName::Date);
    draft.id = message.message_id().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    draft.replaced = message.parts.iter().filter(|part| part.is_encoding_problem).count();
    draft
}

fn raw(message: &Message<'_>, name: HeaderName<'_>) -> Option<String> {
    message.header_raw(name).map(unfolded).filter(|text| !text.is_empty())
}

fn unfolded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name before an address; what is only the address once more is none.
fn name_of(address: &Address<'_>) -> Option<String> {
    let name = address.first()?.name()?;
    let name = text::line(name.trim().trim_matches(['"', '\'']));
    (!name.is_empty() && !name.contains('@')).then_some(name)
}

/// The name of a mailing list, where it is one that people use: services put numbers there.
fn list_name(message: &Message<'_>) -> Option<String> {
    let HeaderValue::Address(address) = message.list_id() else { return None };
    let name = name_of(address)?;
    let is_word = |word: &str| word.chars().all(|letter| !letter.is_ascii_digit());
    (name.contains(char::is_alphabetic) && name.split_whitespace().all(is_word) && !name.contains('.'))
        .then_some(name)
}

/// The versions of a message's text.
struct Text {
    plain: Vec<Block>,
    marked: Vec<Block>,
    /// Whether the plain one only points to the other.
    is_stub: bool,
}

impl Text {
    fn of(message: &Message<'_>) -> Self {
        let mut plain = String::new();
        let mut marked = String::new();
        for part in &message.parts {
            let is_attached = part
                .content_disposition()
                .is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("attachment"));
            let (PartType::Text(content) | PartType::Html(content)) = &part.body else { continue };
            if is_attached {
                continue;
            }
            let out = if matches!(part.body, PartType::Html(_)) { &mut marked } else { &mut plain };
            if matches!(part.body, PartType::Text(_))
                && part
                    .content_type()
                    .is_some_and(|kind| !kind.subtype().unwrap_or("plain").eq_ignore_ascii_case("plain"))
            {
                // Invitations and other texts for programs.
                continue;
            }
            out.push_str(content);
            out.push_str("\n\n");
        }
        let plain = text::without_footers(text::blocks(&plain));
        let marked = text::without_footers(blocks::read(&marked));
        let length = |blocks: &[Block]| blocks.iter().map(|block| block.text.len()).sum::<usize>();
        let (short, long) = (length(&plain), length(&marked));
        let is_stub = short == 0 || short < STUB && long > short * 2;
        Self { plain, marked, is_stub }
    }

    /// The version that is read as one text.
    fn shown(&self) -> &[Block] {
        if self.is_stub && !self.marked.is_empty() { &self.marked } else { &self.plain }
    }
}

fn set_body(draft: &mut Draft, mut paragraphs: Vec<String>) {
    if paragraphs.first().is_some_and(|first| *first == draft.article.title) {
        paragraphs.remove(0);
    }
    let lines = plain::opening_lines(draft, paragraphs.iter().map(|text| (text.as_str(), false)));
    paragraphs.drain(..lines);
    (draft.article.body, draft.article.headings) = plain::assemble(&paragraphs);
}

#[cfg(test)]
mod tests;
