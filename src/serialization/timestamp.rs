//! Points in time and spans of time as JSON carries them: RFC 3339 in UTC, and integer nanoseconds.
//!
//! It does not read the clock, knows no time zones and no leap seconds.

use super::rfc3339::MAX_TEXT_LEN;
use serde::{Serialize, Serializer};

/// Seconds of `0000-01-01T00:00:00Z` before the Unix epoch: 719 528 days.
const FIRST_SECOND: i64 = -719_528 * SECONDS_PER_DAY;
/// Seconds of `9999-12-31T23:59:59Z` after the Unix epoch; RFC 3339 has four-digit years only.
const LAST_SECOND: i64 = 253_402_300_799;
pub(super) const SECONDS_PER_DAY: i64 = 86_400;
const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// Why a pair of seconds and nanoseconds is no [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// RFC 3339 writes the years 0000 to 9999 only.
    #[error("`{seconds}` seconds since the Unix epoch lie outside the years 0000 to 9999")]
    Year {
        /// The seconds that were given.
        seconds: i64,
    },
    /// A second has a thousand million nanoseconds.
    #[error("`{nanos}` nanoseconds are a second or more, expected at most 999999999")]
    Nanos {
        /// The nanoseconds that were given.
        nanos: u32,
    },
}

/// A point in time in UTC, to the nanosecond, within the years 0000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Timestamp = Timestamp { seconds: 0, nanos: 0 };

    /// From whole seconds since the Unix epoch, and nanoseconds into that second (counted forwards, also before the epoch).
    ///
    /// # Errors
    /// When the year has not four digits or `nanos` is a second or more.
    ///
    /// ```
    /// use perfblocks::serialization::Timestamp;
    /// let stamp = Timestamp::from_unix(1_763_000_000, 250_000_000)?;
    /// assert_eq!(stamp.to_string(), "2025-11-13T02:13:20.25Z");
    /// # Ok::<(), perfblocks::serialization::TimestampError>(())
    /// ```
    pub const fn from_unix(seconds: i64, nanos: u32) -> Result<Timestamp, TimestampError> {
        if seconds < FIRST_SECOND || seconds > LAST_SECOND {
            return Err(TimestampError::Year { seconds });
        }
        if nanos >= NANOS_PER_SECOND {
            return Err(TimestampError::Nanos { nanos });
        }
        Ok(Timestamp { seconds, nanos })
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds into the second.
    pub const fn subsecond_nanos(self) -> u32 {
        self.nanos
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = [0; MAX_TEXT_LEN];
        let len = self.write(&mut text);
        f.pad(std::str::from_utf8(&text[..len]).expect("digits and punctuation are ASCII"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; MAX_TEXT_LEN];
        let len = self.write(&mut text);
        serializer.serialize_str(std::str::from_utf8(&text[..len]).expect("digits and punctuation are ASCII"))
    }
}

/// A span of time in nanoseconds; negative when the clock went backwards. JSON has it as an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Nanos(pub i64);

#[cfg(test)]
mod tests {
    use super::{FIRST_SECOND, LAST_SECOND, Timestamp, TimestampError};
    use proptest::prelude::{ProptestConfig, proptest};

    #[track_caller]
    fn check(seconds: i64, nanos: u32, expected: &str) {
        assert_eq!(Timestamp::from_unix(seconds, nanos).unwrap().to_string(), expected);
    }

    #[test]
    fn text_is_rfc_3339_with_a_trimmed_fraction() {
        check(0, 0, "1970-01-01T00:00:00Z");
        check(0, 1, "1970-01-01T00:00:00.000000001Z");
        check(0, 100_000_000, "1970-01-01T00:00:00.1Z");
        check(0, 999_999_999, "1970-01-01T00:00:00.999999999Z");
        check(-1, 999_000_000, "1969-12-31T23:59:59.999Z");
        check(951_782_400, 0, "2000-02-29T00:00:00Z");
        check(951_868_800, 10_000, "2000-03-01T00:00:00.00001Z");
        check(4_107_542_399, 0, "2100-02-28T23:59:59Z");
        check(4_107_542_400, 0, "2100-03-01T00:00:00Z");
        check(FIRST_SECOND, 0, "0000-01-01T00:00:00Z");
        check(LAST_SECOND, 999_999_999, "9999-12-31T23:59:59.999999999Z");
    }

    #[test]
    fn five_digit_years_and_long_seconds_are_refused() {
        let year = |seconds| Err(TimestampError::Year { seconds });
        assert_eq!(Timestamp::from_unix(LAST_SECOND + 1, 0), year(LAST_SECOND + 1));
        assert_eq!(Timestamp::from_unix(FIRST_SECOND - 1, 0), year(FIRST_SECOND - 1));
        assert_eq!(Timestamp::from_unix(0, 1_000_000_000), Err(TimestampError::Nanos { nanos: 1_000_000_000 }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        /// jiff's range ends a little inside year 9999, so the last days stay to the table above.
        #[test]
        fn agrees_with_jiff(seconds in FIRST_SECOND..=253_402_200_000, nanos in 0u32..1_000_000_000, keep in 0u32..=9) {
            let nanos = nanos - nanos % 10u32.pow(9 - keep);
            let expected = jiff::Timestamp::new(seconds, 0).unwrap() + jiff::SignedDuration::from_nanos(i64::from(nanos));
            assert_eq!(Timestamp::from_unix(seconds, nanos).unwrap().to_string(), expected.to_string());
        }
    }
}
