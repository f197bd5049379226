//! Seeded networks: what is concealed, and how deep the buffer is.

use super::*;
use crate::epoch::epoch;

/// A network: loss in per mille, how long a loss lasts, jitter in ms, the clock's error.
#[derive(Clone, Copy, Debug)]
struct Network {
    loss: u64,
    burst: u64,
    jitter_ms: u64,
    /// Parts per million the sender is too fast.
    drift: i64,
    /// Ms of a packet.
    packet_ms: u64,
    codec: Codec,
    /// From the middle on everything takes so much longer, ms.
    detour_ms: u64,
    /// Every ten seconds nothing comes for so long, ms; then all at once.
    stall_ms: u64,
}

const PERFECT: Network = Network {
    loss: 0,
    burst: 1,
    jitter_ms: 0,
    drift: 0,
    packet_ms: 20,
    codec: Codec::Pcmu,
    detour_ms: 0,
    stall_ms: 0,
};

/// What came of it, in ticks.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    played_ms: u64,
    concealed: u64,
    lost: u64,
    stretched: u64,
    surplus: u64,
    nothing: u64,
    depth_ms: u64,
    /// How much sound waited behind what was played last, ms.
    waiting_ms: u64,
    /// Payloads came in the order they were sent, each once.
    disorder: u64,
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
}

fn header(sequence: u16, timestamp: u32) -> Header {
    Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 7 }
}

/// A payload of so many ms, and where in it there is room for a number.
fn payload_of(codec: Codec, ms: u64, n: u64) -> Vec<u8> {
    let mut payload = match codec {
        Codec::Pcmu | Codec::Pcma | Codec::G722 => vec![0; ms as usize * 8],
        // SILK at 16 kHz: frames of 10, 20, 40 and 60 ms, or two of them of 20.
        Codec::Opus => {
            let toc = [(10, 0x40), (20, 0x48), (40, 0x50), (60, 0x58), (30, 0x43)];
            let toc = toc.iter().find(|(length, _)| *length == ms).map(|(_, toc)| *toc).unwrap();
            let count: &[u8] = if ms == 30 { &[3] } else { &[] };
            [&[toc][..], count, &[0; 30]].concat()
        }
    };
    let end = payload.len();
    payload[end - 8..].copy_from_slice(&n.to_be_bytes());
    payload
}

/// A minute of a sender that never pauses.
fn minute(network: Network, seed: u64, is_quiet: bool) -> Outcome {
    minutes(1, network, seed, |_| is_quiet)
}

