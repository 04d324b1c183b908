use proptest::prelude::*;

use crate::article::{Article, Precision};
use crate::decode::{Decoded, FieldMap, decode};
use crate::source::{Form, Found, Hints, Limits, read_bytes};

/// 2027-01-15
const NOW: i64 = 1_800_000_000;

/// All items of a feed, by way of the splitter.
fn items(feed: &str) -> Vec<Decoded> {
    let mut items = Vec::new();
    read_bytes("feed.xml", feed.as_bytes(), &Limits::default(), &mut |found| {
        if let Found::Record(record) = found {
            assert!(matches!(record.form, Form::Feed | Form::Json));
            items.push(
                decode(&record, &FieldMap::default(), NOW).unwrap_or_else(|skipped| panic!("{skipped:?}")),
            );
        }
        Ok(())
    })
    .unwrap();
    items
}

fn article(feed: &str) -> Article {
    items(feed).remove(0).article
}

fn day(article: &Article) -> Option<String> {
    let published = article.published?;
    assert_ne!(published.precision, Precision::Year);
    Some(jiff::Timestamp::from_second(published.seconds).ok()?.to_string())
}

const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Harbor Business Wire</title><link>https://harbor.example/</link><language>en-gb</language>
<image><title>Not the title</title><link>https://images.example/</link></image>
<item>
  <title>Quay &amp;amp; Sons to cut 300 jobs</title>
  <link>/2026/quay?a=1&amp;b=2</link>
  <guid isPermaLink="false">harbor-1</guid>
  <pubDate>Mon, 12 Jan 2026 08:30:00 +0100</pubDate>
  <author>desk@harbor.example (Jane Doe)</author><dc:creator>Jane Doe and John Roe</dc:creator>
  <description>&lt;p&gt;The yard &lt;b&gt;cuts&lt;/b&gt; jobs.&lt;/p&gt;</description>
  <content:encoded><![CDATA[<p>The yard said on Monday that it would cut 300 jobs.</p><p>A <a href="/x">union</a> objected &amp; wrote.</p><script>no()</script>]]></content:encoded>
</item>
<item><title>Second</title><link>https://harbor.example/2</link><description>Short.</description>
  <source url="https://other.example/rss">Other Paper</source><dc:date>2026-01</dc:date></item>
</channel></rss>"#;

#[test]
fn an_rss_item_is_an_article() {
    let all = items(RSS);
    let first = &all[0].article;
    assert_eq!(first.title, "Quay & Sons to cut 300 jobs");
    assert_eq!(
        first.body,
        "The yard said on Monday that it would cut 300 jobs.\n\nA union objected & wrote."
    );
    assert_eq!(first.description.as_deref(), Some("The yard cuts jobs."));
    assert_eq!(first.url.as_deref(), Some("https://harbor.example/2026/quay?a=1&b=2"));
    assert_eq!(first.id, "harbor-1");
    assert_eq!(first.authors, ["Jane Doe", "John Roe"]);
    assert_eq!(first.source.as_deref(), Some("Harbor Business Wire"));
    assert_eq!(first.lang.as_deref(), Some("en"));
    assert_eq!(day(first).as_deref(), Some("2026-01-12T07:30:00Z"));

    let second = &all[1].article;
    assert_eq!((second.body.as_str(), second.source.as_deref()), ("Short.", Some("Other Paper")));
    assert_eq!(second.id, "https://harbor.example/2");
    assert_eq!(second.published.map(|published| published.precision), Some(Precision::Month));
    assert!(all.iter().all(|item| item.warnings.is_empty()), "{all:?}");
}

