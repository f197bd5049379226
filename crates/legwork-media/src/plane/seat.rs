//! One leg in a room: whether what it says is heard there, and how long it is spoken to alone.
//!
//! Not here: the room and its mix (`plane::room`), what the leg sends (`plane::listener`).

use super::listener::Listener;
use super::room::Room;
use super::strand::Strand;
use crate::command::{Event, MediaId, RoomId, Speech};
use crate::detect::Listening;
use crate::offer_answer::Codec;
use crate::sound::{Frame, Rate};
use crate::tap::Hearing;

/// A mean below this is no sound but the line's own noise: −56 dB of full scale. A room of a hundred
/// would add it up.
const NOISE: i32 = 50;

/// Ticks for which that is heard behind sound nevertheless: half a second, so that nobody hears a
/// pause between two words.
const HEARD_ON: u8 = 25;

/// Ticks of silence behind speech that are no end of it yet, beside those of the detector: 1 s
/// together, so that pauses between words are not told.
const SPEAKS_ON: u8 = 40;

/// Ticks behind the last sound of its own for which a leg is spoken to alone: 1 s. Then what it and
/// the others hear has been the same for long enough for their encoders to be, too.
const ALONE: u8 = 50;

/// The same where an encoder remembers long: 3 s.
const ALONE_OPUS: u8 = 150;

/// Where a leg speaks, and hears.
#[derive(Debug, Default)]
pub(super) struct Seat {
    pub(super) speech: Option<Speech>,
    strand: Strand,
    /// Ticks for which it is heard whatever it says.
    heard_on: u8,
    /// What of that room's mix is its own in these 20 ms.
    own: Option<(RoomId, Frame)>,
    /// Ticks for which it is spoken to alone, as far as these are counted.
    alone: u8,
    watch: Option<Box<Watch>>,
}

/// Whether it speaks, where somebody wants to know.
#[derive(Debug)]
struct Watch {
    listening: Listening,
    /// As the detector hears it, and as was told.
    speaks: bool,
    is_told: bool,
    /// Ticks since the detector heard the end.
    ended: u8,
}

impl Seat {
    /// It speaks elsewhere from now on, or nowhere.
    pub(super) fn take(&mut self, speech: Option<Speech>) {
        self.speech = speech;
        // It has faded there; or that room was closed before, and what was left of it is over.
        self.strand = Strand::default();
        self.heard_on = 0;
    }

    /// It has come from another thread: what was there is not here.
    pub(super) fn arrive(&mut self) {
        self.strand = Strand::default();
        (self.own, self.alone, self.heard_on) = (None, 0, 0);
    }

    /// What its leg said in 20 ms is heard in its room.
    pub(super) fn speak(&mut self, id: MediaId, listener: Option<&Listener>, room: &mut Room) {
        let Some(Speech { only, .. }) = self.speech else { return };
        if room.is_watched {
            let silence = Frame::silent(Rate::Narrow);
            let frame = listener.map_or(&silence, |listener| &listener.frame);
            let watch = self.watch.get_or_insert_with(|| Box::new(Watch::new()));
            if let Some(speaks) = watch.hear(frame) {
                room.tell_speaks(id, speaks);
            }
        } else {
            self.watch = None;
        }
        let Some(listener) = listener else { return self.end(room) };
        if listener.is_said && loud(&listener.frame) {
            self.heard_on = HEARD_ON;
        }
        if self.heard_on == 0 {
            return self.end(room);
        }
        self.heard_on -= 1;
        if !room.has_place() {
            self.strand.cut();
            return self.end(room);
        }
        let frame = self.strand.next(&listener.frame);
        room.say(only, frame);
        if only.is_none() {
            owns(&mut self.own, room.id, frame);
        }
    }

    /// It is heard no more in that room, or not for now: its last sound fades.
    pub(super) fn end(&mut self, room: &mut Room) {
        let (Some(Speech { only, .. }), Some(tail)) = (self.speech, self.strand.end()) else {
            return;
        };
        room.say(only, &tail);
        if only.is_none() {
            owns(&mut self.own, room.id, &tail);
        }
    }

    /// It speaks no more in that room: who watches is told.
    pub(super) fn leave(&mut self, id: MediaId, room: &mut Room) {
        self.end(room);
        if self.watch.take().is_some_and(|watch| watch.is_told) {
            room.tell_speaks(id, false);
        }
    }

    /// What of a room's mix is its own.
    pub(super) fn own(&self, room: RoomId) -> Option<&Frame> {
        self.own.as_ref().filter(|(of, _)| *of == room).map(|(_, frame)| frame)
    }

    /// These 20 ms are for it alone, as it begins to hear the room, speaks itself, is whispered to,
    /// or did a moment ago. `is_new`: one of these.
    pub(super) fn is_alone(&mut self, is_new: bool, codec: Codec) -> bool {
        let lasts = match codec {
            Codec::Pcmu | Codec::Pcma | Codec::G722 => ALONE,
            Codec::Opus => ALONE_OPUS,
        };
        self.alone = if is_new { lasts } else { self.alone.min(lasts).saturating_sub(1) };
        self.alone > 0
    }

    /// The 20 ms are over.
    pub(super) fn forget_own(&mut self) {
        self.own = None;
    }
}

impl Watch {
    fn new() -> Self {
        let hearing = Hearing { keys: false, voice: true, machine: None };
        Self { listening: Listening::new(&hearing), speaks: false, is_told: false, ended: 0 }
    }

    /// The next 20 ms; what is to be told.
    fn hear(&mut self, frame: &Frame) -> Option<bool> {
        let speaks = &mut self.speaks;
        self.listening.hear(frame, &mut |event| match event {
            Event::Voice(is_on) => *speaks = is_on,
            Event::Digit(_)
            | Event::DigitsSent
            | Event::Played(_)
            | Event::Answerer(_)
            | Event::Closed => {}
        });
        self.ended = if self.speaks { 0 } else { self.ended.saturating_add(1) };
        let is_other = match self.is_told {
            false => self.speaks,
            true => self.ended > SPEAKS_ON,
        };
        is_other.then(|| {
            self.is_told = !self.is_told;
            self.is_told
        })
    }
}

/// More than noise.
fn loud(frame: &Frame) -> bool {
    let samples = frame.samples();
    let sum: i32 = samples.iter().map(|sample| i32::from(*sample).abs()).sum();
    sum >= NOISE * samples.len() as i32
}

/// Of that room's mix this is its own, too.
fn owns(own: &mut Option<(RoomId, Frame)>, room: RoomId, frame: &Frame) {
    match own.as_mut().filter(|(of, _)| *of == room) {
        // The end of what it said, and its next beginning: each 5 ms, faded.
        Some((_, own)) => {
            for (own, sample) in own.samples_mut().iter_mut().zip(frame.samples()) {
                *own = own.saturating_add(*sample);
            }
        }
        None => *own = Some((room, *frame)),
    }
}
