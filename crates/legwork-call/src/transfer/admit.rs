//! Whether a REFER is taken: every refusal of the contract, in its order, and its alert.
//!
//! Not here: what happens then (`transfer`); the header's grammar (`legwork-sip`).
//! Source: `inbound-refer.md` §2, §4 "Who may refer", "The webhook".

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::Reply;
use legwork_sip::event::{RequestId, SubscriptionId};
use legwork_sip::header::{HeaderError, Name};
use legwork_sip::uri::Scheme;
use legwork_twiml as twiml;

use super::attended::Attended;
use crate::calls::{Calls, Detail};
use crate::config::Hook;
use crate::dial::target::text;
use crate::leg::{Doing, LegId};
use crate::limit;
use crate::run::{Parameter, absolute};
use crate::webhook::sip_header_parameters;

/// A transfer that may begin.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) transferor: LegId,
    pub(crate) transferee: LegId,
    /// Which of the two holds the initial `<Dial>`.
    pub(crate) parent: LegId,
    /// The `referUrl`.
    pub(crate) hook: Hook,
    /// `ReferTransferTarget` and its companions.
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) subscription: Option<SubscriptionId>,
    /// `Refer-Sub: false`: the phone takes the 202 as final.
    pub(crate) leaves: bool,
    pub(crate) referred_by: Option<String>,
    /// What its Replaces names.
    pub(crate) attended: Option<Box<Attended>>,
}

/// A transfer that may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// Some refusals are nobody's fault and raise none.
    pub(crate) alert: Option<u32>,
}

const fn refuse(status: u16, alert: u32) -> Refusal {
    Refusal { status, alert: Some(alert) }
}

impl Calls {
    /// REFER inside a dialog.
    pub(crate) fn handle_refer(&mut self, leg: LegId, refer: RequestId, request: &sip::Message) {
        let admitted = self
            .target_of(request)
            .and_then(|target| self.admit(leg).map(|admitted| (admitted, target)));
        match admitted {
            Ok((mut admitted, target)) => {
                admitted.parameters = refer_parameters(request, target);
                if let Some(leg) = self.leg(leg) {
                    admitted.parameters.push(("ReferCallSid".into(), leg.sid.to_string()));
                }
                admitted.attended = self.attended_by(leg, request);
                let named = admitted.attended.as_deref();
                if let Some(sid) = named.and_then(|attended| self.sid_of_attended(attended)) {
                    admitted.parameters.push(("ReferReplacesCallSid".into(), sid.to_string()));
                }
                admitted.referred_by = request.referred_by().map(|by| text(&by));
                admitted.leaves = request.is_refer_sub_false();
                let notices = !admitted.leaves;
                admitted.subscription =
                    self.sip(|sip, now| sip.accept_refer(now.mono, refer, notices));
                self.start_transfer(admitted);
            }
            Err(refusal) => self.refuse_refer(leg, refer, refusal, request),
        }
    }

    fn attended_by(&self, leg: LegId, request: &sip::Message) -> Option<Box<Attended>> {
        self.attended(leg, &request.refer_to().ok()?)
    }

    fn refuse_refer(
        &mut self,
        leg: LegId,
        refer: RequestId,
        refusal: Refusal,
        request: &sip::Message,
    ) {
        let mut lines = Vec::new();
        if refusal.status == 500 {
            lines.push(("Retry-After".into(), limit::RETRY_AFTER_S.to_string()));
        }
        let reply = Reply { status: Status(refusal.status), lines };
        self.sip(|sip, now| sip.reply(now.mono, refer, reply));
        if let Some(code) = refusal.alert {
            let target = request.unfolded(Name::ReferTo).map(|value| text(&value));
            let request = target.map(|target| format!("REFER {target}"));
            let response = Some(refusal.status.to_string());
            self.alert(code, Some(leg), Detail { text: None, request, response });
        }
    }

    /// The Refer-To value, verbatim, if it may be used.
    fn target_of(&self, request: &sip::Message) -> Result<String, Refusal> {
        let refer_to = request.refer_to().map_err(|error| match error {
            HeaderError::Missing
            | HeaderError::Several
            | HeaderError::NotUtf8
            | HeaderError::Malformed => refuse(400, 91303),
        })?;
        if refer_to.counted_len() > self.config.limits.refer_to_max {
            return Err(refuse(400, 91302));
        }
        match refer_to.scheme() {
            Scheme::Sip | Scheme::Sips | Scheme::Tel => {}
            Scheme::Other => return Err(refuse(416, 91303)),
        }
        if !refer_to.is_invite() {
            return Err(refuse(603, 91303));
        }
        if refer_to.replaces().is_err() {
            return Err(refuse(400, 91303));
        }
        Ok(refer_to.raw().to_owned())
    }

