//! All calls of a process and what joins them: the state every other module works on.
//!
//! Here: looking legs up, pushing outputs in order, ids, ports. Not here: any decision about a call;
//! each module adds its own `impl Calls`. The face is `switch`.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_media as media;
use legwork_sip as sip;
use legwork_sip::event::{DialogId, SubscriptionId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::alert::{self, Alert};
use crate::auth::Guard;
use crate::conference::Conferences;
use crate::config::Config;
use crate::io::relay::RelayId;
use crate::io::{Change, CommandId, FetchId, Now, Output, ResolveId};
use crate::ladder::{Row, What};
use crate::leg::{Leg, LegId};
use crate::limit;
use crate::moment::Noted;
use crate::ports::Ports;
use crate::queue::Queues;
use crate::rate::Rates;
use crate::reach::Outages;
use crate::recording::Recordings;
use crate::sid::{
    AccountSid, CallSid, ConferenceSid, QueueSid, RealtimeTranscriptionSid, RecordingSid,
    SessionSid, SiprecSid, StreamSid, TranscriptionSid,
};
use crate::siprec::Siprecs;
use crate::stream::Streams;
use crate::timer::Timers;
use crate::trace::Traced;
use crate::transcription::Transcriptions;
use crate::transfer::{Transfer, TransferId};
use crate::trunk::watch::Trunks;

/// The endpoint's dice are others than ours.
pub(crate) const ENDPOINT_DICE: u64 = 0x5150;
/// And those for keys are others again.
const KEY_DICE: u64 = 0x6b65_7973;

/// The node's slot, digits 1–4 of every SID.
const SLOT: u128 = 0x0001;

/// The whole state.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(crate) config: Arc<Config>,
    pub(crate) now: Now,
    pub(crate) draining: bool,
    pub(crate) bugs: u64,
    /// A bug to order: the next digit panics.
    #[cfg(test)]
    pub(crate) broken: bool,
    /// The leg the input at hand is about: what a bug would take with it.
    pub(crate) current: Option<LegId>,
    pub(crate) endpoint: sip::Endpoint,
    pub(crate) guard: Guard,
    pub(crate) registrar: sip::registrar::Registrar,
    pub(crate) legs: BTreeMap<LegId, Box<Leg>>,
    pub(crate) transfers: BTreeMap<TransferId, Box<Transfer>>,
    pub(crate) beside: Beside,
    pub(crate) queues: Queues,
    pub(crate) conferences: Conferences,
    pub(crate) index: Index,
    pub(crate) ports: Ports,
    pub(crate) outages: Outages,
    pub(crate) rates: Rates,
    pub(crate) trunks: Trunks,
    pub(crate) timers: Timers,
    pub(crate) traced: Traced,
    /// A message of a dialog whose leg is not made yet.
    pub(crate) unclaimed: Option<(DialogId, Bytes)>,
    pub(crate) out: VecDeque<Output>,
    /// What is looked up of others, for recordings.
    pub(crate) noted: Noted,
    dice: Dice,
}

/// What goes on beside the calls it is of.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    pub(crate) recordings: Recordings,
    pub(crate) streams: Streams,
    pub(crate) transcriptions: Transcriptions,
    pub(crate) siprecs: Siprecs,
}

/// What is thrown and counted.
#[derive(Debug)]
struct Dice {
    all: StdRng,
    /// Keys come from dice of their own: whoever learns those of one input learns no key.
    keys: StdRng,
    serial: u64,
}

/// From the names of things to the legs they belong to.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) by_sid: BTreeMap<CallSid, LegId>,
    pub(crate) by_dialog: BTreeMap<DialogId, LegId>,
    pub(crate) by_media: BTreeMap<media::MediaId, LegId>,
    pub(crate) by_fetch: BTreeMap<FetchId, LegId>,
    pub(crate) by_source: BTreeMap<media::SourceId, LegId>,
    pub(crate) by_tap: BTreeMap<media::TapId, LegId>,
    pub(crate) by_resolve: BTreeMap<ResolveId, LegId>,
    pub(crate) by_subscription: BTreeMap<SubscriptionId, Subscriber>,
    pub(crate) by_relay: BTreeMap<RelayId, LegId>,
    /// Consultation legs that a pending transfer names.
    pub(crate) by_consultation: BTreeMap<LegId, TransferId>,
}

/// Whose subscription it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscriber {
    pub(crate) transfer: TransferId,
    /// The transferor's leg, as long as it lives.
    pub(crate) leg: LegId,
}

