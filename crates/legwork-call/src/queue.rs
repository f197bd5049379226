//! Queues of callers: who waits in which, in what order, and who waits for somebody to come.
//!
//! A queue is made by the first `<Enqueue>` that names it, and known from then on, empty or not, until the
//! process ends or too many others are made. Its members keep their place: whoever is taken out and can not
//! be served comes back to it. Nobody waits in a queue that somebody waits for.
//! Not here: `<Enqueue>` and `<Leave>` (`queue/enqueue`), what is heard meanwhile (`queue/wait`),
//! `<Dial><Queue>` (`queue/dial`), REST (`queue/order`).
//! Source: Twilio, "TwiML Voice: Enqueue", "Queue resource".

pub(crate) mod dial;
pub(crate) mod enqueue;
mod line;
mod order;
mod wait;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use crate::calls::Calls;
use crate::io::{Change, Output, QueueMemberRow, QueueRow};
use crate::leg::LegId;
use crate::limit;
use crate::moment;
use crate::sid::{AccountSid, QueueSid};

use line::{Line, Member, Place};

/// All queues.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    queues: BTreeMap<QueueSid, Queue>,
    by_name: BTreeMap<(AccountSid, String), QueueSid>,
    /// What there was to be seen of them, in a replay.
    relived: VecDeque<moment::Queue>,
    /// In a replay: there were too many.
    is_full: bool,
}

/// One queue.
#[derive(Debug)]
struct Queue {
    account: AccountSid,
    name: String,
    max_size: u32,
    /// As many as `max_size`.
    line: Line,
    /// Places of those that have been taken out and talk to nobody yet: they may come back. No more than there
    /// are calls.
    taken: BTreeSet<Place>,
    /// Those that wait for somebody to come, longest first: as many as there are calls.
    agents: VecDeque<LegId>,
    /// Since nobody waits in it.
    empty_since: Instant,
}

impl Queue {
    fn is_idle(&self) -> bool {
        self.line.is_empty() && self.taken.is_empty() && self.agents.is_empty()
    }
}

impl Queues {
    pub(crate) fn named(&self, account: AccountSid, name: &str) -> Option<QueueSid> {
        self.by_name.get(&(account, name.to_owned())).copied()
    }

    /// What a replay sees of them, in order.
    pub(crate) fn relive(&mut self, seen: &[moment::Queue], is_full: bool) {
        self.relived = seen.iter().cloned().collect();
        self.is_full = is_full;
    }

    /// Members, those that have been taken and not served yet, and those that wait for one.
    pub(crate) fn len(&self) -> usize {
        let of = |queue: &Queue| queue.line.len() + queue.taken.len() + queue.agents.len();
        self.queues.values().map(of).sum()
    }

    /// Is that leg at that place?
    pub(crate) fn holds(&self, queue: QueueSid, place: Place, leg: LegId) -> bool {
        self.queues.get(&queue).and_then(|queue| queue.line.at(place)) == Some(leg)
    }

    /// Does that leg wait for somebody to come?
    pub(crate) fn is_awaited_by(&self, queue: QueueSid, agent: LegId) -> bool {
        self.queues.get(&queue).is_some_and(|queue| queue.agents.contains(&agent))
    }

    /// Each with the names of who waits in it and for it, in order.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, Vec<LegId>, Vec<LegId>)> {
        self.queues.values().map(|queue| {
            let members = queue.line.legs().collect();
            (queue.name.as_str(), members, queue.agents.iter().copied().collect())
        })
    }

    /// Is there such a queue of that account's?
    fn is_of(&self, queue: QueueSid, account: AccountSid) -> bool {
        self.queues.get(&queue).is_some_and(|queue| queue.account == account)
    }

    fn agents(&mut self, queue: QueueSid) -> Option<&mut VecDeque<LegId>> {
        self.queues.get_mut(&queue).map(|queue| &mut queue.agents)
    }

    /// Who waits there first.
    fn first(&self, queue: QueueSid) -> Option<LegId> {
        let line = &self.queues.get(&queue)?.line;
        line.first().and_then(|place| line.at(place))
    }

    fn sees(&self, queue: QueueSid, place: Option<Place>, now: Instant) -> Option<moment::Queue> {
        let of = self.queues.get(&queue)?;
        let (size, average_s) = (of.line.len(), of.line.average(now).as_secs());
        let position = place.map_or(0, |place| of.line.position(place));
        Some(moment::Queue { sid: Some(queue), max_size: of.max_size, size, position, average_s })
    }

    /// Room for one more of the account's: that one goes which has been empty for longest. False: somebody
    /// waits in each, or has been taken out and may come back.
    fn make_room(&mut self, account: AccountSid) -> Result<Option<QueueSid>, ()> {
        let own = self.queues.iter().filter(|(_, queue)| queue.account == account);
        if self.is_full {
            return Err(());
        }
        if own.clone().count() < limit::QUEUES_MAX {
            return Ok(None);
        }
        let idle = own.filter(|(_, queue)| queue.is_idle());
        let oldest =
            idle.min_by_key(|(sid, queue)| (queue.empty_since, **sid)).map(|(sid, _)| *sid);
        let oldest = oldest.ok_or(())?;
        if let Some(gone) = self.queues.remove(&oldest) {
            self.by_name.remove(&(gone.account, gone.name));
        }
        Ok(Some(oldest))
    }
}