#[test]
fn an_atom_entry_is_an_article() {
    let feed = r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://circuit.example/blog/" xml:lang="de">
<title type="html">Circuit &amp;lt;em&amp;gt;Daily&amp;lt;/em&amp;gt;</title><link rel="self" href="feed.atom"/><link href="/"/>
<author><name>Ingrid Solheim</name><email>i@circuit.example</email></author>
<entry xml:base="2026/"><id>tag:circuit.example,2026:1</id>
<title type="text">Less is &lt;em&gt; more &amp;amp;</title>
<link rel="replies" href="comments"/><link rel="enclosure" href="a.mp3"/><link rel="alternate" type="text/html" href="one.html"/>
<updated>2026-01-13T10:00:00Z</updated><published>2026-01-12T10:00:00Z</published>
<summary>Kurz.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><h2>Titel</h2><p>Der ganze Text &amp; mehr.</p></div></content>
</entry></feed>"#;
    let article = article(feed);
    assert_eq!(article.title, "Less is <em> more &amp;");
    assert_eq!(article.body, "Titel\n\nDer ganze Text & mehr.");
    assert_eq!(article.url.as_deref(), Some("https://circuit.example/blog/2026/one.html"));
    assert_eq!(article.id, "tag:circuit.example,2026:1");
    assert_eq!(article.authors, ["Ingrid Solheim"]);
    assert_eq!(article.lang.as_deref(), Some("de"));
    assert_eq!(day(&article).as_deref(), Some("2026-01-12T10:00:00Z"));
}

#[test]
fn old_forms_and_odd_ones() {
    let rdf = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://a.example/"><title>A</title><items><rdf:Seq><rdf:li resource="https://a.example/1"/></rdf:Seq></items></channel>
<item rdf:about="https://a.example/1"><title>One</title><description>Text of it.</description><dc:date>2005-05-05</dc:date><dc:creator>J. Doe</dc:creator></item></rdf:RDF>"#;
    let one = article(rdf);
    assert_eq!((one.title.as_str(), one.source.as_deref()), ("One", Some("A")));
    assert_eq!(
        (one.url.as_deref(), one.authors.join("|")),
        (Some("https://a.example/1"), "J. Doe".to_owned())
    );

    let atom03 = r#"<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>A</title><entry><title mode="escaped" type="text/html">&lt;b&gt;One&lt;/b&gt;</title>
<link rel="alternate" href="https://a.example/1"/><issued>2004-02-03T04:05:06Z</issued><modified>2004-03-03T04:05:06Z</modified>
<content mode="base64" type="text/html">PHA+VGV4dCBvZiBpdC48L3A+</content></entry></feed>"#;
    let one = article(atom03);
    assert_eq!((one.title.as_str(), one.body.as_str()), ("One", "Text of it."));
    assert_eq!(day(&one).as_deref(), Some("2004-02-03T04:05:06Z"));

    let prefixed = r#"<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>A</a:title><a:entry><a:title>One</a:title><a:summary>Text.</a:summary></a:entry></a:feed>"#;
    assert_eq!(article(prefixed).source.as_deref(), Some("A"));

    let alone =
        r#"<entry xmlns="http://www.w3.org/2005/Atom"><title>One</title><summary>Text.</summary></entry>"#;
    assert_eq!(article(alone).title, "One");

    let undeclared = "<rss><channel><item><title>One</title><content:encoded>&lt;p&gt;All of the text.&lt;/p&gt;</content:encoded><description>Part.</description><dc:creator>Jane Doe</dc:creator></item></channel></rss>";
    let one = article(undeclared);
    assert_eq!((one.body.as_str(), one.authors.join("|")), ("All of the text.", "Jane Doe".to_owned()));

    let hub = r#"<rss version="2.0"><channel><atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="https://a.example/rss"/><link>/news/</link><item><title xmlns="">One</title><link>1.html</link></item></channel></rss>"#;
    let one = article(hub);
    assert_eq!((one.title.as_str(), one.url.as_deref()), ("One", Some("https://a.example/news/1.html")));

    let own_namespace = r#"<rss version="2.0"><channel><item><t:title xmlns:t="http://purl.org/dc/elements/1.1/">One</t:title><p:encoded xmlns:p="http://purl.org/rss/1.0/modules/content/">Text.</p:encoded></item></channel></rss>"#;
    let one = article(own_namespace);
    assert_eq!((one.title.as_str(), one.body.as_str()), ("One", "Text."));
}

