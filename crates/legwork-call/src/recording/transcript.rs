//! What was said in a recording, in words: `transcribe` of `<Record>`.
//!
//! Told once both the recording and the words are there, in whichever order.
//! Not here: the recording itself (`recording`), understanding it (crate `legwork`).
//! Source: Twilio, "TwiML Voice: Record", `transcribe`, `transcribeCallback`: 2 to 120 seconds.

use std::time::{Duration, SystemTime};

use legwork_media as media;

use super::{Outcome, Recorded, url_of};
use crate::callback::About;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io::{Change, Output, Purpose, Recognition, Tapped, TranscriptionRow};
use crate::leg::LegId;
use crate::limit;
use crate::run::Parameter;
use crate::sid::{RecordingSid, TranscriptionSid};
use crate::timer::{Due, TimerKey};

/// A transcript to be.
#[derive(Debug)]
pub(super) struct Transcript {
    sid: TranscriptionSid,
    recording: RecordingSid,
    leg: LegId,
    pub(super) about: About,
    /// Who is told of it; none: it can be fetched, and that is all.
    hook: Option<Hook>,
    began: SystemTime,
    /// How long the recording is, once it is there.
    recorded: Option<Duration>,
    /// What was said; none in it: it could not be understood.
    words: Option<Option<String>>,
    deadline: Option<TimerKey>,
}

impl Calls {
    /// What is recorded from now on is understood, too, and told to whoever wants to know.
    pub(crate) fn begin_transcript(&mut self, leg: LegId, recorded: Recorded, hook: Option<Hook>) {
        let Some(about) = self.about_document(leg) else { return };
        let sound = media::Tap::new(media::Side::Inbound, media::Rate::Wide);
        let recognition = Recognition {
            language: "en-US".to_owned(),
            speech_model: "default".to_owned(),
            provider: String::new(),
            settings: Vec::new(),
            ..Recognition::default()
        };
        let ears = self.open_tap(leg, about.call, sound, Purpose::Recognise(Box::new(recognition)));
        let transcript = Transcript {
            sid: self.new_transcription_sid(),
            recording: recorded.sid,
            leg,
            about,
            hook,
            began: self.now.wall,
            recorded: None,
            words: None,
            deadline: None,
        };
        self.store_transcript(&transcript, "in-progress", String::new());
        self.beside.recordings.transcripts.insert(ears, Box::new(transcript));
        if let Some(recording) = self.beside.recordings.by_tap.get_mut(&recorded.tap) {
            recording.ears = Some(ears);
        }
    }

    /// Nothing more is said.
    pub(super) fn close_transcript(&mut self, ears: media::TapId) {
        self.close_tap(ears);
        let deadline = self.timers.set(self.after(limit::RECORDER_PATIENCE), Due::Recorder(ears));
        let mut unused = Some(deadline);
        match self.beside.recordings.transcripts.get_mut(&ears) {
            Some(transcript) => transcript.deadline = unused,
            None => self.timers.cancel(&mut unused),
        }
    }

    /// Something came of a tap. False: it is no transcript's.
    pub(super) fn transcript_tapped(&mut self, ears: media::TapId, tapped: &Tapped) -> bool {
        let Some(transcript) = self.beside.recordings.transcripts.get_mut(&ears) else {
            return false;
        };
        match tapped {
            Tapped::Understood { text, .. } => transcript.words = Some(Some(text.clone())),
            Tapped::Failed { code, text } => {
                transcript.words = Some(None);
                let (code, detail) = (*code, Detail::text(text.clone()));
                self.alert_transcript(ears, code, detail);
            }
            // Not wanted.
            Tapped::Partial { .. }
            | Tapped::Recorded { .. }
            | Tapped::Segment { .. }
            | Tapped::Missed { .. }
            | Tapped::Connected
            | Tapped::Disconnected
            | Tapped::Flawed { .. } => {}
        }
        self.settle_transcript(ears);
        true
    }

