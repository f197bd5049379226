//! From bytes to spans: the start line, header lines, the end of the body.
//!
//! Strict about everything that decides where a line, a header or a message ends, because two
//! readers that disagree there can be played against each other.
//! Not here: what values mean (`header`), whether they are good (`message::check`).
//! Source: RFC 3261 §7, §18.3, §25.1; RFC 4475.

use bytes::Bytes;
use smallvec::SmallVec;

use super::{Line, Message, Span, Start};
use crate::header::Name;
use crate::{Method, Status, limit, scan};

/// Why a message can not be used, with the answer to it.
#[derive(Clone, Debug)]
pub struct ParseError {
    /// The status to answer.
    pub status: Status,
    /// What is wrong, for logs and a Warning.
    pub text: &'static str,
    /// The request as far as it could be read, when an answer is safe (see
    /// [`Message::is_answerable`]). `None` for responses and everything else: drop it.
    pub partial: Option<Box<Message>>,
}

/// How the head of a message on a stream frames it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes up to and including the empty line.
    pub len: usize,
    /// Content-Length, if there is exactly one and it is good.
    pub body_len: Option<usize>,
}

/// What was wrong first.
#[derive(Clone, Copy, Debug)]
struct Fault(Status, &'static str);

const fn bad(text: &'static str) -> Fault {
    Fault(Status::BAD_REQUEST, text)
}

/// A message being read.
struct Draft {
    start: Start,
    start_at: usize,
    lines: SmallVec<[Line; 28]>,
    body_at: usize,
    content_length: Option<u64>,
    fault: Option<Fault>,
}

pub(super) fn parse(mut buf: Bytes) -> Result<Message, ParseError> {
    if buf.len() > limit::MESSAGE_MAX {
        let status = Status::MESSAGE_TOO_LARGE;
        return Err(ParseError { status, text: "message too large", partial: None });
    }
    let mut draft = match read_head(&buf) {
        Ok(draft) => draft,
        Err(Fault(status, text)) => return Err(ParseError { status, text, partial: None }),
    };
    let rest = buf.len().saturating_sub(draft.body_at);
    match draft.content_length.map(usize::try_from) {
        None => {}
        Some(Ok(n)) if n <= rest => buf.truncate(draft.body_at + n),
        Some(Ok(_) | Err(_)) => draft.note(bad("body shorter than Content-Length")),
    }
    draft.finish(buf)
}

/// The head of a message that starts at the first byte and ends with the empty line.
pub(crate) fn head_on_stream(bytes: &[u8]) -> Head {
    let broken = Head { len: bytes.len(), body_len: None };
    let Ok(draft) = read_head(bytes) else { return broken };
    if draft.fault.is_some() {
        return broken;
    }
    let body_len = draft.content_length.and_then(|n| usize::try_from(n).ok());
    Head { len: draft.body_at, body_len }
}

/// Reads start line and header lines. An error means that not even the start line can be told.
fn read_head(buf: &[u8]) -> Result<Draft, Fault> {
    let start_at = buf.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    let end = line_end(buf, start_at).ok_or(bad("no start line"))?;
    let line = buf.get(start_at..end).unwrap_or_default();
    let (start, fault) = if is_response(line) {
        (response_line(line, start_at)?, None)
    } else {
        request_line(line, start_at)?
    };
    let mut draft = Draft {
        start,
        start_at,
        lines: SmallVec::new(),
        body_at: buf.len(),
        content_length: None,
        fault,
    };
    draft.read_lines(buf, end + 2);
    Ok(draft)
}

/// Where the CR of the first CRLF at or behind `from` stands; none if a lone CR or LF comes first.
fn line_end(buf: &[u8], from: usize) -> Option<usize> {
    let end = from + memchr::memchr2(b'\r', b'\n', buf.get(from..)?)?;
    (buf.get(end..end + 2) == Some(b"\r\n")).then_some(end)
}

fn is_response(line: &[u8]) -> bool {
    line.split_at_checked(4).is_some_and(|(start, _)| start.eq_ignore_ascii_case(b"SIP/"))
}

/// `SIP/2.0 SP 3DIGIT SP reason`; the last space may be missing with an empty reason.
fn response_line(line: &[u8], at: usize) -> Result<Start, Fault> {
    const BAD: Fault = bad("bad status line");
    let (version, rest) = line.split_at_checked(7).ok_or(BAD)?;
    let (digits, reason) = rest.split_at_checked(4).ok_or(BAD)?;
    let digits = digits.strip_prefix(b" ").ok_or(BAD)?;
    let status = Status::parse(digits).ok_or(BAD)?;
    if !version.eq_ignore_ascii_case(b"SIP/2.0") || !matches!(reason.first(), None | Some(b' ')) {
        return Err(BAD);
    }
    let reason_at = (at + 12).min(at + line.len());
    Ok(Start::Response { status, reason: span(reason_at, at + line.len()) })
}

/// `Method SP Request-URI SP SIP-Version`, each space exactly one.
fn request_line(line: &[u8], at: usize) -> Result<(Start, Option<Fault>), Fault> {
    let method_len = line.iter().take_while(|&&b| scan::is_token_byte(b)).count();
    let (name, rest) = line.split_at_checked(method_len).unwrap_or((line, b""));
    let first = memchr::memchr(b' ', rest);
    if name.is_empty() || first != Some(0) {
        return Err(bad("bad request line"));
    }
    let last = memchr::memrchr(b' ', rest).unwrap_or_default();
    let uri = rest.get(1..last).unwrap_or_default();
    let version = rest.get(last + 1..).unwrap_or_default();
    let uri_at = at + method_len + 1;
    let start = Start::Request {
        method: Method::parse(name),
        method_end: short(at + method_len),
        uri: span(uri_at, uri_at + uri.len()),
        version_ok: version.eq_ignore_ascii_case(b"SIP/2.0"),
    };
    let fault = if uri.is_empty() || uri.iter().copied().any(scan::is_lws) {
        Some(bad("bad request line"))
    } else if uri.len() > limit::URI_MAX {
        Some(Fault(Status::REQUEST_URI_TOO_LONG, "Request-URI too long"))
    } else if !is_version(version) {
        Some(bad("bad SIP version"))
    } else {
        None
    };
    Ok((start, fault))
}

/// `SIP/digits.digits`.
fn is_version(version: &[u8]) -> bool {
    let Some((name, numbers)) = version.split_at_checked(4) else { return false };
    let Some((major, minor)) = scan::split_once(numbers, b'.') else { return false };
    let digits = |n: &[u8]| !n.is_empty() && n.iter().all(u8::is_ascii_digit);
    name.eq_ignore_ascii_case(b"SIP/") && digits(major) && digits(minor)
}

/// Offsets of a message fit 16 bits: its length is checked first.
fn short(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn span(from: usize, to: usize) -> Span {
    (short(from), short(to))
}

impl Draft {
    fn note(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    fn read_lines(&mut self, buf: &[u8], mut at: usize) {
        loop {
            match buf.get(at..) {
                Some([b'\r', b'\n', ..]) => {
                    self.body_at = at + 2;
                    return;
                }
                None | Some([]) => return self.note(bad("no empty line behind the headers")),
                Some(_) => {}
            }
            if self.lines.len() >= limit::HEADERS_MAX {
                return self.note(bad("too many header lines"));
            }
            match self.read_line(buf, at) {
                Ok(next) => at = next,
                Err(fault) => {
                    self.note(fault);
                    // The rest is read on, so that an answer finds its Via and Call-ID.
                    let Some(end) = line_end(buf, at) else { return };
                    at = end + 2;
                }
            }
        }
    }

    /// Reads the header line at `at`, with its folds. Gives where the next line starts.
    fn read_line(&mut self, buf: &[u8], at: usize) -> Result<usize, Fault> {
        let rest = buf.get(at..).unwrap_or_default();
        let name_len = rest.iter().take_while(|&&b| scan::is_token_byte(b)).count();
        let text = rest.get(..name_len).unwrap_or_default();
        let after = rest.get(name_len..).unwrap_or_default();
        let blanks = after.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        // RFC 3261 §25.1 allows blanks before the colon; the name is recognised all the same.
        if after.get(blanks) != Some(&b':') {
            return Err(bad("header line without colon or with a bad name"));
        }
        let name_len = match u8::try_from(name_len) {
            Ok(n) if n > 0 && text.len() <= limit::HEADER_NAME_MAX => n,
            Ok(_) | Err(_) => return Err(bad("header name empty or too long")),
        };
        let from = at + text.len() + blanks + 1;
        let mut end = line_end(buf, from).ok_or(bad("line not ended by CRLF"))?;
        while let Some(b' ' | b'\t') = buf.get(end + 2) {
            end = line_end(buf, end + 2).ok_or(bad("line not ended by CRLF"))?;
        }
        let whole = buf.get(from..end).unwrap_or_default();
        let blank_before = whole.iter().take_while(|&&b| scan::is_lws(b)).count();
        let value = scan::trim(whole);
        let value_at = from + blank_before;
        let name = Name::of(text);
        if name == Name::ContentLength {
            self.read_content_length(value)?;
        }
        let value = span(value_at, value_at + value.len());
        self.lines.push(Line { name, name_len, name_at: short(at), value });
        Ok(end + 2)
    }

    /// Exactly one line of digits. A number beyond 64 bits is read as larger than any message.
    fn read_content_length(&mut self, value: &[u8]) -> Result<(), Fault> {
        if self.content_length.is_some() {
            return Err(bad("several Content-Length lines"));
        }
        let number = scan::number(value, u64::MAX).ok_or(bad("bad Content-Length"))?;
        self.content_length = Some(number);
        Ok(())
    }

    fn finish(self, buf: Bytes) -> Result<Message, ParseError> {
        let Self { start, start_at, lines, body_at, fault, .. } = self;
        let (start_at, body_at) = (short(start_at), short(body_at));
        let message = Message { buf, start, start_at, body_at, lines };
        let Some(Fault(status, text)) = fault else { return Ok(message) };
        let partial = message.is_answerable().then(|| Box::new(message));
        Err(ParseError { status, text, partial })
    }
}

impl Message {
    /// An answer to this request would find its client transaction: it has Via and CSeq, and is not
    /// an ACK. From, To and Call-ID are echoed as far as they are there.
    pub fn is_answerable(&self) -> bool {
        self.is_request()
            && self.method() != Method::Ack
            && self.header(Name::Via).is_some()
            && self.header(Name::CSeq).is_some()
    }
}
