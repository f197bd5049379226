//! The read model: calls, alerts, ladders, transcripts and trunks as REST and the command line see them. In memory only.
//!
//! Not here: queues (`store/queues`); calls themselves (`legwork-call`); how they are shown (`api`).
//! Source: ARCHITECTURE.md, "reads never enter the switch".

mod conferences;
mod queues;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use legwork_call::alert::Alert;
use legwork_call::io::{CallRow, TranscriptionRow, TrunkRow};
use legwork_call::ladder::Row;
use legwork_call::sid::{AccountSid, CallSid, RecordingSid, TranscriptionSid};

use crate::limit;
use conferences::Conferences;

pub use queues::Queue;
use queues::Queues;

/// Everything that can be read.
#[derive(Debug, Default)]
pub struct Store(Mutex<Model>);

#[derive(Debug, Default)]
struct Model {
    calls: HashMap<CallSid, Call>,
    /// Ended calls, oldest first.
    finished: VecDeque<CallSid>,
    /// By the first leg of the conversation.
    ladders: HashMap<CallSid, Ladder>,
    /// Keys of `ladders`, oldest first.
    ladder_order: VecDeque<CallSid>,
    alerts: VecDeque<NumberedAlert>,
    /// As many as the configuration has.
    trunks: BTreeMap<(AccountSid, String), TrunkRow>,
    queues: Queues,
    transcriptions: HashMap<TranscriptionSid, TranscriptionRow>,
    /// Keys of `transcriptions`, oldest first.
    transcription_order: VecDeque<TranscriptionSid>,
    conferences: Conferences,
    counts: Counts,
}

/// What is counted since start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that began.
    pub calls: u64,
    /// Alerts raised: the number of the last.
    pub alerts: u64,
    /// Panics that reached the loop.
    pub bugs: u64,
}

#[derive(Debug)]
struct Call {
    row: CallRow,
    /// Number of the call since start: the order of lists.
    number: u64,
    /// The conversations it was part of, newest last.
    roots: Vec<CallSid>,
}

#[derive(Debug, Default)]
struct Ladder {
    rows: VecDeque<TimedRow>,
    /// Number of the first row kept.
    first: usize,
}

/// A row and when it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedRow {
    /// When.
    pub at: SystemTime,
    /// What.
    pub row: Row,
}

/// An alert and its number since start.
#[derive(Clone, Debug)]
pub struct NumberedAlert {
    /// From 1.
    pub number: u64,
    /// The alert.
    pub alert: Alert,
}

/// The ladder of a call's conversation, from some row on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The rows.
    pub rows: Vec<TimedRow>,
    /// Where to go on.
    pub next: usize,
}

/// A call is over.
pub fn is_over(row: &CallRow) -> bool {
    row.ended.is_some()
}

impl Store {
    fn model(&self) -> MutexGuard<'_, Model> {
        // A reader that panicked has changed nothing.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call began or changed.
    pub fn put_call(&self, row: CallRow) {
        let mut model = self.model();
        let sid = row.sid;
        let over = is_over(&row);
        let was_over = match model.calls.get_mut(&sid) {
            Some(call) => std::mem::replace(&mut call.row, row).ended.is_some(),
            None => {
                model.counts.calls += 1;
                let number = model.counts.calls;
                model.calls.insert(sid, Call { row, number, roots: Vec::new() });
                false
            }
        };
        if over && !was_over {
            model.finished.push_back(sid);
            if model.finished.len() > limit::FINISHED_MAX
                && let Some(oldest) = model.finished.pop_front()
            {
                model.forget(oldest);
            }
        }
    }

    /// Something happened in a call.
    pub fn put_row(&self, at: SystemTime, row: Row) {
        let mut model = self.model();
        let root = row.root;
        if let Some(call) = model.calls.get_mut(&row.call)
            && !call.roots.contains(&root)
        {
            call.roots.push(root);
        }
        if !model.ladders.contains_key(&root) {
            model.ladder_order.push_back(root);
            if model.ladder_order.len() > limit::LADDERS_MAX
                && let Some(oldest) = model.ladder_order.pop_front()
            {
                model.ladders.remove(&oldest);
            }
        }
        let ladder = model.ladders.entry(root).or_default();
        ladder.rows.push_back(TimedRow { at, row });
        if ladder.rows.len() > limit::ROWS_MAX {
            ladder.rows.pop_front();
            ladder.first += 1;
        }
    }

    /// Something went wrong for an application's owner.
    pub fn put_alert(&self, alert: Alert) {
        let mut model = self.model();
        model.counts.alerts += 1;
        let number = model.counts.alerts;
        model.alerts.push_back(NumberedAlert { number, alert });
        if model.alerts.len() > limit::ALERTS_MAX {
            model.alerts.pop_front();
        }
    }

