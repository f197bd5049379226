//! The configuration file as typed: every key, nothing decided.
//!
//! Not here: defaults that depend on other keys, references, secrets (`meaning`).
//! Source: the configuration reference in the README; TOML 1.0.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use legwork_call::config::{Identity, Network};
use legwork_call::sid::AccountSid;
use legwork_media::offer_answer::Codec;
use legwork_twiml::Method;
use serde::Deserialize;
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use toml::Spanned;

use crate::config::speech::{Format, SpeechEngine};
use crate::config::unit::{
    BucketUrl, DnsServer, E164, Engine, HostName, HttpListen, NumberPattern, Period, PortRange,
    Prefix, SipListen, SipUri, Size, Text, WebSocketUrl, WebUrl,
};

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// `[server]`.
    pub server: Server,
    /// `[sip]`.
    pub sip: Sip,
    /// `[media]`.
    pub media: Media,
    /// `[speech]`.
    pub speech: Speech,
    /// `[http]`.
    pub http: Http,
    /// `[recordings]`.
    pub recordings: Recordings,
    /// `[recognition]`.
    pub recognition: Recognition,
    /// `[limits]`.
    pub limits: Limits,
    /// `[[account]]`.
    pub account: Vec<Account>,
    /// `[[domain]]`.
    pub domain: Vec<Domain>,
    /// `[[number]]`.
    pub number: Vec<Number>,
    /// `[[trunk]]`.
    pub trunk: Vec<Trunk>,
    /// `[[sim]]`.
    pub sim: Vec<Sim>,
    /// `[[recorder]]`.
    pub recorder: Vec<Recorder>,
    /// `[[stream]]`.
    pub stream: Vec<Stream>,
    /// `[[application]]`.
    pub application: Vec<Application>,
}

/// `[server]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Written in Via, Contact and SDP.
    pub public_address: Option<Text<IpAddr>>,
    /// Where data is kept.
    pub data_dir: Option<Spanned<String>>,
    /// Where calls are stored. No effect yet.
    pub database: Option<String>,
    /// How long calls may go on after SIGTERM.
    pub drain_timeout: Option<Text<Period>>,
}

/// `[sip]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sip {
    /// Where to listen.
    pub listen: Option<Vec<Spanned<Text<SipListen>>>>,
    /// Who is asked for host names.
    pub dns_servers: Option<Vec<Spanned<Text<DnsServer>>>>,
    /// How long a host name may take.
    pub dns_timeout: Option<Spanned<Text<Period>>>,
    /// Certificate of `tls://`. No effect yet.
    pub tls: Option<Tls>,
}

/// A certificate and its key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Path of the certificate chain, PEM.
    pub certificate: String,
    /// Path of the key, PEM.
    pub key: String,
}

/// `[media]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// Where RTP is received.
    pub listen_address: Option<Spanned<Addresses>>,
    /// From which ports.
    pub rtp_ports: Option<Text<PortRange>>,
    /// What is offered and accepted, in order.
    pub codecs: Option<Spanned<Vec<Text<Codec>>>>,
    /// A WAV file.
    pub hold_music: Option<String>,
    /// Media threads.
    pub threads: Option<Spanned<u8>>,
}

/// `[speech]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Speech {
    /// Who speaks.
    pub engine: Option<Spanned<Text<SpeechEngine>>>,
    /// Where the endpoint is.
    pub url: Option<Spanned<Text<WebUrl>>>,
    /// What it wants to be shown.
    pub api_key: Option<Spanned<Secret>>,
    /// Its model.
    pub model: Option<String>,
    /// What it is to answer with.
    pub format: Option<Text<Format>>,
    /// How long it may be silent.
    pub timeout: Option<Spanned<Text<Period>>>,
    /// `[speech.voices]`: ours and its.
    pub voices: BTreeMap<String, String>,
}

/// `[http]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Where to listen.
    pub listen: Option<Vec<Spanned<Text<HttpListen>>>>,
    /// Certificate of `https://`. No effect yet.
    pub tls: Option<Tls>,
    /// How long an application may take.
    pub webhook_timeout: Option<Spanned<Text<Period>>>,
    /// Webhooks to loopback, private and link-local addresses.
    pub allow_private_webhooks: bool,
    /// `traceparent` on every webhook and callback.
    pub traceparent: bool,
    /// Where it is reached from outside.
    pub public_url: Option<Text<WebUrl>>,
}

/// `[recordings]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recordings {
    /// Their sound is served without credentials.
    pub public: bool,
    /// How many at a time.
    pub at_once: Option<Spanned<usize>>,
    /// The disk is left this much room.
    pub free_space: Option<Text<Size>>,
    /// Where they go once they are complete; none: they stay.
    pub store: Option<Spanned<Text<BucketUrl>>>,
    /// Who takes them there.
    pub endpoint: Option<Text<WebUrl>>,
    /// Its region.
    pub region: Option<String>,
    /// Our name there.
    pub access_key: Option<Spanned<Secret>>,
    /// Our password there.
    pub secret_key: Option<Spanned<Secret>>,
    /// They stay here, too.
    pub keep_local: bool,
}

