//! Who hears whom in a room, told by what their phones hear.
//!
//! Not here: orders that make no sense (`room_orders`), sums (`plane::mix`).

use super::*;
use crate::command::{JitterSize, RoomCommand, RoomEvent, RoomId, Speech};
use crate::measure::{click, longest_gap, tone_level};
use crate::tap::{Side, Tap};

pub(super) const ROOM: RoomId = RoomId(7);

/// How loud a mouth's tone is.
const LOUD: f32 = -15.26;

pub(super) const fn aloud(room: RoomId) -> Option<Speech> {
    Some(Speech { room, only: None, jitter: JitterSize::Off })
}

impl World {
    pub(super) fn room(&mut self, command: RoomCommand) {
        self.plane.handle_room(self.now, ROOM, command);
        self.take_taps();
    }

    /// Speaks and hears in the room.
    pub(super) fn join(&mut self, id: MediaId) {
        self.order(id, Command::Speak(aloud(ROOM)));
        self.feed(id, Feed::Room(ROOM));
    }

    fn mute(&mut self, id: MediaId) {
        self.order(id, Command::Speak(None));
    }

    fn hears_hz(&self, id: MediaId, hz: u16) -> f32 {
        tone_level(&self.of(id).ear.last_samples(400), 8000, f32::from(hz))
    }

    /// It hears these tones as they were said, and none of those.
    #[track_caller]
    pub(super) fn hears(&self, id: MediaId, these: &[u16], not: &[u16]) {
        // To a codec for speech, two tones at once are strange: they leave noise.
        let is_opus = self.of(id).ear.last().unwrap().payload_type == payload(Codec::Opus);
        let (within, noise) = if is_opus { (2.0, -45.0) } else { (1.0, -50.0) };
        for hz in these {
            let level = self.hears_hz(id, *hz);
            assert!((level - LOUD).abs() < within, "{id:?} {hz}: {level}");
        }
        for hz in not {
            let level = self.hears_hz(id, *hz);
            assert!(level < noise, "{id:?} {hz}: {level}");
        }
    }

    /// It says this from now on; 0 is silence.
    pub(super) fn says(&mut self, id: MediaId, codec: Codec, hz: u16) {
        let ssrc = self.now.saturating_duration_since(epoch()).as_millis() as u32 + hz as u32;
        self.of_mut(id).mouth = Some(Mouth::new(ssrc, codec, payload(codec), 101, hz));
    }

    fn last_payload(&self, id: MediaId) -> Vec<u8> {
        self.of(id).last.as_ref().unwrap()[12..].to_vec()
    }

    pub(super) fn room_events(&mut self) -> Vec<RoomEvent> {
        let events = std::iter::from_fn(|| self.plane.poll_room_event());
        events.map(|(room, event)| (room == ROOM).then_some(event).unwrap()).collect()
    }
}

const CODECS: [Codec; 4] = [Codec::Pcmu, Codec::Pcma, Codec::G722, Codec::Opus];

#[test]
fn each_hears_the_others_and_not_itself() {
    for (n, first) in CODECS.into_iter().enumerate() {
        for codecs in [[first; 3], [first, CODECS[(n + 1) % 4], CODECS[(n + 2) % 4]]] {
            let mut w = World::new();
            w.room(RoomCommand::Open);
            // None is the sum or the difference of two.
            let hz = [400, 700, 1300];
            let ids = [0, 1, 2].map(|at| w.phone(codecs[at], hz[at]));
            ids.iter().for_each(|id| w.join(*id));
            w.run(1000);
            for at in 0..3 {
                w.hears(ids[at], &[hz[(at + 1) % 3], hz[(at + 2) % 3]], &[hz[at]]);
            }
            w.unbroken();
            ids.into_iter().for_each(|id| w.order(id, Command::Close));
            w.room(RoomCommand::Close);
            assert_eq!(w.plane.poll_timeout(), None);
        }
    }
}

