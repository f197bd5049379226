//! The table, nouns: what stands inside `<Dial>`, and inside that.
//!
//! Not here: verbs (`verb`), the columns' meaning (`table`).
//! Source: Twilio, the pages of `Dial`'s nouns; codes: "Error and Warning Dictionary".

use crate::limit::SEND_DIGITS_MAX;
use crate::problem::{HEADER_NAME, SCHEMA, URL};
use crate::table::Kind::{AtMost, Bool, Credential, Keys, Method, OneOf, SomeOf, Text, Url, Whole};
use crate::table::{Attribute, Element, Kind, built, unbuilt};
use crate::verb::{RECORDING_EVENTS, TRIM};

const DIAL: &[&str] = &["Dial"];

const CALL_EVENTS: &[&str] = &["initiated", "ringing", "answered", "completed"];
const DETECTION: &[&str] = &["Enable", "DetectMessageEnd"];
const ROOM_EVENTS: &[&str] =
    &["start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"];
const REGIONS: &[&str] = &["us1", "us2", "ie1", "sg1", "br1", "au1", "jp1", "de1"];
/// RFC 2782: priority and weight of an SRV record.
const SRV: Kind = Whole { min: 0, max: 65_535 };

/// Everything that stands inside `<Dial>`.
#[rustfmt::skip]
pub(crate) const NOUNS: &[Element] = &[
    Element::known("Number", DIAL, "A telephone number.").built()
        .text("The number.").attributes(NUMBER),
    Element::known("Sip", DIAL, "A SIP URI or a registered phone.").built()
        .text("The URI, unless `<Uri>` has it.").attributes(SIP),
    Element::known("Uri", &["Sip"], "One SIP URI, when there are headers or several.").built()
        .text("The URI.").attributes(URI),
    Element::known("Headers", &["Sip"], "SIP headers to send.").built(),
    Element::known("Header", &["Headers"], "One SIP header to send.").built()
        .attributes(HEADER),
    Element::known("Client", DIAL, "The phones of an identity.").built()
        .text("The identity, unless `<Identity>` has it.").attributes(CLIENT),
    Element::known("Identity", &["Client"], "The identity, when there are parameters.").built()
        .text("The identity."),
    Element::known("Application", DIAL, "Another TwiML application.")
        .built()
        .text("The application's SID, unless `<ApplicationSid>` has it.")
        .attributes(APPLICATION),
    Element::known("ApplicationSid", &["Application"], "The SID, when there are parameters.")
        .built().text("The application's SID."),
    Element::known("Parameter", &["Client", "Application"], "A parameter told to who is called: a header `X-…` of the INVITE, `Param_…` of requests.")
        .built().attributes(PARAMETER),
    Element::known("Sim", DIAL, "A SIM card.").built().text("The SIM's SID."),
    Element::known("Conference", DIAL, "A conference room.").takes_over().built()
        .text("The room's name.").attributes(CONFERENCE),
    Element::known("Queue", DIAL, "The first caller of a queue.").built().takes_over()
        .text("The queue's name.").attributes(QUEUE),
    Element::known("WhatsApp", DIAL, "A WhatsApp number.").takes_over()
        .text("The number.").attributes(WHATSAPP),
];

// Attributes that several nouns share, each one row; `method` differs by its code.
const SCREEN_URL: Attribute =
    built("url", Url, "", URL, "A document run for whom is called, before connecting.");
const STATUS_EVENT: Attribute =
    built("statusCallbackEvent", SomeOf(CALL_EVENTS), "completed", SCHEMA, "Of what to tell.");
const STATUS_CALLBACK: Attribute =
    built("statusCallback", Url, "", URL, "Told how the dialled call gets on.");
const STATUS_METHOD: Attribute =
    built("statusCallbackMethod", Method, "POST", SCHEMA, "How `statusCallback` is told.");
const MACHINE: Attribute =
    built("machineDetection", OneOf(DETECTION), "", SCHEMA, "Whether a machine answered.");
