//! How runs went: counts, the mean, the slowest, and what failed how often.
//!
//! Memory is bounded by the ten slowest runs and by the number of distinct errors, never by the number of runs.

use super::success_rate::percent;
use crate::serialization::Record;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How many of the slowest runs are kept.
pub const SLOWEST: usize = 10;
/// Distinct errors that are counted by name; further ones count together as `other`.
pub const MAX_ERRORS: usize = 256;

/// Counts runs; shared by threads.
#[derive(Debug)]
pub struct CloudAnalytics {
    bucket: PathBuf,
    totals: Mutex<Summary>,
}

/// What has been counted so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// Runs that succeeded.
    pub passed: u64,
    /// Runs that did not.
    pub failed: u64,
    /// Sum of all durations in nanoseconds; negative ones count as 0.
    pub total_ns: u128,
    /// The slowest runs, slowest first: duration in nanoseconds and name.
    pub slowest: Vec<(i64, String)>,
    /// Number of failures by error text.
    pub errors: BTreeMap<String, u64>,
}

impl Summary {
    /// Percentage of runs that succeeded, 0 when there were none.
    pub fn success_percent(&self) -> f64 {
        percent(self.passed, self.passed + self.failed)
    }

    /// Mean duration in milliseconds, 0 when there were no runs.
    pub fn mean_ms(&self) -> f64 {
        match self.passed + self.failed {
            0 => 0.0,
            runs => self.total_ns as f64 / runs as f64 / 1e6,
        }
    }

    fn add(&mut self, record: &Record) {
        let duration = record.duration.0.max(0);
        self.total_ns += u128::from(duration.unsigned_abs());
        if record.success {
            self.passed += 1;
        } else {
            self.failed += 1;
            *self.errors.entry(self.error_name(&record.error).to_owned()).or_default() += 1;
        }
        let place = self.slowest.partition_point(|(slower, _)| *slower >= duration);
        if place < SLOWEST {
            self.slowest.truncate(SLOWEST - 1);
            self.slowest.insert(place, (duration, record.app_name.clone()));
        }
    }

    fn error_name<'e>(&self, error: &'e str) -> &'e str {
        if self.errors.len() < MAX_ERRORS || self.errors.contains_key(error) { error } else { "other" }
    }
}

impl CloudAnalytics {
    /// Analytics of the runs whose artifacts are in `bucket`.
    pub fn new(bucket: &Path) -> CloudAnalytics {
        CloudAnalytics { bucket: bucket.to_owned(), totals: Mutex::default() }
    }

    /// Counts a run.
    pub fn record(&self, record: &Record) {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner).add(record);
    }

    /// What has been counted so far.
    pub fn summary(&self) -> Summary {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where the artifacts are.
    pub fn bucket(&self) -> &Path {
        &self.bucket
    }

    pub(super) fn memory_usage(&self) -> usize {
        let totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let names: usize = totals.slowest.iter().map(|(_, name)| name.capacity()).sum();
        let errors: usize = totals.errors.keys().map(|error| error.capacity() + size_of::<(String, u64)>()).sum();
        self.bucket.capacity() + totals.slowest.capacity() * size_of::<(i64, String)>() + names + errors
    }
}

#[cfg(test)]
mod tests {
    use super::{CloudAnalytics, MAX_ERRORS, SLOWEST};
    use crate::serialization::{Nanos, Record};
    use std::path::Path;

    fn run(duration_ms: i64, error: &str) -> Record {
        Record {
            app_name: format!("run {duration_ms}"),
            duration: Nanos(duration_ms * 1_000_000),
            success: error.is_empty(),
            error: error.to_owned(),
            ..Record::default()
        }
    }

    #[track_caller]
    fn check(runs: &[Record], percent: f64, mean_ms: f64) {
        let analytics = CloudAnalytics::new(Path::new("bucket"));
        runs.iter().for_each(|run| analytics.record(run));
        let summary = analytics.summary();
        assert_eq!((summary.success_percent(), summary.mean_ms()), (percent, mean_ms));
        let mut slowest: Vec<i64> = runs.iter().map(|run| run.duration.0.max(0)).collect();
        slowest.sort_unstable_by(|a, b| b.cmp(a));
        slowest.truncate(SLOWEST);
        assert_eq!(summary.slowest.iter().map(|(duration, _)| *duration).collect::<Vec<_>>(), slowest);
    }

    #[test]
    fn counts_means_and_the_slowest() {
        check(&[], 0.0, 0.0);
        check(&[run(10, ""), run(20, "x"), run(30, ""), run(0, "")], 75.0, 15.0);
        check(&[run(-5, ""), run(7, "x")], 50.0, 3.5);
        check(&(0..50).map(|index| run(index * 37 % 50, "")).collect::<Vec<_>>(), 100.0, 24.5);
    }

    #[test]
    fn distinct_errors_are_bounded_and_none_is_lost() {
        let analytics = CloudAnalytics::new(Path::new("bucket"));
        (0..1000).for_each(|index| analytics.record(&run(1, &format!("error {index}"))));
        analytics.record(&run(1, "error 3"));
        let errors = analytics.summary().errors;
        assert_eq!(errors.len(), MAX_ERRORS + 1);
        assert_eq!((errors["error 3"], errors["other"]), (2, 1000 - MAX_ERRORS as u64));
    }
}
