//! An XML feed to its items: one pass over the document that finds where each begins and ends, and the few elements that
//! say what the feed is. Every item goes on as a small feed of its own, so that it can be decoded apart from the others.
//!
//! A document that is not well-formed is read as far as it goes. What is lost is named with its line.

#[cfg(test)]
mod tests;

use std::ops::Range;

use quick_xml::events::Event;

use super::lines::Lines;
use super::sink::Sink;
use super::{Form, Format};
use crate::error::Result;
use crate::text::{charset, xml};

/// Bytes of the feed's own elements that go along with every item.
const MAX_HEAD: usize = 4 << 10;

/// Longest tag of the root or the channel that goes along with every item, in bytes.
const MAX_TAG: usize = 8 << 10;

/// How many bytes of a feed's own elements are written again for all items together.
const MAX_REPEATED: usize = 256 << 20;

/// Most items of one file.
const MAX_ITEMS: usize = 1_000_000;

/// How often a file is taken up again behind something that is not closed; each time costs a look at the rest of it.
const MAX_UNCLOSED: usize = 16;

/// How often a file is taken up again behind markup that has no meaning.
const MAX_BROKEN: usize = 10_000;

/// Deepest element of the head that is known by name.
const MAX_DEPTH: usize = 64;

/// Namespaces of the elements of a feed, as they begin behind the scheme.
const NAMESPACES: [&str; 6] = [
    "www.w3.org/2005/Atom",
    "purl.org/atom/ns#",
    "purl.org/rss/1.0/",
    "my.netscape.com/rdf/simple/0.9/",
    "channel.netscape.com/rdf/simple/0.9/",
    "backend.userland.com/",
];

/// Elements of a feed that say something of its items.
const HEAD: [&str; 5] = ["title", "link", "language", "author", "publisher"];

/// How many bytes of a file are looked at for its root.
const LOOKED_AT: usize = 32 << 10;

/// Whether a file that begins with `head` is a feed or a list of feeds.
pub(super) fn look(head: &[u8]) -> Option<Format> {
    let head = &head[..head.len().min(LOOKED_AT)];
    let is_markup = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start().starts_with(b"<");
    let is_utf16 =
        [&b"\xFF\xFE"[..], b"\xFE\xFF", b"<\0", b"\0<"].iter().any(|start| head.starts_with(start));
    if !is_markup && !is_utf16 {
        return None;
    }
    let decoded = charset::decode(head, None);
    let root = xml::root(&decoded.text)?;
    if xml::local(xml::name(root)).eq_ignore_ascii_case("opml") {
        return Some(Format::Opml);
    }
    Kind::of_root(root).map(|_| Format::Feed)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rss,
    Rdf,
    Atom,
    /// An entry of an Atom feed that stands alone.
    Entry,
}

impl Kind {
    fn of_root(tag: &str) -> Option<Self> {
        let name = xml::name(tag);
        let is_atom = || {
            let key = match xml::prefix(name) {
                "" => "xmlns".to_owned(),
                prefix => format!("xmlns:{prefix}"),
            };
            xml::attribute(tag, &key).map(|namespace| is_of_feeds(&namespace))
        };
        match xml::local(name).to_ascii_lowercase().as_str() {
            "rss" => Some(Self::Rss),
            "rdf" => Some(Self::Rdf),
            "feed" if is_atom() != Some(false) => Some(Self::Atom),
            "entry" if is_atom() == Some(true) => Some(Self::Entry),
            _ => None,
        }
    }

    fn item(self) -> &'static str {
        match self {
            Self::Rss | Self::Rdf => "item",
            Self::Atom | Self::Entry => "entry",
        }
    }
}

fn is_of_feeds(namespace: &str) -> bool {
    let namespace = namespace.trim();
    let rest = namespace.split_once("://").map_or(namespace, |(_, rest)| rest);
    NAMESPACES.iter().any(|known| rest.starts_with(known))
}

/// Gives every item of a feed as a record with its line.
pub(super) fn split(bytes: &[u8], sink: &mut Sink<'_>) -> Result<()> {
    let decoded = xml::decode(bytes, sink.declared());
    sink.transcoded(&decoded);
    let text = &*decoded.text;
    let Some(kind) = xml::root(text).and_then(Kind::of_root) else {
        return sink.skip(None, "unknown-xml", "it is neither a feed nor a page");
    };
    let mut scan = Scan::new(text, kind, false);
    scan.run();
    if scan.has_swallowed {
        // An item that is never closed took others for its own parts.
        scan = Scan::new(text, kind, true);
        scan.run();
    }
    let (mut before, after) = scan.around();
    if before.len().saturating_mul(scan.items.len()) > MAX_REPEATED {
        before = scan.around_bare();
        scan.losses
            .insert(0, (0, "too-large", "what it says of itself is too long for so many items".to_owned()));
    }
    let mut lines = Lines::new(text);
    let mut losses = scan.losses.iter().peekable();
    for item in &scan.items {
        while let Some((at, class, reason)) = losses.next_if(|(at, ..)| *at <= item.range.start) {
            sink.skip(Some(lines.of(*at)), class, reason.as_str())?;
        }
        let line = lines.of(item.range.start);
        let mut record = String::with_capacity(before.len() + item.range.len() + after.len() + 10);
        record.push_str(&before);
        record.push_str(&text[item.range.clone()]);
        if !item.is_closed {
            record.push_str(&format!("</{}>", xml::name(&text[item.range.clone()])));
        }
        record.push_str(&after);
        sink.record(Form::Feed, record.into_bytes(), Some(line))?;
    }
    for (at, class, reason) in losses {
        sink.skip(Some(lines.of(*at)), class, reason.as_str())?;
    }
    if scan.items.is_empty() && scan.losses.is_empty() {
        sink.skip(None, "empty", "the feed has no items")?;
    }
    Ok(())
}

