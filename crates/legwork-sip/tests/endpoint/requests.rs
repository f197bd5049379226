//! Requests the endpoint answers by itself, and those it hands on.

use expect_test::expect;
use legwork_sip::endpoint::{Named, Reply};
use legwork_sip::header::replaces::Replaces;
use legwork_sip::{Event, Status};

use crate::peer::Peer;
use crate::world::sdp;

/// Method and lines of a request outside any dialog, and the answer to it.
#[test]
fn answers_outside_a_dialog() {
    let cases = [
        ("OPTIONS", "", "200"),
        ("OPTIONS", "Require: explicitsub\n", "420"),
        ("OPTIONS", "Require: timer, 100rel\n", "200"),
        ("OPTIONS", "Require: norefersub\n", "200"),
        ("BYE", "", "481"),
        ("NOTIFY", "Event: refer\nSubscription-State: active\n", "481"),
        ("INFO", "", "481"),
        ("UPDATE", "", "481"),
        ("PRACK", "", "481"),
        ("MESSAGE", "", "405"),
        ("PUBLISH", "", "405"),
        ("SUBSCRIBE", "Event: presence\n", "489"),
        ("SUBSCRIBE", "Event: refer\n", "403"),
        ("SUBSCRIBE", "", "489"),
        ("NEWMETHOD", "", "501"),
        ("CANCEL", "", "481"),
        ("INVITE", "Require: join, 100rel\n", "420"),
        ("OPTIONS", "Require: replaces\n", "200"),
        ("OPTIONS", "Replaces: a;to-tag=b;from-tag=c\n", "400"),
        ("INVITE", "Replaces: a;to-tag=b\n", "400"),
        ("INVITE", "Replaces: a;to-tag=b;from-tag=c\nReplaces: d;to-tag=e;from-tag=f\n", "400"),
        ("CANCEL", "Require: replaces\n", "481"),
        ("INVITE", "Supported: timer\nSession-Expires: 89\n", "422"),
        ("INVITE", "Accept: text/plain\n", "406"),
        ("INVITE", "Max-Forwards: x\n", "400"),
    ];
    for (method, lines, expected) in cases {
        let mut p = Peer::new();
        p.send(method, 1, lines);
        let answer = p.last();
        let status = answer.split(' ').nth(1);
        assert_eq!(status, Some(expected), "{method} {lines}");
        let has = |name: &str| answer.contains(&format!("\r\n{name}: "));
        match expected {
            "420" => assert!(has("Unsupported"), "{answer}"),
            "489" => assert!(has("Allow-Events"), "{answer}"),
            "405" | "501" => assert!(has("Allow"), "{answer}"),
            _ => {}
        }
        p.send("ACK", 1, "");
        p.settles();
    }
}

#[test]
fn a_body_of_unknown_type() {
    let mut p = Peer::new();
    p.raw(
        "INVITE sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\n\
         From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>\nCall-ID: c\nCSeq: 1 INVITE\n\
         Contact: <sip:p@192.0.2.9>\nContent-Type: text/plain\nContent-Length: 2\n\nhi",
    );
    let answer = p.last();
    assert!(
        answer.starts_with("SIP/2.0 415 ") && answer.contains("\r\nAccept: application/sdp\r\n")
    );
}

#[test]
fn an_unknown_scheme() {
    let mut p = Peer::new();
    p.raw(
        "OPTIONS nobody:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\n\
         From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>\nCall-ID: c\nCSeq: 1 OPTIONS\n\
         Content-Length: 0\n\n",
    );
    assert!(p.last().starts_with("SIP/2.0 416 "), "{}", p.last());
}

