//! Session timers: agreed with every INVITE and UPDATE, kept by refreshes, or the end.
//!
//! Not here: what is agreed and when things are due (`usage::refresh`); the re-INVITE of a refresh,
//! which needs its owner's session description (`Event::Refresh`).
//! Source: RFC 4028 §7 to §10.

use std::time::Instant;

use super::transactions::Outgoing;
use super::write::with_terms;
use super::{Deadline, Endpoint};
use crate::event::{DialogId, EndedBy, Event};
use crate::header::session_expires::Refresher;
use crate::transaction::Purpose;
use crate::usage::invite::{Cancel, InviteUsage, State};
use crate::usage::refresh::{MIN_SE_S, SessionTimer, Terms, Wish};
use crate::{Message, Method, limit};

impl Endpoint {
    /// What our 2xx to this request says of the session timer. None: it has no say in that.
    pub(crate) fn granted(usage: &InviteUsage, request: &Message) -> Option<Option<Terms>> {
        let method = request.method();
        let updates = method == Method::Update && usage.state != State::Early;
        let refreshes = method == Method::Invite || updates;
        let we_refresh = usage.session.as_ref().is_some_and(|timer| timer.ours);
        refreshes.then(|| Wish::of(request).granted(we_refresh))
    }

    /// Our 2xx has gone out: from now on this holds.
    pub(crate) fn session_granted(&mut self, now: Instant, id: DialogId, terms: Option<Terms>) {
        match terms {
            Some(terms) => {
                let ours = terms.refresher == Some(Refresher::Uas);
                self.begin_session(now, id, terms.seconds, ours);
            }
            None => self.stop_session(id),
        }
    }

    /// The peer's 2xx to our INVITE or UPDATE has come.
    pub(crate) fn session_refreshed(&mut self, now: Instant, id: DialogId, response: &Message) {
        let Some(dialog) = self.dialogs.get(&id) else { return };
        let before = dialog.invite.session.as_ref();
        let before = before.filter(|timer| timer.ours).map(|timer| timer.seconds);
        match (response.session_expires().ok().flatten(), before) {
            (Some(said), _) => {
                // Who does not say that it refreshes leaves it to us.
                let ours = said.refresher != Some(Refresher::Uas);
                self.begin_session(now, id, said.seconds.max(MIN_SE_S), ours);
            }
            // What we refresh by ourselves goes on.
            (None, Some(seconds)) => self.begin_session(now, id, seconds, true),
            (None, None) => self.stop_session(id),
        }
    }

    fn begin_session(&mut self, now: Instant, id: DialogId, seconds: u32, ours: bool) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let mut timer = SessionTimer::new(now, seconds, ours);
        timer.key = Some(self.timers.set(timer.first(now), Deadline::Session(id)));
        if let Some(before) = dialog.invite.session.replace(timer) {
            if let Some(timer) = &mut dialog.invite.session {
                timer.min_s = before.min_s;
            }
            self.timers.cancel(before.key);
        }
    }

    fn stop_session(&mut self, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if let Some(timer) = dialog.invite.session.take() {
            self.timers.cancel(timer.key);
        }
    }

    /// Nothing of this dialog repeats or refreshes any more.
    pub(crate) fn stop_timers(&mut self, id: DialogId) {
        self.stop_session(id);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let ringing = dialog.invite.reliable.take();
        self.timers.cancel(ringing.and_then(|mut reliable| reliable.finish()));
    }

    /// The session is to be refreshed, or has not been.
    pub(crate) fn session_due(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let usage = &mut dialog.invite;
        if usage.state != State::Confirmed {
            usage.session = None;
            return;
        }
        let Some(timer) = &mut usage.session else { return };
        timer.key = None;
        if timer.is_over(now) {
            self.events.push_back(Event::Ended { dialog: id, by: EndedBy::Expired });
            return self.send_bye(now, id, &[]);
        }
        timer.key = Some(self.timers.set(timer.next(now), Deadline::Session(id)));
        // An exchange under way is a refresh itself, or keeps this one for the next time.
        let free = usage.may_reinvite() && !usage.updating;
        match (free, dialog.update_allowed) {
            (false, _) => {}
            (true, true) => self.send_update(now, id),
            (true, false) => self.events.push_back(Event::Refresh { dialog: id }),
        }
    }

    /// A refresh met 422: the next one asks for what the peer wants. False: it can not be met.
    pub(crate) fn lengthen_session(&mut self, id: DialogId, response: &Message) -> bool {
        let min_s = response.min_se().ok().flatten().unwrap_or_default();
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        let Some(timer) = &mut dialog.invite.session else { return false };
        if timer.longer >= limit::INTERVAL_RETRIES_MAX || Terms::at_least(min_s).is_none() {
            return false;
        }
        timer.longer += 1;
        timer.min_s = min_s;
        timer.seconds = timer.seconds.max(min_s);
        true
    }

    /// Our INVITE met 422: it goes out once more with what the peer wants (RFC 4028 §7.3). False:
    /// that is what it came to. `invite`: as it was sent.
    pub(crate) fn invite_for_longer(
        &mut self,
        now: Instant,
        id: DialogId,
        invite: &Message,
        response: &Message,
    ) -> bool {
        let min_s = response.min_se().ok().flatten().unwrap_or_default();
        let Some(terms) = Terms::at_least(min_s) else { return false };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        let wanted = dialog.invite.is_live() && dialog.invite.state == State::Early;
        let Some(ours) = dialog.invite.ours.as_deref_mut().filter(|_| wanted) else { return false };
        let Some(old) = ours.transaction.and_then(|old| self.transactions.find_ref(old)) else {
            return false;
        };
        let given_up = !matches!(ours.cancel, Cancel::No);
        if given_up || ours.longer >= limit::INTERVAL_RETRIES_MAX {
            return false;
        }
        ours.longer += 1;
        ours.forks.clear();
        let flow = old.flow;
        let cseq = dialog.next_cseq();
        let branch = self.ids.number();
        let via = self.config.via(&flow, &self.ids.branch_text(branch));
        let out = Outgoing {
            method: Method::Invite,
            purpose: Purpose::Invite,
            dialog: Some(id),
            flow,
            branch,
            bytes: with_terms(invite, &via, cseq, &terms),
        };
        self.events.push_back(Event::Received { dialog: id, bytes: response.bytes() });
        let transaction = self.start_client(now, out);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        dialog.names.unlearn_remote(invite);
        if let Some(ours) = dialog.invite.ours.as_deref_mut() {
            ours.transaction = transaction;
            ours.cseq = cseq;
        }
        transaction.is_some()
    }
}
