//! What is read and how it is said: standard input, formats that the user names, character sets, `inspect` and `formats`.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use dateline::decode::{Decoded, FieldMap, decode};
use dateline::source::{Format, Found, Limits, Skipped, read_bytes};
use serde_json::Value;

use crate::packs::{pack, tar, zip};
use crate::support::{command, dateline, json, text, write};

/// Runs the program with bytes on its standard input.
fn piped(folder: &Path, arguments: &[&str], bytes: &[u8]) -> Output {
    let mut child = command(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Titles of the articles of an index, sorted.
fn titles(folder: &Path) -> Vec<String> {
    let output = dateline(folder, &["export", "--fields", "title"]);
    let mut titles: Vec<String> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles
}

fn line(title: &str) -> String {
    format!("{{\"title\":\"{title}\",\"body\":\"A text of it.\"}}\n")
}

#[test]
fn what_a_stream_brought_stays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = line("First") + &line("Second");
    let run = |bytes: &[u8], arguments: &[&str]| {
        let output = piped(folder, &[&["index", "-"], arguments].concat(), bytes);
        (output.status.code(), text(&output.stderr))
    };
    let (status, said) = run(first.as_bytes(), &[]);
    assert!(status == Some(0) && said.contains("2 added"), "{said}");
    // The same again is nothing new; others add to it, packed or in an archive.
    assert!(run(first.as_bytes(), &[]).1.contains("2 unchanged"));
    assert!(run(&pack("zst", line("Third").as_bytes()), &[]).1.contains("1 added"));
    let archive =
        pack("gz", &tar(&[("a.jsonl", line("Fourth").as_bytes()), ("a.txt", b"Fifth\n\nIts text.")]));
    assert!(run(&archive, &[]).1.contains("2 added"));
    assert!(run(&zip(&[("a.txt", b"Sixth\n\nIts text.")]), &[]).1.contains("1 added"));
    // One with an id of its own is replaced by that.
    assert!(run(b"{\"id\":\"x\",\"title\":\"Old\",\"body\":\"b\"}", &[]).1.contains("1 added"));
    assert!(run(b"{\"id\":\"x\",\"title\":\"Seventh\",\"body\":\"b\"}", &[]).1.contains("1 updated"));
    // Files beside it, and files alone, leave it as it is.
    write(folder, "news/a.txt", "Eighth\n\nA text of it.");
    assert!(run(line("Ninth").as_bytes(), &["news"]).1.contains("2 added"));
    std::fs::remove_file(folder.join("news/a.txt")).unwrap();
    let output = dateline(folder, &["index", "news"]);
    assert!(text(&output.stderr).contains("1 deleted"), "{}", text(&output.stderr));
    let output = dateline(folder, &["index", "."]);
    assert!(!text(&output.stderr).contains("deleted"), "{}", text(&output.stderr));
    assert_eq!(titles(folder), ["Fifth", "First", "Fourth", "Ninth", "Second", "Seventh", "Sixth", "Third"]);
    let found = text(&dateline(folder, &["search", "path:-/*", "-n", "0"]).stdout);
    assert!(found.starts_with("3 articles"), "{found}");
    let found = text(&dateline(folder, &["search", "path:\"-\"", "-n", "0"]).stdout);
    assert!(found.starts_with("5 articles"), "{found}");
}

#[test]
fn an_empty_stream_is_named_and_a_file_may_be_called_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = piped(folder.path(), &["index", "-"], b"");
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("skipped -: the file is empty"), "{}", text(&output.stderr));
    write(folder.path(), "-", "A file\n\nIts name is a line.");
    let output = dateline(folder.path(), &["inspect", "--json", "./-"]);
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["id"], "./-");
}

#[test]
fn a_stream_is_never_held() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{{\"title\":\"T\",\"body\":\"{}\"}}\n", "word ".repeat(20_000));
    let mut shell = std::process::Command::new("sh");
    let program = command(folder.path(), &[]);
    // 300 MB in an address space of 250.
    let run = "ulimit -v 250000; exec \"$0\" inspect --json - | wc -l";
    let mut child = shell
        .arg("-c")
        .arg(run)
        .arg(program.get_program())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut written = 0;
    while written < 300 << 20 {
        stdin.write_all(long.as_bytes()).unwrap();
        written += long.len();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout).trim(), written.div_euclid(long.len()).to_string());
}

