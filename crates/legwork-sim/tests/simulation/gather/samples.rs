//! The samples of Twilio's page on `<Gather>` (MIT, `legwork-twiml/tests/data/twiml-samples`), run to their end:
//! once by one who presses and speaks, once by one who does neither.
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

#[test]
fn samples_run_to_their_end() {
    let mut told = String::new();
    for number in 1..=5 {
        let document = verbs(number);
        for does in ["presses 1 #", "says \"sales\" for 1s", "updates"] {
            let scenario = format!(
                "app /voice {document}\napp /voice <Hangup/>\napp /process_gather.php <Hangup/>\n\
                 app /completed <Hangup/>\nshow keys\nusera calls\nwait 500ms\n---\nusera {does}\nwait 20s\n"
            );
            let ladder = legwork_sim::script::run(&scenario);
            writeln!(told, "{number}: {does}\n{ladder}").unwrap();
        }
    }
    expect![[]].assert_eq(&told);
}
