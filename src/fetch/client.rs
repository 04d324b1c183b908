//! One request after the other: to sites that allow it, at their pace, to checked addresses.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use ureq::Agent;
use ureq::http::{Response, Uri, header};
use ureq::unversioned::resolver::{DefaultResolver, Resolver};
use ureq::unversioned::transport::DefaultConnector;

use super::address::{Checked, NotPublic, host_and_port};
use super::robots::{self, Rules};
use super::state::Validators;
use super::{FetchOptions, MAX_BYTES, MAX_REDIRECTS, TIMEOUT};
use crate::control::Cancel;
use crate::decode::resolve;
use crate::error::{Error, ErrorKind, Result};

/// The name by which a `robots.txt` knows dateline.
const NAME: &str = "dateline";

/// How long the program sleeps before it looks whether it was stopped.
const NAP: Duration = Duration::from_millis(50);

/// What a server sent.
#[derive(Debug)]
pub(super) struct Answer {
    /// Where it came from in the end.
    pub(super) url: String,
    /// When it was asked for.
    pub(super) at: Timestamp,
    /// The head of the answer with its blank line.
    pub(super) head: String,
    /// The body as it was sent, packed where it was.
    pub(super) body: Vec<u8>,
    pub(super) validators: Validators,
}

/// What became of an address.
#[derive(Debug)]
pub(super) enum Outcome {
    Answer(Box<Answer>),
    Unchanged,
    Disallowed,
    Refused(String),
    Failed(String),
}

/// What one request gave.
enum Sent {
    Done(Outcome),
    Redirect(String),
    Status(u16),
}

pub(super) struct Client {
    agent: Agent,
    name: String,
    pause: Duration,
    /// By scheme, host and port.
    rules: BTreeMap<String, Rules>,
    /// Why a site is not asked any more in this run; by the same.
    closed: BTreeMap<String, String>,
    /// When a host may be asked again.
    next: BTreeMap<String, Instant>,
}

impl Client {
    pub(super) fn new(options: &FetchOptions) -> Result<Self> {
        Self::with_resolver(options, DefaultResolver::default())
    }

    pub(super) fn with_resolver(options: &FetchOptions, resolver: impl Resolver) -> Result<Self> {
        let version = env!("CARGO_PKG_VERSION");
        let name = match &options.contact {
            None => format!("{NAME}/{version}"),
            Some(contact)
                if !contact.is_empty()
                    && contact.bytes().all(|byte| byte.is_ascii_graphic() && !b"()".contains(&byte)) =>
            {
                format!("{NAME}/{version} (+{contact})")
            }
            Some(contact) => {
                return Err(Error::new(ErrorKind::Argument, format!("the contact {contact} is no address"))
                    .with_hint("give a mailbox or the address of a page, without spaces"));
            }
        };
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A proxy would look the names up itself, unchecked.
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .user_agent(name.as_str())
            // Unpacked is what is read from the archive, within the limits that hold there.
            .accept_encoding("gzip")
            .build();
        let resolver = Checked::new(resolver, &options.allowed_hosts);
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Ok(Self {
            agent,
            name,
            pause: options.pause,
            rules: BTreeMap::new(),
            closed: BTreeMap::new(),
            next: BTreeMap::new(),
        })
    }

    /// How dateline names itself.
    pub(super) fn agent(&self) -> &str {
        &self.name
    }

    /// When the host of an address may be asked; `None` for at once.
    pub(super) fn ready_at(&self, url: &str) -> Option<Instant> {
        let uri: Uri = url.parse().ok()?;
        self.next.get(&host_of(&uri)).copied()
    }

