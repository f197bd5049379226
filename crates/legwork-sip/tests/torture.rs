//! The torture messages of RFC 4475 and RFC 5118, what real phones send, published crash messages.
//!
//! One golden file for each torture message says what the message layer makes of it. Answers that
//! depend on what a server supports (405, 415, 416, 420, …) are the endpoint's.
//! Not here: mutations of all of them (`legwork-sim`, `tests/mutations.rs`).
//! Source: RFC 4475, RFC 5118.

#![expect(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use expect_test::expect_file;
use legwork_sip::framing::{Frame, Framer};
use legwork_sip::header::Name;
use legwork_sip::message::Builder;
use legwork_sip::{Message, Status, limit, sipfrag};

fn data(folder: &str) -> Vec<(String, Bytes)> {
    read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder), ".dat")
}

/// Material outside the repository; says so in a line when it is absent.
fn shared(folder: &str) -> Vec<(String, Bytes)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/assets").join(folder);
    if !path.is_dir() {
        println!("skipped: ../shared/assets/{folder} is absent");
        return Vec::new();
    }
    read_all(&path, ".sip")
}

/// What baresip, linphonec, JsSIP and pjsua sent when they were recorded.
fn captures() -> Vec<(String, Bytes)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/client-captures");
    read_all(&folder, ".sip")
}

fn read_all(folder: &Path, ending: &str) -> Vec<(String, Bytes)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), fs::read(path).unwrap().into())).collect()
}

fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(['\0', '\r', '\n', '\x07', '\x7f']) => text.to_owned(),
        Ok(_) | Err(_) => bytes.escape_ascii().to_string(),
    }
}

/// What the message layer makes of one message, as text.
fn verdict(bytes: &Bytes) -> String {
    let mut out = String::new();
    let message = match Message::parse(bytes.clone()) {
        Ok(message) => message,
        Err(error) => {
            writeln!(out, "parse: {} ({})", error.status, error.text).unwrap();
            match error.partial {
                None => out.push_str("no answer\n"),
                Some(partial) => answer(&mut out, &partial, error.status),
            }
            return out;
        }
    };
    match message.validate() {
        Ok(()) => {
            out.push_str("accepted\n");
            view(&mut out, &message);
        }
        Err(no) if !message.is_request() => {
            writeln!(out, "validate: dropped ({})", no.text).unwrap();
        }
        Err(no) => {
            writeln!(out, "validate: {} ({})", no.status, no.text).unwrap();
            if message.is_answerable() {
                answer(&mut out, &message, no.status);
            } else {
                out.push_str("no answer\n");
            }
        }
    }
    out
}

fn answer(out: &mut String, request: &Message, status: Status) {
    let source = "192.0.2.77:5077".parse().unwrap();
    let bytes = Builder::response_to(request, status, Some("ours"), Some(source)).finish();
    let answer = Message::parse(bytes).unwrap();
    out.push_str("answer:\n");
    for (name, value) in answer.all() {
        writeln!(out, "  {}: {}", text(name), text(value)).unwrap();
    }
}

fn view(out: &mut String, message: &Message) {
    match message.status() {
        Some(status) => writeln!(out, "response: {} {}", status.0, text(message.reason())),
        None => writeln!(
            out,
            "request: {:?} {} {}",
            message.method(),
            text(message.method_name()),
            text(message.uri())
        ),
    }
    .unwrap();
    for via in message.vias() {
        let via = via.unwrap();
        let branch = via.branch().unwrap_or(b"none");
        let (transport, host) = (text(via.transport()), text(via.host()));
        let port = via.port();
        writeln!(out, "via: {transport} {host} {port:?} branch={}", text(branch)).unwrap();
    }
    for (label, address) in [("from", message.from()), ("to", message.to())] {
        let address = address.unwrap();
        let name = address.display_name().map(|name| text(&name));
        let (uri, tag) = (text(address.uri().as_bytes()), address.tag().map(text));
        writeln!(out, "{label}: {name:?} <{uri}> {tag:?}").unwrap();
    }
    writeln!(out, "call-id: {}", text(message.call_id())).unwrap();
    writeln!(out, "cseq: {:?}", message.cseq().unwrap()).unwrap();
    if let Ok(Some(hops)) = message.max_forwards() {
        writeln!(out, "max-forwards: {hops}").unwrap();
    }
    for (label, name) in [("contact", Name::Contact), ("route", Name::Route)] {
        for value in message.values(name) {
            writeln!(out, "{label}: {}", text(value)).unwrap();
        }
    }
    for tag in message.require() {
        writeln!(out, "require: {}", text(tag)).unwrap();
    }
    let others = message.all().filter(|(name, _)| Name::of(name) == Name::Other);
    for (name, value) in others {
        writeln!(out, "other: {}: {}", text(name), text(value)).unwrap();
    }
    let kind = message.content_type().map(text).unwrap_or_default();
    writeln!(out, "body: {} bytes {kind}", message.body().len()).unwrap();
}

