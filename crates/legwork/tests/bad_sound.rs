//! Sound that can not be had, through a real server: each failure has its alert, the call goes on, and another
//! call beside it notices nothing.
//!
//! Not here: what is wrong with a file in each format (`speech/decode/tests`), with a webhook (`fetch/tests`).
//! Source: Twilio, error codes 11200 to 13521; alerts 91345, 91350.

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
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/baresip.rs"]
mod baresip;
#[path = "bad_sound/host.rs"]
mod host;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/server.rs"]
mod server;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/sipp.rs"]
mod sipp;
#[expect(dead_code, reason = "shared with the other tests of the real process")]
#[path = "real/wav.rs"]
mod wav;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use legwork_media::tone::Heard;
use serde_json::Value;

use app::App;
use baresip::Baresip;
use host::Host;
use server::{Folder, Server, configuration, is_installed};
use sipp::Sipp;

/// What the phones of these tests say, Hz, and what the others hear.
const SPOKEN_HZ: u16 = 400;
const PLAYED_HZ: u16 = 1000;

/// A verb and the alerts it raises.
struct Case {
    name: &'static str,
    verb: String,
    codes: &'static [u64],
}

fn case(name: &'static str, verb: String, codes: &'static [u64]) -> Case {
    Case { name, verb, codes }
}

/// An `espeak-ng` that does what it is told to say; else it says a tone.
fn espeak(folder: &Folder) -> String {
    let tone = folder.file("tone.wav", wav::tone_file(620, 1));
    let script = format!(
        "#!/bin/sh\ncase \"$(cat)\" in\n*dies*) echo why >&2; exit 3;;\n*babbles*) exec yes;;\n\
         *) exec cat {};;\nesac\n",
        tone.display()
    );
    let program = folder.file("espeak-ng", script);
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.path("").display(), std::env::var("PATH").unwrap())
}

/// A server with another `espeak-ng`, which does not wait for long.
fn start(name: &str, app: &App, folder: &Folder, more: &str) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_legwork"));
    command.env("PATH", espeak(folder));
    let quick = "[http]\nwebhook_timeout = \"1s\"\n";
    let configuration = configuration(app, &["neighbour"]).replace("[http]\n", quick);
    Server::start_by(command, name, &format!("{configuration}{more}"), &[])
}

/// Codes of the alerts of a call so far, in order.
fn alerts(server: &Server, call: &str) -> Vec<u64> {
    let told: Value = serde_json::from_str(&server.get("/_/alerts").1).unwrap();
    let of_call =
        told["alerts"].as_array().unwrap().iter().filter(|alert| alert["call_sid"] == call);
    let mut codes: Vec<u64> = of_call.map(|alert| alert["code"].as_u64().unwrap()).collect();
    codes.sort_unstable();
    codes
}

/// Each case is a call; all at once. A phone that hears a tone meanwhile hears nothing else.
fn play(server: &Server, app: &App, cases: &[Case]) {
    app.put("/tone.wav", "audio/wav", wav::tone_file(PLAYED_HZ, 4));
    app.answers_calls_to("tone", "<Play>/tone.wav</Play>");
    let neighbour = is_installed("baresip", "baresip-core", "a call beside bad ones").then(|| {
        let mut phone = Baresip::registered(server, "neighbour", "udp", SPOKEN_HZ);
        phone.order("dial", "sip:tone@bank.example");
        phone.hears(Heard::Tone(PLAYED_HZ));
        phone
    });
    let calling: Vec<Sipp> = cases
        .iter()
        .map(|Case { name, verb, .. }| {
            app.twiml(&format!("/next/{name}"), "<Hangup/>");
            app.answers_calls_to(name, &format!("{verb}<Redirect>/next/{name}</Redirect>"));
            Sipp::calls(server, name, name, "usera-calls", &[])
        })
        .collect();
    for (Case { name, codes, .. }, sipp) in cases.iter().zip(calling) {
        app.asked(&format!("/next/{name}"));
        sipp.ends_well();
        let call = app.asked(&format!("/voice/{name}")).parameter("CallSid").to_owned();
        assert_eq!(alerts(server, &call), *codes, "{name}\n{}", server.trace(&call));
    }
    if let Some(mut phone) = neighbour {
        phone.sees("CALL_CLOSED");
        assert_eq!(wav::story(&phone.heard()), [Heard::Tone(PLAYED_HZ)]);
        let seconds = phone.heard().len() as f32 / 8000.0;
        assert!((3.7..4.8).contains(&seconds), "4 s of sound came as {seconds} s");
        phone.quits();
    }
}

