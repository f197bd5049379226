//! Taps of the world: what comes of what they give. Its recogniser understands what the script lets a phone
//! say, for nobody speaks words under a virtual clock.
//!
//! Whether a phone speaks is told as the media threads would tell it, where that is asked for; so it is the same
//! whether or not anybody in this world hears sound.
//! Not here: when anything of it is told (`world`), what phones say (`script`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use legwork_call::io::{Input, Purpose, Recognition, Recording, Tapped};
use legwork_call::ladder::What;
use legwork_call::view::Leg;
use legwork_media::{Command, Event, Feed, MediaId, RoomCommand, RoomId, Side, TapId};

use super::streams::Streamer;
use super::{Outside, World};

/// How sure the recogniser is, thousandths.
const CONFIDENCE: u16 = 912;
/// Utterances in a row that the recogniser fails at before it gives up: the shell's.
const FAILURES_MAX: u32 = 3;
/// What is understood after something else is told so much later.
const TURN: Duration = Duration::from_millis(1);

/// What the recogniser does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recogniser {
    /// From the end of what it hears to what was said in it.
    pub takes: Duration,
    /// It fails instead.
    pub fails: bool,
    /// It understands nothing.
    pub is_deaf: bool,
}

impl Default for Recogniser {
    fn default() -> Self {
        Self { takes: Duration::from_millis(200), fails: false, is_deaf: false }
    }
}

/// What the recorder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorder {
    /// From the end of what it hears until it can be fetched; none: nothing is ever told.
    pub takes: Option<Duration>,
    /// So long from its begin it fails.
    pub fails_after: Option<Duration>,
    /// Nothing is left of what it writes.
    pub hears_silence: bool,
}

impl Default for Recorder {
    fn default() -> Self {
        let takes = Some(Duration::from_millis(200));
        Self { takes, fails_after: None, hears_silence: false }
    }
}

/// Something comes of a tap, so long from now on.
pub(super) type Coming = (Duration, TapId, Tapped);

/// Every tap that is open, or of which something is still to come.
#[derive(Debug, Default)]
pub struct Taps {
    open: BTreeMap<TapId, Open>,
    /// Whose voice is to be told.
    heard: BTreeSet<MediaId>,
    /// Who speaks.
    speaks: BTreeSet<MediaId>,
    /// Who hears whom.
    hears: BTreeMap<MediaId, MediaId>,
    /// What it does from now on.
    pub recogniser: Recogniser,
    /// The same of the recorder.
    pub recorder: Recorder,
    /// The same of who takes streams.
    pub streamer: Streamer,
}

#[derive(Debug)]
struct Open {
    purpose: Purpose,
    media: Option<MediaId>,
    room: Option<RoomId>,
    side: Side,
    began: Option<Instant>,
    words: Vec<String>,
    /// The first of them began then.
    said: Option<Instant>,
    /// Utterances in a row that could not be understood.
    failures: u32,
    /// When the last utterance that has ended will be understood.
    thinks_until: Option<Instant>,
}

impl Taps {
    /// No tap is open, and nothing is to come of one.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Somebody takes what it will give.
    pub(super) fn open(&mut self, tap: TapId, purpose: Purpose) {
        let (side, words) = (Side::Inbound, Vec::new());
        let (media, room, began, said, failures) = (None, None, None, None, 0);
        let thinks_until = None;
        let open = Open { purpose, media, room, side, began, words, said, failures, thinks_until };
        self.open.insert(tap, open);
    }

    /// Nobody wants to hear of it any more.
    pub(super) fn forget(&mut self, tap: TapId) {
        self.open.remove(&tap);
    }

