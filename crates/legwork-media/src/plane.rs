//! All legs of one media thread: packets, orders and 20 ms ticks in, packets and events out.
//!
//! Not here: sockets (crate `legwork`), one leg's own rules (`plane::leg`).
//! Contract: `handle_packet` and `tick` give what to send at once; after each call drain
//! `poll_event`, then ask `poll_timeout`.

mod leg;
mod playback;
mod press;
mod remote;
mod sources;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::command::{Command, Event, Feed, MediaId, SourceId};
use crate::offer_answer::Agreed;
use crate::sound::Rate;
use crate::{limit, rtp, tone};
use leg::Leg;
use playback::Playback;
use sources::{Sound, Sources};

/// How often there is a packet of what we generate.
pub const TICK: Duration = Duration::from_millis(20);

/// Bytes a packet's buffer has room for; what arrived may be followed by what we answer.
pub const BUFFER_BYTES: usize = limit::PACKET_BYTES + 1;

/// Which of a leg's two ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The even one.
    Rtp,
    /// The next.
    Rtcp,
}

/// A packet to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward {
    /// From which leg: its even port.
    pub port: u16,
    /// From which of its ports.
    pub channel: Channel,
    /// Where to.
    pub to: SocketAddr,
    /// Its length, bytes.
    pub len: usize,
}

/// All legs of one media thread.
#[derive(Debug)]
pub struct Plane {
    thread: u8,
    started: Instant,
    first_port: u16,
    /// A place for every pair of ports.
    legs: Vec<Option<Box<Leg>>>,
    /// Places of the legs that are generated for.
    generating: Vec<usize>,
    next_tick: Instant,
    sources: Sources,
    events: VecDeque<(MediaId, Event)>,
    random: Random,
}

impl Plane {
    /// A plane of this thread's ports; the first is even. `now` is where its clock begins; the
    /// seed should be random.
    pub fn new(now: Instant, thread: u8, ports: &RangeInclusive<u16>, seed: u64) -> Self {
        Self::with_hold_music(now, thread, ports, seed, tone::hold_music().into())
    }

    /// The same; plays this as hold music (8 kHz, repeated, not empty), so that the usual one, which
    /// takes milliseconds to compute, need not be.
    pub fn with_hold_music(
        now: Instant,
        thread: u8,
        ports: &RangeInclusive<u16>,
        seed: u64,
        hold_music: Arc<[i16]>,
    ) -> Self {
        let n_pairs = (ports.len() / 2).max(1);
        Self {
            thread,
            started: now,
            first_port: *ports.start(),
            legs: std::iter::repeat_with(|| None).take(n_pairs).collect(),
            generating: Vec::new(),
            next_tick: now,
            sources: Sources::new(hold_music),
            events: VecDeque::new(),
            random: Random(seed),
        }
    }

    /// Plays this as hold music from now on: 8 kHz, repeated. Nothing changes if it is empty or
    /// longer than 40 minutes.
    pub fn set_hold_music(&mut self, samples: Arc<[i16]>) {
        if !samples.is_empty() && samples.len() <= limit::SOURCE_SAMPLES {
            self.sources.hold_music = Arc::new(Sound::whole(Rate::Narrow, samples));
        }
    }

    /// A prepared source can be played from now on. False: it is longer than 40 minutes, or there
    /// are too many; it will count as played at once.
    pub fn set_source(&mut self, id: SourceId, rate: Rate, samples: Arc<[i16]>) -> bool {
        self.sources.set(id, rate, samples)
    }

    /// A source can be played from now on whose sound comes piece by piece. Who hears it hears
    /// silence where the next piece is late, and its end once it is told. False: there are too many.
    pub fn begin_source(&mut self, id: SourceId, rate: Rate) -> bool {
        self.sources.begin(id, rate)
    }

    /// The next piece of a source that has begun. False: it has not, is over, or is longer than 40
    /// minutes or 16,384 pieces; the piece is left out.
    pub fn extend_source(&mut self, id: SourceId, samples: Arc<[i16]>) -> bool {
        self.sources.extend(id, samples)
    }

    /// The source has no more pieces: all came, or no more can be had.
    pub fn end_source(&mut self, id: SourceId) {
        self.sources.end(id);
    }

    /// Nobody will be told to play it any more; who hears it now hears it to its end.
    pub fn forget_source(&mut self, id: SourceId) {
        let Some(sound) = self.sources.forget(id) else { return };
        for place in &self.generating {
            if let Some(leg) = self.legs.get_mut(*place).and_then(Option::as_deref_mut) {
                leg.keep_source(id, &sound);
            }
        }
    }

    /// Legs that are open.
    pub fn n_legs(&self) -> usize {
        self.legs.iter().flatten().count()
    }

    /// The call engine orders something. An order to a leg that is over, or never was, is ignored;
    /// but a `Close` is always answered.
    pub fn handle_command(&mut self, now: Instant, id: MediaId, command: Command) {
        let Some(place) = self.place(id.port).filter(|_| id.thread == self.thread) else { return };
        match command {
            Command::Open => {
                self.remove(place);
                let leg = Leg::new(id, &mut self.random);
                if let Some(slot) = self.legs.get_mut(place) {
                    *slot = Some(Box::new(leg));
                }
            }
            Command::Agree(agreed) => self.agree(now, place, id, *agreed),
            Command::Feed(feed) => self.feed(now, place, id, feed),
            Command::SendDigits(keys) => self.send_digits(now, place, id, &keys),
            Command::Tap(..) | Command::HoldTap(..) | Command::Untap(_) | Command::Hear(_) => {}
            Command::Close => {
                if self.leg(id).is_some() {
                    self.remove(place);
                }
                self.events.push_back((id, Event::Closed));
            }
        }
    }

