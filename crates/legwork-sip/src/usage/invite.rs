//! The INVITE usage of a dialog: which INVITE, ACK, BYE may come or go now.
//!
//! ```text
//!   INVITE in or out
//!        │
//!   ┌────▼──┐  failure, CANCEL, BYE: Over
//!   │ Early │
//!   └────┬──┘
//!        │ 2xx
//!   ┌────▼──────┐  BYE in: Over
//!   │ Confirmed ├────── end, our 2xx not acknowledged ──────┐
//!   └────┬──────┘                                      ┌────▼────┐
//!        │ end: BYE                                    │ Leaving │ BYE in: Over
//!   ┌────▼───┐            ACK, or 64·T1: BYE           └────┬────┘
//!   │ Ending ◄──────────────────────────────────────────────┘
//!   └────┬───┘  BYE in: 200
//!        │ BYE answered, or not
//!     ┌──▼───┐
//!     │ Over │
//!     └──────┘
//! ```
//!
//! Not here: the messages (`endpoint`: `callee`, `caller`, `session`), retransmission below the
//! usage (`transaction`).
//! Source: RFC 3261 §13, §14, §15; RFC 3311 §5.2; RFC 5057.

use std::time::Duration;

use bytes::Bytes;

use crate::endpoint::{Body, Line};
use crate::flow::Flow;
use crate::timers::TimerKey;
use crate::transaction::{T1, TransactionId};
use crate::usage::refresh::SessionTimer;
use crate::usage::reliable::{Fork, Reliable};

/// Where the usage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The first INVITE has no final answer.
    Early,
    /// Both sides are in a session.
    Confirmed,
    /// Our BYE waits for the ACK of our 2xx (RFC 3261 §15).
    Leaving,
    /// Our BYE is under way.
    Ending,
    /// No session any more.
    Over,
}

/// How far giving up our INVITE has come.
#[derive(Clone, Debug)]
pub(crate) enum Cancel {
    /// Nobody asked.
    No,
    /// Waits for a 1xx (RFC 3261 §9.1). With header lines for the CANCEL.
    Asked(Vec<Line>),
    /// CANCEL is on its way.
    Sent,
}

/// An INVITE of ours without a final answer.
#[derive(Debug)]
pub(crate) struct Ours {
    /// `None` while a re-INVITE waits for its second try.
    pub(crate) transaction: Option<TransactionId>,
    pub(crate) cseq: u32,
    pub(crate) cancel: Cancel,
    /// Of a re-INVITE, to send it again after a 491.
    pub(crate) body: Option<Body>,
    pub(crate) tries: u8,
    /// Second try, or giving up after CANCEL or BYE.
    pub(crate) timer: Option<TimerKey>,
    /// It said `Supported: 100rel`.
    pub(crate) reliable: bool,
    /// How often it was sent again after 422.
    pub(crate) longer: u8,
    /// The early dialogs that have more to remember than a tag.
    pub(crate) forks: Vec<Fork>,
}

impl Ours {
    /// Not sent yet. `body`: of a re-INVITE; `reliable`: it says `Supported: 100rel`.
    pub(crate) fn new(cseq: u32, body: Option<Body>, reliable: bool) -> Self {
        Self {
            transaction: None,
            cseq,
            cancel: Cancel::No,
            body,
            tries: 0,
            timer: None,
            reliable,
            longer: 0,
            forks: Vec::new(),
        }
    }

    /// The fork of this tag, if it has been noted.
    pub(crate) fn fork(&mut self, tag: &[u8]) -> Option<&mut Fork> {
        self.forks.iter_mut().find(|fork| *fork.tag == *tag)
    }

    /// This fork has answered our offer for good, and it is the one whose session was taken:
    /// the first that described any.
    fn is_agreed_with(&self, tag: &[u8]) -> bool {
        let first = self.forks.iter().find(|fork| !fork.session.is_empty());
        first.is_some_and(|fork| fork.rseq.is_some() && *fork.tag == *tag)
    }
}

