//! What we tell the application: notices that expect 2xx and change nothing.
//!
//! Not here: what we ask (`webhook`).
//! Source: Twilio, "Call resource: StatusCallback"; `referStatusCallback` is ours (`inbound-refer` §4).

use legwork_sip::Status;

use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io::{Expects, Fetch, FetchError, FetchId, Output};
use crate::ladder::{Row, What};
use crate::leg::{CallStatus, Leg};
use crate::run::Parameter;
use crate::sid::{AccountSid, CallSid};
use crate::webhook::parameters_of;

/// How a transfer came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: CallStatus,
    pub(crate) sip: Status,
}

/// The call a callback is about.
#[derive(Debug)]
pub(crate) struct About {
    account: AccountSid,
    call: CallSid,
    root: CallSid,
    parameters: Vec<Parameter>,
}

impl About {
    pub(crate) fn of(leg: &Leg) -> Self {
        let parameters = parameters_of(leg);
        Self { account: leg.account, call: leg.sid, root: leg.root, parameters }
    }
}

impl Calls {
    /// The domain's or number's `status_callback`: once, at the end of a call that came in by it.
    pub(crate) fn tell_end(&mut self, leg: &Leg) {
        let Some(hook) = leg.application.status.clone() else { return };
        let mut parameters = parameters_of(leg);
        let duration = leg.life.answered.and_then(|at| self.now.wall.duration_since(at).ok());
        let seconds = duration.map_or(0, |duration| duration.as_secs());
        parameters.push(("CallDuration".into(), seconds.to_string()));
        parameters.push(("CallbackSource".into(), "call-progress-events".to_owned()));
        self.tell(leg.account, leg.sid, hook, parameters);
    }

    /// `referStatusCallback` of the initial `<Dial>`: every outcome of its transfers, about the transferee.
    pub(crate) fn tell_transfer_outcome(&mut self, about: About, hook: Hook, outcome: Outcome) {
        let About { account, call, root, mut parameters } = about;
        let status = outcome.status.as_str();
        parameters.push(("ReferCallStatus".into(), status.to_owned()));
        parameters.push(("NotifySipResponseCode".into(), outcome.sip.0.to_string()));
        let told = format!("POST {}  ReferCallStatus={status}", crate::run::path_of(&hook.url));
        let row = Row { call, root, party: "app".to_owned(), what: What::Asked(told) };
        self.push(Output::Trace(Box::new(row)));
        self.tell(account, call, hook, parameters);
    }

    fn tell(&mut self, account: AccountSid, call: CallSid, hook: Hook, parameters: Vec<Parameter>) {
        let id = FetchId(self.next_id());
        let expects = Expects::Nothing;
        self.push(Output::Fetch(Box::new(Fetch { id, account, call, hook, parameters, expects })));
    }

    /// A callback was not taken.
    pub(crate) fn handle_callback_failed(&mut self, error: FetchError) {
        let request = Some(format!("POST {}", error.url));
        let response = error.status.map(|status| status.to_string());
        self.alert(error.code, None, Detail { text: Some(error.text), request, response });
    }
}
