//! The samples of Twilio's page on `<Gather>` (MIT, `legwork-twiml/tests/data/twiml-samples`), run to their end:
//! by one who presses keys, one who speaks, and one who does neither.
//!
//! Not here: what they are read as (`legwork-twiml`).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect;

/// A sample's verbs, as a script takes them.
fn verbs(number: u32) -> String {
    let folder = "../legwork-twiml/tests/data/twiml-samples";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let text = std::fs::read_to_string(folder.join(format!("gather-{number}.twiml"))).unwrap();
    let (_, verbs) = text.split_once("<Response>").unwrap();
    let verbs = verbs.replace("</Response>", "");
    verbs.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What comes of each of them when the caller does this.
fn ladders(does: &str) -> String {
    let mut told = String::new();
    for number in 1..=5 {
        let document = verbs(number);
        let scenario = format!(
            "app /voice {document}\napp /voice <Hangup/>\napp /process_gather.php <Hangup/>\n\
             app /completed <Hangup/>\nshow keys\nusera calls\nwait 500ms\n---\n{does}\nwait 20s\n"
        );
        let ladder = legwork_sim::script::run(&scenario);
        write!(told, "{number}:\n{ladder}").unwrap();
    }
    told
}

#[test]
fn by_one_who_presses_keys() {
    expect![[r#"
        1:
        usera    ── key 1 ──▶
        usera    ♪  silence
        app     ◀── POST /voice  Digits=1
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
        usera    ── key # ──▶
        2:
        usera    ── key 1 ──▶
        usera    ── key # ──▶
        app     ◀── POST /voice  Digits=1
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
        3:
        usera    ── key 1 ──▶
        usera    ♪  silence
        usera    ── key # ──▶
        app     ◀── GET /process_gather.php  Digits=1
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
        4:
        usera    ── key 1 ──▶
        usera    ── key # ──▶
        usera    ♪  silence
        … 5 s
        usera   ◀── BYE
        5:
        usera    ── key 1 ──▶
        usera    ♪  silence
        usera    ── key # ──▶
        app     ◀── GET /process_gather.php  Digits=1
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
    "#]]
    .assert_eq(&ladders("usera presses 1 #"));
}

#[test]
fn by_one_who_speaks() {
    expect![[r#"
        1:
        usera    ── "sales" ──▶
        usera    ♪  silence
        … 4.2 s
        app     ◀── POST /voice  SpeechResult=sales
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
        2:
        usera    ── "sales" ──▶
        … 4.5 s
        usera   ◀── BYE
        3:
        usera    ── "sales" ──▶
        usera    ♪  silence
        … 5 s
        usera    ♪  audio of ours
        usera   ◀── BYE
        4:
        usera    ── "sales" ──▶
        usera    ♪  silence
        … 6.2 s
        app     ◀── POST /completed  SpeechResult=sales
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
        5:
        usera    ── "sales" ──▶
        usera    ♪  silence
        … 5 s
        app     ◀── GET /process_gather.php?Digits=TIMEOUT
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
    "#]]
    .assert_eq(&ladders("usera says \"sales\" for 1s"));
}

#[test]
fn by_one_who_does_neither() {
    expect![[r#"
        1:
        usera    ♪  silence
        … 3 s
        usera   ◀── BYE
        2:
        usera   ◀── BYE
        3:
        usera    ♪  silence
        … 5 s
        usera    ♪  audio of ours
        usera   ◀── BYE
        4:
        usera    ♪  silence
        … 5 s
        usera   ◀── BYE
        5:
        usera    ♪  silence
        … 5 s
        app     ◀── GET /process_gather.php?Digits=TIMEOUT
        app      ── 200  Hangup ──▶
        usera   ◀── BYE
    "#]]
    .assert_eq(&ladders("wait 1s"));
}
