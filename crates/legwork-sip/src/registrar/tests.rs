//! REGISTER by REGISTER, and what is bound afterwards.
//!
//! Source: RFC 3261 §10.3.

use bytes::Bytes;
use expect_test::expect;

use super::*;

const AOR: &str = "sip:p@example.com";

#[expect(clippy::disallowed_methods, reason = "a test needs some instant to start from")]
fn start() -> Instant {
    Instant::now()
}

fn flow(transport: Transport, connection: u64) -> Flow {
    Flow {
        transport,
        local: "192.0.2.1:5060".parse().unwrap(),
        remote: "192.0.2.9:5060".parse().unwrap(),
        connection,
    }
}

fn register(cseq: u32, call_id: &str, lines: &str) -> Message {
    let text = format!(
        "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{cseq}\n\
         From: <{AOR}>;tag=1\nTo: <{AOR}>\nCall-ID: {call_id}\nCSeq: {cseq} REGISTER\n{lines}\
         Content-Length: 0\n\n"
    );
    Message::parse(Bytes::from(text.replace('\n', "\r\n"))).unwrap()
}

struct Desk {
    registrar: Registrar,
    now: Instant,
}

impl Desk {
    fn new() -> Self {
        Self { registrar: Registrar::new(), now: start() }
    }

    /// The status and the Contacts or lines of the answer.
    fn ask(&mut self, cseq: u32, lines: &str) -> String {
        self.ask_as(cseq, "c", lines, flow(Transport::Udp, 0))
    }

    fn ask_as(&mut self, cseq: u32, call_id: &str, lines: &str, flow: Flow) -> String {
        let request = register(cseq, call_id, lines);
        match self.registrar.register(self.now, AOR, &request, flow) {
            Ok(contacts) => format!("200 {}", contacts.join(", ")),
            Err(reply) => format!("{} {:?}", reply.status.0, reply.lines),
        }
    }
}

#[test]
fn bindings_are_made_refreshed_and_removed() {
    let mut d = Desk::new();
    let mut seen = vec![
        d.ask(1, ""),
        d.ask(2, "Contact: <sip:a@192.0.2.9>;expires=120, <sip:b@192.0.2.9>\nExpires: 7200\n"),
        d.ask(3, "Contact: sip:A@192.0.2.9\nContact: <sip:a@192.0.2.9;transport=tcp>;expires=60\n"),
        d.ask(4, "Contact: <sip:b@192.0.2.9>;expires=0\n"),
    ];
    d.now += Duration::from_secs(61);
    seen.push(d.ask(5, ""));
    seen.push(d.ask(6, "Contact: *\nExpires: 0\n"));
    assert!(d.registrar.is_empty());
    assert_eq!(d.registrar.next_deadline(), None);
    expect![[r#"
        200 
        200 <sip:a@192.0.2.9>;expires=120, <sip:b@192.0.2.9>;expires=3600
        200 <sip:a@192.0.2.9>;expires=120, <sip:b@192.0.2.9>;expires=3600, <sip:A@192.0.2.9>;expires=3600, <sip:a@192.0.2.9;transport=tcp>;expires=60
        200 <sip:a@192.0.2.9>;expires=120, <sip:A@192.0.2.9>;expires=3600, <sip:a@192.0.2.9;transport=tcp>;expires=60
        200 <sip:a@192.0.2.9>;expires=59, <sip:A@192.0.2.9>;expires=3539
        200 "#]].assert_eq(&seen.join("\n"));
}

#[test]
fn refusals_change_nothing() {
    let mut d = Desk::new();
    d.ask(5, "Contact: <sip:a@192.0.2.9>\n");
    let cases = [
        (6, "Contact: <sip:b@192.0.2.9>, <sip:c@192.0.2.9>;expires=59\n"),
        (6, "Contact: *\nExpires: 1\n"),
        (6, "Contact: *\n"),
        (6, "Contact: *, <sip:b@192.0.2.9>\nExpires: 0\n"),
        (5, "Contact: <sip:b@192.0.2.9>, <sip:a@192.0.2.9>\n"),
        (4, "Contact: *\nExpires: 0\n"),
        (6, "Contact: <sip:b@192.0.2.9>;expires=x\n"),
    ];
    let seen: Vec<String> = cases.iter().map(|(cseq, lines)| d.ask(*cseq, lines)).collect();
    expect![[r#"
        423 [("Min-Expires", "60")]
        400 []
        400 []
        400 []
        500 []
        500 []
        400 []"#]]
    .assert_eq(&seen.join("\n"));
    let other_call = flow(Transport::Udp, 0);
    expect!["200 <sip:a@192.0.2.9>;expires=3600"].assert_eq(&d.ask_as(
        1,
        "d",
        "Contact: <sip:a@192.0.2.9>\n",
        other_call,
    ));
}

#[test]
fn a_closed_connection_takes_its_bindings_along() {
    let mut d = Desk::new();
    d.ask_as(1, "c", "Contact: <sip:a@x.invalid>\n", flow(Transport::Tcp, 7));
    d.ask_as(1, "d", "Contact: <sip:b@192.0.2.9>\n", flow(Transport::Udp, 0));
    d.registrar.flow_closed(flow(Transport::Tcp, 8));
    d.registrar.flow_closed(flow(Transport::Udp, 0));
    assert_eq!(d.registrar.len(), 2);
    d.registrar.flow_closed(flow(Transport::Tcp, 7));
    let left: Vec<&str> =
        d.registrar.lookup(d.now, AOR).map(|binding| binding.contact.as_str()).collect();
    assert_eq!(left, ["sip:b@192.0.2.9"]);
}

#[test]
fn the_eleventh_binding_pushes_out_the_one_that_ends_first() {
    let mut d = Desk::new();
    for n in 0..10 {
        let seconds = if n == 4 { 100 } else { 200 };
        d.ask(n + 1, &format!("Contact: <sip:p{n}@192.0.2.9>;expires={seconds}\n"));
    }
    assert_eq!(d.registrar.len(), 10);
    d.ask(20, "Contact: <sip:p10@192.0.2.9>\n");
    assert_eq!(d.registrar.len(), 10);
    let mut left = d.registrar.lookup(d.now, AOR).map(|binding| binding.contact.as_str());
    assert!(left.all(|contact| contact != "sip:p4@192.0.2.9"));
}

#[test]
fn bindings_come_back_and_run_out() {
    let mut d = Desk::new();
    let binding = |seconds| Binding {
        contact: format!("sip:p{seconds}@192.0.2.9"),
        flow: flow(Transport::Udp, 0),
        expires: d.now + Duration::from_secs(seconds),
        call_id: b"c"[..].into(),
        cseq: 1,
    };
    let (ten, twenty) = (binding(10), binding(20));
    d.registrar.load(AOR, ten);
    d.registrar.load(AOR, twenty);
    assert_eq!(d.registrar.next_deadline(), Some(d.now + Duration::from_secs(10)));
    d.registrar.expire(d.now + Duration::from_secs(10));
    assert_eq!(d.registrar.len(), 1);
    assert_eq!(d.registrar.lookup(d.now + Duration::from_secs(20), AOR).count(), 0);
}
