//! The transfers everybody must be able to do, played by SIPp against the built server, with what each
//! party hears, what the records say, and nothing left over in the end.
//!
//! `UPDATE_EXPECT=1` writes `docs/transfers.md` anew.
//! Not here: the cases (`blind`, `attended`, `outbound`); transfers by real phones (`real`); time and loss as a test wants them
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

#[path = "transfers/also.rs"]
mod also;
#[path = "transfers/attended.rs"]
mod attended;
#[path = "transfers/bank.rs"]
mod bank;
#[path = "transfers/blind.rs"]
mod blind;
#[path = "transfers/outbound.rs"]
mod outbound;
#[path = "transfers/party.rs"]
mod party;
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

const ATTENDED: [Case; 11] = [
    case!(
        "caller_local",
        attended::case_14_caller_local,
        "REFER names the consultation, a call by this server: transferee and target are joined, the transferor's two calls end; the document names the target as Refer-To does"
    ),
    case!(
        "callee_local",
        attended::case_15_callee_local,
        "the same by the phone that was called; the document names the target as the consultation has dialled it"
    ),
    case!(
        "caller_local_app",
        attended::case_16_caller_local_app,
        "the consultation runs an application, which cannot be taken over: the transferee gets a call of its own of that, the consultation lives until it hangs up"
    ),
    case!(
        "callee_local_app",
        attended::case_17_callee_local_app,
        "the same by the phone that was called"
    ),
    case!(
        "caller_local_blonde",
        attended::case_18_caller_local_blonde,
        "the consultation still rings: the target rings on for the transferee, and is joined with it when it answers"
    ),
    case!(
        "callee_local_blonde",
        attended::case_19_callee_local_blonde,
        "the same by the phone that was called"
    ),
    case!(
        "callee_local_semi_attended_transfer_record_route",
        attended::case_20_callee_local_semi_attended_transfer_record_route,
        "the same, with a proxy in the path of the transferor's call: all requests go by way of it"
    ),
    case!(
        "caller_local_direct_media",
        attended::case_21_caller_local_direct_media,
        "transferee and target speak different codecs, which is converted; later the target takes its sound elsewhere"
    ),
    case!(
        "callee_local_direct_media",
        attended::case_22_callee_local_direct_media,
        "the same by the phone that was called"
    ),
    case!(
        "caller_remote",
        attended::case_23_caller_remote,
        "REFER names a dialog of another server: the INVITE to the target carries Replaces"
    ),
    case!(
        "callee_remote",
        attended::case_24_callee_remote,
        "the same by the phone that was called"
    ),
];

const OUTBOUND: [Case; 4] = [
    case!(
        "endpoint_refer",
        outbound::case_25_endpoint_refer,
        "`<Refer>` to a user of this server, of an answered call: REFER, NOTIFY 100 and 200, `action`, BYE at the document's end"
    ),
    case!(
        "endpoint_redirect",
        outbound::case_26_endpoint_redirect,
        "`<Refer>` as first verb: the call is answered (there is no 302), referred, and its phone hangs up"
    ),
    case!(
        "uri_refer",
        outbound::case_27_uri_refer,
        "as 25, to an address elsewhere, with headers: the two phones talk without this server"
    ),
    case!("uri_redirect", outbound::case_28_uri_redirect, "as 26, to an address elsewhere"),
];

const ALSO: [Case; 2] = [
    case!(
        "in_dialog_invite_replaces",
        also::also_in_dialog_invite_replaces,
        "re-INVITE with Replaces: 400, the call goes on"
    ),
    case!(
        "refer_send_to_vm",
        also::also_refer_send_to_vm,
        "headers of the REFER reach the application, which has the transferee hear a greeting"
    ),
];

/// The cases by what they are about, and the file of each part's tests.
const PARTS: [(&str, &str, &[Case]); 4] = [
    ("Blind", "blind", &BLIND),
    ("Attended", "attended", &ATTENDED),
    ("By the application", "outbound", &OUTBOUND),
    ("Beside them", "also", &ALSO),
];

/// Plays all at once; says which went wrong, each with its ladder.
fn play<'a>(bank: &Bank, cases: impl Iterator<Item = &'a Case>) {
    let failed: Vec<&str> = std::thread::scope(|scope| {
        let running: Vec<_> = cases.map(|case| (case, scope.spawn(|| (case.play)(bank)))).collect();
        let ended = running.into_iter().map(|(case, thread)| (case, thread.join().is_ok()));
        ended.filter(|(_, is_well)| !is_well).map(|(case, _)| case.test).collect()
    });
    for test in &failed {
        let case = test.split('_').take(2).collect::<Vec<_>>().join("-");
        eprintln!("{test}:\n{}", bank.ladder(&case));
    }
    assert!(failed.is_empty(), "failed: {failed:?}\n{}", bank.server.get("/_/alerts").1);
    bank.server.is_back_at_the_baseline();
}

#[test]
fn blind_transfers() {
    if !is_installed("sipp", "sip-tester", "blind transfers") {
        return;
    }
    let bank = Bank::start("blind", |config| config);
    play(&bank, BLIND.iter().chain(&ALSO));
}

#[test]
fn attended_transfers_and_those_by_the_application() {
    if !is_installed("sipp", "sip-tester", "attended transfers") {
        return;
    }
    let bank = Bank::start("attended", |config| config);
    play(&bank, ATTENDED.iter().chain(&OUTBOUND));
}

#[test]
fn the_page_of_transfers_names_every_case() {
    let mut page = INTRO.to_owned();
    let mut number = 0;
    for (title, file, cases) in PARTS {
        let head = "| | case | what happens | test |\n|---|---|---|---|";
        writeln!(page, "\n## {title}\n\n{head}").unwrap();
        let link = format!("../crates/legwork/tests/transfers/{file}.rs");
        for Case { name, what, test, .. } in cases {
            number += 1;
            let (shown, function) = if number <= 28 {
                (number.to_string(), format!("case_{number:02}_{name}"))
            } else {
                (String::new(), format!("also_{name}"))
            };
            assert_eq!(*test, function);
            writeln!(page, "| {shown} | `{name}` | {what} | [`{test}`]({link}) |").unwrap();
        }
    }
    page += NOT_HERE;
    expect_file!["../../../docs/transfers.md"].assert_eq(&page);
}

const INTRO: &str = "\
# The transfers everybody must be able to do

The test suite of Asterisk has 28 transfers by REFER that any server should pass. Each is played here, too, by SIPp against the built \
server, with an application that says where to. Besides the order of all messages it is measured what each party hears before, \
during and after the transfer; the records of all calls and the alerts are what they must be; and in the end no dialog, transaction, \
port, timer or file is left. The names are those of the suite; *caller*: the phone that has called transfers, *callee*: the phone that was called.
";

const NOT_HERE: &str = "
Its transfers between bridges that an application controls over Asterisk's own interface have no counterpart: here each leg is \
controlled by a document, and what REST does in between is told in [`rest.rs`](../crates/legwork-sim/tests/simulation/rest.rs). \
Its transfers of callers in queues are those of [`docs/queues.md`](queues.md). What its tests of call records ask is asked in every case above.
";
