//! Blind transfers: cases 1 to 13.
//!
//! Not here: what every case ends with (`main`: nothing is left over), attended ones (`attended`).
//! Source: the contract of inbound REFER; the numbers are those of `docs/transfers.md`.

use crate::bank::{Bank, From, KEPT, RELEASED, Talk};
use crate::party::{AGENT_A, AGENT_B, Party, USER_A, Who};
use crate::steps::Step;
use crate::voice::Sound;

/// Where the transferor sends its caller.
const TARGET: &str = "<sip:agent-b@calls.example?X-Account=4711>";
/// What a transferor does who is kept until the target is there.
const REFERS: [Step; 6] = [
    Step::Waits,
    Step::Refers(202),
    Step::Hears("100 Trying"),
    Step::Hears("180 Ringing"),
    Step::HearsFinally("200 OK"),
    Step::IsHungUp,
];
/// What the target does: answers when the test says so, and hangs up when it says so.
pub(crate) const TARGETS: [Step; 6] =
    [Step::IsCalled, Step::Rings, Step::Waits, Step::Answers, Step::Waits, Step::HangsUp];

/// The target of a case, where its `referUrl` sends the transferee.
fn target(bank: &Bank, case: &str, steps: &[Step]) -> Party {
    let target = Party::is_called(bank, case, AGENT_B, steps);
    bank.refers_to(case, &format!("<Dial><Sip>{}</Sip></Dial>", target.uri()));
    target
}

/// The records of a case in which everything went well.
fn completed(case: &str, from: From) -> [String; 3] {
    let called = match from {
        From::Caller => "usera",
        From::Callee => "agent-a",
    };
    [
        format!("inbound {case} completed"),
        format!("outbound-dial {called} completed"),
        "outbound-dial agent-b completed".to_owned(),
    ]
}

/// What a case leaves behind it: records of calls and alerts.
pub(crate) fn left(bank: &Bank, case: &str, records: &[String], alerts: &[u64]) {
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    bank.left_records(case, &records);
    bank.left_alerts(case, alerts);
}

/// The target rings, answers, talks and hangs up; the transferor has been told of each and is gone.
/// Until then it hears what is given.
fn goes_through(talk: Talk, mut target: Party, parked: Sound) {
    let Talk { transferor, transferee } = talk;
    target.comes_to_wait();
    transferee.hears(Sound::Ringback);
    transferor.hears(parked);
    target.goes_on("");
    target.comes_to_wait();
    transferee.talks_to(&target);
    transferor.ends_well();
    target.goes_on("");
    target.ends_well();
    transferee.ends_well();
}

/// REFER without hold. The transferor hangs up as soon as it hears that the target is there.
fn refer_only(bank: &Bank, case: &str, from: From) {
    let target = target(bank, case, &TARGETS);
    let leaves = [
        &REFERS[..4],
        &[Step::HearsFinallySilently("200 OK"), Step::HangsUp, Step::AnswersNotify("200 OK")],
    ]
    .concat();
    let talk = bank.talk(case, from, KEPT, [&leaves, &[Step::IsHungUp]]);
    talk.transferor.goes_on(TARGET);
    goes_through(talk, target, Sound::Silence);
    bank.was_asked(case, from, TARGET);
    left(bank, case, &completed(case, from), &[]);
}

pub(crate) fn case_01_caller_refer_only(bank: &Bank) {
    refer_only(bank, "case-01", From::Caller);
}

pub(crate) fn case_02_callee_refer_only(bank: &Bank) {
    refer_only(bank, "case-02", From::Callee);
}

/// The transferor holds first: it hears nothing, and goes on saying what it has for those who are held.
/// After the transfer the transferee and the target hear one another, and nothing else.
fn with_hold(bank: &Bank, case: &str, from: From) {
    let target = target(bank, case, &TARGETS);
    let holds = [&[Step::Waits, Step::Reinvites("sendonly", "recvonly")], &REFERS[..]].concat();
    let mut talk = bank.talk(case, from, KEPT, [&holds, &[Step::IsHungUp]]);
    talk.transferor.goes_on("");
    talk.transferor.comes_to_wait();
    talk.transferor.hears(Sound::Nothing);
    talk.transferee.hears(Sound::Tone(AGENT_A.hz));
    talk.transferor.goes_on(TARGET);
    goes_through(talk, target, Sound::Nothing);
    bank.was_asked(case, from, TARGET);
    left(bank, case, &completed(case, from), &[]);
}

pub(crate) fn case_03_caller_with_hold(bank: &Bank) {
    with_hold(bank, "case-03", From::Caller);
}

pub(crate) fn case_04_callee_with_hold(bank: &Bank) {
    with_hold(bank, "case-04", From::Callee);
}

