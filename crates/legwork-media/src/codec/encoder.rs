//! One way of a leg: frames of either rate to payloads.
//!
//! Not here: packets (`rtp`), the codecs (`pcmu`, `pcma`, `g722`; Opus is libopus).
//! Source: RFC 3551, RFC 7587.

use opus::{Application, Bandwidth, Bitrate, Channels};

use super::{decoder, g722, pcma, pcmu};
use crate::offer_answer::Codec;
use crate::resample::Fit;
use crate::sound::{Frame, Rate};

/// Most bytes of 20 ms in any codec.
pub const PAYLOAD_BYTES: usize = 160;

/// Bits a second of Opus: enough for 16 kHz speech with its second copies.
const OPUS_BITS: i32 = 24_000;

/// How hard libopus works, 0 to 10.
const OPUS_COMPLEXITY: i32 = 5;

/// The loss that second copies are made for, percent. Where less is expected libopus finds no room
/// for them in 24 kbit/s.
///
/// They are always made. Of what comes from G.711 they cost a few percent of the encoder's time, of
/// wide sound a third. Whether they are needed only the peer's reports tell: many phones send none,
/// those that do tell it seconds late, and a loss of one packet in a hundred is repaired already.
const OPUS_LOSS: i32 = 10;

/// Encodes what is sent to one peer.
///
/// 32 bytes, and on the heap: G.711 nothing, G.722 0.3 kB, Opus 31 kB; 0.2 kB more once a frame
/// had to be fitted to the codec's rate. Nothing else is allocated after `new`.
#[derive(Debug)]
pub struct Encoder {
    kind: Kind,
    /// Once a frame came that has not the codec's rate.
    fit: Option<Box<Fit>>,
}

#[derive(Debug)]
enum Kind {
    Pcmu,
    Pcma,
    G722(Box<g722::Encoder>),
    Opus(Opus),
}

#[derive(Debug)]
struct Opus {
    /// None: libopus found no memory; silence.
    encoder: Option<opus::Encoder>,
    /// What it is told there is to be heard.
    heard: Rate,
    /// Another one encoded meanwhile.
    is_behind: bool,
}

impl Encoder {
    /// An encoder at its beginning.
    pub fn new(codec: Codec) -> Self {
        let kind = match codec {
            Codec::Pcmu => Kind::Pcmu,
            Codec::Pcma => Kind::Pcma,
            Codec::G722 => Kind::G722(Box::default()),
            Codec::Opus => Kind::Opus(Opus {
                encoder: opus_encoder().ok(),
                heard: Rate::Wide,
                is_behind: false,
            }),
        };
        Self { kind, fit: None }
    }

    /// What it encodes.
    pub fn codec(&self) -> Codec {
        match self.kind {
            Kind::Pcmu => Codec::Pcmu,
            Kind::Pcma => Codec::Pcma,
            Kind::G722(_) => Codec::G722,
            Kind::Opus(_) => Codec::Opus,
        }
    }

    /// The rate of the frames it likes best: 8 kHz for G.711, 16 kHz for G.722 and Opus.
    pub fn rate(&self) -> Rate {
        decoder::rate(self.codec())
    }

    /// The peer was sent what that one, of the same codec, encoded: this one goes on from there. Opus
    /// can not know where that is: before it encodes again, `resume` it.
    pub fn follow(&mut self, other: &Self) {
        if let (Kind::G722(own), Kind::G722(other)) = (&mut self.kind, &other.kind) {
            own.clone_from(other);
        } else if let Kind::Opus(opus) = &mut self.kind {
            opus.is_behind = true;
        }
    }

    /// Goes on behind a frame that another one encoded, if it followed one.
    pub fn resume(&mut self, before: &Frame) {
        if let Kind::Opus(opus) = &mut self.kind
            && std::mem::take(&mut opus.is_behind)
        {
            opus.begin_behind(before.samples());
        }
    }

    /// 20 ms as a payload: how many bytes of `payload` it takes. Frames of the other rate than the
    /// codec's are fitted to it, which delays them by 2 ms.
    pub fn encode(&mut self, frame: &Frame, payload: &mut [u8; PAYLOAD_BYTES]) -> usize {
        let rate = self.rate();
        if frame.rate() == rate {
            return self.encode_fitted(rate, frame, payload);
        }
        let fitted = self.fit.get_or_insert_default().fit(frame, rate);
        self.encode_fitted(frame.rate(), &fitted, payload)
    }

    /// The same, of a frame that was fitted to the codec's rate. `heard` is what it was before:
    /// nothing is spent on what is not in it.
    pub fn encode_fitted(
        &mut self,
        heard: Rate,
        frame: &Frame,
        payload: &mut [u8; PAYLOAD_BYTES],
    ) -> usize {
        let samples = frame.samples();
        match &mut self.kind {
            Kind::Pcmu => g711(pcmu::encode, samples, payload),
            Kind::Pcma => g711(pcma::encode, samples, payload),
            Kind::G722(encoder) => encoder.encode(samples, payload),
            Kind::Opus(opus) => opus.encode(heard, samples, payload),
        }
    }
}

impl Opus {
    /// What it foretells from is what the peer heard last, or nearly; what is older is forgotten.
    fn begin_behind(&mut self, before: &[i16]) {
        if let Some(encoder) = &mut self.encoder
            && encoder.reset_state().is_ok()
        {
            let heard = self.heard;
            self.encode(heard, before, &mut [0; PAYLOAD_BYTES]);
        }
    }

    fn encode(&mut self, heard: Rate, samples: &[i16], payload: &mut [u8; PAYLOAD_BYTES]) -> usize {
        let encoded = self.encoder.as_mut().and_then(|encoder| {
            if heard != self.heard {
                // Above 4 kHz there is nothing to be heard, nor to be worked for.
                let bandwidth = match heard {
                    Rate::Narrow => Bandwidth::Narrowband,
                    Rate::Wide => Bandwidth::Wideband,
                };
                encoder.set_max_bandwidth(bandwidth).ok()?;
                self.heard = heard;
            }
            encoder.encode(samples, payload).ok()
        });
        encoded.unwrap_or_else(|| {
            // One CELT frame of 20 ms that holds nothing but the silence flag.
            let silence = [0xf8, 0xff, 0xfe];
            if let Some(frame) = payload.first_chunk_mut() {
                *frame = silence;
            }
            silence.len()
        })
    }
}

/// For speech at 16 kHz.
fn opus_encoder() -> opus::Result<opus::Encoder> {
    let mut encoder = opus::Encoder::new(Rate::Wide.hz(), Channels::Mono, Application::Voip)?;
    encoder.set_bitrate(Bitrate::Bits(OPUS_BITS))?;
    encoder.set_complexity(OPUS_COMPLEXITY)?;
    encoder.set_inband_fec(true)?;
    encoder.set_packet_loss_perc(OPUS_LOSS)?;
    encoder.set_dtx(false)?;
    Ok(encoder)
}

fn g711(law: impl Fn(i16) -> u8, samples: &[i16], payload: &mut [u8; PAYLOAD_BYTES]) -> usize {
    for (byte, sample) in payload.iter_mut().zip(samples) {
        *byte = law(*sample);
    }
    samples.len().min(PAYLOAD_BYTES)
}
