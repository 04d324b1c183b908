//! Downloading, from a server of this test alone: feeds and pages, what a site asks for, and servers that mean harm.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::{command, dateline, json, text};

/// A server; what it was asked is kept as `path` or `path (version)`.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` writes what a path gets; the second argument is the version that the visitor has.
    fn new(
        answer: impl Fn(&str, &str, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut stream = stream;
                    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    let Some(Ok(first)) = lines.next() else { return };
                    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                    let mut version = String::new();
                    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
                        if let Some(value) = line.to_ascii_lowercase().strip_prefix("if-none-match: ") {
                            value.clone_into(&mut version);
                        }
                    }
                    let seen = if version.is_empty() { path.clone() } else { format!("{path} ({version})") };
                    log.lock().unwrap().push(seen);
                    // A visitor may leave before the end.
                    let _ = answer(&path, &version, &mut stream);
                });
            }
        });
        Self { port, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// Runs the program with addresses of this server allowed.
    fn fetch(&self, folder: &Path, arguments: &[&str]) -> Output {
        let host = format!("127.0.0.1:{}", self.port);
        dateline(folder, &[&["fetch", "--pause", "0", "--allow-host", &host], arguments].concat())
    }
}

fn send(stream: &mut TcpStream, status: &str, fields: &str, body: &[u8]) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\n{fields}Content-Length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

fn archives(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("news"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with(".dateline-fetch."))
        .collect();
    names.sort();
    names
}

fn found(folder: &Path, query: &str) -> Vec<String> {
    let output = dateline(folder, &["search", query, "--format", "json"]);
    let hits = json(&output)["hits"].clone();
    hits.as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
}

const FEED: &str = "<rss version='2.0'><channel><title>Kestrel Times</title>
<item><title>Kestrel opens a mine</title><link>/story/1</link><guid isPermaLink='false'>k1</guid>
<description>The first lithium of the mine.</description></item>
<item><title>Kestrel hires again</title><link>/private/2</link><guid isPermaLink='false'>k2</guid>
<description>Summary of the hirings, kept from the feed.</description></item>
<item><title>Kestrel sells its ships</title><link>/story/3</link><guid isPermaLink='false'>k3</guid>
<description>Ships are sold.</description></item></channel></rss>";

/// A site with a feed, pages and rules.
fn site() -> Server {
    Server::new(|path, version, stream| {
        let page = |title: &str, text: &str| {
            format!(
                "<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text} It is the whole text \
                 of the page, which is longer than what the feed says of it, as pages are.</p></article></body></html>"
            )
        };
        match path {
            "/robots.txt" => send(stream, "200 OK", "", b"User-agent: *\nDisallow: /private/\n"),
            "/feed" if version == "\"v1\"" => send(stream, "304 Not Modified", "ETag: \"v1\"\r\n", b""),
            "/feed" => send(
                stream,
                "200 OK",
                "Content-Type: application/rss+xml\r\nETag: \"v1\"\r\n",
                FEED.as_bytes(),
            ),
            "/moved" => send(stream, "301 Moved", "Location: feed\r\n", b""),
            "/story/1" => {
                let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                packed.write_all(page("Kestrel opens a mine", "Geologists found spodumene.").as_bytes())?;
                let fields = "Content-Type: text/html\r\nContent-Encoding: gzip\r\n";
                send(stream, "200 OK", fields, &packed.finish()?)
            }
            "/story/3" => {
                let page = page("Kestrel sells its ships", "A buyer from Bergen.");
                let (left, right) = page.split_at(100);
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n\
                     {:x}\r\n{left}\r\n{:x}\r\n{right}\r\n0\r\n\r\n",
                    left.len(),
                    right.len()
                )
            }
            _ => send(stream, "404 Not Found", "", b"no"),
        }
    })
}

