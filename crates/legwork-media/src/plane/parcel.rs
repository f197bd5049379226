//! Legs that live on another media thread than the one whose ports they have.
//!
//! Two legs in conversation are on one thread; where they were not, one of them moves. Its ports stay its
//! own: orders come to the thread of these, its home, which passes them on; when it is closed, the ports go
//! home. What crosses between two planes is a parcel.
//! Not here: sockets, which the shell sends along with a parcel; who moves, and when (`legwork-call`).

use std::collections::HashMap;
use std::time::Instant;

use super::{Plane, leg::Leg};
use crate::command::{Command, Event, Feed, MediaId};
use crate::limit;
use crate::plane::taps::Tapping;

/// From one plane to another; those to one plane arrive in order.
#[derive(Debug)]
pub struct Parcel(Content);

#[derive(Debug)]
enum Content {
    /// It lives here from now on.
    Leg(Box<Leg>),
    /// To a leg that has moved here, or is on its way.
    Order(MediaId, Command),
    /// A leg that had moved is over: the ports are free.
    Over(MediaId),
}

impl Parcel {
    /// The even port of the pair whose sockets go along.
    pub fn port(&self) -> Option<u16> {
        match &self.0 {
            Content::Leg(leg) => Some(leg.id.port),
            Content::Over(id) => Some(id.port),
            Content::Order(..) => None,
        }
    }
}

/// Who is elsewhere, and who is here from elsewhere.
#[derive(Debug, Default)]
pub(super) struct Abroad {
    /// Where our own legs that have moved will be once all that was ordered is done: by port. Our own
    /// thread: on its way back.
    hosts: HashMap<u16, (MediaId, u8)>,
    /// Places of legs of other threads: by port, behind our own places.
    guests: HashMap<u16, usize>,
    /// Orders to legs on their way here.
    early: Vec<(MediaId, Command)>,
}

#[cfg(test)]
impl Abroad {
    /// Nobody is elsewhere, or here from elsewhere.
    pub(super) fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.guests.is_empty() && self.early.is_empty()
    }
}

impl Plane {
    /// What is to be handed to the plane of that thread, in order.
    pub fn poll_parcel(&mut self) -> Option<(u8, Parcel)> {
        self.parcels.pop_front()
    }

    /// A parcel from another plane; its sockets are here already.
    pub fn handle_parcel(&mut self, now: Instant, parcel: Parcel) {
        match parcel.0 {
            Content::Leg(leg) => self.settle_down(now, leg),
            Content::Order(id, command) => self.handle_command(now, id, command),
            Content::Over(id) => {
                self.abroad.hosts.remove(&id.port);
                self.events.push_back((id, Event::Closed));
            }
        }
    }

    /// Where a port's leg is, if it is a guest.
    pub(super) fn guest(&self, port: u16) -> Option<usize> {
        self.abroad.guests.get(&port).copied()
    }

    /// An order to a leg that is not here: passed on, or kept until the leg comes. Given back: nobody has
    /// ever heard of such a leg, or too many are kept.
    pub(super) fn pass_on(&mut self, id: MediaId, command: Command) -> Option<Command> {
        let host = match self.abroad.hosts.get_mut(&id.port).filter(|(of, _)| *of == id) {
            Some((_, host)) => {
                let at = *host;
                if let Command::Move(next) = command {
                    *host = next;
                }
                Some(at)
            }
            None => None,
        };
        match host {
            Some(host) if host != self.thread => {
                self.parcels.push_back((host, Parcel(Content::Order(id, command))));
            }
            // Our own has no other way back than the one it is on.
            None if id.thread == self.thread => return Some(command),
            Some(_) | None if self.abroad.early.len() >= limit::EARLY_ORDERS => {
                return Some(command);
            }
            Some(_) | None => self.abroad.early.push((id, command)),
        }
        None
    }

    /// The leg goes to another thread.
    pub(super) fn depart(&mut self, now: Instant, place: usize, to: u8) {
        if to == self.thread {
            return;
        }
        let Some(leg) = self.detach(now, place) else { return };
        let id = leg.id;
        if id.thread == self.thread {
            // Coming and going at once: it may have been told already to go on from there.
            self.abroad.hosts.entry(id.port).or_insert((id, to));
        } else {
            self.abroad.guests.remove(&id.port);
        }
        self.parcels.push_back((to, Parcel(Content::Leg(leg))));
    }

