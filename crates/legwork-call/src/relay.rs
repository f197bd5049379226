//! `<Connect><ConversationRelay>`: an application's agent speaks with the caller, in text.
//!
//! ```text
//!   Opening ──the application is there──▶ greeting, then what it says ⇄ what the caller says ──▶ over
//!      └────────────no connection, it leaves, the caller hangs up────────────────────────────────▲
//!                                                  `end` ──the rest is heard──────────────────────┘
//! ```
//! A pure machine of typed messages. The leg hears what is said sentence by sentence, else silence; what it says
//! is understood utterance by utterance all the time.
//! Not here: what is said (`relay/talk`), what the caller does (`relay/caller`), what is told at the end
//! (`relay/end`); JSON and the WebSocket (crate `legwork`).
//! Source: Twilio, "TwiML Voice: ConversationRelay", "ConversationRelay WebSocket messages"; codes 64101–64110.

mod caller;
mod end;
mod talk;

use std::time::Instant;

use legwork_media as media;
use legwork_twiml as twiml;

use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io::relay::{RelayEvent, RelayId, RelayOrder, RelaySaid, RelayTold, Setup};
use crate::io::{Output, SourceRequest};
use crate::ladder::What;
use crate::leg::LegId;
use crate::limit;
use crate::run::{Flow, Step};
use crate::sid::SessionSid;
use crate::timer::Due;
use crate::verb::connect::Connected;
use crate::view::Waits;

use end::End;
use talk::{Asked, Manner, Style, Taken, Talk};

/// A greeting that is too long.
const INVALID_PARAMETER: u32 = 64101;
/// The application sent what is no message, or can not be done.
const INVALID_MESSAGE: u32 = 64107;
/// It left without `end`.
const ENDED: u32 = 64105;

/// A `<ConversationRelay>` being run.
#[derive(Debug)]
pub(crate) struct Session {
    id: RelayId,
    sid: SessionSid,
    verb: twiml::Relay,
    /// `action`.
    hook: Option<Hook>,
    began: Instant,
    is_connected: bool,
    /// What the caller says is listened to.
    ear: Option<media::TapId>,
    /// The caller speaks.
    is_heard: bool,
    /// The caller began to, and stopped, the last time.
    heard_since: Option<Instant>,
    heard_until: Option<Instant>,
    /// The caller's speech cut something off, the last time.
    broke_in: Option<Instant>,
    talk: Talk,
    /// The application said `end`, which is so when the rest has been heard.
    ending: Option<End>,
    /// The application was told that its agent speaks.
    speaks: bool,
    /// Messages that were none, of which the account was alerted.
    flaws: u32,
}

impl Session {
    /// What a bystander sees it wait for.
    pub(crate) fn waits(&self) -> Waits {
        if self.talk.is_playing() { Waits::Played } else { Waits::Input }
    }

    /// Keys mean something: they are told, or interrupt.
    pub(crate) fn hears_keys(&self) -> bool {
        let by_session = self.verb.interrupts.by_keys() || self.verb.greeting_interrupts.by_keys();
        self.verb.dtmf || by_session || self.talk.yields_to_keys()
    }

    /// How anything is said, unless a message says otherwise.
    fn usual(&self) -> Style {
        let (interrupts, preemptible) = (self.verb.interrupts, self.verb.preemptible);
        let language = self.verb.tts_language.clone();
        Style { language, manner: Manner { interrupts, preemptible } }
    }

    /// What is asked of the speech engine.
    fn speech(&self, text: &str, language: &str) -> SourceRequest {
        let known = self.verb.languages.iter().find(|known| known.code == language);
        let own = known.filter(|known| !known.voice.is_empty());
        let voice = own.map_or(&self.verb.voice, |own| &own.voice);
        let provider = known.map(|known| &known.tts_provider).filter(|it| !it.is_empty());
        let voice = voice_of(provider.unwrap_or(&self.verb.tts_provider), voice);
        let ssml = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        SourceRequest::Say { voice, language: language.to_owned(), ssml }
    }
}

impl Calls {
    // === begin ===

