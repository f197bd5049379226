//! The lines of a recording: JSON, one object each.
//!
//! ```text
//!   {"recording":{"format":1,"version":"0.1.0","began_ms":…,"calls":["CA…"],"config":"[sip]\n…"}}
//!   {"step":{"at":"0.000000000","seed":"9f…","serial":12,"lease":3,"input":{"message":{…}},"rows":[…]}}
//!   {"end":{"steps":17}}
//! ```
//! Times count from the first step. Text that is not UTF-8 is written in base64.
//! Not here: the file as a whole (`file`), what must not be written (`scrub`).

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use legwork_call::io::relay::RelayId;
use legwork_call::io::{CommandId, FetchError, FetchId, Now, ResolveId, Tapped, Target};
use legwork_call::moment::{self, Found, Moment, Phone};
use legwork_media as media;
use legwork_media::{Event, RoomEvent};
use legwork_sip as sip;
use legwork_twiml::Method;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::record::step::{What, Written};

pub mod conference;
pub mod order;
mod relay;

pub(super) use conference::ChangeLine;
pub use order::Order;
pub(super) use order::{CallLine, HookLine, NO_PASSWORD, StartLine};
pub use relay::RelayLine;

/// What this version writes, and the only one it reads.
pub const FORMAT: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// The first.
    Recording(Head),
    /// One input.
    Step(Box<StepLine>),
    /// The last.
    End(End),
}

/// What holds for all of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`FORMAT`].
    pub format: u32,
    /// Of Legwork.
    pub version: String,
    /// Wall clock of the first step, milliseconds since 1970.
    pub began_ms: u64,
    /// Its legs, in the order they began.
    pub calls: Vec<String>,
    /// Names and numbers are made up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
    /// What is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<String>,
    /// What it needs of the configuration, as a configuration file, without secrets.
    pub config: String,
}

/// That nothing was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How many there are.
    pub steps: usize,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepLine {
    /// Since the first.
    pub at: Time,
    /// What it met: dice.
    pub seed: Seed,
    /// What it met: counters.
    pub serial: u64,
    /// The same.
    pub lease: u32,
    /// What was looked up.
    #[serde(default, skip_serializing_if = "FoundLine::is_nothing")]
    pub found: FoundLine,
    /// What it was.
    pub input: InputLine,
    /// The rows of the ladder it led to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
}

/// Since the first step: seconds and nine digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Duration);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}.{:09}", self.0.as_secs(), self.0.subsec_nanos()))
    }
}

/// No recording is longer than that: the sum of any two times is one.
const LONGEST_S: u64 = 366 * 86_400;

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("a time is written 12.000000345");
        let (seconds, nanos) = text.split_once('.').ok_or_else(wrong)?;
        if nanos.len() != 9 {
            return Err(wrong());
        }
        let seconds: u64 = seconds.parse().map_err(|_| wrong())?;
        let nanos: u32 = nanos.parse().map_err(|_| wrong())?;
        if seconds > LONGEST_S {
            return Err(D::Error::custom("a time is longer than a year"));
        }
        Ok(Self(Duration::new(seconds, nanos)))
    }
}

/// Sixteen hex digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Serialize for Seed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read = u64::from_str_radix(&text, 16).map(Self);
        read.map_err(|_| D::Error::custom("a seed has 16 hex digits"))
    }
}

/// `legwork_call::moment::Found`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundLine {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ports: Vec<MediaLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sender: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) phones: Vec<PhoneLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    out: Vec<FlowLine>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    too_many_refers: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    down: Vec<(String, usize)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    registrars: Vec<(String, IpAddr)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queues: Vec<QueueLine>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    conferences_full: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    queues_full: bool,
}

impl FoundLine {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PhoneLine {
    pub(super) aor: String,
    pub(super) contact: String,
    flow: FlowLine,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) path: Vec<String>,
}

/// A queue that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct QueueLine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    max_size: u32,
    size: usize,
    position: usize,
    average_s: u64,
}

impl QueueLine {
    fn of(queue: &moment::Queue) -> Self {
        let moment::Queue { sid, max_size, size, position, average_s } = *queue;
        Self { sid: sid.map(|sid| sid.to_string()), max_size, size, position, average_s }
    }