#[test]
fn a_format_may_be_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let story = "<html><head><title>Looks like a page</title></head><body><p>It is one, and says so at length.</p></body></html>";
    write(folder, "page.dat", story);
    let format = |arguments: &[&str]| -> Vec<Value> {
        let output = dateline(folder, &[&["inspect", "--json"], arguments].concat());
        text(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|one| serde_json::json!([one["format"], one["found_by"], one["wrapped_in"]]))
            .collect()
    };
    assert_eq!(format(&["page.dat"]), [serde_json::json!(["html", "look", []])]);
    assert_eq!(format(&["--as", "text", "page.dat"]), [serde_json::json!(["text", "user", []])]);
    // In an archive too, which is opened whatever is said.
    write(
        folder,
        "a.tar.gz",
        pack("gz", &tar(&[("a.md", b"# T\n\nText."), ("b.html", b"Plain\n\ntext here.")])),
    );
    let wrapped = serde_json::json!(["gzip", "tar"]);
    assert_eq!(
        format(&["--as", "text", "a.tar.gz"]),
        [serde_json::json!(["text", "user", wrapped]), serde_json::json!(["text", "user", wrapped])]
    );
    assert_eq!(format(&["a.tar.gz"])[0], serde_json::json!(["markdown", "ending", wrapped]));
    let output = dateline(folder, &["index", "--as", "nonsense", "page.dat"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("jsonl"), "{}", text(&output.stderr));

    // A file is read again when something else is said of it, and only then.
    let said = |arguments: &[&str]| text(&dateline(folder, &[&["index"], arguments].concat()).stderr);
    assert!(said(&["page.dat", "--as", "text"]).contains("1 added"));
    assert!(said(&["page.dat", "--as", "text"]).contains("nothing has changed"));
    assert!(said(&["page.dat"]).contains("1 updated"));
    assert_eq!(titles(folder), ["Looks like a page"]);
}

/// Title, character set and count of what could not be read, of everything in some bytes.
fn read(name: &str, bytes: &[u8]) -> Vec<(String, &'static str, usize)> {
    let mut found = Vec::new();
    let mut keep = |outcome: Result<Decoded, Skipped>| {
        let decoded = outcome.unwrap_or_else(|skipped| panic!("{name}: {skipped:?}"));
        let is_said = decoded.warnings.iter().any(|warning| warning.class == "replaced-characters");
        assert_eq!(is_said, decoded.replaced > 0, "{name}");
        found.push((decoded.article.title, decoded.charset, decoded.replaced));
    };
    read_bytes(name, bytes, &Limits::default(), &mut |one| {
        match one {
            Found::Record(record) => keep(decode(&record, &FieldMap::default(), 1_800_000_000)),
            Found::Skipped(skipped) | Found::Warned(skipped) => keep(Err(skipped)),
        }
        Ok(())
    })
    .unwrap();
    found
}

fn utf_16(text: &str, is_little: bool) -> Vec<u8> {
    let unit = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect()
}

const TEXT: &str = "Nestlé café\n\nThe text of the article, with an é in it and some more words.";
const JSON: &str = "[{\"title\":\"Nestlé\",\"body\":\"Ċ café\"},\n{\"title\":\"Danone\",\"body\":\"ਊ b\"}]";
const LINES: &str = "{\"title\":\"Nestlé\",\"body\":\"Ċ café\"}\n{\"title\":\"Danone\",\"body\":\"ਊ b\"}\n";
const FEED: &str = "<rss version=\"2.0\"><channel><title>F</title><item><title>Nestlé</title><description>a b c</description></item><item><title>Danone</title><description>d e f</description></item></channel></rss>";
const NITF: &str = "<nitf><body><body.head><hedline><hl1>Nestlé</hl1></hedline></body.head><body.content><p>Text.</p></body.content></body></nitf>";
const PAGE: &str =
    "<html><head><title>Nestlé</title></head><body><p>A page with a text, and an é.</p></body></html>";

#[test]
fn every_format_is_read_in_utf_16() {
    for (text, titles) in [
        (TEXT, &["Nestlé café"][..]),
        (JSON, &["Nestlé", "Danone"]),
        (LINES, &["Nestlé", "Danone"]),
        (FEED, &["Nestlé", "Danone"]),
        (NITF, &["Nestlé"]),
        (PAGE, &["Nestlé"]),
    ] {
        for (is_little, charset) in [(true, "UTF-16LE"), (false, "UTF-16BE")] {
            let expected: Vec<_> = titles.iter().map(|title| ((*title).to_owned(), charset, 0)).collect();
            assert_eq!(read("a", &utf_16(text, is_little)), expected, "{text}");
        }
        let marked = format!("\u{feff}{text}");
        let found: Vec<String> = read("a", marked.as_bytes()).into_iter().map(|(title, ..)| title).collect();
        assert_eq!(found, titles);
    }
}

#[test]
fn what_can_not_be_read_is_counted_in_every_format() {
    /// Marks the place of a byte that is no character, among many that are.
    fn broken(text: &str) -> Vec<u8> {
        let text = text.replace("Nestlé", "Nestlé ééééééééé ÿ");
        let at = text.find('ÿ').unwrap();
        [&text.as_bytes()[..at], b"\xFF", &text.as_bytes()[at + 2..]].concat()
    }
    for (text, replaced) in [
        (TEXT, vec![1]),
        (JSON, vec![1, 0]),
        (LINES, vec![1, 0]),
        (FEED, vec![1, 0]),
        (NITF, vec![1]),
        (PAGE, vec![1]),
    ] {
        let found: Vec<usize> =
            read("a", &broken(text)).into_iter().map(|(_, _, replaced)| replaced).collect();
        assert_eq!(found, replaced, "{text}");
    }
    // A lone half of a pair, in lines and in a whole.
    for text in [LINES, JSON] {
        let mut wide = utf_16(text, true);
        let at = wide.chunks(2).position(|unit| unit == [b'N', 0]).unwrap() * 2;
        wide[at + 1] = 0xD8;
        assert_eq!(read("a", &wide).iter().map(|(.., replaced)| *replaced).collect::<Vec<_>>(), [1, 0]);
    }
    // What its author lost was lost before.
    let lost = LINES.replace("café", "caf\u{fffd}");
    assert!(read("a", lost.as_bytes()).iter().all(|(.., replaced)| *replaced == 0));
    // A set that is declared, and one that is found.
    let latin: Vec<u8> = TEXT.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    assert_eq!(read("a", &latin), [("Nestlé café".to_owned(), "windows-1252", 0)]);
}

