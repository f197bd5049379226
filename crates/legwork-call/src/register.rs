//! REGISTER: a phone of a domain says where it can be reached. And REFER outside any dialog: refused.
//!
//! Not here: the bindings themselves (`legwork-sip`, `registrar`), credentials (`auth`).
//! Source: RFC 3261 §10.3; RFC 5626 §5.3; Twilio, "SIP Registration".

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::Reply;
use legwork_sip::event::RequestId;

use crate::auth::Verdict;
use crate::calls::{Calls, Detail};
use crate::dial::target::text;
use crate::inbound::Refused;
use crate::leg::LegId;

impl Calls {
    /// A request outside any dialog that the endpoint does not answer by itself.
    pub(crate) fn handle_request(
        &mut self,
        id: RequestId,
        request: &sip::Message,
        flow: sip::Flow,
    ) {
        let done = if request.method() == sip::Method::Register {
            self.register(request, flow)
        } else {
            // REFER, and whatever else may come: never acted on outside a dialog.
            Err(Refused::with(403))
        };
        let reply = done.unwrap_or_else(|refused| {
            if let Some(code) = refused.alert {
                let asked = format!("{} {}", text(request.method_name()), text(request.uri()));
                let response = Some(refused.status.0.to_string());
                self.alert(code, None, Detail { text: None, request: Some(asked), response });
            }
            Reply { status: refused.status, lines: refused.lines }
        });
        self.sip(|sip, now| sip.reply(now.mono, id, reply));
    }

    /// A proxy says that it has lost its connection to the phone it was to call (RFC 5626 §5.3).
    pub(crate) fn forget_binding(&mut self, leg: LegId, response: &sip::Message) {
        let Some(leg) = self.leg(leg) else { return };
        let (account, user) = (leg.account, leg.who.party.to_ascii_lowercase());
        let Ok(called) = response.to() else { return };
        let contact = text(called.uri().as_bytes());
        for domain in self.config.domains.iter().filter(|domain| domain.account == account) {
            self.registrar.forget(&format!("{user}@{}", domain.name), &contact);
        }
    }

    fn register(&mut self, request: &sip::Message, flow: sip::Flow) -> Result<Reply, Refused> {
        let domain = self.domain_of(request).cloned().ok_or_else(|| Refused::with(404))?;
        if !domain.registration {
            return Err(Refused::alert(403, 32210));
        }
        let source = flow.remote.ip();
        let username = match self.may_register(&domain, request, source) {
            Verdict::Welcome(username) => username.unwrap_or_default(),
            Verdict::Refused(refused) => return Err(refused),
        };
        let to = request.to().map_err(|_| Refused::with(400))?.uri();
        let user = to.user().map(text).unwrap_or_default();
        if !user.eq_ignore_ascii_case(&username) {
            return Err(Refused::alert(403, 32106));
        }
        let aor = format!("{}@{}", user.to_ascii_lowercase(), domain.name);
        if !self.rates.admits_register(self.now.mono, &aor) {
            return Err(Refused::later(Some(32008)));
        }
        match self.registrar.register(self.now.mono, &aor, request, flow) {
            Ok(lines) => Ok(Reply { status: Status(200), lines }),
            Err(refusal) => {
                let Reply { status, lines } = refusal.reply;
                let alert = refusal.is_crowded.then_some(32007);
                Err(Refused { status, lines, alert })
            }
        }
    }
}
