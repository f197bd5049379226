//! Sound files as samples, while they arrive: which format it is, and mono samples of it at a rate of
//! ours, piece by piece.
//!
//! Not here: where bytes come from (`arriving`), files with frames (`decode/container`), those without
//! (`decode/raw`), what becomes of the pieces (`speech`).
//! Source: Twilio, "TwiML Voice: Play" (MIME types); the magic numbers of each format.

mod container;
mod outlet;
mod pages;
mod raw;

use std::fmt::{self, Display};
use std::io::{self, Read};

use legwork_media::Rate;

use crate::speech::decode::outlet::Outlet;

/// Bytes looked at before anything is decoded: the head of a WAV file as most are.
const HEAD: usize = 64;

/// From this size on, bytes, what a head says of its file's is no size: whoever wrote it to a pipe did not know
/// any.
const SIZE_UNKNOWN: u64 = 0x7fff_0000;

/// What is said of a file by whoever serves it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hint {
    /// `Content-Type`, as it came.
    pub(crate) content_type: Option<String>,
    /// What stands behind the last dot of the URL's path, in lower case.
    pub(crate) extension: Option<String>,
}

/// Why a file can not be played, or not to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nothing that is known, or nothing in it.
    Unknown(String),
    /// It ends before its end, or what comes is no sound any more.
    Midway(String),
    /// Longer than 40 minutes.
    TooLong,
    /// Its bytes end because whoever brings them failed, and tells why.
    Source,
    /// Nobody wants more, or there is no room for more.
    Unwanted,
}

impl Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(why) | Self::Midway(why) => f.write_str(why),
            Self::TooLong => f.write_str("it is longer than 40 minutes"),
            Self::Source => f.write_str("the file did not come whole"),
            Self::Unwanted => f.write_str("no more of it is taken: too much is heard at a time"),
        }
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Wav,
    /// GSM or G.711 of one channel in a WAV file.
    WavPhone,
    Aiff,
    Flac,
    Ogg,
    Mpeg,
    /// Sun's and NeXT's.
    Au,
    MuLaw,
    ALaw,
    Gsm,
}

/// Decodes a file. `deliver` takes samples, all of one rate, and says whether it wants more.
///
/// # Errors
/// Why that was not all, or nothing.
pub(crate) fn decode(
    mut file: impl Read + Send + Sync + 'static,
    hint: &Hint,
    deliver: impl FnMut(Rate, Vec<i16>) -> bool,
) -> Result<(), Broken> {
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(|_| Broken::Source)?;
    if head.is_empty() {
        return Err(Broken::Unknown("it is empty".to_owned()));
    }
    let format = format(&head, hint).ok_or_else(|| {
        Broken::Unknown("no WAV, MP3, AIFF, FLAC, Ogg, AU, GSM or µ-law file".to_owned())
    })?;
    let mut outlet = Outlet::new(deliver);
    let file = io::Cursor::new(patched(format, head)).chain(file);
    let decoded = match format {
        Format::Wav | Format::Aiff | Format::Flac | Format::Ogg | Format::Mpeg => {
            container::decode(format, file, &mut outlet)
        }
        Format::MuLaw => raw::mu_law(file, &mut outlet),
        Format::ALaw => raw::a_law(file, &mut outlet),
        Format::Gsm => raw::gsm(file, &mut outlet),
        Format::WavPhone => raw::wav(file, &mut outlet),
        Format::Au => raw::au(file, &mut outlet),
    };
    let ended = outlet.finish();
    decoded?;
    ended
}

/// A WAV file from a pipe does not know its length, and says any: the end of the file ends it.
fn patched(format: Format, mut head: Vec<u8>) -> Vec<u8> {
    if format == Format::Wav
        && let Some(length) = head.get_mut(4..8)
    {
        length.fill(0xff);
    }
    head
}

/// Containers tell what they are; what does not is what its server calls it.
fn format(head: &[u8], hint: &Hint) -> Option<Format> {
    let at = |offset: usize, magic: &[u8]| {
        head.get(offset..).is_some_and(|rest| rest.starts_with(magic))
    };
    if at(0, b"RIFF") && at(8, b"WAVE") {
        let tags = [raw::GSM, raw::MU_LAW, raw::A_LAW];
        let is_phones = tags.iter().any(|tag| at(20, &[tag.to_le_bytes(), [1, 0]].concat()));
        let is_phones = is_phones && at(12, b"fmt ");
        return Some(if is_phones { Format::WavPhone } else { Format::Wav });
    }
    if at(0, b"FORM") && at(8, b"AIF") {
        return Some(Format::Aiff);
    }
    let known = [
        (&b"fLaC"[..], Format::Flac),
        (b"OggS", Format::Ogg),
        (b"ID3", Format::Mpeg),
        (b".snd", Format::Au),
    ];
    if let Some((_, format)) = known.into_iter().find(|(magic, _)| at(0, magic)) {
        return Some(format);
    }
    // A page of words, whatever it is called.
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'<' | b'{')) && head.iter().all(u8::is_ascii) {
        return None;
    }
    let named = by_name(hint);
    if named.is_none() && is_mpeg_frame(head) { Some(Format::Mpeg) } else { named }
}

/// The first bytes of a frame: sync, and no reserved version, layer, bit rate or sample rate.
fn is_mpeg_frame(head: &[u8]) -> bool {
    let Some([0xff, b, c, _]) = head.first_chunk() else { return false };
    b & 0xe0 == 0xe0 && b & 0x18 != 0x08 && b & 0x06 != 0 && c & 0xf0 != 0xf0 && c & 0x0c != 0x0c
}

fn by_name(hint: &Hint) -> Option<Format> {
    let content_type = hint.content_type.as_deref().unwrap_or("");
    let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match essence.as_str() {
        "audio/mpeg" | "audio/mp3" | "audio/mpeg3" | "audio/x-mpeg" => return Some(Format::Mpeg),
        "audio/basic" | "audio/ulaw" | "audio/x-ulaw" | "audio/mulaw" | "audio/x-mulaw"
        | "audio/pcmu" => return Some(Format::MuLaw),
        "audio/alaw" | "audio/x-alaw" | "audio/pcma" => return Some(Format::ALaw),
        "audio/gsm" | "audio/x-gsm" => return Some(Format::Gsm),
        _ => {}
    }
    match hint.extension.as_deref()? {
        "mp3" => Some(Format::Mpeg),
        "ulaw" | "ul" | "mulaw" | "pcmu" => Some(Format::MuLaw),
        "alaw" | "al" | "pcma" => Some(Format::ALaw),
        "gsm" => Some(Format::Gsm),
        _ => None,
    }
}

/// Content types that are no sound: what is served so is not even read.
pub(crate) fn is_sound(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or("").trim();
    let essence = essence.to_ascii_lowercase();
    matches!(essence.as_str(), "" | "application/ogg" | "video/ogg")
        || essence.starts_with("audio/")
        || essence.ends_with("/octet-stream")
}

#[cfg(test)]
mod tests;
