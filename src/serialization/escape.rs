//! The escapes of JSON strings, found sixteen or eight bytes at a time.
//!
//! What must be escaped is a quote, a backslash and any byte below 0x20 (RFC 8259, section 7); all else is copied raw. The
//! short forms `\b \t \n \f \r` are used where they exist, else `\u00xx` in lower case, which is what serde_json writes.

/// Length in bytes of the longest escape, `\u00xx`.
pub(super) const LONGEST: usize = 6;

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const HIGH_BITS: u64 = u64::from_le_bytes([0x80; 8]);

/// The byte after the backslash, `u` for the long form, 0 for a byte that stays as it is.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        table[control] = b'u';
        control += 1;
    }
    table[0x08] = b'b';
    table[b'\t' as usize] = b't';
    table[b'\n' as usize] = b'n';
    table[0x0c] = b'f';
    table[b'\r' as usize] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

/// Writes `text` with its escapes to the front of `out` and returns how many bytes that took.
///
/// # Panics
/// When `out` is shorter than [`escaped_len`] of `text`.
#[inline]
pub(super) fn escape_into(text: &[u8], out: &mut [u8]) -> usize {
    let clean = copy_clean(text, out);
    if clean == text.len() { clean } else { escape_rest(text, clean, out) }
}

/// Goes on where the first byte to escape stands: `from` bytes of `text` are copied, `text[from]` is to be escaped.
fn escape_rest(text: &[u8], mut from: usize, out: &mut [u8]) -> usize {
    let mut to = from;
    while from < text.len() {
        to += escape_byte(text[from], &mut out[to..]);
        from += 1;
        let clean = copy_clean(&text[from..], &mut out[to..]);
        from += clean;
        to += clean;
    }
    to
}

/// Copies `text` up to its first byte to escape, and returns where that stands, `text.len()` if there is none. What follows
/// in `out`, within the length of `text`, is left in any state.
#[inline]
fn copy_clean(text: &[u8], out: &mut [u8]) -> usize {
    let len = text.len();
    let out = &mut out[..len];
    if len < 8 {
        return copy_clean_short(text, out);
    }
    let mut at = 0;
    while at + 16 <= len {
        let bytes: [u8; 16] = text[at..at + 16].try_into().expect("the range has sixteen bytes");
        out[at..at + 16].copy_from_slice(&bytes);
        if any_special(&bytes) {
            return at + first_special_of_16(&bytes);
        }
        at += 16;
    }
    if at + 8 <= len {
        let found = copy_word(text, out, at);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    if at < len {
        // The last word overlaps the one before it, whose bytes are known to be clean.
        let found = copy_word(text, out, len - 8);
        if found != 0 {
            return len - 8 + found.trailing_zeros() as usize / 8;
        }
    }
    len
}

/// Whether any of sixteen bytes is to be escaped. Without a branch, and one question after the other: so the compiler asks
/// each of all sixteen at once, while it takes quote and backslash in one question apart again.
#[inline(always)]
pub(super) fn any_special(bytes: &[u8; 16]) -> bool {
    let any = |is_wanted: fn(u8) -> bool| bytes.iter().fold(false, |any, &byte| any | is_wanted(byte));
    any(|byte| byte < 0x20) | any(|byte| byte == b'"') | any(|byte| byte == b'\\')
}

/// Where the first of sixteen bytes to escape stands; 16 if there is none.
#[inline]
fn first_special_of_16(bytes: &[u8; 16]) -> usize {
    let flags = bytes.map(|byte| if is_special(byte) { 0xff } else { 0 });
    u128::from_le_bytes(flags).trailing_zeros() as usize / 8
}

#[inline]
fn copy_clean_short(text: &[u8], out: &mut [u8]) -> usize {
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        // Two half words that overlap, as one word.
        let overlap = 8 - text.len();
        let found = first_special(u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32);
        out[..4].copy_from_slice(first);
        out[4 - overlap..].copy_from_slice(last);
        return match found.trailing_zeros() as usize / 8 {
            8 => text.len(),
            at @ 0..4 => at,
            at => at - overlap,
        };
    }
    for (at, (&byte, out)) in text.iter().zip(out).enumerate() {
        if is_special(byte) {
            return at;
        }
        *out = byte;
    }
    text.len()
}

