//! Everything that crosses the line between the switch and its shell.
//!
//! Not here: what is done with it (`switch`).

pub mod relay;

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use legwork_media as media;
use legwork_sip as sip;
use legwork_twiml as twiml;

use crate::alert::Alert;
use crate::command::{Answer, Command};
use crate::config::{Config, Hook};
use crate::ladder::Row;
use crate::sid::{
    AccountSid, CallSid, ConferenceSid, QueueSid, RecordingSid, StreamSid, TranscriptionSid,
};

/// Both clocks: one for deadlines, one for dates.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For timers; never goes back.
    pub mono: Instant,
    /// For `Date`, timestamps and alerts.
    pub wall: SystemTime,
}

/// Names a question to DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResolveId(pub u64);

/// Names one request to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FetchId(pub u64);

/// Names one command; chosen by the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(pub u64);

/// What happened outside.
#[derive(Debug)]
pub enum Input {
    /// One whole SIP message.
    Message {
        /// Where it came from.
        flow: sip::Flow,
        /// The message.
        bytes: Bytes,
    },
    /// What was sent on this flow can not get there.
    FlowFailed(sip::Flow),
    /// The answer to `Output::Resolve`. Empty: no such host.
    Resolved {
        /// The question.
        id: ResolveId,
        /// Where to send, in order of preference.
        targets: Vec<Target>,
    },
    /// The answer to `Output::Fetch`.
    Fetched {
        /// The request.
        id: FetchId,
        /// What came back. For callbacks only failures are told.
        result: Result<Document, FetchError>,
    },
    /// The source can be played.
    SourceReady {
        /// The source.
        id: media::SourceId,
    },
    /// The source can not be played.
    SourceFailed {
        /// The source.
        id: media::SourceId,
        /// Code for the alert, Twilio's where there is one.
        code: u32,
        /// What went wrong.
        text: String,
    },
    /// The source is not what was asked for, or ends too early: an alert, and what there is is heard.
    SourceFlawed {
        /// The source.
        id: media::SourceId,
        /// Code for the alert, Twilio's where there is one.
        code: u32,
        /// What went wrong.
        text: String,
    },
    /// What came of a tap.
    Tapped {
        /// Which.
        tap: media::TapId,
        /// What.
        tapped: Tapped,
    },
    /// A media thread tells something of a leg.
    Media {
        /// The leg's media.
        media: media::MediaId,
        /// What.
        event: media::Event,
    },
    /// The shell tells something of a session with an application's agent.
    Relayed {
        /// Which.
        id: relay::RelayId,
        /// What.
        event: relay::RelayEvent,
    },
    /// A media thread tells something of a room.
    Room {
        /// Which.
        room: media::RoomId,
        /// What.
        event: media::RoomEvent,
    },
    /// More ports are bound and free.
    Ports {
        /// Whose.
        thread: u8,
        /// The even ports.
        ports: Vec<u16>,
    },
    /// REST, console or command line want something.
    Command {
        /// For the `Reply`.
        id: CommandId,
        /// What.
        command: Command,
    },
    /// A new configuration, already checked.
    Reload(Box<Config>),
    /// No new calls from now on (503 with Retry-After).
    Drain,
    /// The deadline of `poll_timeout` passed.
    Tick,
}

/// Where a SIP request can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// How.
    pub transport: sip::Transport,
    /// Where to.
    pub remote: SocketAddr,
    /// Our own address towards it.
    pub local_ip: IpAddr,
}

/// What the application answered, parsed.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it came from after redirects, without fragment: what relative URLs are resolved against.
    /// Credentials it was asked with are in it, for they hold for those, too.
    pub url: String,
    /// The program. `audio/*` is a `Play` of `url`, plain text that is not TwiML is a `Say`.
    pub program: twiml::Program,
    /// What is wrong with it; an error-level problem makes it unusable.
    pub problems: Vec<twiml::Problem>,
    /// HTTP status of the last answer: 200–299.
    pub status: u16,
    /// From the first byte sent to the last received, retries and redirects included.
    pub took: Duration,
}

/// Why there is no document.
#[derive(Clone, Debug)]
pub struct FetchError {
    /// Twilio's code: 11200, 11205, 11750, 12300, …; of callbacks also 15002 (not sent in time) and
    /// 15003 (refused).
    pub code: u32,
    /// What went wrong and what to do.
    pub text: String,
    /// Whose application was asked.
    pub account: AccountSid,
    /// The call it was about.
    pub call: CallSid,
    /// How it was asked first.
    pub method: twiml::Method,
    /// The URL that failed, without credentials.
    pub url: String,
    /// HTTP status, if one came.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Duration,
}

