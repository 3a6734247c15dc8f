//! The text of a [`Timestamp`]: RFC 3339 in UTC, the fraction of a second without trailing zeros.
//!
//! The text is put together in words of eight bytes, in registers. A day's date is worked out once and kept in a [`KnownDay`]:
//! most stamps lie in the day of the one before.
//!
//! A stamp of another day takes twice as long and more: three divisions by constants that wait for each other (day, century,
//! year) and two look-ups in tables of 3 KB, of which a year of stamps touches all and a day one line.

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
        KnownDay::number(EPOCH_SHIFT as u32)
    }
}

impl KnownDay {
    /// The day of a stamp.
    #[inline(always)]
    pub(super) fn of(stamp: Timestamp) -> KnownDay {
        let seconds = (stamp.seconds() + EPOCH_SHIFT * SECONDS_PER_DAY) as u64;
        KnownDay::number((seconds / SECONDS_PER_DAY as u64) as u32)
    }

    /// The day `n` since 1 March of the year -400.
    ///
    /// Cassio Neri and Lorenz Schneider, "Euclidean affine functions and their application to calendar algorithms",
    /// Software: Practice and Experience 53 (2023), 937-970, section 7, figure 12 (`to_date`), up to the day in the year. From
    /// there on it is looked up: month and day in turn would be the longer half of the way.
    #[inline(always)]
    fn number(n: u32) -> KnownDay {
        let n1 = 4 * n + 3;
        let century = n1 / DAYS_PER_ERA;
        let n2 = (n1 - century * DAYS_PER_ERA) | 3;
        let p2 = u64::from(YEARS) * u64::from(n2);
        let (year_of_century, fraction) = ((p2 >> 32) as u32, p2 as u32);
        // Compared before it is divided, as the digits of the year wait for it.
        let year_of_century = year_of_century + u32::from(fraction >= 4 * YEARS * JANUARY);
        let century = century + u32::from(year_of_century == 100) - 4;
        // None is out of range, which the compiler cannot see.
        let pair = |number: u32| u64::from(PAIRS[number as usize & 127]);
        let month_day = MONTH_DAY[(fraction / (4 * YEARS)).min(365) as usize];
        let year = pair(century) | pair(year_of_century) << 16;
        let midnight = (i64::from(n) - EPOCH_SHIFT) * SECONDS_PER_DAY;
        KnownDay { midnight, year_month: year | month_day << 32, day: month_day >> 32 }
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

/// Days from 1 March of the year -400 to the Unix epoch. No stamp lies before that day, so that numbers are unsigned; the shift
/// by one era of 400 years changes nothing but the year.
const EPOCH_SHIFT: i64 = 719_468 + DAYS_PER_ERA as i64;
const DAYS_PER_ERA: u32 = 146_097;

/// Divides by 1461 / 4, the days of a year, where a fraction of 32 bits is the day in the year: floor(2^32 / 1461) + 1, section 7.
const YEARS: u32 = 2_939_745;

/// The day of a year that begins in March: its last two months belong to the next calendar year.
const JANUARY: u32 = 306;

/// `-03-01`, first byte lowest, and so on for each day of a year that begins in March.
static MONTH_DAY: [u64; 366] = {
    let mut texts = [0; 366];
    let mut day_of_year = 0;
    while day_of_year < 366 {
        let n3 = 2_141 * day_of_year as u32 + 197_913;
        let (month, day) = (n3 >> 16, (n3 & 0xffff) / 2_141 + 1);
        let month = if day_of_year as u32 >= JANUARY { month - 12 } else { month };
        let pairs = pairs_of_digits([0, month, 0, day]);
        texts[day_of_year] = u64::from_le_bytes(*b"-\0\0-\0\0\0\0") | (pairs >> 16 & 0xffff) << 8 | (pairs >> 48) << 32;
        day_of_year += 1;
    }
    texts
};

/// `00` to `99`, first byte lowest; what lies above begins anew, so that 100 is `00`.
static PAIRS: [u16; 128] = {
    let mut texts = [0; 128];
    let mut number = 0;
    while number < 128 {
        texts[number] = pairs_of_digits([(number % 100) as u32, 0, 0, 0]) as u16;
        number += 1;
    }
    texts
};

#[cfg(test)]
mod tests {
    use super::{EPOCH_SHIFT, KnownDay};
    use crate::serialization::Timestamp;
    use proptest::prelude::{ProptestConfig, proptest};

    const FIRST_SECOND: i64 = -62_167_219_200;
    const LAST_SECOND: i64 = 253_402_300_799;

    /// By a calendar that is turned over day by day.
    #[test]
    fn every_day_of_ten_thousand_years_has_its_date() {
        let (mut n, mut date) = ((EPOCH_SHIFT + FIRST_SECOND / 86_400) as u32, (0, 1, 1));
        while date.0 < 10_000 {
            let (year, month, day) = date;
            let digit = |number: u32| b'0' + (number % 10) as u8;
            let pair = |number: u32| [digit(number / 10), digit(number)];
            let ([a, b], [c, d], [e, f], [g, h]) = (pair(year / 100), pair(year), pair(month), pair(day));
            let known = KnownDay::number(n);
            assert_eq!(known.year_month, u64::from_le_bytes([a, b, c, d, b'-', e, f, b'-']), "{date:?}");
            assert_eq!(known.day, u64::from_le_bytes([g, h, 0, 0, 0, 0, 0, 0]), "{date:?}");
            assert_eq!(known.midnight, (i64::from(n) - EPOCH_SHIFT) * 86_400);
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let days = match month {
                2 => 28 + u32::from(is_leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            date = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                _ if day == days => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
            n += 1;
        }
        assert_eq!(i64::from(n), EPOCH_SHIFT + (LAST_SECOND + 1) / 86_400);
    }

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
