//! A host that serves sound in every way but the right one, by path; it speaks as badly, by what it is to say.
//!
//! Not here: the application (`real/app`).
//! Source: RFC 9112; OpenAI, API reference, "Create speech".

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::wav;

/// More than any sound may have, bytes.
const HUGE: usize = 64 * 1024 * 1024 + 1;

/// The host; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Host {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl Host {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_over = Arc::<AtomicBool>::default();
        let over = Arc::clone(&is_over);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                // A connection that breaks off is what is wanted.
                std::thread::spawn(move || drop(serve(stream)));
            }
        });
        Self { address, is_over }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // Wakes the thread, which then sees that it is over.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut stream: TcpStream) -> io::Result<()> {
    let (path, body) = read(&mut BufReader::new(&stream))?;
    let ways = ["hangs", "refuses", "babble"];
    let what = ways.into_iter().find(|way| body.contains(way)).unwrap_or(&path);
    let mut say = |head: &str, body: &[u8]| -> io::Result<()> {
        write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\n\r\n")?;
        stream.write_all(body)
    };
    let tone = wav::tone_file(620, 1);
    match what {
        "/words" => say("200 Said\r\nContent-Type: text/html\r\nContent-Length: 5", b"words"),
        "/page" => say("200 Said\r\nContent-Type: audio/wav\r\nContent-Length: 6", b"<html>"),
        "/huge" => {
            say(&format!("200 Said\r\nContent-Type: audio/wav\r\nContent-Length: {HUGE}"), &tone)
        }
        "/cut" => {
            let half = &tone[..tone.len() / 2];
            let length = half.len();
            say(&format!("200 Said\r\nContent-Type: audio/wav\r\nContent-Length: {length}"), half)
        }
        "/ends-midway" => {
            let length = tone.len();
            let head = format!("200 Said\r\nContent-Type: audio/wav\r\nContent-Length: {length}");
            say(&head, &tone[..tone.len() / 2])
        }
        "/trickles" => {
            say("200 Said\r\nContent-Type: audio/mpeg", b"ID3\x04")?;
            loop {
                stream.write_all(&[0])?;
                std::thread::park_timeout(Duration::from_millis(50));
            }
        }
        "refuses" => say("500 Refused\r\nContent-Length: 0", b""),
        "babble" => {
            say("200 Said\r\nContent-Type: audio/wav", b"")?;
            loop {
                stream.write_all(&[7; 4096])?;
            }
        }
        // Until the other side has had enough.
        "hangs" | "/hangs" => stream.read(&mut [0]).map(drop),
        _ => say("404 Missing\r\nContent-Length: 0", b""),
    }
}

/// The path that is asked for, and what is sent with it.
fn read(stream: &mut BufReader<&TcpStream>) -> io::Result<(String, String)> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((path, String::from_utf8_lossy(&body).into_owned()))
}