/// The first word of a golden file: accept, reject (with an answer), drop.
fn summary(bytes: &Bytes) -> String {
    let verdict = verdict(bytes);
    match verdict.split_once(": ") {
        _ if verdict.starts_with("accepted") => "accept".to_owned(),
        Some((_, rest)) if verdict.contains("answer:") => rest.get(..3).unwrap().to_owned(),
        Some(_) | None => "drop".to_owned(),
    }
}

/// What each message asks of this layer. Where an RFC leaves a choice, this is ours.
const VERDICTS: [(&str, &str); 61] = [
    ("wsinv", "accept"),
    ("intmeth", "accept"),
    ("esc01", "accept"),
    ("escnull", "accept"),
    ("esc02", "accept"),
    ("lwsdisp", "accept"),
    ("longreq", "accept"),
    ("dblreq", "accept"),
    ("semiuri", "accept"),
    ("transports", "accept"),
    ("mpart01", "accept"),
    ("unreason", "accept"),
    ("noreason", "accept"),
    ("badinv01", "400"),
    ("clerr", "400"),
    ("ncl", "400"),
    ("scalar02", "400"),
    ("scalarlg", "drop"),
    ("quotbal", "400"),
    ("ltgtruri", "400"),
    ("lwsruri", "400"),
    ("lwsstart", "400"),
    ("trws", "400"),
    ("escruri", "400"),
    ("baddate", "accept"),
    ("regbadct", "400"),
    ("badaspec", "400"),
    ("baddn", "400"),
    ("badvers", "505"),
    ("mismatch01", "400"),
    ("mismatch02", "501"),
    ("bigcode", "drop"),
    ("badbranch", "accept"),
    ("insuf", "400"),
    ("unkscm", "accept"),
    ("novelsc", "accept"),
    ("unksm2", "accept"),
    ("bext01", "accept"),
    ("invut", "accept"),
    ("regaut01", "accept"),
    ("multi01", "400"),
    ("mcl01", "400"),
    ("bcast", "accept"),
    ("zeromf", "accept"),
    ("cparam01", "accept"),
    ("cparam02", "accept"),
    ("regescrt", "accept"),
    ("sdp01", "accept"),
    ("inv2543", "accept"),
    ("ipv6-good", "accept"),
    ("ipv6-bad", "400"),
    ("port-ambiguous", "accept"),
    ("port-unambiguous", "accept"),
    ("via-received-param-with-delim", "accept"),
    ("via-received-param-no-delim", "accept"),
    ("ipv6-in-sdp", "accept"),
    ("mult-ip-in-header", "accept"),
    ("mult-ip-in-sdp", "accept"),
    ("ipv4-mapped-ipv6", "accept"),
    ("ipv6-bug-abnf-3-colons", "400"),
    ("ipv6-correct-abnf-2-colons", "accept"),
];