struct Item {
    range: Range<usize>,
    is_closed: bool,
}

/// An item that has begun.
struct Open {
    start: usize,
    /// Elements of its own name inside of it that are open.
    nested: usize,
    /// Whether there were any.
    has_nested: bool,
}

/// Where reading has to be taken up again.
struct Stop {
    go_on: usize,
    /// Place and reason.
    loss: Option<(usize, String)>,
    is_unclosed: bool,
}

struct Scan<'t> {
    text: &'t str,
    kind: Kind,
    /// Whether the beginning of an item ends the one before.
    is_flat: bool,
    /// Prefixes under which the elements of the feed stand.
    prefixes: Vec<&'t str>,
    root: &'t str,
    channel: Option<&'t str>,
    head: String,
    /// Names of the open elements outside of items.
    path: Vec<&'t str>,
    /// Open elements below those.
    deeper: usize,
    /// Where an element of the head begins, and how deep it lies.
    head_from: Option<(usize, usize)>,
    open: Option<Open>,
    items: Vec<Item>,
    /// Place, class and reason.
    losses: Vec<(usize, &'static str, String)>,
    has_swallowed: bool,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str, kind: Kind, is_flat: bool) -> Self {
        Self {
            text,
            kind,
            is_flat,
            prefixes: Vec::new(),
            root: "",
            channel: None,
            head: String::new(),
            path: Vec::new(),
            deeper: 0,
            head_from: None,
            open: None,
            items: Vec::new(),
            losses: Vec::new(),
            has_swallowed: false,
        }
    }

    fn run(&mut self) {
        let mut from = self.text.find('<').unwrap_or(self.text.len());
        let (mut unclosed, mut broken) = (0, 0);
        while let Some(stop) = self.run_from(from) {
            if let Some((at, reason)) = stop.loss {
                self.losses.push((at, "broken-xml", reason));
            }
            unclosed += usize::from(stop.is_unclosed);
            broken += 1;
            from = stop.go_on;
            if unclosed > MAX_UNCLOSED || broken > MAX_BROKEN {
                self.losses.push((from, "broken-off", "what follows is too broken to be read".to_owned()));
                break;
            }
        }
        if let Some(open) = self.open.take() {
            if open.has_nested && !self.is_flat {
                self.has_swallowed = true;
                return;
            }
            self.losses.push((open.start, "broken-off", "the item is not closed".to_owned()));
            self.items.push(Item { range: open.start..self.end_of_whole_tags(open.start), is_closed: false });
        }
        self.losses.sort_by_key(|(at, ..)| *at);
    }

    /// Where a text that was cut off ends without the tag that the cut went through.
    fn end_of_whole_tags(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        match rest.rfind('<') {
            Some(at)
                if !rest[at..].contains('>')
                    && (xml::is_tag(&rest[at..]) || rest[at..].starts_with("</")) =>
            {
                start + at
            }
            _ => self.text.len(),
        }
    }

    /// Reads on from a place as long as that is possible.
    fn run_from(&mut self, from: usize) -> Option<Stop> {
        let text = self.text;
        let mut reader = xml::reader(&text[from..]);
        loop {
            if self.items.len() >= MAX_ITEMS {
                self.open = None;
                let at = from + reader.buffer_position() as usize;
                self.losses.push((at, "too-large", format!("only the first {MAX_ITEMS} items were taken")));
                return None;
            }
            let start = from + reader.buffer_position() as usize;
            let event = reader.read_event();
            let end = from + reader.buffer_position() as usize;
            match event {
                Ok(Event::Start(_) | Event::Empty(_)) if !xml::is_tag(&text[start..]) => {
                    // The sign alone is text; what looked like its tag may hold real ones.
                    let go_on = text[..end].rfind('<').filter(|at| *at > start).unwrap_or(end);
                    return Some(Stop { go_on, loss: None, is_unclosed: false });
                }
                Ok(Event::Start(_)) => self.begin(start..end),
                Ok(Event::Empty(_)) => self.empty(start..end),
                Ok(Event::End(_)) => self.end(start..end),
                Ok(Event::DocType(definition)) if definition.contains("<!ENTITY") => {
                    let reason = "what its DTD defines is not read; such entities stay as they are written";
                    self.losses.push((start, "dtd", reason.to_owned()));
                }
                Ok(Event::Eof) => return None,
                Ok(_) => {}
                Err(error) => {
                    let at = from + reader.error_position() as usize;
                    let at = at.max(start);
                    return Some(Stop {
                        go_on: text.ceil_char_boundary(at + 1),
                        loss: Some((at, format!("it is no XML here: {error}"))),
                        is_unclosed: end >= text.len(),
                    });
                }
            }
        }
    }

    fn begin(&mut self, tag: Range<usize>) {
        let name = xml::name(&self.text[tag.clone()]);
        let is_item = self.is_item(name);
        if let Some(open) = &mut self.open {
            if !is_item {
                return;
            }
            if !self.is_flat {
                open.nested += 1;
                open.has_nested = true;
                return;
            }
            let start = open.start;
            self.losses.push((
                start,
                "broken-xml",
                "the item is not closed before the next one begins".to_owned(),
            ));
            self.items.push(Item { range: start..tag.start, is_closed: false });
            self.open = None;
        }
        if self.root.is_empty() {
            self.begin_root(&tag);
            if self.kind == Kind::Entry {
                self.open = Some(Open { start: tag.start, nested: 0, has_nested: false });
                return;
            }
        } else if is_item {
            self.head_from = None;
            self.open = Some(Open { start: tag.start, nested: 0, has_nested: false });
            return;
        } else if self.is_top() {
            if xml::local(name).eq_ignore_ascii_case("channel") {
                self.channel = self.channel.or(Some(&self.text[tag]));
            } else if is_of_head(name) {
                self.head_from = Some((tag.start, self.path.len()));
            }
        }
        if self.path.len() < MAX_DEPTH && self.deeper == 0 {
            self.path.push(name);
        } else {
            self.deeper += 1;
        }
    }

    fn begin_root(&mut self, tag: &Range<usize>) {
        self.root = &self.text[tag.clone()];
        self.prefixes = xml::attributes(self.root)
            .filter(|(_, namespace)| is_of_feeds(namespace))
            .filter_map(|(key, _)| key.strip_prefix("xmlns:"))
            .collect();
    }

    fn empty(&mut self, tag: Range<usize>) {
        let name = xml::name(&self.text[tag.clone()]);
        if self.open.is_some() || self.root.is_empty() {
            return;
        }
        if self.is_item(name) {
            self.items.push(Item { range: tag, is_closed: true });
        } else if self.is_top() && is_of_head(name) {
            self.keep(tag);
        }
    }

    fn end(&mut self, tag: Range<usize>) {
        let name = xml::name(&self.text[tag.clone()]);
        let is_item = self.is_item(name);
        if let Some(open) = &mut self.open {
            if is_item && open.nested > 0 {
                open.nested -= 1;
            } else if is_item {
                self.items.push(Item { range: open.start..tag.end, is_closed: true });
                self.open = None;
            }
            return;
        }
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        // An end that nothing began is passed over; one that leaves others open ends those too.
        if let Some(depth) = self.path.iter().rposition(|open| *open == name) {
            self.path.truncate(depth);
            if let Some((start, head_depth)) = self.head_from
                && head_depth >= depth
            {
                self.head_from = None;
                if head_depth == depth {
                    self.keep(start..tag.end);
                }
            }
        }
    }

    fn keep(&mut self, range: Range<usize>) {
        if self.head.len() + range.len() <= MAX_HEAD {
            self.head.push_str(&self.text[range]);
        }
    }

    /// Whether the place is one where elements of the feed itself stand.
    fn is_top(&self) -> bool {
        match self.kind {
            Kind::Atom => self.path.len() == 1,
            _ => {
                self.path.len() == 1
                    || self.path.len() == 2 && xml::local(self.path[1]).eq_ignore_ascii_case("channel")
            }
        }
    }

    fn is_item(&self, name: &str) -> bool {
        let item = self.kind.item();
        name.len() >= item.len()
            && xml::local(name).eq_ignore_ascii_case(item)
            && match xml::prefix(name) {
                "" => true,
                prefix => self.prefixes.contains(&prefix),
            }
    }

    /// What stands before and behind an item that is a feed of its own.
    fn around(&self) -> (String, String) {
        if self.kind == Kind::Entry {
            return (String::new(), String::new());
        }
        let name = xml::name(self.root);
        let root = if self.root.len() <= MAX_TAG { self.root.to_owned() } else { format!("<{name}>") };
        let mut before = root;
        let mut after = format!("</{name}>");
        if self.kind != Kind::Atom {
            let channel = self.channel.filter(|tag| tag.len() <= MAX_TAG).unwrap_or("<channel>");
            before.push_str(channel);
            after = format!("</{}>{after}", xml::name(channel));
        }
        before.push_str(&self.head);
        (before, after)
    }

    /// The same before an item, without attributes and without what the feed says of itself.
    fn around_bare(&self) -> String {
        let root = xml::name(self.root);
        match self.kind {
            Kind::Entry => String::new(),
            Kind::Atom => format!("<{root}>"),
            Kind::Rss | Kind::Rdf => format!("<{root}><{}>", self.channel.map_or("channel", xml::name)),
        }
    }
}

fn is_of_head(name: &str) -> bool {
    let local = xml::local(name);
    HEAD.iter().any(|known| local.eq_ignore_ascii_case(known))
}
