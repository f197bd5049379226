//! `<Pause>`: silence for a while. It does not answer a ringing call.
//!
//! Source: Twilio, "TwiML Voice: Pause".

use legwork_media as media;
use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::leg::LegId;
use crate::run::{Flow, Step};
use crate::timer::Due;

impl Calls {
    pub(crate) fn run_pause(&mut self, leg: LegId, pause: twiml::Pause) -> Flow {
        if pause.length.is_zero() {
            return Flow::Next;
        }
        let key = self.timers.set(self.after(pause.length), Due::PauseOver(leg));
        let Some(of) = self.leg_mut(leg) else { return Flow::Waits };
        let answered = of.is_answered();
        if let Some(run) = &mut of.run {
            run.step = Step::Pausing;
            run.timer = Some(key);
            run.heard = true;
            run.in_a_row = 0;
        }
        if answered {
            self.feed(leg, media::Feed::Silence);
        }
        Flow::Waits
    }

    pub(crate) fn handle_pause_over(&mut self, leg: LegId) {
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return };
        run.timer = None;
        self.next_verb(leg);
    }
}
