//! Connections to applications, none of them to where applications may not be: the guard against
//! requests into our own network.
//!
//! Not here: HTTP (`client`), TLS (rustls, around this).
//! Source: IANA special-purpose address registries (RFC 6890); error codes of Twilio, 112xx.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::limit;

/// Why there is no connection.
#[derive(Debug)]
pub enum NoConnection {
    /// The host has no address.
    NoSuchHost(String),
    /// Every address of the host is one that applications may not have.
    Private(String, IpAddr),
    /// Nothing answered in time.
    TimedOut,
    /// Nobody listens there.
    Refused,
    /// Anything else.
    Failed(io::Error),
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchHost(host) => write!(f, "{host} has no address"),
            Self::Private(host, ip) => write!(
                f,
                "{host} leads to {ip}, an address inside a private network; \
                 http.allow_private_webhooks = true would allow it"
            ),
            Self::TimedOut => f.write_str("no connection in 5 s; is a firewall in between?"),
            Self::Refused => f.write_str("connection refused; does the application run?"),
            Self::Failed(error) => write!(f, "no connection: {error}"),
        }
    }
}

impl std::error::Error for NoConnection {}

impl NoConnection {
    /// Trying again makes sense.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NoSuchHost(_) | Self::TimedOut | Self::Refused | Self::Failed(_) => true,
            Self::Private(..) => false,
        }
    }

    /// Twilio's code.
    pub fn code(&self) -> u32 {
        match self {
            Self::NoSuchHost(_) => 11_210,
            Self::Private(..) => 11_200,
            Self::TimedOut => 11_201,
            Self::Refused => 11_202,
            Self::Failed(_) => 11_205,
        }
    }
}

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
#[derive(Clone, Debug, Default)]
pub struct Connector {
    allow_private: Arc<AtomicBool>,
    open: Arc<AtomicUsize>,
}

impl Connector {
    /// Whether connections into private networks are allowed, from now on.
    pub fn allow_private(&self, allow: bool) {
        self.allow_private.store(allow, Ordering::Relaxed);
    }

    /// How many connections there are, idle ones included.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    async fn connect(self, uri: Uri) -> Result<Stream, NoConnection> {
        let host = uri.host().unwrap_or("");
        let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(default);
        let addresses = self.addresses(host, port).await?;
        let stream = connect_to_one_of(&addresses, limit::CONNECT_TIMEOUT)
            .await
            .unwrap_or_else(|| Err(NoConnection::NoSuchHost(host.to_owned())))?;
        // Slower without, nothing more.
        let _ = stream.set_nodelay(true);
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(Stream { io: TokioIo::new(stream), open: self.open })
    }

    /// The addresses of a host that may be connected to. Literals are names too.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, NoConnection> {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let found: Vec<SocketAddr> = match name.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => {
                match timeout(limit::CONNECT_TIMEOUT, tokio::net::lookup_host((name, port))).await {
                    Ok(Ok(found)) => found.take(limit::TARGETS_MAX).collect(),
                    Ok(Err(_)) | Err(_) => Vec::new(),
                }
            }
        };
        let Some(first) = found.first().copied() else {
            return Err(NoConnection::NoSuchHost(host.to_owned()));
        };
        if self.allow_private.load(Ordering::Relaxed) {
            return Ok(found);
        }
        let public: Vec<SocketAddr> = found.into_iter().filter(|a| !is_private(a.ip())).collect();
        if public.is_empty() {
            return Err(NoConnection::Private(host.to_owned(), first.ip()));
        }
        Ok(public)
    }
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

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = NoConnection;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, NoConnection>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoConnection>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// A connection, counted while it lives.
#[derive(Debug)]
pub struct Stream {
    io: TokioIo<TcpStream>,
    open: Arc<AtomicUsize>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
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
        let connector = Connector::default();
        for host in ["127.0.0.1", "[::1]", "localhost", "[::ffff:127.0.0.1]"] {
            let refused = connector.addresses(host, 80).await;
            assert!(matches!(refused, Err(NoConnection::Private(..))), "{host}: {refused:?}");
        }
        connector.allow_private(true);
        let allowed = connector.addresses("127.0.0.1", 80).await.unwrap();
        assert_eq!(allowed, ["127.0.0.1:80".parse().unwrap()]);
    }
}
