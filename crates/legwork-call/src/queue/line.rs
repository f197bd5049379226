//! The line of one queue: who waits, first come first, and for how long on average.
//!
//! Where somebody stands and how long all have waited costs no more with thousands in it than with ten.
//! Not here: who is taken out, and when (`queue`).

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use crate::leg::LegId;

/// A place in a queue: lower ones are served first. Never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(pub(super) u64);

/// Who waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) leg: LegId,
    pub(super) since: Instant,
    /// The same, as a date.
    pub(super) since_wall: SystemTime,
}

/// Who waits, by place.
#[derive(Debug)]
pub(super) struct Line {
    members: VecDeque<(Place, Member)>,
    /// What the instants they came at are counted from.
    epoch: Instant,
    /// The sum of those.
    came: Duration,
}

impl Line {
    pub(super) const fn new(now: Instant) -> Self {
        Self { members: VecDeque::new(), epoch: now, came: Duration::ZERO }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn legs(&self) -> impl Iterator<Item = LegId> {
        self.members.iter().map(|(_, member)| member.leg)
    }

    pub(super) fn first(&self) -> Option<Place> {
        self.members.front().map(|(place, _)| *place)
    }

    pub(super) fn at(&self, place: Place) -> Option<LegId> {
        let at = self.members.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        self.members.get(at).map(|(_, member)| member.leg)
    }

    /// Nobody is there.
    pub(super) fn insert(&mut self, place: Place, member: Member) {
        let at = self.members.partition_point(|(other, _)| *other < place);
        self.members.insert(at, (place, member));
        self.came += self.counted(member);
    }

    pub(super) fn remove(&mut self, place: Place) -> Option<Member> {
        let at = self.members.binary_search_by_key(&place, |(place, _)| *place).ok()?;
        let (_, member) = self.members.remove(at)?;
        self.came = self.came.saturating_sub(self.counted(member));
        Some(member)
    }

    /// How many stand there or before it.
    pub(super) fn position(&self, place: Place) -> usize {
        self.members.partition_point(|(other, _)| *other <= place)
    }

    /// How long they have waited on average.
    pub(super) fn average(&self, now: Instant) -> Duration {
        let Ok(size @ 1..) = u32::try_from(self.members.len()) else { return Duration::ZERO };
        let all = now.saturating_duration_since(self.epoch).saturating_mul(size);
        all.saturating_sub(self.came) / size
    }

    fn counted(&self, member: Member) -> Duration {
        member.since.saturating_duration_since(self.epoch)
    }
}
