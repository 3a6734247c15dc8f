//! Driving stock Criterion executables, versions 0.3.3 to 0.8, from outside.
//!
//! Criterion connects to `CARGO_CRITERION_PORT` and waits there for a greeting before its first bench, and for leave to
//! continue after each: that is how two live processes are made to take turns bench by bench.

mod files;
mod process;
mod session;
mod wire;

pub(super) use files::results;
pub(super) use process::Process;
pub use process::{Arm, Limits};
pub(super) use session::{Opened, Session, Step};

use crate::model::{Samples, SamplesError, Throughput};

/// A benchmark as Criterion names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Group.
    pub group: String,
    /// Function.
    pub function: Option<String>,
    /// Parameter.
    pub value: Option<String>,
    /// Work an iteration, where stated.
    pub throughput: Option<Throughput>,
}

impl Listed {
    /// Criterion's `full_id`, which its filter is matched against.
    pub(super) fn full_id(&self) -> String {
        let parts = [Some(&self.group), self.function.as_ref(), self.value.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/")
    }

    /// Whether both name the same benchmark, whatever work they state.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.group, &self.function, &self.value) == (&other.group, &other.function, &other.value)
    }
}

/// What one process measured of one benchmark.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    /// Which.
    pub bench: Listed,
    /// Its samples, or why they are none.
    pub samples: Result<Samples, SamplesError>,
}

/// How long and how often a process is to measure each of its benches.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Samples a bench.
    pub samples: u32,
}

impl Effort {
    /// What Criterion does at the least.
    pub const LEAST: Self = Self { samples: 10 };

    /// Warm-up of each bench, in seconds. More buys nothing: what differs between pairs is the process.
    const WARM_UP: &str = "0.001";
    /// Measuring time of each bench, in seconds. Below, parsing and JSON benches get noisier.
    const MEASURE: &str = "0.005";

    /// Samples for a bench whose iteration takes this long: as many as 5 ms hold, within 10 (Criterion's least) and 50.
    pub fn for_iteration(nanos: f64) -> Self {
        let fitting = 5e6 / nanos;
        // Three steps only, since benches of one process share the command line.
        Self {
            samples: if fitting >= 50.0 {
                50
            } else if fitting >= 20.0 {
                20
            } else {
                10
            },
        }
    }

    /// The command line for benches whose full ids match `filter`.
    pub fn arguments(self, filter: &str) -> Vec<String> {
        let samples = self.samples.to_string();
        let fixed = [
            "--bench",
            "--noplot",
            "--nresamples",
            "1001",
            "--warm-up-time",
            Self::WARM_UP,
            "--measurement-time",
            Self::MEASURE,
        ];
        let rest = ["--sample-size", &samples, filter];
        fixed.into_iter().chain(rest).map(String::from).collect()
    }
}

/// A filter that matches exactly these benches.
pub(super) fn filter<'a>(benches: impl IntoIterator<Item = &'a Listed>) -> String {
    let ids: Vec<String> = benches.into_iter().map(|bench| regex::escape(&bench.full_id())).collect();
    format!("^(?:{})$", ids.join("|"))
}

/// A filter that matches nothing: every bench then announces itself as skipped.
pub(super) const NOTHING: &str = "[^\\s\\S]";
