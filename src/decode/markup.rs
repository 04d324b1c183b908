//! Simple markup to text: what stands in the values of feeds and exports, and the body that was found in a page.

/// Elements that begin a new paragraph.
const BLOCKS: [&str; 33] = [
    "p",
    "div",
    "br",
    "hr",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "tr",
    "thead",
    "tbody",
    "section",
    "article",
    "aside",
    "header",
    "footer",
    "figure",
    "figcaption",
    "blockquote",
    "pre",
    "main",
    "form",
    "fieldset",
    "address",
];

/// Elements whose content is no text.
const SILENT: [&str; 7] = ["script", "style", "noscript", "template", "iframe", "svg", "head"];

/// Whether an element begins a new paragraph.
pub(super) fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name)
}

/// Whether the content of an element is no text.
pub(super) fn is_silent(name: &str) -> bool {
    SILENT.contains(&name)
}

/// A text that may hold tags and entities, without them. Paragraphs are separated by a blank line.
pub(super) fn clean(text: &str) -> String {
    if memchr::memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return tidy(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some((name, is_closing, after)) = tag(rest) else {
            // A mere sign: "margins < 5 %".
            out.push('<');
            rest = &rest[1..];
            continue;
        };
        rest = after;
        if SILENT.contains(&name.as_str()) && !is_closing {
            rest = skip_element(rest, &name);
            out.push(' ');
        } else if name == "br" {
            out.push('\n');
        } else if BLOCKS.contains(&name.as_str()) {
            out.push_str("\n\n");
        } else if matches!(name.as_str(), "td" | "th") {
            out.push(' ');
        }
    }
    out.push_str(rest);
    if memchr::memchr(b'&', out.as_bytes()).is_some() {
        out = html_escape::decode_html_entities(&out).into_owned();
    }
    tidy(&out)
}

/// The name of the tag or comment that a text begins with, whether it closes, and what follows it.
pub(super) fn tag(text: &str) -> Option<(String, bool, &str)> {
    let inner = &text[1..];
    if let Some(comment) = inner.strip_prefix("!--") {
        let end = comment.find("-->").map_or(comment.len(), |at| at + 3);
        return Some((String::new(), false, &comment[end..]));
    }
    if inner.starts_with(['!', '?']) {
        let end = inner.find('>').map_or(inner.len(), |at| at + 1);
        return Some((String::new(), false, &inner[end..]));
    }
    let is_closing = inner.starts_with('/');
    let name = inner.trim_start_matches('/');
    let length = name.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(name.len());
    if length == 0 || !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return None;
    }
    let after = &name[length..];
    if !after.starts_with(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/') {
        return None;
    }
    let end = end_of_tag(after)?;
    Some((name[..length].to_ascii_lowercase(), is_closing, &after[end..]))
}

/// Where the tag ends that goes on with `text`: behind its `>`, or at the end of the text where that was cut off in the
/// middle of it, as summaries are. A quoted value may hold a `>`; what looks like another tag shows that this was none.
fn end_of_tag(text: &str) -> Option<usize> {
    /// Longest value that is looked through; pictures stand in some.
    const LONGEST: usize = 256 << 10;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'>' => return Some(at + 1),
            b'<' => return None,
            quote @ (b'"' | b'\'') => {
                let rest = &bytes[at + 1..];
                match memchr::memchr(*quote, &rest[..rest.len().min(LONGEST)]) {
                    Some(length) => at += length + 2,
                    None => return (rest.len() < 2000 && !rest.contains(&b'<')).then_some(text.len()),
                }
            }
            _ => at += 1,
        }
    }
    Some(text.len())
}

/// What follows the element that a text is in.
pub(super) fn skip_element<'t>(text: &'t str, name: &str) -> &'t str {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"</") {
        let end = at + found + 2;
        if bytes[end..].len() >= name.len()
            && bytes[end..end + name.len()].eq_ignore_ascii_case(name.as_bytes())
        {
            return text[end..].find('>').map_or("", |close| &text[end + close + 1..]);
        }
        at = end;
    }
    ""
}