    /// `<ConversationRelay>` in `<Connect>`.
    pub(crate) fn connect_relay(
        &mut self,
        leg: LegId,
        verb: twiml::Relay,
        action: Option<String>,
        method: twiml::Method,
    ) -> Flow {
        if !self.answer_leg(leg, None) {
            return Flow::Waits;
        }
        self.takes_over(leg);
        let hook = action.and_then(|action| self.action_of_connect(leg, &action, method));
        let session = Session {
            id: RelayId(self.next_id()),
            sid: self.new_session_sid(),
            verb,
            hook,
            began: self.now.mono,
            is_connected: false,
            ear: None,
            is_heard: false,
            heard_since: None,
            heard_until: None,
            broke_in: None,
            talk: Talk::default(),
            ending: None,
            speaks: false,
            flaws: 0,
        };
        let id = session.id;
        let Some(setup) = self.setup_of(leg, &session) else { return Flow::Waits };
        let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) else {
            return Flow::Waits;
        };
        run.step = Step::Connected(Box::new(Connected::Relay(Box::new(session))));
        run.heard = true;
        self.index.by_relay.insert(id, leg);
        self.order_relay(id, RelayOrder::Open(Box::new(setup)));
        self.feed(leg, media::Feed::Silence);
        self.listen_for_keys(leg);
        self.trace(leg, What::Decided("relay begins".to_owned()));
        Flow::Waits
    }

    fn setup_of(&self, leg: LegId, session: &Session) -> Option<Setup> {
        let about = self.about_document(leg)?;
        let is_trunk = self.leg(leg)?.sip.trunk;
        let names = [
            ("from", "From"),
            ("to", "To"),
            ("direction", "Direction"),
            ("callStatus", "CallStatus"),
            ("parentCallSid", "ParentCallSid"),
            ("forwardedFrom", "ForwardedFrom"),
            ("callerName", "CallerName"),
        ];
        let value = |name: &str| {
            let found = about.parameters.iter().find(|(other, _)| other == name);
            found.map(|(_, value)| value.clone())
        };
        Some(Setup {
            url: session.verb.url.clone(),
            account: about.account,
            call: about.call,
            session: session.sid,
            call_type: if is_trunk { "PSTN" } else { "SIP" },
            about: names.into_iter().filter_map(|(to, from)| Some((to, value(from)?))).collect(),
            parameters: session.verb.parameters.clone(),
        })
    }

    // === what the shell tells ===

    pub(crate) fn handle_relayed(&mut self, id: RelayId, event: RelayEvent) {
        let Some(&leg) = self.index.by_relay.get(&id) else { return };
        self.current = Some(leg);
        if self.session(leg).is_none_or(|session| session.ending.is_some()) {
            // It has said all it had to say.
            return;
        }
        match event {
            RelayEvent::Connected => self.relay_connected(leg),
            RelayEvent::Told(told) => self.relay_told(leg, told),
            RelayEvent::Malformed { text } => self.relay_flawed(leg, text),
            RelayEvent::Closed => {
                let text = "The application closed the WebSocket without `end`.";
                self.alert(ENDED, Some(leg), Detail::none());
                self.relay_over(leg, End::failed(ENDED, text.to_owned()));
            }
            RelayEvent::Failed { code, text } => {
                self.alert(code, Some(leg), Detail::text(text.clone()));
                self.relay_over(leg, End::failed(code, text));
            }
        }
    }

    fn relay_connected(&mut self, leg: LegId) {
        let Some(session) = self.session(leg) else { return };
        session.is_connected = true;
        let greeting = session.verb.greeting.clone();
        self.trace(leg, What::Decided("relay connected".to_owned()));
        self.time_passes(leg);
        self.open_relay_ear(leg);
        if let Some(greeting) = greeting {
            self.relay_greets(leg, &greeting);
        }
    }

    fn relay_greets(&mut self, leg: LegId, greeting: &str) {
        let now = self.now.mono;
        let Some(session) = self.session(leg) else { return };
        let interrupts = Some(session.verb.greeting_interrupts);
        let asked = Asked { interrupts, ..Asked::default() };
        let taken = session.talk.text(greeting, true, &asked, &session.usual(), now);
        if taken.is_full {
            let most = limit::RELAY_TURNS_MAX;
            let text = format!("welcomeGreeting: what is behind {most} sentences is not said");
            self.alert(INVALID_PARAMETER, Some(leg), Detail::text(text));
        }
        self.relay_goes_on(leg);
    }

    fn relay_told(&mut self, leg: LegId, told: RelayTold) {
        let now = self.now.mono;
        let Some(session) = self.session(leg) else { return };
        match told {
            RelayTold::Text { token, last, language, interruptible, preemptible } => {
                let asked = Asked { language, interrupts: word(interruptible), preemptible };
                let taken = session.talk.text(&token, last, &asked, &session.usual(), now);
                self.relay_says(leg, taken);
            }
            RelayTold::Play { source, times, interruptible, preemptible } => {
                let interrupts = word(interruptible);
                let asked = Asked { language: None, interrupts, preemptible };
                let manner = asked.over(&session.usual()).manner;
                let taken = session.talk.file(source, times, manner, now);
                self.relay_says(leg, taken);
            }
            RelayTold::SendDigits { digits } => {
                let is_key = |c: char| c.is_ascii_digit() || "*#ABCDw".contains(c);
                if digits.is_empty() || digits.len() > limit::RELAY_DIGITS_MAX {
                    return self.relay_flawed(leg, "sendDigits: too many digits, or none".into());
                }
                if !digits.chars().all(is_key) {
                    return self.relay_flawed(leg, "sendDigits: no digits".to_owned());
                }
                self.send_digits(leg, &digits);
            }
            RelayTold::Language { tts, transcription } => {
                if let Some(tts) = tts {
                    session.verb.tts_language = tts;
                }
                if let Some(transcription) = transcription
                    && transcription != session.verb.transcription_language
                {
                    session.verb.transcription_language = transcription;
                    self.open_relay_ear(leg);
                }
            }
            RelayTold::End { handoff } => self.relay_ends(leg, End::ended(handoff)),
        }
    }

    /// The application has nothing more to say: the session is over when what it said before has been heard.
    fn relay_ends(&mut self, leg: LegId, end: End) {
        let now = self.now.mono;
        let Some(session) = self.session(leg) else { return };
        let taken = session.talk.end(now);
        let (id, will_end) = (session.id, session.talk.will_end());
        if !will_end {
            taken.preempted.into_iter().for_each(|source| self.forget_source(source));
            return self.relay_over(leg, end);
        }
        session.ending = Some(end);
        let deadline = self.timers.set(self.after(limit::RELAY_GOODBYE), Due::Goodbye(leg));
        if let Some(run) = self.leg_mut(leg).and_then(|leg| leg.run.as_mut()) {
            run.timer = Some(deadline);
        }
        self.trace(leg, What::Decided("relay is to end".to_owned()));
        self.order_relay(id, RelayOrder::Close);
        self.relay_says(leg, taken);
    }

    /// What was said before `end` takes too long.
    pub(crate) fn handle_goodbye_due(&mut self, leg: LegId) {
        if let Some(end) = self.session(leg).and_then(|session| session.ending.clone()) {
            self.relay_over(leg, end);
        }
    }

    /// It sent what is no message, or can not be done: it is told, and the session goes on.
    fn relay_flawed(&mut self, leg: LegId, text: String) {
        let Some(session) = self.session(leg) else { return };
        session.flaws = session.flaws.saturating_add(1);
        let (id, flaws) = (session.id, session.flaws);
        if flaws <= limit::RELAY_FLAWS_TOLD_MAX {
            self.alert(INVALID_MESSAGE, Some(leg), Detail::text(text.clone()));
        }
        self.tell_relay(id, RelaySaid::Error { text });
    }

    // === what the agent says ===

    /// More is to be heard, as far as it fits; what it preempts is not.
    fn relay_says(&mut self, leg: LegId, taken: Taken) {
        for source in taken.preempted {
            self.forget_source(source);
        }
        if taken.is_full {
            let text = "so much waits to be said that this, or the end of it, is not";
            self.relay_flawed(leg, text.to_owned());
        }
        self.listen_for_keys(leg);
        self.relay_goes_on(leg);
    }

    /// Asks for sound ahead, and lets the next be heard if nothing is.
    fn relay_goes_on(&mut self, leg: LegId) {
        let now = self.now.mono;
        while let Some(request) = self.next_request(leg) {
            let source = self.ask_source(leg, request);
            let Some(session) = self.session(leg) else { return };
            session.talk.asked(source);
        }
        let Some(session) = self.session(leg) else { return };
        match session.talk.play(now) {
            Some((source, times)) => {
                self.feed(leg, media::Feed::Source(source, times));
                self.trace(leg, What::Hears("audio of ours".into()));
                self.agent_speaks(leg, true);
            }
            None if session.talk.is_playing() => {}
            None => {
                let is_on = session.talk.is_on();
                let end = session.ending.clone().filter(|_| !is_on);
                self.feed(leg, media::Feed::Silence);
                if !is_on {
                    self.agent_speaks(leg, false);
                }
                if let Some(end) = end {
                    self.relay_over(leg, end);
                }
            }
        }
    }

    fn next_request(&mut self, leg: LegId) -> Option<SourceRequest> {
        let session = self.session(leg)?;
        Some(match session.talk.to_prepare()? {
            talk::What::Speech { text, language } => session.speech(text, language),
            talk::What::File { url, .. } => SourceRequest::Play { url: url.clone() },
        })
    }

    /// Sound is there. False: it is no relay's.
    pub(crate) fn relay_source_ready(&mut self, leg: LegId, source: media::SourceId) -> bool {
        let Some(session) = self.session(leg) else { return false };
        session.talk.ready(source);
        self.relay_goes_on(leg);
        true
    }

    /// Sound will not be there, of which the account has been alerted. False: it is no relay's.
    pub(crate) fn relay_source_failed(&mut self, leg: LegId, source: media::SourceId) -> bool {
        let now = self.now.mono;
        let Some(session) = self.session(leg) else { return false };
        session.talk.over(source, now);
        let id = session.id;
        self.tell_relay(id, RelaySaid::Error { text: "the sound can not be had".to_owned() });
        self.relay_goes_on(leg);
        true
    }

    /// Sound has been heard to its end. False: it is no relay's.
    pub(crate) fn relay_played(&mut self, leg: LegId, source: media::SourceId) -> bool {
        let now = self.now.mono;
        let Some(session) = self.session(leg) else { return false };
        let said = session.talk.over(source, now);
        let (id, wants) = (session.id, session.verb.tokens_played);
        self.forget_source(source);
        if let Some(said) = said.filter(|_| wants) {
            self.tell_relay(id, RelaySaid::TokensPlayed(said));
        }
        self.relay_goes_on(leg);
        true
    }

    fn agent_speaks(&mut self, leg: LegId, speaks: bool) {
        let Some(session) = self.session(leg) else { return };
        let (id, wants) = (session.id, session.verb.speaker_events);
        if std::mem::replace(&mut session.speaks, speaks) != speaks && wants {
            self.tell_relay(id, RelaySaid::AgentSpeaking(speaks));
        }
    }

    // === what is told ===

    fn tell_relay(&mut self, id: RelayId, said: RelaySaid) {
        let leg = self.index.by_relay.get(&id).copied();
        if leg.and_then(|leg| self.session(leg)).is_none_or(|session| session.ending.is_some()) {
            return;
        }
        self.order_relay(id, RelayOrder::Say(said));
    }

    fn order_relay(&mut self, id: RelayId, order: RelayOrder) {
        self.push(Output::Relay { id, order });
    }

    fn session(&mut self, leg: LegId) -> Option<&mut Session> {
        let run = self.leg_mut(leg)?.run.as_mut()?;
        let Step::Connected(connected) = &mut run.step else { return None };
        match connected.as_mut() {
            Connected::Relay(session) => Some(session),
            Connected::Stream(_) => None,
        }
    }
}

