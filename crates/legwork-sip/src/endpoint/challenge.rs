//! Challenges to requests of ours: sent again once with an answer, and a second time at most.
//!
//! Only who is called with `Credentials` gets an answer: a peer that calls us can not have one by
//! asking for it (CVE-2021-41158), nor one for another realm. The same answer never goes out twice,
//! whatever comes back (AST-2020-002).
//! Not here: the digests (`digest`), challenges of ours to peers (`legwork-call`).
//! Source: RFC 3261 §8.1.3.5, §22.1 to §22.3; RFC 7616 §3.3, §3.6; RFC 8760.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::transactions::{Outgoing, Told};
use super::write::rewritten;
use super::{Endpoint, Line};
use crate::dialog::cseq_number;
use crate::digest::{Answer, Challenge, Credentials, Ha1};
use crate::event::{DialogId, Event};
use crate::flow::Flow;
use crate::header::Name;
use crate::transaction::{Purpose, TransactionId, Tries};
use crate::usage::invite::Cancel;
use crate::{Message, Method, Status, limit};

/// Who we are towards one peer, and what it has asked so far.
#[derive(Debug)]
pub(crate) struct Login {
    credentials: Arc<Credentials>,
    /// By a 401.
    www: Option<Question>,
    /// By a 407.
    proxy: Option<Question>,
    /// What our last INVITE carried: its ACK carries the same (RFC 3261 §22.1).
    invite: Vec<Line>,
}

/// A challenge that has been answered, perhaps more than once.
#[derive(Debug)]
struct Question {
    challenge: Challenge,
    ha1: Ha1,
    nc: u32,
}

/// A 401 or 407 to a request of ours.
pub(crate) struct Asked<'a> {
    /// The request as it was sent.
    pub(crate) request: Bytes,
    pub(crate) tries: Tries,
    pub(crate) response: &'a Message,
    /// Where it goes again.
    pub(crate) flow: Flow,
}

impl Login {
    pub(crate) fn new(credentials: Arc<Credentials>) -> Box<Self> {
        Box::new(Self { credentials, www: None, proxy: None, invite: Vec::new() })
    }

    /// Takes the challenge of a 401 or 407 that says something new: a first one, or one behind a
    /// nonce that had only become too old. Gives how often the request has been sent again then.
    fn take(&mut self, response: &Message, tries: Tries) -> Option<Tries> {
        let is_proxy = response.status() == Some(Status::PROXY_AUTHENTICATION_REQUIRED);
        let (name, slot, answered) = if is_proxy {
            (Name::ProxyAuthenticate, &mut self.proxy, tries.proxy)
        } else {
            (Name::WwwAuthenticate, &mut self.www, tries.www)
        };
        if tries.times >= limit::CHALLENGES_ANSWERED_MAX {
            return None;
        }
        let challenge = Challenge::best(response, name, self.credentials.realm.as_deref())?;
        let same = slot.as_ref().is_some_and(|old| old.challenge.is_same(&challenge));
        if same || (answered && !challenge.stale) {
            return None;
        }
        let Credentials { username, password, .. } = &*self.credentials;
        let ha1 = Ha1::new(username, &challenge.realm, password);
        *slot = Some(Question { challenge, ha1, nc: 0 });
        let mut tries = Tries { times: tries.times + 1, ..tries };
        if is_proxy {
            tries.proxy = true;
        } else {
            tries.www = true;
        }
        Some(tries)
    }

    /// The lines that answer, in one request, everything asked so far.
    fn lines(&mut self, method: Method, uri: &str, cnonce: &str) -> Vec<Line> {
        let username = self.credentials.username.as_str();
        let both = [("Authorization", &mut self.www), ("Proxy-Authorization", &mut self.proxy)];
        let lines = both.into_iter().filter_map(|(name, slot)| {
            let question = slot.as_mut()?;
            question.nc += 1;
            let (ha1, nc, method) = (&question.ha1, question.nc, method.as_str());
            let answer = Answer { username, ha1, method, uri, cnonce, nc };
            let value = String::from_utf8(question.challenge.answer(&answer)?).ok()?;
            Some((name.into(), value))
        });
        lines.collect()
    }

    /// Nothing has been asked yet.
    fn is_fresh(&self) -> bool {
        self.www.is_none() && self.proxy.is_none()
    }
}

impl Endpoint {
    fn login_mut(&mut self, dialog: Option<DialogId>, purpose: Purpose) -> Option<&mut Login> {
        if let Purpose::Outside { request } = purpose {
            return self.outside.get_mut(&request)?.login.as_deref_mut();
        }
        self.dialogs.get_mut(&dialog?)?.login.as_deref_mut()
    }

