//! RTCP as far as a relay owes it: what arrived is reported to its sender, our own line described.
//!
//! Not here: when it is sent (`plane`). Reports of one leg are never passed to another: each leg
//! has SSRCs, losses and delays of its own.
//! Source: RFC 3550 §6.4, §6.5 and A.1, A.3, A.8.

use std::time::{Duration, Instant};

use crate::limit;
use crate::rtp::Header;

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;

/// Longest report we write, bytes.
pub const REPORT_BYTES: usize = 28 + 24 + 28;

/// What we use of a compound packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Who sent it.
    pub ssrc: u32,
    /// Middle 32 bits of the NTP time of a sender report.
    pub sender_report: Option<u32>,
}

/// Reads a compound packet.
///
/// None: it does not begin with a report, is longer than we take, or the lengths of its parts do
/// not add up to its own.
pub fn parse(packet: &[u8]) -> Option<Received> {
    if packet.len() > limit::PACKET_BYTES {
        return None;
    }
    let mut received = None;
    let mut rest = packet;
    while !rest.is_empty() {
        let &[first, kind, high, low] = rest.first_chunk::<4>()?;
        let length = 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
        let (part, behind) = rest.split_at_checked(length)?;
        if first >> 6 != 2 {
            return None;
        }
        if received.is_none() {
            received = Some(report(kind, first & 0x1f, part)?);
        }
        rest = behind;
    }
    received
}

/// The report a compound packet begins with.
fn report(kind: u8, n_blocks: u8, part: &[u8]) -> Option<Received> {
    let word = |at: usize| part.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
    let (fixed, sender_report) = match kind {
        SENDER_REPORT => (28, Some(word(8)? << 16 | word(12)? >> 16)),
        RECEIVER_REPORT => (8, None),
        _ => return None,
    };
    let blocks = 24 * usize::from(n_blocks);
    (part.len() >= fixed + blocks).then_some(Received { ssrc: word(4)?, sender_report })
}

/// What arrives of one stream, as its reports want it.
#[derive(Clone, Copy, Debug)]
pub struct Reception {
    ssrc: u32,
    /// Extended sequence numbers: cycles in the upper half.
    first: u32,
    newest: u32,
    received: u32,
    /// Expected and received when last reported.
    reported: (u32, u32),
    /// 16 times the jitter, in timestamp units.
    jitter: u32,
    transit: u32,
    sender_report: Option<(u32, Instant)>,
}

impl Reception {
    /// A stream's first packet, arrived at this time of our clock, in timestamp units.
    pub fn new(header: &Header, arrived: u32) -> Self {
        let sequence = u32::from(header.sequence);
        Self {
            ssrc: header.ssrc,
            first: sequence,
            newest: sequence,
            received: 1,
            reported: (0, 0),
            jitter: 0,
            transit: arrived.wrapping_sub(header.timestamp),
            sender_report: None,
        }
    }

    /// A packet arrived. Another SSRC, or a jump, begins a new stream.
    pub fn handle(&mut self, header: &Header, arrived: u32) {
        let step = header.sequence.wrapping_sub(self.newest as u16).cast_signed();
        if header.ssrc != self.ssrc || step.unsigned_abs() > 3000 {
            *self = Self::new(header, arrived);
            return;
        }
        self.received = self.received.wrapping_add(1);
        if step > 0 {
            self.newest = self.newest.wrapping_add(u32::from(step.unsigned_abs()));
        }
        let transit = arrived.wrapping_sub(header.timestamp);
        let difference = transit.wrapping_sub(self.transit).cast_signed().unsigned_abs();
        self.transit = transit;
        let decayed = self.jitter - ((self.jitter + 8) >> 4);
        self.jitter = decayed.saturating_add(difference.min(1 << 20));
    }

    /// A sender report of this stream arrived.
    pub fn handle_sender_report(&mut self, now: Instant, received: Received) {
        if let Some(time) = received.sender_report
            && received.ssrc == self.ssrc
        {
            self.sender_report = Some((time, now));
        }
    }

    /// The report block, and the beginning of the next interval.
    fn block(&mut self, now: Instant) -> [u32; 6] {
        let expected = self.newest.wrapping_sub(self.first).wrapping_add(1);
        // Duplicates make it negative; 24 bits, signed.
        let lost = expected.wrapping_sub(self.received).cast_signed();
        let lost = lost.clamp(-0x80_0000, 0x7f_ffff).cast_unsigned() & 0xff_ffff;
        let (expected_before, received_before) = self.reported;
        let interval = expected.wrapping_sub(expected_before);
        let missing = interval.saturating_sub(self.received.wrapping_sub(received_before));
        let fraction = (u64::from(missing) * 256).checked_div(u64::from(interval)).unwrap_or(0);
        self.reported = (expected, self.received);
        let (last, delay) = match self.sender_report {
            Some((time, at)) => (time, fixed_point(now.saturating_duration_since(at)) >> 16),
            None => (0, 0),
        };
        let fraction = (fraction.min(255) as u32) << 24;
        [self.ssrc, fraction | lost, self.newest, self.jitter >> 4, last, delay as u32]
    }
}

/// Seconds with 32 bits behind the point.
fn fixed_point(time: Duration) -> u64 {
    (time.as_secs() << 32) | ((u64::from(time.subsec_nanos()) << 32) / 1_000_000_000)
}