    /// A media thread is ordered something: what comes of it, and whether the leg is heard to speak at once.
    pub(super) fn order(
        &mut self,
        now: Instant,
        media: MediaId,
        command: &Command,
    ) -> (Vec<Coming>, bool) {
        match command {
            Command::Tap(tap, of) => {
                let Some(open) = self.open.get_mut(tap) else { return (Vec::new(), false) };
                (open.media, open.side, open.began) = (Some(media), of.side, Some(now));
                if let Purpose::Stream(_) = open.purpose {
                    return (self.streamer.begin(*tap), false);
                }
                let fails = self.recorder.fails_after.filter(|_| open.is_recorded());
                return (fails.map(|after| (after, *tap, full())).into_iter().collect(), false);
            }
            Command::Untap(tap) => return (self.over(now, *tap), false),
            Command::Hear(hearing) if hearing.voice => {
                let begins = self.heard.insert(media) && self.speaks.contains(&media);
                return (Vec::new(), begins);
            }
            Command::Hear(_) => drop(self.heard.remove(&media)),
            Command::Close => {
                self.heard.remove(&media);
                self.speaks.remove(&media);
                self.hears.remove(&media);
                let of = |(tap, open): (&TapId, &Open)| (open.media == Some(media)).then_some(*tap);
                let taps: Vec<TapId> = self.open.iter().filter_map(of).collect();
                return (taps.into_iter().flat_map(|tap| self.over(now, tap)).collect(), false);
            }
            Command::Feed(Feed::Leg(other)) => drop(self.hears.insert(media, *other)),
            Command::Feed(_) => drop(self.hears.remove(&media)),
            Command::Open
            | Command::Agree(_)
            | Command::SendDigits(_)
            | Command::Speak(_)
            | Command::Live(..)
            | Command::Move(_)
            | Command::HoldTap(..) => {}
        }
        (Vec::new(), false)
    }

    /// The same of a room.
    pub(super) fn order_room(
        &mut self,
        now: Instant,
        room: RoomId,
        command: &RoomCommand,
    ) -> Vec<Coming> {
        match command {
            RoomCommand::Tap(tap, _) => {
                let Some(open) = self.open.get_mut(tap) else { return Vec::new() };
                (open.room, open.began) = (Some(room), Some(now));
                let fails = self.recorder.fails_after.filter(|_| open.is_recorded());
                fails.map(|after| (after, *tap, full())).into_iter().collect()
            }
            RoomCommand::Untap(tap) => self.over(now, *tap),
            RoomCommand::Close => {
                let of = |(tap, open): (&TapId, &Open)| (open.room == Some(room)).then_some(*tap);
                let taps: Vec<TapId> = self.open.iter().filter_map(of).collect();
                taps.into_iter().flat_map(|tap| self.over(now, tap)).collect()
            }
            RoomCommand::Open
            | RoomCommand::Play(..)
            | RoomCommand::HoldTap(..)
            | RoomCommand::Watch(_) => Vec::new(),
        }
    }

    /// A tap gives no more. Twice is once.
    fn over(&mut self, now: Instant, tap: TapId) -> Vec<Coming> {
        let Some(open) = self.open.get_mut(&tap) else { return Vec::new() };
        let is_under_way = open.media.take().is_some() | open.room.take().is_some();
        if !is_under_way {
            return Vec::new();
        }
        let takes = self.recogniser.takes;
        match &open.purpose {
            Purpose::Recognise(asked) if asked.utterances.is_some() => {
                let before = open.thinks_until.map(|until| until.saturating_duration_since(now));
                let after = takes.max(before.unwrap_or_default()) + TURN;
                let last = open.utterance(self.recogniser, now + after);
                let mut coming: Vec<Coming> =
                    last.map(|tapped| (after, tap, tapped)).into_iter().collect();
                let nothing = Tapped::Understood { text: String::new(), confidence: 0 };
                coming.push((after + TURN, tap, nothing));
                coming
            }
            Purpose::Stream(_) => {
                self.open.remove(&tap);
                Vec::new()
            }
            Purpose::Recognise(_) => {
                let words = open.words.join(" ");
                vec![(takes, tap, self.recogniser.understand(words))]
            }
            // It is as long as it has lasted, for nobody listens to what is in it.
            Purpose::Record(_) => {
                let length = open.began.map_or(Duration::ZERO, |began| now - began);
                let duration = if self.recorder.hears_silence { Duration::ZERO } else { length };
                let takes = self.recorder.takes.into_iter();
                takes.map(|takes| (takes, tap, Tapped::Recorded { duration })).collect()
            }
        }
    }

    /// It is due: whether somebody still waits for it.
    pub(super) fn is_awaited(&mut self, tap: TapId, tapped: &Tapped) -> bool {
        match tapped {
            Tapped::Partial { .. }
            | Tapped::Segment { .. }
            | Tapped::Missed { .. }
            | Tapped::Connected
            | Tapped::Flawed { .. } => self.open.contains_key(&tap),
            Tapped::Recorded { .. }
            | Tapped::Understood { .. }
            | Tapped::Disconnected
            | Tapped::Failed { .. } => self.open.remove(&tap).is_some(),
        }
    }

    /// The newest stream, and the leg that hears it.
    pub(super) fn newest_stream(&self) -> Option<(TapId, Option<MediaId>)> {
        self.open.iter().rev().find_map(|(tap, open)| match &open.purpose {
            Purpose::Stream(streaming) => Some((*tap, streaming.speaks)),
            Purpose::Record(_) | Purpose::Recognise(_) => None,
        })
    }

