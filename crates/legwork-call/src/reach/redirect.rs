//! 3xx: the Contacts of the response become candidates of the same leg.
//!
//! Not here: trying them (`reach`).
//! Source: RFC 3261 §8.1.3.4, §21.3; Twilio, error 32219. `expires` of a Contact is for later calls, and
//! not looked at.

use std::net::IpAddr;

use legwork_sip as sip;
use legwork_sip::header::Name;
use legwork_sip::name_addr::NameAddr;
use legwork_sip::uri::{Scheme, Uri, address};

use super::{Calling, Candidate, Way};
use crate::calls::{Calls, Detail};
use crate::dial::sip::without_headers;
use crate::dial::target::text;
use crate::leg::LegId;
use crate::limit;

/// A Contact that can be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Contact {
    /// `q`, thousandths.
    q: u16,
    target: String,
    host: String,
    port: Option<u16>,
    transport: Option<sip::Transport>,
}

impl Calls {
    /// A 3xx came: false, with an alert, when it leads nowhere.
    pub(super) fn redirected(&mut self, child: LegId, response: Option<&sip::Message>) -> bool {
        let Some(response) = response else { return false };
        match self.follow(child, response) {
            Ok(()) => true,
            Err(text) => {
                let answer = response.status().map(|status| status.0.to_string());
                let detail = Detail { response: answer, ..Detail::text(text) };
                self.alert(32219, Some(child), detail);
                false
            }
        }
    }

    fn follow(&mut self, child: LegId, response: &sip::Message) -> Result<(), &'static str> {
        let account = self.leg(child).map(|leg| leg.account).ok_or("The call is over.")?;
        let calling = self.calling_mut(child).ok_or("The call is over.")?;
        if matches!(calling.candidate.way, Way::Flow(_)) {
            return Err("A registered phone may not redirect.");
        }
        if calling.redirects >= limit::REDIRECTS_MAX {
            return Err("Too many redirects.");
        }
        calling.redirects += 1;
        let redirected_by = calling.flow.map(|flow| flow.remote.ip());
        let contacts = contacts(response)?;
        let mut why = "It leads back to where the call has been.";
        let mut candidates = Vec::new();
        for contact in contacts {
            let is_ours = self.domain_of_host(account, &contact.host, contact.port).is_some()
                || self.is_own_address(&contact.host, contact.port);
            let forbidden = address(contact.host.as_bytes())
                .is_some_and(|ip| redirected_by.is_none_or(|by| !may_send_to(by, ip)));
            let Some(calling) = self.calling_mut(child) else { break };
            if is_ours {
                why = "It leads to a domain of ours.";
            } else if forbidden {
                why = "It leads into a network of ours.";
            } else if !calling.has_tried(&contact.target) {
                candidates.push(calling.candidate_of(contact, redirected_by));
            }
        }
        let calling = self.calling_mut(child).filter(|_| !candidates.is_empty()).ok_or(why)?;
        for candidate in candidates.into_iter().rev() {
            calling.candidates.push_front(candidate);
        }
        Ok(())
    }
}

impl Calling {
    /// The call was there already, or will be.
    fn has_tried(&self, target: &str) -> bool {
        let Ok(uri) = Uri::parse(target.as_bytes()) else { return true };
        let waiting = self.candidates.iter().map(|candidate| &candidate.target);
        let mut known = self.tried.iter().chain([&self.candidate.target]).chain(waiting);
        known.any(|other| Uri::parse(other.as_bytes()).is_ok_and(|other| other.is_equivalent(&uri)))
    }

