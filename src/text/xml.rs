//! What has to be known of XML before it is read as something: its character set, its root, and how the content of an
//! element stands in it.
//!
//! Nothing here expands an entity that a document defines, and no document type definition is read.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::charset;

/// Where the character set may be declared.
const DECLARATION: usize = 512;

/// Reads the bytes of a document as text: a byte-order mark decides, then what was declared beside the document, then the XML
/// declaration, then what the bytes are.
/// Control characters, which no document may hold, are left out, and so are byte-order marks amid it: a reader that begins there
/// would pass over one without counting it.
pub(crate) fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> charset::Decoded<'b> {
    let own = declared_charset(&bytes[..bytes.len().min(DECLARATION)]);
    let mut decoded = charset::decode(bytes, declared.or(own.as_deref()));
    // Without a way out of the inner loop the compiler looks at many bytes at once.
    let has_controls = |chunk: &[u8]| chunk.iter().fold(false, |found, byte| found | is_control(*byte));
    if decoded.text.as_bytes().chunks(4096).any(has_controls) {
        let kept = decoded.text.chars().filter(|letter| !u8::try_from(*letter).is_ok_and(is_control));
        decoded.text = Cow::Owned(kept.collect());
    }
    if memchr::memmem::find(decoded.text.as_bytes(), "\u{feff}".as_bytes()).is_some() {
        decoded.text = Cow::Owned(decoded.text.replace('\u{feff}', ""));
    }
    decoded
}

#[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are compared at once")]
fn is_control(byte: u8) -> bool {
    (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')
}

fn declared_charset(head: &[u8]) -> Option<String> {
    let start = memchr::memmem::find(head, b"<?xml")?;
    let declaration = &head[start..];
    let end = memchr::memmem::find(declaration, b"?>")?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    attribute(declaration, "encoding").map(Cow::into_owned)
}

/// A reader that goes on where a document is not well-formed: end tags need not match, and an ampersand may stand alone.
pub(crate) fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.trim_markup_names_in_closing_tags = true;
    reader
}

/// The first tag of a document, with its `<` and `>`, wherever it begins in the text. Of a text that ends in it, as far as it
/// goes.
pub(crate) fn root(text: &str) -> Option<&str> {
    let start = text.find('<')?;
    let mut reader = reader(&text[start..]);
    loop {
        let before = start + reader.buffer_position() as usize;
        match reader.read_event() {
            Ok(Event::Start(_) | Event::Empty(_)) => {
                return text.get(before..start + reader.buffer_position() as usize);
            }
            Ok(Event::Eof) => return None,
            Ok(_) => {}
            Err(_) => {
                let rest = &text[before..];
                return is_tag(rest).then_some(rest);
            }
        }
    }
}

/// Whether a text that begins with `<` begins with a tag, and not with a sign that its author forgot to escape.
pub(crate) fn is_tag(text: &str) -> bool {
    let name = text.strip_prefix('<').unwrap_or_default();
    name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// A tag without the signs that it begins with.
fn inside(tag: &str) -> &str {
    tag.trim_start_matches(['<', '/', '?'])
}

/// The name of a tag that is given with its `<`, with prefix.
pub(crate) fn name(tag: &str) -> &str {
    let inner = inside(tag);
    let end = inner
        .find(|letter: char| letter.is_ascii_whitespace() || matches!(letter, '>' | '/'))
        .unwrap_or(inner.len());
    &inner[..end]
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The prefix of a name; empty where there is none.
pub(crate) fn prefix(name: &str) -> &str {
    name.rsplit_once(':').map_or("", |(prefix, _)| prefix)
}

/// All attributes of a tag, with the names as they stand there and the values without entities.
pub(crate) fn attributes(tag: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    /// More are no article's.
    const MOST: usize = 256;
    let mut rest = &inside(tag)[name(tag).len()..];
    std::iter::from_fn(move || {
        loop {
            let equals = rest.find('=')?;
            let key = rest[..equals].split_ascii_whitespace().next_back();
            let after = rest[equals + 1..].trim_ascii_start();
            let quote = after.chars().next().filter(|letter| matches!(letter, '"' | '\''));
            let (value, next) = match quote {
                Some(quote) => after[1..].split_once(quote)?,
                // A value without quotes is not XML, but found.
                None => {
                    let end = after.find(|letter: char| letter.is_ascii_whitespace() || letter == '>');
                    after.split_at(end.unwrap_or(after.len()))
                }
            };
            rest = next;
            if let Some(key) = key {
                return Some((key, html_escape::decode_html_entities(value)));
            }
        }
    })
    .take(MOST)
}

/// The value of one attribute of a tag.
pub(crate) fn attribute<'t>(tag: &'t str, name: &str) -> Option<Cow<'t, str>> {
    attributes(tag).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// What stands between the tags of an element, as its author meant it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Content<'t> {
    /// Where there are no elements in it, the text, without entities and CDATA marks; else the markup, without CDATA
    /// marks and comments.
    pub(crate) text: Cow<'t, str>,
    /// Whether there are elements in it.
    pub(crate) has_elements: bool,
}

