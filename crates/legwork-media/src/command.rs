//! What the call engine orders of a media thread, and what it hears back.
//!
//! Not here: the machine that obeys (`plane`).

use std::time::Duration;

use crate::offer_answer::Agreed;
use crate::tap::{Answerer, Hearing, Live, Tap, TapId};
use crate::tone::RingTone;

/// One leg's media: a pair of ports (RTP on the even one, RTCP on the next) of one media thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaId {
    /// Which media thread owns the ports: the leg's home, wherever it has moved.
    pub thread: u8,
    /// The even port: RTP.
    pub port: u16,
    /// Which use of this pair since start: orders and events of an earlier use are ignored.
    pub lease: u32,
}

/// Audio that was prepared by the shell: speech or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u64);

impl SourceId {
    /// The beep before a recording: always there, 1400 Hz for a quarter of a second.
    pub const BEEP: Self = Self(u64::MAX);

    /// The beep when somebody leaves a room: always there, 700 Hz for 150 ms.
    pub const BEEP_OUT: Self = Self(u64::MAX - 1);

    /// One of the beeps.
    pub const fn is_beep(self) -> bool {
        self.0 >= Self::BEEP_OUT.0
    }
}

/// A room on one media thread: whoever speaks in it is heard by all who hear it. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u64);

/// Where what a leg says goes, beside the leg that hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speech {
    /// Into that room.
    pub room: RoomId,
    /// This leg alone hears it there: a coach's. None: all.
    pub only: Option<MediaId>,
    /// How deep its jitter buffer is at least meanwhile.
    pub jitter: JitterSize,
}

/// The least depth of a jitter buffer, which follows the network from there on: `jitterBufferSize`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JitterSize {
    /// As anywhere else: what the network needs.
    Off,
    /// 20 ms.
    Small,
    /// 40 ms.
    Medium,
    /// 60 ms.
    #[default]
    Large,
}

impl JitterSize {
    /// The depth.
    pub const fn depth(self) -> Duration {
        Duration::from_millis(match self {
            Self::Off => 0,
            Self::Small => 20,
            Self::Medium => 40,
            Self::Large => 60,
        })
    }
}

/// An order to a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomCommand {
    /// It is there from now on: legs may speak in it and hear it.
    Open,
    /// All who hear it hear this prepared source, so many times over, beside who speaks; 0 is for ever.
    /// After what is played there already; a beep after other beeps, beside that. `RoomEvent::Played`
    /// at its end.
    Play(SourceId, u32),
    /// Its sound is given away from now on: what one hears there who says nothing. `side` is ignored.
    Tap(TapId, Tap),
    /// While held, a tap gives silence.
    HoldTap(TapId, bool),
    /// The tap is over.
    Untap(TapId),
    /// It is told who speaks there (`RoomEvent::Speaks`), or not.
    Watch(bool),
    /// It is over, its taps with it: who still hears it hears silence.
    Close,
}

/// What a media thread tells of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomEvent {
    /// The source has been heard to its end, all times over.
    Played(SourceId),
    /// That leg began to speak there, or stopped.
    Speaks(MediaId, bool),
}

/// What a leg is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// Nothing at all.
    Nothing,
    /// Silence, 20 ms packets of it.
    Silence,
    /// What that leg sends us; its own id: an echo. The other way needs an order of its own.
    Leg(MediaId),
    /// A prepared source, so many times over; 0 is for ever. `Event::Played` at its end.
    Source(SourceId, u32),
    /// A country's ringing tone.
    Ringback(RingTone),
    /// Hold music.
    HoldMusic,
    /// What is said in a room, but for what it says there itself.
    Room(RoomId),
    /// What is said to it by who listens to that tap; silence where nothing is.
    Live(TapId),
    /// One way of that leg, beside whoever hears it; silence where that is not on this thread.
    Copy(MediaId, Track),
}

/// One way of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// What its peer says.
    Inbound,
    /// What its peer hears.
    Outbound,
}

/// An order to one leg's media.
#[derive(Clone, Debug)]
pub enum Command {
    /// The ports are in use from now on. Sends nothing until `Agree`d and fed.
    Open,
    /// What both sides agreed on, at first or anew. Keeps SSRC, sequence and timestamps going.
    Agree(Box<Agreed>),
    /// What the leg is sent from now on.
    Feed(Feed),
    /// Presses keys towards the leg, after those under way: `0-9*#A-D`, and `w`, half a second of
    /// nothing; at most 512. Telephone-events, or tones if it knows none. What it is fed waits
    /// meanwhile. None: those that wait are forgotten. `Event::DigitsSent` at the end.
    SendDigits(Box<[u8]>),
    /// Its sound is given away from now on, beside whatever it is fed.
    Tap(TapId, Tap),
    /// While held, a tap gives silence.
    HoldTap(TapId, bool),
    /// The tap is over: what it has is given away, then its end is told to whom it was given.
    Untap(TapId),
    /// What it says goes into a room from now on; none: into none any more.
    Speak(Option<Speech>),
    /// What is to be told of what it says; all of it, what was ordered before is over.
    Hear(Box<Hearing>),
    /// It lives on that media thread from now on, with everything it has: whom it is to hear is there.
    /// Orders to it go the same way as before.
    Move(u8),
    /// The leg is over, its taps with it. `Event::Closed` gives the ports back.
    Close,
    /// Who listens to that tap says something, if the leg is fed that.
    Live(TapId, Live),
}

/// What a media thread tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The leg pressed a key (RFC 4733, or in band): one of `0-9*#A-D`. Once per press, at its start.
    Digit(u8),
    /// All keys have been pressed.
    DigitsSent,
    /// The source has been heard to its end, all times over.
    Played(SourceId),
    /// It began to speak 60 ms ago, or stopped 200 ms ago.
    Voice(bool),
    /// Who answered. Once.
    Answerer(Answerer),
    /// The ports are free again.
    Closed,
}
