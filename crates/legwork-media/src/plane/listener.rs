//! The ear of a leg: what its peer sends as sound, 20 ms at a time. Only where somebody listens.
//!
//! Not here: who listens (`plane`), the order of packets (`jitter`), codecs (`codec`).

use std::time::{Duration, Instant};

use crate::codec::{Decoder, SOUND_MAX, Sound};
use crate::jitter::{Content, Jitter, Pull};
use crate::offer_answer::Codec;
use crate::rtp::Header;
use crate::sound::{FRAME_MAX, Frame};

/// Samples that can wait: a frame less one, and the longest packet.
const QUEUE: usize = FRAME_MAX + SOUND_MAX;

/// Asked no more often than this for one frame: packets of 2.5 ms, and as many left out.
const PULLS: u32 = 32;

/// A mean below this is hardly audible: −44 dB of full scale.
const QUIET: i32 = 200;

/// Frames behind the last sound in which what was heard last fades; then it is silent.
const FADES: u32 = 5;

/// What a leg hears of its peer.
#[derive(Debug)]
pub(super) struct Listener {
    jitter: Jitter,
    decoder: Decoder,
    sound: Sound,
    queue: [i16; QUEUE],
    n_queued: usize,
    /// The last 20 ms.
    pub(super) frame: Frame,
    is_quiet: bool,
    /// Frames since there was something.
    n_silent: u32,
    /// The peer says what its silence sounds like.
    is_noisy: bool,
}

impl Listener {
    pub(super) fn new(now: Instant, codec: Codec) -> Self {
        let decoder = Decoder::new(codec);
        Self {
            jitter: Jitter::new(now, codec.clock_hz()),
            frame: Frame::silent(decoder.rate()),
            decoder,
            sound: [0; SOUND_MAX],
            queue: [0; QUEUE],
            n_queued: 0,
            is_quiet: true,
            n_silent: FADES,
            is_noisy: false,
        }
    }

    /// Another codec may have been agreed on; what came in the other is heard to its end.
    pub(super) fn set_codec(&mut self, codec: Codec) {
        self.jitter.set_clock(codec.clock_hz());
    }

    /// A packet arrived.
    pub(super) fn put(&mut self, at: Instant, header: &Header, content: Content, payload: &[u8]) {
        self.jitter.put(at, header, content, payload);
    }

    /// The next 20 ms: in `frame`.
    pub(super) fn tick(&mut self, at: Instant) {
        for _ in 0..PULLS {
            if self.n_queued >= self.decoder.rate().frame() {
                break;
            }
            self.pull(at);
        }
        let rate = self.decoder.rate();
        self.frame = Frame::silent(rate);
        let n = rate.frame().min(self.n_queued);
        if let (Some(to), Some(from)) = (self.frame.samples_mut().get_mut(..n), self.queue.get(..n))
        {
            to.copy_from_slice(from);
        }
        self.queue.copy_within(n..self.n_queued, 0);
        self.n_queued -= n;
        let sum: i32 = self.frame.samples().iter().map(|sample| i32::from(*sample).abs()).sum();
        self.is_quiet = sum < QUIET * rate.frame() as i32;
    }

    fn pull(&mut self, at: Instant) {
        let rate_hz = u64::from(self.decoder.rate().hz());
        let queued = Duration::from_micros(self.n_queued as u64 * 1_000_000 / rate_hz);
        match self.jitter.pull(at + queued, self.is_quiet) {
            Pull::Sound(codec, payload) => {
                if codec != self.decoder.codec() {
                    self.decoder = Decoder::new(codec);
                    self.n_queued = 0;
                }
                let n = self.decoder.decode(payload, &mut self.sound);
                // Damaged, it is as good as lost.
                let n = n.unwrap_or_else(|| self.decoder.conceal(None, &mut self.sound));
                (self.n_silent, self.is_noisy) = (0, false);
                self.queue(n);
            }
            Pull::Surplus(codec, payload) => {
                if codec == self.decoder.codec() {
                    // Heard or not, it is what the next one builds on.
                    self.decoder.decode(payload, &mut self.sound);
                }
            }
            Pull::Noise(payload) => {
                self.decoder.handle_comfort_noise(payload);
                self.is_noisy = true;
            }
            Pull::Lost(lasts, next) => {
                let n = self.decoder.conceal(next, &mut self.sound);
                let lost = lasts.as_micros() as usize * rate_hz as usize / 1_000_000;
                self.queue(n.min(lost.max(1)));
            }
            Pull::Stretch => self.conceal(),
            Pull::Nothing => {
                self.n_silent = self.n_silent.saturating_add(1);
                if self.is_noisy || self.n_silent <= FADES {
                    self.conceal();
                } else {
                    self.sound.fill(0);
                    self.queue(self.decoder.rate().frame());
                }
            }
        }
    }

    fn conceal(&mut self) {
        let n = self.decoder.conceal(None, &mut self.sound);
        self.queue(n);
    }

    /// The first so many samples of `sound` are to be heard.
    fn queue(&mut self, n: usize) {
        let room = self.queue.get_mut(self.n_queued..).unwrap_or_default();
        let n = n.min(room.len()).min(SOUND_MAX);
        if let (Some(room), Some(sound)) = (room.get_mut(..n), self.sound.get(..n)) {
            room.copy_from_slice(sound);
            self.n_queued += n;
        }
    }
}
