//! What a carrier does that phones do not: it asks for passwords, keeps a registration, says whether it
//! lives.
//!
//! Not here: calls (`incoming`).
//! Source: RFC 3261 §10.3, §11.2, §22; RFC 2617 §3.2.2.

use std::time::Instant;

use legwork_sip::header::Name;

use super::{Phone, md5};
use crate::wire::Wire;

/// Name and password of those it knows.
pub const LOGIN: (&str, &str) = ("acme", "secret");
const NONCE: &str = "c0ffee";

/// What it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Answers OPTIONS with this status; none: not at all.
    pub options: Option<u16>,
    /// Answers REGISTER with this status.
    pub register: u16,
    /// Answers every INVITE with this status; none: as a phone does.
    pub invite: Option<u16>,
    /// Takes registrations for no fewer seconds.
    pub least_s: u32,
    /// Asks everybody for the password of this realm.
    pub realm: Option<String>,
}

impl Default for Habits {
    fn default() -> Self {
        Self { options: Some(200), register: 200, invite: None, least_s: 60, realm: None }
    }
}

impl Phone {
    pub(super) fn handle_options(&mut self, now: Instant, request: &Wire) {
        if let Some(status) = self.habits.carrier.options {
            let reason = if status == 200 { "OK" } else { "No" };
            self.respond(now, request, status, reason, "", None);
        }
    }

    pub(super) fn handle_register(&mut self, now: Instant, request: &Wire) {
        let habits = self.habits.carrier.clone();
        let asked_s: u32 = request.header(Name::Expires).parse().unwrap_or(0);
        if habits.register != 200 {
            return self.respond(now, request, habits.register, "No", "", None);
        }
        if asked_s > 0 && asked_s < habits.least_s {
            let line = format!("Min-Expires: {}\r\n", habits.least_s);
            return self.respond_bare(now, request, (423, "Interval Too Brief"), &line);
        }
        let line = format!("Contact: <{}>;expires={asked_s}\r\n", request.contact());
        self.respond_bare(now, request, (200, "OK"), &line);
    }

    /// Asks for the password, if it does so and this request does not carry it.
    pub(super) fn is_challenged(&mut self, now: Instant, method: &str, request: &Wire) -> bool {
        let Some(realm) = self.habits.carrier.realm.clone() else { return false };
        let (status, asked, carried) = match method {
            "INVITE" if request.to_tag().is_none() => (
                (407, "Proxy Authentication Required"),
                "Proxy-Authenticate",
                Name::ProxyAuthorization,
            ),
            "REGISTER" => ((401, "Unauthorized"), "WWW-Authenticate", Name::Authorization),
            _ => return false,
        };
        if is_right(request.header(carried), method, &realm) {
            return false;
        }
        let line = format!(
            "{asked}: Digest realm=\"{realm}\", nonce=\"{NONCE}\", algorithm=MD5, qop=\"auth\"\r\n"
        );
        self.respond_bare(now, request, status, &line);
        true
    }

    /// Refuses every call, if it does so.
    pub(super) fn is_refused(&mut self, now: Instant, request: &Wire) -> bool {
        let Some(status) = self.habits.carrier.invite else { return false };
        self.respond(now, request, status, "No", "", None);
        true
    }
}

fn is_right(value: &str, method: &str, realm: &str) -> bool {
    let part = |name: &str| {
        let value = value.trim_start_matches("Digest ");
        let mut parts = value.split(',').filter_map(|part| part.trim().split_once('='));
        parts.find(|(key, _)| *key == name).map_or("", |(_, value)| value.trim_matches('"'))
    };
    let (user, password) = LOGIN;
    let ha1 = md5::hex(&format!("{user}:{realm}:{password}"));
    let ha2 = md5::hex(&format!("{method}:{}", part("uri")));
    let (nc, cnonce) = (part("nc"), part("cnonce"));
    let answer = md5::hex(&format!("{ha1}:{NONCE}:{nc}:{cnonce}:auth:{ha2}"));
    part("username") == user && part("realm") == realm && part("response") == answer
}
