//! `<Say>`: speech. Answers a ringing call, unless there is nothing to say: then it is a `<Pause>`.
//!
//! Not here: waiting for audio and playing it (`play`), making it (crate `legwork`, `speech`).
//! Source: Twilio, "TwiML Voice: Say".

use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::io::SourceRequest;
use crate::leg::LegId;
use crate::limit;
use crate::run::Flow;

impl Calls {
    pub(crate) fn run_say(&mut self, leg: LegId, say: twiml::Say) -> Flow {
        if say.ssml.trim().is_empty() {
            return self.run_pause(leg, twiml::Pause { length: limit::EMPTY_SAY });
        }
        let (request, times) = spoken(say);
        self.prepare_source(leg, request, times)
    }
}

/// What is asked of the speech engine, and how often it is heard.
pub(crate) fn spoken(say: twiml::Say) -> (SourceRequest, u32) {
    let times = if say.times == 0 { limit::SAY_FOR_EVER } else { say.times };
    (SourceRequest::Say { voice: say.voice, language: say.language, ssml: say.ssml }, times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_ever_is_a_thousand_times() {
        for (written, heard) in [(0, limit::SAY_FOR_EVER), (1, 1), (2_000, 2_000)] {
            let say = twiml::Say {
                voice: String::new(),
                language: String::new(),
                times: written,
                ssml: "hi".to_owned(),
            };
            assert_eq!(spoken(say).1, heard, "{written}");
        }
    }
}