/// A 2xx of ours without ACK.
#[derive(Debug)]
pub(crate) struct Unacked {
    pub(crate) cseq: u32,
    pub(crate) response: Bytes,
    pub(crate) flow: Flow,
    pub(crate) pause: Duration,
    /// It answers the INVITE that made the dialog.
    pub(crate) first: bool,
    /// It carries an offer, so the ACK brings an answer.
    pub(crate) offers: bool,
    pub(crate) again: Option<TimerKey>,
    pub(crate) give_up: Option<TimerKey>,
}

impl Unacked {
    pub(crate) fn new(cseq: u32, response: Bytes, flow: Flow, first: bool, offers: bool) -> Self {
        let pause = T1;
        Self { cseq, response, flow, pause, first, offers, again: None, give_up: None }
    }
}

/// The usage.
#[derive(Debug)]
pub(crate) struct InviteUsage {
    pub(crate) state: State,
    pub(crate) ours: Option<Box<Ours>>,
    /// An INVITE of the peer that its owner has still to answer.
    pub(crate) theirs: Option<TransactionId>,
    pub(crate) unacked: Option<Box<Unacked>>,
    /// The owner has ended it and hears nothing more.
    pub(crate) silent: bool,
    /// Lines for a BYE that waits.
    pub(crate) bye_lines: Vec<Line>,
    /// Reliable 1xx of ours, until the ACK of the 2xx.
    pub(crate) reliable: Option<Box<Reliable>>,
    /// An offer of the peer in UPDATE or PRACK that its owner has still to answer.
    pub(crate) offered: Option<TransactionId>,
    pub(crate) session: Option<SessionTimer>,
    /// An UPDATE of ours is under way.
    pub(crate) updating: bool,
}

/// What becomes of an INVITE inside the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    Take,
    /// The ACK of our last 2xx got lost, but it must have been received.
    TakeAsAck,
    /// Ours is under way: 491.
    Glare,
    /// An earlier one is not answered yet: 500 and Retry-After.
    Overlap,
    /// The session is over: 481.
    Gone,
}

/// What ending the usage takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Refuse their INVITE.
    Refuse(TransactionId),
    Cancel,
    Bye,
    /// BYE, but later.
    Wait,
    Nothing,
}

/// What a BYE of the peer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bye {
    /// The session ends by it.
    Ends,
    /// It was ended already, by us, and the owner knows.
    Crosses,
    /// There is no session: 481.
    Gone,
}

impl InviteUsage {
    /// Their INVITE came in.
    pub(crate) fn callee(theirs: TransactionId) -> Self {
        Self { theirs: Some(theirs), ..Self::new() }
    }

    /// Our INVITE goes out.
    pub(crate) fn caller(ours: Ours) -> Self {
        Self { ours: Some(Box::new(ours)), ..Self::new() }
    }

    /// There never was a session: the dialog is for something else.
    pub(crate) fn none() -> Self {
        Self { state: State::Over, ..Self::new() }
    }

    fn new() -> Self {
        Self {
            state: State::Early,
            ours: None,
            theirs: None,
            unacked: None,
            silent: false,
            bye_lines: Vec::new(),
            reliable: None,
            offered: None,
            session: None,
            updating: false,
        }
    }

    /// The owner may use it.
    pub(crate) fn is_live(&self) -> bool {
        match self.state {
            State::Early | State::Confirmed => !self.silent,
            State::Leaving | State::Ending | State::Over => false,
        }
    }

    /// An early dialog of our INVITE has this tag.
    pub(crate) fn has_fork(&self, tag: &[u8]) -> bool {
        let ours = self.ours.as_deref().filter(|_| self.state == State::Early);
        ours.is_some_and(|ours| ours.forks.iter().any(|fork| *fork.tag == *tag))
    }

    /// The early dialog of our INVITE with this tag, if it has been noted.
    pub(crate) fn fork(&mut self, tag: &[u8]) -> Option<&mut Fork> {
        let ours = self.ours.as_deref_mut().filter(|_| self.state == State::Early)?;
        ours.fork(tag)
    }

