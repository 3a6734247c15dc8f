//! Trying again after a failure that may pass.
//!
//! Take it for failures that are rare and single. Where they last, retries make them worse: put a
//! [`Breaker`](super::Breaker) around it. Only calls that may be made twice may be retried. A call that succeeds at once
//! costs a branch; nothing is random, waits or reads a clock before the first failure.
//!
//! It has no state that threads share: what a call counts lies on its own stack, and the settings never change. So there is no
//! protocol to explore; what the caller's source of randomness shares is the caller's.

use super::backoff::{Backoff, BackoffError};
use std::time::Duration;
use thiserror::Error;

/// Retries with the delays of a [`Backoff`].
///
/// ```
/// use perfblocks::breakers::{Backoff, Retry, SplitMix};
///
/// let random = SplitMix::new(7);
/// let retry = Retry::new(Backoff { jitter: 0.0, ..Backoff::DEFAULT }, || random.next())?;
/// let (mut calls, mut slept) = (0, Vec::new());
/// let third = retry.call(|_: &&str| true, |delay| slept.push(delay.as_secs()), || {
///     calls += 1;
///     if calls < 3 { Err("busy") } else { Ok(calls) }
/// });
/// assert_eq!((third, slept), (Ok(3), vec![1, 2]));
/// # Ok::<(), perfblocks::breakers::BackoffError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Retry<G> {
    backoff: Backoff,
    random: G,
}

/// The last error of a call that was not tried any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("gave up after {attempts} attempts: {error}")]
pub struct GaveUp<E> {
    /// What the last attempt failed with.
    pub error: E,
    /// Attempts that were made.
    pub attempts: u32,
}

impl<G: Fn() -> u64> Retry<G> {
    /// Takes jitter from `random`: any 64 bits, each number as likely as any other.
    ///
    /// # Errors
    /// Nothing could be retried sensibly by `backoff`.
    pub fn new(backoff: Backoff, random: G) -> Result<Self, BackoffError> {
        Ok(Self { backoff: backoff.checked()?, random })
    }

    /// Calls `attempt` until it succeeds, fails with what `is_retryable` denies, or has been called often enough. In between
    /// it waits with `sleep`, which is not called for a delay of 0.
    ///
    /// # Errors
    /// The last attempt failed.
    ///
    /// # Panics
    /// If one of the three does; a panic is not retried.
    #[inline]
    pub fn call<T, E>(
        &self,
        is_retryable: impl FnMut(&E) -> bool,
        sleep: impl FnMut(Duration),
        mut attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, GaveUp<E>> {
        match attempt() {
            Ok(value) => Ok(value),
            Err(error) => self.try_again(error, is_retryable, sleep, attempt),
        }
    }

    #[cold]
    fn try_again<T, E>(
        &self,
        mut error: E,
        mut is_retryable: impl FnMut(&E) -> bool,
        mut sleep: impl FnMut(Duration),
        mut attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, GaveUp<E>> {
        for attempts in 1..self.backoff.attempts {
            if !is_retryable(&error) {
                return Err(GaveUp { error, attempts });
            }
            let delay = self.backoff.delay(attempts, (self.random)());
            if !delay.is_zero() {
                sleep(delay);
            }
            match attempt() {
                Ok(value) => return Ok(value),
                Err(next) => error = next,
            }
        }
        Err(GaveUp { error, attempts: self.backoff.attempts })
    }

    /// The settings that it was made with.
    pub fn backoff(&self) -> Backoff {
        self.backoff
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// Calls that fail with their numbers, counted from 1, until call `succeeds`; errors from `fatal` on are not retryable.
    #[track_caller]
    fn check(succeeds: u32, fatal: u32, expected: Result<u32, GaveUp<u32>>, expected_delays: &[u64]) {
        let retry = Retry::new(Backoff { jitter: 0.0, ..Backoff::DEFAULT }, || 0).unwrap();
        let (mut calls, mut delays) = (0, Vec::new());
        let outcome = retry.call(
            |error| *error < fatal,
            |delay| delays.push(delay.as_secs()),
            || {
                calls += 1;
                if calls == succeeds { Ok(calls) } else { Err(calls) }
            },
        );
        assert_eq!((outcome, delays.as_slice()), (expected, expected_delays));
    }

    #[test]
    fn it_calls_until_success_the_last_attempt_or_an_error_that_stays() {
        check(1, 9, Ok(1), &[]);
        check(2, 9, Ok(2), &[1]);
        check(3, 9, Ok(3), &[1, 2]);
        check(4, 9, Err(GaveUp { error: 3, attempts: 3 }), &[1, 2]);
        check(4, 2, Err(GaveUp { error: 2, attempts: 2 }), &[1]);
        check(4, 1, Err(GaveUp { error: 1, attempts: 1 }), &[]);
        check(4, 3, Err(GaveUp { error: 3, attempts: 3 }), &[1, 2]);
    }

    #[test]
    fn one_attempt_does_not_ask_whether_to_retry() {
        let retry = Retry::new(Backoff { attempts: 1, ..Backoff::DEFAULT }, || 0).unwrap();
        let outcome = retry.call(|()| panic!("not asked"), |_| panic!("no delay"), || Err::<(), _>(()));
        assert_eq!(outcome, Err(GaveUp { error: (), attempts: 1 }));
    }

    #[test]
    fn a_panic_is_not_retried() {
        let retry = Retry::new(Backoff::DEFAULT, || 0).unwrap();
        let mut calls = 0;
        let call = || -> Result<(), ()> {
            calls += 1;
            panic!("on purpose")
        };
        let caught = catch_unwind(AssertUnwindSafe(|| retry.call(|()| true, |_| (), call)));
        assert_eq!((caught.is_err(), calls), (true, 1));
    }
}
