//! Queues: first come, first served; nobody is lost, nobody is in two places; nobody waits in a queue that
//! somebody waits for; the read model says the same as the engine.
//!
//! Not here: what is heard there (`audio`), that the two talk (`audio`).
//! Source: Twilio, "TwiML Voice: Enqueue", "Queue".

use std::collections::{BTreeMap, BTreeSet};

use legwork_call::io::Change;
use legwork_call::sid::{CallSid, QueueSid};
use legwork_call::view::{Doing, Leg, Queue, Waits};

#[derive(Debug, Default)]
pub(super) struct Queues {
    /// As the read model has them.
    names: BTreeMap<QueueSid, String>,
    members: BTreeMap<(QueueSid, u64), CallSid>,
    /// Who left last, and from where.
    left: Option<(QueueSid, u64, CallSid)>,
    /// Who talks, or has talked, with whom since it came.
    talks: BTreeMap<CallSid, CallSid>,
    pub(super) story: Story,
}

/// What happened in queues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Who got a place, or its place again, in order.
    pub arrived: Vec<CallSid>,
    /// Who was taken out, in order.
    pub taken: Vec<CallSid>,
}

impl Queues {
    pub(super) fn stored(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Queue(row) => {
                let is_new = self.names.insert(row.sid, row.name.clone()).is_none();
                if is_new { Ok(()) } else { Err(format!("queues: made twice: {row:?}")) }
            }
            Change::QueueGone { queue, .. } => {
                let is_empty = self.members.keys().all(|(of, _)| of != queue);
                let was_there = self.names.remove(queue).is_some();
                if is_empty && was_there { Ok(()) } else { Err(format!("queues: gone: {queue}")) }
            }
            Change::QueueMember(row) => {
                let is_known = self.names.contains_key(&row.queue);
                let before = self.members.insert((row.queue, row.place), row.call);
                self.story.arrived.push(row.call);
                self.talks.remove(&row.call);
                let is_fine = is_known && before.is_none();
                if is_fine { Ok(()) } else { Err(format!("queues: place taken: {row:?}")) }
            }
            Change::QueueLeft { queue, place } => match self.members.remove(&(*queue, *place)) {
                Some(call) => {
                    self.left = Some((*queue, *place, call));
                    Ok(())
                }
                None => Err(format!("queues: nobody was at {place} of {queue}")),
            },
            Change::Call(_)
            | Change::Alert(_)
            | Change::Recording(_)
            | Change::Transcription(_)
            | Change::Trunk(_)
            | Change::TrunkGone { .. }
            | Change::Conference(_)
            | Change::Participant(_) => Ok(()),
        }
    }

    /// Somebody took that call out.
    pub(super) fn taken(&mut self, call: CallSid) -> Result<(), String> {
        self.story.taken.push(call);
        let Some((queue, place, _)) = self.left.take().filter(|(.., left)| *left == call) else {
            return Err(format!("queues: {call} was taken and had not been there"));
        };
        match self.members.range((queue, 0)..(queue, place)).next() {
            Some(before) => Err(format!("queues: {call} was taken before {before:?}")),
            None => Ok(()),
        }
    }

    pub(super) fn look<'a>(
        &mut self,
        legs: &[Leg<'_>],
        queues: impl Iterator<Item = Queue<'a>>,
    ) -> Result<(), String> {
        for leg in legs.iter().filter(|leg| leg.waits == Waits::Queue) {
            let Doing::Bridged { with } = leg.doing else { continue };
            // Another leg may have come in place of the one that took it.
            let lives = |call: CallSid| legs.iter().any(|leg| leg.call == call);
            let before = self.talks.insert(leg.call, with);
            if before.is_some_and(|before| before != with && lives(before)) {
                return Err(format!("queues: served twice: {leg:?}"));
            }
        }
        let mut seen = BTreeSet::new();
        let mut n_members = 0;
        for queue in queues {
            if !queue.members.is_empty() && !queue.agents.is_empty() {
                return Err(format!("queues: nobody is served: {queue:?}"));
            }
            let of = self.names.iter().find(|(_, name)| *name == queue.name).map(|(sid, _)| *sid);
            let rows = self.members.iter().filter(|((sid, _), _)| Some(*sid) == of);
            if !rows.map(|(_, call)| call).eq(&queue.members) {
                return Err(format!("queues: {queue:?}, but the rows say {:?}", self.members));
            }
            n_members += queue.members.len();
            for call in queue.members.iter().chain(&queue.agents) {
                let leg = legs.iter().find(|leg| leg.call == *call);
                let waits =
                    leg.is_some_and(|leg| leg.doing == Doing::Alone && leg.waits != Waits::Nothing);
                if !waits || !seen.insert(*call) {
                    return Err(format!("queues: {call} in {queue:?} is {leg:?}"));
                }
            }
            // It rings until there is something to be heard.
            let is_fine = |leg: &Leg<'_>| {
                leg.is_answered || matches!(leg.waits, Waits::Application | Waits::Pause)
            };
            let mut members = legs.iter().filter(|leg| queue.members.contains(&leg.call));
            if !members.all(is_fine) {
                return Err(format!("queues: somebody rings in {queue:?}"));
            }
        }
        if n_members != self.members.len() {
            return Err(format!("queues: rows of nobody: {:?}", self.members));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use legwork_call::io::{QueueMemberRow, QueueRow};
    use legwork_call::sid::AccountSid;

    use super::*;

    const QUEUE: QueueSid = QueueSid::from_bits(1);

    fn made() -> Queues {
        let mut queues = Queues::default();
        let (account, created) = (AccountSid::from_bits(1), SystemTime::UNIX_EPOCH);
        let name = "line".to_owned();
        let row = QueueRow { sid: QUEUE, account, name, max_size: 1, created };
        queues.stored(&Change::Queue(Box::new(row))).unwrap();
        queues
    }

    fn comes(place: u64) -> Change {
        Change::QueueMember(QueueMemberRow {
            queue: QUEUE,
            account: AccountSid::from_bits(1),
            call: CallSid::from_bits(place.into()),
            place,
            since: SystemTime::UNIX_EPOCH,
        })
    }

    #[test]
    fn the_first_is_served_first() {
        let mut queues = made();
        for place in [1, 2] {
            queues.stored(&comes(place)).unwrap();
        }
        assert!(queues.stored(&comes(1)).is_err(), "it is taken");
        queues.stored(&Change::QueueLeft { queue: QUEUE, place: 2 }).unwrap();
        assert!(queues.taken(CallSid::from_bits(2)).is_err(), "not its turn");
        queues.stored(&Change::QueueLeft { queue: QUEUE, place: 1 }).unwrap();
        assert!(queues.taken(CallSid::from_bits(3)).is_err(), "somebody else");
        queues.stored(&comes(1)).unwrap();
        queues.stored(&Change::QueueLeft { queue: QUEUE, place: 1 }).unwrap();
        assert_eq!(queues.taken(CallSid::from_bits(1)), Ok(()));
        assert!(queues.taken(CallSid::from_bits(1)).is_err(), "twice");
        assert!(queues.stored(&Change::QueueLeft { queue: QUEUE, place: 1 }).is_err());
    }

    #[test]
    fn nobody_is_served_twice() {
        let mut queues = Queues::default();
        let leg = |call: u128, doing| Leg {
            call: CallSid::from_bits(call),
            sip_call_id: "",
            media: None,
            is_answered: true,
            doing,
            feed: legwork_media::Feed::Silence,
            waits: Waits::Queue,
            agreed: None,
            hears_keys: false,
        };
        let talks = |with| leg(1, Doing::Bridged { with: CallSid::from_bits(with) });
        let (second, third) = (leg(2, Doing::Alone), leg(3, Doing::Alone));
        let mut look = |legs: &[Leg<'_>]| queues.look(legs, std::iter::empty());
        assert_eq!(look(&[talks(2), second]), Ok(()));
        assert_eq!(look(&[talks(2), second, third]), Ok(()));
        assert!(look(&[talks(3), second, third]).is_err());
        assert_eq!(look(&[talks(4), second]), Ok(()), "in place of the third");
    }

    #[test]
    fn a_queue_with_somebody_in_it_is_not_forgotten() {
        let mut queues = made();
        queues.stored(&comes(1)).unwrap();
        let gone = Change::QueueGone { account: AccountSid::from_bits(1), queue: QUEUE };
        assert!(queues.stored(&gone).is_err());
    }

    #[test]
    fn rows_and_queues_must_agree() {
        let mut queues = made();
        let of = |members, agents| [Queue { name: "line", members, agents }].into_iter();
        assert_eq!(queues.look(&[], of(vec![], vec![])), Ok(()));
        let call = CallSid::from_bits(1);
        assert!(queues.look(&[], of(vec![call], vec![])).is_err(), "no row");
        assert!(queues.look(&[], of(vec![], vec![call])).is_err(), "no leg");
        queues.stored(&comes(1)).unwrap();
        assert!(queues.look(&[], of(vec![call], vec![])).is_err(), "no leg");
        assert!(queues.look(&[], of(vec![], vec![])).is_err(), "a row of nobody");
    }
}
