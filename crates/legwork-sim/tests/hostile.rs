//! What the engine answers to messages as real phones send them, and to the classes of published
//! attacks: golden lines.
//!
//! Not here: what the parser alone says (`legwork-sip`, `tests/torture.rs`, `tests/hostile.rs`).
//! Source: `legwork-sip/tests/data/ORIGIN.md`; advisories of the products named.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use expect_test::{expect, expect_file};
use legwork_call::io::{Document, Input, Output, Target};
use legwork_call::{Now, Switch};
use legwork_sim::clock::Clock;
use legwork_sim::script;
use legwork_sim::wire::Wire;
use legwork_sim::world::SERVER;
use legwork_sip::{Flow, Transport};
use legwork_twiml as twiml;

/// A phone of the list of trusted addresses.
const PHONE: &str = "10.0.0.3:5060";

/// A switch, and what it said to the phone.
struct Told {
    switch: Switch,
    clock: Clock,
    said: Vec<String>,
}

impl Told {
    fn new() -> Self {
        let clock = Clock::default();
        let switch = Switch::new(clock.now(), script::config(""), 1);
        let mut told = Self { switch, clock, said: Vec::new() };
        let ports = (10_000..10_020).step_by(2).collect();
        told.input(Input::Ports { thread: 0, ports });
        told
    }

    fn now(&self) -> Now {
        self.clock.now()
    }

    fn input(&mut self, input: Input) {
        self.switch.handle(self.now(), input);
        let mut more = Vec::new();
        while let Some(output) = self.switch.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let wire = Wire::parse(&transmit.bytes).unwrap();
                    if !transmit.again {
                        self.said.push(wire.summary());
                    }
                }
                // Every call is answered, and lasts.
                Output::Fetch(fetch) => {
                    let text = b"<Response><Say>a</Say></Response>";
                    let (program, problems) = twiml::parse(text);
                    let (url, took) = (fetch.hook.url.clone(), Duration::ZERO);
                    let result = Ok(Document { url, program, problems, status: 200, took });
                    more.push(Input::Fetched { id: fetch.id, result });
                }
                Output::Resolve { id, .. } => {
                    let target = Target {
                        transport: Transport::Udp,
                        remote: PHONE.parse().unwrap(),
                        local_ip: SERVER.ip(),
                    };
                    more.push(Input::Resolved { id, targets: vec![target] });
                }
                Output::Store(_)
                | Output::Trace(_)
                | Output::Media { .. }
                | Output::Room { .. }
                | Output::Relay { .. }
                | Output::StreamKey { .. }
                | Output::WantPorts { .. }
                | Output::ForgetFetch(_)
                | Output::Source { .. }
                | Output::ForgetSource(_)
                | Output::Tap { .. }
                | Output::ForgetTap(_)
                | Output::Reply { .. } => {}
            }
        }
        more.into_iter().for_each(|input| self.input(input));
    }

    /// The phone sends this; what is said to it, one after the other.
    fn answer(bytes: &[u8]) -> String {
        let mut told = Self::new();
        let remote: SocketAddr = PHONE.parse().unwrap();
        let flow = Flow { transport: Transport::Udp, local: SERVER, remote, connection: 0 };
        told.input(Input::Message { flow, bytes: Bytes::copy_from_slice(bytes) });
        let said = told.said.iter().map(|said| said.chars().take(60).collect::<String>());
        let said: Vec<_> = said.collect();
        if said.is_empty() { "nothing".to_owned() } else { said.join(", then ") }
    }
}

fn read_all(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "sip")).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let read = |path: &PathBuf| {
        let mut bytes = fs::read(path).unwrap();
        // The recording of linphonec lost the end of its last line.
        if !bytes.ends_with(b"\n") {
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    };
    paths.iter().map(|path| (name(path), read(path))).collect()
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// To the recordings' own domains, numbers and dialogs, none of which is ours.
#[test]
fn what_real_phones_are_answered() {
    let mut out = String::new();
    for (name, bytes) in read_all(&folder("../legwork-sip/tests/data/client-captures")) {
        writeln!(out, "{name}: {}", Told::answer(&bytes)).unwrap();
    }
    expect_file!["hostile/client-captures.answers"].assert_eq(&out);
    let malformed = out.lines().find(|line| line.contains("malformed")).unwrap();
    assert!(malformed.contains(": 400"), "{malformed}");
}

/// The same, sent to our domain by one of our phones.
#[test]
fn what_real_phones_are_answered_at_home() {
    let mut out = String::new();
    for (name, bytes) in read_all(&folder("../legwork-sip/tests/data/client-captures")) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((first, rest)) = text.split_once("\r\n") else { continue };
        let mut words = first.split(' ');
        let (method, version) = (words.next().unwrap(), words.next_back().unwrap());
        if !matches!(method, "INVITE" | "REGISTER") || name.contains("malformed") {
            continue;
        }
        let text = format!("{method} sip:bank@bank.example.com {version}\r\n{rest}");
        writeln!(out, "{name}: {}", Told::answer(text.as_bytes())).unwrap();
    }
    expect_file!["hostile/client-captures-at-home.answers"].assert_eq(&out);
}

/// The published messages are not copied here; what they are answered is.
#[test]
fn published_crash_messages_are_answered() {
    let path = folder("../../../shared/assets/enablesecurity-poc");
    if !path.is_dir() {
        println!("skipped: ../shared/assets/enablesecurity-poc is absent");
        return;
    }
    let mut out = String::new();
    for (name, bytes) in read_all(&path) {
        writeln!(out, "{name}: {}", Told::answer(&bytes)).unwrap();
    }
    expect_file!["hostile/published.answers"].assert_eq(&out);
}

