//! What can be measured of a benchmark.

use std::fmt;
use std::str::FromStr;

/// One thing measured of a benchmark. All are costs: more is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// Nanoseconds an iteration.
    Time,
    /// Heap blocks requested an iteration; a reallocation counts as one more block.
    Allocations,
    /// Heap bytes requested an iteration; a reallocation adds its whole new size.
    AllocatedBytes,
    /// Highest number of live heap bytes above the level at the start.
    PeakBytes,
    /// Heap bytes still live at the end, above the level at the start.
    LiveBytes,
    /// Growth of live bytes an iteration, over N and 2N iterations.
    LiveSlope,
    /// Threads at the end above those at the start.
    Threads,
    /// Nanoseconds that a command kept processors busy, in itself and in the system for it, children that it waited for included.
    ProcessorTime,
    /// Most bytes of memory that a command, or one of the children that it waited for, had at once.
    PeakMemory,
}

impl Metric {
    /// All metrics, time first.
    pub const ALL: [Self; 9] = [
        Self::Time,
        Self::Allocations,
        Self::AllocatedBytes,
        Self::PeakBytes,
        Self::LiveBytes,
        Self::LiveSlope,
        Self::Threads,
        Self::ProcessorTime,
        Self::PeakMemory,
    ];

    /// The name used in configuration, tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Allocations => "allocations",
            Self::AllocatedBytes => "bytes",
            Self::PeakBytes => "peak-bytes",
            Self::LiveBytes => "live-bytes",
            Self::LiveSlope => "live-slope",
            Self::Threads => "threads",
            Self::ProcessorTime => "processor-time",
            Self::PeakMemory => "peak-memory",
        }
    }

    /// The unit of its values.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Time | Self::ProcessorTime => "ns/iter",
            Self::Allocations => "allocs/iter",
            Self::AllocatedBytes | Self::LiveSlope => "B/iter",
            Self::PeakBytes | Self::LiveBytes | Self::PeakMemory => "B",
            Self::Threads => "threads",
        }
    }

    /// Counts are compared exactly; everything else by statistics.
    pub fn is_count(self) -> bool {
        !self.is_paired()
    }

    /// Read in pairs of processes and compared by statistics.
    pub fn is_paired(self) -> bool {
        matches!(self, Self::Time | Self::ProcessorTime | Self::PeakMemory)
    }

    /// What is measured of a command.
    pub const OF_COMMANDS: [Self; 3] = [Self::Time, Self::ProcessorTime, Self::PeakMemory];
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|m| m.name() == s).ok_or_else(|| format!("unknown metric `{s}`"))
    }
}
