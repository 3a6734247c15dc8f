//! The text of a [`Timestamp`]: RFC 3339 in UTC, the fraction of a second without trailing zeros.
//!
//! The text is put together in words of eight bytes, in registers. A day's date is worked out once and kept in a [`KnownDay`]:
//! most stamps lie in the day of the one before.

use super::digits::{ASCII, eight_digits};
use super::timestamp::{SECONDS_PER_DAY, Timestamp};

/// Length in bytes of the longest text, `9999-12-31T23:59:59.999999999Z`.
pub(crate) const MAX_TEXT_LEN: usize = 30;

/// A date and its text, kept from stamp to stamp. Within one day a stamp costs half of what a first one does.
///
/// Where stamps jump between days, it costs what [`append_timestamp`](super::scalar::append_timestamp) does.
///
/// ```
/// use perfblocks::serialization::{KnownDay, Timestamp};
/// let (mut day, mut buffer) = (KnownDay::default(), Vec::new());
/// for second in 0..3 {
///     day.append(Timestamp::from_unix(1_763_000_000 + second, 0)?, &mut buffer);
/// }
/// assert_eq!(buffer, b"\"2025-11-13T02:13:20Z\"\"2025-11-13T02:13:21Z\"\"2025-11-13T02:13:22Z\"");
/// # Ok::<(), perfblocks::serialization::TimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownDay {
    /// Seconds of its midnight since the Unix epoch.
    midnight: i64,
    /// `2025-11-`, first byte lowest.
    year_month: u64,
    /// The two digits of the day, first byte lowest.
    day: u64,
}

impl Default for KnownDay {
    /// The first day of the Unix epoch.
    fn default() -> KnownDay {
        KnownDay::number(0)
    }
}

impl KnownDay {
    /// The day of a stamp.
    #[inline(always)]
    pub(super) const fn of(stamp: Timestamp) -> KnownDay {
        KnownDay::number(stamp.seconds().div_euclid(SECONDS_PER_DAY))
    }

    #[inline(always)]
    const fn number(days: i64) -> KnownDay {
        let (year, month, day) = civil_date(days);
        let pairs = pairs_of_digits([year / 100, year % 100, month, day]);
        let dashes = u64::from_le_bytes(*b"\0\0\0\0-\0\0-");
        let year_month = pairs & 0xffff_ffff | (pairs >> 32 & 0xffff) << 40 | dashes;
        KnownDay { midnight: days * SECONDS_PER_DAY, year_month, day: pairs >> 48 }
    }

    /// Becomes the day of `stamp`, if it is not that already.
    #[inline(always)]
    pub(super) fn move_to(&mut self, stamp: Timestamp) -> KnownDay {
        // As unsigned, a second before midnight is a large one.
        if stamp.seconds().wrapping_sub(self.midnight) as u64 >= SECONDS_PER_DAY as u64 {
            *self = KnownDay::of(stamp);
        }
        *self
    }

    /// The text of a stamp of this day in words of eight bytes, first byte lowest, and its length: 20 bytes, or up to 30 with a
    /// fraction. By value, so that nothing passes through memory.
    #[inline(always)]
    pub(super) fn text(self, stamp: Timestamp) -> ([u64; 4], usize) {
        let second = (stamp.seconds() - self.midnight) as u32;
        let (minute, second) = (second / 60, second % 60);
        let pairs = pairs_of_digits([minute / 60, minute % 60, second, 0]);
        let clock = u64::from_le_bytes(*b"\0\0T\0\0:\0\0");
        let day_hour_minute = self.day | (pairs & 0xffff) << 24 | (pairs >> 16 & 0xffff) << 48 | clock;
        let seconds = u64::from(b':') | (pairs >> 32 & 0xffff) << 8;
        let nanos = stamp.subsecond_nanos();
        if nanos == 0 {
            return ([self.year_month, day_hour_minute, seconds | u64::from(b'Z') << 24, 0], 20);
        }
        let (high, last) = (eight_digits(nanos / 10), u64::from(nanos % 10));
        let (digits, seconds) = (high | ASCII, seconds | u64::from(b'.') << 24);
        if last != 0 {
            let end = (u64::from(b'0') + last) << 32 | u64::from(b'Z') << 40;
            return ([self.year_month, day_hour_minute, seconds | digits << 32, digits >> 32 | end], 30);
        }
        let len = 8 - high.leading_zeros() as usize / 8;
        let fraction = u128::from(digits) & ((1 << (8 * len)) - 1) | u128::from(b'Z') << (8 * len);
        let tail = u128::from(seconds) | fraction << 32;
        ([self.year_month, day_hour_minute, tail as u64, (tail >> 64) as u64], 21 + len)
    }
}

