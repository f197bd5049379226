//! Writes the messages an endpoint sends.
//!
//! Not here: when they are sent (`callee`, `caller`, `session`, `refers`, …); lines and bytes
//! (`message::print`).
//! Source: RFC 3261 §8.1.1, §8.2.6, §9.1, §12.2.1.1, §17.1.1.3, §18.2.2; RFC 3581 §4.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;

use super::{Body, Config, Line};
use crate::dialog::{Dialog, Us, Way, cseq_number};
use crate::flow::{Flow, Transport};
use crate::header::Name;
use crate::message::Builder;
use crate::usage::refresh::Terms;
use crate::{Message, Method, Status};

/// What we understand.
pub(crate) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE";
const ALLOW_WITHOUT_REFER: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE";
/// Extensions that work.
const SUPPORTED: &str = "timer, 100rel, norefersub, replaces";
/// In an INVITE without offer: a reliable 1xx would bring one, to be answered in its PRACK.
const SUPPORTED_WITHOUT_100REL: &str = "timer, norefersub, replaces";
/// Bodies an INVITE may bring.
pub(crate) const ACCEPT: &str = "application/sdp";

/// What a request starts with (RFC 3261 §8.1.1.6).
pub(crate) const MAX_FORWARDS: u8 = 70;

pub(crate) fn allow(refer_allowed: bool) -> &'static str {
    if refer_allowed { ALLOW } else { ALLOW_WITHOUT_REFER }
}

impl Config {
    /// What we write of ourselves towards the peer of `flow`.
    pub(crate) fn sent_by(&self, flow: &Flow) -> SocketAddr {
        let local = flow.local;
        let same_family = |ip: &IpAddr| ip.is_ipv4() == local.is_ipv4();
        let ip = self.public_address.filter(same_family).unwrap_or_else(|| local.ip());
        let mut fitting = self
            .listen
            .iter()
            .filter(|(t, at)| *t == flow.transport && same_family(&at.ip()))
            .map(|(_, at)| at.port());
        let first = fitting.next();
        let is_listening = first == Some(local.port()) || fitting.any(|port| port == local.port());
        let port = first.filter(|_| !is_listening).unwrap_or_else(|| local.port());
        SocketAddr::new(ip, port)
    }

    /// Our Via in a request on `flow`.
    pub(crate) fn via(&self, flow: &Flow, branch: &str) -> String {
        let transport = match flow.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        };
        let sent_by = self.sent_by(flow);
        let mut value = String::with_capacity(96);
        // Writing into memory does not fail.
        let _ = write!(value, "SIP/2.0/{transport} {sent_by};branch={branch};rport");
        value
    }

    /// Our Contact in a dialog, on `flow`.
    pub(crate) fn contact_of(&self, us: &Us, flow: &Flow) -> Vec<u8> {
        let mut contact = self.contact(&us.user, flow);
        contact.extend_from_slice(us.parameters.as_bytes());
        contact
    }

    /// Our Contact on `flow`.
    pub(crate) fn contact(&self, user: &[u8], flow: &Flow) -> Vec<u8> {
        let parameter = match flow.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
        };
        let at = format!("@{}{parameter}>", self.sent_by(flow));
        [&b"<sip:"[..], user, at.as_bytes()].concat()
    }
}

fn lines(out: &mut Builder, lines: &[Line]) {
    for (name, value) in lines {
        out.header(name.as_bytes(), value);
    }
}

/// Session-Expires, and what goes with it.
fn session(out: &mut Builder, value: &mut String, terms: &Terms) {
    value.clear();
    // Writing into memory does not fail.
    let _ = write!(value, "{}", terms.seconds);
    if let Some(refresher) = terms.refresher {
        let _ = write!(value, ";refresher={}", refresher.as_str());
    }
    out.header("Session-Expires", &*value);
    if let Some(min_s) = terms.min_s {
        value.clear();
        let _ = write!(value, "{min_s}");
        out.header("Min-SE", &*value);
    }
    if terms.required {
        out.header("Require", "timer");
    }
}

fn finish(mut out: Builder, body: Option<&Body>) -> Bytes {
    if let Some(body) = body
        && !body.bytes.is_empty()
    {
        out.body(body.content_type, body.bytes.clone());
    }
    out.finish()
}

/// A request of ours.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) way: Way<'a>,
    pub(crate) branch: &'a str,
    pub(crate) from: &'a [u8],
    pub(crate) to: &'a [u8],
    pub(crate) call_id: &'a [u8],
    pub(crate) cseq: u32,
    /// Our Contact, in requests that have one.
    pub(crate) contact: Option<&'a Us>,
    /// Max-Forwards.
    pub(crate) hops: u8,
    pub(crate) refer_allowed: bool,
    pub(crate) session: Option<Terms>,
    pub(crate) lines: &'a [Line],
    pub(crate) body: Option<&'a Body>,
}

impl<'a> Request<'a> {
    /// A request inside `dialog`.
    pub(crate) fn inside(dialog: &'a Dialog, method: Method, cseq: u32, branch: &'a str) -> Self {
        Self {
            method,
            way: dialog.path.way(),
            branch,
            from: &dialog.names.local,
            to: &dialog.names.remote,
            call_id: &dialog.names.call_id,
            cseq,
            contact: None,
            hops: MAX_FORWARDS,
            refer_allowed: dialog.refer_allowed,
            session: None,
            lines: &[],
            body: None,
        }
    }

