//! Three phones in a conference: who is there, its end, and all of it lived through again.
//!
//! Not here: what they hear (the simulation in `legwork-sim`, `media`).
//! Source: Twilio, "TwiML Voice: Conference", "Participants resource".

use serde_json::Value;

use crate::app::App;
use crate::server::{PATIENCE, Server, is_installed, said, until};
use crate::sipp::Sipp;

fn ask(server: &Server, path: &str) -> Value {
    let (status, body) = server.get(path);
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn sipp_confers_by_three_and_it_replays() {
    if !is_installed("sipp", "sip-tester", "a conference") {
        return;
    }
    let app = App::start();
    let server = Server::start_recording("conference", &app, &[], &[]);
    let told = "statusCallback=\"/told\" statusCallbackEvent=\"start end join leave\"";
    let noun = |more: &str| format!("<Dial><Conference {more}>one</Conference></Dial>");
    app.answers_calls_to("boss", &noun("endConferenceOnExit=\"true\""));
    app.answers_calls_to("first", &noun(told));
    app.answers_calls_to("second", &noun("muted=\"true\" participantLabel=\"quiet\""));
    app.twiml("/told", "");
    let there = |n: usize| {
        until(&format!("{n} participants"), PATIENCE, || {
            let all = ask(&server, "/_/conferences");
            let sid = all["conferences"][0]["sid"].as_str()?.to_owned();
            let who = ask(&server, &format!("/_/conferences/{sid}/participants"));
            let is_full = who["participants"].as_array()?.len() == n;
            is_full.then_some((all["conferences"][0].clone(), who["participants"].clone()))
        })
    };
    let call = |user| Sipp::calls(&server, user, user, "usera-calls", &[]);
    let first = call("first");
    assert_eq!(there(1).0["status"], "init");
    let second = call("second");
    let (conference, participants) = there(2);
    assert_eq!(
        (&conference["status"], &conference["friendly_name"]),
        (&"in-progress".into(), &"one".into())
    );
    assert_eq!(
        (&participants[1]["muted"], &participants[1]["label"]),
        (&true.into(), &"quiet".into())
    );
    let boss = call("boss");
    there(3);
    let sid = app.asked("/voice/boss").parameter("CallSid").to_owned();
    said(&server.command(&["hangup", &sid]), 0);
    [first, second, boss].into_iter().for_each(Sipp::ends_well);
    server.is_back_at_the_baseline();
    let gone = ask(&server, "/_/conferences");
    assert_eq!(gone["conferences"].as_array().unwrap().len(), 0);
    let gone = ask(&server, "/_/conferences?finished=true");
    assert_eq!(gone["conferences"][0]["status"], "completed");
    let recordings = until("one recording of the three", PATIENCE, || {
        Some(server.recordings()).filter(|found| !found.is_empty())
    });
    assert_eq!(recordings.len(), 1, "they are one conversation");
    let ladder = said(&server.command(&["replay", recordings[0].1.to_str().unwrap()]), 0);
    assert_eq!(ladder.matches("enters the conference one").count(), 3, "{ladder}");
    assert_eq!(ladder.matches("StatusCallbackEvent=participant-leave").count(), 3, "{ladder}");
    assert_eq!(ladder.matches("StatusCallbackEvent=conference-end").count(), 1, "{ladder}");
}
