//! `<Start>`: what goes on beside everything else, whatever the call does next.
//!
//! It begins as soon as the call has sound, which `<Start>` does not wait for, and ends with the call.
//! Not here: recordings, streams and transcriptions themselves (`recording`, `stream`, `transcription`),
//! recorders elsewhere (`siprec`).
//! Source: Twilio, "TwiML Voice: Start", "Recording", one at a time (16108), "Stream", "Transcription".

use legwork_twiml as twiml;

use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::leg::LegId;
use crate::recording::{Source, Wanted};
use crate::run::{Flow, Why, absolute};

impl Calls {
    pub(crate) fn run_start(&mut self, leg: LegId, start: &twiml::Start) -> Flow {
        for noun in &start.nouns {
            match noun {
                twiml::Started::Recording(recording) => self.start_recording(leg, recording),
                twiml::Started::Transcription(transcription) => {
                    self.start_transcription(leg, transcription);
                }
                twiml::Started::Siprec(siprec) => self.start_siprec(leg, siprec),
                twiml::Started::Stream(stream) => {
                    if let Some(wanted) = self.wanted_stream(leg, stream.clone(), false) {
                        self.await_stream(leg, wanted);
                    }
                }
            }
        }
        let Some(action) = &start.action else { return Flow::Next };
        let base = self.leg(leg).and_then(|leg| leg.run.as_ref()?.url.as_ref());
        match absolute(base, action) {
            Ok(url) => {
                let hook = Hook { url, method: start.method };
                self.fetch_document(leg, hook, Why::Action, Vec::new());
                Flow::Waits
            }
            Err(code) => {
                self.alert(code, Some(leg), Detail::text(format!("<Start action=\"{action}\">.")));
                Flow::Next
            }
        }
    }

    fn start_recording(&mut self, leg: LegId, recording: &twiml::StartRecording) {
        let base = self.leg(leg).and_then(|leg| leg.run.as_ref()?.url.clone());
        let told = self.told_of(leg, base.as_ref(), &recording.keep);
        let (sides, trim) = (recording.sides, recording.keep.trim);
        let wanted = Wanted { source: Source::StartTwiml, sides, trim, told };
        if !self.await_recording(leg, wanted) {
            let text = "<Start><Recording> while another one goes on.";
            self.alert(16108, Some(leg), Detail::text(text));
        }
    }
}
