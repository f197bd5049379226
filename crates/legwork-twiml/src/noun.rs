//! The table, second half: what stands inside verbs, and the SSML of `<Say>`.
//!
//! Not here: verbs (`verb`), the columns' meaning (`table`).
//! Source: Twilio, the pages of `Dial`'s nouns, "Say: SSML"; codes: "Error and Warning
//! Dictionary".

use crate::limit::SEND_DIGITS_MAX;
use crate::problem::SCHEMA;
use crate::table::Kind::{
    Bool, Credential, Keys, Language, Method, OneOf, SomeOf, Text, Url, Whole,
};
use crate::table::{Attribute, Built, Element, built, known, unbuilt};

const DIAL: &[&str] = &["Dial"];
const CONNECT: &[&str] = &["Connect"];
const STREAMING: &[&str] = &["Start", "Stop", "Connect"];
const BESIDE: &[&str] = &["Start", "Stop"];

const CALL_EVENTS: &[&str] = &["initiated", "ringing", "answered", "completed"];
const DETECTION: &[&str] = &["Enable", "DetectMessageEnd"];

/// Where an SSML element of one word or more may stand.
const IN_TEXT: &[&str] = &["Say", "emphasis", "lang", "p", "prosody", "s", "w"];
const IN_PHRASE: &[&str] = &["Say", "emphasis", "lang", "p", "prosody", "s"];

/// Everything that stands inside a verb.
#[rustfmt::skip]
pub(crate) const NOUNS: &[Element] = &[
    dialled("Sip", DIAL, SIP, "A SIP URI or a registered phone."),
    dialled("Client", DIAL, CLIENT, "The phones of an identity."),
    dialled("Number", DIAL, NUMBER, "A telephone number."),
    dialled("Uri", &["Sip"], URI, "One SIP URI, when there are headers or several."),
    dialled("Identity", &["Client"], &[], "The identity, when there are parameters."),
    dialled("Headers", &["Sip"], &[], "SIP headers to send."),
    dialled("Header", &["Headers"], PARAMETER, "One SIP header to send."),
    known("Conference", DIAL, true, "A conference room."),
    known("Queue", DIAL, true, "The first caller of a queue."),
    dialled("Sim", DIAL, &[], "A SIM card."),
    dialled("Application", DIAL, APPLICATION, "Another TwiML application."),
    dialled("ApplicationSid", &["Application"], &[], "The application's SID."),
    dialled("Parameter", &["Client", "Application"], PARAMETER, "A custom parameter."),
    known("WhatsApp", DIAL, true, "A WhatsApp number."),
    known(
        "Parameter",
        &["Hangup", "Reject", "Stream", "Siprec", "Transcription",
          "ConversationRelay", "VirtualAgent", "Pay"],
        false,
        "A custom parameter.",
    ),
    known("Sip", &["Refer"], false, "The SIP URI to be called."),
    known("Task", &["Enqueue"], false, "Attributes of a task."),
    known("Stream", STREAMING, false, "Audio over a WebSocket."),
    known("Siprec", BESIDE, false, "Recording by a SIPREC server."),
    known("Transcription", BESIDE, false, "Speech as text while it is spoken."),
    known("Recording", &["Start"], false, "Recording of the call."),
    known("Config", &["Transcription", "VirtualAgent"], false, "A custom setting."),
    known("ConversationRelay", CONNECT, false, "Text to and from an application's agent."),
    known("Language", &["ConversationRelay"], false, "Settings of one language."),
    known("ConversationRelaySession", CONNECT, false, "An agent by connector."),
    known("AiSession", CONNECT, false, "An agent by connector."),
    known("Conversation", CONNECT, false, "A conversation."),
    known("VirtualAgent", CONNECT, false, "A Dialogflow agent."),
    known("Autopilot", CONNECT, false, "An Autopilot assistant."),
    known("Room", CONNECT, false, "A video room."),
    ssml("break", IN_TEXT, BREAK, "A pause."),
    ssml("emphasis", IN_TEXT, EMPHASIS, "Words to stress."),
    ssml("lang", IN_PHRASE, LANG, "Words in another language."),
    ssml("p", &["Say", "lang", "prosody"], &[], "A paragraph."),
    ssml("phoneme", IN_TEXT, PHONEME, "Words with their pronunciation."),
    ssml("prosody", IN_TEXT, PROSODY, "Words with volume, rate or pitch."),
    ssml("s", &["Say", "lang", "p", "prosody"], &[], "A sentence."),
    ssml("say-as", IN_TEXT, SAY_AS, "Digits, dates and the like."),
    ssml("sub", IN_TEXT, SUB, "Words to be spoken as others."),
    ssml("w", IN_PHRASE, W, "A word with its role."),
];

