//! What the four transaction machines share: timers, steps, and the record each transaction keeps.
//!
//! Not here: the table of all transactions and their timers (`endpoint`: `transactions`), what a
//! message means (`endpoint`, `usage`).
//! Source: RFC 3261 §17 and Appendix A, RFC 6026.

pub(crate) mod client_invite;
pub(crate) mod client_other;
pub(crate) mod server_invite;
pub(crate) mod server_other;

use std::time::Duration;

use bytes::Bytes;

pub(crate) use client_invite::ClientInvite;
pub(crate) use client_other::ClientOther;
pub(crate) use server_invite::ServerInvite;
pub(crate) use server_other::ServerOther;

use crate::Message;
use crate::event::{DialogId, OutgoingId, SubscriptionId};
use crate::flow::{Flow, Transport};
use crate::timers::TimerKey;

/// Round-trip estimate; the first retransmission comes after it.
pub(crate) const T1: Duration = Duration::from_millis(500);
/// Longest pause between retransmissions of anything but an INVITE.
pub(crate) const T2: Duration = Duration::from_secs(4);
/// How long a message may stay in the network.
pub(crate) const T4: Duration = Duration::from_secs(5);
/// 64·T1: how long a transaction tries.
pub(crate) const PATIENCE: Duration = Duration::from_secs(32);
/// An INVITE still unanswered after this gets 100 (RFC 3261 §8.2.6.1).
pub(crate) const TRYING_AFTER: Duration = Duration::from_millis(200);

/// The timers of RFC 3261 Appendix A and RFC 6026, and the one for an automatic 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    A,
    B,
    D,
    E,
    F,
    G,
    H,
    I,
    J,
    K,
    L,
    M,
    /// 200 ms, then 100 Trying.
    Trying,
}

/// What becomes of one of the two timers of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Change {
    #[default]
    Keep,
    Stop,
    Set(Timer, Duration),
}

/// What a transaction tells its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tell {
    /// The message that came in.
    Message,
    /// A 2xx that was told before, or that of a further fork.
    Success,
    /// Nothing came in time.
    TimedOut,
    /// The transport gave up.
    Unreachable,
    /// No response of the user yet: time for a 100.
    Trying,
}

/// What is to be done after one input to a machine, in the order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Send what the transaction keeps: its request, its ACK, its last response.
    pub(crate) send: bool,
    /// The retransmission timer: A, E, G, Trying.
    pub(crate) again: Change,
    /// The other one: B, D, F, H, I, J, K, L, M.
    pub(crate) end: Change,
    pub(crate) tell: Option<Tell>,
    /// The transaction is terminated.
    pub(crate) over: bool,
}

impl Step {
    pub(crate) const NOTHING: Self =
        Self { send: false, again: Change::Keep, end: Change::Keep, tell: None, over: false };
    pub(crate) const SEND: Self = Self { send: true, ..Self::NOTHING };
    pub(crate) const OVER: Self =
        Self { send: false, again: Change::Stop, end: Change::Stop, tell: None, over: true };

    pub(crate) const fn tell(tell: Tell) -> Self {
        Self { tell: Some(tell), ..Self::NOTHING }
    }

    /// Waits `pause` for stragglers, or ends at once where the transport brings none.
    pub(crate) const fn linger(self, timer: Timer, pause: Duration, reliable: bool) -> Self {
        if reliable {
            Self { again: Change::Stop, end: Change::Stop, over: true, ..self }
        } else {
            Self { again: Change::Stop, end: Change::Set(timer, pause), ..self }
        }
    }
}

/// True where the transport repeats by itself.
pub(crate) const fn is_reliable(transport: Transport) -> bool {
    match transport {
        Transport::Udp => false,
        Transport::Tcp => true,
    }
}

/// Names one transaction of the endpoint. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TransactionId(pub(crate) u64);

/// How messages find their transaction (RFC 3261 §17.1.3, §17.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// The random part of our branch; a CANCEL shares that of its INVITE.
    Client { branch: u64, cancel: bool },
    /// Branch, sent-by and method; or what RFC 2543 had instead.
    Server(Bytes),
}

/// Which of the four machines it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Machine {
    ClientInvite(ClientInvite),
    ClientOther(ClientOther),
    ServerInvite(ServerInvite),
    ServerOther(ServerOther),
}

/// What the final response is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The first INVITE of a dialog.
    Invite,
    /// A further INVITE inside the dialog.
    Reinvite,
    /// Ends the INVITE usage.
    Bye,
    /// A notice of a refer subscription.
    Notify { subscription: SubscriptionId },
    /// A REFER of ours, first sent with this number.
    Refer { cseq: u32 },
    /// REGISTER or OPTIONS of ours, outside any dialog.
    Outside { request: OutgoingId },
    /// Refreshes the session.
    Update,
    /// Nobody waits: CANCEL, PRACK, BYE to a further fork.
    Nobody,
    /// A request of the peer.
    Serve,
}

/// What a request of ours has answered so far. Bounds how often it is sent (AST-2020-002).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) times: u8,
    /// A 401.
    pub(crate) www: bool,
    /// A 407.
    pub(crate) proxy: bool,
}

/// The ACK for the 2xx of one fork, to repeat when that 2xx comes again.
#[derive(Clone, Debug)]
pub(crate) struct ForkAck {
    pub(crate) to_tag: Box<[u8]>,
    pub(crate) ack: Bytes,
    pub(crate) flow: Flow,
}

/// One transaction.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) machine: Machine,
    pub(crate) key: Key,
    pub(crate) purpose: Purpose,
    pub(crate) flow: Flow,
    pub(crate) dialog: Option<DialogId>,
    /// What `Step::send` sends; empty when nothing will be sent any more.
    pub(crate) kept: Bytes,
    /// Server: the request, until its final response is written.
    pub(crate) request: Option<Box<Message>>,
    /// Client: how often it has been sent again with an answer to a challenge.
    pub(crate) tries: Tries,
    /// Client INVITE in Accepted.
    pub(crate) acks: Vec<ForkAck>,
    pub(crate) again: Option<TimerKey>,
    pub(crate) end: Option<TimerKey>,
}

#[cfg(test)]
pub(crate) fn row(step: Step) -> String {
    let mut words = Vec::new();
    if step.send {
        words.push("send".to_owned());
    }
    for (slot, change) in [("again", step.again), ("end", step.end)] {
        match change {
            Change::Keep => {}
            Change::Stop => words.push(format!("stop-{slot}")),
            Change::Set(timer, pause) => words.push(format!("{timer:?}={}ms", pause.as_millis())),
        }
    }
    if let Some(tell) = step.tell {
        words.push(format!("tell-{tell:?}"));
    }
    if step.over {
        words.push("over".to_owned());
    }
    words.join(" ")
}