    /// One whose SID is none was not there.
    fn read(&self) -> moment::Queue {
        let Self { max_size, size, position, average_s, .. } = *self;
        let sid = self.sid.as_ref().and_then(|text| text.parse().ok());
        moment::Queue { sid, max_size, size, position, average_s }
    }
}

/// A pair of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaLine {
    thread: u8,
    port: u16,
    lease: u32,
}

impl MediaLine {
    fn of(media: media::MediaId) -> Self {
        Self { thread: media.thread, port: media.port, lease: media.lease }
    }

    fn read(self) -> media::MediaId {
        media::MediaId { thread: self.thread, port: self.port, lease: self.lease }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TransportLine {
    Udp,
    Tcp,
}

impl TransportLine {
    fn of(transport: sip::Transport) -> Self {
        match transport {
            sip::Transport::Udp => Self::Udp,
            sip::Transport::Tcp => Self::Tcp,
        }
    }

    fn read(self) -> sip::Transport {
        match self {
            Self::Udp => sip::Transport::Udp,
            Self::Tcp => sip::Transport::Tcp,
        }
    }
}

/// Where a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLine {
    transport: TransportLine,
    remote: SocketAddr,
    local: SocketAddr,
    #[serde(default, skip_serializing_if = "is_zero")]
    connection: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl FlowLine {
    fn of(flow: sip::Flow) -> Self {
        Self {
            transport: TransportLine::of(flow.transport),
            remote: flow.remote,
            local: flow.local,
            connection: flow.connection,
        }
    }

    fn read(self) -> sip::Flow {
        sip::Flow {
            transport: self.transport.read(),
            local: self.local,
            remote: self.remote,
            connection: self.connection,
        }
    }
}

/// Where a request can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLine {
    transport: TransportLine,
    remote: SocketAddr,
    local_ip: IpAddr,
}

impl TargetLine {
    fn read_all(id: u64, all: &[Self]) -> What {
        What::Resolved { id: ResolveId(id), targets: all.iter().map(Self::read).collect() }
    }

    fn read(&self) -> Target {
        let transport = self.transport.read();
        Target { transport, remote: self.remote, local_ip: self.local_ip }
    }
}

/// Text, or what is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// As it is.
    Text(String),
    /// As base64 writes it.
    Base64(Base64),
}

/// Bytes in base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base64(pub Bytes);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = BASE64.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        Ok(Self(bytes.into()))
    }
}

impl Content {
    /// Of bytes.
    pub fn of(bytes: &Bytes) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(Base64(bytes.clone())),
        }
    }

    fn read(&self) -> Bytes {
        match self {
            Self::Text(text) => Bytes::copy_from_slice(text.as_bytes()),
            Self::Base64(Base64(bytes)) => bytes.clone(),
        }
    }
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "as in `legwork_call::io` and `record::step`")]
pub enum InputLine {
    Message { flow: FlowLine, content: Content },
    FlowFailed(FlowLine),
    Resolved { id: u64, targets: Vec<TargetLine> },
    Document(DocumentLine),
    NoDocument(NoDocumentLine),
    SourceReady(u64),
    SourceFailed { id: u64, code: u32, text: String },
    SourceFlawed { id: u64, code: u32, text: String },
    Digit { media: MediaLine, digit: u8 },
    DigitsSent(MediaLine),
    Played { media: MediaLine, source: u64 },
    Closed(MediaLine),
    Voice { media: MediaLine, speaks: bool },
    Answerer { media: MediaLine, answerer: AnswererLine },
    Recorded { tap: u64, duration: Time },
    Partial { tap: u64, stable: String, unstable: String },
    Segment { tap: u64, text: String, confidence: u16, age: Time },
    Missed { tap: u64, code: u32, text: String },
    Understood { tap: u64, text: String, confidence: u16 },
    TapFailed { tap: u64, code: u32, text: String },
    TapFlawed { tap: u64, code: u32, text: String },
    StreamConnected(u64),
    StreamDisconnected(u64),
    Relay { id: u64, event: RelayLine },
    Order { id: u64, order: Box<Order> },
    Tick { due: Time },
    Reload { config: String },
    RoomPlayed { room: u64, source: u64 },
    RoomSpeaks { room: u64, media: MediaLine, speaks: bool },
}

