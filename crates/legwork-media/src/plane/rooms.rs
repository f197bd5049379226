//! The rooms of a media thread, and orders to them.
//!
//! Not here: one room (`plane::room`), a leg in it (`plane::seat`).

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use super::Plane;
use super::leg::Leg;
use super::playback::Playback;
use super::room::Room;
use super::sources::{Sound, Sources};
use super::taps::Tapping;
use crate::command::{RoomCommand, RoomEvent, RoomId, SourceId, Speech};
use crate::limit;
use crate::tap::{Side, Tap, TapId, TapPiece};

/// All rooms there are.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    rooms: BTreeMap<RoomId, Box<Room>>,
    told: VecDeque<(RoomId, RoomEvent)>,
}

impl Rooms {
    pub(super) fn room(&mut self, id: RoomId) -> Option<&mut Room> {
        self.rooms.get_mut(&id).map(AsMut::as_mut)
    }

    /// Something is to be done every 20 ms, even if no leg is in any.
    pub(super) fn are_busy(&self) -> bool {
        self.rooms.values().any(|room| room.is_busy())
    }

    /// Everybody who speaks has been heard. True: a tap has a piece to give away.
    pub(super) fn tick(&mut self, sources: &Sources) -> bool {
        let mut is_full = false;
        for room in self.rooms.values_mut() {
            is_full |= room.tick(sources);
            room.take_told(&mut self.told);
        }
        is_full
    }

    /// Everybody has been spoken to; or nobody was there to hear it.
    pub(super) fn clear(&mut self) {
        self.rooms.values_mut().for_each(|room| room.clear());
    }

    /// The source is forgotten: it is heard to its end, or to where it got.
    pub(super) fn keep_source(&mut self, id: SourceId, sound: &std::sync::Arc<Sound>) {
        self.rooms.values_mut().for_each(|room| room.keep_source(id, sound));
    }

    /// Gives away what their taps have.
    pub(super) fn give_taps(&mut self, give: &mut impl FnMut(TapId, TapPiece<'_>)) {
        let taps = self.rooms.values_mut().flat_map(|room| &mut room.taps);
        for tapping in taps.filter(|tapping| tapping.is_full()) {
            give(tapping.id, TapPiece::Samples(tapping.samples()));
            tapping.clear();
        }
    }

    /// A leg speaks no more where it did, or leaves.
    pub(super) fn leave(&mut self, leg: &mut Leg) {
        let Some(seat) = &mut leg.seat else { return };
        let Some(speech) = seat.speech else { return };
        if let Some(room) = self.rooms.get_mut(&speech.room) {
            seat.leave(leg.id, room);
            room.take_told(&mut self.told);
        }
    }
}

impl Plane {
    /// The call engine orders something of a room. What is played in a room that is not there counts
    /// as played at once, and its taps are over at once; all else of it is ignored.
    pub fn handle_room(&mut self, now: Instant, id: RoomId, command: RoomCommand) {
        self.wake(now);
        let Some(room) = self.rooms.room(id) else {
            match command {
                RoomCommand::Open if self.rooms.rooms.len() < limit::ROOMS => {
                    self.rooms.rooms.insert(id, Box::new(Room::new(id)));
                }
                RoomCommand::Play(source, _) => {
                    self.rooms.told.push_back((id, RoomEvent::Played(source)));
                }
                RoomCommand::Tap(tap, _) => self.end_tap(Tapping::over(tap)),
                RoomCommand::Open
                | RoomCommand::HoldTap(..)
                | RoomCommand::Untap(_)
                | RoomCommand::Watch(_)
                | RoomCommand::Close => {}
            }
            return;
        };
        match command {
            RoomCommand::Open => {}
            RoomCommand::Play(source, times) => {
                let sound = self.sources.find(source);
                if !room.add(source, Playback::new(sound, times, Some(source))) {
                    self.rooms.told.push_back((id, RoomEvent::Played(source)));
                }
            }
            RoomCommand::Tap(tap, _) if room.taps.len() >= limit::TAPS => {
                self.end_tap(Tapping::over(tap));
            }
            RoomCommand::Tap(tap, how) => {
                room.taps.push(Tapping::new(tap, Tap { side: Side::Inbound, ..how }));
            }
            RoomCommand::HoldTap(tap, is_held) => {
                if let Some(tapping) = room.taps.iter_mut().find(|tapping| tapping.id == tap) {
                    tapping.hold(is_held);
                }
            }
            RoomCommand::Untap(tap) => {
                if let Some(place) = room.taps.iter().position(|tapping| tapping.id == tap) {
                    let tapping = room.taps.remove(place);
                    self.end_tap(tapping);
                }
            }
            RoomCommand::Watch(is_on) => room.is_watched = is_on,
            RoomCommand::Close => {
                if let Some(mut room) = self.rooms.rooms.remove(&id) {
                    room.taps.drain(..).for_each(|tapping| self.end_tap(tapping));
                }
            }
        }
    }

    /// What to tell the call engine of rooms.
    pub fn poll_room_event(&mut self) -> Option<(RoomId, RoomEvent)> {
        self.rooms.told.pop_front()
    }

    /// What a leg says goes elsewhere from now on.
    pub(super) fn speak(&mut self, now: Instant, place: usize, speech: Option<Speech>) {
        let Some(leg) = self.legs.get_mut(place).and_then(Option::as_deref_mut) else { return };
        let before = leg.seat.as_ref().and_then(|seat| seat.speech);
        let to = |speech: Option<Speech>| speech.map(|speech| (speech.room, speech.only));
        if to(before) != to(speech) {
            self.rooms.leave(leg);
        }
        leg.speak_there(speech, to(before) == to(speech));
        self.settle(now, place);
    }
}
