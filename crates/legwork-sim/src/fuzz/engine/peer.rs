//! What the phones of a schedule say, as text, and what they know of their dialogs.
//!
//! They keep to no state machine: any request and response may come at any time.
//! Not here: when (`engine`), sending it (`engine/outside`).

use std::fmt::Write as _;
use std::net::SocketAddr;

use legwork_sip::Message;
use legwork_sip::header::Name;

use super::schedule::Schedule;

/// A phone's side of a dialog, or of what may become one.
#[derive(Clone, Debug, Default)]
pub(super) struct Dialog {
    /// Last octet of the phone's address.
    pub(super) phone: u8,
    pub(super) call_id: String,
    pub(super) ours: String,
    pub(super) theirs: String,
    /// The other side's Contact.
    pub(super) target: String,
    pub(super) cseq: u32,
    /// Of the INVITE, for ACK and CANCEL.
    pub(super) invite: (u32, String),
}

/// Numbers of the phones: usera, three agents, the carrier, and a stranger.
const PHONES: [u8; 6] = [2, 3, 4, 5, 9, 77];

const METHODS: [&str; 20] = [
    "ACK",
    "BYE",
    "REFER",
    "INVITE",
    "CANCEL",
    "NOTIFY",
    "UPDATE",
    "INFO",
    "PRACK",
    "OPTIONS",
    "REFER",
    "SUBSCRIBE",
    "MESSAGE",
    "ACK",
    "BYE",
    "REFER",
    "INVITE",
    "PUBLISH",
    "REGISTER",
    "FOO",
];

const STATUSES: [u16; 24] = [
    200, 180, 183, 200, 486, 100, 200, 302, 401, 407, 404, 408, 415, 422, 481, 488, 491, 500, 503,
    603, 202, 199, 300, 699,
];

const SDP: [&str; 8] = [
    "v=0\r\no=- 1 1 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 10.0.0.3\r\nt=0 0\r\n\
     m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n",
    "v=0\r\no=- 1 2 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 10.0.0.3\r\nt=0 0\r\n\
     m=audio 4000 RTP/AVP 8\r\na=sendonly\r\n",
    "v=0\r\no=- 1 3 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n\
     m=audio 4000 RTP/AVP 0\r\na=inactive\r\n",
    "v=0\r\no=- 1 4 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 10.0.0.3\r\nt=0 0\r\n\
     m=audio 4000 RTP/AVP 9 111\r\na=rtpmap:111 opus/48000/2\r\n",
    "v=0\r\no=- 1 5 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\n\
     m=image 9 udptl t38\r\nm=audio 4002 RTP/AVP 0\r\n",
    "v=0\r\no=- 1 6 IN IP4 10.0.0.3\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n",
    "v=0\r\nm=audio 4000 RTP/AVP 3 4294967296\r\n",
    "no session at all",
];

/// Lines that change what a message means.
const LINES: [&str; 32] = [
    "",
    "",
    "",
    "",
    "Supported: timer, replaces, 100rel\r\n",
    "Require: 100rel\r\nRSeq: 1\r\n",
    "Require: 100rel\r\nRSeq: 2\r\n",
    "Session-Expires: 90;refresher=uac\r\nSupported: timer\r\n",
    "Session-Expires: 90;refresher=uas\r\nRequire: timer\r\n",
    "Session-Expires: 10\r\nMin-SE: 10\r\n",
    "Min-SE: 200\r\n",
    "Refer-Sub: false\r\n",
    "Supported: norefersub\r\n",
    "Referred-By: <sip:agent-a@bank.example.com>\r\n",
    "Require: replaces\r\n",
    "Require: unknown\r\n",
    "Event: refer\r\nSubscription-State: active;expires=60\r\n",
    "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n",
    "Event: presence\r\nExpires: 0\r\n",
    "Expires: 4294967295\r\n",
    "Retry-After: 5\r\n",
    "Record-Route: <sip:10.0.0.66;lr>\r\n",
    "Route: <sip:10.0.0.66;lr>, <sip:a>\r\n",
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n",
    "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, stale=true\r\n",
    "Authorization: Digest username=\"agent-a\", realm=\"bank.example.com\", nonce=\"x\", \
     uri=\"sip:a\", response=\"00000000000000000000000000000000\"\r\n",
    "RAck: 1 1 INVITE\r\n",
    "RAck: 2 1 INVITE\r\n",
    "User-to-User: 00\r\nX-A: b\r\nDiversion: /\r\nP-Asserted-Identity: \"a\" <tel:+1>\r\n",
    "Reason: Q.850;cause=16\r\nUser-Agent: a\x1b[31m\r\n",
    "Max-Forwards: 0\r\n",
    "Target-Dialog: dialog;local-tag=a;remote-tag=b\r\n",
];