#[test]
fn a_coach_is_heard_by_one_and_hears_all() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    let ids = [400, 700, 1100, 0].map(|hz| w.phone(Codec::Pcmu, hz));
    let [agent, customer, coach, silent] = ids;
    [agent, customer, silent].into_iter().for_each(|id| w.join(id));
    let speech = Speech { room: ROOM, only: Some(agent), jitter: JitterSize::Large };
    w.order(coach, Command::Speak(Some(speech)));
    w.feed(coach, Feed::Room(ROOM));
    w.run(1000);
    w.hears(agent, &[700, 1100], &[400]);
    w.hears(customer, &[400], &[700, 1100]);
    w.hears(coach, &[400, 700], &[1100]);
    w.hears(silent, &[400, 700], &[1100]);
    // It stops coaching: heard by all.
    w.order(coach, Command::Speak(aloud(ROOM)));
    w.run(600);
    w.hears(customer, &[400, 1100], &[700]);
    w.hears(silent, &[400, 700, 1100], &[]);
}

#[test]
fn who_is_muted_is_not_heard_and_hears() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    let [a, b, c] = [400, 700, 1100].map(|hz| w.phone(Codec::Pcmu, hz));
    [a, b, c].into_iter().for_each(|id| w.join(id));
    w.run(600);
    w.mute(b);
    w.run(600);
    w.hears(a, &[1100], &[400, 700]);
    w.hears(b, &[400, 1100], &[700]);
    w.join(b);
    w.run(600);
    w.hears(a, &[700, 1100], &[400]);
    // On hold: nothing of the room, nothing in it.
    w.mute(b);
    w.feed(b, Feed::Silence);
    w.run(600);
    assert_eq!(w.heard(b), Heard::Silence);
    w.hears(a, &[1100], &[400, 700]);
    w.unbroken();
}

#[test]
fn five_loud_ones_are_loud_and_nothing_else() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    let hz = [200, 250, 300, 350, 400];
    let ids = hz.map(|hz| w.phone(Codec::Pcmu, hz));
    let ear = w.phone(Codec::G722, 0);
    ids.into_iter().chain([ear]).for_each(|id| w.join(id));
    w.run(1000);
    let heard = w.of(ear).ear.last_samples(600);
    let most = heard.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
    assert!(most > 26_000, "{most}");
    let step = heard.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max().unwrap();
    assert!(step < 11_000, "{step}");
    for hz in hz {
        let level = w.hears_hz(ear, hz);
        assert!((level - LOUD).abs() < 2.0, "{hz}: {level}");
    }
}

/// A tone of 100 Hz has steps of 628; cut at its peak it would have one of 8000.
#[test]
fn whoever_comes_and_goes_in_mid_speech_clicks_for_nobody() {
    for codec in [Codec::Pcmu, Codec::G722] {
        let mut w = World::new();
        w.room(RoomCommand::Open);
        let (ear, other) = (w.phone(codec, 0), w.phone(Codec::Pcmu, 0));
        w.join(ear);
        w.join(other);
        for n in 0..7 {
            // Nowhere near a whole number of its periods.
            let one = w.phone(Codec::Pcmu, 103 + n);
            w.run(100);
            w.join(one);
            w.run(300 + 20 * u64::from(n));
            match n % 4 {
                0 => w.order(one, Command::Close),
                1 => w.mute(one),
                2 => w.order(one, Command::Speak(aloud(RoomId(99)))),
                _ => {
                    let speech = Speech { room: ROOM, only: Some(other), jitter: JitterSize::Off };
                    w.order(one, Command::Speak(Some(speech)));
                }
            }
            w.run(100);
            let heard = w.of(ear).ear.last_samples(500);
            assert!(tone::rms(&heard) > 1000.0, "{n}");
            assert!(step(&heard) < 1300, "{codec:?} {n}: {}", step(&heard));
            let other = w.of(other).ear.last_samples(500);
            assert!(step(&other) < 1300, "{codec:?} {n}: {}", step(&other));
            w.order(one, Command::Close);
            w.run(40);
        }
        w.unbroken();
    }
}

