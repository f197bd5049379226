//! Where a SIP URI leads: which questions to put to DNS, and the targets their answers make, in order.
//!
//! A [`Search`] asks in rounds: NAPTR, then SRV, then addresses. It stops asking as soon as the URI, or
//! an answer, has said enough.
//! Not here: asking them, caching, time limits (the shell); trying the targets (`legwork-call`); `sips`:
//! there is no transport for it yet.
//! Source: RFC 3263 §4; RFC 2782 for priority and weight; RFC 3403 for NAPTR.

use std::net::{IpAddr, SocketAddr};

use crate::uri::address;
use crate::{Transport, limit};

/// SIP over UDP and TCP.
pub const DEFAULT_PORT: u16 = 5060;

/// What a URI says of where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A name, or an IP literal with or without brackets.
    pub host: String,
    /// Its port, if it names one.
    pub port: Option<u16>,
    /// Its `transport`, if it names one.
    pub transport: Option<Transport>,
}

/// What we can send on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ours {
    /// SIP over UDP.
    pub udp: bool,
    /// SIP over TCP.
    pub tcp: bool,
    /// From an IPv4 address.
    pub ipv4: bool,
    /// From an IPv6 address.
    pub ipv6: bool,
}

/// The kind of record asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Which transports a domain has.
    Naptr,
    /// Which hosts and ports it has for one of them.
    Srv,
    /// IPv4 addresses of a host.
    A,
    /// IPv6 addresses of a host.
    Aaaa,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// What is asked for.
    pub kind: Kind,
    /// Of whom; no dot at its end.
    pub name: String,
}

/// The records that answer one question. None of that kind, no such name, no answer: empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To `Naptr`.
    Naptr(Vec<Naptr>),
    /// To `Srv`.
    Srv(Vec<Srv>),
    /// To `A` and `Aaaa`.
    Addresses(Vec<IpAddr>),
}

/// A NAPTR record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naptr {
    /// The lowest is taken first.
    pub order: u16,
    /// Among those of one order, the lowest is taken first.
    pub preference: u16,
    /// `s`: an SRV record comes next.
    pub flags: String,
    /// `SIP+D2U`, `SIP+D2T`, …
    pub services: String,
    /// The name to go on with.
    pub replacement: String,
}

/// An SRV record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    /// The lowest is taken first.
    pub priority: u16,
    /// Its share among those of one priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host; empty or `.`: this service is decidedly not there.
    pub host: String,
}

/// Something with a priority and a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked<T> {
    /// The lowest is taken first.
    pub priority: u16,
    /// Its share among those of one priority; 0 hardly ever comes first.
    pub weight: u16,
    /// What.
    pub what: T,
}

/// Puts things in the order to be tried: by priority, and among equals by chance and weight.
/// `below(n)` gives a random number in `0..n`; `n` is at least 1.
///
/// Source: RFC 2782, "Weight".
pub fn order<T>(mut ranked: Vec<Ranked<T>>, mut below: impl FnMut(u64) -> u64) -> Vec<T> {
    // Those without weight stand first, so that they are drawn by a 0 alone.
    ranked.sort_by_key(|ranked| (ranked.priority, ranked.weight));
    let mut ordered = Vec::with_capacity(ranked.len());
    while let Some(first) = ranked.first() {
        let priority = first.priority;
        let equals = || ranked.iter().take_while(|ranked| ranked.priority == priority);
        let total: u64 = equals().map(|ranked| u64::from(ranked.weight)).sum();
        let drawn = below(total.saturating_add(1));
        let mut sum = 0;
        let chosen = equals().position(|ranked| {
            sum += u64::from(ranked.weight);
            sum >= drawn
        });
        ordered.push(ranked.remove(chosen.unwrap_or(0)).what);
    }
    ordered
}

/// A stretch of the way to a target that is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    transport: Transport,
    name: String,
    port: u16,
}

#[derive(Clone, Debug)]
enum Step {
    Naptr,
    /// The names asked, with the transport each of them stands for.
    Srv(Vec<(Transport, String)>),
    Addresses(Vec<Host>),
    Over,
}