    /// The far end of that leg begins to say this: what is understood at once, and whether it is told that it
    /// speaks.
    pub(super) fn say(&mut self, now: Instant, media: MediaId, words: &str) -> (Vec<Coming>, bool) {
        self.speaks.insert(media);
        let mut coming = Vec::new();
        for (tap, open) in &mut self.open {
            let Purpose::Recognise(recognition) = &open.purpose else { continue };
            if !open.gets(media, &self.hears) {
                continue;
            }
            open.words.push(words.to_owned());
            open.said.get_or_insert(now);
            coming.extend(partial(*tap, recognition, &open.words));
        }
        (coming, self.heard.contains(&media))
    }

    /// It stops: what is understood of it by then, and whether that it stops is told.
    pub(super) fn hush(&mut self, now: Instant, media: MediaId) -> (Vec<Coming>, bool) {
        let mut coming = Vec::new();
        for (tap, open) in &mut self.open {
            let Purpose::Recognise(recognition) = &open.purpose else { continue };
            let Some(silence) = recognition.utterances else { continue };
            let after = silence + self.recogniser.takes;
            if open.gets(media, &self.hears)
                && let Some(tapped) = open.utterance(self.recogniser, now + after)
            {
                open.thinks_until = Some(now + after);
                coming.push((after, *tap, tapped));
            }
        }
        (coming, self.speaks.remove(&media) && self.heard.contains(&media))
    }
}

impl World {
    /// Somebody says something for a while, and is understood.
    pub fn say(&mut self, who: usize, words: &str, time: Duration) {
        let Some(phone) = self.phones.get(who) else { return };
        let name = phone.config().name.clone();
        let call_id = phone.call_id().unwrap_or_default();
        let is_it = |leg: &Leg<'_>| leg.sip_call_id == call_id && leg.is_answered;
        let media = self.legs().into_iter().find(is_it).and_then(|leg| leg.media);
        self.ladder.row(self.clock.elapsed(), &name, &What::Sent(format!("\"{words}\"")));
        let Some(media) = media else { return };
        let (coming, is_heard) = self.taps.say(self.clock.mono(), media, words);
        self.will_come(coming);
        self.outside.push((self.clock.mono() + time, Outside::Hushed(media)));
        if is_heard {
            self.input(Input::Media { media, event: Event::Voice(true) });
        }
    }

    /// Somebody takes what a tap will give.
    pub(super) fn open_tap(&mut self, tap: TapId, purpose: Purpose) {
        let text = match &purpose {
            Purpose::Recognise(recognition) => {
                self.app.is_shown("speech").then(|| shown(recognition))
            }
            Purpose::Record(recording) => {
                self.app.is_shown("recordings").then(|| written(recording))
            }
            Purpose::Stream(streaming) => {
                self.show_stream(streaming);
                None
            }
        };
        if let Some(text) = text {
            self.ladder.text(self.clock.elapsed(), text);
        }
        self.taps.open(tap, purpose);
    }

    /// A media thread is ordered something.
    pub(super) fn order_taps(&mut self, media: MediaId, command: &Command) {
        let now = self.clock.mono();
        let (coming, is_heard) = self.taps.order(now, media, command);
        self.will_come(coming);
        if is_heard {
            self.voices.push(media);
        }
    }

    /// A room is ordered something.
    pub(super) fn order_room_taps(&mut self, room: RoomId, command: &RoomCommand) {
        let coming = self.taps.order_room(self.clock.mono(), room, command);
        self.will_come(coming);
    }

    fn will_come(&mut self, coming: Vec<Coming>) {
        let now = self.clock.mono();
        let coming = coming.into_iter();
        self.outside
            .extend(coming.map(|(after, tap, tapped)| (now + after, Outside::Tapped(tap, tapped))));
    }

    /// Those are heard from now on, and speak already.
    pub(super) fn tell_voices(&mut self) {
        for media in std::mem::take(&mut self.voices) {
            self.input(Input::Media { media, event: Event::Voice(true) });
        }
    }