/// Who is silent hears the same bytes as all who are; when it speaks, and when it is silent again,
/// what it hears goes on as it was.
#[test]
fn one_encoding_serves_all_who_are_silent() {
    for (codec, most) in
        [(Codec::Pcmu, 1.0), (Codec::Pcma, 1.0), (Codec::G722, 1.5), (Codec::Opus, 3.0)]
    {
        let mut w = World::new();
        w.room(RoomCommand::Open);
        let talker = w.phone(Codec::Pcmu, 300);
        let (a, b, c) = (w.phone(codec, 0), w.phone(codec, 0), w.phone(codec, 0));
        [talker, a, b].into_iter().for_each(|id| w.join(id));
        w.feed(c, Feed::Room(ROOM));
        w.run(1000);
        let of = |w: &World, id| click(&w.of(id).ear.last_samples(900), 8000, 300.0);
        let usual = of(&w, a).max(200.0);
        w.run(3000);
        assert_eq!(w.last_payload(a), w.last_payload(b), "{codec:?}");
        assert_eq!(w.last_payload(a), w.last_payload(c));
        let shared = of(&w, a);
        assert!(shared <= most * usual, "{codec:?}: it is shared: {shared} {usual}");
        for round in 0..3 {
            w.says(a, codec, 900);
            w.run(300 + 20 * round);
            assert_ne!(w.last_payload(b), w.last_payload(a));
            w.hears(a, &[300], &[900]);
            let speaks = of(&w, a);
            assert!(speaks <= most * usual, "{codec:?}: it speaks: {speaks} {usual}");
            w.says(a, codec, 0);
            w.run(5000);
            assert_eq!(w.last_payload(a), w.last_payload(b), "{codec:?}");
            let heard = w.of(a).ear.last_samples(5000);
            let silent = click(&heard, 8000, 300.0);
            assert!(silent <= most * usual, "{codec:?}: silent again: {silent} {usual}");
            assert_eq!(longest_gap(&heard, 8000), 0);
        }
        w.unbroken();
    }
}

#[test]
fn what_is_played_is_heard_by_all() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    let ids = [400, 0].map(|hz| w.phone(Codec::Pcmu, hz));
    ids.into_iter().for_each(|id| w.join(id));
    w.run(500);
    w.plane.set_source(SourceId(1), Rate::Wide, tone::sine(600.0, 8000.0, 16_000).into());
    w.room(RoomCommand::Play(SourceId(1), 2));
    w.plane.forget_source(SourceId(1));
    w.room(RoomCommand::Play(SourceId(404), 1));
    w.run(1000);
    assert!(w.hears_hz(ids[0], 1200) > -17.0, "as it is wide, an octave higher");
    assert!((w.hears_hz(ids[1], 400) - LOUD).abs() < 1.0, "beside who speaks");
    w.run(980);
    assert_eq!(w.room_events(), []);
    w.run(40);
    assert_eq!(w.room_events(), [SourceId(1), SourceId(404)].map(RoomEvent::Played));
    // It ends at its peak, and fades.
    w.plane.set_source(SourceId(2), Rate::Narrow, tone::sine(103.0, 8000.0, 8000 + 640).into());
    w.room(RoomCommand::Play(SourceId(2), 1));
    w.mute(ids[0]);
    w.run(1000);
    assert!((w.hears_hz(ids[0], 103) - LOUD).abs() < 1.0);
    w.run(200);
    assert!(step(&w.of(ids[0]).ear.last_samples(400)) < 1300, "it fades");
    w.run(400);
    assert_eq!(w.heard(ids[0]), Heard::Silence);
    assert_eq!(w.room_events(), [RoomEvent::Played(SourceId(2))]);
}

/// A beep tells who comes now, not who came minutes ago.
#[test]
fn a_beep_is_heard_while_something_else_is_played() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    let ear = w.phone(Codec::G722, 0);
    w.join(ear);
    w.plane.set_source(SourceId(1), Rate::Narrow, tone::sine(600.0, 8000.0, 80_000).into());
    w.room(RoomCommand::Play(SourceId(1), 1));
    w.run(1000);
    let levels = |w: &World| {
        let heard = w.of(ear).ear.last_samples(100);
        [600.0, 1400.0, 700.0].map(|hz| tone_level(&heard, 8000, hz) > -20.0)
    };
    assert_eq!(levels(&w), [true, false, false]);
    w.room(RoomCommand::Play(SourceId::BEEP, 1));
    w.room(RoomCommand::Play(SourceId::BEEP_OUT, 1));
    w.run(160);
    assert_eq!(levels(&w), [true, true, false]);
    w.run(240);
    assert_eq!(levels(&w), [true, false, true], "one beep after the other");
    w.run(200);
    assert_eq!(levels(&w), [true, false, false]);
    let beeps = [SourceId::BEEP, SourceId::BEEP_OUT].map(RoomEvent::Played);
    assert_eq!(w.room_events(), beeps);
    w.run(9000);
    assert_eq!(w.room_events(), [RoomEvent::Played(SourceId(1))]);
    w.unbroken();
}

