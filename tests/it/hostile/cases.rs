//! The hostile files and what becomes of each.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// What a case has to end as.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// So many articles, without a word.
    Articles(usize),
    /// So many articles, and at least one skip or warning of this class.
    Told(usize, &'static str),
    /// Not looked at: no article and no message.
    Passed,
}
use Expected::{Articles, Passed, Told};

/// A file of the hostile corpus.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) expected: Expected,
}

/// Writes files and notes what is expected of them.
struct Corpus<'f> {
    folder: &'f Path,
    cases: Vec<Case>,
}

impl Corpus<'_> {
    fn add(&mut self, name: &str, bytes: impl AsRef<[u8]>, expected: Expected) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self.expect(name, expected);
    }

    /// For what is no plain file.
    fn expect(&mut self, name: &str, expected: Expected) {
        self.cases.push(Case { name: name.to_owned(), expected });
    }
}

/// Some ordinary text around the hostile part.
const TEXT: &str = "Volkswagen said on Monday that its plant in Emden will build one car less in an hour.";

fn line(id: &str, title: &str) -> String {
    format!("{{\"id\":\"{id}\",\"title\":\"{title}\",\"body\":\"{TEXT}\"}}\n")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn page(body: &str) -> String {
    format!(
        "<!doctype html><html><head><title>Plant in Emden</title></head><body><p>{TEXT}</p>{body}</body></html>"
    )
}

fn rss(items: &str) -> String {
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Wire</title>{items}</channel></rss>")
}

fn item(number: usize, text: &str) -> String {
    format!(
        "<item><title>Item {number}</title><guid>g{number}</guid><description>{text}</description></item>"
    )
}

/// Writes all of them.
pub(super) fn write(folder: &Path) -> Vec<Case> {
    let mut corpus = Corpus { folder, cases: Vec::new() };
    packed(&mut corpus);
    xml(&mut corpus);
    json(&mut corpus);
    pages(&mut corpus);
    texts(&mut corpus);
    names(&mut corpus);
    corpus.cases
}

fn packed(corpus: &mut Corpus<'_>) {
    let zeros = vec![b' '; 300 << 20];
    corpus.add("packed/bomb.jsonl.gz", gzip(&zeros), Told(0, "too-large"));
    corpus.add("packed/bomb.txt.zst", zstd::bulk::compress(&zeros, 3).unwrap(), Told(0, "too-large"));
    let lines: String = (0..2000).map(|number| line(&format!("cut-{number}"), "Plant in Emden")).collect();
    let whole = gzip(lines.as_bytes());
    // A gzip stream gives nothing of the block that is cut.
    corpus.add("packed/one-byte.jsonl.gz", &whole[..1], Told(0, "not-json"));
    corpus.add("packed/head-only.jsonl.gz", &whole[..10], Told(0, "broken-off"));
    let three: String = (0..3).map(|number| line(&format!("whole-{number}"), "Plant in Emden")).collect();
    let mut damaged = gzip(three.as_bytes());
    let last = damaged.len() - 6;
    damaged[last] ^= 0xFF;
    corpus.add("packed/wrong-sum.jsonl.gz", damaged, Told(3, "broken-off"));
    let trailing = [gzip(line("trailing", "Plant in Emden").as_bytes()), b"rubbish".to_vec()].concat();
    corpus.add("packed/trailing.jsonl.gz", trailing, Told(1, "broken-off"));
    let noise: Vec<u8> =
        (0..5000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    corpus.add("packed/noise.txt.gz", [&[0x1F, 0x8B, 8, 0][..], &noise].concat(), Told(0, "broken-off"));
    corpus.add(
        "packed/noise.txt.zst",
        [&[0x28, 0xB5, 0x2F, 0xFD][..], &noise].concat(),
        Told(0, "broken-off"),
    );
    // A window of 128 MiB, and a claimed size of 2^60 bytes.
    corpus.add(
        "packed/window.txt.zst",
        [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x01, 0x00, 0x00],
        Told(0, "broken-off"),
    );
    corpus.add(
        "packed/claim.txt.zst",
        [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x01, 0x00, 0x00],
        Told(0, "broken-off"),
    );
}

fn xml(corpus: &mut Corpus<'_>) {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
        <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><rss version=\"2.0\"><channel><title>Wire</title>\
        <item><title>Laughing &c;</title><guid>laughs</guid></item></channel></rss>";
    corpus.add("xml/laughs.rss", laughs, Told(1, "dtd"));
    let outside = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
        <rss version=\"2.0\"><channel><title>Wire</title><item><title>Outside</title><guid>outside</guid>\
        <description>zxoutside &x;</description></item></channel></rss>";
    corpus.add("xml/outside.rss", outside, Told(1, "dtd"));
    corpus.add(
        "xml/outside.nitf",
        "<!DOCTYPE nitf [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><nitf><body>&x;</body></nitf>",
        Told(0, "not-xml"),
    );
    let deep = format!("{}{TEXT}{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
    corpus.add("xml/deep.rss", rss(&item(1, &deep)), Articles(1));
    corpus.add("xml/deep.nitf", format!("<nitf><body>{deep}</body></nitf>"), Told(0, "not-xml"));
    corpus.add("xml/deep-open.xml", "<a>".repeat(200_000), Told(0, "not-xml"));
    let attributes: String = (0..50_000).map(|number| format!(" a{number}=\"x\"")).collect();
    corpus.add(
        "xml/attributes.rss",
        rss(&item(2, TEXT).replacen("<item>", &format!("<item{attributes}>"), 1)),
        Articles(1),
    );
    corpus.add("xml/open.rss", rss(&item(3, TEXT)).replace("</item>", ""), Told(1, "broken-off"));
    corpus.add("xml/cut.rss", &rss(&item(4, TEXT))[..120], Told(1, "broken-xml"));
    corpus.add("xml/no-items.rss", rss(""), Told(0, "empty"));
    corpus.add("xml/comment.rss", rss("<!-- never closed"), Told(0, "broken-xml"));
    corpus.add(
        "xml/cdata.rss",
        rss("<item><guid>cd</guid><title><![CDATA[never closed"),
        Told(1, "broken-off"),
    );
    let many: String = (0..20_000).map(|number| item(number + 100, "x")).collect();
    corpus.add("xml/many.rss", rss(&many), Articles(20_000));
    corpus.add(
        "xml/story.sgm",
        format!("<REUTERS NEWID=\"1\">\n{}", "<D>".repeat(100_000)),
        Told(0, "broken-off"),
    );
    let loops = "<opml version=\"2.0\"><body><outline type=\"rss\" xmlUrl=\"self.opml\"/>\
        <outline type=\"rss\" xmlUrl=\"../../../../../../../../etc/passwd\"/></body></opml>";
    corpus.add("xml/self.opml", loops, Told(0, "no-local-copy"));
    let outlines: String =
        (0..100_000).map(|number| format!("<outline xmlUrl=\"https://example.com/{number}\"/>")).collect();
    corpus.add(
        "xml/many.opml",
        format!("<opml version=\"2.0\"><body>{outlines}</body></opml>"),
        Told(0, "too-large"),
    );
}

fn json(corpus: &mut Corpus<'_>) {
    corpus.add("json/deep.json", "[".repeat(1_000_000), Told(0, "not-json"));
    let deep = format!("{{\"id\":\"d\",\"title\":\"x\",\"body\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    corpus.add("json/deep.jsonl", format!("{}\n{}", deep, line("beside-deep", "Plant")), Told(1, "not-json"));
    corpus.add(
        "json/numbers.jsonl",
        format!("{{\"id\":\"n1\",\"title\":\"x\",\"score\":1e999}}\n{}", line("beside-number", "Plant")),
        Told(1, "not-json"),
    );
    corpus.add(
        "json/surrogate.jsonl",
        format!("{{\"id\":\"s1\",\"title\":\"\\ud800\"}}\n{}", line("beside-surrogate", "Plant")),
        Told(1, "not-json"),
    );
    corpus.add(
        "json/twice.jsonl",
        "{\"id\":\"t\",\"title\":\"first\",\"title\":\"zxlast\",\"body\":\"x\"}",
        Articles(1),
    );
    let types = "{\"id\":7,\"title\":[\"A\",5],\"body\":{\"x\":[]},\"date\":[null],\"author\":{\"name\":{}}}\n\
                 null\n5\n\"text\"\n[]\n{}\n{\"title\":null}\n";
    corpus.add("json/types.jsonl", types, Told(1, "not-json"));
    let keys: String = (0..100_000).map(|number| format!("\"k{number}\":{number},")).collect();
    corpus.add(
        "json/keys.jsonl",
        format!("{{{keys}\"id\":\"keys\",\"title\":\"Keys\",\"body\":\"{TEXT}\"}}"),
        Articles(1),
    );
    let long = format!("{}{}\n{}", line("before-long", "A"), "x".repeat(20 << 20), line("after-long", "B"));
    corpus.add("json/long-line.jsonl", long, Told(2, "too-large"));
    corpus.add(
        "json/nul.jsonl",
        "{\"id\":\"nul\\u0000id\",\"title\":\"a\\u0000b\",\"body\":\"\\u0000\\u001b[31mred\"}",
        Articles(1),
    );
    let broken = [
        line("bytes", &"Nestl\u{e9} ".repeat(20)).into_bytes(),
        format!("{{\"id\":\"b2\",\"body\":\"x\",\"title\":\"{}", "Nestl\u{e9} ".repeat(20)).into_bytes(),
        b"\xFF\"}".to_vec(),
    ]
    .concat();
    corpus.add("json/bytes.jsonl", broken, Told(2, "replaced-characters"));
    corpus.add("json/id-512.jsonl", line(&"i".repeat(512), "Plant"), Articles(1));
    corpus.add("json/id-513.jsonl", line(&"i".repeat(513), "Plant"), Told(0, "bad-id"));
    corpus.add("json/id-empty.jsonl", line("", "Plant"), Articles(1));
    let authors: String = (0..50_000).map(|number| format!("\"Writer {number}\",")).collect();
    corpus.add(
        "json/authors.jsonl",
        format!("{{\"id\":\"authors\",\"title\":\"x\",\"body\":\"y\",\"authors\":[{authors}\"Z\"]}}"),
        Articles(1),
    );
    corpus.add(
        "json/url.jsonl",
        format!("{{\"title\":\"x\",\"body\":\"zxurl\",\"url\":\"data:text/html,{}\"}}", "u".repeat(1 << 20)),
        Articles(1),
    );
    corpus.add(
        "json/title.jsonl",
        format!("{{\"id\":\"title\",\"title\":\"{}\",\"body\":\"x\"}}", "long ".repeat(200_000)),
        Articles(1),
    );
    for (at, date) in [
        "9999-12-31",
        "1500-01-01",
        "2262-04-11T23:47:17Z",
        "2025-02-30",
        "9".repeat(40).as_str(),
        "tomorrow",
    ]
    .iter()
    .enumerate()
    {
        corpus.add(
            &format!("json/date-{at}.jsonl"),
            format!("{{\"id\":\"date-{at}\",\"title\":\"zxdate\",\"body\":\"x\",\"date\":\"{date}\"}}"),
            Told(1, "bad-date"),
        );
    }
    corpus.add("json/same-id.jsonl", line("same", "One").repeat(100), Told(1, "duplicate"));
    corpus.add("json/scalar.json", "\"a text\"", Told(0, "not-json"));
    corpus.add("json/cut.json", "{\"articles\":[{\"title\":\"a\"},{\"ti", Told(0, "not-json"));
}

fn pages(corpus: &mut Corpus<'_>) {
    for (name, body) in [
        ("deep-10k", format!("{}{TEXT}{}", "<div>".repeat(10_000), "</div>".repeat(10_000))),
        ("deep-1m", "<div>".repeat(1_000_000)),
        (
            "attributes",
            format!("<p{}>{TEXT}</p>", (0..50_000).map(|n| format!(" a{n}=x")).collect::<String>()),
        ),
        ("formatting", "<b><i><a>".repeat(60_000)),
        ("anchors", "<a href=x>".repeat(100_000)),
        ("tables", "<table><tr><td>".repeat(20_000)),
        ("foster", format!("<table>{}</table>", "<b>x".repeat(50_000))),
        ("select", "<select><option>".repeat(50_000)),
        ("svg", "<svg><foreignObject>".repeat(20_000)),
        ("templates", "<template>".repeat(50_000)),
        ("lists", "<ul><li>".repeat(50_000)),
        ("paragraphs", "<p>".repeat(300_000)),
        ("script", "<script>var x = '".repeat(50_000)),
        ("comment", format!("<!--{}", "-".repeat(2 << 20))),
        ("entities", "&amp;&#0;&#x110000;&nosuch;&".repeat(100_000)),
        ("image", format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(4 << 20))),
        (
            "json-ld",
            format!("<script type=\"application/ld+json\">{}</script>", "{\"@graph\":[".repeat(100_000)),
        ),
        (
            "json-ld-open",
            format!(
                "<script type=\"application/ld+json\">{{\"@type\":\"NewsArticle\",\"x\":\"{}",
                "y".repeat(1 << 20)
            ),
        ),
        ("frames", "<iframe src=x><noscript><object>".repeat(20_000)),
        ("nul", "\0\u{1b}[2J\u{202e}".repeat(100_000)),
    ] {
        corpus.add(&format!("pages/{name}.html"), page(&body), Articles(1));
    }
    corpus.add("pages/empty.html", "<!doctype html><html></html>", Told(0, "empty"));
    corpus.add(
        "pages/utf-16.html",
        page("").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        Articles(1),
    );
    let mut title = String::from("<html><head><title>");
    title.push_str(&"t".repeat(3 << 20));
    corpus.add("pages/title.html", title, Told(0, "empty"));
}

fn texts(corpus: &mut Corpus<'_>) {
    corpus.add("texts/empty.txt", "", Told(0, "empty"));
    corpus.add("texts/blank.txt", " \n\t\r\n".repeat(100_000), Told(0, "empty"));
    corpus.add("texts/word.txt", format!("Plant\n\n{}", "x".repeat(11 << 20)), Told(1, "truncated"));
    corpus.add("texts/lines.txt", format!("Plant\n\n{}", "a\n".repeat(1 << 20)), Articles(1));
    corpus.add("texts/paragraphs.txt", format!("Plant\n\n{}", "a\n\n".repeat(1 << 20)), Articles(1));
    corpus.add("texts/marks.txt", format!("Plant\n\na{}", "\u{301}".repeat(1 << 20)), Articles(1));
    corpus.add(
        "texts/names.txt",
        format!("Plant\n\n{}", "Apple Inc and Amazon.com, Inc. ".repeat(30_000)),
        Articles(1),
    );
    corpus.add("texts/credits.txt", format!("Plant\n\n{}", "according to ".repeat(100_000)), Articles(1));
    corpus.add("texts/capitals.txt", format!("Plant\n\n{}", "A".repeat(1 << 20)), Articles(1));
    corpus.add("texts/dots.txt", format!("Plant\n\n{}", "U.S.".repeat(300_000)), Articles(1));
    corpus.add("texts/numbers.txt", format!("Plant\n\n{}", "$1,000,000".repeat(100_000)), Articles(1));
    corpus.add("texts/quotes.txt", format!("Plant\n\n{}", "\"“'".repeat(300_000)), Articles(1));
    let mut unique = String::from("Plant\n\n");
    while unique.len() < 9 << 20 {
        let _ = write!(unique, "w{:x} ", unique.len().wrapping_mul(2_654_435_761));
    }
    corpus.add("texts/unique.txt", unique, Articles(1));
    corpus.add(
        "texts/controls.txt",
        "Plant\u{1b}]0;zxtitle\u{7}\n\n\u{1b}[2J\u{9b}31m\u{202e}zxcontrols\r\u{8}",
        Articles(1),
    );
    corpus.add(
        "texts/cp1252.txt",
        b"Nestl\xE9 \x93cuts\x94 jobs\n\nThe caf\xE9 business of Nestl\xE9 shrinks.",
        Articles(1),
    );
    let picture = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        (0..4096_u32).flat_map(|n| n.wrapping_mul(40_503).to_be_bytes()).collect(),
    ]
    .concat();
    corpus.add("texts/picture.txt", &picture, Told(0, "binary"));
    corpus.add("texts/picture.json", &picture, Told(0, "not-json"));
    corpus.add(
        "texts/program.md",
        [b"\x7fELF\x02\x01\x01\0\0\0\0\0".to_vec(), vec![0; 4096]].concat(),
        Told(0, "binary"),
    );
    for (name, part) in [
        ("quotes", ">".repeat(50_000)),
        ("brackets", "[".repeat(100_000)),
        ("links", "[a](".repeat(50_000)),
        ("stars", "*a_".repeat(100_000)),
        ("ticks", "`a``".repeat(50_000)),
        ("lists", "- ".repeat(50_000)),
        ("images", "![".repeat(50_000)),
        ("references", "[a]: b\n".repeat(50_000)),
    ] {
        corpus.add(&format!("texts/{name}.md"), format!("# Plant\n\n{TEXT}\n\n{part}"), Articles(1));
    }
    corpus.add("texts/front.md", format!("---\ntitle: Plant\n{TEXT}\n"), Articles(1));
    let bomb = "---\na: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\ntitle: Plant\n---\n";
    corpus.add("texts/aliases.md", format!("{bomb}{TEXT}"), Articles(1));
}

fn names(corpus: &mut Corpus<'_>) {
    corpus.add("names/\u{1b}[31mred\n\u{202e}.txt", format!("Plant\n\n{TEXT}"), Articles(1));
    corpus.add("names/picture.png", "no article", Passed);
    corpus.add("names/.hidden.txt", "no article", Passed);
    corpus.add("names/README.txt", "no article", Passed);
    #[cfg(unix)]
    {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;
        use std::process::Command;

        let folder = corpus.folder.join("names");
        fs::write(folder.join(OsStr::from_bytes(b"caf\xE9.txt")), format!("Plant\n\n{TEXT}")).unwrap();
        corpus.expect("names/caf\\xe9.txt", Articles(1));
        symlink("/etc", folder.join("etc")).unwrap();
        symlink("/dev/zero", folder.join("zero.txt")).unwrap();
        symlink("..", folder.join("loop")).unwrap();
        symlink("nowhere", folder.join("dangling.txt")).unwrap();
        drop(UnixListener::bind(folder.join("socket.txt")).unwrap());
        let made = Command::new("mkfifo").arg(folder.join("pipe.jsonl")).status().unwrap();
        assert!(made.success());
        for name in ["etc", "zero.txt", "loop", "dangling.txt", "socket.txt", "pipe.jsonl"] {
            corpus.expect(&format!("names/{name}"), Passed);
        }
        // A path that is longer than the system takes: one half is moved into the other.
        let half = |name: &str| (0..15).fold(folder.join(name), |path, _| path.join("d".repeat(200)));
        let (outer, inner) = (half("long"), half("other"));
        fs::create_dir_all(&outer).unwrap();
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("a.txt"), TEXT).unwrap();
        fs::rename(folder.join("other"), outer.join("other")).unwrap();
        corpus.expect("names/long", Told(0, "unreadable"));
    }
}
