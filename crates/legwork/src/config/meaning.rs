//! From what was typed to what is meant: defaults, references between tables, secrets.
//!
//! Not here: the keys (`file`), values in text form (`unit`), trunks (`meaning/trunk`), applications to be
//! dialled (`meaning/application`), recordings (`meaning/recordings`), recorders (`meaning/recorder`), streams (`meaning/stream`),
//! recognisers (`meaning/recognition`).
//! Source: the configuration reference in the README.

mod application;
mod recognition;
mod recorder;
mod recordings;
mod speech;
mod stream;
mod trunk;

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use legwork_call as call;
use legwork_call::config::{Application, Hook, Limits};
use legwork_call::sid::AccountSid;
use legwork_media::offer_answer::Codec;
use legwork_sip as sip;
use legwork_sip::Transport;
use legwork_twiml::Method;
use toml::Spanned;

use crate::config::file::{self, File, Secret};
use crate::config::unit::{Period, PortRange, SipListen, Text, WebUrl};
use crate::config::{Config, Dns, Http, Media, Problem, Server, Token, Tokens, position};
use crate::limit;

/// `User-Agent` and `Server` of SIP.
pub(crate) const USER_AGENT: &str = concat!("legwork/", env!("CARGO_PKG_VERSION"));
/// Start of every local tag, branch and Call-ID: the slot of a single node.
pub(crate) const TAG_PREFIX: &str = "n0001-";
/// The default port range.
pub(crate) const PORTS: PortRange = PortRange { first: 10_000, last: 59_999 };
/// Where data is kept, if nothing is said.
pub(crate) const DATA_DIR: &str = "/var/lib/legwork";
/// Where recordings are, below that.
pub(crate) const RECORDINGS: &str = "recordings";
/// All we know, best known first.
pub(crate) const CODECS: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

/// What the file means, or everything that is wrong with it.
pub(crate) fn mean(text: &str, file: File) -> Result<Config, Vec<Problem>> {
    let mut reading = Reading { text, problems: Vec::new(), warnings: Vec::new() };
    let (accounts, tokens) = reading.accounts(&file.account);
    let owners = Owners { sids: accounts.iter().map(|a| a.sid).collect() };
    let switch = call::Config {
        sip: sip::endpoint::Config {
            user_agent: USER_AGENT.to_owned(),
            public_address: file.server.public_address.map(|a| a.0),
            listen: reading.sip_listen(&file.sip),
            tag_prefix: TAG_PREFIX.to_owned(),
        },
        media_address: file.server.public_address.map(|a| a.0),
        codecs: reading.codecs(&file.media),
        media_threads: reading.media_threads(&file.media),
        accounts,
        domains: reading.domains(&owners, &file.domain),
        numbers: reading.numbers(&owners, &file.number),
        trunks: reading.trunks(&owners, &file.trunk),
        sims: reading.sims(&owners, &file.sim),
        recorders: reading.recorders(&owners, &file.recorder),
        streams: reading.streams(&owners, &file.stream, &file.http),
        applications: reading.applications(&owners, &file.application),
        limits: reading.limits(&file.limits),
        http_base: String::new(),
    };
    let media = Media {
        listen_addresses: reading.media_listen(&file.media, &switch.sip.listen),
        ports: file.media.rtp_ports.map_or(PORTS, |p| p.0),
        hold_music: file.media.hold_music.as_ref().map(Into::into),
    };
    let http = reading.http(&file.http);
    let recordings = reading.recordings(&file);
    let dns = reading.dns(&file.sip);
    let speech = reading.speech(&file.speech);
    let recognition = reading.recognition(&file.recognition);
    reading.warn_of_missing_ports(&switch.limits, media.ports);
    reading.warn_of_keys_without_effect(&file);
    let Reading { problems, warnings, .. } = reading;
    if !problems.is_empty() {
        return Err(problems);
    }
    let drain_timeout = file.server.drain_timeout.map_or(Duration::from_secs(1_800), |p| p.0.0);
    let server = Server { drain_timeout, development: None };
    let tokens = Arc::new(tokens);
    let mut config = Config {
        switch,
        server,
        dns,
        media,
        speech,
        http,
        recognition,
        recordings,
        tokens,
        warnings,
    };
    config.settle_http_base();
    Ok(config)
}

/// Whose things may be.
struct Owners {
    sids: Vec<AccountSid>,
}