    /// It is known what came of the recording.
    pub(super) fn transcript_recorded(&mut self, ears: media::TapId, outcome: Outcome) {
        match outcome {
            Outcome::Completed(length) if is_transcribed(length) => {
                if let Some(transcript) = self.beside.recordings.transcripts.get_mut(&ears) {
                    transcript.recorded = Some(length);
                }
                self.settle_transcript(ears);
            }
            Outcome::Completed(length) => {
                let text = format!("It has {:.1} s.", length.as_secs_f64());
                self.alert_transcript(ears, 13617, Detail::text(text));
                self.tell_transcript(ears, None);
            }
            Outcome::Failed => self.tell_transcript(ears, None),
            Outcome::Absent => {
                if let Some(transcript) = self.forget_transcript(ears) {
                    self.store_transcript(&transcript, "failed", String::new());
                }
            }
        }
    }

    /// Nothing was told of what was said for too long.
    pub(super) fn transcript_silent(&mut self, ears: media::TapId) {
        self.alert_transcript(ears, 91340, Detail::none());
        if let Some(transcript) = self.beside.recordings.transcripts.get_mut(&ears) {
            transcript.words = Some(None);
        }
        self.settle_transcript(ears);
    }

    fn settle_transcript(&mut self, ears: media::TapId) {
        let Some(transcript) = self.beside.recordings.transcripts.get_mut(&ears) else { return };
        if transcript.recorded.is_none() {
            return;
        }
        if let Some(words) = transcript.words.take() {
            self.tell_transcript(ears, words);
        }
    }

    fn tell_transcript(&mut self, ears: media::TapId, words: Option<String>) {
        let Some(transcript) = self.forget_transcript(ears) else { return };
        let status = if words.is_some() { "completed" } else { "failed" };
        self.store_transcript(&transcript, status, words.clone().unwrap_or_default());
        let Some(hook) = transcript.hook else { return };
        let base = &self.config.http_base;
        let told: Vec<Parameter> = vec![
            ("TranscriptionSid".into(), transcript.sid.to_string()),
            ("TranscriptionText".into(), words.unwrap_or_default()),
            ("TranscriptionStatus".into(), status.to_owned()),
            ("TranscriptionUrl".into(), format!("{base}/_/transcriptions/{}", transcript.sid)),
            ("RecordingSid".into(), transcript.recording.to_string()),
            ("RecordingUrl".into(), url_of(base, transcript.recording)),
        ];
        self.tell_outcome(transcript.about, hook, told);
    }

    fn store_transcript(&mut self, transcript: &Transcript, status: &'static str, text: String) {
        let row = TranscriptionRow {
            sid: transcript.sid,
            account: transcript.about.account,
            recording: transcript.recording,
            status,
            text,
            created: transcript.began,
            updated: self.now.wall,
            duration: transcript.recorded,
        };
        self.push(Output::Store(Change::Transcription(Box::new(row))));
    }

    fn forget_transcript(&mut self, ears: media::TapId) -> Option<Box<Transcript>> {
        let mut transcript = self.beside.recordings.transcripts.remove(&ears)?;
        self.timers.cancel(&mut transcript.deadline);
        self.forget_tap(ears);
        Some(transcript)
    }

    fn alert_transcript(&mut self, ears: media::TapId, code: u32, detail: Detail) {
        let Some(transcript) = self.beside.recordings.transcripts.get(&ears) else { return };
        let (leg, account, call) =
            (transcript.leg, transcript.about.account, transcript.about.call);
        if self.leg(leg).is_some() {
            self.alert(code, Some(leg), detail);
        } else {
            self.alert_account(code, Some(account), Some(call), detail);
        }
    }
}

/// Twilio's range.
fn is_transcribed(length: Duration) -> bool {
    (limit::TRANSCRIBED_MIN..=limit::TRANSCRIBED_MAX).contains(&length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seconds_to_two_minutes_are_transcribed() {
        for (ms, is) in [(1_999, false), (2_000, true), (120_000, true), (121_001, false)] {
            assert_eq!(is_transcribed(Duration::from_millis(ms)), is, "{ms}");
        }
    }
}
