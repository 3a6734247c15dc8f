//! The escapes of JSON strings, sixteen bytes at a time.
//!
//! What must be escaped is a quote, a backslash and any byte below 0x20 (RFC 8259, section 7); all else is copied raw. The
//! short forms `\b \t \n \f \r` are used where they exist, else `\u00xx` in lower case, which is what serde_json writes.
//!
//! A block without escapes is one store. With one escape it is three: the block, the escape over its place, the rest of the
//! block behind the escape. With more, each byte is looked up and stored without asking what it is: a branch that is guessed
//! wrong costs more than ten bytes.

use super::block::{BLOCK, short_text, specials};

/// Length in bytes of the longest escape, `\u00xx`.
pub(super) const LONGEST: usize = 6;

/// What is written for each byte, first byte lowest, and its length in the top byte.
const ENTRIES: [u64; 256] = {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut entries = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let short = match byte as u8 {
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0c => b'f',
            b'\r' => b'r',
            b'"' => b'"',
            b'\\' => b'\\',
            _ => 0,
        };
        let text = match (short, byte) {
            (0, 0..0x20) => [b'\\', b'u', b'0', b'0', HEX[byte >> 4], HEX[byte & 15], 0, LONGEST as u8],
            (0, _) => [byte as u8, 0, 0, 0, 0, 0, 0, 1],
            _ => [b'\\', short, 0, 0, 0, 0, 0, 2],
        };
        entries[byte] = u64::from_le_bytes(text);
        byte += 1;
    }
    entries
};

/// Writes `text` with its escapes to `out` from `at` on and returns where it ends. Up to two blocks behind that may have
/// been written too.
///
/// # Panics
/// When `out` has less room than [`LONGEST`] bytes for each of `text`, and two blocks.
#[inline(always)]
pub(super) fn escape_into<const OUT: usize>(text: &[u8], out: &mut [u8; OUT], mut at: usize) -> usize {
    let Some(first) = text.first_chunk::<BLOCK>() else {
        return escape_short(text, out, at);
    };
    // The first block is cut short rather than the last: what stands behind the cut is text too and can be read.
    let cut = (text.len() - 1) % BLOCK + 1;
    at = escape_block(first, cut, out, at);
    for block in text[cut..].as_chunks().0 {
        at = escape_block(block, BLOCK, out, at);
    }
    at
}

/// Escapes the first `len` bytes of `block`.
#[inline(always)]
fn escape_block<const OUT: usize>(block: &[u8; BLOCK], len: usize, out: &mut [u8; OUT], at: usize) -> usize {
    store(*block, out, at);
    let specials = specials(*block) & ((1 << len) - 1);
    if specials == 0 {
        return at + len;
    }
    if specials & (specials - 1) != 0 {
        return escape_each(&block[..len], out, at);
    }
    let place = specials.trailing_zeros() as usize % BLOCK;
    let entry = ENTRIES[usize::from(block[place])];
    store(entry.to_le_bytes(), out, at + place);
    let (low, high) = halves(block);
    let escaped = at + entry_len(entry) - 1;
    if place < 8 {
        // The rest in two pieces that overlap.
        let rest = low >> 8 >> (8 * place) | high << (56 - 8 * place);
        store(rest.to_le_bytes(), out, escaped + place + 1);
        store(high.to_le_bytes(), out, escaped + 8);
    } else {
        let rest = high >> 8 >> (8 * (place - 8));
        store(rest.to_le_bytes(), out, escaped + place + 1);
    }
    escaped + len
}

/// Escapes a text shorter than a block.
#[inline(always)]
fn escape_short<const OUT: usize>(text: &[u8], out: &mut [u8; OUT], at: usize) -> usize {
    let len = text.len();
    let block = short_text(text);
    store(block.to_le_bytes(), out, at);
    let specials = specials(block.to_le_bytes()) & ((1 << len) - 1);
    if specials == 0 {
        return at + len;
    }
    if specials & (specials - 1) != 0 {
        return escape_each(text, out, at);
    }
    let place = specials.trailing_zeros();
    let from_place = block >> (8 * place);
    let entry = ENTRIES[usize::from(from_place as u8)];
    let escaped = at + entry_len(entry) - 1;
    store(entry.to_le_bytes(), out, at + place as usize);
    store((from_place >> 8).to_le_bytes(), out, escaped + place as usize + 1);
    escaped + len
}

