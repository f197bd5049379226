//! Stories of endpoints: two of them on a virtual network, or one and messages written by hand.
//!
//! Not here: single machines (beside each machine in `src`).

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may stop where it stands, and looks at the events it is about"
)]

mod calls;
mod cancels;
mod challenges;
mod dialogs;
mod flows;
mod forks;
mod limits;
mod matching;
mod peer;
mod random;
mod referrals;
mod refers;
mod reliable;
mod requests;
mod rules;
mod sessions;
mod timers;
mod torture;
mod updates;
mod world;
