//! One SIP message: everything there is to read of it is read, and an answer to it is good.
//!
//! Not here: what single messages must give (`legwork-sip`, `tests`), streams (`stream`).
//! Source: RFC 3261; ARCHITECTURE.md, "unknown headers survive".

use std::hint::black_box;

use bytes::Bytes;
use legwork_sip::header::Name;
use legwork_sip::message::Builder;
use legwork_sip::{Message, Status, limit, sipfrag};

/// Words and bytes that have hurt SIP parsers.
pub(super) const DICTIONARY: &[&[u8]] = &[
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\r\n ",
    b"\"",
    b"\\",
    b"<",
    b">",
    b";",
    b",",
    b":",
    b"=",
    b"/",
    b"%",
    b"%0d%0a",
    b"\xff",
    b"\xc3",
    b" ",
    b"\t",
    b"\x0b",
    b"?",
    b"&",
    b"*",
    b"@",
    b"[::1]",
    b"\r\nContent-Length: 5\r\n",
    b"\r\nContent-Length : 0\r\n",
    b"\r\nl: 4294967297\r\n",
    b"\r\nContent-Length: -1\r\n",
    b"\r\nAccept: application/sdp\r\n",
    b"\r\nv: SIP/2.0/UDP h\r\n",
    b"\r\nTo: /\r\n",
    b"\r\nExpires: -5\r\n",
    b"\r\nReplaces: a;to-tag=b;from-tag=c\r\n",
    b"\r\nRefer-To: <sip:a@b?Replaces=c%3Bto-tag%3Dd%3Bfrom-tag%3De>\r\n",
    b"\r\nRefer-To: sip:a@b?X=%0d%0aY:1\r\n",
    b"\r\nContent-Type: multipart/mixed;boundary=\"\"\r\n",
    b"\r\nSession-Expires: 90;refresher=uac\r\n",
    b"\r\nRAck: 1 1 INVITE\r\n",
    b"\r\nContent-Type: application/dtmf-relay\r\n",
    b"\r\nContent-Type: application/dtmf\r\n",
    b"\r\n\r\nSignal= 12\r\nDuration=160\r\n",
    b"\r\nSubscription-State: active;expires=60\r\n",
    b"\r\nAuthorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\"\r\n",
    b";tag=",
    b";branch=z9hG4bK",
    b";rport",
    b";received=",
    b"SIP/2.0 ",
    b"INVITE",
    b"REFER",
];

/// Reads one datagram.
pub(super) fn run(bytes: &[u8]) {
    let bytes = Bytes::copy_from_slice(bytes);
    black_box(sipfrag::parse(&bytes));
    let message = match Message::parse(bytes.clone()) {
        Ok(message) => message,
        Err(error) => {
            // Whatever may be answered is answered without smuggling anything.
            if let Some(partial) = error.partial {
                views(&partial);
                if partial.is_answerable() {
                    answer(&partial, error.status, false);
                }
            }
            return;
        }
    };
    assert!(message.bytes().len() <= limit::MESSAGE_MAX);
    assert!(message.all().count() <= limit::HEADERS_MAX, "more header lines than there may be");
    let is_valid = message.validate().is_ok();
    views(&message);
    if message.is_request() && message.is_answerable() {
        answer(&message, Status::OK, is_valid);
    }
    if is_valid {
        survives(&message);
    }
}

/// Every typed view.
fn views(message: &Message) {
    for via in message.vias().flatten() {
        black_box((via.branch(), via.rport(), via.received(), via.magic_branch(), via.port()));
    }
    let addresses = [message.from(), message.to(), message.contact()];
    let lists = message.contacts().chain(message.routes()).chain(message.record_routes());
    for address in addresses.into_iter().chain(lists).flatten() {
        super::address::check(&address);
    }
    black_box((message.cseq().is_ok(), message.expires().is_ok(), message.retry_after().is_ok()));
    black_box((message.event().is_ok(), message.subscription_state().is_ok()));
    black_box((message.session_expires().is_ok(), message.rack().is_ok(), message.rseq().is_ok()));
    black_box((message.replaces().is_ok(), message.target_dialog().is_ok()));
    black_box((message.min_se().is_ok(), message.max_forwards().is_ok()));
    black_box((message.require().count(), message.is_contact_star()));
    black_box(message.has_body_of("application/sdp"));
    let is_key = |key: u8| key.is_ascii_digit() || b"*#ABCD".contains(&key);
    assert!(legwork_sip::info::key(message).is_none_or(is_key), "a key that is none");
    if let Ok(refer_to) = message.refer_to() {
        super::address::check_refer_to(&refer_to);
    }
    for name in [Name::Authorization, Name::ProxyAuthorization, Name::WwwAuthenticate] {
        for auth in message.auths(name) {
            black_box((auth.param("nonce"), auth.is_digest()));
        }
    }
    black_box((message.referred_by(), sipfrag::parse(&message.body())));
    for name in [Name::From, Name::ReferTo, Name::UserAgent] {
        let unfolded = message.unfolded(name).unwrap_or_default();
        let is_one_line = !unfolded.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        assert!(is_one_line, "an unfolded value is one line: {message:?}");
    }
}

/// An answer of ours can be read, goes to where the request came from, and is as good as the
/// request: only what is good may be echoed line by line without another thought.
fn answer(request: &Message, status: Status, is_valid: bool) {
    let source = "[2001:db8::1]:5060".parse().ok();
    let bytes = Builder::response_to(request, status, Some("t"), source).finish();
    let answer = Message::parse(bytes);
    let Ok(answer) = answer else { panic!("an answer of ours is read: {answer:?}") };
    assert_eq!(answer.status(), Some(status));
    assert_eq!(answer.body().len(), 0, "nothing of the request became a body");
    if is_valid {
        assert_eq!(answer.validate(), Ok(()), "an answer of ours is good: {answer:?}");
        assert_eq!(answer.vias().count(), request.vias().count());
        assert_eq!(answer.call_id(), request.call_id());
        assert_eq!(answer.cseq(), request.cseq());
    }
}

/// What is read is read again when it is printed line by line.
fn survives(message: &Message) {
    let mut text = match message.status() {
        Some(status) => format!("SIP/2.0 {} ", status.0).into_bytes(),
        None => [message.method_name(), b" ", message.uri(), b" SIP/2.0"].concat(),
    };
    text.extend_from_slice(message.reason());
    for (name, value) in message.all() {
        text.extend_from_slice(&[b"\r\n", name, b": ", value].concat());
    }
    text.extend_from_slice(&[b"\r\n\r\n", &message.body()[..]].concat());
    if text.len() > limit::MESSAGE_MAX {
        return;
    }
    let again = Message::parse(text.into());
    let Ok(again) = again else { panic!("what was read can not be read again: {message:?}") };
    assert!(again.all().eq(message.all()), "lines changed: {message:?}");
    assert_eq!((again.body(), again.uri()), (message.body(), message.uri()));
}