/// The same for so many; whether it can be heard, by the tick.
fn minutes(n: u64, network: Network, seed: u64, is_quiet: impl Fn(u64) -> bool) -> Outcome {
    let (mut dice, mut outcome) = (Dice(seed), Outcome::default());
    let (start, codec) = (epoch(), network.codec);
    let n_packets = n * 60_000 / network.packet_ms;
    let mut arrivals = Vec::new();
    let mut lost_until = 0;
    for n in 0..n_packets {
        if n >= lost_until && dice.below(1000 * network.burst) < network.loss {
            lost_until = n + network.burst;
        }
        if n < lost_until {
            outcome.lost += network.packet_ms.div_ceil(20);
            continue;
        }
        let sent = (n * network.packet_ms * 1000) as i64;
        let sent = sent - sent * network.drift / 1_000_000;
        let delay = 30_000 + dice.below(network.jitter_ms * 1000 + 1) as i64;
        let detour = if n > n_packets / 2 { network.detour_ms as i64 * 1000 } else { 0 };
        let arrived = sent + delay + detour;
        let within = arrived.rem_euclid(10_000_000) - 5_000_000;
        let stall = network.stall_ms as i64 * 1000;
        let held = if (0..stall).contains(&within) { stall - within } else { 0 };
        arrivals.push((arrived + held, n));
    }
    arrivals.sort_unstable();
    let mut jitter = Jitter::new(start, codec.clock_hz());
    let mut arrivals = arrivals.into_iter().peekable();
    let (mut held_ms, mut expected, mut newest) = (0, 0, 0);
    for tick in 0..n_packets * network.packet_ms / 20 {
        let now = (tick * 20_000 + 7000) as i64;
        let at = |micros: i64| start + Duration::from_micros(micros as u64);
        while let Some((arrived, n)) = arrivals.next_if(|(arrived, _)| *arrived <= now) {
            let sequence = (65_000 + n) as u16;
            let per_ms = u64::from(codec.clock_hz()) / 1000;
            let header = header(sequence, (n * network.packet_ms * per_ms) as u32);
            let payload = payload_of(codec, network.packet_ms, n);
            jitter.put(at(arrived), &header, Content::Sound(codec), &payload);
            newest = n;
        }
        while held_ms < 20 {
            match jitter.pull(at(now + held_ms * 1000), is_quiet(tick)) {
                Pull::Sound(_, payload) => {
                    held_ms += network.packet_ms as i64;
                    outcome.played_ms += network.packet_ms;
                    let n = u64::from_be_bytes(*payload.last_chunk().unwrap());
                    outcome.waiting_ms = newest.saturating_sub(n) * network.packet_ms;
                    outcome.disorder += u64::from(n < expected);
                    expected = n + 1;
                }
                Pull::Surplus(..) => outcome.surplus += 1,
                Pull::Lost(lasts, _) => {
                    held_ms += lasts.as_millis() as i64;
                    outcome.concealed += 1;
                }
                Pull::Stretch => {
                    (outcome.stretched, held_ms) = (outcome.stretched + 1, held_ms + 20);
                }
                Pull::Nothing => (outcome.nothing, held_ms) = (outcome.nothing + 1, held_ms + 20),
                Pull::Noise(_) => panic!("nobody sent any"),
            }
        }
        held_ms -= 20;
    }
    outcome.depth_ms = jitter.depth().as_millis() as u64;
    outcome
}

/// What is concealed beyond what was lost, of 3,000 ticks: the table the limits stand in.
#[test]
fn little_more_is_concealed_than_was_lost() {
    let network = |loss, burst, jitter_ms| Network { loss, burst, jitter_ms, ..PERFECT };
    let table = [
        // Nothing lost.
        (network(0, 1, 0), 0),
        (network(0, 1, 10), 0),
        (network(0, 1, 40), 2),
        (network(0, 1, 80), 10),
        // Lost one by one.
        (network(10, 1, 0), 0),
        (network(10, 1, 40), 3),
        (network(50, 1, 0), 0),
        (network(50, 1, 40), 5),
        (network(50, 1, 80), 10),
        (network(200, 1, 0), 0),
        (network(200, 1, 80), 10),
        // Five at a time: what is longer than 60 ms is silence.
        (network(50, 5, 0), 0),
        (network(50, 5, 40), 0),
    ];
    for (network, more) in table {
        for seed in 1..=5 {
            for is_quiet in [false, true] {
                let got = minute(network, seed, is_quiet);
                let what = (network.loss, network.burst, network.jitter_ms, seed, is_quiet);
                assert!(got.concealed <= got.lost + more, "{what:?} {got:?}");
                assert_eq!(got.disorder, 0, "{what:?}");
                assert!((20..=200).contains(&got.depth_ms), "{what:?} {got:?}");
                let heard = got.played_ms / 20 + got.lost + got.surplus;
                assert!(heard + more + 16 >= 3000, "{what:?} {got:?}");
            }
        }
    }
}

#[test]
fn packets_of_every_length_are_played() {
    for packet_ms in [10, 20, 30, 40, 60] {
        let got = minute(Network { packet_ms, ..PERFECT }, 1, false);
        assert_eq!((got.concealed, got.stretched, got.surplus), (0, 0, 0), "{packet_ms} {got:?}");
        assert!(got.played_ms >= 60_000 - 160, "{packet_ms} {got:?}");
        let jitter = Network { packet_ms, jitter_ms: 30, ..PERFECT };
        let got = minute(jitter, 1, false);
        assert!(got.concealed <= 10, "{packet_ms} {got:?}");
    }
}

