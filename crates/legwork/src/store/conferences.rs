//! Conferences and who is in them, as REST sees them: those that are over up to a limit.
//!
//! Not here: conferences themselves (`legwork-call`, `conference`).

use std::collections::{HashMap, VecDeque};

use legwork_call::io::{ConferenceRow, ParticipantRow};
use legwork_call::sid::{AccountSid, ConferenceSid};

use super::Store;
use crate::limit;

/// Every conference there is, and the last that were.
#[derive(Debug, Default)]
pub(super) struct Conferences {
    all: HashMap<ConferenceSid, Conference>,
    /// Those that are over, the oldest first.
    over: VecDeque<ConferenceSid>,
    /// How many there have been: the order of lists.
    count: u64,
}

#[derive(Debug)]
struct Conference {
    number: u64,
    row: ConferenceRow,
    /// Who is there, in the order they came.
    participants: Vec<ParticipantRow>,
}

impl Store {
    /// A conference began, started or ended.
    pub fn put_conference(&self, row: ConferenceRow) {
        let conferences = &mut self.model().conferences;
        let (sid, is_over) = (row.sid, row.status == "completed");
        match conferences.all.get_mut(&sid) {
            Some(conference) => conference.row = row,
            None => {
                conferences.count += 1;
                let number = conferences.count;
                let conference = Conference { number, row, participants: Vec::new() };
                conferences.all.insert(sid, conference);
            }
        }
        if is_over {
            conferences.over.push_back(sid);
            if conferences.over.len() > limit::CONFERENCES_OVER_MAX
                && let Some(oldest) = conferences.over.pop_front()
            {
                conferences.all.remove(&oldest);
            }
        }
    }

    /// Somebody came into a conference, was changed there, or has left.
    pub fn put_participant(&self, row: ParticipantRow) {
        let conferences = &mut self.model().conferences;
        let Some(conference) = conferences.all.get_mut(&row.conference) else { return };
        let participants = &mut conference.participants;
        let at = participants.iter().position(|other| other.call == row.call);
        match (at, row.left.is_some()) {
            (Some(at), true) => drop(participants.remove(at)),
            (Some(at), false) => {
                if let Some(place) = participants.get_mut(at) {
                    *place = row;
                }
            }
            (None, true) => {}
            (None, false) => participants.push(row),
        }
    }

    /// Conferences of an account, newest first; those that are over only if asked for.
    pub fn conferences(&self, account: AccountSid, over: bool) -> Vec<ConferenceRow> {
        let model = self.model();
        let is_wanted =
            |of: &&Conference| of.row.account == account && (over || of.row.status != "completed");
        let mut found: Vec<_> = model.conferences.all.values().filter(is_wanted).collect();
        found.sort_unstable_by_key(|conference| std::cmp::Reverse(conference.number));
        found.into_iter().map(|conference| conference.row.clone()).collect()
    }

    /// One conference of an account, and who is there.
    pub fn conference(
        &self,
        account: AccountSid,
        sid: ConferenceSid,
    ) -> Option<(ConferenceRow, Vec<ParticipantRow>)> {
        let model = self.model();
        let found = model.conferences.all.get(&sid).filter(|of| of.row.account == account)?;
        Some((found.row.clone(), found.participants.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use legwork_call::sid::CallSid;

    use super::*;

    const MINE: AccountSid = AccountSid::from_bits(1);

    fn row(number: u128, status: &'static str) -> ConferenceRow {
        ConferenceRow {
            sid: ConferenceSid::from_bits(number),
            account: MINE,
            name: "one".to_owned(),
            status,
            created: UNIX_EPOCH,
            updated: UNIX_EPOCH,
        }
    }

    fn participant(call: u128, is_there: bool) -> ParticipantRow {
        ParticipantRow {
            conference: ConferenceSid::from_bits(1),
            account: MINE,
            call: CallSid::from_bits(call),
            label: None,
            muted: false,
            hold: false,
            call_sid_to_coach: None,
            start_on_enter: true,
            end_on_exit: false,
            joined: UNIX_EPOCH,
            updated: UNIX_EPOCH,
            left: (!is_there).then_some(UNIX_EPOCH),
        }
    }

    #[test]
    fn who_has_left_is_not_there() {
        let store = Store::default();
        store.put_conference(row(1, "init"));
        store.put_participant(participant(1, true));
        store.put_participant(participant(2, true));
        store.put_participant(ParticipantRow { muted: true, ..participant(1, true) });
        let there = |store: &Store| {
            let (_, there) = store.conference(MINE, ConferenceSid::from_bits(1)).unwrap();
            there.iter().map(|of| (of.call, of.muted)).collect::<Vec<_>>()
        };
        let call = CallSid::from_bits;
        assert_eq!(there(&store), [(call(1), true), (call(2), false)]);
        store.put_participant(participant(1, false));
        assert_eq!(there(&store), [(call(2), false)]);
        let other = AccountSid::from_bits(2);
        assert!(store.conference(other, ConferenceSid::from_bits(1)).is_none());
        assert!(store.conferences(other, true).is_empty());
    }

    #[test]
    fn those_that_are_over_are_remembered_up_to_a_limit() {
        let store = Store::default();
        let last = limit::CONFERENCES_OVER_MAX as u128 + 1;
        for number in 1..=last {
            store.put_conference(row(number, "init"));
            store.put_conference(row(number, "completed"));
        }
        store.put_conference(row(last + 1, "init"));
        assert_eq!(store.conferences(MINE, true).len(), limit::CONFERENCES_OVER_MAX + 1);
        assert_eq!(store.conferences(MINE, false).len(), 1);
        assert!(store.conference(MINE, ConferenceSid::from_bits(1)).is_none());
        assert!(store.conference(MINE, ConferenceSid::from_bits(2)).is_some());
    }
}
