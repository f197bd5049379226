//! What we tell the application: notices that expect 2xx and change nothing.
//!
//! Not here: what we ask (`webhook`).
//! Source: Twilio, "Call resource: StatusCallback"; `referStatusCallback` is ours (`inbound-refer` §4).

use legwork_sip::Status;

use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::io::{Expects, Fetch, FetchError, FetchId, Output};
use crate::ladder::What;
use crate::leg::{CallStatus, Leg, LegId};
use crate::run::Parameter;
use crate::sid::{AccountSid, CallSid};
use crate::webhook::parameters_of;

/// How a transfer came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: CallStatus,
    pub(crate) sip: Status,
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

    /// `referStatusCallback` of the initial `<Dial>`: every outcome of its transfers. `transferee` may be
    /// gone; then there is nobody to tell about.
    pub(crate) fn tell_transfer_outcome(
        &mut self,
        transferee: LegId,
        hook: Hook,
        outcome: Outcome,
    ) {
        let Some(leg) = self.leg(transferee) else { return };
        let (account, sid) = (leg.account, leg.sid);
        let mut parameters = parameters_of(leg);
        let status = outcome.status.as_str().to_owned();
        parameters.push(("ReferCallStatus".into(), status.clone()));
        parameters.push(("NotifySipResponseCode".into(), outcome.sip.0.to_string()));
        let told = format!("POST {}  ReferCallStatus={status}", crate::run::path_of(&hook.url));
        self.trace_app(transferee, What::Asked(told));
        self.tell(account, sid, hook, parameters);
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
        self.alert(15003, None, Detail { text: Some(error.text), request, response });
    }
}