#[test]
fn what_is_not_closed_costs_only_itself() {
    let feed = "<rss version=\"2.0\"><channel><title>A & B</title>\n\
                <item><title>One &nbsp;&eacute; & more<link>https://a.example/1</link><description>Text of one.</description></item>\n\
                <item><title>Two</title><description><p>Naked <br> markup & text</description></item>\n\
                <item><title>Three</title><description><![CDATA[never closed</description></item>\n\
                <item><title>Four</title><description>Text of four";
    let all = items(feed);
    let titles: Vec<&str> = all.iter().map(|item| item.article.title.as_str()).collect();
    assert_eq!(titles, ["One é & more", "Two", "Three", "Four"]);
    let bodies: Vec<&str> = all.iter().map(|item| item.article.body.as_str()).collect();
    assert_eq!(bodies, ["Text of one.", "Naked\nmarkup & text", "never closed", "Text of four"]);
    assert_eq!(all[0].article.url.as_deref(), Some("https://a.example/1"));
    assert_eq!(all[0].article.source.as_deref(), Some("A & B"));
    let warned: Vec<bool> = all.iter().map(|item| !item.warnings.is_empty()).collect();
    assert_eq!(warned, [true, false, true, true]);
}

#[test]
fn dates_are_the_first_that_can_be_read() {
    for (elements, expected) in [
        ("<pubDate>no date</pubDate><dc:date>2024-05-06</dc:date>", Some("2024-05-06T00:00:00Z")),
        (
            "<dc:date>2024-05-06</dc:date><pubDate>Tue, 7 May 2024 10:00 EST</pubDate>",
            Some("2024-05-07T15:00:00Z"),
        ),
        ("<atom:updated>2024-05-06T01:02:03+02:00</atom:updated>", Some("2024-05-05T23:02:03Z")),
        ("<pubDate>Thu, 30 Feb 2024 10:00:00 GMT</pubDate>", None),
    ] {
        let feed = format!(
            "<rss version=\"2.0\"><channel><item><title>T</title><description>D</description>{elements}</item></channel></rss>"
        );
        let item = items(&feed).remove(0);
        assert_eq!(day(&item.article).as_deref(), expected, "{elements}");
        assert_eq!(item.warnings.is_empty(), expected.is_some(), "{:?}", item.warnings);
    }
}

#[test]
fn a_json_feed_lends_its_items_what_they_lack() {
    let feed = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Circuit Daily","home_page_url":"https://circuit.example/","feed_url":"https://circuit.example/feed.json",
"language":"de-AT","authors":[{"name":"Ingrid Solheim"}],"items":[
{"id":"1","url":"/2026/one","title":"One &amp; all","content_html":"<p>Der Text.</p><p>Mehr.</p>","content_text":"Der Text. Mehr.","summary":"S","date_published":"2026-01-12T10:00:00+01:00","date_modified":"2026-01-13T10:00:00Z"},
{"id":"2","external_url":"https://other.example/2","content_text":"Only text here.","authors":[{"name":"J. Doe"}],"date_modified":"2026-01-13","language":"en"}]}"#;
    let all = items(feed);
    let (first, second) = (&all[0].article, &all[1].article);
    assert_eq!((first.title.as_str(), first.body.as_str()), ("One & all", "Der Text.\n\nMehr."));
    assert_eq!((first.id.as_str(), first.url.as_deref()), ("1", Some("https://circuit.example/2026/one")));
    assert_eq!((first.source.as_deref(), first.lang.as_deref()), (Some("Circuit Daily"), Some("de")));
    assert_eq!(
        (first.authors.join("|"), day(first).as_deref()),
        ("Ingrid Solheim".to_owned(), Some("2026-01-12T09:00:00Z"))
    );
    assert_eq!(
        (second.url.as_deref(), second.lang.as_deref()),
        (Some("https://other.example/2"), Some("en"))
    );
    assert_eq!(
        (second.authors.join("|"), day(second).as_deref()),
        ("J. Doe".to_owned(), Some("2026-01-13T00:00:00Z"))
    );

    let old = r#"{"version":"https://jsonfeed.org/version/1","title":"A","author":{"name":"J. Doe"},"items":[{"id":"1","content_text":"Text of it."}]}"#;
    assert_eq!(article(old).authors, ["J. Doe"]);
}

