//! What happens at the edge of every maximum.

use legwork_sip::endpoint::Invite;
use legwork_sip::{Event, Status, limit};

use crate::peer::Peer;
use crate::world::sdp;

fn invite(p: &Peer) -> Invite {
    Invite {
        target: "sip:b@192.0.2.9".to_owned(),
        flow: p.flow,
        from: "<sip:a@192.0.2.1>".to_owned(),
        to: "<sip:b@192.0.2.9>".to_owned(),
        routes: Vec::new(),
        lines: Vec::new(),
        body: Some(sdp()),
        refer_allowed: true,
        contact_parameters: "",
        hops: None,
        credentials: None,
    }
}

#[test]
fn one_dialog_too_many() {
    let mut p = Peer::new();
    for _ in 0..limit::DIALOGS_MAX - 1 {
        p.endpoint.invite(p.now, invite(&p));
        while p.endpoint.poll_transmit().is_some() {}
    }
    p.send("INVITE", 1, "");
    assert!(matches!(p.events.last(), Some(Event::Invite { .. })));
    p.send("INVITE", 2, "");
    let last = p.last();
    assert!(last.starts_with("SIP/2.0 503 ") && last.contains("\r\nRetry-After: "), "{last}");
    p.endpoint.invite(p.now, invite(&p));
    p.run();
    let failed = p.events.last();
    assert!(
        matches!(failed, Some(Event::Failed { status: Status::SERVICE_UNAVAILABLE, .. })),
        "{failed:?}"
    );
    assert_eq!(p.endpoint.counts().dialogs, limit::DIALOGS_MAX);
}

#[test]
fn one_transaction_too_many() {
    let mut p = Peer::new();
    let mut text = String::new();
    for n in 0..=limit::TRANSACTIONS_MAX {
        text = format!(
            "REGISTER sip:n@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{n}\r\n\
             From: <sip:p@example.com>;tag=1\r\nTo: <sip:p@example.com>\r\nCall-ID: c\r\n\
             CSeq: {n} REGISTER\r\nContent-Length: 0\r\n\r\n"
        );
        p.endpoint.handle_message(p.now, p.flow, text.clone().into());
        let told = p.endpoint.poll_event().is_some();
        assert_eq!(told, n < limit::TRANSACTIONS_MAX);
    }
    assert_eq!(p.endpoint.counts().transactions, limit::TRANSACTIONS_MAX);
    p.endpoint.handle_message(p.now, p.flow, text.replace("REGISTER", "INVITE").into());
    p.run();
    assert!(p.last().starts_with("SIP/2.0 503 "), "{}", p.last());
    // Nobody answers, and in 32 s they are gone.
    p.settles();
}
