//! A call comes in: is it taken, whose is it, who answers.
//!
//! Not here: which domain, number or trunk it belongs to (`route`), whether its sender may (`auth`), one that
//! takes the place of another (`inbound/replaces`).
//! Source: Twilio, "SIP Domain"; RFC 3261 §13.3.

mod inherit;
mod replaces;

use std::sync::Arc;

use legwork_media as media;
use legwork_media::offer_answer::Codec;
use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::{Line, Reply};
use legwork_sip::event::DialogId;
use legwork_sip::uri::{Scheme, Uri};

use crate::alert::Fault;
use crate::answer::refused;
use crate::auth::Verdict;
use crate::calls::{Calls, Detail};
use crate::config::{Application, Trunk};
use crate::dial::target::text;
use crate::hangup::Farewell;
use crate::leg::{CallStatus, Direction, LegId, Who};
use crate::limit;
use crate::route::Route;
use crate::run::Why;
use crate::sid::AccountSid;
use crate::trunk::inbound::{Arrival, Told, told};
use crate::webhook::{caller_name, forwarded_from, sip_header_parameters};

/// Why a call is not taken.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: Status,
    pub(crate) lines: Vec<Line>,
    pub(crate) alert: Option<u32>,
    /// Who sees the alert; none: everybody, for nobody knows whose it is.
    pub(crate) account: Option<AccountSid>,
}

impl Refused {
    pub(crate) fn with(status: u16) -> Self {
        Self { status: Status(status), lines: Vec::new(), alert: None, account: None }
    }

    pub(crate) fn alert(status: u16, alert: u32) -> Self {
        Self { status: Status(status), lines: Vec::new(), alert: Some(alert), account: None }
    }

    /// 503 with Retry-After: over a rate or capacity limit.
    pub(crate) fn later(alert: Option<u32>) -> Self {
        let lines = vec![("Retry-After".into(), limit::RETRY_AFTER_S.to_string())];
        Self { lines, alert, ..Self::with(503) }
    }

    /// The same; only this account sees the alert.
    pub(crate) fn of(self, account: AccountSid) -> Self {
        Self { account: Some(account), ..self }
    }
}

/// What is known of a call that may come in.
#[derive(Debug)]
struct Welcome {
    account: AccountSid,
    application: Application,
    who: Who,
    domain: Option<String>,
    username: Option<String>,
    /// The trunk it comes through, and what that tells of the caller.
    trunk: Option<(Arc<Trunk>, Told)>,
}

impl Calls {
    pub(crate) fn handle_invite(
        &mut self,
        dialog: DialogId,
        request: &sip::Message,
        flow: sip::Flow,
    ) {
        let taken = self.admit_call().and_then(|()| match request.replaces() {
            Ok(None) => {
                let welcome = self.welcome(request, flow)?;
                let codecs = self.config.codecs.clone();
                let leg = self.seat(dialog, request, flow, welcome, &codecs)?;
                self.greet(leg, dialog);
                Ok(())
            }
            Ok(Some(replaces)) => self.handle_replacing(dialog, request, flow, &replaces),
            Err(_) => Err(Refused::with(400)),
        });
        if let Err(refused) = taken {
            if let Some(code) = refused.alert {
                let asked = format!("INVITE {}", text(request.uri()));
                let response = Some(refused.status.0.to_string());
                let detail = Detail { text: None, request: Some(asked), response };
                self.alert_account(code, refused.account, None, detail);
            }
            let reply = Reply { status: refused.status, lines: refused.lines };
            self.sip(|sip, now| sip.reject(now.mono, dialog, reply));
            self.unclaimed = None;
        }
    }

