//! The cases, in divan's words.

use std::hint::black_box;

use cases::{allocations, chunk};

fn main() {
    divan::main();
}

#[divan::bench]
fn arithmetic() -> u64 {
    chunk(black_box(7))
}

#[divan::bench]
fn batched(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(|| vec![7_u64; 8]).bench_values(|seeds| chunk(seeds[3]));
}

#[divan::bench]
fn allocating() -> usize {
    allocations()
}
