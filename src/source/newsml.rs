//! An XML delivery of a news agency to its items: NewsML-G2, NewsML 1 and NITF. One pass finds where each item begins and
//! ends; what is in it is read later and in parallel.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::lines::Lines;
use super::sink::Sink;
use super::{Form, Format};
use crate::error::Result;
use crate::text::xml;

/// How many bytes of a file are looked at for its root.
const LOOKED_AT: usize = 32 << 10;

/// Elements that hold one item.
const ITEMS: [&str; 3] = ["newsItem", "NewsItem", "nitf"];

/// Elements that hold several.
const MESSAGES: [&str; 2] = ["newsMessage", "NewsML"];

/// Parts of a message that are no articles.
const OTHERS: [&str; 6] =
    ["packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem", "hyperKnowledgeItem"];

/// Whether a file that begins with `head` is such a delivery, by its root.
pub(super) fn look(head: &[u8]) -> Option<Format> {
    let head = &head[..head.len().min(LOOKED_AT)];
    if !head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let text = String::from_utf8_lossy(head);
    let mut reader = Reader::from_str(&text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.local_name();
                let is_known =
                    [&ITEMS[..], &MESSAGES, &OTHERS].iter().any(|names| names.contains(&name.as_ref()));
                return is_known.then_some(Format::Newsml);
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Gives every item as a record; those of a message with their lines. A document that is not well-formed is read as far
/// as it goes.
pub(super) fn split(bytes: &[u8], sink: &mut Sink<'_>) -> Result<()> {
    let decoded = xml::decode(bytes, sink.declared());
    sink.transcoded(&decoded);
    let text = decoded.text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    let mut lines = Lines::new(text);
    let mut root: Option<String> = None;
    let mut is_any = false;
    let mut depth = 0_usize;
    loop {
        let start = reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return sink.skip(Some(lines.of(start)), "not-xml", not_xml(&error)),
        };
        match event {
            Event::DocType(content) if content.contains('[') => {
                return sink.skip(
                    Some(lines.of(start)),
                    "not-xml",
                    "it has a DTD of its own, which is never read",
                );
            }
            Event::Start(tag) | Event::Empty(tag)
                if root.is_none() && ITEMS.contains(&tag.local_name().as_ref()) =>
            {
                return sink.record(Form::Newsml, bytes.to_vec(), None);
            }
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                let is_item = ITEMS.contains(&name.as_str());
                if is_item || root.is_some() && OTHERS.contains(&name.as_str()) {
                    // Nothing in it is looked at here.
                    if let Err(error) = reader.read_to_end(tag.name()) {
                        return sink.skip(Some(lines.of(start)), "not-xml", not_xml(&error));
                    }
                } else {
                    depth += 1;
                }
                if is_item {
                    let end = (reader.buffer_position() as usize).min(text.len());
                    let line = lines.of(start);
                    sink.record(Form::Newsml, text.as_bytes()[start..end].to_vec(), Some(line))?;
                    is_any = true;
                }
                root.get_or_insert(name);
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if depth > 0 => {
                return sink.skip(Some(lines.of(start)), "not-xml", "it breaks off");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match root {
        Some(root) if !is_any => {
            sink.skip(None, "no-article", format!("there is no news item in its <{root}>"))
        }
        None => sink.skip(None, "not-xml", "it is XML without an element"),
        Some(_) => Ok(()),
    }
}

fn not_xml(error: &quick_xml::Error) -> String {
    format!("it is not well-formed XML: {error}")
}
