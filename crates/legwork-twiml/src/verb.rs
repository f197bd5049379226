//! The table, verbs: `Response`, every verb and its attributes.
//!
//! Not here: what stands inside verbs (`noun`, `beside`, `ssml`), the columns' meaning (`table`).
//! Source: Twilio, "TwiML for Programmable Voice", a page per verb; codes: "Error and Warning
//! Dictionary". `referStatusCallback` is ours.

use crate::limit::{CALL_REASON_MAX, PLAY_DIGITS};
use crate::problem::{NESTED, SCHEMA, URL};
use crate::table::Kind::{
    AtMost, Bool, CallerId, Keys, Language, Method, OneOf, SomeOf, Text, Url, Voice, Whole,
    WholeOr, Wholes,
};
use crate::table::{Attribute, Element, Kind, UNLIMITED, built, unbuilt};

const RESPONSE: &[&str] = &["Response"];
const SPEAKING: &[&str] = &["Response", "Gather", "Prompt"];

/// How often `<Say>` and `<Play>` may be asked to repeat.
const LOOP: Kind = Whole { min: 0, max: 1_000 };
/// Up to a day: the longest that a call can be allowed to last.
pub(crate) const SECONDS: Kind = Whole { min: 1, max: 86_400 };
/// A number that Twilio gives no greatest for.
const COUNT: Kind = Whole { min: 1, max: UNLIMITED };
/// Keys of a telephone, each once.
const KEYPAD: Kind = Keys { keys: "0123456789*#", max: 12 };

