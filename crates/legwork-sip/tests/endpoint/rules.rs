//! Rules for every request, one test for each line of an RFC: what is asked first, and of whom not.
//!
//! Not here: what methods mean (`requests`, `calls`, `refers`).
//! Source: RFC 3261 §8.2, §11, §16.3, §18.2, §20.22; RFC 3327 §4, RFC 3581 §4,
//! RFC 3840 §9, RFC 3841 §6, RFC 5626 §11.6.

use expect_test::expect;
use legwork_sip::Event;

use crate::peer::Peer;

/// A request outside any dialog in which everything can be said.
fn ask(p: &mut Peer, method: &str, uri: &str, lines: &str) -> String {
    let before = p.sent.len();
    let branch = p.sent.len() + p.events.len();
    p.raw(&format!(
        "{method} {uri} SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKr{branch}\n\
         From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>\nCall-ID: r{branch}\n\
         CSeq: 1 {method}\nContact: <sip:p@192.0.2.9>\n{lines}"
    ));
    match p.sent.get(before) {
        Some(bytes) => String::from_utf8_lossy(bytes).lines().next().unwrap().to_owned(),
        None => "-".to_owned(),
    }
}

const NO_BODY: &str = "Content-Length: 0\n\n";

/// Each row has one thing less that is wrong.
#[test]
fn rfc3261_8_2_the_order_of_checks() {
    let mut p = Peer::new();
    let require = "Require: nonsense\n";
    let body = "Content-Type: text/plain\nContent-Length: 2\n\nhi";
    let version = ask(&mut p, "STRANGE", "nobody:x", &format!("Max-Forwards: x\n{require}{body}"));
    let seen = [
        version,
        ask(&mut p, "STRANGE", "nobody:x", &format!("{require}{body}")),
        ask(&mut p, "INVITE", "nobody:x", &format!("{require}{body}")),
        ask(&mut p, "INVITE", "sip:n@192.0.2.1", &format!("{require}{body}")),
        ask(&mut p, "INVITE", "sip:n@192.0.2.1", body),
        ask(&mut p, "INVITE", "sip:n@192.0.2.1", NO_BODY),
    ];
    expect![[r#"
        SIP/2.0 400 Bad Request
        SIP/2.0 501 Not Implemented
        SIP/2.0 416 Unsupported URI Scheme
        SIP/2.0 420 Bad Extension
        SIP/2.0 415 Unsupported Media Type
        -"#]]
    .assert_eq(&seen.join("\n"));
    assert!(matches!(p.events.last(), Some(Event::Invite { .. })));
}

#[test]
fn rfc3261_8_2_2_3_cancel_and_ack_are_not_refused_for_require() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "");
    let branch = "z9hG4bKp1";
    p.raw(&format!(
        "CANCEL sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;rport;branch={branch}\n\
         From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>\nCall-ID: call\n\
         CSeq: 1 CANCEL\nRequire: nonsense\n{NO_BODY}"
    ));
    let statuses: Vec<String> = p
        .sent
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes).split(' ').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(statuses, ["200", "487"]);
    let mut p = Peer::new();
    let sent = p.sent.len();
    p.send("ACK", 1, "Require: nonsense\n");
    assert_eq!(p.sent.len(), sent);
}

#[test]
fn rfc3261_8_2_2_3_what_is_unsupported_is_named() {
    let mut p = Peer::new();
    ask(
        &mut p,
        "OPTIONS",
        "sip:n@192.0.2.1",
        &format!("Require: one, norefersub\nRequire: two\n{NO_BODY}"),
    );
    assert!(p.last().contains("\r\nUnsupported: one, two\r\n"), "{}", p.last());
}

