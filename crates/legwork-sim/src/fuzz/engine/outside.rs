//! What lies around the switch of a schedule: what it asked for and nobody has answered yet, the
//! phones' dialogs, the clock.
//!
//! Not here: which op does what (`engine`).

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_call::command::{Answer, Command, Stats};
use legwork_call::io::relay::{RelayEvent, RelayId, RelayTold};
use legwork_call::io::{
    Change, CommandId, Expects, Fetch, Input, Output, ResolveId, SourceRequest, Tapped, Target,
};
use legwork_call::sid::CallSid;
use legwork_call::{Config, Switch};
use legwork_media as media;
use legwork_sip as sip;

use super::document;
use super::peer::{self, Dialog};
use super::schedule::Schedule;
use crate::clock::Clock;
use crate::script;
use crate::world::SERVER;

/// Most of anything that is kept to be answered later: the oldest are forgotten, as peers do.
const KEPT_MAX: usize = 64;
/// Most things the switch may want done at one step: a `<Dial>` of twenty, and all that is told of it.
const OUTPUTS_MAX: usize = 2_000;
/// Most deadlines until all is quiet after everything was hung up.
const TICKS_MAX: usize = 3_000;

static CONFIGS: LazyLock<[Config; 4]> = LazyLock::new(|| {
    [
        script::config("config codecs g722"),
        script::config("config trunk refers\nconfig trunk registers\nconfig trunk watches 10s"),
        script::config("config challenge\nconfig trunk has users\nconfig trunk has carrier-b"),
        script::config("config calls 3\nconfig refer_to_max 100\nconfig transfer_pending 20s"),
    ]
});

/// Messages that are told when something does not hold.
const TOLD_MAX: usize = 40;

/// Everything but the switch, and the switch.
pub(super) struct Outside {
    clock: Clock,
    switch: Switch,
    dialogs: Vec<Dialog>,
    requests: VecDeque<(sip::Flow, sip::Message)>,
    fetches: VecDeque<Fetch>,
    resolves: VecDeque<ResolveId>,
    sources: VecDeque<media::SourceId>,
    taps: VecDeque<media::TapId>,
    /// The newest session with an agent.
    relay: Option<RelayId>,
    media: VecDeque<media::MediaId>,
    /// Ports whose `Closed` is late.
    closing: Vec<media::MediaId>,
    calls: BTreeMap<CallSid, bool>,
    answer: Option<Answer>,
    /// What a phone sent last, and the flow it sends on.
    last: Option<(SocketAddr, Bytes)>,
    transport: (sip::Transport, u64),
    /// Done to the next message: where, and what is put there.
    spoil: Option<(usize, u8)>,
    numbers: usize,
    next_port: u16,
    /// The newest messages both ways: what led to a finding.
    told: VecDeque<(Duration, SocketAddr, bool, Bytes)>,
}

#[expect(clippy::print_stderr, reason = "whoever looks at a finding wants to see what led to it")]
impl Drop for Outside {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (at, remote, is_ours, bytes) in &self.told {
                let arrow = if *is_ours { "to" } else { "from" };
                eprintln!("--- {at:?} {arrow} {remote}\n{}", String::from_utf8_lossy(bytes));
            }
        }
    }
}

impl Outside {
    pub(super) fn new(how: u8) -> Self {
        let clock = Clock::default();
        let config = configuration(how);
        let mut outside = Self {
            clock,
            switch: Switch::new(clock.now(), config, u64::from(how)),
            dialogs: Vec::new(),
            requests: VecDeque::new(),
            fetches: VecDeque::new(),
            resolves: VecDeque::new(),
            sources: VecDeque::new(),
            taps: VecDeque::new(),
            relay: None,
            media: VecDeque::new(),
            closing: Vec::new(),
            calls: BTreeMap::new(),
            answer: None,
            last: None,
            transport: (sip::Transport::Udp, 0),
            spoil: None,
            numbers: 0,
            next_port: 10_000,
            told: VecDeque::new(),
        };
        outside.add_ports(if how & 0x80 == 0 { 64 } else { 2 });
        outside
    }

    fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    fn add_ports(&mut self, count: u16) {
        let ports = (0..count).map(|n| self.next_port.saturating_add(2 * n)).collect();
        self.next_port = self.next_port.saturating_add(2 * count);
        self.input(Input::Ports { thread: 0, ports });
    }