/// A request to an application: signed, sent, retried, redirected and parsed by the shell.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// For the `Fetched`.
    pub id: FetchId,
    /// Whose token signs it.
    pub account: AccountSid,
    /// The call it is about.
    pub call: CallSid,
    /// Where to; absolute.
    pub hook: Hook,
    /// Parameters in order, not encoded.
    pub parameters: Vec<(Cow<'static, str>, String)>,
    /// What is expected back.
    pub expects: Expects,
}

/// What an application is expected to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    /// TwiML, or what can be used like it (webhook).
    Document,
    /// Any 2xx (callback).
    Nothing,
}

/// Audio to prepare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceRequest {
    /// Speech.
    Say {
        /// `voice` of `<Say>`.
        voice: String,
        /// `language` of `<Say>`.
        language: String,
        /// SSML fragment.
        ssml: String,
    },
    /// A file over HTTP, absolute URL.
    Play {
        /// Where it is.
        url: String,
    },
}

/// What is done with what a tap gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is written down: `Tapped::Recorded` or `Tapped::Failed` follows, once.
    Record(Box<Recording>),
    /// It is understood: `Tapped::Partial`s if wanted, utterance after utterance `Tapped::Segment` or
    /// `Tapped::Missed` if that is wanted, then `Tapped::Understood` or `Tapped::Failed`.
    Recognise(Box<Recognition>),
    /// An application hears it: `Tapped::Connected`, `Tapped::Flawed`s, then `Tapped::Disconnected`; or
    /// `Tapped::Failed` at any time.
    Stream(Box<Streaming>),
}

/// A stream to an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streaming {
    /// Its SID.
    pub sid: StreamSid,
    /// `url` as written: `wss://…` or `ws://…`.
    pub url: String,
    /// Which of the leg's ways it hears: of both, samples of the tap come in turn.
    pub tracks: twiml::Tracks,
    /// `<Parameter>`s, in order.
    pub parameters: Vec<(String, String)>,
    /// Who hears what the application says (`media::Command::Live` of this tap); none: nobody.
    pub speaks: Option<media::MediaId>,
}

/// A recording to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its SID.
    pub sid: RecordingSid,
    /// 1 or 2.
    pub channels: u16,
    /// Silence at both ends is cut off.
    pub trim: bool,
    /// When it began.
    pub started: SystemTime,
}

/// How speech is to be understood: attributes of `<Gather>`, `<Transcription>` or `<ConversationRelay>` as
/// written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognition {
    /// BCP 47.
    pub language: String,
    /// Phrases, comma-separated.
    pub hints: String,
    /// `speechModel`.
    pub speech_model: String,
    /// Who is to understand it, as the document says; `pocketsphinx`: nobody elsewhere.
    pub provider: String,
    /// Names and values for who understands it.
    pub settings: Vec<(String, String)>,
    /// `profanityFilter`.
    pub profanity_filter: bool,
    /// `Tapped::Partial` is wanted.
    pub partial: bool,
    /// Utterance after utterance, each ended by so much silence; none: all that is said is one.
    pub utterances: Option<Duration>,
}

/// What came of a tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tapped {
    /// The recording is complete and can be fetched.
    Recorded {
        /// Behind trimming. Zero: nothing was left, and nothing is kept.
        duration: Duration,
    },
    /// Understood so far.
    Partial {
        /// What will not change any more.
        stable: String,
        /// What may.
        unstable: String,
    },
    /// An utterance, never empty; others may follow.
    Segment {
        /// In words.
        text: String,
        /// In thousandths: 0 to 1,000.
        confidence: u16,
        /// So long ago it began.
        age: Duration,
    },
    /// An utterance that could not be understood; others may follow.
    Missed {
        /// Code for the alert, Twilio's where there is one.
        code: u32,
        /// What went wrong and what to do.
        text: String,
    },
    /// What was said, or the last of it, once. Empty: nothing that could be understood.
    Understood {
        /// In words.
        text: String,
        /// In thousandths: 0 to 1,000.
        confidence: u16,
    },
    /// It came to nothing: what had been recorded is kept.
    Failed {
        /// Code for the alert, Twilio's where there is one.
        code: u32,
        /// What went wrong and what to do.
        text: String,
    },
    /// The application is there.
    Connected,
    /// The application has left.
    Disconnected,
    /// Something is wrong with what the application says: an alert, and it goes on.
    Flawed {
        /// Code for the alert, Twilio's where there is one.
        code: u32,
        /// What went wrong and what to do.
        text: String,
    },
}