/// The end of what somebody said is nothing to who comes when nobody is there any more.
#[test]
fn who_comes_into_an_empty_room_hears_nobody() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    for n in 0..4 {
        let one = w.phone(Codec::Pcmu, 103 + n);
        w.join(one);
        w.run(200);
        w.order(one, Command::Close);
        assert_eq!(w.plane.poll_timeout(), None, "nobody is there");
        w.of_mut(one).mouth = None;
        let tap = TapId(n.into());
        w.room(RoomCommand::Tap(tap, Tap::new(Side::Inbound, Rate::Wide)));
        w.run(200);
        w.room(RoomCommand::Untap(tap));
        let heard = &w.tapped[&tap].0;
        assert_eq!((heard.len(), heard.iter().max()), (3200, Some(&0)), "{n}");
    }
}

/// Orders to a leg that has moved come by way of its home: its room may be closed before.
#[test]
fn what_was_said_in_a_closed_room_is_not_heard_in_the_next() {
    let other = RoomId(8);
    let mut w = World::new();
    w.room(RoomCommand::Open);
    w.plane.handle_room(w.now, other, RoomCommand::Open);
    let ear = w.phone(Codec::Pcmu, 0);
    w.feed(ear, Feed::Room(other));
    for n in 0..4 {
        w.room(RoomCommand::Open);
        let one = w.phone(Codec::Pcmu, 103 + n);
        w.join(one);
        w.run(200);
        w.room(RoomCommand::Close);
        w.says(one, Codec::Pcmu, 0);
        w.run(2000);
        w.order(one, Command::Speak(aloud(other)));
        w.run(200);
        let most = w.of(ear).ear.last_samples(200).into_iter().max();
        assert!(most < Some(100), "{n}: {most:?}");
        w.order(one, Command::Close);
        w.run(40);
    }
}

#[test]
fn a_tap_has_all_that_is_said_and_played() {
    for rate in [Rate::Narrow, Rate::Wide] {
        let mut w = World::new();
        w.room(RoomCommand::Open);
        let tap = TapId(3);
        w.room(RoomCommand::Tap(tap, Tap::new(Side::Dual, rate)));
        w.run(1000);
        let ids = [400, 700].map(|hz| w.phone(Codec::Pcmu, hz));
        ids.into_iter().for_each(|id| w.join(id));
        let coach = w.phone(Codec::Pcmu, 1100);
        let speech = Speech { room: ROOM, only: Some(ids[0]), jitter: JitterSize::Off };
        w.order(coach, Command::Speak(Some(speech)));
        w.run(1000);
        w.room(RoomCommand::HoldTap(tap, true));
        w.run(1000);
        w.room(RoomCommand::HoldTap(tap, false));
        w.run(1000);
        w.room(RoomCommand::Untap(tap));
        let (samples, ends) = &w.tapped[&tap];
        assert_eq!((samples.len(), *ends), (4 * rate.hz() as usize, 1));
        let second = |n: usize| &samples[n * rate.hz() as usize..][..rate.hz() as usize];
        let of = |n, hz| tone_level(&second(n)[rate.hz() as usize / 2..], rate.hz(), hz);
        for (n, is_heard) in [(0, false), (1, true), (2, false), (3, true)] {
            for hz in [400.0, 700.0] {
                let level = of(n, hz);
                assert!(if is_heard { (level - LOUD).abs() < 1.0 } else { level < -90.0 }, "{n}");
            }
            assert!(of(n, 1100.0) < -60.0, "what is whispered is not recorded");
        }
    }
}