    /// What was said in a recording is to be told, or known.
    pub fn put_transcription(&self, row: TranscriptionRow) {
        let mut model = self.model();
        let sid = row.sid;
        let is_first = row.status == "in-progress";
        if !is_first && !model.transcriptions.contains_key(&sid) {
            // Its recording was removed meanwhile, or there were too many.
            return;
        }
        if model.transcriptions.insert(sid, row).is_some() {
            return;
        }
        model.transcription_order.push_back(sid);
        if model.transcription_order.len() > limit::TRANSCRIPTS_MAX
            && let Some(oldest) = model.transcription_order.pop_front()
        {
            model.transcriptions.remove(&oldest);
        }
    }

    /// One transcript of an account.
    pub fn transcription(
        &self,
        account: AccountSid,
        sid: TranscriptionSid,
    ) -> Option<TranscriptionRow> {
        let found = self.model().transcriptions.get(&sid).cloned();
        found.filter(|row| row.account == account)
    }

    /// A recording is gone: so is what was said in it.
    pub fn forget_transcriptions(&self, of: RecordingSid) {
        let Model { transcriptions, transcription_order, .. } = &mut *self.model();
        transcriptions.retain(|_, row| row.recording != of);
        transcription_order.retain(|sid| transcriptions.contains_key(sid));
    }

    /// A trunk is kept, or what is known of it changed.
    pub fn put_trunk(&self, row: TrunkRow) {
        self.model().trunks.insert((row.account, row.name.clone()), row);
    }

    /// A trunk is not kept any more.
    pub fn forget_trunk(&self, account: AccountSid, name: String) {
        self.model().trunks.remove(&(account, name));
    }

    /// The trunks of an account, by name.
    pub fn trunks(&self, account: AccountSid) -> Vec<TrunkRow> {
        let model = self.model();
        let own = model.trunks.values().filter(|row| row.account == account);
        own.cloned().collect()
    }

    /// A panic reached the loop.
    pub fn count_bug(&self) {
        self.model().counts.bugs += 1;
    }

    /// Since start.
    pub fn counts(&self) -> Counts {
        self.model().counts
    }

    /// Calls of an account, newest first; ended ones only if asked for.
    pub fn calls(&self, account: AccountSid, finished: bool) -> Vec<CallRow> {
        let model = self.model();
        let mut found: Vec<(u64, CallRow)> = model
            .calls
            .values()
            .filter(|call| call.row.account == account && (finished || !is_over(&call.row)))
            .map(|call| (call.number, call.row.clone()))
            .collect();
        found.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        found.into_iter().map(|(_, row)| row).collect()
    }

    /// One call of an account.
    pub fn call(&self, account: AccountSid, sid: CallSid) -> Option<CallRow> {
        let model = self.model();
        model.calls.get(&sid).map(|call| call.row.clone()).filter(|row| row.account == account)
    }

    /// The ladder of the conversation a call was part of last, from row `from` on.
    pub fn trace(&self, sid: CallSid, from: usize) -> Trace {
        let model = self.model();
        let root = model.calls.get(&sid).and_then(|call| call.roots.last().copied());
        let Some(ladder) = model.ladders.get(&root.unwrap_or(sid)) else {
            return Trace { rows: Vec::new(), next: from };
        };
        let skipped = from.saturating_sub(ladder.first);
        let rows = ladder.rows.iter().skip(skipped).cloned().collect();
        Trace { rows, next: ladder.first + ladder.rows.len() }
    }

    /// Alerts an account may see after number `after`, oldest first.
    pub fn alerts(&self, account: AccountSid, after: u64) -> Vec<NumberedAlert> {
        let model = self.model();
        let may_see = |of: &&NumberedAlert| of.alert.account.is_none_or(|owner| owner == account);
        let newer = model.alerts.iter().filter(|alert| alert.number > after);
        newer.filter(may_see).cloned().collect()
    }
}

