//! Whom a noun names, and the leg that calls it.
//!
//! Here: every noun, `<Client>` and `<Sim>`, registered phones; caller ID and what else each INVITE says.
//! Not here: `<Sip>` (`dial/sip`), `<Number>` to a trunk (`trunk`), ringing rules (`dial`), sending the
//! INVITE (`reach`).
//! Source: Twilio, "TwiML Voice: Client", "Sim", "Dial"; caller ID `inbound-refer` §4.

use legwork_sip::Status;
use legwork_sip::endpoint::Line;
use legwork_sip::uri::{Scheme, Uri};
use legwork_twiml as twiml;

use crate::callback::{Progress, Told};
use crate::calls::{Calls, Detail};
use crate::config::Trunk;
use crate::dial::application::no_application;
use crate::dial::headers::{Headers, Remarks};
use crate::dial::outcome::Failed;
use crate::dial::passport::identity;
use crate::dial::screen::Wanted;
use crate::leg::{Direction, Doing, Leg, LegId, Who};
use crate::limit;
use crate::number::{self, ANONYMOUS};
use crate::reach::{Candidate, Destination, Way};
use crate::sid::AccountSid;
use crate::webhook::API_VERSION;

/// Why a noun names nobody.
#[derive(Clone, Debug)]
pub(crate) struct Nobody {
    pub(crate) code: u32,
    pub(crate) text: String,
    pub(crate) status: Status,
}

impl Calls {
    /// Calls everyone the noun names; a noun that names nobody counts as a failed target.
    pub(crate) fn ring_noun(&mut self, by: LegId, noun: &twiml::Noun) {
        let Some(account) = self.leg(by).map(|leg| leg.account) else { return };
        // A dial without anybody, or with nouns that can not be: its document's problems have told.
        if matches!(&noun.whom, twiml::Whom::Number(number) if number.number.is_empty()) {
            return self.nobody(by, Status(404));
        }
        if let twiml::Whom::Application(named) = &noun.whom {
            return self.call_application(by, noun, named);
        }
        let mut remarks = Remarks::default();
        let found = self.look_up(account, noun, &mut remarks);
        for (code, text) in remarks.into_alerts() {
            self.alert(code, Some(by), Detail::text(text));
        }
        let told = self.told_of_noun(by, noun);
        let Some(wanted) = self.wanted(by, noun) else { return self.nobody(by, Status(404)) };
        match found {
            Ok(mut destinations) => {
                let lines = self.replaces_lines(by, noun);
                for destination in destinations.iter_mut().filter(|to| to.trunk.is_none()) {
                    destination.lines.extend(lines.iter().cloned());
                }
                let rung = self.dialling_mut(by).map_or(0, |dialling| dialling.ringing.len());
                let room = limit::DIAL_TARGETS_MAX.saturating_sub(rung);
                if destinations.len() > room {
                    self.alert(13250, Some(by), Detail::none());
                }
                for destination in destinations.into_iter().take(room) {
                    self.ring_destination(by, destination, wanted.clone(), told.clone());
                }
            }
            Err(nobody) => {
                self.alert(nobody.code, Some(by), Detail::text(nobody.text));
                self.nobody(by, nobody.status);
            }
        }
    }