    /// A guest was closed: its ports go home. False: it is no guest, the ports are here.
    pub(super) fn send_home(&mut self, id: MediaId) -> bool {
        let is_guest = id.thread != self.thread;
        if is_guest && self.abroad.guests.remove(&id.port).is_some() {
            self.parcels.push_back((id.thread, Parcel(Content::Over(id))));
        }
        is_guest
    }

    /// A leg has come from another thread.
    fn settle_down(&mut self, now: Instant, mut leg: Box<Leg>) {
        let id = leg.id;
        let place = if id.thread == self.thread {
            self.place(id.port)
        } else {
            let free = (self.n_own..self.legs.len())
                .find(|place| self.legs.get(*place).is_some_and(Option::is_none));
            let place = free.unwrap_or(self.legs.len());
            if place == self.legs.len() {
                self.legs.push(None);
            }
            self.abroad.guests.insert(id.port, place);
            Some(place)
        };
        let Some(slot) = place.and_then(|place| self.legs.get_mut(place)) else { return };
        leg.arrive();
        let feed = leg.feed;
        *slot = Some(leg);
        let Some(place) = place else { return };
        // Whom it is to hear, and who is to hear it, may have been told so before it came.
        if let Feed::Leg(source) = feed {
            self.take_source(source, place);
        }
        let hears_it =
            |leg: &Option<Box<Leg>>| leg.as_ref().is_some_and(|leg| leg.feed == Feed::Leg(id));
        if let Some(sink) = self.legs.iter().position(hears_it) {
            self.take_source(id, sink);
        }
        self.settle(now, place);
        self.obey_early(now, id);
    }

    /// A leg has come: what it was ordered before, up to where it is to go on. The rest waits until it
    /// comes again.
    fn obey_early(&mut self, now: Instant, id: MediaId) {
        let all = std::mem::take(&mut self.abroad.early);
        let (its, others) = all.into_iter().partition(|(of, _)| *of == id);
        self.abroad.early = others;
        let its: Vec<(MediaId, Command)> = its;
        let mut orders = its.into_iter();
        while let Some((id, command)) = orders.next() {
            let moves = matches!(command, Command::Move(_));
            self.handle_command(now, id, command);
            if moves && self.leg(id).is_none() {
                self.abroad.early.extend(orders);
                return;
            }
        }
        self.abroad.hosts.remove(&id.port);
    }

    /// An order that nobody obeys.
    pub(super) fn refuse(&mut self, id: MediaId, command: &Command) {
        match command {
            Command::Tap(tap, _) => self.end_tap(Tapping::over(*tap)),
            Command::Close if self.place(id.port).is_some() => {
                self.events.push_back((id, Event::Closed));
            }
            Command::Close
            | Command::Open
            | Command::Agree(_)
            | Command::Feed(_)
            | Command::SendDigits(_)
            | Command::HoldTap(..)
            | Command::Untap(_)
            | Command::Hear(_)
            | Command::Speak(_)
            | Command::Live(..)
            | Command::Move(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::epoch::epoch;
    use crate::sound::Rate;
    use crate::tap::{Side, Tap, TapId, TapPiece};

    #[test]
    fn orders_to_who_never_comes_are_bounded() {
        let mut plane = Plane::new(epoch(), 0, &(10_000..=10_001), 1);
        let stranger = MediaId { thread: 1, port: 20_000, lease: 1 };
        for n in 1..=limit::EARLY_ORDERS + 1 {
            plane.handle_command(epoch(), stranger, Command::Feed(Feed::Silence));
            assert_eq!(plane.abroad.early.len(), n.min(limit::EARLY_ORDERS));
        }
        let mut over = Vec::new();
        for tap in [TapId(1), TapId(2)] {
            let how = Tap::new(Side::Inbound, Rate::Narrow);
            plane.handle_command(epoch(), stranger, Command::Tap(tap, how));
        }
        plane.give_taps(|tap, piece| over.push((tap, piece == TapPiece::End)));
        assert_eq!(over, [(TapId(1), true), (TapId(2), true)], "nobody waits for their end");
        assert_eq!(plane.n_legs(), 0);
        assert!(plane.poll_parcel().is_none());
    }
}
