//! The trunk of scenarios, and how `config trunk …` changes it.
//!
//! ```text
//! config trunk refers | registers | logs in | logs in at REALM | watches 10s
//! config trunk has carrier-b | has users | has no list | writes 0 for +81 | shows +8150
//! ```
//!
//! Not here: what the carrier does (`phone/carrier`).
#![expect(clippy::panic, reason = "a scenario that cannot be read fails its test")]

use std::net::IpAddr;
use std::sync::Arc;

use legwork_call::Config;
use legwork_call::config::{Gateway, INBOUND_REALM, Network, Notation, Registration, Trunk};
use legwork_sip::digest::Credentials;

use super::{ACCOUNT, duration, ha1};
use crate::phone::LOGIN;

/// A trunk that trusts the carrier's address and takes every number.
pub(super) fn carrier() -> Arc<Trunk> {
    Arc::new(Trunk {
        ip_acl: vec![Network { address: IpAddr::from([10, 0, 0, 9]), prefix: 32 }],
        numbers: vec!["+*".to_owned()],
        ..Trunk::named(ACCOUNT, "carrier", "sip:carrier")
    })
}

pub(super) fn configure(config: &mut Config, how: &str) {
    let Some(trunk) = config.trunks.first_mut().map(Arc::make_mut) else { return };
    let credentials = |realm: Option<&str>| {
        Some(Arc::new(Credentials {
            username: LOGIN.0.to_owned(),
            password: LOGIN.1.to_owned(),
            realm: realm.map(str::to_owned),
        }))
    };
    let words: Vec<&str> = how.split(' ').collect();
    match words.as_slice() {
        ["refers"] => trunk.refer = true,
        ["logs", "in"] => trunk.credentials = credentials(None),
        ["logs", "in", "at", realm] => trunk.credentials = credentials(Some(realm)),
        ["registers"] => {
            trunk.credentials = credentials(None);
            trunk.registration = Some(Registration {
                registrar: "sip:carrier".to_owned(),
                user: LOGIN.0.to_owned(),
                domain: "carrier.example".to_owned(),
                expires_s: 600,
            });
        }
        ["watches", time] => trunk.options_interval = Some(duration(time)),
        ["has", "users"] => trunk.users = vec![ha1::user("carrier", INBOUND_REALM, "carrier")],
        ["has", "no", "list"] => trunk.ip_acl.clear(),
        ["has", other] => {
            let next = Gateway { priority: 20, ..Gateway::at(&format!("sip:{other}")) };
            trunk.gateways.push(next);
        }
        ["writes", add, "for", strip] => {
            trunk.notation =
                Notation { plus: true, strip: (*strip).to_owned(), add: (*add).to_owned() };
        }
        ["shows", number] => trunk.caller_id = Some((*number).to_owned()),
        _ => panic!("config trunk {how}"),
    }
}

/// The same configuration with trunks that say nothing by themselves.
pub(crate) fn quiet(mut config: Config) -> Config {
    for trunk in config.trunks.iter_mut().map(Arc::make_mut) {
        trunk.registration = None;
        trunk.options_interval = None;
    }
    config
}
