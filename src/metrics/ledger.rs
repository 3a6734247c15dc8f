//! What one thread has recorded of one operation: written without an atomic read-modify-write, read whole.
//!
//! ```text
//!  writer:  begun + 1 | sum, extremes, status | bucket + 1
//!  reader:  copy the buckets | copy the rest | as many begun as there are in buckets? -> whole, else once more
//! ```
//! Whatever the reader has copied of an event, it then finds that event begun; and whatever has its bucket copied had the rest
//! written before. So where both numbers agree, the copy is of just these events. An event costs no store that is not of its
//! own numbers but for `begun`, which a lock of versions would need two of.
//!
//! What limits it: three numbers are added to and two compared with, each as the event before left it. For less one would have to
//! do without the sum and the extremes, or let readers see half an event.
//!
//! Numbers only grow, so a reset writes nothing here: it remembers what it has read, and the next reading is less that. What
//! cannot be subtracted, the extremes, the writer starts anew when it sees a new generation. Events that are recorded while a
//! reset is under way may be counted in the new generation and compared in the old one; a reader that finds the extremes to
//! contradict the buckets takes the bucket's bound, so that they too lie within the error of a bucket.

use super::notice::{Notice, rest};
use super::status::Status;
use crate::sync::add_alone;
use crate::sync::atomic::{AtomicU64, Ordering, fence};
use std::array;

/// Readings that fail before the writer is asked to pause.
const ATTEMPTS: u32 = if cfg!(loom) { 1 } else { 3 };

/// What every event writes stands together, in the order of C.
/// For any number of buckets, so that a model of threads can do with two.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Ledger<const BUCKETS: usize> {
    /// Latencies that are recorded or being recorded.
    begun: AtomicU64,
    /// Of the extremes.
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
pub struct Reading<const BUCKETS: usize> {
    /// Latencies, as many as there are in buckets.
    pub count: u64,
    /// Of the extremes.
    pub generation: u64,
    pub sum: u64,
    pub min: u64,
    pub max: u64,
    pub ok: u64,
    pub failed: u64,
    pub buckets: [u64; BUCKETS],
}

impl<const BUCKETS: usize> Default for Reading<BUCKETS> {
    fn default() -> Self {
        Self { count: 0, generation: 0, sum: 0, min: u64::MAX, max: 0, ok: 0, failed: 0, buckets: [0; BUCKETS] }
    }
}

impl<const BUCKETS: usize> Default for Ledger<BUCKETS> {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            begun: zero(),
            generation: zero(),
            sum: zero(),
            min: AtomicU64::new(u64::MAX),
            max: zero(),
            ok: zero(),
            failed: zero(),
            buckets: array::from_fn(|_| zero()),
        }
    }
}

impl<const BUCKETS: usize> Ledger<BUCKETS> {
    /// Counts an event without a latency. By one thread at a time.
    #[inline]
    pub fn count(&self, status: Status) {
        add_alone(self.counter(status), 1);
    }

    /// Records a latency and, where there is a status, an event; whether there is such a bucket. By one thread at a time, to
    /// which `notice` is addressed.
    #[inline]
    #[must_use]
    pub fn record(&self, notice: &Notice, bucket: usize, ns: u64, status: Option<Status>) -> bool {
        let Some(bucket) = self.buckets.get(bucket) else { return false };
        if notice.word() == self.generation.load(Ordering::Relaxed) {
            self.write(bucket, ns, status, || {});
        } else {
            self.write_on_notice(notice, bucket, ns, status);
        }
        true
    }

    #[cold]
    fn write_on_notice(&self, notice: &Notice, bucket: &AtomicU64, ns: u64, status: Option<Status>) {
        let generation = notice.wait();
        self.write(bucket, ns, status, || {
            if generation != self.generation.load(Ordering::Relaxed) {
                self.generation.store(generation, Ordering::Relaxed);
                self.min.store(u64::MAX, Ordering::Relaxed);
                self.max.store(0, Ordering::Relaxed);
            }
        });
    }

    /// Lets a reader see all of an event, what `before` does included, or nothing.
    #[inline(always)]
    fn write(&self, bucket: &AtomicU64, ns: u64, status: Option<Status>, before: impl FnOnce()) {
        add_alone(&self.begun, 1);
        // Whoever reads a number that is written from here on also finds the event begun.
        fence(Ordering::Release);
        before();
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
        // Last, with all that was written before.
        bucket.store(bucket.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
    }

    #[inline]
    fn counter(&self, status: Status) -> &AtomicU64 {
        match status {
            Status::Ok => &self.ok,
            Status::Failed => &self.failed,
        }
    }

    /// Copies the ledger as it was between two events. By the only reader of `notice`.
    pub fn read(&self, notice: &Notice, reading: &mut Reading<BUCKETS>) {
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
        let load = |number: &AtomicU64| number.load(Ordering::Relaxed);
        reading.count = 0;
        for (copy, count) in reading.buckets.iter_mut().zip(&self.buckets) {
            *copy = load(count);
            reading.count = reading.count.wrapping_add(*copy);
        }
        // What has its bucket copied has the rest copied too.
        fence(Ordering::Acquire);
        reading.generation = load(&self.generation);
        reading.sum = load(&self.sum);
        reading.min = load(&self.min);
        reading.max = load(&self.max);
        reading.ok = load(&self.ok);
        reading.failed = load(&self.failed);
        // What has anything copied is found begun.
        fence(Ordering::Acquire);
        load(&self.begun) == reading.count
    }
}
