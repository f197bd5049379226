//! `<Play digits>`: keys pressed towards the caller, so many times over.
//!
//! Not here: how they are sent (`legwork-media`, `plane::press`), `<Play>` of a file (`play`).
//! Source: Twilio, "TwiML Voice: Play", `digits`.

use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::leg::LegId;
use crate::limit;
use crate::run::{Flow, Pressing, Step};

impl Calls {
    pub(crate) fn run_press(&mut self, leg: LegId, press: twiml::Press) -> Flow {
        if !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        let times = if press.times == 0 { limit::SAY_FOR_EVER } else { press.times };
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        let pressing = Pressing { keys: press.keys, left: times.saturating_sub(1) };
        let keys = pressing.keys.clone();
        run.step = Step::Pressing(Box::new(pressing));
        run.heard = true;
        run.in_a_row = 0;
        self.send_digits(leg, &keys);
        Flow::Waits
    }

    /// All keys have been pressed. False: they were not those of a `<Play>`.
    pub(crate) fn pressed(&mut self, leg: LegId) -> bool {
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else { return false };
        // Those of an application's agent: its session goes on.
        if let Step::Connected(_) = run.step {
            return true;
        }
        let Step::Pressing(pressing) = &mut run.step else { return false };
        if pressing.left == 0 {
            self.next_verb(leg);
            return true;
        }
        pressing.left -= 1;
        let keys = pressing.keys.clone();
        self.send_digits(leg, &keys);
        true
    }
}
