//! What the switch must know of the operator's configuration, as meant (not as typed).
//!
//! Not here: the file (crate `legwork`, `config`). Secrets of webhooks never come here.

mod trunk;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use legwork_media as media;
use legwork_sip as sip;
use legwork_twiml as twiml;

use crate::sid::AccountSid;

pub use sip::network::Network;
pub use trunk::{Gateway, INBOUND_REALM, Identity, Notation, Registration, Trunk};

/// The whole of it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses, user agent.
    pub sip: sip::endpoint::Config,
    /// Written in SDP instead of the flow's own IP, if set.
    pub media_address: Option<IpAddr>,
    /// What is offered and accepted, in order.
    pub codecs: Vec<media::offer_answer::Codec>,
    /// How many media threads there are, at least 1.
    pub media_threads: u8,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// SIP domains.
    pub domains: Vec<Domain>,
    /// Numbers that come in through trunks.
    pub numbers: Vec<Number>,
    /// Trunks, in the order of the file.
    pub trunks: Vec<Arc<Trunk>>,
    /// SIMs.
    pub sims: Vec<Sim>,
    /// Session recorders.
    pub recorders: Vec<Arc<Recorder>>,
    /// Where streams go that name a connector.
    pub streams: Vec<StreamConnector>,
    /// Applications that can be dialled.
    pub applications: Vec<TwimlApp>,
    /// Limits the operator may set.
    pub limits: Limits,
    /// Where our HTTP API is found, without a slash at its end: `RecordingUrl` begins with it.
    pub http_base: String,
}

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its SID.
    pub sid: AccountSid,
    /// Off: every REFER is refused.
    pub enhanced_sip_features: bool,
    /// Bounds its calls and its REFERs; none: the server's.
    pub calls_per_second: Option<u32>,
}

/// Where to ask or tell: an absolute URL and a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The URL.
    pub url: String,
    /// `GET` or `POST`.
    pub method: twiml::Method,
}

/// Where calls to a domain, number or dialled application are answered.
#[derive(Clone, Debug, Default)]
pub struct Application {
    /// `voice_url`.
    pub voice: Option<Hook>,
    /// `voice_fallback_url`.
    pub fallback: Option<Hook>,
    /// `status_callback`.
    pub status: Option<Hook>,
}

/// A SIP domain: phones call in and register here.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Whose.
    pub account: AccountSid,
    /// Its host name, lower case.
    pub name: String,
    /// Who answers.
    pub application: Application,
    /// Phones may register.
    pub registration: bool,
    /// Calls are taken from here; empty: not looked at.
    pub ip_acl: Vec<Network>,
    /// Who may register, and whose credentials calls are challenged for.
    pub users: Vec<User>,
    /// Calls must carry the credentials of one of `users`. Neither this nor `ip_acl`: none is taken.
    pub challenge_calls: bool,
}

/// A phone's credentials: hashes over `username:realm:password`, the realm being the domain's name.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Its name: also its address of record and its client identity.
    pub username: String,
    /// Lower-case hex MD5.
    pub ha1_md5: String,
    /// Lower-case hex SHA-256.
    pub ha1_sha256: String,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("username", &self.username).finish_non_exhaustive()
    }
}

/// A number of ours.
#[derive(Clone, Debug)]
pub struct Number {
    /// Whose.
    pub account: AccountSid,
    /// E.164.
    pub phone_number: String,
    /// Who answers.
    pub application: Application,
}

/// An application that `<Application>` dials.
#[derive(Clone, Debug)]
pub struct TwimlApp {
    /// Whose: who may dial it.
    pub account: AccountSid,
    /// What `<Application>` names: `AP…`.
    pub sid: String,
    /// Who answers.
    pub application: Application,
}

/// A SIM and where it is reached.
#[derive(Clone, Debug)]
pub struct Sim {
    /// Whose.
    pub account: AccountSid,
    /// What `<Sim>` names.
    pub sid: String,
    /// Where it is: a SIP URI.
    pub uri: String,
}

/// Where a stream goes.
#[derive(Clone, Debug)]
pub struct StreamConnector {
    /// Whose.
    pub account: AccountSid,
    /// What `connectorName` of `<Stream>` names, unique in the account.
    pub name: String,
    /// A WebSocket's URL.
    pub url: String,
}

/// A session recorder and where it is reached.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// Whose.
    pub account: AccountSid,
    /// What `connectorName` of `<Siprec>` names, unique in the account.
    pub name: String,
    /// Where it is: a SIP URI.
    pub uri: String,
    /// Answers its challenges.
    pub credentials: Option<Arc<sip::digest::Credentials>>,
}

/// Limits the operator may set; the others stand in `limit`.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Calls at a time.
    pub calls: usize,
    /// New calls a second, whole server.
    pub calls_per_second: u32,
    /// How long a transfer may be pending.
    pub transfer_pending: Duration,
    /// Longest Refer-To, bytes.
    pub refer_to_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 10_000,
            calls_per_second: 5_000,
            transfer_pending: Duration::from_secs(600),
            refer_to_max: 256,
        }
    }
}