const REFER_TO: [&str; 16] = [
    "<sip:agent-b@bank.example.com>",
    "sip:agent-c@10.0.0.5",
    "<sip:+15551234567@bank.example.com;user=phone>",
    "\"B\" <sip:agent-b@10.0.0.4;transport=tcp?X-A=1&User-to-User=2>",
    "<sip:agent-b@x?Replaces=c%3Bto-tag%3Dd%3Bfrom-tag%3De>",
    "<sip:agent-b;method=BYE>",
    "<tel:+15551234567>",
    "<sip:agent-b@x?X=%0d%0aRoute:a>",
    "<sip:agent-b@x?Route=%3Csip:y%3E&Via=z&Content-Length=1>",
    "<sip:a@[::1]:5060>",
    "<http://example.com/>",
    "/",
    "",
    "<sip:agent-b@x>, <sip:agent-c@x>",
    "<sips:agent-b@name.example>",
    "sip:agent-b@x?replaces=c;to-tag=d;from-tag=e",
];

/// The address of a phone.
pub(super) fn address(phone: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, phone], 5060))
}

impl Dialog {
    /// A phone is about to call.
    pub(super) fn calling(schedule: &mut Schedule<'_>, number: usize) -> Self {
        let phone = schedule.pick(&PHONES);
        Self {
            phone,
            call_id: format!("c{number}"),
            ours: format!("o{number}"),
            theirs: String::new(),
            target: schedule
                .pick(&[
                    "sip:bank@bank.example.com",
                    "sip:+815012345678@10.0.0.1",
                    "sip:10.0.0.1",
                    "sip:agent-a@bank.example.com",
                ])
                .to_owned(),
            cseq: 0,
            invite: (0, String::new()),
        }
    }

    /// A request of the phone in this dialog.
    pub(super) fn request(
        &mut self,
        schedule: &mut Schedule<'_>,
        others: &[Self],
        branch: usize,
    ) -> String {
        let method = schedule.pick(&METHODS);
        let how = schedule.byte();
        if how & 0x80 == 0 {
            // As it should be: the next number, or that of the INVITE.
            self.cseq = self.cseq.saturating_add(u32::from(!matches!(method, "ACK" | "CANCEL")));
        } else {
            self.cseq = self.cseq.wrapping_add(u32::from(how & 0x7f));
        }
        let (cseq, branch) = match method {
            "ACK" | "CANCEL" if how & 1 == 0 => self.invite.clone(),
            _ => (self.cseq, format!("z9hG4bKb{branch}")),
        };
        if method == "INVITE" {
            self.invite = (cseq, branch.clone());
        }
        let mut lines = schedule.pick(&LINES).to_owned();
        match method {
            "REFER" => refer_lines(&mut lines, schedule, others),
            "NOTIFY" if !lines.contains("Event") => lines.push_str(
                "Event: refer\r\nSubscription-State: active\r\nContent-Type: message/sipfrag\r\n",
            ),
            "INVITE" if how & 0x60 == 0x60 => {
                let other = others.get(usize::from(schedule.byte()) % others.len().max(1));
                if let Some(other) = other {
                    let _ = write!(lines, "Replaces: {}\r\n", other.named(schedule.byte()));
                }
            }
            _ => {}
        }
        let body = match (method, how & 0x10) {
            ("INVITE" | "UPDATE" | "ACK" | "PRACK", 0) => schedule.pick(&SDP),
            ("NOTIFY", 0) => schedule.pick(&[
                "SIP/2.0 100 Trying\r\n",
                "SIP/2.0 200 OK\r\n",
                "SIP/2.0 486 Busy Here\r\n",
                "SIP/2.0",
            ]),
            _ => "",
        };
        self.text(method, cseq, &branch, &lines, body)
    }

    /// The phone calls.
    pub(super) fn invite(&mut self, schedule: &mut Schedule<'_>, branch: usize) -> String {
        self.cseq = 1;
        let branch = format!("z9hG4bKb{branch}");
        self.invite = (1, branch.clone());
        let lines = schedule.pick(&LINES);
        let body = if schedule.byte() % 8 == 7 { "" } else { schedule.pick(&SDP) };
        self.text("INVITE", 1, &branch, lines, body)
    }

    /// The phone registers.
    pub(super) fn register(&mut self, schedule: &mut Schedule<'_>, branch: usize) -> String {
        self.cseq += 1;
        self.target = "sip:bank.example.com".to_owned();
        let lines = schedule.pick(&LINES);
        self.text("REGISTER", self.cseq, &format!("z9hG4bKb{branch}"), lines, "")
    }

