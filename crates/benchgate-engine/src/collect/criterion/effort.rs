//! How long, where and in which company a process measures its benches.

use std::io;
use std::sync::OnceLock;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::super::discovery::Harness;
use super::planned::seconds;

/// What a process is told for all of its benches. Benches that need another effort get another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effort {
    /// Samples a bench.
    pub samples: u32,
    /// Iterations a sample; 0 where the harness finds them.
    pub batch: u32,
    /// Where its threads may run.
    pub cpus: Cpus,
    /// How the sides are interleaved.
    pub grain: Grain,
    /// How many times as fast as real time the benches' clock runs, where they are interleaved by turns.
    pub dilation: u32,
}

/// How finely the sides of a pair are interleaved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// Within each bench, a fraction of a millisecond at a time, where the executables can take part.
    Turn,
    /// Bench by bench.
    Bench,
    /// Process by process: one side runs to its end before the other is started.
    Process,
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
    pub const LOOK: Self = Self { samples: 10, batch: 0, cpus: Cpus::All, grain: Grain::Turn, dilation: 1 };

    /// Criterion's least, for a first look at benches of a harness.
    pub fn look(harness: Harness) -> Self {
        Self { dilation: harness.dilation(), ..Self::LOOK }
    }

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
        Self { samples, cpus, ..Self::LOOK }
    }

    /// The same for divan, which gives one number a process: in all 30 ms, so that turns of 2 ms are handed over often enough,
    /// in samples of 0.1 ms, next to which reading the clock is nothing. Left alone, divan takes samples a hundred times as
    /// long as its clock's step, and not the same number of iterations on both sides.
    pub fn fitting_divan(nanos: f64, cpus: Cpus) -> Self {
        let batch = (1e5 / nanos).clamp(1.0, 1e6).log2().floor().exp2();
        let samples = (3e7 / (nanos * batch)).clamp(10.0, 600.0);
        Self { samples: samples as u32, batch: batch as u32, cpus, ..Self::LOOK }
    }

    /// What fits a command that takes so many nanoseconds: as many runs of each side as 50 ms hold, two at least, so that base,
    /// candidate, candidate, base cancel what drifts; one of a command that takes half a second or more.
    pub fn fitting_command(nanos: f64) -> Self {
        let samples = if nanos < 5e8 { (5e7 / nanos).clamp(2.0, 20.0) as u32 } else { 1 };
        Self { samples, grain: Grain::Process, ..Self::LOOK }
    }

    /// Criterion's command line for benches whose full ids match `filter`.
    pub(in crate::collect) fn arguments(self, filter: &str, harness: Harness) -> Vec<String> {
        let samples = self.samples.to_string();
        let [warm_up, measure] = seconds(harness, self.dilation).map(|seconds| seconds.to_string());
        let rest = ["--warm-up-time", &warm_up, "--measurement-time", &measure, "--sample-size", &samples, filter];
        fixed(harness).iter().chain(exact(filter, harness)).copied().chain(rest).map(String::from).collect()
    }
}

/// What makes a filter mean one bench where it is plain text.
fn exact(filter: &str, harness: Harness) -> &'static [&'static str] {
    if harness.filters_plainly() && !filter.is_empty() { &["--exact"] } else { &[] }
}

/// Flags that do not depend on the bench: those only that are needed, in the form that every fork knows. One that connects draws
/// no plots.
fn fixed(harness: Harness) -> &'static [&'static str] {
    match harness {
        Harness::Files => &["--bench", "-n", "--nresamples", "1001"],
        Harness::Deaf(_) | Harness::Port(_) | Harness::Divan | Harness::Heap | Harness::Unknown | Harness::Command => {
            &["--bench", "--nresamples", "1001"]
        }
    }
}

/// The command line for counting the heap of benches whose full ids match `filter`: ten samples of a few iterations tell
/// as much as any others. Their clock runs `dilation` times as fast; `measure` is how long to measure in real seconds, where the
/// usual time will not do.
pub(in crate::collect) fn counting_arguments(
    filter: &str,
    harness: Harness,
    dilation: u32,
    measure: Option<f64>,
) -> Vec<String> {
    let [warm_up, usual] = seconds(harness, dilation);
    let shown = measure.map(|seconds| seconds * f64::from(dilation));
    let measure = shown.map(|seconds| if harness.takes_whole_seconds() { seconds.ceil() } else { seconds });
    let [warm_up, measure] = [warm_up, measure.unwrap_or(usual)].map(|seconds| seconds.to_string());
    let rest = ["--warm-up-time", &warm_up, "--measurement-time", &measure, "--sample-size", "10", filter];
    fixed(harness).iter().chain(exact(filter, harness)).copied().chain(rest).map(String::from).collect()
}

impl Cpus {
    /// Calls `start` in this place, so that a process started by it has its place before it runs, and comes back.
    pub(in crate::collect) fn start<T>(self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let before = sched_getaffinity(None)?;
        let place = match (self, last(allowed())) {
            (Self::One, Some(last)) => only(last),
            (Self::One, None) | (Self::All, _) => *allowed(),
        };
        sched_setaffinity(None, &place)?;
        let started = start();
        sched_setaffinity(None, &before)?;
        started
    }
}

/// Keeps the calling thread, and threads that it starts, off the processor that single-threaded benches run on.
#[derive(Debug)]
pub(in crate::collect) struct Aside;

impl Aside {
    /// From now until it is dropped. Where there is only one processor, nothing changes.
    pub fn step() -> Self {
        let mut rest = *allowed();
        if let Some(last) = last(&rest).filter(|_| rest.count() > 1) {
            rest.unset(last);
            sched_setaffinity(None, &rest).ok(); // a place of its own is worth having, not worth failing for
        }
        Self
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        sched_setaffinity(None, allowed()).ok(); // it was allowed before
    }
}

/// What this program may use: read once, before anything steps aside.
fn allowed() -> &'static CpuSet {
    static ALLOWED: OnceLock<CpuSet> = OnceLock::new();
    ALLOWED.get_or_init(|| sched_getaffinity(None).unwrap_or_default())
}

/// The last one: interrupts tend to be served by the first.
fn last(set: &CpuSet) -> Option<usize> {
    (0..CpuSet::MAX_CPU).rev().find(|&cpu| set.is_set(cpu))
}

fn only(cpu: usize) -> CpuSet {
    let mut one = CpuSet::new();
    one.set(cpu);
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_run_as_often_as_fifty_milliseconds_hold() {
        #[track_caller]
        fn check(nanos: f64, runs: u32) {
            assert_eq!(Effort::fitting_command(nanos).samples, runs);
        }
        check(1e6, 20);
        check(5e6, 10);
        check(1e8, 2);
        check(6e8, 1);
    }

    #[test]
    fn divan_measures_for_thirty_milliseconds_in_samples_of_a_tenth() {
        #[track_caller]
        fn check(nanos: f64, batch: u32, samples: u32) {
            let effort = Effort::fitting_divan(nanos, Cpus::One);
            assert_eq!((effort.batch, effort.samples), (batch, samples));
        }
        check(1000.0, 64, 468);
        check(1.0, 65536, 457);
        check(1e-6, 524_288, 600);
        check(2e5, 1, 150);
        check(1e9, 1, 10);
    }
}
