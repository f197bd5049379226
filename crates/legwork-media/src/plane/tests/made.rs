//! What a plane makes by itself, measured by ear: keys as events and as tones, ringing tones.
//!
//! Not here: how legs feed each other (`tests`).

use super::*;

/// Amplitude of one frequency.
fn strength(samples: &[i16], hz: f32) -> f32 {
    let step = std::f32::consts::TAU * hz / tone::RATE_HZ as f32;
    let sum = |wave: fn(f32) -> f32| -> f32 {
        let all = samples.iter().enumerate();
        all.map(|(n, sample)| f32::from(*sample) * wave(step * n as f32)).sum()
    };
    2.0 * sum(f32::sin).hypot(sum(f32::cos)) / samples.len() as f32
}

/// The key whose tone 40 ms are.
fn key_of(samples: &[i16]) -> Option<char> {
    b"0123456789*#ABCD".iter().copied().map(char::from).find(|key| {
        let (low, high) = tone::key::frequencies(*key as u8).unwrap();
        strength(samples, low) > 4000.0 && strength(samples, high) > 4000.0
    })
}

/// Keys as a listener who only hears them would write them down: `.` is 100 ms without one.
fn keys_by_ear(samples: &[i16]) -> String {
    let mut written = String::new();
    for tenth in samples.chunks(800) {
        let middle = tenth.get(200..600).unwrap_or_default();
        written.push(key_of(middle).unwrap_or('.'));
    }
    written
}

#[test]
fn keys_are_sent_as_events_on_one_line() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcma, 700));
    w.bridge(a, b);
    w.run(400);
    w.of_mut(b).ear.clear();
    w.order(b, Command::SendDigits(Box::from(*b"1w*d")));
    let mut events = Vec::new();
    let before = w.of(b).ear.n_packets();
    for _ in 0..55 {
        w.run(20);
        let last = w.of(b).ear.last().unwrap();
        events.extend((last.payload_type == 101).then_some((last.timestamp, last.marker)));
    }
    assert_eq!(w.of(b).ear.n_packets() - before, 55, "a packet every 20 ms, no more");
    assert_eq!(w.of(b).ear.keys(), b"1*D");
    assert_eq!(events.len(), 21, "seven packets a key");
    assert_eq!(events.iter().filter(|(_, marker)| *marker).count(), 3);
    let [one, star, d] = [events[0].0, events[7].0, events[14].0];
    assert!(events.iter().all(|(timestamp, _)| [one, star, d].contains(timestamp)));
    assert_eq!((star - one, d - star), (5600, 1600), "200 ms and 500 ms; 200 ms");
    assert_eq!(w.heard(b), Heard::Silence, "the other leg waits");
    assert_eq!(w.events(), []);
    w.run(20);
    assert_eq!(w.events(), [(b, Event::DigitsSent)]);
    w.run(400);
    assert!(tone_of(w.heard(b)).abs_diff(400) <= 5, "and is heard again");
    assert_eq!(w.plane.poll_timeout(), None);
    w.unbroken();
}

/// Packets of 20 ms: 160 units at 8000 Hz, 960 at 48000; each way under its own payload type.
#[test]
fn rfc4733_2_3_5_durations_count_in_the_clock_agreed_on() {
    for (codec, event_clock_hz, each) in
        [(Codec::Pcmu, 8000, 160), (Codec::Opus, 48_000, 960), (Codec::Opus, 8000, 160)]
    {
        let mut w = World::new();
        let a = w.phone(Codec::Pcmu, 0);
        w.of_mut(a).mouth = None;
        let agreed = Agreed {
            send_payload: 96,
            telephone_event: Some((110, 126)),
            event_clock_hz,
            ..agreed(codec, w.of(a).address)
        };
        w.order(a, Command::Agree(Box::new(agreed)));
        w.order(a, Command::SendDigits(Box::from(*b"7")));
        let mut events = Vec::new();
        for _ in 0..10 {
            w.plane.tick(w.now, |_, packet| {
                let Some((header, payload)) = rtp::parse(packet) else { return };
                if header.payload_type == 110 {
                    let event = crate::dtmf::TelephoneEvent::parse(&packet[payload]).unwrap();
                    events.push((event.duration, event.end, header.timestamp));
                }
            });
            w.now += TICK;
        }
        let lasted: Vec<_> = events.iter().map(|(lasted, end, _)| (*lasted, *end)).collect();
        let expected = [1, 2, 3, 4, 5, 5, 5].map(|n| (n * each, n == 5));
        assert_eq!(lasted, expected, "{codec:?}");
        assert!(events.iter().all(|event| event.2 == events[0].2), "{events:?}");
    }
}

#[test]
fn keys_are_heard_by_who_knows_no_events() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 0);
    let deaf = Agreed { telephone_event: None, ..agreed(Codec::Pcmu, w.of(a).address) };
    w.order(a, Command::Agree(Box::new(deaf)));
    w.order(a, Command::SendDigits(Box::from(*b"0123456789*#ABCDw8x9")));
    w.run(18 * 200 + 500);
    let samples = w.of(a).ear.last_samples(60_000);
    assert_eq!(
        keys_by_ear(&samples),
        "0.1.2.3.4.5.6.7.8.9.*.#.A.B.C.D......8.9.",
        "w is half a second, x is no key"
    );
    assert_eq!(w.events(), []);
    w.run(40);
    assert_eq!(w.events(), [(a, Event::DigitsSent)]);
    assert_eq!(w.plane.poll_timeout(), None);
    w.unbroken();
}

