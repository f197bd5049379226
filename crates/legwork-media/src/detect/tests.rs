//! Keys by ITU-T Q.24, speech beside noise, and the table of the answering machine's rules.

use super::*;
use crate::codec::{pcma, pcmu};
use crate::tap::Answerer;
use crate::tone::babble::babble;
use crate::tone::{self, hold_music, sine};

const KEYS: &[u8; 16] = b"123A456B789C*0#D";
/// Peak of a tone of 0 dBm0.
const DBM0: f32 = 22_300.0;

fn ms(milliseconds: usize) -> usize {
    milliseconds * 8
}

fn peak(dbm0: f32) -> f32 {
    DBM0 * 10_f32.powf(dbm0 / 20.0)
}

fn quiet(milliseconds: usize) -> Vec<i16> {
    vec![0; ms(milliseconds)]
}

/// White noise, root mean square in dBm0.
fn noise(dbm0: f32, n_samples: usize, mut seed: u32) -> Vec<i16> {
    let mut next = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 16) as f32 / 32_768.0 - 1.0
    };
    let level = peak(dbm0) / 2_f32.sqrt() * 3_f32.sqrt();
    std::iter::repeat_with(|| (level * next()) as i16).take(n_samples).collect()
}

fn sum(a: &[i16], b: &[i16]) -> Vec<i16> {
    a.iter().zip(b).map(|(a, b)| a.saturating_add(*b)).collect()
}

/// A key whose frequencies have these peaks and are off by these shares.
fn press(key: u8, levels: (f32, f32), off: (f32, f32), n_samples: usize) -> Vec<i16> {
    let (low, high) = tone::key::frequencies(key).unwrap();
    let low = sine(low * (1.0 + off.0), levels.0, n_samples);
    sum(&low, &sine(high * (1.0 + off.1), levels.1, n_samples))
}

fn events(hearing: &Hearing, samples: &[i16], rate: Rate) -> Vec<(usize, Event)> {
    let mut listening = Listening::new(hearing);
    let mut told = Vec::new();
    for (n, piece) in samples.chunks(rate.frame()).enumerate() {
        let mut frame = Frame::silent(rate);
        frame.samples_mut()[..piece.len()].copy_from_slice(piece);
        listening.hear(&frame, &mut |event| told.push(((n + 1) * 20, event)));
    }
    told
}

fn keys(samples: &[i16]) -> String {
    let hearing = Hearing { keys: true, ..Hearing::default() };
    let told = events(&hearing, samples, Rate::Narrow);
    told.iter()
        .map(|(_, event)| {
            let Event::Digit(key) = event else { panic!("{event:?}") };
            char::from(*key)
        })
        .collect()
}

/// When speech begins and ends, ms.
fn voice(samples: &[i16]) -> Vec<(usize, bool)> {
    let hearing = Hearing { voice: true, ..Hearing::default() };
    let told = events(&hearing, samples, Rate::Narrow);
    told.into_iter()
        .map(|(at, event)| {
            let Event::Voice(speaks) = event else { panic!("{event:?}") };
            (at, speaks)
        })
        .collect()
}

/// Twice as many samples, between which it goes straight.
fn wide(samples: &[i16]) -> Vec<i16> {
    let next = samples.iter().skip(1).chain([&0]);
    samples.iter().zip(next).flat_map(|(a, b)| [*a, a / 2 + b / 2]).collect()
}

#[test]
fn all_keys_at_all_places_of_a_frame() {
    for key in KEYS {
        for shift in (0..160).step_by(20) {
            for long in [40, 45, 50, 100, 1000] {
                let mut sound = vec![0; shift];
                sound.extend(press(*key, (6000.0, 7500.0), (0.0, 0.0), ms(long)));
                sound.extend(quiet(100));
                assert_eq!(keys(&sound), char::from(*key).to_string(), "{shift} {long}");
            }
            let mut sound = vec![0; shift];
            sound.extend(press(*key, (6000.0, 7500.0), (0.0, 0.0), ms(15)));
            sound.extend(quiet(100));
            assert_eq!(keys(&sound), "", "{} {shift}", char::from(*key));
        }
    }
}

