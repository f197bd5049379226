//! Sessions beyond the plain INVITE: reliable ringing, forks, UPDATE, session timers, extensions.

mod ringing;
mod timers;
mod updates;
