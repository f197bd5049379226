//! Every maximum of this crate, in one place.
//!
//! Not here: limits the operator may set (`legwork-call`, `config`).

/// Longest session description read, bytes. A browser's offer with video is about 8 kB.
pub const SDP_BYTES: usize = 32 * 1024;

/// Most lines of a session description.
pub const SDP_LINES: usize = 1024;

/// Most `m=` lines of a session description.
pub const SDP_MEDIA: usize = 16;

/// Most formats of one `m=` line.
pub const SDP_FORMATS: usize = 64;

/// Longest RTP or RTCP packet taken, bytes: an Ethernet frame's worth.
pub const PACKET_BYTES: usize = 1500;

/// Most prepared sources a plane knows at a time.
pub const SOURCES: usize = 4096;

/// Longest prepared source, samples at 8 kHz: 40 minutes.
pub const SOURCE_SAMPLES: usize = 40 * 60 * 8000;

/// Most pieces a source comes in; further ones are left out.
pub const SOURCE_PIECES: usize = 16_384;

/// Most samples said to a leg that wait to be heard: 20 minutes. Further ones are lost.
pub const LIVE_SAMPLES: usize = 20 * 60 * 8000;

/// Most marks that wait to be reached; further ones are told at once.
pub const LIVE_MARKS: usize = 1024;

/// Most marks that were reached and wait to be taken; further ones are lost.
pub const MARKS_REACHED: usize = 65_536;

/// Most taps of one leg; further ones are over at once.
pub const TAPS: usize = 16;

/// Most taps whose last samples wait to be taken; of further ones only the end is told.
pub const TAPS_OVER: usize = 1024;

/// Most rooms of a plane; a further one is not opened.
pub const ROOMS: usize = 4096;

/// Most legs heard in a room at a time, and most that hear it; further ones are not heard, or hear
/// silence.
pub const ROOM_LEGS: usize = 250;

/// Most sounds that wait to be played in a room, and most beeps; further ones count as played at once.
pub const ROOM_PLAYS: usize = 64;

/// Most that waits to be told of rooms when one tells who speaks; more of that is not told.
pub const ROOM_SPEAKS: usize = 4096;

/// Most orders a plane keeps for legs on their way to it; further ones are lost, and taps over at once.
pub const EARLY_ORDERS: usize = 65_536;

/// Most digits waiting to be polled from a plane; more are dropped.
pub const DIGITS: usize = 4096;

/// Most keys that wait to be pressed towards a leg, waits (`w`) counted; more are passed over.
pub const KEYS_SENT: usize = 512;

/// Most keys of a peer that wait to be heard as tones; further ones are left out.
pub const KEYS_TONED: usize = 16;

/// Most packets a late tick makes up for; time beyond is skipped.
pub const CATCH_UP_TICKS: u32 = 10;

/// Most keys an ear keeps; further ones are not noted.
pub const EAR_KEYS: usize = 256;

/// Most samples an ear keeps, at 8 kHz: 60 s. The oldest go first.
pub const EAR_SAMPLES: usize = 60 * 8000;

/// Longest sound of one RTP payload that is decoded, ms; the rest of a longer one is cut off.
pub const PAYLOAD_MS: usize = 120;
