//! The table, the rest: what stands inside `Start`, `Stop`, `Connect`, `Enqueue`, `Refer`, and the
//! parameters of what does not dial.
//!
//! Not here: verbs (`verb`), what `<Dial>` holds (`noun`).
//! Source: Twilio, "TwiML Voice: Start", "Stop", "Connect", "Enqueue", "Refer" and the pages of
//! their nouns; codes: "Error and Warning Dictionary".

use crate::problem::{SCHEMA, URL};
use crate::table::Kind::{Bool, Language, Method, OneOf, SomeOf, Text, Url, WebSocket, Whole};
use crate::table::{Attribute, Element, Kind, UNLIMITED, built, unbuilt};
use crate::verb::{RECOGNISER, RECORD, RECORDING_EVENTS, SECONDS, TRACK, TRIM};

const CONNECT: &[&str] = &["Connect"];
const BESIDE_CALL: &[&str] = &["Start", "Stop"];
const TRACKS: Kind = OneOf(&["inbound_track", "outbound_track", "both_tracks"]);
const INTERRUPTS: Kind = OneOf(&["none", "dtmf", "speech", "any", "true", "false"]);
const VOICES: &str = "those of docs/voices.md; others count as none";
const DEBUG: &str = "speaker-events and tokens-played, as in `events`";
const EVENTS: &str = "speaker-events and tokens-played";
const ENGINE: &str = "`pocketsphinx` keeps it on this machine; others leave it to docs/speech.md";
const TTS: &str = "`Amazon` and `Google` say whose `voice` is; who speaks is the operator's choice";
const ENDPOINT: &str = "pocketsphinx has no such settings";
const TOLD_BACK: &str = "told back; ours is the recogniser of docs/speech.md";
const COUNT: Kind = Whole { min: 0, max: UNLIMITED };
const CALL_EVENTS: &[&str] = &["call-initiated", "call-ringing", "call-answered", "call-completed"];

/// Everything that stands inside a verb other than `Dial` and `Say`.
#[rustfmt::skip]
pub(crate) const BESIDE: &[Element] = &[
    Element::known("Sip", &["Refer"], "Who is to be called.").built()
        .text("A sip, sips or tel URI: `Refer-To`, as it stands, headers behind `?` included."),
    Element::known("Task", &["Enqueue"], "A task for a worker.").text("Its attributes, as JSON.")
        .attributes(TASK),
    Element::known("Parameter", &["VirtualAgent", "Pay"], "A custom parameter.").attributes(PARAMETER),
    Element::known("Parameter", &["Hangup", "Reject"], "A header `X-…` of the BYE, or of the refusal.").built()
        .attributes(TOLD_PARAMETER),
    Element::known("Parameter", &["Transcription"], "A parameter `Param_…` of its callbacks.").built()
        .attributes(TOLD_PARAMETER),
    Element::known("Parameter", &["Stream", "ConversationRelay"], "A custom parameter, told at the start.").built()
        .attributes(TOLD_PARAMETER),
    Element::known("Stream", BESIDE_CALL, "Audio to a WebSocket.").built().attributes(STREAM),
    Element::known("Stream", CONNECT, "Audio to and from a WebSocket.").built().takes_over()
        .attributes(STREAM_BOTH_WAYS),
    Element::known("Siprec", BESIDE_CALL, "Recording by a SIPREC server.").built()
        .attributes(SIPREC),
    Element::known("Parameter", &["Siprec"], "A header `X-…` of the INVITE to the recorder.").built()
        .attributes(SIPREC_PARAMETER),
    Element::known("Transcription", BESIDE_CALL, "Speech as text while it is spoken.").built()
        .attributes(TRANSCRIPTION),
    Element::known("Config", &["Transcription"], "A field of the form an endpoint is asked by.").partly(ENDPOINT)
        .attributes(TRANSCRIPTION_CONFIG),
    Element::known("Config", &["VirtualAgent"], "A custom setting.").attributes(AGENT_CONFIG),
    Element::known("Recording", &["Start"], "Recording of the call.").built()
        .attributes(RECORDING),
    Element::known("ConversationRelay", CONNECT, "Text to and from an application's agent.").built()
        .takes_over()
        .attributes(RELAY),
    Element::known("Language", &["ConversationRelay"], "Settings of one language.").built()
        .attributes(RELAY_LANGUAGE),
    Element::known("ConversationRelaySession", CONNECT, "An agent by connector.").takes_over()
        .attributes(RELAY_SESSION),
    Element::known("AiSession", CONNECT, "An agent by connector.").takes_over().attributes(AI_SESSION),
    Element::known("Conversation", CONNECT, "A conversation.").takes_over().attributes(CONVERSATION),
    Element::known("VirtualAgent", CONNECT, "A Dialogflow agent.").takes_over().attributes(VIRTUAL_AGENT),
    Element::known("Autopilot", CONNECT, "An Autopilot assistant.").takes_over().text("Its SID or name."),
    Element::known("Room", CONNECT, "A video room.").takes_over().text("Its name.").attributes(ROOM),
];