/// A recording as `/_/recordings` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingRow {
    /// Its SID.
    pub sid: RecordingSid,
    /// Whose.
    pub account: AccountSid,
    /// The call it is of, or whose document wanted it.
    pub call: CallSid,
    /// The conference it is of.
    pub conference: Option<ConferenceSid>,
    /// `in-progress`, `paused`, `processing`, `completed`, `absent`, `failed`.
    pub status: &'static str,
    /// `DialVerb`, `RecordVerb`, `StartCallRecordingTwiML`, `Conference`, …
    pub source: &'static str,
    /// `inbound`, `outbound`, `both`.
    pub track: &'static str,
    /// 1 or 2.
    pub channels: u16,
    /// When it began.
    pub started: SystemTime,
    /// Once it is completed.
    pub duration: Option<Duration>,
}

/// What the switch wants done, in order.
#[derive(Debug)]
pub enum Output {
    /// Send a SIP message.
    Transmit(sip::Transmit),
    /// Ask where a SIP URI leads.
    Resolve {
        /// For the `Resolved`.
        id: ResolveId,
        /// Host of the URI: a name or an IP literal without brackets.
        host: String,
        /// Its port, if it names one.
        port: Option<u16>,
        /// Its `transport`, if it names one.
        transport: Option<sip::Transport>,
        /// Decides between targets of equal priority.
        random: u64,
    },
    /// Ask or tell an application.
    Fetch(Box<Fetch>),
    /// Nobody waits for that answer any more.
    ForgetFetch(FetchId),
    /// An order to a media thread.
    Media {
        /// The leg's media.
        media: media::MediaId,
        /// The order.
        command: media::Command,
    },
    /// An order to a room.
    Room {
        /// Of that media thread; the legs that are in it live there, too.
        thread: u8,
        /// Which.
        room: media::RoomId,
        /// The order.
        command: media::RoomCommand,
    },
    /// Few ports are left: bind more, if the range has more.
    WantPorts {
        /// Of which thread.
        thread: u8,
    },
    /// Prepare audio.
    Source {
        /// For `SourceReady`.
        id: media::SourceId,
        /// For limits and the SSRF guard.
        account: AccountSid,
        /// What.
        request: SourceRequest,
    },
    /// The audio is not needed any more.
    ForgetSource(media::SourceId),
    /// Somebody shall take what a tap will give: comes before the order to the media thread, which
    /// also tells its end.
    Tap {
        /// For `Tapped`.
        tap: media::TapId,
        /// For limits, credentials and where it is kept.
        account: AccountSid,
        /// The call it is of.
        call: CallSid,
        /// What is done with it.
        purpose: Purpose,
    },
    /// Nobody wants to hear of that tap any more; a recording is kept nevertheless.
    ForgetTap(media::TapId),
    /// An order about a session with an application's agent.
    Relay {
        /// Which.
        id: relay::RelayId,
        /// The order.
        order: relay::RelayOrder,
    },
    /// The answer to a command.
    Reply {
        /// Which.
        id: CommandId,
        /// The answer.
        answer: Answer,
    },
    /// A row of the read model changed. Comes before a `Reply` that depends on it.
    Store(Change),
    /// A row of a call's ladder.
    Trace(Box<Row>),
    /// The far end of a stream's leg pressed a key: `0-9*#A-D`.
    StreamKey {
        /// The stream's.
        tap: media::TapId,
        /// Which.
        key: u8,
    },
}

/// A change of the read model.
#[derive(Clone, Debug)]
pub enum Change {
    /// A call began or changed.
    Call(Box<CallRow>),
    /// Something went wrong for an application's owner.
    Alert(Box<Alert>),
    /// A recording began or changed.
    Recording(Box<RecordingRow>),
    /// What was said in a recording is to be told, or known.
    Transcription(Box<TranscriptionRow>),
    /// A trunk is kept, or what is known of it changed.
    Trunk(Box<TrunkRow>),
    /// A trunk is not kept any more.
    TrunkGone {
        /// Whose.
        account: AccountSid,
        /// Its name.
        name: String,
    },
    /// A queue was made.
    Queue(Box<QueueRow>),
    /// A queue is not known any more: it had been empty for long, and there were too many.
    QueueGone {
        /// Whose.
        account: AccountSid,
        /// Which.
        queue: QueueSid,
    },
    /// A call waits in a queue; one at the same place is not there any more.
    QueueMember(QueueMemberRow),
    /// Nobody waits at that place of a queue any more.
    QueueLeft {
        /// Which.
        queue: QueueSid,
        /// As in the row.
        place: u64,
    },
    /// A conference began, started or ended.
    Conference(Box<ConferenceRow>),
    /// Somebody came into a conference, was changed there, or has left.
    Participant(Box<ParticipantRow>),
}

