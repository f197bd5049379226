//! Attended transfers: cases 14 to 24.
//!
//! The transferor talks to UserA, holds, calls somebody else (the consultation), and refers UserA to that
//! call by naming it in Replaces.
//! Not here: what every case ends with (`main`: nothing is left over), blind ones (`blind`).
//! Source: the contract of inbound REFER, "Attended transfer"; RFC 3891; RFC 5589 §7.

use crate::bank::{APPLICATION, Bank, From, KEPT, Talk};
use crate::blind::{TARGETS, left};
use crate::party::{AGENT_A, AGENT_B, Party, USER_A, Who};
use crate::steps::{Speech, Step};
use crate::voice::Sound;

/// The transferor's other line.
const CONSULTATION: Who = Who { name: "agent-a-consults", ..AGENT_A };
/// The transferor holds, waits until it has consulted, refers and is released.
const HOLDS: [Step; 3] = [Step::Waits, Step::Reinvites("sendonly", "recvonly"), Step::Waits];
const REFERS: [Step; 4] =
    [Step::Refers(202), Step::Hears("100 Trying"), Step::HearsFinally("200 OK"), Step::IsHungUp];
/// The same, and is told that the target rings.
const REFERS_TO_WHO_RINGS: [Step; 5] =
    [REFERS[0], REFERS[1], Step::Hears("180 Ringing"), REFERS[2], REFERS[3]];
/// The consultation leg of a conversation, and that of a call not yet answered.
const CONSULTS: [Step; 3] = [Step::Calls, Step::IsAnswered, Step::IsHungUp];
const CONSULTS_WHO_RINGS: [Step; 3] = [Step::Calls, Step::HearsRinging, Step::IsRefused(487)];

/// The user a consultation calls.
fn consulted(case: &str) -> String {
    format!("{case}-consulted")
}

/// The transferor holds its caller and calls, by its other line, a user whose document is this.
fn consult(bank: &Bank, case: &str, talk: &mut Talk, document: &str, steps: &[Step]) -> Party {
    talk.transferor.goes_on("");
    talk.transferor.comes_to_wait();
    let user = consulted(case);
    bank.app.answers_calls_to(&user, document);
    Party::calls(bank, case, CONSULTATION, &user, steps)
}

fn dial(party: &Party) -> String {
    format!("<Dial answerOnBridge=\"true\"><Sip>{}</Sip></Dial>", party.uri())
}

/// Refer-To for a consultation: whom it has called, and which dialog it is.
fn refer_to(case: &str, consultation: &Party) -> String {
    let user = consulted(case);
    format!("<sip:{user}@calls.example?Replaces={}>", consultation.named())
}

/// The call records of a case in which everybody was answered, but perhaps the consultation leg.
fn records(case: &str, from: From, consultation: &str, target: &str) -> [String; 4] {
    let called = match from {
        From::Caller => "usera",
        From::Callee => "agent-a",
    };
    [
        format!("inbound {case} completed"),
        format!("outbound-dial {called} completed"),
        format!("inbound {} {consultation}", consulted(case)),
        format!("outbound-dial {target} completed"),
    ]
}

/// Who was consulted and the transferee talk, until one hangs up.
fn ends(transferee: Party, target: Party) {
    transferee.talks_to(&target);
    target.goes_on("");
    target.ends_well();
    transferee.ends_well();
}

/// The application was asked for the transferee, and told which call was named.
fn was_asked(bank: &Bank, case: &str, from: From, refer_to: &str) {
    bank.was_asked(case, from, refer_to);
    let refer = bank.app.asked(&format!("/refer/{case}"));
    let named = bank.app.asked(&format!("/voice/{}", consulted(case)));
    assert_eq!(refer.parameter("ReferReplacesCallSid"), named.parameter("CallSid"), "{case}");
}

