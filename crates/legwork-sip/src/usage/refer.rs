//! A refer subscription, seen from the notifier: which NOTIFY may go out now.
//!
//! ```text
//!  202 ──► ┌────────┐ tell: NOTIFY      ┌─────────┐ tell: kept, the newest wins
//!          │ Silent ├──────────────────►│ Waiting │
//!          └────────┘◄──────────────────┴────┬────┘
//!              answered, nothing kept        │ answered and it was the last;
//!                                            ▼ 481, 408, nothing at all
//!                                          over
//! ```
//!
//! Not here: the NOTIFY itself (`endpoint`: `refers`).
//! Source: RFC 3515 §2.4, RFC 6665 §4.2.

use std::time::Duration;

use crate::Status;
use crate::event::SubscriptionId;
use crate::timers::TimerKey;

/// How long a subscription lives without a refresh.
pub(crate) const LIFETIME: Duration = Duration::from_secs(900);

/// Why a subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The request referred to is done.
    NoResource,
    /// It ran out, or the subscriber ended it.
    Timeout,
}

impl Reason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NoResource => "noresource",
            Self::Timeout => "timeout",
        }
    }
}

/// What one NOTIFY tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) status: Status,
    /// It ends the subscription.
    pub(crate) last: Option<Reason>,
}

/// How a NOTIFY fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Any final answer but these.
    Answered,
    /// 481 and what else says that nobody listens, no answer, no way.
    Lost,
}

/// What follows the fate of a NOTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The next one goes out.
    Send(Notice),
    /// The owner hears that the newest state was told.
    Notified,
    /// The subscription is over; the owner hears that its last state was told.
    Finished,
    /// The subscription is over against the owner's will.
    Unsubscribed,
    /// The subscription is over; the owner knows.
    Quiet,
}

/// The subscription.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) id: SubscriptionId,
    /// CSeq of its REFER, from the second REFER of a dialog on.
    pub(crate) event_id: Option<u32>,
    /// When it runs out.
    pub(crate) expiry: Option<TimerKey>,
    /// The newest state.
    newest: Notice,
    /// A NOTIFY is under way.
    waiting: bool,
    /// The newest state has still to be told.
    kept: bool,
    /// The owner was told that it is over.
    silent: bool,
}

impl Subscription {
    /// Opens it; the first notice is to be sent at once.
    pub(crate) fn open(id: SubscriptionId, event_id: Option<u32>) -> (Self, Notice) {
        let newest = Notice { status: Status::TRYING, last: None };
        let subscription =
            Self { id, event_id, expiry: None, newest, waiting: true, kept: false, silent: false };
        (subscription, newest)
    }

    /// A state to tell. Gives the notice to send now, if any.
    pub(crate) fn tell(&mut self, notice: Notice) -> Option<Notice> {
        if self.newest.last.is_some() {
            return None;
        }
        self.newest = notice;
        if self.waiting {
            self.kept = true;
            return None;
        }
        self.waiting = true;
        Some(notice)
    }

    /// The subscriber asks for the state once more.
    pub(crate) fn refresh(&mut self) -> Option<Notice> {
        self.tell(self.newest)
    }

    /// The subscriber ends it, or it ran out. Gives the notice to send now, if any.
    /// `None` where the last one is on its way anyhow.
    pub(crate) fn unsubscribe(&mut self) -> Option<Option<Notice>> {
        if self.newest.last.is_some() {
            return None;
        }
        self.silent = true;
        let notice = Notice { last: Some(Reason::Timeout), ..self.newest };
        Some(self.tell(notice))
    }

    /// The outstanding NOTIFY met its fate.
    pub(crate) fn noted(&mut self, fate: Fate) -> After {
        self.waiting = false;
        let over = self.newest.last.is_some();
        match fate {
            Fate::Answered if self.kept => {
                self.kept = false;
                self.waiting = true;
                After::Send(self.newest)
            }
            Fate::Answered if !over => After::Notified,
            Fate::Answered | Fate::Lost if self.silent => After::Quiet,
            Fate::Answered => After::Finished,
            Fate::Lost if over => After::Finished,
            Fate::Lost => After::Unsubscribed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RINGING: Notice = Notice { status: Status::RINGING, last: None };
    const OK: Notice = Notice { status: Status::OK, last: Some(Reason::NoResource) };

    fn open() -> Subscription {
        Subscription::open(SubscriptionId(1), None).0
    }

    #[test]
    fn one_notice_is_under_way_and_the_newest_wins() {
        let mut subscription = open();
        assert_eq!(subscription.tell(RINGING), None);
        assert_eq!(subscription.tell(OK), None);
        assert_eq!(subscription.tell(RINGING), None);
        assert_eq!(subscription.noted(Fate::Answered), After::Send(OK));
        assert_eq!(subscription.noted(Fate::Answered), After::Finished);
    }

    #[test]
    fn every_state_is_told_when_there_is_time() {
        let mut subscription = open();
        assert_eq!(subscription.noted(Fate::Answered), After::Notified);
        assert_eq!(subscription.tell(RINGING), Some(RINGING));
        assert_eq!(subscription.noted(Fate::Answered), After::Notified);
        assert_eq!(subscription.tell(OK), Some(OK));
        assert_eq!(subscription.noted(Fate::Lost), After::Finished);
    }

    #[test]
    fn a_lost_notice_ends_it() {
        let mut subscription = open();
        assert_eq!(subscription.noted(Fate::Lost), After::Unsubscribed);
        let mut subscription = open();
        subscription.tell(OK);
        assert_eq!(subscription.noted(Fate::Lost), After::Finished);
    }

    #[test]
    fn the_subscriber_may_end_it() {
        let gone = Notice { status: Status::TRYING, last: Some(Reason::Timeout) };
        let mut subscription = open();
        assert_eq!(subscription.unsubscribe(), Some(None));
        assert_eq!(subscription.unsubscribe(), None);
        assert_eq!(subscription.tell(OK), None);
        assert_eq!(subscription.noted(Fate::Answered), After::Send(gone));
        assert_eq!(subscription.noted(Fate::Answered), After::Quiet);

        let mut subscription = open();
        subscription.noted(Fate::Answered);
        assert_eq!(subscription.unsubscribe(), Some(Some(gone)));
        assert_eq!(subscription.noted(Fate::Lost), After::Quiet);
    }

    #[test]
    fn a_refresh_tells_the_newest_state_again() {
        let mut subscription = open();
        subscription.noted(Fate::Answered);
        subscription.tell(RINGING);
        subscription.noted(Fate::Answered);
        assert_eq!(subscription.refresh(), Some(RINGING));
        assert_eq!(subscription.noted(Fate::Answered), After::Notified);
    }
}
