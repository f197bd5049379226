//! Transfers by the application: cases 25 to 28.
//!
//! `<Refer>` asks UserA's phone to call AgentB by itself; the phone does so on its other line, and tells
//! what comes of it.
//! Not here: what every case ends with (`main`: nothing is left over), REFER by phones (`blind`).
//! Source: Twilio, "TwiML Voice: Refer"; RFC 3515.

use crate::bank::Bank;
use crate::blind::{TARGETS, left};
use crate::party::{AGENT_B, Party, USER_A, Who};
use crate::steps::Step;
use crate::voice::Sound;

/// UserA's other line.
const OTHER_LINE: Who = Who { name: "usera-calls-herself", ..USER_A };
/// UserA's phone is referred, and tells of its own call when the test has seen that.
const IS_REFERRED: [Step; 6] = [
    Step::Calls,
    Step::IsAnswered,
    Step::IsReferred,
    Step::Notifies("100 Trying", "active;expires=60"),
    Step::Waits,
    Step::Notifies("200 OK", "terminated;reason=noresource"),
];

/// Where UserA's phone is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    /// A user of this server.
    Endpoint,
    /// An address elsewhere, with headers for the INVITE.
    Uri,
}

/// UserA calls, is referred with `before` ahead of it, talks to AgentB by its own call; `ends` is how its first
/// call ends, and `after` the document that follows.
fn referred(bank: &Bank, case: &str, to: To, [before, after]: [&str; 2], ends: Step) {
    let mut target = Party::is_called(bank, case, AGENT_B, &TARGETS);
    let uri = match to {
        To::Endpoint => format!("sip:{case}-desk@calls.example"),
        To::Uri => format!("{}?X-Account=4711", target.uri()),
    };
    let action = format!("/referred/{case}");
    bank.app.twiml(&action, after);
    let refer = format!("<Refer action=\"{action}\"><Sip>{uri}</Sip></Refer>");
    bank.app.answers_calls_to(case, &format!("{before}{refer}"));
    let steps = [&IS_REFERRED[..], &[ends]].concat();
    let mut first = Party::calls(bank, case, USER_A, case, &steps);
    if !before.is_empty() {
        first.hears(Sound::Tone(800));
    }
    first.comes_to_wait();
    first.hears(Sound::Silence);
    let asked = first.received("Refer-To:");
    assert_eq!(asked.trim_matches(['<', '>']), uri, "{case}");

    let steps = [Step::Calls, Step::IsAnswered, Step::IsHungUp];
    let other = match to {
        To::Endpoint => {
            let user = format!("{case}-desk");
            let dial = format!("<Dial><Sip>{}</Sip></Dial>", target.uri());
            bank.app.answers_calls_to(&user, &dial);
            Party::calls(bank, case, OTHER_LINE, &user, &steps)
        }
        To::Uri => Party::calls_directly(bank, case, OTHER_LINE, &target, &steps),
    };
    target.comes_to_wait();
    target.goes_on("");
    target.comes_to_wait();
    other.talks_to(&target);
    first.goes_on("");
    first.ends_well();
    other.talks_to(&target);
    target.goes_on("");
    target.ends_well();
    other.ends_well();

    let told = bank.app.asked(&action);
    let told = ["ReferCallStatus", "ReferSipResponseCode", "NotifySipResponseCode"]
        .map(|name| told.parameter(name).to_owned());
    assert_eq!(told, ["in-progress", "202", "200"], "{case}");
    let records = match to {
        To::Endpoint => vec![
            format!("inbound {case} completed"),
            format!("inbound {case}-desk completed"),
            "outbound-dial agent-b completed".to_owned(),
        ],
        To::Uri => vec![format!("inbound {case} completed")],
    };
    left(bank, case, &records, &[]);
}

/// The call is answered and has heard something when its phone is referred; the document's end ends it.
const ANSWERED: [&str; 2] = ["<Play>/800.wav</Play>", ""];
/// The first verb; the phone hangs up by itself.
const AT_ONCE: [&str; 2] = ["", "<Pause length=\"60\"/>"];

pub(crate) fn case_25_endpoint_refer(bank: &Bank) {
    referred(bank, "case-25", To::Endpoint, ANSWERED, Step::IsHungUp);
}

pub(crate) fn case_26_endpoint_redirect(bank: &Bank) {
    referred(bank, "case-26", To::Endpoint, AT_ONCE, Step::HangsUp);
}

pub(crate) fn case_27_uri_refer(bank: &Bank) {
    referred(bank, "case-27", To::Uri, ANSWERED, Step::IsHungUp);
}

pub(crate) fn case_28_uri_redirect(bank: &Bank) {
    referred(bank, "case-28", To::Uri, AT_ONCE, Step::HangsUp);
}