#[test]
fn itu_q24_levels_and_twist() {
    for key in KEYS {
        // Low and high in dBm0, and whether that is a key.
        for (low, high, is_key) in [
            (-5.0, -3.0, true),
            (-25.0, -25.0, true),
            (-25.0, -21.0, true),
            (-17.0, -25.0, true),
            (-10.0, -6.0, true),
            (-6.0, -14.0, true),
            (-35.0, -35.0, false),
            (-20.0, -10.0, false),
            (-5.0, -18.0, false),
            (-10.0, -90.0, false),
            (-90.0, -10.0, false),
        ] {
            let mut sound = quiet(33);
            sound.extend(press(*key, (peak(low), peak(high)), (0.0, 0.0), ms(60)));
            sound.extend(quiet(60));
            let want = if is_key { char::from(*key).to_string() } else { String::new() };
            assert_eq!(keys(&sound), want, "{} {low} {high}", char::from(*key));
        }
    }
}

#[test]
fn itu_q24_frequencies_that_are_off() {
    for key in KEYS {
        for (off, is_key) in [
            ((0.015, 0.015), true),
            ((-0.015, -0.015), true),
            ((0.015, -0.015), true),
            ((-0.015, 0.015), true),
            ((0.035, 0.0), false),
            ((-0.035, 0.0), false),
            ((0.0, 0.035), false),
            ((0.0, -0.035), false),
            ((0.06, 0.06), false),
        ] {
            let mut sound = quiet(27);
            sound.extend(press(*key, (peak(-12.0), peak(-10.0)), off, ms(50)));
            sound.extend(quiet(60));
            let want = if is_key { char::from(*key).to_string() } else { String::new() };
            assert_eq!(keys(&sound), want, "{} {off:?}", char::from(*key));
        }
    }
}

#[test]
fn keys_behind_noise_and_g711() {
    let dialled = "0123456789*#ABCD5550";
    for shift in [0, 40, 90, 130] {
        let mut sound = vec![0; shift];
        for key in dialled.bytes() {
            sound.extend(press(key, (peak(-14.0), peak(-12.0)), (0.008, -0.008), ms(50)));
            sound.extend(quiet(50));
        }
        assert_eq!(keys(&sound), dialled);
        let noisy = sum(&sound, &noise(-25.0, sound.len(), 7));
        assert_eq!(keys(&noisy), dialled);
        let mu: Vec<i16> = noisy.iter().map(|s| pcmu::decode(pcmu::encode(*s))).collect();
        assert_eq!(keys(&mu), dialled);
        let a: Vec<i16> = sound.iter().map(|s| pcma::decode(pcma::encode(*s))).collect();
        assert_eq!(keys(&a), dialled);
        let hearing = Hearing { keys: true, ..Hearing::default() };
        assert_eq!(events(&hearing, &wide(&sound), Rate::Wide).len(), dialled.len());
    }
}

#[test]
fn gaps_and_holes() {
    for shift in (0..160).step_by(20) {
        for (gap, want) in [(40, "55"), (60, "55"), (10, "5"), (5, "5")] {
            let mut sound = vec![0; shift];
            sound.extend(press(b'5', (6000.0, 7500.0), (0.0, 0.0), ms(60)));
            sound.extend(quiet(gap));
            sound.extend(press(b'5', (6000.0, 7500.0), (0.0, 0.0), ms(60)));
            sound.extend(quiet(60));
            assert_eq!(keys(&sound), want, "{gap} {shift}");
        }
    }
    // One packet lost.
    let mut sound = press(b'5', (6000.0, 7500.0), (0.0, 0.0), ms(100));
    sound[320..480].fill(0);
    assert_eq!(keys(&sound), "5");
    // One key straight behind the other.
    let mut sound = press(b'5', (6000.0, 7500.0), (0.0, 0.0), ms(60));
    sound.extend(press(b'6', (6000.0, 7500.0), (0.0, 0.0), ms(60)));
    assert_eq!(keys(&sound), "56");
}

