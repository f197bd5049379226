//! A SIP peer over UDP that says what a test wants it to say.
//!
//! Not here: phones that know SIP (`sipp`, `baresip`).
//! Source: RFC 3261 §8.2.6.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// One.
#[derive(Debug)]
pub(crate) struct Peer {
    socket: UdpSocket,
    known: HashSet<String>,
}

/// A request it got.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) text: String,
    from: SocketAddr,
}

impl Request {
    /// The value of the first line that begins so.
    pub(crate) fn line(&self, start: &str) -> &str {
        let found = self.text.lines().find_map(|line| line.strip_prefix(start));
        found.unwrap_or_else(|| panic!("no {start}: {}", self.text)).trim()
    }
}

impl Peer {
    pub(crate) fn new(ip: &str) -> Self {
        let ip: IpAddr = ip.parse().unwrap();
        Self { socket: UdpSocket::bind((ip, 0)).unwrap(), known: HashSet::new() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// The next call, if one comes in that time.
    pub(crate) fn called_within(&mut self, time: Duration) -> Option<Request> {
        let deadline = Instant::now() + time;
        let mut buffer = [0; 4096];
        loop {
            let left = deadline.checked_duration_since(Instant::now())?;
            self.socket.set_read_timeout(Some(left.max(Duration::from_millis(1)))).unwrap();
            let Ok((len, from)) = self.socket.recv_from(&mut buffer) else { continue };
            let text = String::from_utf8_lossy(&buffer[..len]).into_owned();
            let request = Request { text, from };
            if request.text.starts_with("INVITE ")
                && self.known.insert(request.line("Call-ID:").to_owned())
            {
                return Some(request);
            }
        }
    }

    /// The next call.
    pub(crate) fn called(&mut self) -> Request {
        self.called_within(PATIENCE).expect("a call")
    }

    /// Answers, with further lines and a body behind an empty one: `200 OK`, `…\r\n\r\n…`.
    pub(crate) fn answer(&self, request: &Request, status: &str, rest: &str) {
        let copied = ["Via:", "From:", "Call-ID:", "CSeq:"];
        let copied = copied.map(|name| format!("{name} {}\r\n", request.line(name))).concat();
        let (to, here) = (request.line("To:"), self.address());
        let rest = if rest.contains("\r\n\r\n") { rest.to_owned() } else { format!("{rest}\r\n") };
        let text = format!(
            "SIP/2.0 {status}\r\n{copied}To: {to};tag=peer\r\nContact: <sip:peer@{here}>\r\n{rest}"
        );
        self.socket.send_to(text.as_bytes(), request.from).unwrap();
    }
}
