//! Media for the bench: `bench_rtp load PID WARM SECONDS < PORTS` sends and receives G.711 at 20 ms
//! and prints what the process PID spent per packet; `bench_rtp relay SOCKETS` is the bare floor.
//!
//! Each line of PORTS is `OWN FAR`: where a leg sends from and to, on loopback. Lines 2k and 2k + 1
//! are the legs of one call. `bench_rtp load PID WARM SECONDS SPEAKERS`: all are in one conference, and
//! the first ones speak.
//! Not here: setting up the calls (`bench/phone.py`).

#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::io::{self, BufRead, Error};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::event::epoll::{self, Event, EventData, EventFlags};

/// Time between two packets of a leg.
const PTIME: Duration = Duration::from_millis(20);
/// RTP header and 20 ms of G.711.
const PACKET: usize = 172;
/// 1 kHz, loud. Source: ITU-T G.711, table 6.
const MILLIWATT: [u8; 8] = [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e];
/// Packets that come later than this after the end are lost.
const GRACE: Duration = Duration::from_millis(300);
/// What `/proc` counts in. Source: proc(5); 100 on every Linux of ours.
const TICKS_PER_SECOND: f64 = 100.0;
/// Times all that came is read between two looks.
const READS: usize = 16;
/// Between two looks of the load: what is due is sent, what came is read.
const NAP: Duration = Duration::from_micros(100);

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["relay", sockets] => relay(number(sockets)? as usize),
        ["load", pid, warm, seconds, speakers @ ..] => {
            let table = io::stdin().lock().lines().map(|line| ports(&line?));
            let warm = Duration::from_secs(number(warm)?);
            let measured = Duration::from_secs(number(seconds)?);
            let speakers = speakers.first().map(|speakers| number(speakers)).transpose()?;
            let mut load = Load::new(&table.collect::<io::Result<Vec<_>>>()?)?;
            load.counts.speakers = speakers.map(|speakers| speakers as usize);
            load.run(number(pid)?, warm, measured)
        }
        _ => Err(Error::other("bench_rtp relay SOCKETS, or load PID WARM SECONDS [SPEAKERS]")),
    }
}

fn number(text: &str) -> io::Result<u64> {
    text.parse().map_err(|_| Error::other(format!("{text} is no number")))
}

fn ports(line: &str) -> io::Result<(u16, u16)> {
    let two = line.split_once(' ').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    two.ok_or_else(|| Error::other(format!("`{line}` is not two ports")))
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn bind(port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(loopback(port))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Sockets in one epoll.
struct Sockets {
    all: Vec<UdpSocket>,
    epoll: OwnedFd,
    ready: Vec<Event>,
}

impl Sockets {
    fn new(all: Vec<UdpSocket>) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (n, socket) in (0..).zip(&all) {
            epoll::add(&epoll, socket, EventData::new_u64(n), EventFlags::IN)?;
        }
        Ok(Self { all, epoll, ready: Vec::with_capacity(256) })
    }

    /// Waits, and gives one packet of every socket that has one.
    fn receive(
        &mut self,
        timeout: Option<&Timespec>,
        mut packet: impl FnMut(&[UdpSocket], usize, &[u8], SocketAddr),
    ) -> io::Result<usize> {
        self.ready.clear();
        epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut self.ready), timeout)?;
        let mut buffer = [0; 2048];
        for event in &self.ready {
            let n = usize::try_from(event.data.u64()).unwrap_or(usize::MAX);
            let Some(socket) = self.all.get(n) else { continue };
            let Ok((len, from)) = socket.recv_from(&mut buffer) else { continue };
            packet(&self.all, n, buffer.get(..len).unwrap_or_default(), from);
        }
        Ok(self.ready.len())
    }
}

/// The bare floor: a packet on one socket of a pair leaves from the other, to whoever sent there.
fn relay(sockets: usize) -> io::Result<()> {
    let all = (0..sockets).map(|_| bind(0)).collect::<io::Result<Vec<_>>>()?;
    for socket in &all {
        println!("{}", socket.local_addr()?.port());
    }
    let mut peers: Vec<Option<SocketAddr>> = vec![None; sockets];
    let mut sockets = Sockets::new(all)?;
    loop {
        sockets.receive(None, |all, n, packet, from| {
            if let Some(peer) = peers.get_mut(n) {
                *peer = Some(from);
            }
            if let (Some(out), Some(Some(to))) = (all.get(n ^ 1), peers.get(n ^ 1)) {
                // A packet that can not be sent is a lost packet.
                let _ = out.send_to(packet, to);
            }
        })?;
    }
}

/// All legs, as phones.
struct Load {
    sockets: Sockets,
    far: Vec<SocketAddr>,
    began: Instant,
    /// The leg that sends next, and the packet of each leg that is due.
    next: usize,
    round: u32,
    counts: Counts,
}

/// What was counted while it was measured.
#[derive(Default)]
struct Counts {
    /// All are in a conference, where so many speak.
    speakers: Option<usize>,
    /// Packets that left earlier do not count.
    since: u32,
    sent: u64,
    received: u64,
    /// Not from the other leg of the call, or not what was sent.
    foreign: u64,
    /// Microseconds each packet was under way.
    latencies: Vec<u32>,
}

