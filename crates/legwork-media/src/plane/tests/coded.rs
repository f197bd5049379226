//! Legs with different codecs: what they hear of each other, keys, seams.
//!
//! Not here: codecs by themselves (`tests/codecs.rs`).

use super::*;
use crate::measure::{click, frequency, level, longest_gap};

/// Both ways between all codecs that are not the same law of G.711.
const PAIRS: [(Codec, Codec); 5] = [
    (Codec::Pcmu, Codec::Opus),
    (Codec::Pcma, Codec::Opus),
    (Codec::Pcmu, Codec::G722),
    (Codec::Pcma, Codec::G722),
    (Codec::Opus, Codec::G722),
];

/// What a mouth's tone measures: a peak of 8000.
const LEVEL: f32 = -15.26;

#[track_caller]
fn is_tone(w: &World, id: MediaId, hz: f32, what: &str) {
    let heard = w.of(id).ear.last_samples(1000);
    assert_eq!(heard.len(), 8000, "{what}");
    let (pitch, loud) = (frequency(&heard[6400..], 8000).unwrap_or(0.0), level(&heard));
    assert!((pitch - hz).abs() < 2.0, "{what}: {pitch} Hz, not {hz}");
    assert!((loud - LEVEL).abs() < 1.0, "{what}: {loud} dB");
    assert_eq!(longest_gap(&heard, 8000), 0, "{what}");
    assert!(click(&heard, 8000, hz) < 3000.0, "{what}: {}", click(&heard, 8000, hz));
}

#[test]
fn legs_of_every_codec_hear_each_other() {
    for (one, other) in PAIRS {
        let mut w = World::new();
        let (a, b) = (w.phone(one, 440), w.phone(other, 700));
        w.bridge(a, b);
        w.run(1600);
        is_tone(&w, a, 700.0, &format!("{other:?} to {one:?}"));
        is_tone(&w, b, 440.0, &format!("{one:?} to {other:?}"));
        w.unbroken();
        for id in [a, b] {
            let packets = w.of(id).ear.n_packets();
            assert_eq!(packets, 80, "one every 20 ms");
        }
    }
}

/// PCMU to Opus to G.722 to PCMU, each a bridge of its own.
#[test]
fn a_chain_of_codecs_keeps_the_level() {
    let mut w = World::new();
    let (user, out) = (w.phone(Codec::Pcmu, 440), w.phone(Codec::Pcmu, 0));
    let wires = [(Codec::Opus, Codec::Opus), (Codec::G722, Codec::G722)];
    w.of_mut(out).mouth = None;
    let mut before = user;
    let mut hops = Vec::new();
    for (near, far) in wires {
        let (near, far) = (w.phone(near, 0), w.phone(far, 0));
        for id in [near, far] {
            w.of_mut(id).mouth = None;
        }
        w.feed(near, Feed::Leg(before));
        hops.push((near, far));
        before = far;
    }
    w.feed(out, Feed::Leg(before));
    for _ in 0..100 {
        for &(near, far) in &hops {
            // What the near phone was sent last is what the far one says.
            if let Some(packet) = w.of_mut(near).last.take() {
                let (port, from) = (far.port, w.of(far).address);
                w.send(port, Channel::Rtp, from, &packet);
            }
        }
        w.run(20);
    }
    is_tone(&w, out, 440.0, "through all of them");
}

#[test]
fn when_codecs_agree_again_it_is_a_relay_again() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.bridge(a, b);
    w.run(200);
    assert_eq!(w.plane.poll_timeout(), None);
    let opus = agreed(Codec::Opus, w.of(b).address);
    w.order(b, Command::Agree(Box::new(opus)));
    w.of_mut(b).mouth = Some(Mouth::new(90, Codec::Opus, 111, 101, 700));
    w.run(1400);
    assert!(w.plane.poll_timeout().is_some());
    is_tone(&w, a, 700.0, "coded");
    is_tone(&w, b, 400.0, "coded");
    let pcma = agreed(Codec::Pcma, w.of(b).address);
    w.order(b, Command::Agree(Box::new(pcma)));
    w.of_mut(b).mouth = Some(Mouth::new(91, Codec::Pcma, 8, 101, 700));
    w.run(1400);
    assert_eq!(w.plane.poll_timeout(), None);
    is_tone(&w, a, 700.0, "relayed");
    is_tone(&w, b, 400.0, "relayed");
    w.unbroken();
    // Nothing is left when one goes.
    w.order(b, Command::Agree(Box::new(agreed(Codec::G722, w.of(b).address))));
    w.order(a, Command::Close);
    w.run(20);
    assert_eq!(w.plane.poll_timeout(), None);
}

