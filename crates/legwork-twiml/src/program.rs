//! The typed program: what `legwork-call` runs.
//!
//! Not here: queues (`program/queue`), names and defaults (`verb`), XML (`parse`).
//! Source: Twilio, "TwiML for Programmable Voice", a page per verb.

mod conference;
mod queue;
pub mod relay;
pub mod siprec;
pub mod stream;
pub mod transcription;

use std::time::Duration;

pub use conference::{
    Conference, ConferenceCallback, ConferenceEvents, ConferenceWait, JitterBuffer,
};
pub use queue::{Enqueue, QueueNoun, Wait};
pub use relay::{Interrupts, Relay, RelayLanguage, Sensitivity};
pub use siprec::Siprec;
pub use stream::{Connect, Connected, Stop, Stopped, Stream, StreamTo, Tracks};
pub use transcription::Transcription;

/// A document, in order. Empty when it declines (`<Response/>`) or cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Verbs, top to bottom.
    pub verbs: Vec<Verb>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `<Dial>`.
    Dial(Box<Dial>),
    /// `<Say>`.
    Say(Say),
    /// `<Play>` of a file.
    Play(Play),
    /// `<Play digits>`.
    Press(Press),
    /// `<Pause>`.
    Pause(Pause),
    /// `<Redirect>`.
    Redirect(Redirect),
    /// `<Hangup>`.
    Hangup(Hangup),
    /// `<Reject>`.
    Reject(Reject),
    /// `<Refer>`.
    Refer(Refer),
    /// `<Record>`.
    Record(Box<Record>),
    /// `<Start>`.
    Start(Box<Start>),
    /// `<Echo>`.
    Echo,
    /// `<Gather>`.
    Gather(Box<Gather>),
    /// `<Connect>`.
    Connect(Box<Connect>),
    /// `<Stop>`.
    Stop(Stop),
    /// A verb of Twilio's that this server does not have yet.
    Unbuilt(Unbuilt),
    /// `<Enqueue>`.
    Enqueue(Box<Enqueue>),
    /// `<Leave>`.
    Leave,
}

/// `GET` or `POST`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// Parameters in the query.
    Get,
    /// Parameters in the body.
    #[default]
    Post,
}

/// `<Dial>`: attributes as typed, relative URLs as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// `action`.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// `timeout`: 5–600 s, 30 s.
    pub timeout: Duration,
    /// `timeLimit`: 14,400 s.
    pub time_limit: Duration,
    /// `callerId`.
    pub caller_id: Option<String>,
    /// `answerOnBridge`.
    pub answer_on_bridge: bool,
    /// `hangupOnStar`.
    pub hangup_on_star: bool,
    /// `sequential`.
    pub sequential: bool,
    /// `referUrl`.
    pub refer_url: Option<String>,
    /// `referMethod`.
    pub refer_method: Method,
    /// `referStatusCallback`, ours: told the outcome of every transfer.
    pub refer_status_callback: Option<String>,
    /// `ringTone`: a country's tone, instead of the caller's own.
    pub ring_tone: Option<String>,
    /// `callReason`.
    pub call_reason: Option<String>,
    /// `passports`, as written between the commas; at most [`crate::limit::PASSPORTS_MAX`].
    pub passports: Vec<String>,
    /// `record` and its companions, unless nothing is to be recorded.
    pub record: Option<Box<DialRecord>>,
    /// Whom to dial.
    pub nouns: Nouns,
}

/// `<Record>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `action`, as written; none: the current document.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// `timeout`: 5 s of silence end it; none: they do not (0).
    pub timeout: Option<Duration>,
    /// `finishOnKey`: each of these keys ends it; all of them unless said.
    pub finish_on_key: String,
    /// `maxLength`: 3,600 s, 120 s if it is transcribed.
    pub max_length: Duration,
    /// `playBeep`.
    pub play_beep: bool,
    /// `trim` and whom to tell.
    pub keep: Keep,
    /// `transcribe`.
    pub transcribe: bool,
    /// `transcribeCallback`.
    pub transcribe_callback: Option<String>,
}

/// `record` of `<Dial>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialRecord {
    /// `record-from-ringing…`: from there on, not from the answer.
    pub from_ringing: bool,
    /// Which side, in how many channels.
    pub sides: Sides,
    /// `trim` and whom to tell.
    pub keep: Keep,
}

/// `<Start>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// `action`, as written.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// What is started, in document order.
    pub nouns: Vec<Started>,
}

/// What a `<Start>` starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// `<Recording>`.
    Recording(StartRecording),
    /// `<Stream>`.
    Stream(Stream),
    /// `<Transcription>`.
    Transcription(Box<Transcription>),
    /// `<Siprec>`.
    Siprec(Box<Siprec>),
}

