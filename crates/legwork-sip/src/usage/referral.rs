//! A refer subscription, seen from the subscriber: what a NOTIFY about a REFER of ours means now.
//!
//! ```text
//!   refer ──► Held ──ACK──► Asked ──2xx──► Accepted ──terminated──► over
//!                            │ │               │
//!                            │ └──NOTIFY first─┘ final status, forgotten, BYE: 64·T1 more, in silence
//!                            └── 3xx to 6xx, silence, Refer-Sub: false ──► over
//! ```
//! Phones send NOTIFY before their 2xx, name it by no `id`, by that of the REFER that was challenged,
//! or go on after our BYE: all of them are answered 200.
//! Not here: the messages (`endpoint`: `referrals`); the other side of it (`usage::refer`).
//! Source: RFC 3515 §2.4, RFC 6665 §4.1, RFC 4488, RFC 5057 §4.1.

use crate::Status;
use crate::endpoint::Line;
use crate::timers::TimerKey;

/// One REFER of ours and its subscription.
#[derive(Debug)]
pub(crate) struct Referral {
    /// Lines of the REFER, until it is sent.
    pub(crate) held: Option<Vec<Line>>,
    /// CSeq of the REFER as first sent: names it in our own books.
    first: u32,
    /// CSeq of the one sent last, with an answer to a challenge.
    last: u32,
    /// No earlier subscription of the dialog may still be alive at the peer.
    alone: bool,
    /// The REFER has its final answer.
    answered: bool,
    /// The owner has heard how it came out.
    told: bool,
    /// The peer has ended the subscription.
    terminated: bool,
    /// The owner wants to hear nothing more.
    forgotten: bool,
    /// When NOTIFYs are no longer answered.
    pub(crate) linger: Option<TimerKey>,
}

/// What follows for the owner and the subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct After {
    /// The owner is told.
    pub(crate) tell: bool,
    /// Nothing more will come.
    pub(crate) over: bool,
    /// It has come out, but the peer has not ended it.
    pub(crate) linger: bool,
}

impl Referral {
    /// Not sent yet.
    pub(crate) fn new(lines: Vec<Line>, alone: bool) -> Self {
        Self {
            held: Some(lines),
            first: 0,
            last: 0,
            alone,
            answered: false,
            told: false,
            terminated: false,
            forgotten: false,
            linger: None,
        }
    }

    /// It goes out with this CSeq.
    pub(crate) fn sent(&mut self, cseq: u32) {
        self.first = cseq;
        self.last = cseq;
    }

    /// It goes out once more.
    pub(crate) fn sent_again(&mut self, cseq: u32) {
        self.last = cseq;
    }

    /// How it came out has been said.
    pub(crate) fn is_told(&self) -> bool {
        self.told
    }

    /// The owner still waits for it.
    pub(crate) fn is_pending(&self) -> bool {
        let is_over = self.answered && self.told;
        !self.forgotten && !is_over
    }

    /// It is the REFER that was first sent with this CSeq.
    pub(crate) fn began_with(&self, cseq: u32) -> bool {
        self.held.is_none() && self.first == cseq
    }

    /// A NOTIFY with this `id` is about it.
    pub(crate) fn is_named(&self, id: Option<&[u8]>) -> bool {
        let number = id.and_then(|id| str::from_utf8(id).ok()?.parse().ok());
        // RFC 3515 §2.4.6: only the first REFER of a dialog may go without.
        let ours = number.is_some_and(|number| (self.first..=self.last).contains(&number));
        (self.alone || ours) && self.held.is_none() && !self.terminated
    }

    /// A NOTIFY came: with this status, if it has one; `terminated` as it says.
    pub(crate) fn notified(&mut self, status: Option<Status>, terminated: bool) -> After {
        let tell = !self.forgotten && !self.told;
        let last = terminated || status.is_some_and(Status::is_final);
        self.terminated |= terminated;
        self.told |= last;
        After { tell, over: self.terminated && self.answered, linger: last && !terminated }
    }

    /// The REFER has its final answer, which may have come behind its NOTIFYs.
    pub(crate) fn answered(&mut self, notices: bool) -> After {
        self.answered = true;
        let over = !notices || self.terminated;
        After { tell: !self.forgotten, over, linger: false }
    }

    /// The owner wants to hear nothing more. False: it was never sent, so nothing will come.
    pub(crate) fn forget(&mut self) -> bool {
        self.forgotten = true;
        self.held.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: Option<Status> = Some(Status::OK);
    const RINGING: Option<Status> = Some(Status::RINGING);

    fn sent(alone: bool) -> Referral {
        let mut referral = Referral::new(Vec::new(), alone);
        referral.held = None;
        referral.sent(7);
        referral
    }

    fn after(tell: bool, over: bool, linger: bool) -> After {
        After { tell, over, linger }
    }

    #[test]
    fn accepted_told_and_over() {
        let mut referral = sent(true);
        assert_eq!(referral.answered(true), after(true, false, false));
        assert_eq!(referral.notified(RINGING, false), after(true, false, false));
        assert!(referral.is_pending());
        assert_eq!(referral.notified(OK, true), after(true, true, false));
        assert!(!referral.is_pending());
    }

    #[test]
    fn a_notify_may_come_before_the_answer() {
        let mut referral = sent(true);
        assert_eq!(referral.notified(OK, true), after(true, false, false));
        assert!(referral.is_pending());
        assert_eq!(referral.answered(true), after(true, true, false));
        assert!(!referral.is_pending());
    }

    #[test]
    fn a_result_is_told_once_even_if_the_peer_goes_on() {
        let mut referral = sent(true);
        referral.answered(true);
        assert_eq!(referral.notified(OK, false), after(true, false, true));
        assert_eq!(referral.notified(OK, true), after(false, true, false));
    }

    #[test]
    fn without_a_body_it_is_over_when_the_peer_says_so() {
        let mut referral = sent(true);
        referral.answered(true);
        assert_eq!(referral.notified(None, false), after(true, false, false));
        assert_eq!(referral.notified(None, true), after(true, true, false));
    }

    #[test]
    fn without_notices_the_answer_is_all() {
        assert_eq!(sent(true).answered(false), after(true, true, false));
        let mut forgotten = sent(true);
        assert!(forgotten.forget());
        assert_eq!(forgotten.answered(true), after(false, false, false));
        assert_eq!(forgotten.notified(OK, true), after(false, true, false));
        assert!(!Referral::new(Vec::new(), true).forget());
    }

    #[test]
    fn which_notify_is_about_it() {
        let mut challenged = sent(false);
        challenged.sent_again(8);
        let table: &[(&Referral, Option<&[u8]>, bool)] = &[
            (&sent(true), None, true),
            (&sent(true), Some(b"7"), true),
            // JsSIP before 3.13 counts on after a challenge, or does not.
            (&sent(true), Some(b"9"), true),
            (&sent(true), Some(b"x"), true),
            (&sent(false), None, false),
            (&sent(false), Some(b"6"), false),
            (&sent(false), Some(b"7"), true),
            (&sent(false), Some(b"x"), false),
            (&challenged, Some(b"7"), true),
            (&challenged, Some(b"8"), true),
            (&challenged, Some(b"9"), false),
            (&Referral::new(Vec::new(), true), None, false),
        ];
        for (referral, id, expected) in table {
            assert_eq!(referral.is_named(*id), *expected, "{id:?} of {referral:?}");
        }
    }
}
