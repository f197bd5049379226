//! Files that are nothing but samples, or nearly so: µ-law, A-law, GSM, each of them in WAV, AU.
//!
//! Not here: telling which it is (`decode`).
//! Source: ITU-T G.711; GSM 06.10; RFC 2361 (WAV, 0x31); Sun Microsystems, audio file header.

use std::io::{ErrorKind, Read};

use legwork_media::Rate;
use legwork_media::codec::{gsm, pcma, pcmu};

use crate::speech::decode::outlet::Outlet;
use crate::speech::decode::{Broken, SIZE_UNKNOWN};

/// Tags of WAV formats.
pub(super) const A_LAW: u16 = 6;
pub(super) const MU_LAW: u16 = 7;
pub(super) const GSM: u16 = 0x31;

const HZ: u32 = 8000;
/// Read at a time.
const CHUNK: usize = 4096;
/// Longest head of an AU file, and longest chunk before the sound of a WAV file that is passed over.
const SKIPPED_MAX: u64 = 1024 * 1024;

pub(super) fn mu_law<F: FnMut(Rate, Vec<i16>) -> bool>(
    file: impl Read,
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    bytes(file, HZ, pcmu::decode, outlet)
}

pub(super) fn a_law<F: FnMut(Rate, Vec<i16>) -> bool>(
    file: impl Read,
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    bytes(file, HZ, pcma::decode, outlet)
}

pub(super) fn gsm<F: FnMut(Rate, Vec<i16>) -> bool>(
    mut file: impl Read,
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    let mut decoder = gsm::Decoder::default();
    let mut any = false;
    let mut frame = [0; gsm::FRAME_BYTES];
    while whole(some(&mut file, &mut frame)?, gsm::FRAME_BYTES)? {
        let Some(samples) = decoder.decode(&frame) else {
            let text = "a frame is not GSM 06.10".to_owned();
            return Err(if any { Broken::Midway(text) } else { Broken::Unknown(text) });
        };
        any = true;
        outlet.take(HZ, &samples)?;
    }
    Ok(())
}

/// A WAV file of one of those, its head read again.
pub(super) fn wav<F: FnMut(Rate, Vec<i16>) -> bool>(
    mut file: impl Read,
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    skip(&mut file, 12)?;
    let (mut tag, mut hz) = (0, HZ);
    let left = loop {
        let mut chunk = [0; 8];
        if !fill(&mut file, &mut chunk)? {
            return Err(Broken::Unknown("there is no sound in it".to_owned()));
        }
        let [name @ .., a, b, c, d] = chunk;
        let size = u64::from(u32::from_le_bytes([a, b, c, d]));
        match &name {
            b"data" => break size,
            b"fmt " if size >= 8 => {
                let mut format = [0; 8];
                fill(&mut file, &mut format)?;
                let [low, high, _, _, a, b, c, d] = format;
                tag = u16::from_le_bytes([low, high]);
                hz = u32::from_le_bytes([a, b, c, d]);
                skip(&mut file, size + size % 2 - 8)?;
            }
            _ => skip(&mut file, size + size % 2)?,
        }
    };
    let mut data = file.take(left);
    match tag {
        MU_LAW => bytes(&mut data, hz, pcmu::decode, outlet)?,
        A_LAW => bytes(&mut data, hz, pcma::decode, outlet)?,
        _ => {
            let mut decoder = gsm::Decoder::default();
            let mut pair = [0; gsm::PAIR_BYTES];
            // Of an odd number of frames the last pair is half a pair.
            while fill(&mut data, &mut pair)? {
                for samples in decoder.decode_pair(&pair) {
                    outlet.take(hz, &samples)?;
                }
            }
        }
    }
    complete(&data, left)
}

/// All bytes came that the head had promised: of one that was written to a pipe, whatever came.
fn complete<R>(data: &std::io::Take<R>, promised: u64) -> Result<(), Broken> {
    let missing = data.limit();
    if missing == 0 || promised >= SIZE_UNKNOWN {
        return Ok(());
    }
    Err(Broken::Midway(format!("it is cut off: {missing} of {promised} bytes are missing")))
}

/// AU: a head in big-endian words, then samples to the end.
pub(super) fn au<F: FnMut(Rate, Vec<i16>) -> bool>(
    mut file: impl Read,
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    let mut head = [[0; 4]; 6];
    if !fill(&mut file, head.as_flattened_mut())? {
        return Err(Broken::Unknown("the AU file ends within its head".to_owned()));
    }
    let [_, offset, size, encoding, hz, n_channels] = head.map(u32::from_be_bytes);
    skip(&mut file, u64::from(offset).saturating_sub(24))?;
    let mut data = file.take(u64::from(size));
    match (encoding, n_channels) {
        (1, 1) => bytes(&mut data, hz, pcmu::decode, outlet)?,
        (27, 1) => bytes(&mut data, hz, pcma::decode, outlet)?,
        (3, 1) => {
            let mut words = [[0; 2]; CHUNK / 2];
            loop {
                let n = some(&mut data, words.as_flattened_mut())?;
                let samples: Vec<i16> =
                    words.iter().take(n / 2).map(|word| i16::from_be_bytes(*word)).collect();
                if samples.is_empty() {
                    break;
                }
                outlet.take(hz, &samples)?;
            }
        }
        _ => {
            let text = format!("AU encoding {encoding} with {n_channels} channels is not known");
            return Err(Broken::Unknown(text));
        }
    }
    complete(&data, size.into())
}

/// A sample a byte.
fn bytes<F: FnMut(Rate, Vec<i16>) -> bool>(
    mut file: impl Read,
    hz: u32,
    decode: fn(u8) -> i16,
    outlet: &mut Outlet<F>,
) -> Result<(), Broken> {
    let mut chunk = [0; CHUNK];
    loop {
        let n = once(&mut file, &mut chunk)?;
        let samples: Vec<i16> = chunk.iter().take(n).map(|byte| decode(*byte)).collect();
        if samples.is_empty() {
            return Ok(());
        }
        outlet.take(hz, &samples)?;
    }
}

/// What is there. 0: the end.
fn once(file: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Broken> {
    loop {
        match file.read(buffer) {
            Ok(n) => return Ok(n),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(Broken::Source),
        }
    }
}

/// As many as there is room for, or all there are.
fn some(file: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Broken> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
        match once(file, room)? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(filled)
}

/// Whether there is a frame. The end of a file does not come within one.
fn whole(n: usize, wanted: usize) -> Result<bool, Broken> {
    if n > 0 && n < wanted {
        return Err(Broken::Midway("it is cut off within a frame".to_owned()));
    }
    Ok(n == wanted)
}

/// False: the end came before.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> Result<bool, Broken> {
    let wanted = buffer.len();
    Ok(some(file, buffer)? == wanted)
}

fn skip(file: &mut impl Read, n: u64) -> Result<(), Broken> {
    if n > SKIPPED_MAX {
        return Err(Broken::Unknown("its head is too long".to_owned()));
    }
    let mut chunk = [0; CHUNK];
    let mut left = usize::try_from(n).unwrap_or_default();
    while let Some(room) = chunk.get_mut(..left.min(CHUNK)).filter(|room| !room.is_empty()) {
        match once(file, room)? {
            0 => return Ok(()),
            n => left -= n,
        }
    }
    Ok(())
}
