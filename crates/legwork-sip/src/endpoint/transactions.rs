//! The table of all transactions, and what their machines ask for.
//!
//! Not here: the machines (`transaction`); what the messages mean (`receive`).
//! Source: RFC 3261 §17; RFC 6026.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasher;
use std::time::Instant;

use bytes::Bytes;
use foldhash::fast::FixedState;

use super::{Deadline, Endpoint};
use crate::dialog::{cseq_number, from_tag};
use crate::event::DialogId;
use crate::flow::{Flow, Transmit};
use crate::transaction::{
    Change, ClientInvite, ClientOther, Key, Machine, Purpose, ServerInvite, ServerOther, Step,
    Tell, Timer, Transaction, TransactionId, Tries, is_reliable,
};
use crate::{Message, Method, Status, limit};

/// Every transaction, by id, by key, and the client ones by flow.
#[derive(Debug)]
pub(crate) struct Transactions {
    all: HashMap<TransactionId, Transaction, FixedState>,
    by_key: HashMap<Key, TransactionId, FixedState>,
    by_flow: BTreeSet<(Flow, TransactionId)>,
    /// New calls without a final answer, by the hash of what every fork of an INVITE shares.
    by_origin: HashMap<u64, TransactionId, FixedState>,
    next: u64,
}

/// What a transaction tells, and to whom.
pub(crate) struct Told {
    pub(crate) tell: Tell,
    pub(crate) id: TransactionId,
    pub(crate) purpose: Purpose,
    pub(crate) dialog: Option<DialogId>,
}

impl Transactions {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            all: HashMap::with_hasher(FixedState::with_seed(seed)),
            by_key: HashMap::with_hasher(FixedState::with_seed(seed)),
            by_flow: BTreeSet::new(),
            by_origin: HashMap::with_hasher(FixedState::with_seed(seed)),
            next: 1,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn find(&self, key: &Key) -> Option<TransactionId> {
        self.by_key.get(key).copied()
    }

    pub(crate) fn find_mut(&mut self, id: TransactionId) -> Option<&mut Transaction> {
        self.all.get_mut(&id)
    }

    pub(crate) fn find_ref(&self, id: TransactionId) -> Option<&Transaction> {
        self.all.get(&id)
    }

    /// Client transactions whose messages went to `flow`.
    pub(crate) fn on_flow(&self, flow: Flow) -> Vec<TransactionId> {
        let first = (flow, TransactionId(0));
        let last = (flow, TransactionId(u64::MAX));
        self.by_flow.range(first..=last).map(|(_, id)| *id).collect()
    }

    /// Notes a new call. False: another fork of the same INVITE is waiting (RFC 3261 §8.2.2.2).
    pub(crate) fn note_call(&mut self, id: TransactionId, invite: &Message) -> bool {
        let hash = self.by_origin.hasher().hash_one(origin(invite));
        let other = self.by_origin.get(&hash).and_then(|other| self.all.get(other));
        let other = other.and_then(|other| other.request.as_deref());
        if other.is_some_and(|other| origin(other) == origin(invite)) {
            return false;
        }
        self.by_origin.insert(hash, id);
        true
    }

    fn forget_call(&mut self, id: TransactionId, request: Option<&Message>) {
        let Some(invite) = request.filter(|request| request.method() == Method::Invite) else {
            return;
        };
        let hash = self.by_origin.hasher().hash_one(origin(invite));
        if self.by_origin.get(&hash) == Some(&id) {
            self.by_origin.remove(&hash);
        }
    }

    fn insert(&mut self, transaction: Transaction) -> Option<TransactionId> {
        if self.all.len() >= limit::TRANSACTIONS_MAX {
            return None;
        }
        let id = TransactionId(self.next);
        self.next += 1;
        self.by_key.insert(transaction.key.clone(), id);
        if matches!(transaction.machine, Machine::ClientInvite(_) | Machine::ClientOther(_)) {
            self.by_flow.insert((transaction.flow, id));
        }
        self.all.insert(id, transaction);
        Some(id)
    }

    fn remove(&mut self, id: TransactionId) -> Option<Transaction> {
        let transaction = self.all.remove(&id)?;
        self.by_key.remove(&transaction.key);
        self.by_flow.remove(&(transaction.flow, id));
        self.forget_call(id, transaction.request.as_deref());
        Some(transaction)
    }
}

/// What all forks of a request share.
fn origin(request: &Message) -> (&[u8], &[u8], u32) {
    (request.call_id(), from_tag(request), cseq_number(request))
}

/// A request of ours on its way out.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) purpose: Purpose,
    pub(crate) dialog: Option<DialogId>,
    pub(crate) flow: Flow,
    pub(crate) branch: u64,
    pub(crate) bytes: Bytes,
}

impl Endpoint {
    /// Sends a request and waits for its answer. `None` when there are too many transactions.
    pub(crate) fn start_client(&mut self, now: Instant, out: Outgoing) -> Option<TransactionId> {
        let out = self.signed(out);
        self.launch(now, out, Tries::default())
    }

    /// The same for a request that is as it shall be, sent again after `tries`.
    pub(crate) fn launch(
        &mut self,
        now: Instant,
        out: Outgoing,
        tries: Tries,
    ) -> Option<TransactionId> {
        let reliable = is_reliable(out.flow.transport);
        let (machine, step) = if out.method == Method::Invite {
            let (machine, step) = ClientInvite::start(reliable);
            (Machine::ClientInvite(machine), step)
        } else {
            let (machine, step) = ClientOther::start(reliable);
            (Machine::ClientOther(machine), step)
        };
        let cancel = out.method == Method::Cancel;
        let id = self.transactions.insert(Transaction {
            machine,
            key: Key::Client { branch: out.branch, cancel },
            purpose: out.purpose,
            flow: out.flow,
            dialog: out.dialog,
            kept: out.bytes,
            request: None,
            tries,
            acks: Vec::new(),
            again: None,
            end: None,
        })?;
        self.apply(now, id, step, false);
        Some(id)
    }