/// `[recognition]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recognition {
    /// Who understands callers.
    pub engine: Option<Spanned<Text<Engine>>>,
    /// The program of pocketsphinx.
    pub program: Option<String>,
    /// Of `openai`: where it is.
    pub url: Option<Text<WebUrl>>,
    /// Of `openai`: its key.
    pub api_key: Option<Spanned<Secret>>,
    /// Of `openai`: which model.
    pub model: Option<String>,
    /// Of `openai`: how long one transcription may take.
    pub timeout: Option<Spanned<Text<Period>>>,
    /// Of pocketsphinx: what it understands.
    pub language: Vec<Language>,
}

/// `[[recognition.language]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// BCP 47.
    pub tag: Spanned<String>,
    /// Folder of the acoustic model.
    pub acoustic_model: String,
    /// The pronouncing dictionary.
    pub dictionary: String,
    /// The language model.
    pub language_model: String,
}

/// `[limits]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls at a time.
    pub calls: Option<Spanned<usize>>,
    /// New calls a second.
    pub calls_per_second: Option<Spanned<u32>>,
    /// How long a transfer may be pending.
    pub transfer_pending: Option<Spanned<Text<Period>>>,
    /// Longest Refer-To, bytes.
    pub refer_to_max: Option<Spanned<usize>>,
}

/// `[[account]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its SID.
    pub sid: Spanned<Text<AccountSid>>,
    /// Signs webhooks, opens the HTTP API.
    pub auth_token: Spanned<Secret>,
    /// Off: every REFER is refused.
    pub enhanced_sip_features: Option<bool>,
    /// Bounds its calls and REFERs.
    pub calls_per_second: Option<u32>,
}

/// `[[domain]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// Whose; may be left out when there is one account.
    pub account: Option<Spanned<Text<AccountSid>>>,
    /// Its host name.
    pub name: Spanned<Text<HostName>>,
    /// Who answers.
    pub voice_url: Option<Text<WebUrl>>,
    /// How it is asked.
    pub voice_method: Option<Text<Method>>,
    /// Who answers when that fails.
    pub voice_fallback_url: Option<Text<WebUrl>>,
    /// How it is asked.
    pub voice_fallback_method: Option<Text<Method>>,
    /// Who is told of the end.
    pub status_callback: Option<Text<WebUrl>>,
    /// How it is told.
    pub status_callback_method: Option<Text<Method>>,
    /// Phones may register.
    #[serde(default)]
    pub registration: bool,
    /// Calls from these addresses.
    #[serde(default)]
    pub ip_acl: Vec<Text<Network>>,
    /// Calls from these phones.
    #[serde(default)]
    pub users: Vec<User>,
}

/// One of `users`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its name.
    pub username: Spanned<String>,
    /// Its password.
    pub password: Spanned<Secret>,
}

/// `[[number]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Whose; may be left out when there is one account.
    pub account: Option<Spanned<Text<AccountSid>>>,
    /// The number.
    pub phone_number: Spanned<Text<E164>>,
    /// Who answers.
    pub voice_url: Option<Text<WebUrl>>,
    /// How it is asked.
    pub voice_method: Option<Text<Method>>,
    /// Who answers when that fails.
    pub voice_fallback_url: Option<Text<WebUrl>>,
    /// How it is asked.
    pub voice_fallback_method: Option<Text<Method>>,
    /// Who is told of the end.
    pub status_callback: Option<Text<WebUrl>>,
    /// How it is told.
    pub status_callback_method: Option<Text<Method>>,
}

/// `[[trunk]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Whose; may be left out when there is one account.
    pub account: Option<Spanned<Text<AccountSid>>>,
    /// Its name: `byoc` of `<Number>`.
    pub name: Spanned<String>,
    /// Its only gateway. This or `gateways`.
    pub uri: Option<Spanned<Text<SipUri>>>,
    /// Its gateways.
    pub gateways: Option<Spanned<Vec<Gateway>>>,
    /// Our name there.
    pub username: Option<Spanned<String>>,
    /// Our password there.
    pub password: Option<Spanned<Secret>>,
    /// The only realm whose challenges are answered.
    pub realm: Option<Spanned<String>>,
    /// It is told where we are.
    #[serde(default)]
    pub register: bool,
    /// Where that is told.
    pub registrar: Option<Spanned<Text<SipUri>>>,
    /// For how long.
    pub register_expires: Option<Spanned<Text<Period>>>,
    /// User part of From and Contact.
    pub from_user: Option<Spanned<String>>,
    /// Host part of From and of the address that is registered.
    pub from_domain: Option<Spanned<Text<HostName>>>,
    /// Calls come in from here.
    #[serde(default)]
    pub ip_acl: Vec<Text<Network>>,
    /// Calls come in with these credentials.
    #[serde(default)]
    pub users: Vec<User>,
    /// Which numbers go out through it.
    #[serde(default)]
    pub numbers: Vec<Text<NumberPattern>>,
    /// Numbers are written with `+`.
    pub send_plus: Option<bool>,
    /// Taken off the start of numbers.
    pub strip_prefix: Option<Text<Prefix>>,
    /// Put in its place.
    pub add_prefix: Option<Text<Prefix>>,
    /// Shown for callers without a number.
    pub caller_id: Option<Text<E164>>,
    /// How the caller is asserted.
    pub identity: Option<Text<Identity>>,
    /// How often its gateways are asked whether they live.
    pub options_interval: Option<Spanned<Text<Period>>>,
    /// It may transfer calls by REFER.
    #[serde(default)]
    pub refer: bool,
}

