//! What one thread has recorded of jobs. An execution takes milliseconds and more, so this is kept under a lock of the
//! thread's own, which only a snapshot ever contends for; in return all of it is exact over a reset.

use super::keys::{Job, Key};
use super::limits::Limits;
use super::status::Status;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An execution of a job that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// How it ended.
    pub status: Status,
    /// How long it took, in nanoseconds.
    pub took_ns: u64,
    /// When it ended, in nanoseconds since an origin of the caller's: what is later must be greater.
    pub ended_at_ns: u64,
}

/// What is known of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobTotals {
    /// Executions that succeeded.
    pub ok: u64,
    /// Executions that failed.
    pub failed: u64,
    /// All executions together, in nanoseconds; wraps after 584 years.
    pub total_ns: u64,
    /// The shortest, in nanoseconds; none without an execution.
    pub min_ns: Option<u64>,
    /// The longest, in nanoseconds; none without an execution.
    pub max_ns: Option<u64>,
    /// When the last one that succeeded had ended.
    pub last_ok_at_ns: Option<u64>,
    /// When the last one that failed had ended.
    pub last_failed_at_ns: Option<u64>,
    /// Retries that succeeded.
    pub retries_ok: u64,
    /// Retries that failed.
    pub retries_failed: u64,
}

impl JobTotals {
    /// Executions.
    pub fn count(&self) -> u64 {
        self.ok.saturating_add(self.failed)
    }

    /// The mean of all executions, in nanoseconds; none without one.
    pub fn mean_ns(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.total_ns as f64 / self.count() as f64)
    }

    /// When the last execution had ended, however it did.
    pub fn last_at_ns(&self) -> Option<u64> {
        self.last_ok_at_ns.max(self.last_failed_at_ns)
    }

    /// Failures among executions, in percent from 0 to 100; none without one.
    pub fn error_rate_percent(&self) -> Option<f64> {
        super::status::error_rate_percent(self.ok, self.failed)
    }

    fn record(&mut self, execution: Execution) {
        let Execution { status, took_ns, ended_at_ns } = execution;
        let (count, last) = match status {
            Status::Ok => (&mut self.ok, &mut self.last_ok_at_ns),
            Status::Failed => (&mut self.failed, &mut self.last_failed_at_ns),
        };
        *count += 1;
        *last = (*last).max(Some(ended_at_ns));
        self.total_ns = self.total_ns.wrapping_add(took_ns);
        self.min_ns = least(self.min_ns, Some(took_ns));
        self.max_ns = self.max_ns.max(Some(took_ns));
    }

    fn merge(&mut self, other: &Self) {
        self.ok += other.ok;
        self.failed += other.failed;
        self.total_ns = self.total_ns.wrapping_add(other.total_ns);
        self.min_ns = least(self.min_ns, other.min_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        self.last_ok_at_ns = self.last_ok_at_ns.max(other.last_ok_at_ns);
        self.last_failed_at_ns = self.last_failed_at_ns.max(other.last_failed_at_ns);
        self.retries_ok += other.retries_ok;
        self.retries_failed += other.retries_failed;
    }
}

/// The lesser of those that there are.
fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The jobs of one thread, by index.
#[derive(Debug, Default)]
pub(super) struct Jobs(Mutex<Vec<JobTotals>>);

impl Jobs {
    pub(super) fn record(&self, job: Key<Job>, limits: &Limits, execution: Execution) {
        self.change(job, limits, |totals| totals.record(execution));
    }

    pub(super) fn retry(&self, job: Key<Job>, limits: &Limits, status: Status) {
        self.change(job, limits, |totals| match status {
            Status::Ok => totals.retries_ok += 1,
            Status::Failed => totals.retries_failed += 1,
        });
    }

    fn change(&self, job: Key<Job>, limits: &Limits, change: impl FnOnce(&mut JobTotals)) {
        let index = job.index as usize;
        if index > limits.jobs.into() {
            return; // a key of another recorder
        }
        let mut jobs = self.lock();
        if index >= jobs.len() {
            jobs.resize(index + 1, JobTotals::default());
        }
        change(&mut jobs[index]);
    }

    /// Adds the totals to `all`, which grows as needed.
    pub(super) fn add_to(&self, all: &mut Vec<JobTotals>) {
        merge(all, &self.lock());
    }

    /// The same, and forgets them.
    pub(super) fn move_to(&self, all: &mut Vec<JobTotals>) {
        let mut jobs = self.lock();
        merge(all, &jobs);
        jobs.fill(JobTotals::default());
    }

    /// No foreign code runs under the lock, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, Vec<JobTotals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn merge(all: &mut Vec<JobTotals>, jobs: &[JobTotals]) {
    if all.len() < jobs.len() {
        all.resize(jobs.len(), JobTotals::default());
    }
    for (total, job) in all.iter_mut().zip(jobs) {
        total.merge(job);
    }
}
