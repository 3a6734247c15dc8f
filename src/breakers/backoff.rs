//! How often a call is tried and how long it waits in between.

use std::time::Duration;
use thiserror::Error;

/// Delays that grow: `initial`, times `factor` after each failure, up to `max`, each made shorter or longer by chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Calls in all, at least 1.
    pub attempts: u32,
    /// Delay before the second attempt.
    pub initial: Duration,
    /// What a delay is multiplied by to get the next, at least 1.
    pub factor: u32,
    /// The longest delay, jitter included.
    pub max: Duration,
    /// Share of a delay by which it is made shorter or longer, from 0 to 1, so that callers that failed together do not
    /// come back together.
    pub jitter: f64,
}

/// Settings under which nothing could be retried sensibly.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum BackoffError {
    /// The call would never be made.
    #[error("0 attempts would never call")]
    NoAttempts,
    /// Delays would vanish after the first.
    #[error("a factor of 0 takes the delay away")]
    Factor,
    /// No share.
    #[error("a jitter of {0} is outside 0 to 1")]
    Jitter(f64),
}

impl Backoff {
    /// The defaults of netresearch/ofelia (`core/resilience.go`): 3 attempts, 1 s, twice as long each time, up to 30 s,
    /// within a tenth.
    pub const DEFAULT: Self =
        Self { attempts: 3, initial: Duration::from_secs(1), factor: 2, max: Duration::from_secs(30), jitter: 0.1 };

    /// Of that program's jobs (`core/resilient_job.go`): from 2 s up to 60 s.
    pub const RESILIENT_JOB: Self =
        Self { initial: Duration::from_secs(2), max: Duration::from_secs(60), ..Self::DEFAULT };

    pub(super) fn checked(self) -> Result<Self, BackoffError> {
        if self.attempts == 0 {
            return Err(BackoffError::NoAttempts);
        }
        if self.factor == 0 {
            return Err(BackoffError::Factor);
        }
        if !(0.0..=1.0).contains(&self.jitter) {
            return Err(BackoffError::Jitter(self.jitter));
        }
        Ok(self)
    }

    /// The delay after so many failures, at least one. `random` is any number, each as likely as any other.
    pub fn delay(&self, failures: u32, random: u64) -> Duration {
        let factor = self.factor.saturating_pow(failures.saturating_sub(1));
        let delay = self.initial.saturating_mul(factor).min(self.max);
        if self.jitter == 0.0 || delay.is_zero() {
            return delay;
        }
        // The upper 53 bits are a fraction that an f64 holds exactly.
        let fraction = (random >> 11) as f64 / (1_u64 << 53) as f64;
        let scaled = delay.as_secs_f64() * (1.0 + self.jitter * (2.0 * fraction - 1.0));
        Duration::try_from_secs_f64(scaled).map_or(self.max, |delay| delay.min(self.max))
    }
}

impl Default for Backoff {
    /// [`Backoff::DEFAULT`].
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::super::SplitMix;
    use super::*;
    use proptest::prelude::*;

    const STEADY: Backoff = Backoff { jitter: 0.0, ..Backoff::DEFAULT };

    #[track_caller]
    fn check(backoff: Backoff, failures: u32, random: u64, expected: Duration) {
        assert_eq!(backoff.delay(failures, random), expected);
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        for (failures, seconds) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30), (u32::MAX, 30)] {
            check(STEADY, failures, 7, Duration::from_secs(seconds));
        }
        check(Backoff { max: Duration::MAX, ..STEADY }, 40, 0, Duration::from_secs(u64::from(u32::MAX)));
        check(Backoff { initial: Duration::ZERO, ..Backoff::DEFAULT }, 3, 7, Duration::ZERO);
    }

    #[test]
    fn jitter_reaches_from_its_share_less_to_its_share_more() {
        check(Backoff::DEFAULT, 1, 0, Duration::from_millis(900));
        check(Backoff::DEFAULT, 1, 1 << 63, Duration::from_secs(1));
        assert!(Backoff::DEFAULT.delay(1, u64::MAX) > Duration::from_nanos(1_099_999_999));
        check(Backoff::DEFAULT, 9, u64::MAX, Duration::from_secs(30));
        check(Backoff { max: Duration::MAX, initial: Duration::MAX, ..Backoff::DEFAULT }, 1, u64::MAX, Duration::MAX);
    }

    #[test]
    fn jitter_is_spread_evenly() {
        let random = SplitMix::new(1);
        let mut tenths = [0_u32; 10];
        for _ in 0..10_000 {
            let offset = Backoff::DEFAULT.delay(1, random.next()) - Duration::from_millis(900);
            tenths[(offset.as_millis() / 20) as usize] += 1;
        }
        // 1000 expected in each; the standard deviation is 30.
        assert!(tenths.iter().all(|count| (850..1150).contains(count)), "{tenths:?}");
    }

    #[track_caller]
    fn check_refused(backoff: Backoff, expected: &str) {
        assert_eq!(backoff.checked().unwrap_err().to_string(), expected);
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        check_refused(Backoff { attempts: 0, ..STEADY }, "0 attempts would never call");
        check_refused(Backoff { factor: 0, ..STEADY }, "a factor of 0 takes the delay away");
        check_refused(Backoff { jitter: 1.5, ..STEADY }, "a jitter of 1.5 is outside 0 to 1");
        check_refused(Backoff { jitter: f64::NAN, ..STEADY }, "a jitter of NaN is outside 0 to 1");
    }

    proptest! {
        #[test]
        fn no_delay_is_longer_than_the_longest(
            failures in any::<u32>(),
            random in any::<u64>(),
            jitter in 0.0..=1.0,
            factor in 1_u32..9,
        ) {
            let backoff = Backoff { jitter, factor, ..Backoff::DEFAULT };
            prop_assert!(backoff.delay(failures, random) <= backoff.max);
        }
    }
}
