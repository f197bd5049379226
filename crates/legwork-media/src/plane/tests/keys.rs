//! Keys between legs of which one knows no telephone-events, or counts them in another clock.
//!
//! Not here: keys of our own (`made`), between legs that both know events (`coded`).
//! Source: RFC 4733 §2.6; ITU-T Q.24.

use super::*;
use crate::detect::Listening;
use crate::dtmf::TelephoneEvent;
use crate::sound::Frame;
use crate::tap::Hearing;

/// Keys that a listener finds in a sound, and for how long there was a tone that is no `hz`, ms.
fn keys_in(samples: &[i16], hz: f32) -> (String, u32) {
    let hearing = Hearing { keys: true, ..Hearing::default() };
    let (mut listening, mut keys) = (Listening::new(&hearing), String::new());
    for piece in samples.as_chunks::<160>().0 {
        let mut frame = Frame::silent(Rate::Narrow);
        frame.samples_mut().copy_from_slice(piece);
        listening.hear(&frame, &mut |event| {
            let Event::Digit(key) = event else { panic!("{event:?}") };
            keys.push(char::from(key));
        });
    }
    let is_key = |piece: &&[i16; 40]| {
        let high = [1209.0, 1336.0, 1477.0, 1633.0];
        let level = |hz| crate::measure::tone_level(*piece, 8000, hz);
        high.into_iter().any(|key| level(key) > -25.0 && level(key) > level(hz))
    };
    (keys, 5 * samples.as_chunks::<40>().0.iter().filter(is_key).count() as u32)
}

fn deafen(w: &mut World, id: MediaId, codec: Codec) {
    let deaf = Agreed { telephone_event: None, ..agreed(codec, w.of(id).address) };
    w.order(id, Command::Agree(Box::new(deaf)));
}

/// By relay and coded, to every codec: the tones are there, as long as the keys were, and nothing
/// of the event.
#[test]
fn who_knows_no_events_hears_tones() {
    for (from, to) in [
        (Codec::Pcmu, Codec::Pcmu),
        (Codec::Pcmu, Codec::Pcma),
        (Codec::G722, Codec::G722),
        (Codec::Opus, Codec::Pcmu),
        (Codec::Pcma, Codec::Opus),
    ] {
        let mut w = World::new();
        let (a, b) = (w.phone(from, 400), w.phone(to, 700));
        deafen(&mut w, b, to);
        w.bridge(a, b);
        w.run(400);
        w.of_mut(b).ear.clear();
        for key in b"159#D" {
            w.of_mut(a).mouth.as_mut().unwrap().press(*key);
        }
        w.run(1200);
        let heard = w.of(b).ear.last_samples(5000);
        let (keys, lasted) = keys_in(&heard, 400.0);
        assert_eq!((keys.as_str(), w.of(b).ear.keys()), ("159#D", &b""[..]), "{from:?} {to:?}");
        assert!((440..=560).contains(&lasted), "{from:?} {to:?}: five of 100 ms, {lasted}");
        let told: Vec<_> = w.events().into_iter().map(|(id, event)| (id == a, event)).collect();
        assert_eq!(told, b"159#D".map(|key| (true, Event::Digit(key))));
        w.run(400);
        assert!(tone_of(w.heard(b)).abs_diff(400) <= 5, "{from:?} {to:?}: and the voice again");
        assert!(tone_of(w.heard(a)).abs_diff(700) <= 5);
        w.unbroken();
        let alike = from == to || from.is_g711() && to.is_g711();
        assert_eq!(w.plane.poll_timeout().is_none(), alike, "a relay rests again");
    }
}

/// The other way round: tones are a sound like any other, and no event is made of them.
#[test]
fn tones_stay_tones() {
    for to in [Codec::Pcmu, Codec::Opus] {
        let mut w = World::new();
        let (a, b) = (w.phone(Codec::Pcmu, 0), w.phone(to, 700));
        w.of_mut(a).mouth = None;
        deafen(&mut w, a, Codec::Pcmu);
        w.bridge(a, b);
        w.order(a, Command::Hear(Box::new(Hearing { keys: true, ..Hearing::default() })));
        let mut sound = vec![0; 8000];
        tone::key::write(b'5', 0, &mut sound[1600..2400]);
        w.say(a, &sound);
        let (keys, _) = keys_in(&w.of(b).ear.last_samples(5000), 700.0);
        assert_eq!((keys.as_str(), w.of(b).ear.keys()), ("5", &b""[..]), "{to:?}");
        assert_eq!(w.events(), [(a, Event::Digit(b'5'))], "{to:?}");
    }
}

