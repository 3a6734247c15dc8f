//! Sixteen bytes of text, and which of them JSON escapes.
//!
//! x86-64 answers for all sixteen in eight instructions of SSE2, which every such processor has; `wide` knows what others have.

use wide::u8x16;

/// Bytes of a block.
pub(super) const BLOCK: usize = 16;

/// One bit for each byte of `block` that is a quote, a backslash or below 0x20, the first byte's lowest.
#[inline(always)]
pub(super) fn specials(block: [u8; BLOCK]) -> u32 {
    let bytes = u8x16::new(block);
    let is_quote = bytes.simd_eq(u8x16::splat(b'"'));
    let is_backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    let is_control = bytes.simd_eq(bytes.min(u8x16::splat(0x1f)));
    (is_quote | is_backslash | is_control).to_bitmask()
}

/// A text shorter than a block, read as two pieces that overlap; the first byte is the lowest, and above the last are zeros.
///
/// # Panics
/// When `text` is a block or longer.
#[inline(always)]
pub(super) fn short_text(text: &[u8]) -> u128 {
    let len = text.len();
    assert!(len < BLOCK, "a short text has fewer bytes than a block");
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        // Two shifts, as one by all bits would be none.
        let above = u64::from_le_bytes(*last) >> 8 >> (8 * (BLOCK - 1 - len));
        return u128::from(u64::from_le_bytes(*first)) | u128::from(above) << 64;
    }
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let above = u64::from(u32::from_le_bytes(*last)) << (8 * (len - 4));
        return u128::from(u64::from(u32::from_le_bytes(*first)) | above);
    }
    match *text {
        [] => 0,
        [a] => u128::from(a),
        [a, b] => u128::from(u16::from_le_bytes([a, b])),
        [a, b, c, ..] => u128::from(u32::from_le_bytes([a, b, c, 0])),
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, short_text, specials};
    use proptest::prelude::{ProptestConfig, any, proptest};

    #[track_caller]
    fn check(bytes: [u8; BLOCK]) {
        let is_special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        let expected = bytes.iter().rev().fold(0, |bits, &byte| bits << 1 | u32::from(is_special(byte)));
        assert_eq!(specials(bytes), expected);
    }

    #[test]
    fn every_byte_is_told_apart_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                for around in [b'x', 0, b'"', 0xff] {
                    let mut bytes = [around; BLOCK];
                    bytes[place] = byte;
                    check(bytes);
                }
            }
        }
    }

    #[test]
    fn a_short_text_is_read_whole() {
        let text: Vec<u8> = (1..=30).collect();
        for start in [0, 3, 14] {
            for len in 0..BLOCK {
                let mut expected = [0; BLOCK];
                expected[..len].copy_from_slice(&text[start..start + len]);
                assert_eq!(short_text(&text[start..start + len]), u128::from_le_bytes(expected), "{len} bytes");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn any_block_is_told_apart(bytes in any::<[u8; BLOCK]>(), mask in any::<u16>()) {
            check(bytes);
            check(std::array::from_fn(|at| if mask >> at & 1 == 0 { bytes[at] | 0x60 } else { bytes[at] }));
        }
    }
}
