//! Files with frames: WAV, AIFF, MP3, FLAC, Ogg with Vorbis, FLAC or Opus.
//!
//! Not here: telling which it is (`decode`).
//! Source: symphonia, which reads all but Opus; RFC 7845 (Opus in Ogg), libopus.

use std::io::{ErrorKind, Read};
use std::sync::atomic::Ordering;

use legwork_media::Rate;
use symphonia::core::audio::{Channels, GenericAudioBufferRef};
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Probe, ProbeOptions};
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;
use symphonia::default::formats::{AiffReader, FlacReader, MpaReader, OggReader, WavReader};

use crate::speech::decode::outlet::Outlet;
use crate::speech::decode::pages::Pages;
use crate::speech::decode::{Broken, Format, SIZE_UNKNOWN};

/// How far into an MP3 file its first frame may stand.
const PROBED: u32 = 64 * 1024;

/// Most channels that are mixed to one.
const CHANNELS_MAX: usize = 8;

/// Opus packets in a row that can not be decoded, or of another codec: then it is no sound.
const BAD_IN_A_ROW: u32 = 50;

/// So much of a second may be missing at the end of a file: what encoders add before and behind is not counted
/// alike by all.
const MISSING: u64 = 4;

/// Opus is decoded at the rate we play it at, up to 120 ms at a time.
const OPUS_HZ: u32 = 16_000;
const OPUS_SAMPLES: usize = 1920;
/// Opus counts what is to be skipped at 48 kHz.
const OPUS_SKIPPED_AT: u32 = 3;

pub(super) fn decode<F: FnMut(Rate, Vec<i16>) -> bool>(
    format: Format,
    file: impl Read + Send + Sync + 'static,
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    if format == Format::Ogg {
        let (pages, is_whole) = Pages::new(file);
        read(format, pages, outlet)?;
        if !is_whole.load(Ordering::Relaxed) {
            return Err(Broken::Midway("it is cut off: its last page is missing".to_owned()));
        }
        return Ok(());
    }
    read(format, file, outlet)
}

fn read<F: FnMut(Rate, Vec<i16>) -> bool>(
    format: Format,
    file: impl Read + Send + Sync + 'static,
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    let source = Box::new(ReadOnlySource::new(file));
    let stream = MediaSourceStream::new(source, Default::default());
    let options = FormatOptions::default();
    let mut reader: Box<dyn FormatReader> = match format {
        Format::Wav => Box::new(WavReader::try_new(stream, options).map_err(unknown)?),
        Format::Aiff => Box::new(AiffReader::try_new(stream, options).map_err(unknown)?),
        Format::Flac => Box::new(FlacReader::try_new(stream, options).map_err(unknown)?),
        Format::Ogg => Box::new(OggReader::try_new(stream, options).map_err(unknown)?),
        // Tags come before the first frame, and whatever else.
        Format::Mpeg
        | Format::WavPhone
        | Format::Au
        | Format::MuLaw
        | Format::ALaw
        | Format::Gsm => mpeg(stream, options)?,
    };
    let track = reader.default_track(TrackType::Audio);
    let promised = track.and_then(|track| track.num_frames);
    let (track_id, delay, parameters) = match track.map(|t| (t.id, t.delay, &t.codec_params)) {
        Some((id, delay, Some(CodecParameters::Audio(parameters)))) => {
            (id, delay.unwrap_or_default(), parameters.clone())
        }
        Some(_) | None => return Err(Broken::Unknown("there is no sound in it".to_owned())),
    };
    let n_channels = parameters.channels.as_ref().map_or(1, Channels::count);
    if !(1..=CHANNELS_MAX).contains(&n_channels) {
        return Err(Broken::Unknown(format!("{n_channels} channels are too many")));
    }
    if parameters.codec == CODEC_ID_OPUS {
        return opus(reader.as_mut(), track_id, (n_channels, delay), outlet);
    }
    let mut decoder = Decoder::new(&parameters)?;
    let (mut came, mut rate) = (0, u64::from(parameters.sample_rate.unwrap_or_default()));
    each_packet(reader.as_mut(), track_id, |packet| match decoder.0.decode(packet) {
        Ok(buffer) => {
            let hz = buffer.spec().rate();
            (came, rate) = (came + buffer.frames() as u64, u64::from(hz));
            outlet.take(hz, &mixed(&buffer))?;
            Ok(true)
        }
        Err(Error::DecodeError(_)) => Ok(false),
        Err(Error::IoError(_)) => Err(Broken::Midway("it is cut off within a frame".to_owned())),
        Err(error) => Err(midway(&error)),
    })?;
    // What was written to a pipe does not know how long it is.
    let bytes = u64::from(parameters.bits_per_sample.unwrap_or(8) / 8) * n_channels as u64;
    let promised = promised.filter(|frames| frames.saturating_mul(bytes) < SIZE_UNKNOWN);
    whole(came, promised, rate)
}

