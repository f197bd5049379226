//! What the caller of a session does: speaks, which is told as prompts, presses keys, breaks in.
//!
//! Input is told, unless it came while the agent was heard and cut nothing off: of that
//! `reportInputDuringAgentSpeech` decides. What the caller says is understood long after it was said, so it is
//! judged by what was heard when it began and ended.
//! Not here: what of the agent's words is cut off (`relay/talk`), understanding (crate `legwork`, `ears`).
//! Source: Twilio, "ConversationRelay", `interruptible`, `interruptSensitivity`, `ignoreBackchannel`, `prompt`.

use std::time::Instant;

use legwork_media as media;
use legwork_twiml::Sensitivity;

use super::Session;
use super::talk::By;
use crate::calls::{Calls, Detail};
use crate::io::relay::{RelayId, RelaySaid};
use crate::io::{Purpose, Recognition, Tapped};
use crate::leg::{Leg, LegId};
use crate::limit;
use crate::sid::CallSid;

/// A language that nothing here understands, as recognisers tell it.
const UNKNOWN_LANGUAGE: u32 = 13331;
const INVALID_PARAMETER: u32 = 64101;
const INTERNAL: u32 = 64103;

/// Words that say no more than that somebody listens.
const BACKCHANNEL: [&str; 20] = [
    "ah", "aha", "alright", "cool", "good", "hm", "hmm", "huh", "i", "mhm", "mm", "oh", "ok",
    "okay", "right", "see", "sure", "uh", "yeah", "yep",
];

/// How far an utterance is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Heard {
    Voice,
    Words,
    Utterance,
}

impl Session {
    fn recognition(&self) -> Recognition {
        let verb = &self.verb;
        let known = verb.languages.iter().find(|known| known.code == verb.transcription_language);
        // What its language says, else what holds for all of them.
        let either = |own: Option<&String>, of_all: &String| {
            own.filter(|own| !own.is_empty()).unwrap_or(of_all).clone()
        };
        let model = either(known.map(|known| &known.model), &verb.model);
        let provider = known.map(|known| &known.transcription_provider);
        Recognition {
            language: verb.transcription_language.clone(),
            hints: verb.hints.clone(),
            speech_model: if model.is_empty() { "default".to_owned() } else { model },
            provider: either(provider, &verb.transcription_provider),
            settings: Vec::new(),
            profanity_filter: verb.profanity_filter,
            partial: verb.partial || self.breaks_in_at() == Heard::Words,
            utterances: Some(verb.silence.unwrap_or(limit::PROMPT_SILENCE)),
        }
    }

    /// How much of an utterance interrupts.
    fn breaks_in_at(&self) -> Heard {
        match self.verb.sensitivity {
            Sensitivity::Low => Heard::Utterance,
            Sensitivity::Medium => Heard::Words,
            // A voice alone does not tell what it says.
            Sensitivity::High if self.verb.ignores_backchannel => Heard::Words,
            Sensitivity::High => Heard::Voice,
        }
    }

    /// What the caller began to say then was said over the agent to its end, and did not break in.
    fn is_over_agent(&self, began: Instant) -> bool {
        let broke_in = self.broke_in.is_some_and(|at| at + limit::RELAY_SLACK >= began);
        let ended = self.heard_until.filter(|ended| *ended > began).unwrap_or(began);
        !broke_in && self.talk.was_playing(began) && self.talk.was_playing(ended)
    }

    /// This is no more than a sign of listening.
    fn is_ignored(&self, text: &str) -> bool {
        self.verb.ignores_backchannel && is_backchannel(text)
    }
}

impl Calls {
    /// What the caller says is listened to from now on, as the session wants it now.
    pub(super) fn open_relay_ear(&mut self, leg: LegId) {
        let Some(session) = self.session(leg) else { return };
        let (old, recognition) = (session.ear.take(), session.recognition());
        if let Some(old) = old {
            self.forget_tap(old);
        }
        let ear = self.tap_caller(leg, recognition);
        if let Some(session) = self.session(leg) {
            session.ear = Some(ear);
        }
    }

    /// The same of a leg that takes the session over.
    pub(super) fn tap_relay(&mut self, leg: LegId, session: &Session) -> media::TapId {
        self.tap_caller(leg, session.recognition())
    }

    fn tap_caller(&mut self, leg: LegId, recognition: Recognition) -> media::TapId {
        let sound = media::Tap::new(media::Side::Inbound, media::Rate::Wide);
        let call = self.leg(leg).map_or(CallSid::from_bits(0), Leg::call_sid);
        let ear = self.open_tap(leg, call, sound, Purpose::Recognise(Box::new(recognition)));
        self.hear(leg, |hearing| hearing.voice = true);
        ear
    }