/// What a sender report says of our own line.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// Its SSRC.
    pub ssrc: u32,
    /// Time since our clock's beginning: we know no wall clock.
    pub elapsed: Duration,
    /// Timestamp of that instant.
    pub timestamp: u32,
    /// Packets and payload bytes so far; without any it is a receiver report.
    pub sent: (u32, u32),
    /// Made up per leg; written as 16 hex digits.
    pub cname: u64,
}

/// Writes a compound packet: our report, about what we receive if anything, and our CNAME.
pub fn write(
    now: Instant,
    sender: &Sender,
    reception: Option<&mut Reception>,
) -> ([u8; REPORT_BYTES], usize) {
    let mut packet = Words { bytes: [0; REPORT_BYTES], len: 0 };
    let (packets, octets) = sender.sent;
    let block = reception.map(|reception| reception.block(now));
    let n_blocks = u8::from(block.is_some());
    if packets > 0 {
        packet.head(n_blocks, SENDER_REPORT, 6 + 6 * u16::from(n_blocks));
        let time = fixed_point(sender.elapsed);
        let (seconds, fraction) = ((time >> 32) as u32, time as u32);
        for word in [sender.ssrc, seconds, fraction, sender.timestamp, packets, octets] {
            packet.word(word);
        }
    } else {
        packet.head(n_blocks, RECEIVER_REPORT, 1 + 6 * u16::from(n_blocks));
        packet.word(sender.ssrc);
    }
    for word in block.into_iter().flatten() {
        packet.word(word);
    }
    packet.head(1, SOURCE_DESCRIPTION, 6);
    packet.word(sender.ssrc);
    // CNAME is item 1; sixteen digits, then at least one zero, to a multiple of four.
    let digits = format!("{:016x}", sender.cname);
    packet.push(&[1, 16]);
    packet.push(digits.as_bytes());
    packet.push(&[0, 0]);
    (packet.bytes, packet.len)
}

struct Words {
    bytes: [u8; REPORT_BYTES],
    len: usize,
}

impl Words {
    fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    fn word(&mut self, word: u32) {
        self.push(&word.to_be_bytes());
    }

    fn head(&mut self, count: u8, kind: u8, n_words: u16) {
        let [high, low] = n_words.to_be_bytes();
        self.push(&[0x80 | count, kind, high, low]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::epoch::epoch;

    fn header(sequence: u16, timestamp: u32) -> Header {
        Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 9 }
    }

    fn sender(packets: u32) -> Sender {
        let elapsed = Duration::from_millis(2500);
        Sender { ssrc: 0x0102_0304, elapsed, timestamp: 77, sent: (packets, 160), cname: 0xabc }
    }

    #[test]
    fn a_sender_report_is_written_and_read() {
        let (bytes, len) = write(epoch(), &sender(1), None);
        let read = parse(&bytes[..len]).unwrap();
        assert_eq!(read.ssrc, 0x0102_0304);
        assert_eq!(read.sender_report, Some(0x0002_8000));
        assert_eq!(len, 28 + 28);
        let (bytes, len) = write(epoch(), &sender(0), None);
        assert_eq!(parse(&bytes[..len]).unwrap().sender_report, None);
        assert_eq!(len, 8 + 28);
    }

    #[test]
    fn losses_and_delays_are_reported() {
        let now = epoch();
        let mut reception = Reception::new(&header(65_534, 0), 0);
        for (n, sequence) in [65_535, 0, 2].into_iter().enumerate() {
            reception.handle(&header(sequence, 0), 160 * n as u32);
        }
        reception.handle_sender_report(now, Received { ssrc: 9, sender_report: Some(7) });
        reception.handle_sender_report(now, Received { ssrc: 8, sender_report: Some(6) });
        let later = now + Duration::from_millis(1500);
        let block = reception.block(later);
        // 65534, 65535, 0, 2: five expected, one lost; 256 / 5.
        let jitter = block[3];
        assert_eq!(block, [9, 51 << 24 | 1, 65_538, jitter, 7, 0x0001_8000]);
        assert!(jitter > 0);
        assert_eq!(reception.block(later)[1], 1, "nothing new is lost");
        reception.handle(&header(40_000, 0), 0);
        assert_eq!(reception.block(later)[1..3], [0, 40_000], "a jump begins anew");
        let (bytes, len) = write(now, &sender(1), Some(&mut reception));
        assert_eq!(len, REPORT_BYTES);
        assert!(parse(&bytes[..len]).is_some());
    }

    #[test]
    fn broken_packets_are_refused() {
        let (bytes, len) = write(epoch(), &sender(1), None);
        let good = &bytes[..len];
        for cut in [0, 1, 4, 8, 27, 29, len - 1] {
            assert_eq!(parse(&good[..cut]), None, "{cut}");
        }
        assert!(parse(&good[..28]).is_some());
        // Four bytes that claim to be a whole report, blocks that are not there, another version.
        assert_eq!(parse(&[0x80, 200, 0, 0]), None);
        for (at, value) in [(0, 0x85), (0, 0x40), (1, 202), (3, 200), (2, 255)] {
            let mut bad = good.to_vec();
            bad[at] = value;
            assert_eq!(parse(&bad), None, "{at} {value}");
        }
    }
}
