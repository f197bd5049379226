//! Connections to applications, none of them to where applications may not be: the guard against
//! requests into our own network.
//!
//! Not here: HTTP (`link`, `journey`), the words of failures (`failure`).
//! Source: IANA special-purpose address registries (RFC 6890); error codes of Twilio, 112xx.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use url::Url;

use crate::fetch::failure::{Cause, Failure, NoConnection};
use crate::fetch::link::{Counted, Link};
use crate::fetch::wire::Wire;
use crate::limit;

/// An address that is not part of the public Internet.
pub fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (b & 0xc0) == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b & 0xfe) == 18)
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let inside = |high: u16, low: u16| {
        let [[w, x], [y, z]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_private_v4(Ipv4Addr::new(w, x, y, z))
    };
    ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || ip.is_unique_local()
        || ip.is_unicast_link_local()
        // Site-local, deprecated, and still inside.
        || (a & 0xffc0) == 0xfec0
        // IPv4 inside: compatible, NAT64, its local-use prefix, 6to4.
        || ([a, b, c, d, e, f] == [0; 6] && inside(g, h))
        || ([a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0] && inside(g, h))
        || [a, b, c] == [0x64, 0xff9b, 1]
        || (a == 0x2002 && inside(b, c))
}

/// Makes connections.
#[derive(Clone)]
pub struct Connector {
    tls: TlsConnector,
    allow_private: Arc<AtomicBool>,
    open: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("open", &self.open()).finish_non_exhaustive()
    }
}

impl Connector {
    /// Without connections; none into private networks.
    pub fn new(mut tls: rustls::ClientConfig) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tls = TlsConnector::from(Arc::new(tls));
        Self { tls, allow_private: Arc::default(), open: Arc::default() }
    }

    /// Whether connections into private networks are allowed, from now on.
    pub fn allow_private(&self, allow: bool) {
        self.allow_private.store(allow, Ordering::Relaxed);
    }

    /// How many connections there are, idle ones included.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// A connection to the application behind a URL, its TLS handshake included.
    ///
    /// # Errors
    /// Twilio's code for whatever stopped it.
    pub async fn connect(&self, url: &Url, patience: Duration) -> Result<Link, Failure> {
        let wire = self.open_wire(url, patience).await?;
        Link::new(wire).await.map_err(|error| Failure::of_head(&error))
    }

    /// Whether connections into private networks are allowed.
    pub fn allows_private(&self) -> bool {
        self.allow_private.load(Ordering::Relaxed)
    }

    /// The same without HTTP on it; with TLS for `https` and `wss`.
    ///
    /// # Errors
    /// The same.
    pub async fn open_wire(&self, url: &Url, patience: Duration) -> Result<Wire, Failure> {
        let by = Instant::now() + patience;
        let host = url.host_str().unwrap_or("");
        let port = url.port_or_known_default().unwrap_or(0);
        let addresses = self.addresses(host, port, patience).await?;
        let left = by.saturating_duration_since(Instant::now());
        let stream = connect_to_one_of(&addresses, left)
            .await
            .unwrap_or_else(|| Err(NoConnection::NoSuchHost(host.to_owned())))?;
        // Slower without, nothing more.
        let _ = stream.set_nodelay(true);
        let counted = Counted::new(&self.open);
        if matches!(url.scheme(), "https" | "wss") {
            let name = ServerName::try_from(bare(host).to_owned())
                .map_err(|_| NoConnection::NoSuchHost(host.to_owned()))?;
            let stream = timeout_at(by, self.tls.connect(name, stream)).await;
            let stream = stream.map_err(|_| {
                let text = "TLS: no handshake in time; does it speak TLS there?";
                Failure::new(11_220, Cause::Connect, text)
            })?;
            let stream = stream.map_err(|error| Failure::of_tls(&error))?;
            Ok(Wire::tls(stream, counted))
        } else {
            Ok(Wire::plain(stream, counted))
        }
    }

    /// The addresses of a host that may be connected to. Literals are names too.
    async fn addresses(
        &self,
        host: &str,
        port: u16,
        patience: Duration,
    ) -> Result<Vec<SocketAddr>, NoConnection> {
        let name = bare(host);
        let found: Vec<SocketAddr> = match name.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => match timeout(patience, tokio::net::lookup_host((name, port))).await {
                Ok(Ok(found)) => found.take(limit::TARGETS_MAX).collect(),
                Ok(Err(_)) | Err(_) => Vec::new(),
            },
        };
        let Some(first) = found.first().copied() else {
            return Err(NoConnection::NoSuchHost(host.to_owned()));
        };
        if self.allows_private() {
            return Ok(found);
        }
        let public: Vec<SocketAddr> = found.into_iter().filter(|a| !is_private(a.ip())).collect();
        if public.is_empty() {
            return Err(NoConnection::Private(host.to_owned(), first.ip()));
        }
        Ok(public)
    }
}

/// A host of a URL without the brackets of IPv6.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// The first that answers. Each has its share of the time: one that is silent, as IPv6 often is,
/// does not keep us from the next. None: there is no address.
async fn connect_to_one_of(
    addresses: &[SocketAddr],
    patience: Duration,
) -> Option<Result<TcpStream, NoConnection>> {
    let share = patience.checked_div(u32::try_from(addresses.len()).ok()?)?;
    let mut last = None;
    for address in addresses {
        let reason = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Some(Ok(stream)),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                NoConnection::Refused
            }
            Ok(Err(error)) => NoConnection::Failed(error),
            Err(_) => NoConnection::TimedOut,
        };
        last = Some(Err(reason));
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_and_outside() {
        let inside = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for ip in inside {
            assert!(is_private(ip.parse().unwrap()), "{ip}");
        }
        let outside = [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "203.0.113.1",
            "::ffff:1.1.1.1",
            "2606:4700::1",
            "64:ff9b::101:101",
            "2002:101:101::",
        ];
        for ip in outside {
            assert!(!is_private(ip.parse().unwrap()), "{ip}");
        }
    }

    #[tokio::test]
    async fn a_silent_address_leaves_time_for_the_next() {
        let patience = Duration::from_millis(200);
        // Nobody accepts, and one connection fills the queue: the next SYN is dropped.
        let full = tokio::net::TcpSocket::new_v4().unwrap();
        full.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let full = full.listen(0).unwrap();
        let silent = full.local_addr().unwrap();
        let _fills = TcpStream::connect(silent).await.unwrap();
        let there = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = there.local_addr().unwrap();
        let stream = connect_to_one_of(&[silent, good], patience).await.unwrap().unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        let alone = connect_to_one_of(&[silent], patience).await.unwrap();
        assert!(matches!(alone, Err(NoConnection::TimedOut)), "{alone:?}");
        assert!(connect_to_one_of(&[], patience).await.is_none());
    }

    #[tokio::test]
    async fn literals_and_names_are_guarded_alike() {
        let connector = Connector::new(crate::fetch::tls().unwrap());
        let patience = limit::CONNECT_TIMEOUT;
        for host in ["127.0.0.1", "[::1]", "localhost", "[::ffff:127.0.0.1]"] {
            let refused = connector.addresses(host, 80, patience).await;
            assert!(matches!(refused, Err(NoConnection::Private(..))), "{host}: {refused:?}");
        }
        connector.allow_private(true);
        let allowed = connector.addresses("127.0.0.1", 80, patience).await.unwrap();
        assert_eq!(allowed, ["127.0.0.1:80".parse().unwrap()]);
    }
}
