//! One item of an RSS, RDF or Atom feed to an article.
//!
//! Elements are known by their name and what their prefix stands for; a prefix that is not declared stands for what it
//! usually does. Where several elements say the same, an order of trust decides. Of the text and the summary the longer is
//! the body, whatever the feed calls them.

use std::borrow::Cow;

use oxiri::{Iri, IriRef};
use quick_xml::events::Event;

use super::{Draft, MAX_ID, json, markup};
use crate::article::TitleSource;
use crate::text::{date, xml};

/// What the prefix of an element stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vocabulary {
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
    fn of_namespace(namespace: &str) -> Self {
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
    fn usual(prefix: &str) -> Self {
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
struct Element<'t> {
    vocabulary: Vocabulary,
    tag: &'t str,
    raw: &'t str,
}

impl<'t> Element<'t> {
    fn local(&self) -> String {
        xml::local(xml::name(self.tag)).to_ascii_lowercase()
    }

    fn attribute(&self, name: &str) -> Option<Cow<'t, str>> {
        xml::attribute(self.tag, name)
    }

    /// Its text as one line, without markup.
    fn line(&self) -> Option<String> {
        let content = self.content()?;
        let line = if self.is_plain() && !content.has_elements {
            content.text.split_whitespace().collect::<Vec<_>>().join(" ")
        } else {
            markup::line(&content.text)
        };
        Some(line).filter(|line| !line.is_empty())
    }

    /// Its text in paragraphs, without markup.
    fn paragraphs(&self) -> Option<String> {
        Some(markup::clean(&self.content()?.text)).filter(|text| !text.is_empty())
    }

    /// What stands in it; none where that is no text.
    fn content(&self) -> Option<xml::Content<'t>> {
        let is_text = self.attribute("type").is_none_or(|kind| {
            !kind.contains('/') || kind.starts_with("text/") || kind.contains("xml") || kind.contains("html")
        });
        (is_text && self.attribute("mode").is_none_or(|mode| mode != "base64"))
            .then(|| xml::content(self.raw))
    }

    /// Whether it says that its text is no markup.
    fn is_plain(&self) -> bool {
        self.attribute("type").is_some_and(|kind| kind == "text" || kind == "text/plain")
            && self.attribute("mode").is_none()
    }
}

/// Of several elements for one field the one that is trusted most; 0 is the highest trust.
#[derive(Default)]
struct Best<'t>(Vec<(u8, Element<'t>)>);

impl<'t> Best<'t> {
    /// Most that are kept: a hostile item may have millions.
    const MOST: usize = 16;

    fn add(&mut self, rank: u8, element: Element<'t>) {
        if self.0.len() < Self::MOST {
            self.0.push((rank, element));
        }
    }

    fn sorted(mut self) -> impl Iterator<Item = Element<'t>> {
        self.0.sort_by_key(|(rank, _)| *rank);
        self.0.into_iter().map(|(_, element)| element)
    }
}

/// What a feed says of itself.
#[derive(Default)]
struct Feed<'t> {
    titles: Best<'t>,
    links: Best<'t>,
    languages: Best<'t>,
    authors: Best<'t>,
}

/// What an item says.
#[derive(Default)]
struct Item<'t> {
    titles: Best<'t>,
    links: Best<'t>,
    ids: Best<'t>,
    contents: Best<'t>,
    summaries: Best<'t>,
    dates: Best<'t>,
    authors: Best<'t>,
    sources: Best<'t>,
    languages: Best<'t>,
}

/// A feed of one item while it is read.
struct Document<'t> {
    text: &'t str,
    prefixes: Vec<(&'t str, Vocabulary)>,
    base: Option<String>,
    lang: Option<String>,
    about: Option<String>,
    feed: Feed<'t>,
    item: Item<'t>,
    broken: Option<String>,
}

pub(super) fn decode(bytes: &[u8]) -> Draft {
    let decoded = xml::decode(bytes);
    let mut document = Document {
        text: &decoded.text,
        prefixes: Vec::new(),
        base: None,
        lang: None,
        about: None,
        feed: Feed::default(),
        item: Item::default(),
        broken: None,
    };
    document.read();
    let mut draft = document.draft();
    // Where the splitter read the file, what it could not read stands here as U+FFFD.
    draft.replaced = decoded.text.matches('\u{FFFD}').count();
    draft
}

