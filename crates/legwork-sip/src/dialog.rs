//! One dialog: its names, its sequence numbers, the way to the peer, and what it is used for.
//!
//! Not here: what may be sent when (`usage`); the table of all dialogs (`endpoint`).
//! Source: RFC 3261 §12, RFC 5057.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::endpoint::challenge::Login;
use crate::flow::{Flow, Transport};
use crate::header::Name;
use crate::name_addr::NameAddr;
use crate::transaction::TransactionId;
use crate::uri::Uri;
use crate::usage::invite::InviteUsage;
use crate::usage::refer::Subscription;
use crate::usage::referral::Referral;
use crate::{Message, limit, scan, uri};

/// What names the dialog on both sides. Values are as they stand in our requests.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) call_id: Box<[u8]>,
    /// We chose the Call-ID.
    pub(crate) owned: bool,
    /// Our `From`, with our tag.
    pub(crate) local: Box<[u8]>,
    /// Our `To`, with the peer's tag if it has one.
    pub(crate) remote: Box<[u8]>,
    /// `None` until the peer told it; empty if it has none (RFC 2543).
    pub(crate) remote_tag: Option<Box<[u8]>>,
}

impl Names {
    /// The peer as a response to our INVITE names it.
    pub(crate) fn learn_remote(&mut self, response: &Message) {
        self.remote = line_of(response, Name::To);
        self.remote_tag = Some(to_tag(response).unwrap_or_default().into());
    }

    /// The peer as our INVITE names it, which goes out once more.
    pub(crate) fn unlearn_remote(&mut self, invite: &Message) {
        self.remote = line_of(invite, Name::To);
        self.remote_tag = None;
    }
}

/// The way to the peer.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// Route values, nearest first.
    pub(crate) routes: Vec<Box<[u8]>>,
    /// The remote target.
    pub(crate) target: Box<[u8]>,
    /// Where the peer was heard last.
    pub(crate) flow: Flow,
    pub(crate) us: Us,
}

/// Our Contact, but for its address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Us {
    /// Its user part.
    pub(crate) user: Box<[u8]>,
    /// Its parameters, each behind its semicolon.
    pub(crate) parameters: &'static str,
}

/// Request-URI, Route values and flow of a request.
pub(crate) struct Way<'a> {
    pub(crate) uri: &'a [u8],
    pub(crate) routes: &'a [Box<[u8]>],
    /// Behind the other routes, towards a strict router: the remote target.
    pub(crate) last_route: Option<&'a [u8]>,
    pub(crate) flow: Flow,
}

impl Path {
    /// Takes the new Contact of the peer, if there is one.
    pub(crate) fn refresh(&mut self, message: &Message) {
        if let Some(contact) = contact_uri(message) {
            self.target = contact.into();
        }
    }

    /// How a request gets to the peer (RFC 3261 §12.2.1.1).
    pub(crate) fn way(&self) -> Way<'_> {
        let Some((first, others)) = self.routes.split_first() else {
            let flow = next_flow(self.flow, Uri::parse(&self.target).ok());
            return Way { uri: &self.target, routes: &[], last_route: None, flow };
        };
        let hop = NameAddr::parse(first).ok().map(|route| route.uri());
        let flow = next_flow(self.flow, hop);
        match hop {
            Some(strict) if strict.param("lr").is_none() => {
                let last_route = Some(self.target.as_ref());
                Way { uri: strict.as_bytes(), routes: others, last_route, flow }
            }
            Some(_) | None => {
                Way { uri: &self.target, routes: &self.routes, last_route: None, flow }
            }
        }
    }
}

/// A REFER its owner has still to answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PendingRefer {
    pub(crate) transaction: TransactionId,
    /// What `Event: refer;id=` will say; the first REFER of a dialog has none.
    pub(crate) event_id: Option<u32>,
}

/// One dialog, or one that is being made.
#[derive(Debug)]
pub(crate) struct Dialog {
    pub(crate) names: Names,
    pub(crate) path: Path,
    pub(crate) local_cseq: u32,
    pub(crate) remote_cseq: Option<u32>,
    /// `Allow` lists REFER.
    pub(crate) refer_allowed: bool,
    /// The peer's `Allow` lists UPDATE.
    pub(crate) update_allowed: bool,
    /// REFERs received, refused ones too.
    pub(crate) refers_seen: u32,
    pub(crate) pending: Vec<PendingRefer>,
    pub(crate) invite: InviteUsage,
    pub(crate) subscriptions: Vec<Subscription>,
    /// A REFER of ours, and what comes of it.
    pub(crate) referral: Option<Box<Referral>>,
    /// How we answer challenges here; never where the peer called us.
    pub(crate) login: Option<Box<Login>>,
}

/// Where a request stands in the peer's sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Next,
    /// Same number, another branch: it came by two ways.
    Same,
    Late,
}

