//! What we ask the application: the parameters of every webhook.
//!
//! Not here: signing and sending (crate `legwork`, `fetch`); what is only told (`callback`).
//! Source: Twilio, "TwiML for Programmable Voice: Request Parameters" and "SIP Domain: Request Parameters".

use std::collections::BTreeMap;

use legwork_sip as sip;

use crate::calls::Calls;
use crate::dial::target::text;
use crate::leg::{Leg, LegId};
use crate::limit;
use crate::run::Parameter;

/// `ApiVersion` of every request.
pub(crate) const API_VERSION: &str = "2010-04-01";

impl Calls {
    /// The standard parameters of a request about `leg`, SIP's among them.
    pub(crate) fn standard_parameters(&self, leg: LegId) -> Option<Vec<Parameter>> {
        self.leg(leg).map(parameters_of)
    }
}

/// The same, of a leg that is not among the calls any more.
pub(crate) fn parameters_of(leg: &Leg) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = vec![
        ("AccountSid".into(), leg.account.to_string()),
        ("ApiVersion".into(), API_VERSION.to_owned()),
        ("CallSid".into(), leg.sid.to_string()),
        ("CallStatus".into(), leg.life.status.as_str().to_owned()),
        ("Called".into(), leg.who.to.clone()),
        ("Caller".into(), leg.who.from.clone()),
        ("Direction".into(), leg.who.direction.as_str().to_owned()),
        ("From".into(), leg.who.from.clone()),
        ("To".into(), leg.who.to.clone()),
    ];
    if let Some(parent) = leg.parent {
        parameters.push(("ParentCallSid".into(), parent.to_string()));
    }
    if let Some(name) = &leg.sip.caller_name {
        parameters.push(("CallerName".into(), name.clone()));
    }
    if let Some(number) = &leg.sip.forwarded_from {
        parameters.push(("ForwardedFrom".into(), number.clone()));
    }
    if !leg.sip.call_id.is_empty() {
        parameters.push(("SipCallId".into(), leg.sip.call_id.clone()));
    }
    if let Some(domain) = &leg.sip.domain {
        parameters.push(("SipDomain".into(), domain.clone()));
    }
    if let Some(ip) = leg.sip.source_ip {
        parameters.push(("SipSourceIp".into(), ip.to_string()));
    }
    if let Some(username) = &leg.sip.username {
        parameters.push(("SipUsername".into(), username.clone()));
    }
    let headers = leg.sip.headers.iter();
    parameters.extend(headers.map(|(name, value)| (name.clone().into(), value.clone())));
    parameters
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
