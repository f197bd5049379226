//! UPDATE: the peer's, with or without an offer, and ours, which refresh the session.
//!
//! Not here: when the session is refreshed (`refresh`); what may come now (`usage::invite`).
//! Source: RFC 3311 §5; RFC 4028 §7.4.

use std::time::Instant;

use super::Endpoint;
use super::check::Refusal;
use super::transactions::Outgoing;
use super::write::Request;
use crate::dialog::from_tag;
use crate::event::{DialogId, Event};
use crate::flow::Flow;
use crate::transaction::{Purpose, TransactionId};
use crate::usage::invite::{Arrival, State};
use crate::usage::refresh::SessionTimer;
use crate::{Message, Method, Status};

impl Endpoint {
    /// UPDATE inside a dialog, early or confirmed.
    pub(crate) fn update_in(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        request: Message,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        if !dialog.invite.is_live() {
            return self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
        }
        let offers = !request.body().is_empty();
        let arrival =
            if offers { dialog.invite.updated(from_tag(&request)) } else { Arrival::Take };
        let refusal = match arrival {
            Arrival::Take | Arrival::TakeAsAck => {
                // Of several early dialogs the 2xx will say which one and where.
                if dialog.invite.state != State::Early || dialog.invite.theirs.is_some() {
                    dialog.path.refresh(&request);
                    dialog.learn_allowed(&request);
                }
                if offers {
                    if let Some(fork) = dialog.invite.fork(from_tag(&request)) {
                        fork.settled = true;
                    }
                    dialog.invite.offered = Some(id);
                    self.events.push_back(Event::Reinvite { dialog: dialog_id, request });
                } else {
                    self.answer_invite(now, id, dialog_id, Status::OK, None, &[]);
                }
                return;
            }
            Arrival::Glare => Refusal::new(Status::REQUEST_PENDING),
            Arrival::Overlap => {
                Refusal::busy(Status::SERVER_INTERNAL_ERROR, self.ids.between(0, 10))
            }
            Arrival::Gone => Refusal::new(Status::CALL_DOES_NOT_EXIST),
        };
        self.refuse(now, id, refusal);
    }

    /// Sends an UPDATE without an offer.
    pub(crate) fn send_update(&mut self, now: Instant, id: DialogId) {
        let branch = self.ids.number();
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let cseq = dialog.next_cseq();
        let branch_text = self.ids.branch_text(branch);
        let request = Request {
            contact: Some(&dialog.path.us),
            session: dialog.invite.session.as_ref().map(SessionTimer::renewed),
            ..Request::inside(dialog, Method::Update, cseq, &branch_text)
        };
        let out = Outgoing {
            method: Method::Update,
            purpose: Purpose::Update,
            dialog: Some(id),
            flow: request.way.flow,
            branch,
            bytes: request.write(&self.config),
        };
        let sent = self.start_client(now, out).is_some();
        if let Some(dialog) = self.dialogs.get_mut(&id) {
            dialog.invite.updating = sent;
        }
    }

    /// Our UPDATE was answered, or will not be.
    pub(crate) fn update_done(
        &mut self,
        now: Instant,
        id: DialogId,
        status: Status,
        response: Option<(&Message, Flow)>,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.invite.updating = false;
        if dialog.invite.state != State::Confirmed {
            return;
        }
        match (status, response) {
            (Status::CALL_DOES_NOT_EXIST | Status::REQUEST_TIMEOUT, _) | (_, None) => {
                self.lost(now, id);
            }
            (status, Some((response, flow))) if status.is_success() => {
                dialog.path.refresh(response);
                dialog.hear(flow);
                self.session_refreshed(now, id, response);
            }
            (Status::SESSION_INTERVAL_TOO_SMALL, Some((response, _))) => {
                if self.lengthen_session(id, response) {
                    self.send_update(now, id);
                }
            }
            (Status::METHOD_NOT_ALLOWED | Status::NOT_IMPLEMENTED, _) => {
                dialog.update_allowed = false;
                self.events.push_back(Event::Refresh { dialog: id });
            }
            // It lives, but will not now: the timer tries again.
            (_, Some(_)) => {}
        }
    }
}
