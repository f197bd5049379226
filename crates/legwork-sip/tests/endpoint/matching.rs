//! Which transaction a message belongs to, and which way an answer takes.
//!
//! Not here: what a transaction does with it (beside each machine in `src/transaction`).
//! Source: RFC 3261 §8.1.3.3, §17.1.3, §17.2.3, §18.2.2.

use legwork_sip::{Event, Message, Transport};

use crate::forks::calling;
use crate::peer::Peer;

#[test]
fn rfc3261_17_1_3_a_response_belongs_by_branch_and_method() {
    let mut p = Peer::new();
    calling(&mut p);
    let invite = Message::parse(p.sent[0].clone()).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let via = text(invite.via().unwrap().as_bytes());
    let branch = text(invite.via().unwrap().branch().unwrap());
    let call_id = text(invite.call_id());
    let other = format!("{}0", branch.trim_end_matches(char::is_alphanumeric));
    let behind = format!("{via}, SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKx");
    for (via, method, belongs) in [
        (via.replace(&branch, &other), "INVITE", false),
        (via.replace(&branch, "z9hG4bKsomebody-else"), "INVITE", false),
        (via.clone(), "BYE", false),
        (via.clone(), "CANCEL", false),
        // It has gone a way further than to us (§8.1.3.3).
        (behind, "INVITE", false),
        (via, "INVITE", true),
    ] {
        for status in [180, 200] {
            p.sent.truncate(1);
            p.events.clear();
            p.raw(&format!(
                "SIP/2.0 {status} x\nVia: {via}\nFrom: <sip:alice@example.org>;tag=1\n\
                 To: <sip:bob@example.com>;tag=x\nCall-ID: {call_id}\nCSeq: 1 {method}\n\
                 Contact: <sip:bob@192.0.2.9>\nContent-Length: 0\n\n"
            ));
            assert_eq!(!p.events.is_empty(), belongs, "{status} {via} {method}");
            let acknowledged = p.sent.len() > 1;
            assert_eq!(acknowledged, belongs && status == 200, "{status} {via} {method}");
        }
    }
}

#[test]
fn rfc3261_17_2_3_a_request_is_the_same_by_branch_sender_and_method() {
    let send = |p: &mut Peer, sent_by: &str, branch: &str, method: &str| {
        p.events.clear();
        p.raw(&format!(
            "{method} sip:n@192.0.2.1 SIP/2.0\nVia: SIP/2.0/UDP {sent_by};branch={branch}\n\
             From: <sip:p@example.com>;tag=1\nTo: <sip:p@example.com>\nCall-ID: {branch}{sent_by}\n\
             CSeq: 1 {method}\nContact: <sip:p@192.0.2.9>\nContent-Length: 0\n\n"
        ));
        p.events.iter().any(|event| matches!(event, Event::Request { .. } | Event::Invite { .. }))
    };
    let mut p = Peer::new();
    assert!(send(&mut p, "192.0.2.9", "z9hG4bK1", "REGISTER"));
    for (sent_by, branch, method, new) in [
        ("192.0.2.9", "z9hG4bK1", "REGISTER", false),
        ("192.0.2.9", "z9hG4bK2", "REGISTER", true),
        ("192.0.2.10", "z9hG4bK1", "REGISTER", true),
        ("192.0.2.9:5070", "z9hG4bK1", "REGISTER", true),
        ("192.0.2.9", "z9hG4bK1", "INVITE", true),
        ("192.0.2.9", "z9hG4bK1", "INVITE", false),
    ] {
        let seen = send(&mut p, sent_by, branch, method);
        assert_eq!(seen, new, "{sent_by} {branch} {method}");
    }
}

#[test]
fn rfc3261_18_2_2_on_a_stream_the_answer_takes_the_way_of_its_request() {
    let mut p = Peer::new();
    p.flow.transport = Transport::Tcp;
    p.flow.remote = "192.0.2.77:40000".parse().unwrap();
    p.flow.connection = 7;
    let request = "OPTIONS sip:n@192.0.2.1 SIP/2.0\r\n\
         Via: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK1\r\nFrom: <sip:p@example.com>;tag=p\r\n\
         To: <sip:n@example.com>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    p.endpoint.handle_message(p.now, p.flow, request.into());
    assert_eq!(p.endpoint.poll_transmit().unwrap().flow, p.flow);
}