#[test]
fn inspect_shows_what_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let body = "First of all. ".repeat(60);
    let member = format!("Amazon cuts jobs\n\nSEATTLE — {body}\n\nThe end of it.");
    let archive = tar(&[("2023-01-18-a.txt", member.as_bytes()), ("b.txt", b" "), ("c.png", b"x")]);
    write(folder, "news.tar.xz", pack("xz", &archive));
    let output = dateline(folder, &["inspect", "news.tar.xz"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    for line in [
        "news.tar.xz/2023-01-18-a.txt\n",
        "  format     text in tar in xz, by its ending\n",
        "  charset    UTF-8\n",
        "  title      Amazon cuts jobs (from the first line)\n",
        "  date       2023-01-18 (to the day, from the name of the file)\n",
        "  place      SEATTLE\n",
        "  lang       en\n",
        "  id         news.tar.xz/2023-01-18-a.txt\n",
        "  text       186 words\n",
        "news.tar.xz/b.txt\n",
        "  skipped    empty: the file is empty\n",
    ] {
        assert!(shown.contains(line), "{line} is not in\n{shown}");
    }
    assert!(!shown.contains("The end of it"));
    assert_eq!(text(&output.stderr), "dateline: 1 article, 1 skipped (1 empty), 1 passed over by name\n");
    assert!(text(&dateline(folder, &["inspect", "--full", "news.tar.xz"]).stdout).contains("The end of it"));

    let records =
        b"{\"title\":\"T\",\"story\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xff\"}\n{}\n";
    let output = piped(folder, &["inspect", "--json", "--map", "body=story", "-"], records);
    assert_eq!(output.status.code(), Some(3));
    let printed = text(&output.stdout);
    let lines: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{printed}");
    assert_eq!(
        (&lines[0]["replaced"], &lines[0]["warnings"][0]["class"]),
        (&1.into(), &"replaced-characters".into())
    );
    assert_eq!((&lines[1]["at"], &lines[1]["class"]), (&"-:2".into(), &"empty".into()));

    // It ends where it was told to, and says that there is more.
    let many: String = (0..30).map(|number| line(&format!("Title {number}"))).collect();
    write(folder, "many.jsonl", &many);
    let output = dateline(folder, &["inspect", "many.jsonl"]);
    assert_eq!(text(&output.stdout).matches("  title ").count(), 10);
    assert!(text(&output.stderr).contains("-n all"), "{}", text(&output.stderr));
    assert_eq!(
        text(&dateline(folder, &["inspect", "-n", "2", "many.jsonl"]).stdout).matches("  title ").count(),
        2
    );
    assert_eq!(text(&dateline(folder, &["inspect", "--json", "many.jsonl"]).stdout).lines().count(), 30);
    assert_eq!(dateline(folder, &["inspect", "-n", "1", "many.jsonl"]).status.code(), Some(0));

    // Nothing of it reaches the terminal as a command.
    write(
        folder,
        "evil.json",
        "{\"title\":\"a\\u001b[31mb\",\"body\":\"c\\u009bd\",\"author\":\"\\u202ex\"}",
    );
    let printed = text(&dateline(folder, &["inspect", "evil.json"]).stdout);
    assert!(!printed.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{printed:?}");
    let missing = dateline(folder, &["inspect", "nowhere.txt"]);
    assert_eq!(missing.status.code(), Some(2));
    std::fs::create_dir(folder.join("bare")).unwrap();
    assert_eq!(dateline(folder, &["inspect", "bare"]).status.code(), Some(1));
}

#[test]
fn formats_are_those_that_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let table = text(&dateline(folder.path(), &["formats"]).stdout);
    let listed = json(&dateline(folder.path(), &["formats", "--json"]));
    let help = text(&dateline(folder.path(), &["index", "--help"]).stdout).replace("\n ", " ");
    for format in Format::ALL {
        let entry =
            listed["formats"].as_array().unwrap().iter().find(|one| one["name"] == format.name()).unwrap();
        assert_eq!(entry["available"], format.missing_feature().is_none());
        assert!(
            table.lines().any(|line| line.starts_with(format.name()) && line.contains(format.description()))
        );
        for ending in format.endings() {
            assert!(help.contains(&format!(".{ending}")), "{ending} is not in\n{help}");
        }
    }
    for (kind, count) in [("packings", 4), ("archives", 2)] {
        assert_eq!(listed[kind].as_array().unwrap().len(), count);
    }
}
