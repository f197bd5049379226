//! What must hold of any bytes whatever: one function for each thing that reads bytes of others.
//!
//! A function panics where something does not hold. libFuzzer drives them (`fuzz/` at the root of
//! the repository), and so does a run of seeded mutations on stable Rust (`tests/mutations.rs`).
//! Not here: how inputs are found (`mutate`), what single messages must give (the crates' own tests).
#![expect(clippy::panic, reason = "what does not hold fails the run that found it")]

mod address;
mod engine;
mod media;
mod mutate;
mod sdp;
mod sip;
mod stream;
mod twiml;

pub use mutate::Mutator;

/// One thing that reads bytes of others.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called: also its folders below `fuzz/`.
    pub name: &'static str,
    /// Reads the bytes; panics where something does not hold.
    pub run: fn(&[u8]),
    /// Words and bytes that have hurt readers of its kind.
    pub dictionary: &'static [&'static [u8]],
}

/// All of them.
pub const TARGETS: [Target; 7] = [
    Target { name: "sip", run: sip::run, dictionary: sip::DICTIONARY },
    Target { name: "stream", run: stream::run, dictionary: sip::DICTIONARY },
    Target { name: "address", run: address::run, dictionary: address::DICTIONARY },
    Target { name: "sdp", run: sdp::run, dictionary: sdp::DICTIONARY },
    Target { name: "media", run: media::run, dictionary: media::DICTIONARY },
    Target { name: "twiml", run: twiml::run, dictionary: twiml::DICTIONARY },
    Target { name: "engine", run: engine::run, dictionary: engine::DICTIONARY },
];

/// Reads the bytes with the target of this name.
///
/// # Panics
/// When something does not hold, or there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    match TARGETS.iter().find(|target| target.name == name) {
        Some(target) => (target.run)(bytes),
        None => panic!("there is no target {name}"),
    }
}
