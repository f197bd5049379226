//! A call comes in by a trunk: by which, to which number of ours, from whom.
//!
//! A trunk is known by the address a call comes from: one of its `ip_acl`, or its registrar's while
//! that knows where we are. A trunk with users and no list is known by its credentials. What it
//! asserts of the caller is believed: it is a trunk.
//! Not here: what else a call may belong to (`route`), checking credentials (`auth`).
//! Source: RFC 3325 §9.1, RFC 3323 §4.2, RFC 5806 (`Diversion`), RFC 7044 (`History-Info`), RFC 7315
//! §4.2 (`P-Called-Party-ID`); Twilio, "Request parameters" (`CallerName`, `ForwardedFrom`).

use std::net::IpAddr;
use std::sync::Arc;

use legwork_sip as sip;
use legwork_sip::header::Name;
use legwork_sip::name_addr::NameAddr;
use legwork_sip::uri::Uri;

use crate::calls::Calls;
use crate::config::{Number, Trunk};
use crate::dial::target::text;
use crate::limit;
use crate::number::{self, ANONYMOUS};

/// Through which trunk a call comes in, and to which number.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) trunk: Arc<Trunk>,
    pub(crate) number: Number,
    /// It must say who it is.
    pub(crate) challenge: bool,
}

/// What a trunk tells of a caller.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// `From`: E.164, what the carrier wrote, or `anonymous`. None: it is no number.
    pub(crate) from: Option<String>,
    /// `CallerName`.
    pub(crate) name: Option<String>,
    /// `ForwardedFrom`.
    pub(crate) forwarded_from: Option<String>,
}

/// Whether a call comes in by a trunk.
#[derive(Debug)]
pub(crate) enum ByTrunk {
    Arrived(Box<Arrival>),
    /// It comes from a trunk, but to no number of ours.
    UnknownNumber,
    No,
}

impl Calls {
    /// Does the call come in by a trunk? `named`: it names a domain of ours.
    pub(crate) fn by_trunk(&self, request: &sip::Message, source: IpAddr, named: bool) -> ByTrunk {
        let user = Uri::parse(request.uri()).ok().and_then(|uri| uri.user().map(text));
        let is_contact = |trunk: &Trunk| {
            let registration = trunk.registration.as_ref();
            registration.is_some_and(|of| Some(&of.user) == user.as_ref())
        };
        let mut known = self.trunks_at(source);
        // Two registrations with one carrier: the one whose Contact is called.
        known.sort_by_key(|(trunk, _)| !is_contact(trunk));
        for (trunk, is_registrar) in &known {
            if let Some(number) = self.called_number(request, trunk) {
                let challenge = !trunk.users.is_empty() && !is_registrar;
                let arrival = Arrival { trunk: Arc::clone(trunk), number, challenge };
                return ByTrunk::Arrived(Box::new(arrival));
            }
        }
        if named {
            return ByTrunk::No;
        }
        if let Some((trunk, _)) = known.first() {
            let uri = Uri::parse(request.uri());
            let dials = uri.is_ok_and(|uri| !number::readings(&uri, &trunk.notation).is_empty());
            return if dials || is_contact(trunk) { ByTrunk::UnknownNumber } else { ByTrunk::No };
        }
        self.by_credentials(request)
    }

    /// The trunks that live there; is it the registrar of that trunk?
    fn trunks_at(&self, source: IpAddr) -> Vec<(&Arc<Trunk>, bool)> {
        let there = self.config.trunks.iter().enumerate().filter_map(|(at, trunk)| {
            let is_registrar = self.trunks.is_registrar(at, source);
            if is_registrar {
                self.noted.note(|found| found.registrars.push((trunk.name.clone(), source)));
            }
            let is_listed = trunk.ip_acl.iter().any(|network| network.contains(source));
            (is_listed || is_registrar).then_some((trunk, is_registrar))
        });
        there.collect()
    }

