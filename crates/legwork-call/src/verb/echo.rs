//! `<Echo>`: the caller hears itself until it hangs up.
//!
//! Source: Twilio's libraries know it; its documentation does not.

use legwork_media as media;

use crate::calls::Calls;
use crate::leg::LegId;
use crate::run::{Flow, Step};

impl Calls {
    pub(crate) fn run_echo(&mut self, leg: LegId) -> Flow {
        if !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        self.takes_over(leg);
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        run.step = Step::Echoing;
        run.heard = true;
        run.in_a_row = 0;
        if let Some(echo) = self.echo_of(leg) {
            self.feed(leg, echo);
        }
        Flow::Waits
    }

    /// What the leg is fed by its `<Echo>`, if it is in one.
    pub(crate) fn echo_of(&self, leg: LegId) -> Option<media::Feed> {
        let of = self.leg(leg)?;
        let echoes = of.run.as_ref().is_some_and(|run| matches!(run.step, Step::Echoing));
        echoes.then_some(media::Feed::Leg(of.media.id))
    }
}
