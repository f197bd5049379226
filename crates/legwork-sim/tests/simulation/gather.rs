//! `<Gather>`: keys and speech, prompts, and every place and time it may stand at.
//!
//! What single attributes do: `attributes/Gather.…`.

mod keys;
mod places;
mod samples;
mod speech;
mod transfers;
