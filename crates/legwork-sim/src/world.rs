//! The world: one switch, its phones and its application, joined by a virtual network under a
//! virtual clock.
//!
//! Single mutation: the earliest thing happens, everything it causes is drained, then the next.
//! Not here: what the phones are told (`script`, `chaos`); what must hold (`books`).
#![expect(clippy::panic, reason = "a scenario that breaks a rule fails its test")]

mod names;
pub mod relays;
mod rooms;
mod stored;
pub mod streams;
pub mod taps;

use std::collections::{BTreeMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use legwork_call::command::{Answer, Command, Stats};
use legwork_call::io::relay::{RelayEvent, RelayId};
use legwork_call::io::{
    CommandId, Input, Output, ResolveId, SourceRequest, Tapped, Target, TrunkRow,
};
use legwork_call::ladder::{Row, What};
use legwork_call::sid::ConferenceSid;
use legwork_call::view::Leg;
use legwork_call::{Config, Switch};
use legwork_media as media;
use legwork_sip as sip;

use crate::app::App;
use crate::books::Books;
use crate::clock::Clock;
use crate::ladder::Ladder;
use crate::network::{Datagram, Network};
use crate::phone::{self, Codec, Kind, Order, Phone};
use crate::proxy::{self, PROXY};
use crate::script::quiet;
use crate::sound::{Heard, Sound};
use crate::wire::Wire;
use names::{Name, machine, sid_name};
use relays::Relays;
use taps::Taps;

/// Where the switch signals.
pub const SERVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 5060);
/// Names, last octets and tones (hertz) of the phones; `carrier` and `carrier-b` are what the trunk
/// leads to, `srs` is what records sessions.
pub const PEOPLE: [(&str, u8, u32); 9] = [
    ("usera", 2, 412),
    ("agent-a", 3, 512),
    ("agent-b", 4, 612),
    ("agent-c", 5, 712),
    ("carrier", 9, 812),
    ("carrier-b", 10, 1_112),
    ("userb", 6, 1_412),
    ("agent-d", 16, 1_312),
    ("srs", 17, 1_512),
];
/// Machines without a phone: `nobody` says nothing, what is sent to `wall` comes back, `proxy` passes
/// it on.
const MACHINES: [(&str, u8); 3] = [("nobody", 66), ("wall", 67), ("proxy", 7)];
/// I8: when all have hung up, everything is over within 64·T1 of a BYE that is not answered, behind the
/// longest a verb may still take.
const QUIET_MAX: Duration = Duration::from_secs(150);
/// So many things at one instant are a loop.
const AT_ONCE_MAX: u32 = 2_000;

/// Something outside that is answered later.
#[derive(Debug)]
enum Outside {
    Resolved(ResolveId, Vec<Target>),
    SourceReady(media::SourceId),
    SourceFailed(media::SourceId),
    FlowFailed(sip::Flow),
    Tapped(media::TapId, Tapped),
    Hushed(media::MediaId),
    Relayed(RelayId, RelayEvent),
}

/// The whole of it.
#[derive(Debug)]
pub struct World {
    /// Virtual time.
    pub clock: Clock,
    /// What is under way.
    pub network: Network,
    /// In the order of `PEOPLE`.
    pub phones: Vec<Phone>,
    /// The application.
    pub app: App,
    /// Rows so far.
    pub ladder: Ladder,
    /// What must hold.
    pub books: Books,
    /// What is known of trunks.
    pub trunks: BTreeMap<String, TrunkRow>,
    /// The conference of each name, the newest.
    pub conferences: BTreeMap<String, ConferenceSid>,
    /// The media plane.
    pub sound: Sound,
    /// What is recorded and understood.
    pub taps: Taps,
    /// Sessions with an agent.
    pub relays: Relays,
    switch: Option<Switch>,
    config: Option<Config>,
    outside: Vec<(Instant, Outside)>,
    /// Legs whose voice is to be told from now on, and that speak already.
    voices: Vec<media::MediaId>,
    names: Vec<Name>,
    seen: HashSet<(SocketAddr, Bytes)>,
    /// Header lines of what the switch sends that the ladder shows; `sipfrag` is the body of a NOTIFY.
    pub shown_lines: Vec<String>,
    /// The connection of every request that came or went by TCP: by its branch.
    connections: BTreeMap<String, u64>,
    /// Every message of the switch, retransmissions left out: where to, and what.
    pub sent: Vec<(SocketAddr, Wire)>,
    /// How many orders were given, and the answers nobody has looked at.
    orders: (u64, BTreeMap<CommandId, Answer>),
    /// None: more than anybody needs.
    ports_left: Option<usize>,
    /// So late the switch is told that its deadline has passed.
    pub lag: Duration,
    /// What phones noticed since somebody looked last; kept only if somebody does.
    pub noticed: Option<Vec<(usize, phone::Event)>>,
    at_once: (Option<Instant>, u32),
}