    /// What is meant for one place alone goes on to another one only if that is the same host.
    fn candidate_of(&self, contact: Contact, redirected_by: Option<IpAddr>) -> Candidate {
        let here = match &self.candidate.way {
            Way::Ask { host, port, .. } => {
                host.eq_ignore_ascii_case(&contact.host) && *port == contact.port
            }
            Way::Flow(_) => false,
        };
        let Contact { target, host, port, transport, .. } = contact;
        let mut candidate = Candidate::new(target, Way::Ask { host, port, transport });
        candidate.redirected_by = redirected_by;
        if here {
            candidate.lines.clone_from(&self.candidate.lines);
            candidate.credentials.clone_from(&self.candidate.credentials);
        }
        candidate
    }
}

/// The Contacts to be followed, best first.
fn contacts(response: &sip::Message) -> Result<Vec<Contact>, &'static str> {
    let mut contacts: Vec<Contact> = Vec::new();
    let mut why = "It has no Contact.";
    for value in response.values(Name::Contact) {
        match contact(value) {
            Ok(contact) if contacts.iter().any(|other| other.target == contact.target) => {}
            Ok(contact) => contacts.push(contact),
            Err(what) => why = what,
        }
    }
    if contacts.is_empty() {
        return Err(why);
    }
    // A stable sort: among equals the order of the response counts.
    contacts.sort_by_key(|contact| std::cmp::Reverse(contact.q));
    contacts.truncate(limit::REDIRECT_CONTACTS_MAX);
    Ok(contacts)
}

fn contact(value: &[u8]) -> Result<Contact, &'static str> {
    let unreadable = "Its Contact can not be read.";
    let contact = NameAddr::parse(value).map_err(|_| unreadable)?;
    let uri = contact.uri();
    match uri.scheme() {
        Scheme::Sip => {}
        Scheme::Sips => return Err("Its Contact wants TLS, which this server does not have."),
        Scheme::Tel | Scheme::Other => return Err("Its Contact is no SIP URI."),
    }
    let transport = match uri.param("transport") {
        None => None,
        Some(name) if name.eq_ignore_ascii_case(b"udp") => Some(sip::Transport::Udp),
        Some(name) if name.eq_ignore_ascii_case(b"tcp") => Some(sip::Transport::Tcp),
        Some(_) => return Err("Its Contact wants a transport that this server does not have."),
    };
    let whole = text(uri.as_bytes());
    if whole.len() > limit::REDIRECT_URI_MAX {
        return Err("Its Contact is too long.");
    }
    Ok(Contact {
        q: contact.param("q").map_or(1000, thousandths),
        target: without_headers(&whole),
        host: text(uri.host()),
        port: uri.port(),
        transport,
    })
}

/// `0.7` is 700. What is no `q` counts as 0.
fn thousandths(q: &[u8]) -> u16 {
    let q: Option<f32> = std::str::from_utf8(q).ok().and_then(|q| q.trim().parse().ok());
    // From 0.0 to 1000.0.
    q.map_or(0, |q| (q.clamp(0.0, 1.0) * 1000.0) as u16)
}

/// May one who is there send our calls there? Not from outside into what only we can reach: whoever
/// redirects must be as near to us as the place he names.
pub(super) fn may_send_to(by: IpAddr, to: IpAddr) -> bool {
    let to = to.to_canonical();
    let is_nobody = to.is_unspecified() || to.is_multicast() || is_broadcast(to);
    !is_nobody && nearness(by.to_canonical()) >= nearness(to)
}

/// 2: this machine; 1: private and link-local networks; 0: everywhere else.
fn nearness(ip: IpAddr) -> u8 {
    let is_private = match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            // RFC 6598: behind the NAT of a carrier.
            ip.is_private() || ip.is_link_local() || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    match (ip.is_loopback(), is_private) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => 0,
    }
}

