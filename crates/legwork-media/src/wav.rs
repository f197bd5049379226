//! WAV files to what is played: 8 kHz, one channel.
//!
//! Not here: fetching them (crate `legwork`), the filter (`resample`).
//! Source: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF WAVE);
//! `WAVE_FORMAT_EXTENSIBLE`.

use std::fmt::{self, Display, Formatter};

use crate::codec::{pcma, pcmu};
use crate::{limit, resample};

/// Bytes before the first sample of a file of ours.
pub const HEAD: usize = 44;

/// Why a file can not be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Not a RIFF WAVE file, or one without sound.
    NotWav,
    /// Another encoding than 16-bit PCM, µ-law and A-law; its format tag.
    Encoding(u16),
    /// More than eight channels, or none.
    Channels(u16),
    /// A rate we do not convert from.
    Rate(u32),
    /// Longer than 40 minutes.
    TooLong,
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWav => write!(f, "not a WAV file with sound in it"),
            Self::Encoding(tag) => {
                write!(f, "WAV encoding {tag}; 16-bit PCM, µ-law and A-law are known")
            }
            Self::Channels(n) => write!(f, "{n} channels; 1 to 8 are known"),
            Self::Rate(hz) => {
                write!(f, "{hz} samples a second; {:?} are known", resample::RATES_HZ)
            }
            Self::TooLong => write!(f, "longer than 40 minutes"),
        }
    }
}

impl std::error::Error for Error {}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Linear16,
    MuLaw,
    ALaw,
}

struct Format {
    encoding: Encoding,
    n_channels: usize,
    rate_hz: u32,
}

/// Reads a file. Channels are mixed to one, other rates converted to 8 kHz. A `data` chunk that
/// claims more than there is, as from a pipe, ends with the file.
///
/// # Errors
/// It can not be played: see [`Error`].
pub fn decode(file: &[u8]) -> Result<Vec<i16>, Error> {
    let (b"RIFF", rest) = chunk_id(file)? else { return Err(Error::NotWav) };
    let rest = rest.get(4..).ok_or(Error::NotWav)?;
    let (b"WAVE", mut rest) = chunk_id(rest)? else { return Err(Error::NotWav) };
    let mut format = None;
    loop {
        let (id, behind) = chunk_id(rest)?;
        let (size, behind) = behind.split_first_chunk::<4>().ok_or(Error::NotWav)?;
        let size = usize::try_from(u32::from_le_bytes(*size)).unwrap_or(usize::MAX);
        let body = behind.get(..size).unwrap_or(behind);
        match id {
            b"fmt " => format = Some(read_format(body)?),
            b"data" => return samples(&format.ok_or(Error::NotWav)?, body),
            _ => {}
        }
        // Chunks are padded to even lengths.
        rest = behind.get(size.saturating_add(size % 2)..).ok_or(Error::NotWav)?;
    }
}