/// The transferor talks to the target before it refers. The document names the target as Refer-To does,
/// or as the consultation has dialled it.
fn local(bank: &Bank, case: &str, from: From) {
    let mut target = Party::is_called(bank, case, AGENT_B, &TARGETS);
    let steps = [&HOLDS[..], &REFERS].concat();
    let mut talk = bank.talk(case, from, KEPT, [&steps, &[Step::IsHungUp]]);
    let consultation = consult(bank, case, &mut talk, &dial(&target), &CONSULTS);
    let Talk { transferor, transferee } = talk;
    target.comes_to_wait();
    target.goes_on("");
    target.comes_to_wait();
    consultation.talks_to(&target);
    let noun = match from {
        From::Caller => format!("sip:{}@calls.example", consulted(case)),
        From::Callee => target.uri(),
    };
    bank.refers_to(case, &format!("<Dial><Sip>{noun}</Sip></Dial>"));
    let refer_to = refer_to(case, &consultation);
    transferor.goes_on(&refer_to);
    transferor.ends_well();
    consultation.ends_well();
    ends(transferee, target);
    was_asked(bank, case, from, &refer_to);
    left(bank, case, &records(case, from, "completed", "agent-b"), &[]);
}

pub(crate) fn case_14_caller_local(bank: &Bank) {
    local(bank, "case-14", From::Caller);
}

pub(crate) fn case_15_callee_local(bank: &Bank) {
    local(bank, "case-15", From::Callee);
}

/// The consultation runs an application, which has no far party: the transferee gets a call of that
/// application of its own, and the consultation leg lives until it hangs up.
fn local_app(bank: &Bank, case: &str, from: From) {
    let steps = [&HOLDS[..], &REFERS].concat();
    let mut talk = bank.talk(case, from, KEPT, [&steps, &[Step::Waits, Step::HangsUp]]);
    let document = "<Play loop=\"0\">/800.wav</Play>";
    bank.app.twiml("/application", document);
    let steps = [&CONSULTS[..2], &[Step::Waits, Step::HangsUp]].concat();
    let mut consultation = consult(bank, case, &mut talk, document, &steps);
    let Talk { transferor, mut transferee } = talk;
    consultation.comes_to_wait();
    consultation.hears(Sound::Tone(800));
    let noun = format!("<Application>{APPLICATION}</Application>");
    bank.refers_to(case, &format!("<Dial>{noun}</Dial>"));
    let refer_to = refer_to(case, &consultation);
    transferor.goes_on(&refer_to);
    transferor.ends_well();
    transferee.hears(Sound::Tone(800));
    consultation.hears(Sound::Tone(800));
    consultation.goes_on("");
    consultation.ends_well();
    transferee.comes_to_wait();
    transferee.goes_on("");
    transferee.ends_well();
    was_asked(bank, case, from, &refer_to);
    left(bank, case, &records(case, from, "completed", APPLICATION), &[]);
}

pub(crate) fn case_16_caller_local_app(bank: &Bank) {
    local_app(bank, "case-16", From::Caller);
}

pub(crate) fn case_17_callee_local_app(bank: &Bank) {
    local_app(bank, "case-17", From::Callee);
}

/// The transferor refers while the target still rings, which goes on ringing, for the transferee.
fn local_blonde(bank: &Bank, case: &str, from: From, agent_a: Who) {
    let mut target = Party::is_called(bank, case, AGENT_B, &TARGETS);
    let steps = [&HOLDS[..], &REFERS_TO_WHO_RINGS].concat();
    let parties = [agent_a, USER_A];
    let mut talk = bank.connect(case, case, from, KEPT, parties, [&steps, &[Step::IsHungUp]]);
    talk.transferor.talks_to(&talk.transferee);
    let consultation = consult(bank, case, &mut talk, &dial(&target), &CONSULTS_WHO_RINGS);
    let Talk { transferor, transferee } = talk;
    target.comes_to_wait();
    bank.refers_to(case, &format!("<Dial><Sip>{}</Sip></Dial>", target.uri()));
    let refer_to = refer_to(case, &consultation);
    transferor.goes_on(&refer_to);
    transferee.hears(Sound::Ringback);
    target.goes_on("");
    target.comes_to_wait();
    transferor.ends_well();
    consultation.ends_well();
    ends(transferee, target);
    was_asked(bank, case, from, &refer_to);
    left(bank, case, &records(case, from, "no-answer", "agent-b"), &[]);
}

pub(crate) fn case_18_caller_local_blonde(bank: &Bank) {
    local_blonde(bank, "case-18", From::Caller, AGENT_A);
}

