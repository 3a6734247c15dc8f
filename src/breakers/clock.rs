//! The clock that a breaker measures recovery by.

use crate::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Time that never goes back, since an origin of the clock's own.
pub trait Clock {
    /// Now.
    fn now(&self) -> Duration;
}

/// Nanoseconds of a time since a clock's origin; it stops at 584 years.
#[inline]
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The system's monotonic clock, since it was made.
#[derive(Clone, Copy, Debug)]
pub struct Monotonic {
    origin: Instant,
}

impl Default for Monotonic {
    fn default() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Clock for Monotonic {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}

/// A clock that stands still until it is told to advance: for tests and for benches of recovery.
#[derive(Debug, Default)]
pub struct ManualClock {
    nanos: AtomicU64,
}

impl ManualClock {
    /// Moves the clock forward; it stops at 584 years.
    pub fn advance(&self, by: Duration) {
        self.nanos
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| Some(now.saturating_add(nanos(by))))
            .expect("the update always gives a value");
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> Duration {
        (**self).now()
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Duration {
        (**self).now()
    }
}
