//! What the counting library adds to the clock: it stands in for the allocator's functions, and notes at each reading of the
//! clock what had been asked for until then.
//!
//! ```text
//! bench     read ──── 3 blocks ──── read ─ read ──── 3 blocks ──── read ──>
//! log       t, 0                    t, 3   t, 3                    t, 6
//! ```
//!
//! A library of its own, so that nothing stands before the allocator while times are measured. No other process takes part,
//! so the clock is the plain one, or runs faster where a bench must be shortened.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) mod heap;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod libc_range;
pub mod log;
