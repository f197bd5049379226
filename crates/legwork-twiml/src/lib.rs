//! A TwiML document as a typed program and a list of problems. Parsing never fails.
//!
//! Not here: running it (`legwork-call`), fetching it (crate `legwork`).
//! Source: Twilio, "TwiML for Programmable Voice".
#![forbid(unsafe_code)]

pub mod limit;
pub mod problem;
pub mod program;
pub mod suggest;
pub mod table;

mod beside;
mod noun;
mod parse;
mod scan;
mod ssml;
mod verb;

pub use limit::DOCUMENT_MAX;
pub use problem::{Level, Problem};
pub use program::{
    Application, Ask, CallEvents, Client, Conference, ConferenceCallback, ConferenceEvents,
    ConferenceWait, Connect, Connected, Dial, DialRecord, Enqueue, Gather, Hangup, Inputs,
    Interrupts, JitterBuffer, Keep, MachineDetection, Method, Noun, Nouns, Number, Pause, Play,
    Press, Program, Prompt, QueueNoun, Record, RecordingCallback, RecordingEvents, Redirect, Refer,
    Reject, RejectReason, Relay, RelayLanguage, Say, Sensitivity, Sides, Sip, SipUri, Siprec,
    Speech, SpeechTimeout, Start, StartRecording, Started, StatusCallback, Stop, Stopped, Stream,
    StreamTo, Tracks, Transcription, Unbuilt, Verb, Wait, Whom,
};

/// Parses a document of at most [`DOCUMENT_MAX`] bytes.
///
/// A problem of level error means that the document cannot be used: it is the only one, and the
/// program is empty. Warnings stand in the order in which they were found, verb after verb.
#[must_use]
pub fn parse(document: &[u8]) -> (Program, Vec<Problem>) {
    parse::document(document)
}

/// What is wrong with a document: the problems of [`parse()`].
#[must_use]
pub fn check(document: &[u8]) -> Vec<Problem> {
    parse(document).1
}
