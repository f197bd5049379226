//! The classes of published attacks on SIP parsers, each with bytes of our own.
//!
//! Not here: what the engine answers to them (`legwork-sim`, `tests/hostile.rs`), session descriptions
//! (`legwork-media`).
//! Source: advisories of the products named at each row; RFC 3261 §7.3.1, §20, §25.1.

use legwork_sip::framing::{Frame, Framer};
use legwork_sip::header::Name;
use legwork_sip::header::refer_to::ReferTo;
use legwork_sip::message::Builder;
use legwork_sip::uri::Uri;
use legwork_sip::{Message, Status};

const HEAD: &str = "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n";
const FROM: &str = "From: <sip:a@h>;tag=1\r\n";
const TO: &str = "To: <sip:b@h>\r\n";
const REST: &str = "Call-ID: c\r\nCSeq: 1 INVITE\r\n";

/// A good INVITE with these lines added, and what follows the empty line.
fn with(lines: &str, body: &str) -> String {
    format!("{HEAD}{FROM}{TO}{REST}{lines}\r\n{body}")
}

/// `200`, or the status of the refusal; `drop` where nothing may be answered.
fn verdict(text: &str) -> String {
    match Message::parse(text.to_owned().into()) {
        Err(error) if error.partial.is_some() => error.status.0.to_string(),
        Err(_) => "drop".to_owned(),
        Ok(message) => match message.validate() {
            Ok(()) => "200".to_owned(),
            Err(no) => no.status.0.to_string(),
        },
    }
}

#[test]
fn lengths_that_do_not_fit() {
    // 64 bits cut to 32 let a second message hide in a body (nf_conntrack_sip, CVE-2026-23457); ten
    // digits and minus signs broke others (CVE-2006-0739).
    let table = [
        ("5", "200"),
        ("0005", "200"),
        ("4294967301", "400"),
        ("18446744073709551621", "400"),
        ("9999999999", "400"),
        ("340282366920938463463374607431768211461", "400"),
        ("-5", "400"),
        ("+5", "400"),
        ("5.0", "400"),
        ("0x5", "400"),
        ("5 5", "400"),
        ("5, 5", "400"),
        ("", "400"),
    ];
    for (length, expected) in table {
        for name in ["Content-Length", "l", "CONTENT-LENGTH", "Content-Length "] {
            let text = with(&format!("{name}: {length}\r\n"), "12345");
            assert_eq!(verdict(&text), expected, "{name}: {length}");
            let mut framer = Framer::new();
            framer.push(text.as_bytes());
            let is_whole = matches!(framer.pull(), Some(Frame::Message(_)));
            let waits = framer.held() > 0;
            assert_eq!(is_whole, expected == "200", "on a stream, {name}: {length}");
            assert!(!waits || length.starts_with(['4', '9', '1', '3']), "{name}: {length} waits");
        }
    }
}

#[test]
fn two_lengths_are_none() {
    for second in ["Content-Length: 0", "l: 5", "Content-Length : 5"] {
        let text = with(&format!("Content-Length: 5\r\n{second}\r\n"), "12345");
        assert_eq!(verdict(&text), "400", "{second}");
    }
}

#[test]
fn long_and_odd_lines() {
    let long = |n: usize| "A".repeat(n);
    let table = [
        // pjsip, CVE-2017-9372: the method in CSeq.
        (format!("{HEAD}{FROM}{TO}Call-ID: c\r\nCSeq: 1 {}\r\n\r\n", long(3_000)), "400"),
        (format!("{HEAD}{FROM}{TO}Call-ID: c\r\nCSeq: {} INVITE\r\n\r\n", long(9)), "400"),
        (format!("{HEAD}{FROM}{TO}Call-ID: c\r\nCSeq: 4294967296 INVITE\r\n\r\n"), "400"),
        (format!("{HEAD}{FROM}{TO}Call-ID: c\r\nCSeq: -1 INVITE\r\n\r\n"), "400"),
        (format!("{HEAD}{FROM}{TO}Call-ID: c\r\nCSeq: INVITE\r\n\r\n"), "400"),
        // Asterisk, CVE-2018-7284: more Accept headers than an array had room for.
        (with(&"Accept: text/plain\r\n".repeat(50), ""), "200"),
        (with(&format!("Accept: {}text/plain\r\n", "text/plain,".repeat(500)), ""), "200"),
        // Kamailio, CVE-2018-8828: tags and branches at their lengths.
        (format!("{HEAD}From: <sip:a@h>;tag={}\r\n{TO}{REST}\r\n", long(3_000)), "200"),
        (format!("{HEAD}From: <sip:a@h>;tag=\r\n{TO}{REST}\r\n"), "400"),
        (format!("{HEAD}From: <sip:a@h>;tag=\"\r\n{TO}{REST}\r\n"), "400"),
        (with("Via: SIP/2.0/UDP h;branch=\r\n", ""), "200"),
        (with("Via: SIP/2.0/UDP h;branch=z9hG4bK\r\n", ""), "200"),
        // Cisco and others, CVE-2006-0737: a negative Expires.
        (with("Expires: -1\r\n", ""), "400"),
        (with("Expires: 4294967296\r\n", ""), "400"),
        (with("Max-Forwards: 256\r\n", ""), "400"),
        (with("Contact: <sip:a@h>;expires=-1\r\n", ""), "400"),
        // belle-sip, CVE-2021-33056: a lone slash where an address belongs.
        (format!("{HEAD}From: /\r\n{TO}{REST}\r\n"), "400"),
        (format!("{HEAD}{FROM}To: /\r\n{REST}\r\n"), "400"),
        (format!("{HEAD}{FROM}To: <>\r\n{REST}\r\n"), "400"),
        (format!("{HEAD}{FROM}To:\r\n{REST}\r\n"), "400"),
        (with("Diversion: /\r\n", ""), "200"),
        (with("Contact: /\r\n", ""), "400"),
        // Asterisk, 2025: an Authorization header that is none.
        (with("Authorization:\r\nAuthorization: Digest\r\nAuthorization: ,\r\n", ""), "200"),
        (with("Proxy-Authorization: Digest username=\"\r\n", ""), "200"),
        (with("Event: ;\r\nReplaces: ;\r\nRefer-To: \r\nRAck: \r\n", ""), "200"),
    ];
    for (text, expected) in table {
        let shown: String = text.chars().rev().take(200).collect::<Vec<_>>().iter().rev().collect();
        assert_eq!(verdict(&text), expected, "{shown}");
        // Whatever is missing or broken, every view says so and an answer can be written.
        if let Ok(message) = Message::parse(text.into()) {
            let views =
                [message.event().is_ok(), message.rack().is_ok(), message.refer_to().is_ok()];
            assert_eq!(views, [false; 3]);
            assert!(message.replaces().is_err() || message.header(Name::Replaces).is_none());
            let answer =
                Builder::response_to(&message, Status::BAD_REQUEST, Some("t"), None).finish();
            assert!(Message::parse(answer).is_ok());
        }
    }
}

