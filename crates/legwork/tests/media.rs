//! What real phones say and hear: keys, speech, recordings, codecs, and callers who send no sound, or none
//! worth the name.
//!
//! Not here: who talks with whom in transfers (`phones`, `transfers`), the signalling alone (`real`).
//! Source: Twilio, `<Gather>`, `<Record>`, `<Dial>`, `<Play>`, `<Say>`.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "real/app.rs"]
mod app;
#[path = "real/baresip.rs"]
mod baresip;
#[path = "media/between.rs"]
mod between;
#[path = "media/caller.rs"]
mod caller;
#[path = "media/codecs.rs"]
mod codecs;
#[path = "media/gather.rs"]
mod gather;
#[path = "media/keys.rs"]
mod keys;
#[expect(dead_code, reason = "shared with the tests of transfers")]
#[path = "phones/linphone.rs"]
mod linphone;
#[path = "media/record.rs"]
mod record;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/server.rs"]
mod server;
#[path = "media/silent.rs"]
mod silent;
#[expect(dead_code, reason = "shared with the tests of transfers")]
#[path = "real/sipp.rs"]
mod sipp;
#[path = "real/speech.rs"]
mod speech;
#[path = "real/together.rs"]
mod together;
#[path = "media/transcription.rs"]
mod transcription;
#[path = "real/wav.rs"]
mod wav;

#[test]
fn keys_of_real_phones_reach_the_application() {
    keys::reach_the_application();
}

#[test]
fn keys_are_pressed_towards_real_phones() {
    keys::are_pressed_towards_phones();
}

#[test]
fn real_phones_are_asked_and_told() {
    gather::play();
}

#[test]
fn what_real_phones_say_is_told_in_words() {
    transcription::play();
}

#[test]
fn the_last_words_are_told_before_the_server_ends() {
    transcription::last_words();
}

#[test]
fn real_phones_are_recorded() {
    record::play();
}

#[test]
fn real_phones_of_different_codecs_hear_each_other() {
    codecs::play();
}

#[test]
fn callers_without_sound_are_callers() {
    silent::play();
}
