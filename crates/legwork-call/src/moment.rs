//! What an input meets beside itself: the dice, the counters, and what was looked up of others.
//!
//! A recording writes it beside each input, so that one call can be lived through again although a
//! thousand others drew from the same dice between its inputs.
//! Not here: which inputs belong to a call, files (crate `legwork`, `record`).

use std::cell::RefCell;
use std::net::IpAddr;
use std::time::Duration;

use legwork_media::MediaId;
use legwork_sip as sip;
use legwork_sip::registrar::{Binding, Registrar};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::calls::{Calls, ENDPOINT_DICE};
use crate::sid::QueueSid;
use crate::switch::Switch;

/// All that one input meets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Of all dice but those for keys.
    pub seed: u64,
    /// The number given last to a leg, fetch, source or question to DNS.
    pub serial: u64,
    /// The number of the use of a pair of ports given last.
    pub lease: u32,
    /// What was looked up of others.
    pub found: Found,
}

/// What was looked up that is not the call's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Pairs of ports taken, in order.
    pub ports: Vec<MediaId>,
    /// The user whose password the sender has proven to know.
    pub sender: Option<String>,
    /// Registered phones, in the order found.
    pub phones: Vec<Phone>,
    /// Targets passed over, for they are out.
    pub out: Vec<sip::Flow>,
    /// A REFER was over its account's rate.
    pub too_many_refers: bool,
    /// Gateways known to be down when a number was dialled: trunk, place in it.
    pub down: Vec<(String, usize)>,
    /// Registrars that a call came from: trunk, address.
    pub registrars: Vec<(String, IpAddr)>,
    /// There were as many conferences as there may be.
    pub conferences_full: bool,
    /// Queues, in the order they were looked at.
    pub queues: Vec<Queue>,
    /// There were as many queues in use as there may be.
    pub queues_full: bool,
}

/// A queue that was looked at, and a place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// None: there was none of that name.
    pub sid: Option<QueueSid>,
    /// How many may wait.
    pub max_size: u32,
    /// How many do.
    pub size: usize,
    /// From 1; 0: it was not asked for.
    pub position: usize,
    /// How long they have waited on average, seconds.
    pub average_s: u64,
}

/// A registered phone that was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// Its address of record: `user@domain`.
    pub aor: String,
    /// Its Contact.
    pub contact: String,
    /// Where it was heard.
    pub flow: sip::Flow,
    /// `Route` values towards it.
    pub path: Vec<String>,
}

impl Phone {
    fn of(aor: &str, binding: &Binding) -> Self {
        Self {
            aor: aor.to_owned(),
            contact: binding.contact.clone(),
            flow: binding.flow,
            path: binding.path.clone(),
        }
    }
}

/// Notes what is looked up, if anybody wants to know.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    found: RefCell<Option<Box<Found>>>,
    /// Who the sender of a recorded input proved to be.
    sender: Option<String>,
}

impl Noted {
    pub(crate) fn is_wanted(&self) -> bool {
        self.found.borrow().is_some()
    }

    pub(crate) fn note(&self, write: impl FnOnce(&mut Found)) {
        if let Some(found) = self.found.borrow_mut().as_deref_mut() {
            write(found);
        }
    }

    /// The sender is known to be that user, in a replay.
    pub(crate) fn sender(&self) -> Option<&String> {
        self.sender.as_ref()
    }

    /// Looked up once is known for the whole step.
    pub(crate) fn phones<'a, B: Iterator<Item = &'a Binding>>(
        &self,
        aor: &str,
        bindings: impl FnOnce() -> B,
    ) {
        self.note(|found| {
            if found.phones.iter().all(|phone| phone.aor != aor) {
                found.phones.extend(bindings().map(|binding| Phone::of(aor, binding)));
            }
        });
    }
}

impl Switch {
    /// From now on every step is one to be told of: it begins with `begin_step` and ends with
    /// `end_step`, and a `Tick` is for the earliest deadline alone.
    pub fn observe(&mut self) {
        *self.calls.noted.found.borrow_mut() = Some(Box::default());
    }

    /// An input follows, with new dice.
    pub fn begin_step(&mut self, seed: u64) -> Moment {
        self.calls.throw_again(seed);
        self.calls.noted.note(|found| *found = Found::default());
        let (serial, lease) = (self.calls.serial(), self.calls.ports.lease());
        Moment { seed, serial, lease, found: Found::default() }
    }

    /// What that input met.
    pub fn end_step(&mut self) -> Found {
        let mut all = Found::default();
        self.calls.noted.note(|found| all = std::mem::take(found));
        all
    }

    /// The next input meets the same again.
    pub fn relive(&mut self, now: crate::Now, moment: &Moment) {
        let Moment { seed, serial, lease, found } = moment;
        let calls = &mut self.calls;
        calls.throw_again(*seed);
        calls.set_serial(*serial);
        calls.ports.relive(*lease, &found.ports);
        calls.registrar = Registrar::new();
        let expires = now.mono + Duration::from_secs(3_600);
        for phone in &found.phones {
            let binding = Binding {
                contact: phone.contact.clone(),
                flow: phone.flow,
                expires,
                call_id: Box::default(),
                cseq: 0,
                since: now.mono,
                path: phone.path.clone(),
                instance: None,
            };
            calls.registrar.load(&phone.aor, binding);
        }
        calls.outages.relive(now.mono, &found.out);
        calls.rates.relive(now.mono, found.too_many_refers);
        calls.conferences.relive(found.conferences_full);
        calls.trunks.relive(&found.down, &found.registrars);
        calls.queues.relive(&found.queues, found.queues_full);
        calls.noted.sender.clone_from(&found.sender);
    }
}

impl Calls {
    fn throw_again(&mut self, seed: u64) {
        self.set_dice(StdRng::seed_from_u64(seed));
        self.endpoint.throw_again(seed ^ ENDPOINT_DICE);
    }
}