impl Model {
    fn forget(&mut self, sid: CallSid) {
        self.calls.remove(&sid);
        if self.ladders.remove(&sid).is_some() {
            self.ladder_order.retain(|root| *root != sid);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use legwork_call::alert::Level;
    use legwork_call::ladder::What;

    use super::*;

    const MINE: AccountSid = AccountSid::from_bits(1);

    fn call(number: u128, ended: bool) -> CallRow {
        CallRow {
            sid: CallSid::from_bits(number),
            account: MINE,
            parent: None,
            from: "sip:alice@localhost".to_owned(),
            to: "sip:bob@localhost".to_owned(),
            direction: "inbound",
            status: if ended { "completed" } else { "in-progress" },
            sip_call_id: number.to_string(),
            created: UNIX_EPOCH,
            answered: None,
            answered_by: None,
            ended: ended.then_some(UNIX_EPOCH),
        }
    }

    fn row(call: u128, root: u128, what: &str) -> Row {
        Row {
            call: CallSid::from_bits(call),
            root: CallSid::from_bits(root),
            party: "alice".to_owned(),
            what: What::Decided(what.to_owned()),
        }
    }

    fn alert() -> Alert {
        Alert {
            code: 13_802,
            level: Level::Error,
            text: "no referUrl".to_owned(),
            account: Some(MINE),
            call: Some(CallSid::from_bits(1)),
            at: UNIX_EPOCH,
            request: None,
            response: None,
        }
    }

    #[test]
    fn ended_calls_are_remembered_up_to_a_limit() {
        let store = Store::default();
        let last = limit::FINISHED_MAX as u128 + 1;
        for number in 0..=last {
            store.put_call(call(number, false));
            store.put_row(UNIX_EPOCH, row(number, number, "x"));
            store.put_call(call(number, true));
            // Changes after the end do not count twice.
            store.put_call(call(number, true));
        }
        store.put_call(call(last + 1, false));
        assert_eq!(store.calls(MINE, true).len(), limit::FINISHED_MAX + 1);
        assert_eq!(store.calls(MINE, false), [call(last + 1, false)]);
        assert_eq!(store.call(MINE, CallSid::from_bits(1)), None);
        assert_eq!(store.trace(CallSid::from_bits(1), 0).rows, []);
        assert_eq!(store.trace(CallSid::from_bits(last), 0).rows.len(), 1);
        assert_eq!(store.model().ladder_order.len(), limit::FINISHED_MAX);
        assert_eq!(store.calls(AccountSid::from_bits(2), true), []);
    }

    #[test]
    fn a_ladder_belongs_to_a_conversation_and_is_bounded() {
        let store = Store::default();
        store.put_call(call(1, false));
        store.put_call(call(2, false));
        store.put_row(UNIX_EPOCH, row(1, 1, "first"));
        store.put_row(UNIX_EPOCH, row(2, 1, "second"));
        let trace = store.trace(CallSid::from_bits(2), 0);
        assert_eq!((trace.rows.len(), trace.next), (2, 2));
        assert_eq!(store.trace(CallSid::from_bits(1), 1).rows.len(), 1);
        for _ in 0..limit::ROWS_MAX {
            store.put_row(UNIX_EPOCH, row(1, 1, "more"));
        }
        let trace = store.trace(CallSid::from_bits(1), 0);
        assert_eq!((trace.rows.len(), trace.next), (limit::ROWS_MAX, limit::ROWS_MAX + 2));
        assert_eq!(store.trace(CallSid::from_bits(1), trace.next).rows, []);
    }

    #[test]
    fn alerts_are_seen_by_their_account_alone() {
        // Its call is not remembered any more, or there never was one.
        let store = Store::default();
        store.put_alert(alert());
        store.put_alert(Alert { call: None, ..alert() });
        store.put_alert(Alert { account: None, ..alert() });
        assert_eq!(store.alerts(MINE, 0).len(), 3);
        assert_eq!(store.alerts(AccountSid::from_bits(2), 0).len(), 1);
    }

    #[test]
    fn alerts_are_numbered_and_bounded() {
        let store = Store::default();
        store.put_call(call(1, false));
        for _ in 0..=limit::ALERTS_MAX {
            store.put_alert(alert());
        }
        let all = store.alerts(MINE, 0);
        assert_eq!(all.len(), limit::ALERTS_MAX);
        assert_eq!(all.first().map(|a| a.number), Some(2));
        let last = limit::ALERTS_MAX as u64;
        assert_eq!(store.alerts(MINE, last).len(), 1);
        assert_eq!(store.alerts(AccountSid::from_bits(2), 0).len(), 0);
    }

    #[test]
    fn transcripts_are_remembered_up_to_a_limit_and_go_with_their_recording() {
        let (store, account) = (Store::default(), AccountSid::from_bits(1));
        let row = |n: usize, status| TranscriptionRow {
            sid: TranscriptionSid::from_bits(n as u128),
            account,
            recording: RecordingSid::from_bits(n as u128),
            status,
            text: String::new(),
            created: SystemTime::UNIX_EPOCH,
            updated: SystemTime::UNIX_EPOCH,
            duration: None,
        };
        let known = |n: usize| {
            store.transcription(account, TranscriptionSid::from_bits(n as u128)).is_some()
        };
        (0..=limit::TRANSCRIPTS_MAX).for_each(|n| store.put_transcription(row(n, "in-progress")));
        assert!(!known(0) && known(1) && known(limit::TRANSCRIPTS_MAX));
        store.forget_transcriptions(RecordingSid::from_bits(1));
        assert!(!known(1) && known(2));
        store.put_transcription(row(1, "completed"));
        assert!(!known(1), "its recording is gone");
    }
}
