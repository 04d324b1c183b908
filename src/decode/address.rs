//! Addresses on the web, as they stand in articles.

use std::borrow::Cow;

use oxiri::{Iri, IriRef};

/// Whether a text is an address.
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// The host of an address, without `www.`.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    (!host.is_empty() && host.contains('.')).then_some(host)
}

/// Whether an address is that of a whole site.
#[cfg(feature = "html")]
pub(super) fn is_front_page(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once(['/', '?', '#']).is_none_or(|(_, path)| path.trim_matches('/').is_empty())
}

/// An address on the web, resolved where it is relative.
pub(crate) fn resolve(base: Option<&str>, link: &str) -> Option<String> {
    let link: Cow<'_, str> = match link.trim() {
        "" => return None,
        trimmed if trimmed.contains(|letter: char| letter.is_whitespace()) => {
            Cow::Owned(trimmed.split_whitespace().collect::<Vec<_>>().join("%20"))
        }
        trimmed => Cow::Borrowed(trimmed),
    };
    if is_address(&link) {
        return Some(link.into_owned());
    }
    let resolved = match base {
        Some(base) => Iri::parse(base).ok()?.resolve(&IriRef::parse(&*link).ok()?).ok()?.into_inner(),
        None if link.starts_with("//") => format!("https:{link}"),
        None => return None,
    };
    is_address(&resolved).then_some(resolved)
}

#[cfg(test)]
mod tests {
    use super::{host, resolve};

    #[test]
    fn hosts() {
        for (url, expected) in [
            ("https://www.bbc.co.uk/news/1?x=y", Some("bbc.co.uk")),
            ("http://user@example.com:8080/", Some("example.com")),
            ("nytimes.com", Some("nytimes.com")),
            ("https://", None),
            ("localhost", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }

    #[test]
    fn relative_addresses_are_resolved() {
        for (base, link, expected) in [
            (None, "https://a.example/b", Some("https://a.example/b")),
            (None, " https://a.example/b c\n", Some("https://a.example/b%20c")),
            (None, "//a.example/b", Some("https://a.example/b")),
            (None, "/b", None),
            (Some("https://a.example/x/y"), "/b", Some("https://a.example/b")),
            (Some("https://a.example/x/y"), "b?c=d", Some("https://a.example/x/b?c=d")),
            (Some("https://a.example/x/"), "../b", Some("https://a.example/b")),
            (Some("http://a.example/"), "//b.example/c", Some("http://b.example/c")),
            (Some("https://a.example/"), "javascript:alert(1)", None),
            (Some("https://a.example/"), "mailto:a@b.example", None),
            (Some("no base"), "/b", None),
            (Some("https://a.example/"), "", None),
        ] {
            assert_eq!(resolve(base, link).as_deref(), expected, "{base:?} {link}");
        }
    }
}
