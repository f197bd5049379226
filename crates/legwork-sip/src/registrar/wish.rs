//! What a REGISTER asks for, and by which way it came.
//!
//! Not here: the bindings there are (`registrar`).
//! Source: RFC 3261 §10.3 step 6 and 7; RFC 3327 §5.3; RFC 5626 §4.2, §6, §11.6.

use super::{Binding, EXPIRES_MAX, EXPIRES_MIN, Instance, Refusal};
use crate::flow::{Flow, Transport};
use crate::header::Name;
use crate::name_addr::NameAddr;
use crate::{Message, Status, limit, scan};

/// One Contact of a REGISTER.
pub(super) struct Wish {
    pub(super) contact: String,
    pub(super) seconds: u32,
    pub(super) instance: Option<Instance>,
}

/// The way back to who registers.
pub(super) struct Route {
    /// Path values.
    pub(super) path: Vec<String>,
    /// The flow is kept for the device, which is to be told so.
    pub(super) is_outbound: bool,
}

fn bad() -> Refusal {
    Refusal::with(Status::BAD_REQUEST)
}

impl Wish {
    /// All of a request; nothing when it only asks what there is.
    pub(super) fn all(request: &Message, bindings: &[Binding]) -> Result<Vec<Self>, Refusal> {
        let expires = request.expires().map_err(|_| bad())?;
        if request.is_contact_star() {
            if expires != Some(0) {
                return Err(bad());
            }
            let gone = |old: &Binding| Self {
                contact: old.contact.clone(),
                seconds: 0,
                instance: old.instance.clone(),
            };
            return Ok(bindings.iter().map(gone).collect());
        }
        let mut wishes = Vec::new();
        for contact in request.contacts() {
            wishes.push(Self::of(&contact.map_err(|_| bad())?, expires)?);
            if wishes.len() > limit::BINDINGS_OF_ONE_MAX {
                return Err(bad());
            }
        }
        // RFC 5626 §6: one flow, one binding.
        let flows = wishes.iter().filter(|wish| wish.instance.is_some() && wish.seconds > 0);
        if flows.count() > 1 { Err(bad()) } else { Ok(wishes) }
    }

    fn of(contact: &NameAddr<'_>, expires: Option<u32>) -> Result<Self, Refusal> {
        let own = contact.expires().map_err(|_| bad())?;
        let seconds = own.or(expires).unwrap_or(EXPIRES_MAX).min(EXPIRES_MAX);
        if (1..EXPIRES_MIN).contains(&seconds) {
            let brief = Refusal::with(Status::INTERVAL_TOO_BRIEF);
            return Err(brief.line("Min-Expires", EXPIRES_MIN));
        }
        let uri = text(contact.uri().as_bytes(), limit::CONTACT_MAX)?;
        Ok(Self { contact: uri, seconds, instance: instance(contact)? })
    }
}

/// `+sip.instance` and `reg-id`; one without the other says nothing.
fn instance(contact: &NameAddr<'_>) -> Result<Option<Instance>, Refusal> {
    let (Some(id), Some(number)) = (contact.param("+sip.instance"), contact.param("reg-id")) else {
        return Ok(None);
    };
    let flow = scan::number_u32(number).filter(|&n| n > 0).ok_or_else(bad)?;
    Ok(Some(Instance { id: text(id, limit::INSTANCE_MAX)?, flow }))
}

/// How the request came: over which proxies, and whether the first of them keeps the flow.
pub(super) fn outbound_route(
    request: &Message,
    wishes: &[Wish],
    flow: Flow,
) -> Result<Route, Refusal> {
    let mut path = Vec::new();
    for value in request.values(Name::Path).filter(|value| !value.is_empty()) {
        if path.len() >= limit::PATH_MAX || NameAddr::parse(value).is_err() {
            return Err(bad());
        }
        path.push(text(value, limit::CONTACT_MAX)?);
    }
    let asked = request.lists(Name::Supported, "outbound")
        && wishes.iter().any(|wish| wish.instance.is_some() && wish.seconds > 0);
    if !asked {
        return Ok(Route { path, is_outbound: false });
    }
    // A proxy puts its Path before those there are: the last one is the device's neighbour.
    let edge = path.last().and_then(|edge| NameAddr::parse(edge.as_bytes()).ok());
    let is_direct = request.vias().nth(1).is_none() && edge.is_none();
    let keeps_flow = edge.is_some_and(|edge| edge.uri().param("ob").is_some());
    if !is_direct && !keeps_flow {
        return Err(Refusal::with(Status::FIRST_HOP_LACKS_OUTBOUND_SUPPORT));
    }
    // A datagram's way back would need STUN to stay open (§4.4.2), which is not offered.
    let is_outbound = keeps_flow || flow.transport != Transport::Udp;
    Ok(Route { path, is_outbound })
}

/// On one line, and of bearable length.
fn text(value: &[u8], max: usize) -> Result<String, Refusal> {
    let value = scan::unfold(value);
    let text = std::str::from_utf8(&value).ok().filter(|text| text.len() <= max).ok_or_else(bad)?;
    Ok(text.to_owned())
}
