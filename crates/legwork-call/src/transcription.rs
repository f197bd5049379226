//! `<Start><Transcription>`: what a leg says and hears, told in words while it is said.
//!
//! ```text
//!   Awaited ──the leg has sound──▶ Listening ──<Stop>, the leg is over──▶ Ending ──all is understood──▶ gone
//! ```
//! It goes on whatever the leg does next, and outlives it until the last words are understood. A leg in whose
//! place another one comes takes it with it.
//! Not here: understanding (crate `legwork`, `ears`), what is said in a recording (`recording/transcript`),
//! what is told (`transcription/event`).
//! Source: Twilio, "TwiML Voice: Transcription", "Stop"; error codes 32650, 32651.

mod data;
mod event;

use std::collections::BTreeMap;

use legwork_media as media;
use legwork_twiml as twiml;

use crate::alert;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io::{Output, Purpose, Recognition, Tapped};
use crate::ladder::What;
use crate::leg::LegId;
use crate::limit;
use crate::sid::{AccountSid, CallSid, RealtimeTranscriptionSid};
use crate::timer::{Due, TimerKey};

use event::Event;

/// A language that nothing here understands, as recognisers tell it.
const UNKNOWN_LANGUAGE: u32 = 13331;
const CONFIGURATION: u32 = 32650;
const PROVIDER: u32 = 32651;

/// Those of every leg, in the order they were started: at most [`limit::TRANSCRIPTIONS_OF_LEG_MAX`] of one.
#[derive(Debug, Default)]
pub(crate) struct Transcriptions(BTreeMap<LegId, Vec<Transcription>>);

/// One `<Transcription>`.
#[derive(Debug)]
struct Transcription {
    sid: RealtimeTranscriptionSid,
    account: AccountSid,
    call: CallSid,
    root: CallSid,
    wanted: twiml::Transcription,
    hook: Option<Hook>,
    at: At,
    /// Of what more is to come.
    ears: Vec<Ear>,
    /// `SequenceId` of what was told last.
    sequence: u32,
    /// Until when the last words may be awaited.
    deadline: Option<TimerKey>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Awaited,
    Listening,
    Ending,
}

/// One track.
#[derive(Clone, Copy, Debug)]
struct Ear {
    tap: media::TapId,
    track: media::Track,
}

impl Transcription {
    /// `name`, or its SID.
    fn name(&self) -> String {
        self.wanted.name.clone().unwrap_or_else(|| self.sid.to_string())
    }

    fn recognition(&self) -> Recognition {
        Recognition {
            language: self.wanted.language.clone(),
            hints: self.wanted.hints.clone(),
            speech_model: self.wanted.model.clone(),
            provider: self.wanted.engine.clone(),
            settings: self.wanted.settings.clone(),
            profanity_filter: self.wanted.profanity_filter,
            partial: self.wanted.partial && self.hook.is_some(),
            utterances: Some(limit::UTTERANCE_SILENCE),
        }
    }

    fn track_of(&self, tap: media::TapId) -> Option<media::Track> {
        self.ears.iter().find(|ear| ear.tap == tap).map(|ear| ear.track)
    }
}

impl Calls {
    // === begin ===

    /// `<Transcription>` in `<Start>`.
    pub(crate) fn start_transcription(&mut self, leg: LegId, wanted: &twiml::Transcription) {
        let Some(of) = self.leg(leg) else { return };
        let (account, call, root) = (of.account, of.call_sid(), of.root);
        let there = self.beside.transcriptions.0.get(&leg).map_or(&[][..], Vec::as_slice);
        let is_same = |it: &Transcription| it.at != At::Ending && it.wanted.name == wanted.name;
        if there.len() >= limit::TRANSCRIPTIONS_OF_LEG_MAX {
            let text = "<Start><Transcription> while as many as may go on already.";
            return self.alert(CONFIGURATION, Some(leg), Detail::text(text));
        }
        if wanted.name.is_some() && there.iter().any(is_same) {
            let text = "<Start><Transcription> while another one of its name goes on.";
            return self.alert(CONFIGURATION, Some(leg), Detail::text(text));
        }
        let hook = wanted.status.as_ref().and_then(|ask| self.transcription_hook(leg, ask));
        let transcription = Transcription {
            sid: self.new_realtime_transcription_sid(),
            account,
            call,
            root,
            wanted: wanted.clone(),
            hook,
            at: At::Awaited,
            ears: Vec::new(),
            sequence: 0,
            deadline: None,
        };
        self.beside.transcriptions.0.entry(leg).or_default().push(transcription);
        self.begin_awaited_transcriptions(leg);
    }

