//! Why an application gave no answer that can be used: one code and words for each reason.
//!
//! Not here: what is tried again (`overrides`), the words of the alert table (`legwork-call`, `alert`).
//! Source: Twilio, "Error and Warning Dictionary", 11200 to 11770; RFC 9112 §8.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;

use rustls::CertificateError as Bad;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Twilio's code.
    pub code: u32,
    /// For deciding whether another try is worth it.
    pub cause: Cause,
    /// What went wrong and what to do.
    pub text: String,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No connection came about.
    Connect,
    /// The application was silent, or its connection ended.
    Read,
    /// It answered with this status.
    Status(u16),
    /// What it said can not be understood.
    Broken,
    /// Trying again would not help.
    Lasting,
}

impl Failure {
    /// A failure.
    pub fn new(code: u32, cause: Cause, text: impl Into<String>) -> Self {
        Self { code, cause, text: text.into() }
    }

    /// The connection ended, or the answer is not HTTP, before its head was whole.
    pub fn of_head(error: &hyper::Error) -> Self {
        if error.is_parse() {
            let text = format!("the head of the answer is no HTTP: {}", innermost(error));
            // Nothing but this tells a head that breaks a rule from what is no head at all.
            let foreign = error.is_parse_status() || format!("{error:?}").contains("Version");
            return Self::new(if foreign { 11_251 } else { 11_206 }, Cause::Broken, text);
        }
        let text = format!("the connection ended before the answer: {}", innermost(error));
        Self::new(11_205, Cause::Read, text)
    }

    /// The body did not come whole.
    pub fn of_body(error: &hyper::Error) -> Self {
        let last = innermost(error);
        let io = last.downcast_ref::<io::Error>().map(io::Error::kind).or_else(|| found(error));
        let ends_early = matches!(io, Some(io::ErrorKind::UnexpectedEof));
        if ends_early
            || matches!(io, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput))
        {
            let text = if ends_early {
                "the answer ended before the length it had named".to_owned()
            } else {
                format!("the body of the answer breaks the rules of HTTP: {last}")
            };
            return Self::new(11_206, Cause::Broken, text);
        }
        Self::new(11_205, Cause::Read, format!("the connection ended within the answer: {last}"))
    }

    /// The TLS handshake failed.
    pub fn of_tls(error: &io::Error) -> Self {
        let reason = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let certificate = match reason {
            Some(rustls::Error::InvalidCertificate(bad)) => Some(bad),
            Some(_) | None => None,
        };
        let code = match certificate {
            None => 11_220,
            Some(bad) if is_of_another_name(bad) => 11_235,
            Some(bad) if is_of_another_time(bad) => 11_236,
            // Whatever else is wrong, no way leads from it to a root we know.
            Some(_) => 11_237,
        };
        Self::new(code, Cause::Broken, format!("TLS: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

fn is_of_another_name(bad: &Bad) -> bool {
    matches!(bad, Bad::NotValidForName | Bad::NotValidForNameContext { .. })
}

fn is_of_another_time(bad: &Bad) -> bool {
    let expired = matches!(bad, Bad::Expired | Bad::ExpiredContext { .. });
    expired || matches!(bad, Bad::NotValidYet | Bad::NotValidYetContext { .. })
}

/// The kind of the first I/O error among the causes.
fn found(error: &hyper::Error) -> Option<io::ErrorKind> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io.kind());
        }
        next = error.source();
    }
    None
}

fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last
}

/// Why there is no connection.
#[derive(Debug)]
pub enum NoConnection {
    /// The host has no address.
    NoSuchHost(String),
    /// Every address of the host is one that applications may not have.
    Private(String, IpAddr),
    /// Nothing answered in time.
    TimedOut,
    /// Nobody listens there.
    Refused,
    /// Anything else.
    Failed(io::Error),
}

impl From<NoConnection> for Failure {
    fn from(reason: NoConnection) -> Self {
        let (code, cause) = match &reason {
            NoConnection::NoSuchHost(_) => (11_210, Cause::Connect),
            NoConnection::Private(..) => (11_200, Cause::Lasting),
            NoConnection::TimedOut => (11_201, Cause::Connect),
            NoConnection::Refused => (11_202, Cause::Connect),
            NoConnection::Failed(_) => (11_205, Cause::Connect),
        };
        let text = match reason {
            NoConnection::NoSuchHost(host) => format!("{host} has no address"),
            NoConnection::Private(host, ip) => format!(
                "{host} leads to {ip}, an address inside a private network; \
                 http.allow_private_webhooks = true would allow it"
            ),
            NoConnection::TimedOut => "no connection in time; is a firewall in between?".to_owned(),
            NoConnection::Refused => "connection refused; does the application run?".to_owned(),
            NoConnection::Failed(error) => format!("no connection: {error}"),
        };
        Self::new(code, cause, text)
    }
}
