//! `<Stop>`: what `<Start>` started is over, by its name.
//!
//! Not here: what that means for each (`transcription`, `siprec`).
//! Source: Twilio, "TwiML Voice: Stop".

use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::leg::LegId;
use crate::run::Flow;

impl Calls {
    pub(crate) fn run_stop(&mut self, leg: LegId, stop: &twiml::Stop) -> Flow {
        for noun in &stop.nouns {
            match noun {
                twiml::Stopped::Transcription(name) => self.stop_transcription(leg, name),
                twiml::Stopped::Siprec(name) => self.stop_siprec(leg, name),
                twiml::Stopped::Unbuilt(noun) => self.alert_unbuilt(leg, noun),
            }
        }
        Flow::Next
    }
}
