//! One SIP message: a slice of bytes and where its parts are.
//!
//! Nothing is copied and nothing is decoded before it is asked for; unknown headers survive.
//! Not here: finding the parts (`message::parse`), judging them (`message::check`), writing
//! messages (`message::print`), framing streams (`framing`).
//! Source: RFC 3261 §7.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use smallvec::SmallVec;

use crate::header::auth::Auth;
use crate::header::cseq::{CSeq, RAck};
use crate::header::event::EventType;
use crate::header::refer_to::ReferTo;
use crate::header::replaces::{Replaces, TargetDialog};
use crate::header::session_expires::SessionExpires;
use crate::header::subscription_state::SubscriptionState;
use crate::header::via::Via;
use crate::header::{HeaderError, Name};
use crate::name_addr::NameAddr;
use crate::scan::{self, List};
use crate::{Method, Status, limit};

mod check;
mod parse;
mod print;

pub use check::Rejection;
pub(crate) use parse::head_on_stream;
pub use parse::{Head, ParseError};
pub use print::Builder;

/// Part of a message: from, to.
type Span = (u16, u16);

/// One header line.
#[derive(Clone, Copy, Debug)]
struct Line {
    name: Name,
    name_len: u8,
    name_at: u16,
    value: Span,
}

/// The start line.
#[derive(Clone, Copy, Debug)]
enum Start {
    Request { method: Method, method_end: u16, uri: Span, version_ok: bool },
    Response { status: Status, reason: Span },
}

/// A parsed message. Cloning copies no bytes of it.
#[derive(Clone)]
pub struct Message {
    buf: Bytes,
    start: Start,
    start_at: u16,
    body_at: u16,
    lines: SmallVec<[Line; 28]>,
}

impl Message {
    /// Reads one message: a datagram, a frame of a WebSocket, or what the stream framer gave.
    ///
    /// Framing is strict, values are not looked at (see [`Message::validate`]). Empty lines before
    /// the start line are passed over. The body has as many bytes as Content-Length says, bytes
    /// behind it are dropped; without Content-Length it is the rest (RFC 3261 §18.3).
    ///
    /// # Errors
    /// [`ParseError`] with the answer, and the message as far as it could be read when
    /// that suffices for an answer.
    pub fn parse(bytes: Bytes) -> Result<Self, ParseError> {
        parse::parse(bytes)
    }

    /// Judges mandatory headers, their number and grammar, the method, the version and ranges.
    ///
    /// # Errors
    /// [`Rejection`]: literally the answer to a request. A response that fails is to be dropped.
    pub fn validate(&self) -> Result<(), Rejection> {
        check::check(self)
    }

    fn slice(&self, (from, to): Span) -> &[u8] {
        self.buf.get(usize::from(from)..usize::from(to)).unwrap_or_default()
    }

    // === start line ===

    /// A request, not a response.
    pub fn is_request(&self) -> bool {
        matches!(self.start, Start::Request { .. })
    }

    /// The method of a request; of a response, that of its CSeq.
    pub fn method(&self) -> Method {
        match self.start {
            Start::Request { method, .. } => method,
            Start::Response { .. } => self.cseq().map_or(Method::Unknown, |cseq| cseq.method),
        }
    }

    /// The method of a request as written; empty for a response.
    pub fn method_name(&self) -> &[u8] {
        match self.start {
            Start::Request { method_end, .. } => self.slice((self.start_at, method_end)),
            Start::Response { .. } => b"",
        }
    }

    /// The status of a response.
    pub fn status(&self) -> Option<Status> {
        match self.start {
            Start::Request { .. } => None,
            Start::Response { status, .. } => Some(status),
        }
    }

    /// The reason phrase of a response, often UTF-8; may be empty.
    pub fn reason(&self) -> &[u8] {
        match self.start {
            Start::Request { .. } => b"",
            Start::Response { reason, .. } => self.slice(reason),
        }
    }

    /// The Request-URI as written; empty for a response.
    pub fn uri(&self) -> &[u8] {
        match self.start {
            Start::Request { uri, .. } => self.slice(uri),
            Start::Response { .. } => b"",
        }
    }

    // === header lines ===

    /// The first line of this name: raw value, trimmed, folds as they are.
    pub fn header(&self, name: Name) -> Option<&[u8]> {
        self.lines.iter().find(|line| line.name == name).map(|line| self.slice(line.value))
    }

    /// All lines of this name: raw values, trimmed, folds as they are.
    pub fn headers(&self, name: Name) -> impl Iterator<Item = &[u8]> + Clone {
        self.lines.iter().filter(move |line| line.name == name).map(|line| self.slice(line.value))
    }

