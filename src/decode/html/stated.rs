//! What a page states of its article: JSON-LD, OpenGraph, `meta`, microdata and `time`, in that order of trust.

use dom_query::Document;

use super::page::Page;
use super::{linked_data, title};
use crate::decode::address::{host, is_address, is_front_page, resolve};
use crate::decode::{byline, subjects};
use crate::text::date;

/// Names of `meta` that give the date of publication.
const DATES: [&str; 27] = [
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "article:published",
    "article.published",
    "datepublished",
    "date_published",
    "published_time",
    "publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "date",
    "pubdate",
    "og:pubdate",
    "publishdate",
    "publish-date",
    "published",
    "published_at",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "dcterms.created",
    "dc.date.created",
    "datecreated",
    "sn-post-date",
    "pdate",
];

/// Names of `meta` that give the writers.
const AUTHORS: [&str; 12] = [
    "article:author",
    "og:article:author",
    "author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "byl",
    "article_author",
    "author.name",
    "dcsext.author",
];

/// Names of `meta` that give sections and keywords.
const SUBJECTS: [&str; 9] = [
    "article:section",
    "article:tag",
    "parsely-section",
    "parsely-tags",
    "sailthru.tags",
    "news_keywords",
    "dc.subject",
    "section",
    "keywords",
];

/// What a page says of itself, in one of these ways or in all.
#[derive(Default)]
pub(super) struct Stated {
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
    pub(super) date: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) outlet: Option<String>,
    pub(super) url: Option<String>,
    pub(super) description: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) subjects: Vec<String>,
}

impl Stated {
    /// `scripts` are those of JSON-LD; `fetched` is the address that the page was fetched from, where that is known.
    pub(super) fn read(document: &Document, scripts: &[&str], fetched: Option<&str>) -> Self {
        let page = Page::read(document);
        let linked = linked_data::read(scripts);
        let url = address(&page, linked.url.as_deref(), fetched);
        let outlet = linked
            .outlet
            .filter(|name| !is_address(name))
            .or_else(|| page.meta(&["og:site_name", "application-name", "dc.publisher", "dcterms.publisher"]))
            .or_else(|| page.property("publisher"))
            // Some give their address or their domain there, in the place of a name.
            .map(
                |name| if is_address(&name) { host(&name).map_or(name.clone(), str::to_owned) } else { name },
            );
        let mut dates: Vec<&String> = linked.date.iter().collect();
        dates.extend(page.all_metas(&DATES));
        dates.extend(page.properties("datepublished"));
        dates.extend(page.properties("datecreated"));
        dates.extend(&page.times);
        let readable = dates.iter().position(|text| date::parse(text, i64::MAX).is_ok()).unwrap_or(0);
        let date = dates.get(readable).map(|text| (*text).clone());

        let mut stated = linked.subjects;
        stated.extend(page.all_metas(&SUBJECTS).flat_map(|text| subjects::in_list(text)));
        for name in ["articlesection", "keywords"] {
            stated.extend(page.properties(name).iter().flat_map(|text| subjects::in_list(text)));
        }
        let lang = page.lang.clone().or(linked.lang);
        Self {
            title: title::choose(&page, linked.title, outlet.as_deref(), url.as_deref()),
            body: linked.body,
            date,
            authors: if linked.authors.is_empty() { authors(&page) } else { linked.authors },
            outlet,
            url,
            description: linked
                .description
                .or_else(|| {
                    page.meta(&["og:description", "description", "twitter:description", "dc.description"])
                })
                .or_else(|| page.property("description")),
            lang: lang.or_else(|| page.meta(&["og:locale", "content-language", "language", "dc.language"])),
            subjects: stated,
        }
    }
}

/// The writers of a page that has none in JSON-LD. An address, of a profile for the most part, is no name.
fn authors(page: &Page) -> Vec<String> {
    let is_name = |text: &&String| !is_address(text) && !text.starts_with(['@', '/']);
    for name in AUTHORS {
        let found = byline::all(page.metas(&[name]).iter().filter(is_name).map(String::as_str));
        if !found.is_empty() {
            return found;
        }
    }
    // The rest of a page names the authors of other articles too.
    let first = [page.properties("author"), page.properties("creator"), &page.author_links]
        .into_iter()
        .find_map(|texts| texts.iter().find(is_name));
    first.map(|text| byline::names(text)).unwrap_or_default()
}

/// The address that a page gives for itself, else the one that it was fetched from. A page that is not the front page and
/// says that it was has that from its template.
fn address(page: &Page, linked: Option<&str>, fetched: Option<&str>) -> Option<String> {
    let fetched = fetched.filter(|url| is_address(url));
    let og = page.meta(&["og:url", "twitter:url"]);
    let base = page.base.as_deref().filter(|base| is_address(base)).or(fetched);
    let stated: Vec<String> = [page.canonical.as_deref(), linked, og.as_deref()]
        .into_iter()
        .flatten()
        .filter_map(|url| resolve(base.or(og.as_deref()), url))
        .collect();
    let of_article = stated.iter().find(|url| !is_front_page(url));
    let of_site = || stated.first().filter(|_| fetched.is_none_or(is_front_page));
    of_article.or_else(of_site).cloned().or_else(|| fetched.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::Stated;
    use dom_query::Document;

    fn stated(html: &str, fetched: Option<&str>) -> Stated {
        Stated::read(&Document::from(html), &[], fetched)
    }

    #[test]
    fn names_of_meta_have_an_order_of_trust() {
        let found = stated(
            "<meta property=article:author content='https://social.example/jane'><meta name=author content='By Jane Doe, Reuters'>\
             <meta name=date content='soon'><meta name=parsely-pub-date content='2024-05-02T10:00:00Z'>\
             <meta property=og:site_name content='The Daily'><meta property=og:title content='T | The Daily'>\
             <meta property=article:section content=Business><meta name=keywords content='steel, Ohio'><time datetime=2020-01-01>",
            None,
        );
        assert_eq!((found.title.as_deref(), found.outlet.as_deref()), (Some("T"), Some("The Daily")));
        assert_eq!(
            (found.authors.join("|"), found.date.as_deref()),
            ("Jane Doe".to_owned(), Some("2024-05-02T10:00:00Z"))
        );
        assert_eq!(found.subjects, ["Business", "steel", "Ohio"]);
    }

    #[test]
    fn the_address_is_that_of_the_article() {
        let page = "https://a.example/news/1?x=y";
        for (canonical, og, fetched, expected) in [
            ("https://a.example/news/1", "", None, Some("https://a.example/news/1")),
            ("/news/1", "https://a.example/x", None, Some("https://a.example/news/1")),
            ("/news/1", "", Some(page), Some("https://a.example/news/1")),
            ("https://a.example/", "https://a.example/news/1", None, Some("https://a.example/news/1")),
            ("https://b.example", "", Some(page), Some(page)),
            ("https://a.example/", "", None, Some("https://a.example/")),
            ("javascript:x", "", Some(page), Some(page)),
            ("/news/1", "", None, None),
        ] {
            let html =
                format!("<link rel=canonical href='{canonical}'><meta property=og:url content='{og}'>");
            assert_eq!(stated(&html, fetched).url.as_deref(), expected, "{canonical} {og}");
        }
    }
}
