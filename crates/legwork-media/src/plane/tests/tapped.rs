//! What comes of taps, and what is told of what a leg says.
//!
//! Not here: what detectors find (`detect`).

use super::*;
use crate::measure::{frequency, longest_gap};
use crate::tap::{Hearing, Side, Tap};

impl World {
    fn tap(&mut self, id: MediaId, tap: u64, side: Side, rate: Rate) {
        self.order(id, Command::Tap(TapId(tap), Tap::new(side, rate)));
    }

    /// What came of a tap so far; its channels apart.
    fn tapped(&self, tap: u64, side: Side) -> Vec<Vec<i16>> {
        let Some((samples, _)) = self.tapped.get(&TapId(tap)) else { return Vec::new() };
        let n = usize::from(side.channels());
        (0..n).map(|at| samples.iter().skip(at).step_by(n).copied().collect()).collect()
    }

    fn ends(&self, tap: u64) -> u32 {
        self.tapped.get(&TapId(tap)).map_or(0, |(_, ends)| *ends)
    }
}

/// The tones of its last second, Hz, to the next 5; 0 is silence.
fn pitch(samples: &[i16], rate: Rate) -> u32 {
    let last = &samples[samples.len().saturating_sub(rate.hz() as usize)..];
    if tone::rms(last) < 50.0 {
        return 0;
    }
    let tenth = &last[last.len() - rate.hz() as usize / 10..];
    let hz = frequency(tenth, rate.hz()).unwrap_or(0.0);
    assert_eq!(longest_gap(last, rate.hz()), 0, "{hz}");
    (hz / 5.0).round() as u32 * 5
}

const SIDES: [Side; 4] = [Side::Inbound, Side::Outbound, Side::Mixed, Side::Dual];

/// However a leg is fed, its taps hear both ways; and what is passed on is passed on.
#[test]
fn all_sides_are_heard_however_a_leg_is_fed() {
    for (a_codec, b_codec) in [
        (Codec::Pcmu, Codec::Pcmu),
        (Codec::Pcmu, Codec::Pcma),
        (Codec::Pcmu, Codec::Opus),
        (Codec::G722, Codec::G722),
    ] {
        for rate in [Rate::Narrow, Rate::Wide] {
            let mut w = World::new();
            let (a, b) = (w.phone(a_codec, 400), w.phone(b_codec, 700));
            w.bridge(a, b);
            w.run(100);
            for (tap, side) in (0..).zip(SIDES) {
                w.tap(a, tap, side, rate);
            }
            w.run(1600);
            let pitches = |w: &World, tap, side| -> Vec<u32> {
                w.tapped(tap, side).iter().map(|channel| pitch(channel, rate)).collect()
            };
            assert_eq!(pitches(&w, 0, Side::Inbound), [400], "{a_codec:?} {b_codec:?}");
            assert_eq!(pitches(&w, 1, Side::Outbound), [700]);
            assert_eq!(pitches(&w, 3, Side::Dual), [400, 700]);
            let mixed = &w.tapped(2, Side::Mixed)[0];
            for hz in [400.0, 700.0] {
                let loud = crate::measure::tone_level(mixed, rate.hz(), hz);
                assert!((-17.0..-14.0).contains(&loud), "{hz}: {loud}");
            }
            // Recorded while it is played something, too.
            w.plane.set_source(SourceId(1), Rate::Wide, tone::sine(500.0, 8000.0, 64_000).into());
            w.feed(a, Feed::Source(SourceId(1), 1));
            w.run(1600);
            assert_eq!(pitches(&w, 3, Side::Dual), [400, 1000]);
            w.feed(a, Feed::Nothing);
            w.run(1600);
            assert_eq!(pitches(&w, 3, Side::Dual), [400, 0]);
            w.order(a, Command::Close);
            for (tap, side) in (0..).zip(SIDES) {
                assert_eq!(w.ends(tap), 1, "{side:?}");
                let n = w.tapped(tap, side)[0].len();
                assert_eq!(n, rate.frame() * 240, "every 20 ms of 4.8 s");
            }
            w.unbroken();
        }
    }
}

#[test]
fn a_tapped_relay_stays_a_relay_and_rests_again() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.bridge(a, b);
    w.tap(b, 1, Side::Outbound, Rate::Narrow);
    w.run(400);
    assert_eq!((w.heard(a), w.heard(b)), (Heard::Tone(700), Heard::Tone(400)));
    assert_eq!(w.of(b).ear.n_packets(), 20, "each at once");
    w.order(b, Command::Untap(TapId(1)));
    assert_eq!((w.ends(1), w.tapped(1, Side::Outbound)[0].len()), (1, 3200));
    w.run(20);
    assert_eq!(w.plane.poll_timeout(), None);
    w.order(b, Command::Untap(TapId(1)));
    w.order(b, Command::Untap(TapId(2)));
    assert_eq!((w.ends(1), w.ends(2)), (1, 0), "those are not there");
    w.unbroken();
}