/// What must never be a key: voices, music, tones, ringing, noise, chords of two and three notes.
#[test]
fn talk_off() {
    for seed in 0..20 {
        assert_eq!(keys(&babble(ms(30_000), seed)), "", "{seed}");
    }
    assert_eq!(keys(&hold_music()), "");
    assert_eq!(keys(&tone::RingTone::default().samples()), "");
    assert_eq!(keys(&noise(-10.0, ms(20_000), 3)), "");
    let notes: Vec<f32> = (45..93).map(|n| 440.0 * 2_f32.powf((n as f32 - 69.0) / 12.0)).collect();
    for (n, low) in notes.iter().enumerate() {
        assert_eq!(keys(&sine(*low, 8000.0, ms(100))), "", "{low}");
        for high in &notes[n + 1..] {
            // Notes of an instrument have harmonics.
            let chord = [*low, *high].map(|hz| {
                let plain = sum(&sine(hz, 5000.0, ms(100)), &sine(2.0 * hz, 2500.0, ms(100)));
                sum(&plain, &sine(3.0 * hz, 1600.0, ms(100)))
            });
            assert_eq!(keys(&sum(&chord[0], &chord[1])), "", "{low} {high}");
        }
    }
}

#[test]
fn speech_begins_and_ends() {
    for seed in 0..10 {
        for level in [1, 4, 8] {
            let said = babble(ms(3000), seed);
            let mut sound = quiet(1000);
            sound.extend(said.iter().map(|sample| sample / level));
            sound.extend(quiet(1000));
            let sound = sum(&sound, &noise(-60.0, sound.len(), seed));
            let [(begun, true), (ended, false)] = voice(&sound)[..] else {
                panic!("{seed} {level}: {:?}", voice(&sound))
            };
            assert!((1060..=1200).contains(&begun), "{seed} {level}: {begun}");
            assert!((4080..=4240).contains(&ended), "{seed} {level}: {ended}");
        }
    }
}

#[test]
fn what_is_silence_and_what_is_sound() {
    assert_eq!(voice(&quiet(5000)), []);
    for dbm0 in [-70.0, -60.0, -50.0, -40.0, -35.0] {
        assert_eq!(voice(&noise(dbm0, ms(10_000), 5)), [], "{dbm0}");
    }
    // The hum of a line.
    assert_eq!(voice(&sine(50.0, 150.0, ms(5000))), []);
    for hz in [300.0, 440.0, 1000.0, 2100.0, 3000.0] {
        assert_eq!(voice(&sine(hz, 3000.0, ms(5000))), [(60, true)], "{hz}");
    }
    let [(first, true), ..] = voice(&hold_music())[..] else { panic!() };
    assert!(first <= 100, "{first}");
    // Speech in a noisy room.
    let said = [quiet(2000), babble(ms(2000), 1), quiet(2000)].concat();
    let noisy = sum(&said, &noise(-42.0, said.len(), 9));
    let told = voice(&noisy);
    assert_eq!(told.iter().map(|(_, speaks)| *speaks).collect::<Vec<_>>(), [true, false]);
}

fn rules(until_end: bool) -> Machine {
    let ms = Duration::from_millis;
    Machine {
        until_end,
        timeout: ms(30_000),
        speech: ms(2400),
        speech_end: ms(1200),
        silence: ms(5000),
    }
}

/// Who answered, and when that was known, ms.
fn answerer(rules: Machine, pieces: &[Vec<i16>]) -> Option<(Answerer, usize)> {
    let hearing = Hearing { machine: Some(rules), ..Hearing::default() };
    let mut sound = pieces.concat();
    sound.extend(quiet(61_000));
    let sound = sum(&sound, &noise(-60.0, sound.len(), 2));
    let narrow = events(&hearing, &sound, Rate::Narrow);
    assert_eq!(events(&hearing, &wide(&sound), Rate::Wide).len(), narrow.len());
    match narrow[..] {
        [(at, Event::Answerer(who))] => Some((who, at)),
        [] => None,
        _ => panic!("{narrow:?}"),
    }
}

