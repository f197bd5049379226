//! What we ask the application: the parameters of every webhook.
//!
//! Not here: signing and sending (crate `legwork`, `fetch`); what is only told (`callback`).
//! Source: Twilio, "TwiML for Programmable Voice: Request Parameters" and "SIP Domain: Request Parameters".

use std::collections::BTreeMap;

use legwork_sip as sip;
use legwork_sip::name_addr::NameAddr;
use url::Url;

use crate::calls::Calls;
use crate::dial::target::text;
use crate::inbound::plain;
use crate::leg::{CallStatus, Direction, Leg, LegId};
use crate::limit;
use crate::number;
use crate::run::Parameter;
use crate::sid::{AccountSid, CallSid, DomainSid};

/// `ApiVersion` of every request.
pub(crate) const API_VERSION: &str = "2010-04-01";

impl Calls {
    /// The standard parameters of a request about `leg`, SIP's among them.
    pub(crate) fn standard_parameters(&self, leg: LegId) -> Option<Vec<Parameter>> {
        let leg = self.leg(leg)?;
        Some(match leg.application_call() {
            Some(call) => call.parameters(),
            None => parameters_of(leg),
        })
    }
}

/// What every request says of the call it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) account: AccountSid,
    pub(crate) call: CallSid,
    pub(crate) parent: Option<CallSid>,
    pub(crate) status: CallStatus,
    pub(crate) direction: Direction,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
}

impl Subject<'_> {
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = vec![
            ("AccountSid".into(), self.account.to_string()),
            ("ApiVersion".into(), API_VERSION.to_owned()),
            ("CallSid".into(), self.call.to_string()),
            ("CallStatus".into(), self.status.as_str().to_owned()),
            ("Called".into(), self.to.to_owned()),
            ("Caller".into(), self.from.to_owned()),
            ("Direction".into(), self.direction.as_str().to_owned()),
            ("From".into(), self.from.to_owned()),
            ("To".into(), self.to.to_owned()),
        ];
        if let Some(parent) = self.parent {
            parameters.push(("ParentCallSid".into(), parent.to_string()));
        }
        parameters
    }
}

/// The same, of a leg that is not among the calls any more.
pub(crate) fn parameters_of(leg: &Leg) -> Vec<Parameter> {
    let subject = Subject {
        account: leg.account,
        call: leg.sid,
        parent: leg.parent,
        status: leg.life.status,
        direction: leg.who.direction,
        from: &leg.who.from,
        to: &leg.who.to,
    };
    let mut parameters = subject.parameters();
    if let Some(who) = leg.answered_by() {
        parameters.push(("AnsweredBy".into(), who.to_owned()));
    }
    if let Some(from) = &leg.sip.forwarded_from {
        parameters.push(("ForwardedFrom".into(), from.clone()));
    }
    if let Some(name) = &leg.sip.caller_name {
        parameters.push(("CallerName".into(), name.clone()));
    }
    if !leg.sip.call_id.is_empty() {
        parameters.push(("SipCallId".into(), leg.sip.call_id.clone()));
    }
    if let Some(domain) = &leg.sip.domain {
        parameters.push(("SipDomain".into(), domain.clone()));
        let sid = DomainSid::of(leg.account, domain);
        parameters.push(("SipDomainSid".into(), sid.to_string()));
    }
    if let Some(ip) = leg.sip.source_ip {
        parameters.push(("SipSourceIp".into(), ip.to_string()));
    }
    if let Some(username) = &leg.sip.username {
        parameters.push(("SipUsername".into(), username.clone()));
    }
    parameters.extend(leg.sip.headers.iter().cloned());
    parameters
}

/// A URL as it may be shown: without credentials and fragment. Of what is no URL, what stands before
/// its last `@` is left out.
pub fn shown(url: &str) -> String {
    match (Url::parse(url), url.rfind('@')) {
        (Ok(url), _) => bare(&url),
        (Err(_), Some(at)) => format!("…{}", url.get(at..).unwrap_or("")),
        (Err(_), None) => url.to_owned(),
    }
}

