//! A simulated world: virtual network and clock, scripted phones and application, ladders.
//!
//! A scenario in words goes in, a ladder comes out ([`script::run`]); [`chaos`] acts at random and
//! checks only what must always hold. The phones ([`phone`]) are also those of `legwork demo`.
//! Not here: real sockets and processes (crate `legwork`, `tests/real`).
#![forbid(unsafe_code)]

pub mod app;
pub mod books;
pub mod chaos;
pub mod clock;
pub mod dice;
pub mod fuzz;
pub mod hearing;
pub mod ladder;
pub mod network;
pub mod phone;
pub mod proxy;
pub mod script;
pub mod sound;
pub mod wire;
pub mod world;
