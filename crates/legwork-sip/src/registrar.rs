//! Address-of-record → where it can be reached now.
//!
//! Not here: who may register what (`digest`, `legwork-call`); keeping bindings over a restart
//! (crate `legwork`).
//! Source: RFC 3261 §10.3.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::endpoint::Reply;
use crate::flow::{Flow, Transport};
use crate::name_addr::NameAddr;
use crate::uri::Uri;
use crate::{Message, Status, limit};

/// Shortest binding, seconds; a shorter one is answered 423.
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

/// One Contact of a REGISTER.
struct Wish {
    contact: String,
    seconds: u32,
}

impl Registrar {
    /// Without any binding.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does what a REGISTER for `aor` asks for, all of it or nothing. Gives the Contact values of
    /// the 200: every binding there is now. Whether its sender may do that has been decided.
    ///
    /// # Errors
    /// The answer instead of 200: 400, 423 with Min-Expires, 500 when it came out of order, 503
    /// when there are too many bindings.
    pub fn register(
        &mut self,
        now: Instant,
        aor: &str,
        request: &Message,
        flow: Flow,
    ) -> Result<Vec<String>, Reply> {
        self.expire(now);
        let expires = request.expires().map_err(|_| reply(Status::BAD_REQUEST))?;
        let cseq = request.cseq().map_err(|_| reply(Status::BAD_REQUEST))?.number;
        let wishes = if request.contacts().next().is_none() {
            Vec::new()
        } else if request.is_contact_star() {
            if expires != Some(0) {
                return Err(reply(Status::BAD_REQUEST));
            }
            let all = self.lookup(now, aor);
            all.map(|old| Wish { contact: old.contact.clone(), seconds: 0 }).collect()
        } else {
            wishes(request, expires)?
        };
        let mut bindings = self.bindings.get(aor).cloned().unwrap_or_default();
        for wish in wishes {
            let made = Binding {
                contact: wish.contact,
                flow,
                expires: now + Duration::from_secs(u64::from(wish.seconds)),
                call_id: request.call_id().into(),
                cseq,
            };
            update(&mut bindings, made, wish.seconds == 0)?;
        }
        let before = self.bindings.get(aor).map_or(0, Vec::len);
        if bindings.len() > before && self.total - before + bindings.len() > limit::BINDINGS_MAX {
            let mut full = reply(Status::SERVICE_UNAVAILABLE);
            full.lines.push(("Retry-After".into(), "60".to_owned()));
            return Err(full);
        }
        let values = bindings.iter().map(|binding| contact_value(now, binding)).collect();
        self.replace(aor, bindings);
        Ok(values)
    }

    /// Puts back a binding from before a restart. One that would be too many is left out.
    pub fn load(&mut self, aor: &str, binding: Binding) {
        let mut bindings = self.bindings.get(aor).cloned().unwrap_or_default();
        if bindings.len() < limit::BINDINGS_OF_ONE_MAX && self.total < limit::BINDINGS_MAX {
            bindings.push(binding);
            self.replace(aor, bindings);
        }
    }

    /// Where `aor` can be reached now, in the order of registration.
    pub fn lookup(&self, now: Instant, aor: &str) -> impl Iterator<Item = &Binding> {
        let all = self.bindings.get(aor).into_iter().flatten();
        all.filter(move |binding| binding.expires > now)
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

fn reply(status: Status) -> Reply {
    Reply { status, lines: Vec::new() }
}

/// What the Contacts ask for (RFC 3261 §10.3, step 7).
fn wishes(request: &Message, expires: Option<u32>) -> Result<Vec<Wish>, Reply> {
    let mut wishes = Vec::new();
    for contact in request.contacts() {
        let bad = || reply(Status::BAD_REQUEST);
        let contact: NameAddr<'_> = contact.map_err(|_| bad())?;
        let own = contact.expires().map_err(|_| bad())?;
        let seconds = own.or(expires).unwrap_or(EXPIRES_MAX).min(EXPIRES_MAX);
        if (1..EXPIRES_MIN).contains(&seconds) {
            let mut brief = reply(Status::INTERVAL_TOO_BRIEF);
            brief.lines.push(("Min-Expires".into(), EXPIRES_MIN.to_string()));
            return Err(brief);
        }
        let uri = std::str::from_utf8(contact.uri().as_bytes()).map_err(|_| bad())?;
        wishes.push(Wish { contact: uri.to_owned(), seconds });
        if wishes.len() > limit::BINDINGS_OF_ONE_MAX {
            return Err(bad());
        }
    }
    Ok(wishes)
}

/// Adds, refreshes or removes one binding. A new one too many pushes out the one that ends first.
fn update(bindings: &mut Vec<Binding>, made: Binding, remove: bool) -> Result<(), Reply> {
    let same = |old: &Binding| {
        let (old, made) = (Uri::parse(old.contact.as_bytes()), Uri::parse(made.contact.as_bytes()));
        matches!((old, made), (Ok(old), Ok(made)) if old.is_equivalent(&made))
    };
    let known = bindings.iter().position(same);
    if let Some(old) = known.and_then(|nth| bindings.get_mut(nth)) {
        if old.call_id == made.call_id && old.cseq >= made.cseq {
            return Err(reply(Status::SERVER_INTERNAL_ERROR));
        }
        *old = made;
    } else if !remove {
        if bindings.len() >= limit::BINDINGS_OF_ONE_MAX
            && let Some(first) = bindings.iter().map(|b| b.expires).min()
            && let Some(nth) = bindings.iter().position(|b| b.expires == first)
        {
            bindings.remove(nth);
        }
        bindings.push(made);
        return Ok(());
    }
    if let Some(nth) = known.filter(|_| remove) {
        bindings.remove(nth);
    }
    Ok(())
}

fn contact_value(now: Instant, binding: &Binding) -> String {
    let left = binding.expires.duration_since(now).as_secs();
    format!("<{}>;expires={left}", binding.contact)
}

#[cfg(test)]
mod tests;
