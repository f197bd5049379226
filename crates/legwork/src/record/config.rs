//! What a recorded call needs of the configuration, written as a configuration file without secrets.
//!
//! The configuration file is a stable interface, so recordings are read by later versions, too. Accounts
//! of nobody in the call are left out, and numbers, SIMs and applications that do not come up in it.
//! Not here: what its keys mean (`config`).
//! Source: the configuration reference in the README.

use std::collections::BTreeSet;

use legwork_call as call;
use legwork_call::config::{Application, Gateway, Hook, Identity, Network, Trunk};
use legwork_call::sid::AccountSid;
use legwork_media::offer_answer::Codec;
use legwork_sip::Transport;
use legwork_twiml::Method;
use toml::{Table, Value};

use super::line::NO_PASSWORD;
use crate::config::Config;

/// The configuration as far as calls of these accounts need it. `comes_up`: the call names it.
pub(super) fn write(
    config: &call::Config,
    accounts: &BTreeSet<AccountSid>,
    comes_up: impl Fn(&str) -> bool,
) -> String {
    let of = |account: &AccountSid| accounts.contains(account);
    let mut file = Table::new();
    if let Some(address) = config.sip.public_address {
        file.insert("server".to_owned(), table([("public_address", text(address))]));
    }
    let listen = config.sip.listen.iter().map(|(transport, at)| match transport {
        Transport::Udp => text(format_args!("udp://{at}")),
        Transport::Tcp => text(format_args!("tcp://{at}")),
    });
    file.insert("sip".to_owned(), table([("listen", list(listen))]));
    let threads = Value::Integer(config.media_threads.into());
    let codecs = config.codecs.iter().map(|codec| text(codec_name(*codec)));
    file.insert("media".to_owned(), table([("threads", threads), ("codecs", list(codecs))]));
    file.insert("http".to_owned(), table([("public_url", text(&config.http_base))]));
    file.insert("limits".to_owned(), limits(config));
    let mut put = |name: &str, items: Vec<Value>| {
        if !items.is_empty() {
            file.insert(name.to_owned(), Value::Array(items));
        }
    };
    let own = config.accounts.iter().filter(|account| of(&account.sid));
    put("account", own.map(account).collect());
    let own = config.domains.iter().filter(|domain| of(&domain.account));
    put("domain", own.map(domain).collect());
    // The first of an account is shown for callers without one.
    let first = |number: &call::config::Number| {
        let mut same = config.numbers.iter().filter(|other| other.account == number.account);
        same.next().is_some_and(|first| first.phone_number == number.phone_number)
    };
    let own = config.numbers.iter().filter(|number| {
        of(&number.account) && (first(number) || comes_up(significant(&number.phone_number)))
    });
    put("number", own.map(number).collect());
    let own = config.trunks.iter().filter(|trunk| of(&trunk.account));
    put("trunk", own.map(|own| trunk(own)).collect());
    let own = config.sims.iter().filter(|sim| of(&sim.account) && comes_up(&sim.sid));
    let sim = |sim: &call::config::Sim| {
        table([("account", text(sim.account)), ("sid", text(&sim.sid)), ("uri", text(&sim.uri))])
    };
    put("sim", own.map(sim).collect());
    // One that has no name in a document is meant by being the only one.
    let own = config.recorders.iter().filter(|recorder| of(&recorder.account));
    put("recorder", own.map(|own| recorder(own)).collect());
    let own = config.streams.iter().filter(|it| of(&it.account));
    let stream = |it: &call::config::StreamConnector| {
        table([("account", text(it.account)), ("name", text(&it.name)), ("url", text(&it.url))])
    };
    put("stream", own.map(stream).collect());
    let own = config.applications.iter().filter(|app| of(&app.account) && comes_up(&app.sid));
    let app = |app: &call::config::TwimlApp| {
        let mut made = vec![("account", text(app.account)), ("sid", text(&app.sid))];
        made.extend(application(&app.application));
        table(made)
    };
    put("application", own.map(app).collect());
    // Tables and arrays of text are always written.
    toml::to_string(&file).unwrap_or_default()
}

/// The configuration in a recording. Whoever wrote that must not make us read other files: it has no
/// secrets that are kept elsewhere.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<call::Config, String> {
    let file: Table =
        toml::from_str(text).map_err(|error| format!("config: {}", error.message()))?;
    if !file.iter().all(|(name, value)| holds_its_secrets(name, value)) {
        return Err("config: a secret is kept elsewhere".to_owned());
    }
    let read = Config::parse(text).map(|config| config.switch);
    read.map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        format!("config: {first}")
    })
}

fn holds_its_secrets(name: &str, value: &Value) -> bool {
    let is_secret = matches!(name, "password" | "auth_token");
    match value {
        Value::Table(_) | Value::Array(_) if is_secret => false,
        Value::Table(table) => table.iter().all(|(name, value)| holds_its_secrets(name, value)),
        Value::Array(list) => list.iter().all(|value| holds_its_secrets(name, value)),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => true,
    }
}