impl Dialog {
    /// The dialog that an INVITE of the peer would open.
    pub(crate) fn invited(
        local_tag: &str,
        request: &Message,
        flow: Flow,
        invite: InviteUsage,
    ) -> Self {
        let mut local = line_of(request, Name::To).into_vec();
        local.extend_from_slice(b";tag=");
        local.extend_from_slice(local_tag.as_bytes());
        // RFC 2543 phones may leave the Contact out.
        let from_uri = || request.from().map(|from| from.uri().as_bytes());
        let target = contact_uri(request).or_else(|| from_uri().ok()).unwrap_or_default();
        Self {
            names: Names {
                call_id: request.call_id().into(),
                owned: false,
                local: local.into(),
                remote: line_of(request, Name::From),
                remote_tag: Some(from_tag(request).into()),
            },
            path: Path {
                routes: recorded_routes(request),
                target: target.into(),
                flow,
                us: Us { user: user_of(request.to().ok()), parameters: "" },
            },
            local_cseq: 0,
            remote_cseq: Some(cseq_number(request)),
            refer_allowed: true,
            update_allowed: allows_update(request),
            refers_seen: 0,
            pending: Vec::new(),
            invite,
            subscriptions: Vec::new(),
            referral: None,
            login: None,
        }
    }

    /// The message names this dialog: Call-ID and the peer's tag agree.
    pub(crate) fn matches(&self, call_id: &[u8], remote_tag: &[u8]) -> bool {
        *self.names.call_id == *call_id
            && (self.names.remote_tag.as_deref().is_none_or(|tag| *tag == *remote_tag)
                || self.invite.has_fork(remote_tag))
    }

    /// Compares with the last number of the peer of this tag, and remembers a higher one
    /// (RFC 3261 §12.2.2). Early dialogs of several forks count each by itself.
    pub(crate) fn take_cseq(&mut self, tag: &[u8], number: u32) -> Order {
        let fork = self.invite.fork(tag);
        let remote_cseq = fork.map_or(&mut self.remote_cseq, |fork| &mut fork.remote_cseq);
        match *remote_cseq {
            Some(last) if number < last => Order::Late,
            Some(last) if number == last => Order::Same,
            Some(_) | None => {
                *remote_cseq = Some(number);
                Order::Next
            }
        }
    }

    pub(crate) fn next_cseq(&mut self) -> u32 {
        self.local_cseq = self.local_cseq.saturating_add(1);
        self.local_cseq
    }

    /// Confirms the dialog by the 2xx of our INVITE (RFC 3261 §12.1.2, §13.2.2.4).
    pub(crate) fn confirm(&mut self, response: &Message, flow: Flow) {
        self.names.learn_remote(response);
        self.learn_allowed(response);
        self.path.routes = reversed_routes(response);
        self.path.refresh(response);
        self.hear(flow);
    }

    /// What the peer allows, where it says.
    pub(crate) fn learn_allowed(&mut self, message: &Message) {
        if message.header(Name::Allow).is_some() {
            self.update_allowed = allows_update(message);
        }
    }

    /// The peer was heard on `flow`: requests and replies behind NAT go back the same way.
    pub(crate) fn hear(&mut self, flow: Flow) {
        self.path.flow = flow;
    }

    /// Nothing holds it any more.
    pub(crate) fn is_over(&self) -> bool {
        self.invite.is_gone() && self.subscriptions.is_empty() && self.referral.is_none()
    }
}

/// The first line of this name on one line.
fn line_of(message: &Message, name: Name) -> Box<[u8]> {
    message.unfolded(name).unwrap_or_default().into()
}

fn allows_update(message: &Message) -> bool {
    message.lists(Name::Allow, "UPDATE")
}

/// The tag in From; empty if there is none.
pub(crate) fn from_tag(message: &Message) -> &[u8] {
    message.from().ok().and_then(|from| from.tag()).unwrap_or_default()
}

/// The tag in To.
pub(crate) fn to_tag(message: &Message) -> Option<&[u8]> {
    message.to().ok().and_then(|to| to.tag())
}

/// The number in CSeq.
pub(crate) fn cseq_number(message: &Message) -> u32 {
    message.cseq().map_or(0, |cseq| cseq.number)
}

/// Record-Route values in order. A response is not refused for one that cannot be read: it is left out, for
/// nothing can be sent that way.
fn recorded_routes(message: &Message) -> Vec<Box<[u8]>> {
    let values = message.values(Name::RecordRoute).take(limit::ROUTES_MAX);
    let values = values.filter(|value| NameAddr::parse(value).is_ok());
    values.map(|value| scan::unfold(value).into()).collect()
}

/// Record-Route values, the last first.
pub(crate) fn reversed_routes(response: &Message) -> Vec<Box<[u8]>> {
    let mut routes = recorded_routes(response);
    routes.reverse();
    routes
}

/// URI of the first Contact.
pub(crate) fn contact_uri(message: &Message) -> Option<&[u8]> {
    message.contact().ok().map(|contact| contact.uri().as_bytes())
}

