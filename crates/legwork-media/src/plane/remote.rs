//! Where a leg's packets must come from and go to; its one chance to learn otherwise.
//!
//! Not here: what is in them (`plane::leg`).
//! Source: "RTP bleed" (CVE-2017-14099, AST-2017-008, CVE-2025-53399): a media port that follows
//! whoever sends to it gives the call away. Packets count only from the signalled address. Where
//! that one is private and cannot be meant, the first proper packet from the machine that signalling
//! comes from tells the address (one NAT gives both the same, RFC 4787 §4.1); then it is locked until
//! the next negotiation names another one.

use std::net::{IpAddr, SocketAddr};

use crate::offer_answer::Agreed;

/// The peer's addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remote {
    rtp: SocketAddr,
    rtcp: SocketAddr,
    /// The next proper RTP packet from here tells its address.
    learns_rtp: Option<IpAddr>,
    /// The next proper RTCP packet from the machine that RTP was learned from tells its port.
    learns_rtcp: bool,
}

impl Remote {
    pub(super) fn new(agreed: &Agreed) -> Self {
        Self {
            rtp: agreed.remote_rtp,
            rtcp: agreed.remote_rtcp,
            learns_rtp: agreed.learn_from,
            learns_rtcp: false,
        }
    }

    /// After another negotiation: what was learned stays as long as the peer names the same.
    pub(super) fn renewed(self, before: &Agreed, agreed: &Agreed) -> Self {
        let signalled = |agreed: &Agreed| (agreed.remote_rtp, agreed.remote_rtcp);
        if signalled(before) == signalled(agreed) { self } else { Self::new(agreed) }
    }

    /// RTP from here may be looked at.
    pub(super) fn admits_rtp(&self, from: SocketAddr) -> bool {
        self.rtp == from || self.learns_rtp == Some(from.ip())
    }

    /// The packet looked at was proper: if there is something to learn, this is the time.
    pub(super) fn learn_rtp(&mut self, from: SocketAddr, rtcp_mux: bool) {
        if self.learns_rtp.take().is_none() || self.rtp == from {
            return;
        }
        self.rtp = from;
        self.learns_rtcp = !rtcp_mux;
        let next = if rtcp_mux { from.port() } else { from.port().saturating_add(1) };
        self.rtcp = SocketAddr::new(from.ip(), next);
    }

    /// RTCP from here may be looked at.
    pub(super) fn admits_rtcp(&self, from: SocketAddr) -> bool {
        let near = self.learns_rtcp && from.ip() == self.rtp.ip();
        self.learns_rtp.is_none() && (near || self.rtcp == from)
    }

    /// The packet looked at was proper.
    pub(super) fn learn_rtcp(&mut self, from: SocketAddr) {
        if self.learns_rtcp {
            self.learns_rtcp = false;
            self.rtcp = from;
        }
    }

    /// Where RTP goes. None: nowhere, or to a loopback address that only the peer's machine means.
    pub(super) fn rtp(&self) -> Option<SocketAddr> {
        self.reachable(self.rtp)
    }

    /// Where RTCP goes.
    pub(super) fn rtcp(&self) -> Option<SocketAddr> {
        self.reachable(self.rtcp)
    }

    fn reachable(&self, to: SocketAddr) -> Option<SocketAddr> {
        let nowhere = to.ip().is_unspecified() || to.port() == 0;
        let elsewhere = self.learns_rtp.is_some() && to.ip().is_loopback();
        (!nowhere && !elsewhere).then_some(to)
    }
}