    /// Within the limits of the whole server?
    pub(crate) fn admit_call(&mut self) -> Result<(), Refused> {
        if self.draining {
            return Err(Refused::later(None));
        }
        if self.legs.len() >= self.config.limits.calls.saturating_mul(2) {
            return Err(Refused::later(Some(91311)));
        }
        let per_second = self.config.limits.calls_per_second;
        if !self.rates.admits_call(self.now.mono, per_second) {
            return Err(Refused::later(Some(32001)));
        }
        Ok(())
    }

    /// Whose call it is, and whether its sender may call.
    fn welcome(&mut self, request: &sip::Message, flow: sip::Flow) -> Result<Welcome, Refused> {
        let who = Self::caller_of(request)?;
        let welcome = match self.route(request, flow.remote.ip()) {
            Route::Nowhere => return Err(Refused::alert(404, 32201)),
            Route::UnknownNumber => return Err(Refused::alert(404, 32101)),
            Route::Trunk(arrival) => {
                let Arrival { trunk, number, challenge } = *arrival;
                let mut username = None;
                if challenge {
                    username = match self.may_call_by_trunk(&trunk, request, flow.remote.ip()) {
                        Verdict::Welcome(username) => username,
                        Verdict::Refused(refused) => return Err(refused.of(trunk.account)),
                    };
                }
                let told = told(request, &trunk);
                let from = told.from.clone().unwrap_or(who.from);
                let to = number.phone_number.clone();
                let who = Who { from, to, ..who };
                Welcome {
                    account: number.account,
                    application: number.application,
                    who,
                    domain: None,
                    username,
                    trunk: Some((trunk, told)),
                }
            }
            Route::Domain(at) => self.welcome_to_domain(at, request, flow, who)?,
        };
        self.admit_account(welcome.account)?;
        Ok(welcome)
    }

    /// Who calls whom, as it says.
    fn caller_of(request: &sip::Message) -> Result<Who, Refused> {
        // Documents that dial back to this server make loops; each hop takes one away.
        if request.max_forwards() == Ok(Some(0)) {
            return Err(Refused::alert(483, 32006));
        }
        let from = request.from().map_err(|_| Refused::with(400))?.uri();
        let to = request.to().map_err(|_| Refused::with(400))?.uri();
        let party = from.user().map_or_else(|| text(from.host()), text);
        Ok(Who { direction: Direction::Inbound, from: plain(&from), to: plain(&to), party })
    }

    /// The domain at that place of the configuration, if its doors are open to this call.
    fn welcome_to_domain(
        &mut self,
        at: usize,
        request: &sip::Message,
        flow: sip::Flow,
        who: Who,
    ) -> Result<Welcome, Refused> {
        let config = Arc::clone(&self.config);
        let domain = config.domains.get(at).ok_or_else(|| Refused::with(404))?;
        let username = match self.may_call(domain, request, flow.remote.ip()) {
            Verdict::Welcome(username) => username,
            Verdict::Refused(refused) => return Err(refused.of(domain.account)),
        };
        Ok(Welcome {
            account: domain.account,
            application: domain.application.clone(),
            who,
            domain: Some(domain.name.clone()),
            username,
            trunk: None,
        })
    }

    /// Within the rate of the account?
    fn admit_account(&mut self, account: AccountSid) -> Result<(), Refused> {
        if let Some(rate) = self.account(account).and_then(|account| account.calls_per_second)
            && !self.rates.admits_account(self.now.mono, account, rate)
        {
            return Err(Refused::later(Some(32001)).of(account));
        }
        Ok(())
    }

