//! The driver's part of lockstep: which executables can take part, and the page over which their turns are given.
//!
//! What happens inside the processes is in [`crate::preload`].

mod board;
mod fit;
mod lone;

pub use board::HandOver;
pub(super) use board::{Board, Watched};
pub use fit::Fit;
pub(super) use lone::Lone;

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests;