#[test]
fn keys_come_to_their_end_on_hold_and_without_keys() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 0);
    w.order(a, Command::SendDigits(Box::default()));
    w.run(20);
    assert_eq!(w.events(), [(a, Event::DigitsSent)]);
    let held = Agreed { send: false, ..agreed(Codec::Pcmu, w.of(a).address) };
    w.order(a, Command::Agree(Box::new(held)));
    w.order(a, Command::SendDigits(Box::from(*b"12")));
    w.run(420);
    assert_eq!(w.events(), [(a, Event::DigitsSent)]);
    assert_eq!(w.of(a).ear.n_packets(), 0);
    // What is played waits for the keys and goes on behind them.
    w.order(a, Command::Agree(Box::new(agreed(Codec::Pcmu, w.of(a).address))));
    assert!(w.plane.set_source(SourceId(1), Rate::Narrow, tone::sine(1000.0, 8000.0, 1600).into()));
    w.feed(a, Feed::Source(SourceId(1), 1));
    w.order(a, Command::SendDigits(Box::from(*b"3")));
    w.run(420);
    assert_eq!(w.events(), [(a, Event::DigitsSent), (a, Event::Played(SourceId(1)))]);
    w.unbroken();
}

/// What E.180 Supplement 2 says of each country: frequencies (a swinging tone has its two
/// sidebands beside it), milliseconds on and off.
const RINGING: &str = "
    at      420         | 1000 5000
    au      413 438     | 400 200 400 2000
    be      425         | 1000 3000
    bg      425         | 1000 4000
    br      425         | 1000 4000
    ch      425         | 1000 4000
    cl      400         | 1000 3000
    cn      450         | 1000 4000
    cz      425         | 1000 4000
    de      425         | 1000 4000
    dk      425         | 1000 4000
    ee      425         | 1000 4000
    es      425         | 1500 3000
    fi      425         | 1000 4000
    fr      440         | 1500 3500
    gr      425         | 1000 4000
    hu      425         | 1250 3750
    il      400         | 1000 3000
    in      375 400 425 | 400 200 400 2000
    it      425         | 1000 4000
    jp      384 400 416 | 1000 2000
    lt      425         | 1000 4000
    mx      425         | 1000 4000
    my      425         | 400 200 400 2000
    nl      425         | 1000 4000
    no      425         | 1000 4000
    nz      400 450     | 400 200 400 2000
    ph      425 480     | 1000 4000
    pl      425         | 1000 4000
    pt      425         | 1000 5000
    ru      425         | 1000 4000
    se      425         | 1000 5000
    sg      401 425 449 | 400 200 400 2000
    th      400         | 1000 4000
    tw      440 480     | 1000 2000
    uk      400 450     | 400 200 400 2000
    us      440 480     | 2000 4000
    us-old  380 420 460 | 2000 4000
    ve      425         | 1000 4000
    za      367 400 433 | 400 200 400 2000
";

#[test]
fn ringing_tones_of_all_countries_are_heard() {
    for line in RINGING.lines().filter(|line| !line.trim().is_empty()) {
        let numbers = |text: &str| -> Vec<u16> {
            text.split_whitespace().map(|word| word.parse().unwrap()).collect()
        };
        let (name, rest) = line.trim().split_once(' ').unwrap();
        let (tones, cadence_ms) = rest.split_once('|').unwrap();
        measure(name, &numbers(tones), &numbers(cadence_ms));
    }
}

#[track_caller]
fn measure(name: &str, tones: &[u16], cadence_ms: &[u16]) {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 0);
    w.feed(a, Feed::Ringback(RingTone::of(name).unwrap()));
    let turn: u16 = cadence_ms.iter().sum();
    w.run(2 * u64::from(turn));
    let samples = w.of(a).ear.last_samples(2 * u32::from(turn));
    let (first, second) = samples.split_at(samples.len() / 2);
    // But for its very beginning, which swells for 5 ms.
    assert_eq!(first[40..], second[40..], "{name}: it is repeated");
    // Runs of sound and silence, in pieces of 10 ms.
    let mut runs: Vec<(bool, u16)> = Vec::new();
    for piece in first.chunks(80) {
        let sounds = tone::rms(piece) > 100.0;
        match runs.last_mut().filter(|run| run.0 == sounds) {
            Some(run) => run.1 += 10,
            None => runs.push((sounds, 10)),
        }
    }
    let heard: Vec<u16> = runs.iter().map(|run| run.1).collect();
    assert_eq!((runs[0].0, heard.as_slice()), (true, cadence_ms), "{name}");
    // 400 ms tell frequencies apart that differ by 5 Hz.
    let sound = &first[..3200];
    let there: Vec<u16> =
        (300..600).filter(|hz| strength(sound, f32::from(*hz)) > 1000.0).collect();
    for hz in tones {
        assert!(there.contains(hz), "{name}: {hz} is missing of {there:?}");
    }
    for hz in there {
        let near = tones.iter().any(|tone| tone.abs_diff(hz) < 4);
        assert!(near, "{name}: {hz} is not to be heard");
    }
}
