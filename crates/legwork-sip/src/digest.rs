//! Digest authentication: challenges, checking answers, answering challenges.
//!
//! Nonces need no memory: a number, a time, whom it was given to, and a keyed hash over all. Memory
//! (bounded) is needed only for the nonce counts of answers that were right.
//! Not here: who has which password, which requests are challenged (`legwork-call`); which requests
//! of ours are sent again with an answer (`endpoint`: `challenge`).
//! Source: RFC 3261 §22, RFC 7616, RFC 8760.
//!
//! An answer without `qop` (RFC 2069, old phones) is accepted once for each nonce, since it has no
//! count. `auth-int`, `-sess` algorithms and `userhash` are not offered and not accepted.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::header::Name;
use crate::header::auth::Auth;
use crate::limit;
use crate::message::Message;
use crate::uri::Uri;

/// A hash algorithm of RFC 8760.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `SHA-256`.
    Sha256,
    /// `MD5`; also what a missing `algorithm` means.
    Md5,
}

impl Algorithm {
    fn of(auth: &Auth<'_>) -> Option<Self> {
        match auth.param("algorithm") {
            None => Some(Self::Md5),
            Some(name) if name.eq_ignore_ascii_case(b"MD5") => Some(Self::Md5),
            Some(name) if name.eq_ignore_ascii_case(b"SHA-256") => Some(Self::Sha256),
            Some(_) => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// The hash of the parts joined by colons, in lower-case hex.
    fn hash(self, parts: &[&[u8]]) -> String {
        fn joined<D: sha2::Digest>(parts: &[&[u8]]) -> String {
            let mut hash = D::new();
            for (n, part) in parts.iter().enumerate() {
                if n > 0 {
                    hash.update(b":");
                }
                hash.update(part);
            }
            hex(&hash.finalize())
        }
        match self {
            Self::Sha256 => joined::<Sha256>(parts),
            Self::Md5 => joined::<Md5>(parts),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |n: u8| DIGITS.get(usize::from(n)).copied().unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// What is stored instead of a password: the hash of `username:realm:password` for each algorithm.
#[derive(Clone, PartialEq, Eq)]
pub struct Ha1 {
    /// 32 lower-case hex digits.
    pub md5: String,
    /// 64 lower-case hex digits.
    pub sha256: String,
}

impl Ha1 {
    /// Hashes a password.
    pub fn new(username: &str, realm: &str, password: &str) -> Self {
        let parts = [username.as_bytes(), realm.as_bytes(), password.as_bytes()];
        Self { md5: Algorithm::Md5.hash(&parts), sha256: Algorithm::Sha256.hash(&parts) }
    }

    fn of(&self, algorithm: Algorithm) -> &str {
        match algorithm {
            Algorithm::Sha256 => &self.sha256,
            Algorithm::Md5 => &self.md5,
        }
    }
}

impl fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ha1(…)")
    }
}

/// Who we are towards one peer.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Our name there. One with a quote, a backslash or a control character answers nothing.
    pub username: String,
    /// The password, as typed.
    pub password: String,
    /// Only challenges of this realm are answered, compared byte for byte; none: any of the peer.
    pub realm: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .field("realm", &self.realm)
            .finish_non_exhaustive()
    }
}

/// An answer of a peer to one of our challenges, not yet checked.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Who the peer says it is.
    pub username: String,
    algorithm: Algorithm,
    nonce: Vec<u8>,
    uri: Vec<u8>,
    response: Vec<u8>,
    count: Option<Count>,
}

/// The `qop=auth` part of an answer.
#[derive(Clone, Debug)]
struct Count {
    nc: u32,
    nc_text: Vec<u8>,
    cnonce: Vec<u8>,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The peer knows the password.
    Accepted,
    /// The password is right but the nonce is too old, used up, or from before a restart: challenge
    /// again with `stale`.
    Stale,
    /// The password is wrong, or the answer is for another request.
    Refused,
}

/// What a nonce says.
#[derive(Clone, Copy, Debug)]
struct Nonce {
    number: u64,
    at_s: u64,
    peer: IpAddr,
}

/// Counts seen with one nonce.
#[derive(Clone, Copy, Debug)]
struct Seen {
    highest: u32,
    /// Bit n: `highest - n` was seen.
    window: u64,
}