/// User part for our Contact: the one we are called by, else a constant.
pub(crate) fn user_of(address: Option<NameAddr<'_>>) -> Box<[u8]> {
    address
        .and_then(|address| address.uri().user())
        .filter(|user| !user.is_empty() && user.len() <= limit::CONTACT_USER_MAX)
        .unwrap_or(b"legwork")
        .into()
}

/// Where a request in a dialog goes: to the next hop if that is an address we can reach as written,
/// else back where the peer was heard, which is what phones behind NAT and on streams need.
fn next_flow(heard: Flow, hop: Option<Uri<'_>>) -> Flow {
    if heard.transport != Transport::Udp {
        return heard;
    }
    let Some(hop) = hop else { return heard };
    if hop.param("transport").is_some_and(|name| !name.eq_ignore_ascii_case(b"udp")) {
        return heard;
    }
    let Some(ip) = uri::address(hop.host()) else { return heard };
    let behind_nat = is_private(ip) && ip != heard.remote.ip();
    if behind_nat || ip.is_ipv4() != heard.remote.is_ipv4() {
        return heard;
    }
    let remote = SocketAddr::new(ip, hop.port().unwrap_or(5060));
    Flow { remote, connection: 0, ..heard }
}

/// No address of the public internet.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let carrier_nat = a == 100 && (64..128).contains(&b);
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip == Ipv4Addr::UNSPECIFIED
                || carrier_nat
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(transport: Transport, remote: &str) -> Flow {
        Flow {
            transport,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: remote.parse().unwrap(),
            connection: 0,
        }
    }

    #[test]
    fn the_next_hop() {
        let cases = [
            // heard from, Contact, goes to
            ("198.51.100.7:5060", "sip:a@198.51.100.8:5080", "198.51.100.8:5080"),
            ("198.51.100.7:5060", "sip:a@198.51.100.8", "198.51.100.8:5060"),
            ("198.51.100.7:1234", "sip:a@192.168.0.9:5060", "198.51.100.7:1234"),
            ("198.51.100.7:1234", "sip:a@x7.invalid", "198.51.100.7:1234"),
            ("198.51.100.7:1234", "sip:a@phone.example.com", "198.51.100.7:1234"),
            ("198.51.100.7:1234", "sip:a@198.51.100.8;transport=tcp", "198.51.100.7:1234"),
            ("10.0.0.7:1234", "sip:a@10.0.0.7:5060", "10.0.0.7:5060"),
            ("10.0.0.7:1234", "sip:a@[2001:db8::1]:5060", "10.0.0.7:1234"),
            ("127.0.0.1:6000", "sip:a@127.0.0.1:6001", "127.0.0.1:6001"),
        ];
        for (heard, contact, expected) in cases {
            let uri = Uri::parse(contact.as_bytes()).ok();
            let next = next_flow(flow(Transport::Udp, heard), uri);
            assert_eq!(next.remote.to_string(), expected, "{contact}");
        }
        let stream = flow(Transport::Tcp, "198.51.100.7:40000");
        assert_eq!(next_flow(stream, Uri::parse(b"sip:a@198.51.100.8:5080").ok()), stream);
    }

    #[test]
    fn a_strict_router_is_obeyed() {
        let route = |text: &str| Box::<[u8]>::from(text.as_bytes());
        let mut path = Path {
            routes: vec![route("<sip:198.51.100.1>"), route("<sip:198.51.100.2;lr>")],
            target: route("sip:b@203.0.113.9"),
            flow: flow(Transport::Udp, "198.51.100.1:5060"),
            us: Us { user: route("u"), parameters: "" },
        };
        let way = path.way();
        assert_eq!(way.uri, b"sip:198.51.100.1");
        assert_eq!(way.routes, &[route("<sip:198.51.100.2;lr>")]);
        assert_eq!(way.last_route, Some(&b"sip:b@203.0.113.9"[..]));
        path.routes.remove(0);
        let way = path.way();
        assert_eq!((way.uri, way.last_route), (&b"sip:b@203.0.113.9"[..], None));
        assert_eq!(way.flow.remote.to_string(), "198.51.100.2:5060");
    }

    #[test]
    fn a_way_nobody_can_read_is_left_out() {
        let text = "SIP/2.0 200 OK\r\nRecord-Route: <sip:10.0.0.1;lr>, <s\u{1c}p:10.0.0.66;lr>\r\n\
                    Record-Route: \"a\" <sip:10.0.0.2;lr>\r\nContent-Length: 0\r\n\r\n";
        let response = Message::parse(bytes::Bytes::from_static(text.as_bytes())).unwrap();
        let routes = reversed_routes(&response);
        let routes: Vec<_> = routes.iter().map(|route| String::from_utf8_lossy(route)).collect();
        assert_eq!(routes, ["\"a\" <sip:10.0.0.2;lr>", "<sip:10.0.0.1;lr>"]);
    }
}
