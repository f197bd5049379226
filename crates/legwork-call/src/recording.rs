//! Recordings: begun on a leg, held, closed; who is told of them, until it is known what came of each.
//!
//! ```text
//!   begun ──▶ in-progress ──closed, or its leg is over──▶ processing ──▶ completed, absent, failed
//! ```
//! A recording outlives its leg: its end is told once the shell has told it, or has been silent for too
//! long. It is of one leg, whoever that talks with; a leg in whose place another one comes takes its
//! recordings with it, and nothing is recorded of the new one.
//! Not here: who wants one (`verb/record`, `verb/start`, `dial/record`, `placed`), what was said in words
//! (`recording/transcript`), writing it (crate `legwork`).
//! Source: Twilio, "Recordings resource", `RecordingStatusCallback`; twilio-voice 6.1, 6.3.

pub(crate) mod transcript;

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use legwork_media as media;
use legwork_media::offer_answer::Codec;
use legwork_twiml as twiml;
use url::Url;

use crate::callback::About;
use crate::calls::{Calls, Detail};
use crate::command::CallRecording;
use crate::conference;
use crate::config::Hook;
use crate::date;
use crate::io::{self, Change, Output, Purpose, RecordingRow, Tapped};
use crate::ladder::What;
use crate::leg::{Leg, LegId};
use crate::limit;
use crate::run::{Parameter, absolute};
use crate::sid::{AccountSid, CallSid, ConferenceSid, RecordingSid};
use crate::timer::{Due, TimerKey};

use transcript::Transcript;

/// Every recording of which it is not known yet what came, and every transcript.
#[derive(Debug, Default)]
pub(crate) struct Recordings {
    by_tap: BTreeMap<media::TapId, Box<Recording>>,
    transcripts: BTreeMap<media::TapId, Box<Transcript>>,
}

/// One recording.
#[derive(Debug)]
struct Recording {
    sid: RecordingSid,
    account: AccountSid,
    call: CallSid,
    root: CallSid,
    leg: LegId,
    source: Source,
    sides: twiml::Sides,
    began: SystemTime,
    since: Instant,
    /// No more is recorded since then.
    ended: Option<Instant>,
    told: Option<ToldOf>,
    /// Until when the shell may be silent.
    deadline: Option<TimerKey>,
    /// The leg whose `<Record>` waits for what comes of it.
    waits: Option<LegId>,
    /// `action` of a `<Record>` whose call is over.
    action: Option<Box<Action>>,
    /// The tap of its transcript.
    ears: Option<media::TapId>,
    /// If it is a conference's.
    conference: Option<Box<OfConference>>,
}

/// The conference that is recorded.
#[derive(Debug)]
struct OfConference {
    sid: ConferenceSid,
    name: String,
    /// `eventCallbackUrl`.
    old: Option<Hook>,
}

/// What wanted a recording: `RecordingSource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    DialVerb,
    RecordVerb,
    StartTwiml,
    OutboundApi,
    Conference,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::DialVerb => "DialVerb",
            Self::RecordVerb => "RecordVerb",
            Self::StartTwiml => "StartCallRecordingTwiML",
            Self::OutboundApi => "OutboundAPI",
            Self::Conference => "Conference",
        }
    }
}

/// What is to be recorded, and who is told.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) source: Source,
    pub(crate) sides: twiml::Sides,
    pub(crate) trim: bool,
    pub(crate) told: Option<ToldOf>,
}

impl Wanted {
    /// Of a call placed by REST.
    pub(crate) fn of_call(recording: CallRecording) -> Self {
        let CallRecording { sides, trim, status } = recording;
        let told = status.map(|(hook, events)| ToldOf { hook, events });
        Self { source: Source::OutboundApi, sides, trim, told }
    }
}

/// `recordingStatusCallback`, and of what.
#[derive(Clone, Debug)]
pub(crate) struct ToldOf {
    pub(crate) hook: Hook,
    pub(crate) events: twiml::RecordingEvents,
}