/// `AnsweredBy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in `legwork_media::tap`")]
pub enum AnswererLine {
    Human,
    MachineStart,
    MachineEndBeep,
    MachineEndSilence,
    MachineEndOther,
    Fax,
    Unknown,
}

impl AnswererLine {
    fn of(answerer: media::Answerer) -> Self {
        match answerer {
            media::Answerer::Human => Self::Human,
            media::Answerer::MachineStart => Self::MachineStart,
            media::Answerer::MachineEndBeep => Self::MachineEndBeep,
            media::Answerer::MachineEndSilence => Self::MachineEndSilence,
            media::Answerer::MachineEndOther => Self::MachineEndOther,
            media::Answerer::Fax => Self::Fax,
            media::Answerer::Unknown => Self::Unknown,
        }
    }

    fn read(self) -> media::Answerer {
        match self {
            Self::Human => media::Answerer::Human,
            Self::MachineStart => media::Answerer::MachineStart,
            Self::MachineEndBeep => media::Answerer::MachineEndBeep,
            Self::MachineEndSilence => media::Answerer::MachineEndSilence,
            Self::MachineEndOther => media::Answerer::MachineEndOther,
            Self::Fax => media::Answerer::Fax,
            Self::Unknown => media::Answerer::Unknown,
        }
    }
}

/// What an application answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    id: u64,
    pub(super) url: String,
    status: u16,
    took: Time,
    content_type: Option<String>,
    pub(super) content: Content,
}

/// What it did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoDocumentLine {
    id: u64,
    code: u32,
    pub(super) text: String,
    account: String,
    call: String,
    method: MethodLine,
    pub(super) url: String,
    status: Option<u16>,
    took: Time,
}

/// `GET` or `POST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MethodLine {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

impl MethodLine {
    fn of(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Post => Self::Post,
        }
    }

    fn read(self) -> Method {
        match self {
            Self::Get => Method::Get,
            Self::Post => Method::Post,
        }
    }
}

/// Where the times of a recording begin.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub Now);

impl Clock {
    /// How long since then.
    pub fn time(&self, at: Instant) -> Time {
        Time(at.saturating_duration_since(self.0.mono))
    }

    /// When that was.
    pub fn now(&self, time: Time) -> Now {
        Now { mono: self.0.mono + time.0, wall: self.0.wall + time.0 }
    }
}

impl FoundLine {
    /// To be written.
    pub fn of(found: &Found) -> Self {
        let phone = |phone: &Phone| PhoneLine {
            aor: phone.aor.clone(),
            contact: phone.contact.clone(),
            flow: FlowLine::of(phone.flow),
            path: phone.path.clone(),
        };
        Self {
            ports: found.ports.iter().copied().map(MediaLine::of).collect(),
            sender: found.sender.clone(),
            phones: found.phones.iter().map(phone).collect(),
            out: found.out.iter().copied().map(FlowLine::of).collect(),
            too_many_refers: found.too_many_refers,
            down: found.down.clone(),
            registrars: found.registrars.clone(),
            queues: found.queues.iter().map(QueueLine::of).collect(),
            conferences_full: found.conferences_full,
            queues_full: found.queues_full,
        }
    }

    fn read(&self) -> Found {
        let phone = |phone: &PhoneLine| Phone {
            aor: phone.aor.clone(),
            contact: phone.contact.clone(),
            flow: phone.flow.read(),
            path: phone.path.clone(),
        };
        Found {
            ports: self.ports.iter().map(|media| media.read()).collect(),
            sender: self.sender.clone(),
            phones: self.phones.iter().map(phone).collect(),
            out: self.out.iter().map(|flow| flow.read()).collect(),
            too_many_refers: self.too_many_refers,
            down: self.down.clone(),
            registrars: self.registrars.clone(),
            queues: self.queues.iter().map(QueueLine::read).collect(),
            conferences_full: self.conferences_full,
            queues_full: self.queues_full,
        }
    }
}

impl StepLine {
    /// What it met.
    pub fn moment(&self) -> Moment {
        let (seed, serial, lease) = (self.seed.0, self.serial, self.lease);
        Moment { seed, serial, lease, found: self.found.read() }
    }
}