/// Gives challenges for one realm and checks the answers.
#[derive(Debug)]
pub struct Challenger {
    realm: String,
    key: [u8; 32],
    next: u64,
    /// By number of the nonce; every nonce below `forgotten` is stale.
    seen: BTreeMap<u64, Seen>,
    forgotten: u64,
}

impl Challenger {
    /// A challenger with a secret key of its own (random for each process).
    pub fn new(realm: impl Into<String>, key: [u8; 32]) -> Self {
        let realm = realm.into().replace(['"', '\\', '\r', '\n', '\0'], "");
        Self { realm, key, next: 1, seen: BTreeMap::new(), forgotten: 0 }
    }

    /// The realm.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Values of two `WWW-Authenticate` (401) or `Proxy-Authenticate` (407) lines, in the order to
    /// write them. `now_s` is any clock in seconds that does not jump; `peer` is who gets them.
    pub fn challenge(&mut self, now_s: u64, peer: IpAddr, stale: bool) -> [String; 2] {
        let number = self.next;
        self.next += 1;
        let nonce = self.write_nonce(&Nonce { number, at_s: now_s, peer: peer.to_canonical() });
        let realm = &self.realm;
        let stale = if stale { ", stale=true" } else { "" };
        [Algorithm::Sha256, Algorithm::Md5].map(|algorithm| {
            let algorithm = algorithm.as_str();
            format!(
                "Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={algorithm}, \
                 qop=\"auth\"{stale}"
            )
        })
    }

    fn write_nonce(&self, nonce: &Nonce) -> String {
        let Nonce { number, at_s, peer } = *nonce;
        let peer = u128::from(match peer {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        });
        let text = format!("{number:016x}{at_s:016x}{peer:032x}");
        let mac = Sha256::new()
            .chain_update(self.key)
            .chain_update(&text)
            .chain_update(&self.realm)
            .chain_update(self.key)
            .finalize();
        let mac = hex(mac.get(..16).unwrap_or_default());
        format!("{text}{mac}")
    }

    /// What a nonce of ours says.
    fn read_nonce(&self, nonce: &[u8]) -> Option<Nonce> {
        let text = std::str::from_utf8(nonce).ok()?;
        let number = u64::from_str_radix(text.get(..16)?, 16).ok()?;
        let at_s = u64::from_str_radix(text.get(16..32)?, 16).ok()?;
        let peer = Ipv6Addr::from(u128::from_str_radix(text.get(32..64)?, 16).ok()?);
        let read = Nonce { number, at_s, peer: peer.to_canonical() };
        same(self.write_nonce(&read).as_bytes(), nonce).then_some(read)
    }

    /// Who was given the nonce of this answer: whoever sends the answer has seen what was sent there,
    /// which the source of a datagram does not prove. None: it is none of ours, so the answer is worth
    /// no look.
    pub fn given_to(&self, authorization: &Authorization) -> Option<IpAddr> {
        self.read_nonce(&authorization.nonce).map(|nonce| nonce.peer)
    }

    /// The first answer in `name` (Authorization or Proxy-Authorization) that is a digest for our
    /// realm with an algorithm we offer. Anything else is as if there were none.
    pub fn authorization(&self, request: &Message, name: Name) -> Option<Authorization> {
        request.auths(name).find_map(|auth| {
            let ours = auth.is_digest()
                && auth.param("realm").is_some_and(|realm| *realm == *self.realm.as_bytes());
            if ours { Authorization::of(&auth) } else { None }
        })
    }