/// Single spaces, no space at the ends of lines, and one blank line between paragraphs.
pub(super) fn tidy(text: &str) -> String {
    if is_tidy(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut breaks = 0;
    for line in text.lines() {
        let start = out.len();
        for word in line.split([' ', '\t', '\r', '\u{a0}', '\u{c}']) {
            if word.is_empty() {
                continue;
            }
            if out.len() > start {
                out.push(' ');
            } else if start > 0 {
                out.push_str(if breaks > 1 { "\n\n" } else { "\n" });
            }
            out.push_str(word);
            if breaks > 0 {
                breaks = 0;
            }
        }
        breaks += 1;
    }
    out
}

/// Whether a text is as [`tidy`] would make it. Most texts of exports are, and looking is faster than writing.
#[expect(clippy::needless_bitwise_bool, reason = "without branches many bytes are compared at once")]
fn is_tidy(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return true };
    if [first, last].iter().any(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | 0x0C)) {
        return false;
    }
    let second = &bytes[1..];
    let pairs = bytes.iter().zip(second).fold(false, |wrong, (before, byte)| {
        let is_space = (*byte == b' ') & ((*before == b' ') | (*before == b'\n'));
        let is_end = (*byte == b'\n') & (*before == b' ');
        let is_hard = (*byte == 0xA0) & (*before == 0xC2);
        let is_other = (*byte == b'\t') | (*byte == b'\r') | (*byte == 0x0C);
        wrong | is_space | is_end | is_hard | is_other
    });
    let third = second.get(1..).unwrap_or_default();
    let breaks = bytes.iter().zip(second).zip(third);
    !pairs
        && !breaks.fold(false, |wrong, ((one, two), three)| {
            wrong | ((*one == b'\n') & (*two == b'\n') & (*three == b'\n'))
        })
}

/// A title: one line, without markup.
pub(super) fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{clean, line, tidy};

    #[test]
    fn markup_becomes_paragraphs() {
        for (text, expected) in [
            ("plain", "plain"),
            ("<p>One &amp; two.</p><p>Three&nbsp;four</p>", "One & two.\n\nThree four"),
            ("a<br>b<br/>c", "a\nb\nc"),
            ("margins < 5 % & more", "margins < 5 % & more"),
            ("x <b class=\"a>b\">bold</b>.", "x bold."),
            ("<script>var a = '<p>';</script>text<STYLE>p{}</STYLE>", "text"),
            ("<!-- hidden -->shown<![CDATA[x]]>", "shown"),
            ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
            ("AT&T &#8217;s &#x2014; &bogus;", "AT&T ’s — &bogus;"),
            ("cut off <a href=\"http://", "cut off"),
            ("<a@example.com>", "<a@example.com>"),
            ("<script>never closed", ""),
            ("", ""),
        ] {
            assert_eq!(clean(text), expected, "{text}");
        }
    }

    #[test]
    fn space_is_tidied() {
        for (text, expected) in [
            ("  a  b \r\n\r\n\n\n c\nd  \n", "a b\n\nc\nd"),
            ("a b\n\nc\nd é", "a b\n\nc\nd é"),
            ("\na", "a"),
            (" a", "a"),
            ("a ", "a"),
            ("a\n", "a"),
            ("a\n\n\nb", "a\n\nb"),
            ("a\u{a0}b", "a b"),
            ("\n", ""),
            ("à", "à"),
            ("", ""),
        ] {
            assert_eq!(tidy(text), expected, "{text:?}");
        }
        assert_eq!(line(" <b>A</b>\n title "), "A title");
    }

    #[test]
    fn many_signs_take_little_time() {
        for text in [
            "<".repeat(200_000),
            "<a ".repeat(100_000),
            "</".repeat(100_000),
            "<script>".repeat(50_000),
            "<b x='".repeat(50_000),
        ] {
            let start = std::time::Instant::now();
            clean(&text);
            assert!(start.elapsed().as_secs() < 5, "{}", &text[..8]);
        }
    }
}
