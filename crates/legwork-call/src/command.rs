//! What REST and the command line may order, and what they are answered.
//!
//! Not here: HTTP and JSON (crate `legwork`, `api`).

use legwork_twiml as twiml;

use crate::config::Hook;
use crate::sid::{AccountSid, CallSid};

/// An order.
#[derive(Clone, Debug)]
pub enum Command {
    /// Place a call. Answer: `Called`.
    Call {
        /// Whose.
        account: AccountSid,
        /// Caller ID: a number, `client:id` or SIP URI.
        from: String,
        /// Whom to call: a number, `client:id` or SIP URI.
        to: String,
        /// What it runs once answered.
        start: Start,
    },
    /// End a call. Answer: `Done`.
    Hangup {
        /// Which.
        call: CallSid,
    },
    /// Do what a REFER of this leg would do: the call's `referUrl` is asked. Answer: `Done` once accepted.
    Transfer {
        /// The transferor's leg.
        call: CallSid,
        /// `ReferTransferTarget`, as a Refer-To value.
        target: String,
    },
    /// Run another document on a live call. Answer: `Done`.
    Redirect {
        /// Which.
        call: CallSid,
        /// What it runs.
        start: Start,
    },
    /// What lives. Answer: `Stats`.
    Stats,
}

/// What a call runs.
#[derive(Clone, Debug)]
pub enum Start {
    /// Ask there.
    Url(Hook),
    /// Inline TwiML, parsed.
    Program(twiml::Program),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The new call.
    Called(CallSid),
    /// It is done or under way.
    Done,
    /// It can not be done.
    Refused {
        /// HTTP status.
        status: u16,
        /// Twilio's code: 20404, 21220, …
        code: u32,
        /// Why.
        text: String,
    },
    /// What lives.
    Stats(Stats),
}

/// What lives in the switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Legs.
    pub legs: usize,
    /// SIP dialogs.
    pub dialogs: usize,
    /// SIP transactions.
    pub transactions: usize,
    /// Deadlines, SIP and ours.
    pub timers: usize,
    /// Pairs of ports in use or waiting for their media thread's `Closed`.
    pub ports: usize,
    /// Transfers pending.
    pub transfers: usize,
    /// Fetches under way.
    pub fetches: usize,
    /// Sources of audio asked for or playing.
    pub sources: usize,
    /// Addresses being resolved.
    pub resolves: usize,
    /// Subscriptions of transferors.
    pub subscriptions: usize,
    /// Names that legs are found by: SIDs, dialogs, ports.
    pub names: usize,
    /// Bindings of phones.
    pub bindings: usize,
    /// Legs and transfers that nothing will move again: 0, but for a bug of ours.
    pub adrift: usize,
    /// Groups of legs lost to a bug of ours since start.
    pub bugs: u64,
}
