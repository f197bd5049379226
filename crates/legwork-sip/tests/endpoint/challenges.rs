//! 401 and 407 to requests of ours: who gets an answer, and how often.
//!
//! Source: RFC 3261 §8.1.3.5, §22; RFC 8760; CVE-2021-41158, AST-2020-002.

use std::sync::Arc;

use expect_test::expect;
use legwork_sip::digest::Credentials;
use legwork_sip::endpoint::{Invite, OutOfDialog};
use legwork_sip::event::DialogId;
use legwork_sip::{Flow, Message, Method, Transport};

use crate::peer::Peer;
use crate::world::{millis, sdp};

fn login(realm: Option<&str>) -> Option<Arc<Credentials>> {
    Some(Arc::new(Credentials {
        username: "acme".to_owned(),
        password: "secret".to_owned(),
        realm: realm.map(str::to_owned),
    }))
}

fn call(p: &mut Peer, realm: Option<&str>) -> DialogId {
    let invite = Invite {
        target: "sip:b@192.0.2.9".to_owned(),
        flow: p.flow,
        from: "<sip:a@192.0.2.1>".to_owned(),
        to: "<sip:b@192.0.2.9>".to_owned(),
        routes: Vec::new(),
        lines: vec![("X-Test".into(), "1".to_owned())],
        body: Some(sdp()),
        refer_allowed: true,
        contact_parameters: "",
        hops: None,
        credentials: login(realm),
    };
    let dialog = p.endpoint.invite(p.now, invite);
    p.run();
    dialog
}

/// One line of a challenge.
fn asks(header: &str, rest: &str) -> String {
    format!("{header}: Digest realm=\"r\", {rest}\n")
}

fn answer(p: &mut Peer, method: &str, status: u16, lines: &str) {
    p.answer_as(method, &format!("{status} x"), "peer", lines);
}

/// CSeq and credentials of everything sent of this method, without what is random.
fn sent(p: &Peer, method: &str) -> String {
    let mut text = String::new();
    for bytes in p.sent.iter().filter(|bytes| bytes.starts_with(method.as_bytes())) {
        let message = String::from_utf8_lossy(bytes).into_owned();
        let cseq = message.lines().find(|line| line.starts_with("CSeq")).unwrap();
        text.push_str(cseq);
        for line in message.lines().filter(|line| line.contains("uthorization: ")) {
            let random = |part: &&str| {
                !["response", "cnonce", " cnonce", " response"]
                    .iter()
                    .any(|name| part.starts_with(&format!("{name}=")))
            };
            let kept: Vec<&str> = line.split(',').filter(random).collect();
            text.push_str(&format!(" | {}", kept.join(",")));
        }
        text.push('\n');
    }
    text
}

