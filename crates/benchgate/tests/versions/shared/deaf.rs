//! The cases, in a `main` that keeps the command line from Criterion.

use std::hint::black_box;

use cases::{allocations, chunk};
use criterion::{BatchSize, Criterion};

fn main() {
    let mut criterion = Criterion::default();
    let mut group = criterion.benchmark_group("cases");
    group.bench_function("arithmetic", |b| b.iter(|| chunk(black_box(7))));
    group.bench_function("batched", |b| b.iter_batched(|| vec![7_u64; 8], |seeds| chunk(seeds[3]), BatchSize::SmallInput));
    group.bench_function("allocating", |b| b.iter(allocations));
    group.finish();
    criterion.final_summary();
}