/// Reads what stands between the tags of an element. A section that is not closed goes on to the end.
pub(crate) fn content(raw: &str) -> Content<'_> {
    if !raw.contains(['<', '&']) {
        return Content { text: Cow::Borrowed(raw), has_elements: false };
    }
    let trimmed = raw.trim();
    if let Some(inner) = trimmed.strip_prefix("<![CDATA[").and_then(|inner| inner.strip_suffix("]]>"))
        && !inner.contains("]]>")
    {
        return Content { text: Cow::Borrowed(inner), has_elements: false };
    }
    let mut pieces: Vec<(&str, bool)> = Vec::new();
    let mut has_elements = false;
    let mut rest = raw;
    let mut plain = 0;
    while let Some(found) = memchr::memchr(b'<', &rest.as_bytes()[plain..]) {
        let at = plain + found;
        let (skip, end, is_kept) = if rest[at..].starts_with("<![CDATA[") {
            (9, "]]>", true)
        } else if rest[at..].starts_with("<!--") {
            (4, "-->", false)
        } else {
            has_elements |= is_tag(&rest[at..]);
            plain = at + 1;
            continue;
        };
        pieces.push((&rest[..at], false));
        let inner = &rest[at + skip..];
        let (section, after) = inner.split_once(end).unwrap_or((inner, ""));
        if is_kept {
            pieces.push((section, true));
        }
        rest = after;
        plain = 0;
    }
    pieces.push((rest, false));
    let mut text = String::with_capacity(raw.len());
    for (piece, is_section) in pieces {
        if is_section || has_elements {
            text.push_str(piece);
        } else {
            html_escape::decode_html_entities_to_string(piece, &mut text);
        }
    }
    Content { text: Cow::Owned(text), has_elements }
}

#[cfg(test)]
mod tests {
    use super::{attributes, content, decode, local, name, prefix, root};

    #[test]
    fn character_sets() {
        let utf16: Vec<u8> =
            "<?xml version=\"1.0\"?><a>é</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, text) in [
            (&b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xE9</a>"[..], "<a>é</a>"),
            (b"\xEF\xBB\xBF<?xml version='1.0' encoding='iso-8859-1'?><a>\xC3\xA9</a>", "<a>é</a>"),
            (b"<?xml version=\"1.0\" encoding=\"koi8-r\"?><a>\xC4\xC1</a>", "<a>да</a>"),
            (b"<?xml encoding='iso-2022-jp'?><a>\x1B$B$\"\x1B(B</a>", "<a>あ</a>"),
            (b"<?xml encoding='utf-16'?><a>plain</a>", "<a>plain</a>"),
            (b"<a>\0a\x08b\t</a>", "<a>ab\t</a>"),
            (&utf16, "<a>é</a>"),
        ] {
            let decoded = decode(bytes, None);
            assert!(decoded.text.ends_with(text), "{decoded:?}");
        }
    }

    #[test]
    fn tags_in_parts() {
        let tag = root("<?xml version='1.0'?><!-- <x> --><!DOCTYPE r [<!ENTITY a 'b>'>]>\n<a:r b=\"1 &gt; 0\" c='d>' e/>").unwrap();
        assert_eq!(tag, "<a:r b=\"1 &gt; 0\" c='d>' e/>");
        assert_eq!((name(tag), prefix(name(tag)), local(name(tag))), ("a:r", "a", "r"));
        let all: Vec<_> = attributes(tag).map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(all, ["b=1 > 0", "c=d>"]);
        assert_eq!(root("no markup"), None);
        assert_eq!(root("<?x?><cut off='"), Some("<cut off='"));
        assert_eq!(root("<!-- not closed"), None);
    }

    #[test]
    fn content_is_text_or_markup() {
        for (raw, text, has_elements) in [
            ("plain", "plain", false),
            ("Fish & Chips &amp; more &lt;3", "Fish & Chips & more <3", false),
            ("<![CDATA[a < b &amp; c]]>", "a < b &amp; c", false),
            ("one <![CDATA[<b>two</b>]]> &lt;three", "one <b>two</b> <three", false),
            ("one <b>two</b> &lt;", "one <b>two</b> &lt;", true),
            ("<!-- no -->yes", "yes", false),
            ("x <![CDATA[open", "x open", false),
            ("?page=1&copy=2;x &nbsp;&bogus;", "?page=1&copy=2;x \u{a0}&bogus;", false),
        ] {
            let found = content(raw);
            assert_eq!((&*found.text, found.has_elements), (text, has_elements), "{raw}");
        }
    }
}
