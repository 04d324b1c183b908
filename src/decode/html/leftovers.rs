//! What an extractor leaves around the text of a page: captions, bylines, lists of links, calls to subscribe or to share.
//!
//! Readability keeps the blocks that lie near the text. One that is no part of it gives itself away by the name that the
//! makers of the page have for it, by being links for the most part, or by what it says.

use std::sync::LazyLock;

use dom_query::NodeRef;
use regex::Regex;

use crate::decode::markup;

/// A block with more than this part of the text is no leftover, whatever it is called.
const LARGEST_PART: f64 = 0.3;
/// A block that is links to more than this part is a list of them.
const LIST_OF_LINKS: f64 = 0.7;
/// So is a single line, unless it is longer than so many characters or a sentence.
const LONGEST_LINK: usize = 300;
/// Words of the longest paragraph that is known by what it says.
const LONGEST_CALL: usize = 40;

/// Elements that hold no running text.
const ASIDE: [&str; 7] = ["figure", "figcaption", "nav", "aside", "footer", "button", "form"];

/// Elements that group others.
const GROUPS: [&str; 5] = ["ul", "ol", "div", "section", "table"];

/// Names of classes and ids, in part.
static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi)caption|credit|byline|author|\bbio\b|related|recirc|trending|popular|most-read|more-(?:on|from)|read-?more|also-?read
        |recommend|recent|teaser|taboola|outbrain|newsletter|subscri|sign-?up|promo|sponsor|advert|\bad-|\bads\b|-ad\b|\bcta\b|share|sharing
        |social|comment|copyright|disclaimer|syndigat|correction|gallery|slideshow|carousel|embed|infobox|widget|toolbar|breadcrumb
        |pagination|timestamp|\btags?\b|footer|hidden|sr-only|visually|print-block",
    )
});

/// What is said around texts, in English, German, French, Spanish, Italian, Portuguese and Dutch.
static CALLS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xis)^(?:[_*.–—-]+
        |advert(?:isement|isment)?s?(?:\ -\ .*)?|anzeige|werbung|publicité|publicidade?|pubblicità|advertentie
        |comments?|kommentare?|commentaires?|comentarios?|comentários?|commenti|reacties
        |share(?:\ .*)?|tweet|print|e-?mail|teilen|partager|compartir|compartilhar?|condividi|delen
        |(?:read|continue|see|also)\ (?:more|next|also|reading|read)\b.*|more\ (?:from|on)\ .*|related\b.{0,60}|recommended\b.*|most\ read\b.*
        |lesen\ sie\ auch.*|mehr\ zum\ thema.*|lire\ aussi.*|à\ lire.*|lee\ también.*|leer\ más.*|leia\ (?:também|mais).*|leggi\ anche.*|lees\ (?:ook|meer).*
        |trending.*|recent\ articles|don.t\ miss.*|watch:.{0,100}|story\ continues.*|loading.*|click\ here.*|have\ a\ tip.*
        |sign\ up\ .*|subscribe\ .*|follow\ .{0,60}|join\ (?:the\ conversation|.{0,40}(?:newsletter|today)).*|get\ .{0,60}(?:newsletter|inbox).*|.*\bnewsletter
        |what\ do\ you\ think.*|let\ us\ know\ in\ the\ comments.*|tags?:.*|filed\ under:?.*|topics?:.*
        |(?:copyright|©).*|.*all\ rights\ reserved\.?|.*contributed\ to\ this\ (?:report|story)\.?
        |image\ \d+\ of\ \d+|\d+\ of\ \d+.*|\(?(?:image|photo|picture)(?:\ credit)?s?\ ?(?:by|:).*|getty.*|(?:foto|bild|imagen|imagem|immagine|quelle)s?:.*
        |(?:updated|published):?\ .{0,50}|by\ \p{Lu}.{0,60})$",
    )
});

/// The ends of words are those of ASCII: with those of Unicode the fast engine gives up at the first quotation mark.
fn pattern(text: &str) -> Regex {
    Regex::new(&text.replace(r"\b", r"(?-u:\b)")).expect("the pattern is well formed")
}

/// An element or a text with what is in it.
struct Part<'d> {
    node: NodeRef<'d>,
    parent: usize,
    is_link: bool,
    /// Letters of the text, without spaces.
    length: usize,
    /// Those of them that are links.
    linked: usize,
    /// Whether blocks are in it.
    has_blocks: bool,
}

/// The paragraphs of what an extractor took for the text, with its classes and ids.
pub(super) fn paragraphs(content: NodeRef<'_>) -> Vec<String> {
    remove(content);
    markup::tidy(&text_of(content))
        .split("\n\n")
        .map(|paragraph| paragraph.replace('\n', " ").trim().to_owned())
        .filter(|paragraph| !paragraph.is_empty() && !is_call(paragraph))
        .collect()
}

/// The text of an element with the breaks that its blocks make.
fn text_of(content: NodeRef<'_>) -> String {
    let mut out = String::new();
    let mut open = vec![(content, false)];
    while let Some((node, is_end)) = open.pop() {
        if node.is_text() {
            out.push_str(&node.text());
            continue;
        }
        let name = node.node_name().unwrap_or_default();
        if node.is_comment() || markup::is_silent(&name) {
            continue;
        }
        match &*name {
            "br" if is_end => {}
            "br" => out.push('\n'),
            "td" | "th" => out.push(' '),
            name if markup::is_block(name) => out.push_str("\n\n"),
            _ => {}
        }
        if !is_end {
            open.push((node, true));
            open.extend(node.children_it(true).map(|child| (child, false)));
        }
    }
    out
}