/// Something else is heard meanwhile, hold, the end of it all: no tone is left behind.
#[test]
fn a_tone_ends_with_what_it_is_part_of() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    deafen(&mut w, b, Codec::Pcmu);
    w.bridge(a, b);
    w.run(200);
    let press = |w: &mut World| {
        w.of_mut(a).mouth.as_mut().unwrap().press(b'1');
        w.run(40);
    };
    press(&mut w);
    w.feed(b, Feed::Silence);
    w.run(300);
    assert_eq!(w.heard(b), Heard::Silence);
    w.feed(b, Feed::Leg(a));
    w.run(200);
    press(&mut w);
    let n_before = w.of(b).ear.n_packets();
    let held =
        Agreed { send: false, telephone_event: None, ..agreed(Codec::Pcmu, w.of(b).address) };
    w.order(b, Command::Agree(Box::new(held)));
    w.run(400);
    assert_eq!(w.of(b).ear.n_packets(), n_before);
    assert_eq!(w.plane.poll_timeout(), None);
    deafen(&mut w, b, Codec::Pcmu);
    press(&mut w);
    w.order(a, Command::Close);
    w.run(400);
    assert_eq!(w.plane.poll_timeout(), None);
    w.unbroken();
}

/// A phone with Opus that knows but telephone-event/8000: its timestamps count in 48 kHz, what an
/// event lasts in 8.
#[test]
fn events_of_another_clock_than_the_codec() {
    for (other, other_clock, want) in
        [(Codec::Pcmu, 8000, 800), (Codec::Opus, 48_000, 4800), (Codec::Opus, 8000, 800)]
    {
        let mut w = World::new();
        let (a, b) = (w.phone(Codec::Opus, 0), w.phone(other, 0));
        w.of_mut(a).mouth = None;
        for (id, codec, event_clock_hz) in [(a, Codec::Opus, 8000), (b, other, other_clock)] {
            let how = Agreed { event_clock_hz, ..agreed(codec, w.of(id).address) };
            w.order(id, Command::Agree(Box::new(how)));
        }
        w.bridge(a, b);
        let mut lasted = Vec::new();
        for n in 1..=7_u16 {
            let end = n >= 5;
            let event = TelephoneEvent { code: 5, end, volume: 10, duration: n.min(5) * 160 };
            let mut packet = [0; 16];
            rtp::Header { marker: n == 1, payload_type: 101, sequence: n, timestamp: 9, ssrc: 3 }
                .write(&mut packet);
            packet[12..].copy_from_slice(&event.bytes());
            let from = w.of(a).address;
            assert!(w.send(a.port, Channel::Rtp, from, &packet));
            let last = w.of(b).last.as_ref().unwrap();
            lasted.push(TelephoneEvent::parse(&last[12..]).unwrap().duration);
            w.run(20);
        }
        let each = want / 5;
        assert_eq!(lasted, [1, 2, 3, 4, 5, 5, 5].map(|n| n * each), "{other:?} {other_clock}");
    }
}

/// A key held for ten seconds on a relay: numbers and timestamps go on behind it as the sender
/// counted.
#[test]
fn a_long_key_on_a_relay() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 0), w.phone(Codec::Pcmu, 0));
    w.of_mut(a).mouth = None;
    w.bridge(a, b);
    let from = w.of(a).address;
    let mut times = Vec::new();
    for n in 0..600_u32 {
        let mut packet = [0xff; 172];
        let (began, second) = (100 * 160, 100 * 160 + 0xffff);
        let is_key = (100..540).contains(&n);
        let is_second = is_key && n * 160 >= second;
        let timestamp = match (is_key, is_second) {
            (true, true) => second,
            (true, false) => began,
            (false, _) => n * 160,
        };
        let payload_type = if is_key { 101 } else { 0 };
        let marker = n == 0 || n == 100 || n == 540;
        rtp::Header { marker, payload_type, sequence: n as u16, timestamp, ssrc: 3 }
            .write(&mut packet);
        let duration = (n * 160).wrapping_sub(timestamp).min(0xffff) as u16;
        let event = TelephoneEvent { code: 5, end: false, volume: 10, duration };
        packet[12..16].copy_from_slice(&event.bytes());
        let len = if is_key { 16 } else { 172 };
        assert!(w.send(a.port, Channel::Rtp, from, &packet[..len]));
        times.push((n, w.of(b).ear.last().unwrap().timestamp.wrapping_sub(timestamp)));
        w.run(20);
    }
    let first = times[0].1;
    let strays: Vec<_> = times.iter().filter(|(_, offset)| *offset != first).collect();
    assert_eq!(strays, Vec::<&(u32, u32)>::new(), "the sender's timestamps, by one offset");
    assert_eq!(w.of(b).ear.keys(), b"5");
    assert_eq!(w.events(), [(a, Event::Digit(b'5'))]);
    assert_eq!(w.of(b).ear.breaks().sequence, 0);
}
