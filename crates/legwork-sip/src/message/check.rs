//! What every message must have before anything is done with it.
//!
//! Not here: framing (`message::parse`); what depends on what we support or know: schemes (416),
//! Require (420), methods (405), bodies (415), which the endpoint answers.
//! Source: RFC 3261 §8.1.1, §8.2, §16.3; RFC 4475.

use super::{Line, Message, Start};
use crate::header::cseq::CSeq;
use crate::header::via::Via;
use crate::header::{HeaderError, Name};
use crate::name_addr::NameAddr;
use crate::scan::{self, List, Param};
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
    let places = Places::find(message)?;
    check_vias(&places)?;
    check_address(&places, Name::From, ["no From", "bad From"])?;
    check_address(&places, Name::To, ["no To", "bad To"])?;
    if places.first(Name::CallId).unwrap_or_default().is_empty() {
        return Err(bad("no Call-ID"));
    }
    check_method(&places)?;
    if !message.is_request() {
        return Ok(());
    }
    check_targets(&places)?;
    let number = |n: Result<(), HeaderError>, text| n.map_err(|_| bad(text));
    number(message.max_forwards().map(drop), "bad Max-Forwards")?;
    if places.first(Name::Expires).is_some() {
        number(message.expires().map(drop), "bad Expires")?;
    }
    if Uri::parse(message.uri()).map_or(true, |uri| uri.has_headers()) {
        return Err(bad("bad Request-URI"));
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

/// Where the lines of each name begin and end, so that the lines are gone through only once.
struct Places<'a> {
    message: &'a Message,
    /// Numbers of the first and last line of a name, from 1; 0: there is none.
    of: [(u16, u16); Name::Other as usize + 1],
}

impl<'a> Places<'a> {
    fn find(message: &'a Message) -> Result<Self, Rejection> {
        let mut of = [(0, 0); Name::Other as usize + 1];
        for (number, line) in (1..).zip(&message.lines) {
            let Some((first, last)) = of.get_mut(line.name as usize) else { continue };
            *last = number;
            if *first == 0 {
                *first = number;
            } else if bit(line.name) & ONCE_BITS != 0 {
                let several = ONCE.iter().find(|(name, _)| *name == line.name);
                return Err(bad(several.map_or("several headers", |(_, text)| text)));
            }
        }
        Ok(Self { message, of })
    }

    /// The lines from the first to the last of this name.
    fn lines(&self, name: Name) -> &'a [Line] {
        let (first, last) = self.of.get(name as usize).copied().unwrap_or_default();
        let range = usize::from(first).checked_sub(1).map(|first| first..usize::from(last));
        range.and_then(|range| self.message.lines.get(range)).unwrap_or_default()
    }

    fn first(&self, name: Name) -> Option<&'a [u8]> {
        self.lines(name).first().map(|line| self.message.slice(line.value))
    }

    /// Checks each value of a list header and how many there are.
    fn check_list(
        &self,
        name: Name,
        [wrong, too_many]: [&'static str; 2],
        good: impl Fn(&[u8]) -> bool,
    ) -> Result<usize, Rejection> {
        let mut n = 0;
        for line in self.lines(name).iter().filter(|line| line.name == name) {
            for value in List::new(self.message.slice(line.value)) {
                n += 1;
                if n > limit::VALUES_MAX {
                    return Err(bad(too_many));
                }
                if !good(value) {
                    return Err(bad(wrong));
                }
            }
        }
        Ok(n)
    }
}

fn check_vias(places: &Places<'_>) -> Result<(), Rejection> {
    let texts = ["bad Via", "too many Vias"];
    match places.check_list(Name::Via, texts, |value| Via::parse(value).is_ok())? {
        0 => Err(bad("no Via")),
        1.. => Ok(()),
    }
}

/// From or To; a tag must have a value.
fn check_address(
    places: &Places<'_>,
    name: Name,
    [missing, wrong]: [&'static str; 2],
) -> Result<(), Rejection> {
    let value = places.first(name).ok_or_else(|| bad(missing))?;
    let good = |param: Param<'_>| {
        !param.value.unwrap_or_default().is_empty() || !param.name.eq_ignore_ascii_case(b"tag")
    };
    NameAddr::parse_if(value, good).map(drop).map_err(|_| bad(wrong))
}

/// Where further requests would go: what a request says of that must be readable.
fn check_targets(places: &Places<'_>) -> Result<(), Rejection> {
    let star = places.first(Name::Contact) == Some(b"*") && places.message.is_contact_star();
    if !star {
        let in_seconds = |param: Param<'_>| {
            !param.name.eq_ignore_ascii_case(b"expires")
                || scan::number_u32(param.value.unwrap_or_default()).is_some()
        };
        let good = |value: &[u8]| NameAddr::parse_if(value, in_seconds).is_ok();
        places.check_list(Name::Contact, ["bad Contact", "too many Contacts"], good)?;
    }
    let good = |value: &[u8]| NameAddr::parse(value).is_ok();
    places.check_list(Name::Route, ["bad Route", "too many Routes"], good)?;
    let texts = ["bad Record-Route", "too many Record-Routes"];
    places.check_list(Name::RecordRoute, texts, good)?;
    Ok(())
}

fn check_method(places: &Places<'_>) -> Result<(), Rejection> {
    let message = places.message;
    let value = places.first(Name::CSeq).ok_or(bad("no CSeq"))?;
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