/// One of `gateways`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Where it is.
    pub uri: Spanned<Text<SipUri>>,
    /// Lower ones are asked first.
    pub priority: Option<u16>,
    /// Share of calls among equal priorities.
    pub weight: Option<Spanned<u16>>,
    /// Off: as if it were not there.
    pub enabled: Option<bool>,
}

/// `[[sim]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sim {
    /// Whose; may be left out when there is one account.
    pub account: Option<Spanned<Text<AccountSid>>>,
    /// The SIM's SID.
    pub sid: Spanned<String>,
    /// Where it is reached.
    pub uri: Text<SipUri>,
}

/// `[[recorder]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorder {
    /// Whose; may be left out when there is one account.
    pub account: Option<Spanned<Text<AccountSid>>>,
    /// Its name: `connectorName` of `<Siprec>`.
    pub name: Spanned<String>,
    /// Where it is reached.
    pub uri: Text<SipUri>,
    /// Our name there.
    pub username: Option<Spanned<String>>,
    /// Our password there.
    pub password: Option<Spanned<Secret>>,
}

/// `[[stream]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Whose; may be left out when there is one account.
    pub account: Option<Spanned<Text<AccountSid>>>,
    /// Its name: `connectorName` of `<Stream>`.
    pub name: Spanned<String>,
    /// Where it leads.
    pub url: Text<WebSocketUrl>,
}

/// `[[application]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Whose; may be left out when there is one account.
    pub account: Option<Spanned<Text<AccountSid>>>,
    /// What `<Application>` names.
    pub sid: Spanned<String>,
    /// Asked when it is dialled.
    pub voice_url: Text<WebUrl>,
    /// How.
    pub voice_method: Option<Text<Method>>,
    /// Asked when that fails.
    pub voice_fallback_url: Option<Text<WebUrl>>,
    /// How.
    pub voice_fallback_method: Option<Text<Method>>,
    /// Told the end of its calls.
    pub status_callback: Option<Text<WebUrl>>,
    /// How.
    pub status_callback_method: Option<Text<Method>>,
}

/// A secret, or where it is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// Written in the file.
    Literal(String),
    /// In an environment variable.
    Env(String),
    /// In a file, its last line end left out.
    File(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("Literal(…)"),
            Self::Env(name) => f.debug_tuple("Env").field(name).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

/// `"0.0.0.0"`, or several: `["0.0.0.0", "::"]`.
#[derive(Debug)]
pub struct Addresses(pub Vec<IpAddr>);

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Addresses;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an IP address, or one of IPv4 and one of IPv6")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Addresses, E> {
                let one = Text::deserialize(text.into_deserializer())?;
                Ok(Addresses(vec![one.0]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Addresses, A::Error> {
                let mut addresses = Vec::new();
                while let Some(Text(address)) = list.next_element()? {
                    addresses.push(address);
                }
                Ok(Addresses(addresses))
            }
        }

        deserializer.deserialize_any(OneOrMore)
    }
}

/// `{ env = … }` or `{ file = … }`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    env: Option<String>,
    file: Option<String>,
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringOrTable;

        impl<'de> Visitor<'de> for StringOrTable {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, { env = \"NAME\" } or { file = \"PATH\" }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
                Ok(Secret::Literal(text.to_owned()))
            }

            // The words of serde would show it.
            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
                Err(E::invalid_type(Unexpected::Other("a number"), &self))
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
                Err(E::invalid_type(Unexpected::Other("a number"), &self))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Secret, A::Error> {
                let kept = Kept::deserialize(de::value::MapAccessDeserializer::new(map))?;
                match (kept.env, kept.file) {
                    (Some(name), None) => Ok(Secret::Env(name)),
                    (None, Some(path)) => Ok(Secret::File(path)),
                    (Some(_), Some(_)) | (None, None) => Err(de::Error::custom(
                        "a secret is a string, { env = \"NAME\" } or { file = \"PATH\" }",
                    )),
                }
            }
        }

        deserializer.deserialize_any(StringOrTable)
    }
}