    pub(crate) fn write(&self, config: &Config) -> Bytes {
        let flow = &self.way.flow;
        let mut out = Builder::request(self.method, self.way.uri);
        let mut value = config.via(flow, self.branch);
        out.header("Via", &value);
        value.clear();
        for route in self.way.routes {
            out.carry("Route", route);
        }
        if let Some(target) = self.way.last_route {
            out.header("Route", [b"<", target, b">"].concat());
        }
        let _ = write!(value, "{}", self.hops);
        out.header("Max-Forwards", &value);
        out.carry("From", self.from).carry("To", self.to).carry("Call-ID", self.call_id);
        value.clear();
        let _ = write!(value, "{} {}", self.cseq, self.method);
        out.header("CSeq", &value);
        if let Some(us) = self.contact {
            out.header("Contact", config.contact_of(us, flow));
            let late = self.method == Method::Invite && self.body.is_none();
            let supported = if late { SUPPORTED_WITHOUT_100REL } else { SUPPORTED };
            out.header("Allow", allow(self.refer_allowed)).header("Supported", supported);
        }
        if let Some(terms) = &self.session {
            session(&mut out, &mut value, terms);
        }
        out.header("User-Agent", &config.user_agent);
        lines(&mut out, self.lines);
        finish(out, self.body)
    }
}

/// Lines of a request of ours that are not carried over when it is written anew.
const REWRITTEN: [Name; 3] = [Name::Authorization, Name::ProxyAuthorization, Name::ContentLength];

/// A request of ours with other credentials; to be sent again, with a Via and a number of its own.
pub(crate) fn rewritten(
    request: &Message,
    via: Option<&str>,
    cseq: u32,
    credentials: &[Line],
) -> Bytes {
    let method = request.method();
    let mut out = Builder::request(method, request.uri());
    for (text, value) in request.all() {
        let name = Name::of(text);
        if name == Name::Via {
            out.header(text, via.map_or(value, str::as_bytes));
        } else if name == Name::CSeq {
            out.header(text, format!("{cseq} {method}"));
            lines(&mut out, credentials);
        } else if !REWRITTEN.contains(&name) {
            out.carry(text, value);
        }
    }
    out.bare_body(request.body());
    out.finish()
}

/// The ACK for a failure, or the CANCEL, of an INVITE of ours (RFC 3261 §9.1, §17.1.1.3).
/// `answer` gives the To of an ACK.
pub(crate) fn derive(
    invite: &Message,
    method: Method,
    answer: Option<&Message>,
    more: &[Line],
) -> Bytes {
    let mut out = Builder::request(method, invite.uri());
    out.copy(invite, Name::Via).copy(invite, Name::Route);
    out.header("Max-Forwards", MAX_FORWARDS.to_string());
    out.copy(invite, Name::From).copy(answer.unwrap_or(invite), Name::To);
    out.copy(invite, Name::CallId);
    out.header("CSeq", format!("{} {method}", cseq_number(invite)));
    lines(&mut out, more);
    out.finish()
}

/// The INVITE of ours once more, with another interval (RFC 4028 §7.3). Its routes and lines stay.
pub(crate) fn with_terms(invite: &Message, via: &str, cseq: u32, terms: &Terms) -> Bytes {
    let mut out = Builder::request(invite.method(), invite.uri());
    out.header("Via", via);
    let anew =
        [Name::Via, Name::ContentType, Name::ContentLength, Name::SessionExpires, Name::MinSe];
    for (name, value) in invite.all() {
        let known = Name::of(name);
        if known == Name::CSeq {
            out.header("CSeq", format!("{cseq} {}", invite.method()));
        } else if !anew.contains(&known) {
            out.carry(name, value);
        }
    }
    session(&mut out, &mut String::with_capacity(32), terms);
    if let Some(content_type) = invite.content_type().and_then(|t| std::str::from_utf8(t).ok()) {
        out.body(content_type, invite.body());
    }
    out.finish()
}

/// A response of ours, but for what the request says.
#[derive(Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) status: Status,
    /// Written where the request has no To tag; a fresh one stands for `None`.
    pub(crate) to_tag: Option<&'a str>,
    /// Value of our Contact.
    pub(crate) contact: Option<&'a [u8]>,
    pub(crate) allow: Option<&'static str>,
    pub(crate) session: Option<Terms>,
    /// A reliable 1xx: its number.
    pub(crate) rseq: Option<u32>,
    pub(crate) lines: &'a [Line],
    pub(crate) body: Option<&'a Body>,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(status: Status) -> Self {
        Self {
            status,
            to_tag: None,
            contact: None,
            allow: None,
            session: None,
            rseq: None,
            lines: &[],
            body: None,
        }
    }

    /// `source` is where the request came from.
    pub(crate) fn write(&self, config: &Config, request: &Message, source: SocketAddr) -> Bytes {
        let mut out = Builder::response_to(request, self.status, self.to_tag, Some(source));
        if let Some(contact) = self.contact {
            out.header("Contact", contact);
        }
        if let Some(allow) = self.allow {
            out.header("Allow", allow).header("Supported", SUPPORTED);
        }
        if let Some(terms) = &self.session {
            session(&mut out, &mut String::with_capacity(32), terms);
        }
        if let Some(rseq) = self.rseq {
            out.header("Require", "100rel").header("RSeq", rseq.to_string());
        }
        out.header("Server", &config.user_agent);
        lines(&mut out, self.lines);
        finish(out, self.body)
    }
}

/// Where a response goes: back where the request came from, but to the port its sender wrote where
/// it did not ask for `rport` (RFC 3261 §18.2.2, RFC 3581 §4).
pub(crate) fn reply_flow(request: &Message, flow: Flow) -> Flow {
    match (flow.transport, request.via()) {
        (Transport::Udp, Ok(via)) if !via.has_rport() => {
            let remote = SocketAddr::new(flow.remote.ip(), via.port().unwrap_or(5060));
            Flow { remote, ..flow }
        }
        (Transport::Udp | Transport::Tcp, Ok(_) | Err(_)) => flow,
    }
}
