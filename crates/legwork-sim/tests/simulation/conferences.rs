//! `<Dial><Conference>`: rooms, who is in them, what they hear and what is told of them.
//!
//! Not here: one ladder per attribute (`attributes`), what must always hold (`legwork_sim::books`).
//! Source: Twilio, "TwiML Voice: Conference", "Conferences resource", "Participants resource".

mod announcements;
mod documents;
mod ends;
mod hearing;
mod orders;
mod refused;
mod transfers;

/// The bank answers everybody with the conference `one`, which tells of everything.
const ONE: &str = r#"
    show StatusCallbackEvent, SequenceNumber, Muted, Hold, ReasonParticipantLeft, ReasonConferenceEnded
    app /told ok
    app /voice <Dial action="/action"><Conference statusCallback="/told" statusCallbackEvent="start end join leave mute hold modify announcement">one</Conference></Dial>
    app /action <Hangup/>
"#;
