//! Attended transfer: the REFER names the call in which its sender has consulted the target.
//!
//! ```text
//!   transferee ⇄ transferor        transferor's other phone line ⇄ far party (or it rings)
//!       │  REFER with Replaces: which dialog is that?     (the consultation leg)
//!       │    ours       its far party is dialled by the document: it is taken over
//!       │    elsewhere  the INVITE to the Refer-To address carries Replaces
//!       │    lost       alert 91306, an ordinary dial
//!       ▼
//!   transferee ⇄ far party: BYE to the consultation leg too. Failed: it gets its far party back.
//! ```
//! The dialog is found by Replaces alone: phones write all kinds of addresses beside it.
//! Not here: taking the far party over and giving it back (`transfer/consultation`), keeping it while its
//! consultation leg has left already (`transfer/kept`).
//! Source: `inbound-refer` §4, "Attended transfer"; RFC 3891; RFC 5589 §7; `refer-interop` 12–15, 29, 39, 40.

use legwork_sip as sip;
use legwork_sip::endpoint::Line;
use legwork_sip::header::refer_to::ReferTo;
use legwork_sip::header::replaces::Replaces;
use legwork_sip::uri::{Scheme, Uri};
use legwork_twiml as twiml;

use super::TransferId;
use super::consultation::{Far, Taken};
use super::kept::Kept;
use crate::calls::{Calls, Detail};
use crate::dial::sip::without_headers;
use crate::dial::target::text;
use crate::leg::{Direction, Leg, LegId};
use crate::number::{dialled, e164_of_uri};
use crate::run::Flow;
use crate::sid::{AccountSid, CallSid};

/// What the Replaces of a REFER comes to.
#[derive(Debug)]
pub(crate) struct Attended {
    /// Refer-To without its headers; then what the consultation leg dialled, and whom that led to.
    addresses: Vec<String>,
    replaces: Replaces,
    names: Names,
    /// Whom the consultation leg talked with then.
    with: Option<LegId>,
    /// The far party, while it waits for the answer and the consultation leg is gone.
    pub(super) kept: Option<Kept>,
    /// The far party, once it is the transferee's target.
    pub(crate) taken: Option<Taken>,
}

impl Attended {
    /// The Refer-To address.
    fn address(&self) -> &str {
        self.addresses.first().map_or("", String::as_str)
    }

    /// The consultation leg, as it was named.
    pub(super) const fn ours(&self) -> Option<LegId> {
        match self.names {
            Names::Ours(leg) => Some(leg),
            Names::Elsewhere | Names::Lost => None,
        }
    }
}

/// Whose dialog a Replaces names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// That of a leg of the same peer.
    Ours(LegId),
    /// Nobody's here.
    Elsewhere,
    /// It should be ours, but there is none such, or it is not the sender's.
    Lost,
}

impl Calls {
    // === the REFER ===

    /// What a REFER of `transferor` names beside its target; none: nothing, it is unattended.
    pub(crate) fn attended(
        &self,
        transferor: LegId,
        refer_to: &ReferTo<'_>,
    ) -> Option<Box<Attended>> {
        let replaces = refer_to.replaces().ok()??;
        let readings = [Some(replaces.clone()), refer_to.replaces_unescaped()];
        let leg = readings.iter().flatten().find_map(|replaces| {
            let dialog = self.endpoint.named(replaces).dialog()?;
            self.index.by_dialog.get(&dialog).copied()
        });
        let names = match leg.filter(|leg| self.may_name(transferor, *leg)) {
            Some(leg) => Names::Ours(leg),
            None if readings.iter().flatten().any(|r| self.endpoint.may_be_ours(r)) => Names::Lost,
            None => Names::Elsewhere,
        };
        let address = refer_to.uri().map(|uri| text(uri.as_bytes())).unwrap_or_default();
        let mut addresses = vec![without_replaces(&without_headers(&address))];
        if let Names::Ours(leg) = names {
            addresses.extend(self.addresses_consulted(leg));
        }
        let with = match names {
            Names::Ours(leg) => self.talks_with(leg),
            Names::Elsewhere | Names::Lost => None,
        };
        Some(Box::new(Attended { addresses, replaces, names, with, kept: None, taken: None }))
    }

    /// What the consultation leg has dialled, and the one it is with, if we have dialled that.
    fn addresses_consulted(&self, consultation: LegId) -> Vec<String> {
        let leg = self.leg(consultation);
        let called = leg.filter(|leg| leg.who.direction == Direction::Inbound);
        let far = self.only_far_party(consultation).and_then(|far| self.leg(far));
        let far = far.filter(|far| far.who.direction != Direction::Inbound);
        called.into_iter().chain(far).map(|leg| leg.who.to.clone()).collect()
    }

