//! What the learning library adds to the clock: it notes, at each reading of a clock by the bench's thread, the time that was
//! shown and the marks that the reading bears ([`super::end`]).
//!
//! ```text
//! bench     read ──── work ──── read ─ read ──── work ──── read ──>
//! log       t, marks            t, marks                   ...
//! ```
//!
//! Which of the readings ended a section, the driver knows from the samples that the harness reports, and so which marks do. A
//! library of its own, so that nothing is noted while times are measured.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) mod join;
pub mod log;
