//! Requests of ours outside any dialog: REGISTER towards a carrier, OPTIONS to see whether it lives.
//!
//! Not here: requests of peers outside a dialog (`receive`); when to register again, whom to ask
//! (`legwork-call`).
//! Source: RFC 3261 §8.1, §10.2, §11.1.

use std::sync::Arc;
use std::time::Instant;

use super::challenge::Login;
use super::transactions::Outgoing;
use super::write::{ACCEPT, MAX_FORWARDS, Request};
use super::{Endpoint, Line};
use crate::dialog::{Path, Us};
use crate::digest::Credentials;
use crate::event::{Event, OutgoingId};
use crate::flow::Flow;
use crate::transaction::{Purpose, Tell};
use crate::{Message, Method, Status};

/// A request outside any dialog: REGISTER or OPTIONS of ours.
#[derive(Clone, Debug)]
pub struct OutOfDialog {
    /// The method, one that opens no dialog.
    pub method: Method,
    /// Request-URI.
    pub target: String,
    /// Where to send it.
    pub flow: Flow,
    /// `From` without tag, name-addr form.
    pub from: String,
    /// `To`, name-addr form.
    pub to: String,
    /// Preloaded `Route` values, in order.
    pub routes: Vec<String>,
    /// Of the requests before, to be the next of theirs: all REGISTERs to one registrar share it.
    /// None: a new one.
    pub call_id: Option<String>,
    /// The number used last with that Call-ID. None: 0.
    pub cseq: Option<u32>,
    /// The whole value of Contact; none: no such line.
    pub contact: Option<String>,
    /// Further header lines.
    pub lines: Vec<Line>,
    /// Answers challenges to this request.
    pub credentials: Option<Arc<Credentials>>,
}

/// One of them under way. There are as many as transactions, at most.
#[derive(Debug)]
pub(crate) struct Outside {
    cseq: u32,
    pub(crate) login: Option<Box<Login>>,
}

impl Outside {
    pub(crate) fn next_cseq(&mut self) -> u32 {
        self.cseq = self.cseq.saturating_add(1);
        self.cseq
    }
}

impl Endpoint {
    /// Sends a request outside any dialog. `Event::Response` follows, once.
    pub fn request(&mut self, now: Instant, out: OutOfDialog) -> OutgoingId {
        let id = OutgoingId(self.next_outgoing);
        self.next_outgoing += 1;
        let mut outside =
            Outside { cseq: out.cseq.unwrap_or(0), login: out.credentials.map(Login::new) };
        let cseq = outside.next_cseq();
        self.outside.insert(id, outside);
        let path = Path {
            routes: out.routes.iter().map(|route| route.as_bytes().into()).collect(),
            target: out.target.as_bytes().into(),
            flow: out.flow,
            us: Us::default(),
        };
        let branch = self.ids.number();
        let from = format!("{};tag={}", out.from, self.ids.fresh_tag());
        let call_id = out.call_id.unwrap_or_else(|| self.ids.call_id());
        let mut lines: Vec<Line> = Vec::with_capacity(out.lines.len() + 2);
        lines.extend(out.contact.map(|contact| ("Contact".into(), contact)));
        if out.method == Method::Options {
            lines.push(("Accept".into(), ACCEPT.to_owned()));
        }
        lines.extend(out.lines);
        let mut way = path.way();
        way.flow = out.flow;
        let bytes = Request {
            method: out.method,
            way,
            branch: &self.ids.branch_text(branch),
            from: from.as_bytes(),
            to: out.to.as_bytes(),
            call_id: call_id.as_bytes(),
            cseq,
            contact: None,
            hops: MAX_FORWARDS,
            refer_allowed: false,
            session: None,
            lines: &lines,
            body: None,
        }
        .write(&self.config);
        let purpose = Purpose::Outside { request: id };
        let (method, flow) = (out.method, out.flow);
        let sent = Outgoing { method, purpose, dialog: None, flow, branch, bytes };
        if self.start_client(now, sent).is_none() {
            self.outside_done(id, Tell::Unreachable, None);
        }
        id
    }

    /// One of them was answered, or will not be.
    pub(crate) fn outside_done(
        &mut self,
        request: OutgoingId,
        tell: Tell,
        response: Option<&Message>,
    ) {
        let Some(outside) = self.outside.remove(&request) else { return };
        let silence = match tell {
            Tell::Unreachable => Status::SERVICE_UNAVAILABLE,
            Tell::Message | Tell::Success | Tell::TimedOut | Tell::Trying => {
                Status::REQUEST_TIMEOUT
            }
        };
        let status = response.and_then(Message::status).unwrap_or(silence);
        let (response, cseq) = (response.cloned(), outside.cseq);
        self.events.push_back(Event::Response { request, status, response, cseq });
    }
}
