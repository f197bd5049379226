//! What the suite has beside its 28 transfers.
//!
//! Not here: those (`blind`, `attended`, `outbound`).
//! Source: RFC 3891 §3; the contract of inbound REFER, "The webhook" and "What the application's answer
//! does".

use crate::bank::{Bank, From, KEPT, Talk};
use crate::blind::left;
use crate::party::{Party, USER_A};
use crate::steps::Step;
use crate::voice::Sound;

/// Replaces is for INVITEs that begin a call: 400 inside one, which goes on.
pub(crate) fn also_in_dialog_invite_replaces(bank: &Bank) {
    let case = "also-in";
    bank.app.answers_calls_to(case, "<Play loop=\"0\">/800.wav</Play>");
    let steps = [
        Step::Calls,
        Step::IsAnswered,
        Step::Waits,
        Step::ReinvitesReplacing(400),
        Step::Waits,
        Step::HangsUp,
    ];
    let mut usera = Party::calls(bank, case, USER_A, case, &steps);
    usera.comes_to_wait();
    usera.goes_on("");
    usera.comes_to_wait();
    usera.hears(Sound::Tone(800));
    usera.goes_on("");
    usera.ends_well();
    left(bank, case, &[format!("inbound {case} completed")], &[]);
}

/// The phone says in a header of its REFER that the caller is to leave a message; the application reads
/// that, and has the transferee hear the greeting. The document's end ends both calls.
pub(crate) fn also_refer_send_to_vm(bank: &Bank) {
    let case = "also-refer";
    let mailbox = "<sip:mailbox@calls.example>";
    bank.refers_to(case, "<Play>/800.wav</Play>");
    let refers = [
        Step::Waits,
        Step::Refers(202),
        Step::Hears("100 Trying"),
        Step::HearsFinally("200 OK"),
        Step::IsHungUp,
    ];
    let Talk { transferor, transferee } =
        bank.talk(case, From::Callee, KEPT, [&refers, &[Step::IsHungUp]]);
    transferor.goes_on(mailbox);
    transferee.hears(Sound::Tone(800));
    transferor.ends_well();
    transferee.ends_well();
    bank.was_asked(case, From::Callee, mailbox);
    let asked = bank.app.asked(&format!("/refer/{case}"));
    assert_eq!(asked.parameter("SipHeader_X-Feature"), "send-to-voicemail");
    let records =
        [format!("inbound {case} completed"), "outbound-dial agent-a completed".to_owned()];
    left(bank, case, &records, &[]);
}
