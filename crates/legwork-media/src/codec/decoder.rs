//! One way of a leg: payloads to sound, and sound where payloads are missing.
//!
//! Not here: which payload is next (`plane`), the codecs (`pcmu`, `pcma`, `g722`; Opus is libopus).
//! Source: RFC 3551, RFC 7587, RFC 3389.

use super::conceal::Concealment;
use super::{g722, noise, pcma, pcmu};
use crate::limit;
use crate::offer_answer::Codec;
use crate::sound::Rate;

/// Samples of the longest payload that is decoded, at 16 kHz.
pub const SOUND_MAX: usize = limit::PAYLOAD_MS * 16;

/// 2.5 ms at 16 kHz: of so many samples Opus conceals a multiple.
const OPUS_UNIT: usize = 40;

/// What a payload decodes into: room for 120 ms at 16 kHz.
pub type Sound = [i16; SOUND_MAX];

/// Decodes what one peer sends.
///
/// 16 bytes, and on the heap: G.711 3.3 kB, G.722 3.6 kB, Opus 18 kB. Nothing is allocated after
/// `new`.
#[derive(Debug)]
pub struct Decoder {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Pcmu(Box<Concealment>),
    Pcma(Box<Concealment>),
    G722(Box<(g722::Decoder, Concealment)>),
    /// None: libopus found no memory; silence.
    Opus(Option<opus::Decoder>),
}

impl Decoder {
    /// A decoder at its beginning.
    pub fn new(codec: Codec) -> Self {
        let concealment = || Concealment::new(rate(codec));
        let kind = match codec {
            Codec::Pcmu => Kind::Pcmu(Box::new(concealment())),
            Codec::Pcma => Kind::Pcma(Box::new(concealment())),
            Codec::G722 => Kind::G722(Box::new((g722::Decoder::default(), concealment()))),
            Codec::Opus => {
                Kind::Opus(opus::Decoder::new(rate(codec).hz(), opus::Channels::Mono).ok())
            }
        };
        Self { kind }
    }

    /// What it decodes.
    pub fn codec(&self) -> Codec {
        match self.kind {
            Kind::Pcmu(_) => Codec::Pcmu,
            Kind::Pcma(_) => Codec::Pcma,
            Kind::G722(_) => Codec::G722,
            Kind::Opus(_) => Codec::Opus,
        }
    }

    /// The rate of the sound it gives: 8 kHz for G.711, 16 kHz for G.722 and Opus.
    pub fn rate(&self) -> Rate {
        rate(self.codec())
    }

    /// The next payload's sound, written to the beginning of `out`: how many samples. None: it is
    /// empty or damaged, and as good as lost.
    ///
    /// Behind a loss the sound is led over from what was put in its place.
    pub fn decode(&mut self, payload: &[u8], out: &mut Sound) -> Option<usize> {
        if payload.is_empty() {
            return None;
        }
        match &mut self.kind {
            Kind::Pcmu(concealment) => Some(g711(pcmu::decode, concealment, payload, out)),
            Kind::Pcma(concealment) => Some(g711(pcma::decode, concealment, payload, out)),
            Kind::G722(state) => {
                let (decoder, concealment) = &mut **state;
                let n_samples = decoder.decode(payload, out);
                concealment.heard(out.get_mut(..n_samples)?);
                Some(n_samples)
            }
            Kind::Opus(decoder) => match decoder {
                Some(decoder) => decoder.decode(payload, out, false).ok(),
                None => Some(quiet(out)),
            },
        }
    }

    /// So many samples in place of a lost payload, 120 ms at most, written to the beginning of `out`:
    /// how many there are. Opus gives whole 2.5 ms. `next` is the payload behind the lost one, if it
    /// is here already: Opus may hold a second copy of the lost sound there. It is to be decoded
    /// nevertheless.
    ///
    /// What was heard last goes on, fading to the noise behind it within 60 ms.
    pub fn conceal(&mut self, next: Option<&[u8]>, n_samples: usize, out: &mut Sound) -> usize {
        let n_samples = match self.kind {
            Kind::Pcmu(_) | Kind::Pcma(_) | Kind::G722(_) => n_samples.min(SOUND_MAX),
            Kind::Opus(_) => n_samples.clamp(OPUS_UNIT, SOUND_MAX) / OPUS_UNIT * OPUS_UNIT,
        };
        let Some(room) = out.get_mut(..n_samples) else { return 0 };
        match &mut self.kind {
            Kind::Pcmu(concealment) | Kind::Pcma(concealment) => concealment.conceal(room),
            Kind::G722(state) => state.1.conceal(room),
            Kind::Opus(decoder) => {
                let next = next.unwrap_or_default();
                let concealed = decoder
                    .as_mut()
                    .and_then(|decoder| decoder.decode(next, room, !next.is_empty()).ok());
                if concealed.is_none() {
                    room.fill(0);
                }
            }
        }
        n_samples
    }

    /// The peer sent comfort noise (payload type 13) in place of sound: until it sends sound again
    /// `conceal` gives noise of that level. Opus has its own way and is left alone.
    pub fn handle_comfort_noise(&mut self, payload: &[u8]) {
        let Some(level) = noise::level(payload) else { return };
        match &mut self.kind {
            Kind::Pcmu(concealment) | Kind::Pcma(concealment) => concealment.settle(level),
            Kind::G722(state) => state.1.settle(level),
            Kind::Opus(_) => {}
        }
    }
}

/// The rate at which a codec is decoded and encoded.
pub(super) fn rate(codec: Codec) -> Rate {
    match codec {
        Codec::Pcmu | Codec::Pcma => Rate::Narrow,
        Codec::G722 | Codec::Opus => Rate::Wide,
    }
}

fn g711(
    law: impl Fn(u8) -> i16,
    concealment: &mut Concealment,
    payload: &[u8],
    out: &mut Sound,
) -> usize {
    let n_samples = payload.len().min(limit::PAYLOAD_MS * 8);
    let Some(room) = out.get_mut(..n_samples) else { return 0 };
    for (sample, byte) in room.iter_mut().zip(payload) {
        *sample = law(*byte);
    }
    concealment.heard(room);
    n_samples
}

/// 20 ms of nothing at 16 kHz.
fn quiet(out: &mut Sound) -> usize {
    let n_samples = Rate::Wide.frame();
    out.iter_mut().take(n_samples).for_each(|sample| *sample = 0);
    n_samples
}
