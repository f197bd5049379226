//! The 400 torture cases of jain-sip: its verdict beside ours.
//!
//! Where they differ, `data/jain-sip/deviations.tsv` says why; a difference that is new or gone fails.
//! Not here: RFC 4475 and RFC 5118 byte for byte, what real phones send (`torture`).
//! Source: jain-sip, `src/test/torture/torture.xml` (`data/ORIGIN.md`).

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;

use expect_test::expect_file;
use legwork_sip::Message;
use legwork_sip::header::Name;
use legwork_sip::uri::Uri;
use roxmltree::{Document, Node, ParsingOptions};

const TORTURE: &str = include_str!("data/jain-sip/torture.xml");
const DEVIATIONS: &str = include_str!("data/jain-sip/deviations.tsv");

struct Case {
    /// From 1, in the order of the file.
    number: usize,
    kind: String,
    /// With line ends as they are on the wire.
    text: Vec<u8>,
    jain_accepts: bool,
}

fn cases() -> Vec<Case> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(TORTURE, options).unwrap();
    let is_case = |node: &Node<'_, '_>| node.has_tag_name("testcase");
    let nodes = document.descendants().filter(is_case);
    (1..).zip(nodes).map(|(number, node)| case(number, node)).collect()
}

fn case(number: usize, node: Node<'_, '_>) -> Case {
    let is_input = |node: &Node<'_, '_>| {
        matches!(node.tag_name().name(), "message" | "sip-header" | "sip-url")
    };
    let input = node.children().find(is_input).unwrap();
    let text: String =
        input.children().filter(Node::is_text).filter_map(|node| node.text()).collect();
    let jain_accepts = !node.children().any(|node| node.has_tag_name("expect-exception-callback"));
    let kind = input.tag_name().name().to_owned();
    Case { number, text: wire(&text, &kind), kind, jain_accepts }
}

/// The XML has line feeds only, white space around, `<hex>` for other bytes, and no Content-Length
/// that could be right once every line has a carriage return.
fn wire(text: &str, kind: &str) -> Vec<u8> {
    let text = text.trim_start();
    if kind != "message" {
        return bytes(&text.trim_end().replace('\n', "\r\n"));
    }
    match text.split_once("\n\n") {
        Some((head, body)) => bytes(&format!("{head}\n\n{body}").replace('\n', "\r\n")),
        None => bytes(&format!("{}\n\n", text.trim_end()).replace('\n', "\r\n")),
    }
}

fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<hex>") {
        let (digits, behind) = after.split_once("</hex>").unwrap();
        let digits: Vec<u32> = digits.chars().filter_map(|digit| digit.to_digit(16)).collect();
        out.extend_from_slice(before.as_bytes());
        out.extend(digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8));
        rest = behind;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// What we make of it: `accepted`, or why not.
fn verdict(case: &Case) -> String {
    match case.kind.as_str() {
        "sip-url" => match Uri::parse(&case.text) {
            Ok(_) => "accepted".to_owned(),
            Err(_) => "bad URI".to_owned(),
        },
        "sip-header" => header(&case.text),
        _ => message(case.text.clone()),
    }
}

fn message(bytes: Vec<u8>) -> String {
    match Message::parse(bytes.into()) {
        Err(error) => format!("{} {}", error.status.0, error.text),
        Ok(message) => match message.validate() {
            Err(no) => format!("{} {}", no.status.0, no.text),
            Ok(()) => "accepted".to_owned(),
        },
    }
}

/// One line in an otherwise good message: it is carried, and its typed view reads it.
fn header(line: &[u8]) -> String {
    let name = line.split(|byte| *byte == b':').next().unwrap();
    let others = [("From", "From: <sip:a@h>;tag=1\r\n"), ("To", "To: <sip:b@h>\r\n")];
    let others: String = others
        .iter()
        .filter(|(other, _)| !name.eq_ignore_ascii_case(other.as_bytes()))
        .map(|(_, line)| *line)
        .collect();
    let head = format!(
        "OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCall-ID: c\r\n\
         CSeq: 1 OPTIONS\r\n{others}"
    );
    let bytes = [head.as_bytes(), line, b"\r\n\r\n"].concat();
    let seen = message(bytes.clone());
    if seen != "accepted" {
        return seen;
    }
    let message = Message::parse(bytes.into()).unwrap();
    let is = |other: Name| Name::of(name) == other;
    let good = message.all().any(|(other, _)| other == name)
        && (!is(Name::Contact) || message.contacts().all(|contact| contact.is_ok()))
        && (!is(Name::RetryAfter) || matches!(message.retry_after(), Ok(Some(_))));
    if good { seen } else { "not read".to_owned() }
}

#[test]
fn every_case_has_its_verdict() {
    let cases = cases();
    assert_eq!(cases.len(), 400);
    let (mut table, mut wrong) = (String::new(), Vec::new());
    let mut known: Vec<[&str; 3]> = DEVIATIONS
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap())
        .collect();
    for case in &cases {
        let seen = verdict(case);
        let jain = if case.jain_accepts { "accepted" } else { "refused" };
        writeln!(table, "{}\t{}\t{jain}\t{seen}", case.number, case.kind).unwrap();
        let place = known.iter().position(|[number, ..]| *number == case.number.to_string());
        let deviation = place.map(|place| known.remove(place));
        let differs = (seen == "accepted") != case.jain_accepts;
        match deviation {
            Some([_, ours, reason]) if differs && ours == seen && reason.len() > 20 => {}
            None if !differs => {}
            Some(_) | None => wrong.push(format!("{}\t{seen}\t(jain: {jain})", case.number)),
        }
    }
    expect_file!["data/jain-sip/verdicts.tsv"].assert_eq(&table);
    assert!(wrong.is_empty(), "deviations.tsv does not say so:\n{}", wrong.join("\n"));
    assert!(known.is_empty(), "there is no such case: {known:?}");
}