impl InputLine {
    /// To be written. `config` writes a configuration.
    pub fn of(
        what: &What,
        clock: &Clock,
        config: impl Fn(&legwork_call::Config) -> String,
    ) -> Self {
        match what {
            What::Message { flow, bytes } => {
                Self::Message { flow: FlowLine::of(*flow), content: Content::of(bytes) }
            }
            What::FlowFailed(flow) => Self::FlowFailed(FlowLine::of(*flow)),
            What::Resolved { id, targets } => {
                let target = |target: &Target| TargetLine {
                    transport: TransportLine::of(target.transport),
                    remote: target.remote,
                    local_ip: target.local_ip,
                };
                Self::Resolved { id: id.0, targets: targets.iter().map(target).collect() }
            }
            What::Fetched { id, result: Ok(written) } => Self::Document(DocumentLine {
                id: id.0,
                url: written.url.clone(),
                status: written.status,
                took: Time(written.took),
                content_type: written.content_type.clone(),
                content: Content::of(&written.body),
            }),
            What::Fetched { id, result: Err(error) } => Self::NoDocument(NoDocumentLine {
                id: id.0,
                code: error.code,
                text: error.text.clone(),
                account: error.account.to_string(),
                call: error.call.to_string(),
                method: MethodLine::of(error.method),
                url: error.url.clone(),
                status: error.status,
                took: Time(error.took),
            }),
            What::SourceReady(id) => Self::SourceReady(id.0),
            What::SourceFailed { id, code, text } => {
                Self::SourceFailed { id: id.0, code: *code, text: text.clone() }
            }
            What::SourceFlawed { id, code, text } => {
                Self::SourceFlawed { id: id.0, code: *code, text: text.clone() }
            }
            What::Tapped { tap, tapped } => Self::of_tapped(tap.0, tapped),
            What::Relayed { id, event } => Self::Relay { id: id.0, event: RelayLine::of(event) },
            What::Media { media, event } => Self::of_media(MediaLine::of(*media), *event),
            What::Command { id, command } => {
                Self::Order { id: id.0, order: Box::new(Order::of(command)) }
            }
            What::Tick(due) => Self::Tick { due: clock.time(*due) },
            What::Reload(next) => Self::Reload { config: config(next) },
            What::Room { room, event } => match event {
                RoomEvent::Played(source) => Self::RoomPlayed { room: room.0, source: source.0 },
                RoomEvent::Speaks(media, speaks) => {
                    let media = MediaLine::of(*media);
                    Self::RoomSpeaks { room: room.0, media, speaks: *speaks }
                }
            },
        }
    }

    fn of_media(media: MediaLine, event: Event) -> Self {
        match event {
            Event::Digit(digit) => Self::Digit { media, digit },
            Event::DigitsSent => Self::DigitsSent(media),
            Event::Played(source) => Self::Played { media, source: source.0 },
            Event::Voice(speaks) => Self::Voice { media, speaks },
            Event::Answerer(answerer) => {
                Self::Answerer { media, answerer: AnswererLine::of(answerer) }
            }
            Event::Closed => Self::Closed(media),
        }
    }

    fn of_tapped(tap: u64, tapped: &Tapped) -> Self {
        match tapped {
            Tapped::Recorded { duration } => Self::Recorded { tap, duration: Time(*duration) },
            Tapped::Partial { stable, unstable } => {
                Self::Partial { tap, stable: stable.clone(), unstable: unstable.clone() }
            }
            Tapped::Segment { text, confidence, age } => {
                Self::Segment { tap, text: text.clone(), confidence: *confidence, age: Time(*age) }
            }
            Tapped::Missed { code, text } => Self::Missed { tap, code: *code, text: text.clone() },
            Tapped::Understood { text, confidence } => {
                Self::Understood { tap, text: text.clone(), confidence: *confidence }
            }
            Tapped::Failed { code, text } => {
                Self::TapFailed { tap, code: *code, text: text.clone() }
            }
            Tapped::Flawed { code, text } => {
                Self::TapFlawed { tap, code: *code, text: text.clone() }
            }
            Tapped::Connected => Self::StreamConnected(tap),
            Tapped::Disconnected => Self::StreamDisconnected(tap),
        }
    }

