//! The web application of the bench: `bench_app ADDRESS`.
//!
//! `/voice` dials the callee and names `/refer` for transfers, `/refer` dials the target. What each
//! answer to `/refer` took is kept and told by `/times`, so that it can be taken off. `/say` speaks
//! once, `/announce` without end, `/conference` lets in.
//! Not here: the measurements (`bench/run`).

#![expect(clippy::print_stdout, reason = "a program that says where it listens")]

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

const VOICE: &str = "<Response><Dial answerOnBridge=\"true\" referUrl=\"/refer\">\
                     <Sip>sip:callee@127.0.0.1:15070</Sip></Dial></Response>";
const REFER: &str = "<Response><Dial answerOnBridge=\"true\">\
                     <Sip>sip:agentc@127.0.0.1:15072</Sip></Dial></Response>";
const SAY: &str = "<Response><Say>Welcome to the bank. How may we help you?</Say></Response>";
const ANNOUNCE: &str = "<Response><Say loop=\"0\">Welcome to the bank. All our lines are busy; please \
                        hold the line, and we will be with you as soon as we can.</Say></Response>";
const CONFERENCE: &str =
    "<Response><Dial><Conference beep=\"false\">all</Conference></Dial></Response>";
const QUEUE: &str = "<Response><Enqueue>all</Enqueue></Response>";
const STREAM: &str =
    "<Response><Connect><Stream url=\"ws://127.0.0.1:15092/\"/></Connect></Response>";
/// For whatever else is asked: the end of a `<Dial>`.
const OTHER: &str = "<Response><Hangup/></Response>";

/// Answers remembered.
const TIMES_MAX: usize = 10_000;
/// Longest body of a request.
const BODY_MAX: usize = 64 * 1024;

/// When `/refer` was asked and answered, nanoseconds since 1970.
type Times = Arc<Mutex<VecDeque<(u128, u128)>>>;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:15090".to_owned());
    let listener = TcpListener::bind(address)?;
    println!("the bench application listens at {}", listener.local_addr()?);
    let times = Times::default();
    loop {
        let (stream, _) = listener.accept()?;
        let times = Arc::clone(&times);
        // A connection that breaks is its peer's matter.
        let serve = move || drop(serve(&stream, &times));
        std::thread::Builder::new().stack_size(128 * 1024).spawn(serve)?;
    }
}

/// Answers one connection's requests until it ends.
fn serve(stream: &TcpStream, times: &Times) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(path) = request(&mut reader)? {
        let asked = now();
        let (kind, body) = match path.as_str() {
            "/voice" => ("text/xml", VOICE.to_owned()),
            "/refer" => ("text/xml", REFER.to_owned()),
            "/say" => ("text/xml", SAY.to_owned()),
            "/conference" => ("text/xml", CONFERENCE.to_owned()),
            "/queue" => ("text/xml", QUEUE.to_owned()),
            "/stream" => ("text/xml", STREAM.to_owned()),
            "/announce" => ("text/xml", ANNOUNCE.to_owned()),
            "/times" => ("text/plain", told(times)),
            _ => ("text/xml", OTHER.to_owned()),
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        (&*stream).write_all(answer.as_bytes())?;
        if path == "/refer" {
            let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
            times.truncate(TIMES_MAX - 1);
            times.push_front((asked, now()));
        }
    }
    Ok(())
}

/// Reads one request; its path. None: the connection is at its end.
fn request(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length.min(BODY_MAX)];
    reader.read_exact(&mut body)?;
    Ok(Some(path))
}

/// One line for each answer, newest first.
fn told(times: &Times) -> String {
    let times = times.lock().unwrap_or_else(PoisonError::into_inner);
    times.iter().map(|(asked, answered)| format!("{asked} {answered}\n")).collect()
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}