    /// Trunks that are known by their credentials alone and have the number called: that of the username
    /// given, else the first.
    fn by_credentials(&self, request: &sip::Message) -> ByTrunk {
        let given: Option<String> = request
            .auths(Name::ProxyAuthorization)
            .find_map(|auth| Some(text(&auth.param("username")?)));
        let has_user =
            |trunk: &Trunk| trunk.users.iter().any(|u| Some(&u.username) == given.as_ref());
        let open =
            || self.config.trunks.iter().filter(|t| t.ip_acl.is_empty() && !t.users.is_empty());
        // Whether there is such a user must not show in the answer: both are challenged.
        let reached =
            || open().filter_map(|trunk| Some((trunk, self.called_number(request, trunk)?)));
        let arrival = reached().find(|(trunk, _)| has_user(trunk)).or_else(|| reached().next());
        let arrival = arrival.map(|(trunk, number)| Arrival {
            trunk: Arc::clone(trunk),
            number,
            challenge: true,
        });
        arrival.map_or(ByTrunk::No, |arrival| ByTrunk::Arrived(Box::new(arrival)))
    }

    /// The number of ours that is called: by the Request-URI, else by To, else by P-Called-Party-ID.
    /// A registrar calls our Contact, and the number stands elsewhere.
    fn called_number(&self, request: &sip::Message, trunk: &Trunk) -> Option<Number> {
        let ours = |uri: &Uri<'_>| {
            let readings = number::readings(uri, &trunk.notation);
            let own = || self.config.numbers.iter().filter(|own| own.account == trunk.account);
            readings.iter().find_map(|read| own().find(|own| own.phone_number == *read))
        };
        let by_uri = || ours(&Uri::parse(request.uri()).ok()?);
        let by_to = || ours(&request.to().ok()?.uri());
        let by_called_party = || {
            let value = request.named("P-Called-Party-ID").next()?;
            ours(&NameAddr::parse(value).ok()?.uri())
        };
        by_uri().or_else(by_to).or_else(by_called_party).cloned()
    }
}

/// What a trunk tells of the caller.
pub(crate) fn told(request: &sip::Message, trunk: &Trunk) -> Told {
    let forwarded_from = forwarded_from(request, trunk);
    if is_hidden(request) {
        return Told { from: Some(ANONYMOUS.to_owned()), name: None, forwarded_from };
    }
    let asserted = request
        .values(Name::PAssertedIdentity)
        .chain(request.values(Name::RemotePartyId))
        .filter_map(|value| NameAddr::parse(value).ok())
        .find_map(|value| Some((number::caller(&value.uri(), &trunk.notation)?, name_of(&value))));
    let from = request.from().ok();
    let (number, name) = match asserted {
        Some((number, name)) => (Some(number), name),
        None => {
            let number = from.and_then(|from| number::caller(&from.uri(), &trunk.notation));
            (number, None)
        }
    };
    let name = name.or_else(|| from.as_ref().and_then(name_of));
    let name = name.filter(|name| number::dialled(name).is_none());
    Told { from: number, name, forwarded_from }
}

/// The caller does not want to be known.
fn is_hidden(request: &sip::Message) -> bool {
    let wanted = |value: &[u8]| {
        let mut words = value.split(|b| *b == b';').map(<[u8]>::trim_ascii);
        words.any(|word| {
            ["id", "user", "header"].iter().any(|p| word.eq_ignore_ascii_case(p.as_bytes()))
        })
    };
    let by_rpid = || {
        let mut values =
            request.values(Name::RemotePartyId).filter_map(|v| NameAddr::parse(v).ok());
        values.any(|v| v.param("privacy").is_some_and(|p| !p.eq_ignore_ascii_case(b"off")))
    };
    let by_from = || {
        let Ok(from) = request.from() else { return false };
        let user = from.uri().user().map(text).unwrap_or_default().to_ascii_lowercase();
        let nobody = ["anonymous", "restricted", "unavailable", "unknown", "private"];
        nobody.contains(&user.as_str())
            || from.uri().host().eq_ignore_ascii_case(b"anonymous.invalid")
    };
    request.values(Name::Privacy).any(wanted) || by_rpid() || by_from()
}

