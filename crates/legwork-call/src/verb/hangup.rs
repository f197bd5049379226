//! `<Hangup>`: the call ends.
//!
//! Source: Twilio, "TwiML Voice: Hangup".

use crate::calls::Calls;
use crate::hangup::Farewell;
use crate::leg::LegId;
use crate::run::Flow;

impl Calls {
    pub(crate) fn run_hangup(&mut self, leg: LegId) -> Flow {
        match self.pending_transfer_of(leg) {
            Some(transfer) => self.transfer_document_ended(transfer),
            None => self.leave(leg, Farewell::done()),
        }
        Flow::Waits
    }
}
