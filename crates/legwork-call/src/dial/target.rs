//! Whom a noun names, and the leg that calls it.
//!
//! Here: `<Sip>` and `<Client>` to registered phones or to a URI; caller ID.
//! Not here: ringing rules (`dial`), sending the INVITE (`reach`), `<Number>` to a trunk (`trunk`).
//! Source: Twilio, "TwiML Voice: Sip", "Number", "Client"; caller ID `inbound-refer` §4.

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::endpoint::Line;
use legwork_sip::uri::{Scheme, Uri};
use legwork_twiml as twiml;

use crate::calls::{Calls, Detail};
use crate::config::Trunk;
use crate::leg::{Direction, Doing, LegId, Who};
use crate::limit;
use crate::number::{self, ANONYMOUS};
use crate::reach::{Candidate, Destination, Way};
use crate::sid::AccountSid;

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
        if let twiml::Whom::Sip(sip) = &noun.whom
            && sip.uris.iter().any(|uri| has_too_many_headers(&uri.uri))
        {
            self.alert(13251, Some(by), Detail::none());
        }
        match self.look_up(account, noun) {
            Ok(destinations) => {
                let rung = self.dialling_mut(by).map_or(0, |dialling| dialling.ringing.len());
                let room = limit::DIAL_TARGETS_MAX.saturating_sub(rung);
                if destinations.len() > room {
                    self.alert(13250, Some(by), Detail::none());
                }
                for destination in destinations.into_iter().take(room) {
                    self.ring_destination(by, destination);
                }
            }
            Err(nobody) => {
                self.alert(nobody.code, Some(by), Detail::text(nobody.text));
                if let Some(dialling) = self.dialling_mut(by) {
                    dialling.failures.push(nobody.status);
                }
            }
        }
    }

    // === whom a noun names ===

    fn look_up(
        &mut self,
        account: AccountSid,
        noun: &twiml::Noun,
    ) -> Result<Vec<Destination>, Nobody> {
        let unbuilt = |what: &str| Nobody {
            code: twiml::problem::UNBUILT,
            text: format!("<{what}>."),
            status: Status(404),
        };
        match &noun.whom {
            twiml::Whom::Sip(sip) => {
                let uri = sip.uris.first().map_or("", |uri| uri.uri.as_str());
                self.sip_destinations(account, uri)
            }
            twiml::Whom::Client(client) => self.client_destinations(account, &client.identity),
            twiml::Whom::Number(number) => self.number_destination(account, number),
            twiml::Whom::Sim(_) => Err(unbuilt("Sim")),
            twiml::Whom::Application(_) => Err(unbuilt("Application")),
        }
    }

    /// The same, for a call placed by REST: or the code and the words to refuse it with.
    pub(crate) fn destinations(
        &mut self,
        account: AccountSid,
        noun: &twiml::Noun,
    ) -> Result<Vec<Destination>, (u32, String)> {
        self.look_up(account, noun).map_err(|nobody| {
            let entry = crate::alert::entry(nobody.code);
            (nobody.code, format!("{} {} {}", entry.what, nobody.text, entry.cure))
        })
    }

    fn sip_destinations(&self, account: AccountSid, uri: &str) -> Result<Vec<Destination>, Nobody> {
        let unusable = || Nobody {
            code: 13243,
            text: format!("<Sip>{}.", uri.chars().take(300).collect::<String>()),
            status: Status(404),
        };
        let parsed = Uri::parse(uri.as_bytes()).map_err(|_| unusable())?;
        let sip_scheme = matches!(parsed.scheme(), Scheme::Sip | Scheme::Sips);
        if !sip_scheme || uri.len() > limit::SIP_URI_MAX {
            return Err(unusable());
        }
        let lines = uri_header_lines(&parsed);
        let host = text(parsed.host());
        let user = parsed.user().map(text).unwrap_or_default();
        if let Some(domain) = self.domain_of_host(account, &host, parsed.port()) {
            if user.is_empty() {
                let text = format!("sip:{domain}.");
                return Err(Nobody { code: 32223, text, status: Status(404) });
            }
            let mut phones = self.registered(&user, &domain);
            if phones.is_empty() {
                let text = format!("sip:{user}@{domain}.");
                return Err(Nobody { code: 32009, text, status: Status(480) });
            }
            for phone in &mut phones {
                phone.lines.clone_from(&lines);
            }
            return Ok(phones);
        }
        let transport = match parsed.param("transport") {
            Some(name) if name.eq_ignore_ascii_case(b"tcp") => Some(sip::Transport::Tcp),
            Some(_) | None => None,
        };
        let port = parsed.port();
        let target = without_headers(uri);
        let party = if user.is_empty() { host.clone() } else { user };
        let way = Way::Ask { host, port, transport };
        let to = target.clone();
        let candidates = vec![Candidate::new(target, way)];
        Ok(vec![Destination { candidates, to, party, lines, trunk: None }])
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

    fn registered(&self, user: &str, domain: &str) -> Vec<Destination> {
        let aor = format!("{}@{domain}", user.to_ascii_lowercase());
        let bindings = self.registrar.lookup(self.now.mono, &aor);
        bindings
            .map(|binding| Destination {
                candidates: vec![
                    Candidate::new(binding.contact.clone(), Way::Flow(binding.flow))
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
        identity: &str,
    ) -> Result<Vec<Destination>, Nobody> {
        let domains = self.config.domains.iter().filter(|domain| domain.account == account);
        let mut phones: Vec<_> =
            domains.flat_map(|domain| self.registered(identity, &domain.name)).collect();
        for phone in &mut phones {
            phone.to = format!("client:{identity}");
        }
        if phones.is_empty() {
            let text = format!("client:{identity}.");
            return Err(Nobody { code: 32009, text, status: Status(480) });
        }
        Ok(phones)
    }

    // === the leg that calls it ===

    fn ring_destination(&mut self, by: LegId, destination: Destination) {
        let Some(parent) = self.leg(by) else { return };
        let from = self.caller_id(by, destination.trunk.as_deref());
        let (account, root) = (parent.account, parent.root);
        let domain = parent.sip.domain.clone();
        let (parent_sid, thread) = (parent.sid, parent.media.id.thread);
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
            if let Some(dialling) = self.dialling_mut(by) {
                dialling.failures.push(Status(503));
            }
            return;
        };
        if let Some(leg) = self.leg_mut(child) {
            leg.root = root;
            leg.parent = Some(parent_sid);
            leg.doing = Doing::Dialled { by };
            leg.sip.domain = domain;
        }
        if let Some(dialling) = self.dialling_mut(by) {
            dialling.ringing.push(child);
        }
        let codecs = self.codecs_towards(by);
        self.remember_child(by, child, None);
        self.call_out(child, Destination { lines, ..destination }, codecs);
    }

    /// Who the new call says it is from: `callerId`, else the far end of the leg that dials. Towards a
    /// trunk it must be a number, or someone who does not want to be known: else a number of the
    /// account's own.
    fn caller_id(&self, by: LegId, trunk: Option<&Trunk>) -> String {
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

fn has_too_many_headers(uri: &str) -> bool {
    Uri::parse(uri.as_bytes()).is_ok_and(|uri| uri.headers().nth(limit::URI_HEADERS_MAX).is_some())
}

/// Headers inside a `<Sip>` URI that may go into the INVITE.
/// Source: Twilio, "TwiML Voice: Sip": `X-…`, `User-to-User` and identities.
fn uri_header_lines(uri: &Uri<'_>) -> Vec<Line> {
    let allowed = |name: &str| -> Option<&'static str> {
        let known =
            ["User-to-User", "Remote-Party-ID", "P-Preferred-Identity", "P-Called-Party-ID"];
        known.into_iter().find(|known| known.eq_ignore_ascii_case(name))
    };
    let mut lines = Vec::new();
    for header in uri.headers().take(limit::URI_HEADERS_MAX).flatten() {
        let name = String::from_utf8_lossy(&header.name).into_owned();
        let value = String::from_utf8_lossy(&header.value).into_owned();
        if let Some(known) = allowed(&name) {
            lines.push((known.into(), value));
        } else if name.len() > 2 && name.is_char_boundary(2) && name[..2].eq_ignore_ascii_case("x-")
        {
            lines.push((name.into(), value));
        }
    }
    lines
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

/// What goes into a Request-URI: no headers, no `method`.
pub(crate) fn without_headers(uri: &str) -> String {
    let end = uri.find('?').unwrap_or(uri.len());
    let bare = uri.get(..end).unwrap_or(uri);
    bare.split(';').filter(|part| !starts_with_method(part)).collect::<Vec<_>>().join(";")
}

/// `method=INVITE` belongs to the reference, not to the call.
fn starts_with_method(part: &str) -> bool {
    part.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("method="))
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

    #[test]
    fn a_target_loses_headers_and_method() {
        let uri = "sip:b@h:5070;method=INVITE;transport=tcp?User-to-User=1&X-A=2";
        assert_eq!(without_headers(uri), "sip:b@h:5070;transport=tcp");
    }
}