fn name_of(address: &NameAddr<'_>) -> Option<String> {
    let name: String = text(&address.display_name()?)
        .chars()
        .filter(|c| !c.is_control())
        .take(limit::CALLER_NAME_MAX)
        .collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Who sent the call on to us: the newest `Diversion`, else the entry of `History-Info` before our own.
fn forwarded_from(request: &sip::Message, trunk: &Trunk) -> Option<String> {
    let number = |value: &[u8]| {
        let address = NameAddr::parse(value).ok()?;
        number::caller(&address.uri(), &trunk.notation)
    };
    if let Some(value) = request.values(Name::Diversion).next() {
        return number(value);
    }
    let entries: Vec<_> = request.values(Name::HistoryInfo).collect();
    number(entries.iter().rev().nth(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sid::AccountSid;

    fn of(lines: &str) -> Told {
        let text = format!(
            "INVITE sip:+8150@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n\
             To: <sip:+8150@10.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n{lines}\r\n"
        );
        let request = sip::Message::parse(text.into()).unwrap();
        told(&request, &Trunk::named(AccountSid::from_bits(1), "carrier", "sip:gw"))
    }

    fn shown(lines: &str) -> (String, String, String) {
        let told = of(lines);
        let or = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        (or(told.from), or(told.name), or(told.forwarded_from))
    }

    #[test]
    fn what_a_trunk_tells_of_the_caller() {
        let from = "From: \"Ana Ito\" <sip:+8130000000@gw>;tag=1\r\n";
        for (lines, expected) in [
            ("", ("+8130000000", "Ana Ito", "-")),
            ("P-Asserted-Identity: <tel:+8131111111>\r\n", ("+8131111111", "Ana Ito", "-")),
            (
                "P-Asserted-Identity: \"Bo\" <sip:bo@gw>, \"Bo Ito\" <tel:+8131111111>\r\n",
                ("+8131111111", "Bo Ito", "-"),
            ),
            ("Privacy: id\r\nP-Asserted-Identity: <tel:+81311>\r\n", ("anonymous", "-", "-")),
            ("Privacy: none\r\n", ("+8130000000", "Ana Ito", "-")),
            ("Privacy: critical;id\r\n", ("anonymous", "-", "-")),
            (
                "Remote-Party-ID: <sip:+8132222222@gw>;party=calling;privacy=off\r\n",
                ("+8132222222", "Ana Ito", "-"),
            ),
            (
                "Remote-Party-ID: <sip:+8132222222@gw>;party=calling;privacy=full\r\n",
                ("anonymous", "-", "-"),
            ),
            (
                "Diversion: <sip:+8133333333@gw>;reason=no-answer, <sip:+8134444444@gw>\r\n",
                ("+8130000000", "Ana Ito", "+8133333333"),
            ),
            (
                "History-Info: <sip:+8133333333@gw>;index=1,\r\n <sip:+8134444444@gw?Reason=SIP\
                 %3Bcause%3D302>;index=1.1, <sip:+8150@10.0.0.1>;index=1.1.1\r\n",
                ("+8130000000", "Ana Ito", "+8134444444"),
            ),
            ("History-Info: <sip:+8150@10.0.0.1>;index=1\r\n", ("+8130000000", "Ana Ito", "-")),
        ] {
            let (number, name, forwarded) = shown(&format!("{from}{lines}"));
            assert_eq!((&*number, &*name, &*forwarded), expected, "{lines}");
        }
    }

    #[test]
    fn callers_without_a_number() {
        for (from, expected) in [
            ("<sip:anonymous@anonymous.invalid>", ("anonymous", "-")),
            ("\"Anonymous\" <sip:Restricted@gw>", ("anonymous", "-")),
            ("\"+8130000000\" <sip:+8130000000@gw>", ("+8130000000", "-")),
            ("\"Al\" <sip:alice@gw>", ("-", "Al")),
            ("<sip:gw>", ("-", "-")),
        ] {
            let (number, name, _) = shown(&format!("From: {from};tag=1\r\n"));
            assert_eq!((&*number, &*name), expected, "{from}");
        }
    }

    #[test]
    fn a_name_has_a_longest() {
        let longest = "n".repeat(limit::CALLER_NAME_MAX);
        for name in [longest.clone(), format!("{longest}x")] {
            let (_, shown, _) = shown(&format!("From: \"{name}\" <sip:+8130@gw>;tag=1\r\n"));
            assert_eq!(shown, longest);
        }
    }
}
