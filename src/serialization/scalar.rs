//! Single values, appended to a buffer as JSON.

use super::cursor::Cursor;
use super::timestamp::{MAX_TEXT_LEN, Timestamp};

/// Longest decimal text of a 64-bit integer: 19 digits and a sign, or 20 digits.
pub(super) const INTEGER_LEN: usize = 20;
/// Longest shortest-round-trip text of an `f64`, such as `-2.2250738585072014e-308`.
pub(super) const FLOAT_LEN: usize = 24;

/// Appends a signed integer, exactly, `i64::MIN` included.
#[inline]
pub fn append_i64(value: i64, buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends an unsigned integer, exactly.
#[inline]
pub fn append_u64(value: u64, buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
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

/// Appends RFC 3339 text in quotes.
#[inline]
pub fn append_timestamp(value: Timestamp, buffer: &mut Vec<u8>) {
    let mut text = [0; MAX_TEXT_LEN + 2];
    let len = quoted_timestamp(value, &mut text);
    buffer.extend_from_slice(&text[..len]);
}

/// Appends text in quotes with its escapes.
pub fn append_string(value: &str, buffer: &mut Vec<u8>) {
    let mut cursor = Cursor::new(buffer);
    cursor.put_string(value);
    cursor.finish();
}

#[inline]
pub(super) fn put_i64(out: &mut Cursor<'_>, value: i64) {
    out.put(itoa::Buffer::new().format(value).as_bytes());
}

#[inline]
pub(super) fn put_u64(out: &mut Cursor<'_>, value: u64) {
    out.put(itoa::Buffer::new().format(value).as_bytes());
}

#[inline]
pub(super) fn put_f64(out: &mut Cursor<'_>, value: f64) {
    if value.is_finite() {
        out.put(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        out.put(b"null");
    }
}

#[inline]
pub(super) fn put_timestamp(out: &mut Cursor<'_>, value: Timestamp) {
    out.put_with(|text| quoted_timestamp(value, text));
}

#[inline]
fn quoted_timestamp(value: Timestamp, text: &mut [u8; MAX_TEXT_LEN + 2]) -> usize {
    text[0] = b'"';
    let inner = text[1..].first_chunk_mut().expect("the quotes stand around the longest text");
    let end = 1 + value.write(inner);
    text[end] = b'"';
    end + 1
}

#[cfg(test)]
mod tests {
    use super::{append_f64, append_i64, append_u64};
    use proptest::prelude::{ProptestConfig, any, proptest};

    #[track_caller]
    fn check(append: impl FnOnce(&mut Vec<u8>), expected: &str) {
        let mut buffer = Vec::new();
        append(&mut buffer);
        assert_eq!(std::str::from_utf8(&buffer).unwrap(), expected);
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
