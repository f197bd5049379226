//! `<Hangup>`: the call ends; that of a dialled application alone.
//!
//! Source: Twilio, "TwiML Voice: Hangup".

use crate::calls::Calls;
use crate::hangup::Farewell;
use crate::leg::{CallStatus, LegId};
use crate::run::Flow;

impl Calls {
    pub(crate) fn run_hangup(&mut self, leg: LegId) -> Flow {
        match self.pending_transfer_of(leg) {
            Some(transfer) => self.transfer_document_ended(transfer),
            None if self.application_over(leg, CallStatus::Completed) => {}
            None => self.leave(leg, Farewell::done()),
        }
        Flow::Waits
    }
}
