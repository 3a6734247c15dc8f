//! Counters that threads do not slow each other down by: each counts for itself, and who asks adds up.

use crate::per_thread::PerThread;
use crate::sync::add_alone;
use crate::sync::atomic::{AtomicU64, Ordering};
use std::array;

/// `N` counters. Their sums are exact once nobody counts.
pub(super) struct Tallies<const N: usize> {
    of_threads: PerThread<(), Tally<N>>,
    /// Of the threads that have no slot.
    overflow: Tally<N>,
}

impl<const N: usize> Tallies<N> {
    pub(super) fn new() -> Self {
        Self { of_threads: PerThread::new(), overflow: Tally::default() }
    }

    /// Adds one to the counter at `index`.
    #[inline]
    pub(super) fn count(&self, index: usize) {
        if self.of_threads.with(|(), tally| add_alone(&tally.0[index], 1)).is_none() {
            self.overflow.0[index].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn sums(&self) -> [u64; N] {
        let mut sums = [0; N];
        for tally in self.of_threads.shared().chain([&self.overflow]) {
            for (sum, counter) in sums.iter_mut().zip(&tally.0) {
                *sum += counter.load(Ordering::Relaxed);
            }
        }
        sums
    }
}

struct Tally<const N: usize>([AtomicU64; N]);

impl<const N: usize> Default for Tally<N> {
    fn default() -> Self {
        Self(array::from_fn(|_| AtomicU64::new(0)))
    }
}