pub(crate) fn case_19_callee_local_blonde(bank: &Bank) {
    local_blonde(bank, "case-19", From::Callee, AGENT_A);
}

/// The same behind a proxy that stays in the path of the transferor's call: all we send goes by way of it.
pub(crate) fn case_20_callee_local_semi_attended_transfer_record_route(bank: &Bank) {
    let agent_a = Who { is_behind_a_proxy: true, ..AGENT_A };
    local_blonde(bank, "case-20", From::Callee, agent_a);
}

/// Transferor and transferee speak G.722, the target PCMU: what one says is converted for the other. Then the
/// target takes its sound elsewhere.
fn local_direct_media(bank: &Bank, case: &str, from: From) {
    let wide = |who: Who| Who { speech: Speech::Wide, ..who };
    let moves = [&TARGETS[..4], &[Step::Waits, Step::Moves, Step::Waits, Step::HangsUp]].concat();
    let mut target = Party::is_called(bank, case, AGENT_B, &moves);
    let steps = [&HOLDS[..], &REFERS].concat();
    let parties = [wide(AGENT_A), wide(USER_A)];
    let mut talk = bank.connect(case, case, from, KEPT, parties, [&steps, &[Step::IsHungUp]]);
    talk.transferor.talks_to(&talk.transferee);
    let consultation = consult(bank, case, &mut talk, &dial(&target), &CONSULTS);
    let Talk { transferor, transferee } = talk;
    target.comes_to_wait();
    target.goes_on("");
    target.comes_to_wait();
    consultation.talks_to(&target);
    bank.refers_to(case, &format!("<Dial><Sip>{}</Sip></Dial>", target.uri()));
    let refer_to = refer_to(case, &consultation);
    transferor.goes_on(&refer_to);
    transferor.ends_well();
    consultation.ends_well();
    transferee.talks_to(&target);
    target.moves();
    target.goes_on("");
    target.comes_to_wait();
    target.has_left();
    ends(transferee, target);
    was_asked(bank, case, from, &refer_to);
    left(bank, case, &records(case, from, "completed", "agent-b"), &[]);
}

pub(crate) fn case_21_caller_local_direct_media(bank: &Bank) {
    local_direct_media(bank, "case-21", From::Caller);
}

pub(crate) fn case_22_callee_local_direct_media(bank: &Bank) {
    local_direct_media(bank, "case-22", From::Callee);
}

/// What the target and the transferor's other line call their dialog, which this server has never seen.
const FOREIGN: &str = "4711@pbx.example%3Bto-tag%3Dagent-b%3Bfrom-tag%3Dagent-a";

/// The consultation was on another server: the target gets an INVITE that replaces it.
fn remote(bank: &Bank, case: &str, from: From) {
    let replaces =
        Step::IsCalledWith("Replaces: *4711@pbx.example;to-tag=agent-b;from-tag=agent-a");
    let steps = [&[replaces, Step::Answers], &TARGETS[4..]].concat();
    let mut target = Party::is_called(bank, case, AGENT_B, &steps);
    let steps = [&HOLDS[..], &REFERS].concat();
    let mut talk = bank.talk(case, from, KEPT, [&steps, &[Step::IsHungUp]]);
    talk.transferor.goes_on("");
    talk.transferor.comes_to_wait();
    let uri = target.uri();
    bank.refers_to(case, &format!("<Dial><Sip>{uri}</Sip></Dial>"));
    let refer_to = format!("<{uri}?Replaces={FOREIGN}&Require=replaces>");
    let Talk { transferor, transferee } = talk;
    transferor.goes_on(&refer_to);
    target.comes_to_wait();
    transferor.ends_well();
    ends(transferee, target);
    bank.was_asked(case, from, &refer_to);
    let [first, second, _, last] = records(case, from, "", "agent-b");
    left(bank, case, &[first, second, last], &[]);
}

pub(crate) fn case_23_caller_remote(bank: &Bank) {
    remote(bank, "case-23", From::Caller);
}

pub(crate) fn case_24_callee_remote(bank: &Bank) {
    remote(bank, "case-24", From::Callee);
}
