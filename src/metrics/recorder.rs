//! The recorder: finds the books of the thread, and reads all of them.

use super::books::{After, Books, Totals};
use super::gauge::{Entered, Gauge};
use super::histogram::{Histogram, LONGEST_NS};
use super::jobs::{Execution, JobTotals};
use super::keys::{Custom, Event, Job, Key, Keys, Operation, Reason};
use super::limits::Limits;
use super::notice::Notice;
use super::scale;
use super::shard::{Cell, FALLBACKS, NAMED, SCHEDULED, Shard};
use super::snapshot::{NamedCount, NamedJob, OperationTotals, Snapshot};
use super::status::Status;
use crate::per_thread::PerThread;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Records operations, jobs and what else happens. Share it by reference or `Arc`.
///
/// See the [module](super) for what it costs and what a reset means.
pub struct Recorder {
    shards: PerThread<(), Shard>,
    /// Of the threads that have no slot; they take turns.
    overflow: Shard,
    overflow_turn: Mutex<()>,
    running: Gauge,
    limits: Limits,
    operations: Keys<Operation>,
    jobs: Keys<Job>,
    reasons: Keys<Reason>,
    events: Keys<Event>,
    customs: Keys<Custom>,
    books: Mutex<Books>,
}

impl Recorder {
    /// An empty recorder.
    pub fn new(limits: Limits) -> Self {
        let events = NAMED + usize::from(limits.reasons) + 1;
        let customs = events + usize::from(limits.events) + 1;
        Self {
            shards: PerThread::new(),
            overflow: Shard::default(),
            overflow_turn: Mutex::new(()),
            running: Gauge::default(),
            limits,
            operations: Keys::new(0, limits.operations.min(Limits::MAX_OPERATIONS)),
            jobs: Keys::new(0, limits.jobs),
            reasons: Keys::new(NAMED, limits.reasons),
            events: Keys::new(events, limits.events),
            customs: Keys::new(customs, limits.customs),
            books: Mutex::new(Books::new(&limits)),
        }
    }

    /// The key of an operation. Look it up once: this takes a lock.
    pub fn operation(&self, name: &str) -> Key<Operation> {
        self.operations.key(name)
    }

    /// The key of a job. Look it up once: this takes a lock.
    pub fn job(&self, name: &str) -> Key<Job> {
        self.jobs.key(name)
    }

    /// The key of a reason to skip a job. Look it up once: this takes a lock.
    pub fn reason(&self, name: &str) -> Key<Reason> {
        self.reasons.key(name)
    }

    /// The key of a kind of container event. Look it up once: this takes a lock.
    pub fn event(&self, name: &str) -> Key<Event> {
        self.events.key(name)
    }

    /// The key of a custom counter. Look it up once: this takes a lock.
    pub fn custom(&self, name: &str) -> Key<Custom> {
        self.customs.key(name)
    }

    /// Counts an operation that has ended.
    #[inline]
    pub fn count(&self, operation: Key<Operation>, status: Status) {
        self.on_shard(|shard| {
            if let Some(cell) = shard.operation(operation.index) {
                cell.count(status);
            }
        });
    }

    /// Records a latency in nanoseconds and counts nothing; one above [`LONGEST_NS`] counts as that.
    #[inline]
    pub fn latency(&self, operation: Key<Operation>, ns: u64) {
        self.record(operation, ns, None);
    }

    /// Counts an operation that has ended, and records its latency in nanoseconds: one event, in a snapshot wholly or not
    /// at all.
    #[inline]
    pub fn ended(&self, operation: Key<Operation>, ns: u64, status: Status) {
        self.record(operation, ns, Some(status));
    }

    /// Records an execution of a job that has ended.
    pub fn executed(&self, job: Key<Job>, execution: Execution) {
        self.on_shard(|shard| shard.jobs.record(job, &self.limits, execution));
    }

