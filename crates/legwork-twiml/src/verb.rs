//! The table, first half: `Response`, every verb and its attributes.
//!
//! Not here: what stands inside verbs (`noun`), the columns' meaning (`table`).
//! Source: Twilio, "TwiML for Programmable Voice", a page per verb; codes: "Error and Warning
//! Dictionary". `referStatusCallback` is ours.

use crate::limit::CALL_REASON_MAX;
use crate::problem::SCHEMA;
use crate::table::Kind::{
    AtMost, Bool, CallerId, Language, Method, OneOf, SomeOf, Text, Url, Voice, Whole,
};
use crate::table::{Attribute, Built, Element, built, known, unbuilt};

const RESPONSE: &[&str] = &["Response"];
const SPEAKING: &[&str] = &["Response", "Gather", "Prompt"];

/// How often `<Say>` and `<Play>` may be asked to repeat.
const LOOP: crate::table::Kind = Whole { min: 0, max: 1_000 };
/// A day: the longest that a call can be allowed to last.
const DAY: crate::table::Kind = Whole { min: 1, max: 86_400 };

pub(crate) const TRIM: &[&str] = &["trim-silence", "do-not-trim"];
pub(crate) const TRACK: &[&str] = &["inbound", "outbound", "both"];
pub(crate) const RECORDING_EVENTS: &[&str] = &["in-progress", "completed", "absent"];
const RECORD: &[&str] = &[
    "do-not-record",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
    "true",
    "false",
];
const RING_TONE: &[&str] = &[
    "at", "au", "bg", "br", "be", "ch", "cl", "cn", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr",
    "hu", "il", "in", "it", "lt", "jp", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "se",
    "sg", "th", "uk", "us", "us-old", "tw", "ve", "za",
];

/// The root and every verb.
#[rustfmt::skip]
pub(crate) const VERBS: &[Element] = &[
    Element {
        name: "Response", parents: &[], built: Built::Yes, takes_over: false, attributes: &[],
        doc: "The root: verbs, run top to bottom.",
    },
    Element {
        name: "Dial", parents: RESPONSE, built: Built::Yes, takes_over: true, attributes: DIAL,
        doc: "Calls somebody and connects the caller.",
    },
    Element {
        name: "Say", parents: SPEAKING, built: Built::Yes, takes_over: false, attributes: SAY,
        doc: "Speaks text or SSML.",
    },
    Element {
        name: "Play", parents: SPEAKING, built: Built::Yes, takes_over: false, attributes: PLAY,
        doc: "Plays an audio file.",
    },
    Element {
        name: "Pause", parents: SPEAKING, built: Built::Yes, takes_over: false, attributes: PAUSE,
        doc: "Waits in silence.",
    },
    Element {
        name: "Redirect", parents: RESPONSE, built: Built::Yes, takes_over: false,
        attributes: &[built("method", Method, "POST", 13_710, "How the next one is asked.")],
        doc: "Goes on with another document.",
    },
    Element {
        name: "Hangup", parents: RESPONSE, built: Built::Yes, takes_over: false, attributes: &[],
        doc: "Ends the call.",
    },
    Element {
        name: "Reject", parents: RESPONSE, built: Built::Yes, takes_over: false,
        attributes: &[built(
            "reason", OneOf(&["rejected", "busy"]), "rejected", 13_810, "What the caller is told.",
        )],
        doc: "Declines a call that has not been answered.",
    },
    known("Gather", RESPONSE, true, "Collects digits or speech."),
    known("Record", RESPONSE, true, "Records the caller."),
    known("Enqueue", RESPONSE, true, "Puts the caller into a queue."),
    known("Connect", RESPONSE, true, "Connects the call to a stream or an agent."),
    known("Refer", RESPONSE, true, "Asks the caller's phone to call somebody else."),
    known("Echo", RESPONSE, true, "Sends the caller's voice back."),
    known("Pay", RESPONSE, true, "Collects a payment."),
    known("Leave", RESPONSE, false, "Leaves the queue the caller waits in."),
    known("Start", RESPONSE, false, "Starts something beside the call."),
    known("Stop", RESPONSE, false, "Stops what `Start` started."),
    known("Sms", RESPONSE, false, "Sends a text message."),
    known("Queue", RESPONSE, false, "A queue; means something inside `Dial` only."),
    known("Prompt", &["Response", "Pay"], false, "What `Pay` says at one of its steps."),
];

#[rustfmt::skip]
const DIAL: &[Attribute] = &[
    built("action", Url, "", SCHEMA, "Asked for the next document when the dialled call is over."),
    built("method", Method, "POST", 13_210, "How `action` is asked."),
    built("timeout", Whole { min: 5, max: 600 }, "30", 13_212, "Seconds to wait for an answer."),
    built("hangupOnStar", Bool, "false", 13_213, "The caller's `*` ends the dialled call."),
    built("timeLimit", DAY, "14400", 13_216, "Seconds the dialled call may last."),
    built("callerId", CallerId, "", 13_214, "Who is shown to be calling; the caller if absent."),
    unbuilt("record", OneOf(RECORD), "do-not-record", 13_217, "Whether and how to record."),
    unbuilt("trim", OneOf(TRIM), "do-not-trim", SCHEMA, "Whether silence is cut off recordings."),
    unbuilt("recordingStatusCallback", Url, "", 13_256, "Told when the recording is ready."),
    unbuilt("recordingConfigurationId", Text, "", SCHEMA, "Configuration of the recording."),
    unbuilt("recordingStatusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
    unbuilt("recordingStatusCallbackEvent", SomeOf(RECORDING_EVENTS), "completed", SCHEMA, "What."),
    built("answerOnBridge", Bool, "false", 13_219, "The caller hears ringing till the answer."),
    built("ringTone", OneOf(RING_TONE), "", 13_220, "Which country's ringing the caller hears."),
    unbuilt("recordingTrack", OneOf(TRACK), "both", SCHEMA, "Which side is recorded."),
    built("sequential", Bool, "false", 13_218, "Nouns are tried one after another, not at once."),
    built("referUrl", Url, "", SCHEMA, "Asked for a document when a phone sends REFER."),
    built("referMethod", Method, "POST", 13_210, "How `referUrl` is asked."),
    built("referStatusCallback", Url, "", SCHEMA, "Told the outcome of every transfer."),
    built("callReason", AtMost(CALL_REASON_MAX), "", SCHEMA, "Why the call is made, for branded calling."),
    unbuilt("events", SomeOf(&["call-progress-event"]), "", SCHEMA, "Events subscribed to."),
    unbuilt("passports", Text, "", SCHEMA, "Identity passports, base64, commas between."),
];

#[rustfmt::skip]
const SAY: &[Attribute] = &[
    built("voice", Voice, "man", 13_511, "Who speaks."),
    built("language", Language, "en-US", 13_512, "The language of the text."),
    built("loop", LOOP, "1", 13_510, "How often; 0 is until the caller hangs up or 1,000 times."),
];

#[rustfmt::skip]
const PLAY: &[Attribute] = &[
    built("loop", LOOP, "1", 13_410, "How often; 0 is until the caller hangs up."),
    unbuilt("digits", Text, "", 13_430, "Tones to send: 0-9 A-D # *, `w` half a second, `W` one."),
];

const PAUSE: &[Attribute] = &[built("length", DAY, "1", 13_910, "Seconds.")];
