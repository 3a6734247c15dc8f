//! The work itself: a chain of steps that wait for each other, as fast as the clock and nothing else.
//!
//! A chase of pointers through half a mebibyte was tried beside it. It follows whoever shares the caches, and its pairs spread two to
//! three times as far.

#![allow(unsafe_code, reason = "assembly, so that the chain is the same whatever compiles it")]

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Steps an iteration: some 80 ns, so that reading the clock is nothing beside a sample.
const STEPS: u64 = 64;

/// Multiplier of Knuth's MMIX generator (The Art of Computer Programming 2, 3.3.4, table 1): odd, so that no bit is lost.
const MULTIPLIER: u64 = 6_364_136_223_846_793_005;

/// The work, and how far it has come.
#[derive(Debug)]
pub struct Chain {
    state: u64,
}

impl Chain {
    /// The same in every process.
    pub fn new() -> Self {
        Self { state: 1 }
    }

    /// Time of so many iterations.
    ///
    /// Never inlined, and ended by `Instant::elapsed`: where a reading of the clock ends a section, turns are handed over.
    #[inline(never)]
    pub fn time(&mut self, iterations: u64) -> Duration {
        let start = Instant::now();
        let state = chain(black_box(self.state), iterations * STEPS);
        let elapsed = start.elapsed();
        self.state = black_box(state);
        elapsed
    }
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

/// Each step waits for the one before: a multiplication and a rotation, four cycles on most processors. In assembly, so that no
/// compiler makes another reference of it.
#[cfg(target_arch = "x86_64")]
fn chain(mut state: u64, steps: u64) -> u64 {
    if steps > 0 {
        // SAFETY: registers alone are read and written, and the loop ends since `steps` is not zero.
        unsafe {
            std::arch::asm!(
                ".p2align 5",
                "2:",
                "imul {state}, {multiplier}",
                "rol {state}, 7",
                "dec {steps}",
                "jnz 2b",
                state = inout(reg) state,
                multiplier = in(reg) MULTIPLIER,
                steps = inout(reg) steps => _,
                options(nomem, nostack, pure),
            );
        }
    }
    state
}

/// The same for 64-bit ARM.
#[cfg(target_arch = "aarch64")]
fn chain(mut state: u64, steps: u64) -> u64 {
    if steps > 0 {
        // SAFETY: registers alone are read and written, and the loop ends since `steps` is not zero.
        unsafe {
            std::arch::asm!(
                ".p2align 5",
                "2:",
                "mul {state}, {state}, {multiplier}",
                "ror {state}, {state}, #57",
                "subs {steps}, {steps}, #1",
                "b.ne 2b",
                state = inout(reg) state,
                multiplier = in(reg) MULTIPLIER,
                steps = inout(reg) steps => _,
                options(nomem, nostack, pure),
            );
        }
    }
    state
}

/// The same in words, for other processors, and to hold the assembly against.
#[cfg_attr(any(target_arch = "x86_64", target_arch = "aarch64"), cfg(test))]
fn chain_in_words(state: u64, steps: u64) -> u64 {
    (0..steps).fold(state, |state, _| state.wrapping_mul(MULTIPLIER).rotate_left(7))
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use chain_in_words as chain;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_does_the_same_on_every_processor() {
        for steps in [0, 1, 2, 63, 1000] {
            assert_eq!(chain(7, steps), chain_in_words(7, steps));
        }
    }

    #[test]
    fn more_iterations_leave_another_state() {
        let (mut one, mut two) = (Chain::new(), Chain::new());
        one.time(1);
        two.time(2);
        assert_ne!(one.state, two.state);
    }
}