/// The transferor hangs up while a NOTIFY waits for its answer, and answers that with 481.
pub(crate) fn case_05_caller_with_hold_481(bank: &Bank) {
    let case = "case-05";
    let early = [&[Step::IsCalled, Step::SpeaksEarly], &TARGETS[2..]].concat();
    let mut target = target(bank, case, &early);
    let leaves = [
        Step::Waits,
        Step::Reinvites("sendonly", "recvonly"),
        Step::Refers(202),
        Step::Hears("100 Trying"),
        Step::HearsSilently("183 Session Progress"),
        Step::HangsUp,
        Step::AnswersNotify("481 Subscription Does Not Exist"),
    ];
    let Talk { transferor, transferee } =
        bank.talk(case, From::Caller, KEPT, [&leaves, &[Step::IsHungUp]]);
    transferor.goes_on(TARGET);
    target.comes_to_wait();
    transferee.hears(Sound::Tone(AGENT_B.hz));
    transferor.ends_well();
    target.goes_on("");
    target.comes_to_wait();
    transferee.talks_to(&target);
    target.goes_on("");
    target.ends_well();
    transferee.ends_well();
    left(bank, case, &completed(case, From::Caller), &[]);
}

/// User parts have options, as carriers write them, and the Refer-To has no angle brackets.
pub(crate) fn case_06_caller_with_hold_drop_options(bank: &Bank) {
    let case = "case-06";
    let user = "case-06;phone-context=national";
    let refer_to = "sip:agent-b;phone-context=national@calls.example;user=phone";
    let target = target(bank, case, &TARGETS);
    let holds = [&[Step::Waits, Step::Reinvites("sendonly", "recvonly")], &REFERS[..]].concat();
    let parties = [Who { name: "agent-a;phone-context=national", ..AGENT_A }, USER_A];
    let mut talk =
        bank.connect(case, user, From::Caller, KEPT, parties, [&holds, &[Step::IsHungUp]]);
    talk.transferor.talks_to(&talk.transferee);
    talk.transferor.goes_on("");
    talk.transferor.comes_to_wait();
    talk.transferor.goes_on(refer_to);
    goes_through(talk, target, Sound::Nothing);
    bank.was_asked(case, From::Caller, refer_to);
    left(bank, case, &completed(user, From::Caller), &[]);
}

/// Both parties take their sound elsewhere: the transferor before it refers, the transferee while the
/// target rings.
fn direct_media(bank: &Bank, case: &str, from: From) {
    let mut target = target(bank, case, &TARGETS);
    let moves = [&[Step::Waits, Step::Moves], &REFERS[..]].concat();
    let steps = [&moves[..], &[Step::Waits, Step::Moves, Step::Waits, Step::IsHungUp]];
    let Talk { mut transferor, mut transferee } = bank.talk(case, from, KEPT, steps);
    transferor.moves();
    transferor.goes_on("");
    transferor.comes_to_wait();
    transferor.talks_to(&transferee);
    transferor.has_left();
    transferor.goes_on(TARGET);
    target.comes_to_wait();
    transferee.hears(Sound::Ringback);
    transferee.comes_to_wait();
    transferee.moves();
    transferee.goes_on("");
    transferee.comes_to_wait();
    transferee.hears(Sound::Ringback);
    target.goes_on("");
    target.comes_to_wait();
    transferee.talks_to(&target);
    transferee.has_left();
    transferor.ends_well();
    transferee.goes_on("");
    target.goes_on("");
    target.ends_well();
    transferee.ends_well();
    bank.was_asked(case, from, TARGET);
    left(bank, case, &completed(case, from), &[]);
}

pub(crate) fn case_07_caller_direct_media(bank: &Bank) {
    direct_media(bank, "case-07", From::Caller);
}

pub(crate) fn case_08_callee_direct_media(bank: &Bank) {
    direct_media(bank, "case-08", From::Callee);
}

/// Transfers are switched off: 603, and the call goes on.
pub(crate) fn case_09_disallow(_: &Bank) {
    let off = "enhanced_sip_features = false\nauth_token";
    let bank = &Bank::start("disallow", |config| config.replacen("auth_token", off, 1));
    let stays = [Step::Waits, Step::Refers(603), Step::Waits, Step::HangsUp];
    for (case, from) in [("case-09-caller", From::Caller), ("case-09-callee", From::Callee)] {
        let mut talk = bank.talk(case, from, KEPT, [&stays, &[Step::IsHungUp]]);
        talk.transferor.goes_on(TARGET);
        talk.transferor.comes_to_wait();
        talk.transferor.talks_to(&talk.transferee);
        talk.transferor.goes_on("");
        talk.transferor.ends_well();
        talk.transferee.ends_well();
        left(bank, case, &completed(case, from)[..2], &[91304]);
        assert!(bank.app.first(&format!("/refer/{case}")).is_none(), "{case} was asked");
    }
    bank.server.is_back_at_the_baseline();
}

