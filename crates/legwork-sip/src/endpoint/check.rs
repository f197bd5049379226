//! What a request must fulfil before anybody looks at what it asks for.
//!
//! Not here: broken messages (`message`); what depends on a dialog (`receive`).
//! Source: RFC 3261 §8.2.1 to §8.2.3 and §21.4.13; RFC 3327 §4, RFC 3515 §2.4, RFC 4028 §9,
//! RFC 5626 §11.6, RFC 3891 §3.

use super::Line;
use super::write::{ACCEPT, ALLOW};
use crate::dialog::to_tag;
use crate::header::Name;
use crate::uri::{Scheme, Uri};
use crate::usage::refresh::{MIN_SE_S, Wish};
use crate::{Message, Method, Status, scan};

/// Why a request is refused.
pub(crate) struct Refusal {
    pub(crate) status: Status,
    pub(crate) lines: Vec<Line>,
}

impl Refusal {
    pub(crate) fn new(status: Status) -> Self {
        Self { status, lines: Vec::new() }
    }

    fn with(status: Status, name: &'static str, value: impl Into<String>) -> Self {
        Self { status, lines: vec![(name.into(), value.into())] }
    }

    /// A message that can not be used.
    pub(crate) fn broken(status: Status, text: &str) -> Self {
        let mut refusal = Self::with(status, "Warning", format!("399 legwork \"{text}\""));
        if status == Status::NOT_IMPLEMENTED {
            refusal.lines.push(("Allow".into(), ALLOW.to_owned()));
        }
        refusal
    }

    /// A package we give no notices of.
    pub(crate) fn bad_event() -> Self {
        Self::with(Status::BAD_EVENT, "Allow-Events", "refer")
    }

    /// INFO of a package: we have none (RFC 6086 §4.2.2).
    pub(crate) fn bad_info_package() -> Self {
        Self::with(Status::BAD_INFO_PACKAGE, "Recv-Info", "")
    }

    /// A method we know, but not here.
    pub(crate) fn not_allowed() -> Self {
        Self::with(Status::METHOD_NOT_ALLOWED, "Allow", ALLOW)
    }

    /// Too much at once: try again in some seconds.
    pub(crate) fn busy(status: Status, seconds: u64) -> Self {
        Self::with(status, "Retry-After", seconds.to_string())
    }
}

/// The checks every request goes through, in the order of RFC 3261 §8.2.
pub(crate) fn check(request: &Message) -> Result<(), Refusal> {
    if request.method() == Method::Unknown {
        return Err(Refusal::with(Status::NOT_IMPLEMENTED, "Allow", ALLOW));
    }
    match Uri::parse(request.uri()).map(|uri| uri.scheme()) {
        Ok(Scheme::Sip | Scheme::Sips | Scheme::Tel) => {}
        Ok(Scheme::Other) => return Err(Refusal::new(Status::UNSUPPORTED_URI_SCHEME)),
        Err(_) => return Err(Refusal::new(Status::BAD_REQUEST)),
    }
    let unknown = unknown_extensions(request);
    if !unknown.is_empty() {
        return Err(Refusal::with(Status::BAD_EXTENSION, "Unsupported", unknown));
    }
    check_replaces(request)?;
    match request.method() {
        Method::Invite | Method::Update => {
            check_interval(request)?;
            check_session(request)
        }
        Method::Prack => check_session(request),
        Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Options
        | Method::Register
        | Method::Info
        | Method::Refer
        | Method::Subscribe
        | Method::Notify
        | Method::Message
        | Method::Publish
        | Method::Unknown => Ok(()),
    }
}

/// Replaces that stands where it may not, more than once, or can not be read (RFC 3891 §3).
fn check_replaces(request: &Message) -> Result<(), Refusal> {
    if request.header(Name::Replaces).is_none() {
        return Ok(());
    }
    let opens = request.method() == Method::Invite && to_tag(request).is_none();
    if opens && request.replaces().is_ok() {
        Ok(())
    } else {
        Err(Refusal::new(Status::BAD_REQUEST))
    }
}

/// A session timer shorter than we take (RFC 4028 §9).
fn check_interval(request: &Message) -> Result<(), Refusal> {
    // Nearly nobody who has no Session-Expires needs the rest read.
    let asked = request.header(Name::SessionExpires).is_some();
    if asked && Wish::of(request).is_too_brief() {
        let status = Status::SESSION_INTERVAL_TOO_SMALL;
        return Err(Refusal::with(status, "Min-SE", MIN_SE_S.to_string()));
    }
    Ok(())
}

/// Option tags of Require that we have.
const KNOWN: [&[u8]; 4] = [b"norefersub", b"timer", b"100rel", b"replaces"];

/// Option tags of Require that we do not have, as a list.
fn unknown_extensions(request: &Message) -> String {
    let mut list = String::new();
    for tag in request.require() {
        if is_known(request.method(), tag) || !scan::is_token(tag) {
            continue;
        }
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(&String::from_utf8_lossy(tag));
    }
    list
}

/// The registrar's extensions are no session's.
fn is_known(method: Method, tag: &[u8]) -> bool {
    let is = |name: &str| tag.eq_ignore_ascii_case(name.as_bytes());
    KNOWN.iter().any(|known| tag.eq_ignore_ascii_case(known))
        || (method == Method::Register && (is("path") || is("outbound")))
}

/// What an INVITE, UPDATE or PRACK brings and wants back.
fn check_session(request: &Message) -> Result<(), Refusal> {
    let is_sdp = |value: &[u8]| media_type(value).eq_ignore_ascii_case(ACCEPT.as_bytes());
    if !request.body().is_empty() {
        if !request.has_body_of(ACCEPT) {
            return Err(Refusal::with(Status::UNSUPPORTED_MEDIA_TYPE, "Accept", ACCEPT));
        }
        let encoding = request.header(Name::ContentEncoding).unwrap_or(b"identity");
        if !scan::trim(encoding).eq_ignore_ascii_case(b"identity") {
            let refusal =
                Refusal::with(Status::UNSUPPORTED_MEDIA_TYPE, "Accept-Encoding", "identity");
            return Err(refusal);
        }
    }
    let mut accepted = request.values(Name::Accept).peekable();
    let fits = |value: &[u8]| {
        let range = media_type(value);
        is_sdp(value) || range == b"*/*" || range.eq_ignore_ascii_case(b"application/*")
    };
    if accepted.peek().is_some() && !accepted.any(fits) {
        return Err(Refusal::new(Status::NOT_ACCEPTABLE));
    }
    Ok(())
}

/// A media type without parameters.
fn media_type(value: &[u8]) -> &[u8] {
    let end = memchr::memchr(b';', value).unwrap_or(value.len());
    scan::trim(value.get(..end).unwrap_or_default())
}
