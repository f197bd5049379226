//! Recording: every input of a call and what it met beside, in one file for each conversation.
//!
//! ```text
//!   engine ── input, dice ──▶ book: whose is it? ── queue ──▶ writer: one file when the call is over
//!                                                               │
//!   legwork replay ◀── file: head with configuration, a line for each input, end ◀──┘
//! ```
//! The engine never waits: what finds the queue full is missing in its file, which says so.
//! Not here: living through a file again (`record/replay`), what an input meets (`legwork_call::moment`).
//! Source: ours; the README, "Record and replay".

mod alias;
pub mod book;
mod config;
pub mod file;
mod folder;
mod form;
pub mod line;
pub mod replay;
mod scrub;
pub mod step;
pub mod writer;

use std::path::PathBuf;

pub use book::Book;
pub use file::{Damaged, Recording};
pub use replay::{Difference, Played, replay};
pub use step::{What, Written};
pub use writer::{Scribe, start};

/// What `--record` and `--record-redact` say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where the files go.
    pub folder: PathBuf,
    /// Names and numbers are replaced by made-up ones.
    pub redact: bool,
}
