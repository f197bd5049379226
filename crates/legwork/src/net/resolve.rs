//! Where a SIP URI leads: addresses at once, names by DNS, without holding up the engine.
//!
//! Not here: which questions are asked (`legwork_sip::locate`), how (`dns`), trying the targets
//! (`legwork-call`).
//! Source: RFC 3263 §4.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use legwork_call::io::{Input, ResolveId, Target};
use legwork_sip::Transport;
use legwork_sip::locate::{DEFAULT_PORT, Ours, Place, Search};
use legwork_sip::uri::address;
use tokio::runtime::Handle;

use crate::limit;
use crate::net::dns::Dns;
use crate::net::route;
use crate::serve::inbox::{Event, Post};

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
        let ip = address(self.host.as_bytes())?;
        Some(SocketAddr::new(ip, self.port.unwrap_or(DEFAULT_PORT)))
    }

    /// One target of it.
    pub fn target(&self, remote: SocketAddr, local_ip: IpAddr) -> Target {
        Target { transport: self.transport.unwrap_or(Transport::Udp), remote, local_ip }
    }
}

/// What we can send on, from where we listen.
pub fn ours(listen: &[(Transport, SocketAddr)]) -> Ours {
    let has = |transport| listen.iter().any(|(of, _)| *of == transport);
    Ours {
        udp: has(Transport::Udp),
        tcp: has(Transport::Tcp),
        ipv4: listen.iter().any(|(_, at)| at.is_ipv4()),
        ipv6: listen.iter().any(|(_, at)| at.is_ipv6()),
    }
}

/// Asks for names without holding up the engine.
#[derive(Clone, Debug)]
pub struct Resolver {
    runtime: Handle,
    post: Post,
    dns: Dns,
    ours: Ours,
    asking: Arc<AtomicUsize>,
}

impl Resolver {
    /// Answers go to `post`.
    pub fn new(runtime: Handle, post: Post, dns: Dns, ours: Ours) -> Self {
        Self { runtime, post, dns, ours, asking: Arc::default() }
    }

    /// Asks; the answer comes as an input. False: too many are being asked, nothing will come.
    pub fn ask(&self, question: Question) -> bool {
        if self.asking.load(Ordering::Relaxed) >= limit::LOOKUPS_MAX {
            tracing::warn!(limit = limit::LOOKUPS_MAX, "too many names to look up");
            return false;
        }
        self.asking.fetch_add(1, Ordering::Relaxed);
        let (post, asking) = (self.post.clone(), Arc::clone(&self.asking));
        let (dns, ours) = (self.dns.clone(), self.ours);
        self.runtime.spawn(async move {
            let targets = look_up(&dns, ours, &question).await;
            asking.fetch_sub(1, Ordering::Relaxed);
            post.send(Event::Input(Input::Resolved { id: question.id, targets })).await;
        });
        true
    }
}

async fn look_up(dns: &Dns, ours: Ours, question: &Question) -> Vec<Target> {
    let Question { host, port, transport, random, .. } = question.clone();
    let mut search = Search::new(Place { host, port, transport }, ours, random);
    loop {
        let questions = search.questions();
        if questions.is_empty() {
            break;
        }
        search.answers(dns.ask_all(questions).await);
    }
    let targets = search.targets().into_iter().filter_map(|(transport, remote)| {
        Some(Target { transport, remote, local_ip: route::local_ip(remote.ip())? })
    });
    targets.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

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

    #[test]
    fn what_we_listen_on_is_what_we_send_on() {
        let listen = |addresses: &[(Transport, &str)]| {
            let listen: Vec<_> =
                addresses.iter().map(|(t, at)| (*t, at.parse().unwrap())).collect();
            ours(&listen)
        };
        let v4 = Ours { udp: true, tcp: false, ipv4: true, ipv6: false };
        assert_eq!(listen(&[(Transport::Udp, "0.0.0.0:5060")]), v4);
        let all = [(Transport::Udp, "127.0.0.1:5060"), (Transport::Tcp, "[::1]:5060")];
        assert_eq!(listen(&all), Ours { udp: true, tcp: true, ipv4: true, ipv6: true });
    }

    #[tokio::test]
    async fn names_are_looked_up() {
        let servers = vec![([127, 0, 0, 1], 9).into()];
        let dns = Dns::new(&config::Dns { servers, timeout: std::time::Duration::from_secs(3) });
        let v4 = Ours { udp: true, tcp: true, ipv4: true, ipv6: false };
        let targets = look_up(&dns, v4, &question("localhost", None)).await;
        let here = "127.0.0.1:5060".parse().unwrap();
        assert!(targets.iter().any(|t| t.remote == here && t.local_ip.is_loopback()));
        assert!(look_up(&dns, v4, &question("no-such-host.invalid", None)).await.is_empty());
    }
}