    /// A target that no leg stands for.
    pub(crate) fn nobody(&mut self, by: LegId, status: Status) {
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.failures.push(Failed::nobody(status));
        }
    }

    // === whom a noun names ===

    fn look_up(
        &mut self,
        account: AccountSid,
        noun: &twiml::Noun,
        remarks: &mut Remarks,
    ) -> Result<Vec<Destination>, Nobody> {
        match &noun.whom {
            twiml::Whom::Sip(sip) => self.sip_destinations(account, sip, remarks),
            twiml::Whom::Client(client) => self.client_destinations(account, client, remarks),
            twiml::Whom::Number(number) => self.number_destination(account, number),
            twiml::Whom::Sim(sid) => self.sim_destination(account, sid, remarks),
            // Called, not rung: it has no address.
            twiml::Whom::Application(named) => Err(no_application(named)),
        }
    }

    /// The same, for a call placed by REST: or the code and the words to refuse it with.
    pub(crate) fn destinations(
        &mut self,
        account: AccountSid,
        noun: &twiml::Noun,
    ) -> Result<Vec<Destination>, (u32, String)> {
        self.look_up(account, noun, &mut Remarks::default()).map_err(|nobody| {
            let entry = crate::alert::entry(nobody.code);
            (nobody.code, format!("{} {} {}", entry.what, nobody.text, entry.cure))
        })
    }

    /// Where a SIM is reached: a `<Sip>` to its URI.
    fn sim_destination(
        &mut self,
        account: AccountSid,
        sid: &str,
        remarks: &mut Remarks,
    ) -> Result<Vec<Destination>, Nobody> {
        let sim = self.config.sims.iter().find(|sim| sim.account == account && sim.sid == sid);
        let uri = sim.map(|sim| sim.uri.clone()).ok_or_else(|| Nobody {
            code: 13258,
            text: format!("<Sim>{}.", sid.chars().take(40).collect::<String>()),
            status: Status(404),
        })?;
        let uri = twiml::SipUri { uri, ..twiml::SipUri::default() };
        let sip = twiml::Sip { uris: vec![uri], headers: Vec::new() };
        let mut found = self.sip_destinations(account, &sip, remarks)?;
        for destination in &mut found {
            destination.to = format!("sim:{sid}");
        }
        Ok(found)
    }

    /// The domain of ours that `host` names: by its name, or an address of ours when there is only one.
    pub(crate) fn domain_of_host(
        &self,
        account: AccountSid,
        host: &str,
        port: Option<u16>,
    ) -> Option<String> {
        let mut own = self.config.domains.iter().filter(|domain| domain.account == account);
        if let Some(domain) = own.clone().find(|domain| domain.name.eq_ignore_ascii_case(host)) {
            return Some(domain.name.clone());
        }
        let (first, second) = (own.next(), own.next());
        let only = if second.is_none() { first } else { None };
        let ours = self.is_own_address(host, port);
        only.filter(|_| ours).map(|domain| domain.name.clone())
    }

    /// Is that where we listen?
    pub(crate) fn is_own_address(&self, host: &str, port: Option<u16>) -> bool {
        let Ok(ip) = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>() else {
            return false;
        };
        let config = &self.config.sip;
        let port = port.unwrap_or(5060);
        config.listen.iter().any(|(_, listen)| {
            let ours = listen.ip() == ip || config.public_address == Some(ip);
            listen.port() == port && (ours || listen.ip().is_unspecified() && ip.is_loopback())
        })
    }

    pub(crate) fn registered(&self, user: &str, domain: &str) -> Vec<Destination> {
        let aor = format!("{}@{domain}", user.to_ascii_lowercase());
        self.noted.phones(&aor, || self.registrar.lookup(self.now.mono, &aor));
        let bindings = self.registrar.lookup(self.now.mono, &aor);
        bindings
            .map(|binding| Destination {
                candidates: vec![
                    Candidate::new(binding.contact.clone(), Way::Flow(binding.flow))
                        .called(format!("sip:{user}@{domain}"))
                        .by(binding.path.clone()),
                ],
                to: format!("sip:{user}@{domain}"),
                party: user.to_owned(),
                lines: Vec::new(),
                trunk: None,
            })
            .collect()
    }

    fn client_destinations(
        &self,
        account: AccountSid,
        client: &twiml::Client,
        remarks: &mut Remarks,
    ) -> Result<Vec<Destination>, Nobody> {
        let identity = client.identity.as_str();
        let domains = self.config.domains.iter().filter(|domain| domain.account == account);
        let mut phones: Vec<_> =
            domains.flat_map(|domain| self.registered(identity, &domain.name)).collect();
        let mut headers = Headers::default();
        for (name, value) in &client.parameters {
            headers.add_parameter(name, value, remarks);
        }
        let lines = headers.into_lines();
        for phone in &mut phones {
            phone.to = format!("client:{identity}");
            phone.lines.clone_from(&lines);
        }
        if phones.is_empty() {
            let text = format!("client:{identity}.");
            return Err(Nobody { code: 32009, text, status: Status(480) });
        }
        Ok(phones)
    }

    // === the leg that calls it ===

    fn ring_destination(
        &mut self,
        by: LegId,
        destination: Destination,
        wanted: Wanted,
        told: Option<Told>,
    ) {
        let Some(parent) = self.leg(by) else { return };
        let from = self.caller_id(by, destination.trunk.as_deref());
        let (account, root) = (parent.account, parent.root);
        let domain = parent.sip.domain.clone();
        let hops = parent.sip.hops.map(|hops| hops.saturating_sub(1));
        let (parent_sid, thread) = (parent.sid, parent.media.host);
        let mut lines = destination.lines.clone();
        if destination.trunk.is_none()
            && let Some(referred_by) = self.referred_by(by)
        {
            lines.push(("Referred-By".into(), referred_by));
        }
        let who = Who {
            direction: Direction::OutboundDial,
            from,
            to: destination.to.clone(),
            party: destination.party.clone(),
        };
        let Some(child) = self.new_leg(account, who, thread) else {
            self.alert(91310, Some(by), Detail::none());
            return self.nobody(by, Status(503));
        };
        if let Some(leg) = self.leg_mut(child) {
            leg.root = root;
            leg.parent = Some(parent_sid);
            leg.doing = Doing::Dialled { by };
            leg.sip.domain = domain;
            leg.wanted = wanted;
            leg.told = told.map(Box::new);
            leg.sip.hops = hops;
        }
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.ringing.push(child);
        }
        lines.extend(self.reason_line(by));
        lines.extend(self.identity_lines(by));
        let codecs = self.codecs_towards(by);
        self.tell_progress(child, Progress::Initiated);
        self.call_out(child, Destination { lines, ..destination }, codecs);
    }

    /// Why who is dialled is called: `callReason`, as `Subject`, for which phones have a place.
    fn reason_line(&self, by: LegId) -> Option<Line> {
        let dialling = self.leg(by)?.run.as_ref()?.dialling()?;
        let reason = dialling.verb.call_reason.clone()?;
        (!reason.contains(char::is_control)).then(|| ("Subject".into(), reason))
    }

    /// `passports`; one that is none is left out.
    fn identity_lines(&self, by: LegId) -> Vec<Line> {
        let dialling = self.leg(by).and_then(|leg| leg.run.as_ref()?.dialling());
        let all = dialling.map_or(&[][..], |dialling| &dialling.verb.passports);
        let all = all.iter().filter_map(|passport| identity(passport));
        all.map(|identity| ("Identity".into(), identity)).collect()
    }

    /// Who the new call says it is from: `callerId`, else the far end of the leg that dials. Towards a
    /// trunk it must be a number, or someone who does not want to be known: else a number of the
    /// account's own.
    pub(crate) fn caller_id(&self, by: LegId, trunk: Option<&Trunk>) -> String {
        let Some(leg) = self.leg(by) else { return String::new() };
        let dialling = leg.run.as_ref().and_then(|run| run.dialling());
        let said = dialling.and_then(|dialling| dialling.verb.caller_id.clone());
        let from = said.unwrap_or_else(|| leg.who.far().to_owned());
        match trunk {
            None => from,
            Some(_) if number::is_e164(&from) || from == ANONYMOUS => from,
            Some(trunk) => number::e164_of_uri(&from)
                .or_else(|| self.own_number(trunk))
                .unwrap_or_else(|| ANONYMOUS.to_owned()),
        }
    }
}

