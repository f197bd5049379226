//! A room: what is said and played in it, added up every 20 ms, and what each leg hears of it.
//!
//! Whoever says nothing hears the same as all others who say nothing: that is encoded once for all of
//! one codec. Whoever says something hears the mix without it, encoded for that leg alone.
//! Not here: which legs are in it (`plane::seat`), what a mix is (`plane::mix`), orders
//! (`plane::rooms`).
//! Source: Twilio, "TwiML Voice: Conference".

use std::collections::VecDeque;
use std::sync::Arc;

use super::mix::Mix;
use super::play_queue::PlayQueue;
use super::playback::Playback;
use super::seat::Seat;
use super::sources::{Sound, Sources};
use super::speaker::{Speaker, Voice};
use super::taps::Tapping;
use crate::codec::PAYLOAD_BYTES;
use crate::command::{MediaId, RoomEvent, RoomId, SourceId};
use crate::limit;
use crate::sound::{Frame, Rate};

/// A room, and its 20 ms.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) id: RoomId,
    /// All that is said aloud, and what is played.
    mix: Mix,
    /// That as it is heard.
    whole: Frame,
    /// What is said to one leg only.
    whispers: Vec<(MediaId, Frame)>,
    /// Legs heard in these 20 ms, and legs that hear.
    n_heard: usize,
    n_hearing: usize,
    n_ticks: u64,
    /// What is played, and beeps beside it: they tell who comes now.
    plays: PlayQueue,
    beeps: PlayQueue,
    pub(super) taps: Vec<Tapping>,
    shared: Vec<Shared>,
    /// It is told who speaks.
    pub(super) is_watched: bool,
    told: VecDeque<(RoomId, RoomEvent)>,
}

/// What all who say nothing are sent, in one codec.
#[derive(Debug)]
struct Shared {
    speaker: Box<Speaker>,
    payload: [u8; PAYLOAD_BYTES],
    n_bytes: usize,
    /// When it was encoded last.
    tick: u64,
}

impl Room {
    pub(super) fn new(id: RoomId) -> Self {
        Self {
            id,
            mix: Mix::silent(),
            whole: Frame::silent(Rate::Wide),
            whispers: Vec::new(),
            n_heard: 0,
            n_hearing: 0,
            n_ticks: 0,
            plays: PlayQueue::default(),
            beeps: PlayQueue::default(),
            taps: Vec::new(),
            shared: Vec::new(),
            is_watched: false,
            told: VecDeque::new(),
        }
    }

    /// Something is to be done every 20 ms, even if nobody is in it.
    pub(super) fn is_busy(&self) -> bool {
        !self.plays.is_empty() || !self.beeps.is_empty() || !self.taps.is_empty()
    }

    /// A source is to be played. False: too many wait.
    pub(super) fn add(&mut self, source: SourceId, playback: Playback) -> bool {
        let plays = if source.is_beep() { &mut self.beeps } else { &mut self.plays };
        plays.push(playback)
    }

    /// The source is forgotten: it is heard to its end, or to where it got.
    pub(super) fn keep_source(&mut self, id: SourceId, sound: &Arc<Sound>) {
        self.plays.keep_source(id, sound);
    }

    /// One more can be heard in these 20 ms.
    pub(super) fn has_place(&mut self) -> bool {
        self.n_heard += 1;
        self.n_heard <= limit::ROOM_LEGS
    }

    /// 20 ms of a leg, 16 kHz: for all, or for that one.
    pub(super) fn say(&mut self, only: Option<MediaId>, frame: &Frame) {
        match only {
            None => self.mix.add(frame),
            Some(id) if self.whispers.len() < 2 * limit::ROOM_LEGS => {
                self.whispers.push((id, *frame));
            }
            Some(_) => {}
        }
    }

    /// That leg speaks, or does no more.
    pub(super) fn tell_speaks(&mut self, id: MediaId, speaks: bool) {
        self.told.push_back((self.id, RoomEvent::Speaks(id, speaks)));
    }

    /// What is to be told of it, behind what waits to be. Who waits for an end is told it; who speaks
    /// is told up to a limit.
    pub(super) fn take_told(&mut self, to: &mut VecDeque<(RoomId, RoomEvent)>) {
        for (id, event) in self.told.drain(..) {
            let fits = match event {
                RoomEvent::Played(_) => true,
                RoomEvent::Speaks(..) => to.len() < limit::ROOM_SPEAKS,
            };
            if fits {
                to.push_back((id, event));
            }
        }
    }

    /// All who are heard have been: what is played, and the whole. True: a tap has a piece to give
    /// away.
    pub(super) fn tick(&mut self, sources: &Sources) -> bool {
        self.n_ticks += 1;
        self.play(sources);
        self.whole = self.mix.frame();
        let silence = Frame::silent(Rate::Narrow);
        let mut is_full = false;
        for tapping in &mut self.taps {
            tapping.hear(&self.whole, &silence);
            is_full |= tapping.is_full();
        }
        is_full
    }

    fn play(&mut self, sources: &Sources) {
        let Self { id, mix, plays, beeps, told, .. } = self;
        for queue in [plays, beeps] {
            let tell = |source| told.push_back((*id, RoomEvent::Played(source)));
            if let Some(frame) = queue.next_frame(sources, tell) {
                mix.add(&frame);
            }
        }
    }

    /// One more hears it in these 20 ms. False: they are too many.
    pub(super) fn hears(&mut self) -> bool {
        self.n_hearing += 1;
        self.n_hearing <= limit::ROOM_LEGS
    }

    /// Something is said to this leg only.
    pub(super) fn whispers_to(&self, id: MediaId) -> bool {
        self.whispers.iter().any(|(to, _)| *to == id)
    }

    /// What a leg hears that says something itself, or is whispered to.
    pub(super) fn heard_by(&self, id: MediaId, seat: &Seat) -> Frame {
        let own = seat.own(self.id);
        if own.is_none() && !self.whispers_to(id) {
            return self.whole;
        }
        let mut mix = self.mix.clone();
        if let Some(own) = own {
            mix.take_out(own);
        }
        for (_, frame) in self.whispers.iter().filter(|(to, _)| *to == id) {
            mix.add(frame);
        }
        mix.frame()
    }

    /// The payload of the whole in a leg's codec, encoded once for all of it. The leg's own speaker
    /// could go on from there.
    pub(super) fn share(&mut self, own: &mut Box<Speaker>) -> &[u8] {
        let codec = own.codec();
        let found = self.shared.iter().position(|shared| shared.speaker.codec() == codec);
        let place = found.unwrap_or(self.shared.len());
        if place == self.shared.len() {
            let speaker = Box::new(Speaker::new(codec));
            self.shared.push(Shared { speaker, payload: [0; PAYLOAD_BYTES], n_bytes: 0, tick: 0 });
        }
        let Some(shared) = self.shared.get_mut(place) else { return &[] };
        if shared.tick != self.n_ticks {
            if shared.tick + 1 != self.n_ticks {
                // Nobody heard it a moment ago: it begins where the first who does is.
                std::mem::swap(&mut shared.speaker, own);
            }
            shared.tick = self.n_ticks;
            shared.n_bytes = shared.speaker.say(Voice::Feed, &self.whole, &mut shared.payload);
        }
        own.follow(&shared.speaker);
        shared.payload.get(..shared.n_bytes).unwrap_or_default()
    }

    /// The 20 ms are over.
    pub(super) fn clear(&mut self) {
        self.mix.clear();
        self.whispers.clear();
        (self.n_heard, self.n_hearing) = (0, 0);
    }
}