    fn transcription_hook(&mut self, leg: LegId, ask: &twiml::Ask) -> Option<Hook> {
        let of = || format!("<Transcription statusCallbackUrl=\"{}\">.", ask.url);
        self.hook_in_document(leg, &ask.url, ask.method, of)
    }

    /// The leg may have sound from now on.
    pub(crate) fn begin_awaited_transcriptions(&mut self, leg: LegId) {
        if self.leg(leg).is_none_or(|leg| !leg.media.open) {
            return;
        }
        let Some(mut all) = self.beside.transcriptions.0.remove(&leg) else { return };
        for transcription in all.iter_mut().filter(|it| it.at == At::Awaited) {
            self.begin_transcription(leg, transcription);
        }
        self.beside.transcriptions.0.insert(leg, all);
    }

    fn begin_transcription(&mut self, leg: LegId, transcription: &mut Transcription) {
        transcription.at = At::Listening;
        let (inbound, outbound) = (media::Track::Inbound, media::Track::Outbound);
        let tracks: &[media::Track] = match transcription.wanted.tracks {
            twiml::Tracks::Inbound => &[inbound],
            twiml::Tracks::Outbound => &[outbound],
            twiml::Tracks::Both => &[inbound, outbound],
        };
        for track in tracks {
            let side = match track {
                media::Track::Inbound => media::Side::Inbound,
                media::Track::Outbound => media::Side::Outbound,
            };
            let sound = media::Tap::new(side, media::Rate::Wide);
            let purpose = Purpose::Recognise(Box::new(transcription.recognition()));
            let tap = self.open_tap(leg, transcription.call, sound, purpose);
            transcription.ears.push(Ear { tap, track: *track });
        }
        self.trace(leg, What::Decided("transcription begins".to_owned()));
        self.tell_transcription_event(transcription, &Event::Started);
    }

    // === while it is under way ===

    /// Something came of a tap of the leg. False: it is no transcription's.
    pub(crate) fn transcription_tapped(
        &mut self,
        leg: LegId,
        tap: media::TapId,
        tapped: &Tapped,
    ) -> bool {
        let Some(all) = self.beside.transcriptions.0.get_mut(&leg) else { return false };
        let found = all.iter().enumerate().find_map(|(n, it)| Some((n, it.track_of(tap)?)));
        let Some((n, track)) = found else { return false };
        let mut transcription = all.remove(n);
        self.heard_in_transcription(leg, &mut transcription, tap, track, tapped);
        if transcription.ears.is_empty() {
            self.transcription_over(leg, transcription);
        } else if let Some(all) = self.beside.transcriptions.0.get_mut(&leg) {
            all.insert(n, transcription);
        }
        true
    }

    fn heard_in_transcription(
        &mut self,
        leg: LegId,
        transcription: &mut Transcription,
        tap: media::TapId,
        track: media::Track,
        tapped: &Tapped,
    ) {
        match tapped {
            Tapped::Partial { stable, unstable } => {
                let event = Event::Partial { track, stable, unstable };
                self.tell_transcription_event(transcription, &event);
            }
            Tapped::Segment { text, confidence, age: _ } => {
                let event = Event::Content { track, text, confidence: *confidence };
                self.tell_transcription_event(transcription, &event);
            }
            Tapped::Missed { code, text } => {
                self.transcription_failed(leg, transcription, *code, text);
            }
            Tapped::Understood { text, confidence } => {
                if !text.is_empty() {
                    let event = Event::Content { track, text, confidence: *confidence };
                    self.tell_transcription_event(transcription, &event);
                }
                self.track_over(transcription, tap);
            }
            Tapped::Failed { code, text } => {
                self.transcription_failed(leg, transcription, *code, text);
                self.track_over(transcription, tap);
            }
            // Not of words.
            Tapped::Recorded { .. }
            | Tapped::Connected
            | Tapped::Disconnected
            | Tapped::Flawed { .. } => {}
        }
    }

