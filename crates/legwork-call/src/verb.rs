//! What each verb does, one file each. `<Dial>` has a module of its own (`dial`).
//!
//! Not here: which verb comes next (`run`).

mod hangup;
mod pause;
mod play;
mod press;
mod redirect;
pub(crate) mod refer;
mod reject;
mod say;
