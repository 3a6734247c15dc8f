//! Hot-path building blocks.

pub mod analysis;
pub mod breakers;
pub mod executor;
mod per_thread;
pub mod pools;
pub mod serialization;
