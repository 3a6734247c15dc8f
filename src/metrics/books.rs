//! The reader's side of a recorder: adds up the shards, and remembers what it had read at the last reset.

use super::histogram::Histogram;
use super::jobs::JobTotals;
use super::ledger::Reading;
use super::limits::Limits;
use super::notice::Notice;
use super::scale::{self, BUCKETS};
use super::shard::{self, Cell};

/// What has been recorded of one operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    pub(super) ok: u64,
    pub(super) failed: u64,
    pub(super) latencies: Histogram,
}

impl Totals {
    fn clear(&mut self) {
        (self.ok, self.failed) = (0, 0);
        self.latencies.clear();
    }

    /// Adds a reading of a thread; its extremes only where they are of this generation.
    fn add(&mut self, reading: &Reading<BUCKETS>, generation: u64) {
        self.ok = self.ok.wrapping_add(reading.ok);
        self.failed = self.failed.wrapping_add(reading.failed);
        let latencies = &mut self.latencies;
        latencies.sum = latencies.sum.wrapping_add(reading.sum);
        for (sum, count) in latencies.buckets.iter_mut().zip(&reading.buckets) {
            *sum = sum.wrapping_add(*count);
        }
        if reading.generation == generation {
            latencies.min = latencies.min.min(reading.min);
            latencies.max = latencies.max.max(reading.max);
        }
    }

    /// Leaves what came after `earlier`.
    fn subtract(&mut self, earlier: &Self) {
        self.ok = self.ok.wrapping_sub(earlier.ok);
        self.failed = self.failed.wrapping_sub(earlier.failed);
        self.latencies.sum = self.latencies.sum.wrapping_sub(earlier.latencies.sum);
        for (count, before) in self.latencies.buckets.iter_mut().zip(earlier.latencies.buckets.iter()) {
            *count = count.wrapping_sub(*before);
        }
    }

    /// Settles what follows from the buckets.
    fn settle(&mut self) {
        let latencies = &mut self.latencies;
        latencies.count = latencies.buckets.iter().sum();
        let bounds_where = |bucket: Option<usize>| bucket.map(scale::bounds);
        let Some(lowest) = bounds_where(latencies.buckets.iter().position(|count| *count > 0)) else { return };
        let Some(highest) = bounds_where(latencies.buckets.iter().rposition(|count| *count > 0)) else { return };
        latencies.min = if is_within(latencies.min, lowest) { latencies.min } else { lowest.0 };
        latencies.max = if is_within(latencies.max, highest) { latencies.max } else { highest.1 };
    }

    /// Adds what came after, so that this is as if read at once.
    fn extend(&mut self, later: &Self) {
        self.ok = self.ok.wrapping_add(later.ok);
        self.failed = self.failed.wrapping_add(later.failed);
        self.latencies.merge(&later.latencies);
    }
}

fn is_within(value: u64, (least, greatest): (u64, u64)) -> bool {
    (least..=greatest).contains(&value)
}

/// What becomes of the books after a reading.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Keep,
    Reset,
}

/// Under one lock, so that there is one reader at a time.
pub(super) struct Books {
    /// Of the last reset, by the index of the operation.
    operations: Vec<Totals>,
    waits: Totals,
    counters: Box<[u64]>,
    /// Room for work, so that reading allocates nothing.
    reading: Box<Reading<BUCKETS>>,
    totals: Totals,
    sums: Box<[u64]>,
    pub(super) jobs: Vec<JobTotals>,
}

impl Books {
    pub(super) fn new(limits: &Limits) -> Self {
        let zeros = vec![0; shard::counters(limits)].into_boxed_slice();
        Self {
            operations: Vec::new(),
            waits: Totals::default(),
            counters: zeros.clone(),
            reading: Box::default(),
            totals: Totals::default(),
            sums: zeros,
            jobs: Vec::new(),
        }
    }

    /// An operation since the last reset.
    pub(super) fn operation<'a>(
        &mut self,
        index: usize,
        cells: impl Iterator<Item = (&'a Notice, &'a Cell)>,
        after: After,
    ) -> &Totals {
        read(&mut self.totals, &mut self.reading, cells);
        if let Some(earlier) = self.operations.get(index) {
            self.totals.subtract(earlier);
        }
        self.totals.settle();
        if after == After::Reset {
            let so_far = self.operations.len().max(index + 1);
            self.operations.resize_with(so_far, Totals::default);
            self.operations[index].extend(&self.totals);
        }
        &self.totals
    }

    /// Waiting since the last reset.
    pub(super) fn waits<'a>(
        &mut self,
        cells: impl Iterator<Item = (&'a Notice, &'a Cell)>,
        after: After,
    ) -> &Histogram {
        read(&mut self.totals, &mut self.reading, cells);
        self.totals.subtract(&self.waits);
        self.totals.settle();
        if after == After::Reset {
            self.waits.extend(&self.totals);
        }
        &self.totals.latencies
    }

    /// Plain counters since the last reset.
    pub(super) fn counters<'a>(&mut self, shards: impl Iterator<Item = &'a shard::Shard>, after: After) -> &[u64] {
        self.sums.fill(0);
        shards.for_each(|shard| shard.add_counters_to(&mut self.sums));
        for (sum, before) in self.sums.iter_mut().zip(&mut self.counters) {
            let now = *sum;
            *sum = now.wrapping_sub(*before);
            if after == After::Reset {
                *before = now;
            }
        }
        &self.sums
    }
}

fn read<'a>(totals: &mut Totals, reading: &mut Reading<BUCKETS>, cells: impl Iterator<Item = (&'a Notice, &'a Cell)>) {
    totals.clear();
    for (notice, cell) in cells {
        cell.read(notice, reading);
        totals.add(reading, notice.generation());
    }
}
