//! Our own address towards a peer: what the kernel's routes say, remembered for a while.
//!
//! Not here: which listener is used (`legwork-sip`).
//! Source: connecting a UDP socket sends nothing and chooses the source address (udp(7)).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Instant;

use crate::limit;

/// Remembered answers.
#[derive(Debug, Default)]
pub struct Routes {
    known: HashMap<IpAddr, (IpAddr, Instant)>,
}

impl Routes {
    /// Our own address towards `remote`; none: there is no way.
    pub fn local_ip(&mut self, now: Instant, remote: IpAddr) -> Option<IpAddr> {
        if let Some((local, since)) = self.known.get(&remote)
            && now.saturating_duration_since(*since) < limit::ROUTE_AGE
        {
            return Some(*local);
        }
        let local = local_ip(remote)?;
        if self.known.len() >= limit::ROUTES_MAX {
            // Peers come back at once or not for long: all are asked for anew.
            self.known.clear();
        }
        self.known.insert(remote, (local, now));
        Some(local)
    }
}

/// Asks the kernel.
pub fn local_ip(remote: IpAddr) -> Option<IpAddr> {
    let any: SocketAddr = match remote {
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).ok()?;
    // Any port will do, but not 0.
    socket.connect((remote, 5060)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_reached_from_loopback() {
        let mut routes = Routes::default();
        let now = Instant::now();
        let there: IpAddr = [127, 0, 0, 1].into();
        assert_eq!(routes.local_ip(now, there), Some(there));
        assert_eq!(routes.known.len(), 1);
    }

    #[test]
    fn routes_are_bounded_and_grow_old() {
        let mut routes = Routes::default();
        let now = Instant::now();
        for i in 0..limit::ROUTES_MAX {
            let [_, _, high, low] = u32::try_from(i).unwrap().to_be_bytes();
            let local: IpAddr = [127, 0, 0, 9].into();
            routes.known.insert([127, 1, high, low].into(), (local, now));
        }
        let old: IpAddr = [127, 1, 0, 0].into();
        assert_eq!(routes.local_ip(now, old), Some([127, 0, 0, 9].into()));
        let later = now + limit::ROUTE_AGE;
        assert_ne!(routes.local_ip(later, old), Some([127, 0, 0, 9].into()));
        assert_eq!(routes.known.len(), 1);
    }
}
