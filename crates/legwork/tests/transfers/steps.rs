//! What a party does and must see, step by step, written as a scenario for SIPp.
//!
//! SIPp fails at any message that is not the next step's: the order of the steps is part of what is
//! tested. A scenario's variables: `me` and `them` are From and To of the party's own requests; `via`
//! and `cseq` belong to the INVITE it has not answered yet, `notify_via` and `notify_cseq` to the
//! NOTIFY; `given` is what the test said when it let the party go on.
//! Not here: the process (`sipp`), who does what in which case (`blind`, `attended`, `outbound`).
//! Source: the manual of SIPp 3.6; RFC 3261, 3515, 3891.

use std::fmt::Write as _;

use crate::party::Who;

/// One step of a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// INVITE.
    Calls,
    /// 180, if it has not come yet.
    HearsRinging,
    /// 200; ACK.
    IsAnswered,
    /// INVITE comes.
    IsCalled,
    /// The same, and this regular expression is found in it.
    IsCalledWith(&'static str),
    /// 180.
    Rings,
    /// 183 with a session.
    SpeaksEarly,
    /// 200; ACK comes.
    Answers,
    /// This final status; ACK comes.
    Refuses(&'static str),
    /// This final status comes to its INVITE; ACK.
    IsRefused(u16),
    /// The test lets it go on, and gives it a word.
    Waits,
    /// REFER to what the test gave; this is the answer.
    Refers(u16),
    /// NOTIFY comes: this status line, the subscription lives.
    Hears(&'static str),
    /// NOTIFY comes: this status line, the subscription ends.
    HearsFinally(&'static str),
    /// As `Hears`; the answer is put off.
    HearsSilently(&'static str),
    /// As `HearsFinally`; the answer is put off.
    HearsFinallySilently(&'static str),
    /// The answer that was put off.
    AnswersNotify(&'static str),
    /// REFER comes; 202.
    IsReferred,
    /// NOTIFY with this status line and state of the subscription; 200.
    Notifies(&'static str, &'static str),
    /// re-INVITE with this direction; 200 with that one; ACK.
    Reinvites(&'static str, &'static str),
    /// re-INVITE with another address for its sound; 200; ACK.
    Moves,
    /// re-INVITE with Replaces; this final status; ACK.
    ReinvitesReplacing(u16),
    /// BYE; 200.
    HangsUp,
    /// BYE comes; 200.
    IsHungUp,
}

/// What a party's session descriptions offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// PCMU and keys.
    Narrow,
    /// G.722 alone, PCMU when it is asked for that.
    Wide,
}

/// What a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body<'a> {
    Nothing,
    /// A session description of this direction.
    Session(&'a str),
    /// One in which its sound is elsewhere.
    Moved,
    /// A status line.
    Fragment(&'a str),
}

/// A scenario in the making.
struct Writer {
    xml: String,
    variables: Vec<&'static str>,
    speech: Speech,
    cseq: u32,
    /// CSeq of its last INVITE.
    invite: u32,
    /// Version of its last session description.
    version: u32,
    n_waits: u32,
    /// It sets a route when it answers, which its peer must keep to.
    is_behind_a_proxy: bool,
    /// It has done so.
    is_routed: bool,
}

/// The scenario of these steps.
pub(crate) fn scenario(name: &str, who: Who, steps: &[Step]) -> String {
    let mut writer = Writer {
        xml: format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<scenario name=\"{name}\">\n"),
        variables: Vec::new(),
        speech: who.speech,
        cseq: 0,
        invite: 0,
        version: 0,
        n_waits: 0,
        is_behind_a_proxy: who.is_behind_a_proxy,
        is_routed: false,
    };
    for step in steps {
        writer.step(*step);
    }
    let _ = write!(
        writer.xml,
        "<Reference variables=\"{}\"/>\n</scenario>\n",
        writer.variables.join(",")
    );
    writer.xml
}

const SENDRECV: Body<'_> = Body::Session("sendrecv");
const CONTACT: &str = "Contact: <sip:[our_user]@[local_ip]:[local_port];transport=[transport]>";
/// Of its first INVITE, and of the ACK to its refusal.
const FIRST_VIA: &str =
    "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK[pid]first[call_number]";
const ALLOW: &str = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY";

impl Writer {
    fn step(&mut self, step: Step) {
        match step {
            Step::Calls => self.call(),
            Step::HearsRinging => self.hears_ringing(),
            Step::IsAnswered => self.is_answered(),
            Step::IsCalled => self.is_called(&[]),
            Step::IsCalledWith(what) => self.is_called(&[checked("msg", what, "seen")]),
            Step::Rings => self.answer_invite("180 Ringing", &[CONTACT], Body::Nothing),
            Step::SpeaksEarly => {
                self.answer_invite("183 Session Progress", &[CONTACT], SENDRECV);
            }
            Step::Answers => self.answers(),
            Step::Refuses(status) => self.refuses(status),
            Step::IsRefused(status) => self.is_refused(status, FIRST_VIA),
            Step::Waits => self.wait(),
            Step::Refers(status) => {
                let by = "Referred-By: <sip:[our_user]@calls.example>";
                let more = "X-Feature: send-to-voicemail";
                self.request("REFER", &[CONTACT, "Refer-To:[$given]", by, more], Body::Nothing);
                self.receive(&format!("response=\"{status}\""), &[]);
            }
            Step::Hears(status) => {
                self.is_notified("active;expires=", status);
                self.answer_last("200 OK");
            }
            Step::HearsFinally(status) => {
                self.is_notified("terminated;reason=noresource", status);
                self.answer_last("200 OK");
            }
            Step::HearsSilently(status) => self.is_notified("active;expires=", status),
            Step::HearsFinallySilently(status) => {
                self.is_notified("terminated;reason=noresource", status);
            }
            Step::AnswersNotify(status) => self.answer_notify(status),
            Step::IsReferred => {
                self.receive("request=\"REFER\"", &[]);
                self.answer_last("202 Accepted");
            }
            Step::Notifies(status, state) => self.notify(status, state),
            Step::Reinvites(ours, theirs) => self.reinvite(Body::Session(ours), theirs),
            Step::Moves => self.reinvite(Body::Moved, "sendrecv"),
            Step::ReinvitesReplacing(status) => self.reinvites_replacing(status),
            Step::HangsUp => {
                self.request("BYE", &[], Body::Nothing);
                self.receive("response=\"200\"", &[]);
            }
            Step::IsHungUp => {
                self.receive("request=\"BYE\"", &[]);
                self.answer_last("200 OK");
            }
        }
    }

    fn call(&mut self) {
        self.cseq += 1;
        self.invite = self.cseq;
        let me = " <sip:[our_user]@calls.example>;tag=[pid]c[call_number]";
        self.set("me", me);
        self.set("them", " <sip:[service]@calls.example>");
        let cseq = format!("CSeq: {} INVITE", self.cseq);
        let lines = [
            FIRST_VIA,
            "Max-Forwards: 70",
            "From:[$me]",
            "To:[$them]",
            "Call-ID: [call_id]",
            &cseq,
            CONTACT,
            ALLOW,
        ];
        self.send("INVITE sip:[service]@calls.example SIP/2.0", &lines, SENDRECV, true);
    }

    fn hears_ringing(&mut self) {
        self.receive("response=\"100\" optional=\"true\"", &[]);
        self.receive("response=\"180\" rrs=\"true\"", &[header("To", "them")]);
    }

    fn is_answered(&mut self) {
        for status in [100, 180, 183] {
            self.receive(&format!("response=\"{status}\" optional=\"true\""), &[]);
        }
        self.receive("response=\"200\" rrs=\"true\"", &[header("To", "them")]);
        self.acknowledge();
    }

    fn acknowledge(&mut self) {
        let cseq = format!("CSeq: {} ACK", self.invite);
        self.in_dialog("ACK", &cseq, &[], Body::Nothing, false);
    }

    /// The first INVITE.
    fn is_called(&mut self, more: &[String]) {
        let first = [header("From", "them"), header("To", "to")];
        self.receive_invite(&[&first[..], more].concat());
        self.set("me", "[$to];tag=[pid]s[call_number]");
    }

    fn receive_invite(&mut self, more: &[String]) {
        let always = [header("Via", "via"), header("CSeq", "cseq")];
        self.receive("request=\"INVITE\" rrs=\"true\"", &[&always[..], more].concat());
    }

    fn answers(&mut self) {
        let route = "Record-Route: <sip:[local_ip]:[local_port];lr;on=our-side>";
        let lines = [CONTACT, ALLOW, route];
        let n_lines = if self.is_behind_a_proxy { 3 } else { 2 };
        self.answer_invite("200 OK", &lines[..n_lines], SENDRECV);
        self.is_routed = self.is_behind_a_proxy;
        self.receive("request=\"ACK\"", &[]);
    }

    fn reinvites_replacing(&mut self, status: u16) {
        self.cseq += 1;
        self.invite = self.cseq;
        let via = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK[pid]again";
        let cseq = format!("CSeq: {} INVITE", self.cseq);
        let lines = [
            via,
            "Max-Forwards: 70",
            "From:[$me]",
            "To:[$them]",
            "Call-ID: [call_id]",
            &cseq,
            CONTACT,
            "Replaces: 4711@pbx.example;to-tag=1;from-tag=2",
        ];
        self.send("INVITE [next_url] SIP/2.0", &lines, SENDRECV, true);
        self.is_refused(status, via);
    }

    fn is_refused(&mut self, status: u16, via: &str) {
        self.receive(&format!("response=\"{status}\""), &[header("To", "them")]);
        let cseq = format!("CSeq: {} ACK", self.invite);
        let lines =
            [via, "Max-Forwards: 70", "From:[$me]", "To:[$them]", "Call-ID: [call_id]", &cseq];
        self.send("ACK sip:[service]@calls.example SIP/2.0", &lines, Body::Nothing, false);
    }

    fn refuses(&mut self, status: &str) {
        self.answer_invite(status, &[], Body::Nothing);
        self.receive("request=\"ACK\"", &[]);
    }

    fn answer_invite(&mut self, status: &str, more: &[&str], body: Body<'_>) {
        let lines =
            ["Via:[$via]", "From:[$them]", "To:[$me]", "Call-ID: [call_id]", "CSeq:[$cseq]"];
        let is_final = !status.starts_with('1');
        self.send(&format!("SIP/2.0 {status}"), &[&lines[..], more].concat(), body, is_final);
    }

    /// The answer to the request that came last.
    fn answer_last(&mut self, status: &str) {
        let lines =
            ["[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]"];
        self.send(&format!("SIP/2.0 {status}"), &lines, Body::Nothing, false);
    }

    fn wait(&mut self) {
        self.n_waits += 1;
        let _ = writeln!(
            self.xml,
            "<nop><action><log message=\"waits {}.\"/></action></nop>",
            self.n_waits
        );
        self.xml += "<recv request=\"INFO\"><action>";
        self.xml += &header("Subject", "given");
        self.xml += "</action></recv>\n";
        self.know("given");
    }

    fn notify(&mut self, status: &str, state: &str) {
        let state = format!("Subscription-State: {state}");
        self.request("NOTIFY", &[CONTACT, "Event: refer", &state], Body::Fragment(status));
        self.receive("response=\"200\"", &[]);
    }

    fn is_notified(&mut self, state: &str, status: &str) {
        let actions = [
            checked("hdr\" header=\"Event:", "^ *refer *$", "event"),
            checked("hdr\" header=\"Subscription-State:", state, "state"),
            checked("body", &format!("^SIP/2.0 {status}"), "status"),
            header("Via", "notify_via"),
            header("CSeq", "notify_cseq"),
        ];
        self.receive("request=\"NOTIFY\"", &actions);
    }

    fn answer_notify(&mut self, status: &str) {
        let lines = [
            "Via:[$notify_via]",
            "From:[$them]",
            "To:[$me]",
            "Call-ID: [call_id]",
            "CSeq:[$notify_cseq]",
        ];
        self.send(&format!("SIP/2.0 {status}"), &lines, Body::Nothing, false);
    }

    fn reinvite(&mut self, body: Body<'_>, theirs: &str) {
        self.request("INVITE", &[CONTACT], body);
        self.invite = self.cseq;
        self.receive("response=\"100\" optional=\"true\"", &[]);
        let direction = format!("a={theirs}");
        self.receive("response=\"200\" rrs=\"true\"", &[checked("body", &direction, "direction")]);
        self.acknowledge();
    }

    /// The party's next request in its dialog.
    fn request(&mut self, method: &str, more: &[&str], body: Body<'_>) {
        self.cseq += 1;
        let cseq = format!("CSeq: {} {method}", self.cseq);
        self.in_dialog(method, &cseq, more, body, true);
    }

    fn in_dialog(
        &mut self,
        method: &str,
        cseq: &str,
        more: &[&str],
        body: Body<'_>,
        is_repeated: bool,
    ) {
        let lines = [
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
            "[routes]",
            "Max-Forwards: 70",
            "From:[$me]",
            "To:[$them]",
            "Call-ID: [call_id]",
            cseq,
        ];
        let first = format!("{method} [next_url] SIP/2.0");
        self.send(&first, &[&lines[..], more].concat(), body, is_repeated);
    }

    fn send(&mut self, first: &str, lines: &[&str], body: Body<'_>, is_repeated: bool) {
        let retrans = if is_repeated { " retrans=\"500\"" } else { "" };
        let _ = write!(self.xml, "<send{retrans}><![CDATA[\n{first}\n");
        for line in lines {
            let _ = writeln!(self.xml, "{line}");
        }
        match body {
            Body::Nothing => self.xml += "Content-Length: 0\n\n",
            Body::Session(direction) => self.describe("[voice_port]", direction),
            Body::Moved => self.describe("[moved_port]", "sendrecv"),
            Body::Fragment(status) => {
                let kind = "message/sipfrag;version=2.0";
                let head = format!("Content-Type: {kind}\nContent-Length: [len]");
                let _ = write!(self.xml, "{head}\n\nSIP/2.0 {status}\n");
            }
        }
        self.xml += "]]></send>\n";
    }

    fn describe(&mut self, port: &str, direction: &str) {
        self.version += 1;
        let codec = match self.speech {
            Speech::Narrow => "0 101\na=rtpmap:0 PCMU/8000",
            Speech::Wide => "9 101\na=rtpmap:9 G722/8000",
        };
        let _ = write!(
            self.xml,
            "Content-Type: application/sdp\nContent-Length: [len]\n\n\
             v=0\no=phone 1 {} IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n\
             m=audio {port} RTP/AVP {codec}\na=rtpmap:101 telephone-event/8000\n\
             a=fmtp:101 0-15\na=ptime:20\na={direction}\n",
            self.version
        );
    }

    fn receive(&mut self, what: &str, actions: &[String]) {
        let is_request = what.starts_with("request");
        let mut actions = actions.to_vec();
        if self.is_routed && is_request {
            actions.push(checked("hdr\" header=\"Route:", ";lr;on=our-side", "route"));
        }
        if actions.is_empty() {
            let _ = writeln!(self.xml, "<recv {what}/>");
            return;
        }
        let _ = writeln!(self.xml, "<recv {what}><action>{}</action></recv>", actions.concat());
        for action in actions {
            let name = action.split("assign_to=\"").nth(1).and_then(|rest| rest.split('"').next());
            self.know(KNOWN.into_iter().find(|known| Some(*known) == name).unwrap());
        }
    }

    fn set(&mut self, variable: &'static str, value: &str) {
        let value = value.replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(
            self.xml,
            "<nop><action><assignstr assign_to=\"{variable}\" value=\"{value}\"/></action></nop>"
        );
        self.know(variable);
    }

    fn know(&mut self, variable: &'static str) {
        if !self.variables.contains(&variable) {
            self.variables.push(variable);
        }
    }
}

/// Every variable a message is read into.
const KNOWN: [&str; 13] = [
    "them",
    "to",
    "via",
    "cseq",
    "given",
    "event",
    "state",
    "status",
    "notify_via",
    "notify_cseq",
    "direction",
    "route",
    "seen",
];

/// Keeps a header's value, with the blank before it.
fn header(name: &str, variable: &str) -> String {
    format!("<ereg regexp=\".*\" search_in=\"hdr\" header=\"{name}:\" assign_to=\"{variable}\"/>")
}

/// Fails when this is not found.
fn checked(place: &str, regexp: &str, variable: &str) -> String {
    format!(
        "<ereg regexp=\"{regexp}\" search_in=\"{place}\" check_it=\"true\" \
         assign_to=\"{variable}\"/>"
    )
}
