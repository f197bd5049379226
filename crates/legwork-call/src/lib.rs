//! The product: legs, programs, dials, bridges and transfers as one pure machine.
//!
//! `Input` and `now` in, `Output`s out, in order ([`Switch`]). Not here: sockets, clocks, threads,
//! files, HTTP, JSON (crate `legwork`).
//! Source: Twilio's Programmable Voice pages, and what each module names.
#![forbid(unsafe_code)]

mod adrift;
pub mod alert;
mod answer;
mod answerer;
mod auth;
mod bridge;
mod bug;
mod callback;
mod calls;
pub mod command;
mod conference;
pub mod config;
mod date;
mod dial;
mod digits;
mod event;
mod hangup;
mod inbound;
pub mod io;
mod keys;
pub mod ladder;
mod leg;
mod likelihood;
pub mod limit;
pub mod moment;
mod nested;
mod number;
mod order;
mod placed;
mod ports;
mod queue;
mod rate;
mod reach;
mod recording;
mod register;
mod relay;
mod route;
mod run;
pub mod sid;
mod siprec;
mod stream;
pub mod switch;
mod tap;
mod timer;
mod trace;
mod transcription;
mod transfer;
mod trunk;
mod verb;
pub mod view;
mod webhook;

pub use command::{Answer, Command, NewCall};
pub use config::Config;
pub use io::{Input, Now, Output};
pub use switch::Switch;
pub use webhook::{bare as bare_url, shown as shown_url};
