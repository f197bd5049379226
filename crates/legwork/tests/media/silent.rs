//! Callers who send no sound, or datagrams that are none, into verbs that listen: the call goes on as it would
//! with a caller who says nothing.
//!
//! Not here: hostile packets one by one (`legwork-media`, `legwork-sim`).
//! Source: Twilio, `<Gather>`, "no input"; `<Record>`, `timeout`; RFC 3550 §5.1.

use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use legwork_media::tone::Heard;

use crate::app::App;
use crate::baresip::Baresip;
use crate::caller::{self, WITHOUT_EVENTS};
use crate::server::{Server, is_installed};
use crate::sipp::Sipp;
use crate::together::{Ladder, Story, together};

/// Asks for keys, then records, then says good-bye; whatever is heard is told.
fn document(story: &str) -> String {
    format!(
        "<Gather timeout=\"1\" input=\"dtmf speech\" hints=\"sales\" action=\"/gathered/{story}\"/>\
         <Record timeout=\"1\" maxLength=\"3\" action=\"/recorded/{story}\" \
         recordingStatusCallback=\"/told/{story}\" \
         recordingStatusCallbackEvent=\"completed absent\"/>\
         <Redirect>/end/{story}</Redirect>"
    )
}

pub(crate) fn play() {
    if !is_installed("sipp", "sip-tester", "callers without sound") {
        return;
    }
    let app = App::start();
    let server = Server::start("silent", &app, &["witness-a", "witness-b"]);
    let (server, app) = (&server, &app);
    let stories: Vec<Story<'_>> = vec![
        ("nothing".to_owned(), Box::new(move || no_packet_at_all(server, app))),
        ("garbage".to_owned(), Box::new(move || packets_that_are_none(server, app))),
    ];
    together(stories);
    server.is_back_at_the_baseline();
}

/// Both verbs pass, with nothing told by the first; the call ends as its document says.
fn goes_on(server: &Server, app: &App, story: &str, start: impl FnOnce() -> Sipp) {
    let user = format!("to-{story}");
    let _ladder = Ladder { server, app, user: &user };
    app.answers_calls_to(&user, &document(story));
    for path in ["gathered", "recorded"] {
        app.twiml(&format!("/{path}/{story}"), "<Hangup/>");
    }
    app.twiml(&format!("/told/{story}"), "");
    app.twiml(&format!("/end/{story}"), "<Hangup/>");
    let caller = start();
    app.asked(&format!("/end/{story}"));
    caller.ends_well();
    assert!(app.first(&format!("/gathered/{story}")).is_none(), "{story}: nothing was pressed");
    assert!(app.first(&format!("/recorded/{story}")).is_none(), "{story}: nothing was said");
    let told = app.asked(&format!("/told/{story}"));
    assert_eq!(told.parameter("RecordingStatus"), "absent", "{story}");
}

fn no_packet_at_all(server: &Server, app: &App) {
    goes_on(server, app, "nothing", || caller::calls(server, "to-nothing", WITHOUT_EVENTS, ""));
}

fn packets_that_are_none(server: &Server, app: &App) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port().to_string();
    let mut garbage = None;
    goes_on(server, app, "garbage", || {
        let sipp = caller::calls_from(server, "to-garbage", &port, WITHOUT_EVENTS, "");
        garbage = Some(Garbage::start(socket, sipp.messages.clone()));
        sipp
    });
    drop(garbage);
    if is_installed("baresip", "baresip-core", "others beside garbage") {
        others_do_not_notice(server, app);
    }
}

/// Two talk as ever.
fn others_do_not_notice(server: &Server, app: &App) {
    app.answers_calls_to("to-witness-b", "<Dial><Sip>sip:witness-b@bank.example</Sip></Dial>");
    let mut a = Baresip::registered(server, "witness-a", "udp", 400);
    let mut b = Baresip::registered(server, "witness-b", "udp", 620);
    a.order("dial", "sip:to-witness-b@bank.example");
    b.sees("CALL_INCOMING");
    b.order("accept", "");
    a.hears(Heard::Tone(620));
    b.hears(Heard::Tone(400));
    a.order("hangup", "");
    b.sees("CALL_CLOSED");
    a.quits();
    b.quits();
}

/// Somebody sends to where the server listens for a call's sound.
struct Garbage {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Garbage {
    fn start(socket: UdpSocket, messages: PathBuf) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            while !ends.load(Ordering::Acquire) {
                let said = std::fs::read_to_string(&messages).unwrap_or_default();
                if let Some(far) = far_end(&said) {
                    send(&socket, far, &ends);
                }
                socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
                let _ = socket.recv(&mut [0; 2048]);
            }
        });
        Self { is_over, thread: Some(thread) }
    }
}

impl Drop for Garbage {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Where the first answer with a session description wants sound.
fn far_end(messages: &str) -> Option<SocketAddr> {
    let answer = messages.split("SIP/2.0 200").nth(1)?;
    let port = answer.split("m=audio ").nth(1)?.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::from(([127, 0, 0, 1], port)))
}

/// A packet every 20 ms: of each kind in turn, and none of them RTP that was agreed on.
fn send(socket: &UdpSocket, far: SocketAddr, is_over: &AtomicBool) {
    let mut dice = 1_u32;
    let mut n = 0_u16;
    socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    while !is_over.load(Ordering::Acquire) {
        let mut bytes: Vec<u8> = std::iter::repeat_with(|| {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (dice >> 24) as u8
        })
        .take(usize::from(n) * 37 % 1400)
        .collect();
        match (n % 4, &mut bytes[..]) {
            // Right at first sight: of a payload type that nobody agreed on.
            (1, [first, second, _, ..]) => (*first, *second) = (0x80, 77),
            // More sources than there are bytes.
            (2, [first, second, _, ..]) => {
                (*first, *second) = (0x8f, 0);
                bytes.truncate(70);
            }
            // More padding than there are bytes.
            (3, [first, second, ..]) => {
                (*first, *second) = (0xa0, 0);
                bytes.truncate(200);
                bytes.push(255);
            }
            // Of no version there is.
            (_, [first, ..]) => *first &= 0x3f,
            (_, []) => {}
        }
        n = n.wrapping_add(1);
        // A datagram may get lost.
        let _ = socket.send_to(&bytes, far);
        let _ = socket.recv(&mut [0; 2048]);
    }
}
