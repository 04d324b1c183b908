//! Which addresses are connected to: those of the public internet. A name is looked up once, and the connection goes to the
//! address that was checked, so that nothing can change in between.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Looks names up and refuses those that lead elsewhere.
#[derive(Debug)]
pub(super) struct Checked<R> {
    inner: R,
    /// `host:port` that are not checked, in lower case.
    allowed: Vec<String>,
}

impl<R: Resolver> Checked<R> {
    pub(super) fn new(inner: R, allowed: &[String]) -> Self {
        Self { inner, allowed: allowed.iter().map(|host| host.to_ascii_lowercase()).collect() }
    }
}

impl<R: Resolver> Resolver for Checked<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if host_and_port(uri).is_some_and(|host| self.allowed.contains(&host)) {
            return Ok(found);
        }
        // A name with a public and a private address is not one of a public site.
        match found.iter().find(|address| !is_public(address.ip())) {
            Some(address) => Err(ureq::Error::Other(Box::new(NotPublic(address.ip())))),
            None => Ok(found),
        }
    }
}

/// `host:port` of an address on the web, in lower case.
pub(super) fn host_and_port(uri: &Uri) -> Option<String> {
    let usual = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    Some(format!("{}:{}", uri.host()?.to_ascii_lowercase(), uri.port_u16().unwrap_or(usual)))
}

/// A name leads to an address that is not one of the public internet.
#[derive(Debug)]
pub(super) struct NotPublic(IpAddr);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it leads to {}, which is not an address of the public internet", self.0)
    }
}

impl std::error::Error for NotPublic {}

/// Whether an address is one of the public internet, by the registries of special addresses (RFC 6890 and what followed).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    // This network, private use, shared between a provider and its customers, loopback, link-local with the services of cloud
    // machines.
    let is_local = matches!(
        address.octets(),
        [0 | 10 | 127, ..] | [100, 64..=127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..]
    );
    // Protocol assignments, documentation, relays that are no longer there, benchmarks, multicast and what is reserved.
    let is_special = matches!(
        address.octets(),
        [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..]
    );
    !is_local && !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // An address of version 4 in its several disguises: mapped, translated, tunnelled.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => embedded(high, low),
        // Tunnels and other protocols, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All that is public today lies in one eighth.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}
