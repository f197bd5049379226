//! One stream's packets in the order and at the pace of their sound, whatever the network did.
//!
//! Not here: what the packets sound like (`codec`), whose they are (`plane`).
//! Source: RFC 3550 §6.4.1 and A.1. The way of it is the usual one: a packet is played so long after
//! it could have come at its earliest as the later ones need; the depth follows the delays of the
//! last eight seconds, at moments when nobody hears it.

mod delays;

use std::time::{Duration, Instant};

use crate::limit;
use crate::offer_answer::Codec;
use crate::rtp::Header;
use delays::Delays;

/// Packets held: 640 ms of the shortest.
const SLOTS: usize = 64;

/// Room for payloads is taken in pieces of so many bytes.
const ROOM: usize = 256;

/// A tick, µs.
const TICK: i64 = 20_000;

/// From here on a step in time is a pause of the sender, µs.
const PAUSE: i64 = 10_000;

/// Ticks in a row that are concealed; then it is silence.
const CONCEALED: u32 = 3;

/// How much shallower than needed the depth may be, and how much deeper beyond a packet, µs.
const SHALLOW: i64 = 5000;
const DEEP: i64 = 10_000;

/// So much deeper than needed, and nobody is asked whether it is heard, µs.
const MUCH_TOO_DEEP: i64 = 100_000;

/// How far timestamps may stray from the time that passed before it is another stream, µs.
const STRAY_MAX: i64 = 1_000_000;

/// Packets this far behind the newest are late, not another stream: 5 s of them.
const LATE: i64 = 250;

/// Where nothing newer comes for this long, its sender has begun to count anew, µs.
const ANEW: i64 = 200_000;

/// A stream that was left is not listened to for this long: its last packets may be late, µs.
const FORMER: i64 = 500_000;

/// What a packet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Sound.
    Sound(Codec),
    /// What silence sounds like until there is sound again (RFC 3389).
    Noise,
    /// Nothing to be heard: a key.
    Event,
}