#[test]
fn an_invite_is_sent_once_more_with_an_answer() {
    let mut p = Peer::new();
    let dialog = call(&mut p, Some("r"));
    answer(
        &mut p,
        "INVITE",
        407,
        &asks("Proxy-Authenticate", "nonce=\"n1\", qop=\"auth\", opaque=\"o\""),
    );
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 407 (INVITE)
        0.0 ◀─ ACK
        0.0 ◀─ INVITE +sdp
    "#]]
    .assert_eq(&p.seen());
    let [first, second] = [0, 2].map(|nth| Message::parse(p.sent[nth].clone()).unwrap());
    assert_eq!(first.call_id(), second.call_id());
    assert_eq!(first.from().unwrap().tag(), second.from().unwrap().tag());
    assert_ne!(first.via().unwrap().branch(), second.via().unwrap().branch());
    assert_eq!(second.to().unwrap().tag(), None);
    assert_eq!((first.body(), second.named("X-Test").count()), (second.body(), 1));
    p.answer_as("INVITE", "200 OK", "b", "Contact: <sip:b@192.0.2.9>\n");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    // The ACK repeats the answer of its INVITE; the BYE counts on.
    expect![[r#"
        CSeq: 1 INVITE
        CSeq: 2 INVITE | Proxy-Authorization: Digest username="acme", realm="r", nonce="n1", uri="sip:b@192.0.2.9", algorithm=MD5, qop=auth, nc=00000001, opaque="o"
    "#]]
    .assert_eq(&sent(&p, "INVITE"));
    expect![[r#"
        CSeq: 1 ACK
        CSeq: 2 ACK | Proxy-Authorization: Digest username="acme", realm="r", nonce="n1", uri="sip:b@192.0.2.9", algorithm=MD5, qop=auth, nc=00000001, opaque="o"
    "#]]
    .assert_eq(&sent(&p, "ACK"));
    expect![[r#"
        CSeq: 3 BYE | Proxy-Authorization: Digest username="acme", realm="r", nonce="n1", uri="sip:b@192.0.2.9", algorithm=MD5, qop=auth, nc=00000002, opaque="o"
    "#]]
    .assert_eq(&sent(&p, "BYE"));
    p.ok_to_last("BYE");
    p.settles();
}

/// What comes of an INVITE that is challenged with these, one after the other.
fn challenged(realm: Option<&str>, challenges: &[(u16, &str)]) -> String {
    let mut p = Peer::new();
    call(&mut p, realm);
    for (status, lines) in challenges {
        answer(&mut p, "INVITE", *status, lines);
    }
    let seen = p.seen();
    let failed = seen.lines().filter(|line| line.contains("event")).collect::<Vec<_>>().join("\n");
    p.answer_last("INVITE", "486 Busy Here");
    p.settles();
    format!("{}{failed}\n", sent(&p, "INVITE"))
}

#[test]
fn which_challenge_is_answered() {
    let www = |rest: &str| asks("WWW-Authenticate", rest);
    let both = www("nonce=\"m\", algorithm=MD5")
        + &www("nonce=\"s\", algorithm=SHA-256, qop=\"auth,auth-int\"");
    // The strongest; without qop as RFC 2069 has it.
    expect![[r#"
        CSeq: 1 INVITE
        CSeq: 2 INVITE | Authorization: Digest username="acme", realm="r", nonce="s", uri="sip:b@192.0.2.9", algorithm=SHA-256, qop=auth, nc=00000001

    "#]]
    .assert_eq(&challenged(None, &[(401, &both)]));
    expect![[r#"
        CSeq: 1 INVITE
        CSeq: 2 INVITE | Authorization: Digest username="acme", realm="r", nonce="m", uri="sip:b@192.0.2.9", algorithm=MD5

    "#]]
    .assert_eq(&challenged(None, &[(401, &www("nonce=\"m\""))]));
    // Another realm, another scheme, an algorithm or qop we have not, nothing at all: not answered.
    for (realm, lines) in [
        (Some("R"), www("nonce=\"m\"")),
        (None, "WWW-Authenticate: Basic realm=\"r\"\n".to_owned()),
        (None, www("nonce=\"m\", algorithm=SHA-512-256")),
        (None, www("nonce=\"m\", algorithm=MD5-sess, qop=\"auth\"")),
        (None, www("nonce=\"m\", qop=\"auth-int\"")),
        (None, asks("Proxy-Authenticate", "nonce=\"m\"")),
        (None, String::new()),
    ] {
        let seen = challenged(realm, &[(401, &lines)]);
        assert_eq!(seen, "CSeq: 1 INVITE\n0.0 event Failed 401\n", "{lines}");
    }
}

/// Challenges one after the other, INVITEs sent, refused in the end.
type Row<'a> = (&'a [(u16, &'a str)], usize, bool);

#[test]
fn never_twice_with_the_same_answer() {
    let www = |rest: &str| asks("WWW-Authenticate", rest);
    let proxy = |rest: &str| asks("Proxy-Authenticate", rest);
    let (a, b, c) = (www("nonce=\"a\""), www("nonce=\"b\""), proxy("nonce=\"c\""));
    let stale = |nonce: &str| www(&format!("nonce=\"{nonce}\", stale=true"));
    let cases: [Row<'_>; 7] = [
        (&[(401, &a)], 2, false),
        (&[(401, &a), (401, &a)], 2, true),
        // A new nonce each time and never stale: the password is wrong (AST-2020-002).
        (&[(401, &a), (401, &b)], 2, true),
        (&[(401, &a), (401, &stale("b"))], 3, false),
        (&[(401, &a), (401, &stale("a"))], 2, true),
        (&[(401, &a), (401, &stale("b")), (401, &stale("c"))], 3, true),
        // A proxy and the peer behind it.
        (&[(407, &c), (401, &a)], 3, false),
    ];
    for (challenges, invites, refused) in cases {
        let seen = challenged(Some("r"), challenges);
        assert_eq!(seen.matches("CSeq").count(), invites, "{seen}");
        assert_eq!(seen.contains("Failed 401"), refused, "{seen}");
        if challenges[0].0 == 407 {
            let last = seen.lines().nth(2).unwrap();
            assert!(
                last.contains(" Authorization") && last.contains(" Proxy-Authorization"),
                "{last}"
            );
        }
    }
}

#[test]
fn requests_in_the_dialog_are_answered_for_too() {
    let mut p = Peer::new();
    let dialog = call(&mut p, None);
    p.answer_as("INVITE", "200 OK", "peer", "Contact: <sip:b@192.0.2.9>\n");
    assert!(p.endpoint.reinvite(p.now, dialog, sdp()));
    p.run();
    answer(&mut p, "INVITE", 401, &asks("WWW-Authenticate", "nonce=\"a\", qop=\"auth\""));
    p.answer_as("INVITE", "200 OK", "peer", "Contact: <sip:b@192.0.2.9>\n");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    // The remembered nonce is used up: not said with the answer, but new.
    answer(&mut p, "BYE", 401, &asks("WWW-Authenticate", "nonce=\"b\", qop=\"auth\""));
    p.ok_to_last("BYE");
    let nonces = |method: &str| {
        let all = sent(&p, method);
        let part = |line: &str, name: &str| {
            line.split(", ").find(|part| part.starts_with(name)).unwrap_or("-").to_owned()
        };
        let rows = all.lines().map(|line| [part(line, "nonce"), part(line, "nc")].join(" "));
        rows.collect::<Vec<_>>().join("; ")
    };
    expect!["- -; - -; nonce=\"a\" nc=00000001"].assert_eq(&nonces("INVITE"));
    // The second one is for the 401.
    expect!["- -; - -; nonce=\"a\" nc=00000001"].assert_eq(&nonces("ACK"));
    expect!["nonce=\"a\" nc=00000002; nonce=\"b\" nc=00000001"].assert_eq(&nonces("BYE"));
    p.settles();
}

#[test]
fn who_calls_us_gets_no_answer() {
    let mut p = Peer::new();
    let dialog = p.call();
    assert!(p.endpoint.reinvite(p.now, dialog, sdp()));
    p.run();
    answer(&mut p, "INVITE", 401, &asks("WWW-Authenticate", "nonce=\"a\""));
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    answer(&mut p, "BYE", 407, &asks("Proxy-Authenticate", "nonce=\"a\""));
    expect![[r#"
        0.0 ◀─ INVITE +sdp
        0.0 ─▶ 401 (INVITE)
        0.0 event ReinviteFailed 401
        0.0 ◀─ ACK
        0.0 ◀─ BYE
        0.0 ─▶ 407 (BYE)
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

#[test]
fn notices_of_a_transfer_are_answered_for_once() {
    let mut p = Peer::new();
    let dialog = call(&mut p, None);
    p.answer_as("INVITE", "200 OK", "peer", "Contact: <sip:b@192.0.2.9>\n");
    let invite = Message::parse(p.sent[0].clone()).unwrap();
    let call_id = String::from_utf8_lossy(invite.call_id()).into_owned();
    let tag = invite.from().unwrap().tag().map(|tag| String::from_utf8_lossy(tag).into_owned());
    p.raw(&format!(
        "REFER sip:a@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKr\n\
         From: <sip:b@192.0.2.9>;tag=peer\nTo: <sip:a@192.0.2.1>;tag={}\nCall-ID: {call_id}\n\
         CSeq: 7 REFER\nContact: <sip:b@192.0.2.9>\nRefer-To: <sip:c@192.0.2.9>\n\
         Content-Length: 0\n\n",
        tag.unwrap()
    ));
    p.endpoint.accept_refer(p.now, p.referred(), true);
    p.run();
    answer(&mut p, "NOTIFY", 407, &asks("Proxy-Authenticate", "nonce=\"a\""));
    answer(&mut p, "NOTIFY", 407, &asks("Proxy-Authenticate", "nonce=\"b\""));
    expect![[r#"
        CSeq: 2 NOTIFY
        CSeq: 3 NOTIFY | Proxy-Authorization: Digest username="acme", realm="r", nonce="a", uri="sip:b@192.0.2.9", algorithm=MD5
    "#]]
    .assert_eq(&sent(&p, "NOTIFY"));
    p.end(dialog);
}

#[test]
fn a_call_given_up_is_not_tried_again() {
    let mut p = Peer::new();
    let dialog = call(&mut p, None);
    p.answer_last("INVITE", "100 Trying");
    p.endpoint.end(p.now, dialog, &[]);
    p.run();
    answer(&mut p, "INVITE", 401, &asks("WWW-Authenticate", "nonce=\"a\""));
    assert_eq!(sent(&p, "INVITE"), "CSeq: 1 INVITE\n");
    p.settles();
}

/// RFC 3261 §22.1: a CANCEL can not be sent again, and so not be challenged.
#[test]
fn a_cancel_is_sent_once_whatever_it_is_asked() {
    let mut p = Peer::new();
    let dialog = call(&mut p, None);
    p.answer_last("INVITE", "100 Trying");
    p.endpoint.cancel(p.now, dialog, &[]);
    p.run();
    answer(&mut p, "CANCEL", 407, &asks("Proxy-Authenticate", "nonce=\"a\""));
    assert_eq!(sent(&p, "CANCEL"), "CSeq: 1 CANCEL\n");
    p.answer_last("INVITE", "487 Request Terminated");
    p.settles();
}

#[test]
fn an_answer_after_ringing_starts_without_the_tag() {
    let mut p = Peer::new();
    call(&mut p, None);
    p.answer_as("INVITE", "183 Session Progress", "proxy", "");
    answer(&mut p, "INVITE", 401, &asks("WWW-Authenticate", "nonce=\"a\""));
    p.answer_as("INVITE", "200 OK", "other", "Contact: <sip:b@192.0.2.9>\n");
    let ack = Message::parse(p.sent.last().unwrap().clone()).unwrap();
    assert_eq!((ack.method(), ack.to().unwrap().tag()), (Method::Ack, Some(&b"other"[..])));
}

// === outside any dialog ===

fn register(p: &Peer) -> OutOfDialog {
    OutOfDialog {
        method: Method::Register,
        target: "sip:carrier.example".to_owned(),
        flow: p.flow,
        from: "<sip:acme@carrier.example>".to_owned(),
        to: "<sip:acme@carrier.example>".to_owned(),
        routes: vec!["<sip:192.0.2.9;lr>".to_owned()],
        call_id: Some("reg".to_owned()),
        cseq: Some(6),
        contact: Some("<sip:acme@192.0.2.1>;expires=600".to_owned()),
        lines: vec![("Supported".into(), "path".to_owned())],
        credentials: login(None),
    }
}

#[test]
fn a_registration_is_challenged() {
    let mut p = Peer::new();
    let id = p.endpoint.request(p.now, register(&p));
    p.run();
    answer(&mut p, "REGISTER", 401, &asks("WWW-Authenticate", "nonce=\"a\", qop=\"auth\""));
    p.answer_last("REGISTER", "200 OK");
    expect![[r#"
        0.0 ◀─ REGISTER
        0.0 ─▶ 401 (REGISTER)
        0.0 ◀─ REGISTER
        0.0 ─▶ 200 (REGISTER)
        0.0 event Response 200 8
    "#]]
    .assert_eq(&p.seen());
    let last = p.last();
    let lines = last
        .lines()
        .filter(|line| !["Via", "From", "Authorization"].iter().any(|name| line.starts_with(name)));
    expect![[r#"
        REGISTER sip:carrier.example SIP/2.0
        Route: <sip:192.0.2.9;lr>
        Max-Forwards: 70
        To: <sip:acme@carrier.example>
        Call-ID: reg
        CSeq: 8 REGISTER
        User-Agent: test
        Contact: <sip:acme@192.0.2.1>;expires=600
        Supported: path
        Content-Length: 0
    "#]]
    .assert_eq(&format!("{}\n", lines.collect::<Vec<_>>().join("\n").trim_end()));
    assert_ne!(p.endpoint.request(p.now, register(&p)), id);
    p.settles();
}

#[test]
fn a_request_outside_that_nobody_answers() {
    let mut p = Peer::new();
    let options = |p: &Peer| OutOfDialog {
        method: Method::Options,
        call_id: None,
        cseq: None,
        contact: None,
        lines: Vec::new(),
        credentials: None,
        ..register(p)
    };
    p.endpoint.request(p.now, options(&p));
    p.run();
    assert!(p.last().contains("\r\nAccept: application/sdp\r\n"));
    p.wait(millis(40_000));
    p.endpoint.request(p.now, options(&p));
    p.run();
    p.endpoint.handle_flow_failed(p.now, p.flow);
    p.endpoint.request(p.now, options(&p));
    p.run();
    answer(&mut p, "OPTIONS", 401, &asks("WWW-Authenticate", "nonce=\"a\""));
    let seen = p.seen();
    let events: Vec<&str> = seen.lines().filter(|line| line.contains("event")).collect();
    expect![[r#"
        32.0 event Response 408 1
        40.0 event Response 503 1
        40.0 event Response 401 1"#]]
    .assert_eq(&events.join("\n"));
    p.settles();
}

#[test]
fn a_stream_once_open_carries_the_second_try() {
    let mut p = Peer::new();
    p.flow.transport = Transport::Tcp;
    p.endpoint.request(p.now, register(&p));
    p.run();
    p.flow.connection = 7;
    let challenge = asks("WWW-Authenticate", "nonce=\"a\"");
    let request = Message::parse(p.sent[0].clone()).unwrap();
    let via = String::from_utf8_lossy(request.header(legwork_sip::header::Name::Via).unwrap());
    let response = format!(
        "SIP/2.0 401 x\nVia: {via}\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>;tag=2\nCall-ID: reg\n\
         CSeq: 7 REGISTER\n{challenge}Content-Length: 0\n\n"
    );
    p.endpoint.handle_message(p.now, p.flow, response.replace('\n', "\r\n").into());
    let again: Flow = p.endpoint.poll_transmit().unwrap().flow;
    assert_eq!(again, p.flow);
    p.settles();
}

#[test]
fn a_password_is_not_printed() {
    let text = format!("{:?}", login(Some("r")));
    assert!(text.contains("acme") && !text.contains("secret"), "{text}");
}
