//! Real phones of two makes, baresip and linphonec, as transferor, transferee and target.
//!
//! Each plays a tone and records what it hears, so that who talks with whom is heard, not concluded.
//! Not here: the built server with SIPp as parties, and commands (`real`); phones scripted to misbehave
//! (`legwork-sim`).
//! Source: the transfer table of the contract; RFC 5589 for the parties' names.

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
#[path = "phones/attended.rs"]
mod attended;
#[expect(dead_code, reason = "shared with the other tests of real phones")]
#[path = "real/baresip.rs"]
mod baresip;
#[path = "phones/cast.rs"]
mod cast;
#[path = "phones/combination.rs"]
mod combination;
#[path = "phones/linphone.rs"]
mod linphone;
#[path = "phones/phone.rs"]
mod phone;
#[path = "phones/records.rs"]
mod records;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/server.rs"]
mod server;
#[expect(dead_code, reason = "shared with the other tests of real phones")]
#[path = "real/wav.rs"]
mod wav;

#[test]
fn the_transferor_is_kept_until_the_target_answers_or_declines() {
    combination::play(true);
}

#[test]
fn the_transferor_is_released_at_once() {
    combination::play(false);
}

#[test]
fn linphone_transfers_a_caller_to_whom_it_has_consulted() {
    attended::play();
}