impl<'t> Document<'t> {
    fn read(&mut self) {
        let mut reader = xml::reader(self.text);
        let mut is_in_item = false;
        loop {
            let start = reader.buffer_position() as usize;
            let (name, is_empty) = match reader.read_event() {
                Ok(Event::Start(tag)) => (tag.name().into_inner().to_owned(), false),
                Ok(Event::Empty(tag)) => (tag.name().into_inner().to_owned(), true),
                Ok(Event::End(tag)) => {
                    if is_in_item && is_item(tag.name().into_inner()) {
                        return;
                    }
                    continue;
                }
                Ok(Event::Eof) => return,
                Ok(_) => continue,
                Err(error) => {
                    self.broken.get_or_insert_with(|| error.to_string());
                    return;
                }
            };
            let end = reader.buffer_position() as usize;
            let tag = &self.text[start..end];
            if !is_in_item && is_container(&name) {
                is_in_item = is_item(&name);
                self.enter(tag);
                if is_in_item && is_empty {
                    return;
                }
                continue;
            }
            let raw = if is_empty {
                ""
            } else {
                match reader.read_to_end(quick_xml::name::QName(&name)) {
                    Ok(span) => &self.text[span.start as usize..span.end as usize],
                    // What is not closed goes on to the end of the item.
                    Err(error) => {
                        self.broken.get_or_insert_with(|| error.to_string());
                        let element = Element {
                            vocabulary: self.vocabulary(tag),
                            tag,
                            raw: rest_of(&self.text[end..]),
                        };
                        self.keep(is_in_item, element);
                        return;
                    }
                }
            };
            self.keep(is_in_item, Element { vocabulary: self.vocabulary(tag), tag, raw });
        }
    }

    /// Takes over what the tag of the root, a channel or an item says for all that stands in it.
    fn enter(&mut self, tag: &'t str) {
        for (key, value) in xml::attributes(tag) {
            if let Some(prefix) = key.strip_prefix("xmlns:") {
                self.prefixes.push((prefix, Vocabulary::of_namespace(&value)));
            } else if key == "xml:base" {
                self.base = resolve(self.base.as_deref(), &value).or_else(|| self.base.take());
            } else if key == "xml:lang" && !value.trim().is_empty() {
                self.lang = Some(value.into_owned());
            } else if xml::local(key) == "about" {
                self.about = Some(value.into_owned());
            }
        }
    }

    fn vocabulary(&self, tag: &'t str) -> Vocabulary {
        let prefix = xml::prefix(xml::name(tag));
        if tag.contains("xmlns") {
            let key = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            if let Some(namespace) = xml::attribute(tag, &key) {
                return Vocabulary::of_namespace(&namespace);
            }
        }
        let declared = self.prefixes.iter().rev().find(|(known, _)| *known == prefix);
        declared.map_or_else(|| Vocabulary::usual(prefix), |(_, vocabulary)| *vocabulary)
    }

    fn keep(&mut self, is_in_item: bool, element: Element<'t>) {
        use Vocabulary::{Content, DublinCore, Feed, Feedburner, Itunes, Media, Xhtml};
        let local = element.local();
        if !is_in_item {
            let feed = &mut self.feed;
            match (element.vocabulary, &*local) {
                (Feed, "title") => feed.titles.add(0, element),
                (DublinCore, "title" | "publisher") => feed.titles.add(1, element),
                (Feed, "link") => feed.links.add(0, element),
                (Feed | DublinCore, "language") => feed.languages.add(0, element),
                (Feed, "author") => feed.authors.add(0, element),
                _ => {}
            }
            return;
        }
        let item = &mut self.item;
        match (element.vocabulary, &*local) {
            (Feed, "title") => item.titles.add(0, element),
            (DublinCore, "title") => item.titles.add(1, element),
            (Itunes | Media, "title") => item.titles.add(2, element),
            (Feedburner, "origlink") => item.links.add(0, element),
            (Feed, "link") => item.links.add(1, element),
            (Feed, "guid" | "id") => item.ids.add(0, element),
            (Content, "encoded") | (Feed, "content") => item.contents.add(0, element),
            (Xhtml, "body" | "div") | (Feed, "body") => item.contents.add(1, element),
            (_, "full-text" | "fulltext") => item.contents.add(2, element),
            (Feed, "description" | "summary") => item.summaries.add(0, element),
            (DublinCore, "description" | "abstract") => item.summaries.add(1, element),
            (Itunes, "summary") | (Media, "description") => item.summaries.add(2, element),
            (Feed, "pubdate" | "published") => item.dates.add(0, element),
            (Feed, "issued") => item.dates.add(1, element),
            (DublinCore, "date" | "issued") => item.dates.add(2, element),
            (Feed | DublinCore, "created") => item.dates.add(3, element),
            (Feed, "date") => item.dates.add(4, element),
            (Feed | DublinCore, "updated" | "modified") => item.dates.add(5, element),
            (DublinCore, "creator" | "author") => item.authors.add(0, element),
            (Feed, "author") => item.authors.add(1, element),
            (Itunes, "author") => item.authors.add(2, element),
            (Feed, "source") => item.sources.add(0, element),
            (DublinCore, "publisher") => item.sources.add(1, element),
            (Feed | DublinCore, "language") => item.languages.add(0, element),
            _ => {}
        }
    }