    /// Checks an answer against what is stored for its username.
    ///
    /// For an unknown username pass the `Ha1` of a random password, so that both take as long.
    pub fn check(
        &mut self,
        now_s: u64,
        request: &Message,
        authorization: &Authorization,
        ha1: &Ha1,
    ) -> Outcome {
        let c = authorization;
        let expected = response(&Question {
            algorithm: c.algorithm,
            ha1: ha1.of(c.algorithm),
            method: request.method_name(),
            uri: &c.uri,
            nonce: &c.nonce,
            count: c.count.as_ref().map(|count| (&*count.nc_text, &*count.cnonce)),
        });
        let right = same(expected.as_bytes(), &c.response.to_ascii_lowercase());
        if !right || !same_target(&c.uri, request.uri()) {
            return Outcome::Refused;
        }
        let Some(nonce) = self.read_nonce(&c.nonce) else { return Outcome::Stale };
        let Nonce { number, at_s, .. } = nonce;
        let age_s = now_s.saturating_sub(at_s);
        if age_s > limit::NONCE_LIFETIME_S || at_s > now_s || number < self.forgotten {
            return Outcome::Stale;
        }
        if self.count(number, c.count.as_ref().map_or(0, |count| count.nc)) {
            Outcome::Accepted
        } else {
            Outcome::Stale
        }
    }

    /// Notes a count of a nonce; false when it was used before.
    fn count(&mut self, number: u64, nc: u32) -> bool {
        if let Some(seen) = self.seen.get_mut(&number) {
            return seen.note(nc);
        }
        if self.seen.len() >= limit::NONCES_MAX
            && let Some((oldest, _)) = self.seen.pop_first()
        {
            self.forgotten = self.forgotten.max(oldest + 1);
        }
        self.seen.insert(number, Seen { highest: nc, window: 1 });
        number >= self.forgotten
    }

    /// Nonces whose counts are remembered now.
    pub fn remembered(&self) -> usize {
        self.seen.len()
    }
}

impl Seen {
    /// Counts may overtake each other by up to 63 on a network that reorders.
    fn note(&mut self, nc: u32) -> bool {
        if nc > self.highest {
            let by = nc - self.highest;
            self.window = self.window.checked_shl(by).unwrap_or(0) | 1;
            self.highest = nc;
            return true;
        }
        let Some(bit) = 1u64.checked_shl(self.highest - nc) else { return false };
        // A count of 0 marks an answer without qop: it uses the nonce up.
        let fresh = self.window & bit == 0 && nc != 0 && self.highest != 0;
        self.window |= bit;
        fresh
    }
}

impl Authorization {
    fn of(auth: &Auth<'_>) -> Option<Self> {
        let take = |name: &str| auth.param(name).map(std::borrow::Cow::into_owned);
        let count = match take("qop") {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case(b"auth") => {
                let nc_text = take("nc")?;
                let text = std::str::from_utf8(&nc_text).ok().filter(|text| is_count(text))?;
                let nc = u32::from_str_radix(text, 16).ok().filter(|&nc| nc > 0)?;
                Some(Count { nc, nc_text, cnonce: take("cnonce")? })
            }
            Some(_) => return None,
        };
        Some(Self {
            username: String::from_utf8(take("username")?).ok()?,
            algorithm: Algorithm::of(auth)?,
            nonce: take("nonce")?,
            uri: take("uri")?,
            response: take("response")?,
            count,
        })
    }
}

/// Eight hex digits.
fn is_count(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What a response is computed over.
struct Question<'a> {
    algorithm: Algorithm,
    ha1: &'a str,
    method: &'a [u8],
    uri: &'a [u8],
    nonce: &'a [u8],
    count: Option<(&'a [u8], &'a [u8])>,
}

fn response(q: &Question<'_>) -> String {
    let ha2 = q.algorithm.hash(&[q.method, q.uri]);
    let (ha1, ha2) = (q.ha1.as_bytes(), ha2.as_bytes());
    match q.count {
        Some((nc, cnonce)) => q.algorithm.hash(&[ha1, q.nonce, nc, cnonce, b"auth", ha2]),
        None => q.algorithm.hash(&[ha1, q.nonce, ha2]),
    }
}

/// Equality whose time does not tell where the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}

/// The answer is for this Request-URI. Phones and proxies change port and parameters between the
/// two, so scheme, user and host decide.
fn same_target(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    let (Ok(a), Ok(b)) = (Uri::parse(a), Uri::parse(b)) else { return false };
    a.scheme() == b.scheme()
        && a.user_decoded() == b.user_decoded()
        && a.host().eq_ignore_ascii_case(b.host())
}

