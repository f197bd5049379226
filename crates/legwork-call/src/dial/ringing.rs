//! A target rings: its 18x, and what the caller hears of it before its answer.
//!
//! Not here: whom to ring and for how long (`dial`), its answer (`dial/answered`).
//! Source: Twilio, "TwiML Voice: Dial"; RFC 3960 for early media.

use legwork_media as media;
use legwork_media::offer_answer::Codec;
use legwork_media::tone::RingTone;
use legwork_sip::Status;

use crate::callback::Progress;
use crate::calls::Calls;
use crate::leg::{CallStatus, Doing, LegId};

impl Calls {
    /// 18x from a target: the caller hears it ring, or hears what it sends.
    pub(crate) fn target_rings(&mut self, child: LegId, status: Status, sdp: &[u8]) {
        let Some(leg) = self.leg_mut(child) else { return };
        let doing = leg.doing;
        if leg.life.status == CallStatus::Initiated {
            leg.life.status = CallStatus::Ringing;
            self.store(child);
            self.tell_progress(child, Progress::Ringing);
        }
        let Doing::Dialled { by } = doing else { return };
        let early = !sdp.is_empty() && self.early_media(child, sdp);
        self.time_passes(by);
        let Some(dialling) = self.dialling_mut(by) else { return };
        let (heard, asked) = (dialling.early, dialling.verb.ring_tone.is_some());
        let answered = self.leg(by).is_some_and(crate::leg::Leg::is_answered);
        if early && heard.is_none() && !asked {
            self.hear_early(by, child);
        } else if answered && heard.is_none() || asked && self.answer_early(by, Some(Codec::Pcmu)) {
            let tone = self.ringing_heard_by(by);
            self.feed(by, tone);
        }
        self.record_dial(by, false);
        if let Some(transfer) = self.pending_transfer_of(by) {
            self.transfer_progress(transfer, status);
        }
    }

    /// The ringing tone of the country asked for (`ringTone`), else North America's. One that was asked
    /// for is heard instead of the target's early media, and before the caller is answered, too.
    pub(crate) fn ringing_heard_by(&self, by: LegId) -> media::Feed {
        let dialling = self.leg(by).and_then(|leg| leg.run.as_ref()?.dialling());
        let asked = dialling.and_then(|dialling| dialling.verb.ring_tone.as_deref());
        media::Feed::Ringback(asked.and_then(RingTone::of).unwrap_or_default())
    }

    /// The target's early media is agreed; the offer stays open for its 200.
    fn early_media(&mut self, child: LegId, sdp: &[u8]) -> bool {
        let Some(leg) = self.leg_mut(child) else { return false };
        if leg.media.before_early.is_some() {
            return true;
        }
        let before = leg.media.negotiation.clone();
        if leg.media.negotiation.handle_answer(sdp).is_err() {
            leg.media.negotiation = before;
            return false;
        }
        leg.media.before_early = Some(Box::new(before));
        self.open_media(child);
        self.agree_media(child);
        true
    }

    /// The caller hears the target before it answers.
    fn hear_early(&mut self, by: LegId, child: LegId) {
        let codec = self.codec_of(child);
        if !self.leg(by).is_some_and(crate::leg::Leg::is_answered) && !self.answer_early(by, codec)
        {
            return;
        }
        let Some(media) = self.leg(child).map(|leg| leg.media.id) else { return };
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.early = Some(child);
        }
        self.feed(by, media::Feed::Leg(media));
    }

    /// The target that was heard before its answer is gone, or screened: the caller hears another one that
    /// has something to be heard, or ringing.
    pub(crate) fn early_media_over(&mut self, by: LegId) {
        let Some(dialling) = self.dialling_mut(by) else { return };
        dialling.early = None;
        let rings =
            if dialling.verb.ring_tone.is_none() { dialling.ringing.clone() } else { Vec::new() };
        let early = |id: &LegId| self.leg(*id).is_some_and(|leg| leg.media.before_early.is_some());
        if let Some(next) = rings.into_iter().find(early) {
            self.hear_early(by, next);
        }
        if self.dialling_mut(by).is_some_and(|dialling| dialling.early.is_none()) {
            let tone = self.ringing_heard_by(by);
            self.feed(by, tone);
        }
    }
}
