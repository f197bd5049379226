//! `<Sip>`: what its URIs must be, and where each leads.
//!
//! One URI in the text leads to every phone registered there, a leg each; several `<Uri>` make one leg
//! that tries them in turn.
//! Not here: header lines (`dial/headers`), trying (`reach`), what a document checks (`legwork-twiml`).
//! Source: Twilio, "TwiML Voice: Sip"; RFC 3261 §19.1.

use std::sync::Arc;

use legwork_sip as sip;
use legwork_sip::Status;
use legwork_sip::digest::Credentials;
use legwork_sip::endpoint::Line;
use legwork_sip::locate::Ranked;
use legwork_sip::uri::{Scheme, Uri};
use legwork_twiml as twiml;
use legwork_twiml::limit::{SIP_HEADERS_MAX, SIP_URI_MAX};

use super::headers::{Headers, Remarks};
use super::target::{Nobody, text};
use crate::calls::Calls;
use crate::reach::{Candidate, Destination, Way};
use crate::sid::AccountSid;

/// Parameters of a `<Sip>` URI that are for us and are not sent on.
const OWN_PARAMETERS: [&str; 4] = ["method", "secure", "region", "edge"];

impl Calls {
    pub(crate) fn sip_destinations(
        &mut self,
        account: AccountSid,
        noun: &twiml::Sip,
        remarks: &mut Remarks,
    ) -> Result<Vec<Destination>, Nobody> {
        let mut headers = Headers::default();
        for (name, value) in &noun.headers {
            headers.add(name, value, remarks);
        }
        let lines = headers.into_lines();
        let mut destinations = match noun.uris.as_slice() {
            [only] => self.uri_destinations(account, only, remarks)?,
            several => vec![self.one_after_the_other(account, several, remarks)?],
        };
        for destination in &mut destinations {
            destination.lines.clone_from(&lines);
        }
        Ok(destinations)
    }

    /// One leg that tries several URIs. Those that can not be used are left out.
    fn one_after_the_other(
        &mut self,
        account: AccountSid,
        uris: &[twiml::SipUri],
        remarks: &mut Remarks,
    ) -> Result<Destination, Nobody> {
        let of = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        let ranked = uris.iter().map(|uri| Ranked {
            priority: of(uri.priority),
            weight: of(uri.weight),
            what: uri,
        });
        let mut found: Option<Destination> = None;
        let mut last = None;
        for uri in self.in_order(ranked.collect()) {
            match self.uri_destinations(account, uri, remarks) {
                Ok(destinations) => {
                    for destination in destinations {
                        match &mut found {
                            Some(found) => found.candidates.extend(destination.candidates),
                            None => found = Some(destination),
                        }
                    }
                }
                Err(nobody) => {
                    if let Some(nobody) = last.replace(nobody) {
                        remarks.add_nobody(&nobody);
                    }
                }
            }
        }
        match (found, last) {
            (Some(found), last) => {
                if let Some(nobody) = last {
                    remarks.add_nobody(&nobody);
                }
                Ok(found)
            }
            (None, last) => Err(last.unwrap_or_else(|| unusable(""))),
        }
    }

    /// Whom one URI names: phones registered here, or a place elsewhere.
    fn uri_destinations(
        &self,
        account: AccountSid,
        uri: &twiml::SipUri,
        remarks: &mut Remarks,
    ) -> Result<Vec<Destination>, Nobody> {
        let parsed = read(&uri.uri)?;
        check_secure(&parsed, remarks)?;
        let mut headers = Headers::default();
        headers.add_of_uri(&parsed, remarks);
        let lines = headers.into_lines();
        let host = text(parsed.host());
        let user = parsed.user().map(text).unwrap_or_default();
        if let Some(domain) = self.domain_of_host(account, &host, parsed.port()) {
            return self.phones_of(&user, &domain, &lines);
        }
        let transport = transport(&parsed)?;
        let port = parsed.port();
        let target = without_headers(&uri.uri);
        let way = Way::Ask { host: host.clone(), port, transport };
        let candidate = Candidate {
            lines,
            credentials: credentials(uri),
            ..Candidate::new(target.clone(), way)
        };
        let party = if user.is_empty() { host } else { user };
        Ok(vec![Destination {
            candidates: vec![candidate],
            to: target,
            party,
            lines: Vec::new(),
            trunk: None,
        }])
    }

