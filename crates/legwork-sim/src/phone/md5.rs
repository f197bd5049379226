//! MD5 for a phone's digest answers, apart from the server's own so that one checks the other.
//!
//! Not here: what is digested (`auth`).
//! Source: RFC 1321.

/// The digest of `input` in lower-case hex.
pub(super) fn hex(input: &str) -> String {
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let mut data = input.as_bytes().to_vec();
    let bits = (data.len() as u64).wrapping_mul(8);
    data.push(0x80);
    while data.len() % 64 != 56 {
        data.push(0);
    }
    data.extend(bits.to_le_bytes());
    for block in data.as_chunks::<64>().0 {
        let words = block.as_chunks::<4>().0;
        add_block(&mut state, words);
    }
    let bytes = state.iter().flat_map(|word| word.to_le_bytes());
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn add_block(state: &mut [u32; 4], words: &[[u8; 4]]) {
    const SHIFTS: [[u32; 4]; 4] =
        [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let [mut a, mut b, mut c, mut d] = *state;
    for i in 0..64_usize {
        let round = i / 16;
        let (f, at) = match round {
            0 => ((b & c) | (!b & d), i),
            1 => ((d & b) | (!d & c), 5 * i + 1),
            2 => (b ^ c ^ d, 3 * i + 5),
            _ => (c ^ (b | !d), 7 * i),
        };
        let word = words.get(at % 16).map_or(0, |word| u32::from_le_bytes(*word));
        let shift = SHIFTS.get(round).and_then(|row| row.get(i % 4)).copied().unwrap_or(0);
        let sum = a.wrapping_add(f).wrapping_add(constant(i)).wrapping_add(word);
        (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(shift)));
    }
    for (total, part) in state.iter_mut().zip([a, b, c, d]) {
        *total = total.wrapping_add(part);
    }
}

/// `floor(2^32 · |sin(i + 1)|)`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "0 ≤ x < 2^32"
)]
fn constant(i: usize) -> u32 {
    (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn rfc_1321_suite() {
        assert_eq!(hex(""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        let digits = "1234567890".repeat(8);
        assert_eq!(hex(&digits), "57edf4a22be3c955ac49da2e2107b67a");
    }
}
