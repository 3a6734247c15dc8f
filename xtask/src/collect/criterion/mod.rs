//! Driving stock Criterion executables, versions 0.3.3 to 0.8, from outside.
//!
//! Criterion connects to `CARGO_CRITERION_PORT` and waits there for a greeting before its first bench, and for leave to
//! continue after each: that is how two live processes are made to take turns bench by bench.

mod effort;
mod files;
mod process;
mod session;
mod wire;

pub use effort::{Cpus, Effort};
pub(super) use files::results;
pub(super) use process::Process;
pub use process::{Arm, Limits};
pub(super) use session::{Opened, Session, Step};

use crate::model::{Samples, SamplesError, Throughput, stated_threads};

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

    /// Threads that it states through a trailing `@tN`.
    pub(super) fn threads(&self) -> u32 {
        stated_threads(self.value.as_deref().or(self.function.as_deref()).unwrap_or(&self.group))
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

/// A filter that matches exactly these benches.
pub(super) fn filter<'a>(benches: impl IntoIterator<Item = &'a Listed>) -> String {
    let ids: Vec<String> = benches.into_iter().map(|bench| regex::escape(&bench.full_id())).collect();
    format!("^(?:{})$", ids.join("|"))
}

/// A filter that matches nothing: every bench then announces itself as skipped.
pub(super) const NOTHING: &str = "[^\\s\\S]";