#[test]
fn a_file_or_an_espeak_that_fails_is_told_and_passed_over() {
    if !is_installed("sipp", "sip-tester", "sound that can not be had") {
        return;
    }
    let (app, host, folder) = (App::start(), Host::start(), Folder::new("bad-files-with"));
    let server = start("bad-files", &app, &folder, "");
    let play_from = |path: &str| format!("<Play>{}</Play>", host.url(path));
    let nobody = format!("<Play>http://127.0.0.1:{}/</Play>", server::free_port());
    let cases = [
        case("hangs", play_from("/hangs"), &[11_205]),
        case("trickles", play_from("/trickles"), &[11_203]),
        case("words", play_from("/words"), &[13_420]),
        case("page", play_from("/page"), &[13_420]),
        case("huge", play_from("/huge"), &[11_750]),
        case("cut", play_from("/cut"), &[13_420]),
        case("ends-midway", play_from("/ends-midway"), &[11_206]),
        case("missing", play_from("/missing"), &[11_217]),
        case("nobody", nobody, &[11_202]),
        case("espeak-dies", "<Say>dies</Say>".to_owned(), &[12_400]),
        case("espeak-babbles", "<Say>babbles</Say>".to_owned(), &[12_400]),
        case("espeak-speaks", "<Say>speaks</Say>".to_owned(), &[]),
    ];
    play(&server, &app, &cases);
}

#[test]
fn an_endpoint_that_fails_is_told_and_stood_in_for() {
    if !is_installed("sipp", "sip-tester", "a speech endpoint that fails") {
        return;
    }
    let (app, host, folder) = (App::start(), Host::start(), Folder::new("bad-endpoint-with"));
    let url = host.url("");
    let speech = format!("[speech]\nengine = \"openai\"\nurl = \"{url}\"\ntimeout = \"1s\"\n");
    let server = start("bad-endpoint", &app, &folder, &speech);
    let cases = [
        case("endpoint-hangs", "<Say>hangs</Say>".to_owned(), &[91_350]),
        case("endpoint-refuses", "<Say>refuses</Say>".to_owned(), &[91_350]),
        case("endpoint-babbles", "<Say>babble</Say>".to_owned(), &[91_350]),
    ];
    play(&server, &app, &cases);
}

/// No file may be longer than this, bytes: two seconds of sound. What a write meets then is like a full disk.
const FILE_MAX: usize = 32 * 1024;

#[test]
fn a_full_disk_ends_a_recording_and_nothing_else() {
    if !is_installed("baresip", "baresip-core", "a full disk") {
        return;
    }
    let app = App::start();
    let mut command = Command::new("sh");
    let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", FILE_MAX / 512);
    command.args(["-c", &limited, env!("CARGO_BIN_EXE_legwork")]);
    let configuration = configuration(&app, &["speaker"]);
    let server = Server::start_by(command, "full-disk", &configuration, &[]);
    app.put("/tone.wav", "audio/wav", wav::tone_file(PLAYED_HZ, 1));
    app.twiml("/recorded", "<Play>/tone.wav</Play>");
    let record =
        "<Record action=\"/recorded\" timeout=\"0\" playBeep=\"false\" trim=\"do-not-trim\"/>";
    app.answers_calls_to("record", &format!("{record}<Play>/tone.wav</Play>"));
    let mut phone = Baresip::registered(&server, "speaker", "udp", SPOKEN_HZ);
    phone.order("dial", "sip:record@bank.example");
    phone.hears(Heard::Tone(PLAYED_HZ));
    let call = app.asked("/voice/record").parameter("CallSid").to_owned();
    assert_eq!(alerts(&server, &call), [91_345], "{}", server.trace(&call));
    phone.sees("CALL_CLOSED");
    phone.quits();
    let told: Value = serde_json::from_str(&server.get("/_/recordings").1).unwrap();
    let [recording] = told["recordings"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!(recording["status"], "failed", "{recording}");
    let ms = recording["duration_ms"].as_u64().unwrap();
    assert!((1_000..2_048).contains(&ms), "{recording}");
    // What there is of it can be heard.
    let name = format!("data/recordings/{}.wav", recording["sid"].as_str().unwrap());
    let kept = wav::Recording::read(&server.folder.path(&name), 8_000).samples();
    assert_eq!(kept.len() as u64 / 8, ms);
    assert!(wav::story(&kept).contains(&Heard::Tone(SPOKEN_HZ)), "{:?}", wav::story(&kept));
}