fn is_call(paragraph: &str) -> bool {
    paragraph.split(' ').count() < LONGEST_CALL && CALLS.is_match(paragraph)
}

fn remove(content: NodeRef<'_>) {
    let parts = measure(content);
    let Some(all) = parts.first() else { return };
    let largest = (all.length as f64 * LARGEST_PART) as usize;
    for part in parts.iter().skip(1).filter(|part| part.node.is_element() && part.length <= largest) {
        if is_leftover(part) {
            part.node.remove_from_parent();
        }
    }
}

fn is_leftover(part: &Part<'_>) -> bool {
    let name = part.node.node_name().unwrap_or_default();
    if ASIDE.contains(&&*name) {
        return true;
    }
    let called = [part.node.class(), part.node.id_attr()];
    if called.iter().flatten().any(|name| NAMES.is_match(name)) {
        return true;
    }
    let is_linked = |share: f64| part.length > 0 && part.linked as f64 > part.length as f64 * share;
    if GROUPS.contains(&&*name) && is_linked(LIST_OF_LINKS) {
        return true;
    }
    markup::is_block(&name)
        && !part.has_blocks
        && part.length < LONGEST_LINK
        && is_linked(LIST_OF_LINKS)
        && !part.node.text().trim_end().ends_with(['.', '!', '?', '”', '"'])
}

/// All nodes, each behind the one that it is in.
fn measure(content: NodeRef<'_>) -> Vec<Part<'_>> {
    let part =
        |node, parent, is_link| Part { node, parent, is_link, length: 0, linked: 0, has_blocks: false };
    let mut parts = vec![part(content, 0, false)];
    let mut at = 0;
    while at < parts.len() {
        let (node, is_link) = (parts[at].node, parts[at].is_link);
        if node.is_text() {
            let length = node.text().split_whitespace().map(|word| word.chars().count()).sum();
            parts[at].length = length;
            parts[at].linked = if is_link { length } else { 0 };
        }
        let is_link = is_link || node.has_name("a");
        parts.extend(node.children_it(false).map(|child| part(child, at, is_link)));
        at += 1;
    }
    for at in (1..parts.len()).rev() {
        let Part { node, parent, length, linked, has_blocks, .. } = parts[at];
        let is_block = has_blocks || node.node_name().is_some_and(|name| markup::is_block(&name));
        parts[parent].length += length;
        parts[parent].linked += linked;
        parts[parent].has_blocks |= is_block;
    }
    parts
}

#[cfg(test)]
mod tests {
    use dom_query::Document;

    fn paragraphs(content: &str) -> Vec<String> {
        super::paragraphs(Document::fragment(content).root())
    }

    const TEXT: &str = "<p>Acme said on Monday that it would close its plant in Ohio and move the work to Texas, where it has \
        a larger one. The union called the plan a breach of the contract that both sides signed last year.</p>";

    #[test]
    fn leftovers_go_and_the_text_stays() {
        for leftover in [
            "<figure><img src=x><figcaption>The plant in Ohio</figcaption></figure>",
            "<div class=\"article-byline\"><p>Jane Roe, staff writer</p></div>",
            "<div id=\"newsletter-box\"><p>News at eight in the morning</p></div>",
            "<ul><li><a href=a>Texas is booming</a></li><li><a href=b>Ohio is not</a></li></ul>",
            "<p><a href=a>Five plants that closed this year</a></p>",
            "<p>Read more: plants in Texas</p>",
            "<p>Lesen Sie auch: Werke in Texas</p>",
            "<p>© 2024 The Daily. All rights reserved.</p>",
            "<p>By Jane Roe</p>",
            "<p>Advertisement</p>",
        ] {
            let page = format!("<div class=page>{leftover}{TEXT}{leftover}</div>");
            let found = paragraphs(&page);
            assert_eq!(found.len(), 1, "{leftover}: {found:?}");
            assert!(found[0].starts_with("Acme said"));
        }
        for kept in [
            "<h2>What comes next</h2>",
            "<p>“We will fight this,” said <a href=a>Jane Roe</a>.</p>",
            "<p><a href=a>The union said that it would go to court.</a></p>",
            "<p>By Monday evening nobody had an answer to what the workers in Ohio should do without the plant that fed the town.</p>",
            "<blockquote class=quote>We will fight this.</blockquote>",
        ] {
            let found = paragraphs(&format!("<div class=page>{TEXT}{kept}{TEXT}</div>"));
            assert_eq!(found.len(), 3, "{kept}: {found:?}");
        }
        let body = format!("<div class=\"related-posts-theme\">{TEXT}{TEXT}</div>");
        assert_eq!(paragraphs(&body).len(), 2, "a name does not take the whole text away");
    }

    #[test]
    fn a_page_of_nothing_has_no_paragraph() {
        assert!(paragraphs("").is_empty());
        assert!(paragraphs("<div></div>").is_empty());
    }
}
