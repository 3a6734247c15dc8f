//! A token bucket: a rate in the long run, and a burst now and then.
//!
//! Take it where calls may come in bursts. Where no period, wherever it begins, may see more than so many calls, take
//! [`SlidingWindow`](super::SlidingWindow). It takes no lock and starts nothing: a call reads the clock and makes one
//! compare-and-swap. Rates above some ten million a second come out low: the time a token takes is in whole nanoseconds.

use super::clock::{Clock, Monotonic};
use super::quota::{Answer, Quota, QuotaError, Terms};
use crate::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use thiserror::Error;

/// A bucket of tokens. Share it by reference or `Arc`.
///
/// ```
/// use perfblocks::breakers::{ManualClock, Quota, TokenBucket};
/// use std::time::Duration;
///
/// let clock = ManualClock::default();
/// let bucket = TokenBucket::with_clock(Quota::per_second(2, 3), &clock)?;
/// assert_eq!([bucket.allow(), bucket.allow(), bucket.allow(), bucket.allow()], [true, true, true, false]);
/// clock.advance(Duration::from_millis(500));
/// assert!(bucket.allow());
/// bucket.wait_n(2, |time| clock.advance(time)).expect("two tokens come within a second");
/// # Ok::<(), perfblocks::breakers::QuotaError>(())
/// ```
#[derive(Debug)]
pub struct TokenBucket<C = Monotonic> {
    /// The moment at which it will be full again; see [`Terms`].
    full_at: AtomicU64,
    terms: Terms,
    quota: Quota,
    clock: C,
}

/// Tokens that can never be had at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokensError {
    /// More than the bucket holds.
    #[error("{asked} tokens of a bucket that holds {capacity}")]
    TooMany {
        /// Tokens asked for.
        asked: u32,
        /// Tokens that it holds.
        capacity: u32,
    },
    /// Too few are left, and no more will come.
    #[error("too few tokens are left, and none will come")]
    Exhausted,
}

impl TokenBucket {
    /// A full bucket on the system's monotonic clock.
    ///
    /// # Errors
    /// The quota makes no sense.
    pub fn new(quota: Quota) -> Result<Self, QuotaError> {
        Self::with_clock(quota, Monotonic::default())
    }
}

impl<C: Clock> TokenBucket<C> {
    /// A full bucket that is refilled by `clock`.
    ///
    /// # Errors
    /// The quota makes no sense.
    pub fn with_clock(quota: Quota, clock: C) -> Result<Self, QuotaError> {
        Ok(Self { full_at: AtomicU64::new(0), terms: Terms::new(quota)?, quota, clock })
    }

    /// Takes a token if there is one.
    #[inline]
    pub fn allow(&self) -> bool {
        self.allow_at(self.clock.now())
    }

    /// The same for a caller that has read the clock.
    #[inline]
    pub(super) fn allow_at(&self, now: Duration) -> bool {
        self.take(now, 1).is_some()
    }

    /// Takes `tokens` if there are so many, else none. None are always there.
    ///
    /// # Errors
    /// The bucket never holds so many.
    pub fn allow_n(&self, tokens: u32) -> Result<bool, TokensError> {
        Ok(self.take(self.clock.now(), self.checked(tokens)?).is_some())
    }

    /// Takes `tokens` in advance and waits with `sleep` until they have come; does not call it if they are there. Callers
    /// are served in the order in which they came.
    ///
    /// # Errors
    /// The bucket never holds so many, or no more come.
    pub fn wait_n(&self, tokens: u32, sleep: impl FnOnce(Duration)) -> Result<(), TokensError> {
        let tokens = self.checked(tokens)?;
        let now = self.clock.now();
        if !self.terms.are_refilled() {
            return self.take(now, tokens).ok_or(TokensError::Exhausted);
        }
        let now = self.terms.moment(now);
        let mut full_at = self.full_at.load(Ordering::Relaxed);
        loop {
            let (wait, next) = match self.terms.ask(full_at, now, tokens) {
                Answer::Enough { full_at } => (0, full_at),
                Answer::Lacking { wait, full_at } => (wait, full_at),
            };
            match self.exchange(full_at, next) {
                Ok(()) if wait == 0 => return Ok(()),
                Ok(()) => {
                    sleep(Duration::from_nanos(wait));
                    return Ok(());
                }
                Err(changed) => full_at = changed,
            }
        }
    }

    /// Tokens that are there; negative amounts, where callers wait, are 0.
    pub fn available(&self) -> u32 {
        self.terms.available(self.full_at.load(Ordering::Relaxed), self.terms.moment(self.clock.now()))
    }

    /// The quota that it was made with.
    pub fn quota(&self) -> Quota {
        self.quota
    }

    fn checked(&self, tokens: u32) -> Result<u32, TokensError> {
        let capacity = self.quota.capacity;
        if tokens > capacity { Err(TokensError::TooMany { asked: tokens, capacity }) } else { Ok(tokens) }
    }

    #[inline]
    fn take(&self, now: Duration, tokens: u32) -> Option<()> {
        let now = self.terms.moment(now);
        let mut full_at = self.full_at.load(Ordering::Relaxed);
        while let Answer::Enough { full_at: next } = self.terms.ask(full_at, now, tokens) {
            match self.exchange(full_at, next) {
                Ok(()) => return Some(()),
                Err(changed) => full_at = changed,
            }
        }
        None
    }

    /// Relaxed: the word guards no memory.
    #[inline]
    fn exchange(&self, full_at: u64, next: u64) -> Result<(), u64> {
        self.full_at.compare_exchange_weak(full_at, next, Ordering::Relaxed, Ordering::Relaxed).map(drop)
    }
}

#[cfg(test)]
mod tests;