impl World {
    /// A world with a switch of this configuration.
    pub fn new(config: Config, seed: u64) -> Self {
        Self::with_ports(config, seed, None)
    }

    /// The same; its media has so many pairs of ports and no more.
    pub fn with_ports(config: Config, seed: u64, ports: Option<usize>) -> Self {
        let mut world = Self::without_switch(seed);
        world.ports_left = ports;
        world.sound = Sound::new(world.clock.mono(), config.media_threads, seed);
        world.config = Some(config.clone());
        world.switch = Some(Switch::new(world.clock.now(), config, seed));
        (0..world.sound.threads()).for_each(|thread| world.add_ports(thread));
        world
    }

    /// Phones that can only call each other.
    pub fn without_switch(seed: u64) -> Self {
        let phones = PEOPLE.iter().map(|(name, octet, tone_hz)| {
            let ip = IpAddr::from([10, 0, 0, *octet]);
            Phone::new(phone::Config {
                name: (*name).to_owned(),
                sip: SocketAddr::new(ip, 5060),
                rtp: SocketAddr::new(ip, 4000),
                server: SERVER,
                domain: "bank.example.com".to_owned(),
                password: Some((*name).to_owned()),
                tone_hz: *tone_hz,
                codecs: vec![Codec::Pcmu, Codec::Pcma],
                events: 101,
                seed: seed ^ (u64::from(*octet) << 32),
            })
        });
        let phones = phones.collect();
        let clock = Clock::default();
        Self {
            clock,
            network: Network::new(seed),
            phones,
            app: App::default(),
            ladder: Ladder::default(),
            books: Books::default(),
            trunks: BTreeMap::new(),
            conferences: BTreeMap::new(),
            sound: Sound::new(clock.mono(), 1, seed),
            taps: Taps::default(),
            relays: Relays::default(),
            switch: None,
            config: None,
            outside: Vec::new(),
            voices: Vec::new(),
            names: Vec::new(),
            seen: HashSet::new(),
            shown_lines: Vec::new(),
            connections: BTreeMap::new(),
            sent: Vec::new(),
            orders: (0, BTreeMap::new()),
            ports_left: None,
            lag: Duration::ZERO,
            noticed: None,
            at_once: (None, 0),
        }
    }

    /// The number of a phone.
    pub fn who(&self, name: &str) -> Option<usize> {
        PEOPLE.iter().position(|(other, ..)| *other == name)
    }

    /// The phone of that number.
    ///
    /// # Panics
    /// When there is none.
    pub fn phone(&mut self, who: usize) -> &mut Phone {
        match self.phones.get_mut(who) {
            Some(phone) => phone,
            None => panic!("there is no phone {who}"),
        }
    }

    /// Tells a phone something, now.
    pub fn order(&mut self, who: usize, order: Order) {
        let now = self.clock.mono();
        self.phone(who).order(now, order);
        self.drain_phones();
    }

    /// Orders something of the switch; the answer is there at once.
    ///
    /// # Panics
    /// When it is not.
    pub fn command(&mut self, command: Command) -> Answer {
        self.orders.0 += 1;
        let id = CommandId(self.orders.0);
        let is_transfer = matches!(command, Command::Transfer { .. });
        if !matches!(command, Command::Stats) {
            self.books.commanded();
        }
        self.input(Input::Command { id, command });
        let Some(answer) = self.orders.1.remove(&id) else { panic!("no reply to a command") };
        if is_transfer && answer == Answer::Done {
            self.books.transferred_by_rest();
        }
        answer
    }