    /// A request of the peer came in. `None` when there are too many transactions.
    pub(crate) fn start_server(
        &mut self,
        now: Instant,
        key: Key,
        flow: Flow,
        request: &Message,
    ) -> Option<TransactionId> {
        let reliable = is_reliable(flow.transport);
        let (machine, step) = if request.method() == Method::Invite {
            let (machine, step) = ServerInvite::start(reliable);
            (Machine::ServerInvite(machine), step)
        } else {
            let (machine, step) = ServerOther::start(reliable);
            (Machine::ServerOther(machine), step)
        };
        let id = self.transactions.insert(Transaction {
            machine,
            key,
            purpose: Purpose::Serve,
            flow,
            dialog: None,
            kept: Bytes::new(),
            request: Some(Box::new(request.clone())),
            tries: Tries::default(),
            acks: Vec::new(),
            again: None,
            end: None,
        })?;
        self.apply(now, id, step, false);
        Some(id)
    }

    /// Sends a response of ours in its transaction; nothing if that has its final one.
    pub(crate) fn respond(
        &mut self,
        now: Instant,
        id: TransactionId,
        status: Status,
        bytes: Bytes,
    ) {
        let Some(transaction) = self.transactions.find_mut(id) else { return };
        let step = match &mut transaction.machine {
            Machine::ServerInvite(machine) if status.is_provisional() => machine.provisional(),
            Machine::ServerInvite(machine) if status.is_success() => machine.success(),
            Machine::ServerInvite(machine) => machine.failure(),
            Machine::ServerOther(machine) => machine.answer(),
            Machine::ClientInvite(_) | Machine::ClientOther(_) => Step::NOTHING,
        };
        if !step.send {
            return;
        }
        // A copy of the right size: it may stay for half a minute.
        transaction.kept = Bytes::copy_from_slice(&bytes);
        if status.is_final() {
            let request = transaction.request.take();
            self.transactions.forget_call(id, request.as_deref());
        }
        self.apply(now, id, step, false);
        if status.is_success()
            && let Some(transaction) = self.transactions.find_mut(id)
            && matches!(transaction.machine, Machine::ServerInvite(_))
        {
            // Its repetition belongs to the usage.
            transaction.kept = Bytes::new();
        }
    }

    /// Does what a machine asks for. `again`: what is sent has been sent before.
    pub(crate) fn apply(
        &mut self,
        now: Instant,
        id: TransactionId,
        step: Step,
        again: bool,
    ) -> Option<Told> {
        let transaction = self.transactions.find_mut(id)?;
        if step.send && !transaction.kept.is_empty() {
            self.transmits.push_back(Transmit {
                flow: transaction.flow,
                bytes: transaction.kept.clone(),
                dialog: transaction.dialog,
                again,
            });
        }
        for (slot, change) in
            [(&mut transaction.again, step.again), (&mut transaction.end, step.end)]
        {
            match change {
                Change::Keep => {}
                Change::Stop => self.timers.cancel(slot.take()),
                Change::Set(timer, pause) => {
                    self.timers.cancel(slot.take());
                    *slot = Some(self.timers.set(now + pause, Deadline::Transaction(id, timer)));
                }
            }
        }
        let told = step.tell.map(|tell| Told {
            tell,
            id,
            purpose: transaction.purpose,
            dialog: transaction.dialog,
        });
        if step.over {
            self.transactions.remove(id);
        }
        told
    }

    /// Ends a transaction at once.
    pub(crate) fn drop_transaction(&mut self, id: TransactionId) {
        if let Some(transaction) = self.transactions.remove(id) {
            self.timers.cancel(transaction.again);
            self.timers.cancel(transaction.end);
        }
    }

    /// A timer of a transaction is due.
    pub(crate) fn transaction_due(&mut self, now: Instant, id: TransactionId, timer: Timer) {
        let Some(transaction) = self.transactions.find_mut(id) else { return };
        match timer {
            Timer::A | Timer::E | Timer::G | Timer::Trying => transaction.again = None,
            Timer::B
            | Timer::D
            | Timer::F
            | Timer::H
            | Timer::I
            | Timer::J
            | Timer::K
            | Timer::L
            | Timer::M => transaction.end = None,
        }
        let step = match (&mut transaction.machine, timer) {
            (Machine::ClientInvite(machine), Timer::A) => machine.timer_a(),
            (Machine::ClientInvite(machine), Timer::B) => machine.timer_b(),
            (Machine::ClientInvite(machine), Timer::D | Timer::M) => machine.timer_d_or_m(),
            (Machine::ClientOther(machine), Timer::E) => machine.timer_e(),
            (Machine::ClientOther(machine), Timer::F) => machine.timer_f(),
            (Machine::ClientOther(machine), Timer::K) => machine.timer_k(),
            (Machine::ServerInvite(machine), Timer::Trying) => machine.timer_trying(),
            (Machine::ServerInvite(machine), Timer::G) => machine.timer_g(),
            (Machine::ServerInvite(machine), Timer::H | Timer::I | Timer::L) => {
                machine.timer_h_i_or_l()
            }
            (Machine::ServerOther(machine), Timer::J) => machine.timer_j(),
            // No machine sets a timer of another.
            (_, _) => Step::NOTHING,
        };
        if let Some(told) = self.apply(now, id, step, true) {
            self.told(now, told, None);
        }
    }
}