/// The same of one that has been read.
pub fn bare(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() && url.fragment().is_none() {
        return url.as_str().to_owned();
    }
    let mut bare = url.clone();
    // Neither can fail on a URL with a host, and one without has no credentials.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.set_fragment(None);
    bare.into()
}

/// `SipHeader_X-…` and `SipHeader_User-to-User` of a request: each name once, its first value.
pub(crate) fn sip_header_parameters(request: &sip::Message) -> Vec<Parameter> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.all() {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let extension = name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"));
        if !extension && !name.eq_ignore_ascii_case("User-to-User") {
            continue;
        }
        if found.len() >= limit::SIP_HEADERS_MAX {
            break;
        }
        let value = value.get(..limit::SIP_HEADER_VALUE_MAX).unwrap_or(value);
        found.entry(format!("SipHeader_{name}")).or_insert_with(|| text(value));
    }
    found.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

/// `CallerName`: the display name of From, if it has one.
pub(crate) fn caller_name(request: &sip::Message) -> Option<String> {
    let from = request.from().ok()?;
    let name = from.display_name()?;
    let name = name.get(..limit::SIP_HEADER_VALUE_MAX).unwrap_or(&name);
    (!name.is_empty()).then(|| text(name))
}

/// `ForwardedFrom`: the number or URI of the last to send the call on (RFC 5806: the topmost).
pub(crate) fn forwarded_from(request: &sip::Message) -> Option<String> {
    let first = request.values(sip::header::Name::Diversion).next()?;
    let diversion = NameAddr::parse(first).ok()?;
    Some(number::e164_or(&plain(&diversion.uri())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(lines: &str) -> sip::Message {
        let text = format!(
            "INVITE sip:x@localhost SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKa\r\n{lines}\
             To: <sip:x@localhost>\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\nContact: <sip:a@h>\r\n\
             Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        );
        sip::Message::parse(text.into()).unwrap()
    }

    #[test]
    fn the_callers_name_and_who_sent_it_on() {
        let from = "From: <sip:a@h>;tag=a\r\n";
        for (lines, name, forwarded) in [
            (from.to_owned(), None, None),
            ("From: \"\" <sip:a@h>;tag=a\r\n".to_owned(), None, None),
            ("From: \"A \\\"B\\\" C\" <sip:a@h>;tag=a\r\n".to_owned(), Some("A \"B\" C"), None),
            ("From: Alice <sip:a@h>;tag=a\r\n".to_owned(), Some("Alice"), None),
            (
                format!("{from}Diversion: <sip:+8150@c>;reason=no-answer, <sip:+44@c>\r\n"),
                None,
                Some("+8150"),
            ),
            (format!("{from}Diversion: \"B\" <sip:b@c;x=y>\r\n"), None, Some("sip:b@c")),
            (format!("{from}Diversion: <tel:+8150>\r\n"), None, Some("+8150")),
            (format!("{from}Diversion: nonsense\r\n"), None, None),
        ] {
            let invite = invite(&lines);
            assert_eq!(caller_name(&invite).as_deref(), name, "{lines}");
            assert_eq!(forwarded_from(&invite).as_deref(), forwarded, "{lines}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let table = [
            ("https://me:secret@a.example/x?y=1#rc=2", "https://a.example/x?y=1"),
            ("http://a.example/x", "http://a.example/x"),
            ("/relative", "/relative"),
            ("mailto:a@b.example", "mailto:a@b.example"),
            ("https://me:secret@a.example:99999/x", "…@a.example:99999/x"),
            ("http://me:sec/ret@a.example/x", "…@a.example/x"),
            ("http://a.example:99999/x", "http://a.example:99999/x"),
        ];
        for (url, expected) in table {
            assert_eq!(shown(url), expected);
        }
    }
}
