//! What is measured and what came out, as plain values. Pure: imports nothing of ours.

mod key;
mod machine;
mod metric;
mod run;
mod sample;
mod series;

pub use key::{BenchKey, SeriesKey, display_ids, stated_threads};
pub use machine::{Machine, Toolchain};
pub use metric::Metric;
pub use run::{Base, ClaimEvidence, Plan, Revision, Run};
pub use sample::{Pair, Sample, Samples, SamplesError, Side};
pub use series::{CountReading, Evidence, Failure, FailureKind, Series, Throughput};
