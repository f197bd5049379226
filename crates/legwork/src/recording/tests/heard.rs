//! From packets to a file: what two phones say over a bad network, as the recording has it.
//!
//! Not here: the file itself (`tests`), what a tap gives (`legwork-media`).

use std::f32::consts::TAU;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use legwork_media::codec::{Encoder, PAYLOAD_BYTES};
use legwork_media::offer_answer::Codec;
use legwork_media::plane::{BUFFER_BYTES, Channel, Plane, TICK};
use legwork_media::{Agreed, Command, Feed, Frame, MediaId, Rate, Side, Tap, TapPiece};
use legwork_media::{measure, rtp};

use super::studio::{Studio, tap};

const SECONDS: u64 = 10;

/// What one phone says: half of each second a tone, in the other half nothing. When it is not
/// there it sends nothing at all.
struct Phone {
    codec: Codec,
    payload: u8,
    hz: f32,
    is_there: fn(ms: u64) -> bool,
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        (self.0 >> 33) % n
    }
}

impl Phone {
    /// Its packets and when they arrive: three of a hundred never, the others up to 30 ms late.
    fn packets(&self, ssrc: u32, seed: u64) -> Vec<(Duration, Vec<u8>)> {
        let (mut encoder, mut dice) = (Encoder::new(self.codec), Dice(seed));
        let (mut packets, mut sequence, mut turn) = (Vec::new(), 65_500_u16, 0.0_f32);
        for n in 0..SECONDS * 50 {
            let ms = 20 * n;
            let mut frame = Frame::silent(Rate::Narrow);
            for sample in frame.samples_mut().iter_mut().filter(|_| ms % 1000 < 500) {
                *sample = (8000.0 * (TAU * turn).sin()) as i16;
                turn = (turn + self.hz / 8000.0).fract();
            }
            if !(self.is_there)(ms) {
                continue;
            }
            let mut payload = [0; PAYLOAD_BYTES];
            let n_bytes = encoder.encode(&frame, &mut payload);
            let mut packet = vec![0; 12];
            packet.extend(&payload[..n_bytes]);
            let timestamp = (n as u32).wrapping_mul(self.codec.clock_hz() / 50);
            let (marker, payload_type) = (false, self.payload);
            rtp::Header { marker, payload_type, sequence, timestamp, ssrc }.write(&mut packet);
            sequence = sequence.wrapping_add(1);
            let late = Duration::from_micros(dice.below(30_000));
            if dice.below(100) >= 3 {
                packets.push((Duration::from_millis(ms) + late, packet));
            }
        }
        packets.sort();
        packets
    }
}

fn id(n: u16) -> MediaId {
    MediaId { thread: 0, port: 10_000 + 2 * n, lease: 1 }
}

fn address(n: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 20_000 + 2 * n))
}

fn bridge(start: Instant, phones: &[Phone; 2]) -> Plane {
    let mut plane = Plane::new(start, 0, &(10_000..=10_003), 1);
    for (n, phone) in (0..).zip(phones) {
        let agreed = Agreed {
            remote_rtp: address(n),
            remote_rtcp: address(n),
            rtcp_mux: false,
            codec: phone.codec,
            send_payload: phone.payload,
            receive_payload: phone.payload,
            telephone_event: None,
            event_clock_hz: 8000,
            comfort_noise: false,
            send: true,
            receive: true,
            also: [None; 3],
            learn_from: None,
        };
        plane.handle_command(start, id(n), Command::Open);
        plane.handle_command(start, id(n), Command::Agree(Box::new(agreed)));
    }
    plane.handle_command(start, id(0), Command::Feed(Feed::Leg(id(1))));
    plane.handle_command(start, id(1), Command::Feed(Feed::Leg(id(0))));
    plane
}

