//! How many results succeeded, and how long they took together.

use crate::serialization::Record;

/// How many results succeeded, and how long they took together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Results that succeeded.
    pub passed: usize,
    /// Results that did not.
    pub failed: usize,
    /// Sum of all durations in nanoseconds; negative ones count as 0, and a sum beyond 584 years as that.
    pub total_ns: u64,
}

impl Tally {
    /// Of `records`.
    pub fn of(records: &[Record]) -> Tally {
        records.iter().fold(Tally::default(), |tally, record| Tally {
            passed: tally.passed + usize::from(record.success),
            failed: tally.failed + usize::from(!record.success),
            total_ns: tally.total_ns.saturating_add(elapsed_ns(record)),
        })
    }
}

/// A duration to show: a clock that went backwards shows as no time at all.
pub(super) fn elapsed_ns(record: &Record) -> u64 {
    record.duration.0.max(0).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use crate::serialization::{Nanos, Record};

    #[track_caller]
    fn check(runs: &[(i64, bool)], expected: (usize, usize, u64)) {
        let records: Vec<Record> = runs
            .iter()
            .map(|&(duration, success)| Record { duration: Nanos(duration), success, ..Record::default() })
            .collect();
        let Tally { passed, failed, total_ns } = Tally::of(&records);
        assert_eq!((passed, failed, total_ns), expected);
    }

    #[test]
    fn counts_and_sums() {
        check(&[], (0, 0, 0));
        check(&[(5, true), (7, false), (-3, true)], (2, 1, 12));
        check(&[(i64::MAX, true); 3], (3, 0, u64::MAX));
    }
}
