//! The heads in an archive: of a record, of an HTTP answer, and the line of an ARC record.

use std::borrow::Cow;

use httparse::{EMPTY_HEADER, ParserConfig, Response, Status};

use crate::text::date;

/// More fields than this are no head.
const MAX_FIELDS: usize = 256;

/// A first line and fields, as WARC and HTTP have them.
pub(super) struct Head {
    /// The first line without its end.
    pub(super) first: String,
    /// Names and values, in order.
    fields: Vec<(String, String)>,
    /// Its bytes with the blank line.
    pub(super) length: usize,
}

impl Head {
    /// Reads a head at the beginning of `bytes`. Fields that are none are passed over.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        // Both kinds differ in their first line alone, and servers that speak HTTP/2 are written down with that version.
        const FIRST: &[u8] = b"HTTP/1.1 200\r\n";
        let rest_at = memchr::memchr(b'\n', bytes)? + 1;
        let end = rest_at + blank_line(&bytes[rest_at..])?;
        let text = [FIRST, &bytes[rest_at..end]].concat();
        let mut fields = [EMPTY_HEADER; MAX_FIELDS];
        let mut response = Response::new(&mut fields);
        let parsed = ParserConfig::default()
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .allow_space_before_first_header_name(true)
            .ignore_invalid_headers_in_responses(true)
            .parse_response(&mut response, &text);
        if !matches!(parsed, Ok(Status::Complete(_))) {
            return None;
        }
        let fields = response
            .headers
            .iter()
            .map(|field| {
                let value = String::from_utf8_lossy(field.value);
                (field.name.to_owned(), value.split_whitespace().collect::<Vec<_>>().join(" "))
            })
            .collect();
        let first = String::from_utf8_lossy(bytes[..rest_at].trim_ascii()).into_owned();
        Some(Self { first, fields, length: end })
    }

    /// The first value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The status of an HTTP answer.
    pub(super) fn status(&self) -> Option<u16> {
        self.first.strip_prefix("HTTP/")?.split_whitespace().nth(1)?.parse().ok()
    }
}

/// Where the bytes behind the first blank line begin.
fn blank_line(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = &bytes[at..];
        let end = at + memchr::memchr(b'\n', line)? + 1;
        if bytes[at..end].trim_ascii().is_empty() {
            return Some(end);
        }
        at = end;
    }
}

/// What a record says of itself, whichever kind of archive it stands in.
pub(super) struct About {
    pub(super) kind: String,
    /// The address that it is a record of.
    pub(super) url: Option<String>,
    /// When it was collected, in Unix seconds.
    pub(super) collected: Option<i64>,
    pub(super) media_type: String,
    /// Whether it was cut when it was collected.
    pub(super) is_cut: bool,
    /// Bytes of its block, where that is known.
    pub(super) length: Option<u64>,
}

impl About {
    pub(super) fn of_warc(head: &Head) -> Self {
        let get = |name: &str| head.get(name).unwrap_or_default();
        // One much used program writes addresses in angle brackets.
        let url = get("WARC-Target-URI").trim_start_matches('<').trim_end_matches('>');
        Self {
            kind: get("WARC-Type").to_ascii_lowercase(),
            url: address(url),
            collected: date::parse(get("WARC-Date"), i64::MAX).ok().map(|moment| moment.seconds),
            media_type: get("Content-Type").to_owned(),
            is_cut: head.get("WARC-Truncated").is_some(),
            length: get("Content-Length").parse().ok(),
        }
    }