impl Load {
    fn new(table: &[(u16, u16)]) -> io::Result<Self> {
        let own = table.iter().map(|(own, _)| bind(*own)).collect::<io::Result<Vec<_>>>()?;
        if own.is_empty() {
            return Err(Error::other("no ports"));
        }
        Ok(Self {
            sockets: Sockets::new(own)?,
            far: table.iter().map(|(_, far)| loopback(*far)).collect(),
            began: Instant::now(),
            next: 0,
            round: 0,
            counts: Counts::default(),
        })
    }

    fn run(mut self, pid: u64, warm: Duration, measured: Duration) -> io::Result<()> {
        self.began = Instant::now();
        self.until(warm, true)?;
        let (since, speakers) = (micros(self.began.elapsed()), self.counts.speakers);
        self.counts = Counts { since, speakers, ..Counts::default() };
        let spent = cpu(pid)?;
        self.until(warm + measured, true)?;
        let spent = cpu(pid)? - spent;
        let received = self.counts.received.max(1);
        self.until(warm + measured + GRACE, false)?;
        let Counts { sent, foreign, latencies, .. } = &mut self.counts;
        let (sent, foreign) = (*sent, *foreign);
        latencies.sort_unstable();
        let at = |percent: usize| latencies.get(latencies.len() * percent / 100).copied();
        let (p50, p99) = (at(50).unwrap_or(0), at(99).unwrap_or(0));
        let lost = sent.saturating_sub(self.counts.received);
        let us = spent * 1e6 / received as f64;
        let percent = 100.0 * spent / measured.as_secs_f64();
        println!(
            "{{\"sent\":{sent},\"lost\":{lost},\"foreign\":{foreign},\"cpu_us_per_packet\":{us:.3},\
             \"cpu_percent\":{percent:.2},\"latency_us_p50\":{p50},\"latency_us_p99\":{p99}}}"
        );
        Ok(())
    }

    /// Goes on until so long after the beginning.
    fn until(&mut self, end: Duration, sending: bool) -> io::Result<()> {
        while self.began.elapsed() < end {
            if sending {
                self.send_due(end);
            }
            let (began, counts) = (self.began, &mut self.counts);
            // A server that sends more than can be read must not keep it from sending.
            for _ in 0..READS {
                let read =
                    self.sockets.receive(Some(&Timespec::default()), |_, n, packet, _| {
                        counts.take(n, packet, micros(began.elapsed()));
                    })?;
                if read == 0 {
                    break;
                }
            }
            std::thread::sleep(NAP);
        }
        Ok(())
    }

    /// Sends what is due, as long as there is time; the legs' turns are spread evenly.
    fn send_due(&mut self, end: Duration) {
        let legs = self.far.len();
        while self.began.elapsed() < end {
            let place = PTIME.mul_f64(self.next as f64 / legs as f64);
            if self.began.elapsed() < PTIME * self.round + place {
                return;
            }
            let sent_at = micros(self.began.elapsed());
            let mut packet = packet(self.next, self.round, sent_at);
            if let Some(speakers) = self.counts.speakers {
                say(&mut packet, self.next < speakers);
            }
            if let (Some(socket), Some(far)) =
                (self.sockets.all.get(self.next), self.far.get(self.next))
            {
                // A packet that can not be sent counts as lost.
                let _ = socket.send_to(&packet, far);
            }
            self.counts.sent += 1;
            self.next += 1;
            if self.next == legs {
                (self.next, self.round) = (0, self.round + 1);
            }
        }
    }
}

impl Counts {
    /// A packet came to leg `n`.
    fn take(&mut self, n: usize, packet: &[u8], now: u32) {
        if self.speakers.is_some() {
            self.received += u64::from(packet.len() == PACKET);
            return;
        }
        let word = |at: usize| {
            let bytes = packet.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            bytes.map(u32::from_be_bytes)
        };
        match (word(12), word(16)) {
            (Some(leg), Some(sent_at)) if leg as usize == n ^ 1 && packet.len() == PACKET => {
                if sent_at >= self.since {
                    self.received += 1;
                    self.latencies.push(now.saturating_sub(sent_at));
                }
            }
            (Some(_) | None, Some(_) | None) => self.foreign += 1,
        }
    }
}

/// A packet of a leg. Its payload says whose it is and when it left.
fn packet(leg: usize, round: u32, sent_at: u32) -> [u8; PACKET] {
    let mut packet = [0xd5; PACKET];
    let leg = (leg as u32).to_be_bytes();
    let (number, samples) = ((round as u16).to_be_bytes(), (round * 160).to_be_bytes());
    let header = [0x80, 0].into_iter().chain(number).chain(samples).chain(leg);
    let payload = leg.into_iter().chain(sent_at.to_be_bytes());
    for (to, from) in packet.iter_mut().zip(header.chain(payload)) {
        *to = from;
    }
    packet
}

/// The packet of who speaks in a conference, or listens.
fn say(packet: &mut [u8; PACKET], speaks: bool) {
    for (n, byte) in packet.iter_mut().skip(PACKET - 160).enumerate() {
        *byte = if speaks { MILLIWATT.get(n % 8).copied().unwrap_or(0xff) } else { 0xff };
    }
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// Seconds of processor a process has used so far.
fn cpu(pid: u64) -> io::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name stands in parentheses and may hold anything.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / TICKS_PER_SECOND)
}
