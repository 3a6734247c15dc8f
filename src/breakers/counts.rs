//! What a breaker has seen so far.

use crate::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts since a breaker was made. Exact once no call is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that ran and succeeded, late ones included.
    pub succeeded: u64,
    /// Calls that ran and failed or panicked, late ones included.
    pub failed: u64,
    /// Permits that were given back without a verdict.
    pub cancelled: u64,
    /// Calls rejected because the breaker was open.
    pub rejected_open: u64,
    /// Calls rejected because the trials were taken.
    pub rejected_half_open: u64,
    /// Calls rejected because too many were in flight.
    pub rejected_limit: u64,
    /// Results that came after the state had changed, and were ignored.
    pub late: u64,
    /// How often the breaker opened.
    pub opened: u64,
    /// Time from each opening until the first trial was let in, up to now.
    pub open_time: Duration,
}

/// Something to count. The order is that of the counters in [`Tally`].
#[derive(Clone, Copy)]
pub(super) enum Event {
    Succeeded,
    Failed,
    Cancelled,
    RejectedOpen,
    RejectedHalfOpen,
    RejectedLimit,
    Late,
}

/// The counters of one thread, or of all threads that have no slot.
#[derive(Debug, Default)]
pub(super) struct Tally([AtomicU64; 7]);

impl Tally {
    /// Counts for the only thread that writes here: a load and a store, no read-modify-write.
    #[inline]
    pub(super) fn count_alone(&self, event: Event) {
        let counter = &self.0[event as usize];
        counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Counts where several threads write.
    pub(super) fn count(&self, event: Event) {
        self.0[event as usize].fetch_add(1, Ordering::Relaxed);
    }
}

impl<'a> FromIterator<&'a Tally> for Counts {
    fn from_iter<I: IntoIterator<Item = &'a Tally>>(tallies: I) -> Self {
        let mut sums = [0; 7];
        for tally in tallies {
            for (sum, counter) in sums.iter_mut().zip(&tally.0) {
                *sum += counter.load(Ordering::Relaxed);
            }
        }
        let [succeeded, failed, cancelled, rejected_open, rejected_half_open, rejected_limit, late] = sums;
        Self {
            succeeded,
            failed,
            cancelled,
            rejected_open,
            rejected_half_open,
            rejected_limit,
            late,
            ..Self::default()
        }
    }
}