const MACHINE_METHOD: Attribute =
    built("amdStatusCallbackMethod", Method, "POST", SCHEMA, "How `amdStatusCallback` is told.");
const MACHINE_CALLBACK: Attribute =
    built("amdStatusCallback", Url, "", URL, "Told whether a machine answered.");
const MACHINE_TIMEOUT: Attribute = built(
    "machineDetectionTimeout",
    Whole { min: 3, max: 60 },
    "30",
    SCHEMA,
    "Seconds to find out.",
);
const MACHINE_SPEECH: Attribute = built(
    "machineDetectionSpeechThreshold",
    Whole { min: 1_000, max: 6_000 },
    "2400",
    SCHEMA,
    "Milliseconds of speech that make a machine.",
);
const MACHINE_SPEECH_END: Attribute = built(
    "machineDetectionSpeechEndThreshold",
    Whole { min: 500, max: 5_000 },
    "1200",
    SCHEMA,
    "Milliseconds of silence that end its speech.",
);
const MACHINE_SILENCE: Attribute = built(
    "machineDetectionSilenceTimeout",
    Whole { min: 2_000, max: 10_000 },
    "5000",
    SCHEMA,
    "Milliseconds of first silence.",
);

const fn screen_method(code: u32) -> Attribute {
    built("method", Method, "POST", code, "How `url` is asked.")
}

const SIP: &[Attribute] = &[
    built("username", Credential, "", 13_249, "User for authentication."),
    built("password", Credential, "", 13_249, "Password for authentication."),
    SCREEN_URL,
    screen_method(13_241),
    STATUS_EVENT,
    STATUS_CALLBACK,
    STATUS_METHOD,
    MACHINE,
    MACHINE_METHOD,
    MACHINE_CALLBACK,
    MACHINE_TIMEOUT,
    MACHINE_SPEECH,
    MACHINE_SPEECH_END,
    MACHINE_SILENCE,
];

const URI: &[Attribute] = &[
    built("priority", SRV, "10", SCHEMA, "The lowest is tried first."),
    built("weight", SRV, "10", SCHEMA, "Its share among those of the same priority."),
    built(
        "username",
        Credential,
        "",
        13_249,
        "User for authentication; that of `<Sip>` if absent.",
    ),
    built("password", Credential, "", 13_249, "Password; that of `<Sip>` if `username` is absent."),
];

const HEADER: &[Attribute] = &[
    built("name", Text, "", HEADER_NAME, "Its name; one that is none: `<Sip>` is not dialled."),
    built("value", Text, "", 13_253, "Its value; all headers have fewer than 1,024 characters."),
];

const CLIENT: &[Attribute] =
    &[SCREEN_URL, screen_method(SCHEMA), STATUS_EVENT, STATUS_CALLBACK, STATUS_METHOD];

const PARAMETER: &[Attribute] = &[
    built("name", Text, "", SCHEMA, "Its name; without one it is ignored."),
    built("value", Text, "", SCHEMA, "Its value."),
];

/// An application has no ears.
const UNHEARD: &str =
    "nobody hears it: `Hangup` and `Reject` decline the call, `Redirect` leads on";

#[rustfmt::skip]
const APPLICATION: &[Attribute] = &[
    built("url", Url, "", URL, "A document for whom is called, before connecting.").partly(UNHEARD),
    built("method", Method, "POST", SCHEMA, "How `url` is asked."),
    STATUS_EVENT,
    STATUS_CALLBACK,
    STATUS_METHOD,
    built(
        "customerId", AtMost(256), "", SCHEMA,
        "Who calls, told as `CustomerId`; the account's SID if absent.",
    ),
    built("copyParentTo", Bool, "false", SCHEMA, "`To` is that of the call that dials, not the SID."),
];

