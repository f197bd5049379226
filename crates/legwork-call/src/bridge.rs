//! Two legs in conversation: their media joined. Where their codecs differ, the media thread converts.
//!
//! Not here: who dialled whom (`dial`), one leg's own SDP (`answer`).
//! Source: RFC 3264 for re-offers; RFC 4028 §7.4 for refreshes; Twilio, "TwiML Voice: Dial".

use bytes::Bytes;
use legwork_media as media;
use legwork_media::offer_answer::Codec;
use legwork_sip::endpoint::Body;
use legwork_sip::event::DialogId;

use crate::calls::Calls;
use crate::ladder::What;
use crate::leg::{Doing, LegId};

impl Calls {
    /// Joins two answered legs: they hear each other from now on.
    pub(crate) fn join(&mut self, a: LegId, b: LegId) {
        for (leg, with) in [(a, b), (b, a)] {
            if let Some(leg) = self.leg_mut(leg) {
                leg.doing = Doing::Bridged { with };
            }
        }
        self.refeed_partner(a);
        self.refeed_partner(b);
        self.listen_for_keys(a);
        self.listen_for_keys(b);
        let Some(party) = self.leg(b).map(|leg| leg.who.party.clone()) else { return };
        self.trace(a, What::Joined(party));
    }

    /// Feeds the partner of `id` with what `id` has to give: its voice, or hold music when it neither
    /// sends nor listens.
    pub(crate) fn refeed_partner(&mut self, id: LegId) {
        let Some(leg) = self.leg(id) else { return };
        let Doing::Bridged { with } = leg.doing else { return };
        let holds =
            leg.media.negotiation.agreed().is_some_and(|agreed| !agreed.receive && !agreed.send);
        let feed = if holds { media::Feed::HoldMusic } else { media::Feed::Leg(leg.media.id) };
        self.feed(with, feed);
    }

    /// What to offer a target that shall talk with `partner`: what needs no conversion first.
    pub(crate) fn codecs_towards(&self, partner: LegId) -> Vec<Codec> {
        let all = &self.config.codecs;
        let Some(leg) = self.leg(partner) else { return all.clone() };
        let theirs = match leg.media.negotiation.agreed() {
            Some(agreed) => vec![agreed.codec],
            None => leg.media.negotiation.offered_codecs(),
        };
        let g711 = theirs.iter().any(|codec| codec.is_g711());
        let mut codecs: Vec<Codec> =
            theirs.into_iter().filter(|codec| all.contains(codec)).collect();
        // The other law of G.711 is as good as the same.
        let near = all.iter().filter(|codec| g711 && codec.is_g711());
        for codec in near.chain(all) {
            if !codecs.contains(codec) {
                codecs.push(*codec);
            }
        }
        codecs
    }

    fn send_offer(&mut self, id: LegId, dialog: DialogId, offer: Bytes) -> bool {
        let sent = self.sip(|sip, now| sip.reinvite(now.mono, dialog, Body::sdp(offer)));
        let Some(leg) = self.leg_mut(id) else { return sent };
        leg.sip.offering = sent;
        if !sent {
            leg.media.negotiation.withdraw();
        }
        sent
    }

    /// The session is to be refreshed by re-INVITE: our description goes out unchanged. A parked leg gets
    /// none (the contract, "Parked"); its turn comes again.
    pub(crate) fn handle_refresh(&mut self, id: LegId) {
        let Some(leg) = self.leg_mut(id) else { return };
        let Some(dialog) = leg.sip.dialog else { return };
        match leg.doing {
            Doing::Parked { .. } | Doing::Consulted { .. } | Doing::Leaving => return,
            Doing::Alone | Doing::Dialled { .. } | Doing::Bridged { .. } | Doing::Kept { .. } => {}
        }
        if leg.sip.offering || leg.media.delayed {
            return;
        }
        let Some(offer) = leg.media.negotiation.repeat() else { return };
        let sent = self.send_offer(id, dialog, offer);
        if let Some(leg) = self.leg_mut(id) {
            leg.sip.refreshing = sent;
        }
    }

    /// The peer offers while our offer, which met 491, waits for its second try: ours is given up. True:
    /// so it was, and what it was for is to be looked at anew behind theirs.
    pub(crate) fn yield_to_offer(&mut self, id: LegId) -> bool {
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.sip.offering) else { return false };
        let Some(dialog) = leg.sip.dialog else { return false };
        let yields = self.endpoint.withdraw_reinvite(dialog);
        if yields && let Some(leg) = self.leg_mut(id) {
            leg.sip.offering = false;
            leg.sip.refreshing = false;
            leg.media.negotiation.withdraw();
        }
        yields
    }

    /// Our re-INVITE was answered.
    pub(crate) fn handle_reinvite_answered(&mut self, id: LegId, body: &[u8]) {
        let Some(leg) = self.leg_mut(id) else { return };
        leg.sip.offering = false;
        leg.sip.refreshing = false;
        let agreed = leg.media.negotiation.handle_answer(body).is_ok();
        if !agreed {
            // There will be no other answer: what was agreed before still holds.
            leg.media.negotiation.withdraw();
        }
        self.agree_media(id);
        self.refeed_partner(id);
    }

    /// Our re-INVITE was refused: what was agreed before still holds.
    pub(crate) fn handle_reinvite_failed(&mut self, id: LegId) {
        let Some(leg) = self.leg_mut(id) else { return };
        leg.sip.offering = false;
        leg.sip.refreshing = false;
        leg.media.negotiation.withdraw();
    }
}