const PARAMETER: &[Attribute] = &[
    unbuilt("name", Text, "", SCHEMA, "Its name."),
    unbuilt("value", Text, "", SCHEMA, "Its value."),
];

const TOLD_PARAMETER: &[Attribute] =
    &[built("name", Text, "", SCHEMA, "Its name."), built("value", Text, "", SCHEMA, "Its value.")];

const TASK: &[Attribute] = &[
    unbuilt("priority", COUNT, "", SCHEMA, "The highest is done first."),
    unbuilt("timeout", COUNT, "", SCHEMA, "Seconds until it is given up."),
];

#[rustfmt::skip]
const STREAM: &[Attribute] = &[
    built("name", Text, "", SCHEMA, "Its name, for `Stop`."),
    built("connectorName", Text, "", 31_940, "The `[[stream]]`, where there is no `url`."),
    built("url", WebSocket, "", 31_922, "Where to."),
    built("track", TRACKS, "inbound_track", 31_941, "Who is heard."),
    built("statusCallback", Url, "", URL, "Told how it gets on."),
    built("statusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
];

#[rustfmt::skip]
const STREAM_BOTH_WAYS: &[Attribute] = &[
    built("name", Text, "", SCHEMA, "Its name."),
    built("connectorName", Text, "", 31_940, "The `[[stream]]`, where there is no `url`."),
    built("url", WebSocket, "", 31_922, "Where to."),
    built("track", OneOf(&["inbound_track"]), "inbound_track", 31_941, "Who is heard."),
    built("statusCallback", Url, "", URL, "Told how it gets on."),
    built("statusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
];

const SIPREC: &[Attribute] = &[
    built("name", Text, "", SCHEMA, "Its name, for `Stop`."),
    built(
        "connectorName",
        Text,
        "",
        SCHEMA,
        "The `[[recorder]]`; the account's only one if absent.",
    ),
    built("track", TRACKS, "both_tracks", SCHEMA, "Who is recorded."),
    built("statusCallback", Url, "", URL, "Told how it gets on."),
    built("statusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
];

const SIPREC_PARAMETER: &[Attribute] =
    &[built("name", Text, "", SCHEMA, "Its name."), built("value", Text, "", SCHEMA, "Its value.")];

#[rustfmt::skip]
const TRANSCRIPTION: &[Attribute] = &[
    built("name", Text, "", SCHEMA, "Its name, for `Stop`."),
    built("track", TRACKS, "both_tracks", 32_650, "Who is written down."),
    built("statusCallbackUrl", Url, "", URL, "Told what is spoken."),
    built("statusCallbackMethod", Method, "POST", 32_650, "How it is told."),
    built("inboundTrackLabel", Text, "", 32_650, "A name for the caller."),
    built("outboundTrackLabel", Text, "", 32_650, "A name for the other side."),
    built("partialResults", Bool, "false", 32_650, "Unfinished sentences are told, too."),
    built("languageCode", Language, "en-US", 32_650, "The language."),
    built("transcriptionEngine", Text, "google", 32_650, "Who writes down; told back.").partly(ENGINE),
    built("profanityFilter", Bool, "true", 32_650, "Bad words are left out."),
    built("speechModel", Text, "telephony", 32_650, "The engine's model.").partly(RECOGNISER),
    built("hints", Text, "", 32_650, "Words that are likely.").partly(RECOGNISER),
    built(
        "enableAutomaticPunctuation", Bool, "true", 32_650, "With punctuation.",
    ).partly(TOLD_BACK),
    unbuilt("intelligenceService", Text, "", 32_655, "The service that analyses it."),
];

const TRANSCRIPTION_CONFIG: &[Attribute] = &[
    built("name", Text, "", 32_652, "Its name; not one that Legwork sends itself."),
    built("value", Text, "", 32_652, "Its value."),
];

const AGENT_CONFIG: &[Attribute] = &[
    unbuilt("name", Text, "", 32_603, "Its name."),
    unbuilt("value", Text, "", 32_603, "Its value."),
];

#[rustfmt::skip]
const RECORDING: &[Attribute] = &[
    built("recordingStatusCallback", Url, "", 13_256, "Told how the recording gets on."),
    built("recordingStatusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
    built(
        "recordingStatusCallbackEvent", SomeOf(RECORDING_EVENTS), "completed", 13_621,
        "Of what to tell.",
    ),
    built("trim", OneOf(TRIM), "trim-silence", SCHEMA, "Whether silence is cut off."),
    built("track", OneOf(TRACK), "both", SCHEMA, "Which side is recorded."),
    built("channels", OneOf(&["mono", "dual"]), "dual", SCHEMA, "Both sides in one channel or two."),
    unbuilt("recordingConfigurationId", Text, "", SCHEMA, "Configuration of the recording."),
];

#[rustfmt::skip]
const RELAY: &[Attribute] = &[
    built("url", WebSocket, "", 64_102, "Where to."),
    built("language", Language, "en-US", 64_101, "The language of both sides."),
    built("ttsLanguage", Language, "", 64_101, "The language spoken to the caller; `language` if absent."),
    built("transcriptionLanguage", Language, "", 64_101, "The language of the caller; `language` if absent."),
    built("ttsProvider", Text, "", 64_101, "Who speaks.").partly(TTS),
    built("voice", Text, "", 64_101, "With which voice.").partly(VOICES),
    built("transcriptionProvider", Text, "", 64_101, "Who writes down.").partly(ENGINE),
    built("speechModel", Text, "", 64_101, "With which model.").partly(RECOGNISER),
    built("profanityFilter", Bool, "false", 64_101, "Bad words are left out."),
    built("dtmfDetection", Bool, "false", 64_101, "Keys are told."),
    built("welcomeGreeting", Text, "", 64_101, "What is said first."),
    built("partialPrompts", Bool, "false", 64_101, "Unfinished sentences are told, too."),
    built("welcomeGreetingInterruptible", INTERRUPTS, "any", 64_101, "What interrupts the greeting."),
    built("interruptible", INTERRUPTS, "any", 64_101, "What interrupts speech."),
    built("preemptible", Bool, "false", 64_101, "New speech interrupts the old."),
    built("hints", Text, "", 64_101, "Words that are likely.").partly(RECOGNISER),
    unbuilt("intelligenceService", Text, "", 64_101, "The service that analyses it."),
    built("reportInputDuringAgentSpeech", INTERRUPTS, "none", 64_101, "What is told of input that does not interrupt."),
    unbuilt("elevenlabsTextNormalization", Text, "", 64_101, "Numbers and dates as words."),
    built("interruptSensitivity", OneOf(&["low", "medium", "high"]), "high", 64_101, "How easily speech interrupts."),
    built("debug", Text, "", 64_101, "What more to tell.").partly(DEBUG),
    unbuilt("backgroundNoiseReduction", Text, "", 64_101, "Noise is taken out."),
    built("speechTimeout", Text, "", 64_101, "Milliseconds of silence that end speech, or `auto`."),
    unbuilt("deepgramSmartFormat", Text, "", 64_101, "Numbers and dates as written."),
    built("ignoreBackchannel", Text, "false", 64_101, "A mere yes does not interrupt."),
    built("events", Text, "", 64_101, "What is told besides.").partly(EVENTS),
    unbuilt("eotThreshold", Text, "", 64_101, "How sure the recogniser is that speech has ended."),
    unbuilt("conversationConfiguration", Text, "", 64_101, "The service that keeps the conversation."),
];

const RELAY_LANGUAGE: &[Attribute] = &[
    built("code", Language, "", 64_101, "The language these settings are for."),
    built("ttsProvider", Text, "", 64_101, "Who speaks.").partly(TTS),
    built("voice", Text, "", 64_101, "With which voice.").partly(VOICES),
    built("transcriptionProvider", Text, "", 64_101, "Who writes down.").partly(ENGINE),
    built("speechModel", Text, "", 64_101, "With which model.").partly(RECOGNISER),
];

const RELAY_SESSION: &[Attribute] = &[
    unbuilt("connector", Text, "", SCHEMA, "The connector."),
    unbuilt("sessionConfiguration", Text, "", SCHEMA, "Its configuration."),
];

const AI_SESSION: &[Attribute] = &[
    unbuilt("aiConnector", Text, "", SCHEMA, "The connector."),
    unbuilt("aiSessionConfiguration", Text, "", SCHEMA, "Its configuration."),
];

#[rustfmt::skip]
const CONVERSATION: &[Attribute] = &[
    unbuilt("serviceInstanceSid", Text, "", SCHEMA, "The service."),
    unbuilt("inboundAutocreation", Bool, "", SCHEMA, "Made when there is none."),
    unbuilt("routingAssignmentTimeout", SECONDS, "", SCHEMA, "Seconds until somebody is found."),
    unbuilt("inboundTimeout", SECONDS, "", SCHEMA, "Seconds until it is given up."),
    unbuilt("url", Url, "", URL, "A document run for who joins."),
    unbuilt("method", Method, "POST", SCHEMA, "How `url` is asked."),
    unbuilt("record", OneOf(RECORD), "", SCHEMA, "Whether and how to record."),
    unbuilt("trim", OneOf(TRIM), "", SCHEMA, "Whether silence is cut off."),
    unbuilt("recordingStatusCallback", Url, "", 13_256, "Told how the recording gets on."),
    unbuilt("recordingStatusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
    unbuilt(
        "recordingStatusCallbackEvent", SomeOf(RECORDING_EVENTS), "completed", 13_621,
        "Of what to tell.",
    ),
    unbuilt("statusCallback", Url, "", URL, "Told how it gets on."),
    unbuilt("statusCallbackMethod", Method, "POST", SCHEMA, "How it is told."),
    unbuilt("statusCallbackEvent", SomeOf(CALL_EVENTS), "", SCHEMA, "Of what to tell."),
];

const VIRTUAL_AGENT: &[Attribute] = &[
    unbuilt("connectorName", Text, "", 32_602, "The connector."),
    unbuilt("language", Text, "", 32_600, "The language of the caller."),
    unbuilt("sentimentAnalysis", Bool, "", 32_600, "Whether the mood is judged."),
    unbuilt("statusCallback", Url, "", URL, "Told how it gets on."),
    unbuilt("statusCallbackMethod", Method, "POST", 32_600, "How it is told."),
];

const ROOM: &[Attribute] =
    &[unbuilt("participantIdentity", Text, "", SCHEMA, "Who the caller is in the room.")];
