//! Measuring a case: two passes, each with a profiler of its own.
//!
//! ```text
//! profiler on | build | warm-up | N iterations | N iterations | off      totals, live bytes and their slope
//! profiler on | one iteration | off                                       peak
//! ```
//!
//! Totals are read directly before and after each `run` and each drop of an output, so building an input and checking an
//! output are not part of them. The second region of N less the first cancels what happens once. The peak needs a
//! profiler of its own, because dhat's maximum cannot be reset: it is the growth within one warm iteration. A block from
//! before that iteration which it grows counts there with its whole new size.
//!
//! It does not catch panics and does not print.

use crate::Case;
use crate::threads;
use dhat::{HeapStats, Profiler};
use std::collections::BTreeMap;
use std::path::Path;

/// Frames of a backtrace that dhat keeps; the least that it accepts, since nobody reads the sites here.
const FRAMES: usize = 4;

/// What one pass found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) allocations: u64,
    pub(crate) bytes: u64,
    pub(crate) peak_bytes: u64,
    pub(crate) live_bytes: i64,
    /// Growth of the live bytes over the second region, in bytes per `iterations` iterations.
    pub(crate) live_growth: i64,
    pub(crate) threads_before: Option<u64>,
    pub(crate) threads_after: Option<u64>,
    pub(crate) counters: BTreeMap<String, u64>,
}

/// Running totals of the counted parts.
#[derive(Clone, Copy, Default)]
struct Totals {
    blocks: u64,
    bytes: u64,
}

impl Totals {
    /// Runs `part` and adds what it allocated.
    fn count<T>(&mut self, part: impl FnOnce() -> T) -> T {
        let before = HeapStats::get();
        let value = part();
        let after = HeapStats::get();
        self.blocks += after.total_blocks - before.total_blocks;
        self.bytes += after.total_bytes - before.total_bytes;
        value
    }
}

fn profiler() -> Profiler {
    Profiler::builder().testing().trim_backtraces(Some(FRAMES)).build()
}

/// Whether the process allocates through dhat: without the documented line every count would read zero.
pub(crate) fn is_counting() -> bool {
    let _profiler = profiler();
    let before = HeapStats::get().total_blocks;
    drop(std::hint::black_box(Box::new([0_u8; 32])));
    HeapStats::get().total_blocks > before
}

/// Blocks that a region may ask for; dhat takes some microseconds for each.
const REGION_BLOCKS: u64 = 20_000;

/// Fewer would not tell a slope from a step.
const LEAST_ITERATIONS: u32 = 4;

/// Lowers the iterations of a case that asks for many blocks in each. It goes by a count and not by a clock, so that the
/// same code is always measured alike.
pub(crate) fn afford<S, I, O, Build, Input, Run>(case: &mut Case<S, O, Build, Input, Run>)
where
    Build: FnMut() -> S,
    Input: FnMut() -> I,
    Run: FnMut(&mut S, I) -> O,
{
    let threads_before = threads::count();
    let profiler = profiler();
    let mut state = (case.build)();
    let blocks = region(case, &mut state, 1).blocks;
    drop(state);
    drop(profiler);
    threads::settled(threads_before); // a worker on its way out would count as one that was there
    let affordable = u32::try_from(REGION_BLOCKS / blocks.max(1)).unwrap_or(u32::MAX).max(LEAST_ITERATIONS);
    if affordable < case.iterations {
        case.iterations = 1 << affordable.ilog2(); // a power of two, so that a mean over them is exact in binary
        case.warm_up = case.warm_up.min(affordable);
    }
}

/// Iterations over which sites are summed up: enough that what happens every few of them is seen, few enough for large outputs.
pub(crate) const SITE_ITERATIONS: u32 = 16;

/// Frames of a site's backtrace, those that were inlined left out.
const SITE_FRAMES: usize = 32;

/// Runs warm iterations and has dhat write where they allocate. Inputs are made before, outputs dropped behind it; checks, which
/// counting has made, are left out.
pub(crate) fn sites<S, I, O, Build, Input, Run>(case: &mut Case<S, O, Build, Input, Run>, file: &Path)
where
    Build: FnMut() -> S,
    Input: FnMut() -> I,
    Run: FnMut(&mut S, I) -> O,
{
    let mut state = (case.build)();
    for _ in 0..case.warm_up.min(SITE_ITERATIONS) {
        let input = (case.input)();
        drop(std::hint::black_box((case.run)(&mut state, input)));
    }
    let inputs: Vec<I> = (0..SITE_ITERATIONS).map(|_| (case.input)()).collect();
    let profiler = Profiler::builder().file_name(file).trim_backtraces(Some(SITE_FRAMES)).build();
    for input in inputs {
        drop(std::hint::black_box((case.run)(&mut state, input)));
    }
    drop(profiler);
}

/// One pass over a case, with a state of its own.
pub(crate) fn pass<S, I, O, Build, Input, Run>(case: &mut Case<S, O, Build, Input, Run>) -> Pass
where
    Build: FnMut() -> S,
    Input: FnMut() -> I,
    Run: FnMut(&mut S, I) -> O,
{
    let threads_before = threads::count();
    let profiler_of_totals = profiler();
    let mut state = (case.build)();
    region(case, &mut state, case.warm_up);
    let start = live();
    region(case, &mut state, case.iterations);
    let half = live();
    let second = region(case, &mut state, case.iterations);
    let end = live();
    drop(profiler_of_totals);
    let peak_bytes = peak(case, &mut state);
    let counters = (case.counters)(&state).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    drop(state);
    Pass {
        allocations: second.blocks,
        bytes: second.bytes,
        peak_bytes,
        live_bytes: end - start,
        live_growth: end - half,
        threads_before,
        threads_after: threads::settled(threads_before),
        counters,
    }
}

/// Runs each part of a case once, without counting.
pub(crate) fn once<S, I, O, Build, Input, Run>(case: &mut Case<S, O, Build, Input, Run>)
where
    Build: FnMut() -> S,
    Input: FnMut() -> I,
    Run: FnMut(&mut S, I) -> O,
{
    let mut state = (case.build)();
    let output = (case.run)(&mut state, (case.input)());
    (case.check)(&state, &output);
}

fn region<S, I, O, Build, Input, Run>(
    case: &mut Case<S, O, Build, Input, Run>,
    state: &mut S,
    iterations: u32,
) -> Totals
where
    Input: FnMut() -> I,
    Run: FnMut(&mut S, I) -> O,
{
    let mut totals = Totals::default();
    for _ in 0..iterations {
        let input = (case.input)();
        let output = totals.count(|| std::hint::black_box((case.run)(state, input)));
        (case.check)(state, &output);
        totals.count(|| drop(output));
    }
    totals
}

fn peak<S, I, O, Build, Input, Run>(case: &mut Case<S, O, Build, Input, Run>, state: &mut S) -> u64
where
    Input: FnMut() -> I,
    Run: FnMut(&mut S, I) -> O,
{
    let input = (case.input)();
    let profiler = profiler();
    let output = std::hint::black_box((case.run)(state, input));
    let peak = HeapStats::get().max_bytes as u64;
    drop(profiler);
    (case.check)(state, &output);
    peak
}

fn live() -> i64 {
    i64::try_from(HeapStats::get().curr_bytes).expect("no heap holds 8 EiB")
}