    /// Counts a job as running until the guard is dropped.
    #[inline]
    pub fn running(&self) -> Entered<'_> {
        self.running.enter()
    }

    /// Counts a retry of a job.
    pub fn retried(&self, job: Key<Job>, status: Status) {
        self.on_shard(|shard| shard.jobs.retry(job, &self.limits, status));
    }

    /// Counts a job as scheduled.
    #[inline]
    pub fn scheduled(&self) {
        self.on_shard(|shard| shard.add(SCHEDULED, &self.limits, 1));
    }

    /// Counts a job as skipped.
    #[inline]
    pub fn skipped(&self, reason: Key<Reason>) {
        self.on_shard(|shard| shard.add(reason.index as usize, &self.limits, 1));
    }

    /// Records how long a job waited for its turn, in nanoseconds.
    #[inline]
    pub fn waited(&self, ns: u64) {
        self.on_shard(|shard| record(shard.waits(), &shard.notice, ns, None));
    }

    /// Counts an event of a container.
    #[inline]
    pub fn happened(&self, event: Key<Event>) {
        self.on_shard(|shard| shard.add(event.index as usize, &self.limits, 1));
    }

    /// Counts that events were missing and had to be asked for.
    #[inline]
    pub fn fell_back(&self) {
        self.on_shard(|shard| shard.add(FALLBACKS, &self.limits, 1));
    }

    /// Adds to a custom counter, which wraps.
    #[inline]
    pub fn add(&self, custom: Key<Custom>, more: u64) {
        self.on_shard(|shard| shard.add(custom.index as usize, &self.limits, more));
    }

    /// The latency that a share `q` of those of an operation did not exceed, in nanoseconds, within
    /// [`RELATIVE_ERROR`](super::RELATIVE_ERROR); none without data.
    pub fn quantile_ns(&self, operation: Key<Operation>, q: f64) -> Option<u64> {
        self.with_operation(operation, |totals| totals.latencies.quantile_ns(q))
    }

    /// The latencies of an operation since the last reset.
    pub fn latencies(&self, operation: Key<Operation>) -> Histogram {
        self.with_operation(operation, |totals| totals.latencies.clone())
    }

    /// What was recorded since the last reset.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = self.room();
        self.snapshot_into(&mut snapshot);
        snapshot
    }

    /// The same into a snapshot at hand, which allocates nothing once it has held as many names.
    pub fn snapshot_into(&self, snapshot: &mut Snapshot) {
        self.read(snapshot, After::Keep);
    }

    /// What was recorded since the last reset, and a reset: each event is in exactly one such snapshot.
    pub fn take(&self) -> Snapshot {
        let mut snapshot = self.room();
        self.take_into(&mut snapshot);
        snapshot
    }

    /// The same into a snapshot at hand.
    pub fn take_into(&self, snapshot: &mut Snapshot) {
        self.read(snapshot, After::Reset);
    }

    /// Forgets what was recorded. Jobs that run still run, and keys stay what they are.
    pub fn reset(&self) {
        self.read(&mut Snapshot::default(), After::Reset);
    }

    /// The limits that it was made with.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// In place whoever calls: it is all that recording is.
    #[inline(always)]
    fn record(&self, operation: Key<Operation>, ns: u64, status: Option<Status>) {
        if let Some(shard) = self.shards.mine()
            && let Some(cell) = shard.operation_so_far(operation.index as usize)
            && cell.record(&shard.notice, scale::bucket_if_usual(ns), ns, status)
        {
            return;
        }
        self.record_unusual(operation, ns, status);
    }

    /// Where the thread has no books of the operation yet, or shares them, or the latency is zero or too long.
    #[cold]
    fn record_unusual(&self, operation: Key<Operation>, ns: u64, status: Option<Status>) {
        self.on_shard(|shard| {
            if let Some(cell) = shard.operation(operation.index) {
                record(cell, &shard.notice, ns, status);
            }
        });
    }

    /// Hands over a shard in which no other thread writes meanwhile.
    #[inline]
    fn on_shard(&self, work: impl Fn(&Shard)) {
        match self.shards.mine() {
            Some(shard) => work(shard),
            None => self.on_overflow(work),
        }
    }

    #[cold]
    fn on_overflow(&self, work: impl Fn(&Shard)) {
        let _turn = self.overflow_turn.lock().unwrap_or_else(PoisonError::into_inner);
        work(&self.overflow);
    }

    fn with_operation<T>(&self, operation: Key<Operation>, look: impl FnOnce(&Totals) -> T) -> T {
        let index = operation.index as usize;
        look(self.books().operation(index, self.cells(index), After::Keep))
    }

    fn cells(&self, operation: usize) -> impl Iterator<Item = (&Notice, &Cell)> {
        self.shards().filter_map(move |shard| Some((&shard.notice, shard.operation_so_far(operation)?)))
    }

    fn shards(&self) -> impl Iterator<Item = &Shard> {
        self.shards.shared().chain([&self.overflow])
    }

    /// A snapshot with room for all names that there are.
    fn room(&self) -> Snapshot {
        Snapshot {
            operations: Vec::with_capacity(self.operations.len()),
            jobs: Vec::with_capacity(self.jobs.len()),
            skips: Vec::with_capacity(self.reasons.len()),
            events: Vec::with_capacity(self.events.len()),
            customs: Vec::with_capacity(self.customs.len()),
            ..Snapshot::default()
        }
    }

    fn read(&self, snapshot: &mut Snapshot, after: After) {
        let mut books = self.books();
        let Snapshot { operations, jobs, running, waits, scheduled, skips, events, fallbacks, customs } = snapshot;
        operations.clear();
        self.operations.each(|index, name| {
            let Totals { ok, failed, latencies } = books.operation(index, self.cells(index), after);
            let latency = latencies.summary();
            if index > 0 || ok + failed + latency.count > 0 {
                operations.push(OperationTotals { name: name.clone(), ok: *ok, failed: *failed, latency });
            }
        });
        self.read_jobs(&mut books, jobs, after);
        *running = match after {
            After::Keep => self.running.level(),
            After::Reset => self.running.reset(),
        };
        let waiting = self.shards().filter_map(|shard| Some((&shard.notice, shard.waits_so_far()?)));
        *waits = books.waits(waiting, after).summary();
        let counts = books.counters(self.shards(), after);
        *scheduled = counts[SCHEDULED];
        *fallbacks = counts[FALLBACKS];
        pick(&self.reasons, counts, skips);
        pick(&self.events, counts, events);
        pick(&self.customs, counts, customs);
        if after == After::Reset {
            self.shards().for_each(|shard| shard.notice.advance());
        }
    }

    fn read_jobs(&self, books: &mut Books, jobs: &mut Vec<NamedJob>, after: After) {
        jobs.clear();
        books.jobs.fill(JobTotals::default());
        for shard in self.shards() {
            match after {
                After::Keep => shard.jobs.add_to(&mut books.jobs),
                After::Reset => shard.jobs.move_to(&mut books.jobs),
            }
        }
        self.jobs.each(|index, name| {
            let totals = books.jobs.get(index).copied().unwrap_or_default();
            if index > 0 || totals != JobTotals::default() {
                jobs.push(NamedJob { name: name.clone(), totals });
            }
        });
    }

    /// Foreign code never runs under the lock, and a reading starts from nothing, so a poisoned one is whole.
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records any latency; one above [`LONGEST_NS`] as that.
#[inline]
fn record(cell: &Cell, notice: &Notice, ns: u64, status: Option<Status>) {
    let ns = ns.min(LONGEST_NS);
    let is_recorded = cell.record(notice, scale::bucket(ns), ns, status);
    debug_assert!(is_recorded, "the longest latency has a bucket");
}

/// The counts of a family; that of [`OTHER`](super::OTHER), its first, only where there is one.
fn pick<Of>(keys: &Keys<Of>, counts: &[u64], into: &mut Vec<NamedCount>) {
    into.clear();
    let mut is_other = true;
    keys.each(|index, name| {
        let count = counts.get(index).copied().unwrap_or_default();
        if !is_other || count > 0 {
            into.push(NamedCount { name: name.clone(), count });
        }
        is_other = false;
    });
}

impl Default for Recorder {
    /// With the default [`Limits`].
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Recorder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
