//! Cases that happen once in a process, such as compiling the tables that all share: measured in a process of their own.
//!
//! ```text
//! bench process    starts its own executable with PERFBLOCKS_COLD=<id> and nothing else in the environment
//! child            hands its cases to `Alone`, which runs the one of that id, checks it and prints what it took
//! bench process    takes the child's reading as the iteration's
//! ```
//!
//! The start of the process is not part of the time: the child reads its own clock. It has no preloaded libraries, as they
//! stand in the environment.

use super::case::{Case, Threaded};
use super::harness::Harness;
use super::id::CaseId;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

/// The id of the case that this process is to run alone.
const COLD: &str = "PERFBLOCKS_COLD";

/// A case that is run once, in a process of its own.
pub(crate) struct Cold<O, Run> {
    pub(crate) id: CaseId,
    run: Run,
    check: fn(&O),
}

impl<O, Run: FnOnce() -> O> Cold<O, Run> {
    #[track_caller]
    pub(crate) fn new(id: &str, run: Run) -> Self {
        Self { id: CaseId::new(id), run, check: |_| () }
    }

    /// Looks at the output, in the process that made it, and panics where it is wrong.
    pub(crate) fn check(mut self, check: fn(&O)) -> Self {
        self.check = check;
        self
    }
}

/// What a run took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Time on the child's clock; 0 where the heap was counted instead.
    pub(crate) nanos: u64,
    /// Blocks asked for; 0 where time was measured instead.
    pub(crate) allocations: u64,
    /// Bytes asked for, likewise.
    pub(crate) bytes: u64,
}

/// Runs the case `id` in a process of its own.
///
/// # Panics
/// If the process cannot be started or fails its check.
pub(crate) fn reading(id: &CaseId) -> Reading {
    let this = std::env::current_exe().expect("a bench has an executable");
    let child =
        Command::new(this).env_clear().env(COLD, id.to_string()).output().expect("an executable can be started");
    let text = String::from_utf8_lossy(&child.stdout);
    let numbers: Vec<u64> = text.split_whitespace().map_while(|number| number.parse().ok()).collect();
    match *numbers {
        [nanos, allocations, bytes] if child.status.success() => Reading { nanos, allocations, bytes },
        _ => panic!("`{id}` failed in its own process: {}", String::from_utf8_lossy(&child.stderr)),
    }
}

/// How a child looks at its case: counting the heap would slow it down.
#[derive(Clone, Copy)]
pub(crate) enum Meter {
    /// Time.
    Clock,
    /// Allocations, in an executable that allocates through dhat.
    Heap,
}

/// If this process was started for one case, runs it and ends the process.
pub(crate) fn answer(meter: Meter, cases: impl FnOnce(&mut Alone)) {
    let Ok(id) = std::env::var(COLD) else { return };
    let mut alone = Alone { id, meter, reading: None };
    cases(&mut alone);
    let Reading { nanos, allocations, bytes } = alone.reading.expect("the case is of this bench");
    println!("{nanos} {allocations} {bytes}");
    std::process::exit(0);
}

/// Runs one cold case and no other.
pub(crate) struct Alone {
    id: String,
    meter: Meter,
    reading: Option<Reading>,
}

impl Harness for Alone {
    fn case<S: 'static, I, O: 'static, Build, Input, Run>(&mut self, _case: Case<S, O, Build, Input, Run>)
    where
        Build: FnMut() -> S,
        Input: FnMut() -> I,
        Run: FnMut(&mut S, I) -> O,
    {
    }

    fn threaded<S, O, Build, Run>(&mut self, _case: Threaded<S, Build, Run>)
    where
        S: Send + Sync + 'static,
        Build: Fn() -> S,
        Run: Fn(&S) -> O + Clone + Send + 'static,
    {
    }

    fn cold<O, Run: FnOnce() -> O>(&mut self, case: Cold<O, Run>) {
        if case.id.to_string() != self.id {
            return;
        }
        let (output, reading) = match self.meter {
            Meter::Clock => timed(case.run),
            Meter::Heap => counted(case.run),
        };
        (case.check)(&output);
        self.reading = Some(reading);
    }
}

fn timed<O>(run: impl FnOnce() -> O) -> (O, Reading) {
    let start = Instant::now();
    let output = black_box(run());
    let nanos = u64::try_from(start.elapsed().as_nanos()).expect("no start takes centuries");
    (output, Reading { nanos, allocations: 0, bytes: 0 })
}

fn counted<O>(run: impl FnOnce() -> O) -> (O, Reading) {
    let _profiler = dhat::Profiler::builder().testing().trim_backtraces(Some(4)).build();
    let before = dhat::HeapStats::get();
    let output = black_box(run());
    let after = dhat::HeapStats::get();
    let (allocations, bytes) = (after.total_blocks - before.total_blocks, after.total_bytes - before.total_bytes);
    (output, Reading { nanos: 0, allocations, bytes })
}