#[test]
fn bodies_in_parts_are_bytes() {
    // pjsip, AST-2017-003 and CVE-2022-21723: boundaries that are empty, longer than the body, or that
    // it ends in the middle of.
    let long = "b".repeat(400);
    let bodies = ["", "--", "--b", "--b--", "--b\r\n\r\n--b--\r\n", "\r\n--b\n\n\n--b--"];
    for boundary in ["b", "\"\"", "", "\"", &long] {
        for body in bodies {
            let lines = format!("Content-Type: multipart/mixed;boundary={boundary}\r\n");
            for with_length in [false, true] {
                let length = format!("Content-Length: {}\r\n", body.len());
                let lines = format!("{lines}{}", if with_length { &length } else { "" });
                let message = Message::parse(with(&lines, body).into()).unwrap();
                assert_eq!(message.body(), body.as_bytes());
                assert!(!message.has_body_of("application/sdp"), "{boundary}");
            }
        }
    }
}

#[test]
fn a_name_is_a_name() {
    // Kamailio, CVE-2020-28361: a space before the colon hid a header from a filter that the next hop
    // read all the same. RFC 3261 §7.3.1 allows it: it is the header.
    let message = Message::parse(with("Route : <sip:x;lr>\r\nX-A\t: b\r\n", "").into()).unwrap();
    assert_eq!(message.routes().count(), 1);
    assert_eq!(message.named("x-a").next(), Some(&b"b"[..]));
    // Asterisk, CVE-2016-9938: other bytes before the colon, taken for white space by one of two.
    for byte in ['\x01', '\x0b', '\x0c', '\x7f', '\u{a0}', '\0', '\x08'] {
        let text = with(&format!("Route{byte}: <sip:x;lr>\r\n"), "");
        assert_eq!(verdict(&text), "400", "{byte:?}");
    }
    // A line that begins with a blank goes on with the one before.
    let message = Message::parse(with("X: a\r\n Route: <sip:x;lr>\r\n", "").into()).unwrap();
    assert_eq!((message.validate(), message.routes().count()), (Ok(()), 0));
    assert_eq!(verdict(&with(": x\r\n", "")), "400");
}

#[test]
fn nothing_escapes_from_a_refer_to() {
    // Escaped line ends would become header lines of the next INVITE, or of a log.
    for name in ["%0d%0aX: y", "X%0aY", "%00", "a%0D"] {
        for value in ["", "=", "=v", "=%0d%0aRoute:%20x", "=%00"] {
            let text = format!("<sip:b@h?{name}{value}>");
            assert!(ReferTo::parse(text.as_bytes()).is_err(), "{text}");
            let uri = format!("sip:b@h?{name}{value}");
            if let Ok(uri) = Uri::parse(uri.as_bytes()) {
                assert!(uri.headers().all(|header| header.is_err()), "{text}");
            }
        }
    }
    let refer_to = ReferTo::parse(b"<sip:b@h?X=%250d%250aY:1>").unwrap();
    let uri = refer_to.uri().unwrap();
    assert_eq!(uri.header("X").as_deref(), Some(&b"%0d%0aY:1"[..]), "decoded once only");
    for raw in ["<sip:b@h>\r\nX: y", "<sip:b\0@h>", "<sip:b@h\n>"] {
        assert!(ReferTo::parse(raw.as_bytes()).is_err(), "{raw:?}");
    }
}
