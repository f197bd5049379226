//! I3, I4 and "`answerOnBridge=true` never loses the caller": what becomes of those in a transfer.
//!
//! Not here: what the transferor is told (`notices`).
//! Source: reliability.md section 6.3; inbound-refer.md sections 3 and 4.

use legwork_call::sid::CallSid;
use legwork_call::view::{Doing, Leg, Transfer};

use super::Passed;

/// What the application is told of a transfer that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) call: CallSid,
    /// `ReferCallStatus`.
    pub(super) status: String,
    /// `NotifySipResponseCode`.
    pub(super) code: u16,
}

impl Outcome {
    /// The transfer came to nothing, by no will of the transferee or its application.
    fn has_failed(&self) -> bool {
        match self.code {
            200..=299 | 487 => false,
            603 => self.status == "failed",
            _ => true,
        }
    }
}

/// Those pending at the end of the last step, and counts.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    pending: Vec<Transfer>,
    /// Every transfer has a `referStatusCallback`.
    pub(super) are_all_told: bool,
    pub(super) accepted: usize,
    pub(super) asked: usize,
    /// The transferee was brought together with somebody else.
    pub(super) completed: usize,
    /// It failed, and the rule that gives the call back was asked.
    pub(super) restored: usize,
}

impl Transfers {
    /// Looks at what the step has done to them. `sent_off`: we sent that call a BYE in it.
    pub(super) fn look(
        &mut self,
        passed: &Passed,
        legs: &[Leg<'_>],
        now_pending: Vec<Transfer>,
        sent_off: impl Fn(CallSid) -> bool,
    ) -> Result<(), String> {
        let before = std::mem::replace(&mut self.pending, now_pending);
        for transfer in before {
            if self.pending.iter().any(|other| other.id == transfer.id) {
                continue;
            }
            let told = passed
                .outcomes
                .iter()
                .find(|told| told.call == transfer.transferee || passed.outcomes.len() == 1);
            let Some(told) = told else {
                if self.are_all_told {
                    return Err(format!("nobody was told how this ended: {transfer:?}"));
                }
                continue;
            };
            self.completed += usize::from((200..300).contains(&told.code));
            let Some(transferor) = transfer.transferor.filter(|_| transfer.answer_on_bridge) else {
                continue;
            };
            if told.has_failed() {
                self.restored += 1;
                restored(passed, legs, (transferor, transfer.transferee), &sent_off)?;
            }
            if sent_off(transfer.transferee) && !is_willed(passed, told) {
                let caller = transfer.transferee;
                return Err(format!("the caller is lost: {caller} was hung up: {told:?}"));
            }
        }
        Ok(())
    }

    pub(super) fn close(&self) -> Result<(), String> {
        let Self { accepted, asked, .. } = self;
        if accepted == asked {
            Ok(())
        } else {
            Err(format!("I4: {accepted} REFERs accepted, {asked} asked about"))
        }
    }
}

/// The transferee's end is the will of REST or of its application, or that of a call restored before.
fn is_willed(passed: &Passed, told: &Outcome) -> bool {
    passed.is_command || passed.is_restored || !told.has_failed()
}

/// I3: the two talk again; or they did, and that ended, or one of them hung up by itself.
fn restored(
    passed: &Passed,
    legs: &[Leg<'_>],
    (transferor, transferee): (CallSid, CallSid),
    sent_off: &impl Fn(CallSid) -> bool,
) -> Result<(), String> {
    let doing = |call: CallSid| legs.iter().find(|leg| leg.call == call).map(|leg| leg.doing);
    let are_joined = doing(transferor) == Some(Doing::Bridged { with: transferee })
        && doing(transferee) == Some(Doing::Bridged { with: transferor });
    let has_left = |call: CallSid| doing(call).is_none() && !sent_off(call);
    if are_joined || passed.is_restored || has_left(transferor) || has_left(transferee) {
        return Ok(());
    }
    Err(format!(
        "I3: a transfer of answerOnBridge=true failed, {transferor} and {transferee} do not talk: \
         {:?}, {:?}",
        doing(transferor),
        doing(transferee)
    ))
}

#[cfg(test)]
mod tests {
    use legwork_call::view::Waits;
    use legwork_media::Feed;

    use super::*;

    const A: CallSid = CallSid::from_bits(1);
    const B: CallSid = CallSid::from_bits(2);

    fn leg(call: CallSid, doing: Doing) -> Leg<'static> {
        Leg {
            call,
            sip_call_id: "",
            media: None,
            is_answered: true,
            doing,
            feed: Feed::Nothing,
            waits: Waits::Nothing,
            agreed: None,
            hears_keys: false,
        }
    }

    fn pending() -> Transfers {
        let transfer =
            Transfer { id: 1, transferor: Some(A), transferee: B, answer_on_bridge: true };
        Transfers { pending: vec![transfer], ..Transfers::default() }
    }

    fn told(status: &str, code: u16) -> Passed {
        let outcome = Outcome { call: B, status: status.to_owned(), code };
        Passed { outcomes: vec![outcome], ..Passed::default() }
    }

    #[test]
    fn i3_can_fail() {
        let busy = told("busy", 486);
        let apart = [leg(A, Doing::Leaving), leg(B, Doing::Alone)];
        assert!(pending().look(&busy, &apart, Vec::new(), |_| false).is_err());
        let joined = [leg(A, Doing::Bridged { with: B }), leg(B, Doing::Bridged { with: A })];
        assert_eq!(pending().look(&busy, &joined, Vec::new(), |_| false), Ok(()));
        let one = [leg(B, Doing::Alone)];
        assert_eq!(pending().look(&busy, &one, Vec::new(), |_| false), Ok(()), "it hung up");
        assert!(pending().look(&busy, &one, Vec::new(), |call| call == A).is_err());
        let bridged = told("in-progress", 200);
        assert_eq!(pending().look(&bridged, &apart, Vec::new(), |_| false), Ok(()));
    }

    #[test]
    fn the_caller_can_be_lost() {
        let (busy, gone) = (told("busy", 486), [leg(A, Doing::Parked)]);
        let sent_off = pending().look(&busy, &gone, Vec::new(), |call| call == B);
        assert!(sent_off.is_err());
        let by_rest = Passed { is_command: true, ..told("completed", 200) };
        assert_eq!(pending().look(&by_rest, &gone, Vec::new(), |call| call == B), Ok(()));
        let hung_up = told("completed", 603);
        assert_eq!(pending().look(&hung_up, &gone, Vec::new(), |call| call == B), Ok(()));
        let left = told("canceled", 487);
        assert_eq!(pending().look(&left, &gone, Vec::new(), |_| false), Ok(()), "by itself");
    }

    #[test]
    fn an_end_that_nobody_is_told_of_is_found() {
        let nothing = Passed::default();
        assert_eq!(pending().look(&nothing, &[], Vec::new(), |_| false), Ok(()));
        let mut strict = Transfers { are_all_told: true, ..pending() };
        assert!(strict.look(&nothing, &[], Vec::new(), |_| false).is_err());
    }

    #[test]
    fn i4_can_fail() {
        assert!(Transfers { accepted: 1, ..Transfers::default() }.close().is_err());
        assert!(Transfers { asked: 1, ..Transfers::default() }.close().is_err());
    }
}
