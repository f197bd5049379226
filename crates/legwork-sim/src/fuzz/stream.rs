//! SIP on a stream: how bytes are cut into segments must not change what is read.
//!
//! Not here: single messages (`sip`).
//! Source: RFC 3261 §18.3; request smuggling, where two readers see two ends of one message.

use bytes::Bytes;
use legwork_sip::framing::{Frame, Framer};
use legwork_sip::{Message, limit};

/// What a peer can hold with a message that is not whole.
const HELD_MAX: usize = limit::HEAD_MAX + limit::MESSAGE_MAX;

/// The first byte says in how long pieces the others arrive.
pub(super) fn run(bytes: &[u8]) {
    let Some((first, stream)) = bytes.split_first() else { return };
    let whole = read(stream, stream.len().max(1));
    let piece = usize::from(*first) % 97 + 1;
    let pieces = read(stream, piece);
    assert_eq!(whole, pieces, "in pieces of {piece} bytes other messages are read");
    for message in whole.0 {
        assert!(message.len() <= limit::MESSAGE_MAX, "a message longer than may be");
        let read = Message::parse(message.clone());
        let is_whole = read.map_or(true, |read| read.bytes().len() == message.len());
        assert!(is_whole, "two readers see two ends: {message:?}");
    }
}

/// The messages, and whether the stream broke off.
fn read(stream: &[u8], piece: usize) -> (Vec<Bytes>, bool) {
    let mut framer = Framer::new();
    let (mut messages, mut broken) = (Vec::new(), false);
    for piece in stream.chunks(piece) {
        framer.push(piece);
        while let Some(frame) = framer.pull() {
            assert!(!broken, "something came behind the end");
            match frame {
                Frame::Message(message) => messages.push(message),
                Frame::Ping | Frame::Pong => {}
                Frame::Broken { .. } => broken = true,
            }
        }
        assert!(framer.held() <= HELD_MAX + piece.len(), "{} bytes are held", framer.held());
    }
    (messages, broken)
}
