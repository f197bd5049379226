//! What is recorded: messages, conversations, whole calls; and what is told of it.
pub(crate) mod conversations;
pub(crate) mod echo;
pub(crate) mod messages;
pub(crate) mod samples;
pub(crate) mod silence;
pub(crate) mod started;
pub(crate) mod transfers;