/// The application sends the transferee elsewhere: a file first, then a phone nobody has named.
pub(crate) fn case_10_goto_on_blindxfr(bank: &Bank) {
    let case = "case-10";
    let elsewhere = Who { name: "elsewhere", hz: 1400, ..AGENT_B };
    let steps = [&[Step::IsCalled, Step::Rings, Step::Answers], &TARGETS[4..]].concat();
    let mut target = Party::is_called(bank, case, elsewhere, &steps);
    bank.refers_to(case, &format!("<Play>/800.wav</Play><Dial><Sip>{}</Sip></Dial>", target.uri()));
    let Talk { transferor, transferee } =
        bank.talk(case, From::Callee, KEPT, [&REFERS, &[Step::IsHungUp]]);
    transferor.goes_on(TARGET);
    transferee.hears(Sound::Tone(800));
    transferor.hears(Sound::Silence);
    target.comes_to_wait();
    transferee.talks_to(&target);
    transferor.ends_well();
    target.goes_on("");
    target.ends_well();
    transferee.ends_well();
    bank.was_asked(case, From::Callee, TARGET);
    let mut records = completed(case, From::Callee);
    records[2] = "outbound-dial elsewhere completed".to_owned();
    left(bank, case, &records, &[]);
}

/// The transferor is released once the application has said where to: two NOTIFYs, then BYE, while the
/// target still rings.
pub(crate) fn case_11_immediate_ok_notify(bank: &Bank) {
    let case = "case-11";
    let mut target = target(bank, case, &TARGETS);
    let released = [
        Step::Waits,
        Step::Refers(202),
        Step::Hears("100 Trying"),
        Step::HearsFinally("200 OK"),
        Step::IsHungUp,
    ];
    let Talk { transferor, transferee } =
        bank.talk(case, From::Callee, RELEASED, [&released, &[Step::IsHungUp]]);
    transferor.goes_on(TARGET);
    target.comes_to_wait();
    transferor.ends_well();
    transferee.hears(Sound::Ringback);
    target.goes_on("");
    target.comes_to_wait();
    transferee.talks_to(&target);
    target.goes_on("");
    target.ends_well();
    transferee.ends_well();
    bank.was_asked(case, From::Callee, TARGET);
    left(bank, case, &completed(case, From::Callee), &[]);
}

/// Refer-To has no user part: the application sees it so, and says where to.
pub(crate) fn case_12_no_target_in_refer(bank: &Bank) {
    let (case, nobody) = ("case-12", "<sip:calls.example>");
    let target = target(bank, case, &TARGETS);
    let talk = bank.talk(case, From::Caller, KEPT, [&REFERS, &[Step::IsHungUp]]);
    talk.transferor.goes_on(nobody);
    goes_through(talk, target, Sound::Silence);
    bank.was_asked(case, From::Caller, nobody);
    left(bank, case, &completed(case, From::Caller), &[]);
}

/// The target is busy; once told so, the transferor takes its caller back with a re-INVITE, and later
/// hangs up.
pub(crate) fn case_13_transferer_reinvite(bank: &Bank) {
    let case = "case-13";
    let busy = [Step::IsCalled, Step::Rings, Step::Waits, Step::Refuses("486 Busy Here")];
    let mut target = target(bank, case, &busy);
    let takes_back = [
        Step::Waits,
        Step::Reinvites("sendonly", "recvonly"),
        Step::Refers(202),
        Step::Hears("100 Trying"),
        Step::Hears("180 Ringing"),
        Step::HearsFinally("486 Busy Here"),
        Step::Reinvites("sendrecv", "sendrecv"),
        Step::Waits,
        Step::HangsUp,
    ];
    let Talk { mut transferor, transferee } =
        bank.talk(case, From::Caller, KEPT, [&takes_back, &[Step::IsHungUp]]);
    transferor.goes_on(TARGET);
    target.comes_to_wait();
    transferee.hears(Sound::Ringback);
    target.goes_on("");
    target.ends_well();
    transferor.comes_to_wait();
    transferor.talks_to(&transferee);
    transferor.goes_on("");
    transferor.ends_well();
    transferee.ends_well();
    bank.was_asked(case, From::Caller, TARGET);
    let mut records = completed(case, From::Caller);
    records[2] = "outbound-dial agent-b busy".to_owned();
    left(bank, case, &records, &[]);
}
