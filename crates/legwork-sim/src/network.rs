//! The virtual network: datagrams on their way, delayed, lost, doubled and overtaken by the seed.
//!
//! Not here: who sends and receives them (`world`).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::dice::Dice;
use crate::phone::Kind;

/// A datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Signalling or sound.
    pub kind: Kind,
    /// Who sent it.
    pub from: SocketAddr,
    /// Whom it is for.
    pub to: SocketAddr,
    /// What it says.
    pub bytes: Bytes,
}

/// How good a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality {
    /// Percent of signalling datagrams lost.
    pub loss: u32,
    /// Percent delivered twice.
    pub duplicate: u32,
    /// Percent that come late, so that later ones overtake them.
    pub reorder: u32,
    /// One way.
    pub delay: Duration,
    /// Up to so much more, each signalling datagram by itself.
    pub jitter: Duration,
}

impl Default for Quality {
    fn default() -> Self {
        let (delay, jitter) = (Duration::from_millis(2), Duration::ZERO);
        Self { loss: 0, duplicate: 0, reorder: 0, delay, jitter }
    }
}

/// Drops the next so many datagrams that begin with this text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Request method, or the status code of a response.
    pub what: String,
    /// Only from there, if said.
    pub from: Option<IpAddr>,
    /// Only to there, if said.
    pub to: Option<IpAddr>,
    /// How many still to drop.
    pub count: u32,
}

impl Trap {
    fn catches(&self, datagram: &Datagram) -> bool {
        let code = format!("SIP/2.0 {}", self.what);
        self.count > 0
            && datagram.kind == Kind::Sip
            && self.from.is_none_or(|ip| ip == datagram.from.ip())
            && self.to.is_none_or(|ip| ip == datagram.to.ip())
            && (datagram.bytes.starts_with(format!("{} ", self.what).as_bytes())
                || datagram.bytes.starts_with(code.as_bytes()))
    }
}

/// Everything that is under way.
#[derive(Debug)]
pub struct Network {
    dice: Dice,
    quality: Quality,
    links: BTreeMap<IpAddr, Quality>,
    traps: Vec<Trap>,
    /// Nothing gets to or from there until then.
    dark: Vec<(IpAddr, Instant)>,
    /// What is sent before then arrives then, all at once.
    held_until: Option<Instant>,
    order: u64,
    under_way: BinaryHeap<Reverse<(Instant, u64)>>,
    datagrams: BTreeMap<u64, Datagram>,
    signalling: usize,
}

