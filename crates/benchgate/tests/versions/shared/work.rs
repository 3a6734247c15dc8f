//! What the benches run: work whose amount is known, and an extra share of it that is planted by changing one number.

use std::hint::black_box;

/// Calls beside the 100 of a chunk: 5 are 5 % more work.
pub const EXTRA: u64 = 0;

/// A chunk: 100 dependent calls and the planted ones. The loop's bound is hidden, so that the number changes no code.
#[inline(never)]
pub fn chunk(seed: u64) -> u64 {
    (0..black_box(100 + EXTRA)).fold(seed, |state, _| step(state))
}

/// A chunk of allocations: each is made, written and freed.
#[inline(never)]
pub fn allocations() -> usize {
    (0..black_box(100 + EXTRA)).map(|_| black_box(vec![1_u8; 48]).len()).sum()
}

/// Some nanoseconds of dependent arithmetic.
#[inline(never)]
pub fn step(mut state: u64) -> u64 {
    for _ in 0..8 {
        state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) ^ 0x5bf0_3635;
    }
    state
}
