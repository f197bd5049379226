//! RTP packets: the header read and written.
//!
//! Not here: RTCP (`rtcp`), a leg's own sequence and timestamps (`line`).
//! Source: RFC 3550 §5.1; telling RTCP apart on one port, RFC 5761 §4.

use std::ops::Range;

use crate::limit;

/// Bytes of a header without CSRC and extension: the only kind we write.
pub const HEADER_BYTES: usize = 12;

/// What a header says, as far as anyone here cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// First packet of a talkspurt, or of a key.
    pub marker: bool,
    /// Payload type, 0–127.
    pub payload_type: u8,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp, in units of the codec's clock.
    pub timestamp: u32,
    /// Whose stream it is.
    pub ssrc: u32,
}

impl Header {
    /// Writes the first 12 bytes of a packet; shorter ones are left alone.
    pub fn write(&self, packet: &mut [u8]) {
        let Some(head) = packet.first_chunk_mut::<HEADER_BYTES>() else { return };
        let [s1, s0] = self.sequence.to_be_bytes();
        let [t3, t2, t1, t0] = self.timestamp.to_be_bytes();
        let [r3, r2, r1, r0] = self.ssrc.to_be_bytes();
        let kind = (self.payload_type & 0x7f) | (u8::from(self.marker) << 7);
        *head = [0x80, kind, s1, s0, t3, t2, t1, t0, r3, r2, r1, r0];
    }
}

/// Reads a packet: its header, and where its payload is, without CSRCs, extension and padding.
///
/// None: not RTP version 2, longer than we take, or its lengths do not fit. The payload may be
/// empty.
pub fn parse(packet: &[u8]) -> Option<(Header, Range<usize>)> {
    if packet.len() > limit::PACKET_BYTES {
        return None;
    }
    let &[first, kind, s1, s0, t3, t2, t1, t0, r3, r2, r1, r0] =
        packet.first_chunk::<HEADER_BYTES>()?;
    if first >> 6 != 2 {
        return None;
    }
    let mut start = HEADER_BYTES + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let &[_, _, high, low] = packet.get(start..)?.first_chunk::<4>()?;
        start += 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
    }
    let mut end = packet.len();
    if first & 0x20 != 0 {
        let padding = usize::from(*packet.last()?);
        if padding == 0 {
            return None;
        }
        end = end.checked_sub(padding)?;
    }
    let header = Header {
        marker: kind & 0x80 != 0,
        payload_type: kind & 0x7f,
        sequence: u16::from_be_bytes([s1, s0]),
        timestamp: u32::from_be_bytes([t3, t2, t1, t0]),
        ssrc: u32::from_be_bytes([r3, r2, r1, r0]),
    };
    (start <= end).then_some((header, start..end))
}

/// On a port that both share: this packet is RTCP.
pub fn is_rtcp(packet: &[u8]) -> bool {
    matches!(packet, [_, 192..=223, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        marker: true,
        payload_type: 101,
        sequence: 0x1234,
        timestamp: 0x5678_9abc,
        ssrc: 0xdead_beef,
    };

    #[test]
    fn a_header_is_written_and_read() {
        let mut packet = [0; 16];
        HEADER.write(&mut packet);
        assert_eq!(packet[..4], [0x80, 0xe5, 0x12, 0x34]);
        assert_eq!(parse(&packet), Some((HEADER, 12..16)));
        assert_eq!(parse(&packet[..12]), Some((HEADER, 12..12)));
        assert_eq!(parse(&packet[..11]), None);
    }

    #[test]
    fn csrc_extension_and_padding_are_cut_off() {
        let mut packet = [0; 40];
        HEADER.write(&mut packet);
        packet[0] = 0x80 | 0x20 | 0x10 | 2;
        packet[23] = 1;
        packet[39] = 4;
        // 12 + two CSRCs + extension header + one word; four bytes of padding.
        assert_eq!(parse(&packet).map(|(_, payload)| payload), Some(28..36));
        for (at, value) in [(39, 0), (39, 13), (39, 255), (22, 255), (23, 6), (0, 0x7f), (0, 0xc0)]
        {
            let mut bad = packet;
            bad[at] = value;
            assert_eq!(parse(&bad), None, "{at} {value}");
        }
        assert_eq!(parse(&[0x80; limit::PACKET_BYTES + 1]), None);
    }

    #[test]
    fn every_prefix_and_first_byte_is_safe() {
        for first in 0..=255 {
            for len in 0..64 {
                let packet = vec![first; len];
                if let Some((_, payload)) = parse(&packet) {
                    assert!(payload.end <= len);
                }
            }
        }
    }

    #[test]
    fn rtcp_is_told_apart() {
        assert!(is_rtcp(&[0x80, 200]) && is_rtcp(&[0x81, 201, 0]));
        assert!(!is_rtcp(&[0x80, 0x80 | 101]) && !is_rtcp(&[0x80, 0]) && !is_rtcp(&[0x80]));
    }
}
