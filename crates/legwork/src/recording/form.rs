//! In which forms a recording can be had, and how one is made from its WAV file: both channels in one,
//! MP3.
//!
//! Not here: making them once and keeping them (`recording/made`), sending them (`api/recordings`).
//! Source: Twilio, "Recordings Resource": `.wav`, `.mp3`, `RequestedChannels`; ISO/IEC 13818-3.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use legwork_call::sid::RecordingSid;
use rusty_mp3::{Mp3Encoder, Mp3EncoderConfig};

use crate::recording::wav::{Format, Growing, HEAD};

/// Bit rate of MP3 for a channel of 8 kHz.
const KBPS: u32 = 32;

/// A form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// One channel, even if there are two.
    pub(crate) mono: bool,
    /// MP3 instead of WAV.
    pub(crate) mp3: bool,
}

impl Form {
    /// Every form; the first is the recording as it was made.
    pub(crate) const ALL: [Self; 4] = [
        Self { mono: false, mp3: false },
        Self { mono: true, mp3: false },
        Self { mono: false, mp3: true },
        Self { mono: true, mp3: true },
    ];

    /// The name of the file.
    pub(crate) fn name(self, sid: RecordingSid) -> String {
        format!("{sid}.{}", self.ending())
    }

    /// What stands behind the SID.
    pub(crate) const fn ending(self) -> &'static str {
        match (self.mono, self.mp3) {
            (false, false) => "wav",
            (true, false) => "1.wav",
            (false, true) => "mp3",
            (true, true) => "1.mp3",
        }
    }

    /// What it is on the web.
    pub(crate) const fn content_type(self) -> &'static str {
        if self.mp3 { "audio/mpeg" } else { "audio/wav" }
    }

    /// Makes it from the WAV file. Takes a while.
    pub(crate) fn make(self, from: &Path, to: &Path) -> io::Result<()> {
        let mut sound = Sound::open(from)?;
        let format = sound.format;
        let channels = if self.mono { 1 } else { format.channels };
        let format = Format { channels, ..format };
        if self.mp3 {
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
            return mp3(&mut sound, format, file);
        }
        let mut growing = Growing::create(to, format)?;
        while let Some(samples) = sound.next(self.mono)? {
            growing.append(&samples)?;
        }
        growing.finish(u64::MAX).map(drop)
    }
}

/// The samples of a WAV file of ours, a second at a time.
struct Sound {
    file: BufReader<File>,
    format: Format,
}

impl Sound {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut head = [0; HEAD as usize];
        file.read_exact(&mut head)?;
        let format = Format::of_head(&head);
        let format = format.ok_or_else(|| io::Error::other("no WAV file of ours"))?;
        Ok(Self { file: BufReader::new(file), format })
    }

    /// None: that was all. Mixed: both channels in one, so that none of them is louder than it was.
    fn next(&mut self, mixed: bool) -> io::Result<Option<Vec<i16>>> {
        let mut bytes = Vec::new();
        let second = 2 * self.format.second() as u64;
        self.file.by_ref().take(second).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let (pairs, _) = bytes.as_chunks::<2>();
        let samples: Vec<i16> = pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
        if !mixed || self.format.channels == 1 {
            return Ok(Some(samples));
        }
        let (frames, _) = samples.as_chunks::<2>();
        Ok(Some(frames.iter().map(|[a, b]| a.midpoint(*b)).collect()))
    }
}