#[rustfmt::skip]
const NUMBER: &[Attribute] = &[
    built(
        "sendDigits", Keys { keys: "0123456789*#w", max: SEND_DIGITS_MAX }, "", 13_222,
        "Keys sent after the answer; `w` waits half a second.",
    ),
    SCREEN_URL,
    screen_method(13_221),
    STATUS_EVENT,
    STATUS_CALLBACK,
    STATUS_METHOD,
    built("byoc", Text, "", 32_400, "The trunk to go through: its name or SID."),
    MACHINE,
    MACHINE_METHOD,
    MACHINE_CALLBACK,
    MACHINE_TIMEOUT,
    MACHINE_SPEECH,
    MACHINE_SPEECH_END,
    MACHINE_SILENCE,
];

/// Of `<Queue>` wherever it stands.
pub(crate) const QUEUE: &[Attribute] = &[
    built("url", Url, "", 14_211, "A document run for the queued caller, before connecting."),
    built("method", Method, "POST", 14_210, "How `url` is asked."),
    unbuilt("reservationSid", Text, "", 14_215, "A reservation of a task."),
    unbuilt("postWorkActivitySid", Text, "", 14_218, "What the worker does afterwards."),
];

const WHATSAPP: &[Attribute] = &[
    unbuilt("url", Url, "", URL, "A document run for whom is called, before connecting."),
    unbuilt("method", Method, "POST", SCHEMA, "How `url` is asked."),
    unbuilt("statusCallbackEvent", SomeOf(CALL_EVENTS), "completed", SCHEMA, "Of what to tell."),
    unbuilt("statusCallback", Url, "", URL, "Told how the dialled call gets on."),
    unbuilt("statusCallbackMethod", Method, "POST", SCHEMA, "How `statusCallback` is told."),
];

/// It is always here.
const ONE_REGION: &str = "accepted; it is mixed where this server is";
const NO_SIZE: &str = "`RecordingFileSize` is not told";

#[rustfmt::skip]
const CONFERENCE: &[Attribute] = &[
    built("muted", Bool, "false", 13_230, "The caller is not heard."),
    built(
        "beep", OneOf(&["true", "false", "onEnter", "onExit"]), "true", 13_235,
        "A sound when somebody comes or goes.",
    ),
    built("startConferenceOnEnter", Bool, "true", 13_232, "The caller's coming starts it."),
    built("endConferenceOnExit", Bool, "false", 13_231, "The caller's going ends it."),
    built("waitUrl", Url, "", 13_233, "What is heard until it starts; music if absent."),
    built("waitMethod", Method, "POST", 13_234, "How `waitUrl` is asked."),
    built("maxParticipants", Whole { min: 2, max: 250 }, "250", SCHEMA, "How many at most."),
    built(
        "record", OneOf(&["do-not-record", "record-from-start"]), "do-not-record", 13_217,
        "Whether to record.",
    ),
    unbuilt("recordingConfigurationId", Text, "", SCHEMA, "Configuration of the recording."),
    built("region", OneOf(REGIONS), "", SCHEMA, "Where it is mixed.").partly(ONE_REGION),
    built("coach", Text, "", 13_240, "CallSid of who alone hears the caller."),
    built("trim", OneOf(TRIM), "trim-silence", 13_239, "Whether silence is cut off recordings."),
    built("statusCallbackEvent", SomeOf(ROOM_EVENTS), "", SCHEMA, "Of what to tell."),
    built("statusCallback", Url, "", URL, "Told what happens in the room."),
    built("statusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
    built("recordingStatusCallback", Url, "", 13_256, "Told how the recording gets on."),
    built("recordingStatusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
    built(
        "recordingStatusCallbackEvent", SomeOf(RECORDING_EVENTS), "completed", 13_621,
        "Of what to tell.",
    ),
    built(
        "eventCallbackUrl", Url, "", URL,
        "Told that the recording is complete, if `recordingStatusCallback` is absent.",
    ).partly(NO_SIZE),
    built(
        "jitterBufferSize", OneOf(&["large", "medium", "small", "off"]), "large", SCHEMA,
        "How much jitter is evened out.",
    ),
    built("participantLabel", AtMost(128), "", 16_023, "A name for the caller in the room."),
];
