//! From parts to bytes: requests, responses, and responses to a given request.
//!
//! Nothing written here can break a line: a value with CR, LF or NUL is left out with its header.
//! Not here: which headers a message needs (`transaction`, `dialog`, `usage`).
//! Source: RFC 3261 §7, §8.2.6, §12.1.1, §18.2.1; RFC 3581 §4.

use std::fmt::Write as _;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};

use super::Message;
use crate::header::Name;
use crate::header::via::Via;
use crate::scan::{self, List};
use crate::uri;
use crate::{Method, Status};

/// A message being written.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    out: BytesMut,
    body: Bytes,
}

fn breaks_line(bytes: &[u8]) -> bool {
    memchr::memchr3(b'\r', b'\n', 0, bytes).is_some()
}

impl Builder {
    fn with_room() -> Self {
        Self { out: BytesMut::with_capacity(2048), body: Bytes::new() }
    }

    /// Starts a request. Bytes a Request-URI can not hold (controls, spaces) are left out of it.
    pub fn request(method: Method, uri: impl AsRef<[u8]>) -> Self {
        let mut built = Self::with_room();
        built.out.extend_from_slice(method.as_str().as_bytes());
        built.out.extend_from_slice(b" ");
        let uri = uri.as_ref();
        if uri.iter().all(|&b| b > b' ') {
            built.out.extend_from_slice(uri);
        } else {
            built.out.extend(uri.iter().copied().filter(|&b| b > b' '));
        }
        built.out.extend_from_slice(b" SIP/2.0\r\n");
        built
    }

    /// Starts a response without any header.
    pub fn response(status: Status) -> Self {
        let mut built = Self::with_room();
        // Writing into memory does not fail.
        let _ = write!(built.out, "SIP/2.0 {} {}\r\n", status.0, status.reason());
        built
    }

    /// Starts a response to a request: every Via; From, To, Call-ID, CSeq; Timestamp in a 100;
    /// Record-Route in 1xx and 2xx that may open a dialog.
    ///
    /// `to_tag` is added to To unless that has one already (never in a 100). `source` is where the
    /// request came from: `received` is added to the top Via when it differs from sent-by or when
    /// `rport` was asked for, and `rport` is filled in (RFC 3581 §4). What the request itself claimed
    /// there is dropped.
    pub fn response_to(
        request: &Message,
        status: Status,
        to_tag: Option<&str>,
        source: Option<SocketAddr>,
    ) -> Self {
        let mut built = Self::response(status);
        built.vias(request, source);
        if status == Status::TRYING {
            built.copy(request, Name::Timestamp);
        } else if status.0 < 300 && opens_dialog(request.method()) {
            built.copy(request, Name::RecordRoute);
        }
        built.copy_first(request, Name::From);
        built.to(request, to_tag.filter(|_| status != Status::TRYING));
        built.copy_first(request, Name::CallId);
        built.copy_first(request, Name::CSeq);
        built
    }

    /// Adds a header line. A value with CR, LF or NUL, or a name that is no token, is left out.
    pub fn header(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        let (name, value) = (name.as_ref(), value.as_ref());
        if scan::is_token(name) && !breaks_line(value) {
            self.line(name, value);
        }
        self
    }

