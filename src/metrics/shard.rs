//! All that one thread records. Memory is asked for when the thread first records something of a kind.

use super::jobs::Jobs;
use super::ledger::Ledger;
use super::limits::Limits;
use super::notice::Notice;
use super::scale::BUCKETS;
use crate::sync::add_alone;
use crate::sync::atomic::{AtomicU64, Ordering};
use std::sync::OnceLock;

/// Of one operation.
pub(super) type Cell = Ledger<BUCKETS>;

/// Plain counters come first in their table: the two that have no name.
pub(super) const SCHEDULED: usize = 0;
/// Falling back from events to asking.
pub(super) const FALLBACKS: usize = 1;
/// The first that has a name.
pub(super) const NAMED: usize = 2;

/// The most operations that are kept apart, [`OTHER`](super::OTHER) included: their places lie in the shard itself, since a table
/// elsewhere would cost each record a load and two branches more.
pub(super) const OPERATIONS: usize = 64;

/// Counters of all kinds, [`OTHER`](super::OTHER) of each included.
pub(super) fn counters(limits: &Limits) -> usize {
    NAMED + [limits.reasons, limits.events, limits.customs].map(|limit| usize::from(limit) + 1).iter().sum::<usize>()
}

#[derive(Debug)]
pub(super) struct Shard {
    pub(super) notice: Notice,
    operations: [Place; OPERATIONS],
    waits: Place,
    counters: OnceLock<Box<[AtomicU64]>>,
    pub(super) jobs: Jobs,
}

type Place = OnceLock<Box<Cell>>;

impl Default for Shard {
    fn default() -> Self {
        Self {
            notice: Notice::default(),
            operations: [const { Place::new() }; OPERATIONS],
            waits: Place::new(),
            counters: OnceLock::new(),
            jobs: Jobs::default(),
        }
    }
}

fn cell(place: &Place) -> &Cell {
    place.get_or_init(Box::default)
}

impl Shard {
    /// For the writer: the books of an operation, new ones the first time; none where the index is beyond the limits.
    #[inline]
    pub(super) fn operation(&self, index: u32) -> Option<&Cell> {
        self.operations.get(index as usize).map(cell)
    }

    /// For the writer: the books of waiting, new ones the first time.
    #[inline]
    pub(super) fn waits(&self) -> &Cell {
        cell(&self.waits)
    }

    /// For the writer: adds to a plain counter; to none where the index is beyond the limits.
    #[inline]
    pub(super) fn add(&self, counter: usize, limits: &Limits, more: u64) {
        if let Some(number) = self.counters(limits).get(counter) {
            add_alone(number, more);
        }
    }

    /// For the reader: what has been recorded of an operation so far.
    #[inline]
    pub(super) fn operation_so_far(&self, index: usize) -> Option<&Cell> {
        Some(self.operations.get(index)?.get()?)
    }

    /// For the reader: what has been recorded of waiting so far.
    pub(super) fn waits_so_far(&self) -> Option<&Cell> {
        Some(self.waits.get()?)
    }

    /// For the reader: adds up the plain counters.
    pub(super) fn add_counters_to(&self, sums: &mut [u64]) {
        let Some(counters) = self.counters.get() else { return };
        for (sum, counter) in sums.iter_mut().zip(counters) {
            *sum = sum.wrapping_add(counter.load(Ordering::Relaxed));
        }
    }

    #[inline]
    fn counters(&self, limits: &Limits) -> &[AtomicU64] {
        self.counters.get_or_init(|| (0..counters(limits)).map(|_| AtomicU64::new(0)).collect())
    }
}

#[cfg(all(test, not(loom), target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use super::Shard;
    use crate::per_thread::{PerThread, THREADS};

    #[test]
    fn the_tables_of_all_threads_take_what_the_documentation_says() {
        assert_eq!(PerThread::<(), Shard>::SLOT_BYTES * THREADS, 72 << 10);
    }
}