#[test]
fn a_feed_is_fetched_indexed_found_and_not_fetched_again() {
    let server = site();
    let folder = tempfile::tempdir().unwrap();
    let output = server.fetch(folder.path(), &[&server.url("/moved"), "--contact", "desk@a.example"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.starts_with("dateline: 1 fetched; in news/fetch-"), "{said}");
    assert_eq!(server.asked(), ["/robots.txt", "/moved", "/feed"]);
    assert_eq!(archives(folder.path()).len(), 1);

    let output = dateline(folder.path(), &["index", "news"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(found(folder.path(), "lithium"), ["Kestrel opens a mine"]);
    assert_eq!(found(folder.path(), "kestrel").len(), 3);

    let output = server.fetch(folder.path(), &[&server.url("/moved"), "-v"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.ends_with("dateline: 1 unchanged\n"), "{said}");
    assert_eq!(server.asked().last().unwrap(), "/feed (\"v1\")");
    assert_eq!(archives(folder.path()).len(), 1);
}

#[test]
fn pages_are_fetched_once_where_the_site_allows_it() {
    let server = site();
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("feeds.opml");
    fs::write(&list, format!("<opml><body><outline xmlUrl='{}'/></body></opml>", server.url("/feed")))
        .unwrap();
    let arguments = ["--opml", list.to_str().unwrap(), "--full", "--max-pages", "2"];

    let output = server.fetch(folder.path(), &arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("/private/2: the site's robots.txt does not allow it"), "{said}");
    assert!(said.contains("1 fetched, 1 disallowed by robots.txt, 1 left to the next run"), "{said}");
    // The next run goes on where this one stopped; the one behind it has nothing to do.
    let output = server.fetch(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = server.fetch(folder.path(), &arguments);
    assert_eq!(text(&output.stderr), "dateline: 1 unchanged\n");
    let robots = "/robots.txt";
    assert_eq!(
        server.asked(),
        [robots, "/feed", "/story/1", robots, "/feed", "/story/3", robots, "/feed (\"v1\")"]
    );

    let output = dateline(folder.path(), &["index", "news"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(found(folder.path(), "kestrel").len(), 3, "each article once");
    assert_eq!(found(folder.path(), "spodumene"), ["Kestrel opens a mine"]);
    assert_eq!(found(folder.path(), "bergen"), ["Kestrel sells its ships"]);
    assert_eq!(found(folder.path(), "\"kept from the feed\""), ["Kestrel hires again"]);
}

#[test]
fn servers_that_mean_harm_cost_themselves_alone() {
    let elsewhere = Server::new(|_, _, stream| send(stream, "200 OK", "", FEED.as_bytes()));
    let port = elsewhere.port;
    let server = Server::new(move |path, _, stream| {
        let to = |target: &str| format!("Location: {target}\r\n");
        match path {
            "/robots.txt" => send(stream, "404 Not Found", "", b""),
            "/good" => send(stream, "200 OK", "Content-Type: text/xml\r\n", FEED.as_bytes()),
            "/loop" => send(stream, "302 Found", &to("/loop"), b""),
            "/inside" => send(stream, "302 Found", &to(&format!("http://127.1:{port}/")), b""),
            "/mapped" => send(stream, "302 Found", &to(&format!("http://[::ffff:127.0.0.1]:{port}/")), b""),
            "/cloud" => send(stream, "302 Found", &to("http://169.254.169.254/latest/meta-data/"), b""),
            "/file" => send(stream, "302 Found", &to("file:///etc/passwd"), b""),
            "/huge" => send(stream, "200 OK", "", &vec![b' '; 11 << 20]),
            "/endless" => {
                write!(stream, "HTTP/1.1 200 OK\r\n\r\n")?;
                loop {
                    stream.write_all(&[b' '; 8192])?;
                }
            }
            "/heads" => {
                write!(stream, "HTTP/1.1 200 OK\r\n")?;
                loop {
                    writeln!(stream, "X: {}\r", "x".repeat(1000))?;
                }
            }
            "/broken" => send(stream, "no status", "", b""),
            "/page" => send(stream, "200 OK", "Content-Type: image/png\r\n", b"\x89PNG"),
            _ => send(stream, "500 Broken", "", b""),
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let refused = ["/inside", "/mapped", "/cloud", "/file"];
    let failed = ["/loop", "/huge", "/endless", "/heads", "/broken", "/page", "/error"];
    let mut urls: Vec<String> = refused.iter().chain(&failed).map(|path| server.url(path)).collect();
    urls.push(format!("https://127.0.0.1:{}/tls", server.port));
    urls.push(format!("http://127.0.0.1:{port}/not-allowed"));
    urls.push(server.url("/good"));
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let output = server.fetch(folder.path(), &urls);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    for path in refused {
        assert!(said.contains(&format!("refused {}: ", server.url(path))), "{path}: {said}");
    }
    for path in failed {
        assert!(said.contains(&format!("not fetched {}: ", server.url(path))), "{path}: {said}");
    }
    assert!(said.contains(&format!("not fetched https://127.0.0.1:{}/tls: ", server.port)), "{said}");
    assert!(said.contains("dateline: 1 fetched, 5 refused, 8 failed; in news/"), "{said}");
    assert_eq!(elsewhere.asked(), [""; 0], "nobody came to the server that was not allowed");
}

#[test]
fn a_site_that_is_broken_or_asks_for_a_pause_is_left_alone() {
    let server = Server::new(|path, _, stream| match path {
        "/robots.txt" => send(stream, "404 Not Found", "", b""),
        _ => send(stream, "429 Too Many Requests", "", b""),
    });
    let folder = tempfile::tempdir().unwrap();
    let output = server.fetch(folder.path(), &[&server.url("/1"), &server.url("/2"), &server.url("/3")]);
    assert!(text(&output.stderr).ends_with("3 failed\n"), "{}", text(&output.stderr));
    assert_eq!(server.asked(), ["/robots.txt", "/1"]);

    let server = Server::new(|_, _, stream| send(stream, "503 Unavailable", "", b""));
    let output = server.fetch(folder.path(), &[&server.url("/1"), &server.url("/2")]);
    assert!(text(&output.stderr).contains("its robots.txt can't be had"), "{}", text(&output.stderr));
    assert_eq!(server.asked(), ["/robots.txt"]);
}

#[test]
fn a_site_is_asked_at_its_pace() {
    let server = Server::new(|path, _, stream| match path {
        "/robots.txt" => send(stream, "200 OK", "", b"User-agent: dateline\nCrawl-delay: 0.4\n"),
        _ => send(stream, "200 OK", "Content-Type: text/xml\r\n", FEED.as_bytes()),
    });
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let output = server.fetch(folder.path(), &[&server.url("/1"), &server.url("/2"), &server.url("/3")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(started.elapsed() >= Duration::from_millis(800), "{:?}", started.elapsed());
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_it_has() {
    let server = Server::new(|path, _, stream| match path {
        "/robots.txt" => send(stream, "404 Not Found", "", b""),
        "/2" => {
            std::thread::sleep(Duration::from_secs(1));
            send(stream, "404 Not Found", "", b"")
        }
        _ => send(stream, "200 OK", "Content-Type: text/xml\r\n", FEED.as_bytes()),
    });
    let folder = tempfile::tempdir().unwrap();
    let host = format!("127.0.0.1:{}", server.port);
    let urls = ["/1", "/2", "/3"].map(|path| server.url(path));
    let arguments = ["fetch", "--pause", "0", "--allow-host", &host, &urls[0], &urls[1], &urls[2]];
    let child = command(folder.path(), &arguments).stderr(std::process::Stdio::piped()).spawn().unwrap();
    while !server.asked.lock().unwrap().iter().any(|path| path == "/2") {
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert_eq!(archives(folder.path()).len(), 1);
    assert!(!server.asked().contains(&"/3".to_owned()));
    let output = dateline(folder.path(), &["index", "news"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

/// It takes as long as a server may take.
#[test]
fn a_slow_server_is_given_up() {
    let server = Server::new(|path, _, stream| match path {
        "/robots.txt" => send(stream, "404 Not Found", "", b""),
        _ => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")?;
            loop {
                stream.write_all(b" ")?;
                std::thread::sleep(Duration::from_millis(200));
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let output = server.fetch(folder.path(), &[&server.url("/slow")]);
    let said = text(&output.stderr);
    assert!(said.contains("it was not there after 20 s"), "{said}");
    assert!((19..30).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}
