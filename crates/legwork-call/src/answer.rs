//! One leg's answer and what it is sent: SDP into the 200, media opened, agreed and fed.
//!
//! Not here: two legs (`bridge`); SDP itself (`legwork-media`).
//! Source: RFC 3264; RFC 3261 §13.3.1; Twilio, "TwiML for Programmable Voice", when a call is answered.

use legwork_media as media;
use legwork_media::offer_answer::Codec;
use legwork_media::tone::RingTone;
use legwork_sip::Status;
use legwork_sip::endpoint::Body;

use crate::calls::Calls;
use crate::hangup::Farewell;
use crate::ladder::What;
use crate::leg::{CallStatus, LegId};

impl Calls {
    /// Answers an inbound leg that is still ringing; `prefer` is what its partner speaks. False: it
    /// could not be answered and is gone.
    pub(crate) fn answer_leg(&mut self, id: LegId, prefer: Option<Codec>) -> bool {
        let codecs = self.config.codecs.clone();
        let wall = self.now.wall;
        let Some(leg) = self.leg_mut(id) else { return false };
        if leg.is_answered() {
            return true;
        }
        let Some(dialog) = leg.sip.dialog else { return false };
        let sdp = if leg.media.delayed {
            Ok(leg.media.negotiation.offer(&first(prefer, &codecs)))
        } else if let Some(early) = leg.media.negotiation.local() {
            Ok(early)
        } else {
            leg.media.negotiation.answer(prefer).map(|(sdp, _)| sdp)
        };
        let Ok(sdp) = sdp else {
            self.leave(id, Farewell::refuse(CallStatus::Failed, Status(488)));
            return false;
        };
        leg.life.answered = Some(wall);
        leg.life.status = CallStatus::InProgress;
        self.sip(|sip, now| sip.answer(now.mono, dialog, Some(Body::sdp(sdp)), &[]));
        self.open_media(id);
        self.agree_media(id);
        self.store(id);
        true
    }

    /// Answers in advance with 183, so that early media can be heard.
    pub(crate) fn answer_early(&mut self, id: LegId, prefer: Option<Codec>) -> bool {
        let Some(leg) = self.leg_mut(id) else { return false };
        let Some(dialog) = leg.sip.dialog else { return false };
        if leg.media.delayed || leg.media.negotiation.local().is_some() {
            return !leg.media.delayed;
        }
        let Ok((sdp, _)) = leg.media.negotiation.answer(prefer) else { return false };
        self.sip(|sip, now| sip.ring(now.mono, dialog, Status(183), Some(Body::sdp(sdp)), &[]));
        self.open_media(id);
        self.agree_media(id);
        true
    }

    /// The leg's ports are in use from now on.
    pub(crate) fn open_media(&mut self, id: LegId) {
        let Some(leg) = self.leg_mut(id) else { return };
        let media = leg.media.id;
        if !std::mem::replace(&mut leg.media.open, true) {
            self.order_media(media, media::Command::Open);
            self.begin_awaited_recording(id);
            self.begin_awaited_streams(id);
            self.begin_awaited_transcriptions(id);
            self.begin_awaited_siprecs(id);
            self.record_applications(id);
        }
    }

    /// Tells the media thread what was agreed.
    pub(crate) fn agree_media(&mut self, id: LegId) {
        let Some(leg) = self.leg(id) else { return };
        let Some(agreed) = leg.media.negotiation.agreed().cloned() else { return };
        let media = leg.media.id;
        self.order_media(media, media::Command::Agree(Box::new(agreed)));
        self.mark_siprecs(id);
        self.listen_for_keys(id);
    }

    /// What the leg is sent from now on.
    pub(crate) fn feed(&mut self, id: LegId, feed: media::Feed) {
        let Some(leg) = self.leg_mut(id) else { return };
        let media = leg.media.id;
        if !leg.media.open || leg.media.feed == feed {
            return;
        }
        leg.media.feed = feed;
        self.mark_siprecs(id);
        if let media::Feed::Leg(whom) = feed {
            self.move_to(id, whom);
        }
        self.order_media(media, media::Command::Feed(feed));
        let hears = match feed {
            media::Feed::Silence => "silence".into(),
            media::Feed::Ringback(tone) if tone == RingTone::default() => "ringback".into(),
            media::Feed::Ringback(tone) => format!("ringback {}", tone.name()).into(),
            media::Feed::HoldMusic => "hold music".into(),
            media::Feed::Room(_) => "the conference".into(),
            media::Feed::Nothing
            | media::Feed::Leg(_)
            | media::Feed::Source(..)
            | media::Feed::Live(_)
            | media::Feed::Copy(..) => return,
        };
        self.trace(id, What::Hears(hears));
    }

