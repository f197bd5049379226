//! One row of a call's ladder, the same in tests, `legwork trace` and the demo.
//!
//! Not here: which rows a call has (`switch` and what it calls), when they are shown.

use std::borrow::Cow;
use std::fmt;

use legwork_sip::header::Name;
use legwork_sip::{Message, Method};

use crate::limit;
use crate::sid::CallSid;

/// One row. Written as one line without its end, by `Display`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The leg it belongs to.
    pub call: CallSid,
    /// The first leg of the group: rows of one conversation share it.
    pub root: CallSid,
    /// Who is at the other end: user part of the leg's far address, else its host; `app` for
    /// webhooks.
    pub party: String,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The party sent us a SIP message: `REFER sip:agent-b`, `200 OK`.
    Sent(String),
    /// We sent the party a SIP message: `NOTIFY  100 Trying, active`.
    Got(String),
    /// We asked or told an application: `POST /refer  ReferTransferTarget=sip:agent-b`.
    Asked(String),
    /// The application answered: `200  Dial`, or `11205 …`.
    Answered(String),
    /// Two parties talk from now on: the other one's name.
    Joined(String),
    /// The party hears something of ours: `hold music`, `ringback`, `silence`.
    Hears(Cow<'static, str>),
    /// A decision worth a line: `parked`, `restored`, `alert 13802`.
    Decided(String),
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line(&self.party, &self.what))
    }
}

/// One line of a ladder, without its end. Never begins with a space.
pub fn line(party: &str, what: &What) -> String {
    match what {
        What::Sent(text) | What::Answered(text) => format!("{party:<7}  ── {text} ──▶"),
        What::Got(text) | What::Asked(text) => format!("{party:<7} ◀── {text}"),
        What::Joined(other) => format!("{party} ⇄ {other}"),
        What::Hears(sound) => format!("{party:<7}  ♪  {sound}"),
        What::Decided(text) => format!("{party:<7}  ·  {text}"),
    }
}

/// What a ladder says of a SIP message: `REFER sip:agent-b`, `NOTIFY  100 Trying, active`, `200 OK
/// to BYE`. A response to INVITE or REFER does not name its method. At most [`limit::ROW_MAX`] bytes.
pub fn message(message: &Message) -> String {
    let mut said = said(message);
    if said.len() > limit::ROW_MAX {
        said.truncate(said.floor_char_boundary(limit::ROW_MAX));
    }
    said
}

fn said(message: &Message) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let Some(status) = message.status() else {
        return request(message, &text(message.method_name()));
    };
    let line = format!("{} {}", status.0, text(message.reason()));
    match message.method() {
        Method::Invite | Method::Refer => line,
        Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Options
        | Method::Register
        | Method::Prack
        | Method::Update
        | Method::Info
        | Method::Subscribe
        | Method::Notify
        | Method::Message
        | Method::Publish
        | Method::Unknown => {
            let cseq = text(message.header(Name::CSeq).unwrap_or_default());
            format!("{line} to {}", cseq.split_whitespace().last().unwrap_or("?"))
        }
    }
}

fn request(message: &Message, method: &str) -> String {
    match message.method() {
        Method::Invite => {
            let is_first = message.to().is_ok_and(|to| to.tag().is_none());
            let name = if is_first { "INVITE" } else { "re-INVITE" };
            let replaces = message.header(Name::Replaces).map_or("", |_| " with Replaces");
            format!("{name}{replaces}{}", offer(&message.body()))
        }
        Method::Refer => {
            let targets: Vec<_> =
                message.headers(Name::ReferTo).map(String::from_utf8_lossy).collect();
            format!("REFER {}", targets.join(" and ")).trim_end().to_owned()
        }
        Method::Notify => {
            let body = message.body();
            let is_end = |b: &u8| matches!(b, b'\r' | b'\n');
            let first = body.split(is_end).next().unwrap_or_default();
            let first = String::from_utf8_lossy(first);
            let state = message.header(Name::SubscriptionState).unwrap_or_default();
            let state = state.split(|b| *b == b';').next().unwrap_or_default();
            let status = first.strip_prefix("SIP/2.0 ").unwrap_or(&first);
            format!("NOTIFY  {status}, {}", String::from_utf8_lossy(state))
        }
        Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Options
        | Method::Register
        | Method::Prack
        | Method::Update
        | Method::Info
        | Method::Subscribe
        | Method::Message
        | Method::Publish
        | Method::Unknown => method.to_owned(),
    }
}