    /// What lives in the switch.
    ///
    /// # Panics
    /// When it does not tell.
    pub fn stats(&mut self) -> Stats {
        match self.command(Command::Stats) {
            Answer::Stats(stats) => stats,
            Answer::Called(_) | Answer::Done | Answer::Refused { .. } | Answer::Dequeued(_) => {
                panic!("asked for stats, got something else")
            }
        }
    }

    /// When the next thing happens.
    pub fn next(&self) -> Option<Instant> {
        let phones = self.phones.iter().filter_map(Phone::poll_timeout);
        let outside = self.outside.iter().map(|(at, _)| *at);
        phones
            .chain(outside)
            .chain(self.network.next_arrival())
            .chain(self.app.next_answer())
            .chain(self.deadline())
            .chain(self.sound.next_tick())
            .min()
    }

    /// When the switch is told that its next deadline has passed.
    pub fn deadline(&self) -> Option<Instant> {
        self.switch.as_ref().and_then(Switch::poll_timeout).map(|at| at + self.lag)
    }

    /// The legs there are.
    pub fn legs(&self) -> Vec<Leg<'_>> {
        self.switch.iter().flat_map(Switch::legs).collect()
    }

    /// Moves on to the next thing that happens, if it does by `until`, and lets it.
    pub fn step(&mut self, until: Instant) -> bool {
        let Some(at) = self.next().filter(|at| *at <= until) else {
            self.clock.move_to(until);
            return false;
        };
        self.clock.move_to(at);
        let now = self.clock.mono();
        let count = if self.at_once.0 == Some(now) { self.at_once.1 + 1 } else { 0 };
        self.at_once = (Some(now), count);
        if count > AT_ONCE_MAX {
            let who = self.due_at(at).join(", ");
            self.broken(&format!("the world spins at {:?}: {who}", self.clock.elapsed()));
        }
        if let Some(datagram) = self.network.receive(now) {
            self.deliver(now, datagram);
        } else if let Some((id, text, result)) = self.app.answer(now) {
            let at = self.clock.elapsed();
            self.ladder.row(at, "app", &What::Answered(text));
            self.input(Input::Fetched { id, result });
        } else if let Some(due) = self.outside.iter().position(|(at, _)| *at <= now) {
            let (_, outside) = self.outside.swap_remove(due);
            self.happened(outside);
        } else if self.sound.next_tick().is_some_and(|at| at <= now) {
            self.sound.tick(now);
            self.drain_sound();
        } else {
            self.timeouts(now);
        }
        true
    }

    /// What wants to happen by then.
    fn due_at(&self, at: Instant) -> Vec<String> {
        let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= at);
        let phones = self.phones.iter().filter(|phone| is_due(phone.poll_timeout()));
        let mut names: Vec<_> = phones.map(|phone| phone.config().name.clone()).collect();
        let others = [
            ("network", self.network.next_arrival()),
            ("application", self.app.next_answer()),
            ("switch", self.deadline()),
            ("sound", self.sound.next_tick()),
        ];
        let others = others.iter().filter(|(_, due)| is_due(*due));
        names.extend(others.map(|(name, _)| (*name).to_owned()));
        names
    }

    fn timeouts(&mut self, now: Instant) {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        for phone in &mut self.phones {
            if is_due(phone.poll_timeout()) {
                phone.handle_timeout(now);
            }
        }
        self.drain_phones();
        if is_due(self.deadline()) {
            self.input(Input::Tick);
        }
    }

    /// Lets time pass.
    pub fn run_for(&mut self, time: Duration) {
        let until = self.clock.mono() + time;
        while self.step(until) {}
    }

    /// Lets time pass until something is so, at most so long; true if it is.
    pub fn run_until(&mut self, longest: Duration, is_so: impl Fn(&mut Self) -> bool) -> bool {
        let until = self.clock.mono() + longest;
        while !is_so(self) {
            if !self.step(until) {
                return is_so(self);
            }
        }
        true
    }

    /// Lets time pass up to the very instant of the switch's next deadline, of which it is not told
    /// yet.
    pub fn run_to_deadline(&mut self, longest: Duration) {
        let until = self.clock.mono() + longest;
        while let Some(due) = self.deadline().filter(|due| *due <= until) {
            if self.next().is_none_or(|next| next >= due) {
                return self.clock.move_to(due);
            }
            self.step(due);
        }
    }

    /// A new configuration: the one there is, with that changed.
    pub fn reload(&mut self, change: impl FnOnce(&mut Config)) {
        if let Some(config) = &mut self.config {
            change(config);
            let config = Box::new(config.clone());
            self.input(Input::Reload(config));
        }
    }

    /// Lets what is under way arrive, and prompt answers of the application too.
    pub fn settle(&mut self) {
        let prompt = Duration::from_millis(100);
        self.run_until(Duration::from_secs(1), |world| {
            let soon = world.clock.mono() + prompt;
            world.network.is_quiet()
                && world.app.next_answer().is_none_or(|at| at > soon)
                && world.outside.is_empty()
                && world.relays.is_empty()
        });
    }

    fn deliver(&mut self, now: Instant, datagram: Datagram) {
        let Datagram { kind, from, to, bytes } = datagram;
        if to.ip() == SERVER.ip() {
            match kind {
                Kind::Sip => self.deliver_to_switch(from, to, bytes),
                Kind::Rtp => {
                    self.sound.packet(now, to.port(), from, &bytes);
                    self.drain_sound();
                }
            }
            return;
        }
        if to == PROXY {
            let passed = proxy::pass(&Datagram { kind, from, to, bytes });
            passed.into_iter().for_each(|datagram| self.network.send(now, datagram));
            return;
        }
        if let Some(phone) = self.phones.iter_mut().find(|p| p.config().sip.ip() == to.ip()) {
            match kind {
                Kind::Sip => phone.handle_message(now, from, &bytes),
                Kind::Rtp => phone.handle_rtp(now, from, &bytes),
            }
            self.drain_phones();
        }
    }

    fn deliver_to_switch(&mut self, from: SocketAddr, to: SocketAddr, bytes: Bytes) {
        let flow = self.flow(from, to, &bytes);
        self.input(Input::Message { flow, bytes });
    }

    /// How a message reaches the switch: by UDP, or the TCP connection opened for its transaction.
    fn flow(&mut self, from: SocketAddr, to: SocketAddr, bytes: &Bytes) -> sip::Flow {
        let flow =
            sip::Flow { transport: sip::Transport::Udp, local: to, remote: from, connection: 0 };
        let reconnects = |phone: &Phone| phone.config().sip == from && phone.habits.reconnects;
        if !self.phones.iter().any(reconnects) {
            return flow;
        }
        let Some(message) = Wire::parse(bytes) else { return flow };
        let next = self.connections.len() as u64 + 1;
        let connection = *self.connections.entry(message.branch().to_owned()).or_insert(next);
        sip::Flow { transport: sip::Transport::Tcp, connection, ..flow }
    }

    /// What the switch has sent to a phone with this method (of a response: that of its CSeq).
    pub fn sent_to<'a>(&'a self, name: &'a str, method: &'a str) -> impl Iterator<Item = &'a Wire> {
        let is_it = move |(to, wire): &&(SocketAddr, Wire)| {
            self.party(*to) == name && wire.cseq().1 == method
        };
        self.sent.iter().filter(is_it).map(|(_, wire)| wire)
    }

    /// Who lives there.
    pub fn party(&self, address: SocketAddr) -> String {
        let octet = match address.ip() {
            IpAddr::V4(ip) => ip.octets()[3],
            IpAddr::V6(_) => 0,
        };
        let person = PEOPLE.iter().find(|person| person.1 == octet).map(|person| person.0);
        let machine = MACHINES.iter().find(|machine| machine.1 == octet).map(|machine| machine.0);
        let name = person.or(machine);
        name.map_or_else(|| address.to_string(), str::to_owned)
    }

    /// Who it is, and on which line, if not the first: `agent-a/2`.
    fn line(&self, party: &str, call_id: &str, calls: bool) -> String {
        let phone = self.who(party).and_then(|who| self.phones.get(who));
        let line = phone
            .and_then(|phone| phone.line_of(call_id).or_else(|| calls.then(|| phone.free_line())));
        match line {
            None | Some(1) => party.to_owned(),
            Some(line) => format!("{party}/{line}"),
        }
    }

    fn drain_phones(&mut self) {
        let now = self.clock.mono();
        for (who, phone) in self.phones.iter_mut().enumerate() {
            while let Some(phone::Transmit { kind, to, bytes }) = phone.poll_transmit() {
                let from = match kind {
                    Kind::Sip => phone.config().sip,
                    Kind::Rtp => phone.config().rtp,
                };
                self.network.send(now, Datagram { kind, from, to, bytes });
            }
            while let Some(event) = phone.poll_event() {
                if let Some(noticed) = &mut self.noticed {
                    noticed.push((who, event));
                }
            }
        }
    }

    fn drain_sound(&mut self) {
        let now = self.clock.mono();
        while let Some(heard) = self.sound.poll() {
            match heard {
                Heard::Packet(port, to, bytes) => {
                    if self.phones.iter().all(|phone| phone.config().rtp.ip() != to.ip()) {
                        self.broken(&format!("I7: sound to {to}, where nobody is"));
                    }
                    let from = SocketAddr::new(SERVER.ip(), port);
                    self.network.send(now, Datagram { kind: Kind::Rtp, from, to, bytes });
                }
                // Who speaks is told where words are said (`taps`).
                Heard::Event(_, media::Event::Voice(_)) => {}
                Heard::Event(media, event) => self.input(Input::Media { media, event }),
                Heard::Room(room, event) => self.input(Input::Room { room, event }),
                Heard::Mark(number) => self.tell_stream(format!("mark {number}")),
            }
        }
    }

    fn add_ports(&mut self, thread: u8) {
        let count = self.ports_left.map_or(32, |left| left.min(32));
        if count == 0 {
            return;
        }
        self.ports_left = self.ports_left.map(|left| left - count);
        let ports = self.sound.bind(thread, count);
        self.input(Input::Ports { thread, ports });
    }

    /// Hands the switch one input and does what it wants done.
    pub fn input(&mut self, input: Input) {
        let now = self.clock.now();
        if let Input::Message { flow, bytes } = &input {
            self.received(now.mono, flow.remote, bytes);
        }
        let Some(switch) = &mut self.switch else { return };
        switch.handle(now, input);
        let mut outputs = Vec::new();
        while let Some(output) = switch.poll_output() {
            outputs.push(output);
        }
        let mut wants_ports = Vec::new();
        for output in outputs {
            if let Output::WantPorts { thread } = output {
                wants_ports.push(thread);
            }
            self.output(now.mono, output);
        }
        self.look(now.mono);
        wants_ports.into_iter().for_each(|thread| self.add_ports(thread));
        self.tell_voices();
        self.drain_sound();
    }

    /// The switch is about to read a message.
    fn received(&mut self, now: Instant, from: SocketAddr, bytes: &Bytes) {
        if self.seen.insert((from, bytes.clone()))
            && let Some(message) = Wire::parse(bytes)
        {
            self.books.received(now, from, &message);
            if self.ladder.is_kept {
                let party = self.line(&self.party(from), message.call_id(), false);
                let text = message.summary();
                self.ladder.row(self.clock.elapsed(), &party, &What::Sent(text));
            }
        }
    }

    /// What must hold after every step.
    fn look(&mut self, now: Instant) {
        let Some(switch) = &self.switch else { return };
        let (adrift, bugs) = switch.faults();
        let legs: Vec<_> = switch.legs().collect();
        if bugs > 0 {
            self.broken("a bug: alert 91399");
        }
        if adrift > 0 {
            self.broken(&format!("I1: {adrift} that nothing will move again, among {legs:?}"));
        }
        let recorders: Vec<_> = switch.recorders().collect();
        let (transfers, rooms) = (switch.transfers().collect(), switch.rooms().collect::<Vec<_>>());
        let looked = self.books.look(now, &legs, &recorders, transfers, &rooms);
        if let Err(broken) = looked.and_then(|()| self.books.look_at_queues(&legs, switch.queues()))
        {
            self.broken(&broken);
        }
    }

    fn output(&mut self, now: Instant, output: Output) {
        let at = self.clock.elapsed();
        match output {
            Output::Transmit(transmit) => self.transmit(now, transmit),
            Output::Resolve { id, host, port, .. } => {
                let (after, targets) = self.resolve(&host, port);
                targets.iter().for_each(|target| self.books.resolved(target.remote.ip()));
                self.outside.push((now + after, Outside::Resolved(id, targets)));
            }
            Output::Fetch(fetch) => {
                if let Err(broken) = self.books.fetched(&fetch) {
                    self.broken(&broken);
                }
                let (books, seen, is_kept) = (&self.books, &self.seen, self.ladder.is_kept);
                let name = |value: &str| {
                    if is_kept { sid_name(books, seen, value) } else { String::new() }
                };
                let text = self.app.ask(now, &fetch, name);
                self.ladder.row(at, "app", &What::Asked(text));
            }
            Output::ForgetFetch(id) => {
                self.app.forget(id);
            }
            Output::Media { media, command } => {
                if let Err(broken) = self.books.ordered(media, &command) {
                    self.broken(&broken);
                }
                if self.app.is_shown("rooms") {
                    self.show_speech(at, media, &command);
                }
                self.order_taps(media, &command);
                self.sound.order(now, media, command);
            }
            Output::Room { thread, room, command } => {
                if let Err(broken) = self.books.ordered_room(thread, room, &command) {
                    self.broken(&broken);
                }
                if self.app.is_shown("rooms") {
                    self.show_room(at, &command);
                }
                self.order_room_taps(room, &command);
                self.sound.order_room(now, thread, room, command);
            }
            Output::WantPorts { .. } => {}
            Output::Source { id, request, .. } => {
                if let SourceRequest::Say { voice, language, ssml } = &request
                    && self.app.is_shown("speech")
                {
                    let of = if language.is_empty() { "its own language" } else { language };
                    self.ladder.text(at, format!("spoken by {voice} in {of}: {ssml}"));
                }
                let outside = if self.sound.prepare(id, &request) {
                    Outside::SourceReady(id)
                } else {
                    Outside::SourceFailed(id)
                };
                self.outside.push((now + Duration::from_millis(20), outside));
            }
            Output::ForgetSource(id) => self.sound.forget(id),
            Output::Tap { tap, purpose, .. } => self.open_tap(tap, purpose),
            Output::ForgetTap(tap) => self.taps.forget(tap),
            Output::Reply { id, answer } => drop(self.orders.1.insert(id, answer)),
            Output::Store(change) => self.stored(at, change),
            Output::Trace(row) => self.trace(at, &row),
            Output::Relay { id, order } => self.order_relay(id, order),
            Output::StreamKey { key, .. } => {
                self.tell_stream(format!("key {}", char::from(key)));
            }
        }
    }

    /// What the engine alone knows.
    fn trace(&mut self, at: Duration, row: &Row) {
        let is_told = match &row.what {
            What::Joined(_) | What::Hears(_) => true,
            What::Decided(text) => !text.starts_with("alert"),
            What::Sent(_) | What::Got(_) | What::Asked(_) | What::Answered(_) => false,
        };
        if row.what == What::Decided("restored".to_owned()) {
            self.books.restored();
        }
        if let What::Decided(text) = &row.what
            && text.starts_with("taken from the queue")
            && let Err(broken) = self.books.taken(row.call)
        {
            self.broken(&broken);
        }
        if is_told && self.ladder.is_kept {
            let call = self.books.call_named(&row.call.to_string());
            let call_id = call.map(|call| call.sip_call_id.clone()).unwrap_or_default();
            let party = self.line(&row.party, &call_id, false);
            self.ladder.row(at, &party, &row.what);
        }
    }

    fn transmit(&mut self, now: Instant, transmit: sip::Transmit) {
        let sip::Transmit { flow, bytes, .. } = transmit;
        let to = flow.remote;
        if self.seen.insert((to, bytes.clone())) {
            let Some(message) = Wire::parse(&bytes) else {
                self.broken(&format!("unreadable: {bytes:?}"));
            };
            if let Err(broken) = self.books.sent(now, to, &message) {
                self.broken(&format!("{broken}: {}", message.summary()));
            }
            let at = self.clock.elapsed();
            if self.ladder.is_kept {
                let calls = message.method() == Some("INVITE");
                let party = self.line(&self.party(to), message.call_id(), calls);
                self.ladder.row(at, &party, &What::Got(message.summary()));
            }
            if self.app.is_shown("headers") && message.method() == Some("INVITE") {
                message.added_lines().into_iter().for_each(|line| self.ladder.text(at, line));
            }
            let shown = message.shown(&self.shown_lines);
            shown.into_iter().for_each(|line| self.ladder.text(at, line));
            if flow.connection != 0 || !self.connections.is_empty() {
                let branch = message.branch().to_owned();
                let opened = *self.connections.entry(branch).or_insert(flow.connection);
                if message.method().is_none() && opened != flow.connection {
                    self.broken("an answer on another connection than its request");
                }
            }
            self.sent.push((to, message));
        }
        if to.ip() == machine("wall") {
            self.outside.push((now + Duration::from_millis(4), Outside::FlowFailed(flow)));
            return;
        }
        self.network.send(now, Datagram { kind: Kind::Sip, from: flow.local, to, bytes });
    }

    /// A rule is broken: the test fails here, with what led to it.
    ///
    /// # Panics
    /// Always.
    pub fn broken(&self, what: &str) -> ! {
        panic!("{what}\n{}", self.ladder.print())
    }

    /// A phone that lost power knows nothing of its calls, and one whose BYE was sent before its 200
    /// came through takes it for over: only an operator ends them.
    fn hang_up_forgotten(&mut self) {
        let is_known = |leg: &Leg<'_>| self.phones.iter().any(|phone| phone.knows(leg.sip_call_id));
        let legs = self.legs();
        let calls_us = |leg: &Leg<'_>| {
            self.books.call(leg.sip_call_id).is_some_and(|row| row.direction == "inbound")
        };
        let forgotten =
            legs.iter().find(|leg| (leg.is_answered || calls_us(leg)) && !is_known(leg));
        if let Some(call) = forgotten.map(|leg| leg.call) {
            self.command(Command::Hangup { call });
        }
    }

    /// Everybody hangs up on a good network; time runs on until quiet; nothing may be left.
    pub fn finish(&mut self) {
        self.network.heal();
        self.lag = Duration::ZERO;
        self.noticed = None;
        self.books.stand_by(Vec::new());
        if let Some(config) = self.config.take() {
            self.input(Input::Reload(Box::new(quiet(config))));
        }
        let now = self.clock.mono();
        for phone in &mut self.phones {
            phone.habits = phone::Habits { rings: false, ..phone::Habits::default() };
            phone.order(now, Order::Speak(false));
        }
        let deadline = now + QUIET_MAX;
        loop {
            let now = self.clock.mono();
            for phone in &mut self.phones {
                while phone.state().is_some_and(|s| s != phone::State::Calling) {
                    phone.order(now, Order::HangUp);
                }
                phone.order(now, Order::HangUp);
            }
            self.drain_phones();
            self.hang_up_forgotten();
            if self.next().is_none() {
                break;
            }
            if now >= deadline {
                // Bindings live on; nothing else does.
                if self.switch.is_some() && is_nothing(self.stats()) && self.network.is_quiet() {
                    break;
                }
                let left = self.switch.is_some().then(|| self.stats());
                let next = self.switch.as_ref().and_then(Switch::poll_timeout).map(|due| due - now);
                self.broken(&format!(
                    "I8: not quiet after {QUIET_MAX:?}, next in {next:?}: {left:?}"
                ));
            }
            self.step(deadline);
        }
        if self.switch.is_none() {
            return;
        }
        let stats = self.stats();
        if !is_nothing(stats) {
            self.broken(&format!("I5: something is left: {stats:?}"));
        }
        if !self.taps.is_empty() {
            self.broken(&format!("I5: a tap is left open: {:?}", self.taps));
        }
        if let Err(broken) = self.books.close() {
            self.broken(&broken);
        }
    }
}

/// Nothing but bindings.
fn is_nothing(stats: Stats) -> bool {
    Stats { bindings: 0, ..stats } == Stats::default()
}