/// A recording as those know it who tell of it besides: `action` of `<Dial>`, the end of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded {
    pub(crate) tap: media::TapId,
    sid: RecordingSid,
    /// By our clock, once it is over.
    length: Option<Duration>,
}

/// The recordings of one leg.
#[derive(Debug, Default)]
pub(crate) struct OfLeg {
    /// Those under way, the oldest first; at most [`limit::RECORDINGS_OF_LEG_MAX`].
    taps: Vec<media::TapId>,
    /// One that begins as soon as there is sound.
    awaited: Option<Wanted>,
}

/// Whom to tell of a message once it is known what came of it, the call being over.
#[derive(Debug)]
struct Action {
    about: About,
    hook: Hook,
    digits: String,
}

/// What came of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It can be fetched.
    Completed(Duration),
    /// Nothing was left of it.
    Absent,
    /// It could not be made, or nothing is known of it.
    Failed,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Completed(_) => "completed",
            Self::Absent => "absent",
            Self::Failed => "failed",
        }
    }
}

impl Recorded {
    /// `RecordingUrl` and its companions.
    fn parameters(self, base: &str, length: Option<Duration>) -> Vec<Parameter> {
        let mut parameters = vec![
            ("RecordingUrl".into(), url_of(base, self.sid)),
            ("RecordingSid".into(), self.sid.to_string()),
        ];
        if let Some(length) = length {
            parameters.push(("RecordingDuration".into(), seconds(length)));
        }
        parameters
    }
}

impl Recording {
    fn row(&self, status: &'static str, duration: Option<Duration>) -> RecordingRow {
        RecordingRow {
            sid: self.sid,
            account: self.account,
            call: self.call,
            conference: self.conference.as_ref().map(|of| of.sid),
            status,
            source: self.source.as_str(),
            track: track_of(self.sides),
            channels: side_of(self.sides).channels(),
            started: self.began,
            duration,
        }
    }

    /// What a status callback says of it, as exactly as Twilio's.
    fn parameters(
        &self,
        base: &str,
        status: &'static str,
        length: Option<Duration>,
    ) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = vec![
            ("AccountSid".into(), self.account.to_string()),
            match &self.conference {
                Some(of) => ("ConferenceSid".into(), of.sid.to_string()),
                None => ("CallSid".into(), self.call.to_string()),
            },
            ("RecordingSid".into(), self.sid.to_string()),
            ("RecordingUrl".into(), url_of(base, self.sid)),
            ("RecordingStatus".into(), status.to_owned()),
        ];
        if let Some(length) = length {
            parameters.push(("RecordingDuration".into(), seconds(length)));
        }
        let channels = side_of(self.sides).channels();
        parameters.push(("RecordingChannels".into(), channels.to_string()));
        parameters.push(("RecordingStartTime".into(), date::rfc2822(self.began)));
        parameters.push(("RecordingSource".into(), self.source.as_str().to_owned()));
        if self.conference.is_none() {
            parameters.push(("RecordingTrack".into(), track_of(self.sides).to_owned()));
        }
        parameters
    }

    /// How much was recorded, by our clock.
    fn length(&self, now: Instant) -> Duration {
        self.ended.unwrap_or(now).saturating_duration_since(self.since)
    }
}

impl Calls {
    // === begin ===

    /// Records the leg from now on. None: it has no sound yet, or too many recordings (an alert).
    pub(crate) fn begin_recording(&mut self, leg: LegId, wanted: Wanted) -> Option<Recorded> {
        let call = self.leg(leg)?.call_sid();
        self.begin_recording_of(leg, call, wanted)
    }

