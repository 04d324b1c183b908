//! The elements of a feed: what their prefixes stand for, and what stands in them.

use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD, Engine};
use quick_xml::events::Event;

use crate::decode::address::resolve;
use crate::decode::{byline, markup, subjects};
use crate::text::xml;

/// What the prefix of an element stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vocabulary {
    /// RSS, RDF or Atom itself.
    Feed,
    DublinCore,
    Content,
    Itunes,
    Media,
    Feedburner,
    Xhtml,
    Other,
}

impl Vocabulary {
    /// By the address that is declared for a prefix.
    pub(super) fn of_namespace(namespace: &str) -> Self {
        let namespace = namespace.trim().to_ascii_lowercase();
        let rest = namespace.split_once("://").map_or(&*namespace, |(_, rest)| rest);
        for (start, vocabulary) in [
            ("www.w3.org/2005/atom", Self::Feed),
            ("purl.org/atom/ns", Self::Feed),
            ("purl.org/rss/1.0/modules/content", Self::Content),
            ("purl.org/rss/1.0/modules", Self::Other),
            ("purl.org/rss/1.0", Self::Feed),
            ("my.netscape.com/rdf", Self::Feed),
            ("channel.netscape.com/rdf", Self::Feed),
            ("backend.userland.com", Self::Feed),
            ("purl.org/dc/", Self::DublinCore),
            ("www.itunes.com/dtds/podcast", Self::Itunes),
            ("search.yahoo.com/mrss", Self::Media),
            ("rssnamespace.org/feedburner", Self::Feedburner),
            ("www.w3.org/1999/xhtml", Self::Xhtml),
        ] {
            if rest.starts_with(start) {
                return vocabulary;
            }
        }
        Self::Other
    }

    /// By the prefix alone.
    pub(super) fn usual(prefix: &str) -> Self {
        match prefix {
            "" | "atom" | "a10" | "rss" => Self::Feed,
            "dc" | "dcterms" | "dct" => Self::DublinCore,
            "content" => Self::Content,
            "itunes" => Self::Itunes,
            "media" => Self::Media,
            "feedburner" => Self::Feedburner,
            "xhtml" | "html" => Self::Xhtml,
            _ => Self::Other,
        }
    }
}

/// An element with what stands in it.
#[derive(Clone, Copy)]
pub(super) struct Element<'t> {
    pub(super) vocabulary: Vocabulary,
    pub(super) tag: &'t str,
    pub(super) raw: &'t str,
}

impl<'t> Element<'t> {
    pub(super) fn local(&self) -> String {
        xml::local(xml::name(self.tag)).to_ascii_lowercase()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'t, str>> {
        xml::attribute(self.tag, name)
    }

    /// Its text as one line, without markup.
    pub(super) fn line(&self) -> Option<String> {
        let content = self.content()?;
        let line = if self.is_plain() && !content.has_elements {
            content.text.split_whitespace().collect::<Vec<_>>().join(" ")
        } else {
            markup::line(&content.text)
        };
        Some(line).filter(|line| !line.is_empty())
    }

    /// Its text in paragraphs, without markup.
    pub(super) fn paragraphs(&self) -> Option<String> {
        let content = self.content().filter(|_| self.is_text())?;
        Some(markup::clean(&content.text)).filter(|text| !text.is_empty())
    }

    /// What stands in it.
    fn content(&self) -> Option<xml::Content<'t>> {
        let is_packed = self.attribute("mode").is_some_and(|mode| mode == "base64")
            || self.attribute("type").is_some_and(|kind| kind == "application/octet-stream");
        if !is_packed {
            return Some(xml::content(self.raw));
        }
        let letters: String = self.raw.split_ascii_whitespace().collect();
        let text = String::from_utf8(BASE64_STANDARD.decode(letters).ok()?).ok()?;
        Some(xml::Content { text: Cow::Owned(text), has_elements: false })
    }

    /// Whether what stands in it is text by its type, and not a picture.
    fn is_text(&self) -> bool {
        self.attribute("type").is_none_or(|kind| {
            !kind.contains('/')
                || kind.starts_with("text/")
                || ["xml", "html", "octet-stream"].iter().any(|part| kind.contains(part))
        })
    }

    /// Whether it says that its text is no markup.
    fn is_plain(&self) -> bool {
        self.attribute("type").is_some_and(|kind| kind == "text" || kind == "text/plain")
            && self.attribute("mode").is_none()
    }
}

/// Of several elements for one field the one that is trusted most; 0 is the highest trust.
#[derive(Default)]
pub(super) struct Best<'t>(Vec<(u8, Element<'t>)>);

impl<'t> Best<'t> {
    /// Most that are kept: a hostile item may have millions.
    const MOST: usize = 16;

