//! The face of the crate: one SIP endpoint with all its transactions and dialogs.
//!
//! Contract: after every `handle_*` or command, drain `poll_transmit` and
//! `poll_event` until both are empty, then ask `poll_timeout` when `handle_timeout` is due.
//! Not here: sockets; whom to call and what to answer (`legwork-call`).

mod adopted;
mod callee;
mod caller;
pub(crate) mod challenge;
mod check;
mod ids;
mod named;
mod outside;
mod prack;
mod receive;
mod referrals;
mod refers;
mod refresh;
mod session;
mod transactions;
mod update;
mod write;

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use foldhash::fast::FixedState;

use self::ids::Ids;
pub use self::named::Named;
pub use self::outside::OutOfDialog;
use self::outside::Outside;
use self::transactions::Transactions;
use crate::Status;
use crate::dialog::Dialog;
use crate::digest::Credentials;
use crate::event::{DialogId, Event, OutgoingId, SubscriptionId};
use crate::flow::{Flow, Transmit, Transport};
use crate::network::Network;
use crate::timers::Timers;
use crate::transaction::{Timer, TransactionId};

/// What an endpoint knows of itself.
#[derive(Clone, Debug)]
pub struct Config {
    /// `User-Agent` and `Server`.
    pub user_agent: String,
    /// Written in Via and Contact instead of the flow's own IP, if set.
    pub public_address: Option<IpAddr>,
    /// Where we listen; its ports are written in Via and Contact.
    pub listen: Vec<(Transport, SocketAddr)>,
    /// Start of every local tag, branch and Call-ID of ours: the node slot, `n0001-`.
    pub tag_prefix: String,
}

/// A body with its type.
#[derive(Clone, Debug)]
pub struct Body {
    /// `application/sdp`, …
    pub content_type: &'static str,
    /// The bytes.
    pub bytes: Bytes,
}

impl Body {
    /// An SDP body.
    pub fn sdp(bytes: impl Into<Bytes>) -> Self {
        Self { content_type: "application/sdp", bytes: bytes.into() }
    }
}

/// A header line to add: name and value without line ends. Values with CR, LF or NUL are left out.
pub type Line = (std::borrow::Cow<'static, str>, String);

/// A final answer to a request: literally the response to send.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: Status,
    /// Further header lines (`WWW-Authenticate`, `Retry-After`, `Contact` of a REGISTER, …).
    pub lines: Vec<Line>,
}

/// A new call to make.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Request-URI.
    pub target: String,
    /// Where to send it.
    pub flow: Flow,
    /// `From` without tag, name-addr form: `"Name" <sip:user@host>`.
    pub from: String,
    /// `To`, name-addr form.
    pub to: String,
    /// Preloaded `Route` values, in order.
    pub routes: Vec<String>,
    /// Further header lines.
    pub lines: Vec<Line>,
    /// The offer, or nothing for a delayed one.
    pub body: Option<Body>,
    /// Allow lists REFER: not towards trunks that may not transfer.
    pub refer_allowed: bool,
    /// Parameters of our Contact in this dialog, each behind its semicolon: feature tags (RFC 3840).
    pub contact_parameters: &'static str,
    /// `Max-Forwards`; none: 70. A call made because of another has one less than that.
    pub hops: Option<u8>,
    /// Answers challenges to this INVITE and to every request of ours in its dialog.
    pub credentials: Option<Arc<Credentials>>,
}

/// What becomes due.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deadline {
    /// A timer of a transaction.
    Transaction(TransactionId, Timer),
    /// Our 2xx has no ACK yet: once more.
    Success(DialogId),
    /// Our 2xx will have no ACK any more.
    NoAck(DialogId),
    /// Our INVITE: the second try, or the end of patience after CANCEL or BYE.
    Ours(DialogId),
    /// A subscription runs out.
    Expiry(SubscriptionId),
    /// Our reliable 1xx has no PRACK yet: once more, or the end.
    Ringing(DialogId),
    /// The session is to be refreshed, or it ends.
    Session(DialogId),
    /// NOTIFYs about a REFER of ours are answered no longer.
    Referral(DialogId),
}

/// One SIP endpoint: every transaction, dialog and usage of a process.
///
/// Commands stand in `endpoint/callee.rs`, `prack.rs`, `caller.rs`, `session.rs`, `refers.rs`,
/// `referrals.rs` and `outside.rs`, beside what the peer may do at the same time.
#[derive(Debug)]
pub struct Endpoint {
    pub(crate) config: Config,
    pub(crate) ids: Ids,
    pub(crate) timers: Timers<Deadline>,
    pub(crate) transactions: Transactions,
    pub(crate) dialogs: HashMap<DialogId, Dialog, FixedState>,
    pub(crate) subscriptions: HashMap<SubscriptionId, DialogId, FixedState>,
    next_subscription: u64,
    next_outgoing: u64,
    /// Requests of ours outside any dialog, until they are answered.
    pub(crate) outside: HashMap<OutgoingId, Outside, FixedState>,
    /// Whose OPTIONS are not told of REFER.
    pub(crate) no_refer: Vec<Network>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) transmits: VecDeque<Transmit>,
    pub(crate) dropped: u64,
}