    /// All lines of a header given by its full text, case-insensitive: for names not in [`Name`].
    pub fn named<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.all()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(text.as_bytes()))
            .map(|(_, value)| value)
    }

    /// The comma-separated values over all lines of this name, trimmed; at most
    /// [`limit::VALUES_MAX`].
    pub fn values(&self, name: Name) -> impl Iterator<Item = &[u8]> {
        self.headers(name).flat_map(List::new).take(limit::VALUES_MAX)
    }

    /// The first line of this name with folds made spaces.
    pub fn unfolded(&self, name: Name) -> Option<Cow<'_, [u8]>> {
        self.header(name).map(scan::unfold)
    }

    /// Every header line in order: name as written, raw value.
    pub fn all(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines.iter().map(|line| {
            let end = line.name_at.saturating_add(u16::from(line.name_len));
            (self.slice((line.name_at, end)), self.slice(line.value))
        })
    }

    /// How many lines of this name there are.
    pub fn count(&self, name: Name) -> usize {
        self.lines.iter().filter(|line| line.name == name).count()
    }

    /// The values of this list header hold this token, case-insensitive (`Supported`, `Allow`, …).
    pub fn lists(&self, name: Name, token: &str) -> bool {
        self.values(name).any(|value| value.eq_ignore_ascii_case(token.as_bytes()))
    }

    // === body ===

    /// The body, sharing the bytes of the message. Empty when there is none.
    pub fn body(&self) -> Bytes {
        self.buf.slice(usize::from(self.body_at).min(self.buf.len())..)
    }

    /// The whole message as received, without what stood behind its end.
    pub fn bytes(&self) -> Bytes {
        self.buf.clone()
    }

    /// The media type of the body without parameters, `application/sdp`, as written.
    pub fn content_type(&self) -> Option<&[u8]> {
        let value = self.header(Name::ContentType)?;
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        value.get(..end).map(scan::trim)
    }

    /// The body has this media type, case-insensitive; false without a body.
    pub fn has_body_of(&self, media_type: &str) -> bool {
        usize::from(self.body_at) < self.buf.len()
            && self
                .content_type()
                .is_some_and(|written| written.eq_ignore_ascii_case(media_type.as_bytes()))
    }
}

