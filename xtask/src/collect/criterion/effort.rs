//! How long and where a process measures its benches.

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::super::discovery::Harness;

/// What a process is told for all of its benches. Benches that need another effort get another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effort {
    /// Samples a bench.
    pub samples: u32,
    /// Where its threads may run.
    pub cpus: Cpus,
}

/// Where a bench's threads may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cpus {
    /// One CPU, the same for both sides: a side that waits leaves it warm, and nothing migrates.
    One,
    /// Wherever the system puts them; for benches with threads of their own.
    All,
}

impl Effort {
    /// Criterion's least, for a first look.
    pub const LOOK: Self = Self { samples: 10, cpus: Cpus::All };

    /// Warm-up and measuring time of each bench, in seconds. More buys nothing: what differs between pairs is the process.
    /// Below, parsing and JSON benches get noisier.
    const SECONDS: [&str; 2] = ["0.001", "0.005"];
    /// The same for Criterion before 0.4, which takes whole seconds only.
    const WHOLE_SECONDS: [&str; 2] = ["1", "1"];

    /// What fits a bench whose iteration takes so many nanoseconds: as many samples as 5 ms hold, between 10 and 50. In
    /// three steps only, since benches of one process share the command line.
    pub fn fitting(nanos: f64, cpus: Cpus) -> Self {
        let fitting = 5e6 / nanos;
        let samples = if fitting >= 50.0 {
            50
        } else if fitting >= 20.0 {
            20
        } else {
            10
        };
        Self { samples, cpus }
    }

    /// The command line for benches whose full ids match `filter`.
    pub(in crate::collect) fn arguments(self, filter: &str, harness: Harness) -> Vec<String> {
        let samples = self.samples.to_string();
        let [warm_up, measure] = match harness {
            Harness::Port([0, ..=3, _]) => Self::WHOLE_SECONDS,
            Harness::Port(_) | Harness::Files | Harness::Heap | Harness::Unknown => Self::SECONDS,
        };
        let fixed = ["--bench", "--noplot", "--nresamples", "1001", "--warm-up-time", warm_up];
        let rest = ["--measurement-time", measure, "--sample-size", &samples, filter];
        fixed.into_iter().chain(rest).map(String::from).collect()
    }
}

impl Cpus {
    /// Holds a process there. It has one thread yet; those that it starts inherit the place.
    pub(in crate::collect) fn hold(self, process: u32) -> std::io::Result<()> {
        if self == Self::All {
            return Ok(());
        }
        let allowed = sched_getaffinity(None)?;
        // The last one: interrupts tend to be served by the first.
        let Some(last) = (0..CpuSet::MAX_CPU).rev().find(|&cpu| allowed.is_set(cpu)) else { return Ok(()) };
        let mut one = CpuSet::new();
        one.set(last);
        sched_setaffinity(i32::try_from(process).ok().and_then(Pid::from_raw), &one)?;
        Ok(())
    }
}