    /// Reads the line that an ARC record begins with: address, IP address, time, media type, further fields in version 2,
    /// length. The address may hold spaces.
    pub(super) fn of_arc(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line.trim_ascii());
        let is_time = |text: &str| text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = line.split(' ').collect();
        // The last place where an IP address and a time follow each other.
        let time = (2..parts.len().saturating_sub(1))
            .rev()
            .find(|at| is_time(parts[*at]) && parts[*at - 1].contains(['.', ':']))?;
        let url = parts[..time - 1].join(" ");
        url.contains(':').then_some(())?;
        let digits = parts[time];
        let collected = (digits.len() == 14)
            .then(|| {
                let (day, clock) = digits.split_at(8);
                date::parse(&format!("{day}T{clock}Z"), i64::MAX).ok()
            })
            .flatten();
        let kind = if url.starts_with("filedesc:") { "filedesc" } else { "response" };
        Some(Self {
            kind: kind.to_owned(),
            url: address(&url),
            collected: collected.map(|moment| moment.seconds),
            media_type: parts[time + 1].to_owned(),
            is_cut: false,
            length: parts.last()?.parse().ok(),
        })
    }

    /// Whether it is a record of something on the web or of a file, and not of a name server, a program's own notes …
    pub(super) fn is_of_web(&self) -> bool {
        self.url.as_deref().and_then(|url| url.split_once(':')).is_none_or(|(scheme, _)| {
            ["http", "https", "ftp", "file"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        })
    }
}

/// An address without spaces; none of nothing.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let address = if text.contains(' ') { Cow::Owned(text.replace(' ', "%20")) } else { Cow::Borrowed(text) };
    (!address.is_empty()).then(|| address.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{About, Head};

    #[test]
    fn heads_are_read_with_their_faults() {
        let text = b"HTTP/2 200\r\nContent-Type: text/html;\r\n charset=utf-8\r\nno field\r\nX-Name : caf\xC3\xA9\n\r\n<p>";
        let head = Head::read(text).unwrap();
        assert_eq!((head.status(), &text[head.length..]), (Some(200), &b"<p>"[..]));
        assert_eq!(head.get("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(head.get("x-name"), Some("café"));
        assert_eq!(Head::read(b"HTTP/1.1 304 Not Modified\r\n\r\n").unwrap().status(), Some(304));
        for broken in [&b"HTTP/1.1 200 OK\r\nA: b\r\n"[..], b"", b"HTTP/1.1 200 OK"] {
            assert!(Head::read(broken).is_none());
        }
        assert!(Head::read(format!("WARC/1.0\n{}\n", "A: b\n".repeat(300)).as_bytes()).is_none());
    }

    #[test]
    fn what_a_record_says_of_itself() {
        let head = Head::read(
            b"WARC/1.0\r\nWARC-Type: Response\r\nWARC-Target-URI: <http://a.example/b c>\r\n\
              WARC-Date: 2018-11-02T18:55:11.5Z\r\nContent-Length: 12\r\n\r\n",
        )
        .unwrap();
        let about = About::of_warc(&head);
        assert_eq!((&*about.kind, about.url.as_deref()), ("response", Some("http://a.example/b%20c")));
        assert_eq!((about.collected, about.length), (Some(1_541_184_911), Some(12)));
        for (line, url, length) in [
            ("http://a.example/ 1.2.3.4 20140216050221 text/html 159", "http://a.example/", Some(159)),
            (
                "http://a.example/b c ::1 20140216050221 text/html 159\r\n",
                "http://a.example/b%20c",
                Some(159),
            ),
            (
                "http://a.example/ 1.2.3.4 20140216050221 text/html 200 - - 7 x.arc 159",
                "http://a.example/",
                Some(159),
            ),
            ("http://a.example/ 1.2.3.4 20140216050221 text/html -1", "http://a.example/", None),
        ] {
            let about = About::of_arc(line.as_bytes()).unwrap();
            assert_eq!((about.url.as_deref(), about.length), (Some(url), length), "{line}");
            assert_eq!((about.collected, &*about.media_type), (Some(1_392_526_941), "text/html"));
        }
        for line in [
            "<p>text</p>",
            "1 0 LiveWeb Capture",
            "URL IP-address Archive-date Content-type Archive-length",
            "",
        ] {
            assert!(About::of_arc(line.as_bytes()).is_none(), "{line}");
        }
    }
}