impl Calls {
    pub(crate) fn new(config: Config, now: Now, seed: u64) -> Self {
        let mut calls = Self {
            endpoint: sip::Endpoint::new(config.sip.clone(), seed ^ ENDPOINT_DICE),
            guard: Guard::new(now.mono),
            registrar: sip::registrar::Registrar::default(),
            rates: Rates::default(),
            trunks: Trunks::default(),
            ports: Ports::new(config.media_threads),
            outages: Outages::default(),
            config: Arc::new(config),
            now,
            draining: false,
            bugs: 0,
            #[cfg(test)]
            broken: false,
            current: None,
            legs: BTreeMap::new(),
            transfers: BTreeMap::new(),
            beside: Beside::default(),
            queues: Queues::default(),
            conferences: Conferences::default(),
            index: Index::default(),
            timers: Timers::default(),
            traced: Traced::default(),
            unclaimed: None,
            out: VecDeque::new(),
            noted: Noted::default(),
            dice: Dice {
                all: StdRng::seed_from_u64(seed),
                keys: StdRng::seed_from_u64(seed ^ KEY_DICE),
                serial: 0,
            },
        };
        calls.keep_trunks();
        calls
    }

    // === ids ===

    /// A number never given before.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.dice.serial += 1;
        self.dice.serial
    }

    pub(crate) fn serial(&self) -> u64 {
        self.dice.serial
    }

    pub(crate) fn set_serial(&mut self, serial: u64) {
        self.dice.serial = serial;
    }

    pub(crate) fn set_dice(&mut self, dice: StdRng) {
        self.dice.all = dice;
    }

    pub(crate) fn new_sid(&mut self) -> CallSid {
        CallSid::from_bits(self.new_bits())
    }

    pub(crate) fn new_recording_sid(&mut self) -> RecordingSid {
        RecordingSid::from_bits(self.new_bits())
    }

    pub(crate) fn new_transcription_sid(&mut self) -> TranscriptionSid {
        TranscriptionSid::from_bits(self.new_bits())
    }

    pub(crate) fn new_stream_sid(&mut self) -> StreamSid {
        StreamSid::from_bits(self.new_bits())
    }

    pub(crate) fn new_realtime_transcription_sid(&mut self) -> RealtimeTranscriptionSid {
        RealtimeTranscriptionSid::from_bits(self.new_bits())
    }

    pub(crate) fn new_session_sid(&mut self) -> SessionSid {
        SessionSid::from_bits(self.new_bits())
    }

    pub(crate) fn new_queue_sid(&mut self) -> QueueSid {
        QueueSid::from_bits(self.new_bits())
    }

    pub(crate) fn new_conference_sid(&mut self) -> ConferenceSid {
        ConferenceSid::from_bits(self.new_bits())
    }

    pub(crate) fn new_siprec_sid(&mut self) -> SiprecSid {
        SiprecSid::from_bits(self.new_bits())
    }

    fn new_bits(&mut self) -> u128 {
        let random: u128 = self.dice.all.random();
        (SLOT << 112) | (random >> 16)
    }

    /// A key nobody can guess.
    pub(crate) fn random_key(&mut self) -> [u8; 32] {
        self.dice.keys.random()
    }

    pub(crate) fn random(&mut self) -> u64 {
        self.dice.all.random()
    }

    // === looking up ===

    pub(crate) fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.get(&id).map(AsRef::as_ref)
    }

    pub(crate) fn leg_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.get_mut(&id).map(AsMut::as_mut)
    }

    pub(crate) fn transfer(&self, id: TransferId) -> Option<&Transfer> {
        self.transfers.get(&id).map(AsRef::as_ref)
    }

    pub(crate) fn transfer_mut(&mut self, id: TransferId) -> Option<&mut Transfer> {
        self.transfers.get_mut(&id).map(AsMut::as_mut)
    }

    pub(crate) fn account(&self, sid: AccountSid) -> Option<&crate::config::Account> {
        self.config.accounts.iter().find(|account| account.sid == sid)
    }

    // === outputs, in the order produced ===

    pub(crate) fn push(&mut self, output: Output) {
        self.out.push_back(output);
    }

    /// Orders something of the SIP endpoint; what it sends goes out before anything pushed later.
    pub(crate) fn sip<R>(&mut self, order: impl FnOnce(&mut sip::Endpoint, Now) -> R) -> R {
        let result = order(&mut self.endpoint, self.now);
        self.drain_transmits();
        result
    }

    /// Moves what the endpoint wants sent to the outputs, with a ladder row for each new message.
    pub(crate) fn drain_transmits(&mut self) {
        while let Some(transmit) = self.endpoint.poll_transmit() {
            if let (Some(dialog), false) = (transmit.dialog, transmit.again) {
                self.trace_message(dialog, &transmit.bytes, false);
            }
            self.push(Output::Transmit(transmit));
        }
    }

    pub(crate) fn order_media(&mut self, media: media::MediaId, command: media::Command) {
        self.push(Output::Media { media, command });
    }

    /// A ladder row about what `leg` does or hears.
    pub(crate) fn trace(&mut self, leg: LegId, what: What) {
        let Some(leg) = self.leg(leg) else { return };
        let row = Row { call: leg.sid, root: leg.root, party: leg.who.party.clone(), what };
        self.push(Output::Trace(Box::new(row)));
    }

    /// A ladder row about what the application of `leg` is asked or answers.
    pub(crate) fn trace_app(&mut self, leg: LegId, what: What) {
        let Some(leg) = self.leg(leg) else { return };
        let row = Row { call: leg.sid, root: leg.root, party: "app".to_owned(), what };
        self.push(Output::Trace(Box::new(row)));
    }

    /// Stores the leg's row anew.
    pub(crate) fn store(&mut self, leg: LegId) {
        let Some(row) = self.leg(leg).map(|leg| leg.row(None)) else { return };
        self.push(Output::Store(Change::Call(Box::new(row))));
    }

    /// Raises an alert: the table's words, then `detail`.
    pub(crate) fn alert(&mut self, code: u32, leg: Option<LegId>, detail: Detail) {
        self.alert_as(alert::entry(code), leg, detail);
    }

    /// The same of an entry that is not quite the table's.
    pub(crate) fn alert_as(&mut self, entry: alert::Entry, leg: Option<LegId>, detail: Detail) {
        let code = entry.code;
        let found = leg.and_then(|leg| self.leg(leg)).map(|leg| (leg.account, leg.call_sid()));
        if let Some(leg) = leg {
            self.trace(leg, What::Decided(format!("alert {code}")));
        }
        self.raise(entry, found.map(|found| found.0), found.map(|found| found.1), detail);
    }

    /// Raises an alert of what goes on beside a leg, and may outlive it.
    pub(crate) fn alert_beside(
        &mut self,
        code: u32,
        leg: LegId,
        (account, call): (AccountSid, CallSid),
        detail: Detail,
    ) {
        if self.leg(leg).is_some() {
            self.alert(code, Some(leg), detail);
        } else {
            self.alert_account(code, Some(account), Some(call), detail);
        }
    }

    /// Raises an alert that concerns no leg there is. Without an account every account sees it.
    pub(crate) fn alert_account(
        &mut self,
        code: u32,
        account: Option<AccountSid>,
        call: Option<CallSid>,
        detail: Detail,
    ) {
        self.raise(alert::entry(code), account, call, detail);
    }

    fn raise(
        &mut self,
        entry: alert::Entry,
        account: Option<AccountSid>,
        call: Option<CallSid>,
        detail: Detail,
    ) {
        let text = match detail.text.map(shortened) {
            Some(text) => {
                let end = if text.ends_with(['.', '?', '…']) { "" } else { "." };
                format!("{} {text}{end} {}", entry.what, entry.cure)
            }
            None => format!("{} {}", entry.what, entry.cure),
        };
        self.push(Output::Store(Change::Alert(Box::new(Alert {
            code: entry.code,
            level: entry.level,
            text,
            account,
            call,
            at: self.now.wall,
            request: detail.request.map(shortened),
            response: detail.response.map(shortened),
        }))));
    }

    /// Our own address in SDP towards a peer: of the family it signals in.
    pub(crate) fn media_address(&self, flow: sip::Flow) -> IpAddr {
        let here = flow.local.ip();
        let public = self.config.media_address;
        public.filter(|ip| ip.is_ipv4() == here.is_ipv4()).unwrap_or(here)
    }

    pub(crate) fn reply(&mut self, id: CommandId, answer: crate::command::Answer) {
        self.push(Output::Reply { id, answer });
    }

    pub(crate) fn after(&self, wait: Duration) -> Instant {
        self.now.mono + wait
    }
}

/// A text that is not too long for an alert.
fn shortened(text: String) -> String {
    match text.char_indices().nth(limit::ALERT_TEXT_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text,
    }
}

/// What an alert says beside the table's words.
#[derive(Debug, Default)]
pub(crate) struct Detail {
    pub(crate) text: Option<String>,
    pub(crate) request: Option<String>,
    pub(crate) response: Option<String>,
}

impl Detail {
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }
}
