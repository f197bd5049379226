//! Keys we press towards a leg: `sendDigits` of `<Number>`, `SendDigits` of a call placed by REST,
//! `<Play digits>`.
//!
//! Not here: `<Play digits>` itself (`verb/press`); how they are sent (`legwork-media`, `plane::press`); keys the far end presses (`dial`).
//! Source: Twilio, "TwiML Voice: Number", `sendDigits`.

use legwork_media as media;

use crate::calls::Calls;
use crate::ladder::What;
use crate::leg::{Doing, LegId};

impl Calls {
    /// Presses keys towards an answered leg, one after the other: `0-9*#A-D`, and `w`, half a second of
    /// nothing. `handle_digits_sent` follows, in any case, while the leg lives.
    pub(crate) fn send_digits(&mut self, leg: LegId, digits: &str) {
        let Some(of) = self.leg_mut(leg) else { return };
        of.media.pressing = true;
        let media = of.media.id;
        self.trace(leg, What::Decided(format!("keys {digits}")));
        self.order_media(media, media::Command::SendDigits(digits.as_bytes().into()));
    }

    /// The keys left are of no use any more.
    pub(crate) fn stop_digits(&mut self, leg: LegId) {
        let Some(of) = self.leg(leg).filter(|of| of.media.pressing) else { return };
        self.order_media(of.media.id, media::Command::SendDigits(Box::default()));
    }

    /// All keys have been pressed.
    pub(crate) fn handle_digits_sent(&mut self, leg: LegId) {
        let Some(of) = self.leg_mut(leg) else { return };
        of.media.pressing = false;
        let doing = of.doing;
        if self.pressed(leg) {
            return;
        }
        match doing {
            Doing::Dialled { .. } => self.target_proceed(leg),
            // Placed by REST; or its call has gone another way meanwhile, and nothing is left to begin.
            Doing::Alone => self.begin_placed(leg),
            Doing::Bridged { .. }
            | Doing::Parked { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving => {}
        }
    }
}