    pub(super) fn add(&mut self, rank: u8, element: Element<'t>) {
        if self.0.len() < Self::MOST {
            self.0.push((rank, element));
        }
    }

    pub(super) fn sorted(mut self) -> impl Iterator<Item = Element<'t>> {
        self.0.sort_by_key(|(rank, _)| *rank);
        self.0.into_iter().map(|(_, element)| element)
    }
}

/// The first element of a name inside of another.
pub(super) fn inner<'t>(element: &Element<'t>, local: &str) -> Option<Element<'t>> {
    let text = element.raw;
    if !text.contains('<') {
        return None;
    }
    let mut reader = xml::reader(text);
    loop {
        let start = reader.buffer_position() as usize;
        match reader.read_event().ok()? {
            Event::Start(tag) if xml::local(tag.name().into_inner()).eq_ignore_ascii_case(local) => {
                let end = reader.buffer_position() as usize;
                let span = reader.read_to_end(tag.to_end().name()).ok()?;
                let raw = &text[span.start as usize..span.end as usize];
                return Some(Element { vocabulary: element.vocabulary, tag: &text[start..end], raw });
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// What a category names: its label or term as in Atom, else its text; keywords are a list.
pub(super) fn subjects(element: &Element<'_>) -> Vec<String> {
    let stated = element.attribute("label").or_else(|| element.attribute("term")).map(Cow::into_owned);
    let Some(text) = stated.filter(|text| !text.trim().is_empty()).or_else(|| element.line()) else {
        return Vec::new();
    };
    if element.vocabulary == Vocabulary::Media { subjects::in_list(&text).collect() } else { vec![text] }
}

/// The names of persons: `<name>` of an Atom person, else what is left of a text without addresses.
pub(super) fn people(elements: Best<'_>) -> Vec<String> {
    let mut best: Option<u8> = None;
    let mut names: Vec<String> = Vec::new();
    let mut elements = elements.0;
    elements.sort_by_key(|(rank, _)| *rank);
    for (rank, element) in elements {
        if best.is_some_and(|best| best != rank) {
            break;
        }
        let text = match inner(&element, "name") {
            Some(name) => name.line(),
            None if element.content().is_some_and(|content| content.has_elements) => None,
            None => Some(xml::content(element.raw).text.into_owned()),
        };
        for name in text.map(|text| byline::names(without_mail(&text))).unwrap_or_default() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if !names.is_empty() {
            best = Some(rank);
        }
    }
    names
}

/// `jane@example.com (Jane Doe)`, `Jane Doe <jane@example.com>` and `Jane Doe (jane@example.com)` without the address.
fn without_mail(text: &str) -> &str {
    let text = text.trim();
    if !text.contains('@') {
        return text;
    }
    let outside = text.split(['(', '<']).next().unwrap_or(text).trim();
    let inside =
        text.split_once(['(', '<']).map_or("", |(_, rest)| rest.trim_end_matches([')', '>', ' ']).trim());
    [outside, inside].into_iter().find(|part| !part.contains('@')).unwrap_or("")
}

/// The address that the links of an item give: of the page first, never of a comment, a picture or the entry's own file.
pub(super) fn address(links: Best<'_>, base: Option<&str>) -> Option<String> {
    let mut second = None;
    for element in links.sorted() {
        let base = match element.attribute("xml:base") {
            Some(own) => resolve(base, &own).map(Cow::Owned),
            None => base.map(Cow::Borrowed),
        };
        let href = element.attribute("href").unwrap_or_else(|| xml::content(element.raw).text);
        let Some(found) = resolve(base.as_deref(), &href) else { continue };
        match element.attribute("rel").as_deref() {
            None | Some("alternate" | "") => {
                let is_page = element.attribute("type").is_none_or(|kind| kind.contains("html"));
                if is_page {
                    return Some(found);
                }
                second.get_or_insert(found);
            }
            Some("self" | "via" | "related") => {
                second.get_or_insert(found);
            }
            _ => {}
        }
    }
    second
}

/// The address of a feed's site, for links that are relative and say to what nowhere.
pub(super) fn own_address(links: &Best<'_>) -> Option<String> {
    let hrefs: Vec<(bool, Cow<'_, str>)> = links
        .0
        .iter()
        .filter_map(|(_, element)| {
            let is_self = match element.attribute("rel").as_deref() {
                None | Some("alternate" | "") => false,
                Some("self") => true,
                Some(_) => return None,
            };
            Some((is_self, element.attribute("href").unwrap_or_else(|| xml::content(element.raw).text)))
        })
        .collect();
    let of = |wanted: bool| hrefs.iter().filter(move |(is_self, _)| *is_self == wanted).map(|(_, href)| href);
    let own = of(true).find_map(|href| resolve(None, href));
    of(false).find_map(|href| resolve(own.as_deref(), href)).or(own)
}
