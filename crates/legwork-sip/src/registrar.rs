//! Address-of-record → where it can be reached now.
//!
//! Not here: who may register what (`digest`, `legwork-call`); what a REGISTER says
//! (`registrar/wish`); keeping bindings over a restart (crate `legwork`).
//! Source: RFC 3261 §10.3, RFC 3327 §5.3, RFC 5626 §6; Twilio, "SIP Registration" (ten bindings).

mod wish;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use self::wish::{Route, Wish, outbound_route};
use crate::endpoint::{Line, Reply};
use crate::flow::{Flow, Transport};
use crate::uri::Uri;
use crate::{Message, Status, limit};

/// Shortest binding, seconds; a shorter one is answered 423. Twilio takes no less than 600: phones
/// behind NAT register more often than that, so that their way back stays open.
pub const EXPIRES_MIN: u32 = 60;
/// Longest binding, seconds; a longer one is cut.
pub const EXPIRES_MAX: u32 = 3600;

/// One place where an address-of-record can be reached.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The URI of the Contact, as written.
    pub contact: String,
    /// Where the REGISTER came from; requests to the binding go there.
    pub flow: Flow,
    /// When it ends.
    pub expires: Instant,
    /// Call-ID of the REGISTER that made or refreshed it.
    pub call_id: Box<[u8]>,
    /// CSeq number of that REGISTER.
    pub cseq: u32,
    /// When that REGISTER came.
    pub since: Instant,
    /// `Path` values of that REGISTER: the Route of every request to the binding, in this order.
    pub path: Vec<String>,
    /// Which flow of which device it is, if the device says so.
    pub instance: Option<Instance>,
}

/// One flow of one device (RFC 5626 §4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// `+sip.instance` as written, quotes included.
    pub id: String,
    /// `reg-id`.
    pub flow: u32,
}

/// Why a REGISTER is not taken.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The answer instead of 200.
    pub reply: Reply,
    /// The address has as many bindings as it may have.
    pub is_crowded: bool,
}

impl Refusal {
    fn with(status: Status) -> Self {
        Self { reply: Reply { status, lines: Vec::new() }, is_crowded: false }
    }

    fn line(mut self, name: &'static str, value: impl ToString) -> Self {
        self.reply.lines.push((name.into(), value.to_string()));
        self
    }
}

/// All bindings of a process.
#[derive(Debug, Default)]
pub struct Registrar {
    bindings: BTreeMap<String, Vec<Binding>>,
    /// When which address has something to expire.
    deadlines: BTreeSet<(Instant, String)>,
    /// Which addresses were registered over a connection.
    connections: BTreeSet<(Flow, String)>,
    total: usize,
}

impl Registrar {
    /// Without any binding.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does what a REGISTER for `aor` asks for, all of it or nothing. Gives the lines of the 200:
    /// every binding there is now, the path they were registered by, `Require: outbound` where the
    /// flow is kept for the device. Whether its sender may do that has been decided.
    ///
    /// # Errors
    /// 400, 423 with Min-Expires, 439, 500 when it came out of order, 503 with Retry-After when
    /// there are too many bindings.
    pub fn register(
        &mut self,
        now: Instant,
        aor: &str,
        request: &Message,
        flow: Flow,
    ) -> Result<Vec<Line>, Refusal> {
        self.expire(now);
        let cseq = request.cseq().map_err(|_| Refusal::with(Status::BAD_REQUEST))?.number;
        let mut bindings = self.bindings.get(aor).cloned().unwrap_or_default();
        let wishes = Wish::all(request, &bindings)?;
        let route = outbound_route(request, &wishes, flow)?;
        let Route { path, is_outbound } = route;
        for wish in wishes {
            let made = Binding {
                contact: wish.contact,
                flow,
                expires: now + Duration::from_secs(u64::from(wish.seconds)),
                call_id: request.call_id().into(),
                cseq,
                since: now,
                path: path.clone(),
                instance: wish.instance,
            };
            update(now, &mut bindings, made, wish.seconds == 0)?;
        }
        let before = self.bindings.get(aor).map_or(0, Vec::len);
        if bindings.len() > before && self.total - before + bindings.len() > limit::BINDINGS_MAX {
            return Err(Refusal::with(Status::SERVICE_UNAVAILABLE).line("Retry-After", 60));
        }
        let mut lines: Vec<Line> =
            bindings.iter().map(|b| ("Contact".into(), contact_value(now, b))).collect();
        lines.extend(path.into_iter().map(|value| ("Path".into(), value)));
        if is_outbound {
            lines.push(("Require".into(), "outbound".to_owned()));
        }
        self.replace(aor, bindings);
        Ok(lines)
    }

    /// Puts back a binding from before a restart. One that would be too many is left out.
    pub fn load(&mut self, aor: &str, binding: Binding) {
        let mut bindings = self.bindings.get(aor).cloned().unwrap_or_default();
        if bindings.len() < limit::BINDINGS_OF_ONE_MAX && self.total < limit::BINDINGS_MAX {
            bindings.push(binding);
            self.replace(aor, bindings);
        }
    }