/// `<Recording>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartRecording {
    /// Which side, in how many channels.
    pub sides: Sides,
    /// `trim` and whom to tell.
    pub keep: Keep,
}

/// What of a leg is recorded: `recordingTrack` or `track`, and `channels`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sides {
    /// `inbound`: what it says. One channel.
    Inbound,
    /// `outbound`: what it hears. One channel.
    Outbound,
    /// `both`, in one channel.
    Mixed,
    /// `both`, a channel each: what it says, what it hears.
    Dual,
}

/// How a recording is kept, and who is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// `trim-silence`.
    pub trim: bool,
    /// `recordingStatusCallback` and its companions.
    pub status: Option<RecordingCallback>,
}

/// Where to tell how a recording gets on, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingCallback {
    /// `recordingStatusCallback` and `recordingStatusCallbackMethod`.
    pub ask: Ask,
    /// `recordingStatusCallbackEvent`.
    pub events: RecordingEvents,
}

/// Which steps of a recording are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingEvents {
    /// `in-progress`: it has begun.
    pub in_progress: bool,
    /// `completed`: it can be fetched, or has failed.
    pub completed: bool,
    /// `absent`: nothing was left of it.
    pub absent: bool,
}

/// `<Refer>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refer {
    /// `action`, as written.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// Its `<Sip>`; empty: there is none that could be asked for, and a warning said so.
    pub uri: String,
}

/// What a `<Dial>` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nouns {
    /// `<Sip>`, `<Client>`, `<Number>` and plain text: one to ten, in document order; or one `<Sim>`
    /// or `<Application>` alone. Nobody to dial: one empty number, which cannot be reached, so that
    /// `action` hears of it.
    Ring(Vec<Noun>),
    /// One noun that is not rung and not built: `WhatsApp`.
    Unbuilt(Unbuilt),
    /// `<Queue>`, alone.
    Queue(Box<QueueNoun>),
    /// `<Conference>`, which is joined.
    Conference(Box<Conference>),
}

/// One noun that is rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noun {
    /// Whom it names.
    pub whom: Whom,
    /// `url` and `method`: run on the called leg after its answer, before the two are joined.
    pub screen: Option<Ask>,
    /// `statusCallback` and its companions.
    pub status: Option<StatusCallback>,
    /// `machineDetection` and its companions.
    pub machine: Option<Box<MachineDetection>>,
}

impl Noun {
    /// A noun without attributes.
    #[must_use]
    pub const fn of(whom: Whom) -> Self {
        Self { whom, screen: None, status: None, machine: None }
    }
}

/// Whom a noun names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// `<Sip>`.
    Sip(Sip),
    /// `<Client>`.
    Client(Client),
    /// `<Number>` or plain text in `<Dial>`.
    Number(Number),
    /// `<Sim>`: the SIM's SID.
    Sim(String),
    /// `<Application>`.
    Application(Application),
}

/// `<Sip>`: one URI, or several that are tried in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sip {
    /// The URI in the text, or those of `<Uri>`, in document order; at least one.
    pub uris: Vec<SipUri>,
    /// `<Header>`s, in document order.
    pub headers: Vec<(String, String)>,
}

/// One URI of `<Sip>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SipUri {
    /// As written, trimmed, with parameters and headers.
    pub uri: String,
    /// `priority`: the lowest is tried first; 10.
    pub priority: u32,
    /// `weight`: its share among those of the same priority; 10.
    pub weight: u32,
    /// `username`.
    pub username: Option<String>,
    /// `password`.
    pub password: Option<String>,
}

/// `<Client>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The identity.
    pub identity: String,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
}

/// `<Number>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// As written, trimmed.
    pub number: String,
    /// `sendDigits`: keys and pauses (`w`) to send once it has answered.
    pub send_digits: Option<String>,
    /// `byoc`: the trunk to go through.
    pub byoc: Option<String>,
}

/// `<Application>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Application {
    /// The application's SID.
    pub sid: String,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
    /// `customerId`.
    pub customer_id: Option<String>,
    /// `copyParentTo`.
    pub copy_parent_to: bool,
}

/// Where to ask: a URL as written and a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Absolute or relative.
    pub url: String,
    /// How.
    pub method: Method,
}

/// Where to tell how a dialled call gets on, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusCallback {
    /// `statusCallback` and `statusCallbackMethod`.
    pub ask: Ask,
    /// `statusCallbackEvent`.
    pub events: CallEvents,
}

/// Which steps of a call are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEvents {
    /// `initiated`.
    pub initiated: bool,
    /// `ringing`.
    pub ringing: bool,
    /// `answered`.
    pub answered: bool,
    /// `completed`: any end.
    pub completed: bool,
}

