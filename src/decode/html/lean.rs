//! A page without what is no text: scripts, styles, drawings and comments, more than half of the bytes of most. Taking them out
//! costs one pass; a parser would make elements of them that are thrown away.

use memchr::memmem;

/// Deeper pages and tags with more attributes take the parser quadratic time.
const MAX_DEPTH: usize = 512;
const MAX_ATTRIBUTES: usize = 256;

/// Characters of one stretch of text that have to be escaped, at most: the serializer takes quadratic time for them. Shorter
/// stretches are not looked at.
const MAX_ESCAPES: usize = 20_000;

/// Scripts with linked data that are kept, at most.
const MAX_LINKED_DATA: usize = 64;

/// Elements that have no end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    "param",
];

/// Elements in which nothing but their own end is a tag.
const RAW: [&str; 5] = ["script", "style", "textarea", "title", "iframe"];

/// Elements that close themselves when the next one begins.
const SELF_CLOSING: [&str; 7] = ["p", "li", "td", "tr", "option", "dt", "dd"];

/// A page for the parser, and what stood in its scripts of linked data.
pub(super) struct Lean<'h> {
    pub(super) html: String,
    pub(super) linked_data: Vec<&'h str>,
}

/// Takes out what is no text; `None` for a page that was made to take long. Elements and attributes are counted roughly.
pub(super) fn lean(html: &str) -> Option<Lean<'_>> {
    let bytes = html.as_bytes();
    let mut lean = Lean { html: String::with_capacity(html.len() / 2), linked_data: Vec::new() };
    let (mut depth, mut at, mut kept) = (0_usize, 0, 0);
    while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
        let start = at + found;
        if is_full_of_escapes(&bytes[at..start]) {
            return None;
        }
        at = start + 1;
        let rest = &bytes[at..];
        match rest {
            [b'/', ..] => depth = depth.saturating_sub(1),
            [b'!', b'-', b'-', ..] => {
                if let Some(length) = memmem::find(rest, b"-->") {
                    at += length + 3;
                    lean.html.push_str(&html[kept..start]);
                    kept = at;
                }
            }
            [byte, ..] if byte.is_ascii_alphabetic() => {
                let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
                let name = rest[..length.min(12)].to_ascii_lowercase();
                let is_any = |names: &[&str]| names.iter().any(|known| known.as_bytes() == name);
                let (attributes, end) = attributes(rest);
                if attributes > MAX_ATTRIBUTES {
                    return None;
                }
                let tag = &html[start..at + end];
                let is_closed = tag.ends_with('/');
                at += end;
                if is_any(&RAW) || (name == b"svg" && !is_closed) {
                    let is_text = is_any(&["textarea", "title", "iframe"]);
                    let content = (at + 1).min(bytes.len());
                    let Some(length) = end_of_raw(&bytes[at..], &name) else {
                        if name != b"svg" {
                            break;
                        }
                        continue;
                    };
                    at += length;
                    if !is_text {
                        let is_data = is_linked_data(tag) && lean.linked_data.len() < MAX_LINKED_DATA;
                        if is_data && let Some(text) = html.get(content..at) {
                            lean.linked_data.push(text);
                        }
                        lean.html.push_str(&html[kept..start]);
                        at = memchr::memchr(b'>', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
                        kept = at;
                    }
                } else if !is_closed && !is_any(&VOID) && !is_any(&SELF_CLOSING) {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return None;
                    }
                }
            }
            _ => {}
        }
    }
    if is_full_of_escapes(&bytes[at..]) {
        return None;
    }
    lean.html.push_str(&html[kept..]);
    Some(lean)
}

/// Whether a text without tags has too many references, or spaces that don't break.
fn is_full_of_escapes(text: &[u8]) -> bool {
    text.len() > MAX_ESCAPES && memchr::memchr2_iter(b'&', 0xA0, text).nth(MAX_ESCAPES).is_some()
}

