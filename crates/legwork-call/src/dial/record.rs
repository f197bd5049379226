//! `record` of `<Dial>`: begins when its target rings, or with the conversation, and ends with the `<Dial>`.
//!
//! It is of the leg that dials: what that says is the first channel, what it hears, the dialled party,
//! the second. While a transfer of the conversation is pending it is silent; at the success point it ends,
//! and goes on where the call is given back.
//! Not here: the recording itself (`recording`).
//! Source: Twilio, "TwiML Voice: Dial", `record`; `inbound-refer` §4, "the initial `<Dial>` meanwhile".

use legwork_twiml::DialRecord;
use url::Url;

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

    /// The leg's applications that have answered are recorded where that is wanted, once it has sound.
    pub(crate) fn record_applications(&mut self, leg: LegId) {
        while let Some((of, run)) = self.leg(leg).and_then(|leg| leg.run.as_ref()?.unrecorded()) {
            if !self.leg(leg).is_some_and(|leg| leg.media.open) {
                return;
            }
            let (call, parent) = (of.sid, of.parent);
            let dialling = run.dialling();
            let Some((record, base)) =
                dialling.and_then(|dial| Some((dial.verb.record.clone()?, dial.base.clone())))
            else {
                return;
            };
            let wanted = self.wanted_of_dial(leg, &record, base.as_ref());
            let recorded = self.begin_recording_of(leg, parent, wanted);
            let run = self.leg_mut(leg).and_then(|leg| leg.run.as_mut());
            let below = run.and_then(|run| run.below(call));
            let Some(((of, run), recorded)) = below.zip(recorded) else { return };
            if let Some(told) = &mut of.told {
                told.recording = Some(recorded);
            }
            if let Some(dialling) = run.dialling_mut() {
                dialling.recording = Some(recorded);
            }
        }
    }

    /// The same of a `<Dial>` that is nobody's at the moment.
    fn begin_dial_recording(&mut self, by: LegId, dialling: &mut Dialling, talks: bool) {
        let Some(record) = &dialling.verb.record else { return };
        let has_sound = self.leg(by).is_some_and(|leg| leg.media.open);
        if dialling.recording.is_some() || !has_sound || !(talks || record.from_ringing) {
            return;
        }
        let wanted = self.wanted_of_dial(by, record, dialling.base.as_ref());
        dialling.recording = self.begin_recording(by, wanted);
    }

    fn wanted_of_dial(&mut self, by: LegId, record: &DialRecord, base: Option<&Url>) -> Wanted {
        let (sides, trim) = (record.sides, record.keep.trim);
        let told = self.told_of(by, base, &record.keep);
        Wanted { source: Source::DialVerb, sides, trim, told }
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
