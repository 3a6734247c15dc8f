//! Four guards in one: a limiter, a bulkhead, a breaker, retries, in this order from the outside.
//!
//! ```text
//! call -> token bucket -> bulkhead -> breaker -> retry -> attempt
//!         Limited         Full        Rejected   Failed
//! ```
//! The cheapest comes first. The breaker judges a call with all its attempts as one, so a failure that a retry heals does
//! not count. A token is gone even where the call is then rejected.
//!
//! Take it for calls to something remote that are worth all of that; take a guard alone where one will do. A call that
//! succeeds costs a clock read, a compare-and-swap and two swaps.

use super::backoff::{Backoff, BackoffError};
use super::breaker::Breaker;
use super::bucket::TokenBucket;
use super::bulkhead::{Bulkhead, Full};
use super::clock::Clock;
use super::outcome::{Outcome, Rejection};
use super::quota::{Quota, QuotaError};
use super::retry::{GaveUp, Retry};
use super::settings::{Settings, SettingsError};
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;
use thiserror::Error;

/// Settings of a [`Stack`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StackSettings {
    /// Of the token bucket.
    pub quota: Quota,
    /// Calls at a time.
    pub slots: NonZeroU32,
    /// Of the breaker.
    pub breaker: Settings,
    /// Of the retries.
    pub backoff: Backoff,
    /// A failure that comes later than this after the call began is not tried again. Neither an attempt that is under way nor
    /// the delay before one is cut short, so that a call may take longer by one of each.
    pub patience: Duration,
}

impl StackSettings {
    /// Those of the jobs of netresearch/ofelia (`core/resilient_job.go`): one a second and ten at once, three at a time, 5
    /// failures and 30 s, 3 attempts from 2 s up to 60 s, 5 minutes.
    pub const RESILIENT_JOB: Self = Self {
        quota: Quota::RESILIENT_JOB,
        slots: NonZeroU32::new(3).expect("above zero"),
        breaker: Settings::RESILIENT_JOB,
        backoff: Backoff::RESILIENT_JOB,
        patience: Duration::from_secs(300),
    };
}

/// Settings under which one of the guards could not work.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum StackSettingsError {
    /// The token bucket.
    #[error(transparent)]
    Quota(#[from] QuotaError),
    /// The breaker.
    #[error(transparent)]
    Breaker(#[from] SettingsError),
    /// The retries.
    #[error(transparent)]
    Backoff(#[from] BackoffError),
}

/// Why a call gave no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StackError<E> {
    /// There was no token; it did not run.
    #[error("too many calls for now")]
    Limited,
    /// There was no slot; it did not run.
    #[error(transparent)]
    Full(#[from] Full),
    /// The breaker did not let it in; it did not run.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It ran and failed.
    #[error(transparent)]
    Failed(#[from] GaveUp<E>),
}

/// The four guards. Share it by reference or `Arc`.
///
/// ```
/// use perfblocks::breakers::{Monotonic, SplitMix, Stack, StackError, StackSettings};
///
/// let random = SplitMix::new(7);
/// let settings = StackSettings::RESILIENT_JOB;
/// let stack = Stack::new(settings, Monotonic::default(), || random.next(), std::thread::sleep)?;
/// for _ in 0..10 {
///     assert_eq!(stack.call(|_| true, || Ok::<_, &str>(7)), Ok(7));
/// }
/// assert_eq!(stack.call(|_| true, || Ok::<_, &str>(7)), Err(StackError::Limited));
/// # Ok::<(), perfblocks::breakers::StackSettingsError>(())
/// ```
pub struct Stack<C, G, Z> {
    bucket: TokenBucket<C>,
    bulkhead: Bulkhead,
    breaker: Breaker<C>,
    retry: Retry<G>,
    patience: Duration,
    sleep: Z,
    clock: C,
}

impl<C: Clock + Clone, G: Fn() -> u64, Z: Fn(Duration)> Stack<C, G, Z> {
    /// Guards by one clock, with jitter from `random` (see [`Retry::new`]) and waiting by `sleep`.
    ///
    /// # Errors
    /// One of the guards could not work.
    pub fn new(settings: StackSettings, clock: C, random: G, sleep: Z) -> Result<Self, StackSettingsError> {
        let StackSettings { quota, slots, breaker, backoff, patience } = settings;
        Ok(Self {
            bucket: TokenBucket::with_clock(quota, clock.clone())?,
            bulkhead: Bulkhead::new(slots),
            breaker: Breaker::with_clock(breaker, clock.clone())?,
            retry: Retry::new(backoff, random)?,
            patience,
            sleep,
            clock,
        })
    }

    /// Runs `attempt` if all guards allow it, and again after failures that `is_retryable`.
    ///
    /// # Errors
    /// It did not run, or its last attempt failed.
    ///
    /// # Panics
    /// If one of the two does; slot and permit are given back, and the breaker counts a failure.
    #[inline]
    pub fn call<T, E>(
        &self,
        mut is_retryable: impl FnMut(&E) -> bool,
        attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, StackError<E>> {
        let began = self.clock.now();
        if !self.bucket.allow_at(began) {
            return Err(StackError::Limited);
        }
        let _slot = self.bulkhead.slot()?;
        let has_time = || self.clock.now().saturating_sub(began) < self.patience;
        let call = || self.retry.call(|error| is_retryable(error) && has_time(), &self.sleep, attempt);
        match self.breaker.call(call) {
            Outcome::Ok(value) => Ok(value),
            Outcome::Failed(error) => Err(StackError::Failed(error)),
            Outcome::Rejected(rejection) => Err(StackError::Rejected(rejection)),
        }
    }

    /// The token bucket, to look at.
    pub fn bucket(&self) -> &TokenBucket<C> {
        &self.bucket
    }

    /// The bulkhead, to look at.
    pub fn bulkhead(&self) -> &Bulkhead {
        &self.bulkhead
    }

    /// The breaker, to look at.
    pub fn breaker(&self) -> &Breaker<C> {
        &self.breaker
    }
}

impl<C: Clock, G, Z> fmt::Debug for Stack<C, G, Z> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket: _, bulkhead, breaker, retry: _, patience, sleep: _, clock: _ } = self;
        out.debug_struct("Stack")
            .field("bulkhead", bulkhead)
            .field("breaker", breaker)
            .field("patience", patience)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