#[test]
fn wide_legs_hear_what_is_played() {
    for codec in [Codec::G722, Codec::Opus] {
        let mut w = World::new();
        let a = w.phone(codec, 0);
        let wide = tone::sine(500.0, 8000.0, 32_000);
        w.plane.set_source(SourceId(1), Rate::Wide, wide.into());
        w.plane.set_source(SourceId(2), Rate::Narrow, tone::sine(1000.0, 8000.0, 16_000).into());
        for source in [1, 2] {
            w.feed(a, Feed::Source(SourceId(source), 1));
            w.run(1600);
            is_tone(&w, a, 1000.0, "a source");
        }
        w.feed(a, Feed::Ringback(RingTone::US));
        w.run(400);
        assert_eq!(w.heard(a), Heard::Ringback, "{codec:?}");
        w.feed(a, Feed::HoldMusic);
        w.run(400);
        assert!(matches!(w.heard(a), Heard::Tone(_) | Heard::Other));
        let deaf = Agreed { telephone_event: None, ..agreed(codec, w.of(a).address) };
        w.order(a, Command::Agree(Box::new(deaf)));
        w.order(a, Command::SendDigits(Box::from(*b"5")));
        w.run(100);
        let heard = w.of(a).ear.last_samples(60);
        for hz in [770.0, 1336.0] {
            let loud = crate::measure::tone_level(&heard, 8000, hz);
            assert!((-20.0..-12.0).contains(&loud), "{codec:?} {hz} {loud}");
        }
        w.unbroken();
    }
}

#[test]
fn keys_pass_once_each_in_the_clock_of_the_other() {
    for (one, other) in PAIRS {
        let mut w = World::new();
        let (a, b) = (w.phone(one, 400), w.phone(other, 700));
        w.bridge(a, b);
        w.run(400);
        for (id, keys) in [(a, b"1*#D1"), (b, b"90#77")] {
            for key in keys {
                w.of_mut(id).mouth.as_mut().unwrap().press(*key);
            }
        }
        w.run(2000);
        assert_eq!((w.of(b).ear.keys(), w.of(a).ear.keys()), (&b"1*#D1"[..], &b"90#77"[..]));
        let told: Vec<_> = w.events().into_iter().filter(|(id, _)| *id == a).collect();
        assert_eq!(told, b"1*#D1".map(|key| (a, Event::Digit(key))));
        is_tone(&w, a, 700.0, "and sound is there again");
        w.unbroken();
    }
}

#[test]
fn a_phone_hears_itself() {
    for codec in [Codec::Pcmu, Codec::Opus] {
        let mut w = World::new();
        let a = w.phone(codec, 440);
        w.feed(a, Feed::Leg(a));
        w.run(1200);
        is_tone(&w, a, 440.0, "echo");
        assert_eq!(w.plane.poll_timeout(), None, "an echo is a relay");
        w.feed(a, Feed::Silence);
        w.run(400);
        assert_eq!(w.heard(a), Heard::Silence);
        w.feed(a, Feed::Leg(a));
        w.order(a, Command::Close);
        assert_eq!(w.plane.poll_timeout(), None);
    }
}

/// Every switch between things we make is heard without a click and without a gap.
#[test]
fn switches_are_clean() {
    for codec in [Codec::Pcmu, Codec::G722, Codec::Opus] {
        let mut w = World::new();
        let other = if codec == Codec::Opus { Codec::G722 } else { Codec::Opus };
        let (a, b) = (w.phone(codec, 0), w.phone(other, 0));
        // A tone at its peak wherever it is cut.
        let peak: Vec<i16> = tone::sine(50.0, 12_000.0, 16_000)[40..].to_vec();
        w.plane.set_source(SourceId(1), Rate::Narrow, peak.clone().into());
        w.plane.set_source(SourceId(2), Rate::Wide, peak.into());
        w.run(40);
        for feed in [
            Feed::Source(SourceId(1), 1),
            Feed::Source(SourceId(2), 1),
            Feed::Source(SourceId(2), 1),
            Feed::Source(SourceId(1), 1),
            Feed::Silence,
            Feed::Source(SourceId(1), 1),
            Feed::Leg(b),
        ] {
            w.feed(a, feed);
            let before = w.of(a).ear.n_packets();
            w.run(60);
            assert!(matches!(w.of(a).ear.n_packets() - before, 2..=3), "{codec:?} {feed:?}");
        }
        let heard = w.of(a).ear.last_samples(420);
        // 5 ms from one peak to the other are 24000 / 40 a sample; a cut is all of it at once.
        let step = heard.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max().unwrap();
        assert!(step < 2500, "{codec:?}: {step}");
        w.unbroken();
    }
}
