//! The work itself, one step at a time: what nothing but the clock rate and the caches can change.

#![allow(unsafe_code, reason = "assembly, so that the chain is the same whatever compiles it")]

use std::hint::black_box;
use std::time::{Duration, Instant};

/// A fixed piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Dependent multiplications: as fast as the clock, whatever the caches hold.
    Chain,
    /// Dependent loads through a random cycle of [`PLACES`] cache lines: what is shared with others makes it slower.
    Chase,
}

/// Steps an iteration: 50 to 500 ns, so that reading the clock is nothing beside a sample.
const STEPS: u64 = 64;

/// Lines of 64 bytes that the chase goes through: half a mebibyte, more than a first-level cache holds and less than a second.
pub const PLACES: usize = 8192;

/// Multiplier of Knuth's MMIX generator (The Art of Computer Programming 2, 3.3.4, table 1): odd, so that no bit is lost.
const MULTIPLIER: u64 = 6_364_136_223_846_793_005;

/// One line of the cycle.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Place {
    next: usize,
}

/// Work with the memory that it needs.
#[derive(Debug)]
pub struct Worker {
    cycle: Vec<Place>,
    state: u64,
}

impl Worker {
    /// Lays the cycle out; it is the same in every process.
    pub fn new(work: Work) -> Self {
        let cycle = match work {
            Work::Chain => Vec::new(),
            Work::Chase => cycle(PLACES),
        };
        Self { cycle, state: 1 }
    }

    /// Time of so many iterations.
    ///
    /// Never inlined, and ended by `Instant::elapsed`: where a reading of the clock ends a section, turns are handed over.
    #[inline(never)]
    pub fn time(&mut self, iterations: u64) -> Duration {
        let start = Instant::now();
        let state = match self.cycle.is_empty() {
            true => chain(black_box(self.state), iterations * STEPS),
            false => chase(&self.cycle, black_box(self.state), iterations * STEPS),
        };
        let elapsed = start.elapsed();
        self.state = black_box(state);
        elapsed
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

/// Each load's address is what the one before has loaded.
fn chase(cycle: &[Place], state: u64, steps: u64) -> u64 {
    let mut at = state as usize % cycle.len();
    for _ in 0..steps {
        at = cycle[at].next;
    }
    at as u64
}

/// One cycle through all places in an order that no prefetcher guesses (Sattolo 1986).
fn cycle(places: usize) -> Vec<Place> {
    let mut order: Vec<usize> = (0..places).collect();
    let mut random = 1_u64;
    for last in (1..places).rev() {
        random = random.wrapping_mul(MULTIPLIER).wrapping_add(1);
        order.swap(last, (random >> 33) as usize % last);
    }
    order.into_iter().map(|next| Place { next }).collect()
}

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
    fn chase_comes_through_every_place_before_it_returns() {
        let cycle = cycle(PLACES);
        let mut seen = vec![false; PLACES];
        let mut at = 0;
        for _ in 0..PLACES {
            assert!(!seen[at], "{at} comes twice");
            seen[at] = true;
            at = cycle[at].next;
        }
        assert_eq!(at, 0);
    }

    #[test]
    fn more_iterations_leave_another_state() {
        for work in [Work::Chain, Work::Chase] {
            let (mut one, mut two) = (Worker::new(work), Worker::new(work));
            one.time(1);
            two.time(2);
            assert_ne!(one.state, two.state);
        }
    }
}
