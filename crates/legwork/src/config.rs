//! The operator's configuration: File (as typed) → Config (as meant).
//!
//! Not here: what the switch does with it (`legwork-call`), watching for SIGHUP (`serve`).
//! Source: the configuration reference in the README.

pub mod development;
pub mod file;
pub mod meaning;
pub mod speech;
pub mod unit;

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use legwork_call as call;
use legwork_call::sid::AccountSid;
use url::Url;

pub use file::File;
pub use unit::{BucketUrl, PortRange};

/// The configuration as meant.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the switch must know.
    pub switch: call::Config,
    /// `[server]`.
    pub server: Server,
    /// `dns_servers` and `dns_timeout` of `[sip]`.
    pub dns: Dns,
    /// `[media]`.
    pub media: Media,
    /// `[speech]`.
    pub speech: speech::Speech,
    /// `[http]`.
    pub http: Http,
    /// `[recordings]`.
    pub recordings: Recordings,
    /// `[recognition]`.
    pub recognition: Recognition,
    /// Auth tokens, per account.
    pub tokens: Arc<Tokens>,
    /// What the operator should hear at start.
    pub warnings: Vec<String>,
}

/// `[server]`, as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// How long calls may go on after SIGTERM.
    pub drain_timeout: Duration,
    /// Loopback only, fixed credentials, the built-in bank application.
    pub development: Option<Development>,
}

/// What only development mode has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Development {
    /// `--voice-url`; else the built-in bank application.
    pub voice_url: Option<String>,
}

/// Who is asked for the hosts of SIP URIs, as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dns {
    /// Name servers; empty: those of the system.
    pub servers: Vec<SocketAddr>,
    /// How long one host may take, all questions together.
    pub timeout: Duration,
}

/// `[media]`, as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Where RTP is received: one IPv4 address, one IPv6 address, or one of each.
    pub listen_addresses: Vec<IpAddr>,
    /// From which ports.
    pub ports: PortRange,
    /// A WAV file; none: the one in the binary.
    pub hold_music: Option<PathBuf>,
}

/// `[http]`, as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where to listen.
    pub listen: Vec<SocketAddr>,
    /// How long an application may take, all tries and redirects together.
    pub webhook_timeout: Duration,
    /// Webhooks and media to loopback, private and link-local addresses.
    pub allow_private_webhooks: bool,
    /// `traceparent` on every webhook and callback.
    pub traceparent: bool,
    /// Where it is reached from outside, without a slash at the end; none: where it listens.
    pub public_url: Option<String>,
}

/// `[recordings]`, as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recordings {
    /// Where they are written, made when the first one begins.
    pub folder: PathBuf,
    /// Their sound is served without credentials.
    pub public: bool,
    /// How many at a time.
    pub at_once: usize,
    /// The disk is left this much room, bytes.
    pub free_space: u64,
    /// Where they go once they are complete; none: they stay.
    pub store: Option<Bucket>,
}

/// An S3-compatible store, as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name and what stands before the names in it.
    pub url: BucketUrl,
    /// Who has it; none: AWS.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: String,
    /// Our name there.
    pub access_key: String,
    /// Our password there.
    pub password: Token,
    /// Recordings stay here, too.
    pub keep_local: bool,
}

/// `[recognition]`, as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// Asked first. None: pocketsphinx alone understands.
    pub endpoint: Option<Endpoint>,
    /// `pocketsphinx_continuous`, or where it is.
    pub program: PathBuf,
    /// What it understands.
    pub languages: Vec<Language>,
}

/// Where speech is transcribed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What stands before `/v1/audio/transcriptions`.
    pub url: Url,
    /// Sent as `Authorization: Bearer`.
    pub api_key: Option<Token>,
    /// Which of its models.
    pub model: String,
    /// How long one transcription may take.
    pub timeout: Duration,
}

/// What pocketsphinx needs to understand a language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Language {
    /// BCP 47.
    pub tag: String,
    /// Folder of the acoustic model.
    pub acoustic_model: PathBuf,
    /// The pronouncing dictionary.
    pub dictionary: PathBuf,
    /// The language model.
    pub language_model: PathBuf,
}

/// Auth tokens, per account.
pub type Tokens = HashMap<AccountSid, Token>;

/// A secret that signs webhooks and opens the HTTP API.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Its bytes, for signing and comparing only.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// `syntax`, `unknown-key`, `missing-key`, `bad-value`, `reference`, `secret`.
    pub code: &'static str,
    /// What is wrong and what to write instead.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.line, self.column, self.code, self.text)
    }
}