pub(crate) const TRIM: &[&str] = &["trim-silence", "do-not-trim"];
pub(crate) const TRACK: &[&str] = &["inbound", "outbound", "both"];
pub(crate) const RECORDING_EVENTS: &[&str] = &["in-progress", "completed", "absent"];
pub(crate) const RECORD: &[&str] = &[
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
const CARDS: &[&str] = &[
    "visa",
    "mastercard",
    "amex",
    "maestro",
    "discover",
    "optima",
    "jcb",
    "diners-club",
    "enroute",
];

pub(crate) const RECOGNISER: &str = "the recogniser is told; not every one can do it";
const ONE_MODEL: &str = "there is one model of each name, the better one";

/// The root and every verb.
#[rustfmt::skip]
pub(crate) const VERBS: &[Element] = &[
    Element::known("Response", &[], "The root: verbs, run top to bottom.").built(),
    Element::known("Dial", RESPONSE, "Calls somebody and connects the caller.").built()
        .takes_over().text("A telephone number.").nested(NESTED).attributes(DIAL),
    Element::known("Say", &["Response", "Prompt"], "Speaks text or SSML.").built()
        .text("What is spoken: at most 4,096 characters.").attributes(SAY),
    Element::known("Say", &["Gather"], "Speaks while keys or speech are awaited.").built()
        .text("What is spoken: at most 4,096 characters.").attributes(SAY_IN_GATHER),
    Element::known("Play", SPEAKING, "Plays an audio file.")
        .built().text("The file's URL.").attributes(PLAY),
    Element::known("Pause", SPEAKING, "Waits in silence.").built().attributes(PAUSE),
    Element::known("Redirect", RESPONSE, "Goes on with another document.").built()
        .text("Its URL; the current document if empty.").attributes(REDIRECT),
    Element::known("Hangup", RESPONSE, "Ends the call.").built(),
    Element::known("Reject", RESPONSE, "Declines a call that has not been answered.").built()
        .attributes(REJECT),
    Element::known("Gather", RESPONSE, "Collects keys or speech.").built().takes_over()
        .nested(13_320).attributes(GATHER),
    Element::known("Record", RESPONSE, "Records the caller.").built().takes_over()
        .attributes(RECORDS),
    Element::known("Enqueue", RESPONSE, "Puts the caller into a queue.").built()
        .takes_over()
        .text("The queue's name.").attributes(ENQUEUE),
    Element::known("Leave", RESPONSE, "Leaves the queue the caller waits in.").built(),
    Element::known("Connect", RESPONSE, "Connects the call to a stream or an agent.").built()
        .takes_over().attributes(NEXT),
    Element::known("Start", RESPONSE, "Starts something beside the call.").built().nested(14_300)
        .attributes(START),
    Element::known("Stop", RESPONSE, "Stops what `Start` started.").built(),
    Element::known("Refer", RESPONSE, "Asks the caller's phone to call somebody else.").built()
        .takes_over().attributes(REFER),
    Element::known("Echo", RESPONSE, "Sends the caller's voice back.").built().takes_over(),
    Element::known("Pay", RESPONSE, "Collects a payment.").takes_over().attributes(PAY),
    Element::known("Prompt", &["Response", "Pay"], "What `Pay` says at one of its steps.")
        .attributes(PROMPT),
    Element::known("Sms", RESPONSE, "Sends a text message.").text("The message.").attributes(SMS),
    Element::known("Queue", RESPONSE, "Connects the caller with who waits there, as in a `Dial` with nothing else said.")
        .built().takes_over().text("The queue's name.").attributes(crate::noun::QUEUE),
];

#[rustfmt::skip]
const DIAL: &[Attribute] = &[
    built("action", Url, "", URL, "Asked for the next document when the dialled call is over."),
    built("method", Method, "POST", 13_210, "How `action` is asked."),
    built("timeout", Whole { min: 5, max: 600 }, "30", 13_212, "Seconds to wait for an answer."),
    built("hangupOnStar", Bool, "false", 13_213, "The caller's `*` ends the dialled call."),
    built("timeLimit", SECONDS, "14400", 13_216, "Seconds the dialled call may last."),
    built("callerId", CallerId, "", 13_214, "Who is shown to be calling; the caller if absent."),
    built("record", OneOf(RECORD), "do-not-record", 13_217, "Whether and how to record."),
    built("trim", OneOf(TRIM), "do-not-trim", SCHEMA, "Whether silence is cut off recordings."),
    built("recordingStatusCallback", Url, "", 13_256, "Told how the recording gets on."),
    unbuilt("recordingConfigurationId", Text, "", SCHEMA, "Configuration of the recording."),
    built("recordingStatusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
    built(
        "recordingStatusCallbackEvent", SomeOf(RECORDING_EVENTS), "completed", 13_621,
        "Of what to tell.",
    ),
    built("answerOnBridge", Bool, "false", 13_219, "The caller hears ringing till the answer."),
    built("ringTone", OneOf(RING_TONE), "", 13_220, "Which country's ringing the caller hears."),
    built("recordingTrack", OneOf(TRACK), "both", 13_622, "Which side is recorded."),
    built("sequential", Bool, "false", 13_218, "Nouns are tried one after another, not at once."),
    built("referUrl", Url, "", URL, "Asked for a document when a phone sends REFER."),
    built("referMethod", Method, "POST", 13_210, "How `referUrl` is asked."),
    built("referStatusCallback", Url, "", URL, "Told the outcome of every transfer. Ours."),
    built("callReason", AtMost(CALL_REASON_MAX), "", SCHEMA, "Why the call is made: `Subject` of the INVITE."),
    unbuilt("events", SomeOf(&["call-progress-event"]), "", SCHEMA, "Events subscribed to."),
    built("passports", Text, "", 32_020, "PASSporTs (RFC 8225), commas between: `Identity` of the INVITEs."),
];

#[rustfmt::skip]
const SAY: &[Attribute] = &[
    built("voice", Voice, "man", 13_511, "Who speaks: docs/voices.md."),
    built("language", Language, "en-US", 13_512, "The language of the text."),
    built("loop", LOOP, "1", 13_510, "How often; 0 is until the caller hangs up or 1,000 times."),
];

#[rustfmt::skip]
const SAY_IN_GATHER: &[Attribute] = &[
    built("voice", Voice, "man", 13_321, "Who speaks: docs/voices.md."),
    built("language", Language, "en-US", 13_512, "The language of the text."),
    built("loop", LOOP, "1", 13_322, "How often; 0 is until the caller hangs up or 1,000 times."),
];

#[rustfmt::skip]
const PLAY: &[Attribute] = &[
    built("loop", LOOP, "1", 13_410, "How often; 0 is until the caller hangs up."),
    built(
        "digits", Keys { keys: "0123456789ABCD*#wW", max: PLAY_DIGITS }, "", 13_430,
        "Tones to send; `w` waits half a second, `W` one.",
    ),
];

const PAUSE: &[Attribute] = &[built("length", SECONDS, "1", 13_910, "Seconds.")];

const REDIRECT: &[Attribute] = &[built("method", Method, "POST", 13_710, "How it is asked for.")];

const REJECT: &[Attribute] = &[built(
    "reason",
    OneOf(&["rejected", "busy"]),
    "rejected",
    13_810,
    "What the caller is told.",
)];

#[rustfmt::skip]
const REFER: &[Attribute] = &[
    built("action", Url, "", URL, "Told what came of it, and asked for the next document."),
    built("method", Method, "POST", SCHEMA, "How `action` is asked."),
];

/// `action` and `method` of what has nothing else.
const NEXT: &[Attribute] = &[
    built("action", Url, "", URL, "Asked for the next document when it is over."),
    built("method", Method, "POST", SCHEMA, "How `action` is asked."),
];

#[rustfmt::skip]
const START: &[Attribute] = &[
    built("action", Url, "", URL, "Asked for the next document once all is started."),
    built("method", Method, "POST", SCHEMA, "How `action` is asked."),
];

#[rustfmt::skip]
const GATHER: &[Attribute] = &[
    built("input", SomeOf(&["dtmf", "speech"]), "dtmf", 13_326, "What is collected."),
    built("action", Url, "", URL, "Told what was collected; the current document if absent."),
    built("method", Method, "POST", 13_312, "How `action` is asked."),
    built("timeout", Whole { min: 0, max: 86_400 }, "5", 13_313, "Seconds to wait for input."),
    built(
        "speechTimeout", WholeOr("auto"), "", 13_327,
        "Seconds of silence that end speech; `timeout` if absent.",
    ),
    built("maxSpeechTime", SECONDS, "", 13_328, "Seconds that speech may last."),
    built("profanityFilter", Bool, "true", 13_333, "Bad words are left out.")
        .partly(RECOGNISER),
    built("finishOnKey", KEYPAD, "#", 13_310, "The keys that end it; empty: none."),
    built("numDigits", COUNT, "", 13_314, "How many keys end it."),
    built("partialResultCallback", Url, "", URL, "Told what is understood so far.")
        .partly(RECOGNISER),
    built("partialResultCallbackMethod", Method, "POST", 13_329, "How it is told."),
    built("language", Language, "en-US", 13_331, "The language of the caller."),
    built("hints", Text, "", 13_330, "Words that are likely.").partly(RECOGNISER),
    built("bargeIn", Bool, "true", 13_332, "The caller may interrupt."),
    built("debug", Bool, "false", SCHEMA, "`legwork trace` tells what ended it."),
    built("actionOnEmptyResult", Bool, "false", 13_338, "`action` is asked without input, too."),
    built("speechModel", Text, "default", 13_334, "The engine's model.").partly(RECOGNISER),
    built("enhanced", Bool, "false", SCHEMA, "The better model.").partly(ONE_MODEL),
];

#[rustfmt::skip]
const RECORDS: &[Attribute] = &[
    built("action", Url, "", URL, "Told of the recording; the current document if absent."),
    built("method", Method, "POST", 13_610, "How `action` is asked."),
    built("timeout", Whole { min: 0, max: 86_400 }, "5", 13_611, "Seconds of silence; 0: no end."),
    built("finishOnKey", KEYPAD, "1234567890*#", 13_613, "The keys that end it."),
    built("maxLength", Whole { min: 2, max: 86_400 }, "3600", 13_612, "Seconds at most."),
    built("playBeep", Bool, "true", 13_616, "A sound before it."),
    built("trim", OneOf(TRIM), "trim-silence", 13_699, "Whether silence is cut off."),
    built("recordingStatusCallback", Url, "", 13_256, "Told how the recording gets on."),
    built("recordingStatusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
    built(
        "recordingStatusCallbackEvent", SomeOf(RECORDING_EVENTS), "completed", 13_621,
        "Of what to tell.",
    ),
    built("transcribe", Bool, "false", 13_614, "Written down, too."),
    built("transcribeCallback", Url, "", 13_257, "Told what was written down."),
    unbuilt("recordingConfigurationId", Text, "", SCHEMA, "Configuration of the recording."),
];

#[rustfmt::skip]
const ENQUEUE: &[Attribute] = &[
    built("action", Url, "", 14_203, "Asked for the next document when the caller leaves."),
    built("maxQueueSize", Whole { min: 1, max: 5_000 }, "1000", SCHEMA, "How many may wait."),
    built("method", Method, "POST", 14_201, "How `action` is asked."),
    built("waitUrl", Url, "", 14_202, "What is heard meanwhile; music if absent, nothing if empty."),
    built("waitUrlMethod", Method, "POST", 14_206, "How `waitUrl` is asked."),
    unbuilt("workflowSid", Text, "", 14_220, "The workflow that routes the task."),
];

#[rustfmt::skip]
const PAY: &[Attribute] = &[
    unbuilt("input", OneOf(&["dtmf"]), "", 64_020, "How it is typed in."),
    unbuilt("action", Url, "", 64_016, "Told of the payment."),
    unbuilt(
        "bankAccountType",
        OneOf(&["consumer-checking", "consumer-savings", "commercial-checking",
                "commercial-savings"]),
        "consumer-checking", 64_020, "The sort of account.",
    ),
    unbuilt("statusCallback", Url, "", URL, "Told how it gets on."),
    unbuilt("statusCallbackMethod", Method, "POST", 64_020, "How it is told."),
    unbuilt("timeout", COUNT, "", 64_020, "Seconds to wait for input."),
    unbuilt("maxAttempts", COUNT, "", 64_020, "How often it may be tried."),
    unbuilt("securityCode", Bool, "", 64_020, "The code on the card is asked for."),
    unbuilt("postalCode", Text, "", 64_020, "`true`, `false` or the postal code."),
    unbuilt("minPostalCodeLength", COUNT, "", 64_020, "Keys of a postal code at least."),
    unbuilt("paymentConnector", Text, "", 64_004, "The connector."),
    unbuilt(
        "paymentMethod", OneOf(&["ach-debit", "credit-card"]), "credit-card", 64_013,
        "Account or card.",
    ),
    unbuilt(
        "tokenType", OneOf(&["one-time", "reusable", "payment-method"]), "", 64_006,
        "The sort of token.",
    ),
    unbuilt("chargeAmount", Text, "", 64_003, "How much; 0 or nothing: a token only."),
    unbuilt("currency", Text, "", 64_011, "The currency."),
    unbuilt("description", Text, "", 64_020, "What is paid for."),
    unbuilt("validCardTypes", SomeOf(CARDS), "", 64_020, "The cards taken."),
    unbuilt(
        "language",
        OneOf(&["de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-IE", "en-NZ", "en-PH", "en-ZA",
                "en-US", "es-ES", "es-US", "fr-CA", "fr-FR", "it-IT"]),
        "", 64_020, "The language of the prompts.",
    ),
];

#[rustfmt::skip]
const PROMPT: &[Attribute] = &[
    unbuilt(
        "for",
        OneOf(&["payment-card-number", "expiration-date", "security-code", "postal-code",
                "payment-processing", "bank-account-number", "bank-routing-number"]),
        "", SCHEMA, "The step.",
    ),
    unbuilt(
        "errorType",
        SomeOf(&["timeout", "invalid-card-number", "invalid-card-type", "invalid-date",
                 "invalid-security-code", "internal-error", "input-matching-failed"]),
        "", SCHEMA, "After which errors.",
    ),
    unbuilt("cardType", SomeOf(CARDS), "", SCHEMA, "For which cards."),
    unbuilt("attempt", Wholes, "", SCHEMA, "At which attempts."),
    unbuilt("requireMatchingInputs", Bool, "", SCHEMA, "Asked twice, and both must match."),
];

#[rustfmt::skip]
const SMS: &[Attribute] = &[
    unbuilt("to", Text, "", SCHEMA, "Whom to; the caller if absent."),
    unbuilt("from", Text, "", SCHEMA, "Who is shown to be writing."),
    unbuilt("action", Url, "", URL, "Asked for the next document."),
    unbuilt("method", Method, "POST", SCHEMA, "How `action` is asked."),
    unbuilt("statusCallback", Url, "", URL, "Told how the message gets on."),
];