/// As many samples came as the head of the file had promised.
fn whole(came: u64, promised: Option<u64>, hz: u64) -> Result<(), Broken> {
    match promised {
        Some(promised) if came + hz / MISSING < promised && hz > 0 => {
            let seconds = |frames: u64| frames as f32 / hz as f32;
            Err(Broken::Midway(format!(
                "it is cut off: there are {:.1} s of {:.1} s",
                seconds(came),
                seconds(promised)
            )))
        }
        Some(_) | None => Ok(()),
    }
}

struct Decoder(Box<dyn AudioDecoder>);

impl Decoder {
    fn new(parameters: &AudioCodecParameters) -> Result<Self, Broken> {
        let codecs = symphonia::default::get_codecs();
        let decoder = codecs.make_audio_decoder(parameters, &Default::default());
        decoder.map(Self).map_err(unknown)
    }
}

/// Readers of MP3 after whatever tags; nothing else is looked for.
fn mpeg(
    stream: MediaSourceStream<'static>,
    options: FormatOptions,
) -> Result<Box<dyn FormatReader>, Broken> {
    let limits = ProbeOptions { max_probe_depth: PROBED, ..ProbeOptions::default() };
    let mut probe = Probe::new_with_options(&limits);
    probe.register_format::<MpaReader<'_>>();
    probe.register_metadata::<symphonia::default::meta::Id3v2Reader<'_>>();
    let found = probe.probe(&Default::default(), stream, options, MetadataOptions::default());
    found.map_err(unknown)
}

/// Hands each packet to `decode`, which says whether it was any good.
fn each_packet(
    reader: &mut dyn FormatReader,
    track: u32,
    mut decode: impl FnMut(&symphonia::core::packet::Packet) -> Result<bool, Broken>,
) -> Result<(), Broken> {
    let mut bad = 0;
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) | Err(Error::ResetRequired) => return Ok(()),
            // The file ends with its bytes, whatever it said of its length.
            Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(midway(&error)),
        };
        let is_good = packet.track_id == track && decode(&packet)?;
        bad = if is_good { 0 } else { bad + 1 };
        if bad > BAD_IN_A_ROW {
            return Err(Broken::Midway("what comes is no sound any more".to_owned()));
        }
    }
}

fn opus<F: FnMut(Rate, Vec<i16>) -> bool>(
    reader: &mut dyn FormatReader,
    track: u32,
    (n_channels, delay): (usize, u32),
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    // More than two are several streams in one.
    let (channels, n) = match n_channels {
        1 => (opus::Channels::Mono, 1),
        2 => (opus::Channels::Stereo, 2),
        n => return Err(Broken::Unknown(format!("Opus with {n} channels is not known"))),
    };
    let failed = |error: opus::Error| Broken::Unknown(format!("Opus: {error}"));
    let mut decoder = opus::Decoder::new(OPUS_HZ, channels).map_err(failed)?;
    let mut samples = vec![0; OPUS_SAMPLES * n];
    let mut skipped = usize::try_from(delay / OPUS_SKIPPED_AT).unwrap_or_default();
    each_packet(reader, track, |packet| {
        let Ok(decoded) = decoder.decode(&packet.data, &mut samples, false) else {
            return Ok(false);
        };
        let frames = samples.get(..decoded * n).unwrap_or_default();
        let mixed = mix(frames, n);
        let heard = mixed.get(skipped.min(mixed.len())..).unwrap_or_default();
        skipped -= mixed.len() - heard.len();
        outlet.take(OPUS_HZ, heard)?;
        Ok(true)
    })
}

/// All channels as one.
fn mixed(buffer: &GenericAudioBufferRef<'_>) -> Vec<i16> {
    let mut samples: Vec<i16> = Vec::new();
    buffer.copy_to_vec_interleaved(&mut samples);
    mix(&samples, buffer.num_planes())
}

fn mix(samples: &[i16], n_channels: usize) -> Vec<i16> {
    if n_channels <= 1 {
        return samples.to_vec();
    }
    let n = i32::try_from(n_channels).unwrap_or(1);
    let frames = samples.chunks_exact(n_channels);
    frames.map(|frame| (frame.iter().map(|s| i32::from(*s)).sum::<i32>() / n) as i16).collect()
}

fn unknown(error: Error) -> Broken {
    if let Error::IoError(error) = &error
        && error.kind() != ErrorKind::UnexpectedEof
    {
        return Broken::Source;
    }
    Broken::Unknown(error.to_string())
}

fn midway(error: &Error) -> Broken {
    if matches!(error, Error::IoError(_)) {
        return Broken::Source;
    }
    Broken::Midway(error.to_string())
}
