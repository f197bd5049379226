//! The sockets of one media thread, bound in pairs, RTP on the even port; where both IPv4 and IPv6 are
//! listened on, each port has a socket of either family.
//!
//! Not here: what is read from them (`media::thread`).
//! Source: RFC 3550 §11 for the pairs; epoll(7), ipv6(7).

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::os::fd::OwnedFd;

use legwork_media::plane::Channel;
use rustix::event::Timespec;
use rustix::event::epoll::{self, Event, EventData, EventFlags};
use socket2::{Domain, Protocol, Socket, Type};

use super::queue::Queue;
use super::system;

/// Pairs bound at a time. Some milliseconds of work.
const PAIRS_PER_TURN: usize = 256;

/// Bytes of a socket's buffer: a second of G.711 and its overhead. No leg is behind for longer.
const RECEIVE_BUFFER: usize = 64 * 1024;

/// Packets told of at a time.
const EVENTS_MAX: usize = 256;

/// What the bell of the queue is called in the epoll.
const BELL: u64 = u64::MAX;

/// All sockets of one thread.
#[derive(Debug)]
pub(super) struct Sockets {
    epoll: OwnedFd,
    listen: Vec<IpAddr>,
    first_port: u16,
    n_pairs: usize,
    /// By place in the range; none: not yet tried, somebody else's, or on another thread.
    pairs: Vec<Option<Pair>>,
    /// Those of other threads, by their even port.
    guests: HashMap<u16, Pair>,
}

/// Sockets on their way from one thread to another.
#[derive(Debug)]
pub(super) struct Moving {
    port: u16,
    pair: Pair,
}

#[derive(Debug)]
struct Pair {
    rtp: Port,
    rtcp: Port,
}

/// The sockets of one port: at least one.
#[derive(Debug)]
struct Port {
    v4: Option<UdpSocket>,
    v6: Option<UdpSocket>,
}

impl Pair {
    /// Its sockets, and what they are called in the epoll: port and family.
    fn named(&self, port: u16) -> impl Iterator<Item = (&UdpSocket, u64)> {
        let name = 2 * u64::from(port);
        let named = [
            (&self.rtp.v4, name),
            (&self.rtp.v6, name + 1),
            (&self.rtcp.v4, name + 2),
            (&self.rtcp.v6, name + 3),
        ];
        named.into_iter().filter_map(|(socket, name)| Some((socket.as_ref()?, name)))
    }
}

impl Port {
    fn of(&self, family: Family) -> Option<&UdpSocket> {
        match family {
            Family::V4 => self.v4.as_ref(),
            Family::V6 => self.v6.as_ref(),
        }
    }
}

/// Which of a port's sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

/// What epoll told last. Stays on its thread.
pub(super) struct ReadyList(Vec<Event>);

impl ReadyList {
    /// Empty, with its full room.
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(EVENTS_MAX))
    }
}

/// Who has something to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// The queue.
    Bell,
    /// One of the ports of the pair that begins there.
    Port(u16, Channel, Family),
}

