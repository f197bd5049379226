//! The UDP sockets SIP listens on, read and written by the engine itself.
//!
//! Not here: streams (`stream`), what a message means (`legwork-sip`).
//! Source: RFC 3261 §18.1, §18.2.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use mio::net::UdpSocket;
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::limit;

/// One socket.
#[derive(Debug)]
pub struct Listener {
    socket: UdpSocket,
    local: SocketAddr,
}

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is under way.
    Yes,
    /// The socket's buffer is full, the firewall took it, or it is too long: it is lost, and sent again
    /// by its transaction.
    Lost,
    /// It can not get there.
    NoWay,
}

impl Listener {
    /// Binds. Port 0: any.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.set_nonblocking(true)?;
        // Smaller buffers than asked for still work.
        let _ = socket.set_recv_buffer_size(limit::SOCKET_BUFFER);
        let _ = socket.set_send_buffer_size(limit::SOCKET_BUFFER);
        socket.bind(&address.into())?;
        let socket = UdpSocket::from_std(socket.into());
        let local = socket.local_addr()?;
        Ok(Self { socket, local })
    }

    /// Where it is bound.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Its socket, for the poll.
    pub fn source(&mut self) -> &mut UdpSocket {
        &mut self.socket
    }

    /// It is where a message with our side `local` leaves.
    pub fn serves(&self, local: SocketAddr) -> bool {
        self.local.port() == local.port()
            && self.local.is_ipv4() == local.is_ipv4()
            && (self.local.ip() == local.ip() || self.local.ip().is_unspecified())
    }

    /// The next datagram; none: wait for the poll.
    pub fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        // An error here is an ICMP error of an earlier datagram, or a signal.
        for _ in 0..limit::DATAGRAMS_PER_TURN {
            match self.socket.recv_from(buffer) {
                Ok(received) => return Some(received),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) => tracing::debug!(%error, "a datagram could not be read"),
            }
        }
        None
    }

    /// Sends a datagram. One that is too long for any is lost, and nothing else: whoever makes us answer
    /// at such length must not end what else is under way to the address he forged.
    pub fn send(&self, bytes: &[u8], remote: SocketAddr) -> Sent {
        if bytes.len() > limit::DATAGRAM_SENT_MAX {
            tracing::debug!(length = bytes.len(), peer = %remote, "longer than a datagram can be");
            return Sent::Lost;
        }
        match self.socket.send_to(bytes, remote) {
            Ok(_) => Sent::Yes,
            Err(error) => {
                tracing::debug!(%error, peer = %remote, "a datagram could not be sent");
                if is_a_loss(&error) { Sent::Lost } else { Sent::NoWay }
            }
        }
    }
}

/// The next one may get through. EPERM is what a rule that drops says, and a full table of connections.
fn is_a_loss(error: &io::Error) -> bool {
    let losses = [Errno::AGAIN, Errno::NOBUFS, Errno::NOMEM, Errno::PERM, Errno::INTR];
    Errno::from_io_error(error).is_some_and(|errno| losses.contains(&errno))
}

/// It only keeps a way through a NAT open (RFC 5626 §3.5.1 and what phones really send).
pub fn is_keep_alive(datagram: &[u8]) -> bool {
    datagram.len() <= 4 && datagram.iter().all(|b| matches!(b, b'\r' | b'\n' | 0 | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_serves_its_own_addresses() {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let local = listener.local();
        assert!(listener.serves(local));
        assert!(!listener.serves(SocketAddr::new([127, 0, 0, 2].into(), local.port())));
        let any = Listener::bind("0.0.0.0:0".parse().unwrap()).unwrap();
        let port = any.local().port();
        assert!(any.serves(SocketAddr::new([192, 0, 2, 1].into(), port)));
        assert!(!any.serves(SocketAddr::new([192, 0, 2, 1].into(), port.wrapping_add(1))));
        assert!(!any.serves(format!("[::1]:{port}").parse().unwrap()));
    }

    #[test]
    fn what_no_datagram_can_hold_is_lost() {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let sent = |length| listener.send(&vec![b'x'; length], listener.local());
        assert_eq!(sent(limit::DATAGRAM_SENT_MAX), Sent::Yes);
        assert_eq!(sent(limit::DATAGRAM_SENT_MAX + 1), Sent::Lost);
    }

    #[test]
    fn a_firewall_loses_datagrams_and_a_missing_route_ends_the_way() {
        let error = |errno: Errno| io::Error::from(errno);
        assert!(is_a_loss(&error(Errno::PERM)));
        assert!(!is_a_loss(&error(Errno::NETUNREACH)));
    }

    #[test]
    fn keep_alives_are_known() {
        for datagram in [&b""[..], b"\r\n\r\n", b"\0\0\0\0", b"\r\n"] {
            assert!(is_keep_alive(datagram), "{datagram:?}");
        }
        assert!(!is_keep_alive(b"BYE"));
        assert!(!is_keep_alive(b"\r\n\r\n\r\n"));
    }
}
