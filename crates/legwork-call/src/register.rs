//! REGISTER: a phone of a domain says where it can be reached. And REFER outside any dialog: refused,
//! unless it speaks for a call of whoever sends it.
//!
//! Not here: the bindings themselves (`legwork-sip`, `registrar`), credentials (`auth`), what becomes of
//! a transfer (`transfer`).
//! Source: RFC 3261 §10.3; RFC 4538; RFC 5626 §5.3; Twilio, "SIP Registration".

use std::sync::Arc;

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::Reply;
use legwork_sip::event::RequestId;

use crate::auth::Verdict;
use crate::calls::{Calls, Detail};
use crate::config::Domain;
use crate::dial::target::text;
use crate::inbound::Refused;
use crate::leg::{Leg, LegId};
use crate::limit;

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
            match self.refers_for(request, flow) {
                Ok(leg) => match self.adopt(leg, id, request, flow) {
                    Some(()) => return,
                    None => Err(Refused::with(500)),
                },
                Err(refused) => Err(refused),
            }
        };
        let reply = done.unwrap_or_else(|refused| {
            if let Some(code) = refused.alert {
                let asked = format!("{} {}", text(request.method_name()), text(request.uri()));
                let response = Some(refused.status.0.to_string());
                let detail = Detail { text: None, request: Some(asked), response };
                self.alert_account(code, refused.account, None, detail);
            }
            Reply { status: refused.status, lines: refused.lines }
        });
        self.sip(|sip, now| sip.reply(now.mono, id, reply));
    }

    /// The leg a REFER outside any dialog speaks for: that of the same peer, by address and, where it has
    /// a name here, by password.
    fn refers_for(&mut self, request: &sip::Message, flow: sip::Flow) -> Result<LegId, Refused> {
        let forbidden = || Refused::with(403);
        let target = request.target_dialog().ok().flatten().ok_or_else(forbidden)?;
        let dialog = self.endpoint.target_dialog(&target).ok_or_else(forbidden)?;
        let source = flow.remote.ip();
        let heard = self.endpoint.flow_of(dialog).ok_or_else(forbidden)?;
        let id = *self.index.by_dialog.get(&dialog).ok_or_else(forbidden)?;
        let leg = self.leg(id).filter(|leg| !leg.sip.trunk).ok_or_else(forbidden)?;
        if heard.remote.ip() != source {
            return Err(forbidden());
        }
        let Some((domain, user)) = self.user_of(leg) else { return Ok(id) };
        match self.may_refer(&domain, request, source) {
            Verdict::Welcome(Some(name)) if name.eq_ignore_ascii_case(&user) => Ok(id),
            Verdict::Welcome(_) => Err(Refused::alert(403, 32106).of(domain.account)),
            Verdict::Refused(refused) => Err(refused.of(domain.account)),
        }
    }

    /// The name under which a leg is known by its password: it called with one, or is registered.
    pub(crate) fn user_of(&self, leg: &Leg) -> Option<(Domain, String)> {
        let mut domains = self.config.domains.iter().filter(|domain| domain.account == leg.account);
        if let Some(username) = &leg.sip.username {
            let own = domains.find(|domain| Some(&domain.name) == leg.sip.domain.as_ref())?;
            return Some((own.clone(), username.clone()));
        }
        let name = leg.who.party.to_ascii_lowercase();
        let is_registered = |domain: &&Domain| {
            let aor = format!("{name}@{}", domain.name);
            self.noted.phones(&aor, || self.registrar.lookup(self.now.mono, &aor));
            self.registrar.lookup(self.now.mono, &aor).next().is_some()
        };
        domains.find(is_registered).map(|domain| (domain.clone(), name))
    }

    /// From now on it is as if the REFER had come inside the call.
    fn adopt(
        &mut self,
        leg: LegId,
        id: RequestId,
        request: &sip::Message,
        flow: sip::Flow,
    ) -> Option<()> {
        let dialog = self.endpoint.adopt_refer(id, request, flow)?;
        self.current = Some(leg);
        if let Some(leg) = self.legs.get(&leg) {
            self.traced.remember(dialog, crate::trace::whose(leg), limit::TRACED_ENDED_LEGS_MAX);
        }
        self.trace_message(dialog, &request.bytes(), true);
        self.handle_refer(leg, id, request);
        Some(())
    }

    /// A proxy says that it has lost its connection to the phone it was to call (RFC 5626 §5.3). Whoever
    /// is no phone of ours has nothing to say of that.
    pub(crate) fn forget_binding(&mut self, leg: LegId) {
        let Some(leg) = self.leg(leg) else { return };
        let (account, user) = (leg.account, leg.who.party.to_ascii_lowercase());
        let calling = leg.sip.calling.as_deref();
        let Some(contact) = calling.and_then(|calling| calling.binding()).map(str::to_owned) else {
            return;
        };
        for domain in self.config.domains.iter().filter(|domain| domain.account == account) {
            self.registrar.forget(&format!("{user}@{}", domain.name), &contact);
        }
    }

    fn register(&mut self, request: &sip::Message, flow: sip::Flow) -> Result<Reply, Refused> {
        let config = Arc::clone(&self.config);
        let domain = self.domain_of(request).and_then(|at| config.domains.get(at));
        let domain = domain.ok_or_else(|| Refused::with(404))?;
        self.register_at(domain, request, flow).map_err(|refused| refused.of(domain.account))
    }

    fn register_at(
        &mut self,
        domain: &Domain,
        request: &sip::Message,
        flow: sip::Flow,
    ) -> Result<Reply, Refused> {
        if !domain.registration {
            return Err(Refused::alert(403, 32210));
        }
        let source = flow.remote.ip();
        let username = match self.may_register(domain, request, source) {
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
                Err(Refused { status, lines, alert, account: None })
            }
        }
    }
}
