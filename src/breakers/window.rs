//! A sliding window: no period of its length, wherever it begins, sees more than so many calls.
//!
//! Take it where a limit must hold for every period, as at a service that counts so itself. Where bursts are fine, a
//! [`TokenBucket`](super::TokenBucket) needs no memory a call and no lock. It remembers when each of the last `limit` calls
//! leaves the window, in a ring made once: 8 bytes a call. A call looks at the oldest only, whatever the limit.

use super::clock::{Clock, Monotonic, nanos};
use crate::sync::{Mutex, MutexGuard};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::PoisonError;
use std::time::Duration;

/// At most so many calls in any period of a length. Share it by reference or `Arc`.
///
/// ```
/// use perfblocks::breakers::{ManualClock, SlidingWindow};
/// use std::{num::NonZeroUsize, time::Duration};
///
/// let clock = ManualClock::default();
/// let window = SlidingWindow::with_clock(NonZeroUsize::MIN, Duration::from_secs(60), &clock);
/// assert_eq!([window.allow(), window.allow()], [true, false]);
/// clock.advance(Duration::from_secs(60));
/// assert!(window.allow());
/// ```
pub struct SlidingWindow<C = Monotonic> {
    ring: Mutex<Ring>,
    length: Duration,
    clock: C,
}

struct Ring {
    /// When each of the last calls leaves the window, in nanoseconds; 0 where there was none. Oldest at `oldest`.
    leave_at: Box<[u64]>,
    oldest: usize,
    /// The latest reading of the clock: readings may reach the lock in another order than they were made.
    now: u64,
}

impl SlidingWindow {
    /// At most `limit` calls in any period of `length`, on the system's monotonic clock.
    pub fn new(limit: NonZeroUsize, length: Duration) -> Self {
        Self::with_clock(limit, length, Monotonic::default())
    }
}

impl<C: Clock> SlidingWindow<C> {
    /// The same by `clock`.
    pub fn with_clock(limit: NonZeroUsize, length: Duration, clock: C) -> Self {
        let ring = Ring { leave_at: vec![0; limit.get()].into(), oldest: 0, now: 0 };
        Self { ring: Mutex::new(ring), length, clock }
    }

    /// Counts a call if it may be made.
    #[inline]
    pub fn allow(&self) -> bool {
        let now = nanos(self.clock.now());
        let mut ring = self.ring();
        ring.now = ring.now.max(now);
        let (now, oldest) = (ring.now, ring.oldest);
        if now < ring.leave_at[oldest] {
            return false;
        }
        ring.leave_at[oldest] = now.saturating_add(nanos(self.length));
        ring.oldest = if oldest + 1 == ring.leave_at.len() { 0 } else { oldest + 1 };
        true
    }

    /// Calls in the window that ends now. Looks at all of them.
    pub fn calls(&self) -> usize {
        let now = nanos(self.clock.now());
        self.ring().leave_at.iter().filter(|leaves_at| **leaves_at > now).count()
    }

    /// No foreign code runs under the lock, so what it guards is whole even after a panic.
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Clock> fmt::Debug for SlidingWindow<C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SlidingWindow")
            .field("length", &self.length)
            .field("calls", &self.calls())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::ManualClock;
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    const LENGTH: Duration = Duration::from_secs(1);

    fn window(clock: &ManualClock, limit: usize) -> SlidingWindow<&ManualClock> {
        SlidingWindow::with_clock(NonZeroUsize::new(limit).unwrap(), LENGTH, clock)
    }

    #[test]
    fn a_call_leaves_the_window_a_length_after_it_was_made() {
        let clock = ManualClock::default();
        let window = window(&clock, 2);
        assert!(window.allow());
        clock.advance(LENGTH / 2);
        assert_eq!([window.allow(), window.allow()], [true, false]);
        clock.advance(LENGTH / 2 - Duration::from_nanos(1));
        assert_eq!((window.calls(), window.allow()), (2, false));
        clock.advance(Duration::from_nanos(1));
        assert_eq!((window.calls(), window.allow(), window.allow()), (1, true, false));
    }

    #[test]
    fn threads_together_get_exactly_the_limit() {
        let clock = ManualClock::default();
        let window = window(&clock, 1000);
        for _ in 0..3 {
            let allowed: usize = std::thread::scope(|scope| {
                let callers: Vec<_> =
                    (0..8).map(|_| scope.spawn(|| (0..500).filter(|_| window.allow()).count())).collect();
                callers.into_iter().map(|caller| caller.join().unwrap()).sum()
            });
            assert_eq!((allowed, window.calls()), (1000, 1000));
            clock.advance(LENGTH);
        }
    }

    proptest! {
        #[test]
        fn it_follows_a_list_of_all_calls(
            limit in 1_usize..5,
            pauses in prop::collection::vec(0_u64..400, 0..200),
        ) {
            let clock = ManualClock::default();
            let window = window(&clock, limit);
            let mut calls: VecDeque<Duration> = VecDeque::new();
            for pause in pauses {
                clock.advance(Duration::from_millis(pause));
                let now = clock.now();
                calls.retain(|call| now - *call < LENGTH);
                let expected = calls.len() < limit;
                if expected {
                    calls.push_back(now);
                }
                prop_assert_eq!(window.allow(), expected);
                prop_assert_eq!(window.calls(), calls.len());
            }
        }
    }
}