/// Typed views, made on demand. All borrow from the message.
///
/// # Errors
/// Where a view is fallible: `Missing` or `Malformed`; after `validate` those it has judged do not
/// fail (Via, From, To, CSeq, Contact, Max-Forwards, Expires).
impl Message {
    /// The top Via.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn via(&self) -> Result<Via<'_>, HeaderError> {
        self.vias().next().ok_or(HeaderError::Missing)?
    }

    /// All Vias, top first.
    pub fn vias(&self) -> impl Iterator<Item = Result<Via<'_>, HeaderError>> {
        self.values(Name::Via).map(Via::parse)
    }

    /// From.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn from(&self) -> Result<NameAddr<'_>, HeaderError> {
        NameAddr::parse(self.header(Name::From).ok_or(HeaderError::Missing)?)
    }

    /// To.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn to(&self) -> Result<NameAddr<'_>, HeaderError> {
        NameAddr::parse(self.header(Name::To).ok_or(HeaderError::Missing)?)
    }

    /// Call-ID; empty when missing.
    pub fn call_id(&self) -> &[u8] {
        self.header(Name::CallId).unwrap_or_default()
    }

    /// CSeq.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn cseq(&self) -> Result<CSeq, HeaderError> {
        CSeq::parse(self.header(Name::CSeq).ok_or(HeaderError::Missing)?)
    }

    /// The first Contact; `Malformed` when that is `*`.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn contact(&self) -> Result<NameAddr<'_>, HeaderError> {
        self.contacts().next().ok_or(HeaderError::Missing)?
    }

    /// All Contacts; a `*` is `Malformed` here, ask `is_contact_star` first.
    pub fn contacts(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(Name::Contact).map(NameAddr::parse)
    }

    /// Contact is `*` and nothing else (RFC 3261 §10.2.2).
    pub fn is_contact_star(&self) -> bool {
        self.values(Name::Contact).eq([b"*"])
    }

    /// All Record-Routes, top first.
    pub fn record_routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(Name::RecordRoute).map(NameAddr::parse)
    }

    /// All Routes, top first.
    pub fn routes(&self) -> impl Iterator<Item = Result<NameAddr<'_>, HeaderError>> {
        self.values(Name::Route).map(NameAddr::parse)
    }

    /// Max-Forwards, 0 to 255.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn max_forwards(&self) -> Result<Option<u8>, HeaderError> {
        let Some(digits) = self.header(Name::MaxForwards) else { return Ok(None) };
        let number = scan::number(digits, u64::from(u8::MAX)).and_then(|n| u8::try_from(n).ok());
        number.map(Some).ok_or(HeaderError::Malformed)
    }

    /// Expires, seconds.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn expires(&self) -> Result<Option<u32>, HeaderError> {
        self.seconds(Name::Expires)
    }

    /// Min-SE, seconds (RFC 4028).
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn min_se(&self) -> Result<Option<u32>, HeaderError> {
        self.seconds(Name::MinSe)
    }

    /// Retry-After, seconds, without its comment.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn retry_after(&self) -> Result<Option<u32>, HeaderError> {
        self.seconds(Name::RetryAfter)
    }

    /// The number a header starts with, up to `;`, `(` or white space.
    fn seconds(&self, name: Name) -> Result<Option<u32>, HeaderError> {
        let Some(value) = self.header(name) else { return Ok(None) };
        let is_end = |b: &u8| scan::is_lws(*b) || matches!(b, b';' | b'(');
        let end = value.iter().position(is_end).unwrap_or(value.len());
        let digits = value.get(..end).unwrap_or_default();
        scan::number_u32(digits).map(Some).ok_or(HeaderError::Malformed)
    }

    /// Option tags of Require, as written.
    pub fn require(&self) -> impl Iterator<Item = &[u8]> {
        self.values(Name::Require).filter(|tag| !tag.is_empty())
    }

    /// Event.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn event(&self) -> Result<EventType<'_>, HeaderError> {
        EventType::parse(self.header(Name::Event).ok_or(HeaderError::Missing)?)
    }

    /// Subscription-State.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn subscription_state(&self) -> Result<SubscriptionState<'_>, HeaderError> {
        let value = self.header(Name::SubscriptionState).ok_or(HeaderError::Missing)?;
        SubscriptionState::parse(value)
    }

    /// Session-Expires (RFC 4028).
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn session_expires(&self) -> Result<Option<SessionExpires>, HeaderError> {
        self.header(Name::SessionExpires).map(SessionExpires::parse).transpose()
    }

    /// RSeq (RFC 3262).
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn rseq(&self) -> Result<Option<u32>, HeaderError> {
        self.seconds(Name::RSeq)
    }

    /// RAck (RFC 3262).
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn rack(&self) -> Result<RAck, HeaderError> {
        RAck::parse(self.header(Name::RAck).ok_or(HeaderError::Missing)?)
    }

    /// The one Refer-To.
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn refer_to(&self) -> Result<ReferTo<'_>, HeaderError> {
        ReferTo::of(self)
    }

    /// Referred-By, unfolded and trimmed, otherwise byte for byte (RFC 3892).
    pub fn referred_by(&self) -> Option<Cow<'_, [u8]>> {
        self.unfolded(Name::ReferredBy)
    }

    /// `Refer-Sub: false` (RFC 4488).
    pub fn is_refer_sub_false(&self) -> bool {
        self.header(Name::ReferSub).is_some_and(|value| {
            let end = memchr::memchr(b';', value).unwrap_or(value.len());
            let word = value.get(..end).map(scan::trim).unwrap_or_default();
            word.eq_ignore_ascii_case(b"false")
        })
    }

    /// Replaces; `Several` when there are more (answered 400, RFC 3891 §3).
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn replaces(&self) -> Result<Option<Replaces>, HeaderError> {
        let mut lines = self.headers(Name::Replaces);
        let Some(value) = lines.next() else { return Ok(None) };
        if lines.next().is_some() {
            return Err(HeaderError::Several);
        }
        Replaces::parse(value).map(Some)
    }

    /// Target-Dialog (RFC 4538).
    #[expect(clippy::missing_errors_doc, reason = "said above for all views")]
    pub fn target_dialog(&self) -> Result<Option<TargetDialog>, HeaderError> {
        self.header(Name::TargetDialog).map(TargetDialog::parse).transpose()
    }

    /// All readable Authorization lines; for `Proxy-Authorization` and challenges see `auths`.
    pub fn authorizations(&self) -> impl Iterator<Item = Auth<'_>> {
        self.auths(Name::Authorization)
    }

    /// All readable lines of one of the four authentication headers.
    pub fn auths(&self, name: Name) -> impl Iterator<Item = Auth<'_>> {
        self.headers(name).filter_map(|value| Auth::parse(value).ok())
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = memchr::memchr(b'\r', self.slice((self.start_at, self.body_at)));
        let head = self.slice((self.start_at, self.body_at));
        let line = head.get(..end.unwrap_or(head.len())).unwrap_or_default();
        write!(f, "Message({})", line.escape_ascii())
    }
}

#[cfg(test)]
mod tests;