impl Sockets {
    /// None bound yet.
    pub(super) fn new(listen: &[IpAddr], ports: &RangeInclusive<u16>) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(system)?;
        let (first_port, n_pairs) = (*ports.start(), ports.len() / 2);
        let (listen, guests) = (listen.to_vec(), HashMap::new());
        Ok(Self { epoll, listen, first_port, n_pairs, pairs: Vec::new(), guests })
    }

    /// Binds some more pairs and gives their even ports. Ports that somebody else has are passed
    /// over. Empty: the range is used up.
    ///
    /// # Errors
    /// The system gives no more sockets, or the address is not ours, and not one pair was bound.
    pub(super) fn bind_more(&mut self) -> io::Result<Vec<u16>> {
        let mut bound = Vec::new();
        while bound.len() < PAIRS_PER_TURN && self.pairs.len() < self.n_pairs {
            let place = self.pairs.len();
            let port = self.first_port + 2 * place as u16;
            match self.bind(port) {
                Ok(pair) => {
                    bound.push(port);
                    self.pairs.push(Some(pair));
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => self.pairs.push(None),
                Err(error) if bound.is_empty() => return Err(error),
                // It will be told when they are asked for next.
                Err(_) => break,
            }
        }
        Ok(bound)
    }

    fn bind(&self, port: u16) -> io::Result<Pair> {
        let pair = Pair { rtp: self.port(port)?, rtcp: self.port(port + 1)? };
        self.hear(port, &pair)?;
        Ok(pair)
    }

    /// What comes to these sockets is told from now on.
    fn hear(&self, port: u16, pair: &Pair) -> io::Result<()> {
        for (socket, name) in pair.named(port) {
            let data = EventData::new_u64(name);
            epoll::add(&self.epoll, socket, data, EventFlags::IN).map_err(system)?;
        }
        Ok(())
    }

    /// Takes the sockets of a pair, for another thread. What has come to them is read there.
    pub(super) fn take(&mut self, port: u16) -> Option<Moving> {
        let own = self.place(port).and_then(|place| self.pairs.get_mut(place)?.take());
        let pair = own.or_else(|| self.guests.remove(&port))?;
        for (socket, _) in pair.named(port) {
            // It fails only where it is not heard, which is what is wanted.
            let _ = epoll::delete(&self.epoll, socket);
        }
        Some(Moving { port, pair })
    }

    /// Puts up the sockets of a pair that come from another thread.
    pub(super) fn put(&mut self, moving: Moving) {
        let Moving { port, pair } = moving;
        if let Err(error) = self.hear(port, &pair) {
            tracing::warn!(%error, port, "the sockets of a leg that moved can not be heard");
        }
        match self.place(port).and_then(|place| self.pairs.get_mut(place)) {
            Some(own) => *own = Some(pair),
            None => drop(self.guests.insert(port, pair)),
        }
    }

    /// Among our own.
    fn place(&self, port: u16) -> Option<usize> {
        let place = usize::from(port.checked_sub(self.first_port)?) / 2;
        (place < self.n_pairs).then_some(place)
    }

    fn port(&self, port: u16) -> io::Result<Port> {
        let mut bound = Port { v4: None, v6: None };
        for ip in &self.listen {
            let socket = socket(SocketAddr::new(*ip, port))?;
            match Family::of(*ip) {
                Family::V4 => bound.v4 = Some(socket),
                Family::V6 => bound.v6 = Some(socket),
            }
        }
        Ok(bound)
    }

    /// Hears the bell, too.
    pub(super) fn watch(&self, queue: &Queue) -> io::Result<()> {
        let data = EventData::new_u64(BELL);
        epoll::add(&self.epoll, queue, data, EventFlags::IN).map_err(system)
    }

    /// Waits until something can be read, or this long; none is for ever. Level-triggered: one
    /// packet is read per socket and turn, the rest is told of again, and nobody pays for a read
    /// that finds nothing.
    pub(super) fn wait(&self, ready: &mut ReadyList, timeout: Option<Timespec>) -> io::Result<()> {
        ready.0.clear();
        let room = rustix::buffer::spare_capacity(&mut ready.0);
        match epoll::wait(&self.epoll, room, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(system(error)),
        }
    }

    /// Who has something to read.
    pub(super) fn ready(&self, list: &ReadyList) -> impl Iterator<Item = Ready> {
        list.0.iter().filter_map(|event| {
            let name = event.data.u64();
            if name == BELL {
                return Some(Ready::Bell);
            }
            let family = if name & 1 == 0 { Family::V4 } else { Family::V6 };
            let channel = if name & 2 == 0 { Channel::Rtp } else { Channel::Rtcp };
            Some(Ready::Port(u16::try_from(name / 4 * 2).ok()?, channel, family))
        })
    }

    /// A packet, if there is one.
    pub(super) fn receive(
        &self,
        port: u16,
        channel: Channel,
        family: Family,
        buffer: &mut [u8],
    ) -> Option<(usize, SocketAddr)> {
        // Errors of earlier sends come out here, too: there is nothing to do about them.
        self.get(port, channel, family)?.recv_from(buffer).ok()
    }

    /// Sends a packet. One that can not be sent is a lost packet.
    pub(super) fn send(&self, port: u16, channel: Channel, to: SocketAddr, packet: &[u8]) {
        if let Some(socket) = self.get(port, channel, Family::of(to.ip())) {
            let _ = socket.send_to(packet, to);
        }
    }

    fn get(&self, port: u16, channel: Channel, family: Family) -> Option<&UdpSocket> {
        let pair = match self.place(port) {
            Some(place) => self.pairs.get(place)?.as_ref()?,
            None => self.guests.get(&port)?,
        };
        match channel {
            Channel::Rtp => pair.rtp.of(family),
            Channel::Rtcp => pair.rtcp.of(family),
        }
    }
}

fn socket(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        // IPv4 has a socket of its own.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