/// `interruptible` of a message.
fn word(interruptible: Option<bool>) -> Option<twiml::Interrupts> {
    let word = |any| if any { twiml::Interrupts::Any } else { twiml::Interrupts::None };
    interruptible.map(word)
}

/// A voice as `<Say>` names it: its provider stands before it.
fn voice_of(provider: &str, voice: &str) -> String {
    let provider = provider.to_ascii_lowercase();
    match (provider.as_str(), voice) {
        // As `<Say>` without one.
        (_, "") => "man".to_owned(),
        ("amazon", name) if !name.contains('.') => format!("Polly.{name}"),
        ("google", name) if !name.contains('.') => format!("Google.{name}"),
        (_, name) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_of_providers_are_those_of_say() {
        for (provider, voice, name) in [
            ("", "", "man"),
            ("Google", "", "man"),
            ("Amazon", "Joanna-Neural", "Polly.Joanna-Neural"),
            ("amazon", "Polly.Joanna", "Polly.Joanna"),
            ("Google", "en-US-Standard-B", "Google.en-US-Standard-B"),
            ("ElevenLabs", "UgBBYS2sOqTuMpoF3BR0", "UgBBYS2sOqTuMpoF3BR0"),
            ("", "woman", "woman"),
        ] {
            assert_eq!(voice_of(provider, voice), name);
        }
    }
}