impl Timestamp {
    /// Writes RFC 3339 text to the front of `out` and returns its length: 20 bytes, or up to 30 with a fraction, whose trailing
    /// zeros are trimmed.
    pub(crate) fn write(self, out: &mut [u8; MAX_TEXT_LEN]) -> usize {
        let ([a, b, c, d], len) = KnownDay::of(self).text(self);
        out[..8].copy_from_slice(&a.to_le_bytes());
        out[8..16].copy_from_slice(&b.to_le_bytes());
        out[16..24].copy_from_slice(&c.to_le_bytes());
        out[24..].copy_from_slice(&d.to_le_bytes()[..MAX_TEXT_LEN - 24]);
        len
    }
}

/// Two decimal digits each of four numbers below 100 as text, first byte lowest.
#[inline(always)]
const fn pairs_of_digits(numbers: [u32; 4]) -> u64 {
    let [a, b, c, d] = numbers;
    let numbers = a as u64 | (b as u64) << 16 | (c as u64) << 32 | (d as u64) << 48;
    // 103 / 1024 is 1 / 10 for every number below 179; no product reaches the next sixteen bits.
    let tens = ((numbers * 103) >> 10) & 0x000f_000f_000f_000f;
    (tens | (numbers - tens * 10) << 8) | ASCII
}

/// Year, month and day of a day number counted from the Unix epoch.
///
/// Cassio Neri and Lorenz Schneider, "Euclidean affine functions and their application to calendar algorithms",
/// Software: Practice and Experience 53 (2023), 937-970, section 7, figure 12 (`to_date`). The shift by one era of 400 years keeps
/// January and February of the year 0, which precede the algorithm's own 0000-03-01, in unsigned numbers.
const fn civil_date(days: i64) -> (u32, u32, u32) {
    const DAYS_PER_ERA: i64 = 146_097;
    const EPOCH_SHIFT: i64 = 719_468 + DAYS_PER_ERA;
    let n = (days + EPOCH_SHIFT) as u32;
    let n1 = 4 * n + 3;
    let century = n1 / DAYS_PER_ERA as u32;
    let n2 = (n1 % DAYS_PER_ERA as u32) | 3;
    let p2 = 2_939_745 * n2 as u64;
    let year_of_century = (p2 >> 32) as u32;
    let day_of_year = (p2 as u32) / 2_939_745 / 4;
    let n3 = 2_141 * day_of_year + 197_913;
    let (month, day) = (n3 >> 16, (n3 & 0xffff) / 2_141 + 1);
    // The computational year begins in March, so its last two months belong to the next calendar year.
    let wraps = (day_of_year >= 306) as u32;
    (100 * century + year_of_century + wraps - 400, month - 12 * wraps, day)
}

#[cfg(test)]
mod tests {
    use super::KnownDay;
    use crate::serialization::Timestamp;
    use proptest::prelude::{ProptestConfig, proptest};

    const FIRST_SECOND: i64 = -62_167_219_200;
    const LAST_SECOND: i64 = 253_402_300_799;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn a_known_day_changes_nothing(first in FIRST_SECOND..=LAST_SECOND, step in -200_000i64..200_000, nanos in 0u32..1_000_000_000) {
            let one = Timestamp::from_unix(first, nanos).unwrap();
            let two = Timestamp::from_unix((first + step).clamp(FIRST_SECOND, LAST_SECOND), 0).unwrap();
            let (mut day, mut text) = (KnownDay::default(), Vec::new());
            day.append(one, &mut text);
            day.append(two, &mut text);
            day.append(one, &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), format!("\"{one}\"\"{two}\"\"{one}\""));
        }
    }
}
