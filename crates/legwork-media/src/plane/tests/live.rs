//! What is said to a leg while it is heard, and pieces for who answers at once.
//!
//! Not here: how it is let gather (`plane::live`).

use super::*;
use crate::codec::pcmu;
use crate::tap::{Live, Side, Tap};

const TAP: TapId = TapId(9);

fn tone_of_ms(hz: f32, ms: usize) -> Live {
    let samples = tone::sine(hz, 8000.0, 8 * ms);
    Live::Sound(samples.iter().map(|sample| pcmu::encode(*sample)).collect())
}

#[test]
fn it_is_heard_in_every_codec_and_cut() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus] {
        let mut w = World::new();
        let a = w.phone(codec, 400);
        w.feed(a, Feed::Live(TAP));
        w.run(200);
        assert_eq!(w.heard(a), Heard::Silence, "{codec:?}");
        w.order(a, Command::Live(TAP, tone_of_ms(700.0, 600)));
        w.order(a, Command::Live(TAP, Live::Mark(1)));
        w.run(400);
        assert!(tone_of(w.heard(a)).abs_diff(700) <= 10, "{codec:?}");
        assert_eq!(w.marks, []);
        w.run(200);
        assert_eq!(w.marks, [(TAP, 1)]);
        w.order(a, Command::Live(TAP, tone_of_ms(900.0, 60_000)));
        w.order(a, Command::Live(TAP, Live::Mark(2)));
        w.run(400);
        assert!(tone_of(w.heard(a)).abs_diff(900) <= 10, "{codec:?}");
        w.order(a, Command::Live(TAP, Live::Clear));
        assert_eq!(w.marks, [(TAP, 1), (TAP, 2)]);
        w.run(400);
        assert_eq!(w.heard(a), Heard::Silence);
        // Somebody else may not speak here, nor anybody once it is over.
        w.order(a, Command::Live(TapId(1), tone_of_ms(700.0, 600)));
        w.feed(a, Feed::Silence);
        w.order(a, Command::Live(TAP, tone_of_ms(700.0, 600)));
        w.run(400);
        assert_eq!(w.heard(a), Heard::Silence);
        w.unbroken();
    }
}

/// A loud sound that is at its peak there, and nowhere near a whole number of its periods long.
fn loud(n_samples: usize, peak_at: usize) -> Live {
    let sample = |at: usize| {
        let periods = (at as f32 - peak_at as f32) * 103.0 / 8000.0;
        pcmu::encode((8000.0 * (std::f32::consts::TAU * periods).cos()) as i16)
    };
    Live::Sound((0..n_samples).map(sample).collect())
}

/// A tone of 103 Hz has steps of 647; cut at its peak it would have one of 8000.
#[test]
fn what_is_said_behind_a_clear_does_not_click() {
    for codec in [Codec::Pcmu, Codec::G722] {
        let mut w = World::new();
        let a = w.phone(codec, 0);
        w.feed(a, Feed::Live(TAP));
        for n in 0..8 {
            w.order(a, Command::Live(TAP, loud(80_000, 0)));
            w.run(200 + 20 * n);
            w.order(a, Command::Live(TAP, Live::Clear));
            w.order(a, Command::Live(TAP, loud(80_000, 0)));
            w.run(200);
            let heard = w.of(a).ear.last_samples(400);
            assert!(tone::rms(&heard) > 1000.0, "{n}");
            assert!(step(&heard) < 1300, "{codec:?} {n}: {}", step(&heard));
            w.order(a, Command::Live(TAP, Live::Clear));
        }
        w.unbroken();
    }
}

#[test]
fn what_runs_dry_in_mid_word_does_not_click() {
    for (codec, more) in [(Codec::Pcmu, 1), (Codec::Pcmu, 0), (Codec::G722, 1)] {
        for n in [0, 1, 3, 39, 40, 41, 100, 130, 159] {
            let mut w = World::new();
            let a = w.phone(codec, 0);
            w.feed(a, Feed::Live(TAP));
            w.run(100);
            w.order(a, Command::Live(TAP, loud(800 + n, 799 + n)));
            w.order(a, Command::Live(TAP, Live::Mark(1)));
            while w.marks.is_empty() {
                w.run(20);
            }
            // As long a time in which nothing comes, or none at all.
            w.run(60 * (1 - more));
            w.order(a, Command::Live(TAP, loud(800, 0)));
            w.run(300);
            let heard = w.of(a).ear.last_samples(600);
            assert!(tone::rms(&heard) > 1000.0, "{n}");
            assert!(step(&heard) < 1300, "{codec:?} {n}: {}", step(&heard));
            w.unbroken();
        }
    }
}

#[test]
fn pieces_are_as_large_as_wanted_and_nothing_is_lost_where_the_thread_was_late() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    for (tap, side) in [(1, Side::Inbound), (2, Side::Dual)] {
        let how = Tap::new(side, Rate::Narrow).by_frame();
        w.order(a, Command::Tap(TapId(tap), how));
    }
    let samples =
        |w: &World, tap| w.tapped.get(&TapId(tap)).map_or(0, |(samples, _)| samples.len());
    for n in 1..=5 {
        w.run(20);
        assert_eq!((samples(&w, 1), samples(&w, 2)), (160 * n, 320 * n));
    }
    w.now += TICK * (limit::CATCH_UP_TICKS - 1);
    w.run(20);
    assert_eq!(samples(&w, 1), 160 * (5 + limit::CATCH_UP_TICKS as usize));
}
