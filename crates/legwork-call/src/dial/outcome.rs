//! How a dial ended: what a SIP status means for a call, one end out of many, what `action` is told.
//!
//! Source: `twilio-voice` §5.7 and §3.2 (`action`), `inbound-refer` §4 ("several nouns"), RFC 3261 §16.7.

use std::time::SystemTime;

use legwork_sip::Status;

use super::Dialling;
use crate::leg::{CallStatus, Leg};
use crate::run::Parameter;
use crate::sid::CallSid;

/// A target that was not joined.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    /// What a transferor is told.
    pub(crate) status: Status,
    /// `DialCallStatus`.
    pub(crate) as_call: CallStatus,
    /// The leg, if it came to one.
    pub(crate) leg: Option<LastChild>,
}

/// What `action` tells of the dialled leg.
#[derive(Clone, Debug)]
pub(crate) struct LastChild {
    pub(crate) sid: CallSid,
    pub(crate) answered: Option<SystemTime>,
    /// It ended, or was lost to the dial, before the dial did.
    pub(crate) ended: Option<SystemTime>,
    /// It was joined with the caller.
    pub(crate) bridged: bool,
    /// REST gave it another document: it is not the dial's any more.
    pub(crate) redirected: bool,
    /// Its SIP side, if its noun is `<Sip>`.
    sip: Option<SipSide>,
}

/// What `action` tells of a `<Sip>` target.
#[derive(Clone, Debug)]
struct SipSide {
    call_id: String,
    response: Option<Status>,
    /// `SipHeader_…` of its final answer.
    headers: Vec<Parameter>,
}

impl Failed {
    /// `status`: what it answered, or stands for what became of it.
    pub(crate) fn of(leg: &Leg, as_call: CallStatus, status: Option<Status>) -> Self {
        let status = status.unwrap_or_else(|| default_status(as_call));
        Self { status, as_call, leg: Some(LastChild::of(leg)) }
    }

    /// An application that gave no document.
    pub(crate) fn application(call: CallSid, as_call: CallStatus) -> Self {
        let leg = LastChild::application(call, None);
        Self { status: default_status(as_call), as_call, leg: Some(leg) }
    }

    /// A noun that named nobody, or nobody who could be called.
    pub(crate) fn nobody(status: Status) -> Self {
        Self { status, as_call: CallStatus::of(status), leg: None }
    }
}

impl LastChild {
    pub(crate) fn of(leg: &Leg) -> Self {
        let sip = leg.wanted.sip.then(|| SipSide {
            call_id: leg.sip.call_id.clone(),
            response: leg.sip.response,
            headers: leg.sip.headers.clone(),
        });
        let answered = leg.life.answered;
        Self { sid: leg.sid, answered, ended: None, bridged: false, redirected: false, sip }
    }

    /// The same, of one that is joined.
    pub(crate) fn joined(leg: &Leg) -> Self {
        Self { bridged: true, ..Self::of(leg) }
    }

    /// An application, which is joined by answering.
    pub(crate) fn application(call: CallSid, answered: Option<SystemTime>) -> Self {
        let bridged = answered.is_some();
        Self { sid: call, answered, ended: None, bridged, redirected: false, sip: None }
    }
}

impl CallStatus {
    /// What an INVITE of ours ends as that got, or for want of an answer stands for, this final status.
    pub(crate) const fn of(status: Status) -> Self {
        match status.0 {
            200..=299 => Self::Completed,
            486 | 600 | 603 => Self::Busy,
            408 | 487 => Self::NoAnswer,
            // 480 too: a phone that is not there is not one that nobody picks up.
            _ => Self::Failed,
        }
    }
}

/// The other way round: the SIP status of a target that failed without one. `Completed`: it answered
/// and left before it was joined.
const fn default_status(status: CallStatus) -> Status {
    match status {
        CallStatus::Busy => Status(486),
        CallStatus::NoAnswer => Status(408),
        CallStatus::Canceled | CallStatus::Completed => Status(487),
        CallStatus::Initiated
        | CallStatus::Ringing
        | CallStatus::InProgress
        | CallStatus::Failed => Status(500),
    }
}