    /// Names of dialogs can be overheard or guessed at: a phone disposes of its own calls only. Two legs
    /// are of one peer if they go by the same name, or, where one of them has none or has not proven it, come from one address.
    fn may_name(&self, transferor: LegId, named: LegId) -> bool {
        let (Some(of), Some(other)) = (self.leg(transferor), self.leg(named)) else { return false };
        if transferor == named || of.account != other.account || of.sip.trunk != other.sip.trunk {
            return false;
        }
        if let (Some(a), Some(b)) = (self.user_of(of), self.user_of(other)) {
            let is_same = a.0.name == b.0.name && a.1.eq_ignore_ascii_case(&b.1);
            if !is_same || self.is_proven(of) && self.is_proven(other) {
                return is_same;
            }
        }
        let source = |leg: &Leg| Some(self.endpoint.flow_of(leg.sip.dialog?)?.remote.ip());
        source(of).is_some_and(|ip| Some(ip) == source(other))
    }

    /// Its name is not only what it says: it knew the password, or was called where that name is registered.
    fn is_proven(&self, leg: &Leg) -> bool {
        let called = match leg.who.direction {
            Direction::Inbound => false,
            Direction::OutboundApi | Direction::OutboundDial => {
                let to = &leg.who.to;
                to.starts_with("client:") || self.user_here(leg.account, to).is_some()
            }
        };
        called || leg.sip.username.is_some()
    }

    /// The SID of the leg a REFER names: `ReferReplacesCallSid`.
    pub(crate) fn sid_of_attended(&self, attended: &Attended) -> Option<CallSid> {
        match attended.names {
            Names::Ours(leg) => self.leg(leg).map(|leg| leg.sid),
            Names::Elsewhere | Names::Lost => None,
        }
    }

    /// A transfer has begun whose dialog should be one of ours and is not.
    pub(crate) fn alert_if_lost(&mut self, id: TransferId) {
        let attended = self.transfer(id).and_then(|transfer| transfer.attended.as_ref());
        if let Some(attended) = attended.filter(|attended| attended.names == Names::Lost) {
            let text = attended.address().to_owned();
            self.alert_for(id, 91306, Detail::text(text));
        }
    }

    // === the document ===

    /// A `<Dial>` of the answer: if it is for the far party of the consultation leg, that is taken over
    /// instead of being called. Gives the verb back where it is an ordinary dial.
    pub(crate) fn dial_attended(
        &mut self,
        leg: LegId,
        verb: Box<twiml::Dial>,
    ) -> Result<Flow, Box<twiml::Dial>> {
        let Some(id) = self.pending_transfer_of(leg) else { return Err(verb) };
        let attended = self.transfer(id).and_then(|transfer| transfer.attended.as_ref());
        let Some(attended) = attended.filter(|attended| attended.taken.is_none()) else {
            return Err(verb);
        };
        let Names::Ours(consultation) = attended.names else { return Err(verb) };
        let is_wanted = only_noun(&verb).is_some_and(|noun| {
            attended.addresses.iter().any(|address| self.is_for(leg, noun, address))
        });
        let kept = self.let_go_kept(id);
        if !is_wanted {
            self.go_on_without(kept);
            return Err(verb);
        }
        let (far, targets) = match kept {
            Some(Kept::Dialled(far)) => (Some(Far::Dialled(far)), None),
            Some(Kept::Dialler(far)) => (Some(Far::Dialler(far)), None),
            Some(Kept::Targets(targets)) => (Some(Far::Targets), Some(*targets)),
            None => (self.far_consulted(id, consultation, leg), None),
        };
        match far {
            Some(Far::Transferee(far)) => {
                self.take_from_other(far);
                Ok(self.take_over(id, leg, verb, consultation, Far::Dialled(far), None))
            }
            Some(far) => Ok(self.take_over(id, leg, verb, consultation, far, targets)),
            None => {
                self.unname(id);
                let Some(attended) = self.attended_mut(id) else { return Err(verb) };
                attended.names = Names::Lost;
                let text = format!("Nobody is left of {}.", attended.address());
                self.alert_for(id, 91306, Detail::text(text));
                Err(verb)
            }
        }
    }

    /// The far party, if it is whom the REFER was about: the consultation leg may be with somebody else by
    /// now. None, too, once it has been taken over.
    pub(super) fn far_consulted(
        &self,
        id: TransferId,
        consultation: LegId,
        transferee: LegId,
    ) -> Option<Far> {
        let attended = self.transfer(id)?.attended.as_ref()?;
        let untaken = attended.taken.is_none() && attended.ours() == Some(consultation);
        let far = self.far_party(consultation, transferee).filter(|_| untaken)?;
        let meant = match (attended.with, far.leg()) {
            (None, _) => true,
            (Some(then), now) => now == Some(then),
        };
        meant.then_some(far)
    }

    /// Another phone has taken the place of whom the consultation leg talks with.
    pub(crate) fn far_party_replaced(&mut self, consultation: LegId, old: LegId, new: LegId) {
        let Some(&id) = self.index.by_consultation.get(&consultation) else { return };
        if let Some(attended) = self.attended_mut(id) {
            attended.with = attended.with.map(|with| if with == old { new } else { with });
        }
    }

