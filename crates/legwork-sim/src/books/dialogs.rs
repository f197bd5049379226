//! I7 on the wire: nothing goes to whom the dialog does not name; and whoever's call is up has a leg, or is told that it is over.
//!
//! Not here: NOTIFY (`notices`).
//! Source: reliability.md section 6.3; RFC 3261 §12.2.1.1, §13.3.1.4, §15.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use legwork_call::view::{Leg, Recorder};
use legwork_sip::header::Name;

use crate::wire::{Wire, uri_of};

/// A BYE, ours or theirs, may have to wait for an ACK that never comes: 64·T1 (RFC 3261 §15), and to
/// be on its way.
const BYE_WAITS_MAX: Duration = Duration::from_secs(34);

/// A dialog: Call-ID and the tag of the other side.
type DialogKey = (String, String);

#[derive(Debug, Default)]
pub(super) struct Dialogs {
    /// Whom names and bindings have led to so far.
    resolved: BTreeSet<IpAddr>,
    /// Whom each Call-ID may be about: who sent some of it, and whom that names.
    parties: BTreeMap<String, BTreeSet<IpAddr>>,
    newest_cseq: BTreeMap<DialogKey, u32>,
    /// Where session descriptions want media sent.
    pub(super) media: BTreeSet<SocketAddr>,
    /// Calls that are up, and since when no leg of ours stands behind it.
    up: BTreeMap<DialogKey, Option<Instant>>,
    over: BTreeSet<DialogKey>,
    /// Call-IDs of those who called and were answered.
    pub(super) answered: BTreeSet<String>,
}

impl Dialogs {
    /// A name or binding leads there.
    pub(super) fn resolved(&mut self, ip: IpAddr) {
        self.resolved.insert(ip);
    }

    /// `is_up`: a call of ours is, by this message.
    pub(super) fn received(&mut self, from: SocketAddr, message: &Wire, is_up: bool) {
        let call_id = message.call_id();
        let parties = self.parties.entry(call_id.to_owned()).or_default();
        parties.insert(from.ip());
        let routes = message.all(Name::RecordRoute).map(uri_of);
        parties.extend(routes.chain([message.contact()]).filter_map(ip_in));
        if message.method() == Some("REGISTER") {
            self.resolved.extend(ip_in(message.contact()));
            self.resolved.insert(from.ip());
        }
        self.media.extend(media_in(message.body()));
        let (_, cseq_method) = message.cseq();
        match (message.method(), message.status(), cseq_method) {
            (Some("BYE"), _, _) => self.over(call_id, message.from_tag()),
            (None, Some(200..=299), "INVITE") if is_up => self.begin(call_id, message.to_tag()),
            // RFC 3261 §12.2.1.2: they know nothing of it.
            (None, Some(408 | 481), _) => self.over(call_id, message.to_tag()),
            (Some(_) | None, _, _) => {}
        }
    }

    pub(super) fn sent(&mut self, to: SocketAddr, message: &Wire) -> Result<(), String> {
        let call_id = message.call_id();
        self.may_go(to.ip(), message)?;
        let (cseq, cseq_method) = message.cseq();
        match (message.method(), message.status(), cseq_method) {
            (Some("ACK" | "CANCEL"), ..) => Ok(()),
            (Some(method), ..) => {
                if method == "BYE" {
                    self.over(call_id, message.to_tag());
                }
                self.is_newest(message, cseq, method)
            }
            (None, Some(status @ 200..), "INVITE") => {
                if status < 300 {
                    self.begin(call_id, message.from_tag());
                    self.answered.insert(call_id.to_owned());
                }
                Ok(())
            }
            (None, ..) => Ok(()),
        }
    }

    fn is_newest(&mut self, message: &Wire, cseq: u32, method: &str) -> Result<(), String> {
        // Forks begin with the CSeq of their INVITE.
        let first = self.newest_cseq.get(&key(message.call_id(), None)).copied().unwrap_or(0);
        let of = key(message.call_id(), message.to_tag());
        let newest = self.newest_cseq.entry(of).or_insert(first);
        if cseq <= *newest {
            return Err(format!("CSeq {cseq} of a {method} after {newest}"));
        }
        *newest = cseq;
        Ok(())
    }

    fn may_go(&self, to: IpAddr, message: &Wire) -> Result<(), String> {
        let parties = self.parties.get(message.call_id());
        if parties.is_some_and(|parties| parties.contains(&to)) {
            return Ok(());
        }
        // What begins a dialog goes where its URI or a name leads; so does its CANCEL, and the ACK of a refusal.
        let begins = message.method().is_some() && message.to_tag().is_none()
            || matches!(message.method(), Some("ACK" | "CANCEL"));
        if begins && (self.resolved.contains(&to) || ip_in(message.uri()) == Some(to)) {
            return Ok(());
        }
        Err(format!("I7: a message to {to}, which nobody named"))
    }

    /// A 2xx to an INVITE; to a re-INVITE it may come late.
    fn begin(&mut self, call_id: &str, tag: Option<&str>) {
        let key = key(call_id, tag);
        if !self.over.contains(&key) {
            self.up.entry(key).or_insert(None);
        }
    }