/// How to find out who answered, and whom to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineDetection {
    /// `machineDetection` is `DetectMessageEnd`: a machine is told when its greeting is over.
    pub until_end: bool,
    /// `machineDetectionTimeout`: 30 s.
    pub timeout: Duration,
    /// `machineDetectionSpeechThreshold`: 2.4 s.
    pub speech: Duration,
    /// `machineDetectionSpeechEndThreshold`: 1.2 s.
    pub speech_end: Duration,
    /// `machineDetectionSilenceTimeout`: 5 s.
    pub silence: Duration,
    /// `amdStatusCallback` and `amdStatusCallbackMethod`.
    pub told: Option<Ask>,
}

/// `<Say>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// `voice`: `man` unless said.
    pub voice: String,
    /// `language`; empty unless said: that of the voice, or else `en-US`.
    pub language: String,
    /// `loop`: 1; 0 is up to 1,000 times.
    pub times: u32,
    /// Text or SSML children, as one SSML fragment without the `speak` element. Empty: nothing to
    /// say.
    pub ssml: String,
}

/// `<Play>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// The URL as written, trimmed.
    pub url: String,
    /// `loop`: 1; 0 is for ever.
    pub times: u32,
}

/// `<Play digits>`: keys pressed towards the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// `0-9*#A-D`, and `w`, half a second of nothing; at least one, at most
    /// [`PLAY_DIGITS_MAX`](crate::limit::PLAY_DIGITS_MAX). `W` has become two of them.
    pub keys: String,
    /// `loop`: 1; 0 is up to 1,000 times.
    pub times: u32,
}

/// `<Pause>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// `length`: 1 s.
    pub length: Duration,
}

/// `<Redirect>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The URL as written, trimmed; empty is the current document.
    pub url: String,
    /// `method`.
    pub method: Method,
}

/// `<Hangup>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hangup {
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
}

/// `<Reject>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// `reason`.
    pub reason: RejectReason,
    /// `<Parameter>`s, in document order.
    pub parameters: Vec<(String, String)>,
}

/// `reason` of `<Reject>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RejectReason {
    /// `rejected`.
    #[default]
    Rejected,
    /// `busy`.
    Busy,
}

/// `<Gather>`: attributes as typed, relative URLs as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gather {
    /// `input`.
    pub input: Inputs,
    /// `action`; absent: the current document.
    pub action: Option<String>,
    /// `method`.
    pub method: Method,
    /// `timeout`: 0–86,400 s, 5 s. From the end of the prompts to the first key or word, and from key
    /// to key.
    pub timeout: Duration,
    /// `finishOnKey`: keys that end it and do not count; `#`, empty for none.
    pub finish_on_key: String,
    /// `numDigits`: so many keys end it.
    pub num_digits: Option<u32>,
    /// `actionOnEmptyResult`.
    pub action_on_empty_result: bool,
    /// `bargeIn`.
    pub barge_in: bool,
    /// `debug`.
    pub debug: bool,
    /// How speech is heard and understood.
    pub speech: Speech,
    /// What is said and played meanwhile, in document order.
    pub prompts: Vec<Prompt>,
}

/// `input` of `<Gather>`: at least one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// `dtmf`.
    pub dtmf: bool,
    /// `speech`.
    pub speech: bool,
}

/// What `<Gather>` says of speech.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speech {
    /// `speechTimeout`.
    pub timeout: SpeechTimeout,
    /// `maxSpeechTime`: 1–86,400 s.
    pub longest: Option<Duration>,
    /// `language`: `en-US` unless said.
    pub language: String,
    /// `hints`: phrases with commas between.
    pub hints: String,
    /// `speechModel`: `default` unless said.
    pub model: String,
    /// `profanityFilter`.
    pub profanity_filter: bool,
    /// `partialResultCallback` and `partialResultCallbackMethod`.
    pub partial: Option<Ask>,
}

/// `speechTimeout`: how much silence ends speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeechTimeout {
    /// Not said: as much as `timeout`.
    AsTimeout,
    /// So much: 1 s or more.
    After(Duration),
    /// `auto`: a moment.
    Auto,
}

/// What may stand in `<Gather>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// `<Say>`.
    Say(Say),
    /// `<Play>`.
    Play(Play),
    /// `<Pause>`.
    Pause(Pause),
}

/// A verb or noun that is in the table but not built yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbuilt {
    /// Its element name.
    pub name: &'static str,
    /// It would take the call over (`Connect`, `Pay`, …): as the answer to
    /// a REFER the document cannot be used. Else it is passed over with a warning, as are others
    /// (`Stop`, `Sms`, …).
    pub takes_over: bool,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}