/// Copies eight bytes and returns a mask whose lowest set bit is the top bit of the first byte to escape; 0 if there is none.
#[inline]
fn copy_word(text: &[u8], out: &mut [u8], at: usize) -> u64 {
    let bytes: [u8; 8] = text[at..at + 8].try_into().expect("the range has eight bytes");
    out[at..at + 8].copy_from_slice(&bytes);
    first_special(u64::from_le_bytes(bytes))
}

/// "Determine if a word has a byte less than n" and "a zero byte" of Sean Eron Anderson's Bit Twiddling Hacks. A borrow can
/// flag a byte wrongly only above one that is flagged rightly, so that the lowest flag is always right.
#[inline]
fn first_special(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let below = word.wrapping_sub(ONES * 0x20) & !word;
    let is_quote = quote.wrapping_sub(ONES) & !quote;
    let is_backslash = backslash.wrapping_sub(ONES) & !backslash;
    (below | is_quote | is_backslash) & HIGH_BITS
}

fn escape_byte(byte: u8, out: &mut [u8]) -> usize {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match ESCAPES[usize::from(byte)] {
        b'u' => {
            out[..4].copy_from_slice(b"\\u00");
            out[4] = HEX[usize::from(byte >> 4)];
            out[5] = HEX[usize::from(byte & 15)];
            6
        }
        short => {
            out[..2].copy_from_slice(&[b'\\', short]);
            2
        }
    }
}

/// Length of `text` with its escapes, in bytes, without the quotes.
pub(super) fn escaped_len(text: &[u8]) -> usize {
    let extra = |&byte: &u8| match ESCAPES[usize::from(byte)] {
        0 => 0,
        b'u' => LONGEST - 1,
        _ => 1,
    };
    text.len() + text.iter().map(extra).sum::<usize>()
}

#[inline]
pub(super) fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use super::{any_special, escape_into, escaped_len, first_special, first_special_of_16};
    use proptest::prelude::{ProptestConfig, any, proptest};

    #[track_caller]
    fn check(text: &str) {
        let expected = serde_json::to_string(text).unwrap();
        let expected = &expected[1..expected.len() - 1];
        assert_eq!(escaped_len(text.as_bytes()), expected.len());
        // Exactly as much room as needed: any byte written beyond it would panic.
        let mut out = vec![0; expected.len()];
        assert_eq!(escape_into(text.as_bytes(), &mut out), expected.len());
        assert_eq!(std::str::from_utf8(&out).unwrap(), expected);
    }

    #[test]
    fn every_ascii_byte_at_every_place_of_two_words_agrees_with_serde_json() {
        for byte in 0..128u8 {
            for place in 0..19 {
                let mut text = [b'x'; 19];
                text[place] = byte;
                check(std::str::from_utf8(&text).unwrap());
                text[(place + 1) % 19] = b' ';
                text[(place + 2) % 19] = b'"';
                check(std::str::from_utf8(&text).unwrap());
                check(std::str::from_utf8(&text[..place]).unwrap());
            }
        }
        check("ümlaut \u{2028} 測試 🦀 \u{7f}\u{80}");
        check(&"\u{1}".repeat(5000));
        check(&"\\".repeat(2041));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn the_first_special_byte_is_found(bytes in any::<[u8; 16]>(), mask in any::<u16>()) {
            let sparse = std::array::from_fn(|at| if mask >> at & 1 == 0 { bytes[at] | 0x60 } else { bytes[at] });
            for bytes in [bytes, sparse] {
                let expected = bytes.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\');
                assert_eq!(any_special(&bytes), expected.is_some());
                assert_eq!(first_special_of_16(&bytes), expected.unwrap_or(16));
                let word = u64::from_le_bytes(*bytes.first_chunk().unwrap());
                assert_eq!(first_special(word).trailing_zeros() as usize / 8, expected.unwrap_or(8).min(8));
            }
        }
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
