//! One item of an RSS, RDF or Atom feed to an article.
//!
//! Elements are known by their name and what their prefix stands for; a prefix that is not declared stands for what it
//! usually does. Where several elements say the same, an order of trust decides. Of the text and the summary the longer is
//! the body, whatever the feed calls them.

mod element;
#[cfg(test)]
mod tests;

use quick_xml::events::Event;

use self::element::{Best, Element, Vocabulary, inner};
use super::address::{host, is_address, resolve};
use super::{Draft, MAX_ID};
use crate::article::TitleSource;
use crate::source::Hints;
use crate::text::{date, xml};

/// How often an item is taken up again behind something that is not closed; each time costs a look at the rest of it.
const MAX_RESTARTS: usize = 64;

/// Most categories of an item that are looked at.
const MAX_SUBJECTS: usize = 200;

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
    subjects: Vec<Element<'t>>,
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

pub(super) fn decode(bytes: &[u8], hints: &Hints) -> Draft {
    let decoded = xml::decode(bytes, None);
    let mut document = Document {
        text: &decoded.text,
        prefixes: Vec::new(),
        base: hints.url.clone(),
        lang: None,
        about: None,
        feed: Feed::default(),
        item: Item::default(),
        broken: None,
    };
    document.read();
    let mut draft = document.draft();
    (draft.charset, draft.replaced) = (Some(decoded.charset), decoded.replaced);
    draft
}

impl<'t> Document<'t> {
    fn read(&mut self) {
        let mut from = 0;
        let mut is_in_item = false;
        for _ in 0..MAX_RESTARTS {
            match self.read_from(from, &mut is_in_item) {
                Some(next) => from = next,
                None => return,
            }
        }
    }

    /// Reads from a place on; gives where to go on behind an element that is not closed.
    fn read_from(&mut self, from: usize, is_in_item: &mut bool) -> Option<usize> {
        let text = self.text;
        let mut reader = xml::reader(&text[from..]);
        loop {
            let start = from + reader.buffer_position() as usize;
            let (name, is_empty) = match reader.read_event() {
                Ok(Event::Start(tag)) => (tag.name().into_inner().to_owned(), false),
                Ok(Event::Empty(tag)) => (tag.name().into_inner().to_owned(), true),
                Ok(Event::End(tag)) if *is_in_item && is_item(tag.name().into_inner()) => return None,
                Ok(Event::Eof) => return None,
                Ok(_) => continue,
                Err(error) => {
                    self.broken.get_or_insert_with(|| error.to_string());
                    return Some(text.ceil_char_boundary(start + 1));
                }
            };
            let end = from + reader.buffer_position() as usize;
            let tag = &text[start..end];
            if !xml::is_tag(tag) {
                return Some(text[..end].rfind('<').filter(|at| *at > start).unwrap_or(end));
            }
            if !*is_in_item && is_container(&name) {
                *is_in_item = is_item(&name);
                self.enter(tag);
                if *is_in_item && is_empty {
                    return None;
                }
                continue;
            }
            let vocabulary = self.vocabulary(tag);
            if is_empty {
                self.keep(*is_in_item, Element { vocabulary, tag, raw: "" });
                continue;
            }
            match reader.read_to_end(quick_xml::name::QName(&name)) {
                Ok(span) => {
                    let raw = &text[from + span.start as usize..from + span.end as usize];
                    self.keep(*is_in_item, Element { vocabulary, tag, raw });
                }
                Err(_) => {
                    self.broken.get_or_insert_with(|| format!("<{name}> is not closed"));
                    let raw = unclosed(&text[end..]);
                    self.keep(*is_in_item, Element { vocabulary, tag, raw });
                    return Some(end + raw.len());
                }
            }
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
            // No namespace at all is what the feed has where its maker took one back.
            if let Some(namespace) = xml::attribute(tag, &key).filter(|namespace| !namespace.is_empty()) {
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
            (Feed, "category") | (DublinCore, "subject") | (Media, "keywords")
                if item.subjects.len() < MAX_SUBJECTS =>
            {
                item.subjects.push(element);
            }
            _ => {}
        }
    }

    fn draft(self) -> Draft {
        let Self { base, lang, about, feed, item, broken, .. } = self;
        let mut draft = Draft { broken, ..Draft::default() };
        let article = &mut draft.article;
        let base = base.or_else(|| element::own_address(&feed.links));

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
        article.url = element::address(item.links, base.as_deref())
            .or(permalink)
            .or_else(|| resolve(base.as_deref(), about.as_deref()?));
        draft.id = id.map(|(id, _)| id);

        let content = item.contents.sorted().find_map(|element| element.paragraphs()).map(without_footer);
        let summary = item.summaries.sorted().find_map(|element| element.paragraphs()).map(without_footer);
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

        article.authors = element::people(item.authors);
        if article.authors.is_empty() {
            article.authors = element::people(feed.authors);
        }
        article.source = item
            .sources
            .sorted()
            .find_map(|element| inner(&element, "title").unwrap_or(element).line())
            .filter(|source| !is_address(source))
            .or_else(|| feed.titles.sorted().find_map(|element| element.line()))
            .or_else(|| article.url.as_deref().and_then(host).map(str::to_owned));
        article.subjects = item.subjects.iter().flat_map(element::subjects).collect();
        article.lang = item
            .languages
            .sorted()
            .find_map(|element| element.line())
            .or(lang)
            .or_else(|| feed.languages.sorted().find_map(|element| element.line()));
        draft
    }
}

/// A text without the last paragraph that the most used publishing system puts under every text of a feed.
fn without_footer(mut text: String) -> String {
    let last = text.rfind("\n\n").map_or(0, |at| at + 2);
    if text[last..].starts_with("The post ") && text[last..].contains(" appeared first on ") {
        text.truncate(last);
        text.truncate(text.trim_end().len());
    }
    text
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

/// What belongs to an element that is not closed: its text up to the next tag, or all of a section that is not closed
/// either.
fn unclosed(text: &str) -> &str {
    if text.trim_start().starts_with("<![CDATA[") {
        let end = ["</item>", "</entry>"].iter().filter_map(|end| text.rfind(end)).max();
        return &text[..end.unwrap_or(text.len())];
    }
    &text[..text.find('<').unwrap_or(text.len())]
}
