//! What recorders hear of legs, and that nobody else notices.
//!
//! Not here: who is a recorder (`legwork_call::siprec`), taps (`tapped`).

use super::*;
use crate::command::Track;

impl World {
    /// A phone that only hears: a recorder of that way of the leg.
    fn recorder(&mut self, codec: Codec, of: MediaId, track: Track) -> MediaId {
        let id = self.phone(codec, 0);
        self.phones.last_mut().unwrap().mouth = None;
        self.feed(id, Feed::Copy(of, track));
        id
    }
}

/// However a leg is fed, both its ways are copied, each to a stream of its own; what is passed on is
/// passed on as before.
#[test]
fn both_ways_are_copied_however_a_leg_is_fed() {
    for (a_codec, b_codec, theirs) in [
        (Codec::Pcmu, Codec::Pcmu, Codec::Pcmu),
        (Codec::Pcmu, Codec::Pcma, Codec::Pcma),
        (Codec::Pcmu, Codec::Opus, Codec::Pcmu),
        (Codec::G722, Codec::G722, Codec::Pcmu),
        (Codec::Opus, Codec::Opus, Codec::G722),
    ] {
        let mut w = World::new();
        let (a, b) = (w.phone(a_codec, 400), w.phone(b_codec, 700));
        w.bridge(a, b);
        w.run(100);
        let inbound = w.recorder(theirs, a, Track::Inbound);
        let outbound = w.recorder(theirs, a, Track::Outbound);
        w.run(1000);
        let heard = |w: &World| (w.heard(inbound), w.heard(outbound));
        assert_eq!(heard(&w), (Heard::Tone(400), Heard::Tone(700)), "{a_codec:?} {b_codec:?}");
        assert_eq!((w.heard(a), w.heard(b)), (Heard::Tone(700), Heard::Tone(400)));
        w.plane.set_source(SourceId(1), Rate::Wide, tone::sine(500.0, 8000.0, 64_000).into());
        w.feed(a, Feed::Source(SourceId(1), 1));
        w.run(1000);
        assert_eq!(heard(&w), (Heard::Tone(400), Heard::Tone(1000)), "{a_codec:?} {b_codec:?}");
        w.feed(a, Feed::Nothing);
        w.run(1000);
        assert_eq!(heard(&w), (Heard::Tone(400), Heard::Silence));
        let n = |w: &World, id| w.of(id).ear.n_packets();
        let before = n(&w, inbound);
        w.run(1000);
        assert_eq!(n(&w, inbound) - before, 50, "one every 20 ms");
        w.unbroken();
    }
}

#[test]
fn a_copied_relay_stays_a_relay_and_rests_again() {
    let mut w = World::new();
    let (a, b) = (w.phone(Codec::Pcmu, 400), w.phone(Codec::Pcmu, 700));
    w.bridge(a, b);
    let recorder = w.recorder(Codec::Pcmu, b, Track::Outbound);
    w.run(400);
    assert_eq!((w.heard(recorder), w.heard(b)), (Heard::Tone(400), Heard::Tone(400)));
    assert_eq!(w.of(b).ear.n_packets(), 20, "each at once");
    w.order(recorder, Command::Close);
    w.run(80);
    assert_eq!(w.plane.poll_timeout(), None);
    w.unbroken();
}

#[test]
fn a_leg_that_is_over_or_never_was_is_silence() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    let recorder = w.recorder(Codec::Pcmu, a, Track::Inbound);
    let stranger = MediaId { thread: 0, port: 10_018, lease: 9 };
    let other = w.recorder(Codec::Pcmu, stranger, Track::Inbound);
    w.run(600);
    assert_eq!((w.heard(recorder), w.heard(other)), (Heard::Tone(400), Heard::Silence));
    w.order(a, Command::Close);
    w.run(600);
    assert_eq!(w.heard(recorder), Heard::Silence);
    w.unbroken();
}

/// Two recorders of one leg, and a recorder of a recorder, which hears nothing: it says nothing.
#[test]
fn several_copy_one() {
    let mut w = World::new();
    let a = w.phone(Codec::Pcmu, 400);
    let first = w.recorder(Codec::Pcmu, a, Track::Inbound);
    let second = w.recorder(Codec::G722, a, Track::Inbound);
    let third = w.recorder(Codec::Pcmu, first, Track::Outbound);
    let itself = w.recorder(Codec::Pcmu, first, Track::Inbound);
    w.run(1000);
    for (id, heard) in [
        (first, Heard::Tone(400)),
        (second, Heard::Tone(400)),
        (third, Heard::Tone(400)),
        (itself, Heard::Silence),
    ] {
        assert_eq!(w.heard(id), heard);
    }
    w.order(second, Command::Close);
    w.run(1000);
    assert_eq!(w.heard(first), Heard::Tone(400));
    w.unbroken();
}