    /// Where `aor` can be reached now, in the order of registration. Of several flows of one device
    /// only the one it used last, for they all lead to the same bell (RFC 5626 §5.3).
    pub fn lookup(&self, now: Instant, aor: &str) -> impl Iterator<Item = &Binding> {
        let all = self.bindings.get(aor).map_or(&[][..], Vec::as_slice);
        let is_live = move |binding: &&Binding| binding.expires > now;
        all.iter().filter(is_live).filter(move |one| {
            let mut flows = all.iter().filter(is_live).filter(|other| is_same_device(one, other));
            flows.all(|other| (other.since, flow_number(other)) <= (one.since, flow_number(one)))
        })
    }

    /// A contact has turned out not to be reachable any more (430, RFC 5626 §5.3): forgets it.
    pub fn forget(&mut self, aor: &str, contact: &str) {
        self.retain(aor, |binding| binding.contact != contact);
    }

    /// Forgets what has run out.
    pub fn expire(&mut self, now: Instant) {
        while let Some((due, aor)) = self.deadlines.first()
            && *due <= now
        {
            let aor = aor.clone();
            self.retain(&aor, |binding| binding.expires > now);
        }
    }

    /// When `expire` is due next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// A connection is gone, and with it what was registered over it. Nothing for UDP.
    pub fn flow_closed(&mut self, flow: Flow) {
        let of_flow = (flow, String::new())..;
        let all = self.connections.range(of_flow).take_while(|(other, _)| *other == flow);
        let aors: Vec<String> = all.map(|(_, aor)| aor.clone()).collect();
        for aor in aors {
            self.retain(&aor, |binding| binding.flow != flow);
        }
    }

    /// How many bindings there are.
    pub fn len(&self) -> usize {
        self.total
    }

    /// Nobody is registered.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    fn retain(&mut self, aor: &str, keep: impl Fn(&Binding) -> bool) {
        let mut bindings = self.bindings.get(aor).cloned().unwrap_or_default();
        bindings.retain(keep);
        self.replace(aor, bindings);
    }

    /// Sets all bindings of one address, and the two indexes with them.
    fn replace(&mut self, aor: &str, bindings: Vec<Binding>) {
        for old in self.bindings.remove(aor).unwrap_or_default() {
            self.total -= 1;
            self.deadlines.remove(&(old.expires, aor.to_owned()));
            self.connections.remove(&(old.flow, aor.to_owned()));
        }
        for new in &bindings {
            self.total += 1;
            self.deadlines.insert((new.expires, aor.to_owned()));
            if new.flow.transport != Transport::Udp {
                self.connections.insert((new.flow, aor.to_owned()));
            }
        }
        if !bindings.is_empty() {
            self.bindings.insert(aor.to_owned(), bindings);
        }
    }
}

fn is_same_device(one: &Binding, other: &Binding) -> bool {
    match (&one.instance, &other.instance) {
        (Some(one), Some(other)) => one.id == other.id,
        (None, _) | (_, None) => false,
    }
}

fn flow_number(binding: &Binding) -> u32 {
    binding.instance.as_ref().map_or(0, |instance| instance.flow)
}

/// Adds, refreshes or removes one binding.
fn update(
    now: Instant,
    bindings: &mut Vec<Binding>,
    made: Binding,
    remove: bool,
) -> Result<(), Refusal> {
    let known = bindings.iter().position(|old| is_same(old, &made));
    if let Some(old) = known.and_then(|nth| bindings.get_mut(nth)) {
        if old.call_id == made.call_id && old.cseq >= made.cseq {
            return Err(Refusal::with(Status::SERVER_INTERNAL_ERROR));
        }
        *old = made;
    } else if !remove {
        if bindings.len() >= limit::BINDINGS_OF_ONE_MAX {
            let first = bindings.iter().map(|binding| binding.expires).min().unwrap_or(now);
            let seconds = first.duration_since(now).as_secs().max(1);
            let full = Refusal::with(Status::SERVICE_UNAVAILABLE).line("Retry-After", seconds);
            return Err(Refusal { is_crowded: true, ..full });
        }
        bindings.push(made);
        return Ok(());
    }
    if let Some(nth) = known.filter(|_| remove) {
        bindings.remove(nth);
    }
    Ok(())
}

/// The two are one binding: the same flow of the same device wherever that is now (RFC 5626 §6), or
/// the same URI.
fn is_same(old: &Binding, made: &Binding) -> bool {
    if let (Some(old), Some(made)) = (&old.instance, &made.instance) {
        return old == made;
    }
    let (old, made) = (Uri::parse(old.contact.as_bytes()), Uri::parse(made.contact.as_bytes()));
    matches!((old, made), (Ok(old), Ok(made)) if old.is_equivalent(&made))
}

fn contact_value(now: Instant, binding: &Binding) -> String {
    let left = binding.expires.duration_since(now).as_secs();
    let mut value = format!("<{}>;expires={left}", binding.contact);
    if let Some(Instance { id, flow }) = &binding.instance {
        // Writing into memory does not fail.
        let _ = write!(value, ";+sip.instance={id};reg-id={flow}");
    }
    value
}

#[cfg(test)]
mod tests;
