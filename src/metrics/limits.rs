//! How many names a recorder keeps apart.

use super::shard::OPERATIONS;

/// The most names of each kind; further ones are counted together as [`OTHER`](super::OTHER).
///
/// Memory follows use: 12 KB for each operation and thread that records latencies of it, 100 B for each job and thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations, each with a histogram; at most [`Limits::MAX_OPERATIONS`] whatever this says.
    pub operations: u16,
    /// Jobs.
    pub jobs: u16,
    /// Reasons to skip a job.
    pub reasons: u16,
    /// Kinds of container events.
    pub events: u16,
    /// Custom counters.
    pub customs: u16,
}

impl Limits {
    /// The most operations that a recorder can keep apart.
    pub const MAX_OPERATIONS: u16 = OPERATIONS as u16 - 1;
}

impl Default for Limits {
    /// Many times what netresearch/ofelia has: 5 types of operations, some dozens of jobs, a handful of the rest.
    fn default() -> Self {
        Self { operations: Self::MAX_OPERATIONS, jobs: 1024, reasons: 32, events: 32, customs: 128 }
    }
}