/// Writes one channel of 16-bit PCM, so many samples a second.
pub fn encode(rate_hz: u32, samples: &[i16]) -> Vec<u8> {
    let n_bytes = u64::try_from(2 * samples.len()).unwrap_or(u64::MAX);
    let mut file = Vec::with_capacity(HEAD + 2 * samples.len());
    file.extend(head(1, rate_hz, n_bytes));
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

/// The head of a file of 16-bit PCM, samples of its channels in turn: what stands before so many bytes of
/// sound. More than 4 GB are told as the most that it can tell.
pub fn head(channels: u16, rate_hz: u32, n_bytes: u64) -> [u8; HEAD] {
    let n_bytes = u32::try_from(n_bytes).unwrap_or(u32::MAX).min(u32::MAX - 36);
    let frame = channels.saturating_mul(2);
    let mut head = [0; HEAD];
    let fields: [&[u8]; 12] = [
        b"RIFF",
        &(n_bytes + 36).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &channels.to_le_bytes(),
        &rate_hz.to_le_bytes(),
        &rate_hz.saturating_mul(u32::from(frame)).to_le_bytes(),
        &frame.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &n_bytes.to_le_bytes(),
    ];
    for (byte, field) in head.iter_mut().zip(fields.into_iter().flatten()) {
        *byte = *field;
    }
    head
}

fn chunk_id(bytes: &[u8]) -> Result<(&[u8; 4], &[u8]), Error> {
    bytes.split_first_chunk().ok_or(Error::NotWav)
}

fn read_format(body: &[u8]) -> Result<Format, Error> {
    let word = |at: usize| {
        let bytes = body.get(at..).and_then(<[u8]>::first_chunk).ok_or(Error::NotWav)?;
        Ok(u16::from_le_bytes(*bytes))
    };
    let (tag, n_channels, bits) = (word(0)?, word(2)?, word(14)?);
    let rate_hz = u32::from(word(4)?) | u32::from(word(6)?) << 16;
    // Extensible: the real tag begins the sub-format.
    let tag = if tag == 0xfffe { word(24)? } else { tag };
    let encoding = match (tag, bits) {
        (1, 16) => Encoding::Linear16,
        (6, 8) => Encoding::ALaw,
        (7, 8) => Encoding::MuLaw,
        (_, _) => return Err(Error::Encoding(tag)),
    };
    if !(1..=8).contains(&n_channels) {
        return Err(Error::Channels(n_channels));
    }
    if !resample::RATES_HZ.contains(&rate_hz) {
        return Err(Error::Rate(rate_hz));
    }
    Ok(Format { encoding, n_channels: usize::from(n_channels), rate_hz })
}

fn samples(format: &Format, data: &[u8]) -> Result<Vec<i16>, Error> {
    let sample_bytes = if format.encoding == Encoding::Linear16 { 2 } else { 1 };
    let frame_bytes = sample_bytes * format.n_channels;
    let n_frames = data.len() / frame_bytes;
    let longest = (limit::SOURCE_SAMPLES / 8000).saturating_mul(format.rate_hz as usize);
    if n_frames > longest {
        return Err(Error::TooLong);
    }
    if n_frames == 0 {
        return Err(Error::NotWav);
    }
    let sample = |bytes: &[u8]| match (format.encoding, bytes) {
        (Encoding::Linear16, &[low, high]) => i16::from_le_bytes([low, high]),
        (Encoding::MuLaw, &[byte]) => pcmu::decode(byte),
        (Encoding::ALaw, &[byte]) => pcma::decode(byte),
        // Chunks of `sample_bytes` have no other length.
        (_, _) => 0,
    };
    let mixed = data.chunks_exact(frame_bytes).map(|frame| {
        let sum: i32 = frame.chunks_exact(sample_bytes).map(|s| i32::from(sample(s))).sum();
        (sum / format.n_channels as i32) as i16
    });
    let mixed: Vec<i16> = mixed.collect();
    Ok(resample::to_8k(format.rate_hz, mixed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::{self, Heard, heard};

    fn wav(tag: u16, n_channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        file.extend(tag.to_le_bytes());
        file.extend(n_channels.to_le_bytes());
        file.extend(rate_hz.to_le_bytes());
        file.extend([0; 6]);
        file.extend(bits.to_le_bytes());
        file.extend(b"LIST\x03\0\0\0abc\0");
        file.extend(b"data");
        file.extend((data.len() as u32).to_le_bytes());
        file.extend(data);
        file
    }

    /// One second of a tone at this rate, 16-bit PCM.
    fn tone_at(rate_hz: u32, hz: f64) -> Vec<u8> {
        let sample = |n: u32| {
            let phase = f64::from(n) * hz / f64::from(rate_hz) * std::f64::consts::TAU;
            ((phase.sin() * 8000.0) as i16).to_le_bytes()
        };
        (0..rate_hz).flat_map(sample).collect()
    }

    #[test]
    fn tones_stay_what_they_are_at_every_rate() {
        for rate_hz in resample::RATES_HZ {
            for hz in [300.0, 1000.0, 3000.0] {
                let samples = decode(&wav(1, 1, rate_hz, 16, &tone_at(rate_hz, hz))).unwrap();
                assert!(samples.len().abs_diff(8000) <= 1, "{rate_hz}");
                let middle = &samples[2000..6000];
                assert_eq!(heard(middle), Heard::Tone(hz as u16), "{rate_hz}");
                let rms = tone::rms(middle);
                assert!((rms - 8000.0 / 2.0_f32.sqrt()).abs() < 300.0, "{rate_hz} {hz}: {rms}");
            }
        }
    }

    #[test]
    fn what_8_khz_can_not_hold_is_filtered_out() {
        for rate_hz in [16_000, 22_050, 44_100, 48_000] {
            let samples = decode(&wav(1, 1, rate_hz, 16, &tone_at(rate_hz, 5000.0))).unwrap();
            assert!(tone::rms(&samples[1000..7000]) < 60.0, "{rate_hz}");
        }
    }

    #[test]
    fn laws_and_channels() {
        let tone = tone::sine(700.0, 8000.0, 8000);
        let law: Vec<u8> = tone.iter().map(|sample| pcmu::encode(*sample)).collect();
        assert_eq!(heard(&decode(&wav(7, 1, 8000, 8, &law)).unwrap()), Heard::Tone(700));
        let law: Vec<u8> = tone.iter().map(|sample| pcma::encode(*sample)).collect();
        assert_eq!(heard(&decode(&wav(6, 1, 8000, 8, &law)).unwrap()), Heard::Tone(700));
        let stereo: Vec<u8> =
            tone.iter().flat_map(|s| [s.to_le_bytes(), [0, 0]].concat()).collect();
        let mixed = decode(&wav(1, 2, 8000, 16, &stereo)).unwrap();
        assert_eq!(mixed.len(), 8000);
        assert!((tone::rms(&mixed) * 2.0 - tone::rms(&tone)).abs() < 10.0);
    }

    #[test]
    fn what_is_written_is_read() {
        let samples = tone::RingTone::default().samples();
        assert_eq!(decode(&encode(tone::RATE_HZ, &samples)), Ok(samples.clone()));
        // From a pipe: no lengths known.
        let mut piped = encode(tone::RATE_HZ, &samples);
        piped[40..44].fill(0xff);
        assert_eq!(decode(&piped), Ok(samples));
    }

    #[test]
    fn what_can_not_be_played_is_refused() {
        let data = [0; 32];
        let table = [
            (vec![], Error::NotWav),
            (b"ID3\x04 an MP3 file".to_vec(), Error::NotWav),
            (wav(1, 1, 8000, 16, &[]), Error::NotWav),
            (wav(1, 1, 8000, 24, &data), Error::Encoding(1)),
            (wav(3, 1, 8000, 32, &data), Error::Encoding(3)),
            (wav(1, 0, 8000, 16, &data), Error::Channels(0)),
            (wav(1, 9, 8000, 16, &data), Error::Channels(9)),
            (wav(1, 1, 8001, 16, &data), Error::Rate(8001)),
            (wav(1, 1, 0, 16, &data), Error::Rate(0)),
        ];
        for (file, error) in table {
            assert_eq!(decode(&file), Err(error));
        }
        let good = encode(tone::RATE_HZ, &[1; 100]);
        for cut in 0..46 {
            assert!(decode(&good[..cut]).is_err(), "{cut}");
        }
        let long = vec![0xff; limit::SOURCE_SAMPLES + 1];
        assert_eq!(decode(&wav(7, 1, 8000, 8, &long)), Err(Error::TooLong));
        assert!(decode(&wav(7, 1, 8000, 8, &long[1..])).is_ok());
    }
}