/// One search. Ask `questions`, all of a round at once; give `answers`; until there are no questions.
#[derive(Clone, Debug)]
pub struct Search {
    place: Place,
    ours: Ours,
    random: u64,
    step: Step,
    targets: Vec<(Transport, SocketAddr)>,
}

impl Search {
    /// A search for a place. `random` decides between equal weights.
    pub fn new(place: Place, ours: Ours, random: u64) -> Self {
        let mut search = Self { place, ours, random, step: Step::Over, targets: Vec::new() };
        search.step = search.first_step();
        search
    }

    fn first_step(&mut self) -> Step {
        let Place { host, port, transport } = &self.place;
        let transport = transport.unwrap_or(Transport::Udp);
        if let Some(ip) = address(host.as_bytes()) {
            let target = (transport, SocketAddr::new(ip, port.unwrap_or(DEFAULT_PORT)));
            if self.has(transport) && self.reaches(ip) {
                self.targets.push(target);
            }
            return Step::Over;
        }
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if !is_name(&host) || self.transports().is_empty() {
            return Step::Over;
        }
        self.place.host.clone_from(&host);
        match (self.place.port, self.place.transport) {
            (Some(port), _) if self.has(transport) => {
                Step::Addresses(vec![Host { transport, name: host, port }])
            }
            (None, Some(transport)) if self.has(transport) => {
                Step::Srv(vec![service(transport, &host)])
            }
            (None, None) => Step::Naptr,
            (Some(_), _) | (None, Some(_)) => Step::Over,
        }
    }

    /// What to ask now, all at once. Empty: there is nothing more to ask.
    pub fn questions(&self) -> Vec<Question> {
        let question = |kind, name: &String| Question { kind, name: name.clone() };
        match &self.step {
            Step::Naptr => vec![question(Kind::Naptr, &self.place.host)],
            Step::Srv(services) => {
                services.iter().map(|(_, name)| question(Kind::Srv, name)).collect()
            }
            Step::Addresses(hosts) => {
                let asked = names(hosts).into_iter();
                asked.flat_map(|name| self.kinds().map(move |kind| question(kind, name))).collect()
            }
            Step::Over => Vec::new(),
        }
    }

    /// What was answered, in the order of the questions. A missing or wrong one counts as empty.
    pub fn answers(&mut self, answers: Vec<Answer>) {
        self.step = match std::mem::replace(&mut self.step, Step::Over) {
            Step::Naptr => self.after_naptr(answers),
            Step::Srv(services) => self.after_srv(&services, answers),
            Step::Addresses(hosts) => {
                self.after_addresses(&hosts, &answers);
                Step::Over
            }
            Step::Over => Step::Over,
        };
    }

    /// What was found, in the order to be tried, at most [`limit::TARGETS_MAX`]. Empty: nothing.
    pub fn targets(self) -> Vec<(Transport, SocketAddr)> {
        self.targets
    }

    // === rounds ===

    fn after_naptr(&self, answers: Vec<Answer>) -> Step {
        let records = match answers.into_iter().next() {
            Some(Answer::Naptr(records)) => records,
            Some(Answer::Srv(_) | Answer::Addresses(_)) | None => Vec::new(),
        };
        let transports = self.transports();
        let is_sip =
            |naptr: &Naptr| naptr.services.get(..3).is_some_and(|s| s.eq_ignore_ascii_case("sip"));
        if !records.iter().any(is_sip) {
            let host = &self.place.host;
            return Step::Srv(transports.iter().map(|of| service(*of, host)).collect());
        }
        // Only what is said there is there: a domain that has TLS alone is not called without.
        let mut usable: Vec<_> = records
            .into_iter()
            .filter_map(|naptr| Some((transport_of(&naptr)?, naptr)))
            .filter(|(transport, naptr)| {
                transports.contains(transport) && is_name(plain(&naptr.replacement))
            })
            .collect();
        usable.sort_by_key(|(_, naptr)| (naptr.order, naptr.preference));
        usable.truncate(limit::SERVICES_MAX);
        let services = usable
            .into_iter()
            .map(|(transport, naptr)| (transport, plain(&naptr.replacement).to_ascii_lowercase()));
        Step::Srv(services.collect())
    }

