//! MB/s of every format on one core: from a file to its articles, without tagging and without an index.
//!
//! ```console
//! $ DATELINE_SHARED=../shared cargo bench --bench formats
//! $ DATELINE_SHARED=../shared cargo bench --bench formats -- html
//! ```
//!
//! What is measured is the path of a run: `read_file` cuts a file into records and `decode` reads each. The files are real
//! ones, unpacked before where the row doesn't say otherwise, and lie in the cache of the system. A row is the best of several
//! rounds, in the time of the processor; bytes are those after unpacking. A new format is one line in [`SETS`].

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dateline::Cancel;
use dateline::decode::{FieldMap, decode};
use dateline::source::{Found, Limits, read_file, walk};
use serde_json::Value;

/// 2026-01-01
const NOW: i64 = 1_767_225_600;

/// Rounds of a row at least, and how long they take at least.
const ROUNDS: usize = 5;
const LONGEST: Duration = Duration::from_secs(3);

/// Bytes of a round at least: a small set is read several times in it.
const SMALLEST: u64 = 16 << 20;

/// Most bytes of a set.
const LARGEST: u64 = 80 << 20;

/// Makes a set: what it gives is measured. The first folder holds the data, the second is empty and takes what is made.
type Make = fn(&Path, &Path) -> io::Result<PathBuf>;

/// Name, MB/s that are the goal, and what makes the files.
const SETS: [(&str, Option<f64>, Make); 15] = [
    ("html", Some(40.0), |data, to| unpacked(&data.join("formats/html-article-bench/html"), to)),
    ("rss", Some(60.0), |data, to| rss(data, to, Text::Escaped)),
    ("rss-cdata", Some(60.0), |data, to| rss(data, to, Text::Cdata)),
    ("json-feed", Some(60.0), json_feed),
    ("jsonl", Some(200.0), |data, to| unpacked(&data.join("speed/full-articles.jsonl.zst"), to)),
    ("jsonl-short", None, |data, to| unpacked(&data.join("speed/feed-items.jsonl.zst"), to)),
    ("warc", Some(40.0), |data, to| web_archive(data, to, false)),
    ("warc-gz", Some(40.0), |data, to| web_archive(data, to, true)),
    ("csv", None, csv),
    ("mbox", None, mailbox),
    ("reuters", None, |data, _| Ok(data.join("reuters-21578"))),
    ("ninjs", None, |data, _| Ok(data.join("formats/ninjs/examples/3.0"))),
    ("newsml", None, |data, _| Ok(data.join("formats/newsml-g2/examples"))),
    ("plain", None, |data, to| texts(data, to, "txt")),
    ("markdown", None, |data, to| texts(data, to, "md")),
];

/// Unpacks a file, or all files of a folder.
fn unpacked(from: &Path, to: &Path) -> io::Result<PathBuf> {
    let files: Vec<PathBuf> = if from.is_dir() {
        fs::read_dir(from)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?
    } else {
        vec![from.to_owned()]
    };
    for file in files {
        let packed = File::open(&file)?;
        let mut reader: Box<dyn io::Read> = match file.extension().and_then(|ending| ending.to_str()) {
            Some("gz") => Box::new(flate2::read::MultiGzDecoder::new(packed)),
            Some("zst") => Box::new(zstd::Decoder::new(packed)?),
            _ => continue,
        };
        let name = file.file_stem().unwrap_or_default();
        io::copy(&mut reader, &mut File::create(to.join(name))?)?;
    }
    Ok(to.to_owned())
}

/// The objects of a packed JSON Lines file, as far as they give so many bytes.
fn objects(data: &Path, name: &str) -> io::Result<Vec<Value>> {
    let reader = BufReader::new(zstd::Decoder::new(File::open(data.join("speed").join(name))?)?);
    let mut bytes = 0;
    let mut objects = Vec::new();
    for line in reader.lines() {
        let line = line?;
        bytes += line.len() as u64;
        if bytes > LARGEST {
            break;
        }
        objects.push(serde_json::from_str(&line)?);
    }
    Ok(objects)
}

fn field<'v>(object: &'v Value, key: &str) -> &'v str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// How the text of an item stands in its feed.
#[derive(Clone, Copy)]
enum Text {
    Escaped,
    Cdata,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Feed items as one RSS feed.
fn rss(data: &Path, to: &Path, text: Text) -> io::Result<PathBuf> {
    let path = to.join("feed.xml");
    let mut out = BufWriter::new(File::create(&path)?);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>")?;
    writeln!(out, "<title>All news</title><link>https://news.example/</link><language>en</language>")?;
    for object in objects(data, "feed-items.jsonl.zst")? {
        let [title, link, date] = ["title", "link", "date_published"].map(|key| escaped(field(&object, key)));
        let description = field(&object, "description");
        let description = match text {
            Text::Escaped => escaped(description),
            Text::Cdata => format!("<![CDATA[{}]]>", description.replace("]]>", "]] >")),
        };
        writeln!(
            out,
            "<item>\n<title>{title}</title>\n<link>{link}</link>\n<pubDate>{date}</pubDate>\n\
             <guid isPermaLink=\"false\">{link}</guid>\n<description>{description}</description>\n</item>"
        )?;
    }
    writeln!(out, "</channel></rss>")?;
    out.flush()?;
    Ok(path)
}

/// Feed items as one JSON Feed.
fn json_feed(data: &Path, to: &Path) -> io::Result<PathBuf> {
    let items: Vec<Value> = objects(data, "feed-items.jsonl.zst")?
        .iter()
        .map(|object| {
            serde_json::json!({
                "id": field(object, "link"), "url": field(object, "link"), "title": field(object, "title"),
                "date_published": field(object, "date_published"), "content_html": field(object, "description"),
            })
        })
        .collect();
    let feed = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "All news", "home_page_url": "https://news.example/", "language": "en", "items": items,
    });
    let path = to.join("feed.json");
    fs::write(&path, feed.to_string())?;
    Ok(path)
}

