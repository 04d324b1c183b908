//! The markup of a message as a row of blocks: paragraphs with what marks them as headlines and where they lead.
//!
//! Mail is laid out with tables and styles in the elements themselves, so these are read: what is bold, what is large, what is
//! hidden.

use std::borrow::Cow;

use super::super::address::is_address;
use super::super::markup::{self, is_block, is_silent};
use super::text::numbered;
use crate::text::xml;

/// A paragraph.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Block {
    /// Its text, on one line or several.
    pub(super) text: String,
    /// Level of the heading that it is, 1 to 6.
    pub(super) level: Option<u8>,
    /// Whether it is bold or larger than the text.
    pub(super) is_strong: bool,
    /// Whether it is a link as a whole.
    pub(super) is_link: bool,
    /// Whether a line was drawn under it in plain text.
    pub(super) is_underlined: bool,
    /// The number before it, which its text lacks.
    pub(super) number: Option<u32>,
    /// Where it leads.
    pub(super) link: Option<String>,
}

/// Deeper elements are not told apart.
const MAX_DEPTH: usize = 512;

/// Longer addresses are passed over, in bytes.
const LONGEST_LINK: usize = 4 << 10;

/// Letters that are larger than this make a headline, in pixels.
const LARGE: f32 = 17.5;

/// An element that is open.
struct Open {
    name: String,
    is_strong: bool,
    is_hidden: bool,
    level: Option<u8>,
    link: Option<String>,
}

/// A block that is being read.
#[derive(Default)]
struct Draft {
    text: String,
    level: Option<u8>,
    /// Letters of all, of bold ones, of those in links.
    letters: usize,
    strong: usize,
    linked: usize,
    link: Option<String>,
}

impl Draft {
    fn is_strong(&self) -> bool {
        self.strong * 10 >= self.letters * 9
    }

    fn is_link(&self) -> bool {
        self.linked * 10 >= self.letters * 9
    }

    /// Whether it has letters, and is bold or a link.
    fn is_marked(&self) -> bool {
        self.letters > 0 && (self.is_strong() || self.is_link())
    }
}

/// Reads markup as blocks.
pub(super) fn read(html: &str) -> Vec<Block> {
    let mut reader = Reader { open: Vec::new(), draft: Draft::default(), blocks: Vec::new() };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        reader.text(&rest[..at]);
        rest = &rest[at..];
        let Some((name, is_closing, after)) = markup::tag(rest) else {
            reader.text("<");
            rest = &rest[1..];
            continue;
        };
        let tag = &rest[..rest.len() - after.len()];
        rest = after;
        if is_closing {
            reader.close(&name);
        } else if is_silent(&name) {
            rest = markup::skip_element(rest, &name);
        } else if !name.is_empty() {
            reader.start(name, tag);
        }
    }
    reader.text(rest);
    reader.flush();
    reader.blocks
}

struct Reader {
    open: Vec<Open>,
    draft: Draft,
    blocks: Vec<Block>,
}

impl Reader {
    fn start(&mut self, name: String, tag: &str) {
        if name == "br" {
            // A headline and its text may stand in one paragraph.
            if self.draft.is_marked() {
                self.flush();
            } else {
                self.draft.text.push('\n');
            }
            return;
        }
        if matches!(name.as_str(), "img" | "hr" | "input" | "meta" | "link" | "col") {
            if name == "hr" {
                self.flush();
            }
            return;
        }
        if is_block(&name) || matches!(name.as_str(), "td" | "th" | "center") {
            self.flush();
        }
        if self.open.len() >= MAX_DEPTH {
            return;
        }
        let above = self.open.last();
        let style = attribute(tag, "style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
        let level = match name.as_bytes() {
            [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
            _ => above.and_then(|open| open.level),
        };
        let is_strong = match strength(&style) {
            Some(is_strong) => is_strong,
            None => matches!(name.as_str(), "b" | "strong") || above.is_some_and(|open| open.is_strong),
        };
        let is_hidden = above.is_some_and(|open| open.is_hidden)
            || ["display:none", "visibility:hidden", "font-size:0", "max-height:0", "mso-hide:all"]
                .iter()
                .any(|mark| style.contains(mark))
            || name == "blockquote"
                && attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite"))
            || attribute(tag, "class").is_some_and(|class| class.contains("gmail_quote"));
        let link = match name.as_str() {
            "a" => attribute(tag, "href")
                .filter(|link| is_address(link) && link.len() <= LONGEST_LINK)
                .map(Cow::into_owned),
            _ => above.and_then(|open| open.link.clone()),
        };
        self.open.push(Open { name, is_strong, is_hidden, level, link });
    }

    fn close(&mut self, name: &str) {
        /// How far up the element is looked for that ends.
        const FAR: usize = 32;
        if is_block(name) || matches!(name, "td" | "th" | "center") {
            self.flush();
        }
        let found = self.open.iter().rev().take(FAR).position(|open| open.name == name);
        if let Some(above) = found {
            self.open.truncate(self.open.len() - above - 1);
        }
    }

    fn text(&mut self, raw: &str) {
        let open = self.open.last();
        if raw.is_empty() || open.is_some_and(|open| open.is_hidden) {
            return;
        }
        let raw = raw.replace(['\r', '\n', '\t'], " ");
        let text = html_escape::decode_html_entities(&raw);
        let draft = &mut self.draft;
        for letter in text.chars() {
            // Signs without width pad the first line of a message.
            match letter {
                '\u{200b}'..='\u{200f}' | '\u{34f}' | '\u{ad}' | '\u{feff}' | '\u{2007}' | '\u{847}' => {}
                letter => draft.text.push(letter),
            }
        }
        let letters = text.chars().filter(|letter| letter.is_alphanumeric()).count();
        if letters == 0 {
            return;
        }
        draft.letters += letters;
        if let Some(open) = open {
            draft.level = draft.level.or(open.level);
            draft.strong += if open.is_strong { letters } else { 0 };
            draft.linked += if open.link.is_some() { letters } else { 0 };
            draft.link = draft.link.take().or_else(|| open.link.clone());
        }
    }

    fn flush(&mut self) {
        let draft = std::mem::take(&mut self.draft);
        if draft.letters == 0 {
            return;
        }
        let (is_strong, is_link) = (draft.is_strong(), draft.is_link());
        let text = markup::tidy(&draft.text);
        let numbered = numbered(&text).filter(|_| is_strong || draft.level.is_some());
        let (number, text) = match numbered {
            Some((number, rest)) => (Some(number), rest.to_owned()),
            None => (None, text),
        };
        self.blocks.push(Block {
            level: draft.level,
            is_strong,
            is_link,
            link: draft.link,
            number,
            text,
            is_underlined: false,
        });
    }
}

/// Whether a style makes letters bold or large, if it says anything of that.
fn strength(style: &str) -> Option<bool> {
    let value = |name: &str| {
        style
            .split(';')
            .find_map(|rule| rule.strip_prefix(name))
            .map(|value| value.trim_end_matches("!important"))
    };
    let is_bold = value("font-weight:").map(|weight| {
        matches!(weight, "bold" | "bolder") || weight.parse::<u32>().is_ok_and(|weight| weight >= 600)
    });
    let is_large = value("font-size:")
        .and_then(|size| size.strip_suffix("px").and_then(|size| size.parse::<f32>().ok()))
        .map(|size| size > LARGE);
    match (is_bold, is_large) {
        (None, None | Some(false)) => None,
        (bold, large) => Some(bold == Some(true) || large == Some(true)),
    }
}

/// The value of an attribute.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<Cow<'t, str>> {
    xml::attributes(tag).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
