//! What this server does not have yet, of everything the table of TwiML knows: a warning that names it, and
//! the call goes on.
//!
//! Not here: attributes (`attributes`); what is built (everywhere else).
//! Source: twilio-voice.md 3.7, `legwork_twiml::table`.

use legwork_sim::script;
use legwork_twiml::table::{Built, Element, elements};

/// The ladder of a document with this in it, and a `<Say>` behind.
fn ladder(document: &str) -> String {
    script::run(&format!(
        "show alerts\napp /voice {document}<Say>behind</Say>\nusera calls\nwait 3s\n"
    ))
}

fn unbuilt_in(parent: &'static str) -> Vec<&'static Element> {
    let unbuilt = elements().filter(|row| row.built == Built::No);
    unbuilt.filter(|row| row.parents.contains(&parent)).collect()
}

/// It is named, what follows is heard, and the call ends as it would have.
fn is_passed_over(name: &str, ladder: &str) {
    assert!(ladder.contains("alert 13750 warning"), "{name}\n{ladder}");
    assert!(ladder.contains(&format!("<{name}> at ")), "{name}\n{ladder}");
    assert!(ladder.contains("usera    ♪  audio of ours"), "{name}\n{ladder}");
    assert!(ladder.ends_with("usera   ◀── BYE\n"), "{name}\n{ladder}");
}

#[test]
fn every_other_verb_is_passed_over() {
    let verbs = unbuilt_in("Response");
    assert!(!verbs.is_empty());
    for row in verbs {
        let name = row.name;
        is_passed_over(name, &ladder(&format!("<{name}/>")));
    }
}

#[test]
fn every_other_noun_of_start_is_passed_over() {
    for row in unbuilt_in("Start") {
        let name = row.name;
        is_passed_over(name, &ladder(&format!("<Start><{name}/></Start>")));
    }
}

#[test]
fn every_other_noun_of_dial_reaches_nobody() {
    for row in unbuilt_in("Dial") {
        let name = row.name;
        is_passed_over(name, &ladder(&format!("<Dial><{name}>x</{name}></Dial>")));
    }
}