/// Lines of an offer that are unusual, the most unusual first, and what is said of them.
const UNUSUAL: [(&[u8], &str); 4] = [
    (b"c=IN IP4 0.0.0.0", " c=0.0.0.0"),
    (b"a=sendonly", " sendonly"),
    (b"a=recvonly", " recvonly"),
    (b"a=inactive", " inactive"),
];

/// What is unusual in an offer: none at all, or a hold.
fn offer(sdp: &[u8]) -> &'static str {
    if sdp.is_empty() {
        return " without offer";
    }
    let place = |line: &[u8]| UNUSUAL.iter().position(|(start, _)| line.starts_with(start));
    let places = sdp.split(|byte| *byte == b'\n').filter_map(place);
    places.min().and_then(|place| UNUSUAL.get(place)).map_or("", |(_, said)| said)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use expect_test::expect;

    use super::*;

    #[test]
    fn every_kind_of_row() {
        let text = |text: &str| text.to_owned();
        let rows = [
            ("agent-a", What::Sent(text("REFER sip:agent-b"))),
            ("agent-a", What::Got(text("202 Accepted"))),
            ("app", What::Asked(text("POST /refer  ReferTransferTarget=sip:agent-b"))),
            ("app", What::Answered(text("200  Dial"))),
            ("usera", What::Joined(text("agent-b"))),
            ("usera", What::Hears("hold music".into())),
            ("agent-a", What::Decided(text("parked"))),
        ];
        let lines: String = rows.iter().map(|(party, what)| line(party, what) + "\n").collect();
        expect![[r#"
            agent-a  ── REFER sip:agent-b ──▶
            agent-a ◀── 202 Accepted
            app     ◀── POST /refer  ReferTransferTarget=sip:agent-b
            app      ── 200  Dial ──▶
            usera ⇄ agent-b
            usera    ♪  hold music
            agent-a  ·  parked
        "#]]
        .assert_eq(&lines);
    }

    #[test]
    fn every_kind_of_message() {
        let head = "To: <sip:b>;tag=1\r\nCSeq: 7";
        for (first, rest, said) in [
            ("INVITE sip:b SIP/2.0\r\nTo: <sip:b>\r\nCSeq: 1", "INVITE\r\n\r\nv=0", "INVITE"),
            ("INVITE sip:b SIP/2.0", "INVITE\r\n\r\na=sendonly", "re-INVITE sendonly"),
            (
                "INVITE sip:b SIP/2.0\r\nReplaces: a;to-tag=1;from-tag=2\r\nTo: <sip:b>\r\nCSeq: 1",
                "INVITE\r\n\r\nv=0",
                "INVITE with Replaces",
            ),
            ("INVITE sip:b SIP/2.0", "INVITE\r\n\r\n", "re-INVITE without offer"),
            ("REFER sip:b SIP/2.0\r\nr: <sip:c?X=1>", "REFER\r\n\r\n", "REFER <sip:c?X=1>"),
            (
                "NOTIFY sip:b SIP/2.0\r\nSubscription-State: active;expires=900",
                "NOTIFY\r\n\r\nSIP/2.0 100 Trying\r\n",
                "NOTIFY  100 Trying, active",
            ),
            ("BYE sip:b SIP/2.0", "BYE\r\n\r\n", "BYE"),
            ("SIP/2.0 486 Busy Here", "INVITE\r\n\r\n", "486 Busy Here"),
            ("SIP/2.0 202 Accepted", "REFER\r\n\r\n", "202 Accepted"),
            ("SIP/2.0 481 Gone", "BYE\r\n\r\n", "481 Gone to BYE"),
        ] {
            let head = if first.contains("CSeq") { "" } else { head };
            let join = if head.is_empty() { "" } else { "\r\n" };
            let bytes = Bytes::from(format!("{first}{join}{head} {rest}"));
            let read = Message::parse(bytes).expect("a message");
            assert_eq!(message(&read), said);
        }
    }

    #[test]
    fn a_row_is_cut() {
        for (n, expected) in
            [(10, 20), (limit::ROW_MAX - 10, limit::ROW_MAX), (5_000, limit::ROW_MAX)]
        {
            let text = format!("SIP/2.0 400 No\r\nCSeq: 1 {}\r\n\r\n", "A".repeat(n));
            let long = Message::parse(Bytes::from(text)).unwrap();
            assert_eq!(message(&long).len(), expected, "{n}");
        }
    }
}