    fn transcription_failed(
        &mut self,
        leg: LegId,
        transcription: &mut Transcription,
        code: u32,
        text: &str,
    ) {
        let code = if code == UNKNOWN_LANGUAGE { CONFIGURATION } else { PROVIDER };
        let whose = (transcription.account, transcription.call);
        self.alert_beside(code, leg, whose, Detail::text(text));
        self.tell_transcription_event(transcription, &Event::Error { code, text });
    }

    /// No more words come of that tap.
    fn track_over(&mut self, transcription: &mut Transcription, tap: media::TapId) {
        transcription.ears.retain(|ear| ear.tap != tap);
        match transcription.at {
            // The recogniser has given up; sound still comes.
            At::Awaited | At::Listening => self.forget_tap(tap),
            At::Ending => {
                self.index.by_tap.remove(&tap);
            }
        }
    }

    // === its end ===

    /// `<Transcription>` in `<Stop>`: by its name, or its SID.
    pub(crate) fn stop_transcription(&mut self, leg: LegId, name: &str) {
        let all = self.beside.transcriptions.0.get_mut(&leg);
        let is_it = |it: &Transcription| it.at != At::Ending && it.name() == name;
        let n = all.as_ref().and_then(|all| all.iter().position(is_it));
        let (Some(all), Some(n)) = (all, n) else {
            let text = format!("<Stop><Transcription name=\"{name}\">: none of that name goes on.");
            let entry =
                alert::Entry { level: alert::Level::Warning, ..alert::entry(CONFIGURATION) };
            return self.alert_as(entry, Some(leg), Detail::text(text));
        };
        let transcription = all.remove(n);
        self.end_transcription(leg, transcription, true);
        self.forget_if_none(leg);
    }

    /// The leg is over, and its taps with it.
    pub(crate) fn transcriptions_over(&mut self, leg: LegId) {
        for transcription in self.beside.transcriptions.0.remove(&leg).unwrap_or_default() {
            self.end_transcription(leg, transcription, false);
        }
    }

    /// It hears no more: what it has heard is still understood, for some time.
    fn end_transcription(&mut self, leg: LegId, mut transcription: Transcription, has_sound: bool) {
        match transcription.at {
            // Nobody was told of it.
            At::Awaited => return,
            At::Listening => {
                transcription.at = At::Ending;
                if has_sound {
                    for ear in &transcription.ears {
                        self.close_tap(ear.tap);
                    }
                }
                let until = self.after(limit::UNDERSTANDING_MAX);
                let deadline = self.timers.set(until, Due::Transcription(leg));
                transcription.deadline = Some(deadline);
                self.trace(leg, What::Decided("transcription ends".to_owned()));
            }
            At::Ending => {}
        }
        self.beside.transcriptions.0.entry(leg).or_default().push(transcription);
    }

    /// The last words of one were awaited for too long.
    pub(crate) fn handle_transcription_silence(&mut self, leg: LegId, key: TimerKey) {
        let Some(all) = self.beside.transcriptions.0.get_mut(&leg) else { return };
        let Some(n) = all.iter().position(|it| it.deadline == Some(key)) else { return };
        let mut transcription = all.remove(n);
        for ear in std::mem::take(&mut transcription.ears) {
            self.index.by_tap.remove(&ear.tap);
            self.push(Output::ForgetTap(ear.tap));
        }
        let whose = (transcription.account, transcription.call);
        self.alert_beside(91340, leg, whose, Detail::none());
        self.transcription_over(leg, transcription);
    }

    /// Nothing more is to come.
    fn transcription_over(&mut self, leg: LegId, mut transcription: Transcription) {
        self.timers.cancel(&mut transcription.deadline);
        self.tell_transcription_event(&mut transcription, &Event::Stopped);
        self.forget_if_none(leg);
    }

    fn forget_if_none(&mut self, leg: LegId) {
        if self.beside.transcriptions.0.get(&leg).is_some_and(Vec::is_empty) {
            self.beside.transcriptions.0.remove(&leg);
        }
    }
}