    /// A request in a dialog whose peer has asked before answers without being asked again.
    pub(crate) fn signed(&mut self, out: Outgoing) -> Outgoing {
        if out.method == Method::Cancel
            || self.login_mut(out.dialog, out.purpose).is_none_or(|login| login.is_fresh())
        {
            return out;
        }
        let Ok(request) = Message::parse(out.bytes.clone()) else { return out };
        let lines = self.answers(&out, &request);
        let bytes = rewritten(&request, None, cseq_number(&request), &lines);
        Outgoing { bytes, ..out }
    }

    /// The lines that answer in this request, noted for its ACK.
    fn answers(&mut self, out: &Outgoing, request: &Message) -> Vec<Line> {
        let cnonce = format!("{:016x}", self.ids.number());
        let Ok(uri) = std::str::from_utf8(request.uri()) else { return Vec::new() };
        let Some(login) = self.login_mut(out.dialog, out.purpose) else { return Vec::new() };
        let lines = login.lines(out.method, uri, &cnonce);
        if out.method == Method::Invite {
            login.invite.clone_from(&lines);
        }
        lines
    }

    /// The ACK for a 2xx, with what its INVITE carried.
    pub(crate) fn acknowledged(&self, dialog: DialogId, ack: Bytes) -> Bytes {
        let login = self.dialogs.get(&dialog).and_then(|dialog| dialog.login.as_ref());
        let Some(login) = login.filter(|login| !login.invite.is_empty()) else { return ack };
        match Message::parse(ack.clone()) {
            Ok(request) => rewritten(&request, None, cseq_number(&request), &login.invite),
            Err(_) => ack,
        }
    }

    /// Sends a challenged request again with an answer. False when there is none to give: then the
    /// challenge is what the request came to.
    pub(crate) fn answer_challenge(&mut self, now: Instant, told: &Told, asked: Asked<'_>) -> bool {
        if !self.is_wanted(told) {
            return false;
        }
        let Ok(request) = Message::parse(asked.request) else { return false };
        // With another branch and number it would cancel nothing (RFC 3261 §22.1).
        if request.method() == Method::Cancel {
            return false;
        }
        let Some(login) = self.login_mut(told.dialog, told.purpose) else { return false };
        let Some(tries) = login.take(asked.response, asked.tries) else { return false };
        let branch = self.ids.number();
        let mut out = Outgoing {
            method: request.method(),
            purpose: told.purpose,
            dialog: told.dialog,
            flow: asked.flow,
            branch,
            bytes: Bytes::new(),
        };
        let lines = self.answers(&out, &request);
        let Some(cseq) = self.number_after(told).filter(|_| !lines.is_empty()) else {
            return false;
        };
        let via = self.config.via(&out.flow, &self.ids.branch_text(branch));
        out.bytes = rewritten(&request, Some(&via), cseq, &lines);
        let Some(transaction) = self.launch(now, out, tries) else { return false };
        if let Some(dialog) = told.dialog {
            self.events.push_back(Event::Received { dialog, bytes: asked.response.bytes() });
            self.invited_again(dialog, told.purpose, transaction, &request);
            if let Purpose::Refer { cseq } = told.purpose {
                self.referred_again(dialog, cseq);
            }
        }
        true
    }

    /// The request is still to be had: nobody has given up its INVITE.
    fn is_wanted(&self, told: &Told) -> bool {
        if !matches!(told.purpose, Purpose::Invite | Purpose::Reinvite) {
            return true;
        }
        let Some(dialog) = told.dialog.and_then(|id| self.dialogs.get(&id)) else { return false };
        let ours = dialog.invite.ours.as_deref();
        dialog.invite.is_live() && ours.is_some_and(|ours| matches!(ours.cancel, Cancel::No))
    }

    /// The next CSeq number of whatever the request belongs to.
    fn number_after(&mut self, told: &Told) -> Option<u32> {
        if let Purpose::Outside { request } = told.purpose {
            return Some(self.outside.get_mut(&request)?.next_cseq());
        }
        Some(self.dialogs.get_mut(&told.dialog?)?.next_cseq())
    }

    /// Our INVITE has another transaction now, and its dialog another chance.
    fn invited_again(
        &mut self,
        id: DialogId,
        purpose: Purpose,
        transaction: TransactionId,
        request: &Message,
    ) {
        if !matches!(purpose, Purpose::Invite | Purpose::Reinvite) {
            return;
        }
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if let Some(ours) = dialog.invite.ours.as_deref_mut() {
            ours.transaction = Some(transaction);
            ours.cseq = dialog.local_cseq;
            // The early dialogs of the challenged one went with it.
            ours.forks.clear();
        }
        if purpose == Purpose::Invite {
            dialog.names.unlearn_remote(request);
        }
    }
}