    fn draft(self) -> Draft {
        let Self { base, lang, about, feed, item, broken, .. } = self;
        let mut draft = Draft { broken, ..Draft::default() };
        let article = &mut draft.article;
        let base = base.or_else(|| own_address(&feed.links));

        article.title = item.titles.sorted().find_map(|element| element.line()).unwrap_or_default();
        if !article.title.is_empty() {
            article.title_source = TitleSource::Markup;
        }
        let id = item.ids.sorted().find_map(|element| {
            let id = xml::content(element.raw).text.trim().to_owned();
            (!id.is_empty() && id.len() <= MAX_ID).then_some((id, element))
        });
        let permalink = id
            .as_ref()
            .filter(|(id, element)| {
                is_address(id) && element.attribute("isPermaLink").is_none_or(|value| value != "false")
            })
            .map(|(id, _)| id.clone());
        article.url = address(item.links, base.as_deref())
            .or(permalink)
            .or_else(|| resolve(base.as_deref(), about.as_deref()?));
        draft.id = id.map(|(id, _)| id);

        let content = item.contents.sorted().find_map(|element| element.paragraphs());
        let summary = item.summaries.sorted().find_map(|element| element.paragraphs());
        (article.body, article.description) = match (content, summary) {
            (Some(content), Some(summary)) if summary.len() > content.len() => (summary, Some(content)),
            (content, summary) => (content.unwrap_or_default(), summary),
        };

        let dates: Vec<String> = item
            .dates
            .sorted()
            .map(|element| xml::content(element.raw).text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        let readable = dates.iter().position(|text| date::parse(text, i64::MAX).is_ok()).unwrap_or(0);
        draft.date = dates.into_iter().nth(readable);

        article.authors = people(item.authors);
        if article.authors.is_empty() {
            article.authors = people(feed.authors);
        }
        article.source = item
            .sources
            .sorted()
            .find_map(|element| inner(&element, "title").unwrap_or(element).line())
            .filter(|source| !is_address(source))
            .or_else(|| feed.titles.sorted().find_map(|element| element.line()))
            .or_else(|| article.url.as_deref().and_then(json::host).map(str::to_owned));
        article.lang = item
            .languages
            .sorted()
            .find_map(|element| element.line())
            .or(lang)
            .or_else(|| feed.languages.sorted().find_map(|element| element.line()));
        draft
    }
}

/// Whether an element holds others that matter here.
fn is_container(name: &str) -> bool {
    let local = xml::local(name);
    ["rss", "rdf", "feed", "channel"].iter().any(|known| local.eq_ignore_ascii_case(known)) || is_item(name)
}

fn is_item(name: &str) -> bool {
    let local = xml::local(name);
    local.eq_ignore_ascii_case("item") || local.eq_ignore_ascii_case("entry")
}

/// What an element that is not closed has of the item.
fn rest_of(text: &str) -> &str {
    let end = ["</item>", "</entry>"].iter().filter_map(|end| text.rfind(end)).max();
    &text[..end.unwrap_or(text.len())]
}

/// The first element of a name inside of another.
fn inner<'t>(element: &Element<'t>, local: &str) -> Option<Element<'t>> {
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

/// The names of persons: `<name>` of an Atom person, else what is left of a text without addresses.
fn people(elements: Best<'_>) -> Vec<String> {
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
        for name in text.map(|text| json::names(without_mail(&text))).unwrap_or_default() {
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

fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// The address that the links of an item give: of the page first, never of a comment, a picture or the entry's own file.
fn address(links: Best<'_>, base: Option<&str>) -> Option<String> {
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
fn own_address(links: &Best<'_>) -> Option<String> {
    let hrefs: Vec<(bool, Cow<'_, str>)> = links
        .0
        .iter()
        .map(|(_, element)| {
            let is_self = element.attribute("rel").is_some_and(|rel| rel == "self");
            (is_self, element.attribute("href").unwrap_or_else(|| xml::content(element.raw).text))
        })
        .collect();
    let of = |wanted: bool| hrefs.iter().filter(move |(is_self, _)| *is_self == wanted).map(|(_, href)| href);
    let own = of(true).find_map(|href| resolve(None, href));
    of(false).find_map(|href| resolve(own.as_deref(), href)).or(own)
}

/// An address on the web, resolved where it is relative.
pub(super) fn resolve(base: Option<&str>, link: &str) -> Option<String> {
    let link: Cow<'_, str> = match link.trim() {
        "" => return None,
        trimmed if trimmed.contains(|letter: char| letter.is_whitespace()) => {
            Cow::Owned(trimmed.split_whitespace().collect::<Vec<_>>().join("%20"))
        }
        trimmed => Cow::Borrowed(trimmed),
    };
    if is_address(&link) {
        return Some(link.into_owned());
    }
    let resolved = match base {
        Some(base) => Iri::parse(base).ok()?.resolve(&IriRef::parse(&*link).ok()?).ok()?.into_inner(),
        None if link.starts_with("//") => format!("https:{link}"),
        None => return None,
    };
    is_address(&resolved).then_some(resolved)
}
