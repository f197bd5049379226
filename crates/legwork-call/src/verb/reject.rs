//! `<Reject>`: an unanswered call is refused; an answered one ends, and so does a dialled application's.
//!
//! Source: Twilio, "TwiML Voice: Reject"; busy is 486, rejected 404 on the wire.

use legwork_sip::Status;
use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::hangup::Farewell;
use crate::leg::{CallStatus, LegId};
use crate::run::Flow;

impl Calls {
    pub(crate) fn run_reject(&mut self, leg: LegId, reject: &twiml::Reject) -> Flow {
        if let Some(transfer) = self.pending_transfer_of(leg) {
            self.transfer_document_ended(transfer);
            return Flow::Waits;
        }
        if self.application_over(leg, CallStatus::Completed) {
            return Flow::Waits;
        }
        let (status, sip) = match reject.reason {
            twiml::RejectReason::Busy => (CallStatus::Busy, Status(486)),
            twiml::RejectReason::Rejected => (CallStatus::NoAnswer, Status(404)),
        };
        let lines = self.parameter_lines(leg, &reject.parameters);
        self.leave(leg, Farewell::refuse(status, sip).with(lines));
        Flow::Waits
    }
}