/// Saved pages as a web archive: a response each, packed one by one where that is asked for.
fn web_archive(data: &Path, to: &Path, is_packed: bool) -> io::Result<PathBuf> {
    let pages = to.join("pages");
    fs::create_dir(&pages)?;
    unpacked(&data.join("formats/html-article-bench/html"), &pages)?;
    let path = to.join(if is_packed { "pages.warc.gz" } else { "pages.warc" });
    let mut out = BufWriter::new(File::create(&path)?);
    for (number, page) in fs::read_dir(&pages)?.enumerate() {
        let page = fs::read(page?.path())?;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
            page.len()
        );
        let mut record = format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/{number}\r\n\
             WARC-Date: 2020-05-01T12:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n\
             Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n",
            answer.len() + page.len()
        )
        .into_bytes();
        record.extend_from_slice(answer.as_bytes());
        record.extend_from_slice(&page);
        record.extend_from_slice(b"\r\n\r\n");
        if is_packed {
            let mut member = flate2::write::GzEncoder::new(&mut out, flate2::Compression::default());
            member.write_all(&record)?;
            member.finish()?;
        } else {
            out.write_all(&record)?;
        }
    }
    out.flush()?;
    fs::remove_dir_all(&pages)?;
    Ok(path)
}

/// Feed items as a table.
fn csv(data: &Path, to: &Path) -> io::Result<PathBuf> {
    let path = to.join("items.csv");
    let mut out = BufWriter::new(File::create(&path)?);
    writeln!(out, "title,url,date,body")?;
    for object in objects(data, "feed-items.jsonl.zst")? {
        let cells = ["title", "link", "date_published", "description"]
            .map(|key| format!("\"{}\"", field(&object, key).replace('"', "\"\"")));
        writeln!(out, "{}", cells.join(","))?;
    }
    out.flush()?;
    Ok(path)
}

/// Full articles as messages of one mailbox.
fn mailbox(data: &Path, to: &Path) -> io::Result<PathBuf> {
    let path = to.join("letters.mbox");
    let mut out = BufWriter::new(File::create(&path)?);
    for (number, object) in objects(data, "full-articles.jsonl.zst")?.iter().enumerate() {
        let subject: String = field(object, "title").chars().filter(|letter| !letter.is_control()).collect();
        let text = format!("\n{}", field(object, "content")).replace("\nFrom ", "\n>From ");
        writeln!(
            out,
            "From desk@news.example Fri May  1 12:00:00 2020\nFrom: Desk <desk@news.example>\nSubject: {subject}\n\
             Date: Fri, 1 May 2020 12:00:00 +0000\nMessage-ID: <{number}@news.example>\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n{text}\n"
        )?;
    }
    out.flush()?;
    Ok(path)
}

/// Full articles as a file each: headline, blank line, paragraphs.
fn texts(data: &Path, to: &Path, ending: &str) -> io::Result<PathBuf> {
    for (number, object) in objects(data, "full-articles.jsonl.zst")?.iter().take(3000).enumerate() {
        let mark = if ending == "md" { "# " } else { "" };
        let text = format!("{mark}{}\n\n{}\n", field(object, "title"), field(object, "content"));
        fs::write(to.join(format!("{number}.{ending}")), text)?;
    }
    Ok(to.to_owned())
}

/// How long this thread was on a processor, so that what else runs does not count; where the system doesn't tell, the clock's time.
fn spent(began: Instant) -> Duration {
    let stated = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = stated.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| began.elapsed(), Duration::from_nanos)
}

/// Reads all files of a set once. Gives bytes after unpacking, articles, and records that gave none.
fn read(path: &Path) -> (u64, u64, u64) {
    let (limits, cancel, map) = (Limits::default(), Cancel::new(), FieldMap::default());
    let (mut bytes, mut articles, mut others) = (0, 0, 0);
    for file in &walk(&[path.to_owned()]).expect("the set is there").files {
        let mut sink = |found| {
            match found {
                Found::Record(record) if decode(&record, &map, NOW).is_ok() => articles += 1,
                _ => others += 1,
            }
            Ok(())
        };
        bytes +=
            read_file(file, &limits, &cancel, &mut sink).expect("nothing ends the reading").bytes_unpacked;
    }
    (bytes, articles, others)
}

#[expect(clippy::print_stdout, reason = "a table is what this program is for")]
fn main() {
    let Some(data) = std::env::var_os("DATELINE_SHARED").map(|folder| Path::new(&folder).join("data")) else {
        println!("formats: DATELINE_SHARED names no folder with the data");
        return;
    };
    let asked: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!("| format | MB | articles | other records | MB/s | goal |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (name, bar, make) in SETS {
        if !asked.is_empty() && !asked.iter().any(|asked| asked == name) {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = make(&data, folder.path()).expect("the data is at hand");
        let began = Instant::now();
        let (bytes, articles, others) = read(&path);
        let times = SMALLEST.div_ceil(bytes.max(1)).max(1);
        let (mut best, mut rounds) = (Duration::MAX, 0);
        while rounds < ROUNDS || began.elapsed() < LONGEST {
            let before = spent(began);
            (0..times).for_each(|_| {
                read(&path);
            });
            best = best.min(spent(began).saturating_sub(before));
            rounds += 1;
        }
        let megabytes = bytes as f64 / 1e6;
        println!(
            "| {name} | {megabytes:.1} | {articles} | {others} | {:.0} | {} |",
            megabytes * times as f64 / best.as_secs_f64(),
            bar.map_or_else(String::new, |bar| format!("{bar:.0}"))
        );
    }
}
