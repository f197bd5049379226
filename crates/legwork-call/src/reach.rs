//! One leg's way out: where its INVITE goes, and sending it there.
//!
//! A destination has candidates, a candidate has addresses. They are tried one after the other, each by
//! a new INVITE of the same leg, until one of them takes the call or nothing is left.
//! Not here: whom a noun names (`dial/target`), which trunk takes a number (`trunk`), what failure leads
//! on (`reach/failover`), 3xx (`reach/redirect`), the questions to DNS (`legwork-sip`, `locate`).
//! Source: RFC 3261 §8.1.2, RFC 3263.

mod failover;
mod outage;
mod redirect;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use legwork_media as media;
use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::{Body, Line};
use legwork_sip::locate::{DEFAULT_PORT, Ranked};
use legwork_sip::uri::{address, host_of};

use crate::calls::{Calls, Detail};
use crate::config::Trunk;
use crate::dial::target::{from_header, sid_lines};
use crate::io::{Output, ResolveId, Target};
use crate::ladder::What;
use crate::leg::LegId;
use crate::limit;
use crate::timer::{Due, TimerKey};
use crate::trunk::identity::{Caller, identify};

pub(crate) use self::outage::Outages;

/// One party to be called: by one leg, wherever it is found.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// Where it may be found, in the order to be tried; at least one. See [`Calls::in_order`].
    pub(crate) candidates: Vec<Candidate>,
    /// `To` of webhooks.
    pub(crate) to: String,
    /// Name in ladders.
    pub(crate) party: String,
    /// Further header lines, wherever it goes.
    pub(crate) lines: Vec<Line>,
    /// The trunk it goes through.
    pub(crate) trunk: Option<Arc<Trunk>>,
}

/// One place to send an INVITE to.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Request-URI.
    pub(crate) target: String,
    /// The address of record in `To`; none: the Request-URI stands there, too. Phones find by it which
    /// of their accounts is called.
    pub(crate) to: Option<String>,
    pub(crate) way: Way,
    /// `Route` values, in order.
    pub(crate) routes: Vec<String>,
    /// Header lines for this place alone.
    pub(crate) lines: Vec<Line>,
    /// Answers this place's challenges, and nobody else's.
    pub(crate) credentials: Option<Arc<sip::digest::Credentials>>,
    /// Who redirected us here.
    pub(crate) redirected_by: Option<IpAddr>,
}

impl Candidate {
    /// A place that needs no more than its Request-URI.
    pub(crate) fn new(target: String, way: Way) -> Self {
        Self {
            target,
            to: None,
            way,
            routes: Vec::new(),
            lines: Vec::new(),
            credentials: None,
            redirected_by: None,
        }
    }

    /// The same, by these `Route` values.
    pub(crate) fn by(self, routes: Vec<String>) -> Self {
        Self { routes, ..self }
    }

    /// The same, called by this address of record.
    pub(crate) fn called(self, to: String) -> Self {
        Self { to: Some(to), ..self }
    }

    /// The same, where we can say who we are.
    pub(crate) fn known_as(self, credentials: Option<Arc<sip::digest::Credentials>>) -> Self {
        Self { credentials, ..self }
    }
}

/// A flow a registered phone was last heard on, or where to look for a URI.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    Flow(sip::Flow),
    Ask { host: String, port: Option<u16>, transport: Option<sip::Transport> },
}

/// A leg that is being called.
#[derive(Debug)]
pub(crate) struct Calling {
    lines: Vec<Line>,
    trunk: Option<Arc<Trunk>>,
    codecs: Vec<media::offer_answer::Codec>,
    /// Not tried yet, in order.
    candidates: VecDeque<Candidate>,
    /// The one being tried.
    candidate: Candidate,
    /// Where else it is, not tried yet, in order.
    flows: VecDeque<sip::Flow>,
    /// Where the INVITE has gone.
    flow: Option<sip::Flow>,
    /// The end of patience with a target that says nothing, where there is another one.
    pub(crate) patience: Option<TimerKey>,
    /// Request-URIs tried before; for redirects that lead back.
    tried: Vec<String>,
    /// Redirects followed.
    redirects: usize,
}