#[test]
fn depth_follows_the_network() {
    let mut depths = Vec::new();
    for jitter_ms in [0, 10, 40, 80, 150, 400] {
        depths.push(minute(Network { jitter_ms, ..PERFECT }, 3, true).depth_ms);
    }
    let bounds = [(20, 20), (20, 20), (35, 42), (70, 82), (140, 152), (200, 200)];
    for (depth, (least, most)) in depths.iter().zip(bounds) {
        assert!((least..=most).contains(depth), "{depths:?}");
    }
}

/// The same for every codec, whose timestamps and lengths differ.
#[test]
fn every_codec_is_played_in_time() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
        for packet_ms in [10, 20, 30, 40, 60] {
            let network = Network { codec, packet_ms, loss: 20, jitter_ms: 40, ..PERFECT };
            for seed in 1..=3 {
                let got = minute(network, seed, false);
                let what = (codec, packet_ms, seed);
                // A loss of 10 ms is made up for in 10 ms, of 30 in two pieces.
                let most = got.lost + 25;
                assert!(got.concealed <= most, "{what:?} {got:?}");
                assert_eq!(got.disorder, 0, "{what:?}");
                let heard = got.played_ms + got.lost * packet_ms.min(20);
                assert!(heard + 700 >= 60_000, "{what:?} {got:?}");
            }
        }
    }
}

/// An hour of talk with a pause now and then, of a sender whose clock is off by 200 ppm: 720 ms that
/// are left out or put in where nobody hears it.
#[test]
fn an_hour_of_a_clock_that_drifts() {
    // Two seconds of five are quiet; or it never is.
    let talks = |tick: u64| tick % 250 < 100;
    for drift in [200, -200] {
        for jitter_ms in [0, 30] {
            let network = Network { drift, jitter_ms, ..PERFECT };
            let got = minutes(60, network, 5, talks);
            let moved = if drift > 0 { got.surplus } else { got.stretched + got.concealed };
            assert!((30..=60).contains(&moved), "{drift} {jitter_ms} {got:?}");
            assert!(got.concealed <= 40, "{drift} {jitter_ms} {got:?}");
            assert!(got.waiting_ms <= 140, "{drift} {jitter_ms} {got:?}");
            let music = minutes(60, network, 5, |_| false);
            assert!(music.surplus + music.concealed <= 60, "{drift} {jitter_ms} {music:?}");
            assert!(music.waiting_ms <= 260, "{drift} {jitter_ms} {music:?}");
        }
    }
}

/// The way becomes longer by half a second, as when a phone changes its network: that is one gap,
/// and nothing is left out or put in because of it.
#[test]
fn a_way_that_becomes_longer() {
    for detour_ms in [100, 300, 500, 900] {
        for jitter_ms in [0, 30] {
            let network = Network { detour_ms, jitter_ms, ..PERFECT };
            let got = minute(network, 2, false);
            assert!(got.concealed <= 8 && got.surplus <= 3, "{detour_ms} {jitter_ms} {got:?}");
            assert!(got.played_ms + detour_ms + 300 >= 60_000, "{detour_ms} {jitter_ms} {got:?}");
            assert!(got.depth_ms <= 60, "{detour_ms} {jitter_ms} {got:?}");
        }
    }
}

/// A network that stops and gives all at once: a gap, and what came too late is left out until the
/// sound is as near as before.
#[test]
fn a_network_that_stalls() {
    for stall_ms in [100, 300, 600, 2000] {
        let got = minute(Network { stall_ms, ..PERFECT }, 2, false);
        // Six times.
        assert!(got.concealed <= 6 * 4, "{stall_ms} {got:?}");
        assert!(got.surplus <= 6 * stall_ms / 20, "{stall_ms} {got:?}");
        assert!(got.waiting_ms <= 350, "{stall_ms} {got:?}");
        assert_eq!(got.disorder, 0);
    }
}