#[inline(never)]
fn escape_each<const OUT: usize>(text: &[u8], out: &mut [u8; OUT], mut at: usize) -> usize {
    for &byte in text {
        let entry = ENTRIES[usize::from(byte)];
        store(entry.to_le_bytes(), out, at);
        at += entry_len(entry);
    }
    at
}

#[inline(always)]
fn entry_len(entry: u64) -> usize {
    (entry >> 56) as usize
}

#[inline(always)]
fn halves(block: &[u8; BLOCK]) -> (u64, u64) {
    let both = u128::from_le_bytes(*block);
    (both as u64, (both >> 64) as u64)
}

#[inline(always)]
fn store<const LEN: usize, const OUT: usize>(bytes: [u8; LEN], out: &mut [u8; OUT], at: usize) {
    out[at..at + LEN].copy_from_slice(&bytes);
}

/// Length of `text` with its escapes, in bytes, without the quotes.
#[inline(always)]
pub(super) fn escaped_len(text: &[u8]) -> usize {
    let Some(first) = text.first_chunk::<BLOCK>() else {
        return text.len() + growth(&short_text(text).to_le_bytes(), text.len());
    };
    let cut = (text.len() - 1) % BLOCK + 1;
    let mut len = text.len() + growth(first, cut);
    for block in text[cut..].as_chunks().0 {
        len += growth(block, BLOCK);
    }
    len
}

/// Bytes that the escapes of the first `len` bytes of `block` add.
#[inline(always)]
fn growth(block: &[u8; BLOCK], len: usize) -> usize {
    let specials = specials(*block) & ((1 << len) - 1);
    if specials == 0 {
        return 0;
    }
    if specials & (specials - 1) != 0 {
        return growth_of_each(&block[..len]);
    }
    let place = specials.trailing_zeros() as usize % BLOCK;
    entry_len(ENTRIES[usize::from(block[place])]) - 1
}

#[inline(never)]
fn growth_of_each(text: &[u8]) -> usize {
    text.iter().map(|&byte| entry_len(ENTRIES[usize::from(byte)]) - 1).sum()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, escape_into, escaped_len};
    use proptest::prelude::{ProptestConfig, any, proptest};

    const ROOM: usize = 1 << 16;

    #[track_caller]
    fn check(text: &str) {
        let expected = serde_json::to_string(text).unwrap();
        let expected = &expected[1..expected.len() - 1];
        assert_eq!(escaped_len(text.as_bytes()), expected.len());
        let mut out = [b'?'; ROOM];
        let end = escape_into(text.as_bytes(), &mut out, 3);
        assert_eq!(std::str::from_utf8(&out[3..end]).unwrap(), expected);
        assert_eq!(out[..3], *b"???");
        assert!(out[3 + LONGEST * text.len() + 32..].iter().all(|&byte| byte == b'?'));
    }

    #[test]
    fn every_ascii_byte_at_every_place_of_two_blocks_agrees_with_serde_json() {
        for byte in 0..128u8 {
            for place in 0..35 {
                let mut text = [b'x'; 35];
                text[place] = byte;
                check(std::str::from_utf8(&text).unwrap());
                text[(place + 1) % 35] = b' ';
                text[(place + 2) % 35] = b'"';
                check(std::str::from_utf8(&text).unwrap());
                check(std::str::from_utf8(&text[..place]).unwrap());
            }
        }
        check("ümlaut \u{2028} 測試 🦀 \u{7f}\u{80}");
        check(&"\u{1}".repeat(5000));
        check(&"\\".repeat(2041));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn any_text_agrees_with_serde_json(text in any::<String>(), controls in "[\\x00-\\x22\\\\a]{0,40}") {
            check(&text);
            check(&controls);
            check(&(controls + &text));
        }
    }
}
