//! Real phones that speak different codecs hear each other through us: the right tone, as loud as it was said.
//!
//! Not here: which codec a leg is answered with (`legwork-sim`, `sessions`), the codecs (`legwork-media`).
//! Source: RFC 3264 §6.1; RFC 7587 (Opus); ITU-T G.711, G.722.

use legwork_media::tone::{Heard, RATE_HZ};

use crate::app::App;
use crate::baresip::{Baresip, Setup};
use crate::linphone::Linphone;
use crate::server::{PATIENCE, Server, is_installed, until};
use crate::together::{Ladder, Story, together};
use crate::wav;

/// What the one who calls and the one who is called say, Hz.
const CALLER_HZ: u16 = 440;
const CALLED_HZ: u16 = 1000;
/// Of a Linphone: Opus, and nothing else.
fn opus_alone() -> String {
    let codecs = [("opus", 48_000, 2), ("speex", 16_000, 1), ("speex", 8000, 1), ("PCMU", 8000, 1)];
    let codecs = codecs.into_iter().chain([("PCMA", 8000, 1), ("G729", 8000, 1)]).enumerate();
    let lines = codecs.map(|(n, (name, rate, channels))| {
        let enabled = u8::from(n == 0);
        format!(
            "[audio_codec_{n}]\nmime={name}\nrate={rate}\nchannels={channels}\nenabled={enabled}\n"
        )
    });
    lines.collect()
}

pub(crate) fn play() {
    for (program, package) in [("baresip", "baresip-core"), ("linphonec", "linphone-cli")] {
        if !is_installed(program, package, "codecs of real phones") {
            return;
        }
    }
    let app = App::start();
    let users = ["opus-out", "pcmu-in", "g722-out", "opus-in", "g722-one", "pcmu-one"];
    let server = Server::start("codecs", &app, &users);
    let (server, app) = (&server, &app);
    let stories: Vec<Story<'_>> = vec![
        ("opus-pcmu".to_owned(), Box::new(move || opus_calls_pcmu(server, app))),
        ("g722-opus".to_owned(), Box::new(move || g722_calls_opus(server, app))),
        ("g722-pcmu".to_owned(), Box::new(move || g722_calls_pcmu(server, app))),
    ];
    together(stories);
    server.is_back_at_the_baseline();
}

fn dials(app: &App, called: &str) -> String {
    let user = format!("to-{called}");
    let dial = format!("<Dial><Sip>sip:{called}@bank.example</Sip></Dial>");
    app.answers_calls_to(&user, &dial);
    user
}

fn baresip(server: &Server, user: &str, codec: &str, hz: u16) -> Baresip {
    let proxy = server.address("udp");
    let sound = wav::tone_file(hz, 90);
    Baresip::with(
        server,
        user,
        &Setup { transport: "udp", proxy, sound: &sound, rate_hz: RATE_HZ, codec },
    )
}

fn linphone(server: &Server, user: &str, hz: u16) -> Linphone {
    Linphone::speaking(server, user, "udp", &wav::tone_file(hz, 90), &opus_alone())
}

/// The last seconds that were heard are this tone, as loud as it was said.
fn is_heard(who: &str, hz: u16, heard: impl Fn() -> Vec<i16>) {
    let n = heard().len();
    let two = 2 * RATE_HZ as usize;
    until("two seconds more", PATIENCE, || (heard().len() > n + two).then_some(()));
    let all = heard();
    let last = &all[all.len() - two..];
    wav::is_mostly(last, hz, who);
}

fn opus_calls_pcmu(server: &Server, app: &App) {
    let user = dials(app, "pcmu-in");
    let _ladder = Ladder { server, app, user: &user };
    let mut caller = linphone(server, "opus-out", CALLER_HZ);
    let mut called = baresip(server, "pcmu-in", "g711", CALLED_HZ);
    caller.order(&format!("call sip:{user}@bank.example"));
    called.sees("CALL_INCOMING");
    called.order("accept", "");
    called.hears(Heard::Tone(CALLER_HZ));
    caller.hears(Heard::Tone(CALLED_HZ));
    is_heard("PCMU", CALLER_HZ, || called.heard());
    is_heard("Opus", CALLED_HZ, || caller.heard());
    called.order("hangup", "");
    caller.comes_to("Released");
    caller.quits();
    called.quits();
}

fn g722_calls_opus(server: &Server, app: &App) {
    let user = dials(app, "opus-in");
    let _ladder = Ladder { server, app, user: &user };
    let mut caller = baresip(server, "g722-out", "g722", CALLER_HZ);
    let mut called = linphone(server, "opus-in", CALLED_HZ);
    caller.order("dial", &format!("sip:{user}@bank.example"));
    called.comes_to("IncomingReceived");
    called.order("answer");
    called.hears(Heard::Tone(CALLER_HZ));
    caller.hears(Heard::Tone(CALLED_HZ));
    is_heard("Opus", CALLER_HZ, || called.heard());
    is_heard("G.722", CALLED_HZ, || caller.heard());
    caller.order("hangup", "");
    called.comes_to("Released");
    caller.quits();
    called.quits();
}

fn g722_calls_pcmu(server: &Server, app: &App) {
    let user = dials(app, "pcmu-one");
    let _ladder = Ladder { server, app, user: &user };
    let mut caller = baresip(server, "g722-one", "g722", CALLER_HZ);
    let mut called = baresip(server, "pcmu-one", "g711", CALLED_HZ);
    caller.order("dial", &format!("sip:{user}@bank.example"));
    called.sees("CALL_INCOMING");
    called.order("accept", "");
    called.hears(Heard::Tone(CALLER_HZ));
    caller.hears(Heard::Tone(CALLED_HZ));
    is_heard("PCMU", CALLER_HZ, || called.heard());
    is_heard("G.722", CALLED_HZ, || caller.heard());
    caller.order("hangup", "");
    called.sees("CALL_CLOSED");
    caller.quits();
    called.quits();
}
