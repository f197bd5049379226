//! What every message must have before anything is done with it.
//!
//! Not here: framing (`message::parse`); what depends on what we support or know: schemes (416),
//! Require (420), methods (405), bodies (415), which the endpoint answers.
//! Source: RFC 3261 §8.1.1, §8.2, §16.3; RFC 4475.

use super::{Message, Start};
use crate::header::cseq::CSeq;
use crate::header::via::Via;
use crate::header::{HeaderError, Name};
use crate::name_addr::NameAddr;
use crate::scan::List;
use crate::uri::Uri;
use crate::{Method, Status, limit};

/// The answer to a request that can not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The status to answer.
    pub status: Status,
    /// What is wrong, for logs and a Warning.
    pub text: &'static str,
}

const fn bad(text: &'static str) -> Rejection {
    Rejection { status: Status::BAD_REQUEST, text }
}

/// Headers a message has at most once (Via and Contact may be lists).
const ONCE: [(Name, &str); 8] = [
    (Name::From, "several From headers"),
    (Name::To, "several To headers"),
    (Name::CallId, "several Call-ID headers"),
    (Name::CSeq, "several CSeq headers"),
    (Name::MaxForwards, "several Max-Forwards headers"),
    (Name::ContentType, "several Content-Type headers"),
    (Name::Expires, "several Expires headers"),
    (Name::Event, "several Event headers"),
];

pub(super) fn check(message: &Message) -> Result<(), Rejection> {
    if let Start::Request { version_ok: false, .. } = message.start {
        let status = Status::VERSION_NOT_SUPPORTED;
        return Err(Rejection { status, text: "not SIP/2.0" });
    }
    check_counts(message)?;
    check_vias(message)?;
    check_addresses(message)?;
    if message.call_id().is_empty() {
        return Err(bad("no Call-ID"));
    }
    check_method(message)?;
    if !message.is_request() {
        return Ok(());
    }
    check_targets(message)?;
    let number = |n: Result<(), HeaderError>, text| n.map_err(|_| bad(text));
    number(message.max_forwards().map(drop), "bad Max-Forwards")?;
    number(message.expires().map(drop), "bad Expires")?;
    if Uri::parse(message.uri()).map_or(true, |uri| uri.has_headers()) {
        return Err(bad("bad Request-URI"));
    }
    Ok(())
}

fn check_counts(message: &Message) -> Result<(), Rejection> {
    let mut seen = 0u128;
    for line in &message.lines {
        let bit = bit(line.name);
        if seen & bit & ONCE_BITS != 0 {
            let several = ONCE.iter().find(|(name, _)| *name == line.name);
            return Err(bad(several.map_or("several headers", |(_, text)| text)));
        }
        seen |= bit;
    }
    Ok(())
}

/// The bit of a name in a set of names.
const fn bit(name: Name) -> u128 {
    1 << name as u32
}

const ONCE_BITS: u128 = {
    let mut bits = 0;
    let mut n = 0;
    #[expect(clippy::indexing_slicing, reason = "n < ONCE.len(), at compile time")]
    while n < ONCE.len() {
        bits |= bit(ONCE[n].0);
        n += 1;
    }
    bits
};

/// Checks each value of a list header and how many there are.
fn check_list(
    message: &Message,
    name: Name,
    [wrong, too_many]: [&'static str; 2],
    good: impl Fn(&[u8]) -> bool,
) -> Result<usize, Rejection> {
    let mut n = 0;
    for value in message.headers(name).flat_map(List::new) {
        n += 1;
        if n > limit::VALUES_MAX {
            return Err(bad(too_many));
        }
        if !good(value) {
            return Err(bad(wrong));
        }
    }
    Ok(n)
}

fn check_vias(message: &Message) -> Result<(), Rejection> {
    let texts = ["bad Via", "too many Vias"];
    match check_list(message, Name::Via, texts, |value| Via::parse(value).is_ok())? {
        0 => Err(bad("no Via")),
        1.. => Ok(()),
    }
}

fn check_addresses(message: &Message) -> Result<(), Rejection> {
    for (address, missing, text) in
        [(message.from(), "no From", "bad From"), (message.to(), "no To", "bad To")]
    {
        match address {
            Ok(address) if address.param("tag") != Some(b"") => {}
            Err(HeaderError::Missing) => return Err(bad(missing)),
            Ok(_) | Err(HeaderError::Several | HeaderError::Malformed | HeaderError::NotUtf8) => {
                return Err(bad(text));
            }
        }
    }
    Ok(())
}

/// Where further requests would go: what a request says of that must be readable.
fn check_targets(message: &Message) -> Result<(), Rejection> {
    let star = message.header(Name::Contact) == Some(b"*") && message.is_contact_star();
    if !star {
        let good = |v: &[u8]| NameAddr::parse(v).is_ok_and(|contact| contact.expires().is_ok());
        check_list(message, Name::Contact, ["bad Contact", "too many Contacts"], good)?;
    }
    let good = |value: &[u8]| NameAddr::parse(value).is_ok();
    check_list(message, Name::Route, ["bad Route", "too many Routes"], good)?;
    let texts = ["bad Record-Route", "too many Record-Routes"];
    check_list(message, Name::RecordRoute, texts, good)?;
    Ok(())
}

fn check_method(message: &Message) -> Result<(), Rejection> {
    let value = message.header(Name::CSeq).ok_or(bad("no CSeq"))?;
    let (_, name) = CSeq::parse_raw(value).map_err(|_| bad("bad CSeq"))?;
    if !message.is_request() || name == message.method_name() {
        return Ok(());
    }
    let text = "CSeq of another method";
    Err(match message.method() {
        Method::Unknown => Rejection { status: Status::NOT_IMPLEMENTED, text },
        Method::Invite
        | Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Options
        | Method::Register
        | Method::Prack
        | Method::Update
        | Method::Info
        | Method::Refer
        | Method::Subscribe
        | Method::Notify
        | Method::Message
        | Method::Publish => bad(text),
    })
}