    /// Adds a header line with what stood in a line of a message: NUL stays, for a quoted string may
    /// hold it (RFC 3261 §25.1).
    pub(crate) fn carry(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> &mut Self {
        let (name, value) = (name.as_ref(), value.as_ref());
        if scan::is_token(name) && memchr::memchr2(b'\r', b'\n', value).is_none() {
            self.line(name, value);
        }
        self
    }

    /// Adds all lines of one header of another message, byte for byte, folds included.
    pub fn copy(&mut self, from: &Message, name: Name) -> &mut Self {
        for value in from.headers(name) {
            self.line(name.as_str().as_bytes(), value);
        }
        self
    }

    /// Sets the body and writes its Content-Type. A type that breaks lines is left out.
    pub fn body(&mut self, content_type: &str, body: impl Into<Bytes>) -> &mut Self {
        self.header("Content-Type", content_type);
        self.body = body.into();
        self
    }

    /// Sets the body of a message whose Content-Type is there already.
    pub(crate) fn bare_body(&mut self, body: Bytes) -> &mut Self {
        self.body = body;
        self
    }

    /// Writes Content-Length, the empty line and the body. The builder is empty then.
    pub fn finish(&mut self) -> Bytes {
        // Writing into memory does not fail.
        let _ = write!(self.out, "Content-Length: {}\r\n\r\n", self.body.len());
        self.out.extend_from_slice(&self.body);
        self.body = Bytes::new();
        // Messages are kept for half a minute to be repeated: none keeps more room than it fills.
        let whole = Bytes::copy_from_slice(&self.out);
        self.out.clear();
        whole
    }

    fn copy_first(&mut self, from: &Message, name: Name) {
        if let Some(value) = from.header(name) {
            self.line(name.as_str().as_bytes(), value);
        }
    }

    fn line(&mut self, name: &[u8], value: &[u8]) {
        for part in [name, b": ", value, b"\r\n"] {
            self.out.extend_from_slice(part);
        }
    }

    /// To with a tag, as written otherwise.
    fn to(&mut self, request: &Message, tag: Option<&str>) {
        let Some(value) = request.header(Name::To) else { return };
        let tagged = request.to().is_ok_and(|to| to.tag().is_some());
        match tag {
            Some(tag) if !tagged && !breaks_line(tag.as_bytes()) => {
                // An empty last parameter is tolerated in what we read, not written.
                let value = value.strip_suffix(b";").unwrap_or(value);
                for part in [&b"To: "[..], value, b";tag=", tag.as_bytes(), b"\r\n"] {
                    self.out.extend_from_slice(part);
                }
            }
            Some(_) | None => self.line(b"To", value),
        }
    }

    /// All Via lines, the top value with `received` and `rport`.
    fn vias(&mut self, request: &Message, source: Option<SocketAddr>) {
        for (n, line) in request.headers(Name::Via).enumerate() {
            let top = List::new(line).next().unwrap_or_default();
            match (source, Via::parse(top)) {
                (Some(source), Ok(via)) if n == 0 => {
                    self.out.extend_from_slice(b"Via: ");
                    self.top_via(&via, source);
                    let rest = line.get(top.len()..).unwrap_or_default();
                    self.out.extend_from_slice(rest);
                    self.out.extend_from_slice(b"\r\n");
                }
                (Some(_) | None, Ok(_) | Err(_)) => self.line(b"Via", line),
            }
        }
    }

    fn top_via(&mut self, via: &Via<'_>, source: SocketAddr) {
        let raw = via.as_bytes();
        let end = memchr::memchr(b';', raw).unwrap_or(raw.len());
        self.out.extend_from_slice(scan::trim(raw.get(..end).unwrap_or_default()));
        let ours = ["received", "rport"];
        for p in via.params() {
            if ours.iter().any(|name| p.name.eq_ignore_ascii_case(name.as_bytes())) {
                continue;
            }
            self.out.extend_from_slice(b";");
            self.out.extend_from_slice(p.name);
            if let Some(value) = p.value {
                self.out.extend_from_slice(b"=");
                self.out.extend_from_slice(value);
            }
        }
        let address = source.ip().to_canonical();
        // Writing into memory does not fail.
        if via.has_rport() {
            let _ = write!(self.out, ";rport={}", source.port());
        }
        if via.has_rport() || uri::address(via.host()) != Some(address) {
            let _ = write!(self.out, ";received={address}");
        }
    }
}

/// Whether a 2xx to this method may open a dialog, so that its route is to be recorded.
fn opens_dialog(method: Method) -> bool {
    match method {
        Method::Invite | Method::Refer | Method::Subscribe | Method::Notify | Method::Update => {
            true
        }
        Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Options
        | Method::Register
        | Method::Prack
        | Method::Info
        | Method::Message
        | Method::Publish
        | Method::Unknown => false,
    }
}
