//! All that one thread records. Memory is asked for when the thread first records something of a kind.

use super::jobs::Jobs;
use super::ledger::{Ledger, add_alone};
use super::limits::Limits;
use super::notice::Notice;
use super::scale::BUCKETS;
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

/// Counters of all kinds, [`OTHER`](super::OTHER) of each included.
pub(super) fn counters(limits: &Limits) -> usize {
    NAMED + [limits.reasons, limits.events, limits.customs].map(|limit| usize::from(limit) + 1).iter().sum::<usize>()
}

#[derive(Debug, Default)]
pub(super) struct Shard {
    pub(super) notice: Notice,
    tables: OnceLock<Tables>,
    pub(super) jobs: Jobs,
}

#[derive(Debug)]
struct Tables {
    operations: Box<[Place]>,
    waits: Place,
    counters: Box<[AtomicU64]>,
}

type Place = OnceLock<Box<Cell>>;

impl Tables {
    fn new(limits: &Limits) -> Self {
        let operations = usize::from(limits.operations) + 1;
        Self {
            operations: (0..operations).map(|_| Place::new()).collect(),
            waits: Place::new(),
            counters: (0..counters(limits)).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

fn cell(place: &Place) -> &Cell {
    place.get_or_init(|| Box::new(Cell::new()))
}

impl Shard {
    /// For the writer: the books of an operation; none where the index is beyond the limits.
    #[inline]
    pub(super) fn operation(&self, index: u32, limits: &Limits) -> Option<&Cell> {
        match self.operation_so_far(index as usize) {
            Some(cell) => Some(cell),
            None => self.first_of_operation(index as usize, limits),
        }
    }

    #[cold]
    fn first_of_operation(&self, index: usize, limits: &Limits) -> Option<&Cell> {
        self.tables(limits).operations.get(index).map(cell)
    }

    /// For the writer: the books of waiting.
    pub(super) fn waits(&self, limits: &Limits) -> &Cell {
        cell(&self.tables(limits).waits)
    }

    /// For the writer: adds to a plain counter; to none where the index is beyond the limits.
    #[inline]
    pub(super) fn add(&self, counter: usize, limits: &Limits, more: u64) {
        if let Some(number) = self.tables(limits).counters.get(counter) {
            add_alone(number, more);
        }
    }

    /// For the reader: what has been recorded of an operation so far.
    #[inline]
    pub(super) fn operation_so_far(&self, index: usize) -> Option<&Cell> {
        Some(self.tables.get()?.operations.get(index)?.get()?)
    }

    /// For the reader: what has been recorded of waiting so far.
    pub(super) fn waits_so_far(&self) -> Option<&Cell> {
        Some(self.tables.get()?.waits.get()?)
    }

    /// For the reader: adds up the plain counters.
    pub(super) fn add_counters_to(&self, sums: &mut [u64]) {
        let Some(tables) = self.tables.get() else { return };
        for (sum, counter) in sums.iter_mut().zip(&tables.counters) {
            *sum = sum.wrapping_add(counter.load(Ordering::Relaxed));
        }
    }

    #[inline]
    fn tables(&self, limits: &Limits) -> &Tables {
        self.tables.get_or_init(|| Tables::new(limits))
    }
}