    fn after_srv(&mut self, services: &[(Transport, String)], answers: Vec<Answer>) -> Step {
        let mut hosts: Vec<Host> = Vec::new();
        let mut is_said = false;
        for ((transport, _), answer) in services.iter().zip(answers) {
            let Answer::Srv(mut records) = answer else { continue };
            is_said |= !records.is_empty();
            records.retain(|srv| srv.port != 0 && is_name(plain(&srv.host)));
            records.sort_by_key(|srv| srv.priority);
            records.truncate(limit::SRV_RECORDS_MAX);
            let ranked = records.into_iter().map(|srv| Ranked {
                priority: srv.priority,
                weight: srv.weight,
                what: Host {
                    transport: *transport,
                    name: plain(&srv.host).to_ascii_lowercase(),
                    port: srv.port,
                },
            });
            let random = &mut self.random;
            hosts.extend(order(ranked.collect(), |n| draw(random, n)));
        }
        hosts.truncate(limit::TARGETS_MAX);
        if !is_said {
            let transport = self.place.transport.unwrap_or(Transport::Udp);
            let transport = if self.has(transport) { transport } else { Transport::Tcp };
            hosts = vec![Host { transport, name: self.place.host.clone(), port: DEFAULT_PORT }];
        }
        if hosts.is_empty() { Step::Over } else { Step::Addresses(hosts) }
    }

    fn after_addresses(&mut self, hosts: &[Host], answers: &[Answer]) {
        let asked = names(hosts);
        let each = self.kinds().count().max(1);
        for host in hosts {
            let Some(place) = asked.iter().position(|name| **name == host.name) else { continue };
            for answer in answers.iter().skip(place * each).take(each) {
                let Answer::Addresses(found) = answer else { continue };
                for ip in found.iter().map(IpAddr::to_canonical) {
                    let target = (host.transport, SocketAddr::new(ip, host.port));
                    let is_room = self.targets.len() < limit::TARGETS_MAX;
                    if is_room && self.reaches(ip) && !self.targets.contains(&target) {
                        self.targets.push(target);
                    }
                }
            }
        }
    }

    // === what we have ===

    /// IPv4 first: where both are there and one way is broken, it is mostly that of IPv6, and finding
    /// out costs the caller seconds.
    fn kinds(&self) -> impl Iterator<Item = Kind> + use<> {
        let v4 = self.ours.ipv4.then_some(Kind::A);
        v4.into_iter().chain(self.ours.ipv6.then_some(Kind::Aaaa))
    }

    fn transports(&self) -> Vec<Transport> {
        [Transport::Udp, Transport::Tcp].into_iter().filter(|of| self.has(*of)).collect()
    }

    fn has(&self, transport: Transport) -> bool {
        match transport {
            Transport::Udp => self.ours.udp,
            Transport::Tcp => self.ours.tcp,
        }
    }

    fn reaches(&self, ip: IpAddr) -> bool {
        if ip.is_ipv4() { self.ours.ipv4 } else { self.ours.ipv6 }
    }
}

/// Every host once, in order.
fn names(hosts: &[Host]) -> Vec<&String> {
    let mut names: Vec<&String> = Vec::new();
    for host in hosts {
        if !names.contains(&&host.name) {
            names.push(&host.name);
        }
    }
    names
}

/// The transport a NAPTR record stands for, if we know it and an SRV record comes next.
fn transport_of(naptr: &Naptr) -> Option<Transport> {
    if !naptr.flags.eq_ignore_ascii_case("s") {
        return None;
    }
    let known = [("SIP+D2U", Transport::Udp), ("SIP+D2T", Transport::Tcp)];
    let found = known.iter().find(|(service, _)| naptr.services.eq_ignore_ascii_case(service));
    found.map(|(_, transport)| *transport)
}

fn service(transport: Transport, host: &str) -> (Transport, String) {
    let protocol = match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    };
    (transport, format!("_sip._{protocol}.{host}"))
}

fn plain(name: &str) -> &str {
    name.trim_end_matches('.')
}

/// Something DNS may be asked about (RFC 1035 §2.3.4).
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| (1..=63).contains(&label.len());
    (1..=253).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && name.split('.').all(is_label)
}

/// The next number below `n` of a splitmix sequence.
fn draw(state: &mut u64, n: u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % n.max(1)
}

#[cfg(test)]
mod tests;
