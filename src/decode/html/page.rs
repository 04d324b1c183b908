//! What the elements of a page state of it, collected in one pass: `meta`, links, microdata, `time` and headings.

use std::collections::HashMap;

use dom_query::{Document, NodeRef};

use crate::decode::markup;

/// Longest text of an element that is looked at, in bytes, and most values of a kind.
const LONGEST: usize = 1000;
const MOST: usize = 64;

/// Properties of microdata that are kept.
const PROPERTIES: [&str; 10] = [
    "headline",
    "author",
    "creator",
    "datepublished",
    "datecreated",
    "publisher",
    "articlesection",
    "keywords",
    "inlanguage",
    "description",
];

/// Values by the element or name that they stand under, in the order of the page.
#[derive(Default)]
pub(super) struct Page {
    metas: HashMap<String, Vec<String>>,
    properties: HashMap<&'static str, Vec<String>>,
    /// `<title>`.
    pub(super) title: Option<String>,
    /// `<h1>`, those inside of an `article` first.
    pub(super) headings: Vec<String>,
    /// `datetime` of `time`, else its text; those inside of an `article` first.
    pub(super) times: Vec<String>,
    /// Texts of links to an author.
    pub(super) author_links: Vec<String>,
    pub(super) canonical: Option<String>,
    pub(super) base: Option<String>,
    pub(super) lang: Option<String>,
}

impl Page {
    pub(super) fn read(document: &Document) -> Self {
        let mut page = Self::default();
        let (mut inner_headings, mut inner_times) = (Vec::new(), Vec::new());
        for node in document.root().descendants_it().filter(NodeRef::is_element) {
            let Some(name) = node.node_name() else { continue };
            match &*name {
                "meta" => page.take_meta(&node),
                "link" => page.take_link(&node),
                "html" => page.lang = attribute(&node, "lang").or_else(|| attribute(&node, "xml:lang")),
                "base" => page.base = page.base.take().or_else(|| attribute(&node, "href")),
                "title" => page.title = page.title.take().or_else(|| text(&node)),
                "h1" => {
                    if let Some(heading) = text(&node) {
                        let list =
                            if is_in_article(&node) { &mut inner_headings } else { &mut page.headings };
                        add(list, heading);
                    }
                }
                "time" => {
                    if !is_in_comment(&node)
                        && let Some(time) = attribute(&node, "datetime").or_else(|| text(&node))
                    {
                        let list = if is_in_article(&node) { &mut inner_times } else { &mut page.times };
                        add(list, time);
                    }
                }
                _ => {}
            }
            page.take_property(&node);
            if node.attr("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|rel| rel == "author"))
                && let Some(author) = text(&node)
            {
                add(&mut page.author_links, author);
            }
        }
        page.headings.splice(0..0, inner_headings);
        page.times.splice(0..0, inner_times);
        page
    }

    fn take_meta(&mut self, node: &NodeRef<'_>) {
        let Some(content) = attribute(node, "content").map(|text| markup::line(&text)) else { return };
        for key in ["property", "name", "itemprop", "http-equiv"] {
            if let Some(name) = node.attr(key).filter(|_| !content.is_empty()) {
                let values = self.metas.entry(name.trim().to_ascii_lowercase()).or_default();
                add(values, content.clone());
            }
        }
    }

    fn take_link(&mut self, node: &NodeRef<'_>) {
        if self.canonical.is_none()
            && node.attr("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical"))
        {
            self.canonical = attribute(node, "href");
        }
    }

    fn take_property(&mut self, node: &NodeRef<'_>) {
        let Some(names) = node.attr("itemprop") else { return };
        for name in names.split_ascii_whitespace() {
            let Some(known) = PROPERTIES.iter().find(|known| name.eq_ignore_ascii_case(known)) else {
                continue;
            };
            if is_in_comment(node) {
                continue;
            }
            let value = attribute(node, "content")
                .or_else(|| attribute(node, "datetime"))
                .or_else(|| {
                    named(node).and_then(|inner| attribute(&inner, "content").or_else(|| text(&inner)))
                })
                .or_else(|| text(node));
            if let Some(value) = value {
                add(self.properties.entry(known).or_default(), value);
            }
        }
    }

