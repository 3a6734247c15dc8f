//! What was counted of a benchmark's heap, or why nothing was.

use std::collections::BTreeMap;

use super::metric::Metric;
use super::series::{CountReading, Evidence, Failure};

/// What was counted of one benchmark in one process.
#[derive(Clone, Debug, PartialEq)]
pub struct HeapReading {
    /// The counts, by metric.
    pub counts: BTreeMap<Metric, CountReading>,
    /// Named counters of the case, for instance rejects.
    pub counters: BTreeMap<String, CountReading>,
    /// Blocks an iteration that threads other than the bench's asked for, where the counts leave them out; this varies.
    pub other_threads: f64,
}

/// Why nothing was counted of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uncounted {
    /// It gave no result.
    Failed(Failure),
    /// It ran, but its heap cannot be counted.
    Impossible {
        /// Why.
        reason: String,
    },
    /// There was no time for it; another run may have some.
    Late {
        /// Which time was over.
        reason: String,
    },
}

impl Uncounted {
    /// Why, in words.
    pub fn message(&self) -> &str {
        match self {
            Self::Failed(failure) => &failure.message,
            Self::Impossible { reason } | Self::Late { reason } => reason,
        }
    }

    /// What it means for a series that should have been counted.
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Failed(failure) => Evidence::Failed(failure.clone()),
            Self::Impossible { reason } | Self::Late { reason } => Evidence::NotCounted { reason: reason.clone() },
        }
    }
}