    /// May this leg transfer the call it is in?
    pub(crate) fn admit(&mut self, id: LegId) -> Result<Admitted, Refusal> {
        let leg = self.leg(id).ok_or(Refusal { status: 481, alert: None })?;
        if !leg.is_answered() {
            return Err(Refusal { status: 403, alert: None });
        }
        let (account, doing) = (leg.account, leg.doing);
        let of = self.account(account);
        let (enabled, rate) =
            of.map_or((true, None), |of| (of.enhanced_sip_features, of.calls_per_second));
        if !enabled {
            return Err(refuse(603, 91304));
        }
        if !leg.sip.may_refer {
            return Err(refuse(603, 32218));
        }
        let rate = rate.unwrap_or(self.config.limits.calls_per_second);
        if !self.rates.admits_refer(self.now.mono, account, rate) {
            self.noted.note(|found| found.too_many_refers = true);
            return Err(refuse(500, 91305));
        }
        match doing {
            Doing::Bridged { with } => self.admit_bridged(id, with),
            Doing::Parked { .. }
            | Doing::Consulted { .. }
            | Doing::Kept { .. }
            | Doing::Leaving
            | Doing::Dialled { .. } => Err(Refusal { status: 491, alert: None }),
            Doing::Alone => {
                let run = self.leg(id).and_then(|leg| leg.run.as_ref());
                let busy =
                    run.is_some_and(|run| run.transfer.is_some() || run.dialling().is_some());
                let dialled = run.is_some_and(|run| run.application().is_some());
                let confers = run.is_some_and(|run| run.conferring().is_some());
                Err(match (busy, dialled || confers) {
                    (true, _) => Refusal { status: 491, alert: None },
                    (false, true) => refuse(603, 91301),
                    (false, false) => refuse(603, 13802),
                })
            }
        }
    }

    fn admit_bridged(&self, id: LegId, with: LegId) -> Result<Admitted, Refusal> {
        let dial_of = |leg: LegId| self.leg(leg).and_then(|leg| leg.run.as_ref()?.dialling());
        let (parent, dialling) = match (dial_of(id), dial_of(with)) {
            (Some(dialling), _) => (id, dialling),
            (None, Some(dialling)) => (with, dialling),
            (None, None) => return Err(refuse(603, 13802)),
        };
        if !is_transferable(&dialling.verb.nouns) {
            return Err(refuse(603, 91301));
        }
        // One that can not be used, as a relative one in inline TwiML, counts as not present.
        let written = dialling.verb.refer_url.as_ref().ok_or(13802);
        let hook = match written.and_then(|url| absolute(dialling.base.as_ref(), url)) {
            Ok(url) => Hook { url, method: dialling.verb.refer_method },
            Err(code) => {
                let of_call = self.leg(parent).and_then(|leg| leg.refer.as_deref().cloned());
                of_call.ok_or_else(|| refuse(603, code))?
            }
        };
        Ok(Admitted {
            transferor: id,
            transferee: with,
            parent,
            hook,
            parameters: Vec::new(),
            subscription: None,
            leaves: false,
            referred_by: None,
            attended: None,
        })
    }
}

/// `<Sip>`, `<Client>` and `<Number>` may be transferred, and transfer.
fn is_transferable(nouns: &twiml::Nouns) -> bool {
    match nouns {
        twiml::Nouns::Unbuilt(_) | twiml::Nouns::Queue(_) | twiml::Nouns::Conference(_) => false,
        twiml::Nouns::Ring(nouns) => nouns.iter().all(|noun| match noun.whom {
            twiml::Whom::Sip(_) | twiml::Whom::Client(_) | twiml::Whom::Number(_) => true,
            twiml::Whom::Sim(_) | twiml::Whom::Application(_) => false,
        }),
    }
}

/// `ReferTransferTarget`, and ours beside it.
fn refer_parameters(request: &sip::Message, target: String) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = vec![("ReferTransferTarget".into(), target)];
    parameters.extend(sip_header_parameters(request));
    parameters.push(("ReferSipCallId".into(), text(request.call_id())));
    if let Some(by) = request.referred_by() {
        parameters.push(("ReferredBy".into(), text(&by)));
    }
    parameters
}
