//! `record` of `<Dial>`: begins when its target rings, or with the conversation, and ends with the `<Dial>`.
//!
//! It is of the leg that dials: what that says is the first channel, what it hears, the dialled party,
//! the second. While a transfer of the conversation is pending it is silent; at the success point it ends,
//! and goes on where the call is given back.
//! Not here: the recording itself (`recording`).
//! Source: Twilio, "TwiML Voice: Dial", `record`; `inbound-refer` §4, "the initial `<Dial>` meanwhile".

use crate::calls::Calls;
use crate::dial::Dialling;
use crate::leg::LegId;
use crate::recording::{Recorded, Source, Wanted};
use crate::run::{Run, Step};

impl Run {
    /// Its `<Dial>`, and those by which dialled applications came to it.
    fn each_dial(&mut self, mut act: impl FnMut(&mut Dialling)) {
        let mut next = Some(self);
        while let Some(run) = next {
            if let Step::Dialling(dialling) = &mut run.step {
                act(dialling);
            }
            next = run.outer.as_deref_mut().map(|outer| &mut outer.run);
        }
    }
}

impl Calls {
    /// The target of the leg's `<Dial>` rings; `talks`: the two talk.
    pub(crate) fn record_dial(&mut self, by: LegId, talks: bool) {
        let run = self.leg_mut(by).and_then(|leg| leg.run.as_mut());
        let Some(mut dialling) = run.and_then(take_dialling) else { return };
        self.begin_dial_recording(by, &mut dialling, talks);
        if let Some(run) = self.leg_mut(by).and_then(|leg| leg.run.as_mut()) {
            run.step = Step::Dialling(dialling);
        }
    }

    /// The same of a `<Dial>` that is nobody's at the moment.
    pub(crate) fn begin_dial_recording(&mut self, by: LegId, dialling: &mut Dialling, talks: bool) {
        let Some(record) = &dialling.verb.record else { return };
        let has_sound = self.leg(by).is_some_and(|leg| leg.media.open);
        if dialling.recording.is_some() || !has_sound || !(talks || record.from_ringing) {
            return;
        }
        let (sides, trim) = (record.sides, record.keep.trim);
        let told = self.told_of(by, dialling.base.as_ref(), &record.keep);
        let wanted = Wanted { source: Source::DialVerb, sides, trim, told };
        dialling.recording = self.begin_recording(by, wanted);
    }

    /// The `<Dial>` is over.
    pub(crate) fn end_dial_recording(&mut self, dialling: &mut Dialling) {
        if let Some(recorded) = &mut dialling.recording {
            self.close_recording(recorded);
        }
    }

    /// The call moves on for good: what its run's `<Dial>`s record is over.
    pub(crate) fn end_dial_recordings(&mut self, run: &mut Run) {
        run.each_dial(|dialling| self.end_dial_recording(dialling));
    }

    /// A transfer is pending, or the far party of a consultation is taken over: silence; or the call is
    /// as it was.
    pub(crate) fn hold_dial_recordings(&mut self, run: &mut Run, is_held: bool) {
        let mut recorded: Vec<Recorded> = Vec::new();
        run.each_dial(|dialling| recorded.extend(dialling.recording));
        for one in recorded {
            self.hold_recording(one.tap, is_held);
        }
    }
}

fn take_dialling(run: &mut Run) -> Option<Box<Dialling>> {
    let step = std::mem::replace(&mut run.step, Step::Ready);
    if let Step::Dialling(dialling) = step {
        return Some(dialling);
    }
    run.step = step;
    None
}