    /// What the switch is told again; a configuration is read by `config`.
    ///
    /// # Errors
    /// What it is not.
    pub fn read(
        &self,
        clock: &Clock,
        config: impl Fn(&str) -> Result<legwork_call::Config, String>,
    ) -> Result<What, String> {
        let media = |media: &MediaLine, event| What::Media { media: media.read(), event };
        let tapped = |tap, tapped| What::Tapped { tap: media::TapId(tap), tapped };
        let room = |room: &u64, event| What::Room { room: media::RoomId(*room), event };
        let source = |id: &u64| media::SourceId(*id);
        Ok(match self {
            Self::Message { flow, content } => {
                What::Message { flow: flow.read(), bytes: content.read() }
            }
            Self::FlowFailed(flow) => What::FlowFailed(flow.read()),
            Self::Resolved { id, targets } => TargetLine::read_all(*id, targets),
            Self::Document(document) => document.read(),
            Self::NoDocument(none) => {
                What::Fetched { id: FetchId(none.id), result: Err(none.read()?) }
            }
            Self::SourceReady(id) => What::SourceReady(source(id)),
            Self::SourceFailed { id, code, text } => {
                What::SourceFailed { id: source(id), code: *code, text: text.clone() }
            }
            Self::SourceFlawed { id, code, text } => {
                What::SourceFlawed { id: source(id), code: *code, text: text.clone() }
            }
            Self::Digit { media: of, digit } => media(of, Event::Digit(*digit)),
            Self::DigitsSent(of) => media(of, Event::DigitsSent),
            Self::Played { media: of, source: id } => media(of, Event::Played(source(id))),
            Self::Closed(of) => media(of, Event::Closed),
            Self::Voice { media: of, speaks } => media(of, Event::Voice(*speaks)),
            Self::Answerer { media: of, answerer } => media(of, Event::Answerer(answerer.read())),
            Self::Recorded { tap, duration } => {
                tapped(*tap, Tapped::Recorded { duration: duration.0 })
            }
            Self::Partial { tap, stable, unstable } => {
                tapped(*tap, Tapped::Partial { stable: stable.clone(), unstable: unstable.clone() })
            }
            Self::Segment { tap, text, confidence, age } => {
                let (text, confidence, age) = (text.clone(), *confidence, age.0);
                tapped(*tap, Tapped::Segment { text, confidence, age })
            }
            Self::Missed { tap, code, text } => {
                tapped(*tap, Tapped::Missed { code: *code, text: text.clone() })
            }
            Self::Understood { tap, text, confidence } => {
                tapped(*tap, Tapped::Understood { text: text.clone(), confidence: *confidence })
            }
            Self::TapFailed { tap, code, text } => {
                tapped(*tap, Tapped::Failed { code: *code, text: text.clone() })
            }
            Self::TapFlawed { tap, code, text } => {
                tapped(*tap, Tapped::Flawed { code: *code, text: text.clone() })
            }
            Self::StreamConnected(tap) => tapped(*tap, Tapped::Connected),
            Self::StreamDisconnected(tap) => tapped(*tap, Tapped::Disconnected),
            Self::Relay { id, event } => What::Relayed { id: RelayId(*id), event: event.read() },
            Self::Order { id, order } => {
                What::Command { id: CommandId(*id), command: Box::new(order.read()?) }
            }
            Self::Tick { due } => What::Tick(clock.now(*due).mono),
            Self::Reload { config: next } => What::Reload(config(next)?.into()),
            Self::RoomPlayed { room: of, source: id } => room(of, RoomEvent::Played(source(id))),
            Self::RoomSpeaks { room: of, media, speaks } => {
                room(of, RoomEvent::Speaks(media.read(), *speaks))
            }
        })
    }
}

impl DocumentLine {
    fn read(&self) -> What {
        What::Fetched {
            id: FetchId(self.id),
            result: Ok(Written {
                url: self.url.clone(),
                status: self.status,
                took: self.took.0,
                content_type: self.content_type.clone(),
                body: self.content.read(),
            }),
        }
    }
}

impl NoDocumentLine {
    fn read(&self) -> Result<FetchError, String> {
        Ok(FetchError {
            code: self.code,
            text: self.text.clone(),
            account: sid(&self.account)?,
            call: sid(&self.call)?,
            method: self.method.read(),
            url: self.url.clone(),
            status: self.status,
            took: self.took.0,
        })
    }
}

fn sid<T: std::str::FromStr<Err = legwork_call::sid::NotASid>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("`{}` is {error}", text.escape_debug()))
}
