//! Somebody in the path between a phone and the server, who takes telephone-events out of what it offers.
//!
//! Passes datagrams on as they are else, both ways; the sound goes past it.
//! Not here: phones (`baresip`).
//! Source: RFC 4566 §5.14, §6 (formats and their attributes).

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A running one.
#[derive(Debug)]
pub(crate) struct Between {
    /// Where the phone sends to.
    pub(crate) address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Between {
    /// Between one phone and this server.
    pub(crate) fn start(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let address = socket.local_addr().unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || pass_on(&socket, server, &ends));
        Self { address, is_over, thread: Some(thread) }
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn pass_on(socket: &UdpSocket, server: SocketAddr, is_over: &AtomicBool) {
    let mut phone = None;
    let mut buffer = [0; 65_536];
    while !is_over.load(Ordering::Acquire) {
        let Ok((n, from)) = socket.recv_from(&mut buffer) else { continue };
        // A datagram may get lost.
        if from == server {
            let _ = phone.map(|phone| socket.send_to(&buffer[..n], phone));
        } else {
            phone = Some(from);
            let _ = socket.send_to(without_events(&buffer[..n]).as_bytes(), server);
        }
    }
}

/// A message whose session description names no telephone-events.
fn without_events(message: &[u8]) -> String {
    let message = String::from_utf8_lossy(message);
    let whole = message.clone().into_owned();
    let Some((head, body)) = message.split_once("\r\n\r\n") else { return whole };
    let is_events = |line: &&str| line.contains(" telephone-event/");
    let Some(line) = body.lines().find(is_events) else { return whole };
    let format = line.trim_start_matches("a=rtpmap:").split(' ').next().unwrap();
    let mut less = String::new();
    for line in body.lines() {
        let attribute = line.strip_prefix("a=rtpmap:").or_else(|| line.strip_prefix("a=fmtp:"));
        if line.starts_with("m=audio ") {
            less += &line.replacen(&format!(" {format}"), "", 1);
        } else if attribute.and_then(|rest| rest.split(' ').next()) != Some(format) {
            less += line;
        } else {
            continue;
        }
        less += "\r\n";
    }
    let length = |line: &&str| !line.to_ascii_lowercase().starts_with("content-length");
    let head: Vec<&str> = head.lines().filter(length).collect();
    format!("{}\r\nContent-Length: {}\r\n\r\n{less}", head.join("\r\n"), less.len())
}