fn is_broadcast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_broadcast() || ip.octets()[0] == 0,
        IpAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(contact: &str) -> Result<Vec<String>, &'static str> {
        let bytes = format!(
            "SIP/2.0 302 Moved\r\nVia: SIP/2.0/UDP a\r\nTo: <sip:b>\r\nFrom: <sip:a>;tag=1\r\n\
             Call-ID: 1\r\nCSeq: 1 INVITE\r\n{contact}\r\n\r\n"
        );
        let response = sip::Message::parse(bytes.into()).unwrap();
        let contacts = contacts(&response)?;
        Ok(contacts.into_iter().map(|contact| contact.target).collect())
    }

    #[test]
    fn contacts_are_taken_by_q() {
        let many: Vec<_> = (0..9).map(|i| format!("<sip:{i}@h.example>")).collect();
        let many = format!("Contact: {}", many.join(", "));
        let table = [
            ("Contact: <sip:b@h.example>", "sip:b@h.example"),
            (
                "Contact: sip:b@h.example;q=0.1, <sip:c@h.example>;q=0.9",
                "sip:c@h.example sip:b@h.example",
            ),
            ("Contact: <sip:b@h>;q=0.5, <sip:c@h>;q=0.5, <sip:b@h>", "sip:b@h sip:c@h"),
            ("Contact: <sip:b@h>;q=x\r\nm: <sip:c@h>;expires=0", "sip:c@h sip:b@h"),
            ("Contact: <sip:b@h;transport=tcp;method=INVITE?X-A=1>", "sip:b@h;transport=tcp"),
            ("Contact: <tel:+1>, <sip:b@h>", "sip:b@h"),
            (
                &many,
                "sip:0@h.example sip:1@h.example sip:2@h.example sip:3@h.example sip:4@h.example",
            ),
        ];
        for (contact, expected) in table {
            assert_eq!(of(contact).unwrap().join(" "), expected, "{contact}");
        }
    }

    #[test]
    fn contacts_that_lead_nowhere_are_told() {
        let long = format!("Contact: <sip:{}@h>", "x".repeat(limit::REDIRECT_URI_MAX));
        let table = [
            ("Subject: none", "It has no Contact."),
            ("Contact: *", "Its Contact can not be read."),
            ("Contact: <sip:b@h", "Its Contact can not be read."),
            ("Contact: <sip:@>", "Its Contact can not be read."),
            ("Contact: <tel:+1>", "Its Contact is no SIP URI."),
            ("Contact: <http://h/>", "Its Contact is no SIP URI."),
            ("Contact: <sips:b@h>", "Its Contact wants TLS, which this server does not have."),
            (
                "Contact: <sip:b@h;transport=tls>",
                "Its Contact wants a transport that this server does not have.",
            ),
            (&long, "Its Contact is too long."),
        ];
        for (contact, expected) in table {
            assert_eq!(of(contact), Err(expected), "{contact}");
        }
    }

    #[test]
    fn nobody_leads_us_nearer_than_he_is() {
        let table = [
            ("203.0.113.1", "198.51.100.1", true),
            ("203.0.113.1", "10.0.0.1", false),
            ("203.0.113.1", "127.0.0.1", false),
            ("203.0.113.1", "169.254.169.254", false),
            ("203.0.113.1", "100.64.0.1", false),
            ("203.0.113.1", "fd00::1", false),
            ("203.0.113.1", "fe80::1", false),
            ("203.0.113.1", "::1", false),
            ("203.0.113.1", "::ffff:10.0.0.1", false),
            ("203.0.113.1", "2001:db8::1", true),
            ("10.0.0.1", "192.168.0.1", true),
            ("10.0.0.1", "198.51.100.1", true),
            ("10.0.0.1", "127.0.0.1", false),
            ("::1", "127.0.0.1", true),
            ("127.0.0.1", "0.0.0.0", false),
            ("127.0.0.1", "224.0.0.1", false),
            ("127.0.0.1", "255.255.255.255", false),
            ("127.0.0.1", "ff02::1", false),
        ];
        for (by, to, expected) in table {
            let (by, to) = (by.parse().unwrap(), to.parse().unwrap());
            assert_eq!(may_send_to(by, to), expected, "{by} {to}");
        }
    }
}
