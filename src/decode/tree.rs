//! A small XML document as a tree, bounded in depth and in attributes, for records of which everything is read anyway.
//!
//! Names are local ones: a prefix says nothing that the place of an element does not say. There are no entities but those of
//! XML and HTML; a DTD is refused and never read.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::markup;

/// Deepest element.
const MAX_DEPTH: usize = 256;

/// Most attributes of an element that are kept.
const MAX_ATTRIBUTES: usize = 256;

/// Most elements and pieces of text; each takes many times the bytes that it has in the document.
const MAX_NODES: usize = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

/// Reads a document; gives its root, or why there is none in words.
pub(super) fn parse(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    // The document itself is the first, so that there is always one to add to.
    let mut open = vec![Element::default()];
    for _ in 0..MAX_NODES {
        let event = reader.read_event().map_err(|error| format!("it is not well-formed XML: {error}"))?;
        match event {
            Event::Start(tag) => {
                if open.len() > MAX_DEPTH {
                    return Err(format!("its elements lie more than {MAX_DEPTH} deep"));
                }
                open.push(element(&tag));
            }
            Event::Empty(tag) => add(&mut open, Node::Element(element(&tag))),
            Event::End(_) => {
                if let Some(closed) = open.pop() {
                    add(&mut open, Node::Element(closed));
                }
            }
            Event::Text(text) => add(&mut open, Node::Text(text.to_string())),
            Event::CData(text) => add(&mut open, Node::Text(text.to_string())),
            Event::GeneralRef(name) => {
                add(
                    &mut open,
                    Node::Text(html_escape::decode_html_entities(&format!("&{};", &*name)).into_owned()),
                );
            }
            Event::DocType(content) if content.contains('[') => {
                return Err("it has a DTD of its own, which is never read".to_owned());
            }
            Event::Eof => return root(open),
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    Err(format!("it has more than {MAX_NODES} elements"))
}

fn root(mut open: Vec<Element>) -> Result<Element, String> {
    if open.len() > 1 {
        return Err("it breaks off".to_owned());
    }
    let document = open.pop().unwrap_or_default();
    let root = document.children.into_iter().find_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    });
    root.ok_or_else(|| "it is XML without an element".to_owned())
}

fn add(open: &mut [Element], node: Node) {
    if let Some(last) = open.last_mut() {
        last.children.push(node);
    }
}

