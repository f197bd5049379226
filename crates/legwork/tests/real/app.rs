//! The application of the tests: answers webhooks with what a test has set, and remembers what it was asked.
//!
//! Not here: the server under test (`server`).
//! Source: RFC 9112; Twilio, "TwiML for Programmable Voice", "Twilio's request to your application".

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::server::{PATIENCE, until};

/// What is said to a request.
#[derive(Clone, Debug)]
struct Reply {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

/// A webhook as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Where it went; a call's first document is asked from `/voice/` and the user that was called.
    pub(crate) path: String,
    parameters: HashMap<String, String>,
}

impl Asked {
    /// A parameter; empty when there is none.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

#[derive(Debug, Default)]
struct Shared {
    replies: Mutex<HashMap<String, Reply>>,
    asked: Mutex<Vec<Asked>>,
    is_over: AtomicBool,
}

/// A running application.
#[derive(Debug)]
pub(crate) struct App {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl App {
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1")
    }

    pub(crate) fn start_at(ip: &str) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let with = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if with.is_over.load(Ordering::Acquire) {
                    return;
                }
                let with = Arc::clone(&with);
                // A connection that breaks off concerns the server, not the application.
                std::thread::spawn(move || drop(serve(&stream, &with)));
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Calls to this user get this document first.
    pub(crate) fn answers_calls_to(&self, user: &str, twiml: &str) {
        self.twiml(&format!("/voice/{user}"), twiml);
    }

    /// The path gives this document.
    pub(crate) fn twiml(&self, path: &str, twiml: &str) {
        self.put(path, "text/xml", format!("<Response>{twiml}</Response>").into_bytes());
    }

    /// The path gives this file.
    pub(crate) fn put(&self, path: &str, content_type: &'static str, body: Vec<u8>) {
        let reply = Reply { status: 200, content_type, body };
        self.shared.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// The first request to this path, as soon as it has come.
    pub(crate) fn asked(&self, path: &str) -> Asked {
        until(&format!("a request to {path}"), PATIENCE, || self.first(path))
    }

    /// The requests to this path so far.
    pub(crate) fn all(&self, path: &str) -> Vec<Asked> {
        let asked = self.shared.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// The first request to this path, if it has come.
    pub(crate) fn first(&self, path: &str) -> Option<Asked> {
        self.all(path).into_iter().next()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        // Wakes the thread, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let asked = read(&mut BufReader::new(stream))?;
    let missing = || Reply { status: 404, content_type: "text/plain", body: Vec::new() };
    let reply = shared.replies.lock().unwrap().get(&asked.path).cloned();
    let reply = reply.unwrap_or_else(missing);
    shared.asked.lock().unwrap().push(asked);
    let mut stream = stream;
    // Closed after each answer, so that no idle connection counts as an open file.
    write!(
        stream,
        "HTTP/1.1 {} Said\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        reply.status,
        reply.content_type,
        reply.body.len()
    )?;
    stream.write_all(&reply.body)
}

fn read(stream: &mut BufReader<&TcpStream>) -> io::Result<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let pairs = pairs.chain(url::form_urlencoded::parse(&body));
    let parameters: HashMap<String, String> =
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let path = match path {
        "/voice" => format!("/voice/{}", user(parameters.get("To").map_or("", String::as_str))),
        path => path.to_owned(),
    };
    Ok(Asked { path, parameters })
}

/// The user part of a SIP URI.
fn user(uri: &str) -> &str {
    uri.strip_prefix("sip:").and_then(|uri| uri.split('@').next()).unwrap_or(uri)
}