fn is_linked_data(tag: &str) -> bool {
    tag.len() > "<script".len()
        && tag.as_bytes().windows(7).any(|window| window.eq_ignore_ascii_case(b"ld+json"))
}

/// Where the end tag of an element begins whose content is not read as tags. A script may hold a whole script in a comment.
fn end_of_raw(text: &[u8], name: &[u8]) -> Option<usize> {
    let close = [b"</", name].concat();
    let mut from = 0;
    loop {
        let end = from + find_ignoring_case(&text[from..], &close)?;
        let content = &text[from..end];
        let is_inside = name == b"script"
            && memmem::rfind(content, b"<!--").is_some_and(|comment| {
                memmem::find(&content[comment..], b"-->").is_none()
                    && find_ignoring_case(&content[comment..], b"<script").is_some()
            });
        if !is_inside {
            return Some(end);
        }
        from = end + close.len();
    }
}

/// How many attributes a tag has, and where it ends.
fn attributes(tag: &[u8]) -> (usize, usize) {
    let (mut count, mut quote, mut is_value) = (0, None, false);
    for (at, byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if is_value => quote = Some(*byte),
            (None, b'>') => return (count, at),
            (None, _) => count += usize::from(*byte == b'='),
        }
        is_value = *byte == b'=';
    }
    (count, tag.len())
}

fn find_ignoring_case(text: &[u8], lower: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'<', text)
        .find(|at| text.get(*at..at + lower.len()).is_some_and(|found| found.eq_ignore_ascii_case(lower)))
}

#[cfg(test)]
mod tests {
    use super::lean;

    #[test]
    fn only_tags_make_a_page_deep() {
        for (html, expected) in [
            (format!("<SCRIPT>{}</script>", "x += '<div>';".repeat(2000)), false),
            (format!("<!-- {} -->", "<div>".repeat(2000)), false),
            (format!("<div data-story=\"{}\">", "a=b>".repeat(2000)), false),
            (format!("{}{}", "<div>".repeat(500), "<p><li><br>".repeat(2000)), false),
            ("<div>".repeat(600), true),
            (format!("<script></script>{}", "<b>".repeat(600)), true),
            (format!("<div {}>", "a=1 ".repeat(300)), true),
            (format!("<p class=lead>{}", "&amp;".repeat(25_000)), true),
            (format!("<p class=lead>{}</p>", "\u{a0}".repeat(25_000)), true),
            (format!("<p>{}</p>", "&amp;".repeat(15_000)).repeat(2), false),
        ] {
            assert_eq!(lean(&html).is_none(), expected, "{}", &html[..20]);
        }
    }

    #[test]
    fn what_is_no_text_is_left_out() {
        for (html, expected) in [
            ("<p>a</p><script src=x>var p = '</p>';</SCRIPT ><p>b", "<p>a</p><p>b"),
            ("<style>p > b { }</style>c", "c"),
            ("a<!-- <p> -->b<!-->c", "abc"),
            ("a<svg><path d='M 1'/></svg>b<svg/>c", "ab<svg/>c"),
            ("<script><!-- <script> x </script> --></script>a", "a"),
            (
                "<title>a <b></title><textarea><!-- x --></textarea>",
                "<title>a <b></title><textarea><!-- x --></textarea>",
            ),
            ("a <script>never closed", "a <script>never closed"),
            ("a <svg>never closed", "a <svg>never closed"),
            ("a <!-- never closed", "a <!-- never closed"),
            ("1 < 2 é <b", "1 < 2 é <b"),
            ("<script", "<script"),
        ] {
            assert_eq!(lean(html).map(|lean| lean.html).as_deref(), Some(expected), "{html}");
        }
        let page = lean("<script type='application/ld+json'>{\"a\":1}</script><script>{}</script>").unwrap();
        assert_eq!((page.html.as_str(), page.linked_data), ("", vec!["{\"a\":1}"]));
    }
}
