//! The subjects under tango's own harness, as its documentation prescribes.

use gate_subjects::subjects;
use tango_bench::{Benchmark, IntoBenchmarks, benchmark_fn, tango_benchmarks};

fn benchmarks() -> impl IntoBenchmarks {
    let benchmarks = subjects().into_iter().map(|subject| {
        benchmark_fn(subject.name, move |bencher| {
            let work = (subject.prepare)();
            bencher.iter(work)
        })
    });
    benchmarks.collect::<Vec<Benchmark>>()
}

tango_benchmarks!(benchmarks());
