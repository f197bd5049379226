//! Numbers and the trunks that take them.
//!
//! The trunk with the most specific rule takes a number; among equals the first in the file; one
//! whose gateways are all known to be down comes after those that have one. Its gateways are tried by
//! priority and weight, without those known to be down unless all are. A call does not go over to
//! another trunk: the caller is asserted, and transfers are allowed, by trunk.
//! Not here: sending the INVITE (`reach`), whom other nouns name (`dial/target`), what comes in by a
//! trunk (`route`); who the caller is there (`trunk/identity`), which gateways live (`trunk/watch`).
//! Source: Twilio, "TwiML Voice: Number", "BYOC trunks"; `interface.md`, `[[trunk]]`.

pub(crate) mod gateway;
pub(crate) mod identity;
pub(crate) mod inbound;
pub(crate) mod registration;
pub(crate) mod watch;

use std::sync::Arc;

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::locate::Ranked;
use legwork_sip::uri::{Scheme, Uri};
use legwork_twiml as twiml;

use crate::calls::Calls;
use crate::config::{Gateway, Trunk};
use crate::dial::target::{Nobody, text};
use crate::number;
use crate::reach::{Candidate, Destination, Way};
use crate::sid::AccountSid;

impl Calls {
    /// Where a `<Number>` goes.
    pub(crate) fn number_destination(
        &mut self,
        account: AccountSid,
        noun: &twiml::Number,
    ) -> Result<Vec<Destination>, Nobody> {
        let nobody = |code| Nobody {
            code,
            text: format!("{}.", noun.number.chars().take(64).collect::<String>()),
            status: Status::NOT_FOUND,
        };
        let number = number::dialled(&noun.number).ok_or_else(|| nobody(13223))?;
        let named = noun.byoc.as_deref();
        if let Some(name) = named
            && !self.config.trunks.iter().any(|t| t.account == account && t.name == name)
        {
            let text = format!("{name}.");
            return Err(Nobody { code: 32400, text, status: Status::NOT_FOUND });
        }
        self.noted.note(|found| found.down = self.trunks.down());
        let trunk = self.trunk_for(account, named, &number).ok_or_else(|| nobody(13224))?;
        let gateways = self.gateways_of(&trunk);
        let asked = trunk.notation.write(&number);
        let candidates: Vec<_> =
            gateways.iter().filter_map(|uri| candidate(&trunk, uri, &asked)).collect();
        if candidates.is_empty() {
            return Err(nobody(13224));
        }
        Ok(vec![Destination {
            candidates,
            to: number.clone(),
            party: number,
            lines: Vec::new(),
            trunk: Some(trunk),
        }])
    }

    fn trunk_for(
        &self,
        account: AccountSid,
        named: Option<&str>,
        number: &str,
    ) -> Option<Arc<Trunk>> {
        let mut best: Option<((bool, usize), &Arc<Trunk>)> = None;
        for (at, trunk) in self.config.trunks.iter().enumerate() {
            if trunk.account != account || named.is_some_and(|named| named != trunk.name) {
                continue;
            }
            let rules = trunk.numbers.iter();
            let Some(fit) = rules.filter_map(|rule| fit(rule, number)).max() else { continue };
            let rank = (!self.trunks.is_down(at), fit);
            // The first of equals stays.
            if best.is_none_or(|(other, _)| rank > other) {
                best = Some((rank, trunk));
            }
        }
        best.map(|(_, trunk)| Arc::clone(trunk))
    }

    /// The number shown for callers that have none of their own.
    pub(crate) fn own_number(&self, trunk: &Trunk) -> Option<String> {
        let own = self.config.numbers.iter().find(|number| number.account == trunk.account);
        trunk.caller_id.clone().or_else(|| own.map(|number| number.phone_number.clone()))
    }

    /// URIs of a trunk's gateways in the order to be tried.
    fn gateways_of(&mut self, trunk: &Arc<Trunk>) -> Vec<String> {
        let alive = self.trunks.alive(trunk);
        if let [only] = alive.as_slice() {
            return vec![only.uri.clone()];
        }
        let rank = |gateway: &Gateway| Ranked {
            priority: gateway.priority,
            weight: gateway.weight,
            what: gateway.uri.clone(),
        };
        let ranked = alive.into_iter().map(rank).collect();
        self.in_order(ranked)
    }
}

/// How well a rule takes a number: by its length, a whole number before the start of one. `*` at its
/// end stands for any rest.
fn fit(rule: &str, number: &str) -> Option<usize> {
    match rule.strip_suffix('*') {
        Some(start) => number.starts_with(start).then_some(start.len() * 2),
        None => (number == rule).then_some(rule.len() * 2 + 1),
    }
}

/// A number at a gateway. Its URI's parameters are kept: `transport` is not the only one carriers
/// know. Source: RFC 3261 §19.1.6 for `user=phone`.
fn candidate(trunk: &Trunk, gateway: &str, number: &str) -> Option<Candidate> {
    let uri = Uri::parse(gateway.as_bytes()).ok()?;
    let host = text(uri.host());
    let mut target = format!("sip:{number}@{host}");
    if let Some(port) = uri.port() {
        target.push_str(&format!(":{port}"));
    }
    for param in uri.params() {
        target.push_str(&format!(";{}", text(param.name)));
        if let Some(value) = param.value {
            target.push_str(&format!("={}", text(value)));
        }
    }
    if uri.param("user").is_none() {
        target.push_str(";user=phone");
    }
    let way = ask(&uri)?;
    Some(Candidate::new(target, way).known_as(trunk.credentials.clone()))
}

/// Where to look for a URI. None: only by a transport that is not there.
pub(crate) fn ask(uri: &Uri<'_>) -> Option<Way> {
    let transport = match uri.param("transport") {
        None => None,
        Some(name) if name.eq_ignore_ascii_case(b"tcp") => Some(sip::Transport::Tcp),
        Some(name) if name.eq_ignore_ascii_case(b"udp") => Some(sip::Transport::Udp),
        Some(_) => return None,
    };
    let is_plain = uri.scheme() == Scheme::Sip;
    is_plain.then(|| Way::Ask { host: text(uri.host()), port: uri.port(), transport })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_rule_takes_a_number() {
        for (rule, number, taken) in [
            ("+81*", "+815012345678", Some(6)),
            ("+81*", "+44123", None),
            ("*", "+44123", Some(0)),
            ("+8150", "+8150", Some(11)),
            ("+8150*", "+8150", Some(10)),
            ("+8150", "+81501", None),
            ("110", "110", Some(7)),
        ] {
            assert_eq!(fit(rule, number), taken, "{rule} {number}");
        }
    }

    #[test]
    fn request_uris_are_those_of_phones() {
        let trunk = Trunk::named(AccountSid::from_bits(1), "carrier", "sip:gw");
        for (gateway, number, target) in [
            ("sip:gw.example", "+8150", "sip:+8150@gw.example;user=phone"),
            (
                "sip:acme@gw.example:5070;transport=tcp;x",
                "050",
                "sip:050@gw.example:5070;transport=tcp;x;user=phone",
            ),
            ("sip:[2001:db8::1]:5070", "+8150", "sip:+8150@[2001:db8::1]:5070;user=phone"),
        ] {
            let found = candidate(&trunk, gateway, number).map(|found| found.target);
            assert_eq!(found.as_deref(), Some(target));
        }
    }
}
