//! A WAV file that grows: its head stands first and is right at any moment, so that whatever ends us
//! leaves a file that can be heard.
//!
//! What is written is handed to the kernel every second, which keeps it when this process dies; it is
//! synced to the disk when the recording is complete, before anybody is told so.
//! Not here: which sound is worth keeping (`recording/trim`), reading files of others
//! (`legwork_media::wav`).
//! Source: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF WAVE).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use legwork_media::wav;

use crate::limit;
use crate::recording::trim;

/// Bytes before the first sample.
pub(crate) const HEAD: u64 = wav::HEAD as u64;

/// How samples are laid out: 16 bits, channels in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// 1 or 2.
    pub(crate) channels: u16,
    /// Samples a second of each.
    pub(crate) rate_hz: u32,
}

impl Format {
    /// Bytes of one sample of each channel.
    pub(crate) fn frame(self) -> u64 {
        2 * u64::from(self.channels)
    }

    /// Samples of a second, all channels.
    pub(crate) fn second(self) -> usize {
        usize::try_from(self.rate_hz).unwrap_or(0) * usize::from(self.channels)
    }

    /// How long so many bytes sound.
    pub(crate) fn duration(self, data: u64) -> Duration {
        let frames = u128::from(data / self.frame().max(1));
        let ns = frames * 1_000_000_000 / u128::from(self.rate_hz.max(1));
        Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    }

    /// Most bytes of one recording, whole frames.
    fn most(self) -> u64 {
        let long = limit::AUDIO_LENGTH_MAX.as_secs() * u64::from(self.rate_hz) * self.frame();
        let most = long.min(limit::AUDIO_BYTES_MAX);
        most - most % self.frame().max(1)
    }

    /// The head of a file with so many bytes of sound.
    pub(crate) fn head(self, data: u64) -> [u8; wav::HEAD] {
        wav::head(self.channels, self.rate_hz, data)
    }

    /// What a head of ours says. None: it is none.
    pub(crate) fn of_head(head: &[u8; wav::HEAD]) -> Option<Self> {
        let channels = u16::from_le_bytes(*head.get(22..)?.first_chunk()?);
        let rate_hz = u32::from_le_bytes(*head.get(24..)?.first_chunk()?);
        let format = Self { channels, rate_hz };
        let fits = matches!(channels, 1 | 2) && matches!(rate_hz, 8_000 | 16_000);
        // The sizes may be of any moment.
        let same =
            |range: std::ops::Range<usize>| head.get(range.clone()) == format.head(0).get(range);
        (fits && same(0..4) && same(8..40)).then_some(format)
    }
}

/// A file that grows.
#[derive(Debug)]
pub(crate) struct Growing {
    file: File,
    format: Format,
    /// Bytes of sound that are certainly in it.
    data: u64,
}

impl Growing {
    /// A new file without sound. Only whoever runs the server may read it.
    pub(crate) fn create(path: &Path, format: Format) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all_at(&format.head(0), 0)?;
        Ok(Self { file, format, data: 0 })
    }

    /// Puts samples behind what is there. What is longer than a recording may be is left out.
    pub(crate) fn append(&mut self, samples: &[i16]) -> io::Result<()> {
        let room = usize::try_from(self.format.most().saturating_sub(self.data) / 2);
        let samples = samples.get(..room.unwrap_or(usize::MAX)).unwrap_or(samples);
        if samples.is_empty() {
            return Ok(());
        }
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        self.file.write_all_at(&bytes, HEAD + self.data)?;
        self.data += bytes.len() as u64;
        self.file.write_all_at(&self.format.head(self.data), 0)
    }

    /// Bytes of sound in it.
    pub(crate) fn data(&self) -> u64 {
        self.data
    }

    /// Cuts it to so many bytes of sound at most and syncs it; how long it is then.
    pub(crate) fn finish(self, keep: u64) -> io::Result<(u64, Duration)> {
        let keep = keep.min(self.data);
        let keep = keep - keep % self.format.frame();
        // What did not fit on the disk as a whole is cut off, too.
        self.file.set_len(HEAD + keep)?;
        self.file.write_all_at(&self.format.head(keep), 0)?;
        self.file.sync_all()?;
        Ok((keep, self.format.duration(keep)))
    }
}

