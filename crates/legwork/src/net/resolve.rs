//! Where a SIP URI leads: addresses at once, names through the system's resolver.
//!
//! Not here: choosing among the targets (`legwork-call`).
//! Source: RFC 3263 §4.
//! Deviation: A and AAAA records only, no NAPTR and SRV yet.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use legwork_call::io::{Input, ResolveId, Target};
use legwork_sip::Transport;
use tokio::runtime::Handle;

use crate::limit;
use crate::net::route;
use crate::serve::inbox::{Event, Post};

/// SIP over UDP and TCP.
const DEFAULT_PORT: u16 = 5060;

/// One question.
#[derive(Clone, Debug)]
pub struct Question {
    /// For the answer.
    pub id: ResolveId,
    /// A name or an address.
    pub host: String,
    /// Its port, if named.
    pub port: Option<u16>,
    /// Its transport, if named.
    pub transport: Option<Transport>,
    /// Decides between equal targets.
    pub random: u64,
}

impl Question {
    /// The address in the question, if it holds one.
    pub fn literal(&self) -> Option<SocketAddr> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        let ip: IpAddr = host.parse().ok()?;
        Some(SocketAddr::new(ip, self.port()))
    }

    /// One target of it.
    pub fn target(&self, remote: SocketAddr, local_ip: IpAddr) -> Target {
        Target { transport: self.transport.unwrap_or(Transport::Udp), remote, local_ip }
    }

    fn port(&self) -> u16 {
        self.port.unwrap_or(DEFAULT_PORT)
    }
}

/// Asks for names without holding up the engine.
#[derive(Clone, Debug)]
pub struct Resolver {
    runtime: Handle,
    post: Post,
    asking: Arc<AtomicUsize>,
}

impl Resolver {
    /// Answers go to `post`.
    pub fn new(runtime: Handle, post: Post) -> Self {
        Self { runtime, post, asking: Arc::default() }
    }

    /// Asks; the answer comes as an input. False: too many are being asked, nothing will come.
    pub fn ask(&self, question: Question) -> bool {
        if self.asking.load(Ordering::Relaxed) >= limit::LOOKUPS_MAX {
            tracing::warn!(limit = limit::LOOKUPS_MAX, "too many names to look up");
            return false;
        }
        self.asking.fetch_add(1, Ordering::Relaxed);
        let (post, asking) = (self.post.clone(), Arc::clone(&self.asking));
        self.runtime.spawn(async move {
            let targets = look_up(&question).await;
            asking.fetch_sub(1, Ordering::Relaxed);
            post.send(Event::Input(Input::Resolved { id: question.id, targets })).await;
        });
        true
    }
}

async fn look_up(question: &Question) -> Vec<Target> {
    let asked = tokio::net::lookup_host((question.host.as_str(), question.port()));
    let Ok(Ok(addresses)) = tokio::time::timeout(limit::LOOKUP_TIMEOUT, asked).await else {
        return Vec::new();
    };
    let mut targets: Vec<Target> = Vec::new();
    for remote in addresses {
        let known = targets.iter().any(|t| t.remote == remote);
        if targets.len() < limit::TARGETS_MAX
            && !known
            && let Some(local_ip) = route::local_ip(remote.ip())
        {
            targets.push(question.target(remote, local_ip));
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(host: &str, port: Option<u16>) -> Question {
        Question { id: ResolveId(1), host: host.to_owned(), port, transport: None, random: 1 }
    }

    #[test]
    fn addresses_are_answered_at_once() {
        let table = [
            ("127.0.0.1", None, Some("127.0.0.1:5060")),
            ("127.0.0.1", Some(5070), Some("127.0.0.1:5070")),
            ("::1", None, Some("[::1]:5060")),
            ("[::1]", Some(5070), Some("[::1]:5070")),
            ("localhost", None, None),
            ("127.0.0.1.example", None, None),
        ];
        for (host, port, expected) in table {
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(question(host, port).literal(), expected, "{host}");
        }
    }

    #[tokio::test]
    async fn names_are_looked_up() {
        let targets = look_up(&question("localhost", None)).await;
        assert!(targets.iter().any(|t| t.remote.ip().is_loopback() && t.local_ip.is_loopback()));
        assert!(look_up(&question("no-such-host.invalid", None)).await.is_empty());
    }
}
