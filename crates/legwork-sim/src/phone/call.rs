//! One call of a phone: its dialog, its session, and the text of the messages inside it.
//!
//! Not here: when they are sent (`outgoing`, `incoming`).
//! Source: RFC 3261 §12.

use std::net::SocketAddr;

use bytes::Bytes;
use legwork_sip::header::Name;

use super::sdp::{Direction, Remote};
use crate::wire::{Wire, uri_of};

/// Names one call of one phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallNo(pub u32);

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// We sent INVITE.
    Calling,
    /// We got INVITE and have not answered finally.
    Ringing,
    /// Answered by either side.
    Talking,
    /// Over.
    Ended,
}

/// One call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) no: CallNo,
    /// Which of the phone's lines it is on, from 1.
    pub(super) line: usize,
    pub(super) state: State,
    pub(super) call_id: String,
    pub(super) local_tag: String,
    /// `From` of ours without tag, `To` of theirs without tag.
    pub(super) local: String,
    pub(super) remote: String,
    pub(super) remote_tag: Option<String>,
    pub(super) target: String,
    pub(super) routes: Vec<String>,
    pub(super) peer: SocketAddr,
    pub(super) cseq: u32,
    pub(super) is_caller: bool,
    pub(super) sdp_version: u32,
    pub(super) direction: Direction,
    pub(super) media: Option<Remote>,
    /// Where the other side is in further streams: who records hears all of them.
    pub(super) beside: Vec<SocketAddr>,
    /// The request (INVITE or re-INVITE) still to be answered.
    pub(super) asked: Option<Wire>,
    /// Our offer went out in a 200: the answer is in the ACK.
    pub(super) offered_late: bool,
    pub(super) reinvite_under_way: bool,
    /// CSeq of an INVITE of ours and its ACK, for 2xx that come again.
    pub(super) acks: Vec<(u32, Bytes, SocketAddr)>,
    pub(super) hung_up: bool,
    /// Our BYE was refused, or never answered: the other side may know nothing of it.
    pub(super) bye_failed: bool,
    /// We sent our session in a 183.
    pub(super) has_early_media: bool,
    /// Of the last reliable 1xx, ours or theirs.
    pub(super) rseq: u32,
}

impl Call {
    /// A call that begins with our own INVITE.
    pub(super) fn outgoing(no: CallNo, ids: (String, String), from: String, to: &str) -> Self {
        let (call_id, local_tag) = ids;
        Self {
            no,
            line: 1,
            state: State::Calling,
            call_id,
            local_tag,
            local: from,
            remote: format!("<{to}>"),
            remote_tag: None,
            target: to.to_owned(),
            routes: Vec::new(),
            peer: SocketAddr::from(([0, 0, 0, 0], 0)),
            cseq: 0,
            is_caller: true,
            sdp_version: 1,
            direction: Direction::SendRecv,
            media: None,
            beside: Vec::new(),
            asked: None,
            offered_late: false,
            reinvite_under_way: false,
            acks: Vec::new(),
            hung_up: false,
            bye_failed: false,
            has_early_media: false,
            rseq: 0,
        }
    }

    /// A call that begins with their INVITE.
    pub(super) fn incoming(no: CallNo, tag: String, from: SocketAddr, invite: &Wire) -> Self {
        let without_tag = |value: &str| value.split(";tag=").next().unwrap_or(value).to_owned();
        let call_id = invite.call_id().to_owned();
        let mut call = Self::outgoing(no, (call_id, tag), without_tag(invite.header(Name::To)), "");
        call.state = State::Ringing;
        call.is_caller = false;
        call.remote = without_tag(invite.header(Name::From));
        call.remote_tag = invite.from_tag().map(str::to_owned);
        call.target = invite.contact().to_owned();
        call.routes = invite.record_routes();
        call.peer = from;
        call
    }

    /// Where a request of this dialog goes: the first route, else the target; an address in
    /// figures, else where they last sent from.
    pub(super) fn next_hop(&self) -> SocketAddr {
        let uri = self.routes.first().map_or(self.target.as_str(), |route| uri_of(route));
        address_in(uri).unwrap_or(self.peer)
    }

    /// Sound may flow: answered, or early media was offered by either side.
    pub(super) fn is_heard(&self) -> bool {
        let may = match self.state {
            State::Calling | State::Talking => true,
            State::Ringing => self.has_early_media,
            State::Ended => false,
        };
        may && self.media.is_some()
    }

    /// What Replaces says of it to the other side: Call-ID, their tag, ours.
    pub(super) fn named(&self) -> [&str; 3] {
        [&self.call_id, self.remote_tag.as_deref().unwrap_or("0"), &self.local_tag]
    }

    /// Takes over what a 2xx to our INVITE or their target refresh says.
    pub(super) fn refresh(&mut self, from: SocketAddr, message: &Wire) {
        let contact = message.contact();
        if !contact.is_empty() {
            self.target = contact.to_owned();
        }
        self.peer = from;
    }
}

/// `ip:port` of a SIP URI whose host is an address in figures.
pub(super) fn address_in(uri: &str) -> Option<SocketAddr> {
    let rest = uri.strip_prefix("sip:")?;
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = host.split([';', '?']).next()?;
    host.parse().ok().or_else(|| Some(SocketAddr::new(host.parse().ok()?, 5060)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_figures() {
        for (uri, address) in [
            ("sip:a@10.0.0.2:5070;transport=udp", Some("10.0.0.2:5070")),
            ("sip:10.0.0.2?X-A=b", Some("10.0.0.2:5060")),
            ("sip:agent-b", None),
            ("tel:+81", None),
        ] {
            assert_eq!(address_in(uri), address.map(|a| a.parse().unwrap()), "{uri}");
        }
    }
}