/// 1,000 ppm over a minute are three packets, left out or put in where it is quiet.
#[test]
fn a_clock_that_drifts_is_followed() {
    for (drift, surplus, stretched) in [(1000, 2..=5, 0..=1), (-1000, 0..=2, 2..=5)] {
        let got = minute(Network { drift, ..PERFECT }, 1, true);
        assert!(surplus.contains(&got.surplus), "{drift} {got:?}");
        assert!(stretched.contains(&got.stretched), "{drift} {got:?}");
        assert!(got.concealed <= 1, "{drift} {got:?}");
    }
}

/// A buffer that is fed and asked by hand: every line a tick.
struct Hand {
    jitter: Jitter,
    start: Instant,
    at: u64,
}

impl Hand {
    fn new() -> Self {
        let start = epoch();
        Self { jitter: Jitter::new(start, 8000), start, at: 1_000_000 }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_micros(self.at)
    }

    fn put_as(&mut self, ssrc: u32, sequence: u16, timestamp: u32) {
        let mut payload = [0; 160];
        payload[..2].copy_from_slice(&sequence.to_be_bytes());
        let header = Header { ssrc, ..header(sequence, timestamp) };
        self.jitter.put(self.now(), &header, Content::Sound(Codec::Pcmu), &payload);
    }

    fn put(&mut self, sequence: u16) {
        self.put_as(7, sequence, u32::from(sequence) * 160);
    }

    /// The number played, `?` for a loss, `-` for nothing.
    fn tick(&mut self) -> String {
        let pulled = match self.jitter.pull(self.now(), false) {
            Pull::Sound(_, payload) => {
                payload.first_chunk().map_or(0, |two| u16::from_be_bytes(*two)).to_string()
            }
            Pull::Lost(..) => "?".to_owned(),
            Pull::Nothing => "-".to_owned(),
            other @ (Pull::Surplus(..) | Pull::Noise(_) | Pull::Stretch) => format!("{other:?}"),
        };
        self.at += 20_000;
        pulled
    }

    /// One packet a tick.
    fn run(&mut self, sequences: impl IntoIterator<Item = u16>) -> String {
        let ticks = sequences.into_iter().map(|sequence| {
            self.put(sequence);
            self.tick()
        });
        ticks.collect::<Vec<_>>().join(" ")
    }

