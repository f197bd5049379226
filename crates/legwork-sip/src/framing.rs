//! Whole messages out of a stream of bytes.
//!
//! On a stream Content-Length is mandatory and decides where the next message starts, so a head
//! without exactly one good Content-Length ends the connection: it can not be resumed.
//! Not here: datagrams and WebSocket frames, which need no framing; the timeout of a half message
//! (the shell closes a connection that sends nothing whole for too long).
//! Source: RFC 3261 §18.3, RFC 5626 §3.5.1.

use bytes::{Buf as _, Bytes, BytesMut};

use crate::limit;
use crate::message::{Message, head_on_stream};

/// What came next on the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// One whole message.
    Message(Bytes),
    /// A keep-alive: two CRLF between messages. Answer with one CRLF.
    Ping,
    /// The answer to a keep-alive of ours: a single CRLF, told when other bytes follow or at once
    /// when it is all there is.
    Pong,
    /// Nothing whole can follow: hand `head` to the endpoint unless it is empty, send the 400 it
    /// gives, close the connection.
    Broken {
        /// A head the endpoint will refuse. Empty when there is none to be answered.
        head: Bytes,
        /// What is wrong, for logs.
        text: &'static str,
    },
}

/// The receiving side of one connection. Holds no buffer between messages.
#[derive(Debug, Default)]
pub struct Framer {
    buf: BytesMut,
    /// No end of a head stands before this offset.
    searched: usize,
    /// Length of the message whose head is known.
    whole: Option<usize>,
    broken: bool,
}

