//! Times that are stored: recordings of a candidate against the reference program.

use std::collections::BTreeMap;

use super::{BenchKey, Conditions, Machine};

/// All recordings of one class of machines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeBaseline {
    /// The machine class.
    pub machine: String,
    /// Marketing name of its CPU.
    pub cpu_name: String,
    /// Which reference program the times are held against; those of another mean nothing beside them.
    pub reference: String,
    /// In the order in which they were made.
    pub recordings: Vec<Recording>,
}

/// One sitting of measuring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Commit; empty where there were changes that are not committed.
    pub commit: String,
    /// Hash over the source files.
    pub tree: String,
    /// First line of `rustc --version`.
    pub rustc: String,
    /// `RUSTFLAGS` and the like.
    pub flags: String,
    /// Operating system and kernel release.
    pub system: String,
    /// Link orders that its pairs are spread over; 1 where all are of the link that cargo made.
    pub links: u32,
    /// What the machine was doing: the mean over all pairs.
    pub conditions: Conditions,
    /// What was recorded of each bench target.
    pub targets: Vec<RecordedTarget>,
}

/// What was recorded of one bench target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordedTarget {
    /// Hash of its machine code, and of what that may read.
    pub code: String,
    /// Its benchmarks.
    pub times: BTreeMap<BenchKey, RecordedTime>,
}

/// What was recorded of one benchmark.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RecordedTime {
    /// Median over the pairs of ln(benchmark / reference), both in nanoseconds an iteration.
    pub value: f64,
    /// Robust standard deviation of one pair, as a logarithm.
    pub spread: f64,
    /// Pairs.
    pub pairs: u32,
}

impl TimeBaseline {
    /// An empty one for this machine.
    pub fn of(machine: &Machine, reference: &str) -> Self {
        Self {
            machine: machine.class(),
            cpu_name: machine.cpu_name.clone(),
            reference: reference.to_owned(),
            recordings: Vec::new(),
        }
    }
}

impl Recording {
    /// What was recorded of a benchmark, with the hash of the code that it was recorded from.
    pub fn time(&self, bench: &BenchKey) -> Option<(&str, RecordedTime)> {
        self.targets.iter().find_map(|target| Some((&*target.code, *target.times.get(bench)?)))
    }

    /// All benchmarks.
    pub fn times(&self) -> impl Iterator<Item = (&BenchKey, &RecordedTime)> {
        self.targets.iter().flat_map(|target| &target.times)
    }
}
