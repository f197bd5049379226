//! What each verb does, one file each. `<Dial>` has a module of its own (`dial`).
//!
//! Not here: which verb comes next (`run`).

pub(crate) mod connect;
mod echo;
pub(crate) mod gather;
mod hangup;
mod pause;
mod play;
mod press;
pub(crate) mod record;
mod redirect;
pub(crate) mod refer;
mod reject;
pub(crate) mod say;
mod start;
mod stop;
