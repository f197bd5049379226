//! `<Stop>`: what `<Start>` began is over.
//!
//! Not here: streams, transcriptions and recorders (`stream`, `transcription`, `siprec`).
//! Source: Twilio, "TwiML Voice: Stop".

use legwork_twiml as twiml;

use crate::alert;
use crate::calls::{Calls, Detail};
use crate::leg::LegId;
use crate::run::Flow;

impl Calls {
    pub(crate) fn run_stop(&mut self, leg: LegId, stop: &twiml::Stop) -> Flow {
        for noun in &stop.nouns {
            match noun {
                twiml::Stopped::Stream(name) => {
                    if !self.stop_stream(leg, name) {
                        let text = format!("<Stop><Stream name=\"{name}\">: there is none.");
                        let entry =
                            alert::Entry { level: alert::Level::Warning, ..alert::entry(31900) };
                        self.alert_as(entry, Some(leg), Detail::text(text));
                    }
                }
                twiml::Stopped::Transcription(name) => self.stop_transcription(leg, name),
                twiml::Stopped::Siprec(name) => self.stop_siprec(leg, name),
            }
        }
        Flow::Next
    }
}
