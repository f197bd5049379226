//! One leg's way out: where its INVITE goes, and sending it there.
//!
//! Not here: whom a noun names (`dial/target`), which trunk takes a number (`trunk`), the question to DNS
//! itself (the shell answers `Resolve`).
//! Source: RFC 3261 §8.1.2, RFC 3263.

use std::sync::Arc;

use legwork_media as media;
use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::{Body, Line};

use crate::calls::{Calls, Detail};
use crate::dial::target::from_header;
use crate::io::{Output, ResolveId, Target};
use crate::leg::LegId;

/// One party to be called: by one leg, wherever it is found.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// Where it may be found, in the order to be tried; at least one.
    pub(crate) candidates: Vec<Candidate>,
    /// `To` of webhooks.
    pub(crate) to: String,
    /// Name in ladders.
    pub(crate) party: String,
    /// Further header lines.
    pub(crate) lines: Vec<Line>,
    /// It goes through a trunk, which may or may not transfer.
    pub(crate) trunk: Option<bool>,
}

/// One place to send an INVITE to.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Request-URI.
    pub(crate) target: String,
    pub(crate) way: Way,
    /// `Route` values, in order.
    pub(crate) routes: Vec<String>,
    /// Answers challenges of whoever is found there.
    pub(crate) credentials: Option<Arc<sip::digest::Credentials>>,
}

/// A flow a registered phone was last heard on, or where to look for a URI.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    Flow(sip::Flow),
    Ask { host: String, port: Option<u16>, transport: Option<sip::Transport> },
}

/// What is needed to send the INVITE once its flow is known.
#[derive(Debug)]
pub(crate) struct Calling {
    pub(crate) destination: Destination,
    pub(crate) codecs: Vec<media::offer_answer::Codec>,
}

impl Calls {
    /// Sends the INVITE of a new leg, once it is known where to.
    pub(crate) fn call_out(
        &mut self,
        child: LegId,
        destination: Destination,
        codecs: Vec<media::offer_answer::Codec>,
    ) {
        let Some(leg) = self.leg_mut(child) else { return };
        leg.sip.trunk = destination.trunk.is_some();
        leg.sip.may_refer = destination.trunk.unwrap_or(true);
        let Some(way) = destination.candidates.first().map(|candidate| candidate.way.clone())
        else {
            return self.handle_target_refused(child, Status(404));
        };
        leg.sip.calling = Some(Box::new(Calling { destination, codecs }));
        match way {
            Way::Flow(flow) => self.send_invite(child, flow),
            Way::Ask { host, port, transport } => {
                if let Some(flow) = self.flow_at_hand(&host, port, transport) {
                    return self.send_invite(child, flow);
                }
                let id = ResolveId(self.next_id());
                if let Some(leg) = self.leg_mut(child) {
                    leg.sip.resolve = Some(id);
                }
                self.index.by_resolve.insert(id, child);
                self.push(Output::Resolve { id, host, port, transport });
            }
        }
    }

    /// An address with a port needs no question, if we listen on an address of our own.
    fn flow_at_hand(
        &self,
        host: &str,
        port: Option<u16>,
        transport: Option<sip::Transport>,
    ) -> Option<sip::Flow> {
        let ip = host.trim_matches(['[', ']']).parse().ok()?;
        let remote = std::net::SocketAddr::new(ip, port.unwrap_or(5060));
        let flow = self.endpoint.flow_to(transport.unwrap_or(sip::Transport::Udp), remote, None)?;
        (!flow.local.ip().is_unspecified()).then_some(flow)
    }

    pub(crate) fn handle_resolved(&mut self, id: ResolveId, targets: &[Target]) {
        let Some(child) = self.index.by_resolve.remove(&id) else { return };
        self.current = Some(child);
        if let Some(leg) = self.leg_mut(child) {
            leg.sip.resolve = None;
        }
        let flow = targets.first().and_then(|target| {
            self.endpoint.flow_to(target.transport, target.remote, Some(target.local_ip))
        });
        match flow {
            Some(flow) => self.send_invite(child, flow),
            None => {
                self.alert(13254, Some(child), Detail::none());
                self.handle_target_refused(child, Status(404));
            }
        }
    }

    fn send_invite(&mut self, child: LegId, flow: sip::Flow) {
        let media_address = self.config.media_address.unwrap_or_else(|| flow.local.ip());
        let session = self.random() >> 2;
        let Some(leg) = self.leg_mut(child) else { return };
        let Some(calling) = leg.sip.calling.take() else { return };
        let mut negotiation =
            media::Negotiation::new(session, media_address, leg.media.id.port, flow.remote.ip());
        let offer = negotiation.offer(&calling.codecs);
        leg.media.negotiation = negotiation;
        let host = leg.sip.domain.clone().unwrap_or_else(|| host_text(flow.local.ip()));
        let Destination { candidates, lines, .. } = calling.destination;
        let Some(candidate) = candidates.into_iter().next() else { return };
        let invite = sip::endpoint::Invite {
            to: format!("<{}>", candidate.target),
            target: candidate.target,
            flow,
            from: from_header(&leg.who.from, &host),
            routes: candidate.routes,
            lines,
            body: Some(Body::sdp(offer)),
            refer_allowed: leg.sip.may_refer,
            credentials: candidate.credentials,
        };
        let dialog = self.index_dialog(child, |sip, now| sip.invite(now.mono, invite));
        let call_id = self.endpoint.call_id(dialog).unwrap_or_default();
        if let Some(leg) = self.leg_mut(child) {
            leg.sip.call_id = call_id;
        }
        self.store(child);
    }

    /// Makes the dialog of a leg and lets events find the leg by it, before its first message is traced.
    fn index_dialog(
        &mut self,
        leg: LegId,
        make: impl FnOnce(&mut sip::Endpoint, crate::io::Now) -> sip::event::DialogId,
    ) -> sip::event::DialogId {
        let dialog = make(&mut self.endpoint, self.now);
        self.index.by_dialog.insert(dialog, leg);
        if let Some(leg) = self.leg_mut(leg) {
            leg.sip.dialog = Some(dialog);
        }
        self.drain_transmits();
        dialog
    }
}

fn host_text(ip: std::net::IpAddr) -> String {
    match ip {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}