    fn text(&self, method: &str, cseq: u32, branch: &str, lines: &str, body: &str) -> String {
        let Self { phone, call_id, ours, theirs, target, .. } = self;
        let (ip, to_tag) = (address(*phone).ip(), if theirs.is_empty() { "" } else { ";tag=" });
        let kind = if body.starts_with("v=") { "Content-Type: application/sdp\r\n" } else { "" };
        format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {ip};branch={branch};rport\r\n\
             From: <sip:phone@bank.example.com>;tag={ours}\r\n\
             To: <sip:bank@bank.example.com>{to_tag}{theirs}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:phone@{ip}>\r\n{lines}{kind}\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// This dialog as `Replaces` names it, seen from one side or the other.
    fn named(&self, how: u8) -> String {
        let Self { call_id, ours, theirs, .. } = self;
        let (to, from) = if how & 1 == 0 { (theirs, ours) } else { (ours, theirs) };
        let early = if how & 2 == 0 { "" } else { ";early-only" };
        format!("{call_id};to-tag={to};from-tag={from}{early}")
    }
}

fn refer_lines(lines: &mut String, schedule: &mut Schedule<'_>, others: &[Dialog]) {
    let how = schedule.byte();
    let other = others.get(usize::from(how >> 4) % others.len().max(1));
    let target = match other {
        Some(other) if how & 8 != 0 => {
            let named = other.named(how).replace(';', "%3B").replace('=', "%3D");
            format!("<{}?Replaces={named}>", other.target)
        }
        Some(_) | None => REFER_TO.get(usize::from(how) % REFER_TO.len()).map_or("", |t| t).into(),
    };
    if how & 7 != 7 || how & 8 == 0 {
        let _ = write!(lines, "Refer-To: {target}\r\n");
    }
}

/// A response of a phone to a request of the switch, and the dialog it may begin.
pub(super) fn response(
    request: &Message,
    phone: u8,
    schedule: &mut Schedule<'_>,
    number: usize,
) -> (String, Option<Dialog>) {
    let (status, how) = (schedule.pick(&STATUSES), schedule.byte());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let one = |name: Name| request.header(name).map(text).unwrap_or_default();
    let mut out = format!("SIP/2.0 {status} Words\r\n");
    for via in request.headers(Name::Via) {
        let _ = write!(out, "Via: {}\r\n", text(via));
    }
    let (to, cseq) = (one(Name::To), one(Name::CSeq));
    // Few tags, so that forks and the same answer twice both happen.
    let tag = format!("r{number}x{}", how >> 6);
    let has_tag = to.contains(";tag=");
    let to = if has_tag || status == 100 { to } else { format!("{to};tag={tag}") };
    let contact = match status / 100 {
        3 => schedule
            .pick(&[
                "<sip:agent-b@10.0.0.4>",
                "<sip:agent-c@10.0.0.5>;q=0.5, <sip:agent-b@name.example>",
                "<sip:10.0.0.1>",
                "*",
            ])
            .to_owned(),
        _ => format!("<sip:phone@{}>", address(phone).ip()),
    };
    let _ = write!(
        out,
        "From: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {cseq}\r\nContact: {contact}\r\n{}",
        one(Name::From),
        one(Name::CallId),
        schedule.pick(&LINES),
    );
    let is_invite = cseq.ends_with("INVITE");
    let wants_body = cseq.ends_with("UPDATE") || cseq.ends_with("PRACK") || is_invite;
    let body = if wants_body && how & 7 != 7 && status < 300 && status != 100 {
        out.push_str("Content-Type: application/sdp\r\n");
        if how & 8 == 0 { SDP[0] } else { schedule.pick(&SDP) }
    } else {
        ""
    };
    let _ = write!(out, "Content-Length: {}\r\n\r\n{body}", body.len());
    let begins = is_invite && !has_tag && (101..300).contains(&status);
    let dialog = begins.then(|| Dialog {
        phone,
        call_id: one(Name::CallId),
        ours: tag,
        theirs: request.from().ok().and_then(|from| from.tag().map(text)).unwrap_or_default(),
        target: target_of(request).unwrap_or_default(),
        cseq: 0,
        invite: (0, String::new()),
    });
    (out, dialog)
}

/// Where a message says further requests go.
pub(super) fn target_of(message: &Message) -> Option<String> {
    let contact = message.contact().ok()?;
    Some(String::from_utf8_lossy(contact.uri().as_bytes()).into_owned())
}
