//! A leg's sound copied to another one, beside whoever hears it: to a session recorder.
//!
//! Who copies asks for it anew every 20 ms and gets what was said and heard in the last ones. So nothing is
//! left over when one of the two ends or lives on another thread for a while: nobody asks, or nobody answers.
//! Not here: sound given away to the shell (`plane::taps`).

use std::time::Instant;

use super::Plane;
use super::leg::Leg;
use crate::command::{Feed, MediaId, Track};
use crate::sound::{Frame, Rate};

/// Ticks for which sound is kept that nobody asks for.
const KEPT: u8 = 2;

/// What a leg gives to who copies it, and what it has of the one it copies.
#[derive(Debug)]
pub(super) struct Copies {
    inbound: Kept,
    outbound: Kept,
    taken: Option<Frame>,
}

/// One way of a leg.
#[derive(Debug)]
struct Kept {
    frame: Frame,
    /// Ticks until nobody wants it any more.
    left: u8,
}

impl Default for Copies {
    fn default() -> Self {
        let kept = || Kept { frame: Frame::silent(Rate::Narrow), left: 0 };
        Self { inbound: kept(), outbound: kept(), taken: None }
    }
}

impl Copies {
    /// What was said and heard in these 20 ms.
    pub(super) fn keep(&mut self, inbound: &Frame, outbound: &Frame) {
        self.inbound.frame = *inbound;
        self.outbound.frame = *outbound;
    }

    /// What it copies. None: there is nothing to be copied.
    pub(super) fn taken(&self) -> Option<Frame> {
        self.taken
    }

    fn kept(&mut self, track: Track) -> &mut Kept {
        match track {
            Track::Inbound => &mut self.inbound,
            Track::Outbound => &mut self.outbound,
        }
    }

    /// 20 ms without a question. True: one way is not wanted any more since then.
    fn age(&mut self) -> bool {
        let mut ends = false;
        for kept in [&mut self.inbound, &mut self.outbound] {
            if kept.left == 1 {
                ends = true;
                kept.frame = Frame::silent(Rate::Narrow);
            }
            kept.left = kept.left.saturating_sub(1);
        }
        ends
    }

    fn is_idle(&self) -> bool {
        self.inbound.left == 0 && self.outbound.left == 0
    }
}

impl Leg {
    /// Somebody copies that way of it.
    pub(super) fn is_copied(&self, track: Track) -> bool {
        self.copies.as_ref().is_some_and(|copies| match track {
            Track::Inbound => copies.inbound.left > 0,
            Track::Outbound => copies.outbound.left > 0,
        })
    }

    /// True: it is copied less than before.
    fn age_copies(&mut self) -> bool {
        let copies = matches!(self.feed, Feed::Copy(..));
        let Some(of) = &mut self.copies else { return false };
        let ends = of.age();
        if of.is_idle() && !copies {
            self.copies = None;
            return true;
        }
        ends
    }

    /// What the one it copies said or heard in the last 20 ms.
    fn take_copy(&mut self, frame: Option<Frame>) {
        self.copies.get_or_insert_default().taken = frame;
    }
}

impl Plane {
    /// Every leg that copies another gets its sound.
    pub(super) fn take_copies(&mut self, at: Instant) {
        for n in 0..self.ticking.len() {
            let Some(&place) = self.ticking.get(n) else { return };
            let Some(leg) = self.at_mut(place) else { continue };
            let ends = leg.age_copies();
            let feed = leg.feed;
            if ends {
                self.settle(at, place);
            }
            if let Feed::Copy(id, track) = feed {
                let frame = self.copy(at, id, track);
                if let Some(leg) = self.at_mut(place) {
                    leg.take_copy(frame);
                }
            }
        }
    }

    /// One way of that leg in the last 20 ms; it is kept from now on, if it was not.
    fn copy(&mut self, at: Instant, id: MediaId, track: Track) -> Option<Frame> {
        let leg = self.leg(id)?;
        let kept = leg.copies.get_or_insert_default().kept(track);
        let is_new = std::mem::replace(&mut kept.left, KEPT) == 0;
        let frame = kept.frame;
        if is_new && let Some(place) = self.place(id.port) {
            self.settle(at, place);
        }
        Some(frame)
    }
}