    /// Nothing of it is left, not even an INVITE or BYE under way.
    pub(crate) fn is_gone(&self) -> bool {
        self.state == State::Over && self.ours.is_none()
    }

    /// An INVITE of ours may go out (RFC 3261 §14.1).
    pub(crate) fn may_reinvite(&self) -> bool {
        self.state == State::Confirmed && self.ours.is_none() && !self.has_theirs()
    }

    /// An exchange that the peer began, or an answer of ours, is not over.
    pub(crate) fn has_theirs(&self) -> bool {
        self.theirs.is_some() || self.offered.is_some() || self.unacked.is_some()
    }

    /// An INVITE of the peer comes in (RFC 3261 §14.2).
    pub(crate) fn invited(&self) -> Arrival {
        match self.state {
            State::Leaving | State::Ending | State::Over => return Arrival::Gone,
            State::Early | State::Confirmed => {}
        }
        if self.theirs.is_some() || self.offered.is_some() {
            return Arrival::Overlap;
        }
        if self.ours.as_ref().is_some_and(|ours| ours.transaction.is_some()) {
            return Arrival::Glare;
        }
        match &self.unacked {
            Some(unacked) if unacked.offers => Arrival::Glare,
            Some(_) => Arrival::TakeAsAck,
            None => Arrival::Take,
        }
    }

    /// An offer comes in by UPDATE, from the peer of this tag (RFC 3311 §5.2).
    pub(crate) fn updated(&self, tag: &[u8]) -> Arrival {
        match self.state {
            State::Leaving | State::Ending | State::Over => return Arrival::Gone,
            State::Early | State::Confirmed => {}
        }
        if self.offered.is_some() {
            return Arrival::Overlap;
        }
        if self.theirs.is_some() {
            // The offer in the INVITE has its answer only with a reliable 1xx.
            let agreed = self.reliable.as_ref().is_some_and(|reliable| reliable.agreed);
            return if agreed { Arrival::Take } else { Arrival::Overlap };
        }
        match (&self.ours, &self.unacked) {
            // Given up, but not over yet.
            (Some(ours), _) if !matches!(ours.cancel, Cancel::No) => Arrival::Gone,
            (Some(ours), _) if self.state == State::Early && ours.is_agreed_with(tag) => {
                Arrival::Take
            }
            (Some(ours), _) if ours.transaction.is_some() => Arrival::Glare,
            (_, Some(unacked)) if unacked.offers => Arrival::Glare,
            (Some(_) | None, Some(_) | None) => Arrival::Take,
        }
    }

    /// A BYE of the peer comes in.
    pub(crate) fn bye(&mut self) -> Bye {
        match self.state {
            // Who was called can not say BYE before the 2xx.
            State::Early if self.theirs.is_none() => Bye::Gone,
            State::Early | State::Confirmed => {
                self.state = State::Over;
                if self.silent { Bye::Crosses } else { Bye::Ends }
            }
            State::Leaving => {
                self.state = State::Over;
                Bye::Crosses
            }
            State::Ending => Bye::Crosses,
            State::Over => Bye::Gone,
        }
    }

    /// The owner has had enough.
    pub(crate) fn end(&mut self) -> End {
        match self.state {
            State::Early if self.silent => End::Nothing,
            State::Early => {
                self.silent = true;
                match self.theirs {
                    Some(transaction) => End::Refuse(transaction),
                    None => End::Cancel,
                }
            }
            State::Confirmed if self.unacked.as_ref().is_some_and(|unacked| unacked.first) => {
                self.state = State::Leaving;
                self.silent = true;
                End::Wait
            }
            State::Confirmed => {
                self.state = State::Ending;
                self.silent = true;
                End::Bye
            }
            State::Leaving | State::Ending | State::Over => End::Nothing,
        }
    }
}

#[cfg(test)]
mod tests;
