//! `<Hangup>`: the call ends; that of a dialled application alone.
//!
//! Its `<Parameter>`s are headers of the BYE, or of the refusal of a call that has not been answered.
//! Source: Twilio, "TwiML Voice: Hangup".

use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::hangup::Farewell;
use crate::leg::{CallStatus, LegId};
use crate::run::Flow;

impl Calls {
    pub(crate) fn run_hangup(&mut self, leg: LegId, hangup: &twiml::Hangup) -> Flow {
        match self.pending_transfer_of(leg) {
            Some(transfer) => self.transfer_document_ended(transfer),
            None if self.application_over(leg, CallStatus::Completed) => {}
            None => {
                let lines = self.parameter_lines(leg, &hangup.parameters);
                self.leave(leg, Farewell::done().with(lines));
            }
        }
        Flow::Waits
    }
}
