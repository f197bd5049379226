//! Two legs in conversation: their media joined, their codecs made to fit.
//!
//! Not here: who dialled whom (`dial`), one leg's own SDP (`answer`).
//! Source: RFC 3264 for re-offers; RFC 4028 §7.4 for refreshes; Twilio, "TwiML Voice: Dial".

use bytes::Bytes;
use legwork_media as media;
use legwork_media::offer_answer::Codec;
use legwork_sip::endpoint::Body;
use legwork_sip::event::DialogId;

use crate::answer::{first, fitting};
use crate::calls::Calls;
use crate::ladder::What;
use crate::leg::{Doing, LegId};

/// Can media pass between legs that speak these? G.711 is converted, the others passed through.
pub(crate) const fn fits(a: Codec, b: Codec) -> bool {
    match (a, b) {
        (Codec::Pcmu | Codec::Pcma, Codec::Pcmu | Codec::Pcma)
        | (Codec::G722, Codec::G722)
        | (Codec::Opus, Codec::Opus) => true,
        (Codec::Pcmu | Codec::Pcma | Codec::G722 | Codec::Opus, _) => false,
    }
}

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
        self.refit(b);
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
        let g711 = |codec: &Codec| fits(*codec, Codec::Pcmu);
        let Some(leg) = self.leg(partner) else { return all.clone() };
        if let Some(codec) = leg.media.negotiation.agreed().map(|agreed| agreed.codec) {
            let offered = first(Some(codec), all);
            return if g711(&codec) { offered.into_iter().filter(g711).collect() } else { offered };
        }
        if leg.media.delayed {
            return all.iter().copied().filter(g711).collect();
        }
        let theirs = leg.media.negotiation.offered_codecs();
        if theirs.iter().any(g711) {
            let preferred = theirs.iter().copied().find(g711);
            first(preferred, all).into_iter().filter(g711).collect()
        } else {
            theirs.into_iter().filter(|codec| all.contains(codec)).collect()
        }
    }

    /// Whatever `id` was negotiating is settled: if its partner, or the target that waits for it, speaks
    /// something else, it is offered that.
    pub(crate) fn refit(&mut self, id: LegId) {
        if let Some(child) = self.dialling_mut(id).and_then(|dialling| dialling.agreeing) {
            return self.fit_codecs(id, child);
        }
        if let Some(by) = self.agreeing_with(id) {
            return self.fit_codecs(by, id);
        }
        if let Some(theirs) = self.unfit_partner(id) {
            self.reoffer(id, theirs);
        }
    }

    /// The leg that is about to be joined with this target of its `<Dial>`.
    fn agreeing_with(&self, id: LegId) -> Option<LegId> {
        let Doing::Dialled { by } = self.leg(id)?.doing else { return None };
        let dialling = self.leg(by)?.run.as_ref()?.dialling()?;
        (dialling.agreeing == Some(id)).then_some(by)
    }

    /// What the other one in conversation speaks, if it can not be understood.
    pub(crate) fn unfit_partner(&self, id: LegId) -> Option<Codec> {
        let Doing::Bridged { with } = self.leg(id)?.doing else { return None };
        let (ours, theirs) = (self.codec_of(id)?, self.codec_of(with)?);
        (!fits(ours, theirs)).then_some(theirs)
    }

    /// Offers `id` the codec its partner speaks. False: another exchange is under way; when it is over,
    /// `refit` tries again.
    pub(crate) fn reoffer(&mut self, id: LegId, codec: Codec) -> bool {
        let codecs = fitting(Some(codec), &self.config.codecs);
        let Some(leg) = self.leg_mut(id) else { return false };
        let Some(dialog) = leg.sip.dialog else { return false };
        if leg.sip.offering || leg.media.delayed {
            return false;
        }
        let offer = leg.media.negotiation.offer(&codecs);
        self.send_offer(id, dialog, offer)
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
        self.reoffer_over(id, agreed);
    }

    /// Our re-INVITE was refused: what was agreed before still holds.
    pub(crate) fn handle_reinvite_failed(&mut self, id: LegId) {
        let Some(leg) = self.leg_mut(id) else { return };
        leg.sip.offering = false;
        leg.media.negotiation.withdraw();
        if std::mem::take(&mut leg.sip.refreshing) {
            // Nothing new was asked for; what waited for its end is.
            return self.refit(id);
        }
        self.reoffer_over(id, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g711_fits_g711_and_the_others_only_themselves() {
        let all = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];
        let table = ["yyn n", "yyn n", "nny n", "nnn y"].map(|row| row.replace(' ', ""));
        for (a, row) in all.iter().zip(&table) {
            for (b, cell) in all.iter().zip(row.chars()) {
                assert_eq!(fits(*a, *b), cell == 'y', "{a:?} {b:?}");
            }
        }
    }
}
