//! On which way messages leave, and what we write of ourselves.

use std::net::IpAddr;

use legwork_sip::endpoint::{Config, Invite};
use legwork_sip::{Endpoint, Event, Flow, Transport};

use crate::peer::Peer;
use crate::world::sdp;

fn config() -> Config {
    Config {
        user_agent: "test".to_owned(),
        public_address: Some("203.0.113.5".parse().unwrap()),
        listen: vec![
            (Transport::Udp, "0.0.0.0:5060".parse().unwrap()),
            (Transport::Tcp, "10.0.0.1:5062".parse().unwrap()),
            (Transport::Udp, "[::1]:5070".parse().unwrap()),
        ],
        tag_prefix: "n1-".to_owned(),
    }
}

#[test]
fn new_requests_leave_from_a_fitting_listener() {
    let endpoint = Endpoint::new(config(), 1);
    let local: IpAddr = "10.0.0.9".parse().unwrap();
    let cases = [
        (Transport::Udp, "198.51.100.1:5060", Some("10.0.0.9:5060")),
        (Transport::Tcp, "198.51.100.1:5060", Some("10.0.0.1:5062")),
        (Transport::Udp, "[2001:db8::1]:5060", Some("[::1]:5070")),
        (Transport::Tcp, "[2001:db8::1]:5060", None),
    ];
    for (transport, remote, expected) in cases {
        let flow = endpoint.flow_to(transport, remote.parse().unwrap(), Some(local));
        assert_eq!(flow.map(|flow| flow.local.to_string()).as_deref(), expected, "{remote}");
    }
}

#[test]
fn the_public_address_is_written() {
    let mut p = Peer::new();
    p.endpoint = Endpoint::new(config(), 1);
    let remote = "198.51.100.1:5060".parse().unwrap();
    p.flow = p.endpoint.flow_to(Transport::Tcp, remote, None).unwrap();
    let dialog = call(&mut p);
    let invite = p.last();
    assert!(invite.contains("\r\nVia: SIP/2.0/TCP 203.0.113.5:5062;branch="), "{invite}");
    let contact = "\r\nContact: <sip:alice@203.0.113.5:5062;transport=tcp>\r\n";
    assert!(invite.contains(contact), "{invite}");
    p.answer_last("INVITE", "486 Busy Here");
    assert!(matches!(p.events.last(), Some(Event::Failed { dialog: id, .. }) if *id == dialog));
    p.settles();
}

fn call(p: &mut Peer) -> legwork_sip::event::DialogId {
    let invite = Invite {
        target: "sip:bob@example.com".to_owned(),
        flow: p.flow,
        from: "<sip:alice@example.org>".to_owned(),
        to: "<sip:bob@example.com>".to_owned(),
        routes: vec!["<sip:198.51.100.1;lr>".to_owned()],
        lines: Vec::new(),
        body: Some(sdp()),
        refer_allowed: true,
        contact_parameters: "",
        hops: None,
        credentials: None,
    };
    let dialog = p.endpoint.invite(p.now, invite);
    p.run();
    dialog
}

#[test]
fn a_connection_once_open_is_used_again() {
    let mut p = Peer::new();
    p.flow.transport = Transport::Tcp;
    let dialog = call(&mut p);
    p.flow.connection = 7;
    p.answer_as("INVITE", "200 OK", "x", "Contact: <sip:bob@192.0.2.9:5060;transport=tcp>\n");
    p.endpoint.end(p.now, dialog, &[]);
    let bye: Flow = p.endpoint.poll_transmit().unwrap().flow;
    assert_eq!(bye, p.flow);
    p.endpoint.handle_flow_failed(p.now, p.flow);
    assert_eq!(p.endpoint.counts().dialogs, 0);
    p.settles();
}

#[test]
fn a_lost_connection_fails_the_invite_that_opened_it() {
    let mut p = Peer::new();
    p.flow.transport = Transport::Tcp;
    call(&mut p);
    p.endpoint.handle_flow_failed(p.now, Flow { connection: 7, ..p.flow });
    p.run();
    assert!(matches!(p.events.last(), Some(Event::Failed { .. })));
    p.settles();
}