    /// Something outside is there, or has happened.
    pub(super) fn happened(&mut self, outside: Outside) {
        let input = match outside {
            Outside::Resolved(id, targets) => Input::Resolved { id, targets },
            Outside::FlowFailed(flow) => Input::FlowFailed(flow),
            Outside::SourceReady(id) => Input::SourceReady { id },
            Outside::SourceFailed(id) => {
                Input::SourceFailed { id, code: 11200, text: "404".to_owned() }
            }
            Outside::Tapped(tap, tapped) => {
                if !self.taps.is_awaited(tap, &tapped) {
                    return;
                }
                Input::Tapped { tap, tapped }
            }
            Outside::Relayed(id, event) => {
                if !self.relays.is_awaited(id, &event) {
                    return;
                }
                Input::Relayed { id, event }
            }
            Outside::Hushed(media) => {
                let (coming, is_told) = self.taps.hush(self.clock.mono(), media);
                self.will_come(coming);
                if !is_told {
                    return;
                }
                Input::Media { media, event: Event::Voice(false) }
            }
        };
        self.input(input);
    }
}

/// The ladder's words for how speech is to be understood.
fn shown(recognition: &Recognition) -> String {
    let Recognition {
        language, hints, speech_model, profanity_filter, partial, utterances, ..
    } = recognition;
    let Recognition { provider, settings, .. } = recognition;
    // That of who does not say.
    let is_usual = matches!(provider.as_str(), "" | "google");
    let provider = if is_usual { String::new() } else { format!(" of {provider}") };
    let settings = settings.iter().map(|(name, value)| format!(", {name}={value}"));
    let settings: String = settings.collect();
    let hints = if hints.is_empty() { String::new() } else { format!(", hints {hints}") };
    let profanity = if *profanity_filter { "" } else { ", unfiltered" };
    let partial = if *partial { ", in parts" } else { "" };
    let each = utterances.map(|silence| format!(", one by one after {} ms", silence.as_millis()));
    let each = each.unwrap_or_default();
    format!(
        "understood in {language} by {speech_model}{provider}{hints}{settings}{profanity}{partial}{each}"
    )
}

/// And for how a recording is written.
fn written(recording: &Recording) -> String {
    let channels = if recording.channels == 1 { "one channel" } else { "two channels" };
    format!("{channels}, {}", if recording.trim { "trimmed" } else { "as long as it is" })
}

impl Open {
    /// What that leg says is heard there.
    fn gets(&self, media: MediaId, hears: &BTreeMap<MediaId, MediaId>) -> bool {
        let is_said = self.media == Some(media);
        let is_heard = self.media.is_some_and(|of| hears.get(&of) == Some(&media));
        match self.side {
            Side::Inbound => is_said,
            Side::Outbound => is_heard,
            Side::Mixed | Side::Dual => is_said || is_heard,
        }
    }

    /// What comes of the utterance that has ended, if there is one; told then.
    fn utterance(&mut self, recogniser: Recogniser, told: Instant) -> Option<Tapped> {
        let age = self.said.take().map_or(Duration::ZERO, |said| told - said);
        let words = std::mem::take(&mut self.words).join(" ");
        if words.is_empty() {
            return None;
        }
        if recogniser.fails {
            self.failures += 1;
            let (code, text) = broken();
            let is_hopeless = self.failures >= FAILURES_MAX;
            let missed = Tapped::Missed { code, text: text.clone() };
            return Some(if is_hopeless { Tapped::Failed { code, text } } else { missed });
        }
        if recogniser.is_deaf {
            return None;
        }
        self.failures = 0;
        Some(Tapped::Segment { text: words, confidence: CONFIDENCE, age })
    }

    fn is_recorded(&self) -> bool {
        matches!(self.purpose, Purpose::Record(_))
    }
}

/// What a recogniser says that fails.
fn broken() -> (u32, String) {
    (13340, "the recogniser is broken".to_owned())
}

/// What a recorder says that can not go on.
fn full() -> Tapped {
    Tapped::Failed { code: 91345, text: "the disk is full".to_owned() }
}

impl Recogniser {
    fn understand(self, text: String) -> Tapped {
        if self.fails {
            let (code, text) = broken();
            return Tapped::Failed { code, text };
        }
        if self.is_deaf || text.is_empty() {
            return Tapped::Understood { text: String::new(), confidence: 0 };
        }
        Tapped::Understood { text, confidence: CONFIDENCE }
    }
}

/// What is understood so far, if that is wanted: the last word may still change.
fn partial(tap: TapId, recognition: &Recognition, words: &[String]) -> Option<Coming> {
    let all = words.join(" ");
    let (stable, unstable) = all.rsplit_once(' ').unwrap_or(("", &all));
    let (stable, unstable) = (stable.to_owned(), unstable.to_owned());
    let partial = Tapped::Partial { stable, unstable };
    recognition.partial.then(|| (Duration::from_millis(100), tap, partial))
}
