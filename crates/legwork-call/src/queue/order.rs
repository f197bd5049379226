//! What REST may do with a queue: give one of its members another document.
//!
//! Not here: the lists of queues and members, which the read model has (`io::QueueRow`).
//! Source: Twilio, "QueueMember resource: update".

use super::enqueue::Queued;
use crate::calls::Calls;
use crate::command::{Answer, Start};
use crate::leg::LegId;
use crate::order::refused;
use crate::sid::{AccountSid, CallSid, QueueSid};

impl Calls {
    /// Takes that call, or the first, out of a queue and gives it that document; its `action` is told.
    pub(crate) fn order_dequeue(
        &mut self,
        account: AccountSid,
        queue: &str,
        call: Option<CallSid>,
        start: Start,
    ) -> Answer {
        let named = queue.parse::<QueueSid>().ok();
        let named = named.or_else(|| self.queues.named(account, queue));
        let named = named.filter(|sid| self.queues.is_of(*sid, account));
        let Some(queue) = named else { return refused(404, 20404, "There is no such queue.") };
        let is_there = |leg: &LegId| {
            let (of, place) = self.queued(*leg).map(Queued::at)?;
            (of == queue && self.queues.holds(queue, place, *leg)).then_some(*leg)
        };
        let member = match call {
            None => self.queues.first(queue),
            Some(call) => self.index.by_sid.get(&call).and_then(is_there),
        };
        let Some(member) = member else {
            return refused(404, 20404, "Nobody of that name waits in the queue.");
        };
        self.current = Some(member);
        let Some((call, leg)) = self.leg(member).map(|leg| (leg.call_sid(), leg.sid)) else {
            return refused(404, 20404, "Nobody of that name waits in the queue.");
        };
        self.queued_redirected(member, call);
        self.unpile(member, call);
        self.stop_digits(member);
        self.begin(member, start, Vec::new());
        Answer::Dequeued(leg)
    }
}