/// The file of a tap of both ways of the first phone's leg.
async fn record(name: &str, phones: &[Phone; 2]) -> [Vec<i16>; 2] {
    let mut studio = Studio::new(name);
    studio.begin(1, 2, false);
    let start = Instant::now();
    let mut plane = bridge(start, phones);
    let how = Tap::new(Side::Dual, Rate::Narrow);
    plane.handle_command(start, id(0), Command::Tap(tap(1), how));
    let mut talks: Vec<_> = (0_u16..)
        .zip(phones)
        .map(|(n, phone)| phone.packets(u32::from(n), 5 + u64::from(n)).into_iter().peekable())
        .collect();
    let mut buffer = [0; BUFFER_BYTES];
    for n in 0..SECONDS as u32 * 50 {
        let now = TICK * n;
        for (port, talk) in (0..).zip(&mut talks) {
            while let Some((at, packet)) = talk.next_if(|(at, _)| *at <= now) {
                buffer[..packet.len()].copy_from_slice(&packet);
                let (at, from, len) = (start + at, address(port), packet.len());
                plane.handle_packet(at, id(port).port, Channel::Rtp, from, &mut buffer, len);
            }
        }
        plane.tick(start + now, |_, _| ());
        if n == SECONDS as u32 * 50 - 1 {
            plane.handle_command(start + now, id(0), Command::Untap(tap(1)));
        }
        plane.give_taps(|tap, piece| match piece {
            TapPiece::Samples(samples) => studio.taps.give(tap, samples),
            TapPiece::Mark(number) => studio.taps.mark(tap, number),
            TapPiece::End => studio.taps.end(tap),
        });
        studio.until_taken(1).await;
    }
    studio.told().await;
    studio.heard(1).try_into().unwrap()
}

/// When a tone begins behind at least 200 ms without, ms.
fn onsets(samples: &[i16]) -> Vec<usize> {
    let (mut onsets, mut quiet) = (Vec::new(), 40);
    for (n, piece) in samples.chunks(40).enumerate() {
        if measure::level(piece) < -30.0 {
            quiet += 1;
        } else {
            onsets.extend((quiet >= 40).then_some(5 * n));
            quiet = 0;
        }
    }
    onsets
}

#[track_caller]
fn check(what: &str, sound: &[i16], hz: f32, seconds: &[u64]) -> Vec<usize> {
    assert_eq!(sound.len(), SECONDS as usize * 8000, "{what}: every 20 ms of it, to the last");
    let begins = onsets(sound);
    assert_eq!(begins.len(), seconds.len(), "{what}: {begins:?}");
    for (begin, second) in begins.iter().zip(seconds) {
        let late = *begin as i64 - *second as i64 * 1000;
        assert!((0..=90).contains(&late), "{what}: {begins:?}");
        // But for its edges.
        let tone = &sound[(begin + 40) * 8..(begin + 440) * 8];
        let (pitch, level) =
            (measure::frequency(&tone[..800], 8000).unwrap(), measure::level(tone));
        assert!((pitch - hz).abs() < 3.0, "{what} {second}: {pitch} Hz");
        assert!((level + 15.26).abs() < 1.5, "{what} {second}: {level} dB");
        assert_eq!(measure::longest_gap(tone, 8000), 0, "{what} {second}");
    }
    begins
}

/// One phone is there from the beginning; the other comes 3 s later and is silent, without sending
/// anything, for a while. What was said at one time stands at one time in the file.
#[tokio::test]
async fn two_phones_over_a_bad_network() {
    for (name, codec, payload) in
        [("relayed", Codec::Pcmu, 0), ("pcma", Codec::Pcma, 8), ("opus", Codec::Opus, 111)]
    {
        let phones = [
            Phone { codec: Codec::Pcmu, payload: 0, hz: 400.0, is_there: |_| true },
            Phone {
                codec,
                payload,
                hz: 700.0,
                is_there: |ms| ms >= 3000 && !(5600..7900).contains(&ms),
            },
        ];
        let [parent, child] = record(name, &phones).await;
        let of_parent = check(name, &parent, 400.0, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let of_child = check(name, &child, 700.0, &[3, 4, 5, 8, 9]);
        for (at, second) in of_child.iter().zip([3, 4, 5, 8, 9]) {
            let skew = at.abs_diff(of_parent[second]);
            assert!(skew <= 20, "{name} {second}: {of_parent:?} {of_child:?}");
        }
    }
}