impl Calls {
    /// Puts what has a priority and a weight in the order to be tried, by our own dice.
    pub(crate) fn in_order<T>(&mut self, ranked: Vec<Ranked<T>>) -> Vec<T> {
        sip::locate::order(ranked, |n| self.random() % n.max(1))
    }

    /// Sends the INVITE of a new leg, once it is known where to.
    pub(crate) fn call_out(
        &mut self,
        child: LegId,
        destination: Destination,
        codecs: Vec<media::offer_answer::Codec>,
    ) {
        let Some(leg) = self.leg_mut(child) else { return };
        leg.sip.trunk = destination.trunk.is_some();
        leg.sip.may_refer = destination.trunk.as_ref().is_none_or(|trunk| trunk.refer);
        let mut lines = destination.lines;
        if destination.trunk.is_none() {
            lines.extend(sid_lines(leg));
        }
        let mut candidates = VecDeque::from(destination.candidates);
        let Some(candidate) = candidates.pop_front() else {
            return self.handle_target_refused(child, Status(404));
        };
        leg.sip.calling = Some(Box::new(Calling {
            lines,
            trunk: destination.trunk,
            codecs,
            candidates,
            candidate,
            flows: VecDeque::new(),
            flow: None,
            patience: None,
            tried: Vec::new(),
            redirects: 0,
        }));
        self.try_candidate(child);
    }

    /// Looks for the candidate at hand, and sends the INVITE there.
    fn try_candidate(&mut self, child: LegId) {
        let Some(calling) = self.calling_mut(child) else { return };
        match calling.candidate.way.clone() {
            Way::Flow(flow) => self.send_invite(child, flow),
            Way::Ask { host, port, transport } => {
                if let Some(flow) = self.flow_at_hand(&host, port, transport) {
                    return self.found(child, vec![flow]);
                }
                let id = ResolveId(self.next_id());
                if let Some(leg) = self.leg_mut(child) {
                    leg.sip.resolve = Some(id);
                }
                self.index.by_resolve.insert(id, child);
                // Whoever placed the call asks for it before it is known where it goes.
                self.store(child);
                let random = self.random();
                self.push(Output::Resolve { id, host, port, transport, random });
            }
        }
    }

    /// An address needs no question, if we listen on an address of our own.
    pub(crate) fn flow_at_hand(
        &self,
        host: &str,
        port: Option<u16>,
        transport: Option<sip::Transport>,
    ) -> Option<sip::Flow> {
        let remote = SocketAddr::new(address(host.as_bytes())?, port.unwrap_or(DEFAULT_PORT));
        let flow = self.endpoint.flow_to(transport.unwrap_or(sip::Transport::Udp), remote, None)?;
        (!flow.local.ip().is_unspecified()).then_some(flow)
    }

    pub(crate) fn handle_resolved(&mut self, id: ResolveId, targets: &[Target]) {
        let Some(child) = self.index.by_resolve.remove(&id) else { return };
        self.current = Some(child);
        if let Some(leg) = self.leg_mut(child) {
            leg.sip.resolve = None;
        }
        let flow = |target: &Target| {
            self.endpoint.flow_to(target.transport, target.remote, Some(target.local_ip))
        };
        let flows = targets.iter().take(limit::TARGETS_MAX).filter_map(flow).collect();
        self.found(child, flows);
    }

    /// It is known where the candidate at hand is.
    fn found(&mut self, child: LegId, mut flows: Vec<sip::Flow>) {
        let Some(calling) = self.calling_mut(child) else { return };
        let nowhere = flows.is_empty();
        if let Some(by) = calling.candidate.redirected_by {
            flows.retain(|flow| redirect::may_send_to(by, flow.remote.ip()));
        }
        let forbidden = flows.is_empty() && !nowhere;
        calling.flows = flows.into();
        let target = calling.candidate.target.clone();
        if forbidden {
            let text = format!("{target} leads into a network of ours.");
            self.alert(32219, Some(child), Detail::text(text));
        } else if nowhere {
            self.alert(13254, Some(child), Detail::text(format!("{target}.")));
        }
        if !self.try_next_target(child) {
            self.handle_target_refused(child, Status(404));
        }
    }