    /// The same for the document of another call that the leg runs.
    pub(crate) fn begin_recording_of(
        &mut self,
        leg: LegId,
        call: CallSid,
        wanted: Wanted,
    ) -> Option<Recorded> {
        let of = self.leg(leg).filter(|leg| leg.media.open)?;
        let n = of.media.recorded.as_ref().map_or(0, |recorded| recorded.taps.len());
        if n >= limit::RECORDINGS_OF_LEG_MAX {
            self.alert(16108, Some(leg), Detail::none());
            return None;
        }
        let (account, root) = (of.account, of.root);
        let (began, since) = (self.now.wall, self.now.mono);
        let Wanted { source, sides, trim, told } = wanted;
        let sid = self.new_recording_sid();
        let side = side_of(sides);
        let sound = media::Tap::new(side, rate_of(self.codec_of(leg)));
        let asked = io::Recording { sid, channels: side.channels(), trim, started: began };
        let tap = self.open_tap(leg, call, sound, Purpose::Record(Box::new(asked)));
        if let Some(of) = self.leg_mut(leg) {
            of.media.recorded.get_or_insert_default().taps.push(tap);
        }
        let recording = Recording {
            sid,
            account,
            call,
            root,
            leg,
            source,
            sides,
            began,
            since,
            ended: None,
            told,
            deadline: None,
            waits: None,
            action: None,
            ears: None,
            conference: None,
        };
        Some(self.recording_begun(tap, recording))
    }

    /// Records a conference from now on.
    pub(crate) fn begin_room_recording(
        &mut self,
        room: media::RoomId,
        recording: conference::Recording,
    ) -> Option<Recorded> {
        let conference::Recording { leg, wanted, old } = recording;
        let of = self.conferences.get(room)?;
        let (account, sid_of, name) = (of.account, of.sid, of.name().to_owned());
        let by = self.leg(leg).map(|leg| (leg.call_sid(), leg.root));
        let (call, root) = by.unwrap_or_else(|| of.about());
        let (began, since) = (self.now.wall, self.now.mono);
        let Wanted { source, sides, trim, told } = wanted;
        let sid = self.new_recording_sid();
        let sound = media::Tap::new(side_of(sides), media::Rate::Wide);
        let asked = io::Recording { sid, channels: sound.side.channels(), trim, started: began };
        let tap = self.open_room_tap(room, call, sound, Purpose::Record(Box::new(asked)));
        let recording = Recording {
            sid,
            account,
            call,
            root,
            leg,
            source,
            sides,
            began,
            since,
            ended: None,
            told,
            deadline: None,
            waits: None,
            action: None,
            ears: None,
            conference: Some(Box::new(OfConference { sid: sid_of, name, old })),
        };
        Some(self.recording_begun(tap, recording))
    }

    fn recording_begun(&mut self, tap: media::TapId, recording: Recording) -> Recorded {
        let (leg, sid) = (recording.leg, recording.sid);
        let sides = name_of(recording.sides);
        self.trace(leg, What::Decided(format!("recording begins, {sides}")));
        self.store_recording(&recording, "in-progress", None);
        self.tell_recording(&recording, "in-progress", None);
        self.beside.recordings.by_tap.insert(tap, Box::new(recording));
        Recorded { tap, sid, length: None }
    }

    /// One that begins once there is sound. False: there is one of its kind already.
    pub(crate) fn await_recording(&mut self, leg: LegId, wanted: Wanted) -> bool {
        let source = wanted.source;
        let Some(of) = self.leg(leg) else { return true };
        let is_same = |tap: &media::TapId| {
            self.beside
                .recordings
                .by_tap
                .get(tap)
                .is_some_and(|recording| recording.source == source)
        };
        let recorded = of.media.recorded.as_ref();
        if recorded.is_some_and(|of| of.awaited.is_some() || of.taps.iter().any(is_same)) {
            return false;
        }
        if let Some(of) = self.leg_mut(leg) {
            of.media.recorded.get_or_insert_default().awaited = Some(wanted);
        }
        self.begin_awaited_recording(leg);
        true
    }

    /// The leg may have sound from now on.
    pub(crate) fn begin_awaited_recording(&mut self, leg: LegId) {
        let Some(of) = self.leg_mut(leg).filter(|leg| leg.media.open) else { return };
        let Some(wanted) = of.media.recorded.as_mut().and_then(|of| of.awaited.take()) else {
            return;
        };
        let is_told = wanted.source == Source::OutboundApi;
        let begun = self.begin_recording(leg, wanted);
        if let Some(told) = self.leg_mut(leg).and_then(|leg| leg.told.as_mut()).filter(|_| is_told)
        {
            told.recording = begun;
        }
    }

