//! Phones and switches as they really transfer: one test or more for each line of the checklist.
//!
//! `qNN_` is the number of its line: `docs/interop.md` is written from these names.
//! Source: refer-interop.md.

mod attended;
mod crossings;
mod dialogs;
mod forms;
mod holds;
mod leaving;
mod media;
mod notices;
mod outbound;
mod progress;
mod unsubscribed;