    fn idle(&mut self, ticks: usize) -> String {
        (0..ticks).map(|_| self.tick()).collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn it_begins_40_ms_deep() {
    let mut hand = Hand::new();
    assert_eq!(hand.run(10..16), "- - 10 11 12 13");
    assert_eq!(hand.idle(8), "14 15 ? ? ? - - -");
    // The sender was silent for a while: it begins anew.
    hand.put_as(7, 16, 16 * 160 + 8 * 160);
    assert_eq!(hand.idle(4), "- - 16 ?");
}

#[test]
fn order_is_restored_and_twice_is_once() {
    let mut hand = Hand::new();
    assert_eq!(hand.run([10, 11, 13, 12, 14, 14, 15]), "- - 10 11 12 13 14");
    let mut hand = Hand::new();
    assert_eq!(hand.run([10, 11, 12, 14, 15, 16, 17]), "- - 10 11 12 ? 14");
    // Too late: its time is over.
    hand.put(13);
    assert_eq!(hand.idle(3), "15 16 17");
}

/// Seconds late, when nobody waits for it any more: nothing else is changed by it.
#[test]
fn what_comes_seconds_late_is_left_out() {
    let mut hand = Hand::new();
    hand.run(10..200);
    for late in [20, 130, 140, 190] {
        hand.put(late);
    }
    assert_eq!(hand.run(200..204), "198 199 200 201");
}

/// After early media, say: the same SSRC, and all is counted anew.
#[test]
fn a_sender_that_counts_anew_is_heard_soon() {
    let mut hand = Hand::new();
    hand.run(10..110);
    let heard = hand.run(0..50);
    assert!(heard.starts_with("108 109 ? ? ? - - - - - 9 10 11 12"), "{heard}");
}

#[test]
fn numbers_and_times_wrap() {
    let mut hand = Hand::new();
    for n in 0..10_u16 {
        hand.put_as(7, n.wrapping_add(65_530), (u32::from(n) * 160).wrapping_sub(800));
        let want =
            n.checked_sub(2).map_or_else(|| "-".to_owned(), |n| n.wrapping_add(65_530).to_string());
        assert_eq!(hand.tick(), want);
    }
}

/// Another SSRC, a jump of numbers, a jump of timestamps: what comes next follows on.
#[test]
fn another_stream_goes_on_where_this_one_was() {
    for (ssrc, sequence, timestamp) in [(8, 500, 77), (7, 40_000, 14 * 160), (7, 14, 9_999_999)] {
        let mut hand = Hand::new();
        assert_eq!(hand.run(10..14), "- - 10 11");
        let mut heard = Vec::new();
        for n in 0..4_u16 {
            hand.put_as(ssrc, sequence + n, timestamp + u32::from(n) * 160);
            heard.push(hand.tick());
            // What was left behind is not listened to.
            if ssrc == 8 {
                hand.put_as(7, 14 + n, u32::from(14 + n) * 160);
            }
        }
        let want =
            ["12".to_owned(), "13".to_owned(), sequence.to_string(), (sequence + 1).to_string()];
        assert_eq!(heard, want, "{ssrc}");
    }
}

#[test]
fn keys_and_comfort_noise_are_no_loss() {
    let mut hand = Hand::new();
    assert_eq!(hand.run(10..14), "- - 10 11");
    for sequence in 14..18 {
        let event = header(sequence, 14 * 160);
        hand.jitter.put(hand.now(), &event, Content::Event, &[1, 2, 3, 4]);
        let want = ["12", "13", "-", "-"][usize::from(sequence) - 14];
        assert_eq!(hand.tick(), want);
    }
    assert_eq!(hand.run(18..22), "- - 18 19");
    let noise = header(22, 22 * 160);
    hand.jitter.put(hand.now(), &noise, Content::Noise, &[70]);
    assert_eq!(hand.idle(2), "20 21");
    assert_eq!(hand.jitter.pull(hand.now(), false), Pull::Noise(&[70]));
    assert_eq!(hand.idle(3), "- - -");
}

/// Nobody asks for long, or the sender sends far too much: 64 packets are held, the newest.
#[test]
fn it_holds_so_many() {
    let mut hand = Hand::new();
    for sequence in 0..200 {
        hand.put(sequence);
    }
    assert_eq!(hand.jitter.n_filled, SLOTS);
    hand.at += 100_000;
    assert_eq!(hand.tick(), "136");
    // Bytes nobody sends on purpose.
    let long = vec![0; limit::PACKET_BYTES + 1];
    for n in 0..1000_u32 {
        let header =
            Header { ssrc: n % 3, ..header((n * 7919) as u16, n.wrapping_mul(0x9e37_79b9)) };
        for content in [Content::Sound(Codec::Opus), Content::Sound(Codec::G722), Content::Event] {
            hand.jitter.put(hand.now(), &header, content, &long[..(n as usize * 31) % 1501]);
        }
        hand.tick();
        assert!(hand.jitter.n_filled <= SLOTS);
    }
}

#[test]
fn a_clock_may_change() {
    let mut hand = Hand::new();
    assert_eq!(hand.run(10..14), "- - 10 11");
    hand.jitter.set_clock(48_000);
    for n in 0..4_u16 {
        hand.put_as(7, 14 + n, u32::from(n) * 960);
        assert_eq!(hand.tick(), (12 + n).to_string());
    }
}
