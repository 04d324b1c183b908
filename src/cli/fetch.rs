//! `dateline fetch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::args::When;
use super::interrupt;
use super::progress::grouped;
use super::report::{self, status};
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::{FetchEvent, FetchOptions, FetchReport, feeds_of_list, fetch};

#[derive(Args, Debug)]
pub(super) struct FetchArgs {
    /// Addresses of feeds
    #[arg(value_name = "FEED", required_unless_present = "opml")]
    feeds: Vec<String>,
    /// A list of feeds; may be repeated
    #[arg(long, value_name = "FILE")]
    opml: Vec<PathBuf>,
    /// Folder for the archives, one a run, and for what is known of earlier runs
    #[arg(long, value_name = "DIR", default_value = "news")]
    into: PathBuf,
    /// Download the page of every item that is new; where that can't be had, the item is kept
    #[arg(long)]
    full: bool,
    /// Most pages of a run; the next one goes on behind them
    #[arg(long, value_name = "N", default_value_t = 1000)]
    max_pages: usize,
    /// Seconds between two requests to one host; a site that asks for more gets more
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = parse_pause)]
    pause: Duration,
    /// Mailbox or page that tells sites who is fetching
    #[arg(long, value_name = "CONTACT")]
    contact: Option<String>,
    /// A server in your own network that may be connected to; may be repeated
    #[arg(long, value_name = "HOST:PORT", value_parser = parse_host)]
    allow_host: Vec<String>,
    /// Name everything that was fetched or has not changed
    #[arg(long, short)]
    verbose: bool,
}

fn parse_pause(text: &str) -> std::result::Result<Duration, String> {
    match text.parse::<f32>() {
        Ok(seconds) if (0.0..=3600.0).contains(&seconds) => Ok(Duration::from_secs_f32(seconds)),
        _ => Err("a number of seconds from 0 to 3600".to_owned()),
    }
}

fn parse_host(text: &str) -> std::result::Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.to_owned()),
        _ => Err("a host and a port, as in 127.0.0.1:8080".to_owned()),
    }
}

pub(super) fn run(args: &FetchArgs, when: When) -> Result<u8> {
    let mut feeds = args.feeds.clone();
    for list in &args.opml {
        let (named, is_cut) = feeds_of_list(list)?;
        if is_cut {
            report::warning(
                when,
                &format!("{}: only the first {} feeds are read", list.display(), named.len()),
            );
        }
        feeds.extend(named);
    }
    if feeds.is_empty() {
        return Err(Error::new(ErrorKind::Argument, "the list names no feeds")
            .with_hint("a list of feeds has the attribute xmlUrl"));
    }
    let options = FetchOptions {
        full: args.full,
        max_pages: args.max_pages,
        pause: args.pause,
        contact: args.contact.clone(),
        allowed_hosts: args.allow_host.clone(),
        ..FetchOptions::new(&args.into)
    };
    let done = fetch(&feeds, &options, &interrupt::flag(), &mut |event| say(when, args.verbose, &event))?;
    report::note(when, &sentence(&done));
    Ok(if done.is_interrupted {
        status::INTERRUPTED
    } else if done.failed + done.refused + done.disallowed > 0 {
        status::SKIPPED
    } else {
        status::DONE
    })
}

fn say(when: When, is_verbose: bool, event: &FetchEvent) {
    match event {
        FetchEvent::Fetched { url, bytes } if is_verbose => {
            report::note(when, &format!("fetched {url} ({} bytes)", grouped(*bytes)));
        }
        FetchEvent::Unchanged { url } if is_verbose => report::note(when, &format!("unchanged {url}")),
        FetchEvent::Disallowed { url } => {
            report::warning(when, &format!("not fetched {url}: the site's robots.txt does not allow it"));
        }
        FetchEvent::Refused { url, reason } => report::warning(when, &format!("refused {url}: {reason}")),
        FetchEvent::Failed { url, reason } => report::warning(when, &format!("not fetched {url}: {reason}")),
        FetchEvent::Fetched { .. } | FetchEvent::Unchanged { .. } => {}
    }
}

/// What a run did, as a line for a person.
fn sentence(done: &FetchReport) -> String {
    let counts = [
        (done.fetched, "fetched"),
        (done.unchanged, "unchanged"),
        (done.disallowed, "disallowed by robots.txt"),
        (done.refused, "refused"),
        (done.failed, "failed"),
        (done.left, "left to the next run"),
    ];
    let said: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    let said = if said.is_empty() { "nothing new".to_owned() } else { said.join(", ") };
    match &done.file {
        Some(file) => format!("{said}; in {}", file.display()),
        None => said,
    }
}