    /// Something came of a tap of the leg. False: it is no session's.
    pub(crate) fn relay_tapped(&mut self, leg: LegId, tap: media::TapId, tapped: &Tapped) -> bool {
        let now = self.now.mono;
        let Some(session) = self.session(leg).filter(|it| it.ear == Some(tap)) else {
            return false;
        };
        let id = session.id;
        match tapped {
            Tapped::Partial { stable, unstable } => {
                let (wants, began) = (session.verb.partial, session.heard_since.unwrap_or(now));
                let blank = if stable.is_empty() || unstable.is_empty() { "" } else { " " };
                let text = format!("{stable}{blank}{unstable}");
                self.breaks_in(leg, Heard::Words, Some(&text));
                if wants && self.is_session(leg, id) {
                    self.prompt(leg, text, false, began);
                }
            }
            Tapped::Segment { text, age, .. } => {
                self.breaks_in(leg, Heard::Utterance, Some(text));
                if self.is_session(leg, id) {
                    self.prompt(leg, text.clone(), true, now.checked_sub(*age).unwrap_or(now));
                }
            }
            Tapped::Missed { code, text } => self.relay_is_deaf(leg, *code, text),
            Tapped::Failed { code, text } => {
                session.ear = None;
                self.relay_is_deaf(leg, *code, text);
                self.forget_tap(tap);
            }
            Tapped::Understood { .. }
            | Tapped::Recorded { .. }
            | Tapped::Connected
            | Tapped::Disconnected
            | Tapped::Flawed { .. } => {}
        }
        true
    }

    fn relay_is_deaf(&mut self, leg: LegId, code: u32, text: &str) {
        let code = if code == UNKNOWN_LANGUAGE { INVALID_PARAMETER } else { INTERNAL };
        self.alert(code, Some(leg), Detail::text(text));
        let Some(id) = self.session(leg).map(|session| session.id) else { return };
        self.tell_relay(id, RelaySaid::Error { text: text.to_owned() });
    }

    /// The caller began to speak, or stopped.
    pub(crate) fn relay_voice(&mut self, leg: LegId, speaks: bool) {
        let now = self.now.mono;
        let Some(session) = self.session(leg).filter(|it| it.ear.is_some()) else { return };
        let (id, wants) = (session.id, session.verb.speaker_events);
        if speaks {
            session.heard_since = Some(now);
        } else {
            session.heard_until = Some(now);
        }
        let is_new = std::mem::replace(&mut session.is_heard, speaks) != speaks;
        if is_new && wants {
            self.tell_relay(id, RelaySaid::ClientSpeaking(speaks));
        }
        if speaks {
            self.breaks_in(leg, Heard::Voice, None);
        }
    }

    /// The caller pressed a key.
    pub(crate) fn relay_hears_key(&mut self, leg: LegId, key: u8) {
        let Some(session) = self.session(leg).filter(|it| it.is_connected) else { return };
        let (id, wants, reports) = (session.id, session.verb.dtmf, session.verb.reports.by_keys());
        let was_playing = session.talk.is_playing();
        let broke_in = self.interrupt_agent(leg, By::Key);
        if wants && (broke_in || !was_playing || reports) {
            self.tell_relay(id, RelaySaid::Dtmf { digit: char::from(key) });
            self.caller_is_understood(leg);
        }
    }

    /// It is not over, and no other has come behind it.
    fn is_session(&mut self, leg: LegId, id: RelayId) -> bool {
        self.session(leg).is_some_and(|session| session.id == id)
    }

    fn breaks_in(&mut self, leg: LegId, heard: Heard, text: Option<&str>) {
        let now = self.now.mono;
        let Some(session) = self.session(leg) else { return };
        let is_ignored = text.is_some_and(|text| session.is_ignored(text));
        let id = session.id;
        if heard < session.breaks_in_at() || is_ignored || !self.interrupt_agent(leg, By::Speech) {
            return;
        }
        // It may have been the last thing that kept the session.
        if let Some(session) = self.session(leg).filter(|session| session.id == id) {
            session.broke_in = Some(now);
        }
    }

    /// What of the agent's words yields to that is cut off. False: nothing is.
    fn interrupt_agent(&mut self, leg: LegId, by: By) -> bool {
        let now = self.now.mono;
        let Some(session) = self.session(leg) else { return false };
        let Some(cut) = session.talk.interrupt(by, now) else { return false };
        let id = session.id;
        for source in cut.sources {
            self.forget_source(source);
        }
        self.tell_relay(id, RelaySaid::Interrupt { text: cut.text, after: cut.after });
        self.relay_goes_on(leg);
        true
    }

    /// The caller said something, and began to say it then.
    fn prompt(&mut self, leg: LegId, text: String, last: bool, began: Instant) {
        let Some(session) = self.session(leg) else { return };
        if session.is_over_agent(began) && !session.verb.reports.by_speech() {
            return;
        }
        let (id, language) = (session.id, session.verb.transcription_language.clone());
        self.tell_relay(id, RelaySaid::Prompt { text, language, last });
        if last {
            self.caller_is_understood(leg);
        }
    }

    /// The application knows what the caller wants, and answers that from now on.
    fn caller_is_understood(&mut self, leg: LegId) {
        if let Some(session) = self.session(leg) {
            session.talk.caller_is_understood();
        }
    }
}

fn is_backchannel(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words = words.map(str::to_lowercase).peekable();
    words.peek().is_some() && words.all(|word| BACKCHANNEL.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_of_listening_is_no_answer() {
        let table = [
            ("yeah", true),
            ("Uh-huh.", true),
            ("OK, I see", true),
            ("mm hmm", true),
            ("", false),
            ("yes", false),
            ("no", false),
            ("okay stop", false),
        ];
        for (text, is) in table {
            assert_eq!(is_backchannel(text), is, "{text}");
        }
        assert!(BACKCHANNEL.is_sorted());
    }
}
