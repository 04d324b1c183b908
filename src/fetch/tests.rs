use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::FetchOptions;
use super::address::is_public;
use super::client::{Client, Outcome};
use super::queue::{Job, Queue};
use super::state::{State, Validators};
use crate::control::Cancel;
use crate::source::{Form, Origin, Record};

fn options() -> FetchOptions {
    FetchOptions { pause: Duration::ZERO, ..FetchOptions::new("") }
}

#[test]
fn special_addresses_are_not_public() {
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "100::1",
        "5f00::1",
    ] {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "100.63.0.1",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::1",
    ] {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

/// A server that counts who comes.
struct Counted {
    port: u16,
    connections: std::sync::Arc<AtomicUsize>,
}

impl Counted {
    fn new() -> Self {
        // All addresses of this machine, of both versions where there are two.
        let listener = std::net::TcpListener::bind("[::]:0")
            .or_else(|_| std::net::TcpListener::bind("0.0.0.0:0"))
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = std::sync::Arc::new(AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                drop(stream);
            }
        });
        Self { port, connections }
    }

    fn count(&self) -> usize {
        std::thread::sleep(Duration::from_millis(50));
        self.connections.load(Ordering::SeqCst)
    }
}

#[test]
fn no_spelling_of_a_private_address_is_connected_to() {
    let server = Counted::new();
    let mut client = Client::new(&options()).unwrap();
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[0:0:0:0:0:ffff:7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]",
    ] {
        let url = format!("http://{host}:{}/feed", server.port);
        let started = Instant::now();
        let outcome = client.get(&url, None, &Cancel::new()).unwrap();
        assert!(
            matches!(&outcome, Outcome::Refused(_))
                // Names that this machine does not know lead nowhere.
                || matches!(&outcome, Outcome::Failed(reason) if reason.contains("robots.txt can't be had")),
            "{url}: {outcome:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(10), "{url}");
    }
    for url in [
        "file:///etc/passwd",
        "ftp://a.example/",
        "gopher://a.example/",
        "//a.example",
        "http://",
        "x",
        "http://u:p@a.example/",
    ] {
        let outcome = client.get(url, None, &Cancel::new()).unwrap();
        assert!(matches!(outcome, Outcome::Refused(_)), "{url}: {outcome:?}");
    }
    assert_eq!(server.count(), 0);
    // The same server answers where it was allowed by name.
    let allowed = FetchOptions { allowed_hosts: vec![format!("LocalHost:{}", server.port)], ..options() };
    let mut client = Client::new(&allowed).unwrap();
    client.get(&format!("http://localhost:{}/feed", server.port), None, &Cancel::new()).unwrap();
    assert!(server.count() > 0);
}

/// A name whose address changes with every look-up.
#[derive(Debug)]
struct Rebinding {
    asked: AtomicUsize,
    port: u16,
}

impl Resolver for Rebinding {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        let public = || format!("[2606:4700::1]:{}", self.port).parse().unwrap();
        let private = || format!("127.0.0.1:{}", self.port).parse().unwrap();
        match self.asked.fetch_add(1, Ordering::SeqCst) {
            0 => {
                found.push(public());
                found.push(private());
            }
            _ => found.push(private()),
        }
        Ok(found)
    }
}

#[test]
fn a_name_that_changes_its_address_leads_nowhere() {
    let server = Counted::new();
    let resolver = Rebinding { asked: AtomicUsize::new(0), port: server.port };
    let mut client = Client::with_resolver(&options(), resolver).unwrap();
    for _ in 0..3 {
        let outcome = client.get("http://rebinding.example/feed", None, &Cancel::new()).unwrap();
        assert!(matches!(&outcome, Outcome::Refused(reason) if reason.contains("127.0.0.1")), "{outcome:?}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_contact_can_not_add_fields() {
    for contact in ["a b", "x\r\nCookie: y", "(x)", ""] {
        let made = Client::new(&FetchOptions { contact: Some(contact.to_owned()), ..options() });
        assert!(made.is_err(), "{contact:?}");
    }
    let made = Client::new(&FetchOptions { contact: Some("mailto:a@b.example".to_owned()), ..options() });
    assert!(made.unwrap().agent().ends_with(" (+mailto:a@b.example)"));
}

#[test]
fn no_host_waits_for_another() {
    let url = |host: &str| format!("http://{host}/feed");
    let feeds = ["a", "a", "b", "c"].map(url);
    let mut queue = Queue::new(&feeds);
    let later = Instant::now() + Duration::from_mins(1);
    let mut order = Vec::new();
    // The first host is busy until later, the others are free.
    while let Some(job) = queue.next(|url| url.contains("//a/").then_some(later), true) {
        if let Job::Feed { url } = &job {
            order.push(url.clone());
            let item =
                Record::new(Origin { path: "x".into(), ordinal: 0, line: None }, Form::Feed, Vec::new());
            let pages = ["http://c/1".to_owned(), "http://a/2".to_owned()].map(|page| (page, item.clone()));
            queue.feed_read(url, Validators::default(), pages.to_vec());
        } else if let Job::Page { url, .. } = &job {
            order.push(url.clone());
        }
        queue.done(&job);
    }
    assert_eq!(order, ["http://b/feed", "http://c/feed", "http://c/1", "http://a/feed", "http://a/2"]);
}

#[test]
fn what_is_known_is_kept_and_guarded() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = State::open(folder.path()).unwrap();
    assert!(State::open(folder.path()).is_err());
    let version = Validators::new(Some("\"x\""), Some(&"y".repeat(5000)));
    assert!(version.last_modified.is_none());
    state.keep_feed("http://a.example/", version.clone());
    state.keep_page("http://a.example/1");
    state.save().unwrap();
    std::fs::write(folder.path().join(".dateline-fetch-x.part"), "of a run that was killed").unwrap();
    let mut state = State::open(folder.path()).unwrap();
    assert_eq!(state.validators("http://a.example/"), Some(&version));
    assert!(state.has_page("http://a.example/1") && !state.has_page("http://a.example/2"));
    drop(state);
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    std::fs::write(folder.path().join(".dateline-fetch.json"), "{").unwrap();
    assert!(State::open(folder.path()).is_err());
}
