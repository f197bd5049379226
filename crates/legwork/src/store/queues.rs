//! Queues and who waits in them, as REST sees them.
//!
//! Sizes and times are those of the moment of asking: they are counted here, not told.
//! Not here: the other rows (`store`), queues themselves (`legwork-call`, `queue`).
//! Source: Twilio, "Queue resource", "QueueMember resource".

use std::collections::BTreeMap;

use legwork_call::io::{QueueMemberRow, QueueRow};
use legwork_call::sid::{AccountSid, QueueSid};

use super::Store;

/// As many as the engine has.
#[derive(Debug, Default)]
pub(super) struct Queues {
    queues: BTreeMap<QueueSid, Queue>,
}

/// A queue and its members, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// The queue.
    pub row: QueueRow,
    /// By place: lower ones are served first.
    pub members: BTreeMap<u64, QueueMemberRow>,
}

impl Store {
    /// A queue was made.
    pub fn put_queue(&self, row: QueueRow) {
        let queue = Queue { row, members: BTreeMap::new() };
        self.model().queues.queues.insert(queue.row.sid, queue);
    }

    /// A queue is not known any more.
    pub fn forget_queue(&self, sid: QueueSid) {
        self.model().queues.queues.remove(&sid);
    }

    /// A call waits in a queue.
    pub fn put_queue_member(&self, row: QueueMemberRow) {
        if let Some(queue) = self.model().queues.queues.get_mut(&row.queue) {
            queue.members.insert(row.place, row);
        }
    }

    /// Nobody waits there any more.
    pub fn forget_queue_member(&self, sid: QueueSid, place: u64) {
        if let Some(queue) = self.model().queues.queues.get_mut(&sid) {
            queue.members.remove(&place);
        }
    }

    /// The queues of an account, by name.
    pub fn queues(&self, account: AccountSid) -> Vec<Queue> {
        let model = self.model();
        let own = model.queues.queues.values().filter(|queue| queue.row.account == account);
        let mut found: Vec<Queue> = own.cloned().collect();
        found.sort_unstable_by(|a, b| a.row.name.cmp(&b.row.name));
        found
    }

    /// One queue of an account.
    pub fn queue(&self, account: AccountSid, sid: QueueSid) -> Option<Queue> {
        let found = self.model().queues.queues.get(&sid).cloned();
        found.filter(|queue| queue.row.account == account)
    }
}