#[test]
fn what_a_publishing_system_adds_is_no_text() {
    let feed = "<rss version=\"2.0\"><channel><item><title>T</title><description><![CDATA[<p>The text of it.</p>\
                <p>The post <a href=\"https://a.example/1\">T</a> appeared first on <a href=\"https://a.example\">A</a>.</p>]]></description></item></channel></rss>";
    assert_eq!(article(feed).body, "The text of it.");
}

#[test]
fn a_mark_of_byte_order_amid_a_feed_moves_no_place() {
    let feed = "<rss></item><a <\u{FEFF}\"<item><title>é\u{FEFF}<!--<?=<dc:date>";
    let mut count = 0;
    read_bytes("a", feed.as_bytes(), &Limits::default(), &mut |_| {
        count += 1;
        Ok(())
    })
    .unwrap();
    assert!(count > 0);
    let text = "<rss version='2.0'><channel><item><title>One</title></item>< \u{FEFF}<item><title>Zwölf</title></item></channel></rss>";
    let mut titles = Vec::new();
    read_bytes("a", text.as_bytes(), &Limits::default(), &mut |found| {
        if let Found::Record(record) = found {
            titles.extend(decode(&record, &FieldMap::default(), NOW).map(|decoded| decoded.article.title));
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(titles, ["One", "Zwölf"]);
}

proptest! {
    #[test]
    fn any_pieces_are_read_or_refused(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "<rss>", "<rdf:RDF ", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<channel>", "</channel>", "<item>", "</item>",
                "<entry>", "</entry>", "<title>", "</title>", "<link href='", "<description>", "</description>", "<dc:date>",
                "<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE", "<!", "<?", "?>", "<", ">", "</", "/>", "&", ";", "&amp;", "&#8;", "&#x",
                "xmlns:é='", "xml:base='//", "=", "'", "\"", " ", "é", "\u{FEFF}", "\0", "text", "/é", "2024-05-06", "@", "(",
            ]),
            0..60,
        ),
    ) {
        let text = pieces.concat();
        for start in ["", "<rss>", "<feed>", "<opml>"] {
            let feed = format!("{start}{text}");
            read_bytes("a", feed.as_bytes(), &Limits::default(), &mut |found| {
                if let Found::Record(record) = found {
                    let _ = decode(&record, &FieldMap::default(), NOW);
                }
                Ok(())
            })
            .unwrap();
        }
    }
}

#[test]
fn categories_are_subjects() {
    let item = "<rss xmlns:media='http://search.yahoo.com/mrss/'><channel><category>no</category><item><title>T</title><category domain='x'><![CDATA[Steel & iron]]></category>\
                <category>Ohio, Texas</category><media:keywords>a, b</media:keywords></item></channel></rss>";
    assert_eq!(
        super::decode(item.as_bytes(), &Hints::default()).article.subjects,
        ["Steel & iron", "Ohio, Texas", "a", "b"]
    );
    let entry = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>T</title><category term='s1' label='Steel'/><category term='iron'/></entry></feed>";
    assert_eq!(super::decode(entry.as_bytes(), &Hints::default()).article.subjects, ["Steel", "iron"]);
}