    /// Fetches an address, where it is allowed and has changed.
    pub(super) fn get(&mut self, url: &str, known: Option<&Validators>, cancel: &Cancel) -> Result<Outcome> {
        let mut url = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            let uri = match web_address(&url) {
                Ok(uri) => uri,
                Err(reason) => return Ok(Outcome::Refused(reason)),
            };
            let pause = match self.rules_of(&uri, cancel)? {
                Err(outcome) => return Ok(outcome),
                Ok(rules) if !rules.allow(uri.path_and_query().map_or("/", |path| path.as_str())) => {
                    return Ok(Outcome::Disallowed);
                }
                Ok(rules) => rules.pause.map_or(self.pause, |pause| pause.max(self.pause)),
            };
            match self.send(&uri, known, pause, cancel)? {
                Sent::Redirect(target) => url = target,
                Sent::Done(outcome) => return Ok(outcome),
                Sent::Status(status) => {
                    if matches!(status, 429 | 503) {
                        let reason = format!("the site has asked for a pause (status {status})");
                        self.closed.insert(site_of(&uri), reason);
                    }
                    return Ok(Outcome::Failed(format!("the site answers with status {status}")));
                }
            }
        }
        Ok(Outcome::Failed(format!("it is redirected more than {MAX_REDIRECTS} times")))
    }

    /// What a site allows, asked once.
    fn rules_of(&mut self, uri: &Uri, cancel: &Cancel) -> Result<std::result::Result<Rules, Outcome>> {
        let site = site_of(uri);
        if let Some(reason) = self.closed.get(&site) {
            return Ok(Err(Outcome::Failed(reason.clone())));
        }
        if let Some(rules) = self.rules.get(&site) {
            return Ok(Ok(rules.clone()));
        }
        let mut url = format!("{site}/robots.txt");
        let mut rules = Rules::default();
        for _ in 0..=MAX_REDIRECTS {
            let target = match web_address(&url) {
                Ok(target) => target,
                Err(reason) => return Ok(Err(Outcome::Refused(reason))),
            };
            let reason = match self.send(&target, None, self.pause, cancel)? {
                Sent::Redirect(next) => {
                    url = next;
                    continue;
                }
                Sent::Done(Outcome::Answer(answer)) => {
                    rules = Rules::read(&text_of(&answer), NAME);
                    break;
                }
                Sent::Done(Outcome::Refused(reason)) => return Ok(Err(Outcome::Refused(reason))),
                Sent::Done(Outcome::Failed(reason)) => reason,
                // What a site does not have forbids nothing; one that can't answer may forbid anything.
                Sent::Status(status) if (400..500).contains(&status) && status != 429 => break,
                Sent::Status(status) => format!("the site answers with status {status}"),
                Sent::Done(Outcome::Unchanged | Outcome::Disallowed) => break,
            };
            let reason = format!("its robots.txt can't be had: {reason}");
            self.closed.insert(site, reason.clone());
            return Ok(Err(Outcome::Failed(reason)));
        }
        self.rules.insert(site, rules.clone());
        Ok(Ok(rules))
    }

    /// One request, when the host may be asked again.
    fn send(
        &mut self,
        uri: &Uri,
        known: Option<&Validators>,
        pause: Duration,
        cancel: &Cancel,
    ) -> Result<Sent> {
        cancel.check()?;
        let host = host_of(uri);
        while let Some(left) =
            self.next.get(&host).and_then(|next| next.checked_duration_since(Instant::now()))
        {
            cancel.check()?;
            std::thread::sleep(left.min(NAP));
        }
        let at = Timestamp::now();
        let mut request = self.agent.get(uri);
        if let Some(known) = known {
            if let Some(etag) = &known.etag {
                request = request.header(header::IF_NONE_MATCH, etag);
            }
            if let Some(time) = &known.last_modified {
                request = request.header(header::IF_MODIFIED_SINCE, time);
            }
        }
        let sent = match request.call() {
            Ok(response) => read(uri, at, response),
            Err(ureq::Error::Other(other)) if other.is::<NotPublic>() => {
                Sent::Done(Outcome::Refused(other.to_string()))
            }
            Err(error) => Sent::Done(Outcome::Failed(reason_of(&error))),
        };
        self.next.insert(host, Instant::now() + pause);
        Ok(sent)
    }
}

/// The host of an address, of which the pace is kept.
fn host_of(uri: &Uri) -> String {
    uri.host().unwrap_or_default().to_ascii_lowercase()
}

/// Scheme, host and port of an address, which have rules of their own.
fn site_of(uri: &Uri) -> String {
    format!("{}://{}", uri.scheme_str().unwrap_or_default(), host_and_port(uri).unwrap_or_default())
}

/// An address on the web without a password; an error is the reason why it is none.
fn web_address(url: &str) -> std::result::Result<Uri, String> {
    let url = url.split('#').next().unwrap_or_default();
    // An address may hold letters of any language; on the way they are escaped.
    let escaped: String = url
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_graphic() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect();
    let uri: Uri = escaped.parse().map_err(|_| "it is no address".to_owned())?;
    if host_and_port(&uri).is_none() {
        return Err("it is no address of http or https".to_owned());
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("it holds a name or a password".to_owned());
    }
    Ok(uri)
}

fn read(uri: &Uri, at: Timestamp, response: Response<ureq::Body>) -> Sent {
    let status = response.status();
    let text = |name: header::HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    match status.as_u16() {
        200 => {}
        304 => return Sent::Done(Outcome::Unchanged),
        301 | 302 | 303 | 307 | 308 => {
            return match text(header::LOCATION).and_then(|target| resolve(Some(&uri.to_string()), target)) {
                Some(target) => Sent::Redirect(target),
                None => Sent::Done(Outcome::Refused(
                    "it is redirected to what is no address on the web".to_owned(),
                )),
            };
        }
        other => return Sent::Status(other),
    }
    let validators = Validators::new(text(header::ETAG), text(header::LAST_MODIFIED));
    let mut head = format!(
        "{:?} {} {}\r\n",
        response.version(),
        status.as_str(),
        status.canonical_reason().unwrap_or("")
    );
    for (name, value) in response.headers() {
        // The chunks of a body are gone when it has been read.
        let mark = if *name == header::TRANSFER_ENCODING { "x-crawl-" } else { "" };
        head.push_str(&format!("{mark}{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    head.push_str("\r\n");
    let mut body = Vec::new();
    let reader = response.into_body().into_with_config().limit(MAX_BYTES + 2).reader();
    if let Err(error) = reader.take(MAX_BYTES + 1).read_to_end(&mut body) {
        let reason = match error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
            Some(error) => reason_of(error),
            None => error.to_string(),
        };
        return Sent::Done(Outcome::Failed(reason));
    }
    if body.len() as u64 > MAX_BYTES {
        return Sent::Done(Outcome::Failed(format!("it has more than {} MB", MAX_BYTES >> 20)));
    }
    Sent::Done(Outcome::Answer(Box::new(Answer { url: uri.to_string(), at, head, body, validators })))
}

fn reason_of(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("it was not there after {} s", TIMEOUT.as_secs()),
        ureq::Error::HostNotFound => "no such host is known".to_owned(),
        other => other.to_string(),
    }
}

/// The text of a `robots.txt`, unpacked as far as it is read.
fn text_of(answer: &Answer) -> Vec<u8> {
    if !answer.body.starts_with(&[0x1f, 0x8b]) {
        return answer.body.clone();
    }
    let mut text = Vec::new();
    // What came before an error still counts.
    let _ = flate2::read::MultiGzDecoder::new(&*answer.body)
        .take(robots::MAX_BYTES as u64)
        .read_to_end(&mut text);
    text
}