fn request(method: &str, lines: &str, body: &str) -> String {
    format!(
        "{method} sip:bank@bank.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKh\r\n\
         From: <sip:agent-a@bank.example.com>;tag=h\r\nTo: <sip:bank@bank.example.com>\r\n\
         Call-ID: h\r\nCSeq: 1 {method}\r\nContact: <sip:agent-a@10.0.0.3>\r\n{lines}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn offer(lines: &str) -> String {
    let sdp =
        format!("v=0\r\no=- 1 1 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 10.0.0.3\r\nt=0 0\r\n{lines}");
    request("INVITE", "Content-Type: application/sdp\r\n", &sdp)
}

/// The classes, in bytes of our own.
fn classes() -> Vec<(&'static str, String)> {
    let good = "m=audio 4000 RTP/AVP 0\r\n";
    let many = "Accept: application/sdp\r\n".repeat(50);
    let parts = "Content-Type: multipart/mixed;boundary=b\r\n";
    vec![
        ("a good one", offer(good)),
        ("method in CSeq too long", {
            request("INVITE", "", "").replace("1 INVITE", &format!("1 {}", "A".repeat(3_000)))
        }),
        ("parts with LF only", request("INVITE", parts, "--b\n\n--b--")),
        ("parts without end", request("INVITE", parts, "--b\r\nContent-Type: application/sdp\r\n")),
        ("parts, none", request("INVITE", parts, "--b--\r\n")),
        ("fifty Accept in SUBSCRIBE", request("SUBSCRIBE", &format!("Event: a\r\n{many}"), "")),
        ("SUBSCRIBE that ends at once", request("SUBSCRIBE", "Event: refer\r\nExpires: 0\r\n", "")),
        ("format of 33 bits", offer("m=audio 4000 RTP/AVP 4294967296\r\n")),
        ("that, and a good one", offer("m=audio 4000 RTP/AVP 4294967296 0\r\n")),
        ("bad fmtp", offer(&format!("{good}a=fmtp\r\na=fmtp:0\r\na=fmtp:4294967296 =\r\n"))),
        ("packet times", offer(&format!("{good}a=ptime:4294967295\r\na=maxptime:1\r\n"))),
        ("no audio", offer("m=image 9 udptl t38\r\n")),
        ("no session", request("INVITE", "Content-Type: application/sdp\r\n", "")),
        ("slash in Diversion", request("INVITE", "Diversion: /\r\n", "")),
        ("slash in From", request("INVITE", "", "").replace("<sip:agent-a@bank.example.com>", "/")),
        ("long branch and tag", {
            let long = "x".repeat(4_000);
            offer(good).replace("z9hG4bKh", &format!("z9hG4bK{long}")).replace("tag=h", &long)
        }),
        ("empty Authorization", request("REGISTER", "Authorization: Digest\r\n", "")),
        ("REGISTER, negative Expires", request("REGISTER", "Expires: -1\r\n", "")),
        ("space before colon", request("OPTIONS", "Require : nothing-known\r\n", "")),
        ("other byte before colon", request("OPTIONS", "Require\x0b: a\r\n", "")),
        ("a challenge nobody asked for", {
            request("INVITE", "", "").replacen(
                "INVITE sip:bank@bank.example.com SIP/2.0",
                "SIP/2.0 401 No",
                1,
            )
        }),
        ("MESSAGE", request("MESSAGE", "Content-Type: text/plain\r\n", "x")),
        ("REFER to nobody's dialog", {
            request("REFER", "Refer-To: <sip:a@b?X=%0d%0aY:1>\r\n", "")
                .replace("com>\r\nCall", "com>;tag=z\r\nCall")
        }),
    ]
}

#[test]
fn classes_of_published_attacks() {
    let mut out = String::new();
    for (name, text) in classes() {
        writeln!(out, "{name}: {}", Told::answer(text.as_bytes())).unwrap();
    }
    expect![[r#"
        a good one: 180 Ringing, then 200 OK
        method in CSeq too long: 400 Bad Request to AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        parts with LF only: 415 Unsupported Media Type
        parts without end: 415 Unsupported Media Type
        parts, none: 415 Unsupported Media Type
        fifty Accept in SUBSCRIBE: 489 Bad Event to SUBSCRIBE
        SUBSCRIBE that ends at once: 403 Forbidden to SUBSCRIBE
        format of 33 bits: 488 Not Acceptable Here
        that, and a good one: 180 Ringing, then 200 OK
        bad fmtp: 180 Ringing, then 200 OK
        packet times: 180 Ringing, then 200 OK
        no audio: 488 Not Acceptable Here
        no session: 180 Ringing, then 200 OK
        slash in Diversion: 180 Ringing, then 200 OK
        slash in From: 400 Bad Request
        long branch and tag: 180 Ringing, then 200 OK
        empty Authorization: 401 Unauthorized to REGISTER
        REGISTER, negative Expires: 400 Bad Request to REGISTER
        space before colon: 420 Bad Extension to OPTIONS
        other byte before colon: 400 Bad Request to OPTIONS
        a challenge nobody asked for: nothing
        MESSAGE: 405 Method Not Allowed to MESSAGE
        REFER to nobody's dialog: 481 Call/Transaction Does Not Exist
    "#]]
    .assert_eq(&out);
}