const fn dialled(
    name: &'static str,
    parents: &'static [&'static str],
    attributes: &'static [Attribute],
    doc: &'static str,
) -> Element {
    Element { name, parents, built: Built::Yes, takes_over: true, attributes, doc }
}

const fn ssml(
    name: &'static str,
    parents: &'static [&'static str],
    attributes: &'static [Attribute],
    doc: &'static str,
) -> Element {
    Element { name, parents, built: Built::Yes, takes_over: false, attributes, doc }
}

// Attributes that several nouns share, each one row; `method` differs by its code.
const SCREEN_URL: Attribute =
    built("url", Url, "", SCHEMA, "A document run for whom is called before connecting.");
const STATUS_EVENT: Attribute =
    built("statusCallbackEvent", SomeOf(CALL_EVENTS), "completed", SCHEMA, "Of what to tell.");
const STATUS_CALLBACK: Attribute =
    built("statusCallback", Url, "", SCHEMA, "Told how the dialled call gets on.");
const STATUS_METHOD: Attribute =
    built("statusCallbackMethod", Method, "POST", SCHEMA, "How `statusCallback` is told.");
const MACHINE: Attribute =
    unbuilt("machineDetection", OneOf(DETECTION), "", SCHEMA, "Whether a machine answered.");
const MACHINE_METHOD: Attribute =
    unbuilt("amdStatusCallbackMethod", Method, "POST", SCHEMA, "How `amdStatusCallback` is told.");
const MACHINE_CALLBACK: Attribute =
    unbuilt("amdStatusCallback", Url, "", SCHEMA, "Told whether a machine answered.");
const MACHINE_TIMEOUT: Attribute = unbuilt(
    "machineDetectionTimeout",
    Whole { min: 3, max: 60 },
    "30",
    SCHEMA,
    "Seconds to find out.",
);
const MACHINE_SPEECH: Attribute = unbuilt(
    "machineDetectionSpeechThreshold",
    Whole { min: 1_000, max: 6_000 },
    "2400",
    SCHEMA,
    "Milliseconds of speech that make a machine.",
);
const MACHINE_SPEECH_END: Attribute = unbuilt(
    "machineDetectionSpeechEndThreshold",
    Whole { min: 500, max: 5_000 },
    "1200",
    SCHEMA,
    "Milliseconds of silence that end its speech.",
);
const MACHINE_SILENCE: Attribute = unbuilt(
    "machineDetectionSilenceTimeout",
    Whole { min: 2_000, max: 10_000 },
    "5000",
    SCHEMA,
    "Milliseconds of first silence.",
);

