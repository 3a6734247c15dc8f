//! The driver's part of lockstep: which executables can take part, at which readings of the clock their turns end, and the page
//! over which turns are given.
//!
//! What happens inside the processes is in [`crate::preload`].

mod board;
mod fit;
mod known;
mod learning;
mod lessons;
mod lone;

pub use board::HandOver;
pub(super) use board::{Board, Watched};
pub use fit::Fit;
pub use known::KnownEnds;
pub(super) use learning::{Noted, Noting};
pub use lessons::{Foreign, Lesson, Lessons};
pub(super) use lone::Lone;

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests;
