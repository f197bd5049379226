//! Framing, views and printing on whole messages.
//!
//! Not here: the torture messages (`tests/torture.rs`).

use bytes::Bytes;
use expect_test::expect;

use super::*;

const REFER: &str = "REFER sip:legwork@192.0.2.1:5060 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKa;rport, SIP/2.0/TCP p.example.com;branch=z9hG4bKb\r\n\
    v: SIP/2.0/UDP last.example.com;branch=z9hG4bKc\r\n\
    Record-Route: <sip:p1;lr>\r\n\
    Record-Route: <sip:p2;lr>, <sip:p3;lr>\r\n\
    f: \"Agent A\" <sip:agent-a@example.com>;tag=aa\r\n\
    t: <sip:usera@example.com>;tag=bb\r\n\
    i: call-1\r\n\
    CSeq: 7 REFER\r\n\
    m: <sip:agent-a@192.0.2.7>\r\n\
    Max-Forwards: 70\r\n\
    k: timer,\r\n replaces\r\n\
    Require: one, two\r\n\
    Require: three\r\n\
    r: <sip:agent-b@example.com>\r\n\
    b: <sip:agent-a@example.com>\r\n\
    x: 1800;refresher=uac\r\n\
    o: refer;id=7\r\n\
    Refer-Sub: false ;x\r\n\
    Target-Dialog: d;local-tag=l;remote-tag=r\r\n\
    X-Anything:  kept \r\n\
    c: Application/SDP ; charset=x\r\n\
    l: 4\r\n\
    \r\n\
    v=0\r\nthrown away";