    /// Goes on to the next address of the candidate at hand, else to the next candidate. False: there is
    /// none.
    fn try_next_target(&mut self, child: LegId) -> bool {
        let now = self.now.mono;
        loop {
            let Some(calling) = self.calling_mut(child) else { return false };
            let Some(flow) = calling.flows.pop_front() else { break };
            if calling.has_more() && self.outages.holds(now, flow) {
                self.noted.note(|found| found.out.push(flow));
                let text = format!("{} is out: passed over", place(flow));
                self.trace(child, What::Decided(text));
                continue;
            }
            self.send_invite(child, flow);
            return true;
        }
        self.try_next_candidate(child)
    }

    /// Goes on to the next candidate. False: there is none.
    fn try_next_candidate(&mut self, child: LegId) -> bool {
        let Some(calling) = self.calling_mut(child) else { return false };
        let Some(next) = calling.candidates.pop_front() else { return false };
        calling.flows.clear();
        let before = std::mem::replace(&mut calling.candidate, next);
        calling.tried.push(before.target);
        self.try_candidate(child);
        true
    }

    fn send_invite(&mut self, child: LegId, flow: sip::Flow) {
        let media_address = self.media_address(flow);
        let session = self.random() >> 2;
        let patience = self.after(limit::TARGET_PATIENCE);
        let trunk = self.calling_mut(child).and_then(|calling| calling.trunk.clone());
        let own = trunk.and_then(|trunk| self.own_number(&trunk));
        let public = self.config.sip.public_address;
        let Some(leg) = self.leg_mut(child) else { return };
        let Some(calling) = leg.sip.calling.as_deref_mut() else { return };
        let again = calling.flow.replace(flow).is_some();
        let has_more = calling.has_more();
        let mut negotiation =
            media::Negotiation::new(session, media_address, leg.media.id.port, flow.remote.ip());
        let offer = negotiation.offer(&calling.codecs);
        leg.media.negotiation = negotiation;
        let host = leg.sip.domain.clone().unwrap_or_else(|| host_of(flow.local.ip()));
        let candidate = &calling.candidate;
        let (from, asserted) = match &calling.trunk {
            Some(trunk) => {
                let name = leg.sip.caller_name.as_deref();
                let caller = Caller { from: &leg.who.from, name, own: own.as_deref() };
                let here = public.unwrap_or_else(|| flow.local.ip());
                identify(trunk, &caller, &host_of(here))
            }
            None => (from_header(&leg.who.from, &host), Vec::new()),
        };
        let lines = asserted.into_iter().chain(calling.lines.iter().cloned());
        let invite = sip::endpoint::Invite {
            to: format!("<{}>", candidate.to.as_deref().unwrap_or(&candidate.target)),
            target: candidate.target.clone(),
            flow,
            from,
            routes: candidate.routes.clone(),
            lines: lines.chain(candidate.lines.iter().cloned()).collect(),
            body: Some(Body::sdp(offer)),
            refer_allowed: leg.sip.may_refer,
            contact_parameters: "",
            credentials: candidate.credentials.clone(),
            hops: leg.sip.hops,
        };
        if again {
            self.trace(child, What::Decided(format!("tried at {}", place(flow))));
        }
        if has_more {
            let key = self.timers.set(patience, Due::TargetPatience(child));
            if let Some(calling) = self.calling_mut(child) {
                calling.patience = Some(key);
            }
        }
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

    fn calling_mut(&mut self, leg: LegId) -> Option<&mut Calling> {
        self.leg_mut(leg)?.sip.calling.as_deref_mut()
    }
}

impl Calling {
    /// The Contact of the registered phone that is being tried; none: it is not one.
    pub(crate) fn binding(&self) -> Option<&str> {
        match self.candidate.way {
            Way::Flow(_) => Some(&self.candidate.target),
            Way::Ask { .. } => None,
        }
    }

    /// Something is left to be tried.
    fn has_more(&self) -> bool {
        !self.flows.is_empty() || !self.candidates.is_empty()
    }
}

/// A target as ladders name it.
fn place(flow: sip::Flow) -> String {
    match flow.transport {
        sip::Transport::Udp => flow.remote.to_string(),
        sip::Transport::Tcp => format!("{} over TCP", flow.remote),
    }
}