fn element(tag: &BytesStart<'_>) -> Element {
    let mut attributes = tag.attributes();
    // The check compares each with all before it.
    attributes.with_checks(false);
    let attributes = attributes.flatten().take(MAX_ATTRIBUTES).map(|attribute| {
        let value = html_escape::decode_html_entities(&attribute.value).into_owned();
        (attribute.key.local_name().as_ref().to_owned(), value)
    });
    Element {
        name: tag.local_name().as_ref().to_owned(),
        attributes: attributes.collect(),
        children: Vec::new(),
    }
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children().filter(move |child| child.name == name)
    }

    /// The first element that is reached by the names.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        match path {
            [] => Some(self),
            [name, rest @ ..] => {
                self.children().filter(|child| child.name == **name).find_map(|child| child.at(rest))
            }
        }
    }

    /// The first element of a name at any depth, itself included.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name { Some(self) } else { self.children().find_map(|child| child.find(name)) }
    }

    /// All elements of a name at any depth, in order; what is in one of them is not looked at again.
    pub(super) fn find_all<'e>(&'e self, name: &str, found: &mut Vec<&'e Self>) {
        for child in self.children() {
            if child.name == name { found.push(child) } else { child.find_all(name, found) }
        }
    }

    /// The text that stands in it as it is, lines kept.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        self.append(&mut out);
        out
    }

    fn append(&self, out: &mut String) {
        for node in &self.children {
            match node {
                Node::Element(child) => child.append(out),
                Node::Text(text) => out.push_str(text),
            }
        }
    }

    /// The text between its elements, in one line; `None` where there is none.
    pub(super) fn own_text(&self) -> Option<String> {
        let pieces = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        let words = pieces.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
        let words = words.trim_matches([',', ' ']);
        (!words.is_empty()).then(|| words.to_owned())
    }

    /// Its text in one line; `None` where there is none.
    pub(super) fn line(&self) -> Option<String> {
        let text = self.paragraphs().join(" ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }

    /// Its text as paragraphs, by the elements that begin one in XHTML and NITF.
    pub(super) fn paragraphs(&self) -> Vec<String> {
        let mut paragraphs = vec![String::new()];
        self.collect(&mut paragraphs);
        paragraphs.retain_mut(|paragraph| {
            let length = paragraph.trim_end().len();
            paragraph.truncate(length);
            !paragraph.is_empty()
        });
        paragraphs
    }

    fn collect(&self, paragraphs: &mut Vec<String>) {
        let is_block =
            markup::is_block(&self.name) || matches!(&*self.name, "block" | "hl1" | "hl2" | "byttl");
        if is_block {
            paragraphs.push(String::new());
        }
        for node in &self.children {
            match node {
                Node::Element(child) => {
                    let name = &*child.name;
                    if markup::is_silent(name) || matches!(name, "media" | "object") {
                        continue;
                    }
                    if matches!(name, "td" | "th") {
                        push(paragraphs, " ");
                    }
                    child.collect(paragraphs);
                }
                Node::Text(text) => push(paragraphs, text),
            }
        }
        if is_block {
            paragraphs.push(String::new());
        }
    }
}

/// Adds to the last paragraph with single spaces.
fn push(paragraphs: &mut [String], text: &str) {
    let Some(last) = paragraphs.last_mut() else { return };
    for letter in text.chars() {
        if !letter.is_whitespace() {
            last.push(letter);
        } else if !last.is_empty() && !last.ends_with(' ') {
            last.push(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn text_is_read_as_paragraphs() {
        let text = "<?xml version=\"1.0\"?><!DOCTYPE x SYSTEM \"x.dtd\"><n:x a='1 &amp; 2'><head>no</head><p>One &amp;\n <b>t</b>wo&#33; &nbsp;&eacute;</p>\
                    <media><media-caption>no</media-caption></media><ul><li>a</li><li>b<br/>c</li></ul><![CDATA[<x>]]> AT&T &unknown;</n:x>";
        let root = parse(text).unwrap();
        assert_eq!((root.name.as_str(), root.attribute("a")), ("x", Some("1 & 2")));
        assert_eq!(root.paragraphs(), ["One & two! é", "a", "b", "c", "<x> AT&T &unknown;"]);
        assert_eq!(root.at(&["ul", "li"]).and_then(super::Element::line).as_deref(), Some("a"));
    }

    #[test]
    fn hostile_documents_are_refused_in_time() {
        let bomb = format!(
            "<!DOCTYPE x [<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]><x>&b;&f;</x>",
            "lol".repeat(1000)
        );
        for text in [
            bomb,
            format!("{}{}", "<a>".repeat(300), "</a>".repeat(300)),
            "<a>".repeat(1_000_000),
            format!("<a>{}</a>", "<b/>".repeat(1_000_000)),
            "<a><b></a>".to_owned(),
            "<a>broken".to_owned(),
            "<a href=\"".to_owned() + &"x".repeat(1_000_000),
            "text".to_owned(),
            String::new(),
        ] {
            let start = std::time::Instant::now();
            assert!(parse(&text).is_err(), "{}", &text[..text.len().min(20)]);
            assert!(start.elapsed().as_secs() < 2);
        }
        let attributes: String = (0..100_000).map(|number| format!(" a{number}='1'")).collect();
        let start = std::time::Instant::now();
        let root = parse(&format!("<a{attributes}>t\0ext</a>")).unwrap();
        assert_eq!(root.attribute("a255"), Some("1"));
        assert_eq!(root.attribute("a256"), None);
        assert!(start.elapsed().as_secs() < 2);
    }
}
