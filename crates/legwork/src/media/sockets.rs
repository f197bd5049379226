//! The sockets of one media thread, bound in pairs, RTP on the even port.
//!
//! Not here: what is read from them (`media::thread`).
//! Source: RFC 3550 §11 for the pairs; epoll(7).

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::os::fd::OwnedFd;

use legwork_media::plane::Channel;
use rustix::event::Timespec;
use rustix::event::epoll::{self, Event, EventData, EventFlags};

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
    listen: IpAddr,
    first_port: u16,
    n_pairs: usize,
    /// By place in the range; none: not yet tried, or somebody else's.
    pairs: Vec<Option<Pair>>,
}

#[derive(Debug)]
struct Pair {
    rtp: UdpSocket,
    rtcp: UdpSocket,
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
    Port(u16, Channel),
}

impl Sockets {
    /// None bound yet.
    pub(super) fn new(listen: IpAddr, ports: &RangeInclusive<u16>) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(system)?;
        let (first_port, n_pairs) = (*ports.start(), ports.len() / 2);
        Ok(Self { epoll, listen, first_port, n_pairs, pairs: Vec::new() })
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
            match self.bind(port, place) {
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

    fn bind(&self, port: u16, place: usize) -> io::Result<Pair> {
        let pair = Pair { rtp: self.socket(port)?, rtcp: self.socket(port + 1)? };
        let name = 2 * place as u64;
        for (socket, name) in [(&pair.rtp, name), (&pair.rtcp, name + 1)] {
            let data = EventData::new_u64(name);
            epoll::add(&self.epoll, socket, data, EventFlags::IN).map_err(system)?;
        }
        Ok(pair)
    }

    fn socket(&self, port: u16) -> io::Result<UdpSocket> {
        let socket = UdpSocket::bind(SocketAddr::new(self.listen, port))?;
        socket.set_nonblocking(true)?;
        rustix::net::sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER)
            .map_err(system)?;
        Ok(socket)
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
        let first_port = self.first_port;
        list.0.iter().filter_map(move |event| {
            let name = event.data.u64();
            if name == BELL {
                return Some(Ready::Bell);
            }
            let channel = if name % 2 == 0 { Channel::Rtp } else { Channel::Rtcp };
            Some(Ready::Port(first_port + u16::try_from(name & !1).ok()?, channel))
        })
    }

    /// A packet, if there is one.
    pub(super) fn receive(
        &self,
        port: u16,
        channel: Channel,
        buffer: &mut [u8],
    ) -> Option<(usize, SocketAddr)> {
        // Errors of earlier sends come out here, too: there is nothing to do about them.
        self.get(port, channel)?.recv_from(buffer).ok()
    }

    /// Sends a packet. One that can not be sent is a lost packet.
    pub(super) fn send(&self, port: u16, channel: Channel, to: SocketAddr, packet: &[u8]) {
        if let Some(socket) = self.get(port, channel) {
            let _ = socket.send_to(packet, to);
        }
    }

    fn get(&self, port: u16, channel: Channel) -> Option<&UdpSocket> {
        let place = usize::from(port.checked_sub(self.first_port)?) / 2;
        let pair = self.pairs.get(place)?.as_ref()?;
        Some(match channel {
            Channel::Rtp => &pair.rtp,
            Channel::Rtcp => &pair.rtcp,
        })
    }
}
