//! What is measured and what came out, as plain values. Pure: imports nothing of ours.

mod acceptance;
mod build;
mod calibration;
mod command;
mod difference;
mod foreign;
mod health;
mod heap;
mod invocation;
mod key;
mod left_out;
mod machine;
mod members;
mod metric;
mod policy_change;
mod policy_text;
mod profile;
mod recording;
mod run;
mod sample;
mod series;
mod stream;

pub use acceptance::{Acceptance, Ceiling, Granted, Matter, Origin, Permits, Presence, day};
pub use build::{BuildChange, BuildPart, BuildSettings};
pub use calibration::{CalibratedBench, Calibration, Planted, Resampling, Trial, VerdictSeconds};
pub use command::{CommandBench, TARGET, TREE};
pub use difference::{BenchDifference, HarnessChange};
pub use foreign::{ForeignBench, ForeignHarness};
pub use health::{Health, History, Known, Load, Place, Preload, Randomization};
pub use heap::{HeapReading, Uncounted};
pub use invocation::{Invocation, Verb};
pub use key::{BenchKey, SeriesKey, display_ids, stated_threads};
pub use left_out::{Absence, LeftOut};
pub use machine::{Machine, Toolchain};
pub use members::Members;
pub use metric::Metric;
pub use policy_change::PolicyChange;
pub use policy_text::{ClaimFile, PolicyText};
pub use profile::{Profile, Site, Sites, Stack, Stacks, Taken, Unit};
pub use recording::{RecordedTarget, RecordedTime, Recording, TimeBaseline};
pub use run::{Base, ClaimEvidence, Plan, Revision, Run};
pub use sample::{Conditions, Pair, Sample, Samples, SamplesError, Side};
pub use series::{
    Company, Confirmation, CountReading, Evidence, Failure, FailureKind, PairKind, Paired, PastTime, Recorded, Series,
    Throughput,
};
pub use stream::Stream;
