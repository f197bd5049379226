//! REGISTER by REGISTER, and what is bound afterwards.
//!
//! Source: RFC 3261 §10.3, RFC 3327, RFC 5626.

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
            Ok(lines) => {
                let line = |(name, value): (_, String)| match name {
                    name if name == "Contact" => value,
                    name => format!("{name}: {value}"),
                };
                format!("200 {}", lines.into_iter().map(line).collect::<Vec<_>>().join(", "))
            }
            Err(Refusal { reply, is_crowded }) => {
                let crowded = if is_crowded { " crowded" } else { "" };
                format!("{} {:?}{crowded}", reply.status.0, reply.lines)
            }
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
fn the_eleventh_binding_is_refused() {
    let mut d = Desk::new();
    for n in 0..10 {
        let seconds = if n == 4 { 100 } else { 200 };
        d.ask(n + 1, &format!("Contact: <sip:p{n}@192.0.2.9>;expires={seconds}\n"));
    }
    d.now += Duration::from_secs(10);
    expect![[r#"503 [("Retry-After", "90")] crowded"#]]
        .assert_eq(&d.ask(20, "Contact: <sip:p10@192.0.2.9>\n"));
    // The ten may go on, and one may take the place of another.
    assert!(d.ask(21, "Contact: <sip:p4@192.0.2.9>\n").starts_with("200 "));
    let both = "Contact: <sip:p1@192.0.2.9>;expires=0, <sip:p10@192.0.2.9>\n";
    assert!(d.ask(22, both).starts_with("200 "));
    assert_eq!(d.registrar.len(), 10);
    d.now += Duration::from_secs(3600);
    let many = (0..11).map(|n| format!("<sip:q{n}@192.0.2.9>")).collect::<Vec<_>>().join(", ");
    assert_eq!(d.ask(23, &format!("Contact: {many}\n")), "400 []");
}

/// RFC 3327 §5.3.
#[test]
fn a_path_is_kept_and_told() {
    let mut d = Desk::new();
    let path = "Path: <sip:edge2.example;lr>, <sip:edge1.example;lr>\nPath: <sip:nat;lr>\n";
    expect!["200 <sip:a@192.0.2.9>;expires=3600, Path: <sip:edge2.example;lr>, Path: <sip:edge1.example;lr>, Path: <sip:nat;lr>"]
        .assert_eq(&d.ask(1, &format!("Contact: <sip:a@192.0.2.9>\n{path}")));
    let kept = |d: &Desk| d.registrar.lookup(d.now, AOR).next().unwrap().path.clone();
    assert_eq!(kept(&d), ["<sip:edge2.example;lr>", "<sip:edge1.example;lr>", "<sip:nat;lr>"]);
    // It belongs to the REGISTER that refreshes: a phone that has come home has none.
    d.ask(2, "Contact: <sip:a@192.0.2.9>\n");
    assert!(kept(&d).is_empty());
    for broken in ["Path: <nonsense\n", &"Path: <sip:x;lr>\n".repeat(limit::PATH_MAX + 1)] {
        assert_eq!(d.ask(3, &format!("Contact: <sip:b@192.0.2.9>\n{broken}")), "400 []");
    }
    let long = format!("Contact: <sip:{}@192.0.2.9>\n", "x".repeat(limit::CONTACT_MAX));
    assert_eq!(d.ask(3, &long), "400 []");
}

/// RFC 5626 §6.
#[test]
fn a_flow_of_a_device_has_one_binding() {
    let mut d = Desk::new();
    let tcp = |connection| flow(Transport::Tcp, connection);
    let outbound = |contact: &str, number: u32| {
        format!(
            "Supported: path, outbound\n\
             Contact: <{contact};ob>;reg-id={number};+sip.instance=\"<urn:uuid:1>\"\n"
        )
    };
    let mut seen = vec![
        d.ask_as(1, "c", &outbound("sip:a@192.0.2.9:1", 1), tcp(1)),
        // The device has started anew: another Call-ID, another port.
        d.ask_as(1, "d", &outbound("sip:a@192.0.2.9:2", 1), tcp(2)),
        d.ask_as(1, "e", &outbound("sip:a@192.0.2.9:2", 2), tcp(3)),
        // Without the option it is a binding like any other, yet the device's own.
        d.ask_as(
            2,
            "e",
            "Contact: <sip:a@192.0.2.9:9>;reg-id=2;+sip.instance=\"<urn:uuid:1>\"\n",
            tcp(3),
        ),
    ];
    // Both flows ring the same bell: only the last one is used.
    let rung = |d: &Desk| {
        let all = d.registrar.lookup(d.now, AOR);
        all.map(|b| format!("{} {}", b.contact, b.flow.connection)).collect::<Vec<_>>().join(", ")
    };
    seen.push(format!("rings {}", rung(&d)));
    d.registrar.flow_closed(tcp(3));
    seen.push(format!("rings {}", rung(&d)));
    d.registrar.forget(AOR, "sip:a@192.0.2.9:2;ob");
    seen.push(format!("rings {}", rung(&d)));
    expect![[r#"
        200 <sip:a@192.0.2.9:1;ob>;expires=3600;+sip.instance="<urn:uuid:1>";reg-id=1, Require: outbound
        200 <sip:a@192.0.2.9:2;ob>;expires=3600;+sip.instance="<urn:uuid:1>";reg-id=1, Require: outbound
        200 <sip:a@192.0.2.9:2;ob>;expires=3600;+sip.instance="<urn:uuid:1>";reg-id=1, <sip:a@192.0.2.9:2;ob>;expires=3600;+sip.instance="<urn:uuid:1>";reg-id=2, Require: outbound
        200 <sip:a@192.0.2.9:2;ob>;expires=3600;+sip.instance="<urn:uuid:1>";reg-id=1, <sip:a@192.0.2.9:9>;expires=3600;+sip.instance="<urn:uuid:1>";reg-id=2
        rings sip:a@192.0.2.9:9 3
        rings sip:a@192.0.2.9:2;ob 2
        rings "#]].assert_eq(&seen.join("\n"));
}

/// RFC 5626 §6 and §11.6: whether the flow can be kept for the device.
#[test]
fn who_gets_an_outbound_flow() {
    const BEHIND: &str = "Via: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKx\n";
    let contact = "Contact: <sip:a@192.0.2.9>;+sip.instance=\"<urn:uuid:1>\";reg-id=1\n";
    let cases = [
        // over, further lines, status, Require
        (Transport::Tcp, "Supported: outbound\n", "200", true),
        (Transport::Udp, "Supported: outbound\n", "200", false),
        (Transport::Tcp, "", "200", false),
        (Transport::Tcp, &format!("Supported: outbound\n{BEHIND}"), "439", false),
        (
            Transport::Udp,
            &format!("Supported: outbound\n{BEHIND}Path: <sip:far;lr>, <sip:near;lr;ob>\n"),
            "200",
            true,
        ),
        (
            Transport::Udp,
            &format!("Supported: outbound\n{BEHIND}Path: <sip:far;lr;ob>, <sip:near;lr>\n"),
            "439",
            false,
        ),
        (Transport::Tcp, &format!("{BEHIND}Path: <sip:near;lr>\n"), "200", false),
        (Transport::Tcp, &format!("Supported: outbound\n{contact}"), "400", false),
        (
            Transport::Tcp,
            "Contact: <sip:b@h>;+sip.instance=\"<urn:uuid:1>\";reg-id=0\n",
            "400",
            false,
        ),
        (Transport::Tcp, "Contact: <sip:b@h>;+sip.instance=\"<urn:uuid:1>\"\n", "200", false),
        (Transport::Tcp, "Contact: <sip:b@h>;reg-id=x\n", "200", false),
    ];
    for (transport, lines, status, required) in cases {
        let seen = Desk::new().ask_as(1, "c", &format!("{contact}{lines}"), flow(transport, 1));
        assert_eq!(seen.split(' ').next(), Some(status), "{transport:?} {lines}");
        assert_eq!(seen.contains("Require: outbound"), required, "{seen}");
    }
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
        since: d.now,
        path: Vec::new(),
        instance: None,
    };
    let (ten, twenty) = (binding(10), binding(20));
    d.registrar.load(AOR, ten);
    d.registrar.load(AOR, twenty);
    assert_eq!(d.registrar.next_deadline(), Some(d.now + Duration::from_secs(10)));
    d.registrar.expire(d.now + Duration::from_secs(10));
    assert_eq!(d.registrar.len(), 1);
    assert_eq!(d.registrar.lookup(d.now + Duration::from_secs(20), AOR).count(), 0);
}