/// The end of a number that is the same in every notation.
fn significant(number: &str) -> &str {
    number.get(number.len().saturating_sub(6)..).unwrap_or(number)
}

fn table<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Table(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn list(items: impl Iterator<Item = Value>) -> Value {
    Value::Array(items.collect())
}

fn text(value: impl ToString) -> Value {
    Value::String(value.to_string())
}

fn limits(config: &call::Config) -> Value {
    let limits = &config.limits;
    let number = |n: usize| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    table([
        ("calls", number(limits.calls)),
        ("calls_per_second", Value::Integer(limits.calls_per_second.into())),
        ("transfer_pending", text(format_args!("{}ms", limits.transfer_pending.as_millis()))),
        ("refer_to_max", number(limits.refer_to_max)),
    ])
}

fn codec_name(codec: Codec) -> &'static str {
    match codec {
        Codec::Pcmu => "PCMU",
        Codec::Pcma => "PCMA",
        Codec::G722 => "G722",
        Codec::Opus => "opus",
    }
}

fn account(account: &call::config::Account) -> Value {
    let mut made = vec![
        ("sid", text(account.sid)),
        ("auth_token", text(NO_PASSWORD)),
        ("enhanced_sip_features", Value::Boolean(account.enhanced_sip_features)),
    ];
    let rate = account.calls_per_second;
    made.extend(rate.map(|rate| ("calls_per_second", Value::Integer(rate.into()))));
    table(made)
}

fn application(application: &Application) -> Vec<(&'static str, Value)> {
    let Application { voice, fallback, status } = application;
    let mut made = hook("voice_url", "voice_method", voice.as_ref());
    made.extend(hook("voice_fallback_url", "voice_fallback_method", fallback.as_ref()));
    made.extend(hook("status_callback", "status_callback_method", status.as_ref()));
    made
}

fn hook(
    url: &'static str,
    method: &'static str,
    hook: Option<&Hook>,
) -> Vec<(&'static str, Value)> {
    let Some(hook) = hook else { return Vec::new() };
    let by = match hook.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    vec![(url, text(&hook.url)), (method, text(by))]
}

fn networks(all: &[Network]) -> Value {
    list(all.iter().map(|of| text(format_args!("{}/{}", of.address, of.prefix))))
}

fn users(all: &[call::config::User]) -> Value {
    let user = |user: &call::config::User| {
        table([("username", text(&user.username)), ("password", text(NO_PASSWORD))])
    };
    list(all.iter().map(user))
}

fn domain(domain: &call::config::Domain) -> Value {
    let mut made = vec![
        ("account", text(domain.account)),
        ("name", text(&domain.name)),
        ("registration", Value::Boolean(domain.registration)),
        ("ip_acl", networks(&domain.ip_acl)),
    ];
    // Whoever has registered is known from what was looked up; whose calls are asked for a password is
    // said by there being users.
    if domain.challenge_calls {
        made.push(("users", users(domain.users.get(..1).unwrap_or_default())));
    }
    made.extend(application(&domain.application));
    table(made)
}

fn number(number: &call::config::Number) -> Value {
    let mut made =
        vec![("account", text(number.account)), ("phone_number", text(&number.phone_number))];
    made.extend(application(&number.application));
    table(made)
}

fn recorder(recorder: &call::config::Recorder) -> Value {
    let mut made = vec![
        ("account", text(recorder.account)),
        ("name", text(&recorder.name)),
        ("uri", text(&recorder.uri)),
    ];
    if let Some(known) = &recorder.credentials {
        made.extend([("username", text(&known.username)), ("password", text(NO_PASSWORD))]);
    }
    table(made)
}