    /// Whom to tell of a recording; an alert if that can not be read.
    pub(crate) fn told_of(
        &mut self,
        leg: LegId,
        base: Option<&Url>,
        keep: &twiml::Keep,
    ) -> Option<ToldOf> {
        let twiml::RecordingCallback { ask, events } = keep.status.as_ref()?;
        match absolute(base, &ask.url) {
            Ok(url) => Some(ToldOf { hook: Hook { url, method: ask.method }, events: *events }),
            Err(code) => {
                let code = if code == 15004 { code } else { 13256 };
                let text = format!("recordingStatusCallback=\"{}\".", ask.url);
                self.alert(code, Some(leg), Detail::text(text));
                None
            }
        }
    }

    // === while it is under way ===

    /// It is silent for a while, or not any more.
    pub(crate) fn hold_recording(&mut self, tap: media::TapId, is_held: bool) {
        let Some(recording) = self.beside.recordings.by_tap.get(&tap) else { return };
        let leg = recording.leg;
        if recording.ended.is_some() {
            return;
        }
        self.hold_tap(tap, is_held);
        let what = if is_held { "recording is silent" } else { "recording goes on" };
        self.trace(leg, What::Decided(what.to_owned()));
    }

    /// Its `<Record>` is told what comes of it; none: nobody waits any more.
    pub(crate) fn wait_for_recording(&mut self, tap: media::TapId, leg: Option<LegId>) {
        if let Some(recording) = self.beside.recordings.by_tap.get_mut(&tap) {
            recording.waits = leg;
        }
    }

    // === its end ===

    /// No more is recorded. Nothing happens if it is over already.
    pub(crate) fn close_recording(&mut self, recorded: &mut Recorded) {
        let Some(recording) = self.beside.recordings.by_tap.get(&recorded.tap) else { return };
        let (leg, is_over) = (recording.leg, recording.ended.is_some());
        recorded.length.get_or_insert_with(|| recording.length(self.now.mono));
        if is_over {
            return;
        }
        self.close_tap(recorded.tap);
        self.trace(leg, What::Decided("recording ends".to_owned()));
        if let Some(of) = self.leg_mut(leg).and_then(|leg| leg.media.recorded.as_mut()) {
            of.taps.retain(|tap| *tap != recorded.tap);
        }
        self.recording_closed(recorded.tap);
    }

    /// The leg is over, and its taps with it.
    pub(crate) fn recordings_over(&mut self, leg: &Leg) {
        for tap in leg.media.recorded.iter().flat_map(|of| &of.taps) {
            self.recording_closed(*tap);
        }
    }

    /// Its sound has ended: what comes of it is awaited, for some time.
    fn recording_closed(&mut self, tap: media::TapId) {
        let ended = self.now.mono;
        let deadline = self.timers.set(self.after(limit::RECORDER_PATIENCE), Due::Recorder(tap));
        let Some(mut recording) = self.beside.recordings.by_tap.remove(&tap) else { return };
        (recording.ended, recording.deadline) = (Some(ended), Some(deadline));
        self.store_recording(&recording, "processing", None);
        if let Some(ears) = recording.ears {
            self.close_transcript(ears);
        }
        self.beside.recordings.by_tap.insert(tap, recording);
    }

    /// Something came of a tap. False: it is no recording's.
    pub(crate) fn recording_tapped(&mut self, tap: media::TapId, tapped: &Tapped) -> bool {
        if !self.beside.recordings.by_tap.contains_key(&tap) {
            return self.transcript_tapped(tap, tapped);
        }
        match tapped {
            Tapped::Recorded { duration } if duration.is_zero() => {
                self.recording_over(tap, Outcome::Absent);
            }
            Tapped::Recorded { duration } => {
                self.recording_over(tap, Outcome::Completed(*duration));
            }
            Tapped::Failed { code, text } => {
                self.alert_recording(tap, *code, Detail::text(text.clone()));
                self.recording_over(tap, Outcome::Failed);
            }
            // Not of a recording.
            Tapped::Partial { .. }
            | Tapped::Segment { .. }
            | Tapped::Missed { .. }
            | Tapped::Understood { .. }
            | Tapped::Connected
            | Tapped::Disconnected
            | Tapped::Flawed { .. } => {}
        }
        true
    }