/// The call as Twilio's INVITEs name it: what dialplans of PBXs look at.
pub(crate) fn sid_lines(leg: &Leg) -> [Line; 3] {
    [
        ("X-Twilio-ApiVersion".into(), API_VERSION.to_owned()),
        ("X-Twilio-AccountSid".into(), leg.account.to_string()),
        ("X-Twilio-CallSid".into(), leg.sid.to_string()),
    ]
}

/// `From` of an INVITE: a number or name at `host`; a URI keeps its user.
pub(crate) fn from_header(from: &str, host: &str) -> String {
    let user = match Uri::parse(from.as_bytes()) {
        Ok(uri) if matches!(uri.scheme(), Scheme::Sip | Scheme::Sips) => {
            uri.user().map(text).unwrap_or_default()
        }
        Ok(_) | Err(_) => from.strip_prefix("client:").unwrap_or(from).to_owned(),
    };
    let safe: String =
        user.chars().filter(|c| c.is_ascii_graphic() && !"<>\"@ ".contains(*c)).collect();
    let user = if safe.is_empty() { "anonymous".to_owned() } else { safe };
    format!("<sip:{user}@{host}>")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_headers() {
        for (from, header) in [
            ("sip:usera@10.0.0.1:5090;transport=udp", "<sip:usera@bank>"),
            ("+815012345678", "<sip:+815012345678@bank>"),
            ("client:joe", "<sip:joe@bank>"),
            ("a\"><sip:evil", "<sip:asip:evil@bank>"),
            ("", "<sip:anonymous@bank>"),
        ] {
            assert_eq!(from_header(from, "bank"), header);
        }
    }
}
