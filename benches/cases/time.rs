//! The time harness: cases to Criterion. It settles what is built when, and nothing about statistics.

use super::case::{Case, Inputs, Measures, Threaded, Throughput};
use super::cold::{self, Cold};
use super::crew::Crew;
use super::harness::Harness;
use super::id::CaseId;
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion};
use std::hint::black_box;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

/// Set to anything, threaded cases run on all their numbers of threads, not only on those that the machine has cores for.
pub(crate) const ALL_THREADS: &str = "PERFBLOCKS_ALL_THREADS";

/// Times each case.
pub(crate) struct Time(pub(crate) Criterion);

impl Time {
    fn group(&mut self, id: &CaseId) -> (BenchmarkGroup<'_, WallTime>, BenchmarkId) {
        (self.0.benchmark_group(id.group()), BenchmarkId::new(id.operation(), id.param()))
    }
}

impl Harness for Time {
    fn case<S: 'static, I, O: 'static, Build, Input, Run>(&mut self, mut case: Case<S, O, Build, Input, Run>)
    where
        Build: FnMut() -> S,
        Input: FnMut() -> I,
        Run: FnMut(&mut S, I) -> O,
    {
        if case.measures == Measures::Heap || !is_wanted(case.threads) {
            return;
        }
        let (mut group, id) = self.group(&case.id);
        match case.throughput {
            Some(Throughput::Bytes(bytes)) => drop(group.throughput(criterion::Throughput::Bytes(bytes))),
            Some(Throughput::Elements(elements)) => drop(group.throughput(criterion::Throughput::Elements(elements))),
            None => {}
        }
        // Built and checked when the filter admits the case, once for all samples.
        let mut built = None;
        group.bench_function(id, |bencher| {
            let state = built.get_or_insert_with(|| {
                let mut state = (case.build)();
                let output = (case.run)(&mut state, (case.input)());
                (case.check)(&state, &output);
                state
            });
            let run = &mut case.run;
            let input = &mut case.input;
            let batch = match case.inputs {
                Inputs::None => return bencher.iter(|| run(black_box(state), input())),
                Inputs::Small => BatchSize::SmallInput,
                Inputs::Large => BatchSize::LargeInput,
            };
            bencher.iter_batched(&mut *input, |input| run(black_box(state), input), batch);
        });
        group.finish();
    }

    fn threaded<S, O: 'static, Build, Run>(&mut self, case: Threaded<S, Build, Run>)
    where
        S: Send + Sync + 'static,
        Build: Fn() -> S,
        Run: Fn(&S) -> O + Clone + Send + 'static,
    {
        if case.measures == Measures::Heap {
            return;
        }
        for &threads in case.threads.iter().filter(|&&threads| is_wanted(threads)) {
            let (mut group, id) = self.group(&case.id.on_threads(threads));
            let mut crew = None;
            group.bench_function(id, |bencher| {
                let crew = crew.get_or_insert_with(|| {
                    let state = Arc::new((case.build)());
                    let mut crew = Crew::new(threads, Arc::clone(&state), case.run.clone());
                    let iterations = 2 * threads as u64;
                    crew.run(iterations);
                    (case.check)(&state, iterations);
                    crew
                });
                bencher.iter_custom(|iterations| crew.run(iterations));
            });
            group.finish();
        }
    }

    fn cold<O, Run: FnOnce() -> O>(&mut self, case: Cold<O, Run>) {
        let (mut group, id) = self.group(&case.id);
        group.bench_function(id, |bencher| {
            bencher.iter_custom(|iterations| {
                (0..iterations).map(|_| Duration::from_nanos(cold::reading(&case.id).nanos)).sum()
            });
        });
        group.finish();
    }
}

/// Whether the machine has as many cores, or all numbers of threads are asked for.
fn is_wanted(threads: usize) -> bool {
    threads <= available_parallelism().map_or(1, usize::from) || std::env::var_os(ALL_THREADS).is_some()
}
