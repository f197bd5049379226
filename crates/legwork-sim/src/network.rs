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
}

impl Default for Quality {
    fn default() -> Self {
        Self { loss: 0, duplicate: 0, reorder: 0, delay: Duration::from_millis(2) }
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
        if datagram.kind == Kind::Rtp {
            self.put(now + quality.delay, datagram);
            return;
        }
        if self.dice.percent(quality.loss) {
            return;
        }
        if self.dice.percent(quality.duplicate) {
            let late = self.dice.time(Duration::from_millis(40));
            self.put(now + quality.delay + late, datagram.clone());
        }
        let late = if self.dice.percent(quality.reorder) {
            self.dice.time(Duration::from_millis(60))
        } else {
            Duration::ZERO
        };
        self.put(now + quality.delay + late, datagram);
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
