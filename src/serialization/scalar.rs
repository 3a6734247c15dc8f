//! Single values, appended to a buffer as JSON.
//!
//! Numbers and timestamps are put together in registers and stored in pieces of fixed width: a copy of as many bytes as there
//! happen to be is a call. They allocate nothing when the spare capacity holds the text.

use super::digits::decimal;
use super::rfc3339::KnownDay;
use super::stage::{SMALL, Stage};
use super::timestamp::Timestamp;

/// Longest shortest-round-trip text of an `f64`, such as `-2.2250738585072014e-308`.
pub(super) const FLOAT_LEN: usize = 24;

/// Appends a signed integer, exactly, `i64::MIN` included.
#[inline]
pub fn append_i64(value: i64, buffer: &mut Vec<u8>) {
    if value < 0 {
        buffer.push(b'-');
    }
    append_u64(value.unsigned_abs(), buffer);
}

/// Appends an unsigned integer, exactly.
#[inline]
pub fn append_u64(value: u64, buffer: &mut Vec<u8>) {
    let ([a, b, c], len) = decimal(value);
    let mut text = [0; 24];
    text[..8].copy_from_slice(&a.to_le_bytes());
    text[8..16].copy_from_slice(&b.to_le_bytes());
    text[16..].copy_from_slice(&c.to_le_bytes());
    append_front(&text, len, buffer);
}

/// Appends the shortest digits that read back as the same number, or `null` when it is not finite.
///
/// ```
/// use perfblocks::serialization::scalar;
/// let mut buffer = Vec::new();
/// scalar::append_f64(0.1 + 0.2, &mut buffer);
/// assert_eq!(buffer, b"0.30000000000000004");
/// buffer.clear();
/// scalar::append_f64(f64::NAN, &mut buffer);
/// assert_eq!(buffer, b"null");
/// ```
#[inline]
pub fn append_f64(value: f64, buffer: &mut Vec<u8>) {
    if value.is_finite() {
        buffer.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        buffer.extend_from_slice(b"null");
    }
}

/// Appends RFC 3339 text in quotes. Where stamps of one day follow each other, [`KnownDay::append`] takes half the time.
#[inline]
pub fn append_timestamp(value: Timestamp, buffer: &mut Vec<u8>) {
    append_stamp(KnownDay::of(value), value, buffer);
}

impl KnownDay {
    /// Appends RFC 3339 text in quotes.
    #[inline]
    pub fn append(&mut self, value: Timestamp, buffer: &mut Vec<u8>) {
        append_stamp(self.move_to(value), value, buffer);
    }
}

#[inline(always)]
fn append_stamp(day: KnownDay, value: Timestamp, buffer: &mut Vec<u8>) {
    let ([a, b, c, d], len) = day.text(value);
    let mut quoted = [b'"'; 33];
    quoted[1..9].copy_from_slice(&a.to_le_bytes());
    quoted[9..17].copy_from_slice(&b.to_le_bytes());
    quoted[17..25].copy_from_slice(&c.to_le_bytes());
    quoted[25..].copy_from_slice(&d.to_le_bytes());
    append_front(&quoted, 1 + len, buffer);
    buffer.push(b'"');
}

/// Appends text in quotes with its escapes.
pub fn append_string(value: &str, buffer: &mut Vec<u8>) {
    let bound = || 0;
    let mut stage = Stage::<SMALL>::new(buffer, &bound);
    let mut at = stage.put(0, b"\"");
    at = stage.put_escaped(at, value);
    at = stage.put(at, b"\"");
    stage.finish(at);
}

/// Appends the first `len` bytes of `text`: all of them, and then takes the rest back.
#[inline(always)]
fn append_front<const LEN: usize>(text: &[u8; LEN], len: usize, buffer: &mut Vec<u8>) {
    let end = buffer.len() + len;
    if buffer.capacity() - buffer.len() >= LEN {
        buffer.extend_from_slice(text);
        buffer.truncate(end);
    } else {
        append_exactly(*text, len, buffer);
    }
}

/// Near the end of the capacity all of a text may not fit while its front does. By value, so that the other way needs no memory
/// for it.
#[cold]
#[inline(never)]
fn append_exactly<const LEN: usize>(text: [u8; LEN], len: usize, buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(&text[..len]);
}

#[cfg(test)]
mod tests {
    use super::{append_f64, append_i64, append_string, append_timestamp, append_u64};
    use crate::serialization::Timestamp;
    use proptest::prelude::{ProptestConfig, any, proptest};

    #[track_caller]
    fn check(append: impl FnOnce(&mut Vec<u8>), expected: &str) {
        let mut buffer = Vec::new();
        append(&mut buffer);
        assert_eq!(std::str::from_utf8(&buffer).unwrap(), expected);
    }

    #[test]
    fn exact_capacity_is_enough_and_is_kept() {
        #[track_caller]
        fn check(append: impl Fn(&mut Vec<u8>), expected: &str) {
            for spare in [0, 1, 7, 8, 40] {
                let mut buffer = Vec::with_capacity(expected.len() + spare);
                let (capacity, start) = (buffer.capacity(), buffer.as_ptr());
                append(&mut buffer);
                assert_eq!(std::str::from_utf8(&buffer).unwrap(), expected);
                assert_eq!((buffer.capacity(), buffer.as_ptr()), (capacity, start));
            }
        }
        let stamp = Timestamp::from_unix(1_763_000_000, 250_000_000).unwrap();
        check(|out| append_i64(-42, out), "-42");
        check(|out| append_u64(u64::MAX, out), "18446744073709551615");
        check(|out| append_timestamp(stamp, out), "\"2025-11-13T02:13:20.25Z\"");
        check(|out| append_string("a\"\u{1}b", out), "\"a\\\"\\u0001b\"");
    }

    #[test]
    fn the_ends_of_each_range_are_exact() {
        check(|out| append_i64(i64::MIN, out), "-9223372036854775808");
        check(|out| append_i64(i64::MAX, out), "9223372036854775807");
        check(|out| append_u64(u64::MAX, out), "18446744073709551615");
        check(|out| append_f64(f64::MAX, out), "1.7976931348623157e+308");
        check(|out| append_f64(f64::from_bits(1), out), "5e-324");
        check(|out| append_f64(-f64::MIN_POSITIVE, out), "-2.2250738585072014e-308");
        check(|out| append_f64(-0.0, out), "-0.0");
        check(|out| append_f64(f64::INFINITY, out), "null");
        check(|out| append_f64(f64::NEG_INFINITY, out), "null");
        check(|out| append_f64(f64::NAN, out), "null");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn floats_read_back_the_same_and_agree_with_serde_json(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            let mut buffer = Vec::new();
            append_f64(value, &mut buffer);
            assert_eq!(buffer, serde_json::to_vec(&value).unwrap());
            let text = std::str::from_utf8(&buffer).unwrap();
            assert!(text.len() <= super::FLOAT_LEN);
            if value.is_finite() {
                assert_eq!(text.parse::<f64>().unwrap().to_bits(), bits);
            } else {
                assert_eq!(text, "null");
            }
        }
    }
}