/// The registrar's extensions are known where they mean something.
#[test]
fn rfc3327_4_and_rfc5626_11_6_extensions_of_the_registrar() {
    for (method, lines, expected) in [
        ("REGISTER", "Require: path\n", "-"),
        ("REGISTER", "Require: path, outbound\n", "-"),
        ("REGISTER", "Require: gruu\n", "SIP/2.0 420 Bad Extension"),
        ("OPTIONS", "Require: path\n", "SIP/2.0 420 Bad Extension"),
        ("OPTIONS", "Require: outbound\n", "SIP/2.0 420 Bad Extension"),
    ] {
        let mut p = Peer::new();
        let seen = ask(&mut p, method, "sip:192.0.2.1", &format!("{lines}{NO_BODY}"));
        assert_eq!(seen, expected, "{method} {lines}");
    }
}

#[test]
fn rfc3261_8_2_3_an_encoding_we_do_not_have() {
    let mut p = Peer::new();
    let body = "Content-Type: application/sdp\nContent-Encoding: gzip\nContent-Length: 2\n\nhi";
    assert_eq!(
        ask(&mut p, "INVITE", "sip:n@192.0.2.1", body),
        "SIP/2.0 415 Unsupported Media Type"
    );
    assert!(p.last().contains("\r\nAccept-Encoding: identity\r\n"), "{}", p.last());
}

/// What a caller would prefer of whom it reaches is no condition for one who is reached.
#[test]
fn rfc3840_9_and_rfc3841_6_preferences_are_passed_over() {
    let lines = "Contact: <sip:p@192.0.2.9>;audio;video;mobility=\"fixed\";+sip.message=\"TRUE\";\
                 methods=\"INVITE,BYE\";+g.3gpp.icsi-ref=\"urn%3Aurn-7\"\n\
                 Accept-Contact: *;automata;require;explicit\na: *;+sip.nonsense\n\
                 Reject-Contact: *;video\nj: *;actor=\"msg-taker\"\nRequest-Disposition: no-fork\n";
    let mut p = Peer::new();
    p.send("INVITE", 1, lines);
    assert!(matches!(p.events.last(), Some(Event::Invite { .. })), "{}", p.seen());
    let mut p = Peer::new();
    p.send("OPTIONS", 1, &format!("{lines}Require: pref\n"));
    assert!(p.last().contains("\r\nUnsupported: pref\r\n"), "{}", p.last());
}

/// Only who passes a request on counts hops: OPTIONS with none left asks the last one on the way.
#[test]
fn rfc3261_11_options_without_hops_is_answered() {
    let mut p = Peer::new();
    let seen = ask(&mut p, "OPTIONS", "sip:n@192.0.2.1", &format!("Max-Forwards: 0\n{NO_BODY}"));
    assert_eq!(seen, "SIP/2.0 200 OK");
}

#[test]
fn rfc3261_18_2_2_and_rfc3581_4_the_way_back() {
    // Via, where the answer goes, what its Via says besides
    let cases = [
        ("192.0.2.9:5070", "192.0.2.9:5070", ""),
        ("192.0.2.9", "192.0.2.9:5060", ""),
        ("10.0.0.1:5070", "192.0.2.9:5070", ";received=192.0.2.9"),
        ("phone.example:5070", "192.0.2.9:5070", ";received=192.0.2.9"),
        ("10.0.0.1:5070;rport", "192.0.2.9:4444", ";rport=4444;received=192.0.2.9"),
        ("192.0.2.9;rport", "192.0.2.9:4444", ";rport=4444;received=192.0.2.9"),
    ];
    for (via, to, more) in cases {
        let mut p = Peer::new();
        p.flow.remote = "192.0.2.9:4444".parse().unwrap();
        let request = format!(
            "OPTIONS sip:n@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bK1\r\n\
             From: <sip:p@example.com>;tag=p\r\nTo: <sip:n@example.com>\r\nCall-ID: c\r\n\
             CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        );
        p.endpoint.handle_message(p.now, p.flow, request.into());
        let answer = p.endpoint.poll_transmit().unwrap();
        assert_eq!(answer.flow.remote.to_string(), to, "{via}");
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        let host = via.trim_end_matches(";rport");
        let line = format!("\r\nVia: SIP/2.0/UDP {host};branch=z9hG4bK1{more}\r\n");
        assert!(text.contains(&line), "{text}");
    }
}
