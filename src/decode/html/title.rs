//! The headline of a page. What stands in `<title>` and OpenGraph carries the name of the outlet, and `<h1>` may be that of the
//! site, so that one is checked by the other.

use super::page::Page;
use crate::decode::address::host;
use crate::text::fold_name;

/// What stands between a headline and the outlet or section.
const SEPARATORS: [&str; 9] = [" | ", " - ", " – ", " — ", " · ", " • ", " » ", " :: ", ": "];

/// The headline: of JSON-LD, OpenGraph, microdata, else of the page itself.
pub(super) fn choose(
    page: &Page,
    linked: Option<String>,
    outlet: Option<&str>,
    url: Option<&str>,
) -> Option<String> {
    let stated = linked
        .or_else(|| {
            page.meta(&[
                "og:title",
                "twitter:title",
                "parsely-title",
                "sailthru.title",
                "dc.title",
                "dcterms.title",
            ])
        })
        .or_else(|| page.property("headline"));
    let check = Check { headings: &page.headings, outlet, domain: url.and_then(host) };
    if let Some(title) = stated.filter(|title| !check.is_outlet(title)) {
        return Some(check.without_outlet(&title));
    }
    let title = page.title.as_deref().map(|title| check.without_outlet(title));
    let heading = page.headings.iter().find(|heading| {
        title.as_deref().is_none_or(|title| share_words(heading, title)) && !check.is_outlet(heading)
    });
    heading.cloned().or(title)
}

/// What is known of the page that tells a headline from what is put around it.
struct Check<'p> {
    headings: &'p [String],
    outlet: Option<&'p str>,
    domain: Option<&'p str>,
}

impl Check<'_> {
    /// `Headline | Outlet` without the outlet: a part that is the name of the outlet or of its domain, or what a heading of
    /// the page does not have.
    fn without_outlet(&self, title: &str) -> String {
        let title = title.trim();
        for separator in SEPARATORS {
            for (at, _) in title.rmatch_indices(separator) {
                let (head, tail) = (title[..at].trim(), title[at + separator.len()..].trim());
                if separator != ": " && (self.is_heading(head) || (self.is_outlet(tail) && !head.is_empty()))
                {
                    return self.without_outlet(head);
                }
                if self.is_heading(tail) {
                    return tail.to_owned();
                }
            }
        }
        title.to_owned()
    }

    fn is_heading(&self, text: &str) -> bool {
        let name = fold_name(text);
        !name.is_empty()
            && self.headings.iter().any(|heading| fold_name(heading) == name)
            && !self.is_outlet(text)
    }

    /// Whether a text is the name of the outlet, or its domain with or without its end.
    fn is_outlet(&self, text: &str) -> bool {
        let squeezed = |text: &str| -> String {
            fold_name(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
        };
        let name = squeezed(text);
        let without_the = name.strip_prefix("the").unwrap_or(&name);
        let is = |known: &str| {
            let known = squeezed(known);
            !known.is_empty() && (known == name || known.strip_prefix("the").unwrap_or(&known) == without_the)
        };
        if name.is_empty() {
            return false;
        }
        if self.outlet.is_some_and(is) {
            return true;
        }
        let Some(domain) = self.domain else { return false };
        let mut labels: Vec<&str> = domain.split('.').collect();
        if is(domain) {
            return true;
        }
        labels.pop();
        labels.iter().any(|label| label.len() >= 3 && !matches!(*label, "com" | "org" | "net") && is(label))
    }
}

/// Whether most words of a heading stand in the title of the page.
fn share_words(heading: &str, title: &str) -> bool {
    let title = fold_name(title);
    let words = |text: &str| -> Vec<String> {
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let known = words(&title);
    let heading = words(&fold_name(heading));
    let shared = heading.iter().filter(|word| known.contains(word)).count();
    shared * 2 > heading.len()
}

#[cfg(test)]
mod tests {
    use super::{Page, choose};
    use dom_query::Document;

    #[test]
    fn the_headline_is_told_from_the_outlet() {
        let url = Some("https://www.daily.example.com/a");
        for (head, body, expected) in [
            ("<title>T x | The Daily</title>", "", "T x"),
            ("<title>T x - Daily</title>", "<h1>The Daily</h1>", "T x"),
            ("<title>T x – Some House</title>", "<h1>T x</h1>", "T x"),
            ("<title>Opinion | T x</title>", "<h1>T x</h1>", "T x"),
            ("<title>The Review: T x</title>", "<h1>T x</h1>", "T x"),
            ("<title>T x - what it means</title>", "<h1>T x: what it means</h1>", "T x: what it means"),
            ("<title>T x - what it means</title>", "<h1>Other news</h1>", "T x - what it means"),
            (
                "<title>x</title><meta property=og:title content='T x | Section | The Daily'>",
                "<h1>T x</h1>",
                "T x",
            ),
            ("<meta property=og:title content='The Daily'><title>T x</title>", "", "T x"),
            ("", "<h1>T x</h1>", "T x"),
        ] {
            let page =
                Page::read(&Document::from(format!("<html><head>{head}</head><body>{body}</body></html>")));
            assert_eq!(
                choose(&page, None, Some("The Daily"), url).as_deref(),
                Some(expected),
                "{head} {body}"
            );
        }
        let page = Page::read(&Document::from("<title>x</title>"));
        let linked = Some("T x | The Daily".to_owned());
        assert_eq!(choose(&page, linked, Some("The Daily"), None).as_deref(), Some("T x"));
        assert_eq!(choose(&Page::default(), None, None, None), None);
    }
}