    /// The transfer is not about a consultation leg any more.
    pub(super) fn unname(&mut self, id: TransferId) {
        let named = self.transfer(id).and_then(|transfer| transfer.attended.as_ref()?.ours());
        if let Some(leg) = named
            && self.index.by_consultation.get(&leg) == Some(&id)
        {
            self.index.by_consultation.remove(&leg);
        }
    }

    /// What the INVITE to a noun says besides: which dialog at its far end it is to replace.
    pub(crate) fn replaces_lines(&self, by: LegId, noun: &twiml::Noun) -> Vec<Line> {
        let transfer = self.pending_transfer_of(by).and_then(|id| self.transfer(id));
        let Some(attended) = transfer.and_then(|transfer| transfer.attended.as_ref()) else {
            return Vec::new();
        };
        if attended.names != Names::Elsewhere || !self.is_for(by, noun, attended.address()) {
            return Vec::new();
        }
        vec![
            ("Replaces".into(), attended.replaces.to_string()),
            ("Require".into(), "replaces".to_owned()),
        ]
    }

    // === addresses ===

    /// Does the noun name whom `address` names? That is a URI, a number or `client:identity`.
    fn is_for(&self, leg: LegId, noun: &twiml::Noun, address: &str) -> bool {
        let Some(account) = self.leg(leg).map(|leg| leg.account) else { return false };
        match &noun.whom {
            twiml::Whom::Sip(sip) => match sip.uris.as_slice() {
                [only] => self.is_same_party(account, &without_headers(&only.uri), address),
                [] | [_, _, ..] => false,
            },
            twiml::Whom::Client(client) => match address.strip_prefix("client:") {
                Some(identity) => identity == client.identity,
                None => self.user_here(account, address).as_deref() == Some(&client.identity),
            },
            twiml::Whom::Number(number) => {
                let of_address = dialled(address)
                    .or_else(|| e164_of_uri(address))
                    .or_else(|| self.user_here(account, address));
                let number = dialled(&number.number);
                number.is_some_and(|number| of_address.as_ref() == Some(&number))
            }
            twiml::Whom::Sim(_) | twiml::Whom::Application(_) => false,
        }
    }

    fn is_same_party(&self, account: AccountSid, a: &str, b: &str) -> bool {
        let (Ok(of), Ok(other)) = (Uri::parse(a.as_bytes()), Uri::parse(b.as_bytes())) else {
            return false;
        };
        if of.is_equivalent(&other) {
            return true;
        }
        let user = of.user_decoded().filter(|user| !user.is_empty());
        if user.is_none() || user != other.user_decoded() || of.scheme() != other.scheme() {
            return false;
        }
        let port = |uri: &Uri<'_>| uri.port().unwrap_or(sip::locate::DEFAULT_PORT);
        let elsewhere = of.host().eq_ignore_ascii_case(other.host()) && port(&of) == port(&other);
        let here = |uri: &Uri<'_>| self.domain_of_host(account, &text(uri.host()), uri.port());
        elsewhere || here(&of).is_some_and(|domain| here(&other) == Some(domain))
    }

    /// The user part of a SIP URI that is of a domain of the account's own.
    fn user_here(&self, account: AccountSid, address: &str) -> Option<String> {
        let uri = Uri::parse(address.as_bytes()).ok()?;
        match uri.scheme() {
            Scheme::Sip | Scheme::Sips => {}
            Scheme::Tel | Scheme::Other => return None,
        }
        self.domain_of_host(account, &text(uri.host()), uri.port())?;
        uri.user_decoded().map(|user| text(&user))
    }

    pub(super) fn attended_mut(&mut self, id: TransferId) -> Option<&mut Attended> {
        self.transfer_mut(id)?.attended.as_deref_mut()
    }
}

/// A Refer-To address of the kind that has Replaces among its parameters, without it.
fn without_replaces(address: &str) -> String {
    let is_it = |part: &&str| {
        let name = part.split('=').next().unwrap_or(part);
        name.eq_ignore_ascii_case("Replaces")
    };
    address.split(';').filter(|part| !is_it(part)).collect::<Vec<_>>().join(";")
}

fn only_noun(verb: &twiml::Dial) -> Option<&twiml::Noun> {
    match &verb.nouns {
        twiml::Nouns::Ring(nouns) => match nouns.as_slice() {
            [only] => Some(only),
            [] | [_, _, ..] => None,
        },
        twiml::Nouns::Unbuilt(_) | twiml::Nouns::Queue(_) | twiml::Nouns::Conference(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_among_the_parameters_is_no_part_of_the_address() {
        for (address, bare) in [
            ("sip:b@h", "sip:b@h"),
            (
                "sip:b@h;Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2;transport=tcp",
                "sip:b@h;transport=tcp",
            ),
            ("sip:h;replaces=x;x-m=8", "sip:h;x-m=8"),
        ] {
            assert_eq!(without_replaces(address), bare);
        }
    }
}
