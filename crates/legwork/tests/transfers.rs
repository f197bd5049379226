//! The transfers everybody must be able to do, played by SIPp against the built server, with what each
//! party hears, what the records say, and nothing left over in the end.
//!
//! `UPDATE_EXPECT=1` writes `docs/transfers.md` anew.
//! Not here: the cases (`blind`); transfers by real phones (`real`); time and loss as a test wants them
//! (the simulation in `legwork-sim`).
//! Source: the contract of inbound REFER; RFC 3515, 3891, 5589.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "real/app.rs"]
mod app;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "real/server.rs"]
mod server;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "real/sipp.rs"]
mod sipp;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "real/wav.rs"]
mod wav;

#[path = "transfers/bank.rs"]
mod bank;
#[path = "transfers/blind.rs"]
mod blind;
#[path = "transfers/party.rs"]
mod party;
#[expect(dead_code, reason = "attended transfers take the other steps")]
#[path = "transfers/steps.rs"]
mod steps;
#[path = "transfers/voice.rs"]
mod voice;

use std::fmt::Write as _;

use expect_test::expect_file;

use bank::Bank;
use server::is_installed;

/// One transfer.
struct Case {
    /// What it is called elsewhere.
    name: &'static str,
    /// What happens, and what must come of it.
    what: &'static str,
    test: &'static str,
    play: fn(&Bank),
}

macro_rules! case {
    ($name:literal, $module:ident::$test:ident, $what:literal) => {
        Case { name: $name, what: $what, test: stringify!($test), play: $module::$test }
    };
}

const BLIND: [Case; 13] = [
    case!(
        "caller_refer_only",
        blind::case_01_caller_refer_only,
        "REFER by the caller, no hold; the transferor hangs up, too, after the last NOTIFY"
    ),
    case!(
        "callee_refer_only",
        blind::case_02_callee_refer_only,
        "the same by the phone that was called"
    ),
    case!(
        "caller_with_hold",
        blind::case_03_caller_with_hold,
        "hold first; afterwards transferee and target hear one another"
    ),
    case!(
        "callee_with_hold",
        blind::case_04_callee_with_hold,
        "the same by the phone that was called"
    ),
    case!(
        "caller_with_hold_481",
        blind::case_05_caller_with_hold_481,
        "BYE while NOTIFY 183 waits for its answer, which then is 481: no further NOTIFY, the transfer completes"
    ),
    case!(
        "caller_with_hold_drop_options",
        blind::case_06_caller_with_hold_drop_options,
        "user parts with `;phone-context=`, Refer-To without angle brackets: the application gets it byte for byte"
    ),
    case!(
        "caller_direct_media",
        blind::case_07_caller_direct_media,
        "sound always passes through the server; a phone that takes its own elsewhere by re-INVITE, before or during the transfer, is heard and hears there"
    ),
    case!(
        "callee_direct_media",
        blind::case_08_callee_direct_media,
        "the same by the phone that was called"
    ),
    case!(
        "disallow",
        blind::case_09_disallow,
        "`enhanced_sip_features = false`: 603, alert 91304, the call goes on; by either phone"
    ),
    case!(
        "goto_on_blindxfr",
        blind::case_10_goto_on_blindxfr,
        "the application sends the transferee elsewhere: a file, then a phone that Refer-To did not name"
    ),
    case!(
        "immediate_ok_notify",
        blind::case_11_immediate_ok_notify,
        "without `answerOnBridge`: NOTIFY 100, NOTIFY 200, BYE, while the target still rings"
    ),
    case!(
        "no_target_in_refer",
        blind::case_12_no_target_in_refer,
        "Refer-To without user part: the application decides"
    ),
    case!(
        "transferer_reinvite",
        blind::case_13_transferer_reinvite,
        "the target is busy: NOTIFY 486, both talk again, also after a re-INVITE of the transferor"
    ),
];

/// Plays all at once; says which went wrong, each with its ladder.
fn play(bank: &Bank, cases: &[Case]) {
    let failed: Vec<&str> = std::thread::scope(|scope| {
        let running: Vec<_> =
            cases.iter().map(|case| (case, scope.spawn(|| (case.play)(bank)))).collect();
        let ended = running.into_iter().map(|(case, thread)| (case, thread.join().is_ok()));
        ended.filter(|(_, is_well)| !is_well).map(|(case, _)| case.test).collect()
    });
    for test in &failed {
        let case = test.split('_').take(2).collect::<Vec<_>>().join("-");
        eprintln!("{test}:\n{}", bank.ladder(&case));
    }
    assert!(failed.is_empty(), "failed: {failed:?}");
    bank.server.is_back_at_the_baseline();
}

#[test]
fn blind_transfers() {
    if !is_installed("sipp", "sip-tester", "blind transfers") {
        return;
    }
    let bank = Bank::start("blind", |config| config);
    bank.app.put("/800.wav", "audio/wav", wav::tone_file(800, 1));
    play(&bank, &BLIND);
}

#[test]
fn the_page_of_transfers_names_every_case() {
    let mut page = INTRO.to_owned();
    page += "\n## Blind\n\n| | case | what happens | test |\n|---|---|---|---|\n";
    for (number, case) in (1..).zip(&BLIND) {
        let Case { name, what, test, .. } = case;
        assert!(test.starts_with(&format!("case_{number:02}_{name}")), "{test}");
        let link = "../crates/legwork/tests/transfers/blind.rs";
        writeln!(page, "| {number} | `{name}` | {what} | [`{test}`]({link}) |").unwrap();
    }
    expect_file!["../../../docs/transfers.md"].assert_eq(&page);
}

const INTRO: &str = "\
# The transfers everybody must be able to do

The test suite of Asterisk has 28 transfers by REFER that any server should pass. Each is played here, too, by SIPp against the built \
server, with an application that says where to. Besides the order of all messages it is measured what each party hears before, \
during and after the transfer; the records of all calls and the alerts are what they must be; and in the end no dialog, transaction, \
port, timer or file is left. The names are those of the suite; *caller*: the phone that has called transfers, *callee*: the phone that was called.
";
