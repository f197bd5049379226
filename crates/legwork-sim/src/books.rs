//! What must hold at every step and at the end, whatever the phones do: checked from the wire and
//! the outputs.
//!
//! Not here: what a scenario expects in particular (its ladder).
//! Source: reliability.md section 6.3, I1, I2, I4, I6, I7; RFC 3515 §2.4.4, RFC 3261 §12.2.1.1.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Instant;

use legwork_call::io::{CallRow, Expects, Fetch};
use legwork_call::sid::CallSid;
use legwork_sip::header::Name;

use crate::wire::Wire;

/// A request of one dialog: Call-ID and CSeq.
type RequestKey = (String, u32);

/// Everything seen so far that something must be true of.
#[derive(Debug, Default)]
pub struct Books {
    known: BTreeSet<std::net::IpAddr>,
    finals: BTreeMap<RequestKey, u16>,
    referred: BTreeMap<RequestKey, Instant>,
    refer_answers: BTreeMap<RequestKey, u16>,
    /// By Call-ID: subscriptions opened, final NOTIFYs sent, NOTIFYs that were not answered 2xx.
    subscriptions: BTreeMap<String, Subscriptions>,
    first_notify_due: Option<(SocketAddr, String)>,
    newest_cseq: BTreeMap<String, u32>,
    accepted: usize,
    asked: usize,
    rest_transfers: usize,
    calls: BTreeMap<CallSid, CallRow>,
    /// The `SequenceNumber` that is next; none after `completed`.
    told: BTreeMap<CallSid, Option<u32>>,
}

#[derive(Debug, Default)]
struct Subscriptions {
    opened: usize,
    closed: usize,
    unanswered: BTreeSet<u32>,
    refused: bool,
}

impl Books {
    /// Messages may go to this address.
    pub fn add_known(&mut self, ip: std::net::IpAddr) {
        self.known.insert(ip);
    }

    /// The switch was handed this message for the first time.
    pub fn received(&mut self, now: Instant, message: &Wire) {
        let key = (message.call_id().to_owned(), message.cseq().0);
        match (message.method(), message.status()) {
            (Some("REFER"), _) => {
                self.referred.entry(key).or_insert(now);
            }
            (None, Some(status)) if message.cseq().1 == "NOTIFY" && status >= 200 => {
                let subscriptions = self.subscriptions.entry(key.0).or_default();
                subscriptions.unanswered.remove(&key.1);
                subscriptions.refused |= status >= 300;
            }
            (Some(_) | None, _) => {}
        }
    }

    /// The switch sent this message for the first time.
    ///
    /// # Errors
    /// What it broke.
    pub fn sent(&mut self, now: Instant, to: SocketAddr, message: &Wire) -> Result<(), String> {
        if !self.known.contains(&to.ip()) {
            return Err(format!("I7: a message to {to}, which nobody named"));
        }
        let call_id = message.call_id().to_owned();
        if let Some((party, refer)) = self.first_notify_due.take_if(|(party, _)| *party == to) {
            let is_trying = message.body().starts_with(b"SIP/2.0 100 Trying\r\n");
            if message.method() != Some("NOTIFY") || !is_trying {
                return Err(format!(
                    "the 202 to {refer} of {party} was not followed by NOTIFY 100"
                ));
            }
        }
        match (message.method(), message.status()) {
            (Some(method), _) => self.sent_request(call_id, method, message),
            (None, status) => self.sent_response(now, to, status.unwrap_or(0), message),
        }
    }

    fn sent_request(
        &mut self,
        call_id: String,
        method: &str,
        message: &Wire,
    ) -> Result<(), String> {
        let (cseq, _) = message.cseq();
        if method == "ACK" || method == "CANCEL" {
            return Ok(());
        }
        let newest = self.newest_cseq.entry(call_id.clone()).or_default();
        if cseq <= *newest {
            return Err(format!("CSeq {cseq} of a {method} after {newest}"));
        }
        *newest = cseq;
        if method != "NOTIFY" {
            return Ok(());
        }
        let subscriptions = self.subscriptions.entry(call_id).or_default();
        if subscriptions.closed >= subscriptions.opened {
            return Err("I2: a NOTIFY without a live subscription".to_owned());
        }
        subscriptions.unanswered.insert(cseq);
        if message.header(Name::SubscriptionState).starts_with("terminated") {
            subscriptions.closed += 1;
        }
        Ok(())
    }

