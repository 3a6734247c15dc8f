//! The word by which the reader of a shard speaks to its writer.
//!
//! ```text
//!  63         1     0
//!  generation   pause
//! ```
//! A generation is the time between two resets. The pause is a request, not a lock: a writer grants it for a while and then
//! goes on, so a reader that lost the processor holds nobody up for long.

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{spin_loop, yield_now};

const PAUSE: u64 = 1;
const NEXT_GENERATION: u64 = 2;

/// Turns that are spun before the time slice is given away: less than a microsecond.
const SPINS: u32 = if cfg!(loom) { 0 } else { 30 };

/// Turns for which a writer pauses: some tens of microseconds, many times what a reader takes for a ledger.
const PATIENCE: u32 = if cfg!(loom) { 1 } else { 100 };

/// Waits a little, the longer the more turns it has been.
pub fn rest(turn: u32) {
    if turn < SPINS { spin_loop() } else { yield_now() }
}

#[derive(Debug, Default)]
pub struct Notice(AtomicU64);

impl Notice {
    /// For the writer: equal to the generation unless a pause is wanted.
    #[inline]
    pub fn word(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// For the writer: the generation, once no pause is wanted or patience is at its end.
    pub fn wait(&self) -> u64 {
        let mut turn = 0;
        loop {
            // Acquire: what was read before the generation began is not written again in it.
            let word = self.0.load(Ordering::Acquire);
            if word & PAUSE == 0 || turn == PATIENCE {
                return word & !PAUSE;
            }
            rest(turn);
            turn += 1;
        }
    }

    /// For the only reader: the generation.
    pub fn generation(&self) -> u64 {
        self.0.load(Ordering::Relaxed) & !PAUSE
    }

    /// For the only reader: asks the writer to pause.
    pub fn pause(&self) {
        self.0.store(self.generation() | PAUSE, Ordering::Relaxed);
    }

    /// For the only reader: takes that back.
    pub fn resume(&self) {
        self.0.store(self.generation(), Ordering::Relaxed);
    }

    /// For the only reader, when it has read everything of this generation: begins the next.
    pub fn advance(&self) {
        self.0.store(self.generation().wrapping_add(NEXT_GENERATION), Ordering::Release);
    }
}