    /// Nothing was told of what came of it for too long.
    pub(crate) fn handle_recorder_silence(&mut self, tap: media::TapId) {
        if self.beside.recordings.transcripts.contains_key(&tap) {
            return self.transcript_silent(tap);
        }
        self.alert_recording(tap, 91341, Detail::none());
        self.push(Output::ForgetTap(tap));
        self.recording_over(tap, Outcome::Failed);
    }

    /// It is known what came of it.
    fn recording_over(&mut self, tap: media::TapId, outcome: Outcome) {
        let Some(recording) = self.beside.recordings.by_tap.get(&tap) else { return };
        let mut recorded = Recorded { tap, sid: recording.sid, length: None };
        // It may end by itself, or fail, while its leg goes on.
        self.close_recording(&mut recorded);
        let Some(mut recording) = self.beside.recordings.by_tap.remove(&tap) else { return };
        self.index.by_tap.remove(&tap);
        self.conferences.by_tap.remove(&tap);
        self.timers.cancel(&mut recording.deadline);
        let duration = match outcome {
            Outcome::Completed(duration) => Some(duration),
            Outcome::Absent => Some(Duration::ZERO),
            Outcome::Failed => None,
        };
        self.store_recording(&recording, outcome.as_str(), duration);
        self.tell_recording(&recording, outcome.as_str(), duration);
        self.tell_recorded_conference(&recording, outcome);
        if let Some(ears) = recording.ears {
            self.transcript_recorded(ears, outcome);
        }
        if let Some(leg) = recording.waits {
            self.record_over(leg, tap, outcome);
        }
        if let Some(action) = recording.action.filter(|_| matches!(outcome, Outcome::Completed(_)))
        {
            let Action { about, hook, digits } = *action;
            let mut told = recorded.parameters(&self.config.http_base, duration);
            told.push(("Digits".into(), digits));
            self.tell_outcome(about, hook, told);
        }
    }

    /// The call of a `<Record>` is over: its `action` is told once it is known what came of it.
    pub(crate) fn tell_action_later(
        &mut self,
        tap: media::TapId,
        about: About,
        hook: Option<Hook>,
        digits: String,
    ) {
        let Some(recording) = self.beside.recordings.by_tap.get_mut(&tap) else { return };
        recording.waits = None;
        let ears = recording.ears;
        if let Some(hook) = hook {
            recording.action = Some(Box::new(Action { about: about.clone(), hook, digits }));
        }
        if let Some(transcript) =
            ears.and_then(|ears| self.beside.recordings.transcripts.get_mut(&ears))
        {
            transcript.about = about;
        }
    }

    // === what is told of it ===

    /// What `action` of a `<Record>` is told; `length` as it is known by now.
    pub(crate) fn message_parameters(
        &self,
        recorded: Recorded,
        length: Option<Duration>,
        digits: Option<u8>,
    ) -> Vec<Parameter> {
        let mut told = recorded.parameters(&self.config.http_base, length.or(recorded.length));
        if let Some(digit) = digits {
            told.push(("Digits".into(), char::from(digit).to_string()));
        }
        told
    }

    /// What `action` of `<Dial>` and the end of a call tell of it, as far as it is known by now.
    pub(crate) fn recording_parameters(&self, recorded: Recorded) -> Vec<Parameter> {
        let known = self.beside.recordings.by_tap.get(&recorded.tap);
        let length = known.map(|recording| recording.length(self.now.mono));
        recorded.parameters(&self.config.http_base, recorded.length.or(length))
    }

