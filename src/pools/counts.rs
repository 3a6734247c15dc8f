//! What a pool has done so far.
//!
//! It does not compute rates: a caller divides what it cares about.

use crate::sync::add_alone;
use crate::sync::atomic::{AtomicU64, Ordering};

/// Counts since a pool was made. Exact once no call is under way.
///
/// Every value that left a pool came from a hit or a miss; every value that did not come back yet is outstanding:
/// `hits + misses == returned + dropped + rejected + taken + outstanding`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Gets that found a value in the pool.
    pub hits: u64,
    /// Gets that made a fresh value.
    pub misses: u64,
    /// Puts that the pool kept.
    pub returned: u64,
    /// Puts that were freed because both shelves were full.
    pub dropped: u64,
    /// Puts that were freed because the value was outside the limits.
    pub rejected: u64,
    /// Values that a borrower kept with `take`.
    pub taken: u64,
}

/// Something to count.
#[derive(Clone, Copy)]
pub(super) enum Event {
    Hit,
    Miss,
    Returned,
    Dropped,
    Rejected,
    Taken,
}

/// The counters of one thread, or of all threads that have no slot.
#[derive(Debug, Default)]
pub(super) struct Tally([AtomicU64; 6]);

impl Tally {
    /// Counts for the only thread that writes here.
    #[inline]
    pub(super) fn count_alone(&self, event: Event) {
        add_alone(&self.0[event as usize], 1);
    }

    /// Counts where several threads write.
    pub(super) fn count(&self, event: Event) {
        self.0[event as usize].fetch_add(1, Ordering::Relaxed);
    }
}

impl<'a> FromIterator<&'a Tally> for Counts {
    fn from_iter<I: IntoIterator<Item = &'a Tally>>(tallies: I) -> Self {
        let mut sums = [0; 6];
        for tally in tallies {
            for (sum, counter) in sums.iter_mut().zip(&tally.0) {
                *sum += counter.load(Ordering::Relaxed);
            }
        }
        let [hits, misses, returned, dropped, rejected, taken] = sums;
        Self { hits, misses, returned, dropped, rejected, taken }
    }
}
