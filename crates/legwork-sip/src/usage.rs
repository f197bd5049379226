//! What a dialog is used for: at most one INVITE usage and some refer subscriptions, at most one
//! of them our own.
//!
//! A dialog lives while one of its usages lives; the end of one does not end the others.
//! Not here: tags, CSeq, route set (`dialog`); what is sent (`endpoint`).
//! Source: RFC 5057.

pub(crate) mod invite;
pub(crate) mod refer;
pub(crate) mod referral;
pub(crate) mod refresh;
pub(crate) mod reliable;
