//! REFER of ours and the subscription it opens: we are the subscriber.
//!
//! Not here: REFER from the peer (`refers`); whom to refer to, how long to wait, what comes of it
//! (`legwork-call`).
//! Source: RFC 3515 §2.1, §2.4; RFC 3892 §2.1; RFC 4488; RFC 6665 §4.1; RFC 5057 §4.1.

use std::time::Instant;

use super::check::Refusal;
use super::transactions::Outgoing;
use super::write::{Answer, Request};
use super::{Deadline, Endpoint, Line};
use crate::event::{DialogId, Event};
use crate::flow::Flow;
use crate::header::subscription_state::State as SubscriptionWord;
use crate::name_addr::NameAddr;
use crate::transaction::{PATIENCE, Purpose, TransactionId};
use crate::usage::invite::State;
use crate::usage::referral::{After, Referral};
use crate::{Message, Method, Status, scan, sipfrag};

impl Endpoint {
    /// Sends REFER inside a confirmed dialog, with `target` as it is between angle brackets, and
    /// `Referred-By` with our own address there. Waits for the ACK of a 2xx of ours: phones know the
    /// dialog only then. `Event::Referred` and `Event::ReferProgress` follow. False: there is no
    /// session, or one is under way already; nothing is sent then.
    pub fn refer(
        &mut self,
        now: Instant,
        dialog_id: DialogId,
        target: &str,
        lines: &[Line],
    ) -> bool {
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return false };
        let under_way = dialog.referral.as_ref().is_some_and(|referral| referral.is_pending());
        if dialog.invite.state != State::Confirmed || !dialog.invite.is_live() || under_way {
            return false;
        }
        let mut all: Vec<Line> = vec![("Refer-To".into(), format!("<{target}>"))];
        if let Ok(own) = NameAddr::parse(&dialog.names.local) {
            let own = String::from_utf8_lossy(own.uri().as_bytes());
            all.push(("Referred-By".into(), format!("<{own}>")));
        }
        all.extend(lines.iter().cloned());
        let before = dialog.referral.take();
        let referral = Referral::new(all, before.is_none());
        dialog.referral = Some(Box::new(referral));
        self.timers.cancel(before.and_then(|before| before.linger));
        self.send_held_refer(now, dialog_id);
        true
    }

    /// The owner waits no longer for what comes of its REFER, and hears no more of it. NOTIFYs are
    /// answered for 64·T1 more.
    pub fn forget_refer(&mut self, now: Instant, dialog: DialogId) {
        let referral = self.dialogs.get_mut(&dialog).and_then(|d| d.referral.as_deref_mut());
        match referral.map(Referral::forget) {
            Some(true) => self.linger(now, dialog),
            Some(false) => self.end_referral(dialog),
            None => {}
        }
    }

    /// Sends the REFER that waits, if nothing hinders it any more.
    pub(crate) fn send_held_refer(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if dialog.invite.unacked.is_some() || dialog.invite.state != State::Confirmed {
            return;
        }
        let Some(lines) = dialog.referral.as_mut().and_then(|referral| referral.held.take()) else {
            return;
        };
        let branch = self.ids.number();
        let cseq = dialog.next_cseq();
        if let Some(referral) = &mut dialog.referral {
            referral.sent(cseq);
        }
        let branch_text = self.ids.branch_text(branch);
        let request = Request {
            contact: Some(&dialog.path.us),
            lines: &lines,
            ..Request::inside(dialog, Method::Refer, cseq, &branch_text)
        };
        let out = Outgoing {
            method: Method::Refer,
            purpose: Purpose::Refer { cseq },
            dialog: Some(id),
            flow: request.way.flow,
            branch,
            bytes: request.write(&self.config),
        };
        if self.start_client(now, out).is_none() {
            self.refer_done(id, cseq, Status::SERVICE_UNAVAILABLE, None);
        }
    }

    /// Our REFER was answered, or will not be. `cseq`: it was first sent with.
    pub(crate) fn refer_done(
        &mut self,
        id: DialogId,
        cseq: u32,
        status: Status,
        response: Option<(&Message, Flow)>,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(referral) = dialog.referral.as_deref_mut().filter(|r| r.began_with(cseq)) else {
            return;
        };
        let declined = response.is_some_and(|(response, _)| response.is_refer_sub_false());
        let notices = status.is_success() && !declined;
        let after = referral.answered(notices);
        if let Some((response, flow)) = response.filter(|_| status.is_success()) {
            dialog.path.refresh(response);
            dialog.hear(flow);
        }
        if after.tell {
            self.events.push_back(Event::Referred { dialog: id, status, notices });
        }
        if after.over {
            self.end_referral(id);
        }
    }

    /// A challenged REFER of ours goes out again.
    pub(crate) fn referred_again(&mut self, id: DialogId, began_with: u32) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let referral = dialog.referral.as_deref_mut().filter(|r| r.began_with(began_with));
        if let Some(referral) = referral {
            referral.sent_again(dialog.local_cseq);
        }
    }

    /// NOTIFY inside a dialog: of the subscription our REFER opened, or of none.
    pub(crate) fn notify_in(
        &mut self,
        now: Instant,
        id: TransactionId,
        dialog_id: DialogId,
        request: &Message,
    ) {
        let Some(event) = request.event().ok().filter(|event| event.package == b"refer") else {
            return self.refuse(now, id, Refusal::bad_event());
        };
        let Ok(state) = request.subscription_state() else {
            return self.refuse(now, id, Refusal::new(Status::BAD_REQUEST));
        };
        let Some(dialog) = self.dialogs.get_mut(&dialog_id) else { return };
        let ours = dialog.referral.as_deref_mut().filter(|referral| referral.is_named(event.id));
        let Some(referral) = ours else {
            return self.refuse(now, id, Refusal::new(Status::CALL_DOES_NOT_EXIST));
        };
        let terminated = state.state == SubscriptionWord::Terminated;
        let status = sipfrag::parse(scan::trim(&request.body()));
        let After { tell, over, linger } = referral.notified(status, terminated);
        let last = referral.is_told();
        dialog.path.refresh(request);
        self.send_answer(now, id, Answer::new(Status::OK));
        if tell {
            self.events.push_back(Event::ReferProgress { dialog: dialog_id, status, last });
        }
        if over {
            self.end_referral(dialog_id);
        } else if linger {
            self.linger(now, dialog_id);
        }
    }

    /// The session ends: nobody listens any more, but the peer may still be telling.
    pub(crate) fn referral_outlives(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        match dialog.referral.as_deref_mut().map(Referral::forget) {
            Some(true) => self.linger(now, id),
            Some(false) => dialog.referral = None,
            None => {}
        }
    }

    fn linger(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(referral) = dialog.referral.as_deref_mut() else { return };
        if referral.linger.is_none() {
            referral.linger = Some(self.timers.set(now + PATIENCE, Deadline::Referral(id)));
        }
    }

    /// NOTIFYs are answered no longer.
    pub(crate) fn referral_due(&mut self, id: DialogId) {
        let dialog = self.dialogs.get_mut(&id);
        if let Some(referral) = dialog.and_then(|dialog| dialog.referral.as_deref_mut()) {
            referral.linger = None;
            self.end_referral(id);
        }
    }

    fn end_referral(&mut self, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let referral = dialog.referral.take();
        self.timers.cancel(referral.and_then(|referral| referral.linger));
        self.settle(id);
    }
}
