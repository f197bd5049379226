//! What is meant by `[[trunk]]`.
//!
//! Not here: its keys (`file`), what the switch does with it (`legwork-call`, `trunk`).
//! Source: the configuration reference in the README.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use legwork_call::config::{Gateway, INBOUND_REALM, Notation, Registration, Trunk};
use legwork_sip::digest::Credentials;
use legwork_sip::uri::Uri;
use toml::Spanned;

use super::{Owners, Reading};
use crate::config::file;
use crate::config::unit::{SipUri, Text};
use legwork_call::limit::{GATEWAYS_MAX, REGISTRATION_S_MAX, TRUNKS_MAX};

/// How often gateways are asked whether they live, if nothing is said.
const OPTIONS_INTERVAL: Duration = Duration::from_secs(30);
/// For how long we register, if nothing is said.
const REGISTER_EXPIRES: Duration = Duration::from_secs(600);

impl Reading<'_> {
    pub(super) fn trunks(&mut self, owners: &Owners, typed: &[file::Trunk]) -> Vec<Arc<Trunk>> {
        if let Some(last) = typed.get(TRUNKS_MAX) {
            let text = format!("write at most {TRUNKS_MAX} trunks");
            self.problem(last.name.span().start, "bad-value", text);
        }
        let (mut seen, mut users) = (HashSet::new(), HashSet::new());
        let mut trunks = Vec::new();
        for trunk in typed {
            let account = self.owner(owners, trunk.account.as_ref(), trunk.name.span().start);
            let name = (account, trunk.name.get_ref().clone());
            if trunk.name.get_ref().is_empty() {
                let text = "a trunk has a name: `byoc` of <Number>".to_owned();
                self.problem(trunk.name.span().start, "bad-value", text);
            }
            self.unique(&mut seen, name, trunk.name.span().start, "trunk");
            for user in &trunk.users {
                // The username alone says which trunk a call comes in by.
                let (name, offset) = (user.username.get_ref(), user.username.span().start);
                self.unique(&mut users, name.clone(), offset, "username");
            }
            let gateways = self.gateways(trunk);
            let credentials = self.credentials(trunk);
            trunks.push(Arc::new(Trunk {
                account,
                name: trunk.name.get_ref().clone(),
                registration: self.registration(trunk, &gateways),
                gateways,
                credentials,
                from_user: trunk.from_user.as_ref().map(|user| self.user_part(user)),
                from_domain: from_domain(trunk),
                ip_acl: trunk.ip_acl.iter().map(|n| n.0).collect(),
                users: self.users(INBOUND_REALM, &trunk.users),
                numbers: trunk.numbers.iter().map(|n| n.0.0.clone()).collect(),
                notation: notation(trunk),
                caller_id: trunk.caller_id.as_ref().map(|number| number.0.0.clone()),
                identity: trunk.identity.as_ref().map(|identity| identity.0).unwrap_or_default(),
                options_interval: self.options_interval(trunk),
                refer: trunk.refer,
            }));
        }
        trunks
    }

    fn gateways(&mut self, trunk: &file::Trunk) -> Vec<Gateway> {
        let offset = trunk.name.span().start;
        let several = match (&trunk.uri, &trunk.gateways) {
            (Some(uri), None) => {
                return vec![Gateway::at(&self.gateway_uri(trunk, uri))];
            }
            (None, Some(several)) => several,
            (Some(_), Some(several)) => {
                let text = "write uri or gateways, not both".to_owned();
                self.problem(several.span().start, "bad-value", text);
                return Vec::new();
            }
            (None, None) => {
                let text = "the key `uri` (or `gateways`) is missing here".to_owned();
                self.problem(offset, "missing-key", text);
                return Vec::new();
            }
        };
        let mut gateways: Vec<Gateway> = Vec::new();
        let mut seen = HashSet::new();
        for typed in several.get_ref() {
            let uri = self.gateway_uri(trunk, &typed.uri);
            self.unique(&mut seen, uri.clone(), typed.uri.span().start, "gateway");
            let as_by_default = Gateway::at(&uri);
            let weight = typed.weight.as_ref().map(|weight| self.range(weight, (1, u16::MAX)));
            if typed.enabled.unwrap_or(true) {
                gateways.push(Gateway {
                    uri,
                    priority: typed.priority.unwrap_or(as_by_default.priority),
                    weight: weight.unwrap_or(as_by_default.weight),
                });
            }
        }
        if gateways.is_empty() || gateways.len() > GATEWAYS_MAX {
            let text = format!("write 1 to {GATEWAYS_MAX} gateways that are enabled");
            self.problem(several.span().start, "bad-value", text);
        }
        gateways
    }

    fn gateway_uri(&mut self, trunk: &file::Trunk, uri: &Spanned<Text<SipUri>>) -> String {
        let text = uri.get_ref().0.0.clone();
        if Uri::parse(text.as_bytes()).is_ok_and(|uri| uri.has_headers()) {
            let what = "a gateway has no headers: leave out what stands behind `?`".to_owned();
            self.problem(uri.span().start, "bad-value", what);
        }
        if wants_tls(&text) {
            let name = trunk.name.get_ref();
            let what = "asks for TLS, which is not built yet: no call goes out through it";
            self.warnings.push(format!("trunk {name}: uri {what}"));
        }
        text
    }

    fn credentials(&mut self, trunk: &file::Trunk) -> Option<Arc<Credentials>> {
        let password = trunk.password.as_ref().map(|password| self.secret(password));
        match (&trunk.username, password) {
            (Some(username), Some(password)) => Some(Arc::new(Credentials {
                username: self.name_there(username),
                password,
                realm: trunk.realm.as_ref().map(|realm| realm.get_ref().clone()),
            })),
            (Some(username), None) if !trunk.register => {
                let text = "a username needs a password".to_owned();
                self.problem(username.span().start, "missing-key", text);
                None
            }
            (None, Some(_)) => {
                let offset = trunk.password.as_ref().map_or(0, |password| password.span().start);
                let text = "a password needs a username".to_owned();
                self.problem(offset, "missing-key", text);
                None
            }
            (Some(_) | None, None) => {
                if let Some(realm) = &trunk.realm {
                    let text = "a realm needs username and password".to_owned();
                    self.problem(realm.span().start, "missing-key", text);
                }
                None
            }
        }
    }

    pub(super) fn name_there(&mut self, name: &Spanned<String>) -> String {
        let text = name.get_ref();
        if text.is_empty() || text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
            let what = "a username has no quotes, backslashes or control characters".to_owned();
            self.problem(name.span().start, "bad-value", what);
        }
        text.clone()
    }

    /// Something that can stand before the `@` of a SIP URI as it is.
    fn user_part(&mut self, user: &Spanned<String>) -> String {
        let text = user.get_ref();
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/%".contains(&b);
        if text.is_empty() || !text.bytes().all(fits) {
            let what = "that can not stand before the `@` of a SIP URI".to_owned();
            self.problem(user.span().start, "bad-value", what);
        }
        text.clone()
    }

    fn registration(&mut self, trunk: &file::Trunk, gateways: &[Gateway]) -> Option<Registration> {
        let expires = match &trunk.register_expires {
            Some(expires) => self.period(expires, (60, u64::from(REGISTRATION_S_MAX))),
            None => REGISTER_EXPIRES,
        };
        if !trunk.register {
            let registrar = trunk.registrar.as_ref().map(|typed| ("registrar", typed.span()));
            let period = trunk.register_expires.as_ref();
            let period = period.map(|typed| ("register_expires", typed.span()));
            for (key, span) in registrar.into_iter().chain(period) {
                let text = format!("{key} needs register = true");
                self.problem(span.start, "missing-key", text);
            }
            return None;
        }
        let Some(user) = trunk.from_user.as_ref().or(trunk.username.as_ref()) else {
            let text = "register = true needs a username".to_owned();
            self.problem(trunk.name.span().start, "missing-key", text);
            return None;
        };
        let user = self.user_part(user);
        let registrar = match &trunk.registrar {
            Some(registrar) => self.gateway_uri(trunk, registrar),
            None => gateways.first().map(|gateway| gateway.uri.clone())?,
        };
        let host = Uri::parse(registrar.as_bytes()).ok().map(|uri| uri.host().to_vec());
        let host = String::from_utf8_lossy(&host.unwrap_or_default()).into_owned();
        Some(Registration {
            registrar,
            user,
            domain: trunk.from_domain.as_ref().map_or(host, |domain| domain.get_ref().0.0.clone()),
            expires_s: u32::try_from(expires.as_secs()).unwrap_or(REGISTRATION_S_MAX),
        })
    }

    fn options_interval(&mut self, trunk: &file::Trunk) -> Option<Duration> {
        match &trunk.options_interval {
            None => Some(OPTIONS_INTERVAL),
            Some(off) if off.get_ref().0.0.is_zero() => None,
            Some(interval) => Some(self.period(interval, (5, 3_600))),
        }
    }
}

/// What carriers that are registered with want in From: their own domain.
fn from_domain(trunk: &file::Trunk) -> Option<String> {
    let said = trunk.from_domain.as_ref().map(|domain| domain.get_ref().0.0.clone());
    let registrar = || {
        let uri = trunk.registrar.as_ref().or(trunk.uri.as_ref()).filter(|_| trunk.register)?;
        let uri = &uri.get_ref().0.0;
        let host = Uri::parse(uri.as_bytes()).ok()?.host();
        Some(String::from_utf8_lossy(host).into_owned())
    };
    said.or_else(registrar)
}

fn notation(trunk: &file::Trunk) -> Notation {
    Notation {
        plus: trunk.send_plus.unwrap_or(true),
        strip: trunk.strip_prefix.clone().map_or_else(String::new, |prefix| prefix.0.0),
        add: trunk.add_prefix.clone().map_or_else(String::new, |prefix| prefix.0.0),
    }
}

/// A SIP URI that is only reached over TLS.
pub(super) fn wants_tls(uri: &str) -> bool {
    let uri = uri.to_ascii_lowercase();
    let address = uri.split('?').next().unwrap_or("");
    uri.starts_with("sips:") || address.split(';').any(|parameter| parameter == "transport=tls")
}