    /// A packet of `len` bytes arrived in `buffer`, on one of the ports of the pair `port`.
    ///
    /// Gives what to send, in the same buffer: the packet passed on to another leg, or an answer.
    /// What does not come from where it must is dropped.
    pub fn handle_packet(
        &mut self,
        now: Instant,
        port: u16,
        channel: Channel,
        from: SocketAddr,
        buffer: &mut [u8],
        len: usize,
    ) -> Option<Forward> {
        let packet = buffer.get_mut(..len)?;
        let place = self.place(port)?;
        let clock = now.saturating_duration_since(self.started);
        let leg = self.legs.get_mut(place)?.as_deref_mut()?;
        if channel == Channel::Rtcp || (leg.shares_port() && rtp::is_rtcp(packet)) {
            return leg.handle_rtcp(now, clock, channel, from, buffer, len);
        }
        let arrival = leg.handle_rtp(clock, from, packet)?;
        let id = leg.id;
        let sink = leg.sink;
        if let Some(key) = arrival.key
            && self.events.len() < limit::DIGITS
        {
            self.events.push_back((id, Event::Digit(key)));
        }
        let sink = self.legs.get_mut(sink?)?.as_deref_mut()?;
        sink.relay(now, id, &arrival, packet)
    }

    /// Generates what is due. Call it when `poll_timeout` has passed.
    pub fn tick(&mut self, now: Instant, mut emit: impl FnMut(Forward, &[u8])) {
        for _ in 0..limit::CATCH_UP_TICKS {
            if self.next_tick > now || self.generating.is_empty() {
                return;
            }
            let at = self.next_tick;
            let (legs, events, sources) = (&mut self.legs, &mut self.events, &self.sources);
            self.generating.retain(|&place| {
                let leg = legs.get_mut(place).and_then(Option::as_deref_mut);
                let Some(leg) = leg else { return false };
                leg.ticks = leg.generates();
                if leg.ticks {
                    leg.tick(at, sources, events, &mut emit);
                }
                leg.ticks
            });
            self.next_tick += TICK;
        }
        // We were held up for long: what was not sent is lost time, not a burst.
        self.next_tick = self.next_tick.max(now + TICK);
    }

    /// When `tick` is due; none while nothing is generated.
    pub fn poll_timeout(&self) -> Option<Instant> {
        (!self.generating.is_empty()).then_some(self.next_tick)
    }

    /// What to tell the call engine.
    pub fn poll_event(&mut self) -> Option<(MediaId, Event)> {
        self.events.pop_front()
    }

    fn agree(&mut self, now: Instant, place: usize, id: MediaId, agreed: Agreed) {
        let Some(leg) = self.leg(id) else { return };
        leg.agree(agreed);
        self.start_ticking(now, place);
    }

    fn feed(&mut self, now: Instant, place: usize, id: MediaId, feed: Feed) {
        let playback = match feed {
            Feed::Nothing | Feed::Silence | Feed::Leg(_) => None,
            Feed::Source(source, times) => {
                Some(Playback::new(self.sources.find(source), times, Some(source)))
            }
            Feed::Ringback(tone) => Some(Playback::new(self.sources.ring_tone(tone), 0, None)),
            Feed::HoldMusic => Some(Playback::new(Arc::clone(&self.sources.hold_music), 0, None)),
        };
        let Some(leg) = self.leg(id) else { return };
        // The same order again changes nothing, but a source begins anew.
        if leg.feed == feed && !matches!(feed, Feed::Source(..)) {
            return;
        }
        let before = leg.set_feed(feed, playback);
        if let Feed::Leg(source) = before
            && let Some(source) = self.leg(source)
            && source.sink == Some(place)
        {
            source.sink = None;
        }
        if let Feed::Leg(source) = feed
            && let Some(source) = self.leg(source)
        {
            source.sink = Some(place);
        }
        self.start_ticking(now, place);
    }

    fn send_digits(&mut self, now: Instant, place: usize, id: MediaId, keys: &[u8]) {
        let Some(leg) = self.leg(id) else { return };
        leg.press(keys);
        self.start_ticking(now, place);
    }

    fn start_ticking(&mut self, now: Instant, place: usize) {
        let Some(leg) = self.legs.get_mut(place).and_then(Option::as_deref_mut) else { return };
        if leg.ticks || !leg.generates() {
            return;
        }
        leg.ticks = true;
        if self.generating.is_empty() {
            self.next_tick = now;
        }
        self.generating.push(place);
    }

    /// Ends a leg, and what it fed.
    fn remove(&mut self, place: usize) {
        let Some(leg) = self.legs.get_mut(place).and_then(Option::take) else { return };
        if leg.ticks {
            self.generating.retain(|&other| other != place);
        }
        if let Feed::Leg(source) = leg.feed
            && let Some(source) = self.leg(source)
            && source.sink == Some(place)
        {
            source.sink = None;
        }
    }

    fn leg(&mut self, id: MediaId) -> Option<&mut Leg> {
        let place = self.place(id.port).filter(|_| id.thread == self.thread)?;
        self.legs.get_mut(place)?.as_deref_mut().filter(|leg| leg.id == id)
    }

    fn place(&self, port: u16) -> Option<usize> {
        let offset = usize::from(port.checked_sub(self.first_port)?);
        (offset % 2 == 0 && offset / 2 < self.legs.len()).then_some(offset / 2)
    }
}

/// Numbers nobody outside can tell in advance, if the seed is random.
///
/// Source: splitmix64, by Vigna.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests;