    fn sent_response(
        &mut self,
        now: Instant,
        to: SocketAddr,
        status: u16,
        message: &Wire,
    ) -> Result<(), String> {
        let (cseq, method) = message.cseq();
        let key = (message.call_id().to_owned(), cseq);
        if status < 200 {
            return Ok(());
        }
        match method {
            "INVITE" => match self.finals.insert(key, status) {
                Some(before) if before != status => {
                    Err(format!("I1: INVITE answered {before}, then {status}"))
                }
                Some(_) | None => Ok(()),
            },
            "REFER" => {
                let came = self.referred.get(&key).copied();
                if came.is_some_and(|came| came != now) {
                    return Err("R12: a REFER waited for its answer".to_owned());
                }
                if self.refer_answers.insert(key.clone(), status).is_none() && status == 202 {
                    self.accepted += 1;
                    if message.header(Name::ReferSub) != "false" {
                        self.subscriptions.entry(key.0.clone()).or_default().opened += 1;
                        self.first_notify_due = Some((to, key.0));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The application is asked or told.
    ///
    /// # Errors
    /// What it broke.
    pub fn fetched(&mut self, fetch: &Fetch) -> Result<(), String> {
        let named = |name: &str| fetch.parameters.iter().find(|(key, _)| key == name);
        let is_refer = named("ReferTransferTarget").is_some();
        self.asked += usize::from(is_refer && fetch.expects == Expects::Document);
        let Some((_, number)) = named("SequenceNumber") else { return Ok(()) };
        let next = self.told.entry(fetch.call).or_insert(Some(0));
        let is_next = next.as_ref().is_some_and(|next| next.to_string() == *number);
        *next = next.filter(|_| named("CallDuration").is_none()).map(|next| next + 1);
        if is_next {
            Ok(())
        } else {
            Err(format!("callback {number} of {} is not the next one", fetch.call))
        }
    }

    /// REST ordered a transfer and it was accepted.
    pub fn transferred_by_rest(&mut self) {
        self.rest_transfers += 1;
    }

    /// A row of the read model changed.
    ///
    /// # Errors
    /// What it broke.
    pub fn stored(&mut self, row: &CallRow) -> Result<(), String> {
        match self.calls.insert(row.sid, row.clone()) {
            Some(before) if before.ended.is_some() && before != *row => {
                Err(format!("I6: {} changed after its end: {before:?} {row:?}", row.sid))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The newest row of the call with this Call-ID that is not over, else of any.
    pub fn call(&self, call_id: &str) -> Option<&CallRow> {
        let of = || self.calls.values().filter(|row| row.sip_call_id == call_id);
        of().find(|row| row.ended.is_none()).or_else(|| of().next_back())
    }

    /// The newest call to there that is not over, else any.
    pub fn call_to(&self, to: &str) -> Option<&CallRow> {
        let of = || self.calls.values().filter(|row| row.to == to);
        of().find(|row| row.ended.is_none()).or_else(|| of().next_back())
    }

    /// The call that has this SID or Call-ID.
    pub fn call_named(&self, id: &str) -> Option<&CallRow> {
        let is_it = |row: &&CallRow| row.sip_call_id == id || row.sid.to_string() == id;
        self.calls.values().find(is_it).filter(|_| !id.is_empty())
    }

    /// What must hold when everybody has hung up.
    ///
    /// # Errors
    /// What does not.
    pub fn close(&self) -> Result<(), String> {
        for (call_id, subscriptions) in &self.subscriptions {
            let Subscriptions { opened, closed, unanswered, refused } = subscriptions;
            let is_dead = *refused || !unanswered.is_empty();
            if closed != opened && !is_dead {
                return Err(format!(
                    "I2: {opened} subscriptions, {closed} final NOTIFYs: {call_id}"
                ));
            }
        }
        let accepted = self.accepted + self.rest_transfers;
        if accepted != self.asked {
            return Err(format!("I4: {accepted} REFERs accepted, {} asked about", self.asked));
        }
        if let Some(row) = self.calls.values().find(|row| row.ended.is_none()) {
            return Err(format!("I6: {row:?} has no end"));
        }
        let is_final =
            |s: &str| matches!(s, "completed" | "busy" | "failed" | "no-answer" | "canceled");
        if let Some(row) = self.calls.values().find(|row| !is_final(row.status)) {
            return Err(format!("I6: {row:?} ended without a final status"));
        }
        Ok(())
    }
}