impl Network {
    /// A good network.
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            quality: Quality::default(),
            links: BTreeMap::new(),
            traps: Vec::new(),
            dark: Vec::new(),
            held_until: None,
            order: 0,
            under_way: BinaryHeap::new(),
            datagrams: BTreeMap::new(),
            signalling: 0,
        }
    }

    /// How good it is from now on: everywhere, or to and from one address.
    pub fn set_quality(&mut self, of: Option<IpAddr>, quality: Quality) {
        match of {
            Some(ip) => drop(self.links.insert(ip, quality)),
            None => self.quality = quality,
        }
    }

    /// Good everywhere again; traps are taken away.
    pub fn heal(&mut self) {
        self.quality = Quality::default();
        self.links.clear();
        self.traps.clear();
        self.dark.clear();
        self.held_until = None;
    }

    /// Nothing gets to or from there until then.
    pub fn black_out(&mut self, ip: IpAddr, until: Instant) {
        self.dark.push((ip, until));
    }

    /// Signalling that is sent before then arrives then, all at once.
    pub fn hold_until(&mut self, until: Instant) {
        self.held_until = Some(until);
    }

    /// Sound gets there, and soon.
    pub fn is_clear(&self, now: Instant, ip: IpAddr) -> bool {
        let quality = self.links.get(&ip).unwrap_or(&self.quality);
        let is_dark = self.dark.iter().any(|(dark, until)| now < *until && *dark == ip);
        !is_dark && quality.delay <= Duration::from_millis(20)
    }

    fn is_dark(&self, now: Instant, datagram: &Datagram) -> bool {
        let is_end = |ip: IpAddr| ip == datagram.from.ip() || ip == datagram.to.ip();
        self.dark.iter().any(|(ip, until)| now < *until && is_end(*ip))
    }

    /// Drops some datagrams to come.
    pub fn add_trap(&mut self, trap: Trap) {
        self.traps.push(trap);
    }

    /// Puts a datagram on its way.
    pub fn send(&mut self, now: Instant, datagram: Datagram) {
        let quality = *(self.links.get(&datagram.from.ip()))
            .or_else(|| self.links.get(&datagram.to.ip()))
            .unwrap_or(&self.quality);
        if let Some(trap) = self.traps.iter_mut().find(|trap| trap.catches(&datagram)) {
            trap.count -= 1;
            return;
        }
        if self.is_dark(now, &datagram) {
            return;
        }
        if datagram.kind == Kind::Rtp {
            self.put(now + quality.delay, datagram);
            return;
        }
        if self.dice.percent(quality.loss) {
            return;
        }
        if self.dice.percent(quality.duplicate) {
            let late = self.dice.time(Duration::from_millis(40).max(quality.jitter));
            self.put(now + quality.delay + late, datagram.clone());
        }
        let late = if self.dice.percent(quality.reorder) {
            self.dice.time(Duration::from_millis(60))
        } else {
            Duration::ZERO
        };
        let late =
            if quality.jitter.is_zero() { late } else { late + self.dice.time(quality.jitter) };
        let at = now + quality.delay + late;
        self.put(self.held_until.map_or(at, |until| until.max(at)), datagram);
    }

    fn put(&mut self, at: Instant, datagram: Datagram) {
        self.order += 1;
        self.signalling += usize::from(datagram.kind == Kind::Sip);
        self.under_way.push(Reverse((at, self.order)));
        self.datagrams.insert(self.order, datagram);
    }

    /// When the next datagram arrives.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.under_way.peek().map(|Reverse((at, _))| *at)
    }

    /// The next datagram that has arrived by `now`.
    pub fn receive(&mut self, now: Instant) -> Option<Datagram> {
        self.next_arrival().filter(|at| *at <= now)?;
        let Reverse((_, order)) = self.under_way.pop()?;
        let datagram = self.datagrams.remove(&order)?;
        self.signalling -= usize::from(datagram.kind == Kind::Sip);
        Some(datagram)
    }

    /// No signalling is under way.
    pub fn is_quiet(&self) -> bool {
        self.signalling == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(text: &'static str) -> Datagram {
        let address = |n| SocketAddr::from(([10, 0, 0, n], 5060));
        Datagram {
            kind: Kind::Sip,
            from: address(1),
            to: address(2),
            bytes: Bytes::from_static(text.as_bytes()),
        }
    }

    fn deliver(network: &mut Network, now: Instant) -> Vec<Bytes> {
        let late = now + Duration::from_secs(1);
        std::iter::from_fn(|| network.receive(late)).map(|d| d.bytes).collect()
    }

    #[test]
    fn a_good_network_keeps_order_and_loses_nothing() {
        let (mut network, now) = (Network::new(1), Instant::now());
        network.send(now, datagram("A sip:a"));
        network.send(now, datagram("B sip:b"));
        assert_eq!(network.receive(now), None);
        assert_eq!(deliver(&mut network, now), ["A sip:a", "B sip:b"]);
        assert!(network.is_quiet());
    }

    #[test]
    fn chance_loses_and_doubles() {
        let (mut network, now) = (Network::new(1), Instant::now());
        let bad = Quality { loss: 30, duplicate: 30, ..Quality::default() };
        network.set_quality(None, bad);
        (0..1_000).for_each(|_| network.send(now, datagram("A sip:a")));
        let got = deliver(&mut network, now).len();
        assert!((850..970).contains(&got), "{got}");
    }

    #[test]
    fn in_the_dark_nothing_arrives_and_what_is_held_comes_at_once() {
        let (mut network, now) = (Network::new(1), Instant::now());
        let soon = now + Duration::from_millis(300);
        network.black_out(IpAddr::from([10, 0, 0, 2]), soon);
        network.send(now, datagram("A sip:a"));
        assert_eq!(network.next_arrival(), None);
        network.hold_until(soon);
        network.send(soon - Duration::from_millis(1), datagram("lost sip:a"));
        network.heal();
        network.hold_until(soon);
        for (ms, text) in [(1, "B sip:b"), (200, "C sip:c")] {
            network.send(now + Duration::from_millis(ms), datagram(text));
            assert_eq!(network.next_arrival(), Some(soon));
        }
        assert_eq!(deliver(&mut network, now), ["B sip:b", "C sip:c"]);
    }

    #[test]
    fn a_trap_drops_what_it_names_so_many_times() {
        let (mut network, now) = (Network::new(1), Instant::now());
        let to = Some(IpAddr::from([10, 0, 0, 2]));
        network.add_trap(Trap { what: "202".to_owned(), from: None, to, count: 1 });
        network.send(now, datagram("SIP/2.0 202 Accepted"));
        network.send(now, datagram("NOTIFY sip:a"));
        network.send(now, datagram("SIP/2.0 202 Accepted"));
        assert_eq!(deliver(&mut network, now), ["NOTIFY sip:a", "SIP/2.0 202 Accepted"]);
    }
}