fn mp3(sound: &mut Sound, format: Format, file: File) -> io::Result<()> {
    let mixed = format.channels == 1;
    let bitrate_kbps = KBPS * u32::from(format.channels) * format.rate_hz / 8_000;
    let mut encoder = Mp3Encoder::new(Mp3EncoderConfig { bitrate_kbps, vbr_quality: None });
    let mut file = BufWriter::new(file);
    // An empty push fixes the format of a recording without sound.
    encoder.push_pcm_s16(&[], format.channels, format.rate_hz).map_err(io::Error::other)?;
    while let Some(samples) = sound.next(mixed)? {
        let pushed = encoder.push_pcm_s16(&samples, format.channels, format.rate_hz);
        pushed.map_err(io::Error::other)?;
        write_packets(&mut encoder, &mut file)?;
    }
    encoder.finish();
    write_packets(&mut encoder, &mut file)?;
    // The first frame tells how long all is, which is known now.
    if let Some(first) = encoder.lame_tag_frame() {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(first)?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn write_packets(encoder: &mut Mp3Encoder, file: &mut impl io::Write) -> io::Result<()> {
    // Both errors say that there is nothing more for now.
    while let Ok(packet) = encoder.next_packet() {
        file.write_all(&packet)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use legwork_media::tone::{self, Heard};
    use legwork_media::wav;
    use rusty_mp3::Mp3Decoder;
    use symphonia::core::codecs::audio::AudioDecoderOptions;
    use symphonia::core::formats::probe::Hint;
    use symphonia::core::formats::{FormatOptions, TrackType};
    use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
    use symphonia::core::meta::MetadataOptions;

    use super::*;

    fn path(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("legwork-form-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path
    }

    /// 440 Hz in the first channel, 1,000 Hz in the second.
    fn recorded(channels: u16, seconds: usize) -> PathBuf {
        let path = path(&format!("{channels}-{seconds}.wav"));
        let format = Format { channels, rate_hz: 8_000 };
        let (low, high) = (tone::sine(440.0, 8_000.0, 8_000), tone::sine(1_000.0, 4_000.0, 8_000));
        let second: Vec<i16> = match channels {
            1 => low,
            _ => low.into_iter().zip(high).flat_map(|(a, b)| [a, b]).collect(),
        };
        let mut growing = Growing::create(&path, format).unwrap();
        (0..seconds).for_each(|_| growing.append(&second).unwrap());
        growing.finish(u64::MAX).unwrap();
        path
    }

    /// Samples of each channel, as another decoder than the encoder's own hears them.
    fn decoded(path: &Path) -> Vec<Vec<i16>> {
        let stream = MediaSourceStream::new(
            Box::new(File::open(path).unwrap()),
            MediaSourceStreamOptions::default(),
        );
        let mut reader = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .unwrap();
        let track = reader.default_track(TrackType::Audio).unwrap();
        let parameters = track.codec_params.as_ref().unwrap().audio().unwrap().clone();
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
            .unwrap();
        let mut channels: Vec<Vec<i16>> = Vec::new();
        while let Some(packet) = reader.next_packet().unwrap() {
            let buffer = decoder.decode(&packet).unwrap();
            let n = buffer.spec().channels().count();
            channels.resize(n, Vec::new());
            let mut samples = Vec::<i16>::new();
            buffer.copy_to_vec_interleaved(&mut samples);
            for (at, sample) in samples.into_iter().enumerate() {
                channels[at % n].push(sample);
            }
        }
        channels
    }

    #[test]
    fn an_mp3_sounds_like_the_recording() {
        for (channels, expected) in [(1, vec![440]), (2, vec![440, 1_000])] {
            let (from, to) = (recorded(channels, 3), path(&format!("{channels}.mp3")));
            Form { mono: false, mp3: true }.make(&from, &to).unwrap();
            let sound = decoded(&to);
            assert_eq!(sound.len(), expected.len());
            for (channel, hz) in sound.iter().zip(expected) {
                let seconds = channel.len() as f32 / 8_000.0;
                assert!((2.9..3.3).contains(&seconds), "{seconds}");
                let middle = &channel[4_000..20_000];
                assert_eq!(tone::heard(middle), Heard::Tone(hz));
                let level = tone::rms(middle) / tone::rms(&tone::sine(440.0, 8_000.0, 8_000));
                let expected = if hz == 440 { 1.0 } else { 0.5 };
                assert!((level / expected - 1.0).abs() < 0.1, "{hz}: {level}");
            }
            // A quarter of the recording, for 16 bits are 128 kbit/s.
            let [wav, mp3] = [&from, &to].map(|path| std::fs::metadata(path).unwrap().len());
            assert!(mp3 < wav / 3, "{mp3} of {wav}");
            // Its first frame tells the length to whoever reads it: exactly as long as the recording.
            let mut decoder = Mp3Decoder::new();
            decoder.push(&std::fs::read(&to).unwrap());
            assert!(decoder.next_frame().is_ok_and(|frame| frame.channels == channels));
            [from, to].iter().for_each(|path| std::fs::remove_file(path).unwrap());
        }
    }

    #[test]
    fn two_channels_become_one() {
        let (from, to) = (recorded(2, 2), path("mono.wav"));
        Form { mono: true, mp3: false }.make(&from, &to).unwrap();
        let mixed = wav::decode(&std::fs::read(&to).unwrap()).unwrap();
        assert_eq!(mixed.len(), 16_000);
        let (low, high) = (tone::sine(440.0, 8_000.0, 8_000), tone::sine(1_000.0, 4_000.0, 8_000));
        for (at, sample) in mixed.iter().take(8_000).enumerate() {
            assert_eq!(*sample, low[at].midpoint(high[at]), "{at}");
        }
        let mp3 = path("mono.mp3");
        Form { mono: true, mp3: true }.make(&from, &mp3).unwrap();
        assert_eq!(decoded(&mp3).len(), 1);
        [from, to, mp3].iter().for_each(|path| std::fs::remove_file(path).unwrap());
    }

    #[test]
    fn what_is_no_recording_is_told() {
        let (from, to) = (path("none.wav"), path("none.mp3"));
        for bytes in [&b""[..], b"RIFF", &[0; 100]] {
            std::fs::write(&from, bytes).unwrap();
            assert!(Form { mono: false, mp3: true }.make(&from, &to).is_err());
        }
        std::fs::remove_file(&from).unwrap();
        // One without a single sample is an MP3 file, too.
        let empty = recorded(1, 0);
        Form { mono: false, mp3: true }.make(&empty, &to).unwrap();
        assert!(std::fs::metadata(&to).unwrap().len() > 0);
        [empty, to].iter().for_each(|path| std::fs::remove_file(path).unwrap());
    }
}