/// What the next tick needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull<'a> {
    /// To be decoded and heard.
    Sound(Codec, &'a [u8]),
    /// To be decoded, but not heard: the buffer has got too deep.
    Surplus(Codec, &'a [u8]),
    /// What silence sounds like from now on.
    Noise(&'a [u8]),
    /// So much is missing, 20 ms at most; the payload behind it, if it is here already.
    Lost(Duration, Option<&'a [u8]>),
    /// 20 ms to be filled, nothing is missing: the buffer has to get deeper.
    Stretch,
    /// 20 ms in which the sender said nothing.
    Nothing,
}

/// The buffer: 64 packets at most, no memory taken once each place was used.
#[derive(Clone, Debug)]
pub struct Jitter {
    clock_hz: u32,
    since: Instant,
    slots: Vec<Slot>,
    n_filled: usize,
    newest: Option<Newest>,
    /// The stream before this one, and when it was left, µs.
    former: Option<(u32, i64)>,
    delays: Delays,
    playing: Playing,
}

/// Where the sound is.
#[derive(Clone, Copy, Debug, Default)]
struct Playing {
    is_on: bool,
    /// The next packet, and the time of what is next, µs.
    number: i64,
    time: i64,
    /// The sender may well have paused: nothing is missing.
    is_calm: bool,
    /// Ticks in a row that were concealed.
    n_concealed: u32,
    /// Of those, for packets that had not come.
    n_owed: u32,
    /// When a packet was last left out, µs.
    left_out: i64,
}

#[derive(Clone, Debug)]
struct Slot {
    /// None: it is empty.
    content: Option<Content>,
    number: i64,
    /// Its beginning, µs of the sender, and how long it lasts.
    time: i64,
    lasts: i64,
    payload: Vec<u8>,
}

/// The newest packet; numbers and times go on over every change of the stream.
#[derive(Clone, Copy, Debug)]
struct Newest {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    number: i64,
    time: i64,
    lasts: i64,
    arrived: i64,
}

enum Step {
    Sound(Codec, usize),
    Surplus(Codec, usize),
    Noise(usize),
    Lost(i64),
    Stretch,
    Nothing,
}

impl Jitter {
    /// An empty buffer, for timestamps of this rate.
    pub fn new(now: Instant, clock_hz: u32) -> Self {
        let slot = || Slot { content: None, number: 0, time: 0, lasts: 0, payload: Vec::new() };
        Self {
            clock_hz,
            since: now,
            slots: std::iter::repeat_with(slot).take(SLOTS).collect(),
            n_filled: 0,
            newest: None,
            former: None,
            delays: Delays::default(),
            playing: Playing::default(),
        }
    }

    /// Timestamps count in this rate from now on.
    pub fn set_clock(&mut self, clock_hz: u32) {
        if self.clock_hz != clock_hz {
            self.clock_hz = clock_hz;
            // The next packet begins a stream, whatever its SSRC.
            self.newest = self.newest.map(|newest| Newest { ssrc: !newest.ssrc, ..newest });
            self.former = None;
        }
    }

    /// It is at least this deep from now on, and gets deeper as the network needs it.
    pub fn set_floor(&mut self, depth: Duration) {
        self.delays.set_floor(i64::try_from(depth.as_micros()).unwrap_or(i64::MAX));
    }

    /// How long behind its earliest arrival a packet is to be played: 20–200 ms.
    pub fn depth(&self) -> Duration {
        Duration::from_micros(self.delays.depth().unsigned_abs())
    }

    /// A packet arrived.
    pub fn put(&mut self, at: Instant, header: &Header, content: Content, payload: &[u8]) {
        let at = self.micros(at);
        let lasts = lasts(content, payload);
        // Sound that lasts no time is none.
        let content =
            if lasts == 0 && content != Content::Noise { Content::Event } else { content };
        let Some((number, time)) = self.place(at, header, lasts) else { return };
        if matches!(content, Content::Sound(_)) {
            self.delays.note(at, at - time);
        }
        if number < self.playing.number || payload.len() > limit::PACKET_BYTES {
            return;
        }
        self.make_room(number);
        let Some(slot) = self.slots.get_mut(index(number)) else { return };
        if slot.content.is_some() {
            return;
        }
        (slot.content, slot.number, slot.time, slot.lasts) = (Some(content), number, time, lasts);
        slot.payload.clear();
        // Payloads of one codec may differ in length: room for all of them at once.
        slot.payload.reserve_exact(payload.len().next_multiple_of(ROOM));
        slot.payload.extend_from_slice(payload);
        self.n_filled += 1;
    }

    /// What is to be heard at this time, up to 20 ms or a packet of it; ask again until there is
    /// enough. `is_quiet`: what was heard last was hardly audible.
    pub fn pull(&mut self, at: Instant, is_quiet: bool) -> Pull<'_> {
        let at = self.micros(at);
        let step = self.step(at, is_quiet);
        // A place emptied a moment ago still holds what was in it.
        let payload =
            |index: usize| self.slots.get(index).map_or(&[][..], |slot| slot.payload.as_slice());
        match step {
            Step::Sound(codec, index) => Pull::Sound(codec, payload(index)),
            Step::Surplus(codec, index) => Pull::Surplus(codec, payload(index)),
            Step::Noise(index) => Pull::Noise(payload(index)),
            Step::Lost(lasts) => {
                let next = self.directly_next().map(payload);
                Pull::Lost(Duration::from_micros(lasts.unsigned_abs()), next)
            }
            Step::Stretch => Pull::Stretch,
            Step::Nothing => Pull::Nothing,
        }
    }

    fn step(&mut self, at: i64, is_quiet: bool) -> Step {
        loop {
            let Some(index) = self.first() else { return self.dry() };
            let Some(slot) = self.slots.get_mut(index) else { return Step::Nothing };
            match slot.content {
                Some(Content::Sound(codec)) => {
                    let (number, time, lasts) = (slot.number, slot.time, slot.lasts);
                    return self.sound(at, is_quiet, codec, (number, time, lasts));
                }
                Some(Content::Noise) => {
                    self.take_out(index);
                    self.playing.is_calm = true;
                    return Step::Noise(index);
                }
                Some(Content::Event) | None => {
                    self.take_out(index);
                    self.playing.is_calm = true;
                }
            }
        }
    }

    /// The first packet there is has sound.
    fn sound(
        &mut self,
        at: i64,
        is_quiet: bool,
        codec: Codec,
        (number, time, lasts): (i64, i64, i64),
    ) -> Step {
        let delay = at - time - self.delays.least();
        let depth = self.delays.depth();
        let playing = &mut self.playing;
        let gap = time - playing.time;
        let is_missing = playing.is_on && !playing.is_calm && number != playing.number;
        if is_missing && gap >= PAUSE {
            // Enough was put in its place while it might still have come.
            let is_made_up = playing.n_owed > 0 && delay >= depth;
            if !is_made_up && playing.n_concealed < CONCEALED {
                playing.n_concealed += 1;
                let lost = gap.min(TICK);
                playing.time += lost;
                return Step::Lost(lost);
            }
            playing.is_calm = true;
        }
        let is_behind_pause = !playing.is_on || gap >= PAUSE;
        if is_behind_pause && delay < depth {
            return Step::Nothing;
        }
        if !is_behind_pause && is_quiet && delay + SHALLOW < depth {
            return Step::Stretch;
        }
        let too_deep = delay - depth - lasts.max(TICK) - DEEP;
        // All may come later than it did: then nothing waits, and there is nothing to be made up for.
        let waiting = self.newest.map_or(0, |it| it.time + it.lasts - time - lasts);
        let may_leave_out = is_quiet && waiting >= lasts.max(TICK)
            || too_deep > MUCH_TOO_DEEP && waiting > MUCH_TOO_DEEP;
        *playing = Playing {
            is_on: true,
            number,
            time,
            is_calm: false,
            n_concealed: 0,
            n_owed: 0,
            left_out: playing.left_out,
        };
        self.take_out(index(number));
        self.playing.time = time + lasts;
        if !is_behind_pause && too_deep >= 0 && may_leave_out && self.playing.left_out != at {
            self.playing.left_out = at;
            return Step::Surplus(codec, index(number));
        }
        Step::Sound(codec, index(number))
    }

    /// There is nothing. It may be late: then the sound is stretched until it comes.
    fn dry(&mut self) -> Step {
        let playing = &mut self.playing;
        if !playing.is_on || playing.is_calm || playing.n_concealed == CONCEALED {
            playing.is_on = false;
            return Step::Nothing;
        }
        playing.n_concealed += 1;
        playing.n_owed += 1;
        Step::Lost(TICK)
    }

    /// The place of the packet that follows without a gap.
    fn directly_next(&self) -> Option<usize> {
        let index = self.first()?;
        let slot = self.slots.get(index)?;
        (slot.time - self.playing.time < PAUSE).then_some(index)
    }

    /// The place of the first packet at or behind the one that is next.
    fn first(&self) -> Option<usize> {
        if self.n_filled == 0 {
            return None;
        }
        (0..SLOTS as i64).find_map(|n| self.filled(self.playing.number + n))
    }

    /// The place of this packet, if it is here.
    fn filled(&self, number: i64) -> Option<usize> {
        let slot = self.slots.get(index(number))?;
        (slot.content.is_some() && slot.number == number).then_some(index(number))
    }

    fn take_out(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        if slot.content.take().is_some() {
            self.n_filled -= 1;
            self.playing.number = slot.number + 1;
        }
    }

    /// Nobody may have asked for long: the oldest go.
    fn make_room(&mut self, number: i64) {
        let oldest = number - SLOTS as i64 + 1;
        if self.playing.number >= oldest {
            return;
        }
        for slot in &mut self.slots {
            if slot.number < oldest && slot.content.take().is_some() {
                self.n_filled -= 1;
            }
        }
        self.playing.number = oldest;
    }

    /// A packet's number and time; none: it is of a stream that was left.
    fn place(&mut self, at: i64, header: &Header, lasts: i64) -> Option<(i64, i64)> {
        let Some(newest) = self.newest else {
            self.newest = Some(Newest {
                ssrc: header.ssrc,
                sequence: header.sequence,
                timestamp: header.timestamp,
                number: 0,
                time: 0,
                lasts,
                arrived: at,
            });
            return Some((0, 0));
        };
        let ahead = i64::from(header.sequence.wrapping_sub(newest.sequence).cast_signed());
        let step = i64::from(header.timestamp.wrapping_sub(newest.timestamp).cast_signed());
        let step = step * 1_000_000 / i64::from(self.clock_hz.max(1));
        let passed = at - newest.arrived;
        let strays = (step - passed).abs() > STRAY_MAX;
        if header.ssrc == newest.ssrc && ahead.abs() < SLOTS as i64 && !strays {
            let (number, time) = (newest.number + ahead, newest.time + step);
            if ahead > 0 {
                self.note(at, header, (number, time, lasts));
            }
            return Some((number, time));
        }
        // Of this stream, but so late that it looks like another.
        let is_behind = step < 0 && (-LATE..0).contains(&ahead) && passed < ANEW;
        if header.ssrc == newest.ssrc && is_behind {
            return None;
        }
        let is_former = |(ssrc, left)| ssrc == header.ssrc && at - left < FORMER;
        if self.former.is_some_and(is_former) {
            return None;
        }
        // Another stream goes on where this one was.
        if header.ssrc != newest.ssrc {
            self.former = Some((newest.ssrc, at));
        }
        let (number, time) = (newest.number + 1, newest.time + passed.max(newest.lasts));
        self.note(at, header, (number, time, lasts));
        Some((number, time))
    }

    fn note(&mut self, at: i64, header: &Header, (number, time, lasts): (i64, i64, i64)) {
        self.newest = Some(Newest {
            ssrc: header.ssrc,
            sequence: header.sequence,
            timestamp: header.timestamp,
            number,
            time,
            lasts,
            arrived: at,
        });
    }

    fn micros(&self, at: Instant) -> i64 {
        i64::try_from(at.saturating_duration_since(self.since).as_micros()).unwrap_or(i64::MAX)
    }
}

/// The place of a number.
fn index(number: i64) -> usize {
    (number & (SLOTS as i64 - 1)) as usize
}

/// How long a payload lasts, µs.
fn lasts(content: Content, payload: &[u8]) -> i64 {
    let bytes = payload.len() as i64;
    let lasts = match content {
        Content::Sound(Codec::Pcmu | Codec::Pcma | Codec::G722) => bytes * 125,
        Content::Sound(Codec::Opus) => opus::packet::get_nb_samples(payload, 48_000)
            .map_or(TICK, |samples| samples as i64 * 1000 / 48),
        Content::Noise | Content::Event => 0,
    };
    lasts.min(limit::PAYLOAD_MS as i64 * 1000)
}

#[cfg(test)]
mod tests;