/// The one end of several targets that all failed: a 6xx, else busy, else no answer, else the lowest
/// class, first come. Nobody tried at all: 480. A target of 401, 407 or 503 is told as another.
pub(crate) fn one_of(failures: &[Failed]) -> Failed {
    let find = |wanted: &dyn Fn(u16) -> bool| failures.iter().find(|f| wanted(f.status.0));
    let best = find(&|status| status >= 600)
        .or_else(|| find(&|status| status == 486))
        .or_else(|| find(&|status| status == 408))
        .or_else(|| failures.iter().min_by_key(|failed| failed.status.0 / 100));
    let mut best = best.cloned().unwrap_or_else(|| Failed::nobody(Status(480)));
    best.status = match best.status {
        Status(401 | 407) => Status(403),
        Status(503) => Status(500),
        status => status,
    };
    best
}

/// `DialCallStatus` and its companions.
pub(crate) fn action_parameters(
    dialling: &Dialling,
    status: CallStatus,
    now: SystemTime,
) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> =
        vec![("DialCallStatus".into(), status.as_str().to_owned())];
    let last = dialling.last.as_ref();
    if let Some(last) = last {
        parameters.push(("DialCallSid".into(), last.sid.to_string()));
        let completed = status == CallStatus::Completed && !last.redirected;
        if let Some(since) = last.answered.filter(|_| completed) {
            let until = last.ended.unwrap_or(now);
            let seconds = until.duration_since(since).unwrap_or_default().as_secs();
            parameters.push(("DialCallDuration".into(), seconds.to_string()));
        }
    }
    let bridged = last.is_some_and(|last| last.bridged);
    parameters.push(("DialBridged".into(), bridged.to_string()));
    let Some(sip) = last.and_then(|last| last.sip.as_ref()) else { return parameters };
    if !sip.call_id.is_empty() {
        parameters.push(("DialSipCallId".into(), sip.call_id.clone()));
    }
    if let Some(response) = sip.response {
        parameters.push(("DialSipResponseCode".into(), response.0.to_string()));
    }
    let headers = sip.headers.iter();
    parameters.extend(headers.map(|(name, value)| (format!("Dial{name}").into(), value.clone())));
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sip_results_become_call_statuses() {
        let table: [(&[u16], &str); 4] = [
            (&[200, 202], "completed"),
            (&[486, 600, 603], "busy"),
            (&[408, 487], "no-answer"),
            (
                &[
                    301, 302, 400, 401, 403, 404, 407, 410, 415, 480, 481, 484, 488, 491, 500, 501,
                    502, 503, 504, 513, 604, 606,
                ],
                "failed",
            ),
        ];
        for (statuses, expected) in table {
            for status in statuses {
                assert_eq!(CallStatus::of(Status(*status)).as_str(), expected, "{status}");
            }
        }
    }

    #[test]
    fn one_end_stands_for_all() {
        let table: &[(&[u16], u16, &str)] = &[
            (&[], 480, "failed"),
            (&[486], 486, "busy"),
            (&[404, 486, 408], 486, "busy"),
            (&[486, 603], 603, "busy"),
            (&[404, 408], 408, "no-answer"),
            (&[500, 404], 404, "failed"),
            (&[302, 500], 302, "failed"),
            (&[401], 403, "failed"),
            (&[407, 500], 403, "failed"),
            (&[503], 500, "failed"),
        ];
        for (failures, status, as_call) in table {
            let failures: Vec<_> =
                failures.iter().map(|status| Failed::nobody(Status(*status))).collect();
            let one = one_of(&failures);
            assert_eq!((one.status, one.as_call.as_str()), (Status(*status), *as_call));
        }
    }

    #[test]
    fn what_became_of_a_target_has_a_sip_status() {
        for (status, sip) in [
            (CallStatus::Busy, 486),
            (CallStatus::NoAnswer, 408),
            (CallStatus::Canceled, 487),
            (CallStatus::Completed, 487),
            (CallStatus::Failed, 500),
        ] {
            assert_eq!(default_status(status), Status(sip));
        }
    }
}