    /// Makes the leg: ports, SDP, indexes. It is gone already where the SDP can not be used.
    fn seat(
        &mut self,
        dialog: DialogId,
        request: &sip::Message,
        flow: sip::Flow,
        welcome: Welcome,
        codecs: &[Codec],
    ) -> Result<LegId, Refused> {
        let body = request.body();
        let session = self.random() >> 2;
        let thread = self.ports.quietest();
        let (trunk, told) = welcome.trunk.unzip();
        let may_refer = trunk.as_ref().is_none_or(|trunk| trunk.refer);
        let leg = self
            .new_leg(welcome.account, welcome.who, thread)
            .ok_or_else(|| Refused::later(Some(91310)).of(welcome.account))?;
        let address = self.media_address(flow);
        let Some(of) = self.leg_mut(leg) else { return Err(Refused::with(500)) };
        let port = of.media.id.port;
        of.media.negotiation = media::Negotiation::new(session, address, port, flow.remote.ip());
        of.media.delayed = body.is_empty();
        of.application = welcome.application;
        of.sip.dialog = Some(dialog);
        of.sip.call_id = text(request.call_id());
        of.sip.domain = welcome.domain;
        of.sip.username = welcome.username;
        of.sip.source_ip = Some(flow.remote.ip());
        of.sip.hops = request.max_forwards().ok().flatten();
        of.sip.trunk = trunk.is_some();
        of.sip.may_refer = may_refer;
        of.sip.headers = sip_header_parameters(request);
        (of.sip.caller_name, of.sip.forwarded_from) = match told {
            Some(told) => (told.name, told.forwarded_from),
            None => (caller_name(request), forwarded_from(request)),
        };
        of.life.status = CallStatus::Ringing;
        let offered =
            if body.is_empty() { Ok(()) } else { of.media.negotiation.handle_offer(&body, codecs) };
        self.index.by_dialog.insert(dialog, leg);
        self.current = Some(leg);
        self.trace_unclaimed(dialog);
        if let Err(refusal) = offered {
            self.leave(leg, Farewell::refuse(CallStatus::Failed, refused(refusal)));
            // The answer has been given with the leg's farewell.
            return Ok(leg);
        }
        if !may_refer {
            self.endpoint.forbid_refer(dialog);
        }
        Ok(leg)
    }

    /// The caller hears that it rings, and the application is asked.
    fn greet(&mut self, leg: LegId, dialog: DialogId) {
        if self.leg(leg).is_none() {
            return;
        }
        self.sip(|sip, now| sip.ring(now.mono, dialog, Status(180), None, &[]));
        self.store(leg);
        let Some(of) = self.leg(leg) else { return };
        match of.application.voice.clone() {
            Some(hook) => self.fetch_document(leg, hook, Why::Voice, Vec::new()),
            None => {
                let text = "The domain or number has no voice_url.";
                self.alert(32201, Some(leg), Detail::text(text));
                self.leave(leg, Farewell::fault(Fault::Operator));
            }
        }
    }

    /// The caller gave up before the answer.
    pub(crate) fn handle_cancelled(&mut self, leg: LegId) {
        self.leave(leg, Farewell::gone(CallStatus::NoAnswer));
    }
}

/// A URI as webhooks show it: scheme, user, host and port.
pub(crate) fn plain(uri: &Uri<'_>) -> String {
    let whole = text(uri.as_bytes());
    match uri.scheme() {
        Scheme::Sip | Scheme::Sips => {
            let end = uri.user().map_or(0, <[u8]>::len);
            let after_user = whole.find('@').filter(|_| end > 0).unwrap_or(0);
            let stop = whole.get(after_user..).and_then(|rest| rest.find([';', '?']));
            whole.get(..stop.map_or(whole.len(), |stop| after_user + stop)).unwrap_or("").to_owned()
        }
        Scheme::Tel => whole.trim_start_matches("tel:").to_owned(),
        Scheme::Other => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_show_plain_uris() {
        for (uri, shown) in [
            (
                "sip:usera@bank.example.com:5090;transport=tcp?X=1",
                "sip:usera@bank.example.com:5090",
            ),
            ("sip:user;par=1@host;x", "sip:user;par=1@host"),
            ("sip:host;x", "sip:host"),
            ("tel:+815012345678", "+815012345678"),
        ] {
            assert_eq!(plain(&Uri::parse(uri.as_bytes()).unwrap()), shown);
        }
    }
}