/// A configuration file that can not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which file.
    pub path: PathBuf,
    /// Why: at least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            let line_end = if i == 0 { "" } else { "\n" };
            write!(f, "{line_end}{}:{problem}", self.path.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}

impl Config {
    /// Reads and checks a configuration file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(path: &Path) -> Result<Self, Broken> {
        let broken = |problems| Broken { path: path.to_owned(), problems };
        let text = std::fs::read_to_string(path).map_err(|error| {
            let text = format!("can not be read: {error}");
            broken(vec![Problem { line: 1, column: 1, code: "file", text }])
        })?;
        Self::parse(&text).map_err(broken)
    }

    /// Checks the text of a configuration file. Secrets are looked up.
    ///
    /// # Errors
    /// Everything that is wrong with it, at least one problem.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let file: File =
            toml::from_str(text).map_err(|error| vec![typing_problem(text, &error)])?;
        meaning::mean(text, file)
    }

    /// Says where the HTTP API is reached, now that its port is known: at its `public_url`, or where it
    /// listens first.
    pub fn settle_http_base(&mut self) {
        let url = self.http.public_url.clone();
        self.switch.http_base = url.unwrap_or_else(|| {
            let listens = self.http.listen.first().copied();
            let mut address = listens.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 80)));
            if address.ip().is_unspecified() {
                let local = IpAddr::from([127, 0, 0, 1]);
                address.set_ip(self.switch.media_address.unwrap_or(local));
            }
            format!("http://{address}")
        });
    }

    /// Whether a running server can change to `next` without new sockets. Port 0 is any.
    ///
    /// # Errors
    /// Which keys need a restart.
    pub fn can_become(&self, next: &Self) -> Result<(), String> {
        let mut keys = Vec::new();
        let same = |a: &SocketAddr, b: &SocketAddr| {
            a.ip() == b.ip() && (b.port() == 0 || a.port() == b.port())
        };
        let (sip, next_sip) = (&self.switch.sip.listen, &next.switch.sip.listen);
        let mut pairs = sip.iter().zip(next_sip);
        if sip.len() != next_sip.len() || !pairs.all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1)) {
            keys.push("sip.listen");
        }
        if self.dns != next.dns {
            keys.push("sip.dns_servers and sip.dns_timeout");
        }
        if self.media != next.media || self.switch.media_threads != next.switch.media_threads {
            keys.push("media");
        }
        let (http, next_http) = (&self.http.listen, &next.http.listen);
        if http.len() != next_http.len() || !http.iter().zip(next_http).all(|(a, b)| same(a, b)) {
            keys.push("http.listen");
        }
        let (own, next_own) = (&self.recordings, &next.recordings);
        if *own != (Recordings { public: own.public, ..next_own.clone() }) {
            keys.push("recordings");
        }
        if keys.is_empty() { Ok(()) } else { Err(format!("{} need a restart", keys.join(", "))) }
    }
}

/// Where an offset in bytes is: line and column in characters, from 1.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    (line, before.get(line_start..).unwrap_or("").chars().count() + 1)
}

fn at(text: &str, span: Option<Range<usize>>, code: &'static str, what: String) -> Problem {
    let (line, column) = position(text, span.map_or(0, |span| span.start));
    Problem { line, column, code, text: what }
}

/// One error of the TOML reader in our words.
fn typing_problem(text: &str, error: &toml::de::Error) -> Problem {
    let message = error.message();
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field")
        && let Some((unknown, known)) = names.split_first()
    {
        let guess = legwork_twiml::suggest::nearest(unknown, known.iter().copied());
        let help = match guess {
            Some(guess) => format!("write `{guess}`"),
            None => format!("known here: {}", known.join(", ")),
        };
        return at(text, error.span(), "unknown-key", format!("unknown key `{unknown}`; {help}"));
    }
    if message.starts_with("missing field")
        && let Some(name) = names.first()
    {
        let what = format!("the key `{name}` is missing here");
        return at(text, error.span(), "missing-key", what);
    }
    if message == "invalid type: map, expected a sequence" {
        let what = "there may be several of these: write [[…]] with two brackets".to_owned();
        return at(text, error.span(), "bad-value", what);
    }
    let typed = message.starts_with("invalid ") && !message.starts_with("invalid key")
        || message.contains(" is not ");
    let code = if typed { "bad-value" } else { "syntax" };
    at(text, error.span(), code, message.replace('\n', ", "))
}

#[cfg(test)]
mod tests;
