//! The media of legs: SDP and its negotiation, RTP and what is heard, without a socket or a clock.
//!
//! Not here: sockets and threads (crate `legwork`), SIP, decisions about calls (`legwork-call`).
#![forbid(unsafe_code)]

pub mod codec;
pub mod command;
pub mod detect;
pub mod dtmf;
pub mod ear;
pub mod jitter;
pub mod limit;
pub mod line;
pub mod measure;
pub mod mouth;
pub mod offer_answer;
pub mod plane;
pub mod resample;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod sound;
pub mod tap;
pub mod tone;
pub mod wav;

#[cfg(test)]
mod epoch;

pub use command::{
    Command, Event, Feed, JitterSize, MediaId, RoomCommand, RoomEvent, RoomId, SourceId, Speech,
    Track,
};
pub use offer_answer::{Agreed, Negotiation, Refusal};
pub use sound::{Frame, Rate};
pub use tap::{Answerer, Hearing, Live, Machine, Side, Tap, TapId, TapPiece};
