//! A target has answered: what lies between its 2xx and the join.
//!
//! ```text
//!   2xx ──▶ keys are pressed (`sendDigits`) ──▶ screened (its noun's `url`)
//!       ──▶ the caller is answered ──▶ joined
//! ```
//! Several targets may have answered; the first that is fit to be joined wins, the others are let go.
//! Not here: the keys (`digits`), the document that screens it (`dial/screen`), the SDP of one leg (`answer`).
//! Source: Twilio, "TwiML Voice: Dial"; `inbound-refer` §4 (success is the one bridged).

use legwork_sip as sip;
use legwork_sip::Status;

use super::outcome::LastChild;
use crate::callback::Progress;
use crate::calls::Calls;
use crate::hangup::Farewell;
use crate::leg::{CallStatus, Doing, LegId};
use crate::timer::Due;
use crate::webhook::sip_header_parameters;

impl Calls {
    /// 2xx from a target.
    pub(crate) fn target_answered(&mut self, child: LegId, response: &sip::Message, sdp: &[u8]) {
        let wall = self.now.wall;
        let Some(leg) = self.leg_mut(child) else { return };
        leg.life.answered = Some(wall);
        leg.life.status = CallStatus::InProgress;
        leg.sip.response = response.status();
        leg.sip.headers = sip_header_parameters(response);
        let before = leg.media.before_early.take();
        // Gateways that described their early media leave the answer out of the 200.
        let agreed_early = before.is_some() && sdp.is_empty();
        if let Some(before) = before.filter(|_| !agreed_early) {
            leg.media.negotiation = *before;
        }
        let agreed = agreed_early || leg.media.negotiation.handle_answer(sdp).is_ok();
        let doing = leg.doing;
        if agreed {
            self.open_media(child);
            self.agree_media(child);
            self.detect_answerer(child);
        }
        self.store(child);
        self.tell_progress(child, Progress::Answered);
        if let Doing::Kept { .. } = doing {
            return self.kept_answered(child, agreed);
        }
        let Doing::Dialled { by } = doing else { return self.call_answered(child, agreed) };
        self.time_passes(by);
        if !agreed {
            return self.give_up_target(by, child, CallStatus::Failed, Status(488));
        }
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.ringing.retain(|other| *other != child);
            dialling.answered.push(child);
        }
        self.target_proceed(child);
    }

    /// The next step of a target that has answered.
    pub(crate) fn target_proceed(&mut self, child: LegId) {
        let Some(leg) = self.leg_mut(child) else { return };
        let Doing::Dialled { by } = leg.doing else { return };
        if let Some(digits) = leg.wanted.digits.take() {
            return self.send_digits(child, &digits);
        }
        if let Some(hook) = leg.wanted.screen.take() {
            return self.screen(by, child, hook);
        }
        self.cancel_others(by, child);
        self.answer_and_join(by, child);
    }

    /// `winner` is to be joined: nobody else is needed.
    fn cancel_others(&mut self, by: LegId, winner: LegId) {
        let Some(dialling) = self.dialling_mut(by) else { return };
        dialling.waiting.clear();
        let mut others = std::mem::take(&mut dialling.ringing);
        others.append(&mut dialling.answered);
        dialling.answered.push(winner);
        let mut timeout = dialling.timeout.take();
        let was_heard = dialling.early.is_some_and(|early| early != winner);
        self.timers.cancel(&mut timeout);
        if was_heard {
            self.early_media_over(by);
        }
        for other in others.into_iter().filter(|other| *other != winner) {
            self.leave(other, Farewell::elsewhere());
        }
    }

    /// Answers the caller if it still rings; then the two talk.
    fn answer_and_join(&mut self, by: LegId, child: LegId) {
        if !self.answer_leg(by, self.codec_of(child)) {
            return;
        }
        let last = self.leg(child).map(LastChild::joined);
        let Some(dialling) = self.dialling_mut(by) else { return };
        dialling.answered.clear();
        dialling.bridged = Some(child);
        dialling.last = last;
        let limit = dialling.verb.time_limit;
        let key = self.timers.set(self.after(limit), Due::TimeLimit(by));
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.time_limit = Some(key);
        }
        self.join(by, child);
        self.record_dial(by, true);
        let recording = self.dialling_mut(by).and_then(|dialling| dialling.recording);
        if let Some(told) = self.leg_mut(child).and_then(|leg| leg.told.as_mut()) {
            told.recording = recording;
        }
        if let Some(transfer) = self.pending_transfer_of(by) {
            self.transfer_bridged(transfer);
        }
    }
}
