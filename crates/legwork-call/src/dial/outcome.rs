//! How a dial ended: one status out of many, and what `action` is told.
//!
//! Source: `inbound-refer` §4 ("several nouns"), RFC 3261 §16.7, Twilio, "TwiML Voice: Dial", `action`.

use std::time::Instant;

use legwork_sip::Status;

use super::Dialling;
use crate::leg::CallStatus;
use crate::run::Parameter;

/// The one status of several targets that all failed: a 6xx, else busy, else no answer, else the lowest
/// class, first come. Nobody tried at all: 480.
pub(crate) fn final_status(failures: &[Status]) -> Status {
    let find = |wanted: &dyn Fn(&Status) -> bool| failures.iter().copied().find(|s| wanted(s));
    let best = find(&|s| s.0 >= 600)
        .or_else(|| find(&|s| s.0 == 486))
        .or_else(|| find(&|s| s.0 == 408))
        .or_else(|| failures.iter().copied().min_by_key(|s| s.0 / 100));
    match best {
        None => Status(480),
        Some(Status(401 | 407)) => Status(403),
        Some(Status(503)) => Status(500),
        Some(status) => status,
    }
}

/// The SIP status of a target that failed without one.
pub(crate) const fn default_status(status: CallStatus) -> Status {
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

/// `DialCallStatus` and its companions.
pub(crate) fn action_parameters(
    dialling: &Dialling,
    status: CallStatus,
    now: Instant,
) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> =
        vec![("DialCallStatus".into(), status.as_str().to_owned())];
    let Some(last) = &dialling.last else { return parameters };
    parameters.push(("DialCallSid".into(), last.sid.to_string()));
    if let Some(since) = dialling.bridged_at {
        let seconds = now.saturating_duration_since(since).as_secs();
        parameters.push(("DialCallDuration".into(), seconds.to_string()));
    }
    parameters.push(("DialBridged".into(), dialling.bridged_at.is_some().to_string()));
    parameters.push(("DialSipCallId".into(), last.sip_call_id.clone()));
    if let Some(response) = last.response {
        parameters.push(("DialSipResponseCode".into(), response.0.to_string()));
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_status_stands_for_all() {
        let table: &[(&[u16], u16)] = &[
            (&[], 480),
            (&[486], 486),
            (&[404, 486, 408], 486),
            (&[486, 603], 603),
            (&[404, 408], 408),
            (&[500, 404], 404),
            (&[302, 500], 302),
            (&[401], 403),
            (&[407, 500], 403),
            (&[503], 500),
        ];
        for (failures, expected) in table {
            let failures: Vec<Status> = failures.iter().copied().map(Status).collect();
            assert_eq!(final_status(&failures), Status(*expected), "{failures:?}");
        }
    }
}