#[test]
fn a_held_tap_gives_silence_and_pieces_are_200_ms() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    w.tap(a, 1, Side::Inbound, Rate::Narrow);
    w.run(180);
    assert_eq!(w.tapped(1, Side::Inbound), Vec::<Vec<i16>>::new());
    w.run(20);
    assert_eq!(w.tapped(1, Side::Inbound)[0].len(), 1600);
    w.order(a, Command::HoldTap(TapId(1), true));
    w.run(1000);
    assert_eq!(pitch(&w.tapped(1, Side::Inbound)[0], Rate::Narrow), 0);
    w.order(a, Command::HoldTap(TapId(1), false));
    w.run(1000);
    assert_eq!(pitch(&w.tapped(1, Side::Inbound)[0], Rate::Narrow), 400);
}

#[test]
fn a_leg_without_media_gives_silence_and_an_end() {
    let mut w = World::new();
    let a = MediaId { thread: 0, port: 10_000, lease: 1 };
    w.order(a, Command::Open);
    w.tap(a, 1, Side::Dual, Rate::Wide);
    w.run(300);
    w.order(a, Command::Close);
    assert_eq!((w.ends(1), w.tapped[&TapId(1)].0.as_slice()), (1, &[0; 9600][..]));
    // Nor is anybody left waiting whose leg is gone.
    w.tap(a, 2, Side::Inbound, Rate::Wide);
    w.tap(MediaId { port: 9000, ..a }, 3, Side::Inbound, Rate::Wide);
    assert_eq!((w.ends(2), w.ends(3)), (1, 1));
}

#[test]
fn taps_are_bounded() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    for tap in 0..limit::TAPS as u64 {
        w.tap(a, tap, Side::Inbound, Rate::Narrow);
        assert_eq!(w.ends(tap), 0);
    }
    w.tap(a, 100, Side::Inbound, Rate::Narrow);
    assert_eq!(w.ends(100), 1);
    w.run(200);
    // Nobody takes what they have: it is not kept for ever.
    for _ in 0..100 {
        w.plane.tick(w.now, |_, _| {});
        w.now += TICK;
    }
    w.take_taps();
    assert_eq!(w.tapped(0, Side::Inbound)[0].len(), 3 * 1600);
}

/// Whoever takes what a tap has waits for its end: samples may be lost, an end never is.
#[test]
fn every_tap_ends_however_many_do_at_once() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    let n_taps = limit::TAPS_OVER + 10;
    for tap in (0..n_taps as u64).map(TapId) {
        let how = Tap::new(Side::Inbound, Rate::Narrow);
        w.plane.handle_command(w.now, a, Command::Tap(tap, how));
        w.plane.tick(w.now, |_, _| {});
        w.plane.handle_command(w.now, a, Command::Untap(tap));
        w.now += TICK;
    }
    w.take_taps();
    let ends: Vec<_> = w.tapped.values().map(|(_, ends)| *ends).collect();
    assert_eq!(ends, vec![1; n_taps]);
    let given = w.tapped.values().filter(|(samples, _)| samples.len() == 160).count();
    assert_eq!(given, limit::TAPS_OVER);
}

#[test]
fn a_voice_is_heard_and_a_key_is_told_once() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 0);
    w.of_mut(a).mouth = None;
    let hearing = Hearing { keys: true, voice: true, machine: None };
    w.order(a, Command::Hear(Box::new(hearing)));
    let babble = tone::babble::babble(16_000, 3);
    let mut tones = vec![0; 8000];
    tone::key::write(b'5', 0, &mut tones[800..2400]);
    for (telephone_event, want) in [(None, 1), (Some((101, 101)), 0)] {
        let how = Agreed { telephone_event, ..agreed(Codec::Pcmu, w.of(a).address) };
        w.order(a, Command::Agree(Box::new(how)));
        w.events();
        for sound in [&babble, &tones] {
            w.say(a, sound);
        }
        let events = w.events();
        let count = |event| events.iter().filter(|(_, other)| *other == event).count();
        assert_eq!(count(Event::Digit(b'5')), want, "{events:?}");
        assert!(count(Event::Voice(true)) >= 1 && count(Event::Voice(false)) >= 1, "{events:?}");
    }
    w.order(a, Command::Hear(Box::default()));
    w.run(40);
    assert_eq!(w.plane.poll_timeout(), None);
}
