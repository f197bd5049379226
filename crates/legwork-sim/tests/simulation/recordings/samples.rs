//! The samples of Twilio's page on `<Record>` (MIT, `legwork-twiml/tests/data/twiml-samples`), run to their end:
//! once by one who speaks and presses, once by one who is silent, once by one who hangs up.
//!
//! Not here: what they are read as (`legwork-twiml`).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect_file;

/// A sample's verbs, as a script takes them.
fn verbs(name: &str) -> String {
    let folder = "../legwork-twiml/tests/data/twiml-samples";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let text = std::fs::read_to_string(folder.join(format!("{name}.twiml"))).unwrap();
    let (_, verbs) = text.split_once("<Response>").unwrap();
    let verbs = verbs.replace("</Response>", "");
    verbs.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn samples_run_to_their_end() {
    let mut told = String::new();
    for name in ["record-1", "record-2", "record-3", "record-4"] {
        let document = verbs(name);
        for does in ["usera presses #", "recorder hears silence", "usera hangs up"] {
            let scenario = format!(
                "app /voice {document}\napp /voice <Hangup/>\napp /handleRecording.php <Hangup/>\n\
                 usera calls\nwait 3s\n{does}\nwait 20s\n"
            );
            let ladder = legwork_sim::script::run(&scenario);
            writeln!(told, "{name}: {does}\n{ladder}").unwrap();
        }
    }
    expect_file!["samples.txt"].assert_eq(&told);
}