/// A queue as `/_/queues` shows it, without its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// Its SID.
    pub sid: QueueSid,
    /// Whose.
    pub account: AccountSid,
    /// Its name: 1 to 64 characters.
    pub name: String,
    /// How many may wait: 1 to 5,000.
    pub max_size: u32,
    /// When it was made.
    pub created: SystemTime,
}

/// A call that waits in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueMemberRow {
    /// Where.
    pub queue: QueueSid,
    /// Whose.
    pub account: AccountSid,
    /// The call.
    pub call: CallSid,
    /// Lower ones are served first.
    pub place: u64,
    /// Since when it waits.
    pub since: SystemTime,
}

/// A conference as `/_/conferences` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConferenceRow {
    /// Its SID.
    pub sid: ConferenceSid,
    /// Whose.
    pub account: AccountSid,
    /// Its name.
    pub name: String,
    /// `init`, `in-progress`, `completed`.
    pub status: &'static str,
    /// When the first entered.
    pub created: SystemTime,
    /// When that was.
    pub updated: SystemTime,
}

/// Who is, or was, in a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParticipantRow {
    /// Which conference.
    pub conference: ConferenceSid,
    /// Whose.
    pub account: AccountSid,
    /// Which call.
    pub call: CallSid,
    /// `participantLabel`.
    pub label: Option<String>,
    /// It is not heard.
    pub muted: bool,
    /// It is not heard, and hears music.
    pub hold: bool,
    /// Who alone hears it.
    pub call_sid_to_coach: Option<CallSid>,
    /// Its coming started the conference, or would have.
    pub start_on_enter: bool,
    /// Its going ends it.
    pub end_on_exit: bool,
    /// When it came.
    pub joined: SystemTime,
    /// When that was.
    pub updated: SystemTime,
    /// When it left.
    pub left: Option<SystemTime>,
}

/// What was said in a recording, as `/_/transcriptions` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptionRow {
    /// Its SID.
    pub sid: TranscriptionSid,
    /// Whose.
    pub account: AccountSid,
    /// What was transcribed.
    pub recording: RecordingSid,
    /// `in-progress`, `completed`, `failed`.
    pub status: &'static str,
    /// In words; empty until it is completed.
    pub text: String,
    /// When the recording began.
    pub created: SystemTime,
    /// When that was known.
    pub updated: SystemTime,
    /// Of what was recorded, once known.
    pub duration: Option<Duration>,
}

/// A trunk as `/_/trunks` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkRow {
    /// Whose.
    pub account: AccountSid,
    /// Its name.
    pub name: String,
    /// In the order of the configuration.
    pub gateways: Vec<GatewayRow>,
    /// If it is told where we are.
    pub registration: Option<RegistrationRow>,
}

/// A gateway of a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayRow {
    /// Its SIP URI.
    pub uri: String,
    /// Lower ones are asked first.
    pub priority: u16,
    /// Share of calls among equal priorities.
    pub weight: u16,
    /// `unknown`, `up`, `down`.
    pub state: &'static str,
    /// When that last changed.
    pub since: Option<SystemTime>,
    /// From the last OPTIONS to its answer.
    pub latency: Option<Duration>,
    /// Status of the last answer; none: silence.
    pub answer: Option<u16>,
}

/// A registration with a carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationRow {
    /// SIP URI of the registrar.
    pub registrar: String,
    /// The address of record: `sip:user@domain`.
    pub address: String,
    /// `trying`, `registered`, `failed`, `ended` (while draining).
    pub state: &'static str,
    /// When that last changed.
    pub since: Option<SystemTime>,
    /// How long the binding lives.
    pub until: Option<SystemTime>,
    /// Status of the last answer; 408: silence.
    pub answer: Option<u16>,
}

/// A call as REST shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// Its SID.
    pub sid: CallSid,
    /// Whose.
    pub account: AccountSid,
    /// The call that dialled it.
    pub parent: Option<CallSid>,
    /// `From`.
    pub from: String,
    /// `To`.
    pub to: String,
    /// `inbound`, `outbound-api`, `outbound-dial`.
    pub direction: &'static str,
    /// `queued`, `ringing`, `in-progress`, `completed`, `busy`, `failed`, `no-answer`, `canceled`.
    pub status: &'static str,
    /// SIP Call-ID of its dialog.
    pub sip_call_id: String,
    /// When it began.
    pub created: SystemTime,
    /// When it was answered.
    pub answered: Option<SystemTime>,
    /// `AnsweredBy`, where that was found out.
    pub answered_by: Option<&'static str>,
    /// When it ended.
    pub ended: Option<SystemTime>,
}