impl Framer {
    /// A framer at the start of a connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes as they came. Pull until `None` after each push. After `Broken` all is dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.broken {
            self.buf.extend_from_slice(bytes);
        }
    }

    /// Bytes held for a message that is not whole yet.
    pub fn held(&self) -> usize {
        self.buf.len()
    }

    /// The next frame, if it is whole.
    pub fn pull(&mut self) -> Option<Frame> {
        if self.broken {
            return None;
        }
        if self.whole.is_none() {
            if let Some(frame) = self.keep_alive() {
                return Some(frame);
            }
            if let Some(frame) = self.find_head() {
                return Some(frame);
            }
        }
        let whole = self.whole.filter(|&n| n <= self.buf.len())?;
        let message = self.buf.split_to(whole).freeze();
        self.whole = None;
        self.searched = 0;
        self.let_go();
        Some(Frame::Message(message))
    }

    /// CRLFs before a message.
    fn keep_alive(&mut self) -> Option<Frame> {
        match &*self.buf {
            [b'\r', b'\n', b'\r', b'\n', ..] => {
                self.skip(4);
                Some(Frame::Ping)
            }
            // Half of a Ping or a Pong: the second half of a Ping follows within the same segment.
            [b'\r', b'\n', b'\r'] | [b'\r'] => None,
            [b'\r', b'\n', ..] => {
                self.skip(2);
                Some(Frame::Pong)
            }
            _ => None,
        }
    }

    fn skip(&mut self, n: usize) {
        self.buf.advance(n);
        self.searched = 0;
        self.let_go();
    }

    /// An idle connection keeps no buffer.
    fn let_go(&mut self) {
        if self.buf.is_empty() {
            self.buf = BytesMut::new();
        }
    }

    fn find_head(&mut self) -> Option<Frame> {
        if matches!(&*self.buf, [b'\r'] | [b'\r', b'\n', b'\r']) {
            return None;
        }
        let from = self.searched.saturating_sub(3);
        let found = memchr::memmem::find(self.buf.get(from..)?, b"\r\n\r\n");
        let Some(found) = found else {
            self.searched = self.buf.len();
            let too_long = self.buf.len() > limit::HEAD_MAX;
            return too_long.then(|| self.break_off(0, "head too long"));
        };
        let head_len = from + found + 4;
        if head_len > limit::HEAD_MAX {
            return Some(self.break_off(0, "head too long"));
        }
        let head = head_on_stream(self.buf.get(..head_len)?);
        let Some(body_len) = head.body_len.filter(|_| head.len == head_len) else {
            return Some(self.break_off(head_len, "no single good Content-Length"));
        };
        match head_len.checked_add(body_len) {
            Some(whole) if whole <= limit::MESSAGE_MAX => self.whole = Some(whole),
            Some(_) | None => return Some(self.break_off(head_len, "message too large")),
        }
        None
    }

    fn break_off(&mut self, head_len: usize, text: &'static str) -> Frame {
        let mut buf = std::mem::take(&mut self.buf);
        buf.truncate(head_len);
        self.broken = true;
        let mut head = buf.freeze();
        // A head that only lacks its length would be taken for a whole message.
        if Message::parse(head.clone()).is_ok() {
            head.clear();
        }
        Frame::Broken { head, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n";

    fn message(body: &str) -> String {
        format!("{HEAD}l: {}\r\n\r\n{body}", body.len())
    }

    fn frames(chunks: &[&[u8]]) -> Vec<Frame> {
        let mut framer = Framer::new();
        let mut frames = Vec::new();
        for chunk in chunks {
            framer.push(chunk);
            frames.extend(std::iter::from_fn(|| framer.pull()));
        }
        frames
    }

    #[test]
    fn messages_come_out_whole_however_they_are_cut() {
        let stream = format!("{}\r\n\r\n{}{}", message("abc"), message(""), message("\r\n\r\n"));
        let expected = [
            Frame::Message(message("abc").into()),
            Frame::Ping,
            Frame::Message(message("").into()),
            Frame::Message(message("\r\n\r\n").into()),
        ];
        assert_eq!(frames(&[stream.as_bytes()]), expected);
        for size in [3, 5, 7, 64] {
            let chunks: Vec<&[u8]> = stream.as_bytes().chunks(size).collect();
            let seen: Vec<_> =
                frames(&chunks).into_iter().filter(|f| matches!(f, Frame::Message(_))).collect();
            assert_eq!(seen.len(), 3, "cut at {size}");
            assert_eq!(seen[0], expected[0]);
            assert_eq!(seen[2], expected[3]);
        }
    }

    #[test]
    fn keep_alives() {
        assert_eq!(frames(&[b"\r\n\r\n"]), [Frame::Ping]);
        assert_eq!(frames(&[b"\r\n"]), [Frame::Pong]);
        assert_eq!(frames(&[b"\r", b"\n\r\n"]), [Frame::Ping]);
        assert_eq!(frames(&[b"\r\n\r\n\r\n"]), [Frame::Ping, Frame::Pong]);
    }

    fn broken(head: &str) -> &'static str {
        match &*frames(&[head.as_bytes(), message("").as_bytes()]) {
            [Frame::Broken { text, .. }] => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bad_length_ends_the_connection() {
        for lines in [
            "l: -1\r\n",
            "l: 5\r\nContent-Length: 5\r\n",
            "l: 5, 5\r\n",
            "l: +1\r\n",
            "l:\r\n",
            "Content Length: 0\r\n",
            "X: no length at all\r\n",
        ] {
            let text = broken(&format!("{HEAD}{lines}\r\n"));
            assert_eq!(text, "no single good Content-Length", "{lines}");
        }
        for n in ["65536", "18446744073709551615", "99999999999999999999999999"] {
            assert_eq!(broken(&format!("{HEAD}l: {n}\r\n\r\n")), "message too large", "{n}");
        }
    }

    #[test]
    fn a_broken_head_is_one_the_endpoint_refuses() {
        let head = |lines: &str| match &*frames(&[format!("{HEAD}{lines}\r\n").as_bytes()]) {
            [Frame::Broken { head, .. }] => head.clone(),
            other => panic!("{other:?}"),
        };
        assert!(Message::parse(head("l: -1\r\n")).is_err_and(|error| error.status.0 == 400));
        assert!(head("X: no length\r\n").is_empty());
    }

    #[test]
    fn limits_at_their_edges() {
        let start = message("");
        let fill = |n: usize| format!("{HEAD}X: {}\r\nl: 0\r\n\r\n", "x".repeat(n));
        let room = limit::HEAD_MAX - fill(0).len();
        assert_eq!(frames(&[fill(room).as_bytes()]).len(), 1);
        assert!(matches!(&*frames(&[fill(room).as_bytes()]), [Frame::Message(_)]));
        assert_eq!(broken(&fill(room + 1)), "head too long");
        assert_eq!(broken(&"x".repeat(limit::HEAD_MAX + 1)), "head too long");
        let largest = limit::MESSAGE_MAX - start.len() - 4;
        assert!(matches!(
            &*frames(&[message(&"b".repeat(largest)).as_bytes()]),
            [Frame::Message(m)] if m.len() == limit::MESSAGE_MAX
        ));
        assert_eq!(broken(&message(&"b".repeat(largest + 1))), "message too large");
    }

    #[test]
    fn one_byte_at_a_time_stays_linear_and_holds_nothing_after() {
        let long = message(&"b".repeat(30_000));
        let mut framer = Framer::new();
        let mut seen = 0;
        for byte in long.as_bytes() {
            framer.push(&[*byte]);
            seen += std::iter::from_fn(|| framer.pull()).count();
        }
        assert_eq!((seen, framer.held()), (1, 0));
        assert_eq!(framer.buf.capacity(), 0);
    }
}