#[test]
fn it_is_told_who_speaks() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    let [a, b] = [0, 0].map(|hz| w.phone(Codec::Pcmu, hz));
    w.join(a);
    w.join(b);
    w.room(RoomCommand::Watch(true));
    w.run(1000);
    assert_eq!(w.room_events(), []);
    w.says(a, Codec::Pcmu, 400);
    w.run(200);
    assert_eq!(w.room_events(), [RoomEvent::Speaks(a, true)]);
    // Pauses between words are none.
    for _ in 0..3 {
        w.says(a, Codec::Pcmu, 0);
        w.run(600);
        w.says(a, Codec::Pcmu, 400);
        w.run(600);
    }
    assert_eq!(w.room_events(), []);
    w.says(a, Codec::Pcmu, 0);
    w.run(1500);
    assert_eq!(w.room_events(), [RoomEvent::Speaks(a, false)]);
    // Muted, gone, and nobody asks.
    w.says(a, Codec::Pcmu, 400);
    w.says(b, Codec::Pcmu, 400);
    w.run(300);
    assert_eq!(w.room_events(), [a, b].map(|id| RoomEvent::Speaks(id, true)));
    w.mute(a);
    assert_eq!(w.room_events(), [RoomEvent::Speaks(a, false)]);
    w.order(b, Command::Close);
    assert_eq!(w.room_events(), [RoomEvent::Speaks(b, false)]);
    w.room(RoomCommand::Watch(false));
    w.join(a);
    w.run(300);
    assert_eq!(w.room_events(), []);
}

/// Taps and detectors of a leg are its own, in a room, too.
#[test]
fn a_leg_in_a_room_is_a_leg_as_any() {
    let mut w = World::new();
    w.room(RoomCommand::Open);
    let [a, b] = [400, 700].map(|hz| w.phone(Codec::Pcmu, hz));
    w.join(a);
    w.join(b);
    w.order(a, Command::Tap(TapId(1), Tap::new(Side::Dual, Rate::Narrow)));
    let c = w.phone(Codec::Pcmu, 0);
    w.feed(c, Feed::Room(ROOM));
    w.order(c, Command::Tap(TapId(2), Tap::new(Side::Outbound, Rate::Narrow)));
    w.run(2000);
    let channel = |n: usize| -> Vec<i16> {
        w.tapped[&TapId(1)].0.iter().skip(n).step_by(2).skip(8000).copied().collect()
    };
    for (n, hz, other) in [(0, 400.0, 700.0), (1, 700.0, 400.0)] {
        assert!((tone_level(&channel(n), 8000, hz) - LOUD).abs() < 1.0);
        assert!(tone_level(&channel(n), 8000, other) < -50.0);
    }
    let shared = &w.tapped[&TapId(2)].0[12_000..];
    for hz in [400.0, 700.0] {
        assert!((tone_level(shared, 8000, hz) - LOUD).abs() < 1.0);
    }
    // Keys towards it, and from it.
    w.order(a, Command::SendDigits(Box::from(*b"5")));
    w.of_mut(b).mouth.as_mut().unwrap().press(b'8');
    w.run(600);
    assert_eq!(w.of(a).ear.keys(), b"5");
    let keys: Vec<_> = w.events().into_iter().map(|(_, event)| event).collect();
    assert!(keys.contains(&Event::Digit(b'8')) && keys.contains(&Event::DigitsSent), "{keys:?}");
    w.hears(a, &[700], &[400]);
}

/// The depth of a jitter buffer is heard as so much delay.
#[test]
fn a_jitter_buffer_is_as_deep_as_was_ordered() {
    let sizes = [JitterSize::Off, JitterSize::Small, JitterSize::Medium, JitterSize::Large];
    let delays = sizes.map(|jitter| {
        let mut w = World::new();
        w.room(RoomCommand::Open);
        let (talker, ear) = (w.phone(Codec::Pcmu, 0), w.phone(Codec::Pcmu, 0));
        w.feed(ear, Feed::Room(ROOM));
        w.of_mut(talker).mouth = None;
        w.order(talker, Command::Speak(Some(Speech { room: ROOM, only: None, jitter })));
        w.run(3000);
        w.says(talker, Codec::Pcmu, 400);
        let heard = (1..20).find(|_| {
            w.run(20);
            tone::rms(&w.of(ear).ear.last_samples(20)) > 500.0
        });
        heard.unwrap()
    });
    assert_eq!(delays[3] - delays[2], 1, "{delays:?}");
    assert_eq!(delays[0], delays[1], "{delays:?}");
}