impl Endpoint {
    /// An endpoint without calls. The same seed gives the same tags, branches and Call-IDs.
    pub fn new(config: Config, seed: u64) -> Self {
        let mut ids = Ids::new(&config.tag_prefix, seed);
        let hash_seed = ids.number();
        Self {
            config,
            timers: Timers::new(),
            transactions: Transactions::new(hash_seed),
            dialogs: HashMap::with_hasher(FixedState::with_seed(hash_seed)),
            subscriptions: HashMap::with_hasher(FixedState::with_seed(hash_seed)),
            next_subscription: 1,
            next_outgoing: 1,
            outside: HashMap::with_hasher(FixedState::with_seed(hash_seed)),
            no_refer: Vec::new(),
            events: VecDeque::new(),
            transmits: VecDeque::new(),
            dropped: 0,
            ids,
        }
    }

    /// What was sent on `flow` can not get there (connection refused or lost, no route).
    pub fn handle_flow_failed(&mut self, now: Instant, flow: Flow) {
        // What was sent before the connection was open names none.
        let unopened = (flow.connection != 0).then_some(Flow { connection: 0, ..flow });
        for flow in [Some(flow), unopened].into_iter().flatten() {
            for id in self.transactions.on_flow(flow) {
                self.transaction_unreachable(now, id);
            }
        }
    }

    /// A deadline passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.handle_due(now, now);
    }

    /// The deadlines until `until` passed; it is later now.
    pub fn handle_due(&mut self, now: Instant, until: Instant) {
        while let Some(deadline) = self.timers.pop_due(until) {
            match deadline {
                Deadline::Transaction(id, timer) => self.transaction_due(now, id, timer),
                Deadline::Success(dialog) => self.success_due(now, dialog),
                Deadline::NoAck(dialog) => self.ack_missing(now, dialog),
                Deadline::Ours(dialog) => self.ours_due(now, dialog),
                Deadline::Expiry(subscription) => self.expiry_due(now, subscription),
                Deadline::Ringing(dialog) => self.ringing_due(now, dialog),
                Deadline::Session(dialog) => self.session_due(now, dialog),
                Deadline::Referral(dialog) => self.referral_due(dialog),
            }
        }
    }

    /// When `handle_timeout` is due next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first()
    }

    /// New dice for all tags, branches and Call-IDs from now on.
    pub fn throw_again(&mut self, seed: u64) {
        self.ids.throw_again(seed);
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The flow on which a new request leaves: from the listener of that transport and address
    /// family. `local_ip` is our own address towards the peer, for listeners on a wildcard address.
    pub fn flow_to(
        &self,
        transport: Transport,
        remote: SocketAddr,
        local_ip: Option<IpAddr>,
    ) -> Option<Flow> {
        let fits = |(t, at): &&(Transport, SocketAddr)| {
            *t == transport && at.is_ipv4() == remote.is_ipv4()
        };
        let (_, listener) = self.config.listen.iter().find(fits)?;
        let ip = match local_ip {
            Some(ip) if listener.ip().is_unspecified() => ip,
            Some(_) | None => listener.ip(),
        };
        Some(Flow { transport, local: SocketAddr::new(ip, listener.port()), remote, connection: 0 })
    }

    /// How many dialogs, transactions and timers live, for `/_/stats`.
    pub fn counts(&self) -> Counts {
        Counts {
            dialogs: self.dialogs.len(),
            transactions: self.transactions.len(),
            timers: self.timers.len(),
            dropped: self.dropped,
        }
    }

    /// The Call-ID of a dialog, also of one whose INVITE has just been sent.
    pub fn call_id(&self, dialog: DialogId) -> Option<String> {
        let call_id = &self.dialogs.get(&dialog)?.names.call_id;
        Some(String::from_utf8_lossy(call_id).into_owned())
    }

    pub(crate) fn next_subscription(&mut self) -> SubscriptionId {
        let id = SubscriptionId(self.next_subscription);
        self.next_subscription += 1;
        id
    }

    /// The number of a dialog is also the random part of our tag.
    pub(crate) fn next_dialog(&mut self) -> DialogId {
        loop {
            let id = DialogId(self.ids.number());
            if !self.dialogs.contains_key(&id) {
                return id;
            }
        }
    }

    /// Removes a dialog that nothing holds any more.
    pub(crate) fn settle(&mut self, id: DialogId) {
        if self.dialogs.get(&id).is_some_and(Dialog::is_over) {
            self.stop_timers(id);
            self.dialogs.remove(&id);
        }
    }
}

/// How many of each thing live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Dialogs, early ones included.
    pub dialogs: usize,
    /// Client and server transactions.
    pub transactions: usize,
    /// Deadlines set.
    pub timers: usize,
    /// Broken messages dropped so far.
    pub dropped: u64,
}
