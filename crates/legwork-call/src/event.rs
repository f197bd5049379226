//! What the SIP endpoint tells, handed to whom it concerns.
//!
//! Not here: what is done about it.

use legwork_sip as sip;
use legwork_sip::event::{DialogId, Event};

use crate::calls::Calls;
use crate::keys::By;
use crate::leg::LegId;
use crate::webhook::sip_header_parameters;

impl Calls {
    /// Handles everything the endpoint has to tell, in order.
    pub(crate) fn drain_events(&mut self) {
        loop {
            while let Some(event) = self.endpoint.poll_event() {
                // A received message is traced before what was sent because of it.
                if let Event::Received { dialog, bytes } = event {
                    self.trace_message(dialog, &bytes, true);
                    continue;
                }
                self.drain_transmits();
                self.handle_event(event);
            }
            self.drain_transmits();
            if !self.tell_marked_siprecs() {
                break;
            }
        }
        self.unclaimed = None;
    }

    fn leg_of(&mut self, dialog: DialogId) -> Option<LegId> {
        let leg = self.index.by_dialog.get(&dialog).copied()?;
        self.current = Some(leg);
        Some(leg)
    }

    fn handle_event(&mut self, event: Event) {
        match event {
            Event::Received { .. } => {}
            Event::Invite { dialog, request, flow } => self.handle_invite(dialog, &request, flow),
            Event::Request { request_id, request, flow } => {
                self.handle_request(request_id, &request, flow);
            }
            Event::Response { request, status, response, cseq } => {
                self.handle_response(request, status, response.as_ref(), cseq);
            }
            Event::Notified { subscription, last } => {
                if last {
                    self.handle_notified(subscription);
                }
            }
            Event::Unsubscribed { subscription } => self.handle_unsubscribed(subscription),
            Event::Refer { dialog, refer, request } => match self.leg_of(dialog) {
                Some(leg) => self.handle_refer(leg, refer, &request),
                None => {
                    // A recorder transfers nobody.
                    let status =
                        sip::Status(if self.siprec_of(dialog).is_some() { 403 } else { 481 });
                    let reply = sip::endpoint::Reply { status, lines: Vec::new() };
                    self.sip(|sip, now| sip.reply(now.mono, refer, reply));
                }
            },
            Event::Cancelled { dialog }
            | Event::Acked { dialog, .. }
            | Event::Provisional { dialog, .. }
            | Event::Answered { dialog, .. }
            | Event::Failed { dialog, .. }
            | Event::Reinvite { dialog, .. }
            | Event::ReinviteAnswered { dialog, .. }
            | Event::ReinviteFailed { dialog, .. }
            | Event::Refresh { dialog }
            | Event::Ended { dialog, .. }
            | Event::Referred { dialog, .. }
            | Event::ReferProgress { dialog, .. }
            | Event::Info { dialog, .. } => {
                // Dialogs of legs that have ended still have things to tell; nobody listens.
                match self.leg_of(dialog) {
                    Some(leg) => self.handle_leg_event(leg, event),
                    None => self.handle_siprec_event(dialog, event),
                }
            }
        }
    }

    fn handle_leg_event(&mut self, leg: LegId, event: Event) {
        match event {
            Event::Cancelled { .. } => self.handle_cancelled(leg),
            Event::Acked { body, .. } => self.handle_acked(leg, &body),
            Event::Provisional { response, .. } => {
                if let Some(status) = response.status() {
                    self.target_rings(leg, status, &sdp_of(&response));
                }
            }
            Event::Answered { response, session, .. } => {
                self.reached(leg);
                self.target_answered(leg, &response, &session);
            }
            Event::Failed { status, response, .. } => {
                if let (Some(of), Some(response)) = (self.leg_mut(leg), &response) {
                    of.sip.headers = sip_header_parameters(response);
                }
                if status == sip::Status::FLOW_FAILED {
                    self.forget_binding(leg);
                }
                self.handle_try_failed(leg, status, response.as_ref());
            }
            Event::Reinvite { request, .. } => self.handle_reinvite(leg, &request.body()),
            Event::ReinviteAnswered { response, .. } => {
                self.handle_reinvite_answered(leg, &response.body());
            }
            Event::ReinviteFailed { .. } => self.handle_reinvite_failed(leg),
            Event::Refresh { .. } => self.handle_refresh(leg),
            Event::Ended { by, .. } => self.handle_ended(leg, &by),
            Event::Referred { status, notices, .. } => self.handle_referred(leg, status, notices),
            Event::ReferProgress { status, last, .. } => {
                self.handle_refer_progress(leg, status, last);
            }
            Event::Info { request, .. } => {
                if let Some(key) = sip::info::key(&request) {
                    self.key_pressed(leg, key, By::Info);
                }
            }
            Event::Received { .. }
            | Event::Invite { .. }
            | Event::Request { .. }
            | Event::Response { .. }
            | Event::Notified { .. }
            | Event::Unsubscribed { .. }
            | Event::Refer { .. } => {}
        }
    }
}

fn sdp_of(response: &sip::Message) -> bytes::Bytes {
    if response.has_body_of("application/sdp") { response.body() } else { bytes::Bytes::new() }
}
