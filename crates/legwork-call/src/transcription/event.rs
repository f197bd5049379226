//! What the application is told of a transcription: `statusCallbackUrl`.
//!
//! Not here: when (`transcription`).
//! Source: Twilio, "TwiML Voice: Transcription", status callbacks.

use legwork_media as media;
use legwork_twiml::Tracks;

use super::{Transcription, data};
use crate::callback::About;
use crate::calls::Calls;
use crate::date;
use crate::likelihood::{part_of_one, stability};
use crate::run::Parameter;

/// `TranscriptionEvent`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event<'a> {
    /// It listens.
    Started,
    /// `transcription-content` that is not final.
    Partial { track: media::Track, stable: &'a str, unstable: &'a str },
    /// `transcription-content`.
    Content { track: media::Track, text: &'a str, confidence: u16 },
    /// It goes on nevertheless, unless `Stopped` follows.
    Error { code: u32, text: &'a str },
    /// That was all.
    Stopped,
}

impl Event<'_> {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Started => "transcription-started",
            Self::Partial { .. } | Self::Content { .. } => "transcription-content",
            Self::Error { .. } => "transcription-error",
            Self::Stopped => "transcription-stopped",
        }
    }
}

impl Calls {
    /// Tells who wants to know.
    pub(super) fn tell_transcription_event(&mut self, of: &mut Transcription, event: &Event<'_>) {
        let Some(hook) = of.hook.clone() else { return };
        of.sequence = of.sequence.saturating_add(1);
        let mut parameters: Vec<Parameter> = vec![
            ("AccountSid".into(), of.account.to_string()),
            ("CallSid".into(), of.call.to_string()),
            ("TranscriptionSid".into(), of.sid.to_string()),
            ("TranscriptionEvent".into(), event.as_str().to_owned()),
            ("Timestamp".into(), date::iso8601(self.now.wall)),
            ("SequenceId".into(), of.sequence.to_string()),
        ];
        match event {
            Event::Started => parameters.extend(settings(of)),
            Event::Partial { track, stable, unstable } => {
                let blank = if stable.is_empty() || unstable.is_empty() { "" } else { " " };
                let text = format!("{stable}{blank}{unstable}");
                parameters.extend(content(of, *track, &text, None));
                let stability = part_of_one(stability(stable, unstable));
                parameters.push(("Stability".into(), stability));
            }
            Event::Content { track, text, confidence } => {
                parameters.extend(content(of, *track, text, Some(*confidence)));
            }
            Event::Error { code, text } => parameters.extend([
                ("TranscriptionErrorCode".into(), code.to_string()),
                ("TranscriptionError".into(), (*text).to_owned()),
            ]),
            Event::Stopped => {}
        }
        let own = of.wanted.parameters.iter();
        parameters.extend(own.map(|(name, value)| (format!("Param_{name}").into(), value.clone())));
        let (account, call, root) = (of.account, of.call, of.root);
        self.tell(About { account, call, root, parameters }, hook);
    }
}

/// What was said, and by whom. Without `confidence`: so far.
fn content(
    of: &Transcription,
    track: media::Track,
    text: &str,
    confidence: Option<u16>,
) -> [Parameter; 4] {
    let track = match track {
        media::Track::Inbound => "inbound_track",
        media::Track::Outbound => "outbound_track",
    };
    [
        ("LanguageCode".into(), of.wanted.language.clone()),
        ("Track".into(), track.to_owned()),
        ("TranscriptionData".into(), data::transcript(text, confidence)),
        ("Final".into(), confidence.is_some().to_string()),
    ]
}

/// How it was started.
fn settings(of: &Transcription) -> Vec<Parameter> {
    let wanted = &of.wanted;
    let track = match wanted.tracks {
        Tracks::Inbound => "inbound_track",
        Tracks::Outbound => "outbound_track",
        Tracks::Both => "both_tracks",
    };
    let is = |it: bool| if it { "true" } else { "false" };
    let provider = data::texts(&[
        ("profanityFilter", is(wanted.profanity_filter)),
        ("speechModel", &wanted.model),
        ("enableAutomaticPunctuation", is(wanted.punctuation)),
        ("hints", &wanted.hints),
    ]);
    let mut parameters: Vec<Parameter> = vec![
        ("Name".into(), of.name()),
        ("LanguageCode".into(), wanted.language.clone()),
        ("Track".into(), track.to_owned()),
        ("PartialResults".into(), wanted.partial.to_string()),
        ("TranscriptionEngine".into(), wanted.engine.clone()),
        ("ProviderConfiguration".into(), provider),
    ];
    let labels = [
        ("InboundTrackLabel", &wanted.inbound_label),
        ("OutboundTrackLabel", &wanted.outbound_label),
    ];
    for (name, label) in labels {
        parameters.extend(label.clone().map(|label| (name.into(), label)));
    }
    parameters
}