#[test]
fn every_torture_message_has_its_verdict() {
    let messages = [data("rfc4475"), data("rfc5118")].concat();
    assert_eq!(messages.len(), VERDICTS.len());
    let mut wrong = Vec::new();
    for (name, bytes) in &messages {
        let (_, expected) = VERDICTS.iter().find(|(n, _)| n == name).unwrap();
        let seen = summary(bytes);
        if seen != *expected {
            wrong.push(format!("{name}: {seen}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn golden_verdicts_of_rfc_4475() {
    for (name, bytes) in data("rfc4475") {
        expect_file![format!("data/rfc4475/{name}.verdict")].assert_eq(&verdict(&bytes));
    }
}

#[test]
fn golden_verdicts_of_rfc_5118() {
    for (name, bytes) in data("rfc5118") {
        expect_file![format!("data/rfc5118/{name}.verdict")].assert_eq(&verdict(&bytes));
    }
}

#[test]
fn an_empty_line_behind_baddn_changes_nothing() {
    let (_, bytes) = data("rfc4475").into_iter().find(|(name, _)| name == "baddn").unwrap();
    let whole = [&bytes[..], b"\r\n"].concat();
    assert_eq!(summary(&whole.into()), "400");
}

#[test]
fn a_stream_ends_where_a_length_is_bad() {
    for (name, bytes) in data("rfc4475") {
        let mut framer = Framer::new();
        framer.push(&bytes);
        let first = framer.pull();
        match name.as_str() {
            "ncl" | "mcl01" => assert!(matches!(first, Some(Frame::Broken { .. })), "{name}"),
            "clerr" => assert_eq!(first, None, "{name}: waits for the rest"),
            "dblreq" => {
                assert!(matches!(first, Some(Frame::Message(_))), "{name}");
                let second = framer.pull();
                assert!(matches!(second, Some(Frame::Pong)), "{name}: {second:?}");
            }
            _ => assert!(!matches!(first, Some(Frame::Ping | Frame::Pong)), "{name}"),
        }
    }
}

#[test]
fn what_real_phones_send_is_accepted() {
    let captures = captures();
    assert_eq!(captures.len(), 20);
    for (name, mut bytes) in captures {
        if name.starts_with("linphonec") && name.contains("INVITE") {
            // The recording lost the end of its last line.
            bytes = [&bytes[..], b"\r\n"].concat().into();
        }
        let expected = if name.contains("malformed") { "400" } else { "accept" };
        assert_eq!(summary(&bytes), expected, "{name}: {}", verdict(&bytes));
        let Ok(message) = Message::parse(bytes) else { continue };
        let (again, was) = (text_of(&printed(&message)), text_of(&message.bytes()));
        assert_eq!(again, was, "{name}: printed again, it is the same");
        if name.contains("REFER") {
            let refer_to = message.refer_to().unwrap();
            assert_eq!(refer_to.raw().as_bytes(), message.header(Name::ReferTo).unwrap());
            let attended = name.contains("attended");
            assert_eq!(refer_to.replaces().unwrap().is_some(), attended, "{name}");
        }
        if name.contains("NOTIFY") {
            assert!(sipfrag::parse(&message.body()).is_some(), "{name}");
        }
    }
}

/// White space behind a colon is no part of a value: linphonec and pjsua have more than one blank.
fn text_of(bytes: &[u8]) -> String {
    let mut text = String::from_utf8(bytes.to_vec()).unwrap();
    while let Some(at) = text.find(":  ") {
        text.remove(at + 1);
    }
    text
}

/// Start line, header lines and body, as they were read.
fn printed(message: &Message) -> Bytes {
    let mut out = match message.status() {
        Some(status) => format!("SIP/2.0 {} ", status.0).into_bytes(),
        None => [message.method_name(), b" ", message.uri(), b" SIP/2.0"].concat(),
    };
    out.extend_from_slice(message.reason());
    for (name, value) in message.all() {
        out.extend_from_slice(&[b"\r\n", name, b": ", value].concat());
    }
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(&message.body());
    out.into()
}

/// What each published crash message is answered by this layer. They are not copied here; their
/// classes are, in our own words: `hostile`.
#[test]
fn published_crash_messages_do_nothing() {
    let messages = shared("enablesecurity-poc");
    if messages.is_empty() {
        return;
    }
    let mut out = String::new();
    for (name, bytes) in &messages {
        read_everything(bytes);
        writeln!(out, "{name}: {}", summary(bytes)).unwrap();
    }
    expect_file!["data/published.verdicts"].assert_eq(&out);
}

/// Reads everything there is to read.
fn read_everything(bytes: &Bytes) {
    let message = match Message::parse(bytes.clone()) {
        Ok(message) => message,
        Err(error) => match error.partial {
            Some(partial) => *partial,
            None => return,
        },
    };
    let valid = message.validate().is_ok();
    for via in message.vias().flatten() {
        black_box((via.branch(), via.rport(), via.received(), via.magic_branch()));
    }
    let addresses = [message.from(), message.to(), message.contact()];
    let lists = message.contacts().chain(message.routes()).chain(message.record_routes());
    for address in addresses.into_iter().chain(lists).flatten() {
        black_box((address.display_name(), address.tag(), address.expires().is_ok()));
        let uri = address.uri();
        black_box((uri.user_decoded(), uri.param("transport"), uri.headers().count()));
        black_box(uri.is_equivalent(&uri));
    }
    black_box((message.cseq().is_ok(), message.expires().is_ok(), message.retry_after().is_ok()));
    black_box((message.event().is_ok(), message.subscription_state().is_ok()));
    black_box((message.session_expires().is_ok(), message.rack().is_ok()));
    black_box((message.replaces().is_ok(), message.target_dialog().is_ok()));
    if let Ok(refer_to) = message.refer_to() {
        black_box((refer_to.raw(), refer_to.counted_len(), refer_to.is_invite()));
        black_box(refer_to.replaces().is_ok());
    }
    for auth in message.authorizations() {
        black_box((auth.param("nonce"), auth.is_digest()));
    }
    black_box((message.referred_by(), sipfrag::parse(&message.body())));
    let source = "[2001:db8::1]:5060".parse().unwrap();
    let answer = Builder::response_to(&message, Status::OK, Some("t"), Some(source)).finish();
    // Only what is good may be echoed line by line without another thought.
    if valid && message.is_request() {
        let answer = Message::parse(answer).unwrap();
        assert_eq!(answer.validate(), Ok(()), "an answer of ours is good: {answer:?}");
        assert_eq!(answer.vias().count(), message.vias().count());
    }
}

/// Messages of 60 kB, each made to be slow to read.
fn worst_cases() -> Vec<(&'static str, Bytes)> {
    let head = "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n\
                To: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n";
    let fill = |name: &str, unit: &str| {
        let room = 60_000 - head.len() - name.len();
        format!("{head}{name}{}\r\n\r\n", unit.repeat(room / unit.len()))
    };
    let lines =
        |unit: &str| format!("{head}{}\r\n", unit.repeat((60_000 - head.len()) / unit.len()));
    let cases = [
        ("many headers", lines("X: 1\r\n")),
        ("many vias", lines("v: SIP/2.0/UDP h\r\n")),
        ("many folds", fill("Subject: x", "\r\n ")),
        ("many parameters", fill("Contact: <sip:a@h>", ";a")),
        ("many uri parameters", fill("Contact: <sip:a@h", ";a=b")),
        ("many contacts", fill("Contact: <sip:a@h>", ",<sip:a@h>")),
        ("many commas", fill("Contact: ", ",")),
        ("many quotes", fill("Contact: ", "\"")),
        ("many escaped quotes", fill("Contact: \"", "\\\"")),
        ("many angles", fill("Contact: ", "<")),
        ("many angles and commas", fill("Contact: ", "<,")),
        ("many comments", fill("User-Agent: ", "((")),
        ("many uri headers", fill("Refer-To: <sip:a@h?a=b", "&Replaces=%41")),
        ("many percents", fill("Refer-To: <sip:", "%25")),
        ("many semicolons", fill("Via: SIP/2.0/UDP h", ";")),
        ("many blanks", fill("Via: SIP/2.0/UDP h", " ")),
        ("many credentials", fill("Authorization: Digest a=\"b\"", ", a=\"b\"")),
        ("one long name", fill("", "X")),
        ("one long line", fill("X: ", "x")),
        ("many carriage returns", fill("X: ", "\r")),
        ("a long uri", format!("INVITE sip:{} SIP/2.0\r\n\r\n", "a".repeat(60_000))),
        ("many empty lines", format!("{}{head}\r\n", "\r\n".repeat(29_000))),
    ];
    cases.map(|(name, text)| (name, text.into())).into()
}

#[test]
fn worst_cases_stay_linear() {
    for (name, bytes) in worst_cases() {
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                read_everything(&bytes);
                start.elapsed()
            })
            .min()
            .unwrap();
        // Quadratic work over 60 kB would take a second and more; this leaves slow machines room.
        assert!(best < Duration::from_millis(100), "{name}: {best:?}");
    }
}

#[test]
fn limits_at_their_edges() {
    let head = "OPTIONS sip:h SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bK1\r\nf: <sip:a@h>;tag=1\r\n\
                t: <sip:h>\r\ni: c\r\nCSeq: 1 OPTIONS\r\n";
    let status = |text: String| match Message::parse(text.into()) {
        Err(error) => error.status.0,
        Ok(message) => message.validate().map_or_else(|no| no.status.0, |()| 200),
    };
    let lines = |n: usize| format!("{head}{}\r\n", "X: 1\r\n".repeat(n - 5));
    assert_eq!(status(lines(limit::HEADERS_MAX)), 200);
    assert_eq!(status(lines(limit::HEADERS_MAX + 1)), 400);
    let name = |n: usize| format!("{head}{}: 1\r\n\r\n", "X".repeat(n));
    assert_eq!(status(name(limit::HEADER_NAME_MAX)), 200);
    assert_eq!(status(name(limit::HEADER_NAME_MAX + 1)), 400);
    let vias =
        |n: usize| format!("{head}v: SIP/2.0/UDP h{}\r\n\r\n", ",SIP/2.0/UDP h".repeat(n - 2));
    assert_eq!(status(vias(limit::VALUES_MAX)), 200);
    assert_eq!(status(vias(limit::VALUES_MAX + 1)), 400);
    let uri = |n: usize| head.replacen("sip:h", &format!("sip:{}", "h".repeat(n - 4)), 1) + "\r\n";
    assert_eq!(status(uri(limit::URI_MAX)), 200);
    assert_eq!(status(uri(limit::URI_MAX + 1)), 414);
    let size = |n: usize| format!("{head}\r\n{}", "b".repeat(n - head.len() - 2));
    assert_eq!(status(size(limit::MESSAGE_MAX)), 200);
    assert_eq!(status(size(limit::MESSAGE_MAX + 1)), 513);
}
