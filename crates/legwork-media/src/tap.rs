//! What is listened for on a leg: taps, which give its sound away, and what is heard in it.
//!
//! Not here: the machine that listens (`plane`), the detectors (`detect`).
//! Source: Twilio, "TwiML Voice: Record", "Answering Machine Detection".

use std::time::Duration;

use crate::sound::Rate;

/// Names a tap: a recording, a recogniser, a stream. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TapId(pub u64);

/// What a tap gives away, from the order on: every 20 ms of it, silence where nothing is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Which of the leg's two ways.
    pub side: Side,
    /// At which rate.
    pub rate: Rate,
    /// In pieces of so many frames, more where the thread was late: at least 1, at most 10.
    pub frames: u8,
}

impl Tap {
    /// In pieces of 200 ms: for who writes down or understands.
    pub const fn new(side: Side, rate: Rate) -> Self {
        Self { side, rate, frames: 10 }
    }

    /// In pieces of 20 ms: for who answers at once.
    #[must_use]
    pub const fn by_frame(self) -> Self {
        Self { frames: 1, ..self }
    }
}

/// What somebody who listens to a leg's tap says to it, heard while the leg is fed that
/// (`Feed::Live`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// Sound in G.711 µ-law, behind what is there: at most 20 minutes wait, the rest is lost.
    Sound(Box<[u8]>),
    /// It is to be told when all that came before has been heard (`TapPiece::Mark`).
    Mark(u64),
    /// What has not been heard yet is forgotten; its marks are told.
    Clear,
}

/// Which of a leg's two ways is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What the peer says.
    Inbound,
    /// What the peer hears.
    Outbound,
    /// Both in one channel.
    Mixed,
    /// Both, samples in turn: inbound, outbound.
    Dual,
}

impl Side {
    /// Channels of what it gives.
    pub const fn channels(self) -> u16 {
        match self {
            Self::Inbound | Self::Outbound | Self::Mixed => 1,
            Self::Dual => 2,
        }
    }
}

/// What comes of a tap, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapPiece<'a> {
    /// Samples; of two channels in turn.
    Samples(&'a [i16]),
    /// All that was said to its leg before that mark was heard, or cleared.
    Mark(u64),
    /// That was all.
    End,
}

/// What is to be told of what a leg says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hearing {
    /// Keys in its sound (`Event::Digit`), if it knows no telephone-events.
    pub keys: bool,
    /// When it begins to speak, and when it stops (`Event::Voice`).
    pub voice: bool,
    /// Who answered (`Event::Answerer`).
    pub machine: Option<Machine>,
}

impl Hearing {
    /// Nothing is to be told.
    pub fn is_nothing(&self) -> bool {
        !self.keys && !self.voice && self.machine.is_none()
    }
}

/// How to tell a human from a machine: the attributes `machineDetection…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// `DetectMessageEnd`: a machine is told at the end of its greeting, not at the beginning.
    pub until_end: bool,
    /// After this the answerer is unknown: 3–60 s, 30 s.
    pub timeout: Duration,
    /// So much speech is a machine's: 1–6 s, 2.4 s.
    pub speech: Duration,
    /// So much silence behind speech is its end: 0.5–5 s, 1.2 s.
    pub speech_end: Duration,
    /// So much first silence: unknown: 2–10 s, 5 s.
    pub silence: Duration,
}

/// Who answered: `AnsweredBy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerer {
    /// `human`.
    Human,
    /// `machine_start`.
    MachineStart,
    /// `machine_end_beep`.
    MachineEndBeep,
    /// `machine_end_silence`.
    MachineEndSilence,
    /// `machine_end_other`.
    MachineEndOther,
    /// `fax`.
    Fax,
    /// `unknown`.
    Unknown,
}

impl Answerer {
    /// The value of `AnsweredBy`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::MachineStart => "machine_start",
            Self::MachineEndBeep => "machine_end_beep",
            Self::MachineEndSilence => "machine_end_silence",
            Self::MachineEndOther => "machine_end_other",
            Self::Fax => "fax",
            Self::Unknown => "unknown",
        }
    }
}
