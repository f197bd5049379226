//! A trunk as meant: where numbers go out and come in.
//!
//! Not here: which trunk takes a call (`trunk`), how it is written in the file (crate `legwork`).
//! Source: Twilio, "BYOC Trunk", "Connection Policy Target"; RFC 3261 §10, RFC 3325, RFC 3323.

use std::sync::Arc;
use std::time::Duration;

use legwork_sip as sip;

use super::{Network, User};
use crate::sid::AccountSid;

/// Realm of the challenges to calls that come in by trunks, all trunks alike: which one it is says
/// the username.
pub const INBOUND_REALM: &str = "legwork-trunks";

/// Where numbers go out and come in.
#[derive(Clone, Debug, PartialEq)]
pub struct Trunk {
    /// Whose.
    pub account: AccountSid,
    /// Its name, unique in the account.
    pub name: String,
    /// Where calls go out: 1 to `limit::GATEWAYS_MAX`.
    pub gateways: Vec<Gateway>,
    /// Who we are there: answers challenges of gateways and registrar.
    pub credentials: Option<Arc<sip::digest::Credentials>>,
    /// User part of From and Contact instead of the caller's number, which then stands in the
    /// identity header alone.
    pub from_user: Option<String>,
    /// Host part of From, instead of our own.
    pub from_domain: Option<String>,
    /// How it is told where we are.
    pub registration: Option<Registration>,
    /// Calls come in from here.
    pub ip_acl: Vec<Network>,
    /// Calls come in that answer our challenge as one of these; their realm is `INBOUND_REALM`. Both
    /// set: both are enforced.
    pub users: Vec<User>,
    /// Which numbers go out through it: E.164, `*` at the end for any rest.
    pub numbers: Vec<String>,
    /// How numbers are written there.
    pub notation: Notation,
    /// The number shown for callers without one: E.164.
    pub caller_id: Option<String>,
    /// How the caller is asserted.
    pub identity: Identity,
    /// How often gateways are asked whether they live; none: never.
    pub options_interval: Option<Duration>,
    /// It may transfer calls by REFER.
    pub refer: bool,
}

impl Trunk {
    /// A trunk of one gateway that takes no number yet, all else as by default.
    pub fn named(account: AccountSid, name: &str, uri: &str) -> Self {
        Self {
            account,
            name: name.to_owned(),
            gateways: vec![Gateway::at(uri)],
            credentials: None,
            from_user: None,
            from_domain: None,
            registration: None,
            ip_acl: Vec::new(),
            users: Vec::new(),
            numbers: Vec::new(),
            notation: Notation::default(),
            caller_id: None,
            identity: Identity::default(),
            options_interval: None,
            refer: false,
        }
    }
}

impl Gateway {
    /// A gateway with the priority and weight of one that says nothing of them.
    pub fn at(uri: &str) -> Self {
        Self { uri: uri.to_owned(), priority: 10, weight: 10 }
    }
}

/// One place of a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// SIP URI; its host, port and parameters count.
    pub uri: String,
    /// Lower ones are asked first.
    pub priority: u16,
    /// Share of calls among equal priorities.
    pub weight: u16,
}

/// How a trunk is told where we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// SIP URI of the registrar.
    pub registrar: String,
    /// User part of the address of record and of our Contact.
    pub user: String,
    /// Host part of the address of record.
    pub domain: String,
    /// For how long is asked, seconds: 60 to 86,400.
    pub expires_s: u32,
}

/// How a carrier writes numbers. What is taken off and put on going out is put on and taken off
/// coming in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notation {
    /// Numbers begin with `+`.
    pub plus: bool,
    /// Taken off the start of an E.164 number that has it, `+81`.
    pub strip: String,
    /// Put in its place, `0`.
    pub add: String,
}

impl Default for Notation {
    fn default() -> Self {
        Self { plus: true, strip: String::new(), add: String::new() }
    }
}

/// How the caller is asserted towards a trunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// `P-Asserted-Identity` (RFC 3325).
    #[default]
    Pai,
    /// `Remote-Party-ID`.
    Rpid,
    /// By From alone.
    None,
}
