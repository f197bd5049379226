//! Who may call and who may register: address lists and digest.
//!
//! Not here: the hashes (`legwork-sip`, `digest`), the bindings (`register`).
//! Source: Twilio, "SIP Domain: authentication"; RFC 3261 §22. Both an address list and users: both are
//! enforced, the list first.

mod strikes;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use legwork_sip as sip;
use legwork_sip::digest::{Challenger, Ha1, Outcome};
use legwork_sip::header::Name;

use crate::calls::Calls;
use crate::config::{Domain, INBOUND_REALM, Trunk, User};
use crate::dial::target::text;
use crate::inbound::Refused;

use strikes::Strikes;

/// What is remembered of who asked to be let in.
#[derive(Debug)]
pub(crate) struct Guard {
    /// Digest challenges, by domain.
    challengers: BTreeMap<String, Challenger>,
    strikes: Strikes,
    /// When this process began: nonces count from here.
    epoch: Instant,
}

impl Guard {
    pub(crate) fn new(epoch: Instant) -> Self {
        Self { challengers: BTreeMap::new(), strikes: Strikes::default(), epoch }
    }
}

/// What became of a check.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Come in; the credential used, if one was asked for.
    Welcome(Option<String>),
    Refused(Refused),
}

/// Where credentials are looked for and how they are asked for.
#[derive(Clone, Copy, Debug)]
struct Gate {
    carried: Name,
    asked: &'static str,
    status: u16,
}

/// Who is let in, and by which realm.
#[derive(Clone, Copy, Debug)]
struct Guests<'a> {
    realm: &'a str,
    users: &'a [User],
    /// From must be the address of the credentials.
    speak_for_themselves: bool,
}

impl<'a> Guests<'a> {
    fn of(domain: &'a Domain) -> Self {
        Self { realm: &domain.name, users: &domain.users, speak_for_themselves: true }
    }
}

const CALLS: Gate =
    Gate { carried: Name::ProxyAuthorization, asked: "Proxy-Authenticate", status: 407 };
const REGISTRATIONS: Gate =
    Gate { carried: Name::Authorization, asked: "WWW-Authenticate", status: 401 };

impl Calls {
    /// May this INVITE come in by that domain?
    pub(crate) fn may_call(
        &mut self,
        domain: &Domain,
        request: &sip::Message,
        source: IpAddr,
    ) -> Verdict {
        let listed = domain.ip_acl.iter().any(|network| network.contains(source));
        if !domain.ip_acl.is_empty() && !listed {
            return Verdict::Refused(Refused::alert(403, 32201));
        }
        if domain.challenge_calls {
            return self.check(&Guests::of(domain), request, CALLS, source);
        }
        if domain.ip_acl.is_empty() {
            return Verdict::Refused(Refused::alert(403, 32201));
        }
        Verdict::Welcome(None)
    }

    /// May this REGISTER bind an address of that domain? Credentials are always asked for.
    pub(crate) fn may_register(
        &mut self,
        domain: &Domain,
        request: &sip::Message,
        source: IpAddr,
    ) -> Verdict {
        if domain.users.is_empty() {
            return Verdict::Refused(Refused::alert(403, 32212));
        }
        self.check(&Guests::of(domain), request, REGISTRATIONS, source)
    }

    /// May this INVITE come in by that trunk? Its From names the caller, not the credentials.
    pub(crate) fn may_call_by_trunk(
        &mut self,
        trunk: &Trunk,
        request: &sip::Message,
        source: IpAddr,
    ) -> Verdict {
        let guests =
            Guests { realm: INBOUND_REALM, users: &trunk.users, speak_for_themselves: false };
        self.check(&guests, request, CALLS, source)
    }

    /// May this REFER outside any dialog come in? Credentials are always asked for.
    pub(crate) fn may_refer(
        &mut self,
        domain: &Domain,
        request: &sip::Message,
        source: IpAddr,
    ) -> Verdict {
        self.check(&Guests::of(domain), request, CALLS, source)
    }

    fn check(
        &mut self,
        guests: &Guests<'_>,
        request: &sip::Message,
        gate: Gate,
        source: IpAddr,
    ) -> Verdict {
        if let Some(username) = self.noted.sender() {
            return Verdict::Welcome(Some(username.clone()));
        }
        let now = self.now.mono;
        let now_s = self.now.mono.saturating_duration_since(self.guard.epoch).as_secs();
        let key = self.random_key();
        let challenger = self
            .guard
            .challengers
            .entry(guests.realm.to_owned())
            .or_insert_with(|| Challenger::new(guests.realm, key));
        let Some(answer) = challenger.authorization(request, gate.carried) else {
            return challenge(challenger, now_s, source, false, gate, request);
        };
        // What was not given by us, or not since the last start, proves nothing about anybody. And
        // guesses count where the nonce went: with the source forged, they would lock out others.
        let Some(guesser) = challenger.given_to(&answer) else {
            return challenge(challenger, now_s, source, true, gate, request);
        };
        if self.guard.strikes.is_out(now, guesser, &answer.username) {
            return Verdict::Refused(Refused::with(403));
        }
        let user = guests.users.iter().find(|user| user.username == answer.username);
        // An unknown user is checked like a known one, so that answers do not tell who there is.
        let ha1 = user.map_or_else(
            || Ha1 { md5: "0".repeat(32), sha256: "0".repeat(64) },
            |user| Ha1 { md5: user.ha1_md5.clone(), sha256: user.ha1_sha256.clone() },
        );
        let outcome = challenger.check(now_s, request, &answer, &ha1);
        match (outcome, user) {
            (Outcome::Accepted, Some(user))
                if !guests.speak_for_themselves || speaks_for_itself(request, user) =>
            {
                self.noted.note(|found| found.sender = Some(user.username.clone()));
                Verdict::Welcome(Some(user.username.clone()))
            }
            (Outcome::Accepted, Some(_)) => Verdict::Refused(Refused::alert(403, 32106)),
            (Outcome::Stale, Some(_)) => challenge(challenger, now_s, source, true, gate, request),
            (Outcome::Accepted | Outcome::Stale | Outcome::Refused, _) => {
                self.guard.strikes.note(now, guesser, &answer.username);
                Verdict::Refused(Refused::alert(403, 32202))
            }
        }
    }
}

/// The address a request comes from must be that of its credentials (CVE-2025-47779).
fn speaks_for_itself(request: &sip::Message, user: &User) -> bool {
    let from = request.from().ok().and_then(|from| from.uri().user().map(text));
    from.is_some_and(|from| from.eq_ignore_ascii_case(&user.username))
}

fn challenge(
    challenger: &mut Challenger,
    now_s: u64,
    source: IpAddr,
    stale: bool,
    gate: Gate,
    request: &sip::Message,
) -> Verdict {
    let md5_only = sip::quirk::takes_only_md5(request);
    let challenges = challenger.challenge(now_s, source, stale).into_iter();
    let offered = challenges.filter(|value| !md5_only || value.contains("algorithm=MD5"));
    let lines = offered.map(|value| (gate.asked.into(), value)).collect();
    Verdict::Refused(Refused { lines, ..Refused::with(gate.status) })
}