impl Calls {
    /// What there is to be seen of a queue, and of a place in it. None: there is no such queue.
    fn see_queue(&mut self, queue: Option<QueueSid>, place: Option<Place>) -> moment::Queue {
        let seen = match self.queues.relived.pop_front() {
            Some(relived) => relived,
            None => {
                let seen = queue.and_then(|queue| self.queues.sees(queue, place, self.now.mono));
                seen.unwrap_or_default()
            }
        };
        self.noted.note(|found| found.queues.push(seen.clone()));
        seen
    }

    /// What there is to be seen of the queue of that name.
    fn see_queue_named(&mut self, account: AccountSid, name: &str) -> moment::Queue {
        let known = self.queues.named(account, name);
        let seen = self.see_queue(known, None);
        // In a replay it may have been another call that made it.
        if let (Some(sid), None) = (seen.sid, known) {
            self.add_queue(sid, account, name, seen.max_size);
        }
        seen
    }

    /// A new queue. None: there are too many that are in use.
    fn make_queue(&mut self, account: AccountSid, name: &str, max_size: u32) -> Option<QueueSid> {
        let room = self.queues.make_room(account);
        match room {
            Ok(None) => {}
            Ok(Some(queue)) => self.push(Output::Store(Change::QueueGone { account, queue })),
            Err(()) => {
                self.noted.note(|found| found.queues_full = true);
                return None;
            }
        }
        let sid = self.new_queue_sid();
        self.add_queue(sid, account, name, max_size);
        Some(sid)
    }

    fn add_queue(&mut self, sid: QueueSid, account: AccountSid, name: &str, max_size: u32) {
        let row =
            QueueRow { sid, account, name: name.to_owned(), max_size, created: self.now.wall };
        self.push(Output::Store(Change::Queue(Box::new(row))));
        let queue = Queue {
            account,
            name: name.to_owned(),
            max_size,
            line: Line::new(self.now.mono),
            taken: BTreeSet::new(),
            agents: VecDeque::new(),
            empty_since: self.now.mono,
        };
        self.queues.queues.insert(sid, queue);
        self.queues.by_name.insert((account, name.to_owned()), sid);
    }

    /// The leg takes a place: the last, for it is new.
    fn stand_in_line(&mut self, queue: QueueSid, leg: LegId) -> Place {
        let place = Place(self.next_id());
        let (since, since_wall) = (self.now.mono, self.now.wall);
        self.put_member(queue, place, Member { leg, since, since_wall });
        place
    }

    fn put_member(&mut self, queue: QueueSid, place: Place, member: Member) {
        let Some(of) = self.queues.queues.get_mut(&queue) else { return };
        of.taken.remove(&place);
        of.line.insert(place, member);
        let account = of.account;
        let Some(call) = self.leg(member.leg).map(|leg| leg.sid) else { return };
        let since = member.since_wall;
        let row = QueueMemberRow { queue, account, call, place: place.0, since };
        self.push(Output::Store(Change::QueueMember(row)));
    }

    /// The place is nobody's any more.
    fn give_place_up(&mut self, queue: QueueSid, place: Place) -> Option<Member> {
        let now = self.now.mono;
        let of = self.queues.queues.get_mut(&queue)?;
        let member = of.line.remove(place)?;
        of.empty_since = now;
        self.push(Output::Store(Change::QueueLeft { queue, place: place.0 }));
        Some(member)
    }

    /// The first is taken out; it has its place again if nothing comes of that.
    fn take_first(&mut self, queue: QueueSid) -> Option<Member> {
        let place = self.queues.queues.get(&queue)?.line.first()?;
        if let Some(of) = self.queues.queues.get_mut(&queue) {
            of.taken.insert(place);
        }
        self.give_place_up(queue, place)
    }

    /// Who was taken out from there does not come back.
    fn forget_taken(&mut self, queue: QueueSid, place: Place) {
        if let Some(of) = self.queues.queues.get_mut(&queue) {
            of.taken.remove(&place);
            of.empty_since = self.now.mono;
        }
    }
}

#[cfg(test)]
mod tests;