    /// The values under the first of several names of `meta` that has any.
    pub(super) fn metas(&self, names: &[&str]) -> &[String] {
        names.iter().find_map(|name| self.metas.get(*name)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn meta(&self, names: &[&str]) -> Option<String> {
        self.metas(names).first().cloned()
    }

    /// All values under names of `meta`, in the order of the names.
    pub(super) fn all_metas<'p>(&'p self, names: &'p [&str]) -> impl Iterator<Item = &'p String> {
        names.iter().filter_map(|name| self.metas.get(*name)).flatten()
    }

    /// The values of a property of microdata.
    pub(super) fn properties(&self, name: &str) -> &[String] {
        self.properties.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn property(&self, name: &str) -> Option<String> {
        self.properties(name).first().cloned()
    }
}

fn add(list: &mut Vec<String>, value: String) {
    if list.len() < MOST {
        list.push(value);
    }
}

fn attribute(node: &NodeRef<'_>, name: &str) -> Option<String> {
    node.attr(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The text of an element as a line; none where it is more than a line should be.
fn text(node: &NodeRef<'_>) -> Option<String> {
    let text = node.text();
    if text.len() > 20 * LONGEST {
        return None;
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty() && text.len() <= LONGEST).then_some(text)
}

/// The element in it that holds the name of a person or an organisation.
fn named<'d>(node: &NodeRef<'d>) -> Option<NodeRef<'d>> {
    node.attr("itemtype")?;
    node.descendants_it()
        .take(LONGEST)
        .find(|inner| inner.is_element() && inner.attr("itemprop").is_some_and(|name| &*name == "name"))
}

fn is_in_article(node: &NodeRef<'_>) -> bool {
    node.ancestors_it(None).any(|outer| outer.has_name("article") || outer.has_name("main"))
}

/// What readers wrote under the article has authors and dates as well.
fn is_in_comment(node: &NodeRef<'_>) -> bool {
    node.ancestors_it(None).chain([*node]).any(|outer| {
        [outer.class(), outer.id_attr(), outer.attr("itemtype"), outer.attr("itemprop")].iter().flatten().any(
            |name| {
                name.split_ascii_whitespace().any(|word| {
                    let word = word.rsplit('/').next().unwrap_or(word);
                    ["comment", "Comment", "UserComments"].iter().any(|start| {
                        word.strip_prefix(start).is_some_and(|rest| {
                            rest.is_empty() || rest.starts_with(['s', '-', '_']) && !rest.contains("count")
                        })
                    })
                })
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::Page;
    use dom_query::Document;

    #[test]
    fn elements_state_what_they_hold() {
        let page = Page::read(&Document::from(
            "<html lang=en><head><title> A  title </title><meta property='OG:Title' content='T &amp;amp; U'><meta name=author content=''>\
             <link rel=canonical href=/a><base href='https://a.example/'></head><body><h1>Site</h1><time datetime=2020>x</time>\
             <article><h1>T</h1><time>May 2, 2024</time><div itemprop=author itemscope itemtype='http://schema.org/Person'>By <b itemprop=name>A B</b></div>\
             <meta itemprop=datePublished content=2024-05-02><a rel='nofollow author'>A B</a></article>\
             <div class=comments><div itemprop=author>C D</div><time datetime=2023></time></div></body></html>",
        ));
        assert_eq!((page.title.as_deref(), page.lang.as_deref()), (Some("A title"), Some("en")));
        assert_eq!((page.meta(&["x", "og:title"]).as_deref(), page.meta(&["author"])), (Some("T & U"), None));
        assert_eq!(
            (page.canonical.as_deref(), page.base.as_deref()),
            (Some("/a"), Some("https://a.example/"))
        );
        assert_eq!(page.headings, ["T", "Site"]);
        assert_eq!(page.times, ["May 2, 2024", "2020"]);
        assert_eq!(page.properties("author"), ["A B"]);
        assert_eq!(page.property("datepublished").as_deref(), Some("2024-05-02"));
        assert_eq!(page.author_links, ["A B"]);
    }
}
