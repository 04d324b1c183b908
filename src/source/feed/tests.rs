use crate::source::{Found, Limits, read_bytes};

/// Records as `line bytes`, what is skipped as `! line class`, without what stands around the items.
fn found(feed: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    read_bytes("f", feed, &Limits::default(), &mut |one| {
        found.push(match one {
            Found::Record(record) => {
                let text = String::from_utf8(record.bytes).unwrap();
                let start = text.find("<item").or_else(|| text.find("<entry")).unwrap();
                let end = text.rfind("</channel>").or_else(|| text.rfind("</feed>")).unwrap_or(text.len());
                format!("{} {}", record.origin.line.unwrap(), &text[start..end])
            }
            Found::Skipped(skipped) | Found::Warned(skipped) => format!("! {} {}", skipped.at, skipped.class),
        });
        Ok(())
    })
    .unwrap();
    found
}

fn rss(inner: &str) -> String {
    format!("<rss version=\"2.0\"><channel>{inner}</channel></rss>")
}

#[test]
fn items_are_found_where_they_stand() {
    for (feed, expected) in [
        (rss("<item>1</item>\n<item a='>'>2</item>"), vec!["1 <item>1</item>", "2 <item a='>'>2</item>"]),
        (rss("<item/><item></item>"), vec!["1 <item/>", "1 <item></item>"]),
        (
            rss("<!-- <item>no</item> --><item><![CDATA[</item><item>]]></item>"),
            vec!["1 <item><![CDATA[</item><item>]]></item>"],
        ),
        (rss("<item><p><item>inner</item></p></item>"), vec!["1 <item><p><item>inner</item></p></item>"]),
        (rss("<media:item>no</media:item><item>1</item>"), vec!["1 <item>1</item>"]),
        (rss("<items><item>1</item></items>"), vec!["1 <item>1</item>"]),
        (
            rss("\n<item>1\n<item>2</item>\n<item>3</item>"),
            vec!["! f:2 broken-xml", "2 <item>1\n</item>", "3 <item>2</item>", "4 <item>3</item>"],
        ),
        (
            rss("<item><title>1 < 2</title></item><item>2</item>"),
            vec!["1 <item><title>1 < 2</title></item>", "1 <item>2</item>"],
        ),
        (
            "<rss><channel><item>1</item>\n<item>2".to_owned(),
            vec!["1 <item>1</item>", "! f:2 broken-off", "2 <item>2</item>"],
        ),
        (
            rss("<item>1</item><!nonsense><item>2</item>"),
            vec!["1 <item>1</item>", "! f:1 broken-xml", "1 <item>2</item>"],
        ),
        (rss("") + "<item>late</item>", vec!["1 <item>late</item>"]),
        (
            "<rss><channel><item>1<b>2</b".to_owned(),
            vec!["! f:1 broken-off", "1 <item>1<b>2</item>", "! f:1 broken-xml"],
        ),
        (rss(""), vec!["! f empty"]),
        ("<feed><item>no</item>\n<entry>1</entry></feed>".to_owned(), vec!["2 <entry>1</entry>"]),
    ] {
        assert_eq!(found(feed.as_bytes()), expected, "{feed}");
    }
}

#[test]
fn what_the_feed_says_goes_along() {
    let feed = "<?xml version='1.0'?><rss xmlns:dc='d' version='2.0'><channel><image><title>not this</title></image>\
                <item>1</item><title>The <b>title</b></title><atom:link href='x'/><description>not this</description></channel></rss>";
    let mut records = Vec::new();
    read_bytes("f", feed.as_bytes(), &Limits::default(), &mut |found| {
        if let Found::Record(record) = found {
            records.push(String::from_utf8(record.bytes).unwrap());
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(
        records,
        [
            "<rss xmlns:dc='d' version='2.0'><channel><title>The <b>title</b></title><atom:link href='x'/><item>1</item></channel></rss>"
        ]
    );
}

#[test]
fn feeds_are_found_by_looking() {
    let utf16: Vec<u8> = rss("<item>é</item>").encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(found(&utf16), ["1 <item>é</item>"]);
    for (bytes, is_feed) in [
        (&b"<!-- c --><?pi?><!DOCTYPE rss SYSTEM 'x'><rss/>"[..], true),
        (b"\xEF\xBB\xBF\n <rdf:RDF>", true),
        (b"<feed xmlns='http://purl.org/atom/ns#'>", true),
        (b"<feed xmlns='http://shop.example/'>", false),
        (b"<entry xmlns='http://www.w3.org/2005/Atom'>", true),
        (b"<entry>", false),
        (b"<html><rss>", false),
        (b"<product-feed><entry>", false),
        (b"rss <rss>", false),
        (b"<", false),
        (b"", false),
    ] {
        assert_eq!(super::look(bytes).is_some(), is_feed, "{:?}", String::from_utf8_lossy(bytes));
    }
}
