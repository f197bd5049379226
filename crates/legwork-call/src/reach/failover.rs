//! A try of a leg has failed: is there another address or another candidate, and may it be tried?
//!
//! Not here: sending the next INVITE (`reach`), whom a 3xx names (`reach/redirect`).
//! Source: RFC 3263 §4.3; RFC 3261 §21.

use std::time::Duration;

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::header::Name;

use crate::calls::Calls;
use crate::leg::LegId;
use crate::limit;

/// What a failure leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The next address of the same candidate, else the next candidate.
    NextTarget,
    /// The next candidate: all addresses of this one would say the same.
    NextCandidate,
    /// Whoever the response names.
    Redirect,
    /// The end: somebody has decided.
    Over,
}

/// What a final status leads to; none: no answer came at all.
const fn then(status: Option<Status>) -> Then {
    match status {
        None | Some(Status(503)) => Then::NextTarget,
        // 430: the edge proxy has lost the phone (RFC 5626 §5.3).
        Some(Status(408 | 430 | 500..=502 | 504..=599)) => Then::NextCandidate,
        Some(Status(300..=302)) => Then::Redirect,
        Some(_) => Then::Over,
    }
}

impl Calls {
    /// A try has a final answer other than 2xx, or none.
    pub(crate) fn handle_try_failed(
        &mut self,
        child: LegId,
        status: Status,
        response: Option<&sip::Message>,
    ) {
        if response.is_none() || (500..600).contains(&status.0) {
            self.alert_no_way(child, response.map(|_| status));
        }
        let then = then(response.map(|_| status));
        self.note_outage(child, then, response);
        let heard = self.leg(child).is_some_and(|leg| leg.media.before_early.is_some());
        let goes_on = match then {
            Then::Over => false,
            // What the caller has heard already can not be taken back.
            Then::NextTarget | Then::NextCandidate | Then::Redirect if heard => false,
            Then::NextTarget => self.leave_try(child) && self.try_next_target(child),
            Then::NextCandidate => self.leave_try(child) && self.try_next_candidate(child),
            Then::Redirect => {
                self.redirected(child, response)
                    && self.leave_try(child)
                    && self.try_next_candidate(child)
            }
        };
        if !goes_on {
            self.handle_target_refused(child, status);
        }
    }

    /// Nothing at all was heard of a target, and there is another one.
    pub(crate) fn handle_target_patience(&mut self, child: LegId) {
        let Some(calling) = self.calling_mut(child) else { return };
        calling.patience = None;
        let Some(dialog) = self.leg(child).and_then(|leg| leg.sip.dialog) else { return };
        if self.endpoint.is_proceeding(dialog) {
            return;
        }
        self.current = Some(child);
        self.handle_try_failed(child, Status(408), None);
        // Whatever it says later is answered with CANCEL or BYE.
        self.sip(|sip, now| sip.cancel(now.mono, dialog, &[]));
    }

    /// A target has taken the call: nothing else will be tried.
    pub(crate) fn reached(&mut self, child: LegId) {
        let Some(leg) = self.leg_mut(child) else { return };
        let Some(mut calling) = leg.sip.calling.take() else { return };
        self.timers.cancel(&mut calling.patience);
        if let Some(flow) = calling.flow {
            self.outages.forget(flow);
        }
    }

    /// The leg is between two tries: what still comes of the old one is only traced. False: it was not
    /// being called.
    fn leave_try(&mut self, child: LegId) -> bool {
        let Some(calling) = self.calling_mut(child) else { return false };
        if !calling.has_more() {
            return false;
        }
        let mut patience = calling.patience.take();
        self.timers.cancel(&mut patience);
        let Some(leg) = self.legs.get_mut(&child) else { return false };
        leg.sip.headers.clear();
        if let Some(dialog) = leg.sip.dialog.take() {
            self.index.by_dialog.remove(&dialog);
            self.traced.remember(dialog, crate::trace::whose(leg), limit::TRACED_ENDED_LEGS_MAX);
        }
        true
    }

    /// A target that is out is passed over for a while where there is another.
    fn note_outage(&mut self, child: LegId, then: Then, response: Option<&sip::Message>) {
        let now = self.now.mono;
        let Some(calling) = self.calling_mut(child) else { return };
        // A phone is where it registered from, and nowhere else.
        let asked = matches!(calling.candidate.way, super::Way::Ask { .. });
        let Some(flow) = calling.flow.filter(|_| asked && then == Then::NextTarget) else { return };
        let wait = match response {
            None => Some(limit::SILENCE_OUTAGE),
            Some(response) => retry_after(response),
        };
        if let Some(wait) = wait {
            self.outages.note(now, flow, wait);
        }
    }
}

/// `Retry-After`: seconds, whatever comes behind them.
fn retry_after(response: &sip::Message) -> Option<Duration> {
    let value = std::str::from_utf8(response.header(Name::RetryAfter)?).ok()?.trim();
    let digits = value.split(|c: char| !c.is_ascii_digit()).next()?;
    // More digits than fit: longer than anybody is out.
    let seconds = if digits.len() > 9 { u64::MAX / 2 } else { digits.parse().ok()? };
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_failure_leads_to() {
        let table = [
            (None, Then::NextTarget),
            (Some(503), Then::NextTarget),
            (Some(408), Then::NextCandidate),
            (Some(430), Then::NextCandidate),
            (Some(500), Then::NextCandidate),
            (Some(502), Then::NextCandidate),
            (Some(504), Then::NextCandidate),
            (Some(599), Then::NextCandidate),
            (Some(300), Then::Redirect),
            (Some(301), Then::Redirect),
            (Some(302), Then::Redirect),
            (Some(305), Then::Over),
            (Some(380), Then::Over),
            (Some(401), Then::Over),
            (Some(404), Then::Over),
            (Some(480), Then::Over),
            (Some(486), Then::Over),
            (Some(487), Then::Over),
            (Some(600), Then::Over),
            (Some(603), Then::Over),
        ];
        for (status, expected) in table {
            assert_eq!(then(status.map(Status)), expected, "{status:?}");
        }
    }

    #[test]
    fn retry_after_is_read() {
        for (value, seconds) in [
            ("5", Some(5)),
            (" 120 (maintenance);duration=60", Some(120)),
            ("99999999999999999999", Some(u64::MAX / 2)),
            ("soon", None),
            ("", None),
            ("-1", None),
        ] {
            let bytes = format!(
                "SIP/2.0 503 No\r\nVia: SIP/2.0/UDP a\r\nTo: <sip:b>\r\nFrom: <sip:a>;tag=1\r\n\
                 Call-ID: 1\r\nCSeq: 1 INVITE\r\nRetry-After: {value}\r\n\r\n"
            );
            let response = sip::Message::parse(bytes.into()).unwrap();
            assert_eq!(retry_after(&response), seconds.map(Duration::from_secs), "{value}");
        }
    }
}