const SIP: &[Attribute] = &[
    built("username", Credential, "", 13_249, "User for authentication."),
    built("password", Credential, "", 13_249, "Password for authentication."),
    SCREEN_URL,
    built("method", Method, "POST", 13_241, "How `url` is asked."),
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

const CLIENT: &[Attribute] = &[
    SCREEN_URL,
    built("method", Method, "POST", SCHEMA, "How `url` is asked."),
    STATUS_EVENT,
    STATUS_CALLBACK,
    STATUS_METHOD,
];

const NUMBER: &[Attribute] = &[
    built(
        "sendDigits",
        Keys { keys: "0123456789*#w", max: SEND_DIGITS_MAX },
        "",
        13_222,
        "Tones sent after the answer: 0-9 * #, `w` waits.",
    ),
    SCREEN_URL,
    built("method", Method, "POST", 13_221, "How `url` is asked."),
    STATUS_EVENT,
    STATUS_CALLBACK,
    STATUS_METHOD,
    built("byoc", Text, "", SCHEMA, "The SID of the trunk to go through."),
    MACHINE,
    MACHINE_METHOD,
    MACHINE_CALLBACK,
    MACHINE_TIMEOUT,
    MACHINE_SPEECH,
    MACHINE_SPEECH_END,
    MACHINE_SILENCE,
];

const PARAMETER: &[Attribute] =
    &[built("name", Text, "", SCHEMA, "Its name."), built("value", Text, "", SCHEMA, "Its value.")];

const APPLICATION: &[Attribute] = &[
    SCREEN_URL,
    built("method", Method, "POST", SCHEMA, "How `url` is asked."),
    STATUS_EVENT,
    STATUS_CALLBACK,
    STATUS_METHOD,
    built("customerId", Text, "", SCHEMA, "Who calls, told to the application."),
    built("copyParentTo", Bool, "false", SCHEMA, "`To` is the caller's, not the SID."),
];

const URI: &[Attribute] = &[
    built("priority", Whole { min: 0, max: 65_535 }, "10", SCHEMA, "Which URI is tried first."),
    built(
        "weight",
        Whole { min: 0, max: 65_535 },
        "10",
        SCHEMA,
        "Its share among those of the same priority.",
    ),
    built("username", Credential, "", 13_249, "User for authentication."),
    built("password", Credential, "", 13_249, "Password for authentication."),
];

#[rustfmt::skip]
const BREAK: &[Attribute] = &[
    built(
        "strength", OneOf(&["none", "x-weak", "weak", "medium", "strong", "x-strong"]), "", SCHEMA,
        "How long by feeling.",
    ),
    built("time", Text, "", SCHEMA, "How long: `2s`, `200ms`."),
];

const EMPHASIS: &[Attribute] =
    &[built("level", OneOf(&["strong", "moderate", "reduced"]), "", SCHEMA, "How much stress.")];

const LANG: &[Attribute] = &[built("xml:lang", Language, "", SCHEMA, "The language.")];

#[rustfmt::skip]
const PHONEME: &[Attribute] = &[
    built(
        "alphabet",
        OneOf(&["ipa", "x-sampa", "x-amazon-jyutping", "x-amazon-pinyin", "x-amazon-pron-kana",
                "x-amazon-yomigana"]),
        "", SCHEMA, "The alphabet of `ph`.",
    ),
    built("ph", Text, "", SCHEMA, "The pronunciation."),
];

const PROSODY: &[Attribute] = &[
    built("volume", Text, "", SCHEMA, "`silent` to `x-loud`, `+6dB`."),
    built("rate", Text, "", SCHEMA, "`x-slow` to `x-fast`, `85%`."),
    built("pitch", Text, "", SCHEMA, "`x-low` to `x-high`, `-10%`."),
];

#[rustfmt::skip]
const SAY_AS: &[Attribute] = &[
    built(
        "interpret-as",
        OneOf(&["characters", "spell-out", "cardinal", "number", "ordinal", "digits", "fraction",
                "unit", "date", "time", "address", "expletive", "telephone"]),
        "", SCHEMA, "What it is.",
    ),
    built(
        "format",
        OneOf(&["mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y", "yyyymmdd"]),
        "", SCHEMA, "The order of a date's parts.",
    ),
];

const SUB: &[Attribute] = &[built("alias", Text, "", SCHEMA, "What is spoken.")];

const W: &[Attribute] = &[built("role", Text, "", SCHEMA, "Its part of speech or meaning.")];
