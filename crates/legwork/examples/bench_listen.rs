//! Ears of the bench: `bench_listen FIRST STEP LEGS` receives PCMU on so many ports of loopback until
//! its standard input ends, and prints whether every packet came when it was due.
//!
//! Due is a packet as long behind the others of its leg as its timestamp says; the most punctual one
//! was on time. Not here: setting up the calls (`bench/run`), sending (`bench_rtp`).

#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::io::{self, Error, Read};
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rustix::event::Timespec;
use rustix::event::epoll::{self, Event, EventData, EventFlags};

/// A packet later than this is late, microseconds.
const LATE: i64 = 20_000;
/// Microseconds of a sample.
const SAMPLE: i64 = 125;
/// Louder than this is sound: 32 of 32,768, in the steps of µ-law.
const QUIET: u8 = 4;
/// Between two looks whether it is over.
const NAP: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

fn main() -> io::Result<()> {
    let numbers: Vec<u16> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let &[first, step, legs] = numbers.as_slice() else {
        return Err(Error::other("bench_listen FIRST STEP LEGS"));
    };
    let bind = |n: u16| UdpSocket::bind((Ipv4Addr::LOCALHOST, first + step * n));
    let sockets = (0..legs).map(bind).collect::<io::Result<Vec<_>>>()?;
    println!("listening");
    let is_over = Arc::new(AtomicBool::new(false));
    let watch = Arc::clone(&is_over);
    std::thread::spawn(move || {
        // Broken or closed, it is over.
        let _ = io::stdin().lock().read_to_end(&mut Vec::new());
        watch.store(true, Ordering::Relaxed);
    });
    println!("{}", told(&listen(&sockets, &is_over)?));
    Ok(())
}

/// What one leg heard.
#[derive(Default)]
struct Ear {
    /// Sequence number and timestamp of the last packet.
    last: Option<(u16, u32)>,
    /// Samples between the first packet and the last.
    samples: i64,
    lost: u64,
    /// When each packet came less when it should have, microseconds on a clock of this leg.
    offsets: Vec<i64>,
    /// When the first sound came, nanoseconds since 1970.
    first_sound: u128,
}

fn listen(sockets: &[UdpSocket], is_over: &AtomicBool) -> io::Result<Vec<Ear>> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    for (n, socket) in (0..).zip(sockets) {
        epoll::add(&epoll, socket, EventData::new_u64(n), EventFlags::IN)?;
    }
    let mut ears: Vec<Ear> = sockets.iter().map(|_| Ear::default()).collect();
    let mut ready: Vec<Event> = Vec::with_capacity(256);
    let (begun, mut buffer) = (Instant::now(), [0; 2048]);
    while !is_over.load(Ordering::Relaxed) {
        ready.clear();
        epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut ready), Some(&NAP))?;
        for event in &ready {
            let n = usize::try_from(event.data.u64()).unwrap_or(usize::MAX);
            let (Some(socket), Some(ear)) = (sockets.get(n), ears.get_mut(n)) else { continue };
            let len = socket.recv(&mut buffer)?;
            let at = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
            ear.hear(at, buffer.get(..len).unwrap_or_default());
        }
    }
    Ok(ears)
}

impl Ear {
    fn hear(&mut self, at: i64, packet: &[u8]) {
        let Some((header, payload)) = packet.split_first_chunk::<12>() else { return };
        let [_, kind, s0, s1, t0, t1, t2, t3, ..] = *header;
        if kind & 0x7f != 0 {
            return;
        }
        let (sequence, timestamp) =
            (u16::from_be_bytes([s0, s1]), u32::from_be_bytes([t0, t1, t2, t3]));
        if let Some((before, was)) = self.last.replace((sequence, timestamp)) {
            self.samples += i64::from(timestamp.wrapping_sub(was).cast_signed());
            let step = sequence.wrapping_sub(before).cast_signed();
            self.lost += u64::try_from(step - 1).unwrap_or(0);
        }
        self.offsets.push(at - self.samples * SAMPLE);
        if self.first_sound == 0 && payload.iter().any(|byte| !byte & 0x7f >= QUIET) {
            self.first_sound =
                SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        }
    }

    /// How late each packet was, microseconds.
    fn lateness(&self) -> impl Iterator<Item = i64> {
        let punctual = self.offsets.iter().copied().min().unwrap_or(0);
        self.offsets.iter().map(move |offset| offset - punctual)
    }
}

/// All of it, for `bench/run`.
fn told(ears: &[Ear]) -> String {
    let mut lateness: Vec<i64> = ears.iter().flat_map(Ear::lateness).collect();
    lateness.sort_unstable();
    let packets = lateness.len();
    let at = |of: usize| lateness.get(of).copied().unwrap_or(0);
    let (p50, p99, worst) = (at(packets / 2), at(packets * 99 / 100), at(packets.max(1) - 1));
    let late = lateness.iter().filter(|late| **late > LATE).count();
    let lost: u64 = ears.iter().map(|ear| ear.lost).sum();
    let first: Vec<u128> = ears.iter().map(|ear| ear.first_sound).collect();
    format!(
        "{{\"packets\":{packets},\"lost\":{lost},\"late\":{late},\"late_us_p50\":{p50},\
         \"late_us_p99\":{p99},\"late_us_max\":{worst},\"first_sound_ns\":{first:?}}}"
    )
}