    fn store_recording(
        &mut self,
        recording: &Recording,
        status: &'static str,
        duration: Option<Duration>,
    ) {
        let row = Box::new(recording.row(status, duration));
        self.push(Output::Store(Change::Recording(row)));
    }

    /// A failure is told to whoever wants to know of its end.
    fn tell_recording(
        &mut self,
        recording: &Recording,
        status: &'static str,
        duration: Option<Duration>,
    ) {
        let Some(told) = &recording.told else { return };
        let is_wanted = match status {
            "in-progress" => told.events.in_progress,
            "absent" => told.events.absent,
            _ => told.events.completed,
        };
        if is_wanted {
            let parameters = recording.parameters(&self.config.http_base, status, duration);
            let Recording { account, call, root, .. } = *recording;
            let about = About { account, call, root, parameters };
            self.tell(about, told.hook.clone());
        }
    }

    /// `eventCallbackUrl`: the recording of a conference is complete.
    fn tell_recorded_conference(&mut self, recording: &Recording, outcome: Outcome) {
        let Outcome::Completed(length) = outcome else { return };
        let Some(of) = &recording.conference else { return };
        let Some(hook) = of.old.clone() else { return };
        let Recording { account, call, root, .. } = *recording;
        let parameters = vec![
            ("AccountSid".into(), account.to_string()),
            ("ConferenceSid".into(), of.sid.to_string()),
            ("FriendlyName".into(), of.name.clone()),
            ("EventName".into(), "conference-record-end".to_owned()),
            ("RecordingUrl".into(), url_of(&self.config.http_base, recording.sid)),
            ("Duration".into(), seconds(length)),
            ("Timestamp".into(), date::rfc2822(self.now.wall)),
        ];
        self.tell(About { account, call, root, parameters }, hook);
    }

    fn alert_recording(&mut self, tap: media::TapId, code: u32, detail: Detail) {
        let Some(recording) = self.beside.recordings.by_tap.get(&tap) else { return };
        let (leg, whose) = (recording.leg, (recording.account, recording.call));
        self.alert_beside(code, leg, whose, detail);
    }
}

fn url_of(base: &str, sid: RecordingSid) -> String {
    format!("{base}/_/recordings/{sid}")
}

/// Whole seconds; what was kept has at least one.
fn seconds(length: Duration) -> String {
    let rounded = (length.as_millis() + 500) / 1_000;
    if length.is_zero() { "0".to_owned() } else { rounded.max(1).to_string() }
}

/// `RecordingTrack`.
const fn track_of(sides: twiml::Sides) -> &'static str {
    match sides {
        twiml::Sides::Inbound => "inbound",
        twiml::Sides::Outbound => "outbound",
        twiml::Sides::Mixed | twiml::Sides::Dual => "both",
    }
}

const fn side_of(sides: twiml::Sides) -> media::Side {
    match sides {
        twiml::Sides::Inbound => media::Side::Inbound,
        twiml::Sides::Outbound => media::Side::Outbound,
        twiml::Sides::Mixed => media::Side::Mixed,
        twiml::Sides::Dual => media::Side::Dual,
    }
}

/// The ladder's word.
const fn name_of(sides: twiml::Sides) -> &'static str {
    match sides {
        twiml::Sides::Inbound => "inbound",
        twiml::Sides::Outbound => "outbound",
        twiml::Sides::Mixed => "mono",
        twiml::Sides::Dual => "dual",
    }
}

/// Nothing is lost of what the leg's codec carries.
const fn rate_of(codec: Option<Codec>) -> media::Rate {
    match codec {
        Some(Codec::G722 | Codec::Opus) => media::Rate::Wide,
        Some(Codec::Pcmu | Codec::Pcma) | None => media::Rate::Narrow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_has_at_least_a_second() {
        for (ms, text) in [(0, "0"), (1, "1"), (1_499, "1"), (1_500, "2"), (61_499, "61")] {
            assert_eq!(seconds(Duration::from_millis(ms)), text);
        }
    }
}