    fn phones_of(
        &self,
        user: &str,
        domain: &str,
        lines: &[Line],
    ) -> Result<Vec<Destination>, Nobody> {
        if user.is_empty() {
            let text = format!("sip:{domain}.");
            return Err(Nobody { code: 32223, text, status: Status(484) });
        }
        let mut phones = self.registered(user, domain);
        if phones.is_empty() {
            let text = format!("sip:{user}@{domain}.");
            return Err(Nobody { code: 32009, text, status: Status(480) });
        }
        let candidates = phones.iter_mut().flat_map(|phone| &mut phone.candidates);
        candidates.for_each(|candidate| candidate.lines = lines.to_vec());
        Ok(phones)
    }
}

/// Where a URI of the configuration leads.
pub(crate) fn way_to(uri: &str) -> Result<Way, Nobody> {
    let parsed = read(uri)?;
    let (host, port) = (text(parsed.host()), parsed.port());
    Ok(Way::Ask { host, port, transport: transport(&parsed)? })
}

fn unusable(uri: &str) -> Nobody {
    nobody(13243, uri, "")
}

fn nobody(code: u32, uri: &str, why: &str) -> Nobody {
    let uri: String = uri.chars().take(SIP_URI_MAX).collect();
    Nobody { code, text: format!("<Sip>{uri}{why}."), status: Status(404) }
}

/// A SIP URI of a length that may be sent, with a host and whole escapes.
fn read(uri: &str) -> Result<Uri<'_>, Nobody> {
    let parsed = read_any(uri)?;
    match parsed.scheme() {
        Scheme::Sip | Scheme::Sips => Ok(parsed),
        Scheme::Tel | Scheme::Other => Err(unusable(uri)),
    }
}

/// A URI that can stand in Refer-To: `tel:` is one, too, and what it asks for is the phone's business.
pub(crate) fn check_refer_to(uri: &str) -> Result<(), Nobody> {
    match read_any(uri)?.scheme() {
        Scheme::Sip | Scheme::Sips | Scheme::Tel => Ok(()),
        Scheme::Other => Err(unusable(uri)),
    }
}

/// A URI of a length that may be sent, with whole escapes, and a host if it has one.
fn read_any(uri: &str) -> Result<Uri<'_>, Nobody> {
    let parsed = Uri::parse(uri.as_bytes()).map_err(|_| unusable(uri))?;
    let is_nowhere = match parsed.scheme() {
        Scheme::Sip | Scheme::Sips => parsed.host().is_empty(),
        Scheme::Tel | Scheme::Other => false,
    };
    let (address, headers) = uri.split_once('?').unwrap_or((uri, ""));
    if is_nowhere || address.chars().count() > SIP_URI_MAX {
        return Err(unusable(uri));
    }
    if headers.chars().count() > SIP_HEADERS_MAX {
        return Err(nobody(13253, address, ""));
    }
    if !escapes_are_whole(uri) {
        return Err(nobody(32110, uri, ", a % without two digits behind it"));
    }
    Ok(parsed)
}