#[test]
fn options_in_full() {
    let mut p = Peer::new();
    p.flow.remote = "192.0.2.77:5099".parse().unwrap();
    p.send("OPTIONS", 1, "");
    expect![[r#"
        SIP/2.0 200 OK
        Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKp1;rport=5099;received=192.0.2.77
        From: <sip:p@example.com>;tag=peer
        To: <sip:n@example.com>;tag=n0001-03cdrzcq0sgfq
        Call-ID: call
        CSeq: 1 OPTIONS
        Contact: <sip:legwork@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        Server: test
        Accept: application/sdp
        Content-Length: 0

    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
}

#[test]
fn a_register_is_handed_on_once() {
    let mut p = Peer::new();
    p.send("REGISTER", 1, "");
    p.again();
    let requests: Vec<_> = p
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Request { request_id, .. } => Some(*request_id),
            _ => None,
        })
        .collect();
    assert_eq!(requests.len(), 1);
    let lines = vec![("Contact".into(), "<sip:p@192.0.2.9>;expires=60".to_owned())];
    p.endpoint.reply(p.now, requests[0], Reply { status: Status::OK, lines });
    p.run();
    p.again();
    expect![[r#"
        0.0 ─▶ REGISTER
        0.0 event Request
        0.0 ─▶ REGISTER
        0.0 ◀─ 200 (REGISTER)
        0.0 ─▶ REGISTER
        0.0 ◀─ 200 (REGISTER) again
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

#[test]
fn requests_inside_a_dialog() {
    let mut p = Peer::new();
    let dialog = p.call();
    p.send("OPTIONS", 2, "");
    p.send("OPTIONS", 2, "");
    p.send("INFO", 3, "");
    p.send("INFO", 1, "");
    p.send("UPDATE", 4, "");
    p.send("NOTIFY", 5, "Event: refer\nSubscription-State: active\n");
    p.send("INVITE", 6, "Require: x\n");
    p.send("ACK", 6, "");
    expect![[r#"
        0.0 ─▶ OPTIONS
        0.0 ◀─ 200 (OPTIONS)
        0.0 ─▶ OPTIONS
        0.0 ◀─ 482 (OPTIONS)
        0.0 ─▶ INFO
        0.0 event Info
        0.0 ◀─ 200 (INFO)
        0.0 ─▶ INFO
        0.0 ◀─ 500 (INFO)
        0.0 ─▶ UPDATE
        0.0 ◀─ 200 (UPDATE)
        0.0 ─▶ NOTIFY refer Active 
        0.0 ◀─ 481 (NOTIFY)
        0.0 ─▶ INVITE
        0.0 ◀─ 420 (INVITE)
        0.0 ─▶ ACK
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
    p.send("OPTIONS", 7, "");
    assert!(p.last().starts_with("SIP/2.0 481 "));
}

#[test]
fn an_invite_is_told_once_and_overlaps_are_refused() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "");
    p.again();
    let dialog = p.invited();
    p.endpoint.ring(p.now, dialog, Status::RINGING, None, &[]);
    p.run();
    p.again();
    p.learn();
    p.send("INVITE", 2, "");
    p.send("ACK", 2, "");
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.send("ACK", 1, "");
    p.send("ACK", 1, "");
    expect![[r#"
        0.0 ─▶ INVITE
        0.0 event Invite
        0.0 ─▶ INVITE
        0.0 ◀─ 180 (INVITE)
        0.0 ─▶ INVITE
        0.0 ◀─ 180 (INVITE) again
        0.0 ─▶ INVITE
        0.0 ◀─ 500 (INVITE)
        0.0 ─▶ ACK
        0.0 ◀─ 200 (INVITE) +sdp
        0.0 ─▶ ACK
        0.0 event Acked
        0.0 ─▶ ACK
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_200_in_full() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "Record-Route: <sip:192.0.2.20;lr>\n");
    let dialog = p.invited();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[("X-Evil".into(), "a\r\nb".to_owned())]);
    p.run();
    expect![[r#"
        SIP/2.0 200 OK
        Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKp1;rport=5060;received=192.0.2.9
        Record-Route: <sip:192.0.2.20;lr>
        From: <sip:p@example.com>;tag=peer
        To: <sip:n@example.com>;tag=n0001-03cdrzcq0sgfq
        Call-ID: call
        CSeq: 1 INVITE
        Contact: <sip:n@192.0.2.1:5060>
        Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, SUBSCRIBE, PRACK, UPDATE
        Supported: timer, 100rel, norefersub, replaces
        Server: test
        Content-Type: application/sdp
        Content-Length: 36

        v=0
        o=- 1 1 IN IP4 192.0.2.1
        s=-
    "#]]
    .assert_eq(&p.last().replace("\r\n", "\n"));
    p.learn();
    p.send("ACK", 1, "");
    p.endpoint.forbid_refer(dialog);
    p.end(dialog);
}

#[test]
fn rfc_2543_phones_are_understood() {
    let mut p = Peer::new();
    let message = |method: &str, tag: &str| {
        format!(
            "{method} sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9:5060\n\
             From: <sip:p@example.com>\nTo: <sip:n@example.com>{tag}\nCall-ID: old\n\
             CSeq: 1 {method}\nContent-Length: 0\n\n"
        )
    };
    p.raw(&message("INVITE", ""));
    p.again();
    let dialog = p.invited();
    p.endpoint.reject(p.now, dialog, Reply { status: Status::BUSY_HERE, lines: Vec::new() });
    p.run();
    p.raw(&message("ACK", ";tag=any"));
    p.again();
    p.raw(&message("CANCEL", ""));
    expect![[r#"
        0.0 ─▶ INVITE
        0.0 event Invite
        0.0 ─▶ INVITE
        0.0 ◀─ 486 (INVITE)
        0.0 ─▶ ACK
        0.0 ─▶ ACK
        0.0 ─▶ CANCEL
        0.0 ◀─ 200 (CANCEL)
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

#[test]
fn the_answer_to_our_offer_comes_in_the_ack() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "");
    let dialog = p.invited();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.learn();
    // Our offer has no answer yet, so theirs has to wait.
    p.send("INVITE", 2, "");
    p.send("ACK", 2, "");
    let tag = p.our_tag().to_owned();
    p.raw(&format!(
        "ACK sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKack\n\
         From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>;tag={tag}\nCall-ID: call\n\
         CSeq: 1 ACK\nContent-Type: application/sdp\nContent-Length: 3\n\nv=0"
    ));
    expect![[r#"
        0.0 ─▶ INVITE
        0.0 event Invite
        0.0 ◀─ 200 (INVITE) +sdp
        0.0 ─▶ INVITE
        0.0 ◀─ 491 (INVITE)
        0.0 ─▶ ACK
        0.0 ─▶ ACK +sdp
        0.0 event Acked +sdp
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_reinvite_stands_for_a_lost_ack() {
    let mut p = Peer::new();
    p.raw(
        "INVITE sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\n\
         From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>\nCall-ID: call\n\
         CSeq: 1 INVITE\nContact: <sip:p@192.0.2.9>\nContent-Type: application/sdp\nContent-Length: 3\n\nv=0",
    );
    let dialog = p.invited();
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.learn();
    p.send("INVITE", 2, "");
    p.endpoint.answer(p.now, dialog, Some(sdp()), &[]);
    p.run();
    p.send("ACK", 2, "");
    expect![[r#"
        0.0 ─▶ INVITE +sdp
        0.0 event Invite
        0.0 ◀─ 200 (INVITE) +sdp
        0.0 ─▶ INVITE
        0.0 event Acked
        0.0 event Reinvite
        0.0 ◀─ 200 (INVITE) +sdp
        0.0 ─▶ ACK
        0.0 event Acked
    "#]]
    .assert_eq(&p.seen());
    p.end(dialog);
}

#[test]
fn a_bye_of_the_caller_before_the_answer() {
    let mut p = Peer::new();
    p.send("INVITE", 1, "");
    let dialog = p.invited();
    p.endpoint.ring(p.now, dialog, Status::RINGING, None, &[]);
    p.run();
    p.learn();
    p.send("BYE", 2, "");
    p.send("ACK", 1, "");
    expect![[r#"
        0.0 ─▶ INVITE
        0.0 event Invite
        0.0 ◀─ 180 (INVITE)
        0.0 ─▶ BYE
        0.0 event Cancelled
        0.0 ◀─ 487 (INVITE)
        0.0 ◀─ 200 (BYE)
        0.0 ─▶ ACK
    "#]]
    .assert_eq(&p.seen());
    p.settles();
}

#[test]
fn a_dialog_is_found_by_replaces() {
    let mut p = Peer::new();
    let dialog = p.call();
    assert_eq!(p.endpoint.call_id(dialog).as_deref(), Some("call"));
    let tag = p.our_tag().to_owned();
    let cases = [
        (format!("call;to-tag={tag};from-tag=peer"), true),
        (format!("call;from-tag={tag};to-tag=peer"), true),
        (format!("other;to-tag={tag};from-tag=peer"), false),
        (format!("call;to-tag={tag};from-tag=0"), false),
        ("call;to-tag=peer;from-tag=peer".to_owned(), false),
    ];
    for (value, found) in &cases {
        let replaces = Replaces::parse(value.as_bytes()).unwrap();
        let named = p.endpoint.named(&replaces);
        let expected = if *found { Named::Confirmed(dialog) } else { Named::Nothing };
        assert_eq!(named, expected, "{value}");
    }
    p.end(dialog);
    let replaces = Replaces::parse(cases[0].0.as_bytes()).unwrap();
    assert_eq!(p.endpoint.named(&replaces), Named::Nothing);
    assert_eq!(p.endpoint.call_id(dialog), None);
}

/// Two forks of one INVITE: the first rings, the second is refused as long as it does (RFC 3261
/// §8.2.2.2). A call tried again after its refusal is a new one.
#[test]
fn a_merged_request() {
    let mut p = Peer::new();
    let fork = |branch: &str, cseq: u32| {
        format!(
            "INVITE sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{branch}\n\
             From: <sip:p@example.com>;tag=peer\nTo: <sip:n@example.com>\nCall-ID: c\n\
             CSeq: {cseq} INVITE\nContact: <sip:p@192.0.2.9>\n\n"
        )
    };
    p.raw(&fork("one", 1));
    let first = p.invited();
    p.raw(&fork("two", 1));
    assert!(p.last().starts_with("SIP/2.0 482 "), "{}", p.last());
    p.endpoint.reject(p.now, first, Reply { status: Status(407), lines: Vec::new() });
    p.run();
    p.raw(&fork("again", 1));
    let again = p.invited();
    assert_ne!(again, first);
    p.endpoint.reject(p.now, again, Reply { status: Status(486), lines: Vec::new() });
    p.run();
    p.settles();
}