/// A challenge of a peer that we can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Its realm: answer only one that the credentials are configured for.
    pub realm: String,
    /// The nonce before was too old, the password not wrong.
    pub stale: bool,
    algorithm: Algorithm,
    nonce: Vec<u8>,
    opaque: Option<Vec<u8>>,
    qop: bool,
}

impl Challenge {
    /// The best challenge in a 401 (`WwwAuthenticate`) or 407 (`ProxyAuthenticate`) that we can
    /// answer: SHA-256 before MD5, else the first. With `realm`, of that realm alone.
    pub fn best(response: &Message, name: Name, realm: Option<&str>) -> Option<Self> {
        let ours = |c: &Self| realm.is_none_or(|realm| realm == c.realm);
        let known = response.auths(name).filter_map(|auth| Self::of(&auth)).filter(ours);
        // The first of equal ones: `min_by_key` keeps it.
        known.min_by_key(|c| c.algorithm)
    }

    /// It asks with the same nonce.
    pub fn is_same(&self, other: &Self) -> bool {
        self.nonce == other.nonce
    }

    fn of(auth: &Auth<'_>) -> Option<Self> {
        if !auth.is_digest() {
            return None;
        }
        let plain = |value: &[u8]| !value.iter().any(|b| matches!(b, b'"' | b'\\' | 0..=31 | 127));
        let take = |name: &str| auth.param(name).map(std::borrow::Cow::into_owned);
        let qop = match take("qop") {
            None => false,
            Some(offered) => {
                let has_auth = |q: &[u8]| q.trim_ascii().eq_ignore_ascii_case(b"auth");
                if !offered.split(|&b| b == b',').any(has_auth) {
                    return None;
                }
                true
            }
        };
        Some(Self {
            realm: String::from_utf8(take("realm")?).ok().filter(|r| plain(r.as_bytes()))?,
            stale: auth.param("stale").is_some_and(|s| s.eq_ignore_ascii_case(b"true")),
            algorithm: Algorithm::of(auth)?,
            nonce: take("nonce").filter(|n| plain(n))?,
            opaque: take("opaque").filter(|o| plain(o)),
            qop,
        })
    }

    /// The value of the Authorization or Proxy-Authorization line that answers this challenge for
    /// one request. `nc` counts from 1 for each nonce; `cnonce` is a random token.
    ///
    /// A username with a quote, backslash or control character gives none.
    pub fn answer(&self, request: &Answer<'_>) -> Option<Vec<u8>> {
        let Answer { username, ha1, method, uri, cnonce, nc } = *request;
        let breaks = |b: u8| matches!(b, b'"' | b'\\' | 0..=31 | 127);
        if [username, uri, cnonce].iter().any(|text| text.bytes().any(breaks)) {
            return None;
        }
        let nc = format!("{nc:08x}");
        let response = response(&Question {
            algorithm: self.algorithm,
            ha1: ha1.of(self.algorithm),
            method: method.as_bytes(),
            uri: uri.as_bytes(),
            nonce: &self.nonce,
            count: self.qop.then_some((nc.as_bytes(), cnonce.as_bytes())),
        });
        let realm = &self.realm;
        let mut out =
            format!("Digest username=\"{username}\", realm=\"{realm}\", nonce=\"").into_bytes();
        out.extend_from_slice(&self.nonce);
        let algorithm = self.algorithm.as_str();
        let rest = format!("\", uri=\"{uri}\", response=\"{response}\", algorithm={algorithm}");
        out.extend_from_slice(rest.as_bytes());
        if self.qop {
            out.extend_from_slice(format!(", cnonce=\"{cnonce}\", qop=auth, nc={nc}").as_bytes());
        }
        if let Some(opaque) = &self.opaque {
            out.extend_from_slice(b", opaque=\"");
            out.extend_from_slice(opaque);
            out.extend_from_slice(b"\"");
        }
        Some(out)
    }
}

/// What is needed to answer a challenge.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Our name at the peer.
    pub username: &'a str,
    /// For the realm of the challenge.
    pub ha1: &'a Ha1,
    /// Of the request that is sent again.
    pub method: &'a str,
    /// Its Request-URI.
    pub uri: &'a str,
    /// A random token.
    pub cnonce: &'a str,
    /// How often this nonce is used, from 1.
    pub nc: u32,
}

#[cfg(test)]
mod tests;