fn trunk(trunk: &Trunk) -> Value {
    let gateway = |gateway: &Gateway| {
        table([
            ("uri", text(&gateway.uri)),
            ("priority", Value::Integer(gateway.priority.into())),
            ("weight", Value::Integer(gateway.weight.into())),
        ])
    };
    let identity = match trunk.identity {
        Identity::Pai => "pai",
        Identity::Rpid => "rpid",
        Identity::None => "none",
    };
    let mut made = vec![
        ("account", text(trunk.account)),
        ("name", text(&trunk.name)),
        ("gateways", list(trunk.gateways.iter().map(gateway))),
        ("ip_acl", networks(&trunk.ip_acl)),
        ("users", users(&trunk.users)),
        ("numbers", list(trunk.numbers.iter().map(text))),
        ("send_plus", Value::Boolean(trunk.notation.plus)),
        ("strip_prefix", text(&trunk.notation.strip)),
        ("add_prefix", text(&trunk.notation.add)),
        ("identity", text(identity)),
        // What was known of gateways stands beside each input.
        ("options_interval", text("0s")),
        ("refer", Value::Boolean(trunk.refer)),
    ];
    if let Some(known) = &trunk.credentials {
        made.extend([("username", text(&known.username)), ("password", text(NO_PASSWORD))]);
        made.extend(known.realm.as_ref().map(|realm| ("realm", text(realm))));
    }
    made.extend(trunk.from_user.as_ref().map(|user| ("from_user", text(user))));
    made.extend(trunk.from_domain.as_ref().map(|domain| ("from_domain", text(domain))));
    made.extend(trunk.caller_id.as_ref().map(|number| ("caller_id", text(number))));
    if let Some(registration) = &trunk.registration {
        made.extend([
            ("register", Value::Boolean(true)),
            ("registrar", text(&registration.registrar)),
            ("register_expires", text(format_args!("{}s", registration.expires_s))),
        ]);
        if trunk.credentials.is_none() {
            made.push(("username", text(&registration.user)));
        }
    }
    table(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::development;

    const FILE: &str = r#"
        [server]
        public_address = "203.0.113.10"
        [sip]
        listen = ["udp://127.0.0.1:5060", "tcp://127.0.0.1:5060"]
        [media]
        threads = 2
        codecs = ["opus", "PCMU"]
        [[account]]
        sid = "AC00000000000000000000000000000001"
        auth_token = "very-secret-token"
        calls_per_second = 7
        [[domain]]
        name = "bank.example.com"
        voice_url = "https://app.example/voice"
        voice_method = "GET"
        users = [{ username = "agent-a", password = "very-secret-a" }]
        ip_acl = ["127.0.0.0/8"]
        [[number]]
        phone_number = "+815012345678"
        voice_url = "https://app.example/number"
        [[number]]
        phone_number = "+815099999999"
        [[trunk]]
        name = "carrier"
        uri = "sip:gw.example;transport=tcp"
        username = "acme"
        password = "very-secret-b"
        register = true
        numbers = ["+81*"]
        strip_prefix = "+81"
        add_prefix = "0"
        send_plus = false
        ip_acl = ["192.0.2.1"]
        [[sim]]
        sid = "DE1"
        uri = "sip:sim@192.0.2.4"
        [[recorder]]
        name = "archive"
        uri = "sip:srs@192.0.2.5"
        username = "acme"
        password = "very-secret-c"
        [[stream]]
        name = "agent"
        url = "wss://agent.example/x"
        [[application]]
        sid = "AP00000000000000000000000000000001"
        voice_url = "https://app.example/app"
    "#;

    fn accounts(config: &call::Config) -> BTreeSet<AccountSid> {
        config.accounts.iter().map(|account| account.sid).collect()
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let config = Config::parse(FILE).unwrap().switch;
        let written = write(&config, &accounts(&config), |_| true);
        assert!(!written.contains("very-secret"), "{written}");
        let read = Config::parse(&written).unwrap().switch;
        // Hashes of passwords are no part of it, and gateways are not asked.
        let mut expected = config.clone();
        for trunk in &mut expected.trunks {
            let trunk = std::sync::Arc::make_mut(trunk);
            trunk.options_interval = None;
        }
        assert_eq!(format!("{read:?}"), format!("{expected:?}"));
    }

    #[test]
    fn a_recording_makes_nobody_read_other_files() {
        let config = Config::parse(FILE).unwrap().switch;
        let written = write(&config, &accounts(&config), |_| true);
        assert!(read(&written).is_ok());
        for elsewhere in ["{ file = \"/dev/zero\" }", "{ env = \"PATH\" }"] {
            let hostile =
                written.replace("password = \"recorded\"", &format!("password = {elsewhere}"));
            assert_eq!(read(&hostile).unwrap_err(), "config: a secret is kept elsewhere");
        }
        assert!(read("[sap]").is_err() && read("=").is_err());
    }

    #[test]
    fn what_does_not_come_up_is_left_out() {
        let config = Config::parse(FILE).unwrap().switch;
        let written = write(&config, &accounts(&config), |_| false);
        let read = Config::parse(&written).unwrap().switch;
        let counts = (read.numbers.len(), read.sims.len(), read.applications.len());
        assert_eq!(counts, (1, 0, 0));
        let nobody = write(&config, &BTreeSet::new(), |_| true);
        let read = Config::parse(&nobody).unwrap().switch;
        assert_eq!((read.accounts.len(), read.domains.len(), read.trunks.len()), (0, 0, 0));
    }

    #[test]
    fn development_mode_is_a_configuration_like_any_other() {
        let config = development::config(5060, 8080, true, None).switch;
        let read = Config::parse(&write(&config, &accounts(&config), |_| true)).unwrap().switch;
        assert!(!read.domains[0].challenge_calls);
        assert_eq!(read.domains[0].ip_acl, config.domains[0].ip_acl);
        assert_eq!(read.sip.listen, config.sip.listen);
    }
}
