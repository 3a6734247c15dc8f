//! How many calls a client may make, and the arithmetic of a bucket of tokens in one number.
//!
//! A bucket is known by the moment at which it will be full again. A token taken moves that moment by the time that a token
//! takes to come; a bucket may not owe more than its capacity takes. This is the generic cell rate algorithm (ITU-T I.371,
//! annex A: the virtual scheduling form), which needs no refilling and one word.

use super::clock::nanos;
use std::time::Duration;
use thiserror::Error;

/// Tokens of a bucket: `tokens` come in `every` period, up to `capacity`. A call takes one or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Tokens that come in each period. None at all if 0: then only the `capacity` is there to take, once.
    pub tokens: u32,
    /// The period, above 0.
    pub every: Duration,
    /// Tokens that there are at first and at most, at least 1: how many calls may be made at once.
    pub capacity: u32,
}

/// A quota that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuotaError {
    /// No call would ever be allowed.
    #[error("a bucket without capacity allows no call")]
    NoCapacity,
    /// Tokens would come without end.
    #[error("tokens every 0 s are no limit")]
    NoPeriod,
    /// It would take the bucket more than 292 years to fill.
    #[error("a bucket that takes more than 292 years to fill; hint: 0 tokens if none are to come")]
    TooSlow,
}

impl Quota {
    /// So many tokens a second.
    pub const fn per_second(tokens: u32, capacity: u32) -> Self {
        Self { tokens, every: Duration::from_secs(1), capacity }
    }

    /// Of the jobs of netresearch/ofelia (`core/resilient_job.go`): one a second, ten at once.
    pub const RESILIENT_JOB: Self = Self::per_second(1, 10);
}

/// A quota in nanoseconds. Without tokens to come, time stands still and a token "takes" one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Nanoseconds that a token takes to come, rounded up, so that never more come than should.
    token: u64,
    /// The same of all tokens of a full bucket.
    full: u64,
    is_refilled: bool,
}

/// What a bucket says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Yes; it will be full at this moment then.
    Enough { full_at: u64 },
    /// Not yet: those that lack come in `wait` nanoseconds. Taken in advance, it will be full at this moment.
    Lacking { wait: u64, full_at: u64 },
}

impl Terms {
    pub(super) fn new(quota: Quota) -> Result<Self, QuotaError> {
        if quota.capacity == 0 {
            return Err(QuotaError::NoCapacity);
        }
        if quota.every.is_zero() {
            return Err(QuotaError::NoPeriod);
        }
        let is_refilled = quota.tokens > 0;
        let token = if is_refilled { quota.every.as_nanos().div_ceil(u128::from(quota.tokens)) } else { 1 };
        let full = token.checked_mul(u128::from(quota.capacity)).filter(|full| *full <= i64::MAX as u128);
        let full = full.ok_or(QuotaError::TooSlow)? as u64;
        Ok(Self { token: token as u64, full, is_refilled })
    }

    /// Whether tokens come at all.
    pub(super) fn are_refilled(self) -> bool {
        self.is_refilled
    }

    /// The moment that a reading of the clock stands for.
    #[inline]
    pub(super) fn moment(self, now: Duration) -> u64 {
        if self.is_refilled { nanos(now) } else { 0 }
    }

    /// Asks for `tokens`, at most the capacity, of a bucket that will be full at `full_at`.
    #[inline]
    pub(super) fn ask(self, full_at: u64, now: u64, tokens: u32) -> Answer {
        let full_at = full_at.max(now).saturating_add(self.token * u64::from(tokens));
        let owed = full_at - now;
        // None at all are there even where callers who wait have taken more than there are.
        if owed <= self.full || tokens == 0 {
            Answer::Enough { full_at }
        } else {
            Answer::Lacking { wait: owed - self.full, full_at }
        }
    }

    /// Tokens in a bucket that will be full at `full_at`.
    pub(super) fn available(self, full_at: u64, now: u64) -> u32 {
        let owed = full_at.saturating_sub(now);
        u32::try_from(self.full.saturating_sub(owed) / self.token).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(quota: Quota, expected: QuotaError) {
        assert_eq!(Terms::new(quota).unwrap_err(), expected);
    }

    #[test]
    fn quotas_that_make_no_sense_are_refused() {
        check(Quota::per_second(1, 0), QuotaError::NoCapacity);
        check(Quota { every: Duration::ZERO, ..Quota::RESILIENT_JOB }, QuotaError::NoPeriod);
        check(Quota { tokens: 1, every: Duration::MAX, capacity: u32::MAX }, QuotaError::TooSlow);
        check(Quota { tokens: 1, every: Duration::from_secs(u64::from(u32::MAX)), capacity: 4 }, QuotaError::TooSlow);
    }

    #[track_caller]
    fn asked(quota: Quota, full_at: u64, now: u64, tokens: u32, expected: Answer) {
        assert_eq!(Terms::new(quota).unwrap().ask(full_at, now, tokens), expected);
    }

    #[test]
    fn a_bucket_owes_no_more_than_its_capacity() {
        let ten = Quota::per_second(1_000_000_000, 10);
        asked(ten, 0, 100, 10, Answer::Enough { full_at: 110 });
        asked(ten, 110, 100, 1, Answer::Lacking { wait: 1, full_at: 111 });
        asked(ten, 110, 101, 1, Answer::Enough { full_at: 111 });
        asked(ten, 110, 105, 6, Answer::Lacking { wait: 1, full_at: 116 });
        // Three a second: the third of a second is rounded up.
        asked(Quota::per_second(3, 1), 0, 0, 1, Answer::Enough { full_at: 333_333_334 });
        asked(ten, 120, 100, 0, Answer::Enough { full_at: 120 });
        // Time stands still where no token comes.
        asked(Quota::per_second(0, 2), 0, 0, 2, Answer::Enough { full_at: 2 });
        asked(Quota::per_second(0, 2), 2, 0, 1, Answer::Lacking { wait: 1, full_at: 3 });
    }
}
