//! The ear of a leg: what its peer sends as sound, 20 ms at a time. Only where somebody listens.
//!
//! Not here: who listens (`plane`), the order of packets (`jitter`), codecs (`codec`).

use std::time::{Duration, Instant};

use crate::codec::{Decoder, SOUND_MAX, Sound};
use crate::jitter::{Content, Jitter, Pull};
use crate::offer_answer::Codec;
use crate::rtp::Header;
use crate::sound::{FRAME_MAX, Frame, Rate};

/// Samples that can wait: a frame less one, and the longest packet.
const QUEUE: usize = FRAME_MAX + SOUND_MAX;

/// Asked no more often than this for one frame: packets of 2.5 ms, and as many left out.
const PULLS: u32 = 32;

/// A mean below this is hardly audible: −44 dB of full scale.
const QUIET: i32 = 200;

/// Where something is left out, what would have followed fades for this part of a second: 5 ms.
const SEAM: u32 = 200;

/// Samples of that at 16 kHz.
const SEAM_MAX: usize = 80;

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
    /// Something came for them, or should have: it is not only made up.
    pub(super) is_said: bool,
    is_quiet: bool,
    seam: Seam,
}

/// What would have followed where something is left out.
#[derive(Debug)]
struct Seam {
    samples: [i16; SEAM_MAX],
    /// None: nothing was left out.
    n_samples: usize,
}

impl Seam {
    /// This is left out, and whatever follows until it is faded into something.
    fn keep(&mut self, rate: Rate, left_out: &[i16]) {
        let n_samples = (rate.hz() / SEAM) as usize;
        let room = self.samples.get_mut(..n_samples);
        if let (0, Some(room), Some(sound)) = (self.n_samples, room, left_out.get(..n_samples)) {
            room.copy_from_slice(sound);
            self.n_samples = n_samples;
        }
    }

    /// It becomes this, of whatever rate.
    fn fade_into(&mut self, rate: Rate, sound: &mut [i16]) {
        let n_before = std::mem::take(&mut self.n_samples);
        let n = (rate.hz() / SEAM) as usize;
        for (index, sample) in sound.iter_mut().take(n).enumerate() {
            let Some(before) = self.samples.get(index * n_before / n) else { return };
            let (old, new) = (i32::from(*before), i32::from(*sample));
            // Between two 16-bit values it stays one.
            *sample = (old + (new - old) * index as i32 / n as i32) as i16;
        }
    }
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
            is_said: false,
            is_quiet: true,
            seam: Seam { samples: [0; SEAM_MAX], n_samples: 0 },
        }
    }

    /// Another codec may have been agreed on; what came in the other is heard to its end.
    pub(super) fn set_codec(&mut self, codec: Codec) {
        self.jitter.set_clock(codec.clock_hz());
    }

    /// Its buffer is at least this deep from now on.
    pub(super) fn set_floor(&mut self, depth: Duration) {
        self.jitter.set_floor(depth);
    }

    /// A packet arrived.
    pub(super) fn put(&mut self, at: Instant, header: &Header, content: Content, payload: &[u8]) {
        self.jitter.put(at, header, content, payload);
    }

    /// The next 20 ms: in `frame`.
    pub(super) fn tick(&mut self, at: Instant) {
        self.is_said = false;
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
        let rate = self.decoder.rate();
        let queued = self.n_queued as u64 * 1_000_000 / u64::from(rate.hz());
        let queued = Duration::from_micros(queued);
        match self.jitter.pull(at + queued, self.is_quiet) {
            Pull::Sound(codec, payload) => {
                self.is_said = true;
                if codec != self.decoder.codec() {
                    let queued = self.queue.get(..self.n_queued).unwrap_or_default();
                    self.seam.keep(rate, queued);
                    let n = self.decoder.conceal(None, rate.frame(), &mut self.sound);
                    self.seam.keep(rate, self.sound.get(..n).unwrap_or_default());
                    self.decoder = Decoder::new(codec);
                    self.n_queued = 0;
                }
                let n = self.decoder.decode(payload, &mut self.sound);
                // Damaged, it is as good as lost.
                let frame = self.decoder.rate().frame();
                let n = n.unwrap_or_else(|| self.decoder.conceal(None, frame, &mut self.sound));
                self.queue(n);
            }
            Pull::Surplus(codec, payload) => {
                if codec == self.decoder.codec() {
                    // Heard or not, it is what the next one builds on.
                    let n = self.decoder.decode(payload, &mut self.sound).unwrap_or(0);
                    self.seam.keep(rate, self.sound.get(..n).unwrap_or_default());
                }
            }
            Pull::Noise(payload) => self.decoder.handle_comfort_noise(payload),
            Pull::Lost(lasts, next) => {
                self.is_said = true;
                let lost = lasts.as_micros() as usize * rate.hz() as usize / 1_000_000;
                let n = self.decoder.conceal(next, lost.max(1), &mut self.sound);
                self.queue(n.min(lost.max(1)));
            }
            // Not a hole: what was heard last fades to the noise behind it, which goes on.
            Pull::Stretch | Pull::Nothing => {
                let n = self.decoder.conceal(None, rate.frame(), &mut self.sound);
                self.queue(n);
            }
        }
    }

    /// The first so many samples of `sound` are to be heard.
    fn queue(&mut self, n: usize) {
        if self.seam.n_samples > 0 {
            let sound = self.sound.get_mut(..n).unwrap_or_default();
            self.seam.fade_into(self.decoder.rate(), sound);
        }
        let room = self.queue.get_mut(self.n_queued..).unwrap_or_default();
        let n = n.min(room.len()).min(SOUND_MAX);
        if let (Some(room), Some(sound)) = (room.get_mut(..n), self.sound.get(..n)) {
            room.copy_from_slice(sound);
            self.n_queued += n;
        }
    }
}

#[cfg(test)]
mod tests;