#[test]
fn who_answered() {
    use Answerer::Unknown;
    use Answerer::{Fax, Human, MachineEndBeep, MachineEndOther, MachineEndSilence, MachineStart};
    let says = |milliseconds| babble(ms(milliseconds), 4);
    let beep = |milliseconds| sine(1000.0, 8000.0, ms(milliseconds));
    let cng = || [sine(1100.0, 6000.0, ms(500)), quiet(3000)].concat();
    for (name, pieces, enable, until_end) in [
        ("nobody", vec![], (Unknown, 5000), (Unknown, 5000)),
        ("hello?", vec![quiet(400), says(540)], (Human, 2140), (Human, 2140)),
        ("at once", vec![says(540)], (Human, 1740), (Human, 1740)),
        (
            "hello? … hello?",
            vec![quiet(400), says(540), quiet(700), says(540)],
            (Human, 3400),
            (Human, 3400),
        ),
        ("late hello", vec![quiet(4500), says(540)], (Human, 6240), (Human, 6240)),
        ("too late", vec![quiet(5100), says(540)], (Unknown, 5000), (Unknown, 5000)),
        (
            "a greeting",
            vec![quiet(400), says(5000)],
            (MachineStart, 3000),
            (MachineEndSilence, 6600),
        ),
        (
            "a greeting and a beep",
            vec![quiet(400), says(5000), quiet(500), beep(400)],
            (MachineStart, 3000),
            (MachineEndBeep, 6320),
        ),
        (
            "a short one and a beep",
            vec![quiet(400), says(1500), quiet(500), beep(400)],
            (MachineStart, 2560),
            (MachineEndBeep, 2820),
        ),
        (
            "a beep without end",
            vec![says(3000), quiet(300), beep(20_000)],
            (MachineStart, 2600),
            (MachineEndBeep, 5300),
        ),
        ("never ending", vec![says(60_000)], (MachineStart, 2600), (MachineEndOther, 30_000)),
        ("a beep alone", vec![quiet(300), beep(400)], (Unknown, 5000), (Unknown, 5000)),
        ("a calling fax", vec![quiet(1000), cng(), cng()], (Fax, 1400), (Fax, 1400)),
        (
            "an answering fax",
            vec![quiet(1800), sine(2100.0, 6000.0, ms(3000))],
            (Fax, 2200),
            (Fax, 2200),
        ),
    ] {
        for (rules, (want, at)) in [(rules(false), enable), (rules(true), until_end)] {
            let Some((who, when)) = answerer(rules, &pieces) else { panic!("{name}") };
            assert_eq!(who, want, "{name} {}", rules.until_end);
            // A syllable is heard from its middle on, to its middle.
            assert!(when.abs_diff(at) <= 120, "{name} {}: {when} not {at}", rules.until_end);
        }
    }
}

#[test]
fn the_attributes_of_machine_detection() {
    let says = |milliseconds| vec![quiet(400), babble(ms(milliseconds), 4)];
    let who = |rules, pieces: &[Vec<i16>]| answerer(rules, pieces).map(|(who, _)| who);
    let s = Duration::from_secs;
    let human = rules(false);
    assert_eq!(who(human, &says(2100)), Some(Answerer::Human));
    let short = Machine { speech: s(1), ..human };
    assert_eq!(who(short, &says(2100)), Some(Answerer::MachineStart));
    let long = Machine { speech: s(6), ..human };
    assert_eq!(who(long, &says(5000)), Some(Answerer::Human));
    let timeout = Machine { timeout: s(3), speech: s(6), ..human };
    assert_eq!(who(timeout, &says(5000)), Some(Answerer::Unknown));
    let silence = Machine { silence: s(2), ..human };
    assert_eq!(answerer(silence, &[]), Some((Answerer::Unknown, 2000)));
    // A pause longer than the first value ends it, one shorter than the second does not.
    let paused = [says(1500), vec![quiet(800)], says(3000)].concat();
    let quick = Machine { speech_end: Duration::from_millis(500), ..human };
    assert_eq!(who(quick, &paused), Some(Answerer::Human));
    assert_eq!(who(Machine { speech_end: s(5), ..human }, &paused), Some(Answerer::MachineStart));
}

#[test]
fn what_stays_wanted_goes_on() {
    let mut listening = Listening::new(&Hearing::default());
    let all = Hearing { keys: true, voice: true, machine: Some(rules(false)) };
    let mut told = Vec::new();
    let said = [babble(ms(540), 4), quiet(1400)].concat();
    for (n, piece) in said.chunks(160).enumerate() {
        // Ordered anew every frame, it is as if it had been ordered once.
        listening.change(&all);
        let mut frame = Frame::silent(Rate::Narrow);
        frame.samples_mut()[..piece.len()].copy_from_slice(piece);
        listening.hear(&frame, &mut |event| told.push((n, event)));
    }
    let events: Vec<Event> = told.into_iter().map(|(_, event)| event).collect();
    let human = Event::Answerer(Answerer::Human);
    assert_eq!(events, [Event::Voice(true), Event::Voice(false), human]);
    listening.change(&Hearing::default());
    assert!(listening.keys.is_none() && listening.voice.is_none() && listening.machine.is_none());
}
