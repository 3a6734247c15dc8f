//! How this repository measures, in one place.

use super::heap::Heap;
use super::time::Time;
use benchgate_profile::Sampler;
use criterion::Criterion;
use std::process::ExitCode;

/// The `main` of a time bench. Criterion's defaults; the command line may change them, and may ask for a profile.
pub(crate) fn time(cases: impl FnOnce(&mut Time)) {
    let mut time = Time(Criterion::default().with_profiler(Sampler::new()).configure_from_args());
    cases(&mut time);
    time.0.final_summary();
}

/// The `main` of a heap bench.
pub(crate) fn heap(cases: impl FnOnce(&mut Heap)) -> ExitCode {
    let mut heap = Heap(benchgate_heap::Heap::from_args());
    cases(&mut heap);
    heap.0.finish()
}