/// Makes the head of a file say what is in it, after a crash, silence at its end left out if that is wanted.
/// How much that is; none: it is no file of ours.
pub(crate) fn mend(path: &Path, trim: bool) -> io::Result<Option<(u64, Duration)>> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let mut head = [0; 44];
    if length < HEAD {
        return Ok(Some((0, Duration::ZERO)));
    }
    file.read_exact_at(&mut head, 0)?;
    let Some(format) = Format::of_head(&head) else { return Ok(None) };
    let data = length - HEAD;
    let keep =
        if trim { 2 * trim::kept(format, data / 2, |at, n| samples(&file, at, n))? } else { data };
    Growing { file, format, data }.finish(keep).map(Some)
}

/// So many samples of a file, all channels, from there on.
fn samples(file: &File, from: u64, n: usize) -> io::Result<Vec<i16>> {
    let mut bytes = vec![0; 2 * n];
    file.read_exact_at(&mut bytes, HEAD + 2 * from)?;
    let (pairs, _) = bytes.as_chunks::<2>();
    Ok(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
}

#[cfg(test)]
mod tests {
    use legwork_media::wav;

    use super::*;

    const MONO: Format = Format { channels: 1, rate_hz: 8_000 };
    const DUAL: Format = Format { channels: 2, rate_hz: 16_000 };

    fn path(name: &str) -> std::path::PathBuf {
        let name = format!("legwork-growing-{name}-{}.wav", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        path
    }

    #[test]
    fn a_head_is_that_of_any_wav_file() {
        let head = *b"RIFF\x2a\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\
            \x02\0\x10\0data\x06\0\0\0";
        assert_eq!(MONO.head(6), head);
        for format in [MONO, DUAL] {
            for data in [0, 6, u64::MAX] {
                assert_eq!(Format::of_head(&format.head(data)), Some(format));
            }
        }
        assert_eq!(Format::of_head(&[0; 44]), None);
        assert_eq!(Format::of_head(&Format { channels: 3, rate_hz: 8_000 }.head(0)), None);
        assert_eq!(DUAL.duration(64_000), Duration::from_secs(1));
    }

    #[test]
    fn it_can_be_heard_at_any_moment() {
        let path = path("moment");
        let mut growing = Growing::create(&path, MONO).unwrap();
        let mut all = Vec::new();
        for n in 0..5 {
            let more = vec![n; 100];
            growing.append(&more).unwrap();
            all.extend(more);
            assert_eq!(wav::decode(&std::fs::read(&path).unwrap()).unwrap(), all);
        }
        assert_eq!(growing.finish(300).unwrap(), (300, MONO.duration(300)));
        assert_eq!(wav::decode(&std::fs::read(&path).unwrap()).unwrap(), all[..150]);
        // Nobody's file is written over.
        assert!(Growing::create(&path, MONO).is_err());
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_crash_between_sound_and_head_is_mended() {
        let path = path("crash");
        let mut growing = Growing::create(&path, DUAL).unwrap();
        growing.append(&[1, 2, 3, 4]).unwrap();
        growing.file.write_all_at(&[9; 7], HEAD + growing.data).unwrap();
        drop(growing);
        assert_eq!(mend(&path, false).unwrap(), Some((12, DUAL.duration(12))));
        assert_eq!(std::fs::read(&path).unwrap().len(), 44 + 12);
        std::fs::write(&path, b"RIFF").unwrap();
        assert_eq!(mend(&path, true).unwrap(), Some((0, Duration::ZERO)));
        std::fs::write(&path, [7; 100]).unwrap();
        assert_eq!(mend(&path, true).unwrap(), None);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_recording_has_a_longest_length() {
        let path = path("longest");
        let mut growing = Growing::create(&path, MONO).unwrap();
        growing.data = MONO.most() - 4;
        growing.append(&[1, 2, 3]).unwrap();
        growing.append(&[4]).unwrap();
        assert_eq!(growing.data(), 86_400 * 16_000);
        assert_eq!(growing.finish(2).unwrap().0, 2);
        assert!(DUAL.most() <= limit::AUDIO_BYTES_MAX);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_full_disk_is_told() {
        let mut full = Growing {
            file: OpenOptions::new().write(true).open("/dev/full").unwrap(),
            format: MONO,
            data: 0,
        };
        let error = full.append(&[1]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(full.data(), 0);
    }
}
