//! A party's mouth and ear: a socket that its session descriptions name, a tone spoken from there, and
//! what comes in.
//!
//! Not here: signalling (`party`), decoding and naming (`legwork_media`).
//! Source: RFC 3550; RFC 3551 §6 for payload types.

use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use legwork_media::ear::{Breaks, Ear};
use legwork_media::mouth::Mouth;
use legwork_media::offer_answer::Codec;
use legwork_media::tone::Heard;

/// A packet every so often.
const PACKET: Duration = Duration::from_millis(20);
/// As much sound is listened to, ms.
const WINDOW_MS: u32 = 160;
/// Samples of it.
const WINDOW: usize = 1280;
/// Payload type of G.722.
const G722: u8 = 9;

/// What a party hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sound {
    /// No packet, or not enough of them.
    Nothing,
    /// Packets of silence.
    Silence,
    /// The server's.
    Ringback,
    /// This party, and nothing beside it; or a file with this tone. Hz.
    Tone(u16),
    /// Anything else: hold music, two of them at once.
    Other,
}

/// What the thread and the test share.
#[derive(Debug, Default)]
struct Heed {
    is_over: AtomicBool,
    is_silent: AtomicBool,
    ear: Mutex<Ear>,
}

/// A running one.
#[derive(Debug)]
pub(crate) struct Voice {
    heed: Arc<Heed>,
    thread: Option<JoinHandle<()>>,
}

impl Voice {
    /// Speaks this tone from this socket to where the newest session description among the messages
    /// SIPp has received says.
    pub(crate) fn start(socket: UdpSocket, hz: u16, messages: PathBuf) -> Self {
        let heed = Arc::new(Heed::default());
        let with = Arc::clone(&heed);
        let thread = std::thread::spawn(move || speak(&socket, hz, &messages, &with));
        Self { heed, thread: Some(thread) }
    }

    /// Forgets what it has heard.
    pub(crate) fn listens_anew(&self) {
        locked(&self.heed.ear).clear();
    }

    /// What it hears since then.
    pub(crate) fn hears(&self) -> Sound {
        let ear = locked(&self.heed.ear);
        if ear.last_samples(WINDOW_MS).len() < WINDOW {
            return Sound::Nothing;
        }
        match ear.heard(WINDOW_MS) {
            Heard::Silence => Sound::Silence,
            Heard::Ringback => Sound::Ringback,
            Heard::Tone(hz) => Sound::Tone((hz + 5) / 10 * 10),
            Heard::Other => Sound::Other,
        }
    }

    /// Packets so far.
    pub(crate) fn n_packets(&self) -> u32 {
        locked(&self.heed.ear).n_packets()
    }

    /// What its stream did that it must not.
    pub(crate) fn breaks(&self) -> Breaks {
        locked(&self.heed.ear).breaks()
    }

    /// Says nothing any more, but hears.
    pub(crate) fn falls_silent(&self) {
        self.heed.is_silent.store(true, Ordering::Release);
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.heed.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn speak(socket: &UdpSocket, hz: u16, messages: &PathBuf, heed: &Heed) {
    // A party that speaks from another socket begins another stream.
    let ssrc = u32::from(socket.local_addr().unwrap().port());
    let mut mouth = Mouth::new(ssrc, Codec::Pcmu, 0, 101, hz);
    let mut wide = Mouth::new(ssrc, Codec::G722, G722, 101, hz);
    let (mut far, mut read) = (None, 0);
    let mut due = Instant::now();
    while !heed.is_over.load(Ordering::Acquire) {
        let length = std::fs::metadata(messages).map_or(0, |file| file.len());
        if length != read {
            read = length;
            far = far_end(&std::fs::read_to_string(messages).unwrap_or_default()).or(far);
        }
        let (narrow, wide) = (mouth.next_packet(), wide.next_packet());
        if let Some((port, payload_type)) = far
            && !heed.is_silent.load(Ordering::Acquire)
        {
            let packet = if payload_type == G722 { wide } else { narrow };
            // A datagram may get lost.
            let _ = socket.send_to(&packet, SocketAddr::from(([127, 0, 0, 1], port)));
        }
        due += PACKET;
        listen(socket, due, heed);
    }
}

/// Hears until then.
fn listen(socket: &UdpSocket, until: Instant, heed: &Heed) {
    let mut buffer = [0; 2048];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        socket.set_read_timeout(Some(left)).unwrap();
        let Ok((n, _)) = socket.recv_from(&mut buffer) else { return };
        let packet = &buffer[..n];
        locked(&heed.ear).handle(packet);
    }
}

/// Port and best payload type of the newest session description that came in.
fn far_end(messages: &str) -> Option<(u16, u8)> {
    let blocks = messages.split("-----------------------------------------------");
    let line = |block: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix("m=audio "))?;
        let mut words = line.split_whitespace();
        let port = words.next()?.parse().ok()?;
        Some((port, words.nth(1)?.parse().ok()?))
    };
    blocks.filter(|block| block.contains(" received [")).filter_map(line).last()
}
