//! All legs of one media thread: packets, orders and 20 ms ticks in, packets and events out.
//!
//! Not here: sockets (crate `legwork`), one leg's own rules (`plane::leg`).
//! Contract: `handle_packet` and `tick` give what to send at once; after each call drain
//! `poll_event`, `poll_room_event` and `give_taps`, then ask `poll_timeout`.

mod copies;
mod leg;
mod listener;
mod live;
mod mix;
mod parcel;
mod passing;
mod play_queue;
mod playback;
mod press;
mod remote;
mod room;
mod rooms;
mod seat;
mod sources;
mod speaker;
mod speaking;
mod strand;
mod taps;
mod toning;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::command::{Command, Event, Feed, MediaId, SourceId};
use crate::sound::Rate;
use crate::tap::{TapId, TapPiece};
use crate::{limit, rtp, tone};
use leg::Leg;
use live::Reached;
use parcel::Abroad;
pub use parcel::Parcel;
use playback::Playback;
use rooms::Rooms;
use sources::{Sound, Sources};
use speaking::{Around, Out};
use taps::Tapping;

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
    /// A place for every pair of our own ports, then guests.
    legs: Vec<Option<Box<Leg>>>,
    n_own: usize,
    abroad: Abroad,
    parcels: VecDeque<(u8, Parcel)>,
    /// Places of the legs that have something to do every 20 ms: most have not.
    ticking: Vec<usize>,
    next_tick: Instant,
    sources: Sources,
    rooms: Rooms,
    events: VecDeque<(MediaId, Event)>,
    /// A tap has a piece to give away.
    has_piece: bool,
    /// Taps that are over and have not been told so.
    taps_over: VecDeque<Tapping>,
    /// Marks in what is said to legs that have not been told.
    marks: Reached,
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
            n_own: n_pairs,
            abroad: Abroad::default(),
            parcels: VecDeque::new(),
            ticking: Vec::new(),
            next_tick: now,
            sources: Sources::new(hold_music),
            rooms: Rooms::default(),
            events: VecDeque::new(),
            has_piece: false,
            taps_over: VecDeque::new(),
            marks: Reached::new(),
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
        for place in &self.ticking {
            if let Some(leg) = self.legs.get_mut(*place).and_then(Option::as_deref_mut) {
                leg.keep_source(id, &sound);
            }
        }
        self.rooms.keep_source(id, &sound);
    }

    /// Legs that are open.
    pub fn n_legs(&self) -> usize {
        self.legs.iter().flatten().count()
    }

    /// The call engine orders something. An order to a leg that is over, or never was, is ignored;
    /// but a `Close` is always answered.
    pub fn handle_command(&mut self, now: Instant, id: MediaId, command: Command) {
        let is_here = self.leg(id).is_some();
        let is_new = matches!(command, Command::Open) && id.thread == self.thread;
        let Some(place) = self.place(id.port).filter(|_| is_here || is_new) else {
            if let Some(command) = self.pass_on(id, command) {
                self.refuse(id, &command);
            }
            return;
        };
        match command {
            Command::Open => {
                self.remove(now, place);
                let leg = Leg::new(id, &mut self.random);
                if let Some(slot) = self.legs.get_mut(place) {
                    *slot = Some(Box::new(leg));
                }
            }
            Command::Agree(agreed) => self.change(now, id, |leg| leg.agree(*agreed)),
            Command::Feed(feed) => self.feed(now, place, id, feed),
            Command::SendDigits(keys) => self.change(now, id, |leg| leg.press(&keys)),
            Command::Tap(tap, how) => {
                if !self.leg(id).is_some_and(|leg| leg.tap(tap, how)) {
                    self.end_tap(Tapping::over(tap));
                }
                self.settle(now, place);
            }
            Command::HoldTap(tap, is_held) => {
                self.change(now, id, |leg| leg.hold_tap(tap, is_held));
            }
            Command::Untap(tap) => {
                if let Some(tapping) = self.leg(id).and_then(|leg| leg.untap(tap)) {
                    self.end_tap(tapping);
                }
                self.settle(now, place);
            }
            Command::Hear(hearing) => self.change(now, id, |leg| leg.hear(&hearing)),
            Command::Speak(speech) => self.speak(now, place, speech),
            Command::Move(to) => self.depart(now, place, to),
            Command::Live(tap, live) => {
                let mut marks = std::mem::take(&mut self.marks);
                let sound = self.leg(id).and_then(|leg| leg.live.as_mut());
                sound.into_iter().for_each(|sound| sound.take(tap, &live, &mut marks));
                self.marks = marks;
            }
            Command::Close => {
                self.remove(now, place);
                if !self.send_home(id) {
                    self.events.push_back((id, Event::Closed));
                }
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
        let changes = arrival.codec().is_some_and(|codec| leg.speaks(codec));
        leg.listen(now, &arrival, packet);
        let (id, sink) = (leg.id, leg.sink);
        if changes {
            self.settle(now, place);
        }
        if let Some(key) = arrival.key
            && self.events.len() < limit::DIGITS
        {
            self.events.push_back((id, Event::Digit(key)));
        }
        let place = sink?;
        let sink = self.legs.get_mut(place)?.as_deref_mut()?;
        let sent = match sink.is_coded {
            true => sink.pass(now, id, &arrival, packet),
            false => sink.relay(now, id, &arrival, packet),
        };
        if sink.is_toning() && !sink.ticks {
            self.start_ticking(now, place);
        }
        sent
    }

    /// Hears and generates what is due. Call it when `poll_timeout` has passed.
    pub fn tick(&mut self, now: Instant, mut emit: impl FnMut(Forward, &[u8])) {
        for _ in 0..limit::CATCH_UP_TICKS {
            if self.poll_timeout().is_none_or(|due| due > now) {
                return;
            }
            let at = self.next_tick;
            self.tick_once(at, &mut emit);
            self.next_tick += TICK;
        }
        // We were held up for long: what was not sent is lost time, not a burst.
        self.next_tick = self.next_tick.max(now + TICK);
    }

    /// When `tick` is due; none while there is nothing to do.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let is_due = !self.ticking.is_empty() || self.rooms.are_busy();
        is_due.then_some(self.next_tick)
    }

    /// What to tell the call engine.
    pub fn poll_event(&mut self) -> Option<(MediaId, Event)> {
        self.events.pop_front()
    }

    /// Gives away what taps have, and tells marks and their end.
    pub fn give_taps(&mut self, mut give: impl FnMut(TapId, TapPiece<'_>)) {
        while let Some((tap, number)) = self.marks.pop_front() {
            give(tap, TapPiece::Mark(number));
        }
        while let Some(tapping) = self.taps_over.pop_front() {
            if !tapping.samples().is_empty() {
                give(tapping.id, TapPiece::Samples(tapping.samples()));
            }
            give(tapping.id, TapPiece::End);
        }
        if !std::mem::take(&mut self.has_piece) {
            return;
        }
        for place in &self.ticking {
            let leg = self.legs.get_mut(*place).and_then(Option::as_deref_mut);
            let taps = leg.into_iter().flat_map(|leg| &mut leg.taps);
            for tapping in taps.filter(|tapping| tapping.is_full()) {
                give(tapping.id, TapPiece::Samples(tapping.samples()));
                tapping.clear();
            }
        }
        self.rooms.give_taps(&mut give);
    }

    /// 20 ms: first everybody who is listened to is heard, then everybody is spoken to.
    fn tick_once(&mut self, at: Instant, emit: &mut impl FnMut(Forward, &[u8])) {
        self.take_copies(at);
        let (legs, rooms) = (&mut self.legs, &mut self.rooms);
        for place in &self.ticking {
            if let Some(leg) = legs.get_mut(*place).and_then(Option::as_deref_mut) {
                leg.hear_tick(at, &mut self.events);
                leg.speak_in(rooms);
            }
        }
        let has_piece = &mut self.has_piece;
        *has_piece |= rooms.tick(&self.sources);
        let mut out = Out { emit, events: &mut self.events, marks: &mut self.marks };
        let mut around = Around { sources: &self.sources, rooms };
        self.ticking.retain(|place| {
            let leg = legs.get(*place).and_then(Option::as_deref);
            let source = leg.filter(|leg| leg.wants_source()).and_then(|leg| leg.source);
            let source = source.and_then(|place| legs.get(place)?.as_ref()?.listener.as_ref());
            let heard = source.map(|listener| listener.frame);
            let leg = legs.get_mut(*place).and_then(Option::as_deref_mut);
            let Some(leg) = leg else { return false };
            leg.ticks = leg.needs_ticks();
            if leg.ticks {
                *has_piece |= leg.tick(at, heard.as_ref(), &mut around, &mut out);
            }
            leg.ticks
        });
        self.rooms.clear();
    }

    /// Changes one leg, and what hangs on it.
    fn change(&mut self, now: Instant, id: MediaId, change: impl FnOnce(&mut Leg)) {
        if let Some(leg) = self.leg(id) {
            change(leg);
            if let Some(place) = self.place(id.port) {
                self.settle(now, place);
            }
        }
    }

    /// Something of this leg has changed: so has, perhaps, how its sink is fed, and who of it, its
    /// sink and its source is listened to and has something to do.
    fn settle(&mut self, now: Instant, place: usize) {
        let sink = self.at(place).and_then(|leg| leg.sink);
        self.fit_source(place);
        if let Some(sink) = sink {
            self.fit_source(sink);
        }
        let source = self.at(place).and_then(|leg| leg.source);
        for place in [Some(place), sink, source].into_iter().flatten() {
            self.fit_listener(now, place);
            self.start_ticking(now, place);
        }
    }

    /// What a leg is fed by may have changed.
    fn fit_source(&mut self, place: usize) {
        let Some(leg) = self.at(place) else { return };
        let source = match leg.feed {
            Feed::Leg(id) => self.leg_of(id).filter(|source| source.sink == Some(place)),
            Feed::Nothing
            | Feed::Silence
            | Feed::Source(..)
            | Feed::Ringback(_)
            | Feed::HoldMusic
            | Feed::Room(_)
            | Feed::Live(_)
            | Feed::Copy(..) => None,
        };
        let source = source.and_then(|source| Some((self.place(source.id.port)?, source.spoken())));
        if let Some(leg) = self.at_mut(place) {
            leg.fit_source(source);
        }
    }

    /// Who listens to a leg may have changed.
    fn fit_listener(&mut self, now: Instant, place: usize) {
        let sink = self.at(place).and_then(|leg| self.at(leg.sink?));
        let is_wanted = sink.is_some_and(|sink| sink.source == Some(place) && sink.wants_source());
        if let Some(leg) = self.at_mut(place) {
            leg.fit_listener(now, is_wanted);
        }
    }

    fn feed(&mut self, now: Instant, place: usize, id: MediaId, feed: Feed) {
        let playback = match feed {
            Feed::Nothing
            | Feed::Silence
            | Feed::Leg(_)
            | Feed::Room(_)
            | Feed::Live(_)
            | Feed::Copy(..) => None,
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
        let before = leg.set_feed(feed, playback.map(Box::new));
        if let Feed::Leg(source) = before {
            self.leave(now, source, place);
        }
        if let Feed::Leg(source) = feed {
            self.take_source(source, place);
        }
        self.settle(now, place);
    }

    /// From now on this leg feeds that place, and no other.
    fn take_source(&mut self, source: MediaId, place: usize) {
        if let Some(source) = self.leg(source)
            && let Some(former) = source.sink.replace(place)
        {
            self.fit_source(former);
        }
    }

    /// This leg feeds that place no more.
    fn leave(&mut self, now: Instant, source: MediaId, place: usize) {
        let Some(source) = self.leg(source).filter(|source| source.sink == Some(place)) else {
            return;
        };
        source.sink = None;
        let port = source.id.port;
        if let Some(place) = self.place(port) {
            self.fit_listener(now, place);
        }
    }

    /// Its end is told in any case, or somebody would wait for it for ever.
    fn end_tap(&mut self, tapping: Tapping) {
        let has_room = self.taps_over.len() < limit::TAPS_OVER;
        self.taps_over.push_back(if has_room { tapping } else { Tapping::over(tapping.id) });
    }

    fn start_ticking(&mut self, now: Instant, place: usize) {
        if self.at(place).is_none_or(|leg| leg.ticks || !leg.needs_ticks()) {
            return;
        }
        self.wake(now);
        if let Some(leg) = self.at_mut(place) {
            leg.ticks = true;
            self.ticking.push(place);
        }
    }

    /// Something may be to do from now on where nothing was: what nobody heard is over.
    fn wake(&mut self, now: Instant) {
        if self.poll_timeout().is_none() {
            self.next_tick = now;
            self.rooms.clear();
        }
    }

    /// Ends a leg, its taps, and what it fed.
    fn remove(&mut self, now: Instant, place: usize) {
        let Some(mut leg) = self.detach(now, place) else { return };
        leg.taps.drain(..).for_each(|tapping| self.end_tap(tapping));
    }

    /// Takes a leg from its place: whom it fed it feeds no more, and nobody feeds it.
    fn detach(&mut self, now: Instant, place: usize) -> Option<Box<Leg>> {
        let mut leg = self.legs.get_mut(place).and_then(Option::take)?;
        self.rooms.leave(&mut leg);
        if leg.ticks {
            self.ticking.retain(|&other| other != place);
        }
        if let Feed::Leg(source) = leg.feed {
            self.leave(now, source, place);
        }
        if let Some(sink) = leg.sink {
            self.fit_source(sink);
        }
        Some(leg)
    }

    fn leg(&mut self, id: MediaId) -> Option<&mut Leg> {
        let place = self.place(id.port)?;
        self.at_mut(place).filter(|leg| leg.id == id)
    }

    fn leg_of(&self, id: MediaId) -> Option<&Leg> {
        let place = self.place(id.port)?;
        self.at(place).filter(|leg| leg.id == id)
    }

    fn at(&self, place: usize) -> Option<&Leg> {
        self.legs.get(place)?.as_deref()
    }

    fn at_mut(&mut self, place: usize) -> Option<&mut Leg> {
        self.legs.get_mut(place)?.as_deref_mut()
    }

    fn place(&self, port: u16) -> Option<usize> {
        let offset = port.checked_sub(self.first_port).map(usize::from);
        let own = offset.filter(|offset| offset % 2 == 0 && offset / 2 < self.n_own);
        own.map(|offset| offset / 2).or_else(|| self.guest(port))
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