    /// The leg lives from now on where that one does, whom it is to hear.
    fn move_to(&mut self, id: LegId, whom: media::MediaId) {
        let whom = self.index.by_media.get(&whom).and_then(|whom| self.leg(*whom));
        if let Some(host) = whom.map(|whom| whom.media.host) {
            self.move_to_thread(id, host);
        }
    }

    /// The leg lives on that media thread from now on.
    pub(crate) fn move_to_thread(&mut self, id: LegId, host: u8) {
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.media.host != host) else { return };
        leg.media.host = host;
        let media = leg.media.id;
        self.order_media(media, media::Command::Move(host));
        self.move_siprecs(id, host);
    }

    /// What the leg speaks, once agreed.
    pub(crate) fn codec_of(&self, id: LegId) -> Option<Codec> {
        self.leg(id)?.media.negotiation.agreed().map(|agreed| agreed.codec)
    }

    /// The ACK came; it may bring the answer to the offer in our 200.
    pub(crate) fn handle_acked(&mut self, id: LegId, body: &[u8]) {
        let Some(leg) = self.leg_mut(id) else { return };
        if !std::mem::replace(&mut leg.media.delayed, false) {
            return;
        }
        if leg.media.negotiation.handle_answer(body).is_ok() {
            self.agree_media(id);
            self.refeed_partner(id);
        } else {
            self.leave(id, Farewell::fault(crate::alert::Fault::Peer));
        }
    }

    /// The leg's own re-INVITE, or UPDATE or PRACK with an offer: hold, un-hold, a new address, or a wish
    /// for our offer. Answered here at once, whatever the leg is doing; the other leg is not troubled.
    pub(crate) fn handle_reinvite(&mut self, id: LegId, body: &[u8]) {
        self.yield_to_offer(id);
        let codecs = first(self.codec_of(id), &self.config.codecs);
        let Some(leg) = self.leg_mut(id) else { return };
        let Some(dialog) = leg.sip.dialog else { return };
        if body.is_empty() {
            let offer = leg.media.negotiation.offer(&codecs);
            leg.media.delayed = true;
            return self.sip(|sip, now| sip.answer(now.mono, dialog, Some(Body::sdp(offer)), &[]));
        }
        let current = leg.media.negotiation.agreed().map(|agreed| agreed.codec);
        let answer = match leg.media.negotiation.handle_offer(body, &codecs) {
            Ok(()) => leg.media.negotiation.answer(current).map(|(sdp, _)| sdp),
            Err(refusal) => Err(refusal),
        };
        match answer {
            Ok(sdp) => {
                self.sip(|sip, now| sip.answer(now.mono, dialog, Some(Body::sdp(sdp)), &[]));
                self.agree_media(id);
                self.refeed_partner(id);
            }
            Err(refusal) => {
                let status = refused(refusal);
                let reply = legwork_sip::endpoint::Reply { status, lines: Vec::new() };
                self.sip(|sip, now| sip.reject(now.mono, dialog, reply));
            }
        }
    }
}

/// What a peer is told whose SDP can not be used.
pub(crate) const fn refused(refusal: media::Refusal) -> Status {
    match refusal {
        media::Refusal::Malformed => Status(400),
        media::Refusal::NoAudio | media::Refusal::NoCommonCodec | media::Refusal::OutOfOrder => {
            Status(488)
        }
    }
}

/// `codecs` with `current` moved to the front.
fn first(current: Option<Codec>, codecs: &[Codec]) -> Vec<Codec> {
    let current = current.filter(|current| codecs.contains(current));
    let rest = codecs.iter().copied().filter(|codec| Some(*codec) != current);
    current.into_iter().chain(rest).collect()
}