    fn over(&mut self, call_id: &str, tag: Option<&str>) {
        let key = key(call_id, tag);
        self.up.remove(&key);
        self.over.insert(key);
    }

    /// Looks whether everybody whose call is up has a leg.
    pub(super) fn look(
        &mut self,
        now: Instant,
        legs: &[Leg<'_>],
        recorders: &[Recorder],
    ) -> Result<(), String> {
        // An answer to a recorder's re-INVITE is one of no call.
        for recorder in recorders {
            self.answered.remove(&recorder.sip_call_id);
        }
        for ((call_id, _), alone_since) in &mut self.up {
            let records = |recorder: &Recorder| recorder.sip_call_id == *call_id;
            if legs.iter().any(|leg| leg.sip_call_id == call_id) || recorders.iter().any(records) {
                *alone_since = None;
                continue;
            }
            let since = *alone_since.get_or_insert(now);
            if now - since > BYE_WAITS_MAX {
                return Err(format!("silence: the call {call_id} is up, and no leg is behind it"));
            }
        }
        Ok(())
    }

    pub(super) fn close(&self) -> Result<(), String> {
        match self.up.keys().next() {
            Some(key) => Err(format!("silence: nobody told {key:?} that it is over")),
            None => Ok(()),
        }
    }
}

fn key(call_id: &str, tag: Option<&str>) -> DialogKey {
    (call_id.to_owned(), tag.unwrap_or_default().to_owned())
}

/// The address in figures of a SIP URI.
fn ip_in(uri: &str) -> Option<IpAddr> {
    let rest = uri.split_once(':')?.1;
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    host.split([';', '?', ':']).next()?.parse().ok()
}

/// Where a description wants audio sent, of each stream.
fn media_in(body: &[u8]) -> Vec<SocketAddr> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let ip = text.lines().find_map(|line| line.strip_prefix("c=IN IP4 "));
    let Some(ip) = ip.and_then(|ip| ip.trim().parse().ok()) else { return Vec::new() };
    let ports = text.lines().filter_map(|line| line.strip_prefix("m=audio "));
    let ports = ports.filter_map(|line| line.split(' ').next()?.parse().ok());
    ports.map(|port| SocketAddr::new(ip, port)).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn wire(first: &str, cseq: &str, to_tag: &str) -> Wire {
        let text = format!(
            "{first}\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=a\r\n\
             To: <sip:b>{to_tag}\r\nCall-ID: c\r\nCSeq: {cseq}\r\nContact: <sip:a@10.0.0.7:5060>\r\n\
             Content-Length: 0\r\n\r\n"
        );
        Wire::parse(&Bytes::from(text)).unwrap()
    }

    fn at(octet: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, octet], 5060))
    }

    fn called() -> Dialogs {
        let mut dialogs = Dialogs::default();
        dialogs.received(at(2), &wire("INVITE sip:b SIP/2.0", "1 INVITE", ""), false);
        dialogs
    }

    #[test]
    fn cseq_goes_up() {
        let mut dialogs = called();
        let bye = wire("BYE sip:a SIP/2.0", "1 BYE", ";tag=a");
        assert_eq!(dialogs.sent(at(2), &bye), Ok(()));
        assert!(dialogs.sent(at(2), &bye).is_err());
    }

    #[test]
    fn i7_can_fail() {
        let mut dialogs = called();
        let bye = wire("BYE sip:a SIP/2.0", "1 BYE", ";tag=a");
        assert_eq!(dialogs.sent(at(7), &bye), Ok(()), "its Contact");
        let bye = wire("BYE sip:a SIP/2.0", "2 BYE", ";tag=a");
        assert!(dialogs.sent(at(3), &bye).is_err());
        let mut dialogs = Dialogs::default();
        let invite = wire("INVITE sip:b SIP/2.0", "1 INVITE", "");
        assert!(dialogs.sent(at(3), &invite).is_err(), "no name led there");
        dialogs.resolved(at(3).ip());
        assert_eq!(dialogs.sent(at(3), &invite), Ok(()));
    }

    #[test]
    fn a_call_without_a_leg_is_found() {
        let (mut dialogs, start) = (called(), Instant::now());
        dialogs.sent(at(2), &wire("SIP/2.0 200 OK", "1 INVITE", ";tag=b")).unwrap();
        assert_eq!(dialogs.look(start, &[], &[]), Ok(()), "its BYE may wait");
        assert!(dialogs.look(start + Duration::from_secs(35), &[], &[]).is_err());
        assert!(dialogs.close().is_err());
        dialogs.received(at(2), &wire("BYE sip:b SIP/2.0", "2 BYE", ";tag=b"), false);
        assert_eq!(dialogs.look(start + Duration::from_secs(33), &[], &[]), Ok(()));
        assert_eq!(dialogs.close(), Ok(()));
    }

    #[test]
    fn addresses_are_found_in_uris() {
        for (uri, ip) in [
            ("sip:a@10.0.0.2:5070;lr", Some([10, 0, 0, 2])),
            ("sip:10.0.0.2?X=1", Some([10, 0, 0, 2])),
            ("sip:agent-b", None),
            ("", None),
        ] {
            assert_eq!(ip_in(uri), ip.map(IpAddr::from), "{uri}");
        }
    }
}
