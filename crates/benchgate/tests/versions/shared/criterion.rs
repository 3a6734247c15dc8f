//! The cases, in the words that every Criterion from 0.3 on understands.

use std::hint::black_box;

use cases::{allocations, chunk};
use criterion::{criterion_group, criterion_main, BatchSize, Criterion};

fn cases(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cases");
    group.bench_function("arithmetic", |b| b.iter(|| chunk(black_box(7))));
    group.bench_function("batched", |b| b.iter_batched(|| vec![7_u64; 8], |seeds| chunk(seeds[3]), BatchSize::SmallInput));
    group.bench_function("allocating", |b| b.iter(allocations));
    group.finish();
}

criterion_group!(benches, cases);
criterion_main!(benches);