    /// Hands the switch one input, and keeps what it wants done.
    fn input(&mut self, input: Input) {
        self.switch.handle(self.clock.now(), input);
        let mut count = 0;
        while let Some(output) = self.switch.poll_output() {
            count += 1;
            assert!(count <= OUTPUTS_MAX, "one step wants {count} things done");
            self.output(output);
        }
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Transmit(transmit) => self.transmitted(&transmit),
            Output::Resolve { id, .. } => self.resolves.push_back(id),
            Output::Fetch(fetch) if fetch.expects == Expects::Document => {
                self.fetches.push_back(*fetch);
            }
            Output::Relay { id, .. } => self.relay = Some(id),
            Output::Fetch(_) | Output::Trace(_) | Output::StreamKey { .. } => {}
            Output::ForgetFetch(id) => self.fetches.retain(|fetch| fetch.id != id),
            Output::Media { media, command: media::Command::Close } => {
                self.media.retain(|other| *other != media);
                self.closing.push(media);
            }
            Output::Media { media, command: media::Command::Open } => self.media.push_back(media),
            Output::Media { .. } | Output::Room { .. } => {}
            // More come when the schedule says so.
            Output::WantPorts { .. } => {}
            Output::Source { id, request, .. } => {
                let (SourceRequest::Say { .. } | SourceRequest::Play { .. }) = request;
                self.sources.push_back(id);
            }
            Output::Tap { tap, .. } => self.taps.push_back(tap),
            Output::ForgetTap(tap) => self.taps.retain(|other| *other != tap),
            Output::ForgetSource(id) => self.sources.retain(|source| *source != id),
            Output::Reply { answer, .. } => self.answer = Some(answer),
            Output::Store(Change::Call(row)) => {
                self.calls.insert(row.sid, row.ended.is_none());
            }
            Output::Store(Change::Alert(alert)) => assert_ne!(alert.code, 91_399, "{alert:?}"),
            Output::Store(
                Change::Recording(_)
                | Change::Transcription(_)
                | Change::Trunk(_)
                | Change::TrunkGone { .. }
                | Change::Queue(_)
                | Change::QueueGone { .. }
                | Change::QueueMember(_)
                | Change::QueueLeft { .. }
                | Change::Conference(_)
                | Change::Participant(_),
            ) => {}
        }
    }

    /// Whatever the switch sends can be read, and is good.
    fn transmitted(&mut self, transmit: &sip::Transmit) {
        self.tell(transmit.flow.remote, true, transmit.bytes.clone());
        let message = match sip::Message::parse(transmit.bytes.clone()) {
            Ok(message) => message,
            Err(error) => panic!("we sent what cannot be read: {error:?}: {:?}", transmit.bytes),
        };
        if message.is_request() {
            assert_eq!(message.validate(), Ok(()), "a request of ours is good: {message:?}");
            if !transmit.again && message.method() != sip::Method::Ack {
                keep(&mut self.requests, (transmit.flow, message));
            }
            return;
        }
        let call_id = message.call_id();
        let dialog = self.dialogs.iter_mut().find(|d| d.call_id.as_bytes() == call_id);
        let tag = message.to().ok().and_then(|to| to.tag().map(<[u8]>::to_vec));
        if let (Some(dialog), Some(tag)) = (dialog, tag)
            && message.cseq().is_ok_and(|cseq| cseq.method == sip::Method::Invite)
            && dialog.theirs.is_empty()
        {
            dialog.theirs = String::from_utf8_lossy(&tag).into_owned();
            if let Some(target) = peer::target_of(&message) {
                dialog.target = target;
            }
        }
    }

    /// A phone sends this, spoiled if the schedule says so.
    fn send(&mut self, from: SocketAddr, text: Vec<u8>) {
        let mut text = text;
        if let Some((at, byte)) = self.spoil.take() {
            let at = at % text.len().max(1);
            text.splice(at..(at + 1).min(text.len()), [byte]);
        }
        let bytes = Bytes::from(text);
        self.last = Some((from, bytes.clone()));
        self.tell(from, false, bytes.clone());
        let flow = self.flow_from(from);
        self.input(Input::Message { flow, bytes });
    }

    fn tell(&mut self, remote: SocketAddr, is_ours: bool, bytes: Bytes) {
        if self.told.len() >= TOLD_MAX {
            self.told.pop_front();
        }
        self.told.push_back((self.clock.elapsed(), remote, is_ours, bytes));
    }

    fn flow_from(&self, remote: SocketAddr) -> sip::Flow {
        let (transport, connection) = self.transport;
        sip::Flow { transport, local: SERVER, remote, connection }
    }

    pub(super) fn invite(&mut self, schedule: &mut Schedule<'_>) {
        let number = self.number();
        let mut dialog = Dialog::calling(schedule, number);
        let text = dialog.invite(schedule, number);
        let from = peer::address(dialog.phone);
        self.dialogs.push(dialog);
        self.dialogs.truncate(KEPT_MAX);
        self.send(from, text.into_bytes());
    }

    pub(super) fn register(&mut self, schedule: &mut Schedule<'_>) {
        let number = self.number();
        let mut dialog = Dialog::calling(schedule, number);
        let text = dialog.register(schedule, number);
        self.send(peer::address(dialog.phone), text.into_bytes());
    }

    /// A request in one of the dialogs, the newest first.
    pub(super) fn request(&mut self, schedule: &mut Schedule<'_>) {
        let number = self.number();
        let back = usize::from(schedule.byte()) % self.dialogs.len().max(1);
        let at = self.dialogs.len().saturating_sub(back + 1);
        let Some(mut dialog) = self.dialogs.get(at).cloned() else { return };
        let text = dialog.request(schedule, &self.dialogs, number);
        let from = peer::address(dialog.phone);
        if let Some(place) = self.dialogs.get_mut(at) {
            *place = dialog;
        }
        self.send(from, text.into_bytes());
    }

    /// A response to a request of the switch, the newest first.
    pub(super) fn respond(&mut self, schedule: &mut Schedule<'_>) {
        let back = usize::from(schedule.byte()) % self.requests.len().max(1);
        let at = self.requests.len().saturating_sub(back + 1);
        let Some((flow, request)) = self.requests.get(at) else { return };
        let (flow, phone) = (*flow, last_octet(flow.remote));
        let (text, dialog) = peer::response(request, phone, schedule, at);
        if let Some(dialog) = dialog
            && self.dialogs.len() < KEPT_MAX
            && !self.dialogs.iter().any(|d| d.call_id == dialog.call_id && d.ours == dialog.ours)
        {
            self.dialogs.push(dialog);
        }
        self.send(flow.remote, text.into_bytes());
    }

    pub(super) fn fetched(&mut self, schedule: &mut Schedule<'_>) {
        let at = usize::from(schedule.byte() >> 5) % self.fetches.len().max(1);
        let Some(fetch) = self.fetches.remove(at) else { return };
        let result = document::answer(&fetch, schedule);
        self.input(Input::Fetched { id: fetch.id, result });
    }

    pub(super) fn resolved(&mut self, schedule: &mut Schedule<'_>) {
        let Some(id) = self.resolves.pop_front() else { return };
        let how = schedule.byte();
        let target = |n: u8| Target {
            transport: if how & 0x10 == 0 { sip::Transport::Udp } else { sip::Transport::Tcp },
            remote: peer::address(3 + n),
            local_ip: SERVER.ip(),
        };
        let targets = (0..how & 3).map(target).collect();
        self.input(Input::Resolved { id, targets });
    }

    pub(super) fn source(&mut self, schedule: &mut Schedule<'_>) {
        let how = schedule.byte();
        let Some(&id) = self.sources.get(usize::from(how >> 4) % self.sources.len().max(1)) else {
            return;
        };
        match how & 3 {
            0 => self.input(Input::SourceReady { id }),
            1 => {
                let text = "hoarse".to_owned();
                self.input(Input::SourceFlawed { id, code: 91350, text });
            }
            2 => {
                let text = "404".to_owned();
                self.input(Input::SourceFailed { id, code: 11200, text });
            }
            _ => {
                let media = self.media.back().copied().unwrap_or(NOBODY);
                self.input(Input::Media { media, event: media::Event::Played(id) });
            }
        }
    }

    pub(super) fn media(&mut self, schedule: &mut Schedule<'_>) {
        let how = schedule.byte();
        let media = self.media.get(usize::from(how >> 4) % self.media.len().max(1)).copied();
        let media = media.unwrap_or(NOBODY);
        let source = self.sources.front().copied().unwrap_or(media::SourceId(0));
        let event = match how & 7 {
            0 | 1 => media::Event::Digit(schedule.pick(b"*#0159AD")),
            2 => media::Event::DigitsSent,
            3 => media::Event::Played(source),
            4 => media::Event::Closed,
            5 => media::Event::Voice(how & 8 == 0),
            6 => return self.tapped(schedule),
            _ if how & 8 == 0 => return self.relayed(schedule),
            _ => return self.close_ports(),
        };
        self.input(Input::Media { media, event });
    }

    /// Something comes of a tap, wanted or not.
    fn tapped(&mut self, schedule: &mut Schedule<'_>) {
        let how = schedule.byte();
        let tap = self.taps.get(usize::from(how >> 4) % self.taps.len().max(1)).copied();
        let tap = tap.unwrap_or(media::TapId(0));
        let text = String::from_utf8_lossy(schedule.text()).into_owned();
        let tapped = match how & 7 {
            0 => Tapped::Partial { stable: text.clone(), unstable: text },
            1 => Tapped::Understood { text, confidence: u16::from(how) },
            2 => Tapped::Failed { code: u32::from(how), text },
            3 => {
                let age = Duration::from_millis(u64::from(how) * 20);
                Tapped::Segment { text, confidence: u16::from(how), age }
            }
            7 => Tapped::Missed { code: u32::from(how), text },
            4 => Tapped::Connected,
            5 => Tapped::Disconnected,
            6 => Tapped::Flawed { code: u32::from(how), text },
            _ => Tapped::Recorded { duration: Duration::from_millis(how.into()) },
        };
        self.input(Input::Tapped { tap, tapped });
    }

    /// An agent's application says something, or leaves.
    fn relayed(&mut self, schedule: &mut Schedule<'_>) {
        let how = schedule.byte();
        let id = self.relay.unwrap_or(RelayId(0));
        let text = String::from_utf8_lossy(schedule.text()).into_owned();
        let flag = |bit: u8| (how & bit != 0).then_some(how & 0x80 != 0);
        let (interruptible, preemptible) = (flag(0x10), flag(0x20));
        let told = match how & 7 {
            0 => RelayEvent::Connected,
            1 => RelayEvent::Malformed { text },
            2 => RelayEvent::Closed,
            3 => RelayEvent::Told(RelayTold::SendDigits { digits: text }),
            4 => RelayEvent::Told(RelayTold::End { handoff: Some(text) }),
            5 => {
                let (tts, transcription) = (Some(text.clone()), Some(text));
                RelayEvent::Told(RelayTold::Language { tts, transcription })
            }
            6 => {
                let (source, times) = (text, u32::from(how >> 4));
                let play = RelayTold::Play { source, times, interruptible, preemptible };
                RelayEvent::Told(play)
            }
            _ => {
                let (last, language) = (how & 8 != 0, None);
                let told =
                    RelayTold::Text { token: text, last, language, interruptible, preemptible };
                RelayEvent::Told(told)
            }
        };
        self.input(Input::Relayed { id, event: told });
    }

    fn close_ports(&mut self) {
        for media in std::mem::take(&mut self.closing) {
            self.input(Input::Media { media, event: media::Event::Closed });
        }
    }

    /// A call chosen by the schedule, live or long over.
    fn call(&self, schedule: &mut Schedule<'_>) -> CallSid {
        let at = usize::from(schedule.byte()) % self.calls.len().max(1);
        self.calls.keys().nth(at).copied().unwrap_or(CallSid::from_bits(0))
    }

    pub(super) fn command(&mut self, schedule: &mut Schedule<'_>) {
        let what = schedule.byte();
        let verbs = document::DOCUMENTS.get(usize::from(what >> 3)).copied().unwrap_or("");
        let command = match what & 7 {
            0 => Command::Hangup { call: self.call(schedule) },
            1 => Command::Cancel { call: self.call(schedule) },
            2 => {
                let target = schedule.pick(&["<sip:agent-b@x>", "", "\r\nX: y", "<sip:a@b?X=%0d>"]);
                Command::Transfer { call: self.call(schedule), target: target.to_owned() }
            }
            3 => {
                let start = script::rest::inline(verbs);
                Command::Redirect { call: self.call(schedule), start }
            }
            4 => {
                let start = script::rest::url("/other");
                Command::Redirect { call: self.call(schedule), start }
            }
            5 => {
                let more = "refer_url /refer; send_digits w1; status_callback /told answered";
                script::rest::place_call("agent-a", script::rest::url("/voice"), more)
            }
            _ => script::rest::place_call("agent-b", script::rest::inline(verbs), "timeout 5"),
        };
        self.order(command);
    }

    fn order(&mut self, command: Command) -> Option<Answer> {
        let id = CommandId(self.number() as u64);
        self.answer = None;
        self.input(Input::Command { id, command });
        self.answer.take()
    }

    /// What was sent last comes again: from there, or from somewhere else.
    pub(super) fn again(&mut self, schedule: &mut Schedule<'_>) {
        let Some((from, bytes)) = self.last.clone() else { return };
        let from = if schedule.byte() < 200 { from } else { peer::address(77) };
        let flow = self.flow_from(from);
        self.input(Input::Message { flow, bytes });
    }

    /// The bytes of the schedule themselves.
    pub(super) fn raw(&mut self, schedule: &mut Schedule<'_>) {
        let from = peer::address(2 + schedule.byte() % 4);
        self.send(from, schedule.text().to_vec());
    }

    /// The next message gets this byte at this place.
    pub(super) fn spoil(&mut self, schedule: &mut Schedule<'_>) {
        let at = usize::from(u16::from_be_bytes([schedule.byte() & 3, schedule.byte()]));
        self.spoil = Some((at, schedule.byte()));
    }

    pub(super) fn flow_failed(&mut self) {
        let Some((flow, _)) = self.requests.back() else { return };
        self.input(Input::FlowFailed(*flow));
    }

    /// Phones speak TCP from now on, or UDP again.
    pub(super) fn flow(&mut self, schedule: &mut Schedule<'_>) {
        let how = schedule.byte();
        self.transport = match how & 1 {
            0 => (sip::Transport::Udp, 0),
            _ => (sip::Transport::Tcp, u64::from(how)),
        };
    }

    pub(super) fn configure(&mut self, schedule: &mut Schedule<'_>) {
        match schedule.byte() {
            255 => self.input(Input::Drain),
            how if how & 1 == 0 => self.input(Input::Reload(Box::new(configuration(how >> 1)))),
            how => self.add_ports(u16::from(how % 16)),
        }
    }

    pub(super) fn pass_time(&mut self, schedule: &mut Schedule<'_>) {
        let ms =
            schedule.pick(&[20, 100, 500, 1_000, 2_000, 4_000, 16_000, 33_000, 64_000, 900_000]);
        let until = self.clock.mono() + Duration::from_millis(ms);
        // Deadlines pass one by one, but for so many that the phones could not have slept on.
        for _ in 0..40 {
            let Some(next) = self.switch.poll_timeout().filter(|next| *next <= until) else {
                break;
            };
            self.tick(next);
        }
        self.tick(until);
    }

    fn tick(&mut self, at: Instant) {
        self.clock.move_to(at);
        self.input(Input::Tick);
    }

    fn stats(&mut self) -> Stats {
        match self.order(Command::Stats) {
            Some(Answer::Stats(stats)) => stats,
            other => panic!("asked for stats, got {other:?}"),
        }
    }

    /// What must hold at any time.
    pub(super) fn check(&mut self) {
        let stats = self.stats();
        assert!(stats.bugs == 0 && stats.adrift == 0, "{stats:?}");
        assert!(stats.legs <= 4 * self.numbers + 64, "{stats:?}");
    }

    /// Everything is hung up and nobody answers any more: after a while nothing is left.
    pub(super) fn finish(&mut self) {
        self.check();
        self.input(Input::Reload(Box::new(script::quiet(configuration(0)))));
        for round in 0..TICKS_MAX {
            self.hang_up();
            let Some(next) = self.switch.poll_timeout() else { break };
            assert!(round + 1 < TICKS_MAX, "not quiet: {:?}", self.stats());
            self.tick(next.max(self.clock.mono()));
        }
        let stats = self.stats();
        let left = Stats { bindings: 0, timers: 0, ..stats };
        assert_eq!(left, Stats::default(), "something is left");
    }

    fn hang_up(&mut self) {
        let live: Vec<_> = self.calls.iter().filter(|(_, lives)| **lives).collect();
        let live: Vec<CallSid> = live.into_iter().map(|(call, _)| *call).collect();
        for call in live {
            self.order(Command::Hangup { call });
        }
        while let Some(fetch) = self.fetches.pop_front() {
            let result = document::failed(&fetch, 11205);
            self.input(Input::Fetched { id: fetch.id, result });
        }
        while let Some(id) = self.resolves.pop_front() {
            self.input(Input::Resolved { id, targets: Vec::new() });
        }
        self.close_ports();
    }
}

/// Media that nobody has.
const NOBODY: media::MediaId = media::MediaId { thread: 0, port: 9, lease: 9 };

fn configuration(how: u8) -> Config {
    let [plain, trunk, challenged, small] = &*CONFIGS;
    match how % 4 {
        0 => plain.clone(),
        1 => trunk.clone(),
        2 => challenged.clone(),
        _ => small.clone(),
    }
}

fn last_octet(address: SocketAddr) -> u8 {
    match address.ip() {
        std::net::IpAddr::V4(ip) => ip.octets()[3],
        std::net::IpAddr::V6(_) => 0,
    }
}

/// One more; the oldest goes when there are too many.
fn keep<T>(of: &mut VecDeque<T>, one: T) {
    if of.len() >= KEPT_MAX {
        of.pop_front();
    }
    of.push_back(one);
}
