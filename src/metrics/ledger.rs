//! What one thread has recorded of one operation: written without an atomic read-modify-write, read whole.
//!
//! ```text
//!  writer:  version odd | numbers | version even
//!  reader:  version even? | copy | same version? -> a copy between two events, else once more
//! ```
//! Numbers only grow, so a reset writes nothing here: it remembers what it has read, and the next reading is less that. What
//! cannot be subtracted, the extremes, the writer starts anew when it sees a new generation. Events that are recorded while a
//! reset is under way may be counted in the new generation and compared in the old one; a reader that finds the extremes to
//! contradict the buckets takes the bucket's bound, so that they too lie within the error of a bucket.

use super::notice::{Notice, rest};
use super::status::Status;
use crate::sync::atomic::{AtomicU64, Ordering, fence};
use std::array;

/// Readings that fail before the writer is asked to pause.
const ATTEMPTS: u32 = if cfg!(loom) { 1 } else { 3 };

#[derive(Debug)]
pub(super) struct Ledger<const BUCKETS: usize> {
    version: AtomicU64,
    generation: AtomicU64,
    sum: AtomicU64,
    min: AtomicU64,
    max: AtomicU64,
    ok: AtomicU64,
    failed: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

/// A copy of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading<const BUCKETS: usize> {
    /// Of the extremes.
    pub(super) generation: u64,
    pub(super) sum: u64,
    pub(super) min: u64,
    pub(super) max: u64,
    pub(super) ok: u64,
    pub(super) failed: u64,
    pub(super) buckets: [u64; BUCKETS],
}

impl<const BUCKETS: usize> Default for Reading<BUCKETS> {
    fn default() -> Self {
        Self { generation: 0, sum: 0, min: u64::MAX, max: 0, ok: 0, failed: 0, buckets: [0; BUCKETS] }
    }
}

/// Adds for the only thread that writes: a load and a store.
#[inline]
pub(super) fn add_alone(number: &AtomicU64, more: u64) {
    number.store(number.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
}

impl<const BUCKETS: usize> Ledger<BUCKETS> {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            version: zero(),
            generation: zero(),
            sum: zero(),
            min: AtomicU64::new(u64::MAX),
            max: zero(),
            ok: zero(),
            failed: zero(),
            buckets: array::from_fn(|_| zero()),
        }
    }

    /// Counts an event without a latency. By one thread at a time.
    #[inline]
    pub(super) fn count(&self, status: Status) {
        add_alone(self.counter(status), 1);
    }

    /// Records a latency and, where there is a status, an event. By one thread at a time, to which `notice` is addressed.
    #[inline]
    pub(super) fn record(&self, notice: &Notice, bucket: usize, ns: u64, status: Option<Status>) {
        if notice.word() == self.generation.load(Ordering::Relaxed) {
            self.write(|| self.add(bucket, ns, status));
        } else {
            self.record_on_notice(notice, bucket, ns, status);
        }
    }

    #[cold]
    fn record_on_notice(&self, notice: &Notice, bucket: usize, ns: u64, status: Option<Status>) {
        let generation = notice.wait();
        self.write(|| {
            if generation != self.generation.load(Ordering::Relaxed) {
                self.generation.store(generation, Ordering::Relaxed);
                self.min.store(u64::MAX, Ordering::Relaxed);
                self.max.store(0, Ordering::Relaxed);
            }
            self.add(bucket, ns, status);
        });
    }

    /// Lets a reader see all of what `change` does, or nothing.
    #[inline]
    fn write(&self, change: impl FnOnce()) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version.wrapping_add(1), Ordering::Relaxed);
        // Whoever reads a number that is written from here on also finds the version odd or later.
        fence(Ordering::Release);
        change();
        self.version.store(version.wrapping_add(2), Ordering::Release);
    }

    #[inline]
    fn add(&self, bucket: usize, ns: u64, status: Option<Status>) {
        if let Some(count) = self.buckets.get(bucket) {
            add_alone(count, 1);
        }
        add_alone(&self.sum, ns);
        if ns < self.min.load(Ordering::Relaxed) {
            self.min.store(ns, Ordering::Relaxed);
        }
        if ns > self.max.load(Ordering::Relaxed) {
            self.max.store(ns, Ordering::Relaxed);
        }
        if let Some(status) = status {
            self.count(status);
        }
    }

    #[inline]
    fn counter(&self, status: Status) -> &AtomicU64 {
        match status {
            Status::Ok => &self.ok,
            Status::Failed => &self.failed,
        }
    }

    /// Copies the ledger as it was between two events. By the only reader of `notice`.
    pub(super) fn read(&self, notice: &Notice, reading: &mut Reading<BUCKETS>) {
        let mut turn = 0;
        while !self.try_read(reading) {
            turn += 1;
            if turn == ATTEMPTS {
                notice.pause();
            }
            rest(turn);
        }
        if turn >= ATTEMPTS {
            notice.resume();
        }
    }

    fn try_read(&self, reading: &mut Reading<BUCKETS>) -> bool {
        let version = self.version.load(Ordering::Acquire);
        if version % 2 == 1 {
            return false;
        }
        let load = |number: &AtomicU64| number.load(Ordering::Relaxed);
        reading.generation = load(&self.generation);
        reading.sum = load(&self.sum);
        reading.min = load(&self.min);
        reading.max = load(&self.max);
        reading.ok = load(&self.ok);
        reading.failed = load(&self.failed);
        for (copy, count) in reading.buckets.iter_mut().zip(&self.buckets) {
            *copy = load(count);
        }
        // The copy is whole if the version still is what it was before it.
        fence(Ordering::Acquire);
        self.version.load(Ordering::Relaxed) == version
    }
}