struct Reading<'a> {
    text: &'a str,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl Reading<'_> {
    fn problem(&mut self, offset: usize, code: &'static str, text: String) {
        let (line, column) = position(self.text, offset);
        self.problems.push(Problem { line, column, code, text });
    }

    fn unique<T: Hash + Eq>(&mut self, seen: &mut HashSet<T>, value: T, offset: usize, what: &str) {
        if !seen.insert(value) {
            self.problem(offset, "reference", format!("this {what} is here twice"));
        }
    }

    fn range<T: PartialOrd + Copy + std::fmt::Display>(
        &mut self,
        value: &Spanned<T>,
        (least, most): (T, T),
    ) -> T {
        let given = *value.get_ref();
        if given < least || given > most {
            let text = format!("{given} is out of range; write {least} to {most}");
            self.problem(value.span().start, "bad-value", text);
        }
        given
    }

    fn period(&mut self, value: &Spanned<Text<Period>>, (least, most): (u64, u64)) -> Duration {
        let given = value.get_ref().0.0;
        if given < Duration::from_secs(least) || given > Duration::from_secs(most) {
            let text = format!("out of range; write \"{least}s\" to \"{most}s\"");
            self.problem(value.span().start, "bad-value", text);
        }
        given
    }

    fn secret(&mut self, secret: &Spanned<Secret>) -> String {
        let found = match secret.get_ref() {
            Secret::Literal(text) => Ok(text.clone()),
            Secret::Env(name) => std::env::var(name)
                .map_err(|_| format!("the environment variable {name} is not set")),
            Secret::File(path) => std::fs::read_to_string(path)
                .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                .map_err(|error| format!("{path} can not be read: {error}")),
        };
        let offset = secret.span().start;
        match found {
            Ok(text) if text.is_empty() => {
                self.problem(offset, "secret", "this secret is empty".to_owned());
                text
            }
            Ok(text) => text,
            Err(why) => {
                self.problem(offset, "secret", why);
                String::new()
            }
        }
    }

    fn owner(
        &mut self,
        owners: &Owners,
        named: Option<&Spanned<Text<AccountSid>>>,
        offset: usize,
    ) -> AccountSid {
        let nobody = AccountSid::from_bits(0);
        match (named, owners.sids.as_slice()) {
            (Some(named), sids) if sids.contains(&named.get_ref().0) => named.get_ref().0,
            (Some(named), _) => {
                let text = format!("there is no [[account]] with sid = \"{}\"", named.get_ref().0);
                self.problem(named.span().start, "reference", text);
                nobody
            }
            (None, [only]) => *only,
            (None, []) => {
                let text = "there is no [[account]]: write one with sid and auth_token".to_owned();
                self.problem(offset, "reference", text);
                nobody
            }
            (None, _) => {
                let text = "write account = \"AC…\": there are several accounts".to_owned();
                self.problem(offset, "reference", text);
                nobody
            }
        }
    }

    fn accounts(&mut self, typed: &[file::Account]) -> (Vec<call::config::Account>, Tokens) {
        let mut seen = HashSet::new();
        let mut tokens = HashMap::new();
        let mut accounts = Vec::new();
        for account in typed {
            let sid = account.sid.get_ref().0;
            self.unique(&mut seen, sid, account.sid.span().start, "account");
            tokens.insert(sid, Token::new(self.secret(&account.auth_token)));
            accounts.push(call::config::Account {
                sid,
                enhanced_sip_features: account.enhanced_sip_features.unwrap_or(true),
                calls_per_second: account.calls_per_second,
            });
        }
        (accounts, tokens)
    }

    fn sip_listen(&mut self, sip: &file::Sip) -> Vec<(Transport, SocketAddr)> {
        let Some(typed) = &sip.listen else {
            let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060));
            return vec![(Transport::Udp, any), (Transport::Tcp, any)];
        };
        let mut listen = Vec::new();
        for one in typed {
            match one.get_ref().0 {
                SipListen::Built(transport, address) => {
                    if listen.contains(&(transport, address)) && address.port() != 0 {
                        let text = "this address is here twice".to_owned();
                        self.problem(one.span().start, "bad-value", text);
                    }
                    listen.push((transport, address));
                }
                SipListen::Tls(address) => self
                    .warnings
                    .push(format!("sip.listen: tls://{address} is not listened on: not built yet")),
            }
        }
        if listen.len() > limit::LISTENERS_MAX || listen.is_empty() {
            let text = format!("write 1 to {} udp:// or tcp:// addresses", limit::LISTENERS_MAX);
            let offset = typed.first().map_or(0, |one| one.span().start);
            self.problem(offset, "bad-value", text);
        }
        listen
    }

    /// Where nothing is said: everywhere, in the families of SIP.
    fn media_listen(
        &mut self,
        media: &file::Media,
        sip: &[(Transport, SocketAddr)],
    ) -> Vec<IpAddr> {
        let any: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
        let has = |ip: &IpAddr| sip.iter().any(|(_, at)| at.is_ipv4() == ip.is_ipv4());
        let Some(typed) = &media.listen_address else {
            return any.into_iter().filter(has).collect();
        };
        let addresses = typed.get_ref().0.clone();
        let missing = any.iter().filter(|ip| has(ip));
        let missing = missing.filter(|ip| !addresses.iter().any(|a| a.is_ipv4() == ip.is_ipv4()));
        for family in missing.map(|ip| if ip.is_ipv4() { "IPv4" } else { "IPv6" }) {
            let text = format!("sip.listen has {family}: media needs an {family} address, too");
            self.problem(typed.span().start, "bad-value", text);
        }
        let of_v4 = addresses.iter().filter(|ip| ip.is_ipv4()).count();
        if of_v4 > 1 || addresses.len() - of_v4 > 1 || addresses.is_empty() {
            let text = "write one IPv4 address, one IPv6 address, or one of each".to_owned();
            self.problem(typed.span().start, "bad-value", text);
        }
        addresses
    }

    fn dns(&mut self, sip: &file::Sip) -> Dns {
        let servers: Vec<_> = sip.dns_servers.iter().flatten().collect();
        if let Some(over) = servers.get(limit::DNS_SERVERS_MAX) {
            let text = format!("write at most {} name servers", limit::DNS_SERVERS_MAX);
            self.problem(over.span().start, "bad-value", text);
        }
        let timeout = match &sip.dns_timeout {
            Some(timeout) => self.period(timeout, (1, 30)),
            None => limit::DNS_TIMEOUT,
        };
        Dns { servers: servers.iter().map(|server| server.get_ref().0.0).collect(), timeout }
    }

    fn codecs(&mut self, media: &file::Media) -> Vec<Codec> {
        let Some(typed) = &media.codecs else { return CODECS.to_vec() };
        let mut codecs: Vec<Codec> = Vec::new();
        for codec in typed.get_ref() {
            if !codecs.contains(&codec.0) {
                codecs.push(codec.0);
            }
        }
        if codecs.is_empty() {
            let text = "write at least one codec".to_owned();
            self.problem(typed.span().start, "bad-value", text);
        }
        codecs
    }

    fn media_threads(&mut self, media: &file::Media) -> u8 {
        match &media.threads {
            Some(threads) => self.range(threads, (1, limit::MEDIA_THREADS_MAX)),
            None => default_media_threads(),
        }
    }

    fn http(&mut self, http: &file::Http) -> Http {
        let mut listen = Vec::new();
        for one in http.listen.iter().flatten() {
            let one = one.get_ref().0;
            if one.tls {
                let address = one.address;
                let text =
                    format!("http.listen: https://{address} is not listened on: not built yet");
                self.warnings.push(text);
            } else {
                listen.push(one.address);
            }
        }
        if http.listen.is_none() {
            listen.push(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        }
        Http {
            listen,
            webhook_timeout: match &http.webhook_timeout {
                Some(timeout) => self.period(timeout, (1, 60)),
                None => limit::WEBHOOK_TIMEOUT,
            },
            allow_private_webhooks: http.allow_private_webhooks,
            traceparent: http.traceparent,
            public_url: http
                .public_url
                .as_ref()
                .map(|url| url.0.0.trim_end_matches('/').to_owned()),
        }
    }

    fn limits(&mut self, typed: &file::Limits) -> Limits {
        let mut limits = Limits::default();
        if let Some(calls) = &typed.calls {
            limits.calls = self.range(calls, (1, 100_000));
        }
        if let Some(rate) = &typed.calls_per_second {
            limits.calls_per_second = self.range(rate, (1, 100_000));
        }
        if let Some(pending) = &typed.transfer_pending {
            limits.transfer_pending = self.period(pending, (1, 86_400));
        }
        if let Some(longest) = &typed.refer_to_max {
            limits.refer_to_max = self.range(longest, (16, 4_096));
        }
        limits
    }

    fn domains(&mut self, owners: &Owners, typed: &[file::Domain]) -> Vec<call::config::Domain> {
        let mut seen = HashSet::new();
        let mut domains = Vec::new();
        for domain in typed {
            let offset = domain.name.span().start;
            let name = domain.name.get_ref().0.0.clone();
            self.unique(&mut seen, name.clone(), offset, "domain");
            if domain.ip_acl.is_empty() && domain.users.is_empty() {
                let text = "has neither ip_acl nor users: every call is refused";
                self.warnings.push(format!("domain {name} {text}"));
            }
            if domain.voice_url.is_none() {
                self.warnings.push(format!("domain {name} has no voice_url: calls are refused"));
            }
            domains.push(call::config::Domain {
                account: self.owner(owners, domain.account.as_ref(), offset),
                application: Application {
                    voice: hook(domain.voice_url.as_ref(), domain.voice_method),
                    fallback: hook(
                        domain.voice_fallback_url.as_ref(),
                        domain.voice_fallback_method,
                    ),
                    status: hook(domain.status_callback.as_ref(), domain.status_callback_method),
                },
                registration: domain.registration,
                ip_acl: domain.ip_acl.iter().map(|n| n.0).collect(),
                challenge_calls: !domain.users.is_empty(),
                users: self.users(&name, &domain.users),
                name,
            });
        }
        domains
    }

    fn users(&mut self, realm: &str, typed: &[file::User]) -> Vec<call::config::User> {
        let mut seen = HashSet::new();
        let mut users = Vec::new();
        for user in typed {
            let (name, offset) = (user.username.get_ref(), user.username.span().start);
            self.unique(&mut seen, name.clone(), offset, "username");
            if name.is_empty() || name.bytes().any(|b| b <= b' ' || matches!(b, b':' | b'@' | b'"'))
            {
                let text = "a username has no blanks, colons, quotes or at signs".to_owned();
                self.problem(offset, "bad-value", text);
            }
            let password = self.secret(&user.password);
            users.push(phone(name, realm, &password));
        }
        users
    }

    fn numbers(&mut self, owners: &Owners, typed: &[file::Number]) -> Vec<call::config::Number> {
        let mut seen = HashSet::new();
        let mut numbers = Vec::new();
        for number in typed {
            let offset = number.phone_number.span().start;
            let phone_number = number.phone_number.get_ref().0.0.clone();
            self.unique(&mut seen, phone_number.clone(), offset, "number");
            numbers.push(call::config::Number {
                account: self.owner(owners, number.account.as_ref(), offset),
                phone_number,
                application: Application {
                    voice: hook(number.voice_url.as_ref(), number.voice_method),
                    fallback: hook(
                        number.voice_fallback_url.as_ref(),
                        number.voice_fallback_method,
                    ),
                    status: hook(number.status_callback.as_ref(), number.status_callback_method),
                },
            });
        }
        numbers
    }

    fn sims(&mut self, owners: &Owners, typed: &[file::Sim]) -> Vec<call::config::Sim> {
        let mut seen = HashSet::new();
        let mut sims = Vec::new();
        for sim in typed {
            let (sid, offset) = (sim.sid.get_ref(), sim.sid.span().start);
            self.unique(&mut seen, sid.clone(), offset, "SIM");
            if trunk::wants_tls(&sim.uri.0.0) {
                let text = "asks for TLS, which is not built yet: it is not reached";
                self.warnings.push(format!("sim {sid}: uri {text}"));
            }
            sims.push(call::config::Sim {
                account: self.owner(owners, sim.account.as_ref(), offset),
                sid: sid.clone(),
                uri: sim.uri.0.0.clone(),
            });
        }
        sims
    }

    fn warn_of_missing_ports(&mut self, limits: &Limits, ports: PortRange) {
        let needed = limits.calls.saturating_mul(4);
        if ports.len() < needed {
            let (calls, has) = (limits.calls, ports.len());
            self.warnings.push(format!(
                "limits.calls = {calls} needs {needed} RTP ports, media.rtp_ports has {has}: \
                 calls beyond {} are refused",
                has / 4
            ));
        }
    }

    fn warn_of_keys_without_effect(&mut self, file: &File) {
        let table = [
            (file.sip.tls.is_some(), "sip.tls"),
            (file.http.tls.is_some(), "http.tls"),
            (file.server.database.is_some(), "server.database"),
        ];
        for (written, key) in table {
            if written {
                self.warnings.push(format!("{key} has no effect yet"));
            }
        }
    }
}

/// Threads for media, if nothing is said: one processor is left to signalling.
pub(crate) fn default_media_threads() -> u8 {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = u8::try_from(processors.saturating_sub(1)).unwrap_or(limit::MEDIA_THREADS_MAX);
    threads.clamp(1, limit::MEDIA_THREADS_MAX)
}

/// A phone's credentials in the form in which they are kept.
pub(crate) fn phone(username: &str, realm: &str, password: &str) -> call::config::User {
    let ha1 = sip::digest::Ha1::new(username, realm, password);
    call::config::User { username: username.to_owned(), ha1_md5: ha1.md5, ha1_sha256: ha1.sha256 }
}

fn hook(url: Option<&Text<WebUrl>>, method: Option<Text<Method>>) -> Option<Hook> {
    let url = url?.0.0.clone();
    Some(Hook { url, method: method.map(|m| m.0).unwrap_or_default() })
}