fn parse(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

fn source() -> std::net::SocketAddr {
    "198.51.100.9:40000".parse().unwrap()
}

#[test]
fn views_of_a_request() {
    let message = parse(REFER);
    assert_eq!(message.validate(), Ok(()));
    assert!(message.is_request() && message.status().is_none());
    assert_eq!(message.method(), Method::Refer);
    assert_eq!(message.uri(), b"sip:legwork@192.0.2.1:5060");
    let hosts: Vec<_> = message.vias().map(|v| v.unwrap().host()).collect();
    assert_eq!(hosts, [&b"192.0.2.7"[..], b"p.example.com", b"last.example.com"]);
    assert!(message.via().unwrap().has_rport());
    assert_eq!(message.from().unwrap().display_name().as_deref(), Some(&b"Agent A"[..]));
    assert_eq!(message.to().unwrap().tag(), Some(&b"bb"[..]));
    assert_eq!(message.call_id(), b"call-1");
    assert_eq!(message.cseq(), Ok(CSeq { number: 7, method: Method::Refer }));
    assert_eq!(message.contact().unwrap().uri().host(), b"192.0.2.7");
    assert_eq!(message.record_routes().count(), 3);
    assert_eq!(message.routes().count(), 0);
    assert_eq!(message.count(Name::RecordRoute), 2);
}

#[test]
fn views_of_its_extensions() {
    let message = parse(REFER);
    assert_eq!(message.max_forwards(), Ok(Some(70)));
    assert_eq!(message.expires(), Ok(None));
    assert!(message.lists(Name::Supported, "Replaces") && !message.lists(Name::Supported, "x"));
    assert_eq!(message.require().collect::<Vec<_>>(), [&b"one"[..], b"two", b"three"]);
    assert_eq!(message.refer_to().unwrap().raw(), "<sip:agent-b@example.com>");
    assert_eq!(message.referred_by().as_deref(), Some(&b"<sip:agent-a@example.com>"[..]));
    assert_eq!(message.session_expires().unwrap().map(|s| s.seconds), Some(1800));
    assert_eq!(message.event().unwrap().id, Some(&b"7"[..]));
    assert!(message.is_refer_sub_false());
    assert_eq!(message.target_dialog().unwrap().unwrap().call_id, b"d");
}

#[test]
fn lines_and_body() {
    let message = parse(REFER);
    assert_eq!(message.named("x-anything").collect::<Vec<_>>(), [b"kept"]);
    assert_eq!(message.unfolded(Name::Supported).as_deref(), Some(&b"timer, replaces"[..]));
    assert!(message.has_body_of("application/sdp") && !message.has_body_of("text/plain"));
    assert_eq!(&*message.body(), b"v=0\r");
    assert!(message.bytes().ends_with(b"\r\nv=0\r"));
    assert_eq!(format!("{message:?}"), "Message(REFER sip:legwork@192.0.2.1:5060 SIP/2.0)");
}

#[test]
fn views_of_a_response() {
    let message =
        parse("SIP/2.0 486 Busy  Here\r\nCSeq: 3 INVITE\r\nRetry-After: 5 (lunch)\r\n\r\n");
    assert_eq!((message.status(), message.reason()), (Some(Status::BUSY_HERE), &b"Busy  Here"[..]));
    assert_eq!((message.method(), message.uri()), (Method::Invite, &b""[..]));
    assert_eq!(message.retry_after(), Ok(Some(5)));
    assert_eq!(parse("SIP/2.0 100\r\n\r\n").reason(), b"");
    assert_eq!(parse("SIP/2.0 100 \r\n\r\n").reason(), b"");
}

fn fault(text: &str) -> String {
    match Message::parse(Bytes::copy_from_slice(text.as_bytes())) {
        Ok(message) => format!("ok, body {}", message.body().escape_ascii()),
        Err(error) => {
            let answer = if error.partial.is_some() { "answer" } else { "drop" };
            format!("{} {} {answer}", error.status.0, error.text)
        }
    }
}

#[test]
fn framing_is_strict() {
    let head = "BYE sip:h SIP/2.0\r\nv: SIP/2.0/UDP h\r\nCSeq: 1 BYE\r\n";
    let table = [
        ("\r\nabc", "ok, body abc"),
        ("l: 2\r\n\r\nabc", "ok, body ab"),
        ("l : 0002\r\n\r\nabc", "ok, body ab"),
        ("Content-Length:\r\n 2\r\n\r\nabc", "ok, body ab"),
        ("l: 4\r\n\r\nabc", "400 body shorter than Content-Length answer"),
        ("l: 18446744073709551615\r\n\r\nabc", "400 body shorter than Content-Length answer"),
        ("l: 184467440737095516170\r\n\r\nabc", "400 body shorter than Content-Length answer"),
        ("l: -1\r\n\r\nabc", "400 bad Content-Length answer"),
        ("l: +1\r\n\r\nabc", "400 bad Content-Length answer"),
        ("l: 1 2\r\n\r\nabc", "400 bad Content-Length answer"),
        ("l:\r\n\r\nabc", "400 bad Content-Length answer"),
        ("l: 3\r\nl: 3\r\n\r\nabc", "400 several Content-Length lines answer"),
        (
            "Content\u{1}Length: 3\r\n\r\n",
            "400 header line without colon or with a bad name answer",
        ),
        (
            "Content-Length\u{1}: 3\r\n\r\n",
            "400 header line without colon or with a bad name answer",
        ),
        ("no colon\r\n\r\n", "400 header line without colon or with a bad name answer"),
        (": x\r\n\r\n", "400 header name empty or too long answer"),
        ("X: a\nY: b\r\n\r\n", "400 line not ended by CRLF answer"),
        ("X: a\rY: b\r\n\r\n", "400 line not ended by CRLF answer"),
        ("X: a\r\n", "400 no empty line behind the headers answer"),
        ("X: a", "400 line not ended by CRLF answer"),
    ];
    for (rest, expected) in table {
        assert_eq!(fault(&format!("{head}{rest}")), expected, "{rest:?}");
    }
    assert_eq!(fault(&format!("\r\n\r\n{head}\r\n")), "ok, body ");
    let ack = head.replace("BYE", "ACK");
    assert_eq!(fault(&format!("{ack}l: 4\r\n\r\n")), "400 body shorter than Content-Length drop");
}

#[test]
fn start_lines() {
    let rest = "\r\nv: SIP/2.0/UDP h\r\nCSeq: 1 BYE\r\n\r\n";
    let table = [
        ("BYE sip:h SIP/2.0", "ok, body "),
        ("BYE sip:h sip/2.0", "ok, body "),
        ("BYE sip:h SIP/7.0", "ok, body "),
        ("BYE sip:h SIP/2.0 ", "400 bad request line answer"),
        ("BYE  sip:h SIP/2.0", "400 bad request line answer"),
        ("BYE sip:h  SIP/2.0", "400 bad request line answer"),
        ("BYE sip:a b SIP/2.0", "400 bad request line answer"),
        ("BYE sip:h", "400 bad request line answer"),
        ("BYE sip:h HTTP/1.1", "400 bad SIP version answer"),
        ("BYE", "400 bad request line drop"),
        ("B@E sip:h SIP/2.0", "400 bad request line drop"),
        (" BYE sip:h SIP/2.0", "400 bad request line drop"),
        ("SIP/2.0 200 OK", "ok, body "),
        ("sip/2.0 200 OK", "ok, body "),
        ("SIP/2.0 4294967301 x", "400 bad status line drop"),
        ("SIP/2.0 99 x", "400 bad status line drop"),
        ("SIP/2.0 0200 x", "400 bad status line drop"),
        ("SIP/3.0 200 OK", "400 bad status line drop"),
        ("SIP/2.0", "400 bad status line drop"),
        ("", "400 bad request line drop"),
    ];
    for (line, expected) in table {
        let text = format!("{line}{rest}");
        if line.is_empty() {
            assert_eq!(fault("\r\n\r\n"), "400 no start line drop");
        } else {
            assert_eq!(fault(&text), expected, "{line:?}");
        }
    }
}

fn judged(from: &str, to: &str) -> String {
    assert!(REFER.contains(from));
    match parse(&REFER.replacen(from, to, 1)).validate() {
        Ok(()) => "ok".to_owned(),
        Err(no) => format!("{} {}", no.status.0, no.text),
    }
}

#[test]
fn what_every_request_needs() {
    let table = [
        ("f: \"", "F-: \"", "400 no From"),
        ("t: <", "T-: <", "400 no To"),
        (";tag=bb", ";tag=", "400 bad To"),
        (";tag=aa", ";tag", "400 bad From"),
        (";tag=bb", ";", "ok"),
        ("i: call-1", "I-: call-1", "400 no Call-ID"),
        ("i: call-1", "i:", "400 no Call-ID"),
        ("CSeq: 7 REFER", "S-: 7", "400 no CSeq"),
        ("CSeq: 7 REFER", "CSeq: 7 INVITE", "400 CSeq of another method"),
        ("CSeq: 7 REFER", "CSeq: 7 refer", "400 CSeq of another method"),
        ("CSeq: 7 REFER", "CSeq: 2147483648 REFER", "400 bad CSeq"),
        ("CSeq: 7 REFER", "CSeq: 2147483647 REFER", "ok"),
        ("REFER sip", "XFER sip", "501 CSeq of another method"),
        ("SIP/2.0\r\nVia", "SIP/3.0\r\nVia", "505 not SIP/2.0"),
        ("X-Anything:", "From:", "400 several From headers"),
        ("X-Anything:", "To:", "400 several To headers"),
        ("X-Anything:", "Call-ID:", "400 several Call-ID headers"),
        ("X-Anything:", "CSeq:", "400 several CSeq headers"),
        ("X-Anything:", "Max-Forwards:", "400 several Max-Forwards headers"),
        ("Max-Forwards: 70", "Max-Forwards: 256", "400 bad Max-Forwards"),
        ("Max-Forwards: 70", "Max-Forwards: 0", "ok"),
        ("Max-Forwards: 70", "M: <sip:a@h>;expires=4294967296", "400 bad Contact"),
        ("Max-Forwards: 70", "Expires: 4294967296", "400 bad Expires"),
        ("Max-Forwards: 70", "Expires: -1", "400 bad Expires"),
        ("Max-Forwards: 70", "Expires: 0", "ok"),
        ("m: <sip:agent-a@192.0.2.7>", "m: *", "ok"),
        ("m: <sip:agent-a@192.0.2.7>", "m: *, <sip:a@h>", "400 bad Contact"),
        ("<sip:p1;lr>", "p1", "400 bad Record-Route"),
        ("X-Anything:  kept", "Route: <sip:h", "400 bad Route"),
        ("z9hG4bKa;rport,", "z9hG4bKa;;rport,", "400 bad Via"),
        ("z9hG4bKc", "", "ok"),
        ("sip:legwork@192.0.2.1:5060", "<sip:h>", "400 bad Request-URI"),
        ("sip:legwork@192.0.2.1:5060", "sip:h?Route=x", "400 bad Request-URI"),
        ("sip:legwork@192.0.2.1:5060", "unknown:thing", "ok"),
    ];
    for (from, to, expected) in table {
        assert_eq!(judged(from, to), expected, "{from} -> {to}");
    }
    let no_via = "BYE sip:h SIP/2.0\r\nf: <sip:a@h>\r\nt: <sip:h>\r\ni: c\r\nCSeq: 1 BYE\r\n\r\n";
    assert_eq!(parse(no_via).validate().map_err(|no| no.text), Err("no Via"));
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

#[test]
fn an_answer_echoes_what_it_must() {
    let request = parse(REFER);
    let answer = Builder::response_to(&request, Status::ACCEPTED, Some("ours"), Some(source()))
        .header("Server", "legwork")
        .finish();
    expect![[r#"
        SIP/2.0 202 Accepted
        Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKa;rport=40000;received=198.51.100.9, SIP/2.0/TCP p.example.com;branch=z9hG4bKb
        Via: SIP/2.0/UDP last.example.com;branch=z9hG4bKc
        Record-Route: <sip:p1;lr>
        Record-Route: <sip:p2;lr>, <sip:p3;lr>
        From: "Agent A" <sip:agent-a@example.com>;tag=aa
        To: <sip:usera@example.com>;tag=bb
        Call-ID: call-1
        CSeq: 7 REFER
        Server: legwork
        Content-Length: 0

    "#]]
    .assert_eq(&text(&answer));
    assert_eq!(parse(&String::from_utf8_lossy(&answer)).validate(), Ok(()));
}

#[test]
fn to_tags_and_record_routes_only_where_they_belong() {
    let request = parse(&REFER.replace(";tag=bb", "").replace("X-Anything", "Timestamp"));
    let lines = |status| {
        let bytes = Builder::response_to(&request, status, Some("ours"), None).finish();
        let answer = Message::parse(bytes).unwrap();
        (
            answer.to().unwrap().tag().map(<[u8]>::to_vec),
            answer.count(Name::RecordRoute),
            answer.count(Name::Timestamp),
        )
    };
    let ours = || Some(b"ours".to_vec());
    assert_eq!(lines(Status::TRYING), (None, 0, 1));
    assert_eq!(lines(Status::RINGING), (ours(), 2, 0));
    assert_eq!(lines(Status::OK), (ours(), 2, 0));
    assert_eq!(lines(Status::FORBIDDEN), (ours(), 0, 0));
}

fn top_via(via: &str, source: &str) -> String {
    let request = parse(&format!("OPTIONS sip:h SIP/2.0\r\nVia: {via}\r\n\r\n"));
    let source = source.parse().unwrap();
    let answer = Builder::response_to(&request, Status::OK, None, Some(source)).finish();
    let answer = Message::parse(answer).unwrap();
    answer.header(Name::Via).unwrap().escape_ascii().to_string()
}

#[test]
fn received_and_rport() {
    let table = [
        ("SIP/2.0/UDP 192.0.2.7;branch=b", "192.0.2.7:9", "SIP/2.0/UDP 192.0.2.7;branch=b"),
        ("SIP/2.0/UDP h;branch=b", "192.0.2.7:9", "SIP/2.0/UDP h;branch=b;received=192.0.2.7"),
        (
            "SIP/2.0/UDP 192.0.2.7 ; rport ;branch=b",
            "192.0.2.7:9",
            "SIP/2.0/UDP 192.0.2.7;branch=b;rport=9;received=192.0.2.7",
        ),
        (
            "SIP/2.0/UDP 192.0.2.8;received=10.0.0.1;rport=1;branch=b",
            "192.0.2.7:9",
            "SIP/2.0/UDP 192.0.2.8;branch=b;rport=9;received=192.0.2.7",
        ),
        (
            "SIP/2.0/UDP [2001:DB8:0::1]:5060;branch=b",
            "[2001:db8::1]:9",
            "SIP/2.0/UDP [2001:DB8:0::1]:5060;branch=b",
        ),
        (
            "SIP/2.0/UDP 192.0.2.7;branch=b",
            "[::ffff:192.0.2.7]:9",
            "SIP/2.0/UDP 192.0.2.7;branch=b",
        ),
        ("garbage", "192.0.2.7:9", "garbage"),
    ];
    for (via, from, expected) in table {
        assert_eq!(top_via(via, from), expected, "{via}");
    }
}

#[test]
fn nothing_breaks_a_line() {
    let request = Builder::request(Method::Invite, "sip:a\r\nVia: x@h")
        .header("Subject", "a\r\nVia: b")
        .header("Subject", "a\nb")
        .header("Subject", "a\0b")
        .header("Bad Name", "x")
        .header("X\r\nY", "x")
        .header("Subject", "Grüße")
        .header(b"X-Bytes", [0xff_u8])
        .body("text/plain\r\nX: y", "body")
        .finish();
    assert_eq!(
        request.escape_ascii().to_string(),
        "INVITE sip:aVia:x@h SIP/2.0\\r\\nSubject: Gr\\xc3\\xbc\\xc3\\x9fe\\r\\nX-Bytes: \\xff\\r\\n\
         Content-Length: 4\\r\\n\\r\\nbody"
    );
}

#[test]
fn copied_lines_are_byte_for_byte() {
    let request = parse(REFER);
    let mut built = Builder::request(Method::Refer, request.uri());
    built.copy(&request, Name::Supported).copy(&request, Name::ReferTo);
    let copy = Message::parse(built.finish()).unwrap();
    assert_eq!(copy.header(Name::Supported), request.header(Name::Supported));
    assert_eq!(copy.header(Name::ReferTo), request.header(Name::ReferTo));
}

#[test]
fn a_builder_is_empty_after_finish() {
    let mut built = Builder::response(Status::OK);
    built.body("application/sdp", "v=0\r\n");
    let first = built.finish();
    assert!(first.ends_with(b"Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"));
    assert_eq!(&*built.finish(), b"Content-Length: 0\r\n\r\n");
}

#[test]
fn a_message_is_not_large() {
    assert!(size_of::<Message>() <= 320, "{}", size_of::<Message>());
}