fn escapes_are_whole(uri: &str) -> bool {
    let is_escape = |rest: &[u8]| match rest {
        [high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        [] | [_] => false,
    };
    let bytes = uri.as_bytes();
    bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .all(|(at, _)| bytes.get(at + 1..).is_some_and(is_escape))
}

/// `secure`: encrypted signalling and media, or not. Anything but `true` counts as not.
fn check_secure(uri: &Uri<'_>, remarks: &mut Remarks) -> Result<(), Nobody> {
    match uri.param("secure") {
        None => Ok(()),
        Some(value) if value.eq_ignore_ascii_case(b"false") => Ok(()),
        Some(value) if value.eq_ignore_ascii_case(b"true") => {
            let why = ", TLS and SRTP are not built yet";
            Err(nobody(32114, &text(uri.as_bytes()), why))
        }
        Some(value) => {
            remarks.add(32114, &format!("secure={}", text(value)));
            Ok(())
        }
    }
}

/// The transport a URI names; none: it leaves it open.
fn transport(uri: &Uri<'_>) -> Result<Option<sip::Transport>, Nobody> {
    let unbuilt = |why: &str| nobody(32114, &text(uri.as_bytes()), why);
    if uri.scheme() == Scheme::Sips {
        return Err(unbuilt(", sips is TLS, which is not built yet"));
    }
    match uri.param("transport") {
        None => Ok(None),
        Some(name) if name.eq_ignore_ascii_case(b"udp") => Ok(Some(sip::Transport::Udp)),
        Some(name) if name.eq_ignore_ascii_case(b"tcp") => Ok(Some(sip::Transport::Tcp)),
        Some(name) if name.eq_ignore_ascii_case(b"tls") => Err(unbuilt(", TLS is not built yet")),
        Some(_) => Err(unbuilt(", transport is udp or tcp")),
    }
}

/// Credentials of a URI are for that URI alone.
fn credentials(uri: &twiml::SipUri) -> Option<Arc<Credentials>> {
    let username = uri.username.clone()?;
    let password = uri.password.clone().unwrap_or_default();
    Some(Arc::new(Credentials { username, password, realm: None }))
}

/// The URI as the INVITE names it: without headers and what is for us.
pub(crate) fn without_headers(uri: &str) -> String {
    let bare = uri.split('?').next().unwrap_or(uri);
    let is_own = |part: &&str| {
        let name = part.split('=').next().unwrap_or(part);
        OWN_PARAMETERS.iter().any(|own| own.eq_ignore_ascii_case(name))
    };
    bare.split(';').filter(|part| !is_own(part)).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_loses_headers_and_what_is_for_us() {
        for (uri, target) in [
            ("sip:b@h:5070;method=INVITE;transport=tcp?X-A=2", "sip:b@h:5070;transport=tcp"),
            ("sip:b@h;region=us1;EDGE=x;secure=false;user=phone", "sip:b@h;user=phone"),
            ("sip:b@h", "sip:b@h"),
        ] {
            assert_eq!(without_headers(uri), target);
        }
    }

    #[test]
    fn where_a_phone_may_be_referred_to() {
        for (uri, code) in [
            ("sip:b@h", None),
            ("sips:b@h:5061;transport=tls;secure=true", None),
            ("tel:+15551234567", None),
            ("tel:112;phone-context=example.com", None),
            ("sip:b@h?User-to-User=12%3Bencoding%3Dhex&X-A=b&Replaces=c%3Bto-tag%3Dd", None),
            ("+15551234567", Some(13243)),
            ("b@h", Some(13243)),
            ("sip:", Some(13243)),
            ("tel:", Some(13243)),
            ("mailto:b@h", Some(13243)),
            ("sip:b@h>;x=<y", Some(13243)),
            ("sip:b@h?X-A=%0", Some(32110)),
        ] {
            assert_eq!(check_refer_to(uri).err().map(|nobody| nobody.code), code, "{uri}");
        }
    }

    #[test]
    fn which_uris_are_called() {
        let long = |n: usize| format!("sip:{}@h", "u".repeat(n - "sip:@h".len()));
        let headers = |n: usize| format!("sip:a@h?X-A={}", "v".repeat(n - "X-A=".len()));
        let table: &[(&str, Option<u32>)] = &[
            ("sip:a@h", None),
            ("SIP:h", None),
            ("sip:a@[2001:db8::1]:5070", None),
            ("sip:a@h;transport=UDP;user=phone;x-vendor=1;lr", None),
            (&long(SIP_URI_MAX), None),
            (&long(SIP_URI_MAX + 1), Some(13243)),
            (&headers(SIP_HEADERS_MAX), None),
            (&headers(SIP_HEADERS_MAX + 1), Some(13253)),
            ("", Some(13243)),
            ("a", Some(13243)),
            ("a@h", Some(13243)),
            ("sip:", Some(13243)),
            ("sip:a@", Some(13243)),
            ("tel:+15551234567", Some(13243)),
            ("http://h", Some(13243)),
            ("sip:a b@h", Some(13243)),
            ("sip:a@h>;x", Some(13243)),
            ("sip:a@h:99999", Some(13243)),
            ("sip:a@h:0", Some(13243)),
            ("sip:a@h?X-A=50%", Some(32110)),
            ("sip:a%4@h", Some(32110)),
            ("sip:a@h?X-A=%zz", Some(32110)),
            ("sip:a@h;transport=tls", Some(32114)),
            ("sip:a@h;transport=sctp", Some(32114)),
            ("sip:a@h;transport", Some(32114)),
            ("sips:a@h", Some(32114)),
            ("sip:a@h;secure=true", Some(32114)),
            ("sip:a@h;secure=false", None),
        ];
        for (uri, code) in table {
            let mut remarks = Remarks::default();
            let checked = read(uri)
                .and_then(|parsed| check_secure(&parsed, &mut remarks).map(|()| parsed))
                .and_then(|parsed| transport(&parsed));
            assert_eq!(checked.err().map(|nobody| nobody.code), *code, "{uri}");
        }
        let mut remarks = Remarks::default();
        let uri = Uri::parse(b"sip:a@h;secure=yes").unwrap();
        assert!(check_secure(&uri, &mut remarks).is_ok());
        assert_eq!(remarks.into_alerts().next(), Some((32114, "secure=yes.".to_owned())));
    }
}
